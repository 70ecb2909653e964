//! What a user can set for traffic: the `[traffic]` table of a scenario, and the planned changes that variants list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Vehicles one by one on lanes, with signals and buses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficParams {
    /// Configuration of SUMO (`.sumocfg`) that names network, demand and additional files. Below the scenario's folder, or `data:PATH`.
    /// Give exactly one of `sumo`, `network` and `osm`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sumo: Option<String>,
    /// Network of SUMO (`.net.xml`, also as gzip), where there is no configuration; or `sample:hafenquartier`, the streets, signals and bus
    /// lines of the sample city, with a generated demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Streets of OpenStreetMap (`.osm` as XML, also as gzip), with a generated demand or with `demand`. Where signals stand is read, their
    /// programmes are guessed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub osm: Option<String>,
    /// Cars and lorries that depart in an hour, 0 to 100000, where the demand is generated (`osm` or the sample city, without `demand`);
    /// default: 1800. Nothing of that demand was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100_000))]
    pub vehicles_per_h: Option<f64>,
    /// Random numbers of a generated demand, 0 to 1000000; default: 1. All runs have the same demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub demand_seed: Option<u64>,
    /// People on foot who come to each crossing with a signal in an hour, 0 to 3000: an assumption, nobody counted them. Vehicles that turn let
    /// them over. Default: 100 where the demand is generated, else 0. Guessed signals have crossings over all arms, networks of SUMO those that
    /// their files give.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 3000))]
    pub walkers_per_h: Option<f64>,
    /// Route files of SUMO (`.rou.xml`) that go with `network` or `osm`. The edges of `osm` are `WAY#PART` along and `-WAY#PART` against a
    /// way, as in the table of streets of a result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub demand: Vec<String>,
    /// Additional files of SUMO (stops, signal programmes, types) that go with `network` or `demand`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub additional: Vec<String>,
    /// Begin (s on the clock of the demand), 0 to 604800; default: that of the configuration, or 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 604_800))]
    pub begin_s: Option<f64>,
    /// End (s on the clock of the demand), 1 to 604800; default: that of the configuration, or until the streets are empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 604_800))]
    pub end_s: Option<f64>,
    /// Time step (s), 0.1 to 2; default: that of the configuration, or 1. The models were compared with SUMO at 1 s.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 2))]
    pub step_s: Option<f64>,
    /// Runs with different random numbers, 1 to 100. Results are means over them; intervals need two at least.
    #[schemars(range(min = 1, max = 100))]
    pub seeds: u32,
    /// How vehicles follow each other.
    pub car_following: CarFollowingChoice,
    /// Time (s) after the begin that no result counts, 0 to 86400: the streets fill first.
    #[schemars(range(min = 0, max = 86_400))]
    pub warm_up_s: f64,
    /// Persons on board, an assumption that every result in person-hours names.
    pub occupancy: TrafficOccupancy,
    /// Beginning of the ids of public transport whose demand names no lines: in `routeFlow_bus109H.0` the line is 109 after the
    /// beginning `routeFlow_bus`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_prefix: Option<String>,
    /// Lines with settings of their own.
    #[serde(rename = "line", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub lines: Vec<TrafficLine>,
    /// A trip is reliable when it takes no more than this share (%) longer or shorter than the mean of its route, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub reliable_percent: f64,
    /// Line whose journeys are drawn over time and way; default: the one with most journeys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_line: Option<String>,
    /// Signal whose phases are drawn over time; default: the one that most journeys of the drawn line pass first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_signal: Option<String>,
    /// Cell size (m) of the maps of delay, 2 to 50.
    #[schemars(range(min = 2, max = 50))]
    pub cell_m: f64,
}

/// People on foot per hour and crossing where nothing is said: an own assumption, some two in a cycle.
const WALKERS_PER_H: f64 = 100.0;

/// How vehicles follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CarFollowingChoice {
    /// As the types of vehicles in the demand say.
    #[default]
    AsDelivered,
    /// Krauss 1998, as SUMO does by default.
    Krauss,
    /// Intelligent driver model (Treiber, Hennecke, Helbing 2000).
    Idm,
}

/// Persons on board by class of vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrafficOccupancy {
    /// Cars, 0 to 9.
    #[schemars(range(min = 0, max = 9))]
    pub car: f64,
    /// Lorries and vans, 0 to 9.
    #[schemars(range(min = 0, max = 9))]
    pub truck: f64,
    /// Buses of lines without an own number, 0 to 300.
    #[schemars(range(min = 0, max = 300))]
    pub bus: f64,
    /// All others, 0 to 300.
    #[schemars(range(min = 0, max = 300))]
    pub other: f64,
}

impl Default for TrafficOccupancy {
    fn default() -> Self {
        Self {
            car: 1.5,
            truck: 1.0,
            bus: 20.0,
            other: 1.0,
        }
    }
}

/// A line with settings of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrafficLine {
    /// Name of the line.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Persons on board (an assumption), 0 to 300; also what a bus of the line weighs when it asks for priority.
    #[schemars(range(min = 0, max = 300))]
    pub occupancy: f64,
}

impl Default for TrafficParams {
    fn default() -> Self {
        Self {
            sumo: None,
            network: None,
            osm: None,
            vehicles_per_h: None,
            demand_seed: None,
            walkers_per_h: None,
            demand: Vec::new(),
            additional: Vec::new(),
            begin_s: None,
            end_s: None,
            step_s: None,
            seeds: 10,
            car_following: CarFollowingChoice::default(),
            warm_up_s: 0.0,
            occupancy: TrafficOccupancy::default(),
            line_prefix: None,
            lines: Vec::new(),
            reliable_percent: 10.0,
            shown_line: None,
            shown_signal: None,
            cell_m: 5.0,
        }
    }
}

/// The value of `network` that names the sample city.
pub const SAMPLE_NETWORK: &str = "sample:hafenquartier";

impl TrafficParams {
    /// True when the network is that of the sample city.
    pub fn is_sample(&self) -> bool {
        self.network.as_deref() == Some(SAMPLE_NETWORK)
    }

    /// People on foot who come to each crossing in an hour.
    pub fn walkers_per_h(&self) -> f64 {
        let usual = if self.is_generated() {
            WALKERS_PER_H
        } else {
            0.0
        };
        self.walkers_per_h.unwrap_or(usual)
    }

    /// True when the demand is generated.
    pub fn is_generated(&self) -> bool {
        (self.is_sample() || self.osm.is_some()) && self.demand.is_empty()
    }

    /// Files that the settings name, each with the path of its field below `traffic`.
    pub fn files(&self) -> Vec<(String, &str)> {
        let mut files = Vec::new();
        let single = [
            ("sumo", &self.sumo),
            ("network", &self.network),
            ("osm", &self.osm),
        ];
        for (field, file) in single {
            files.extend(file.as_deref().map(|file| (field.to_owned(), file)));
        }
        let lists = [("demand", &self.demand), ("additional", &self.additional)];
        for (field, list) in lists {
            let numbered = list.iter().enumerate();
            files.extend(numbered.map(|(i, file)| (format!("{field}[{}]", i + 1), file.as_str())));
        }
        files
    }
}

/// A planned change of traffic, as a variant lists it.
#[derive(Clone, Debug, PartialEq)]
pub enum TrafficChange {
    /// Signals give way to buses.
    BusPriority(BusPriority),
    /// Streets are closed.
    StreetClosure(StreetClosure),
    /// A lane becomes one for buses.
    BusLane(BusLane),
    /// A signal gets another programme.
    SignalPlan(SignalPlan),
    /// A line runs more or less often.
    Headway(Headway),
}

/// Signals give way to buses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusPriority {
    /// Ids of the signals; default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub signals: Vec<String>,
    /// Lines that ask for priority; default: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub lines: Vec<String>,
    /// Only buses that are at least so late (s, -600 to 3600) get priority; default: all. Where the demand has no timetable, one is derived: the mean
    /// times to the stops of each route in runs without priority, which makes about half of the buses late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -600, max = 3600))]
    pub only_late_s: Option<f64>,
    /// How far (s) a green may go beyond its longest length, 0 to 60; default: 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 60))]
    pub beyond_s: Option<f64>,
    /// Seconds that a signal may give per cycle, 0 to 120; default: 40.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 120))]
    pub budget_s: Option<f64>,
    /// Cycles within which a stage gets back what it gave, 1 to 5; default: 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 5))]
    pub recovery_cycles: Option<f64>,
    /// Gain (person-seconds) that a measure must have over doing nothing, 0 to 1000; default: 15.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub least_gain_person_s: Option<f64>,
}

/// Closes streets to traffic. Vehicles that follow a given route get a way around.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StreetClosure {
    /// Ids of edges of the network, or names of streets (all their edges).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub streets: Vec<String>,
    /// Corners (easting, northing) of an area, not repeated at the end; every edge whose middle lies in it is closed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub area: Vec<[f64; 2]>,
    /// True when buses may still pass.
    #[serde(default, skip_serializing_if = "is_false")]
    pub buses_pass: bool,
}

/// Makes a lane one for buses (taxis, coaches and emergency vehicles have no place on it, except the last).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusLane {
    /// Id of the edge.
    #[schemars(length(min = 1))]
    pub edge: String,
    /// Lane, counted from the right, 0 to 15.
    #[schemars(range(min = 0, max = 15))]
    pub lane: u32,
}

/// Gives a signal another programme, which replaces the delivered ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalPlan {
    /// Id of the signal.
    #[schemars(length(min = 1))]
    pub signal: String,
    /// Whether lengths follow the traffic.
    #[serde(default)]
    pub control: PlanControl,
    /// Begin (s) of the first phase, -3600 to 3600.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = -3600, max = 3600))]
    pub offset_s: f64,
    /// Phases in order.
    #[serde(rename = "phase")]
    #[schemars(length(min = 1, max = 100))]
    pub phases: Vec<PlanPhase>,
}

/// Whether the lengths of phases follow the traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanControl {
    /// Fixed times.
    #[default]
    Fixed,
    /// Between least and longest time, as vehicles come (time gaps).
    Actuated,
}

/// A phase of a programme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPhase {
    /// Duration (s), 1 to 300.
    #[schemars(range(min = 1, max = 300))]
    pub duration_s: f64,
    /// Least duration (s), 1 to 300; default: the duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 300))]
    pub min_s: Option<f64>,
    /// Longest duration (s), 1 to 300; default: the duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 300))]
    pub max_s: Option<f64>,
    /// A letter for each place of the signal: `r` red, `u` red-amber, `y` amber, `g` green that yields, `G` green, `o` dark, `O` dark with
    /// right of way, `s` green arrow.
    #[schemars(length(min = 1))]
    pub state: String,
    /// Name of the phase.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// Lets a line run more or less often. Its journeys are made anew over the same period. Give either `headway_s` or `factor`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Headway {
    /// Name of the line.
    #[schemars(length(min = 1))]
    pub line: String,
    /// Time (s) between two journeys of a route, 30 to 7200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 30, max = 7200))]
    pub headway_s: Option<f64>,
    /// Factor on the time between two journeys, 0.1 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 10))]
    pub factor: Option<f64>,
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn is_false(x: &bool) -> bool {
    !*x
}
