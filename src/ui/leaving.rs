//! The question before unsaved edits would be lost.

use egui::{Context, Id, Label, Modal, RichText};

use super::action::{Action, Leave};
use super::command::{Effect, Window};
use super::state::UiState;
use super::theme::{card_frame, group_space, strong};
use super::widgets::{Button, Paint, Weight};

/// Draws the question while it is open.
pub fn leaving_ui(ctx: &Context, paint: &Paint, state: &UiState) -> Vec<Effect> {
    if state.leaving.is_none() {
        return Vec::new();
    }
    let mut effects = Vec::new();
    let leave = |choice| Effect::Act(Action::Leave(choice));
    let frame = card_frame(&paint.look, &ctx.global_style())
        .inner_margin(egui::Margin::same(paint.of(16.0) as i8));
    let response = Modal::new(Id::new("planspiel-leaving"))
        .frame(frame)
        .backdrop_color(egui::Color32::from_black_alpha(96))
        .show(ctx, |ui| {
            ui.set_width(paint.of(420.0));
            let title = RichText::new(paint.get("ui-leave-title")).text_style(strong());
            ui.add(Label::new(title).wrap());
            let name = state.prepared.world.name.as_str();
            let text = paint.t.with("ui-leave-text", &[("scenario", name)]);
            ui.add(Label::new(text).wrap());
            group_space(ui, &paint.look);
            ui.horizontal_wrapped(|ui| {
                let mut button = |key: &str, weight| {
                    let (name, tip) = (paint.get(key), paint.get(&format!("{key}-tip")));
                    Button::words(&name, &tip)
                        .weight(weight)
                        .show(ui, paint)
                        .clicked()
                };
                if button("ui-leave-save", Weight::Primary) {
                    effects.push(match &state.prepared.world.save_path {
                        Some(path) => leave(Leave::Save(path.clone())),
                        None => Effect::Show(Window::SaveAs),
                    });
                    if state.prepared.world.save_path.is_none() {
                        effects.push(leave(Leave::Stay));
                    }
                }
                if button("ui-leave-discard", Weight::Normal) {
                    effects.push(leave(Leave::Discard));
                }
                if button("ui-leave-stay", Weight::Normal) {
                    effects.push(leave(Leave::Stay));
                }
            });
        });
    if response.should_close() {
        effects.push(leave(Leave::Stay));
    }
    effects
}
