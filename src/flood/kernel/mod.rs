//! The solver: two-dimensional shallow-water equations by finite volumes.
//!
//! ```text
//! h_t + (hu)_x + (hv)_y = sources
//! (hu)_t + (hu^2 + g h^2/2)_x + (huv)_y = -g h z_x - g n^2 |u| u / h^(1/3)     and the same for v
//! ```
//!
//! * [`face`]: HLLC on hydrostatically reconstructed depths; order 2 by limited slopes of level, depth and velocity (MUSCL) and
//!   Heun's two stages; thin sheets on steep ground keep their pull.
//! * [`tile`]: one tile of 64 x 64 cells; tiles without water nearby are skipped. [`simd`]: compiled per instruction set.
//! * [`edge`]: open edges. [`volume`]: the exact book of volumes. [`peaks`]: largest values. [`checkpoint`].
//!
//! Depths are f64 and multiples of 2^-44 m: volume is exact and no sum depends on its order. Velocities and fluxes are f32 or
//! f64. The same bytes come out for any number of threads and for every instruction set.
//!
//! Valid for long waves: depths small against lengths, slopes below 45 degrees (beyond, water falls: gravity pulls no more than at
//! 45 degrees). No turbulence, no wind, no waves breaking in detail.

pub mod checkpoint;
pub mod edge;
pub mod face;
pub mod peaks;
pub mod real;
pub mod simd;
mod solver;
#[cfg(test)]
mod tests;
pub mod tile;
pub mod volume;

pub use checkpoint::CheckpointError;
pub use simd::Level;
pub use solver::SolverOf;

use super::domain::{Domain, Forcing, Start};
use super::run::{Frame, Ledger, Peaks};

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolverOptions {
    /// Order in space and time: 1 or 2.
    pub order: u8,
    /// Velocities and fluxes in f64.
    pub double: bool,
    /// Time (s) between two looks at the largest values; 0 for every step.
    pub track_interval_s: f64,
}

/// A run of the solver.
pub enum Solver {
    /// Velocities and fluxes in f32.
    Single(Box<SolverOf<f32>>),
    /// Velocities and fluxes in f64.
    Double(Box<SolverOf<f64>>),
}

macro_rules! both {
    ($solver:expr, $inner:ident => $what:expr) => {
        match $solver {
            Self::Single($inner) => $what,
            Self::Double($inner) => $what,
        }
    };
}

impl Solver {
    /// A run that begins with `start`.
    pub fn new(domain: &Domain, forcing: &Forcing, start: &Start, options: SolverOptions) -> Self {
        if options.double {
            Self::Double(Box::new(SolverOf::new(domain, forcing, start, options)))
        } else {
            Self::Single(Box::new(SolverOf::new(domain, forcing, start, options)))
        }
    }

    /// One time step, never beyond `until_s`; returns its length (s), 0 when `until_s` is reached.
    pub fn step(&mut self, until_s: f64) -> f64 {
        both!(self, s => s.step(until_s))
    }

    /// Uses another instruction set than the best one; for tests and benches.
    pub fn use_level(&mut self, level: Level) {
        both!(self, s => s.use_level(level));
    }

    /// Takes the version with everything for all tiles; for tests.
    #[cfg(test)]
    pub fn use_careful_tiles(&mut self) {
        both!(self, s => s.use_careful_tiles());
    }

    /// Infiltration and sewer take their share no more often than this (s); never more often than every quarter of a second.
    pub fn lose_at_most_every(&mut self, interval_s: f64) {
        both!(self, s => s.lose_at_most_every(interval_s));
    }

    /// Simulated time (s).
    pub fn time_s(&self) -> f64 {
        both!(self, s => s.time_s())
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        both!(self, s => s.steps())
    }

    /// How often the outflow of a cell was limited to what it held.
    pub fn limited_cells(&self) -> u64 {
        both!(self, s => s.limited_cells())
    }

    /// Tiles of 64 x 64 cells computed so far, each once a step: the work of the run.
    pub fn visited_tiles(&self) -> u64 {
        both!(self, s => s.visited_tiles())
    }

    /// Bytes of all arrays with a value per cell, without and with the largest values.
    pub fn bytes(&self) -> [usize; 2] {
        both!(self, s => s.bytes())
    }

    /// Depth (m) of a cell.
    pub fn depth_m(&self, cell: usize) -> f64 {
        both!(self, s => s.depth_m(cell))
    }

    /// Velocity (m/s) of a cell to the east and to the north.
    pub fn velocity(&self, cell: usize) -> [f64; 2] {
        both!(self, s => s.velocity(cell))
    }

    /// Depths (m) of all cells.
    pub fn depths_m(&self) -> Vec<f64> {
        both!(self, s => s.depths_m())
    }

    /// Velocities (m/s) of all cells to the east and to the north.
    pub fn velocities(&self) -> (Vec<f64>, Vec<f64>) {
        both!(self, s => s.velocities())
    }

    /// The state now.
    pub fn frame(&self) -> Frame {
        both!(self, s => s.frame())
    }

    /// Largest values so far.
    pub fn peaks(&self) -> Peaks {
        both!(self, s => s.peaks())
    }

    /// Where the water came from and went.
    pub fn ledger(&self) -> Ledger {
        both!(self, s => s.ledger())
    }

    /// The state of the run as bytes; `identity` is a hash of all it is made from.
    pub fn checkpoint(&self, identity: &[u8; 32]) -> Vec<u8> {
        both!(self, s => s.checkpoint(identity))
    }

    /// Goes back to a checkpoint of a run with the same domain, forcing and options.
    pub fn restore(&mut self, bytes: &[u8], identity: &[u8; 32]) -> Result<(), CheckpointError> {
        both!(self, s => s.restore(bytes, identity))
    }
}
