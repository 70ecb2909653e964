//! How much water one cell loses to the ground in one step.
//!
//! Rates hold for the unsealed part of a cell: a solver multiplies the answer by the unsealed share and keeps the amount per
//! unsealed area as `infiltrated_so_far_m`. The water must be on the cell when it infiltrates: call this after the fluxes of
//! the step, with what is left there, and depths stay non-negative.

use super::domain::Infiltration;

/// Inch in m: the retention of the curve number is tabulated in inches.
const INCH_M: f64 = 0.0254;
/// Initial abstraction as share of the potential retention (NRCS NEH-4 chapter 10, the value all tables of CN are made for).
const INITIAL_ABSTRACTION: f64 = 0.2;

/// Water (m) that infiltrates in a step of `dt_s` (s): never negative, never more than `available_m`.
///
/// * `infiltrated_so_far_m`: sum (m) of all earlier answers for this cell.
/// * `rain_so_far_m`: rain (m) fallen on the cell from the start to the **end** of the step; only the curve number uses it.
/// * `available_m`: water (m) on the cell, with the rain of this step.
///
/// Methods: constant rate; Green & Ampt 1911 integrated over the step (Mein & Larson 1973, doi:10.1029/WR009i002p00384; before
/// ponding all water goes in, so the time of ponding is met within one step); curve number as cumulative retention
/// P - (P - Ia)²/(P - Ia + S), Ia = 0.2 S.
/// The curve number is made for the rain of one event: water that runs onto a cell later infiltrates only as far as its own
/// rain was held back by too little water.
pub fn infiltrated_m(
    law: &Infiltration,
    infiltrated_so_far_m: f64,
    rain_so_far_m: f64,
    available_m: f64,
    dt_s: f64,
) -> f64 {
    if !(available_m > 0.0 && dt_s > 0.0) {
        return 0.0;
    }
    match *law {
        Infiltration::Constant { rate_m_per_s } => (rate_m_per_s * dt_s).clamp(0.0, available_m),
        Infiltration::GreenAmpt {
            conductivity_m_per_s,
            suction_m,
            deficit,
        } => {
            // The water on the cell presses as well; its depth at the start of the step stands for the step.
            let storage = (suction_m + available_m) * deficit;
            green_ampt_m(
                infiltrated_so_far_m.max(0.0),
                storage,
                conductivity_m_per_s * dt_s,
                available_m,
            )
        }
        Infiltration::Scs { curve_number } => {
            let held = retained_m(curve_number, rain_so_far_m);
            (held - infiltrated_so_far_m).clamp(0.0, available_m)
        }
    }
}

/// Root x of x - S ln(1 + x/(F + S)) = K Δt, at most `available_m`, by Newton's method.
///
/// With `storage` S = (ψ + h) Δθ (m), `so_far` F (m) and `gravity` K Δt (m). The left side is convex and rising, and the start
/// (Li et al. 1976: ln(1 + y) ≈ 2y/(2 + y)) lies below the root, so that every step after the first lies above it and falls.
fn green_ampt_m(so_far: f64, storage: f64, gravity: f64, available_m: f64) -> f64 {
    if gravity <= 0.0 {
        return 0.0;
    }
    let front = so_far + storage;
    if front <= 0.0 {
        // No suction at all: gravity alone.
        return gravity.min(available_m);
    }
    let linear = gravity - 2.0 * so_far;
    let root = (linear * linear + 8.0 * gravity * front).sqrt();
    let start = if linear >= 0.0 {
        0.5 * (linear + root)
    } else {
        4.0 * gravity * front / (root - linear)
    };
    // Already the lower bound of the capacity takes all there is: no logarithm for cells before ponding.
    if start >= available_m {
        return available_m;
    }
    let mut x = start;
    // The start is off by less than a twelfth of x / front, and each step squares that.
    if x < SHALLOW * front {
        for _ in 0..2 {
            let y = x / front;
            let value = so_far * y + storage * y_less_ln_1p(y) - gravity;
            x -= value * (front + x) / (so_far + x);
        }
    } else {
        for _ in 0..3 {
            let value = x - storage * (x / front).ln_1p() - gravity;
            x -= value * (front + x) / (so_far + x);
        }
    }
    x.clamp(0.0, available_m)
}

/// Share of the front's depth below which a step's water is found without a logarithm: nearly always.
const SHALLOW: f64 = 0.02;

/// y - ln(1 + y) for y up to [`SHALLOW`], to 3e-13 of itself.
fn y_less_ln_1p(y: f64) -> f64 {
    const PER_N: [f64; 7] = [1.0 / 8.0, 1.0 / 7.0, 1.0 / 6.0, 0.2, 0.25, 1.0 / 3.0, 0.5];
    let mut series = 0.0;
    for per_n in PER_N {
        series = per_n - y * series;
    }
    y * y * series
}

/// Rain (m) that the ground has held back after `rain_m` of rain, for a curve number.
pub fn retained_m(curve_number: f64, rain_m: f64) -> f64 {
    let retention = INCH_M * (1000.0 / curve_number - 10.0).max(0.0);
    let excess = rain_m - INITIAL_ABSTRACTION * retention;
    if excess <= 0.0 {
        return rain_m.max(0.0);
    }
    INITIAL_ABSTRACTION * retention + excess * (retention / (excess + retention))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MM_PER_H: f64 = 1e-3 / 3600.0;

    fn sandy_loam() -> Infiltration {
        Infiltration::GreenAmpt {
            conductivity_m_per_s: 10.9 * MM_PER_H,
            suction_m: 0.11,
            deficit: 0.30,
        }
    }

    /// Sums of infiltrated water (m) every `dt` s under 60 mm/h when the excess runs off, and the last time without excess.
    fn under_steady_rain(dt: f64, until_s: f64) -> (Vec<f64>, f64, f64) {
        let (mut sum, mut runoff, mut pond) = (0.0, 0.0, f64::NAN);
        let mut sums = vec![0.0];
        for step in 0..(until_s / dt).round() as usize {
            let rain = 60.0 * MM_PER_H * dt;
            let f = infiltrated_m(&sandy_loam(), sum, 0.0, rain, dt);
            if f < rain && pond.is_nan() {
                pond = step as f64 * dt;
            }
            sum += f;
            runoff += rain - f;
            sums.push(sum);
        }
        (sums, runoff, pond)
    }

    /// Exact sum (m) by bisection: the solution of the point model after ponding.
    fn exact(t: f64) -> f64 {
        let (k, s, p) = (10.9 * MM_PER_H, 0.11 * 0.30, 60.0 * MM_PER_H);
        let pond = k * s / (p - k);
        let t_pond = pond / p;
        if t <= t_pond {
            return p * t;
        }
        let (mut low, mut high) = (pond, pond + p * (t - t_pond));
        for _ in 0..200 {
            let mid = 0.5 * (low + high);
            if mid - pond - s * ((mid + s) / (pond + s)).ln() > k * (t - t_pond) {
                high = mid;
            } else {
                low = mid;
            }
        }
        0.5 * (low + high)
    }

    #[test]
    fn green_ampt_follows_the_exact_sum_within_half_a_percent() {
        let (sums, runoff, pond) = under_steady_rain(1.0, 7200.0);
        let (mut l1, mut all, mut worst) = (0.0, 0.0, 0.0f64);
        for minute in 1..=120 {
            let (ours, reference) = (sums[minute * 60], exact(minute as f64 * 60.0));
            l1 += (ours - reference).abs();
            all += reference;
            worst = worst.max((ours / reference - 1.0).abs());
        }
        assert!(worst <= 5e-3, "{worst}");
        assert!(l1 / all <= 2e-3, "{}", l1 / all);
        assert!((pond - 439.5519).abs() <= 1.0, "{pond}");
        assert!((sums[7200] + runoff - 0.12).abs() < 1e-12);
        // The reference itself meets the rows of the published series.
        for (t, sum) in [
            (420.0, 0.007),
            (480.0, 0.007_976_600_402),
            (600.0, 0.009_697_618_704),
            (3600.0, 0.033_304_966_69),
        ] {
            assert!((exact(t) - sum).abs() < 1e-11);
        }
    }

    #[test]
    fn green_ampt_step_solves_its_equation_from_dry_and_from_soaked_ground() {
        for so_far in [0.0, 1e-9, 1e-6, 1e-3, 0.1, 10.0] {
            for gravity in [1e-12, 1e-9, 1e-6, 1e-3, 0.1] {
                for storage in [0.0, 1e-6, 0.033, 0.5] {
                    let x = green_ampt_m(so_far, storage, gravity, f64::INFINITY);
                    let front = so_far + storage;
                    // A start from dry ground without suction is pure gravity.
                    let (mut low, mut high) = (0.0, gravity + storage + (storage * gravity).sqrt());
                    high = high.max(2.0 * gravity) * 10.0;
                    for _ in 0..300 {
                        let mid = 0.5 * (low + high);
                        let log = if front > 0.0 {
                            storage * (mid / front).ln_1p()
                        } else {
                            0.0
                        };
                        if mid - log > gravity {
                            high = mid;
                        } else {
                            low = mid;
                        }
                    }
                    let expected = 0.5 * (low + high);
                    assert!(
                        (x / expected - 1.0).abs() < 1e-5,
                        "F {so_far} S {storage} K dt {gravity}: {x} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_shallow_step_is_exact_to_nine_digits() {
        // y - ln(1 + y) by its series, with more terms than any of these needs.
        let exact = |y: f64| {
            let series = (2..=40)
                .rev()
                .fold(0.0, |sum, n| 1.0 / f64::from(n) - y * sum);
            y * y * series
        };
        for y in [1e-9, 1e-6, 1e-3, 0.01, SHALLOW] {
            let off = y_less_ln_1p(y) / exact(y) - 1.0;
            assert!(off.abs() < 4e-13, "y {y}: {off}");
        }
        // From the answer to the question: K dt that leads to a share y of the front.
        for so_far in [0.0, 1e-6, 1e-3, 0.1] {
            for storage in [1e-4, 0.033, 0.5] {
                for y in [1e-8, 1e-5, 1e-3, 0.9 * SHALLOW] {
                    let gravity = so_far * y + storage * exact(y);
                    let x = y * (so_far + storage);
                    let found = green_ampt_m(so_far, storage, gravity, f64::INFINITY);
                    let off = found / x - 1.0;
                    assert!(off.abs() < 1e-9, "F {so_far} S {storage} y {y}: {off}");
                }
            }
        }
    }

    #[test]
    fn never_more_than_there_is_and_never_negative() {
        let laws = [
            sandy_loam(),
            Infiltration::Constant { rate_m_per_s: 1e-4 },
            Infiltration::Scs { curve_number: 75.0 },
        ];
        for law in laws {
            for available in [0.0, -1.0, 1e-12, 1e-6, 1.0] {
                for dt in [0.0, 1e-3, 1.0, 1e4] {
                    for so_far in [0.0, 1e-3, 5.0] {
                        let f = infiltrated_m(&law, so_far, 0.05, available, dt);
                        assert!(f >= 0.0 && f <= available.max(0.0), "{law:?} {f}");
                    }
                }
            }
        }
        assert_eq!(infiltrated_m(&laws[1], 0.0, 0.0, 1.0, 10.0), 1e-3);
    }

    #[test]
    fn curve_number_matches_the_hand_computed_runoff() {
        // CN 80: S = 63.5 mm, Ia = 12.7 mm; 100 mm of rain: Pe = 87.3²/150.8 = 50.539 mm.
        let held = retained_m(80.0, 0.1);
        assert!((0.1 - held - 0.050_539_0).abs() < 1e-7, "{held}");
        assert_eq!(retained_m(80.0, 0.0127), 0.0127);
        assert_eq!(retained_m(100.0, 0.5), 0.0);
        // Step by step the sum is the same.
        let law = Infiltration::Scs { curve_number: 80.0 };
        let mut sum = 0.0;
        for step in 1..=1000 {
            sum += infiltrated_m(&law, sum, 1e-4 * f64::from(step), 1e-4, 1.0);
        }
        assert!((sum - held).abs() < 1e-12);
    }
}
