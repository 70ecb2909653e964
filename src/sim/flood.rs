//! Water as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::flood::input::memory_bytes;
use crate::flood::study::simulate;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;

use super::error::SimError;
use super::registry::{Input, Simulation};

/// Heavy rain and storm surge.
#[derive(Debug)]
pub struct Flood;

impl Simulation for Flood {
    const NAME: &'static str = "flood";

    /// The baseline: its terrain makes the grid of all variants.
    type Context = Arc<City>;

    fn enabled(scenario: &Scenario) -> bool {
        scenario.flood.is_some()
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.flood == b.flood
    }

    fn prepare(baseline: &Arc<City>) -> Arc<City> {
        baseline.clone()
    }

    fn memory_bytes(city: &City, scenario: &Scenario, quality: Quality) -> u64 {
        memory_bytes(city, scenario, quality)
    }

    fn run(
        baseline: &Arc<City>,
        input: &Input<'_>,
        job: &Job,
    ) -> Result<SimulationResult, SimError> {
        Ok(simulate(
            baseline,
            input.city,
            input.scenario,
            input.roots,
            input.quality,
            job,
        )?)
    }
}
