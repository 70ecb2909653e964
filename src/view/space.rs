//! Map space (x east, y north, z up) and Bevy space (x east, y up, z south).

use bevy::math::Vec3;
use nalgebra::{Point3, Vector3};

/// Map point to Bevy.
pub fn bevy_from_map(p: Point3<f64>) -> Vec3 {
    Vec3::new(p.x as f32, p.z as f32, -p.y as f32)
}

/// Map direction to Bevy.
pub fn bevy_from_map_direction(v: Vector3<f64>) -> Vec3 {
    Vec3::new(v.x as f32, v.z as f32, -v.y as f32)
}

/// Bevy point or direction to map components.
pub fn map_from_bevy(p: Vec3) -> [f32; 3] {
    [p.x, -p.z, p.y]
}

/// Map components to a Bevy point or direction.
pub fn bevy_from_map_array([x, y, z]: [f32; 3]) -> Vec3 {
    Vec3::new(x, z, -y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_point() {
        let p = [1.0, 2.0, 3.0];
        assert_eq!(map_from_bevy(bevy_from_map_array(p)), p);
        assert_eq!(
            bevy_from_map(Point3::new(1.0, 2.0, 3.0)),
            bevy_from_map_array(p)
        );
    }

    #[test]
    fn the_turn_keeps_handedness() {
        let (east, north, up) = (
            bevy_from_map_array([1.0, 0.0, 0.0]),
            bevy_from_map_array([0.0, 1.0, 0.0]),
            bevy_from_map_array([0.0, 0.0, 1.0]),
        );
        assert_eq!(east.cross(north), up);
    }
}
