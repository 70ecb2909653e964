//! Lower bound and proof: columns of the linear programme are priced as chains of fragments, then all routes that could still be part of
//! a better plan are listed, and the best partition of them is sought.
//!
//! Method: column generation with a labelling algorithm on elementary routes (Gschwind & Irnich 2015, doi:10.1287/trsc.2014.0531, solve
//! the same programme with labels that carry ride times; fragments make those unnecessary). The bound holds for every vector of prices:
//! the sum of all prices and, for each vehicle, the least reduced cost (Farley 1990). Enumeration by the gap: Baldacci, Christofides &
//! Mingozzi (2008, doi:10.1007/s10107-007-0178-5).
//!
//! Valid for one kind of vehicle and at most 128 requests. The longest route duration is left out of the bound, which stays valid;
//! listed routes are checked against it.

use super::fragments::{Fragment, Fragments};
use super::lp::{Entry, Prices, Simplex};
use super::partition::{partition, penalty};
use super::pool::Column;
use crate::shuttle::problem::{NodeId, Problem, TIME_TOLERANCE};
use crate::shuttle::timing::earliest_schedule;

/// Limits of the work.
const MOST_FRAGMENTS: usize = 3_000_000;
const MOST_LABELS: usize = 2_000_000;
const MOST_ROUTES: usize = 300_000;
/// Columns that one pricing adds at most.
const ADDED: usize = 150;

/// What was learnt.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    /// No plan is shorter; `None` when not even a bound was found in time.
    pub(super) lower_bound: Option<f64>,
    /// Tours of a plan that is shorter than the known one.
    pub(super) better: Option<Vec<Column>>,
}

/// A way from the depot to a moment when the vehicle is empty.
#[derive(Clone, Debug)]
struct Label {
    node: NodeId,
    time: f64,
    cost: f64,
    set: u128,
    /// Requests that can still be reached.
    reach: u128,
    before: u32,
    fragment: u32,
    dominated: bool,
}

/// Seeks a lower bound and, when the gap is small enough, the best plan. `known` has the tours that were found, `upper` the length of the
/// best plan.
pub(super) fn prove(problem: &Problem, known: &[Column], upper: f64, stop: &dyn Fn() -> bool) -> Proof {
    let mut proof = Proof::default();
    let Some(fragments) = Fragments::enumerate(problem, MOST_FRAGMENTS, stop) else {
        return proof;
    };
    let debug = std::env::var_os("DEBUGB").is_some();
    if debug { eprintln!("fragments {}", fragments.all.len()); }
    let n = problem.requests();
    let mut by_first: Vec<Vec<u32>> = vec![Vec::new(); n];
    for (number, fragment) in fragments.all.iter().enumerate() {
        by_first[usize::from(fragment.first)].push(number as u32);
    }
    let vehicles = [problem.kinds()[0].count];
    let mut pricer = Pricer {
        problem,
        fragments: &fragments,
        by_first,
        reduced: vec![0.0; fragments.all.len()],
        labels: Vec::new(),
        at: Vec::new(),
    };
    let mut simplex = Simplex::new(n, &vehicles, 0.0);
    simplex.columns = known.iter().map(|column| entry(problem, &column.nodes, column.distance)).collect();
    simplex.set_penalty(penalty(&simplex.columns, upper));
    let mut prices;
    loop {
        if stop() || !simplex.solve(50_000) {
            return proof;
        }
        prices = simplex.prices();
        let Some(least) = pricer.run(&prices, stop) else {
            return proof;
        };
        let bound = prices.request.iter().sum::<f64>() + vehicles[0] as f64 * (prices.kind[0] + least.min(0.0));
        proof.lower_bound = Some(proof.lower_bound.map_or(bound, |known| known.max(bound)));
        if debug { eprintln!("lp {:.4} bound {:.4} least {:.5} labels {} columns {}", prices.value, bound, least, pricer.labels.len(), simplex.columns.len()); }
        if least > -1e-7 {
            break;
        }
        simplex.columns.extend(pricer.columns(&prices));
    }
    let Some(bound) = proof.lower_bound else { return proof };
    // Every route of a plan below `upper` has a reduced cost below the gap, as those of the others are not negative.
    let gap = upper - 1e-6 - bound;
    if gap <= 0.0 {
        return proof;
    }
    let Some(routes) = pricer.list(&prices, gap, stop) else {
        return proof;
    };
    if debug { eprintln!("gap {gap:.4} routes {}", routes.len()); }
    let entries: Vec<Entry> = routes.iter().map(|route| entry(problem, &route.nodes, route.distance)).collect();
    let result = partition(n, &vehicles, &entries, upper, usize::MAX, stop);
    if let Some(columns) = result.columns {
        proof.better = Some(columns.iter().map(|&column| routes[column].clone()).collect());
    }
    if result.complete {
        proof.lower_bound = Some(match &proof.better {
            Some(better) => better.iter().map(|column| column.distance).sum(),
            None => upper,
        });
    }
    proof
}

pub(super) fn entry(problem: &Problem, nodes: &[NodeId], distance: f64) -> Entry {
    let n = problem.requests();
    let mut requests: Vec<u16> = nodes.iter().copied().filter(|&node| usize::from(node) < n).collect();
    requests.sort_unstable();
    Entry {
        requests,
        kind: 0,
        cost: distance,
    }
}

struct Pricer<'a> {
    problem: &'a Problem,
    fragments: &'a Fragments,
    by_first: Vec<Vec<u32>>,
    /// Distance of a fragment less the prices of its requests.
    reduced: Vec<f64>,
    labels: Vec<Label>,
    /// Labels that stand, per delivery.
    at: Vec<Vec<u32>>,
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

impl Pricer<'_> {
    /// Labels for these prices; the least reduced cost of a route, or `None` when it was too much.
    fn run(&mut self, prices: &Prices, stop: &dyn Fn() -> bool) -> Option<f64> {
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
        self.labels.clear();
        self.at = vec![Vec::new(); n];
        let mut queue = std::collections::BinaryHeap::new();
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
                self.extend(first, arrival, cost + problem.distance(node, first), set, number, &mut queue);
            }
        }
        let end = problem.kinds()[0].end;
        let costs = self.labels.iter().filter(|label| !label.dominated).map(|label| label.cost + problem.distance(label.node, end));
        Some(costs.fold(f64::INFINITY, f64::min))
    }

    fn extend(
        &mut self,
        first: NodeId,
        arrival: f64,
        cost: f64,
        set: u128,
        before: u32,
        queue: &mut std::collections::BinaryHeap<Queued>,
    ) {
        for at in 0..self.by_first[usize::from(first)].len() {
            let number = self.by_first[usize::from(first)][at];
            let fragment = &self.fragments.all[number as usize];
            if fragment.set & set != 0 || arrival > fragment.latest_start + TIME_TOLERANCE {
                continue;
            }
            let label = Label {
                node: fragment.last,
                time: fragment.earliest_end.max(arrival + fragment.duration),
                cost: cost + self.reduced[number as usize],
                set: set | fragment.set,
                reach: 0,
                before,
                fragment: number,
                dominated: false,
            };
            self.insert(label, queue);
        }
    }

    /// A label stands unless another at the same place is as early, as cheap, and has used no request that it could still use.
    fn insert(&mut self, mut label: Label, queue: &mut std::collections::BinaryHeap<Queued>) {
        let problem = self.problem;
        let n = problem.requests();
        let place = usize::from(label.node) - n;
        for &other in &self.at[place] {
            let other = &self.labels[other as usize];
            if other.time <= label.time && other.cost <= label.cost && other.set & !label.set == 0 {
                return;
            }
        }
        for request in 0..n {
            if label.time + problem.step(label.node, request as NodeId) <= problem.closes(request as NodeId) + TIME_TOLERANCE {
                label.reach |= 1 << request;
            }
        }
        for &other in &self.at[place] {
            let other = &self.labels[other as usize];
            if other.time <= label.time && other.cost <= label.cost && other.set & !label.set & label.reach == 0 {
                return;
            }
        }
        let labels = &mut self.labels;
        self.at[place].retain(|&other| {
            let other = &mut labels[other as usize];
            let dominated = label.time <= other.time && label.cost <= other.cost && label.set & !other.set & other.reach == 0;
            other.dominated |= dominated;
            !dominated
        });
        let number = labels.len() as u32;
        self.at[place].push(number);
        queue.push(Queued(label.time, number));
        labels.push(label);
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
    fn columns(&self, _prices: &Prices) -> Vec<Entry> {
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
            here.truncate(5);
            ends.extend(here);
        }
        ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ends.truncate(ADDED);
        ends.iter()
            .map(|&(_, number)| {
                let nodes = self.route(number);
                entry(self.problem, &nodes, length(self.problem, &nodes))
            })
            .collect()
    }

    /// All feasible routes whose reduced cost is below the gap, per set of requests the shortest; `None` when they are too many.
    fn list(&self, prices: &Prices, gap: f64, stop: &dyn Fn() -> bool) -> Option<Vec<Column>> {
        let problem = self.problem;
        let n = problem.requests();
        let depot = problem.kinds()[0].start;
        // Per first pickup: the cheapest way to be there by a time, over all standing labels.
        let arrivals: Vec<Vec<(f64, f64)>> = (0..n as NodeId)
            .map(|first| {
                let mut ways = vec![(problem.opens(depot) + problem.step(depot, first), problem.distance(depot, first) - prices.kind[0])];
                for &number in self.at.iter().flatten() {
                    let label = &self.labels[number as usize];
                    if label.set & (1 << first) == 0 {
                        ways.push((label.time + problem.step(label.node, first), label.cost + problem.distance(label.node, first)));
                    }
                }
                ways.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
                let mut least = f64::INFINITY;
                ways.retain(|way| {
                    let better = way.1 < least;
                    least = least.min(way.1);
                    better
                });
                ways
            })
            .collect();
        let mut by_last: Vec<Vec<(f64, u32)>> = vec![Vec::new(); n];
        let mut listing = Listing {
            problem,
            fragments: self.fragments,
            reduced: &self.reduced,
            arrivals,
            by_last: Vec::new(),
            gap,
            vehicle_price: prices.kind[0],
            parts: Vec::new(),
            routes: super::pool::Pool::unlimited(),
            stop,
            looked: 0,
        };
        for (number, fragment) in self.fragments.all.iter().enumerate() {
            let potential = self.reduced[number] + listing.least_arrival(fragment.first, fragment.latest_start);
            by_last[usize::from(fragment.last) - n].push((potential, number as u32));
        }
        for list in &mut by_last {
            list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        listing.by_last = by_last;
        let end = problem.kinds()[0].end;
        for last in 0..n {
            let node = (last + n) as NodeId;
            if !listing.before(node, problem.closes(end) - problem.step(node, end), problem.distance(node, end), 0) {
                return None;
            }
        }
        Some(listing.routes.columns)
    }
}

fn length(problem: &Problem, nodes: &[NodeId]) -> f64 {
    nodes.windows(2).map(|pair| problem.distance(pair[0], pair[1])).sum()
}

/// Lists routes from their end to their start.
struct Listing<'a> {
    problem: &'a Problem,
    fragments: &'a Fragments,
    reduced: &'a [f64],
    arrivals: Vec<Vec<(f64, f64)>>,
    by_last: Vec<Vec<(f64, u32)>>,
    gap: f64,
    vehicle_price: f64,
    parts: Vec<u32>,
    routes: super::pool::Pool,
    stop: &'a dyn Fn() -> bool,
    looked: u64,
}

impl Listing<'_> {
    fn least_arrival(&self, first: NodeId, latest: f64) -> f64 {
        let ways = &self.arrivals[usize::from(first)];
        let count = ways.partition_point(|way| way.0 <= latest + TIME_TOLERANCE);
        if count == 0 { f64::INFINITY } else { ways[count - 1].1 }
    }

    /// All fragments that may end at `node` no later than `latest` before what costs `cost` and serves `set`.
    fn before(&mut self, node: NodeId, latest: f64, cost: f64, set: u128) -> bool {
        let problem = self.problem;
        let n = problem.requests();
        let place = usize::from(node) - n;
        self.looked += 1;
        if (self.looked.is_multiple_of(1024) && (self.stop)()) || self.routes.columns.len() > MOST_ROUTES {
            return false;
        }
        for at in 0..self.by_last[place].len() {
            let (potential, number) = self.by_last[place][at];
            if cost + potential > self.gap {
                break;
            }
            let fragment: &Fragment = &self.fragments.all[number as usize];
            if fragment.set & set != 0 || fragment.earliest_end > latest + TIME_TOLERANCE {
                continue;
            }
            let start = fragment.latest_start.min(latest - fragment.duration);
            let cost = cost + self.reduced[number as usize];
            let first = fragment.first;
            if cost + self.least_arrival(first, start) > self.gap {
                continue;
            }
            let set = set | fragment.set;
            self.parts.push(number);
            let depot = problem.kinds()[0].start;
            let whole = cost + problem.distance(depot, first) - self.vehicle_price;
            if whole <= self.gap && problem.opens(depot) + problem.step(depot, first) <= start + TIME_TOLERANCE {
                self.record();
            }
            for previous in 0..n {
                if set & (1 << previous) != 0 {
                    continue;
                }
                let from = (previous + n) as NodeId;
                let arrival = start - problem.step(from, first);
                if arrival < problem.opens(from) - TIME_TOLERANCE {
                    continue;
                }
                if !self.before(from, arrival, cost + problem.distance(from, first), set) {
                    return false;
                }
            }
            self.parts.pop();
        }
        true
    }

    fn record(&mut self) {
        let kind = &self.problem.kinds()[0];
        let mut nodes = vec![kind.start];
        for &part in self.parts.iter().rev() {
            nodes.extend_from_slice(self.fragments.nodes(&self.fragments.all[part as usize]));
        }
        nodes.push(kind.end);
        let mut times = Vec::new();
        if earliest_schedule(self.problem, 0, &nodes, &mut times) {
            let distance = length(self.problem, &nodes);
            self.routes.add_column(self.problem, 0, &nodes, distance);
        }
    }
}
