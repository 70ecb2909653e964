//! The first guess of tier 1: zones of known flow around each block, after Röckle.
//!
//! Röckle 1990 (dissertation, TH Darmstadt); lengths and profiles are those of the QES-Winds v1 theory guide (Bozorgmehr et al. 2021,
//! doi:10.1016/j.envsoft.2021.105022), equations 5 to 25. Three things are added, as the method fails without them where a tower stands
//! among blocks and where the wind is oblique: wakes with shear layers that grow to the sides ([`lee`]), wind along slanting fronts and past
//! their corners, and the downwash of towers ([`front`]). Order after Brown et al. 2009: in front of walls first, wakes multiply, then
//! cavities and canyons, then what towers and slanting walls bring down, then rooftops and sidewalls ([`sides`]).
//!
//! Velocities are those of cell centres in wind axes until [`super::project`] makes them conserve mass.

pub mod constants;
mod front;
mod lee;
pub mod obstacle;
mod sides;

use rayon::prelude::*;

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
}

/// First guess in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Guess {
    /// Velocity (m/s) along the wind, across it to the left, up.
    pub velocity: [f32; 3],
    /// Turbulent kinetic energy (m²/s²).
    pub k: f32,
    /// Share of the wind that all wakes leave.
    kept: f32,
    /// Zone.
    pub zone: Zone,
    /// Number of the block that made it; without meaning in [`Zone::Free`].
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

/// Where a cell is, as one block sees it.
struct Place {
    /// Along the wind (m).
    s: f64,
    /// Across the wind (m).
    t: f64,
    /// Height (m) above the block's base.
    z: f64,
}

/// First guess for every cell. `ground_m` is the ground of each column, empty for the lowest level of the grid.
pub fn guess(
    grid: &WindGrid,
    solids: &Solids,
    blocks: &[Block],
    ground_m: &[f32],
    inflow: &Inflow,
    heading: Heading,
    constants: Constants,
) -> Vec<Guess> {
    let mut obstacles: Vec<Obstacle> = blocks
        .par_iter()
        .enumerate()
        .filter_map(|(n, block)| Obstacle::new(grid, block, n, heading, &solids.tops_m))
        .collect();
    obstacles.sort_by(|a, b| {
        let middle = |o: &Obstacle| o.along_m[0] + o.along_m[1];
        middle(a)
            .total_cmp(&middle(b))
            .then(a.block.cmp(&b.block))
    });
    let town = Town {
        grid,
        inflow,
        heading,
        constants,
        obstacles,
        ground_m,
    };
    let plane = grid.cells[0] * grid.cells[1];
    let mut cells = vec![Guess::default(); grid.len()];
    cells.par_chunks_mut(plane).enumerate().for_each(|(k, layer)| {
        town.layer(k, layer);
        for (guess, cell) in layer.iter_mut().zip(k * plane..) {
            if solids.is_solid(cell) {
                guess.velocity = [0.0; 3];
            }
        }
    });
    cells
}

impl Town<'_> {
    fn layer(&self, k: usize, layer: &mut [Guess]) {
        let height = self.grid.height_m(k);
        let floor = self.grid.levels_m[0] as f32;
        for (column, guess) in layer.iter_mut().enumerate() {
            let ground = f64::from(self.ground_m.get(column).copied().unwrap_or(floor));
            let speed = self.inflow.speed_mps(height - ground);
            guess.velocity = [speed as f32, 0.0, 0.0];
            guess.k = self.inflow.k_m2_per_s2(height - ground) as f32;
            guess.kept = 1.0;
        }
        self.pass(height, layer, Self::displacement);
        self.pass(height, layer, Self::wake);
        let floor = self.constants.floor as f32;
        for guess in layer.iter_mut() {
            let kept = floor + (1.0 - floor) * guess.kept;
            guess.velocity = guess.velocity.map(|v| v * kept);
        }
        self.pass(height, layer, Self::recirculation);
        self.pass(height, layer, Self::slanting_front);
        self.pass(height, layer, Self::downwash);
        self.pass(height, layer, Self::rooftop_and_sidewall);
    }

    /// Applies one kind of zone, block after block from upwind to downwind.
    fn pass(
        &self,
        height_m: f64,
        layer: &mut [Guess],
        apply: fn(&Self, &Obstacle, &Place, &mut Guess),
    ) {
        let [nx, ny, _] = self.grid.cells;
        let cell = self.grid.cell_m;
        for obstacle in &self.obstacles {
            let z = height_m - obstacle.base_m;
            if z < 0.0 || z > 1.5 * obstacle.height_m {
                continue;
            }
            let corners = self.reach(obstacle).map(|p| self.heading.from_wind(p));
            let range = |axis: usize, from: f64, count: usize| {
                let low = corners.iter().map(|p| p[axis]).fold(f64::MAX, f64::min);
                let high = corners.iter().map(|p| p[axis]).fold(f64::MIN, f64::max);
                let clip = |x: f64| (((x - from) / cell).max(0.0) as usize).min(count);
                clip(low)..clip(high + cell)
            };
            let columns = range(0, self.grid.west_m, nx);
            for j in range(1, self.grid.south_m, ny) {
                for i in columns.clone() {
                    let [s, t] = self.heading.to_wind(self.grid.centre_m(i, j));
                    let place = Place { s, t, z };
                    apply(self, obstacle, &place, &mut layer[j * nx + i]);
                }
            }
        }
    }

    /// Corners, in wind axes, of what the zones of a block reach.
    fn reach(&self, o: &Obstacle) -> [[f64; 2]; 4] {
        let c = &self.constants;
        let cell = self.grid.cell_m;
        let aside = (c.wider * o.bluff_m() + 2.0 * self.spread_m(o, lee::WAKE_REACH * o.near_wake_m()))
            .max(c.downwash_reach * o.height_m)
            + cell;
        let s = [
            o.along_m[0] - o.displacement_m().max(c.wall_jet_reach * o.height_m) - cell,
            o.along_m[1] + lee::WAKE_REACH * o.near_wake_m() + cell,
        ];
        let t = [o.left_m - aside, o.left_m + o.width_m + aside];
        [[s[0], t[0]], [s[0], t[1]], [s[1], t[0]], [s[1], t[1]]]
    }
}
