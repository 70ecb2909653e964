//! One explicit step of the momentum on the faces of one axis.
//!
//! du/dt = -U.grad u + div(nu (grad u + grad u^T)) - grad p + force, as differences on the staggered grid: second-order limited upwind
//! for what the wind carries (as U.grad u, so that uniform wind stays uniform while mass is not yet conserved), central for stresses.
//! Closed faces have step 0 and stay at rest; no stress acts across them, the laws of the walls follow as an implicit loss.

use rayon::prelude::*;

use super::layout::{Layout, from};
use super::limit::{carried, high};
use super::state::State;
use super::walls::Drag;

/// Inverse distances (1/m) along an axis around a face or cell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spacing {
    /// Width of the volume.
    pub(super) width: f32,
    /// To the next value before and after.
    pub(super) before: f32,
    pub(super) after: f32,
}

/// 1 where a face can be passed.
#[inline(always)]
pub(super) fn passes(step: f32) -> f32 {
    if step > 0.0 { 1.0 } else { 0.0 }
}

/// New velocities along `axis`, before the pressure is corrected. `force` (m/s²) acts on each layer.
pub(super) fn step(state: &State, axis: usize, force: &[f32], out: &mut [f32]) {
    let layout = &state.layout;
    let [nx, ny, nz] = layout.cells;
    let last = |n: usize, a: usize| (n + usize::from(axis == a)) as isize;
    out.par_chunks_mut(layout.row)
        .enumerate()
        .with_min_len(4)
        .for_each_init(|| vec![0.0; nx + 1], |pace, (row, out)| {
            let (j, k) = layout.row_of(row);
            // The lowest faces across z and those of the top are fixed.
            let inside = (0..last(ny, 1)).contains(&j) && k < nz && (axis < 2 || k > 0);
            let start = row * layout.row;
            out.copy_from_slice(&state.velocity[axis][start..start + layout.row]);
            if !inside {
                return;
            }
            let n = nx + usize::from(axis == 0);
            let at = layout.at(0, j, k);
            row_step(state, axis, [j, k as isize], force[k], &mut pace[..n], &mut out[Layout::inner(n)]);
            rub(state, axis, at, state.walls.drags[axis].row(row), out);
        });
}

/// Friction at walls, implicit.
fn rub(state: &State, axis: usize, at: usize, drags: &[Drag], out: &mut [f32]) {
    let row = at - Layout::inner(1).start;
    let before = state.layout.strides()[axis] as usize;
    for drag in drags {
        let here = drag.at as usize;
        let k = 0.5 * (state.k[here] + state.k[here - before.min(here)]);
        out[here - row] /= 1.0 + state.steps[axis][here] * drag.rate * k.max(0.0).sqrt();
    }
}

fn row_step(state: &State, axis: usize, [j, k]: [isize; 2], force: f32, pace: &mut [f32], out: &mut [f32]) {
    let n = out.len();
    let layout = &state.layout;
    let at = layout.at(0, j, k as usize);
    let others = [(axis + 1) % 3, (axis + 2) % 3];
    let own = state.spacing(axis, axis, k as usize);
    let [own_off, b_off, c_off] = [axis, others[0], others[1]].map(|a| layout.offsets(a, j, k as usize));
    let a = &state.velocity[axis];
    let middle = from(a, at, 0, n);
    let [a_mm, a_m, a_p, a_pp] = own_off.map(|o| from(a, at, o, n));
    let nu = &state.nu;
    let (nu_here, nu_before) = (from(nu, at, 0, n), from(nu, at, own_off[1], n));
    let (p_here, p_before) = (from(&state.p, at, 0, n), from(&state.p, at, own_off[1], n));
    // Along the own axis, and the pressure.
    for c in 0..n {
        let u = middle[c];
        let (f_m, f_p) = (0.5 * (a_m[c] + u), 0.5 * (u + a_p[c]));
        let u_m = carried(f_m, a_mm[c], a_m[c], u, a_p[c]);
        let u_p = carried(f_p, a_m[c], u, a_p[c], a_pp[c]);
        let carries = f_m * (u_m - u) - f_p * (u_p - u);
        let stress_p = 2.0 * nu_here[c] * (a_p[c] - u) * own.after;
        let stress_m = 2.0 * nu_before[c] * (u - a_m[c]) * own.before;
        let push = p_before[c] - p_here[c];
        out[c] = force + own.width * (carries + stress_p - stress_m + push);
        pace[c] = own.width * (0.5 * (f_m.abs() + f_p.abs()) + nu_here[c] * own.after + nu_before[c] * own.before);
    }
    for (across, off) in others.into_iter().zip([b_off, c_off]) {
        let side = state.spacing(axis, across, k as usize);
        let b = &state.velocity[across];
        let mask = &state.steps[across];
        let [a_mm, a_m, a_p, a_pp] = off.map(|o| from(a, at, o, n));
        let (before, after) = (own_off[1], off[2]);
        // The four velocities across at the corners, and whether they can pass.
        let (b_m0, b_m1) = (from(b, at, before, n), from(b, at, 0, n));
        let (b_p0, b_p1) = (from(b, at, before + after, n), from(b, at, after, n));
        let (s_m0, s_m1) = (from(mask, at, before, n), from(mask, at, 0, n));
        let (s_p0, s_p1) = (from(mask, at, before + after, n), from(mask, at, after, n));
        let (nu_m0, nu_m1) = (from(nu, at, before + off[1], n), from(nu, at, off[1], n));
        let (nu_p0, nu_p1) = (from(nu, at, before + after, n), from(nu, at, after, n));
        for c in 0..n {
            let u = middle[c];
            let (f_m, f_p) = (0.5 * (b_m0[c] + b_m1[c]), 0.5 * (b_p0[c] + b_p1[c]));
            let u_m = carried(f_m, a_mm[c], a_m[c], u, a_p[c]);
            let u_p = carried(f_p, a_m[c], u, a_p[c], a_pp[c]);
            let carries = f_m * (u_m - u) - f_p * (u_p - u);
            // Mean viscosity of the four cells and mean of the two passages: 0.25 * 0.5.
            let nu_two = nu_here[c] + nu_before[c];
            let nu_m = 0.125 * (nu_two + nu_m0[c] + nu_m1[c]) * (passes(s_m0[c]) + passes(s_m1[c]));
            let nu_p = 0.125 * (nu_two + nu_p0[c] + nu_p1[c]) * (passes(s_p0[c]) + passes(s_p1[c]));
            let stress_p = nu_p * ((a_p[c] - u) * side.after + (b_p1[c] - b_p0[c]) * own.width);
            let stress_m = nu_m * ((u - a_m[c]) * side.before + (b_m1[c] - b_m0[c]) * own.width);
            out[c] += side.width * (carries + stress_p - stress_m);
            pace[c] += side.width * (0.5 * (f_m.abs() + f_p.abs()) + nu_p * side.after + nu_m * side.before);
        }
    }
    let steps = from(&state.steps[axis], at, 0, n);
    let most = 1.0 / state.courant;
    for c in 0..n {
        // Steps are set anew now and then only; wind that has become faster since takes shorter ones.
        let shorter = high(1.0, steps[c] * pace[c] * most);
        out[c] = middle[c] + steps[c] / shorter * out[c];
    }
}
