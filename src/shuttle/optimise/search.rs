//! The order of things: coolings on the islands, recombination, one attempt at a proof.

use std::time::Instant;

use rayon::prelude::*;

use super::bound::{self, Proof};
use super::fragments::Fragments;
use super::island::{Cooling, Island};
use super::lp::{Entry, Simplex};
use super::partition::{partition, penalty};
use super::pool::{Column, Pool};
use super::pricing::entry;
use super::route::{NOWHERE, Tour, WorkingPlan};
use super::ruin::neighbours;
use super::{Bounds, Outcome, PROVEN, Settings};
use crate::job::Job;
use crate::shuttle::error::{Refusal, ShuttleError};
use crate::shuttle::plan::{Plan, Route};
use crate::shuttle::problem::{Objective, Problem};
use crate::shuttle::timing::{earliest_schedule, schedule};

/// Steps of an island between two looks at the clock.
const ROUND: u64 = 200;
/// Steps of the first cooling of an island; each further one is twice as long, up to the longest.
const FIRST_COOLING: u64 = 2_000;
const LONGEST_COOLING: u32 = 4;
/// Temperatures at the begin and the end of a cooling, as shares of the mean distance per request.
const HOT: f64 = 0.3;
const COLD: f64 = 0.01;
/// The same while a vehicle is being saved.
const HOT_SAVING: f64 = 0.3;
const COLD_SAVING: f64 = 0.03;
/// Cooling after which a proof is tried, and the share of the time left that it may take.
const PROOF_AFTER: u32 = 2;
const PROOF_SHARE: f64 = 0.6;
/// Beginnings of fragments that the proof may look at.
const MOST_STRETCHES: usize = 300_000;
/// Tours that stay in the pool after a recombination, and the programmes that it may solve.
const KEPT_TOURS: usize = 8_000;
/// Requests of a problem whose tours are recombined: the linear programme has a dense inverse with as many rows.
const MOST_TO_RECOMBINE: usize = 300;
const PARTITION_NODES: usize = 50;
const SIMPLEX_STEPS: usize = 20_000;

pub(super) struct Search<'a> {
    problem: &'a Problem,
    settings: Settings,
    job: &'a Job,
    started: Instant,
    near: Vec<Vec<u16>>,
    islands: Vec<Island>,
    iterations: u64,
    best: WorkingPlan,
    /// Tours of good plans, of all islands.
    pool: Pool,
    bounds: Bounds,
}

impl<'a> Search<'a> {
    pub(super) fn new(problem: &'a Problem, settings: &Settings, job: &'a Job) -> Self {
        Self {
            problem,
            settings: *settings,
            job,
            started: Instant::now(),
            near: neighbours(problem),
            islands: Vec::new(),
            iterations: 0,
            best: WorkingPlan::empty(problem),
            pool: Pool::default(),
            bounds: Bounds::default(),
        }
    }

    pub(super) fn run(mut self) -> Result<Outcome, ShuttleError> {
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
            if cycle > 0 {
                self.recombine();
            }
            if cycle == PROOF_AFTER {
                self.prove();
            }
            if self.outcome().is_proven(self.problem) {
                break;
            }
            cycle += 1;
        }
        Ok(self.outcome())
    }

    fn vehicles_count(&self) -> bool {
        self.problem.objective() == Objective::VehiclesThenDistance
    }

    fn elapsed(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn is_over(&self) -> bool {
        // Nothing to plan, or nothing to plan with.
        if self.best.tours.is_empty() || self.problem.refused().len() == self.problem.requests() {
            return true;
        }
        let by_time = self
            .settings
            .seconds
            .is_some_and(|seconds| self.elapsed() >= seconds);
        let by_count = self
            .settings
            .iterations
            .is_some_and(|most| self.iterations >= most);
        let endless = self.settings.seconds.is_none() && self.settings.iterations.is_none();
        by_time || by_count || (endless && self.iterations > 0)
    }

    fn per_request(&self) -> f64 {
        self.best.distance() / self.problem.requests().max(1) as f64
    }

    /// One cooling on every island, then the best plan for all.
    fn cool(&mut self, cycle: u32) -> Result<(), ShuttleError> {
        let cooling = Cooling {
            hot: HOT * self.per_request(),
            cold: COLD * self.per_request(),
            steps: FIRST_COOLING << cycle.min(LONGEST_COOLING),
        };
        self.rounds(cooling, |_| false)?;
        let count = self.vehicles_count();
        for island in &self.islands {
            if island.best.is_better_than(&self.best, count) {
                self.best = island.best.clone();
            }
        }
        self.share();
        Ok(())
    }

    /// Rounds of a cooling until it is cold, the limit is reached, or one of the islands has enough.
    fn rounds(
        &mut self,
        cooling: Cooling,
        enough: impl Fn(&Island) -> bool,
    ) -> Result<(), ShuttleError> {
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

    /// The best plan becomes the start of all islands.
    fn share(&mut self) {
        for island in &mut self.islands {
            island.start_from(&self.best);
        }
    }

    /// Tries to do with one vehicle less, again and again, until it fails.
    fn save_vehicles(&mut self, cycle: u32) -> Result<(), ShuttleError> {
        loop {
            self.best.leave_out_idle(self.problem);
            self.share();
            let fewest = self.bounds.vehicles.unwrap_or(1);
            if self.best.tours.len() <= fewest || self.is_over() {
                return Ok(());
            }
            for island in &mut self.islands {
                island.drop_vehicle(self.problem);
            }
            let cooling = Cooling {
                hot: HOT_SAVING * self.per_request(),
                cold: COLD_SAVING * self.per_request(),
                steps: (2 * FIRST_COOLING) << cycle.min(LONGEST_COOLING),
            };
            self.rounds(cooling, |island| island.best.absent.is_empty())?;
            match self
                .islands
                .iter()
                .find(|island| island.best.absent.is_empty())
            {
                Some(found) => self.best = found.best.clone(),
                None => {
                    self.share();
                    return Ok(());
                }
            }
        }
    }

    /// Vehicles per kind that a plan may use.
    fn vehicles(&self) -> Vec<usize> {
        let mut vehicles: Vec<usize> = self.problem.kinds().iter().map(|kind| kind.count).collect();
        if self.vehicles_count() && vehicles.len() == 1 {
            vehicles[0] = self.best.vehicles();
        }
        vehicles
    }

    /// Set partitioning over the tours that the islands found; tours that no better plan needs are forgotten when they are too many.
    fn recombine(&mut self) {
        let problem = self.problem;
        for island in &mut self.islands {
            self.pool.merge(problem, &std::mem::take(&mut island.pool));
        }
        let complete = self.best.absent.is_empty() && problem.refused().is_empty();
        if !complete || problem.requests() > MOST_TO_RECOMBINE {
            return;
        }
        for tour in &self.best.tours {
            self.pool.add(problem, tour);
        }
        let (n, vehicles, upper) = (problem.requests(), self.vehicles(), self.best.distance());
        let entries: Vec<Entry> = self
            .pool
            .columns
            .iter()
            .map(|column| entry(problem, column.clone(), &[]))
            .collect();
        let mut simplex = Simplex::new(n, &vehicles, penalty(&entries, upper));
        simplex.columns = entries;
        let stop = self.stop_after(1.0);
        if !simplex.solve(SIMPLEX_STEPS, &stop) {
            return;
        }
        let prices = simplex.prices();
        let gap = upper - prices.value;
        let worth: Vec<f64> = simplex
            .columns
            .iter()
            .map(|entry| prices.reduced(entry))
            .collect();
        let near: Vec<Entry> = simplex
            .columns
            .iter()
            .zip(&worth)
            .filter(|(_, worth)| **worth <= gap)
            .map(|(entry, _)| entry.clone())
            .collect();
        self.pool.keep_best(problem, &worth, KEPT_TOURS);
        let found = partition(n, &vehicles, &near, 0, upper, PARTITION_NODES, &stop);
        if let Some(columns) = found.columns {
            self.adopt(
                columns
                    .iter()
                    .map(|&number| near[number].column.clone())
                    .collect(),
            );
        }
    }

    /// Makes a plan of tours that cover everybody; of two tours with the same request one leaves it out.
    fn adopt(&mut self, tours: Vec<Column>) {
        let problem = self.problem;
        let n = problem.requests();
        let mut draft = WorkingPlan::empty(problem);
        if self.vehicles_count() {
            draft.tours.truncate(self.best.tours.len());
        }
        draft.absent.clear();
        for column in tours {
            let free = draft
                .tours
                .iter()
                .position(|tour| tour.is_empty() && tour.kind == column.kind);
            let Some(number) = free else { return };
            let mut nodes = column.nodes;
            nodes.retain(|&node| {
                usize::from(node) >= 2 * n || draft.tour_of[usize::from(node) % n] == NOWHERE
            });
            if !earliest_schedule(problem, column.kind.into(), &nodes, &mut Vec::new()) {
                return;
            }
            let tour = Tour::new(problem, column.kind, nodes);
            for request in tour.requests(problem) {
                draft.tour_of[request] = number as u16;
            }
            draft.tours[number] = tour;
        }
        let complete = draft.tour_of.iter().all(|&tour| tour != NOWHERE);
        if complete && draft.is_better_than(&self.best, self.vehicles_count()) {
            self.best = draft;
            self.share();
        }
    }

    /// True once this share of the time that is left now is over, or the user cancelled.
    fn stop_after(&self, share: f64) -> impl Fn() -> bool + use<> {
        let now = self.elapsed();
        let until = self
            .settings
            .seconds
            .map(|seconds| now + share * (seconds - now));
        let (started, job) = (self.started, self.job.clone());
        move || {
            job.is_cancelled()
                || until.is_some_and(|until| started.elapsed().as_secs_f64() >= until)
        }
    }

    /// Tries to prove the plan best, or to find the best one.
    fn prove(&mut self) {
        let problem = self.problem;
        if !bound::is_possible(problem) || !self.best.absent.is_empty() {
            return;
        }
        let stop = self.stop_after(PROOF_SHARE);
        let fragments = Fragments::enumerate(problem, MOST_STRETCHES, &stop);
        // Without all fragments there is no proof to win, better plans alone.
        let stop = if fragments.complete {
            stop
        } else {
            self.stop_after(PROOF_SHARE / 2.0)
        };
        let prove = |vehicles: usize, upper: f64| {
            bound::prove(
                problem,
                &fragments,
                vehicles,
                &self.pool.columns,
                upper,
                &stop,
            )
        };
        let used = self.best.vehicles();
        if self.vehicles_count() && fragments.complete {
            // No plan with one vehicle less: the bound is beyond what any plan can cost.
            let longest = bound::longest_plan(problem);
            let fewer = used > 1 && prove(used - 1, longest).lower_bound < Some(longest);
            if !fewer {
                self.bounds.vehicles = Some(used);
            }
        }
        let mut proof = prove(self.vehicles()[0], self.best.distance());
        if !fragments.complete {
            // Routes with long fragments are missing: better plans are welcome, the bound is none.
            proof.lower_bound = None;
        }
        self.learn(proof);
    }

    fn learn(&mut self, proof: Proof) {
        self.bounds.distance = proof.lower_bound;
        for column in &proof.routes {
            self.pool
                .add_column(self.problem, column.kind, &column.nodes, column.distance);
        }
        if let Some(better) = proof.better {
            self.adopt(better);
        }
    }

    fn outcome(&self) -> Outcome {
        let route = |tour: &Tour| Route {
            kind: tour.kind.into(),
            begins: schedule(self.problem, tour.kind.into(), &tour.nodes).unwrap_or_default(),
            nodes: tour.nodes.clone(),
            distance: tour.distance,
        };
        let mut routes: Vec<Route> = self
            .best
            .tours
            .iter()
            .filter(|tour| !tour.is_empty())
            .map(route)
            .collect();
        // Which of the equal vehicles drives a route says nothing: the order is that of the first stops.
        routes.sort_by_key(|route| (route.kind, route.nodes[1]));
        let mut refused = self.problem.refused().to_vec();
        refused.extend(
            self.best
                .absent
                .iter()
                .map(|&request| (usize::from(request), Refusal::NoRoom)),
        );
        refused.sort_by_key(|(request, _)| *request);
        Outcome {
            plan: Plan {
                // The empty sum is -0.
                distance: routes.iter().map(|route| route.distance).sum::<f64>() + 0.0,
                routes,
                refused,
            },
            iterations: self.iterations,
            bounds: self.bounds,
        }
    }
}

/// The proof of the best plan must not be off by more than that of the outcome.
const _: () = assert!(bound::PROVEN <= PROVEN);
