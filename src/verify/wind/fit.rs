//! The search that found the constants of tier 1, and what they are worth for a case that took no part in it.

use rayon::prelude::*;

use super::aij::Experiment;
use crate::wind::roeckle::Constants;
use crate::wind::score::Score;

/// First step of each constant, as a share of it, and how steps grow and shrink.
const FIRST_STEP: f64 = 0.2;
const AFTER_SUCCESS: f64 = 1.3;
const AFTER_FAILURE: f64 = 0.5;

/// What the search makes small: correlation, error and hits of all experiments alike.
fn cost(experiments: &[&Experiment], constants: Constants) -> f64 {
    let costs: Vec<f64> = experiments
        .par_iter()
        .map(|experiment| {
            let score = Score::of(&experiment.pairs(constants));
            (1.0 - score.r) + 1.5 * score.rmse + 0.5 * (1.0 - score.q)
        })
        .collect();
    costs.iter().sum()
}

/// Better constants for these experiments: one after the other is changed up or down, and kept where the cost falls. Same result for
/// any number of threads.
pub fn fit(experiments: &[&Experiment], start: Constants, rounds: usize) -> Constants {
    let mut best = start;
    let mut least = cost(experiments, best);
    let count = best.all_mut().len();
    let mut steps = vec![FIRST_STEP; count];
    for _ in 0..rounds {
        for (n, step) in steps.iter_mut().enumerate() {
            let better = [1.0 + *step, 1.0 / (1.0 + *step)]
                .into_iter()
                .any(|factor| {
                    let mut trial = best;
                    *trial.all_mut()[n] *= factor;
                    let cost = cost(experiments, trial);
                    let falls = cost < least - 1e-5;
                    if falls {
                        (best, least) = (trial, cost);
                    }
                    falls
                });
            *step *= if better { AFTER_SUCCESS } else { AFTER_FAILURE };
        }
    }
    best
}

/// A start that knows none of the cases: round numbers of the right size.
pub const UNFITTED: Constants = Constants {
    layer: 0.2,
    growth: 0.2,
    wider: 0.2,
    floor: 0.2,
    wake_slant: 0.5,
    wake_k: 0.1,
    cavity: 1.0,
    canyon: 0.5,
    canyon_gap: 1.0,
    displacement: 0.4,
    displacement_slant: 2.0,
    wall_jet: 1.0,
    wall_jet_reach: 1.0,
    corner: 1.0,
    corner_reach: 0.5,
    foot: 0.3,
    downwash_back: 1.0,
    downwash_down: 1.0,
    downwash_aside: 1.0,
    downwash_reach: 1.0,
    downwash_k: 0.1,
    leaf_drag: 0.4,
    leaf_growth: 0.04,
    leaf_mix: 0.04,
    gust_k: 0.1,
    gust_core: 0.5,
    shear_wall: 0.15,
};
