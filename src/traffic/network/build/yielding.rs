//! Right of way on a junction: whose ways meet, by geometry, and who goes first.
//!
//! Rules, after the German road traffic regulations (StVO § 8, § 9, signs 205, 206, 301): a higher rank goes first; among equals who
//! comes from the right, and one who turns left lets the oncoming go. At crossings with signals the rank does not count: there only
//! those meet who have green together. On rings of roundabouts the ring goes first.

use super::Crossing;
use super::lanes::RING_RANK;
use crate::traffic::network::line::{Point, near, turn_angle};
use crate::traffic::network::{Control, Network, Turn};

/// Opposite directions differ by at least this angle (rad).
pub(super) const OPPOSITE_RAD: f64 = 2.36;

/// Rank from which equals have signs: below, right goes before left.
const SIGNED_RANK: i32 = 4;

/// Row of a way in the matrix of a junction.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// Ways that go first.
    pub yields_to: Vec<usize>,
    /// Ways that meet this one.
    pub foes: Vec<usize>,
}

/// Finds the rows of all ways of a junction, and how right of way is settled there.
pub(super) fn settle(
    network: &Network,
    crossings: &mut [Crossing],
    directions: &[(u32, Point)],
    minor: &[u32],
    arms: usize,
    signal: bool,
) -> Control {
    let ranks = ranks(network, directions, minor, signal);
    let rank = |edge: u32| {
        ranks
            .iter()
            .find(|(own, _)| *own == edge)
            .map_or(0, |(_, rank)| *rank)
    };
    let heading = |edge: u32| {
        let found = directions.iter().find(|(own, _)| *own == edge);
        found.map_or([1.0, 0.0], |(_, d)| *d)
    };
    for a in 0..crossings.len() {
        for b in a + 1..crossings.len() {
            let (one, two) = (&crossings[a], &crossings[b]);
            if !meet(one, two) {
                continue;
            }
            let first_yields = yields(
                (one, rank(one.from_edge), heading(one.from_edge)),
                (two, rank(two.from_edge), heading(two.from_edge)),
            );
            let (low, high) = if first_yields { (a, b) } else { (b, a) };
            crossings[low].row.yields_to.push(high);
            crossings[a].row.foes.push(b);
            crossings[b].row.foes.push(a);
        }
    }
    for crossing in crossings.iter_mut() {
        crossing.row.yields_to.sort_unstable();
        crossing.row.foes.sort_unstable();
    }
    if signal {
        Control::Signals
    } else if arms < 2 {
        Control::DeadEnd
    } else if arms == 2 || crossings.iter().all(|c| c.row.foes.is_empty()) {
        Control::Free
    } else if ranks.iter().all(|(_, rank)| *rank == ranks[0].1) {
        Control::RightBeforeLeft
    } else {
        Control::Priority
    }
}

/// Rank of each approach. Where higher streets of one rank meet, the two that lie most in line have right of way (there are signs).
fn ranks(
    network: &Network,
    directions: &[(u32, Point)],
    minor: &[u32],
    signal: bool,
) -> Vec<(u32, i32)> {
    if signal {
        return directions.iter().map(|(edge, _)| (*edge, 0)).collect();
    }
    let own = |edge: u32| {
        let sign = if minor.contains(&edge) { -100 } else { 0 };
        network.edges[edge as usize].priority * 2 + sign
    };
    let mut ranks: Vec<(u32, i32)> = directions
        .iter()
        .map(|(edge, _)| (*edge, own(*edge)))
        .collect();
    let top = ranks.iter().map(|(_, rank)| *rank).max().unwrap_or(0);
    let highest: Vec<usize> = (0..ranks.len()).filter(|&i| ranks[i].1 == top).collect();
    if highest.len() > 2 && (SIGNED_RANK * 2..RING_RANK * 2).contains(&top) {
        let mut best = (0.0, 0, 0);
        for (n, &i) in highest.iter().enumerate() {
            for &j in &highest[n + 1..] {
                let angle = turn_angle(directions[i].1, directions[j].1).abs();
                if angle > best.0 + 1e-9 {
                    best = (angle, i, j);
                }
            }
        }
        if best.0 > OPPOSITE_RAD {
            ranks[best.1].1 += 1;
            ranks[best.2].1 += 1;
        }
    }
    ranks
}

/// True when two ways share a place of the junction, other than where they part.
fn meet(a: &Crossing, b: &Crossing) -> bool {
    if a.way.from == b.way.from {
        return false;
    }
    if a.way.to == b.way.to {
        return true;
    }
    if a.from_edge == b.from_edge {
        // Side by side: only ways that change sides cross.
        let (left, right) = if a.way.from > b.way.from {
            (a, b)
        } else {
            (b, a)
        };
        let in_order = if left.to_edge == right.to_edge {
            left.way.to > right.way.to
        } else {
            left.way.angle >= right.way.angle
        };
        return !in_order;
    }
    near(&a.shape, &b.shape, super::COMMON_PLACE_M).is_some()
}

/// True when the first way yields to the second, which it meets.
fn yields(a: (&Crossing, i32, Point), b: (&Crossing, i32, Point)) -> bool {
    let ((one, rank_one, from_one), (two, rank_two, from_two)) = (a, b);
    let round = |c: &Crossing| c.way.turn == Turn::Around;
    let turns = |c: &Crossing| i32::from(c.way.turn != Turn::Straight);
    if round(one) != round(two) {
        return round(one);
    }
    if one.from_edge == two.from_edge {
        return match turns(one).cmp(&turns(two)) {
            std::cmp::Ordering::Equal => one.way.from > two.way.from,
            order => order.is_gt(),
        };
    }
    if rank_one != rank_two {
        return rank_one < rank_two;
    }
    let angle = turn_angle(from_one, from_two);
    if angle.abs() > OPPOSITE_RAD {
        let left = |c: &Crossing| matches!(c.way.turn, Turn::Left | Turn::HalfLeft);
        if left(one) != left(two) {
            return left(one);
        }
        return one.way.from > two.way.from;
    }
    // Who comes from the right drives to the left, seen from here.
    angle > 0.0
}
