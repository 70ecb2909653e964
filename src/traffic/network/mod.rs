//! Streets as traffic needs them: [`model`] is the form, importers fill it.

pub mod class;
pub mod model;

pub use class::{ClassSet, VehicleClass};
pub use model::*;
