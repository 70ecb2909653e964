//! The part of the report that answers for sun hours: facades compared, the answer in sentences, tables and strips.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::city::{Building, City};
use crate::result::compare::compare_tables;
use crate::result::legend::{Class, Legend, css_color, legend};
use crate::result::{Cell, FieldData, RunResult, SimulationResult, Table};
use crate::text::{Arg, Texts};

use super::escape::{NAME_LEAST_MM, draw_name, escape, name_width, shortened};
use super::map_svg::text_width;
use super::maps::VariantChange;

/// Registered name of the simulation.
pub const SIMULATION: &str = "sun";
/// Legend of the classes of DIN EN 17037.
const RULE_LEGEND: &str = "sun_hours_en17037";
/// A loss (min) that the report calls visible.
const VISIBLE_MIN: f64 = 30.0;

/// A facade on one day: its best point.
#[derive(Clone, Debug, PartialEq)]
pub struct Facade {
    /// Id of the building.
    pub building: String,
    /// Id or number of the surface.
    pub surface: String,
    /// Direction the facade looks (degrees clockwise from grid north).
    pub azimuth_deg: f64,
    /// Area (m²).
    pub area_m2: f64,
    /// Sun (min) at the best point; on a day that EN 17037 judges only above its lowest elevation.
    pub minutes: f64,
    /// Times of day (min) with sun at that point.
    pub intervals: Vec<(f64, f64)>,
}

impl Facade {
    /// Class of the best point.
    pub fn class(&self) -> Option<&'static Class> {
        legend(RULE_LEGEND)?.class(self.minutes / 60.0)
    }

    fn class_index(&self) -> Option<usize> {
        legend(RULE_LEGEND)?.class_index(self.minutes / 60.0)
    }
}

/// A facade before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct FacadePair {
    /// In the baseline.
    pub before: Option<Facade>,
    /// In the variant.
    pub after: Option<Facade>,
    /// Of a building that is not the same on both sides.
    pub changed: bool,
}

impl FacadePair {
    /// True for facades that the answer compares: on both sides, of a building that is the same on both. A facade of a moved or
    /// raised building bears the same name but is another; key figures leave it out as well.
    pub fn is_compared(&self) -> bool {
        !self.changed && self.change_min().is_some()
    }

    /// Minutes gained (negative: lost), for facades on both sides.
    pub fn change_min(&self) -> Option<f64> {
        Some(self.after.as_ref()?.minutes - self.before.as_ref()?.minutes)
    }

    /// Classes gained (negative: lost).
    fn class_change(&self) -> Option<i64> {
        let index = |f: &Option<Facade>| f.as_ref()?.class_index().map(|i| i as i64);
        Some(index(&self.after)? - index(&self.before)?)
    }

    /// True for facades that the sun can reach at an equinox for a good part of the day: those that look east, south or west.
    pub fn looks_at_the_sun(&self) -> bool {
        let facade = self.after.as_ref().or(self.before.as_ref());
        // 5 degrees beyond east and west.
        facade.is_some_and(|f| (f.azimuth_deg - 180.0).abs() <= 95.0)
    }

    /// True when there is sun at the best point on one side at least.
    pub fn has_sun(&self) -> bool {
        let sides = self.before.iter().chain(&self.after);
        sides.into_iter().any(|f| !f.intervals.is_empty())
    }

    fn falls_below_minimum(&self) -> bool {
        let index = |f: &Option<Facade>| f.as_ref().and_then(Facade::class_index);
        index(&self.before).is_some_and(|i| i > 0) && index(&self.after) == Some(0)
    }
}

/// Facades of one variant on one day, compared with the baseline.
pub struct FacadeDay {
    /// Day (YYYY-MM-DD).
    pub date: String,
    /// True when EN 17037 judges this day: minutes count above its lowest elevation and have a class.
    pub rule: bool,
    /// Facades, largest loss first, then by building and surface; new and removed ones at the end. For the baseline alone:
    /// the least sun first.
    pub pairs: Vec<FacadePair>,
}

/// Days of the facade table, in its order.
pub fn days(simulation: &SimulationResult) -> Vec<String> {
    let mut days: Vec<String> = Vec::new();
    let columns = simulation.tables.iter().flat_map(|t| &t.columns);
    let fields = simulation.fields.iter().filter_map(|f| f.date.as_ref());
    for date in fields.chain(columns.filter_map(|c| c.date.as_ref())) {
        if !days.contains(date) {
            days.push(date.clone());
        }
    }
    days.sort();
    days
}

/// True when EN 17037 judges the facades on this day.
pub fn is_rule_day(simulation: &SimulationResult, date: &str) -> bool {
    table(simulation).is_some_and(|t| t.column(&format!("class_{date}")).is_some())
}

fn table(simulation: &SimulationResult) -> Option<&Table> {
    simulation.tables.iter().find(|t| t.id == "facades")
}

/// Compares the facades of a variant with the baseline; without a baseline the variant stands alone. `changed` are the
/// buildings that are not the same on both sides.
pub fn facade_day(
    baseline: Option<&SimulationResult>,
    variant: &SimulationResult,
    date: &str,
    changed: &BTreeSet<&str>,
) -> Option<FacadeDay> {
    let table_v = table(variant)?;
    let after = read(table_v, date)?;
    let rule = is_rule_day(variant, date);
    let mut pairs: Vec<FacadePair> = match baseline.and_then(table) {
        Some(table_b) => {
            let before = read(table_b, date)?;
            compare_tables(table_b, table_v)
                .rows
                .iter()
                .map(|row| {
                    let before = row.baseline.and_then(|i| before.get(i).cloned());
                    let after = row.variant.and_then(|i| after.get(i).cloned());
                    let owner = after.as_ref().or(before.as_ref());
                    FacadePair {
                        changed: owner.is_some_and(|f| changed.contains(f.building.as_str())),
                        before,
                        after,
                    }
                })
                .collect()
        }
        None => after
            .into_iter()
            .map(|facade| FacadePair {
                before: None,
                after: Some(facade),
                changed: false,
            })
            .collect(),
    };
    let alone = baseline.is_none();
    let rank = |pair: &FacadePair| -> f64 {
        if alone {
            return pair.after.as_ref().map_or(f64::INFINITY, |f| f.minutes);
        }
        pair.change_min().unwrap_or(f64::INFINITY)
    };
    let key = |pair: &FacadePair| {
        let facade = pair.after.as_ref().or(pair.before.as_ref());
        facade.map(|f| (f.building.clone(), f.surface.clone()))
    };
    pairs.sort_by(|a, b| {
        rank(a)
            .total_cmp(&rank(b))
            .then_with(|| key(a).cmp(&key(b)))
    });
    Some(FacadeDay {
        date: date.to_owned(),
        rule,
        pairs,
    })
}

fn read(table: &Table, date: &str) -> Option<Vec<Facade>> {
    let building = table.column("building")?;
    let surface = table.column("surface")?;
    let azimuth = table.column("azimuth_deg");
    let area = table.column("area_m2");
    let minutes = table
        .column(&format!("best_minutes_en17037_{date}"))
        .or_else(|| table.column(&format!("best_minutes_{date}")))?;
    let intervals = table.column(&format!("best_intervals_{date}"));
    let number = |row: &[Cell], column: Option<usize>| {
        column
            .and_then(|c| row.get(c))
            .and_then(Cell::number)
            .unwrap_or(f64::NAN)
    };
    Some(
        table
            .rows
            .iter()
            .map(|row| Facade {
                building: row[building].plain(),
                surface: row[surface].plain(),
                azimuth_deg: number(row, azimuth),
                area_m2: number(row, area),
                minutes: number(row, Some(minutes)),
                intervals: intervals
                    .and_then(|c| row.get(c))
                    .map_or_else(Vec::new, |cell| parse_intervals(&cell.plain())),
            })
            .collect(),
    )
}

/// Reads `09:12–11:40, 12:05–15:30` as minutes since midnight; anything else in it is skipped.
fn parse_intervals(text: &str) -> Vec<(f64, f64)> {
    let clock = |text: &str| -> Option<f64> {
        let (h, m) = text.trim().split_once(':')?;
        Some(h.parse::<f64>().ok()? * 60.0 + m.parse::<f64>().ok()?)
    };
    text.split(',')
        .filter_map(|part| {
            let (from, to) = part.split_once('–')?;
            Some((clock(from)?, clock(to)?))
        })
        .collect()
}

/// `Südfassade` for an azimuth.
pub fn facade_word(azimuth_deg: f64, texts: &Texts) -> String {
    const KEYS: [&str; 8] = [
        "report-facade-n",
        "report-facade-ne",
        "report-facade-e",
        "report-facade-se",
        "report-facade-s",
        "report-facade-sw",
        "report-facade-w",
        "report-facade-nw",
    ];
    if !azimuth_deg.is_finite() {
        return texts.get("report-facade");
    }
    let sector = ((azimuth_deg.rem_euclid(360.0) + 22.5) / 45.0).floor() as usize % 8;
    texts.get(KEYS[sector])
}

/// Name of a building for people: address, name, or id.
pub fn building_label(cities: &[&City], id: &str) -> String {
    let building = cities.iter().find_map(|c| c.building(id));
    let attributes = building.map(|b| &b.attributes);
    let name = attributes.and_then(|a| a.name.clone().or_else(|| a.address.clone()));
    shortened(name.as_deref().unwrap_or(id), 40)
}

fn building<'a>(cities: &[&'a City], id: &str) -> Option<&'a Building> {
    cities.iter().find_map(|c| c.building(id)).map(|b| &**b)
}

/// The answer for one variant and day, in full sentences.
pub fn answer(
    texts: &Texts,
    cities: &[&City],
    day: &FacadeDay,
    change: Option<&VariantChange>,
    simulation: &SimulationResult,
) -> Vec<String> {
    let language = texts.language();
    let date = language.date(&day.date);
    let mut sentences = Vec::new();
    let Some(change) = change else {
        return baseline_answer(texts, day, simulation);
    };
    let compared: Vec<&FacadePair> = day.pairs.iter().filter(|p| p.is_compared()).collect();
    let count = |test: &dyn Fn(&FacadePair) -> bool| compared.iter().filter(|p| test(p)).count();
    if !compared.is_empty() {
        let total = compared.len();
        if day.rule {
            let lowered = count(&|p| p.class_change() < Some(0) && p.class_change().is_some());
            let below = count(&|p| p.falls_below_minimum());
            let raised = count(&|p| p.class_change() > Some(0));
            sentences.push(texts.with(
                "report-sun-lowered",
                &[
                    ("count", Arg::from(lowered)),
                    ("total", Arg::from(total)),
                    ("date", Arg::from(date.clone())),
                ],
            ));
            if lowered > 0 {
                sentences.push(texts.with("report-sun-below", &[("count", Arg::from(below))]));
            }
            if raised > 0 {
                sentences.push(texts.with("report-sun-raised", &[("count", Arg::from(raised))]));
            }
        } else {
            let lost = count(&|p| p.change_min().is_some_and(|c| c <= -VISIBLE_MIN));
            sentences.push(texts.with(
                "report-sun-lost",
                &[
                    ("count", Arg::from(lost)),
                    ("total", Arg::from(total)),
                    ("date", Arg::from(date.clone())),
                    ("minutes", Arg::from(language.duration(VISIBLE_MIN))),
                ],
            ));
        }
        if let Some((before, after, loss)) = worst(&compared) {
            sentences.push(texts.with(
                "report-sun-worst",
                &[
                    ("facade", facade_word(after.azimuth_deg, texts)),
                    ("building", building_label(cities, &after.building)),
                    ("loss", language.duration(loss)),
                    ("before", language.duration(before.minutes)),
                    ("after", language.duration(after.minutes)),
                ],
            ));
        }
    }
    if let Some((lost_m2, gained_m2)) = ground_change(change, &day.date) {
        // Rounded, because cells at the edge of a shadow are only as exact as the grid.
        let area = |m2: f64| language.with_unit((m2 / 10.0).round() * 10.0, 0, "m²");
        sentences.push(texts.with(
            "report-sun-ground",
            &[
                ("lost", area(lost_m2)),
                ("gained", area(gained_m2)),
                ("minutes", language.duration(VISIBLE_MIN)),
            ],
        ));
    }
    sentences
}

fn worst<'a>(compared: &[&'a FacadePair]) -> Option<(&'a Facade, &'a Facade, f64)> {
    let pair = compared
        .iter()
        .min_by(|a, b| {
            let change = |p: &FacadePair| p.change_min().unwrap_or(0.0);
            change(a).total_cmp(&change(b))
        })
        .filter(|p| p.change_min().is_some_and(|c| c <= -1.0))?;
    let (before, after) = (pair.before.as_ref()?, pair.after.as_ref()?);
    Some((before, after, before.minutes - after.minutes))
}

fn baseline_answer(texts: &Texts, day: &FacadeDay, simulation: &SimulationResult) -> Vec<String> {
    let language = texts.language();
    let date = language.date(&day.date);
    let mut sentences = Vec::new();
    let facades: Vec<&Facade> = day.pairs.iter().filter_map(|p| p.after.as_ref()).collect();
    if !facades.is_empty() {
        let total = facades.len();
        if day.rule {
            let reached = facades.iter().filter(|f| f.class_index() > Some(0)).count();
            let share = 100.0 * reached as f64 / total as f64;
            sentences.push(texts.with(
                "report-sun-baseline",
                &[
                    ("count", Arg::from(reached)),
                    ("total", Arg::from(total)),
                    ("share", Arg::from(language.with_unit(share, 0, "%"))),
                    ("date", Arg::from(date.clone())),
                ],
            ));
        } else {
            let mean = facades.iter().map(|f| f.minutes).sum::<f64>() / total as f64;
            sentences.push(texts.with(
                "report-sun-baseline-mean",
                &[
                    ("total", Arg::from(total)),
                    ("mean", Arg::from(language.duration(mean))),
                    ("date", Arg::from(date.clone())),
                ],
            ));
        }
    }
    let ground = simulation
        .indicators
        .iter()
        .find(|i| i.key == "indicator-ground-mean" && i.date.as_deref() == Some(day.date.as_str()));
    if let Some(ground) = ground {
        sentences.push(texts.with(
            "report-sun-baseline-ground",
            &[
                ("mean", language.duration(ground.value * 60.0)),
                ("date", date),
            ],
        ));
    }
    sentences
}

/// Ground (m²) that loses and that gains at least half an hour, from the difference raster of the day.
fn ground_change(change: &VariantChange, date: &str) -> Option<(f64, f64)> {
    let field = change.fields.iter().map(|d| &d.field).find(|f| {
        f.quantity == "quantity-sun-hours"
            && f.plane == "plane-ground"
            && f.date.as_deref() == Some(date)
    })?;
    let FieldData::Raster { grid, values } = &field.data else {
        return None;
    };
    let cells = |test: &dyn Fn(f64) -> bool| {
        // Comparisons with NaN are false: cells without value count for neither.
        let count = values
            .iter()
            .filter(|v| test(f64::from(**v) * 60.0))
            .count();
        count as f64 * grid.cell_m * grid.cell_m
    };
    Some((cells(&|m| m <= -VISIBLE_MIN), cells(&|m| m >= VISIBLE_MIN)))
}

/// A coloured chip with the class in words.
pub fn class_chip(class: &Class, texts: &Texts) -> String {
    format!(
        r#"<span class="chip" style="background:{};color:{}">{}</span>"#,
        css_color(class.color),
        css_color(class.ink),
        escape(class.label(texts.language()))
    )
}

fn class_cell(facade: Option<&Facade>, texts: &Texts) -> String {
    facade
        .and_then(Facade::class)
        .map_or_else(|| "–".to_owned(), |c| class_chip(c, texts))
}

/// What a reader should know of a building beside its name: draft, assumed height.
pub(super) fn marks(texts: &Texts, cities: &[&City], id: &str) -> String {
    let owner = building(cities, id);
    [
        (owner.is_some_and(|b| b.draft), "report-mark-draft"),
        (
            owner.is_some_and(|b| b.attributes.assumed_height_m.is_some()),
            "report-mark-assumed",
        ),
    ]
    .iter()
    .filter(|(is, _)| *is)
    .map(|(_, key)| format!(r#" <span class="mark">{}</span>"#, escape(&texts.get(key))))
    .collect()
}

/// Rows of the table of facades: baseline and variant, or the variant alone.
pub fn facade_table(
    texts: &Texts,
    cities: &[&City],
    day: &FacadeDay,
    pairs: &[&FacadePair],
    caption: &str,
) -> String {
    let language = texts.language();
    let compare = pairs.iter().any(|p| p.before.is_some());
    let mut head = vec![
        ("report-column-building", ""),
        ("report-column-facade", ""),
        ("report-column-area", "num"),
    ];
    if compare {
        head.extend([
            ("report-column-before", "num"),
            ("report-column-after", "num"),
            ("report-column-change", "num"),
        ]);
        if day.rule {
            head.extend([
                ("report-column-class-before", ""),
                ("report-column-class-after", ""),
            ]);
        }
    } else {
        head.push(("report-column-best", "num"));
        if day.rule {
            head.push(("report-column-class", ""));
        }
    }
    let mut out = format!(
        r#"<table{}><caption>{}</caption><thead><tr>"#,
        if pairs.len() <= 15 {
            r#" class="keep""#
        } else {
            ""
        },
        escape(caption)
    );
    for (key, class) in &head {
        let _ = write!(
            out,
            r#"<th scope="col" class="{class}">{}</th>"#,
            escape(&texts.get(key))
        );
    }
    out.push_str("</tr></thead><tbody>");
    for pair in pairs {
        let Some(facade) = pair.after.as_ref().or(pair.before.as_ref()) else {
            continue;
        };
        let _ = write!(
            out,
            r#"<tr><th scope="row" title="{}">{}{}</th><td>{}</td><td class="num">{}</td>"#,
            escape(&facade.building),
            escape(&building_label(cities, &facade.building)),
            marks(texts, cities, &facade.building),
            escape(&facade_word(facade.azimuth_deg, texts)),
            language.with_unit(facade.area_m2, 0, "m²"),
        );
        let minutes =
            |f: Option<&Facade>| f.map_or_else(|| "–".to_owned(), |f| language.duration(f.minutes));
        if compare {
            let change = pair
                .change_min()
                .map_or_else(|| "–".to_owned(), |c| signed_duration(c, texts));
            let _ = write!(
                out,
                r#"<td class="num">{}</td><td class="num">{}</td><td class="num strong">{change}</td>"#,
                minutes(pair.before.as_ref()),
                minutes(pair.after.as_ref()),
            );
            if day.rule {
                let _ = write!(
                    out,
                    "<td>{}</td><td>{}</td>",
                    class_cell(pair.before.as_ref(), texts),
                    class_cell(pair.after.as_ref(), texts)
                );
            }
        } else {
            let _ = write!(out, r#"<td class="num">{}</td>"#, minutes(Some(facade)));
            if day.rule {
                let _ = write!(out, "<td>{}</td>", class_cell(Some(facade), texts));
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
    out
}

/// A building with its best facade on a day that EN 17037 judges.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingChange {
    /// Id of the building.
    pub building: String,
    /// Height (m) in the variant.
    pub height_m: f64,
    /// Facades in the variant, and how many of them are below the minimum.
    pub facades: [f64; 2],
    /// Sun (min) at the best point of all facades in the baseline, for a building that is there.
    pub before: Option<f64>,
    /// The same in the variant.
    pub after: f64,
}

/// Drafts, then buildings whose class changes, largest loss first; none on a day that EN 17037 does not judge.
pub fn building_changes(baseline: &Table, variant: &Table, date: &str) -> Vec<BuildingChange> {
    let column = |id: &str| variant.column(id);
    let minutes = format!("best_minutes_en17037_{date}");
    let (
        Some(draft),
        Some(height),
        Some(facades),
        Some(below),
        Some(minutes_b),
        Some(minutes),
        Some(class_b),
        Some(class),
    ) = (
        column("draft"),
        column("height_m"),
        column("facades"),
        column(&format!("facades_below_{date}")),
        baseline.column(&minutes),
        column(&minutes),
        baseline.column(&format!("class_{date}")),
        column(&format!("class_{date}")),
    )
    else {
        return Vec::new();
    };
    let mut changes: Vec<(bool, BuildingChange)> = compare_tables(baseline, variant)
        .rows
        .iter()
        .filter_map(|row| {
            let new = &variant.rows[row.variant?];
            let old = row.baseline.map(|i| &baseline.rows[i]);
            let is_draft = new[draft] == Cell::Key("yes");
            let other_class = old.is_some_and(|old| old[class_b] != new[class]);
            let number = |cell: &Cell| cell.number().unwrap_or(f64::NAN);
            (is_draft || other_class).then(|| {
                let change = BuildingChange {
                    building: new[0].plain(),
                    height_m: number(&new[height]),
                    facades: [facades, below].map(|c| number(&new[c])),
                    before: old.map(|old| number(&old[minutes_b])),
                    after: number(&new[minutes]),
                };
                (is_draft, change)
            })
        })
        .collect();
    // The sort is stable: equal ones stay in the order of the table.
    changes.sort_by(|(draft_a, a), (draft_b, b)| {
        let change = |c: &BuildingChange| c.after - c.before.unwrap_or(c.after);
        draft_b.cmp(draft_a).then(change(a).total_cmp(&change(b)))
    });
    changes.into_iter().map(|(_, change)| change).collect()
}

/// Key figures per building, baseline and variant.
pub fn building_table(
    texts: &Texts,
    cities: &[&City],
    changes: &[BuildingChange],
    caption: &str,
) -> String {
    let language = texts.language();
    let class = |minutes: Option<f64>| {
        let class = minutes.and_then(|m| legend(RULE_LEGEND)?.class(m / 60.0));
        class.map_or_else(|| "–".to_owned(), |c| class_chip(c, texts))
    };
    let rows: Vec<Vec<String>> = changes
        .iter()
        .map(|change| {
            let [facades, below] = change.facades.map(|n| language.number(n, 0));
            vec![
                format!(
                    r#"<th scope="row" title="{}">{}{}</th>"#,
                    escape(&change.building),
                    escape(&building_label(cities, &change.building)),
                    marks(texts, cities, &change.building)
                ),
                number_cell(&language.with_unit(change.height_m, 1, "m")),
                number_cell(&facades),
                number_cell(&below),
                number_cell(
                    &change
                        .before
                        .map_or_else(|| "–".to_owned(), |m| language.duration(m)),
                ),
                number_cell(&language.duration(change.after)),
                format!("<td>{}</td>", class(change.before)),
                format!("<td>{}</td>", class(Some(change.after))),
            ]
        })
        .collect();
    let head = [
        ("report-column-building", ""),
        ("column-height", "num"),
        ("column-facades", "num"),
        ("report-column-below", "num"),
        ("report-column-before", "num"),
        ("report-column-after", "num"),
        ("report-column-class-before", ""),
        ("report-column-class-after", ""),
    ];
    html_table(texts, caption, &head, &rows)
}

/// The first own points on one day: sun in the baseline, in the variant and the change, or sun alone.
pub fn receiver_table(
    texts: &Texts,
    baseline: Option<&Table>,
    points: &Table,
    date: &str,
    most: usize,
    caption: &str,
) -> String {
    let minutes_column = format!("minutes_{date}");
    let (Some(minutes), Some(intervals)) = (
        points.column(&minutes_column),
        points.column(&format!("intervals_{date}")),
    ) else {
        return String::new();
    };
    let language = texts.language();
    let pairs = baseline.map(|old| compare_tables(old, points).rows);
    let before = |i: usize| -> Option<f64> {
        let old = pairs.as_ref()?.get(i)?.baseline?;
        baseline?.rows[old][baseline?.column(&minutes_column)?].number()
    };
    let or_dash =
        |minutes: Option<f64>| minutes.map_or_else(|| "–".to_owned(), |m| language.duration(m));
    let rows: Vec<Vec<String>> = points
        .rows
        .iter()
        .enumerate()
        .take(most)
        .map(|(i, row)| {
            let after = row[minutes].number();
            let id = escape(&shortened(&row[0].plain(), 40));
            let mut cells = vec![format!(r#"<th scope="row">{id}</th>"#)];
            if baseline.is_some() {
                cells.push(number_cell(&or_dash(before(i))));
            }
            cells.push(number_cell(&or_dash(after)));
            if baseline.is_some() {
                let change = after.zip(before(i)).map(|(after, before)| after - before);
                cells.push(number_cell(
                    &change.map_or_else(|| "–".to_owned(), |c| signed_duration(c, texts)),
                ));
            }
            cells.push(format!("<td>{}</td>", escape(&row[intervals].plain())));
            cells
        })
        .collect();
    let head: &[(&str, &str)] = if baseline.is_some() {
        &[
            ("column-id", ""),
            ("report-column-before", "num"),
            ("report-column-after", "num"),
            ("report-column-change", "num"),
            ("column-intervals", ""),
        ]
    } else {
        &[
            ("column-id", ""),
            ("column-minutes", "num"),
            ("column-intervals", ""),
        ]
    };
    html_table(texts, caption, head, &rows)
}

pub(super) fn number_cell(text: &str) -> String {
    format!(r#"<td class="num">{}</td>"#, escape(text))
}

/// A table of finished cells; the head is text keys with their class.
pub(super) fn html_table(
    texts: &Texts,
    caption: &str,
    head: &[(&str, &str)],
    rows: &[Vec<String>],
) -> String {
    let mut out = format!("<table><caption>{}</caption><thead><tr>", escape(caption));
    for (key, class) in head {
        let _ = write!(
            out,
            r#"<th scope="col" class="{class}">{}</th>"#,
            escape(&texts.get(key))
        );
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        let _ = write!(out, "<tr>{}</tr>", row.concat());
    }
    out.push_str("</tbody></table>\n");
    out
}

/// `+12 min`, `−1 h 5 min`, `±0 min`.
pub fn signed_duration(minutes: f64, texts: &Texts) -> String {
    let text = texts.language().duration(minutes);
    if minutes.round() > 0.0 {
        format!("+{text}")
    } else if minutes.round() < 0.0 {
        text
    } else {
        format!("±{}", text.trim_start_matches('−'))
    }
}

/// How many facades are in each class, baseline and variant, as a bar per row.
pub fn class_chart(texts: &Texts, rows: &[(String, Vec<&Facade>)]) -> String {
    let Some(legend) = legend(RULE_LEGEND) else {
        return String::new();
    };
    let classes = legend.classes();
    const WIDTH: f64 = 174.0;
    let left = name_width(rows.iter().map(|(name, _)| name.as_str()));
    // Half a border lies beyond the last bar.
    let bar = WIDTH - left - 0.1;
    let height = 9.0 * rows.len() as f64 + 13.0;
    let mut body = String::new();
    let mut spoken = Vec::new();
    for (r, (name, facades)) in rows.iter().enumerate() {
        let y = 9.0 * r as f64;
        draw_name(&mut body, name, left, y);
        let total = facades.len().max(1) as f64;
        let mut x = left;
        for (c, class) in classes.iter().enumerate() {
            let count = facades
                .iter()
                .filter(|f| f.class_index() == Some(c))
                .count();
            let width = bar * count as f64 / total;
            if count == 0 {
                continue;
            }
            let _ = write!(
                body,
                r##"<rect x="{x:.2}" y="{:.1}" width="{width:.2}" height="7" fill="{}" stroke="#6f6b65" stroke-width="0.15"/>"##,
                y + 0.3,
                css_color(class.color)
            );
            let label = texts.language().number(count as f64, 0);
            if width > 2.2 * label.len() as f64 + 1.0 {
                let _ = write!(
                    body,
                    r#"<text x="{:.2}" y="{:.1}" font-size="3.2" font-weight="600" fill="{}" text-anchor="middle">{label}</text>"#,
                    x + 0.5 * width,
                    y + 4.9,
                    css_color(class.ink)
                );
            }
            spoken.push(format!("{name}: {} {label}", class.label(texts.language())));
            x += width;
        }
    }
    let y = 9.0 * rows.len() as f64 + 3.0;
    let mut x = NAME_LEAST_MM;
    for class in classes {
        let label = class.label(texts.language());
        let limits = class.limits(texts, &legend.unit);
        let _ = write!(
            body,
            r##"<rect x="{x:.1}" y="{y:.1}" width="4.4" height="6.4" fill="{}" stroke="#6f6b65" stroke-width="0.15"/><text x="{1:.1}" y="{2:.1}" font-size="2.9" fill="#26241f">{3}</text><text x="{1:.1}" y="{4:.1}" font-size="2.9" fill="#6a665f">{5}</text>"##,
            css_color(class.color),
            x + 6.0,
            y + 2.5,
            escape(label),
            y + 6.1,
            escape(&limits)
        );
        x += 6.0 + text_width(label, 2.9).max(text_width(&limits, 2.9)) + 5.0;
    }
    format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {height:.1}" role="img" aria-label="{}">{body}</svg>"#,
        escape(&spoken.join("; "))
    )
}

/// First and last hour that the strips show.
fn hours(pairs: &[&FacadePair]) -> (f64, f64) {
    let times = pairs
        .iter()
        .flat_map(|p| p.before.iter().chain(&p.after))
        .flat_map(|f| &f.intervals);
    let (lo, hi) = times.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (a, b)| {
        (lo.min(*a), hi.max(*b))
    });
    if lo < hi {
        ((lo / 60.0).floor(), (hi / 60.0).ceil())
    } else {
        (6.0, 18.0)
    }
}

/// When the sun reaches the best point of each facade: baseline as a thin grey line, variant as a strong bar.
pub fn interval_strips(
    texts: &Texts,
    cities: &[&City],
    pairs: &[&FacadePair],
    zone: &str,
) -> String {
    if pairs.is_empty() {
        return String::new();
    }
    const WIDTH: f64 = 174.0;
    const LEFT: f64 = 62.0;
    const ROW: f64 = 8.4;
    let language = texts.language();
    let (first, last) = hours(pairs);
    let x = |minute: f64| LEFT + (WIDTH - LEFT - 3.0) * (minute / 60.0 - first) / (last - first);
    let compare = pairs.iter().any(|p| p.before.is_some());
    let top = 5.5;
    let bottom = top + ROW * pairs.len() as f64;
    let mut body = String::new();
    let hours = (last - first) as i64;
    let every = if hours > 12 { 2 } else { 1 };
    for step in 0..=hours {
        let at = x((first + step as f64) * 60.0);
        let _ = write!(
            body,
            r##"<path d="M{at:.2} {top}V{bottom:.1}" stroke="#dcd9d3" stroke-width="0.2"/>"##
        );
        if step % every == 0 {
            let _ = write!(
                body,
                r##"<text x="{at:.2}" y="3.6" font-size="2.9" fill="#6a665f" text-anchor="middle">{}</text>"##,
                language.number(first + step as f64, 0)
            );
        }
    }
    let _ = write!(
        body,
        r##"<text x="0" y="3.6" font-size="2.9" fill="#6a665f">{}</text>"##,
        escape(&texts.with("report-strip-axis", &[("zone", zone)]))
    );
    let mut spoken = Vec::new();
    for (i, pair) in pairs.iter().enumerate() {
        let y = top + ROW * i as f64;
        let Some(facade) = pair.after.as_ref().or(pair.before.as_ref()) else {
            continue;
        };
        let name = building_label(cities, &facade.building);
        let word = facade_word(facade.azimuth_deg, texts);
        let _ = write!(
            body,
            r##"<text x="0" y="{:.1}" font-size="3.1" fill="#26241f">{}</text><text x="0" y="{:.1}" font-size="2.7" fill="#6a665f">{}</text>"##,
            y + 3.4,
            escape(&shortened(&name, 34)),
            y + 6.7,
            escape(&word)
        );
        for (facade, top, height, color) in [
            (pair.before.as_ref(), 1.0, 1.3, "#8d8982"),
            (pair.after.as_ref(), 2.9, 3.6, "#d98a00"),
        ] {
            for (from, to) in facade.iter().flat_map(|f| &f.intervals) {
                let _ = write!(
                    body,
                    r#"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{height}" fill="{color}"/>"#,
                    x(*from),
                    y + top,
                    x(*to) - x(*from)
                );
            }
        }
        let times: Vec<String> = facade
            .intervals
            .iter()
            .map(|(a, b)| format!("{}–{}", language.clock(*a), language.clock(*b)))
            .collect();
        spoken.push(format!("{name}, {word}: {}", times.join(", ")));
    }
    let key_y = bottom + 4.5;
    let mut at = LEFT;
    for (show, key, height, color) in [
        (compare, "common-variant-baseline", 1.3, "#8d8982"),
        (true, "common-variant", 3.6, "#d98a00"),
    ] {
        if !show || !compare {
            continue;
        }
        let _ = write!(
            body,
            r##"<rect x="{at:.1}" y="{:.2}" width="8" height="{height}" fill="{color}"/><text x="{:.1}" y="{:.1}" font-size="2.9" fill="#26241f">{}</text>"##,
            key_y - 0.5 * height,
            at + 10.0,
            key_y + 1.0,
            escape(&texts.get(key))
        );
        at += 34.0;
    }
    let height = if compare { key_y + 3.0 } else { bottom + 1.0 };
    format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {height:.1}" role="img" aria-label="{}">{body}</svg>"#,
        escape(&spoken.join("; "))
    )
}

/// The legend of the classes, for the text below a table.
pub fn rule_legend() -> Option<&'static Legend> {
    legend(RULE_LEGEND)
}

/// Facades of a variant that the baseline does not have (drafts), by class.
pub fn new_facades(day: &FacadeDay) -> Vec<&Facade> {
    day.pairs
        .iter()
        .filter(|p| p.before.is_none())
        .filter_map(|p| p.after.as_ref())
        .collect()
}

/// Name of civil time on a day, e.g. `MEZ`, from the settings of the scenario.
pub fn zone(run: &RunResult, date: &str, texts: &Texts) -> String {
    use crate::sun::position::{Date, utc_offset_min};
    Date::parse(date).map_or_else(String::new, |date| {
        // At noon, so that the night of the switch does not matter.
        let offset = utc_offset_min(run.scenario.site.time_zone, date, 720.0);
        texts.language().zone(offset.round() as i32)
    })
}

/// Buildings by id of several cities, the first one wins.
pub fn assumed_buildings<'a>(cities: &[&'a City]) -> BTreeMap<&'a str, &'a Building> {
    let mut all = BTreeMap::new();
    for building in cities.iter().flat_map(|c| &c.buildings) {
        if building.attributes.assumed_height_m.is_some() {
            all.entry(building.id.as_str()).or_insert(&**building);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts};

    #[test]
    fn intervals_are_read_back() {
        assert_eq!(
            parse_intervals("09:12–11:40, 12:05–15:30"),
            [(552.0, 700.0), (725.0, 930.0)]
        );
        assert!(parse_intervals("").is_empty());
        assert!(parse_intervals("nothing").is_empty());
    }

    fn table(id: &str, columns: &[&str], rows: Vec<Vec<Cell>>) -> Table {
        let column = |id: &&str| crate::result::Column {
            id: (*id).to_owned(),
            title: "column-id",
            unit: "",
            date: None,
        };
        Table {
            id: id.to_owned(),
            title: "column-id",
            columns: columns.iter().map(column).collect(),
            rows,
            key_columns: 1,
        }
    }

    fn minutes(value: f64) -> Cell {
        Cell::Number { value, decimals: 0 }
    }

    #[test]
    fn own_points_show_before_after_and_times() {
        let points = |rows: &[(&str, f64, &str)]| {
            let row = |(id, sun, times): &(&str, f64, &str)| {
                let [id, times] = [id, times].map(|text| Cell::Text((*text).to_owned()));
                vec![id, minutes(*sun), times]
            };
            let columns = ["id", "minutes_2027-03-21", "intervals_2027-03-21"];
            table("receivers", &columns, rows.iter().map(row).collect())
        };
        let before = points(&[("<a>", 90.0, "09:00–10:30"), ("b", 60.0, "09:00–10:00")]);
        let after = points(&[("<a>", 30.0, "09:00–09:30"), ("b", 60.0, "09:00–10:00")]);
        let en = texts(Language::En);
        let day = "2027-03-21";
        let html = receiver_table(en, Some(&before), &after, day, 1, "caption");
        for part in [
            r#"<th scope="row">&lt;a&gt;</th>"#,
            "1\u{a0}h\u{a0}30\u{a0}min</td>",
            ">30\u{a0}min</td>",
            "−1\u{a0}h</td>",
            "<td>09:00–09:30</td>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(!html.contains(">b<"), "only the first row");
        let alone = receiver_table(en, None, &after, day, 20, "caption");
        assert!(alone.contains(">b<") && !alone.contains('−'), "{alone}");
        assert_eq!(receiver_table(en, None, &after, "2027-06-21", 20, ""), "");
    }

    #[test]
    fn the_answer_compares_the_facades_that_the_key_figures_compare() {
        use crate::result::compare::compare_indicators;
        use crate::result::{Basis, Indicator, Quality, Statistic, Values};
        let result = |rows: &[(&str, &str, f64)]| {
            let row = |(building, surface, sun): &(&str, &str, f64)| {
                let [building, surface] =
                    [building, surface].map(|text| Cell::Text((*text).to_owned()));
                vec![building, surface, minutes(*sun)]
            };
            let columns = ["building", "surface", "best_minutes_2027-03-21"];
            let mut facades = table("facades", &columns, rows.iter().map(row).collect());
            facades.key_columns = 2;
            SimulationResult {
                simulation: SIMULATION,
                quality: Quality::Exact,
                fields: Vec::new(),
                tables: vec![facades],
                indicators: vec![Indicator {
                    id: "mean".to_owned(),
                    key: "indicator-ground-mean",
                    value: 0.0,
                    unit: "h",
                    decimals: 1,
                    date: None,
                    basis: Some(Basis {
                        values: Values::Rows {
                            table: "facades",
                            column: columns[2].to_owned(),
                        },
                        statistic: Statistic::Max,
                    }),
                }],
                findings: Vec::new(),
                inputs: Vec::new(),
                method: Vec::new(),
                movement: None,
                animation: None,
                passability: None,
            }
        };
        let before = result(&[("a", "1", 90.0), ("raised", "1", 60.0), ("gone", "1", 10.0)]);
        let after = result(&[("a", "1", 30.0), ("raised", "1", 10.0), ("new", "1", 20.0)]);
        let changed = BTreeSet::from(["raised"]);
        let day = facade_day(Some(&before), &after, "2027-03-21", &changed).unwrap();
        let compared = day.pairs.iter().filter(|p| p.is_compared()).count();
        let figures = compare_indicators(&before, &after, &changed);
        let matched = figures[0].matched.as_ref().unwrap();
        assert_eq!((compared, matched.count), (1, 1));
    }

    #[test]
    fn drafts_come_first_then_the_largest_loss_of_a_class() {
        let columns = [
            "building",
            "draft",
            "height_m",
            "facades",
            "best_minutes_en17037_d",
            "class_d",
            "facades_below_d",
        ];
        let buildings = |rows: &[(&str, &'static str, f64, &'static str)]| {
            let row = |(id, draft, sun, class): &(&str, &'static str, f64, &'static str)| {
                vec![
                    Cell::Text((*id).to_owned()),
                    Cell::Key(draft),
                    minutes(9.0),
                    Cell::Integer(4),
                    minutes(*sun),
                    Cell::Key(class),
                    Cell::Integer(1),
                ]
            };
            table("buildings", &columns, rows.iter().map(row).collect())
        };
        let before = buildings(&[
            ("a", "no", 200.0, "medium"),
            ("b", "no", 250.0, "high"),
            ("same", "no", 250.0, "high"),
            ("gone", "no", 250.0, "high"),
        ]);
        let after = buildings(&[
            ("a", "no", 170.0, "minimum"),
            ("b", "no", 100.0, "minimum"),
            ("same", "no", 245.0, "high"),
            ("tower", "yes", 500.0, "high"),
        ]);
        let changes = building_changes(&before, &after, "d");
        let got: Vec<(&str, Option<f64>, f64)> = changes
            .iter()
            .map(|c| (c.building.as_str(), c.before, c.after))
            .collect();
        assert_eq!(
            got,
            [
                ("tower", None, 500.0),
                ("b", Some(250.0), 100.0),
                ("a", Some(200.0), 170.0)
            ]
        );
        assert_eq!(changes[0].facades, [4.0, 1.0]);
        assert!(building_changes(&before, &after, "e").is_empty());
    }

    #[test]
    fn facades_are_called_by_the_side_they_look_at() {
        let de = texts(Language::De);
        for (azimuth, word) in [
            (0.0, "Nordfassade"),
            (359.0, "Nordfassade"),
            (22.6, "Nordostfassade"),
            (180.0, "Südfassade"),
            (270.0, "Westfassade"),
        ] {
            assert_eq!(facade_word(azimuth, de), word);
        }
    }

    #[test]
    fn changes_of_less_than_half_a_minute_have_no_sign() {
        let de = texts(Language::De);
        assert_eq!(signed_duration(-0.4, de), "±0\u{a0}min");
        assert_eq!(signed_duration(61.0, de), "+1\u{a0}h\u{a0}1\u{a0}min");
        assert_eq!(signed_duration(-30.0, de), "−30\u{a0}min");
    }
}
