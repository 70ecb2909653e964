//! Streets as traffic needs them: [`model`] is the form, importers fill it, [`build`] makes small ones in code.

pub mod build;
mod by_place;
pub mod check;
pub mod class;
pub mod from_streets;
pub mod grid;
mod lay;
mod line;
pub mod model;
pub mod osm;
mod osm_tags;
pub mod streets;

#[cfg(test)]
mod tests;

pub use class::{ClassSet, VehicleClass};
pub use from_streets::from_streets;
pub use model::*;
