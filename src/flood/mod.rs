//! Water: heavy rain and storm surge by the full shallow-water equations.
//!
//! * [`domain`]: what a solver needs, as plain arrays; [`run`]: what a run gives.
//! * [`present`]: from the arrays of a run to fields, tables and key figures.

pub mod domain;
pub mod present;
pub mod run;
