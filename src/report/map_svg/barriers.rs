//! Flood walls, mobile barriers and breaches, with their signs in the legend.

use std::fmt::Write as _;

use crate::city::City;

use super::ink;
use super::paper::{Extent, Paper};
use super::spec::MapSpec;
use super::words::{text, text_width};

/// Style of flood walls; mobile ones are dashed.
fn barrier_style(mobile: bool) -> String {
    let dashes = if mobile {
        r#" stroke-dasharray="1.6 0.9""#
    } else {
        ""
    };
    format!(
        r#"fill="none" stroke="{}" stroke-width="0.9"{dashes}"#,
        ink::DRAFT_LINE
    )
}

/// The sign of a breach: two strokes across, at a place on paper (mm).
fn breach_sign(body: &mut String, [x, y]: [f64; 2]) {
    for (color, width) in [("#ffffff", 1.5), (ink::TEXT, 0.55)] {
        let _ = write!(
            body,
            r#"<path d="M{:.2} {:.2}l2.4 2.4m0 -2.4l-2.4 2.4" fill="none" stroke="{color}" stroke-width="{width}" stroke-linecap="round"/>"#,
            x - 1.2,
            y - 1.2
        );
    }
}

/// Flood walls, mobile barriers and breaches that the variant brings.
pub(super) fn draw_barriers(body: &mut String, city: &City, paper: &Paper) {
    for wall in city.flood_walls.iter() {
        let mut path = String::new();
        paper.line(&mut path, &wall.line);
        let _ = write!(
            body,
            r##"<path d="{path}" fill="none" stroke="#ffffff" stroke-width="1.7" stroke-opacity="0.85"/><path d="{path}" {} stroke-linejoin="round"/>"##,
            barrier_style(wall.mobile)
        );
    }
    for breach in city.breaches.iter() {
        if let Some([x, y]) = middle(&breach.line) {
            breach_sign(body, [paper.x(x), paper.y(y)]);
        }
    }
}

/// Mean of the points of a line.
pub(super) fn middle(line: &[[f64; 2]]) -> Option<[f64; 2]> {
    let n = line.len() as f64;
    let sum = line.iter().fold([0.0; 2], |[x, y], p| [x + p[0], y + p[1]]);
    (!line.is_empty()).then(|| sum.map(|v| v / n))
}

/// Signs of walls and breaches that are on the map, with their words; returns the next free x (mm).
pub(super) fn barrier_legend(
    body: &mut String,
    spec: &MapSpec,
    paper: &Paper,
    mut x: f64,
    y: &mut f64,
    width: f64,
    size: f64,
) -> f64 {
    let seen = |line: &[[f64; 2]]| {
        let bounds = Extent::around(line.iter().copied());
        bounds.is_some_and(|b| paper.sees(b.min, b.max))
    };
    let walls = |mobile: bool| {
        let mut walls = spec.city.flood_walls.iter();
        walls.any(|w| w.mobile == mobile && seen(&w.line))
    };
    let breach = spec.city.breaches.iter().any(|b| seen(&b.line));
    for (show, key, mobile) in [
        (walls(false), "report-map-flood-wall", Some(false)),
        (walls(true), "report-map-mobile-barrier", Some(true)),
        (breach, "report-map-breach", None),
    ] {
        if !show {
            continue;
        }
        let label = spec.texts.get(key);
        let needed = 7.2 + text_width(&label, size);
        if x > 0.0 && x + needed > width {
            x = 0.0;
            *y += size + 2.0;
        }
        let middle = *y + 0.3 + 0.5 * size;
        match mobile {
            Some(mobile) => {
                let _ = write!(
                    body,
                    r#"<path d="M{:.2} {middle:.2}h5.8" {}/>"#,
                    x + 0.2,
                    barrier_style(mobile)
                );
            }
            None => breach_sign(body, [x + 2.4, middle]),
        }
        text(
            body,
            x + 7.2,
            *y + size * 1.02,
            size,
            "400",
            ink::TEXT,
            "start",
            &label,
        );
        x += needed + 5.0;
    }
    x
}
