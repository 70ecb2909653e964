//! Opens the window, fills its world, and returns when it is closed.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::error_handler::{ErrorType, RenderErrorHandler, RenderErrorPolicy};
use bevy::window::{ExitCondition, PresentMode, WindowResolution};
use bevy::winit::WinitSettings;
use bevy_egui::EguiPlugin;

use crate::sim::SimConfig;
use crate::ui::action::Action;
use crate::view::desktop::{Desktop, Unsaved, rescue};
use crate::view::paint::{PaintRequest, paint};
use crate::view::pointer::{PanelSpace, PointerState, Rig, Scene};
use crate::view::scene::{Builder, SceneRequest};
use crate::view::screenshot::{Shoot, ShotError, ShotOutcome};
use crate::view::worker::Worker;
use crate::view::{arrows, sketch, traffic, traffic_ground, water, wind};

use super::options::{CameraStart, DesktopError, DesktopOptions};
use super::picture::{DRAWN, SceneProgress, key_of};
use super::schedule::add_systems;
use super::wake::{Awake, IDLE_S, wake_for_news, wake_of};

/// Size of the window at first (points).
const FIRST_SIZE: [u32; 2] = [1360, 820];

/// Opens the window and returns when it is closed.
pub fn run_desktop(open: Option<PathBuf>, options: DesktopOptions) -> Result<(), DesktopError> {
    let display = ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    if cfg!(all(unix, not(target_os = "macos")))
        && display.iter().all(|v| std::env::var_os(v).is_none())
    {
        return Err(DesktopError::NoDisplay);
    }
    let outcome = ShotOutcome::default();
    let unsaved: OnceLock<Unsaved> = OnceLock::new();
    let run = std::panic::AssertUnwindSafe(|| {
        let mut app = App::new();
        build(&mut app, open, &options, outcome.clone());
        if let Some(desktop) = app.world().get_resource::<Desktop>() {
            let _ = unsaved.set(desktop.unsaved());
            rescue_on_signal(desktop.unsaved());
        }
        app.run()
    });
    let exit = std::panic::catch_unwind(run);
    // A regular end has asked about unsaved edits and left none.
    unsaved.get().into_iter().for_each(rescue);
    let exit = exit.map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        let text = text.unwrap_or_default();
        // Winit and wgpu report a missing display or adapter by a panic, before anything is drawn.
        if DRAWN.load(Ordering::Relaxed) {
            DesktopError::Bug(text)
        } else {
            DesktopError::Renderer(text)
        }
    })?;
    let shot = outcome
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .take();
    match (exit, shot) {
        (_, Some(Err(ShotError::NoResult(text)))) => Err(DesktopError::NoResult(text)),
        (_, Some(Err(ShotError::Failed(text)))) => Err(DesktopError::Screenshot(text)),
        (AppExit::Error(_), None) => Err(DesktopError::Renderer("see the log".to_owned())),
        _ => Ok(()),
    }
}

/// A program that is asked to end has no window in which it could ask about unsaved edits.
#[cfg(unix)]
fn rescue_on_signal(unsaved: Unsaved) {
    use signal_hook::consts::{SIGHUP, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGTERM]) else {
        return;
    };
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            rescue(&unsaved);
            std::process::exit(128 + signal);
        }
    };
    let name = "signals".to_owned();
    if let Err(error) = std::thread::Builder::new().name(name).spawn(wait) {
        bevy::log::warn!("signals are not heard: {error}");
    }
}

#[cfg(not(unix))]
fn rescue_on_signal(_: Unsaved) {}

fn build(app: &mut App, open: Option<PathBuf>, options: &DesktopOptions, outcome: ShotOutcome) {
    let [width, height] = options.size.unwrap_or(FIRST_SIZE);
    let window = Window {
        title: "Planspiel".to_owned(),
        resolution: WindowResolution::new(width, height),
        present_mode: PresentMode::AutoVsync,
        ..Window::default()
    };
    app.insert_resource(WinitSettings {
        focused_mode: bevy::winit::UpdateMode::reactive_low_power(Duration::from_secs(IDLE_S)),
        unfocused_mode: bevy::winit::UpdateMode::reactive_low_power(Duration::from_secs(IDLE_S)),
    });
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(window),
                exit_condition: ExitCondition::OnPrimaryClosed,
                // Unsaved edits are asked about first.
                close_when_requested: false,
                ..WindowPlugin::default()
            })
            // A frame that waits for a shader is better than one without the city: in reactive mode nobody asks for the next.
            .set(RenderPlugin {
                synchronous_pipeline_compilation: true,
                ..RenderPlugin::default()
            })
            .set(bevy::log::LogPlugin {
                level: bevy::log::Level::WARN,
                filter: "wgpu=error,naga=error,bevy_render=warn".to_owned(),
                ..bevy::log::LogPlugin::default()
            }),
    );
    app.add_plugins((EguiPlugin::default(), crate::view::materials::plugin));
    app.insert_resource(RenderErrorHandler(on_render_error));
    let sim = crate::sim::spawn_with(SimConfig {
        threads: None,
        data: options.data.clone(),
        behind_a_window: true,
    });
    let wake = wake_of(app);
    sim.on_change(wake_for_news(wake.clone()));
    let mut desktop = Desktop::new(sim);
    if let Some(language) = options.language {
        desktop.apply(Action::SetLanguage(language));
    }
    if let Some(theme) = options.theme {
        desktop.apply(Action::SetTheme(theme));
    }
    if options.arrows {
        desktop.apply(Action::ShowArrows(true));
    }
    if let Some(path) = open.clone() {
        desktop.apply(Action::Open(path));
    }
    let mut builder = Builder::default();
    app.insert_resource(desktop)
        .insert_resource(Worker::spawn(
            "scene",
            wake.clone(),
            move |r: SceneRequest| builder.build(&r),
        ))
        .insert_resource(Worker::spawn("paint", wake.clone(), |r: PaintRequest| {
            (key_of(&r), paint(&r))
        }))
        .insert_resource(outcome)
        .insert_resource(SceneProgress::begun_now())
        .init_resource::<Awake>()
        .init_resource::<Rig>()
        .init_resource::<Scene>()
        .init_resource::<PanelSpace>()
        .init_resource::<PointerState>();
    arrows::plugin(app);
    wind::plugin(app, wake.clone());
    traffic_ground::plugin(app, wake.clone());
    water::plugin(app, wake);
    app.init_resource::<traffic::Vehicles>();
    sketch::plugin(app);
    if let Some(path) = &options.screenshot {
        let mut shoot = Shoot::new(path.clone());
        shoot.field.clone_from(&options.field);
        shoot.difference = options.difference;
        shoot.variant = options.variant;
        shoot.select.clone_from(&options.select);
        shoot.moment_s = options.moment_s;
        shoot.minute = options.minute;
        shoot.date.clone_from(&options.date);
        shoot.camera = options.camera;
        shoot.empty = open.is_none();
        app.insert_resource(shoot);
    } else {
        app.insert_resource(FirstWishes(Some(options.clone())));
    }
    add_systems(app);
}

/// Options that wait for the first city.
#[derive(Resource, Default)]
pub(super) struct FirstWishes(Option<DesktopOptions>);

pub(super) fn first_wishes(wishes: Option<ResMut<FirstWishes>>, mut desktop: ResMut<Desktop>) {
    let Some(mut wishes) = wishes else { return };
    if desktop.city().is_none() {
        return;
    }
    if let Some(options) = wishes.0.take() {
        desktop.apply(Action::ShowVariant(options.variant));
        if let Some(date) = options.date {
            desktop.apply(Action::SetDate(date));
        }
        if let Some(minute) = options.minute {
            desktop.apply(Action::SetMinute(minute));
        }
        if let Some(id) = options.select {
            desktop.select_by_id(&id);
        }
        if options.camera != CameraStart::Home {
            desktop.apply(Action::Camera(options.camera.request()));
        }
        if options.field.is_some() {
            desktop.apply(Action::ShowField(options.field));
            desktop.apply(Action::ShowDifference(options.difference));
        }
    }
}

/// Recovers from a lost device; on any other error stops drawing. The simulation world goes on either way.
fn on_render_error(
    error: &bevy::render::error_handler::RenderError,
    main_world: &mut World,
    _render_world: &mut World,
) -> RenderErrorPolicy {
    if matches!(error.ty, ErrorType::DeviceLost) {
        bevy::log::warn!("the graphics device was lost; drawing starts again");
        return RenderErrorPolicy::Recover(bevy::render::settings::RenderCreation::default());
    }
    if let Some(mut desktop) = main_world.get_resource_mut::<Desktop>()
        && !desktop.picture_stopped
    {
        desktop.picture_stopped = true;
        bevy::log::error!(
            "drawing stopped after an error of the graphics driver; save and open again"
        );
        rescue(&desktop.unsaved());
    }
    RenderErrorPolicy::StopRendering
}
