//! Wind axes: s along the wind, t across it to its left, both in metres from the origin of the plan.

/// Direction of the wind in plan: unit vector towards which it blows (east, north).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heading(pub [f64; 2]);

impl Heading {
    /// Of wind that comes from `from_rad` (clockwise from north).
    pub fn coming_from(from_rad: f64) -> Self {
        Self([-from_rad.sin(), -from_rad.cos()])
    }

    /// Along and across the wind (m).
    pub fn to_wind(self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [ex, ey] = self.0;
        [x * ex + y * ey, y * ex - x * ey]
    }

    /// East and north (m).
    pub fn from_wind(self, [s, t]: [f64; 2]) -> [f64; 2] {
        let [ex, ey] = self.0;
        [s * ex - t * ey, s * ey + t * ex]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn west_wind_blows_east_and_its_left_is_north() {
        let west = Heading::coming_from(1.5 * std::f64::consts::PI);
        let [s, t] = west.to_wind([3.0, 4.0]);
        assert!((s - 3.0).abs() < 1e-12 && (t - 4.0).abs() < 1e-12);
        let north_east = Heading::coming_from(0.7);
        let back = north_east.from_wind(north_east.to_wind([3.0, 4.0]));
        assert!((back[0] - 3.0).abs() < 1e-12 && (back[1] - 4.0).abs() < 1e-12);
    }
}
