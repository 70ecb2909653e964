//! Traffic: vehicles one by one on lanes, signals, buses with priority.
//!
//! * [`network`], [`demand`]: streets and vehicles in one form; [`sumo`] reads them from files of SUMO, [`network::osm`] streets from
//!   OpenStreetMap; [`sample`] makes those of the sample city, [`generate`] a demand by lot; [`source`] takes what the settings name.
//! * [`kernel`], [`signals`], [`routing`], [`random`], [`run`]: a run, step by step; [`emissions`]: CO2 and NOx.
//! * [`params`], [`edit`], [`input`], [`place`]: from city and scenario to network and demand, with the changes of a variant.
//! * [`study`]: runs with several seeds; [`measure`], [`score`], [`statistics`]: what they say; [`present`]: what people get.
//! * [`walkers`]: people on foot at signals.
//! * [`tracks`], [`chronicle`]: where every vehicle was and what happened to it, for the window.

pub mod chronicle;
pub mod demand;
pub mod edit;
pub mod emissions;
pub mod error;
pub mod generate;
pub mod input;
pub mod kernel;
pub mod measure;
pub mod network;
pub mod params;
pub mod place;
pub mod present;
pub mod random;
pub mod routing;
pub mod run;
pub mod sample;
pub mod score;
pub mod signals;
pub mod source;
pub mod statistics;
pub mod study;
pub mod sumo;
pub mod theory;
pub mod tracks;
pub mod walkers;

pub use error::TrafficError;
pub use params::{TrafficChange, TrafficParams};
