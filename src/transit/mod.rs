//! Public transport: timetables, their changes, and the fastest way through them.
//!
//! * [`gtfs`]: import of a feed (folder or zip) as the [`timetable`] of one day.
//! * [`edit`]: new lines, other headways, new stops, lines taken out.
//! * [`raptor`]: earliest arrivals from one place at one time.
//!
//! Not done: fares, crowding, delays, vehicles that wait for each other, trips that go on as another line without a change.

pub mod clock;
pub mod edit;
pub mod error;
pub mod gtfs;
pub mod raptor;
mod remarks;
pub mod sample;
mod table;
pub mod timetable;
mod zip;

pub use error::TransitError;
pub use timetable::{Mode, Timetable};
