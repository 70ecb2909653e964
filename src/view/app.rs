//! The window's `App`: plugins, order of the systems, idle and error behaviour.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bevy::app::AppExit;
use bevy::asset::AssetEventSystems;
use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, ClearColorConfig, Viewport};
use bevy::core_pipeline::tonemapping::{DebandDither, Tonemapping};
use bevy::input::keyboard::{Key, KeyboardFocusLost, KeyboardInput};
use bevy::light::cluster::ClusterConfig;
use bevy::light::{CascadeShadowConfig, DirectionalLightShadowMap, ShadowFilteringMethod};
use bevy::math::{UVec2, Vec3};
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::error_handler::{ErrorType, RenderErrorHandler, RenderErrorPolicy};
use bevy::render::render_resource::BlendState;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::window::{
    ExitCondition, FileDragAndDrop, PresentMode, PrimaryWindow, RequestRedraw,
    WindowCloseRequested, WindowResolution,
};
use bevy::winit::{EventLoopProxyWrapper, WinitSettings, WinitUserEvent};
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::input::ModifierKeysState;
use bevy_egui::{
    EguiContexts, EguiGlobalSettings, EguiInput, EguiInputSet, EguiPlugin, EguiPostUpdateSet,
    EguiPreUpdateSet, EguiPrimaryContextPass, EguiRenderOutput, PrimaryEguiContext, egui,
};

use crate::result::Quality;
use crate::sim::{JobStatus, SimConfig, Snapshot};
use crate::text::Language;
use crate::ui;
use crate::ui::action::{Action, CameraMove};

use super::arrows;
use super::camera::View;
use super::desktop::{Desktop, Unsaved, rescue};
use super::materials::{ClayMaterial, GroundMaterial, PaintMaterial, SkyMaterial};
use super::paint::{PaintRequest, Painted, paint};
use super::pointer::{self, PanelSpace, PointerState, Rig, Scene};
use super::scene::draw::{self, Drawn, Palette};
use super::scene::{Builder, SceneParts, SceneRequest};
use super::screenshot::{self, Shoot, ShotError, ShotOutcome};
use super::sketch;
use super::space::{bevy_from_map, bevy_from_map_array, bevy_from_map_direction};
use super::sun_light::scene_light;
use super::traffic;
use super::traffic_ground;
use super::water::{self, Water};
use super::wind::{self, Streaks};
use super::worker::{Wake, Worker};

/// Time (s) between two frames without any input: egui blinks nothing, so nothing is lost.
const IDLE_S: u64 = 600;
/// Minutes of the day that pass in a second while time runs.
const PLAY_MIN_PER_S: f32 = 40.0;
/// Size of the window at first (points).
const FIRST_SIZE: [u32; 2] = [1360, 820];

/// How to start the window.
#[derive(Clone, Debug, Default)]
pub struct DesktopOptions {
    /// Data root of `data:` paths.
    pub data: Option<PathBuf>,
    /// Language; default: that of the scenario, or German.
    pub language: Option<Language>,
    /// Size of the window (pixels).
    pub size: Option<[u32; 2]>,
    /// Write a picture to this file and end.
    pub screenshot: Option<PathBuf>,
    /// Day (YYYY-MM-DD).
    pub date: Option<String>,
    /// Civil time in minutes since midnight.
    pub minute: Option<f32>,
    /// Variant to show, baseline = 0.
    pub variant: usize,
    /// Field to compute and show.
    pub field: Option<String>,
    /// Show the difference of that field to the baseline.
    pub difference: bool,
    /// Building to select, by id.
    pub select: Option<String>,
    /// Time (s) of a water event.
    pub moment_s: Option<f64>,
    /// Show where the water flows and the wind blows.
    pub arrows: bool,
    /// Colours of the window.
    pub theme: Option<ui::Theme>,
    /// First view.
    pub camera: CameraStart,
}

/// First view.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum CameraStart {
    /// Composed three-quarter view.
    #[default]
    Home,
    /// Plan, north up.
    Top,
    /// A place (CRS easting, northing), distance (m), direction of view and angle above the horizon (degrees).
    Look([f64; 5]),
}

impl CameraStart {
    /// What the camera is asked for.
    pub(super) fn request(self) -> CameraMove {
        match self {
            Self::Home => CameraMove::Home,
            Self::Top => CameraMove::Top,
            Self::Look([east, north, distance_m, azimuth_deg, above_deg]) => CameraMove::Look {
                place: [east, north],
                distance_m,
                azimuth_deg,
                above_deg,
            },
        }
    }
}

/// Why the window could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum DesktopError {
    /// There is no screen.
    #[error(
        "no display: the window needs X11 (DISPLAY is not set)\n  help: run scenarios without a window with `planspiel run SCENARIO`"
    )]
    NoDisplay,
    /// Window or renderer failed.
    #[error(
        "the window failed: {0}\n  help: a graphics driver with Vulkan is needed; on Debian or Ubuntu `mesa-vulkan-drivers` brings one in software"
    )]
    Renderer(String),
    /// A fault of the program; the panic hook has told about it.
    #[error("the window ended with an internal error: {0}")]
    Bug(String),
    /// The asked picture could not be made.
    #[error("no picture was written: {0}")]
    Screenshot(String),
    /// The asked picture is of a result that the scenario does not have.
    #[error("no picture was written: {0}")]
    NoResult(String),
}

/// The picture is drawn without a graphics card.
static SOFTWARE: AtomicBool = AtomicBool::new(false);
/// The window has drawn its first picture.
static DRAWN: AtomicBool = AtomicBool::new(false);

/// How far the picture is.
#[derive(Resource, Default)]
pub struct SceneProgress {
    /// City, light and result are drawn as asked.
    pub complete: bool,
    asked_scene: Option<(usize, usize, bool)>,
    asked_paint: Option<PaintKey>,
    shown_quick: bool,
    first_city: Option<usize>,
    started: Option<Instant>,
    timed: bool,
}

/// What was painted: result, baseline result, drawn city, dragged building, field.
type PaintKey = (usize, Option<usize>, usize, Option<String>, String);

/// Frames still to be drawn although nothing happens.
#[derive(Resource, Default)]
pub struct Awake(pub(super) u32);

/// How the picture is drawn on this machine.
#[derive(Resource, Clone, Copy)]
pub struct PictureQuality {
    /// Without a graphics card.
    pub(super) software: bool,
}

/// The camera that draws the city.
#[derive(Component)]
struct CityCamera;

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
    app.add_plugins((EguiPlugin::default(), super::materials::plugin));
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
        .insert_resource(SceneProgress {
            started: Some(Instant::now()),
            ..SceneProgress::default()
        })
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

fn add_systems(app: &mut App) {
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

/// Options that wait for the first city.
#[derive(Resource, Default)]
struct FirstWishes(Option<DesktopOptions>);

fn first_wishes(wishes: Option<ResMut<FirstWishes>>, mut desktop: ResMut<Desktop>) {
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

/// A closure that wakes the event loop from any thread.
fn wake_of(app: &App) -> Wake {
    let proxy = app
        .world()
        .get_resource::<EventLoopProxyWrapper>()
        .map(|p| (**p).clone());
    Arc::new(move || {
        if let Some(proxy) = &proxy {
            // The loop is gone when the window closes; then nobody needs to wake up.
            let _ = proxy.send_event(WinitUserEvent::WakeUp);
        }
    })
}

/// The same job goes on.
fn is_progress(before: &Option<JobStatus>, now: &Option<JobStatus>) -> bool {
    let of = |job: &JobStatus| (job.variant, job.simulation, job.quality);
    before
        .as_ref()
        .zip(now.as_ref())
        .is_some_and(|(a, b)| of(a) == of(b))
}

/// Wakes the window for every change but progress, and for progress now and then: a picture that is drawn without a graphics
/// card takes the time that the kernel needs.
fn wake_for_news(wake: Wake) -> impl Fn(&Snapshot) + Send + Sync + 'static {
    let last: Mutex<(Option<JobStatus>, Instant)> = Mutex::new((None, Instant::now()));
    move |snapshot| {
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = if SOFTWARE.load(Ordering::Relaxed) {
            1000
        } else {
            100
        };
        if !is_progress(&last.0, &snapshot.job) || last.1.elapsed() >= Duration::from_millis(pause)
        {
            *last = (snapshot.job.clone(), Instant::now());
            wake();
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

/// bevy_egui 0.42.0 pushes a `ModifiersChanged` event in every frame; egui answers every event with a repaint, so that the
/// window would never rest (fixed in 0.43, which needs Bevy 0.20). Drops the event unless it changes something.
///
/// It also gives all keys of a frame the modifiers of its end: where a frame takes long, Ctrl+Z pressed and released within it
/// would be a Z. Gives every key those of its own moment.
fn mend_keys(
    mut inputs: Query<&mut EguiInput>,
    mut keyboard: MessageReader<KeyboardInput>,
    mut focus: MessageReader<KeyboardFocusLost>,
    mut held: Local<ModifierKeysState>,
    mut last: Local<egui::Modifiers>,
) {
    if focus.read().next().is_some() {
        *held = ModifierKeysState::default();
    }
    let mut keys = Vec::new();
    let mut commands = Vec::new();
    for message in keyboard.read() {
        let pressed = message.state.is_pressed();
        match &message.logical_key {
            Key::Shift => held.shift = pressed,
            Key::Control => held.ctrl = pressed,
            Key::Alt => held.alt = pressed,
            Key::Super | Key::Meta => held.win = pressed,
            Key::Character(text) if pressed && !held.text_input_is_allowed() => {
                commands.push(text.to_string());
            }
            _ => {}
        }
        let key = bevy_to_egui_key(&message.logical_key);
        if key
            .or(bevy_to_egui_physical_key(&message.key_code))
            .is_some()
        {
            keys.push(held.to_egui_modifiers());
        }
    }
    for mut input in &mut inputs {
        let mut seen = *last;
        let mut moments = keys.iter();
        let mut typed = commands.clone();
        input.events.retain_mut(|event| match event {
            egui::Event::ModifiersChanged(modifiers) => {
                let changed = *modifiers != seen;
                seen = *modifiers;
                changed
            }
            egui::Event::Key { modifiers, .. } => {
                *modifiers = moments.next().copied().unwrap_or(*modifiers);
                true
            }
            egui::Event::Text(text) => match typed.iter().position(|t| t == text) {
                Some(at) => {
                    typed.remove(at);
                    false
                }
                None => true,
            },
            _ => true,
        });
        *last = seen;
    }
}

fn choose_quality(
    mut commands: Commands,
    adapter: Res<RenderAdapterInfo>,
    mut desktop: ResMut<Desktop>,
) {
    let software = format!("{:?}", adapter.device_type) == "Cpu";
    SOFTWARE.store(software, Ordering::Relaxed);
    if software {
        desktop.ui.quality_note = Some("view-quality-software");
    }
    commands.insert_resource(PictureQuality { software });
    commands.insert_resource(DirectionalLightShadowMap {
        size: if software { 2048 } else { 4096 },
    });
}

fn spawn_cameras(
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

fn absorb(mut desktop: ResMut<Desktop>, mut awake: ResMut<Awake>) {
    let before = desktop.ui.snapshot.job.clone();
    // Progress is in this frame already; what else is new may need another one.
    if desktop.poll() && !is_progress(&before, &desktop.ui.snapshot.job) {
        awake.0 = awake.0.max(2);
    }
}

/// A file or folder dropped into the window is opened.
fn open_dropped(mut dropped: MessageReader<FileDragAndDrop>, mut desktop: ResMut<Desktop>) {
    for event in dropped.read() {
        if let FileDragAndDrop::DroppedFile { path_buf, .. } = event {
            desktop.apply(Action::Open(path_buf.clone()));
        }
    }
}

/// The title names the scenario, with a mark while it is not saved.
fn title(desktop: Res<Desktop>, mut window: Single<&mut Window, With<PrimaryWindow>>) {
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

fn play(mut desktop: ResMut<Desktop>, time: Res<Time<Real>>, mut awake: ResMut<Awake>) {
    if desktop.ui.playing {
        let step = time.delta_secs().min(0.25) * PLAY_MIN_PER_S;
        let minute = (desktop.ui.minute + step).rem_euclid(1440.0);
        desktop.apply(Action::SetMinute(minute));
        awake.0 = awake.0.max(1);
    }
}

fn camera_requests(mut desktop: ResMut<Desktop>, mut rig: ResMut<Rig>, ground: Res<Scene>) {
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

fn glide(
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

fn ask_for_scene(
    desktop: Res<Desktop>,
    mut progress: ResMut<SceneProgress>,
    mut worker: ResMut<Worker<SceneRequest, SceneParts>>,
    shoot: Option<Res<Shoot>>,
) {
    let (Some(city), Some(baseline)) = (desktop.city(), desktop.baseline()) else {
        return;
    };
    let address = |c: &Arc<crate::city::City>| Arc::as_ptr(c).addr();
    // A city that was just opened shows at once and gets its soft light a moment later.
    let first = progress.first_city != Some(address(baseline));
    let quick = first && !progress.shown_quick && shoot.is_none();
    let key = (address(city), address(baseline), quick);
    if progress.asked_scene == Some(key) {
        return;
    }
    if !quick {
        progress.first_city = Some(address(baseline));
        progress.shown_quick = false;
    }
    progress.asked_scene = Some(key);
    worker.request(SceneRequest {
        city: city.clone(),
        baseline: baseline.clone(),
        quick,
    });
}

fn take_scene(
    worker: Res<Worker<SceneRequest, SceneParts>>,
    mut progress: ResMut<SceneProgress>,
    mut scene: ResMut<Scene>,
    mut desktop: ResMut<Desktop>,
    mut commands: Commands,
    mut drawn: ResMut<Drawn>,
    palette: Res<Palette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut grounds: ResMut<Assets<GroundMaterial>>,
    mut awake: ResMut<Awake>,
) {
    let Some(parts) = worker.newest() else { return };
    draw::show_parts(
        &parts,
        &mut commands,
        &mut drawn,
        &palette,
        &mut meshes,
        &mut images,
        &mut grounds,
    );
    progress.shown_quick = parts.quick;
    scene.picker = Some(parts.picker.clone());
    desktop.settle_preview(&parts.picker.city);
    awake.0 = awake.0.max(3);
}

fn key_of(r: &PaintRequest) -> PaintKey {
    let address = |a: &Arc<crate::result::SimulationResult>| Arc::as_ptr(a).addr();
    (
        address(&r.result),
        r.baseline.as_ref().map(address),
        Arc::as_ptr(&r.drawn).addr(),
        r.dragged.clone(),
        r.field.clone(),
    )
}

/// The paint that the state asks for.
fn wanted_paint(desktop: &Desktop) -> Option<PaintRequest> {
    let field = desktop.ui.field.clone()?;
    let shown = desktop.result(desktop.ui.variant)?;
    let baseline = if desktop.ui.difference && desktop.ui.variant > 0 {
        Some(desktop.result(0)?.result.clone())
    } else {
        None
    };
    Some(PaintRequest {
        result: shown.result.clone(),
        city: shown.city.clone(),
        drawn: desktop.city()?.clone(),
        dragged: desktop.ghost().map(|(id, _)| id),
        baseline,
        field,
    })
}

type PaintWorker = Worker<PaintRequest, (PaintKey, Option<Painted>)>;

fn ask_for_paint(
    desktop: Res<Desktop>,
    mut progress: ResMut<SceneProgress>,
    mut worker: ResMut<PaintWorker>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
    mut drawn: ResMut<Drawn>,
    palette: Res<Palette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut grounds: ResMut<Assets<GroundMaterial>>,
    mut paints: ResMut<Assets<PaintMaterial>>,
) {
    let wanted = wanted_paint(&desktop);
    let key = wanted.as_ref().map(key_of);
    let stale = desktop.result(desktop.ui.variant).is_some_and(|r| r.stale);
    draw::mark_stale(stale, &palette, &mut paints, &mut grounds);
    if progress.asked_paint == key {
        return;
    }
    progress.asked_paint = key;
    match wanted {
        Some(request) => worker.request(request),
        None => {
            scene.values = None;
            draw::show_paint(
                None,
                &mut commands,
                &mut drawn,
                &palette,
                &mut meshes,
                &mut images,
                &mut grounds,
            );
        }
    }
}

fn take_paint(
    worker: Res<PaintWorker>,
    progress: Res<SceneProgress>,
    mut scene: ResMut<Scene>,
    mut commands: Commands,
    mut drawn: ResMut<Drawn>,
    palette: Res<Palette>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut grounds: ResMut<Assets<GroundMaterial>>,
    mut awake: ResMut<Awake>,
) {
    let Some((key, painted)) = worker.newest() else {
        return;
    };
    if progress.asked_paint.as_ref() != Some(&key) {
        return;
    }
    draw::show_paint(
        painted.as_ref(),
        &mut commands,
        &mut drawn,
        &palette,
        &mut meshes,
        &mut images,
        &mut grounds,
    );
    scene.values = painted.map(|p| p.values);
    awake.0 = awake.0.max(3);
}

/// Without a graphics card shadows cost half of a frame: they rest while something moves, and come back at once.
fn rest_shadows(
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
fn light(
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

/// Moves the camera entity and fits it into the part of the window without panels.
fn place_camera(
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

/// Sizes the shadow cascades to what is in view.
fn fit_shadows(
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
    let half = 0.5 * super::camera::FIELD_OF_VIEW;
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

fn progress(
    desktop: Res<Desktop>,
    scenes: Res<Worker<SceneRequest, SceneParts>>,
    paints: Res<PaintWorker>,
    scene: Res<Scene>,
    (water, streaks): (Res<Water>, Res<Streaks>),
    time: Res<Time<Real>>,
    mut progress: ResMut<SceneProgress>,
    mut frames: Local<u32>,
) {
    bevy::log::debug!(
        "{:.0} ms since the frame before",
        1000.0 * time.delta_secs()
    );
    // The picture of the second frame is on screen when the third begins.
    *frames += u32::from(scene.picker.is_some());
    if *frames == 3 {
        DRAWN.store(true, Ordering::Relaxed);
    }
    if *frames == 3 && !std::mem::replace(&mut progress.timed, true) {
        let seconds = progress.started.map_or(0.0, |s| s.elapsed().as_secs_f32());
        bevy::log::info!("first picture of the city after {seconds:.2} s");
    }
    let painted = match (&desktop.ui.field, desktop.result(desktop.ui.variant)) {
        (Some(_), Some(_)) => progress.asked_paint.is_some(),
        _ => true,
    };
    let light = progress.asked_scene.is_some_and(|(_, _, quick)| !quick) && !progress.shown_quick;
    let flows = water.complete() && streaks.complete();
    progress.complete = light && painted && flows && !scenes.busy() && !paints.busy();
}

/// Tells how long a person waited for the coarse and for the exact answer to a change, until it was on screen.
fn tell_answers(
    progress: Res<SceneProgress>,
    mut desktop: ResMut<Desktop>,
    mut awake: ResMut<Awake>,
    mut drawn: Local<Option<Quality>>,
) {
    let answer = desktop.new_answer().filter(|_| progress.complete);
    let before = std::mem::replace(&mut *drawn, answer.map(|(quality, _)| quality));
    let Some((quality, since)) = answer else {
        return;
    };
    if before != Some(quality) {
        awake.0 = awake.0.max(1);
        return;
    }
    // The picture of the frame before had it.
    let name = match quality {
        Quality::Coarse => "coarse",
        Quality::Exact => "exact",
    };
    let seconds = since.elapsed().as_secs_f32();
    bevy::log::info!("{name} answer on screen {seconds:.2} s after the change");
    desktop.answer_seen(quality);
}

/// Draws the panels and applies what they ask for.
fn panels(
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

/// Asks for the next frame while something is under way.
fn stay_awake(
    mut awake: ResMut<Awake>,
    mut redraw: MessageWriter<RequestRedraw>,
    shoot: Option<Res<Shoot>>,
) {
    if awake.0 > 0 || shoot.is_some_and(|s| !s.waits()) {
        awake.0 = awake.0.saturating_sub(1);
        redraw.write(RequestRedraw);
    }
}

/// A frame with new letters or digits may be drawn before they are on the graphics card, and in reactive mode nobody asks for
/// the next one, in which they are there: asks for it.
fn show_new_glyphs(outputs: Query<&EguiRenderOutput>, mut redraw: MessageWriter<RequestRedraw>) {
    let changed = |output: &EguiRenderOutput| !output.textures_delta.set.is_empty();
    if outputs.iter().any(changed) {
        redraw.write(RequestRedraw);
    }
}

fn leave(
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

    #[test]
    fn new_glyphs_are_followed_by_one_more_frame() {
        let mut app = App::new();
        app.add_message::<RequestRedraw>()
            .add_systems(Update, show_new_glyphs);
        let id = app.world_mut().spawn(EguiRenderOutput::default()).id();
        let mut asks = |delta: Option<egui::epaint::ImageDelta>| {
            let mut entity = app.world_mut().entity_mut(id);
            let mut output = entity.get_mut::<EguiRenderOutput>().unwrap();
            output.textures_delta.clear();
            if let Some(delta) = delta {
                output
                    .textures_delta
                    .push(egui::TextureId::default(), delta);
            }
            app.update();
            let mut messages = app.world_mut().resource_mut::<Messages<RequestRedraw>>();
            messages.drain().count()
        };
        assert_eq!(asks(None), 0);
        let glyph = egui::ColorImage::filled([2, 2], egui::Color32::WHITE);
        let options = egui::TextureOptions::LINEAR;
        let delta = egui::epaint::ImageDelta::partial([0, 0], glyph, options);
        assert_eq!(asks(Some(delta)), 1);
        assert_eq!(asks(None), 0, "an idle window rests");
    }

    #[test]
    fn a_modifier_event_without_a_change_is_dropped() {
        let mut app = App::new();
        app.add_message::<KeyboardInput>()
            .add_message::<KeyboardFocusLost>()
            .add_systems(Update, mend_keys);
        let id = app.world_mut().spawn(EguiInput::default()).id();
        let mut step = |modifiers: egui::Modifiers| {
            let mut entity = app.world_mut().entity_mut(id);
            let mut input = entity.get_mut::<EguiInput>().unwrap();
            input.events = vec![egui::Event::ModifiersChanged(modifiers)];
            app.update();
            app.world()
                .entity(id)
                .get::<EguiInput>()
                .map_or(0, |i| i.events.len())
        };
        assert_eq!(step(egui::Modifiers::NONE), 0);
        assert_eq!(step(egui::Modifiers::SHIFT), 1);
        assert_eq!(step(egui::Modifiers::SHIFT), 0);
        assert_eq!(step(egui::Modifiers::NONE), 1);
    }

    #[test]
    fn a_key_has_the_modifiers_of_its_own_moment() {
        use bevy::input::ButtonState::{Pressed, Released};
        let mut app = App::new();
        app.add_message::<KeyboardInput>()
            .add_message::<KeyboardFocusLost>()
            .add_systems(Update, mend_keys);
        let key = |pressed| egui::Event::Key {
            key: egui::Key::Z,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: egui::Modifiers::NONE,
        };
        let events = vec![key(true), egui::Event::Text("z".to_owned()), key(false)];
        let input = EguiInput(egui::RawInput {
            events,
            ..egui::RawInput::default()
        });
        let id = app.world_mut().spawn(input).id();
        for (logical_key, key_code, state) in [
            (Key::Control, KeyCode::ControlLeft, Pressed),
            (Key::Character("z".into()), KeyCode::KeyZ, Pressed),
            (Key::Control, KeyCode::ControlLeft, Released),
            (Key::Character("z".into()), KeyCode::KeyZ, Released),
        ] {
            app.world_mut().write_message(KeyboardInput {
                key_code,
                logical_key,
                state,
                text: None,
                repeat: false,
                window: Entity::PLACEHOLDER,
            });
        }
        app.update();
        let input = app.world().entity(id).get::<EguiInput>().unwrap();
        let ctrl: Vec<bool> = input
            .events
            .iter()
            .map(|e| matches!(e, egui::Event::Key { modifiers, .. } if modifiers.ctrl))
            .collect();
        assert_eq!(ctrl, [true, false], "{:?}", input.events);
    }
}
