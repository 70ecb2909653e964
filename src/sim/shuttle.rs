//! Shuttles on demand as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::shuttle::study::present::SIMULATION;
use crate::shuttle::study::run::memory_bytes;
use crate::shuttle::study::simulate;

use super::error::SimError;
use super::registry::{Input, Simulation};

/// The study of shuttles.
#[derive(Debug)]
pub struct ShuttleStudy;

impl Simulation for ShuttleStudy {
    const NAME: &'static str = SIMULATION;

    /// Nothing: streets and demand are read by each run.
    type Context = ();

    fn enabled(scenario: &Scenario) -> bool {
        scenario.shuttles.is_some()
    }

    /// Streets and times may be those of the traffic.
    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.shuttles == b.shuttles && a.traffic == b.traffic && a.scenario.seed == b.scenario.seed
    }

    fn prepare(_: &Arc<City>) {}

    fn memory_bytes(_: &City, _: &Scenario, _: Quality) -> u64 {
        memory_bytes()
    }

    fn run((): &(), input: &Input<'_>, job: &Job) -> Result<SimulationResult, SimError> {
        Ok(simulate(
            input.city,
            input.scenario,
            input.roots,
            input.quality,
            job,
        )?)
    }
}
