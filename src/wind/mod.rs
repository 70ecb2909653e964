//! Wind: the mean wind that people on foot feel, and how comfortable it is.
//!
//! * [`grid`], [`solids`], [`vegetation`]: one voxelisation for all wind directions; [`heading`]: wind axes; [`inflow`]: the wind that arrives.
//! * Tier 1: [`roeckle`] guesses the flow around each block, [`project`] makes it conserve mass with the potential of [`poisson`], together in [`tier1`].
//! * Tier 2: [`rans`] starts from tier 1 and computes momentum and turbulence until the wind is steady.
//! * [`flow`], [`probe`], [`turbulence`]: velocities on faces, wind and gusts at any point; [`score`]: agreement with a wind tunnel.
//! * [`params`], [`input`]: from city and scenario to the grid; [`study`]: all directions; [`present`]: what people get.
//! * [`weather`] (EPW and files of DWD), [`climate`], [`comfort`]: from the weather file of a station to verdicts on comfort and danger.

pub mod climate;
pub mod comfort;
mod dwd;
mod epw;
pub mod error;
pub mod flow;
pub mod grid;
pub mod heading;
pub mod inflow;
pub mod input;
mod mask;
pub mod params;
pub mod poisson;
pub mod present;
pub mod probe;
pub mod project;
pub mod rans;
pub mod roeckle;
pub mod score;
pub mod solids;
pub mod study;
#[cfg(test)]
mod tests;
pub mod tier1;
pub mod turbulence;
pub mod vegetation;
pub mod weather;
mod wide;

pub use error::WindError;
pub use params::WindParams;
