//! Texts and rows for the panels. The expensive ones (findings, the selected building, result tables) are made again only
//! when what they show changed; the cheap ones (place and value under the cursor, time, job) in every refresh.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::city::{Building, City, LayerKind, SurfaceKind};
use crate::finding::{Finding, Severity};
use crate::result::compare::{compare_indicators, compare_objects};
use crate::result::legend::{Legend, LegendKind, legend};
use crate::result::{
    Animation, Cell, Column, Field, FieldData, Movement, Quality, SimulationResult, Table,
};
use crate::scenario::{Edit, Scenario, Variant};
use crate::sim::ResultState;
use crate::text::{Language, Texts, texts};

use super::access_panel::transit_detail;
use super::edit_fields::{EditField, fields, object_id};
use super::event_bar::event_time;
use super::moment::{SHUTTLE_NOW, WATER_NOW, WaterAt, depth_legends, moving_id};
use super::section::{ProfileKey, SectionView, profile};
use super::shuttle_legend::{self, MarkRow};
use super::shuttle_panel::outlined_area;
use super::state::UiState;
use super::traffic_edits::detail;
use super::traffic_story::{TrafficNow, TrafficStory};
use super::wind_flow::WindFlow;

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
struct Key {
    language: Language,
    variant: usize,
    field: Option<String>,
    difference: bool,
    date: String,
    scenario: Option<Arc<Scenario>>,
    scenario_path: Option<PathBuf>,
    cities: Vec<Option<Arc<City>>>,
    results: Vec<(usize, Arc<SimulationResult>, bool)>,
    selected: Option<u32>,
    selected_edit: Option<usize>,
    collisions: Vec<String>,
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
    pub(super) fn refreshed(state: &UiState) -> Self {
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

/// An edit in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct EditRow {
    /// `Neubau „A1“`.
    pub title: String,
    /// `18,0 m hoch`.
    pub detail: String,
    /// Key of the building it made, for selecting it.
    pub building: Option<u32>,
    /// Numbers.
    pub fields: Vec<EditField>,
    /// The edit itself.
    pub edit: Edit,
}

/// A layer in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerRow {
    /// Which.
    pub kind: LayerKind,
    /// Name.
    pub name: String,
    /// Number of objects, or empty.
    pub count: String,
    /// Sources with licence, one per line.
    pub sources: String,
}

/// Findings with the same code.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingGroup {
    /// How much they matter.
    pub severity: Severity,
    /// Stable name.
    pub code: String,
    /// Sentences, each with the building it concerns.
    pub rows: Vec<(String, Option<u32>)>,
}

/// A result field in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldRow {
    /// Id.
    pub id: String,
    /// `Besonnungsdauer am Boden · 21. März`.
    pub name: String,
    /// A difference to the baseline can be shown.
    pub has_difference: bool,
}

/// Times of a water event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// Length (s).
    pub duration_s: f64,
    /// Times (s) of the states.
    pub states: Vec<f64>,
}

impl EventView {
    fn of(animation: &Animation) -> Option<Self> {
        Some(Self {
            duration_s: animation.frames.last()?.time_s,
            states: animation.frames.iter().map(|f| f.time_s).collect(),
        })
    }

    fn of_movement(movement: &Movement) -> Option<Self> {
        Some(Self {
            duration_s: movement.frames.last()?.time_s,
            states: movement.frames.iter().map(|f| f.time_s).collect(),
        })
    }

    /// The time (s) of the state so many states after (or before) a time.
    pub fn stepped(&self, time_s: f64, steps: i32) -> f64 {
        let step = |time: f64| {
            if steps > 0 {
                self.states.iter().copied().find(|s| *s > time + 1e-6)
            } else {
                self.states.iter().copied().rev().find(|s| *s < time - 1e-6)
            }
        };
        (0..steps.unsigned_abs()).fold(time_s, |time, _| step(time).unwrap_or(time))
    }
}

/// Colours of the shown field.
#[derive(Clone, Debug, PartialEq)]
pub struct LegendView {
    /// Quantity and plane.
    pub title: String,
    /// Day, variant, scenario.
    pub subtitle: String,
    /// Unit.
    pub unit: String,
    /// Classes, lowest first: colour, ink, label, limits.
    pub classes: Vec<([u8; 3], [u8; 3], String, String)>,
    /// Colours from low to high; empty with classes.
    pub bar: Vec<[u8; 3]>,
    /// Position on the bar, 0 to 1, and label.
    pub ticks: Vec<(f32, String)>,
    /// Words at the low and the high end.
    pub ends: Option<[String; 2]>,
    /// `grobe Vorschau`.
    pub coarse: Option<String>,
    /// The scenario changed since.
    pub stale: bool,
    /// Why the difference that is asked for is not shown.
    pub waits: Option<String>,
    /// Rule or source behind the classes.
    pub source: String,
    /// The legend itself, for the value under the cursor.
    legend: Option<&'static Legend>,
    signed: bool,
}

/// A key figure, ready to print.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorRow {
    /// Registered name of the simulation that gives it.
    pub simulation: &'static str,
    /// What the simulation is about.
    pub subject: String,
    /// What it is.
    pub name: String,
    /// Unit.
    pub unit: &'static str,
    /// In the baseline.
    pub baseline: String,
    /// In the shown variant.
    pub value: String,
    /// Signed change; empty when the baseline is shown.
    pub change: String,
    /// The baseline is exact and this is coarse, or the other way round: no change is shown.
    pub mixed: bool,
    /// The scenario changed since one of both sides was computed.
    pub stale: bool,
}

/// The selected building.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Nothing is selected, or the building is not in the shown variant.
    pub building: Option<Inspected>,
}

/// Facts of a building.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspected {
    /// Key.
    pub key: u32,
    /// Id.
    pub id: String,
    /// Name, address or id: what people call it.
    pub title: String,
    /// A variant made it.
    pub draft: bool,
    /// Facts in reading order.
    pub facts: Vec<Fact>,
    /// Verdict of the sun rule, if computed.
    pub sun: Option<SunVerdict>,
    /// Buildings it touches.
    pub collisions: Vec<String>,
    /// Edit that made or last changed it, with its position and fields.
    pub edit: Option<(usize, EditRow)>,
    /// Height (m) from lowest to highest corner, for a new height edit.
    pub height_m: f64,
}

/// One line of the inspector.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What.
    pub name: String,
    /// Value.
    pub value: String,
    /// Unit.
    pub unit: &'static str,
    /// The value was assumed, not delivered.
    pub assumed: bool,
}

/// Sun on the facades of the selected building.
#[derive(Clone, Debug, PartialEq)]
pub struct SunVerdict {
    /// `21. März, beste Fassade: hoch (4 h 20 min)`.
    pub summary: String,
    /// One row per facade, best first.
    pub facades: Vec<FacadeRow>,
    /// The result is coarse or stale.
    pub note: Option<String>,
}

/// One facade.
#[derive(Clone, Debug, PartialEq)]
pub struct FacadeRow {
    /// `Süd · 120 m²`.
    pub name: String,
    /// `4 h 20 min`.
    pub duration: String,
    /// Class in words.
    pub class: String,
    /// Colour of the class.
    pub colour: [u8; 3],
}

/// What changes with every movement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Now {
    /// Easting, northing, height with two decimals; dashes without a cursor.
    pub place: [String; 3],
    /// Value, unit and class under the cursor.
    pub value: String,
    /// Building under the cursor.
    pub building: String,
    /// Time of the water event: `0:35:00`.
    pub event: String,
    /// What the clock changes of the traffic.
    pub traffic: TrafficNow,
    /// Water under the cursor, while the moving surface is shown.
    pub water: Option<Vec<Fact>>,
    /// Date in words.
    pub date: String,
    /// Clock time.
    pub clock: String,
    /// Azimuth and elevation of the sun, one decimal, degrees.
    pub sun: [String; 2],
    /// Sunrise and sunset.
    pub sun_up: Option<[String; 2]>,
    /// What runs now.
    pub job: Option<JobLine>,
    /// Messages that are not closed, oldest first.
    pub messages: Vec<MessageRow>,
}

/// The running job in words.
#[derive(Clone, Debug, PartialEq)]
pub struct JobLine {
    /// `Fassaden besonnen – Variante A (grobe Vorschau)`.
    pub text: String,
    /// 0 to 1.
    pub fraction: f32,
    /// `42 %`.
    pub percent: String,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRow {
    /// Its number.
    pub number: u64,
    /// An error.
    pub error: bool,
    /// Text.
    pub text: String,
}

/// Name of a variant, baseline = 0.
fn variant_name(scenario: &Scenario, variant: usize, t: &Texts) -> String {
    match variant
        .checked_sub(1)
        .and_then(|v| scenario.variants.get(v))
    {
        Some(variant) => variant.name.clone(),
        None => t.get("common-variant-baseline"),
    }
}

impl World {
    fn new(state: &UiState) -> Self {
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

fn shown_city(state: &UiState) -> Option<&Arc<City>> {
    state.snapshot.cities.get(state.variant)?.as_ref()
}

fn shown_results(state: &UiState) -> &[ResultState] {
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

fn edit_rows(variant: &Variant, city: Option<&City>, t: &Texts) -> Vec<EditRow> {
    variant
        .edits
        .iter()
        .map(|edit| edit_row(edit, city, t))
        .collect()
}

fn edit_row(edit: &Edit, city: Option<&City>, t: &Texts) -> EditRow {
    let id = object_id(edit);
    let building = city.and_then(|c| c.building(id));
    let language = t.language();
    let number = |value: f64, decimals, unit| language.with_unit(value, decimals, unit);
    let title_key = match edit {
        Edit::AddBuilding { .. } => "ui-edit-add-building",
        Edit::Place { .. } => "ui-edit-place",
        Edit::Remove { .. } => "ui-edit-remove",
        Edit::SetHeight { .. } => "ui-edit-set-height",
        Edit::Move { .. } => "ui-edit-move",
        Edit::AddTree { .. } => "ui-edit-add-tree",
        Edit::FloodWall { mobile: true, .. } => "ui-edit-mobile-barrier",
        Edit::FloodWall { .. } => "ui-edit-flood-wall",
        Edit::Breach { .. } => "ui-edit-breach",
        Edit::RaiseTerrain { .. } => "ui-edit-raise-terrain",
        Edit::GreenRoof { .. } => "ui-edit-green-roof",
        Edit::BusPriority(_) => "ui-edit-bus-priority",
        Edit::StreetClosure(_) => "ui-edit-street-closure",
        Edit::BusLane(_) => "ui-edit-bus-lane",
        Edit::SignalPlan(_) => "ui-edit-signal-plan",
        Edit::Headway(_) => "ui-edit-headway",
        Edit::TransitLine(_) => "ui-edit-transit-line",
        Edit::TransitHeadway(_) => "ui-edit-headway",
        Edit::TransitStop(_) => "ui-edit-transit-stop",
        Edit::TransitRemove(_) => "ui-edit-transit-remove",
        Edit::ShuttleOffer(_) => "ui-edit-shuttle-offer",
        Edit::ShuttleService(_) => "ui-edit-shuttle-service",
    };
    let detail = match edit {
        Edit::AddBuilding { height_m, .. } => t.with(
            "ui-edit-detail-height",
            &[("height", number(*height_m, 1, "m"))],
        ),
        Edit::Place { draft, .. } => draft.clone(),
        Edit::Remove { .. } => String::new(),
        Edit::SetHeight { height_m, .. } => t.with(
            "ui-edit-detail-height",
            &[("height", number(*height_m, 1, "m"))],
        ),
        Edit::Move { by, raise_m, .. } => t.with(
            "ui-edit-detail-move",
            &[
                ("by", number(by[0].hypot(by[1]), 1, "m")),
                ("raise", language.signed_with_unit(*raise_m, 1, "m")),
            ],
        ),
        Edit::AddTree {
            height_m,
            crown_diameter_m,
            ..
        } => t.with(
            "ui-edit-detail-tree",
            &[
                ("height", number(*height_m, 1, "m")),
                ("crown", number(*crown_diameter_m, 1, "m")),
            ],
        ),
        Edit::FloodWall {
            height_m,
            crest_level_m,
            ..
        } => match (height_m, crest_level_m) {
            (Some(height), _) => t.with(
                "ui-edit-detail-height",
                &[("height", number(*height, 2, "m"))],
            ),
            (None, Some(level)) => {
                t.with("ui-edit-detail-level", &[("level", number(*level, 2, "m"))])
            }
            (None, None) => String::new(),
        },
        Edit::Breach {
            width_m, start_s, ..
        } => t.with(
            "ui-edit-detail-breach",
            &[
                ("width", number(*width_m, 1, "m")),
                ("start", number(*start_s / 60.0, 0, "min")),
            ],
        ),
        Edit::RaiseTerrain { level_m, by_m, .. } => match (level_m, by_m) {
            (Some(level), _) => {
                t.with("ui-edit-detail-level", &[("level", number(*level, 2, "m"))])
            }
            (None, Some(by)) => language.signed_with_unit(*by, 2, "m"),
            (None, None) => String::new(),
        },
        Edit::GreenRoof { retention_mm, .. } => number(*retention_mm, 0, "mm"),
        Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_) => detail(edit, t),
        Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_) => transit_detail(edit, t),
        Edit::ShuttleService(change) => crate::report::shuttle::edit_detail(t, change),
    };
    EditRow {
        title: t.with(title_key, &[("id", id)]),
        detail,
        building: building.map(|b| b.key),
        fields: fields(edit, building.map(|b| &**b)),
        edit: edit.clone(),
    }
}

/// Text key of a layer's name.
pub(super) fn layer_key(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Buildings => "common-layer-buildings",
        LayerKind::Terrain => "common-layer-terrain",
        LayerKind::Trees => "common-layer-trees",
        LayerKind::Streets => "common-layer-streets",
        LayerKind::LandCover => "common-layer-land-cover",
    }
}

fn layer_rows(city: &City, t: &Texts) -> Vec<LayerRow> {
    let kinds = [
        (LayerKind::Buildings, city.buildings.len()),
        (LayerKind::Terrain, usize::from(city.terrain.is_some())),
        (LayerKind::Trees, city.trees.len()),
        (LayerKind::Streets, city.streets.len()),
        (LayerKind::LandCover, city.land_cover.len()),
    ];
    kinds
        .into_iter()
        .filter(|(_, objects)| *objects > 0)
        .map(|(kind, objects)| {
            let sources: Vec<String> = city
                .sources
                .iter()
                .filter(|s| s.layer == kind)
                .map(|s| {
                    let unknown = || t.get("common-unknown");
                    let said = |value: &Option<String>| value.clone().unwrap_or_else(unknown);
                    t.with(
                        "ui-layer-source",
                        &[
                            ("path", s.path.clone()),
                            ("format", s.format.clone()),
                            ("origin", said(&s.origin)),
                            ("licence", said(&s.licence)),
                            ("date", said(&s.date)),
                            ("crs", s.crs.clone()),
                        ],
                    )
                })
                .collect();
            LayerRow {
                kind,
                name: t.get(layer_key(kind)),
                count: if kind == LayerKind::Terrain {
                    String::new()
                } else {
                    t.language().number(objects as f64, 0)
                },
                sources: if sources.is_empty() {
                    t.get("ui-layer-no-source")
                } else {
                    sources.join("\n\n")
                },
            }
        })
        .collect()
}

fn finding_groups(city: Option<&City>, results: &[ResultState], t: &Texts) -> Vec<FindingGroup> {
    let keys: BTreeMap<&str, u32> = city
        .map(|c| c.buildings.iter().map(|b| (b.id.as_str(), b.key)).collect())
        .unwrap_or_default();
    let all = city
        .map_or(&[] as &[Finding], |c| &c.findings)
        .iter()
        .chain(results.iter().flat_map(|r| &r.result.findings));
    let mut groups: BTreeMap<(bool, &str), FindingGroup> = BTreeMap::new();
    for finding in all {
        let building = finding
            .object
            .as_deref()
            .and_then(|id| keys.get(id))
            .copied();
        let harmless = finding.severity == Severity::Info;
        let group = groups
            .entry((harmless, finding.code.as_str()))
            .or_insert_with(|| FindingGroup {
                severity: finding.severity,
                code: finding.code.clone(),
                rows: Vec::new(),
            });
        group.rows.push((t.finding(finding), building));
    }
    groups.into_values().collect()
}

/// Quantity and plane, and the day where there are several.
fn field_name(field: &Field, with_day: bool, t: &Texts) -> String {
    let mut name = format!("{} {}", t.get(field.quantity), t.get(field.plane));
    if let Some(date) = field.date.as_ref().filter(|_| with_day) {
        name.push_str(" · ");
        name.push_str(&t.language().day(date));
    }
    if let Some(from) = wind_from(field, t) {
        name.push_str(" · ");
        name.push_str(&from);
    }
    name
}

/// Words for the wind direction that a field belongs to, if there is one.
fn wind_from(field: &Field, t: &Texts) -> Option<String> {
    let deg = field.from_deg?;
    let deg = t.language().number(deg, usize::from(deg.fract() != 0.0));
    Some(t.with("wind-from", &[("deg", deg)]))
}

fn find_field<'a>(results: &'a [ResultState], id: &str) -> Option<(&'a ResultState, &'a Field)> {
    results
        .iter()
        .find_map(|r| Some((r, r.result.fields.iter().find(|f| f.id == id)?)))
}

fn field_rows(state: &UiState, results: &[ResultState], t: &Texts) -> Vec<FieldRow> {
    let baseline = state
        .snapshot
        .results
        .first()
        .map_or(&[][..], Vec::as_slice);
    let mut rows = Vec::new();
    for result in results.iter().map(|r| &r.result) {
        let mut days = result.fields.iter().map(|f| &f.date);
        let first = days.next();
        let with_day = days.any(|d| Some(d) != first);
        if result.animation.is_some() {
            let base = animated(baseline);
            let named = depth_legends(result).difference.is_some();
            rows.push(FieldRow {
                id: WATER_NOW.to_owned(),
                name: t.get("ui-water-now"),
                has_difference: state.variant > 0 && named && base.is_some(),
            });
        }
        if result.movement.is_some() {
            let id = moving_id(result.simulation);
            let name = if id == SHUTTLE_NOW {
                "ui-shuttle-now"
            } else {
                "ui-traffic-now"
            };
            rows.push(FieldRow {
                id: id.to_owned(),
                name: t.get(name),
                has_difference: false,
            });
        }
        // Directions and levels without colours are in the files only.
        let painted = result.fields.iter().filter(|f| !f.legend.is_empty());
        rows.extend(painted.map(|field| FieldRow {
            id: field.id.clone(),
            name: field_name(field, with_day, t),
            has_difference: state.variant > 0
                && !field.difference_legend.is_empty()
                && find_field(baseline, &field.id).is_some(),
        }));
    }
    rows
}

/// States over time among the results of a variant.
fn animated(results: &[ResultState]) -> Option<&Arc<Animation>> {
    results.iter().find_map(|r| r.result.animation.as_ref())
}

/// A unit in the letters that the font of the window has: it lacks the raised minus.
fn screen_unit(unit: &'static str) -> &'static str {
    match unit {
        "× 10⁻¹²" => "× 1e-12",
        unit => unit,
    }
}

/// What the legend is about: a field, or the moving water.
struct Subject {
    title: String,
    unit: &'static str,
    /// Day or wind direction, in words.
    when: Option<String>,
    legend: &'static str,
    difference: Option<&'static str>,
}

/// The shown field or the moving water in the results of one variant.
fn subject<'a>(
    results: &'a [ResultState],
    id: &str,
    t: &Texts,
) -> Option<(&'a ResultState, Subject)> {
    if id == WATER_NOW {
        let moving = results.iter().find(|r| r.result.animation.is_some())?;
        let names = depth_legends(&moving.result);
        let subject = Subject {
            title: t.get("ui-water-now"),
            unit: "m",
            when: None,
            legend: names.depth,
            difference: names.difference,
        };
        return Some((moving, subject));
    }
    let (result, field) = find_field(results, id)?;
    let subject = Subject {
        title: format!("{} {}", t.get(field.quantity), t.get(field.plane)),
        unit: field.unit,
        when: field
            .date
            .as_deref()
            .map(|d| t.language().date(d))
            .or_else(|| wind_from(field, t)),
        legend: field.legend,
        difference: Some(field.difference_legend).filter(|id| !id.is_empty()),
    };
    Some((result, subject))
}

fn legend_view(
    state: &UiState,
    results: &[ResultState],
    scenario: &Scenario,
    t: &Texts,
) -> Option<LegendView> {
    let id = state.field.as_deref()?;
    let (result, shown) = subject(results, id, t)?;
    let baseline = state
        .snapshot
        .results
        .first()
        .map_or(&[][..], Vec::as_slice);
    let base = subject(baseline, id, t).map(|(r, _)| r);
    // A coarse answer waits for the exact one: the difference would say more of the cells than of the plan.
    let mixed = base.is_some_and(|base| base.result.quality != result.result.quality);
    let waits = state.difference && state.variant > 0 && mixed && shown.difference.is_some();
    // Moving water, compared cell by cell, goes on without its difference.
    let grid = |of: &ResultState| of.result.animation.as_ref().map(|a| a.grid);
    let base = base.filter(|base| id != WATER_NOW || (!mixed && grid(base) == grid(result)));
    let wanted = state.difference && state.variant > 0 && base.is_some();
    let (difference, legend) = match shown.difference.filter(|_| wanted) {
        Some(id) => (true, legend(id)),
        None => (false, legend(shown.legend)),
    };
    let compared = base.filter(|_| difference);
    let language = t.language();
    let name = variant_name(scenario, state.variant, t);
    let who = if difference {
        t.with("ui-legend-difference", &[("variant", name.as_str())])
    } else {
        name
    };
    let mut view = LegendView {
        title: shown.title,
        subtitle: [shown.when, Some(who)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" · "),
        unit: match shown.unit {
            "%" if difference => t.get("report-percentage-points"),
            unit => unit.to_owned(),
        },
        classes: Vec::new(),
        bar: Vec::new(),
        ticks: Vec::new(),
        ends: None,
        coarse: (result.result.quality == Quality::Coarse
            || compared.is_some_and(|b| b.result.quality == Quality::Coarse))
        .then(|| t.get("quality-coarse")),
        stale: result.stale || compared.is_some_and(|b| b.stale),
        waits: waits.then(|| t.get("ui-difference-mixed")),
        source: legend.map_or_else(String::new, |l| l.source.clone()),
        legend,
        signed: difference,
    };
    match legend.map(|l| &l.kind) {
        Some(LegendKind::Classes(classes)) => {
            view.classes = classes
                .iter()
                .map(|c| {
                    let label = c.label(language).to_owned();
                    let limits = match legend {
                        Some(legend) if legend.is_of_kinds() => String::new(),
                        _ => c.limits(t, shown.unit),
                    };
                    (c.color, c.ink, label, limits)
                })
                .collect();
        }
        Some(LegendKind::Continuous {
            min,
            max,
            colors,
            ends,
            ..
        }) => {
            view.bar.clone_from(colors);
            view.ticks = legend
                .map(Legend::ticks)
                .unwrap_or_default()
                .into_iter()
                .map(|tick| {
                    let decimals = usize::from(tick.fract() != 0.0);
                    let label = if difference {
                        language.signed(tick, decimals)
                    } else {
                        language.number(tick, decimals)
                    };
                    (((tick - min) / (max - min)) as f32, label)
                })
                .collect();
            view.ends = ends.map(|keys| keys.map(|k| t.get(k)));
        }
        None => {}
    }
    Some(view)
}

/// Marks of the moving shuttles.
fn marks(state: &UiState, t: &Texts) -> Vec<MarkRow> {
    let moving = state.field.as_deref() == Some(SHUTTLE_NOW);
    let movement = state.movement().filter(|_| moving);
    let has_area = !outlined_area(state).is_empty();
    movement.map_or_else(Vec::new, |movement| {
        shuttle_legend::rows(movement, has_area, t)
    })
}

fn streaks(state: &UiState, results: &[ResultState], t: &Texts) -> Option<String> {
    let id = state.field.as_deref()?;
    let (result, _) = find_field(results, id)?;
    Some(WindFlow::of_map(&result.result, id)?.name(t))
}

/// Key figures of the shown variant. Their change is that on what both sides have, as in the report.
fn indicator_rows(state: &UiState, t: &Texts) -> Vec<IndicatorRow> {
    let language = t.language();
    let baselines = state.snapshot.results.first();
    let mut rows = Vec::new();
    for shown in shown_results(state) {
        let baseline = baselines
            .and_then(|list| list.iter().find(|b| b.simulation == shown.simulation))
            .filter(|_| state.variant > 0);
        let differences = baseline.map(|baseline| {
            let objects = compare_objects(&baseline.city, &shown.city);
            compare_indicators(&baseline.result, &shown.result, &objects.changed_ids())
        });
        for indicator in &shown.result.indicators {
            let number = |value: f64| language.number(value, indicator.decimals);
            let difference = differences
                .iter()
                .flatten()
                .find(|d| d.indicator.id == indicator.id);
            let mut name = t.get(indicator.key);
            if let Some(date) = &indicator.date {
                name.push_str(" · ");
                name.push_str(&language.day(date));
            }
            // Key figures of the speed are those of the first direction.
            let mut maps = shown.result.fields.iter();
            if indicator.id.starts_with("wind_speed_")
                && let Some(from) = maps.find_map(|field| wind_from(field, t))
            {
                name.push_str(" · ");
                name.push_str(&from);
            }
            rows.push(IndicatorRow {
                simulation: shown.simulation,
                subject: t.get(&format!("report-{}", shown.simulation)),
                name,
                unit: screen_unit(indicator.unit),
                baseline: difference
                    .and_then(|d| d.baseline)
                    .map_or_else(String::new, number),
                value: number(indicator.value),
                change: difference
                    .and_then(|d| d.difference())
                    .map_or_else(String::new, |change| {
                        language.signed(change, indicator.decimals)
                    }),
                mixed: difference.is_some_and(|d| !d.same_quality),
                stale: shown.stale || baseline.is_some_and(|b| b.stale),
            });
        }
    }
    rows
}

impl Selection {
    fn new(state: &UiState) -> Self {
        let t = texts(state.language);
        let building = state.selected.and_then(|key| {
            let city = shown_city(state)?;
            let building = city.buildings.iter().find(|b| b.key == key)?;
            Some(inspect(state, city, building, t))
        });
        Self { building }
    }
}

fn inspect(state: &UiState, city: &City, building: &Building, t: &Texts) -> Inspected {
    let a = &building.attributes;
    let language = t.language();
    let (low, high) = building.z_range();
    let mut facts = Vec::new();
    let mut text = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            facts.push(Fact {
                name: t.get(key),
                value,
                unit: "",
                assumed: false,
            });
        }
    };
    text("ui-fact-address", a.address.clone());
    text("ui-fact-function", a.function.clone());
    text("ui-fact-year", a.year.map(|y| y.to_string()));
    text("ui-fact-storeys", a.storeys.map(|n| n.to_string()));
    text("ui-fact-roof", a.roof_type.clone());
    let mut number = |key: &str, value: Option<f64>, decimals, unit, assumed| {
        if let Some(value) = value.filter(|v| v.is_finite()) {
            facts.push(Fact {
                name: t.get(key),
                value: language.number(value, decimals),
                unit,
                assumed,
            });
        }
    };
    number(
        "ui-fact-height",
        Some(high - low),
        1,
        "m",
        a.assumed_height_m.is_some(),
    );
    number(
        "ui-fact-measured-height",
        a.measured_height_m,
        1,
        "m",
        false,
    );
    number("ui-fact-base", Some(low), 1, "m", false);
    let area = |kind| Some(building.area_m2(kind)).filter(|a| *a > 0.0);
    number(
        "ui-fact-ground-area",
        area(SurfaceKind::Ground),
        0,
        "m²",
        false,
    );
    number("ui-fact-roof-area", area(SurfaceKind::Roof), 0, "m²", false);
    number("ui-fact-wall-area", area(SurfaceKind::Wall), 0, "m²", false);
    number("ui-fact-volume", building.volume_m3(), 0, "m³", false);
    if building.volume_m3().is_none() {
        facts.push(Fact {
            name: t.get("ui-fact-volume"),
            value: t.get("ui-fact-open-shell"),
            unit: "",
            assumed: false,
        });
    }
    let scenario = state.snapshot.scenario.as_deref();
    let edit = scenario
        .zip(state.variant.checked_sub(1))
        .and_then(|(s, v)| s.variants.get(v))
        .zip(state.selected_edit)
        .and_then(|(variant, i)| Some((i, edit_row(variant.edits.get(i)?, Some(city), t))));
    Inspected {
        key: building.key,
        id: building.id.clone(),
        title: a
            .name
            .clone()
            .or_else(|| a.address.clone())
            .unwrap_or_else(|| building.id.clone()),
        draft: building.draft,
        facts,
        sun: sun_verdict(state, &building.id, t),
        collisions: if building.draft || edit.is_some() {
            state.collisions.clone()
        } else {
            Vec::new()
        },
        edit,
        height_m: high - low,
    }
}

/// Value of a cell as a number.
fn cell_number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number { value, .. } => Some(*value),
        Cell::Integer(value) => Some(*value as f64),
        Cell::Text(_) | Cell::Key(_) | Cell::Empty => None,
    }
}

/// Position of the column `id_DATE` for the wanted day, else for the first day it has.
fn day_column(table: &Table, id: &str, day: &str) -> Option<usize> {
    let day_of = |c: &Column| {
        c.date
            .clone()
            .filter(|date| c.id.strip_prefix(id) == Some(&format!("_{date}")))
    };
    let days = || table.columns.iter().map(day_of);
    days()
        .position(|d| d.as_deref() == Some(day))
        .or_else(|| days().position(|d| d.is_some()))
}

/// Sun of the facades of a building from the table `facades`.
fn sun_verdict(state: &UiState, id: &str, t: &Texts) -> Option<SunVerdict> {
    let language = t.language();
    let (result, table) = shown_results(state)
        .iter()
        .find_map(|r| Some((r, r.result.tables.iter().find(|x| x.id == "facades")?)))?;
    let column = |id: &str| table.columns.iter().position(|c| c.id == id);
    let (building, azimuth, area) = (
        column("building")?,
        column("azimuth_deg")?,
        column("area_m2")?,
    );
    let rule = day_column(table, "best_minutes_en17037", &state.date)
        .filter(|c| same_day_or_first(table, *c, &state.date));
    let minutes = rule.or_else(|| day_column(table, "best_minutes", &state.date))?;
    let date = table.columns[minutes].date.clone();
    let class = date
        .as_deref()
        .filter(|_| rule.is_some())
        .and_then(|d| day_column(table, "class", d));
    let classes = legend("sun_hours_en17037");
    let mut rows: Vec<(f64, FacadeRow)> = table
        .rows
        .iter()
        .filter(|row| row.get(building) == Some(&Cell::Text(id.to_owned())))
        .filter_map(|row| {
            let value = cell_number(row.get(minutes)?)?;
            let direction = direction_key(cell_number(row.get(azimuth)?)?);
            let size = cell_number(row.get(area)?)?;
            let class = class.and_then(|c| match row.get(c) {
                Some(Cell::Key(key)) => Some(t.get(key)),
                _ => None,
            });
            Some((
                value,
                FacadeRow {
                    name: format!(
                        "{} · {}",
                        t.get(direction),
                        language.with_unit(size, 0, "m²")
                    ),
                    duration: language.duration(value),
                    class: class.unwrap_or_default(),
                    colour: classes.map_or([0; 3], |l| l.color(value / 60.0)),
                },
            ))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = rows.first()?;
    let note = if result.stale {
        Some(t.get("ui-stale"))
    } else {
        (result.result.quality == Quality::Coarse).then(|| t.get("quality-coarse"))
    };
    let day = date
        .as_deref()
        .map(|d| language.date(d))
        .unwrap_or_default();
    let summary = if best.1.class.is_empty() {
        t.with(
            "ui-sun-best",
            &[("day", day), ("duration", best.1.duration.clone())],
        )
    } else {
        t.with(
            "ui-sun-best-class",
            &[
                ("day", day),
                ("duration", best.1.duration.clone()),
                ("class", best.1.class.clone()),
            ],
        )
    };
    Some(SunVerdict {
        summary,
        facades: rows.into_iter().map(|(_, row)| row).collect(),
        note,
    })
}

/// A rule column is taken for the shown day, or when the shown day has no column of its own at all.
fn same_day_or_first(table: &Table, column: usize, day: &str) -> bool {
    table.columns[column].date.as_deref() == Some(day)
        || !table.columns.iter().any(|c| c.date.as_deref() == Some(day))
}

/// Text key of the compass direction of an azimuth in degrees.
pub(super) fn direction_key(azimuth_deg: f64) -> &'static str {
    const KEYS: [&str; 8] = [
        "ui-direction-n",
        "ui-direction-ne",
        "ui-direction-e",
        "ui-direction-se",
        "ui-direction-s",
        "ui-direction-sw",
        "ui-direction-w",
        "ui-direction-nw",
    ];
    KEYS[((azimuth_deg / 45.0).round() as i64).rem_euclid(8) as usize]
}

impl Now {
    fn new(state: &UiState, world: &World, story: Option<&TrafficStory>) -> Self {
        let t = texts(state.language);
        let language = state.language;
        let traffic = TrafficNow::of(state, story);
        let dash = || crate::text::NO_VALUE.to_owned();
        let hover = state.hover.as_ref();
        let value = hover
            .and_then(|h| h.value)
            .zip(world.legend.as_ref())
            .map(|(value, view)| value_text(f64::from(value), view, t))
            .map(|text| match wind_cause(state) {
                Some(building) => t.with(
                    "wind-zone-of",
                    &[("zone", text.as_str()), ("building", building.as_str())],
                ),
                None => text,
            });
        let mut messages: Vec<MessageRow> = state
            .snapshot
            .messages
            .iter()
            .filter(|m| !state.dismissed.contains(&m.number))
            .map(|m| MessageRow {
                number: m.number,
                error: m.error,
                text: if m.error {
                    t.error(&m.text)
                } else {
                    m.text.clone()
                },
            })
            .collect();
        // The newest ones; older ones come forward as these are closed.
        let surplus = messages.len().saturating_sub(4);
        messages.drain(..surplus);
        Self {
            place: hover.map_or_else(
                || [dash(), dash(), dash()],
                |h| h.position.map(|x| language.number(x, 2)),
            ),
            value: value.unwrap_or_else(dash),
            // What moves stands before the houses.
            building: Some(traffic.hover.clone())
                .filter(|name| !name.is_empty())
                .or_else(|| hover.and_then(|h| h.building.clone()))
                .unwrap_or_default(),
            traffic,
            event: event_time(state.event.time_s),
            water: (state.field.as_deref() == Some(WATER_NOW) && world.event.is_some())
                .then(|| water_facts(hover.and_then(|h| h.water), t)),
            date: language.date(&state.date),
            clock: language.clock(f64::from(state.minute)),
            sun: [
                language.number(f64::from(state.sun_deg.0), 1),
                language.number(f64::from(state.sun_deg.1), 1),
            ],
            sun_up: state
                .sun_up_min
                .map(|(rise, set)| [rise, set].map(|m| language.clock(f64::from(m)))),
            job: job_line(state, t),
            messages,
        }
    }
}

/// Name of the building that makes the wind under the cursor, while zones are shown.
fn wind_cause(state: &UiState) -> Option<String> {
    let direction = state.field.as_deref()?.strip_prefix("wind_zone_")?;
    let results = shown_results(state);
    let (_, field) = find_field(results, &format!("wind_cause_{direction}"))?;
    let FieldData::Raster { grid, values } = &field.data else {
        return None;
    };
    let city = shown_city(state)?;
    let place = city.frame.local_from_crs(state.hover.as_ref()?.position);
    let (row, col) = grid.cell_at(place.x, place.y)?;
    let key = values[grid.index(row, col)];
    let building = city.buildings.iter().find(|b| b.key as f32 == key)?;
    let name = building.attributes.name.as_ref();
    Some(name.unwrap_or(&building.id).clone())
}

/// Depth, level, speed with direction, and hazard under the cursor; dashes without water there.
fn water_facts(water: Option<WaterAt>, t: &Texts) -> Vec<Fact> {
    let language = t.language();
    let number = |value: Option<f32>, decimals| {
        value.map_or_else(
            || crate::text::NO_VALUE.to_owned(),
            |v| language.number(f64::from(v), decimals),
        )
    };
    let mut speed = number(water.map(|w| w.speed()), 2);
    if let Some(water) = water.filter(|w| w.speed() >= 0.05) {
        // Where it flows to, clockwise from north.
        let azimuth = f64::from(water.velocity[0].atan2(water.velocity[1])).to_degrees();
        speed = format!("{} · {speed}", t.get(direction_key(azimuth)));
    }
    let fact = |key: &str, value: String, unit| Fact {
        name: t.get(key),
        value,
        unit,
        assumed: false,
    };
    vec![
        fact("ui-water-depth", number(water.map(|w| w.depth_m), 2), "m"),
        fact("ui-water-level", number(water.map(|w| w.level_m), 2), "m"),
        fact("ui-water-speed", speed, "m/s"),
        fact(
            "ui-water-hazard",
            number(water.map(|w| w.hazard()), 2),
            "m²/s",
        ),
    ]
}

/// `3,4 h · mittel`.
fn value_text(value: f64, view: &LegendView, t: &Texts) -> String {
    let language = t.language();
    let class = view.legend.and_then(|l| l.class(value));
    // Numbers of kinds say nothing.
    if let Some(class) = class.filter(|_| view.legend.is_some_and(Legend::is_of_kinds)) {
        return class.label(language).to_owned();
    }
    let mut text = if view.signed {
        language.signed_with_unit(value, 2, &view.unit)
    } else {
        language.with_unit(value, 2, &view.unit)
    };
    if let Some(class) = class {
        text.push_str(" · ");
        text.push_str(class.label(language));
    }
    text
}

fn job_line(state: &UiState, t: &Texts) -> Option<JobLine> {
    let job = state.snapshot.job.as_ref()?;
    let phase = if t.has(job.phase) {
        t.get(job.phase)
    } else {
        t.get("ui-job-working")
    };
    let text = match &state.snapshot.scenario {
        Some(scenario) if job.simulation != "load" => t.with(
            "ui-job-line",
            &[
                ("phase", phase),
                ("variant", variant_name(scenario, job.variant, t)),
                (
                    "quality",
                    t.get(match job.quality {
                        Quality::Coarse => "quality-coarse",
                        Quality::Exact => "quality-exact",
                    }),
                ),
            ],
        ),
        _ => phase,
    };
    Some(JobLine {
        text,
        fraction: job.fraction.clamp(0.0, 1.0),
        percent: t.language().with_unit(
            f64::from(job.fraction.clamp(0.0, 1.0) * 100.0).floor(),
            0,
            "%",
        ),
    })
}
