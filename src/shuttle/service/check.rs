//! Checks a run against requests and rules as they are given: own code, own shortest ways, nothing of the engine but its log.

use std::collections::BTreeMap;

use super::engine::{Run, Service};
use super::log::{HaltKind, Segment};
use super::model::Outcome;
use super::streets::Streets;

/// Times may be off by this much (s): driving times are f32.
pub const CHECK_TOLERANCE_S: f64 = 0.01;

/// Everything that is wrong with a run, as sentences; empty when nothing is.
///
/// Every request is decided exactly once and the counts add up; nobody boards before being asked or ready, or later than promised, or
/// rides longer than promised; seats and places for wheelchairs suffice at all times; drives begin where the last one ended, take as
/// long and are as long as the fastest way, and do not overlap halts; halts last; batteries do not go below empty.
pub fn check_run(service: &Service, run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    let mut ways = Ways::new(&service.streets);
    let rules = &service.rules;
    let mut boarded: BTreeMap<u32, (usize, f64, f64)> = BTreeMap::new();
    let mut alighted: BTreeMap<u32, (usize, f64)> = BTreeMap::new();
    for (number, log) in run.vehicles.iter().enumerate() {
        let mut at = service.fleet[number].start;
        let mut until_s = f64::NEG_INFINITY;
        let mut halts = log.halts.iter().peekable();
        let mut load = [0_i64; 2];
        let end = [None];
        let segments = log.segments.iter().map(Some).chain(end);
        for segment in segments {
            let begin_s = segment.map_or(f64::INFINITY, |s| s.begin_s);
            while let Some(halt) = halts.next_if(|h| h.begin_s < begin_s) {
                if halt.node != at {
                    found.push(format!(
                        "vehicle {number} halts at node {} at {:.1} s and stands at node {at}",
                        halt.node, halt.begin_s
                    ));
                }
                if halt.begin_s < until_s - CHECK_TOLERANCE_S {
                    found.push(format!(
                        "vehicle {number} halts at {:.2} s, while it drives until {until_s:.2} s",
                        halt.begin_s
                    ));
                }
                if halt.end_s > begin_s + CHECK_TOLERANCE_S {
                    found.push(format!(
                        "vehicle {number} leaves at {begin_s:.2} s, its halt ends at {:.2} s",
                        halt.end_s
                    ));
                }
                let Some(wish) = service.requests.get(halt.request as usize) else {
                    continue;
                };
                let least_s = rules.boarding_s + rules.boarding_person_s * f64::from(wish.persons);
                if halt.end_s - halt.begin_s < least_s - CHECK_TOLERANCE_S {
                    found.push(format!("request {}: a halt is too short", halt.request));
                }
                let wheelchairs = i64::from(wish.wheelchairs);
                let needs = [i64::from(wish.persons) - wheelchairs, wheelchairs];
                let twice = if halt.kind == HaltKind::Board {
                    load = [load[0] + needs[0], load[1] + needs[1]];
                    let entry = (number, halt.begin_s, halt.end_s);
                    boarded.insert(halt.request, entry).is_some()
                } else {
                    load = [load[0] - needs[0], load[1] - needs[1]];
                    let entry = (number, halt.begin_s);
                    alighted.insert(halt.request, entry).is_some()
                };
                if twice {
                    found.push(format!("request {} is served twice", halt.request));
                }
                let kind = &service.fleet[number];
                if load[0] > i64::from(kind.seats) || load[1] > i64::from(kind.wheelchairs) {
                    found.push(format!(
                        "vehicle {number} carries {load:?} at {:.1} s, it has places for [{}, {}]",
                        halt.begin_s, kind.seats, kind.wheelchairs
                    ));
                }
            }
            let Some(segment) = segment else { break };
            if segment.from != at || segment.begin_s < until_s - CHECK_TOLERANCE_S {
                found.push(format!(
                    "vehicle {number} drives from node {} at {:.2} s and is at node {at} until {until_s:.2} s",
                    segment.from, segment.begin_s
                ));
            }
            if load[0] + load[1] != i64::from(segment.persons) {
                found.push(format!(
                    "vehicle {number} drives {} persons at {:.1} s, {} are on board",
                    segment.persons,
                    segment.begin_s,
                    load[0] + load[1]
                ));
            }
            if let Some(fault) = ways.fault(segment) {
                found.push(format!("vehicle {number}: {fault}"));
            }
            at = segment.to;
            until_s = segment.end_s;
        }
        if log.kwh_left < 0.0 {
            found.push(format!("vehicle {number} ran out of energy"));
        }
    }
    for (number, (wish, ride)) in service.requests.iter().zip(&run.rides).enumerate() {
        let key = number as u32;
        let (boards, alights) = (boarded.get(&key), alighted.get(&key));
        match (ride.outcome, boards, alights) {
            (Outcome::Rejected(_), None, None) | (Outcome::Assigned(_), None, None) => {}
            (Outcome::Riding(vehicle), Some(boards), None) if boards.0 == vehicle as usize => {}
            (Outcome::Served(vehicle), Some(boards), Some(alights))
                if boards.0 == vehicle as usize && alights.0 == vehicle as usize => {}
            _ => found.push(format!(
                "request {number} is {:?}, boards {boards:?}, alights {alights:?}",
                ride.outcome
            )),
        }
        let Some(&(_, begin_s, end_s)) = boards else {
            continue;
        };
        let latest_s = wish.ready_s + rules.max_wait_s;
        if begin_s < wish.ready_s.max(wish.asked_s) - CHECK_TOLERANCE_S
            || begin_s > latest_s + CHECK_TOLERANCE_S
        {
            found.push(format!(
                "request {number} boards at {begin_s:.2} s, allowed is {:.2} to {latest_s:.2} s",
                wish.ready_s
            ));
        }
        let Some(&(_, alights_s)) = alights else {
            continue;
        };
        let nodes = [wish.pickup, wish.dropoff].map(|place| service.times.node(place));
        let direct_s = ways.from(nodes[0])[nodes[1] as usize].0;
        let limit_s = (direct_s * rules.max_detour).max(direct_s + rules.least_detour_s);
        if alights_s - end_s > limit_s + CHECK_TOLERANCE_S {
            found.push(format!(
                "request {number} rides {:.2} s, at most {limit_s:.2} s was promised",
                alights_s - end_s
            ));
        }
    }
    found
}

/// Fastest ways from single nodes, found by relaxing all arcs until nothing changes.
struct Ways<'a> {
    streets: &'a Streets,
    known: BTreeMap<u32, Vec<(f64, f64)>>,
}

impl<'a> Ways<'a> {
    fn new(streets: &'a Streets) -> Self {
        Self {
            streets,
            known: BTreeMap::new(),
        }
    }

    /// Time (s) and length (m) of the fastest way to every node.
    fn from(&mut self, node: u32) -> &[(f64, f64)] {
        let streets = self.streets;
        self.known.entry(node).or_insert_with(|| {
            let mut best = vec![(f64::INFINITY, f64::INFINITY); streets.nodes.len()];
            best[node as usize] = (0.0, 0.0);
            let mut front = vec![node];
            while !front.is_empty() {
                let mut next = Vec::new();
                for tail in front {
                    for arc in streets.arcs_of(tail) {
                        let (time, length) = best[tail as usize];
                        let head = streets.heads[arc] as usize;
                        let later = time + f64::from(streets.time_s[arc]);
                        if later < best[head].0 {
                            best[head] = (later, length + f64::from(streets.length_m[arc]));
                            next.push(head as u32);
                        }
                    }
                }
                next.sort_unstable();
                next.dedup();
                front = next;
            }
            best
        })
    }

    fn fault(&mut self, segment: &Segment) -> Option<String> {
        let takes_s = segment.end_s - segment.begin_s;
        let (time_s, _) = self.from(segment.from)[segment.to as usize];
        if (takes_s - time_s).abs() > CHECK_TOLERANCE_S {
            return Some(format!(
                "from node {} to {} it takes {takes_s:.3} s, the fastest way {time_s:.3} s",
                segment.from, segment.to
            ));
        }
        None
    }
}
