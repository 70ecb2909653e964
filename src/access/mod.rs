//! Access: who reaches an offer of mobility, or a school, day care or park, how soon; and how far one gets from a place.
//!
//! * [`walk`]: the walking network, or straight lines, with the way from the door to the street counted.
//! * [`offers`]: stops with departures, shuttles, sharing stations: what can be boarded when.
//! * [`service`]: shuttles of the scenario, with the wait that their simulation gives.
//! * [`promise`]: the definition ("within five minutes") and who it is kept for, over the day.
//! * [`study`]: the study of a variant: [`input`] from the city, [`present`] as maps and tables.
//! * [`travel`]: travel times from one place by walking and public transport; [`contour`]: isochrones of them.
//!
//! Not done: crossings with waiting, stairs and slopes, cycling, people who walk slower, vehicles that are full. See `DESIGN.md`.

pub mod contour;
pub mod error;
pub mod input;
pub mod offers;
pub mod params;
pub mod present;
pub mod promise;
pub mod service;
pub mod study;
pub mod travel;
pub mod walk;

pub use error::AccessError;
pub use offers::{Boarding, Offer, OfferKind, Zone};
pub use params::AccessParams;
pub use promise::{Day, Promise, Rule};
pub use walk::{Targets, Walk, WalkNetwork};
