//! The wind: maps, areas with a use, the climate.

use std::fmt::Write as _;

use crate::report::maps::{self, Shown};
use crate::report::wind;
use crate::result::{Field, SimulationResult};

use super::figures::Figure;
use super::lookup::{Report, shown_of, table};

impl<'a> Report<'a> {
    /// Maps of the wind of one variant: what changes, comfort before and after, danger and Lawson's classes, then single directions.
    pub(super) fn wind_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, wind::SIMULATION);
        let Some(extent) = maps::result_extent(self.cities[variant], simulation) else {
            return figures;
        };
        let field = |v: usize, id: &str| -> Option<&'a Field> {
            self.wind(v)?.fields.iter().find(|f| f.id == id)
        };
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            let Some(field) = field else {
                return;
            };
            let caption = match shown {
                Shown::Difference => "report-wind-caption-difference".to_owned(),
                _ => format!("report-wind-caption-{}", wind::caption(field)),
            };
            let place = (extent, half, if half { 66.0 } else { 92.0 });
            figures.push(self.ground_figure(v, field, shown, change, &caption, place));
        };
        let both = |id: &str| [(0, field(0, id)), (variant, field(variant, id))];
        let comfort = "wind_nen8100";
        if variant > 0 {
            let fields = change.map_or(&[][..], |c| &c.fields);
            let mut fields = fields.iter().map(|d| &d.field);
            let difference = fields.find(|f| f.id.strip_suffix("_difference") == Some(comfort));
            add(variant, difference, Shown::Difference, false);
            for id in [comfort, "wind_lawson_lddc", "wind_danger_nen8100"] {
                for (v, field) in both(id) {
                    add(v, field, shown_of(v), true);
                }
            }
        } else {
            add(0, field(0, comfort), Shown::Baseline, false);
            for id in ["wind_lawson_lddc", "wind_danger_nen8100"] {
                add(0, field(0, id), Shown::Baseline, true);
            }
        }
        let shown = shown_of(variant);
        for name in ["wind_speed_", "wind_tiers_", "wind_zone_"] {
            for field in &simulation.fields {
                if field.id.starts_with(name) {
                    add(variant, Some(field), shown, false);
                }
            }
        }
        figures
    }

    /// Areas with a use, and the climate.
    pub(super) fn wind_tables(&self, out: &mut String) {
        let sides: Vec<(String, &SimulationResult)> = (0..self.run.variants.len())
            .filter_map(|v| Some((self.name(v), self.wind(v)?)))
            .collect();
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
