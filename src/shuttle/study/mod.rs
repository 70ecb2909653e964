//! The study of a service of shuttles in a scenario: from city and settings to runs, and from runs to what people get.
//!
//! * [`input`]: streets, offer, fleet and demand; [`network`]: streets of a network of traffic as a graph.
//! * [`run`]: runs over seeds and fleet sizes; [`score`]: the figures of a run in a fixed order.
//! * [`present`]: tables, key figures, facts of the method, remarks, the moving picture.

pub mod error;
pub mod input;
pub mod network;
pub mod present;
pub mod run;
pub mod score;

mod fields;
mod movement;
mod tables;

#[cfg(test)]
mod tests;

pub use error::ShuttleError;
pub use run::simulate;
