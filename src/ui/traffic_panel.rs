//! Traffic of the scenario: compute, main settings, planned changes. The rest stands in the file.

use egui::Ui;

use crate::scenario::{Scenario, ranges};
use crate::traffic::TrafficParams;
use crate::traffic::params::CarFollowingChoice;

use super::action::Action;
use super::command::{Command, Effect, TRAFFIC};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::study_panel::{RunButtons, StudyPanel, hint_ui, with_settings};
use super::sun_study::settled_row;
use super::traffic_edits::new_edits_ui;
use super::water_panel::choice_ui;
use super::widgets::Paint;

const PANEL: StudyPanel<TrafficParams> = StudyPanel {
    id: "traffic",
    words: ["ui-traffic", "ui-traffic-tip", "ui-traffic-none"],
    settings: |scenario| scenario.traffic.as_ref(),
    run: Some(RunButtons {
        simulation: TRAFFIC,
        exact: Command::TrafficExact,
        coarse: Command::TrafficCoarse,
        icon: Icon::Bus,
        short: "ui-traffic-coarse-short",
        cancel: "ui-traffic-cancel",
    }),
};

/// The folding section of the traffic.
pub fn traffic_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let note = |_: &Scenario, traffic: &TrafficParams| {
        let count = [("count", f64::from(traffic.seeds))];
        paint.t.with("ui-traffic-runs", &count)
    };
    PANEL.show(ui, paint, state, note, |ui, scenario, traffic| {
        let Some(traffic) = traffic else {
            hint_ui(ui, paint, "ui-traffic-add");
            return Vec::new();
        };
        let changed = settings_ui(ui, paint, state, scenario, traffic);
        let mut effects: Vec<Effect> = changed.map(Effect::Act).into_iter().collect();
        effects.extend(new_edits_ui(ui, paint, state));
        effects
    })
}

/// The scenario with other settings of the traffic.
fn changed(scenario: &Scenario, change: impl FnOnce(&mut TrafficParams)) -> Action {
    with_settings(scenario, |scenario| &mut scenario.traffic, change)
}

fn settings_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    traffic: &TrafficParams,
) -> Option<Action> {
    let mut action = None;
    let spec = FieldSpec::new;
    type Set = fn(&mut TrafficParams, f64);
    let seeds = spec(
        "ui-traffic-seeds",
        "ui-traffic-seeds-tip",
        "",
        ranges::TRAFFIC_SEEDS,
        1.0,
        0,
    );
    if let Some(value) = settled_row(ui, paint, state, &seeds, f64::from(traffic.seeds)) {
        action = Some(changed(scenario, |traffic| {
            traffic.seeds = value.round() as u32;
        }));
    }
    let models = [
        (CarFollowingChoice::AsDelivered, "ui-traffic-as-delivered"),
        (CarFollowingChoice::Krauss, "ui-traffic-krauss"),
        (CarFollowingChoice::Idm, "ui-traffic-idm"),
    ];
    let names = ("ui-traffic-following", "ui-traffic-following-tip");
    if let Some(model) = choice_ui(ui, paint, names, &models, traffic.car_following) {
        action = Some(changed(scenario, |traffic| traffic.car_following = model));
    }
    let warm_up = spec(
        "ui-traffic-warm-up",
        "ui-traffic-warm-up-tip",
        "min",
        minutes(ranges::TRAFFIC_WARM_UP_S),
        5.0,
        0,
    );
    if let Some(min) = settled_row(ui, paint, state, &warm_up, traffic.warm_up_s / 60.0) {
        action = Some(changed(scenario, |traffic| traffic.warm_up_s = min * 60.0));
    }
    if let Some(end_s) = traffic.end_s {
        let least = (traffic.begin_s.unwrap_or(0.0) + traffic.warm_up_s) / 60.0 + 1.0;
        let (_, most) = minutes(ranges::TRAFFIC_TIME_S);
        let end = spec(
            "ui-traffic-end",
            "ui-traffic-end-tip",
            "min",
            (least.ceil(), most),
            10.0,
            0,
        );
        if let Some(min) = settled_row(ui, paint, state, &end, end_s / 60.0) {
            action = Some(changed(scenario, |traffic| {
                traffic.end_s = Some(min * 60.0);
            }));
        }
    }
    hint_ui(ui, paint, "ui-traffic-occupancy");
    let rows: [(FieldSpec, f64, Set); 3] = [
        (
            spec(
                "ui-traffic-bus-persons",
                "ui-traffic-bus-persons-tip",
                "",
                ranges::BUS_PERSONS,
                5.0,
                1,
            ),
            traffic.occupancy.bus,
            |traffic, persons| traffic.occupancy.bus = persons,
        ),
        (
            spec(
                "ui-traffic-car-persons",
                "ui-traffic-car-persons-tip",
                "",
                ranges::CAR_PERSONS,
                0.1,
                1,
            ),
            traffic.occupancy.car,
            |traffic, persons| traffic.occupancy.car = persons,
        ),
        (
            spec(
                "ui-traffic-truck-persons",
                "ui-traffic-truck-persons-tip",
                "",
                ranges::TRUCK_PERSONS,
                0.1,
                1,
            ),
            traffic.occupancy.truck,
            |traffic, persons| traffic.occupancy.truck = persons,
        ),
    ];
    for (spec, now, set) in rows {
        if let Some(value) = settled_row(ui, paint, state, &spec, now) {
            action = Some(changed(scenario, |traffic| set(traffic, value)));
        }
    }
    hint_ui(ui, paint, "ui-traffic-more");
    action
}

/// A range of seconds in minutes.
fn minutes((low, high): ranges::Range) -> ranges::Range {
    (low / 60.0, high / 60.0)
}
