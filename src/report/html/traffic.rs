//! The traffic: maps of the delay, tables and charts.

use crate::report::traffic;
use crate::result::{Field, SimulationResult};

use super::figures::{Figure, Width};
use super::lookup::Report;

impl<'a> Report<'a> {
    /// Maps of the delay of one variant: where it changes, then both sides.
    pub(super) fn traffic_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let fields = [
            ("traffic_loss", Width::Page),
            ("traffic_delay", Width::Page),
        ];
        let caption = |field: &Field, change: bool| traffic::caption(field, change).to_owned();
        self.before_and_after(variant, simulation, &fields, "traffic_loss", caption)
    }

    /// Classes and lines in numbers, journeys over time and way, phases of a signal, approaches, what the rules of the model did.
    pub(super) fn traffic_tables(&self, out: &mut String) {
        let name = traffic::SIMULATION;
        for (i, (variant, sides)) in self.answered_sides(name).into_iter().enumerate() {
            // The charts of the baseline stand once, with the first variant.
            let drawn_from = usize::from(i > 0 && variant > 0);
            self.side_heading(out, "report-traffic-tables", i, variant);
            out.push_str(&traffic::section(self.texts, &sides, drawn_from));
        }
    }
}
