//! Shuttles on demand: who rides with whom, in which vehicle, in which order.
//!
//! * [`problem`]: requests with time windows and longest rides, vehicles with places and depots, as flat arrays; [`read`] reads files of
//!   Cordeau & Laporte (dial-a-ride) and of Li & Lim (pickup and delivery).
//! * [`timing`]: whether a sequence of stops has a schedule, and which one people are told.
//! * [`optimise`]: the plan, and what is proven about it.
//! * [`plan`], [`check`]: a plan, and an independent check of it.
//!
//! * [`service`]: shuttles on demand on the streets of a city, request by request; [`study`]: the service in a scenario, with the settings of [`params`].
//!
//! The optimiser is given distances and driving times and knows all requests beforehand; the service has streets and learns of requests
//! one by one. A plan is feasible, and who is not served is refused with the reason.

pub mod check;
pub mod error;
pub mod optimise;
pub mod params;
pub mod plan;
pub mod problem;
pub mod read;
pub mod service;
pub mod study;
#[cfg(test)]
mod tests;
pub mod timing;
