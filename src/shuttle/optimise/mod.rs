//! The optimiser: parallel insertion, large neighbourhood search on a few islands, set partitioning over the tours that were found.

mod bound;
mod fragments;
mod insertion;
mod island;
mod lp;
mod partition;
mod pool;
mod route;
mod ruin;
mod stream;

use std::time::Instant;

use rayon::prelude::*;

use super::error::{Refusal, ShuttleError};
use super::plan::{Plan, Route};
use super::problem::{Objective, Problem};
use super::timing::schedule;
use crate::job::Job;
use island::{Cooling, Island};
use route::{Draft, Tour};

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
    };
    search.run()?;
    let mut lower_bound = None;
    if std::env::var_os("PROVE").is_some() {
        let t = Instant::now();
        let mut pool = pool::Pool::default();
        for island in &search.islands { pool.merge(problem, &island.pool); }
        for tour in &search.best.tours { pool.add(problem, tour); }
        let proof = bound::prove(problem, &pool.columns, search.best.distance(), &|| t.elapsed().as_secs_f64() > 120.0);
        eprintln!("prove {:.2}s pool {} lb {:?} better {:?}", t.elapsed().as_secs_f64(), pool.columns.len(), proof.lower_bound, proof.better.map(|b| b.iter().map(|c| c.distance).sum::<f64>()));
        lower_bound = proof.lower_bound;
    }
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
thread_local! { pub static HOT: std::cell::Cell<f64> = const { std::cell::Cell::new(0.1) }; pub static COLD: std::cell::Cell<f64> = const { std::cell::Cell::new(0.002) }; }
