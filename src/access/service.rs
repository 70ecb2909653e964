//! Shuttles of the scenario (`[shuttles]`) as an offer: where they halt, when they run, and how long one waits by the simulation of their service.
//!
//! The wait is the one that a share of all requests does not pass; a request that the service rejects although it lies in its area and hours has
//! waited for ever. So a fleet that turns many away is no offer, however soon it comes for the others.

use crate::city::City;
use crate::city::sources::Roots;
use crate::finding::Finding;
use crate::job::Job;
use crate::result::Quality;
use crate::scenario::Scenario;
use crate::shuttle::service::model::Reason;
use crate::shuttle::study::input::{DemandKind, shuttle_input};
use crate::shuttle::study::run::{ShuttleRuns, run};

use super::error::AccessError;
use super::input::AccessInput;
use super::offers::{Halts, OfferKind};
use super::params::AccessParams;

/// What one cannot blame the service for.
const ASKED_IN_VAIN: [Reason; 5] = [
    Reason::OutsideArea,
    Reason::OutsideHours,
    Reason::Impossible,
    Reason::WalkTooFar,
    Reason::NoWay,
];

/// Adds the shuttles of the scenario to the offers; nothing without a table `[shuttles]`, without vehicles, or where shuttles do not count.
pub fn add_simulated(
    input: &mut AccessInput,
    city: &City,
    scenario: &Scenario,
    params: &AccessParams,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<(), AccessError> {
    let Some(settings) = &scenario.shuttles else {
        return Ok(());
    };
    if !params.counts(OfferKind::Shuttle) {
        return Ok(());
    }
    let seeds = match quality {
        Quality::Coarse => 1,
        Quality::Exact => settings.seeds,
    };
    let service = shuttle_input(city, scenario, roots, seeds, job)?;
    if service.params.vehicles == 0 {
        return Ok(());
    }
    let runs = run(&service, &[], job)?;
    input.files.extend(service.files.iter().cloned());
    input.facts.push((
        "method-access-shuttle-demand",
        match service.demand {
            DemandKind::Requests | DemandKind::Zones => "access-shuttle-demand-file",
            DemandKind::People { .. } | DemandKind::Streets => "access-shuttle-demand-generated",
        }
        .to_owned(),
    ));
    let requests: usize = service.requests.iter().map(|of_seed| of_seed.len()).sum();
    let share = params.shuttle_wait_percent / 100.0;
    let Some(wait_s) = wait_of(&runs, requests, share) else {
        let percent = params.shuttle_wait_percent;
        job.finding(
            Finding::warning("access-shuttles-reject")
                .arg("vehicles", service.params.vehicles)
                .arg("percent", percent),
        );
        return Ok(());
    };
    input.facts.push((
        "method-access-shuttle-wait",
        format!("{} %; {wait_s:.0} s", params.shuttle_wait_percent),
    ));
    let local = |at: &[f64; 2]| {
        let at = city.frame.local_from_crs([at[0], at[1], 0.0]);
        [at.x, at.y]
    };
    let hours = [service.params.begin_h, service.params.end_h];
    let halts = service.halts.iter();
    // At the door too a shuttle halts in the street, and the way there is walked.
    input.halts.push(Halts {
        places: halts
            .map(|halt| service.streets.nodes[*halt as usize])
            .collect(),
        ring: service.params.area.iter().map(local).collect(),
        longest_m: service.params.max_walk_m,
        hours_s: hours.map(|hour| (hour * 3600.0).round() as i32),
        wait_s,
    });
    Ok(())
}

/// Wait (s) that a share of all requests (`requests` over all seeds) does not pass; none when too few were served. Requests that the service need not
/// serve are left out.
fn wait_of(runs: &ShuttleRuns, requests: usize, share: f64) -> Option<f64> {
    let seeds = &runs.fleets.first()?.seeds;
    let mut waits: Vec<f64> = seeds
        .iter()
        .flat_map(|seed| seed.waits.iter().map(|(_, wait_s)| f64::from(*wait_s)))
        .collect();
    waits.sort_by(f64::total_cmp);
    let in_vain = |rejected: &[usize; Reason::ALL.len()]| -> usize {
        let counts = Reason::ALL.iter().zip(rejected);
        counts
            .filter(|(reason, _)| ASKED_IN_VAIN.contains(reason))
            .map(|(_, count)| count)
            .sum()
    };
    let left_out: usize = seeds.iter().map(|seed| in_vain(&seed.rejected)).sum();
    let counted = requests.saturating_sub(left_out);
    let place = (share * counted as f64).ceil() as usize;
    waits.get(place.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shuttle::study::run::{FleetRuns, SeedRun};

    fn runs(waits: &[f32], rejected: &[(Reason, usize)]) -> ShuttleRuns {
        let mut counts = [0; Reason::ALL.len()];
        for (place, reason) in Reason::ALL.iter().enumerate() {
            let own = rejected.iter().filter(|(of, _)| of == reason);
            counts[place] = own.map(|(_, count)| count).sum();
        }
        ShuttleRuns {
            fleets: vec![FleetRuns {
                vehicles: 1,
                seeds: vec![SeedRun {
                    seed: 1,
                    scores: Vec::new(),
                    rejected: counts,
                    waits: waits.iter().map(|wait_s| (0, *wait_s)).collect(),
                    detail: None,
                }],
            }],
        }
    }

    #[test]
    fn who_is_turned_away_waits_for_ever() {
        let waits = [30.0, 10.0, 20.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0];
        assert_eq!(wait_of(&runs(&waits, &[]), 9, 0.9), Some(90.0));
        assert_eq!(wait_of(&runs(&waits, &[]), 9, 0.5), Some(50.0));
        assert_eq!(
            wait_of(&runs(&waits, &[(Reason::Wait, 1)]), 10, 0.9),
            Some(90.0)
        );
        assert_eq!(wait_of(&runs(&waits, &[(Reason::Wait, 2)]), 11, 0.9), None);
        let elsewhere = [(Reason::OutsideArea, 50), (Reason::OutsideHours, 50)];
        assert_eq!(wait_of(&runs(&waits, &elsewhere), 109, 0.9), Some(90.0));
        // Still under way when the run ended, so not served.
        assert_eq!(wait_of(&runs(&waits, &[]), 11, 0.9), None);
        assert_eq!(wait_of(&runs(&[], &[]), 0, 0.9), None);
    }
}
