//! Lower bound and proof: columns of the linear programme are priced as chains of fragments, then all routes that could still be part of
//! a better plan are listed, and the best partition of them is sought.
//!
//! Method: column generation on elementary routes (Gschwind & Irnich 2015, doi:10.1287/trsc.2014.0531, solve the same programme with
//! labels that carry ride times; fragments make those unnecessary), subset-row cuts, and enumeration by the gap (Baldacci, Christofides &
//! Mingozzi 2008, doi:10.1007/s10107-007-0178-5). The bound holds for every vector of prices: the sum of all prices and, for each
//! vehicle, the least reduced cost (Farley 1990).
//!
//! Valid for one kind of vehicle and at most 128 requests. The longest route duration is left out of the bound, which stays valid;
//! routes of a plan are checked against it. What is proven is proven up to rounding: no plan is shorter by more than [`PROVEN`].

use super::cuts::{counts, separate, set_of};
use super::fragments::Fragments;
use super::lp::{Entry, Prices, Simplex};
use super::partition::{partition, penalty};
use super::pool::Column;
use super::pricing::{Pricer, entry};
use crate::shuttle::problem::Problem;

/// Plans whose lengths differ by less are equally long.
pub(super) const PROVEN: f64 = 1e-6;

/// Limits of the work.
/// Routes that are listed while more cuts are at hand, and when there are none.
const FEW_ROUTES: usize = 20_000;
const MOST_ROUTES: usize = 100_000;
const MOST_CUTS: usize = 250;
/// Programmes of the search for better plans among the columns, and of the last search.
const FEW_NODES: usize = 30;
const MOST_NODES: usize = 20_000;

/// What was learnt.
#[derive(Clone, Debug, Default)]
pub(super) struct Proof {
    /// No plan is shorter; `None` when not even a bound was found in time.
    pub(super) lower_bound: Option<f64>,
    /// Tours of a plan that is shorter than the known one.
    pub(super) better: Option<Vec<Column>>,
    /// Routes of the linear programme: what good plans are made of.
    pub(super) routes: Vec<Column>,
}

/// Whether [`prove`] can be asked about a problem: one kind of vehicle, few enough requests, all of them to be served, and driving times
/// with the triangle inequality (a detour is never faster).
pub(super) fn is_possible(problem: &Problem) -> bool {
    let nodes = problem.node_count() as u16;
    let metric = || {
        (0..nodes).all(|a| {
            (0..nodes).all(|b| {
                let first = problem.travel_time(a, b);
                (0..nodes)
                    .all(|c| problem.travel_time(a, c) <= first + problem.travel_time(b, c) + 1e-9)
            })
        })
    };
    problem.kinds().len() == 1
        && problem.requests() <= 128
        && problem.refused().is_empty()
        && metric()
}

/// No plan is longer: every node and every vehicle is left once.
pub(super) fn longest_plan(problem: &Problem) -> f64 {
    let nodes = problem.node_count() as u16;
    let longest_from = |node: u16| {
        (0..nodes)
            .map(|to| problem.distance(node, to))
            .fold(0.0, f64::max)
    };
    let stops: f64 = (0..2 * problem.requests() as u16).map(longest_from).sum();
    let vehicles = problem.kinds()[0].count.min(problem.requests()) as f64;
    stops + vehicles * longest_from(problem.kinds()[0].start)
}

/// Seeks a lower bound for plans with at most `vehicles` vehicles and, when the gap is small enough, the best plan. `known` has tours that
/// were found, `upper` the length of the best plan; work that exceeds the limits, or `stop`, ends it with what is known by then.
pub(super) fn prove(
    problem: &Problem,
    fragments: &Fragments,
    vehicles: usize,
    known: &[Column],
    upper: f64,
    stop: &dyn Fn() -> bool,
) -> Proof {
    let mut simplex = Simplex::new(problem.requests(), &[vehicles], 0.0);
    simplex.columns = known
        .iter()
        .map(|column| entry(problem, column.clone(), &[]))
        .collect();
    simplex.set_penalty(penalty(&simplex.columns, upper));
    let mut prover = Prover {
        problem,
        vehicles,
        pricer: Pricer::new(problem, fragments),
        simplex,
        upper,
        proof: Proof::default(),
        stop,
    };
    prover.run();
    let routes = prover.simplex.columns.iter().filter(|entry| entry.feasible);
    prover.proof.routes = routes.map(|entry| entry.column.clone()).collect();
    prover.proof
}

struct Prover<'a> {
    problem: &'a Problem,
    vehicles: usize,
    pricer: Pricer<'a>,
    simplex: Simplex,
    upper: f64,
    proof: Proof,
    stop: &'a dyn Fn() -> bool,
}

impl Prover<'_> {
    fn run(&mut self) {
        while let Some((prices, bound)) = self.price() {
            // Every route of a plan below `upper` has a reduced cost below the gap, as those of the others are not negative.
            let gap = self.upper - PROVEN - bound;
            let cuts = if self.pricer.cuts.len() < MOST_CUTS {
                separate(self.problem.requests(), &self.simplex, &prices)
            } else {
                Vec::new()
            };
            self.simplex.retain(|entry| prices.reduced(entry) <= gap);
            if gap > 0.0 {
                self.seek_among_columns();
            }
            let gap = self.upper - PROVEN - bound;
            if gap <= 0.0 {
                self.raise(self.upper);
                return;
            }
            let most = if cuts.is_empty() {
                MOST_ROUTES
            } else {
                FEW_ROUTES
            };
            if let Some(routes) = self.pricer.list(&prices, gap, most, self.stop) {
                self.seek_among_all(routes);
                return;
            }
            if cuts.is_empty() {
                return;
            }
            for cut in cuts {
                self.simplex
                    .add_cut(|entry| counts(set_of(&entry.requests), cut));
                self.pricer.cuts.push(cut);
            }
        }
    }

    fn raise(&mut self, bound: f64) {
        self.proof.lower_bound = Some(
            self.proof
                .lower_bound
                .map_or(bound, |known| known.max(bound)),
        );
    }

    /// Solves the linear programme over all routes; its prices and the bound that they give.
    fn price(&mut self) -> Option<(Prices, f64)> {
        loop {
            if (self.stop)() || !self.simplex.solve(50_000, self.stop) {
                return None;
            }
            let prices = self.simplex.prices();
            let least = self.pricer.run(&prices, self.stop)?;
            let sum = prices.request.iter().chain(&prices.cut).sum::<f64>();
            let bound = sum + self.vehicles as f64 * (prices.kind[0] + least.min(0.0));
            self.raise(bound);
            if least > -1e-7 {
                return Some((prices, bound));
            }
            self.simplex.columns.extend(self.pricer.columns());
        }
    }

    fn adopt(&mut self, tours: Vec<Column>) {
        self.upper = tours.iter().map(|tour| tour.distance).sum();
        self.proof.better = Some(tours);
    }

    /// A better plan among the columns at hand.
    fn seek_among_columns(&mut self) {
        let entries: Vec<Entry> = self
            .simplex
            .columns
            .iter()
            .filter(|entry| entry.feasible)
            .cloned()
            .collect();
        self.seek(&entries, FEW_NODES);
    }

    /// The best plan of all routes that could be part of a better one: the end of the proof.
    fn seek_among_all(&mut self, routes: Vec<Column>) {
        let entries: Vec<Entry> = routes
            .into_iter()
            .map(|route| entry(self.problem, route, &self.pricer.cuts))
            .collect();
        if self.seek(&entries, MOST_NODES) {
            self.raise(self.upper);
        }
    }

    /// Adopts the best plan of some routes if it is better; true when none of them is better than what is known then.
    fn seek(&mut self, entries: &[Entry], nodes: usize) -> bool {
        let found = partition(
            self.problem.requests(),
            &[self.vehicles],
            entries,
            self.pricer.cuts.len(),
            self.upper,
            nodes,
            self.stop,
        );
        if let Some(columns) = found.columns {
            let columns = columns.iter();
            self.adopt(
                columns
                    .map(|&number| entries[number].column.clone())
                    .collect(),
            );
        }
        found.complete
    }
}
