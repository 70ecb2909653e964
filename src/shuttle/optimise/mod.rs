//! The optimiser: parallel insertion, large neighbourhood search on a few islands, set partitioning over the tours that were found.

mod bound;
mod cuts;
mod fragments;
mod insertion;
mod island;
mod listing;
mod lp;
mod partition;
mod pool;
mod pricing;
mod route;
mod ruin;
mod stream;

use std::time::Instant;

use rayon::prelude::*;

use super::error::{Refusal, ShuttleError};
use super::plan::{Plan, Route};
use super::problem::{Objective, Problem};
use super::timing::{earliest_schedule, schedule};
use crate::job::Job;
use island::{Cooling, Island};
use pool::{Column, Pool};
use route::{Draft, NOWHERE, Tour};

/// How long and with which random numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Seed of all random numbers.
    pub seed: u64,
    /// Time limit; the search ends at the first round after it.
    pub seconds: Option<f64>,
    /// Limit of iterations, of all islands together. The same seed and the same number give the same plan, to the byte.
    pub iterations: Option<u64>,
    /// Searches beside each other. Part of the result: another number gives another plan.
    pub islands: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            seconds: Some(10.0),
            iterations: None,
            islands: 2,
        }
    }
}

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The plan: feasible, or with refused requests.
    pub plan: Plan,
    /// Iterations of all islands.
    pub iterations: u64,
    /// No plan for the same requests is shorter than this; `None` when no bound was computed.
    pub lower_bound: Option<f64>,
}

/// Steps of an island between two looks at the clock.
const ROUND: u64 = 200;

/// Tours that stay in the pool after a recombination.
const KEPT_COLUMNS: usize = 8_000;

/// Seeks a plan.
pub fn optimise(problem: &Problem, settings: &Settings, job: &Job) -> Result<Outcome, ShuttleError> {
    let mut search = Search {
        problem,
        settings: *settings,
        job,
        started: Instant::now(),
        near: ruin::neighbours(problem),
        islands: Vec::new(),
        iterations: 0,
        best: Draft::empty(problem),
        pool: Pool::default(),
        lower_bound: None,
    };
    search.run()?;
    let lower_bound = search.lower_bound;
    Ok(Outcome {
        plan: search.plan(),
        iterations: search.iterations,
        lower_bound,
    })
}

struct Search<'a> {
    problem: &'a Problem,
    settings: Settings,
    job: &'a Job,
    started: Instant,
    near: Vec<Vec<u16>>,
    islands: Vec<Island>,
    iterations: u64,
    best: Draft,
    /// Tours of good plans, of all islands.
    pool: Pool,
    lower_bound: Option<f64>,
}

impl Search<'_> {
    fn vehicles_count(&self) -> bool {
        self.problem.objective() == Objective::VehiclesThenDistance
    }

    fn run(&mut self) -> Result<(), ShuttleError> {
        let mut first = Island::new(self.problem, self.settings.seed, 0);
        first.construct(self.problem);
        self.best = first.best.clone();
        self.islands = (0..self.settings.islands.max(1))
            .map(|number| {
                let mut island = Island::new(self.problem, self.settings.seed, number as u64);
                island.start_from(&self.best);
                island
            })
            .collect();
        let mut cycle = 0;
        while !self.is_over() {
            if self.vehicles_count() && self.best.absent.is_empty() {
                self.save_vehicles(cycle)?;
            }
            self.cool(cycle)?;
            if cycle >= 1 {
                self.recombine();
            }
            if cycle == 2 {
                self.prove();
            }
            if self.is_proven() {
                break;
            }
            cycle += 1;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let by_time = self.settings.seconds.is_some_and(|seconds| self.started.elapsed().as_secs_f64() >= seconds);
        let by_count = self.settings.iterations.is_some_and(|most| self.iterations >= most);
        by_time || by_count || (self.settings.seconds.is_none() && self.settings.iterations.is_none() && self.iterations > 0)
    }

    /// One cooling on every island, then the best plan for all.
    fn cool(&mut self, cycle: u32) -> Result<(), ShuttleError> {
        let per_request = self.best.distance() / self.problem.requests().max(1) as f64;
        let cooling = Cooling {
            hot: HOT.with(|h| h.get()) * per_request,
            cold: COLD.with(|h| h.get()) * per_request,
            steps: 2_000 << cycle.min(4),
        };
        self.rounds(cooling, |_| false)?;
        self.share();
        Ok(())
    }

    fn is_proven(&self) -> bool {
        self.best.absent.is_empty() && self.lower_bound.is_some_and(|bound| self.best.distance() <= bound + 2.0 * bound::PROVEN)
    }

    /// Set partitioning over the tours that the islands found.
    fn recombine(&mut self) {
        for island in &mut self.islands {
            self.pool.merge(self.problem, &std::mem::take(&mut island.pool));
        }
        if !self.best.absent.is_empty() {
            return;
        }
        for tour in &self.best.tours {
            self.pool.add(self.problem, tour);
        }
        let mut vehicles: Vec<usize> = self.problem.kinds().iter().map(|kind| kind.count).collect();
        if self.vehicles_count() && vehicles.len() == 1 {
            vehicles[0] = self.best.vehicles();
        }
        let n = self.problem.requests();
        let upper = self.best.distance();
        let entries: Vec<lp::Entry> = self.pool.columns.iter().map(|column| pricing::entry(self.problem, column.clone(), &[])).collect();
        let started = self.started;
        let seconds = self.settings.seconds;
        let stop = move || seconds.is_some_and(|seconds| started.elapsed().as_secs_f64() >= seconds);
        let mut simplex = lp::Simplex::new(n, &vehicles, partition::penalty(&entries, upper));
        simplex.columns = entries;
        if !simplex.solve(20_000) {
            return;
        }
        let prices = simplex.prices();
        let gap = upper - prices.value;
        // Columns beyond the gap are in no better plan of the pool; a wider margin stays for later plans.
        let worth: Vec<f64> = simplex.columns.iter().map(|entry| prices.reduced(entry)).collect();
        let mut sorted = worth.clone();
        sorted.sort_by(f64::total_cmp);
        let most = sorted.get(KEPT_COLUMNS).copied().unwrap_or(f64::INFINITY);
        let kept: Vec<Column> =
            self.pool.columns.iter().zip(&worth).filter(|(_, worth)| **worth <= most).map(|(column, _)| column.clone()).collect();
        let near: Vec<lp::Entry> =
            simplex.columns.iter().zip(&worth).filter(|(_, worth)| **worth <= gap).map(|(entry, _)| entry.clone()).collect();
        self.pool = Pool::default();
        for column in &kept {
            self.pool.add_column(self.problem, column.kind, &column.nodes, column.distance);
        }
        let found = partition::partition(n, &vehicles, &near, 0, upper, 50, &stop);
        if let Some(columns) = found.columns {
            self.adopt(columns.iter().map(|&number| near[number].column.clone()).collect());
        }
    }

    /// Makes a plan of tours that cover everybody; of two tours with the same request one leaves it out.
    fn adopt(&mut self, tours: Vec<Column>) {
        let problem = self.problem;
        let n = problem.requests();
        let mut draft = Draft::empty(problem);
        if self.vehicles_count() {
            draft.tours.truncate(self.best.tours.len());
        }
        draft.absent.clear();
        for column in tours {
            let free = draft.tours.iter().position(|tour| tour.is_empty() && tour.kind == column.kind);
            let Some(number) = free else { return };
            let mut nodes = column.nodes;
            nodes.retain(|&node| usize::from(node) >= 2 * n || draft.tour_of[usize::from(node) % n] == NOWHERE);
            if !earliest_schedule(problem, column.kind.into(), &nodes, &mut Vec::new()) {
                return;
            }
            let tour = Tour::new(problem, column.kind, nodes);
            for request in tour.requests(problem) {
                draft.tour_of[request] = number as u16;
            }
            draft.tours[number] = tour;
        }
        let refused = problem.refused().len();
        let absent = draft.tour_of.iter().filter(|&&tour| tour == NOWHERE).count();
        if absent == refused && draft.is_better_than(&self.best, self.vehicles_count()) {
            self.best = draft;
            for island in &mut self.islands {
                island.start_from(&self.best);
            }
        }
    }

    /// Tries to prove the plan best, or to find the best one. Half of the time that is left belongs to the search.
    fn prove(&mut self) {
        let one_kind = self.problem.kinds().len() == 1;
        let possible = one_kind && self.problem.requests() <= 128 && self.best.absent.is_empty() && self.problem.refused().is_empty();
        if !possible || self.vehicles_count() {
            return;
        }
        let until = self.settings.seconds.map(|seconds| 0.4 * self.started.elapsed().as_secs_f64() + 0.6 * seconds);
        let started = self.started;
        let stop = move || until.is_some_and(|until| started.elapsed().as_secs_f64() >= until);
        let vehicles = self.problem.kinds()[0].count;
        let proof = bound::prove(self.problem, vehicles, &self.pool.columns, self.best.distance(), &stop);
        self.lower_bound = proof.lower_bound;
        for column in &proof.routes {
            self.pool.add_column(self.problem, column.kind, &column.nodes, column.distance);
        }
        if let Some(better) = proof.better {
            self.adopt(better);
        }
    }

    fn rounds(&mut self, cooling: Cooling, enough: impl Fn(&Island) -> bool) -> Result<(), ShuttleError> {
        let mut step = 0;
        while step < cooling.steps && !self.is_over() {
            let to = (step + ROUND).min(cooling.steps);
            let (problem, near) = (self.problem, &self.near);
            self.islands
                .par_iter_mut()
                .for_each(|island| island.steps(problem, near, cooling, step, to));
            self.iterations += (to - step) * self.islands.len() as u64;
            step = to;
            self.job.check_cancelled()?;
            if self.islands.iter().any(&enough) {
                break;
            }
        }
        Ok(())
    }

    /// The best plan of all islands becomes the start of all.
    fn share(&mut self) {
        let count = self.vehicles_count();
        for island in &self.islands {
            if island.best.is_better_than(&self.best, count) {
                self.best = island.best.clone();
            }
        }
        for island in &mut self.islands {
            island.start_from(&self.best);
        }
    }

    /// Tries to do with one vehicle less, again and again.
    fn save_vehicles(&mut self, cycle: u32) -> Result<(), ShuttleError> {
        loop {
            self.best.tours.retain(|tour| !tour.is_empty());
            self.renumber();
            for island in &mut self.islands {
                island.start_from(&self.best);
            }
            if self.best.tours.len() <= 1 || self.is_over() {
                return Ok(());
            }
            for island in &mut self.islands {
                island.drop_vehicle(self.problem);
            }
            let per_request = self.best.distance() / self.problem.requests().max(1) as f64;
            let cooling = Cooling {
                hot: 0.3 * per_request,
                cold: 0.03 * per_request,
                steps: 4_000 << cycle.min(4),
            };
            self.rounds(cooling, |island| island.best.absent.is_empty())?;
            let Some(found) = self.islands.iter().find(|island| island.best.absent.is_empty()) else {
                let best = self.best.clone();
                for island in &mut self.islands {
                    island.start_from(&best);
                }
                return Ok(());
            };
            self.best = found.best.clone();
        }
    }

    fn renumber(&mut self) {
        for (number, tour) in self.best.tours.iter().enumerate() {
            for request in tour.requests(self.problem) {
                self.best.tour_of[request] = number as u16;
            }
        }
    }

    fn plan(&self) -> Plan {
        let route = |tour: &Tour| Route {
            kind: tour.kind.into(),
            begins: schedule(self.problem, tour.kind.into(), &tour.nodes).unwrap_or_default(),
            nodes: tour.nodes.clone(),
            distance: tour.distance,
        };
        let routes: Vec<Route> = self.best.tours.iter().filter(|tour| !tour.is_empty()).map(route).collect();
        let mut refused = self.problem.refused().to_vec();
        refused.extend(self.best.absent.iter().map(|&request| (usize::from(request), Refusal::NoRoom)));
        refused.sort_by_key(|(request, _)| *request);
        Plan {
            distance: routes.iter().map(|route| route.distance).sum(),
            routes,
            refused,
        }
    }
}
thread_local! { pub static HOT: std::cell::Cell<f64> = const { std::cell::Cell::new(0.3) }; pub static COLD: std::cell::Cell<f64> = const { std::cell::Cell::new(0.01) }; }
