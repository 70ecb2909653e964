//! The first guess of tier 1: zones of known flow around each block, after Röckle.
//!
//! Röckle 1990 (dissertation, TH Darmstadt); lengths and profiles are those of the QES-Winds v1 theory guide (Bozorgmehr et al. 2021,
//! doi:10.1016/j.envsoft.2021.105022), equations 5 to 25. Three things are added, as the method fails without them where a tower stands
//! among blocks and where the wind is oblique: wakes with shear layers that grow to the sides (`lee`), wind along slanting fronts and past
//! their corners, and the downwash of towers (`front`). Order after Brown et al. 2009: in front of walls first, wakes multiply, then
//! cavities and canyons, then what towers and slanting walls bring down, then rooftops and sidewalls (`sides`).
//! Trees come last and slow whatever is there ([`trees`]).
//!
//! Velocities are those of cell centres in wind axes until [`super::project`] makes them conserve mass.

pub mod constants;
mod front;
mod lee;
pub mod obstacle;
mod sides;
pub mod trees;

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

pub use self::constants::Constants;
use self::obstacle::Obstacle;
use super::grid::WindGrid;
use super::heading::Heading;
use super::inflow::Inflow;
use super::solids::{Block, Solids};

/// What made the wind at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Zone {
    /// The approaching wind.
    #[default]
    Free,
    /// In front of a wall.
    Displacement,
    /// Behind the near wake, still slowed.
    Wake,
    /// Recirculation behind a wall.
    Cavity,
    /// Vortex between two walls.
    Canyon,
    /// Wind along a slanting front.
    WallJet,
    /// Faster wind past the corner of a block.
    CornerStream,
    /// Air that a tower brings down its front.
    Downwash,
    /// Separated flow above a roof.
    Rooftop,
    /// Separated flow beside a wall.
    Sidewall,
    /// Inside or behind trees.
    Trees,
}

/// First guess in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guess {
    /// Velocity (m/s) along the wind, across it to the left, up.
    pub velocity: [f32; 3],
    /// Turbulent kinetic energy (m²/s²) in the mean of the speed.
    pub k: f32,
    /// The same of gusts.
    pub gust_k: f32,
    /// Share of the wind that all wakes leave.
    kept: f32,
    /// Zone.
    pub zone: Zone,
    /// Number of the block that made it; without meaning in [`Zone::Free`] and [`Zone::Trees`].
    pub block: u32,
}

impl Guess {
    fn mark(&mut self, zone: Zone, obstacle: &Obstacle) {
        (self.zone, self.block) = (zone, obstacle.block as u32);
    }

    /// Moves the velocity along and across the wind towards another one.
    fn blend(&mut self, new: [f64; 2], share: f64) {
        for (v, new) in self.velocity.iter_mut().zip(new) {
            *v += (share * (new - f64::from(*v))) as f32;
        }
    }
}

/// What all zones need.
struct Town<'a> {
    grid: &'a WindGrid,
    inflow: &'a Inflow,
    heading: Heading,
    constants: Constants,
    /// From upwind to downwind.
    obstacles: Vec<Obstacle>,
    /// Ground (m) of each column.
    ground_m: &'a [f32],
}

/// Where a column of cells is: along and across the wind (m).
struct Place {
    s: f64,
    t: f64,
}

/// How far a kind of zone of a block reaches (m): before its front, behind its lee, beyond its sides, above its base.
struct Reach {
    upwind_m: f64,
    downwind_m: f64,
    aside_m: f64,
    top_m: f64,
}

impl Reach {
    /// Corners in wind axes, with a cell more on all sides.
    fn corners(&self, o: &Obstacle, cell_m: f64) -> [[f64; 2]; 4] {
        let s = [
            o.along_m[0] - self.upwind_m - cell_m,
            o.along_m[1] + self.downwind_m + cell_m,
        ];
        let aside = self.aside_m + cell_m;
        let t = [o.left_m - aside, o.left_m + o.width_m + aside];
        [[s[0], t[0]], [s[0], t[1]], [s[1], t[0]], [s[1], t[1]]]
    }
}

/// First guess for every cell, column after column from the lowest cell up, columns row by row from the south. `ground_m` is the ground of
/// each column, empty for the lowest level of the grid.
pub fn guess(
    grid: &WindGrid,
    solids: &Solids,
    blocks: &[Block],
    ground_m: &[f32],
    inflow: &Inflow,
    heading: Heading,
    constants: Constants,
    job: &Job,
) -> Result<Vec<Guess>, Cancelled> {
    let mut obstacles: Vec<Obstacle> = blocks
        .par_iter()
        .enumerate()
        .filter_map(|(n, block)| Obstacle::new(grid, block, n, heading, &solids.tops_m))
        .collect();
    obstacles.sort_by(|a, b| {
        let middle = |o: &Obstacle| o.along_m[0] + o.along_m[1];
        middle(a).total_cmp(&middle(b)).then(a.block.cmp(&b.block))
    });
    let town = Town {
        grid,
        inflow,
        heading,
        constants,
        obstacles,
        ground_m,
    };
    let [nx, _, nz] = grid.cells;
    let mut cells = vec![Guess::default(); grid.len()];
    cells
        .par_chunks_mut(nx * nz)
        .enumerate()
        .try_for_each(|(j, row)| {
            job.check_cancelled()?;
            town.row(j, row);
            for (n, guess) in row.iter_mut().enumerate() {
                if solids.is_solid(grid.at(n / nz, j, n % nz)) {
                    guess.velocity = [0.0; 3];
                }
            }
            Ok::<(), Cancelled>(())
        })?;
    Ok(cells)
}

impl Town<'_> {
    fn row(&self, j: usize, row: &mut [Guess]) {
        let [nx, _, nz] = self.grid.cells;
        let floor = self.grid.levels_m[0] as f32;
        for (i, column) in row.chunks_exact_mut(nz).enumerate() {
            let ground = self.ground_m.get(j * nx + i).copied().unwrap_or(floor);
            for (k, guess) in column.iter_mut().enumerate() {
                let height = self.grid.height_m(k) - f64::from(ground);
                guess.velocity = [self.inflow.speed_mps(height) as f32, 0.0, 0.0];
                guess.k = self.inflow.k_m2_per_s2(height) as f32;
                guess.gust_k = guess.k;
                guess.kept = 1.0;
            }
        }
        self.pass(j, row, Self::displacement_reach, Self::displacement);
        self.pass(j, row, Self::wake_reach, Self::wake);
        for guess in row.iter_mut() {
            let kept = self.kept(guess) as f32;
            guess.velocity = guess.velocity.map(|v| v * kept);
        }
        self.pass(j, row, Self::recirculation_reach, Self::recirculation);
        self.pass(j, row, Self::slanting_front_reach, Self::slanting_front);
        self.pass(j, row, Self::downwash_reach, Self::downwash);
        self.pass(j, row, Self::side_reach, Self::rooftop_and_sidewall);
    }

    /// Applies one kind of zone to a row of columns, block after block from upwind to downwind.
    fn pass(
        &self,
        j: usize,
        row: &mut [Guess],
        reach: fn(&Self, &Obstacle) -> Option<Reach>,
        apply: fn(&Self, &Obstacle, &Place, &mut [Guess]),
    ) {
        let [nx, _, nz] = self.grid.cells;
        let cell = self.grid.cell_m;
        let y = self.grid.centre_m(0, j)[1];
        for obstacle in &self.obstacles {
            let Some(reach) = reach(self, obstacle) else {
                continue;
            };
            let corners = reach
                .corners(obstacle, cell)
                .map(|p| self.heading.from_wind(p));
            let range = |axis: usize| {
                let low = corners.iter().map(|p| p[axis]).fold(f64::MAX, f64::min);
                let high = corners.iter().map(|p| p[axis]).fold(f64::MIN, f64::max);
                (low, high)
            };
            let (south, north) = range(1);
            if y < south || y > north {
                continue;
            }
            let (west, east) = range(0);
            let clip = |x: f64| (((x - self.grid.west_m) / cell).max(0.0) as usize).min(nx);
            // Layers above the block's base and below the zone's top.
            let layers = self.layers(obstacle.base_m, obstacle.base_m + reach.top_m);
            for i in clip(west)..clip(east + cell) {
                let [s, t] = self.heading.to_wind(self.grid.centre_m(i, j));
                let column = &mut row[i * nz..][layers.clone()];
                apply(self, obstacle, &Place { s, t }, column);
            }
        }
    }

    /// Layers whose centres are between two heights (m).
    fn layers(&self, low_m: f64, high_m: f64) -> std::ops::Range<usize> {
        let above = |z: f64| {
            let lower = self
                .grid
                .levels_m
                .windows(2)
                .map(|pair| 0.5 * (pair[0] + pair[1]));
            lower.take_while(|&centre| centre < z).count()
        };
        let (low, high) = (above(low_m), above(high_m));
        low..high.max(low)
    }

    /// Height (m) above the block's base of each cell of a column that [`Town::pass`] gives to a zone.
    fn heights<'a>(&'a self, o: &Obstacle) -> impl Iterator<Item = f64> + use<'a> {
        let base = o.base_m;
        let low = self.layers(base, base).start;
        (low..self.grid.cells[2]).map(move |k| self.grid.height_m(k) - base)
    }
}
