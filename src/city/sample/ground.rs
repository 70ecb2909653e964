//! Heights of the quarter (m NHN): tidal bed, quay edge +5.5, flood-safe plinth +8, Geest slope rising to the north.

use super::plan::{Class, FLEET, POND, Plan};
use super::plane::{P2, contains, distance_to_ring, distance_to_segment};

/// Height of quays and of the warehouse streets.
pub(super) const QUAY: f64 = 5.5;
/// Height of the flood-safe plinth (Warft).
const PLINTH: f64 = 8.0;
/// Bed along the quays.
const BED: f64 = -4.0;
/// Bed of the canals.
const CANAL_BED: f64 = -2.5;
/// Ground around the pond.
const POND_LEVEL: f64 = 14.2;

/// Heights of the plan, in its own coordinates.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    waters: Vec<Vec<P2>>,
    banks: Vec<(P2, P2, Class)>,
}

/// 0 below `low`, 1 above `high`, smooth between.
fn ramp(x: f64, low: f64, high: f64) -> f64 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn mix(a: f64, b: f64, t: f64) -> f64 {
    a + (b - a) * t
}

/// Northing of the middle of the Fleet at an easting of the plan.
fn fleet(x: f64) -> f64 {
    FLEET
        .windows(2)
        .find(|w| x <= w[1][0])
        .map_or(FLEET[FLEET.len() - 1][1], |w| {
            mix(w[0][1], w[1][1], (x - w[0][0]) / (w[1][0] - w[0][0]))
        })
}

impl Ground {
    /// Heights of a plan.
    pub fn new(plan: &Plan) -> Self {
        Self {
            waters: plan.waters(),
            banks: plan.banks(),
        }
    }

    /// Whether a place lies in river, basin, canal or pond.
    pub fn is_water(&self, p: P2) -> bool {
        self.waters.iter().any(|w| contains(w, p)) || contains(POND, p)
    }

    /// Height (m NHN) at a place of the plan.
    pub fn height(&self, p: P2) -> f64 {
        let (mut bank, mut class) = (f64::INFINITY, Class::Quay);
        for &(a, b, c) in &self.banks {
            let d = distance_to_segment(p, a, b);
            if d < bank {
                (bank, class) = (d, c);
            }
        }
        // Natural bank in the west, passing into the quay of the basin.
        let beach = match class {
            Class::Bank | Class::Quay if p[1] < 240.0 => 1.0 - ramp(p[0], 142.0, 172.0),
            _ => 0.0,
        };
        if self.waters.iter().any(|w| contains(w, p)) {
            let canal = (p[1] - fleet(p[0])).abs();
            let bed = mix(CANAL_BED, BED, ramp(canal, 14.0, 70.0));
            let deeper = match class {
                // The fairway is deeper than the berths.
                Class::Quay | Class::Bank => 2.5 * ramp(bank, 25.0, 70.0),
                _ => 0.0,
            };
            // Steps of 10 cm: soundings are no finer.
            let bed = ((bed - deeper) * 10.0).round() / 10.0;
            return mix(bed, mix(1.5, bed, ramp(bank, -4.0, 24.0)), beach);
        }
        let land = self.land(p);
        let quay = if class == Class::Quay {
            mix(QUAY, land, ramp(bank, 11.5, 16.0))
        } else {
            land
        };
        mix(quay, mix(1.5, land, ramp(bank, -6.0, 22.0)), beach)
    }

    /// Ground away from the banks.
    fn land(&self, p: P2) -> f64 {
        let north = p[1] - fleet(p[0]);
        if north < 0.0 {
            return mix(QUAY, PLINTH, ramp(-north, 47.0, 74.0));
        }
        // Old town on its rise, then the Geest: 8.6 m behind the warehouses, 13 at the ring, 21 in the north.
        let rise = mix(QUAY, 8.6, ramp(north, 52.0, 120.0))
            + 4.6 * ramp(north, 90.0, 330.0)
            + 8.0 * ramp(north, 300.0, 640.0);
        let roll = 0.7 * (p[0] / 97.0 + p[1] / 141.0).sin()
            + 0.5 * (p[0] / 61.0 - p[1] / 83.0 + 1.0).cos();
        let church = 1.3 * (-((p[0] - 645.0).powi(2) + (p[1] - 525.0).powi(2)) / 2200.0).exp();
        let land = rise
            + roll * ramp(north, 110.0, 260.0) * ramp(p[0].min(1000.0 - p[0]), 0.0, 60.0)
            + church;
        // Mounds of the former rampart in the park, and the pond in its moat.
        let mound = |x: f64, y: f64, height: f64, radius: f64| {
            height * (-((p[0] - x).powi(2) + ((p[1] - y) * 1.6).powi(2)) / (radius * radius)).exp()
        };
        let land = land
            + mound(370.0, 770.0, 4.5, 42.0)
            + mound(455.0, 779.0, 3.0, 30.0)
            + mound(775.0, 750.0, 4.0, 38.0)
            + mound(160.0, 712.0, 3.0, 36.0);
        let pond = distance_to_ring(p, POND);
        if contains(POND, p) {
            POND_LEVEL - 0.6 - 1.4 * ramp(pond, 0.0, 6.0)
        } else {
            mix(POND_LEVEL, land, ramp(pond, 1.0, 14.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_follow_the_levels_of_the_quarter() {
        let ground = Ground::new(&Plan::new());
        let at = |x, y| ground.height([x, y]);
        assert_eq!(at(500.0, 140.0), BED);
        assert_eq!(at(200.0, 391.0), CANAL_BED);
        assert_eq!(at(500.0, 158.0), QUAY);
        assert_eq!(at(480.0, 300.0), PLINTH);
        assert_eq!(at(200.0, 415.0), QUAY);
        assert!((19.0..23.0).contains(&at(500.0, 990.0)));
        assert!(at(600.0, 778.0) < 13.0 && ground.is_water([600.0, 778.0]));
        // Mirrored copies meet without a step: nothing changes across the border except the slope along it.
        for y in [50.0, 250.0, 450.0, 700.0, 900.0] {
            assert!((at(0.0, y) - at(1.0, y)).abs() < 0.6, "{y}");
        }
    }
}
