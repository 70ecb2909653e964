//! Wind of the scenario: compute, direction on a rose, main settings. The rest stands in the file.

use std::f32::consts::TAU;

use egui::{Align2, FontId, Pos2, Sense, Shape, Stroke, Ui, vec2};

use crate::result::Quality;
use crate::scenario::{Scenario, ranges};
use crate::wind::params::{WindInflow, WindParams, WindStatistic, WindTrees};

use super::action::Action;
use super::command::{Command, Effect, WIND, can_run_one};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::study_panel::{RunButtons, StudyPanel, hint_ui, with_settings};
use super::sun_study::{area_ui, settled_row};
use super::water_panel::choice_ui;
use super::widgets::{Button, Paint, describe};

/// Steps (degrees) of a direction that is dragged.
const SNAP_DEG: f64 = 5.0;
/// Side of the rose (points).
const ROSE: f32 = 132.0;
/// Direction (degrees) that a new study shows: south-west, the usual one in Germany.
const FIRST_DEG: f64 = 240.0;

const PANEL: StudyPanel<WindParams> = StudyPanel {
    id: "wind",
    words: ["ui-wind", "ui-wind-tip", "ui-wind-none"],
    settings: |scenario| scenario.wind.as_ref(),
    run: Some(RunButtons {
        simulation: WIND,
        exact: Command::WindExact,
        coarse: Command::WindCoarse,
        icon: Icon::Wind,
        short: "ui-wind-coarse-short",
        cancel: "ui-wind-cancel",
    }),
};

/// The folding section of the wind.
pub fn wind_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let note = |scenario: &Scenario, _: &WindParams| from_text(paint, shown_deg(scenario, state));
    PANEL.show(ui, paint, state, note, |ui, scenario, wind| {
        let Some(wind) = wind else {
            let added = add_ui(ui, paint, scenario);
            return added.map(Effect::Act).into_iter().collect();
        };
        let from = shown_deg(scenario, state);
        let mut effects = direction_ui(ui, paint, state, scenario, from);
        let changed = settings_ui(ui, paint, state, scenario, wind);
        effects.extend(changed.map(Effect::Act));
        effects
    })
}

/// The scenario with other wind settings.
fn changed(scenario: &Scenario, change: impl FnOnce(&mut WindParams)) -> Action {
    with_settings(scenario, |scenario| &mut scenario.wind, change)
}

fn add_ui(ui: &mut Ui, paint: &Paint, scenario: &Scenario) -> Option<Action> {
    let (name, tip) = (paint.get("ui-wind-add"), paint.get("ui-wind-add-tip"));
    Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .show(ui, paint)
        .clicked()
        .then(|| changed(scenario, |wind| wind.maps_from_deg = vec![FIRST_DEG]))
}

/// Direction (degrees) of the first map: that of the scenario, else that of the results.
fn shown_deg(scenario: &Scenario, state: &UiState) -> f64 {
    let wanted = scenario.wind.as_ref();
    let wanted = wanted.and_then(|w| w.maps_from_deg.first().copied());
    let results = state.snapshot.results.iter().flatten();
    let fields = results.flat_map(|r| &r.result.fields);
    wanted
        .or_else(|| fields.filter_map(|f| f.from_deg).next())
        .unwrap_or(FIRST_DEG)
}

fn from_text(paint: &Paint, deg: f64) -> String {
    let deg = paint
        .t
        .language()
        .number(deg, usize::from(deg.fract() != 0.0));
    paint.t.with("wind-from", &[("deg", deg)])
}

/// The rose with the direction, and its number. Another direction is computed at once, coarse.
fn direction_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    from: f64,
) -> Vec<Effect> {
    let spec = FieldSpec {
        label: "ui-wind-from",
        tip: "ui-wind-from-tip",
        unit: "°",
        range: (0.0, 360.0),
        step: SNAP_DEG,
        decimals: 0,
    };
    let dragged = rose_ui(ui, paint, state, from);
    let typed = settled_row(ui, paint, state, &spec, from);
    let Some(deg) = dragged.or(typed) else {
        return Vec::new();
    };
    let deg = deg.rem_euclid(360.0);
    let mut effects = vec![Effect::Act(changed(scenario, |wind| {
        match wind.maps_from_deg.first_mut() {
            Some(first) => *first = deg,
            None => wind.maps_from_deg = vec![deg],
        }
        // Two directions that have become one.
        let rest = wind.maps_from_deg.split_off(1);
        wind.maps_from_deg.extend(
            rest.into_iter()
                .filter(|d| (d - deg).rem_euclid(360.0) != 0.0),
        );
    }))];
    if can_run_one(state, WIND) {
        effects.push(Effect::Act(Action::RunOne(WIND, Quality::Coarse)));
    }
    effects
}

/// Sectors of the climate as shares of the most frequent one, from the results.
fn sectors(state: &UiState) -> Vec<f32> {
    let tables = state.snapshot.results.iter().flatten();
    let mut tables = tables.flat_map(|r| &r.result.tables);
    let Some(rose) = tables.find(|t| t.id == "wind_rose") else {
        return Vec::new();
    };
    let shares = rose
        .rows
        .iter()
        .map(|row| row[1].number().unwrap_or(0.0) as f32);
    let most = shares.clone().fold(1e-6, f32::max);
    shares.map(|s| s / most).collect()
}

/// Draws the rose; gives the direction (degrees) when a drag on it ends. The number below it does the same by keyboard.
fn rose_ui(ui: &mut Ui, paint: &Paint, state: &UiState, from: f64) -> Option<f64> {
    let side = paint.of(ROSE);
    let (rect, response) = ui
        .vertical_centered(|ui| {
            ui.allocate_exact_size(vec2(side, side), Sense::DRAG | Sense::CLICK)
        })
        .inner;
    let id = response.id;
    let centre = rect.center();
    let radius = 0.5 * side - paint.of(12.0);
    let at = |deg: f32, r: f32| -> Pos2 {
        let a = deg / 360.0 * TAU;
        centre + vec2(r * a.sin(), -r * a.cos())
    };
    let pointed = response.interact_pointer_pos().map(|p| {
        let v = p - centre;
        let deg = f64::from(v.x.atan2(-v.y).to_degrees());
        ((deg / SNAP_DEG).round() * SNAP_DEG).rem_euclid(360.0)
    });
    let held: Option<f64> = ui.data(|d| d.get_temp(id));
    let shown = pointed.or(held).unwrap_or(from) as f32;
    let colour = &paint.look.colour;
    let painter = ui.painter();
    for r in [0.5, 1.0] {
        painter.circle_stroke(centre, radius * r, Stroke::new(1.0, colour.line));
    }
    let rose = sectors(state);
    let width = 360.0 / rose.len().max(1) as f32;
    for (n, share) in rose.iter().enumerate() {
        let (middle, r) = (n as f32 * width, share * radius);
        let mut points = vec![centre];
        points.extend((-4..=4).map(|k| at(middle + k as f32 * 0.1 * width, r)));
        painter.add(Shape::convex_polygon(
            points,
            colour.control_hovered,
            Stroke::new(1.0, colour.outline),
        ));
    }
    let size = FontId::proportional(paint.of(11.0));
    for (deg, key) in [
        (0.0, "common-direction-n"),
        (90.0, "common-direction-e"),
        (180.0, "common-direction-s"),
        (270.0, "common-direction-w"),
    ] {
        painter.text(
            at(deg, radius + paint.of(6.5)),
            Align2::CENTER_CENTER,
            paint.get(key),
            size.clone(),
            colour.text_weak,
        );
    }
    // From the rim to the middle: where the wind comes from and goes to.
    let line = Stroke::new(paint.of(2.0), colour.accent);
    let (tail, head) = (at(shown, radius), at(shown, radius * 0.16));
    painter.line_segment([tail, head], line);
    for turn in [-9.0, 9.0] {
        painter.line_segment([head, at(shown + turn, radius * 0.42)], line);
    }
    painter.circle_filled(tail, paint.of(4.0), colour.accent);
    let tip = paint.get("ui-wind-rose-tip");
    describe(ui, &response, &tip, "");
    let name = from_text(paint, f64::from(shown));
    ui.ctx()
        .accesskit_node_builder(id, |node| node.set_label(name));
    let response = response.on_hover_text(tip);
    if response.drag_stopped() || response.clicked() {
        ui.data_mut(|d| d.remove::<f64>(id));
        return pointed.or(held).filter(|deg| *deg != from);
    }
    if let Some(deg) = pointed.filter(|_| response.dragged()) {
        ui.data_mut(|d| d.insert_temp(id, deg));
    }
    None
}

fn settings_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    wind: &WindParams,
) -> Option<Action> {
    let mut action = None;
    let spec =
        |label, tip, range, step, decimals| FieldSpec::new(label, tip, "m", range, step, decimals);
    let cell = spec(
        "ui-wind-cell",
        "ui-wind-cell-tip",
        ranges::WIND_CELL_M,
        0.5,
        2,
    );
    if let Some(m) = settled_row(ui, paint, state, &cell, wind.cell_m) {
        action = Some(changed(scenario, |wind| wind.cell_m = m));
    }
    let height = spec(
        "ui-wind-height",
        "ui-wind-height-tip",
        ranges::WIND_HEIGHT_M,
        0.25,
        2,
    );
    if let Some(m) = settled_row(ui, paint, state, &height, wind.height_m) {
        action = Some(changed(scenario, |wind| wind.height_m = m));
    }
    if let WindInflow::Log { z0_m, speed_mps } = wind.inflow {
        let rough = spec("ui-wind-z0", "ui-wind-z0-tip", ranges::WIND_Z0_M, 0.05, 3);
        if let Some(m) = settled_row(ui, paint, state, &rough, z0_m) {
            let inflow = WindInflow::Log { z0_m: m, speed_mps };
            action = Some(changed(scenario, |wind| wind.inflow = inflow));
        }
        let speed = FieldSpec {
            unit: "m/s",
            ..spec(
                "ui-wind-speed",
                "ui-wind-speed-tip",
                ranges::WIND_SPEED_MPS,
                0.5,
                1,
            )
        };
        if let Some(mps) = settled_row(ui, paint, state, &speed, speed_mps) {
            let inflow = WindInflow::Log {
                z0_m,
                speed_mps: mps,
            };
            action = Some(changed(scenario, |wind| wind.inflow = inflow));
        }
    }
    let tiers = [(1, "ui-wind-tier-1"), (2, "ui-wind-tier-2")];
    let names = ("ui-wind-tier", "ui-wind-tier-tip");
    if let Some(tier) = choice_ui(ui, paint, names, &tiers, wind.tier) {
        action = Some(changed(scenario, |wind| {
            wind.tier = tier;
            if tier == 2 {
                wind.trees = WindTrees::Ignore;
            }
        }));
    }
    let statistics = [
        (WindStatistic::MeanSpeed, "ui-wind-mean-speed"),
        (WindStatistic::MeanVelocity, "ui-wind-mean-velocity"),
        (WindStatistic::GustEquivalent, "ui-wind-gust"),
    ];
    let names = ("ui-wind-statistic", "ui-wind-statistic-tip");
    if let Some(statistic) = choice_ui(ui, paint, names, &statistics, wind.statistic) {
        action = Some(changed(scenario, |wind| wind.statistic = statistic));
    }
    let trees = [
        (WindTrees::Ignore, "wind-trees-ignore"),
        (WindTrees::Bare, "wind-trees-bare"),
        (WindTrees::InLeaf, "wind-trees-in-leaf"),
    ];
    let names = ("ui-wind-trees", "ui-wind-trees-tip");
    // Tier 2 knows no trees.
    if wind.tier == 1
        && let Some(choice) = choice_ui(ui, paint, names, &trees, wind.trees)
    {
        action = Some(changed(scenario, |wind| wind.trees = choice));
    }
    if wind.climate.is_some() {
        let counts = [
            (8, "ui-wind-directions-8"),
            (12, "ui-wind-directions-12"),
            (16, "ui-wind-directions-16"),
            (32, "ui-wind-directions-32"),
        ];
        let names = ("ui-wind-directions", "ui-wind-directions-tip");
        if let Some(count) = choice_ui(ui, paint, names, &counts, wind.directions) {
            action = Some(changed(scenario, |wind| wind.directions = count));
        }
    }
    if let Some(area) = area_ui(ui, paint, state, "ui-wind-area-tip", wind.area) {
        action = Some(changed(scenario, |wind| wind.area = area));
    }
    hint_ui(ui, paint, "ui-wind-more");
    action
}
