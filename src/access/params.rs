//! What a user can set for access: the `[access]` table of a scenario, and the planned changes of public transport that variants list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::offers::OfferKind;
use super::promise::Rule;
use crate::transit::Mode;

/// Timetable that the program contains: the three bus lines of the sample city.
pub const SAMPLE_TIMETABLE: &str = "sample:hafenquartier";

/// Who reaches an offer of mobility within a few minutes, all day long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AccessParams {
    /// Timetable: a GTFS feed (folder or .zip) below the scenario's folder or `data:PATH`, or `sample:hafenquartier`, the bus lines of the
    /// sample city. Without one only the offers below and those of edits count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timetable: Option<String>,
    /// Day of the timetable, as `2026-12-01`; default: the first Tuesday to Thursday with most trips.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// How the limits count: walk and wait together (`total`), or each for itself (`separate`).
    pub rule: PromiseRule,
    /// Longest time (s) until an offer is boarded, walk and wait together, 30 to 3600; for `rule = "total"`.
    #[schemars(range(min = 30, max = 3600))]
    pub limit_s: f64,
    /// Longest walk (s), 30 to 3600; for `rule = "separate"`.
    #[schemars(range(min = 30, max = 3600))]
    pub walk_limit_s: f64,
    /// Longest wait (s) at the stop, 0 to 3600; for `rule = "separate"`.
    #[schemars(range(min = 0, max = 3600))]
    pub wait_limit_s: f64,
    /// Kinds of offers that count.
    #[schemars(length(min = 1, max = 5))]
    pub offers: Vec<OfferChoice>,
    /// Begin of the hours in which the promise must hold (s of the day), 0 to 86400.
    #[schemars(range(min = 0, max = 86_400))]
    pub begin_s: f64,
    /// End of these hours (s of the day), 60 to 86400. The timetable is that of one day; its night lies before its morning.
    #[schemars(range(min = 60, max = 86_400))]
    pub end_s: f64,
    /// Length (s) of a slice of the hours, 10 to 3600: each counts by its middle.
    #[schemars(range(min = 10, max = 3600))]
    pub slice_s: f64,
    /// Walking speed (m/s), 0.3 to 2.5.
    #[schemars(range(min = 0.3, max = 2.5))]
    pub walk_m_s: f64,
    /// Ways on foot: along the streets of the city, or in straight lines.
    pub ways: Ways,
    /// Way per length of a straight line, 1 to 3; not for `ways = "streets"`.
    #[schemars(range(min = 1, max = 3))]
    pub detour: f64,
    /// Longest way (m) from a door or stop to a street, 5 to 1000. It counts as walk.
    #[schemars(range(min = 5, max = 1000))]
    pub snap_m: f64,
    /// Edge of the cells (m) of the maps, 5 to 500.
    #[schemars(range(min = 5, max = 500))]
    pub cell_m: f64,
    /// Walk (s) within which schools, day care and parks are counted as reached, 60 to 3600.
    #[schemars(range(min = 60, max = 3600))]
    pub amenity_walk_s: f64,
    /// Least area (m²) of a green area that is a park, 100 to 1000000.
    #[schemars(range(min = 100, max = 1_000_000))]
    pub park_m2: f64,
    /// Polygons (GeoJSON) for which the shares are told too, such as districts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub districts: Option<String>,
    /// Property of these polygons with their name.
    pub district_name: String,
    /// A place from which travel times are mapped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Where the scenario simulates shuttles (`[shuttles]`): they count with the wait (s) that so many (%) of all requests do not pass, 50 to 99;
    /// who is turned away waits for ever.
    #[schemars(range(min = 50, max = 99))]
    pub shuttle_wait_percent: f64,
    /// Shuttles on demand that are there already.
    #[serde(rename = "shuttle", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub shuttles: Vec<ShuttleOffer>,
    /// Stations of shared bicycles and cars.
    #[serde(rename = "sharing", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100_000))]
    pub sharing: Vec<SharingStation>,
}

impl Default for AccessParams {
    fn default() -> Self {
        Self {
            timetable: None,
            date: None,
            rule: PromiseRule::Total,
            limit_s: 300.0,
            walk_limit_s: 300.0,
            wait_limit_s: 300.0,
            offers: OfferChoice::ALL.to_vec(),
            begin_s: 6.0 * 3_600.0,
            end_s: 22.0 * 3_600.0,
            slice_s: 60.0,
            walk_m_s: 1.33,
            ways: Ways::Streets,
            detour: 1.0,
            snap_m: 150.0,
            cell_m: 20.0,
            amenity_walk_s: 600.0,
            park_m2: 5_000.0,
            districts: None,
            district_name: "name".to_owned(),
            origin: None,
            shuttle_wait_percent: 90.0,
            shuttles: Vec::new(),
            sharing: Vec::new(),
        }
    }
}

impl AccessParams {
    /// The rule with its limits.
    pub fn promise_rule(&self) -> Rule {
        match self.rule {
            PromiseRule::Total => Rule::Total {
                limit_s: self.limit_s,
            },
            PromiseRule::Separate => Rule::Separate {
                walk_s: self.walk_limit_s,
                wait_s: self.wait_limit_s,
            },
        }
    }

    /// True when a kind of offer counts.
    pub fn counts(&self, kind: OfferKind) -> bool {
        self.offers.iter().any(|choice| choice.kind() == kind)
    }
}

/// How the limits of the promise count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromiseRule {
    /// Walk and wait together.
    #[default]
    Total,
    /// The walk for itself and the wait for itself.
    Separate,
}

/// Kinds of offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferChoice {
    /// Buses.
    Bus,
    /// Trams, underground, suburban and other rail.
    Rail,
    /// Ferries, cable cars.
    Ferry,
    /// Shuttles on demand.
    Shuttle,
    /// Shared bicycles and cars.
    Sharing,
}

impl OfferChoice {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Bus,
        Self::Rail,
        Self::Ferry,
        Self::Shuttle,
        Self::Sharing,
    ];

    /// The same for the engine.
    pub fn kind(self) -> OfferKind {
        match self {
            Self::Bus => OfferKind::Bus,
            Self::Rail => OfferKind::Rail,
            Self::Ferry => OfferKind::Ferry,
            Self::Shuttle => OfferKind::Shuttle,
            Self::Sharing => OfferKind::Sharing,
        }
    }
}

/// Ways on foot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ways {
    /// Along the streets of the city.
    #[default]
    Streets,
    /// In straight lines.
    Straight,
    /// East-west and north-south only.
    Manhattan,
}

/// A place from which travel times are mapped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Name for people.
    pub name: String,
    /// (easting, northing) in the CRS of the city.
    pub position: [f64; 2],
    /// When one leaves (s of the day), 0 to 86400; default: 08:00.
    #[serde(default = "eight")]
    #[schemars(range(min = 0, max = 86_400))]
    pub leave_s: f64,
    /// Longest journey (s) on the map, 300 to 14400.
    #[serde(default = "hour")]
    #[schemars(range(min = 300, max = 14_400))]
    pub limit_s: f64,
    /// Longest walk (s) to the first and from the last stop, 60 to 3600.
    #[serde(default = "quarter")]
    #[schemars(range(min = 60, max = 3600))]
    pub walk_limit_s: f64,
    /// Time (s) that a change takes beside the walk, 0 to 1800.
    #[serde(default = "minute")]
    #[schemars(range(min = 0, max = 1800))]
    pub change_s: f64,
    /// Rides at most, 1 to 10.
    #[serde(default = "four")]
    #[schemars(range(min = 1, max = 10))]
    pub rides: u32,
}

fn eight() -> f64 {
    28_800.0
}

fn hour() -> f64 {
    3_600.0
}

fn quarter() -> f64 {
    900.0
}

fn minute() -> f64 {
    60.0
}

fn four() -> u32 {
    4
}

/// Shuttles on demand: at stops, or at every door of an area. Give `stops`, `area`, or both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShuttleOffer {
    /// Name for people.
    #[schemars(length(min = 1))]
    pub name: String,
    /// Stops (easting, northing).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100_000))]
    pub stops: Vec<[f64; 2]>,
    /// Corners (easting, northing) of an area in which they come to the door.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub area: Vec<[f64; 2]>,
    /// Wait (s) after the wish, 0 to 3600: an assumption, or the mean of a simulation of the service.
    #[schemars(range(min = 0, max = 3600))]
    pub wait_s: f64,
    /// Begin of the service (s of the day), 0 to 86400.
    #[serde(default)]
    #[schemars(range(min = 0, max = 86_400))]
    pub begin_s: f64,
    /// End of the service (s of the day), 60 to 129600; default: the end of the day.
    #[serde(default = "day")]
    #[schemars(range(min = 60, max = 129_600))]
    pub end_s: f64,
}

fn day() -> f64 {
    86_400.0
}

/// A station of shared bicycles or cars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharingStation {
    /// Name for people.
    #[schemars(length(min = 1))]
    pub name: String,
    /// (easting, northing).
    pub position: [f64; 2],
    /// Time (s) to take a vehicle, 0 to 3600; that there is one is assumed.
    #[serde(default = "minute")]
    #[schemars(range(min = 0, max = 3600))]
    pub wait_s: f64,
}

/// A planned change of public transport or shuttles.
#[derive(Clone, Debug, PartialEq)]
pub enum TransitChange {
    /// A line that is not there yet.
    Line(TransitLine),
    /// Another headway.
    Headway(TransitHeadway),
    /// A stop more on a line.
    Stop(TransitStop),
    /// A line taken out.
    Remove(TransitRemove),
    /// Shuttles on demand.
    Shuttle(ShuttleOffer),
}

/// A new line of public transport.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitLine {
    /// Name, e.g. `U5`.
    #[schemars(length(min = 1))]
    pub line: String,
    /// Kind of vehicle.
    pub mode: TransitMode,
    /// Stops in driving order.
    #[serde(rename = "stop")]
    #[schemars(length(min = 2, max = 1000))]
    pub stops: Vec<TransitLineStop>,
    /// Time (s) between two vehicles, 30 to 7200.
    #[schemars(range(min = 30, max = 7200))]
    pub headway_s: f64,
    /// First departure from the ends (s of the day), 0 to 86400.
    #[serde(default = "five")]
    #[schemars(range(min = 0, max = 86_400))]
    pub begin_s: f64,
    /// Last departure from the ends (s of the day), 60 to 129600.
    #[serde(default = "midnight")]
    #[schemars(range(min = 60, max = 129_600))]
    pub end_s: f64,
    /// Time (s) at each stop on the way, 0 to 600.
    #[serde(default = "twenty")]
    #[schemars(range(min = 0, max = 600))]
    pub dwell_s: f64,
    /// Runs one way only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_way: bool,
}

fn five() -> f64 {
    18_000.0
}

fn midnight() -> f64 {
    86_400.0
}

fn twenty() -> f64 {
    20.0
}

/// A stop of a new line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitLineStop {
    /// Name of the stop.
    #[schemars(length(min = 1))]
    pub name: String,
    /// (easting, northing).
    pub position: [f64; 2],
    /// Driving time (s) from the stop before, 1 to 36000; not for the first stop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 36_000))]
    pub run_s: Option<f64>,
}

/// Kinds of vehicles of a new line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransitMode {
    /// Bus.
    Bus,
    /// Tram.
    Tram,
    /// Underground.
    Metro,
    /// Suburban rail.
    Rail,
    /// Ferry.
    Ferry,
}

impl TransitMode {
    /// The same for the engine.
    pub fn mode(self) -> Mode {
        match self {
            Self::Bus => Mode::Bus,
            Self::Tram => Mode::Tram,
            Self::Metro => Mode::Metro,
            Self::Rail => Mode::Rail,
            Self::Ferry => Mode::Ferry,
        }
    }
}

/// Another headway on a line of the timetable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitHeadway {
    /// Name or id of the line.
    #[schemars(length(min = 1))]
    pub line: String,
    /// Time (s) between two vehicles in each direction, 30 to 7200.
    #[schemars(range(min = 30, max = 7200))]
    pub headway_s: f64,
    /// Begin of the hours (s of the day) whose departures are replaced, 0 to 86400; default: the whole day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 86_400))]
    pub begin_s: Option<f64>,
    /// End of these hours (s of the day), 60 to 129600; default: the whole day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 60, max = 129_600))]
    pub end_s: Option<f64>,
}

/// A stop more on a line of the timetable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitStop {
    /// Name or id of the line.
    #[schemars(length(min = 1))]
    pub line: String,
    /// Name of the stop.
    #[schemars(length(min = 1))]
    pub name: String,
    /// (easting, northing).
    pub position: [f64; 2],
    /// Time (s) that it costs the vehicles, 0 to 600.
    #[serde(default = "thirty")]
    #[schemars(range(min = 0, max = 600))]
    pub costs_s: f64,
}

fn thirty() -> f64 {
    30.0
}

/// A line taken out of the timetable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitRemove {
    /// Name or id of the line.
    #[schemars(length(min = 1))]
    pub line: String,
}
