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
    /// Run a simulation for a variant (0 = baseline).
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
