//! The undisturbed wind over the height: velocity, turbulence, and the small forces that keep it as it is.
//!
//! A measured profile is no exact solution of the k-epsilon model, and a domain ends where the shear stress does not. So that an empty domain keeps its
//! profile, the residual of the undisturbed column, on the same layers and by the same formulae as in the solver, is taken off
//! everywhere (after Parente et al. 2011, doi:10.1016/j.jweia.2010.12.017, who add source terms to k and epsilon).

use super::super::inflow::{Inflow, KARMAN};
use super::constants::Closure;

/// Undisturbed wind at a height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Undisturbed {
    /// Speed (m/s).
    pub(super) speed: f64,
    /// Turbulent kinetic energy (m²/s²).
    pub(super) k: f64,
    /// Dissipation (m²/s³).
    pub(super) epsilon: f64,
}

/// k (m²/s²) never falls below this share of the square of the speed.
const LEAST_K: f64 = 1e-6;
/// Heights by which the slope of a measured profile is taken: a third below and above, so that the scatter of rows does not reach epsilon.
const SLOPE_REACH: f64 = 1.33;
/// Largest length scale of the turbulence, by the height times von Kármán's constant.
const LONGEST: f64 = 2.0;

/// Undisturbed wind at a height (m) above ground. epsilon = C_mu^0.5 k dU/dz (AIJ guideline, Tominaga et al. 2008,
/// doi:10.1016/j.jweia.2008.02.058, eq. 4), which is u*³ / (kappa (z + z0)) for the log law.
pub(super) fn undisturbed(inflow: &Inflow, z_m: f64, c_mu: f64) -> Undisturbed {
    let z = z_m.max(1e-6);
    let speed = inflow.speed_mps(z);
    let k = inflow
        .k_m2_per_s2(z)
        .max(LEAST_K * speed * speed)
        .max(1e-12);
    let slope = match inflow {
        Inflow::Log {
            z0_m,
            reference_m,
            speed_mps,
        } => speed_mps / (reference_m / z0_m).ln_1p() / (z + z0_m),
        Inflow::Power { alpha, .. } => alpha * speed / z,
        Inflow::Table(_) => {
            let (a, b) = (z / SLOPE_REACH, z * SLOPE_REACH);
            (inflow.speed_mps(b) - inflow.speed_mps(a)) / (b - a)
        }
    };
    let longest = LONGEST * KARMAN * (z + inflow.z0_m());
    let least = c_mu.powf(0.75) * k.powf(1.5) / longest;
    Undisturbed {
        speed,
        k,
        epsilon: (c_mu.sqrt() * k * slope).max(least),
    }
}

/// What a layer of the undisturbed column lacks for being steady: force (m/s²) along the wind, gain of k (m²/s³) and of epsilon (m²/s⁴).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lack {
    pub(super) force: f32,
    pub(super) k: f32,
    pub(super) epsilon: f32,
    /// Undisturbed k and epsilon of the layer: a loss shrinks with k / k_in, so that nothing becomes negative.
    pub(super) k_in: f32,
    pub(super) epsilon_in: f32,
}

/// The undisturbed wind on the layers of a grid over level ground at its bottom.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) layers: Vec<Undisturbed>,
    pub(super) lacks: Vec<Lack>,
    /// Roughness length (m) of the ground for which the stress at the wall is that of the profile.
    pub(super) z0_m: f64,
}

/// Roughness length (m) for which friction from k gives the shear stress of the profile, C_mu^0.5 k, at the height `z_m` of the first centre.
fn ground_z0_m(wind: &Undisturbed, z_m: f64, c_mu: f64) -> f64 {
    let friction = c_mu.powf(0.25) * wind.k.sqrt();
    // U = u* / kappa ln(1 + z / z0).
    z_m / (KARMAN * wind.speed / friction).exp_m1().max(1.0)
}

impl Column {
    pub(super) fn new(inflow: &Inflow, levels_m: &[f64], closure: &Closure) -> Self {
        let nz = levels_m.len() - 1;
        let thick = |k: usize| levels_m[k + 1] - levels_m[k];
        let centre = |k: usize| 0.5 * (levels_m[k + 1] + levels_m[k]) - levels_m[0];
        let c_mu = f64::from(closure.c_mu);
        let mut layers: Vec<_> = (0..nz)
            .map(|k| undisturbed(inflow, centre(k), c_mu))
            .collect();
        let z0_m = ground_z0_m(&layers[0], centre(0), c_mu);
        // In the lowest layer the wall's law holds: production and dissipation are equal.
        layers[0].epsilon = c_mu.powf(0.75) * layers[0].k.powf(1.5) / (KARMAN * (centre(0) + z0_m));
        let nu: Vec<f64> = layers
            .iter()
            .map(|l| c_mu * l.k * l.k / l.epsilon)
            .collect();
        let value = |n: usize| {
            layers
                .iter()
                .map(|l| [l.speed, l.k, l.epsilon][n])
                .collect::<Vec<f64>>()
        };
        // Flux of a quantity through the lower face of each layer; none through ground and top.
        let fluxes = |x: &[f64], divisor: f64| -> Vec<f64> {
            let inner = (1..nz).map(|k| {
                0.5 * (nu[k] + nu[k - 1]) / divisor * (x[k] - x[k - 1])
                    / (centre(k) - centre(k - 1))
            });
            std::iter::once(0.0).chain(inner).chain([0.0]).collect()
        };
        let (u, k_in, e_in) = (value(0), value(1), value(2));
        let mut stress = fluxes(&u, 1.0);
        stress[0] = c_mu.sqrt() * layers[0].k;
        let of_k = fluxes(&k_in, f64::from(closure.sigma_k));
        let of_e = fluxes(&e_in, f64::from(closure.sigma_epsilon));
        let lacks = (0..nz).map(|k| {
            let gain = |flux: &[f64]| (flux[k + 1] - flux[k]) / thick(k);
            let Undisturbed {
                k: tke, epsilon, ..
            } = layers[k];
            // Half the slope to the layer below and above, none across ground and top, as in the solver.
            let half = |a: usize, b: usize| 0.5 * (u[b] - u[a]) / (centre(b) - centre(a));
            let down = if k == 0 { 0.0 } else { half(k - 1, k) };
            let up = if k + 1 == nz { 0.0 } else { half(k, k + 1) };
            let slope = down + up;
            let (produced, held) = if k == 0 {
                (epsilon, epsilon)
            } else {
                (nu[k] * slope * slope, epsilon)
            };
            let time = held / tke;
            Lack {
                force: -gain(&stress) as f32,
                k: -(gain(&of_k) + produced - held) as f32,
                epsilon: -(gain(&of_e)
                    + time * (f64::from(closure.c1) * produced - f64::from(closure.c2) * held))
                    as f32,
                k_in: tke as f32,
                epsilon_in: epsilon as f32,
            }
        });
        Self {
            lacks: lacks.collect(),
            layers: layers.clone(),
            z0_m,
        }
    }
}
