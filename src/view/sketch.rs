//! What tools leave in the city: flood walls of the shown variant as thin ribbons, the line of a section, the area of the shuttles, and
//! the points of the tool in hand with a line to the cursor.

use std::sync::Arc;

use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::math::Vec3;
use bevy::prelude::*;

use crate::city::{Breach, City, FloodWall, WallCrest};
use crate::geo::LocalFrame;
use crate::ui::action::Tool;
use crate::ui::shuttle_panel::outlined_area;

use super::app::Awake;
use super::desktop::Desktop;
use super::pick::Picker;
use super::pointer::Scene;
use super::scene::draw::Palette;
use super::scene::mesh_data::{LineData, MeshData};
use super::space::bevy_from_map_array;

/// Distance (m) of the places at which a line follows the ground.
const STEP_M: f32 = 3.0;
/// Thickness (m) of a drawn wall; real ones are thinner than what can be seen from afar.
const THICKNESS_M: f32 = 0.6;
/// A wall reaches this far (m) into the ground, so that no gap shows on a slope.
const FOOT_M: f32 = 0.8;
/// Height (m) of lines above the ground.
const LIFT_M: f32 = 0.4;
/// Half the arm (m) of the cross at a point.
const CROSS_M: f32 = 1.5;
/// Height (m) of the posts at the corners of an area.
const AREA_POST_M: f32 = 12.0;
/// Faces of walls: the tint of drafts is added by the material.
const FACE: [f32; 4] = [0.86, 0.85, 0.82, 1.0];

/// Entities, and what they were made from.
#[derive(Resource, Default)]
pub struct Sketch {
    walls: Option<usize>,
    wall_entities: Vec<Entity>,
    lines: Option<LinesKey>,
    line_entities: Vec<Entity>,
}

/// What the lines were made from.
#[derive(Clone, Debug, PartialEq)]
struct LinesKey {
    ground: usize,
    tool: Option<Tool>,
    points: Vec<[f64; 2]>,
    /// The cursor, to the decimetre.
    cursor: Option<[i64; 2]>,
    height_m: f64,
    section: Vec<[f64; 2]>,
    /// Area of the shuttles.
    area: Vec<[f64; 2]>,
}

/// Adds the resource; `app` chains the system.
pub fn plugin(app: &mut App) {
    app.init_resource::<Sketch>();
}

/// Brings walls and lines up to date.
pub fn draw_sketch(
    desktop: Res<Desktop>,
    scene: Res<Scene>,
    palette: Res<Palette>,
    mut sketch: ResMut<Sketch>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut awake: ResMut<Awake>,
) {
    let Some(picker) = &scene.picker else { return };
    let city = Arc::as_ptr(&picker.city).addr();
    if sketch.walls != Some(city) {
        sketch.walls = Some(city);
        for entity in sketch.wall_entities.drain(..) {
            commands.entity(entity).despawn();
        }
        let (faces, lines) = walls(&picker.city, picker);
        if !faces.is_empty() {
            let faces = commands.spawn((
                Mesh3d(meshes.add(faces.to_mesh())),
                MeshMaterial3d(palette.draft_faces()),
            ));
            let faces = faces.id();
            sketch.wall_entities.push(faces);
        }
        let mesh = (!lines.segments.is_empty()).then(|| lines.to_mesh());
        if let Some(mesh) = mesh {
            let entity = line_entity(&mut commands, meshes.add(mesh), palette.draft_lines());
            sketch.wall_entities.push(entity);
        }
    }
    let ui = &desktop.ui;
    let hover = ui.hover.as_ref().filter(|_| ui.tool.is_some());
    let section = if ui.event_duration_s().is_some() {
        ui.section.clone()
    } else {
        Vec::new()
    };
    let key = LinesKey {
        ground: picker.ground_mark(),
        tool: ui.tool,
        points: ui.sketch.clone(),
        cursor: hover.map(|h| [0, 1].map(|i| (h.position[i] * 10.0).round() as i64)),
        height_m: match ui.tool {
            Some(Tool::Wall) => ui.tool_numbers.wall_m,
            Some(Tool::Raise) => ui.tool_numbers.raise_m,
            _ => 0.0,
        },
        section,
        area: outlined_area(ui),
    };
    if sketch.lines.as_ref() == Some(&key) {
        return;
    }
    let nothing = |k: &LinesKey| k.tool.is_none() && k.section.is_empty() && k.area.is_empty();
    let still_nothing = sketch.lines.as_ref().is_some_and(nothing) && nothing(&key);
    for entity in sketch.line_entities.drain(..) {
        commands.entity(entity).despawn();
    }
    let (solid, dashed, outline) = lines(&key, &picker.city.frame, picker);
    for (data, material) in [
        (solid, palette.draft_lines()),
        (dashed, palette.dashed_lines()),
        (outline.clone(), palette.draft_lines()),
        (outline, palette.ghost_lines()),
    ] {
        if !data.segments.is_empty() {
            let entity = line_entity(&mut commands, meshes.add(data.to_mesh()), material);
            sketch.line_entities.push(entity);
        }
    }
    sketch.lines = Some(key);
    if !still_nothing {
        awake.0 = awake.0.max(1);
    }
}

fn line_entity(
    commands: &mut Commands,
    mesh: Handle<Mesh>,
    material: Handle<super::materials::LineMaterial>,
) -> Entity {
    let bundle = (
        Mesh3d(mesh),
        MeshMaterial3d(material),
        NoFrustumCulling,
        NotShadowCaster,
    );
    commands.spawn(bundle).id()
}

/// Places along a line of local points, close enough to follow the ground.
fn followed(line: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let mut places = Vec::new();
    for pair in line.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let steps = ((b[0] - a[0]).hypot(b[1] - a[1]) / STEP_M)
            .ceil()
            .clamp(1.0, 400.0);
        for i in 0..steps as usize {
            let t = i as f32 / steps;
            places.push([0, 1].map(|k| a[k] + t * (b[k] - a[k])));
        }
    }
    places.extend(line.last());
    places
}

fn ground_at(picker: &Picker, [x, y]: [f32; 2]) -> f32 {
    picker.ground_height(x, y).unwrap_or(0.0)
}

/// Faces and edges of all walls, and the marks of breaches.
fn walls(city: &City, picker: &Picker) -> (MeshData, LineData) {
    let (mut faces, mut lines) = (MeshData::default(), LineData::default());
    for wall in city.flood_walls.iter() {
        add_wall(&mut faces, &mut lines, wall, |p| ground_at(picker, p));
    }
    for breach in city.breaches.iter() {
        add_breach(&mut lines, breach, |p| ground_at(picker, p));
    }
    (faces, lines)
}

fn add_wall(
    faces: &mut MeshData,
    lines: &mut LineData,
    wall: &FloodWall,
    ground: impl Fn([f32; 2]) -> f32,
) {
    let line: Vec<[f32; 2]> = wall.line.iter().map(|p| p.map(|v| v as f32)).collect();
    let places = followed(&line);
    let top = |p: [f32; 2], z: f32| {
        let top = match wall.crest {
            WallCrest::AboveGround(height_m) => z + height_m as f32,
            WallCrest::Level(level_m) => level_m as f32,
        };
        bevy_from_map_array([p[0], p[1], top.max(z)])
    };
    for pair in places.windows(2) {
        let z = [ground(pair[0]), ground(pair[1])];
        let crest = [top(pair[0], z[0]), top(pair[1], z[1])];
        let foot = [0, 1].map(|i| bevy_from_map_array([pair[i][0], pair[i][1], z[i] - FOOT_M]));
        let along = (crest[1] - crest[0]).with_y(0.0).normalize_or_zero();
        let across = 0.5 * THICKNESS_M * Vec3::new(-along.z, 0.0, along.x);
        let mut quad = |a: Vec3, b: Vec3, c: Vec3, d: Vec3, normal: Vec3| {
            faces.flat_triangle([a, b, c], normal, FACE);
            faces.flat_triangle([a, c, d], normal, FACE);
        };
        for side in [across, -across] {
            let normal = side.normalize_or_zero();
            quad(
                foot[0] + side,
                foot[1] + side,
                crest[1] + side,
                crest[0] + side,
                normal,
            );
            lines.segments.push([crest[0] + side, crest[1] + side]);
        }
        quad(
            crest[0] + across,
            crest[1] + across,
            crest[1] - across,
            crest[0] - across,
            Vec3::Y,
        );
    }
}

/// A breach: its line across a dike, or a cross on a wall.
fn add_breach(lines: &mut LineData, breach: &Breach, ground: impl Fn([f32; 2]) -> f32) {
    let line: Vec<[f32; 2]> = breach.line.iter().map(|p| p.map(|v| v as f32)).collect();
    let lifted = |p: [f32; 2]| bevy_from_map_array([p[0], p[1], ground(p) + LIFT_M]);
    if let [one] = line.as_slice() {
        let arm = (0.5 * breach.width_m as f32).max(CROSS_M);
        for (east, north) in [(arm, arm), (arm, -arm)] {
            let end = |sign: f32| lifted([one[0] + sign * east, one[1] + sign * north]);
            lines.segments.push([end(-1.0), end(1.0)]);
        }
    }
    let places = followed(&line);
    let pairs = places.windows(2).map(|w| [lifted(w[0]), lifted(w[1])]);
    lines.segments.extend(pairs);
}

/// Solid lines of what is set, dashed ones to the cursor and along the section, the outline of an area.
fn lines(key: &LinesKey, frame: &LocalFrame, picker: &Picker) -> (LineData, LineData, LineData) {
    let (mut solid, mut dashed) = (LineData::default(), LineData::default());
    let mut outline = LineData::default();
    let local = |p: &[f64; 2]| {
        let q = frame.local_from_crs([p[0], p[1], 0.0]);
        [q.x as f32, q.y as f32]
    };
    let lifted = |p: [f32; 2], up: f32| {
        bevy_from_map_array([p[0], p[1], ground_at(picker, p) + LIFT_M + up])
    };
    let path = |into: &mut LineData, points: &[[f32; 2]], up: f32| {
        let places = followed(points);
        let pairs = places
            .windows(2)
            .map(|w| [lifted(w[0], up), lifted(w[1], up)]);
        into.segments.extend(pairs);
    };
    let section: Vec<[f32; 2]> = key.section.iter().map(local).collect();
    path(&mut solid, &section, 0.0);
    for end in section.iter() {
        let foot = lifted(*end, 0.0);
        solid.segments.push([foot, foot + Vec3::Y * 6.0]);
    }
    let mut area: Vec<[f32; 2]> = key.area.iter().map(local).collect();
    area.extend(area.first().copied());
    path(&mut outline, &area, 0.0);
    for corner in &area {
        let foot = lifted(*corner, 0.0);
        outline.segments.push([foot, foot + Vec3::Y * AREA_POST_M]);
    }
    let points: Vec<[f32; 2]> = key.points.iter().map(local).collect();
    let cursor = key.cursor.map(|c| local(&c.map(|v| v as f64 / 10.0)));
    for p in points.iter() {
        for (east, north) in [(CROSS_M, 0.0), (0.0, CROSS_M)] {
            let end = |sign: f32| lifted([p[0] + sign * east, p[1] + sign * north], 0.0);
            solid.segments.push([end(-1.0), end(1.0)]);
        }
    }
    path(&mut solid, &points, 0.0);
    if key.tool == Some(Tool::Wall) {
        let up = key.height_m as f32;
        path(&mut solid, &points, up);
        for p in points.iter() {
            solid.segments.push([lifted(*p, 0.0), lifted(*p, up)]);
        }
    }
    if let (Some(last), Some(cursor)) = (points.last(), cursor) {
        path(&mut dashed, &[*last, cursor], 0.0);
    }
    if key.tool.is_some_and(Tool::is_area)
        && let [first, _, ..] = points.as_slice()
    {
        let last = cursor.unwrap_or(points[points.len() - 1]);
        path(&mut dashed, &[last, *first], 0.0);
    }
    (solid, dashed, outline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wall_stands_on_the_ground_and_reaches_its_crest() {
        let wall = |crest| FloodWall {
            id: "w".to_owned(),
            line: vec![[0.0, 0.0], [9.0, 0.0]],
            crest,
            mobile: false,
        };
        for (crest, top) in [
            (WallCrest::AboveGround(1.5), 5.5),
            (WallCrest::Level(7.0), 7.0),
        ] {
            let (mut faces, mut lines) = (MeshData::default(), LineData::default());
            add_wall(&mut faces, &mut lines, &wall(crest), |_| 4.0);
            let heights = faces.positions.iter().map(|p| p[1]);
            let (low, high) = heights.fold((f32::MAX, f32::MIN), |(a, b), h| (a.min(h), b.max(h)));
            assert_eq!((low, high), (4.0 - FOOT_M, top));
            // Three steps of three metres, two sides and a top of two triangles each.
            assert_eq!(faces.indices.len(), 3 * 3 * 2 * 3);
            assert_eq!(lines.segments.len(), 6);
        }
    }
}
