//! The optimiser against trying everything, its parts against slower ones, and its independence of threads.

use super::bound;
use super::fragments::Fragments;
use super::lp::Simplex;
use super::pool::Column;
use super::pricing::entry;
use super::{Outcome, Settings, optimise};
use crate::job::Job;
use crate::shuttle::check::check_plan;
use crate::shuttle::problem::{NodeId, Objective, Problem, VehicleKind};
use crate::shuttle::tests::{best_by_trying, obvious_schedule, one_kind, random, small};
use crate::verify::data_root_or_skip;

fn count_limit(iterations: u64) -> Settings {
    Settings {
        seconds: None,
        iterations: Some(iterations),
        ..Settings::default()
    }
}

fn solve(problem: &Problem, iterations: u64) -> Outcome {
    let outcome = optimise(problem, &count_limit(iterations), &Job::new(1)).unwrap();
    assert_eq!(check_plan(problem, &outcome.plan), [], "{}", problem.name());
    outcome
}

#[test]
fn small_problems_get_the_plan_that_trying_everything_finds() {
    let mut solved = 0;
    for seed in 0..60 {
        let requests = 3 + (seed % 3) as usize;
        let draft = small(seed, requests, one_kind(requests, 2), 1);
        let problem = Problem::new(draft.clone()).unwrap();
        let outcome = solve(&problem, 15_000);
        match best_by_trying(&draft) {
            Some(best) => {
                solved += 1;
                assert!(
                    outcome.plan.refused.is_empty(),
                    "seed {seed}: {:?}",
                    outcome.plan.refused
                );
                assert!(
                    (outcome.plan.distance - best).abs() < 1e-6,
                    "seed {seed}: {} {best}",
                    outcome.plan.distance
                );
                assert!(
                    outcome.is_proven(&problem),
                    "seed {seed}: {:?}",
                    outcome.bounds
                );
            }
            None => assert!(!outcome.plan.refused.is_empty(), "seed {seed}"),
        }
    }
    assert!(solved > 20, "{solved}");
}

#[test]
fn several_depots_and_kinds_of_vehicles_get_the_best_plan() {
    let mut solved = 0;
    for seed in 100..125 {
        let kind = |depot: NodeId, end: NodeId, seats: i32| VehicleKind {
            count: 1,
            capacity: [seats, 0],
            start: depot,
            end,
            max_duration: f64::INFINITY,
        };
        let kinds = vec![kind(8, 8, 2), kind(9, 9, 4), kind(8, 9, 3)];
        let draft = small(seed, 4, kinds, 2);
        let problem = Problem::new(draft.clone()).unwrap();
        let outcome = solve(&problem, 8_000);
        if let Some(best) = best_by_trying(&draft) {
            solved += 1;
            assert!(
                (outcome.plan.distance - best).abs() < 1e-6,
                "seed {seed}: {} {best}",
                outcome.plan.distance
            );
        }
    }
    assert!(solved > 10, "{solved}");
}

#[test]
fn the_fewest_vehicles_come_first_and_are_proven() {
    for seed in 200..212 {
        let mut draft = small(seed, 4, one_kind(4, 4), 1);
        draft.objective = Objective::VehiclesThenDistance;
        draft.max_ride = vec![f64::INFINITY; 4];
        draft.kinds[0].max_duration = f64::INFINITY;
        let problem = Problem::new(draft.clone()).unwrap();
        let outcome = solve(&problem, 60_000);
        let best = (1..=4).find_map(|vehicles| {
            draft.kinds[0].count = vehicles;
            Some((vehicles, best_by_trying(&draft)?))
        });
        let Some((vehicles, distance)) = best else {
            continue;
        };
        assert_eq!(outcome.plan.routes.len(), vehicles, "seed {seed}");
        assert!(
            (outcome.plan.distance - distance).abs() < 1e-6,
            "seed {seed}"
        );
        assert!(
            outcome
                .bounds
                .vehicles
                .is_none_or(|fewest| fewest == vehicles),
            "seed {seed}"
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_for_any_number_of_threads() {
    let draft = small(7, 14, one_kind(14, 5), 1);
    let problem = Problem::new(draft).unwrap();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let settings = Settings {
            islands: 4,
            ..count_limit(12_000)
        };
        format!(
            "{:?}",
            pool.install(|| optimise(&problem, &settings, &Job::new(1)).unwrap())
        )
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(8));
    let other = optimise(
        &problem,
        &Settings {
            seed: 2,
            ..count_limit(800)
        },
        &Job::new(1),
    )
    .unwrap();
    assert_eq!(check_plan(&problem, &other.plan), []);
}

/// All stop orders from an empty vehicle to the next moment when it is empty, by the obvious test of a schedule.
fn fragments_by_trying(
    problem: &Problem,
    draft: &crate::shuttle::problem::Draft,
    nodes: &mut Vec<NodeId>,
    on_board: &mut Vec<NodeId>,
    count: &mut Vec<(NodeId, NodeId, u128, f64)>,
) {
    let n = problem.requests() as NodeId;
    if !nodes.is_empty() && obvious_schedule(draft, 0, nodes).is_none() {
        return;
    }
    if !nodes.is_empty() && on_board.is_empty() {
        let set = nodes
            .iter()
            .filter(|&&node| node < n)
            .fold(0, |set, &node| set | 1 << node);
        let length = nodes
            .windows(2)
            .map(|pair| problem.distance(pair[0], pair[1]))
            .sum();
        count.push((nodes[0], nodes[nodes.len() - 1], set, length));
        return;
    }
    for next in 0..2 * n {
        let boards = next < n && !nodes.contains(&next);
        let place = on_board.iter().position(|&pickup| pickup + n == next);
        let seats: i32 = on_board
            .iter()
            .map(|&pickup| problem.node(pickup).load[0])
            .sum();
        if boards && seats + problem.node(next).load[0] <= problem.kinds()[0].capacity[0] {
            on_board.push(next);
        } else if let Some(place) = place {
            on_board.remove(place);
        } else {
            continue;
        }
        nodes.push(next);
        fragments_by_trying(problem, draft, nodes, on_board, count);
        nodes.pop();
        if boards {
            on_board.pop();
        } else if let Some(place) = place {
            on_board.insert(place, next - n);
        }
    }
}

#[test]
fn fragments_are_all_stop_orders_that_no_other_replaces() {
    for seed in 300..330 {
        let mut draft = small(seed, 5, one_kind(5, 2), 1);
        draft.kinds[0].max_duration = f64::INFINITY;
        let problem = Problem::new(draft.clone()).unwrap();
        // The same windows as the search works with.
        for (node, given) in draft.nodes.iter_mut().enumerate() {
            given.earliest = problem.opens(node as NodeId);
            given.latest = problem.closes(node as NodeId);
        }
        let mut tried = Vec::new();
        fragments_by_trying(
            &problem,
            &draft,
            &mut Vec::new(),
            &mut Vec::new(),
            &mut tried,
        );
        let found = Fragments::enumerate(&problem, 1_000_000, &|| false);
        let key = |first: NodeId, last: NodeId, set: u128| (first, last, set);
        // Per ends and requests the shortest one is there, and nothing that does not exist.
        let mut shortest = std::collections::BTreeMap::new();
        for &(first, last, set, length) in &tried {
            let known = shortest
                .entry(key(first, last, set))
                .or_insert(f64::INFINITY);
            *known = f64::min(*known, length);
        }
        let mut listed = std::collections::BTreeMap::new();
        for fragment in &found.all {
            let nodes = found.nodes(fragment);
            assert!(
                obvious_schedule(&draft, 0, nodes).is_some(),
                "seed {seed} {nodes:?}"
            );
            let known = listed
                .entry(key(fragment.first, fragment.last, fragment.set))
                .or_insert(f64::INFINITY);
            *known = f64::min(*known, fragment.distance);
            // Begun at the latest, it ends as its numbers say.
            let mut late = draft.clone();
            late.nodes[usize::from(fragment.first)].earliest = fragment.latest_start - 1e-9;
            let times = obvious_schedule(&late, 0, nodes).unwrap();
            let end = fragment
                .earliest_end
                .max(fragment.latest_start + fragment.duration);
            assert!(
                (times[times.len() - 1] - end).abs() < 1e-6,
                "seed {seed} {nodes:?}"
            );
        }
        assert_eq!(shortest.len(), listed.len(), "seed {seed}");
        for (one, other) in shortest.iter().zip(&listed) {
            assert_eq!(one.0, other.0);
            assert!(
                (one.1 - other.1).abs() < 1e-9,
                "seed {seed}: {one:?} {other:?}"
            );
        }
    }
}

#[test]
fn the_linear_programme_finds_the_known_value() {
    // Three requests, every pair costs 2, all three 10, alone 1.8: half of each pair is best, 3.
    let draft = small(1, 3, one_kind(3, 3), 1);
    let problem = Problem::new(draft).unwrap();
    let column = |requests: &[NodeId], distance: f64| {
        let nodes = [6]
            .into_iter()
            .chain(requests.iter().copied())
            .chain(requests.iter().map(|r| r + 3))
            .chain([6])
            .collect();
        entry(
            &problem,
            Column {
                kind: 0,
                nodes,
                distance,
            },
            &[],
        )
    };
    let mut simplex = Simplex::new(3, &[3], 100.0);
    simplex.columns = vec![
        column(&[0], 1.8),
        column(&[1], 1.8),
        column(&[2], 1.8),
        column(&[0, 1], 2.0),
        column(&[0, 2], 2.0),
        column(&[1, 2], 2.0),
    ];
    assert!(simplex.solve(1_000, &|| false));
    let prices = simplex.prices();
    assert!((prices.value - 3.0).abs() < 1e-9, "{prices:?}");
    // At most one of the pairs: a pair and one alone.
    simplex.add_cut(|entry| entry.requests.len() >= 2);
    assert!(simplex.solve(1_000, &|| false));
    let prices = simplex.prices();
    assert!((prices.value - 3.8).abs() < 1e-9, "{prices:?}");
    assert!(!prices.incomplete);
}

#[test]
fn a_bound_is_never_above_the_best_plan() {
    for seed in 400..420 {
        let draft = small(seed, 5, one_kind(5, 3), 1);
        let problem = Problem::new(draft.clone()).unwrap();
        let Some(best) = best_by_trying(&draft) else {
            continue;
        };
        if !bound::is_possible(&problem) {
            continue;
        }
        // Without any tour and with a plan that is far too long, the proof still ends at the best plan.
        let fragments = Fragments::enumerate(&problem, 1_000_000, &|| false);
        let proof = bound::prove(&problem, &fragments, 3, &[], 3.0 * best, &|| false);
        let tours = proof.better.unwrap();
        let length: f64 = tours.iter().map(|tour| tour.distance).sum();
        assert!((length - best).abs() < 1e-6, "seed {seed}: {length} {best}");
        assert!(
            (proof.lower_bound.unwrap() - best).abs() < 1e-5,
            "seed {seed}"
        );
        let known = bound::prove(&problem, &fragments, 3, &tours, best, &|| false);
        assert!(
            known.lower_bound.unwrap() <= best + 1e-9 && known.better.is_none(),
            "seed {seed}"
        );
    }
}

#[test]
fn driving_times_without_the_triangle_inequality_give_plans_that_hold() {
    for seed in 500..520 {
        let mut draft = small(seed, 6, one_kind(6, 3), 1);
        for (at, time) in draft.travel_time.iter_mut().enumerate() {
            *time *= 0.5 + random(seed * 7_919 + at as u64);
        }
        let problem = Problem::new(draft).unwrap();
        solve(&problem, 4_000);
    }
}

#[test]
fn published_problems_reach_the_best_known_value() {
    let Some(data) = data_root_or_skip("shuttle") else {
        return;
    };
    for (file, best) in [("a2-16", 294.25), ("b2-20", 332.64), ("a3-24", 344.83)] {
        let path = data.join(format!("mobility/darp/{file}.txt"));
        let problem = crate::shuttle::read::read_problem(&path).unwrap();
        let outcome = solve(&problem, 14_000);
        assert!(
            (outcome.plan.distance - best).abs() < 0.01,
            "{file}: {}",
            outcome.plan.distance
        );
        assert!(outcome.is_proven(&problem), "{file}");
    }
}
