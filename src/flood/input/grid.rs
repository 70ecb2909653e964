//! Cells of a simulation and the height of the bed in them.

use rayon::prelude::*;

use crate::city::Terrain;
use crate::geo::Grid;

/// Share of a cell that must have known heights, so that the cell has one.
const KNOWN_SHARE: f64 = 0.5;

/// Cells of the coarse answer at most.
const COARSE_CELLS: f64 = 30_000.0;
/// Steps times cells of the coarse answer: about a second of one core, so that a person who drags a wall sees an answer within
/// two seconds.
const COARSE_WORK: f64 = 40e6;
/// Time (s) of a step per metre of cell with half a metre of fast water: what the work is estimated with.
const STEP_S_PER_M: f64 = 0.12;
/// Cells are not widened beyond this (m) for the sake of time: streets would close.
const WIDEST_M: f64 = 8.0;
/// Cells that stay across the shorter side.
const LEAST_ACROSS: f64 = 32.0;

/// Relative difference up to which two lengths are the same.
const SAME: f64 = 1e-9;

/// Grid over the terrain, or over a part of it (local west, south, east, north).
///
/// Its lines are those of the terrain raster as far as the cell sizes allow: with equal cells each cell is one of the raster.
/// `None` when the part does not meet the terrain.
pub(super) fn grid_over(terrain: &Terrain, part: Option<[f64; 4]>, cell_m: f64) -> Option<Grid> {
    let (min, max, origin) = match terrain {
        Terrain::Raster { grid, .. } => {
            let (min, max) = grid.bounds();
            (min, max, [grid.west, grid.north])
        }
        Terrain::Tin { vertices, .. } => {
            let (mut min, mut max) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
            for p in vertices {
                min = [min[0].min(p.x), min[1].min(p.y)];
                max = [max[0].max(p.x), max[1].max(p.y)];
            }
            (min, max, [0.0, 0.0])
        }
    };
    let [west, south, east, north] = match part {
        Some([w, s, e, n]) => [w.max(min[0]), s.max(min[1]), e.min(max[0]), n.min(max[1])],
        None => [min[0], min[1], max[0], max[1]],
    };
    if !(west < east && south < north) {
        return None;
    }
    // Lines are counted from the north-western corner of the raster; a line that is met up to rounding is met.
    let first = |steps: f64| (steps + 1e-6).floor();
    let last = |steps: f64| (steps - 1e-6).ceil();
    let col = first((west - origin[0]) / cell_m);
    let row = first((origin[1] - north) / cell_m);
    let cols = last((east - origin[0]) / cell_m) - col;
    let rows = last((origin[1] - south) / cell_m) - row;
    Some(Grid {
        west: origin[0] + col * cell_m,
        north: origin[1] - row * cell_m,
        cell_m,
        cols: (cols as usize).max(1),
        rows: (rows as usize).max(1),
    })
}

/// Whole factor by which cells are widened for a coarse answer of an event of this length (s).
///
/// A cell twice as wide means a quarter of the cells and half of the steps: the factor is the cube root of the work to be saved.
pub(super) fn coarse_factor(grid: &Grid, duration_s: f64) -> f64 {
    let cells = grid.cols as f64 * grid.rows as f64;
    let few = (cells / COARSE_CELLS).sqrt().ceil();
    let work = cells * duration_s / (STEP_S_PER_M * grid.cell_m);
    let quick = (work / COARSE_WORK).cbrt().ceil();
    let open = (WIDEST_M / grid.cell_m).floor();
    let across = (grid.cols.min(grid.rows) as f64 / LEAST_ACROSS).floor();
    few.max(quick.min(open).min(across)).max(1.0)
}

/// Height of the bed (m above datum) in each cell; NaN where the terrain is unknown.
///
/// Cells of the raster itself keep its heights; larger cells take the mean by area, smaller ones the height of the surface at
/// their centre ([`Terrain`]).
pub(super) fn bed(terrain: &Terrain, grid: &Grid) -> Vec<f64> {
    let (own, heights) = match terrain {
        Terrain::Raster { grid, heights } => (grid, heights),
        Terrain::Tin { .. } => return means_of_points(terrain, grid),
    };
    let ratio = grid.cell_m / own.cell_m;
    let lines = [
        (grid.west - own.west) / own.cell_m,
        (own.north - grid.north) / own.cell_m,
    ];
    let whole = lines.iter().all(|l| (l - l.round()).abs() < 1e-6);
    if (ratio - 1.0).abs() < SAME && whole {
        return copied(own, heights, grid, lines[0].round(), lines[1].round());
    }
    if ratio < 1.0 {
        return (0..grid.len())
            .into_par_iter()
            .map(|i| {
                let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
                terrain.height_at(x, y).unwrap_or(f64::NAN)
            })
            .collect();
    }
    let columns: Vec<_> = (0..grid.cols)
        .map(|col| overlaps(lines[0] + col as f64 * ratio, ratio, own.cols))
        .collect();
    let mut bed = vec![f64::NAN; grid.len()];
    bed.par_chunks_mut(grid.cols)
        .enumerate()
        .for_each(|(row, out)| {
            let rows = overlaps(lines[1] + row as f64 * ratio, ratio, own.rows);
            for (value, columns) in out.iter_mut().zip(&columns) {
                let (mut sum, mut known) = (0.0, 0.0);
                for &(r, wr) in &rows {
                    for &(c, wc) in columns {
                        let height = f64::from(heights[own.index(r, c)]);
                        if height.is_finite() {
                            sum += wr * wc * height;
                            known += wr * wc;
                        }
                    }
                }
                if known >= KNOWN_SHARE * ratio * ratio {
                    *value = sum / known;
                }
            }
        });
    bed
}

fn copied(own: &Grid, heights: &[f32], grid: &Grid, right: f64, down: f64) -> Vec<f64> {
    let (right, down) = (right as i64, down as i64);
    (0..grid.len())
        .map(|i| {
            let row = (i / grid.cols) as i64 + down;
            let col = (i % grid.cols) as i64 + right;
            let inside = row >= 0 && col >= 0 && row < own.rows as i64 && col < own.cols as i64;
            if inside {
                f64::from(heights[own.index(row as usize, col as usize)])
            } else {
                f64::NAN
            }
        })
        .collect()
}

/// Cells that an interval of `length` cells from `start` touches, with the length in each.
fn overlaps(start: f64, length: f64, count: usize) -> Vec<(usize, f64)> {
    let end = start + length;
    let first = start.max(0.0).floor() as usize;
    let last = (end.min(count as f64).ceil().max(0.0) as usize).min(count);
    (first..last)
        .filter_map(|cell| {
            let inside = end.min(cell as f64 + 1.0) - start.max(cell as f64);
            (inside > 1e-6).then_some((cell, inside))
        })
        .collect()
}

/// Means over nine places of each cell, for a network of triangles.
fn means_of_points(terrain: &Terrain, grid: &Grid) -> Vec<f64> {
    let sampler = terrain.sampler();
    let step = grid.cell_m / 3.0;
    (0..grid.len())
        .into_par_iter()
        .map(|i| {
            let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
            let (mut sum, mut known) = (0.0, 0);
            for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
                let place = (x + f64::from(dx) * step, y + f64::from(dy) * step);
                if let Some(height) = sampler.height_at(place.0, place.1) {
                    sum += height;
                    known += 1;
                }
            }
            if known >= 5 {
                sum / f64::from(known)
            } else {
                f64::NAN
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 4 x 3 cells of 0.5 m; height = number of the cell, the last one unknown.
    fn raster() -> Terrain {
        let grid = Grid {
            west: 0.3,
            north: 2.1,
            cell_m: 0.5,
            cols: 4,
            rows: 3,
        };
        let mut heights: Vec<f32> = (0..12u8).map(f32::from).collect();
        heights[11] = f32::NAN;
        Terrain::Raster { grid, heights }
    }

    #[test]
    fn equal_cells_are_those_of_the_raster() {
        let terrain = raster();
        let grid = grid_over(&terrain, None, 0.5).unwrap();
        assert_eq!(
            (grid.west, grid.north, grid.cols, grid.rows),
            (0.3, 2.1, 4, 3)
        );
        let bed = super::bed(&terrain, &grid);
        assert_eq!(bed[..11], (0..11).map(f64::from).collect::<Vec<_>>());
        assert!(bed[11].is_nan());
        // A part takes whole cells of the raster.
        let part = grid_over(&terrain, Some([0.9, 0.7, 1.4, 1.5]), 0.5).unwrap();
        assert_eq!((part.cols, part.rows), (2, 2));
        assert_eq!(super::bed(&terrain, &part), [5.0, 6.0, 9.0, 10.0]);
        assert!(grid_over(&terrain, Some([5.0, 0.0, 6.0, 1.0]), 0.5).is_none());
    }

    #[test]
    fn larger_cells_take_the_mean_by_area() {
        let terrain = raster();
        let grid = grid_over(&terrain, None, 1.0).unwrap();
        assert_eq!((grid.cols, grid.rows), (2, 2));
        let bed = super::bed(&terrain, &grid);
        assert_eq!(bed[..2], [2.5, 4.5]);
        // Half of the cell lies beyond the raster, in the last one a known height is missing too.
        assert_eq!(bed[2], 8.5);
        assert!(bed[3].is_nan());
        let odd = Grid {
            west: 0.3,
            north: 2.1,
            cell_m: 0.75,
            cols: 1,
            rows: 1,
        };
        let mean = (0.0 + 0.5 * 1.0 + 0.5 * 4.0 + 0.25 * 5.0) / 2.25;
        assert!((super::bed(&terrain, &odd)[0] - mean).abs() < 1e-12);
    }

    #[test]
    fn smaller_cells_follow_the_surface() {
        let terrain = raster();
        let grid = grid_over(&terrain, Some([0.55, 1.6, 1.05, 1.85]), 0.25).unwrap();
        let bed = super::bed(&terrain, &grid);
        for (i, height) in bed.iter().enumerate() {
            let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
            // On this plane the height rises by 1 per cell to the east and by 4 per cell to the south.
            let expected = (x - 0.55) / 0.5 + 4.0 * (1.85 - y).max(0.0) / 0.5;
            assert!((height - expected).abs() < 1e-6, "{height} {expected}");
        }
    }

    #[test]
    fn a_network_gives_means() {
        let vertices = [
            [0.0, 0.0, 0.0],
            [4.0, 0.0, 4.0],
            [4.0, 4.0, 4.0],
            [0.0, 4.0, 0.0],
        ];
        let terrain = Terrain::Tin {
            vertices: vertices
                .iter()
                .map(|p| nalgebra::Point3::from(*p))
                .collect(),
            triangles: vec![[0, 1, 2], [0, 2, 3]],
        };
        let grid = grid_over(&terrain, None, 1.0).unwrap();
        assert_eq!((grid.cols, grid.rows), (4, 4));
        let bed = super::bed(&terrain, &grid);
        assert!(
            (bed[0] - 0.5).abs() < 1e-9 && (bed[15] - 3.5).abs() < 1e-9,
            "{bed:?}"
        );
    }

    #[test]
    fn a_coarse_answer_has_few_cells_and_few_steps() {
        let grid = |cols, rows, cell_m| Grid {
            west: 0.0,
            north: 0.0,
            cell_m,
            cols,
            rows,
        };
        // A square kilometre, a quarter of it, a block of houses, a dike foreland of a long flood.
        assert_eq!(coarse_factor(&grid(500, 500, 2.0), 7200.0), 4.0);
        assert_eq!(coarse_factor(&grid(250, 185, 2.0), 5400.0), 3.0);
        assert_eq!(coarse_factor(&grid(100, 100, 1.0), 600.0), 2.0);
        assert_eq!(coarse_factor(&grid(1000, 1000, 10.0), 600.0), 6.0);
        // A flume keeps its width.
        assert_eq!(coarse_factor(&grid(700, 40, 0.01), 30.0), 1.0);
    }
}
