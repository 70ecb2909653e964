//! Moving traffic: vehicles as simple bodies and signals at their stop lines, at the time of the event clock; the mark of what is selected;
//! numbers of lines over near buses.
//!
//! Every kind of body is one mesh; a vehicle is an entity that shares it, so that the renderer draws each kind as instances, and a step of the
//! clock moves entities instead of making a mesh anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::math::{Quat, Vec3};
use bevy::prelude::*;

use crate::result::movement::{Movement, Shows, VehicleLook};
use crate::text::texts;
use crate::ui::action::TrafficPick;
use crate::ui::moment::is_moving;
use crate::ui::shuttle_legend::{STOP, wish_colour};
use crate::ui::state::MapLabel;
use crate::ui::traffic_story::pick_name;

use super::app::Awake;
use super::desktop::Desktop;
use super::pick::Picker;
use super::pointer::{PanelSpace, Rig, Scene};
use super::scene::draw::Palette;
use super::scene::mesh_data::{LineData, MeshData};
use super::shuttle_marks::{HEAD_M, MarkLook, head_mesh, marks, pole_mesh, scale};
use super::space::{bevy_from_map_array, map_from_bevy};
use super::traffic_ground::beside;
use super::traffic_pick::{FOOT_WIDTH_M, POST_ASIDE_M, height_m};

/// Colours (linear) and openness: driving, standing, glass, and what heads show.
const DRIVES: [f32; 4] = [0.50, 0.52, 0.55, 1.0];
const STANDS: [f32; 4] = [0.75, 0.22, 0.03, 1.0];
const GLASS: [f32; 4] = [0.10, 0.12, 0.15, 1.0];
const POST: [f32; 4] = [0.10, 0.10, 0.11, 1.0];
const DARK: [f32; 4] = [0.20, 0.20, 0.20, 1.0];
const RED: [f32; 4] = [0.85, 0.02, 0.02, 1.0];
const AMBER: [f32; 4] = [0.95, 0.50, 0.0, 1.0];
const GREEN: [f32; 4] = [0.02, 0.62, 0.16, 1.0];

/// Colours of lines (sRGB), told apart with colour-vision deficiency (Okabe and Ito 2008, without the vermillion that standing cars have);
/// with more lines they come again, and the number tells.
const LINES: [[u8; 3]; 7] = [
    [0x00, 0x72, 0xb2],
    [0x00, 0x9e, 0x73],
    [0xcc, 0x79, 0xa7],
    [0x56, 0xb4, 0xe9],
    [0xe6, 0x9f, 0x00],
    [0x33, 0x33, 0x33],
    [0xf0, 0xe4, 0x42],
];

/// Slower than this (m/s) a vehicle is drawn as standing.
const STANDING_M_S: f32 = 0.5;
/// Distance (m) from the eye up to which buses have their number, and stops their name.
const NUMBERS_M: f32 = 450.0;
const STOPS_M: f32 = 160.0;
/// Names on screen at most.
const MOST_LABELS: usize = 60;
/// Radius (m) of the ring around what is selected, and height of its flag.
const RING_M: f32 = 7.0;
const FLAG_M: f32 = 14.0;

/// A body that many share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    /// Look, colour of the line, stands.
    Vehicle(u8, u8, bool),
    /// What a head shows.
    Head(u8),
    /// A crossing of people on foot with what it shows; 1 m long.
    Foot(u8),
    /// Head of a mark of the shuttles.
    Mark(MarkLook),
    /// Its pole, 1 m high.
    Pole,
}

/// What of the traffic is on screen.
#[derive(Resource, Default)]
pub struct Vehicles {
    /// Meshes and the entities that have them; the first ones are visible.
    pools: BTreeMap<Shape, Pool>,
    shown: Option<(usize, u64, usize, u32)>,
    mark: Option<(MarkKey, Entity)>,
}

#[derive(Default)]
struct Pool {
    mesh: Handle<Mesh>,
    entities: Vec<Entity>,
    used: usize,
}

type MarkKey = (usize, TrafficPick, u64, usize, u32);

/// A vehicle or head on screen.
#[derive(Component)]
pub struct Body;

impl Desktop {
    /// Vehicles and signals over time, when they are what the window shows.
    pub fn movement(&self) -> Option<&Arc<Movement>> {
        if !self.ui.field.as_deref().is_some_and(is_moving) {
            return None;
        }
        self.ui.movement()
    }
}

/// Colour of a line (sRGB) by its place among all lines.
fn line_color(place: usize) -> [u8; 3] {
    LINES[place % LINES.len()]
}

fn linear([r, g, b]: [u8; 3]) -> [f32; 4] {
    let color = Color::srgb_u8(r, g, b).to_linear();
    [color.red, color.green, color.blue, 1.0]
}

/// Place of a vehicle's line among the colours.
fn line_place(movement: &Movement, line: &str) -> usize {
    let mut lines = movement.stories.lines.iter();
    lines.position(|known| known == line).unwrap_or(0)
}

/// Draws the traffic of the moment when it changed, and takes it away when it is no longer shown.
pub fn draw_traffic(
    desktop: Res<Desktop>,
    scene: Res<Scene>,
    rig: Res<Rig>,
    palette: Res<Palette>,
    mut vehicles: ResMut<Vehicles>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut bodies: Query<(&mut Transform, &mut Visibility), With<Body>>,
    mut commands: Commands,
    mut awake: ResMut<Awake>,
) {
    let Some((movement, ground)) = desktop.movement().zip(scene.picker.as_ref()) else {
        if vehicles.shown.take().is_some() {
            for pool in std::mem::take(&mut vehicles.pools).into_values() {
                for entity in pool.entities {
                    commands.entity(entity).despawn();
                }
            }
            awake.0 = awake.0.max(2);
        }
        return;
    };
    let time_s = desktop.ui.event.time_s;
    // Of traffic nothing grows with the distance.
    let scale = if movement.is_of_shuttles() {
        scale(&rig.view)
    } else {
        1.0
    };
    let key = (
        Arc::as_ptr(movement).addr(),
        time_s.to_bits(),
        ground.ground_mark(),
        scale.to_bits(),
    );
    if vehicles.shown == Some(key) {
        return;
    }
    vehicles.shown = Some(key);
    let started = std::time::Instant::now();
    for pool in vehicles.pools.values_mut() {
        pool.used = 0;
    }
    let mut placed = placed(movement, time_s, ground);
    for mark in marks(movement, time_s, scale, ground, |_| true) {
        let head = Transform::from_translation(bevy_from_map_array(mark.head()));
        placed.push((Shape::Mark(mark.look), head.with_scale(Vec3::splat(scale))));
        if mark.pole {
            let foot = Transform::from_translation(bevy_from_map_array(mark.foot));
            let pole = foot.with_scale(Vec3::new(scale, mark.head_m, scale));
            placed.push((Shape::Pole, pole));
        }
    }
    let count = placed.len();
    for (shape, place) in placed {
        let pool = vehicles.pools.entry(shape).or_insert_with(|| Pool {
            mesh: meshes.add(shape_mesh(shape).to_mesh()),
            ..Pool::default()
        });
        match pool.entities.get(pool.used) {
            Some(entity) => {
                if let Ok((mut transform, mut visibility)) = bodies.get_mut(*entity) {
                    *transform = place;
                    visibility.set_if_neq(Visibility::Inherited);
                }
            }
            None => {
                let mut body =
                    commands.spawn((Body, Mesh3d(pool.mesh.clone()), place, NotShadowCaster));
                // Marks are results and keep their colour in any light.
                match shape {
                    Shape::Mark(_) => body.insert(MeshMaterial3d(palette.marks())),
                    _ => body.insert(MeshMaterial3d(palette.clay())),
                };
                pool.entities.push(body.id());
            }
        }
        pool.used += 1;
    }
    for pool in vehicles.pools.values() {
        for entity in &pool.entities[pool.used..] {
            if let Ok((_, mut visibility)) = bodies.get_mut(*entity) {
                visibility.set_if_neq(Visibility::Hidden);
            }
        }
    }
    bevy::log::debug!(
        "{count} bodies of the traffic placed in {:.2} ms",
        1000.0 * started.elapsed().as_secs_f32()
    );
    awake.0 = awake.0.max(2);
}

/// Where every vehicle and head is, and what it looks like.
fn placed(movement: &Movement, time_s: f64, ground: &Picker) -> Vec<(Shape, Transform)> {
    let corner = movement.corner.map(|value| value as f32);
    let height = |x: f32, y: f32| ground.ground_height(x, y).unwrap_or(0.0);
    let at = |x: f32, y: f32, heading: f32, scale: Vec3| Transform {
        translation: bevy_from_map_array([x, y, height(x, y)]),
        rotation: Quat::from_rotation_y(heading),
        scale,
    };
    let mut all = Vec::with_capacity(movement.heads.len() + 1500);
    for (number, middle, heading, speed, _) in movement.at(time_s) {
        let Some(vehicle) = movement.vehicles.get(number as usize) else {
            continue;
        };
        let [x, y] = [middle[0] + corner[0], middle[1] + corner[1]];
        let [length, width] = vehicle.size_m;
        let public = matches!(vehicle.look, VehicleLook::Bus | VehicleLook::Rail);
        let line = if public {
            line_place(movement, &vehicle.line) % LINES.len()
        } else {
            0
        };
        let stands = !public && speed < STANDING_M_S;
        let shape = Shape::Vehicle(vehicle.look as u8, line as u8, stands);
        all.push((shape, at(x, y, heading, Vec3::new(length, 1.0, width))));
    }
    for (head, shows) in movement.heads.iter().zip(movement.shows_at(time_s)) {
        let [x, y] = head.place;
        let (shape, length) = if head.crossing_m > 0.0 {
            (Shape::Foot(*shows as u8), head.crossing_m)
        } else {
            (Shape::Head(*shows as u8), 1.0)
        };
        all.push((shape, at(x, y, head.heading, Vec3::new(length, 1.0, 1.0))));
    }
    all
}

/// The body of a kind, along the x axis; vehicles are 1 m long and wide.
fn shape_mesh(shape: Shape) -> MeshData {
    let mut mesh = MeshData::default();
    match shape {
        Shape::Vehicle(look, line, stands) => {
            let paint = if stands { STANDS } else { DRIVES };
            add_vehicle(
                &mut mesh,
                look,
                paint,
                linear(line_color(usize::from(line))),
            );
        }
        Shape::Head(shows) => add_head(&mut mesh, shows),
        Shape::Foot(shows) => add_foot(&mut mesh, shows),
        Shape::Mark(look) => {
            let color = match look {
                MarkLook::Wish(state) => wish_colour(state),
                MarkLook::Stop => STOP,
            };
            mesh = head_mesh(look, linear(color), POST);
        }
        Shape::Pole => mesh = pole_mesh(POST),
    }
    mesh
}

fn add_vehicle(mesh: &mut MeshData, look: u8, paint: [f32; 4], line: [f32; 4]) {
    let mut block = |from: f32, to: f32, low: f32, high: f32, wide: f32, color| {
        add_block(mesh, [0.0; 3], 0.0, [from, to], wide, [low, high], color);
    };
    if look == VehicleLook::Car as u8 {
        block(-0.5, 0.5, 0.25, 0.85, 1.0, paint);
        block(-0.36, 0.20, 0.85, 1.45, 0.88, GLASS);
    } else if look == VehicleLook::Lorry as u8 {
        block(0.30, 0.5, 0.40, 2.40, 0.95, paint);
        block(-0.5, 0.27, 0.60, 3.20, 1.0, paint);
    } else if look == VehicleLook::TwoWheeler as u8 {
        block(-0.5, 0.5, 0.20, 1.30, 0.6, paint);
    } else {
        block(-0.5, 0.5, 0.30, 1.50, 1.0, line);
        block(-0.495, 0.495, 1.50, 2.30, 0.98, GLASS);
        block(-0.5, 0.5, 2.30, 3.00, 1.0, line);
    }
}

/// The two lines of a crossing of people on foot in the colour of their signal.
fn add_foot(mesh: &mut MeshData, shows: u8) {
    let color = shown_color(shows);
    for side in [-0.5 * FOOT_WIDTH_M, 0.5 * FOOT_WIDTH_M] {
        add_block(
            mesh,
            [0.0, side, 0.0],
            0.0,
            [-0.5, 0.5],
            0.25,
            [0.02, 0.1],
            color,
        );
    }
}

/// A stop line in the colour of its head, and the head on a post at its right end.
fn add_head(mesh: &mut MeshData, shows: u8) {
    let color = shown_color(shows);
    add_block(mesh, [0.0; 3], 0.0, [-0.9, -0.1], 2.8, [0.02, 0.14], color);
    let foot = [0.0, -POST_ASIDE_M, 0.0];
    add_block(mesh, foot, 0.0, [-0.08, 0.08], 0.16, [0.0, 2.6], POST);
    add_block(mesh, foot, 0.0, [-0.25, 0.15], 0.5, [2.6, 3.6], color);
}

fn shown_color(shows: u8) -> [f32; 4] {
    if shows == Shows::Red as u8 {
        RED
    } else if shows == Shows::Amber as u8 || shows == Shows::RedAmber as u8 {
        AMBER
    } else if shows == Shows::Green as u8 {
        GREEN
    } else {
        DARK
    }
}

/// A block without a floor: `along` from rear to front (m), across `width` (m), `up` from below to above (m over `at`).
pub fn add_block(
    mesh: &mut MeshData,
    at: [f32; 3],
    heading: f32,
    along: [f32; 2],
    width: f32,
    up: [f32; 2],
    color: [f32; 4],
) {
    let (sin, cos) = heading.sin_cos();
    let corner = |forward: f32, left: f32, height: f32| {
        bevy_from_map_array([
            at[0] + forward * cos - left * sin,
            at[1] + forward * sin + left * cos,
            at[2] + height,
        ])
    };
    let side = width / 2.0;
    let ring = [
        (along[1], side),
        (along[0], side),
        (along[0], -side),
        (along[1], -side),
    ];
    let mut quad = |corners: [Vec3; 4]| {
        let normal = (corners[1] - corners[0])
            .cross(corners[2] - corners[0])
            .normalize_or(Vec3::Y);
        let [a, b, c, d] = corners.map(|corner| mesh.corner(corner, normal, color));
        mesh.indices.extend([a, b, c, a, c, d]);
    };
    for i in 0..4 {
        let ((x0, y0), (x1, y1)) = (ring[i], ring[(i + 1) % 4]);
        quad([
            corner(x0, y0, up[0]),
            corner(x1, y1, up[0]),
            corner(x1, y1, up[1]),
            corner(x0, y0, up[1]),
        ]);
    }
    quad(ring.map(|(x, y)| corner(x, y, up[1])));
}

/// Outlines what is selected: a vehicle in its box, all heads of a signal, a street along its edges.
pub fn mark_selected(
    desktop: Res<Desktop>,
    scene: Res<Scene>,
    rig: Res<Rig>,
    palette: Res<Palette>,
    mut vehicles: ResMut<Vehicles>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut commands: Commands,
    mut awake: ResMut<Awake>,
) {
    let wanted = desktop
        .movement()
        .zip(scene.picker.as_ref())
        .zip(desktop.ui.traffic);
    let time_s = desktop.ui.event.time_s;
    let key = wanted.map(|((movement, picker), pick)| {
        // Only vehicles and people move, and only marks grow with the distance.
        let (time, scale) = match pick {
            TrafficPick::Vehicle(_) => (time_s.to_bits(), 0),
            TrafficPick::Request(_) => (time_s.to_bits(), scale(&rig.view).to_bits()),
            TrafficPick::Stop(_) => (0, scale(&rig.view).to_bits()),
            TrafficPick::Signal(_) | TrafficPick::Street(_) => (0, 0),
        };
        (
            Arc::as_ptr(movement).addr(),
            pick,
            time,
            picker.ground_mark(),
            scale,
        )
    });
    if vehicles.mark.as_ref().map(|(key, _)| *key) == key {
        return;
    }
    if let Some((_, entity)) = vehicles.mark.take() {
        commands.entity(entity).despawn();
        awake.0 = awake.0.max(1);
    }
    let (Some(((movement, picker), pick)), Some(key)) = (wanted, key) else {
        return;
    };
    let lines = mark(movement, time_s, picker, pick, scale(&rig.view));
    let entity = if lines.segments.is_empty() {
        // A place holder, so that nothing is tried again at the same time.
        commands.spawn_empty().id()
    } else {
        commands
            .spawn((
                Mesh3d(meshes.add(lines.to_mesh())),
                MeshMaterial3d(palette.draft_lines()),
                NoFrustumCulling,
                NotShadowCaster,
            ))
            .id()
    };
    vehicles.mark = Some((key, entity));
    awake.0 = awake.0.max(1);
}

fn mark(
    movement: &Movement,
    time_s: f64,
    picker: &Picker,
    pick: TrafficPick,
    scale: f32,
) -> LineData {
    let mut lines = LineData::default();
    let height = |x: f32, y: f32| picker.ground_height(x, y).unwrap_or(0.0);
    match pick {
        TrafficPick::Vehicle(number) => {
            let vehicle = movement.vehicles.get(number as usize);
            let Some((vehicle, (middle, heading))) = vehicle.zip(movement.place_of(number, time_s))
            else {
                return lines;
            };
            let [x, y] = middle;
            let at = [x, y, height(x, y)];
            let half = vehicle.size_m.map(|size| 0.5 * size + 0.25);
            let top = height_m(vehicle.look) + 0.25;
            add_box(&mut lines, at, heading, half, top);
            add_flag(&mut lines, [x, y, at[2] + top], FLAG_M - top);
            add_ring(&mut lines, at, RING_M.max(0.6 * vehicle.size_m[0]));
        }
        TrafficPick::Signal(number) => {
            // Posts stand at stop lines alone.
            let heads = movement.heads.iter();
            let heads = heads.filter(|head| head.signal == number && head.crossing_m <= 0.0);
            for head in heads {
                let (sin, cos) = head.heading.sin_cos();
                let [x, y] = head.place;
                let [x, y] = [x + POST_ASIDE_M * sin, y - POST_ASIDE_M * cos];
                let at = [x, y, height(x, y)];
                add_ring(&mut lines, at, 1.6);
                add_flag(&mut lines, [x, y, at[2] + 3.7], FLAG_M - 3.7);
            }
        }
        TrafficPick::Street(number) => {
            let Some(street) = movement.roads.streets.get(number as usize) else {
                return lines;
            };
            let corner = movement.corner.map(|value| value as f32);
            let lanes = street.lanes.start as usize..street.lanes.end as usize;
            let lanes = &movement.roads.lanes[lanes];
            let (Some(right), Some(left)) = (lanes.first(), lanes.last()) else {
                return lines;
            };
            let mut ring = beside(&right.points, 0.5 * right.width_m);
            ring.extend(beside(&left.points, -0.5 * left.width_m).into_iter().rev());
            ring.extend(ring.first().copied());
            let lifted = |p: [f32; 2]| {
                let [x, y] = [p[0] + corner[0], p[1] + corner[1]];
                bevy_from_map_array([x, y, height(x, y) + 0.3])
            };
            let ring: Vec<Vec3> = ring.into_iter().map(lifted).collect();
            lines.segments.extend(ring.windows(2).map(|w| [w[0], w[1]]));
        }
        TrafficPick::Request(_) | TrafficPick::Stop(_) => {
            let all = marks(movement, time_s, scale, picker, |_| true);
            if let Some(mark) = all.iter().find(|mark| mark.pick == pick) {
                let [x, y, z] = mark.head();
                let half = 1.3 * HEAD_M * scale;
                add_box(&mut lines, [x, y, z - half], 0.0, [half; 2], 2.0 * half);
                add_flag(&mut lines, [x, y, z + half], 0.5 * FLAG_M * scale);
                add_ring(&mut lines, mark.foot, 3.0 * scale);
            } else if let TrafficPick::Request(number) = pick {
                // Not yet, or no longer on the map: the place tells where it was asked or where it ended.
                let Some([x, y]) = movement.wish_place(number, time_s) else {
                    return lines;
                };
                let at = [x, y, picker.top_height(x, y).unwrap_or(0.0)];
                add_ring(&mut lines, at, 3.0 * scale);
                add_flag(&mut lines, at, FLAG_M);
            }
        }
    }
    lines
}

/// Edges of an upright box on the ground.
fn add_box(lines: &mut LineData, at: [f32; 3], heading: f32, half: [f32; 2], top: f32) {
    let (sin, cos) = heading.sin_cos();
    let corner = |forward: f32, left: f32, up: f32| {
        bevy_from_map_array([
            at[0] + forward * cos - left * sin,
            at[1] + forward * sin + left * cos,
            at[2] + up,
        ])
    };
    let ring = [
        (half[0], half[1]),
        (-half[0], half[1]),
        (-half[0], -half[1]),
        (half[0], -half[1]),
    ];
    for i in 0..4 {
        let ((x0, y0), (x1, y1)) = (ring[i], ring[(i + 1) % 4]);
        for up in [0.15, top] {
            lines
                .segments
                .push([corner(x0, y0, up), corner(x1, y1, up)]);
        }
        lines
            .segments
            .push([corner(x0, y0, 0.15), corner(x0, y0, top)]);
    }
}

/// A line upwards that ends in a small arrow down.
fn add_flag(lines: &mut LineData, foot: [f32; 3], height: f32) {
    let foot = bevy_from_map_array(foot);
    lines.segments.push([foot, foot + Vec3::Y * height]);
    for side in [Vec3::X, Vec3::NEG_X, Vec3::Z, Vec3::NEG_Z] {
        let barb = foot + Vec3::Y * 2.0 + 0.8 * side;
        lines.segments.push([foot, barb]);
    }
}

/// A circle on the ground.
fn add_ring(lines: &mut LineData, at: [f32; 3], radius: f32) {
    const STEPS: usize = 32;
    let point = |i: usize| {
        let (sin, cos) = (i as f32 / STEPS as f32 * std::f32::consts::TAU).sin_cos();
        bevy_from_map_array([at[0] + radius * cos, at[1] + radius * sin, at[2] + 0.2])
    };
    lines
        .segments
        .extend((0..STEPS).map(|i| [point(i), point(i + 1)]));
}

/// Lets the view go with the selected vehicle.
pub fn follow(desktop: Res<Desktop>, scene: Res<Scene>, mut rig: ResMut<Rig>) {
    let (true, Some(TrafficPick::Vehicle(number))) = (desktop.ui.follow, desktop.ui.traffic) else {
        return;
    };
    let place = desktop
        .movement()
        .and_then(|movement| movement.place_of(number, desktop.ui.event.time_s));
    let (Some(([x, y], _)), Some(picker)) = (place, &scene.picker) else {
        return;
    };
    let z = picker.ground_height(x, y).unwrap_or(0.0);
    let focus = bevy_from_map_array([x, y, z]);
    if rig.target.focus.distance(focus) > 0.05 {
        rig.target.focus = focus;
    }
}

/// Names over near buses and stops, where no house stands before them.
pub fn label_traffic(
    mut desktop: ResMut<Desktop>,
    scene: Res<Scene>,
    rig: Res<Rig>,
    space: Res<PanelSpace>,
) {
    let labels = match (desktop.movement(), &scene.picker) {
        (Some(movement), Some(picker)) => labels(movement, &desktop, picker, &rig, &space),
        _ => Vec::new(),
    };
    if desktop.ui.map_labels != labels {
        desktop.ui.map_labels = labels;
    }
}

fn labels(
    movement: &Movement,
    desktop: &Desktop,
    picker: &Picker,
    rig: &Rig,
    space: &PanelSpace,
) -> Vec<MapLabel> {
    let eye = rig.view.eye();
    let chosen = desktop.ui.traffic;
    let corner = movement.corner.map(|value| value as f32);
    let free = space.free;
    // Distance from the eye, place on screen; nothing where it cannot be seen.
    let placed = |map: [f32; 3], hides: bool| -> Option<(f32, [f32; 2])> {
        let point = bevy_from_map_array(map);
        let ndc = rig.view.project(point, rig.aspect)?;
        if ndc.x.abs() > 1.0 || ndc.y.abs() > 1.0 {
            return None;
        }
        let distance = point.distance(eye);
        if hides && !rig.view.plan {
            let origin = map_from_bevy(eye);
            let direction = map_from_bevy((point - eye) / distance.max(1e-3));
            let house = picker
                .buildings
                .nearest_hit(origin, direction, distance, |_| false);
            if house.is_some() {
                return None;
            }
        }
        let at = [
            free.min.x + 0.5 * (ndc.x + 1.0) * free.width(),
            free.min.y + 0.5 * (1.0 - ndc.y) * free.height(),
        ];
        Some((distance, at))
    };
    let seen = |map: [f32; 3]| placed(map, true);
    // In plan view the height of the picture stands for the distance.
    let near = |map: [f32; 3], limit: f32| {
        let distance = if rig.view.plan {
            rig.view.height_m()
        } else {
            bevy_from_map_array(map).distance(eye)
        };
        distance < limit
    };
    let mut found: Vec<(f32, MapLabel)> = Vec::new();
    for (number, middle, ..) in movement.at(desktop.ui.event.time_s) {
        let Some(vehicle) = movement.vehicles.get(number as usize) else {
            continue;
        };
        let is_chosen = chosen == Some(TrafficPick::Vehicle(number));
        if vehicle.line.is_empty() {
            continue;
        }
        let [x, y] = [middle[0] + corner[0], middle[1] + corner[1]];
        let flat = [x, y, map_from_bevy(rig.view.focus)[2]];
        if !is_chosen && !near(flat, NUMBERS_M) {
            continue;
        }
        let z = picker.ground_height(x, y).unwrap_or(0.0);
        let Some((distance, at)) = seen([x, y, z + height_m(vehicle.look) + 0.6]) else {
            continue;
        };
        let label = MapLabel {
            at,
            text: vehicle.line.clone(),
            colour: line_color(line_place(movement, &vehicle.line)),
            chosen: is_chosen,
        };
        found.push((if is_chosen { 0.0 } else { distance }, label));
    }
    found.extend(
        shuttle_labels(movement, desktop, picker, rig).filter_map(|(place, label)| {
            // As its mark, the name lies over the houses.
            let (distance, at) = placed(place, false)?;
            Some((distance.min(1.0), MapLabel { at, ..label }))
        }),
    );
    for stop in &movement.roads.stops {
        let Some(place) = stop.line.first() else {
            continue;
        };
        let [x, y] = [place[0] + corner[0], place[1] + corner[1]];
        let flat = [x, y, map_from_bevy(rig.view.focus)[2]];
        if !near(flat, STOPS_M) {
            continue;
        }
        let z = picker.ground_height(x, y).unwrap_or(0.0);
        if let Some((distance, at)) = seen([x, y, z + 0.5]) {
            let label = MapLabel {
                at,
                text: format!("H {}", stop.name),
                colour: [0xff, 0xf3, 0xc4],
                chosen: false,
            };
            found.push((distance + NUMBERS_M, label));
        }
    }
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found.truncate(MOST_LABELS);
    // Near ones lie above.
    found.into_iter().rev().map(|(_, label)| label).collect()
}

/// Names of what the pointer is over and of what is selected among shuttles, requests and stops, each with its place (map space).
fn shuttle_labels<'a>(
    movement: &'a Movement,
    desktop: &'a Desktop,
    picker: &'a Picker,
    rig: &Rig,
) -> impl Iterator<Item = ([f32; 3], MapLabel)> + use<'a> {
    let (time_s, scale) = (desktop.ui.event.time_s, scale(&rig.view));
    let chosen = desktop.ui.traffic;
    let hover = desktop.ui.hover.as_ref().and_then(|hover| hover.traffic);
    let hover = hover.filter(|hover| Some(*hover) != chosen);
    let picks = [chosen, hover].into_iter().flatten();
    let picks = picks.filter(|_| movement.is_of_shuttles());
    picks.filter_map(move |pick| {
        let (place, colour) = match pick {
            TrafficPick::Vehicle(number) => {
                let ([x, y], _) = movement.place_of(number, time_s)?;
                let top = height_m(VehicleLook::Bus) + 0.6;
                let z = picker.ground_height(x, y).unwrap_or(0.0);
                ([x, y, z + top], line_color(0))
            }
            TrafficPick::Request(_) | TrafficPick::Stop(_) => {
                let all = marks(movement, time_s, scale, picker, |_| true);
                let mark = all.into_iter().find(|mark| mark.pick == pick)?;
                let [x, y, z] = mark.head();
                let colour = match mark.look {
                    MarkLook::Wish(state) => wish_colour(state),
                    MarkLook::Stop => STOP,
                };
                ([x, y, z + 1.5 * HEAD_M * scale], colour)
            }
            TrafficPick::Signal(_) | TrafficPick::Street(_) => return None,
        };
        let label = MapLabel {
            at: [0.0; 2],
            text: pick_name(movement, pick, texts(desktop.ui.language))?,
            colour,
            chosen: Some(pick) == chosen,
        };
        Some((place, label))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_closed_but_for_its_floor_and_its_faces_look_out() {
        let mut mesh = MeshData::default();
        add_block(
            &mut mesh,
            [10.0, 5.0, 1.0],
            0.7,
            [-2.0, 2.0],
            1.8,
            [0.2, 1.5],
            DRIVES,
        );
        assert_eq!(mesh.indices.len(), 5 * 6);
        let middle = bevy_from_map_array([10.0, 5.0, 1.85]);
        for (position, normal) in mesh.positions.iter().zip(&mesh.normals) {
            let out = Vec3::from(*position) - middle;
            assert!(out.dot(Vec3::from(*normal)) > 0.0, "a face looks in");
        }
    }

    #[test]
    fn an_instance_lies_where_its_block_would() {
        // A car of 4 x 2 m that drives to the north-west, as a scaled and turned unit body and as a block made in place.
        let (at, heading) = ([30.0, -20.0, 3.0], 2.3_f32);
        let mut block = MeshData::default();
        add_block(
            &mut block,
            at,
            heading,
            [-2.0, 2.0],
            2.0,
            [0.25, 0.85],
            DRIVES,
        );
        let unit = shape_mesh(Shape::Vehicle(VehicleLook::Car as u8, 0, false));
        let place = Transform {
            translation: bevy_from_map_array(at),
            rotation: Quat::from_rotation_y(heading),
            scale: Vec3::new(4.0, 1.0, 2.0),
        };
        for (unit, block) in unit.positions.iter().zip(&block.positions) {
            let moved = place.transform_point(Vec3::from(*unit));
            assert!(moved.distance(Vec3::from(*block)) < 1e-4);
        }
    }

    #[test]
    fn every_look_and_aspect_has_a_body_of_its_own() {
        let looks = [
            VehicleLook::Car,
            VehicleLook::Bus,
            VehicleLook::Lorry,
            VehicleLook::TwoWheeler,
        ];
        let shapes = looks.map(|look| Shape::Vehicle(look as u8, 1, false));
        let heads = [Shows::Dark, Shows::Red, Shows::Amber, Shows::Green]
            .map(|shows| Shape::Head(shows as u8));
        let stands = Shape::Vehicle(VehicleLook::Car as u8, 1, true);
        let all: Vec<MeshData> = shapes
            .into_iter()
            .chain(heads)
            .chain([stands])
            .map(shape_mesh)
            .collect();
        for (i, a) in all.iter().enumerate() {
            assert!(!a.is_empty());
            assert!(all[..i].iter().all(|b| a != b), "{i}");
        }
    }
}
