//! The city: what is there. Loaded once, checked, then immutable behind an `Arc`.
//!
//! Importers (`cityjson`, `citygml`, `solid_model`, `terrain`, `geojson`, `trees`, `osm`) turn one file into [`raw::Imported`]: objects in the
//! CRS of the file, in f64. [`assemble`] makes the [`City`] from them: one local frame, triangulated and classified
//! surfaces, checks and findings.

pub mod assemble;
pub mod attributes;
pub mod check;
pub mod citygml;
pub mod cityjson;
pub(crate) mod columns;
pub mod decode;
mod detect;
pub mod error;
pub mod geojson;
pub mod geotiff;
pub(crate) mod gltf;
pub mod load;
pub mod model;
pub(crate) mod obj;
pub mod osm;
pub(crate) mod osm_elements;
pub mod raw;
pub mod sample;
pub mod settle;
pub(crate) mod solid_model;
pub mod sources;
pub(crate) mod table;
pub mod terrain;
pub mod terrain_text;
pub mod trees;
pub(crate) mod waters;
pub mod xml;

pub use error::{CityError, CityErrorKind};
pub use model::*;
