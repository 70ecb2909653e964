//! Results that can be shown, and those that move.

use std::sync::Arc;

use crate::result::{Animation, Field, Movement};
use crate::sim::ResultState;
use crate::text::Texts;
use crate::ui::moment::{SHUTTLE_NOW, WATER_NOW, depth_legends, moving_id};
use crate::ui::state::UiState;

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
    pub(super) fn of(animation: &Animation) -> Option<Self> {
        Some(Self {
            duration_s: animation.frames.last()?.time_s,
            states: animation.frames.iter().map(|f| f.time_s).collect(),
        })
    }

    pub(super) fn of_movement(movement: &Movement) -> Option<Self> {
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
pub(super) fn wind_from(field: &Field, t: &Texts) -> Option<String> {
    let deg = field.from_deg?;
    let deg = t.language().number(deg, usize::from(deg.fract() != 0.0));
    Some(t.with("wind-from", &[("deg", deg)]))
}

pub(super) fn find_field<'a>(
    results: &'a [ResultState],
    id: &str,
) -> Option<(&'a ResultState, &'a Field)> {
    results
        .iter()
        .find_map(|r| Some((r, r.result.fields.iter().find(|f| f.id == id)?)))
}

pub(super) fn field_rows(state: &UiState, results: &[ResultState], t: &Texts) -> Vec<FieldRow> {
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
