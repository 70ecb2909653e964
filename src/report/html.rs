//! `report.html`: self-contained (fonts, maps and styles inside, no network), A4 when printed.
//!
//! Order: what was asked, the answer in full sentences, the maps, the tables, then how sure we are and why. Everything that
//! comes from data is escaped; a content security policy forbids scripts and connections on top.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rayon::prelude::*;

use crate::city::{City, LayerKind};
use crate::finding::{Finding, Severity};
use crate::result::compare::{IndicatorDifference, indicator_differences};
use crate::result::write::{all_findings, all_inputs, all_sources, variant_folder};
use crate::result::{Field, FieldData, Quality, RunResult, SimulationResult, Table};
use crate::scenario::Edit;
use crate::text::{Arg, Language, Texts, texts};

use super::access;
use super::escape::{escape, shortened};
use super::flood;
use super::map_svg::Extent;
use super::maps::{
    self, FieldMap, HALF_WIDTH_MM, PAGE_WIDTH_MM, Shown, VariantChange, field_title, variant_name,
};
use super::raster::{DrawError, FONT_REGULAR, FONT_SEMIBOLD, png_from_svg};
use super::sun::{self, FacadeDay, FacadePair};
use super::wind;
use super::{shuttle, traffic};

/// Rows of the table of largest losses.
const TOP_ROWS: usize = 12;
/// Facades whose times are drawn.
const STRIP_ROWS: usize = 6;
/// Rows of the tables of buildings and of own points; the rest is in the CSV.
const SHORT_ROWS: usize = 20;
/// Gauges whose curves are drawn.
const GAUGES: usize = 8;
/// Rows of the annex; the rest is in the CSV.
const ANNEX_ROWS: usize = 60;
/// Share of the cells with a value that both sides must have for a map of the change of waits.
const LEAST_SHARED: f64 = 0.3;
/// Height (mm) of the map beside the answer, so that both fit on the first page.
const LEAD_MAP_HEIGHT_MM: f64 = 74.0;
/// The same for water, whose answer is longer.
const LEAD_WATER_HEIGHT_MM: f64 = 64.0;
/// The same for wind, whose legend is higher.
const LEAD_WIND_HEIGHT_MM: f64 = 60.0;
/// Height (mm) of the leading map of a report on traffic: with variants it begins a page, without it fits below the answer.
const LEAD_TRAFFIC_HEIGHT_MM: f64 = 92.0;
/// Pixels per millimetre of the maps: 200 per inch.
const PX_PER_MM: f64 = 200.0 / 25.4;

/// The report of a run. `changes` are those of [`crate::result::write::changes`].
pub fn report_html(
    run: &RunResult,
    changes: &[Vec<Option<VariantChange>>],
) -> Result<String, DrawError> {
    let report = Report {
        run,
        changes,
        texts: texts(run.scenario.scenario.language),
        cities: run.variants.iter().map(|v| &*v.city).collect(),
    };
    report.page()
}

struct Report<'a> {
    run: &'a RunResult,
    changes: &'a [Vec<Option<VariantChange>>],
    texts: &'static Texts,
    /// Variants after the baseline, in order.
    cities: Vec<&'a City>,
}

/// A map to be drawn.
struct Figure<'a> {
    map: FieldMap<'a>,
    caption: String,
    alt: String,
    half: bool,
}

/// A map as picture.
struct Drawn {
    /// Base64 of the PNG.
    png: String,
    caption: String,
    alt: String,
    half: bool,
}

impl<'a> Report<'a> {
    fn page(&self) -> Result<String, DrawError> {
        let head = &self.run.scenario.scenario;
        let mut out = String::new();
        let _ = write!(
            out,
            r#"<!DOCTYPE html>
<html lang="{}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Planspiel {}">
<title>{}</title>
<style>
@font-face{{font-family:"IBM Plex Sans";font-weight:400;src:url(data:font/ttf;base64,{})}}
@font-face{{font-family:"IBM Plex Sans";font-weight:600;src:url(data:font/ttf;base64,{})}}
{STYLE}</style>
</head>
<body>
<main>
"#,
            head.language.code(),
            env!("CARGO_PKG_VERSION"),
            escape(&head.name),
            BASE64_STANDARD.encode(FONT_REGULAR),
            BASE64_STANDARD.encode(FONT_SEMIBOLD),
        );
        self.header(&mut out);
        self.question(&mut out);
        self.answer(&mut out);
        let mut figures = self.drawn_figures()?.into_iter();
        if let Some((_, figure)) = figures.next() {
            self.figure(&mut out, &figure, 1);
        }
        self.indicators(&mut out);
        self.maps(&mut out, figures.collect());
        self.facades(&mut out);
        self.buildings(&mut out);
        self.receivers(&mut out);
        self.water(&mut out);
        self.wind_tables(&mut out);
        self.traffic_tables(&mut out);
        self.access_tables(&mut out);
        self.shuttle_tables(&mut out);
        self.findings(&mut out);
        self.assumptions(&mut out);
        self.method(&mut out);
        self.sources(&mut out);
        self.provenance(&mut out);
        self.annex(&mut out);
        out.push_str("</main>\n</body>\n</html>\n");
        Ok(out)
    }

    fn t(&self, key: &str) -> String {
        escape(&self.texts.get(key))
    }

    fn heading(&self, out: &mut String, key: &str) {
        let _ = writeln!(out, "<h2>{}</h2>", self.t(key));
    }

    /// The result of a simulation for a variant.
    fn simulation(&self, variant: usize, name: &str) -> Option<&'a SimulationResult> {
        let simulations = &self.run.variants.get(variant)?.simulations;
        let mut all = simulations.iter();
        all.find(|s| s.simulation == name).map(|s| &**s)
    }

    /// Its change against the baseline.
    fn change(&self, variant: usize, name: &str) -> Option<&'a VariantChange> {
        let simulations = &self.run.variants.get(variant)?.simulations;
        let i = simulations.iter().position(|s| s.simulation == name)?;
        self.changes.get(variant)?.get(i)?.as_ref()
    }

    /// The sun study of a variant.
    fn sun(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, sun::SIMULATION)
    }

    /// Change of the sun study of a variant against the baseline.
    fn sun_change(&self, variant: usize) -> Option<&'a VariantChange> {
        self.change(variant, sun::SIMULATION)
    }

    /// The water of a variant.
    fn flood(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, flood::SIMULATION)
    }

    /// The water of the baseline, where it is not the variant itself.
    fn flood_baseline(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.flood(0).filter(|_| variant > 0)
    }

    /// The wind of a variant.
    fn wind(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, wind::SIMULATION)
    }

    /// The shuttles of a variant.
    fn shuttle(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, shuttle::SIMULATION)
    }

    /// The traffic of a variant.
    fn traffic(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, traffic::SIMULATION)
    }

    /// The access of a variant.
    fn access(&self, variant: usize) -> Option<&'a SimulationResult> {
        self.simulation(variant, access::SIMULATION)
    }

    /// True when the report is about more than one simulation, so that parts of it need a name.
    fn mixed(&self) -> bool {
        let mut variants = self.run.variants.iter();
        variants.any(|v| v.simulations.len() > 1)
    }

    /// Variants the report answers for: all but the baseline, or the baseline when it stands alone.
    fn answered(&self) -> Vec<usize> {
        match self.run.variants.len() {
            0 => Vec::new(),
            1 => vec![0],
            n => (1..n).collect(),
        }
    }

    fn facade_day(&self, variant: usize, date: &str) -> Option<FacadeDay> {
        let baseline = if variant == 0 { None } else { self.sun(0) };
        let change = self.sun_change(variant);
        let changed = change.map_or_else(BTreeSet::new, |c| c.objects.changed_ids());
        sun::facade_day(baseline, self.sun(variant)?, date, &changed)
    }

    fn name(&self, variant: usize) -> String {
        variant_name(self.run, variant, self.texts)
    }

    /// Names of some variants; one word for all of them.
    fn names(&self, variants: &[usize]) -> String {
        if variants.len() > 1 && variants.len() == self.run.variants.len() {
            return self.texts.get("report-finding-all");
        }
        let names = variants.iter().map(|v| shortened(&self.name(*v), 40));
        names.collect::<Vec<_>>().join(", ")
    }

    /// Cities in which ids of a variant are looked up: its own, then the baseline.
    fn cities_of(&self, variant: usize) -> Vec<&'a City> {
        let own = self.cities.get(variant).copied();
        own.into_iter()
            .chain(self.cities.first().copied())
            .collect()
    }

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

    fn header(&self, out: &mut String) {
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

    fn question(&self, out: &mut String) {
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

    fn label(&self, id: &str) -> String {
        sun::building_label(&self.cities, id)
    }

    fn answer(&self, out: &mut String) {
        let mut all = String::new();
        let traffic_scope = match self.traffic(0) {
            Some(simulation) => escape(&traffic::scope(self.texts, simulation)),
            None => String::new(),
        };
        let access_scope = match self.access(0) {
            Some(simulation) => escape(&access::scope(self.texts, simulation)),
            None => String::new(),
        };
        let shuttle_scope = match self.shuttle(0) {
            Some(simulation) => escape(&shuttle::scope(self.texts, simulation)),
            None => String::new(),
        };
        for (parts, title, scope) in [
            (self.sun_answer(), "report-sun", self.t("report-sun-scope")),
            (
                self.flood_answer(),
                "report-flood",
                self.t("report-flood-scope"),
            ),
            (
                self.wind_answer(),
                "report-wind",
                self.t("report-wind-scope"),
            ),
            (self.traffic_answer(), "report-traffic", traffic_scope),
            (self.access_answer(), "report-access", access_scope),
            (self.shuttle_answer(), "report-shuttle", shuttle_scope),
        ] {
            if parts.is_empty() {
                continue;
            }
            if self.mixed() {
                let _ = write!(all, "<h3>{}</h3>", self.t(title));
            }
            let _ = write!(all, r#"{parts}<p class="quiet small">{scope}</p>"#);
        }
        if all.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            r#"<section class="answer" aria-label="{0}"><h2>{0}</h2>{all}</section>"#,
            self.t("report-answer"),
        );
    }

    /// Sentences as a paragraph, with the name of the variant where there are several; the very first sentence is the answer.
    fn paragraph(&self, variant: usize, first: bool, sentences: &[String]) -> String {
        let mut part = String::from("<p>");
        if first && self.run.variants.len() > 2 {
            let _ = write!(part, "<strong>{}.</strong> ", escape(&self.name(variant)));
        }
        for (i, sentence) in sentences.iter().enumerate() {
            if first && i == 0 {
                let _ = write!(part, r#"<span class="lead">{}</span> "#, escape(sentence));
            } else {
                let _ = write!(part, "{} ", escape(sentence));
            }
        }
        part.push_str("</p>");
        part
    }

    fn sun_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.sun(variant) else {
                continue;
            };
            let change = self.sun_change(variant);
            let cities = self.cities_of(variant);
            for (i, date) in sun::days(simulation).iter().enumerate() {
                let day = self.facade_day(variant, date).unwrap_or_else(|| FacadeDay {
                    date: date.clone(),
                    rule: sun::is_rule_day(simulation, date),
                    pairs: Vec::new(),
                });
                let sentences = sun::answer(self.texts, &cities, &day, change, simulation);
                if !sentences.is_empty() {
                    parts.push_str(&self.paragraph(variant, i == 0, &sentences));
                }
            }
        }
        parts
    }

    fn flood_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.flood(variant) else {
                continue;
            };
            let baseline = self.flood_baseline(variant);
            let cities = self.cities_of(variant);
            let sentences = flood::answer(self.texts, &cities, baseline, simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn wind_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.wind(variant) else {
                continue;
            };
            let baseline = self.wind(0).filter(|_| variant > 0);
            let settings = self.run.scenario.wind.as_ref();
            let reference = settings.and_then(|wind| wind.inflow.reference());
            let sentences = wind::answer(self.texts, baseline, simulation, reference);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn traffic_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.traffic(variant) else {
                continue;
            };
            let baseline = self.traffic(0).filter(|_| variant > 0);
            let sentences = traffic::answer(self.texts, baseline, simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn access_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.access(variant) else {
                continue;
            };
            let baseline = self.access(0).filter(|_| variant > 0);
            let sentences = access::answer(self.texts, baseline, simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn shuttle_answer(&self) -> String {
        let mut parts = String::new();
        // The existing service belongs to the answer too: nothing is subtracted here.
        for variant in 0..self.run.variants.len() {
            let Some(simulation) = self.shuttle(variant) else {
                continue;
            };
            let mut sentences = shuttle::answer(self.texts, simulation);
            if self.run.variants.len() == 2
                && let Some(first) = sentences.first_mut()
            {
                *first = format!("{}: {first}", self.name(variant));
            }
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn indicators(&self, out: &mut String) {
        let Some(baseline) = self.run.variants.first() else {
            return;
        };
        let language = self.texts.language();
        let mut headed = false;
        for simulation in &baseline.simulations {
            let name = simulation.simulation;
            let others: Vec<(usize, Vec<IndicatorDifference>)> = self
                .run
                .variants
                .iter()
                .enumerate()
                .skip(1)
                .map(|(i, v)| (i, indicator_differences(baseline, v, name)))
                .filter(|(_, rows)| !rows.is_empty())
                .collect();
            if simulation.indicators.is_empty() {
                continue;
            }
            if !headed {
                self.heading(out, "report-indicators");
                headed = true;
            }
            if self.mixed() {
                let _ = writeln!(out, "<h3>{}</h3>", self.t(simulation_title(name)));
            }
            let _ = write!(
                out,
                r#"<table class="keep"><caption>{}</caption><thead><tr><th scope="col">{}</th><th scope="col" class="num">{}</th>"#,
                self.t("report-indicators-caption"),
                self.t("report-indicator"),
                self.t("common-variant-baseline"),
            );
            for (i, _) in &others {
                let _ = write!(
                    out,
                    r#"<th scope="col" class="num">{}</th><th scope="col" class="num">{}</th>"#,
                    escape(&shortened(&self.name(*i), 40)),
                    self.t("report-column-change")
                );
            }
            out.push_str("</tr></thead><tbody>");
            let dates = sun::days(simulation).len();
            for indicator in &simulation.indicators {
                let mut label = self.texts.get(indicator.key);
                if let (Some(date), true) = (&indicator.date, dates > 1) {
                    label = format!("{label}, {}", language.day(date));
                }
                let value = |v: f64| language.with_unit(v, indicator.decimals, indicator.unit);
                let _ = write!(
                    out,
                    r#"<tr><th scope="row">{}</th><td class="num">{}</td>"#,
                    escape(&label),
                    value(indicator.value)
                );
                for (_, rows) in &others {
                    let row = rows.iter().find(|r| r.indicator.id == indicator.id);
                    let new = row
                        .and_then(|r| r.variant)
                        .map_or_else(|| "–".to_owned(), value);
                    let unit = if indicator.unit == "%" && others.len() > 1 {
                        // Many columns leave no room for the whole word.
                        self.texts.get("report-percentage-points-short")
                    } else if indicator.unit == "%" {
                        self.texts.get("report-percentage-points")
                    } else {
                        indicator.unit.to_owned()
                    };
                    let change = row.and_then(IndicatorDifference::difference).map_or_else(
                        || "–".to_owned(),
                        |d| language.signed_with_unit(d, indicator.decimals, &unit),
                    );
                    let count = row.and_then(|r| r.matched.as_ref()).map(|m| m.count);
                    let count = count.map_or_else(String::new, |n| {
                        let n = language.number(n as f64, 0);
                        // Beside the number where there is room for it.
                        let place = if others.len() == 1 { " " } else { "<br>" };
                        format!(r#"{place}<span class="quiet small">n = {n}</span>"#)
                    });
                    let _ = write!(
                        out,
                        r#"<td class="num">{new}</td><td class="num"><span class="strong">{}</span>{count}</td>"#,
                        escape(&change)
                    );
                }
                out.push_str("</tr>");
            }
            out.push_str("</tbody></table>\n");
            if !others.is_empty() {
                let _ = writeln!(
                    out,
                    r#"<p class="quiet small">{}</p>"#,
                    self.t(match name {
                        flood::SIMULATION => "report-indicators-matched-flood",
                        wind::SIMULATION => "report-indicators-matched-wind",
                        traffic::SIMULATION => "report-indicators-matched-traffic",
                        access::SIMULATION => "report-indicators-matched-access",
                        shuttle::SIMULATION => "report-indicators-matched-shuttle",
                        _ => "report-indicators-matched",
                    })
                );
            }
        }
    }

    /// All maps in reading order with their sub-headings; the first belongs to the answer.
    fn drawn_figures(&self) -> Result<Vec<(String, Drawn)>, DrawError> {
        let mut figures: Vec<(String, Figure<'a>)> = Vec::new();
        for variant in self.answered() {
            let Some(simulation) = self.sun(variant) else {
                continue;
            };
            for date in sun::days(simulation) {
                let mut title = self.texts.language().date(&date);
                if variant > 0 {
                    title = format!("{}, {title}", self.name(variant));
                }
                let list = self.figures(variant, simulation, &date);
                figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
            }
        }
        for variant in self.answered() {
            let Some(simulation) = self.flood(variant) else {
                continue;
            };
            let mut title = flood::event(self.texts, simulation).unwrap_or_default();
            if variant > 0 {
                title = format!("{}, {title}", self.name(variant));
            }
            let list = self.flood_figures(variant, simulation);
            figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
        }
        for variant in self.answered() {
            let Some(simulation) = self.wind(variant) else {
                continue;
            };
            let mut title = self.texts.get("report-wind");
            if variant > 0 {
                title = format!("{}, {title}", self.name(variant));
            }
            let list = self.wind_figures(variant, simulation);
            figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
        }
        for variant in self.answered() {
            let Some(simulation) = self.traffic(variant) else {
                continue;
            };
            let mut title = self.texts.get("report-traffic");
            if variant > 0 {
                title = format!("{}, {title}", self.name(variant));
            }
            let list = self.traffic_figures(variant, simulation);
            figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
        }
        for variant in self.answered() {
            let Some(simulation) = self.shuttle(variant) else {
                continue;
            };
            let mut title = self.texts.get("report-shuttle");
            if variant > 0 {
                title = format!("{}, {title}", self.name(variant));
            }
            let list = self.shuttle_figures(variant, simulation);
            figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
        }
        for variant in self.answered() {
            let Some(simulation) = self.access(variant) else {
                continue;
            };
            let mut title = self.texts.get("report-access");
            if variant > 0 {
                title = format!("{}, {title}", self.name(variant));
            }
            let list = self.access_figures(variant, simulation);
            figures.extend(list.into_iter().map(|figure| (title.clone(), figure)));
        }
        let first = self.answered().first().copied();
        let has = |simulation: Option<&SimulationResult>| simulation.is_some();
        let lead = match first {
            Some(v) if has(self.sun(v)) => LEAD_MAP_HEIGHT_MM,
            Some(v) if has(self.flood(v)) => LEAD_WATER_HEIGHT_MM,
            Some(v) if has(self.traffic(v)) => LEAD_TRAFFIC_HEIGHT_MM,
            Some(v) if has(self.access(v)) => LEAD_MAP_HEIGHT_MM,
            Some(v) if has(self.shuttle(v)) => LEAD_WATER_HEIGHT_MM,
            _ => LEAD_WIND_HEIGHT_MM,
        };
        if let Some((_, first)) = figures.first_mut() {
            // A small map would be stretched over the page, and its scale would be wrong.
            first.half = false;
            first.map.width_mm = PAGE_WIDTH_MM;
            first.map.max_height_mm = lead;
        }
        figures
            .into_par_iter()
            .map(|(title, figure)| {
                let svg = maps::field_map(&figure.map)?;
                let width = (figure.map.width_mm * PX_PER_MM).round() as u32;
                let drawn = Drawn {
                    png: BASE64_STANDARD.encode(png_from_svg(&svg, width)?),
                    caption: figure.caption,
                    alt: figure.alt,
                    half: figure.half,
                };
                Ok((title, drawn))
            })
            .collect()
    }

    fn figure(&self, out: &mut String, figure: &Drawn, number: usize) {
        let _ = write!(
            out,
            r#"<figure{}><img alt="{}" src="data:image/png;base64,{}"><figcaption><strong>{} {number}.</strong> {}</figcaption></figure>"#,
            if figure.half { "" } else { r#" class="full""# },
            escape(&figure.alt),
            figure.png,
            self.t("report-figure"),
            escape(&figure.caption)
        );
    }

    fn maps(&self, out: &mut String, figures: Vec<(String, Drawn)>) {
        if figures.is_empty() {
            return;
        }
        self.heading(out, "report-maps");
        let figures: Vec<(String, bool, String)> = figures
            .into_iter()
            .enumerate()
            .map(|(i, (title, figure))| {
                let mut drawn = String::new();
                self.figure(&mut drawn, &figure, i + 2);
                (title, figure.half, drawn)
            })
            .collect();
        out.push_str(&arranged(&figures));
    }

    /// Maps of one variant and day: baseline and variant side by side, then the difference; the baseline alone fills the page.
    fn figures(
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

    /// A map of a field on the ground, with its part of the city, whether it takes half of the width, and its largest height (mm).
    fn ground_figure(
        &self,
        variant: usize,
        field: &'a Field,
        shown: Shown,
        change: Option<&'a VariantChange>,
        caption: &str,
        (extent, half, max_height_mm): (Extent, bool, f64),
    ) -> Figure<'a> {
        let of_variant = if variant == 0 { None } else { change };
        Figure {
            map: FieldMap {
                run: self.run,
                variant,
                field,
                shown,
                changes: of_variant.map(|c| &c.objects),
                walls: Vec::new(),
                extent,
                width_mm: if half { HALF_WIDTH_MM } else { PAGE_WIDTH_MM },
                max_height_mm,
            },
            caption: self.texts.with(
                caption,
                &[
                    ("variant", self.name(variant)),
                    ("title", field_title(field, self.texts)),
                ],
            ),
            alt: self.alt(field, variant, shown),
            half,
        }
    }

    /// Maps of the water of one variant: what changes, then depth, speed, hazard and times of the variant.
    fn flood_figures(&self, variant: usize, simulation: &'a SimulationResult) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, flood::SIMULATION);
        let extent = match change {
            Some(change) => change.focus,
            None => maps::result_extent(self.cities[variant], simulation),
        };
        let Some(extent) = extent else {
            return figures;
        };
        let figure = |v: usize, field: &'a Field, shown: Shown, half: bool| {
            let caption = match (shown, v) {
                (Shown::Difference, _) => "report-flood-caption-difference".to_owned(),
                _ => format!("report-flood-caption-{}", flood::caption(field)),
            };
            let place = (extent, half, if half { 62.0 } else { 86.0 });
            self.ground_figure(v, field, shown, change, &caption, place)
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.flood(v)?.fields.iter().find(|f| f.id == id)
        };
        let difference = |id: &str| -> Option<&'a Field> {
            let fields = change?.fields.iter().map(|d| &d.field);
            let mut fields = fields.filter(|f| f.id.strip_suffix("_difference") == Some(id));
            fields.next()
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            figures.extend(field.map(|f| figure(v, f, shown, half)));
        };
        let depth = "flood_depth_max";
        if variant > 0 {
            add(variant, difference(depth), Shown::Difference, false);
            for v in [0, variant] {
                add(v, field(v, depth), shown_of(v), true);
            }
        } else {
            add(0, field(0, depth), Shown::Baseline, false);
        }
        let shown = shown_of(variant);
        add(variant, field(variant, "flood_speed_max"), shown, false);
        let hazard = "flood_hazard_max";
        if variant > 0 {
            for v in [0, variant] {
                add(v, field(v, hazard), shown_of(v), true);
            }
        } else {
            add(0, field(0, hazard), Shown::Baseline, false);
        }
        for id in ["flood_arrival", "flood_duration_above_10cm"] {
            add(variant, field(variant, id), shown, true);
        }
        if self.answered().first() == Some(&variant) {
            for id in ["flood_sink_depth", "flood_flow_accumulation"] {
                add(variant, field(variant, id), shown, true);
            }
        }
        figures
    }

    /// Maps of the wind of one variant: what changes, comfort before and after, danger and Lawson's classes, then single directions.
    fn wind_figures(&self, variant: usize, simulation: &'a SimulationResult) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, wind::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.wind(v)?.fields.iter().find(|f| f.id == id)
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            let Some(field) = field else {
                return;
            };
            let caption = match shown {
                Shown::Difference => "report-wind-caption-difference".to_owned(),
                _ => format!("report-wind-caption-{}", wind::caption(field)),
            };
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            figures.push(self.ground_figure(v, field, shown, change, &caption, place));
        };
        let both = |id: &str| [(0, field(0, id)), (variant, field(variant, id))];
        let comfort = "wind_nen8100";
        if variant > 0 {
            let fields = change.map_or(&[][..], |c| &c.fields);
            let mut fields = fields.iter().map(|d| &d.field);
            let difference = fields.find(|f| f.id.strip_suffix("_difference") == Some(comfort));
            add(variant, difference, Shown::Difference, false);
            for id in [comfort, "wind_lawson_lddc", "wind_danger_nen8100"] {
                for (v, field) in both(id) {
                    add(v, field, shown_of(v), true);
                }
            }
        } else {
            add(0, field(0, comfort), Shown::Baseline, false);
            for id in ["wind_lawson_lddc", "wind_danger_nen8100"] {
                add(0, field(0, id), Shown::Baseline, true);
            }
        }
        let shown = shown_of(variant);
        for name in ["wind_speed_", "wind_tiers_", "wind_zone_"] {
            for field in &simulation.fields {
                if field.id.starts_with(name) {
                    add(variant, Some(field), shown, false);
                }
            }
        }
        figures
    }

    /// Maps of the delay of one variant: where it changes, then both sides.
    fn traffic_figures(&self, variant: usize, simulation: &'a SimulationResult) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, traffic::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.traffic(v)?.fields.iter().find(|f| f.id == id)
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            let Some(field) = field else {
                return;
            };
            let caption = traffic::caption(field, shown == Shown::Difference);
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            figures.push(self.ground_figure(v, field, shown, change, caption, place));
        };
        let ids = ["traffic_loss", "traffic_delay"];
        if variant > 0 {
            let differences = change.map_or(&[][..], |c| &c.fields);
            let lead = differences
                .iter()
                .map(|d| &d.field)
                .find(|f| f.id.strip_suffix("_difference") == Some(ids[0]));
            add(variant, lead, Shown::Difference, false);
            for id in ids {
                for v in [0, variant] {
                    add(v, field(v, id), shown_of(v), true);
                }
            }
        } else {
            for id in ids {
                add(0, field(0, id), Shown::Baseline, false);
            }
        }
        figures
    }

    /// Maps of the waits of one variant: what changes, then both sides; a side without the other fills the page.
    fn shuttle_figures(&self, variant: usize, simulation: &'a SimulationResult) -> Vec<Figure<'a>> {
        let change = self.change(variant, shuttle::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return Vec::new();
        };
        let waits = |v: usize| -> Option<&'a Field> {
            let mut fields = self.shuttle(v)?.fields.iter();
            fields.find(|f| f.id == "shuttle_wait")
        };
        let existing = (variant > 0).then_some(0);
        // Where nobody rode there is no wait to draw.
        let sides: Vec<(usize, &Field)> = existing
            .into_iter()
            .chain([variant])
            .filter_map(|v| Some((v, waits(v)?)))
            .collect();
        let mut figures = Vec::new();
        let differences = change.map_or(&[][..], |c| &c.fields);
        let mut differences = differences.iter().map(|d| &d.field);
        let difference = differences.find(|f| f.id == "shuttle_wait_difference");
        // Stops on other streets leave little to subtract: then each side fills the page.
        let most = sides.iter().map(|(_, field)| cells_with_value(field)).max();
        let shared = difference.map_or(0, cells_with_value) as f64;
        let difference = difference.filter(|_| shared > LEAST_SHARED * most.unwrap_or(0) as f64);
        let half = sides.len() > 1 && difference.is_some();
        if let Some(field) = difference {
            let place = (extent, false, 92.0);
            let caption = "report-shuttle-caption-difference";
            let shown = Shown::Difference;
            figures.push(self.ground_figure(variant, field, shown, change, caption, place));
        }
        for (v, field) in sides {
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            let caption = "report-shuttle-caption-wait";
            figures.push(self.ground_figure(v, field, shown_of(v), change, caption, place));
        }
        figures
    }

    /// Maps of access of one variant: what changes, then times on both sides, then the hours and the travel times.
    fn access_figures(&self, variant: usize, simulation: &'a SimulationResult) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, access::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.access(v)?.fields.iter().find(|f| f.id == id)
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            let Some(field) = field else {
                return;
            };
            let caption = access::caption(field, shown == Shown::Difference);
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            figures.push(self.ground_figure(v, field, shown, change, caption, place));
        };
        let ids = ["access_time", "access_kept", "access_travel"];
        if variant > 0 {
            let differences = change.map_or(&[][..], |c| &c.fields);
            let lead = differences
                .iter()
                .map(|d| &d.field)
                .find(|f| f.id.strip_suffix("_difference") == Some(ids[1]));
            add(variant, lead, Shown::Difference, false);
            for id in ids {
                for v in [0, variant] {
                    add(v, field(v, id), shown_of(v), true);
                }
            }
        } else {
            add(0, field(0, ids[0]), Shown::Baseline, false);
            for id in &ids[1..] {
                add(0, field(0, id), Shown::Baseline, true);
            }
        }
        figures
    }

    /// Shares over the day, lines, districts, amenities, isochrones.
    fn access_tables(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.access(variant) else {
                continue;
            };
            if !any {
                self.heading(out, "report-access-tables");
                any = true;
            }
            if self.run.variants.len() > 2 {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
            }
            let mut sides = Vec::new();
            if let Some(baseline) = self.access(0).filter(|_| variant > 0) {
                sides.push((self.name(0), baseline));
            }
            sides.push((self.name(variant), simulation));
            out.push_str(&access::section(self.texts, &sides));
        }
    }

    /// Classes and lines in numbers, journeys over time and way, phases of a signal, approaches, what the rules of the model did.
    fn traffic_tables(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.traffic(variant) else {
                continue;
            };
            // The charts of the baseline stand once, with the first variant.
            let drawn_from = usize::from(any && variant > 0);
            if !any {
                self.heading(out, "report-traffic-tables");
                any = true;
            }
            if self.run.variants.len() > 2 {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
            }
            let mut sides = Vec::new();
            if let Some(baseline) = self.traffic(0).filter(|_| variant > 0) {
                sides.push((self.name(0), baseline));
            }
            sides.push((self.name(variant), simulation));
            out.push_str(&traffic::section(self.texts, &sides, drawn_from));
        }
    }

    /// Shuttles of all variants in numbers and charts.
    fn shuttle_tables(&self, out: &mut String) {
        let sides: Vec<(String, &SimulationResult)> = (0..self.run.variants.len())
            .filter_map(|v| Some((self.name(v), self.shuttle(v)?)))
            .collect();
        if sides.is_empty() {
            return;
        }
        self.heading(out, "report-shuttle-tables");
        out.push_str(&shuttle::section(self.texts, &sides));
    }

    /// Areas with a use, and the climate.
    fn wind_tables(&self, out: &mut String) {
        let sides: Vec<(String, &SimulationResult)> = (0..self.run.variants.len())
            .filter_map(|v| Some((self.name(v), self.wind(v)?)))
            .collect();
        let caption = self.texts.get("report-wind-uses-caption");
        let uses = wind::use_table(self.texts, &sides, &caption);
        let rose = sides.first().and_then(|(_, s)| table(s, "wind_rose"));
        if uses.is_none() && rose.is_none() {
            return;
        }
        self.heading(out, "report-wind-tables");
        out.push_str(&uses.unwrap_or_default());
        if let Some(rose) = rose {
            let _ = writeln!(
                out,
                "<figure class=\"rose\">{}<figcaption>{}</figcaption></figure>",
                wind::rose_chart(self.texts, rose),
                self.t("report-wind-rose-caption")
            );
        }
    }

    /// Tables and curves of the water: buildings, streets, gauges, balance, sinks.
    fn water(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.flood(variant) else {
                continue;
            };
            if !any {
                self.heading(out, "report-flood-tables");
                any = true;
            }
            if variant > 0 && self.run.variants.len() > 2 {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
            }
            self.water_buildings(out, variant, simulation);
            self.water_streets(out, variant, simulation);
            self.water_gauges(out, variant, simulation);
        }
        let sides: Vec<(String, &Table)> = (0..self.run.variants.len())
            .filter_map(|v| Some((self.name(v), table(self.flood(v)?, "flood_ledger")?)))
            .collect();
        // Three pairs of columns are what a page holds.
        for (i, group) in sides.chunks(3).enumerate() {
            if i == 0 {
                let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-ledger"));
            }
            let caption = self.texts.get("report-flood-ledger-caption");
            out.push_str(&flood::ledger_table(self.texts, group, &caption));
        }
        let first = self.answered().first().copied();
        let sinks = first.and_then(|v| table(self.flood(v)?, "flood_sinks"));
        if let Some(sinks) = sinks {
            let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-sinks"));
            let caption = self.texts.get("report-flood-sinks-caption");
            out.push_str(&flood::sink_table(self.texts, sinks, TOP_ROWS, &caption));
        }
    }

    /// A note that the rest of a table stands in a file.
    fn more(&self, out: &mut String, all: usize, shown: usize, file: &str) {
        if all > shown {
            let args = [
                ("count", Arg::from(all - shown)),
                ("file", Arg::from(file.to_owned())),
            ];
            let more = self.texts.with("report-flood-more", &args);
            let _ = writeln!(out, r#"<p class="quiet small">{}</p>"#, escape(&more));
        }
    }

    fn water_buildings(&self, out: &mut String, variant: usize, simulation: &SimulationResult) {
        let baseline = self.flood_baseline(variant);
        let all = flood::buildings(baseline, simulation);
        if all.is_empty() {
            return;
        }
        let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-buildings"));
        let alone = baseline.is_none();
        let classes = |v: usize| -> Option<(String, Vec<String>)> {
            let result = self.flood(v)?;
            let of = flood::buildings(None, result);
            Some((self.name(v), of.into_iter().map(|b| b.class).collect()))
        };
        let sides: Vec<(String, Vec<String>)> = if alone {
            classes(variant).into_iter().collect()
        } else {
            [0, variant].into_iter().filter_map(classes).collect()
        };
        let rows: Vec<(String, Vec<&str>)> = sides
            .iter()
            .map(|(name, of)| (name.clone(), of.iter().map(String::as_str).collect()))
            .collect();
        let _ = writeln!(
            out,
            "<figure class=\"full\">{}<figcaption>{}</figcaption></figure>",
            flood::class_chart(self.texts, &rows),
            self.t("report-flood-class-chart")
        );
        let listed = flood::listed_buildings(&all, alone);
        if listed.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", self.t("report-flood-no-building"));
            return;
        }
        let shown = &listed[..listed.len().min(SHORT_ROWS)];
        let unit = table(simulation, "flood_buildings").map_or("min", |t| {
            let mut columns = t.columns.iter();
            columns
                .find(|c| c.id.starts_with("arrival_"))
                .map_or("min", |c| c.unit)
        });
        let caption = self.texts.get(if alone {
            "report-flood-buildings-caption"
        } else {
            "report-flood-buildings-caption-change"
        });
        out.push_str(&flood::building_table(
            self.texts,
            &self.cities_of(variant),
            shown,
            unit,
            alone,
            &caption,
        ));
        let file = self.csv(variant, "flood_buildings");
        self.more(out, listed.len(), shown.len(), &file);
    }

    fn water_streets(&self, out: &mut String, variant: usize, simulation: &SimulationResult) {
        let baseline = self.flood_baseline(variant);
        let all = flood::streets(baseline, simulation);
        if all.is_empty() {
            return;
        }
        let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-streets"));
        let shown = &all[..all.len().min(SHORT_ROWS)];
        let caption = self.texts.get("report-flood-streets-caption");
        let alone = baseline.is_none();
        out.push_str(&flood::street_table(
            self.texts, simulation, shown, alone, &caption,
        ));
        let file = self.csv(variant, "flood_streets");
        self.more(out, all.len(), shown.len(), &file);
        if let Some(passability) = &simulation.passability {
            let metres = |m: f64| self.texts.language().with_unit(m, 2, "m");
            let limits = passability.limits;
            let note = self.texts.with(
                "report-flood-limits",
                &[
                    ("car", metres(limits.car_m)),
                    ("bus", metres(limits.bus_m)),
                    ("ambulance", metres(limits.ambulance_m)),
                ],
            );
            let _ = writeln!(out, r#"<p class="quiet small">{}</p>"#, escape(&note));
        }
    }

    fn water_gauges(&self, out: &mut String, variant: usize, simulation: &SimulationResult) {
        let after = flood::curves(simulation);
        if after.is_empty() {
            return;
        }
        let before = self.flood_baseline(variant).map(flood::curves);
        let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-gauges"));
        let (baseline, name) = (self.name(0), self.name(variant));
        for pair in after[..after.len().min(GAUGES)].chunks(2) {
            out.push_str("<div class=\"pair\">");
            for (id, curve) in pair {
                let old = before.iter().flatten().find(|(of, _)| of == id);
                let old = old.map(|(_, curve)| (baseline.as_str(), curve.as_slice()));
                let chart = flood::gauge_chart(self.texts, id, old, (name.as_str(), curve));
                let _ = write!(out, "<figure>{chart}</figure>");
            }
            out.push_str("</div>\n");
        }
        let _ = writeln!(
            out,
            r#"<p class="quiet small">{}</p>"#,
            self.t("report-flood-gauges-caption")
        );
        let file = self.csv(variant, "flood_gauge_series");
        self.more(out, after.len(), after.len().min(GAUGES), &file);
    }

    /// What a picture shows, for people who cannot see it: subject and spread of the values.
    fn alt(&self, field: &Field, variant: usize, shown: Shown) -> String {
        let (FieldData::Raster { values, .. } | FieldData::Receivers { values, .. }) = &field.data;
        let mut sorted: Vec<f32> = values.iter().copied().filter(|v| !v.is_nan()).collect();
        sorted.sort_by(f32::total_cmp);
        let language = self.texts.language();
        let at = |share: f64| {
            let i = ((sorted.len().max(1) - 1) as f64 * share).round() as usize;
            let value = sorted.get(i).copied().unwrap_or(f32::NAN);
            language.with_unit(f64::from(value), 1, field.unit)
        };
        let key = if shown == Shown::Difference {
            "report-alt-difference"
        } else {
            "report-alt-values"
        };
        self.texts.with(
            key,
            &[
                ("title", field_title(field, self.texts)),
                ("variant", self.name(variant)),
                ("low", at(0.0)),
                ("middle", at(0.5)),
                ("high", at(1.0)),
            ],
        )
    }

    fn facades(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.sun(variant) else {
                continue;
            };
            let cities = self.cities_of(variant);
            for date in sun::days(simulation) {
                let Some(day) = self.facade_day(variant, &date) else {
                    continue;
                };
                if day.pairs.is_empty() {
                    continue;
                }
                if !any {
                    self.heading(out, "report-facades");
                    let _ = writeln!(out, "<p>{}</p>", self.t("report-facades-intro"));
                    any = true;
                }
                let mut title = self.texts.language().date(&date);
                if variant > 0 {
                    title = format!("{}, {title}", self.name(variant));
                }
                let _ = writeln!(out, "<h3>{}</h3>", escape(&title));
                self.facade_section(out, variant, &cities, &day);
            }
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
            if losing > top.len() {
                let more = self.texts.with(
                    "report-facades-more",
                    &[
                        ("count", Arg::from(losing - top.len())),
                        ("file", Arg::from(self.csv(variant, "facades"))),
                    ],
                );
                let _ = writeln!(out, r#"<p class="quiet small">{}</p>"#, escape(&more));
            }
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

    fn csv(&self, variant: usize, table: &str) -> String {
        format!("{}/{table}.csv", variant_folder(self.run, variant))
    }

    /// Key figures of drafts and of buildings whose class changes; the others are in the CSV.
    fn buildings(&self, out: &mut String) {
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
                if changes.len() > shown.len() {
                    let more = self.texts.with(
                        "report-buildings-more",
                        &[
                            ("count", Arg::from(changes.len() - shown.len())),
                            ("file", Arg::from(self.csv(variant, "buildings"))),
                        ],
                    );
                    let _ = writeln!(out, r#"<p class="quiet small">{}</p>"#, escape(&more));
                }
            }
        }
    }

    /// Own points of the user: a short table, the rest in the CSV.
    fn receivers(&self, out: &mut String) {
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

    fn findings(&self, out: &mut String) {
        self.heading(out, "report-findings");
        let findings = all_findings(self.run);
        if findings.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", self.t("report-findings-none"));
            return;
        }
        let _ = writeln!(out, "<p>{}</p>", self.t("report-findings-intro"));
        // One row per kind and set of variants.
        let mut groups: Vec<(&Finding, &[usize], Vec<&Finding>)> = Vec::new();
        for (finding, variants) in &findings {
            match groups
                .iter_mut()
                .find(|(first, of, _)| first.code == finding.code && of == variants)
            {
                Some((_, _, list)) => list.push(finding),
                None => groups.push((finding, variants, vec![finding])),
            }
        }
        // Warnings first, then the most frequent.
        groups.sort_by(|(a, of_a, list_a), (b, of_b, list_b)| {
            b.severity
                .cmp(&a.severity)
                .then(list_b.len().cmp(&list_a.len()))
                .then(a.code.cmp(&b.code))
                .then(of_a.cmp(of_b))
        });
        let _ = write!(
            out,
            r#"<table><caption>{}</caption><thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col" class="num">{}</th><th scope="col">{}</th></tr></thead><tbody>"#,
            self.t("report-findings-caption"),
            self.t("report-finding-kind"),
            self.t("common-variant"),
            self.t("report-finding-count"),
            self.t("report-finding-text"),
        );
        for (first, variants, list) in &groups {
            let severity = match first.severity {
                Severity::Warning => "report-severity-warning",
                Severity::Info => "report-severity-info",
            };
            let objects: Vec<String> = list
                .iter()
                .filter_map(|f| f.object.as_deref())
                .take(4)
                .map(|o| shortened(o, 36))
                .collect();
            let _ = write!(
                out,
                r#"<tr><td>{}</td><td>{}</td><td class="num">{}</td><td>{}"#,
                self.t(severity),
                escape(&self.names(variants)),
                self.texts.language().number(list.len() as f64, 0),
                escape(&shortened(&self.texts.finding(first), 400)),
            );
            if list.len() > 1 && !objects.is_empty() {
                let _ = write!(
                    out,
                    r#"<br><span class="quiet">{} {}{}</span>"#,
                    self.t("report-finding-objects"),
                    escape(&objects.join(", ")),
                    if list.len() > objects.len() {
                        " …"
                    } else {
                        ""
                    }
                );
            }
            let _ = write!(
                out,
                r#" <span class="code">{}</span></td></tr>"#,
                escape(&first.code)
            );
        }
        out.push_str("</tbody></table>\n");
    }

    fn assumptions(&self, out: &mut String) {
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

    fn method(&self, out: &mut String) {
        self.heading(out, "report-method");
        for simulation in self
            .run
            .variants
            .first()
            .iter()
            .flat_map(|v| &v.simulations)
        {
            if self.mixed() {
                let title = simulation_title(simulation.simulation);
                let _ = writeln!(out, "<h3>{}</h3>", self.t(title));
            }
            let keys: &[&str] = match simulation.simulation {
                sun::SIMULATION => &[
                    "report-method-sun",
                    "report-method-sun-rule",
                    "report-method-sun-limits",
                ],
                flood::SIMULATION => &[
                    "report-method-flood",
                    "report-method-flood-maps",
                    "report-method-flood-classes",
                    "report-method-flood-limits",
                ],
                wind::SIMULATION => &[
                    "report-method-wind",
                    "report-method-wind-comfort",
                    "report-method-wind-limits",
                ],
                traffic::SIMULATION => &[
                    "report-method-traffic",
                    "report-method-traffic-measures",
                    "report-method-traffic-limits",
                ],
                access::SIMULATION => &[
                    "report-method-access",
                    "report-method-access-people",
                    "report-method-access-limits",
                ],
                shuttle::SIMULATION => &[
                    "report-method-shuttle",
                    "report-method-shuttle-measures",
                    "report-method-shuttle-limits",
                ],
                _ => &[],
            };
            for key in keys {
                let _ = writeln!(out, "<p>{}</p>", self.t(key));
            }
            let tier_2 = ("method-wind-equations", "wind-equations-tier-2".to_owned());
            if simulation.method.contains(&tier_2) {
                let _ = writeln!(out, "<p>{}</p>", self.t("report-method-wind-tier-2"));
            }
            out.push_str("<dl class=\"method\">");
            for (key, value) in &simulation.method {
                let _ = write!(
                    out,
                    "<div><dt>{}</dt><dd>{}</dd></div>",
                    self.t(key),
                    escape(&self.method_value(value))
                );
            }
            self.facts_of_variants(out, simulation);
            out.push_str("</dl>\n");
        }
    }

    /// Facts of traffic and shuttles that only variants have, such as the settings of their priority.
    fn facts_of_variants(&self, out: &mut String, baseline: &SimulationResult) {
        if ![traffic::SIMULATION, shuttle::SIMULATION].contains(&baseline.simulation) {
            return;
        }
        let known = |key: &str| baseline.method.iter().any(|(own, _)| *own == key);
        for variant in 1..self.run.variants.len() {
            let Some(simulation) = self.simulation(variant, baseline.simulation) else {
                continue;
            };
            for (key, value) in simulation.method.iter().filter(|(key, _)| !known(key)) {
                let _ = write!(
                    out,
                    "<div><dt>{} ({})</dt><dd>{}</dd></div>",
                    self.t(key),
                    escape(&self.name(variant)),
                    escape(&self.method_value(value))
                );
            }
        }
    }

    /// A value of the method: a text key, or a text whose decimal numbers are written in the language.
    fn method_value(&self, value: &str) -> String {
        if self.texts.has(value) {
            return self.texts.get(value);
        }
        localised(value, self.texts.language())
    }

    fn sources(&self, out: &mut String) {
        self.heading(out, "report-sources");
        let _ = write!(
            out,
            r#"<table><caption>{}</caption><thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th><th scope="col" class="num">{}</th></tr></thead><tbody>"#,
            self.t("report-sources-caption"),
            self.t("report-source-layer"),
            self.t("report-source-origin"),
            self.t("report-source-licence"),
            self.t("report-source-date"),
            self.t("report-source-format"),
            self.t("report-source-objects"),
        );
        let unknown = self.t("common-unknown");
        let or_unknown =
            |text: &Option<String>| text.as_ref().map_or(unknown.clone(), |t| escape(t));
        for source in all_sources(self.run) {
            let layer = match source.layer {
                LayerKind::Buildings => "common-layer-buildings",
                LayerKind::Terrain => "common-layer-terrain",
                LayerKind::Trees => "common-layer-trees",
                LayerKind::Streets => "common-layer-streets",
                LayerKind::LandCover => "common-layer-land-cover",
            };
            let date = source.date.as_ref().map(|d| self.texts.language().date(d));
            let _ = write!(
                out,
                r#"<tr><th scope="row">{}</th><td>{}<br><span class="code">{}</span></td><td>{}</td><td>{}</td><td>{}<br><span class="quiet">{}</span></td><td class="num">{}</td></tr>"#,
                self.t(layer),
                or_unknown(&source.origin),
                escape(&shortened(&source.path, 80)),
                or_unknown(&source.licence),
                or_unknown(&date),
                escape(&source.format),
                escape(&source.crs),
                self.texts.language().number(source.objects as f64, 0),
            );
        }
        out.push_str("</tbody></table>\n");
        let _ = writeln!(
            out,
            r#"<p class="quiet small">{}{}{}</p>"#,
            self.t("report-credits"),
            self.sun(0).map_or_else(String::new, |_| format!(
                " {}",
                self.t("report-credits-sun")
            )),
            self.flood(0).map_or_else(String::new, |_| format!(
                " {}",
                self.t("report-credits-flood")
            )),
        );
    }

    fn provenance(&self, out: &mut String) {
        self.heading(out, "report-provenance");
        let _ = writeln!(out, "<p>{}</p>", self.t("report-provenance-text"));
        let seed = self.run.scenario.scenario.seed.to_string();
        let rows = [
            (
                "report-program",
                format!("Planspiel {}", env!("CARGO_PKG_VERSION")),
            ),
            ("report-scenario-file", self.run.scenario_file()),
            ("report-scenario-hash", self.run.scenario_blake3.clone()),
            ("report-seed", seed),
        ];
        out.push_str("<dl class=\"method\">");
        for (key, value) in rows {
            let _ = write!(
                out,
                r#"<div><dt>{}</dt><dd class="code">{}</dd></div>"#,
                self.t(key),
                escape(&value)
            );
        }
        let layers = all_sources(self.run).into_iter();
        let layers = layers.map(|source| (&source.path, &source.blake3));
        let files = all_inputs(self.run).into_iter();
        let files = files.map(|(_, file)| (&file.path, &file.blake3));
        // A map that gives the city its streets and the traffic its network is one file.
        let mut told: Vec<(&String, &String)> = Vec::new();
        for (path, hash) in layers.chain(files) {
            if told.contains(&(path, hash)) {
                continue;
            }
            told.push((path, hash));
            let _ = write!(
                out,
                r#"<div><dt>{}</dt><dd class="code">{}</dd></div>"#,
                escape(&shortened(path, 60)),
                escape(hash)
            );
        }
        out.push_str("</dl>\n");
    }

    /// The next facades after those in the text.
    fn annex(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.sun(variant) else {
                continue;
            };
            let cities = self.cities_of(variant);
            for date in sun::days(simulation) {
                let Some(day) = self.facade_day(variant, &date) else {
                    continue;
                };
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
                        ("date", Arg::from(self.texts.language().date(&date))),
                        ("from", Arg::from(shown + 1)),
                        ("to", Arg::from(shown + rest.len())),
                        ("file", Arg::from(self.csv(variant, "facades"))),
                    ],
                );
                out.push_str(&sun::facade_table(
                    self.texts, &cities, &day, &rest, &caption,
                ));
            }
        }
    }
}

/// A text whose ISO numbers are written in a language. Beside words, whole numbers of four digits stay: they may be years.
fn localised(text: &str, language: Language) -> String {
    let point = match language {
        Language::De => ",",
        Language::En => ".",
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // Units are no words.
    let is_word = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 4;
    let least = if text.split(' ').any(is_word) { 5 } else { 4 };
    let words = text.split(' ').map(|word| {
        let (number, rest) = match word.strip_suffix(',') {
            Some(number) => (number, ","),
            None => (word, ""),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let long = whole.len() >= least || (whole.len() == 4 && fraction.is_some());
        if digits(whole) && long && fraction.is_none_or(digits) {
            // Exact to 15 digits, which no fact exceeds.
            let value = number.parse().unwrap_or(f64::NAN);
            let decimals = fraction.map_or(0, str::len);
            return format!("{}{rest}", language.number(value, decimals));
        }
        let chars: Vec<char> = word.chars().collect();
        let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
        let mut written = String::with_capacity(word.len());
        for (i, c) in chars.iter().enumerate() {
            if *c == '.' && i > 0 && digit(i - 1) && digit(i + 1) {
                written.push_str(point);
            } else {
                written.push(*c);
            }
        }
        written
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What a map of a variant shows: the baseline is one too.
fn shown_of(variant: usize) -> Shown {
    if variant == 0 {
        Shown::Baseline
    } else {
        Shown::Variant
    }
}

/// Text key of the name of a simulation.
fn simulation_title(name: &str) -> &'static str {
    match name {
        flood::SIMULATION => "report-flood",
        wind::SIMULATION => "report-wind",
        traffic::SIMULATION => "report-traffic",
        access::SIMULATION => "report-access",
        shuttle::SIMULATION => "report-shuttle",
        _ => "report-sun",
    }
}

/// The table of a simulation with this id.
fn table<'a>(simulation: &'a SimulationResult, id: &str) -> Option<&'a Table> {
    simulation.tables.iter().find(|t| t.id == id)
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

/// Cells of a map that have a value.
fn cells_with_value(field: &Field) -> usize {
    match &field.data {
        FieldData::Raster { values, .. } => values.iter().filter(|v| v.is_finite()).count(),
        _ => 0,
    }
}

/// Figures (title, half of the page wide, drawn) under their titles; halves of one title stand in pairs.
fn arranged(figures: &[(String, bool, String)]) -> String {
    let mut out = String::new();
    let mut title = "";
    let mut open = false;
    for (of, half, drawn) in figures {
        // A map without its pair does not take the next title or a wide map beside it.
        if open && (of != title || !half) {
            out.push_str("</div>\n");
            open = false;
        }
        if of != title {
            let _ = writeln!(out, "<h3>{}</h3>", escape(of));
            title = of;
        }
        if *half && !open {
            out.push_str("<div class=\"pair\">");
            open = true;
            out.push_str(drawn);
            continue;
        }
        out.push_str(drawn);
        if open {
            out.push_str("</div>\n");
            open = false;
        }
    }
    if open {
        out.push_str("</div>\n");
    }
    out
}

const STYLE: &str = r#"
@page{size:A4;margin:18mm 18mm 18mm;@bottom-right{content:counter(page) " / " counter(pages);font:8pt "IBM Plex Sans",sans-serif;color:#6a665f}@bottom-left{content:"Planspiel";font:8pt "IBM Plex Sans",sans-serif;color:#6a665f}}
*{box-sizing:border-box}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{margin:0;background:#ecebe8;color:#26241f;font:10pt/1.45 "IBM Plex Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:210mm;margin:8mm auto;padding:18mm;background:#fff}
h1{font-size:22pt;line-height:1.15;font-weight:600;margin:0 0 4mm;overflow-wrap:anywhere}
h2{font-size:13pt;line-height:1.25;font-weight:600;margin:8mm 0 2mm;break-after:avoid}
h3{font-size:10.5pt;font-weight:600;margin:6mm 0 2mm;break-after:avoid}
p{margin:0 0 2.5mm;max-width:160mm;overflow-wrap:anywhere}
.kicker{margin:0 0 2mm;font-size:9pt;font-weight:600;letter-spacing:.06em;text-transform:uppercase;color:#b0360c}
.facts{display:flex;flex-wrap:wrap;gap:2mm 9mm;margin:0;padding:3mm 0;border-top:.3mm solid #26241f;border-bottom:.2mm solid #d4d0c9}
.facts dt{font-size:8pt;color:#6a665f}.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
.answer{margin:5.5mm 0;padding:4.5mm 6mm 2.5mm;background:#f6f3ee;border-left:1.2mm solid #d2400f;-webkit-box-decoration-break:clone;box-decoration-break:clone}
.answer p{break-inside:avoid}.answer h2,.answer h3,.answer .lead{break-after:avoid}
.answer h2{margin:0 0 2mm}
.lead{display:block;font-size:12.5pt;line-height:1.38;font-weight:600;margin-bottom:2mm}
.quiet{color:#5f5b54}.small{font-size:8.5pt}
.strong{font-weight:600}
.code{font-size:8pt;color:#5f5b54;overflow-wrap:anywhere;word-break:break-all}
.warning{padding:2mm 3mm;border-left:1.2mm solid #c77700;background:#fdf5e6}
.mark{font-size:7.5pt;font-weight:400;color:#b0360c;white-space:nowrap}
ul.variants{margin:0;padding-left:5mm}ul.variants li{margin-bottom:1.5mm;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:2mm 0 4mm;font-size:9pt;line-height:1.35}
caption{text-align:left;font-size:8.5pt;color:#5f5b54;padding-bottom:1.2mm}
th,td{text-align:left;vertical-align:top;padding:1.1mm 2.5mm 1.1mm 0;border-bottom:.2mm solid #e2dfd9;overflow-wrap:break-word}
thead th{font-weight:600;font-size:8.5pt;vertical-align:bottom;border-bottom:.3mm solid #26241f}
tbody th{font-weight:400;overflow-wrap:anywhere;min-width:26mm;hyphens:auto}
th.num,td.num{text-align:right;white-space:nowrap;overflow-wrap:normal}
thead th.num{white-space:normal}
th:last-child,td:last-child{padding-right:0}
.keep,tr{break-inside:avoid}thead{display:table-header-group}
.chip{display:inline-block;padding:.2mm 2mm;border-radius:.8mm;border:.15mm solid #6f6b65;font-size:8.5pt;white-space:nowrap}
figure{margin:0 0 4mm;break-inside:avoid}
figure img,figure svg{display:block;width:100%;height:auto}
figure.rose{max-width:80mm}
figcaption{font-size:8.5pt;color:#5f5b54;margin-top:1.5mm;max-width:160mm}
.pair{display:grid;grid-template-columns:84mm 84mm;gap:6mm;break-inside:avoid}
.method{margin:0 0 3mm;font-size:9pt}
.method div{display:grid;grid-template-columns:58mm 1fr;gap:3mm;padding:.8mm 0;border-bottom:.2mm solid #e2dfd9;break-inside:avoid}
.method dt{color:#5f5b54;overflow-wrap:anywhere}.method dd{margin:0;overflow-wrap:anywhere}
@media print{body{background:#fff}main{max-width:none;margin:0;padding:0}.break{break-before:page}}
@media screen and (max-width:700px){main{padding:5mm}.pair{grid-template-columns:1fr}}
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::sample_run;
    use crate::report::sample_water::{sample_mixed, sample_water};
    use crate::result::write::changes;

    fn html(run: &RunResult) -> String {
        report_html(run, &changes(run)).unwrap()
    }

    /// The page without fonts and pictures.
    fn words(html: &str) -> String {
        let mut out = String::new();
        for (i, part) in html.split("base64,").enumerate() {
            let text = if i == 0 {
                part
            } else {
                let end = part
                    .find(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c)))
                    .unwrap_or(part.len());
                &part[end..]
            };
            out.push_str(text);
        }
        out
    }

    #[test]
    fn the_answer_is_a_full_sentence_with_its_numbers() {
        let text = words(&html(&sample_run()));
        assert!(text.contains("Am 21. März 2027 "), "{text}");
        assert!(text.contains("niedrigere Klasse der DIN EN 17037"));
        assert!(text.contains("bester Punkt") || text.contains("besten Punkt"));
        assert!(!text.contains("{$") && !text.contains("{ $"));
    }

    #[test]
    fn halves_of_one_title_stand_in_pairs_and_titles_stand_outside() {
        let figures = [
            ("A", true, "1"),
            ("B", true, "2"),
            ("B", true, "3"),
            ("B", true, "4"),
            ("B", false, "5"),
        ];
        let figures =
            figures.map(|(title, half, drawn)| (title.to_owned(), half, drawn.to_owned()));
        let pair = "<div class=\"pair\">";
        assert_eq!(
            arranged(&figures),
            format!("<h3>A</h3>\n{pair}1</div>\n<h3>B</h3>\n{pair}23</div>\n{pair}4</div>\n5")
        );
    }

    #[test]
    fn facts_of_the_method_are_written_in_the_language() {
        let written = |text: &str| [Language::De, Language::En].map(|l| localised(text, l));
        assert_eq!(
            written("165 × 68 × 4 m, 11220"),
            ["165 × 68 × 4 m, 11.220", "165 × 68 × 4 m, 11,220"]
        );
        assert_eq!(
            written("33012, 0.382 s"),
            ["33.012, 0,382 s", "33,012, 0.382 s"]
        );
        assert_eq!(written("1201, 0.5 s"), ["1.201, 0,5 s", "1,201, 0.5 s"]);
        // Neither a year, nor a day, nor a name is a number to be parted.
        for same in ["Sturmflut 1976", "2027-03-21", "EPSG:25832", "4e-16"] {
            assert_eq!(written(same), [same, same]);
        }
        assert_eq!(written("1234.5 m³")[0], "1.234,5 m³");
    }

    #[test]
    fn the_city_model_is_named_by_its_file() {
        let mut run = sample_run();
        let name = |run: &RunResult| {
            let text = words(&html(run));
            let row = text.split("<dt>Stadtmodell</dt><dd>").nth(1).unwrap();
            row.split('<').next().unwrap().to_owned()
        };
        assert_eq!(name(&run), "sample:kai.city.json");
        let mut scenario = (*run.scenario).clone();
        scenario.scenario.city = Some("kai/*.gml".to_owned());
        run.scenario = scenario.into();
        assert_eq!(name(&run), "kai/*.gml");
    }

    #[test]
    fn every_text_of_the_report_exists_in_both_languages() {
        for language in Language::ALL {
            let mut run = sample_mixed();
            let mut scenario = (*run.scenario).clone();
            scenario.scenario.language = language;
            run.scenario = scenario.into();
            let text = words(&html(&run));
            for word in [
                "report-",
                "column-",
                "indicator-",
                "method-",
                "quantity-",
                "plane-",
                "common-",
                "class-",
                "flood-",
                "table-",
                "finding-",
            ] {
                assert!(!text.contains(&format!("[{word}")), "{language:?}: [{word}");
            }
            assert!(text.contains(&format!(r#"<html lang="{}">"#, language.code())));
        }
    }

    #[test]
    fn water_is_answered_alone_and_beside_the_sun() {
        let water = words(&html(&sample_water()));
        assert!(water.contains("Gebäuden steht das Wasser mindestens 10 cm hoch an der Fassade"));
        assert!(water.contains("100 mm in 60 min, SRI 12"));
        for part in [
            "Wasserbilanz",
            "Speicherstraße",
            "Pkw gesperrt",
            "Verfahren und Grenzen",
            "10⁻¹³",
            "ersetzen keine Ortsbegehung",
        ] {
            assert!(water.contains(part), "{part}");
        }
        for part in ["DIN EN 17037", "Sonnenstunden", "report-", "{$", "{ $"] {
            assert!(!water.contains(part), "{part}");
        }
        let mixed = words(&html(&sample_mixed()));
        for part in [
            "<h3>Sonne</h3>",
            "<h3>Wasser</h3>",
            "DIN EN 17037",
            "Wasserbilanz",
        ] {
            assert!(mixed.contains(part), "{part}");
        }
        let sun = words(&html(&sample_run()));
        assert!(
            !sun.contains("Wasser"),
            "the sun alone says nothing of water"
        );
    }

    #[test]
    fn water_of_the_baseline_alone_is_answered() {
        let mut run = sample_water();
        run.variants.truncate(1);
        let text = words(&html(&run));
        assert!(text.contains("Am tiefsten steht es an"), "{text}");
        assert!(text.contains("sind zeitweise für Pkw unpassierbar"));
        assert!(!text.contains("statt"));
    }

    #[test]
    fn hostile_names_stay_text_and_nothing_is_loaded_from_outside() {
        let mut run = sample_run();
        let mut scenario = (*run.scenario).clone();
        scenario.scenario.name = "<script>alert(1)</script><img src=x onerror=alert(1)>".into();
        scenario.scenario.comment = Some("\"><iframe src=http://127.0.0.1>".into());
        scenario.variants[0].name = "<b onclick=x>".into();
        run.scenario = scenario.into();
        run.scenario_path = "<svg onload=1>".into();
        run.variants[1].name = "<b onclick=x>".into();
        let text = words(&html(&run));
        for bad in [
            "<script",
            "<iframe",
            "<b onclick",
            "<img src=x",
            "<svg onload",
        ] {
            assert!(!text.contains(bad), "{bad}");
        }
        assert!(!text.contains("src=\"http") && !text.contains("href=\"http"));
    }

    #[test]
    fn changes_of_key_figures_say_for_how_many_objects_they_hold() {
        let run = sample_run();
        let rows = indicator_differences(&run.variants[0], &run.variants[1], "sun");
        let text = words(&html(&run));
        for row in &rows {
            let n = Language::De.number(row.matched.as_ref().unwrap().count as f64, 0);
            assert!(text.contains(&format!("n = {n}<")), "{n}");
        }
        assert!(text.contains("die es im Bestand und in der Variante gibt"));
    }

    #[test]
    fn drafts_and_buildings_of_another_class_are_listed() {
        let text = words(&html(&sample_run()));
        let table = text.split("deren Klasse sich ändert").nth(1).unwrap();
        let table = table.split("</table>").next().unwrap();
        assert!(table.contains(r#"title="turm">Turm "#), "{table}");
        assert!(table.matches("<tr>").count() <= SHORT_ROWS + 1);
    }

    #[test]
    fn findings_of_one_variant_name_it() {
        let mut run = sample_run();
        let mut city = (*run.variants[1].city).clone();
        city.findings
            .push(Finding::warning("draft-empty").object("turm"));
        run.variants[1].city = city.into();
        let text = words(&html(&run));
        let row = |code: &str| {
            let end = text.find(&format!(">{code}</span>")).unwrap();
            text[..end].rsplit("<tr>").next().unwrap().to_owned()
        };
        assert!(row("draft-empty").contains("<td>Turm am Kai</td>"));
        assert!(row("height-assumed").contains("<td>alle</td>"));
    }

    #[test]
    fn a_baseline_alone_is_answered_too() {
        let mut run = sample_run();
        run.variants.truncate(1);
        let mut scenario = (*run.scenario).clone();
        scenario.variants.clear();
        run.scenario = scenario.into();
        let text = words(&html(&run));
        assert!(text.contains("Mindestempfehlung"), "{text}");
    }

    #[test]
    fn assumed_heights_are_named() {
        let text = words(&html(&sample_run()));
        assert!(text.contains("Höhe angenommen"));
        assert!(text.contains("angenommene"));
    }

    #[test]
    fn pictures_have_words_and_tables_have_heads() {
        let text = words(&html(&sample_mixed()));
        assert!(!text.contains("alt=\"\""));
        let count = |what: &str| text.matches(what).count();
        assert!(count("<img ") >= 3);
        assert!(count("<table") >= 3);
        assert_eq!(count("<table"), count("<caption>"));
        assert_eq!(count("<table"), count("<thead>"));
        for tag in ["table", "figure", "section", "dl", "ul", "div", "tr", "p"] {
            assert_eq!(
                count(&format!("<{tag}>")) + count(&format!("<{tag} ")),
                count(&format!("</{tag}>")),
                "{tag}"
            );
        }
    }
}
