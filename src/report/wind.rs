//! The part of the report that answers for wind: sentences, captions, the table of uses, and the wind rose.

use std::fmt::Write as _;

use crate::result::{Cell, Field, SimulationResult, Table};
use crate::text::{Language, Texts};

use super::escape::escape;
use super::flood::table;
use super::sun::{html_table, number_cell};

pub use crate::wind::present::SIMULATION;

/// Layers hatched where no class is given, and the layer that says where.
pub const MASK: &str = "wind_mask";

/// Last part of the text key of a map's caption.
pub fn caption(field: &Field) -> &'static str {
    match field.id.as_str() {
        "wind_nen8100" => "comfort",
        "wind_danger_nen8100" => "danger",
        "wind_lawson_lddc" => "lawson",
        id if id.starts_with("wind_speed") => "speed",
        id if id.starts_with("wind_zone") => "zone",
        id if id.starts_with("wind_tiers") => "tiers",
        _ => "other",
    }
}

/// True for maps of classes, which are hatched where the grid cannot tell.
pub fn is_hatched(id: &str) -> bool {
    [
        "wind_nen8100",
        "wind_danger",
        "wind_lawson",
        "wind_city_of_london",
    ]
    .iter()
    .any(|name| id.starts_with(name))
}

fn indicator(result: &SimulationResult, id: &str) -> Option<f64> {
    let mut all = result.indicators.iter();
    all.find(|i| i.id == id).map(|i| i.value)
}

fn percent(value: f64, language: Language) -> String {
    language.with_unit(value, 1, "%")
}

/// One area with a use: name, text key of the activity, text key of the verdict if there is one.
struct Use<'a> {
    name: String,
    activity: String,
    verdict: Option<&'a Cell>,
}

fn uses(result: &SimulationResult) -> Vec<Use<'_>> {
    let Some(table) = table(result, "wind_uses") else {
        return Vec::new();
    };
    let Some(verdict) = table.column("verdict") else {
        return Vec::new();
    };
    table
        .rows
        .iter()
        .map(|row| Use {
            name: row[0].plain(),
            activity: row[1].plain(),
            verdict: row.get(verdict).filter(|cell| **cell != Cell::Empty),
        })
        .collect()
}

/// The answer for one variant in full sentences, the first with the verdict or the number. `reference` is the speed (m/s) of the
/// approaching wind and its height (m), if the settings name them.
pub fn answer(
    texts: &Texts,
    baseline: Option<&SimulationResult>,
    result: &SimulationResult,
    reference: Option<[f64; 2]>,
) -> Vec<String> {
    let language = texts.language();
    let mut sentences = Vec::new();
    let old = baseline.map(uses).unwrap_or_default();
    for new in uses(result) {
        let Some(verdict) = new.verdict.map(Cell::plain) else {
            let args = [("use", new.name.as_str())];
            sentences.push(texts.with("report-wind-use-unjudged", &args));
            continue;
        };
        let before = old.iter().find(|o| o.name == new.name);
        let before = before.and_then(|o| o.verdict).map(Cell::plain);
        let key = match &before {
            None => "report-wind-use",
            Some(before) if *before == verdict => "report-wind-use-unchanged",
            Some(_) => "report-wind-use-changed",
        };
        sentences.push(texts.with(
            key,
            &[
                ("use", new.name.clone()),
                ("activity", texts.get(&new.activity)),
                ("before", before.map_or_else(String::new, |b| texts.get(&b))),
                ("after", texts.get(&verdict)),
            ],
        ));
    }
    let mut shares = |id: &str, key: &str| {
        let Some(after) = indicator(result, id) else {
            return;
        };
        let before = baseline.and_then(|b| indicator(b, id));
        let key = if before.is_some() {
            format!("{key}-change")
        } else {
            key.to_owned()
        };
        sentences.push(texts.with(
            &key,
            &[
                (
                    "before",
                    before.map_or_else(String::new, |b| percent(b, language)),
                ),
                ("after", percent(after, language)),
            ],
        ));
    };
    shares("wind_not_for_strolling", "report-wind-strolling");
    shares("wind_hours", "report-wind-hours");
    shares("wind_risk", "report-wind-risk");
    if sentences.is_empty()
        && let Some(mean) = indicator(result, "wind_speed_mean")
        && let Some(most) = indicator(result, "wind_speed_max")
    {
        let speed = |v: f64| language.with_unit(v, 1, "m/s");
        // Both figures are those of the first direction.
        let from_deg = result.fields.iter().find_map(|f| f.from_deg);
        let plain = |v: f64| language.number(v, usize::from(v.fract() != 0.0));
        let mut args = vec![
            ("deg", from_deg.map_or_else(String::new, plain)),
            ("mean", speed(mean)),
            ("most", speed(most)),
        ];
        let key = match reference {
            Some([reference_mps, height_m]) => {
                args.push(("reference", speed(reference_mps)));
                args.push(("height", format!("{}\u{a0}m", plain(height_m))));
                "report-wind-speed-reference"
            }
            None => "report-wind-speed",
        };
        sentences.push(texts.with(key, &args));
    }
    sentences
}

/// Areas with a use: verdict and shares, of the baseline and of the variant where both are there.
pub fn use_table(
    texts: &Texts,
    sides: &[(String, &SimulationResult)],
    caption: &str,
) -> Option<String> {
    let language = texts.language();
    let tables: Vec<(&str, &Table)> = sides
        .iter()
        .filter_map(|(name, result)| Some((name.as_str(), table(result, "wind_uses")?)))
        .collect();
    let first = tables.first()?.1;
    let columns = [
        "verdict",
        "good_percent",
        "poor_percent",
        "lawson_percent",
        "risk_percent",
        "judged_percent",
    ];
    let mut head = vec![
        ("column-wind-use", ""),
        ("column-wind-activity", ""),
        ("report-wind-state", ""),
    ];
    for id in columns {
        let column = &first.columns[first.column(id)?];
        let class = if column.unit.is_empty() { "" } else { "num" };
        head.push((column.title, class));
    }
    let mut rows = Vec::new();
    for row in &first.rows {
        for (name, table) in &tables {
            let Some(own) = table.rows.iter().find(|r| r[0] == row[0]) else {
                continue;
            };
            let text = |text: &str| format!("<td>{}</td>", escape(text));
            let mut cells = vec![
                format!(r#"<th scope="row">{}</th>"#, escape(&own[0].plain())),
                text(&texts.get(&own[1].plain())),
                text(name),
            ];
            for id in columns {
                let cell = &own[table.column(id)?];
                cells.push(match (cell, cell.number()) {
                    (Cell::Key(key), _) => text(&texts.get(key)),
                    (_, Some(value)) => {
                        let decimals = usize::from(id == "risk_percent");
                        number_cell(&language.with_unit(value, decimals, "%"))
                    }
                    (_, None) => number_cell("–"),
                });
            }
            rows.push(cells);
        }
    }
    Some(html_table(texts, caption, &head, &rows))
}

/// Half of the width of the rose (mm).
const ROSE_MM: f64 = 34.0;

/// The wind rose of the station: how often it blows from each sector, and how strongly on average.
pub fn rose_chart(texts: &Texts, rose: &Table) -> String {
    let language = texts.language();
    let rows: Vec<[f64; 3]> = rose
        .rows
        .iter()
        .map(|row| [1, 2, 3].map(|n| row[n].number().unwrap_or(0.0)))
        .collect();
    let most = rows.iter().map(|r| r[0]).fold(0.0, f64::max).max(1.0);
    let ring = (most / 3.0).ceil().max(1.0);
    let rings = (most / ring).ceil();
    let scale = (ROSE_MM - 8.0) / (rings * ring);
    let size = 2.0 * ROSE_MM;
    let mut svg = format!(
        r#"<svg class="rose" xmlns="http://www.w3.org/2000/svg" width="{size}mm" height="{size}mm" viewBox="0 0 {size} {size}" role="img" aria-label="{}">"#,
        escape(&texts.get("table-wind-rose"))
    );
    let point = |deg: f64, r: f64| {
        let a = deg.to_radians();
        (ROSE_MM + r * a.sin(), ROSE_MM - r * a.cos())
    };
    for n in 1..=rings as usize {
        let r = n as f64 * ring * scale;
        let _ = write!(
            svg,
            r##"<circle cx="{ROSE_MM}" cy="{ROSE_MM}" r="{r:.2}" fill="none" stroke="#b9b9b4" stroke-width="0.2"/>"##
        );
    }
    let width = 360.0 / rows.len().max(1) as f64;
    for (n, [frequency, k, c]) in rows.iter().enumerate() {
        let (middle, r) = (n as f64 * width, frequency * scale);
        let ((ax, ay), (bx, by)) = (
            point(middle - 0.4 * width, r),
            point(middle + 0.4 * width, r),
        );
        let speed = c * gamma(1.0 + 1.0 / k.max(0.1));
        let title = texts.with(
            "report-wind-sector",
            &[
                ("deg", language.number(middle, 0)),
                ("frequency", language.with_unit(*frequency, 1, "%")),
                ("speed", language.with_unit(speed, 1, "m/s")),
            ],
        );
        let _ = write!(
            svg,
            r##"<path d="M{ROSE_MM} {ROSE_MM}L{ax:.2} {ay:.2}A{r:.2} {r:.2} 0 0 1 {bx:.2} {by:.2}Z" fill="#56b4e9" stroke="#2b5f7d" stroke-width="0.2"><title>{}</title></path>"##,
            escape(&title)
        );
    }
    for (deg, key) in [
        (0.0, "common-direction-n"),
        (90.0, "common-direction-e"),
        (180.0, "common-direction-s"),
        (270.0, "common-direction-w"),
    ] {
        let (x, y) = point(deg, ROSE_MM - 3.5);
        let _ = write!(
            svg,
            r##"<text x="{x:.2}" y="{:.2}" font-size="3.4" text-anchor="middle" fill="#333">{}</text>"##,
            y + 1.2,
            escape(&texts.get(key))
        );
    }
    let (x, y) = point(45.0, rings * ring * scale);
    let _ = write!(
        svg,
        r##"<text x="{:.2}" y="{:.2}" font-size="2.6" fill="#333">{}</text></svg>"##,
        x + 0.6,
        y - 0.4,
        escape(&language.with_unit(rings * ring, 0, "%"))
    );
    svg
}

/// The gamma function between 1 and 11, by Stirling's series after seven steps up (NIST DLMF 5.11.3); exact to 1e-9.
fn gamma(x: f64) -> f64 {
    let (mut y, mut below) = (x, 1.0);
    for _ in 0..7 {
        below *= y;
        y += 1.0;
    }
    let series = 1.0 / (12.0 * y) - 1.0 / (360.0 * y.powi(3)) + 1.0 / (1260.0 * y.powi(5));
    let log = (y - 0.5) * y.ln() - y + 0.5 * std::f64::consts::TAU.ln() + series;
    log.exp() / below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Grid;
    use crate::result::{FieldData, Indicator, Quality};
    use crate::text::texts;

    #[test]
    fn gamma_is_the_factorial_between_its_numbers() {
        assert!((gamma(1.5) - 0.5 * std::f64::consts::PI.sqrt()).abs() < 1e-9);
        assert!((gamma(5.0) - 24.0).abs() < 1e-7 && (gamma(2.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_sentence_of_a_single_direction_names_it_and_what_arrives() {
        let indicator = |id: &str, value: f64| Indicator {
            id: id.to_owned(),
            key: "indicator-wind-speed-mean",
            value,
            unit: "m/s",
            decimals: 2,
            date: None,
            basis: None,
        };
        let field = Field {
            id: "wind_speed_022.5".to_owned(),
            quantity: "quantity-wind-speed",
            unit: "m/s",
            legend: "wind_speed",
            difference_legend: "",
            date: None,
            from_deg: Some(22.5),
            plane: "plane-wind-mean-speed",
            data: FieldData::Raster {
                grid: Grid::covering([0.0; 2], [1.0; 2], 1.0),
                values: vec![2.0].into(),
            },
        };
        let result = SimulationResult {
            simulation: SIMULATION,
            quality: Quality::Exact,
            fields: vec![field],
            tables: Vec::new(),
            indicators: vec![
                indicator("wind_speed_mean", 2.04),
                indicator("wind_speed_max", 6.96),
            ],
            findings: Vec::new(),
            inputs: Vec::new(),
            method: Vec::new(),
            movement: None,
            animation: None,
            passability: None,
        };
        let said = |language, reference| {
            let sentences = answer(texts(language), None, &result, reference);
            sentences.concat().replace('\u{a0}', " ")
        };
        assert_eq!(
            said(Language::De, Some([5.0, 10.0])),
            "Bei Wind aus 22,5°, der mit 5,0 m/s in 10 m Höhe anströmt, weht es im Mittel der Karte mit 2,0 m/s, höchstens mit 7,0 m/s."
        );
        assert_eq!(
            said(Language::En, None),
            "In wind from 22.5° it blows at 2.0 m/s on average over the map, at most at 7.0 m/s."
        );
    }
}
