//! A section through the water: bed and level along a line that was drawn on the ground, at the shown time.

use std::sync::Arc;

use egui::{Align, Align2, Color32, Label, Layout, Mesh, Rect, Shape, Stroke, TextStyle, Ui, pos2};

use crate::geo::LocalFrame;
use crate::result::Animation;
use crate::result::legend::{Legend, legend};
use crate::text::Language;

use super::action::Action;
use super::chart::{Axis, Plot, plot_ui};
use super::icons::Icon;
use super::moment::{CellWater, Moment, SHOWN_DEPTH_M};
use super::state::UiState;
use super::theme::{caption, strong};
use super::widgets::{Button, Paint};

/// Width of the card at text size 1.
pub const WIDTH: f32 = 520.0;
/// A section narrower than this at text size 1 cannot be read.
const LEAST_WIDTH: f32 = 240.0;
/// Height of the plot at text size 1.
const HEIGHT: f32 = 140.0;
/// Points of a profile at most.
const MOST_SAMPLES: usize = 400;

/// Bed and water along a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Points in order.
    pub samples: Vec<Sample>,
    /// Length (m).
    pub length_m: f64,
    /// Heights (m) from the lowest bed to the highest level or bed.
    pub range_m: [f64; 2],
}

/// One point of a profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Way (m) from the start of the line.
    pub way_m: f64,
    /// Bed (m above datum); NaN outside the domain.
    pub bed_m: f32,
    /// Level of the water (m above datum) now; NaN where it is dry.
    pub level_m: f32,
    /// Highest level over the whole event; NaN where it stays dry.
    pub highest_m: f32,
}

/// What a profile is made from, to know when it has to be made again.
#[derive(Clone, Debug)]
pub struct ProfileKey {
    animation: Arc<Animation>,
    moment: (usize, u32),
    line: Vec<[f64; 2]>,
}

impl PartialEq for ProfileKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.animation, &other.animation)
            && self.moment == other.moment
            && self.line == other.line
    }
}

impl ProfileKey {
    /// What the state asks for; `None` without a line or without water.
    pub fn of(state: &UiState) -> Option<(Self, Moment)> {
        let animation = state.animation()?.clone();
        if state.section.len() < 2 {
            return None;
        }
        let moment = Moment::new(animation.clone(), state.event.time_s)?;
        let key = Self {
            animation,
            moment: moment.mark(),
            line: state.section.clone(),
        };
        Some((key, moment))
    }
}

/// The profile along a line of CRS places; `None` where the line misses the domain.
pub fn profile(moment: &Moment, line: &[[f64; 2]], frame: &LocalFrame) -> Option<Profile> {
    let local: Vec<[f64; 2]> = line
        .iter()
        .map(|p| {
            let q = frame.local_from_crs([p[0], p[1], 0.0]);
            [q.x, q.y]
        })
        .collect();
    let legs = local
        .windows(2)
        .map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]));
    let legs: Vec<f64> = legs.collect();
    let length_m: f64 = legs.iter().sum();
    let grid = *moment.grid();
    let count = (length_m / grid.cell_m * 2.0).ceil() as usize;
    let count = count.clamp(2, MOST_SAMPLES);
    let frames = &moment.animation().frames;
    let mut samples = Vec::with_capacity(count + 1);
    for i in 0..=count {
        let way_m = length_m * i as f64 / count as f64;
        let [x, y] = place_on(&local, &legs, way_m);
        let mut sample = Sample {
            way_m,
            bed_m: f32::NAN,
            level_m: f32::NAN,
            highest_m: f32::NAN,
        };
        if let Some((row, col)) = grid.cell_at(x, y) {
            let cell = grid.index(row, col);
            if !moment.depth_m(cell).is_nan() {
                sample.bed_m = moment.bed_m(cell);
            }
            if let CellWater::Open(depth) = moment.cell(row, col)
                && depth >= SHOWN_DEPTH_M
            {
                sample.level_m = moment.at(x, y).map_or(f32::NAN, |w| w.level_m);
            }
            let most = frames
                .iter()
                .map(|f| f.depth_m[cell])
                .fold(f32::NAN, f32::max);
            if most >= SHOWN_DEPTH_M {
                sample.highest_m = moment.bed_m(cell) + most;
            }
        }
        samples.push(sample);
    }
    let heights = samples
        .iter()
        .flat_map(|s| [s.bed_m, s.level_m, s.highest_m])
        .filter(|h| h.is_finite())
        .map(f64::from);
    let (low, high) = heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), h| {
        (a.min(h), b.max(h))
    });
    low.is_finite().then_some(Profile {
        samples,
        length_m,
        range_m: [low, high],
    })
}

/// The place after a way along a line.
fn place_on(line: &[[f64; 2]], legs: &[f64], way_m: f64) -> [f64; 2] {
    let mut left = way_m;
    for (i, leg) in legs.iter().enumerate() {
        if left <= *leg || i + 1 == legs.len() {
            let share = (left / leg.max(1e-9)).clamp(0.0, 1.0);
            return [0, 1].map(|k| line[i][k] + share * (line[i + 1][k] - line[i][k]));
        }
        left -= leg;
    }
    line[0]
}

/// A section that was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionView {
    /// What it was made from.
    pub key: ProfileKey,
    /// The profile; `None` where the line misses the domain of the water.
    pub profile: Option<Profile>,
}

/// The card with the section; nothing without one.
pub fn section_ui(ui: &mut Ui, paint: &Paint, state: &UiState, width: f32) -> Option<Action> {
    let section = state.prepared.section.as_deref()?;
    let mut action = None;
    ui.set_width(width);
    ui.spacing_mut().item_spacing.y = paint.of(4.0);
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(paint.get("ui-section-title")).text_style(strong()));
        let facts = [("time", state.prepared.now.event.as_str())];
        ui.label(caption(
            &paint.look,
            paint.t.with("ui-section-facts", &facts),
        ));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = paint.get("ui-section-close");
            if Button::icon(Icon::Close, &name, &paint.get("ui-section-close-tip"))
                .show(ui, paint)
                .clicked()
            {
                action = Some(Action::SetSection(Vec::new()));
            }
        });
    });
    match &section.profile {
        Some(profile) => draw(ui, paint, state, profile, width),
        None => {
            let text = paint.get("ui-section-outside");
            ui.add(Label::new(caption(&paint.look, text)).wrap());
        }
    }
    action
}

fn draw(ui: &mut Ui, paint: &Paint, state: &UiState, profile: &Profile, width: f32) {
    let [low, high] = profile.range_m;
    let margin = (0.12 * (high - low)).max(0.15);
    let across = paint.get("ui-section-across");
    let up = paint.get("ui-section-up");
    let plot = Plot {
        x: Axis::round(0.0, profile.length_m, false, &across, "m"),
        y: Axis::round(low - margin, high + margin, true, &up, "m"),
        size: egui::vec2(width, paint.of(HEIGHT)),
        name: &paint.get("ui-section-title"),
        spoken: &spoken(paint, state.language, profile),
    };
    let depths = state.prepared.world.depth_legend.and_then(legend);
    plot_ui(
        ui,
        paint,
        state.language,
        &plot,
        |painter, at, area| fill(painter, paint, profile, depths, &at, area),
        |way| readout(paint, state.language, profile, way),
    );
}

/// The section in words, for a screen reader.
fn spoken(paint: &Paint, language: Language, profile: &Profile) -> String {
    let deepest = profile
        .samples
        .iter()
        .map(|s| s.level_m - s.bed_m)
        .filter(|d| d.is_finite())
        .fold(0.0_f32, f32::max);
    let number = |v: f64| language.with_unit(v, 2, "m");
    paint.t.with(
        "ui-section-spoken",
        &[
            ("length", language.with_unit(profile.length_m, 0, "m")),
            ("low", number(profile.range_m[0])),
            ("high", number(profile.range_m[1])),
            ("depth", number(f64::from(deepest))),
        ],
    )
}

/// Water in the colours of its depth, the ground below it, the highest level as a dashed line.
fn fill(
    painter: &egui::Painter,
    paint: &Paint,
    profile: &Profile,
    depths: Option<&Legend>,
    at: &impl Fn(f64, f64) -> egui::Pos2,
    area: Rect,
) {
    let colour = &paint.look.colour;
    let ground = colour.event[2];
    // One mesh: polygons side by side would each have a soft edge, and show seams.
    let mut fills = Mesh::default();
    let mut strip = |x: [f32; 2], top: [f32; 2], bottom: [f32; 2], fill: Color32| {
        let first = fills.vertices.len() as u32;
        for place in [
            pos2(x[0], top[0]),
            pos2(x[1], top[1]),
            pos2(x[1], bottom[1]),
            pos2(x[0], bottom[0]),
        ] {
            fills.colored_vertex(place, fill);
        }
        fills.add_triangle(first, first + 1, first + 2);
        fills.add_triangle(first, first + 2, first + 3);
    };
    for pair in profile.samples.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        let x = [a.way_m, b.way_m].map(|w| at(w, 0.0).x);
        let bed = [a.bed_m, b.bed_m];
        let y = |heights: [f32; 2]| heights.map(|v| at(0.0, f64::from(v)).y);
        if bed.iter().any(|b| b.is_nan()) {
            // A house or the outside: nothing to stand on.
            continue;
        }
        let wet = [a.level_m, b.level_m];
        if wet.iter().any(|l| l.is_finite()) {
            let level = [0, 1].map(|i| if wet[i].is_nan() { wet[1 - i] } else { wet[i] });
            let depth = 0.5 * (level[0] - bed[0] + level[1] - bed[1]);
            let [r, g, b] = depths.map_or([0x60, 0xa7, 0xd2], |l| l.color(f64::from(depth)));
            strip(x, y(level), y(bed), Color32::from_rgb(r, g, b));
        }
        strip(x, y(bed), [area.bottom(); 2], ground);
    }
    painter.add(Shape::mesh(fills));
    let line = |of: &dyn Fn(&Sample) -> f32| -> Vec<Vec<egui::Pos2>> {
        let mut runs = vec![Vec::new()];
        for sample in &profile.samples {
            let height = of(sample);
            if height.is_nan() {
                runs.push(Vec::new());
            } else if let Some(run) = runs.last_mut() {
                run.push(at(sample.way_m, f64::from(height)));
            }
        }
        runs.retain(|r| r.len() > 1);
        runs
    };
    for run in line(&|s| s.bed_m) {
        painter.add(Shape::line(run, Stroke::new(1.5, colour.text_weak)));
    }
    for run in line(&|s| s.level_m) {
        painter.add(Shape::line(run, Stroke::new(1.5, colour.event[1])));
    }
    let dashed = Stroke::new(1.0, colour.event[1]);
    for run in line(&|s| s.highest_m) {
        painter.extend(Shape::dashed_line(&run, dashed, 5.0, 4.0));
    }
    let font = TextStyle::Small.resolve(&painter.ctx().global_style());
    // One direct label instead of a legend.
    let labelled = profile
        .samples
        .iter()
        .rev()
        .find(|s| s.highest_m.is_finite());
    if let Some(s) = labelled {
        let place = at(s.way_m, f64::from(s.highest_m));
        painter.text(
            pos2(place.x.min(area.right() - 2.0), place.y - 1.0),
            Align2::RIGHT_BOTTOM,
            paint.get("ui-section-highest"),
            font,
            colour.text_weak,
        );
    }
}

/// Words for the place under the cursor.
fn readout(paint: &Paint, language: Language, profile: &Profile, way_m: f64) -> String {
    let last = profile.samples.len() - 1;
    let at = (way_m / profile.length_m.max(1e-9) * last as f64).round() as usize;
    let sample = &profile.samples[at.min(last)];
    let number = |v: f32| {
        if v.is_nan() {
            crate::text::NO_VALUE.to_owned()
        } else {
            language.with_unit(f64::from(v), 2, "m")
        }
    };
    paint.t.with(
        "ui-section-here",
        &[
            ("way", language.with_unit(sample.way_m, 0, "m")),
            ("bed", number(sample.bed_m)),
            ("level", number(sample.level_m)),
            ("depth", number(sample.level_m - sample.bed_m)),
        ],
    )
}

/// Where the section lies and how wide it is: beside the card of the result, or at the top where little is left beside it.
pub fn room(paint: &Paint, free: Rect) -> (Align2, f32) {
    // Both cards have margins, and there is a gap before, between and behind them.
    let margin = 2.0 * paint.of(12.0);
    let gap = paint.look.size.group();
    let alone = free.width() - margin - 2.0 * gap;
    let beside = alone - paint.of(super::result_card::WIDTH) - margin - gap;
    let (corner, width) = if beside < paint.of(LEAST_WIDTH) {
        (Align2::RIGHT_TOP, alone)
    } else {
        (Align2::RIGHT_BOTTOM, beside)
    };
    (corner, width.min(paint.of(WIDTH)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Crs;
    use crate::ui::moment::tests::animation;

    #[test]
    fn a_profile_has_bed_level_and_highest_level_along_the_line() {
        // A trough of 10 cells: dry banks at 3 m, bed at 1 m, 1 m of water now and 1.5 m at most.
        let bed: Vec<f32> = (0..10)
            .map(|i| if (3..7).contains(&i) { 1.0 } else { 3.0 })
            .collect();
        let water = |d: f32| -> Vec<f32> {
            (0..10)
                .map(|i| if (3..7).contains(&i) { d } else { 0.0 })
                .collect()
        };
        let a = animation(10, bed, &[water(1.0), water(1.5)]);
        let moment = Moment::new(a, 0.0).unwrap();
        let frame = LocalFrame::near(Crs::utm32(), 565_000.0, 5_933_000.0);
        let east = |x: f64| {
            let p = frame.crs_from_local(nalgebra::Point3::new(x, 0.5, 0.0));
            [p[0], p[1]]
        };
        let profile = profile(&moment, &[east(0.5), east(9.5)], &frame).unwrap();
        assert!((profile.length_m - 9.0).abs() < 1e-6);
        assert_eq!(profile.range_m, [1.0, 3.0]);
        let middle = profile.samples[profile.samples.len() / 2];
        assert_eq!(
            (middle.bed_m, middle.level_m, middle.highest_m),
            (1.0, 2.0, 2.5)
        );
        let bank = profile.samples[0];
        assert!(bank.bed_m == 3.0 && bank.level_m.is_nan() && bank.highest_m.is_nan());
        let away = [[0.0, 0.0], [5.0, 5.0]];
        assert_eq!(super::profile(&moment, &away, &frame), None);
    }
}
