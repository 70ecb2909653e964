//! Panels: functions of the state that return actions. They change nothing themselves and compute nothing.
//!
//! The window (`view::desktop`) fills [`UiState`], calls [`UiState::refresh`] and [`draw`] every frame inside
//! `EguiPrimaryContextPass`, and applies the [`Action`]s in one place:
//!
//! ```ignore
//! state.refresh();
//! let drawn = planspiel::ui::draw(contexts.ctx_mut()?, &state);
//! for action in drawn.actions { apply(action) }
//! ```
//!
//! * [`theme`] holds every colour and length; [`icons`] are drawn as lines; [`widgets`] are the few controls.
//! * [`command`] is the one list of what can be done: tool row, command palette, keys and help read it.
//! * [`prepare`] makes texts and rows when data changed.
//! * Texts stand in `assets/locales/{de,en}/ui.ftl`.

pub mod access_panel;
pub mod action;
pub mod chart;
pub mod command;
pub mod edit_fields;
pub mod event_bar;
pub mod folder;
pub mod icons;
pub mod keys;
mod leaving;
pub mod left_panel;
pub mod moment;
pub mod overlays;
pub mod prepare;
pub mod result_card;
pub mod right_panel;
pub mod section;
pub mod shuttle_legend;
pub mod shuttle_panel;
pub mod shuttle_story;
mod shuttle_story_panel;
pub mod state;
pub mod status_line;
mod study_panel;
pub mod sun_study;
pub mod theme;
pub mod time_bar;
pub mod tool_card;
pub mod top_bar;
pub mod traffic_edits;
pub mod traffic_panel;
pub mod traffic_story;
pub mod traffic_story_panel;
pub mod water_panel;
pub mod widgets;
pub mod wind_flow;
pub mod wind_panel;
pub mod windows;

#[cfg(test)]
mod tests;

pub use action::{Action, Theme};
pub use state::{Hover, UiState};

use egui::{Align2, Area, Context, Id, LayerId, Order, Rect, ScrollArea, Ui, UiBuilder, vec2};

use crate::text::texts;

use action::Panel;
use command::Effect;
use keys::Keyboard;
use theme::Look;
use widgets::Paint;
use windows::Windows;

/// Path that opens the sample city which is part of the program.
pub const SAMPLE: &str = "sample:hafenquartier";

/// What one frame of the panels gave.
#[derive(Debug)]
pub struct Drawn {
    /// What the person asked for, in order.
    pub actions: Vec<Action>,
    /// Part of the window that no panel covers (points): the city's place.
    pub free: Rect,
    /// The pointer is over a panel, card or window, or drags one of its controls: the camera must not move.
    pub pointer_taken: bool,
    /// A control has the keyboard.
    pub keyboard_taken: bool,
}

/// Draws all panels of one frame.
pub fn draw(ctx: &Context, state: &UiState) -> Drawn {
    if !theme::install(ctx, state.theme, state.text_scale) {
        return Drawn {
            actions: Vec::new(),
            free: ctx.viewport_rect(),
            pointer_taken: false,
            keyboard_taken: false,
        };
    }
    let paint = Paint {
        t: texts(state.language),
        look: Look::new(state.theme, state.text_scale),
    };
    let keyboard = Keyboard::at_start(ctx);
    let mut windows = Windows::load(ctx);
    let window_open = windows.is_open() || state.leaving.is_some();
    let mut root = Ui::new(
        ctx.clone(),
        Id::new("planspiel"),
        UiBuilder::new()
            .layer_id(LayerId::background())
            .max_rect(ctx.viewport_rect()),
    );
    let mut effects = panels(&mut root, &paint, state);
    let free = root.available_rect_before_wrap();
    overlays::map_labels_ui(&root, &paint, state, free);
    effects.extend(floating(ctx, &paint, state, free));
    effects.extend(windows.draw(ctx, &paint, state));
    effects.extend(leaving::leaving_ui(ctx, &paint, state));
    effects.extend(keyboard.effects(ctx, state, window_open));
    let mut actions = Vec::new();
    for effect in effects {
        match effect {
            Effect::Act(action) => actions.push(action),
            Effect::Show(window) => actions.extend(windows.show(window, state)),
        }
    }
    let modal = window_open || windows.is_open();
    windows.store(ctx);
    let over_city = ctx.pointer_latest_pos().is_none_or(|p| {
        free.contains(p)
            && ctx
                .layer_id_at(p)
                .is_none_or(|l| l == LayerId::background())
    });
    Drawn {
        actions,
        free,
        pointer_taken: modal || !over_city || ctx.egui_is_using_pointer(),
        keyboard_taken: modal || ctx.memory(|m| m.focused().is_some()),
    }
}

/// The frame around the city. Bars first, so that they span the whole width.
fn panels(root: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    let look = &paint.look;
    // Large text in a small window: one side panel at a time, the inspector when something is selected.
    let tight = paint.tight(root.ctx());
    let share = if tight { 0.45 } else { 0.32 };
    let width = paint
        .of(304.0)
        .min((share * root.available_width()).round());
    let selected = state.prepared.selection.building.is_some() || state.prepared.traffic.is_some();
    let shown = |panel: Panel| {
        state.prepared.world.open
            && !state.folded.contains(&panel)
            && match panel {
                Panel::Left => !tight || !selected,
                Panel::Right => !tight || selected,
                Panel::Bottom => true,
            }
    };
    let bar = |id: &str, top: bool| {
        let id = Id::new(("planspiel", id));
        let panel = if top {
            egui::Panel::top(id)
        } else {
            egui::Panel::bottom(id)
        };
        panel.resizable(false).frame(theme::bar_frame(look))
    };
    bar("top", true).show(root, |ui| {
        effects.extend(top_bar::top_bar_ui(ui, paint, state))
    });
    bar("status", false)
        .frame(theme::status_frame(look))
        .show(root, |ui| {
            let actions = status_line::status_line_ui(ui, paint, state);
            effects.extend(actions.into_iter().map(Effect::Act));
        });
    if shown(Panel::Bottom) {
        bar("time", false).show(root, |ui| {
            effects.extend(time_bar::time_bar_ui(ui, paint, state))
        });
    }
    if shown(Panel::Left) {
        egui::Panel::left(Id::new("planspiel-left"))
            .resizable(false)
            .exact_size(width)
            .frame(theme::panel_frame(look))
            .show(root, |ui| {
                effects.extend(left_panel::left_panel_ui(ui, paint, state))
            });
    }
    if shown(Panel::Right) {
        egui::Panel::right(Id::new("planspiel-right"))
            .resizable(false)
            .exact_size(width)
            .frame(theme::panel_frame(look))
            .show(root, |ui| {
                effects.extend(right_panel::right_panel_ui(ui, paint, state))
            });
    }
    effects
}

/// Cards over the city.
fn floating(ctx: &Context, paint: &Paint, state: &UiState, free: Rect) -> Vec<Effect> {
    let mut effects = Vec::new();
    let gap = paint.look.size.group();
    let area = |name: &str, pivot: Align2| {
        Area::new(Id::new(("planspiel", name)))
            .order(Order::Middle)
            .movable(false)
            .constrain(false)
            .pivot(pivot)
            .fade_in(false)
    };
    if state.prepared.world.open {
        area("result", Align2::LEFT_BOTTOM)
            .fixed_pos(free.left_bottom() + vec2(gap, -gap))
            .show(ctx, |ui| {
                let frame = theme::card_frame(&paint.look, ui.style());
                let inside = free.size() - vec2(2.0, 2.0) * (gap + paint.of(12.0));
                let width = paint.of(result_card::WIDTH).min(inside.x);
                // The city keeps half of the room beside it.
                let roomy = inside.x >= 2.0 * width;
                frame.show(ui, |ui| {
                    ui.set_width(width);
                    ScrollArea::vertical()
                        .max_height(inside.y)
                        .min_scrolled_height(inside.y)
                        .show(ui, |ui| {
                            let actions = result_card::result_card_ui(ui, paint, state, roomy);
                            effects.extend(actions.into_iter().map(Effect::Act));
                        });
                });
            });
        if state.tool.is_some() {
            area("tool", Align2::LEFT_TOP)
                .fixed_pos(free.left_top() + vec2(gap, gap))
                .show(ctx, |ui| {
                    let frame = theme::card_frame(&paint.look, ui.style());
                    let room = free.width() - 2.0 * (gap + paint.of(12.0));
                    let width = paint.of(tool_card::WIDTH).min(room);
                    frame.show(ui, |ui| {
                        effects.extend(tool_card::tool_card_ui(ui, paint, state, width));
                    });
                });
        }
        if state.prepared.section.is_some() {
            let (corner, width) = section::room(paint, free);
            area("section", corner)
                .fixed_pos(corner.pos_in_rect(&free.shrink(gap)))
                .show(ctx, |ui| {
                    let frame = theme::card_frame(&paint.look, ui.style());
                    frame.show(ui, |ui| {
                        let action = section::section_ui(ui, paint, state, width);
                        effects.extend(action.map(Effect::Act));
                    });
                });
        }
    } else {
        area("empty", Align2::CENTER_CENTER)
            .fixed_pos(free.center())
            .show(ctx, |ui| {
                effects.extend(overlays::empty_state_ui(ui, paint, state))
            });
    }
    if !state.prepared.now.messages.is_empty() {
        area("messages", Align2::CENTER_TOP)
            .fixed_pos(free.center_top() + vec2(0.0, gap))
            .show(ctx, |ui| {
                let width = paint.of(480.0).min(free.width() - 4.0 * gap);
                let actions = overlays::messages_ui(ui, paint, state, width);
                effects.extend(actions.into_iter().map(Effect::Act));
            });
    }
    effects
}
