//! One run of traffic: a network, a demand, a seed; step by step, with a record of every trip at the end.

use super::demand::Demand;
use super::kernel::insert::Inserter;
use super::kernel::roads::Roads;
use super::kernel::state::World;
use super::kernel::step::{Counts, Traffic};
use super::kernel::team::Team;
use super::kernel::vehicle::Vehicle;
use super::network::Network;
use super::routing::Router;
use super::signals::controller::Controllers;
use super::signals::priority::{Priority, PriorityError, PriorityParams, StopArrivals};
use super::walkers::Walkers;

/// A run between two steps.
pub struct Run {
    /// Vehicles on the roads.
    pub traffic: Traffic,
    /// Signal controllers.
    pub controllers: Controllers,
    /// People on foot at the signals.
    pub walkers: Walkers,
    /// Priority for buses above the controllers.
    pub priority: Option<Priority>,
    /// Arrivals at stops so far; those of runs without priority are the source of a derived timetable.
    pub arrivals: StopArrivals,
    /// Begin (s) of the run on the clock of the demand.
    pub begin_s: f64,
    /// Records of ended trips, in the order of their ends.
    ended: Vec<TripRecord>,
    departed_s: Vec<f64>,
    seen_departures: usize,
    /// Calls at stops that have been noted.
    seen_calls: usize,
}

/// What became of a trip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripRecord {
    /// Number of the trip in the demand.
    pub trip: u32,
    /// How far it came.
    pub outcome: Outcome,
    /// Time between the planned and the real departure (s); for one not inserted up to the end of the run.
    pub depart_delay_s: f64,
    /// Departure (s); NaN when not inserted.
    pub depart_s: f64,
    /// Time on the way (s), up to the end of the run when unfinished.
    pub duration_s: f64,
    /// Way (m).
    pub way_m: f64,
    /// Time lost against the allowed speed (s), without dwell.
    pub time_loss_s: f64,
    /// Time below 0.1 m/s, without dwell (s).
    pub waiting_s: f64,
    /// Times it came to rest, without stops.
    pub halts: u32,
    /// CO2 (g).
    pub co2_g: f64,
    /// NOx (mg).
    pub nox_mg: f64,
}

/// How far a trip came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At its end.
    Arrived,
    /// On the way at the end of the run.
    Unfinished,
    /// Its time had come, but there was no room to depart.
    NotInserted,
    /// No way leads from its origin to its destination.
    NoRoute,
}

impl Run {
    /// Empty roads at the begin of a run; steps of `step_s` seconds.
    pub fn new(network: &Network, demand: &Demand, begin_s: f64, step_s: f64, seed: u64) -> Self {
        let roads = Roads::new(network);
        let router = Router::new(network, &roads);
        let mut world = World::new(roads, demand, step_s as f32, seed);
        world.begin_s = begin_s;
        let controllers = Controllers::new(network, &world, begin_s);
        let inserter = Inserter::new(router, network.edges.len());
        let trips = demand.trips.len();
        Self {
            traffic: Traffic::new(world, inserter),
            controllers,
            walkers: Walkers::default(),
            priority: None,
            arrivals: StopArrivals::default(),
            begin_s,
            ended: Vec::new(),
            departed_s: vec![f64::NAN; trips],
            seen_departures: 0,
            seen_calls: 0,
        }
    }

    /// Switches priority on from now on. `timetable` is what lateness is taken against where the demand has no times.
    pub fn give_priority(
        &mut self,
        network: &Network,
        params: PriorityParams,
        timetable: Option<StopArrivals>,
    ) -> Result<(), Vec<PriorityError>> {
        let world = &self.traffic.world;
        self.priority = Some(Priority::new(
            network,
            world,
            &self.controllers,
            params,
            timetable,
        )?);
        Ok(())
    }

    /// Lets `per_h` people per hour come to each crossing of people on foot.
    pub fn let_walk(&mut self, network: &Network, per_h: f64) {
        self.walkers = Walkers::new(network, &self.controllers, &self.traffic.world, per_h);
    }

    /// Time now (s on the clock of the demand).
    pub fn time_s(&self) -> f64 {
        self.traffic.time_s()
    }

    /// One step of signals and vehicles.
    pub fn step(&mut self) {
        let helpers = self.traffic.world.pieces.len() - 1;
        Team::gather(helpers, |team| self.step_with(team));
    }

    fn step_with(&mut self, team: &Team) {
        let now = self.time_s();
        if let Some(priority) = &mut self.priority {
            let bays = self.traffic.inserter.in_bays();
            priority.step(&self.traffic.world, bays, &mut self.controllers, now);
        }
        self.controllers.step(team, &mut self.traffic.world, now);
        self.walkers
            .step(&self.controllers, &mut self.traffic.world, now);
        self.traffic.step(team);
        for &(trip, time_s) in &self.traffic.inserter.departures[self.seen_departures..] {
            self.departed_s[trip as usize] = time_s;
        }
        self.seen_departures = self.traffic.inserter.departures.len();
        for arrival in std::mem::take(&mut self.traffic.arrivals) {
            let record = self.record(&arrival.vehicle, Outcome::Arrived, arrival.time_s);
            self.ended.push(record);
        }
        self.note_stops();
    }

    /// Notes who has reached a stop in this step.
    fn note_stops(&mut self) {
        let Traffic { world, calls, .. } = &self.traffic;
        for record in &calls[self.seen_calls..] {
            let (trip, call, time_s) = (record.trip, usize::from(record.call), record.arrival_s);
            self.arrivals.note(trip, call, time_s);
            if let Some(priority) = &mut self.priority {
                priority.note_arrival(&world.trips[trip as usize], trip, call, time_s);
            }
        }
        self.seen_calls = calls.len();
    }

    /// True when nobody is left to come or to arrive.
    pub fn is_over(&self) -> bool {
        let inserter = &self.traffic.inserter;
        inserter.left(&self.traffic.world) == 0
            && inserter.waiting() == 0
            && inserter.in_bays().is_empty()
            && self.traffic.world.count() == 0
    }

    /// What happened besides driving.
    pub fn counts(&self) -> Counts {
        self.traffic.counts
    }

    /// Records of ended trips so far, in the order of their ends.
    pub fn ended(&self) -> &[TripRecord] {
        &self.ended
    }

    /// Records of all trips whose time has come: the ended ones first, then those on the way, not inserted and without a route.
    pub fn records(&self) -> Vec<TripRecord> {
        let now = self.time_s();
        let mut records = self.ended.clone();
        let world = &self.traffic.world;
        records.extend(
            world
                .vehicles()
                .chain(self.traffic.inserter.in_bays())
                .map(|vehicle| self.record(vehicle, Outcome::Unfinished, now)),
        );
        let absent = |trip: u32, outcome: Outcome| TripRecord {
            trip,
            outcome,
            depart_delay_s: now - world.trips[trip as usize].depart_s,
            depart_s: f64::NAN,
            duration_s: 0.0,
            way_m: 0.0,
            time_loss_s: 0.0,
            waiting_s: 0.0,
            halts: 0,
            co2_g: 0.0,
            nox_mg: 0.0,
        };
        records.extend(
            self.traffic
                .inserter
                .waiting_trips()
                .map(|trip| absent(trip, Outcome::NotInserted)),
        );
        records.extend(
            self.traffic
                .inserter
                .unroutable
                .iter()
                .map(|&(trip, _)| absent(trip, Outcome::NoRoute)),
        );
        records
    }

    fn record(&self, vehicle: &Vehicle, outcome: Outcome, time_s: f64) -> TripRecord {
        let depart_s = self.departed_s[vehicle.trip as usize];
        TripRecord {
            trip: vehicle.trip,
            outcome,
            depart_delay_s: depart_s - self.traffic.world.trips[vehicle.trip as usize].depart_s,
            depart_s,
            duration_s: time_s - depart_s,
            way_m: f64::from(vehicle.way),
            time_loss_s: f64::from(vehicle.time_loss),
            waiting_s: f64::from(vehicle.waiting),
            halts: u32::from(vehicle.halts),
            co2_g: f64::from(vehicle.co2_g),
            nox_mg: f64::from(vehicle.nox_mg),
        }
    }
}
