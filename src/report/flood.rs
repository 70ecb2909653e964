//! The part of the report that answers for water: sentences, tables of buildings and streets, the balance, and series at gauges.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::city::City;
use crate::flood::present::FLOODED_M;
use crate::result::compare::compare_tables;
use crate::result::legend::{css_color, legend};
use crate::result::{Cell, Field, SimulationResult, Table};
use crate::text::{Arg, Language, Texts};

use super::escape::{NAME_LEAST_MM, draw_name, escape, name_width, shortened};
use super::map_svg::{fitted, text_width};
use super::sun::{building_label, html_table, marks, number_cell};

pub use crate::flood::present::SIMULATION;

/// A change (m) at a facade that the report calls one.
const VISIBLE_M: f64 = 0.05;
/// Points of a curve on paper; more cannot be told apart.
const CURVE_POINTS: usize = 400;

/// Water at a building, before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingWater {
    /// Id of the building.
    pub building: String,
    /// Largest depth (m) at its facade in the baseline.
    pub before: Option<f64>,
    /// Largest depth (m) at its facade in the variant.
    pub after: Option<f64>,
    /// Highest level (m above datum), of the variant where it is there.
    pub level: Option<f64>,
    /// Largest speed (m/s) at the facade.
    pub speed: Option<f64>,
    /// Hazard (m²/s).
    pub hazard: Option<f64>,
    /// Arrival of the water (in the unit of the table).
    pub arrival: Option<f64>,
    /// Text key of the class.
    pub class: String,
}

impl BuildingWater {
    /// Change (m), where both are there.
    pub fn change(&self) -> Option<f64> {
        Some(self.after? - self.before?)
    }

    fn deepest(&self) -> f64 {
        let [before, after] = [self.before, self.after].map(|d| d.unwrap_or(0.0));
        before.max(after)
    }
}

/// The table of a simulation with this id.
pub fn table<'a>(result: &'a SimulationResult, id: &str) -> Option<&'a Table> {
    result.tables.iter().find(|t| t.id == id)
}

/// Name of the event with the highest level at the edge, if one comes from there.
pub fn event(texts: &Texts, result: &SimulationResult) -> Option<String> {
    let fact = |key: &str| {
        let mut facts = result.method.iter();
        facts.find(|(k, _)| *k == key).map(|(_, value)| value)
    };
    let name = fact("method-flood-event")?;
    let mut name = if texts.has(name) {
        texts.get(name)
    } else {
        name.clone()
    };
    let peak = fact("method-flood-peak-level").and_then(|p| p.split(' ').next()?.parse().ok());
    if let Some(metres) = peak {
        let level = texts.language().with_unit(metres, 2, "m");
        let peak = texts.with("report-flood-peak", &[("level", level)]);
        name = format!("{name}, {peak}");
    }
    Some(name)
}

/// Unit of the times in the tables: `min` or `h`.
fn time_unit(table: &Table) -> &'static str {
    let mut columns = table.columns.iter();
    let found = columns.find(|c| ["min", "h"].contains(&c.unit));
    found.map_or("min", |c| c.unit)
}

/// Buildings of a variant compared with the baseline; without a baseline the variant stands alone.
pub fn buildings(
    baseline: Option<&SimulationResult>,
    result: &SimulationResult,
) -> Vec<BuildingWater> {
    const ID: &str = "flood_buildings";
    let Some(new) = table(result, ID) else {
        return Vec::new();
    };
    let old = baseline.and_then(|b| table(b, ID));
    let read = |table: &Table, row: usize, column: &str| -> Option<f64> {
        table.rows.get(row)?.get(table.column(column)?)?.number()
    };
    let pairs: Vec<(Option<usize>, Option<usize>)> = match old {
        Some(old) => {
            let rows = compare_tables(old, new).rows;
            rows.iter().map(|r| (r.baseline, r.variant)).collect()
        }
        None => (0..new.rows.len()).map(|i| (None, Some(i))).collect(),
    };
    let arrival = format!("arrival_{}", time_unit(new));
    pairs
        .into_iter()
        .filter_map(|(before, after)| {
            let (table, row) = match (after, before, old) {
                (Some(row), _, _) => (new, row),
                (None, Some(row), Some(old)) => (old, row),
                _ => return None,
            };
            let value = |column: &str| read(table, row, column);
            Some(BuildingWater {
                building: table.rows[row].first()?.plain(),
                before: before.and_then(|i| read(old?, i, "depth_max_m")),
                after: after.and_then(|i| read(new, i, "depth_max_m")),
                level: value("level_max_m"),
                speed: value("speed_max_m_per_s"),
                hazard: value("hazard_max_m2_per_s"),
                arrival: value(&arrival),
                class: table.rows[row][table.column("class")?].plain(),
            })
        })
        .collect()
}

/// Last part of the text key of a map's caption.
pub fn caption(field: &Field) -> &'static str {
    match field.id.as_str() {
        "flood_depth_max" => "depth",
        "flood_speed_max" => "speed",
        "flood_hazard_max" => "hazard",
        "flood_sink_depth" => "sinks",
        "flood_flow_accumulation" => "paths",
        _ => "other",
    }
}

fn indicator(result: &SimulationResult, id: &str) -> Option<f64> {
    let mut all = result.indicators.iter();
    all.find(|i| i.id == id).map(|i| i.value)
}

/// An area in m², or in ha from one ha on.
fn area(m2: f64, language: Language) -> String {
    if m2 >= 10_000.0 {
        language.with_unit(m2 / 10_000.0, 1, "ha")
    } else {
        language.with_unit((m2 / 10.0).round() * 10.0, 0, "m²")
    }
}

/// A length in m, or in km from one km on.
fn length(m: f64, language: Language) -> String {
    if m >= 1000.0 {
        language.with_unit(m / 1000.0, 1, "km")
    } else {
        language.with_unit((m / 10.0).round() * 10.0, 0, "m")
    }
}

/// The answer for one variant in full sentences, the first with the number.
pub fn answer(
    texts: &Texts,
    cities: &[&City],
    baseline: Option<&SimulationResult>,
    result: &SimulationResult,
) -> Vec<String> {
    let event = event(texts, result).unwrap_or_default();
    let event = event.as_str();
    match baseline {
        Some(baseline) => variant_answer(texts, cities, baseline, result, event),
        None => baseline_answer(texts, cities, result, event),
    }
}

fn baseline_answer(
    texts: &Texts,
    cities: &[&City],
    result: &SimulationResult,
    event: &str,
) -> Vec<String> {
    let language = texts.language();
    let mut sentences = Vec::new();
    let all = buildings(None, result);
    let depth = |b: &BuildingWater| b.after.unwrap_or(0.0);
    if !all.is_empty() {
        let count = all.iter().filter(|b| depth(b) >= FLOODED_M).count();
        sentences.push(texts.with(
            "report-flood-baseline",
            &[
                ("count", Arg::from(count)),
                ("total", Arg::from(all.len())),
                ("event", Arg::from(event)),
            ],
        ));
        let deepest = all.iter().find(|b| depth(b) >= FLOODED_M);
        if let Some(deepest) = deepest {
            sentences.push(texts.with(
                "report-flood-deepest",
                &[
                    ("building", building_label(cities, &deepest.building)),
                    ("depth", language.with_unit(depth(deepest), 2, "m")),
                ],
            ));
        }
    }
    if let Some(m2) = indicator(result, "flood_area") {
        let key = if sentences.is_empty() {
            "report-flood-area-event"
        } else {
            "report-flood-area"
        };
        let args = [("area", area(m2, language)), ("event", event.to_owned())];
        sentences.push(texts.with(key, &args));
    }
    if let (Some(car), Some(ambulance)) = (
        indicator(result, "flood_streets_car"),
        indicator(result, "flood_streets_ambulance"),
    ) {
        let key = if car > 0.0 {
            "report-flood-streets"
        } else {
            "report-flood-streets-free"
        };
        let lengths = [("car", car), ("ambulance", ambulance)];
        sentences.push(texts.with(key, &lengths.map(|(n, m)| (n, length(m, language)))));
    }
    sentences
}

fn variant_answer(
    texts: &Texts,
    cities: &[&City],
    baseline: &SimulationResult,
    result: &SimulationResult,
    event: &str,
) -> Vec<String> {
    let language = texts.language();
    let mut sentences = Vec::new();
    let all = buildings(Some(baseline), result);
    let both: Vec<&BuildingWater> = all.iter().filter(|b| b.change().is_some()).collect();
    let metres = |m: Option<f64>| language.with_unit(m.unwrap_or(0.0), 2, "m");
    let count = |test: &dyn Fn(&BuildingWater) -> bool| both.iter().filter(|b| test(b)).count();
    if !both.is_empty() {
        let flooded = |depth: Option<f64>| depth.is_some_and(|d| d >= FLOODED_M);
        let before = count(&|b| flooded(b.before));
        let after = count(&|b| flooded(b.after));
        let key = if before == after {
            "report-flood-unchanged"
        } else {
            "report-flood-changed"
        };
        sentences.push(texts.with(
            key,
            &[
                ("before", Arg::from(before)),
                ("after", Arg::from(after)),
                ("event", Arg::from(event)),
            ],
        ));
        let lower = count(&|b| b.change().is_some_and(|c| c <= -VISIBLE_M));
        let higher = count(&|b| b.change().is_some_and(|c| c >= VISIBLE_M));
        sentences.push(texts.with(
            "report-flood-buildings-change",
            &[("lower", Arg::from(lower)), ("higher", Arg::from(higher))],
        ));
        let change = |b: &&BuildingWater| b.change().unwrap_or(0.0);
        // The first of equal ones in the order of the table.
        let most = |sign: f64| {
            both.iter().copied().reduce(|a, b| {
                if sign * change(&b) > sign * change(&a) {
                    b
                } else {
                    a
                }
            })
        };
        for (sign, key) in [(-1.0, "report-flood-best"), (1.0, "report-flood-worst")] {
            let Some(building) = most(sign).filter(|b| sign * change(b) >= VISIBLE_M) else {
                continue;
            };
            sentences.push(texts.with(
                key,
                &[
                    ("building", building_label(cities, &building.building)),
                    ("before", metres(building.before)),
                    ("after", metres(building.after)),
                ],
            ));
        }
    }
    let pair = |id: &str| Some([indicator(baseline, id)?, indicator(result, id)?]);
    if let Some([before, after]) = pair("flood_area") {
        let key = if sentences.is_empty() {
            "report-flood-area-change-event"
        } else {
            "report-flood-area-change"
        };
        sentences.push(texts.with(
            key,
            &[
                ("before", area(before, language)),
                ("after", area(after, language)),
                ("event", event.to_owned()),
            ],
        ));
    }
    if let (Some(car), Some(ambulance)) =
        (pair("flood_streets_car"), pair("flood_streets_ambulance"))
    {
        let metres = |m: f64| length(m, language);
        sentences.push(texts.with(
            "report-flood-streets-change",
            &[
                ("car_before", metres(car[0])),
                ("car_after", metres(car[1])),
                ("ambulance_before", metres(ambulance[0])),
                ("ambulance_after", metres(ambulance[1])),
            ],
        ));
    }
    sentences
}

/// Buildings that the text lists: those with 10 cm or more on one side, the largest changes first; without a baseline the
/// deepest first.
pub fn listed_buildings(all: &[BuildingWater], alone: bool) -> Vec<&BuildingWater> {
    let mut listed: Vec<&BuildingWater> = all.iter().filter(|b| b.deepest() >= FLOODED_M).collect();
    let rank = |b: &BuildingWater| {
        let change = b.change().map_or(0.0, f64::abs);
        // Changes of a hair are no reason to come first.
        if alone || change < 0.01 { 0.0 } else { change }
    };
    listed.sort_by(|a, b| {
        let change = rank(b).total_cmp(&rank(a));
        change.then(b.deepest().total_cmp(&a.deepest()))
    });
    listed
}

/// Table of buildings with the water at their facades.
pub fn building_table(
    texts: &Texts,
    cities: &[&City],
    shown: &[&BuildingWater],
    unit: &str,
    alone: bool,
    caption: &str,
) -> String {
    let language = texts.language();
    let number = |value: Option<f64>, decimals: usize, unit: &str| {
        let text = value.map_or_else(|| "–".to_owned(), |v| language.with_unit(v, decimals, unit));
        number_cell(&text)
    };
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|b| {
            let mut row = vec![format!(
                r#"<th scope="row" title="{}">{}{}</th>"#,
                escape(&b.building),
                escape(&building_label(cities, &b.building)),
                marks(texts, cities, &b.building)
            )];
            if !alone {
                row.push(number(b.before, 2, "m"));
            }
            row.push(number(b.after, 2, "m"));
            if !alone {
                let change = b
                    .change()
                    .map_or_else(|| "–".to_owned(), |c| language.signed_with_unit(c, 2, "m"));
                row.push(format!(
                    r#"<td class="num strong">{}</td>"#,
                    escape(&change)
                ));
            }
            row.extend([
                number(b.level, 2, "m"),
                number(b.speed, 1, "m/s"),
                number(b.arrival, usize::from(unit == "h"), unit),
                format!("<td>{}</td>", class_chip(&b.class, texts)),
                format!("<td>{}</td>", hazard_chip(b.hazard, texts)),
            ]);
            row
        })
        .collect();
    let mut head = vec![("report-column-building", "")];
    if !alone {
        head.push(("report-column-before", "num"));
    }
    head.push(if alone {
        ("report-flood-column-depth", "num")
    } else {
        ("report-column-after", "num")
    });
    if !alone {
        head.push(("report-column-change", "num"));
    }
    head.extend([
        ("report-flood-column-level", "num"),
        ("report-flood-column-speed", "num"),
        ("report-flood-column-arrival", "num"),
        ("report-column-class", ""),
        ("report-flood-column-hazard", ""),
    ]);
    html_table(texts, caption, &head, &rows)
}

/// Classes at the facade with their colours: steps of the blue of depths.
const CLASSES: [(&str, [u8; 3], [u8; 3]); 6] = [
    ("class-flood-none", [0xf6, 0xf5, 0xf2], [0, 0, 0]),
    ("class-flood-3-10", [0xb7, 0xd4, 0xea], [0, 0, 0]),
    ("class-flood-10-30", [0x84, 0xbc, 0xdb], [0, 0, 0]),
    ("class-flood-30-50", [0x41, 0x91, 0xc6], [0, 0, 0]),
    ("class-flood-50-100", [0x1d, 0x6c, 0xb1], [255, 255, 255]),
    ("class-flood-above-100", [0x08, 0x30, 0x6b], [255, 255, 255]),
];

fn chip(background: [u8; 3], ink: [u8; 3], label: &str) -> String {
    format!(
        r#"<span class="chip" style="background:{};color:{}">{}</span>"#,
        css_color(background),
        css_color(ink),
        escape(label)
    )
}

fn class_chip(class: &str, texts: &Texts) -> String {
    CLASSES.iter().find(|(key, ..)| *key == class).map_or_else(
        || "–".to_owned(),
        |(key, color, ink)| chip(*color, *ink, &texts.get(key)),
    )
}

/// The hazard class without its explanation in brackets.
fn hazard_chip(hazard: Option<f64>, texts: &Texts) -> String {
    hazard
        .and_then(|h| {
            let rating = legend("flood_hazard_rating")?;
            // A film of rain is no danger of the lowest class.
            rating.drawn(h).and_then(|_| rating.class(h))
        })
        .map_or_else(
            || "–".to_owned(),
            |class| {
                let label = class.label(texts.language());
                let short = label.split([':', '(']).next().unwrap_or(label).trim();
                chip(class.color, class.ink, short)
            },
        )
}

/// How many buildings are in each class, baseline and variant, as a bar per row. Buildings without water are the rest of the bar.
pub fn class_chart(texts: &Texts, rows: &[(String, Vec<&str>)]) -> String {
    const WIDTH: f64 = 174.0;
    let left = name_width(rows.iter().map(|(name, _)| name.as_str()));
    // Half a border lies beyond the last bar.
    let bar = WIDTH - left - 0.1;
    let mut body = String::new();
    let mut spoken = Vec::new();
    let language = texts.language();
    for (r, (name, classes)) in rows.iter().enumerate() {
        let y = 9.0 * r as f64;
        draw_name(&mut body, name, left, y);
        let total = classes.len().max(1) as f64;
        let mut x = left;
        // The deepest first: they matter, and begin at the same line in all rows.
        for (key, color, ink) in CLASSES.iter().rev() {
            let count = classes.iter().filter(|c| *c == key).count();
            if count == 0 {
                continue;
            }
            let width = bar * count as f64 / total;
            let _ = write!(
                body,
                r##"<rect x="{x:.2}" y="{:.1}" width="{width:.2}" height="7" fill="{}" stroke="#6f6b65" stroke-width="0.15"/>"##,
                y + 0.3,
                css_color(*color)
            );
            let label = language.number(count as f64, 0);
            if width > 2.2 * label.len() as f64 + 1.0 {
                let _ = write!(
                    body,
                    r#"<text x="{:.2}" y="{:.1}" font-size="3.2" font-weight="600" fill="{}" text-anchor="middle">{label}</text>"#,
                    x + 0.5 * width,
                    y + 4.9,
                    css_color(*ink)
                );
            }
            spoken.push(format!("{name}: {} {label}", texts.get(key)));
            x += width;
        }
    }
    let y = 9.0 * rows.len() as f64 + 2.0;
    let mut x = NAME_LEAST_MM;
    for (key, color, _) in CLASSES.iter().rev() {
        let label = texts.get(key);
        let _ = write!(
            body,
            r##"<rect x="{x:.1}" y="{y:.1}" width="3.6" height="3.6" fill="{}" stroke="#6f6b65" stroke-width="0.15"/><text x="{:.1}" y="{:.1}" font-size="2.7" fill="#26241f">{}</text>"##,
            css_color(*color),
            x + 4.8,
            y + 2.8,
            escape(&label)
        );
        x += 4.8 + text_width(&label, 2.7) + 3.0;
    }
    format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {:.1}" role="img" aria-label="{}">{body}</svg>"#,
        y + 5.0,
        escape(&spoken.join("; "))
    )
}

/// A street of one name, or of one id where it has none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreetWater {
    /// Name, or class and id.
    pub label: String,
    /// Largest depth (m) in the baseline.
    pub before: Option<f64>,
    /// Largest depth (m) in the variant.
    pub after: f64,
    /// Length (m) with more than 10 cm.
    pub flooded_m: f64,
    /// Cars may use it; a footway has no passability to lose.
    pub driven: bool,
    /// For car, bus and ambulance: begin and end of the time without passage; `None` where it can always pass.
    pub blocked: [Option<[f64; 2]>; 3],
}

/// Flooded streets of the result, the deepest first; ways of the same name as one.
pub fn streets(baseline: Option<&SimulationResult>, result: &SimulationResult) -> Vec<StreetWater> {
    const ID: &str = "flood_streets";
    let Some(new) = table(result, ID) else {
        return Vec::new();
    };
    let unit = time_unit(new);
    let label = |table: &Table, row: &[Cell]| -> String {
        let cell = |id: &str| table.column(id).map(|c| row[c].plain()).unwrap_or_default();
        let name = cell("name");
        if name.is_empty() {
            format!("{} {}", cell("class"), cell("street"))
        } else {
            name
        }
    };
    let value = |table: &Table, row: &[Cell], id: &str| -> Option<f64> {
        row.get(table.column(id)?)?.number()
    };
    let mut before: BTreeMap<String, f64> = BTreeMap::new();
    if let Some(old) = baseline.and_then(|b| table(b, ID)) {
        for row in &old.rows {
            let depth = value(old, row, "depth_max_m").unwrap_or(0.0);
            let entry = before.entry(label(old, row)).or_insert(depth);
            *entry = entry.max(depth);
        }
    }
    let mut all: BTreeMap<String, StreetWater> = BTreeMap::new();
    for row in &new.rows {
        let name = label(new, row);
        let entry = all.entry(name.clone()).or_insert_with(|| StreetWater {
            before: before.get(&name).copied(),
            label: name,
            ..StreetWater::default()
        });
        let of = |id: &str| value(new, row, id);
        entry.after = entry.after.max(of("depth_max_m").unwrap_or(0.0));
        entry.flooded_m += of("flooded_length_m").unwrap_or(0.0);
        entry.driven |= of("car_blocked_length_m").is_some();
        for (span, vehicle) in entry.blocked.iter_mut().zip(["car", "bus", "ambulance"]) {
            let from = of(&format!("{vehicle}_blocked_from_{unit}"));
            let to = of(&format!("{vehicle}_blocked_to_{unit}"));
            if let (Some(from), Some(to)) = (from, to) {
                *span = Some(span.map_or([from, to], |[a, b]| [a.min(from), b.max(to)]));
            }
        }
    }
    let deepest = |s: &StreetWater| s.after.max(s.before.unwrap_or(0.0));
    let mut all: Vec<StreetWater> = all
        .into_values()
        .filter(|s| deepest(s) >= FLOODED_M)
        .collect();
    all.sort_by(|a, b| deepest(b).total_cmp(&deepest(a)));
    all
}

/// Table of flooded streets: depth, length, and when who cannot pass. `end` is the end of the run in the unit of the times.
pub fn street_table(
    texts: &Texts,
    result: &SimulationResult,
    shown: &[StreetWater],
    alone: bool,
    caption: &str,
) -> String {
    let language = texts.language();
    let unit = table(result, "flood_streets").map_or("min", time_unit);
    let decimals = usize::from(unit == "h");
    let last = result
        .passability
        .as_ref()
        .and_then(|p| p.times_s.last().copied())
        .map(|s| s / if unit == "h" { 3600.0 } else { 60.0 });
    let span = |span: Option<[f64; 2]>| -> String {
        let Some([from, to]) = span else {
            return texts.get("report-flood-passable");
        };
        let start = language.number(from, decimals);
        // Blocked at the end of the run: nobody knows until when.
        if last.is_some_and(|last| to >= last - 1e-6) {
            texts.with(
                "report-flood-blocked-from",
                &[("from", format!("{start}\u{a0}{unit}"))],
            )
        } else {
            format!("{start}–{}\u{a0}{unit}", language.number(to, decimals))
        }
    };
    let metres = |m: Option<f64>| {
        number_cell(&m.map_or_else(|| "–".to_owned(), |m| language.with_unit(m, 2, "m")))
    };
    let rows: Vec<Vec<String>> = shown
        .iter()
        .map(|s| {
            let label = escape(&shortened(&s.label, 36));
            let mut row = vec![format!(r#"<th scope="row">{label}</th>"#)];
            if !alone {
                row.push(metres(s.before));
            }
            row.push(metres(Some(s.after)));
            row.push(number_cell(&language.with_unit(s.flooded_m, 0, "m")));
            row.extend(s.blocked.map(|blocked| {
                let text = if s.driven {
                    span(blocked)
                } else {
                    "–".to_owned()
                };
                format!(r#"<td class="num">{}</td>"#, escape(&text))
            }));
            row
        })
        .collect();
    let mut head = vec![("report-flood-column-street", "")];
    if !alone {
        head.push(("report-column-before", "num"));
    }
    head.extend([
        if alone {
            ("report-flood-column-depth", "num")
        } else {
            ("report-column-after", "num")
        },
        ("report-flood-column-length", "num"),
        ("report-flood-column-car", "num"),
        ("report-flood-column-bus", "num"),
        ("report-flood-column-ambulance", "num"),
    ]);
    html_table(texts, caption, &head, &rows)
}

/// The water balance of one or more runs side by side.
pub fn ledger_table(texts: &Texts, sides: &[(String, &Table)], caption: &str) -> String {
    let language = texts.language();
    // Entries in the order of the first run that has them; equal ones stand in one row.
    let mut keys: Vec<[String; 2]> = Vec::new();
    let key = |row: &[Cell]| [row[0].plain(), row[1].plain()];
    for row in sides.iter().flat_map(|(_, table)| &table.rows) {
        let key = key(row);
        if !keys.contains(&key) {
            // Before the sums at the end, which every run has.
            let end = keys.iter().position(|k| k[0] == "flood-ledger-stored");
            let place = end.filter(|_| key[0] != "flood-ledger-stored");
            keys.insert(place.unwrap_or(keys.len()).min(keys.len()), key);
        }
    }
    let order = |k: &[String; 2]| match k[0].as_str() {
        "flood-ledger-stored" => 1,
        "flood-ledger-total" => 2,
        "flood-ledger-error" => 3,
        _ => 0,
    };
    keys.sort_by_key(order);
    let mut out = format!(
        r#"<table class="keep"><caption>{}</caption><thead><tr><th scope="col">{}</th>"#,
        escape(caption),
        escape(&texts.get("column-ledger-entry"))
    );
    for (name, _) in sides {
        for column in ["column-ledger-in", "column-ledger-out"] {
            let side = if sides.len() > 1 {
                format!("{}: ", shortened(name, 24))
            } else {
                String::new()
            };
            let _ = write!(
                out,
                r#"<th scope="col" class="num">{}{}</th>"#,
                escape(&side),
                escape(&texts.get(column))
            );
        }
    }
    out.push_str("</tr></thead><tbody>");
    for key_of in &keys {
        let strong = if key_of[0] == "flood-ledger-total" {
            " strong"
        } else {
            ""
        };
        let mut label = texts.get(&key_of[0]);
        if !key_of[1].is_empty() {
            label = format!("{label} {}", shortened(&key_of[1], 32));
        }
        let _ = write!(
            out,
            r#"<tr><th scope="row" class="{}">{}</th>"#,
            strong.trim(),
            escape(&label)
        );
        for (_, table) in sides {
            let row = table.rows.iter().find(|row| key(row) == *key_of);
            for column in [2, 3] {
                let text = row
                    .and_then(|r| r.get(column)?.number())
                    .map_or_else(String::new, |v| volume(v, language));
                let _ = write!(out, r#"<td class="num{strong}">{}</td>"#, escape(&text));
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>\n");
    out
}

/// A volume: litres show where they matter, and an error of nothing is not written as 0.
fn volume(m3: f64, language: Language) -> String {
    let size = m3.abs();
    if size == 0.0 {
        language.with_unit(0.0, 0, "m³")
    } else if size < 1e-3 {
        let exponent = size.log10().floor();
        let mantissa = m3 / 10_f64.powf(exponent);
        let exponent: String = format!("{exponent:.0}")
            .chars()
            .map(|c| match c {
                '-' => '⁻',
                '1' => '¹',
                '2' => '²',
                '3' => '³',
                '0'..='9' => char::from_u32(0x2070 + (c as u32 - '0' as u32)).unwrap_or(c),
                c => c,
            })
            .collect();
        format!(
            "{}\u{a0}×\u{a0}10{exponent}\u{a0}m³",
            language.number(mantissa, 1)
        )
    } else {
        language.with_unit(m3, if size < 100.0 { 1 } else { 0 }, "m³")
    }
}

/// Depth over time at one gauge: points (s, m).
pub type Curve = Vec<[f64; 2]>;

/// Curves of all gauges in the order of the table.
pub fn curves(result: &SimulationResult) -> Vec<(String, Curve)> {
    let mut all: Vec<(String, Curve)> = Vec::new();
    let Some(series) = table(result, "flood_gauge_series") else {
        return all;
    };
    let (Some(time), Some(depth)) = (series.column("time_s"), series.column("depth_m")) else {
        return all;
    };
    for row in &series.rows {
        let id = row[0].plain();
        let (Some(t), Some(d)) = (row[time].number(), row[depth].number()) else {
            continue;
        };
        match all.last_mut() {
            Some((last, curve)) if *last == id => curve.push([t, d]),
            _ => all.push((id, vec![[t, d]])),
        }
    }
    all
}

/// The highest point of each of at most `most` equal parts of a curve, with both ends.
fn thinned(curve: &[[f64; 2]], most: usize) -> Curve {
    if curve.len() <= most {
        return curve.to_vec();
    }
    let part = curve.len().div_ceil(most.max(1));
    let mut points: Curve = curve.first().copied().into_iter().collect();
    points.extend(curve.chunks(part).filter_map(|c| {
        c.iter()
            .copied()
            .reduce(|a, b| if b[1] > a[1] { b } else { a })
    }));
    points.extend(curve.last());
    points.dedup();
    points
}

/// A step of 1, 2 or 5 times a power of ten that parts a range into at most `parts`.
fn nice_step(range: f64, parts: f64) -> f64 {
    let raw = range / parts;
    let power = 10_f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|f| f * power)
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// A step of clock times (min or h) that parts a span into at most six: 5, 10, 15 or 30 minutes, 1, 2, 3, 6, 12 or 24 hours.
fn clock_step(span: f64, unit_s: f64) -> f64 {
    let minutes = span * unit_s / 60.0;
    [
        1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 360.0, 720.0, 1440.0,
    ]
    .into_iter()
    .find(|step| minutes / step <= 6.0)
    .map_or_else(|| nice_step(span, 6.0), |step| step * 60.0 / unit_s)
}

/// Size (mm) of the names beside the curves.
const LINE_NAME_SIZE: f64 = 2.6;
/// Width (mm) of such a name at most.
const LINE_NAME_MM: f64 = 31.0;

/// Name of a curve as it stands at its end.
fn line_label(name: &str) -> String {
    fitted(name, LINE_NAME_MM, LINE_NAME_SIZE)
}

/// Depth over time at one gauge: baseline as a thin grey line, variant as a strong one, each named at its end.
pub fn gauge_chart(
    texts: &Texts,
    title: &str,
    before: Option<(&str, &[[f64; 2]])>,
    (name, after): (&str, &[[f64; 2]]),
) -> String {
    const WIDTH: f64 = 84.0;
    const LEFT: f64 = 9.0;
    const TOP: f64 = 8.0;
    const HEIGHT: f64 = 30.0;
    let language = texts.language();
    // Room for the longer of both names beside the curves, which keep most of the width.
    let mut room = 0.0_f64;
    if let Some((old, _)) = before {
        room = [old, name].map(line_label).iter().fold(0.0, |most, label| {
            most.max(text_width(label, LINE_NAME_SIZE))
        });
    }
    let right = WIDTH - if before.is_some() { room + 1.7 } else { 3.0 };
    let all = || before.iter().flat_map(|(_, c)| c.iter()).chain(after);
    let end_s = all().map(|p| p[0]).fold(1.0, f64::max);
    let top_m = all().map(|p| p[1]).fold(0.01, f64::max);
    let step = nice_step(top_m, 4.0);
    let decimals = if step < 0.1 {
        2
    } else {
        usize::from(step < 1.0)
    };
    let levels = (top_m / step).ceil().max(1.0);
    let (unit, unit_s) = if end_s <= 4.0 * 3600.0 {
        ("min", 60.0)
    } else {
        ("h", 3600.0)
    };
    let x = |s: f64| LEFT + (right - LEFT) * s / end_s;
    let y = |m: f64| TOP + HEIGHT * (1.0 - m / (levels * step));
    let mut body = format!(
        r##"<text x="0" y="3.2" font-size="3.1" font-weight="600" fill="#26241f">{}</text>"##,
        escape(&shortened(title, 40))
    );
    for i in 0..=levels as usize {
        let at = y(i as f64 * step);
        let label = language.number(i as f64 * step, decimals);
        let unit = if i == levels as usize { "\u{a0}m" } else { "" };
        let _ = write!(
            body,
            r##"<path d="M{LEFT} {at:.2}H{right:.2}" stroke="#dcd9d3" stroke-width="0.2"/><text x="{:.2}" y="{:.2}" font-size="2.6" fill="#6a665f" text-anchor="end">{label}{unit}</text>"##,
            LEFT - 1.2,
            at + 0.9
        );
    }
    let time_step = clock_step(end_s / unit_s, unit_s);
    let mut t = 0.0;
    while t * unit_s <= end_s * (1.0 + 1e-9) {
        let at = x(t * unit_s);
        let last = (t + time_step) * unit_s > end_s * (1.0 + 1e-9);
        let label = language.number(t, usize::from(time_step < 1.0));
        let unit = if last {
            format!("\u{a0}{unit}")
        } else {
            String::new()
        };
        let _ = write!(
            body,
            r##"<path d="M{at:.2} {:.2}v1" stroke="#8d8982" stroke-width="0.2"/><text x="{at:.2}" y="{:.2}" font-size="2.6" fill="#6a665f" text-anchor="middle">{label}{unit}</text>"##,
            TOP + HEIGHT,
            TOP + HEIGHT + 3.8
        );
        t += time_step;
    }
    let mut spoken = Vec::new();
    let mut labels: Vec<(f64, String, &str, &str)> = Vec::new();
    let lines = before
        .map(|(name, curve)| (name, curve, "#8d8982", "0.35", "400"))
        .into_iter()
        .chain([(name, after, "#1460a8", "0.7", "600")]);
    for (name, curve, color, width, weight) in lines {
        let mut path = String::new();
        for (i, [s, m]) in thinned(curve, CURVE_POINTS).into_iter().enumerate() {
            let letter = if i == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", x(s), y(m));
        }
        let _ = write!(
            body,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"/>"#
        );
        let most = curve.iter().map(|p| p[1]).fold(0.0, f64::max);
        let most = language.with_unit(most, 2, "m");
        spoken.push(format!("{name}: {most}"));
        if before.is_some() {
            let end = curve.last().map_or(0.0, |p| p[1]);
            labels.push((y(end), line_label(name), color, weight));
        }
    }
    // Two names need a line each.
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    if let [first, second] = labels.as_mut_slice() {
        let gap = second.0 - first.0;
        if gap < 3.2 {
            first.0 -= 0.5 * (3.2 - gap);
            second.0 += 0.5 * (3.2 - gap);
        }
    }
    for (at, name, color, weight) in labels {
        let _ = write!(
            body,
            r#"<text x="{:.2}" y="{:.2}" font-size="{LINE_NAME_SIZE}" font-weight="{weight}" fill="{color}">{}</text>"#,
            right + 1.2,
            at + 0.9,
            escape(&name)
        );
    }
    format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {:.1}" role="img" aria-label="{}">{body}</svg>"#,
        TOP + HEIGHT + 6.0,
        escape(&format!("{title}: {}", spoken.join("; ")))
    )
}

/// The largest sinks of the dry ground.
pub fn sink_table(texts: &Texts, sinks: &Table, most: usize, caption: &str) -> String {
    let language = texts.language();
    let columns = [
        ("depth_m", 2, "m"),
        ("area_m2", 0, "m²"),
        ("volume_m3", 0, "m³"),
        ("spill_level_m", 2, "m"),
        ("catchment_m2", 0, "m²"),
    ];
    let place = ["easting", "northing"].map(|id| sinks.column(id));
    let rows: Vec<Vec<String>> = sinks
        .rows
        .iter()
        .take(most)
        .map(|row| {
            let at = place.map(|c| {
                let metres = c.and_then(|c| row[c].number()).unwrap_or(f64::NAN);
                format!("{metres:.0}")
            });
            let mut cells = vec![
                format!(r#"<th scope="row">{}</th>"#, escape(&row[0].plain())),
                format!("<td>{}</td>", escape(&at.join(" / "))),
            ];
            cells.extend(columns.map(|(id, decimals, unit)| {
                let value = sinks.column(id).and_then(|c| row[c].number());
                number_cell(
                    &value
                        .map_or_else(|| "–".to_owned(), |v| language.with_unit(v, decimals, unit)),
                )
            }));
            cells
        })
        .collect();
    let head = [
        ("column-rank", ""),
        ("report-flood-column-place", ""),
        ("column-sink-depth", "num"),
        ("column-area", "num"),
        ("column-volume", "num"),
        ("column-spill-level", "num"),
        ("column-catchment", "num"),
    ];
    html_table(texts, caption, &head, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::texts;

    #[test]
    fn steps_of_axes_are_round() {
        for (range, step) in [(0.43, 0.2), (1.0, 0.5), (0.04, 0.01), (120.0, 50.0)] {
            assert!((nice_step(range, 4.0) - step).abs() < 1e-12, "{range}");
        }
    }

    #[test]
    fn hours_and_minutes_have_steps_of_clocks() {
        // 3.5 hours are no steps of 48 minutes.
        assert_eq!(
            [240.0, 210.0, 120.0, 60.0].map(|span| clock_step(span, 60.0)),
            [60.0, 60.0, 30.0, 10.0]
        );
        assert_eq!(
            [72.0, 24.0, 3.0, 1000.0].map(|span| clock_step(span, 3600.0)),
            [12.0, 6.0, 0.5, 200.0]
        );
    }

    #[test]
    fn a_long_curve_keeps_its_ends_and_its_peak() {
        let curve: Curve = (0..10_001)
            .map(|i| [f64::from(i), if i == 777 { 9.0 } else { 0.0 }])
            .collect();
        let short = thinned(&curve, 400);
        assert!(short.len() <= 403);
        assert_eq!(
            (short[0], short[short.len() - 1]),
            (curve[0], curve[10_000])
        );
        assert!(short.contains(&[777.0, 9.0]));
    }

    #[test]
    fn volumes_and_areas_are_written_for_people() {
        let de = Language::De;
        assert_eq!(volume(1234.6, de), "1.235\u{a0}m³");
        assert_eq!(volume(0.26, de), "0,3\u{a0}m³");
        assert_eq!(volume(-2.4e-13, de), "−2,4\u{a0}×\u{a0}10⁻¹³\u{a0}m³");
        assert_eq!(volume(0.0, de), "0\u{a0}m³");
        assert_eq!(area(12_345.0, de), "1,2\u{a0}ha");
        assert_eq!(area(1_234.0, de), "1.230\u{a0}m²");
        assert_eq!(length(1_240.0, de), "1,2\u{a0}km");
    }

    #[test]
    fn a_gauge_names_both_lines_at_their_ends() {
        let before = [[0.0, 0.0], [600.0, 0.4], [1200.0, 0.2]];
        let after = [[0.0, 0.0], [600.0, 0.3], [1200.0, 0.2]];
        let svg = gauge_chart(
            texts(Language::De),
            "Pegel <1>",
            Some(("Bestand", &before)),
            ("Mauer", &after),
        );
        assert!(svg.contains(">Bestand</text>") && svg.contains(">Mauer</text>"));
        assert!(svg.contains("Pegel &lt;1&gt;"));
        assert!(
            svg.contains(r#"aria-label="Pegel &lt;1&gt;: Bestand: 0,40"#),
            "{svg}"
        );
        draws(&svg);
    }

    #[test]
    fn names_at_the_curves_are_cut_at_the_paper_only() {
        let curve = [[0.0, 0.0], [600.0, 0.4]];
        let long = "Schutzwand mit Bruch";
        let svg = gauge_chart(
            texts(Language::De),
            "Pegel",
            Some(("Bestand", &curve)),
            (long, &curve),
        );
        assert!(svg.contains(&format!(">{long}</text>")), "{svg}");
        let wide = "W".repeat(60);
        for name in [long, &wide] {
            assert!(text_width(&line_label(name), LINE_NAME_SIZE) <= LINE_NAME_MM);
        }
    }

    #[test]
    fn a_way_without_cars_is_neither_blocked_nor_free() {
        let street = |label: &str, driven| StreetWater {
            label: label.to_owned(),
            after: 0.95,
            flooded_m: 20.0,
            driven,
            ..StreetWater::default()
        };
        let result = SimulationResult {
            simulation: SIMULATION,
            quality: crate::result::Quality::Exact,
            fields: Vec::new(),
            tables: Vec::new(),
            indicators: Vec::new(),
            findings: Vec::new(),
            inputs: Vec::new(),
            method: Vec::new(),
            movement: None,
            animation: None,
            passability: None,
        };
        let html = |driven| {
            let shown = [street("Kornsteg", driven)];
            street_table(texts(Language::De), &result, &shown, true, "")
        };
        assert_eq!(html(true).matches(">frei<").count(), 3);
        assert_eq!(html(false).matches(">–<").count(), 3);
        assert!(!html(false).contains("frei"));
    }

    /// Every opened element is closed: the drawing library reads it.
    fn draws(svg: &str) {
        let svg = svg.replace("<svg ", r#"<svg xmlns="http://www.w3.org/2000/svg" "#);
        assert!(crate::report::png_from_svg(&svg, 300).is_ok(), "{svg}");
    }
}
