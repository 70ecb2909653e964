//! The wind: maps, areas with a use, the climate.

use std::fmt::Write as _;

use crate::report::maps;
use crate::report::wind;
use crate::result::{Field, SimulationResult};

use super::figures::{Figure, Width};
use super::lookup::{Report, shown_of, table};

impl<'a> Report<'a> {
    /// Maps of the wind of one variant: what changes, comfort before and after, danger and Lawson's classes, then single directions.
    pub(super) fn wind_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let caption = |field: &Field, change: bool| {
            let of = if change {
                "difference"
            } else {
                wind::caption(field)
            };
            format!("report-wind-caption-{of}")
        };
        let fields = [
            ("wind_nen8100", Width::Page),
            ("wind_lawson_lddc", Width::Half),
            ("wind_danger_nen8100", Width::Half),
        ];
        let mut figures =
            self.before_and_after(variant, simulation, &fields, "wind_nen8100", caption);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let change = self.change(variant, wind::SIMULATION);
        for name in ["wind_speed_", "wind_tiers_", "wind_zone_"] {
            let named = simulation.fields.iter().filter(|f| f.id.starts_with(name));
            figures.extend(named.map(|field| {
                let (shown, place) = (shown_of(variant), (extent, false, 92.0));
                self.ground_figure(variant, field, shown, change, &caption(field, false), place)
            }));
        }
        figures
    }

    /// Areas with a use, and the climate.
    pub(super) fn wind_tables(&self, out: &mut String) {
        let sides = self.all_sides(wind::SIMULATION);
        let caption = self.texts.get("report-wind-uses-caption");
        let uses = wind::use_table(self.texts, &sides, &caption);
        let rose = sides.first().and_then(|(_, s)| table(s, "wind_rose"));
        if uses.is_none() && rose.is_none() {
            return;
        }
        self.heading(out, "report-wind-tables");
        out.push_str(&uses.unwrap_or_default());
        if let Some(rose) = rose {
            let _ = writeln!(
                out,
                "<figure class=\"rose\">{}<figcaption>{}</figcaption></figure>",
                wind::rose_chart(self.texts, rose),
                self.t("report-wind-rose-caption")
            );
        }
    }
}
