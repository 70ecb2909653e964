//! The simulation world: a Bevy `App` without a window on its own thread. Batch and desktop drive the very same App.
//!
//! The outside sends [`Command`]s and reads [`Snapshot`]s; it never touches the world itself, so that a window can neither
//! block a kernel nor change a number.

pub mod command;
pub mod snapshot;

pub use command::Command;
pub use snapshot::{JobStatus, ResultState, Snapshot, UserMessage};
