//! Water: heavy rain and storm surge by the full shallow-water equations.
//!
//! * [`params`]: what a user can set; [`input`]: from city and scenario to the arrays of a solver.
//! * [`domain`]: what a solver needs, as plain arrays; [`run`]: what a run gives.
//! * [`kernel`]: the solver of the full equations; [`inertial`]: the preview solver.
//! * [`sinks`]: hollows and flow paths of the bare ground, at once.
//! * [`rain`], [`kostra`], [`table`]: rain and other series, made or read.
//! * [`infiltration`], [`inlet`], [`culvert`]: laws of one cell or one structure; [`sources`] applies those that sit at points.
//! * [`present`]: from the arrays of a run to fields, tables and key figures.

pub mod culvert;
pub mod domain;
pub mod error;
pub mod inertial;
pub mod infiltration;
pub mod inlet;
pub mod input;
pub mod kernel;
pub mod kostra;
pub mod params;
pub mod present;
pub mod rain;
pub mod run;
pub mod sinks;
pub mod sources;
pub mod table;

pub use error::FloodError;
pub use params::FloodParams;

/// Acceleration of gravity (m/s²), the value of the references that the solvers are checked against.
pub const GRAVITY: f64 = 9.81;
