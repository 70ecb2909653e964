//! Pictures of the window for documentation and tests: open, wait until all is there, write a PNG, end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};

use crate::result::Quality;
use crate::ui::action::Action;

use super::app::{CameraStart, SceneProgress};
use super::desktop::Desktop;
use crate::ui::action::CameraMove;

/// Frames drawn after everything is there, so that textures and layout have settled.
const SETTLE_FRAMES: u32 = 4;
/// Longest wait for city and result.
const LIMIT: Duration = Duration::from_secs(900);

/// What picture is wanted and how far it is.
#[derive(Resource)]
pub struct Shoot {
    /// File to write.
    pub path: PathBuf,
    /// Field to compute and show.
    pub field: Option<String>,
    /// Show its difference to the baseline.
    pub difference: bool,
    /// Variant to show.
    pub variant: usize,
    /// Building to select, by id.
    pub select: Option<String>,
    /// Time of the day (min).
    pub minute: Option<f32>,
    /// Day.
    pub date: Option<String>,
    /// Camera.
    pub camera: CameraStart,
    /// An empty window is wanted: nothing was asked to be opened.
    pub empty: bool,
    stage: Stage,
    started: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    City,
    Result,
    Picture,
    Settle(u32),
    Shot,
}

/// Outcome for the caller of the window.
#[derive(Resource, Clone, Debug, Default)]
pub struct ShotOutcome(pub std::sync::Arc<std::sync::Mutex<Option<Result<(), String>>>>);

impl ShotOutcome {
    fn set(&self, outcome: Result<(), String>) {
        *self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(outcome);
    }
}

impl Shoot {
    /// A picture to this file.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            field: None,
            difference: false,
            variant: 0,
            select: None,
            minute: None,
            date: None,
            camera: CameraStart::Home,
            empty: false,
            stage: Stage::City,
            started: Instant::now(),
        }
    }

    fn begin(&self, desktop: &mut Desktop) {
        desktop.apply(Action::ShowVariant(self.variant));
        if let Some(date) = &self.date {
            desktop.apply(Action::SetDate(date.clone()));
        }
        if let Some(minute) = self.minute {
            desktop.apply(Action::SetMinute(minute));
        }
        if let Some(id) = &self.select {
            desktop.select_by_id(id);
        }
        let camera = match self.camera {
            CameraStart::Home => CameraMove::Home,
            CameraStart::Top => CameraMove::Top,
        };
        desktop.apply(Action::Camera(CameraMove::Home));
        desktop.apply(Action::Camera(camera));
        if let Some(field) = &self.field {
            desktop.apply(Action::Run(Quality::Exact));
            desktop.apply(Action::ShowField(Some(field.clone())));
            desktop.apply(Action::ShowDifference(self.difference));
        }
    }
}

/// Leads from one stage to the next; one per frame.
pub fn advance(
    mut shoot: ResMut<Shoot>,
    mut desktop: ResMut<Desktop>,
    progress: Res<SceneProgress>,
    outcome: Res<ShotOutcome>,
    mut commands: Commands,
    mut exit: MessageWriter<AppExit>,
) {
    let failed = desktop
        .ui
        .snapshot
        .messages
        .iter()
        .find(|m| m.error)
        .map(|m| m.text.clone());
    let late = shoot.started.elapsed() > LIMIT;
    if shoot.stage != Stage::Shot
        && (late || (failed.is_some() && desktop.city().is_none() && !shoot.empty))
    {
        outcome.set(Err(failed.unwrap_or_else(|| {
            format!("no picture within {} s", LIMIT.as_secs())
        })));
        exit.write(AppExit::error());
        shoot.stage = Stage::Shot;
        return;
    }
    shoot.stage = match shoot.stage {
        Stage::City if shoot.empty => Stage::Settle(SETTLE_FRAMES),
        Stage::City if desktop.city().is_some() => {
            shoot.begin(&mut desktop);
            if shoot.field.is_some() {
                Stage::Result
            } else {
                Stage::Picture
            }
        }
        Stage::Result if exact_results(&desktop) => Stage::Picture,
        Stage::Picture if progress.complete => Stage::Settle(SETTLE_FRAMES),
        Stage::Settle(0) => {
            take(&shoot.path, outcome.clone(), &mut commands);
            Stage::Shot
        }
        Stage::Settle(n) => Stage::Settle(n - 1),
        stage => stage,
    };
}

/// Baseline and shown variant have their exact answers.
fn exact_results(desktop: &Desktop) -> bool {
    [0, desktop.ui.variant].into_iter().all(|v| {
        desktop
            .result(v)
            .is_some_and(|r| !r.stale && r.result.quality == Quality::Exact)
    })
}

fn take(path: &Path, outcome: ShotOutcome, commands: &mut Commands) {
    let path = path.to_owned();
    commands.spawn(Screenshot::primary_window()).observe(
        move |captured: On<ScreenshotCaptured>, mut exit: MessageWriter<AppExit>| {
            let written = captured
                .image
                .clone()
                .try_into_dynamic()
                .map_err(|e| e.to_string())
                .and_then(|picture| picture.to_rgb8().save(&path).map_err(|e| e.to_string()));
            exit.write(if written.is_ok() {
                AppExit::Success
            } else {
                AppExit::error()
            });
            outcome.set(written);
        },
    );
}
