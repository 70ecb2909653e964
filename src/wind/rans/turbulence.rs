//! One pseudo-time step of k and epsilon.
//!
//! dk/dt = -U.grad k + div(nu / sigma_k grad k) + P - epsilon,
//! depsilon/dt = -U.grad epsilon + div(nu / sigma_e grad epsilon) + (c1 P - c2 epsilon) / T,
//! with P = nu S², nu = c_mu k T, T = k / epsilon with Durbin's limit (sources in [`Closure`]).

use rayon::prelude::*;

use super::column::Lack;
use super::constants::Closure;
use super::layout::{Layout, from};
use super::limit::{carried, high};
use super::momentum::{Spacing, passes};
use super::state::State;
use super::walls::WallCell;
use crate::wind::wide::wide;

/// Smallest k (m²/s²) and epsilon (m²/s³): never reached by wind that a person could feel.
pub(super) const LEAST: f32 = 1e-9;
/// Pace (1/s) of cells that nothing passes, solid ones: they keep what they have.
const SLOWEST: f32 = 1e-9;

/// Rates of a row of cells.
#[derive(Clone, Debug, Default)]
struct Rates {
    /// Rate of strain (1/s), production of k (m²/s³).
    strain: Vec<f32>,
    production: Vec<f32>,
    /// Gain of k and of epsilon by wind and diffusion.
    of_k: Vec<f32>,
    of_epsilon: Vec<f32>,
    /// Inverse of the step (1/s), before the Courant number.
    pace: Vec<f32>,
}

/// New k, epsilon and eddy viscosity.
pub(super) fn step(state: &mut State, lacks: &[Lack]) {
    let mut scratch = std::mem::take(&mut state.scratch);
    let [k_out, epsilon_out, nu_out] = &mut scratch;
    let shared = &*state;
    let layout = shared.layout;
    let [nx, ny, nz] = layout.cells;
    let rows = k_out
        .par_chunks_mut(layout.row)
        .zip(epsilon_out.par_chunks_mut(layout.row))
        .zip(nu_out.par_chunks_mut(layout.row))
        .enumerate();
    rows.with_min_len(4).for_each_init(
        || Rates::new(nx),
        |rates, (row, ((k_out, epsilon_out), nu_out))| {
            let (j, k) = layout.row_of(row);
            // Beyond the sides nothing changes here.
            let here = row * layout.row..(row + 1) * layout.row;
            k_out.copy_from_slice(&shared.k[here.clone()]);
            epsilon_out.copy_from_slice(&shared.epsilon[here.clone()]);
            nu_out.copy_from_slice(&shared.nu[here]);
            if (0..ny as isize).contains(&j) && k < nz {
                rates.find(shared, j, k);
                let inner = Layout::inner(nx);
                let out = [
                    &mut k_out[inner.clone()],
                    &mut epsilon_out[inner.clone()],
                    &mut nu_out[inner],
                ];
                advance(shared, rates, row, &lacks[k], out);
            }
        },
    );
    let [k, epsilon, nu] = &mut scratch;
    std::mem::swap(&mut state.k, k);
    std::mem::swap(&mut state.epsilon, epsilon);
    std::mem::swap(&mut state.nu, nu);
    state.scratch = scratch;
}

impl Rates {
    fn new(n: usize) -> Self {
        let line = || vec![0.0; n];
        Self {
            strain: line(),
            production: line(),
            of_k: line(),
            of_epsilon: line(),
            pace: line(),
        }
    }

    fn find(&mut self, state: &State, j: isize, k: usize) {
        let layout = &state.layout;
        let n = layout.cells[0];
        let at = layout.at(0, j, k);
        let [_, south, north, _] = layout.offsets(1, j, k);
        let [_, below, above, _] = layout.offsets(2, j, k);
        let [_, to_y, to_z] = layout.strides();
        let [u, v, w] = &state.velocity;
        // Both faces of a cell, added up: here, and in the cells before and after along two axes.
        let pairs = |f: &'_ Vec<f32>, next: isize, others: [isize; 4]| -> [[usize; 2]; 5] {
            debug_assert!(f.len() == layout.len(), "fields have one layout");
            let [a, b, c, d] = others;
            [0, a, b, c, d].map(|o| [o, o + next].map(|o| at.wrapping_add_signed(o)))
        };
        let of_u = pairs(u, 1, [south, north, below, above]).map(|p| p.map(|a| &u[a..a + n]));
        let of_v = pairs(v, to_y, [-1, 1, below, above]).map(|p| p.map(|a| &v[a..a + n]));
        let of_w = pairs(w, to_z, [-1, 1, south, north]).map(|p| p.map(|a| &w[a..a + n]));
        let steps: [[&[f32]; 2]; 3] = std::array::from_fn(|axis| {
            let field = &state.steps[axis];
            [0, layout.strides()[axis]].map(|o| from(field, at, o, n))
        });
        let level = state.spacing(3, 0, k).width;
        let upright = state.spacing(3, 2, k);
        strains(of_u, of_v, of_w, steps, level, upright, &mut self.strain);
        self.of_k.fill(0.0);
        self.of_epsilon.fill(0.0);
        self.pace.fill(SLOWEST);
        for (axis, faces) in steps.into_iter().enumerate() {
            let off = layout.offsets(axis, j, k);
            let next = layout.strides()[axis];
            let around = [off[0], off[1], 0, off[2], off[3]];
            let velocity = &state.velocity[axis];
            carry(
                [0, next].map(|o| from(velocity, at, o, n)),
                faces,
                [off[1], 0, off[2]].map(|o| from(&state.nu, at, o, n)),
                around.map(|o| from(&state.k, at, o, n)),
                around.map(|o| from(&state.epsilon, at, o, n)),
                state.spacing(3, axis, k),
                [
                    0.5 / state.closure.sigma_k,
                    0.5 / state.closure.sigma_epsilon,
                ],
                &mut self.of_k,
                &mut self.of_epsilon,
                &mut self.pace,
            );
        }
        produce(
            from(&state.nu, at, 0, n),
            &self.strain,
            &mut self.production,
        );
    }
}

wide! {
    /// Strain rate S = sqrt(2 S_ij S_ij) (1/s). `u`, `v` and `w` are the faces of the cell and of its neighbours along the other
    /// two axes. Half the slope to each side; none across walls.
    fn strains(
        u: [[&[f32]; 2]; 5],
        v: [[&[f32]; 2]; 5],
        w: [[&[f32]; 2]; 5],
        steps: [[&[f32]; 2]; 3],
        level: f32,
        upright: Spacing,
        strain: &mut [f32],
    ) {
        let n = strain.len();
        let [[u0, u1], [us0, us1], [un0, un1], [ub0, ub1], [ua0, ua1]] = u.map(|x| x.map(|x| &x[..n]));
        let [[v0, v1], [vw0, vw1], [ve0, ve1], [vb0, vb1], [va0, va1]] = v.map(|x| x.map(|x| &x[..n]));
        let [[w0, w1], [ww0, ww1], [we0, we1], [ws0, ws1], [wn0, wn1]] = w.map(|x| x.map(|x| &x[..n]));
        let [[x0, x1], [y0, y1], [z0, z1]] = steps.map(|x| x.map(|x| &x[..n]));
        let quarter = 0.25 * level;
        let (quarter_m, quarter_p) = (0.25 * upright.before, 0.25 * upright.after);
        for c in 0..n {
            let (xm, xp) = (passes(x0[c]) * quarter, passes(x1[c]) * quarter);
            let (ym, yp) = (passes(y0[c]) * quarter, passes(y1[c]) * quarter);
            let (zm, zp) = (passes(z0[c]) * quarter_m, passes(z1[c]) * quarter_p);
            let (uc, vc, wc) = (u0[c] + u1[c], v0[c] + v1[c], w0[c] + w1[c]);
            let ux = (u1[c] - u0[c]) * level;
            let vy = (v1[c] - v0[c]) * level;
            let wz = (w1[c] - w0[c]) * upright.width;
            let uy = yp * (un0[c] + un1[c] - uc) + ym * (uc - us0[c] - us1[c]);
            let uz = zp * (ua0[c] + ua1[c] - uc) + zm * (uc - ub0[c] - ub1[c]);
            let vx = xp * (ve0[c] + ve1[c] - vc) + xm * (vc - vw0[c] - vw1[c]);
            let vz = zp * (va0[c] + va1[c] - vc) + zm * (vc - vb0[c] - vb1[c]);
            let wx = xp * (we0[c] + we1[c] - wc) + xm * (wc - ww0[c] - ww1[c]);
            let wy = yp * (wn0[c] + wn1[c] - wc) + ym * (wc - ws0[c] - ws1[c]);
            let normal = 2.0 * (ux * ux + vy * vy + wz * wz);
            let (a, b, d) = (uy + vx, uz + wx, vz + wy);
            strain[c] = (normal + a * a + b * b + d * d).sqrt();
        }
    }
}

wide! {
    /// Production (m²/s³) of k: viscosity times the square of the strain.
    fn produce(nu: &[f32], strain: &[f32], out: &mut [f32]) {
        for ((out, nu), strain) in out.iter_mut().zip(nu).zip(strain) {
            *out = nu * strain * strain;
        }
    }
}

wide! {
    /// Adds what wind and diffusion along one axis bring to k and epsilon, and the pace (1/s) of both. `f` are the velocities on both faces, `steps` their
    /// steps, `nu` the viscosity before, here and after, `k` and `e` the values from two before to two after, `halves` half the inverse Prandtl numbers.
    fn carry(
        f: [&[f32]; 2],
        steps: [&[f32]; 2],
        nu: [&[f32]; 3],
        k: [&[f32]; 5],
        e: [&[f32]; 5],
        side: Spacing,
        halves: [f32; 2],
        rate_k: &mut [f32],
        rate_e: &mut [f32],
        pace: &mut [f32],
    ) {
        let n = rate_k.len();
        let (rate_e, pace) = (&mut rate_e[..n], &mut pace[..n]);
        let ([f_m, f_p], [s_m, s_p]) = (f.map(|x| &x[..n]), steps.map(|x| &x[..n]));
        let [nu_m, nu_0, nu_p] = nu.map(|x| &x[..n]);
        let [k_mm, k_m, k_0, k_p, k_pp] = k.map(|x| &x[..n]);
        let [e_mm, e_m, e_0, e_p, e_pp] = e.map(|x| &x[..n]);
        for c in 0..n {
            let (m, p) = (f_m[c], f_p[c]);
            let d_m = passes(s_m[c]) * (nu_0[c] + nu_m[c]) * side.before;
            let d_p = passes(s_p[c]) * (nu_0[c] + nu_p[c]) * side.after;
            let k_low = carried(m, k_mm[c], k_m[c], k_0[c], k_p[c]);
            let k_high = carried(p, k_m[c], k_0[c], k_p[c], k_pp[c]);
            let e_low = carried(m, e_mm[c], e_m[c], e_0[c], e_p[c]);
            let e_high = carried(p, e_m[c], e_0[c], e_p[c], e_pp[c]);
            let k_gain = m * (k_low - k_0[c]) - p * (k_high - k_0[c])
                + halves[0] * (d_p * (k_p[c] - k_0[c]) - d_m * (k_0[c] - k_m[c]));
            let e_gain = m * (e_low - e_0[c]) - p * (e_high - e_0[c])
                + halves[1] * (d_p * (e_p[c] - e_0[c]) - d_m * (e_0[c] - e_m[c]));
            rate_k[c] += side.width * k_gain;
            rate_e[c] += side.width * e_gain;
            pace[c] += side.width * 0.5 * (m.abs() + p.abs() + d_m + d_p);
        }
    }
}

/// One step of a row: walls change the production, sources, then walls change epsilon, and the viscosity follows.
fn advance(state: &State, rates: &mut Rates, row: usize, lack: &Lack, out: [&mut [f32]; 3]) {
    let layout = &state.layout;
    let start = row * layout.row + Layout::inner(1).start;
    let n = layout.cells[0];
    let [k_out, epsilon_out, nu_out] = out;
    let walls = state.walls.cells.row(row);
    for wall in walls {
        let c = wall.at as usize - start;
        let produced = wall_production(state, wall);
        rates.production[c] += wall.share * (produced - rates.production[c]);
    }
    let (k, epsilon) = (
        from(&state.k, start, 0, n),
        from(&state.epsilon, start, 0, n),
    );
    react(
        &state.closure,
        lack,
        state.courant,
        rates,
        [k, epsilon],
        k_out,
        epsilon_out,
    );
    for wall in walls {
        let c = wall.at as usize - start;
        let k = k_out[c];
        epsilon_out[c] += wall.share * (wall.dissipation * k * k.sqrt() - epsilon_out[c]);
    }
    viscosity(&state.closure, &rates.strain, k_out, epsilon_out, nu_out);
}

/// Production (m²/s³) by the laws of the walls of a cell.
fn wall_production(state: &State, wall: &WallCell) -> f32 {
    let at = wall.at as usize;
    let next = state.layout.strides().map(|s| at + s as usize);
    let centre: [f32; 3] = std::array::from_fn(|axis| {
        let velocity = &state.velocity[axis];
        0.5 * (velocity[at] + velocity[next[axis]])
    });
    let along = |a: usize, b: usize| centre[a].hypot(centre[b]);
    let [x, y, z] = wall.production;
    state.k[at] * (x * along(1, 2) + y * along(0, 2) + z * along(0, 1))
}

wide! {
    /// Sources, implicit where they are losses.
    fn react(
        closure: &Closure,
        lack: &Lack,
        courant: f32,
        rates: &Rates,
        before: [&[f32]; 2],
        k_out: &mut [f32],
        epsilon_out: &mut [f32],
    ) {
        let n = k_out.len();
        let epsilon_out = &mut epsilon_out[..n];
        let [k, epsilon] = before.map(|x| &x[..n]);
        let (strain, produced, pace) = (&rates.strain[..n], &rates.production[..n], &rates.pace[..n]);
        let (of_k, of_e) = (&rates.of_k[..n], &rates.of_epsilon[..n]);
        // A loss shrinks with k or epsilon, so that neither becomes negative.
        let (k_gain, k_loss) = (high(lack.k, 0.0), high(-lack.k, 0.0) / lack.k_in);
        let (e_gain, e_loss) = (
            high(lack.epsilon, 0.0),
            high(-lack.epsilon, 0.0) / lack.epsilon_in,
        );
        let per_strain = closure.c_mu / closure.realizable;
        for c in 0..n {
            let dt = if pace[c] > 2.0 * SLOWEST {
                courant / pace[c]
            } else {
                0.0
            };
            let turnover = epsilon[c] / k[c];
            let frequency = high(turnover, strain[c] * per_strain);
            let k_new =
                (k[c] + dt * (of_k[c] + produced[c] + k_gain)) / (1.0 + dt * (turnover + k_loss));
            let e_new = (epsilon[c] + dt * (of_e[c] + closure.c1 * produced[c] * frequency + e_gain))
                / (1.0 + dt * (closure.c2 * frequency + e_loss));
            k_out[c] = high(k_new, LEAST);
            epsilon_out[c] = high(e_new, LEAST);
        }
    }
}

wide! {
    /// Eddy viscosity = c_mu k times the time scale, with Durbin's limit.
    fn viscosity(closure: &Closure, strain: &[f32], k: &[f32], epsilon: &[f32], out: &mut [f32]) {
        let per_strain = closure.c_mu / closure.realizable;
        for (((out, k), epsilon), strain) in out.iter_mut().zip(k).zip(epsilon).zip(strain) {
            *out = closure.c_mu * k / high(epsilon / k, strain * per_strain);
        }
    }
}
