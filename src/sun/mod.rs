//! Sun hours: how long the sun reaches a point on given days, against the true triangles of the city.
//!
//! Method: solar position by SPA (Reda & Andreas 2004, doi:10.1016/j.solener.2003.12.003), geometric (no refraction); one
//! visibility test per minute (at the middle of the minute) from each receiver towards the centre of the sun disc.

//! Valid where the model is: walls without windows, reveals, balconies or interior; the verdict of a facade is that of its best
//! point. The sun is its centre, so that half shadow counts as lit or not at the half; terrain beyond the model does
//! not shade. Trees are a second figure (see [`params::TreeShading`]).

pub mod custom;
pub mod error;
pub mod input;
pub mod kernel;
pub mod occluders;
pub mod params;
pub mod position;
pub mod receivers;
pub mod study;
pub mod tables;

pub use error::SunError;
pub use occluders::SunContext;
pub use params::SunParams;
pub use receivers::{ReceiverKind, Receivers};
pub use study::{memory_bytes, run, simulate};
