//! Fragments: what a vehicle does between two moments when it is empty.
//!
//! A route is a chain of fragments, and no ride time reaches over their ends: what was driven before matters only through the time
//! (Alyasiry, Forbes & Bulmer 2019, doi:10.1287/trsc.2018.0842, for pickup and delivery; Rist & Forbes 2021,
//! doi:10.1287/trsc.2021.1044, for dial-a-ride).

use std::collections::HashMap;

use crate::shuttle::problem::{Load, NodeId, Problem, TIME_TOLERANCE, fits};

/// Next stops that are tried, per stretch that is allowed.
const TRIES: usize = 20;
/// Fragments that are used when there are too many.
const MOST_OF_INCOMPLETE: usize = 60_000;
/// Passengers of different requests on board at once are at most twelve here.
const MOST_POINTS: usize = 16;

/// A fragment: from its first pickup to the delivery that empties the vehicle.
#[derive(Clone, Debug)]
pub(super) struct Fragment {
    pub(super) first: NodeId,
    pub(super) last: NodeId,
    /// Requests, bit by bit.
    pub(super) set: u128,
    pub(super) distance: f64,
    /// Latest begin at the first pickup.
    pub(super) latest_start: f64,
    /// Earliest begin of service at the last delivery, and the shortest time until then: begun at `t <= latest_start` it ends at
    /// `max(earliest_end, t + duration)`.
    pub(super) earliest_end: f64,
    pub(super) duration: f64,
    nodes_from: u32,
    nodes_to: u32,
}

/// All fragments that some optimal plan could need.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    pub(super) all: Vec<Fragment>,
    /// Nothing was left out; else only a search for better plans can use them, no proof.
    pub(super) complete: bool,
    nodes: Vec<NodeId>,
}

impl Fragments {
    pub(super) fn nodes(&self, fragment: &Fragment) -> &[NodeId] {
        &self.nodes[fragment.nodes_from as usize..fragment.nodes_to as usize]
    }

    /// The fragments of the one kind of vehicle, those with few stops first; [`Fragments::complete`] when that took no more than `most`
    /// stretches, and `stop` said nothing.
    ///
    /// Stretches grow by one stop in each round. Of two with the same requests, the same passengers on board and the same last stop one
    /// falls away when the other is no longer and binds no pair of times harder: whatever follows, the other could be followed by it.
    pub(super) fn enumerate(problem: &Problem, most: usize, stop: &dyn Fn() -> bool) -> Self {
        let mut found = Self {
            complete: true,
            ..Self::default()
        };
        let mut trail: Vec<(u32, NodeId)> = Vec::new();
        let mut stretches: Vec<Stretch> = (0..problem.requests() as NodeId)
            .filter_map(|first| Stretch::begin(problem, first, &mut trail))
            .collect();
        let (mut count, mut tries) = (0, 0);
        'rounds: while !stretches.is_empty() {
            let mut longer: Vec<Stretch> = Vec::new();
            let mut known: HashMap<(u128, u128, NodeId), Vec<u32>> = HashMap::new();
            for stretch in &stretches {
                count += 1;
                if count > most || tries > TRIES * most || (count.is_multiple_of(256) && stop()) {
                    found.complete = false;
                    found.all.truncate(MOST_OF_INCOMPLETE);
                    break 'rounds;
                }
                for next in stretch.next_stops(problem) {
                    tries += 1;
                    let Some(mut grown) = stretch.grow(problem, next) else {
                        continue;
                    };
                    if grown.points() >= MOST_POINTS {
                        found.complete = false;
                        continue;
                    }
                    if grown.on_board.is_empty() {
                        found.record(&grown, next, &trail);
                        continue;
                    }
                    if !grown.can_deliver(problem) {
                        continue;
                    }
                    let on_board = grown
                        .on_board
                        .iter()
                        .fold(0, |set, &pickup| set | 1 << pickup);
                    let alike = known.entry((grown.set, on_board, next)).or_default();
                    if alike
                        .iter()
                        .any(|&other| longer[other as usize].replaces(&grown))
                    {
                        continue;
                    }
                    trail.push((grown.trail, next));
                    grown.trail = trail.len() as u32 - 1;
                    alike.push(longer.len() as u32);
                    longer.push(grown);
                }
            }
            stretches = longer;
        }
        found.keep_undominated();
        found
    }

    fn record(&mut self, stretch: &Stretch, last: NodeId, trail: &[(u32, NodeId)]) {
        let nodes_from = self.nodes.len();
        self.nodes.push(last);
        let mut at = stretch.trail;
        while at != NO_TRAIL {
            let (before, node) = trail[at as usize];
            self.nodes.push(node);
            at = before;
        }
        self.nodes[nodes_from..].reverse();
        self.all.push(Fragment {
            first: self.nodes[nodes_from],
            last,
            set: stretch.set,
            distance: stretch.distance,
            latest_start: -stretch.least(FIRST, CLOCK),
            earliest_end: stretch.least(CLOCK, LAST),
            duration: stretch.least(FIRST, LAST),
            nodes_from: nodes_from as u32,
            nodes_to: self.nodes.len() as u32,
        });
    }

    /// Of fragments with the same ends and requests only those stay that are shorter, or later, or earlier, than every other.
    fn keep_undominated(&mut self) {
        self.all.sort_by(|a, b| {
            (a.first, a.last, a.set)
                .cmp(&(b.first, b.last, b.set))
                .then(a.distance.total_cmp(&b.distance))
        });
        let mut kept: Vec<Fragment> = Vec::with_capacity(self.all.len());
        let mut group = 0;
        for fragment in self.all.drain(..) {
            let same = |other: &Fragment| {
                (other.first, other.last, other.set)
                    == (fragment.first, fragment.last, fragment.set)
            };
            if kept.get(group).is_none_or(|other| !same(other)) {
                group = kept.len();
            }
            let dominated = kept[group..].iter().any(|other| {
                other.latest_start >= fragment.latest_start
                    && other.earliest_end <= fragment.earliest_end
                    && other.duration <= fragment.duration
            });
            if !dominated {
                kept.push(fragment);
            }
        }
        self.all = kept;
    }
}

const NO_TRAIL: u32 = u32::MAX;
/// Points of a stretch: the clock's zero, the begin at the first stop and at the last; then the pickups of those on board, by number.
const CLOCK: usize = 0;
const FIRST: usize = 1;
const LAST: usize = 2;

/// A beginning of a fragment.
struct Stretch {
    set: u128,
    on_board: Vec<NodeId>,
    last: NodeId,
    load: Load,
    distance: f64,
    /// Least time from point (row) to point (column) in every schedule: the longest paths of the system of differences.
    between: Vec<f64>,
    /// Stops so far, the last first.
    trail: u32,
}

impl Stretch {
    fn begin(problem: &Problem, first: NodeId, trail: &mut Vec<(u32, NodeId)>) -> Option<Self> {
        let load = problem.node(first).load;
        if !fits(load, problem.kinds()[0].capacity) || problem.opens(first) > problem.closes(first)
        {
            return None;
        }
        let (opens, closes) = (problem.opens(first), problem.closes(first));
        // The first stop is also the last one and the pickup of the one on board.
        let mut between = vec![0.0; 16];
        for point in 1..4 {
            between[point] = opens;
            between[4 * point] = -closes;
        }
        trail.push((NO_TRAIL, first));
        let stretch = Self {
            set: 1 << first,
            on_board: vec![first],
            last: first,
            load,
            distance: 0.0,
            between,
            trail: trail.len() as u32 - 1,
        };
        stretch.can_deliver(problem).then_some(stretch)
    }

    fn points(&self) -> usize {
        3 + self.on_board.len()
    }

    fn least(&self, from: usize, to: usize) -> f64 {
        self.between[from * self.points() + to]
    }

    /// Deliveries of those on board, and pickups of others that can be reached.
    fn next_stops(&self, problem: &Problem) -> Vec<NodeId> {
        let n = problem.requests() as NodeId;
        let now = self.least(CLOCK, LAST);
        let reached = |&node: &NodeId| {
            now + problem.step(self.last, node) <= problem.closes(node) + TIME_TOLERANCE
        };
        let deliveries = self.on_board.iter().map(|pickup| pickup + n);
        let pickups = (0..n).filter(|pickup| self.set & (1 << pickup) == 0);
        deliveries.chain(pickups).filter(reached).collect()
    }

    /// One stop more; `None` when there is no room or no schedule.
    fn grow(&self, problem: &Problem, next: NodeId) -> Option<Self> {
        let more = problem.node(next).load;
        let load = [self.load[0] + more[0], self.load[1] + more[1]];
        if !fits(load, problem.kinds()[0].capacity) {
            return None;
        }
        let old = self.points();
        let delivered = problem.delivered(next);
        let step = problem.step(self.last, next);
        // Least times from every point to the new stop, and back.
        let mut to = [0.0; MOST_POINTS];
        let mut back = [0.0; MOST_POINTS];
        let boarded = delivered.and_then(|request| {
            self.on_board
                .iter()
                .position(|&pickup| usize::from(pickup) == request)
        });
        for point in 0..old {
            to[point] = (self.least(point, LAST) + step)
                .max(self.least(point, CLOCK) + problem.opens(next));
            back[point] = self.least(CLOCK, point) - problem.closes(next);
            if let (Some(request), Some(boarded)) = (delivered, boarded) {
                let longest = problem.node(request as NodeId).service + problem.max_ride(request);
                back[point] = back[point].max(self.least(3 + boarded, point) - longest);
            }
            if to[point] + back[point] > TIME_TOLERANCE {
                return None;
            }
        }
        let mut on_board = self.on_board.clone();
        // Which old point a new one is; `old` is the new stop.
        let mut origin: Vec<usize> = (3..old).collect();
        match boarded {
            Some(boarded) => {
                on_board.remove(boarded);
                origin.remove(boarded);
            }
            None => {
                let place = on_board.partition_point(|&pickup| pickup < next);
                on_board.insert(place, next);
                origin.insert(place, old);
            }
        }
        let origin: Vec<usize> = [CLOCK, FIRST, old].into_iter().chain(origin).collect();
        let mut between = Vec::with_capacity(origin.len() * origin.len());
        for &a in &origin {
            for &b in &origin {
                between.push(match (a == old, b == old) {
                    (true, true) => 0.0,
                    (true, false) => back[b],
                    (false, true) => to[a],
                    (false, false) => self.least(a, b).max(to[a] + back[b]),
                });
            }
        }
        Some(Self {
            set: if delivered.is_some() {
                self.set
            } else {
                self.set | 1 << next
            },
            on_board,
            last: next,
            load,
            distance: self.distance + problem.distance(self.last, next),
            between,
            trail: self.trail,
        })
    }

    /// Whether each of those on board, and each two of them in one of the two orders, can still get home in time.
    fn can_deliver(&self, problem: &Problem) -> bool {
        let n = problem.requests() as NodeId;
        let now = self.least(CLOCK, LAST);
        let ok = |at: usize, after: f64| {
            let pickup = self.on_board[at];
            let longest = problem.node(pickup).service + problem.max_ride(pickup.into());
            now + after <= problem.closes(pickup + n) + TIME_TOLERANCE
                && self.least(3 + at, LAST) + after <= longest + TIME_TOLERANCE
        };
        let first = |at: usize| problem.step(self.last, self.on_board[at] + n);
        let second = |at: usize, then: usize| {
            first(at) + problem.step(self.on_board[at] + n, self.on_board[then] + n)
        };
        let count = self.on_board.len();
        (0..count).all(|a| ok(a, first(a)))
            && (0..count)
                .all(|a| (a + 1..count).all(|b| ok(b, second(a, b)) || ok(a, second(b, a))))
    }

    /// Whether `other` can fall away because of this one, which has the same requests, passengers and last stop.
    fn replaces(&self, other: &Self) -> bool {
        self.distance <= other.distance
            && self.between.iter().zip(&other.between).all(|(a, b)| a <= b)
    }
}
