//! What a user can set for a water simulation: the `[flood]` table of a scenario.
//!
//! Positions are in the CRS of the city, times in seconds since the start, levels in m above datum (m NHN).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::city::LandCoverKind;

/// Water over the ground: heavy rain, inflows, storm surge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FloodParams {
    /// Cell size (m); 0.001 to 1000. With the cell size of the terrain raster the cells are those of the raster and nothing is resampled.
    #[schemars(range(min = 0.001, max = 1000))]
    pub cell_m: f64,
    /// Part of the city that is computed: [west, south, east, north] in the CRS of the city; default: all of the terrain. Its edge is a
    /// wall where no boundary opens it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<[f64; 4]>,
    /// Simulated time (s); 0.001 to 2678400 (31 days).
    #[schemars(range(min = 0.001, max = 2_678_400))]
    pub duration_s: f64,
    /// Equations: `full` for a result, `preview` for a quick look.
    pub solver: FloodSolver,
    /// Order of the full solver in space and time; 1 to 2. 1 for cities, 2 where the ground is smooth and the answer must be sharp.
    #[schemars(range(min = 1, max = 2))]
    pub order: u32,
    /// Precision of velocities and fluxes; depths and volumes are exact in both.
    pub precision: FloodPrecision,
    /// Time (s) between two updates of the largest values; 0 to 3600; 0 looks at every step.
    #[schemars(range(min = 0, max = 3600))]
    pub track_interval_s: f64,
    /// Time (s) between two states kept for the time slider, 0.001 to 2678400; default: 60 states, fewer on large grids.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.001, max = 2_678_400))]
    pub snapshot_interval_s: Option<f64>,
    /// Time (s) between two values at the gauges, 0.0001 to 86400; default: 720 values.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0001, max = 86_400))]
    pub gauge_interval_s: Option<f64>,
    /// How buildings stand in the water.
    pub buildings: BuildingMode,
    /// Where the rain on the roofs goes.
    pub roof_rain: RoofRain,
    /// Rain on the whole area; leave it out for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rain: Option<Rain>,
    /// Parts of the area with a rain of their own; of several on one place the last counts.
    #[serde(rename = "rain_zone", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub rain_zones: Vec<RainZone>,
    /// Raster file (ESRI ASCII or GeoTIFF) of factors on the rain, such as the shape of a rain cell; 1 beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rain_factor_file: Option<String>,
    /// Law by which water infiltrates the unsealed ground; its values are those of each class of ground.
    pub infiltration: InfiltrationLaw,
    /// Rain (mm/h) that the sewer network takes as long as water stands there, 0 to 500; 0 for none. Design storms of T = 2 a to 5 a are
    /// the usual capacity.
    #[schemars(range(min = 0, max = 500))]
    pub sewer_mm_per_h: f64,
    /// Where the sewer network takes water.
    pub sewer_area: SewerArea,
    /// Manning's n (s/m^(1/3)) where no land cover is known; 0 to 1. Frictionless with 0.
    #[schemars(range(min = 0, max = 1))]
    pub manning_n: f64,
    /// Raster file (ESRI ASCII or GeoTIFF) of Manning's n, which counts before the classes of ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manning_file: Option<String>,
    /// Values by class of ground where they shall differ from the table of the program.
    #[serde(skip_serializing_if = "GroundClasses::is_default")]
    pub ground: GroundClasses,
    /// Open edges of the area; all others are walls.
    #[serde(rename = "boundary", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub boundaries: Vec<FloodBoundary>,
    /// Discharges into the area: springs, brooks, burst pipes.
    #[serde(rename = "inflow", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub inflows: Vec<FloodInflow>,
    /// Street inlets with a hydraulic law of their own.
    #[serde(rename = "inlet", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100_000))]
    pub inlets: Vec<FloodInlet>,
    /// Culverts and underpasses.
    #[serde(rename = "culvert", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub culverts: Vec<FloodCulvert>,
    /// Water at the start; of several on one place the last counts.
    #[serde(rename = "water", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub water: Vec<InitialWater>,
    /// Places whose depth, level and speed are written over time.
    #[serde(rename = "gauge", skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 1000))]
    pub gauges: Vec<FloodGauge>,
}

impl Default for FloodParams {
    fn default() -> Self {
        Self {
            cell_m: 2.0,
            area: None,
            duration_s: 7200.0,
            solver: FloodSolver::default(),
            order: 1,
            precision: FloodPrecision::default(),
            track_interval_s: 1.0,
            snapshot_interval_s: None,
            gauge_interval_s: None,
            buildings: BuildingMode::default(),
            roof_rain: RoofRain::default(),
            rain: None,
            rain_zones: Vec::new(),
            rain_factor_file: None,
            infiltration: InfiltrationLaw::default(),
            sewer_mm_per_h: 0.0,
            sewer_area: SewerArea::default(),
            manning_n: 0.03,
            manning_file: None,
            ground: GroundClasses::default(),
            boundaries: Vec::new(),
            inflows: Vec::new(),
            inlets: Vec::new(),
            culverts: Vec::new(),
            water: Vec::new(),
            gauges: Vec::new(),
        }
    }
}

impl FloodParams {
    /// Files that the settings name, each with the path of its field below `flood`, counted from 1: `boundary[2].file`.
    pub fn files(&self) -> Vec<(String, &str)> {
        let mut files: Vec<(String, &String)> = Vec::new();
        let rain = self.rain.iter().flat_map(Rain::files);
        files.extend(rain.map(|(field, file)| (format!("rain.{field}"), file)));
        for (zone, number) in self.rain_zones.iter().zip(1..) {
            let named = zone.rain.files().into_iter();
            files.extend(named.map(|(f, file)| (format!("rain_zone[{number}].rain.{f}"), file)));
        }
        let single = [
            ("rain_factor_file", &self.rain_factor_file),
            ("manning_file", &self.manning_file),
        ];
        for (field, file) in single {
            files.extend(file.iter().map(|file| (field.to_owned(), file)));
        }
        let lists = [
            (
                "boundary",
                "file",
                self.boundaries.iter().map(FloodBoundary::file).collect(),
            ),
            (
                "inflow",
                "file",
                self.inflows
                    .iter()
                    .map(|x| x.file.as_ref())
                    .collect::<Vec<_>>(),
            ),
            (
                "water",
                "depth_file",
                self.water.iter().map(|x| x.depth_file.as_ref()).collect(),
            ),
        ];
        for (list, field, named) in lists {
            let numbered = named.into_iter().zip(1..);
            files.extend(
                numbered.filter_map(|(file, number)| {
                    Some((format!("{list}[{number}].{field}"), file?))
                }),
            );
        }
        let texts = files
            .into_iter()
            .map(|(field, file)| (field, file.as_str()));
        texts.collect()
    }
}

/// Equations of the solver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FloodSolver {
    /// Full shallow-water equations.
    #[default]
    Full,
    /// Local inertial equations without advection: a preview, wrong where water runs fast.
    Preview,
}

/// Precision of velocities and fluxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FloodPrecision {
    /// 32-bit velocities and fluxes.
    #[default]
    Single,
    /// 64-bit velocities and fluxes: about half as fast.
    Double,
}

/// How buildings stand in the water.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BuildingMode {
    /// Cells that a building covers by half or more are out of the domain; water flows around.
    #[default]
    Hole,
    /// Cells that a building covers by half or more are raised to its roof; water runs off the roof.
    Block,
    /// Cells keep the free share of their area and edges: for cells larger than about 4 m.
    Porous,
}

/// Where the rain on the roofs goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoofRain {
    /// To the ground around the building.
    #[default]
    Perimeter,
    /// Into the sewer at once: it never appears on the ground.
    Drain,
}

/// Where the sewer network takes water.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SewerArea {
    /// From all ground but open water.
    #[default]
    All,
    /// From the sealed share of the ground.
    Sealed,
}

/// Law of infiltration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InfiltrationLaw {
    /// No infiltration.
    #[default]
    None,
    /// Constant rate (`rate_mm_per_h` of each class).
    Constant,
    /// Green and Ampt 1911 (`conductivity_mm_per_h`, `suction_mm`, `deficit` of each class).
    GreenAmpt,
    /// SCS curve number (`curve_number` of each class).
    Scs,
}

/// Known design storms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RainPreset {
    /// Hamburg, intense: 29 mm in 1 h, T = 30 a.
    #[serde(rename = "HH-SRI5")]
    HhSri5,
    /// Hamburg, exceptional: 36 mm in 1 h, T = 100 a.
    #[serde(rename = "HH-SRI7")]
    HhSri7,
    /// Hamburg, extreme: 100 mm in 1 h.
    #[serde(rename = "HH-SRI12")]
    HhSri12,
    /// Observed on 10 May 2018 in Lohbrügge and Bergedorf: 127 mm in 1.5 h.
    #[serde(rename = "HH-2018-05-10")]
    Hh20180510,
    /// Hinweiskarte of the BKG, exceptional: 40 mm in 1 h (the upper end of 35 mm to 40 mm), Euler type II.
    #[serde(rename = "BKG-T100")]
    BkgT100,
    /// Hinweiskarte of the BKG, extreme: 100 mm in 1 h.
    #[serde(rename = "BKG-100")]
    Bkg100,
}

impl RainPreset {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::HhSri5,
        Self::HhSri7,
        Self::HhSri12,
        Self::Hh20180510,
        Self::BkgT100,
        Self::Bkg100,
    ];

    /// Name in the file, and in the list of [`super::rain::Preset`].
    pub fn name(self) -> &'static str {
        match self {
            Self::HhSri5 => "HH-SRI5",
            Self::HhSri7 => "HH-SRI7",
            Self::HhSri12 => "HH-SRI12",
            Self::Hh20180510 => "HH-2018-05-10",
            Self::BkgT100 => "BKG-T100",
            Self::Bkg100 => "BKG-100",
        }
    }
}

/// Shape of a series between its points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SeriesShape {
    /// Each value holds until the next time.
    #[default]
    Steps,
    /// Straight lines between the values.
    Linear,
}

/// A rain over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rain {
    /// A known design storm.
    Preset {
        /// Name of the storm.
        preset: RainPreset,
        /// Begin (s), 0 to 2678400.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = 0, max = 2_678_400))]
        start_s: f64,
    },
    /// The same intensity all the time. Give either `depth_mm` or `intensity_mm_per_h`.
    Block {
        /// Depth (mm) in all, 0 to 2000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 2000))]
        depth_mm: Option<f64>,
        /// Intensity (mm/h), 0 to 10000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 10_000))]
        intensity_mm_per_h: Option<f64>,
        /// Duration (s), 1 to 2678400.
        #[schemars(range(min = 1, max = 2_678_400))]
        duration_s: f64,
        /// Begin (s), 0 to 2678400.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = 0, max = 2_678_400))]
        start_s: f64,
    },
    /// Euler type II (DWA-A 118): the strongest part at 30 % of the duration. From a table of depths by duration and return period
    /// (KOSTRA-DWD), or from one depth with an assumed growth over the duration.
    Euler2 {
        /// Depth (mm) in all, 0 to 2000, with the growth over the duration of Reinhold 1940; instead of `files`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0, max = 2000))]
        depth_mm: Option<f64>,
        /// CSV files of depths (mm): one table with durations as rows and return periods as columns, or files of the weather service
        /// (KOSTRA-DWD), one per duration.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 100))]
        files: Vec<String>,
        /// Raster cell (INDEX_RC) in files of the weather service.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        index_rc: Option<u32>,
        /// Return period (a) in the table, 0.2 to 10000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0.2, max = 10_000))]
        return_period_a: Option<f64>,
        /// Duration (s), 300 to 2678400, a multiple of 300.
        #[schemars(range(min = 300, max = 2_678_400))]
        duration_s: f64,
        /// Begin (s), 0 to 2678400.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = 0, max = 2_678_400))]
        start_s: f64,
    },
    /// Intensities over time: either `series` or `file`.
    Series {
        /// Pairs of time (s) and intensity (mm/h), times rising.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 100_000))]
        series: Vec<[f64; 2]>,
        /// CSV file with the columns `time_s,value` (mm/h).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// What holds between two times.
        #[serde(default)]
        shape: SeriesShape,
        /// Begin (s), 0 to 2678400, added to all times.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[schemars(range(min = 0, max = 2_678_400))]
        start_s: f64,
    },
}

impl Rain {
    /// Files that it names, each with its field.
    fn files(&self) -> Vec<(String, &String)> {
        match self {
            Self::Euler2 { files, .. } => {
                let named = files.iter().enumerate();
                named
                    .map(|(i, f)| (format!("files[{}]", i + 1), f))
                    .collect()
            }
            Self::Series { file, .. } => file.iter().map(|f| ("file".to_owned(), f)).collect(),
            Self::Preset { .. } | Self::Block { .. } => Vec::new(),
        }
    }
}

/// A part of the area with a rain of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RainZone {
    /// Corners (easting, northing), at least 3, not repeated at the end.
    #[schemars(length(min = 3, max = 10_000))]
    pub area: Vec<[f64; 2]>,
    /// Rain there, instead of that of the whole area.
    pub rain: Rain,
}

/// Values by class of ground.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroundClasses {
    /// Carriageways and the lines of streets.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub street: GroundValues,
    /// Squares, yards, footways.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub paved: GroundValues,
    /// Grass, parks, gardens.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub green: GroundValues,
    /// Railway.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub railway: GroundValues,
    /// Beds of open water.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub water: GroundValues,
    /// Any other land cover.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub other: GroundValues,
    /// Ground without land cover.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub unknown: GroundValues,
    /// Roofs of buildings that stand as blocks.
    #[serde(skip_serializing_if = "GroundValues::is_default")]
    pub roof: GroundValues,
}

impl GroundClasses {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Overrides of one class.
    pub fn of(&self, class: GroundClass) -> &GroundValues {
        match class {
            GroundClass::Unknown => &self.unknown,
            GroundClass::Street => &self.street,
            GroundClass::Paved => &self.paved,
            GroundClass::Green => &self.green,
            GroundClass::Railway => &self.railway,
            GroundClass::Water => &self.water,
            GroundClass::Other => &self.other,
            GroundClass::Roof => &self.roof,
        }
    }
}

/// Values of one class that differ from the table of the program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroundValues {
    /// Manning's n (s/m^(1/3)), 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub manning_n: Option<f64>,
    /// Share of the area that is sealed, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1))]
    pub sealed: Option<f64>,
    /// Constant infiltration (mm/h) of the unsealed share, 0 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub rate_mm_per_h: Option<f64>,
    /// Saturated hydraulic conductivity (mm/h), 0 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub conductivity_mm_per_h: Option<f64>,
    /// Suction at the wetting front (mm), 0 to 2000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 2000))]
    pub suction_mm: Option<f64>,
    /// Share of the soil's volume that can still take water, 0 to 0.6.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 0.6))]
    pub deficit: Option<f64>,
    /// SCS curve number of the unsealed share, 1 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub curve_number: Option<f64>,
}

impl GroundValues {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Classes of ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroundClass {
    /// No land cover known.
    #[default]
    Unknown,
    /// Carriageway.
    Street,
    /// Squares, yards, footways.
    Paved,
    /// Grass, parks, gardens.
    Green,
    /// Railway.
    Railway,
    /// Bed of open water.
    Water,
    /// Any other land cover.
    Other,
    /// Roof of a building that stands as a block.
    Roof,
}

/// What a class is taken for where the scenario says nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroundProperties {
    /// Manning's n (s/m^(1/3)).
    pub manning_n: f64,
    /// Sealed share (0 to 1).
    pub sealed: f64,
    /// Constant infiltration of the unsealed share (mm/h).
    pub rate_mm_per_h: f64,
    /// Saturated hydraulic conductivity (mm/h).
    pub conductivity_mm_per_h: f64,
    /// Suction at the wetting front (mm).
    pub suction_mm: f64,
    /// Moisture deficit (-).
    pub deficit: f64,
    /// SCS curve number of the unsealed share.
    pub curve_number: f64,
}

impl GroundClass {
    /// All classes; the position is their number.
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Street,
        Self::Paved,
        Self::Green,
        Self::Railway,
        Self::Water,
        Self::Other,
        Self::Roof,
    ];

    /// Class of a land cover.
    pub fn of_cover(kind: LandCoverKind) -> Self {
        match kind {
            LandCoverKind::Water => Self::Water,
            LandCoverKind::Green => Self::Green,
            LandCoverKind::Paved => Self::Paved,
            LandCoverKind::Street => Self::Street,
            LandCoverKind::Railway => Self::Railway,
            LandCoverKind::Other => Self::Other,
        }
    }

    /// Table of the program.
    ///
    /// * Manning's n: Chow 1959, Open-Channel Hydraulics, table 5-6: rough asphalt 0.016; straight natural channel 0.030; flood
    ///   plains with scattered brush and weeds 0.050. Paved with joints 0.020, railway ballast 0.040, roofs 0.015, any other and
    ///   unknown ground 0.030: assumptions of this program.
    /// * Sealed shares: assumptions of this program; the ground between joints, in tree pits and gardens is not surveyed.
    /// * Green & Ampt: Rawls, Brakensiek & Miller 1983 (doi:10.1061/(ASCE)0733-9429(1983)109:1(62)): sandy loam 10.9 mm/h and 110 mm,
    ///   loam 3.4 mm/h and 89 mm, loamy sand 29.9 mm/h and 61 mm; green ground is taken for sandy loam, ballast for loamy sand,
    ///   other for loam; deficit 0.3, 0.35 and 0.25, assumed. The constant rate is the conductivity.
    /// * SCS: USDA TR-55 1986, table 2-2a, soil group B: open space in good condition 61, in poor condition 79; gravel 85.
    pub fn properties(self) -> GroundProperties {
        // (n, sealed, K in mm/h, suction in mm, deficit, CN)
        let (manning_n, sealed, k, suction_mm, deficit, curve_number) = match self {
            Self::Unknown => (0.03, 0.0, 3.4, 89.0, 0.25, 79.0),
            Self::Street => (0.016, 1.0, 3.4, 89.0, 0.25, 79.0),
            Self::Paved => (0.02, 0.8, 3.4, 89.0, 0.25, 79.0),
            Self::Green => (0.05, 0.05, 10.9, 110.0, 0.3, 61.0),
            Self::Railway => (0.04, 0.2, 29.9, 61.0, 0.35, 85.0),
            Self::Water => (0.03, 1.0, 0.0, 0.0, 0.0, 100.0),
            Self::Other => (0.03, 0.3, 3.4, 89.0, 0.25, 79.0),
            Self::Roof => (0.015, 1.0, 0.0, 0.0, 0.0, 100.0),
        };
        GroundProperties {
            manning_n,
            sealed,
            rate_mm_per_h: k,
            conductivity_mm_per_h: k,
            suction_mm,
            deficit,
            curve_number,
        }
    }
}

impl FloodParams {
    /// Values of a class: the table of the program with what the scenario says.
    pub fn ground_of(&self, class: GroundClass) -> GroundProperties {
        let mut table = class.properties();
        if class == GroundClass::Unknown {
            table.manning_n = self.manning_n;
        }
        let own = self.ground.of(class);
        let or = |own: Option<f64>, table: f64| own.unwrap_or(table);
        GroundProperties {
            manning_n: or(own.manning_n, table.manning_n),
            sealed: or(own.sealed, table.sealed),
            rate_mm_per_h: or(own.rate_mm_per_h, table.rate_mm_per_h),
            conductivity_mm_per_h: or(own.conductivity_mm_per_h, table.conductivity_mm_per_h),
            suction_mm: or(own.suction_mm, table.suction_mm),
            deficit: or(own.deficit, table.deficit),
            curve_number: or(own.curve_number, table.curve_number),
        }
    }
}

/// A side of the area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FloodSide {
    /// Western edge.
    West,
    /// Eastern edge.
    East,
    /// Southern edge.
    South,
    /// Northern edge.
    North,
    /// All four edges.
    All,
}

/// An open edge of the area. Give either `side`, or `line` along a part of the edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FloodBoundary {
    /// Water leaves freely and does not come back.
    Free {
        /// Name in the ledger.
        #[schemars(length(min = 1))]
        id: String,
        /// Side of the area.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<FloodSide>,
        /// Line (easting, northing) along the edge of the area, at least 2 points.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10_000))]
        line: Vec<[f64; 2]>,
    },
    /// Water leaves at the normal depth of a slope.
    NormalDepth {
        /// Name in the ledger.
        #[schemars(length(min = 1))]
        id: String,
        /// Side of the area.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<FloodSide>,
        /// Line (easting, northing) along the edge of the area, at least 2 points.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10_000))]
        line: Vec<[f64; 2]>,
        /// Slope (-) of the bed beyond the edge, 0.000001 to 1.
        #[schemars(range(min = 0.000_001, max = 1))]
        slope: f64,
    },
    /// Water level over time: `level_m`, `series` or `file`.
    Level {
        /// Name in the ledger.
        #[schemars(length(min = 1))]
        id: String,
        /// Side of the area.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<FloodSide>,
        /// Line (easting, northing) along the edge of the area, at least 2 points.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10_000))]
        line: Vec<[f64; 2]>,
        /// The same level (m above datum) all the time, -500 to 9000.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = -500, max = 9000))]
        level_m: Option<f64>,
        /// Pairs of time (s) and level (m above datum), times rising.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 100_000))]
        series: Vec<[f64; 2]>,
        /// CSV file of a gauge with the columns `time_s,value` (m above datum).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// The water connected to this edge stands at the first level when the run begins; false: the ground is dry.
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        filled: bool,
    },
    /// Idealised storm surge: a tide, and a surge that lifts its high water to the peak. Known peaks at the gauge Hamburg St. Pauli:
    /// 5.70 m NHN on 17 February 1962, 6.45 m NHN on 3 January 1976.
    Surge {
        /// Name in the ledger.
        #[schemars(length(min = 1))]
        id: String,
        /// Side of the area.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<FloodSide>,
        /// Line (easting, northing) along the edge of the area, at least 2 points.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10_000))]
        line: Vec<[f64; 2]>,
        /// Highest level (m above datum), 0 to 12.
        #[schemars(range(min = 0, max = 12))]
        peak_level_m: f64,
        /// Time of the highest level (s), 0 to 2678400.
        #[schemars(range(min = 0, max = 2_678_400))]
        peak_s: f64,
        /// Time (s) during which the surge lifts the tide, 3600 to 604800.
        #[serde(default = "surge_duration")]
        #[schemars(range(min = 3600, max = 604_800))]
        surge_duration_s: f64,
        /// High water of the tide alone (m above datum), -2 to 6. The default is about the mean high water at St. Pauli.
        #[serde(default = "high_water")]
        #[schemars(range(min = -2, max = 6))]
        high_water_m: f64,
        /// Low water of the tide alone (m above datum), -6 to 5. The default is about the mean low water at St. Pauli.
        #[serde(default = "low_water")]
        #[schemars(range(min = -6, max = 5))]
        low_water_m: f64,
        /// The water connected to this edge stands at the first level when the run begins; false: the ground is dry.
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        filled: bool,
    },
    /// Discharge over the edge into the area over time: `series` or `file`.
    Discharge {
        /// Name in the ledger.
        #[schemars(length(min = 1))]
        id: String,
        /// Side of the area.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<FloodSide>,
        /// Line (easting, northing) along the edge of the area, at least 2 points.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 10_000))]
        line: Vec<[f64; 2]>,
        /// Pairs of time (s) and discharge (m³/s, all of the edge), times rising.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schemars(length(max = 100_000))]
        series: Vec<[f64; 2]>,
        /// CSV file with the columns `time_s,value` (m³/s).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        file: Option<String>,
        /// Depth (m) of supercritical inflow, 0.0001 to 100; leave it out for subcritical inflow.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 0.0001, max = 100))]
        depth_m: Option<f64>,
    },
}

impl FloodBoundary {
    /// Name in results.
    pub fn id(&self) -> &str {
        match self {
            Self::Free { id, .. }
            | Self::NormalDepth { id, .. }
            | Self::Level { id, .. }
            | Self::Surge { id, .. }
            | Self::Discharge { id, .. } => id,
        }
    }

    /// Where it lies: a side, or a line along the edge.
    pub fn place(&self) -> (Option<FloodSide>, &[[f64; 2]]) {
        match self {
            Self::Free { side, line, .. }
            | Self::NormalDepth { side, line, .. }
            | Self::Level { side, line, .. }
            | Self::Surge { side, line, .. }
            | Self::Discharge { side, line, .. } => (*side, line),
        }
    }

    /// File that it names.
    pub fn file(&self) -> Option<&String> {
        match self {
            Self::Level { file, .. } | Self::Discharge { file, .. } => file.as_ref(),
            Self::Free { .. } | Self::NormalDepth { .. } | Self::Surge { .. } => None,
        }
    }
}

/// A discharge into the area. Give either `position` or `line`, and either `series` or `file`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloodInflow {
    /// Name in the ledger.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Place (easting, northing).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 2]>,
    /// Line (easting, northing) whose cells share the discharge, at least 2 points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub line: Vec<[f64; 2]>,
    /// Pairs of time (s) and discharge (m³/s, not negative), times rising.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100_000))]
    pub series: Vec<[f64; 2]>,
    /// CSV file with the columns `time_s,value` (m³/s).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A street inlet (grate).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloodInlet {
    /// Name in the ledger.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Place (easting, northing).
    pub position: [f64; 2],
    /// Wetted perimeter (m), 0.1 to 100.
    #[serde(default = "inlet_perimeter")]
    #[schemars(range(min = 0.1, max = 100))]
    pub perimeter_m: f64,
    /// Clear area (m²), 0.001 to 100.
    #[serde(default = "inlet_area")]
    #[schemars(range(min = 0.001, max = 100))]
    pub area_m2: f64,
    /// Largest discharge (m³/s) that the sewer below takes, 0 to 1000; default: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 1000))]
    pub capacity_m3_per_s: Option<f64>,
}

/// A culvert or underpass. Give either `diameter_m`, or `width_m` and `height_m`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloodCulvert {
    /// Name in the ledger.
    #[schemars(length(min = 1))]
    pub id: String,
    /// One end (easting, northing).
    pub from: [f64; 2],
    /// The other end (easting, northing).
    pub to: [f64; 2],
    /// Invert heights (m above datum) at both ends; default: the ground there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invert_m: Option<[f64; 2]>,
    /// Length (m), 0.1 to 10000; default: the distance of the ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.1, max = 10_000))]
    pub length_m: Option<f64>,
    /// Inner diameter of a pipe (m), 0.01 to 20.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 20))]
    pub diameter_m: Option<f64>,
    /// Clear width of a box (m), 0.01 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 100))]
    pub width_m: Option<f64>,
    /// Clear height of a box (m), 0.01 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 100))]
    pub height_m: Option<f64>,
    /// Manning's n of the walls (s/m^(1/3)), 0.001 to 1; concrete 0.013 (Chow 1959).
    #[serde(default = "concrete")]
    #[schemars(range(min = 0.001, max = 1))]
    pub manning_n: f64,
    /// Sum of the loss coefficients of entry and exit (-), 0 to 10; 0.5 and 1 are usual.
    #[serde(default = "culvert_losses")]
    #[schemars(range(min = 0, max = 10))]
    pub losses: f64,
}

/// Water at the start. Give `level_m`, or `depth_m`, or `depth_file`. With `area` it stands there, with `connected_to` in all cells
/// connected to that place below the level, without both everywhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InitialWater {
    /// Level (m above datum), -500 to 9000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -500, max = 9000))]
    pub level_m: Option<f64>,
    /// Depth (m), 0 to 512.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 512))]
    pub depth_m: Option<f64>,
    /// Raster file (ESRI ASCII or GeoTIFF) of depths (m); 0 beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth_file: Option<String>,
    /// Corners (easting, northing) of the part where it stands, at least 3, not repeated at the end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10_000))]
    pub area: Vec<[f64; 2]>,
    /// A place (easting, northing) in the water, for a pond or basin of this level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected_to: Option<[f64; 2]>,
    /// Velocity (m/s) to the east and to the north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub velocity_m_per_s: Option<[f64; 2]>,
}

/// A place whose water is written over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FloodGauge {
    /// Name in results.
    #[schemars(length(min = 1))]
    pub id: String,
    /// Place (easting, northing).
    pub position: [f64; 2],
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn yes() -> bool {
    true
}

fn is_yes(x: &bool) -> bool {
    *x
}

/// Two tides: the surges of 1962 and 1976 lifted the water for about a day.
fn surge_duration() -> f64 {
    86_400.0
}

/// About the mean high water at St. Pauli (m NHN).
fn high_water() -> f64 {
    2.1
}

/// About the mean low water at St. Pauli (m NHN).
fn low_water() -> f64 {
    -1.7
}

/// Perimeter (m) of a grate of 0.5 m x 0.5 m at a kerb: three sides.
fn inlet_perimeter() -> f64 {
    1.5
}

/// Clear area (m²) of a grate of 0.5 m x 0.5 m, half of it bars.
fn inlet_area() -> f64 {
    0.125
}

fn concrete() -> f64 {
    0.013
}

fn culvert_losses() -> f64 {
    1.5
}
