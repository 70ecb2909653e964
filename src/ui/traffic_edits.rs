//! Changes of traffic in the window: priority for chosen signals and lines, closed streets, bus lanes, signal programmes, headways. What an
//! edit becomes is a plain function; the panels draw the controls.

use egui::{Label, ScrollArea, Ui};

use crate::result::movement::LaneUse;
use crate::result::story::{SignalStory, Stories};
use crate::scenario::{Edit, ranges};
use crate::text::Texts;
use crate::traffic::params::{
    BusLane, BusPriority, Headway, PlanControl, PlanPhase, SignalPlan, StreetClosure,
};

use super::access_panel::transit_controls_ui;
use super::action::Action;
use super::command::{Command, Effect};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::sun_study::settled_row;
use super::theme::caption;
use super::traffic_story::{StreetView, TrafficStory};
use super::water_panel::choice_ui;
use super::widgets::{Button, NumberChange, Paint, named, number_row_named, switch, switch_named};

/// Headway (s) that a new edit begins with.
pub(super) const FIRST_HEADWAY_S: f64 = 300.0;

/// Signals and lines by name, from the newest run that has them.
fn known(state: &UiState) -> Option<&Stories> {
    let shown = state.snapshot.results.get(state.variant);
    let all = shown.into_iter().chain(&state.snapshot.results);
    let mut results = all.flatten().map(|r| &r.result);
    results.find_map(|result| Some(&*result.movement.as_ref()?.stories))
}

/// Edits of the shown variant with their positions.
fn edits(state: &UiState) -> impl Iterator<Item = (usize, &Edit)> {
    let rows = state.prepared.world.edits.iter().enumerate();
    rows.map(|(i, row)| (i, &row.edit))
}

/// The priority that holds: the last one of the variant.
fn priority(state: &UiState) -> Option<(usize, &BusPriority)> {
    edits(state)
        .filter_map(|(i, edit)| match edit {
            Edit::BusPriority(change) => Some((i, change)),
            _ => None,
        })
        .last()
}

/// A list in which nothing means all, with one name on or off; none when nobody is left.
fn with_name(list: &[String], all: &[String], name: &str, on: bool) -> Option<Vec<String>> {
    let mut names: Vec<String> = if list.is_empty() {
        all.to_vec()
    } else {
        list.to_vec()
    };
    names.retain(|known| known != name);
    if on {
        names.push(name.to_owned());
    }
    if names.is_empty() {
        return None;
    }
    let every = all.iter().all(|known| names.contains(known));
    if every {
        names.clear();
    } else {
        // As the network has them, so that a list does not depend on the order of clicks.
        names.sort_by_key(|name| all.iter().position(|known| known == name));
    }
    Some(names)
}

/// What an edit of traffic says, for the list of edits.
pub(super) fn detail(edit: &Edit, t: &Texts) -> String {
    let language = t.language();
    let named = |names: &[String], all: &str| match names {
        [] => t.get(all),
        names => names.join(", "),
    };
    match edit {
        Edit::BusPriority(change) => format!(
            "{} · {}",
            named(&change.signals, "report-edit-all-signals"),
            named(&change.lines, "report-edit-all-lines")
        ),
        Edit::StreetClosure(change) => named(&change.streets, "report-edit-area"),
        Edit::BusLane(change) => {
            let lane = language.number(f64::from(change.lane) + 1.0, 0);
            t.with("ui-traffic-bus-lane", &[("lane", lane)])
        }
        Edit::SignalPlan(change) => {
            let count = [("count", change.phases.len() as f64)];
            t.with("ui-traffic-plan-phases", &count)
        }
        Edit::Headway(change) => match (change.headway_s, change.factor) {
            (Some(time), _) => language.with_unit(time / 60.0, 1, "min"),
            (None, factor) => language.with_unit(factor.unwrap_or(1.0), 2, "×"),
        },
        _ => String::new(),
    }
}

/// Which list of a priority is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Signals,
    Lines,
}

impl Part {
    fn of(self, change: &BusPriority) -> &[String] {
        match self {
            Self::Signals => &change.signals,
            Self::Lines => &change.lines,
        }
    }

    fn set(self, change: &mut BusPriority, names: Vec<String>) {
        match self {
            Self::Signals => change.signals = names,
            Self::Lines => change.lines = names,
        }
    }

    fn all(self, stories: &Stories) -> Vec<String> {
        match self {
            Self::Signals => stories.signals.iter().map(|s| s.id.clone()).collect(),
            Self::Lines => stories.lines.clone(),
        }
    }
}

fn replaced(state: &UiState, edit: usize, with: Edit) -> Action {
    Action::ReplaceEdit {
        variant: state.variant,
        edit,
        with,
        done: true,
    }
}

/// Switches priority for one signal or line: makes the edit, changes it, or takes it away.
fn switched(state: &UiState, part: Part, name: &str, on: bool) -> Option<Action> {
    let all = part.all(known(state)?);
    match priority(state) {
        None => {
            let mut change = BusPriority::default();
            part.set(&mut change, vec![name.to_owned()]);
            on.then_some(Action::AddEdit(state.variant, Edit::BusPriority(change)))
        }
        Some((i, change)) => Some(match with_name(part.of(change), &all, name, on) {
            Some(names) => {
                let mut change = change.clone();
                part.set(&mut change, names);
                replaced(state, i, Edit::BusPriority(change))
            }
            None => Action::DeleteEdit(state.variant, i),
        }),
    }
}

fn has_priority(state: &UiState, part: Part, name: &str) -> bool {
    priority(state).is_some_and(|(_, change)| {
        let names = part.of(change);
        names.is_empty() || names.iter().any(|known| known == name)
    })
}

/// What is planned belongs to a variant; in the baseline a button that adds one. True when a variant is shown.
pub(super) fn in_variant_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    effects: &mut Vec<Effect>,
) -> bool {
    if state.variant > 0 {
        return true;
    }
    ui.add(Label::new(caption(&paint.look, paint.get("ui-change-baseline"))).wrap());
    let (name, tip) = Command::AddVariant.words(paint.t);
    if Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .show(ui, paint)
        .clicked()
    {
        effects.push(Effect::Act(Action::AddVariant));
    }
    false
}

/// Buttons that begin a change, in the panel of the traffic.
pub fn new_edits_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.label(super::theme::caption(
        &paint.look,
        paint.get("ui-traffic-changes"),
    ));
    if !in_variant_ui(ui, paint, state, &mut effects) {
        return effects;
    }
    let line = known(state).and_then(|stories| stories.lines.first().cloned());
    ui.horizontal_wrapped(|ui| {
        let (name, tip) = (
            paint.get("ui-traffic-add-priority"),
            paint.get("ui-traffic-add-priority-tip"),
        );
        if Button::words(&name, &tip)
            .with_icon(Icon::Bus)
            .enabled(priority(state).is_none())
            .show(ui, paint)
            .clicked()
        {
            let edit = Edit::BusPriority(BusPriority::default());
            effects.push(Effect::Act(Action::AddEdit(state.variant, edit)));
        }
        let (name, tip) = (
            paint.get("ui-traffic-add-headway"),
            paint.get("ui-traffic-add-headway-tip"),
        );
        if Button::words(&name, &tip)
            .with_icon(Icon::Add)
            .enabled(line.is_some())
            .show(ui, paint)
            .clicked()
            && let Some(line) = line
        {
            effects.push(Effect::Act(add_headway(state, line)));
        }
    });
    let hint = if known(state).is_some() {
        "ui-traffic-change-hint"
    } else {
        "ui-traffic-change-first"
    };
    ui.add(Label::new(caption(&paint.look, paint.get(hint))).wrap());
    effects
}

fn add_headway(state: &UiState, line: String) -> Action {
    let headway = Headway {
        line,
        headway_s: Some(FIRST_HEADWAY_S),
        factor: None,
    };
    Action::AddEdit(state.variant, Edit::Headway(headway))
}

/// Changes at a signal: priority on or off, its programme.
pub fn signal_edits_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    story: &TrafficStory,
    signal: &SignalStory,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !in_variant_ui(ui, paint, state, &mut effects) {
        return effects;
    }
    let on = has_priority(state, Part::Signals, &story.id);
    if let Some(on) = switch(
        ui,
        paint,
        "ui-traffic-priority-here",
        "ui-traffic-priority-here-tip",
        on,
        true,
    ) {
        let action = switched(state, Part::Signals, &story.id, on);
        effects.extend(action.map(Effect::Act));
    }
    let planned = edits(state).find_map(|(i, edit)| match edit {
        Edit::SignalPlan(plan) if plan.signal == story.id => Some((i, plan)),
        _ => None,
    });
    match planned {
        Some((i, plan)) => {
            ui.push_id("plan", |ui| {
                let action = plan_ui(ui, paint, state, i, plan);
                effects.extend(action.map(Effect::Act));
            });
        }
        None => {
            let (name, tip) = (
                paint.get("ui-traffic-change-plan"),
                paint.get("ui-traffic-change-plan-tip"),
            );
            if Button::words(&name, &tip)
                .with_icon(Icon::Edit)
                .enabled(!signal.phases.is_empty())
                .show(ui, paint)
                .clicked()
            {
                let plan = Edit::SignalPlan(plan_of(signal));
                effects.push(Effect::Act(Action::AddEdit(state.variant, plan)));
            }
        }
    }
    effects
}

/// The programme of a signal as an edit, unchanged.
fn plan_of(signal: &SignalStory) -> SignalPlan {
    let phases = signal.phases.iter().map(|phase| PlanPhase {
        duration_s: phase.duration_s,
        min_s: (phase.min_s != phase.duration_s).then_some(phase.min_s),
        max_s: (phase.max_s != phase.duration_s).then_some(phase.max_s),
        state: phase.state.clone(),
        name: phase.name.clone(),
    });
    SignalPlan {
        signal: signal.id.clone(),
        control: if signal.actuated {
            PlanControl::Actuated
        } else {
            PlanControl::Fixed
        },
        offset_s: signal.offset_s,
        phases: phases.collect(),
    }
}

/// Priority and headway of the line of a vehicle.
pub fn line_edits_ui(ui: &mut Ui, paint: &Paint, state: &UiState, line: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !in_variant_ui(ui, paint, state, &mut effects) {
        return effects;
    }
    let name = paint.t.with("ui-traffic-priority-line", &[("line", line)]);
    let tip = paint.get("ui-traffic-priority-line-tip");
    let on = has_priority(state, Part::Lines, line);
    if let Some(on) = switch_named(ui, paint, &name, &tip, on, true) {
        let action = switched(state, Part::Lines, line, on);
        effects.extend(action.map(Effect::Act));
    }
    let planned = edits(state).any(|(_, edit)| match edit {
        Edit::Headway(headway) => headway.line == line,
        _ => false,
    });
    let (name, tip) = (
        paint.get("ui-traffic-add-headway"),
        paint.get("ui-traffic-add-headway-tip"),
    );
    if Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .enabled(!planned)
        .show(ui, paint)
        .clicked()
    {
        effects.push(Effect::Act(add_headway(state, line.to_owned())));
    }
    effects
}

/// Changes at a street: closed or open, a lane for buses.
pub fn street_edits_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    street: &StreetView,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    if !in_variant_ui(ui, paint, state, &mut effects) {
        return effects;
    }
    let closure = edits(state).find_map(|(i, edit)| match edit {
        Edit::StreetClosure(closure) => Some((i, closure)),
        _ => None,
    });
    let closed = closure.is_some_and(|(_, closure)| closure.streets.contains(&street.edge));
    if let Some(on) = switch(
        ui,
        paint,
        "ui-traffic-close",
        "ui-traffic-close-tip",
        closed,
        true,
    ) {
        effects.push(Effect::Act(closed_action(state, closure, &street.edge, on)));
    }
    let for_cars = |lane: &LaneUse| !matches!(lane, LaneUse::Others | LaneUse::Closed);
    if street.lanes.iter().any(for_cars) {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-traffic-lanes-right"))).wrap());
    }
    for (lane, used_by) in street.lanes.iter().enumerate() {
        if !for_cars(used_by) {
            continue;
        }
        let planned = edits(state).find_map(|(i, edit)| match edit {
            Edit::BusLane(change) if change.edge == street.edge && change.lane == lane as u32 => {
                Some(i)
            }
            _ => None,
        });
        let number = paint.t.language().number(lane as f64 + 1.0, 0);
        let name = paint.t.with("ui-traffic-bus-lane", &[("lane", number)]);
        let tip = paint.get("ui-traffic-bus-lane-tip");
        // A lane that is one for buses already, without an edit, stays one.
        let is_bus = planned.is_some() || *used_by == LaneUse::Buses;
        let enabled = planned.is_some() || *used_by == LaneUse::Cars;
        let Some(on) = switch_named(ui, paint, &name, &tip, is_bus, enabled) else {
            continue;
        };
        effects.push(Effect::Act(match planned {
            Some(i) if !on => Action::DeleteEdit(state.variant, i),
            _ => {
                let change = BusLane {
                    edge: street.edge.clone(),
                    lane: lane as u32,
                };
                Action::AddEdit(state.variant, Edit::BusLane(change))
            }
        }));
    }
    effects
}

fn closed_action(
    state: &UiState,
    closure: Option<(usize, &StreetClosure)>,
    edge: &str,
    on: bool,
) -> Action {
    let mut change = closure.map_or_else(StreetClosure::default, |(_, c)| c.clone());
    change.streets.retain(|street| street != edge);
    if on {
        change.streets.push(edge.to_owned());
    }
    match closure {
        None => Action::AddEdit(state.variant, Edit::StreetClosure(change)),
        Some((i, _)) if change.streets.is_empty() && change.area.is_empty() => {
            Action::DeleteEdit(state.variant, i)
        }
        Some((i, _)) => replaced(state, i, Edit::StreetClosure(change)),
    }
}

/// Controls of an edit of traffic in the list of edits; `None` for other edits.
pub fn edit_controls_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    edit: &Edit,
) -> Option<Option<Action>> {
    ui.spacing_mut().item_spacing.y = paint.of(4.0);
    Some(match edit {
        Edit::BusPriority(change) => priority_ui(ui, paint, state, i, change),
        Edit::StreetClosure(change) => closure_ui(ui, paint, state, i, change),
        Edit::BusLane(change) => bus_lane_ui(ui, paint, state, i, change),
        Edit::SignalPlan(change) => plan_ui(ui, paint, state, i, change),
        Edit::Headway(change) => headway_ui(ui, paint, state, i, change),
        edit => return transit_controls_ui(ui, paint, state, i, edit),
    })
}

fn spec(
    label: &'static str,
    tip: &'static str,
    unit: &'static str,
    range: ranges::Range,
    step: f64,
    decimals: usize,
) -> FieldSpec {
    FieldSpec {
        label,
        tip,
        unit,
        range,
        step,
        decimals,
    }
}

fn priority_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    change: &BusPriority,
) -> Option<Action> {
    let mut action = None;
    let usual = crate::traffic::signals::priority::PriorityParams::default();
    type Set = fn(&mut BusPriority, f64);
    let rows: [(FieldSpec, f64, Set); 4] = [
        (
            spec(
                "ui-priority-beyond",
                "ui-priority-beyond-tip",
                "s",
                ranges::PRIORITY_BEYOND_S,
                1.0,
                0,
            ),
            change.beyond_s.unwrap_or(usual.beyond_s),
            |change, value| change.beyond_s = Some(value),
        ),
        (
            spec(
                "ui-priority-budget",
                "ui-priority-budget-tip",
                "s",
                ranges::PRIORITY_BUDGET_S,
                5.0,
                0,
            ),
            change.budget_s.unwrap_or(usual.budget_s),
            |change, value| change.budget_s = Some(value),
        ),
        (
            spec(
                "ui-priority-recovery",
                "ui-priority-recovery-tip",
                "",
                ranges::PRIORITY_RECOVERY,
                1.0,
                1,
            ),
            change.recovery_cycles.unwrap_or(usual.recovery_cycles),
            |change, value| change.recovery_cycles = Some(value),
        ),
        (
            spec(
                "ui-priority-gain",
                "ui-priority-gain-tip",
                "Ps",
                ranges::PRIORITY_GAIN,
                5.0,
                0,
            ),
            change
                .least_gain_person_s
                .unwrap_or(usual.least_gain_person_s),
            |change, value| change.least_gain_person_s = Some(value),
        ),
    ];
    for (spec, now, set) in rows {
        if let Some(value) = settled_row(ui, paint, state, &spec, now) {
            let mut change = change.clone();
            set(&mut change, value);
            action = Some(replaced(state, i, Edit::BusPriority(change)));
        }
    }
    ui.add(Label::new(caption(&paint.look, paint.get("ui-priority-more"))).wrap());
    let stories = known(state);
    for (part, all_key, all_tip, tip) in [
        (
            Part::Signals,
            "ui-priority-all-signals",
            "ui-priority-all-signals-tip",
            "ui-priority-signal-tip",
        ),
        (
            Part::Lines,
            "ui-priority-all-lines",
            "ui-priority-all-lines-tip",
            "ui-priority-line-tip",
        ),
    ] {
        let all = stories.map_or_else(Vec::new, |stories| part.all(stories));
        let chosen = part.of(change);
        let every = switch(
            ui,
            paint,
            all_key,
            all_tip,
            chosen.is_empty(),
            !chosen.is_empty() || !all.is_empty(),
        );
        if let Some(on) = every {
            let mut change = change.clone();
            // The first one stays, so that the list says something else than all.
            let names = all.first().filter(|_| !on).into_iter().cloned();
            part.set(&mut change, names.collect());
            action = Some(replaced(state, i, Edit::BusPriority(change)));
        }
        if chosen.is_empty() {
            continue;
        }
        if all.is_empty() {
            let names = caption(&paint.look, chosen.join(", "));
            ui.add(Label::new(names).wrap());
            continue;
        }
        let tip = paint.get(tip);
        ScrollArea::vertical()
            .id_salt(all_key)
            .max_height(paint.of(140.0))
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for name in &all {
                    let on = chosen.contains(name);
                    // The last one stays: a list of nobody would mean all.
                    let alone = on && chosen.len() == 1;
                    let Some(on) = switch_named(ui, paint, name, &tip, on, !alone) else {
                        continue;
                    };
                    if let Some(names) = with_name(chosen, &all, name, on) {
                        let mut change = change.clone();
                        part.set(&mut change, names);
                        action = Some(replaced(state, i, Edit::BusPriority(change)));
                    }
                }
            });
    }
    action
}

fn closure_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    change: &StreetClosure,
) -> Option<Action> {
    let mut action = None;
    let least = usize::from(change.area.is_empty());
    for (n, street) in change.streets.iter().enumerate() {
        ui.horizontal(|ui| {
            let side = paint.look.size.control();
            let width = ui.available_width() - side - paint.of(8.0);
            super::widgets::cell(ui, width, egui::Align::Min, |ui| {
                ui.add(Label::new(street).truncate());
            });
            let name = paint
                .t
                .with("ui-traffic-reopen", &[("street", street.as_str())]);
            if Button::icon(Icon::Delete, &name, &paint.get("ui-traffic-reopen-tip"))
                .enabled(change.streets.len() > least)
                .show(ui, paint)
                .clicked()
            {
                let mut change = change.clone();
                change.streets.remove(n);
                action = Some(replaced(state, i, Edit::StreetClosure(change)));
            }
        });
    }
    if !change.area.is_empty() {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-traffic-closed-area"))).wrap());
    }
    if let Some(on) = switch(
        ui,
        paint,
        "ui-traffic-buses-pass",
        "ui-traffic-buses-pass-tip",
        change.buses_pass,
        true,
    ) {
        let mut change = change.clone();
        change.buses_pass = on;
        action = Some(replaced(state, i, Edit::StreetClosure(change)));
    }
    action
}

fn bus_lane_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    change: &BusLane,
) -> Option<Action> {
    let lane = spec(
        "ui-traffic-lane",
        "ui-traffic-lane-tip",
        "",
        ranges::LANE_FROM_RIGHT,
        1.0,
        0,
    );
    let value = settled_row(ui, paint, state, &lane, f64::from(change.lane) + 1.0)?;
    let change = BusLane {
        lane: value.round() as u32 - 1,
        ..change.clone()
    };
    Some(replaced(state, i, Edit::BusLane(change)))
}

fn headway_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    change: &Headway,
) -> Option<Action> {
    let mut action = None;
    let lines = known(state).map_or(&[][..], |stories| &stories.lines);
    let name = paint.get("ui-traffic-line");
    ui.horizontal(|ui| {
        super::widgets::cell(ui, paint.of(80.0), egui::Align::Min, |ui| {
            ui.add(Label::new(&name).truncate());
        });
        let response = egui::ComboBox::from_id_salt("line")
            .width(ui.available_width())
            .selected_text(&change.line)
            .show_ui(ui, |ui| {
                for line in lines {
                    let same = *line == change.line;
                    if ui.selectable_label(same, line).clicked() && !same {
                        let change = Headway {
                            line: line.clone(),
                            ..change.clone()
                        };
                        action = Some(replaced(state, i, Edit::Headway(change)));
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
    let ways = [(true, "ui-headway-time"), (false, "ui-headway-factor")];
    let names = ("ui-headway-way", "ui-headway-way-tip");
    let by_time = change.headway_s.is_some();
    if let Some(by_time) = choice_ui(ui, paint, names, &ways, by_time) {
        let change = Headway {
            headway_s: by_time.then_some(FIRST_HEADWAY_S),
            factor: (!by_time).then_some(1.0),
            ..change.clone()
        };
        return Some(replaced(state, i, Edit::Headway(change)));
    }
    if let Some(headway_s) = change.headway_s {
        let (low, high) = ranges::HEADWAY_S;
        let row = spec(
            "ui-headway",
            "ui-headway-tip",
            "min",
            (low / 60.0, high / 60.0),
            1.0,
            1,
        );
        if let Some(min) = settled_row(ui, paint, state, &row, headway_s / 60.0) {
            let change = Headway {
                headway_s: Some(min * 60.0),
                ..change.clone()
            };
            action = Some(replaced(state, i, Edit::Headway(change)));
        }
    }
    if let Some(factor) = change.factor {
        let row = spec(
            "ui-headway-times",
            "ui-headway-times-tip",
            "×",
            ranges::HEADWAY_FACTOR,
            0.1,
            2,
        );
        if let Some(factor) = settled_row(ui, paint, state, &row, factor) {
            let change = Headway {
                factor: Some(factor),
                ..change.clone()
            };
            action = Some(replaced(state, i, Edit::Headway(change)));
        }
    }
    action
}

/// Control, offset and durations of a programme. Phases without green have a duration that safety asks for, and stand in the file only.
fn plan_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    plan: &SignalPlan,
) -> Option<Action> {
    let mut action = None;
    let mut changed = |change: &dyn Fn(&mut SignalPlan)| {
        let mut plan = plan.clone();
        change(&mut plan);
        action = Some(replaced(state, i, Edit::SignalPlan(plan)));
    };
    let controls = [
        (PlanControl::Fixed, "traffic-control-fixed"),
        (PlanControl::Actuated, "traffic-control-actuated"),
    ];
    let names = ("ui-traffic-control", "ui-traffic-control-tip");
    if let Some(control) = choice_ui(ui, paint, names, &controls, plan.control) {
        changed(&|plan| plan.control = control);
    }
    let offset = spec(
        "ui-traffic-offset",
        "ui-traffic-offset-tip",
        "s",
        ranges::SIGNAL_OFFSET_S,
        1.0,
        0,
    );
    if let Some(seconds) = settled_row(ui, paint, state, &offset, plan.offset_s) {
        changed(&|plan| plan.offset_s = seconds);
    }
    for (n, phase) in plan.phases.iter().enumerate() {
        let green = phase.state.contains(['G', 'g']) && !phase.state.contains(['y', 'u']);
        if !green {
            continue;
        }
        type Get = fn(&PlanPhase) -> f64;
        type Set = fn(&mut PlanPhase, f64);
        let usual: (&str, &'static str, Get, Set) = (
            "ui-phase-duration",
            "ui-phase-duration-tip",
            |phase| phase.duration_s,
            set_duration,
        );
        let bounds: [(&str, &'static str, Get, Set); 2] = [
            (
                "ui-phase-least",
                "ui-phase-least-tip",
                |phase| phase.min_s.unwrap_or(phase.duration_s),
                set_least,
            ),
            (
                "ui-phase-longest",
                "ui-phase-longest-tip",
                |phase| phase.max_s.unwrap_or(phase.duration_s),
                set_longest,
            ),
        ];
        let rows: &[_] = match plan.control {
            PlanControl::Fixed => &[usual],
            PlanControl::Actuated => &bounds,
        };
        for (key, tip, get, set) in rows {
            let number = paint.t.language().number(n as f64 + 1.0, 0);
            let name = paint.t.with(key, &[("phase", number)]);
            let row = spec("", tip, "s", ranges::SIGNAL_PHASE_S, 1.0, 0);
            let change = number_row_named(ui, paint, state.language, &name, &row, get(phase));
            if let Some(NumberChange { value, done: true }) = change
                && value != get(phase)
            {
                changed(&|plan| set(&mut plan.phases[n], value.round()));
            }
        }
    }
    ui.add(Label::new(caption(&paint.look, paint.get("ui-traffic-plan-more"))).wrap());
    action
}

/// Another duration; the bounds go with it where they would not hold it.
fn set_duration(phase: &mut PlanPhase, seconds: f64) {
    phase.duration_s = seconds;
    phase.min_s = phase.min_s.map(|least| least.min(seconds));
    phase.max_s = phase.max_s.map(|most| most.max(seconds));
}

fn set_least(phase: &mut PlanPhase, seconds: f64) {
    let most = phase.max_s.unwrap_or(phase.duration_s).max(seconds);
    phase.duration_s = phase.duration_s.max(seconds);
    phase.min_s = Some(seconds);
    phase.max_s = Some(most.max(phase.duration_s));
}

fn set_longest(phase: &mut PlanPhase, seconds: f64) {
    let least = phase.min_s.unwrap_or(phase.duration_s).min(seconds);
    phase.duration_s = phase.duration_s.min(seconds);
    phase.max_s = Some(seconds);
    phase.min_s = Some(least.min(phase.duration_s));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn nothing_means_all_and_nobody_takes_the_edit_away() {
        let all = names(&["a", "b", "c"]);
        assert_eq!(with_name(&[], &all, "b", false), Some(names(&["a", "c"])));
        assert_eq!(
            with_name(&names(&["c"]), &all, "a", true),
            Some(names(&["a", "c"]))
        );
        assert_eq!(
            with_name(&names(&["a", "c"]), &all, "b", true),
            Some(Vec::new())
        );
        assert_eq!(with_name(&names(&["b"]), &all, "b", false), None);
    }

    #[test]
    fn durations_of_a_phase_stay_in_order() {
        let phase = || PlanPhase {
            duration_s: 20.0,
            min_s: Some(8.0),
            max_s: Some(40.0),
            state: "G".to_owned(),
            name: String::new(),
        };
        for set in [set_duration, set_least, set_longest] {
            for seconds in [1.0, 5.0, 10.0, 30.0, 60.0] {
                let mut phase = phase();
                set(&mut phase, seconds);
                let (least, most) = (phase.min_s.unwrap(), phase.max_s.unwrap());
                assert!(
                    least <= phase.duration_s && phase.duration_s <= most,
                    "{phase:?}"
                );
                assert!([least, phase.duration_s, most].contains(&seconds));
            }
        }
        let mut fixed = PlanPhase {
            min_s: None,
            max_s: None,
            ..phase()
        };
        set_duration(&mut fixed, 33.0);
        assert_eq!((fixed.min_s, fixed.max_s), (None, None));
        set_least(&mut fixed, 10.0);
        assert_eq!((fixed.min_s, fixed.max_s), (Some(10.0), Some(33.0)));
    }
}
