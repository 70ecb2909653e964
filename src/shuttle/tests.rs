//! Tests of reader, timing and checker, and what tests of the optimiser share: a generator of small problems and a slow, obvious solver.

use super::check::check_plan;
use super::error::{Refusal, ShuttleError};
use super::optimise::{Settings, optimise};
use super::plan::{Plan, Route};
use super::problem::{Draft, Node, NodeId, Objective, Problem, VehicleKind};
use super::read::{parse_problem, read_problem};
use super::timing::{earliest_schedule, eight_steps, schedule};
use crate::job::Job;

/// Random number in 0..1 from a counter.
pub(super) fn random(key: u64) -> f64 {
    let a = key.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let a = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let a = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((a ^ (a >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// A small dial-a-ride problem in a square of 20 x 20: half of the requests have a window at the pickup, half at the delivery.
pub(super) fn small(seed: u64, requests: usize, kinds: Vec<VehicleKind>, depots: usize) -> Draft {
    let number = |what: u64| random(seed.wrapping_mul(1_000_003) + what);
    let total = 2 * requests + depots;
    let place = |node: usize| {
        [
            20.0 * number(node as u64),
            20.0 * number(1_000 + node as u64),
        ]
    };
    let nodes: Vec<Node> = (0..total)
        .map(|node| {
            let request = node % requests.max(1);
            let seats = 1 + (2.0 * number(2_000 + request as u64)) as i32;
            let windowed = node < 2 * requests && request.is_multiple_of(2) == (node < requests);
            let opens = if windowed {
                30.0 + 60.0 * number(3_000 + node as u64)
            } else {
                0.0
            };
            Node {
                id: node as u32,
                earliest: opens,
                latest: if windowed { opens + 15.0 } else { 240.0 },
                service: if node < 2 * requests { 1.0 } else { 0.0 },
                load: if node >= 2 * requests {
                    [0, 0]
                } else if node < requests {
                    [seats, 0]
                } else {
                    [-seats, 0]
                },
            }
        })
        .collect();
    let distance: Vec<f64> = (0..total)
        .flat_map(|a| (0..total).map(move |b| (a, b)))
        .map(|(a, b)| (place(a)[0] - place(b)[0]).hypot(place(a)[1] - place(b)[1]))
        .collect();
    Draft {
        name: format!("small {seed}"),
        objective: Objective::Distance,
        nodes,
        max_ride: vec![25.0; requests],
        kinds,
        travel_time: distance.clone(),
        distance,
    }
}

pub(super) fn one_kind(requests: usize, count: usize) -> Vec<VehicleKind> {
    vec![VehicleKind {
        count,
        capacity: [3, 0],
        start: 2 * requests as NodeId,
        end: 2 * requests as NodeId,
        max_duration: 150.0,
    }]
}

/// Whether a route has a schedule, by relaxing every rule as often as there are nodes (Bellman & Ford), and the earliest one.
pub(super) fn obvious_schedule(draft: &Draft, kind: usize, route: &[NodeId]) -> Option<Vec<f64>> {
    let (total, n) = (draft.nodes.len(), draft.max_ride.len());
    let node = |at: usize| &draft.nodes[usize::from(route[at])];
    let mut times: Vec<f64> = (0..route.len()).map(|at| node(at).earliest).collect();
    let mut before = Vec::new();
    for _ in 0..=route.len() + 1 {
        before.clone_from(&times);
        for at in 1..route.len() {
            let way =
                draft.travel_time[usize::from(route[at - 1]) * total + usize::from(route[at])];
            times[at] = times[at].max(times[at - 1] + node(at - 1).service + way);
        }
        for from in 0..route.len() {
            for to in from..route.len() {
                if usize::from(route[from]) < n
                    && usize::from(route[to]) == usize::from(route[from]) + n
                {
                    let ride = draft.max_ride[usize::from(route[from])];
                    times[from] = times[from].max(times[to] - ride - node(from).service);
                }
            }
        }
        times[0] = times[0].max(times[route.len() - 1] - draft.kinds[kind].max_duration);
    }
    // What still rises after so many rounds rises for ever.
    let rises = before
        .iter()
        .zip(&times)
        .any(|(before, now)| now > &(before + 1e-9));
    let late = (0..route.len()).any(|at| times[at] > node(at).latest + 1e-7);
    (!late && !rises).then_some(times)
}

/// Length of the best plan by trying everything; `None` when nobody can serve all.
pub(super) fn best_by_trying(draft: &Draft) -> Option<f64> {
    let n = draft.max_ride.len();
    let mut fleet: Vec<usize> = Vec::new();
    for (kind, given) in draft.kinds.iter().enumerate() {
        fleet.extend(std::iter::repeat_n(kind, given.count));
    }
    let shortest: Vec<Vec<f64>> = (0..draft.kinds.len())
        .map(|kind| {
            let mut shortest = vec![f64::INFINITY; 1 << n];
            shortest[0] = 0.0;
            let mut route = vec![draft.kinds[kind].start];
            try_routes(draft, kind, &mut route, 0, 0, &mut shortest);
            shortest
        })
        .collect();
    // best[set]: all of the set served by the vehicles so far.
    let mut best = vec![f64::INFINITY; 1 << n];
    best[0] = 0.0;
    for kind in fleet {
        let mut next = best.clone();
        for set in 0..1_usize << n {
            let mut part = set;
            while part > 0 {
                let length = best[set & !part] + shortest[kind][part];
                next[set] = next[set].min(length);
                part = (part - 1) & set;
            }
        }
        best = next;
    }
    let all = best[(1 << n) - 1];
    all.is_finite().then_some(all)
}

fn try_routes(
    draft: &Draft,
    kind: usize,
    route: &mut Vec<NodeId>,
    served: usize,
    on_board: usize,
    shortest: &mut [f64],
) {
    let (total, n) = (draft.nodes.len(), draft.max_ride.len());
    if on_board == 0 && served != 0 {
        route.push(draft.kinds[kind].end);
        if obvious_schedule(draft, kind, route).is_some() {
            let length: f64 = route
                .windows(2)
                .map(|pair| draft.distance[usize::from(pair[0]) * total + usize::from(pair[1])])
                .sum();
            shortest[served] = shortest[served].min(length);
        }
        route.pop();
    }
    for request in 0..n {
        let bit = 1 << request;
        let (next, on_board) = if on_board & bit != 0 {
            (request + n, on_board & !bit)
        } else if served & bit == 0 {
            (request, on_board | bit)
        } else {
            continue;
        };
        let capacity = draft.kinds[kind].capacity;
        let load = |place: usize| -> i32 {
            (0..n)
                .filter(|r| on_board & (1 << r) != 0)
                .map(|r| draft.nodes[r].load[place])
                .sum()
        };
        if load(0) > capacity[0] || load(1) > capacity[1] {
            continue;
        }
        route.push(next as NodeId);
        try_routes(draft, kind, route, served | bit, on_board, shortest);
        route.pop();
    }
}

/// Depot at 0, stops on a line; times are distances.
fn on_a_line(places: &[f64], windows: &[(f64, f64)], max_ride: f64, max_duration: f64) -> Problem {
    let requests = (places.len() - 1) / 2;
    let distance: Vec<f64> = places
        .iter()
        .flat_map(|a| places.iter().map(move |b| (a - b).abs()))
        .collect();
    let node = |node: usize| Node {
        id: node as u32 + 1,
        earliest: windows[node].0,
        latest: windows[node].1,
        service: 0.0,
        load: [[1, 0], [-1, 0], [0, 0]][if node < requests {
            0
        } else {
            usize::from(node >= 2 * requests) + 1
        }],
    };
    let draft = Draft {
        name: "line".to_owned(),
        objective: Objective::Distance,
        nodes: (0..places.len()).map(node).collect(),
        max_ride: vec![max_ride; requests],
        kinds: vec![VehicleKind {
            count: 1,
            capacity: [4, 0],
            start: 2 * requests as NodeId,
            end: 2 * requests as NodeId,
            max_duration,
        }],
        travel_time: distance.clone(),
        distance,
    };
    Problem::new(draft).unwrap()
}

#[test]
fn a_pickup_waits_so_that_the_ride_is_short() {
    // Two pickups at 10; the second passenger cannot board before 50. Deliveries at 20 and 30.
    let windows = [
        (0.0, 500.0),
        (50.0, 60.0),
        (0.0, 500.0),
        (0.0, 500.0),
        (0.0, 500.0),
    ];
    let problem = on_a_line(
        &[10.0, 10.0, 20.0, 30.0, 0.0],
        &windows,
        25.0,
        f64::INFINITY,
    );
    let route = [4, 0, 1, 2, 3, 4];
    let mut times = Vec::new();
    assert!(earliest_schedule(&problem, 0, &route, &mut times));
    // Delivered at 60, so boarding no earlier than 35.
    assert_eq!(times, [0.0, 35.0, 50.0, 60.0, 70.0, 100.0]);
}

#[test]
fn the_eight_steps_leave_the_depot_and_board_late() {
    // Method of Cordeau & Laporte (2003) by hand: the first window opens at 100, so the vehicle leaves at 90 and nobody waits.
    let windows = [(100.0, 110.0), (0.0, 500.0), (0.0, 500.0)];
    let problem = on_a_line(&[10.0, 30.0, 0.0], &windows, 90.0, f64::INFINITY);
    assert_eq!(
        eight_steps(&problem, &[2, 0, 1, 2]),
        [90.0, 100.0, 120.0, 150.0]
    );
    // Pickup without a window, delivery from 100 on: 55 is the latest boarding that leaves time to ride 10; step 4 finds it.
    let windows = [(0.0, 500.0), (100.0, 110.0), (0.0, 500.0)];
    let problem = on_a_line(&[10.0, 20.0, 0.0], &windows, 15.0, f64::INFINITY);
    let begins = eight_steps(&problem, &[2, 0, 1, 2]);
    assert_eq!(begins, [80.0, 90.0, 100.0, 120.0]);
    // Step 7: a first passenger with a window in the morning holds the depot; the second boards late all the same, as the vehicle would
    // wait 150 at the third. Step 4 delays the depot by 20, the slack of the first window.
    let free = (0.0, 500.0);
    let windows = [(20.0, 30.0), free, (200.0, 210.0), free, free, free, free];
    let places = [10.0, 20.0, 30.0, 15.0, 35.0, 40.0, 0.0];
    let problem = on_a_line(&places, &windows, 30.0, f64::INFINITY);
    assert_eq!(
        eight_steps(&problem, &[6, 0, 3, 1, 2, 4, 5, 6]),
        [20.0, 30.0, 35.0, 190.0, 200.0, 205.0, 210.0, 250.0]
    );
}

#[test]
fn a_ride_that_ends_at_the_last_stop_counts() {
    let windows = [
        (0.0, 0.0),
        (50.0, 60.0),
        (0.0, 500.0),
        (0.0, 500.0),
        (0.0, 500.0),
    ];
    let problem = on_a_line(&[0.0, 10.0, 5.0, 20.0, 0.0], &windows, 40.0, f64::INFINITY);
    // Boards at 0 and alights after 50: too long, with or without the way home.
    let mut times = Vec::new();
    assert!(!earliest_schedule(&problem, 0, &[0, 1, 2], &mut times));
    assert!(!earliest_schedule(
        &problem,
        0,
        &[4, 0, 1, 2, 3, 4],
        &mut times
    ));
}

#[test]
fn a_route_that_is_too_long_has_no_schedule() {
    let windows = [
        (0.0, 10.0),
        (0.0, 500.0),
        (200.0, 300.0),
        (200.0, 300.0),
        (0.0, 500.0),
    ];
    let free = on_a_line(
        &[5.0, 5.0, 10.0, 10.0, 0.0],
        &windows,
        1000.0,
        f64::INFINITY,
    );
    let limited = on_a_line(&[5.0, 5.0, 10.0, 10.0, 0.0], &windows, 1000.0, 190.0);
    let route = [4, 0, 1, 2, 3, 4];
    assert!(earliest_schedule(&free, 0, &route, &mut Vec::new()));
    assert!(!earliest_schedule(&limited, 0, &route, &mut Vec::new()));
}

#[test]
fn the_fast_test_of_a_route_agrees_with_the_obvious_one() {
    let (mut good, mut bad, mut missed) = (0, 0, 0);
    for seed in 0..4_000 {
        let mut draft = small(seed, 5, one_kind(5, 1), 1);
        draft.max_ride = vec![10.0 + 30.0 * random(seed + 77); 5];
        draft.kinds[0].max_duration = if seed % 3 == 0 {
            f64::INFINITY
        } else {
            60.0 + 100.0 * random(seed + 99)
        };
        let problem = Problem::new(draft.clone()).unwrap();
        // A random order in which every pickup is before its delivery.
        let mut keys: Vec<(f64, NodeId)> = Vec::new();
        for request in 0..2 + seed % 4 {
            let (a, b) = (
                random(seed * 31 + request),
                random(seed * 37 + request + 500),
            );
            keys.push((a.min(b), request as NodeId));
            keys.push((a.max(b), request as NodeId + 5));
        }
        keys.sort_by(|a, b| a.0.total_cmp(&b.0));
        let route: Vec<NodeId> = [10]
            .into_iter()
            .chain(keys.iter().map(|key| key.1))
            .chain([10])
            .collect();
        let mut times = Vec::new();
        let fast = earliest_schedule(&problem, 0, &route, &mut times);
        let slow = obvious_schedule(&draft, 0, &route);
        assert_eq!(fast, slow.is_some(), "seed {seed} {route:?}");
        if let Some(slow) = slow {
            good += 1;
            // The windows that follow from others may raise a time no schedule needs to have, but never by more than it waits.
            assert!(
                times
                    .iter()
                    .zip(&slow)
                    .all(|(fast, slow)| fast >= &(slow - 1e-6)),
                "seed {seed}"
            );
            let told = schedule(&problem, 0, &route).unwrap();
            assert!(obeys(&draft, &route, &told), "seed {seed}: {told:?}");
            missed += usize::from(!obeys(&draft, &route, &eight_steps(&problem, &route)));
        } else {
            bad += 1;
        }
    }
    assert!(good > 200 && bad > 200, "{good} {bad}");
    // The eight steps found a schedule wherever there is one.
    assert_eq!(missed, 0, "of {good}");
}

fn obeys(draft: &Draft, route: &[NodeId], times: &[f64]) -> bool {
    let (total, n) = (draft.nodes.len(), draft.max_ride.len());
    let at = |node: usize| route.iter().position(|&other| usize::from(other) == node);
    let windows = route.iter().zip(times).all(|(&node, &time)| {
        let node = &draft.nodes[usize::from(node)];
        time >= node.earliest - 1e-6 && time <= node.latest + 1e-6
    });
    let ways = (1..route.len()).all(|k| {
        let (a, b) = (usize::from(route[k - 1]), usize::from(route[k]));
        times[k] >= times[k - 1] + draft.nodes[a].service + draft.travel_time[a * total + b] - 1e-6
    });
    let rides = (0..n).all(|request| match (at(request), at(request + n)) {
        (Some(from), Some(to)) => {
            times[to] - times[from] - draft.nodes[request].service <= draft.max_ride[request] + 1e-6
        }
        _ => true,
    });
    windows
        && ways
        && rides
        && times[route.len() - 1] - times[0] <= draft.kinds[0].max_duration + 1e-6
}

/// A plan of two requests, one after the other.
fn two_requests() -> (Problem, Plan) {
    let windows = [
        (10.0, 20.0),
        (40.0, 60.0),
        (0.0, 100.0),
        (0.0, 100.0),
        (0.0, 200.0),
    ];
    let problem = on_a_line(&[10.0, 20.0, 15.0, 30.0, 0.0], &windows, 25.0, 100.0);
    let plan = Plan {
        routes: vec![Route {
            kind: 0,
            nodes: vec![4, 0, 2, 1, 3, 4],
            begins: vec![0.0, 10.0, 15.0, 40.0, 50.0, 80.0],
            distance: 60.0,
        }],
        refused: Vec::new(),
        distance: 60.0,
    };
    (problem, plan)
}

#[test]
fn the_checker_finds_every_kind_of_fault() {
    let (problem, good) = two_requests();
    assert_eq!(check_plan(&problem, &good), []);
    let faults: [(&str, fn(&mut Plan)); 13] = [
        ("window 10 to 20", |plan| plan.routes[0].begins[1] = 9.0),
        ("the vehicle arrives", |plan| {
            plan.routes[0].begins[2] = 14.0
        }),
        ("window 0 to 100", |plan| plan.routes[0].begins[4] = 101.0),
        ("at most 25 is allowed", |plan| {
            plan.routes[0].begins[2] = 36.0
        }),
        ("at most 100 is allowed", |plan| {
            plan.routes[0].begins[5] = 101.0
        }),
        ("neither served nor refused", |plan| {
            plan.routes[0].nodes.drain(1..3);
            plan.routes[0].begins.drain(1..3);
        }),
        ("one of its two stops", |plan| {
            plan.routes[0].nodes.remove(3);
            plan.routes[0].begins.remove(3);
        }),
        ("served twice", |plan| plan.routes[0].nodes[2] = 0),
        ("before it is picked up", |plan| {
            plan.routes[0].nodes.swap(1, 2)
        }),
        ("served and refused", |plan| {
            plan.refused.push((0, Refusal::NoRoom))
        }),
        ("depots of the vehicle", |plan| plan.routes[0].nodes[5] = 3),
        ("there are 1", |plan| {
            plan.routes.push(plan.routes[0].clone())
        }),
        ("the plan says", |plan| plan.distance = 59.0),
    ];
    for (text, spoil) in faults {
        let mut plan = good.clone();
        spoil(&mut plan);
        let found = check_plan(&problem, &plan);
        assert!(
            found.iter().any(|fault| fault.to_string().contains(text)),
            "{text}: {found:?}"
        );
    }
    let mut narrow = small(3, 2, one_kind(2, 1), 1);
    narrow.kinds[0].capacity = [0, 0];
    let problem = Problem::new(narrow).unwrap();
    let plan = Plan {
        routes: vec![Route {
            kind: 0,
            nodes: vec![4, 0, 2, 4],
            begins: vec![0.0; 4],
            distance: 0.0,
        }],
        refused: Vec::new(),
        distance: 0.0,
    };
    assert!(
        check_plan(&problem, &plan)
            .iter()
            .any(|fault| fault.what.starts_with("load"))
    );
}

const DARP: &str = "1 4 480 3 30\n0 0 0 0 0 0 480\n1 1 0 1 1 0 480\n2 2 0 1 1 0 480\n3 3 0 1 -1 0 480\n4 4 0 1 -1 0 480\n";
const PDPTW: &str = "2 10 1\n0 0 0 0 0 100 0 0 0\n1 1 0 5 0 100 1 0 2\n2 2 0 -5 0 100 1 1 0\n";

#[test]
fn files_are_read_with_and_without_the_depot_at_the_end() {
    let problem = parse_problem("a", DARP).unwrap();
    assert_eq!((problem.requests(), problem.node_count()), (2, 5));
    assert_eq!((problem.kinds()[0].start, problem.kinds()[0].end), (4, 4));
    assert_eq!(
        (problem.max_ride(0), problem.kinds()[0].max_duration),
        (30.0, 480.0)
    );
    assert_eq!(problem.distance(0, 3), 3.0);
    let with_end = parse_problem("a", &format!("{DARP}5 0 0 0 0 0 300\n")).unwrap();
    assert_eq!(with_end.kinds()[0].end, 5);
    assert_eq!(with_end.node(5).latest, 300.0);
    // Line ends of Windows, empty lines, a byte order mark.
    let odd = format!("\u{feff}{}\n\n", DARP.replace('\n', "\r\n"));
    assert_eq!(parse_problem("a", &odd).unwrap().requests(), 2);
    let pairs = parse_problem("p", PDPTW).unwrap();
    assert_eq!(
        (pairs.requests(), pairs.objective()),
        (1, Objective::VehiclesThenDistance)
    );
    assert_eq!(
        (pairs.node(0).id, pairs.node(1).id, pairs.node(2).id),
        (1, 2, 0)
    );
    let fast = parse_problem("p", &PDPTW.replace("2 10 1\n", "2 10 2\n")).unwrap();
    assert_eq!((fast.distance(0, 1), fast.travel_time(0, 1)), (1.0, 0.5));
}

#[test]
fn bad_files_are_named_with_line_and_reason() {
    let darp = |from: &str, to: &str| DARP.replace(from, to);
    let pdptw = |from: &str, to: &str| PDPTW.replace(from, to);
    let cases = [
        (String::new(), "empty", ":1"),
        ("   \n\n".to_owned(), "empty", ":1"),
        ("1 2\n".to_owned(), "first-line", ":1"),
        ("solver input\n".to_owned(), "first-line", ":1"),
        (darp("1 4 480 3 30", "0 4 480 3 30"), "not-whole", ":1"),
        (darp("1 4 480 3 30", "1 3 480 3 30"), "odd-nodes", ":1"),
        (darp("1 4 480 3 30", "1 4 -1 3 30"), "negative", ":1"),
        (darp("1 4 480 3 30", "1 4 480 3 -30"), "negative", ":1"),
        (darp("1 4 480 3 30", "1 6 480 3 30"), "row-count", ":6"),
        (darp("1 4 480 3 30", "1 2 480 3 30"), "row-count", ":6"),
        (
            darp("1 4 480 3 30", "1 1000000000000 480 3 30"),
            "not-a-number",
            ":1",
        ),
        (darp("1 4 480 3 30", "1 100000 480 3 30"), "too-large", ":1"),
        (darp("1 4 480 3 30", "1 4 480 3 nan"), "not-a-number", ":1"),
        (darp("1 4 480 3 30", "1 4 480 2.5 30"), "not-whole", ":1"),
        (
            darp("2 2 0 1 1 0 480", "2 x 0 1 1 0 480"),
            "not-a-number",
            ":4",
        ),
        (
            darp("2 2 0 1 1 0 480", "2 inf 0 1 1 0 480"),
            "not-a-number",
            ":4",
        ),
        (
            darp("2 2 0 1 1 0 480", "2 2 0 1 1 0"),
            "wrong-columns",
            ":4",
        ),
        (darp("2 2 0 1 1 0 480", "7 2 0 1 1 0 480"), "id", ":4"),
        (darp("2 2 0 1 1 0 480", "2 2 0 1 1 500 480"), "window", ":4"),
        (darp("2 2 0 1 1 0 480", "2 2 0 -1 1 0 480"), "service", ":4"),
        (
            darp("2 2 0 1 1 0 480", "2 2 0 1 -1 0 480"),
            "load-sign",
            ":4",
        ),
        (darp("4 4 0 1 -1 0 480", "4 4 0 1 -2 0 480"), "load", ":6"),
        (
            darp("0 0 0 0 0 0 480", "0 0 0 0 1 0 480"),
            "load-sign",
            ":2",
        ),
        (pdptw("2 10 1\n", "2 10 0\n"), "speed", ":1"),
        ("2 10 1\n".to_owned(), "row-count", ":1"),
        (
            pdptw("0 0 0 0 0 100 0 0 0", "0 0 0 0 0 100 0 0 1"),
            "depot",
            ":2",
        ),
        (
            pdptw("1 1 0 5 0 100 1 0 2", "1 1 0 5 0 100 1 0 9"),
            "unknown-partner",
            ":3",
        ),
        (
            pdptw("1 1 0 5 0 100 1 0 2", "1 1 0 5 0 100 1 0 1"),
            "unknown-partner",
            ":3",
        ),
        (
            pdptw("1 1 0 5 0 100 1 0 2", "1 1 0 5 0 100 1 2 2"),
            "partner",
            ":3",
        ),
        (
            pdptw("1 1 0 5 0 100 1 0 2", "1 1 0 5 0 100 1 0 0"),
            "partner",
            ":3",
        ),
        (
            pdptw("2 2 0 -5 0 100 1 1 0", "2 2 0 -4 0 100 1 1 0"),
            "load",
            ":3",
        ),
        (
            pdptw("2 2 0 -5 0 100 1 1 0", "1 2 0 -5 0 100 1 1 0"),
            "id-twice",
            ":4",
        ),
    ];
    for (text, code, line) in cases {
        let error = parse_problem("f.txt", &text).unwrap_err();
        let found = error
            .faults()
            .iter()
            .any(|fault| fault.code == code && fault.place == format!("f.txt{line}"));
        assert!(found, "{code} {line} in {text:?}\n{error}");
        assert_eq!(error.exit_code(), 65);
        for fault in error.faults() {
            assert!(
                !fault.help.is_empty() && !fault.expected.is_empty() && !fault.found.is_empty()
            );
        }
    }
    // Ten faults are ten faults.
    let many = DARP.replace(" 480\n", " x\n");
    assert_eq!(parse_problem("f", &many).unwrap_err().faults().len(), 5);
    let missing = read_problem(std::path::Path::new("no/such/file.txt")).unwrap_err();
    assert_eq!(missing.exit_code(), 66);
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let whole: Vec<&str> = DARP
        .split_inclusive(|c: char| c.is_whitespace())
        .chain(PDPTW.split_inclusive(|c: char| c.is_whitespace()))
        .collect();
    let words = [
        "",
        "0\n",
        "-1 ",
        "1e9 ",
        "99999999999999999999 ",
        "\u{0}",
        "1 4 480 3 30\n",
        "NaN ",
        "\n\n",
        "4294967295 ",
    ];
    for seed in 0..3_000 {
        let mut text = String::new();
        let from = (random(seed) * whole.len() as f64) as usize;
        for (at, part) in whole
            .iter()
            .enumerate()
            .skip(if seed % 2 == 0 { 0 } else { from })
        {
            let luck = random(seed * 1_000 + at as u64);
            if luck < 0.05 {
                text.push_str(words[(luck * 200.0) as usize]);
            } else if luck < 0.97 {
                text.push_str(part);
            }
        }
        if let Ok(problem) = parse_problem("f", &text) {
            let settings = Settings {
                seconds: None,
                iterations: Some(400),
                ..Settings::default()
            };
            let outcome = optimise(&problem, &settings, &Job::new(1)).unwrap();
            assert_eq!(check_plan(&problem, &outcome.plan), [], "{text}");
        }
    }
}

#[test]
fn who_cannot_be_served_is_refused_with_the_reason() {
    let solve = |draft: Draft| {
        let problem = Problem::new(draft).unwrap();
        let settings = Settings {
            seconds: None,
            iterations: Some(2_000),
            ..Settings::default()
        };
        let outcome = optimise(&problem, &settings, &Job::new(1)).unwrap();
        assert_eq!(check_plan(&problem, &outcome.plan), []);
        outcome.plan.refused
    };
    let mut large = small(1, 3, one_kind(3, 2), 1);
    (large.nodes[1].load, large.nodes[4].load) = ([9, 0], [-9, 0]);
    assert_eq!(solve(large), [(1, Refusal::TooLarge)]);
    let mut far = small(1, 3, one_kind(3, 2), 1);
    far.max_ride[2] = 0.5;
    assert!(matches!(solve(far)[..], [(2, Refusal::RideTooLong { .. })]));
    let mut late = small(1, 3, one_kind(3, 2), 1);
    (late.nodes[0].earliest, late.nodes[0].latest) = (239.0, 240.0);
    assert_eq!(solve(late), [(0, Refusal::OutOfTime)]);
    let mut wheelchair = small(1, 3, one_kind(3, 2), 1);
    (wheelchair.nodes[1].load, wheelchair.nodes[4].load) = ([0, 1], [0, -1]);
    assert_eq!(solve(wheelchair.clone()), [(1, Refusal::TooLarge)]);
    wheelchair.kinds[0].capacity = [2, 1];
    assert_eq!(solve(wheelchair), []);
    // One vehicle, two people at the same minute at different ends of the town.
    let windows = [
        (50.0, 50.0),
        (50.0, 50.0),
        (0.0, 500.0),
        (0.0, 500.0),
        (0.0, 500.0),
    ];
    let problem = on_a_line(
        &[10.0, 30.0, 20.0, 40.0, 0.0],
        &windows,
        100.0,
        f64::INFINITY,
    );
    let settings = Settings {
        seconds: None,
        iterations: Some(2_000),
        ..Settings::default()
    };
    let outcome = optimise(&problem, &settings, &Job::new(1)).unwrap();
    assert_eq!(outcome.plan.refused.len(), 1);
    assert_eq!(outcome.plan.refused[0].1, Refusal::NoRoom);
    assert!(!outcome.is_proven(&problem));
}

#[test]
fn wrong_numbers_of_a_problem_are_all_named() {
    let mut draft = small(1, 2, one_kind(2, 0), 1);
    draft.max_ride[0] = f64::NAN;
    draft.nodes[1].earliest = f64::INFINITY;
    draft.nodes[2].load = [-9, 0];
    draft.kinds[0].end = 0;
    draft.distance[3] = -1.0;
    let error = Problem::new(draft).unwrap_err();
    let codes: Vec<&str> = error.faults().iter().map(|fault| fault.code).collect();
    assert_eq!(
        codes,
        [
            "matrix-value",
            "no-vehicles",
            "no-depot",
            "window",
            "load",
            "ride-time"
        ]
    );
    let mut short = small(1, 2, one_kind(2, 1), 1);
    short.distance.pop();
    assert!(matches!(Problem::new(short), Err(ShuttleError::Content(_))));
}
