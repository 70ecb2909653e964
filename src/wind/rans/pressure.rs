//! Steps on the faces, and the pressure that makes the wind conserve mass.
//!
//! div(step grad q) = div u, then u -= step grad q and p += q: with the local step as weight, the correction of the velocity is exactly what the new
//! pressure does in the next step of the momentum.

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

use super::super::grid::WindGrid;
use super::super::heading::Heading;
use super::super::poisson::{Poisson, Shape, Side};
use super::super::solids::Solids;
use super::layout::{Layout, from};
use super::momentum::passes;
use super::sides::{copy_out, given};
use super::state::State;

/// Iterations of the pressure in each step, and the share of its right side at which they may end earlier.
const ITERATIONS: usize = 2;
const TOLERANCE: f32 = 1e-3;
/// Slowest wind, by the undisturbed one of the same height, that steps are made for: calm places take no longer steps, for they may wake up.
const CALM: f32 = 0.25;

/// The pressure's equation, and the memory that it works in.
pub(super) struct Press<'a> {
    solids: &'a Solids,
    grid: &'a WindGrid,
    heading: Heading,
    solver: Poisson,
    /// What leaves each cell (m³/s) and the correction of the pressure (m²/s²), in the order of the grid.
    outflow: Vec<f32>,
    correction: Vec<f32>,
    /// The correction, padded.
    q: Vec<f32>,
}

impl<'a> Press<'a> {
    /// Sets the steps of a state.
    pub(super) fn new(
        state: &mut State,
        solids: &'a Solids,
        grid: &'a WindGrid,
        heading: Heading,
        job: &Job,
    ) -> Result<Self, Cancelled> {
        set_steps(state, solids, grid, heading);
        Ok(Self {
            solids,
            grid,
            heading,
            solver: solver(state, solids, grid, job)?,
            outflow: vec![0.0; grid.len()],
            correction: vec![0.0; grid.len()],
            q: state.layout.field(0.0),
        })
    }

    /// The same after the steps have been set anew. By value, so that the old solver's memory is free for the new one.
    pub(super) fn refreshed(self, state: &mut State, job: &Job) -> Result<Self, Cancelled> {
        let Self {
            solids,
            grid,
            heading,
            solver: old,
            ..
        } = self;
        drop(old);
        set_steps(state, solids, grid, heading);
        let solver = solver(state, solids, grid, job)?;
        Ok(Self { solver, ..self })
    }

    /// Corrects velocity and pressure so that mass is nearly conserved. Gives the relative change of the velocity since the old one (the
    /// scratch fields), and the root of the mean square of what cells still lose (m³/s).
    pub(super) fn conserve(
        &mut self,
        state: &mut State,
        job: &Job,
    ) -> Result<(f32, f32), Cancelled> {
        outflow(state, self.solids, self.grid, &mut self.outflow);
        self.correction.fill(0.0);
        let solved = self.solver.solve_for(
            job,
            &self.outflow,
            &mut self.correction,
            TOLERANCE,
            ITERATIONS,
        )?;
        spread(&state.layout, self.heading, &self.correction, &mut self.q);
        let [change, size] = correct(state, &self.q);
        let lost: f64 = self
            .outflow
            .iter()
            .map(|&x| f64::from(x) * f64::from(x))
            .sum();
        let lost = (lost / self.grid.len() as f64).sqrt() as f32;
        let change = (change / size.max(f64::MIN_POSITIVE)).sqrt() as f32;
        Ok((change, solved.residual * lost))
    }
}

/// Pseudo-time steps from the Courant number (convection and diffusion): those of the cells, the mean of both on a face.
fn set_steps(state: &mut State, solids: &Solids, grid: &WindGrid, heading: Heading) {
    let layout = state.layout;
    let [nx, ny, nz] = grid.cells;
    let mut cells = std::mem::take(&mut state.scratch[0]);
    let shared = &*state;
    let [_, north, up] = layout.strides().map(|s| s as usize);
    let [u, v, w] = &shared.velocity;
    cells
        .par_chunks_mut(layout.row)
        .enumerate()
        .for_each(|(row, out)| {
            let (j, k) = layout.row_of(row);
            if !(0..ny as isize).contains(&j) || k >= nz {
                return;
            }
            let at = layout.at(0, j, k);
            let (x, z) = (1.0 / shared.dx, 1.0 / shared.dz[k]);
            for (c, out) in out[Layout::inner(nx)].iter_mut().enumerate() {
                let c = at + c;
                let fast = |a: f32, b: f32| a.abs().max(b.abs());
                let pace = x
                    * (CALM / shared.inverse_in[k]
                        + fast(u[c], u[c + 1])
                        + fast(v[c], v[c + north]))
                    + z * fast(w[c], w[c + up]);
                *out = shared.courant / (pace + shared.nu[c] * (4.0 * x * x + 2.0 * z * z) + 1e-9);
            }
        });
    copy_out(&layout, [true; 4], None, 1.0, &mut cells);
    let given = given(heading);
    for (axis, steps) in state.steps.iter_mut().enumerate() {
        let stride = layout.strides()[axis] as usize;
        let open = &solids.open[axis];
        let last = |n: usize, a: usize| n + usize::from(axis == a);
        steps
            .par_chunks_mut(layout.row)
            .enumerate()
            .for_each(|(row, out)| {
                let (j, k) = layout.row_of(row);
                if j < 0 || j as usize >= last(ny, 1) || k >= nz || (axis == 2 && k == 0) {
                    return;
                }
                let j = j as usize;
                let at = layout.at(0, j as isize, k);
                for (i, out) in out[Layout::inner(last(nx, 0))].iter_mut().enumerate() {
                    let face = match axis {
                        0 => grid.at_x(i, j, k),
                        1 => grid.at_y(i, j, k),
                        _ => grid.at_z(i, j, k),
                    };
                    let fixed = match axis {
                        0 => (i == 0 && given[0]) || (i == nx && given[1]),
                        1 => (j == 0 && given[2]) || (j == ny && given[3]),
                        _ => false,
                    };
                    let mean = 0.5 * (cells[at + i] + cells[at + i - stride]);
                    *out = if fixed || open[face] == 0 { 0.0 } else { mean };
                }
            });
    }
    state.scratch[0] = cells;
}

/// The solver for these steps.
fn solver(
    state: &State,
    solids: &Solids,
    grid: &WindGrid,
    job: &Job,
) -> Result<Poisson, Cancelled> {
    let shape = Shape {
        cells: grid.cells,
        dx_m: grid.cell_m,
        dz_m: grid.thickness_m(),
    };
    let layout = &state.layout;
    let share = |axis: usize, [i, j, k]: [usize; 3]| {
        let face = match axis {
            0 => grid.at_x(i, j, k),
            1 => grid.at_y(i, j, k),
            _ => grid.at_z(i, j, k),
        };
        let step = state.steps[axis][layout.at(i as isize, j as isize, k)];
        step * f32::from(solids.open[axis][face]) / 255.0
    };
    Poisson::weighted(&shape, &share, [Side::Open; 6], job)
}

/// What leaves each cell (m³/s), in the order of the grid.
fn outflow(state: &State, solids: &Solids, grid: &WindGrid, out: &mut [f32]) {
    let [nx, ny, _] = grid.cells;
    let layout = &state.layout;
    let [u, v, w] = &state.velocity;
    let [open_x, open_y, open_z] = &solids.open;
    let [_, north, up] = layout.strides();
    out.par_chunks_mut(nx)
        .enumerate()
        .with_min_len(4)
        .for_each(|(row, out)| {
            let (j, k) = (row % ny, row / ny);
            let at = layout.at(0, j as isize, k);
            let side = state.dx * state.dz[k] / 255.0;
            let lid = state.dx * state.dx / 255.0;
            let (u0, u1) = (from(u, at, 0, nx), from(u, at, 1, nx));
            let (v0, v1) = (from(v, at, 0, nx), from(v, at, north, nx));
            let (w0, w1) = (from(w, at, 0, nx), from(w, at, up, nx));
            let (x0, x1) = (
                &open_x[grid.at_x(0, j, k)..][..nx],
                &open_x[grid.at_x(1, j, k)..][..nx],
            );
            let (y0, y1) = (
                &open_y[grid.at_y(0, j, k)..][..nx],
                &open_y[grid.at_y(0, j + 1, k)..][..nx],
            );
            let (z0, z1) = (
                &open_z[grid.at_z(0, j, k)..][..nx],
                &open_z[grid.at_z(0, j, k + 1)..][..nx],
            );
            for (c, out) in out.iter_mut().enumerate() {
                let level = (f32::from(x1[c]) * u1[c] - f32::from(x0[c]) * u0[c])
                    + (f32::from(y1[c]) * v1[c] - f32::from(y0[c]) * v0[c]);
                *out = side * level + lid * (f32::from(z1[c]) * w1[c] - f32::from(z0[c]) * w0[c]);
            }
        });
}

/// Puts a correction of the pressure (order of the grid) into the padded field `q`, with its values beyond the sides.
fn spread(layout: &Layout, heading: Heading, correction: &[f32], q: &mut [f32]) {
    let [nx, ny, nz] = layout.cells;
    q.par_chunks_mut(layout.row)
        .enumerate()
        .for_each(|(row, q)| {
            let (j, k) = layout.row_of(row);
            if (0..ny as isize).contains(&j) && k < nz {
                let from = &correction[(k * ny + j as usize) * nx..][..nx];
                q[Layout::inner(nx)].copy_from_slice(from);
            }
        });
    let leaves = given(heading).map(|given| !given);
    copy_out(layout, leaves, None, -1.0, q);
}

/// Corrects velocity and pressure; gives the squares of the change since the old velocity (the scratch fields) and of the velocity, summed
/// over all faces.
fn correct(state: &mut State, q: &[f32]) -> [f64; 2] {
    let layout = state.layout;
    let [nx, ny, nz] = layout.cells;
    let mut sums = [0.0; 2];
    let mut velocity = std::mem::take(&mut state.velocity);
    let shared = &*state;
    for (axis, field) in velocity.iter_mut().enumerate() {
        let last = |n: usize, a: usize| n + usize::from(axis == a);
        let rows = field.par_chunks_mut(layout.row).enumerate().with_min_len(4);
        let parts: Vec<[f64; 2]> = rows
            .map(|(row, out)| {
                let (j, k) = layout.row_of(row);
                if j < 0 || j as usize >= last(ny, 1) || k >= nz {
                    return [0.0; 2];
                }
                let n = last(nx, 0);
                let at = layout.at(0, j, k);
                let before = layout.offsets(axis, j, k)[1];
                let inverse = shared.spacing(axis, axis, k).width;
                let (q0, q1) = (from(q, at, before, n), from(q, at, 0, n));
                let steps = from(&shared.steps[axis], at, 0, n);
                let old = from(&shared.scratch[axis], at, 0, n);
                let out = &mut out[Layout::inner(n)];
                for c in 0..n {
                    out[c] -= steps[c] * inverse * (q1[c] - q0[c]);
                }
                squares(out, old, steps)
            })
            .collect();
        for part in parts {
            sums[0] += part[0];
            sums[1] += part[1];
        }
    }
    state.velocity = velocity;
    state.p.par_iter_mut().zip(q).for_each(|(p, q)| *p += q);
    sums
}

/// Squares of the differences of two rows and of the first one, summed over faces that can be passed, in eight interleaved sums.
fn squares(new: &[f32], old: &[f32], steps: &[f32]) -> [f64; 2] {
    let mut sums = [[0.0_f32; 8]; 2];
    let rows = new
        .chunks_exact(8)
        .zip(old.chunks_exact(8))
        .zip(steps.chunks_exact(8));
    for ((new, old), steps) in rows {
        for n in 0..8 {
            let moves = passes(steps[n]);
            let (change, size) = (moves * (new[n] - old[n]), moves * new[n]);
            sums[0][n] += change * change;
            sums[1][n] += size * size;
        }
    }
    let tail = new.len() / 8 * 8;
    for (n, ((new, old), steps)) in new[tail..]
        .iter()
        .zip(&old[tail..])
        .zip(&steps[tail..])
        .enumerate()
    {
        let moves = passes(*steps);
        let (change, size) = (moves * (new - old), moves * new);
        sums[0][n] += change * change;
        sums[1][n] += size * size;
    }
    sums.map(|sum| sum.iter().map(|&x| f64::from(x)).sum())
}
