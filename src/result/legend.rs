//! Legends: classes from `assets/legends.csv` and continuous colour maps from `assets/colormaps.csv`.
//!
//! One table for window, maps and report, so that a colour means the same everywhere. Class limits are lower bound
//! inclusive, upper bound exclusive. Colours of continuous maps are interpolated in sRGB between 33 samples of a perceptually
//! uniform map; the samples lie close enough (neighbours differ by less than 3 CAM02-UCS units) that this stays uniform.

use std::sync::LazyLock;

use crate::text::{Language, Texts};

const LEGENDS_CSV: &str = include_str!("../../assets/legends.csv");
const COLORMAPS_CSV: &str = include_str!("../../assets/colormaps.csv");

/// Colour of places without a value, where one must be painted at all.
pub const NO_VALUE_COLOR: [u8; 3] = [0xd8, 0xd8, 0xd8];

/// What colours mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Legend {
    /// Stable id, e.g. `sun_hours_en17037`.
    pub id: String,
    /// Unit of the values.
    pub unit: String,
    /// Classes or a continuous map.
    pub kind: LegendKind,
    /// Source of the class limits; empty for own continuous maps.
    pub source: String,
}

/// Classes or a continuous map.
#[derive(Clone, Debug, PartialEq)]
pub enum LegendKind {
    /// Classes in rising order.
    Classes(Vec<Class>),
    /// A continuous map; values beyond the ends take the colour of the end.
    Continuous {
        /// Name of the colour map.
        colormap: &'static str,
        /// Value of the first colour.
        min: f64,
        /// Value of the last colour.
        max: f64,
        /// Distance of the labelled ticks.
        tick: f64,
        /// Text keys of the words at the lower and the upper end (`less sun`, `more sun`), if signs need words.
        ends: Option<[&'static str; 2]>,
        /// 33 colours from `min` to `max`.
        colors: Vec<[u8; 3]>,
    },
}

/// One class.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Lower bound, inclusive; minus infinity for an open first class.
    pub lower: f64,
    /// Upper bound, exclusive; infinite for the last class.
    pub upper: f64,
    /// German label.
    pub label_de: String,
    /// English label.
    pub label_en: String,
    /// Fill.
    pub color: [u8; 3],
    /// Legible ink on the fill.
    pub ink: [u8; 3],
}

/// A continuous legend: id, unit, colour map, min, max, tick, words at the ends.
type ContinuousRow = (
    &'static str,
    &'static str,
    &'static str,
    f64,
    f64,
    f64,
    Option<[&'static str; 2]>,
);

/// All continuous legends.
///
/// * `sun_hours_day`: cividis, dark blue in the shade to yellow in the sun, made for colour-vision deficiency. 12 h is a day
///   at the equinox; longer days take the last colour.
/// * `sun_hours_difference`: vik, variant minus baseline, blue for less sun, red for more, light grey in between.
const CONTINUOUS: &[ContinuousRow] = &[
    ("sun_hours_day", "h", "cividis", 0.0, 12.0, 2.0, None),
    (
        "sun_hours_difference",
        "h",
        "vik",
        -4.0,
        4.0,
        1.0,
        Some(["report-less-sun", "report-more-sun"]),
    ),
];

static LEGENDS: LazyLock<Vec<Legend>> = LazyLock::new(|| {
    let mut legends = read_classes(LEGENDS_CSV);
    for (id, unit, colormap, min, max, tick, ends) in CONTINUOUS {
        legends.push(Legend {
            id: (*id).to_owned(),
            unit: (*unit).to_owned(),
            kind: LegendKind::Continuous {
                colormap,
                min: *min,
                max: *max,
                tick: *tick,
                ends: *ends,
                colors: read_colormap(COLORMAPS_CSV, colormap),
            },
            source: String::new(),
        });
    }
    legends
});

/// The legend with this id.
pub fn legend(id: &str) -> Option<&'static Legend> {
    LEGENDS.iter().find(|l| l.id == id)
}

/// All legends.
pub fn legends() -> &'static [Legend] {
    &LEGENDS
}

impl Legend {
    /// Colour of a value (sRGB). Values beyond the ends take the colour of the end; NaN is [`NO_VALUE_COLOR`].
    pub fn color(&self, value: f64) -> [u8; 3] {
        if value.is_nan() {
            return NO_VALUE_COLOR;
        }
        match &self.kind {
            LegendKind::Classes(classes) => classes
                .iter()
                .rev()
                .find(|c| value >= c.lower)
                .or(classes.first())
                .map_or(NO_VALUE_COLOR, |c| c.color),
            LegendKind::Continuous {
                min, max, colors, ..
            } => {
                let last = colors.len().saturating_sub(1);
                let position = ((value - min) / (max - min)).clamp(0.0, 1.0) * last as f64;
                let left = (position.floor() as usize).min(last);
                let (Some(a), Some(b)) = (colors.get(left), colors.get((left + 1).min(last)))
                else {
                    return NO_VALUE_COLOR;
                };
                let t = position - left as f64;
                std::array::from_fn(|i| {
                    (f64::from(a[i]) + t * (f64::from(b[i]) - f64::from(a[i]))).round() as u8
                })
            }
        }
    }

    /// Class of a value; `None` for a continuous legend, NaN, or a value below the first class.
    pub fn class(&self, value: f64) -> Option<&Class> {
        match &self.kind {
            LegendKind::Classes(classes) => classes.iter().rev().find(|c| value >= c.lower),
            LegendKind::Continuous { .. } => None,
        }
    }

    /// Position of the class of a value, 0 for the lowest.
    pub fn class_index(&self, value: f64) -> Option<usize> {
        match &self.kind {
            LegendKind::Classes(classes) => classes.iter().rposition(|c| value >= c.lower),
            LegendKind::Continuous { .. } => None,
        }
    }

    /// The classes; empty for a continuous legend.
    pub fn classes(&self) -> &[Class] {
        match &self.kind {
            LegendKind::Classes(classes) => classes,
            LegendKind::Continuous { .. } => &[],
        }
    }

    /// Values at which a continuous legend is labelled; empty for classes.
    pub fn ticks(&self) -> Vec<f64> {
        match &self.kind {
            LegendKind::Classes(_) => Vec::new(),
            LegendKind::Continuous { min, max, tick, .. } => {
                let count = ((max - min) / tick).round() as usize;
                (0..=count).map(|i| min + i as f64 * tick).collect()
            }
        }
    }
}

impl Class {
    /// Label in a language.
    pub fn label(&self, language: Language) -> &str {
        match language {
            Language::De => &self.label_de,
            Language::En => &self.label_en,
        }
    }

    /// Limits in words: `unter 1,5 h`, `1,5 bis 3 h`, `ab 4 h`.
    pub fn limits(&self, texts: &Texts, unit: &str) -> String {
        let number = |value: f64| {
            let decimals = usize::from(value.fract() != 0.0);
            texts.language().number(value, decimals)
        };
        let (lower, upper) = (number(self.lower), number(self.upper));
        let args = [
            ("lower", lower.as_str()),
            ("upper", upper.as_str()),
            ("unit", unit),
        ];
        if self.upper.is_infinite() {
            texts.with("report-class-from", &args)
        } else if self.lower <= 0.0 {
            texts.with("report-class-below", &args)
        } else {
            texts.with("report-class-between", &args)
        }
    }
}

fn read_classes(source: &str) -> Vec<Legend> {
    let mut legends: Vec<Legend> = Vec::new();
    for row in rows(source) {
        let [
            id,
            _quantity,
            unit,
            _class,
            lower,
            upper,
            de,
            en,
            _,
            color,
            ink,
            _,
            _,
            origin,
            ..,
        ] = row.as_slice()
        else {
            continue;
        };
        let (Some(color), Some(ink)) = (hex(color), hex(ink)) else {
            continue;
        };
        let class = Class {
            lower: lower.parse().unwrap_or(f64::NEG_INFINITY),
            upper: upper.parse().unwrap_or(f64::INFINITY),
            label_de: de.clone(),
            label_en: en.clone(),
            color,
            ink,
        };
        match legends.last_mut() {
            Some(Legend {
                id: last,
                kind: LegendKind::Classes(classes),
                ..
            }) if last == id => classes.push(class),
            _ => legends.push(Legend {
                id: id.clone(),
                unit: unit.clone(),
                kind: LegendKind::Classes(vec![class]),
                source: origin.clone(),
            }),
        }
    }
    legends
}

fn read_colormap(source: &str, name: &str) -> Vec<[u8; 3]> {
    rows(source)
        .filter(|row| row.first().is_some_and(|n| n == name))
        .filter_map(|row| row.get(3).and_then(|h| hex(h)))
        .collect()
}

fn rows(source: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    csv::Reader::from_reader(source.as_bytes())
        .into_records()
        .filter_map(Result::ok)
        .map(|record| record.iter().map(str::to_owned).collect())
}

/// `#rrggbb` as three bytes.
fn hex(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6)?;
    let value = u32::from_str_radix(digits, 16).ok()?;
    Some([(value >> 16) as u8, (value >> 8) as u8, value as u8])
}

/// Three bytes as `#rrggbb`.
pub fn css_color([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_tables_is_read() {
        let rows = LEGENDS_CSV.lines().count() - 1;
        let classes: usize = legends().iter().map(|l| l.classes().len()).sum();
        assert_eq!((rows, classes), (122, 122));
        for legend in legends() {
            if let LegendKind::Continuous { colors, .. } = &legend.kind {
                assert_eq!(colors.len(), 33, "{}", legend.id);
            }
        }
    }

    #[test]
    fn classes_of_en_17037_start_at_their_lower_bound() {
        let legend = legend("sun_hours_en17037").unwrap();
        let label = |value| legend.class(value).map(|c| c.label_en.as_str());
        assert_eq!(label(1.4999), Some("below minimum"));
        assert_eq!(label(f64::from(90_f32 / 60.0)), Some("minimum"));
        assert_eq!(label(f64::from(180_f32 / 60.0)), Some("medium"));
        assert_eq!(label(4.0), Some("high"));
        assert_eq!(label(f64::NAN), None);
        assert_eq!(legend.color(4.0), [0xff, 0xfe, 0xcb]);
        assert_eq!(legend.class_index(3.5), Some(2));
    }

    #[test]
    fn continuous_colours_meet_the_map_at_its_samples_and_stop_at_its_ends() {
        let difference = legend("sun_hours_difference").unwrap();
        assert_eq!(difference.color(0.0), [0xec, 0xe5, 0xe0]);
        assert_eq!(difference.color(-9.0), difference.color(-4.0));
        assert_eq!(difference.color(f64::NAN), NO_VALUE_COLOR);
        let day = legend("sun_hours_day").unwrap();
        assert_eq!(day.ticks(), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]);
        let light =
            |c: [u8; 3]| f64::from(c[0]) * 0.3 + f64::from(c[1]) * 0.59 + f64::from(c[2]) * 0.11;
        for step in 0..48 {
            let value = f64::from(step) * 0.25;
            assert!(
                light(day.color(value + 0.25)) > light(day.color(value)),
                "{value} h"
            );
        }
    }

    #[test]
    fn limits_are_written_in_words() {
        let legend = legend("sun_hours_en17037").unwrap();
        let texts = crate::text::texts(Language::De);
        let words: Vec<_> = legend
            .classes()
            .iter()
            .map(|c| c.limits(texts, "h"))
            .collect();
        assert_eq!(
            words,
            [
                "unter 1,5\u{a0}h",
                "1,5 bis unter 3\u{a0}h",
                "3 bis unter 4\u{a0}h",
                "ab 4\u{a0}h"
            ]
        );
    }
}
