//! Sun hours: how long the sun reaches a point on given days, against the true triangles of the city.
//!
//! Method: solar position by SPA (Reda & Andreas 2004, doi:10.1016/j.solener.2003.12.003), geometric (no refraction); one
//! visibility test per minute (at the middle of the minute) from each receiver towards the centre of the sun disc.

pub mod params;
pub mod receivers;

pub use params::SunParams;
pub use receivers::{ReceiverKind, Receivers};
