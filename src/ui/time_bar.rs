//! Date and time of the sun, below the clock of a water event if one is shown.

use egui::{
    Align, Align2, Color32, ComboBox, DragValue, EventFilter, Key, Label, Mesh, Rect, Response,
    Sense, Shape, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

use crate::scenario::ranges;

use super::action::Action;
use super::command::{Command, Effect};
use super::event_bar::event_bar_ui;
use super::icons::Icon;
use super::state::UiState;
use super::theme::{caption, strong};
use super::widgets::{Button, Paint, Weight, cell, named};

/// Step of the time slider (min).
const STEP_MIN: f32 = 5.0;

/// The event's clock, if there is one; play, clock, slider over the day, position of the sun; below it the date.
pub fn time_bar_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.spacing_mut().item_spacing.y = paint.of(4.0);
    let tight = paint.tight(ui.ctx());
    effects.extend(event_bar_ui(ui, paint, state));
    ui.horizontal(|ui| {
        let words = ["ui-play", "ui-pause", "ui-play-tip"];
        let playing = state.playing;
        effects.extend(play_ui(ui, paint, state, Command::Play, playing, words));
        effects.extend(clock_ui(ui, paint, state).map(Effect::Act));
        let reading = if tight { 0.0 } else { paint.of(256.0) };
        let width = (ui.available_width() - reading).max(paint.of(160.0));
        effects.extend(slider_ui(ui, paint, state, width).map(Effect::Act));
        if !tight {
            sun_ui(ui, paint, state);
        }
    });
    ui.horizontal(|ui| {
        effects.extend(date_ui(ui, paint, state).map(Effect::Act));
        ui.add_space(paint.of(8.0));
        for (command, key) in [
            (Command::DayMarch, "ui-day-march-short"),
            (Command::DayJune, "ui-day-june-short"),
            (Command::DayDecember, "ui-day-december-short"),
            (Command::DayJanuary, "ui-day-january-short"),
        ] {
            effects.extend(preset_ui(ui, paint, state, command, key));
        }
        if tight {
            return;
        }
        if let Some([rise, set]) = &state.prepared.now.sun_up {
            ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
                let text = paint.t.with(
                    "ui-sun-up",
                    &[("rise", rise.as_str()), ("set", set.as_str())],
                );
                ui.add(Label::new(caption(&paint.look, text)).truncate());
            });
        }
    });
    effects
}

/// The button that starts the time and stops it. `words` are the text keys of both names and of the tooltip.
pub(super) fn play_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    command: Command,
    playing: bool,
    [play, pause, tip]: [&str; 3],
) -> Option<Effect> {
    let (icon, key) = if playing {
        (Icon::Pause, pause)
    } else {
        (Icon::Play, play)
    };
    let (name, tip) = (paint.get(key), paint.get(tip));
    let keys = command.printed_keys(paint.t);
    let effect = command.effect(state);
    let button = Button::icon(icon, &name, &tip)
        .weight(Weight::Normal)
        .keys(&keys)
        .enabled(effect.is_some());
    let clicked = button.show(ui, paint).clicked();
    effect.filter(|_| clicked)
}

/// Minutes of `14:30`, `14.30`, `1430`, `14`.
fn parse_clock(text: &str) -> Option<f64> {
    let text = text.trim();
    let (hours, minutes) = match text.split_once([':', '.', 'h', ' ']) {
        Some((h, m)) => (h.parse().ok()?, m.trim().parse().unwrap_or(0)),
        None if text.len() > 2 => {
            let all: u32 = text.parse().ok()?;
            (all / 100, all % 100)
        }
        None => (text.parse().ok()?, 0),
    };
    (hours <= 24 && minutes < 60).then(|| f64::from((hours * 60 + minutes).min(1440)))
}

fn clock_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Action> {
    let mut minute = f64::from(state.minute);
    let before = minute;
    let language = state.language;
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().interact_size.x = paint.of(64.0);
            ui.style_mut().drag_value_text_style = strong();
            ui.add(
                DragValue::new(&mut minute)
                    .range(0.0..=1440.0)
                    .speed(1.0)
                    .max_decimals(0)
                    .update_while_editing(false)
                    .custom_formatter(|m, _| language.clock(m))
                    .custom_parser(parse_clock),
            )
        })
        .inner;
    named(
        ui,
        response,
        &paint.get("ui-time"),
        &paint.get("ui-time-tip"),
    );
    (minute != before).then_some(Action::SetMinute(minute as f32))
}

/// The day as a strip from night to noon to night, with a handle.
fn slider_ui(ui: &mut Ui, paint: &Paint, state: &UiState, width: f32) -> Option<Action> {
    let size = vec2(width, paint.look.size.control());
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let inset = paint.of(6.0);
    let left = rect.left() + inset;
    let span = rect.width() - 2.0 * inset;
    let mut minute = state.minute;
    if let Some(pointer) = response.interact_pointer_pos() {
        let at = ((pointer.x - left) / span).clamp(0.0, 1.0) * 1440.0;
        minute = (at / STEP_MIN).round() * STEP_MIN;
    }
    if response.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let steps = ui.input_mut(|i| {
            i.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowRight) as f32
                - i.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowLeft) as f32
        });
        minute += steps * STEP_MIN;
    }
    minute += requested_steps(ui, &response) * STEP_MIN;
    let minute = minute.clamp(0.0, 1440.0);
    paint_day(ui, paint, state, rect, left, span);
    let x = left + span * state.minute / 1440.0;
    let handle = Rect::from_center_size(
        pos2(x, rect.top() + paint.of(8.0)),
        vec2(paint.of(8.0), paint.of(16.0)),
    );
    let visuals = ui.style().interact(&response);
    let ring = if response.has_focus() {
        visuals.bg_stroke
    } else {
        Stroke::new(1.0, paint.look.colour.outline)
    };
    ui.painter().rect(
        handle,
        paint.of(4.0),
        paint.look.colour.card,
        ring,
        egui::StrokeKind::Inside,
    );
    let name = paint.get("ui-time-of-day");
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), f64::from(minute), &name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(1440.0);
        node.set_numeric_value_step(f64::from(STEP_MIN));
        node.set_value(state.prepared.now.clock.as_str());
        node.set_description(paint.get("ui-time-tip"));
        node.add_action(egui::accesskit::Action::Increment);
        node.add_action(egui::accesskit::Action::Decrement);
    });
    response.on_hover_text(paint.get("ui-time-tip"));
    ((minute - state.minute).abs() > 1e-3).then_some(Action::SetMinute(minute))
}

pub(super) fn requested_steps(ui: &Ui, response: &Response) -> f32 {
    use egui::accesskit::Action as Request;
    ui.input(|i| {
        i.num_accesskit_action_requests(response.id, Request::Increment) as f32
            - i.num_accesskit_action_requests(response.id, Request::Decrement) as f32
    })
}

/// Night, dawn, day, dusk as a band of colours, with hours below.
fn paint_day(ui: &Ui, paint: &Paint, state: &UiState, rect: Rect, left: f32, span: f32) {
    let [night, dawn, day] = paint.look.colour.sky;
    let band = Rect::from_min_size(
        pos2(left, rect.top() + paint.of(4.0)),
        vec2(span, paint.of(8.0)),
    );
    // Civil twilight lasts some 40 minutes in middle latitudes; the band only hints at it.
    let stops: Vec<(f32, Color32)> = match state.sun_up_min {
        Some((rise, set)) => vec![
            (0.0, night),
            (rise - 40.0, night),
            (rise, dawn),
            (rise + 60.0, day),
            (set - 60.0, day),
            (set, dawn),
            (set + 40.0, night),
            (1440.0, night),
        ],
        None => {
            let colour = if state.sun_deg.1 > 0.0 { day } else { night };
            vec![(0.0, colour), (1440.0, colour)]
        }
    };
    let mut mesh = Mesh::default();
    for (minute, colour) in &stops {
        let x = band.left() + band.width() * minute.clamp(0.0, 1440.0) / 1440.0;
        mesh.colored_vertex(pos2(x, band.top()), *colour);
        mesh.colored_vertex(pos2(x, band.bottom()), *colour);
    }
    for i in 0..stops.len() as u32 - 1 {
        mesh.add_triangle(2 * i, 2 * i + 1, 2 * i + 2);
        mesh.add_triangle(2 * i + 1, 2 * i + 3, 2 * i + 2);
    }
    ui.painter().add(Shape::mesh(mesh));
    let font = TextStyle::Small.resolve(ui.style());
    for hour in (0..=24).step_by(3) {
        let x = band.left() + band.width() * hour as f32 / 24.0;
        ui.painter().vline(
            x,
            band.bottom()..=band.bottom() + paint.of(3.0),
            Stroke::new(1.0, paint.look.colour.outline),
        );
        let align = match hour {
            0 => Align2::LEFT_BOTTOM,
            24 => Align2::RIGHT_BOTTOM,
            _ => Align2::CENTER_BOTTOM,
        };
        ui.painter().text(
            pos2(x, rect.bottom() + paint.of(2.0)),
            align,
            hour.to_string(),
            font.clone(),
            paint.look.colour.text_weak,
        );
    }
}

/// Azimuth and elevation in fixed columns.
fn sun_ui(ui: &mut Ui, paint: &Paint, state: &UiState) {
    let [azimuth, elevation] = &state.prepared.now.sun;
    ui.with_layout(egui::Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = paint.of(4.0);
        for (name, tip, value) in [
            ("ui-elevation", "ui-elevation-tip", elevation),
            ("ui-azimuth", "ui-azimuth-tip", azimuth),
        ] {
            let response = ui
                .scope(|ui| {
                    ui.label(caption(&paint.look, "°"));
                    cell(ui, paint.of(44.0), Align::Max, |ui| {
                        ui.label(value);
                    });
                    ui.label(caption(&paint.look, paint.get(name)));
                })
                .response;
            response.on_hover_text(paint.get(tip));
            ui.add_space(paint.of(12.0));
        }
    });
}

/// Year, month, day of `YYYY-MM-DD`.
fn parts(date: &str) -> Option<(i32, u32, u32)> {
    let mut parts = date.split('-');
    let date = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    Some(date)
}

fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// `YYYY-MM-DD`; a day beyond the end of the month becomes its last day.
fn iso(year: i32, month: u32, day: u32) -> String {
    let day = day.clamp(1, days_in_month(year, month));
    format!("{year:04}-{month:02}-{day:02}")
}

fn date_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Action> {
    let (mut year, mut month, mut day) = parts(&state.date)?;
    let last = days_in_month(year, month);
    ui.spacing_mut().item_spacing.x = paint.of(4.0);
    let response = number(ui, paint.of(40.0), &mut day, 1..=last);
    named(ui, response, &paint.get("ui-day"), &paint.get("ui-day-tip"));
    let names: Vec<String> = (1..=12).map(|m| month_name(state, m)).collect();
    let at = (month.clamp(1, 12) - 1) as usize;
    let response = ComboBox::from_id_salt("month")
        .width(paint.of(112.0))
        .selected_text(&names[at])
        .show_ui(ui, |ui| {
            for (m, name) in (1..).zip(&names) {
                ui.selectable_value(&mut month, m, name);
            }
        })
        .response;
    named(
        ui,
        response,
        &paint.get("ui-month"),
        &paint.get("ui-month-tip"),
    );
    let (first, last) = ranges::YEARS;
    let response = number(ui, paint.of(52.0), &mut year, first..=last);
    named(
        ui,
        response,
        &paint.get("ui-year"),
        &paint.t.with(
            "ui-year-tip",
            &[("first", first.to_string()), ("last", last.to_string())],
        ),
    );
    let new = iso(year, month, day);
    (new != state.date).then_some(Action::SetDate(new))
}

/// The month's name as it stands in a date, without the day.
fn month_name(state: &UiState, month: u32) -> String {
    let day = state.language.day(&format!("2027-{month:02}-01"));
    day.trim_start_matches("1. ")
        .trim_start_matches("1 ")
        .to_owned()
}

fn number<T: egui::emath::Numeric>(
    ui: &mut Ui,
    width: f32,
    value: &mut T,
    range: std::ops::RangeInclusive<T>,
) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.x = width;
        ui.add(
            DragValue::new(value)
                .range(range)
                .speed(0.1)
                .max_decimals(0)
                .update_while_editing(false),
        )
    })
    .inner
}

fn preset_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    command: Command,
    short: &str,
) -> Option<Effect> {
    let (name, tip) = command.words(paint.t);
    let short = paint.get(short);
    let effect = command.effect(state);
    let chosen = matches!(&effect, Some(Effect::Act(Action::SetDate(d))) if *d == state.date);
    let mut button = Button::words(&name, &tip)
        .weight(Weight::Normal)
        .chosen(chosen)
        .enabled(effect.is_some());
    button.words = Some(&short);
    let clicked = button.show(ui, paint).clicked();
    effect.filter(|_| clicked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_times_are_read_as_people_write_them() {
        for (text, minutes) in [
            ("14:30", Some(870.0)),
            ("14.30", Some(870.0)),
            ("1430", Some(870.0)),
            ("8", Some(480.0)),
            ("24:00", Some(1440.0)),
            ("14 h", Some(840.0)),
            ("25:00", None),
            ("12:75", None),
            ("noon", None),
        ] {
            assert_eq!(parse_clock(text), minutes, "{text}");
        }
    }

    #[test]
    fn a_day_that_a_month_does_not_have_becomes_its_last() {
        assert_eq!(iso(2027, 2, 31), "2027-02-28");
        assert_eq!(iso(2028, 2, 31), "2028-02-29");
        assert_eq!(iso(1900, 2, 29), "1900-02-28");
        assert_eq!(parts("2027-03-21"), Some((2027, 3, 21)));
    }
}
