//! Shuttles of the scenario: compute, the fleet with its answer beside it, promises. The rest stands in the file.

use egui::Ui;

use crate::result::Quality;
use crate::scenario::{Edit, Scenario, ranges};
use crate::shuttle::params::{ShuttleParams, ShuttleService};

use super::action::{Action, Tool};
use super::command::{Command, Effect, SHUTTLE};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::study_panel::{RunButtons, StudyPanel, hint_ui, with_settings};
use super::sun_study::settled_row;
use super::water_panel::tool_button_ui;
use super::widgets::{Paint, fact_row};

const PANEL: StudyPanel<ShuttleParams> = StudyPanel {
    id: "shuttles",
    words: ["report-shuttle", "ui-shuttle-tip", "ui-shuttle-none"],
    settings: |scenario| scenario.shuttles.as_ref(),
    run: Some(RunButtons {
        simulation: SHUTTLE,
        exact: Command::ShuttleExact,
        coarse: Command::ShuttleCoarse,
        icon: Icon::Bus,
        short: "ui-traffic-coarse-short",
        cancel: "ui-shuttle-cancel",
    }),
};

/// The folding section of the shuttles.
pub fn shuttle_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let note = |scenario: &Scenario, shuttles: &ShuttleParams| {
        let service = shown_service(state, scenario, shuttles);
        let count = [("count", f64::from(service.vehicles))];
        paint.t.with("ui-shuttle-vehicles", &count)
    };
    let mut open = false;
    let mut effects = PANEL.show(ui, paint, state, note, |ui, scenario, shuttles| {
        open = true;
        let Some(shuttles) = shuttles else {
            hint_ui(ui, paint, "ui-shuttle-add");
            return Vec::new();
        };
        let mut effects = Vec::new();
        let service = shown_service(state, scenario, shuttles);
        if let Some(action) = service_ui(ui, paint, state, scenario, &service) {
            effects.push(Effect::Act(action));
            // The answer follows at once, from one run.
            effects.push(Effect::Act(Action::RunOne(SHUTTLE, Quality::Coarse)));
        }
        effects.extend(tool_button_ui(ui, paint, state, Tool::Area));
        figures_ui(ui, paint, state);
        hint_ui(ui, paint, "ui-shuttle-more");
        effects
    });
    if open != state.shuttles_open {
        effects.push(Effect::Act(Action::OutlineShuttles(open)));
    }
    effects
}

/// The service of the shown variant.
fn shown_service(state: &UiState, scenario: &Scenario, shuttles: &ShuttleParams) -> ShuttleParams {
    let variant = state.variant.checked_sub(1);
    let variant = variant.and_then(|variant| scenario.variants.get(variant));
    let edits = variant.iter().flat_map(|variant| &variant.edits);
    edits.fold(shuttles.clone(), |service, edit| match edit {
        Edit::ShuttleService(change) => change.applied(&service),
        _ => service,
    })
}

/// The service with another setting: of the table for the baseline, else of the variant's edit.
fn changed(
    state: &UiState,
    scenario: &Scenario,
    table: impl FnOnce(&mut ShuttleParams),
    edit: impl FnOnce(&mut ShuttleService),
) -> Action {
    let Some(variant) = state.variant.checked_sub(1) else {
        return with_settings(scenario, |scenario| &mut scenario.shuttles, table);
    };
    let edits = scenario.variants.get(variant).map(|v| v.edits.as_slice());
    let last = edits.unwrap_or_default().iter().enumerate().rev();
    let own = last.into_iter().find_map(|(place, edit)| match edit {
        Edit::ShuttleService(change) => Some((place, change.clone())),
        _ => None,
    });
    match own {
        Some((place, mut change)) => {
            edit(&mut change);
            Action::ReplaceEdit {
                variant: state.variant,
                edit: place,
                with: Edit::ShuttleService(change),
                done: true,
            }
        }
        None => {
            let mut change = ShuttleService::default();
            edit(&mut change);
            Action::AddEdit(state.variant, Edit::ShuttleService(change))
        }
    }
}

/// The service with another area, its corners (easting, northing) in centimetres; nothing without shuttles in the scenario.
pub fn with_area(state: &UiState, corners: &[[f64; 2]]) -> Option<Action> {
    let scenario = state.snapshot.scenario.as_deref()?;
    scenario.shuttles.as_ref()?;
    let rounded = |p: &[f64; 2]| p.map(|v| (v * 100.0).round() / 100.0);
    let area: Vec<[f64; 2]> = corners.iter().map(rounded).collect();
    let again = area.clone();
    Some(changed(
        state,
        scenario,
        |table| table.area = area,
        |edit| edit.area = again,
    ))
}

/// Corners (easting, northing) of the area of the shown service while shuttles are what the window is about; empty without one.
pub fn outlined_area(state: &UiState) -> Vec<[f64; 2]> {
    let about = state.shuttles_open
        || state.tool == Some(Tool::Area)
        || state.moving_simulation() == Some(SHUTTLE);
    let scenario = state.snapshot.scenario.as_deref().filter(|_| about);
    let service = scenario.and_then(|scenario| {
        let table = scenario.shuttles.as_ref()?;
        Some(shown_service(state, scenario, table))
    });
    service.map_or_else(Vec::new, |service| service.area)
}

fn service_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    service: &ShuttleParams,
) -> Option<Action> {
    let mut action = None;
    let spec = |label, tip, unit, range, step| FieldSpec::new(label, tip, unit, range, step, 0);
    let fleet = spec(
        "ui-shuttle-fleet",
        "ui-shuttle-fleet-tip",
        "",
        ranges::SHUTTLE_VEHICLES,
        1.0,
    );
    if let Some(value) = settled_row(ui, paint, state, &fleet, f64::from(service.vehicles)) {
        let count = value.round() as u32;
        action = Some(changed(
            state,
            scenario,
            |table| table.vehicles = count,
            |edit| edit.vehicles = Some(count),
        ));
    }
    let seats = spec(
        "ui-shuttle-seats",
        "ui-shuttle-seats-tip",
        "",
        ranges::SHUTTLE_SEATS,
        1.0,
    );
    if let Some(value) = settled_row(ui, paint, state, &seats, f64::from(service.seats)) {
        let count = value.round() as u32;
        action = Some(changed(
            state,
            scenario,
            |table| table.seats = count,
            |edit| edit.seats = Some(count),
        ));
    }
    let (low, high) = ranges::SHUTTLE_WAIT_S;
    let wait = spec(
        "ui-shuttle-wait",
        "ui-shuttle-wait-tip",
        "min",
        ((low / 60.0).ceil(), high / 60.0),
        1.0,
    );
    if let Some(value) = settled_row(ui, paint, state, &wait, service.max_wait_s / 60.0) {
        let max_wait_s = value * 60.0;
        action = Some(changed(
            state,
            scenario,
            |table| table.max_wait_s = max_wait_s,
            |edit| edit.max_wait_s = Some(max_wait_s),
        ));
    }
    let detour = spec(
        "ui-shuttle-detour",
        "ui-shuttle-detour-tip",
        "%",
        ranges::SHUTTLE_DETOUR_PERCENT,
        10.0,
    );
    if let Some(value) = settled_row(ui, paint, state, &detour, service.max_detour_percent) {
        action = Some(changed(
            state,
            scenario,
            |table| table.max_detour_percent = value,
            |edit| edit.max_detour_percent = Some(value),
        ));
    }
    action
}

/// Key figures of the shown variant, weak while they belong to an older service.
fn figures_ui(ui: &mut Ui, paint: &Paint, state: &UiState) {
    let rows = state.prepared.world.indicators.iter();
    for row in rows.filter(|row| row.simulation == SHUTTLE) {
        let stale = row.stale.then(|| paint.get("ui-shuttle-stale"));
        fact_row(ui, paint, &row.name, &row.value, row.unit, stale.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const TEXT: &str = r#"
[scenario]
version = 1
name = "t"
city = "sample:hafenquartier"
[shuttles]
network = "sample:hafenquartier"
[[variant]]
name = "v"
[[variant.edit]]
kind = "shuttle_service"
vehicles = 7
"#;

    fn change_of_area(state: &mut UiState, corners: &[[f64; 2]]) {
        let mut scenario = (**state.snapshot.scenario.as_ref().unwrap()).clone();
        scenario.variants[0].edits = vec![Edit::ShuttleService(ShuttleService {
            area: corners.to_vec(),
            ..ShuttleService::default()
        })];
        state.snapshot.scenario = Some(Arc::new(scenario));
    }

    #[test]
    fn a_drawn_area_becomes_part_of_the_service_of_the_variant() {
        let mut state = UiState::default();
        let corners = [
            [565_000.001, 5_933_000.0],
            [565_100.0, 5_933_000.0],
            [565_100.0, 5_933_100.0],
        ];
        assert_eq!(with_area(&state, &corners), None);
        let scenario: Scenario = toml::from_str(TEXT).unwrap();
        state.snapshot.scenario = Some(Arc::new(scenario));
        state.variant = 1;
        let Some(Action::ReplaceEdit {
            edit: 0,
            with: Edit::ShuttleService(change),
            ..
        }) = with_area(&state, &corners)
        else {
            panic!("{:?}", with_area(&state, &corners))
        };
        assert_eq!(
            (change.vehicles, change.area.len(), change.area[0][0]),
            (Some(7), 3, 565_000.0)
        );
        // Nothing of it is outlined before shuttles are what the window is about.
        change_of_area(&mut state, &corners);
        assert!(outlined_area(&state).is_empty());
        state.shuttles_open = true;
        assert_eq!(outlined_area(&state), corners);
        state.variant = 0;
        assert!(
            outlined_area(&state).is_empty(),
            "the baseline has another one"
        );
        let Some(Action::ReplaceScenario(scenario)) = with_area(&state, &corners) else {
            panic!("{:?}", with_area(&state, &corners))
        };
        assert_eq!(scenario.shuttles.map(|table| table.area.len()), Some(3));
    }
}
