//! All that the panels draw, and what of it has to be made again.

use std::path::PathBuf;
use std::sync::Arc;

use crate::city::City;
use crate::result::SimulationResult;
use crate::scenario::Scenario;
use crate::text::Language;
use crate::ui::section::{ProfileKey, SectionView, profile};
use crate::ui::state::UiState;
use crate::ui::traffic_story::TrafficStory;

use super::now::Now;
use super::selection::Selection;
use super::world::{World, shown_city};

/// What the panels draw.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// Scenario, variants, edits, layers, findings, results.
    pub world: Arc<World>,
    /// The selected building.
    pub selection: Arc<Selection>,
    /// Section through the water, while one is asked for and a result of it is shown.
    pub section: Option<Arc<SectionView>>,
    /// Story of the selected vehicle, signal or street.
    pub traffic: Option<Arc<TrafficStory>>,
    /// What changes with every movement.
    pub now: Now,
    key: Option<Key>,
}

/// What `world` and `selection` were made from. It holds the objects themselves, so that an address is never used twice.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) language: Language,
    pub(super) variant: usize,
    pub(super) field: Option<String>,
    pub(super) difference: bool,
    pub(super) date: String,
    pub(super) scenario: Option<Arc<Scenario>>,
    pub(super) scenario_path: Option<PathBuf>,
    pub(super) cities: Vec<Option<Arc<City>>>,
    pub(super) results: Vec<(usize, Arc<SimulationResult>, bool)>,
    pub(super) selected: Option<u32>,
    pub(super) selected_edit: Option<usize>,
    pub(super) collisions: Vec<String>,
}

impl Key {
    fn of(state: &UiState) -> Self {
        let snapshot = &state.snapshot;
        Self {
            language: state.language,
            variant: state.variant,
            field: state.field.clone(),
            difference: state.difference,
            date: state.date.clone(),
            scenario: snapshot.scenario.clone(),
            scenario_path: snapshot.scenario_path.clone(),
            cities: snapshot.cities.clone(),
            results: snapshot
                .results
                .iter()
                .enumerate()
                .flat_map(|(v, of)| of.iter().map(move |r| (v, Arc::clone(&r.result), r.stale)))
                .collect(),
            selected: state.selected,
            selected_edit: state.selected_edit,
            collisions: state.collisions.clone(),
        }
    }

    fn same_world(&self, other: &Self) -> bool {
        let same_option = |a: &Option<Arc<City>>, b: &Option<Arc<City>>| match (a, b) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        let same_scenario = match (&self.scenario, &other.scenario) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same_scenario
            && (self.language, self.variant, self.difference)
                == (other.language, other.variant, other.difference)
            && self.field == other.field
            && self.date == other.date
            && self.scenario_path == other.scenario_path
            && self.cities.len() == other.cities.len()
            && self
                .cities
                .iter()
                .zip(&other.cities)
                .all(|(a, b)| same_option(a, b))
            && self.results.len() == other.results.len()
            && self
                .results
                .iter()
                .zip(&other.results)
                .all(|(a, b)| a.0 == b.0 && Arc::ptr_eq(&a.1, &b.1) && a.2 == b.2)
    }

    fn same_selection(&self, other: &Self) -> bool {
        self.selected == other.selected
            && self.selected_edit == other.selected_edit
            && self.collisions == other.collisions
    }
}

impl Prepared {
    /// Brings everything up to date.
    pub(in crate::ui) fn refreshed(state: &UiState) -> Self {
        let key = Key::of(state);
        let old = &state.prepared;
        let same_world = old.key.as_ref().is_some_and(|k| k.same_world(&key));
        let same_selection = same_world && old.key.as_ref().is_some_and(|k| k.same_selection(&key));
        let world = if same_world {
            Arc::clone(&old.world)
        } else {
            Arc::new(World::new(state))
        };
        let selection = if same_selection {
            Arc::clone(&old.selection)
        } else {
            Arc::new(Selection::new(state))
        };
        let traffic = TrafficStory::of(state);
        let now = Now::new(state, &world, traffic.as_deref());
        Self {
            traffic,
            section: section_view(state),
            world,
            selection,
            now,
            key: Some(key),
        }
    }
}

/// The section of the state, made again only when line, water or time changed.
fn section_view(state: &UiState) -> Option<Arc<SectionView>> {
    let (key, moment) = ProfileKey::of(state)?;
    let old = state.prepared.section.as_ref();
    if let Some(same) = old.filter(|s| s.key == key) {
        return Some(Arc::clone(same));
    }
    let profile = profile(&moment, &state.section, &shown_city(state)?.frame);
    Some(Arc::new(SectionView { key, profile }))
}
