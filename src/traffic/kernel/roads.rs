//! The network as the kernel reads it in every step: lanes and links in small records, conflicts inside junctions measured once.

use std::ops::Range;

use rayon::prelude::*;

use crate::traffic::network::{ClassSet, NONE, Network, VehicleClass};

/// Lanes, links and conflicts of a network.
#[derive(Clone, Debug, Default)]
pub struct Roads {
    /// Lanes by index of the network.
    pub lanes: Vec<RoadLane>,
    /// Links by index of the network.
    pub links: Vec<RoadLink>,
    /// Lanes of each edge.
    pub edges: Vec<Range<u32>>,
    /// Pieces that `RoadLane::conflicts` points into.
    pub conflicts: Vec<Conflict>,
    /// Links that `RoadLink::yields` points into.
    pub yields: Vec<u32>,
    /// Inner lanes that lead onto a lane; `RoadLane::feeders` points into it.
    pub feeders: Vec<u32>,
    /// Links that lead onto a lane; `RoadLane::arrivals` points into it.
    pub arrivals: Vec<u32>,
    /// Inner lanes that begin where another does; `RoadLane::siblings` points into it.
    pub siblings: Vec<Sibling>,
}

/// A lane.
#[derive(Clone, Debug)]
pub struct RoadLane {
    /// Length (m).
    pub length: f32,
    /// Speed limit (m/s).
    pub speed: f32,
    /// Edge.
    pub edge: u32,
    /// Place among the lanes of the edge, from the right.
    pub place: u32,
    /// Links that leave it.
    pub links: Range<u32>,
    /// First of the links that leave the lanes of its edge.
    pub first_link: u32,
    /// Conflicts of an inner lane.
    pub conflicts: Range<u32>,
    /// Inner lanes that lead here.
    pub feeders: Range<u32>,
    /// Links that lead here.
    pub arrivals: Range<u32>,
    /// Inner lanes that begin at the same place.
    pub siblings: Range<u32>,
    /// Who may drive here.
    pub allowed: ClassSet,
    /// True inside a junction.
    pub inner: bool,
    /// Junction of an inner lane; of another the one that it leads to.
    pub junction: u32,
    /// Link by which an inner lane is entered; `NONE` for others.
    pub entry: u32,
}

/// A link.
#[derive(Clone, Debug)]
pub struct RoadLink {
    /// Lane that is left.
    pub from: u32,
    /// Lane that is entered.
    pub to: u32,
    /// Lane of the next street.
    pub target: u32,
    /// Edge of `target`.
    pub edge: u32,
    /// Links that go first.
    pub yields: Range<u32>,
    /// True when all of those yield to this link as well (zippers): who comes first goes first.
    pub mutual: bool,
    /// Way on inner lanes from here to the target (m).
    pub way: f32,
    /// True when a vehicle has to look for others here (right of way, or ways that cross behind it).
    pub watched: bool,
    /// True when the junction must not be entered without room behind it.
    pub keep_clear: bool,
    /// True when waiting for others happens behind this link.
    pub waits_inside: bool,
    /// True when everybody halts first.
    pub stop_sign: bool,
    /// True when a signal shows here.
    pub signal: bool,
    /// Lanes of the ring of a roundabout that is left here; 0 for other streets.
    pub ring_lanes: u32,
    /// From here on (m before the line) those that go first are seen.
    pub visible: f32,
    /// True when people walk behind it whom vehicles let go first.
    pub walked: bool,
}

/// Where the way of an inner lane meets that of another.
#[derive(Clone, Copy, Debug)]
pub struct Conflict {
    /// The other inner lane.
    pub foe: u32,
    /// Where on the own lane the common place begins (m), and where it ends.
    pub begin: f32,
    /// See `begin`.
    pub end: f32,
    /// The same on the other's lane.
    pub foe_begin: f32,
    /// See `foe_begin`.
    pub foe_end: f32,
    /// Both lead onto the same lane.
    pub merge: bool,
    /// The own link yields to the other's.
    pub yields: bool,
    /// The other's link yields to the own.
    pub foe_yields: bool,
}

/// An inner lane that leaves the same lane as another.
#[derive(Clone, Copy, Debug)]
pub struct Sibling {
    /// It.
    pub lane: u32,
    /// Up to here (m along it) whoever is on it is in the way of those on the other.
    pub apart: f32,
}

/// From here on (m before the line) one who yields sees the others: SUMO's default for the visibility of foes.
const VISIBLE_M: f32 = 4.5;

/// The same at the entry of a roundabout, whose ring lies open (SUMO's networks have it so).
const RING_VISIBLE_M: f32 = 9.0;

/// Lanes for cars of the edge that a lane of a ring belongs to; at least 1, as somebody drives there.
fn ring_lanes(network: &Network, lane: u32) -> u32 {
    let lanes = network.edge_of(lane).lanes.clone();
    let cars = lanes.filter(|&lane| network.may_drive(lane, VehicleClass::Passenger));
    (cars.count() as u32).max(1)
}

/// Two centre lines of one origin are apart from this distance on (m): about a car and a half, or a bus.
const APART_M: f64 = 2.5;

/// Two centre lines nearer than this (m) are one place: half a lane and half a car (1.6 + 0.9 less the curb side's 0.5 play).
const COMMON_PLACE_M: f64 = 2.0;

/// Step of measuring along centre lines (m).
const MEASURE_M: f64 = 0.25;

impl Roads {
    /// Measures a network.
    pub fn new(network: &Network) -> Self {
        let mut roads = Self {
            edges: network
                .edges
                .iter()
                .map(|edge| edge.lanes.clone())
                .collect(),
            ..Self::default()
        };
        for (index, link) in (0u32..).zip(&network.links) {
            let start = roads.yields.len() as u32;
            roads.yields.extend_from_slice(&link.yields_to);
            let mut way = 0.0;
            let mut lane = link.to;
            while lane != link.target {
                way += network.lanes[lane as usize].length_m;
                lane = network.links[network.lanes[lane as usize].links.start as usize].to;
            }
            roads.links.push(RoadLink {
                from: link.from,
                to: link.to,
                target: link.target,
                edge: network.lanes[link.target as usize].edge,
                yields: start..roads.yields.len() as u32,
                mutual: link
                    .yields_to
                    .iter()
                    .all(|&foe| network.links[foe as usize].yields_to.contains(&index)),
                way,
                watched: !link.foes.is_empty() || !link.yields_to.is_empty() || link.stop_sign,
                keep_clear: link.keep_clear && !link.foes.is_empty(),
                waits_inside: link.waits_inside
                    && network.edge_of(link.to).inner
                    && !network.edge_of(link.from).inner,
                stop_sign: link.stop_sign,
                signal: link.signal != NONE,
                visible: if link
                    .yields_to
                    .iter()
                    .all(|&foe| network.edge_of(network.links[foe as usize].from).roundabout)
                {
                    RING_VISIBLE_M
                } else {
                    VISIBLE_M
                },
                ring_lanes: if network.edge_of(link.from).roundabout {
                    ring_lanes(network, link.from)
                } else {
                    0
                },
                walked: false,
            });
        }
        for crossing in network.signals.iter().flat_map(|signal| &signal.crossings) {
            for &link in &crossing.leaving {
                roads.links[link as usize].walked = true;
            }
        }
        let mut entry = vec![NONE; network.lanes.len()];
        let mut feeding = vec![Vec::new(); network.lanes.len()];
        let mut arriving = vec![Vec::new(); network.lanes.len()];
        for (index, link) in network.links.iter().enumerate() {
            arriving[link.to as usize].push(index as u32);
            if network.edge_of(link.to).inner {
                entry[link.to as usize] = index as u32;
                feeding[link.target as usize].push(link.to);
            }
        }
        for (index, lane) in network.lanes.iter().enumerate() {
            let first_feeder = roads.feeders.len() as u32;
            roads.feeders.extend_from_slice(&feeding[index]);
            let first_arrival = roads.arrivals.len() as u32;
            roads.arrivals.extend_from_slice(&arriving[index]);
            roads.lanes.push(RoadLane {
                length: lane.length_m.max(0.1),
                speed: lane.speed_m_s,
                edge: lane.edge,
                place: index as u32 - network.edges[lane.edge as usize].lanes.start,
                links: lane.links.clone(),
                first_link: first_link(network, lane.edge),
                conflicts: 0..0,
                feeders: first_feeder..roads.feeders.len() as u32,
                arrivals: first_arrival..roads.arrivals.len() as u32,
                siblings: 0..0,
                allowed: lane.allowed,
                inner: network.edges[lane.edge as usize].inner,
                junction: network.edges[lane.edge as usize].to,
                entry: entry[index],
            });
        }
        roads.measure_conflicts(network);
        roads.measure_siblings(network);
        roads
    }

    /// Finds how far ways from one lane run together.
    fn measure_siblings(&mut self, network: &Network) {
        for lane in &network.lanes {
            let ways = lane
                .links
                .clone()
                .map(|link| network.links[link as usize].to);
            let inner: Vec<u32> = ways.filter(|&way| self.lanes[way as usize].inner).collect();
            for &own in &inner {
                let start = self.siblings.len() as u32;
                for &other in inner.iter().filter(|&&other| other != own) {
                    let (a, b) = (&network.lanes[own as usize], &network.lanes[other as usize]);
                    self.siblings.push(Sibling {
                        lane: other,
                        apart: run_together(&b.shape, b.length_m, &a.shape),
                    });
                }
                self.lanes[own as usize].siblings = start..self.siblings.len() as u32;
            }
        }
    }

    /// Finds where the ways of foes meet.
    fn measure_conflicts(&mut self, network: &Network) {
        let links = network.junctions.iter().flat_map(|to| &to.links);
        let pairs = links.flat_map(|&own| {
            let foes = network.links[own as usize].foes.iter();
            foes.map(move |&foe| (own, foe))
        });
        let pairs: Vec<(u32, u32)> = pairs.filter(|(own, foe)| own < foe).collect();
        let meetings = pairs.par_iter().filter_map(|&(own, foe)| {
            let (a, b) = (last_inner(network, own)?, last_inner(network, foe)?);
            Some((a, self.meet(network, (own, a), (foe, b))?))
        });
        let meetings: Vec<(u32, Conflict)> = meetings.collect();
        let mut found: Vec<Vec<Conflict>> = vec![Vec::new(); self.lanes.len()];
        for (lane, conflict) in meetings {
            found[lane as usize].push(conflict);
            found[conflict.foe as usize].push(Conflict {
                foe: lane,
                begin: conflict.foe_begin,
                end: conflict.foe_end,
                foe_begin: conflict.begin,
                foe_end: conflict.end,
                merge: conflict.merge,
                yields: conflict.foe_yields,
                foe_yields: conflict.yields,
            });
        }
        for (lane, conflicts) in found.into_iter().enumerate() {
            let start = self.conflicts.len() as u32;
            self.conflicts.extend(conflicts);
            self.lanes[lane].conflicts = start..self.conflicts.len() as u32;
        }
    }

    fn meet(&self, network: &Network, own: (u32, u32), foe: (u32, u32)) -> Option<Conflict> {
        let (own_link, foe_link) = (
            &network.links[own.0 as usize],
            &network.links[foe.0 as usize],
        );
        let merge = own_link.target == foe_link.target;
        let (a, b) = (
            &network.lanes[own.1 as usize],
            &network.lanes[foe.1 as usize],
        );
        let near = |of: &crate::traffic::network::Lane,
                    to: &crate::traffic::network::Lane|
         -> Option<(f32, f32)> {
            let length = shape_length(&of.shape);
            let scale = f64::from(of.length_m) / length.max(1e-6);
            let count = (length / MEASURE_M).ceil().max(1.0) as usize;
            let step = length / count as f64;
            let mut range: Option<(f64, f64)> = None;
            let mut i = 0;
            while i <= count {
                let at = length * i as f64 / count as f64;
                let distance = distance_to_line(along(&of.shape, at), &to.shape);
                if distance < COMMON_PLACE_M {
                    range = Some(range.map_or((at, at), |(first, _)| (first, at)));
                }
                // Nobody comes nearer by more than the way driven: what lies between is too far as well.
                let far = ((distance - COMMON_PLACE_M) / step) as usize;
                i = i.saturating_add(far.max(1));
            }
            range.map(|(first, last)| ((first * scale) as f32, (last * scale) as f32))
        };
        let (begin, end) = near(a, b)?;
        let (foe_begin, foe_end) = near(b, a)?;
        Some(Conflict {
            foe: foe.1,
            begin,
            end: if merge { a.length_m } else { end },
            foe_begin,
            foe_end: if merge { b.length_m } else { foe_end },
            merge,
            yields: own_link.yields_to.contains(&foe.0),
            foe_yields: foe_link.yields_to.contains(&own.0),
        })
    }

    /// Lanes beside a lane on its edge, itself among them.
    pub fn beside(&self, lane: u32) -> Range<u32> {
        self.edges[self.lanes[lane as usize].edge as usize].clone()
    }
}

/// First of the links that leave the lanes of an edge.
fn first_link(network: &Network, edge: u32) -> u32 {
    let lanes = network.edges[edge as usize].lanes.clone();
    let links = lanes.map(|lane| &network.lanes[lane as usize].links);
    let first = links.filter(|links| !links.is_empty());
    first.map(|links| links.start).min().unwrap_or(0)
}

/// The inner lane on which a link's way crosses those of its foes: the last before the street.
fn last_inner(network: &Network, link: u32) -> Option<u32> {
    let link = &network.links[link as usize];
    let mut last = None;
    let mut lane = link.to;
    while lane != link.target {
        last = Some(lane);
        lane = network.links[network.lanes[lane as usize].links.start as usize].to;
    }
    last
}

/// Way (m of `length_m`) along `shape` until it is apart from `other`, which begins at the same place.
fn run_together(shape: &[[f64; 2]], length_m: f32, other: &[[f64; 2]]) -> f32 {
    let length = shape_length(shape);
    let count = (length / MEASURE_M).ceil().max(1.0) as usize;
    let step = length / count as f64;
    let mut i = 0;
    while i <= count {
        let share = i as f64 / count as f64;
        let distance = distance_to_line(along(shape, length * share), other);
        if distance >= APART_M {
            return share as f32 * length_m;
        }
        // Nobody gets apart by more than the way driven.
        let near = ((APART_M - distance) / step) as usize;
        i = i.saturating_add(near.max(1));
    }
    length_m
}

fn shape_length(shape: &[[f64; 2]]) -> f64 {
    shape
        .windows(2)
        .map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]))
        .sum()
}

/// Point at a way along a line.
pub fn along(shape: &[[f64; 2]], way: f64) -> [f64; 2] {
    let mut left = way;
    for pair in shape.windows(2) {
        let length = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        if left <= length && length > 0.0 {
            let share = left / length;
            return [
                pair[0][0] + share * (pair[1][0] - pair[0][0]),
                pair[0][1] + share * (pair[1][1] - pair[0][1]),
            ];
        }
        left -= length;
    }
    shape.last().copied().unwrap_or_default()
}

fn distance_to_line(point: [f64; 2], line: &[[f64; 2]]) -> f64 {
    line.windows(2)
        .map(|pair| {
            let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
            let square = dx * dx + dy * dy;
            let share = if square > 0.0 {
                (((point[0] - pair[0][0]) * dx + (point[1] - pair[0][1]) * dy) / square)
                    .clamp(0.0, 1.0)
            } else {
                0.0
            };
            let (x, y) = (point[0] - pair[0][0], point[1] - pair[0][1]);
            (x - share * dx).powi(2) + (y - share * dy).powi(2)
        })
        .fold(f64::INFINITY, f64::min)
        .sqrt()
}
