//! The streets of the network on the ground: edges of lanes, stops, lanes for buses. Made once per run on a thread of its own, in tiles, so that
//! what is out of view costs nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::light::NotShadowCaster;
use bevy::prelude::*;

use crate::result::movement::{LaneUse, Movement, RoadLane};

use super::app::Awake;
use super::desktop::Desktop;
use super::pick::Picker;
use super::pointer::{Rig, Scene};
use super::scene::draw::Palette;
use super::scene::mesh_data::{LineData, MeshData};
use super::space::bevy_from_map_array;
use super::worker::{Wake, Worker};

/// Longest piece (m) of a line that follows the ground.
const STEP_M: f32 = 8.0;
/// Height (m) over the ground: less shimmers, more floats.
const LIFT_M: f32 = 0.06;
/// Side (m) of a tile.
const TILE_M: f32 = 250.0;
/// Distance (m) of the eye beyond which nobody sees a lane.
pub const FAR_M: f32 = 1200.0;
/// Albedo of lanes for buses and of stops.
const BUS_LANE: [f32; 4] = [0.52, 0.44, 0.40, 1.0];
const STOP: [f32; 4] = [0.86, 0.78, 0.36, 1.0];

/// Streets of a run and the ground that they lie on.
pub struct RoadsRequest {
    movement: Arc<Movement>,
    picker: Arc<Picker>,
}

/// A tile: lines between lanes, edges of streets, surfaces.
#[derive(Default)]
pub struct RoadTile {
    between: LineData,
    edges: LineData,
    surfaces: MeshData,
}

type Key = (usize, usize);
type RoadsWorker = Worker<RoadsRequest, (Key, Vec<RoadTile>)>;

/// What of the streets is on screen.
#[derive(Resource, Default)]
pub struct DrawnRoads {
    asked: Option<Key>,
    entities: Vec<Entity>,
    shown: bool,
}

/// Adds thread and systems' resources; `app` chains the system.
pub fn plugin(app: &mut App, wake: Wake) {
    app.init_resource::<DrawnRoads>()
        .insert_resource(Worker::spawn("roads", wake, |r: RoadsRequest| {
            (key(&r.movement, &r.picker), tiles(&r.movement, &r.picker))
        }));
}

fn key(movement: &Arc<Movement>, picker: &Picker) -> Key {
    (Arc::as_ptr(&movement.roads).addr(), picker.ground_mark())
}

/// Asks for the streets of the shown run, takes them, and shows them while the eye is near.
pub fn draw_roads(
    desktop: Res<Desktop>,
    scene: Res<Scene>,
    rig: Res<Rig>,
    palette: Res<Palette>,
    mut roads: ResMut<DrawnRoads>,
    mut worker: ResMut<RoadsWorker>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut commands: Commands,
    mut awake: ResMut<Awake>,
) {
    let wanted = desktop.movement().zip(scene.picker.as_ref());
    let asked = wanted.map(|(movement, picker)| key(movement, picker));
    if roads.asked != asked {
        roads.asked = asked;
        for entity in roads.entities.drain(..) {
            commands.entity(entity).despawn();
        }
        if let Some((movement, picker)) = wanted {
            worker.request(RoadsRequest {
                movement: Arc::clone(movement),
                picker: Arc::clone(picker),
            });
        }
        awake.0 = awake.0.max(2);
    }
    let near = rig.view.distance < FAR_M;
    let visibility = if near {
        Visibility::Inherited
    } else {
        Visibility::Hidden
    };
    if roads.shown != near {
        roads.shown = near;
        for entity in &roads.entities {
            commands.entity(*entity).insert(visibility);
        }
    }
    let Some((key, tiles)) = worker.newest() else {
        return;
    };
    if roads.asked != Some(key) {
        return;
    }
    for tile in tiles {
        for (lines, material) in [
            (&tile.between, palette.lane_lines()),
            (&tile.edges, palette.street_edges()),
        ] {
            if !lines.segments.is_empty() {
                let bundle = (
                    Mesh3d(meshes.add(lines.to_mesh())),
                    MeshMaterial3d(material),
                    NotShadowCaster,
                    visibility,
                );
                roads.entities.push(commands.spawn(bundle).id());
            }
        }
        if !tile.surfaces.is_empty() {
            let bundle = (
                Mesh3d(meshes.add(tile.surfaces.to_mesh())),
                MeshMaterial3d(palette.clay()),
                NotShadowCaster,
                visibility,
            );
            roads.entities.push(commands.spawn(bundle).id());
        }
    }
    awake.0 = awake.0.max(2);
}

/// A line beside another one, `aside` metres to the right of its direction.
pub fn beside(line: &[[f32; 2]], aside: f32) -> Vec<[f32; 2]> {
    let direction = |a: [f32; 2], b: [f32; 2]| {
        let [x, y] = [b[0] - a[0], b[1] - a[1]];
        let length = x.hypot(y).max(1e-6);
        [x / length, y / length]
    };
    (0..line.len())
        .map(|i| {
            let before = (i > 0).then(|| direction(line[i - 1], line[i]));
            let after = line.get(i + 1).map(|next| direction(line[i], *next));
            let (a, b) = match (before, after) {
                (Some(a), Some(b)) => (a, b),
                (Some(a), None) | (None, Some(a)) => (a, a),
                (None, None) => ([1.0, 0.0], [1.0, 0.0]),
            };
            let [x, y] = [a[0] + b[0], a[1] + b[1]];
            let length = x.hypot(y);
            // A hairpin has no middle direction.
            let [x, y] = if length > 0.2 {
                [x / length, y / length]
            } else {
                a
            };
            // Wider at corners, so that the distance to both pieces stays.
            let wide = aside / (a[0] * x + a[1] * y).clamp(0.5, 1.0);
            [line[i][0] + wide * y, line[i][1] - wide * x]
        })
        .collect()
}

/// Places along a line, close enough to follow the ground.
fn followed(line: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut places = Vec::new();
    for pair in line.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let steps = (length / STEP_M).ceil().clamp(1.0, 400.0);
        for i in 0..steps as usize {
            let t = i as f32 / steps;
            places.push([0, 1].map(|k| a[k] + t * (b[k] - a[k])));
        }
    }
    places.extend(line.last());
    places
}

fn tiles(movement: &Movement, picker: &Picker) -> Vec<RoadTile> {
    let corner = movement.corner.map(|value| value as f32);
    let on_ground = |[x, y]: [f32; 2]| {
        let [x, y] = [x + corner[0], y + corner[1]];
        let z = picker.ground_height(x, y).unwrap_or(0.0);
        bevy_from_map_array([x, y, z + LIFT_M])
    };
    let mut tiles: BTreeMap<(i32, i32), RoadTile> = BTreeMap::new();
    let tile_of = |p: [f32; 2]| p.map(|v| (v / TILE_M).floor() as i32).into();
    for street in movement.roads.streets.iter().filter(|s| !s.inner) {
        let lanes: Vec<&RoadLane> = movement.roads.lanes
            [street.lanes.start as usize..street.lanes.end as usize]
            .iter()
            .filter(|lane| lane.used_by != LaneUse::Others && lane.points.len() > 1)
            .collect();
        let Some(first) = lanes.first() else { continue };
        let tile = tiles.entry(tile_of(first.points[0])).or_default();
        for (n, lane) in lanes.iter().enumerate() {
            let half = 0.5 * lane.width_m;
            let add = |into: &mut LineData, aside: f32| {
                let places: Vec<Vec3> = followed(&beside(&lane.points, aside))
                    .into_iter()
                    .map(on_ground)
                    .collect();
                into.segments
                    .extend(places.windows(2).map(|w| [w[0], w[1]]));
            };
            if n == 0 {
                add(&mut tile.edges, half);
            }
            if n + 1 < lanes.len() {
                add(&mut tile.between, -half);
            } else {
                add(&mut tile.edges, -half);
            }
            if lane.used_by == LaneUse::Buses {
                let inset = half - 0.15;
                strip(&mut tile.surfaces, &lane.points, inset, BUS_LANE, on_ground);
            }
        }
    }
    for stop in movement.roads.stops.iter().filter(|s| s.line.len() > 1) {
        let tile = tiles.entry(tile_of(stop.line[0])).or_default();
        // A band along the kerb.
        let kerb = beside(&stop.line, 0.5 * stop.width_m - 0.3);
        strip(&mut tile.surfaces, &kerb, 0.25, STOP, on_ground);
    }
    tiles.into_values().collect()
}

/// A flat band along a line, `half` metres to both sides.
fn strip(
    mesh: &mut MeshData,
    line: &[[f32; 2]],
    half: f32,
    color: [f32; 4],
    on_ground: impl Fn([f32; 2]) -> Vec3,
) {
    let places = followed(line);
    let sides = [half, -half].map(|aside| -> Vec<Vec3> {
        let side = beside(&places, aside).into_iter();
        side.map(&on_ground).collect()
    });
    for i in 1..places.len() {
        let [a, b] = [sides[0][i - 1], sides[0][i]];
        let [c, d] = [sides[1][i], sides[1][i - 1]];
        mesh.flat_triangle([a, b, c], Vec3::Y, color);
        mesh.flat_triangle([a, c, d], Vec3::Y, color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_beside_keeps_its_distance_also_at_a_corner() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        let right = beside(&line, 2.0);
        let near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < 1e-4;
        assert!(near(right[0], [0.0, -2.0]), "{right:?}");
        assert!(near(right[1], [12.0, -2.0]), "{right:?}");
        assert!(near(right[2], [12.0, 10.0]), "{right:?}");
        let left = beside(&line, -2.0);
        assert!(near(left[1], [8.0, 2.0]), "{left:?}");
    }
}
