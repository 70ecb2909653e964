//! City to meshes. Runs on a thread of its own ([`Builder`]), so that the window stays awake; only what changed is built
//! again. The window side ([`draw`]) turns the parts into entities.

pub mod buildings;
pub mod draw;
pub mod edges;
pub mod mesh_data;
pub mod occlusion;
pub mod streets;
pub mod terrain;
pub mod trees;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use nalgebra::Vector3;
use rayon::prelude::*;

use crate::city::{Building, City};
use crate::geo::bvh::TriangleBvh;
use crate::view::pick::Picker;

use buildings::{BuildingMesh, TileKey};
use mesh_data::{LineData, MeshData};
use occlusion::OpennessRaster;
use streets::CoverRaster;
use terrain::{FacingRaster, GroundMesh};

/// How far (m) a changed building changes the ambient light of its surroundings.
const LIGHT_REACH_M: f64 = 60.0;

/// What is to be drawn.
#[derive(Clone)]
pub struct SceneRequest {
    /// City of the shown variant.
    pub city: Arc<City>,
    /// City without edits.
    pub baseline: Arc<City>,
    /// Leave out the ambient light, which takes most of the time: for a first picture.
    pub quick: bool,
}

/// Parts of the picture. Parts with an equal version are the same.
pub struct SceneParts {
    /// City drawn.
    pub city: Arc<City>,
    /// The ambient light is missing.
    pub quick: bool,
    /// Ground.
    pub ground: Arc<GroundParts>,
    /// Ambient light on the ground.
    pub openness: Arc<OpennessRaster>,
    /// Unchanged buildings by tile.
    pub tiles: BTreeMap<TileKey, Part<BuildingMesh>>,
    /// Trees by tile.
    pub trees: BTreeMap<TileKey, Part<MeshData>>,
    /// Buildings that the variant added or changed.
    pub drafts: Vec<Draft>,
    /// Outlines of buildings that the variant removed or changed.
    pub removed: LineData,
    /// Answers what lies under the cursor.
    pub picker: Arc<Picker>,
}

/// A mesh with the mark of what it was made from.
#[derive(Clone)]
pub struct Part<T> {
    /// Mark of the objects in it.
    members: u64,
    /// Changes when the content changes.
    pub version: u64,
    /// Content.
    pub mesh: Arc<T>,
}

/// A building of its own, because a variant added or changed it.
#[derive(Clone)]
pub struct Draft {
    /// The building.
    pub building: Arc<Building>,
    /// Its mesh.
    pub mesh: Arc<BuildingMesh>,
}

/// Ground of one city.
pub struct GroundParts {
    /// Triangles as drawn.
    pub mesh: GroundMesh,
    /// The same for rays.
    pub bvh: Arc<TriangleBvh>,
    /// Land cover and streets.
    pub cover: CoverRaster,
    /// Directions of steep ground.
    pub facing: Option<FacingRaster>,
    /// Terrain, streets and land cover it was made from: the same for all variants.
    source: Arc<City>,
}

impl GroundParts {
    fn of(city: &Arc<City>) -> Self {
        let mesh = GroundMesh::of(city);
        let triangles = mesh.corner_triples();
        let (lo, hi) = city.bounds_xy().unwrap_or(([0.0; 2], [1.0; 2]));
        let (bvh, (cover, facing)) = rayon::join(
            || Arc::new(TriangleBvh::build(&triangles, &vec![0; triangles.len()])),
            || {
                (
                    CoverRaster::of(city, streets::cover_grid(lo, hi)),
                    FacingRaster::of(city),
                )
            },
        );
        Self {
            mesh,
            bvh,
            cover,
            facing,
            source: city.clone(),
        }
    }

    fn fits(&self, city: &City) -> bool {
        let same_terrain = match (&self.source.terrain, &city.terrain) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => self.source.frame == city.frame && self.source.name == city.name,
            _ => false,
        };
        same_terrain
            && Arc::ptr_eq(&self.source.streets, &city.streets)
            && Arc::ptr_eq(&self.source.land_cover, &city.land_cover)
    }

    /// Height (m) of the drawn ground, or the lowest ground outside of it.
    fn height(&self, x: f64, y: f64) -> f32 {
        let (lo, hi) = self.mesh.z_range();
        let from = [x as f32, y as f32, hi + 10.0];
        let hit = self
            .bvh
            .nearest_hit(from, [0.0, 0.0, -1.0], f32::INFINITY, |_| false);
        hit.map_or(lo, |h| from[2] - h.distance_m)
    }
}

/// Makes [`SceneParts`] and keeps what can be used again.
#[derive(Default)]
pub struct Builder {
    previous: Option<SceneParts>,
    builds: u64,
}

impl Builder {
    /// Builds the parts of a city.
    pub fn build(&mut self, request: &SceneRequest) -> SceneParts {
        let (city, baseline) = (&request.city, &request.baseline);
        let began = std::time::Instant::now();
        let previous = self.previous.take();
        self.builds += 1;
        let version = self.builds;
        let ground = match &previous {
            Some(p) if p.ground.fits(city) => p.ground.clone(),
            _ => Arc::new(GroundParts::of(city)),
        };
        let picker = match &previous {
            Some(p) if Arc::ptr_eq(&p.city, city) && Arc::ptr_eq(&p.ground, &ground) => {
                p.picker.clone()
            }
            _ => Arc::new(Picker::new(city.clone(), ground.bvh.clone())),
        };
        let unchanged = unchanged_keys(city, baseline);
        let is_draft = |b: &Building| b.draft || !unchanged.contains(&b.key);
        let directions = occlusion::directions();
        let openness = |point: Vector3<f32>, normal: Vector3<f32>| {
            if request.quick {
                1.0
            } else {
                occlusion::shade(occlusion::openness(
                    &picker.buildings,
                    &directions,
                    point,
                    normal,
                ))
            }
        };
        let lit_again = if request.quick {
            None
        } else {
            previous.as_ref().filter(|p| !p.quick)
        };
        let moved = moved_boxes(previous.as_ref().map(|p| &*p.city), city);
        let raster = openness_raster(&ground, &picker.buildings, request.quick, lit_again, &moved);
        let old = previous.as_ref().filter(|p| p.quick == request.quick);
        let tiles = buildings::by_tile(city.buildings.iter().filter(|b| !is_draft(b)))
            .into_par_iter()
            .map(|(key, members)| {
                let mark = mark(members.iter().map(|b| Arc::as_ptr(b).addr().to_le_bytes()));
                let same = old
                    .and_then(|p| p.tiles.get(&key))
                    .filter(|p| p.members == mark);
                let part = match same {
                    Some(part) if !is_near(key, &moved) => part.clone(),
                    _ => Part {
                        members: mark,
                        version,
                        mesh: Arc::new(buildings::mesh_of(
                            members.iter().map(|b| &***b),
                            false,
                            openness,
                        )),
                    },
                };
                (key, part)
            })
            .collect();
        let drafts = city
            .buildings
            .iter()
            .filter(|b| is_draft(b))
            .map(|b| Draft {
                building: b.clone(),
                mesh: Arc::new(buildings::mesh_of([&**b], true, openness)),
            })
            .collect();
        let parts = SceneParts {
            city: city.clone(),
            quick: request.quick,
            openness: raster,
            tiles,
            trees: tree_parts(city, old, version),
            drafts,
            removed: removed_lines(city, baseline),
            picker,
            ground,
        };
        self.previous = Some(parts.shared());
        bevy::log::info!(
            "scene built in {:.2} s (quick: {})",
            began.elapsed().as_secs_f32(),
            request.quick
        );
        parts
    }
}

impl SceneParts {
    /// The same parts once more; everything large is shared.
    fn shared(&self) -> Self {
        Self {
            city: self.city.clone(),
            quick: self.quick,
            ground: self.ground.clone(),
            openness: self.openness.clone(),
            tiles: self.tiles.clone(),
            trees: self.trees.clone(),
            drafts: self.drafts.clone(),
            removed: LineData::default(),
            picker: self.picker.clone(),
        }
    }
}

/// Keys of buildings that are the same object in both cities.
fn unchanged_keys(city: &City, baseline: &City) -> BTreeSet<u32> {
    let base: HashMap<u32, &Arc<Building>> =
        baseline.buildings.iter().map(|b| (b.key, b)).collect();
    city.buildings
        .iter()
        .filter(|b| {
            base.get(&b.key)
                .is_some_and(|other| Arc::ptr_eq(b, other) || ***other == ***b)
        })
        .map(|b| b.key)
        .collect()
}

/// Boxes (west, south, east, north) of buildings that are in only one of two cities.
fn moved_boxes(previous: Option<&City>, city: &City) -> Vec<[f64; 4]> {
    let Some(previous) = previous else {
        return Vec::new();
    };
    let addresses = |c: &City| -> BTreeSet<usize> {
        c.buildings.iter().map(|b| Arc::as_ptr(b).addr()).collect()
    };
    let (before, after) = (addresses(previous), addresses(city));
    let only = |c: &City, other: &BTreeSet<usize>| -> Vec<[f64; 4]> {
        c.buildings
            .iter()
            .filter(|b| !other.contains(&Arc::as_ptr(b).addr()))
            .map(|b| {
                let (lo, hi) = b.bounds();
                [lo.x, lo.y, hi.x, hi.y]
            })
            .collect()
    };
    [only(previous, &after), only(city, &before)].concat()
}

/// Distance (m) from a point to a box.
fn distance_to_box(x: f64, y: f64, b: &[f64; 4]) -> f64 {
    let dx = (b[0] - x).max(x - b[2]).max(0.0);
    let dy = (b[1] - y).max(y - b[3]).max(0.0);
    dx.hypot(dy)
}

/// Some box changes the light in a tile.
fn is_near(key: TileKey, moved: &[[f64; 4]]) -> bool {
    let centre = [key.0, key.1].map(|k| (f64::from(k) + 0.5) * buildings::TILE_M);
    let reach = LIGHT_REACH_M + 0.75 * buildings::TILE_M;
    moved
        .iter()
        .any(|b| distance_to_box(centre[0], centre[1], b) < reach)
}

/// Mark of a list of values.
fn mark(values: impl Iterator<Item = [u8; 8]>) -> u64 {
    let mut hasher = blake3::Hasher::new();
    values.for_each(|v| {
        hasher.update(&v);
    });
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}

fn openness_raster(
    ground: &GroundParts,
    bvh: &TriangleBvh,
    quick: bool,
    previous: Option<&SceneParts>,
    moved: &[[f64; 4]],
) -> Arc<OpennessRaster> {
    let (lo, hi) = ground.cover.grid.bounds();
    let size = (hi[0] - lo[0]).max(hi[1] - lo[1]);
    let cell = if quick { size } else { (size / 340.0).max(2.0) };
    let grid = crate::geo::Grid::covering(lo, hi, cell);
    if quick {
        return Arc::new(OpennessRaster {
            grid,
            values: vec![255; grid.len()],
        });
    }
    if let Some(p) = previous
        && p.openness.grid == grid
        && moved.is_empty()
    {
        return p.openness.clone();
    }
    let previous = previous.map(|p| &*p.openness);
    Arc::new(OpennessRaster::compute(
        grid,
        bvh,
        |x, y| ground.height(x, y),
        previous,
        |x, y| {
            moved
                .iter()
                .any(|b| distance_to_box(x, y, b) < LIGHT_REACH_M)
        },
    ))
}

fn tree_parts(
    city: &City,
    old: Option<&SceneParts>,
    version: u64,
) -> BTreeMap<TileKey, Part<MeshData>> {
    trees::by_tile(&city.trees)
        .into_par_iter()
        .map(|(key, members)| {
            let mark = mark(members.iter().flat_map(|t| {
                [t.foot.x, t.foot.y, t.foot.z, t.height_m, t.crown_diameter_m].map(f64::to_le_bytes)
            }));
            let same = old
                .and_then(|p| p.trees.get(&key))
                .filter(|p| p.members == mark);
            let part = same.cloned().unwrap_or_else(|| Part {
                members: mark,
                version,
                mesh: Arc::new(trees::mesh_of(members.iter().copied())),
            });
            (key, part)
        })
        .collect()
}

/// Outlines of baseline buildings that are missing or different in the city.
fn removed_lines(city: &City, baseline: &City) -> LineData {
    let present: HashMap<u32, &Arc<Building>> = city.buildings.iter().map(|b| (b.key, b)).collect();
    let mut lines = LineData::default();
    for building in &baseline.buildings {
        let same = present
            .get(&building.key)
            .is_some_and(|b| Arc::ptr_eq(b, building) || b.geometry == building.geometry);
        if !same {
            edges::add_creases(&mut lines, building);
        }
    }
    lines
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::city::{BuildingAttributes, BuildingPart, Geometry, Surface, SurfaceKind};
    use crate::geo::{Crs, LocalFrame};
    use nalgebra::Point3;

    /// A city without anything, in UTM 32 near Hamburg.
    pub fn empty_city() -> City {
        City::empty(
            "test",
            LocalFrame::near(Crs::utm32(), 565_000.0, 5_934_000.0),
        )
    }

    /// A block with six faces.
    pub fn block(key: u32, lo: [f64; 3], hi: [f64; 3]) -> Building {
        let c = |i: usize| {
            let pick = |axis: usize| {
                if i >> axis & 1 == 1 {
                    hi[axis]
                } else {
                    lo[axis]
                }
            };
            Point3::new(pick(0), pick(1), pick(2))
        };
        let faces: [(SurfaceKind, [usize; 4], [f64; 3]); 6] = [
            (SurfaceKind::Ground, [0, 2, 3, 1], [0.0, 0.0, -1.0]),
            (SurfaceKind::Roof, [4, 5, 7, 6], [0.0, 0.0, 1.0]),
            (SurfaceKind::Wall, [0, 1, 5, 4], [0.0, -1.0, 0.0]),
            (SurfaceKind::Wall, [1, 3, 7, 5], [1.0, 0.0, 0.0]),
            (SurfaceKind::Wall, [3, 2, 6, 7], [0.0, 1.0, 0.0]),
            (SurfaceKind::Wall, [2, 0, 4, 6], [-1.0, 0.0, 0.0]),
        ];
        let mut geometry = Geometry::default();
        for (i, (kind, corners, normal)) in faces.into_iter().enumerate() {
            let first = geometry.vertices.len() as u32;
            geometry.vertices.extend(corners.map(c));
            geometry.ring_ends.push(first + 4);
            geometry
                .triangles
                .extend([[first, first + 1, first + 2], [first, first + 2, first + 3]]);
            let i = i as u32;
            geometry.surfaces.push(Surface {
                id: None,
                kind,
                part: 0,
                rings: i..i + 1,
                triangles: 2 * i..2 * i + 2,
                normal: Vector3::from(normal),
                area_m2: 1.0,
            });
        }
        Building {
            id: format!("b{key}"),
            key,
            attributes: BuildingAttributes::default(),
            parts: vec![BuildingPart {
                id: format!("b{key}"),
                attributes: BuildingAttributes::default(),
                lod: "1".to_owned(),
                closed: true,
                volume_m3: None,
            }],
            geometry,
            draft: false,
        }
    }

    #[test]
    fn a_block_has_twelve_creases() {
        assert_eq!(
            edges::creases(&block(0, [0.0; 3], [10.0, 8.0, 6.0])).len(),
            12
        );
    }

    #[test]
    fn only_the_touched_tile_is_built_again_and_a_removed_building_leaves_its_outline() {
        let mut city = empty_city();
        city.buildings = [[0.0, 0.0], [1000.0, 0.0], [1030.0, 0.0]]
            .iter()
            .enumerate()
            .map(|(i, p)| {
                Arc::new(block(
                    i as u32,
                    [p[0], p[1], 0.0],
                    [p[0] + 10.0, p[1] + 10.0, 9.0],
                ))
            })
            .collect();
        let baseline = Arc::new(city.clone());
        let mut variant = city;
        variant.buildings.remove(2);
        let variant = Arc::new(variant);
        let mut builder = Builder::default();
        let request = |city: &Arc<City>| SceneRequest {
            city: city.clone(),
            baseline: baseline.clone(),
            quick: false,
        };
        let first = builder.build(&request(&baseline));
        assert!(first.removed.segments.is_empty() && first.drafts.is_empty());
        let second = builder.build(&request(&variant));
        assert_eq!(second.removed.segments.len(), 12);
        assert!(Arc::ptr_eq(
            &first.tiles[&(0, 0)].mesh,
            &second.tiles[&(0, 0)].mesh
        ));
        assert_ne!(first.tiles[&(4, 0)].version, second.tiles[&(4, 0)].version);
        assert!(
            Arc::ptr_eq(&first.ground, &second.ground),
            "the ground is shared"
        );
    }
}
