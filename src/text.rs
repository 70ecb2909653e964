//! Texts for people, in German and English, from `assets/locales`, and numbers, dates and clock times as people of that
//! language write them. Files for machines (CSV, JSON, GeoJSON) never use this module.
//!
//! Method: Project Fluent (<https://projectfluent.org>), one bundle per language, all files embedded in the program. Bidi
//! isolation marks are off: both languages run left to right, and the marks would show in SVG and in egui.

use std::fmt::Write as _;
use std::sync::LazyLock;

use fluent::concurrent::FluentBundle;
use fluent::{FluentArgs, FluentResource, FluentValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::Finding;

/// Value of a placeholder: text as it is, or a number that is written in the language of the text.
pub type Arg<'a> = FluentValue<'a>;

/// Language of a report or window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Language {
    /// German.
    #[default]
    #[serde(rename = "de")]
    De,
    /// English.
    #[serde(rename = "en")]
    En,
}

/// Shown for a missing number.
pub const NO_VALUE: &str = "–";

/// Between a number and its unit.
const NO_BREAK_SPACE: char = '\u{a0}';

macro_rules! locale_files {
    ($language:literal) => {
        &[
            (
                "access",
                include_str!(concat!("../assets/locales/", $language, "/access.ftl")),
            ),
            (
                "city",
                include_str!(concat!("../assets/locales/", $language, "/city.ftl")),
            ),
            (
                "cli",
                include_str!(concat!("../assets/locales/", $language, "/cli.ftl")),
            ),
            (
                "common",
                include_str!(concat!("../assets/locales/", $language, "/common.ftl")),
            ),
            (
                "errors",
                include_str!(concat!("../assets/locales/", $language, "/errors.ftl")),
            ),
            (
                "findings",
                include_str!(concat!("../assets/locales/", $language, "/findings.ftl")),
            ),
            (
                "flood",
                include_str!(concat!("../assets/locales/", $language, "/flood.ftl")),
            ),
            (
                "report",
                include_str!(concat!("../assets/locales/", $language, "/report.ftl")),
            ),
            (
                "shuttle",
                include_str!(concat!("../assets/locales/", $language, "/shuttle.ftl")),
            ),
            (
                "sun",
                include_str!(concat!("../assets/locales/", $language, "/sun.ftl")),
            ),
            (
                "traffic",
                include_str!(concat!("../assets/locales/", $language, "/traffic.ftl")),
            ),
            (
                "ui",
                include_str!(concat!("../assets/locales/", $language, "/ui.ftl")),
            ),
            (
                "view",
                include_str!(concat!("../assets/locales/", $language, "/view.ftl")),
            ),
            (
                "wind",
                include_str!(concat!("../assets/locales/", $language, "/wind.ftl")),
            ),
        ]
    };
}

const FILES_DE: &[(&str, &str)] = locale_files!("de");
const FILES_EN: &[(&str, &str)] = locale_files!("en");

static DE: LazyLock<Texts> = LazyLock::new(|| Texts::parse(Language::De, FILES_DE));
static EN: LazyLock<Texts> = LazyLock::new(|| Texts::parse(Language::En, FILES_EN));

/// All texts of one language.
pub fn texts(language: Language) -> &'static Texts {
    match language {
        Language::De => &DE,
        Language::En => &EN,
    }
}

/// Texts of one language, by key.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    fn parse(language: Language, files: &[(&str, &str)]) -> Self {
        let locale = language.code().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(match language {
            Language::De => |value, _| format_number(Language::De, value),
            Language::En => |value, _| format_number(Language::En, value),
        }));
        for (_, source) in files {
            // A faulty line loses one text, not the program; a test refuses faulty and doubled lines.
            let resource = FluentResource::try_new((*source).to_owned())
                .unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// Language of these texts.
    pub fn language(&self) -> Language {
        self.language
    }

    /// True when the key exists.
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The text of a key without placeholders; an unknown key shows itself in brackets.
    pub fn get(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a key with its placeholders filled in.
    pub fn with<'a, V: Clone + Into<Arg<'a>>>(&self, key: &str, args: &[(&'a str, V)]) -> String {
        let args: FluentArgs = args
            .iter()
            .map(|(name, value)| (*name, value.clone().into()))
            .collect();
        self.format(key, Some(&args))
    }

    fn format(&self, key: &str, args: Option<&FluentArgs>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|m| m.value()) else {
            return format!("[{key}]");
        };
        // A missing placeholder stays visible as `{$name}`; nothing else can go wrong here.
        let mut errors = Vec::new();
        self.bundle
            .format_pattern(pattern, args, &mut errors)
            .into_owned()
    }

    /// The sentence of a finding. Its arguments are those of the finding, `object` and `place`; counts and numbers
    /// whose name ends with a unit (`gap_m`, `share_percent`) and means are written in this language.
    pub fn finding(&self, finding: &Finding) -> String {
        let localised = |name: &str, value: &str| -> String {
            match value.parse::<f64>() {
                Ok(number) if UNIT_SUFFIXES.iter().any(|unit| name.ends_with(unit)) => {
                    let decimals = value.split_once('.').map_or(0, |(_, d)| d.len().min(3));
                    self.language.number(number, decimals)
                }
                _ => value.to_owned(),
            }
        };
        let mut args: Vec<(&str, String)> = finding
            .args
            .iter()
            .map(|(name, value)| (name.as_str(), localised(name, value)))
            .collect();
        args.push(("object", finding.object.clone().unwrap_or_default()));
        args.push(("place", finding.place.clone().unwrap_or_default()));
        self.with(&format!("finding-{}", finding.code), &args)
    }
}

impl Texts {
    /// An error message in this language, as far as it is translated: a line `error[city::truncated]: sentence` becomes the
    /// text of `error-city-truncated` with its stable name, and the sentence moves below. All other lines stay.
    pub fn error(&self, message: &str) -> String {
        let mut lines: Vec<String> = Vec::new();
        for line in message.lines() {
            let named = line
                .strip_prefix("error[")
                .and_then(|rest| rest.split_once("]: "))
                .and_then(|(name, sentence)| {
                    let key = format!("error-{}", name.replace("::", "-"));
                    self.has(&key).then(|| (self.get(&key), name, sentence))
                });
            let Some((headline, name, sentence)) = named else {
                lines.push(line.to_owned());
                continue;
            };
            lines.push(format!("{headline} [{name}]"));
            let plain = |text: &str| text.trim_end_matches('.').to_lowercase();
            if plain(sentence) != plain(&headline) {
                lines.push(format!("  {sentence}"));
            }
        }
        lines.join("\n")
    }
}

/// Endings of argument names that mark a count or a number with a unit.
const UNIT_SUFFIXES: [&str; 10] = [
    "count", "mean", "_m", "_m2", "_m3", "_deg", "_percent", "_h", "_min", "_s",
];

fn format_number(language: Language, value: &FluentValue) -> Option<String> {
    let FluentValue::Number(number) = value else {
        return None;
    };
    let decimals = number
        .options
        .minimum_fraction_digits
        .unwrap_or_else(|| shortest_decimals(number.value));
    Some(language.number(number.value, decimals))
}

/// Decimals (0 to 3) that a number needs.
fn shortest_decimals(value: f64) -> usize {
    (0..3)
        .find(|&d| {
            let scaled = value * 10_f64.powi(d as i32);
            (scaled - scaled.round()).abs() < 1e-9 * scaled.abs().max(1.0)
        })
        .unwrap_or(3)
}

const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::De, Self::En];

    /// Tag for HTML and files: `de`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    /// A number with fixed decimals and grouped thousands: `1.234,5` or `1,234.5`. Not a number shows as a dash.
    pub fn number(self, value: f64, decimals: usize) -> String {
        if !value.is_finite() {
            return NO_VALUE.to_owned();
        }
        let digits = format!("{:.decimals$}", value.abs());
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let (group, point) = match self {
            Self::De => ('.', ','),
            Self::En => (',', '.'),
        };
        let mut text = String::with_capacity(digits.len() + 6);
        if value < 0.0 && digits.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            text.push('−');
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i) % 3 == 0 {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    }

    /// A difference: like [`Language::number`], with a sign; zero has `±`.
    pub fn signed(self, value: f64, decimals: usize) -> String {
        let text = self.number(value, decimals);
        if !value.is_finite() || text.starts_with('−') {
            text
        } else if text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            format!("+{text}")
        } else {
            format!("±{text}")
        }
    }

    /// A number with its unit, not broken apart at the end of a line: `1.234,5 m²`.
    pub fn with_unit(self, value: f64, decimals: usize, unit: &str) -> String {
        let mut text = self.number(value, decimals);
        if !unit.is_empty() {
            text.push(NO_BREAK_SPACE);
            text.push_str(unit);
        }
        text
    }

    /// A difference with its unit: `−1,5 h`.
    pub fn signed_with_unit(self, value: f64, decimals: usize, unit: &str) -> String {
        let mut text = self.signed(value, decimals);
        if !unit.is_empty() {
            text.push(NO_BREAK_SPACE);
            text.push_str(unit);
        }
        text
    }

    /// A day: `21. März 2027` or `21 March 2027` for `2027-03-21`. Anything else is returned as it is.
    pub fn date(self, iso: &str) -> String {
        match split_date(iso) {
            Some((year, month, day)) => match self {
                Self::De => format!("{day}. {} {year}", MONTHS_DE[month - 1]),
                Self::En => format!("{day} {} {year}", MONTHS_EN[month - 1]),
            },
            None => iso.to_owned(),
        }
    }

    /// A day without its year, for narrow places: `21. März` or `21 March`.
    pub fn day(self, iso: &str) -> String {
        match split_date(iso) {
            Some((_, month, day)) => match self {
                Self::De => format!("{day}. {}", MONTHS_DE[month - 1]),
                Self::En => format!("{day} {}", MONTHS_EN[month - 1]),
            },
            None => iso.to_owned(),
        }
    }

    /// A clock time: minutes since midnight as `09:12`, rounded down to the minute.
    pub fn clock(self, minutes: f64) -> String {
        let minutes = minutes.floor().clamp(0.0, 1440.0) as u32;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// A clock time with its zone: `09:12 MEZ` or `09:12 CET`, for an offset of 60 minutes from UTC.
    pub fn clock_with_zone(self, minutes: f64, utc_offset_min: i32) -> String {
        format!(
            "{}{NO_BREAK_SPACE}{}",
            self.clock(minutes),
            self.zone(utc_offset_min)
        )
    }

    /// Name of a time zone by its offset from UTC (minutes): `MEZ`, `MESZ`, `CET`, `CEST`, `UTC`, else `UTC+05:30`.
    pub fn zone(self, utc_offset_min: i32) -> String {
        let name = match (self, utc_offset_min) {
            (_, 0) => "UTC",
            (Self::De, 60) => "MEZ",
            (Self::De, 120) => "MESZ",
            (Self::En, 60) => "CET",
            (Self::En, 120) => "CEST",
            _ => {
                let sign = if utc_offset_min < 0 { '−' } else { '+' };
                let minutes = utc_offset_min.unsigned_abs();
                return format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60);
            }
        };
        name.to_owned()
    }

    /// A duration: `3 h 12 min`, `45 min`, `2 h`; rounded to the minute.
    pub fn duration(self, minutes: f64) -> String {
        if !minutes.is_finite() {
            return NO_VALUE.to_owned();
        }
        let total = minutes.round().abs() as u64;
        let (hours, rest) = (total / 60, total % 60);
        let mut text = String::new();
        if minutes.round() < 0.0 {
            text.push('−');
        }
        if hours > 0 {
            let _ = write!(text, "{hours}{NO_BREAK_SPACE}h");
        }
        if rest > 0 || hours == 0 {
            if hours > 0 {
                text.push(NO_BREAK_SPACE);
            }
            let _ = write!(text, "{rest}{NO_BREAK_SPACE}min");
        }
        text
    }
}

/// Year, month (1 to 12) and day of `YYYY-MM-DD`.
fn split_date(iso: &str) -> Option<(u32, usize, u32)> {
    let mut parts = iso.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts
        .next()?
        .parse()
        .ok()
        .filter(|m| (1..=12).contains(m))?;
    let day = parts
        .next()?
        .parse()
        .ok()
        .filter(|d| (1..=31).contains(d))?;
    parts.next().is_none().then_some((year, month, day))
}

/// Longest text from a file that a message repeats (characters).
pub(crate) const LONGEST_SHOWN: usize = 120;

/// Text from outside made harmless for terminals and logs: control and direction-changing characters as `\u{..}`, long
/// texts cut.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(2 * LONGEST_SHOWN));
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST_SHOWN {
            out.push('…');
            break;
        }
        if is_unsafe(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters that change what a terminal shows: controls, and the marks that reverse or hide text (Unicode UAX #9).
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    /// Keys of one language with their placeholders; panics on a faulty or doubled line.
    fn keys(files: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys = BTreeMap::new();
        for (name, source) in files {
            if let Err((_, errors)) = FluentResource::try_new((*source).to_owned()) {
                panic!("{name}.ftl: {errors:?}");
            }
            let mut current: Option<String> = None;
            for line in source.lines() {
                let starts = line.starts_with(|c: char| c.is_ascii_alphabetic());
                if starts && let Some((key, _)) = line.split_once('=') {
                    let key = key.trim().to_owned();
                    let first = keys.insert(key.clone(), BTreeSet::new()).is_none();
                    assert!(first, "{name}.ftl: {key} stands twice");
                    current = Some(key);
                }
                let Some(entry) = current.as_ref().and_then(|k| keys.get_mut(k)) else {
                    continue;
                };
                for part in line.split('$').skip(1) {
                    let end = part
                        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
                        .unwrap_or(part.len());
                    entry.insert(part[..end].to_owned());
                }
            }
        }
        keys
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        let (de, en) = (keys(FILES_DE), keys(FILES_EN));
        assert!(de.len() > 20);
        for (key, placeholders) in &de {
            assert_eq!(Some(placeholders), en.get(key), "key `{key}` in English");
        }
        for key in en.keys() {
            assert!(de.contains_key(key), "key `{key}` is missing in German");
        }
    }

    #[test]
    fn no_locale_file_is_forgotten() {
        for (language, files) in [("de", FILES_DE), ("en", FILES_EN)] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("assets/locales")
                .join(language);
            for entry in std::fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                let stem = name.trim_end_matches(".ftl");
                assert!(
                    files.iter().any(|(file, _)| *file == stem),
                    "{language}/{name} is not embedded"
                );
            }
        }
    }

    /// First words of keys; a string literal `word-…` in the source is taken for a key.
    const KEY_WORDS: [&str; 14] = [
        "cli",
        "column",
        "common",
        "finding",
        "indicator",
        "method",
        "phase",
        "plane",
        "quality",
        "quantity",
        "report",
        "table",
        "ui",
        "unit",
    ];

    /// String literals of Rust source; simple on purpose (no raw strings: keys are never written so).
    fn literals(source: &str) -> impl Iterator<Item = &str> {
        source.split('"').skip(1).step_by(2)
    }

    fn sources(folder: &Path, into: &mut Vec<(String, String)>) {
        let mut entries: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                // Folders of tests hold invented keys.
                if !path.ends_with("tests") {
                    sources(&path, into);
                }
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                into.push((
                    path.display().to_string(),
                    std::fs::read_to_string(&path).unwrap(),
                ));
            }
        }
    }

    #[test]
    fn every_key_in_the_source_has_a_text() {
        let known = keys(FILES_DE);
        let mut files = Vec::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut files,
        );
        let mut missing = BTreeSet::new();
        for (path, source) in &files {
            let code = source
                .split("#[cfg(test)]\nmod tests")
                .next()
                .unwrap_or(source);
            let mut previous = "";
            for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
                for (i, literal) in literals(line).enumerate() {
                    let mut before = line.split('"').nth(2 * i).unwrap_or("");
                    if before.trim().is_empty() {
                        before = previous;
                    }
                    let is_finding =
                        before.ends_with("Finding::warning(") || before.ends_with("Finding::info(");
                    let key = if is_finding {
                        format!("finding-{literal}")
                    } else {
                        literal.to_owned()
                    };
                    let plain = key
                        .bytes()
                        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
                    let word = key.split_once('-').map_or("", |(word, _)| word);
                    if plain
                        && !key.ends_with('-')
                        && KEY_WORDS.contains(&word)
                        && !known.contains_key(&key)
                    {
                        missing.insert(format!("{key} ({path})"));
                    }
                }
                previous = line.trim_end();
            }
        }
        assert!(missing.is_empty(), "keys without a text: {missing:#?}");
    }

    #[test]
    fn texts_are_found_and_unknown_keys_show_themselves() {
        assert_eq!(
            texts(Language::De).get("common-variant-baseline"),
            "Bestand"
        );
        assert_eq!(
            texts(Language::En).get("common-variant-baseline"),
            "Baseline"
        );
        assert_eq!(texts(Language::De).get("no-such-key"), "[no-such-key]");
        let text = texts(Language::De).with("common-and-more", &[("count", 1234)]);
        assert!(text.contains("1.234"), "{text}");
        let text = texts(Language::En).with("common-and-more", &[("count", 1234)]);
        assert!(text.contains("1,234"), "{text}");
    }

    #[test]
    fn error_messages_get_a_headline_and_keep_their_details() {
        let message = "error[city::truncated]: a.gml ends inside <gml:posList>\n  --> a.gml:7\n  help: copy it again";
        assert_eq!(
            texts(Language::De).error(message),
            "Die Datei endet zu früh. [city::truncated]\n  a.gml ends inside <gml:posList>\n  --> a.gml:7\n  help: copy it again"
        );
        // A sentence that says no more than the headline is not repeated.
        assert_eq!(
            texts(Language::En).error("error[city::missing]: the file does not exist\n  --> a.gml"),
            "The file does not exist. [city::missing]\n  --> a.gml"
        );
        for unknown in [
            "error[city::no-such-code]: text\n  --> a.gml",
            "a note: 612 buildings",
            "error[half",
            "",
        ] {
            assert_eq!(texts(Language::De).error(unknown), unknown);
        }
        let two = "error[scenario::syntax]: x\nerror[scenario::out-of-range]: y";
        assert_eq!(texts(Language::De).error(two).lines().count(), 4);
    }

    #[test]
    fn every_fault_of_a_scenario_or_city_has_a_headline() {
        let mut files = Vec::new();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        sources(&root.join("scenario"), &mut files);
        let mut codes: BTreeSet<String> = BTreeSet::new();
        for (_, source) in &files {
            let code = source.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
            for part in code.split("Fault::new(").skip(1) {
                if let Some(rest) = part.trim_start().strip_prefix('"') {
                    codes.extend(rest.split('"').next().map(|c| format!("scenario-{c}")));
                }
            }
        }
        let cities = std::fs::read_to_string(root.join("city/error.rs")).unwrap();
        for line in cities.lines().filter(|l| l.contains("=> \"")) {
            codes.extend(line.split('"').nth(1).map(|c| format!("city-{c}")));
        }
        assert!(codes.len() > 45, "{codes:?}");
        for code in codes {
            assert!(texts(Language::De).has(&format!("error-{code}")), "{code}");
        }
    }

    #[test]
    fn texts_are_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Texts>();
    }

    #[test]
    fn numbers_follow_the_language() {
        assert_eq!(Language::De.number(1234.5, 1), "1.234,5");
        assert_eq!(Language::En.number(1234.5, 1), "1,234.5");
        assert_eq!(Language::De.number(-0.04, 1), "0,0");
        assert_eq!(Language::De.number(-1234567.0, 0), "−1.234.567");
        assert_eq!(Language::En.number(999.0, 0), "999");
        assert_eq!(Language::De.number(f64::NAN, 1), "–");
        assert_eq!(Language::De.signed(1.5, 1), "+1,5");
        assert_eq!(Language::De.signed(-1.5, 1), "−1,5");
        assert_eq!(Language::De.signed(-0.01, 1), "±0,0");
        assert_eq!(Language::De.with_unit(2.0, 1, "m²"), "2,0\u{a0}m²");
    }

    #[test]
    fn dates_and_times_follow_the_language() {
        assert_eq!(Language::De.date("2027-03-21"), "21. März 2027");
        assert_eq!(Language::En.date("2027-03-21"), "21 March 2027");
        assert_eq!(Language::De.date("2027-13-21"), "2027-13-21");
        assert_eq!(Language::De.day("2027-06-01"), "1. Juni");
        assert_eq!(Language::De.clock_with_zone(552.9, 60), "09:12\u{a0}MEZ");
        assert_eq!(Language::En.clock_with_zone(552.0, 120), "09:12\u{a0}CEST");
        assert_eq!(Language::En.zone(330), "UTC+05:30");
        assert_eq!(Language::De.duration(192.0), "3\u{a0}h\u{a0}12\u{a0}min");
        assert_eq!(Language::De.duration(120.0), "2\u{a0}h");
        assert_eq!(Language::De.duration(0.2), "0\u{a0}min");
        assert_eq!(Language::De.duration(-45.0), "−45\u{a0}min");
    }
}
