//! Fine dark lines: edges of a building where two faces meet at an angle, or where a face ends.

use std::collections::BTreeMap;

use nalgebra::{Point3, Vector3};

use crate::city::Building;
use crate::view::space::bevy_from_map;

use super::mesh_data::LineData;

/// Faces whose normals differ by less than this (cosine of 14 degrees) are drawn as one.
const SMOOTH_COSINE: f64 = 0.97;

/// Creases and borders of a building in map space.
pub fn creases(building: &Building) -> Vec<[Point3<f64>; 2]> {
    // Corners meet within a millimetre in sound data; the key rounds to 5 mm.
    let key = |p: &Point3<f64>| [p.x, p.y, p.z].map(|v| (v * 200.0).round() as i64);
    let mut edges: BTreeMap<_, ([Point3<f64>; 2], Vec<Vector3<f64>>)> = BTreeMap::new();
    let geometry = &building.geometry;
    for surface in &geometry.surfaces {
        for ring in surface.rings.clone() {
            let ring = geometry.ring(ring);
            for (i, a) in ring.iter().enumerate() {
                let b = &ring[(i + 1) % ring.len()];
                let (ka, kb) = (key(a), key(b));
                if ka == kb {
                    continue;
                }
                let id = if ka < kb { (ka, kb) } else { (kb, ka) };
                edges
                    .entry(id)
                    .or_insert_with(|| ([*a, *b], Vec::new()))
                    .1
                    .push(surface.normal);
            }
        }
    }
    edges
        .into_values()
        .filter(|(_, normals)| {
            normals.len() < 2
                || normals[1..]
                    .iter()
                    .any(|n| n.dot(&normals[0]) < SMOOTH_COSINE)
        })
        .map(|(ends, _)| ends)
        .collect()
}

/// Adds the creases of a building to a set of lines.
pub fn add_creases(lines: &mut LineData, building: &Building) {
    lines
        .segments
        .extend(creases(building).iter().map(|ends| ends.map(bevy_from_map)));
}
