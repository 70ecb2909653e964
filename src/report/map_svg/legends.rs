//! Legends below the map.

use std::fmt::Write as _;

use crate::city::Building;
use crate::result::legend::{Legend, LegendKind, css_color, legend};
use crate::text::Texts;

use super::arrows::{arrow, draw_arrow_path};
use super::barriers::barrier_legend;
use super::base::plan_box;
use super::ink;
use super::paper::Paper;
use super::spec::MapSpec;
use super::words::{text, text_width, wrap};

/// Draws the legends from `y` down and returns the lower end (mm). The first row of each legend may be `room` wide, so that
/// it does not meet the scale bar.
pub(super) fn draw_legends(
    body: &mut String,
    spec: &MapSpec,
    paper: &Paper,
    y: f64,
    width: f64,
    room: f64,
    size: f64,
) -> f64 {
    let texts = spec.texts;
    let mut bottom = y + 1.0 + 2.9 * size;
    let mut next = y;
    if let Some((field, legend)) = spec.raster.and_then(|f| Some((f, legend(f.legend)?))) {
        let mut title = format!("{} {}", texts.get(field.quantity), texts.get(field.plane));
        if !field.unit.is_empty() {
            let _ = write!(title, " ({})", field.unit);
        }
        next = draw_legend(body, texts, legend, &title, next, width, room, size);
    }
    if let Some((layer, legend)) = spec
        .walls
        .as_ref()
        .and_then(|layer| Some((layer, legend(layer.legend)?)))
    {
        next = draw_legend(body, texts, legend, &layer.title, next, width, room, size);
    }
    if let Some(arrows) = &spec.arrows {
        let label = texts.get(arrows.label);
        let mut path = String::new();
        let mut x = 0.0;
        for (_, length) in arrows.lengths_mm.iter().rev() {
            let middle = [x + 0.3 + 0.5 * length, next + 0.3 + 0.5 * size];
            arrow(&mut path, middle, 90.0, *length);
            x += length + 1.6;
        }
        draw_arrow_path(body, &path);
        for (i, line) in wrap(&label, room - x - 1.0, size).iter().enumerate() {
            let y = next + size * 1.02;
            let y = y + i as f64 * size * 1.3;
            text(body, x + 1.0, y, size, "400", ink::TEXT, "start", line);
            next += if i > 0 { size * 1.3 } else { 0.0 };
        }
        next += size + 2.0;
    }
    // Signs of objects, only those that are on the map.
    let visible = |b: &Building| {
        let (min, max) = plan_box(b);
        paper.sees(min, max)
    };
    let changes = spec.changes;
    let new = changes.is_some_and(|c| {
        c.added.iter().any(|b| visible(b)) || c.changed.iter().any(|[_, b]| visible(b))
    });
    let gone = changes.is_some_and(|c| c.removed.iter().any(|b| visible(b)));
    let mut x = 0.0;
    for (show, key, style) in [
        (
            new,
            "report-map-draft",
            format!(
                r#"fill="{}" stroke="{}" stroke-width="0.4""#,
                ink::DRAFT,
                ink::DRAFT_LINE
            ),
        ),
        (
            gone,
            "report-map-removed",
            format!(
                r##"fill="#ffffff" stroke="{}" stroke-width="0.3" stroke-dasharray="1.1 0.7""##,
                ink::DRAFT_LINE
            ),
        ),
    ] {
        if !show {
            continue;
        }
        let label = texts.get(key);
        let needed = 6.0 + text_width(&label, size);
        if x > 0.0 && x + needed > width {
            x = 0.0;
            next += size + 2.0;
        }
        let _ = write!(
            body,
            r#"<rect x="{:.2}" y="{:.2}" width="4.4" height="{:.2}" {style}/>"#,
            x + 0.2,
            next + 0.3,
            size
        );
        text(
            body,
            x + 6.0,
            next + size * 1.02,
            size,
            "400",
            ink::TEXT,
            "start",
            &label,
        );
        x += needed + 5.0;
    }
    x = barrier_legend(body, spec, paper, x, &mut next, width, size);
    if x > 0.0 {
        next += size + 2.0;
    }
    bottom = bottom.max(next);
    bottom
}

fn draw_legend(
    body: &mut String,
    texts: &Texts,
    legend: &Legend,
    title: &str,
    mut y: f64,
    width: f64,
    room: f64,
    size: f64,
) -> f64 {
    let language = texts.language();
    for line in wrap(title, room, size) {
        text(
            body,
            0.0,
            y + size * 0.8,
            size,
            "600",
            ink::TEXT,
            "start",
            &line,
        );
        y += size * 1.3;
    }
    y += 0.5;
    match &legend.kind {
        LegendKind::Continuous {
            min,
            max,
            colors,
            ends,
            ..
        } => {
            let signed = *min < 0.0;
            // Half of the first label stands left of the bar.
            let decimals = legend.tick_decimals() as f64;
            let left = if signed {
                (1.4 + 0.5 * decimals) * size
            } else {
                0.8 * size
            };
            let bar = room.min(96.0) - left - 1.4 * size;
            let steps = colors.len() * 2;
            for i in 0..steps {
                let value = min + (max - min) * (i as f64 + 0.5) / steps as f64;
                // A hair wider than the step, so that no seam shows between two colours.
                let _ = write!(
                    body,
                    r#"<rect x="{:.3}" y="{y:.2}" width="{:.3}" height="3.2" fill="{}"/>"#,
                    left + bar * i as f64 / steps as f64,
                    bar / steps as f64 + if i + 1 < steps { 0.1 } else { 0.0 },
                    css_color(legend.color(value))
                );
            }
            let _ = write!(
                body,
                r#"<rect x="{left:.2}" y="{y:.2}" width="{bar:.2}" height="3.2" fill="none" stroke="{}" stroke-width="0.12"/>"#,
                ink::QUIET
            );
            let ticks = legend.ticks();
            let decimals = legend.tick_decimals();
            // Labels need room: on a narrow bar every second one is enough.
            let widest = (2.4 + 0.9 * decimals as f64) * size;
            let every = if bar / (ticks.len() as f64) < widest {
                2
            } else {
                1
            };
            for (i, value) in ticks.iter().enumerate() {
                let x = left + bar * (value - min) / (max - min);
                let _ = write!(
                    body,
                    r#"<path d="M{x:.2} {:.2}v0.9" stroke="{}" stroke-width="0.15"/>"#,
                    y + 3.2,
                    ink::QUIET
                );
                if i % every != 0 {
                    continue;
                }
                let mut label = if signed {
                    language.signed(*value, decimals)
                } else {
                    language.number(*value, decimals)
                };
                if signed && *value == 0.0 {
                    label = "0".to_owned();
                }
                if i == 0 && signed {
                    label = format!("≤ {label}");
                } else if i + 1 == ticks.len() {
                    label = format!("≥ {label}");
                }
                text(
                    body,
                    x,
                    y + 4.2 + size,
                    size,
                    "400",
                    ink::TEXT,
                    "middle",
                    &label,
                );
            }
            y += 4.6 + size * 1.2;
            if let Some([low, high]) = ends {
                text(
                    body,
                    0.0,
                    y + size * 0.8,
                    size,
                    "400",
                    ink::QUIET,
                    "start",
                    &texts.get(low),
                );
                text(
                    body,
                    left + bar + 1.4 * size,
                    y + size * 0.8,
                    size,
                    "400",
                    ink::QUIET,
                    "end",
                    &texts.get(high),
                );
                y += size * 1.4;
            }
            y + 1.0
        }
        LegendKind::Classes(classes) => {
            let mut x = 0.0;
            // Labels like `3 to 10 cm` say their limits themselves.
            let has_digit = |label: &str| label.bytes().any(|b| b.is_ascii_digit());
            let single =
                legend.is_of_kinds() || classes.iter().all(|c| has_digit(c.label(language)));
            let row = if single { 1.2 } else { 2.4 };
            for class in classes {
                let label = class.label(language);
                let limits = if single {
                    String::new()
                } else {
                    class.limits(texts, &legend.unit)
                };
                let needed = 6.2 + text_width(label, size).max(text_width(&limits, size)) + 3.5;
                if x > 0.0 && x + needed > room.min(width) {
                    x = 0.0;
                    y += size * row + 1.6;
                }
                let _ = write!(
                    body,
                    r#"<rect x="{:.2}" y="{y:.2}" width="4.6" height="{:.2}" fill="{}" stroke="{}" stroke-width="0.15"/>"#,
                    x + 0.1,
                    size * (row - 0.2),
                    css_color(class.color),
                    ink::BUILDING_LINE
                );
                text(
                    body,
                    x + 6.2,
                    y + size * 0.9,
                    size,
                    "400",
                    ink::TEXT,
                    "start",
                    label,
                );
                if !single {
                    text(
                        body,
                        x + 6.2,
                        y + size * 2.1,
                        size,
                        "400",
                        ink::QUIET,
                        "start",
                        &limits,
                    );
                }
                x += needed;
            }
            y + size * row + 1.8
        }
    }
}
