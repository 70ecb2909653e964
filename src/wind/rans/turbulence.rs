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
        let [u, v, w] = &state.velocity;
        let x = 1.0 / state.dx;
        let [_, s, nn, _] = layout.offsets(1, j, k);
        let [_, mut below, mut above, _] = layout.offsets(2, j, k);
        let nz = layout.cells[2];
        if k + 1 == nz {
            above = 0;
        }
        if k == 0 {
            below = 0;
        }
        let z = 1.0 / state.dz[k];
        // From the centre below to the one above; at ground and top from the own centre.
        let height = |k: usize| state.dz[..k].iter().sum::<f32>() + 0.5 * state.dz[k];
        let span = height((k + 1).min(nz - 1)) - height(k.max(1) - 1);
        let (quarter_x, half_z) = (0.25 * x, 0.5 / span.max(1e-9));
        let up = layout.strides()[2];
        let north = layout.strides()[1];
        let two = |f: &'_ [f32], o: isize, step: isize| -> [usize; 2] {
            let _ = f;
            [at.wrapping_add_signed(o), at.wrapping_add_signed(o + step)]
        };
        let cut = |f: &'static str| f;
        let _ = cut;
        let get = |i: usize| i..i + n;
        let [u_s0, u_s1] = two(u, s, 1).map(|i| &u[get(i)]);
        let [u_n0, u_n1] = two(u, nn, 1).map(|i| &u[get(i)]);
        let [u_b0, u_b1] = two(u, below, 1).map(|i| &u[get(i)]);
        let [u_a0, u_a1] = two(u, above, 1).map(|i| &u[get(i)]);
        let [u_0, u_1] = two(u, 0, 1).map(|i| &u[get(i)]);
        let [v_w0, v_w1] = two(v, -1, north).map(|i| &v[get(i)]);
        let [v_e0, v_e1] = two(v, 1, north).map(|i| &v[get(i)]);
        let [v_b0, v_b1] = two(v, below, north).map(|i| &v[get(i)]);
        let [v_a0, v_a1] = two(v, above, north).map(|i| &v[get(i)]);
        let [v_0, v_1] = two(v, 0, north).map(|i| &v[get(i)]);
        let [w_w0, w_w1] = two(w, -1, up).map(|i| &w[get(i)]);
        let [w_e0, w_e1] = two(w, 1, up).map(|i| &w[get(i)]);
        let [w_s0, w_s1] = two(w, s, up).map(|i| &w[get(i)]);
        let [w_n0, w_n1] = two(w, nn, up).map(|i| &w[get(i)]);
        let [w_0, w_1] = two(w, 0, up).map(|i| &w[get(i)]);
        let nu = from(&state.nu, at, 0, n);
        let share = state.closure.strain;
        for c in 0..n {
            let ux = (u_1[c] - u_0[c]) * x;
            let vy = (v_1[c] - v_0[c]) * x;
            let wz = (w_1[c] - w_0[c]) * z;
            let uy = (u_n0[c] + u_n1[c] - u_s0[c] - u_s1[c]) * quarter_x;
            let vx = (v_e0[c] + v_e1[c] - v_w0[c] - v_w1[c]) * quarter_x;
            let uz = (u_a0[c] + u_a1[c] - u_b0[c] - u_b1[c]) * half_z;
            let vz = (v_a0[c] + v_a1[c] - v_b0[c] - v_b1[c]) * half_z;
            let wx = (w_e0[c] + w_e1[c] - w_w0[c] - w_w1[c]) * quarter_x;
            let wy = (w_n0[c] + w_n1[c] - w_s0[c] - w_s1[c]) * quarter_x;
            let square = |x: f32| x * x;
            let strain = 2.0 * (ux * ux + vy * vy + wz * wz) + square(uy + vx) + square(uz + wx) + square(vz + wy);
            let spin = square(uy - vx) + square(uz - wx) + square(vz - wy);
            self.strain[c] = strain.sqrt();
            self.production[c] = nu[c] * (share * strain + (1.0 - share) * (strain * spin).sqrt());
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
    for c in 0..n {
        let dt = if pace[c] > 2.0 * SLOWEST { courant / pace[c] } else { 0.0 };
        let (k, e) = (k_old[c], e_old[c]);
        let frequency = high(e / k, strain[c] / limit);
        let k_new = (k + dt * (of_k[c] + produced[c] + k_gain)) / (1.0 + dt * (e / k + k_loss));
        let e_new = (e + dt * (of_e[c] + closure.c1 * produced[c] * frequency + e_gain))
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
