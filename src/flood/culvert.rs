//! Discharge through a culvert or an underpass between two water levels.
//!
//! The smaller of two limits, as in FHWA HDS-5 (Hydraulic Design of Highway Culverts, 3rd edition 2012, FHWA-HIF-12-026) and
//! Boyd 1987 (Generalised head-discharge equations for culverts):
//!
//! * **Inlet control**: as long as the entrance is not drowned, the flow that passes it at critical depth with the specific energy
//!   of the headwater H: exact for a box, Q = √g b (2H/3)^1.5. Drowned: an orifice, Q = 0.6 A √(2g (H - D/2)). The two
//!   curves cross at H ≈ 1.2 D, where the chart of HDS-5 for a square-edged concrete pipe gives 14 % less; from 1.4 D on and below
//!   0.6 D it is met within 7 % (see the tests).
//! * **Outlet control**: energy between headwater and outlet, H = level at the outlet + losses V²/2g + friction (Manning). A drowned
//!   outlet takes the tailwater level, for a full barrel the exact Q = A √(2g Δ / (losses + 2g n² L / R^(4/3))). A free outlet
//!   takes the depth with the largest discharge, which is critical depth when nothing but the velocity head is lost. A part-full
//!   barrel rubs with the section at the mean of entry and outlet depth.
//!
//! An underpass is a short, wide box: with a free surface it acts as a broad-crested weir, and that is its inlet control.
//!
//! Limits: the velocity in the cells before the entrance is not counted as head, no air pressure, no pressure surge, no storage in
//! the barrel, one section over the whole length. A backwater that changes along a long, part-full barrel is only met in the mean.

use super::GRAVITY;
use super::domain::{Culvert, CulvertSection};
use std::f64::consts::PI;

/// Discharge coefficient of a drowned square-edged entrance (-).
const DROWNED_ENTRANCE: f64 = 0.6;
/// Losses (-) below this count as this: without any loss the discharge would jump at equal levels.
const LEAST_LOSSES: f64 = 0.1;

/// Discharge (m³/s) at water levels `level_m` (m above datum) at both ends; positive from the first end to the second.
///
/// Continuous in both levels, 0 where the upper level does not reach the higher invert.
pub fn discharge(culvert: &Culvert, level_m: [f64; 2]) -> f64 {
    let [first, second] = level_m;
    if first > second {
        towards(
            culvert,
            first,
            culvert.invert_m[0],
            second,
            culvert.invert_m[1],
        )
    } else if second > first {
        -towards(
            culvert,
            second,
            culvert.invert_m[1],
            first,
            culvert.invert_m[0],
        )
    } else {
        0.0
    }
}

fn towards(culvert: &Culvert, upper: f64, invert_in: f64, lower: f64, invert_out: f64) -> f64 {
    let section = Section::new(culvert.section);
    let head = upper - invert_in;
    if !(head > 0.0 && upper > invert_out) {
        return 0.0;
    }
    let inlet = inlet_control(section, head);
    let barrel = Barrel {
        section,
        invert_out,
        depth_in: head.min(section.height()),
        losses: culvert.losses.max(LEAST_LOSSES),
        friction: culvert.length_m * culvert.manning_n * culvert.manning_n,
    };
    barrel.outlet_control(upper, lower).min(inlet)
}

/// Largest discharge (m³/s) that the entrance passes under a headwater of `head` (m) above its invert.
fn inlet_control(section: Section, head: f64) -> f64 {
    let height = section.height();
    let critical = section.critical_of_energy(head);
    if head <= height {
        return critical;
    }
    let drowned =
        DROWNED_ENTRANCE * section.area(height) * (2.0 * GRAVITY * (head - 0.5 * height)).sqrt();
    critical.min(drowned)
}

struct Barrel {
    section: Section,
    /// Invert at the outlet (m above datum).
    invert_out: f64,
    /// Depth at the entry (m).
    depth_in: f64,
    /// Sum of loss coefficients (-).
    losses: f64,
    /// Length times n² (s² m^(1/3)).
    friction: f64,
}

impl Barrel {
    /// Head (m) lost per discharge squared when the outlet runs at `depth`.
    fn resistance(&self, depth: f64) -> f64 {
        let at_outlet = self.section.area(depth);
        let mean = 0.5 * (depth + self.depth_in);
        let area = self.section.area(mean);
        let radius = area / self.section.perimeter(mean);
        self.losses / (2.0 * GRAVITY * at_outlet * at_outlet)
            + self.friction / (area * area * radius * radius.cbrt())
    }

    /// Largest discharge (m³/s) for which the energy between the levels suffices, over all depths that the outlet can have.
    fn outlet_control(&self, upper: f64, lower: f64) -> f64 {
        let height = self.section.height();
        let flow = |depth: f64| {
            let left = upper - lower.max(self.invert_out + depth);
            if left > 0.0 && depth > 0.0 {
                (left / self.resistance(depth)).sqrt()
            } else {
                0.0
            }
        };
        let tail = (lower - self.invert_out).clamp(0.0, height);
        let top = height.min(upper - self.invert_out);
        let (mut low, mut high) = (tail, top);
        if tail < top {
            // Golden section; the discharge has one maximum between too little section and too little head.
            let ratio = 0.5 * (5.0f64.sqrt() - 1.0);
            let inner = |low: f64, high: f64, share: f64| low + share * (high - low);
            let (mut left, mut right) = (inner(low, high, 1.0 - ratio), inner(low, high, ratio));
            let (mut at_left, mut at_right) = (flow(left), flow(right));
            for _ in 0..40 {
                if at_left < at_right {
                    (low, left, at_left) = (left, right, at_right);
                    right = inner(low, high, ratio);
                    at_right = flow(right);
                } else {
                    (high, right, at_right) = (right, left, at_left);
                    left = inner(low, high, 1.0 - ratio);
                    at_left = flow(left);
                }
            }
        }
        let between = flow(0.5 * (low + high));
        between.max(flow(tail)).max(flow(top))
    }
}

#[derive(Clone, Copy)]
enum Section {
    Circle { diameter: f64 },
    Box { width: f64, height: f64 },
}

impl Section {
    fn new(section: CulvertSection) -> Self {
        match section {
            CulvertSection::Circle { diameter_m } => Self::Circle {
                diameter: diameter_m,
            },
            CulvertSection::Box { width_m, height_m } => Self::Box {
                width: width_m,
                height: height_m,
            },
        }
    }

    fn height(self) -> f64 {
        match self {
            Self::Circle { diameter } => diameter,
            Self::Box { height, .. } => height,
        }
    }

    /// Angle (rad) over which a circle is wetted.
    fn angle(diameter: f64, depth: f64) -> f64 {
        2.0 * (1.0 - 2.0 * depth / diameter).clamp(-1.0, 1.0).acos()
    }

    fn area(self, depth: f64) -> f64 {
        match self {
            Self::Circle { diameter } if depth >= diameter => 0.25 * PI * diameter * diameter,
            Self::Circle { diameter } => {
                let angle = Self::angle(diameter, depth);
                0.125 * diameter * diameter * (angle - angle.sin())
            }
            Self::Box { width, height } => width * depth.min(height),
        }
    }

    fn perimeter(self, depth: f64) -> f64 {
        match self {
            Self::Circle { diameter } => 0.5 * diameter * Self::angle(diameter, depth),
            Self::Box { width, height } if depth >= height => 2.0 * (width + height),
            // The ceiling begins to brake before the water touches it everywhere; over the last 5 % it is blended in, because
            // a jump of the perimeter would be a jump of the discharge.
            Self::Box { width, height } => {
                let touching = (20.0 * (depth / height - 0.95)).max(0.0);
                width * (1.0 + touching) + 2.0 * depth
            }
        }
    }

    fn surface_width(self, depth: f64) -> f64 {
        match self {
            Self::Circle { diameter } => 2.0 * (depth * (diameter - depth)).max(0.0).sqrt(),
            Self::Box { width, .. } => width,
        }
    }

    /// Largest depth (m) with a free surface that can be critical; a circle closes, so its critical flow has no bound.
    fn largest_critical_depth(self) -> f64 {
        match self {
            Self::Circle { diameter } => diameter * (1.0 - 1e-9),
            Self::Box { height, .. } => height,
        }
    }

    /// Discharge (m³/s) that is critical at a depth (m): Q² T = g A³.
    fn critical_flow(self, depth: f64) -> f64 {
        let area = self.area(depth);
        if area > 0.0 {
            area * (GRAVITY * area / self.surface_width(depth)).sqrt()
        } else {
            0.0
        }
    }

    /// Discharge (m³/s) that is critical with a specific energy (m).
    fn critical_of_energy(self, energy: f64) -> f64 {
        match self {
            Self::Box { width, .. } => width * GRAVITY.sqrt() * (energy / 1.5).powf(1.5),
            Self::Circle { .. } => {
                let excess = |y: f64| y + 0.5 * self.area(y) / self.surface_width(y) - energy;
                let top = self.largest_critical_depth();
                if excess(top) <= 0.0 {
                    return f64::INFINITY;
                }
                // Depths near 0 have no surface to divide by; at 1e-9 m nothing flows.
                self.critical_flow(root(excess, 1e-9 * energy.min(top), top))
            }
        }
    }
}

/// Root of a rising function between `low` (value below 0) and `high` (above 0): regula falsi in the Illinois form, with a
/// bisection in every fourth round, which bounds the number of rounds for any shape.
fn root(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    let (mut at_low, mut at_high) = (f(low), f(high));
    let tolerance = 1e-13 * high;
    let mut moved = 0;
    for round in 0..160 {
        if high - low <= tolerance || at_low == 0.0 {
            break;
        }
        let x = if round % 4 == 3 || !at_high.is_finite() {
            0.5 * (low + high)
        } else {
            (low - at_low * (high - low) / (at_high - at_low)).clamp(low, high)
        };
        let value = f(x);
        if value > 0.0 {
            (high, at_high) = (x, value);
            if moved > 0 {
                at_low *= 0.5;
            }
            moved = 1;
        } else {
            (low, at_low) = (x, value);
            if value == 0.0 {
                return x;
            }
            if moved < 0 {
                at_high *= 0.5;
            }
            moved = -1;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPE: CulvertSection = CulvertSection::Circle { diameter_m: 1.0 };
    const PASSAGE: CulvertSection = CulvertSection::Box {
        width_m: 3.0,
        height_m: 2.0,
    };

    fn culvert(section: CulvertSection, length_m: f64, fall_m: f64) -> Culvert {
        Culvert {
            id: "c".into(),
            cells: [0, 1],
            invert_m: [10.0, 10.0 - fall_m],
            length_m,
            section,
            manning_n: 0.012,
            losses: 1.5,
        }
    }

    #[test]
    fn a_full_pipe_under_outlet_control_is_exact() {
        // D 1 m, L 100 m, n 0.012, losses 1.5, 0.8 m of fall between drowned ends. By hand: A 0.7854 m², R 0.25 m, friction
        // 2 g n² L / R^(4/3) = 1.7938, V = √(2g 0.8 / 3.2938) = 2.1829 m/s, Q = 1.7145 m³/s.
        let q = discharge(&culvert(PIPE, 100.0, 0.0), [12.8, 12.0]);
        let friction = 2.0 * GRAVITY * 0.012f64.powi(2) * 100.0 / 0.25f64.powf(4.0 / 3.0);
        let exact = 0.25 * PI * (2.0 * GRAVITY * 0.8 / (1.5 + friction)).sqrt();
        assert!((q / exact - 1.0).abs() < 1e-12, "{q} {exact}");
        assert!((q - 1.7145).abs() < 2e-4, "{q}");
        // The same head through a full box.
        let q = discharge(&culvert(PASSAGE, 100.0, 0.0), [13.8, 13.0]);
        let friction = 2.0 * GRAVITY * 0.012f64.powi(2) * 100.0 / 0.6f64.powf(4.0 / 3.0);
        let exact = 6.0 * (2.0 * GRAVITY * 0.8 / (1.5 + friction)).sqrt();
        assert!((q / exact - 1.0).abs() < 1e-12, "{q} {exact}");
    }

    #[test]
    fn a_free_box_runs_at_critical_depth_in_its_entrance() {
        for head in [0.01f64, 0.1, 0.5, 1.0, 2.0] {
            let exact = 3.0 * GRAVITY.sqrt() * (2.0 / 3.0 * head).powf(1.5);
            // Steep: the entrance decides.
            let q = discharge(&culvert(PASSAGE, 10.0, 0.5), [10.0 + head, 8.0]);
            assert!((q / exact - 1.0).abs() < 1e-12, "{head} m: {q} {exact}");
            // Level, short and smooth, only the head of the velocity lost: the outlet says the same.
            let mut level = culvert(PASSAGE, 0.0, 0.0);
            level.losses = 1.0;
            let q = discharge(&level, [10.0 + head, 8.0]);
            assert!((q / exact - 1.0).abs() < 1e-9, "{head} m: {q} {exact}");
        }
    }

    #[test]
    fn an_entry_loss_costs_head_at_a_free_level_outlet() {
        // 1.5 velocity heads instead of 1: Q = b y √(2g (H - y) / 1.5) is largest at y = 2H/3.
        let q = discharge(&culvert(PASSAGE, 0.0, 0.0), [11.0, 9.0]);
        let exact = 3.0 * GRAVITY.sqrt() * (2.0f64 / 3.0).powf(1.5) / 1.5f64.sqrt();
        assert!((q / exact - 1.0).abs() < 1e-9, "{q} {exact}");
    }

    /// Headwater over diameter by the nomograph equations of HDS-5 for a concrete pipe with square edge in a headwall
    /// (K 0.0098, M 2, c 0.0398, Y 0.67), free and drowned; slope left out.
    fn hds5_pipe(flow: f64, diameter: f64) -> (f64, f64) {
        let section = Section::Circle { diameter };
        let x = 1.811 * flow / (section.area(diameter) * diameter.sqrt());
        let critical = root(
            |y| section.critical_flow(y) - flow,
            1e-9,
            diameter * (1.0 - 1e-9),
        );
        let energy = critical + 0.5 * section.area(critical) / section.surface_width(critical);
        (energy / diameter + 0.0098 * x * x, 0.0398 * x * x + 0.67)
    }

    #[test]
    fn the_entrance_of_a_pipe_meets_the_charts_of_hds5() {
        let diameter = 1.0;
        for k in 1..=40 {
            let flow = 0.05 * f64::from(k) * 1.5;
            let (free, drowned) = hds5_pipe(flow, diameter);
            let x = 1.811 * flow / (0.25 * PI);
            let head = if x < 3.5 {
                free
            } else if x > 4.0 {
                drowned
            } else {
                continue;
            };
            let ours = inlet_control(Section::Circle { diameter }, head);
            let bound = if (0.6..1.4).contains(&head) {
                0.17
            } else {
                0.08
            };
            let error = ours / flow - 1.0;
            assert!(error.abs() < bound, "H/D {head}: {error}");
        }
    }

    #[test]
    fn sign_follows_the_levels_and_dry_ends_give_nothing() {
        let c = culvert(PIPE, 20.0, 0.1);
        assert_eq!(discharge(&c, [10.5, 10.5]), 0.0);
        assert!(discharge(&c, [10.6, 10.5]) > 0.0);
        assert!(discharge(&c, [10.5, 10.6]) < 0.0);
        // Below the higher invert on either side.
        assert_eq!(discharge(&c, [9.9, 9.0]), 0.0);
        assert_eq!(discharge(&c, [9.0, 9.95]), 0.0);
        // A level culvert is the same in both directions.
        let c = culvert(PASSAGE, 20.0, 0.0);
        assert_eq!(discharge(&c, [11.0, 10.4]), -discharge(&c, [10.4, 11.0]));
    }

    #[test]
    fn discharge_is_continuous_and_grows_with_the_level_difference() {
        for section in [PIPE, PASSAGE] {
            for (length, fall) in [
                (0.0, 0.0),
                (15.0, 0.0),
                (60.0, 1.0),
                (200.0, 0.2),
                (30.0, -0.3),
            ] {
                let c = culvert(section, length, fall);
                let scale = discharge(&c, [16.0, 10.0]);
                assert!(scale > 0.0);
                // A pipe carries a little more just below full than full; nothing else may fall.
                let dip = 0.01 * scale;
                let mut before: Option<Vec<f64>> = None;
                for i in 0..1200 {
                    let upper = 9.8 + 0.005 * f64::from(i);
                    let row: Vec<f64> = (0..60)
                        .map(|j| discharge(&c, [upper, 9.6 + 0.1 * f64::from(j)]))
                        .collect();
                    for (j, pair) in row.windows(2).enumerate() {
                        assert!(
                            pair[1] <= pair[0] + dip,
                            "more with a higher tailwater: {section:?} {length} {fall} {upper} {j} {pair:?}"
                        );
                    }
                    if let Some(before) = &before {
                        for (now, then) in row.iter().zip(before) {
                            assert!(
                                *now >= *then - dip,
                                "{section:?} {length} {fall} {upper} {now} {then}"
                            );
                            // √ at equal levels: 5 mm give some tenth of the whole range, no more.
                            assert!((now - then).abs() < 0.12 * scale, "{now} {then} {scale}");
                        }
                    }
                    before = Some(row);
                }
            }
        }
    }

    #[test]
    fn no_jump_anywhere_on_a_fine_walk_through_the_levels() {
        for section in [PIPE, PASSAGE] {
            for (length, fall) in [(0.0, 0.0), (60.0, 0.3), (200.0, 1.0)] {
                let c = culvert(section, length, fall);
                for tail in [9.0f64, 10.3, 10.99, 11.0, 12.0] {
                    // Away from equal levels the slope is bounded: a thousandth of the step gives about a thousandth of the change.
                    for i in 1..2000 {
                        let upper = tail.max(10.0) + 0.02 + 0.0025 * f64::from(i);
                        let [a, b] = [0.0, 1e-7].map(|d| discharge(&c, [upper + d, tail]));
                        assert!(
                            (b - a).abs() < 1e-4,
                            "{section:?} {length} {upper} {tail}: {a} {b}"
                        );
                        let b = discharge(&c, [upper, tail + 1e-7]);
                        assert!(
                            (b - a).abs() < 1e-4,
                            "{section:?} {length} {upper} {tail}: {a} {b}"
                        );
                    }
                }
            }
        }
    }
}
