//! Where a request fits best into a tour, remembered per tour.
//!
//! A large neighbourhood search asks the same question again and again: after most steps the plan is the old one again, and the tours
//! that lost a request are often those of an earlier step. So answers are kept under the hash of the tour.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::route::Tour;
use crate::shuttle::problem::{Load, NodeId, Problem, TIME_TOLERANCE, fits};
use crate::shuttle::timing::{earliest_schedule, latest_by_windows};

/// Answers that are kept, then all are forgotten: 16 MB.
const KEPT_ANSWERS: usize = 1_000_000;

/// The shortest way to put a request into a tour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Insertion {
    /// How much longer the tour gets; infinite when the request does not fit, NaN when nobody asked yet.
    pub(super) detour: f64,
    pub(super) pickup_after: u16,
    pub(super) delivery_after: u16,
}

const UNKNOWN: Insertion = Insertion {
    detour: f64::NAN,
    pickup_after: 0,
    delivery_after: 0,
};

/// Hashes of tours are spread already.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// Map from hashes of tours.
pub(super) type ByHash<T> = HashMap<u64, T, BuildHasherDefault<AsItIs>>;

/// Finds insertions and remembers them.
#[derive(Default)]
pub(super) struct Finder {
    slots: ByHash<u32>,
    answers: Vec<Insertion>,
    /// Of the tour that was looked at last.
    prepared: Option<u64>,
    earliest: Vec<f64>,
    latest: Vec<f64>,
    loads: Vec<Load>,
    trial: Vec<NodeId>,
    trial_times: Vec<f64>,
}

impl Finder {
    /// Place of the answers of a tour, valid until the next [`Finder::rest`].
    pub(super) fn slot(&mut self, problem: &Problem, tour: &Tour) -> u32 {
        let next = self.slots.len() as u32;
        let slot = *self.slots.entry(tour.hash).or_insert(next);
        if slot == next {
            self.answers
                .resize(self.answers.len() + problem.requests(), UNKNOWN);
        }
        slot
    }

    /// Forgets everything when it is too much; between two steps, since slots change.
    pub(super) fn rest(&mut self) {
        if self.answers.len() > KEPT_ANSWERS {
            self.slots.clear();
            self.answers.clear();
        }
    }

    /// The best insertion of `request` into the tour that has `slot`.
    pub(super) fn best(
        &mut self,
        problem: &Problem,
        tour: &Tour,
        slot: u32,
        request: usize,
    ) -> Insertion {
        let index = slot as usize * problem.requests() + request;
        if self.answers[index].detour.is_nan() {
            self.answers[index] = self.search(problem, tour, request);
        }
        self.answers[index]
    }

    fn prepare(&mut self, problem: &Problem, tour: &Tour) {
        if self.prepared == Some(tour.hash) {
            return;
        }
        self.prepared = Some(tour.hash);
        earliest_schedule(problem, tour.kind.into(), &tour.nodes, &mut self.earliest);
        latest_by_windows(problem, &tour.nodes, &mut self.latest);
        self.loads.clear();
        let mut load = [0, 0];
        for &node in &tour.nodes {
            let more = problem.node(node).load;
            load = [load[0] + more[0], load[1] + more[1]];
            self.loads.push(load);
        }
    }

    /// All pairs of positions, cheapest kept. Windows and places are checked by bounds that hold for every schedule of the tour (times of
    /// a tour only grow when a stop is added, as driving times obey the triangle inequality; where they do not, a place may be missed but
    /// nothing wrong is accepted); what is left is checked exactly.
    fn search(&mut self, problem: &Problem, tour: &Tour, request: usize) -> Insertion {
        self.prepare(problem, tour);
        let (pickup, delivery) = (request as NodeId, (request + problem.requests()) as NodeId);
        let capacity = problem.kinds()[tour.kind as usize].capacity;
        let more = problem.node(pickup).load;
        let room = |load: Load| fits([load[0] + more[0], load[1] + more[1]], capacity);
        let exact =
            problem.max_ride(request).is_finite() || problem.has_time_limits(tour.kind.into());
        let nodes = &tour.nodes;
        let last = nodes.len() - 1;
        let mut best = Insertion {
            detour: f64::INFINITY,
            ..UNKNOWN
        };
        let staying = if tour.is_empty() {
            problem.distance(nodes[0], nodes[1])
        } else {
            0.0
        };
        for i in 0..last {
            let (a, b) = (nodes[i], nodes[i + 1]);
            let boards = (self.earliest[i] + problem.step(a, pickup)).max(problem.opens(pickup));
            if boards > problem.closes(pickup) + TIME_TOLERANCE {
                break;
            }
            if !room(self.loads[i]) {
                continue;
            }
            let to_pickup = problem.distance(a, pickup);
            let direct = problem.distance(a, b) - staying;
            let alights = (boards + problem.step(pickup, delivery)).max(problem.opens(delivery));
            if alights <= problem.closes(delivery) + TIME_TOLERANCE
                && alights + problem.step(delivery, b) <= self.latest[i + 1] + TIME_TOLERANCE
            {
                let detour =
                    to_pickup + problem.distance(pickup, delivery) + problem.distance(delivery, b)
                        - direct;
                if detour < best.detour
                    && (!exact || self.fits_exactly(problem, tour, request, i, i))
                {
                    best = Insertion {
                        detour,
                        pickup_after: i as u16,
                        delivery_after: i as u16,
                    };
                }
            }
            let detour_pickup = to_pickup + problem.distance(pickup, b) - direct;
            if detour_pickup >= best.detour {
                continue;
            }
            let mut time = boards + problem.step(pickup, b);
            for j in i + 1..last {
                let (c, d) = (nodes[j], nodes[j + 1]);
                time = time.max(self.earliest[j]);
                if time > self.latest[j] + TIME_TOLERANCE || !room(self.loads[j]) {
                    break;
                }
                let alights = (time + problem.step(c, delivery)).max(problem.opens(delivery));
                if alights > problem.closes(delivery) + TIME_TOLERANCE {
                    break;
                }
                let detour =
                    detour_pickup + problem.distance(c, delivery) + problem.distance(delivery, d)
                        - problem.distance(c, d);
                if detour < best.detour
                    && alights + problem.step(delivery, d) <= self.latest[j + 1] + TIME_TOLERANCE
                    && (!exact || self.fits_exactly(problem, tour, request, i, j))
                {
                    best = Insertion {
                        detour,
                        pickup_after: i as u16,
                        delivery_after: j as u16,
                    };
                }
                time += problem.step(c, d);
            }
        }
        best
    }

    fn fits_exactly(
        &mut self,
        problem: &Problem,
        tour: &Tour,
        request: usize,
        i: usize,
        j: usize,
    ) -> bool {
        self.trial.clear();
        self.trial.extend_from_slice(&tour.nodes[..=i]);
        self.trial.push(request as NodeId);
        self.trial.extend_from_slice(&tour.nodes[i + 1..=j]);
        self.trial.push((request + problem.requests()) as NodeId);
        self.trial.extend_from_slice(&tour.nodes[j + 1..]);
        earliest_schedule(
            problem,
            tour.kind.into(),
            &self.trial,
            &mut self.trial_times,
        )
    }
}
