//! Runs of a study: all seeds of the planned fleet, then those of other fleet sizes.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::city::City;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::shuttle::service::engine::{Run, Service, run_service};
use crate::shuttle::service::measure::{Figures, figures};
use crate::shuttle::service::model::{Outcome, Reason};

use super::error::ShuttleError;
use super::input::{ShuttleInput, shuttle_input};
use super::present::present;
use super::score::score;

/// A run of a fleet with one seed.
pub struct SeedRun {
    /// Seed.
    pub seed: u64,
    /// Values in the order of [`super::score::METRIC`].
    pub scores: Vec<f64>,
    /// Rejected requests by [`Reason::ALL`].
    pub rejected: [usize; Reason::ALL.len()],
    /// Node and wait (s) of everybody served; of the planned fleet only.
    pub waits: Vec<(u32, f32)>,
    /// The run itself; of the first seed of the planned fleet only.
    pub detail: Option<(Service, Run, Figures)>,
}

/// All runs with one number of vehicles.
pub struct FleetRuns {
    /// Vehicles.
    pub vehicles: u32,
    /// By seed.
    pub seeds: Vec<SeedRun>,
}

/// All runs of a study; the planned fleet first, then the others by size.
pub struct ShuttleRuns {
    /// By fleet.
    pub fleets: Vec<FleetRuns>,
}

/// Runs the study of one variant.
pub fn simulate(
    city: &City,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, ShuttleError> {
    let settings = scenario.shuttles.clone().unwrap_or_default();
    let seeds = if quality == Quality::Coarse {
        1
    } else {
        settings.seeds
    };
    let input = shuttle_input(city, scenario, roots, seeds, job)?;
    job.phase("phase-shuttle-run");
    let sizes = if quality == Quality::Coarse {
        Vec::new()
    } else {
        input.params.fleet_sizes.clone()
    };
    let runs = run(&input, &sizes, job)?;
    job.phase("phase-shuttle-present");
    Ok(present(city, &input, &runs, quality, job))
}

/// All runs: the planned fleet and `sizes`.
pub fn run(input: &ShuttleInput, sizes: &[u32], job: &Job) -> Result<ShuttleRuns, ShuttleError> {
    let planned = input.params.vehicles;
    let mut sizes: Vec<u32> = sizes.iter().copied().filter(|n| *n != planned).collect();
    sizes.sort_unstable();
    sizes.dedup();
    sizes.insert(0, planned);
    let jobs: Vec<(u32, usize)> = sizes
        .iter()
        .flat_map(|&size| (0..input.seeds.len()).map(move |seed| (size, seed)))
        .collect();
    let done = AtomicUsize::new(0);
    let mut all = jobs
        .par_iter()
        .map(|&(vehicles, place)| {
            let seed = input.seeds[place];
            let service = Service {
                streets: input.streets.clone(),
                times: input.times.clone(),
                requests: input.requests[place].clone(),
                fleet: input.fleet(vehicles, seed),
                stations: input.stations.clone(),
                rules: input.rules.clone(),
            };
            let run = run_service(&service, seed, job)?;
            let figures = figures(&service, &run);
            let now = done.fetch_add(1, Ordering::Relaxed) + 1;
            job.progress(0.1 + 0.85 * now as f32 / jobs.len() as f32);
            Ok(SeedRun {
                seed,
                scores: score(&figures, &input.costs),
                rejected: figures.rejected,
                waits: if vehicles == planned {
                    waits(&service, &run)
                } else {
                    Vec::new()
                },
                detail: (vehicles == planned && place == 0).then_some((service, run, figures)),
            })
        })
        .collect::<Result<Vec<SeedRun>, ShuttleError>>()?
        .into_iter();
    let fleets = sizes.into_iter().map(|vehicles| FleetRuns {
        vehicles,
        seeds: all.by_ref().take(input.seeds.len()).collect(),
    });
    Ok(ShuttleRuns {
        fleets: fleets.collect(),
    })
}

/// Where the served boarded, and how long they waited.
fn waits(service: &Service, run: &Run) -> Vec<(u32, f32)> {
    let rides = run.rides.iter().zip(service.requests.iter());
    let served = rides.filter(|(ride, _)| matches!(ride.outcome, Outcome::Served(_)));
    served
        .map(|(ride, wish)| {
            let node = service.times.node(wish.pickup);
            (node, (ride.boards_s - wish.ready_s) as f32)
        })
        .collect()
}

/// Estimate of the memory (bytes) that a study holds before its streets are known.
pub fn memory_bytes() -> u64 {
    400 << 20
}
