//! The sun: maps, facades, buildings, own points, the annex, and the heights that were assumed.

use std::fmt::Write as _;

use crate::city::City;
use crate::report::escape::escape;
use crate::report::map_svg::Extent;
use crate::report::maps::{self, FieldMap, HALF_WIDTH_MM, PAGE_WIDTH_MM, Shown, field_title};
use crate::report::sun::{self, FacadeDay, FacadePair};
use crate::result::{Field, FieldData, SimulationResult};
use crate::text::Arg;

use super::figures::Figure;
use super::lookup::{Report, SHORT_ROWS, TOP_ROWS, table};

/// Facades whose times are drawn.
const STRIP_ROWS: usize = 6;
/// Rows of the annex; the rest is in the CSV.
const ANNEX_ROWS: usize = 60;

impl<'a> Report<'a> {
    /// Maps of one variant and day: baseline and variant side by side, then the difference; the baseline alone fills the page.
    pub(super) fn figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
        date: &str,
    ) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.sun_change(variant);
        let wanted = |field: &&Field| {
            field.date.as_deref() == Some(date)
                && (matches!(field.data, FieldData::Raster { .. })
                    || field.quantity == "quantity-sun-hours-en17037"
                    || (maps::is_facade_field(field) && !sun::is_rule_day(simulation, date)))
        };
        for field in simulation.fields.iter().filter(wanted) {
            let facade = maps::is_facade_field(field);
            let subject = if facade { "walls" } else { "ground" };
            let caption = |kind: &str| -> String {
                let key = format!("report-caption-{subject}-{kind}");
                self.texts.with(
                    &key,
                    &[
                        ("date", self.texts.language().date(date)),
                        ("variant", self.name(variant)),
                        ("title", field_title(field, self.texts)),
                    ],
                )
            };
            let figure =
                |v: usize, field: &'a Field, shown: Shown, walls, extent: Extent, half: bool| {
                    Figure {
                        map: FieldMap {
                            run: self.run,
                            variant: v,
                            field,
                            shown,
                            changes: if v == 0 {
                                None
                            } else {
                                change.map(|c| &c.objects)
                            },
                            walls,
                            extent,
                            width_mm: if half { HALF_WIDTH_MM } else { PAGE_WIDTH_MM },
                            // A difference with the pair before and after fits on one page.
                            max_height_mm: if half { 66.0 } else { 97.0 },
                        },
                        caption: caption(match (shown, v) {
                            (Shown::Difference, _) => "difference",
                            (_, 0) => "baseline",
                            _ => "variant",
                        }),
                        alt: self.alt(field, v, shown),
                        half,
                    }
                };
            let marks =
                |city: &City, field: &Field| maps::wall_marks(city, &maps::best_per_wall(field));
            let Some(change) = change else {
                let city = self.cities[variant];
                if let Some(extent) = maps::result_extent(city, simulation) {
                    let walls = marks(city, field);
                    figures.push(figure(variant, field, Shown::Variant, walls, extent, false));
                }
                continue;
            };
            let Some(extent) = change.focus else {
                continue;
            };
            let old = self
                .sun(0)
                .and_then(|s| s.fields.iter().find(|f| f.id == field.id));
            let difference = change
                .fields
                .iter()
                .zip(&change.walls)
                .find(|(d, _)| d.field.id.strip_suffix("_difference") == Some(&field.id));
            if let Some((difference, walls)) = difference {
                let walls = maps::wall_marks(self.cities[variant], walls);
                figures.push(figure(
                    variant,
                    &difference.field,
                    Shown::Difference,
                    walls,
                    extent,
                    false,
                ));
            }
            if let Some(old) = old {
                let walls = marks(self.cities[0], old);
                figures.push(figure(0, old, Shown::Baseline, walls, extent, true));
            }
            let walls = marks(self.cities[variant], field);
            figures.push(figure(variant, field, Shown::Variant, walls, extent, true));
        }
        figures
    }

    /// The facades of every day, variant by variant.
    fn facade_days(&self) -> Vec<(usize, FacadeDay)> {
        let mut days = Vec::new();
        for variant in self.answered() {
            for date in self.sun(variant).map(sun::days).unwrap_or_default() {
                days.extend(self.facade_day(variant, &date).map(|day| (variant, day)));
            }
        }
        days
    }

    pub(super) fn facades(&self, out: &mut String) {
        let days = self.facade_days().into_iter();
        for (i, (variant, day)) in days.filter(|(_, day)| !day.pairs.is_empty()).enumerate() {
            if i == 0 {
                self.heading(out, "report-facades");
                let _ = writeln!(out, "<p>{}</p>", self.t("report-facades-intro"));
            }
            let title = self.titled(variant, self.texts.language().date(&day.date));
            let _ = writeln!(out, "<h3>{}</h3>", escape(&title));
            self.facade_section(out, variant, &self.cities_of(variant), &day);
        }
    }

    fn facade_section(&self, out: &mut String, variant: usize, cities: &[&City], day: &FacadeDay) {
        if day.rule {
            let before: Vec<_> = day.pairs.iter().filter_map(|p| p.before.as_ref()).collect();
            let after: Vec<_> = day.pairs.iter().filter_map(|p| p.after.as_ref()).collect();
            let mut rows = Vec::new();
            if !before.is_empty() {
                rows.push((self.name(0), before));
            }
            rows.push((self.name(variant), after));
            let _ = writeln!(
                out,
                "<figure class=\"full\">{}<figcaption>{}</figcaption></figure>",
                sun::class_chart(self.texts, &rows),
                self.t("report-class-chart")
            );
        }
        let top = top_pairs(day, variant == 0);
        if top.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", self.t("report-facades-no-loss"));
        } else {
            let caption = self.texts.get(if variant == 0 {
                "report-facades-least"
            } else {
                "report-facades-losses"
            });
            out.push_str(&sun::facade_table(self.texts, cities, day, &top, &caption));
            let losing = day.pairs.iter().filter(|p| listed(p, variant == 0)).count();
            let file = self.csv(variant, "facades");
            self.more(out, "report-facades-more", losing, top.len(), file);
            let strips: Vec<&FacadePair> = top
                .iter()
                .copied()
                .filter(|p| p.has_sun())
                .take(STRIP_ROWS)
                .collect();
            let zone = sun::zone(self.run, &day.date, self.texts);
            if !strips.is_empty() {
                let _ = writeln!(
                    out,
                    "<figure class=\"full\">{}<figcaption>{}</figcaption></figure>",
                    sun::interval_strips(self.texts, cities, &strips, &zone),
                    self.t(if day.rule {
                        "report-strips-rule"
                    } else {
                        "report-strips"
                    })
                );
            }
        }
        let new = sun::new_facades(day);
        if variant > 0 && !new.is_empty() {
            let pairs: Vec<&FacadePair> = day
                .pairs
                .iter()
                .filter(|p| p.before.is_none())
                .take(TOP_ROWS)
                .collect();
            let caption = self
                .texts
                .with("report-facades-new", &[("count", new.len())]);
            out.push_str(&sun::facade_table(
                self.texts, cities, day, &pairs, &caption,
            ));
        }
    }

    /// Key figures of drafts and of buildings whose class changes; the others are in the CSV.
    pub(super) fn buildings(&self, out: &mut String) {
        let mut any = false;
        let all = |variant: usize| table(self.sun(variant)?, "buildings");
        for variant in self.answered().into_iter().filter(|v| *v > 0) {
            let (Some(simulation), Some(old), Some(new)) =
                (self.sun(variant), all(0), all(variant))
            else {
                continue;
            };
            for date in sun::days(simulation) {
                let changes = sun::building_changes(old, new, &date);
                if changes.is_empty() {
                    continue;
                }
                if !any {
                    self.heading(out, "table-buildings");
                    any = true;
                }
                let caption = self.texts.with(
                    "report-buildings-caption",
                    &[
                        ("variant", self.name(variant)),
                        ("date", self.texts.language().date(&date)),
                    ],
                );
                let shown = &changes[..changes.len().min(SHORT_ROWS)];
                let cities = self.cities_of(variant);
                out.push_str(&sun::building_table(self.texts, &cities, shown, &caption));
                let (all, file) = (changes.len(), self.csv(variant, "buildings"));
                self.more(out, "report-buildings-more", all, shown.len(), file);
            }
        }
    }

    /// Own points of the user: a short table, the rest in the CSV.
    pub(super) fn receivers(&self, out: &mut String) {
        let mut any = false;
        let all = |variant: usize| table(self.sun(variant)?, "receivers");
        for variant in self.answered() {
            let (Some(simulation), Some(points)) = (self.sun(variant), all(variant)) else {
                continue;
            };
            if !any {
                self.heading(out, "table-receivers");
                any = true;
            }
            let before = if variant == 0 { None } else { all(0) };
            for date in sun::days(simulation) {
                let caption = self.texts.with(
                    "report-receivers-caption",
                    &[
                        ("variant", self.name(variant)),
                        ("date", self.texts.language().date(&date)),
                    ],
                );
                out.push_str(&sun::receiver_table(
                    self.texts, before, points, &date, SHORT_ROWS, &caption,
                ));
            }
            let _ = writeln!(
                out,
                r#"<p class="quiet small">{}</p>"#,
                escape(&self.texts.with(
                    "report-receivers",
                    &[
                        ("count", Arg::from(points.rows.len())),
                        ("variant", Arg::from(self.name(variant))),
                        ("file", Arg::from(self.csv(variant, "receivers"))),
                    ],
                ))
            );
        }
    }

    /// The next facades after those in the text.
    pub(super) fn annex(&self, out: &mut String) {
        let mut any = false;
        for (variant, day) in self.facade_days() {
            let shown = top_pairs(&day, variant == 0).len();
            let rest: Vec<&FacadePair> = day
                .pairs
                .iter()
                .filter(|p| listed(p, variant == 0))
                .skip(shown)
                .take(ANNEX_ROWS)
                .collect();
            if rest.is_empty() {
                continue;
            }
            if !any {
                let _ = writeln!(out, r#"<h2 class="break">{}</h2>"#, self.t("report-annex"));
                any = true;
            }
            let caption = self.texts.with(
                "report-annex-caption",
                &[
                    ("variant", Arg::from(self.name(variant))),
                    ("date", Arg::from(self.texts.language().date(&day.date))),
                    ("from", Arg::from(shown + 1)),
                    ("to", Arg::from(shown + rest.len())),
                    ("file", Arg::from(self.csv(variant, "facades"))),
                ],
            );
            let cities = self.cities_of(variant);
            out.push_str(&sun::facade_table(
                self.texts, &cities, &day, &rest, &caption,
            ));
        }
    }

    pub(super) fn assumptions(&self, out: &mut String) {
        let assumed = sun::assumed_buildings(&self.cities);
        // Heights of buildings cast shadows; water does not ask for them.
        if assumed.is_empty() || self.sun(0).is_none() {
            return;
        }
        self.heading(out, "report-assumed");
        let language = self.texts.language();
        let total = self.cities.first().map_or(0, |c| c.buildings.len());
        let mut heights: Vec<(f64, usize)> = Vec::new();
        for building in assumed.values() {
            let height = building.attributes.assumed_height_m.unwrap_or(f64::NAN);
            match heights.iter_mut().find(|(h, _)| *h == height) {
                Some((_, count)) => *count += 1,
                None => heights.push((height, 1)),
            }
        }
        heights.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
        let list: Vec<String> = heights
            .iter()
            .take(8)
            .map(|(height, count)| {
                self.texts.with(
                    "report-assumed-height",
                    &[
                        ("count", Arg::from(*count)),
                        ("height", Arg::from(language.with_unit(*height, 1, "m"))),
                    ],
                )
            })
            .collect();
        let _ = writeln!(
            out,
            r#"<p class="warning">{}</p><p>{}{}</p>"#,
            escape(&self.texts.with(
                "report-assumed-text",
                &[("count", assumed.len()), ("total", total)]
            )),
            escape(&list.join("; ")),
            if heights.len() > list.len() {
                "; …"
            } else {
                "."
            }
        );
    }
}

/// Facades that belong into a list: those that lose, or, with nothing to compare, those that the sun could reach.
fn listed(pair: &FacadePair, alone: bool) -> bool {
    if alone {
        pair.looks_at_the_sun()
    } else {
        pair.change_min().is_some_and(|c| c <= -1.0)
    }
}

/// Facades that the text shows: the largest losses, or the least sun where there is nothing to compare.
fn top_pairs(day: &FacadeDay, alone: bool) -> Vec<&FacadePair> {
    day.pairs
        .iter()
        .filter(|p| listed(p, alone))
        .take(TOP_ROWS)
        .collect()
}
