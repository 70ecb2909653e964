//! Priority above the delivered signals of the Hamburg network.

use super::observer::{Expected, Observer};
use super::*;
use crate::traffic::demand::{Call, Trip};
use crate::traffic::run::{Outcome, Run, TripRecord};
use crate::traffic::signals::priority::{PriorityParams, RequestState, StopArrivals};
use crate::traffic::sumo::{SumoScenario, read_config};

/// A run of the first `seconds`, with what an observer at every link found.
fn run(
    scenario: &SumoScenario,
    seconds: f64,
    params: Option<PriorityParams>,
) -> (Run, Vec<String>, usize) {
    let network = &scenario.network;
    let mut run = Run::new(
        network,
        &scenario.demand,
        scenario.begin_s,
        scenario.step_s,
        5,
    );
    if let Some(params) = params {
        run.give_priority(network, params, None).unwrap();
    }
    let links = network.links.len();
    let mut expected = Expected {
        green_s: vec![0.0; links],
        amber_s: vec![0.0; links],
        red_amber_s: vec![0.0; links],
        between_s: vec![vec![None; links]; links],
    };
    for controller in &run.controllers.list {
        let rules = &controller.rules;
        for (place, links) in controller.links().iter().enumerate() {
            for &link in links {
                expected.green_s[link as usize] = rules.min_green_s[place];
                expected.amber_s[link as usize] = rules.amber_s[place];
                for (other, others) in controller.links().iter().enumerate() {
                    for &foe in others {
                        expected.between_s[link as usize][foe as usize] =
                            rules.between(place, other);
                    }
                }
            }
        }
    }
    let mut observer = Observer::new(expected);
    while run.time_s() < seconds {
        let now = run.time_s();
        run.step();
        observer.watch(&run.traffic.world.aspects, now);
    }
    (run, observer.faults, observer.greens)
}

fn mean_loss_s(scenario: &SumoScenario, records: &[TripRecord], buses: bool) -> f64 {
    let losses: Vec<f64> = records
        .iter()
        .filter(|record| {
            record.outcome == Outcome::Arrived
                && buses != scenario.demand.trips[record.trip as usize].calls.is_empty()
        })
        .map(|record| record.time_loss_s)
        .collect();
    losses.iter().sum::<f64>() / losses.len() as f64
}

#[test]
fn buses_of_hamburg_gain_and_no_rule_is_broken() {
    let Some(folder) = data(
        "buses_of_hamburg_gain_and_no_rule_is_broken",
        "tavf-hamburg",
    ) else {
        return;
    };
    let scenario = read_config(&folder.join("run_simulation.sumocfg")).unwrap();
    let (without, faults, greens) = run(&scenario, 1200.0, None);
    assert!(
        faults.is_empty() && greens > 1000,
        "{:?}",
        &faults[..faults.len().min(5)]
    );
    let (with, faults, _) = run(&scenario, 1200.0, Some(PriorityParams::default()));
    assert!(faults.is_empty(), "{:?}", &faults[..faults.len().min(5)]);
    let loss = |run: &Run| mean_loss_s(&scenario, &run.records(), true);
    assert!(
        loss(&with) < 0.75 * loss(&without),
        "{} {}",
        loss(&with),
        loss(&without)
    );
    let events = with.priority.as_ref().unwrap().events();
    assert!(
        events
            .iter()
            .any(|event| event.state == RequestState::Rejected)
    );
    assert!(events.iter().any(|event| event.granted_s > 0.0));
    assert!(with.arrivals.by_trip.len() > 20);
    // Switched off everywhere, it changes nothing.
    let nobody = PriorityParams {
        lines: vec!["no such line".to_owned()],
        ..PriorityParams::default()
    };
    let (idle, _, _) = run(&scenario, 600.0, Some(nobody));
    let (plain, _, _) = run(&scenario, 600.0, None);
    assert!(
        idle.traffic
            .world
            .vehicles()
            .eq(plain.traffic.world.vehicles())
    );
    // The number of threads does not matter.
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(&scenario, 600.0, Some(PriorityParams::default())).0)
    };
    let (one, two) = (on(1), on(2));
    assert!(
        one.traffic
            .world
            .vehicles()
            .eq(two.traffic.world.vehicles())
    );
    let events = |run: &Run| run.priority.as_ref().unwrap().events().to_vec();
    assert_eq!(events(&one), events(&two));
}

#[test]
fn derived_timetable_has_the_mean_times_of_a_route() {
    let trip = |depart_s: f64, edges: &[u32]| Trip {
        line: "5".to_owned(),
        calls: [3, 4]
            .map(|stop| Call {
                stop,
                duration_s: 20.0,
                until_s: None,
                arrival_s: None,
                off_lane: false,
            })
            .to_vec(),
        ..Trip::along(0, depart_s, edges)
    };
    let trips = [
        trip(100.0, &[1, 2]),
        trip(700.0, &[1, 2]),
        trip(100.0, &[8, 9]),
        trip(900.0, &[7]),
    ];
    let mut first = StopArrivals::default();
    first.note(0, 0, 160.0);
    first.note(0, 1, 300.0);
    first.note(1, 0, 780.0);
    let mut second = StopArrivals::default();
    second.note(0, 0, 170.0);
    second.note(2, 0, 111.0);
    let table = StopArrivals::by_route("two runs", &[first, second], &trips);
    // 60, 80 and 70 s to the first stop, 200 s to the second.
    assert_eq!((table.at(0, 0), table.at(0, 1)), (Some(170.0), Some(300.0)));
    assert_eq!((table.at(1, 0), table.at(1, 1)), (Some(770.0), Some(900.0)));
    // Another route of the line has times of its own; where nobody came there are none.
    assert_eq!((table.at(2, 0), table.at(2, 1)), (Some(111.0), None));
    assert_eq!((table.at(3, 0), table.at(4, 0)), (None, None));
}
