//! The picture of city and result: what is asked of the threads, what they bring, and how far it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bevy::ecs::system::SystemParam;
use bevy::light::DirectionalLightShadowMap;
use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;

use crate::result::Quality;
use crate::view::desktop::Desktop;
use crate::view::materials::{GroundMaterial, PaintMaterial};
use crate::view::paint::{PaintRequest, Painted};
use crate::view::pointer::Scene;
use crate::view::scene::draw::{self, Drawn, Palette};
use crate::view::scene::{SceneParts, SceneRequest};
use crate::view::screenshot::Shoot;
use crate::view::water::Water;
use crate::view::wind::Streaks;
use crate::view::worker::Worker;

use super::wake::{Awake, SOFTWARE};

/// The window has drawn its first picture.
pub(super) static DRAWN: AtomicBool = AtomicBool::new(false);

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

impl SceneProgress {
    /// Nothing is drawn yet; the clock of the first picture begins.
    pub(super) fn begun_now() -> Self {
        Self {
            started: Some(Instant::now()),
            ..Self::default()
        }
    }
}

/// What was painted: result, baseline result, drawn city, dragged building, field.
type PaintKey = (usize, Option<usize>, usize, Option<String>, String);

/// How the picture is drawn on this machine.
#[derive(Resource, Clone, Copy)]
pub struct PictureQuality {
    /// Without a graphics card.
    pub(in crate::view) software: bool,
}

/// What city and result are drawn into.
#[derive(SystemParam)]
pub(super) struct Canvas<'w, 's> {
    commands: Commands<'w, 's>,
    drawn: ResMut<'w, Drawn>,
    palette: Res<'w, Palette>,
    meshes: ResMut<'w, Assets<Mesh>>,
    images: ResMut<'w, Assets<Image>>,
    grounds: ResMut<'w, Assets<GroundMaterial>>,
}

impl Canvas<'_, '_> {
    fn show_parts(&mut self, parts: &SceneParts) {
        draw::show_parts(
            parts,
            &mut self.commands,
            &mut self.drawn,
            &self.palette,
            &mut self.meshes,
            &mut self.images,
            &mut self.grounds,
        );
    }

    fn show_paint(&mut self, painted: Option<&Painted>) {
        draw::show_paint(
            painted,
            &mut self.commands,
            &mut self.drawn,
            &self.palette,
            &mut self.meshes,
            &mut self.images,
            &mut self.grounds,
        );
    }
}

pub(super) fn choose_quality(
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

pub(super) fn ask_for_scene(
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

pub(super) fn take_scene(
    worker: Res<Worker<SceneRequest, SceneParts>>,
    mut progress: ResMut<SceneProgress>,
    mut scene: ResMut<Scene>,
    mut desktop: ResMut<Desktop>,
    mut canvas: Canvas,
    mut awake: ResMut<Awake>,
) {
    let Some(parts) = worker.newest() else { return };
    canvas.show_parts(&parts);
    progress.shown_quick = parts.quick;
    scene.picker = Some(parts.picker.clone());
    desktop.settle_preview(&parts.picker.city);
    awake.0 = awake.0.max(3);
}

pub(super) fn key_of(r: &PaintRequest) -> PaintKey {
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

pub(super) fn ask_for_paint(
    desktop: Res<Desktop>,
    mut progress: ResMut<SceneProgress>,
    mut worker: ResMut<PaintWorker>,
    mut scene: ResMut<Scene>,
    mut canvas: Canvas,
    mut paints: ResMut<Assets<PaintMaterial>>,
) {
    let wanted = wanted_paint(&desktop);
    let key = wanted.as_ref().map(key_of);
    let stale = desktop.result(desktop.ui.variant).is_some_and(|r| r.stale);
    draw::mark_stale(stale, &canvas.palette, &mut paints, &mut canvas.grounds);
    if progress.asked_paint == key {
        return;
    }
    progress.asked_paint = key;
    match wanted {
        Some(request) => worker.request(request),
        None => {
            scene.values = None;
            canvas.show_paint(None);
        }
    }
}

pub(super) fn take_paint(
    worker: Res<PaintWorker>,
    progress: Res<SceneProgress>,
    mut scene: ResMut<Scene>,
    mut canvas: Canvas,
    mut awake: ResMut<Awake>,
) {
    let Some((key, painted)) = worker.newest() else {
        return;
    };
    if progress.asked_paint.as_ref() != Some(&key) {
        return;
    }
    canvas.show_paint(painted.as_ref());
    scene.values = painted.map(|p| p.values);
    awake.0 = awake.0.max(3);
}

pub(super) fn progress(
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
pub(super) fn tell_answers(
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
