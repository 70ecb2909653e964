//! The window and its panels: title, dropped files, time that plays, closing.

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::window::{FileDragAndDrop, PrimaryWindow, WindowCloseRequested};
use bevy_egui::EguiContexts;

use crate::ui;
use crate::ui::action::Action;
use crate::view::desktop::Desktop;
use crate::view::pointer::PanelSpace;

use super::wake::Awake;

/// Minutes of the day that pass in a second while time runs.
const PLAY_MIN_PER_S: f32 = 40.0;

/// A file or folder dropped into the window is opened.
pub(super) fn open_dropped(
    mut dropped: MessageReader<FileDragAndDrop>,
    mut desktop: ResMut<Desktop>,
) {
    for event in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event {
            desktop.apply(Action::Open(path_buf.clone()));
        }
    }
}

/// The title names the scenario, with a mark while it is not saved.
pub(super) fn title(desktop: Res<Desktop>, mut window: Single<&mut Window, With<PrimaryWindow>>) {
    let wanted = match desktop.scenario() {
        Some(scenario) => {
            let mark = if desktop.ui.unsaved { "*" } else { "" };
            format!("{mark}{} – Planspiel", scenario.scenario.name)
        }
        None => "Planspiel".to_owned(),
    };
    if window.title != wanted {
        window.title = wanted;
    }
}

pub(super) fn play(mut desktop: ResMut<Desktop>, time: Res<Time<Real>>, mut awake: ResMut<Awake>) {
    if desktop.ui.playing {
        let step = time.delta_secs().min(0.25) * PLAY_MIN_PER_S;
        let minute = (desktop.ui.minute + step).rem_euclid(1440.0);
        desktop.apply(Action::SetMinute(minute));
        awake.0 = awake.0.max(1);
    }
}

/// Draws the panels and applies what they ask for.
pub(super) fn panels(
    mut contexts: EguiContexts,
    mut desktop: ResMut<Desktop>,
    mut space: ResMut<PanelSpace>,
    mut awake: ResMut<Awake>,
) -> Result {
    let ctx = contexts.ctx_mut()?;
    desktop.ui.refresh();
    let drawn = ui::draw(ctx, &desktop.ui);
    if space.free != drawn.free {
        space.free = drawn.free;
        awake.0 = awake.0.max(1);
    }
    space.pointer = drawn.pointer_taken;
    space.keyboard = drawn.keyboard_taken;
    if !drawn.actions.is_empty() {
        awake.0 = awake.0.max(2);
    }
    for action in drawn.actions {
        desktop.apply(action);
    }
    Ok(())
}

pub(super) fn leave(
    mut desktop: ResMut<Desktop>,
    mut closing: MessageReader<WindowCloseRequested>,
    mut awake: ResMut<Awake>,
    mut exit: MessageWriter<AppExit>,
) {
    if closing.read().next().is_some() {
        desktop.apply(Action::Quit);
        awake.0 = awake.0.max(2);
    }
    if desktop.quit {
        desktop.shutdown();
        exit.write(AppExit::Success);
    }
}
