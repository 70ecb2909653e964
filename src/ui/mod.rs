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

pub mod action;
pub mod folder;
pub mod prepare;
pub mod state;

pub use action::Action;
pub use state::UiState;

use egui::{Context, Id, LayerId, Rect, Ui, UiBuilder};

/// What one frame of the panels gave.
#[derive(Debug)]
pub struct Drawn {
    /// What the person asked for, in order.
    pub actions: Vec<Action>,
    /// Part of the window that no panel covers (points): the city's place.
    pub free: Rect,
}

/// Draws all panels of one frame.
pub fn draw(ctx: &Context, state: &UiState) -> Drawn {
    let root = Ui::new(
        ctx.clone(),
        Id::new("planspiel"),
        UiBuilder::new()
            .layer_id(LayerId::background())
            .max_rect(ctx.viewport_rect()),
    );
    let _ = state;
    Drawn {
        actions: Vec::new(),
        free: root.available_rect_before_wrap(),
    }
}
