//! Access to public transport: maps and tables.

use crate::report::access;

use crate::result::{Field, SimulationResult};

use super::figures::{Figure, Width};
use super::lookup::Report;

impl<'a> Report<'a> {
    /// Maps of access of one variant: what changes, then times on both sides, then the hours and the travel times.
    pub(super) fn access_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let fields = [
            ("access_time", Width::Page),
            ("access_kept", Width::Half),
            ("access_travel", Width::Half),
        ];
        let caption = |field: &Field, change: bool| access::caption(field, change).to_owned();
        self.before_and_after(variant, simulation, &fields, "access_kept", caption)
    }

    /// Shares over the day, lines, districts, amenities, isochrones.
    pub(super) fn access_tables(&self, out: &mut String) {
        let name = access::SIMULATION;
        for (i, (variant, sides)) in self.answered_sides(name).into_iter().enumerate() {
            self.side_heading(out, "report-access-tables", i, variant);
            out.push_str(&access::section(self.texts, &sides));
        }
    }
}
