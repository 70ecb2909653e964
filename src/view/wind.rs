//! Streaks of the wind over a coloured map: short pieces of streamlines of the direction that the map belongs to, thin where they begin,
//! with the head of an arrow where they end.
//!
//! They are traced once for a map and a distance of the eye, on a thread of their own, and become one mesh: they cost nothing while the
//! camera moves. They stand on a fixed lattice, every second row shifted by half a square, so that the same map has the same streaks.

use std::f32::consts::FRAC_PI_2;
use std::sync::Arc;

use bevy::prelude::*;

use crate::ui::wind_flow::{STREAK_SPEEDS, WindFlow};

use super::app::Awake;
use super::arrows::{ArrowLook, add_head, arrow_distance, arrow_share, strongest};
use super::desktop::Desktop;
use super::pick::Picker;
use super::pointer::{PanelSpace, Rig, Scene};
use super::scene::mesh_data::LineData;
use super::space::bevy_from_map_array;
use super::worker::{Wake, Worker};

/// Length of the longest streak in squares of the lattice.
const LONGEST: f64 = 1.4;
/// Squares at most: a close look at a large map has no more streaks.
const MOST: usize = 6000;
/// Height (points) of a picture with as many streaks as fit.
const FULL_PT: f32 = 740.0;
/// Speed (m/s) below which the mean direction means nothing, and a streak ends.
const CALM_MPS: f32 = 0.15;
/// Share of its length that a streak needs before a wall: shorter ones are dots.
const LEAST_LENGTH: f64 = 0.35;
/// Share of the width where a streak begins.
const TAIL: f32 = 0.12;
/// Length of the head's barbs in squares of the lattice.
const BARB: f32 = 0.16;
/// Height (m) of streaks above the drawn ground, on which their map is painted. The map's own height would move them away from its
/// colours in a slanting view.
const LIFT_M: f32 = 0.6;

impl Desktop {
    /// The wind whose streaks the window shows.
    pub fn streaks(&self) -> Option<WindFlow> {
        let id = self.ui.field.as_deref()?;
        if !self.ui.arrows_shown() {
            return None;
        }
        WindFlow::of_map(&self.result(self.ui.variant)?.result, id)
    }
}

/// What streaks were made from: fields, drawn ground, distance in cells.
#[derive(Clone, Debug, PartialEq)]
struct WindKey {
    fields: [usize; 2],
    ground: usize,
    every: usize,
}

/// What is to be made.
pub struct WindRequest {
    key: WindKey,
    flow: WindFlow,
    ground: Arc<Picker>,
}

/// Finished streaks.
pub struct WindParts {
    key: WindKey,
    lines: LineData,
}

type WindWorker = Worker<WindRequest, WindParts>;

/// What of it is on screen.
#[derive(Resource, Default)]
pub struct Streaks {
    asked: Option<WindKey>,
    shown: Option<WindKey>,
    entities: Vec<Entity>,
}

impl Streaks {
    /// The streaks that the state asks for are drawn, or none are asked for.
    pub fn complete(&self) -> bool {
        self.asked == self.shown
    }
}

/// Adds the thread and the resource; `app` chains the systems.
pub fn plugin(app: &mut App, wake: Wake) {
    app.insert_resource(Worker::spawn("wind", wake, make))
        .init_resource::<Streaks>();
}

fn make(request: WindRequest) -> WindParts {
    let WindRequest { key, flow, ground } = request;
    let height = |x: f32, y: f32| ground.ground_height(x, y);
    let lines = streaks(&flow, key.every, height);
    WindParts { key, lines }
}

/// Streaks on a lattice of `every` cells.
fn streaks(flow: &WindFlow, every: usize, ground: impl Fn(f32, f32) -> Option<f32>) -> LineData {
    let grid = &flow.grid;
    let square_m = every as f64 * grid.cell_m;
    let fast = |r: usize, c: usize| {
        let speed = flow.speed_mps[grid.index(r, c)];
        (speed >= STREAK_SPEEDS[0] && flow.velocity(grid.index(r, c)).is_some()).then_some(speed)
    };
    let mut lines = LineData::default();
    for (number, row) in (0..grid.rows).step_by(every).enumerate() {
        let shift = if number % 2 == 1 { every / 2 } else { 0 };
        for col in (shift..grid.cols).step_by(every) {
            let Some((r, c)) = strongest(grid, [row, col], every, fast) else {
                continue;
            };
            let speed = flow.speed_mps[grid.index(r, c)];
            let length = LONGEST * square_m * f64::from(arrow_share(speed, STREAK_SPEEDS));
            let path = streamline(flow, grid.centre(r, c), length);
            let way: f64 = path.windows(2).map(|p| distance(p[0], p[1])).sum();
            if way >= LEAST_LENGTH * length {
                add_streak(&mut lines, &path, BARB * square_m as f32, &ground);
            }
        }
    }
    lines
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (b[0] - a[0]).hypot(b[1] - a[1])
}

/// Local places along the streamline through a place, half of the length (m) on either side of it; shorter at walls and in calm air.
/// Method: midpoint rule with steps of half a cell, normed to the speed.
fn streamline(flow: &WindFlow, place: [f64; 2], length_m: f64) -> Vec<[f64; 2]> {
    let unit = |p: [f64; 2]| {
        let [u, v] = flow.at(p)?;
        let speed = u.hypot(v);
        (speed >= CALM_MPS).then(|| [f64::from(u / speed), f64::from(v / speed)])
    };
    let steps = (length_m / flow.grid.cell_m).ceil().max(2.0) as usize;
    let step_m = 0.5 * length_m / steps as f64;
    let unit = &unit;
    let half = |sign: f64| {
        let go = move |p: [f64; 2], d: [f64; 2], by: f64| {
            [p[0] + sign * by * d[0], p[1] + sign * by * d[1]]
        };
        let next = move |p: &[f64; 2]| {
            let middle = go(*p, unit(*p)?, 0.5 * step_m);
            let end = go(*p, unit(middle)?, step_m);
            flow.at(end).map(|_| end)
        };
        std::iter::successors(Some(place), next).take(steps + 1)
    };
    let mut path: Vec<[f64; 2]> = half(-1.0).collect();
    path.reverse();
    path.extend(half(1.0).skip(1));
    path
}

/// Adds a streak along a path, with the head at its end.
fn add_streak(
    lines: &mut LineData,
    path: &[[f64; 2]],
    barb_m: f32,
    ground: impl Fn(f32, f32) -> Option<f32>,
) {
    let points: Option<Vec<Vec3>> = path
        .iter()
        .map(|p| {
            let [x, y] = p.map(|v| v as f32);
            Some(bevy_from_map_array([x, y, ground(x, y)? + LIFT_M]))
        })
        .collect();
    let Some(points) = points else { return };
    let [.., before, tip] = points[..] else {
        return;
    };
    let last = (points.len() - 1) as f32;
    let share = |n: usize| TAIL + (1.0 - TAIL) * n as f32 / last;
    for (n, pair) in points.windows(2).enumerate() {
        lines.push_tapered([pair[0], pair[1]], [share(n), share(n + 1)]);
    }
    let along = Vec3::new(tip.x - before.x, 0.0, tip.z - before.z).normalize_or_zero();
    add_head(lines, tip, along, barb_m);
}

/// Height (m) of a picture of [`FULL_PT`] points whose ground is seen from above: what is low or seen at a slant has fewer streaks, so that
/// they do not become a crowd of heads.
fn seen_height_m(height_m: f32, height_pt: f32, pitch: f32) -> f32 {
    height_m * (FULL_PT / height_pt.max(1.0)).max(1.0) / pitch.sin().max(0.2).sqrt()
}

/// Distance of streaks (cells, a power of two) for the height (m) of the picture.
fn streak_distance(height_m: f32, flow: &WindFlow) -> usize {
    let mut every = arrow_distance(height_m, flow.grid.cell_m);
    while flow.grid.len() / (every * every) > MOST {
        every *= 2;
    }
    every
}

/// Asks for streaks when something of them changed, and takes them away when they are no longer shown.
pub fn ask_for_wind(
    desktop: Res<Desktop>,
    rig: Res<Rig>,
    scene: Res<Scene>,
    space: Res<PanelSpace>,
    mut streaks: ResMut<Streaks>,
    mut worker: ResMut<WindWorker>,
    mut commands: Commands,
    mut awake: ResMut<Awake>,
) {
    let Some((flow, ground)) = desktop.streaks().zip(scene.picker.clone()) else {
        if !streaks.entities.is_empty() {
            for entity in streaks.entities.drain(..) {
                commands.entity(entity).despawn();
            }
            awake.0 = awake.0.max(2);
        }
        streaks.asked = None;
        streaks.shown = None;
        return;
    };
    let view = &rig.target;
    let pitch = if view.plan { FRAC_PI_2 } else { view.pitch };
    let height_m = seen_height_m(view.height_m(), space.free.height(), pitch);
    let key = WindKey {
        fields: [&flow.speed_mps, &flow.towards_deg].map(|field| Arc::as_ptr(field).addr()),
        ground: ground.ground_mark(),
        every: streak_distance(height_m, &flow),
    };
    if streaks.asked.as_ref() != Some(&key) {
        streaks.asked = Some(key.clone());
        worker.request(WindRequest { key, flow, ground });
    }
}

/// Draws finished streaks.
pub fn take_wind(
    worker: Res<WindWorker>,
    look: Res<ArrowLook>,
    mut streaks: ResMut<Streaks>,
    mut commands: Commands,
    mut meshes: ResMut<Assets<Mesh>>,
    mut awake: ResMut<Awake>,
) {
    let Some(parts) = worker.newest() else { return };
    if streaks.asked.is_none() {
        return;
    }
    for entity in std::mem::take(&mut streaks.entities) {
        commands.entity(entity).despawn();
    }
    if !parts.lines.segments.is_empty() {
        streaks.entities = look.spawn(&parts.lines, &mut meshes, &mut commands);
    }
    streaks.shown = Some(parts.key);
    awake.0 = awake.0.max(3);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::wind_flow::tests::flow;

    /// Wind that turns around the middle of 40 x 40 cells of 2 m, faster further out.
    fn whirl() -> WindFlow {
        let cells = (0..1600).map(|n| {
            let (x, y) = ((n % 40) as f32 - 19.5, 19.5 - (n / 40) as f32);
            [-0.2 * y, 0.2 * x]
        });
        flow(40, &cells.collect::<Vec<_>>())
    }

    #[test]
    fn a_streamline_goes_round_with_the_wind() {
        let path = streamline(&whirl(), [60.0, 40.0], 30.0);
        let way: f64 = path.windows(2).map(|p| distance(p[0], p[1])).sum();
        assert!((way - 30.0).abs() < 0.1, "{way}");
        for p in &path {
            let radius = distance(*p, [40.0, 40.0]);
            assert!((radius - 20.0).abs() < 0.1, "{p:?}: {radius}");
        }
        // Against the hands of a clock: east of the middle it blows to the north.
        assert!(path.last().unwrap()[1] > path[0][1]);
    }

    #[test]
    fn a_streak_ends_at_a_wall_and_has_its_head_downwind() {
        // West wind of 3 m/s, a wall from the sixth of eight columns on.
        let row: Vec<[f32; 2]> = (0..8)
            .map(|c| if c < 6 { [3.0, 0.0] } else { [f32::NAN; 2] })
            .collect();
        let wind = flow(8, &row.repeat(8));
        let path = streamline(&wind, [9.0, 7.0], 40.0);
        let end = path.last().unwrap()[0];
        assert!((11.0..12.0).contains(&end), "{path:?}");
        let lines = streaks(&wind, 4, |_, _| Some(1.0));
        let [start, tip] = lines.segments[0];
        assert!(tip.x > start.x && (tip.y - 1.0 - LIFT_M).abs() < 1e-6);
        let widths: Vec<f32> = lines.tapers.iter().map(|t| t[0]).collect();
        assert!(widths[0] < widths[1], "{widths:?}");
        // Nothing is drawn where the ground is unknown, nor in still air.
        assert!(streaks(&wind, 4, |_, _| None).segments.is_empty());
        let still = flow(8, &[[0.2, 0.1]; 64]);
        assert!(streaks(&still, 4, |_, _| Some(0.0)).segments.is_empty());
    }

    #[test]
    fn fast_wind_has_long_streaks_and_a_large_map_few() {
        let length = |speed: f32| {
            let lines = streaks(&flow(32, &[[speed, 0.0]; 1024]), 8, |_, _| Some(0.0));
            let shafts = lines.segments.iter().zip(&lines.tapers);
            let first = shafts.take_while(|(_, taper)| taper[1] > taper[0]);
            first.map(|(s, _)| s[0].distance(s[1])).sum::<f32>()
        };
        assert!(length(6.0) > 1.5 * length(1.5));
        assert!((length(6.0) - length(9.0)).abs() < 1e-3);
        let large = flow(600, &vec![[1.0, 0.0]; 360_000]);
        assert_eq!(streak_distance(10.0, &large), 8);
        assert_eq!(streak_distance(1500.0, &large), 64);
        // Half as high a window, or a flat look, has fewer.
        let high = |pt, pitch| seen_height_m(100.0, pt, pitch);
        assert_eq!(high(900.0, FRAC_PI_2), 100.0);
        assert_eq!(high(370.0, FRAC_PI_2), 200.0);
        assert!((high(740.0, 0.25) - 201.0).abs() < 1.0);
    }
}
