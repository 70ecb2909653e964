//! One map as SVG: a quiet base, the result in colour, and everything a map needs on itself.
//!
//! All lengths on paper are millimetres (`viewBox` in mm). North of the map is grid north of the CRS. The scale is a round
//! number and holds when the picture is printed at its own width.
//!
//! * `spec`: what is asked for. `paper`: extent and scale. `sheet`: the whole map.
//! * `base`, `street_names`, `result`, `arrows`, `barriers`: what is drawn, layer by layer.
//! * `legends`, `words`: what explains it.

mod arrows;
mod barriers;
mod base;
mod ink;
mod legends;
mod paper;
mod result;
mod sheet;
mod spec;
mod street_names;
mod words;

pub use arrows::{WATER_ARROWS, WIND_ARROWS};
pub use paper::{Extent, SCALES, scale_for};
pub use sheet::map_svg;
pub use spec::{ArrowLayer, HatchLayer, MapSpec, WallLayer, WallMark};
pub use words::source_line;
pub(crate) use words::{fitted, text_width};
