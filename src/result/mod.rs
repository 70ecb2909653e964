//! Results: numbers with unit and place. The window, the report and the files show the same object.

pub mod animation;
pub mod compare;
pub mod field;
pub mod indicator;
pub mod legend;
pub mod movement;
pub mod passability;
pub mod story;
pub mod table;
pub mod wish;
pub mod write;

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::city::City;
use crate::finding::Finding;
use crate::scenario::Scenario;

pub use animation::{Animation, AnimationFrame};
pub use field::{Field, FieldData};
pub use indicator::{Basis, Indicator, Statistic, Values};
pub use movement::Movement;
pub use passability::{Passability, Vehicle};
pub use table::{Cell, Column, Table};
pub use write::{WriteError, make_files, stage_files, write_results};

/// Result of one simulation for one variant.
#[derive(Clone, Debug)]
pub struct SimulationResult {
    /// Registered name of the simulation, e.g. `sun`.
    pub simulation: &'static str,
    /// Coarse answers are labelled wherever they show.
    pub quality: Quality,
    /// Maps and point clouds of values.
    pub fields: Vec<Field>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Key figures.
    pub indicators: Vec<Indicator>,
    /// Remarks of the simulation.
    pub findings: Vec<Finding>,
    /// Files that it read besides the city.
    pub inputs: Vec<InputFile>,
    /// Facts of the method in reading order, as (text key, value): what the report prints under "method and limits".
    pub method: Vec<(&'static str, String)>,
    /// States over time, for simulations that have them.
    pub animation: Option<Arc<Animation>>,
    /// Vehicles and signals over time, for simulations that have them.
    pub movement: Option<Arc<Movement>>,
    /// Water on the streets over time, for simulations that have it; traffic reads it.
    pub passability: Option<Arc<Passability>>,
}

/// A file that a simulation read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InputFile {
    /// Path as written in the scenario.
    pub path: String,
    /// BLAKE3 of the file's bytes, hex.
    pub blake3: String,
}

/// How exact an answer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Quick answer with wider spacing and time step.
    Coarse,
    /// As the scenario asks.
    #[default]
    Exact,
}

/// Results of all simulations for one variant.
#[derive(Clone, Debug)]
pub struct VariantResult {
    /// Name; the baseline's is `baseline`.
    pub name: String,
    /// What is proposed.
    pub comment: Option<String>,
    /// The city with the edits applied.
    pub city: Arc<City>,
    /// One entry per simulation.
    pub simulations: Vec<Arc<SimulationResult>>,
}

impl VariantResult {
    /// Result of the simulation with this name.
    pub fn simulation(&self, name: &str) -> Option<&SimulationResult> {
        let mut all = self.simulations.iter();
        all.find(|s| s.simulation == name).map(|s| &**s)
    }
}

/// Everything one run gave; what `report` and `write` need.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The scenario as read.
    pub scenario: Arc<Scenario>,
    /// Path of the scenario file as given. It differs from place to place; results name [`RunResult::scenario_file`].
    pub scenario_path: String,
    /// BLAKE3 of the scenario file's bytes, hex.
    pub scenario_blake3: String,
    /// Baseline first, then the variants in order.
    pub variants: Vec<VariantResult>,
}

impl RunResult {
    /// Name of the scenario file without its folder: the same wherever the file is opened from.
    pub fn scenario_file(&self) -> String {
        Path::new(&self.scenario_path)
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }
}
