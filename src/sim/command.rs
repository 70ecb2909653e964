//! What the outside can ask of the simulation world.

use std::path::PathBuf;
use std::sync::Arc;

use crate::result::Quality;
use crate::scenario::Scenario;

/// One request.
#[derive(Clone, Debug)]
pub enum Command {
    /// Load a scenario file or a bare city file.
    Open(PathBuf),
    /// Replace the scenario after edits. The world finds out what changed and marks only that stale.
    SetScenario(Arc<Scenario>),
    /// The scenario was saved as this file, which is its file from now on.
    Saved(PathBuf),
    /// Run a simulation for a variant (0 = baseline). Nothing happens while a fresh answer of that quality is there.
    Start {
        /// Position in the list of variants, baseline first.
        variant: usize,
        /// Registered name, e.g. `sun`.
        simulation: &'static str,
        /// Coarse or exact.
        quality: Quality,
    },
    /// Stop the running job; nothing happens when none runs.
    Cancel,
    /// End the world and its thread.
    Shutdown,
}
