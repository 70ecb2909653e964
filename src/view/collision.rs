//! Which existing buildings a dragged draft touches: rapier3d colliders of the buildings around it and an intersection
//! query, on the true triangles.

use std::sync::Arc;

use bevy::math::Vec3;
use bevy::prelude::Transform;
use rapier3d::math::{Pose, Vector};
use rapier3d::parry::query::DefaultQueryDispatcher;
use rapier3d::prelude::{
    BroadPhaseBvh, ColliderBuilder, ColliderSet, IntegrationParameters, QueryFilter, RigidBodySet,
    SharedShape, TriMeshFlags,
};

use crate::city::{Building, City};

use super::space::bevy_from_map;

/// Buildings within this distance (m) of a place get colliders.
const REACH_M: f64 = 400.0;
/// Walls may stand against each other: the draft is shrunk by this much (m) before the test.
const TOLERANCE_M: f32 = 0.05;

/// Colliders of the buildings around a place.
pub struct Surroundings {
    city: Arc<City>,
    /// Middle (map x, y) of the colliders.
    centre: [f64; 2],
    colliders: ColliderSet,
    broad_phase: BroadPhaseBvh,
}

impl Surroundings {
    /// Collects the buildings within 400 m of a place (map x, y).
    pub fn new(city: Arc<City>, centre: [f64; 2]) -> Self {
        let mut colliders = ColliderSet::new();
        let mut broad_phase = BroadPhaseBvh::new();
        let parameters = IntegrationParameters::default();
        for (i, building) in city.buildings.iter().enumerate() {
            let (lo, hi) = building.bounds();
            let away: [f64; 2] =
                std::array::from_fn(|k| (lo[k] - centre[k]).max(centre[k] - hi[k]).max(0.0));
            if away[0].hypot(away[1]) > REACH_M {
                continue;
            }
            if let Some(shape) = shell(building, &Transform::IDENTITY, 0.0) {
                let handle = colliders.insert(ColliderBuilder::new(shape).user_data(i as u128));
                broad_phase.set_aabb(&parameters, handle, colliders[handle].compute_aabb());
            }
        }
        Self {
            city,
            centre,
            colliders,
            broad_phase,
        }
    }

    /// These colliders still serve for a draft at a place (map x, y) of a city.
    pub fn serves(&self, city: &Arc<City>, place: [f64; 2]) -> bool {
        let away = (place[0] - self.centre[0]).hypot(place[1] - self.centre[1]);
        Arc::ptr_eq(&self.city, city) && away < 0.5 * REACH_M
    }

    /// Ids of buildings that a draft touches after `movement` (Bevy space), in the order of the city: faces that cut
    /// each other, or one inside the other.
    pub fn touched(&self, draft: &Building, movement: &Transform) -> Vec<String> {
        let Some(shape) = shell(draft, movement, TOLERANCE_M) else {
            return Vec::new();
        };
        let bodies = RigidBodySet::new();
        let others =
            |_, c: &rapier3d::prelude::Collider| self.building(c.user_data).key != draft.key;
        let query = self.broad_phase.as_query_pipeline(
            &DefaultQueryDispatcher,
            &bodies,
            &self.colliders,
            QueryFilter::default().predicate(&others),
        );
        let bounds = shape.compute_local_aabb();
        let cut = query.intersect_shape(Pose::IDENTITY, &*shape);
        let around = first_corner(&shape)
            .into_iter()
            .flat_map(|corner| query.intersect_point(corner));
        let within = query.intersect_aabb_conservative(bounds).filter(|(_, c)| {
            first_corner(c.shared_shape()).is_some_and(|p| shape.contains_local_point(p))
        });
        let mut touched: Vec<u128> = cut
            .chain(around)
            .chain(within)
            .map(|(_, c)| c.user_data)
            .collect();
        touched.sort_unstable();
        touched.dedup();
        touched
            .into_iter()
            .map(|i| self.building(i).id.clone())
            .collect()
    }

    fn building(&self, position: u128) -> &Building {
        &self.city.buildings[position as usize]
    }
}

/// Surface of a building as a closed collision shape in Bevy space, moved and pulled a little towards its middle.
fn shell(building: &Building, movement: &Transform, shrink_m: f32) -> Option<SharedShape> {
    let geometry = &building.geometry;
    let (lo, hi) = building.bounds();
    let centre = bevy_from_map(nalgebra::center(&lo, &hi));
    let corners = geometry.vertices.iter().map(|p| {
        let p = bevy_from_map(*p);
        // Each coordinate on its own: a diagonal pull would leave flat blocks touching.
        let inwards = (centre - p).signum() * (centre - p).abs().min(Vec3::splat(shrink_m));
        let q = movement.transform_point(p + inwards);
        Vector::new(q.x, q.y, q.z)
    });
    // Oriented, so that a point inside counts as inside.
    SharedShape::trimesh_with_flags(
        corners.collect(),
        geometry.triangles.clone(),
        TriMeshFlags::ORIENTED,
    )
    .ok()
}

fn first_corner(shape: &SharedShape) -> Option<Vector> {
    shape.as_trimesh()?.vertices().first().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::scene::tests::{block, empty_city};

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
            // A hut inside a draft at x = 300.
            Arc::new(block(5, [303.0, 3.0, 2.0], [305.0, 5.0, 4.0])),
        ];
        let around = Surroundings::new(Arc::new(city), [5.0, 5.0]);
        let at = |m: f32| around.touched(&draft, &Transform::from_translation(Vec3::X * m));
        assert!(at(0.0).is_empty(), "wall to wall");
        assert_eq!(at(5.0), ["b0"]);
        assert_eq!(at(22.0), ["b1"]);
        assert_eq!(at(75.0), ["b3"], "all inside");
        assert_eq!(at(200.0), ["b4"], "pierced");
        assert_eq!(at(300.0), ["b5"], "around it");
        assert!(at(130.0).is_empty());
    }

    #[test]
    fn colliders_serve_near_their_place_in_their_city_only() {
        let city = Arc::new(empty_city());
        let around = Surroundings::new(city.clone(), [5.0, 5.0]);
        assert!(around.serves(&city, [100.0, 0.0]));
        assert!(!around.serves(&city, [500.0, 0.0]));
        assert!(!around.serves(&Arc::new(empty_city()), [5.0, 5.0]));
    }
}
