//! Streets as traffic needs them: [`model`] is the form, importers fill it, [`build`] makes small ones in code.

pub mod build;
pub mod class;
pub mod model;

pub use class::{ClassSet, VehicleClass};
pub use model::*;
