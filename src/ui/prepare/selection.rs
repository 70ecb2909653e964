//! The selected building.

use crate::city::{Building, City, SurfaceKind};
use crate::result::Cell;
use crate::text::{Texts, texts};
use crate::ui::state::UiState;

use super::edits::{EditRow, edit_row};
use super::facades::{SunVerdict, sun_verdict};
use super::world::shown_city;

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

impl Selection {
    pub(super) fn new(state: &UiState) -> Self {
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
pub(super) fn cell_number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number { value, .. } => Some(*value),
        Cell::Integer(value) => Some(*value as f64),
        Cell::Text(_) | Cell::Key(_) | Cell::Empty => None,
    }
}
