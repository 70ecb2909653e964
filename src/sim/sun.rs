//! Sun hours as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::sun::{SunContext, simulate};

use super::error::SimError;
use super::registry::{Input, Simulation};

/// The sun study.
#[derive(Debug)]
pub struct Sun;

impl Simulation for Sun {
    const NAME: &'static str = "sun";

    type Context = SunContext;

    fn enabled(scenario: &Scenario) -> bool {
        scenario.sun.is_some()
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.sun == b.sun && a.site == b.site && a.scenario.seed == b.scenario.seed
    }

    fn prepare(baseline: &Arc<City>) -> SunContext {
        SunContext::new(baseline.clone())
    }

    fn memory_bytes(_city: &City, _scenario: &Scenario, _quality: Quality) -> u64 {
        // The study counts its receivers before it begins and refuses by itself (`SunError::TooLarge`).
        0
    }

    fn run(
        context: &SunContext,
        input: &Input<'_>,
        job: &Job,
    ) -> Result<SimulationResult, SimError> {
        Ok(simulate(
            context,
            input.city,
            input.scenario,
            input.roots,
            input.quality,
            job,
        )?)
    }
}
