//! Which lane leads where: painted turns, else the usual order (right turns from the right lane, left turns from the left one).

use super::graph::{Graph, Place};
use crate::traffic::network::line::{direction, turn_angle};
use crate::traffic::network::streets::{Restriction, StreetLane, TurnSet};
use crate::traffic::network::{NONE, Network, Turn};

/// Up to this angle (rad) one goes straight on.
const STRAIGHT_RAD: f64 = 0.6;

/// From this angle (rad) one turns round.
const AROUND_RAD: f64 = 2.62;

/// A way over a junction from an edge to another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    /// Edge that is entered.
    pub to: u32,
    /// Angle (rad), left positive.
    pub angle: f64,
}

/// From lane to lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// Lane that is left.
    pub from: u32,
    /// Lane that is entered.
    pub to: u32,
    /// Angle (rad), left positive.
    pub angle: f64,
    /// Turn.
    pub turn: Turn,
}

/// An edge at its junction: piece, end of the piece, and the edge itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arm {
    /// Piece.
    pub piece: u32,
    /// End of the piece at the junction.
    pub end: usize,
    /// Edge that leads to the junction (`NONE` without one).
    pub incoming: u32,
    /// Edge that leads away.
    pub outgoing: u32,
}

/// Arms of a junction in order around it.
pub(super) fn arms(place: &Place, edges: &[[u32; 2]]) -> Vec<Arm> {
    let of = |&(piece, end): &(u32, usize)| Arm {
        piece,
        end,
        incoming: edges[piece as usize][1 - end],
        outgoing: edges[piece as usize][end],
    };
    place.arms.iter().map(of).collect()
}

/// What a turn of this angle is called.
pub(super) fn turn(angle: f64) -> Turn {
    match angle {
        a if a.abs() <= 0.35 => Turn::Straight,
        a if a.abs() >= AROUND_RAD => Turn::Around,
        a if a > STRAIGHT_RAD => Turn::Left,
        a if a < -STRAIGHT_RAD => Turn::Right,
        a if a > 0.0 => Turn::HalfLeft,
        _ => Turn::HalfRight,
    }
}

/// Painted turn that an angle belongs to.
fn painted(angle: f64) -> TurnSet {
    if angle > STRAIGHT_RAD {
        TurnSet::LEFT
    } else if angle < -STRAIGHT_RAD {
        TurnSet::RIGHT
    } else {
        TurnSet::THROUGH
    }
}

/// Edges that can be entered from an arm, right first. Nobody turns round where another way leads on.
pub(super) fn movements(
    graph: &Graph,
    restrictions: &[Restriction],
    place: &Place,
    arms: &[Arm],
    from: &Arm,
) -> Vec<Movement> {
    let piece = &graph.pieces[from.piece as usize];
    let (street, node) = (piece.streets[from.end], piece.nodes[from.end]);
    let back = piece.leaves(from.end);
    let heading = [-back[0], -back[1]];
    let mut found: Vec<(Movement, u32)> = Vec::new();
    let mut round = None;
    for arm in arms.iter().filter(|arm| arm.outgoing != NONE) {
        let other = &graph.pieces[arm.piece as usize];
        let angle = turn_angle(heading, other.leaves(arm.end));
        let movement = Movement {
            to: arm.outgoing,
            angle,
        };
        if (arm.piece, arm.end) == (from.piece, from.end) {
            let angle = std::f64::consts::PI;
            round = Some(Movement { angle, ..movement });
        } else if place.leads(node, other.nodes[arm.end])
            && !(angle.abs() > AROUND_RAD && other.name == piece.name && !piece.name.is_empty())
        {
            found.push((movement, other.streets[arm.end]));
        }
    }
    let here = |r: &&Restriction| r.from == street && place.nodes.contains(&r.via);
    let applying: Vec<&Restriction> = restrictions.iter().filter(here).collect();
    if !applying.is_empty() {
        let only = |to: u32| applying.iter().any(|r| r.only && r.to == to);
        let has_only = found.iter().any(|(_, to)| only(*to));
        let allowed =
            |to: u32| (!has_only || only(to)) && !applying.iter().any(|r| !r.only && r.to == to);
        if found.iter().any(|(_, to)| allowed(*to)) {
            found.retain(|(_, to)| allowed(*to));
        }
    }
    let mut found: Vec<Movement> = found.into_iter().map(|(movement, _)| movement).collect();
    found.sort_by(|a, b| a.angle.total_cmp(&b.angle).then(a.to.cmp(&b.to)));
    if found.is_empty() {
        found.extend(round);
    }
    found
}

/// Lanes for each movement, for the lanes of one edge (rightmost first): painted ones where there are some. Returns with it whether the
/// paint did not fit.
/// `room` is the number of lanes that each movement finds.
fn lanes_for(
    lanes: &[StreetLane],
    movements: &[Movement],
    room: &[usize],
) -> (Vec<Vec<usize>>, bool) {
    let count = lanes.len();
    let kinds: Vec<TurnSet> = movements.iter().map(|m| painted(m.angle)).collect();
    let has = |kind: TurnSet| kinds.contains(&kind);
    if lanes.iter().all(|lane| lane.turns.is_empty()) {
        let through = has(TurnSet::THROUGH);
        let (left, right) = (has(TurnSet::LEFT), has(TurnSet::RIGHT));
        let straight: Vec<usize> = (0..kinds.len())
            .filter(|&i| kinds[i] == TurnSet::THROUGH)
            .collect();
        let lists = kinds.iter().enumerate().map(|(i, &kind)| {
            if kind == TurnSet::THROUGH {
                // With three lanes the left one is for turning.
                let all = if count >= 3 && left { count - 1 } else { count };
                forked(&straight, i, room, all).collect()
            } else if kind == TurnSet::RIGHT {
                match (through, left) {
                    (true, _) => vec![0],
                    (false, true) => (0..count.div_ceil(2)).collect(),
                    (false, false) => (0..count).collect(),
                }
            } else {
                match (through, right) {
                    (true, _) => vec![count - 1],
                    (false, true) => (count / 2..count).collect(),
                    (false, false) => (0..count).collect(),
                }
            }
        });
        return (lists.collect(), false);
    }
    let mut misfit = false;
    let mut lists = vec![Vec::new(); movements.len()];
    for (place, lane) in lanes.iter().enumerate() {
        let turns = if lane.turns.is_empty() {
            TurnSet::THROUGH
        } else {
            lane.turns
        };
        let mut any = false;
        for (list, &kind) in lists.iter_mut().zip(&kinds) {
            if turns.meets(kind) {
                list.push(place);
                any = true;
            }
        }
        if !any {
            misfit = true;
            let nearest = if turns.meets(TurnSet::THROUGH) {
                (0..kinds.len()).min_by(|&a, &b| {
                    movements[a]
                        .angle
                        .abs()
                        .total_cmp(&movements[b].angle.abs())
                })
            } else if turns.meets(TurnSet::LEFT) {
                kinds.len().checked_sub(1)
            } else {
                Some(0)
            };
            lists[nearest.unwrap_or(0)].push(place);
        }
    }
    for (list, &kind) in lists.iter_mut().zip(&kinds) {
        if list.is_empty() {
            misfit = true;
            list.push(match kind {
                TurnSet::RIGHT => 0,
                TurnSet::LEFT => count - 1,
                _ => count / 2,
            });
        }
    }
    (lists, misfit)
}

/// Lanes for one of the ways that go straight on. At a fork the right lanes lead to the right way and the left ones to the left way, so that
/// nobody crosses; lanes that both have room for lead to both.
fn forked(straight: &[usize], own: usize, room: &[usize], count: usize) -> std::ops::Range<usize> {
    let (Some(&first), Some(&last)) = (straight.first(), straight.last()) else {
        return 0..count;
    };
    if straight.len() != 2 {
        return 0..count;
    }
    let (right, left) = (room[first].min(count), room[last].min(count));
    // Lanes for which neither has room merge to the right.
    let end = right.max(count - left);
    if own == first {
        0..end
    } else {
        count - left..count
    }
}

/// All ways from the lanes of an edge; the flag says that painted turns did not fit the streets.
pub(super) fn ways(
    network: &Network,
    from: u32,
    lanes: &[StreetLane],
    movements: &[Movement],
) -> (Vec<Way>, bool) {
    if movements.is_empty() {
        return (Vec::new(), false);
    }
    let first = network.edges[from as usize].lanes.start;
    let special: Vec<usize> = (0..lanes.len())
        .filter(|&i| lanes[i].is_special())
        .collect();
    let general: Vec<usize> = (0..lanes.len())
        .filter(|&i| !lanes[i].is_special())
        .collect();
    let mut found = Vec::new();
    let mut misfit = false;
    for (group, is_special) in [(&general, false), (&special, true)] {
        if group.is_empty() {
            continue;
        }
        let records: Vec<StreetLane> = group.iter().map(|&i| lanes[i]).collect();
        // From a bus lane on the right nobody turns left across the lanes beside it: buses leave it before.
        let beside = is_special && general.last().is_some_and(|&last| last > group[0]);
        let leftless: Vec<Movement> = movements
            .iter()
            .copied()
            .filter(|m| !beside || painted(m.angle) != TurnSet::LEFT)
            .collect();
        let movements = if leftless.is_empty() {
            movements
        } else {
            &leftless[..]
        };
        let room: Vec<usize> = movements
            .iter()
            .map(|movement| entered_lanes(network, movement.to, is_special).len())
            .collect();
        let (lists, wrong) = lanes_for(&records, movements, &room);
        misfit |= wrong;
        for (list, movement) in lists.iter().zip(movements) {
            let entered = entered_lanes(network, movement.to, is_special);
            let m = entered.len();
            for (i, &place) in list.iter().enumerate() {
                let right = i.min(m - 1);
                let target = if painted(movement.angle) == TurnSet::LEFT {
                    m - 1 - (list.len() - 1 - i).min(m - 1)
                } else {
                    right
                };
                found.push(Way {
                    from: first + group[place] as u32,
                    to: entered[target],
                    angle: movement.angle,
                    turn: turn(movement.angle),
                });
            }
        }
    }
    (found, misfit)
}

/// Lanes of an edge that are entered from lanes of the same sort, rightmost first; all where there are none of that sort.
fn entered_lanes(network: &Network, edge: u32, special: bool) -> Vec<u32> {
    use crate::traffic::network::VehicleClass::Passenger;
    let all = network.edges[edge as usize].lanes.clone();
    let wanted: Vec<u32> = all
        .clone()
        .filter(|&lane| network.may_drive(lane, Passenger) != special)
        .collect();
    if !wanted.is_empty() {
        return wanted;
    }
    all.collect()
}

/// Direction in which a lane ends, or begins.
pub(super) fn heading(shape: &[[f64; 2]], at_end: bool) -> [f64; 2] {
    let n = shape.len();
    if at_end {
        direction(shape[n - 2], shape[n - 1])
    } else {
        direction(shape[0], shape[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_a_fork_the_lanes_do_not_cross() {
        let lanes = vec![StreetLane::general(); 4];
        let fork = [-0.2, 0.2].map(|angle| Movement { to: 0, angle });
        let (lists, misfit) = lanes_for(&lanes, &fork, &[2, 2]);
        assert_eq!((lists, misfit), (vec![vec![0, 1], vec![2, 3]], false));
        assert_eq!(
            lanes_for(&lanes, &fork, &[2, 3]).0,
            [vec![0, 1], vec![1, 2, 3]]
        );
        assert_eq!(
            lanes_for(&lanes, &fork, &[1, 1]).0,
            [vec![0, 1, 2], vec![3]]
        );
    }

    #[test]
    fn without_paint_turns_start_from_the_outer_lanes() {
        let movements = [-1.5, 0.0, 1.5].map(|angle| Movement { to: 0, angle });
        let lanes = |count| vec![StreetLane::general(); count];
        assert_eq!(lanes_for(&lanes(1), &movements, &[1; 3]).0, [[0], [0], [0]]);
        assert_eq!(
            lanes_for(&lanes(2), &movements, &[2; 3]).0,
            [vec![0], vec![0, 1], vec![1]]
        );
        assert_eq!(
            lanes_for(&lanes(3), &movements, &[3; 3]).0,
            [vec![0], vec![0, 1], vec![2]]
        );
        let stem = [movements[0], movements[2]];
        assert_eq!(
            lanes_for(&lanes(3), &stem, &[2; 2]).0,
            [vec![0, 1], vec![1, 2]]
        );
    }
}
