//! The scenario: one TOML file with the city, settings per simulation, and named variants as ordered edits.
//! Variant 0 is always the baseline (no edits). Undo history, scenario file and journal are the same list.
//!
//! * [`model`]: the file as types, with ranges and descriptions; [`ranges`]: the ranges again as numbers for the window.
//! * [`schema`]: the JSON Schema of it; [`load`] checks a file against the schema and names every fault with its line.
//! * [`edit`]: city + edits = city of a variant; unchanged buildings stay shared.
//! * [`draft`]: glTF drafts as building geometry.
//! * [`save`]: the file again, with its comments.

mod access_rules;
pub mod draft;
pub mod edit;
pub mod fault;
mod flood_rules;
mod flood_unused;
pub mod load;
pub mod model;
pub mod ranges;
pub mod save;
pub mod schema;
mod shuttle_rules;
mod traffic_rules;
mod validate;
mod wind_rules;

pub use draft::{Draft, DraftCache, read_draft};
pub use edit::{apply_edits, footprint_centre};
pub use fault::{Fault, ScenarioError, nearest, shown};
pub use load::{LoadedScenario, check_scenario, is_scenario_path, parse_scenario, read_scenario};
pub use model::*;
pub use save::{scenario_text, write_scenario};
pub use schema::scenario_schema;
pub use validate::{FORMAT_VERSION, is_day};
