//! Fastest routes over edges, on travel times of an empty network or on smoothed times of the running one.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::mem;
use std::ops::Range;

use rayon::prelude::*;

use super::kernel::pieces::{Piece, parts};
use super::kernel::roads::Roads;
use super::kernel::team::Team;
use super::network::{Control, NONE, Network, VehicleClass};

/// Seconds that a link without right of way costs in the choice of a route, where no signal controls it (SUMO's `weights.minor-penalty`).
const MINOR_PENALTY_S: f32 = 1.5;

/// Steps over which speeds are averaged for the choice of routes (SUMO's `adaptation-steps`).
const MEMORY_STEPS: usize = 180;

/// Lowest speed (m/s) that a route is reckoned with.
const LOWEST_M_S: f32 = 1e-3;

/// From one edge to another.
#[derive(Clone, Copy, Debug)]
struct Arc {
    to: u32,
    /// Time over the junction (s).
    way_s: f32,
    /// Who finds a lane that is left by this link and one that it enters.
    allowed: u32,
}

/// Finds routes. Inside, the streets are numbered without the edges on junctions.
#[derive(Clone, Debug)]
pub struct Router {
    /// Edge of each street, and street of each edge (`NONE` on junctions).
    edges: Vec<u32>,
    /// See `edges`.
    streets: Vec<u32>,
    arcs: Vec<Arc>,
    spans: Vec<u32>,
    lengths: Vec<f32>,
    limits: Vec<f32>,
    /// Mean speed of each edge over the memory.
    speeds: Vec<f32>,
    memory: Vec<f32>,
    sums: Vec<f64>,
    at: usize,
    /// Least time from each edge to each (end to end, on the limits), row by aim; empty when the network is too large for it.
    least: Vec<f32>,
    /// Positions for the estimate where `least` is empty.
    ends: Vec<[f32; 2]>,
    top_speed: f32,
    searches: Vec<Search>,
}

/// A route to be found: through all edges of `way` for a class, at most `top` (m/s) and `factor` times the limits fast.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Edges to pass.
    pub way: &'a [u32],
    /// Class.
    pub class: VehicleClass,
    /// Factor on the limits.
    pub factor: f32,
    /// Highest speed (m/s).
    pub top: f32,
}

/// What one thread writes while it looks for routes, and those that it has found.
#[derive(Clone, Debug, Default)]
struct Search {
    costs: Vec<f32>,
    from: Vec<u32>,
    stamp: Vec<u32>,
    round: u32,
    heap: BinaryHeap<Open>,
    /// Edges of the found routes, one after the other: for each query its span, empty where there is no way.
    edges: Vec<u32>,
    /// See `edges`.
    spans: Vec<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Open {
    estimate: f32,
    cost: f32,
    edge: u32,
}

impl Eq for Open {}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .estimate
            .total_cmp(&self.estimate)
            .then(other.edge.cmp(&self.edge))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Networks with at most this many edges keep a table of least times (4 bytes per pair).
const TABLE_EDGES: usize = 1500;

/// What a router remembers of the streets of a piece.
pub struct Learner<'a> {
    edges: &'a [u32],
    limits: &'a [f32],
    /// Speeds in the step that falls out of the memory now.
    row: &'a mut [f32],
    sums: &'a mut [f64],
    speeds: &'a mut [f32],
}

impl Learner<'_> {
    /// Takes in the mean speeds of this step on the streets with vehicles, by edge; the others are driven at their limits.
    pub fn learn(&mut self, means: &[(u32, f32)]) {
        let mut means = means.iter().peekable();
        for (street, &edge) in self.edges.iter().enumerate() {
            let mean = means.next_if(|&&(other, _)| other == edge);
            let (old, new) = (
                self.row[street],
                mean.map_or(self.limits[street], |&(_, mean)| mean),
            );
            if new.to_bits() != old.to_bits() {
                self.sums[street] += f64::from(new) - f64::from(old);
                self.speeds[street] = (self.sums[street] / MEMORY_STEPS as f64) as f32;
                self.row[street] = new;
            }
        }
        debug_assert!(
            means.next().is_none(),
            "means are in order, of streets of the piece"
        );
    }
}

impl Router {
    /// Prepares a network.
    pub fn new(network: &Network, roads: &Roads) -> Self {
        let mut edges = Vec::new();
        let mut streets = vec![NONE; network.edges.len()];
        for (edge, street) in streets.iter_mut().enumerate() {
            if !network.edges[edge].inner {
                *street = edges.len() as u32;
                edges.push(edge as u32);
            }
        }
        let count = edges.len();
        let mut arcs: Vec<Vec<Arc>> = vec![Vec::new(); count];
        for link in &network.links {
            let from = network.lanes[link.from as usize].edge;
            if network.edges[from as usize].inner {
                continue;
            }
            let to = streets[network.lanes[link.target as usize].edge as usize];
            let allowed = network.lanes[link.from as usize].allowed.0
                & network.lanes[link.target as usize].allowed.0;
            let mut way_s = 0.0;
            let mut lane = link.to;
            while lane != link.target {
                way_s += network.lanes[lane as usize].length_m
                    / network.lanes[lane as usize].speed_m_s.max(0.1);
                lane = network.links[network.lanes[lane as usize].links.start as usize].to;
            }
            let signals = link.junction != NONE
                && network.junctions[link.junction as usize].control == Control::Signals;
            if !link.yields_to.is_empty() && link.signal == NONE && !signals {
                way_s += MINOR_PENALTY_S;
            }
            let list = &mut arcs[streets[from as usize] as usize];
            match list
                .iter_mut()
                .find(|arc| arc.to == to && arc.allowed == allowed)
            {
                Some(arc) => arc.way_s = arc.way_s.min(way_s),
                None => list.push(Arc { to, way_s, allowed }),
            }
        }
        let mut spans = vec![0];
        let mut flat = Vec::new();
        for list in arcs {
            flat.extend(list);
            spans.push(flat.len() as u32);
        }
        let lanes = |edge: u32| roads.edges[edge as usize].clone();
        let first = |edge: u32| lanes(edge).start as usize;
        let lengths: Vec<f32> = edges
            .iter()
            .map(|&edge| roads.lanes[first(edge)].length)
            .collect();
        let limits: Vec<f32> = edges
            .iter()
            .map(|&edge| {
                lanes(edge)
                    .map(|lane| roads.lanes[lane as usize].speed)
                    .fold(0.1, f32::max)
            })
            .collect();
        let ends = edges
            .iter()
            .map(|&edge| {
                let end = network.lanes[first(edge)]
                    .shape
                    .last()
                    .copied()
                    .unwrap_or_default();
                [end[0] as f32, end[1] as f32]
            })
            .collect();
        let mut router = Self {
            edges,
            streets,
            arcs: flat,
            spans,
            speeds: limits.clone(),
            memory: limits
                .iter()
                .copied()
                .cycle()
                .take(count * MEMORY_STEPS)
                .collect(),
            sums: limits
                .iter()
                .map(|&limit| f64::from(limit) * MEMORY_STEPS as f64)
                .collect(),
            at: 0,
            least: Vec::new(),
            ends,
            top_speed: limits.iter().copied().fold(0.1, f32::max),
            lengths,
            limits,
            searches: vec![Search::new(count)],
        };
        if count <= TABLE_EDGES {
            router.tabulate();
        }
        router
    }

    /// Least times to every aim, by searches backwards over the arcs.
    fn tabulate(&mut self) {
        let count = self.lengths.len();
        let mut backward: Vec<Vec<(u32, f32)>> = vec![Vec::new(); count];
        for edge in 0..count {
            for arc in &self.arcs[self.spans[edge] as usize..self.spans[edge + 1] as usize] {
                backward[arc.to as usize].push((
                    edge as u32,
                    arc.way_s + self.lengths[arc.to as usize] / self.limits[arc.to as usize],
                ));
            }
        }
        self.least = vec![f32::INFINITY; count * count];
        let rows = self.least.par_chunks_mut(count.max(1)).enumerate();
        rows.for_each_init(BinaryHeap::new, |heap, (aim, row)| {
            row[aim] = 0.0;
            heap.push(Open {
                estimate: 0.0,
                cost: 0.0,
                edge: aim as u32,
            });
            while let Some(open) = heap.pop() {
                if open.cost > row[open.edge as usize] {
                    continue;
                }
                for &(before, step) in &backward[open.edge as usize] {
                    let cost = open.cost + step;
                    if cost < row[before as usize] {
                        row[before as usize] = cost;
                        heap.push(Open {
                            estimate: cost,
                            cost,
                            edge: before,
                        });
                    }
                }
            }
        });
    }

    /// For each piece of the roads, the part of the memory that is to take in the speeds of this step.
    pub fn learners<'a>(
        &'a mut self,
        pieces: &'a [Piece],
        roads: &'a Roads,
    ) -> impl Iterator<Item = Learner<'a>> {
        let count = self.speeds.len();
        let row = &mut self.memory[self.at * count..(self.at + 1) * count];
        self.at = (self.at + 1) % MEMORY_STEPS;
        let edges = &self.edges;
        let before = |lane: usize| {
            edges.partition_point(|&edge| (roads.edges[edge as usize].start as usize) < lane)
        };
        let streets = pieces
            .iter()
            .map(|piece| before(piece.lanes.start)..before(piece.lanes.end))
            .collect::<Vec<_>>();
        let lengths: Vec<usize> = streets.iter().map(Range::len).collect();
        let lengths = || lengths.clone().into_iter();
        streets
            .into_iter()
            .zip(parts(row, lengths()))
            .zip(parts(&mut self.sums, lengths()))
            .zip(parts(&mut self.speeds, lengths()))
            .map(|(((streets, row), sums), speeds)| Learner {
                edges: &self.edges[streets.clone()],
                limits: &self.limits[streets],
                row,
                sums,
                speeds,
            })
    }

    /// Time over an edge (s) for one who may drive `top` there times `factor`.
    fn edge_time(&self, edge: usize, factor: f32, top: f32) -> f32 {
        let allowed = (self.limits[edge] * factor).min(top).max(0.1);
        self.lengths[edge] / self.speeds[edge].max(LOWEST_M_S).min(allowed)
    }

    /// Fastest route (edges, both ends included) of a query; `None` when there is no way.
    pub fn route(&mut self, query: Query, closed: &[bool]) -> Option<&[u32]> {
        self.find(&Team::ALONE, &[query], closed);
        self.found(0)
    }

    /// Finds the fastest routes of queries, which [`Self::found`] then tells.
    pub fn find(&mut self, team: &Team, queries: &[Query], closed: &[bool]) {
        let mut searches = mem::take(&mut self.searches);
        let (streets, threads) = (self.lengths.len(), team.size());
        searches.resize_with(threads.max(searches.len()), || Search::new(streets));
        for search in &mut searches {
            search.edges.clear();
            search.spans.clear();
        }
        let share = queries.len().div_ceil(threads).max(1);
        team.each(
            queries.chunks(share).zip(&mut searches),
            |(queries, search)| {
                for &query in queries {
                    self.search(search, query, closed);
                }
            },
        );
        self.searches = searches;
    }

    /// The route that was found last for the query with this number; `None` when there is no way.
    pub fn found(&self, mut number: usize) -> Option<&[u32]> {
        for search in &self.searches {
            if let Some(span) = search.spans.get(number) {
                return Some(&search.edges[span.clone()]).filter(|route| !route.is_empty());
            }
            number -= search.spans.len();
        }
        None
    }

    /// Notes the route of a query in a search.
    fn search(&self, search: &mut Search, query: Query, closed: &[bool]) {
        let start = search.edges.len();
        search.edges.extend(query.way.first());
        for pair in query.way.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|edge| self.streets[edge as usize]);
            if !self.reach(search, from, to, query, closed) {
                search.edges.truncate(start);
                break;
            }
            let before = search.edges.len();
            let mut at = to;
            while at != from {
                search.edges.push(self.edges[at as usize]);
                at = search.from[at as usize];
            }
            search.edges[before..].reverse();
        }
        search.spans.push(start..search.edges.len());
    }

    /// Looks for the fastest way from street to street; true when there is one, which lies backwards in `search.from` then.
    fn reach(
        &self,
        search: &mut Search,
        from: u32,
        to: u32,
        query: Query,
        closed: &[bool],
    ) -> bool {
        let Query {
            class, factor, top, ..
        } = query;
        let bit = if class == VehicleClass::Ignoring {
            u32::MAX
        } else {
            1 << class as u32
        };
        search.round += 1;
        search.heap.clear();
        search.costs[from as usize] = 0.0;
        search.stamp[from as usize] = search.round;
        search.heap.push(Open {
            estimate: self.estimate(from, to, factor),
            cost: 0.0,
            edge: from,
        });
        while let Some(open) = search.heap.pop() {
            if open.edge == to {
                return true;
            }
            if open.cost > search.costs[open.edge as usize] {
                continue;
            }
            for index in self.spans[open.edge as usize]..self.spans[open.edge as usize + 1] {
                let arc = self.arcs[index as usize];
                if arc.allowed & bit == 0
                    || closed
                        .get(self.edges[arc.to as usize] as usize)
                        .is_some_and(|&closed| closed)
                {
                    continue;
                }
                let next = arc.to as usize;
                let cost = open.cost + arc.way_s + self.edge_time(next, factor, top);
                if search.stamp[next] != search.round || cost < search.costs[next] {
                    let ahead = self.estimate(arc.to, to, factor);
                    if ahead.is_infinite() {
                        continue;
                    }
                    search.stamp[next] = search.round;
                    search.costs[next] = cost;
                    search.from[next] = open.edge;
                    search.heap.push(Open {
                        estimate: cost + ahead,
                        cost,
                        edge: arc.to,
                    });
                }
            }
        }
        false
    }

    /// Least time (s) from the end of a street to that of another. The table is on the limits; one who may drive faster is so much quicker.
    fn estimate(&self, street: u32, to: u32, factor: f32) -> f32 {
        if self.least.is_empty() {
            let (a, b) = (self.ends[street as usize], self.ends[to as usize]);
            (a[0] - b[0]).hypot(a[1] - b[1]) / (self.top_speed * factor.max(1.0)) * 0.999
        } else {
            let quick = 1.0 / factor.max(1.0);
            self.least[to as usize * self.lengths.len() + street as usize] * quick * 0.999
        }
    }
}

impl Search {
    fn new(streets: usize) -> Self {
        Self {
            costs: vec![0.0; streets],
            from: vec![NONE; streets],
            stamp: vec![0; streets],
            ..Self::default()
        }
    }
}
