//! Panels: functions of the state that return actions. They change nothing themselves and compute nothing.
//!
//! `view::desktop` calls the panels every frame, applies the [`Action`]s in one place and prepares [`UiState`] when data
//! change.

pub mod action;
pub mod state;

pub use action::Action;
pub use state::UiState;
