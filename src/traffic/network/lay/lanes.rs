//! Edges and lanes from pieces of street: cut back before junctions, lanes beside each other.

use super::graph::{Graph, Piece};
use crate::traffic::network::line::{
    Point, along, distance_to_line, length, offset, part, turn_angle,
};
use crate::traffic::network::streets::{Rank, StreetLane};
use crate::traffic::network::{Edge, Lane, NONE, Network};

/// Longest way (m) that a street is cut back before a junction.
const LONGEST_CUT_M: f64 = 25.0;

/// Share of a street that each of its ends may lose.
const CUT_SHARE: f64 = 0.42;

/// Radius (m) that a corner adds to where the edges of two carriageways meet.
const CORNER_M: f64 = 2.0;

/// Shortest lane (m).
const SHORTEST_M: f64 = 0.5;

/// Edges of each piece: along its line and against it (`NONE` where nobody drives so).
pub(super) fn edges(graph: &Graph, ids: &[String], network: &mut Network) -> Vec<[u32; 2]> {
    let mut count_of: std::collections::BTreeMap<u32, u32> = std::collections::BTreeMap::new();
    let mut edges = Vec::new();
    for (index, piece) in graph.pieces.iter().enumerate() {
        let count = count_of.entry(piece.streets[0]).or_default();
        let id = format!("{}#{count}", ids[piece.streets[0] as usize]);
        *count += 1;
        let total = length(&piece.line);
        let cuts = [0, 1].map(|end| cut_back(graph, index, end));
        let line = part(&piece.line, cuts[0], (total - cuts[1]).max(cuts[0] + 0.1));
        let mut both = [NONE; 2];
        for (way, lanes) in piece.lanes.iter().enumerate() {
            if lanes.is_empty() {
                continue;
            }
            let mut line = line.clone();
            if way == 1 {
                line.reverse();
            }
            both[way] = network.edges.len() as u32;
            let first = network.lanes.len() as u32;
            lay(piece, lanes, &line, both[way], network);
            network.edges.push(Edge {
                id: if way == 0 {
                    id.clone()
                } else {
                    format!("-{id}")
                },
                name: piece.name.clone(),
                from: piece.junctions[way],
                to: piece.junctions[1 - way],
                lanes: first..network.lanes.len() as u32,
                inner: false,
                priority: rank_number(piece.rank, piece.roundabout),
                roundabout: piece.roundabout,
            });
        }
        edges.push(both);
    }
    edges
}

/// Number that stands for the ring of a roundabout, above every rank.
pub(super) const RING_RANK: i32 = 20;

/// Rank of a street as a number: classes whose crossings have no order by themselves are equal.
pub(super) fn rank_number(rank: Rank, roundabout: bool) -> i32 {
    if roundabout {
        return RING_RANK;
    }
    match rank {
        Rank::Service => 0,
        Rank::Living => 1,
        Rank::Residential | Rank::Unclassified => 2,
        Rank::Tertiary => 4,
        Rank::Secondary => 5,
        Rank::Primary => 6,
        Rank::Trunk => 7,
        Rank::Motorway => 8,
    }
}

/// Lanes of one direction: from the right edge of the carriageway, whose middle is the line.
fn lay(piece: &Piece, lanes: &[StreetLane], line: &[Point], edge: u32, network: &mut Network) {
    let mut right_m = piece.width() / 2.0;
    for lane in lanes {
        let width = f64::from(lane.width_m);
        network.lanes.push(Lane {
            edge,
            length_m: length(line).max(SHORTEST_M) as f32,
            speed_m_s: piece.speed_m_s,
            width_m: lane.width_m,
            allowed: lane.allowed,
            shape: offset(line, width / 2.0 - right_m),
            links: 0..0,
        });
        right_m -= width;
    }
}

/// Way (m) from the end of a piece where its lanes stop, so that they are clear of the other streets of the junction.
fn cut_back(graph: &Graph, index: usize, end: usize) -> f64 {
    let piece = &graph.pieces[index];
    let place = &graph.places[piece.junctions[end] as usize];
    if place.arms.len() < 2 {
        return 0.0;
    }
    let total = length(&piece.line);
    let limit = LONGEST_CUT_M.min(CUT_SHARE * total);
    let outward = piece.leaves(end);
    let mut line = piece.line.clone();
    if end == 1 {
        line.reverse();
    }
    let sides = [1.0, -1.0].map(|side| offset(&line, side * piece.width() / 2.0));
    let mut cut: f64 = if place.arms.len() == 2 { 0.5 } else { 3.0 };
    for &(other, other_end) in &place.arms {
        if (other as usize, other_end) == (index, end) {
            continue;
        }
        let arm = &graph.pieces[other as usize];
        let angle = turn_angle(outward, arm.leaves(other_end)).abs();
        // Opposite arms do not hinder each other; nearly parallel ones are the two carriageways of one street.
        if !(0.35..2.3).contains(&angle) {
            continue;
        }
        let clear = arm.width() / 2.0;
        let mut beside = arm.line.clone();
        if other_end == 1 {
            beside.reverse();
        }
        let beside = part(&beside, 0.0, length(&beside).min(60.0));
        let overlaps = |way: f64| {
            let edge = |line: &Vec<Point>| distance_to_line(along(line, way), &beside) < clear;
            sides.iter().any(edge)
        };
        let mut way = limit;
        while way > cut && !overlaps(way) {
            way -= 0.5;
        }
        cut = cut.max(way + CORNER_M);
    }
    cut.min(limit)
}
