//! What a CityJSON file holds, counted before anything is chosen or left out.

use std::collections::BTreeMap;

use crate::city::error::CityError;

use super::import::nesting_of;
use super::parse::{Document, FileHead, Geometry, Object, read_documents};

/// Counts over all objects and all their geometries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Census {
    /// Objects per type.
    pub objects: BTreeMap<String, usize>,
    /// Geometries per type.
    pub geometries: BTreeMap<String, usize>,
    /// Faces of all geometries.
    pub faces: usize,
    /// Rings of all geometries.
    pub rings: usize,
    /// Stored vertices.
    pub vertices: usize,
    /// Faces with an index that no vertex has.
    pub bad_index_faces: usize,
    /// Smallest coordinates of vertices in use.
    pub min: [f64; 3],
    /// Largest coordinates of vertices in use.
    pub max: [f64; 3],
    /// Signed volume (m³) of all solids, positive when their faces point outwards.
    pub solid_volume_m3: f64,
}

/// Counts a CityJSON file or sequence.
pub fn census(bytes: &[u8], place: &str) -> Result<Census, CityError> {
    let mut census = Census {
        min: [f64::INFINITY; 3],
        max: [f64::NEG_INFINITY; 3],
        ..Census::default()
    };
    read_documents(bytes, place, &mut Vec::new(), |document, head, _| {
        census.add(&document, head);
    })?;
    Ok(census)
}

impl Census {
    fn add(&mut self, document: &Document, head: &FileHead) {
        let vertices: Vec<[f64; 3]> = document
            .vertices
            .0
            .iter()
            .map(|v| head.transform.apply(v.0))
            .collect();
        self.vertices += vertices.len();
        for (_, object) in &document.objects.objects {
            let kind = object.kind.as_str().unwrap_or("?");
            *self.objects.entry(kind.to_owned()).or_default() += 1;
            for Object(geometry) in &object.geometry.0 {
                self.add_geometry(geometry, &vertices);
            }
        }
    }

    fn add_geometry(&mut self, geometry: &Geometry, vertices: &[[f64; 3]]) {
        let kind = geometry.kind.as_str().unwrap_or("?");
        *self.geometries.entry(kind.to_owned()).or_default() += 1;
        let Some(nesting) = nesting_of(kind) else {
            return;
        };
        let boundaries = &geometry.boundaries;
        self.faces += boundaries.surface_ends.len();
        self.rings += boundaries.ring_ends.len();
        let mut apex = None;
        for surface in 0..boundaries.surface_ends.len() {
            let rings: Option<Vec<Vec<[f64; 3]>>> = boundaries
                .rings(surface)
                .map(|ring| {
                    ring.iter()
                        .map(|&i| vertices.get(i as usize).copied())
                        .collect()
                })
                .collect();
            let Some(rings) = rings else {
                self.bad_index_faces += 1;
                continue;
            };
            for corner in rings.iter().flatten() {
                for (axis, &value) in corner.iter().enumerate() {
                    self.min[axis] = self.min[axis].min(value);
                    self.max[axis] = self.max[axis].max(value);
                }
            }
            if nesting > 3 {
                for ring in &rings {
                    let apex = *apex.get_or_insert(ring[0]);
                    self.solid_volume_m3 += cone(ring, apex) / 6.0;
                }
            }
        }
    }
}

/// Six times the signed volume of the cone over a ring.
fn cone(ring: &[[f64; 3]], apex: [f64; 3]) -> f64 {
    let from_apex = |p: &[f64; 3]| nalgebra::Vector3::from_fn(|i, _| p[i] - apex[i]);
    let a = from_apex(&ring[0]);
    ring[1..]
        .windows(2)
        .map(|w| a.dot(&from_apex(&w[0]).cross(&from_apex(&w[1]))))
        .sum()
}
