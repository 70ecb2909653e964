//! Shuttles on demand.

pub mod check;
pub mod error;
pub mod optimise;
pub mod plan;
pub mod problem;
pub mod read;
pub mod timing;
