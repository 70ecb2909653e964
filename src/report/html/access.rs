//! Access to public transport: maps and tables.

use std::fmt::Write as _;

use crate::report::access;
use crate::report::escape::escape;
use crate::report::maps::{self, Shown};
use crate::result::{Field, SimulationResult};

use super::figures::Figure;
use super::lookup::{Report, shown_of};

impl<'a> Report<'a> {
    /// Maps of access of one variant: what changes, then times on both sides, then the hours and the travel times.
    pub(super) fn access_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, access::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.access(v)?.fields.iter().find(|f| f.id == id)
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            let Some(field) = field else {
                return;
            };
            let caption = access::caption(field, shown == Shown::Difference);
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            figures.push(self.ground_figure(v, field, shown, change, caption, place));
        };
        let ids = ["access_time", "access_kept", "access_travel"];
        if variant > 0 {
            let differences = change.map_or(&[][..], |c| &c.fields);
            let lead = differences
                .iter()
                .map(|d| &d.field)
                .find(|f| f.id.strip_suffix("_difference") == Some(ids[1]));
            add(variant, lead, Shown::Difference, false);
            for id in ids {
                for v in [0, variant] {
                    add(v, field(v, id), shown_of(v), true);
                }
            }
        } else {
            add(0, field(0, ids[0]), Shown::Baseline, false);
            for id in &ids[1..] {
                add(0, field(0, id), Shown::Baseline, true);
            }
        }
        figures
    }

    /// Shares over the day, lines, districts, amenities, isochrones.
    pub(super) fn access_tables(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.access(variant) else {
                continue;
            };
            if !any {
                self.heading(out, "report-access-tables");
                any = true;
            }
            if self.run.variants.len() > 2 {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
            }
            let mut sides = Vec::new();
            if let Some(baseline) = self.access(0).filter(|_| variant > 0) {
                sides.push((self.name(0), baseline));
            }
            sides.push((self.name(variant), simulation));
            out.push_str(&access::section(self.texts, &sides));
        }
    }
}
