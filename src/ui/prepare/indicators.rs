//! Key figures, the variant beside the baseline.

use crate::result::compare::{compare_indicators, compare_objects};
use crate::text::Texts;
use crate::ui::state::UiState;

use super::fields::wind_from;
use super::legends::screen_unit;
use super::world::shown_results;

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

/// Key figures of the shown variant. Their change is that on what both sides have, as in the report.
pub(super) fn indicator_rows(state: &UiState, t: &Texts) -> Vec<IndicatorRow> {
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
