//! The answer in full sentences, simulation by simulation.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::sun::{self, FacadeDay};
use crate::report::{access, flood, shuttle, traffic, wind};
use crate::result::SimulationResult;
use crate::text::Texts;

use super::lookup::Report;

impl Report<'_> {
    pub(super) fn answer(&self, out: &mut String) {
        let mut all = String::new();
        let scope = |name: &str, scope: fn(&Texts, &SimulationResult) -> String| {
            let baseline = self.simulation(0, name);
            baseline.map_or_else(String::new, |of| escape(&scope(self.texts, of)))
        };
        let traffic_scope = scope(traffic::SIMULATION, traffic::scope);
        let access_scope = scope(access::SIMULATION, access::scope);
        let shuttle_scope = scope(shuttle::SIMULATION, shuttle::scope);
        let flood = self.answers(flood::SIMULATION, |variant, baseline, result| {
            flood::answer(self.texts, &self.cities_of(variant), baseline, result)
        });
        let settings = self.run.scenario.wind.as_ref();
        let reference = settings.and_then(|wind| wind.inflow.reference());
        let wind = self.answers(wind::SIMULATION, |_, baseline, result| {
            wind::answer(self.texts, baseline, result, reference)
        });
        let traffic = self.answers(traffic::SIMULATION, |_, baseline, result| {
            traffic::answer(self.texts, baseline, result)
        });
        let access = self.answers(access::SIMULATION, |_, baseline, result| {
            access::answer(self.texts, baseline, result)
        });
        for (parts, title, scope) in [
            (self.sun_answer(), "report-sun", self.t("report-sun-scope")),
            (flood, "report-flood", self.t("report-flood-scope")),
            (wind, "report-wind", self.t("report-wind-scope")),
            (traffic, "report-traffic", traffic_scope),
            (access, "report-access", access_scope),
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

    /// Sentences as a paragraph, with the name of the variant where there are several; the very first sentence is the answer.
    fn paragraph(&self, variant: usize, first: bool, sentences: &[String]) -> String {
        let mut part = String::from("<p>");
        if first && self.run.variants.len() > 2 {
            let _ = write!(part, "<strong>{}.</strong> ", escape(&self.name(variant)));
        }
        for (i, sentence) in sentences.iter().enumerate() {
            if first && i == 0 {
                let _ = write!(part, r#"<span class="lead">{}</span> "#, escape(sentence));
            } else {
                let _ = write!(part, "{} ", escape(sentence));
            }
        }
        part.push_str("</p>");
        part
    }

    /// The answer of a simulation for one variant after the other. `sentences` gives them from the baseline and the variant.
    fn answers(
        &self,
        name: &str,
        sentences: impl Fn(usize, Option<&SimulationResult>, &SimulationResult) -> Vec<String>,
    ) -> String {
        let mut parts = String::new();
        for variant in self.answered() {
            let Some(simulation) = self.simulation(variant, name) else {
                continue;
            };
            let sentences = sentences(variant, self.baseline(variant, name), simulation);
            if !sentences.is_empty() {
                parts.push_str(&self.paragraph(variant, true, &sentences));
            }
        }
        parts
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
