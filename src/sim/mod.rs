//! The simulation world: a Bevy `App` without a window on its own thread. Batch and desktop drive the very same App.
//!
//! The outside sends [`Command`]s and reads [`Snapshot`]s; it never touches the world itself, so that a window can neither
//! block a kernel nor change a number.
//!
//! * [`app`]: the `App`, its thread and the [`SimHandle`]. The thread sleeps while nothing runs.
//! * [`registry`]: which simulations there are. Each brings a plugin; an active run is an entity whose kernel works on a
//!   thread pool of its own, so that cancel and progress never wait for it. A cancelled job is left behind at once; its
//!   thread ends at its next check.
//! * `session`: scenario, cities, results. A result is stale when the edits, the settings or the city it was computed from
//!   are no longer those of the scenario; going back makes it fresh again.
//! * A panic in a kernel or importer fails that job with a message, not the world.

mod access;
pub mod app;
pub mod command;
pub mod error;
mod flood;
mod loading;
pub mod memory;
mod present;
pub mod registry;
mod runs;
mod schedule;
mod session;
mod shuttle;
pub mod snapshot;
mod sun;
#[cfg(test)]
mod tests;
mod traffic;
mod wind;

pub use app::{SimConfig, SimHandle, default_threads, spawn, spawn_with};
pub use command::Command;
pub use error::SimError;
pub use registry::{SIMULATIONS, simulation};
pub use snapshot::{JobStatus, ResultState, Snapshot, UserMessage};
