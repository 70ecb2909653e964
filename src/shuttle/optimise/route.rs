//! Routes and plans as the search changes them: node numbers in a row, with length and a hash of the order.

use super::stream::mix;
use crate::shuttle::problem::{NodeId, Problem};

/// No route.
pub(super) const NOWHERE: u16 = u16::MAX;

/// A vehicle's way, depots included; a vehicle that stays has only the two depots.
#[derive(Clone, Debug)]
pub(super) struct Tour {
    pub(super) kind: u16,
    pub(super) nodes: Vec<NodeId>,
    pub(super) distance: f64,
    /// Sum over the arcs and the kind: tours with the same arcs are the same tour.
    pub(super) hash: u64,
}

impl Tour {
    pub(super) fn new(problem: &Problem, kind: u16, nodes: Vec<NodeId>) -> Self {
        let mut tour = Self {
            kind,
            nodes,
            distance: 0.0,
            hash: 0,
        };
        tour.measure(problem);
        tour
    }

    pub(super) fn stays(problem: &Problem, kind: u16) -> Self {
        let given = &problem.kinds()[kind as usize];
        Self::new(problem, kind, vec![given.start, given.end])
    }

    /// Length and hash, from the first node on, so that equal tours have equal bits however they came about. Staying costs nothing.
    pub(super) fn measure(&mut self, problem: &Problem) {
        let (mut distance, mut hash) = (0.0, mix(u64::from(self.kind) + 1));
        for pair in self.nodes.windows(2) {
            distance += problem.distance(pair[0], pair[1]);
            let arc = u64::from(pair[0]) << 16 | u64::from(pair[1]);
            hash = hash.wrapping_add(mix(arc + (1 << 40)));
        }
        self.distance = if self.is_empty() { 0.0 } else { distance };
        self.hash = hash;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.len() <= 2
    }

    /// Requests in the order of their pickups.
    pub(super) fn requests(&self, problem: &Problem) -> impl Iterator<Item = usize> {
        let n = problem.requests();
        self.nodes
            .iter()
            .map(|&node| usize::from(node))
            .filter(move |&node| node < n)
    }

    /// Puts a request in: the pickup behind position `pickup_after`, the delivery behind position `delivery_after` of the tour as it is.
    pub(super) fn insert(
        &mut self,
        problem: &Problem,
        request: usize,
        pickup_after: usize,
        delivery_after: usize,
    ) {
        self.nodes
            .insert(delivery_after + 1, (request + problem.requests()) as NodeId);
        self.nodes.insert(pickup_after + 1, request as NodeId);
        self.measure(problem);
    }
}

/// A plan under construction: one tour per vehicle, and who is in none.
#[derive(Clone, Debug)]
pub(super) struct WorkingPlan {
    pub(super) tours: Vec<Tour>,
    /// Tour of each request, or [`NOWHERE`].
    pub(super) tour_of: Vec<u16>,
    pub(super) absent: Vec<u16>,
}

impl WorkingPlan {
    /// All vehicles in their depots, everybody absent but those who cannot be served.
    pub(super) fn empty(problem: &Problem) -> Self {
        let tours = problem
            .kinds()
            .iter()
            .enumerate()
            .flat_map(|(kind, given)| {
                // More vehicles of a kind than requests are never used.
                (0..given.count.min(problem.requests()))
                    .map(move |_| Tour::stays(problem, kind as u16))
            });
        let refused = |request: &usize| problem.refused().iter().any(|(other, _)| other == request);
        Self {
            tours: tours.collect(),
            tour_of: vec![NOWHERE; problem.requests()],
            absent: (0..problem.requests())
                .filter(|request| !refused(request))
                .map(|request| request as u16)
                .collect(),
        }
    }

    /// Vehicles that stay in their depot leave the fleet.
    pub(super) fn leave_out_idle(&mut self, problem: &Problem) {
        self.tours.retain(|tour| !tour.is_empty());
        self.renumber(problem);
    }

    /// Who is where, after tours have changed their places.
    pub(super) fn renumber(&mut self, problem: &Problem) {
        self.tour_of.fill(NOWHERE);
        for (number, tour) in self.tours.iter().enumerate() {
            for request in tour.requests(problem) {
                self.tour_of[request] = number as u16;
            }
        }
    }

    pub(super) fn distance(&self) -> f64 {
        self.tours.iter().map(|tour| tour.distance).sum()
    }

    pub(super) fn vehicles(&self) -> usize {
        self.tours.iter().filter(|tour| !tour.is_empty()).count()
    }

    /// Fewer absent, then (where it counts) fewer vehicles, then shorter.
    pub(super) fn is_better_than(&self, other: &Self, vehicles_count: bool) -> bool {
        let key = |draft: &Self| {
            (
                draft.absent.len(),
                if vehicles_count { draft.vehicles() } else { 0 },
            )
        };
        match key(self).cmp(&key(other)) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => self.distance() < other.distance() - 1e-9,
        }
    }
}
