//! The scenario file as types. The doc comments are the help texts of `planspiel schema`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::AccessParams;
use crate::access::params::{
    ShuttleOffer, TransitChange, TransitHeadway, TransitLine, TransitRemove, TransitStop,
};
use crate::city::{LayerKind, UpAxis};
use crate::flood::FloodParams;
use crate::shuttle::params::{ShuttleParams, ShuttleService};
use crate::sun::SunParams;
use crate::traffic::params::{
    BusLane, BusPriority, Headway, SignalPlan, StreetClosure, TrafficChange, TrafficParams,
};
use crate::wind::WindParams;

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name, city and general settings.
    pub scenario: ScenarioHead,
    /// Settings and layers of the city, when it is more than one file.
    #[serde(default, skip_serializing_if = "CitySettings::is_default")]
    pub city: CitySettings,
    /// Place on Earth, where the CRS of the city must be overridden.
    #[serde(default, skip_serializing_if = "SiteSettings::is_default")]
    pub site: SiteSettings,
    /// Sun hours; leave the table out to skip the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sun: Option<SunParams>,
    /// Water from rain, inflows or a storm surge; leave the table out to skip the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flood: Option<FloodParams>,
    /// Mean wind and wind comfort; leave the table out to skip the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wind: Option<WindParams>,
    /// Traffic of single vehicles with signals and buses; leave the table out to skip the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traffic: Option<TrafficParams>,
    /// Who reaches an offer of mobility within a few minutes; leave the table out to skip the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<AccessParams>,
    /// Shuttles on demand; leave the table out to skip the simulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuttles: Option<ShuttleParams>,
    /// Variants; the baseline (no edits) always comes first and is not listed.
    #[serde(default, rename = "variant", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub variants: Vec<Variant>,
}

/// Name, city and general settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioHead {
    /// Version of the file format; 1.
    pub version: u32,
    /// Name for people.
    #[schemars(length(min = 1))]
    pub name: String,
    /// City file: a path below the scenario's folder, `data:PATH` below the data root, or `sample:hafenquartier`. City model,
    /// footprints, or a model in local metres (glTF, OBJ).
    /// Leave it out when `[[city.layer]]` lists the files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// What the scenario is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Language of the report: `de` or `en`.
    #[serde(default)]
    pub language: crate::text::Language,
    /// Seed of all random numbers.
    #[serde(default)]
    pub seed: u64,
}

/// Settings and layers of the city.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CitySettings {
    /// CRS of the files that declare none, e.g. `EPSG:25832`, or `local`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Axis that points up in a model in local metres: `y` or `z`; default: `y` for glTF, `z` for OBJ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_axis: Option<UpAxis>,
    /// Length (m) of one unit of a model (glTF, OBJ); 0.000001 to 1000; default: 1. Millimetres have 0.001.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.000001, max = 1000))]
    pub unit_m: Option<f64>,
    /// Files, one per layer.
    #[serde(default, rename = "layer", skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<LayerSettings>,
}

impl CitySettings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// One file of the city.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerSettings {
    /// What to take from the file.
    pub kind: LayerKind,
    /// Path below the scenario's folder, or `data:PATH` below the data root.
    pub path: String,
    /// CRS, overriding what the file declares, e.g. `EPSG:4326`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Height (m) assumed for footprints without a height; 2 to 300. Named as assumed wherever it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 2, max = 300))]
    pub assumed_height_m: Option<f64>,
    /// Who made the data, as it must be printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Licence of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Date of the data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// Place on Earth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteSettings {
    /// Latitude (degrees north, -90 to 90) for the whole model instead of the one its CRS gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -90, max = 90))]
    pub latitude_deg: Option<f64>,
    /// Longitude (degrees east, -180 to 180) for the whole model instead of the one its CRS gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -180, max = 180))]
    pub longitude_deg: Option<f64>,
    /// Angle (degrees, -180 to 180) from true north clockwise to grid north; default: the meridian convergence of the CRS.
    /// 0 takes grid north as true north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -180, max = 180))]
    pub grid_north_deg: Option<f64>,
    /// Civil time of days and clock times.
    #[serde(default)]
    pub time_zone: TimeZone,
}

impl SiteSettings {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Civil time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum TimeZone {
    /// CET/CEST with the switch of the European Union (last Sunday of March and October, 01:00 UTC).
    #[default]
    #[serde(rename = "Europe/Berlin")]
    EuropeBerlin,
    /// Coordinated universal time.
    #[serde(rename = "UTC")]
    Utc,
}

/// A named variant: an ordered list of edits of the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// Unique name; `baseline` is taken.
    #[schemars(length(min = 1))]
    pub name: String,
    /// What is proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Edits in order.
    #[serde(default, rename = "edit", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub edits: Vec<Edit>,
}

/// One change of the city. Positions are in the CRS of the city.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Edit {
    /// Adds a flat-roofed building.
    AddBuilding {
        /// New id.
        #[schemars(length(min = 1))]
        id: String,
        /// Corners (easting, northing), at least 3, not repeated at the end.
        #[schemars(length(min = 3, max = 10_000))]
        footprint: Vec<[f64; 2]>,
        /// Height (m) above its base; 1 to 600.
        #[schemars(range(min = 1, max = 600))]
        height_m: f64,
        /// Storeys above ground, 1 to 200; default: height divided by the storey height of the simulation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 200))]
        storeys: Option<u32>,
        /// Height of the base (m above datum), -500 to 9000; default: lowest terrain under the footprint.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -500, max = 9000))]
        base_height_m: Option<f64>,
        /// Turn (degrees clockwise) about the centre of the footprint.
        #[serde(default, skip_serializing_if = "is_zero")]
        rotation_deg: f64,
    },
    /// Places a glTF draft (Y up, metres); its origin comes to `position`.
    Place {
        /// New id.
        #[schemars(length(min = 1))]
        id: String,
        /// Path of the .glb or .gltf file, like the city's.
        draft: String,
        /// (easting, northing) of the draft's origin.
        position: [f64; 2],
        /// Height (m above datum) of the draft's origin, -500 to 9000; default: terrain at `position`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -500, max = 9000))]
        base_height_m: Option<f64>,
        /// Turn (degrees clockwise seen from above).
        #[serde(default, skip_serializing_if = "is_zero")]
        rotation_deg: f64,
        /// Factor on all lengths; 0.001 to 1000.
        #[serde(default = "one", skip_serializing_if = "is_one")]
        #[schemars(range(min = 0.001, max = 1000))]
        scale: f64,
    },
    /// Removes a building.
    Remove {
        /// Its id.
        building: String,
    },
    /// Changes the height of a building: everything above the eaves moves, walls stretch.
    SetHeight {
        /// Its id.
        building: String,
        /// New height (m) from ground to ridge; 1 to 600.
        #[schemars(range(min = 1, max = 600))]
        height_m: f64,
    },
    /// Moves, turns and raises a building of the city.
    Move {
        /// Its id.
        building: String,
        /// Metres (east, north).
        #[serde(default)]
        by: [f64; 2],
        /// Metres up, -1000 to 1000.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = -1000, max = 1000))]
        raise_m: f64,
        /// Turn (degrees clockwise) about the centre of its box.
        #[serde(default, skip_serializing_if = "is_zero")]
        rotation_deg: f64,
    },
    /// Plants a tree.
    AddTree {
        /// New id.
        #[schemars(length(min = 1))]
        id: String,
        /// (easting, northing) of the trunk.
        position: [f64; 2],
        /// Height (m); 1 to 60.
        #[schemars(range(min = 1, max = 60))]
        height_m: f64,
        /// Crown diameter (m); 0.5 to 40.
        #[schemars(range(min = 0.5, max = 40))]
        crown_diameter_m: f64,
    },
    /// Builds a flood wall, or sets up a mobile barrier. Give either `height_m` or `crest_level_m`.
    FloodWall {
        /// New id.
        #[schemars(length(min = 1))]
        id: String,
        /// Line (easting, northing), at least 2 points.
        #[schemars(length(min = 2, max = 10_000))]
        line: Vec<[f64; 2]>,
        /// Height (m) above the higher ground of both sides; 0.05 to 30.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0.05, max = 30))]
        height_m: Option<f64>,
        /// Level of the crest (m above datum), -500 to 9000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -500, max = 9000))]
        crest_level_m: Option<f64>,
        /// True for a barrier that is set up for the event only.
        #[serde(default, skip_serializing_if = "is_false")]
        mobile: bool,
    },
    /// Breaks a flood wall, or a dike in the terrain.
    Breach {
        /// New id.
        #[schemars(length(min = 1))]
        id: String,
        /// One place (easting, northing) on a flood wall, or a line across a dike from side to side.
        #[schemars(length(min = 1, max = 100))]
        line: Vec<[f64; 2]>,
        /// Width (m); 0.1 to 1000. On the grid at least one cell.
        #[schemars(range(min = 0.1, max = 1000))]
        width_m: f64,
        /// Level (m above datum) that is left, -500 to 9000; default for a wall: the ground beside it. A dike needs it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -500, max = 9000))]
        sill_level_m: Option<f64>,
        /// Begin (s since the start of the simulation), 0 to 2678400.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = 0, max = 2_678_400))]
        start_s: f64,
        /// Time (s) until the sill is reached, 0 to 2678400.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = 0, max = 2_678_400))]
        duration_s: f64,
    },
    /// Raises or lowers the terrain. Give either `level_m` or `by_m`.
    RaiseTerrain {
        /// New id.
        #[schemars(length(min = 1))]
        id: String,
        /// Corners (easting, northing), at least 3, not repeated at the end.
        #[schemars(length(min = 3, max = 10_000))]
        area: Vec<[f64; 2]>,
        /// New level (m above datum), -500 to 9000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -500, max = 9000))]
        level_m: Option<f64>,
        /// Metres up, or down with a minus sign; -100 to 100.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -100, max = 100))]
        by_m: Option<f64>,
    },
    /// Makes the roof of a building green: it holds the first part of the rain back.
    GreenRoof {
        /// Its id.
        building: String,
        /// Rain (mm) that stays on the roof; 1 to 200.
        #[schemars(range(min = 1, max = 200))]
        retention_mm: f64,
    },
    /// Gives buses priority at signals.
    BusPriority(BusPriority),
    /// Closes streets to traffic.
    StreetClosure(StreetClosure),
    /// Makes a lane one for buses.
    BusLane(BusLane),
    /// Gives a signal another programme.
    SignalPlan(SignalPlan),
    /// Lets a line run more or less often.
    Headway(Headway),
    /// Adds a line of public transport to the timetable.
    TransitLine(TransitLine),
    /// Gives a line of the timetable another headway.
    TransitHeadway(TransitHeadway),
    /// Adds a stop to a line of the timetable.
    TransitStop(TransitStop),
    /// Takes a line out of the timetable.
    TransitRemove(TransitRemove),
    /// Adds shuttles on demand as an offer.
    ShuttleOffer(ShuttleOffer),
    /// Changes the service of shuttles.
    ShuttleService(ShuttleService),
}

impl Edit {
    /// The change of traffic that the edit is, if it is one.
    pub fn traffic_change(&self) -> Option<TrafficChange> {
        Some(match self {
            Self::BusPriority(change) => TrafficChange::BusPriority(change.clone()),
            Self::StreetClosure(change) => TrafficChange::StreetClosure(change.clone()),
            Self::BusLane(change) => TrafficChange::BusLane(change.clone()),
            Self::SignalPlan(change) => TrafficChange::SignalPlan(change.clone()),
            Self::Headway(change) => TrafficChange::Headway(change.clone()),
            _ => return None,
        })
    }

    /// The change of public transport or shuttles that the edit is, if it is one.
    pub fn transit_change(&self) -> Option<TransitChange> {
        Some(match self {
            Self::TransitLine(change) => TransitChange::Line(change.clone()),
            Self::TransitHeadway(change) => TransitChange::Headway(change.clone()),
            Self::TransitStop(change) => TransitChange::Stop(change.clone()),
            Self::TransitRemove(change) => TransitChange::Remove(change.clone()),
            Self::ShuttleOffer(change) => TransitChange::Shuttle(change.clone()),
            _ => return None,
        })
    }
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn is_false(x: &bool) -> bool {
    !*x
}

fn is_one(x: &f64) -> bool {
    *x == 1.0
}

fn one() -> f64 {
    1.0
}
