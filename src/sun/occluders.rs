//! What can stand between a receiver and the sun: terrain and buildings as triangles, tree crowns as ellipsoids.

use std::collections::BTreeSet;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};

use crate::city::{Building, City, Terrain, Tree};
use crate::geo::bvh::{Sector, TriangleBvh};

use super::receivers::NO_OWNER;

/// Trees of the baseline city, built once and shared by all variants.
#[derive(Clone, Debug)]
pub struct SunContext {
    /// The baseline.
    pub city: Arc<City>,
    terrain: Arc<TriangleBvh>,
    buildings: Arc<TriangleBvh>,
}

impl SunContext {
    /// Builds the hierarchies of the baseline.
    pub fn new(city: Arc<City>) -> Self {
        Self {
            terrain: Arc::new(terrain_bvh(city.terrain.as_deref())),
            buildings: Arc::new(building_bvh(city.buildings.iter().map(Arc::as_ref))),
            city,
        }
    }

    /// Occluders of a variant: the baseline's hierarchy without the buildings that the variant changed, plus a small one
    /// of those it changed or added. Whether a ray is free does not depend on how triangles are spread over hierarchies,
    /// so that this gives the same bytes as a rebuild.
    pub fn occluders(&self, variant: &City) -> Occluders {
        let kept: BTreeSet<u32> = variant
            .buildings
            .iter()
            .filter(|b| self.is_baseline(b))
            .map(|b| b.key)
            .collect();
        let removed = self
            .city
            .buildings
            .iter()
            .map(|b| b.key)
            .filter(|k| !kept.contains(k))
            .collect();
        let added = variant
            .buildings
            .iter()
            .filter(|b| !self.is_baseline(b))
            .map(Arc::as_ref);
        let terrain = match (&variant.terrain, &self.city.terrain) {
            (Some(a), Some(b)) if Arc::ptr_eq(a, b) => Arc::clone(&self.terrain),
            (None, None) => Arc::clone(&self.terrain),
            (changed, _) => Arc::new(terrain_bvh(changed.as_deref())),
        };
        Occluders {
            sets: [
                Arc::clone(&self.buildings),
                Arc::new(building_bvh(added)),
                terrain,
            ],
            removed,
        }
    }

    fn is_baseline(&self, building: &Arc<Building>) -> bool {
        self.city
            .buildings
            .get(building.key as usize)
            .is_some_and(|b| Arc::ptr_eq(b, building))
    }
}

/// Triangles that shade.
#[derive(Clone, Debug)]
pub struct Occluders {
    /// Baseline buildings, buildings of the variant, terrain.
    sets: [Arc<TriangleBvh>; 3],
    /// Keys of baseline buildings that the variant does not have in this form.
    removed: BTreeSet<u32>,
}

/// The triangle that a ray hit: set and position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occluder {
    set: u8,
    triangle: u32,
}

impl Occluders {
    /// Occluders from loose triangles, for tests and benches.
    pub fn from_triangles(triangles: &[[[f32; 3]; 3]]) -> Self {
        let empty = Arc::new(TriangleBvh::default());
        let bvh = TriangleBvh::build(triangles, &vec![NO_OWNER; triangles.len()]);
        Self {
            sets: [Arc::new(bvh), Arc::clone(&empty), empty],
            removed: BTreeSet::new(),
        }
    }

    /// Number of triangles.
    pub fn triangles(&self) -> usize {
        self.sets.iter().map(|s| s.len()).sum()
    }

    fn skip(&self, set: usize) -> impl Fn(u32) -> bool + '_ {
        move |owner| set == 0 && !self.removed.is_empty() && self.removed.contains(&owner)
    }

    /// Some triangle that stands before the sun.
    pub fn any_hit(&self, origin: [f32; 3], dir: [f32; 3]) -> Option<Occluder> {
        (0..3).find_map(|set| {
            let triangle = self.sets[set].any_hit(origin, dir, self.skip(set))?;
            Some(Occluder {
                set: set as u8,
                triangle,
            })
        })
    }

    /// True when this triangle, found before, also stands before this ray.
    pub fn hits(&self, occluder: Occluder, origin: [f32; 3], dir: [f32; 3]) -> bool {
        self.sets[occluder.set as usize].hits(occluder.triangle, origin, dir)
    }

    /// True when certainly nothing touches the sector.
    pub fn sector_is_clear(&self, sector: &Sector) -> bool {
        (0..3).all(|set| self.sets[set].sector_is_clear(sector, self.skip(set)))
    }
}

fn f32_triangle(t: [Point3<f64>; 3]) -> [[f32; 3]; 3] {
    t.map(|p| p.cast::<f32>().coords.into())
}

fn building_bvh<'a>(buildings: impl Iterator<Item = &'a Building>) -> TriangleBvh {
    let (mut triangles, mut owners) = (Vec::new(), Vec::new());
    for building in buildings {
        for surface in &building.geometry.surfaces {
            triangles.extend(
                building
                    .geometry
                    .surface_triangles(surface)
                    .map(f32_triangle),
            );
        }
        owners.resize(triangles.len(), building.key);
    }
    TriangleBvh::build(&triangles, &owners)
}

fn terrain_bvh(terrain: Option<&Terrain>) -> TriangleBvh {
    let triangles: Vec<_> = terrain
        .map(Terrain::triangles)
        .unwrap_or_default()
        .into_iter()
        .map(f32_triangle)
        .collect();
    TriangleBvh::build(&triangles, &vec![NO_OWNER; triangles.len()])
}

/// Tree crowns as ellipsoids of revolution between crown base and top, with the share of direct sun they let through.
#[derive(Clone, Debug)]
pub struct Crowns {
    /// Sorted by x.
    crowns: Vec<Crown>,
    /// Largest crown radius (m).
    radius_max: f32,
    top_max: f32,
    /// Share of direct sun that passes a bare crown and one in leaf.
    transmissivity: [f32; 2],
}

#[derive(Clone, Copy, Debug)]
struct Crown {
    centre: Vector3<f32>,
    /// Horizontal and vertical half axis (m).
    radius: f32,
    half_height: f32,
}

impl Crowns {
    /// Crowns of the trees of a city.
    pub fn new(trees: &[Tree], [bare, in_leaf]: [f64; 2]) -> Self {
        let mut crowns: Vec<Crown> = trees
            .iter()
            .map(|t| {
                let half_height = 0.5 * (t.height_m - t.crown_base_m()) as f32;
                let top = (t.foot.z + t.height_m) as f32;
                Crown {
                    centre: Vector3::new(t.foot.x as f32, t.foot.y as f32, top - half_height),
                    radius: 0.5 * t.crown_diameter_m as f32,
                    half_height,
                }
            })
            .filter(|c| c.radius > 0.0 && c.half_height > 0.0)
            .collect();
        crowns.sort_by(|a, b| a.centre.x.total_cmp(&b.centre.x));
        Self {
            radius_max: crowns.iter().map(|c| c.radius).fold(0.0, f32::max),
            top_max: crowns
                .iter()
                .map(|c| c.centre.z + c.half_height)
                .fold(f32::NEG_INFINITY, f32::max),
            crowns,
            transmissivity: [bare as f32, in_leaf as f32],
        }
    }

    /// Share of direct sun that reaches `origin` from direction `dir` through all crowns on the ray (product).
    pub fn transmitted(&self, origin: [f32; 3], dir: [f32; 3], in_leaf: bool) -> f32 {
        let (o, d) = (Vector3::from(origin), Vector3::from(dir));
        if d.z <= 0.0 || o.z >= self.top_max {
            return 1.0;
        }
        // The ray leaves the height of all crowns here; only crowns in its x range matter.
        let reach = d.x * (self.top_max - o.z) / d.z;
        let west = o.x + reach.min(0.0) - self.radius_max;
        let east = o.x + reach.max(0.0) + self.radius_max;
        let first = self.crowns.partition_point(|c| c.centre.x < west);
        let mut share = 1.0;
        for crown in self.crowns[first..]
            .iter()
            .take_while(|c| c.centre.x <= east)
        {
            if crown.is_hit(o, d) {
                share *= self.transmissivity[usize::from(in_leaf)];
            }
        }
        share
    }
}

impl Crown {
    /// Ray against ellipsoid: scale to a unit sphere and look at the discriminant; hits behind the origin do not count.
    fn is_hit(&self, origin: Vector3<f32>, dir: Vector3<f32>) -> bool {
        let across = (self.centre.x - origin.x) * dir.y - (self.centre.y - origin.y) * dir.x;
        // Horizontal distance of the axis from the ray; a quick exit for nearly all crowns.
        if across * across > self.radius * self.radius * (dir.x * dir.x + dir.y * dir.y) {
            return false;
        }
        let scale = Vector3::new(self.radius, self.radius, self.half_height);
        let o = (origin - self.centre).component_div(&scale);
        let d = dir.component_div(&scale);
        let (a, b, c) = (d.dot(&d), o.dot(&d), o.dot(&o) - 1.0);
        c <= 0.0 || (b < 0.0 && b * b >= a * c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(x: f64, y: f64) -> Tree {
        Tree {
            id: "t".to_owned(),
            foot: Point3::new(x, y, 0.0),
            height_m: 12.0,
            crown_diameter_m: 6.0,
            genus: None,
        }
    }

    #[test]
    fn crowns_multiply_and_trunks_let_through() {
        // Crown from 3 to 12 m, centre at 7.5 m.
        let crowns = Crowns::new(&[tree(20.0, 0.0), tree(40.0, 0.0)], [0.6, 0.1]);
        let towards = |z: f32| Vector3::new(20.0, 0.0, z).normalize().into();
        let one = crowns.transmitted([0.0, 0.0, 0.0], towards(7.5), true);
        assert!(
            (one - 0.1).abs() < 1e-6,
            "the second crown is overshot: {one}"
        );
        let two = crowns.transmitted([0.0, 0.0, 5.0], towards(1.0), true);
        assert!(
            (two - 0.01).abs() < 1e-6,
            "both crowns stand in a flat ray: {two}"
        );
        let bare = crowns.transmitted([0.0, 0.0, 5.0], towards(1.0), false);
        assert!((bare - 0.36).abs() < 1e-6, "{bare}");
        assert_eq!(
            crowns.transmitted([0.0, 10.0, 5.0], towards(1.0), true),
            1.0,
            "10 m beside"
        );
        assert_eq!(
            crowns.transmitted([60.0, 0.0, 5.0], towards(1.0), true),
            1.0,
            "behind"
        );
        assert_eq!(
            crowns.transmitted([0.0, 0.0, 0.5], [0.0, 0.0, 1.0], true),
            1.0,
            "straight up"
        );
    }
}
