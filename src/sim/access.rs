//! Access as a simulation of the world.

use std::sync::Arc;

use crate::access::study::{memory_bytes, simulate};
use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;

use super::error::SimError;
use super::registry::{Input, Simulation};

/// The study of access.
#[derive(Debug)]
pub struct AccessStudy;

impl Simulation for AccessStudy {
    const NAME: &'static str = "access";

    /// Nothing: streets and timetable are read by each run.
    type Context = ();

    fn enabled(scenario: &Scenario) -> bool {
        scenario.access.is_some()
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        // Shuttles of the scenario are an offer.
        let shuttles = || {
            a.shuttles == b.shuttles && a.traffic == b.traffic && a.scenario.seed == b.scenario.seed
        };
        a.access == b.access && (a.shuttles.is_none() && b.shuttles.is_none() || shuttles())
    }

    fn prepare(_: &Arc<City>) {}

    fn memory_bytes(city: &City, _: &Scenario, _: Quality) -> u64 {
        memory_bytes(city)
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
