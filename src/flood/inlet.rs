//! What a street inlet takes at a depth of water.

use super::GRAVITY;
use super::domain::Inlet;

/// Discharge coefficient of the weir along the edge of a grate (-); literature 0.57 to 0.65 for sharp-edged weirs.
pub const WEIR_COEFFICIENT: f64 = 0.60;
/// Discharge coefficient of the openings of a grate (-); literature 0.60 to 0.67 (FHWA HEC-22, section on grate inlets in sags: 0.67).
pub const ORIFICE_COEFFICIENT: f64 = 0.62;

/// Discharge (m³/s) into an inlet under water of `depth_m` (m).
///
/// Weir 2/3 Cw √(2g) P h^1.5 while shallow, orifice Co A √(2 g h) when drowned, the smaller of both, at most the capacity of the
/// sewer below. The sewer never gives water back: a full sewer is a capacity of 0.
pub fn discharge(inlet: &Inlet, depth_m: f64) -> f64 {
    if depth_m.is_nan() || depth_m <= 0.0 {
        return 0.0;
    }
    let speed = (2.0 * GRAVITY * depth_m).sqrt();
    let weir = 2.0 / 3.0 * WEIR_COEFFICIENT * inlet.perimeter_m * depth_m * speed;
    let orifice = ORIFICE_COEFFICIENT * inlet.area_m2 * speed;
    weir.min(orifice).min(inlet.capacity_m3_per_s).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grate(capacity_m3_per_s: f64) -> Inlet {
        Inlet {
            id: "g".into(),
            cell: 0,
            perimeter_m: 1.6,
            area_m2: 0.1,
            capacity_m3_per_s,
        }
    }

    #[test]
    fn meets_the_reference_at_eight_depths() {
        // (depth m, m³/s): P 1.6 m, A 0.1 m², g 9.81 m/s².
        let reference = [
            (0.01, 0.002_834_846_028),
            (0.02, 0.008_018_155_399),
            (0.05, 0.031_694_542_12),
            (0.1, 0.086_844_274_42),
            (0.2, 0.122_816_350_7),
            (0.3, 0.150_418_695_6),
            (0.5, 0.194_189_701_1),
            (1.0, 0.274_625_708_9),
        ];
        for (depth, expected) in reference {
            let q = discharge(&grate(f64::INFINITY), depth);
            assert!((q / expected - 1.0).abs() < 1e-6, "{depth} m: {q}");
        }
    }

    #[test]
    fn capacity_and_dry_ground_limit() {
        assert_eq!(discharge(&grate(0.05), 1.0), 0.05);
        assert_eq!(discharge(&grate(0.0), 1.0), 0.0);
        for depth in [0.0, -1.0, f64::NAN] {
            assert_eq!(discharge(&grate(f64::INFINITY), depth), 0.0);
        }
    }
}
