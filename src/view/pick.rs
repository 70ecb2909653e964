//! What lies under the cursor: our own trees of triangles, not Bevy's picking, which is linear in the triangles.

use std::sync::Arc;

use crate::city::{Building, City};
use crate::geo::bvh::TriangleBvh;

/// Distance (m) up to which something is picked.
const FAR_M: f32 = 50_000.0;

/// Ray queries on one city.
pub struct Picker {
    /// City asked.
    pub city: Arc<City>,
    /// All building triangles; the owner is a position in `faces`.
    pub buildings: TriangleBvh,
    /// Drawn ground.
    ground: Arc<TriangleBvh>,
    /// (position in the city, surface) per owner.
    faces: Vec<(u32, u32)>,
}

/// Something under the cursor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Picked {
    /// Place in map space.
    pub point: [f32; 3],
    /// Distance (m) from the eye.
    pub distance_m: f32,
    /// Position of the building in the city and of its surface; `None` on the ground.
    pub face: Option<(u32, u32)>,
}

impl Picker {
    /// Collects the triangles of the buildings.
    pub fn new(city: Arc<City>, ground: Arc<TriangleBvh>) -> Self {
        let (mut triangles, mut owners, mut faces) = (Vec::new(), Vec::new(), Vec::new());
        for (b, building) in city.buildings.iter().enumerate() {
            for (s, surface) in building.geometry.surfaces.iter().enumerate() {
                let owner = faces.len() as u32;
                faces.push((b as u32, s as u32));
                for t in building.geometry.surface_triangles(surface) {
                    triangles.push(t.map(|p| [p.x as f32, p.y as f32, p.z as f32]));
                    owners.push(owner);
                }
            }
        }
        Self {
            buildings: TriangleBvh::build(&triangles, &owners),
            city,
            ground,
            faces,
        }
    }

    /// Nearest building or ground on a ray (map space, unit direction).
    pub fn pick(&self, origin: [f32; 3], direction: [f32; 3]) -> Option<Picked> {
        let hit = self
            .buildings
            .nearest_hit(origin, direction, FAR_M, |_| false);
        let limit = hit.map_or(FAR_M, |h| h.distance_m);
        if let Some(ground) = self.ground.nearest_hit(origin, direction, limit, |_| false) {
            return Some(picked(origin, direction, ground.distance_m, None));
        }
        hit.map(|h| {
            picked(
                origin,
                direction,
                h.distance_m,
                Some(self.faces[h.owner as usize]),
            )
        })
    }

    /// Ground on a ray, through buildings.
    pub fn pick_ground(&self, origin: [f32; 3], direction: [f32; 3]) -> Option<Picked> {
        self.ground
            .nearest_hit(origin, direction, FAR_M, |_| false)
            .map(|h| picked(origin, direction, h.distance_m, None))
    }

    /// Height (m) of the drawn ground below or above a place.
    pub fn ground_height(&self, x: f32, y: f32) -> Option<f32> {
        const TOP: f32 = 9000.0;
        self.pick_ground([x, y, TOP], [0.0, 0.0, -1.0])
            .map(|p| p.point[2])
    }

    /// Height (m) of the roof, or of the ground where no building stands.
    pub fn top_height(&self, x: f32, y: f32) -> Option<f32> {
        const TOP: f32 = 9000.0;
        let top = self.pick([x, y, TOP], [0.0, 0.0, -1.0]);
        top.map(|picked| picked.point[2])
    }

    /// Tells the drawn ground of one picker from that of another; the same ground has the same mark.
    pub fn ground_mark(&self) -> usize {
        Arc::as_ptr(&self.ground).addr()
    }

    /// The building of a face.
    pub fn building(&self, face: (u32, u32)) -> &Arc<Building> {
        &self.city.buildings[face.0 as usize]
    }
}

fn picked(o: [f32; 3], d: [f32; 3], t: f32, face: Option<(u32, u32)>) -> Picked {
    Picked {
        point: [0, 1, 2].map(|i| o[i] + d[i] * t),
        distance_m: t,
        face,
    }
}

/// Where a ray meets the horizontal plane at a height (map space); `None` when it leads away from it.
pub fn plane_hit(origin: [f32; 3], direction: [f32; 3], height: f32) -> Option<[f32; 3]> {
    let t = (height - origin[2]) / direction[2];
    (t.is_finite() && t > 0.0 && t < FAR_M).then(|| [0, 1, 2].map(|i| origin[i] + direction[i] * t))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::scene::tests::{block, empty_city};

    #[test]
    fn the_nearest_thing_is_picked_and_the_ground_through_it() {
        let mut city = empty_city();
        city.buildings = vec![Arc::new(block(7, [0.0, 0.0, 0.0], [10.0, 10.0, 20.0]))];
        let ground = [
            [
                [-100.0, -100.0, 0.0],
                [100.0, -100.0, 0.0],
                [100.0, 100.0, 0.0],
            ],
            [
                [-100.0, -100.0, 0.0],
                [100.0, 100.0, 0.0],
                [-100.0, 100.0, 0.0],
            ],
        ];
        let picker = Picker::new(
            Arc::new(city),
            Arc::new(TriangleBvh::build(&ground, &[0, 0])),
        );
        let down = [0.0, 0.0, -1.0];
        let roof = picker.pick([5.0, 4.0, 100.0], down).unwrap();
        assert!((roof.point[2] - 20.0).abs() < 1e-4);
        assert_eq!(picker.building(roof.face.unwrap()).id, "b7");
        assert_eq!(roof.face.unwrap().1, 1, "the roof is the second surface");
        let below = picker.pick_ground([5.0, 4.0, 100.0], down).unwrap();
        assert!(below.point[2].abs() < 1e-4 && below.face.is_none());
        assert_eq!(picker.pick([50.0, 4.0, 100.0], down).unwrap().face, None);
        assert_eq!(picker.pick([500.0, 4.0, 100.0], down), None);
    }
}
