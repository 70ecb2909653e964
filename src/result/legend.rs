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
    /// Values from the first to below the second stay bare on maps and in the window: a film of water is no flood, and what
    /// does not change is no difference.
    pub bare: Option<[f64; 2]>,
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

/// A continuous legend: id, unit, colour map (`_r`: reversed), min, max, tick, words at the ends.
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
/// * `flood_time_*`: cividis, dark blue where water comes early. Minutes for rain, hours for a storm tide.
/// * `flood_duration_*`: lajolla reversed, pale for short, dark for long.
/// * `flood_*_difference`: vik, variant minus baseline, blue for less water, red for more.
/// * `traffic_loss`: lajolla reversed, pale for little lost time, dark for much; `traffic_*_difference`: vik, blue for less delay, red for more.
/// * `access_kept`: cividis, yellow where the promise holds all day; `travel_time`: lajolla reversed, pale where one is soon; `access_*_difference`:
///   vik, blue where an offer is reached sooner or more often.
/// * `shuttle_wait`: lajolla reversed, pale for a short wait; its difference vik, blue for a shorter one.
/// * `wind_speed`: davos reversed, darker for stronger wind; `wind_*_difference`: vik, blue for calmer, red for windier.
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
    ("flood_time_min", "min", "cividis", 0.0, 120.0, 30.0, None),
    ("flood_time_h", "h", "cividis", 0.0, 24.0, 6.0, None),
    (
        "flood_duration_min",
        "min",
        "lajolla_r",
        0.0,
        120.0,
        30.0,
        None,
    ),
    ("flood_duration_h", "h", "lajolla_r", 0.0, 24.0, 6.0, None),
    (
        "flood_depth_difference",
        "m",
        "vik",
        -0.5,
        0.5,
        0.25,
        Some(["report-shallower", "report-deeper"]),
    ),
    (
        "flood_speed_difference",
        "m/s",
        "vik",
        -1.0,
        1.0,
        0.5,
        Some(["report-slower", "report-faster"]),
    ),
    (
        "flood_hazard_difference",
        "m²/s",
        "vik",
        -1.0,
        1.0,
        0.5,
        Some(["report-less-danger", "report-more-danger"]),
    ),
    (
        "flood_duration_difference_min",
        "min",
        "vik",
        -60.0,
        60.0,
        30.0,
        Some(["report-shorter", "report-longer"]),
    ),
    (
        "flood_duration_difference_h",
        "h",
        "vik",
        -12.0,
        12.0,
        6.0,
        Some(["report-shorter", "report-longer"]),
    ),
    ("wind_speed", "m/s", "davos_r", 0.0, 8.0, 2.0, None),
    (
        "wind_speed_difference",
        "m/s",
        "vik",
        -3.0,
        3.0,
        1.0,
        Some(["report-calmer", "report-windier"]),
    ),
    (
        "wind_hours_difference",
        "%",
        "vik",
        -20.0,
        20.0,
        10.0,
        Some(["report-calmer", "report-windier"]),
    ),
    (
        "traffic_loss",
        "h/(h·km)",
        "lajolla_r",
        0.0,
        40.0,
        10.0,
        None,
    ),
    (
        "traffic_loss_difference",
        "h/(h·km)",
        "vik",
        -10.0,
        10.0,
        5.0,
        Some(["report-less-delay", "report-more-delay"]),
    ),
    (
        "traffic_delay_difference",
        "s",
        "vik",
        -40.0,
        40.0,
        20.0,
        Some(["report-less-delay", "report-more-delay"]),
    ),
    (
        "access_time_difference",
        "min",
        "vik",
        -5.0,
        5.0,
        2.5,
        Some(["report-sooner", "report-later"]),
    ),
    ("access_kept", "%", "cividis", 0.0, 100.0, 25.0, None),
    (
        "access_kept_difference",
        "%",
        "vik_r",
        -50.0,
        50.0,
        25.0,
        Some(["report-kept-less", "report-kept-more"]),
    ),
    ("travel_time", "min", "lajolla_r", 0.0, 60.0, 15.0, None),
    ("shuttle_wait", "min", "lajolla_r", 0.0, 10.0, 2.0, None),
    (
        "shuttle_wait_difference",
        "min",
        "vik",
        -5.0,
        5.0,
        2.5,
        Some(["report-sooner", "report-later"]),
    ),
];

/// Values that stay bare: legend, from, below. Legends of classes whose first class begins above 0 stay bare below it without
/// a line here.
///
/// Water below 3 cm is not drawn (Starkregengefahrenkarten of Baden-Württemberg, as Ulm draws them); 0.015 m²/s is the hazard
/// of 3 cm at rest. Changes below 1 cm, 5 cm/s or a minute are within what a cell can tell; so are changes of 0.1 m/s, or of half a percent of the hours.
const BARE: &[(&str, f64, f64)] = &[
    ("flood_depth_river", f64::NEG_INFINITY, 0.03),
    ("flood_depth_essen", f64::NEG_INFINITY, 0.01),
    ("flood_hazard_rating", f64::NEG_INFINITY, 0.015),
    ("flood_duration_min", f64::NEG_INFINITY, 1.0),
    ("flood_duration_h", f64::NEG_INFINITY, 1.0 / 60.0),
    ("flood_depth_difference", -0.01, 0.01),
    ("flood_speed_difference", -0.05, 0.05),
    ("flood_hazard_difference", -0.05, 0.05),
    ("flood_duration_difference_min", -1.0, 1.0),
    ("flood_duration_difference_h", -1.0 / 60.0, 1.0 / 60.0),
    ("wind_speed_difference", -0.1, 0.1),
    ("wind_hours_difference", -0.5, 0.5),
    ("traffic_loss", f64::NEG_INFINITY, 0.5),
    ("traffic_loss_difference", -0.5, 0.5),
    ("traffic_delay_difference", -1.0, 1.0),
    ("access_time_difference", -0.1, 0.1),
    ("access_kept_difference", -0.5, 0.5),
    ("shuttle_wait_difference", -0.1, 0.1),
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
            bare: None,
        });
    }
    for legend in &mut legends {
        let listed = BARE.iter().find(|(id, ..)| *id == legend.id);
        let first = legend.classes().first().map(|c| c.lower);
        legend.bare = match (listed, first) {
            (Some((_, from, below)), _) => Some([*from, *below]),
            (None, Some(lower)) if lower > 0.0 => Some([f64::NEG_INFINITY, lower]),
            _ => None,
        };
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
    /// True when the classes are kinds without an order; then their limits are not written.
    pub fn is_of_kinds(&self) -> bool {
        KINDS.contains(&self.id.as_str())
    }

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

    /// Colour of a value on a map; `None` where the map stays bare: no value, or one of [`Legend::bare`].
    pub fn drawn(&self, value: f64) -> Option<[u8; 3]> {
        let bare = |[from, below]: [f64; 2]| value >= from && value < below;
        (!value.is_nan() && !self.bare.is_some_and(bare)).then(|| self.color(value))
    }

    /// Decimals that the ticks of a continuous legend need.
    pub fn tick_decimals(&self) -> usize {
        match &self.kind {
            LegendKind::Classes(_) => 0,
            LegendKind::Continuous { tick, .. } => decimals(*tick),
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

/// Legends whose classes are kinds: their numbers say nothing.
const KINDS: [&str; 2] = ["wind_zone", "wind_mask"];

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
        let number = |value: f64| texts.language().number(value, decimals(value));
        // A number without unit, as ratings have it.
        let unit = if unit == "-" { "" } else { unit };
        let (lower, upper) = (number(self.lower), number(self.upper));
        let args = [
            ("lower", lower.as_str()),
            ("upper", upper.as_str()),
            ("unit", unit),
        ];
        let words = if self.upper.is_infinite() {
            texts.with("report-class-from", &args)
        } else if self.lower <= 0.0 {
            texts.with("report-class-below", &args)
        } else {
            texts.with("report-class-between", &args)
        };
        words.trim_end().to_owned()
    }
}

/// Decimals (0 to 3) that a number needs.
fn decimals(value: f64) -> usize {
    (0..3)
        .find(|&d| {
            let scaled = value * 10_f64.powi(d);
            (scaled - scaled.round()).abs() < 1e-6
        })
        .map_or(3, |d| d as usize)
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
                bare: None,
            }),
        }
    }
    legends
}

fn read_colormap(source: &str, name: &str) -> Vec<[u8; 3]> {
    let map = name.strip_suffix("_r").unwrap_or(name);
    let mut colors: Vec<[u8; 3]> = rows(source)
        .filter(|row| row.first().is_some_and(|n| n == map))
        .filter_map(|row| row.get(3).and_then(|h| hex(h)))
        .collect();
    if map != name {
        colors.reverse();
    }
    colors
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
        assert_eq!((rows, classes), (140, 140));
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
    fn films_of_water_and_changes_of_a_hair_stay_bare() {
        let drawn = |id: &str, value: f64| legend(id).unwrap().drawn(value).is_some();
        for (id, bare, shown) in [
            ("flood_depth_pluvial_lubw", 0.0299, 0.03),
            ("flood_depth_river", 0.0, 0.03),
            ("flood_velocity_lubw", 0.199, 0.2),
            ("flood_hazard_rating", 0.01, 0.02),
            ("flood_depth_difference", 0.009, 0.01),
            ("flood_depth_difference", -0.01, -0.0101),
            ("flood_duration_min", 0.0, 2.0),
        ] {
            assert_eq!((drawn(id, bare), drawn(id, shown)), (false, true), "{id}");
        }
        assert!(drawn("sun_hours_day", 0.0) && drawn("sun_hours_en17037", 0.0));
        assert!(!drawn("sun_hours_day", f64::NAN));
        let depth = legend("flood_depth_pluvial_lubw").unwrap();
        assert_eq!(depth.drawn(0.3), Some(depth.classes()[1].color));
    }

    #[test]
    fn a_reversed_map_ends_where_the_map_begins() {
        let duration = legend("flood_duration_min").unwrap();
        assert_eq!(duration.color(999.0), [0x19, 0x19, 0x00]);
        assert_eq!(legend("flood_depth_difference").unwrap().tick_decimals(), 2);
        assert_eq!(duration.tick_decimals(), 0);
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
