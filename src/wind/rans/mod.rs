//! Tier 2.

mod column;
mod constants;
mod layout;
mod limit;
mod momentum;
mod pressure;
mod sides;
mod state;
mod turbulence;
mod walls;

use std::ops::ControlFlow;

use super::flow::Flow;
use super::grid::WindGrid;
use super::heading::Heading;
use super::inflow::Inflow;
use super::tier1::{Field, Site};

pub use self::constants::Closure;

use self::column::Column;
use self::layout::Layout;
use self::sides::Sides;
use self::state::State;
use self::turbulence::LEAST;
use self::walls::{Roughness, Walls};

/// How to compute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RansOptions {
    /// Most steps in pseudo-time.
    pub most_steps: usize,
    /// Relative change of the velocity in a step (root of the mean square) below which the wind counts as steady.
    pub steady: f32,
    /// Roughness length (m) of facades and roofs: about 1e-5 for smooth ones.
    pub facade_z0_m: f64,
    /// Constants of the turbulence.
    pub closure: Closure,
    /// Courant number.
    pub courant: f32,
    /// Steps between two looks at the pseudo-time steps.
    pub refresh: usize,
    /// V-cycles.
    pub cycles: usize,
}

impl Default for RansOptions {
    fn default() -> Self {
        Self {
            most_steps: 800,
            steady: 1e-4,
            facade_z0_m: 1e-5,
            closure: Closure::FITTED,
            courant: 0.5,
            refresh: 40,
            cycles: 2,
        }
    }
}

/// How far a step was from the steady wind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    /// Change of the velocity in the step by the velocity, roots of mean squares over the faces.
    pub change: f32,
    /// Root of the mean square of what cells gain or lose (m³/s) by what the undisturbed wind of the highest layer carries through a face.
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
}

/// Steady wind of one direction.
#[derive(Clone, Debug)]
pub struct RansField {
    /// Mean velocities (m/s).
    pub flow: Flow,
    /// Turbulent kinetic energy (m²/s²) of each cell.
    pub k: Vec<f32>,
    /// Its dissipation (m²/s³) of each cell.
    pub epsilon: Vec<f32>,
    /// Roughness length (m) that the ground had.
    pub ground_z0_m: f64,
    /// Each step.
    pub history: Vec<Residual>,
    /// Why it ended.
    pub ended: Ended,
}

/// Steady wind.
pub fn solve(
    site: &Site,
    inflow: &Inflow,
    heading: Heading,
    options: &RansOptions,
    start: &Field,
    mut on_step: impl FnMut(usize, Residual) -> ControlFlow<()>,
) -> RansField {
    let (grid, solids) = (&site.grid, &site.solids);
    let column = Column::new(inflow, &grid.levels_m, &options.closure);
    let layout = Layout::new(grid);
    let rough = Roughness {
        ground_z0_m: column.z0_m,
        facade_z0_m: options.facade_z0_m,
        facade_share: f64::from(options.closure.facade_share),
        c_mu: f64::from(options.closure.c_mu),
        ground_m: &site.ground_m,
    };
    let walls = Walls::new(grid, solids, &layout, &rough);
    let mut state = State::new(grid, layout, walls, options.closure);
    state.courant = options.courant;
    state.inverse_in = column.layers.iter().map(|l| 1.0 / l.speed as f32).collect();
    let sides = Sides {
        grid,
        heading,
        inflow,
        column: &column,
        c_mu: f64::from(options.closure.c_mu),
        ground_m: &site.ground_m,
    };
    begin(&mut state, &sides, start, site);
    sides.fill_given(&mut state);
    close_faces(&mut state, site);
    sides.fill_leaving(&mut state);
    let forces = [0, 1, 2].map(|axis| {
        let part = heading.0.get(axis).copied().unwrap_or(0.0) as f32;
        column.lacks.iter().map(|l| l.force * part).collect::<Vec<f32>>()
    });
    let mut rhs = vec![0.0; grid.len()];
    let mut correction = vec![0.0; grid.len()];
    let mut q = layout.field(0.0);
    let fastest = column.layers.iter().map(|l| l.speed).fold(0.0, f64::max);
    let through = (fastest * grid.cell_m * grid.cell_m) as f32;
    let mut history = Vec::new();
    let mut ended = Ended::StepLimit;
    pressure::set_steps(&mut state, solids, grid, heading, options.courant);
    let mut solver = pressure::solver(&state, solids, grid);
    for step in 0..options.most_steps {
        if step > 0 && (step % options.refresh == 0 || step == 5 || step == 15) {
            pressure::set_steps(&mut state, solids, grid, heading, options.courant);
            drop(solver);
            solver = pressure::solver(&state, solids, grid);
        }
        let mut next = std::mem::take(&mut state.scratch);
        for (axis, next) in next.iter_mut().enumerate() {
            momentum::step(&state, axis, &forces[axis], next);
        }
        state.scratch = std::mem::replace(&mut state.velocity, next);
        pressure::outflow(&state, solids, grid, &mut rhs);
        correction.fill(0.0);
        let solved = solver.solve(&rhs, &mut correction, 1e-3, options.cycles);
        pressure::spread(&layout, heading, &correction, &mut q);
        let [change, size] = pressure::correct(&mut state, &q);
        let lost: f64 = rhs.iter().map(|&r| f64::from(r) * f64::from(r)).sum();
        let lost = (lost / grid.len() as f64).sqrt() as f32;
        turbulence::step(&mut state, &column.lacks, options.courant);
        sides.fill_leaving(&mut state);
        let residual = Residual {
            change: (change / size.max(f64::MIN_POSITIVE)).sqrt() as f32,
            mass: solved.residual * lost / through,
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
    }
    let flow = faces(&state, grid);
    let mut k = cells(&layout, &state.k);
    let [nx, ny, _] = grid.cells;
    for (cell, k) in k.iter_mut().enumerate() {
        let at = [cell % nx, cell / nx % ny, cell / (nx * ny)];
        let [u, v, w] = flow.at_centre(grid, at);
        let lost = column.layers[at[2]].speed as f32 - (u * u + v * v + w * w).sqrt();
        *k += options.closure.slow * lost.max(0.0).powi(2);
    }
    RansField {
        flow,
        k,
        epsilon: cells(&layout, &state.epsilon),
        ground_z0_m: column.z0_m,
        history,
        ended,
    }
}

/// Velocities of the first guess, undisturbed turbulence.
fn begin(state: &mut State, sides: &Sides<'_>, start: &Field, site: &Site) {
    let (grid, layout) = (sides.grid, state.layout);
    let [nx, ny, nz] = grid.cells;
    for k in 0..nz {
        for j in 0..=ny {
            for i in 0..=nx {
                let at = layout.at(i as isize, j as isize, k);
                if j < ny {
                    state.velocity[0][at] = start.flow.u[grid.at_x(i, j, k)];
                }
                if i < nx {
                    state.velocity[1][at] = start.flow.v[grid.at_y(i, j, k)];
                }
                if i < nx && j < ny {
                    state.velocity[2][at] = start.flow.w[grid.at_z(i, j, k)];
                    state.k[at] = LEAST;
                    state.epsilon[at] = LEAST;
                    if !site.solids.is_solid(grid.at(i, j, k)) {
                        let wind = sides.undisturbed(i as isize, j as isize, k);
                        state.k[at] = wind.k as f32;
                        state.epsilon[at] = wind.epsilon as f32;
                        state.nu[at] = state.closure.c_mu * (wind.k * wind.k / wind.epsilon) as f32;
                    }
                }
            }
        }
    }
}

/// Stops the wind on closed faces of the given sides.
fn close_faces(state: &mut State, site: &Site) {
    let (grid, layout) = (&site.grid, state.layout);
    let [nx, ny, nz] = grid.cells;
    for k in 0..nz {
        for j in 0..=ny {
            for i in 0..=nx {
                let at = layout.at(i as isize, j as isize, k);
                if j < ny && site.solids.open[0][grid.at_x(i, j, k)] == 0 {
                    state.velocity[0][at] = 0.0;
                }
                if i < nx && site.solids.open[1][grid.at_y(i, j, k)] == 0 {
                    state.velocity[1][at] = 0.0;
                }
            }
        }
    }
}

/// The inner faces in the order of the grid.
fn faces(state: &State, grid: &WindGrid) -> Flow {
    let layout = &state.layout;
    let [nx, ny, nz] = grid.cells;
    let [u, v, w] = &state.velocity;
    let mut flow = Flow::still(grid);
    for k in 0..nz {
        for j in 0..=ny {
            let at = layout.at(0, j as isize, k);
            if j < ny {
                flow.u[grid.at_x(0, j, k)..][..=nx].copy_from_slice(&u[at..=at + nx]);
                flow.w[grid.at_z(0, j, k)..][..nx].copy_from_slice(&w[at..at + nx]);
            }
            flow.v[grid.at_y(0, j, k)..][..nx].copy_from_slice(&v[at..at + nx]);
        }
    }
    flow
}

/// The inner cells in the order of the grid.
fn cells(layout: &Layout, field: &[f32]) -> Vec<f32> {
    let [nx, ny, nz] = layout.cells;
    let mut out = Vec::with_capacity(nx * ny * nz);
    for k in 0..nz {
        for j in 0..ny {
            let at = layout.at(0, j as isize, k);
            out.extend_from_slice(&field[at..at + nx]);
        }
    }
    out
}
