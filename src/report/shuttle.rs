//! The part of the report that answers for shuttles: sentences, figures of all variants beside each other, fleet size against service and
//! cost, the day, waits, rejections by reason.

use std::fmt::Write as _;

use crate::result::{Cell, SimulationResult, Table};
use crate::scenario::Edit;
use crate::shuttle::study::score::{METRIC, at};
use crate::text::{Arg, Language, Texts};
use crate::traffic::statistics::{Spread, quantile};

use super::escape::{escape, shortened};
use super::flood::table;
use super::sun::{html_table, number_cell};

pub use crate::shuttle::study::present::SIMULATION;
use crate::shuttle::study::present::{GENERATED_DEMAND, SEEDS_TABLE};

/// Figures of the table of variants.
const COMPARED: [&str; 19] = [
    "requests",
    "served_percent",
    "rejected",
    "wait_s",
    "wait_p50_s",
    "wait_p95_s",
    "walk_s",
    "ride_s",
    "detour_factor",
    "shared_percent",
    "persons_per_km",
    "km",
    "empty_percent",
    "utilisation_percent",
    "kwh",
    "charges",
    "charge_wait_s",
    "cost_eur",
    "cost_per_ride_eur",
];

/// Colours of variants (Okabe and Ito 2008), told apart with colour-vision deficiency; the baseline is grey.
const COLORS: [&str; 6] = [
    "#6a665f", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00",
];

/// The edit of the service in words.
pub fn edit(texts: &Texts, edit: &Edit) -> String {
    let Edit::ShuttleService(change) = edit else {
        return String::new();
    };
    texts.with(
        "report-edit-shuttle-service",
        &[("what", edit_detail(texts, change))],
    )
}

/// What an edit of the service changes, in short.
pub fn edit_detail(texts: &Texts, change: &crate::shuttle::params::ShuttleService) -> String {
    let language = texts.language();
    let mut parts = Vec::new();
    let mut count = |key: &str, value: Option<u32>| {
        if let Some(value) = value {
            parts.push(texts.with(key, &[("count", Arg::from(value))]));
        }
    };
    count("shuttle-change-vehicles", change.vehicles);
    count("shuttle-change-seats", change.seats);
    count("shuttle-change-wheelchairs", change.wheelchair_places);
    match change.drivers {
        Some(true) => parts.push(texts.get("shuttle-with-drivers")),
        Some(false) => parts.push(texts.get("shuttle-driverless")),
        None => {}
    }
    let mut value = |key: &str, value: Option<f64>, decimals, unit: &str| {
        if let Some(value) = value {
            let value = language.with_unit(value, decimals, unit);
            parts.push(texts.with(key, &[("value", value)]));
        }
    };
    value("shuttle-change-begin", change.begin_h, 1, "h");
    value("shuttle-change-end", change.end_h, 1, "h");
    value("shuttle-change-spacing", change.stop_spacing_m, 0, "m");
    value(
        "shuttle-change-wait",
        change.max_wait_s.map(|s| s / 60.0),
        1,
        "min",
    );
    value("shuttle-change-detour", change.max_detour_percent, 0, "%");
    if !change.stops.is_empty() {
        let count = [("count", Arg::from(change.stops.len()))];
        parts.push(texts.with("shuttle-change-stops", &count));
    }
    if !change.area.is_empty() {
        parts.push(texts.get("shuttle-change-area"));
    }
    parts.join("; ")
}

/// What kind of answer it is.
pub fn scope(texts: &Texts, result: &SimulationResult) -> String {
    let generated = result
        .method
        .iter()
        .any(|(key, _)| *key == GENERATED_DEMAND);
    let key = if generated {
        "report-shuttle-scope-generated"
    } else {
        "report-shuttle-scope"
    };
    texts.get(key)
}

/// Mean over the runs of a figure.
fn figure(result: &SimulationResult, column: &str) -> Option<Spread> {
    let table = table(result, SEEDS_TABLE)?;
    let place = table.column(column)?;
    let values = table.rows.iter().filter_map(|row| row[place].number());
    Some(Spread::of(values)).filter(|spread| spread.runs > 0)
}

/// `81 s ± 2 s`.
fn spread_text(language: Language, spread: Spread, column: &str) -> String {
    let metric = METRIC[at(column)];
    let value = language.with_unit(spread.mean, metric.decimals, metric.unit);
    match spread.half {
        Some(half) if half > 0.0 => {
            format!("{value} ± {}", language.number(half, metric.decimals))
        }
        _ => value,
    }
}

/// The answer for one variant in full sentences, the first with the number.
pub fn answer(texts: &Texts, result: &SimulationResult) -> Vec<String> {
    let language = texts.language();
    let text = |column: &str| {
        figure(result, column).map(|spread| {
            let metric = METRIC[at(column)];
            language.with_unit(spread.mean, metric.decimals, metric.unit)
        })
    };
    let minutes = |column: &str| {
        figure(result, column).map(|spread| language.with_unit(spread.mean / 60.0, 1, "min"))
    };
    let mut sentences = Vec::new();
    let (Some(served), Some(requests)) = (text("served_percent"), text("requests")) else {
        return sentences;
    };
    let none_served = figure(result, "served").is_none_or(|spread| spread.mean == 0.0);
    if none_served {
        let args = [("requests", requests)];
        sentences.push(texts.with("report-shuttle-nobody", &args));
        return sentences;
    }
    sentences.push(texts.with(
        "report-shuttle-served",
        &[("served", served), ("requests", requests)],
    ));
    if let (Some(wait), Some(p95)) = (minutes("wait_s"), minutes("wait_p95_s")) {
        sentences.push(texts.with("report-shuttle-wait", &[("wait", wait), ("p95", p95)]));
    }
    if let (Some(shared), Some(cost)) = (text("shared_percent"), text("cost_per_ride_eur")) {
        sentences.push(texts.with(
            "report-shuttle-shared",
            &[("shared", shared), ("cost", cost)],
        ));
    }
    if let Some(reason) = main_reason(result) {
        let args = [("reason", texts.get(reason))];
        sentences.push(texts.with("report-shuttle-main-reason", &args));
    }
    sentences
}

/// The reason of most rejections.
fn main_reason(result: &SimulationResult) -> Option<&'static str> {
    let table = table(result, "shuttle_rejections")?;
    let rows = table.rows.iter().filter_map(|row| {
        let Cell::Key(key) = row[0] else { return None };
        let count = row[1].number().filter(|count| *count > 0.0)?;
        Some((count, key))
    });
    rows.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, key)| key)
}

/// Everything below the heading, for all variants together.
pub fn section(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let mut out = comparison(texts, sides);
    for (svg, caption) in [
        (fleet_chart(texts, sides), "report-shuttle-fleet-caption"),
        (wait_chart(texts, sides), "report-shuttle-wait-caption"),
        (
            rejection_chart(texts, sides),
            "report-shuttle-rejection-caption",
        ),
        (day_chart(texts, sides), "report-shuttle-day-caption"),
    ] {
        if let Some(svg) = svg {
            let _ = writeln!(
                out,
                "<figure class=\"full\">{svg}<figcaption>{}</figcaption></figure>",
                escape(&texts.get(caption))
            );
        }
    }
    out.push_str(&fleet_table(texts, sides));
    out
}

fn comparison(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let mut head = format!(
        r#"<th scope="col">{}</th>"#,
        escape(&texts.get("report-indicator"))
    );
    for (name, _) in sides {
        let _ = write!(
            head,
            r#"<th scope="col" class="num">{}</th>"#,
            escape(&shortened(name, 40))
        );
    }
    let mut body = String::new();
    for column in COMPARED {
        let found: Vec<Option<Spread>> =
            sides.iter().map(|(_, side)| figure(side, column)).collect();
        if found.iter().all(Option::is_none) {
            continue;
        }
        let _ = write!(
            body,
            r#"<tr><th scope="row">{}</th>"#,
            escape(&texts.get(METRIC[at(column)].title))
        );
        for spread in found {
            let text = spread.map_or_else(
                || "–".to_owned(),
                |spread| spread_text(texts.language(), spread, column),
            );
            body.push_str(&number_cell(&text));
        }
        body.push_str("</tr>");
    }
    format!(
        r#"<table class="keep"><caption>{}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
"#,
        escape(&texts.get("report-shuttle-comparison-caption"))
    )
}

/// Fleet sizes of the variant with most of them, in numbers.
fn fleet_table(texts: &Texts, sides: &[(String, &SimulationResult)]) -> String {
    let language = texts.language();
    let tables = sides
        .iter()
        .filter_map(|(_, side)| table(side, "shuttle_fleets"));
    let Some(table) = tables.max_by_key(|table| table.rows.len()) else {
        return String::new();
    };
    if table.rows.len() < 2 {
        return String::new();
    }
    const SHOWN: [&str; 6] = [
        "served_percent",
        "wait_s",
        "wait_p95_s",
        "utilisation_percent",
        "cost_eur",
        "cost_per_ride_eur",
    ];
    let mut head = vec![("column-shuttle-vehicles", "num")];
    head.extend(SHOWN.map(|column| (METRIC[at(column)].title, "num")));
    head.push(("column-shuttle-pareto", ""));
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .map(|row| {
            let mut cells = vec![number_cell(&row[0].plain())];
            for column in SHOWN {
                let value = |id: &str| table.column(id).and_then(|place| row[place].number());
                let text = value(column).map_or_else(
                    || "–".to_owned(),
                    |mean| {
                        let half = value(&format!("{column}_ci95"));
                        spread_text(
                            language,
                            Spread {
                                mean,
                                half,
                                runs: 1,
                            },
                            column,
                        )
                    },
                );
                cells.push(number_cell(&text));
            }
            let last = row.last().map_or_else(String::new, Cell::plain);
            cells.push(format!("<td>{}</td>", escape(&texts.get(&last))));
            cells
        })
        .collect();
    html_table(
        texts,
        &texts.get("report-shuttle-fleets-caption"),
        &head,
        &rows,
    )
}

/// Width of charts and room on the left (mm).
const WIDTH: f64 = 174.0;
const LEFT: f64 = 18.0;

/// A frame with two axes in data units.
struct Frame {
    x: [f64; 2],
    y: [f64; 2],
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    body: String,
}

impl Frame {
    fn new(x: [f64; 2], y: [f64; 2], height: f64) -> Self {
        Self {
            x,
            y,
            left: LEFT,
            top: 6.0,
            width: WIDTH - LEFT - 4.0,
            height,
            body: String::new(),
        }
    }

    fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let share = |v: f64, [low, high]: [f64; 2]| (v - low) / (high - low).max(1e-12);
        (
            self.left + self.width * share(x, self.x),
            self.top + self.height * (1.0 - share(y, self.y)),
        )
    }

    /// Frame, grid, numbers and titles of the axes.
    fn axes(&mut self, language: Language, titles: [&str; 2]) {
        let (left, top, width, height) = (self.left, self.top, self.width, self.height);
        let mut ticks = String::new();
        let steps = [
            step_of(self.x[1] - self.x[0], 10.0),
            step_of(self.y[1] - self.y[0], 5.0),
        ];
        let decimals = steps.map(|step| if step < 1.0 { 1 } else { 0 });
        let mut x = (self.x[0] / steps[0]).ceil() * steps[0];
        while x <= self.x[1] + 1e-9 {
            let (px, _) = self.at(x, self.y[0]);
            let _ = write!(
                ticks,
                r##"<path d="M{px:.2} {top}v{height}" stroke="#e6e2da" stroke-width="0.15"/><text x="{px:.2}" y="{:.2}" font-size="2.6" fill="#6a665f" text-anchor="middle">{}</text>"##,
                top + height + 3.8,
                language.number(x, decimals[0])
            );
            x += steps[0];
        }
        let mut y = (self.y[0] / steps[1]).ceil() * steps[1];
        while y <= self.y[1] + 1e-9 {
            let (_, py) = self.at(self.x[0], y);
            let _ = write!(
                ticks,
                r##"<path d="M{left} {py:.2}h{width:.1}" stroke="#e6e2da" stroke-width="0.15"/><text x="{:.2}" y="{:.2}" font-size="2.6" fill="#6a665f" text-anchor="end">{}</text>"##,
                left - 1.2,
                py + 0.9,
                language.number(y, decimals[1])
            );
            y += steps[1];
        }
        let _ = write!(
            self.body,
            r##"{ticks}<rect x="{left}" y="{top}" width="{width:.1}" height="{height}" fill="none" stroke="#c9c5bd" stroke-width="0.2"/><text x="{:.1}" y="{:.2}" font-size="2.7" fill="#26241f" text-anchor="end">{}</text><text x="{left}" y="{:.2}" font-size="2.7" fill="#26241f">{}</text>"##,
            left + width,
            top + height + 7.6,
            escape(titles[0]),
            top - 2.0,
            escape(titles[1])
        );
    }

    fn line(&mut self, points: &[(f64, f64)], color: &str, width: f64) {
        let mut path = String::new();
        for (n, (x, y)) in points.iter().enumerate() {
            let (px, py) = self.at(*x, *y);
            let _ = write!(path, "{}{px:.2} {py:.2}", if n == 0 { 'M' } else { 'L' });
        }
        let _ = write!(
            self.body,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"/>"#
        );
    }

    /// Names of the sides with their colours, below the chart; the finished drawing.
    fn finish(mut self, texts: &Texts, title: &str, names: &[(String, &str)]) -> String {
        let mut y = self.top + self.height + 12.0;
        let mut x = self.left;
        for (name, color) in names {
            let name = shortened(name, 40);
            let width = 9.0 + 1.55 * name.chars().count() as f64;
            if x + width > self.left + self.width && x > self.left {
                x = self.left;
                y += 4.2;
            }
            let _ = write!(
                self.body,
                r##"<path d="M{x:.1} {:.2}h5" stroke="{color}" stroke-width="0.9"/><text x="{:.1}" y="{y:.2}" font-size="2.7" fill="#26241f">{}</text>"##,
                y - 0.9,
                x + 6.2,
                escape(&name)
            );
            x += width + 3.0;
        }
        format!(
            r#"<svg class="chart" viewBox="0 0 {WIDTH} {:.1}" role="img" aria-label="{}">{}</svg>"#,
            y + 2.0,
            escape(&texts.get(title)),
            self.body
        )
    }
}

/// A step of an axis that gives at most `most` ticks.
fn step_of(span: f64, most: f64) -> f64 {
    let least = (span / most).max(1e-9);
    let power = 10.0_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0];
    let found = factors.into_iter().find(|f| f * power >= least);
    found.unwrap_or(10.0) * power
}

fn color(side: usize) -> &'static str {
    COLORS[side % COLORS.len()]
}

fn names(sides: &[(String, &SimulationResult)]) -> Vec<(String, &'static str)> {
    let numbered = sides.iter().enumerate();
    numbered
        .map(|(side, (name, _))| (name.clone(), color(side)))
        .collect()
}

/// Served requests over cost per day, one point for each fleet size; the sizes that no other beats are joined.
fn fleet_chart(texts: &Texts, sides: &[(String, &SimulationResult)]) -> Option<String> {
    struct Point {
        vehicles: String,
        cost: f64,
        served: f64,
        front: bool,
    }
    let language = texts.language();
    let points_of = |table: &Table| -> Vec<Point> {
        let place = |id: &str| table.column(id);
        let (Some(cost), Some(served), Some(pareto)) =
            (place("cost_eur"), place("served_percent"), place("pareto"))
        else {
            return Vec::new();
        };
        let rows = table.rows.iter().filter_map(|row| {
            Some(Point {
                vehicles: row[0].plain(),
                cost: row[cost].number()?,
                served: row[served].number()?,
                front: row[pareto] == Cell::Key("shuttle-yes"),
            })
        });
        rows.collect()
    };
    let all: Vec<Vec<Point>> = sides
        .iter()
        .map(|(_, side)| {
            table(side, "shuttle_fleets")
                .map(points_of)
                .unwrap_or_default()
        })
        .collect();
    if all.iter().map(Vec::len).sum::<usize>() < 2 {
        return None;
    }
    let most = all.iter().flatten().map(|p| p.cost).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let mut frame = Frame::new([0.0, most * 1.05], [0.0, 104.0], 62.0);
    let titles = ["report-shuttle-axis-cost", "report-shuttle-axis-served"].map(|k| texts.get(k));
    frame.axes(language, [&titles[0], &titles[1]]);
    for (side, points) in all.iter().enumerate() {
        let mut front: Vec<(f64, f64)> = points
            .iter()
            .filter(|p| p.front)
            .map(|p| (p.cost, p.served))
            .collect();
        front.sort_by(|a, b| a.0.total_cmp(&b.0));
        frame.line(&front, color(side), 0.4);
        for p in points {
            let (x, y) = frame.at(p.cost, p.served);
            let fill = if p.front { color(side) } else { "#ffffff" };
            let _ = write!(
                frame.body,
                r##"<circle cx="{x:.2}" cy="{y:.2}" r="1.1" fill="{fill}" stroke="{0}" stroke-width="0.3"/><text x="{1:.2}" y="{2:.2}" font-size="2.5" fill="#26241f">{3}</text>"##,
                color(side),
                x + 1.7,
                y + 2.6,
                escape(&p.vehicles)
            );
        }
    }
    Some(frame.finish(texts, "report-shuttle-fleet-caption", &names(sides)))
}

/// Waits and outcome of the first run.
fn first_run_waits(side: &SimulationResult) -> Option<Vec<f64>> {
    let table = table(side, "shuttle_requests")?;
    let (wait, outcome) = (table.column("wait_s")?, table.column("outcome")?);
    let served = table
        .rows
        .iter()
        .filter(|row| row[outcome] == Cell::Key("shuttle-served"));
    let mut waits: Vec<f64> = served.filter_map(|row| row[wait].number()).collect();
    waits.sort_by(f64::total_cmp);
    Some(waits).filter(|waits| !waits.is_empty())
}

/// Share of the served that waited at most so long.
fn wait_chart(texts: &Texts, sides: &[(String, &SimulationResult)]) -> Option<String> {
    let all: Vec<Option<Vec<f64>>> = sides
        .iter()
        .map(|(_, side)| first_run_waits(side))
        .collect();
    let most = all
        .iter()
        .flatten()
        .filter_map(|w| w.last())
        .fold(0.0, |a: f64, b| a.max(*b));
    if most <= 0.0 {
        return None;
    }
    let mut frame = Frame::new([0.0, most / 60.0], [0.0, 100.0], 46.0);
    let titles = ["report-shuttle-axis-wait", "report-shuttle-axis-share"].map(|k| texts.get(k));
    frame.axes(texts.language(), [&titles[0], &titles[1]]);
    for (side, waits) in all.iter().enumerate() {
        let Some(waits) = waits else { continue };
        let points: Vec<(f64, f64)> = (0..=100)
            .map(|percent| {
                let percent = f64::from(percent);
                (quantile(waits, percent / 100.0) / 60.0, percent)
            })
            .collect();
        frame.line(&points, color(side), 0.6);
    }
    Some(frame.finish(texts, "report-shuttle-wait-caption", &names(sides)))
}

/// Rejected requests by reason, a bar for each variant.
fn rejection_chart(texts: &Texts, sides: &[(String, &SimulationResult)]) -> Option<String> {
    const LABEL: f64 = 52.0;
    const BAR: f64 = 3.4;
    let language = texts.language();
    let tables: Vec<Option<&Table>> = sides
        .iter()
        .map(|(_, side)| table(side, "shuttle_rejections"))
        .collect();
    let count = |table: &Option<&Table>, row: usize| {
        table
            .and_then(|t| t.rows.get(row)?.get(1)?.number())
            .unwrap_or(0.0)
    };
    let rows = tables.iter().flatten().map(|t| t.rows.len()).max()?;
    let used: Vec<usize> = (0..rows)
        .filter(|&row| tables.iter().any(|table| count(table, row) > 0.0))
        .collect();
    let most = used
        .iter()
        .flat_map(|&row| tables.iter().map(move |table| count(table, row)))
        .fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let mut body = String::new();
    let mut y = 1.0;
    let width = WIDTH - LABEL - 22.0;
    for row in used {
        let key = tables
            .iter()
            .flatten()
            .find_map(|t| match t.rows.get(row)?[0] {
                Cell::Key(key) => Some(key),
                _ => None,
            });
        let middle = y + 0.5 * BAR * sides.len() as f64 + 0.9;
        let _ = write!(
            body,
            r##"<text x="{:.1}" y="{middle:.2}" font-size="2.8" fill="#26241f" text-anchor="end">{}</text>"##,
            LABEL - 2.0,
            escape(&texts.get(key.unwrap_or_default()))
        );
        for (side, table) in tables.iter().enumerate() {
            let value = count(table, row);
            let length = width * value / most;
            let _ = write!(
                body,
                r##"<rect x="{LABEL}" y="{y:.2}" width="{length:.2}" height="{:.2}" fill="{}"/><text x="{:.2}" y="{:.2}" font-size="2.5" fill="#6a665f">{}</text>"##,
                BAR - 0.5,
                color(side),
                LABEL + length + 1.2,
                y + 2.4,
                language.number(value, if value < 10.0 { 1 } else { 0 })
            );
            y += BAR;
        }
        y += 2.2;
    }
    let mut frame = Frame::new([0.0, 1.0], [0.0, 1.0], y - 8.0);
    frame.top = 0.0;
    frame.body = body;
    Some(frame.finish(texts, "report-shuttle-rejection-caption", &names(sides)))
}

/// Requests of the day as an area, and busy vehicles of each variant.
fn day_chart(texts: &Texts, sides: &[(String, &SimulationResult)]) -> Option<String> {
    let tables: Vec<Option<&Table>> = sides
        .iter()
        .map(|(_, side)| table(side, "shuttle_day"))
        .collect();
    let column = |table: &Table, id: &str| -> Vec<(f64, f64)> {
        let Some(place) = table.column(id) else {
            return Vec::new();
        };
        let rows = table.rows.iter();
        rows.filter_map(|row| Some((row[0].number()?, row[place].number()?)))
            .collect()
    };
    let busy: Vec<Vec<(f64, f64)>> = tables
        .iter()
        .map(|table| table.map(|t| column(t, "busy")).unwrap_or_default())
        .collect();
    let most = busy.iter().flatten().map(|p| p.1).fold(0.0, f64::max);
    let hours = || busy.iter().flatten().map(|p| p.0);
    let from = hours().fold(f64::INFINITY, f64::min);
    let to = hours().fold(f64::NEG_INFINITY, f64::max) + 0.5;
    if most <= 0.0 || to <= from {
        return None;
    }
    let mut frame = Frame::new([from, to], [0.0, most * 1.1], 46.0);
    // Requests behind, scaled to the height: their shape is what counts.
    let asked = tables
        .iter()
        .flatten()
        .next()
        .map(|t| column(t, "requests"));
    if let Some(asked) = asked {
        let highest = asked.iter().map(|p| p.1).fold(1.0, f64::max);
        for (hour, count) in &asked {
            let (x, y) = frame.at(*hour, count / highest * most);
            let (right, base) = frame.at(hour + 0.5, 0.0);
            let _ = write!(
                frame.body,
                r##"<rect x="{x:.2}" y="{y:.2}" width="{:.2}" height="{:.2}" fill="#efece6"/>"##,
                (right - x).max(0.0),
                (base - y).max(0.0)
            );
        }
    }
    let titles = ["report-shuttle-axis-hour", "report-shuttle-axis-busy"].map(|k| texts.get(k));
    frame.axes(texts.language(), [&titles[0], &titles[1]]);
    for (side, points) in busy.iter().enumerate() {
        let steps: Vec<(f64, f64)> = points
            .iter()
            .flat_map(|(hour, count)| [(*hour, *count), ((hour + 0.5).min(to), *count)])
            .collect();
        if !steps.is_empty() {
            frame.line(&steps, color(side), 0.6);
        }
    }
    Some(frame.finish(texts, "report-shuttle-day-caption", &names(sides)))
}
