//! Pictures of the window for documentation and tests: open, wait until all is there, write a PNG, end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};

use crate::result::Quality;
use crate::ui::action::Action;

use crate::city::Tree;
use crate::result::legend::legend;
use crate::ui::action::CameraMove;

use super::app::{CameraStart, SceneProgress};
use super::desktop::Desktop;
use super::paint::companions;
use super::pointer::{PanelSpace, Rig, Scene, map_ray};

/// Frames drawn after everything is there, so that textures and layout have settled.
const SETTLE_FRAMES: u32 = 4;
/// Longest wait for city and result.
const LIMIT: Duration = Duration::from_secs(900);

/// Distance (points) of the places where a picture with a result is checked against the legend.
const CHECK_STEP: f32 = 9.0;
/// Share of these places that must have exactly the colour of the legend.
const CHECK_SHARE: f64 = 0.99;
/// Half the width (pixels) of the lines at edges.
const LINE_PX: u32 = 2;

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
    (scene, rig, space): (Res<Scene>, Res<Rig>, Res<PanelSpace>),
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
            let places = if shoot.field.is_some() {
                places(&desktop, &scene, &rig, &space)
            } else {
                Vec::new()
            };
            take(&shoot.path, places, outcome.clone(), &mut commands);
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

/// A place of the picture (points) and the colour that the legend gives to the value there.
type Place = (Vec2, [u8; 3]);

/// Places all over the free part of the window at which a value is painted.
fn places(desktop: &Desktop, scene: &Scene, rig: &Rig, space: &PanelSpace) -> Vec<Place> {
    let colors = desktop.result(desktop.ui.variant).and_then(|shown| {
        let field = *companions(&shown.result, desktop.ui.field.as_deref()?).first()?;
        legend(if desktop.ui.difference {
            field.difference_legend
        } else {
            field.legend
        })
    });
    let (Some(colors), Some(picker), Some(values)) = (colors, &scene.picker, &scene.values) else {
        return Vec::new();
    };
    let free = space.free;
    let (cols, rows) = (
        (free.width() / CHECK_STEP) as u32,
        (free.height() / CHECK_STEP) as u32,
    );
    let mut found = Vec::new();
    for i in 0..cols * rows {
        let at = Vec2::new((i % cols) as f32 + 0.5, (i / cols) as f32 + 0.5) * CHECK_STEP;
        // The card with the legend stands in the lower left corner.
        if at.x < 360.0 && at.y > free.height() - 330.0 {
            continue;
        }
        let ndc = Vec2::new(
            2.0 * at.x / free.width() - 1.0,
            1.0 - 2.0 * at.y / free.height(),
        );
        let (o, d) = map_ray(rig, ndc);
        let Some(picked) = picker.pick(o, d) else {
            continue;
        };
        let value = match picked.face {
            Some(face) => values.of_cell(picker.building(face).key, face.1, picked.point, 0.0),
            None => values.on_ground(picked.point[0], picked.point[1]),
        };
        let hidden = picker.city.trees.iter().any(|t| crown_on_ray(t, o, d));
        let color = value.and_then(|value| colors.drawn(f64::from(value)));
        if let Some(color) = color.filter(|_| !hidden) {
            found.push((Vec2::new(free.min.x, free.min.y) + at, color));
        }
    }
    found
}

/// The ray passes through the ball around a tree.
fn crown_on_ray(tree: &Tree, o: [f32; 3], d: [f32; 3]) -> bool {
    let centre = [tree.foot.x, tree.foot.y, tree.foot.z + 0.5 * tree.height_m];
    let to: [f64; 3] = std::array::from_fn(|i| centre[i] - f64::from(o[i]));
    let along: f64 = (0..3).map(|i| to[i] * f64::from(d[i])).sum();
    let distance2: f64 = to.iter().map(|v| v * v).sum::<f64>() - along * along;
    let radius = 0.5 * tree.height_m.max(tree.crown_diameter_m) + 0.5;
    distance2 < radius * radius
}

/// Number of places with the expected colour, up to the last bit of rounding: at the pixel itself, or close beside it where a
/// thin line of an edge runs over it.
fn matching(picture: &image::RgbImage, places: &[Place], scale: f32) -> usize {
    let pixel = |x: u32, y: u32| picture.get_pixel_checked(x, y).map_or([0; 3], |p| p.0);
    let equal = |(at, color): &&Place| {
        let same = |found: [u8; 3]| found.iter().zip(color).all(|(a, b)| a.abs_diff(*b) <= 1);
        let (x, y) = ((at.x * scale) as u32, (at.y * scale) as u32);
        let found = pixel(x, y);
        let around = |r: u32| {
            (x.saturating_sub(r)..=x + r)
                .flat_map(move |x| (y.saturating_sub(r)..=y + r).map(move |y| (x, y)))
        };
        let equal = around(LINE_PX).any(|(x, y)| same(pixel(x, y)));
        if !equal {
            bevy::log::debug!("at {x}, {y}: {found:?} instead of {color:?}");
        }
        equal
    };
    places.iter().filter(equal).count()
}

fn take(path: &Path, places: Vec<Place>, outcome: ShotOutcome, commands: &mut Commands) {
    let path = path.to_owned();
    commands.spawn(Screenshot::primary_window()).observe(
        move |captured: On<ScreenshotCaptured>,
              window: Single<&Window, With<bevy::window::PrimaryWindow>>,
              mut exit: MessageWriter<AppExit>| {
            let written = captured
                .image
                .clone()
                .try_into_dynamic()
                .map_err(|e| e.to_string())
                .and_then(|picture| {
                    let picture = picture.to_rgb8();
                    picture.save(&path).map_err(|e| e.to_string())?;
                    check(&picture, &places, window.scale_factor())
                });
            exit.write(if written.is_ok() {
                AppExit::Success
            } else {
                AppExit::error()
            });
            outcome.set(written);
        },
    );
}

/// The colours on screen are those of the legend.
fn check(picture: &image::RgbImage, places: &[Place], scale: f32) -> Result<(), String> {
    let equal = matching(picture, places, scale);
    bevy::log::info!(
        "{equal} of {} places have exactly the colour of the legend",
        places.len()
    );
    if (equal as f64) < CHECK_SHARE * places.len() as f64 {
        return Err(format!(
            "only {equal} of {} places have the colour that the legend gives to their value",
            places.len()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_in_other_colours_is_refused() {
        let picture = image::RgbImage::from_pixel(10, 10, image::Rgb([10, 20, 30]));
        let place = |color| (Vec2::new(5.0, 5.0), color);
        assert_eq!(check(&picture, &[place([10, 21, 30])], 1.0), Ok(()));
        assert!(check(&picture, &[place([10, 20, 30]), place([10, 24, 30])], 1.0).is_err());
    }

    #[test]
    fn a_line_over_the_colour_is_no_other_colour() {
        let place = (Vec2::new(5.0, 5.0), [100, 150, 200]);
        let mut picture = image::RgbImage::from_pixel(10, 10, image::Rgb(place.1));
        picture.put_pixel(5, 5, image::Rgb([50, 75, 100]));
        assert_eq!(matching(&picture, &[place], 1.0), 1);
        let other = image::RgbImage::from_pixel(10, 10, image::Rgb([120, 160, 210]));
        assert_eq!(matching(&other, &[place], 1.0), 0);
    }
}
