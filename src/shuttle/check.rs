//! Checks a plan against the problem as the input says it: own code, no array or function of the search.

use std::collections::BTreeMap;
use std::fmt;

use super::plan::Plan;
use super::problem::Problem;

/// Times may be off by this much, in the unit of the problem.
pub const CHECK_TOLERANCE: f64 = 1e-6;

/// A rule that a plan breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Route, from 0; `None` for the plan as a whole.
    pub route: Option<usize>,
    /// What is wrong, with numbers.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.route {
            Some(route) => write!(f, "route {}: {}", route + 1, self.what),
            None => write!(f, "{}", self.what),
        }
    }
}

/// Where and when a stop is in the plan.
struct Served {
    route: usize,
    at: usize,
    begin: f64,
}

/// All rules that a plan breaks; none for a feasible plan.
///
/// Every request once or refused, on one vehicle, pickup first; places; windows as given; driving and service times; ride times;
/// route durations; the fleet; the distance that the plan claims.
pub fn check_plan(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let n = problem.requests();
    let mut found = Vec::new();
    let mut say = |route: Option<usize>, what: String| found.push(Violation { route, what });
    let mut used = vec![0_usize; problem.kinds().len()];
    let mut picked: BTreeMap<usize, Served> = BTreeMap::new();
    let mut delivered: BTreeMap<usize, Served> = BTreeMap::new();
    let mut total = 0.0;
    for (number, route) in plan.routes.iter().enumerate() {
        let here = Some(number);
        let Some(kind) = problem.kinds().get(route.kind) else {
            say(here, format!("there is no vehicle kind {}", route.kind));
            continue;
        };
        used[route.kind] += 1;
        if route.nodes.len() != route.begins.len() || route.nodes.len() < 2 {
            say(here, "a node without a time, or no depot".to_owned());
            continue;
        }
        let last = route.nodes.len() - 1;
        if route.nodes[0] != kind.start || route.nodes[last] != kind.end {
            say(
                here,
                "it does not begin and end at the depots of the vehicle".to_owned(),
            );
        }
        let mut load = [0_i32; 2];
        for (at, (&node, &begin)) in route.nodes.iter().zip(&route.begins).enumerate() {
            let id = problem.node(node).id;
            let given = problem.node(node);
            if !(begin >= given.earliest - CHECK_TOLERANCE
                && begin <= given.latest + CHECK_TOLERANCE)
            {
                say(
                    here,
                    format!(
                        "node {id} at {begin:.4}, window {} to {}",
                        given.earliest, given.latest
                    ),
                );
            }
            if at > 0 {
                let before = route.nodes[at - 1];
                total += problem.distance(before, node);
                let arrival = route.begins[at - 1]
                    + problem.node(before).service
                    + problem.travel_time(before, node);
                if begin < arrival - CHECK_TOLERANCE {
                    say(
                        here,
                        format!("node {id} at {begin:.4}, the vehicle arrives at {arrival:.4}"),
                    );
                }
            }
            let index = usize::from(node);
            if index >= 2 * n {
                if at != 0 && at != last {
                    say(here, format!("depot {id} on the way"));
                }
                continue;
            }
            let (list, request) = if index < n {
                (&mut picked, index)
            } else {
                (&mut delivered, index - n)
            };
            if list
                .insert(
                    request,
                    Served {
                        route: number,
                        at,
                        begin,
                    },
                )
                .is_some()
            {
                say(here, format!("node {id} is served twice"));
            }
            for (sum, more) in load.iter_mut().zip(given.load) {
                *sum += more;
            }
            if load[0] > kind.capacity[0] || load[1] > kind.capacity[1] {
                say(
                    here,
                    format!(
                        "load {load:?} after node {id}, the vehicle has {:?}",
                        kind.capacity
                    ),
                );
            }
        }
        let duration = route.begins[last] - route.begins[0];
        if duration > kind.max_duration + CHECK_TOLERANCE {
            say(
                here,
                format!(
                    "it takes {duration:.4}, at most {} is allowed",
                    kind.max_duration
                ),
            );
        }
    }
    for request in 0..n {
        let id = problem.node(request as u16).id;
        let refused = plan.refused.iter().any(|(other, _)| *other == request);
        match (picked.get(&request), delivered.get(&request)) {
            (None, None) if refused => {}
            (None, None) => say(
                None,
                format!("the request at node {id} is neither served nor refused"),
            ),
            (Some(_), Some(_)) if refused => say(
                None,
                format!("the request at node {id} is served and refused"),
            ),
            (Some(boards), Some(alights)) => {
                let route = boards.route;
                if route != alights.route {
                    say(
                        Some(route),
                        format!("the request at node {id} is delivered by another vehicle"),
                    );
                } else if alights.at < boards.at {
                    say(
                        Some(route),
                        format!("the request at node {id} is delivered before it is picked up"),
                    );
                }
                let ride = alights.begin - boards.begin - problem.node(request as u16).service;
                let limit = problem.max_ride(request);
                if ride > limit + CHECK_TOLERANCE {
                    say(
                        Some(route),
                        format!(
                            "the ride from node {id} takes {ride:.4}, at most {limit} is allowed"
                        ),
                    );
                }
            }
            _ => say(
                None,
                format!("the request at node {id} has one of its two stops"),
            ),
        }
    }
    for (kind, (&used, given)) in used.iter().zip(problem.kinds()).enumerate() {
        if used > given.count {
            say(
                None,
                format!("{used} vehicles of kind {kind}, there are {}", given.count),
            );
        }
    }
    if (total - plan.distance).abs() > CHECK_TOLERANCE * total.max(1.0) {
        say(
            None,
            format!(
                "the routes are {total:.6} long, the plan says {:.6}",
                plan.distance
            ),
        );
    }
    found
}
