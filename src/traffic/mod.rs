//! Traffic: vehicles one by one on lanes, signals, buses with priority.

pub mod demand;
pub mod kernel;
pub mod network;
pub mod random;
pub mod routing;
pub mod run;
pub mod signals;
pub mod sumo;
