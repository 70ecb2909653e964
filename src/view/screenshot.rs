//! Pictures of the window for documentation and tests: open, wait until all is there, write a PNG, end.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::app::AppExit;
use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};

use crate::result::Quality;
use crate::ui::action::Action;

use crate::city::Tree;
use crate::result::legend::{Legend, legend};
use crate::scenario::Scenario;
use crate::sim::registry::{SIMULATIONS, simulation};
use crate::ui::action::CameraMove;
use crate::ui::moment::{SHOWN_DEPTH_M, WATER_NOW, moving_id};

use super::app::{CameraStart, SceneProgress};
use super::desktop::{Desktop, simulation_of_field};
use super::paint::companions;
use super::pointer::{PanelSpace, Rig, Scene, map_ray};
use super::water::ShownWater;

/// Frames drawn after everything is there, so that textures and layout have settled.
const SETTLE_FRAMES: u32 = 4;
/// Longest wait for city and result.
const LIMIT: Duration = Duration::from_secs(900);

/// Distance (points) of the places where a picture with a result is checked against the legend.
const CHECK_STEP: f32 = 9.0;
/// Share of these places that must have exactly the colour of the legend.
const CHECK_SHARE: f64 = 0.99;
/// The same share where arrows lie on the colours: they cover some of the places.
const ARROWS_SHARE: f64 = 0.75;
/// Distance (points) around a place of the water in which the colour stays the same.
const EDGE_PT: f32 = 4.0;
/// Light that the form of the water surface leaves of the colour.
const WATER_FORM: f32 = 0.85;
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
    /// Time (s) of a water event.
    pub moment_s: Option<f64>,
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
pub struct ShotOutcome(pub std::sync::Arc<std::sync::Mutex<Option<Result<(), ShotError>>>>);

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShotError {
    /// The scenario has no such result.
    NoResult(String),
    /// Anything else.
    Failed(String),
}

impl ShotOutcome {
    fn set(&self, outcome: Result<(), ShotError>) {
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
            moment_s: None,
            camera: CameraStart::Home,
            empty: false,
            stage: Stage::City,
            started: Instant::now(),
        }
    }

    /// A computation runs: drawing again and again would only take its time. News wake the window.
    pub fn waits(&self) -> bool {
        self.stage == Stage::Result
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
        desktop.apply(Action::Camera(CameraMove::Home));
        desktop.apply(Action::Camera(self.camera.request()));
        if let Some(field) = &self.field {
            desktop.apply(match simulation_of_field(field) {
                Some(simulation) => Action::RunOne(simulation, Quality::Exact),
                None => Action::Run(Quality::Exact),
            });
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
        let why = failed.unwrap_or_else(|| format!("no picture within {} s", LIMIT.as_secs()));
        outcome.set(Err(ShotError::Failed(why)));
        exit.write(AppExit::error());
        shoot.stage = Stage::Shot;
        return;
    }
    // Nobody would compute it: waiting for it would have no end.
    let impossible = shoot.field.as_deref().and_then(|field| {
        let snapshot = &desktop.ui.snapshot;
        match shoot.stage {
            Stage::City if desktop.city().is_some() => {
                impossible(field, snapshot.scenario.as_deref()).map(ShotError::NoResult)
            }
            Stage::Result if snapshot.job.is_none() => failed.map(ShotError::Failed),
            Stage::Picture => absent(field, &desktop).map(ShotError::NoResult),
            _ => None,
        }
    });
    if let Some(why) = impossible {
        outcome.set(Err(why));
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
        Stage::Result if exact_results(&desktop) => {
            if let Some(time_s) = shoot.moment_s {
                desktop.apply(Action::SetEventTime(time_s));
            }
            Stage::Picture
        }
        Stage::Picture if progress.complete => Stage::Settle(SETTLE_FRAMES),
        Stage::Settle(0) => {
            let places = if shoot.field.is_some() {
                places(&desktop, &scene, &rig, &space)
            } else {
                Vec::new()
            };
            let arrows = desktop.ui.arrows_shown();
            take(&shoot.path, places, arrows, outcome.clone(), &mut commands);
            Stage::Shot
        }
        Stage::Settle(n) => Stage::Settle(n - 1),
        stage => stage,
    };
}

/// Why a scenario has no result of this name, as far as that is known before anything is computed.
fn impossible(field: &str, scenario: Option<&Scenario>) -> Option<String> {
    let Some(name) = simulation_of_field(field) else {
        let names: Vec<&str> = SIMULATIONS.iter().map(|s| s.name).collect();
        return Some(format!(
            "there is no result `{field}`\n  help: names of results begin with that of their simulation and `_`: {}",
            names.join(", ")
        ));
    };
    let enabled = simulation(name).is_some_and(|entry| scenario.is_some_and(entry.enabled));
    (!enabled).then(|| {
        // The only one whose table has another name.
        let table = if name == "shuttle" { "shuttles" } else { name };
        format!(
            "the scenario has no table `[{table}]`, from which the result `{field}` would come\n  help: add `[{table}]` to the scenario (`planspiel schema` lists its fields), or ask for a result of another table"
        )
    })
}

/// Why the computed results have none of this name.
fn absent(field: &str, desktop: &Desktop) -> Option<String> {
    let shown = desktop.result(desktop.ui.variant)?;
    let result = &shown.result;
    let moving = result
        .movement
        .as_ref()
        .map(|_| moving_id(result.simulation));
    let water = result.animation.as_ref().map(|_| WATER_NOW);
    let fields = result.fields.iter().map(|field| field.id.as_str());
    let known: Vec<&str> = fields.chain(moving).chain(water).collect();
    (!known.contains(&field)).then(|| {
        format!(
            "the scenario gives no result `{field}`\n  help: it gives {}",
            if known.is_empty() {
                "none that can be drawn".to_owned()
            } else {
                known.join(", ")
            }
        )
    })
}

/// Baseline and shown variant have their exact answers.
fn exact_results(desktop: &Desktop) -> bool {
    [0, desktop.ui.variant].into_iter().all(|v| {
        desktop
            .result(v)
            .is_some_and(|r| !r.stale && r.result.quality == Quality::Exact)
    })
}

/// A place of the picture and what is expected there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    /// Place (points).
    at: Vec2,
    /// Colour that the legend gives to the value.
    color: [u8; 3],
    /// Least share of light that is left of the colour for the sake of form; 1 where none is taken.
    least: f32,
}

/// Places all over the free part of the window at which a value is painted.
fn places(desktop: &Desktop, scene: &Scene, rig: &Rig, space: &PanelSpace) -> Vec<Place> {
    let free = space.free;
    let (cols, rows) = (
        (free.width() / CHECK_STEP) as u32,
        (free.height() / CHECK_STEP) as u32,
    );
    let water = desktop.water();
    let field = painted_legend(desktop);
    let Some(picker) = &scene.picker else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for i in 0..cols * rows {
        let at = Vec2::new((i % cols) as f32 + 0.5, (i / cols) as f32 + 0.5) * CHECK_STEP;
        // The card with the legend stands in the lower left corner.
        if at.x < 360.0 && at.y > free.height() - 420.0 {
            continue;
        }
        let ray = |at: Vec2| {
            let ndc = Vec2::new(
                2.0 * at.x / free.width() - 1.0,
                1.0 - 2.0 * at.y / free.height(),
            );
            map_ray(rig, ndc)
        };
        let (o, d) = ray(at);
        let Some(picked) = picker.pick(o, d) else {
            continue;
        };
        if picker.city.trees.iter().any(|t| crown_on_ray(t, o, d)) {
            continue;
        }
        let color = if let Some(water) = &water {
            // The colour changes at a place that depends on the last bit of a depth: only the middle of a class is looked at.
            let around = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
            let mut colors = around.iter().map(|(x, y)| {
                let (o, d) = ray(at + EDGE_PT * Vec2::new(*x, *y));
                let picked = picker.pick(o, d).filter(|p| p.face.is_none())?;
                water_color(water, o, picked.point)
            });
            let first = colors.next().flatten();
            first.filter(|first| colors.all(|c| c.as_ref() == Some(first)))
        } else {
            let value = scene.values.as_ref().and_then(|values| match picked.face {
                Some(face) => {
                    let key = picker.building(face).key;
                    values.of_cell(key, face.1, picked.point, 0.0)
                }
                None => values.on_ground(picked.point[0], picked.point[1]),
            });
            value
                .zip(field)
                .and_then(|(value, legend)| legend.drawn(f64::from(value)))
        };
        found.extend(color.map(|color| Place {
            at: Vec2::new(free.min.x, free.min.y) + at,
            color,
            least: if water.is_some() { WATER_FORM } else { 1.0 },
        }));
    }
    found
}

/// Legend of the painted field, or of its difference.
fn painted_legend(desktop: &Desktop) -> Option<&'static Legend> {
    let shown = desktop.result(desktop.ui.variant)?;
    let field = *companions(&shown.result, desktop.ui.field.as_deref()?).first()?;
    legend(if desktop.ui.difference {
        field.difference_legend
    } else {
        field.legend
    })
}

/// Colour of the water where a ray meets it; `None` at its edge, where foam is.
fn water_color(water: &ShownWater, origin: [f32; 3], ground: [f32; 3]) -> Option<[u8; 3]> {
    let (at, value, p) = water.on_ray(origin, ground)?;
    let cell = water.moment.grid().cell_m;
    let [x, y] = [0, 1].map(|i| f64::from(p[i]));
    let deep = |(east, north): (f64, f64)| {
        let there = water.moment.at(x + east * cell, y + north * cell);
        there.is_some_and(|w| w.depth_m > 1.2 * SHOWN_DEPTH_M)
    };
    let inside = [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
    let inside = at.depth_m > 1.2 * SHOWN_DEPTH_M && inside.into_iter().all(deep);
    inside.then(|| water.legend.color(f64::from(value)))
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
    let equal = |place: &&Place| {
        let Place { at, color, .. } = place;
        let same = |found: [u8; 3]| shaded(found, *color, place.least);
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

/// A colour, up to the last bit of rounding, or one that form has darkened: all parts by the same share of light.
fn shaded(found: [u8; 3], color: [u8; 3], least: f32) -> bool {
    let light = |srgb: f32| {
        let v = (srgb / 255.0).clamp(0.0, 1.0);
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    };
    // Shares that a part allows: those whose rounding gives the part that was found.
    let shares = std::iter::zip(found, color).map(|(found, color)| {
        let [from, to] = [-1.0, 1.0].map(|by| light(f32::from(found) + by));
        let full = light(f32::from(color)).max(1e-6);
        [from / full, to / full]
    });
    let [low, high] = shares.fold([least, 1.0], |a, b| [a[0].max(b[0]), a[1].min(b[1])]);
    low <= high
}

fn take(
    path: &Path,
    places: Vec<Place>,
    arrows: bool,
    outcome: ShotOutcome,
    commands: &mut Commands,
) {
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
                    check(&picture, &places, arrows, window.scale_factor())
                });
            exit.write(if written.is_ok() {
                AppExit::Success
            } else {
                AppExit::error()
            });
            outcome.set(written.map_err(ShotError::Failed));
        },
    );
}

/// The colours on screen are those of the legend.
fn check(
    picture: &image::RgbImage,
    places: &[Place],
    arrows: bool,
    scale: f32,
) -> Result<(), String> {
    let equal = matching(picture, places, scale);
    let share = if arrows { ARROWS_SHARE } else { CHECK_SHARE };
    let form = if places.iter().any(|place| place.least < 1.0) {
        ", darkened by at most 15 % for form"
    } else {
        ""
    };
    bevy::log::info!(
        "{equal} of {} places have exactly the colour of the legend{form}",
        places.len()
    );
    if (equal as f64) < share * places.len() as f64 {
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
    fn a_result_without_its_table_is_told_before_anything_is_computed() {
        let text = "[scenario]\nversion = 1\nname = \"t\"\ncity = \"sample:hafenquartier\"\n";
        let plain: Scenario = toml::from_str(text).unwrap();
        for (field, table) in [
            ("traffic_now", "[traffic]"),
            ("shuttle_now", "[shuttles]"),
            ("access_time", "[access]"),
        ] {
            let why = impossible(field, Some(&plain)).unwrap();
            assert!(why.contains(table) && why.contains(field), "{why}");
            assert_eq!(impossible(field, None), Some(why));
        }
        let network = "[traffic]\nnetwork = \"sample:hafenquartier\"\n";
        let driven: Scenario = toml::from_str(&format!("{text}{network}")).unwrap();
        assert_eq!(impossible("traffic_now", Some(&driven)), None);
        let why = impossible("trafic_now", Some(&driven)).unwrap();
        assert!(
            why.contains("shuttle") && why.contains("trafic_now"),
            "{why}"
        );
    }

    #[test]
    fn a_picture_in_other_colours_is_refused() {
        let picture = image::RgbImage::from_pixel(10, 10, image::Rgb([10, 20, 30]));
        let place = |color| Place {
            at: Vec2::new(5.0, 5.0),
            color,
            least: 1.0,
        };
        assert_eq!(check(&picture, &[place([10, 21, 30])], false, 1.0), Ok(()));
        assert!(
            check(
                &picture,
                &[place([10, 20, 30]), place([10, 24, 30])],
                false,
                1.0
            )
            .is_err()
        );
    }

    #[test]
    fn form_darkens_a_colour_a_little_and_evenly() {
        let deep = [0x1d, 0x6c, 0xb1];
        assert!(shaded(deep, deep, 1.0) && shaded([0x1e, 0x6c, 0xb0], deep, 1.0));
        // 90 % of the light, and 70 %.
        let (less, far_less) = ([0x1b, 0x67, 0xa9], [0x17, 0x5b, 0x97]);
        assert!(shaded(less, deep, 0.85) && !shaded(less, deep, 1.0));
        assert!(!shaded(far_less, deep, 0.85));
        // A lighter one, and another class of the legend.
        assert!(!shaded([0x20, 0x70, 0xb6], deep, 0.85));
        assert!(!shaded([0x60, 0xa7, 0xd2], deep, 0.85));
    }

    #[test]
    fn a_line_over_the_colour_is_no_other_colour() {
        let place = Place {
            at: Vec2::new(5.0, 5.0),
            color: [100, 150, 200],
            least: 1.0,
        };
        let mut picture = image::RgbImage::from_pixel(10, 10, image::Rgb(place.color));
        picture.put_pixel(5, 5, image::Rgb([50, 75, 100]));
        assert_eq!(matching(&picture, &[place], 1.0), 1);
        let other = image::RgbImage::from_pixel(10, 10, image::Rgb([120, 160, 210]));
        assert_eq!(matching(&other, &[place], 1.0), 0);
    }
}
