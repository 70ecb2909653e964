//! The part of the report that answers for access: the share in a sentence with its definition, shares over the day, lines, districts, amenities,
//! isochrones.

use std::fmt::Write as _;

use crate::access::params::TransitMode;
use crate::access::present::SHARE;
use crate::result::{Cell, Field, Indicator, SimulationResult, Table};
use crate::scenario::Edit;
use crate::text::Texts;

use super::escape::{escape, shortened};
use super::flood::table;

pub use crate::access::study::SIMULATION;

/// Rows of the tables of lines and districts.
const ROWS: usize = 30;

/// An edit of public transport or shuttles in words.
pub fn edit(texts: &Texts, edit: &Edit) -> String {
    let language = texts.language();
    let minutes = |seconds: f64| language.with_unit(seconds / 60.0, 1, "min");
    match edit {
        Edit::TransitLine(line) => {
            let mode = match line.mode {
                TransitMode::Bus => "access-mode-bus",
                TransitMode::Tram => "access-mode-tram",
                TransitMode::Metro => "access-mode-metro",
                TransitMode::Rail => "access-mode-rail",
                TransitMode::Ferry => "access-mode-ferry",
            };
            texts.with(
                "report-edit-transit-line",
                &[
                    ("line", shortened(&line.line, 40)),
                    ("mode", texts.get(mode)),
                    ("count", line.stops.len().to_string()),
                    ("headway", minutes(line.headway_s)),
                ],
            )
        }
        Edit::TransitHeadway(change) => {
            let args = [
                ("line", shortened(&change.line, 40)),
                ("value", minutes(change.headway_s)),
            ];
            let text = texts.with("report-edit-headway", &args);
            match change.begin_s.zip(change.end_s) {
                Some((begin, end)) => format!("{text} ({} – {})", clock(begin), clock(end)),
                None => text,
            }
        }
        Edit::TransitStop(stop) => texts.with(
            "report-edit-transit-stop",
            &[
                ("line", shortened(&stop.line, 40)),
                ("name", shortened(&stop.name, 40)),
            ],
        ),
        Edit::TransitRemove(change) => texts.with(
            "report-edit-transit-remove",
            &[("line", shortened(&change.line, 40))],
        ),
        Edit::ShuttleOffer(shuttle) => texts.with(
            "report-edit-shuttle-offer",
            &[
                ("name", shortened(&shuttle.name, 40)),
                ("count", shuttle.stops.len().to_string()),
                ("wait", minutes(shuttle.wait_s)),
            ],
        ),
        _ => String::new(),
    }
}

fn clock(seconds: f64) -> String {
    crate::transit::clock::time_text(seconds.round() as i32)
}

fn fact<'a>(result: &'a SimulationResult, wanted: &str) -> Option<&'a str> {
    let mut facts = result.method.iter();
    let found = facts.find(|(key, _)| *key == wanted);
    found.map(|(_, value)| value.as_str())
}

/// The definition in words: what was promised, and on which data.
pub fn scope(texts: &Texts, result: &SimulationResult) -> String {
    let language = texts.language();
    let minutes = |key: &str| {
        let value = fact(result, key).unwrap_or_default();
        let seconds: f64 = value.trim_end_matches(" s").parse().unwrap_or(f64::NAN);
        language.with_unit(seconds / 60.0, usize::from(seconds % 60.0 != 0.0), "min")
    };
    let hours = fact(result, "method-access-hours")
        .unwrap_or_default()
        .to_owned();
    let speed = fact(result, "method-access-speed").unwrap_or_default();
    let speed: f64 = speed.trim_end_matches(" m/s").parse().unwrap_or(f64::NAN);
    let speed = language.with_unit(speed, 2, "m/s");
    let offers: Vec<String> = result
        .method
        .iter()
        .filter(|(key, _)| *key == "method-access-offers")
        .map(|(_, value)| texts.get(value))
        .collect();
    let common = [
        ("hours", hours),
        ("offers", offers.join(", ")),
        ("speed", speed),
    ];
    let definition = if fact(result, "method-access-total").is_some() {
        let mut args = vec![("limit", minutes("method-access-total"))];
        args.extend(common);
        texts.with("report-access-definition-total", &args)
    } else {
        let mut args = vec![
            ("walk", minutes("method-access-walk-limit")),
            ("wait", minutes("method-access-wait-limit")),
        ];
        args.extend(common);
        texts.with("report-access-definition-separate", &args)
    };
    let data = match fact(result, "method-access-timetable") {
        Some("access-timetable-sample") => "report-access-scope-sample",
        Some("access-timetable-gtfs") => "report-access-scope-gtfs",
        _ => "report-access-scope-none",
    };
    format!(
        "{definition} {} {}",
        texts.get(data),
        texts.get("report-access-scope")
    )
}

/// Text key of the caption of a map.
pub fn caption(field: &Field, is_difference: bool) -> &'static str {
    match (field.id.as_str(), is_difference) {
        (id, true) if id.starts_with("access_kept") => "report-access-caption-kept-difference",
        (_, true) => "report-access-caption-difference",
        ("access_kept", _) => "report-access-caption-kept",
        ("access_travel", _) => "report-access-caption-travel",
        _ => "report-access-caption-time",
    }
}

fn indicator<'a>(result: &'a SimulationResult, id: &str) -> Option<&'a Indicator> {
    result
        .indicators
        .iter()
        .find(|indicator| indicator.id == id)
}

/// The answer for one variant in full sentences, the first with the share.
pub fn answer(
    texts: &Texts,
    baseline: Option<&SimulationResult>,
    result: &SimulationResult,
) -> Vec<String> {
    let language = texts.language();
    let mut sentences = Vec::new();
    let value = |of: &SimulationResult, id: &str| indicator(of, id).map(|i| i.value);
    let percent = |value: f64| language.with_unit(value, 1, "%");
    if let Some(after) = value(result, SHARE) {
        let before = baseline.and_then(|baseline| value(baseline, SHARE));
        sentences.push(match before {
            None => texts.with("report-access-share", &[("value", percent(after))]),
            Some(before) => {
                let points = texts.get("report-percentage-points");
                let people = |of| value(of, "access_reached").unwrap_or(f64::NAN);
                let more = people(result) - baseline.map_or(f64::NAN, people);
                texts.with(
                    "report-access-share-change",
                    &[
                        ("before", percent(before)),
                        ("after", percent(after)),
                        (
                            "change",
                            language.signed_with_unit(after - before, 1, &points),
                        ),
                        (
                            "people",
                            language.signed_with_unit(more, 0, "").trim().to_owned(),
                        ),
                    ],
                )
            }
        });
    }
    if let Some(after) = value(result, "access_time") {
        let minutes = |value: f64| language.with_unit(value, 1, "min");
        let before = baseline.and_then(|baseline| value(baseline, "access_time"));
        sentences.push(match before {
            None => texts.with("report-access-time", &[("value", minutes(after))]),
            Some(before) => texts.with(
                "report-access-time-change",
                &[
                    ("before", minutes(before)),
                    ("after", minutes(after)),
                    (
                        "change",
                        language.signed_with_unit(after - before, 1, "min"),
                    ),
                ],
            ),
        });
    }
    sentences
}

/// Everything below the heading. `sides`: name and result, the baseline first where there is one.
pub fn section(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let mut out = String::new();
    for (id, caption, columns) in [
        (
            "access_hours",
            "report-access-hours-caption",
            &["share_percent"][..],
        ),
        (
            "access_districts",
            "report-access-districts-caption",
            &["inhabitants", "share_percent", "time_min"],
        ),
        (
            "access_lines",
            "report-access-lines-caption",
            &["journeys_in_hours"],
        ),
        (
            "access_amenities",
            "report-access-amenities-caption",
            &["share_percent", "walk_min"],
        ),
        (
            "access_isochrones",
            "report-access-isochrones-caption",
            &["inhabitants", "workplaces", "area_km2"],
        ),
    ] {
        let tables: Vec<Option<&Table>> = sides.iter().map(|(_, side)| table(side, id)).collect();
        // Every hour alike says no more than the mean.
        if id == "access_hours" && tables.iter().flatten().all(|table| is_even(table)) {
            continue;
        }
        if tables.iter().any(Option::is_some) {
            out.push_str(&beside(texts, sides, &tables, caption, columns));
        }
    }
    out
}

/// True when the second column has one value only.
fn is_even(table: &Table) -> bool {
    let mut values = table.rows.iter().map(|row| row[1].plain());
    let first = values.next();
    values.all(|value| Some(value) == first)
}

/// The same table of both sides as one: the key, then each figure on each side.
fn beside(
    texts: &Texts,
    sides: &[(String, &SimulationResult)],
    tables: &[Option<&Table>],
    caption: &str,
    columns: &[&str],
) -> String {
    let language = texts.language();
    let mut keys: Vec<Vec<Cell>> = Vec::new();
    for table in tables.iter().flatten() {
        for row in &table.rows {
            let key = row[..table.key_columns].to_vec();
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    let Some(first) = tables.iter().flatten().next() else {
        return String::new();
    };
    let mut out = format!(
        r#"<table class="keep"><caption>{}</caption><thead><tr><th scope="col">{}</th>"#,
        escape(&texts.get(caption)),
        escape(&texts.get(first.columns[0].title))
    );
    for column in columns {
        let Some(place) = first.column(column) else {
            continue;
        };
        for (name, _) in sides {
            let title = texts.get(first.columns[place].title);
            let title = match sides.len() {
                1 => title,
                _ => format!("{title}, {}", shortened(name, 30)),
            };
            let _ = write!(
                out,
                r#"<th scope="col" class="num">{}</th>"#,
                escape(&title)
            );
        }
    }
    out.push_str("</tr></thead><tbody>");
    for key in keys.iter().take(ROWS) {
        let name = match &key[0] {
            Cell::Key(key) => texts.get(key),
            other => other.plain(),
        };
        let _ = write!(out, r#"<tr><th scope="row">{}</th>"#, escape(&name));
        for column in columns {
            for table in tables {
                let text = table.and_then(|table| {
                    let row = table
                        .rows
                        .iter()
                        .find(|row| row[..table.key_columns] == key[..])?;
                    let place = table.column(column)?;
                    let unit = table.columns[place].unit;
                    Some(match &row[place] {
                        Cell::Number { value, decimals } => {
                            language.with_unit(*value, *decimals, unit)
                        }
                        Cell::Integer(value) => language.with_unit(*value as f64, 0, unit),
                        Cell::Key(key) => texts.get(key),
                        other => other.plain(),
                    })
                });
                let text = text
                    .filter(|text| !text.trim().is_empty())
                    .unwrap_or_else(|| "–".to_owned());
                let _ = write!(out, r#"<td class="num">{}</td>"#, escape(text.trim()));
            }
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>\n");
    if keys.len() > ROWS {
        let args = [
            ("shown", language.number(ROWS as f64, 0)),
            ("all", language.number(keys.len() as f64, 0)),
        ];
        let _ = writeln!(
            out,
            r#"<p class="quiet small">{}</p>"#,
            escape(&texts.with("report-access-more", &args))
        );
    }
    out
}
