//! Scenario, variants, city and results in rows.

use std::path::PathBuf;
use std::sync::Arc;

use crate::city::City;
use crate::finding::Severity;
use crate::scenario::Scenario;
use crate::sim::ResultState;
use crate::text::{Texts, texts};
use crate::ui::edit_fields::object_id;
use crate::ui::moment::depth_legends;
use crate::ui::shuttle_legend::MarkRow;
use crate::ui::state::UiState;

use super::edits::{EditRow, edit_rows};
use super::fields::{EventView, FieldRow, field_rows};
use super::findings::{FindingGroup, finding_groups};
use super::indicators::{IndicatorRow, indicator_rows};
use super::layers::{LayerRow, layer_rows};
use super::legends::{LegendView, legend_view, marks, streaks};

/// Scenario, variants, edits, layers, findings, results.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// A scenario is open.
    pub open: bool,
    /// Name of the scenario.
    pub name: String,
    /// File it came from, for people.
    pub file: String,
    /// File to which it is saved without asking, if it came from a scenario file.
    pub save_path: Option<PathBuf>,
    /// Baseline first.
    pub variants: Vec<VariantRow>,
    /// Edits of the shown variant.
    pub edits: Vec<EditRow>,
    /// Layers of the shown city.
    pub layers: Vec<LayerRow>,
    /// Findings, warnings first.
    pub findings: Vec<FindingGroup>,
    /// Number of findings that may affect the numbers.
    pub warnings: usize,
    /// Number of the others.
    pub infos: usize,
    /// Result fields of the shown variant.
    pub fields: Vec<FieldRow>,
    /// The shown field's colours.
    pub legend: Option<LegendView>,
    /// What marks on the map mean.
    pub marks: Vec<MarkRow>,
    /// Name of the switch of the streaks of the wind, while a map of it is shown.
    pub streaks: Option<String>,
    /// Times of the water event, while a result of it is shown.
    pub event: Option<EventView>,
    /// Legend of the depth of the water, while there is a result of it.
    pub depth_legend: Option<&'static str>,
    /// Key figures of the shown variant.
    pub indicators: Vec<IndicatorRow>,
    /// Coordinate system, for people.
    pub crs: String,
    /// Id for the next building, tree, flood wall and raised ground that is added.
    pub free_ids: [String; 4],
}

/// A variant in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantRow {
    /// Name, translated for the baseline.
    pub name: String,
    /// What is proposed.
    pub comment: Option<String>,
    /// `3 Änderungen`.
    pub edits: String,
}

impl World {
    pub(super) fn new(state: &UiState) -> Self {
        let t = texts(state.language);
        let Some(scenario) = &state.snapshot.scenario else {
            return Self::default();
        };
        let city = shown_city(state);
        let results = shown_results(state);
        let variants = (0..=scenario.variants.len())
            .map(|v| variant_row(scenario, v, t))
            .collect();
        let edits = state
            .variant
            .checked_sub(1)
            .and_then(|v| scenario.variants.get(v))
            .map_or_else(Vec::new, |variant| {
                edit_rows(variant, city.map(|c| &**c), t)
            });
        let findings = finding_groups(city.map(|c| &**c), results, t);
        let count = |severity| {
            findings
                .iter()
                .filter(|g: &&FindingGroup| g.severity == severity)
                .map(|g| g.rows.len())
                .sum()
        };
        let path = state.snapshot.scenario_path.as_deref();
        Self {
            open: true,
            name: scenario.scenario.name.clone(),
            file: path.map_or_else(String::new, |p| p.display().to_string()),
            save_path: path
                .filter(|p| p.extension().is_some_and(|e| e == "toml"))
                .map(|p| p.to_owned()),
            variants,
            edits,
            layers: city.map_or_else(Vec::new, |c| layer_rows(c, t)),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            findings,
            fields: field_rows(state, results, t),
            legend: legend_view(state, results, scenario, t),
            marks: marks(state, t),
            streaks: streaks(state, results, t),
            event: state
                .animation()
                .and_then(|a| EventView::of(a))
                .or_else(|| EventView::of_movement(state.movement()?)),
            depth_legend: results
                .iter()
                .find(|r| r.result.animation.is_some())
                .map(|r| depth_legends(&r.result).depth),
            indicators: indicator_rows(state, t),
            crs: city.map_or_else(String::new, |c| crs_name(c)),
            free_ids: [
                free_id(scenario, city.map(|c| &**c), &t.get("ui-new-building-id")),
                free_id(scenario, city.map(|c| &**c), &t.get("ui-new-tree-id")),
                free_id(scenario, city.map(|c| &**c), &t.get("ui-new-wall-id")),
                free_id(scenario, city.map(|c| &**c), &t.get("ui-new-ground-id")),
            ],
        }
    }
}

/// Name of a variant, baseline = 0.
pub(super) fn variant_name(scenario: &Scenario, variant: usize, t: &Texts) -> String {
    match variant
        .checked_sub(1)
        .and_then(|v| scenario.variants.get(v))
    {
        Some(variant) => variant.name.clone(),
        None => t.get("common-variant-baseline"),
    }
}

pub(super) fn shown_city(state: &UiState) -> Option<&Arc<City>> {
    state.snapshot.cities.get(state.variant)?.as_ref()
}

pub(super) fn shown_results(state: &UiState) -> &[ResultState] {
    state
        .snapshot
        .results
        .get(state.variant)
        .map_or(&[], Vec::as_slice)
}

/// CRS as the sources declare it.
fn crs_name(city: &City) -> String {
    city.frame
        .crs
        .epsg
        .map_or_else(String::new, |code| format!("EPSG:{code}"))
}

/// First id `stem-1`, `stem-2` … that is not in use.
fn free_id(scenario: &Scenario, city: Option<&City>, stem: &str) -> String {
    let used = |id: &str| {
        scenario
            .variants
            .iter()
            .flat_map(|v| &v.edits)
            .any(|e| object_id(e) == id)
            || city.is_some_and(|c| c.building(id).is_some() || c.trees.iter().any(|t| t.id == id))
    };
    (1..)
        .map(|n| format!("{stem}-{n}"))
        .find(|id| !used(id))
        .unwrap_or_default()
}

fn variant_row(scenario: &Scenario, v: usize, t: &Texts) -> VariantRow {
    let variant = v.checked_sub(1).and_then(|v| scenario.variants.get(v));
    VariantRow {
        name: variant_name(scenario, v, t),
        comment: variant.and_then(|v| v.comment.clone()),
        edits: variant.map_or_else(String::new, |v| {
            t.with("ui-variant-edits", &[("count", v.edits.len() as f64)])
        }),
    }
}
