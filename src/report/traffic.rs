//! The part of the report that answers for traffic: sentences, existing against planned in one table, lines, journeys over time and way, a signal
//! over time, approaches, and what the rules of the model did.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::result::{Cell, Field, SimulationResult, Table};
use crate::scenario::Edit;
use crate::text::{Arg, Language, Texts};
use crate::traffic::score::{METRIC, Metric, at};
use crate::traffic::statistics::Spread;

use super::escape::{escape, shortened};
use super::flood::table;
use super::map_svg::fitted;
use super::sun::{html_table, number_cell};

pub use crate::traffic::present::SIMULATION;
use crate::traffic::present::{GENERATED_DEMAND, SOURCE_OF_NETWORK};

/// Groups in the order of the tables: text key, table of the seeds.
const GROUPS: [(&str, &str); 4] = [
    ("traffic-group-bus", "traffic_seeds_bus"),
    ("traffic-group-car", "traffic_seeds_car"),
    ("traffic-group-truck", "traffic_seeds_truck"),
    ("traffic-group-all", "traffic_seeds_all"),
];

/// Figures of the table of existing against planned.
const COMPARED: [&str; 9] = [
    "duration_s",
    "loss_s",
    "delay_s",
    "waiting_s",
    "halts",
    "delay_h",
    "person_delay_h",
    "unfinished",
    "not_inserted",
];

/// Approaches that the report lists.
const APPROACHES: usize = 12;

/// An edit of traffic in words.
pub fn edit(texts: &Texts, edit: &Edit) -> String {
    let language = texts.language();
    let some = |names: &[String], all: &str| match names {
        [] => texts.get(all),
        names => {
            let shown: Vec<String> = names.iter().take(5).map(|n| shortened(n, 30)).collect();
            let more = if names.len() > 5 { ", …" } else { "" };
            format!("{}{more}", shown.join(", "))
        }
    };
    match edit {
        Edit::BusPriority(change) => {
            let args = [
                ("signals", some(&change.signals, "report-edit-all-signals")),
                ("lines", some(&change.lines, "report-edit-all-lines")),
            ];
            let mut text = texts.with("report-edit-bus-priority", &args);
            if let Some(late_s) = change.only_late_s {
                let late = language.with_unit(late_s, 0, "s");
                let late = texts.with("report-edit-only-late", &[("late", late)]);
                let _ = write!(text, "; {late}");
            }
            text
        }
        Edit::StreetClosure(change) => texts.with(
            "report-edit-street-closure",
            &[("streets", some(&change.streets, "report-edit-area"))],
        ),
        Edit::BusLane(change) => texts.with(
            "report-edit-bus-lane",
            &[
                ("edge", shortened(&change.edge, 40)),
                ("lane", change.lane.to_string()),
            ],
        ),
        Edit::SignalPlan(change) => texts.with(
            "report-edit-signal-plan",
            &[
                ("signal", shortened(&change.signal, 40)),
                ("count", change.phases.len().to_string()),
            ],
        ),
        Edit::Headway(change) => {
            let (key, value) = match (change.headway_s, change.factor) {
                (Some(time), _) => (
                    "report-edit-headway",
                    language.with_unit(time / 60.0, 1, "min"),
                ),
                (None, factor) => (
                    "report-edit-headway-factor",
                    language.number(factor.unwrap_or(1.0), 2),
                ),
            };
            let args = [("line", shortened(&change.line, 40)), ("value", value)];
            texts.with(key, &args)
        }
        _ => String::new(),
    }
}

/// What kind of answer it is: on which network and demand, and how it was taken.
pub fn scope(texts: &Texts, result: &SimulationResult) -> String {
    let fact = |wanted: &str| result.method.iter().find(|(key, _)| *key == wanted);
    let source = fact(SOURCE_OF_NETWORK).map_or("", |(_, value)| value.as_str());
    let key = match (source, fact(GENERATED_DEMAND).is_some()) {
        ("traffic-source-osm", false) => "report-traffic-scope-osm",
        ("traffic-source-osm", true) => "report-traffic-scope-osm-generated",
        ("traffic-source-sample", false) => "report-traffic-scope-sample",
        ("traffic-source-sample", true) => "report-traffic-scope-sample-generated",
        _ => "report-traffic-scope-sumo",
    };
    format!("{} {}", texts.get(key), texts.get("report-traffic-scope"))
}

/// Text key of the caption of a map.
pub fn caption(field: &Field, is_difference: bool) -> &'static str {
    match (field.id.starts_with("traffic_loss"), is_difference) {
        (true, true) => "report-traffic-caption-loss-difference",
        (true, false) => "report-traffic-caption-loss",
        (false, _) => "report-traffic-caption-delay",
    }
}

/// A figure of a group on one or two sides, and the change seed by seed.
struct Compared {
    /// Means over the seeds, baseline first where there is one.
    sides: Vec<Spread>,
    /// Mean of the differences of equal seeds.
    change: Option<Spread>,
}

impl Compared {
    /// Change in percent of the baseline.
    fn percent(&self) -> Option<f64> {
        let before = self.sides.first()?.mean;
        let change = 100.0 * self.change?.mean / before;
        change.is_finite().then_some(change)
    }

    /// True when the interval of the change does not hold zero.
    fn is_sure(&self) -> bool {
        self.change
            .is_some_and(|c| c.half.is_some_and(|half| c.mean.abs() > half))
    }
}

/// Values by seed of a figure.
fn by_seed(result: &SimulationResult, id: &str, column: &str) -> Option<BTreeMap<String, f64>> {
    let table = table(result, id)?;
    let place = table.column(column)?;
    let rows = table.rows.iter();
    Some(
        rows.filter_map(|row| Some((row[0].plain(), row[place].number()?)))
            .collect(),
    )
}

fn compared(sides: &[&SimulationResult], id: &str, column: &str) -> Option<Compared> {
    let values: Vec<BTreeMap<String, f64>> = sides
        .iter()
        .map(|side| by_seed(side, id, column))
        .collect::<Option<_>>()?;
    let spreads: Vec<Spread> = values
        .iter()
        .map(|of| Spread::of(of.values().copied()))
        .collect();
    if spreads.iter().any(|spread| spread.runs == 0) {
        return None;
    }
    let change = match values.as_slice() {
        [before, after] => {
            let pairs = after
                .iter()
                .filter_map(|(seed, v)| Some(v - before.get(seed)?));
            Some(Spread::of(pairs)).filter(|change| change.runs > 0)
        }
        _ => None,
    };
    Some(Compared {
        sides: spreads,
        change,
    })
}

/// `81.3 s ± 2.1`.
fn spread_text(language: Language, spread: Spread, metric: Metric, signed: bool) -> String {
    let (decimals, unit) = (metric.decimals, metric.unit);
    let value = if signed {
        language.signed_with_unit(spread.mean, decimals, unit)
    } else {
        language.with_unit(spread.mean, decimals, unit)
    };
    match spread.half {
        // In wide tables a line may end before the interval, and nowhere else.
        Some(half) => format!("{value} ±\u{a0}{}", language.number(half, decimals)),
        None => value,
    }
}

/// The answer for one variant in full sentences, the first with the number.
pub fn answer(
    texts: &Texts,
    baseline: Option<&SimulationResult>,
    result: &SimulationResult,
) -> Vec<String> {
    let language = texts.language();
    let sides: Vec<&SimulationResult> = baseline.into_iter().chain([result]).collect();
    let mut sentences = Vec::new();
    for (id, column, key) in [
        ("traffic_seeds_bus", "loss_s", "report-traffic-bus-loss"),
        ("traffic_seeds_car", "delay_s", "report-traffic-car-delay"),
        (
            "traffic_seeds_all",
            "person_delay_h",
            "report-traffic-person-delay",
        ),
    ] {
        let Some(found) = compared(&sides, id, column) else {
            continue;
        };
        let metric = METRIC[at(column)];
        let of = |spread: Spread| spread_text(language, spread, metric, false);
        let (Some(change), [before, after]) = (found.change, found.sides.as_slice()) else {
            sentences.push(texts.with(key, &[("value", of(found.sides[0]))]));
            continue;
        };
        let ending = match (change.half, found.is_sure()) {
            (_, true) => "",
            (Some(_), false) => "-unsure",
            (None, _) => "-single",
        };
        let percent = found.percent().map_or_else(
            || "–".to_owned(),
            |percent| language.signed_with_unit(percent, 1, "%"),
        );
        sentences.push(texts.with(
            &format!("{key}-change{ending}"),
            &[
                ("before", of(*before)),
                ("after", of(*after)),
                ("change", spread_text(language, change, metric, true)),
                ("percent", percent),
            ],
        ));
    }
    sentences
}

/// Everything below the heading. `sides`: name and result, the baseline first where there is one; of those before `drawn_from` the charts stand
/// elsewhere.
pub fn section(texts: &Texts, sides: &[(String, &SimulationResult)], drawn_from: usize) -> String {
    let mut out = comparison(texts, sides);
    out.push_str(&lines(texts, sides));
    let drawn = sides.get(drawn_from..).unwrap_or_default();
    for (name, result) in drawn {
        if let Some(svg) = space_time(texts, result) {
            figure(&mut out, texts, &svg, "report-traffic-space-time", name);
        }
    }
    for (name, result) in drawn {
        if let Some(svg) = timeline(texts, result) {
            figure(&mut out, texts, &svg, "report-traffic-timeline", name);
        }
    }
    if let Some((_, result)) = sides.last() {
        out.push_str(&requests(texts, result));
    }
    out.push_str(&approaches(texts, sides));
    out.push_str(&events(texts, sides));
    out
}

/// How often requests for priority were granted and refused in the first run, and why.
fn requests(texts: &Texts, result: &SimulationResult) -> String {
    let Some(table) = table(result, "traffic_requests") else {
        return String::new();
    };
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for row in &table.rows {
        let key = (row[4].plain(), row[5].plain(), row[6].plain());
        *counts.entry(key).or_default() += 1;
    }
    let mut listed: Vec<_> = counts.into_iter().collect();
    listed.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let word = |key: &str| {
        if key.is_empty() {
            "–".to_owned()
        } else {
            texts.get(key)
        }
    };
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|((status, measure, reason), count)| {
            vec![
                header(status),
                format!("<td>{}</td>", escape(&word(measure))),
                format!("<td>{}</td>", escape(&word(reason))),
                number_cell(&texts.language().number(*count as f64, 0)),
            ]
        })
        .collect();
    let head = [
        ("column-traffic-status", ""),
        ("column-traffic-measure", ""),
        ("column-traffic-reason", ""),
        ("column-traffic-count", "num"),
    ];
    html_table(
        texts,
        &texts.get("report-traffic-requests-caption"),
        &head,
        &rows,
    )
}

fn figure(out: &mut String, texts: &Texts, svg: &str, caption: &str, name: &str) {
    let caption = texts.with(caption, &[("variant", name)]);
    let _ = writeln!(
        out,
        "<figure class=\"full\">{svg}<figcaption>{}</figcaption></figure>",
        escape(&caption)
    );
}

fn header(text: &str) -> String {
    format!(r#"<th scope="row">{}</th>"#, escape(text))
}

/// Tables with more columns than this break their values before the interval, to stay on the page.
const MOST_NARROW_COLUMNS: usize = 7;

/// A table whose head is finished text with its class.
fn text_table(caption: &str, head: &[(String, &str)], rows: &[Vec<String>]) -> String {
    let wide = if head.len() > MOST_NARROW_COLUMNS {
        " wide"
    } else {
        ""
    };
    let mut out = format!(
        r#"<table class="keep{wide}"><caption>{}</caption><thead><tr>"#,
        escape(caption)
    );
    for (text, class) in head {
        let _ = write!(
            out,
            r#"<th scope="col" class="{class}">{}</th>"#,
            escape(text)
        );
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        let _ = write!(out, "<tr>{}</tr>", row.concat());
    }
    out.push_str("</tbody></table>\n");
    out
}

/// Existing against planned: a row per group and figure.
fn comparison(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let language = texts.language();
    let results: Vec<&SimulationResult> = sides.iter().map(|(_, result)| *result).collect();
    let mut head = vec![
        (texts.get("column-traffic-group"), ""),
        (texts.get("report-indicator"), ""),
    ];
    head.extend(sides.iter().map(|(name, _)| (shortened(name, 40), "num")));
    if sides.len() > 1 {
        head.push((texts.get("report-column-change"), "num"));
        head.push((texts.get("report-traffic-percent"), "num"));
    }
    let mut rows = Vec::new();
    for (group, id) in GROUPS {
        for column in COMPARED {
            let Some(found) = compared(&results, id, column) else {
                continue;
            };
            // That everybody got onto the roads is said once, of all.
            let of_all = id == "traffic_seeds_all";
            let nobody = found.sides.iter().all(|side| side.mean == 0.0);
            if column == "not_inserted" && nobody && !of_all {
                continue;
            }
            let metric = METRIC[at(column)];
            let mut row = vec![
                header(&texts.get(group)),
                format!("<td>{}</td>", escape(&texts.get(metric.title))),
            ];
            row.extend(
                found
                    .sides
                    .iter()
                    .map(|side| number_cell(&spread_text(language, *side, metric, false))),
            );
            if sides.len() > 1 {
                let change = found.change.map_or_else(
                    || "–".to_owned(),
                    |c| spread_text(language, c, metric, true),
                );
                row.push(if found.is_sure() {
                    format!(
                        r#"<td class="num"><strong>{}</strong></td>"#,
                        escape(&change)
                    )
                } else {
                    number_cell(&change)
                });
                let percent = found
                    .percent()
                    .map_or_else(|| "–".to_owned(), |p| language.signed_with_unit(p, 1, "%"));
                row.push(number_cell(&percent));
            }
            rows.push(row);
        }
    }
    let caption = texts.get("report-traffic-comparison-caption");
    text_table(&caption, &head, &rows)
}

/// Lines: travel time, delay, reliability.
fn lines(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let language = texts.language();
    let columns = [
        "trips",
        "duration_s",
        "loss_s",
        "waiting_s",
        "speed_kmh",
        "reliable_percent",
        "headway_deviation_s",
    ];
    let of: Vec<(&str, &Table)> = sides
        .iter()
        .filter_map(|(name, result)| Some((name.as_str(), table(result, "traffic_lines")?)))
        .collect();
    let Some((_, last)) = of.last() else {
        return String::new();
    };
    let is_line = |row: &&Vec<Cell>| row[0] == Cell::Key("traffic-group-line");
    let mut rows = Vec::new();
    for line in last.rows.iter().filter(is_line) {
        for (name, table) in &of {
            let Some(own) = table.rows.iter().find(|row| row[..2] == line[..2]) else {
                continue;
            };
            let mut row = vec![
                header(&own[1].plain()),
                format!("<td>{}</td>", escape(&shortened(name, 40))),
            ];
            for column in columns {
                let metric = METRIC[at(column)];
                let value = |id: &str| table.column(id).and_then(|place| own[place].number());
                row.push(number_cell(&value(column).map_or_else(
                    || "–".to_owned(),
                    |mean| {
                        let half = value(&format!("{column}_ci95"));
                        let spread = Spread {
                            mean,
                            half: half.filter(|_| column != "trips"),
                            runs: 1,
                        };
                        spread_text(language, spread, metric, false)
                    },
                )));
            }
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    let mut head = vec![("column-traffic-line", ""), ("report-wind-state", "")];
    head.extend(columns.map(|column| (METRIC[at(column)].title, "num")));
    // Kept on one page: its head alone at the end of a page says nothing.
    let head: Vec<(String, &str)> = head
        .into_iter()
        .map(|(key, class)| (texts.get(key), class))
        .collect();
    text_table(&texts.get("report-traffic-lines-caption"), &head, &rows)
}

/// Approaches of signals with the largest change of lost time, or the largest lost time.
fn approaches(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let language = texts.language();
    let of: Vec<&Table> = sides
        .iter()
        .filter_map(|(_, result)| table(result, "traffic_approaches"))
        .collect();
    let Some(last) = of.last() else {
        return String::new();
    };
    let value =
        |table: &Table, row: &[Cell], id: &str| -> Option<f64> { row[table.column(id)?].number() };
    let before = |row: &[Cell]| -> Option<&Vec<Cell>> {
        let first = of.first().filter(|_| of.len() > 1)?;
        first.rows.iter().find(|other| other[..2] == row[..2])
    };
    let weight = |row: &[Cell]| {
        let lost = |row: &[Cell]| value(last, row, "lost_h").unwrap_or(0.0);
        match before(row) {
            Some(old) => (lost(row) - lost(old)).abs(),
            None => lost(row),
        }
    };
    let mut listed: Vec<&Vec<Cell>> = last.rows.iter().collect();
    listed.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    listed.truncate(APPROACHES);
    let mut rows = Vec::new();
    for row in listed {
        let street = row[2].plain();
        let street = if street.is_empty() {
            row[1].plain()
        } else {
            street
        };
        let mut cells = vec![
            // Names of crossings break behind the slash.
            header(&shortened(&row[0].plain(), 40).replace('/', "/\u{200b}")),
            format!("<td>{}</td>", escape(&shortened(&street, 40))),
            number_cell(&row[3].plain()),
        ];
        for (id, decimals, unit) in [("delay_s", 1, "s"), ("lost_h", 2, "h"), ("queue", 1, "")] {
            let now = value(last, row, id);
            let text = |v: Option<f64>| {
                v.map_or_else(|| "–".to_owned(), |v| language.with_unit(v, decimals, unit))
            };
            cells.push(number_cell(&match before(row) {
                Some(old) => format!("{} → {}", text(value(last, old, id)), text(now)),
                None => text(now),
            }));
        }
        rows.push(cells);
    }
    let head = [
        ("column-traffic-signal", ""),
        ("column-traffic-street", ""),
        ("column-traffic-journeys", "num"),
        ("column-traffic-approach-delay", "num"),
        ("column-traffic-lost", "num"),
        ("column-traffic-queue", "num"),
    ];
    let caption = texts.get("report-traffic-approaches-caption");
    html_table(texts, &caption, &head, &rows)
}

/// What the rules of the model did, means over the seeds.
fn events(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let language = texts.language();
    let columns = [
        "relaxed",
        "swaps",
        "missed_turns",
        "missed_stops",
        "overlaps",
        "red_passed",
    ];
    let mut head = vec![("report-wind-state", "")];
    let mut rows = Vec::new();
    for (name, result) in sides {
        let Some(table) = table(result, "traffic_events") else {
            continue;
        };
        let mut row = vec![header(&shortened(name, 40))];
        for id in columns {
            let Some(place) = table.column(id) else {
                continue;
            };
            if rows.is_empty() {
                head.push((table.columns[place].title, "num"));
            }
            let values = table.rows.iter().filter_map(|row| row[place].number());
            row.push(number_cell(&language.number(Spread::of(values).mean, 1)));
        }
        rows.push(row);
    }
    let caption = texts.get("report-traffic-events-caption");
    html_table(texts, &caption, &head, &rows)
}

/// Width of charts (mm).
const WIDTH: f64 = 174.0;
/// Room for labels on the left (mm).
const LEFT: f64 = 30.0;

/// A step of an axis that gives at most `most` ticks.
fn step_of(span: f64, most: f64) -> f64 {
    let least = span / most;
    let power = 10.0_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors.into_iter().find(|f| f * power >= least);
    found.unwrap_or(10.0) * power
}

/// Axis of time below a chart, in minutes.
fn time_axis(body: &mut String, texts: &Texts, from_s: f64, to_s: f64, below: f64, right: f64) {
    let step = step_of((to_s - from_s) / 60.0, 12.0).max(1.0);
    let mut minute = (from_s / 60.0 / step).ceil() * step;
    while minute * 60.0 <= to_s + 1e-9 {
        let x = LEFT + (minute * 60.0 - from_s) / (to_s - from_s) * right;
        // The last label ends at the frame instead of being cut.
        let anchor = if x > LEFT + right - 4.0 {
            "end"
        } else {
            "middle"
        };
        let _ = write!(
            body,
            r##"<path d="M{x:.2} {below:.2}v1" stroke="#8d8982" stroke-width="0.2"/><text x="{x:.2}" y="{:.2}" font-size="2.6" fill="#6a665f" text-anchor="{anchor}">{}</text>"##,
            below + 3.8,
            texts.language().with_unit(minute, 0, "min")
        );
        minute += step;
    }
}

/// Journeys of a line over time and way, with its stops and signals.
fn space_time(texts: &Texts, result: &SimulationResult) -> Option<String> {
    const HEIGHT: f64 = 78.0;
    const TOP: f64 = 3.0;
    let samples = table(result, "traffic_space_time")?;
    let mut journeys: BTreeMap<String, Vec<[f64; 2]>> = BTreeMap::new();
    for row in &samples.rows {
        let point = [row[2].number()?, row[3].number()?];
        journeys.entry(row[1].plain()).or_default().push(point);
    }
    let all = || journeys.values().flatten();
    let from_s = all().map(|p| p[0]).fold(f64::INFINITY, f64::min);
    let to_s = all().map(|p| p[0]).fold(f64::NEG_INFINITY, f64::max);
    let most_m = all().map(|p| p[1]).fold(0.0, f64::max);
    if to_s <= from_s || most_m <= 0.0 {
        return None;
    }
    let right = WIDTH - LEFT - 2.0;
    let x = |s: f64| LEFT + (s - from_s) / (to_s - from_s) * right;
    let y = |m: f64| TOP + HEIGHT * (1.0 - (m / most_m).clamp(0.0, 1.0));
    let mut body = format!(
        r##"<rect x="{LEFT}" y="{TOP}" width="{right:.1}" height="{HEIGHT}" fill="none" stroke="#c9c5bd" stroke-width="0.2"/>"##
    );
    let language = texts.language();
    let step = step_of(most_m, 6.0);
    let mut way = 0.0;
    while way <= most_m {
        let _ = write!(
            body,
            r##"<text x="{:.2}" y="{:.2}" font-size="2.6" fill="#6a665f" text-anchor="end">{}</text>"##,
            LEFT - 1.2,
            y(way) + 0.9,
            language.with_unit(way / 1000.0, 1, "km")
        );
        way += step;
    }
    for row in table(result, "traffic_route_places")
        .iter()
        .flat_map(|t| &t.rows)
    {
        let at = y(row[1].number()?);
        let (color, dash) = if row[2] == Cell::Key("traffic-place-stop") {
            ("#1460a8", "none")
        } else {
            ("#b3402e", "0.8 0.8")
        };
        let _ = write!(
            body,
            r#"<path d="M{LEFT} {at:.2}h{right:.1}" stroke="{color}" stroke-width="0.15" stroke-dasharray="{dash}"><title>{}</title></path>"#,
            escape(&format!(
                "{}: {}",
                texts.get(&row[2].plain()),
                row[3].plain()
            ))
        );
    }
    for (name, points) in &journeys {
        let mut path = String::new();
        for (n, [s, m]) in points.iter().enumerate() {
            let letter = if n == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{letter}{:.2} {:.2}", x(*s), y(*m));
        }
        let _ = write!(
            body,
            r##"<path d="{path}" fill="none" stroke="#26241f" stroke-width="0.4" stroke-linejoin="round"><title>{}</title></path>"##,
            escape(name)
        );
    }
    time_axis(&mut body, texts, from_s, to_s, TOP + HEIGHT, right);
    let line = samples
        .rows
        .first()
        .map_or_else(String::new, |row| row[0].plain());
    let title = texts.with(
        "report-traffic-space-time-title",
        &[
            ("line", Arg::from(line)),
            ("count", Arg::from(journeys.len())),
        ],
    );
    let legend = [
        ("#1460a8", "traffic-place-stop"),
        ("#b3402e", "traffic-place-signal"),
    ];
    for (n, (color, key)) in legend.into_iter().enumerate() {
        let at = LEFT + 40.0 * n as f64;
        let _ = write!(
            body,
            r##"<path d="M{at:.1} {:.2}h6" stroke="{color}" stroke-width="0.4"/><text x="{:.1}" y="{:.2}" font-size="2.7" fill="#26241f">{}</text>"##,
            TOP + HEIGHT + 8.0,
            at + 7.5,
            TOP + HEIGHT + 8.9,
            escape(&texts.get(key))
        );
    }
    Some(format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {:.1}" role="img" aria-label="{}">{body}</svg>"#,
        TOP + HEIGHT + 11.0,
        escape(&title)
    ))
}

/// Time (s) that the timeline of a signal shows.
const SHOWN_S: f64 = 600.0;

/// Phases of a signal over some minutes: a row for each group of places that show the same.
fn timeline(texts: &Texts, result: &SimulationResult) -> Option<String> {
    const ROW: f64 = 5.0;
    let phases = table(result, "traffic_signals")?;
    let signal = shown_signal(result)?;
    let own: Vec<(f64, f64, Vec<char>)> = phases
        .rows
        .iter()
        .filter(|row| row[0].plain() == signal)
        .filter_map(|row| {
            let state = row[4].plain().chars().collect();
            Some((row[1].number()?, row[2].number()?, state))
        })
        .collect();
    let (begin_s, last_s) = (own.first()?.0, own.last()?.1);
    // From the middle of the run, where streets are full.
    let from_s = (0.5 * (begin_s + last_s) - 0.5 * SHOWN_S).max(begin_s);
    let to_s = (from_s + SHOWN_S).min(last_s);
    let shown: Vec<&(f64, f64, Vec<char>)> = own
        .iter()
        .filter(|(begin, end, _)| *end > from_s && *begin < to_s)
        .collect();
    let places = shown.iter().map(|(.., state)| state.len()).max()?;
    let first = phases.rows.iter().find(|row| row[0].plain() == signal)?;
    let on_foot = phases
        .column("places_on_foot")
        .map_or_else(String::new, |at| first[at].plain());
    let on_foot: Vec<usize> = on_foot
        .split(' ')
        .filter_map(|place| place.parse().ok())
        .collect();
    // Places that always show the same are one group, those of people on foot apart from the others.
    let mut groups: Vec<(Vec<char>, Vec<usize>)> = Vec::new();
    for place in 0..places {
        let letters: Vec<char> = shown
            .iter()
            .map(|(.., state)| state.get(place).copied().unwrap_or('o'))
            .collect();
        let walks = on_foot.contains(&place);
        match groups
            .iter_mut()
            .find(|(known, of)| *known == letters && on_foot.contains(&of[0]) == walks)
        {
            Some((_, of)) => of.push(place),
            None => groups.push((letters, vec![place])),
        }
    }
    if to_s <= from_s {
        return None;
    }
    let right = WIDTH - LEFT - 2.0;
    let x = |s: f64| LEFT + (s.clamp(from_s, to_s) - from_s) / (to_s - from_s) * right;
    let mut body = String::new();
    for (n, (letters, of)) in groups.iter().enumerate() {
        let top = 1.0 + ROW * n as f64;
        let name: Vec<String> = of.iter().map(usize::to_string).collect();
        let key = if on_foot.contains(&of[0]) {
            "report-traffic-places-on-foot"
        } else {
            "report-traffic-places"
        };
        let name = texts.with(key, &[("places", name.join(", "))]);
        let _ = write!(
            body,
            r##"<text x="{:.2}" y="{:.2}" font-size="2.7" fill="#26241f" text-anchor="end">{}</text>"##,
            LEFT - 1.2,
            top + 3.0,
            escape(&fitted(&name, LEFT - 2.0, 2.7))
        );
        for ((begin, end, _), letter) in shown.iter().zip(letters) {
            // Red is a thin line: greens are what one looks for.
            let (color, height) = match letter {
                'G' => ("#2f8f46", 3.6),
                'g' => ("#9ccb86", 3.6),
                'y' => ("#f0b429", 3.6),
                'u' => ("#e07b39", 3.6),
                'r' => ("#b3402e", 0.6),
                _ => ("#c9c5bd", 1.2),
            };
            let _ = write!(
                body,
                r#"<rect x="{:.2}" y="{:.2}" width="{:.2}" height="{height}" fill="{color}"/>"#,
                x(*begin),
                top + 0.5 * (4.0 - height),
                x(*end) - x(*begin)
            );
        }
    }
    let below = 1.5 + ROW * groups.len() as f64;
    // Moments at which a request was granted.
    for row in table(result, "traffic_requests")
        .iter()
        .flat_map(|t| &t.rows)
    {
        let granted = row[4].plain() == "granted" && row[1].plain() == signal;
        let Some(time_s) = row[0]
            .number()
            .filter(|s| granted && (from_s..=to_s).contains(s))
        else {
            continue;
        };
        let _ = write!(
            body,
            r##"<path d="M{:.2} 0.5V{below:.2}" stroke="#1460a8" stroke-width="0.35"><title>{}</title></path>"##,
            x(time_s),
            escape(&format!(
                "{}: {}",
                row[3].plain(),
                texts.get(&row[6].plain())
            ))
        );
    }
    time_axis(&mut body, texts, from_s, to_s, below, right);
    let mut at = LEFT;
    for (color, key) in [
        ("#2f8f46", "traffic-aspect-green"),
        ("#9ccb86", "traffic-aspect-green-yield"),
        ("#f0b429", "traffic-aspect-amber"),
        ("#e07b39", "traffic-aspect-red-amber"),
        ("#b3402e", "traffic-aspect-red"),
        ("#1460a8", "traffic-aspect-granted"),
    ] {
        let label = texts.get(key);
        let _ = write!(
            body,
            r##"<rect x="{at:.1}" y="{:.2}" width="3" height="3" fill="{color}"/><text x="{:.1}" y="{:.2}" font-size="2.7" fill="#26241f">{}</text>"##,
            below + 6.0,
            at + 4.0,
            below + 8.4,
            escape(&label)
        );
        at += 9.0 + 1.5 * label.chars().count() as f64;
    }
    let title = texts.with("report-traffic-timeline-title", &[("signal", signal)]);
    Some(format!(
        r#"<svg class="chart" viewBox="0 0 {WIDTH} {:.1}" role="img" aria-label="{}">{body}</svg>"#,
        below + 11.0,
        escape(&title)
    ))
}

/// The signal that the settings name, or the first one on the drawn route.
fn shown_signal(result: &SimulationResult) -> Option<String> {
    let mut facts = result.method.iter();
    if let Some((_, id)) = facts.find(|(key, _)| *key == "method-traffic-shown-signal") {
        return Some(id.clone());
    }
    let places = table(result, "traffic_route_places")?;
    let mut rows = places.rows.iter();
    let first = rows.find(|row| row[2] == Cell::Key("traffic-place-signal"))?;
    Some(first[3].plain())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_axes_are_round() {
        assert_eq!(step_of(60.0, 12.0), 5.0);
        assert_eq!(step_of(3000.0, 6.0), 500.0);
        assert_eq!(step_of(61.0, 12.0), 10.0);
    }

    /// Wide tables are set smaller, and a value with its interval may be broken before the interval only.
    #[test]
    fn tables_with_many_columns_are_wide() {
        let wide = |columns: usize| {
            let head = vec![("Linie".to_owned(), "num"); columns];
            text_table("Linien", &head, &[]).contains(" wide")
        };
        assert_eq!([7, 8].map(wide), [false, true]);
        let spread = Spread {
            mean: 81.25,
            half: Some(2.13),
            runs: 10,
        };
        let metric = METRIC[at("loss_s")];
        let text = spread_text(Language::De, spread, metric, false);
        assert_eq!(text.split(' ').count(), 2, "{text:?}");
        assert!(text.ends_with(" ±\u{a0}2,1"), "{text:?}");
    }
}
