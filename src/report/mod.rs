//! What leaves the program for people: maps and the report. Reads the same [`crate::result::RunResult`] as window and files.
//!
//! * [`map_svg`]: one map as SVG with all that a map needs on itself (title, legend, scale, north, source, hash).
//! * [`raster`]: the same SVG as PNG, drawn by resvg with the bundled font, so that it looks alike on every machine.
//! * [`maps`]: which maps a run gives.
//! * [`sun`]: tables, charts and sentences of the sun study; [`flood`]: those of the water.
//! * [`traffic`], [`wind`], [`shuttle`]: those of their simulations.
//! * [`html`]: the self-contained `report.html`, A4 when printed.
//!
//! Nothing here computes a result; differences come from [`crate::result::compare`].

pub mod access;
pub mod escape;
pub mod flood;
pub mod html;
pub mod map_svg;
pub mod maps;
pub mod raster;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
pub(crate) mod sample_water;
pub mod shuttle;
pub mod sun;
pub mod traffic;
pub mod wind;

pub use html::report_html;
pub use map_svg::{MapSpec, map_svg};
pub use raster::png_from_svg;
