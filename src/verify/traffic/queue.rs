//! A server with a constant time of service, built of streets: vehicles queue before a street of 7.5 m/s that takes one every 2 s.
//!
//! With drivers of 1 s and 7.5 m at rest a street of 15 m/s takes one vehicle in 1.5 s, the slow street behind it one in 2 s. Vehicles that
//! find no room wait at the beginning of the first street. Servers in line with constant times delay as the slowest one alone does
//! (Avi-Itzhak 1965, Friedman 1965), wherever its queue stands, so the whole is M/D/1.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::network::build::Builder;

use super::lab::{delays_s, demand, free_s, mean, newell, poisson, poisson_by_step, street};
use super::table::Table;
use super::{Effort, Sheet};

/// Arrivals of one run, and how many runs a row has.
const RUN_ARRIVALS: usize = 100_000;
const RUNS: u64 = 10;
const STEP_S: f64 = 1.0;

/// Cases of the family.
///
/// The streets are a point queue to the last digit (rows `same-arrivals`), but the mean of 10^6 waits itself scatters by more than the limit
/// near capacity. So the mean is that of a point queue of many more arrivals, plus what the driven vehicles differ from a point queue of their
/// own (two levels, Giles 2008).
pub fn cases(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let table = Table::read(folder, "md1_mm1.csv")?;
    for row in table.rows() {
        let rho = row.number("rho")?;
        let service_s = row.number("service_s")?;
        let runs = if effort == Effort::Quick { 1 } else { RUNS };
        let means: Vec<[f64; 2]> = (0..runs)
            .into_par_iter()
            .map(|run| waits(run, rho, service_s))
            .collect();
        let [driven, recursion] =
            [0, 1].map(|which| mean(&means.iter().map(|m| m[which]).collect::<Vec<_>>()));
        let count = runs as usize * RUN_ARRIVALS;
        sheet.within(
            &format!("queue/md1/{rho}/same-arrivals"),
            &format!("mean wait of {count} vehicles against Lindley's recursion, s"),
            recursion,
            driven,
            1e-6,
            "Lindley 1952, on the same arrivals",
        );
        let many: usize = if rho > 0.9 { 100_000_000 } else { 20_000_000 };
        if effort == Effort::Full {
            let exact = lindley_s(poisson(2000, rho / service_s).take(many), service_s);
            sheet.within(
                &format!("queue/md1/{rho}"),
                &format!("mean wait, {count} vehicles and a point queue of {many}, s"),
                row.number("md1_mean_wait_s")?,
                exact + driven - recursion,
                0.01,
                "M/D/1, data/mobility/analytic/md1_mm1.csv",
            );
        }
    }
    Ok(())
}

/// Mean wait (s) before a server by Lindley's recursion.
fn lindley_s(arrivals_s: impl Iterator<Item = f64>, service_s: f64) -> f64 {
    let mut free_at_s = f64::NEG_INFINITY;
    let (mut sum_s, mut count) = (0.0, 0.0);
    for arrival_s in arrivals_s {
        let begin_s = free_at_s.max(arrival_s);
        free_at_s = begin_s + service_s;
        sum_s += begin_s - arrival_s;
        count += 1.0;
    }
    sum_s / count
}

/// Mean wait of one run: in the streets, and by the recursion.
fn waits(run: u64, rho: f64, service_s: f64) -> [f64; 2] {
    let mut builder = Builder::default();
    let route = street(&mut builder, &[(60.0, 15.0), (30.0, 7.5)]);
    let network = builder.build();
    let arrivals = poisson_by_step(1000 + run, RUN_ARRIVALS, rho / service_s, STEP_S);
    let free_s = free_s(&network, newell(STEP_S, 7.5), &route, STEP_S);
    let trips = demand(newell(STEP_S, 7.5), &route, &arrivals);
    let delays = delays_s(&network, &trips, STEP_S, free_s);
    [mean(&delays), lindley_s(arrivals.into_iter(), service_s)]
}
