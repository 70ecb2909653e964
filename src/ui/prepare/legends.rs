//! The legend of what is shown, with the numbers of what it is about.

use crate::result::Quality;
use crate::result::legend::{Legend, LegendKind, legend};
use crate::scenario::Scenario;
use crate::sim::ResultState;
use crate::text::Texts;
use crate::ui::moment::{SHUTTLE_NOW, WATER_NOW, depth_legends};
use crate::ui::shuttle_legend::{self, MarkRow};
use crate::ui::shuttle_panel::outlined_area;
use crate::ui::state::UiState;
use crate::ui::wind_flow::WindFlow;

use super::fields::{find_field, wind_from};
use super::world::variant_name;

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
    pub(super) legend: Option<&'static Legend>,
    pub(super) signed: bool,
}

/// A unit in the letters that the font of the window has: it lacks the raised minus.
pub(super) fn screen_unit(unit: &'static str) -> &'static str {
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

pub(super) fn legend_view(
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
pub(super) fn marks(state: &UiState, t: &Texts) -> Vec<MarkRow> {
    let moving = state.field.as_deref() == Some(SHUTTLE_NOW);
    let movement = state.movement().filter(|_| moving);
    let has_area = !outlined_area(state).is_empty();
    movement.map_or_else(Vec::new, |movement| {
        shuttle_legend::rows(movement, has_area, t)
    })
}

pub(super) fn streaks(state: &UiState, results: &[ResultState], t: &Texts) -> Option<String> {
    let id = state.field.as_deref()?;
    let (result, _) = find_field(results, id)?;
    Some(WindFlow::of_map(&result.result, id)?.name(t))
}

/// `3,4 h · mittel`.
pub(super) fn value_text(value: f64, view: &LegendView, t: &Texts) -> String {
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
