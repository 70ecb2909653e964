//! Access of the scenario: compute, the definition with its main settings. The rest stands in the file.

use egui::{ComboBox, Label, Ui};

use crate::access::AccessParams;
use crate::access::params::{PromiseRule, TransitHeadway};
use crate::scenario::{Edit, Scenario, ranges};
use crate::text::Texts;
use crate::transit::clock::time_text;

use super::action::Action;
use super::command::{ACCESS, Command, Effect};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::study_panel::{RunButtons, StudyPanel, hint_ui, with_settings};
use super::sun_study::settled_row;
use super::theme::caption;
use super::traffic_edits::{FIRST_HEADWAY_S, in_variant_ui};
use super::water_panel::choice_ui;
use super::widgets::{Button, Paint, named};

const PANEL: StudyPanel<AccessParams> = StudyPanel {
    id: "access",
    words: ["ui-access", "ui-access-tip", "ui-access-none"],
    settings: |scenario| scenario.access.as_ref(),
    run: Some(RunButtons {
        simulation: ACCESS,
        exact: Command::AccessExact,
        coarse: Command::AccessCoarse,
        icon: Icon::Walk,
        short: "ui-access-coarse-short",
        cancel: "ui-access-cancel",
    }),
};

/// The folding section of access.
pub fn access_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let note = |_: &Scenario, access: &AccessParams| definition(paint.t, access);
    PANEL.show(ui, paint, state, note, |ui, scenario, access| {
        let Some(access) = access else {
            hint_ui(ui, paint, "ui-access-add");
            return Vec::new();
        };
        let changed = settings_ui(ui, paint, state, scenario, access);
        let mut effects: Vec<Effect> = changed.map(Effect::Act).into_iter().collect();
        effects.extend(new_edits_ui(ui, paint, state));
        effects
    })
}

/// The promise in a few words: `5 min`, or walk and wait.
fn definition(t: &Texts, access: &AccessParams) -> String {
    let minutes = |s: f64| {
        t.language()
            .with_unit(s / 60.0, usize::from(s % 60.0 != 0.0), "min")
    };
    match access.rule {
        PromiseRule::Total => minutes(access.limit_s),
        PromiseRule::Separate => {
            format!(
                "{} + {}",
                minutes(access.walk_limit_s),
                minutes(access.wait_limit_s)
            )
        }
    }
}

/// The scenario with other settings of access.
fn changed(scenario: &Scenario, change: impl FnOnce(&mut AccessParams)) -> Action {
    with_settings(scenario, |scenario| &mut scenario.access, change)
}

fn settings_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    access: &AccessParams,
) -> Option<Action> {
    let mut action = None;
    let hours = [access.begin_s, access.end_s].map(|s| time_text(s.round() as i32));
    let args = [("begin", hours[0].as_str()), ("end", hours[1].as_str())];
    let words = paint.t.with("ui-access-hours", &args);
    ui.add(Label::new(caption(&paint.look, words)).wrap());
    let rules = [
        (PromiseRule::Total, "ui-access-total"),
        (PromiseRule::Separate, "ui-access-separate"),
    ];
    let names = ("ui-access-rule", "ui-access-rule-tip");
    if let Some(rule) = choice_ui(ui, paint, names, &rules, access.rule) {
        let usual = AccessParams::default();
        action = Some(changed(scenario, |access| {
            access.rule = rule;
            // Limits of the other rule would have no effect.
            match rule {
                PromiseRule::Total => {
                    access.walk_limit_s = usual.walk_limit_s;
                    access.wait_limit_s = usual.wait_limit_s;
                }
                PromiseRule::Separate => access.limit_s = usual.limit_s,
            }
        }));
    }
    type Set = fn(&mut AccessParams, f64);
    let minutes = |(low, high): ranges::Range| (low / 60.0, high / 60.0);
    let row = FieldSpec::new;
    let limit = minutes(ranges::ACCESS_LIMIT_S);
    let mut rows: Vec<(FieldSpec, f64, Set)> = match access.rule {
        PromiseRule::Total => vec![(
            row(
                "ui-access-limit",
                "ui-access-limit-tip",
                "min",
                limit,
                1.0,
                1,
            ),
            access.limit_s / 60.0,
            |access, min| access.limit_s = 60.0 * min,
        )],
        PromiseRule::Separate => vec![
            (
                row("ui-access-walk", "ui-access-walk-tip", "min", limit, 1.0, 1),
                access.walk_limit_s / 60.0,
                |access, min| access.walk_limit_s = 60.0 * min,
            ),
            (
                row(
                    "ui-access-wait",
                    "ui-access-wait-tip",
                    "min",
                    minutes(ranges::ACCESS_WAIT_S),
                    1.0,
                    1,
                ),
                access.wait_limit_s / 60.0,
                |access, min| access.wait_limit_s = 60.0 * min,
            ),
        ],
    };
    rows.push((
        row(
            "ui-access-speed",
            "ui-access-speed-tip",
            "m/s",
            ranges::WALK_M_S,
            0.05,
            2,
        ),
        access.walk_m_s,
        |access, speed| access.walk_m_s = speed,
    ));
    for (spec, now, set) in rows {
        if let Some(value) = settled_row(ui, paint, state, &spec, now) {
            action = Some(changed(scenario, |access| set(access, value)));
        }
    }
    hint_ui(ui, paint, "ui-access-more");
    action
}

/// Names of the lines that a computed timetable has.
fn known_lines(state: &UiState) -> Vec<String> {
    let shown = state.snapshot.results.get(state.variant);
    let all = shown.into_iter().chain(&state.snapshot.results);
    let mut tables = all.flatten().flat_map(|r| &r.result.tables);
    let table = tables.find(|table| table.id == "access_lines");
    let mut lines: Vec<String> = table
        .iter()
        .flat_map(|table| &table.rows)
        .map(|row| row[0].plain())
        .collect();
    lines.dedup();
    lines
}

/// The button that begins a change of a headway.
fn new_edits_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.label(caption(&paint.look, paint.get("ui-access-changes")));
    if !in_variant_ui(ui, paint, state, &mut effects) {
        return effects;
    }
    let line = known_lines(state).into_iter().next();
    let (name, tip) = (
        paint.get("ui-access-add-headway"),
        paint.get("ui-access-add-headway-tip"),
    );
    let clicked = Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .enabled(line.is_some())
        .show(ui, paint)
        .clicked();
    let hint = if line.is_some() {
        "ui-access-change-hint"
    } else {
        "ui-access-change-first"
    };
    if let Some(line) = line.filter(|_| clicked) {
        let edit = Edit::TransitHeadway(TransitHeadway {
            line,
            headway_s: FIRST_HEADWAY_S,
            begin_s: None,
            end_s: None,
        });
        effects.push(Effect::Act(Action::AddEdit(state.variant, edit)));
    }
    hint_ui(ui, paint, hint);
    effects
}

/// What an edit of public transport or shuttles says, for the list of edits.
pub(super) fn transit_detail(edit: &Edit, t: &Texts) -> String {
    let language = t.language();
    let minutes = |s: f64| language.with_unit(s / 60.0, 1, "min");
    match edit {
        Edit::TransitLine(line) => {
            format!(
                "{} · {}",
                language.number(line.stops.len() as f64, 0),
                minutes(line.headway_s)
            )
        }
        Edit::TransitHeadway(change) => minutes(change.headway_s),
        Edit::TransitStop(stop) => stop.name.clone(),
        Edit::ShuttleOffer(shuttle) => minutes(shuttle.wait_s),
        _ => String::new(),
    }
}

/// Headway of a line in the list of edits; `None` for other edits.
pub(super) fn transit_controls_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    edit: &Edit,
) -> Option<Option<Action>> {
    let Edit::TransitHeadway(change) = edit else {
        return None;
    };
    ui.spacing_mut().item_spacing.y = paint.of(4.0);
    let (low, high) = ranges::HEADWAY_S;
    let spec = FieldSpec {
        label: "ui-headway",
        tip: "ui-headway-tip",
        unit: "min",
        range: (low / 60.0, high / 60.0),
        step: 1.0,
        decimals: 1,
    };
    let replaced = |change: TransitHeadway| Action::ReplaceEdit {
        variant: state.variant,
        edit: i,
        with: Edit::TransitHeadway(change),
        done: true,
    };
    let lines = known_lines(state);
    let chosen = line_ui(ui, paint, &lines, &change.line);
    let chosen = chosen.map(|line| {
        replaced(TransitHeadway {
            line,
            ..change.clone()
        })
    });
    let settled = settled_row(ui, paint, state, &spec, change.headway_s / 60.0);
    let settled = settled.map(|min| {
        replaced(TransitHeadway {
            headway_s: min * 60.0,
            ..change.clone()
        })
    });
    Some(settled.or(chosen))
}

/// A choice among the lines of the timetable; nothing where none is known yet.
fn line_ui(ui: &mut Ui, paint: &Paint, lines: &[String], now: &str) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let mut chosen = None;
    let name = paint.get("ui-traffic-line");
    ui.horizontal(|ui| {
        super::widgets::cell(ui, paint.of(80.0), egui::Align::Min, |ui| {
            ui.add(Label::new(&name).truncate());
        });
        let response = ComboBox::from_id_salt("access-line")
            .width(ui.available_width())
            .selected_text(now)
            .show_ui(ui, |ui| {
                for line in lines {
                    if ui.selectable_label(line == now, line).clicked() && line != now {
                        chosen = Some(line.clone());
                    }
                }
            })
            .response;
        named(
            ui,
            response,
            &name,
            &paint.get("ui-traffic-headway-line-tip"),
        );
    });
    chosen
}
