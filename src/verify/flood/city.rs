//! The synthetic quarter of `data/flood/city_case`: rest, volume of a heavy rain, the same bytes for any number of threads.

use std::path::Path;

use crate::flood::domain::{Domain, Forcing, Series, Start};
use crate::flood::kernel::{Solver, SolverOptions};
use crate::geo::Grid;

use super::flume::{FAST, advance};
use super::lake::{self, WAYS};
use super::reference::{Raster, largest_difference};
use super::{Effort, Sheet};

/// How buildings stand in the water.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buildings {
    /// Raised ground: rain falls on the roof and runs off.
    Block,
    /// Out of the domain; the rain of the roof goes to the cells around.
    Hole,
}

/// The quarter, made from the closed formulae of its README: any number of cells, any cell size.
pub struct Quarter {
    /// Cells.
    pub grid: Grid,
    /// Ground (m).
    pub ground_m: Vec<f64>,
    /// Height of the building on a cell (m), 0 without one.
    pub building_m: Vec<f64>,
    /// Manning's n (s/m^(1/3)).
    pub manning_n: Vec<f32>,
}

/// Mixes two small numbers into one that looks random.
fn mixed(a: i64, b: i64) -> u32 {
    let x = (a as u32)
        .wrapping_mul(0x9E37_79B1)
        .wrapping_add((b as u32).wrapping_mul(0x85EB_CA77));
    let x = (x ^ (x >> 15)).wrapping_mul(0x2C1B_3C6D);
    let x = (x ^ (x >> 12)).wrapping_mul(0x297A_2D39);
    x ^ (x >> 15)
}

impl Quarter {
    /// A square of `side` cells.
    pub fn new(side: usize, cell_m: f64) -> Self {
        let length = side as f64 * cell_m;
        let grid = Grid {
            west: 0.0,
            north: length,
            cell_m,
            cols: side,
            rows: side,
        };
        let mut quarter = Self {
            grid,
            ground_m: Vec::with_capacity(grid.len()),
            building_m: Vec::with_capacity(grid.len()),
            manning_n: Vec::with_capacity(grid.len()),
        };
        for row in 0..side {
            for col in 0..side {
                let x = (col as f64 + 0.5) * cell_m;
                let y = ((side - 1 - row) as f64 + 0.5) * cell_m;
                quarter.push(x, y, length);
            }
        }
        quarter
    }

    fn push(&mut self, x: f64, y: f64, length: f64) {
        use std::f64::consts::TAU;
        let mut z = 4.0 + 0.006 * y + 0.003 * (x - 0.55 * length).abs();
        z += 0.60 * (TAU * x / 310.0).sin() * (TAU * y / 270.0).sin();
        z += 0.25 * (TAU * (x + 2.0 * y) / 97.0).sin();
        // Streets of 12 m around blocks of 80 m by 60 m.
        let (block_x, block_y) = ((x / 80.0).floor(), (y / 60.0).floor());
        let (in_x, in_y) = (x - block_x * 80.0, y - block_y * 60.0);
        let street = in_x < 12.0 || in_y < 12.0;
        if street {
            z -= 0.15;
        }
        // Two by two plots in a block, most of them built on.
        let plot_x = ((in_x - 12.0) / 34.0).floor().clamp(0.0, 1.0);
        let plot_y = ((in_y - 12.0) / 24.0).floor().clamp(0.0, 1.0);
        let (on_x, on_y) = (in_x - 12.0 - plot_x * 34.0, in_y - 12.0 - plot_y * 24.0);
        let inside = !street && (4.0..30.0).contains(&on_x) && (4.0..20.0).contains(&on_y);
        let chance = mixed(
            (2.0 * block_x + plot_x) as i64 + 1,
            (2.0 * block_y + plot_y) as i64 + 7,
        );
        let built = inside && chance % 100 < 72;
        let height = 6.0 + 3.0 * f64::from((chance >> 8) % 5);
        self.ground_m.push((z * 100.0).round_ties_even() / 100.0);
        self.building_m.push(if built { height } else { 0.0 });
        self.manning_n.push(match (built, street) {
            (true, _) => 0.015,
            (false, true) => 0.016,
            (false, false) => 0.040,
        });
    }

    /// Between closed walls.
    pub fn domain(&self, buildings: Buildings) -> Domain {
        let block = buildings == Buildings::Block;
        let both = self.ground_m.iter().zip(&self.building_m);
        Domain {
            grid: self.grid,
            bed_m: both.map(|(z, b)| if block { z + b } else { *z }).collect(),
            manning_n: self.manning_n.clone(),
            open: self.building_m.iter().map(|&b| block || b <= 0.0).collect(),
            crests: Vec::new(),
            porosity: None,
            boundaries: Vec::new(),
        }
    }

    /// 60 mm/h for one hour.
    pub fn rain(&self, buildings: Buildings) -> Forcing {
        Forcing {
            rain_m: vec![Series {
                times_s: vec![0.0, 3600.0],
                values: vec![0.0, 0.060],
            }],
            rain_factor: match buildings {
                Buildings::Block => Vec::new(),
                Buildings::Hole => self.roof_rain(),
            },
            ..Forcing::default()
        }
    }

    /// Rain of each roof shared equally by the cells around its footprint.
    fn roof_rain(&self) -> Vec<f32> {
        let Grid { rows, cols, .. } = self.grid;
        let built = |cell: usize| self.building_m[cell] > 0.0;
        let around = |cell: usize, reach: fn(usize, usize) -> bool| {
            let (row, col) = (cell / cols, cell % cols);
            let places = (row.saturating_sub(1)..(row + 2).min(rows)).flat_map(move |r| {
                (col.saturating_sub(1)..(col + 2).min(cols)).map(move |c| (r, c))
            });
            places
                .filter(move |&(r, c)| reach(r.abs_diff(row), c.abs_diff(col)))
                .map(move |(r, c)| r * cols + c)
        };
        let mut factor: Vec<f64> = (0..self.grid.len())
            .map(|cell| if built(cell) { 0.0 } else { 1.0 })
            .collect();
        let mut seen = vec![false; self.grid.len()];
        for first in 0..self.grid.len() {
            if !built(first) || seen[first] {
                continue;
            }
            let mut roof = vec![first];
            let mut ring = Vec::new();
            seen[first] = true;
            let mut next = 0;
            while let Some(&cell) = roof.get(next) {
                next += 1;
                ring.extend(around(cell, |_, _| true).filter(|&c| !built(c)));
                for neighbour in around(cell, |dr, dc| dr + dc == 1) {
                    if built(neighbour) && !seen[neighbour] {
                        seen[neighbour] = true;
                        roof.push(neighbour);
                    }
                }
            }
            ring.sort_unstable();
            ring.dedup();
            let share = roof.len() as f64 / ring.len() as f64;
            for cell in ring {
                factor[cell] += share;
            }
        }
        factor.into_iter().map(|f| f as f32).collect()
    }
}

/// Rest in the quarter, with buildings as blocks and as holes.
pub fn lake(_: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let (side, cell_m, level_m, steps) = match effort {
        Effort::Quick => (100, 4.0, 5.5, 300),
        Effort::Full => (250, 4.0, 8.0, 10_000),
    };
    let quarter = Quarter::new(side, cell_m);
    for (name, buildings) in [("block", Buildings::Block), ("hole", Buildings::Hole)] {
        let domain = quarter.domain(buildings);
        // The two extremes: what the limit of f64 is meant for, and what cities are computed with.
        for (way, options, limit) in [WAYS[0], WAYS[3]] {
            let unrest = lake::rest(&domain, level_m, options, steps, &mut sheet.health);
            let id = format!("lake_in_city/{name}/{way}");
            lake::rows(
                &id,
                unrest,
                limit,
                "rest, quarter of data/flood/city_case",
                sheet,
            );
        }
    }
    Ok(())
}
