//! Water of the scenario: compute, main settings, tools. What a planner changes often; the rest stands in the file.

use egui::{ComboBox, Label, Ui};

use crate::flood::params::{
    BuildingMode, FloodParams, FloodSolver, InfiltrationLaw, Rain, RainPreset, RoofRain,
};
use crate::scenario::{Scenario, ranges};

use super::action::{Action, Tool};
use super::command::{Command, Effect, WATER};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::study_panel::{RunButtons, StudyPanel, hint_ui, with_settings};
use super::sun_study::settled_row;
use super::widgets::{Button, Paint, named, switch};

/// Depth (mm) and duration (s) that a block rain begins with.
const FIRST_BLOCK: (f64, f64) = (30.0, 3600.0);

const PANEL: StudyPanel<FloodParams> = StudyPanel {
    id: "water",
    words: ["ui-water", "ui-water-tip", "ui-water-none"],
    settings: |scenario| scenario.flood.as_ref(),
    run: Some(RunButtons {
        simulation: WATER,
        exact: Command::WaterExact,
        coarse: Command::WaterCoarse,
        icon: Icon::Water,
        short: "ui-water-coarse-short",
        cancel: "ui-water-cancel",
    }),
};

/// The folding section of the water.
pub fn water_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let note = |_: &Scenario, flood: &FloodParams| rain_text(paint, flood);
    PANEL.show(ui, paint, state, note, |ui, scenario, flood| {
        let action = match flood {
            Some(flood) => settings_ui(ui, paint, state, scenario, flood),
            None => add_ui(ui, paint, scenario),
        };
        action.map(Effect::Act).into_iter().collect()
    })
}

/// The scenario with other water settings.
fn changed(scenario: &Scenario, change: impl FnOnce(&mut FloodParams)) -> Action {
    with_settings(scenario, |scenario| &mut scenario.flood, change)
}

fn add_ui(ui: &mut Ui, paint: &Paint, scenario: &Scenario) -> Option<Action> {
    let (name, tip) = (paint.get("ui-water-add"), paint.get("ui-water-add-tip"));
    Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .show(ui, paint)
        .clicked()
        .then(|| {
            changed(scenario, |flood| {
                flood.rain = Some(preset(RainPreset::HhSri7));
            })
        })
}

fn preset(preset: RainPreset) -> Rain {
    Rain::Preset {
        preset,
        start_s: 0.0,
    }
}

/// Buttons of the tools of the water; each works in a variant, the section also in the baseline.
pub fn tools_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Effect> {
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        for tool in [Tool::Wall, Tool::Raise, Tool::Section] {
            chosen = tool_button_ui(ui, paint, state, tool).or(chosen.take());
        }
    });
    chosen
}

/// The button that takes a tool in hand, or lays it down.
pub fn tool_button_ui(ui: &mut Ui, paint: &Paint, state: &UiState, tool: Tool) -> Option<Effect> {
    let command = tool.command();
    let (name, tip) = command.words(paint.t);
    let keys = command.printed_keys(paint.t);
    let effect = command.effect(state);
    let short = paint.get(match tool {
        Tool::Wall => "ui-tool-wall-short",
        Tool::Raise => "ui-tool-raise-short",
        Tool::Area => "ui-tool-area-short",
        Tool::Section => "ui-tool-section-short",
    });
    let mut button = Button::words(&name, &tip)
        .with_icon(tool.icon())
        .keys(&keys)
        .enabled(effect.is_some());
    if state.tool == Some(tool) {
        button = button.chosen(true);
    }
    button.words = Some(&short);
    let clicked = button.show(ui, paint).clicked();
    effect.filter(|_| clicked)
}

/// The rain in a few words: `HH-SRI12`, `36 mm`.
fn rain_text(paint: &Paint, flood: &FloodParams) -> String {
    match &flood.rain {
        Some(Rain::Preset { preset, .. }) => preset.name().to_owned(),
        Some(Rain::Block {
            depth_mm: Some(depth_mm),
            ..
        }) => paint.t.language().with_unit(*depth_mm, 0, "mm"),
        Some(_) => paint.get("ui-rain-other"),
        None => paint.get("ui-rain-none"),
    }
}

/// Text key of a preset.
fn preset_key(preset: RainPreset) -> &'static str {
    match preset {
        RainPreset::HhSri5 => "ui-rain-hh-sri5",
        RainPreset::HhSri7 => "ui-rain-hh-sri7",
        RainPreset::HhSri12 => "ui-rain-hh-sri12",
        RainPreset::Hh20180510 => "ui-rain-hh-2018",
        RainPreset::BkgT100 => "ui-rain-bkg-t100",
        RainPreset::Bkg100 => "ui-rain-bkg-100",
    }
}

fn settings_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    flood: &FloodParams,
) -> Option<Action> {
    let mut action = rain_ui(ui, paint, state, scenario, flood);
    let spec = FieldSpec::new;
    let (least_s, most_s) = ranges::FLOOD_DURATION_S;
    let minutes = (least_s.max(60.0) / 60.0, most_s / 60.0);
    type Set = fn(&mut FloodParams, f64);
    let rows: [(FieldSpec, f64, Set); 3] = [
        (
            spec(
                "ui-water-duration",
                "ui-water-duration-tip",
                "min",
                minutes,
                10.0,
                0,
            ),
            flood.duration_s / 60.0,
            |flood, min| flood.duration_s = min * 60.0,
        ),
        (
            spec(
                "ui-water-cell",
                "ui-water-cell-tip",
                "m",
                ranges::FLOOD_CELL_M,
                0.5,
                2,
            ),
            flood.cell_m,
            |flood, m| flood.cell_m = m,
        ),
        (
            spec(
                "ui-water-sewer",
                "ui-water-sewer-tip",
                "mm/h",
                ranges::SEWER_MM_PER_H,
                1.0,
                0,
            ),
            flood.sewer_mm_per_h,
            |flood, rate| flood.sewer_mm_per_h = rate,
        ),
    ];
    for (spec, now, set) in rows {
        if let Some(value) = settled_row(ui, paint, state, &spec, now) {
            action = Some(changed(scenario, |flood| set(flood, value)));
        }
    }
    let laws = [
        (InfiltrationLaw::None, "ui-infiltration-none"),
        (InfiltrationLaw::Constant, "ui-infiltration-constant"),
        (InfiltrationLaw::GreenAmpt, "ui-infiltration-green-ampt"),
        (InfiltrationLaw::Scs, "ui-infiltration-scs"),
    ];
    let names = ("ui-water-infiltration", "ui-water-infiltration-tip");
    if let Some(law) = choice_ui(ui, paint, names, &laws, flood.infiltration) {
        action = Some(changed(scenario, |flood| flood.infiltration = law));
    }
    let ways = [
        (RoofRain::Perimeter, "ui-roofs-perimeter"),
        (RoofRain::Drain, "ui-roofs-drain"),
    ];
    let names = ("ui-water-roofs", "ui-water-roofs-tip");
    if let Some(way) = choice_ui(ui, paint, names, &ways, flood.roof_rain) {
        action = Some(changed(scenario, |flood| flood.roof_rain = way));
    }
    let modes = [
        (BuildingMode::Hole, "ui-water-hole"),
        (BuildingMode::Block, "ui-water-block"),
        (BuildingMode::Porous, "ui-water-porous"),
    ];
    let names = ("ui-water-buildings", "ui-water-buildings-tip");
    if let Some(mode) = choice_ui(ui, paint, names, &modes, flood.buildings) {
        action = Some(changed(scenario, |flood| flood.buildings = mode));
    }
    let solvers = [
        (FloodSolver::Full, "ui-solver-full"),
        (FloodSolver::Preview, "ui-solver-preview"),
    ];
    let names = ("ui-water-solver", "ui-water-solver-tip");
    if let Some(solver) = choice_ui(ui, paint, names, &solvers, flood.solver) {
        action = Some(changed(scenario, |flood| flood.solver = solver));
    }
    if let Some(on) = switch(
        ui,
        paint,
        "ui-water-second-order",
        "ui-water-second-order-tip",
        flood.order == 2,
        flood.solver == FloodSolver::Full,
    ) {
        action = Some(changed(scenario, |flood| {
            flood.order = if on { 2 } else { 1 }
        }));
    }
    hint_ui(ui, paint, "ui-water-more");
    action
}

/// What the rain is: none, a preset, a block of depth and duration, or another one that stands in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum RainChoice {
    None,
    Preset(RainPreset),
    Block,
    Other,
}

fn rain_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    flood: &FloodParams,
) -> Option<Action> {
    let now = match &flood.rain {
        None => RainChoice::None,
        Some(Rain::Preset { preset, .. }) => RainChoice::Preset(*preset),
        Some(Rain::Block {
            depth_mm: Some(_), ..
        }) => RainChoice::Block,
        Some(_) => RainChoice::Other,
    };
    let mut choices = vec![(RainChoice::None, "ui-rain-none")];
    let presets = RainPreset::ALL.into_iter();
    choices.extend(presets.map(|p| (RainChoice::Preset(p), preset_key(p))));
    choices.push((RainChoice::Block, "ui-rain-block"));
    if now == RainChoice::Other {
        choices.push((RainChoice::Other, "ui-rain-other"));
    }
    let mut action = None;
    if let Some(choice) = choice_ui(ui, paint, ("ui-rain", "ui-rain-tip"), &choices, now) {
        let rain = match choice {
            RainChoice::None => None,
            RainChoice::Preset(p) => Some(preset(p)),
            RainChoice::Block => Some(block(FIRST_BLOCK.0, FIRST_BLOCK.1)),
            RainChoice::Other => flood.rain.clone(),
        };
        action = Some(changed(scenario, |flood| flood.rain = rain));
    }
    if let Some(Rain::Block {
        depth_mm: Some(depth_mm),
        duration_s,
        ..
    }) = flood.rain
    {
        let spec = |label, tip, unit, range, step| FieldSpec::new(label, tip, unit, range, step, 0);
        let depth = spec(
            "ui-rain-depth",
            "ui-rain-depth-tip",
            "mm",
            ranges::RAIN_DEPTH_MM,
            5.0,
        );
        if let Some(mm) = settled_row(ui, paint, state, &depth, depth_mm) {
            action = Some(changed(scenario, |f| f.rain = Some(block(mm, duration_s))));
        }
        let minutes = (1.0, ranges::FLOOD_TIME_S.1 / 60.0);
        let length = spec(
            "ui-rain-duration",
            "ui-rain-duration-tip",
            "min",
            minutes,
            15.0,
        );
        if let Some(min) = settled_row(ui, paint, state, &length, duration_s / 60.0) {
            action = Some(changed(scenario, |f| {
                f.rain = Some(block(depth_mm, min * 60.0))
            }));
        }
    }
    action
}

fn block(depth_mm: f64, duration_s: f64) -> Rain {
    Rain::Block {
        depth_mm: Some(depth_mm),
        intensity_mm_per_h: None,
        duration_s,
        start_s: 0.0,
    }
}

/// A label and a list to choose from.
pub(super) fn choice_ui<T: Copy + PartialEq>(
    ui: &mut Ui,
    paint: &Paint,
    (label, tip): (&str, &str),
    choices: &[(T, &str)],
    now: T,
) -> Option<T> {
    let mut chosen = None;
    ui.horizontal(|ui| {
        let name = paint.get(label);
        let left = paint.of(80.0);
        super::widgets::cell(ui, left, egui::Align::Min, |ui| {
            ui.add(Label::new(&name).truncate());
        });
        let words = choices
            .iter()
            .find(|(c, _)| *c == now)
            .map(|(_, key)| paint.get(key));
        let response = ComboBox::from_id_salt(label)
            .width(ui.available_width())
            .truncate()
            .selected_text(words.unwrap_or_default())
            .show_ui(ui, |ui| {
                for (choice, key) in choices {
                    let same = *choice == now;
                    if ui.selectable_label(same, paint.get(key)).clicked() && !same {
                        chosen = Some(*choice);
                    }
                }
            })
            .response;
        named(ui, response, &name, &paint.get(tip));
    });
    chosen
}
