//! Ground and roofs of a city at the samples of a wind grid.

use std::sync::Arc;

use rayon::prelude::*;

use crate::city::columns::columns;
use crate::city::waters::water_cells;
use crate::city::{Building, City};
use crate::geo::Grid;
use crate::wind::grid::WindGrid;
use crate::wind::solids::SAMPLES;

/// Height (m) above the ground from which a thin deck is a bridge, and its thickness (m) at most: wind passes below.
const BRIDGE_CLEARANCE_M: f32 = 2.0;
/// See [`BRIDGE_CLEARANCE_M`].
const BRIDGE_DECK_M: f32 = 3.0;
/// No building.
pub(super) const NOBODY: u32 = u32::MAX;

/// Heights of a city, row by row from the south.
pub(super) struct Surface {
    /// Ground (m above datum) of each column of cells.
    pub(super) ground_m: Vec<f32>,
    /// Ground or roof (m above datum) at each sample, [`SAMPLES`] x [`SAMPLES`] in a column.
    pub(super) tops_m: Vec<f32>,
    /// Building at each sample, by its position in the city; [`NOBODY`] without one.
    pub(super) owners: Vec<u32>,
}

/// Ground (m above datum) in the columns of a plan, row by row from the south. Beyond the terrain the nearest known height goes on; without
/// any terrain the ground is level at the median foot of the buildings. Waters are no lower than `water_level_m`.
pub(super) fn ground_m(city: &City, grid: &WindGrid, water_level_m: f64) -> Vec<f32> {
    let [nx, ny, _] = grid.cells;
    let Some(terrain) = city.terrain.as_deref() else {
        return vec![foot_m(&city.buildings) as f32; nx * ny];
    };
    let sampler = terrain.sampler();
    let mut ground: Vec<f32> = (0..nx * ny)
        .into_par_iter()
        .map(|column| {
            let [x, y] = grid.centre_m(column % nx, column / nx);
            sampler.height_at(x, y).map_or(f32::NAN, |z| z as f32)
        })
        .collect();
    if ground.iter().all(|z| z.is_nan()) {
        return vec![foot_m(&city.buildings) as f32; nx * ny];
    }
    // Along the rows, then rows without any value from their neighbours.
    for row in ground.chunks_exact_mut(nx) {
        carry_on(row.iter_mut());
    }
    for i in 0..nx {
        carry_on(ground[i..].iter_mut().step_by(nx));
    }
    let plan = Grid {
        west: grid.west_m,
        north: grid.south_m + ny as f64 * grid.cell_m,
        cell_m: grid.cell_m,
        cols: nx,
        rows: ny,
    };
    for cell in water_cells(city, &plan) {
        let column = &mut ground[(ny - 1 - cell / nx) * nx + cell % nx];
        *column = column.max(water_level_m as f32);
    }
    ground
}

/// Fills what is unknown on a line with the nearest known value.
fn carry_on<'a>(line: impl Iterator<Item = &'a mut f32>) {
    let mut line: Vec<&mut f32> = line.collect();
    let known: Vec<usize> = (0..line.len()).filter(|&n| !line[n].is_nan()).collect();
    if known.is_empty() {
        return;
    }
    for n in 0..line.len() {
        if line[n].is_nan() {
            let after = known.partition_point(|&k| k < n);
            let before = after.checked_sub(1).map(|i| known[i]);
            let nearest = match (before, known.get(after)) {
                (Some(a), Some(&b)) if b - n < n - a => b,
                (Some(a), _) => a,
                (None, Some(&b)) => b,
                (None, None) => continue,
            };
            *line[n] = *line[nearest];
        }
    }
}

/// Median (m above datum) of the lowest points of all buildings; 0 without any.
fn foot_m(buildings: &[Arc<Building>]) -> f64 {
    let mut feet: Vec<f64> = buildings
        .iter()
        .map(|b| b.z_range().0)
        .filter(|z| z.is_finite())
        .collect();
    feet.sort_by(f64::total_cmp);
    feet.get(feet.len() / 2).copied().unwrap_or(0.0)
}

/// Samples all buildings over the ground.
pub(super) fn surface(city: &City, grid: &WindGrid, ground_m: Vec<f32>) -> Surface {
    let [nx, ny, _] = grid.cells;
    let (cols, rows) = (nx * SAMPLES, ny * SAMPLES);
    let step = grid.cell_m / SAMPLES as f64;
    let mut tops_m: Vec<f32> = (0..rows * cols)
        .map(|s| ground_m[s / cols / SAMPLES * nx + s % cols / SAMPLES])
        .collect();
    let mut owners = vec![NOBODY; rows * cols];
    let north_m = grid.south_m + rows as f64 * step;
    let covered: Vec<Vec<(u32, f32)>> = city
        .buildings
        .par_iter()
        .map(|building| {
            let (min, max) = building.bounds();
            let range = |low: f64, high: f64, most: usize| {
                let clip = |v: f64| (v / step).clamp(0.0, most as f64);
                clip(low).floor() as usize..clip(high).ceil() as usize
            };
            if !(min.x.is_finite() && max.x.is_finite()) {
                return Vec::new();
            }
            let across = range(min.x - grid.west_m, max.x - grid.west_m, cols);
            let down = range(north_m - max.y, north_m - min.y, rows);
            let places = Grid {
                west: grid.west_m + across.start as f64 * step,
                north: north_m - down.start as f64 * step,
                cell_m: step,
                cols: across.len(),
                rows: down.len(),
            };
            if places.is_empty() {
                return Vec::new();
            }
            let mut found = Vec::new();
            for (n, column) in columns(building, &places).into_iter().enumerate() {
                let row = rows - 1 - (down.start + n / places.cols);
                let at = row * cols + across.start + n % places.cols;
                let ground = ground_m[row / SAMPLES * nx + at % cols / SAMPLES];
                let deck = column.low_looks_down
                    && column.low - ground > BRIDGE_CLEARANCE_M
                    && column.high - column.low < BRIDGE_DECK_M;
                if !column.is_empty() && !deck && column.high > ground {
                    found.push((at as u32, column.high));
                }
            }
            found
        })
        .collect();
    for (number, samples) in covered.into_iter().enumerate() {
        for (at, top) in samples {
            let at = at as usize;
            if top > tops_m[at] {
                (tops_m[at], owners[at]) = (top, number as u32);
            }
        }
    }
    Surface {
        ground_m,
        tops_m,
        owners,
    }
}
