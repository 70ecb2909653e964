//! What the outside sees of the simulation world: an immutable picture, replaced as a whole.

use std::path::PathBuf;
use std::sync::Arc;

use crate::city::City;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;

/// State of the world at one moment. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Rises with every change.
    pub generation: u64,
    /// The scenario, once one is open.
    pub scenario: Option<Arc<Scenario>>,
    /// Where it came from.
    pub scenario_path: Option<PathBuf>,
    /// City per variant, baseline first. `None` while it is being made or when its edits fail.
    pub cities: Vec<Option<Arc<City>>>,
    /// Results per variant, baseline first: newest per simulation.
    pub results: Vec<Vec<ResultState>>,
    /// What runs now.
    pub job: Option<JobStatus>,
    /// Errors and notes, oldest first, each shown once by its number.
    pub messages: Vec<UserMessage>,
}

/// A result and whether it still belongs to the scenario.
#[derive(Clone, Debug)]
pub struct ResultState {
    /// Registered name of the simulation.
    pub simulation: &'static str,
    /// The result.
    pub result: Arc<SimulationResult>,
    /// City it was computed for.
    pub city: Arc<City>,
    /// True when the scenario changed since.
    pub stale: bool,
}

/// The running job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobStatus {
    /// Variant, baseline = 0.
    pub variant: usize,
    /// Registered name of the simulation, or `load` while a city is read.
    pub simulation: &'static str,
    /// Coarse or exact.
    pub quality: Quality,
    /// Text key of the phase.
    pub phase: &'static str,
    /// 0 to 1.
    pub fraction: f32,
}

/// Something to tell the user.
#[derive(Clone, Debug, PartialEq)]
pub struct UserMessage {
    /// Rises by one per message.
    pub number: u64,
    /// True for an error.
    pub error: bool,
    /// Sentence(s) for people, already complete.
    pub text: String,
}
