//! Loads a city: reads every layer, chooses the local frame, brings all layers into it, drapes them on the ground, and checks
//! how they fit together.
//!
//! Rules, each with its finding:
//! * The first layer in a metric projected CRS gives the frame; layers in another CRS are converted. Without one, the UTM zone
//!   of the first layer in degrees is used; without any CRS the frame is local.
//! * A layer without CRS gets that of `[city] crs`, else that of the frame.
//! * Models in local metres (glTF, OBJ) bring a level ground, which any terrain replaces. In a folder with other files they are
//!   drafts and passed over.
//! * Footprints stand on the lowest ground under their corners, trees without a foot height on the ground. Beyond the edge of
//!   the terrain the nearest known height counts; without terrain a plane at the lowest point of all buildings.

mod assembled;
mod city;
mod frame;
mod ground;
mod layers;
mod raster;
mod requests;

pub use city::{load_city, load_city_file};
pub use raster::read_raster;
