//! The inspector of traffic and shuttles: the story of what is selected, or the network over time and the buses on the roads.

use egui::{
    Align, Align2, Color32, Label, Layout, Rect, RichText, ScrollArea, Sense, Shape, Stroke,
    TextStyle, Ui, WidgetInfo, WidgetType, pos2, vec2,
};

use crate::result::movement::Movement;
use crate::result::story::{SignalStory, Tally};
use crate::text::texts;

use super::action::{Action, TrafficChart, TrafficPick};
use super::chart::{Axis, Plot, plot_ui};
use super::command::{Command, Effect};
use super::event_bar::event_time;
use super::icons::Icon;
use super::prepare::Fact;
use super::shuttle_story_panel::{request_ui, stop_ui, wishes_ui};
use super::state::UiState;
use super::theme::{caption, group_space, strong};
use super::traffic_edits::{line_edits_ui, signal_edits_ui, street_edits_ui};
use super::traffic_story::{
    Body, GroupRow, Journey, RequestRow, SignalView, StopRow, TrafficStory, VehicleView, Verdict,
};
use super::water_panel::choice_ui;
use super::widgets::{Button, Paint, Row, describe, fact_row, fold_title, section};

/// Time (s) that the timeline of a signal shows before and after the clock.
const TIMELINE_S: [f64; 2] = [90.0, 60.0];
/// Heights at text size 1.
const CHART_HEIGHT: f32 = 168.0;
const ROW_HEIGHT: f32 = 16.0;

/// Colours of what a signal shows, the same as in the report.
fn aspect_colour(letter: char) -> (Color32, f32) {
    match letter {
        'G' => (Color32::from_rgb(0x2f, 0x8f, 0x46), 0.8),
        'g' => (Color32::from_rgb(0x9c, 0xcb, 0x86), 0.8),
        'y' => (Color32::from_rgb(0xf0, 0xb4, 0x29), 0.8),
        'u' => (Color32::from_rgb(0xe0, 0x7b, 0x39), 0.8),
        'r' => (Color32::from_rgb(0xb3, 0x40, 0x2e), 0.16),
        _ => (Color32::from_rgb(0xc9, 0xc5, 0xbd), 0.3),
    }
}

/// The story of what is selected.
pub fn story_ui(ui: &mut Ui, paint: &Paint, state: &UiState, story: &TrafficStory) -> Vec<Effect> {
    let mut effects = head_ui(ui, paint, state, story);
    let now = &state.prepared.now.traffic;
    if !now.facts.is_empty() {
        group_space(ui, &paint.look);
        let time = [("time", state.prepared.now.event.as_str())];
        heading(ui, paint, &paint.t.with("ui-traffic-now-head", &time));
        facts_ui(ui, paint, &now.facts);
    }
    match &story.body {
        Body::Vehicle(vehicle) => {
            effects.extend(vehicle_ui(ui, paint, state, vehicle));
            if !vehicle.line.is_empty() {
                group_space(ui, &paint.look);
                section(ui, paint, "ui-change");
                effects.extend(line_edits_ui(ui, paint, state, &vehicle.line));
            }
        }
        Body::Signal(signal) => {
            let TrafficPick::Signal(number) = story.pick else {
                return effects;
            };
            effects.extend(signal_ui(ui, paint, state, story, number, signal));
        }
        Body::Street(street) => {
            group_space(ui, &paint.look);
            section(ui, paint, "ui-facts");
            facts_ui(ui, paint, &street.facts);
            group_space(ui, &paint.look);
            section(ui, paint, "ui-change");
            effects.extend(street_edits_ui(ui, paint, state, street));
        }
        Body::Request(request) => effects.extend(request_ui(ui, paint, state, request)),
        Body::Stop(stop) => effects.extend(stop_ui(ui, paint, state, stop)),
    }
    effects
}

fn heading(ui: &mut Ui, paint: &Paint, text: &str) {
    let text = RichText::new(text)
        .text_style(strong())
        .color(paint.look.colour.text);
    ui.add(Label::new(text).wrap());
}

/// Title, id, close; below them follow and look.
fn head_ui(ui: &mut Ui, paint: &Paint, state: &UiState, story: &TrafficStory) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.horizontal_top(|ui| {
        let side = paint.look.size.control();
        let width = ui.available_width() - side - paint.of(8.0);
        let size = vec2(width, side);
        ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
            ui.set_min_width(width);
            ui.spacing_mut().item_spacing.y = paint.of(2.0);
            let title = RichText::new(&story.title).text_style(TextStyle::Heading);
            ui.add(Label::new(title).wrap().selectable(true));
            if !story.title.contains(&story.id) {
                let id = caption(&paint.look, &story.id);
                ui.add(Label::new(id).wrap().selectable(true));
            }
        });
        let (name, tip) = Command::Deselect.words(paint.t);
        let keys = Command::Deselect.printed_keys(paint.t);
        if Button::icon(Icon::Close, &name, &tip)
            .keys(&keys)
            .show(ui, paint)
            .clicked()
        {
            effects.push(Effect::Act(Action::SelectTraffic(None)));
        }
    });
    ui.horizontal(|ui| {
        let mut commands = vec![Command::Focus];
        if matches!(story.pick, TrafficPick::Vehicle(_)) {
            commands.push(Command::Follow);
        }
        for command in commands {
            let (name, tip) = command.words(paint.t);
            let (name, tip) = if command == Command::Focus {
                (
                    paint.get("ui-traffic-look"),
                    paint.get("ui-traffic-look-tip"),
                )
            } else {
                (name, tip)
            };
            let keys = command.printed_keys(paint.t);
            let effect = command.effect(state);
            let mut button = Button::words(&name, &tip)
                .keys(&keys)
                .enabled(effect.is_some());
            if command == Command::Follow {
                button = button.chosen(state.follow);
            }
            let clicked = button.show(ui, paint).clicked();
            effects.extend(effect.filter(|_| clicked));
        }
    });
    effects
}

pub(super) fn facts_ui(ui: &mut Ui, paint: &Paint, facts: &[Fact]) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(4.0);
        let assumed = paint.get("common-assumed");
        for fact in facts {
            let note = fact.assumed.then_some(assumed.as_str());
            fact_row(ui, paint, &fact.name, &fact.value, fact.unit, note);
        }
    });
}

fn vehicle_ui(ui: &mut Ui, paint: &Paint, state: &UiState, vehicle: &VehicleView) -> Vec<Effect> {
    let mut effects = Vec::new();
    group_space(ui, &paint.look);
    section(ui, paint, "ui-traffic-journey");
    if vehicle.journey.line.is_empty() {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-traffic-never"))).wrap());
    } else {
        effects.extend(journey_ui(ui, paint, state, &vehicle.journey));
    }
    if !vehicle.stops.is_empty() {
        group_space(ui, &paint.look);
        let title = if vehicle.shuttle {
            "ui-shuttle-halts"
        } else {
            "ui-traffic-stops"
        };
        section(ui, paint, title);
        effects.extend(steps_ui(ui, paint, state, &vehicle.stops));
    }
    group_space(ui, &paint.look);
    let (title, none) = if vehicle.shuttle {
        ("ui-shuttle-rides", "ui-shuttle-no-rides")
    } else {
        ("ui-traffic-requests", "ui-traffic-no-requests")
    };
    section(ui, paint, title);
    if vehicle.requests.is_empty() {
        ui.add(Label::new(caption(&paint.look, paint.get(none))).wrap());
    }
    effects.extend(requests_ui(ui, paint, state, vehicle.requests.iter()));
    group_space(ui, &paint.look);
    section(ui, paint, "ui-traffic-trip");
    facts_ui(ui, paint, &vehicle.facts);
    effects
}

/// Way over time: a line, the stops as thin lines, signals as dots, the clock.
fn journey_ui(ui: &mut Ui, paint: &Paint, state: &UiState, journey: &Journey) -> Option<Effect> {
    let (Some(first), Some(last)) = (journey.line.first(), journey.line.last()) else {
        return None;
    };
    let (time, way) = (
        paint.get("ui-traffic-axis-time"),
        paint.get("ui-traffic-way"),
    );
    let name = paint.get("ui-traffic-journey");
    let language = state.language;
    let granted = journey.signals.iter().filter(|signal| signal.2).count();
    let spoken = paint.t.with(
        "ui-traffic-journey-spoken",
        &[
            ("way", language.with_unit(last[1], 0, "m")),
            ("minutes", language.with_unit(last[0] - first[0], 1, "min")),
            ("stops", journey.stops.len().to_string()),
            ("signals", journey.signals.len().to_string()),
            ("granted", granted.to_string()),
        ],
    );
    let plot = Plot {
        x: Axis::round(first[0], last[0].max(first[0] + 0.5), false, &time, "min"),
        y: Axis::round(0.0, last[1].max(10.0), true, &way, "m"),
        size: vec2(ui.available_width(), paint.of(CHART_HEIGHT)),
        name: &name,
        spoken: &spoken,
    };
    let colour = &paint.look.colour;
    let clock_min = state.event.time_s / 60.0;
    let clicked = plot_ui(
        ui,
        paint,
        language,
        &plot,
        |painter, at, area| {
            let font = TextStyle::Small.resolve(&painter.ctx().global_style());
            let mut free = f32::INFINITY;
            for (way, name) in &journey.stops {
                let y = at(first[0], *way).y;
                painter.hline(area.x_range(), y, Stroke::new(1.0, colour.event[1]));
                // Names where there is room; all stand in the list.
                if y + font.size < free {
                    let place = pos2(area.left() + paint.of(3.0), y);
                    painter.text(
                        place,
                        Align2::LEFT_BOTTOM,
                        name,
                        font.clone(),
                        colour.text_weak,
                    );
                    free = y;
                }
            }
            let line: Vec<_> = journey.line.iter().map(|p| at(p[0], p[1])).collect();
            painter.add(Shape::line(line, Stroke::new(paint.of(2.0), colour.text)));
            for (time, way, granted, _) in &journey.signals {
                let place = at(*time, *way);
                let radius = paint.of(3.5);
                let (green, _) = aspect_colour('G');
                let fill = if *granted { green } else { colour.card };
                painter.circle(place, radius, fill, Stroke::new(1.5, colour.text));
            }
            let x = at(clock_min, 0.0).x;
            painter.vline(x, area.y_range(), Stroke::new(1.5, colour.accent));
        },
        |time| {
            let near = journey.line.partition_point(|p| p[0] <= time);
            let point = journey.line[near.min(journey.line.len() - 1)];
            let passed = journey
                .signals
                .iter()
                .find(|signal| (signal.0 - time).abs() < 0.08);
            let mut text = format!(
                "{} · {}",
                event_time(60.0 * time),
                language.with_unit(point[1], 0, "m")
            );
            if let Some((.., name)) = passed {
                text = format!("{text} · {name}");
            }
            text
        },
    );
    // A shuttle has neither stops nor signals on its line.
    let key = if journey.stops.is_empty() && journey.signals.is_empty() {
        "ui-traffic-journey-click"
    } else {
        "ui-traffic-journey-key"
    };
    ui.add(Label::new(caption(&paint.look, paint.get(key))).wrap());
    clicked.map(|time| Effect::Act(Action::SetEventTime(60.0 * time)))
}

/// Stops with arrival and dwell, or other steps of a story; a click goes to the arrival.
pub(super) fn steps_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    steps: &[StopRow],
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let (arrived, tip) = (
        paint.get("ui-traffic-stop-arrived"),
        paint.get("ui-traffic-jump-tip"),
    );
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for stop in steps {
            let note = if stop.stays.is_empty() {
                stop.arrival.clone()
            } else if stop.late.is_empty() {
                format!("{} · {}", stop.arrival, stop.stays)
            } else {
                format!("{} ({}) · {}", stop.arrival, stop.late, stop.stays)
            };
            let passed = stop.time_s.is_some_and(|time| time <= state.event.time_s);
            let row = Row {
                name: &stop.name,
                note: &note,
                tip: &format!("{arrived}\n{tip}"),
                small: true,
                chosen: None,
                icon: Some(if passed { Icon::Granted } else { Icon::Ahead }),
                ..Row::default()
            };
            let width = ui.available_width();
            let clicked = row.show(ui, paint, width).clicked();
            if let Some(time_s) = stop.time_s.filter(|_| clicked) {
                effects.push(Effect::Act(Action::SetEventTime(time_s)));
            }
        }
    });
    effects
}

/// Changes of requests: a click goes to the moment; below each the reason in full.
pub(super) fn requests_ui<'a>(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    requests: impl Iterator<Item = &'a RequestRow>,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let jump = paint.get("ui-traffic-jump-tip");
    for (n, request) in requests.enumerate() {
        ui.push_id(("request", n), |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            let (icon, colour) = match request.verdict {
                Verdict::Granted => (Icon::Granted, aspect_colour('G').0),
                Verdict::Refused => (Icon::Cancel, paint.look.colour.error),
                Verdict::Open => (Icon::Info, paint.look.colour.text_weak),
            };
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = paint.of(2.0);
                let side = paint.look.size.icon();
                let (rect, _) = ui.allocate_exact_size(vec2(side, paint.of(24.0)), Sense::hover());
                super::icons::paint(ui.painter(), rect, icon, colour);
                let goto = paint.look.size.control();
                let name = format!("{} · {}", request.time, request.status);
                let tip = format!("{}\n{jump}", request.numbers);
                let row = Row {
                    name: &name,
                    note: &request.who,
                    tip: &tip,
                    small: true,
                    ..Row::default()
                };
                let width = ui.available_width() - goto - paint.of(2.0);
                if row.show(ui, paint, width).clicked() {
                    effects.push(Effect::Act(Action::SetEventTime(request.time_s)));
                }
                let who = [("name", request.who.as_str())];
                let name = paint.t.with("ui-traffic-go", &who);
                let clicked = Button::icon(Icon::Closed, &name, &paint.get("ui-traffic-go-tip"))
                    .enabled(request.other.is_some())
                    .show(ui, paint)
                    .clicked();
                if clicked {
                    effects.push(Effect::Act(Action::SelectTraffic(request.other)));
                }
            });
            let shown = (request.time_s - state.event.time_s).abs() < 1.0;
            let colour = if shown {
                paint.look.colour.text
            } else {
                paint.look.colour.text_weak
            };
            let why = RichText::new(&request.why)
                .text_style(TextStyle::Small)
                .color(colour);
            if !request.why.is_empty() {
                ui.add(Label::new(why).wrap().selectable(true));
            }
            ui.add_space(paint.of(6.0));
        });
    }
    effects
}

fn signal_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    story: &TrafficStory,
    number: u32,
    signal: &SignalView,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    let stories = &story.movement.stories;
    let Some(log) = stories.signals.get(number as usize) else {
        return effects;
    };
    group_space(ui, &paint.look);
    section(ui, paint, "ui-traffic-timeline");
    effects.extend(timeline_ui(ui, paint, state, log, signal));
    group_space(ui, &paint.look);
    section(ui, paint, "ui-traffic-requests");
    let now = state.event.time_s;
    let near = |request: &&RequestRow| {
        (now - TIMELINE_S[0]..=now + TIMELINE_S[1]).contains(&request.time_s)
    };
    let shown: Vec<&RequestRow> = signal.requests.iter().filter(near).collect();
    let counts = paint.t.with(
        "ui-traffic-requests-near",
        &[
            ("shown", shown.len() as f64),
            ("all", signal.requests.len() as f64),
        ],
    );
    ui.add(Label::new(caption(&paint.look, counts)).wrap());
    effects.extend(jumps_ui(ui, paint, state, signal));
    effects.extend(requests_ui(ui, paint, state, shown.into_iter()));
    group_space(ui, &paint.look);
    section(ui, paint, "ui-facts");
    facts_ui(ui, paint, &signal.facts);
    group_space(ui, &paint.look);
    section(ui, paint, "ui-change");
    effects.extend(signal_edits_ui(ui, paint, state, story, log));
    effects
}

/// To the request before and after the clock.
fn jumps_ui(ui: &mut Ui, paint: &Paint, state: &UiState, signal: &SignalView) -> Option<Effect> {
    let now = state.event.time_s;
    let times = || signal.requests.iter().map(|request| request.time_s);
    let before = times().rfind(|time| *time < now - 0.5);
    let after = times().find(|time| *time > now + 0.5);
    let mut chosen = None;
    ui.horizontal(|ui| {
        for (key, tip, to) in [
            (
                "ui-traffic-request-before",
                "ui-traffic-request-before-tip",
                before,
            ),
            (
                "ui-traffic-request-after",
                "ui-traffic-request-after-tip",
                after,
            ),
        ] {
            let (name, tip) = (paint.get(key), paint.get(tip));
            let clicked = Button::words(&name, &tip)
                .enabled(to.is_some())
                .show(ui, paint)
                .clicked();
            chosen = to.filter(|_| clicked).or(chosen);
        }
    });
    chosen.map(|time| Effect::Act(Action::SetEventTime(time)))
}

/// A row for each group of places over the seconds around the clock; requests that were granted above. A click goes to its moment.
fn timeline_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    log: &SignalStory,
    signal: &SignalView,
) -> Option<Effect> {
    let colour = &paint.look.colour;
    let font = TextStyle::Small.resolve(ui.style());
    let row_height = paint.of(ROW_HEIGHT);
    let (top, foot) = (paint.of(14.0), font.size * 1.4);
    let height = top + row_height * signal.rows.len() as f32 + foot;
    let size = vec2(ui.available_width(), height);
    // No stop of the Tab key: the time bar and the buttons below do the same.
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let labels = signal.rows.iter().map(|row| {
        let text = row.label.clone();
        let galley = ui
            .painter()
            .layout_no_wrap(text, font.clone(), colour.text_weak);
        galley.size().x
    });
    let most = 0.34 * rect.width();
    let left = rect.left() + labels.fold(0.0, f32::max).min(most) + paint.of(6.0);
    let area = Rect::from_min_max(
        pos2(left, rect.top() + top),
        pos2(rect.right() - paint.of(2.0), rect.bottom() - foot),
    );
    let end = state.prepared.world.event.as_ref();
    let end = end.map_or(f64::INFINITY, |event| event.duration_s);
    let now = state.event.time_s;
    let span = TIMELINE_S[0] + TIMELINE_S[1];
    let from = (now - TIMELINE_S[0]).min(end - span).max(0.0);
    let to = from + span;
    let x = |time: f64| area.left() + area.width() * ((time.clamp(from, to) - from) / span) as f32;
    let painter = ui.painter().with_clip_rect(rect);
    let painter = &painter;
    for (n, row) in signal.rows.iter().enumerate() {
        let middle = area.top() + row_height * (n as f32 + 0.5);
        label(painter, paint, row, rect.left(), left, middle);
        for at in log.between(from as f32, to as f32) {
            let phase = &log.log[at];
            let next = log.log.get(at + 1).map_or(end, |n| f64::from(n.since_s));
            let letter = phase.state.chars().nth(row.place).unwrap_or('o');
            let (fill, share) = aspect_colour(letter);
            let half = 0.5 * share * row_height;
            let (x0, x1) = (x(f64::from(phase.since_s)), x(next));
            let bar = Rect::from_min_max(pos2(x0, middle - half), pos2(x1, middle + half));
            painter.rect_filled(bar, 0.0, fill);
        }
    }
    // Ticks every half minute.
    let first = (from / 30.0).ceil() as i64;
    let mut free = f32::NEG_INFINITY;
    for tick in first..=(to / 30.0).floor() as i64 {
        let time = tick as f64 * 30.0;
        let at = x(time);
        let thin = Stroke::new(1.0, colour.line);
        painter.vline(at, area.y_range(), thin);
        let text = event_time(time);
        let galley = painter.layout_no_wrap(text, font.clone(), colour.text_weak);
        let start = (at - 0.5 * galley.size().x).min(rect.right() - galley.size().x);
        if start > free {
            free = start + galley.size().x + paint.of(8.0);
            let place = pos2(start, area.bottom() + paint.of(2.0));
            painter.galley(place, galley, colour.text_weak);
        }
    }
    for request in &signal.requests {
        let visible = request.time_s >= from && request.time_s <= to;
        if visible && (request.helped || request.verdict == Verdict::Refused) {
            let at = pos2(x(request.time_s), area.top() - paint.of(2.0));
            let (dx, dy) = (paint.of(4.0), paint.of(8.0));
            let granted = request.verdict == Verdict::Granted;
            let fill = if granted {
                aspect_colour('G').0
            } else {
                colour.card
            };
            let shape = vec![at, at + vec2(-dx, -dy), at + vec2(dx, -dy)];
            painter.add(Shape::convex_polygon(
                shape,
                fill,
                Stroke::new(1.0, colour.text),
            ));
        }
    }
    painter.vline(
        x(now),
        rect.top()..=area.bottom(),
        Stroke::new(1.5, colour.accent),
    );
    let name = paint.get("ui-traffic-timeline");
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Image, true, &name));
    let phase = log.at(now as f32).map_or(0, |at| log.log[at].phase + 1);
    let spoken = paint.t.with(
        "ui-traffic-timeline-spoken",
        &[
            ("phase", phase.to_string()),
            ("groups", signal.rows.len().to_string()),
            ("from", event_time(from)),
            ("to", event_time(to)),
        ],
    );
    describe(ui, &response, &spoken, "");
    let hovered = response.hover_pos();
    let row = hovered
        .filter(|p| p.y >= area.top() && p.y < area.bottom())
        .and_then(|p| {
            let n = ((p.y - area.top()) / row_height) as usize;
            signal.rows.get(n)
        });
    let tip = match row {
        Some(row) => format!("{}\n{}", row.tip, paint.get("ui-traffic-timeline-tip")),
        None => paint.get("ui-traffic-timeline-tip"),
    };
    let clicked = response.clicked();
    let pointer = response.interact_pointer_pos();
    response.on_hover_text(tip);
    let place = pointer.filter(|p| clicked && p.x >= area.left())?;
    let share = f64::from((place.x - area.left()) / area.width()).clamp(0.0, 1.0);
    let time = (from + share * span).round();
    Some(Effect::Act(Action::SetEventTime(time)))
}

/// The name of a row, cut where it would run into the bars.
fn label(painter: &egui::Painter, paint: &Paint, row: &GroupRow, from: f32, to: f32, middle: f32) {
    let font = TextStyle::Small.resolve(&painter.ctx().global_style());
    let room = Rect::from_x_y_ranges(from..=to - paint.of(4.0), painter.clip_rect().y_range());
    painter.with_clip_rect(room).text(
        pos2(from, middle),
        Align2::LEFT_CENTER,
        &row.label,
        font,
        paint.look.colour.text_weak,
    );
}

/// The whole network over time, and the buses on the roads, while nothing is selected.
pub fn overview_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(movement) = state.movement() else {
        return effects;
    };
    if movement.is_of_shuttles() {
        effects.extend(buses_ui(
            ui,
            paint,
            state,
            ["ui-shuttle-on-roads", "ui-shuttle-on-roads-tip"],
        ));
        effects.extend(wishes_ui(ui, paint, state));
        return effects;
    }
    effects.extend(chart_ui(ui, paint, state, movement));
    group_space(ui, &paint.look);
    effects.extend(buses_ui(
        ui,
        paint,
        state,
        ["ui-traffic-buses", "ui-traffic-buses-tip"],
    ));
    effects.extend(signals_ui(ui, paint, movement));
    effects
}

/// Value of a quantity at one time.
fn value_of(chart: TrafficChart, tally: &Tally) -> f64 {
    f64::from(match chart {
        TrafficChart::OnRoads => tally.on_roads as f32,
        TrafficChart::Speed => 3.6 * tally.speed_m_s,
        TrafficChart::Standing => tally.standing as f32,
        TrafficChart::NotInserted => tally.not_inserted as f32,
        TrafficChart::BusLoss => tally.bus_loss_s / 3600.0,
    })
}

impl TrafficChart {
    /// Text key, unit and decimals.
    pub fn words(self) -> (&'static str, &'static str, usize) {
        match self {
            Self::OnRoads => ("ui-traffic-on-roads", "", 0),
            Self::Speed => ("ui-traffic-mean-speed-all", "km/h", 1),
            Self::Standing => ("ui-traffic-standing", "", 0),
            Self::NotInserted => ("ui-traffic-not-inserted", "", 0),
            Self::BusLoss => ("ui-traffic-bus-loss", "h", 2),
        }
    }
}

/// A quantity over time: the baseline thin and grey, the variant strong, the clock across.
fn chart_ui(ui: &mut Ui, paint: &Paint, state: &UiState, movement: &Movement) -> Vec<Effect> {
    let mut effects = Vec::new();
    section(ui, paint, "ui-traffic-over-time");
    let choices = TrafficChart::ALL.map(|chart| (chart, chart.words().0));
    let names = ("ui-traffic-quantity", "ui-traffic-quantity-tip");
    let chart = state.traffic_chart;
    if let Some(chosen) = choice_ui(ui, paint, names, &choices, chart) {
        effects.push(Effect::Act(Action::ShowTrafficChart(chosen)));
    }
    let (key, unit, decimals) = chart.words();
    let language = state.language;
    let points = |tallies: &[Tally]| -> Vec<[f64; 2]> {
        let points = tallies
            .iter()
            .map(|tally| [f64::from(tally.time_s) / 60.0, value_of(chart, tally)]);
        points.filter(|p| p[1].is_finite()).collect()
    };
    let shown = points(&movement.stories.tallies);
    let baseline = state.snapshot.results.first().filter(|_| state.variant > 0);
    let baseline = baseline
        .and_then(|results| results.iter().find_map(|r| r.result.movement.as_ref()))
        .map(|movement| points(&movement.stories.tallies));
    let all = || shown.iter().chain(baseline.iter().flatten());
    let Some(last) = all().map(|p| p[0]).reduce(f64::max) else {
        return effects;
    };
    let most = all().map(|p| p[1]).fold(0.0, f64::max).max(1e-3);
    let (time, title) = (paint.get("ui-traffic-axis-time"), paint.get(key));
    let clock_min = state.event.time_s / 60.0;
    let at_time = |line: &[[f64; 2]], minute: f64| {
        let after = line.partition_point(|p| p[0] <= minute);
        line.get(after.saturating_sub(1)).map(|p| p[1])
    };
    let number = |value: Option<f64>| {
        value.map_or_else(
            || crate::text::NO_VALUE.to_owned(),
            |value| language.with_unit(value, decimals, unit),
        )
    };
    let t = texts(language);
    let said = |minute: f64| {
        let now = number(at_time(&shown, minute));
        match &baseline {
            Some(line) => t.with(
                "ui-traffic-chart-both",
                &[
                    ("time", event_time(60.0 * minute)),
                    ("value", now),
                    ("baseline", number(at_time(line, minute))),
                ],
            ),
            None => format!("{} · {now}", event_time(60.0 * minute)),
        }
    };
    let spoken = said(clock_min);
    let mut y = Axis::round(0.0, most, true, &title, unit);
    if unit.is_empty() {
        y.title.clone_from(&title);
    }
    let plot = Plot {
        x: Axis::round(0.0, last, false, &time, "min"),
        y,
        size: vec2(ui.available_width(), paint.of(CHART_HEIGHT)),
        name: &title,
        spoken: &spoken,
    };
    let colour = &paint.look.colour;
    let clicked = plot_ui(
        ui,
        paint,
        language,
        &plot,
        |painter, at, area| {
            if let Some(line) = &baseline {
                let line: Vec<_> = line.iter().map(|p| at(p[0], p[1])).collect();
                painter.add(Shape::line(line, Stroke::new(1.0, colour.outline)));
            }
            let line: Vec<_> = shown.iter().map(|p| at(p[0], p[1])).collect();
            let strong = Stroke::new(paint.of(2.0), colour.event[1]);
            painter.add(Shape::line(line, strong));
            let x = at(clock_min, 0.0).x;
            painter.vline(x, area.y_range(), Stroke::new(1.5, colour.accent));
        },
        said,
    );
    ui.add(Label::new(caption(&paint.look, &spoken)).wrap());
    if baseline.is_some() {
        let key = paint.get("ui-traffic-chart-key");
        ui.add(Label::new(caption(&paint.look, key)).wrap());
    }
    effects.extend(clicked.map(|minute| Effect::Act(Action::SetEventTime(60.0 * minute))));
    effects
}

/// Buses or shuttles on the roads now; each leads to its story. `keys` are their name and tooltip.
fn buses_ui(ui: &mut Ui, paint: &Paint, state: &UiState, keys: [&str; 2]) -> Vec<Effect> {
    let mut effects = Vec::new();
    let buses = &state.prepared.now.traffic.buses;
    let tip = paint.get("ui-traffic-pick-tip");
    folded(ui, paint, "buses", keys, buses.len(), |ui, n| {
        let (number, name, next) = &buses[n];
        let row = Row {
            name,
            note: next,
            tip: &tip,
            small: true,
            ..Row::default()
        };
        let width = ui.available_width();
        if row.show(ui, paint, width).clicked() {
            let pick = TrafficPick::Vehicle(*number);
            effects.push(Effect::Act(Action::SelectTraffic(Some(pick))));
        }
    });
    effects
}

/// All signals; each leads to its story.
fn signals_ui(ui: &mut Ui, paint: &Paint, movement: &Movement) -> Vec<Effect> {
    let mut effects = Vec::new();
    let signals = &movement.stories.signals;
    let tip = paint.get("ui-traffic-pick-tip");
    let keys = ["ui-traffic-signals", "ui-traffic-signals-tip"];
    folded(ui, paint, "signals", keys, signals.len(), |ui, n| {
        let control = paint.get(signals[n].control);
        let row = Row {
            name: &signals[n].id,
            note: &control,
            tip: &tip,
            small: true,
            ..Row::default()
        };
        let width = ui.available_width();
        if row.show(ui, paint, width).clicked() {
            let pick = TrafficPick::Signal(n as u32);
            effects.push(Effect::Act(Action::SelectTraffic(Some(pick))));
        }
    });
    effects
}

/// A list that opens and closes under its name and count. `id` tells it from other lists, `words` are the text keys of name and tooltip.
pub(super) fn folded(
    ui: &mut Ui,
    paint: &Paint,
    id: &str,
    words: [&str; 2],
    count: usize,
    row: impl FnMut(&mut Ui, usize),
) {
    ui.push_id(id, |ui| {
        let note = paint.t.language().number(count as f64, 0);
        let [name, tip] = words.map(|key| paint.get(key));
        if fold_title(ui, paint, &name, &note, &tip) {
            list(ui, paint, count, row);
        }
    });
}

/// Rows of one height, of which only the visible ones are drawn.
fn list(ui: &mut Ui, paint: &Paint, count: usize, mut row: impl FnMut(&mut Ui, usize)) {
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .max_height(paint.of(216.0))
        .auto_shrink([false, true])
        .show_rows(ui, paint.of(24.0), count, |ui, range| {
            for n in range {
                row(ui, n);
            }
        });
}
