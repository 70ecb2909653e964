//! Flux across one face: HLLC on hydrostatically reconstructed depths, well balanced and positive.
//!
//! * **Depths at the face.** Audusse et al. 2004 (doi:10.1137/S1064827503431090): the water of the lower side counts as far as it
//!   stands above the higher bed. Chen & Noelle 2017 (doi:10.1137/15M1053074) keep the pull of gravity where the level of the
//!   lower side is below the higher bed (thin sheets on steep ground): the intermediate bed is then the lower level. In both,
//!   the depth on the higher side is its own; they differ in one term, `pull`.
//! * **Waves.** Speeds of the two-rarefaction star state (Fraccarollo & Toro 1995, doi:10.1080/00221689509498551), with the
//!   speeds of a dry bed on either side. HLL gives the fluxes of mass and normal momentum, the sign of the mass flux decides
//!   whose tangential velocity is carried (the contact of HLLC; both have the same sign, Toro 2001, section 10.6).
//! * **Sheets held by friction.** A cell's bed is flat, so a sheet on a slope stands above a step, and with depths as above it falls
//!   over each step into a hole: its flux is that of a free overfall, 30 % too little water stays on a plane of 1 %. But friction
//!   tells how steep the ground is under water that flows evenly: its slope n² |u| u / h^(4/3) is then the bed's. The step is lowered
//!   by the fall that friction holds (`held`), and gravity pulls the upper water by as much. Uniform flow is then exact, whatever the
//!   step; water at rest has no friction and keeps its balance. Held is at most the step, at most what brings the lower water to
//!   the depth of the upper one (a sheet that runs into a pool), and nothing at walls; twice the friction slope is allowed, as
//!   with once a flow whose friction is only just too small would fall back into the hole, and alternate.
//! * **Walls.** A step of more than 45 degrees that the lower water does not reach throws its momentum back like a wall.
//! * **Balance.** The flux of momentum is returned as what it adds to the pressure of the water at rest on each side,
//!   so that a lake at rest gives zeros and not differences of large numbers.

use super::real::{Real, larger, select, smaller};
pub use crate::flood::GRAVITY;

/// Depth (m) below which water does not move: a film thinner than any wall is rough.
pub const DRY_M: f64 = 1e-7;

/// One side of a face. `u` is the velocity across the face (positive from left to right), `v` along it.
#[derive(Clone, Copy)]
pub struct Side<T> {
    /// Depth (m).
    pub h: T,
    /// Velocity across (m/s).
    pub u: T,
    /// Velocity along (m/s).
    pub v: T,
    /// Fall (m) of the bed that friction holds, per unit of `u` (s); 0 where the bed's slope is inside the cells (order 2).
    pub hold: T,
}

/// What crosses a face per second and metre.
#[derive(Clone, Copy)]
pub struct Flux<T> {
    /// Water (m²/s) from left to right.
    pub mass: T,
    /// Momentum across, less the resting pressure of the left cell (m³/s²).
    pub left: T,
    /// Momentum across, less the resting pressure of the right cell (m³/s²).
    pub right: T,
    /// Momentum along (m³/s²).
    pub along: T,
}

/// What meets at a face: depths on the bed of the face, and what the beds on both sides do.
#[derive(Clone, Copy)]
pub struct Met<T> {
    /// Depth (m) on the left.
    pub hl: T,
    /// Celerity (m/s) on the left.
    pub cl: T,
    /// Depth (m) on the right.
    pub hr: T,
    /// Celerity (m/s) on the right.
    pub cr: T,
    /// Momentum (m³/s²) of the left cell beyond what crosses: the pull of its bed, or the force of a wall.
    pub left: T,
    /// The same of the right cell.
    pub right: T,
}

/// What meets at the face between two cells; `HOLD` where friction holds water on a slope (order 1).
///
/// `rise` (m) is the level on the right minus the level on the left, `step` (m) the bed on the right minus the bed on the left,
/// `steepest` (m) the largest fall over which gravity pulls (one cell: 45 degrees; beyond, water falls freely).
#[inline(always)]
pub fn meet<T: Real, const HOLD: bool>(
    l: Side<T>,
    r: Side<T>,
    rise: T,
    step: T,
    steepest: T,
) -> Met<T> {
    let zero = T::of(0.0);
    let g = T::of(GRAVITY);
    let right_is_higher = step >= zero;
    let (low, high) = (
        select(right_is_higher, l.h, r.h),
        select(right_is_higher, r.h, l.h),
    );
    // Level of the lower side above the higher bed.
    let above = select(right_is_higher, r.h - rise, l.h + rise);
    // On level ground neither side is the higher one: as exact sums, so that a mirrored face has the mirrored flux.
    let above = select(step == zero, low, above);
    let held = if HOLD {
        let held = select(right_is_higher, -(r.hold * r.u), l.hold * l.u);
        let held = smaller(smaller(held, step.abs()), high - above);
        select(step.abs() > steepest, zero, larger(held, zero))
    } else {
        zero
    };
    let fall = larger(smaller(above, zero - held), -steepest);
    let above = above + held;
    let over = larger(above, zero);
    let pull = g * high * fall;
    // Below a step that the lower water does not reach there is a wall; the square root serves either.
    let blocked = step.abs() > steepest && above <= zero;
    let c_low = (g * select(blocked, low, over)).sqrt();
    let c_high = (g * high).sqrt();
    let u_low = select(right_is_higher, l.u, -r.u);
    let force = low * u_low * (c_low + larger(T::of(1.5) * u_low, zero));
    let force = select(blocked, force, zero);
    let c_over = select(blocked, zero, c_low);
    Met {
        hl: select(right_is_higher, over, l.h),
        cl: select(right_is_higher, c_over, c_high),
        hr: select(right_is_higher, r.h, over),
        cr: select(right_is_higher, c_high, c_over),
        left: select(right_is_higher, force, pull),
        right: select(right_is_higher, pull, force),
    }
}

/// Flux between two cells from what meets at their face.
#[inline(always)]
pub fn flux<T: Real>(l: Side<T>, r: Side<T>, met: Met<T>) -> Flux<T> {
    let zero = T::of(0.0);
    let f = hll((met.hl, l.u, met.cl), (met.hr, r.u, met.cr));
    // Films do not move.
    let wet = larger(l.h, r.h) > T::of(DRY_M);
    let mass = select(wet, f.mass, zero);
    Flux {
        mass,
        left: f.left + met.left,
        right: f.right + met.right,
        along: mass * select(mass >= zero, l.v, r.v),
    }
}

/// Both sides of a face, which may be `shut` because one of its cells is outside the domain (and holds no water): the other one meets
/// its mirror image.
#[inline(always)]
pub fn mirrored<T: Real>(l: Side<T>, r: Side<T>, shut: bool) -> (Side<T>, Side<T>) {
    let from_left = l.h > r.h;
    let (h, u) = (select(from_left, l.h, r.h), select(from_left, l.u, -r.u));
    let mirror = |side: Side<T>, u: T| Side {
        h: select(shut, h, side.h),
        u: select(shut, u, side.u),
        ..side
    };
    (mirror(l, u), mirror(r, -u))
}

/// Flux between two cells with a crest on the face, `crest_l` and `crest_r` (m) above the left and the right bed; `plain` is the flux
/// without the crest.
///
/// Water passes above the crest only; below it, the face is a wall that throws momentum back (state mirrored at the face). With `shut`
/// there is no crest, but a cell outside the domain on one side: see [`mirrored`].
#[inline(always)]
pub fn flux_over_crest<T: Real>(
    l: Side<T>,
    r: Side<T>,
    rise: T,
    (crest_l, crest_r): (T, T),
    shut: bool,
    plain: Flux<T>,
) -> Flux<T> {
    let zero = T::of(0.0);
    // Both positive: the crest is above both beds.
    let blocks = smaller(crest_l, crest_r) > zero && !shut;
    let above_l = l.h - crest_l;
    let hl_face = larger(above_l, zero);
    let hr_face = larger(above_l + rise, zero);
    // A crest far above both levels must not let rounding of `rise` through.
    let hr_face = select(r.h - crest_r > zero, hr_face, zero);
    let over = hll(
        (hl_face, l.u, (T::of(GRAVITY) * hl_face).sqrt()),
        (hr_face, r.u, (T::of(GRAVITY) * hr_face).sqrt()),
    );
    let closed = larger(hl_face, hr_face) <= zero;
    let left = select(closed, wall(l.h, l.u), over.left);
    let right = select(closed, wall(r.h, -r.u), over.right);
    let mass = select(closed, zero, over.mass);
    Flux {
        mass: select(blocks, mass, plain.mass),
        left: select(blocks, left, plain.left),
        right: select(blocks, right, plain.right),
        along: select(blocks, mass * select(mass >= zero, l.v, r.v), plain.along),
    }
}

/// Force of a wall on water that moves towards it with `u` (m/s), beyond the resting pressure: HLL with the mirrored state.
#[inline(always)]
fn wall<T: Real>(h: T, u: T) -> T {
    let c = (T::of(GRAVITY) * larger(h, T::of(0.0))).sqrt();
    h * u * (c + larger(T::of(1.5) * u, T::of(0.0)))
}

struct Hll<T> {
    mass: T,
    left: T,
    right: T,
}

/// HLL between two states of depth, velocity and celerity.
#[inline(always)]
fn hll<T: Real>((hl, ul, cl): (T, T, T), (hr, ur, cr): (T, T, T)) -> Hll<T> {
    let (zero, half, two) = (T::of(0.0), T::of(0.5), T::of(2.0));
    let g = T::of(GRAVITY);
    // Beside a dry bed the water moves with the front of the dam break into it; the star state then gives the speeds of that case.
    let (ul, ur) = (
        select(hl > zero, ul, ur - two * cr),
        select(hr > zero, ur, ul + two * cl),
    );
    let u_star = half * (ul + ur) + (cl - cr);
    let c_star = half * (cl + cr) + T::of(0.25) * (ul - ur);
    let sl = smaller(smaller(ul - cl, u_star - c_star), zero);
    let sr = larger(larger(ur + cr, u_star + c_star), zero);
    let per_width = T::of(1.0) / ((sr - sl) + T::of(1e-30));
    let (ml, mr) = (hl * ul, hr * ur);
    let du = mr - ml;
    let dh = hr - hl;
    let df = (mr * ur - ml * ul) + (half * g) * (dh * (hr + hl));
    let mass = ((sr * ml - sl * mr) + (sl * sr) * dh) * per_width;
    Hll {
        mass,
        left: ml * ul - sl * ((df - sr * du) * per_width),
        right: mr * ur - sr * ((df - sl * du) * per_width),
    }
}

/// Limited difference of levels in a cell of depth `h`: as [`limited`] where water is deep against it, the smaller of both in thin
/// sheets, where a steeper slope than the neighbours' would put a dam of bed into the sheet's way.
#[inline(always)]
pub fn limited_level<T: Real>(a: T, b: T, h: T) -> T {
    let zero = T::of(0.0);
    let central = limited(a, b);
    let least = smaller(a.abs(), b.abs());
    let least = select(a * b > zero, select(a > zero, least, -least), zero);
    select((central - least).abs() > T::of(0.1) * h, least, central)
}

/// How much steeper than the smaller difference a slope may be: between 1 (minmod) and 2 (monotonised central). With 2, a standing
/// hydraulic jump never comes to rest and sends waves of 10 % of the discharge downstream; with 1.3 it stands.
const STEEPNESS: f64 = 1.3;

/// Limited difference of two neighbouring differences: generalised minmod (Kurganov & Tadmor 2000, doi:10.1006/jcph.2000.6459), 0 at
/// extrema.
#[inline(always)]
pub fn limited<T: Real>(a: T, b: T) -> T {
    let zero = T::of(0.0);
    let half = T::of(0.5);
    let same_sign = a * b > zero;
    let least = T::of(STEEPNESS) * smaller(a.abs(), b.abs());
    let central = half * (a + b);
    let size = smaller(central.abs(), least);
    select(same_sign, select(central > zero, size, -size), zero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing<T: Real>(l: Side<T>, r: Side<T>, rise: T, step: T, steepest: T) -> Flux<T> {
        flux(l, r, meet::<T, true>(l, r, rise, step, steepest))
    }

    fn side(h: f64, u: f64, v: f64) -> Side<f64> {
        Side { h, u, v, hold: 0.0 }
    }

    #[test]
    fn water_at_rest_gives_exact_zeros_over_any_step() {
        for (bed_l, bed_r) in [(0.0, 0.3), (0.7, -0.2), (0.1, 0.1), (2.0, 0.0)] {
            let level = 1.0_f64;
            let (hl, hr) = (
                (level - bed_l).max(0.0) as f32,
                (level - bed_r).max(0.0) as f32,
            );
            let rise = if bed_l > level {
                bed_r as f32 + hr - bed_l as f32
            } else {
                0.0
            };
            let f = crossing(
                Side {
                    h: hl,
                    u: 0.0,
                    v: 0.0,
                    hold: 0.0,
                },
                Side {
                    h: hr,
                    u: 0.0,
                    v: 0.0,
                    hold: 0.0,
                },
                rise,
                (bed_r - bed_l) as f32,
                2.0,
            );
            assert_eq!(
                (f.mass, f.left, f.right, f.along),
                (0.0, 0.0, 0.0, 0.0),
                "{bed_l} {bed_r}"
            );
        }
    }

    #[test]
    fn a_mirrored_face_gives_the_mirrored_flux() {
        let held = |hold: f64, h: f64, u: f64| Side {
            hold,
            ..side(h, u, 0.3)
        };
        let turned = |s: Side<f64>| Side { u: -s.u, ..s };
        let cases = [
            (side(1.0, 0.5, 0.2), side(0.4, -1.0, 0.7), 0.1, 0.7),
            (side(0.0, 0.0, 0.0), side(0.4, -1.0, 0.7), -2.0, -2.4),
            (side(0.01, 0.3, 0.2), side(0.0, 0.0, 0.0), -3.0, -2.99),
            // Sheets that friction holds: wholly, half, against a pool, on level ground, up the step, over a steep one.
            (held(0.1, 0.01, 0.2), held(0.1, 0.01, 0.2), -0.02, -0.02),
            (held(0.05, 0.01, 0.2), held(0.3, 0.02, 0.1), -0.02, -0.03),
            (held(10.0, 0.001, 1.0), held(0.1, 0.6, -0.1), 0.099, -0.5),
            (held(0.2, 0.01, 0.2), held(0.1, 0.03, -0.4), 0.02, 0.0),
            (held(0.1, 0.01, -0.2), held(0.1, 0.01, -0.2), -0.02, -0.02),
            (held(0.1, 0.01, 0.2), held(0.1, 0.01, 0.2), -20.0, -20.0),
        ];
        for (l, r, rise, step) in cases {
            let f = crossing(l, r, rise, step, 10.0);
            let m = crossing(turned(r), turned(l), -rise, -step, 10.0);
            assert_eq!((f.mass, f.along), (-m.mass, -m.along));
            assert_eq!((f.left, f.right), (m.right, m.left));
        }
    }

    #[test]
    fn a_thin_sheet_on_a_steep_step_keeps_the_pull_of_gravity() {
        // 1 cm on a step down of 0.5 m: the force on the sheet is g h times the fall of the level.
        let f = crossing(side(0.01, 0.0, 0.0), side(0.0, 0.0, 0.0), -0.51, -0.5, 2.0);
        let plain = crossing(side(0.01, 0.0, 0.0), side(0.0, 0.0, 0.0), -0.01, 0.0, 2.0);
        assert!(f.mass > 0.0);
        let pull = f.left - plain.left;
        assert!((pull + GRAVITY * 0.01 * 0.5).abs() < 1e-12, "{pull}");
    }

    #[test]
    fn an_even_sheet_held_by_friction_flows_over_a_step_as_on_a_slope() {
        // 1 cm with 0.2 m/s over steps of 2 cm: what crosses is what flows, and gravity pulls over the whole step.
        let held = |u: f64| Side {
            hold: 0.1,
            ..side(0.01, u, 0.0)
        };
        let f = crossing(held(0.2), held(0.2), -0.02, -0.02, 2.0);
        assert!((f.mass - 0.01 * 0.2).abs() < 1e-15, "{}", f.mass);
        let momentum = f.left - f.right;
        assert!(
            (momentum + GRAVITY * 0.01 * 0.02).abs() < 1e-15,
            "{momentum}"
        );
        // Friction that holds half the step lowers it by half; a sheet that flows up is not held.
        let half = crossing(
            Side {
                hold: 0.05,
                ..held(0.2)
            },
            held(0.2),
            -0.02,
            -0.02,
            2.0,
        );
        assert!(half.mass > f.mass);
        let free = |u: f64| crossing(side(0.01, u, 0.0), side(0.01, u, 0.0), -0.02, -0.02, 2.0);
        assert!(half.mass < free(0.2).mass);
        let up = crossing(held(-0.2), held(-0.2), -0.02, -0.02, 2.0);
        assert_eq!(up.mass, free(-0.2).mass);
    }

    #[test]
    fn a_pool_or_a_wall_below_a_sheet_is_no_slope() {
        // A sheet of 1 mm runs into a pool whose level is above, at and below its bed.
        for (depth, step) in [(0.6, 0.5), (0.501, 0.5), (0.3, 0.5)] {
            let sheet = Side {
                hold: 10.0,
                ..side(0.001, 1.0, 0.0)
            };
            let f = crossing(
                sheet,
                side(depth, 0.0, 0.0),
                depth - step - 0.001,
                -step,
                2.0,
            );
            // The pool does not rush up the step any faster than without the sheet's friction.
            let plain = crossing(
                side(0.001, 1.0, 0.0),
                side(depth, 0.0, 0.0),
                depth - step - 0.001,
                -step,
                2.0,
            );
            assert!(f.mass >= plain.mass.min(0.0) && f.mass <= plain.mass.max(0.001));
        }
        let roof = Side {
            hold: 10.0,
            ..side(0.001, 1.0, 0.0)
        };
        let edge = crossing(roof, side(0.001, 0.0, 0.0), -8.0, -8.0, 2.0);
        let plain = crossing(
            side(0.001, 1.0, 0.0),
            side(0.001, 0.0, 0.0),
            -8.0,
            -8.0,
            2.0,
        );
        assert_eq!((edge.mass, edge.left), (plain.mass, plain.left));
    }

    #[test]
    fn a_closed_crest_is_a_wall_and_a_drowned_one_is_a_weir() {
        let (l, r) = (side(1.0, 0.4, 0.3), side(0.5, 0.0, 0.0));
        let free = crossing(l, r, -0.5, 0.0, 2.0);
        let closed = flux_over_crest(l, r, -0.5, (9.0, 9.0), false, free);
        assert_eq!((closed.mass, closed.along), (0.0, 0.0));
        assert!(closed.left > 0.0, "the wall throws the water back");
        let weir = flux_over_crest(l, r, -0.5, (0.8, 0.8), false, free);
        assert!(weir.mass > 0.0 && weir.mass < free.mass);
        let none = flux_over_crest(l, r, -0.5, (-1.0, -1.0), false, free);
        assert_eq!(none.mass, free.mass);
    }

    #[test]
    fn slopes_are_limited_by_both_neighbours() {
        assert_eq!(limited(1.0, 1.0), 1.0);
        assert_eq!(limited(0.1, 1.0), 0.13);
        assert_eq!(limited(-1.0, -3.0), -1.3);
        assert_eq!(limited(-1.0, 1.0), 0.0);
    }
}
