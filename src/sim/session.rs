//! What the world knows: the scenario, the city of each variant, the results, the queue.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::Resource;

use crate::city::City;
use crate::city::sources::Roots;
use crate::result::{Quality, SimulationResult};
use crate::scenario::{DraftCache, Edit, Scenario, apply_edits, check_scenario};

use super::error::SimError;
use super::registry::Entry;
use super::snapshot::{ResultState, UserMessage};

/// State of the world. One resource, because a scenario, its cities and its results only make sense together.
#[derive(Debug, Resource)]
pub(super) struct Session {
    registry: &'static [Entry],
    pub(super) scenario: Option<Arc<Scenario>>,
    pub(super) path: Option<PathBuf>,
    pub(super) blake3: Option<String>,
    pub(super) roots: Roots,
    pub(super) data: Option<PathBuf>,
    pub(super) baseline: Option<Arc<City>>,
    /// Rises with every city that was loaded: results of an older one are stale.
    pub(super) load: u64,
    pub(super) variants: Vec<VariantState>,
    pub(super) drafts: Arc<DraftCache>,
    pub(super) queue: VecDeque<Request>,
    pub(super) messages: Vec<UserMessage>,
    pub(super) exit_codes: BTreeMap<u64, u8>,
    next_message: u64,
    /// Commands taken in so far.
    pub(super) commands: u64,
    /// Something the outside can see has changed.
    pub(super) changed: bool,
    pub(super) shutdown: bool,
}

/// One variant, baseline first.
#[derive(Debug, Default)]
pub(super) struct VariantState {
    name: String,
    edits: Vec<Edit>,
    pub(super) city: Option<Arc<City>>,
    pub(super) records: Vec<Record>,
}

/// A result and what it was computed from.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) result: Arc<SimulationResult>,
    pub(super) origin: Origin,
}

/// What a run is computed from.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) baseline: Arc<City>,
    pub(super) city: Arc<City>,
    pub(super) scenario: Arc<Scenario>,
    edits: Vec<Edit>,
    /// Keys of new buildings follow the position of their variant.
    variant: usize,
    pub(super) load: u64,
}

/// A run that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) variant: usize,
    pub(super) simulation: &'static str,
    pub(super) quality: Quality,
}

/// Messages that are kept; older ones were seen long ago.
const MOST_MESSAGES: usize = 200;

impl Session {
    pub(super) fn new(data: Option<PathBuf>, registry: &'static [Entry]) -> Self {
        Self {
            registry,
            scenario: None,
            path: None,
            blake3: None,
            roots: Roots {
                folder: PathBuf::new(),
                data: data.clone(),
            },
            data,
            baseline: None,
            load: 0,
            variants: Vec::new(),
            drafts: Arc::default(),
            queue: VecDeque::new(),
            messages: Vec::new(),
            exit_codes: BTreeMap::new(),
            next_message: 1,
            commands: 0,
            changed: true,
            shutdown: false,
        }
    }

    /// The simulation with this name.
    pub(super) fn simulation(&self, name: &str) -> Option<&'static Entry> {
        self.registry.iter().find(|s| s.name == name)
    }

    /// Tells the user about an error; a cancel is no error.
    pub(super) fn report(&mut self, error: &SimError) {
        if !matches!(error, SimError::Cancelled(_)) {
            self.exit_codes.insert(self.next_message, error.exit_code());
            self.message(true, error.to_string());
        }
    }

    fn message(&mut self, error: bool, text: String) {
        self.messages.push(UserMessage {
            number: self.next_message,
            error,
            text,
        });
        self.next_message += 1;
        if self.messages.len() > MOST_MESSAGES {
            self.messages.remove(0);
        }
        self.changed = true;
    }

    /// Takes over a freshly loaded city.
    pub(super) fn take_city(
        &mut self,
        scenario: Arc<Scenario>,
        baseline: Arc<City>,
        keep_results: bool,
    ) {
        self.load += 1;
        let mut old = std::mem::take(&mut self.variants);
        if !keep_results {
            old.clear();
        }
        self.baseline = Some(baseline);
        self.scenario = Some(scenario);
        self.rebuild(old);
    }

    /// Takes over an edited scenario. `false` when the city itself must be loaded anew.
    pub(super) fn take_scenario(&mut self, scenario: Arc<Scenario>) -> bool {
        self.changed = true;
        self.blake3 = None;
        let same_city = self.scenario.as_ref().is_some_and(|old| {
            old.scenario.city == scenario.scenario.city && old.city == scenario.city
        });
        let file = self.file_name();
        let faults = check_scenario(&scenario, &file, &self.roots);
        if !faults.is_empty() {
            self.report(&crate::scenario::ScenarioError::Invalid(faults).into());
        }
        self.scenario = Some(scenario);
        if !same_city || self.baseline.is_none() {
            return false;
        }
        let old = std::mem::take(&mut self.variants);
        self.rebuild(old);
        true
    }

    /// The scenario is now what this file holds; results name its hash.
    pub(super) fn take_file(&mut self, path: PathBuf) {
        let bytes = std::fs::read(&path).ok();
        self.blake3 = bytes.map(|bytes| blake3::hash(&bytes).to_hex().to_string());
        self.roots.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        self.path = Some(path);
        self.changed = true;
    }

    pub(super) fn file_name(&self) -> String {
        self.path
            .as_ref()
            .map_or_else(String::new, |p| p.display().to_string())
    }

    /// Makes the city of every variant; those whose edits did not change are kept.
    fn rebuild(&mut self, mut old: Vec<VariantState>) {
        let (Some(scenario), Some(baseline)) = (self.scenario.clone(), self.baseline.clone())
        else {
            return;
        };
        let first = VariantState {
            name: "baseline".to_owned(),
            edits: Vec::new(),
            city: Some(baseline.clone()),
            records: old
                .first_mut()
                .map(|o| std::mem::take(&mut o.records))
                .unwrap_or_default(),
        };
        let mut states = vec![first];
        for (i, variant) in scenario.variants.iter().enumerate() {
            let number = i + 1;
            // Results follow the name when variants are added or deleted before it; the keys of new buildings follow the number.
            // A variant that was given another name keeps its place and its edits.
            let renamed = |o: &VariantState| {
                o.edits == variant.edits && scenario.variants.iter().all(|v| v.name != o.name)
            };
            let before = (1..old.len())
                .find(|&at| old[at].name == variant.name)
                .or_else(|| Some(number).filter(|&at| old.get(at).is_some_and(renamed)));
            let mut state = VariantState {
                name: variant.name.clone(),
                edits: variant.edits.clone(),
                ..VariantState::default()
            };
            if let Some(at) = before {
                state.records = std::mem::take(&mut old[at].records);
                if at == number && old[at].edits == variant.edits && self.is_of_this_load(&old[at])
                {
                    state.city = old[at].city.take();
                }
            }
            if state.city.is_none() {
                match apply_edits(&baseline, variant, number, &self.roots, &self.drafts) {
                    Ok(city) => state.city = Some(Arc::new(city)),
                    Err(error) => {
                        let error = with_file(error, &self.file_name());
                        self.report(&error.into());
                    }
                }
            }
            states.push(state);
        }
        self.variants = states;
        self.changed = true;
    }

    /// Cities of variants share the terrain and the streets of the baseline they were made from.
    fn is_of_this_load(&self, state: &VariantState) -> bool {
        match (&state.city, &self.baseline) {
            (Some(city), Some(baseline)) => Arc::ptr_eq(&city.streets, &baseline.streets),
            _ => false,
        }
    }

    /// What a run of a variant would be computed from now.
    pub(super) fn origin(&self, variant: usize) -> Option<Origin> {
        let state = self.variants.get(variant)?;
        Some(Origin {
            baseline: self.baseline.clone()?,
            city: state.city.clone()?,
            scenario: self.scenario.clone()?,
            edits: state.edits.clone(),
            variant,
            load: self.load,
        })
    }

    /// True when a result for `origin` still answers the scenario.
    pub(super) fn is_fresh(&self, variant: usize, name: &str, origin: &Origin) -> bool {
        let (Some(scenario), Some(state), Some(entry)) = (
            &self.scenario,
            self.variants.get(variant),
            self.simulation(name),
        ) else {
            return false;
        };
        origin.load == self.load
            && origin.variant == variant
            && origin.edits == state.edits
            && state.city.is_some()
            && (entry.same_settings)(&origin.scenario, scenario)
    }

    /// True while an answer of at least this quality to the present question is there.
    pub(super) fn is_answered(&self, request: &Request) -> bool {
        self.variants.get(request.variant).is_some_and(|state| {
            state.records.iter().any(|record| {
                record.result.simulation == request.simulation
                    && record.result.quality >= request.quality
                    && self.is_fresh(request.variant, request.simulation, &record.origin)
            })
        })
    }

    /// Keeps a result, unless a better one for the same question is there.
    pub(super) fn take_result(&mut self, variant: usize, record: Record) {
        let name = record.result.simulation;
        let better = |old: &Record| {
            self.is_fresh(variant, name, &old.origin) && old.result.quality > record.result.quality
        };
        let Some(state) = self.variants.get(variant) else {
            return;
        };
        if state
            .records
            .iter()
            .any(|old| old.result.simulation == name && better(old))
        {
            return;
        }
        let records = &mut self.variants[variant].records;
        records.retain(|old| old.result.simulation != name);
        records.push(record);
        self.changed = true;
    }

    pub(super) fn result_states(&self, variant: usize) -> Vec<ResultState> {
        self.variants[variant]
            .records
            .iter()
            .map(|record| ResultState {
                simulation: record.result.simulation,
                result: record.result.clone(),
                city: record.origin.city.clone(),
                stale: !self.is_fresh(variant, record.result.simulation, &record.origin),
            })
            .collect()
    }
}

/// Names the scenario file in faults of edits.
pub(super) fn with_file(
    error: crate::scenario::ScenarioError,
    file: &str,
) -> crate::scenario::ScenarioError {
    match error {
        crate::scenario::ScenarioError::Invalid(mut faults) => {
            for fault in faults.iter_mut().filter(|f| f.file.is_empty()) {
                file.clone_into(&mut fault.file);
            }
            crate::scenario::ScenarioError::Invalid(faults)
        }
        error => error,
    }
}
