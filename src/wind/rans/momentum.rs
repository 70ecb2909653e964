//! One explicit step of the momentum on the faces of one axis.
//!
//! du/dt = -U.grad u + div(nu (grad u + grad u^T)) - grad p + force, as differences on the staggered grid: third-order upwind
//! for what the wind carries (as U.grad u, so that uniform wind stays uniform while mass is not yet conserved), central for stresses.
//! Closed faces have step 0 and stay at rest; no stress acts across them, the laws of the walls follow as an implicit loss.

use std::ops::Range;

use rayon::prelude::*;

use super::layout::{Layout, Offsets};
use super::limit::{high, third_order};
use super::state::State;
use super::walls::Drag;
use crate::wind::wide::wide;

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
        .for_each_init(
            || vec![0.0; nx + 1],
            |pace, (row, out)| {
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
                row_step(
                    state,
                    axis,
                    [j, k as isize],
                    force[k],
                    &mut pace[..n],
                    &mut out[Layout::inner(n)],
                );
                rub(state, axis, at, state.walls.drags[axis].row(row), out);
            },
        );
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

/// The new velocities of a row without friction at walls.
fn row_step(
    state: &State,
    axis: usize,
    [j, k]: [isize; 2],
    force: f32,
    pace: &mut [f32],
    out: &mut [f32],
) {
    let layout = &state.layout;
    let n = out.len();
    let at = layout.at(0, j, k as usize);
    let row = |field: &'_ [f32], offset: isize| -> Range<usize> {
        let start = at.wrapping_add_signed(offset);
        debug_assert!(start + n <= field.len(), "a row inside the field");
        start..start + n
    };
    let own = state.spacing(axis, axis, k as usize);
    let off = layout.offsets(axis, j, k as usize);
    let (a, nu, p) = (&state.velocity[axis], &state.nu, &state.p);
    let around = |off: Offsets| [off[0], off[1], 0, off[2], off[3]].map(|o| &a[row(a, o)]);
    let two = |field: &'_ [f32]| [off[1], 0].map(|o| row(field, o));
    let (nu_own, p_own) = (two(nu).map(|r| &nu[r]), two(p).map(|r| &p[r]));
    along(around(off), nu_own, p_own, own, force, pace, out);
    for across in [(axis + 1) % 3, (axis + 2) % 3] {
        let side = state.spacing(axis, across, k as usize);
        let side_off = layout.offsets(across, j, k as usize);
        let (b, closed) = (&state.velocity[across], &state.steps[across]);
        let (before, after) = (off[1], side_off[2]);
        let corners = [before, 0, before + after, after];
        let viscous = [
            before,
            0,
            before + side_off[1],
            side_off[1],
            before + after,
            after,
        ];
        let beside = &state.steps[axis];
        sideways(
            around(side_off),
            corners.map(|o| &b[row(b, o)]),
            corners.map(|o| &closed[row(closed, o)]),
            [side_off[1], after].map(|o| &beside[row(beside, o)]),
            viscous.map(|o| &nu[row(nu, o)]),
            side,
            own.width,
            pace,
            out,
        );
    }
    let steps = &state.steps[axis][row(&state.steps[axis], 0)];
    advance(&a[row(a, 0)], steps, pace, 1.0 / state.courant, out);
}

wide! {
    /// What the wind carries along its own axis, the stress there, the pressure and a force. `a` are velocities from two before to two after, `nu`
    /// and `p` those of the cells before and after the face. Fills `pace` (1/s), the inverse of the longest step, and `out` (m/s²).
    ///
    /// Not inlined, like all loops over a row here: only as arguments the compiler knows that rows do not overlap, and only then it computes four
    /// values at a time.
    fn along(
        a: [&[f32]; 5],
        nu: [&[f32]; 2],
        p: [&[f32]; 2],
        own: Spacing,
        force: f32,
        pace: &mut [f32],
        out: &mut [f32],
    ) {
        let n = out.len();
        let ([mm, m, u, p1, pp], pace) = (a.map(|a| &a[..n]), &mut pace[..n]);
        let ([nu_m, nu_p], [p_m, p_p]) = (nu.map(|x| &x[..n]), p.map(|x| &x[..n]));
        for c in 0..n {
            let (f_m, f_p) = (0.5 * (m[c] + u[c]), 0.5 * (u[c] + p1[c]));
            let from_m = third_order(f_m, mm[c], m[c], u[c], p1[c]);
            let from_p = third_order(f_p, m[c], u[c], p1[c], pp[c]);
            let carries = f_m * (from_m - u[c]) - f_p * (from_p - u[c]);
            let (d_m, d_p) = (nu_m[c] * own.before, nu_p[c] * own.after);
            let stress = 2.0 * (d_p * (p1[c] - u[c]) - d_m * (u[c] - m[c]));
            out[c] = force + own.width * (carries + stress + (p_m[c] - p_p[c]));
            pace[c] = own.width * (0.5 * (f_m.abs() + f_p.abs()) + d_m + d_p);
        }
    }
}

wide! {
    /// What the wind carries across, and the shear stress. `a` are velocities from two before to two after along the other axis, `b` that
    /// axis' velocities at the four corners (before and here on the lower side, then on the upper one), `closed` their steps, `beside` the steps of the faces
    /// below and above, `nu` the viscosity of the two cells, then of those below and above. Adds to `pace` and `out`.
    fn sideways(
        a: [&[f32]; 5],
        b: [&[f32]; 4],
        closed: [&[f32]; 4],
        beside: [&[f32]; 2],
        nu: [&[f32]; 6],
        side: Spacing,
        own_width: f32,
        pace: &mut [f32],
        out: &mut [f32],
    ) {
        let n = out.len();
        let ([mm, m, u, p, pp], pace) = (a.map(|a| &a[..n]), &mut pace[..n]);
        let ([b_m0, b_m1, b_p0, b_p1], [s_m0, s_m1, s_p0, s_p1]) =
            (b.map(|x| &x[..n]), closed.map(|x| &x[..n]));
        let [beside_m, beside_p] = beside.map(|x| &x[..n]);
        let [nu_0, nu_1, nu_m0, nu_m1, nu_p0, nu_p1] = nu.map(|x| &x[..n]);
        for c in 0..n {
            let (f_m, f_p) = (0.5 * (b_m0[c] + b_m1[c]), 0.5 * (b_p0[c] + b_p1[c]));
            let from_m = third_order(f_m, mm[c], m[c], u[c], p[c]);
            let from_p = third_order(f_p, m[c], u[c], p[c], pp[c]);
            let carries = f_m * (from_m - u[c]) - f_p * (from_p - u[c]);
            // Mean viscosity of four cells times the share of two faces that can be passed: 1/4 times 1/2. None to a face in a wall.
            let two = nu_0[c] + nu_1[c];
            let open_m = (passes(s_m0[c]) + passes(s_m1[c])) * passes(beside_m[c]);
            let open_p = (passes(s_p0[c]) + passes(s_p1[c])) * passes(beside_p[c]);
            let d_m = 0.125 * (two + nu_m0[c] + nu_m1[c]) * open_m;
            let d_p = 0.125 * (two + nu_p0[c] + nu_p1[c]) * open_p;
            let stress = d_p * ((p[c] - u[c]) * side.after + (b_p1[c] - b_p0[c]) * own_width)
                - d_m * ((u[c] - m[c]) * side.before + (b_m1[c] - b_m0[c]) * own_width);
            out[c] += side.width * (carries + stress);
            pace[c] +=
                side.width * (0.5 * (f_m.abs() + f_p.abs()) + d_p * side.after + d_m * side.before);
        }
    }
}

wide! {
    /// From accelerations (m/s²) to new velocities (m/s). Steps are set anew now and then only; wind that has become faster since takes shorter ones.
    fn advance(old: &[f32], steps: &[f32], pace: &[f32], per_courant: f32, out: &mut [f32]) {
        let n = out.len();
        let (old, steps, pace) = (&old[..n], &steps[..n], &pace[..n]);
        for c in 0..n {
            let shorter = high(1.0, steps[c] * pace[c] * per_courant);
            out[c] = old[c] + steps[c] / shorter * out[c];
        }
    }
}
