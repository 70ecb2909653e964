//! The local metric frame: easting, northing and height relative to an origin near the model.

use nalgebra::Point3;
use serde::{Deserialize, Serialize};

use super::Crs;

/// Axes parallel to the grid of `crs` (x east, y north, z up), origin at a round coordinate near the model.
///
/// f64 national coordinates become small local numbers that f32 holds to 2 mm at 20 km. The height of the origin is
/// always 0, so that a local z is a height above the datum (m NHN in Germany).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalFrame {
    /// Coordinate reference system of the origin.
    pub crs: Crs,
    /// Easting of the local origin (m).
    pub origin_easting: f64,
    /// Northing of the local origin (m).
    pub origin_northing: f64,
}

impl LocalFrame {
    /// Frame whose origin is the given place rounded to 100 m.
    pub fn near(crs: Crs, easting: f64, northing: f64) -> Self {
        Self {
            crs,
            origin_easting: (easting / 100.0).round() * 100.0,
            origin_northing: (northing / 100.0).round() * 100.0,
        }
    }

    /// CRS coordinates (easting, northing, height) to local metres.
    pub fn local_from_crs(&self, [easting, northing, height]: [f64; 3]) -> Point3<f64> {
        Point3::new(
            easting - self.origin_easting,
            northing - self.origin_northing,
            height,
        )
    }

    /// Local metres to CRS coordinates (easting, northing, height).
    pub fn crs_from_local(&self, p: Point3<f64>) -> [f64; 3] {
        [p.x + self.origin_easting, p.y + self.origin_northing, p.z]
    }
}
