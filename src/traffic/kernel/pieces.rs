//! The vehicles in pieces for the threads: whole edges in the order of the lanes, cut between junctions where those lie one after the other,
//! about as much work in each.
//!
//! A pass works on all pieces side by side. What a vehicle does depends on what the pass before left and never on the cut, so the number of
//! pieces, and of threads, leaves no trace in the result. A piece keeps its vehicles in a part of the array of its own, with room for more, so
//! that those who come and leave do not move the vehicles of other pieces into another thread's cache.

use std::mem;
use std::ops::Range;

use super::roads::RoadLane;
use super::state::{Tail, World};
use super::step::STANDS_M_S;
use super::team::{MOST_PARTS, Team};
use super::vehicle::Vehicle;

/// Least number of vehicles in a piece: to hand over fewer costs more than to do them.
const LEAST: usize = 128;

/// Steps between two looks at whether the pieces are equal.
const BALANCE_EVERY: u64 = 16;

/// A piece may have this part of its share, and that of so many vehicles that move, more work before all are cut anew.
const SURPLUS: f64 = 0.03;
/// See `SURPLUS`.
const SURPLUS_MOVING: usize = 4;

/// Work of a step on a vehicle that moves, where that on one that stands is 1: in a queue nothing but the one ahead counts. From the times of
/// the passes over the two pieces of a network of Hamburg with a fifth and a third of the vehicles standing, which say 0 to 0.1 for those.
const MOVING: usize = 10;

/// Spare room of a piece: one place for so many vehicles, and so many places.
const SPARE_PER: usize = 64;
/// See `SPARE_PER`.
const SPARE: usize = 32;

/// Neighbouring lanes with the vehicles on them. Two are not in the same cache line: each is written by another thread.
#[derive(Clone, Debug, Default)]
#[repr(align(128))]
pub struct Piece {
    /// The lanes, those without vehicles among them.
    pub lanes: Range<usize>,
    /// Part of the array of vehicles that belongs to it.
    pub room: Range<usize>,
    /// Vehicles; they lie at the beginning of the room.
    pub count: usize,
    /// Of those at the beginning of the step, so many moved.
    pub moving: usize,
    /// Lanes with vehicles, in order; some may have lost theirs.
    pub(super) occupied: Vec<u32>,
    /// Lanes onto which a rear hangs over.
    pub(super) hung: Vec<u32>,
    /// Rears that hang over onto lanes of other pieces.
    pub(super) abroad: Vec<(u32, Tail)>,
}

impl Piece {
    /// Places of the vehicles in the array.
    pub fn taken(&self) -> Range<usize> {
        self.room.start..self.room.start + self.count
    }

    fn work(&self) -> usize {
        self.count + (MOVING - 1) * self.moving
    }

    /// Notes that there are vehicles on a lane.
    pub(super) fn occupy(&mut self, lane: u32) {
        if let Err(place) = self.occupied.binary_search(&lane) {
            self.occupied.insert(place, lane);
        }
    }
}

impl World {
    /// All vehicles, by lane, front first.
    pub fn vehicles(&self) -> impl Iterator<Item = &Vehicle> + Clone {
        self.pieces
            .iter()
            .flat_map(|piece| &self.vehicles[piece.taken()])
    }

    /// Number of vehicles.
    pub fn count(&self) -> usize {
        self.pieces.iter().map(|piece| piece.count).sum()
    }

    /// Cuts the vehicles anew for the threads that there are, when the pieces have become unequal.
    pub fn balance(&mut self, team: &Team) {
        if !self.step.is_multiple_of(BALANCE_EVERY) {
            return;
        }
        let total = self.count();
        let wanted = match rayon::current_num_threads() {
            1 => 1,
            threads => (total / LEAST).clamp(1, threads.min(MOST_PARTS)),
        };
        let work = || self.pieces.iter().map(Piece::work);
        let share = work().sum::<usize>() as f64 / wanted as f64;
        let most = share * (1.0 + SURPLUS) + (SURPLUS_MOVING * MOVING) as f64;
        let equal = work().all(|work| work as f64 <= most);
        if self.pieces.len() == wanted && equal {
            return;
        }
        self.clear_lanes();
        self.close_up();
        self.pieces = self.cut(total, wanted);
        let counts: Vec<usize> = self.pieces.iter().map(|piece| piece.count).collect();
        self.spread(&counts);
        self.index(team);
    }

    /// Pieces of the first `total` places of the array.
    fn cut(&self, total: usize, count: usize) -> Vec<Piece> {
        let vehicles = &self.vehicles[..total];
        let mut pieces: Vec<Piece> = Vec::with_capacity(count);
        // Work up to each vehicle.
        let mut before = Vec::with_capacity(total);
        let mut work = 0;
        for vehicle in vehicles {
            before.push(work);
            let moves = vehicle.speed >= STANDS_M_S;
            work += if moves { MOVING } else { 1 };
        }
        let (mut vehicle, mut lane) = (0, 0);
        for number in 1..count {
            let aim = before.partition_point(|&before| before * count < work * number);
            let aim = aim.min(total - 1);
            // Before or behind the junction, whichever is nearer: those on it and before it look at each other most.
            let lanes = &self.roads.lanes;
            let at = vehicles[aim].lane as usize;
            let other = |lane: &RoadLane| lane.junction != lanes[at].junction;
            let start = lanes[..at].iter().rposition(other);
            let end = lanes[at..].iter().position(other);
            let ends = [
                start.map_or(0, |last| last + 1),
                end.map_or(lanes.len(), |next| at + next),
            ];
            let first =
                |next: usize| vehicles.partition_point(|other| (other.lane as usize) < next);
            let cut = ends
                .map(|next| (first(next), next))
                .into_iter()
                .filter(|(first, _)| (vehicle + 1..total).contains(first))
                .min_by_key(|&(first, _)| (before[first] * count).abs_diff(work * number));
            if let Some((first, next)) = cut {
                let start = mem::replace(&mut vehicle, first);
                pieces.push(Piece {
                    lanes: mem::replace(&mut lane, next)..next,
                    room: start..first,
                    count: first - start,
                    ..Piece::default()
                });
            }
        }
        pieces.push(Piece {
            lanes: lane..self.roads.lanes.len(),
            room: vehicle..total,
            count: total - vehicle,
            ..Piece::default()
        });
        pieces
    }

    /// Sees to it that each piece has room for `counts` vehicles. Returns true when vehicles had to be moved: the index is stale then.
    pub(super) fn make_room(&mut self, counts: &[usize]) -> bool {
        let mut needed = self.pieces.iter().zip(counts);
        if needed.all(|(piece, &count)| count <= piece.room.len()) {
            return false;
        }
        self.close_up();
        self.spread(counts);
        true
    }

    /// Moves the vehicles together at the beginning of the array.
    fn close_up(&mut self) {
        let mut fill = 0;
        for piece in &mut self.pieces {
            self.vehicles.copy_within(piece.taken(), fill);
            piece.room = fill..fill + piece.count;
            fill += piece.count;
        }
    }

    /// Moves the vehicles, which lie together, to rooms for `counts` in each piece.
    fn spread(&mut self, counts: &[usize]) {
        let room = |count: usize| count + count / SPARE_PER + SPARE;
        let mut end = counts.iter().map(|&count| room(count)).sum();
        self.vehicles.resize(end, Vehicle::default());
        for (piece, &count) in self.pieces.iter_mut().zip(counts).rev() {
            let start = end - room(count);
            self.vehicles.copy_within(piece.taken(), start);
            piece.room = start..end;
            end = start;
        }
    }
}

/// Cuts a slice into parts of these lengths.
pub fn parts<T>(
    mut slice: &mut [T],
    lengths: impl Iterator<Item = usize>,
) -> impl Iterator<Item = &mut [T]> {
    lengths.map(move |length| {
        let (part, rest) = mem::take(&mut slice).split_at_mut(length);
        slice = rest;
        part
    })
}
