//! Sun hours as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::sun::{SunContext, memory_bytes, simulate};

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

    fn memory_bytes(city: &City, scenario: &Scenario, _quality: Quality) -> u64 {
        // A coarse answer needs less; it is followed by the exact one.
        scenario
            .sun
            .as_ref()
            .map_or(0, |params| memory_bytes(city, params))
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
