//! The order of the vehicles: by lane, front first; and what each lane's first and last ones are.

use std::ops::Range;

use super::advance::Driven;
use super::pieces::{Piece, parts};
use super::roads::Roads;
use super::state::{Kind, Tail, World};
use super::team::Team;
use super::vehicle::Vehicle;
use crate::traffic::network::NONE;

/// Rears and fronts that share more than this (m) overlap.
const OVERLAP_M: f32 = 0.01;

/// The vehicles of a piece and the entries of its lanes in the tables of the world.
struct Rows<'a> {
    piece: &'a mut Piece,
    vehicles: &'a mut [Vehicle],
    spans: &'a mut [Range<u32>],
    fronts: &'a mut [(f32, f32, u16)],
    rears: &'a mut [(f32, f32, f32)],
    loads: &'a mut [f32],
    tails: &'a mut [Tail],
}

/// Order in the array of vehicles.
pub fn order(a: &Vehicle, b: &Vehicle) -> std::cmp::Ordering {
    a.lane
        .cmp(&b.lane)
        .then(b.pos.total_cmp(&a.pos))
        .then(a.trip.cmp(&b.trip))
}

impl World {
    /// Puts those who have come to other lanes in order there, and finds what the tables say of the lanes anew.
    /// Returns the number of vehicles that overlap with the one behind them on their lane.
    pub fn settle(&mut self, team: &Team, driven: &[Driven]) -> u64 {
        let come = |piece: &Piece| -> Vec<&[Vehicle]> {
            let lists = driven.iter().map(|driven| on(piece, &driven.movers));
            lists.collect()
        };
        let count = |piece: &Piece| {
            let movers: usize = come(piece).into_iter().map(<[Vehicle]>::len).sum();
            piece.count + movers
        };
        let counts: Vec<usize> = self.pieces.iter().map(count).collect();
        self.make_room(&counts);
        self.index_after(team, |rows| {
            let mut new: Vec<Vehicle> = come(rows.piece).concat();
            new.sort_unstable_by(order);
            rows.merge(&new);
        })
    }

    /// Sorts in vehicles that are new on the roads and lie whole on their lanes. `added` is emptied.
    pub fn add(&mut self, team: &Team, added: &mut Vec<Vehicle>) {
        added.sort_unstable_by(order);
        let count = |piece: &Piece| piece.count + on(piece, added).len();
        let counts: Vec<usize> = self.pieces.iter().map(count).collect();
        if self.make_room(&counts) {
            self.index_after(team, |rows| rows.merge(on(rows.piece, added)));
        } else {
            let (_, kinds, rows) = self.rows();
            team.each(rows.into_iter(), |mut rows| {
                rows.insert(on(rows.piece, added), kinds);
            });
        }
        added.clear();
    }

    /// Finds everything anew from the sorted vehicles.
    pub fn index(&mut self, team: &Team) {
        self.index_after(team, |_| ());
    }

    /// Finds spans, fronts, rears and loads of the lanes of some edges anew, after changes of lane on them. Rears that hang over stay what
    /// they were: a change of lane leaves the place along the edge and the lanes behind it as they are.
    pub fn index_edges(&mut self, edges: impl Iterator<Item = u32>) {
        let (roads, kinds, mut pieces) = self.rows();
        for edge in edges {
            let lanes = roads.edges[edge as usize].clone();
            let piece = piece_of(&pieces, lanes.start);
            pieces[piece].index_edge(lanes, kinds);
        }
    }

    /// Forgets the rears that hang over onto lanes.
    pub(super) fn clear_tails(&mut self) {
        for lane in self
            .pieces
            .iter_mut()
            .flat_map(|piece| piece.hung.drain(..))
        {
            self.tails[lane as usize] = Tail::EMPTY;
        }
    }

    /// Changes the vehicles of each piece and finds everything anew; returns the number of overlaps.
    fn index_after(&mut self, team: &Team, change: impl Fn(&mut Rows) + Sync) -> u64 {
        let (roads, kinds, mut rows) = self.rows();
        let indexed = team.each(rows.iter_mut(), |rows| {
            change(rows);
            rows.fill(roads, kinds)
        });
        let mut overlaps = 0;
        for (of_piece, abroad) in indexed {
            overlaps += of_piece;
            for (lane, rear) in abroad {
                let piece = piece_of(&rows, lane);
                rows[piece].hang(lane, rear);
            }
        }
        overlaps
    }

    /// Roads, types, and what each piece may write.
    fn rows(&mut self) -> (&Roads, &[Kind], Vec<Rows<'_>>) {
        let rooms: Vec<usize> = self.pieces.iter().map(|piece| piece.room.len()).collect();
        let lanes: Vec<usize> = self.pieces.iter().map(|piece| piece.lanes.len()).collect();
        let lanes = || lanes.iter().copied();
        let tables = parts(&mut self.spans, lanes())
            .zip(parts(&mut self.fronts, lanes()))
            .zip(parts(&mut self.rears, lanes()))
            .zip(parts(&mut self.loads, lanes()))
            .zip(parts(&mut self.tails, lanes()));
        let rows = self
            .pieces
            .iter_mut()
            .zip(parts(&mut self.vehicles, rooms.into_iter()))
            .zip(tables)
            .map(
                |((piece, vehicles), ((((spans, fronts), rears), loads), tails))| Rows {
                    piece,
                    vehicles,
                    spans,
                    fronts,
                    rears,
                    loads,
                    tails,
                },
            )
            .collect();
        (&self.roads, &self.kinds, rows)
    }
}

/// Number of the piece that a lane is in.
fn piece_of(rows: &[Rows], lane: u32) -> usize {
    rows.partition_point(|rows| rows.piece.lanes.end <= lane as usize)
}

/// Those of sorted vehicles that are on the lanes of a piece.
fn on<'a>(piece: &Piece, vehicles: &'a [Vehicle]) -> &'a [Vehicle] {
    let before = |end: usize| vehicles.partition_point(|vehicle| (vehicle.lane as usize) < end);
    &vehicles[before(piece.lanes.start)..before(piece.lanes.end)]
}

impl Rows<'_> {
    /// Merges sorted vehicles into those of the piece.
    fn merge(&mut self, new: &[Vehicle]) {
        let mut stay = self.piece.count;
        let mut fill = stay + new.len();
        self.piece.count = fill;
        for new in new.iter().rev() {
            while stay > 0 && order(&self.vehicles[stay - 1], new).is_gt() {
                (stay, fill) = (stay - 1, fill - 1);
                self.vehicles[fill] = self.vehicles[stay];
            }
            fill -= 1;
            self.vehicles[fill] = *new;
        }
    }

    /// Merges sorted vehicles in that lie whole on their lanes, and finds what has changed by them.
    fn insert(&mut self, new: &[Vehicle], kinds: &[Kind]) {
        let Some(first) = new.first() else {
            return;
        };
        self.merge(new);
        let mut before = 0;
        for at in first.lane as usize - self.piece.lanes.start..self.spans.len() {
            let lane = (self.piece.lanes.start + at) as u32;
            self.spans[at].start += before as u32;
            while new.get(before).is_some_and(|new| new.lane == lane) {
                before += 1;
            }
            self.spans[at].end += before as u32;
        }
        for new in new {
            self.index_lane(new.lane as usize - self.piece.lanes.start, kinds);
        }
    }

    /// Finds the entries anew. Returns the number of vehicles that overlap with the one behind on their lane, and rears over lanes of other
    /// pieces.
    fn fill(&mut self, roads: &Roads, kinds: &[Kind]) -> (u64, Vec<(u32, Tail)>) {
        let start = self.piece.lanes.start;
        for lane in self.piece.hung.drain(..) {
            self.tails[lane as usize - start] = Tail::EMPTY;
        }
        let (mut overlaps, mut abroad) = (0, Vec::new());
        let (mut index, mut unset) = (self.piece.room.start as u32, 0);
        let mut vehicles = self.vehicles[..self.piece.count].iter().peekable();
        let (hung, tails) = (&mut self.piece.hung, &mut *self.tails);
        while let Some(first) = vehicles.next() {
            let lane = first.lane;
            let at = lane as usize - start;
            self.spans[unset..at].fill(index..index);
            self.loads[unset..at].fill(0.0);
            unset = at + 1;
            self.spans[at].start = index;
            self.fronts[at] = (first.pos, first.speed, first.kind);
            let mut load = 0.0;
            let mut vehicle = first;
            loop {
                index += 1;
                let kind = &kinds[usize::from(vehicle.kind)];
                load += kind.length + kind.driver.min_gap;
                let back = vehicle.pos - kind.length;
                if back < 0.0 {
                    hang_over(roads, vehicle, kind, |lane, rear| {
                        let own = (lane as usize).checked_sub(start);
                        match own.and_then(|own| tails.get_mut(own)) {
                            Some(tail) => hang(tail, hung, lane, rear),
                            None => abroad.push((lane, rear)),
                        }
                    });
                }
                match vehicles.next_if(|next| next.lane == lane) {
                    Some(next) => {
                        overlaps += u64::from(back < next.pos - OVERLAP_M);
                        vehicle = next;
                    }
                    None => {
                        self.rears[at] = (back, vehicle.speed, kind.driver.decel);
                        break;
                    }
                }
            }
            self.spans[at].end = index;
            self.loads[at] = load;
        }
        self.spans[unset..].fill(index..index);
        self.loads[unset..].fill(0.0);
        (overlaps, abroad)
    }

    /// Finds the entries of the lanes of an edge anew.
    fn index_edge(&mut self, lanes: Range<u32>, kinds: &[Kind]) {
        let first = self.piece.room.start;
        let [start, end] =
            [lanes.start, lanes.end].map(|lane| lane as usize - self.piece.lanes.start);
        let mut index = self.spans[start].start as usize - first;
        let last = self.spans[end - 1].end as usize - first;
        for at in start..end {
            let lane = (self.piece.lanes.start + at) as u32;
            let on_lane =
                self.vehicles[index..last].partition_point(|vehicle| vehicle.lane == lane);
            let begin = first + index;
            index += on_lane;
            self.spans[at] = begin as u32..(first + index) as u32;
            self.index_lane(at, kinds);
        }
    }

    /// Finds front, rear and load of a lane anew, whose span is right. `at`: place of the lane in the piece.
    fn index_lane(&mut self, at: usize, kinds: &[Kind]) {
        let first = self.piece.room.start;
        let span = &self.spans[at];
        let on_lane = &self.vehicles[span.start as usize - first..span.end as usize - first];
        let (Some(front), Some(last)) = (on_lane.first(), on_lane.last()) else {
            self.loads[at] = 0.0;
            return;
        };
        let kind = &kinds[usize::from(last.kind)];
        self.fronts[at] = (front.pos, front.speed, front.kind);
        self.rears[at] = (last.pos - kind.length, last.speed, kind.driver.decel);
        self.loads[at] = on_lane
            .iter()
            .map(|vehicle| &kinds[usize::from(vehicle.kind)])
            .map(|kind| kind.length + kind.driver.min_gap)
            .sum();
    }

    /// Notes a rear over a lane of this piece.
    fn hang(&mut self, lane: u32, rear: Tail) {
        let tail = &mut self.tails[lane as usize - self.piece.lanes.start];
        hang(tail, &mut self.piece.hung, lane, rear);
    }
}

/// Notes a rear over a lane; of several the rearmost counts.
fn hang(tail: &mut Tail, hung: &mut Vec<u32>, lane: u32, rear: Tail) {
    if tail.trip == NONE {
        hung.push(lane);
    }
    if (rear.back, rear.trip) < (tail.back, tail.trip) {
        *tail = rear;
    }
}

/// Tells the rears of a vehicle over the lanes behind its own that it still covers.
fn hang_over(roads: &Roads, vehicle: &Vehicle, kind: &Kind, mut tell: impl FnMut(u32, Tail)) {
    let mut back = vehicle.pos - kind.length;
    for &lane in &vehicle.behind {
        if back >= 0.0 || lane == NONE {
            break;
        }
        back += roads.lanes[lane as usize].length;
        tell(
            lane,
            Tail {
                trip: vehicle.trip,
                back,
                speed: vehicle.speed,
                decel: kind.driver.decel,
            },
        );
    }
}
