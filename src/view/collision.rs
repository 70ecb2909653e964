//! Which existing buildings a dragged draft touches: rapier3d colliders around the draft and an intersection query.

use std::sync::Arc;

use bevy::prelude::Transform;
use rapier3d::math::{Pose, Vector};
use rapier3d::parry::query::DefaultQueryDispatcher;
use rapier3d::prelude::{
    BroadPhaseBvh, ColliderBuilder, ColliderSet, IntegrationParameters, QueryFilter, RigidBodySet, SharedShape,
};

use crate::city::{Building, City};

use super::space::bevy_from_map;

/// Buildings within this distance (m) of a place get colliders.
const REACH_M: f64 = 400.0;
/// Walls may stand against each other: the draft is shrunk by this much (m) before the test.
const TOLERANCE_M: f32 = 0.05;

/// Colliders of the buildings around a draft.
pub struct Surroundings {
    bodies: RigidBodySet,
    colliders: ColliderSet,
    broad_phase: BroadPhaseBvh,
    city: Arc<City>,
    /// Middle (map x, y) of the colliders.
    centre: [f64; 2],
    /// Key of the building that is moved.
    moved_key: u32,
}

impl Surroundings {
    /// Collects the buildings near a place, without the one that is moved.
    pub fn new(city: Arc<City>, centre: [f64; 2], moved_key: u32) -> Self {
        let mut colliders = ColliderSet::new();
        let mut broad_phase = BroadPhaseBvh::new();
        let parameters = IntegrationParameters::default();
        for (i, building) in city.buildings.iter().enumerate() {
            let (lo, hi) = building.bounds();
            let dx = (lo.x - centre[0]).max(centre[0] - hi.x).max(0.0);
            let dy = (lo.y - centre[1]).max(centre[1] - hi.y).max(0.0);
            if building.key == moved_key || dx.hypot(dy) > REACH_M {
                continue;
            }
            let Some(shape) = shell(building, &Transform::IDENTITY, 0.0) else {
                continue;
            };
            let handle = colliders.insert(ColliderBuilder::new(shape).user_data(i as u128));
            let aabb = colliders[handle].compute_aabb();
            broad_phase.set_aabb(&parameters, handle, aabb);
        }
        Self { bodies: RigidBodySet::new(), colliders, broad_phase, city, centre, moved_key }
    }

    /// These colliders still serve for a draft at a place (map x, y).
    pub fn serves(&self, city: &Arc<City>, place: [f64; 2], moved_key: u32) -> bool {
        let away = (place[0] - self.centre[0]).hypot(place[1] - self.centre[1]);
        Arc::ptr_eq(&self.city, city) && self.moved_key == moved_key && away < 0.5 * REACH_M
    }

    /// Ids of buildings that `draft` touches after `movement`, sorted.
    pub fn touched(&self, draft: &Building, movement: &Transform) -> Vec<String> {
        let Some(shape) = shell(draft, movement, TOLERANCE_M) else {
            return Vec::new();
        };
        let query = self.broad_phase.as_query_pipeline(
            &DefaultQueryDispatcher,
            &self.bodies,
            &self.colliders,
            QueryFilter::default(),
        );
        let mut ids: Vec<String> = query
            .intersect_shape(Pose::IDENTITY, &*shape.0)
            .map(|(_, collider)| self.city.buildings[collider.user_data as usize].id.clone())
            .collect();
        ids.sort();
        ids
    }
}

/// Surface of a building as a collision shape.
fn shell(building: &Building, movement: &Transform, shrink_m: f32) -> Option<SharedShape> {
    let geometry = &building.geometry;
    if geometry.triangles.is_empty() {
        return None;
    }
    let (lo, hi) = building.bounds();
    let centre = bevy_from_map(nalgebra::center(&lo, &hi));
    let vertices: Vec<Vector> = geometry
        .vertices
        .iter()
        .map(|p| {
            let p = bevy_from_map(*p);
            let inwards = (centre - p).clamp_length_max(1.0) * shrink_m;
            let q = movement.transform_point(p + inwards);
            Vector::new(q.x, q.y, q.z)
        })
        .collect();
    SharedShape::trimesh(vertices, geometry.triangles.clone()).ok()
}

#[cfg(test)]
mod tests {
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
        ];
        let city = Arc::new(city);
        let around = Surroundings::new(city.clone(), [5.0, 5.0], 2);
        assert!(around.touched(&draft, &Transform::IDENTITY).is_empty(), "wall to wall");
        let east = |m: f32| Transform::from_translation(Vec3::X * m);
        assert_eq!(around.touched(&draft, &east(5.0)), ["b0"]);
        assert_eq!(around.touched(&draft, &east(22.0)), ["b1"]);
        assert!(around.touched(&draft, &east(100.0)).is_empty());
        assert!(around.serves(&city, [100.0, 0.0], 2) && !around.serves(&city, [500.0, 0.0], 2));
    }
}
