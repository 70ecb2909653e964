//! The table of the key figures, the variants beside the baseline.

use std::fmt::Write as _;

use crate::report::escape::{escape, shortened};
use crate::report::{access, flood, shuttle, sun, traffic, wind};
use crate::result::compare::{IndicatorDifference, indicator_differences};

use super::lookup::{Report, simulation_title};

impl Report<'_> {
    pub(super) fn indicators(&self, out: &mut String) {
        let Some(baseline) = self.run.variants.first() else {
            return;
        };
        let language = self.texts.language();
        let mut headed = false;
        for simulation in &baseline.simulations {
            let name = simulation.simulation;
            let others: Vec<(usize, Vec<IndicatorDifference>)> = self
                .run
                .variants
                .iter()
                .enumerate()
                .skip(1)
                .map(|(i, v)| (i, indicator_differences(baseline, v, name)))
                .filter(|(_, rows)| !rows.is_empty())
                .collect();
            if simulation.indicators.is_empty() {
                continue;
            }
            if !headed {
                self.heading(out, "report-indicators");
                headed = true;
            }
            if self.mixed() {
                let _ = writeln!(out, "<h3>{}</h3>", self.t(simulation_title(name)));
            }
            let _ = write!(
                out,
                r#"<table class="keep"><caption>{}</caption><thead><tr><th scope="col">{}</th><th scope="col" class="num">{}</th>"#,
                self.t("report-indicators-caption"),
                self.t("report-indicator"),
                self.t("common-variant-baseline"),
            );
            for (i, _) in &others {
                let _ = write!(
                    out,
                    r#"<th scope="col" class="num">{}</th><th scope="col" class="num">{}</th>"#,
                    escape(&shortened(&self.name(*i), 40)),
                    self.t("report-column-change")
                );
            }
            out.push_str("</tr></thead><tbody>");
            let dates = sun::days(simulation).len();
            for indicator in &simulation.indicators {
                let mut label = self.texts.get(indicator.key);
                if let (Some(date), true) = (&indicator.date, dates > 1) {
                    label = format!("{label}, {}", language.day(date));
                }
                let value = |v: f64| language.with_unit(v, indicator.decimals, indicator.unit);
                let _ = write!(
                    out,
                    r#"<tr><th scope="row">{}</th><td class="num">{}</td>"#,
                    escape(&label),
                    value(indicator.value)
                );
                for (_, rows) in &others {
                    let row = rows.iter().find(|r| r.indicator.id == indicator.id);
                    let new = row
                        .and_then(|r| r.variant)
                        .map_or_else(|| "–".to_owned(), value);
                    let unit = if indicator.unit == "%" && others.len() > 1 {
                        // Many columns leave no room for the whole word.
                        self.texts.get("report-percentage-points-short")
                    } else if indicator.unit == "%" {
                        self.texts.get("report-percentage-points")
                    } else {
                        indicator.unit.to_owned()
                    };
                    let change = row.and_then(IndicatorDifference::difference).map_or_else(
                        || "–".to_owned(),
                        |d| language.signed_with_unit(d, indicator.decimals, &unit),
                    );
                    let count = row.and_then(|r| r.matched.as_ref()).map(|m| m.count);
                    let count = count.map_or_else(String::new, |n| {
                        let n = language.number(n as f64, 0);
                        // Beside the number where there is room for it.
                        let place = if others.len() == 1 { " " } else { "<br>" };
                        format!(r#"{place}<span class="quiet small">n = {n}</span>"#)
                    });
                    let _ = write!(
                        out,
                        r#"<td class="num">{new}</td><td class="num"><span class="strong">{}</span>{count}</td>"#,
                        escape(&change)
                    );
                }
                out.push_str("</tr>");
            }
            out.push_str("</tbody></table>\n");
            if !others.is_empty() {
                let _ = writeln!(
                    out,
                    r#"<p class="quiet small">{}</p>"#,
                    self.t(match name {
                        flood::SIMULATION => "report-indicators-matched-flood",
                        wind::SIMULATION => "report-indicators-matched-wind",
                        traffic::SIMULATION => "report-indicators-matched-traffic",
                        access::SIMULATION => "report-indicators-matched-access",
                        shuttle::SIMULATION => "report-indicators-matched-shuttle",
                        _ => "report-indicators-matched",
                    })
                );
            }
        }
    }
}
