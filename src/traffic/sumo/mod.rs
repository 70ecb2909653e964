//! Reads the files of Eclipse SUMO: networks, signals, stops, detectors, types and vehicles.
//!
//! What is read: `.net.xml`, additional files, route files and `.sumocfg` as SUMO 1.28 writes and documents them, plain or as gzip.
//! What is left out or read otherwise comes back as [`Note`]s: people on foot, containers, zones, rail signals, lateral
//! positions, lane-change and junction parameters, routing options. What cannot be used is a [`SumoError`] with every fault of the
//! files (20 are listed, the others counted), each with file, line and remedy.
//!
//! Not here: judging the input (ambers of 2 s, for example, are imported as they are), and routes of trips, which are found when the
//! vehicle departs.
//!
//! Source of the semantics: SUMO's documentation (<https://sumo.dlr.de/docs>, files "SUMO Road Networks", "Traffic Lights", "Definition of
//! Vehicles, Vehicle Types, and Routes"), and queries of the program where the documentation is silent. No code of SUMO is used.

mod check;
mod choose;
mod classes;
mod config;
mod demand;
mod error;
mod flow;
mod foot;
mod log;
mod matrix;
mod network;
mod places;
mod read;
mod routes;
mod signals;
mod types;
mod words;
mod xml;

#[cfg(test)]
mod tests;

pub(crate) use error::Notes;
pub use error::{Fault, Faults, LISTED_FAULTS, Note, SumoError};
pub use read::{Routes, SumoScenario, read_config, read_inputs, read_network, read_routes};
