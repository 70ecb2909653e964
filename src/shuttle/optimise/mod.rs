//! The optimiser: insertion, large neighbourhood search, set partitioning, proof.
//!
//! 1. `island`: parallel insertion by regret makes a first plan; then parts of the plan are taken out and put back, kept by simulated
//!    annealing. Several islands search beside each other and share the best plan at the end of each cooling.
//! 2. `partition`: the best combination of all tours that were found (`pool`).
//! 3. `bound`: column generation over `fragments` gives a lower bound, often the best plan, and mostly the proof that it is.
//!
//! Nothing depends on threads or, with a limit of iterations alone, on the clock: each island has its own random numbers, islands meet
//! only between rounds, and the proof is limited by counts.

mod bound;
mod cuts;
mod fragments;
mod insertion;
mod island;
mod listing;
mod lp;
mod partition;
mod pool;
mod pricing;
mod route;
mod ruin;
mod search;
mod stream;
#[cfg(test)]
mod tests;

use super::error::ShuttleError;
use super::plan::Plan;
use super::problem::Problem;
use crate::job::Job;

/// How long and with which random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Seed of all random numbers.
    pub seed: u64,
    /// Time limit (s); the search ends at the first round after it, or at a proof.
    pub seconds: Option<f64>,
    /// Limit of iterations, of all islands together. Without a time limit the same seed and number give the same plan, to the byte.
    pub iterations: Option<u64>,
    /// Searches beside each other. Part of the result: another number gives another plan.
    pub islands: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            seconds: Some(10.0),
            iterations: None,
            islands: 2,
        }
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The plan: feasible, or with refused requests.
    pub plan: Plan,
    /// Iterations of all islands.
    pub iterations: u64,
    /// What is known about better plans.
    pub bounds: Bounds,
}

/// What no plan for all requests can do better than.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// No plan with as many vehicles as allowed (or, where vehicles count, with as few as this one) is shorter.
    pub distance: Option<f64>,
    /// No plan needs fewer vehicles; only where vehicles count.
    pub vehicles: Option<usize>,
}

impl Outcome {
    /// The plan is the best one, up to [`PROVEN`] in distance.
    pub fn is_proven(&self, problem: &Problem) -> bool {
        let vehicles_count = problem.objective() == super::problem::Objective::VehiclesThenDistance;
        let fewest = !vehicles_count || self.bounds.vehicles == Some(self.plan.routes.len());
        let shortest = self
            .bounds
            .distance
            .is_some_and(|bound| self.plan.distance <= bound + 2.0 * PROVEN);
        self.plan.refused.is_empty() && fewest && shortest
    }

    /// By how much of the bound the plan can be too long at most.
    pub fn gap(&self) -> Option<f64> {
        let bound = self.bounds.distance.filter(|bound| *bound > 0.0)?;
        self.plan
            .refused
            .is_empty()
            .then(|| (self.plan.distance / bound - 1.0).max(0.0))
    }
}

/// Plans whose distances differ by less are equally long.
pub const PROVEN: f64 = 1e-6;

/// Seeks a plan. Requests that cannot be served, or for which no room was found, are refused with the reason.
pub fn optimise(
    problem: &Problem,
    settings: &Settings,
    job: &Job,
) -> Result<Outcome, ShuttleError> {
    search::Search::new(problem, settings, job).run()
}
