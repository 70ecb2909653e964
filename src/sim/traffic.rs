//! Traffic as a simulation of the world.

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::traffic::study::{memory_bytes, simulate};

use super::error::SimError;
use super::registry::{Input, Simulation};

/// The study of traffic.
#[derive(Debug)]
pub struct TrafficStudy;

impl Simulation for TrafficStudy {
    const NAME: &'static str = "traffic";

    /// Nothing: network and demand are read by each run.
    type Context = ();

    fn enabled(scenario: &Scenario) -> bool {
        scenario.traffic.is_some()
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.traffic == b.traffic && a.scenario.seed == b.scenario.seed
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
