//! Lines of equal value on a grid, as isochrones.
//!
//! Marching squares (Lorensen and Cline 1987 in the plane) on the centres of the cells, linear between two centres. A place without a value lies
//! beyond every level; there, and at the edge of the grid, the line runs half a cell from the last centre, so that every line is closed.

use std::collections::BTreeMap;

use crate::geo::Grid;

/// An edge between two neighbouring centres: row and column of the first, and whether the second lies east of it (else south).
type EdgeKey = (i64, i64, bool);

/// Closed lines (local metres; the first corner is repeated) around all places with a value of at most `level`.
pub fn contour(grid: &Grid, values: &[f32], level: f64) -> Vec<Vec<[f64; 2]>> {
    let value = |row: i64, col: i64| -> f64 {
        let inside = row >= 0 && col >= 0 && row < grid.rows as i64 && col < grid.cols as i64;
        let value = if inside {
            f64::from(values[grid.index(row as usize, col as usize)])
        } else {
            f64::NAN
        };
        if value.is_nan() { f64::INFINITY } else { value }
    };
    let place = |(row, col, east): EdgeKey| -> [f64; 2] {
        let (a, b) = (
            value(row, col),
            value(row + i64::from(!east), col + i64::from(east)),
        );
        // Between a value and none there is nothing to interpolate.
        let t = if a.is_finite() && b.is_finite() {
            (level - a) / (b - a)
        } else {
            0.5
        };
        let x = grid.west + (col as f64 + 0.5 + if east { t } else { 0.0 }) * grid.cell_m;
        let y = grid.north - (row as f64 + 0.5 + if east { 0.0 } else { t }) * grid.cell_m;
        [x, y]
    };
    // Each crossed edge leads on to another one, with the inside on the left.
    let mut next: BTreeMap<EdgeKey, EdgeKey> = BTreeMap::new();
    for row in -1..grid.rows as i64 {
        for col in -1..grid.cols as i64 {
            let corners = [(0, 0), (0, 1), (1, 1), (1, 0)];
            let inside = corners.map(|(r, c)| value(row + r, col + c) <= level);
            let (north, east) = ((row, col, true), (row, col + 1, false));
            let (south, west) = ((row + 1, col, true), (row, col, false));
            // Edges of the square clockwise; the line enters where the corner before is inside and the one after is not.
            let edges = [north, east, south, west];
            let crossed = |k: usize| (inside[k], inside[(k + 1) % 4]);
            for k in 0..4 {
                if crossed(k) != (false, true) {
                    continue;
                }
                // The nearest exit going on clockwise: corners inside that only touch stay apart.
                let exit = (1..4)
                    .map(|step| (k + step) % 4)
                    .find(|&e| crossed(e) == (true, false));
                if let Some(exit) = exit {
                    next.insert(edges[k], edges[exit]);
                }
            }
        }
    }
    let mut lines = Vec::new();
    while let Some((&first, _)) = next.iter().next() {
        let mut line = vec![place(first)];
        let mut at = first;
        while let Some(on) = next.remove(&at) {
            line.push(place(on));
            at = on;
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grid(cols: usize, rows: usize) -> Grid {
        Grid {
            west: 100.0,
            north: 50.0,
            cell_m: 10.0,
            cols,
            rows,
        }
    }

    fn area_m2(ring: &[[f64; 2]]) -> f64 {
        let twice: f64 = ring
            .windows(2)
            .map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1])
            .sum();
        0.5 * twice
    }

    #[test]
    fn a_cone_has_circles_and_a_hole_its_own_line() {
        let grid = grid(41, 41);
        let cone = |inner: f64| -> Vec<f32> {
            let centre = grid.centre(20, 20);
            (0..grid.len())
                .map(|k| {
                    let [x, y] = grid.centre(k / 41, k % 41);
                    let radius = (x - centre[0]).hypot(y - centre[1]);
                    if radius < inner {
                        f32::NAN
                    } else {
                        radius as f32
                    }
                })
                .collect()
        };
        let circle = contour(&grid, &cone(0.0), 150.0);
        assert_eq!(circle.len(), 1);
        let exact = std::f64::consts::PI * 150.0 * 150.0;
        assert!((area_m2(&circle[0]).abs() / exact - 1.0).abs() < 0.01);
        let ring = contour(&grid, &cone(50.0), 150.0);
        assert_eq!(ring.len(), 2);
        // The inside lies on one side of both: their areas have opposite signs.
        assert!(area_m2(&ring[0]) * area_m2(&ring[1]) < 0.0);
        assert!(contour(&grid, &cone(0.0), -1.0).is_empty());
    }

    proptest! {
        /// Every line is closed, and the areas with their signs add up to what lies inside, within the half cells at the edges.
        #[test]
        fn lines_are_closed(values in proptest::collection::vec(proptest::option::of(0.0..10.0f32), 48)) {
            let grid = grid(8, 6);
            let values: Vec<f32> = values.into_iter().map(|v| v.unwrap_or(f32::NAN)).collect();
            let lines = contour(&grid, &values, 5.0);
            for line in &lines {
                prop_assert!(line.len() >= 4);
                prop_assert_eq!(line[0], line[line.len() - 1]);
            }
            prop_assert_eq!(lines.is_empty(), values.iter().all(|v| v.is_nan() || *v > 5.0));
        }
    }
}
