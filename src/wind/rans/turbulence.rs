//! One pseudo-time step of k and epsilon.

use rayon::prelude::*;

use super::column::Lack;
use super::layout::{Layout, from};
use super::limit::{carried, high, low};
use super::momentum::passes;
use super::state::State;

/// Smallest k (m²/s²) and epsilon (m²/s³): never reached by wind that a person could feel.
pub(super) const LEAST: f32 = 1e-9;
/// Pace (1/s) of cells that nothing passes, solid ones: they keep what they have.
const SLOWEST: f32 = 1e-9;

/// Rates of a row of cells.
#[derive(Clone, Debug, Default)]
struct Rates {
    /// Strain rate (1/s) and production of k (m²/s³).
    strain: Vec<f32>,
    production: Vec<f32>,
    /// Gain of k and of epsilon by wind and diffusion.
    of_k: Vec<f32>,
    of_epsilon: Vec<f32>,
    /// Inverse of the step (1/s), before the Courant number.
    pace: Vec<f32>,
    wake: Vec<f32>,
}

/// New k, epsilon and eddy viscosity in the scratch fields. `courant` as in the momentum.
pub(super) fn step(state: &mut State, lacks: &[Lack], courant: f32) {
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
            if (0..ny as isize).contains(&j) && k < nz {
                rates.find(shared, j, k);
                let inner = Layout::inner(nx);
                let out = [&mut k_out[inner.clone()], &mut epsilon_out[inner.clone()], &mut nu_out[inner]];
                advance(shared, rates, row, &lacks[k], courant, out);
            } else {
                // Beyond the sides nothing changes.
                let here = row * layout.row..(row + 1) * layout.row;
                k_out.copy_from_slice(&shared.k[here.clone()]);
                epsilon_out.copy_from_slice(&shared.epsilon[here.clone()]);
                nu_out.copy_from_slice(&shared.nu[here]);
                return;
            }
            let here = row * layout.row;
            for edge in (0..2).chain(nx + 2..layout.row) {
                k_out[edge] = shared.k[here + edge];
                epsilon_out[edge] = shared.epsilon[here + edge];
                nu_out[edge] = shared.nu[here + edge];
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
            wake: line(),
        }
    }

    fn find(&mut self, state: &State, j: isize, k: usize) {
        let layout = &state.layout;
        let n = layout.cells[0];
        let at = layout.at(0, j, k);
        self.strains(state, at, n, j, k);
        self.of_k.fill(0.0);
        self.of_epsilon.fill(0.0);
        self.pace.fill(SLOWEST);
        for axis in 0..3 {
            self.carry(state, axis, at, n, j, k);
        }
    }

    fn strains(&mut self, state: &State, at: usize, n: usize, j: isize, k: usize) {
        let layout = &state.layout;
        let field = |f: &'_ [f32], offset: isize| -> std::ops::Range<usize> {
            let _ = f;
            let from = at.wrapping_add_signed(offset);
            from..from + n
        };
        let [_, south, north, _] = layout.offsets(1, j, k);
        let [_, below, above, _] = layout.offsets(2, j, k);
        let (to_y, to_z) = (layout.strides()[1], layout.strides()[2]);
        let [u, v, w] = &state.velocity;
        let at_u = |o: isize| [&u[field(u, o)], &u[field(u, o + 1)]];
        let at_v = |o: isize| [&v[field(v, o)], &v[field(v, o + to_y)]];
        let at_w = |o: isize| [&w[field(w, o)], &w[field(w, o + to_z)]];
        let ([u0, u1], [us0, us1], [un0, un1]) = (at_u(0), at_u(south), at_u(north));
        let ([ub0, ub1], [ua0, ua1]) = (at_u(below), at_u(above));
        let ([v0, v1], [vw0, vw1], [ve0, ve1]) = (at_v(0), at_v(-1), at_v(1));
        let ([vb0, vb1], [va0, va1]) = (at_v(below), at_v(above));
        // Beyond the top lies no second layer of faces; nothing passes there anyway.
        let last = k + 1 == layout.cells[2];
        let ([w0, w1], [ww0, ww1], [we0, we1]) = (at_w(0), at_w(-1), at_w(1));
        let ([ws0, ws1], [wn0, wn1]) = (at_w(south), at_w(north));
        let _ = last;
        let [sx, sy, sz] = &state.steps;
        let (x0, x1) = (&sx[field(sx, 0)], &sx[field(sx, 1)]);
        let (y0, y1) = (&sy[field(sy, 0)], &sy[field(sy, to_y)]);
        let (z0, z1) = (&sz[field(sz, 0)], &sz[field(sz, to_z)]);
        let nu = &state.nu[field(&state.nu, 0)];
        let p = &state.p[field(&state.p, 0)];
        let level = state.spacing(3, 0, k).width;
        let upright = state.spacing(3, 2, k);
        let share = state.closure.strain;
        let ([hx, hy], inverse_in) = (state.heading, state.inverse_in[k]);
        let (strain_out, production, wake) =
            (&mut self.strain[..n], &mut self.production[..n], &mut self.wake[..n]);
        for c in 0..n {
            let (xm, xp) = (passes(x0[c]) * 0.25 * level, passes(x1[c]) * 0.25 * level);
            let (ym, yp) = (passes(y0[c]) * 0.25 * level, passes(y1[c]) * 0.25 * level);
            let (zm, zp) = (passes(z0[c]) * 0.25 * upright.before, passes(z1[c]) * 0.25 * upright.after);
            let (uc, vc, wc) = (u0[c] + u1[c], v0[c] + v1[c], w0[c] + w1[c]);
            let ux = (u1[c] - u0[c]) * level;
            let vy = (v1[c] - v0[c]) * level;
            let wz = (w1[c] - w0[c]) * upright.width;
            // Half the slope to each side; none across walls.
            let uy = yp * (un0[c] + un1[c] - uc) + ym * (uc - us0[c] - us1[c]);
            let uz = zp * (ua0[c] + ua1[c] - uc) + zm * (uc - ub0[c] - ub1[c]);
            let vx = xp * (ve0[c] + ve1[c] - vc) + xm * (vc - vw0[c] - vw1[c]);
            let vz = zp * (va0[c] + va1[c] - vc) + zm * (vc - vb0[c] - vb1[c]);
            let wx = xp * (we0[c] + we1[c] - wc) + xm * (wc - ww0[c] - ww1[c]);
            let wy = yp * (wn0[c] + wn1[c] - wc) + ym * (wc - ws0[c] - ws1[c]);
            let square = |x: f32| x * x;
            let strain = 2.0 * (ux * ux + vy * vy + wz * wz)
                + square(uy + vx)
                + square(uz + wx)
                + square(vz + wy);
            let spin = square(uy - vx) + square(uz - wx) + square(vz - wy);
            strain_out[c] = strain.sqrt();
            production[c] = nu[c] * (share * strain + (1.0 - share) * (strain * spin).sqrt());
            let along = 0.5 * (hx * uc + hy * vc) * inverse_in;
            let deficit = low(high(1.0 - along, 0.0), 1.0);
            wake[c] = if p[c] < 0.0 { deficit } else { 0.0 };
        }
    }

    fn carry(&mut self, state: &State, axis: usize, at: usize, n: usize, j: isize, k: usize) {
        let layout = &state.layout;
        let side = state.spacing(3, axis, k);
        let off = layout.offsets(axis, j, k);
        let next = layout.strides()[axis];
        let (f_m, f_p) = (from(&state.velocity[axis], at, 0, n), from(&state.velocity[axis], at, next, n));
        let (s_m, s_p) = (from(&state.steps[axis], at, 0, n), from(&state.steps[axis], at, next, n));
        let nu = &state.nu;
        let (nu_here, nu_m, nu_p) = (from(nu, at, 0, n), from(nu, at, off[1], n), from(nu, at, off[2], n));
        let around = |f: &'_ Vec<f32>| -> [usize; 5] {
            let _ = f;
            [off[0], off[1], 0, off[2], off[3]].map(|o| at.wrapping_add_signed(o))
        };
        let [k_mm, k_m, k_0, k_p, k_pp] = around(&state.k).map(|i| &state.k[i..i + n]);
        let [e_mm, e_m, e_0, e_p, e_pp] = around(&state.epsilon).map(|i| &state.epsilon[i..i + n]);
        let (of_k, of_epsilon) = (0.5 / state.closure.sigma_k, 0.5 / state.closure.sigma_epsilon);
        let (rate_k, rate_e, pace) = (&mut self.of_k[..n], &mut self.of_epsilon[..n], &mut self.pace[..n]);
        for c in 0..n {
            let (m, p) = (f_m[c], f_p[c]);
            let d_m = passes(s_m[c]) * (nu_here[c] + nu_m[c]) * side.before;
            let d_p = passes(s_p[c]) * (nu_here[c] + nu_p[c]) * side.after;
            let k_low = carried(m, k_mm[c], k_m[c], k_0[c], k_p[c]);
            let k_high = carried(p, k_m[c], k_0[c], k_p[c], k_pp[c]);
            let e_low = carried(m, e_mm[c], e_m[c], e_0[c], e_p[c]);
            let e_high = carried(p, e_m[c], e_0[c], e_p[c], e_pp[c]);
            let k_gain = m * (k_low - k_0[c]) - p * (k_high - k_0[c])
                + of_k * (d_p * (k_p[c] - k_0[c]) - d_m * (k_0[c] - k_m[c]));
            let e_gain = m * (e_low - e_0[c]) - p * (e_high - e_0[c])
                + of_epsilon * (d_p * (e_p[c] - e_0[c]) - d_m * (e_0[c] - e_m[c]));
            rate_k[c] += side.width * k_gain;
            rate_e[c] += side.width * e_gain;
            pace[c] += side.width * (0.5 * (m.abs() + p.abs()) + 0.5 * (d_m + d_p));
        }
    }
}

fn advance(state: &State, rates: &mut Rates, row: usize, lack: &Lack, courant: f32, out: [&mut [f32]; 3]) {
    let layout = &state.layout;
    let start = row * layout.row + Layout::inner(1).start;
    let n = layout.cells[0];
    let [k_out, epsilon_out, nu_out] = out.map(|o| &mut o[..n]);
    let [u, v, w] = &state.velocity;
    let [_, north, up] = layout.strides().map(|s| s as usize);
    for wall in state.walls.cells.row(row) {
        let at = wall.at as usize;
        let k = state.k[at];
        let centre = [u[at] + u[at + 1], v[at] + v[at + north], w[at] + w[at + up]].map(|v| 0.5 * v);
        let along = |a: usize, b: usize| centre[a].hypot(centre[b]);
        let [x, y, z] = wall.production;
        let produced = k * (x * along(1, 2) + y * along(0, 2) + z * along(0, 1));
        let c = at - start;
        rates.production[c] += wall.share * (produced - rates.production[c]);
    }
    let closure = &state.closure;
    let (k_gain, k_loss) = (high(lack.k, 0.0), high(-lack.k, 0.0) / lack.k_in);
    let (e_gain, e_loss) = (high(lack.epsilon, 0.0), high(-lack.epsilon, 0.0) / lack.epsilon_in);
    let (k_old, e_old) = (from(&state.k, start, 0, n), from(&state.epsilon, start, 0, n));
    let (strain, produced, of_k, of_e, pace) =
        (&rates.strain[..n], &rates.production[..n], &rates.of_k[..n], &rates.of_epsilon[..n], &rates.pace[..n]);
    let limit = closure.realizable / closure.c_mu;
    let wake = &rates.wake[..n];
    let [_, t1, t2, _] = closure.trial;
    for c in 0..n {
        let dt = if pace[c] > 2.0 * SLOWEST { courant / pace[c] } else { 0.0 };
        let (k, e) = (k_old[c], e_old[c]);
        let (shed_k, shed_e) = (1.0 + t1 * wake[c], 1.0 + t2 * wake[c]);
        let frequency = high(e / k, strain[c] / limit);
        let k_new = (k + dt * (of_k[c] + produced[c] * shed_k + k_gain)) / (1.0 + dt * (e / k + k_loss));
        let e_new = (e + dt * (of_e[c] + closure.c1 * produced[c] * shed_e * frequency + e_gain))
            / (1.0 + dt * (closure.c2 * frequency + e_loss));
        k_out[c] = high(k_new, LEAST);
        epsilon_out[c] = high(e_new, LEAST);
    }
    for wall in state.walls.cells.row(row) {
        let c = wall.at as usize - start;
        let k = k_out[c];
        epsilon_out[c] += wall.share * (wall.dissipation * k * k.sqrt() - epsilon_out[c]);
    }
    for c in 0..n {
        let frequency = high(epsilon_out[c] / k_out[c], strain[c] / limit);
        nu_out[c] = low(closure.c_mu * k_out[c] / frequency, 1e9);
    }
}
