//! The traffic: maps of the delay, tables and charts.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::maps::{self, Shown};
use crate::report::traffic;
use crate::result::{Field, SimulationResult};

use super::figures::Figure;
use super::lookup::{Report, shown_of};

impl<'a> Report<'a> {
    /// Maps of the delay of one variant: where it changes, then both sides.
    pub(super) fn traffic_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, traffic::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.traffic(v)?.fields.iter().find(|f| f.id == id)
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            let Some(field) = field else {
                return;
            };
            let caption = traffic::caption(field, shown == Shown::Difference);
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            figures.push(self.ground_figure(v, field, shown, change, caption, place));
        };
        let ids = ["traffic_loss", "traffic_delay"];
        if variant > 0 {
            let differences = change.map_or(&[][..], |c| &c.fields);
            let lead = differences
                .iter()
                .map(|d| &d.field)
                .find(|f| f.id.strip_suffix("_difference") == Some(ids[0]));
            add(variant, lead, Shown::Difference, false);
            for id in ids {
                for v in [0, variant] {
                    add(v, field(v, id), shown_of(v), true);
                }
            }
        } else {
            for id in ids {
                add(0, field(0, id), Shown::Baseline, false);
            }
        }
        figures
    }

    /// Classes and lines in numbers, journeys over time and way, phases of a signal, approaches, what the rules of the model did.
    pub(super) fn traffic_tables(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.traffic(variant) else {
                continue;
            };
            // The charts of the baseline stand once, with the first variant.
            let drawn_from = usize::from(any && variant > 0);
            if !any {
                self.heading(out, "report-traffic-tables");
                any = true;
            }
            if self.run.variants.len() > 2 {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
            }
            let mut sides = Vec::new();
            if let Some(baseline) = self.traffic(0).filter(|_| variant > 0) {
                sides.push((self.name(0), baseline));
            }
            sides.push((self.name(variant), simulation));
            out.push_str(&traffic::section(self.texts, &sides, drawn_from));
        }
    }
}
