//! One search: ruin a part of the plan, recreate it, keep or take back.

use super::insertion::{Finder, Insertion};
use super::pool::Pool;
use super::route::{NOWHERE, Tour, WorkingPlan};
use super::ruin;
use super::stream::Stream;
use crate::shuttle::problem::Problem;
use crate::shuttle::timing::earliest_schedule;

/// Temperatures of simulated annealing, in the unit of distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cooling {
    pub(super) hot: f64,
    pub(super) cold: f64,
    /// Steps from hot to cold.
    pub(super) steps: u64,
}

pub(super) struct Island {
    random: Stream,
    pub(super) current: WorkingPlan,
    pub(super) best: WorkingPlan,
    pub(super) pool: Pool,
    vehicles_count: bool,
    finder: Finder,
    /// How often a request was absent (Christiaens & Vanden Berghe 2020, section 5.6).
    absences: Vec<f64>,
    /// Tours as they were before the step.
    before: Vec<(u16, Tour)>,
    absent_before: Vec<u16>,
    chosen: Vec<u16>,
    slots: Vec<u32>,
    /// Insertions of the absent requests, `absent x tours`.
    table: Vec<Insertion>,
}

impl Island {
    pub(super) fn new(problem: &Problem, seed: u64, number: u64) -> Self {
        let start = WorkingPlan::empty(problem);
        Self {
            random: Stream::new(seed, number),
            best: start.clone(),
            current: start,
            pool: Pool::default(),
            vehicles_count: problem.objective()
                == crate::shuttle::problem::Objective::VehiclesThenDistance,
            finder: Finder::default(),
            absences: vec![1.0; problem.requests()],
            before: Vec::new(),
            absent_before: Vec::new(),
            chosen: Vec::new(),
            slots: Vec::new(),
            table: Vec::new(),
        }
    }

    /// Goes on from a plan of another island.
    pub(super) fn start_from(&mut self, draft: &WorkingPlan) {
        self.current = draft.clone();
        self.best = draft.clone();
    }

    /// Parallel insertion: everybody absent is put where regret says.
    pub(super) fn construct(&mut self, problem: &Problem) {
        self.recreate_by_regret(problem, 3, 0.0);
        self.best = self.current.clone();
    }

    /// Steps `from..to` of a cooling.
    pub(super) fn steps(
        &mut self,
        problem: &Problem,
        near: &[Vec<u16>],
        cooling: Cooling,
        from: u64,
        to: u64,
    ) {
        for step in from..to {
            let done = step as f64 / cooling.steps as f64;
            let temperature = cooling.hot * (cooling.cold / cooling.hot).powf(done);
            self.step(problem, near, temperature);
        }
    }

    fn step(&mut self, problem: &Problem, near: &[Vec<u16>], temperature: f64) {
        self.finder.rest();
        self.before.clear();
        self.absent_before.clone_from(&self.current.absent);
        let distance_before = self.current.distance();
        let most = if self.random.uniform() < 0.1 { 30 } else { 12 };
        let most = most.min(2 + problem.requests() / 3);
        let mut chosen = std::mem::take(&mut self.chosen);
        ruin::choose(
            problem,
            &self.current,
            near,
            most,
            &mut self.random,
            &mut chosen,
        );
        self.take_out(problem, &chosen);
        self.chosen = chosen;
        match self.random.below(10) {
            0..5 => self.recreate_in_order(problem),
            kind => {
                let depth = [2, 2, 3, 4, 1][kind - 5];
                let noise = if self.random.uniform() < 0.5 {
                    0.0
                } else {
                    0.15
                };
                self.recreate_by_regret(problem, depth, noise);
            }
        }
        let distance = self.current.distance();
        let sum = |list: &[u16]| {
            list.iter()
                .map(|&request| self.absences[usize::from(request)])
                .sum::<f64>()
        };
        let (missed, missed_before) = (sum(&self.current.absent), sum(&self.absent_before));
        let cooler =
            distance < distance_before - temperature * self.random.uniform().max(1e-12).ln();
        let keep = missed < missed_before || (missed <= missed_before && cooler);
        for &request in &self.current.absent {
            self.absences[usize::from(request)] += 1.0;
        }
        if self.current.absent.is_empty() {
            let promising = distance < self.best.distance() * 1.03 || !self.best.absent.is_empty();
            if promising {
                for (tour, _) in &self.before {
                    self.pool
                        .add(problem, &self.current.tours[usize::from(*tour)]);
                }
            }
        }
        if keep {
            if self.current.is_better_than(&self.best, self.vehicles_count) {
                self.best = self.current.clone();
            }
        } else {
            self.take_back(problem);
        }
    }

    fn remember(&mut self, tour: u16) {
        if self.before.iter().all(|(other, _)| *other != tour) {
            self.before
                .push((tour, self.current.tours[usize::from(tour)].clone()));
        }
    }

    fn take_out(&mut self, problem: &Problem, chosen: &[u16]) {
        let n = problem.requests();
        let mut tours: Vec<u16> = chosen
            .iter()
            .map(|&request| self.current.tour_of[usize::from(request)])
            .collect();
        tours.sort_unstable();
        tours.dedup();
        for &request in chosen {
            self.current.tour_of[usize::from(request)] = NOWHERE;
            self.current.absent.push(request);
        }
        let mut times = Vec::new();
        for tour in tours {
            self.remember(tour);
            let tour_of = &self.current.tour_of;
            let changed = &mut self.current.tours[usize::from(tour)];
            changed.nodes.retain(|&node| {
                let node = usize::from(node);
                node >= 2 * n || tour_of[node % n] != NOWHERE
            });
            // Leaving out a stop keeps a schedule, unless the way around it is faster than the way without it (matrices without the
            // triangle inequality): then the whole tour is sought anew.
            if !earliest_schedule(problem, changed.kind.into(), &changed.nodes, &mut times) {
                for request in changed.requests(problem).collect::<Vec<_>>() {
                    self.current.tour_of[request] = NOWHERE;
                    self.current.absent.push(request as u16);
                }
                *changed = Tour::stays(problem, changed.kind);
            } else {
                changed.measure(problem);
            }
        }
    }

    fn take_back(&mut self, problem: &Problem) {
        self.current.absent.clone_from(&self.absent_before);
        for &request in &self.current.absent {
            self.current.tour_of[usize::from(request)] = NOWHERE;
        }
        for (number, tour) in self.before.drain(..) {
            for request in tour.requests(problem) {
                self.current.tour_of[request] = number;
            }
            self.current.tours[usize::from(number)] = tour;
        }
    }

    fn put(&mut self, problem: &Problem, request: usize, tour: usize, place: Insertion) {
        self.remember(tour as u16);
        self.current.tours[tour].insert(
            problem,
            request,
            place.pickup_after.into(),
            place.delivery_after.into(),
        );
        self.current.tour_of[request] = tour as u16;
    }

    /// Tours that are worth asking: all on the way, and one of each kind in its depot.
    fn candidates(&mut self, problem: &Problem) -> Vec<usize> {
        let mut staying_kind = usize::MAX;
        let mut asked = Vec::with_capacity(self.current.tours.len());
        self.slots.clear();
        for (number, tour) in self.current.tours.iter().enumerate() {
            let slot = self.finder.slot(problem, tour);
            self.slots.push(slot);
            if tour.is_empty() {
                // Tours are sorted by kind.
                if staying_kind == usize::from(tour.kind) {
                    continue;
                }
                staying_kind = tour.kind.into();
            }
            asked.push(number);
        }
        asked
    }

    /// One request after the other, each at its shortest place; now and then a tour is overlooked ("blink").
    fn recreate_in_order(&mut self, problem: &Problem) {
        let mut absent = std::mem::take(&mut self.current.absent);
        self.random.shuffle(&mut absent);
        let n = problem.requests();
        let pickup = |request: u16| request;
        let delivery = |request: u16| request + n as u16;
        let key: Box<dyn Fn(u16) -> f64> = match self.random.below(8) {
            0..3 => Box::new(|_| 0.0),
            3 => Box::new(|request| -problem.distance(pickup(request), delivery(request))),
            4 => Box::new(|request| {
                let depot = problem.kinds()[0].start;
                -problem.distance(depot, pickup(request))
                    - problem.distance(delivery(request), depot)
            }),
            5 => {
                Box::new(|request| problem.closes(pickup(request)) - problem.opens(pickup(request)))
            }
            6 => Box::new(|request| problem.opens(pickup(request))),
            _ => Box::new(|request| -problem.closes(delivery(request))),
        };
        absent.sort_by(|&a, &b| key(a).total_cmp(&key(b)));
        drop(key);
        let mut asked = self.candidates(problem);
        for request in absent {
            let request = usize::from(request);
            let mut best: Option<(usize, Insertion)> = None;
            for &tour in &asked {
                if self.random.uniform() < 0.02 {
                    continue;
                }
                let place = self.finder.best(
                    problem,
                    &self.current.tours[tour],
                    self.slots[tour],
                    request,
                );
                if place.detour < best.map_or(f64::INFINITY, |(_, best)| best.detour) {
                    best = Some((tour, place));
                }
            }
            match best {
                Some((tour, place)) => {
                    let stayed = self.current.tours[tour].is_empty();
                    self.put(problem, request, tour, place);
                    self.slots[tour] = self.finder.slot(problem, &self.current.tours[tour]);
                    if stayed {
                        asked = self.candidates(problem);
                    }
                }
                None => self.current.absent.push(request as u16),
            }
        }
        self.current.absent.sort_unstable();
    }

    /// First whom it would cost most to wait: the sum of the differences between the best tour and the next `depth - 1` ones (Ropke &
    /// Pisinger 2006, section 3.2.2); `depth` 1 is the cheapest insertion of all. Detours are blurred by `noise`.
    fn recreate_by_regret(&mut self, problem: &Problem, depth: usize, noise: f64) {
        let mut absent = std::mem::take(&mut self.current.absent);
        absent.sort_unstable();
        let mut left_over = Vec::new();
        let mut asked = self.candidates(problem);
        let width = self.current.tours.len();
        self.table.clear();
        let nobody = Insertion {
            detour: f64::INFINITY,
            pickup_after: 0,
            delivery_after: 0,
        };
        self.table.resize(absent.len() * width, nobody);
        let mut refresh: Vec<usize> = asked.clone();
        let mut rows: Vec<usize> = (0..absent.len()).collect();
        while !rows.is_empty() {
            for &tour in &refresh {
                let slot = self.slots[tour];
                for &row in &rows {
                    let mut place = self.finder.best(
                        problem,
                        &self.current.tours[tour],
                        slot,
                        absent[row].into(),
                    );
                    if noise > 0.0 && place.detour.is_finite() {
                        place.detour *= 1.0 + noise * (self.random.uniform() - 0.5);
                    }
                    self.table[row * width + tour] = place;
                }
            }
            let mut chosen: Option<(f64, f64, usize, usize)> = None;
            rows.retain(|&row| {
                let mut least = [f64::INFINITY; 4];
                let mut at = usize::MAX;
                for &tour in &asked {
                    let detour = self.table[row * width + tour].detour;
                    if detour < least[0] {
                        at = tour;
                    }
                    // Insertion into the sorted few.
                    let mut value = detour;
                    for place in least.iter_mut().take(depth.max(1)) {
                        if value < *place {
                            std::mem::swap(place, &mut value);
                        }
                    }
                }
                if at == usize::MAX {
                    left_over.push(absent[row]);
                    return false;
                }
                // A missing alternative weighs more than any detour.
                let regret: f64 = least[1..depth.max(1)]
                    .iter()
                    .map(|&other| other.min(1e6) - least[0])
                    .sum();
                let better = match chosen {
                    None => true,
                    Some((worst, detour, ..)) => {
                        regret > worst || (regret >= worst && least[0] < detour)
                    }
                };
                if better {
                    chosen = Some((regret, least[0], row, at));
                }
                true
            });
            let Some((_, _, row, tour)) = chosen else {
                break;
            };
            let stayed = self.current.tours[tour].is_empty();
            let place = self.table[row * width + tour];
            self.put(problem, absent[row].into(), tour, place);
            rows.retain(|&other| other != row);
            self.slots[tour] = self.finder.slot(problem, &self.current.tours[tour]);
            refresh.clear();
            refresh.push(tour);
            if stayed {
                let known = asked.clone();
                asked = self.candidates(problem);
                refresh.extend(asked.iter().filter(|tour| !known.contains(tour)));
            }
        }
        left_over.sort_unstable();
        self.current.absent = left_over;
    }

    /// Takes a vehicle away whose passengers were absent least often; they are absent now.
    pub(super) fn drop_vehicle(&mut self, problem: &Problem) {
        let sum = |tour: &Tour| {
            tour.requests(problem)
                .map(|request| self.absences[request])
                .sum::<f64>()
        };
        let least = (0..self.current.tours.len())
            .min_by(|&a, &b| sum(&self.current.tours[a]).total_cmp(&sum(&self.current.tours[b])));
        let Some(least) = least else { return };
        let tour = self.current.tours.remove(least);
        for request in tour.requests(problem) {
            self.current.absent.push(request as u16);
        }
        self.current.absent.sort_unstable();
        self.current.renumber(problem);
        self.best = self.current.clone();
    }
}
