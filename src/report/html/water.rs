//! The water: maps, buildings, streets, gauges, balance, sinks.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::flood;
use crate::report::maps::{self, Shown};
use crate::result::{Field, SimulationResult, Table};

use super::figures::Figure;
use super::lookup::{Report, SHORT_ROWS, TOP_ROWS, shown_of, table};

/// Gauges whose curves are drawn.
const GAUGES: usize = 8;

impl<'a> Report<'a> {
    /// Maps of the water of one variant: what changes, then depth, speed, hazard and times of the variant.
    pub(super) fn flood_figures(
        &self,
        variant: usize,
        simulation: &'a SimulationResult,
    ) -> Vec<Figure<'a>> {
        let mut figures = Vec::new();
        let change = self.change(variant, flood::SIMULATION);
        let extent = match change {
            Some(change) => change.focus,
            None => maps::result_extent(self.cities[variant], simulation),
        };
        let Some(extent) = extent else {
            return figures;
        };
        let figure = |v: usize, field: &'a Field, shown: Shown, half: bool| {
            let caption = match (shown, v) {
                (Shown::Difference, _) => "report-flood-caption-difference".to_owned(),
                _ => format!("report-flood-caption-{}", flood::caption(field)),
            };
            let place = (extent, half, if half { 62.0 } else { 86.0 });
            self.ground_figure(v, field, shown, change, &caption, place)
        };
        let field = |v: usize, id: &str| self.field(v, flood::SIMULATION, id);
        let mut add = |v: usize, field: Option<&'a Field>, shown: Shown, half: bool| {
            figures.extend(field.map(|f| figure(v, f, shown, half)));
        };
        let depth = "flood_depth_max";
        if variant > 0 {
            let difference = self.difference(variant, flood::SIMULATION, depth);
            add(variant, difference, Shown::Difference, false);
            for v in [0, variant] {
                add(v, field(v, depth), shown_of(v), true);
            }
        } else {
            add(0, field(0, depth), Shown::Baseline, false);
        }
        let shown = shown_of(variant);
        add(variant, field(variant, "flood_speed_max"), shown, false);
        let hazard = "flood_hazard_max";
        if variant > 0 {
            for v in [0, variant] {
                add(v, field(v, hazard), shown_of(v), true);
            }
        } else {
            add(0, field(0, hazard), Shown::Baseline, false);
        }
        for id in ["flood_arrival", "flood_duration_above_10cm"] {
            add(variant, field(variant, id), shown, true);
        }
        if self.answered().first() == Some(&variant) {
            for id in ["flood_sink_depth", "flood_flow_accumulation"] {
                add(variant, field(variant, id), shown, true);
            }
        }
        figures
    }

    /// Tables and curves of the water: buildings, streets, gauges, balance, sinks.
    pub(super) fn water(&self, out: &mut String) {
        let mut any = false;
        for variant in self.answered() {
            let Some(simulation) = self.flood(variant) else {
                continue;
            };
            if !any {
                self.heading(out, "report-flood-tables");
                any = true;
            }
            if variant > 0 && self.run.variants.len() > 2 {
                let _ = writeln!(out, "<h3>{}</h3>", escape(&self.name(variant)));
            }
            self.water_buildings(out, variant, simulation);
            self.water_streets(out, variant, simulation);
            self.water_gauges(out, variant, simulation);
        }
        let sides = self.all_sides(flood::SIMULATION).into_iter();
        let sides = sides.filter_map(|(name, of)| Some((name, table(of, "flood_ledger")?)));
        let sides: Vec<(String, &Table)> = sides.collect();
        // Three pairs of columns are what a page holds.
        for (i, group) in sides.chunks(3).enumerate() {
            if i == 0 {
                let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-ledger"));
            }
            let caption = self.texts.get("report-flood-ledger-caption");
            out.push_str(&flood::ledger_table(self.texts, group, &caption));
        }
        let first = self.answered().first().copied();
        let sinks = first.and_then(|v| table(self.flood(v)?, "flood_sinks"));
        if let Some(sinks) = sinks {
            let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-sinks"));
            let caption = self.texts.get("report-flood-sinks-caption");
            out.push_str(&flood::sink_table(self.texts, sinks, TOP_ROWS, &caption));
        }
    }

    fn water_buildings(&self, out: &mut String, variant: usize, simulation: &SimulationResult) {
        let baseline = self.baseline(variant, flood::SIMULATION);
        let all = flood::buildings(baseline, simulation);
        if all.is_empty() {
            return;
        }
        let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-buildings"));
        let alone = baseline.is_none();
        let classes = |v: usize| -> Option<(String, Vec<String>)> {
            let result = self.flood(v)?;
            let of = flood::buildings(None, result);
            Some((self.name(v), of.into_iter().map(|b| b.class).collect()))
        };
        let sides: Vec<(String, Vec<String>)> = if alone {
            classes(variant).into_iter().collect()
        } else {
            [0, variant].into_iter().filter_map(classes).collect()
        };
        let rows: Vec<(String, Vec<&str>)> = sides
            .iter()
            .map(|(name, of)| (name.clone(), of.iter().map(String::as_str).collect()))
            .collect();
        let _ = writeln!(
            out,
            "<figure class=\"full\">{}<figcaption>{}</figcaption></figure>",
            flood::class_chart(self.texts, &rows),
            self.t("report-flood-class-chart")
        );
        let listed = flood::listed_buildings(&all, alone);
        if listed.is_empty() {
            let _ = writeln!(out, "<p>{}</p>", self.t("report-flood-no-building"));
            return;
        }
        let shown = &listed[..listed.len().min(SHORT_ROWS)];
        let unit = table(simulation, "flood_buildings").map_or("min", |t| {
            let mut columns = t.columns.iter();
            columns
                .find(|c| c.id.starts_with("arrival_"))
                .map_or("min", |c| c.unit)
        });
        let caption = self.texts.get(if alone {
            "report-flood-buildings-caption"
        } else {
            "report-flood-buildings-caption-change"
        });
        out.push_str(&flood::building_table(
            self.texts,
            &self.cities_of(variant),
            shown,
            unit,
            alone,
            &caption,
        ));
        let file = self.csv(variant, "flood_buildings");
        self.more(out, "report-flood-more", listed.len(), shown.len(), file);
    }

    fn water_streets(&self, out: &mut String, variant: usize, simulation: &SimulationResult) {
        let baseline = self.baseline(variant, flood::SIMULATION);
        let all = flood::streets(baseline, simulation);
        if all.is_empty() {
            return;
        }
        let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-streets"));
        let shown = &all[..all.len().min(SHORT_ROWS)];
        let caption = self.texts.get("report-flood-streets-caption");
        let alone = baseline.is_none();
        out.push_str(&flood::street_table(
            self.texts, simulation, shown, alone, &caption,
        ));
        let file = self.csv(variant, "flood_streets");
        self.more(out, "report-flood-more", all.len(), shown.len(), file);
        if let Some(passability) = &simulation.passability {
            let metres = |m: f64| self.texts.language().with_unit(m, 2, "m");
            let limits = passability.limits;
            let note = self.texts.with(
                "report-flood-limits",
                &[
                    ("car", metres(limits.car_m)),
                    ("bus", metres(limits.bus_m)),
                    ("ambulance", metres(limits.ambulance_m)),
                ],
            );
            let _ = writeln!(out, r#"<p class="quiet small">{}</p>"#, escape(&note));
        }
    }

    fn water_gauges(&self, out: &mut String, variant: usize, simulation: &SimulationResult) {
        let after = flood::curves(simulation);
        if after.is_empty() {
            return;
        }
        let before = self.baseline(variant, flood::SIMULATION).map(flood::curves);
        let _ = writeln!(out, "<h3>{}</h3>", self.t("table-flood-gauges"));
        let (baseline, name) = (self.name(0), self.name(variant));
        for pair in after[..after.len().min(GAUGES)].chunks(2) {
            out.push_str("<div class=\"pair\">");
            for (id, curve) in pair {
                let old = before.iter().flatten().find(|(of, _)| of == id);
                let old = old.map(|(_, curve)| (baseline.as_str(), curve.as_slice()));
                let chart = flood::gauge_chart(self.texts, id, old, (name.as_str(), curve));
                let _ = write!(out, "<figure>{chart}</figure>");
            }
            out.push_str("</div>\n");
        }
        let _ = writeln!(
            out,
            r#"<p class="quiet small">{}</p>"#,
            self.t("report-flood-gauges-caption")
        );
        let file = self.csv(variant, "flood_gauge_series");
        self.more(
            out,
            "report-flood-more",
            after.len(),
            after.len().min(GAUGES),
            file,
        );
    }
}
