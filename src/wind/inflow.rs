//! The wind that enters the domain: speed and turbulence over the height above ground.

use serde::{Deserialize, Serialize};

/// Von Kármán's constant.
pub const KARMAN: f64 = 0.4;
/// C_mu of the k-epsilon model: k = u*² / sqrt(C_mu) in the lower boundary layer (Richards & Hoxey 1993,
/// doi:10.1016/0167-6105(93)90124-7).
pub const C_MU: f64 = 0.09;

/// One row of a measured profile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileRow {
    /// Height above ground (m).
    pub z_m: f64,
    /// Mean speed (m/s).
    pub speed_mps: f64,
    /// Turbulent kinetic energy (m²/s²).
    pub k_m2_per_s2: f64,
}

/// Speed and turbulence over the height.
#[derive(Clone, Debug, PartialEq)]
pub enum Inflow {
    /// u = u* / kappa * ln((z + z0) / z0), k = u*² / sqrt(C_mu) at all heights.
    Log {
        /// Roughness length (m).
        z0_m: f64,
        /// Height (m) of the reference speed.
        reference_m: f64,
        /// Reference speed (m/s).
        speed_mps: f64,
    },
    /// u = U (z / z_ref)^alpha, k from a turbulence intensity that falls as I = 0.1 (z / z_ref)^(-alpha - 0.05) (AIJ guideline,
    /// Tominaga et al. 2008, doi:10.1016/j.jweia.2008.02.058, with the gradient height as reference).
    Power {
        /// Exponent.
        alpha: f64,
        /// Height (m) of the reference speed.
        reference_m: f64,
        /// Reference speed (m/s).
        speed_mps: f64,
    },
    /// Measured rows, rising; linear between them, constant above, the log law of the lowest row below.
    Table(Vec<ProfileRow>),
}

impl Inflow {
    /// Mean speed (m/s) at a height above ground (m).
    pub fn speed_mps(&self, z_m: f64) -> f64 {
        if z_m <= 0.0 {
            return 0.0;
        }
        match self {
            Self::Log {
                z0_m,
                reference_m,
                speed_mps,
            } => speed_mps * (z_m / z0_m).ln_1p() / (reference_m / z0_m).ln_1p(),
            Self::Power {
                alpha,
                reference_m,
                speed_mps,
            } => speed_mps * (z_m / reference_m).powf(*alpha),
            Self::Table(rows) => {
                let z0 = self.z0_m();
                match rows.first() {
                    Some(low) if z_m < low.z_m => {
                        low.speed_mps * (z_m / z0).ln_1p() / (low.z_m / z0).ln_1p()
                    }
                    _ => between(rows, z_m, |row| row.speed_mps),
                }
            }
        }
    }

    /// Turbulent kinetic energy (m²/s²) at a height above ground (m).
    pub fn k_m2_per_s2(&self, z_m: f64) -> f64 {
        match self {
            Self::Log {
                z0_m,
                reference_m,
                speed_mps,
            } => {
                let friction = KARMAN * speed_mps / (reference_m / z0_m).ln_1p();
                friction * friction / C_MU.sqrt()
            }
            Self::Power {
                alpha, reference_m, ..
            } => {
                // The lowest metres: intensity is that of 5 % of the reference height.
                let z = z_m.max(0.05 * reference_m);
                let intensity = 0.1 * (z / reference_m).powf(-alpha - 0.05);
                (intensity * self.speed_mps(z)).powi(2)
            }
            Self::Table(rows) => between(rows, z_m, |row| row.k_m2_per_s2),
        }
    }

    /// Roughness length (m) of the ground that keeps this profile: given, or that of the log law through the two lowest rows, or of the
    /// power law's slope at a tenth of its reference height.
    pub fn z0_m(&self) -> f64 {
        match self {
            Self::Log { z0_m, .. } => *z0_m,
            Self::Power {
                alpha, reference_m, ..
            } => 0.1 * reference_m * (-1.0 / alpha).exp(),
            Self::Table(rows) => match rows.as_slice() {
                [a, b, ..] if b.speed_mps > a.speed_mps => {
                    // ln z0 from u_a / u_b = ln(z_a / z0) / ln(z_b / z0).
                    let ratio = a.speed_mps / b.speed_mps;
                    let z0 = ((a.z_m.ln() - ratio * b.z_m.ln()) / (1.0 - ratio)).exp();
                    // Nearly uniform or nearly linear rows have no logarithmic law of their own.
                    z0.clamp(1e-6 * a.z_m, 0.5 * a.z_m)
                }
                [a, ..] => a.z_m / 1000.0,
                [] => 1.0,
            },
        }
    }
}

/// Linear between rows, constant beyond both ends.
fn between(rows: &[ProfileRow], z_m: f64, value: impl Fn(&ProfileRow) -> f64) -> f64 {
    let above = rows.partition_point(|row| row.z_m <= z_m);
    match (
        above.checked_sub(1).and_then(|i| rows.get(i)),
        rows.get(above),
    ) {
        (Some(a), Some(b)) => {
            let share = (z_m - a.z_m) / (b.z_m - a.z_m);
            value(a) + share * (value(b) - value(a))
        }
        (Some(row), None) | (None, Some(row)) => value(row),
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laws_meet_their_reference_and_tables_their_rows() {
        let log = Inflow::Log {
            z0_m: 0.5,
            reference_m: 10.0,
            speed_mps: 4.0,
        };
        let power = Inflow::Power {
            alpha: 0.22,
            reference_m: 10.0,
            speed_mps: 4.0,
        };
        for law in [&log, &power] {
            assert!((law.speed_mps(10.0) - 4.0).abs() < 1e-12);
            assert!(law.speed_mps(2.0) < 4.0 && law.speed_mps(0.0) == 0.0);
        }
        let row = |z_m: f64| ProfileRow {
            z_m,
            speed_mps: log.speed_mps(z_m),
            k_m2_per_s2: 0.1 * z_m,
        };
        let table = Inflow::Table(vec![row(1.0), row(2.0), row(40.0)]);
        assert!((table.speed_mps(2.0) - log.speed_mps(2.0)).abs() < 1e-12);
        assert!((table.k_m2_per_s2(21.0) - 2.1).abs() < 1e-12);
        assert!((table.speed_mps(90.0) - log.speed_mps(40.0)).abs() < 1e-12);
        assert!(table.speed_mps(0.5) > 0.0 && table.speed_mps(0.5) < table.speed_mps(1.0));
    }
}
