//! Shuttles on demand: maps of the waits, tables and charts.

use crate::report::maps::{self, Shown};
use crate::report::shuttle;
use crate::result::{Field, FieldData, SimulationResult};

use super::figures::Figure;
use super::lookup::{Report, shown_of};

/// Share of the cells with a value that both sides must have for a map of the change of waits.
const LEAST_SHARED: f64 = 0.3;

impl<'a> Report<'a> {
    /// Maps of the waits of one variant: what changes, then both sides; a side without the other fills the page.
    pub(super) fn shuttle_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let change = self.change(variant, shuttle::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return Vec::new();
        };
        let (name, wait) = (shuttle::SIMULATION, "shuttle_wait");
        let existing = (variant > 0).then_some(0);
        // Where nobody rode there is no wait to draw.
        let sides: Vec<(usize, &Field)> = existing
            .into_iter()
            .chain([variant])
            .filter_map(|v| Some((v, self.field(v, name, wait)?)))
            .collect();
        let mut figures = Vec::new();
        let difference = self.difference(variant, name, wait);
        // Stops on other streets leave little to subtract: then each side fills the page.
        let most = sides.iter().map(|(_, field)| cells_with_value(field)).max();
        let shared = difference.map_or(0, cells_with_value) as f64;
        let difference = difference.filter(|_| shared > LEAST_SHARED * most.unwrap_or(0) as f64);
        let half = sides.len() > 1 && difference.is_some();
        if let Some(field) = difference {
            let place = (extent, false, 92.0);
            let caption = "report-shuttle-caption-difference";
            let shown = Shown::Difference;
            figures.push(self.ground_figure(variant, field, shown, change, caption, place));
        }
        for (v, field) in sides {
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            let caption = "report-shuttle-caption-wait";
            figures.push(self.ground_figure(v, field, shown_of(v), change, caption, place));
        }
        figures
    }

    /// Shuttles of all variants in numbers and charts.
    pub(super) fn shuttle_tables(&self, out: &mut String) {
        let sides = self.all_sides(shuttle::SIMULATION);
        if sides.is_empty() {
            return;
        }
        self.heading(out, "report-shuttle-tables");
        out.push_str(&shuttle::section(self.texts, &sides));
    }
}

/// Cells of a map that have a value.
fn cells_with_value(field: &Field) -> usize {
    match &field.data {
        FieldData::Raster { values, .. } => values.iter().filter(|v| v.is_finite()).count(),
        _ => 0,
    }
}
