//! CityJSON 1.0, 1.1 and 2.0, and CityJSON text sequences (CityJSONSeq): reader and writer.
//!
//! Specification: <https://www.cityjson.org/specs/2.0.1/>. `parse` turns JSON into flat arrays without a tree of values,
//! `import` turns them into raw objects, `write` writes CityJSON 2.0.
//!
//! Not read: appearance, extensions (counted), MultiPoint and MultiLineString geometry.

mod census;
mod import;
mod parse;
mod write;

pub use census::{Census, census};
pub use import::read_cityjson;
pub use write::{Head, write_cityjson};
