//! When a vehicle is where: is there a schedule for a sequence of stops, and which one is told to people.
//!
//! Two methods. [`earliest_schedule`] answers the question exactly: all rules of a route are differences of two times, so the set of
//! schedules has a least element, and repeated sweeps (Bellman 1958, Ford 1956) find it or prove that there is none.
//! [`eight_steps`] is the procedure of Cordeau & Laporte (2003, doi:10.1016/S0191-2615(02)00045-0): leave the depot late, then board
//! late, so that vehicles and passengers wait little. It is the schedule people are told; should it break a rule, the least one is told.

use super::problem::{NodeId, Problem, TIME_TOLERANCE};

/// The earliest schedule of a route: begins of service, one per node of `route` (depots included). False when there is none.
///
/// Exact: the least solution of `t[k+1] >= t[k] + step`, windows, ride times and route duration. One sweep forward sets the driving
/// times; a sweep backward raises pickups that were too long before their delivery, and the start when the route is too long. A system
/// of `k` times without a solution is known after `k` rounds at the latest, in practice after one.
pub fn earliest_schedule(
    problem: &Problem,
    kind: usize,
    route: &[NodeId],
    times: &mut Vec<f64>,
) -> bool {
    times.clear();
    let mut time = problem.opens(route[0]);
    times.push(time);
    for pair in route.windows(2) {
        time = (time + problem.step(pair[0], pair[1])).max(problem.opens(pair[1]));
        if time > problem.closes(pair[1]) + TIME_TOLERANCE {
            return false;
        }
        times.push(time);
    }
    !problem.has_time_limits(kind) || settle(problem, kind, route, times)
}

/// Raises a schedule that obeys windows and driving times until it obeys ride times and duration too.
pub(super) fn settle(problem: &Problem, kind: usize, route: &[NodeId], times: &mut [f64]) -> bool {
    let last = route.len() - 1;
    for _ in 0..=route.len() {
        let mut first_raised = usize::MAX;
        // Backward, so that a pickup raised for its delivery is seen by the deliveries before it.
        for at in (1..=last).rev() {
            let Some(request) = problem.delivered(route[at]) else {
                continue;
            };
            let limit = problem.max_ride(request);
            let pickup = request as NodeId;
            let needed = times[at] - limit - problem.node(pickup).service;
            // Only a pickup so early in the day can be too early.
            if needed <= problem.opens(pickup) + TIME_TOLERANCE {
                continue;
            }
            let Some(from) = route[..at].iter().rposition(|&node| node == pickup) else {
                return false;
            };
            if times[from] < needed - TIME_TOLERANCE {
                if needed > problem.closes(pickup) + TIME_TOLERANCE {
                    return false;
                }
                times[from] = needed;
                first_raised = first_raised.min(from);
            }
        }
        let needed = times[last] - problem.kinds()[kind].max_duration;
        if times[0] < needed - TIME_TOLERANCE {
            if needed > problem.closes(route[0]) + TIME_TOLERANCE {
                return false;
            }
            times[0] = needed;
            first_raised = 0;
        }
        if first_raised == usize::MAX {
            return true;
        }
        for at in first_raised + 1..=last {
            let arrival = times[at - 1] + problem.step(route[at - 1], route[at]);
            if arrival > times[at] {
                times[at] = arrival;
                if arrival > problem.closes(route[at]) + TIME_TOLERANCE {
                    return false;
                }
            }
        }
    }
    false
}

/// Latest begins of service by windows and driving times alone: an upper bound of every schedule.
pub(super) fn latest_by_windows(problem: &Problem, route: &[NodeId], times: &mut Vec<f64>) {
    times.clear();
    times.resize(route.len(), 0.0);
    let last = route.len() - 1;
    times[last] = problem.closes(route[last]);
    for at in (0..last).rev() {
        let by_next = times[at + 1] - problem.step(route[at], route[at + 1]);
        times[at] = by_next.min(problem.closes(route[at]));
    }
}

/// The schedule told to people: the eight steps where they keep all rules, else the earliest schedule. `None` when there is none.
pub fn schedule(problem: &Problem, kind: usize, route: &[NodeId]) -> Option<Vec<f64>> {
    let mut earliest = Vec::new();
    if !earliest_schedule(problem, kind, route, &mut earliest) {
        return None;
    }
    let kindly = eight_steps(problem, route);
    Some(if keeps_rules(problem, kind, route, &kindly) {
        kindly
    } else {
        earliest
    })
}

fn keeps_rules(problem: &Problem, kind: usize, route: &[NodeId], times: &[f64]) -> bool {
    let windows = route.iter().zip(times).all(|(&node, &time)| {
        time >= problem.opens(node) - TIME_TOLERANCE
            && time <= problem.closes(node) + TIME_TOLERANCE
    });
    let duration =
        times[route.len() - 1] - times[0] <= problem.kinds()[kind].max_duration + TIME_TOLERANCE;
    windows
        && duration
        && rides(problem, route, times)
            .iter()
            .flatten()
            .all(|&(ride, limit)| ride <= limit + TIME_TOLERANCE)
}

/// Per node: ride time and its limit when a passenger who boarded on this route alights here.
fn rides(problem: &Problem, route: &[NodeId], times: &[f64]) -> Vec<Option<(f64, f64)>> {
    let alights = |at: usize| {
        let request = problem.delivered(route[at])?;
        let pickup = request as NodeId;
        let from = route[..at].iter().position(|&node| node == pickup)?;
        let ride = times[at] - times[from] - problem.node(pickup).service;
        Some((ride, problem.max_ride(request)))
    };
    (0..route.len()).map(alights).collect()
}

/// The eight steps of Cordeau & Laporte (2003), section 3.3: begins of service that keep windows and driving times where possible,
/// then make the route short, then the rides. The caller checks what they reached.
pub fn eight_steps(problem: &Problem, route: &[NodeId]) -> Vec<f64> {
    let last = route.len() - 1;
    // Steps 1 and 2: leave the depot as early as possible and begin every service as early as possible.
    let mut begins = vec![problem.opens(route[0]); route.len()];
    sweep(problem, route, &mut begins, 0);
    // Steps 3 to 5: leave the depot later by the slack of the whole route, but not so late that the route would end later.
    let delay = slack(problem, route, &begins, 0).min(waits_after(problem, route, &begins, 0));
    begins[0] += delay.max(0.0);
    sweep(problem, route, &mut begins, 0);
    // Step 6: done when every ride is short enough.
    let good = |begins: &[f64], from: usize| {
        rides(problem, route, begins)
            .iter()
            .skip(from)
            .flatten()
            .all(|&(ride, limit)| ride <= limit + TIME_TOLERANCE)
    };
    if good(&begins, 0) {
        return begins;
    }
    // Step 7: board later wherever somebody boards, as far as slack and waiting allow.
    for at in 1..last {
        if (route[at] as usize) >= problem.requests() {
            continue;
        }
        let delay =
            slack(problem, route, &begins, at).min(waits_after(problem, route, &begins, at));
        begins[at] += delay.max(0.0);
        sweep(problem, route, &mut begins, at);
        if good(&begins, at) {
            break;
        }
    }
    begins
}

/// Begins of service after `from`, as early as possible.
fn sweep(problem: &Problem, route: &[NodeId], begins: &mut [f64], from: usize) {
    for at in from + 1..route.len() {
        let arrival = begins[at - 1] + problem.step(route[at - 1], route[at]);
        begins[at] = arrival.max(problem.opens(route[at]));
    }
}

/// Waiting at the nodes after `from`.
fn wait(problem: &Problem, route: &[NodeId], begins: &[f64], at: usize) -> f64 {
    begins[at] - begins[at - 1] - problem.step(route[at - 1], route[at])
}

fn waits_after(problem: &Problem, route: &[NodeId], begins: &[f64], from: usize) -> f64 {
    (from + 1..route.len() - 1)
        .map(|at| wait(problem, route, begins, at))
        .sum()
}

/// Forward time slack with ride times: by how much the begin of service at `from` may move without a new violation.
fn slack(problem: &Problem, route: &[NodeId], begins: &[f64], from: usize) -> f64 {
    let rides = rides(problem, route, begins);
    let mut waited = 0.0;
    let mut smallest = f64::INFINITY;
    for at in from..route.len() {
        if at > from {
            waited += wait(problem, route, begins, at);
        }
        let mut room = problem.closes(route[at]) - begins[at];
        // Only who boarded before `from` rides longer when `from` moves.
        if let (Some((ride, limit)), Some(request)) = (rides[at], problem.delivered(route[at]))
            && route[..from].contains(&(request as NodeId))
        {
            room = room.min(limit - ride);
        }
        smallest = smallest.min(waited + room.max(0.0));
    }
    smallest
}
