//! The clock of a water event or of the traffic: play, time, slider, speed, arrows or follow. Shown while a result of it is on the city;
//! it is not the time of day.

use egui::{
    Align, Align2, ComboBox, DragValue, EventFilter, Key, Rect, Sense, Stroke, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::text::Language;

use super::action::Action;
use super::command::{Command, Effect};
use super::icons::Icon;
use super::moment::SPEEDS;
use super::prepare::EventView;
use super::state::UiState;
use super::theme::{caption, strong};
use super::time_bar::{play_ui, requested_steps};
use super::widgets::{Button, Paint, Weight, cell, named};

/// Play, time, slider, speed, arrows; nothing without an event.
pub fn event_bar_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(event) = &state.prepared.world.event else {
        return effects;
    };
    let tight = paint.tight(ui.ctx());
    ui.horizontal(|ui| {
        let words = ["ui-event-play", "ui-event-pause", "ui-event-play-tip"];
        let (play, playing) = (Command::PlayEvent, state.event.playing);
        effects.extend(play_ui(ui, paint, state, play, playing, words));
        effects.extend(time_ui(ui, paint, state, event).map(Effect::Act));
        effects.extend(step_ui(
            ui,
            paint,
            state,
            Command::EventBack,
            Icon::StepBack,
        ));
        let right = paint.of(if tight { 132.0 } else { 292.0 });
        let width = (ui.available_width() - right).max(paint.of(120.0));
        effects.extend(slider_ui(ui, paint, state, event, width).map(Effect::Act));
        effects.extend(step_ui(
            ui,
            paint,
            state,
            Command::EventForward,
            Icon::StepForward,
        ));
        effects.extend(speed_ui(ui, paint, state).map(Effect::Act));
        if !tight && state.animation().is_some() {
            effects.extend(arrows_ui(ui, paint, state));
        } else if !tight {
            effects.extend(follow_ui(ui, paint, state));
        }
    });
    effects
}

fn step_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    command: Command,
    icon: Icon,
) -> Option<Effect> {
    let (name, tip) = command.words(paint.t);
    let keys = command.printed_keys(paint.t);
    let effect = command.effect(state);
    let clicked = Button::icon(icon, &name, &tip)
        .keys(&keys)
        .enabled(effect.is_some())
        .show(ui, paint)
        .clicked();
    effect.filter(|_| clicked)
}

fn arrows_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Effect> {
    let (name, tip) = Command::Arrows.words(paint.t);
    let keys = Command::Arrows.printed_keys(paint.t);
    let effect = Command::Arrows.effect(state);
    let short = paint.get("ui-arrows-short");
    let mut button = Button::words(&name, &tip)
        .with_icon(Icon::Flow)
        .weight(Weight::Normal)
        .chosen(state.arrows_shown())
        .keys(&keys)
        .enabled(effect.is_some());
    button.words = Some(&short);
    let clicked = button.show(ui, paint).clicked();
    effect.filter(|_| clicked)
}

fn follow_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Effect> {
    let (name, tip) = Command::Follow.words(paint.t);
    let keys = Command::Follow.printed_keys(paint.t);
    let effect = Command::Follow.effect(state);
    let short = paint.get("ui-follow-short");
    let mut button = Button::words(&name, &tip)
        .with_icon(Icon::Focus)
        .weight(Weight::Normal)
        .chosen(state.follow)
        .keys(&keys)
        .enabled(effect.is_some());
    button.words = Some(&short);
    let clicked = button.show(ui, paint).clicked();
    effect.filter(|_| clicked)
}

/// Seconds since the start as `0:35:00`.
pub fn event_time(seconds: f64) -> String {
    let s = seconds.round().max(0.0) as u64;
    format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

/// Seconds of `0:35:00`, `0:35` (hours and minutes), `35 min`, `35` (minutes).
pub fn parse_event_time(text: &str) -> Option<f64> {
    let text = text
        .trim()
        .trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let numbers: Option<Vec<f64>> = text
        .split(':')
        .map(|part| part.trim().replace(',', ".").parse::<f64>().ok())
        .collect();
    let seconds = match numbers?.as_slice() {
        [minutes] => minutes * 60.0,
        [hours, minutes] => hours * 3600.0 + minutes * 60.0,
        [hours, minutes, seconds] => hours * 3600.0 + minutes * 60.0 + seconds,
        _ => return None,
    };
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

fn time_ui(ui: &mut Ui, paint: &Paint, state: &UiState, event: &EventView) -> Option<Action> {
    let mut time_s = state.event.time_s;
    let before = time_s;
    let response = cell(ui, paint.of(76.0), Align::Min, |ui| {
        ui.spacing_mut().interact_size.x = paint.of(76.0);
        ui.style_mut().drag_value_text_style = strong();
        ui.add(
            DragValue::new(&mut time_s)
                .range(0.0..=event.duration_s)
                .clamp_existing_to_range(false)
                .speed(event.duration_s / 400.0)
                .update_while_editing(false)
                .custom_formatter(|s, _| event_time(s))
                .custom_parser(parse_event_time),
        )
    });
    let tip = tip(paint, event);
    named(ui, response, &paint.get("ui-event-time"), &tip);
    (time_s != before).then_some(Action::SetEventTime(time_s))
}

fn tip(paint: &Paint, event: &EventView) -> String {
    paint.t.with(
        "ui-event-time-tip",
        &[("end", event_time(event.duration_s))],
    )
}

/// The event as a rail with the states as ticks, the part so far filled.
fn slider_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    event: &EventView,
    width: f32,
) -> Option<Action> {
    let size = vec2(width, paint.look.size.control());
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let inset = paint.of(6.0);
    let (left, span) = (rect.left() + inset, rect.width() - 2.0 * inset);
    let mut time_s = state.event.time_s;
    if let Some(pointer) = response.interact_pointer_pos() {
        let share = f64::from(((pointer.x - left) / span).clamp(0.0, 1.0));
        time_s = (share * event.duration_s).round();
    }
    let mut steps = requested_steps(ui, &response);
    if response.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        steps += ui.input_mut(|i| {
            i.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowRight) as f32
                - i.count_and_consume_key(egui::Modifiers::NONE, Key::ArrowLeft) as f32
        });
    }
    if steps != 0.0 {
        time_s = event.stepped(time_s, steps as i32);
    }
    let time_s = time_s.clamp(0.0, event.duration_s);
    paint_rail(ui, paint, state.language, event, rect, left, span);
    let share = (state.event.time_s / event.duration_s.max(1e-9)).clamp(0.0, 1.0) as f32;
    let x = left + span * share;
    let rail = Rect::from_min_max(
        pos2(left, rect.top() + paint.of(6.0)),
        pos2(x, rect.top() + paint.of(10.0)),
    );
    let [_, water, _] = paint.look.colour.event;
    ui.painter().rect_filled(rail, paint.of(2.0), water);
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
    let card = paint.look.colour.card;
    ui.painter()
        .rect(handle, paint.of(4.0), card, ring, egui::StrokeKind::Inside);
    let name = paint.get("ui-event-slider");
    response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), time_s, &name));
    let tip = tip(paint, event);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(event.duration_s);
        node.set_value(state.prepared.now.event.as_str());
        node.set_description(tip.as_str());
        node.add_action(egui::accesskit::Action::Increment);
        node.add_action(egui::accesskit::Action::Decrement);
    });
    response.on_hover_text(tip);
    ((time_s - state.event.time_s).abs() > 1e-6).then_some(Action::SetEventTime(time_s))
}

/// Distance (s) of labelled ticks: a round time, at most nine of them.
fn tick_s(duration_s: f64) -> f64 {
    const ROUND: [f64; 14] = [
        1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10_800.0,
        21_600.0, 43_200.0,
    ];
    let fits = |s: &&f64| duration_s / **s <= 8.0;
    ROUND.iter().find(fits).copied().unwrap_or(86_400.0)
}

/// `30 min`, `2 h`.
fn tick_text(language: Language, seconds: f64, tick_s: f64) -> String {
    if tick_s < 60.0 {
        language.with_unit(seconds, 0, "s")
    } else if tick_s < 3600.0 && seconds < 5400.0 {
        language.with_unit(seconds / 60.0, 0, "min")
    } else {
        let hours = seconds / 3600.0;
        let decimals = usize::from((hours - hours.round()).abs() > 0.01);
        language.with_unit(hours, decimals, "h")
    }
}

/// Rail, a mark per state (while they are few) and labelled round times.
fn paint_rail(
    ui: &Ui,
    paint: &Paint,
    language: Language,
    event: &EventView,
    rect: Rect,
    left: f32,
    span: f32,
) {
    let colour = &paint.look.colour;
    let rail = Rect::from_min_size(
        pos2(left, rect.top() + paint.of(6.0)),
        vec2(span, paint.of(4.0)),
    );
    let [ground, _, _] = colour.event;
    ui.painter().rect_filled(rail, paint.of(2.0), ground);
    let at = |s: f64| left + span * (s / event.duration_s.max(1e-9)) as f32;
    let thin = Stroke::new(1.0, colour.line);
    if (event.states.len() as f32) < span / paint.of(5.0) {
        for s in &event.states {
            let x = at(*s);
            ui.painter()
                .vline(x, rail.bottom()..=rail.bottom() + paint.of(2.0), thin);
        }
    }
    let font = TextStyle::Small.resolve(ui.style());
    let tick = tick_s(event.duration_s);
    let ticks = (event.duration_s / tick + 1e-9) as usize;
    for i in 0..=ticks {
        let s = i as f64 * tick;
        let x = at(s);
        let mark = Stroke::new(1.0, colour.outline);
        ui.painter()
            .vline(x, rail.bottom()..=rail.bottom() + paint.of(3.0), mark);
        let near_end = x > left + span - paint.of(20.0);
        let align = match i {
            0 => Align2::LEFT_BOTTOM,
            _ if near_end => Align2::RIGHT_BOTTOM,
            _ => Align2::CENTER_BOTTOM,
        };
        let text = tick_text(language, s, tick);
        let place = pos2(x, rect.bottom() + paint.of(2.0));
        ui.painter()
            .text(place, align, text, font.clone(), colour.text_weak);
    }
}

fn speed_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Action> {
    let language = state.language;
    let words = |speed: f64| format!("{}×", language.number(speed, 0));
    let mut action = None;
    let response = ComboBox::from_id_salt("event-speed")
        .width(paint.of(64.0))
        .selected_text(words(state.event.speed))
        .show_ui(ui, |ui| {
            for speed in SPEEDS {
                let chosen = speed == state.event.speed;
                if ui.selectable_label(chosen, words(speed)).clicked() {
                    action = Some(Action::SetEventSpeed(speed));
                }
            }
        })
        .response;
    named(
        ui,
        response,
        &paint.get("ui-event-speed"),
        &paint.get("ui-event-speed-tip"),
    );
    let end = caption(&paint.look, paint.get("ui-event-unit"));
    if !paint.tight(ui.ctx()) {
        ui.label(end);
    }
    action
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_times_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("0:35:10", Some(2110.0)),
            ("1:30", Some(5400.0)),
            ("35", Some(2100.0)),
            ("35 min", Some(2100.0)),
            ("0,5", Some(30.0)),
            ("-3", None),
            ("später", None),
        ] {
            assert_eq!(parse_event_time(text), seconds, "{text}");
        }
        for seconds in [0.0, 59.0, 3599.0, 7200.0, 90_061.0] {
            assert_eq!(parse_event_time(&event_time(seconds)), Some(seconds));
        }
    }

    #[test]
    fn ticks_are_round_and_few() {
        for duration_s in [20.0, 600.0, 3600.0, 7200.0, 86_400.0, 200_000.0] {
            let tick = tick_s(duration_s);
            assert!(
                duration_s / tick <= 8.0 && duration_s / tick >= 1.0,
                "{duration_s}"
            );
        }
        assert_eq!(tick_text(Language::De, 1800.0, 900.0), "30\u{a0}min");
        assert_eq!(tick_text(Language::De, 5400.0, 1800.0), "1,5\u{a0}h");
    }
}
