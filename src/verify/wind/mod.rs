//! Verification of the wind against wind tunnels and closed formulae.
//!
//! | family | reference |
//! |---|---|
//! | AIJ A | 186 points around one building 1:1:2 (Meng & Hibi 1998); components, so the speed of the mean velocity is compared |
//! | AIJ C | 120 points in a block of 3 x 3 cubes with a middle one of 0, 1 and 2 heights, at 0 and 45 degrees; mean of the speed |
//! | scenario-A | AIJ A again, as a user would run it: settings, profile and places from files, scores from the table of results |
//! | AIJ G | 28 points behind a row of trees (field measurement of the AIJ guidebook), beside a published RANS |
//! | empty | the approaching profile must stay as it is |
//! | comfort | shares of time and classes from Weibull statistics, by closed formulae |
//! | climate | statistics of a made-up year |
//!
//! Both tiers are compared with AIJ A and C; of tier 2 only A and the experiment that it does worst run here, all seven, and finer cells, in tests that take
//! longer.
//!
//! The constants of both tiers are calibrated on AIJ A and C, those of trees on AIJ G: their rows say how good the fit is, not how good the
//! method is elsewhere.

pub mod aij;
mod climate;
pub mod fit;
mod gusts;
mod scenario;
pub mod tier2;
pub mod trees;

use std::path::Path;

use super::Case;

const DOMAIN: &str = "wind";

/// Rows of all families; those whose data are missing are skipped.
pub fn cases(data: Option<&Path>) -> Vec<Case> {
    let mut cases = aij::empty_domain();
    let families: [(&str, Family); 7] = [
        ("aij", aij::cases),
        ("tier2", tier2::cases),
        ("scenario", scenario::cases),
        ("gusts", gusts::cases),
        ("trees", trees::cases),
        ("comfort", climate::comfort),
        ("climate", climate::statistics),
    ];
    for (name, run) in families {
        let folder = data.map(|data| data.join("wind")).filter(|f| f.is_dir());
        let rows = folder.map(|folder| run(&folder));
        match rows {
            Some(Ok(rows)) => cases.extend(rows),
            Some(Err(reason)) => cases.push(Case::number(
                DOMAIN,
                name,
                &format!("data cannot be used: {reason}"),
                0.0,
                f64::NAN,
                0.0,
                "data/wind",
            )),
            None => cases.push(Case::skipped(DOMAIN, name, "data/wind")),
        }
    }
    cases
}

type Family = fn(&Path) -> Result<Vec<Case>, String>;

/// A table of text: names of the columns, and rows.
pub(super) fn table(path: &Path) -> Result<(Vec<String>, Vec<csv::StringRecord>), String> {
    let fault = |e: csv::Error| format!("{}: {e}", path.display());
    let mut reader = csv::Reader::from_path(path).map_err(fault)?;
    let names = reader
        .headers()
        .map_err(fault)?
        .iter()
        .map(str::to_owned)
        .collect();
    let rows = reader.records().collect::<Result<_, _>>().map_err(fault)?;
    Ok((names, rows))
}

/// A number in a row; NaN for an empty cell.
pub(super) fn number(row: &csv::StringRecord, column: usize) -> Result<f64, String> {
    match row.get(column).map(str::trim) {
        Some("") => Ok(f64::NAN),
        Some(text) => text.parse().map_err(|e| format!("`{text}`: {e}")),
        None => Err(format!(
            "a row of {} columns has none number {column}",
            row.len()
        )),
    }
}
