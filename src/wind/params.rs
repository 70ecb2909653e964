//! What a user can set for a wind study: the `[wind]` table of a scenario.
//!
//! Positions are in the CRS of the city, directions are those from which the wind comes, in degrees clockwise from north.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::input::COMPARED_M;

/// Mean wind that people on foot feel, and how comfortable it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WindParams {
    /// Cell size (m) along both axes of the plan; 0.001 to 50. 2 m for a verdict, 4 m for a preview of a quarter; a building of interest
    /// needs five cells along its width.
    #[schemars(range(min = 0.001, max = 50))]
    pub cell_m: f64,
    /// Tier of the method; 1 to 2. 1: zones around buildings, a second per direction. 2: steady RANS from there on, a minute per direction and
    /// million cells, for reports; coarse answers stay with tier 1.
    #[schemars(range(min = 1, max = 2))]
    pub tier: u32,
    /// Height (m) above ground of the wind on the maps; 0.001 to 50. Heads of people are at 1.75.
    #[schemars(range(min = 0.001, max = 50))]
    pub height_m: f64,
    /// Part of the city that gets values: [west, south, east, north] in the CRS of the city; default: the box of all buildings. Buildings
    /// around it count as far as the domain reaches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<[f64; 4]>,
    /// Wind directions that are computed for the comfort, equally spaced from north; 8 to 36. 8 give 92 %, 16 give 96 %, 32 give 99 % of the
    /// classes of 64 directions (Hågbo & Giljarhus 2022, doi:10.3389/fbuil.2022.858067).
    #[schemars(range(min = 8, max = 36))]
    pub directions: u32,
    /// Directions (degrees, from which the wind comes) with maps of their own, at most 36, 0 to 360; default: the most frequent one of the
    /// climate.
    #[schemars(length(max = 36), inner(range(min = 0, max = 360)))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub maps_from_deg: Vec<f64>,
    /// Lowest level (m above datum) of waters, -500 to 9000; terrain models often show the bed of tidal rivers, which the wind never meets.
    #[schemars(range(min = -500, max = 9000))]
    pub water_level_m: f64,
    /// Speed that maps of single directions show and NEN 8100 judges.
    pub statistic: WindStatistic,
    /// Wind that arrives at the edge of the domain.
    pub inflow: WindInflow,
    /// Wind climate for comfort and danger; leave it out for maps of single directions only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub climate: Option<WindClimate>,
    /// Trees of the city.
    pub trees: WindTrees,
    /// Areas with a use, judged by what people do there.
    #[serde(rename = "use", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub uses: Vec<WindUse>,
    /// CSV of places (`id,x,y,z`, CRS of the city, z in m above datum) whose wind is written to `wind_probes.csv`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probes: Option<String>,
}

/// A speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindStatistic {
    /// Mean of the speed, with the turbulence, as a cup anemometer shows it.
    #[default]
    MeanSpeed,
    /// Speed of the mean velocity: lower than the mean speed in wakes, where the direction changes.
    MeanVelocity,
    /// The larger of the mean speed and of a gust of three standard deviations by 1.85. The criteria of Lawson and of the City of London
    /// are always judged by it, NEN 8100 never.
    GustEquivalent,
}

/// What trees do to the wind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindTrees {
    /// Nothing: the cautious choice, as trees may go.
    #[default]
    Ignore,
    /// Bare crowns, 0.2 m² of branches per m³.
    Bare,
    /// Crowns in leaf, 1 m² of leaves per m³.
    InLeaf,
}

/// Wind over the height.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WindInflow {
    /// Logarithmic law of a roughness length.
    Log {
        /// Roughness length (m) of the land around the area; 0.00001 to 3. Grass 0.03, villages and parks 0.3, towns 0.5 to 1.
        #[schemars(range(min = 0.00001, max = 3))]
        z0_m: f64,
        /// Speed (m/s) at 10 m above ground that maps of single directions show; 0.1 to 60; default: 5.
        #[serde(default = "five")]
        #[schemars(range(min = 0.1, max = 60))]
        speed_mps: f64,
    },
    /// Power law.
    Power {
        /// Exponent; 0.05 to 0.6. Open land 0.16, towns 0.27 to 0.35.
        #[schemars(range(min = 0.05, max = 0.6))]
        alpha: f64,
        /// Height (m) of the speed; 0.001 to 1000.
        #[schemars(range(min = 0.001, max = 1000))]
        reference_m: f64,
        /// Speed (m/s) at that height; 0.1 to 60.
        #[schemars(range(min = 0.1, max = 60))]
        speed_mps: f64,
    },
    /// Measured profile.
    Table {
        /// CSV with the columns `z_m`, `speed_mps` and `k_m2_per_s2`, heights rising.
        file: String,
    },
}

impl WindInflow {
    /// Speed (m/s) of the approaching wind and the height (m) above ground that it holds for, where the settings name them.
    pub fn reference(&self) -> Option<[f64; 2]> {
        match *self {
            Self::Log { speed_mps, .. } => Some([speed_mps, COMPARED_M]),
            Self::Power {
                reference_m,
                speed_mps,
                ..
            } => Some([speed_mps, reference_m]),
            Self::Table { .. } => None,
        }
    }
}

fn five() -> f64 {
    5.0
}

/// Wind climate of a station.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindClimate {
    /// Hourly wind (EPW, test reference year or hourly measurements of the German weather service), or a table of a wind rose (CSV with
    /// `sector_centre_deg`, `frequency`, `weibull_k`, `weibull_c_mps`). Below the scenario's folder, or `data:PATH`.
    pub file: String,
    /// Roughness length (m) around the station; 0.00001 to 3; default: 0.05, an airport.
    #[serde(default = "airport")]
    #[schemars(range(min = 0.00001, max = 3))]
    pub station_z0_m: f64,
    /// Height (m) of the anemometer; 1 to 200; default: 10.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 200))]
    pub station_height_m: f64,
    /// Sectors into which hourly wind is sorted, 8 to 36; default: as many as fit the steps in which the file tells directions. A wind rose
    /// keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 8, max = 36))]
    pub sectors: Option<u32>,
}

fn airport() -> f64 {
    0.05
}

fn ten() -> f64 {
    10.0
}

/// An area with a use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WindUse {
    /// Name of the area.
    #[schemars(length(min = 1))]
    pub id: String,
    /// What people do there.
    pub activity: WindActivity,
    /// Corners (easting, northing), at least 3, not repeated at the end.
    #[schemars(length(min = 3, max = 10_000))]
    pub area: Vec<[f64; 2]>,
}

/// What people do at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindActivity {
    /// Sitting for long: cafés, benches, playgrounds.
    Sitting,
    /// Standing and strolling: entrances, stops, shop windows.
    Standing,
    /// Walking through.
    Walking,
}

impl Default for WindInflow {
    fn default() -> Self {
        Self::Log {
            z0_m: 0.5,
            speed_mps: five(),
        }
    }
}

impl Default for WindParams {
    fn default() -> Self {
        Self {
            cell_m: 2.0,
            tier: 1,
            height_m: 1.75,
            area: None,
            directions: 16,
            maps_from_deg: Vec::new(),
            water_level_m: 0.0,
            statistic: WindStatistic::default(),
            inflow: WindInflow::default(),
            climate: None,
            trees: WindTrees::default(),
            uses: Vec::new(),
            probes: None,
        }
    }
}

impl WindParams {
    /// Files that the settings name, each with the path of its field below `wind`.
    pub fn files(&self) -> Vec<(String, &str)> {
        let mut files = Vec::new();
        if let WindInflow::Table { file } = &self.inflow {
            files.push(("inflow.file".to_owned(), file.as_str()));
        }
        if let Some(climate) = &self.climate {
            files.push(("climate.file".to_owned(), climate.file.as_str()));
        }
        if let Some(probes) = &self.probes {
            files.push(("probes".to_owned(), probes.as_str()));
        }
        files
    }
}
