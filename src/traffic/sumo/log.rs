//! Collects faults and notes, and reads the values of attributes with them.

use super::error::{Fault, Faults, Notes};
use super::xml::{Element, Source};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// What cannot be used.
    pub faults: Faults,
    /// What is left out or read otherwise.
    pub notes: Notes,
}

/// Numbers that an attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limits {
    /// Every finite one.
    Any,
    /// From zero.
    NotNegative,
    /// Above zero.
    Positive,
}

impl Limits {
    fn holds(self, value: f64) -> bool {
        value.is_finite()
            && match self {
                Self::Any => true,
                Self::NotNegative => value >= 0.0,
                Self::Positive => value > 0.0,
            }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Any => "a number",
            Self::NotNegative => "a number from 0",
            Self::Positive => "a number above 0",
        }
    }
}

impl Log {
    /// Adds a fault of an element.
    pub(super) fn fault(
        &mut self,
        source: &Source,
        element: &Element,
        code: &'static str,
        what: impl FnOnce() -> String,
        more: impl FnOnce(Fault) -> Fault,
    ) {
        self.faults
            .add(|| more(Fault::new(code, source.place(element.line), what())));
    }

    /// Adds a note on an element; the words are those that stand in its sentence. They do not name the object, so that equal notes are counted.
    pub(super) fn note(
        &mut self,
        source: &Source,
        element: &Element,
        code: &'static str,
        words: &[&str],
    ) {
        let words = words.iter().map(|word| shortened(word).to_string());
        self.notes.add(
            code,
            element.text("id"),
            source.place(element.line),
            words.collect(),
        );
    }

    /// The value of an attribute that must be there.
    pub(super) fn required<'e>(
        &mut self,
        source: &Source,
        element: &'e Element,
        name: &str,
    ) -> Option<&'e str> {
        let value = element.get(name);
        if value.is_none() {
            self.fault(
                source,
                element,
                "missing-attribute",
                || format!("{} has no `{name}`", describe(element)),
                |fault| fault.help(format!("add the attribute `{name}`")),
            );
        }
        value
    }

    /// The number in an attribute; `None` when it is missing, or faulty, which is then in the log.
    pub(super) fn number(
        &mut self,
        source: &Source,
        element: &Element,
        name: &str,
        limits: Limits,
    ) -> Option<f64> {
        let text = element.get(name)?;
        let value = text
            .trim()
            .parse()
            .ok()
            .filter(|value| limits.holds(*value));
        if value.is_none() {
            self.wrong_value(source, element, name, limits.text());
        }
        value
    }

    /// The number in an attribute that must be there.
    pub(super) fn required_number(
        &mut self,
        source: &Source,
        element: &Element,
        name: &str,
        limits: Limits,
    ) -> Option<f64> {
        self.required(source, element, name)?;
        self.number(source, element, name, limits)
    }

    /// The time (s) in an attribute: seconds, `h:m:s` or `d:h:m:s`.
    pub(super) fn time(
        &mut self,
        source: &Source,
        element: &Element,
        name: &str,
        limits: Limits,
    ) -> Option<f64> {
        let value = parse_time(element.get(name)?).filter(|value| limits.holds(*value));
        if value.is_none() {
            let expected = match limits {
                Limits::Any => "a time in seconds or as h:m:s",
                Limits::NotNegative => "a time from 0 in seconds or as h:m:s",
                Limits::Positive => "a time above 0 in seconds or as h:m:s",
            };
            self.wrong_value(source, element, name, expected);
        }
        value
    }

    /// The whole number in an attribute, from 0.
    pub(super) fn whole(&mut self, source: &Source, element: &Element, name: &str) -> Option<u32> {
        let value = element.get(name)?.trim().parse().ok();
        if value.is_none() {
            self.wrong_value(source, element, name, "a whole number from 0");
        }
        value
    }

    /// The yes or no in an attribute, in the words that SUMO reads.
    pub(super) fn flag(&mut self, source: &Source, element: &Element, name: &str) -> Option<bool> {
        let value = parse_flag(element.get(name)?);
        if value.is_none() {
            self.wrong_value(source, element, name, "`true` or `false`");
        }
        value
    }

    /// Places `x,y x,y` or `x,y,z x,y,z` (m), the heights left out; empty when the attribute is missing.
    pub(super) fn shape(
        &mut self,
        source: &Source,
        element: &Element,
        name: &str,
    ) -> Vec<[f64; 2]> {
        let Some(text) = element.get(name) else {
            return Vec::new();
        };
        let shape: Option<Vec<_>> = text.split_whitespace().map(parse_point).collect();
        if shape.is_none() {
            self.wrong_value(source, element, name, "places as `x,y x,y` in metres");
        }
        shape.unwrap_or_default()
    }

    /// Adds the fault that the value of an attribute is not what it should be.
    pub(super) fn wrong_value(
        &mut self,
        source: &Source,
        element: &Element,
        name: &str,
        expected: &str,
    ) {
        self.fault(
            source,
            element,
            "value",
            || {
                format!(
                    "`{name}` of {} is `{}`",
                    describe(element),
                    shortened(element.text(name))
                )
            },
            |fault| {
                fault
                    .expected(expected)
                    .help(format!("correct the value of `{name}`"))
            },
        );
    }
}

/// What an element is called in messages: ``lane `12_0` ``.
pub(super) fn describe(element: &Element) -> String {
    match (element.name, element.get("id")) {
        ("connection", _) => format!(
            "the connection from `{}_{}` to `{}_{}`",
            element.text("from"),
            element.text("fromLane"),
            element.text("to"),
            element.text("toLane")
        ),
        (name, Some(id)) => format!("{name} `{}`", shortened(id)),
        (name, None) => format!("a `<{name}>`"),
    }
}

/// A text short enough for a message.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        text.to_owned()
    } else {
        text.chars().take(LONGEST).chain(['…']).collect()
    }
}

/// Seconds, `h:m:s` or `d:h:m:s`.
pub(super) fn parse_time(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let parts: Vec<&str> = digits.split(':').collect();
    let factors: &[f64] = match parts.len() {
        1 => &[1.0],
        3 => &[3600.0, 60.0, 1.0],
        4 => &[86_400.0, 3600.0, 60.0, 1.0],
        _ => return None,
    };
    let mut sum = 0.0;
    for (part, factor) in parts.iter().zip(factors) {
        let value: f64 = part.parse().ok()?;
        if !value.is_finite() || value.is_sign_negative() {
            return None;
        }
        sum += value * factor;
    }
    Some(sign * sum)
}

/// Yes or no in the words that SUMO reads.
pub(super) fn parse_flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" | "x" | "t" => Some(true),
        "0" | "false" | "no" | "off" | "-" | "f" => Some(false),
        _ => None,
    }
}

fn parse_point(text: &str) -> Option<[f64; 2]> {
    let mut parts = text.split(',').map(|part| part.parse::<f64>().ok());
    let (x, y) = (parts.next()??, parts.next()??);
    let height = parts.next().unwrap_or(Some(0.0))?;
    (x.is_finite() && y.is_finite() && height.is_finite() && parts.next().is_none())
        .then_some([x, y])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_clock_times() {
        assert_eq!(parse_time("12.5"), Some(12.5));
        assert_eq!(parse_time("1:02:03"), Some(3723.0));
        assert_eq!(parse_time("1:0:0:1.5"), Some(86_401.5));
        assert_eq!(parse_time("-5"), Some(-5.0));
        for wrong in ["", "a", "1:2", "nan", "inf", "--5", "1:-2:3"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn points_have_two_or_three_finite_numbers() {
        assert_eq!(parse_point("1,2"), Some([1.0, 2.0]));
        assert_eq!(parse_point("1,2,3"), Some([1.0, 2.0]));
        for wrong in ["1", "1,nan", "1,2,x", "1,2,3,4", "inf,1"] {
            assert_eq!(parse_point(wrong), None, "{wrong}");
        }
    }
}
