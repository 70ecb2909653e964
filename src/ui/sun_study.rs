//! Days, distances of points and area of the sun study. Every change is one step of the history: a number that is dragged
//! is shown at once and taken when it is let go.

use egui::{Align, Id, Key, Label, TextEdit, Ui};

use crate::scenario::{Scenario, is_day, ranges};
use crate::sun::SunParams;

use super::action::Action;
use super::command::Effect;
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::study_panel::{StudyPanel, with_settings};
use super::theme::caption;
use super::widgets::{Button, NumberChange, Paint, Row, named, number_row, switch};

/// Half the side (m) of the area that is offered first, around the middle of the view.
const HALF_AREA_M: f64 = 250.0;
/// Smallest width (m) of the area.
const LEAST_AREA_M: f64 = 1.0;

/// A day that is being typed.
#[derive(Clone, Debug, Default)]
struct Typed {
    text: String,
    /// It was entered and not taken.
    refused: bool,
}

const PANEL: StudyPanel<SunParams> = StudyPanel {
    id: "sun-study",
    words: ["ui-study", "ui-study-tip", "ui-study-none"],
    settings: |scenario| scenario.sun.as_ref(),
    run: None,
};

/// The folding section of the sun study.
pub fn sun_study_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let note = |_: &Scenario, sun: &SunParams| {
        let count = [("count", sun.dates.len() as f64)];
        paint.t.with("ui-study-count", &count)
    };
    PANEL.show(ui, paint, state, note, |ui, scenario, sun| {
        let action = match sun {
            Some(sun) => {
                let day = days_ui(ui, paint, state, scenario, sun);
                let spacing = spacings_ui(ui, paint, state, scenario, sun);
                let area = area_ui(ui, paint, state, "ui-study-area-tip", sun.area)
                    .map(|area| changed(scenario, |sun| sun.area = area));
                day.or(spacing).or(area)
            }
            None => add_study_ui(ui, paint, state, scenario),
        };
        action.map(Effect::Act).into_iter().collect()
    })
}

/// The scenario with another sun study.
fn changed(scenario: &Scenario, change: impl FnOnce(&mut SunParams)) -> Action {
    with_settings(scenario, |scenario| &mut scenario.sun, change)
}

fn add_study_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
) -> Option<Action> {
    let (name, tip) = (paint.get("ui-study-add"), paint.get("ui-study-add-tip"));
    Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .show(ui, paint)
        .clicked()
        .then(|| changed(scenario, |sun| sun.dates = vec![state.date.clone()]))
}

/// The years that a day may have, for texts.
fn years() -> [(&'static str, String); 2] {
    let (first, last) = ranges::YEARS;
    [("first", first.to_string()), ("last", last.to_string())]
}

/// The days: each shows itself in the time bar and can be taken out; below them a field for another one.
fn days_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    sun: &SunParams,
) -> Option<Action> {
    let mut action = None;
    let (least, most) = ranges::STUDY_DAYS;
    let side = paint.look.size.control();
    let gap = paint.of(2.0);
    ui.label(caption(&paint.look, paint.get("ui-study-days")));
    for (i, day) in sun.dates.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            let name = state.language.date(day);
            let tip = paint.get("ui-study-day-tip");
            let row = Row {
                name: &name,
                note: day,
                tip: &tip,
                chosen: Some(*day == state.date),
                ..Row::default()
            };
            let width = ui.available_width() - side - gap;
            if row.show(ui, paint, width).clicked() {
                action = Some(Action::SetDate(day.clone()));
            }
            let remove = paint
                .t
                .with("ui-study-remove-day", &[("day", name.as_str())]);
            if Button::icon(Icon::Delete, &remove, &paint.get("ui-study-remove-day-tip"))
                .enabled(sun.dates.len() > least)
                .show(ui, paint)
                .clicked()
            {
                action = Some(changed(scenario, |sun| {
                    sun.dates.remove(i);
                }));
            }
        });
    }
    let room = sun.dates.len() < most;
    let listed = |day: &str| sun.dates.iter().any(|d| d == day);
    let add = |day: &str| changed(scenario, |sun| sun.dates.push(day.to_owned()));
    if let Some(day) = new_day_ui(ui, paint, room, listed) {
        action = Some(add(&day));
    }
    let name = paint.get("ui-study-bar-day");
    let shown = state.prepared.now.date.as_str();
    let tip = paint.t.with("ui-study-bar-day-tip", &[("day", shown)]);
    let button = Button::words(&name, &tip)
        .with_icon(Icon::Add)
        .enabled(room && is_day(&state.date) && !listed(&state.date));
    let width = button.width(ui, paint).ceil().min(ui.available_width());
    if button.show_wide(ui, paint, width).clicked() {
        action = Some(add(&state.date));
    }
    action
}

/// Field for another day, a button beside it, and what is wrong below. Gives the day that was entered.
fn new_day_ui(
    ui: &mut Ui,
    paint: &Paint,
    room: bool,
    listed: impl Fn(&str) -> bool,
) -> Option<String> {
    let id = Id::new("planspiel-study-day");
    let mut typed: Typed = ui.data(|d| d.get_temp(id)).unwrap_or_default();
    let mut entered = None;
    ui.add_enabled_ui(room, |ui| {
        ui.horizontal(|ui| {
            let side = paint.look.size.control();
            let gap = paint.of(2.0);
            ui.spacing_mut().item_spacing.x = gap;
            let width = ui.available_width() - side - gap;
            let field = TextEdit::singleline(&mut typed.text)
                .hint_text(paint.get("ui-study-new-day-hint"))
                .vertical_align(Align::Center)
                .margin(ui.spacing().button_padding);
            let response = ui.add_sized([width, side], field);
            let [first, last] = years();
            let most = ("most", ranges::STUDY_DAYS.1.to_string());
            let tip = paint.t.with("ui-study-new-day-tip", &[first, last, most]);
            let response = named(ui, response, &paint.get("ui-study-new-day"), &tip);
            let (name, tip) = (
                paint.get("ui-study-add-day"),
                paint.get("ui-study-add-day-tip"),
            );
            let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let pressed = Button::icon(Icon::Add, &name, &tip)
                .enabled(room)
                .show(ui, paint)
                .clicked();
            if response.changed() {
                typed.refused = false;
            }
            if enter || pressed {
                let day = typed.text.trim();
                if is_day(day) && !listed(day) {
                    entered = Some(day.to_owned());
                    typed = Typed::default();
                } else {
                    typed.refused = true;
                }
                response.request_focus();
            }
        });
    });
    if typed.refused {
        let text = if listed(typed.text.trim()) {
            paint.get("ui-study-day-twice")
        } else {
            paint.t.with("ui-study-day-wrong", &years())
        };
        ui.add(Label::new(caption(&paint.look, text).color(paint.look.colour.error)).wrap());
    }
    ui.data_mut(|d| d.insert_temp(id, typed));
    entered
}

fn spacings_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    scenario: &Scenario,
    sun: &SunParams,
) -> Option<Action> {
    let mut action = None;
    ui.label(caption(&paint.look, paint.get("ui-study-spacing")));
    let spec = |label, tip, range| FieldSpec::new(label, tip, "m", range, 0.25, 2);
    type Set = fn(&mut SunParams, f64);
    let rows: [(FieldSpec, f64, Set); 3] = [
        (
            spec(
                "ui-study-ground",
                "ui-study-ground-tip",
                ranges::GROUND_SPACING_M,
            ),
            sun.ground_spacing_m,
            |sun, m| sun.ground_spacing_m = m,
        ),
        (
            spec(
                "ui-study-facade",
                "ui-study-facade-tip",
                ranges::FACADE_SPACING_M,
            ),
            sun.facade_spacing_m,
            |sun, m| sun.facade_spacing_m = m,
        ),
        (
            spec("ui-study-roof", "ui-study-roof-tip", ranges::ROOF_SPACING_M),
            sun.roof_spacing_m,
            |sun, m| sun.roof_spacing_m = m,
        ),
    ];
    for (spec, now, set) in rows {
        if let Some(metres) = settled_row(ui, paint, state, &spec, now) {
            action = Some(changed(scenario, |sun| set(sun, metres)));
        }
    }
    action
}

/// The rectangle that gets values, or the whole city: `Some` when it changes, with nothing inside for the whole city.
pub(super) fn area_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    tip: &str,
    area: Option<[f64; 4]>,
) -> Option<Option<[f64; 4]>> {
    let mut changed = None;
    let around = state.view_centre.map(|[east, north]| {
        let (east, north) = (east.round(), north.round());
        [
            east - HALF_AREA_M,
            north - HALF_AREA_M,
            east + HALF_AREA_M,
            north + HALF_AREA_M,
        ]
    });
    if let Some(on) = switch(
        ui,
        paint,
        "ui-study-area",
        tip,
        area.is_some(),
        area.or(around).is_some(),
    ) {
        changed = Some(around.filter(|_| on));
    }
    let Some(area) = area else { return changed };
    let (low, high) = ranges::COORDINATE_M;
    let [west, south, east, north] = area;
    // No side can be moved beyond the opposite one.
    for (i, label, range) in [
        (0, "ui-study-west", (low, east - LEAST_AREA_M)),
        (1, "ui-study-south", (low, north - LEAST_AREA_M)),
        (2, "ui-study-east", (west + LEAST_AREA_M, high)),
        (3, "ui-study-north", (south + LEAST_AREA_M, high)),
    ] {
        let spec = FieldSpec {
            label,
            tip: "ui-study-side-tip",
            unit: "m",
            range,
            step: 10.0,
            decimals: 1,
        };
        if let Some(metres) = settled_row(ui, paint, state, &spec, area[i]) {
            let mut area = area;
            area[i] = metres;
            changed = Some(Some(area));
        }
    }
    changed
}

/// A number that follows the drag on screen and is given once, when the drag or the typing ends and it is another one.
pub(super) fn settled_row(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    spec: &FieldSpec,
    now: f64,
) -> Option<f64> {
    let id = Id::new(("planspiel-study", spec.label));
    let dragged: Option<f64> = ui.data(|d| d.get_temp(id));
    let change = number_row(ui, paint, state.language, spec, dragged.unwrap_or(now));
    if let Some(NumberChange { value, done: false }) = change {
        ui.data_mut(|d| d.insert_temp(id, value));
        return None;
    }
    if change.is_some() || ui.ctx().dragged_id().is_none() {
        ui.data_mut(|d| d.remove::<f64>(id));
    }
    change.map(|c| c.value).filter(|value| *value != now)
}
