//! The run of a service: requests come one by one, are taken in at once or rejected for a reason; batches improve what is planned.

use super::insert::{Insertion, Relaxed, Search, inserted};
use super::log::VehicleLog;
use super::model::{FleetVehicle, NONE, Outcome, Reason, Request, Ride, Rules, Station};
use super::streets::Streets;
use super::times::{PlaceId, TravelTimes};
use super::vehicle::{Stop, Vehicle, stops_of};
use crate::job::{Cancelled, Job};

/// Everything that a run needs.
#[derive(Clone, Debug)]
pub struct Service {
    /// Streets.
    pub streets: std::sync::Arc<Streets>,
    /// Times to the places in use.
    pub times: std::sync::Arc<TravelTimes>,
    /// Requests in the order of the source.
    pub requests: std::sync::Arc<Vec<Request>>,
    /// Vehicles.
    pub fleet: Vec<FleetVehicle>,
    /// Where they charge.
    pub stations: Vec<Station>,
    /// Promises and settings.
    pub rules: Rules,
}

/// What came out of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// By request.
    pub rides: Vec<Ride>,
    /// By vehicle.
    pub vehicles: Vec<VehicleLog>,
    /// When the last vehicle had nothing more to do (s).
    pub end_s: f64,
    /// Tasks that batches improved.
    pub improved: u64,
}

/// A run in progress.
pub(super) struct Engine<'a> {
    pub(super) service: &'a Service,
    pub(super) seed: u64,
    pub(super) vehicles: Vec<Vehicle>,
    pub(super) rides: Vec<Ride>,
    /// By station: when each place to charge is free (s).
    pub(super) free_s: Vec<Vec<f64>>,
    pub(super) batch: u64,
    pub(super) improved: u64,
    /// When idle vehicles were last sent somewhere (s).
    pub(super) rebalanced_s: f64,
    /// Requests so far in the order of asking, as positions in `order`.
    pub(super) seen: usize,
    /// Requests by the time of asking.
    pub(super) order: Vec<u32>,
    candidates: Vec<u32>,
}

/// Runs the service once. `seed` drives the trials of re-optimisation; the same seed gives the same bytes for any number of threads.
pub fn run_service(service: &Service, seed: u64, job: &Job) -> Result<Run, Cancelled> {
    run_with(service, seed, job, |_, _| {})
}

/// As [`run_service`]; tells each request and the CPU work around it to `watch`: (request, decided). For measuring.
pub fn run_with(
    service: &Service,
    seed: u64,
    job: &Job,
    mut watch: impl FnMut(u32, bool),
) -> Result<Run, Cancelled> {
    let mut engine = Engine::new(service, seed);
    let rules = &service.rules;
    let mut next_batch_s = rules.begin_s + rules.batch_s;
    for place in 0..engine.order.len() {
        let request = engine.order[place];
        let asked_s = service.requests[request as usize].asked_s;
        while next_batch_s <= asked_s {
            job.check_cancelled()?;
            engine.tick(next_batch_s);
            next_batch_s += rules.batch_s;
        }
        job.check_cancelled()?;
        engine.seen = place + 1;
        watch(request, false);
        engine.ask(request);
        watch(request, true);
    }
    let last_s = rules.end_s.max(next_batch_s) + rules.run_out_s;
    let mut end_s = next_batch_s - rules.batch_s;
    while next_batch_s <= last_s && !engine.is_over() {
        job.check_cancelled()?;
        engine.tick(next_batch_s);
        end_s = next_batch_s;
        next_batch_s += rules.batch_s;
    }
    Ok(engine.finish(end_s))
}

impl<'a> Engine<'a> {
    pub(super) fn new(service: &'a Service, seed: u64) -> Self {
        let requests = &service.requests;
        let mut order: Vec<u32> = (0..requests.len() as u32).collect();
        order.sort_by(|&a, &b| {
            let time = |r: u32| requests[r as usize].asked_s;
            time(a).total_cmp(&time(b)).then(a.cmp(&b))
        });
        let begin_s = service.rules.begin_s;
        let fleet = service.fleet.iter().cloned();
        Self {
            service,
            seed,
            vehicles: fleet.map(|kind| Vehicle::new(kind, begin_s)).collect(),
            rides: vec![Ride::new(); requests.len()],
            free_s: service
                .stations
                .iter()
                .map(|station| vec![begin_s; station.slots as usize])
                .collect(),
            batch: 0,
            improved: 0,
            rebalanced_s: begin_s,
            seen: 0,
            order,
            candidates: Vec::new(),
        }
    }

    /// Brings all vehicles up to `now_s`.
    pub(super) fn advance_all(&mut self, now_s: f64) {
        let (streets, times) = (&self.service.streets, &self.service.times);
        for (number, vehicle) in self.vehicles.iter_mut().enumerate() {
            vehicle.advance(streets, times, now_s, &mut self.rides, number as u32);
        }
    }

    fn tick(&mut self, now_s: f64) {
        self.batch += 1;
        self.advance_all(now_s);
        self.charge(now_s);
        self.reoptimise(now_s);
        self.rebalance(now_s);
    }

    fn is_over(&self) -> bool {
        self.vehicles
            .iter()
            .all(|vehicle| vehicle.stops.is_empty() && vehicle.aboard.is_empty())
    }

    fn finish(mut self, end_s: f64) -> Run {
        let mut end_s = end_s;
        for vehicle in &mut self.vehicles {
            // Who is still on the way is cut off here.
            vehicle.stop_logging(end_s);
            if vehicle.stops.is_empty() {
                end_s = end_s.max(vehicle.time_s);
            }
        }
        Run {
            rides: self.rides,
            vehicles: self
                .vehicles
                .into_iter()
                .map(|vehicle| VehicleLog {
                    segments: vehicle.segments,
                    halts: vehicle.halts,
                    kwh_left: vehicle.kwh,
                })
                .collect(),
            end_s,
            improved: self.improved,
        }
    }

    /// The search for a request at a time.
    pub(super) fn search(&self, request: u32, now_s: f64, relaxed: Relaxed) -> Search<'_> {
        let direct_s = self.rides[request as usize].direct_s;
        Search {
            relaxed,
            ..self.search_with(request, now_s, direct_s)
        }
    }

    /// The search for a request whose direct drive is known.
    pub(super) fn search_with(&self, request: u32, now_s: f64, direct_s: f64) -> Search<'_> {
        let service = self.service;
        let wish = &service.requests[request as usize];
        Search {
            times: &service.times,
            rules: &service.rules,
            rides: &self.rides,
            now_s,
            stops: stops_of(&service.times, &service.rules, request, wish, direct_s),
            relaxed: Relaxed::default(),
        }
    }

    /// The cheapest insertion among vehicles that are up to the present; of two the lower number.
    pub(super) fn cheapest(
        &self,
        search: &Search<'_>,
        candidates: &[u32],
    ) -> Option<(u32, Insertion)> {
        let mut best: Option<(u32, Insertion)> = None;
        for &number in candidates {
            let below = best.map_or(f64::INFINITY, |(_, at)| at.cost);
            let found = search.best(&self.vehicles[number as usize], below);
            best = found.map(|at| (number, at)).or(best);
        }
        best
    }

    /// Decides about a request.
    fn ask(&mut self, request: u32) {
        let service = self.service;
        let wish = &service.requests[request as usize];
        let ride = &mut self.rides[request as usize];
        if let Some(reason) = wish.refused {
            ride.outcome = Outcome::Rejected(reason);
            return;
        }
        let from = service.times.node(wish.pickup);
        ride.direct_s = f64::from(service.times.time(from, wish.dropoff));
        ride.direct_m = service.times.length_m(&service.streets, from, wish.dropoff);
        let now_s = wish.asked_s;
        if !ride.direct_s.is_finite() {
            ride.outcome = Outcome::Rejected(Reason::NoWay);
            return;
        }
        let mut candidates = std::mem::take(&mut self.candidates);
        self.come_in_time(request, now_s, Relaxed::default(), &mut candidates);
        let mut flat = 0;
        let outcome = loop {
            let search = self.search(request, now_s, Relaxed::default());
            let Some((number, at)) = self.cheapest(&search, &candidates) else {
                break match self.make_room(request, now_s) {
                    Some(number) => Outcome::Assigned(number),
                    None => Outcome::Rejected(self.reason(request, now_s, flat)),
                };
            };
            let stops = search.stops;
            let vehicle = &self.vehicles[number as usize];
            let tour = inserted(vehicle.tasks(), stops, at);
            if !self.has_power_for(number, &tour) {
                flat += 1;
                candidates.retain(|&other| other != number);
                continue;
            }
            let vehicle = &mut self.vehicles[number as usize];
            vehicle.plan(&service.times, &service.rules, now_s, tour);
            vehicle.settle(now_s);
            break Outcome::Assigned(number);
        };
        self.candidates = candidates;
        if let Outcome::Assigned(number) = outcome {
            let board = self.boarding_of(request, number);
            self.rides[request as usize].told_s = board.map_or(f64::NAN, |stop| stop.begin_s);
        }
        self.rides[request as usize].outcome = outcome;
    }

    /// Vehicles that can be at the pickup in time, brought up to the present.
    fn come_in_time(
        &mut self,
        request: u32,
        now_s: f64,
        relaxed: Relaxed,
        candidates: &mut Vec<u32>,
    ) {
        candidates.clear();
        let search = self.search(request, now_s, relaxed);
        let coming = (0..self.vehicles.len() as u32)
            .filter(|&number| search.may_come(&self.vehicles[number as usize]));
        candidates.extend(coming);
        let (streets, times) = (&self.service.streets, &self.service.times);
        for &number in &*candidates {
            self.vehicles[number as usize].advance(streets, times, now_s, &mut self.rides, number);
        }
        let search = self.search(request, now_s, relaxed);
        candidates.retain(|&number| search.may_come(&self.vehicles[number as usize]));
    }

    /// Why nobody takes a request in: the rule without which somebody would, in the order seats, wheelchairs, rides; else the wait.
    fn reason(&mut self, request: u32, now_s: f64, flat: usize) -> Reason {
        let wish = &self.service.requests[request as usize];
        let seats = wish.persons - wish.wheelchairs;
        let fleet = &self.service.fleet;
        if flat > 0 || self.vehicles.iter().all(Vehicle::is_charging) {
            return Reason::NoVehicle;
        }
        if fleet
            .iter()
            .all(|vehicle| vehicle.wheelchairs < wish.wheelchairs)
        {
            return Reason::Wheelchair;
        }
        if fleet.iter().all(|vehicle| vehicle.seats < seats) {
            return Reason::Capacity;
        }
        let without = |seats, wheelchairs, rides| Relaxed {
            seats,
            wheelchairs,
            rides,
        };
        let trials = [
            (Reason::Capacity, without(true, false, false)),
            (Reason::Wheelchair, without(false, true, false)),
            (Reason::Detour, without(false, false, true)),
        ];
        let mut candidates = Vec::new();
        for (reason, relaxed) in trials {
            self.come_in_time(request, now_s, relaxed, &mut candidates);
            let search = self.search(request, now_s, relaxed);
            if self.cheapest(&search, &candidates).is_some() {
                return reason;
            }
        }
        Reason::Wait
    }

    /// Requests that are planned and not on board yet, with their vehicle, by number.
    pub(super) fn open_requests(&self) -> Vec<(u32, u32)> {
        let mut open = Vec::new();
        for (number, vehicle) in self.vehicles.iter().enumerate() {
            let boards = vehicle
                .stops
                .iter()
                .filter(|stop| stop.latest_s.is_finite());
            open.extend(
                boards
                    .filter(|stop| stop.request != NONE)
                    .map(|stop| (stop.request, number as u32)),
            );
        }
        open.sort_unstable();
        open
    }

    /// The stop of a request where it boards.
    pub(super) fn boarding_of(&self, request: u32, vehicle: u32) -> Option<&Stop> {
        let stops = &self.vehicles[vehicle as usize].stops;
        stops.iter().find(|stop| stop.request == request)
    }

    /// Node of a place.
    pub(super) fn node(&self, place: PlaceId) -> u32 {
        self.service.times.node(place)
    }
}
