//! Lakes at rest stay at rest.

use std::path::Path;

use crate::flood::domain::{Axis, Domain, Forcing, Start};
use crate::flood::kernel::{Solver, SolverOptions};
use crate::geo::Grid;

use super::flume::{Flume, Health};
use super::reference::{Analytic, largest_difference};
use super::steady::bump;
use super::{Effort, Sheet};

/// Steps that a lake must stay at rest.
const STEPS: usize = 10_000;
const SOURCE: &str = "rest, SWASHES 3.1, data/flood/analytic";
const CELLS: usize = 400;

/// How a lake is computed, and what is allowed: speed (m/s) and change of level (m).
pub const WAYS: [(&str, SolverOptions, f64); 4] = [
    ("order-2-f64", way(2, true), 1e-12),
    ("order-1-f64", way(1, true), 1e-12),
    ("order-2-f32", way(2, false), 1e-6),
    ("order-1-f32", way(1, false), 1e-6),
];

const fn way(order: u8, double: bool) -> SolverOptions {
    SolverOptions {
        order,
        double,
        track_interval_s: f64::INFINITY,
    }
}

/// Unrest of a lake: the largest over the whole run, looked at every hundred steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unrest {
    /// Speed (m/s).
    pub speed: f64,
    /// Difference to the level of the start in wet cells (m).
    pub level_m: f64,
    /// Depth in cells that were dry (m).
    pub dry_m: f64,
    /// Change of volume, relative.
    pub volume: f64,
}

/// Lets a lake rest for some steps.
pub fn rest(
    domain: &Domain,
    level_m: f64,
    options: SolverOptions,
    steps: usize,
    health: &mut Health,
) -> Unrest {
    let cells = domain.bed_m.iter().zip(&domain.open);
    let depth_m: Vec<f64> = cells
        .map(|(z, open)| if *open { (level_m - z).max(0.0) } else { 0.0 })
        .collect();
    let start = Start {
        depth_m,
        ..Start::default()
    };
    let mut solver = Solver::new(domain, &Forcing::default(), &start, options);
    let volume: f64 = open_depths(domain, &solver).sum();
    let mut unrest = Unrest::default();
    for step in 1..=steps {
        solver.step(f64::INFINITY);
        if step % 100 != 0 && step != steps {
            continue;
        }
        let (u, v) = solver.velocities();
        let depths = solver.depths_m();
        for i in (0..depths.len()).filter(|&i| domain.open[i]) {
            unrest.speed = greater(unrest.speed, u[i].hypot(v[i]));
            if start.depth_m[i] > 0.0 {
                unrest.level_m = greater(
                    unrest.level_m,
                    (depths[i] + domain.bed_m[i] - level_m).abs(),
                );
            } else {
                unrest.dry_m = greater(unrest.dry_m, depths[i]);
            }
        }
    }
    let after: f64 = open_depths(domain, &solver).sum();
    unrest.volume = (after / volume - 1.0).abs();
    health.see(&solver);
    unrest
}

fn open_depths<'a>(domain: &'a Domain, solver: &Solver) -> impl Iterator<Item = f64> + 'a {
    let depths = solver.depths_m();
    let cells = depths.into_iter().zip(&domain.open);
    cells.filter(|(_, open)| **open).map(|(h, _)| h)
}

/// The greater one; NaN wins.
fn greater(a: f64, b: f64) -> f64 {
    if b <= a { a } else { b }
}

/// Rows for one lake.
pub fn rows(id: &str, unrest: Unrest, limit: f64, source: &str, sheet: &mut Sheet) {
    sheet.at_most(
        &format!("{id}/speed"),
        "largest speed, m/s",
        unrest.speed,
        limit,
        source,
    );
    sheet.at_most(
        &format!("{id}/level"),
        "largest change of level, m",
        unrest.level_m,
        limit,
        source,
    );
    sheet.at_most(
        &format!("{id}/dry"),
        "depth in dry cells, m",
        unrest.dry_m,
        0.0,
        source,
    );
    sheet.at_most(
        &format!("{id}/volume"),
        "change of volume, relative",
        unrest.volume,
        1e-14,
        source,
    );
}

/// Cases of the family.
pub fn cases(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let data = Analytic::open(folder)?;
    for name in ["lake_at_rest_immersed", "lake_at_rest_emerged"] {
        let level = data.parameter(name, "stage")?;
        let length_m = data.parameter(name, "L")?;
        let table = data.table(name)?;
        let (bed, depth) = (table.curve("x", "z")?, table.curve("x", "h")?);
        let flume = Flume {
            axis: Axis::X,
            cells: CELLS,
            length_m,
        };
        // The file's own points lie on a finer grid: its bed is the bump of the README, its depth what stands above it.
        let off = largest_difference(&flume.along(|x| bed.at(x)), &flume.along(bump));
        sheet.at_most(
            &format!("{name}/bed"),
            "bed against its formula, m",
            off,
            1e-4,
            SOURCE,
        );
        let off = largest_difference(
            &flume.along(|x| depth.at(x)),
            &flume.along(|x| (level - bump(x)).max(0.0)),
        );
        sheet.at_most(
            &format!("{name}/start"),
            "depth against the level, m",
            off,
            5e-4,
            SOURCE,
        );
        for (way, options, limit) in WAYS {
            let along_y = Flume {
                axis: Axis::Y,
                ..flume
            };
            for (axis, flume) in [("x", flume), ("y", along_y)] {
                let unrest = rest(
                    &flume.domain(bump, 0.0),
                    level,
                    options,
                    if effort == Effort::Full { STEPS } else { 500 },
                    &mut sheet.health,
                );
                rows(
                    &format!("{name}/{way}/{axis}"),
                    unrest,
                    limit,
                    SOURCE,
                    sheet,
                );
            }
        }
        let (cells, steps) = match effort {
            Effort::Quick => (40, 500),
            Effort::Full => (100, STEPS),
        };
        for (way, options, limit) in WAYS {
            let unrest = rest(&turned(cells), level, options, steps, &mut sheet.health);
            rows(
                &format!("{name}/{way}/turned"),
                unrest,
                limit,
                SOURCE,
                sheet,
            );
        }
    }
    Ok(())
}

/// The bump turned by 30 degrees on a square of 25 m.
fn turned(cells: usize) -> Domain {
    let cell_m = 25.0 / cells as f64;
    let grid = Grid {
        west: 0.0,
        north: 25.0,
        cell_m,
        cols: cells,
        rows: cells,
    };
    let (sin, cos) = 30.0_f64.to_radians().sin_cos();
    let bed = |row, col| {
        let [x, y] = grid.centre(row, col);
        bump(x * cos + y * sin - 5.0)
    };
    let places = (0..cells).flat_map(|row| (0..cells).map(move |col| (row, col)));
    Domain {
        grid,
        bed_m: places.map(|(row, col)| bed(row, col)).collect(),
        manning_n: vec![0.0; grid.len()],
        open: vec![true; grid.len()],
        crests: Vec::new(),
        porosity: None,
        boundaries: Vec::new(),
    }
}
