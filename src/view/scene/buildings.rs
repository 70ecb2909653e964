//! Buildings: one mesh per 250 m tile, warm white walls, roofs a breath darker, openness baked per corner.

use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::{Point3, Vector3};

use crate::city::{Building, SurfaceKind};
use crate::view::space::{bevy_from_map, bevy_from_map_direction};

use super::edges::add_creases;
use super::mesh_data::{LineData, MeshData};

/// Side of a tile (m).
pub const TILE_M: f64 = 250.0;
/// Linear albedo of walls: 0.86 on average.
const WALL: [f32; 3] = [0.88, 0.865, 0.835];
const ROOF: [f32; 3] = [0.79, 0.770, 0.735];
const CLOSURE: [f32; 3] = [0.70, 0.69, 0.67];

/// Column and row of a tile.
pub type TileKey = (i32, i32);

/// Tile of the middle of a building.
pub fn tile_of(building: &Building) -> TileKey {
    let (lo, hi) = building.bounds();
    let index = |a: f64, b: f64| (0.5 * (a + b) / TILE_M).floor() as i32;
    (index(lo.x, hi.x), index(lo.y, hi.y))
}

/// Buildings by tile, in the order of the city.
pub fn by_tile<'a>(
    buildings: impl Iterator<Item = &'a Arc<Building>>,
) -> BTreeMap<TileKey, Vec<&'a Arc<Building>>> {
    let mut tiles: BTreeMap<TileKey, Vec<_>> = BTreeMap::new();
    for building in buildings {
        tiles.entry(tile_of(building)).or_default().push(building);
    }
    tiles
}

/// Faces and lines of some buildings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BuildingMesh {
    /// Faces.
    pub faces: MeshData,
    /// Creases.
    pub lines: LineData,
}

/// Draws buildings; `openness` gives the sky seen from (point, normal) in map space. Ground surfaces are drawn only when
/// `floors` is set: they can be seen when a building is lifted.
pub fn mesh_of<'a>(
    buildings: impl IntoIterator<Item = &'a Building>,
    floors: bool,
    openness: impl Fn(Vector3<f32>, Vector3<f32>) -> f32,
) -> BuildingMesh {
    let mut mesh = BuildingMesh::default();
    for building in buildings {
        add_faces(&mut mesh.faces, building, floors, &openness);
        add_creases(&mut mesh.lines, building);
    }
    mesh
}

fn add_faces(
    mesh: &mut MeshData,
    building: &Building,
    floors: bool,
    openness: &impl Fn(Vector3<f32>, Vector3<f32>) -> f32,
) {
    let geometry = &building.geometry;
    for surface in &geometry.surfaces {
        let [r, g, b] = match surface.kind {
            SurfaceKind::Wall => WALL,
            SurfaceKind::Roof => ROOF,
            SurfaceKind::Closure => CLOSURE,
            SurfaceKind::Ground if floors => ROOF,
            SurfaceKind::Ground => continue,
        };
        let triangles =
            &geometry.triangles[surface.triangles.start as usize..surface.triangles.end as usize];
        let Some(centre) = centre_of(triangles, &geometry.vertices) else {
            continue;
        };
        let normal = bevy_from_map_direction(surface.normal);
        let mut corners: BTreeMap<u32, u32> = BTreeMap::new();
        for &i in triangles.iter().flatten() {
            let number = *corners.entry(i).or_insert_with(|| {
                let p = geometry.vertices[i as usize];
                let open = openness(
                    sample_point(p, centre, surface.normal),
                    surface.normal.cast(),
                );
                mesh.corner(bevy_from_map(p), normal, [r, g, b, open])
            });
            mesh.indices.push(number);
        }
    }
}

/// Middle of the corners of a surface.
fn centre_of(triangles: &[[u32; 3]], vertices: &[Point3<f64>]) -> Option<Point3<f64>> {
    let n = triangles.len() * 3;
    let sum = triangles
        .iter()
        .flatten()
        .fold(Vector3::zeros(), |sum, &i| {
            sum + vertices[i as usize].coords
        });
    (n > 0).then(|| Point3::from(sum / n as f64))
}

/// Where the sky is looked at for a corner: a little off the face, inwards and off the ground, so that the neighbouring
/// faces of the own building do not decide.
fn sample_point(corner: Point3<f64>, centre: Point3<f64>, normal: Vector3<f64>) -> Vector3<f32> {
    let inwards = (centre - corner).cap_magnitude(0.5);
    (corner + inwards + normal * 0.3).coords.cast()
}
