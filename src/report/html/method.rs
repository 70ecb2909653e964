//! How each simulation computes, with its limits and the facts of this run.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::{access, flood, shuttle, sun, traffic, wind};
use crate::result::SimulationResult;
use crate::text::Language;

use super::lookup::{Report, simulation_title};

impl Report<'_> {
    pub(super) fn method(&self, out: &mut String) {
        self.heading(out, "report-method");
        for simulation in self
            .run
            .variants
            .first()
            .iter()
            .flat_map(|v| &v.simulations)
        {
            if self.mixed() {
                let title = simulation_title(simulation.simulation);
                let _ = writeln!(out, "<h3>{}</h3>", self.t(title));
            }
            let keys: &[&str] = match simulation.simulation {
                sun::SIMULATION => &[
                    "report-method-sun",
                    "report-method-sun-rule",
                    "report-method-sun-limits",
                ],
                flood::SIMULATION => &[
                    "report-method-flood",
                    "report-method-flood-maps",
                    "report-method-flood-classes",
                    "report-method-flood-limits",
                ],
                wind::SIMULATION => &[
                    "report-method-wind",
                    "report-method-wind-comfort",
                    "report-method-wind-limits",
                ],
                traffic::SIMULATION => &[
                    "report-method-traffic",
                    "report-method-traffic-measures",
                    "report-method-traffic-limits",
                ],
                access::SIMULATION => &[
                    "report-method-access",
                    "report-method-access-people",
                    "report-method-access-limits",
                ],
                shuttle::SIMULATION => &[
                    "report-method-shuttle",
                    "report-method-shuttle-measures",
                    "report-method-shuttle-limits",
                ],
                _ => &[],
            };
            for key in keys {
                let _ = writeln!(out, "<p>{}</p>", self.t(key));
            }
            let tier_2 = ("method-wind-equations", "wind-equations-tier-2".to_owned());
            if simulation.method.contains(&tier_2) {
                let _ = writeln!(out, "<p>{}</p>", self.t("report-method-wind-tier-2"));
            }
            out.push_str("<dl class=\"method\">");
            for (key, value) in &simulation.method {
                let _ = write!(
                    out,
                    "<div><dt>{}</dt><dd>{}</dd></div>",
                    self.t(key),
                    escape(&self.method_value(value))
                );
            }
            self.facts_of_variants(out, simulation);
            out.push_str("</dl>\n");
        }
    }

    /// Facts of traffic and shuttles that only variants have, such as the settings of their priority.
    fn facts_of_variants(&self, out: &mut String, baseline: &SimulationResult) {
        if ![traffic::SIMULATION, shuttle::SIMULATION].contains(&baseline.simulation) {
            return;
        }
        let known = |key: &str| baseline.method.iter().any(|(own, _)| *own == key);
        for variant in 1..self.run.variants.len() {
            let Some(simulation) = self.simulation(variant, baseline.simulation) else {
                continue;
            };
            for (key, value) in simulation.method.iter().filter(|(key, _)| !known(key)) {
                let _ = write!(
                    out,
                    "<div><dt>{} ({})</dt><dd>{}</dd></div>",
                    self.t(key),
                    escape(&self.name(variant)),
                    escape(&self.method_value(value))
                );
            }
        }
    }

    /// A value of the method: a text key, or a text whose decimal numbers are written in the language.
    fn method_value(&self, value: &str) -> String {
        if self.texts.has(value) {
            return self.texts.get(value);
        }
        localised(value, self.texts.language())
    }
}

/// A text whose ISO numbers are written in a language. Beside words, whole numbers of four digits stay: they may be years.
fn localised(text: &str, language: Language) -> String {
    let point = match language {
        Language::De => ",",
        Language::En => ".",
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    // Units are no words.
    let is_word = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() > 4;
    let least = if text.split(' ').any(is_word) { 5 } else { 4 };
    let words = text.split(' ').map(|word| {
        let (number, rest) = match word.strip_suffix(',') {
            Some(number) => (number, ","),
            None => (word, ""),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (number, None),
        };
        let long = whole.len() >= least || (whole.len() == 4 && fraction.is_some());
        if digits(whole) && long && fraction.is_none_or(digits) {
            // Exact to 15 digits, which no fact exceeds.
            let value = number.parse().unwrap_or(f64::NAN);
            let decimals = fraction.map_or(0, str::len);
            return format!("{}{rest}", language.number(value, decimals));
        }
        let chars: Vec<char> = word.chars().collect();
        let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
        let mut written = String::with_capacity(word.len());
        for (i, c) in chars.iter().enumerate() {
            if *c == '.' && i > 0 && digit(i - 1) && digit(i + 1) {
                written.push_str(point);
            } else {
                written.push(*c);
            }
        }
        written
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_the_method_are_written_in_the_language() {
        let written = |text: &str| [Language::De, Language::En].map(|l| localised(text, l));
        assert_eq!(
            written("165 × 68 × 4 m, 11220"),
            ["165 × 68 × 4 m, 11.220", "165 × 68 × 4 m, 11,220"]
        );
        assert_eq!(
            written("33012, 0.382 s"),
            ["33.012, 0,382 s", "33,012, 0.382 s"]
        );
        assert_eq!(written("1201, 0.5 s"), ["1.201, 0,5 s", "1,201, 0.5 s"]);
        // Neither a year, nor a day, nor a name is a number to be parted.
        for same in ["Sturmflut 1976", "2027-03-21", "EPSG:25832", "4e-16"] {
            assert_eq!(written(same), [same, same]);
        }
        assert_eq!(written("1234.5 m³")[0], "1.234,5 m³");
    }
}
