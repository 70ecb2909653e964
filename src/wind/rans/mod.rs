//! Tier 2: steady RANS on the grid of tier 1, for one wind direction. What tier 1 guesses with zones follows here from momentum: downwash, corner
//! streams, wakes that reach each other.
//!
//! * **Units and shapes**: SI; pressure by density (m²/s²). Result in the order of [`WindGrid`](super::grid::WindGrid); inside, padded
//!   fields (`layout`), f32 with sums in f64. 150 bytes per cell.
//! * **Method**: fractional steps in pseudo-time (Chorin 1968, doi:10.1090/S0025-5718-1968-0242392-2; pressure kept and corrected as by
//!   Van Kan 1986, doi:10.1137/0907059). Explicit momentum with third-order upwind differences (`momentum`, `limit`); every
//!   face has the longest step that is stable there, and the pressure's equation is weighted with these steps (`pressure`), so that local
//!   steps conserve mass. It starts from tier 1 and is solved roughly, by two iterations of [`poisson`](super::poisson) in each step.
//! * **Turbulence**: k-epsilon (Launder & Spalding 1974) with a limit of the time scale (Durbin 1996), `turbulence`; constants and their sources in
//!   [`Closure`].
//!   Walls have logarithmic laws (`walls`).
//! * **Undisturbed wind**: what the model would change of it in an empty domain is taken off everywhere (`column`); the roughness of the
//!   ground is that for which its friction is the shear stress of the profile. Any heading: wind comes in through one or two sides (`sides`).
//! * **Partial cells**: closed shares of faces pass no mass and rub; momentum in cells with partial faces is carried by their velocities as
//!   if they were whole.
//! * **Valid**: neutral air, blocks of at least five cells, blockage below some 3 %, sides five heights away. Ground under terrain is made
//!   of steps; the forces of `column` are those of level ground.
//! * **What may go wrong**: the calibration's cases are the only ones with known error (`verify::wind`, DESIGN.md). In dense towns the wind
//!   may stay unsteady; [`Ended::StepLimit`] says so, and the last state is given. Jets past corners of oblique blocks are too slow.
//!
//! The same bytes for any number of threads: rows are computed on their own, sums are added up in their order.

mod column;
mod constants;
mod layout;
mod limit;
mod momentum;
mod pressure;
mod sides;
mod state;
mod transfer;
mod turbulence;
mod walls;

use std::ops::ControlFlow;

use crate::job::{Cancelled, Job};

use super::flow::Flow;
use super::heading::Heading;
use super::inflow::Inflow;
use super::tier1::{Field, Site};

pub use self::constants::Closure;

use self::column::Column;
use self::layout::Layout;
use self::pressure::Press;
use self::sides::Sides;
use self::state::State;
use self::walls::{Roughness, Walls};

/// Courant number of a step, with diffusion; monotonised central differences of k and epsilon are stable up to 0.5 (Sweby 1984, doi:10.1137/0721062:
/// 1 / (1 + 2 / 2)). Third-order differences of the velocity, for which explicit steps alone would not be stable, live on the viscosity of eddies.
const COURANT: f32 = 0.5;
/// Steps after which the pseudo-time steps, and with them the pressure's equation, are set anew: early, while the wind changes much, then
/// every so many.
const EARLY: [usize; 2] = [5, 15];
const REFRESH: usize = 40;

/// How to compute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RansOptions {
    /// Most steps in pseudo-time.
    pub most_steps: usize,
    /// Relative change of the velocity in a step (root of the mean square) below which the wind counts as steady. At 1.5e-4 scores are
    /// those of 1e-4 to 0.01.
    pub steady: f32,
    /// Roughness length (m) of facades and roofs: 1e-5 for smooth walls of a model, 1e-3 to 0.1 for balconies and plant.
    pub facade_z0_m: f64,
    /// Constants of the turbulence.
    pub closure: Closure,
}

impl Default for RansOptions {
    fn default() -> Self {
        Self {
            most_steps: 500,
            steady: 1.5e-4,
            facade_z0_m: 1e-5,
            closure: Closure::FITTED,
        }
    }
}

/// How far a step was from the steady wind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// Change of the velocity in the step by the velocity, roots of mean squares over the faces.
    pub change: f32,
    /// Root of the mean square of what cells gain or lose (m³/s) by what the fastest undisturbed wind carries through a square of a
    /// cell's width.
    pub mass: f32,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The wind is steady.
    Steady,
    /// The most steps were made.
    StepLimit,
    /// The caller asked for it.
    Stopped,
    /// The velocities grew beyond all numbers: no wind, and the fields mean nothing.
    Diverged,
}

/// Wind of one direction.
#[derive(Clone, Debug)]
pub struct RansField {
    /// Mean velocities (m/s).
    pub flow: Flow,
    /// Turbulent kinetic energy (m²/s²) of each cell, with that of slow motions ([`Closure::slow`]).
    pub k: Vec<f32>,
    /// Dissipation (m²/s³) of each cell.
    pub epsilon: Vec<f32>,
    /// Roughness length (m) that the ground had: for [`wind_at`](super::probe::wind_at).
    pub ground_z0_m: f64,
    /// Each step.
    pub history: Vec<Residual>,
    /// Why it ended.
    pub ended: Ended,
}

/// Steady wind that arrives with a profile and a heading. `start` is tier 1's wind of that direction; `on_step` gets the number of each
/// step and its residual, for progress, and may end the run.
pub fn solve(
    site: &Site,
    inflow: &Inflow,
    heading: Heading,
    options: &RansOptions,
    start: &Field,
    on_step: impl FnMut(usize, Residual) -> ControlFlow<()>,
) -> RansField {
    let never = Job::default();
    solve_for(&never, site, inflow, heading, options, start, on_step)
        .expect("nobody else has this job to cancel it")
}

/// The same for a job that may be cancelled, which is looked at several times in each step.
pub fn solve_for(
    job: &Job,
    site: &Site,
    inflow: &Inflow,
    heading: Heading,
    options: &RansOptions,
    start: &Field,
    mut on_step: impl FnMut(usize, Residual) -> ControlFlow<()>,
) -> Result<RansField, Cancelled> {
    let (grid, solids) = (&site.grid, &site.solids);
    let closure = options.closure;
    let column = Column::new(inflow, &grid.levels_m, &closure);
    let layout = Layout::new(grid);
    let rough = Roughness {
        ground_z0_m: column.z0_m,
        facade_z0_m: options.facade_z0_m,
        facade_share: f64::from(closure.facade_share),
        c_mu: f64::from(closure.c_mu),
        ground_m: &site.ground_m,
    };
    let walls = Walls::new(grid, solids, &layout, &rough, job)?;
    let mut state = State::new(grid, layout, walls, closure, COURANT);
    state.inverse_in = column.layers.iter().map(|l| 1.0 / l.speed as f32).collect();
    let sides = Sides {
        grid,
        heading,
        inflow,
        column: &column,
        c_mu: f64::from(closure.c_mu),
        ground_m: &site.ground_m,
    };
    transfer::begin(&mut state, &sides, solids, &start.flow, job)?;
    let forces = [heading.0[0], heading.0[1], 0.0].map(|part| {
        let along = column.lacks.iter().map(|l| l.force * part as f32);
        along.collect::<Vec<f32>>()
    });
    let fastest = column.layers.iter().map(|l| l.speed).fold(0.0, f64::max);
    let through = (fastest * grid.cell_m * grid.cell_m) as f32;
    let mut press = Press::new(&mut state, solids, grid, heading, job)?;
    let mut history = Vec::new();
    let mut ended = Ended::StepLimit;
    for step in 0..options.most_steps {
        if step > 0 && (step % REFRESH == 0 || EARLY.contains(&step)) {
            press = press.refreshed(&mut state, job)?;
        }
        let mut next = std::mem::take(&mut state.scratch);
        for (axis, next) in next.iter_mut().enumerate() {
            job.check_cancelled()?;
            momentum::step(&state, axis, &forces[axis], next);
        }
        state.scratch = std::mem::replace(&mut state.velocity, next);
        let (change, lost_m3_per_s) = press.conserve(&mut state, job)?;
        job.check_cancelled()?;
        turbulence::step(&mut state, &column.lacks);
        sides.fill_leaving(&mut state);
        let residual = Residual {
            change,
            mass: lost_m3_per_s / through,
        };
        history.push(residual);
        if on_step(step, residual).is_break() {
            ended = Ended::Stopped;
            break;
        }
        if residual.change < options.steady {
            ended = Ended::Steady;
            break;
        }
        if !(residual.change.is_finite() && residual.mass.is_finite()) {
            ended = Ended::Diverged;
            break;
        }
    }
    let flow = transfer::faces(&state, grid);
    let mut k = transfer::cells(&layout, &state.k);
    transfer::add_slow(&mut k, &flow, &sides, closure.slow);
    Ok(RansField {
        flow,
        k,
        epsilon: transfer::cells(&layout, &state.epsilon),
        ground_z0_m: column.z0_m,
        history,
        ended,
    })
}

#[cfg(test)]
mod tests;
