//! Properties of whole runs, by the independent check and by slow versions of what is fast.

use std::sync::Arc;

use proptest::prelude::*;

use super::assign::{Assigned, Offer, assign};
use super::check::check_run;
use super::demand::{End, Trip};
use super::engine::{Engine, Run, Service, run_service};
use super::insert::{Relaxed, Search, TIME_TOLERANCE_S, inserted};
use super::measure::figures;
use super::model::{Battery, FleetVehicle, NONE, Outcome, Reason, Ride, Rules, Station};
use super::reoptimise::tour_cost;
use super::streets::{Arc as StreetArc, Streets, grid_streets};
use super::times::TravelTimes;
use super::vehicle::{Action, Stop, Vehicle, plan_times};
use crate::job::Job;
use crate::traffic::random::uniform;

/// A town of one-way and two-way streets with a random service: everything that can happen happens in some of them.
fn random_service(seed: u64, vehicles: u64, trips: u64) -> Service {
    let random = |who: u64, what: u64| f64::from(uniform(seed, who, 0, what));
    let side = 7;
    let mut streets = grid_streets(side, side, 220.0, 9.0);
    // Some arcs are slower, some nodes lead nowhere.
    streets = streets.with_times(|arc| 15.0 + 40.0 * random(arc as u64, 1) as f32);
    let mut nodes = streets.nodes.clone();
    nodes.push([-200.0, 0.0]);
    let mut arcs: Vec<StreetArc> = Vec::new();
    for tail in 0..streets.nodes.len() as u32 {
        for arc in streets.arcs_of(tail) {
            arcs.push(StreetArc {
                tail,
                head: streets.heads[arc],
                length_m: streets.length_m[arc],
                time_s: streets.time_s[arc],
                shape: Vec::new(),
            });
        }
    }
    arcs.push(StreetArc {
        tail: 0,
        head: side * side,
        length_m: 200.0,
        time_s: 20.0,
        shape: Vec::new(),
    });
    let streets = Streets::new(nodes, arcs);
    let trips: Vec<Trip> = (0..trips)
        .map(|n| {
            let asked_s = -100.0 + 3900.0 * random(n, 2);
            let place = |what| {
                End::Place([
                    1500.0 * random(n, what) - 100.0,
                    1500.0 * random(n, what + 1) - 100.0,
                ])
            };
            let persons =
                (5.0 * random(n, 7) * random(n, 8)) as u16 + u16::from(!n.is_multiple_of(29));
            Trip {
                name: n.to_string(),
                asked_s,
                leave_s: asked_s
                    + if n.is_multiple_of(5) {
                        900.0 * random(n, 9)
                    } else {
                        0.0
                    },
                from: place(3),
                to: if n.is_multiple_of(31) {
                    End::Node(side * side)
                } else {
                    place(5)
                },
                persons,
                wheelchairs: u16::from(n.is_multiple_of(7)).min(persons),
            }
        })
        .collect();
    let offer = Offer {
        stops: None,
        area: (seed.is_multiple_of(3))
            .then(|| vec![[0.0, 0.0], [1300.0, 0.0], [1300.0, 1300.0], [0.0, 1200.0]]),
        max_walk_m: 150.0,
        walk_m_s: 1.3,
        walk_factor: 1.2,
        begin_s: 0.0,
        end_s: 3600.0,
    };
    let station = side + 1;
    let Assigned { places, requests } = assign(&streets, &offer, &trips, &[station]);
    let place = places.binary_search(&station).unwrap() as u32;
    let electric = seed.is_multiple_of(2);
    let fleet = (0..vehicles).map(|v| FleetVehicle {
        start: (random(v, 20) * f64::from(side * side)) as u32,
        seats: 2 + (4.0 * random(v, 21)) as u16,
        wheelchairs: (2.0 * random(v, 22)) as u16,
        battery: electric.then_some(Battery {
            kwh: 8.0,
            kwh_per_km: 0.9,
            start: 0.4 + 0.6 * random(v, 23),
            charge_below: 0.4,
            charge_to: 0.9,
            reserve: 0.1,
        }),
    });
    let times = TravelTimes::new(&streets, places);
    Service {
        fleet: fleet.collect(),
        stations: vec![Station {
            place,
            slots: 1,
            power_kw: 30.0,
        }],
        rules: Rules {
            max_wait_s: 120.0 + 600.0 * random(0, 30),
            max_detour: 1.0 + random(0, 31),
            least_detour_s: 200.0 * random(0, 32),
            boarding_s: 30.0 * random(0, 33),
            boarding_person_s: if seed.is_multiple_of(4) { 5.0 } else { 0.0 },
            trials: 40,
            rebalance_s: 120.0,
            end_s: 3600.0,
            ..Rules::default()
        },
        streets: Arc::new(streets),
        times: Arc::new(times),
        requests: Arc::new(requests),
    }
}

fn run_of(service: &Service) -> Run {
    run_service(service, 5, &Job::default()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_run_keeps_every_rule_and_loses_nobody(
        seed in 0_u64..1_000_000,
        vehicles in 0_u64..12,
        trips in 0_u64..160,
    ) {
        let service = random_service(seed, vehicles, trips);
        let run = run_of(&service);
        prop_assert_eq!(check_run(&service, &run), Vec::<String>::new());
        let f = figures(&service, &run);
        prop_assert_eq!(f.requests, f.served + f.all_rejected() + f.under_way);
        prop_assert_eq!(f.requests as u64, trips);
        if vehicles == 0 {
            prop_assert_eq!(f.served, 0);
        }
    }

    #[test]
    fn the_fast_insertion_finds_what_trying_everything_finds(
        seed in 0_u64..1_000_000,
        taken in 0_usize..7,
    ) {
        let service = random_service(seed, 1, 60);
        let engine = Engine::new(&service, 1);
        let (vehicle, rides) = tour_under_way(&engine, taken, seed);
        let fresh: Vec<u32> = (0..60).filter(|n| {
            let wish = &service.requests[*n as usize];
            wish.refused.is_none() && vehicle.stops.iter().all(|stop| stop.request != *n)
        }).collect();
        for &request in fresh.iter().take(6) {
            let mut rides = rides.clone();
            let wish = &service.requests[request as usize];
            rides[request as usize].direct_s =
                f64::from(service.times.time(service.times.node(wish.pickup), wish.dropoff));
            let search = Search {
                rides: &rides,
                ..engine.search_with(request, 0.0, rides[request as usize].direct_s)
            };
            let fast = search.best(&vehicle, f64::INFINITY);
            let slow = slow_best(&service, &search, &vehicle, &rides);
            match (fast, slow) {
                (None, None) => {}
                (Some(fast), Some(slow)) => {
                    prop_assert!((fast.cost - slow).abs() < 1e-6, "{} {}", fast.cost, slow);
                }
                (fast, slow) => prop_assert!(false, "{fast:?} {slow:?}"),
            }
        }
    }
}

/// A vehicle with some requests in its tour, taken in one by one.
fn tour_under_way(engine: &Engine<'_>, taken: usize, seed: u64) -> (Vehicle, Vec<Ride>) {
    let service = engine.service;
    let mut vehicle = Vehicle::new(service.fleet[0].clone(), 0.0);
    vehicle.kind.seats = 4;
    vehicle.kind.wheelchairs = 1;
    let mut rides = vec![Ride::new(); service.requests.len()];
    let mut count = 0;
    for request in 0..service.requests.len() as u32 {
        let wish = &service.requests[request as usize];
        if wish.refused.is_some() || count == taken || uniform(seed, request.into(), 1, 40) < 0.3 {
            continue;
        }
        let node = service.times.node(wish.pickup);
        let direct_s = f64::from(service.times.time(node, wish.dropoff));
        rides[request as usize].direct_s = direct_s;
        let search = Search {
            rides: &rides,
            ..engine.search_with(request, 0.0, direct_s)
        };
        if let Some(at) = search.best(&vehicle, f64::INFINITY) {
            let tour = inserted(vehicle.tasks(), search.stops, at);
            vehicle.plan(&service.times, &service.rules, 0.0, tour);
            count += 1;
        }
    }
    (vehicle, rides)
}

/// Least cost over all pairs of places, each planned and checked as a whole.
fn slow_best(
    service: &Service,
    search: &Search<'_>,
    vehicle: &Vehicle,
    rides: &[Ride],
) -> Option<f64> {
    let (times, rules) = (&service.times, &service.rules);
    let tasks = vehicle.tasks();
    let from = vehicle.from(0.0);
    let old = tour_cost(times, rules, rides, from, tasks);
    let mut best: Option<f64> = None;
    for board_before in 0..=tasks.len() {
        for alight_before in board_before..=tasks.len() {
            let at = super::insert::Insertion {
                cost: 0.0,
                board_before,
                alight_before,
            };
            let mut tour = inserted(tasks, search.stops, at);
            plan_times(times, rules, from, None, &mut tour);
            if keeps_promises(&tour, vehicle) {
                let cost = tour_cost(times, rules, rides, from, &tour) - old;
                best = Some(best.map_or(cost, |least| least.min(cost)));
            }
        }
    }
    best
}

fn keeps_promises(tour: &[Stop], vehicle: &Vehicle) -> bool {
    let mut load = vehicle.load;
    tour.iter().all(|stop| {
        let boards = stop.action == Action::Board;
        for (taken, needs) in load.iter_mut().zip(stop.needs) {
            if boards {
                *taken += needs;
            } else {
                *taken -= needs;
            }
        }
        let in_time = if boards {
            stop.begin_s <= stop.latest_s + TIME_TOLERANCE_S
        } else {
            assert_ne!(stop.boards_at, NONE);
            let boards = &tour[stop.boards_at as usize];
            assert_eq!(
                (boards.request, boards.action),
                (stop.request, Action::Board)
            );
            stop.begin_s - boards.end_s <= stop.limit_s + TIME_TOLERANCE_S
        };
        in_time && load[0] <= vehicle.kind.seats && load[1] <= vehicle.kind.wheelchairs
    })
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    // A run is one thread's work; its driving times are computed by many.
    let runs = [1, 2, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| run_of(&random_service(4, 40, 300)))
    });
    let text = |run: &Run| format!("{run:?}");
    assert_eq!(text(&runs[0]), text(&runs[1]));
    assert_eq!(text(&runs[0]), text(&runs[2]));
    let seeds = [1, 2].map(|seed| run_service(&random_service(9, 8, 160), seed, &Job::default()));
    assert!(seeds.iter().all(|run| run.is_ok()));
}

#[test]
fn a_fleet_of_none_rejects_everybody_who_could_ride_for_want_of_a_vehicle() {
    let service = random_service(2, 0, 100);
    for (ride, wish) in run_of(&service).rides.iter().zip(service.requests.iter()) {
        let reason = wish.refused.unwrap_or(Reason::NoVehicle);
        assert_eq!(ride.outcome, Outcome::Rejected(reason));
    }
}

#[test]
fn each_rule_that_rejects_is_named() {
    let grid = grid_streets(11, 1, 500.0, 10.0);
    let reason = |wheelchairs: u16, persons: u16, first: u16, max_detour: f64| {
        // One vehicle at the western end, a first request that fills it, and a second one that the rules keep out.
        let trip = |name: &str, asked_s: f64, from: u32, to: u32, persons, wheelchairs| Trip {
            name: name.to_owned(),
            asked_s,
            leave_s: asked_s,
            from: End::Node(from),
            to: End::Node(to),
            persons,
            wheelchairs,
        };
        let offer = Offer {
            stops: None,
            area: None,
            max_walk_m: 1.0,
            walk_m_s: 1.0,
            walk_factor: 1.0,
            begin_s: 0.0,
            end_s: 3600.0,
        };
        let trips = [
            trip("a", 0.0, 0, 10, first, 0),
            trip("b", 1.0, 2, 4, persons, wheelchairs),
        ];
        let assigned = assign(&grid, &offer, &trips, &[]);
        let service = Service {
            streets: Arc::new(grid.clone()),
            times: Arc::new(TravelTimes::new(&grid, assigned.places)),
            requests: Arc::new(assigned.requests),
            fleet: vec![FleetVehicle {
                start: 0,
                seats: 4,
                wheelchairs: 1,
                battery: None,
            }],
            stations: Vec::new(),
            rules: Rules {
                max_wait_s: 200.0,
                max_detour,
                least_detour_s: 0.0,
                boarding_s: 30.0,
                ..Rules::default()
            },
        };
        let run = run_of(&service);
        assert!(matches!(run.rides[0].outcome, Outcome::Served(0)));
        run.rides[1].outcome
    };
    assert_eq!(reason(0, 1, 1, 2.0), Outcome::Served(0));
    assert_eq!(reason(0, 5, 1, 2.0), Outcome::Rejected(Reason::Capacity));
    assert_eq!(reason(0, 2, 3, 2.0), Outcome::Rejected(Reason::Capacity));
    assert_eq!(reason(2, 2, 1, 2.0), Outcome::Rejected(Reason::Wheelchair));
    assert_eq!(reason(0, 1, 1, 1.0), Outcome::Rejected(Reason::Detour));
}

#[test]
fn who_asks_too_far_away_is_rejected_for_the_wait() {
    let mut service = random_service(3, 1, 60);
    service.rules.max_wait_s = 1.0;
    service.fleet[0].start = 0;
    let run = run_of(&service);
    let waits = run
        .rides
        .iter()
        .filter(|ride| ride.outcome == Outcome::Rejected(Reason::Wait));
    assert!(waits.count() > 10);
}

#[test]
fn relaxing_a_rule_never_finds_less() {
    let service = random_service(8, 1, 60);
    let engine = Engine::new(&service, 1);
    let (vehicle, mut rides) = tour_under_way(&engine, 4, 8);
    for request in 0..60 {
        let wish = &service.requests[request as usize];
        if wish.refused.is_some() || vehicle.stops.iter().any(|stop| stop.request == request) {
            continue;
        }
        let node = service.times.node(wish.pickup);
        rides[request as usize].direct_s = f64::from(service.times.time(node, wish.dropoff));
        let best = |relaxed: Relaxed| {
            let direct_s = rides[request as usize].direct_s;
            let search = Search {
                rides: &rides,
                relaxed,
                ..engine.search_with(request, 0.0, direct_s)
            };
            search
                .best(&vehicle, f64::INFINITY)
                .map_or(f64::INFINITY, |at| at.cost)
        };
        let strict = best(Relaxed::default());
        let rides_free = best(Relaxed {
            rides: true,
            ..Relaxed::default()
        });
        assert!(rides_free <= strict + 1e-9);
    }
}
