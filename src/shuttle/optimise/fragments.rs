//! Fragments: what a vehicle does between two moments when it is empty.
//!
//! A route is a chain of fragments, and no ride time reaches over their ends: what was driven before matters only through the time
//! (Alyasiry, Forbes & Bulmer 2019, doi:10.1287/trsc.2018.0842, for pickup and delivery; Rist & Forbes 2021,
//! doi:10.1287/trsc.2021.1044, for dial-a-ride).

use crate::shuttle::problem::{NodeId, Problem, TIME_TOLERANCE, fits};
use crate::shuttle::timing::{earliest_from, earliest_schedule, latest_schedule};

/// A fragment: from its first pickup to the delivery that empties the vehicle.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) first: NodeId,
    pub(super) last: NodeId,
    /// Requests, bit by bit.
    pub(super) set: u128,
    pub(super) distance: f64,
    /// Latest begin at the first pickup.
    pub(super) latest_start: f64,
    /// Earliest begin of service at the last delivery, and the shortest time until then: begun at `t <= latest_start` it ends at
    /// `max(earliest_end, t + duration)`.
    pub(super) earliest_end: f64,
    pub(super) duration: f64,
    nodes_from: u32,
    nodes_to: u32,
}

/// All fragments that some optimal plan could need.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    pub(super) all: Vec<Fragment>,
    nodes: Vec<NodeId>,
}

impl Fragments {
    pub(super) fn nodes(&self, fragment: &Fragment) -> &[NodeId] {
        &self.nodes[fragment.nodes_from as usize..fragment.nodes_to as usize]
    }

    /// All fragments of the one kind of vehicle; `None` when there are more than `most` or `stop` says so.
    pub(super) fn enumerate(problem: &Problem, most: usize, stop: &dyn Fn() -> bool) -> Option<Self> {
        let mut search = Enumeration {
            problem,
            most,
            stop,
            looked: 0,
            nodes: Vec::new(),
            open: Vec::new(),
            set: 0,
            found: Self::default(),
            times: Vec::new(),
        };
        for first in 0..problem.requests() {
            if !search.extend(first as NodeId, 0.0, [0, 0]) {
                return None;
            }
        }
        let mut found = search.found;
        found.keep_undominated();
        Some(found)
    }

    /// Of fragments with the same ends and requests only those stay that are shorter, or later, or earlier, than every other.
    fn keep_undominated(&mut self) {
        self.all.sort_by(|a, b| {
            (a.first, a.last, a.set)
                .cmp(&(b.first, b.last, b.set))
                .then(a.distance.total_cmp(&b.distance))
        });
        let mut kept: Vec<Fragment> = Vec::with_capacity(self.all.len());
        let mut group = 0;
        for fragment in self.all.drain(..) {
            let same = |other: &Fragment| (other.first, other.last, other.set) == (fragment.first, fragment.last, fragment.set);
            if kept.get(group).is_none_or(|other| !same(other)) {
                group = kept.len();
            }
            let dominated = kept[group..].iter().any(|other| {
                other.latest_start >= fragment.latest_start
                    && other.earliest_end <= fragment.earliest_end
                    && other.duration <= fragment.duration
            });
            if !dominated {
                kept.push(fragment);
            }
        }
        self.all = kept;
    }
}

struct Enumeration<'a> {
    problem: &'a Problem,
    most: usize,
    stop: &'a dyn Fn() -> bool,
    looked: u64,
    nodes: Vec<NodeId>,
    open: Vec<NodeId>,
    set: u128,
    found: Fragments,
    times: Vec<f64>,
}

impl Enumeration<'_> {
    /// Appends a node and goes on from there; false when there are too many.
    fn extend(&mut self, node: NodeId, distance: f64, load: [i32; 2]) -> bool {
        let problem = self.problem;
        let n = problem.requests();
        self.looked += 1;
        if self.looked.is_multiple_of(4096) && (self.stop)() {
            return false;
        }
        let more = problem.node(node).load;
        let load = [load[0] + more[0], load[1] + more[1]];
        if !fits(load, problem.kinds()[0].capacity) {
            return true;
        }
        self.nodes.push(node);
        let going_on = self.extend_from_here(node, distance, load, n);
        self.nodes.pop();
        going_on
    }

    fn extend_from_here(&mut self, node: NodeId, distance: f64, load: [i32; 2], n: usize) -> bool {
        let problem = self.problem;
        if !earliest_schedule(problem, 0, &self.nodes, &mut self.times) {
            return true;
        }
        let now = self.times[self.times.len() - 1];
        if let Some(request) = problem.delivered(node) {
            let at = self.open.iter().position(|&other| usize::from(other) == request);
            let Some(at) = at else { return true };
            let pickup = self.open.remove(at);
            let going_on = if self.open.is_empty() {
                self.record(node, distance);
                self.found.all.len() <= self.most
            } else {
                self.further(node, distance, load, now, n)
            };
            self.open.insert(at, pickup);
            going_on
        } else {
            self.open.push(node);
            self.set |= 1 << node;
            let going_on = self.further(node, distance, load, now, n);
            self.set &= !(1 << node);
            self.open.pop();
            going_on
        }
    }

    fn further(&mut self, node: NodeId, distance: f64, load: [i32; 2], now: f64, n: usize) -> bool {
        let problem = self.problem;
        // Everybody on board must still get home in time.
        for &pickup in &self.open {
            let delivery = pickup + n as NodeId;
            let arrival = now + problem.step(node, delivery);
            let boarded_latest = arrival - problem.max_ride(pickup.into()) - problem.node(pickup).service;
            if arrival > problem.closes(delivery) + TIME_TOLERANCE || boarded_latest > problem.closes(pickup) + TIME_TOLERANCE {
                return true;
            }
        }
        for at in 0..self.open.len() {
            let next = self.open[at] + n as NodeId;
            if !self.extend(next, distance + problem.distance(node, next), load) {
                return false;
            }
        }
        for next in 0..n {
            if self.set & (1 << next) != 0 {
                continue;
            }
            let next = next as NodeId;
            if now + problem.step(node, next) > problem.closes(next) + TIME_TOLERANCE {
                continue;
            }
            if !self.extend(next, distance + problem.distance(node, next), load) {
                return false;
            }
        }
        true
    }

    fn record(&mut self, last: NodeId, distance: f64) {
        let earliest_end = self.times[self.times.len() - 1];
        let mut times = Vec::new();
        latest_schedule(self.problem, &self.nodes, &mut times);
        let latest_start = times[0];
        // Should rounding refuse the latest start, the end is taken as early as it can possibly be: a bound stays a bound.
        let fits = earliest_from(self.problem, 0, &self.nodes, latest_start, &mut times);
        let end_of_latest = if fits { times[times.len() - 1] } else { earliest_end };
        let nodes_from = self.found.nodes.len() as u32;
        self.found.nodes.extend_from_slice(&self.nodes);
        self.found.all.push(Fragment {
            first: self.nodes[0],
            last,
            set: self.set,
            distance,
            latest_start,
            earliest_end,
            duration: end_of_latest - latest_start,
            nodes_from,
            nodes_to: self.found.nodes.len() as u32,
        });
    }
}
