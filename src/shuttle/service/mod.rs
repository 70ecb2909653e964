//! Shuttles on demand as a service: requests come one by one, vehicles are under way, promises are kept or nothing is promised.
//!
//! * [`streets`], [`times`]: the streets as a graph, and driving times to the places in use.
//! * [`model`]: requests, rules, fleet, and what becomes of a request.
//! * [`engine`]: the run. Each request is taken in where it costs least, by insertion into the tours under way, or rejected for a reason
//!   of a closed list. In every batch those who wait may get another vehicle within what they were promised; idle vehicles charge or go
//!   where requests are likely.
//! * [`measure`]: figures; [`log`]: what vehicles did; [`check`]: an independent check of it.
//!
//! Driving times are fixed over a run. A vehicle can be diverted at nodes only. Vehicles take part at every time of the service: no shifts.

pub mod assign;
pub mod check;
pub mod demand;
pub mod engine;
pub mod files;
pub mod generate;
pub mod log;
pub mod measure;
pub mod model;
pub mod nearest;
pub mod streets;
pub mod table;
pub mod times;

mod idle;
mod insert;
mod reoptimise;
#[cfg(test)]
mod tests;
mod vehicle;
