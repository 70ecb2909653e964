//! The kernel of traffic: vehicles on lanes, step by step.
//!
//! Vehicles lie sorted by lane, front first, so that the one ahead is the neighbour in memory and an edge is a slice. A step is a chain of
//! passes, each of which reads the state of the pass before and writes its own: [`plan`] (how fast could I go, which links do I meet),
//! the book of approaches, [`decide`] (which of those links let me through), moving and sorting, [`change`] of lanes, [`insert`]. So the
//! result does not depend on the number of threads.

pub mod advance;
pub mod approach;
pub mod change;
pub mod decide;
pub mod follow;
pub mod insert;
pub mod order;
pub mod pieces;
pub mod plan;
#[cfg(test)]
mod properties;
pub mod roads;
pub mod route;
pub mod state;
pub mod step;
pub mod team;
pub mod vehicle;
