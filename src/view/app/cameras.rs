//! Cameras and where they look.

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, ClearColorConfig, Viewport};
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::light::cluster::ClusterConfig;
use bevy::light::{CascadeShadowConfig, ShadowFilteringMethod};
use bevy::math::{UVec2, Vec3};
use bevy::prelude::*;
use bevy::render::render_resource::BlendState;
use bevy::window::PrimaryWindow;
use bevy_egui::{EguiGlobalSettings, PrimaryEguiContext, egui};

use crate::ui::action::CameraMove;
use crate::view::camera::View;
use crate::view::desktop::Desktop;
use crate::view::pointer::{PanelSpace, Rig, Scene};
use crate::view::scene::draw::Drawn;
use crate::view::screenshot::Shoot;
use crate::view::space::{bevy_from_map, bevy_from_map_array};

use super::picture::PictureQuality;
use super::wake::Awake;

/// The camera that draws the city.
#[derive(Component)]
pub(super) struct CityCamera;

pub(super) fn spawn_cameras(
    mut commands: Commands,
    quality: Res<PictureQuality>,
    mut egui_settings: ResMut<EguiGlobalSettings>,
) {
    egui_settings.auto_create_primary_context = false;
    commands.spawn((
        CityCamera,
        Camera3d::default(),
        Camera {
            clear_color: ClearColorConfig::Custom(Color::srgb(0.93, 0.935, 0.94)),
            ..Camera::default()
        },
        if quality.software {
            Msaa::Off
        } else {
            Msaa::Sample4
        },
        if quality.software {
            ShadowFilteringMethod::Hardware2x2
        } else {
            ShadowFilteringMethod::Gaussian
        },
        Tonemapping::None,
        DebandDither::Disabled,
        ClusterConfig::Single,
        View::default().projection(10_000.0),
    ));
    commands.spawn((
        DirectionalLight {
            shadow_maps_enabled: true,
            shadow_depth_bias: 0.05,
            shadow_normal_bias: 1.2,
            ..DirectionalLight::default()
        },
        CascadeShadowConfig {
            bounds: vec![1000.0],
            overlap_proportion: 0.1,
            minimum_distance: 1.0,
        },
    ));
    commands.spawn((
        PrimaryEguiContext,
        Camera2d,
        RenderLayers::none(),
        Msaa::Off,
        Camera {
            order: 1,
            output_mode: CameraOutputMode::Write {
                blend_state: Some(BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                clear_color: ClearColorConfig::None,
            },
            clear_color: ClearColorConfig::Custom(Color::NONE),
            ..Camera::default()
        },
    ));
}

pub(super) fn camera_requests(
    mut desktop: ResMut<Desktop>,
    mut rig: ResMut<Rig>,
    ground: Res<Scene>,
) {
    while let Some(request) = desktop.camera.pop_front() {
        // Whoever moves the view away does not want to go along any more.
        if !matches!(
            request,
            CameraMove::Orbit(_) | CameraMove::Zoom(_) | CameraMove::Focus
        ) {
            desktop.ui.follow = false;
        }
        let aspect = rig.aspect.max(0.2);
        match request {
            CameraMove::Home => {
                if let Some((centre, radius)) = desktop.composition() {
                    rig.target = View::composed(centre, radius, aspect);
                }
            }
            CameraMove::Focus if desktop.ui.traffic.is_some() => {
                if let Some(([x, y], distance)) = desktop.traffic_place() {
                    let z = ground.picker.as_ref().and_then(|p| p.ground_height(x, y));
                    rig.target.focus = bevy_from_map_array([x, y, z.unwrap_or(0.0)]);
                    rig.target.distance = distance;
                    rig.target.plan = false;
                    rig.target.pitch = rig.target.pitch.clamp(0.5, 0.9);
                }
            }
            CameraMove::Focus => {
                if let Some(building) = desktop.selected() {
                    let (lo, hi) = building.bounds();
                    rig.target.focus = bevy_from_map(nalgebra::center(&lo, &hi));
                    rig.target.distance = (3.2 * nalgebra::distance(&lo, &hi)) as f32;
                    rig.target.plan = false;
                    rig.target.pitch = rig.target.pitch.min(0.8);
                }
            }
            CameraMove::Look {
                place: [east, north],
                distance_m,
                azimuth_deg,
                above_deg,
            } => {
                if let Some(city) = desktop.city() {
                    let p = city.frame.local_from_crs([east, north, 0.0]);
                    let ground = city.terrain.as_ref().and_then(|t| t.height_at(p.x, p.y));
                    let focus = [p.x, p.y, ground.unwrap_or(0.0)].map(|v| v as f32);
                    rig.target = View {
                        focus: bevy_from_map_array(focus),
                        yaw: -azimuth_deg.to_radians() as f32,
                        pitch: above_deg.to_radians() as f32,
                        distance: distance_m as f32,
                        plan: false,
                    };
                }
            }
            other => rig.target.apply(other),
        }
    }
}

impl Desktop {
    /// Centre (Bevy space) and radius of the first view: the drafts of the variant with their surroundings, or the city.
    fn composition(&self) -> Option<(Vec3, f32)> {
        let city = self.city()?;
        let drafts: Vec<_> = city.buildings.iter().filter(|b| b.draft).collect();
        let all: Vec<_> = city.buildings.iter().collect();
        let (of, margin, share) = if drafts.is_empty() {
            (all, 40.0, 0.62)
        } else {
            (drafts, 130.0, 1.0)
        };
        let mut boxes = of.iter().map(|b| b.bounds());
        let first = boxes.next()?;
        let (lo, hi) = boxes.fold(first, |(lo, hi), (a, b)| (lo.inf(&a), hi.sup(&b)));
        let radius = 0.5 * share * (hi.x - lo.x).hypot(hi.y - lo.y) + margin;
        let mut centre = nalgebra::center(&lo, &hi);
        centre.z = lo.z + 0.25 * (hi.z - lo.z);
        Some((bevy_from_map(centre), radius as f32))
    }
}

pub(super) fn glide(
    mut rig: ResMut<Rig>,
    time: Res<Time<Real>>,
    mut awake: ResMut<Awake>,
    mut desktop: ResMut<Desktop>,
    shoot: Option<Res<Shoot>>,
    mut begun: Local<bool>,
) {
    let target = rig.target;
    if rig.view == target {
        return;
    }
    // The first view is there at once, and pictures need no glide.
    if shoot.is_some() || !std::mem::replace(&mut *begun, true) {
        rig.view = target;
    }
    if !rig.view.follow(&target, time.delta_secs()) {
        awake.0 = awake.0.max(1);
    }
    let focus = rig.target.focus;
    desktop.ui.view_centre = desktop.city().map(|city| {
        let p = city.frame.crs_from_local(nalgebra::Point3::new(
            f64::from(focus.x),
            f64::from(-focus.z),
            0.0,
        ));
        [p[0], p[1]]
    });
}

/// Moves the camera entity and fits it into the part of the window without panels.
pub(super) fn place_camera(
    window: Single<&Window, With<PrimaryWindow>>,
    space: Res<PanelSpace>,
    mut rig: ResMut<Rig>,
    drawn: Res<Drawn>,
    camera: Single<(&mut Camera, &mut Transform, &mut Projection), With<CityCamera>>,
) {
    let (mut camera, mut transform, mut projection) = camera.into_inner();
    let scale = window.scale_factor();
    let size = UVec2::new(window.physical_width(), window.physical_height());
    let free = space.free.intersect(egui::Rect::from_min_size(
        egui::Pos2::ZERO,
        egui::vec2(window.width(), window.height()),
    ));
    let at = UVec2::new((free.min.x * scale) as u32, (free.min.y * scale) as u32).min(size);
    let extent = UVec2::new(
        (free.width() * scale) as u32,
        (free.height() * scale) as u32,
    )
    .min(size - at);
    if extent.x < 8 || extent.y < 8 {
        // Folded to nothing: draw nowhere.
        camera.is_active = false;
        return;
    }
    camera.is_active = true;
    let viewport = Viewport {
        physical_position: at,
        physical_size: extent,
        ..Viewport::default()
    };
    let same = camera
        .viewport
        .as_ref()
        .is_some_and(|v| v.physical_position == at && v.physical_size == extent);
    if !same {
        camera.viewport = Some(viewport);
    }
    let aspect = extent.x as f32 / extent.y as f32;
    if rig.aspect != aspect {
        rig.aspect = aspect;
    }
    if *transform != rig.view.transform() {
        *transform = rig.view.transform();
        // The table around the model reaches 40 radii.
        *projection = rig
            .view
            .projection(rig.view.distance + 80.0 * drawn.radius_m.max(100.0));
    }
}
