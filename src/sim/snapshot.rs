//! What the outside sees of the simulation world: an immutable picture, replaced as a whole.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::city::City;
use crate::result::{Quality, RunResult, SimulationResult, VariantResult};
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
    /// BLAKE3 of the opened file, hex; `None` once the scenario was edited.
    pub scenario_blake3: Option<String>,
    /// City per variant, baseline first. `None` while it is being made or when its edits fail.
    pub cities: Vec<Option<Arc<City>>>,
    /// Results per variant, baseline first: newest per simulation.
    pub results: Vec<Vec<ResultState>>,
    /// What runs now.
    pub job: Option<JobStatus>,
    /// Runs that wait for their turn.
    pub queued: usize,
    /// Commands taken in so far.
    pub commands: u64,
    /// Errors and notes, oldest first, each shown once by its number.
    pub messages: Vec<UserMessage>,
    /// Exit code of the command line for each error, by message number.
    pub exit_codes: Arc<BTreeMap<u64, u8>>,
}

impl Snapshot {
    /// Everything the report needs about these variants (0 = baseline), with their fresh results. `None` while a city or a
    /// scenario is missing.
    pub fn run_result(&self, variants: &[usize]) -> Option<RunResult> {
        let scenario = self.scenario.clone()?;
        let mut results = Vec::with_capacity(variants.len());
        for &i in variants {
            let proposed = match i {
                0 => None,
                _ => Some(scenario.variants.get(i - 1)?),
            };
            results.push(VariantResult {
                name: proposed.map_or_else(|| "baseline".to_owned(), |v| v.name.clone()),
                comment: proposed.and_then(|v| v.comment.clone()),
                city: self.cities.get(i)?.clone()?,
                simulations: self
                    .results
                    .get(i)?
                    .iter()
                    .filter(|state| !state.stale)
                    .map(|state| state.result.clone())
                    .collect(),
            });
        }
        let text = crate::scenario::scenario_text(None, &scenario);
        Some(RunResult {
            scenario_path: self
                .scenario_path
                .as_ref()
                .map_or_else(String::new, |p| p.display().to_string()),
            scenario_blake3: self
                .scenario_blake3
                .clone()
                .unwrap_or_else(|| blake3::hash(text.as_bytes()).to_hex().to_string()),
            scenario,
            variants: results,
        })
    }
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
