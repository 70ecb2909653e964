//! From streets to a graph: pieces of street between junctions, and junctions as groups of near nodes.

use std::collections::BTreeMap;

use crate::traffic::network::line::{Point, along, direction, distance, length};
use crate::traffic::network::streets::{Heading, Rank, StreetLane, Streets};

/// Junctions nearer than this along a street (m) are one.
const JOINS_M: f64 = 12.0;

/// The same where both have signals: the carriageways of a divided street with their median (RASt 06 shows crossings up to so wide).
const SIGNALS_JOIN_M: f64 = 28.0;

/// Largest extent of a joined junction (m).
const WIDEST_M: f64 = 50.0;

/// Signals and signs so far before a junction (m) belong to it: stop lines lie behind crossings of people on foot.
const BEFORE_M: f64 = 30.0;

/// A stretch of street between two junctions.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Ids of the streets at its begin and end.
    pub streets: [u32; 2],
    /// Node at its begin and at its end.
    pub nodes: [u32; 2],
    /// Junction at its begin and at its end.
    pub junctions: [u32; 2],
    /// Centre line (m).
    pub line: Vec<Point>,
    /// Name.
    pub name: String,
    /// Rank.
    pub rank: Rank,
    /// Lanes along and against the line.
    pub lanes: [Vec<StreetLane>; 2],
    /// Speed limit (m/s).
    pub speed_m_s: f32,
    /// Part of a roundabout.
    pub roundabout: bool,
    /// Signals and signs on it: way from its begin (m), node, direction.
    marks: Vec<Mark>,
    /// Way at its end of those who drive along it, and at its begin of those who drive against it: a stop sign, a give-way sign.
    pub stop: [bool; 2],
    /// See `stop`.
    pub give_way: [bool; 2],
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    node: u32,
    at_m: f64,
    facing: Option<Heading>,
}

/// A junction: nodes that are one place for traffic.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// Its nodes.
    pub nodes: Vec<u32>,
    /// Middle of its nodes (m).
    pub position: Point,
    /// Has signals.
    pub signal: bool,
    /// Pieces that end here: number and which end (0 begin, 1 end).
    pub arms: Vec<(u32, usize)>,
    /// Ways through the junction between its nodes that may be driven: from, to.
    pub inside: Vec<(u32, u32)>,
}

/// Pieces and junctions.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    /// Pieces between junctions.
    pub pieces: Vec<Piece>,
    /// Junctions.
    pub places: Vec<Place>,
    /// Signals far from any junction (crossings of people on foot).
    pub lone_signals: usize,
    /// Junctions made of several nodes.
    pub joined: usize,
}

impl Piece {
    fn reversed(mut self) -> Self {
        let total = length(&self.line);
        self.streets.reverse();
        self.nodes.reverse();
        self.line.reverse();
        self.lanes.reverse();
        for mark in &mut self.marks {
            mark.at_m = total - mark.at_m;
            mark.facing = mark.facing.map(|facing| match facing {
                Heading::Forward => Heading::Backward,
                Heading::Backward => Heading::Forward,
            });
        }
        self
    }

    /// The next stretch of the same street put behind this one.
    fn followed_by(mut self, next: Self) -> Self {
        let own = length(&self.line);
        self.streets[1] = next.streets[1];
        self.nodes[1] = next.nodes[1];
        self.line.extend_from_slice(&next.line[1..]);
        // Painted turns are those before the junction that is driven to.
        self.lanes[0].clone_from(&next.lanes[0]);
        for mark in next.marks {
            if self.marks.iter().all(|known| known.node != mark.node) {
                self.marks.push(Mark {
                    at_m: own + mark.at_m,
                    ..mark
                });
            }
        }
        self
    }

    /// True when the other continues it: the same street as far as traffic is concerned.
    fn continues(&self, other: &Self) -> bool {
        let same = |a: &[StreetLane], b: &[StreetLane]| {
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .all(|(a, b)| a.allowed == b.allowed && a.width_m == b.width_m)
        };
        self.name == other.name
            && self.rank == other.rank
            && self.speed_m_s == other.speed_m_s
            && self.roundabout == other.roundabout
            && same(&self.lanes[0], &other.lanes[0])
            && same(&self.lanes[1], &other.lanes[1])
    }

    /// Direction (of length 1) in which a street leaves its junction at an end, over the first 15 m.
    pub fn leaves(&self, end: usize) -> Point {
        let total = length(&self.line);
        if end == 0 {
            direction(self.line[0], along(&self.line, 15f64.min(total)))
        } else {
            direction(
                along(&self.line, total),
                along(&self.line, (total - 15.0).max(0.0)),
            )
        }
    }

    /// Width of all lanes (m).
    pub fn width(&self) -> f64 {
        let all = self.lanes.iter().flatten();
        all.map(|lane| f64::from(lane.width_m)).sum()
    }
}

impl Graph {
    /// Cuts streets into pieces and finds junctions.
    pub fn new(streets: &Streets) -> Self {
        let mut degree = vec![0u32; streets.nodes.len()];
        for street in &streets.streets {
            for (i, &node) in street.nodes.iter().enumerate() {
                let inside = i > 0 && i + 1 < street.nodes.len();
                degree[node as usize] += if inside { 2 } else { 1 };
            }
        }
        let raw = cut(streets, &degree);
        let pieces = chain(raw, streets.nodes.len());
        let mut graph = Self {
            pieces,
            ..Self::default()
        };
        graph.group(streets, &degree);
        graph
    }

    fn group(&mut self, streets: &Streets, degree: &[u32]) {
        let mut signal: BTreeMap<u32, bool> = BTreeMap::new();
        let mut used = vec![false; streets.nodes.len()];
        for piece in &self.pieces {
            for node in piece.nodes {
                let own = streets.nodes[node as usize].signal && degree[node as usize] > 2;
                signal.entry(node).or_insert(own);
            }
        }
        for (piece, end, mark) in self.before_junctions(degree) {
            let node = &streets.nodes[mark as usize];
            let piece = &mut self.pieces[piece];
            if node.signal {
                signal.insert(piece.nodes[end], true);
                used[mark as usize] = true;
            }
            piece.stop[1 - end] |= node.stop;
            piece.give_way[1 - end] |= node.give_way;
        }
        self.lone_signals = (0..streets.nodes.len())
            .filter(|&node| {
                streets.nodes[node].signal
                    && degree[node] > 0
                    && !used[node]
                    && !signal.get(&(node as u32)).copied().unwrap_or(false)
            })
            .count();
        let group_of = self.join(streets, degree, &signal);
        let mut number: BTreeMap<u32, u32> = BTreeMap::new();
        for (&node, &has_signal) in &signal {
            let root = group_of[node as usize];
            let index = *number.entry(root).or_insert_with(|| {
                self.places.push(Place::default());
                self.places.len() as u32 - 1
            });
            let place = &mut self.places[index as usize];
            place.nodes.push(node);
            place.signal |= has_signal;
        }
        for place in &mut self.places {
            let count = place.nodes.len() as f64;
            for &node in &place.nodes {
                let at = streets.nodes[node as usize].position;
                place.position[0] += at[0] / count;
                place.position[1] += at[1] / count;
            }
        }
        self.joined = self
            .places
            .iter()
            .filter(|place| place.nodes.len() > 1)
            .count();
        let mut kept = Vec::new();
        for mut piece in std::mem::take(&mut self.pieces) {
            piece.junctions = piece.nodes.map(|node| number[&group_of[node as usize]]);
            let [from, to] = piece.junctions;
            if from == to
                && piece.nodes[0] != piece.nodes[1]
                && length(&piece.line) <= SIGNALS_JOIN_M
            {
                let place = &mut self.places[from as usize];
                if !piece.lanes[0].is_empty() {
                    place.inside.push((piece.nodes[0], piece.nodes[1]));
                }
                if !piece.lanes[1].is_empty() {
                    place.inside.push((piece.nodes[1], piece.nodes[0]));
                }
                continue;
            }
            for (end, &junction) in piece.junctions.iter().enumerate() {
                self.places[junction as usize]
                    .arms
                    .push((kept.len() as u32, end));
            }
            kept.push(piece);
        }
        self.pieces = kept;
        for place in &mut self.places {
            let pieces = &self.pieces;
            place.arms.sort_by(|a, b| {
                let angle = |arm: &(u32, usize)| {
                    let d = pieces[arm.0 as usize].leaves(arm.1);
                    d[1].atan2(d[0])
                };
                angle(a).total_cmp(&angle(b)).then(a.cmp(b))
            });
        }
    }

    /// Signals and signs with the piece, and its end, where the junction lies that they stand before, also beyond changes of the street.
    fn before_junctions(&self, degree: &[u32]) -> Vec<(usize, usize, u32)> {
        let mut ends: BTreeMap<u32, Vec<(usize, usize)>> = BTreeMap::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            for (end, &node) in piece.nodes.iter().enumerate() {
                ends.entry(node).or_default().push((index, end));
            }
        }
        let mut found = Vec::new();
        for (index, piece) in self.pieces.iter().enumerate() {
            let total = length(&piece.line);
            for mark in &piece.marks {
                for end in 0..2 {
                    let before = if end == 1 {
                        total - mark.at_m
                    } else {
                        mark.at_m
                    };
                    let towards = [Heading::Backward, Heading::Forward][end];
                    let meant = match mark.facing {
                        Some(facing) => facing == towards,
                        None => before <= total - before,
                    };
                    if !meant || piece.lanes[1 - end].is_empty() {
                        continue;
                    }
                    let (mut at, mut side, mut way) = (index, end, before);
                    while way <= BEFORE_M {
                        let node = self.pieces[at].nodes[side];
                        if degree[node as usize] > 2 {
                            found.push((at, side, mark.node));
                            break;
                        }
                        let other = ends[&node].iter().find(|&&other| other != (at, side));
                        let Some(&(next, near)) = other else { break };
                        way += length(&self.pieces[next].line);
                        (at, side) = (next, 1 - near);
                    }
                }
            }
        }
        found
    }

    /// Group of each node: the smallest node of it.
    fn join(&self, streets: &Streets, degree: &[u32], signal: &BTreeMap<u32, bool>) -> Vec<u32> {
        let mut group: Vec<u32> = (0..streets.nodes.len() as u32).collect();
        let mut short: Vec<(f64, u32, u32)> = Vec::new();
        for piece in &self.pieces {
            let [a, b] = piece.nodes;
            let way = length(&piece.line);
            let real = degree[a as usize] > 2 && degree[b as usize] > 2;
            let limit = if signal[&a] && signal[&b] {
                SIGNALS_JOIN_M
            } else {
                JOINS_M
            };
            if real && !piece.roundabout && a != b && way <= limit {
                short.push((way, a, b));
            }
        }
        short.sort_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
        for (_, a, b) in short {
            let (a, b) = (group[a as usize], group[b as usize]);
            if a == b {
                continue;
            }
            let members: Vec<Point> = (0..group.len())
                .filter(|&node| group[node] == a || group[node] == b)
                .map(|node| streets.nodes[node].position)
                .collect();
            let widest = members
                .iter()
                .flat_map(|p| members.iter().map(move |q| distance(*p, *q)))
                .fold(0.0, f64::max);
            if widest > WIDEST_M {
                continue;
            }
            let (low, high) = (a.min(b), a.max(b));
            for entry in &mut group {
                if *entry == high {
                    *entry = low;
                }
            }
        }
        group
    }
}

impl Place {
    /// True when one may drive inside the junction from one of its nodes to another.
    pub fn leads(&self, from: u32, to: u32) -> bool {
        let mut reached = vec![from];
        let mut next = 0;
        while next < reached.len() {
            let at = reached[next];
            if at == to {
                return true;
            }
            next += 1;
            for &(a, b) in &self.inside {
                if a == at && !reached.contains(&b) {
                    reached.push(b);
                }
            }
        }
        false
    }
}

/// Streets cut where others meet them. Places on top of each other are one.
fn cut(streets: &Streets, degree: &[u32]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (index, street) in streets.streets.iter().enumerate() {
        let mut first = 0;
        for last in 1..street.nodes.len() {
            if last + 1 < street.nodes.len() && degree[street.nodes[last] as usize] == 2 {
                continue;
            }
            let nodes = &street.nodes[first..=last];
            let mut line: Vec<Point> = Vec::new();
            let mut marks = Vec::new();
            for &node in nodes {
                let record = &streets.nodes[node as usize];
                if line
                    .last()
                    .is_none_or(|end| distance(*end, record.position) > 0.01)
                {
                    line.push(record.position);
                }
                if (record.signal || record.stop || record.give_way) && degree[node as usize] <= 2 {
                    marks.push(Mark {
                        node,
                        at_m: length(&line),
                        facing: record.facing,
                    });
                }
            }
            first = last;
            if line.len() < 2 {
                continue;
            }
            pieces.push(Piece {
                streets: [index as u32; 2],
                nodes: [nodes[0], nodes[nodes.len() - 1]],
                junctions: [0; 2],
                line,
                name: street.name.clone(),
                rank: street.rank,
                lanes: [street.forward.clone(), street.backward.clone()],
                speed_m_s: street.speed_m_s,
                roundabout: street.roundabout,
                marks,
                stop: [false; 2],
                give_way: [false; 2],
            });
        }
    }
    pieces
}

/// Joins pieces that continue each other at nodes where nothing else meets.
fn chain(pieces: Vec<Piece>, nodes: usize) -> Vec<Piece> {
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for (index, piece) in pieces.iter().enumerate() {
        for node in piece.nodes {
            ends[node as usize].push(index);
        }
    }
    let mut pieces: Vec<Option<Piece>> = pieces.into_iter().map(Some).collect();
    for node in 0..nodes {
        let [a, b] = ends[node][..] else { continue };
        if a == b {
            continue;
        }
        let (Some(first), Some(second)) = (pieces[a].clone(), pieces[b].clone()) else {
            continue;
        };
        let first = if first.nodes[1] as usize == node {
            first
        } else {
            first.reversed()
        };
        let second = if second.nodes[0] as usize == node {
            second
        } else {
            second.reversed()
        };
        if !first.continues(&second) || first.nodes[0] == second.nodes[1] {
            continue;
        }
        let far = second.nodes[1] as usize;
        for end in &mut ends[far] {
            if *end == b {
                *end = a;
            }
        }
        pieces[a] = Some(first.followed_by(second));
        pieces[b] = None;
    }
    pieces.into_iter().flatten().collect()
}
