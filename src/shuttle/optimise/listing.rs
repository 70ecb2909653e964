//! Lists all routes whose reduced cost is below a gap, from their end to their start; labels of the pricing bound what is still missing.

use super::fragments::Fragment;
use super::lp::Prices;
use super::pool::{Column, Pool};
use super::pricing::{Pricer, length};
use crate::shuttle::problem::{NodeId, Problem, TIME_TOLERANCE};
use crate::shuttle::timing::earliest_schedule;

impl Pricer<'_> {
    /// All feasible routes whose reduced cost is below the gap, per set of requests the shortest; `None` when they are too many.
    pub(super) fn list(
        &self,
        prices: &Prices,
        gap: f64,
        most: usize,
        stop: &dyn Fn() -> bool,
    ) -> Option<Vec<Column>> {
        let problem = self.problem;
        let n = problem.requests();
        let depot = problem.kinds()[0].start;
        // Per first pickup: the cheapest way to be there by a time, over all standing labels.
        let arrivals: Vec<Vec<(f64, f64)>> = (0..n as NodeId)
            .map(|first| {
                let mut ways = vec![(
                    problem.opens(depot) + problem.step(depot, first),
                    problem.distance(depot, first) - prices.kind[0],
                )];
                for &number in self.at.iter().flatten() {
                    let label = &self.labels[number as usize];
                    if label.set & (1 << first) == 0 {
                        ways.push((
                            label.time + problem.step(label.node, first),
                            label.cost + problem.distance(label.node, first),
                        ));
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
            pricer: self,
            prices,
            most,
            arrivals,
            by_last: Vec::new(),
            gap,
            parts: Vec::new(),
            routes: Pool::unlimited(),
            stop,
            looked: 0,
        };
        for (number, fragment) in self.fragments.all.iter().enumerate() {
            let potential =
                self.reduced[number] + listing.least_arrival(fragment.first, fragment.latest_start);
            by_last[usize::from(fragment.last) - n].push((potential, number as u32));
        }
        for list in &mut by_last {
            list.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        }
        listing.by_last = by_last;
        let end = problem.kinds()[0].end;
        for last in 0..n {
            let node = (last + n) as NodeId;
            if !listing.before(
                node,
                problem.closes(end) - problem.step(node, end),
                problem.distance(node, end),
                0,
            ) {
                return None;
            }
        }
        Some(listing.routes.columns)
    }
}

/// Lists routes from their end to their start.
struct Listing<'a> {
    problem: &'a Problem,
    pricer: &'a Pricer<'a>,
    prices: &'a Prices,
    most: usize,
    arrivals: Vec<Vec<(f64, f64)>>,
    by_last: Vec<Vec<(f64, u32)>>,
    gap: f64,
    parts: Vec<u32>,
    routes: Pool,
    stop: &'a dyn Fn() -> bool,
    looked: u64,
}

impl Listing<'_> {
    fn least_arrival(&self, first: NodeId, latest: f64) -> f64 {
        let ways = &self.arrivals[usize::from(first)];
        let count = ways.partition_point(|way| way.0 <= latest + TIME_TOLERANCE);
        if count == 0 {
            f64::INFINITY
        } else {
            ways[count - 1].1
        }
    }

    /// All fragments that may end at `node` no later than `latest` before what costs `cost` and serves `set`.
    fn before(&mut self, node: NodeId, latest: f64, cost: f64, set: u128) -> bool {
        let problem = self.problem;
        let n = problem.requests();
        let place = usize::from(node) - n;
        self.looked += 1;
        if (self.looked.is_multiple_of(1024) && (self.stop)())
            || self.routes.columns.len() > self.most
        {
            return false;
        }
        for at in 0..self.by_last[place].len() {
            let (potential, number) = self.by_last[place][at];
            if cost + potential > self.gap {
                break;
            }
            let fragment: &Fragment = &self.pricer.fragments.all[number as usize];
            if fragment.set & set != 0 || fragment.earliest_end > latest + TIME_TOLERANCE {
                continue;
            }
            let start = fragment.latest_start.min(latest - fragment.duration);
            let cost = cost
                + self.pricer.reduced[number as usize]
                + self.pricer.cut_cost(set, number as usize);
            let first = fragment.first;
            if cost + self.least_arrival(first, start) > self.gap {
                continue;
            }
            let set = set | fragment.set;
            self.parts.push(number);
            let depot = problem.kinds()[0].start;
            let whole = cost + problem.distance(depot, first) - self.prices.kind[0];
            if whole <= self.gap
                && problem.opens(depot) + problem.step(depot, first) <= start + TIME_TOLERANCE
            {
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
            nodes.extend_from_slice(
                self.pricer
                    .fragments
                    .nodes(&self.pricer.fragments.all[part as usize]),
            );
        }
        nodes.push(kind.end);
        let mut times = Vec::new();
        if earliest_schedule(self.problem, 0, &nodes, &mut times) {
            let distance = length(self.problem, &nodes);
            self.routes.add_column(self.problem, 0, &nodes, distance);
        }
    }
}
