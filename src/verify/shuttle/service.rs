//! Verification of the service of shuttles.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::Case;
use super::{DOMAIN, Effort, number};
use crate::job::Job;
use crate::shuttle::service::assign::{Offer, assign};
use crate::shuttle::service::check::check_run;
use crate::shuttle::service::demand::{End, Trip};
use crate::shuttle::service::engine::{Service, run_service};
use crate::shuttle::service::files::{read_fleetpy_requests, read_fleetpy_streets};
use crate::shuttle::service::measure::{Figures, figures, mean_busy};
use crate::shuttle::service::model::{FleetVehicle, Rules};
use crate::shuttle::service::streets::{Arc as StreetArc, Streets};
use crate::shuttle::service::times::TravelTimes;
use crate::traffic::random::uniform;
use crate::traffic::statistics::mean;

/// Vehicles of FleetPy's example, and their seats.
const FLEETPY_VEHICLES: u64 = 12;
const FLEETPY_SEATS: u16 = 4;

/// FleetPy's example: its network, 200 requests and rules; our insertion, re-optimisation and waiting places with their usual settings.
/// Start nodes are drawn evenly from the connected part of the network, as nobody knows those of FleetPy.
pub(super) fn fleetpy(folder: &Path, effort: Effort) -> Result<Vec<Case>, String> {
    let file = |name: &str| folder.join(name);
    let streets = read_fleetpy_streets(&file("nodes.csv"), &file("edges.csv"));
    let streets = streets.map_err(|error| error.to_string())?;
    let trips = read_fleetpy_requests(&file("example_200.csv"), streets.nodes.len());
    let trips = trips.map_err(|error| error.to_string())?;
    let rules = Rules {
        max_wait_s: 300.0,
        max_detour: 1.4,
        least_detour_s: 0.0,
        boarding_s: 30.0,
        end_s: 7200.0,
        ..Rules::default()
    };
    let offer = Offer {
        stops: None,
        area: None,
        max_walk_m: 0.0,
        walk_m_s: 1.0,
        walk_factor: 1.0,
        begin_s: 0.0,
        end_s: rules.end_s,
    };
    let assigned = assign(&streets, &offer, &trips, &[]);
    let main = streets.main_part();
    let usable: Vec<u32> = (0..streets.nodes.len() as u32)
        .filter(|node| main[*node as usize])
        .collect();
    let times = Arc::new(TravelTimes::new(&streets, assigned.places));
    let (streets, requests) = (Arc::new(streets), Arc::new(assigned.requests));
    let seeds = if effort == Effort::Quick { 4 } else { 20 };
    let runs: Vec<(usize, Figures)> = (0..seeds)
        .into_par_iter()
        .map(|seed: u64| {
            let start = |vehicle| {
                let share = f64::from(uniform(seed, vehicle, 0, 1));
                usable[(share * usable.len() as f64) as usize]
            };
            let fleet = (0..FLEETPY_VEHICLES).map(|vehicle| FleetVehicle {
                start: start(vehicle),
                seats: FLEETPY_SEATS,
                wheelchairs: 0,
                battery: None,
            });
            let service = Service {
                streets: streets.clone(),
                times: times.clone(),
                requests: requests.clone(),
                fleet: fleet.collect(),
                stations: Vec::new(),
                rules: rules.clone(),
            };
            let run =
                run_service(&service, seed, &Job::default()).map_err(|error| error.to_string())?;
            let broken = check_run(&service, &run).len();
            Ok((broken, figures(&service, &run)))
        })
        .collect::<Result<_, String>>()?;
    let broken: usize = runs.iter().map(|(broken, _)| broken).sum();
    let mean = |of: &dyn Fn(&Figures) -> f64| {
        let values: Vec<f64> = runs.iter().map(|(_, f)| of(f)).collect();
        mean(&values)
    };
    let peer = |what: &str| format!("issue 6; FleetPy: {what} (mt_batch_opt_IH_MoD_0)");
    let mut cases = vec![Case::number(
        DOMAIN,
        "fleetpy/rules",
        "broken rules",
        0.0,
        broken as f64,
        0.0,
        "independent check",
    )];
    let served = mean(&Figures::served_percent);
    let shared = mean(&Figures::shared_percent);
    let least = [
        ("served", "served (%)", 100.0, served, peer("100 %")),
        ("shared", "shared rides (%)", 22.0, shared, peer("22.0 %")),
    ];
    for (id, metric, limit, got, source) in least {
        let id = format!("fleetpy/{id}");
        cases.push(Case::at_least(DOMAIN, &id, metric, limit, got, &source));
    }
    // Few seeds scatter more: a test run allows for that, by about two standard errors of four seeds.
    let (more_wait, more_km) = if effort == Effort::Quick {
        (8.0, 4.0)
    } else {
        (0.0, 0.0)
    };
    let most = [
        (
            "wait",
            "mean wait (s)",
            71.0 + more_wait,
            mean(&Figures::wait_s),
            peer("71.6 s"),
        ),
        (
            "km",
            "driven (km)",
            415.0 + more_km,
            mean(&|f| f.km),
            peer("417.7 km"),
        ),
    ];
    for (id, metric, limit, got, source) in most {
        let id = format!("fleetpy/{id}");
        cases.push(Case::at_most(DOMAIN, &id, metric, limit, got, &source));
    }
    let told = [
        (
            "wait_p90",
            "wait that 90 % do not pass (s)",
            173.6,
            mean(&|f| f.wait_quantile_s(0.9)),
        ),
        (
            "empty",
            "empty kilometres (%)",
            20.2,
            mean(&Figures::empty_percent),
        ),
        (
            "utilisation",
            "fleet in use (%)",
            60.1,
            mean(&Figures::utilisation_percent),
        ),
    ];
    for (id, metric, expected, got) in told {
        let id = format!("fleetpy/{id}");
        let source = "FleetPy: one draw of start nodes";
        cases.push(Case::indicative(DOMAIN, &id, metric, expected, got, source));
    }
    Ok(cases)
}

/// Requests of a case of Little's law: so many that chance is far below the tolerance.
const LITTLE_REQUESTS: usize = 20_000;

/// Places where trips begin, so many that two groups never meet by chance within the wait.
const LITTLE_PLACES: usize = 400;

/// Little's law: trips at random times, each from one of many places, `empty` minutes from where vehicles wait, back to there in `ride`
/// minutes. Groups of one or two people who ask at the same place and time share a vehicle; their mean size is the pooling rate. The mean
/// number of busy vehicles must be arrivals of groups times time for each.
pub(super) fn little(folder: &Path, effort: Effort) -> Result<Vec<Case>, String> {
    let path = folder.join("drt_fleet_little.csv");
    let table = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let rows: Vec<Vec<&str>> = table
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split(',').collect())
        .collect();
    let step = if effort == Effort::Quick { 5 } else { 1 };
    let picked: Vec<&Vec<&str>> = rows.iter().step_by(step).collect();
    let cases = picked.into_par_iter().map(|row| little_case(row));
    cases.collect()
}

fn little_case(row: &[&str]) -> Result<Case, String> {
    let at = |column: usize| number(row.get(column));
    let (per_h, ride, empty, dwell) = (at(0)?, at(1)?, at(2)?, at(3)?);
    let (pooling, expected) = (at(4)?, at(5)?);
    let minutes = |minutes: f64| (minutes * 60.0) as f32;
    // The hub is node 0; the others are apart from each other by a way over it.
    let mut arcs = Vec::new();
    for place in 1..=LITTLE_PLACES as u32 {
        for (tail, head, time_s) in [(0, place, minutes(empty)), (place, 0, minutes(ride))] {
            arcs.push(StreetArc {
                tail,
                head,
                length_m: 1000.0,
                time_s,
                shape: Vec::new(),
            });
        }
    }
    let streets = Streets::new(vec![[0.0, 0.0]; LITTLE_PLACES + 1], arcs);
    let span_s = LITTLE_REQUESTS as f64 / per_h * 3600.0;
    let groups = (LITTLE_REQUESTS as f64 / pooling) as u64;
    let random = |who: u64, what: u64| {
        let [high, low] = [what, what + 1].map(|what| f64::from(uniform(17, who, 0, what)));
        high + low / f64::from(1 << 24)
    };
    let mut begins: Vec<(f64, bool)> = (0..groups)
        .map(|group| (span_s * random(group, 0), random(group, 2) < pooling - 1.0))
        .collect();
    begins.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut trips = Vec::new();
    for (group, (begin_s, pair)) in begins.iter().enumerate() {
        for _ in 0..1 + usize::from(*pair) {
            trips.push(Trip {
                name: String::new(),
                asked_s: *begin_s,
                leave_s: *begin_s,
                from: End::Node(1 + (group % LITTLE_PLACES) as u32),
                to: End::Node(0),
                persons: 1,
                wheelchairs: 0,
            });
        }
    }
    let rules = Rules {
        // Nobody waits for more than the way of an idle vehicle, so that none waits for a vehicle under way.
        max_wait_s: empty * 60.0 + 1.0,
        max_detour: 1.0,
        least_detour_s: 1.0,
        // Half of the dwelling when boarding, half when alighting.
        boarding_s: dwell * 30.0,
        trials: 0,
        rebalance_s: 0.0,
        begin_s: 0.0,
        end_s: span_s,
        ..Rules::default()
    };
    let offer = Offer {
        stops: None,
        area: None,
        max_walk_m: 0.0,
        walk_m_s: 1.0,
        walk_factor: 1.0,
        begin_s: 0.0,
        end_s: span_s,
    };
    let assigned = assign(&streets, &offer, &trips, &[0]);
    let fleet = vec![
        FleetVehicle {
            start: 0,
            seats: 2,
            wheelchairs: 0,
            battery: None,
        };
        (3.0 * expected) as usize + 15
    ];
    let service = Service {
        times: Arc::new(TravelTimes::new(&streets, assigned.places)),
        streets: Arc::new(streets),
        requests: Arc::new(assigned.requests),
        fleet,
        stations: Vec::new(),
        rules,
    };
    let run = run_service(&service, 1, &Job::default()).map_err(|error| error.to_string())?;
    let f = figures(&service, &run);
    let busy = if f.served == f.requests {
        mean_busy(&run, 0.05 * span_s, span_s)
    } else {
        f64::NAN
    };
    let id = format!("little/{per_h}-{ride}-{empty}-{dwell}-{pooling}");
    Ok(Case::number(
        DOMAIN,
        &id,
        "busy vehicles, mean over time",
        expected,
        busy,
        0.02 * expected,
        "drt_fleet_little.csv, Little 1961",
    ))
}
