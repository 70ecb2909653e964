//! Geometry shared by all parts: coordinate systems, the local frame, grids, triangulation, ray queries.
//!
//! Works on plain numbers; knows neither cities nor files.

pub mod bvh;
pub mod crs;
pub mod grid;
pub mod local_frame;
pub mod merge;
pub mod ring;
pub mod triangulate;

pub use crs::Crs;
pub use grid::Grid;
pub use local_frame::LocalFrame;
