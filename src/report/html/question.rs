//! The head of the report and what was asked: city, variants, their edits in words.

use std::fmt::Write as _;

use crate::city::LayerKind;
use crate::report::escape::{escape, shortened};
use crate::report::{access, flood, shuttle, sun, traffic};
use crate::result::Quality;
use crate::result::write::all_sources;
use crate::scenario::Edit;

use super::lookup::Report;

impl Report<'_> {
    /// What the city was read from: the file that the scenario names, or those of its buildings; a bare terrain has none.
    fn city_source(&self) -> String {
        if let Some(city) = &self.run.scenario.scenario.city {
            return city.clone();
        }
        let sources = all_sources(self.run);
        let built = sources.iter().any(|s| s.layer == LayerKind::Buildings);
        let mut paths: Vec<&str> = Vec::new();
        for source in sources {
            let wanted = source.layer == LayerKind::Buildings || !built;
            if wanted && !paths.contains(&source.path.as_str()) {
                paths.push(&source.path);
            }
        }
        paths.join(", ")
    }

    pub(super) fn header(&self, out: &mut String) {
        let head = &self.run.scenario.scenario;
        let language = self.texts.language();
        let _ = write!(
            out,
            r#"<header><p class="kicker">{}</p><h1>{}</h1>"#,
            self.t("report-kicker"),
            escape(&shortened(&head.name, 200))
        );
        let mut facts = Vec::new();
        if let Some(simulation) = self.answered().first().and_then(|v| self.sun(*v)) {
            let dates: Vec<String> = sun::days(simulation)
                .iter()
                .map(|d| language.date(d))
                .collect();
            facts.push((self.t("report-days"), escape(&dates.join(", "))));
        }
        let water = self.answered().first().and_then(|v| self.flood(*v));
        if let Some(event) = water.and_then(|w| flood::event(self.texts, w)) {
            facts.push((self.t("report-flood-event"), escape(&shortened(&event, 80))));
        }
        if let Some(city) = self.cities.first() {
            facts.push((
                self.t("report-city"),
                escape(&shortened(&self.city_source(), 80)),
            ));
            let buildings = language.number(city.buildings.len() as f64, 0);
            facts.push((self.t("common-layer-buildings"), buildings));
        }
        let variants: Vec<String> = (0..self.run.variants.len()).map(|v| self.name(v)).collect();
        facts.push((self.t("report-variants"), escape(&variants.join(" · "))));
        out.push_str("<dl class=\"facts\">");
        for (name, value) in facts {
            let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        out.push_str("</dl>");
        let coarse = self
            .run
            .variants
            .iter()
            .any(|v| v.simulations.iter().any(|s| s.quality == Quality::Coarse));
        if coarse {
            let _ = write!(out, r#"<p class="warning">{}</p>"#, self.t("report-coarse"));
        }
        out.push_str("</header>\n");
    }

    pub(super) fn question(&self, out: &mut String) {
        let head = &self.run.scenario.scenario;
        self.heading(out, "report-question");
        if let Some(comment) = &head.comment {
            let _ = writeln!(out, "<p>{}</p>", escape(comment));
        }
        if self.run.variants.len() < 2 {
            let _ = writeln!(out, "<p>{}</p>", self.t("report-baseline-only"));
            return;
        }
        out.push_str("<ul class=\"variants\">");
        for (i, variant) in self.run.variants.iter().enumerate().skip(1) {
            let _ = write!(out, "<li><strong>{}</strong>", escape(&self.name(i)));
            if let Some(comment) = &variant.comment {
                let _ = write!(out, ": {}", escape(comment));
            }
            let edits = self
                .run
                .scenario
                .variants
                .iter()
                .find(|v| v.name == variant.name)
                .map_or(&[][..], |v| &v.edits);
            let words: Vec<String> = edits.iter().take(12).map(|e| self.edit(e)).collect();
            if !words.is_empty() {
                let _ = write!(out, r#"<br><span class="quiet">{}"#, words.join("; "));
                if edits.len() > words.len() {
                    let more = [("count", edits.len() - words.len())];
                    let _ = write!(
                        out,
                        "; {}",
                        escape(&self.texts.with("common-and-more", &more))
                    );
                }
                out.push_str("</span>");
            }
            out.push_str("</li>");
        }
        out.push_str("</ul>\n");
    }

    /// An edit in words, escaped.
    fn edit(&self, edit: &Edit) -> String {
        let language = self.texts.language();
        let metres = |value: f64| language.with_unit(value, 1, "m");
        let short = |id: &str| shortened(id, 40);
        let text = match edit {
            Edit::AddBuilding { id, height_m, .. } => self.texts.with(
                "report-edit-add-building",
                &[("id", short(id)), ("height", metres(*height_m))],
            ),
            Edit::Place { id, draft, .. } => self.texts.with(
                "report-edit-place",
                &[("id", short(id)), ("draft", short(draft))],
            ),
            Edit::Remove { building } => self
                .texts
                .with("report-edit-remove", &[("id", self.label(building))]),
            Edit::SetHeight { building, height_m } => self.texts.with(
                "report-edit-set-height",
                &[("id", self.label(building)), ("height", metres(*height_m))],
            ),
            Edit::Move {
                building,
                by,
                raise_m,
                rotation_deg,
            } => self.texts.with(
                "report-edit-move",
                &[
                    ("id", self.label(building)),
                    ("east", language.signed_with_unit(by[0], 1, "m")),
                    ("north", language.signed_with_unit(by[1], 1, "m")),
                    ("up", language.signed_with_unit(*raise_m, 1, "m")),
                    ("turn", language.signed_with_unit(*rotation_deg, 0, "°")),
                ],
            ),
            Edit::AddTree { id, height_m, .. } => self.texts.with(
                "report-edit-add-tree",
                &[("id", short(id)), ("height", metres(*height_m))],
            ),
            Edit::FloodWall {
                id,
                height_m,
                crest_level_m,
                mobile,
                ..
            } => {
                let (key, value) = match (crest_level_m, mobile) {
                    (Some(level), false) => ("report-edit-flood-wall-level", level),
                    (Some(level), true) => ("report-edit-mobile-barrier-level", level),
                    (None, false) => ("report-edit-flood-wall", &height_m.unwrap_or_default()),
                    (None, true) => ("report-edit-mobile-barrier", &height_m.unwrap_or_default()),
                };
                let value = language.with_unit(*value, 2, "m");
                self.texts
                    .with(key, &[("id", short(id)), ("height", value)])
            }
            Edit::Breach {
                id,
                width_m,
                start_s,
                ..
            } => self.texts.with(
                "report-edit-breach",
                &[
                    ("id", short(id)),
                    ("width", metres(*width_m)),
                    ("start", language.with_unit(*start_s / 60.0, 0, "min")),
                ],
            ),
            Edit::RaiseTerrain {
                id, level_m, by_m, ..
            } => match level_m {
                Some(level) => self.texts.with(
                    "report-edit-terrain-level",
                    &[
                        ("id", short(id)),
                        ("height", language.with_unit(*level, 2, "m")),
                    ],
                ),
                None => self.texts.with(
                    "report-edit-terrain-by",
                    &[
                        ("id", short(id)),
                        (
                            "height",
                            language.signed_with_unit(by_m.unwrap_or_default(), 2, "m"),
                        ),
                    ],
                ),
            },
            Edit::GreenRoof {
                building,
                retention_mm,
            } => self.texts.with(
                "report-edit-green-roof",
                &[
                    ("id", self.label(building)),
                    ("depth", language.with_unit(*retention_mm, 0, "mm")),
                ],
            ),
            Edit::BusPriority(_)
            | Edit::StreetClosure(_)
            | Edit::BusLane(_)
            | Edit::SignalPlan(_)
            | Edit::Headway(_) => traffic::edit(self.texts, edit),
            Edit::TransitLine(_)
            | Edit::TransitHeadway(_)
            | Edit::TransitStop(_)
            | Edit::TransitRemove(_)
            | Edit::ShuttleOffer(_) => access::edit(self.texts, edit),
            Edit::ShuttleService(_) => shuttle::edit(self.texts, edit),
        };
        escape(&text)
    }
}
