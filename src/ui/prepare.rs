//! Texts and rows for the panels, made when something changed.

use super::state::UiState;

/// What the panels draw.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// Generation of the snapshot it was made from.
    generation: u64,
}

impl Prepared {
    /// A newer one, or `None` when nothing changed.
    pub(super) fn newer(state: &UiState) -> Option<Self> {
        (state.prepared.generation != state.snapshot.generation).then_some(Self {
            generation: state.snapshot.generation,
        })
    }
}
