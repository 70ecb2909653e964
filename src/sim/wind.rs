//! Wind as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::wind::input::memory_bytes;
use crate::wind::study::{Live, simulate_after};

use super::error::SimError;
use super::registry::{Input, Simulation};

/// The wind study.
#[derive(Debug)]
pub struct WindStudy;

impl Simulation for WindStudy {
    const NAME: &'static str = "wind";

    /// The baseline, whose buildings make the map of all variants, and what coarse answers leave for the next one.
    type Context = (Arc<City>, Live);

    fn enabled(scenario: &Scenario) -> bool {
        scenario.wind.is_some()
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.wind == b.wind
    }

    fn prepare(baseline: &Arc<City>) -> (Arc<City>, Live) {
        (baseline.clone(), Live::default())
    }

    fn memory_bytes(city: &City, scenario: &Scenario, quality: Quality) -> u64 {
        memory_bytes(city, scenario, quality)
    }

    fn run(
        (baseline, live): &(Arc<City>, Live),
        input: &Input<'_>,
        job: &Job,
    ) -> Result<SimulationResult, SimError> {
        Ok(simulate_after(
            live,
            baseline,
            input.city,
            input.scenario,
            input.roots,
            input.quality,
            job,
        )?)
    }
}
