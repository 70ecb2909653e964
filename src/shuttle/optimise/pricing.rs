//! Prices routes as chains of fragments: a labelling algorithm on elementary routes.
//!
//! A label is a moment when the vehicle is empty. The subset-row cuts are paid when a second of their requests is served (Jepsen et al.
//! 2008, section 4: a label that has paid less so far may have to pay later, which the rule of dominance counts in).

use std::collections::BinaryHeap;

use super::cuts::{Cut, counts, set_of};
use super::fragments::Fragments;
use super::lp::{Entry, Prices};
use super::pool::Column;
use crate::shuttle::problem::{NodeId, Problem, TIME_TOLERANCE};
use crate::shuttle::timing::earliest_schedule;

const MOST_LABELS: usize = 1_000_000;
/// Columns that one pricing adds at most, and per last delivery.
const ADDED: usize = 150;
const ADDED_PER_END: usize = 5;

/// A way from the depot to a moment when the vehicle is empty.
#[derive(Clone, Debug)]
pub(super) struct Label {
    pub(super) node: NodeId,
    pub(super) time: f64,
    pub(super) cost: f64,
    pub(super) set: u128,
    /// Requests that can still be reached.
    reach: u128,
    before: u32,
    fragment: u32,
    dominated: bool,
}

pub(super) struct Pricer<'a> {
    pub(super) problem: &'a Problem,
    pub(super) fragments: &'a Fragments,
    /// Fragments per first pickup that no other replaces at the prices at hand, the latest start first.
    useful: Vec<Vec<Useful>>,
    pub(super) cuts: Vec<Cut>,
    /// Cuts that have a price, and what it costs to overstep.
    active: Vec<(Cut, f64)>,
    /// Per fragment where its cuts begin in `touching`; one more at the end.
    touching_from: Vec<u32>,
    touching: Vec<u16>,
    /// Distance of a fragment less the prices of its requests; without cuts.
    pub(super) reduced: Vec<f64>,
    pub(super) labels: Vec<Label>,
    /// Labels that stand, per delivery.
    pub(super) at: Vec<Vec<u32>>,
}

/// A fragment as the labelling needs it.
struct Useful {
    set: u128,
    latest_start: f64,
    earliest_end: f64,
    duration: f64,
    reduced: f64,
    number: u32,
    last: NodeId,
}

/// Label in the queue: the earliest first.
#[derive(PartialEq)]
struct Queued(f64, u32);

impl Eq for Queued {}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

const START: u32 = u32::MAX;

impl<'a> Pricer<'a> {
    pub(super) fn new(problem: &'a Problem, fragments: &'a Fragments) -> Self {
        Self {
            problem,
            fragments,
            useful: Vec::new(),
            cuts: Vec::new(),
            active: Vec::new(),
            touching_from: Vec::new(),
            touching: Vec::new(),
            reduced: vec![0.0; fragments.all.len()],
            labels: Vec::new(),
            at: Vec::new(),
        }
    }

    /// What it costs to overstep cuts when a fragment comes to a set.
    pub(super) fn cut_cost(&self, set: u128, fragment: usize) -> f64 {
        let (from, to) = (
            self.touching_from[fragment] as usize,
            self.touching_from[fragment + 1] as usize,
        );
        let joined = set | self.fragments.all[fragment].set;
        let mut cost = 0.0;
        for &number in &self.touching[from..to] {
            let (cut, price) = self.active[usize::from(number)];
            if !counts(set, cut) && counts(joined, cut) {
                cost += price;
            }
        }
        cost
    }

    /// What a label may still have to pay for cuts when another, with the same continuation, need not. The requests of `one` that `other`
    /// has not served are out of the reach of `other`.
    fn cut_excess(&self, one: u128, other: &Label, most: f64) -> f64 {
        let mut sum = 0.0;
        for &(cut, price) in &self.active {
            let (mine, others) = ((one & cut).count_ones(), (other.set & cut).count_ones());
            let open = cut & other.reach & !other.set != 0;
            if mine == 1 && open && (others == 0 || others == 2) {
                sum += price;
                if sum > most {
                    break;
                }
            }
        }
        sum
    }

    /// Labels for these prices; the least reduced cost of a route, or `None` when it was too much.
    pub(super) fn run(&mut self, prices: &Prices, stop: &dyn Fn() -> bool) -> Option<f64> {
        let problem = self.problem;
        let n = problem.requests();
        let depot = problem.kinds()[0].start;
        for (reduced, fragment) in self.reduced.iter_mut().zip(&self.fragments.all) {
            let mut value = fragment.distance;
            let mut set = fragment.set;
            while set != 0 {
                value -= prices.request[set.trailing_zeros() as usize];
                set &= set - 1;
            }
            *reduced = value;
        }
        self.active = self
            .cuts
            .iter()
            .zip(&prices.cut)
            .filter(|(_, price)| **price < -1e-9)
            .map(|(&cut, price)| (cut, -price))
            .collect();
        self.touching.clear();
        self.touching_from.clear();
        self.touching_from.push(0);
        for fragment in &self.fragments.all {
            for (number, (cut, _)) in self.active.iter().enumerate() {
                if cut & fragment.set != 0 {
                    self.touching.push(number as u16);
                }
            }
            self.touching_from.push(self.touching.len() as u32);
        }
        self.choose_useful();
        self.labels.clear();
        self.at = vec![Vec::new(); n];
        let mut queue = BinaryHeap::new();
        for first in 0..n as NodeId {
            let arrival = problem.opens(depot) + problem.step(depot, first);
            let cost = problem.distance(depot, first) - prices.kind[0];
            self.extend(first, arrival, cost, 0, START, &mut queue);
        }
        let mut looked = 0_u64;
        while let Some(Queued(time, number)) = queue.pop() {
            let label = &self.labels[number as usize];
            if label.dominated {
                continue;
            }
            looked += 1;
            if (looked.is_multiple_of(256) && stop()) || self.labels.len() > MOST_LABELS {
                return None;
            }
            let (node, cost, set, reach) = (label.node, label.cost, label.set, label.reach);
            let mut next = reach & !set;
            while next != 0 {
                let first = next.trailing_zeros() as NodeId;
                next &= next - 1;
                let arrival = time + problem.step(node, first);
                self.extend(
                    first,
                    arrival,
                    cost + problem.distance(node, first),
                    set,
                    number,
                    &mut queue,
                );
            }
        }
        let end = problem.kinds()[0].end;
        let costs = self
            .labels
            .iter()
            .filter(|label| !label.dominated)
            .map(|label| label.cost + problem.distance(label.node, end));
        Some(costs.fold(f64::INFINITY, f64::min))
    }

    fn extend(
        &mut self,
        first: NodeId,
        arrival: f64,
        cost: f64,
        set: u128,
        before: u32,
        queue: &mut BinaryHeap<Queued>,
    ) {
        for at in 0..self.useful[usize::from(first)].len() {
            let fragment = &self.useful[usize::from(first)][at];
            if arrival > fragment.latest_start + TIME_TOLERANCE {
                break;
            }
            if fragment.set & set != 0 {
                continue;
            }
            let number = fragment.number;
            let label = Label {
                node: fragment.last,
                time: fragment.earliest_end.max(arrival + fragment.duration),
                cost: cost + fragment.reduced + self.cut_cost(set, number as usize),
                set: set | fragment.set,
                reach: 0,
                before,
                fragment: number,
                dominated: false,
            };
            self.insert(label, queue);
        }
    }

    /// Of two fragments with the same ends one replaces the other when it is at least as cheap and as fast and serves no other request: in
    /// every route, whatever the cuts, as these cost no less for more requests.
    fn choose_useful(&mut self) {
        let n = self.problem.requests();
        self.useful.clear();
        self.useful.resize_with(n, Vec::new);
        let mut from = 0;
        let all = &self.fragments.all;
        while from < all.len() {
            // Fragments are sorted by their ends.
            let ends = (all[from].first, all[from].last);
            let to = from
                + all[from..]
                    .iter()
                    .take_while(|fragment| (fragment.first, fragment.last) == ends)
                    .count();
            let mut order: Vec<u32> = (from as u32..to as u32).collect();
            let reduced =
                |number: u32| self.reduced[number as usize] + self.cut_cost(0, number as usize);
            order.sort_by(|&a, &b| reduced(a).total_cmp(&reduced(b)).then(a.cmp(&b)));
            let mut kept: Vec<Useful> = Vec::new();
            for number in order {
                let fragment = &all[number as usize];
                let replaced = kept.iter().any(|other| {
                    other.set & !fragment.set == 0
                        && other.latest_start >= fragment.latest_start
                        && other.earliest_end <= fragment.earliest_end
                        && other.duration <= fragment.duration
                        && other.reduced <= self.reduced[number as usize]
                });
                if !replaced {
                    kept.push(Useful {
                        set: fragment.set,
                        latest_start: fragment.latest_start,
                        earliest_end: fragment.earliest_end,
                        duration: fragment.duration,
                        reduced: self.reduced[number as usize],
                        number,
                        last: fragment.last,
                    });
                }
            }
            self.useful[usize::from(ends.0)].extend(kept);
            from = to;
        }
        for list in &mut self.useful {
            list.sort_by(|a, b| {
                b.latest_start
                    .total_cmp(&a.latest_start)
                    .then(a.number.cmp(&b.number))
            });
        }
    }

    /// Whether a label need not stand because of another at the same place: as early, with no request used that it could still use, and
    /// as cheap even if it has to pay for more cuts.
    fn dominates(&self, one: &Label, other: &Label) -> bool {
        one.time <= other.time
            && one.cost <= other.cost
            && one.set & !other.set & other.reach == 0
            && (self.active.is_empty()
                || one.cost + self.cut_excess(one.set, other, other.cost - one.cost) <= other.cost)
    }

    fn insert(&mut self, mut label: Label, queue: &mut BinaryHeap<Queued>) {
        let problem = self.problem;
        let n = problem.requests();
        let place = usize::from(label.node) - n;
        for request in 0..n {
            if label.time + problem.step(label.node, request as NodeId)
                <= problem.closes(request as NodeId) + TIME_TOLERANCE
            {
                label.reach |= 1 << request;
            }
        }
        if self.at[place]
            .iter()
            .any(|&other| self.dominates(&self.labels[other as usize], &label))
        {
            return;
        }
        let mut standing = std::mem::take(&mut self.at[place]);
        standing.retain(|&other| {
            let dominated = self.dominates(&label, &self.labels[other as usize]);
            self.labels[other as usize].dominated |= dominated;
            !dominated
        });
        let number = self.labels.len() as u32;
        standing.push(number);
        self.at[place] = standing;
        queue.push(Queued(label.time, number));
        self.labels.push(label);
    }

    fn route(&self, mut number: u32) -> Vec<NodeId> {
        let kind = &self.problem.kinds()[0];
        let mut parts = Vec::new();
        while number != START {
            let label = &self.labels[number as usize];
            parts.push(label.fragment);
            number = label.before;
        }
        let mut nodes = vec![kind.start];
        for &part in parts.iter().rev() {
            nodes.extend_from_slice(self.fragments.nodes(&self.fragments.all[part as usize]));
        }
        nodes.push(kind.end);
        nodes
    }

    /// Routes of negative reduced cost: the best of each last delivery first, then the best of all.
    pub(super) fn columns(&self) -> Vec<Entry> {
        let end = self.problem.kinds()[0].end;
        let mut ends: Vec<(f64, u32)> = Vec::new();
        for list in &self.at {
            let mut here: Vec<(f64, u32)> = list
                .iter()
                .map(|&number| {
                    let label = &self.labels[number as usize];
                    (label.cost + self.problem.distance(label.node, end), number)
                })
                .filter(|(cost, _)| *cost < -1e-7)
                .collect();
            here.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            here.truncate(ADDED_PER_END);
            ends.extend(here);
        }
        ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ends.truncate(ADDED);
        ends.iter()
            .map(|&(_, number)| {
                let nodes = self.route(number);
                let distance = length(self.problem, &nodes);
                entry(
                    self.problem,
                    Column {
                        kind: 0,
                        nodes,
                        distance,
                    },
                    &self.cuts,
                )
            })
            .collect()
    }
}

pub(super) fn length(problem: &Problem, nodes: &[NodeId]) -> f64 {
    nodes
        .windows(2)
        .map(|pair| problem.distance(pair[0], pair[1]))
        .sum()
}

/// A route as a column of the linear programme with these cuts.
pub(super) fn entry(problem: &Problem, column: Column, cuts: &[Cut]) -> Entry {
    let n = problem.requests();
    let mut requests: Vec<u16> = column
        .nodes
        .iter()
        .copied()
        .filter(|&node| usize::from(node) < n)
        .collect();
    requests.sort_unstable();
    let mut counting = Vec::new();
    if !cuts.is_empty() {
        let set = set_of(&requests);
        let numbers = cuts
            .iter()
            .enumerate()
            .filter(|(_, cut)| counts(set, **cut));
        counting = numbers.map(|(number, _)| number as u16).collect();
    }
    Entry {
        requests,
        kind: column.kind,
        cost: column.distance,
        cuts: counting,
        feasible: earliest_schedule(problem, column.kind.into(), &column.nodes, &mut Vec::new()),
        column,
    }
}
