//! Which requests are taken out of a plan.

use super::route::{NOWHERE, WorkingPlan};
use super::stream::Stream;
use crate::shuttle::problem::{NodeId, Problem};

/// For each request the others, the most related first.
///
/// Two requests are related when a vehicle can go from a stop of one to a stop of the other with little driving and waiting: that
/// is where they can change places (Shaw 1998, doi:10.1007/3-540-49481-2_30, with the arcs' own measure instead of weights).
pub(super) fn neighbours(problem: &Problem) -> Vec<Vec<u16>> {
    let n = problem.requests();
    let arc = |a: usize, b: usize| {
        let (a, b) = (a as NodeId, b as NodeId);
        let arrival = problem.opens(a) + problem.step(a, b);
        if arrival > problem.closes(b) {
            return f64::INFINITY;
        }
        let wait = problem.opens(b) - problem.closes(a) - problem.step(a, b);
        problem.distance(a, b) + 0.2 * wait.max(0.0)
    };
    let either = |a: usize, b: usize| arc(a, b).min(arc(b, a)).min(1e6);
    (0..n)
        .map(|i| {
            let mut others: Vec<(f64, u16)> = (0..n)
                .filter(|&j| j != i)
                .map(|j| {
                    let apart = either(i, j) + either(i + n, j + n);
                    let chained = either(i + n, j).min(either(i, j + n));
                    (apart.min(2.0 * chained + 1.0), j as u16)
                })
                .collect();
            others.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            others.into_iter().map(|(_, other)| other).collect()
        })
        .collect()
}

/// Requests to be taken out, each once.
pub(super) fn choose(
    problem: &Problem,
    draft: &WorkingPlan,
    near: &[Vec<u16>],
    most: usize,
    random: &mut Stream,
    chosen: &mut Vec<u16>,
) {
    chosen.clear();
    let n = problem.requests();
    let served = n - draft
        .tour_of
        .iter()
        .filter(|&&tour| tour == NOWHERE)
        .count();
    if served == 0 {
        return;
    }
    let most = most.min(served);
    let count = 1 + random.below(most);
    let mut taken = vec![false; n];
    // Somebody who is absent may sit down where room is made.
    let seed = match draft.absent.len() {
        0 => random.below(n),
        absent => usize::from(draft.absent[random.below(absent)]),
    };
    let mut take = |request: usize, chosen: &mut Vec<u16>| {
        if !taken[request] && draft.tour_of[request] != NOWHERE {
            taken[request] = true;
            chosen.push(request as u16);
        }
    };
    let around = |seed: usize| {
        std::iter::once(seed).chain(near[seed].iter().map(|&other| usize::from(other)))
    };
    match random.below(100) {
        0..50 => strings(
            problem,
            draft,
            around(seed),
            count.max(2),
            random,
            &mut take,
            chosen,
        ),
        50..72 => {
            // Related ones, with some luck (Ropke & Pisinger 2006, doi:10.1287/trsc.1050.0135, section 3.1.1).
            let mut from = seed;
            take(from, chosen);
            for _ in 0..4 * n {
                if chosen.len() >= count {
                    break;
                }
                let rank = random.uniform().powi(4) * near[from].len() as f64;
                if let Some(&other) = near[from].get(rank as usize) {
                    take(other.into(), chosen);
                }
                if let Some(&other) = chosen.get(random.below(chosen.len())) {
                    from = other.into();
                }
            }
        }
        72..80 => {
            for _ in 0..4 * n {
                if chosen.len() >= count {
                    break;
                }
                take(random.below(n), chosen);
            }
        }
        80..92 => {
            // Those that cost most where they are.
            let mut saved: Vec<(f64, u16)> = Vec::with_capacity(n);
            for tour in &draft.tours {
                for request in tour.requests(problem) {
                    saved.push((saving(problem, &tour.nodes, request), request as u16));
                }
            }
            saved.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            while chosen.len() < count && !saved.is_empty() {
                let rank = random.uniform().powi(4) * saved.len() as f64;
                take(saved.remove(rank as usize).1.into(), chosen);
            }
        }
        _ => {
            // A whole tour and, around one of its requests, a part of others.
            let Some(first) = around(seed).find(|&request| draft.tour_of[request] != NOWHERE)
            else {
                return;
            };
            let tour = &draft.tours[usize::from(draft.tour_of[first])];
            for request in tour.requests(problem) {
                take(request, chosen);
            }
            let extra = chosen.len() + random.below(1 + most / 2);
            for request in around(first) {
                if chosen.len() >= extra {
                    break;
                }
                if random.uniform() < 0.7 {
                    take(request, chosen);
                }
            }
        }
    }
}

/// Strings of neighbouring stops in several tours (Christiaens & Vanden Berghe 2020, doi:10.1287/trsc.2019.0914, sections 5.1-5.3); a
/// stop in the string takes its request out.
fn strings(
    problem: &Problem,
    draft: &WorkingPlan,
    around: impl Iterator<Item = usize>,
    count: usize,
    random: &mut Stream,
    take: &mut impl FnMut(usize, &mut Vec<u16>),
    chosen: &mut Vec<u16>,
) {
    let n = problem.requests();
    let longest = 2 + random.below(9);
    let mut ruined: Vec<u16> = Vec::new();
    for request in around {
        if chosen.len() >= count {
            break;
        }
        let tour = draft.tour_of[request];
        if tour == NOWHERE || ruined.contains(&tour) {
            continue;
        }
        ruined.push(tour);
        let stops = &draft.tours[usize::from(tour)].nodes;
        let stops = &stops[1..stops.len() - 1];
        let length = 1 + random.below(longest.min(stops.len()));
        // With half the luck a stretch within the string stays (split string).
        let kept = if random.uniform() < 0.5 {
            random.below(1 + (stops.len() - length).min(length))
        } else {
            0
        };
        let anchor_node = if random.uniform() < 0.5 {
            request
        } else {
            request + n
        };
        let Some(at) = stops
            .iter()
            .position(|&node| usize::from(node) == anchor_node)
        else {
            continue;
        };
        let span = length + kept;
        let first_least = (at + 1).saturating_sub(span);
        let first_most = at.min(stops.len() - span);
        let first = first_least + random.below(first_most + 1 - first_least.min(first_most));
        let hole = if kept > 0 { random.below(length) } else { 0 };
        for (place, &node) in stops[first.min(first_most)..].iter().take(span).enumerate() {
            if kept > 0 && (hole..hole + kept).contains(&place) {
                continue;
            }
            take(usize::from(node) % n, chosen);
        }
    }
}

/// Distance that is saved when a request is taken out.
fn saving(problem: &Problem, nodes: &[NodeId], request: usize) -> f64 {
    let (pickup, delivery) = (request as NodeId, (request + problem.requests()) as NodeId);
    let at = |node: NodeId| nodes.iter().position(|&other| other == node).unwrap_or(1);
    let (i, j) = (at(pickup), at(delivery));
    let d = |a: usize, b: usize| problem.distance(nodes[a], nodes[b]);
    if j == i + 1 {
        d(i - 1, i) + d(i, j) + d(j, j + 1) - d(i - 1, j + 1)
    } else {
        d(i - 1, i) + d(i, i + 1) - d(i - 1, i + 1) + d(j - 1, j) + d(j, j + 1) - d(j - 1, j + 1)
    }
}
