//! Tier 2 against the wind tunnel cases of the Architectural Institute of Japan; sources in [`aij`](super::aij).

use std::ops::ControlFlow;
use std::path::Path;

use super::DOMAIN;
use super::aij::Experiment;
use crate::verify::Case;
use crate::wind::rans::{Ended, RansOptions};
use crate::wind::score::Score;

/// Least q, FAC2 and R of each experiment: about two points of measurement below what is reached with five cells per building, and not below the
/// goals ([`goal`]).
pub const LEAST: [(&str, [f64; 3]); 7] = [
    ("A", [0.845, 0.915, 0.95]),
    ("C-0H-0", [0.73, 0.98, 0.81]),
    ("C-1H-0", [0.79, 0.98, 0.82]),
    ("C-2H-0", [0.90, 0.98, 0.88]),
    ("C-0H-45", [0.83, 0.98, 0.855]),
    ("C-1H-45", [0.65, 0.98, 0.805]),
    ("C-2H-45", [0.73, 0.98, 0.84]),
];

/// Goals of an experiment: least q, FAC2 (case A alone has one) and R.
pub fn goal(name: &str) -> [f64; 3] {
    if name == "A" {
        [0.80, 0.90, 0.95]
    } else {
        [0.60, 0.0, 0.80]
    }
}

/// Experiments that run with every verification, in some ten seconds: the one for which components were measured, and the one that is done worst.
const ALWAYS: [&str; 2] = ["A", "C-1H-45"];

/// Rows of the experiments that always run.
pub fn cases(folder: &Path) -> Result<Vec<Case>, String> {
    let all = Experiment::all(folder)?;
    let always = all.iter().filter(|e| ALWAYS.contains(&e.name));
    Ok(always.flat_map(rows).collect())
}

/// Rows of one experiment.
pub fn rows(experiment: &Experiment) -> Vec<Case> {
    let name = experiment.name;
    let (site, field) = experiment.tier2(&RansOptions::default(), |_, _| ControlFlow::Continue(()));
    let score = Score::of(&experiment.pairs_tier2(&site, &field));
    let trivial = Score::of(&experiment.trivial());
    let source = "AIJ, tier 2, calibrated on this case";
    let least = LEAST.iter().find(|(n, _)| *n == name);
    let [q, fac2, r] = least.map_or([f64::NAN; 3], |(_, least)| *least);
    let id = |metric: &str| format!("tier2/{name}/{metric}");
    let mut rows: Vec<Case> = [
        ("q", q, score.q),
        ("FAC2", fac2, score.fac2),
        ("R", r, score.r),
    ]
    .into_iter()
    .map(|(metric, limit, got)| Case::at_least(DOMAIN, &id(metric), metric, limit, got, source))
    .collect();
    rows.push(Case::number(
        DOMAIN,
        &id("steady"),
        "steady at the end (1: yes)",
        1.0,
        f64::from(u8::from(field.ended == Ended::Steady)),
        0.0,
        source,
    ));
    for (metric, got, of_trivial) in [
        ("RMSE", score.rmse, trivial.rmse),
        ("bias", score.bias, trivial.bias),
    ] {
        let text = format!("{metric} of speed ratios, beside the approaching wind everywhere");
        rows.push(Case::indicative(
            DOMAIN,
            &id(metric),
            &text,
            of_trivial,
            got,
            source,
        ));
    }
    rows
}
