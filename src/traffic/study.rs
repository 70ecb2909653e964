//! The study of one variant: the same runs for baseline and variants, each with its own random numbers, in the order of the seeds.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use crate::city::City;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::{Movement, Quality, SimulationResult};
use crate::scenario::Scenario;

use super::chronicle::Chronicle;
use super::error::TrafficError;
use super::input::{TrafficInput, traffic_input};
use super::kernel::step::{CallRecord, Counts};
use super::measure::EdgeMeasure;
use super::network::{Aspect, NONE, Network, VehicleClass};
use super::params::TrafficParams;
use super::present::{Presented, present};
use super::run::{Run, TripRecord};
use super::score::{Score, scores};
use super::signals::priority::{PriorityEvent, StopArrivals};
use super::tracks::Tracks;

/// Frames of the moving picture at most: two hours of seconds, some 100 MB with 1,200 vehicles.
const FRAMES: u64 = 7200;

/// Seconds between two samples of a journey.
pub const SAMPLE_S: f64 = 5.0;

/// One run with its random numbers.
pub struct SeedRun {
    /// Seed.
    pub seed: u64,
    /// A score for each group of the input.
    pub scores: Vec<Score>,
    /// Flows on edges.
    pub edges: EdgeMeasure,
    /// What the rules of the model did.
    pub counts: Counts,
    /// Waits (s) of people on foot who came to a crossing in the counted time, sorted.
    pub walks_s: Vec<f64>,
    /// End (s on the clock of the demand).
    pub end_s: f64,
    /// Single trips, calls and phases; of the first run only.
    pub detail: Option<Detail>,
}

/// What a run keeps of single vehicles and signals.
pub struct Detail {
    /// Trips.
    pub records: Vec<TripRecord>,
    /// Calls at stops.
    pub calls: Vec<CallRecord>,
    /// Phases of all signals, by begin.
    pub phases: Vec<PhaseStart>,
    /// Journeys of the drawn route.
    pub journeys: Journeys,
    /// Vehicles and signals over time.
    pub movement: Movement,
    /// Notes of single vehicles and of the network over time.
    pub chronicle: Chronicle,
    /// What became of requests for priority.
    pub requests: Vec<PriorityEvent>,
}

/// Begin of a phase.
#[derive(Clone, Debug)]
pub struct PhaseStart {
    /// Signal.
    pub signal: u32,
    /// Begin (s).
    pub since_s: f64,
    /// Phase of the programme.
    pub phase: usize,
    /// What each place shows.
    pub state: Vec<Aspect>,
}

/// Journeys of a line on its most frequent route, over time and way.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    /// Trips that take the route.
    trips: Vec<u32>,
    /// Trip, time (s), way (m) since its departure, speed (m/s).
    pub samples: Vec<(u32, f64, f64, f64)>,
    /// Stops: place in the demand, way (m).
    pub stops: Vec<(u32, f64)>,
    /// Signals: place in the network, way (m) of the line, link that the route takes.
    pub signals: Vec<(u32, f64, u32)>,
}

/// All runs of a variant.
pub struct TrafficRun {
    /// By seed.
    pub seeds: Vec<SeedRun>,
    /// What the lateness of buses was taken against; none when it plays no part.
    pub timetable: Option<Timetable>,
}

/// Where the times come from that lateness is taken against.
#[derive(Clone, Debug, PartialEq)]
pub enum Timetable {
    /// The demand has a timetable for every bus that may ask.
    Given,
    /// The mean times to the stops of a route in runs without priority.
    Derived {
        /// Runs.
        runs: usize,
        /// Buses with derived times.
        buses: usize,
        /// Times of arrival.
        arrivals: StopArrivals,
    },
}

/// Runs the study of one variant.
pub fn simulate(
    city: &City,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, TrafficError> {
    let params = scenario.traffic.clone().unwrap_or_default();
    let input = traffic_input(city, &params, roots, job)?;
    let seeds = if quality == Quality::Coarse {
        1
    } else {
        params.seeds
    };
    let run = run(&input, &params, scenario.scenario.seed, seeds, job)?;
    job.phase("phase-traffic-present");
    let presented = Presented {
        city,
        input: &input,
        params: &params,
        quality,
    };
    Ok(present(&presented, run, job))
}

/// All runs.
pub fn run(
    input: &TrafficInput,
    params: &TrafficParams,
    seed: u64,
    seeds: u32,
    job: &Job,
) -> Result<TrafficRun, TrafficError> {
    let needed = timetable_needed(input);
    let done = AtomicU64::new(0);
    // A derived timetable costs the same runs once more.
    let rounds = if needed == Some(Needed::Derived) {
        2
    } else {
        1
    };
    let all = rounds * u64::from(seeds) * steps_of(input);
    let told = || {
        let steps = done.fetch_add(1, Ordering::Relaxed) + 1;
        job.progress(0.02 + 0.95 * (steps as f64 / all as f64) as f32);
    };
    let timetable = match needed {
        None => None,
        Some(Needed::Given) => Some(Timetable::Given),
        Some(Needed::Derived) => {
            job.phase("phase-traffic-timetable");
            Some(derive_timetable(input, seed, seeds, job, told)?)
        }
    };
    job.phase("phase-traffic-run");
    let arrivals = match &timetable {
        Some(Timetable::Derived { arrivals, .. }) => Some(arrivals),
        _ => None,
    };
    let seeds = (0..seeds)
        .into_par_iter()
        .map(|number| {
            let seed = seed.wrapping_add(u64::from(number));
            one_run(input, params, arrivals, seed, number == 0, job, told)
        })
        .collect::<Result<Vec<SeedRun>, TrafficError>>()?;
    Ok(TrafficRun { seeds, timetable })
}

/// Which timetable a study needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needed {
    Given,
    Derived,
}

/// None unless the priority depends on lateness; derived where some bus that may ask has a stop without a time of arrival.
fn timetable_needed(input: &TrafficInput) -> Option<Needed> {
    let priority = input.priority.as_ref()?;
    priority.late_from_s?;
    let mut asking = input.demand.trips.iter().filter(|trip| {
        let class = input.demand.types[trip.vehicle_type as usize].class;
        class == VehicleClass::Bus
            && (priority.lines.is_empty() || priority.lines.contains(&trip.line))
    });
    let complete = asking.all(|trip| {
        let mut calls = trip.calls.iter();
        calls.all(|call| call.arrival_s.is_some())
    });
    Some(if complete {
        Needed::Given
    } else {
        Needed::Derived
    })
}

/// Mean times to the stops of each route in the same runs without priority.
fn derive_timetable(
    input: &TrafficInput,
    seed: u64,
    seeds: u32,
    job: &Job,
    told: impl Fn() + Sync,
) -> Result<Timetable, TrafficError> {
    let runs = (0..seeds)
        .into_par_iter()
        .map(|number| {
            let seed = seed.wrapping_add(u64::from(number));
            let (network, demand) = (&input.network, &input.demand);
            let mut run = Run::new(network, demand, input.begin_s, input.step_s, seed);
            run.let_walk(network, input.walkers_per_h);
            for _ in 0..steps_of(input) {
                job.check_cancelled()?;
                run.step();
                told();
                if input.until_empty && run.is_over() {
                    break;
                }
            }
            Ok(run.arrivals)
        })
        .collect::<Result<Vec<StopArrivals>, TrafficError>>()?;
    let arrivals = StopArrivals::by_route("runs without priority", &runs, &input.demand.trips);
    Ok(Timetable::Derived {
        runs: runs.len(),
        buses: arrivals.by_trip.len(),
        arrivals,
    })
}

fn steps_of(input: &TrafficInput) -> u64 {
    ((input.end_s - input.begin_s) / input.step_s).round() as u64
}

/// Steps between two frames of the moving picture: one second, or more where that would be more than [`FRAMES`].
fn frame_steps(input: &TrafficInput) -> u64 {
    let second = (1.0 / input.step_s).round().max(1.0) as u64;
    second * (steps_of(input) / second).div_ceil(FRAMES).max(1)
}

fn one_run(
    input: &TrafficInput,
    params: &TrafficParams,
    timetable: Option<&StopArrivals>,
    seed: u64,
    detailed: bool,
    job: &Job,
    told: impl Fn(),
) -> Result<SeedRun, TrafficError> {
    let (network, demand) = (&input.network, &input.demand);
    let mut run = Run::new(network, demand, input.begin_s, input.step_s, seed);
    run.let_walk(network, input.walkers_per_h);
    if let Some(priority) = &input.priority {
        let given = run.give_priority(network, priority.clone(), timetable.cloned());
        // Checked with the input.
        assert!(given.is_ok(), "the settings of the priority were checked");
    }
    let counted_from_s = input.begin_s + params.warm_up_s;
    let mut edges = EdgeMeasure::new(
        network.edges.len(),
        demand.trips.len(),
        input.end_s - counted_from_s,
    );
    let mut journeys = detailed.then(|| Journeys::of(input, &run));
    let tracks = detailed.then(|| Tracks::new(network, |place| input.place.local(place)));
    let mut movement = tracks.as_ref().map(|tracks| tracks.movement(demand));
    let mut chronicle = detailed.then(|| Chronicle::new(input));
    let every = frame_steps(input);
    let mut phases = Vec::new();
    let mut shown: Vec<Option<(usize, f64)>> = vec![None; network.signals.len()];
    for step in 0..steps_of(input) {
        job.check_cancelled()?;
        run.step();
        told();
        let into_s = run.time_s() - counted_from_s;
        if into_s > 0.0 {
            edges.note(&run.traffic.world, into_s - input.step_s);
        }
        if let (Some(tracks), Some(movement)) = (&tracks, &mut movement)
            && step % every == 0
        {
            let bays = run.traffic.inserter.in_bays();
            let time_s = run.time_s() - input.begin_s;
            let frame = tracks.frame(&run.traffic.world, bays, &run.controllers, time_s);
            movement.frames.push(frame);
        }
        if let Some(chronicle) = &mut chronicle {
            chronicle.note(network, &run, step);
        }
        if let Some(journeys) = &mut journeys {
            for controller in &run.controllers.list {
                let now = Some((controller.phase, controller.since_s));
                if shown[controller.signal as usize] != now {
                    shown[controller.signal as usize] = now;
                    phases.push(PhaseStart {
                        signal: controller.signal,
                        since_s: controller.since_s.max(input.begin_s),
                        phase: controller.phase,
                        state: controller.running().state.clone(),
                    });
                }
            }
            if step % (SAMPLE_S / input.step_s).round().max(1.0) as u64 == 0 {
                journeys.sample(&run);
            }
        }
        if input.until_empty && run.is_over() {
            break;
        }
    }
    let records = run.records();
    let scores = scores(
        input,
        &records,
        &run.traffic.calls,
        counted_from_s,
        params.reliable_percent,
    );
    Ok(SeedRun {
        seed,
        scores,
        edges,
        counts: run.counts(),
        walks_s: waits_on_foot(&run, counted_from_s),
        end_s: run.time_s(),
        detail: journeys.zip(movement).zip(chronicle).map(
            |((journeys, movement), mut chronicle)| {
                chronicle.shrink();
                Detail {
                    records,
                    calls: run.traffic.calls.clone(),
                    phases,
                    journeys,
                    movement,
                    chronicle,
                    requests: run
                        .priority
                        .as_ref()
                        .map_or_else(Vec::new, |priority| priority.events().to_vec()),
                }
            },
        ),
    })
}

/// Waits (s) of people on foot who came from a time (s) on, sorted; those who still wait count with their wait up to now.
fn waits_on_foot(run: &Run, counted_from_s: f64) -> Vec<f64> {
    let walks = run.walkers.walks.iter().copied();
    let all = walks.chain(run.walkers.waiting(run.time_s()));
    let counted = all.filter(|walk| walk.arrived_s >= counted_from_s);
    let mut waits: Vec<f64> = counted.map(|walk| walk.waited_s).collect();
    waits.sort_by(f64::total_cmp);
    waits
}

impl Journeys {
    /// The most frequent route of the drawn line.
    fn of(input: &TrafficInput, run: &Run) -> Self {
        let Some(line) = &input.shown_line else {
            return Self::default();
        };
        let trips = &input.demand.trips;
        let mut routes: Vec<(&[u32], Vec<u32>)> = Vec::new();
        for (number, trip) in trips.iter().enumerate() {
            if trip.line != *line {
                continue;
            }
            match routes.iter_mut().find(|(edges, _)| *edges == trip.edges) {
                Some((_, of)) => of.push(number as u32),
                None => routes.push((&trip.edges, vec![number as u32])),
            }
        }
        // The first among equals.
        let best = routes.iter().rev().max_by_key(|(_, of)| of.len());
        let Some((edges, of)) = best else {
            return Self::default();
        };
        let trip = &trips[of[0] as usize];
        let kind = &input.demand.types[trip.vehicle_type as usize];
        let from_m = f64::from(trip.depart_pos_m.unwrap_or(kind.length_m).max(0.0));
        let roads = &run.traffic.world.roads;
        let mut journeys = Self {
            trips: of.clone(),
            ..Self::default()
        };
        let mut way_m = -from_m;
        let mut call = 0;
        for (place, &edge) in edges.iter().enumerate() {
            while let Some(next) = trip.calls.get(call) {
                let stop = &input.demand.stops[next.stop as usize];
                if input.network.lanes[stop.lane as usize].edge != edge {
                    break;
                }
                journeys
                    .stops
                    .push((next.stop, way_m + f64::from(stop.end_m)));
                call += 1;
            }
            let lanes = input.network.edges[edge as usize].lanes.clone();
            way_m += f64::from(input.network.lanes[lanes.start as usize].length_m);
            let Some(&next) = edges.get(place + 1) else {
                break;
            };
            let Some(link) = link_between(&input.network, edge, next) else {
                continue;
            };
            let signal = input.network.links[link as usize].signal;
            if signal != NONE {
                journeys.signals.push((signal, way_m, link));
            }
            way_m += f64::from(roads.links[link as usize].way);
        }
        journeys
    }

    fn sample(&mut self, run: &Run) {
        let world = &run.traffic.world;
        let in_bays = run.traffic.inserter.in_bays();
        for vehicle in world.vehicles().chain(in_bays) {
            if self.trips.contains(&vehicle.trip) {
                let speed = if vehicle.dwell > 0.0 {
                    0.0
                } else {
                    f64::from(vehicle.speed)
                };
                self.samples
                    .push((vehicle.trip, run.time_s(), f64::from(vehicle.way), speed));
            }
        }
    }
}

/// A link from one edge to the next.
fn link_between(network: &Network, from: u32, to: u32) -> Option<u32> {
    let lanes = network.edges[from as usize].lanes.clone();
    lanes
        .flat_map(|lane| network.links_of(lane))
        .find_map(|(index, link)| (network.lanes[link.target as usize].edge == to).then_some(index))
}

/// Estimate of the memory (bytes) that a study holds: a run of an inner city of some 20,000 trips takes about 100 MiB, and each thread has one.
pub fn memory_bytes() -> u64 {
    const RUN_BYTES: u64 = 100 << 20;
    (rayon::current_num_threads() as u64 + 1) * RUN_BYTES
}
