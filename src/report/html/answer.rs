//! The answer in full sentences, simulation by simulation.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::sun::{self, FacadeDay};
use crate::report::{access, flood, shuttle, traffic, wind};

use super::lookup::Report;

impl Report<'_> {
    pub(super) fn answer(&self, out: &mut String) {
        let mut all = String::new();
        let traffic_scope = match self.traffic(0) {
            Some(simulation) => escape(&traffic::scope(self.texts, simulation)),
            None => String::new(),
        };
        let access_scope = match self.access(0) {
            Some(simulation) => escape(&access::scope(self.texts, simulation)),
            None => String::new(),
        };
        let shuttle_scope = match self.shuttle(0) {
            Some(simulation) => escape(&shuttle::scope(self.texts, simulation)),
            None => String::new(),
        };
        for (parts, title, scope) in [
            (self.sun_answer(), "report-sun", self.t("report-sun-scope")),
            (
                self.flood_answer(),
                "report-flood",
                self.t("report-flood-scope"),
            ),
            (
                self.wind_answer(),
                "report-wind",
                self.t("report-wind-scope"),
            ),
            (self.traffic_answer(), "report-traffic", traffic_scope),
            (self.access_answer(), "report-access", access_scope),
            (self.shuttle_answer(), "report-shuttle", shuttle_scope),
        ] {
            if parts.is_empty() {
                continue;
            }
            if self.mixed() {
                let _ = write!(all, "<h3>{}</h3>", self.t(title));
            }
            let _ = write!(all, r#"{parts}<p class="quiet small">{scope}</p>"#);
        }
        if all.is_empty() {
            return;
        }
        let _ = writeln!(
            out,
            r#"<section class="answer" aria-label="{0}"><h2>{0}</h2>{all}</section>"#,
            self.t("report-answer"),
        );
    }

    fn sun_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.sun(variant) else {
                continue;
            };
            let change = self.sun_change(variant);
            let cities = self.cities_of(variant);
            for (i, date) in sun::days(simulation).iter().enumerate() {
                let day = self.facade_day(variant, date).unwrap_or_else(|| FacadeDay {
                    date: date.clone(),
                    rule: sun::is_rule_day(simulation, date),
                    pairs: Vec::new(),
                });
                let sentences = sun::answer(self.texts, &cities, &day, change, simulation);
                if !sentences.is_empty() {
                    parts.push_str(&self.paragraph(variant, i == 0, &sentences));
                }
            }
        }
        parts
    }

    fn flood_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.flood(variant) else {
                continue;
            };
            let baseline = self.flood_baseline(variant);
            let cities = self.cities_of(variant);
            let sentences = flood::answer(self.texts, &cities, baseline, simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn wind_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.wind(variant) else {
                continue;
            };
            let baseline = self.wind(0).filter(|_| variant > 0);
            let settings = self.run.scenario.wind.as_ref();
            let reference = settings.and_then(|wind| wind.inflow.reference());
            let sentences = wind::answer(self.texts, baseline, simulation, reference);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn traffic_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.traffic(variant) else {
                continue;
            };
            let baseline = self.traffic(0).filter(|_| variant > 0);
            let sentences = traffic::answer(self.texts, baseline, simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn access_answer(&self) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.access(variant) else {
                continue;
            };
            let baseline = self.access(0).filter(|_| variant > 0);
            let sentences = access::answer(self.texts, baseline, simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }

    fn shuttle_answer(&self) -> String {
        let mut parts = String::new();
        // The existing service belongs to the answer too: nothing is subtracted here.
        for variant in 0..self.run.variants.len() {
            let Some(simulation) = self.shuttle(variant) else {
                continue;
            };
            let mut sentences = shuttle::answer(self.texts, simulation);
            if self.run.variants.len() == 2
                && let Some(first) = sentences.first_mut()
            {
                *first = format!("{}: {first}", self.name(variant));
            }
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
    }
}
