//! The scenario: one TOML file with the city, settings per simulation, and named variants as ordered edits.
//! Variant 0 is always the baseline (no edits). Undo history, scenario file and journal are the same list.

pub mod model;

pub use model::*;
