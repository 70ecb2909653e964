//! Which existing buildings a dragged draft touches: edges of one against faces of the other, both ways, and one inside
//! the other. Asked of the trees that picking uses, so that it is exact on the true triangles and needs no copy of the city.

use bevy::prelude::Transform;

use crate::city::Building;
use crate::geo::bvh::TriangleBvh;

use super::edges_of;
use super::pick::Picker;
use super::space::{bevy_from_map, map_from_bevy};

/// Walls may stand against each other: the draft is shrunk by this much (m) before the test.
const TOLERANCE_M: f32 = 0.05;

/// Ids of buildings that `draft` touches after `movement`, in the order of the city.
pub fn touched(picker: &Picker, draft: &Building, movement: &Transform) -> Vec<String> {
    let corners = moved_corners(draft, movement);
    let Some((lo, hi)) = box_of(&corners) else {
        return Vec::new();
    };
    let geometry = &draft.geometry;
    let triangles: Vec<[[f32; 3]; 3]> = geometry
        .triangles
        .iter()
        .map(|t| t.map(|i| corners[i as usize]))
        .collect();
    let shell = TriangleBvh::build(&triangles, &vec![0; triangles.len()]);
    picker
        .city
        .buildings
        .iter()
        .enumerate()
        .filter(|(_, b)| b.key != draft.key && boxes_meet(b, lo, hi))
        .filter(|(i, b)| {
            let other = |owner: u32| picker.building_of(owner) != *i as u32;
            pierces(&geometry.triangles, &corners, &picker.buildings, other)
                || pierces(&b.geometry.triangles, &corners_of(b), &shell, |_| false)
                || is_inside(corners[0], &picker.buildings, other)
                || b.geometry.vertices.first().is_some_and(|p| {
                    is_inside([p.x as f32, p.y as f32, p.z as f32], &shell, |_| false)
                })
        })
        .map(|(_, b)| b.id.clone())
        .collect()
}

/// Corners in map space after a movement in Bevy space, pulled a little towards the middle.
fn moved_corners(building: &Building, movement: &Transform) -> Vec<[f32; 3]> {
    let (lo, hi) = building.bounds();
    let centre = bevy_from_map(nalgebra::center(&lo, &hi));
    building
        .geometry
        .vertices
        .iter()
        .map(|p| {
            let p = bevy_from_map(*p);
            // Each coordinate on its own: a diagonal pull would leave flat blocks touching.
            let inwards = (centre - p).signum()
                * (centre - p).abs().min(bevy::math::Vec3::splat(TOLERANCE_M));
            map_from_bevy(movement.transform_point(p + inwards))
        })
        .collect()
}

fn corners_of(building: &Building) -> Vec<[f32; 3]> {
    building
        .geometry
        .vertices
        .iter()
        .map(|p| [p.x as f32, p.y as f32, p.z as f32])
        .collect()
}

fn box_of(corners: &[[f32; 3]]) -> Option<([f32; 3], [f32; 3])> {
    let first = *corners.first()?;
    Some(corners.iter().fold((first, first), |(lo, hi), p| {
        (
            std::array::from_fn(|i| lo[i].min(p[i])),
            std::array::from_fn(|i| hi[i].max(p[i])),
        )
    }))
}

fn boxes_meet(building: &Building, lo: [f32; 3], hi: [f32; 3]) -> bool {
    let (a, b) = building.bounds();
    (0..3).all(|i| a[i] <= f64::from(hi[i]) && b[i] >= f64::from(lo[i]))
}

/// Some edge of the triangles goes through a face of the tree.
fn pierces(
    triangles: &[[u32; 3]],
    corners: &[[f32; 3]],
    tree: &TriangleBvh,
    skip: impl Fn(u32) -> bool,
) -> bool {
    edges_of(triangles).any(|[a, b]| {
        let (a, b) = (corners[a as usize], corners[b as usize]);
        let d: [f32; 3] = std::array::from_fn(|i| b[i] - a[i]);
        let length = d.iter().map(|v| v * v).sum::<f32>().sqrt();
        length > 1e-3
            && tree
                .nearest_hit(a, d.map(|v| v / length), length, &skip)
                .is_some()
    })
}

/// A ray leaves a closed shell through an odd number of faces. Slanted, so that it meets no edge of upright walls.
fn is_inside(p: [f32; 3], tree: &TriangleBvh, skip: impl Fn(u32) -> bool) -> bool {
    let direction = [0.109_109, 0.218_218, 0.969_784];
    tree.crossings(p, direction, skip) % 2 == 1
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::view::scene::tests::{block, empty_city};
    use bevy::math::Vec3;

    #[test]
    fn a_draft_touches_what_it_cuts_and_not_what_it_stands_against() {
        let mut city = empty_city();
        let draft = block(2, [0.0; 3], [10.0, 10.0, 10.0]);
        city.buildings = vec![
            Arc::new(block(0, [10.0, 0.0, 0.0], [20.0, 10.0, 10.0])),
            Arc::new(block(1, [30.0, 0.0, 0.0], [40.0, 10.0, 10.0])),
            Arc::new(draft.clone()),
            Arc::new(block(3, [60.0, -40.0, 0.0], [100.0, 40.0, 50.0])),
            // A mast through the roof of a draft at x = 200.
            Arc::new(block(4, [204.0, 4.0, 5.0], [205.0, 5.0, 50.0])),
        ];
        let picker = Picker::new(Arc::new(city), Arc::new(TriangleBvh::build(&[], &[])));
        let at = |m: f32| touched(&picker, &draft, &Transform::from_translation(Vec3::X * m));
        assert!(at(0.0).is_empty(), "wall to wall");
        assert_eq!(at(5.0), ["b0"]);
        assert_eq!(at(22.0), ["b1"]);
        assert_eq!(at(75.0), ["b3"], "all inside");
        assert_eq!(at(200.0), ["b4"], "pierced");
        assert!(at(130.0).is_empty());
    }
}
