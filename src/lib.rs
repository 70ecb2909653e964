//! Planspiel: an urban digital twin simulation engine.
//!
//! Data flows one way, and each arrow is a plain function or a plain file:
//!
//! ```text
//! sources -> city -> scenario -> simulation -> result -> view | report
//! ```
//!
//! * [`city`]: what is there. Loaded once, checked, never changed.
//! * [`scenario`]: a small text file: the city, settings, and variants as ordered edits.
//! * [`sun`], [`flood`], [`wind`], [`traffic`], [`shuttle`]: simulations: (city + scenario) in, a result out. No window, no file, no entity.
//! * [`access`]: who reaches an offer of mobility how soon, with [`people`] (inhabitants per building, estimated) and [`transit`] (timetables).
//! * [`result`]: numbers with unit and place. Screen, report and batch show the same object.
//! * [`sim`]: the windowless Bevy `App` that runs simulations for batch and desktop alike.
//! * [`report`] and, with the `desktop` feature, `view` and `ui`: what a person sees.

pub mod access;
pub mod city;
pub mod cli;
mod fault;
pub mod finding;
pub mod flood;
pub mod geo;
pub mod job;
pub mod people;
pub mod report;
pub mod result;
pub mod scenario;
pub mod shuttle;
pub mod sim;
pub mod sun;
pub mod text;
pub mod traffic;
pub mod transit;
#[cfg(feature = "desktop")]
pub mod ui;
pub mod verify;
#[cfg(feature = "desktop")]
pub mod view;
pub mod wind;
