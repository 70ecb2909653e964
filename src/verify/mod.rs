//! Verification cases: expected, got, tolerance, verdict, source. `planspiel verify` prints them, `cargo test` runs them.
//!
//! A domain is one function from the data folder to cases. Cases on data that this machine lacks are `Skipped`.

pub mod chart;
pub mod city;
pub mod flood;
pub mod shuttle;
pub mod sun;
mod sun_placement;
pub mod traffic;
pub mod wind;

use std::path::{Path, PathBuf};

use serde::Serialize;

/// Outcome of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Within the tolerance.
    Pass,
    /// Outside the tolerance.
    Fail,
    /// No data on this machine.
    Skipped,
    /// Told without a verdict.
    Indicative,
}

/// One verification case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Case {
    /// Stable id, e.g. `sun/spa-hamburg`.
    pub id: String,
    /// Domain, e.g. `sun`.
    pub domain: &'static str,
    /// What is compared, with unit.
    pub metric: String,
    /// Expected value.
    pub expected: f64,
    /// Value of this program; NaN (written `null`) when skipped.
    pub got: f64,
    /// Largest allowed |got - expected|, in the unit of the metric; NaN (written `null`) without a verdict.
    pub tolerance: f64,
    /// Outcome.
    pub verdict: Verdict,
    /// Where the expected value comes from.
    pub source: String,
}

impl Case {
    /// Compares a number with a tolerance; NaN never passes.
    pub fn number(
        domain: &'static str,
        id: &str,
        metric: &str,
        expected: f64,
        got: f64,
        tolerance: f64,
        source: &str,
    ) -> Self {
        let verdict = if (got - expected).abs() <= tolerance {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        Self {
            id: format!("{domain}/{id}"),
            domain,
            metric: metric.to_owned(),
            expected,
            got,
            tolerance,
            verdict,
            source: source.to_owned(),
        }
    }

    /// A number that must reach a limit; NaN never does. `expected` is the limit.
    pub fn at_least(
        domain: &'static str,
        id: &str,
        metric: &str,
        limit: f64,
        got: f64,
        source: &str,
    ) -> Self {
        let metric = format!("{metric} (at least)");
        let mut case = Self::number(domain, id, &metric, limit, got, 0.0, source);
        if got >= limit {
            case.verdict = Verdict::Pass;
        }
        case
    }

    /// A number that must not pass a limit; NaN always does. `expected` is the limit.
    pub fn at_most(
        domain: &'static str,
        id: &str,
        metric: &str,
        limit: f64,
        got: f64,
        source: &str,
    ) -> Self {
        let metric = format!("{metric} (at most)");
        let mut case = Self::number(domain, id, &metric, limit, got, 0.0, source);
        if got <= limit {
            case.verdict = Verdict::Pass;
        }
        case
    }

    /// A number that is told beside its reference and is no verdict, because the reference itself is in doubt.
    pub fn indicative(
        domain: &'static str,
        id: &str,
        metric: &str,
        expected: f64,
        got: f64,
        source: &str,
    ) -> Self {
        let mut case = Self::number(domain, id, metric, expected, got, f64::NAN, source);
        case.verdict = Verdict::Indicative;
        case
    }

    /// A case whose data are not on this machine.
    pub fn skipped(domain: &'static str, id: &str, source: &str) -> Self {
        Self {
            id: format!("{domain}/{id}"),
            domain,
            metric: "no data".to_owned(),
            expected: f64::NAN,
            got: f64::NAN,
            tolerance: f64::NAN,
            verdict: Verdict::Skipped,
            source: source.to_owned(),
        }
    }
}

/// A domain: its name and its cases.
pub type Domain = (&'static str, fn(Option<&Path>) -> Vec<Case>);

/// All domains in the order they are printed.
pub const DOMAINS: &[Domain] = &[
    ("city", city::cases),
    ("flood", flood::cases),
    ("shuttle", shuttle::cases),
    ("sun", sun::cases),
    ("traffic", traffic::cases),
    ("wind", wind::cases),
];

/// Folder of the shared test data: `PLANSPIEL_DATA`, else `../shared/data` beside the working directory or beside the source tree.
pub fn data_root() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("PLANSPIEL_DATA") {
        return Some(PathBuf::from(dir)).filter(|d| d.is_dir());
    }
    [
        Path::new("../shared/data").to_owned(),
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
    ]
    .into_iter()
    .find(|d| d.is_dir())
}

/// How much of a family is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// What every test run can afford.
    Quick,
    /// All.
    Full,
}

/// In a test: the data folder, or `None` after printing why the test is skipped. With `PLANSPIEL_REQUIRE_DATA=1` a missing
/// folder fails the test.
pub fn data_root_or_skip(test: &str) -> Option<PathBuf> {
    found_or_skipped(test, data_root(), "data folder")
}

/// In a test: a folder below the data folder, as [`data_root_or_skip`].
pub fn data_folder_or_skip(test: &str, folder: &str) -> Option<PathBuf> {
    let path = data_root().map(|root| root.join(folder));
    found_or_skipped(test, path.filter(|path| path.is_dir()), folder)
}

fn found_or_skipped(test: &str, found: Option<PathBuf>, name: &str) -> Option<PathBuf> {
    if found.is_none() {
        assert!(
            std::env::var_os("PLANSPIEL_REQUIRE_DATA").is_none_or(|v| v != "1"),
            "{test}: PLANSPIEL_REQUIRE_DATA=1 but there is no {name} (set PLANSPIEL_DATA)"
        );
        eprintln!("{test}: skipped: no data");
    }
    found
}

/// The table people read.
pub fn table(cases: &[Case]) -> String {
    let number = |x: f64| match x {
        x if x.is_nan() => "-".to_owned(),
        0.0 => "0".to_owned(),
        x if x.abs() >= 1e6 || x.abs() < 1e-3 => format!("{x:.3e}"),
        x if x.fract() == 0.0 => format!("{x}"),
        x => format!("{x:.4}"),
    };
    let head = [
        "case",
        "metric",
        "expected",
        "got",
        "tolerance",
        "verdict",
        "source",
    ]
    .map(str::to_owned);
    let rows: Vec<[String; 7]> = std::iter::once(head)
        .chain(cases.iter().map(|c| {
            [
                c.id.clone(),
                c.metric.clone(),
                number(c.expected),
                number(c.got),
                number(c.tolerance),
                match c.verdict {
                    Verdict::Pass => "pass",
                    Verdict::Fail => "FAIL",
                    Verdict::Skipped => "skipped: no data",
                    Verdict::Indicative => "indicative",
                }
                .to_owned(),
                c.source.clone(),
            ]
        }))
        .collect();
    let width = |col: usize| {
        rows.iter()
            .map(|r| r[col].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..7).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        for (col, text) in row.iter().enumerate() {
            let pad = widths[col] - text.chars().count();
            match col {
                2..=4 => out.push_str(&format!("{}{text}  ", " ".repeat(pad))),
                6 => out.push_str(text),
                _ => out.push_str(&format!("{text}{}  ", " ".repeat(pad))),
            }
        }
        out.push('\n');
    }
    let count = |v| cases.iter().filter(|c| c.verdict == v).count();
    out.push_str(&format!(
        "{} passed, {} failed, {} skipped\n",
        count(Verdict::Pass),
        count(Verdict::Fail),
        count(Verdict::Skipped)
    ));
    out
}
