//! Water: heavy rain and storm surge by the full shallow-water equations.
//!
//! * [`domain`]: what a solver needs, as plain arrays; [`run`]: what a run gives.

pub mod domain;
pub mod run;
