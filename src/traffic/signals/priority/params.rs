//! What a study sets about bus priority.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::traffic::demand::Trip;

/// Settings of bus priority.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PriorityParams {
    /// Ids of the signals with priority; empty: all. Default all.
    pub signals: Vec<String>,
    /// Lines with priority (where the demand names no line, the trip's id up to the last dot); empty: all. Default all.
    pub lines: Vec<String>,
    /// Classes with priority: `bus`, `coach`, `tram`, `emergency`. Default `bus`.
    pub classes: Vec<String>,
    /// Measures that signals may take. Default all.
    pub measures: Measures,
    /// Least lateness for priority (s, -600 to 3600); none: whether late or not. Default none.
    pub late_from_s: Option<f64>,
    /// Persons on board of a bus where its line has no entry (0 to 300). Default 25: an assumption, name it beside results.
    pub bus_occupancy: f64,
    /// Persons on board by line (0 to 300), assumptions too.
    pub line_occupancy: BTreeMap<String, f64>,
    /// Persons in any other vehicle (1 to 9). Default 1.3.
    pub car_occupancy: f64,
    /// Least number of persons on board for priority (0 to 250). Default 0.
    pub least_occupancy: f64,
    /// How far before the line a vehicle asks (m, 50 to 1000). Default 350.
    pub notice_m: f64,
    /// How long before leaving a stop before the signal a vehicle asks (s, 0 to 60). Default 15.
    pub leaves_within_s: f64,
    /// How far a green may go beyond its longest length (s, 0 to 60). Default 5: with 15 s the side streets of tavf-hamburg jam in single runs.
    pub beyond_s: f64,
    /// Seconds that a signal may give per cycle, refilled evenly over it (s, 0 to 120). Default 40.
    pub budget_s: f64,
    /// Cycles within which a stage gets back what it gave; until then it is not shortened again beyond `stage_debt_s` (1 to 5). Default 2.
    pub recovery_cycles: f64,
    /// Seconds that one stage may give before it has recovered (s, 0 to 120). Default 30.
    pub stage_debt_s: f64,
    /// Longest time that a stage may be passed over by insertion and rotation (s, 30 to 300). Default 120.
    pub longest_red_s: f64,
    /// Longest life of a request (s, 30 to 900). Default 240.
    pub presence_s: f64,
    /// Gain that a measure must have over doing nothing (person s, 0 to 1000). Default 15.
    pub least_gain_person_s: f64,
    /// Weight of persons in streets that are full of queuing vehicles (1 to 10). Default 3.
    pub full_street_factor: f64,
    /// How far the forecast looks (s, 30 to 180). Default 80.
    pub horizon_s: f64,
}

/// Which measures signals may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Measures {
    /// The bus's green lasts longer.
    pub extension: bool,
    /// The green of others ends sooner.
    pub early_green: bool,
    /// The bus's stage comes in between.
    pub insertion: bool,
    /// The bus's stage comes before others.
    pub rotation: bool,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            extension: true,
            early_green: true,
            insertion: true,
            rotation: true,
        }
    }
}

impl Default for PriorityParams {
    fn default() -> Self {
        Self {
            signals: Vec::new(),
            lines: Vec::new(),
            classes: vec!["bus".to_owned()],
            measures: Measures::default(),
            late_from_s: None,
            bus_occupancy: 25.0,
            line_occupancy: BTreeMap::new(),
            car_occupancy: 1.3,
            least_occupancy: 0.0,
            notice_m: 350.0,
            leaves_within_s: 15.0,
            beyond_s: 5.0,
            budget_s: 40.0,
            recovery_cycles: 2.0,
            stage_debt_s: 30.0,
            longest_red_s: 120.0,
            presence_s: 240.0,
            least_gain_person_s: 15.0,
            full_street_factor: 3.0,
            horizon_s: 80.0,
        }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PriorityError {
    /// A value outside its range.
    #[error("priority.{field} is {found}, expected {least} to {most}")]
    Range {
        /// Field.
        field: &'static str,
        /// Value.
        found: f64,
        /// Least value.
        least: f64,
        /// Largest value.
        most: f64,
    },
    /// A signal that is not there.
    #[error("priority.signals names `{id}`, which is no signal of the network")]
    UnknownSignal {
        /// Its id.
        id: String,
    },
    /// A class that cannot have priority.
    #[error("priority.classes names `{name}`, expected bus, coach, tram or emergency")]
    UnknownClass {
        /// Its name.
        name: String,
    },
}

impl PriorityParams {
    /// Faults of the settings for a network with these signals, all at once.
    pub fn check(&self, signals: &[String]) -> Result<(), Vec<PriorityError>> {
        let mut faults = Vec::new();
        let mut range = |field, found: f64, least: f64, most: f64| {
            if !(least..=most).contains(&found) {
                faults.push(PriorityError::Range {
                    field,
                    found,
                    least,
                    most,
                });
            }
        };
        range(
            "late_from_s",
            self.late_from_s.unwrap_or(0.0),
            -600.0,
            3600.0,
        );
        range("bus_occupancy", self.bus_occupancy, 0.0, 300.0);
        for &persons in self.line_occupancy.values() {
            range("line_occupancy", persons, 0.0, 300.0);
        }
        range("car_occupancy", self.car_occupancy, 1.0, 9.0);
        range("least_occupancy", self.least_occupancy, 0.0, 250.0);
        range("notice_m", self.notice_m, 50.0, 1000.0);
        range("leaves_within_s", self.leaves_within_s, 0.0, 60.0);
        range("beyond_s", self.beyond_s, 0.0, 60.0);
        range("budget_s", self.budget_s, 0.0, 120.0);
        range("recovery_cycles", self.recovery_cycles, 1.0, 5.0);
        range("stage_debt_s", self.stage_debt_s, 0.0, 120.0);
        range("longest_red_s", self.longest_red_s, 30.0, 300.0);
        range("presence_s", self.presence_s, 30.0, 900.0);
        range("least_gain_person_s", self.least_gain_person_s, 0.0, 1000.0);
        range("full_street_factor", self.full_street_factor, 1.0, 10.0);
        range("horizon_s", self.horizon_s, 30.0, 180.0);
        for id in &self.signals {
            if !signals.contains(id) {
                faults.push(PriorityError::UnknownSignal { id: id.clone() });
            }
        }
        for name in &self.classes {
            if super::class_named(name).is_none() {
                faults.push(PriorityError::UnknownClass { name: name.clone() });
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(faults)
        }
    }
}

/// When vehicles reach their stops: the timetable that lateness is taken against.
///
/// Where the data have none, it is derived from runs without priority ([`StopArrivals::by_route`]). [`StopArrivals::source`] names which, and results
/// must too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopArrivals {
    /// Where the times come from, in words.
    pub source: String,
    /// By trip: time of arrival at each call (s on the clock of the demand); none where it is unknown.
    pub by_trip: BTreeMap<u32, Vec<Option<f64>>>,
}

impl StopArrivals {
    /// A timetable as lines have it: the same times from departure to each stop for all journeys of a route (line, edges and stops), the means over
    /// journeys and runs. Journeys that were always held up are late then; with means by journey nobody ever would be.
    pub fn by_route(source: &str, runs: &[Self], trips: &[Trip]) -> Self {
        let mut routes: BTreeMap<(&str, &[u32], Vec<u32>), Vec<u32>> = BTreeMap::new();
        for (number, trip) in trips.iter().enumerate() {
            if !trip.calls.is_empty() {
                let stops = trip.calls.iter().map(|call| call.stop).collect();
                let route = (trip.line.as_str(), trip.edges.as_slice(), stops);
                routes.entry(route).or_default().push(number as u32);
            }
        }
        let mut by_trip = BTreeMap::new();
        for ((_, _, stops), journeys) in &routes {
            let mean = |call: usize| {
                let times = runs.iter().flat_map(|run| {
                    let from = |trip: u32| trips[trip as usize].depart_s;
                    let journeys = journeys.iter();
                    journeys.filter_map(move |&trip| Some(run.at(trip, call)? - from(trip)))
                });
                let (sum, count) =
                    times.fold((0.0, 0), |(sum, count): (f64, u32), s| (sum + s, count + 1));
                (count > 0).then(|| sum / f64::from(count))
            };
            let times: Vec<Option<f64>> = (0..stops.len()).map(mean).collect();
            for &trip in journeys {
                let depart_s = trips[trip as usize].depart_s;
                let times = times.iter().map(|time| Some(depart_s + (*time)?));
                by_trip.insert(trip, times.collect());
            }
        }
        Self {
            source: source.to_owned(),
            by_trip,
        }
    }

    /// Notes an arrival.
    pub fn note(&mut self, trip: u32, call: usize, time_s: f64) {
        let calls = self.by_trip.entry(trip).or_default();
        calls.resize(calls.len().max(call + 1), None);
        calls[call] = Some(time_s);
    }

    /// Arrival of a trip at a call (s).
    pub fn at(&self, trip: u32, call: usize) -> Option<f64> {
        self.by_trip.get(&trip)?.get(call).copied().flatten()
    }
}
