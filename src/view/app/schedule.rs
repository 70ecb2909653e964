//! Which systems run in a frame, in which order.

use bevy::asset::AssetEventSystems;
use bevy::prelude::*;
use bevy_egui::{EguiInputSet, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass};

use crate::view::scene::draw;
use crate::view::screenshot::{self, Shoot};
use crate::view::{arrows, pointer, sketch, traffic, traffic_ground, water, wind};

use super::cameras::{camera_requests, glide, place_camera, spawn_cameras};
use super::keys::mend_keys;
use super::light::{fit_shadows, light, rest_shadows};
use super::picture::{
    ask_for_paint, ask_for_scene, choose_quality, progress, take_paint, take_scene, tell_answers,
};
use super::run::first_wishes;
use super::wake::{absorb, show_new_glyphs, stay_awake};
use super::window::{leave, open_dropped, panels, play, title};

/// Order of the systems in a frame.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
enum Frame {
    /// Snapshots, answers of threads, pointer.
    Input,
    /// Camera and time.
    Edit,
    /// Entities and light.
    Present,
}

pub(super) fn add_systems(app: &mut App) {
    app.configure_sets(Update, (Frame::Input, Frame::Edit, Frame::Present).chain());
    app.add_systems(
        Startup,
        (choose_quality, draw::setup, spawn_cameras).chain(),
    );
    app.add_systems(
        PreUpdate,
        mend_keys
            .after(EguiInputSet::WriteEguiEvents)
            .before(EguiPreUpdateSet::BeginPass),
    );
    app.add_systems(
        Update,
        (
            (
                absorb,
                open_dropped,
                first_wishes,
                pointer::mouse,
                pointer::touch,
            )
                .chain()
                .in_set(Frame::Input),
            (
                play,
                water::play_event,
                camera_requests,
                traffic::follow,
                glide,
            )
                .chain()
                .in_set(Frame::Edit),
            (
                ask_for_scene,
                take_scene,
                (
                    ask_for_paint,
                    take_paint,
                    water::ask_for_water,
                    water::take_water,
                    (
                        traffic::draw_traffic,
                        traffic::mark_selected,
                        traffic_ground::draw_roads,
                    )
                        .chain(),
                    wind::ask_for_wind,
                    wind::take_wind,
                    arrows::dress,
                )
                    .chain(),
                draw::show_layers,
                draw::outline_selection,
                (draw::place_ghost, sketch::draw_sketch).chain(),
                light,
                rest_shadows,
                place_camera,
                fit_shadows,
                title,
                (traffic::label_traffic, progress, tell_answers).chain(),
            )
                .chain()
                .in_set(Frame::Present),
            screenshot::advance
                .run_if(resource_exists::<Shoot>)
                .after(Frame::Present),
            stay_awake.after(Frame::Present),
            leave.after(Frame::Present),
        ),
    );
    app.add_systems(EguiPrimaryContextPass, panels);
    // bevy_egui writes new glyphs into its texture at a moment of its own; the renderer hears of it in the same frame only if
    // that is before the events of assets are sent.
    app.configure_sets(
        PostUpdate,
        EguiPostUpdateSet::PostProcessOutput.before(AssetEventSystems),
    );
    app.add_systems(
        PostUpdate,
        show_new_glyphs
            .after(EguiPostUpdateSet::ProcessOutput)
            .before(EguiPostUpdateSet::PostProcessOutput),
    );
}
