//! The inspector of shuttles: the story of a request or a stop, and the lists of requests while nothing is selected.

use egui::{Label, RichText, Ui};

use super::action::{Action, TrafficPick};
use super::command::Effect;
use super::icons::Icon;
use super::shuttle_story::{RequestView, StopView, became};
use super::state::UiState;
use super::theme::{caption, group_space, strong};
use super::traffic_story::clock;
use super::traffic_story_panel::{facts_ui, folded, requests_ui, steps_ui};
use super::widgets::{Paint, Row, section};

/// The story of a request: what became of it, step by step, what it leads to, its numbers.
pub(super) fn request_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    request: &RequestView,
) -> Vec<Effect> {
    let mut effects = Vec::new();
    group_space(ui, &paint.look);
    section(ui, paint, "column-shuttle-outcome");
    let colour = if request.rejected {
        paint.look.colour.error
    } else {
        paint.look.colour.text
    };
    let outcome = RichText::new(&request.outcome)
        .text_style(strong())
        .color(colour);
    ui.add(Label::new(outcome).wrap().selectable(true));
    effects.extend(steps_ui(ui, paint, state, &request.steps));
    if !request.others.is_empty() {
        group_space(ui, &paint.look);
        section(ui, paint, "ui-shuttle-leads-to");
        let tip = paint.get("ui-traffic-go-tip");
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (pick, name) in &request.others {
                let row = Row {
                    name,
                    tip: &tip,
                    small: true,
                    icon: Some(Icon::Closed),
                    ..Row::default()
                };
                let width = ui.available_width();
                if row.show(ui, paint, width).clicked() {
                    effects.push(Effect::Act(Action::SelectTraffic(Some(*pick))));
                }
            }
        });
    }
    group_space(ui, &paint.look);
    section(ui, paint, "ui-facts");
    facts_ui(ui, paint, &request.facts);
    effects
}

/// The story of a stop: its numbers, and who boards there.
pub(super) fn stop_ui(ui: &mut Ui, paint: &Paint, state: &UiState, stop: &StopView) -> Vec<Effect> {
    group_space(ui, &paint.look);
    section(ui, paint, "ui-facts");
    facts_ui(ui, paint, &stop.facts);
    group_space(ui, &paint.look);
    section(ui, paint, "ui-shuttle-rides");
    if stop.requests.is_empty() {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-shuttle-no-boarding"))).wrap());
    }
    requests_ui(ui, paint, state, stop.requests.iter())
}

/// Requests of the moment, and all that were turned away; each leads to its story, the latter to their moment too.
pub(super) fn wishes_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(movement) = state.movement() else {
        return effects;
    };
    let now = &state.prepared.now.traffic.wishes;
    let keys = ["ui-shuttle-wishes", "ui-shuttle-wishes-tip"];
    folded(ui, paint, keys[0], keys, now.len(), |ui, n| {
        let (number, name, what) = &now[n];
        if row(ui, paint, name, what, "ui-traffic-pick-tip") {
            let pick = TrafficPick::Request(*number);
            effects.push(Effect::Act(Action::SelectTraffic(Some(pick))));
        }
    });
    let away = &movement.stories.turned_away;
    let keys = ["ui-shuttle-turned-away", "ui-shuttle-turned-away-tip"];
    folded(ui, paint, keys[0], keys, away.len(), |ui, n| {
        let Some(wish) = movement.stories.wishes.get(away[n] as usize) else {
            return;
        };
        let id = [("id", wish.request.as_str())];
        let name = paint.t.with("ui-shuttle-request", &id);
        let name = format!("{} · {name}", clock(wish.asked_s));
        let why = wish
            .reason
            .map_or_else(|| became(wish, paint.t), |reason| paint.get(reason));
        if row(ui, paint, &name, &why, "ui-shuttle-turned-away-pick-tip") {
            let pick = TrafficPick::Request(away[n]);
            let time_s = f64::from(wish.asked_s).max(0.0);
            effects.push(Effect::Act(Action::SelectTraffic(Some(pick))));
            effects.push(Effect::Act(Action::SetEventTime(time_s)));
        }
    });
    effects
}

fn row(ui: &mut Ui, paint: &Paint, name: &str, note: &str, tip: &str) -> bool {
    let tip = format!("{name}\n{note}\n{}", paint.get(tip));
    let row = Row {
        name,
        note,
        tip: &tip,
        small: true,
        icon: Some(Icon::Walk),
        ..Row::default()
    };
    let width = ui.available_width();
    row.show(ui, paint, width).clicked()
}
