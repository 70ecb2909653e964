//! Arrows of water or wind, one for each square of paper.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::ink;
use super::paper::Paper;
use super::spec::ArrowLayer;

/// Lengths (mm) of arrows of water: the classes of `flood_velocity_lubw`.
pub const WATER_ARROWS: [(f32, f64); 3] = [(2.0, 4.4), (0.5, 3.3), (0.2, 2.2)];
/// Lengths (mm) of arrows of wind.
pub const WIND_ARROWS: [(f32, f64); 3] = [(4.0, 4.4), (2.0, 3.3), (0.5, 2.2)];
/// Distance (mm) of arrows on paper: a map is no forest.
const ARROW_STEP_MM: f64 = 6.0;

/// One arrow per square of paper, on a fast cell near its middle.
pub(super) fn draw_arrows(body: &mut String, layer: &ArrowLayer<'_>, paper: &Paper) {
    let grid = layer.grid;
    let step_m = ARROW_STEP_MM / paper.mm_per_m;
    // Squares lie on multiples of the step, so that two maps of one area have their arrows at the same places.
    let square = |x: f64| (x / step_m).floor() as i64;
    let mut best: BTreeMap<(i64, i64), (f64, usize)> = BTreeMap::new();
    for row in 0..grid.rows {
        for col in 0..grid.cols {
            let cell = grid.index(row, col);
            let speed = layer.speed_m_per_s[cell];
            let slow = layer.lengths_mm.iter().all(|(from, _)| speed < *from);
            let p = grid.centre(row, col);
            if speed.is_nan() || slow || layer.direction_deg[cell].is_nan() || !paper.sees(p, p) {
                continue;
            }
            let (i, j) = (square(p[0]), square(p[1]));
            let off = |x: f64, i: i64| x / step_m - i as f64 - 0.5;
            let aside = off(p[0], i).hypot(off(p[1], j));
            let weight = f64::from(speed) / (1.0 + 16.0 * aside * aside);
            let entry = best.entry((i, j)).or_insert((weight, cell));
            if weight > entry.0 {
                *entry = (weight, cell);
            }
        }
    }
    let mut places: Vec<[f64; 2]> = Vec::new();
    let mut path = String::new();
    for (_, cell) in best.into_values() {
        let [x, y] = grid.centre(cell / grid.cols, cell % grid.cols);
        let at = [paper.x(x), paper.y(y)];
        let near = |p: &[f64; 2]| (p[0] - at[0]).hypot(p[1] - at[1]) < 0.6 * ARROW_STEP_MM;
        if places.iter().any(near) {
            continue;
        }
        places.push(at);
        let speed = layer.speed_m_per_s[cell];
        let length = layer.lengths_mm.iter().find(|(from, _)| speed >= *from);
        let length = length.map_or(0.0, |(_, mm)| *mm);
        arrow(&mut path, at, f64::from(layer.direction_deg[cell]), length);
    }
    draw_arrow_path(body, &path);
}

/// Adds an arrow to a path: middle (mm), direction (degrees clockwise from up), length (mm).
pub(super) fn arrow(path: &mut String, [x, y]: [f64; 2], direction_deg: f64, length: f64) {
    let (sin, cos) = direction_deg.to_radians().sin_cos();
    // Along the arrow and to its right, on paper where y points down.
    let at = |along: f64, aside: f64| {
        let dx = sin * along + cos * aside;
        let dy = -cos * along + sin * aside;
        format!("{:.2} {:.2}", x + dx, y + dy)
    };
    let (tip, head) = (0.5 * length, 0.8);
    let _ = write!(
        path,
        "M{}L{}M{}L{}L{}",
        at(-tip, 0.0),
        at(tip, 0.0),
        at(tip - head, -0.55),
        at(tip, 0.0),
        at(tip - head, 0.55)
    );
}

pub(super) fn draw_arrow_path(body: &mut String, path: &str) {
    if path.is_empty() {
        return;
    }
    for (color, width, opacity) in [("#ffffff", 0.75, 0.7), (ink::ARROW, 0.26, 1.0)] {
        let _ = write!(
            body,
            r#"<path d="{path}" fill="none" stroke="{color}" stroke-width="{width}" stroke-opacity="{opacity}" stroke-linecap="round" stroke-linejoin="round"/>"#
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::paper::Extent;
    use super::*;
    use crate::geo::Grid;

    #[test]
    fn arrows_point_where_the_water_flows_and_keep_their_distance() {
        let grid = Grid {
            west: 0.0,
            north: 60.0,
            cell_m: 1.0,
            cols: 60,
            rows: 60,
        };
        let paper = Paper {
            extent: Extent {
                min: [0.0, 0.0],
                max: [60.0, 60.0],
            },
            mm_per_m: 1.0,
            top_mm: 0.0,
        };
        let speed = vec![0.6; grid.len()];
        let layer = |direction_deg| ArrowLayer {
            grid: &grid,
            direction_deg,
            speed_m_per_s: &speed,
            lengths_mm: WATER_ARROWS,
            label: "report-map-arrows",
        };
        let east = vec![90.0; grid.len()];
        let mut body = String::new();
        draw_arrows(&mut body, &layer(&east), &paper);
        // One per square of 6 mm; each has a shaft and a head of one path.
        assert_eq!(body.matches('M').count(), 2 * 2 * 100, "{body}");
        assert!(body.contains("M0.85 57.50L4.15 57.50"), "{body}");
        let mut none = String::new();
        draw_arrows(&mut none, &layer(&vec![f32::NAN; grid.len()]), &paper);
        assert!(none.is_empty());
    }
}
