//! Wind as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::wind::input::memory_bytes;
use crate::wind::study::simulate;

use super::error::SimError;
use super::registry::{Input, Simulation};

/// The wind study.
#[derive(Debug)]
pub struct WindStudy;

impl Simulation for WindStudy {
    const NAME: &'static str = "wind";

    /// The baseline: its buildings make the map of all variants.
    type Context = Arc<City>;

    fn enabled(scenario: &Scenario) -> bool {
        scenario.wind.is_some()
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.wind == b.wind
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
