//! Wind: the mean wind that people on foot feel, and how comfortable it is.
//!
//! * [`grid`], [`solids`]: one voxelisation for all wind directions; [`heading`]: wind axes; [`inflow`]: the wind that arrives.
//! * Tier 1: [`roeckle`] guesses the flow around each block, [`project`] makes it conserve mass with the potential of [`poisson`], together in [`tier1`].
//! * Tier 2: [`rans`] starts from tier 1 and computes momentum and turbulence until the wind is steady.
//! * [`flow`], [`probe`]: velocities on faces, wind at any point; [`score`]: agreement with a wind tunnel.
//! * [`climate`], [`epw`], [`comfort`]: from the wind climate of a station to verdicts on comfort and danger.

pub mod climate;
pub mod comfort;
pub mod epw;
pub mod error;
pub mod flow;
pub mod grid;
pub mod heading;
pub mod inflow;
pub mod poisson;
pub mod probe;
pub mod project;
pub mod rans;
pub mod roeckle;
pub mod score;
pub mod solids;
pub mod tier1;

pub use error::WindError;
