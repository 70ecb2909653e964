//! Moving traffic: vehicles as simple bodies and signals at their stop lines, at the time of the event clock. One mesh, made anew when
//! the time changes.

use std::sync::Arc;

use bevy::camera::visibility::NoFrustumCulling;
use bevy::light::NotShadowCaster;
use bevy::math::Vec3;
use bevy::prelude::*;

use crate::result::movement::{Movement, MovingVehicle, Shows, VehicleLook};
use crate::ui::moment::TRAFFIC_NOW;

use super::app::Awake;
use super::desktop::Desktop;
use super::pick::Picker;
use super::pointer::Scene;
use super::scene::draw::Palette;
use super::scene::mesh_data::MeshData;
use super::space::bevy_from_map_array;

/// Colours (linear) and openness: driving, standing, bus, glass, and what heads show.
const DRIVES: [f32; 4] = [0.50, 0.52, 0.55, 1.0];
const STANDS: [f32; 4] = [0.75, 0.22, 0.03, 1.0];
const BUS: [f32; 4] = [0.03, 0.14, 0.60, 1.0];
const GLASS: [f32; 4] = [0.10, 0.12, 0.15, 1.0];
const POST: [f32; 4] = [0.10, 0.10, 0.11, 1.0];
const DARK: [f32; 4] = [0.20, 0.20, 0.20, 1.0];
const RED: [f32; 4] = [0.85, 0.02, 0.02, 1.0];
const AMBER: [f32; 4] = [0.95, 0.50, 0.0, 1.0];
const GREEN: [f32; 4] = [0.02, 0.62, 0.16, 1.0];

/// Slower than this (m/s) a vehicle is drawn as standing.
const STANDING_M_S: f32 = 0.5;

/// What of the traffic is on screen.
#[derive(Resource, Default)]
pub struct Vehicles {
    entity: Option<Entity>,
    shown: Option<(usize, u64, usize)>,
}

impl Desktop {
    /// Vehicles and signals over time, when they are what the window shows.
    pub fn movement(&self) -> Option<&Arc<Movement>> {
        if self.ui.field.as_deref() != Some(TRAFFIC_NOW) {
            return None;
        }
        self.ui.movement()
    }
}

/// Draws the traffic of the moment when it changed, and takes it away when it is no longer shown.
pub fn draw_traffic(
    desktop: Res<Desktop>,
    scene: Res<Scene>,
    palette: Res<Palette>,
    mut vehicles: ResMut<Vehicles>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut commands: Commands,
    mut awake: ResMut<Awake>,
) {
    let Some((movement, ground)) = desktop.movement().zip(scene.picker.as_ref()) else {
        if let Some(entity) = vehicles.entity.take() {
            commands.entity(entity).despawn();
            awake.0 = awake.0.max(2);
        }
        vehicles.shown = None;
        return;
    };
    let time_s = desktop.ui.event.time_s;
    let key = (
        Arc::as_ptr(movement).addr(),
        time_s.to_bits(),
        ground.ground_mark(),
    );
    if vehicles.shown == Some(key) {
        return;
    }
    vehicles.shown = Some(key);
    if let Some(entity) = vehicles.entity.take() {
        commands.entity(entity).despawn();
    }
    let data = traffic_mesh(movement, time_s, ground);
    if !data.is_empty() {
        let entity = commands.spawn((
            Mesh3d(meshes.add(data.to_mesh())),
            MeshMaterial3d(palette.clay()),
            NoFrustumCulling,
            NotShadowCaster,
        ));
        vehicles.entity = Some(entity.id());
    }
    awake.0 = awake.0.max(2);
}

/// Bodies of all vehicles and heads at a time.
fn traffic_mesh(movement: &Movement, time_s: f64, ground: &Picker) -> MeshData {
    let mut mesh = MeshData::default();
    let corner = movement.corner.map(|value| value as f32);
    let height = |x: f32, y: f32| ground.ground_height(x, y).unwrap_or(0.0);
    for (number, middle, heading, speed, _) in movement.at(time_s) {
        let Some(vehicle) = movement.vehicles.get(number as usize) else {
            continue;
        };
        let [x, y] = [middle[0] + corner[0], middle[1] + corner[1]];
        add_vehicle(&mut mesh, vehicle, [x, y, height(x, y)], heading, speed);
    }
    for (head, shows) in movement.heads.iter().zip(movement.shows_at(time_s)) {
        let [x, y] = head.place;
        add_head(&mut mesh, [x, y, height(x, y)], head.heading, *shows);
    }
    mesh
}

fn add_vehicle(
    mesh: &mut MeshData,
    vehicle: &MovingVehicle,
    at: [f32; 3],
    heading: f32,
    speed: f32,
) {
    let [length, width] = vehicle.size_m;
    let paint = if speed < STANDING_M_S { STANDS } else { DRIVES };
    let mut block = |from: f32, to: f32, low: f32, high: f32, wide: f32, color| {
        add_block(
            mesh,
            at,
            heading,
            [from * length, to * length],
            wide * width,
            [low, high],
            color,
        );
    };
    match vehicle.look {
        VehicleLook::Car => {
            block(-0.5, 0.5, 0.25, 0.85, 1.0, paint);
            block(-0.36, 0.20, 0.85, 1.45, 0.88, GLASS);
        }
        VehicleLook::Bus | VehicleLook::Rail => {
            block(-0.5, 0.5, 0.30, 1.50, 1.0, BUS);
            block(-0.495, 0.495, 1.50, 2.30, 0.98, GLASS);
            block(-0.5, 0.5, 2.30, 3.00, 1.0, BUS);
        }
        VehicleLook::Lorry => {
            block(0.30, 0.5, 0.40, 2.40, 0.95, paint);
            block(-0.5, 0.27, 0.60, 3.20, 1.0, paint);
        }
        VehicleLook::TwoWheeler => block(-0.5, 0.5, 0.20, 1.30, 0.6, paint),
    }
}

/// A stop line in the colour of its head, and the head on a post at its right end.
fn add_head(mesh: &mut MeshData, at: [f32; 3], heading: f32, shows: Shows) {
    let color = match shows {
        Shows::Dark => DARK,
        Shows::Red => RED,
        Shows::RedAmber | Shows::Amber => AMBER,
        Shows::Green => GREEN,
    };
    add_block(mesh, at, heading, [-0.9, -0.1], 2.8, [0.02, 0.14], color);
    let right = [heading.sin() * 1.8, -heading.cos() * 1.8];
    let foot = [at[0] + right[0], at[1] + right[1], at[2]];
    add_block(mesh, foot, heading, [-0.08, 0.08], 0.16, [0.0, 2.6], POST);
    add_block(mesh, foot, heading, [-0.25, 0.15], 0.5, [2.6, 3.6], color);
}

/// A block without a floor: `along` from rear to front (m), across `width` (m), `up` from below to above (m over `at`).
fn add_block(
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
}
