//! Sun, sky and shadows.

use bevy::light::CascadeShadowConfig;
use bevy::math::Vec3;
use bevy::prelude::*;

use crate::view::camera::View;
use crate::view::desktop::Desktop;
use crate::view::materials::{ClayMaterial, GroundMaterial, SkyMaterial};
use crate::view::pointer::Rig;
use crate::view::scene::draw::{self, Drawn, Palette};
use crate::view::space::bevy_from_map_direction;
use crate::view::sun_light::scene_light;

use super::picture::PictureQuality;
use super::wake::Awake;

/// Without a graphics card shadows cost half of a frame: they rest while something moves, and come back at once.
pub(super) fn rest_shadows(
    desktop: Res<Desktop>,
    rig: Res<Rig>,
    quality: Res<PictureQuality>,
    mut awake: ResMut<Awake>,
    mut suns: Query<&mut DirectionalLight>,
) {
    let moves = desktop.preview.as_ref().is_some_and(|p| p.dragging)
        || desktop.ui.playing
        || desktop.ui.event.playing
        || rig.view != rig.target;
    for mut sun in &mut suns {
        let wanted = !(quality.software && moves);
        if sun.shadow_maps_enabled != wanted {
            sun.shadow_maps_enabled = wanted;
            awake.0 = awake.0.max(2);
        }
    }
}

/// Sun, sky and the colours of all materials.
pub(super) fn light(
    desktop: Res<Desktop>,
    drawn: Res<Drawn>,
    palette: Res<Palette>,
    mut clays: ResMut<Assets<ClayMaterial>>,
    mut grounds: ResMut<Assets<GroundMaterial>>,
    mut skies: ResMut<Assets<SkyMaterial>>,
    mut suns: Query<(&mut Transform, &mut Visibility), With<DirectionalLight>>,
    mut last: Local<Option<(crate::view::materials::SceneLight, u32, Vec3)>>,
) {
    let (direction, elevation) = desktop.sun().unwrap_or(([0.4, -0.5, 0.76], 40.0));
    let direction = bevy_from_map_direction(direction.into()).normalize_or(Vec3::Y);
    let month = desktop
        .ui
        .date
        .get(5..7)
        .and_then(|m| m.parse().ok())
        .unwrap_or(6);
    let light = scene_light(elevation as f32, 7.0 * drawn.radius_m.max(150.0));
    if last.is_some_and(|l| l == (light, month, direction)) {
        return;
    }
    *last = Some((light, month, direction));
    draw::light_materials(light, month, &palette, &mut clays, &mut grounds, &mut skies);
    for (mut transform, mut visibility) in &mut suns {
        *transform = Transform::default().looking_to(-direction, Vec3::Y);
        *visibility = if light.sun.w > 0.5 {
            Visibility::Visible
        } else {
            Visibility::Hidden
        };
    }
}

/// Sizes the shadow cascades to what is in view.
pub(super) fn fit_shadows(
    rig: Res<Rig>,
    drawn: Res<Drawn>,
    quality: Res<PictureQuality>,
    mut lights: Query<&mut CascadeShadowConfig>,
) {
    let bounds = shadow_bounds(
        &rig.view,
        drawn.radius_m.max(100.0),
        if quality.software { 2 } else { 4 },
    );
    for mut config in &mut lights {
        if config.minimum_distance != bounds[0] || config.bounds != bounds[1..] {
            config.minimum_distance = bounds[0];
            config.bounds = bounds[1..].to_vec();
        }
    }
}

/// Distances (m) from the eye: nearest ground in view, then the far end of each cascade.
fn shadow_bounds(view: &View, radius_m: f32, cascades: usize) -> Vec<f32> {
    if view.plan {
        return vec![(view.distance - 400.0).max(0.0), view.distance + 400.0];
    }
    let half = 0.5 * crate::view::camera::FIELD_OF_VIEW;
    let height = view.distance * view.pitch.sin();
    // Roofs reach above the ground that the lower edge of the picture shows.
    let near = 0.6 * height / (view.pitch + half).sin().max(0.05);
    let near = if view.pitch + half < std::f32::consts::FRAC_PI_2 {
        near * half.cos()
    } else {
        0.6 * height
    };
    let far = (view.distance + 1.6 * radius_m).min(height / (view.pitch - half).sin().max(0.02));
    let far = far.max(1.5 * view.distance).max(near * 1.5);
    let near = near.clamp(0.5, 0.8 * far);
    let growth = (far / near).powf(1.0 / cascades as f32);
    (0..=cascades)
        .map(|i| near * growth.powi(i as i32))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shadows_cover_the_ground_in_view_without_waste() {
        let view = View {
            focus: Vec3::ZERO,
            yaw: 0.0,
            pitch: 0.5,
            distance: 800.0,
            plan: false,
        };
        let bounds = shadow_bounds(&view, 700.0, 3);
        assert_eq!(bounds.len(), 4);
        assert!(bounds.windows(2).all(|w| w[0] < w[1]));
        // The focus is covered, and the empty air before the eye is not.
        assert!(bounds[0] > 150.0 && bounds[3] > 1200.0, "{bounds:?}");
        let street = View {
            pitch: 0.05,
            distance: 30.0,
            ..view
        };
        assert!(shadow_bounds(&street, 700.0, 3)[0] < 1.0 + 0.05 * 30.0);
    }
}
