//! Open edges of the grid: the state beyond each face from what holds there and from the water inside.

use super::face::{DRY_M, GRAVITY};
use super::real::Real;
use super::tile::{Ghost, Outer, quantised_height};
use crate::flood::domain::BoundaryKind;

/// Water at the inner side of an edge.
#[derive(Clone, Copy, Debug)]
pub struct Inside {
    /// Depth (m).
    pub h: f64,
    /// Velocity out of the domain (m/s).
    pub out: f64,
    /// Velocity along the edge (m/s).
    pub along: f64,
    /// Bed (m above datum).
    pub bed_m: f64,
    /// Manning's n (s/m^(1/3)).
    pub manning_n: f64,
}

/// State beyond an edge, with velocities out of and along it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// Depth (m).
    pub h: f64,
    /// Velocity out of the domain (m/s).
    pub out: f64,
    /// Velocity along the edge (m/s).
    pub along: f64,
    /// Discharge per width (m²/s) into the domain that is imposed; NaN for none.
    pub inflow: f64,
    /// Water only leaves.
    pub only_out: bool,
    /// Nothing beyond acts on the water inside: it flows on as it comes.
    pub flows_on: bool,
}

/// State beyond an edge at a time (s). `share` (m²/s per m³/s) is the part of a boundary's discharge that crosses a metre of
/// this face.
pub fn beyond(kind: &BoundaryKind, inside: &Inside, time_s: f64, share: f64) -> Beyond {
    let free = Beyond {
        h: inside.h,
        out: inside.out.max(0.0),
        along: inside.along,
        inflow: f64::NAN,
        only_out: true,
        flows_on: true,
    };
    let c = (GRAVITY * inside.h.max(0.0)).sqrt();
    match kind {
        BoundaryKind::Free => free,
        BoundaryKind::NormalDepth { slope } => {
            if inside.h <= DRY_M {
                return free;
            }
            let speed = inside.h.powf(2.0 / 3.0) * slope.sqrt() / inside.manning_n.max(1e-6);
            Beyond {
                out: speed,
                inflow: -inside.h * speed,
                ..free
            }
        }
        BoundaryKind::Level { series } => {
            let h = (series.at(time_s) - inside.bed_m).max(0.0);
            if inside.out > c && inside.h > DRY_M {
                // Supercritical outflow carries no message from beyond. It flows on like at a free edge, and at order 1 the ground
                // beyond goes on to fall as inside: a level that is not felt pulls no lake over it.
                return free;
            }
            // The outgoing characteristic: u + 2c is the same on both sides. Inflow is at most critical.
            let c_beyond = (GRAVITY * h).sqrt();
            let out = (inside.out + 2.0 * (c - c_beyond)).max(-c_beyond);
            Beyond {
                h,
                out,
                only_out: h <= 0.0,
                flows_on: false,
                ..free
            }
        }
        BoundaryKind::Discharge { series, depth_m } => {
            let q = series.at(time_s) * share;
            let (h, speed_in) = match depth_m {
                Some(depth) if q > 0.0 => (*depth, q / depth),
                _ => subcritical(q, -inside.out - 2.0 * c, inside.h),
            };
            Beyond {
                h,
                out: -speed_in,
                along: 0.0,
                inflow: q,
                only_out: false,
                flows_on: false,
            }
        }
    }
}

/// Depth (m) and inward speed (m/s) of a discharge `q` (m²/s, inward) where the outgoing characteristic brings
/// `message` = u - 2c (m/s): h u = q with u = message + 2c, by Newton's method in c; never beyond critical flow.
fn subcritical(q: f64, message: f64, inside_h: f64) -> (f64, f64) {
    if q.abs() < 1e-12 {
        return (inside_h, 0.0);
    }
    let critical = (q * q / GRAVITY).cbrt();
    if q < 0.0 && inside_h <= DRY_M {
        return (inside_h, 0.0);
    }
    // f(c) = c^2 (message + 2c) - g q, rising for c above -message/3.
    let mut c = (GRAVITY * critical.max(inside_h)).sqrt().max(-message);
    for _ in 0..30 {
        let f = c * c * (message + 2.0 * c) - GRAVITY * q;
        let slope = 2.0 * c * message + 6.0 * c * c;
        if slope.abs() < 1e-300 {
            break;
        }
        let next = (c - f / slope).max(0.5 * c);
        if (next - c).abs() <= 1e-15 * c {
            break;
        }
        c = next;
    }
    let h = (c * c / GRAVITY).max(critical);
    (h, q / h)
}

/// The cells beyond an edge, from the state at the edge and the inner cell (depth, outward speed, speed along, bed above the
/// datum). With `line`, they lie on a line through both, as the slopes of order 2 need it.
pub fn ghost<T: Real>(
    at_edge: &Beyond,
    bed: f64,
    inner: [f64; 4],
    line: bool,
    across_x: bool,
    beyond_first: bool,
) -> Ghost<T> {
    let edge = [at_edge.h, at_edge.out, at_edge.along, bed];
    let on_line =
        |k: f64| -> [f64; 4] { std::array::from_fn(|i| inner[i] + 2.0 * k * (edge[i] - inner[i])) };
    let states = if line && on_line(2.0)[0] > DRY_M {
        [on_line(1.0), on_line(2.0)]
    } else {
        [edge, [0.0, 0.0, 0.0, bed]]
    };
    let outer = |[h, out, along, z]: [f64; 4]| {
        let outward = if beyond_first { -out } else { out };
        let (u, v) = if across_x {
            (outward, along)
        } else {
            (along, outward)
        };
        // On the grid of all other depths and heights, differences of levels are exact.
        Outer {
            h: T::of(quantised_height(h)),
            u: T::of(u),
            v: T::of(v),
            z: T::of(quantised_height(z)),
        }
    };
    Ghost {
        cells: states.map(outer),
        inflow: at_edge.inflow,
        only_out: at_edge.only_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::domain::Series;

    const INSIDE: Inside = Inside {
        h: 2.0,
        out: -0.5,
        along: 0.1,
        bed_m: 1.0,
        manning_n: 0.03,
    };

    #[test]
    fn subcritical_inflow_meets_discharge_and_characteristic() {
        let kind = BoundaryKind::Discharge {
            series: Series::constant(8.0),
            depth_m: None,
        };
        let b = beyond(&kind, &INSIDE, 0.0, 0.25);
        assert!((b.h * -b.out - 2.0).abs() < 1e-12);
        let message = 0.5 - 2.0 * (GRAVITY * 2.0).sqrt();
        assert!((-b.out - 2.0 * (GRAVITY * b.h).sqrt() - message).abs() < 1e-9);
        assert!(-b.out < (GRAVITY * b.h).sqrt());
    }

    #[test]
    fn inflow_into_a_dry_domain_is_critical() {
        let kind = BoundaryKind::Discharge {
            series: Series::constant(1.0),
            depth_m: None,
        };
        let dry = Inside {
            h: 0.0,
            out: 0.0,
            ..INSIDE
        };
        let b = beyond(&kind, &dry, 0.0, 1.0);
        assert!((b.h - (1.0 / GRAVITY).cbrt()).abs() < 1e-12, "{}", b.h);
    }

    #[test]
    fn a_level_equal_to_the_water_inside_lets_waves_out() {
        let kind = BoundaryKind::Level {
            series: Series::constant(3.0),
        };
        let b = beyond(&kind, &INSIDE, 0.0, 1.0);
        assert_eq!((b.h, b.out), (2.0, -0.5));
        let below = BoundaryKind::Level {
            series: Series::constant(0.5),
        };
        assert!(beyond(&below, &INSIDE, 0.0, 1.0).only_out);
    }

    #[test]
    fn a_level_is_felt_only_by_water_slower_than_its_waves() {
        let kind = BoundaryKind::Level {
            series: Series::constant(4.0),
        };
        let c = (GRAVITY * INSIDE.h).sqrt();
        let leaving = |out: f64| beyond(&kind, &Inside { out, ..INSIDE }, 0.0, 1.0);
        // The ground beyond falls on below water that flows on, and only there.
        let slow = leaving(0.99 * c);
        assert!(!slow.flows_on && slow.h == 3.0);
        let fast = leaving(1.01 * c);
        let free = beyond(
            &BoundaryKind::Free,
            &Inside {
                out: 1.01 * c,
                ..INSIDE
            },
            0.0,
            1.0,
        );
        assert!(fast.flows_on && fast.only_out);
        assert_eq!(
            (fast.h, fast.out, fast.along),
            (free.h, free.out, free.along)
        );
    }
}
