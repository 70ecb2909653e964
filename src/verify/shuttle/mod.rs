//! Verification of shuttles: the optimiser on published dial-a-ride and pickup-and-delivery problems, the service beside FleetPy and
//! Little's law.
//!
//! | family | reference |
//! |---|---|
//! | darp | Cordeau's a and b sets with at most 48 requests: best known distance, proven where the list says so |
//! | pdptw | Li & Lim's problems: best known vehicles and distance |
//! | access | share of a grid city within five minutes of an offer ([`access`]) |
//! | fleetpy | FleetPy's example of 12 vehicles: served, wait, shared rides, kilometres, as means of 20 seeds |
//! | little | fleet in use by Little's law |
//!
//! Runs end by a count of iterations, so that every machine gets the same numbers, or earlier by a proof. Larger problems: see
//! `src/shuttle/DESIGN.md`.

mod access;
mod service;

use std::path::Path;

use super::Case;
pub use super::Effort;
use crate::job::Job;
use crate::shuttle::check::check_plan;
use crate::shuttle::optimise::{Outcome, Settings, optimise};
use crate::shuttle::problem::Problem;
use crate::shuttle::read::read_problem;

const DOMAIN: &str = "shuttle";

/// Iterations of a dial-a-ride problem: the proof comes after 28,000; of a pickup-and-delivery problem.
const DARP_ITERATIONS: u64 = 28_000;
const PDPTW_ITERATIONS: u64 = 60_000;
const MOST_REQUESTS: usize = 48;

/// A family of cases: from the folder of the problems and a row of its list to cases.
type Family = fn(&Path, &[&str], &mut Vec<Case>) -> Result<(), String>;

const FAMILIES: [(&str, Family); 2] = [("darp", darp), ("pdptw", pdptw)];

/// The family on access, whose cases do not stand in one list.
const ACCESS: &str = "access";

/// A family of the service: from its folder to cases.
type ServiceFamily = fn(&Path, Effort) -> Result<Vec<Case>, String>;

/// Name, folder below `data/mobility`, cases.
const SERVICE_FAMILIES: [(&str, &str, ServiceFamily); 2] = [
    ("fleetpy", "fleetpy-example", service::fleetpy),
    ("little", "analytic", service::little),
];

/// Names of the families.
pub fn families() -> impl Iterator<Item = &'static str> {
    let service = SERVICE_FAMILIES.iter().map(|(name, _, _)| *name);
    FAMILIES
        .iter()
        .map(|(name, _)| *name)
        .chain([ACCESS])
        .chain(service)
}

/// All cases of the domain `shuttle`.
pub fn cases(data: Option<&Path>) -> Vec<Case> {
    families()
        .flat_map(|family| family_cases(family, data, Effort::Full))
        .collect()
}

/// The cases of one family; none for an unknown name. [`Effort::Quick`] leaves most problems out.
pub fn family_cases(name: &str, data: Option<&Path>, effort: Effort) -> Vec<Case> {
    if name == ACCESS {
        let folder = data.map(|data| data.join("mobility"));
        return match folder.filter(|folder| folder.join("gtfs-grid").is_dir()) {
            Some(folder) => access::cases(&folder, effort),
            None => vec![Case::skipped(DOMAIN, name, "data/mobility/gtfs-grid")],
        };
    }
    let service = SERVICE_FAMILIES.iter().find(|(known, _, _)| *known == name);
    if let Some((name, folder, run)) = service {
        return service_cases(name, folder, data, *run, effort);
    }
    let Some((name, run)) = FAMILIES.iter().find(|(known, _)| *known == name) else {
        return Vec::new();
    };
    let folder = data.map(|data| data.join("mobility").join(name));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        let source = format!("data/mobility/{name}");
        return vec![Case::skipped(DOMAIN, name, &source)];
    };
    let mut cases = Vec::new();
    let broken = |fault: &str| unreadable(name, fault);
    match std::fs::read_to_string(folder.join("best_known.csv")) {
        Err(error) => cases.push(broken(&error.to_string())),
        Ok(list) => {
            let rows = list.lines().skip(1).filter(|line| !line.trim().is_empty());
            let step = if effort == Effort::Quick { 6 } else { 1 };
            for row in rows.step_by(step) {
                let words: Vec<&str> = row.split(',').collect();
                if let Err(fault) = run(&folder, &words, &mut cases) {
                    cases.push(broken(&format!("{row}: {fault}")));
                }
            }
        }
    }
    cases
}

fn service_cases(
    name: &str,
    folder: &str,
    data: Option<&Path>,
    run: ServiceFamily,
    effort: Effort,
) -> Vec<Case> {
    let path = data.map(|data| data.join("mobility").join(folder));
    let Some(path) = path.filter(|path| path.is_dir()) else {
        let source = format!("data/mobility/{folder}");
        return vec![Case::skipped(DOMAIN, name, &source)];
    };
    run(&path, effort).unwrap_or_else(|fault| vec![unreadable(name, &fault)])
}

fn unreadable(name: &str, fault: &str) -> Case {
    Case::number(
        DOMAIN,
        name,
        "readable reference",
        0.0,
        f64::NAN,
        0.0,
        fault,
    )
}

fn solved(folder: &Path, name: &str, iterations: u64) -> Result<(Problem, Outcome), String> {
    let path = folder.join(format!("{name}.txt"));
    let problem = read_problem(&path).map_err(|error| error.to_string())?;
    let settings = Settings {
        seconds: None,
        iterations: Some(iterations),
        ..Settings::default()
    };
    let outcome = optimise(&problem, &settings, &Job::new(settings.seed))
        .map_err(|error| error.to_string())?;
    Ok((problem, outcome))
}

fn rules(name: &str, problem: &Problem, outcome: &Outcome, cases: &mut Vec<Case>) {
    let broken = check_plan(problem, &outcome.plan).len() + outcome.plan.refused.len();
    cases.push(Case::number(
        DOMAIN,
        &format!("{name}/feasible"),
        "broken rules and refused requests",
        0.0,
        broken as f64,
        0.0,
        "independent check",
    ));
}

fn number(text: Option<&&str>) -> Result<f64, String> {
    let text = text.ok_or("a column is missing")?;
    text.trim()
        .parse()
        .map_err(|_| format!("`{text}` is no number"))
}

fn darp(folder: &Path, row: &[&str], cases: &mut Vec<Case>) -> Result<(), String> {
    let name = row[0];
    // `a4-48` has 48 requests. The tabu-search problems `R..` have values of heuristics.
    let requests: Option<usize> = name
        .split_once('-')
        .and_then(|(_, count)| count.parse().ok());
    if requests.is_none_or(|requests| requests > MOST_REQUESTS) {
        return Ok(());
    }
    let best = number(row.get(1))?;
    let (problem, outcome) = solved(folder, name, DARP_ITERATIONS)?;
    rules(name, &problem, &outcome, cases);
    let status = row.get(2).copied().unwrap_or("best known").trim();
    // The list has two digits.
    let source = format!("best_known.csv: {status}");
    cases.push(Case::number(
        DOMAIN,
        &format!("{name}/distance"),
        "distance",
        best,
        outcome.plan.distance,
        0.0051,
        &source,
    ));
    let bound = outcome.bounds.distance.unwrap_or(f64::NAN);
    cases.push(Case::number(
        DOMAIN,
        &format!("{name}/proof"),
        "lower bound",
        outcome.plan.distance,
        bound,
        1e-5,
        "own plan: the bound proves it best",
    ));
    Ok(())
}

fn pdptw(folder: &Path, row: &[&str], cases: &mut Vec<Case>) -> Result<(), String> {
    let name = row[0];
    let (vehicles, best) = (number(row.get(1))?, number(row.get(2))?);
    let (problem, outcome) = solved(folder, name, PDPTW_ITERATIONS)?;
    rules(name, &problem, &outcome, cases);
    let source = format!(
        "best_known.csv: {}",
        row.get(3).copied().unwrap_or_default()
    );
    let used = outcome.plan.routes.len() as f64;
    cases.push(Case::number(
        DOMAIN,
        &format!("{name}/vehicles"),
        "vehicles",
        vehicles,
        used,
        0.0,
        &source,
    ));
    let distance = outcome.plan.distance;
    cases.push(Case::number(
        DOMAIN,
        &format!("{name}/distance"),
        "distance",
        best,
        distance,
        0.01 * best,
        &source,
    ));
    Ok(())
}
