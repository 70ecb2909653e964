//! Verification of traffic against closed forms: the tables in `data/mobility/analytic`, and the simulation against both.
//!
//! | family | reference |
//! |---|---|
//! | formulas | every closed form of [`crate::traffic::theory`] against the table of another program; intergreen, Webster's cycle, offsets |
//! | queue | M/D/1: 10^6 Poisson arrivals before a slow street, 2 s per vehicle |
//! | shock | borders between two states (Lighthill, Whitham, Greenshields), queue at a red light |
//! | signal | Webster's delay at a fixed-time signal, stops of even arrivals, delay of isolated buses |
//! | idm | steady state of the intelligent driver on a ring, discharge of a queue |
//! | krauss | capacity and jam wave of Krauss' drivers |
//! | wave | platoons through coordinated signals, both directions |
//! | sidestreet | capacity of those who yield: out of a side street, into a roundabout, left under a shared green (Highway Capacity Manual) |
//! | walkers | wait of people on foot at a signal in closed form |
//! | sumo | real networks of Hamburg and Bologna beside SUMO, means over seeds |
//!
//! What needs "unlimited acceleration" is driven by Krauss' model without imperfection, with accelerations of 1,000 m/s2 and a step equal
//! to the headway: then it is Newell's model (2002), `x(t + tau) = x_leader(t) - spacing`, without an error of time steps.
//! Limited acceleration is covered by the families `idm` and `wave`.
//!
//! A tolerance is the limit of issue 5 or twice the error that was seen, whichever is smaller.

mod formulas;
mod idm;
mod krauss;
mod lab;
mod queue;
mod shock;
mod sidestreet;
mod signal;
mod sumo;
mod table;
mod walkers;
mod wave;

use std::path::Path;

use rayon::prelude::*;

use super::Case;
pub use super::Effort;

const DOMAIN: &str = "traffic";

/// Rows of a family.
#[derive(Default)]
struct Sheet {
    cases: Vec<Case>,
}

impl Sheet {
    fn number(
        &mut self,
        id: &str,
        metric: &str,
        expected: f64,
        got: f64,
        tolerance: f64,
        source: &str,
    ) {
        self.cases.push(Case::number(
            DOMAIN, id, metric, expected, got, tolerance, source,
        ));
    }

    fn indicative(&mut self, id: &str, metric: &str, expected: f64, got: f64, source: &str) {
        self.cases
            .push(Case::indicative(DOMAIN, id, metric, expected, got, source));
    }

    /// A number that may be off by a share of the expected one.
    fn within(
        &mut self,
        id: &str,
        metric: &str,
        expected: f64,
        got: f64,
        share: f64,
        source: &str,
    ) {
        self.number(id, metric, expected, got, share * expected.abs(), source);
    }
}

/// A family of cases: from the folder of the tables to rows.
type Family = fn(&Path, Effort, &mut Sheet) -> Result<(), String>;

const FAMILIES: [(&str, Family); 10] = [
    ("formulas", formulas::cases),
    ("queue", queue::cases),
    ("shock", shock::cases),
    ("signal", signal::cases),
    ("idm", idm::cases),
    ("krauss", krauss::cases),
    ("wave", wave::cases),
    ("sidestreet", sidestreet::cases),
    ("walkers", walkers::cases),
    ("sumo", sumo::cases),
];

/// Names of the families.
pub fn families() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().map(|(name, _)| *name)
}

/// All cases of the domain `traffic`.
pub fn cases(data: Option<&Path>) -> Vec<Case> {
    let sheets: Vec<Vec<Case>> = FAMILIES
        .par_iter()
        .map(|(name, _)| family_cases(name, data, Effort::Full))
        .collect();
    sheets.concat()
}

/// The cases of one family; none for an unknown name.
pub fn family_cases(name: &str, data: Option<&Path>, effort: Effort) -> Vec<Case> {
    let Some((name, run)) = FAMILIES.iter().find(|(known, _)| *known == name) else {
        return Vec::new();
    };
    let mut sheet = Sheet::default();
    let folder = data.map(|data| data.join("mobility/analytic"));
    match folder.filter(|folder| folder.is_dir()) {
        None => sheet
            .cases
            .push(Case::skipped(DOMAIN, name, "data/mobility/analytic")),
        Some(folder) => {
            if let Err(fault) = run(&folder, effort, &mut sheet) {
                sheet.number(name, "readable reference", 0.0, f64::NAN, 0.0, &fault);
            }
        }
    }
    sheet.cases
}
