//! The study of one variant: promise over the day, walks to amenities, travel times.

use crate::city::City;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;
use crate::transit::raptor::Raptor;

use super::error::AccessError;
use super::input::{AccessInput, access_input};
use super::params::{AccessParams, Origin};
use super::present::{Presented, present};
use super::promise::{Day, Promise, Rule};
use super::service::add_simulated;
use super::travel::{Journey, travel_times};

/// Registered name of the simulation.
pub const SIMULATION: &str = "access";

/// Longest walk and wait (s) on the map of times: who needs more is told as "more than an hour".
pub const MAP_WALK_S: f64 = 900.0;
/// See [`MAP_WALK_S`].
pub const MAP_LIMIT_S: f64 = 3_600.0;

/// Longest walk (s) to an amenity that is told.
pub const AMENITY_LIMIT_S: f64 = 3_600.0;

/// A coarse answer has slices so many times as long. Not a divisor of usual headways: else it would meet every bus at the same moment.
const COARSE_SLICES: f64 = 11.0;

/// What was found.
pub struct AccessRun {
    /// The promise at the buildings.
    pub promise: Day,
    /// Walk (s) from each building to the nearest offer within the rule; NaN where there is none.
    pub nearest_s: Vec<f64>,
    /// Mean time (s) until an offer is boarded, per cell, at most [`MAP_LIMIT_S`].
    pub cell_time_s: Vec<f64>,
    /// The same per building.
    pub home_time_s: Vec<f64>,
    /// Share (0 to 1) of the hours in which the promise is kept, per cell.
    pub cell_kept: Vec<f64>,
    /// Walk (s) from each building to the nearest school, day care, park; infinite beyond [`AMENITY_LIMIT_S`].
    pub amenities_s: Vec<Vec<f64>>,
    /// Travel times (s) from the place of the settings to buildings and cells; infinite beyond the limit.
    pub travel: Option<[Vec<f64>; 2]>,
}

/// Runs the study of one variant.
pub fn simulate(
    city: &City,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, AccessError> {
    let params = scenario.access.clone().unwrap_or_default();
    job.phase("phase-access-input");
    let mut input = access_input(city, &params, roots, job)?;
    add_simulated(&mut input, city, scenario, &params, roots, quality, job)?;
    job.progress(0.2);
    job.phase("phase-access-run");
    let run = run(city, &input, &params, quality, job)?;
    job.phase("phase-access-present");
    let presented = Presented {
        input: &input,
        params: &params,
        quality,
    };
    Ok(present(&presented, &run, job))
}

/// Computes everything.
pub fn run(
    city: &City,
    input: &AccessInput,
    params: &AccessParams,
    quality: Quality,
    job: &Job,
) -> Result<AccessRun, AccessError> {
    let hours_s = [params.begin_s, params.end_s];
    let slice_s = match quality {
        Quality::Coarse => params.slice_s * COARSE_SLICES,
        Quality::Exact => params.slice_s,
    };
    let weights: Vec<f64> = input.people.places.iter().map(|p| p.inhabitants).collect();
    let promise = |targets, rule| {
        let (offers, zones) = (&input.offers, &input.zones);
        Promise::new(
            &input.walk,
            targets,
            offers,
            zones,
            rule,
            params.walk_m_s,
            params.snap_m,
        )
        .with_halts(&input.walk, targets, &input.halts, params.snap_m)
    };
    let rule = params.promise_rule();
    let at_homes = promise(&input.homes, rule);
    let day = at_homes.day(&weights, hours_s, slice_s);
    let nearest_s = (0..input.homes.places.len())
        .map(|home| at_homes.nearest_walk_s(home).unwrap_or(f64::NAN))
        .collect();
    job.check_cancelled()?;
    job.progress(0.4);
    let ones = vec![1.0; input.cells.places.len()];
    let cell_kept = promise(&input.cells, rule)
        .day(&ones, hours_s, slice_s)
        .kept;
    job.check_cancelled()?;
    job.progress(0.55);
    let far = Rule::Separate {
        walk_s: MAP_WALK_S,
        wait_s: MAP_LIMIT_S,
    };
    let cell_time_s = mean_times(&promise(&input.cells, far).day(&ones, hours_s, slice_s));
    job.check_cancelled()?;
    job.progress(0.7);
    let home_time_s = mean_times(&promise(&input.homes, far).day(&weights, hours_s, slice_s));
    job.check_cancelled()?;
    job.progress(0.8);
    let amenities_s = input.amenities.iter().map(|(_, places)| {
        let sources = input.walk.targets(places.clone(), params.snap_m);
        let behind = vec![0.0; places.len()];
        let limit_m = AMENITY_LIMIT_S * params.walk_m_s;
        let ways = input.walk.nearest(&input.homes, &sources, &behind, limit_m);
        ways.into_iter()
            .map(|way_m| way_m / params.walk_m_s)
            .collect()
    });
    let amenities_s = amenities_s.collect();
    job.check_cancelled()?;
    job.progress(0.9);
    let travel = params
        .origin
        .as_ref()
        .map(|origin| travel(city, input, params, origin));
    Ok(AccessRun {
        promise: day,
        nearest_s,
        cell_time_s,
        home_time_s,
        cell_kept,
        amenities_s,
        travel,
    })
}

/// Mean time until boarding over all slices; slices without any count as the limit.
fn mean_times(day: &Day) -> Vec<f64> {
    let mean = |(kept, mean_s): (&f64, &f64)| {
        let found = if *kept > 0.0 {
            kept * mean_s.min(MAP_LIMIT_S)
        } else {
            0.0
        };
        found + (1.0 - kept) * MAP_LIMIT_S
    };
    day.kept.iter().zip(&day.mean_s).map(mean).collect()
}

fn travel(
    city: &City,
    input: &AccessInput,
    params: &AccessParams,
    origin: &Origin,
) -> [Vec<f64>; 2] {
    let speed = params.walk_m_s;
    let places = input.timetable.stops.iter().map(|stop| stop.position);
    let stops = input.walk.targets(places.collect(), params.snap_m);
    // Between two stops one walks as far as to the first one.
    let reach = input
        .walk
        .reach(&stops, &stops, origin.walk_limit_s * speed);
    let mut walks = Vec::new();
    for to in 0..stops.places.len() {
        let from = reach.of(to).iter().filter(|(from, _)| *from as usize != to);
        walks.extend(
            from.map(|&(from, way_m)| (from, to as u32, (f64::from(way_m) / speed).ceil() as i32)),
        );
    }
    let raptor = Raptor::new(&input.timetable, &walks, origin.change_s.round() as i32);
    let at = city
        .frame
        .local_from_crs([origin.position[0], origin.position[1], 0.0]);
    let journey = Journey {
        leave_s: origin.leave_s,
        walk_m_s: speed,
        most_walk_s: origin.walk_limit_s,
        most_rides: origin.rides as usize,
        limit_s: origin.limit_s,
    };
    [&input.homes, &input.cells].map(|targets| {
        travel_times(
            &input.walk,
            &raptor,
            &stops,
            targets,
            [at.x, at.y],
            params.snap_m,
            &journey,
        )
    })
}

/// Bytes that a study needs beside the city: walks and values per building and cell, roughly.
pub fn memory_bytes(city: &City) -> u64 {
    (city.buildings.len() as u64 + 100_000) * 2_000
}
