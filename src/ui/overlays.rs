//! What floats over the city: messages, and the empty state that teaches.

use std::path::PathBuf;

use egui::{
    Align, Color32, Label, Layout, Rect, RichText, Stroke, StrokeKind, TextStyle, Ui, pos2, vec2,
};

use super::SAMPLE;
use super::action::Action;
use super::command::{Command, Effect, Window};
use super::icons::{self, Icon};
use super::prepare::MessageRow;
use super::state::UiState;
use super::theme::{caption, card_frame, group_space};
use super::widgets::{Button, Paint, Weight};
use super::windows::recent_ui;

/// Names over the city, in the part of the window that no panel covers. Cards lie above them.
pub fn map_labels_ui(root: &Ui, paint: &Paint, state: &UiState, free: Rect) {
    if state.map_labels.is_empty() {
        return;
    }
    let painter = root.painter().with_clip_rect(free);
    let font = TextStyle::Small.resolve(root.style());
    let ring = Stroke::new(1.0, paint.look.colour.card);
    for label in &state.map_labels {
        let [r, g, b] = label.colour;
        let light = 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b) > 150.0;
        let ink = if light {
            Color32::BLACK
        } else {
            Color32::WHITE
        };
        let galley = painter.layout_no_wrap(label.text.clone(), font.clone(), ink);
        let size = galley.size() + vec2(paint.of(8.0), paint.of(2.0));
        let at = pos2(label.at[0], label.at[1]);
        let rect = Rect::from_min_size(at - vec2(0.5 * size.x, size.y), size);
        let (fill, ring) = if label.chosen {
            let strong = Stroke::new(paint.of(2.0), paint.look.colour.accent);
            (Color32::from_rgb(r, g, b), strong)
        } else {
            (Color32::from_rgb(r, g, b), ring)
        };
        painter.rect(rect, paint.of(4.0), fill, ring, StrokeKind::Outside);
        let place = rect.center() - 0.5 * galley.size();
        painter.galley(place, galley, ink);
    }
}

/// Messages that were not closed. Their text can be marked and copied.
pub fn messages_ui(ui: &mut Ui, paint: &Paint, state: &UiState, width: f32) -> Vec<Action> {
    let mut actions = Vec::new();
    for message in &state.prepared.now.messages {
        actions.extend(message_ui(ui, paint, message, width));
    }
    actions
}

fn message_ui(ui: &mut Ui, paint: &Paint, message: &MessageRow, width: f32) -> Option<Action> {
    let mut action = None;
    let colour = if message.error {
        paint.look.colour.error
    } else {
        paint.look.colour.text_weak
    };
    let style = ui.style().clone();
    card_frame(&paint.look, &style)
        .stroke(egui::Stroke::new(1.0, colour))
        .show(ui, |ui| {
            ui.set_width(width);
            ui.horizontal_top(|ui| {
                let side = paint.look.size.icon();
                let (rect, _) = ui.allocate_exact_size(
                    egui::vec2(side, paint.look.size.control()),
                    egui::Sense::hover(),
                );
                let icon = if message.error {
                    Icon::Warning
                } else {
                    Icon::Info
                };
                icons::paint(ui.painter(), rect, icon, colour);
                ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                    let name = paint.get("ui-close-message");
                    if Button::icon(Icon::Close, &name, &paint.get("ui-close-message-tip"))
                        .show(ui, paint)
                        .clicked()
                    {
                        action = Some(Action::DismissMessage(message.number));
                    }
                    ui.with_layout(Layout::top_down(Align::Min), |ui| {
                        ui.add_space(paint.of(4.0));
                        egui::ScrollArea::vertical()
                            .id_salt(message.number)
                            .max_height(paint.of(160.0))
                            .show(ui, |ui| {
                                ui.add(Label::new(&message.text).wrap().selectable(true));
                            });
                    });
                });
            });
        });
    action
}

/// Nothing is open: what to do first.
pub fn empty_state_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    let style = ui.style().clone();
    card_frame(&paint.look, &style)
        .inner_margin(egui::Margin::same(paint.of(24.0) as i8))
        .show(ui, |ui| {
            ui.set_width(paint.of(400.0));
            ui.label(RichText::new(paint.get("ui-empty-title")).text_style(TextStyle::Heading));
            ui.add(Label::new(paint.get("ui-empty-text")).wrap());
            group_space(ui, &paint.look);
            ui.horizontal(|ui| {
                let (name, tip) = (paint.get("ui-open-sample"), paint.get("ui-open-sample-tip"));
                if Button::words(&name, &tip)
                    .weight(Weight::Primary)
                    .show(ui, paint)
                    .clicked()
                {
                    effects.push(Effect::Act(Action::Open(PathBuf::from(SAMPLE))));
                }
                let (name, tip) = Command::Open.words(paint.t);
                let keys = Command::Open.printed_keys(paint.t);
                if Button::words(&name, &tip)
                    .with_icon(Icon::Open)
                    .keys(&keys)
                    .show(ui, paint)
                    .clicked()
                {
                    effects.push(Effect::Show(Window::Open));
                }
            });
            if !state.recent.is_empty() {
                group_space(ui, &paint.look);
                ui.label(caption(&paint.look, paint.get("ui-recent")));
                ui.spacing_mut().item_spacing.y = paint.of(2.0);
                effects.extend(recent_ui(ui, paint, state, 5));
            }
        });
    effects
}
