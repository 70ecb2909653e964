//! What a run says about each group of vehicles.

use std::collections::BTreeMap;

use super::input::{GroupKind, TrafficInput};
use super::kernel::step::CallRecord;
use super::run::{Outcome, TripRecord};
use super::statistics::{mean, quantile};

/// A figure of a group.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Column of the tables.
    pub id: &'static str,
    /// Text key of the column.
    pub title: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Decimals to show.
    pub decimals: usize,
}

/// Number of figures.
pub const METRICS: usize = 20;

/// All figures, in the order of the values of a [`Score`]. Means are over arrived trips, totals over all whose time had come.
pub const METRIC: [Metric; METRICS] = [
    metric("trips", "column-traffic-trips", "", 1),
    metric("arrived", "column-traffic-arrived", "", 1),
    metric("unfinished", "column-traffic-unfinished", "", 1),
    metric("not_inserted", "column-traffic-not-inserted", "", 1),
    metric("no_route", "column-traffic-no-route", "", 1),
    metric("duration_s", "column-traffic-duration", "s", 1),
    metric("duration_median_s", "column-traffic-median", "s", 1),
    metric("duration_p90_s", "column-traffic-p90", "s", 1),
    metric("loss_s", "column-traffic-loss", "s", 1),
    metric("waiting_s", "column-traffic-waiting", "s", 1),
    metric("halts", "column-traffic-halts", "", 2),
    metric("speed_kmh", "column-traffic-speed", "km/h", 1),
    metric("reliable_percent", "column-traffic-reliable", "%", 1),
    metric(
        "headway_deviation_s",
        "column-traffic-headway-deviation",
        "s",
        1,
    ),
    metric("delay_s", "column-traffic-delay", "s", 1),
    metric("delay_h", "column-traffic-delay-h", "h", 2),
    metric("person_delay_h", "column-traffic-person-delay", "h", 1),
    metric("person_time_h", "column-traffic-person-time", "h", 1),
    metric("co2_kg", "column-traffic-co2", "kg", 1),
    metric("nox_g", "column-traffic-nox", "g", 1),
];

/// A figure by its column, text key, unit and decimals.
pub const fn metric(
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    decimals: usize,
) -> Metric {
    Metric {
        id,
        title,
        unit,
        decimals,
    }
}

/// Values of [`METRIC`]; NaN where a group has none.
pub type Score = [f64; METRICS];

/// Place of a figure in a [`Score`].
pub fn at(id: &str) -> usize {
    let found = METRIC.iter().position(|metric| metric.id == id);
    found.unwrap_or_else(|| panic!("`{id}` is no figure of traffic"))
}

/// What is summed up over the trips of a group.
#[derive(Clone, Default)]
struct Sums {
    outcomes: [f64; 5],
    durations: Vec<f64>,
    losses: Vec<f64>,
    waits: Vec<f64>,
    halts: Vec<f64>,
    way_m: f64,
    time_s: f64,
    reliable: Vec<f64>,
    headway_squares: Vec<f64>,
    delay_s: f64,
    person_delay_s: f64,
    person_time_s: f64,
    co2_g: f64,
    nox_mg: f64,
}

/// Scores of all groups of the input.
pub fn scores(
    input: &TrafficInput,
    records: &[TripRecord],
    calls: &[CallRecord],
    counted_from_s: f64,
    reliable_percent: f64,
) -> Vec<Score> {
    let mut sums = vec![Sums::default(); input.groups.len()];
    let trips = &input.demand.trips;
    let counts = |trip: u32| trips[trip as usize].depart_s >= counted_from_s;
    let buses = input.groups.iter().position(|g| g.kind == GroupKind::Bus);
    for record in records.iter().filter(|record| counts(record.trip)) {
        let (class, line) = input.members[record.trip as usize];
        let persons = input.persons[record.trip as usize];
        for group in [Some(0), Some(class), line].into_iter().flatten() {
            sums[group].add(record, persons);
        }
    }
    for (line, reliable) in reliability(input, records, counted_from_s, reliable_percent) {
        for group in [Some(line), buses].into_iter().flatten() {
            sums[group].reliable.push(f64::from(u8::from(reliable)));
        }
    }
    for (line, deviation_s) in headway_deviations(input, calls, counted_from_s) {
        for group in [Some(line), buses].into_iter().flatten() {
            sums[group].headway_squares.push(deviation_s * deviation_s);
        }
    }
    sums.iter_mut().map(Sums::score).collect()
}

impl Sums {
    fn add(&mut self, record: &TripRecord, persons: f64) {
        let outcome = match record.outcome {
            Outcome::Arrived => 1,
            Outcome::Unfinished => 2,
            Outcome::NotInserted => 3,
            Outcome::NoRoute => 4,
        };
        self.outcomes[0] += 1.0;
        self.outcomes[outcome] += 1.0;
        if record.outcome == Outcome::Arrived {
            self.durations.push(record.duration_s);
            self.losses.push(record.time_loss_s);
            self.waits.push(record.waiting_s);
            self.halts.push(f64::from(record.halts));
            self.way_m += record.way_m;
            self.time_s += record.duration_s;
        }
        // Who finds no way at all loses no time on the streets.
        if record.outcome != Outcome::NoRoute {
            let delay_s = record.time_loss_s + record.depart_delay_s;
            self.delay_s += delay_s;
            self.person_delay_s += persons * delay_s;
            self.person_time_s += persons * (record.duration_s + record.depart_delay_s);
        }
        self.co2_g += record.co2_g;
        self.nox_mg += record.nox_mg;
    }

    fn score(&mut self) -> Score {
        self.durations.sort_by(f64::total_cmp);
        [
            self.outcomes[0],
            self.outcomes[1],
            self.outcomes[2],
            self.outcomes[3],
            self.outcomes[4],
            mean(&self.durations),
            quantile(&self.durations, 0.5),
            quantile(&self.durations, 0.9),
            mean(&self.losses),
            mean(&self.waits),
            mean(&self.halts),
            3.6 * self.way_m / self.time_s,
            100.0 * mean(&self.reliable),
            mean(&self.headway_squares).sqrt(),
            self.delay_s / self.outcomes[0],
            self.delay_s / 3600.0,
            self.person_delay_s / 3600.0,
            self.person_time_s / 3600.0,
            self.co2_g / 1000.0,
            self.nox_mg / 1000.0,
        ]
    }
}

/// For each arrived journey of a line: its group, and whether it took about as long as the others on its route.
fn reliability(
    input: &TrafficInput,
    records: &[TripRecord],
    counted_from_s: f64,
    percent: f64,
) -> Vec<(usize, bool)> {
    let mut routes: BTreeMap<(usize, &[u32]), Vec<f64>> = BTreeMap::new();
    for record in records {
        let trip = &input.demand.trips[record.trip as usize];
        if let (_, Some(line)) = input.members[record.trip as usize]
            && record.outcome == Outcome::Arrived
            && trip.depart_s >= counted_from_s
        {
            let route = routes.entry((line, &trip.edges)).or_default();
            route.push(record.duration_s);
        }
    }
    let mut found = Vec::new();
    for ((line, _), durations) in routes {
        let usual = mean(&durations);
        // A single journey says nothing.
        if durations.len() > 1 {
            let near = |duration: &f64| (duration - usual).abs() <= 0.01 * percent * usual;
            found.extend(durations.iter().map(|duration| (line, near(duration))));
        }
    }
    found
}

/// For each two journeys of a route that follow each other, at each of their stops: the group of the line, and by how much (s) the time between
/// their arrivals differs from that between their planned departures.
fn headway_deviations(
    input: &TrafficInput,
    calls: &[CallRecord],
    counted_from_s: f64,
) -> Vec<(usize, f64)> {
    let mut stops: BTreeMap<(usize, &[u32], u32), Vec<[f64; 2]>> = BTreeMap::new();
    for call in calls {
        let trip = &input.demand.trips[call.trip as usize];
        if let (_, Some(line)) = input.members[call.trip as usize]
            && trip.depart_s >= counted_from_s
        {
            let stop = stops.entry((line, &trip.edges, call.stop)).or_default();
            stop.push([trip.depart_s, call.arrival_s]);
        }
    }
    let mut found = Vec::new();
    for ((line, ..), mut arrivals) in stops {
        arrivals.sort_by(|a, b| a[0].total_cmp(&b[0]));
        for pair in arrivals.windows(2) {
            let (planned_s, real_s) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
            found.push((line, real_s - planned_s));
        }
    }
    found
}
