//! The order of the vehicles: by lane, front first; and what each lane's first and last ones are.

use super::advance::Driven;
use super::pieces::{Piece, parts};
use super::roads::Roads;
use super::state::{Kind, LaneState, Tail, World};
use super::team::Team;
use super::vehicle::Vehicle;
use crate::traffic::network::NONE;

/// Rears and fronts that share more than this (m) overlap.
const OVERLAP_M: f32 = 0.01;

/// The vehicles of a piece and the states of its lanes.
struct Rows<'a> {
    piece: &'a mut Piece,
    vehicles: &'a mut [Vehicle],
    states: &'a mut [LaneState],
    loads: &'a mut [f32],
}

/// Order in the array of vehicles.
pub fn order(a: &Vehicle, b: &Vehicle) -> std::cmp::Ordering {
    a.lane
        .cmp(&b.lane)
        .then(b.pos.total_cmp(&a.pos))
        .then(a.trip.cmp(&b.trip))
}

impl World {
    /// Puts those who have come to other lanes in order there, and finds the states of the lanes anew.
    /// Returns the number of vehicles that overlap with the one behind them on their lane.
    pub fn settle(&mut self, team: &Team, driven: &[Driven]) -> u64 {
        let places = |driven: &Driven, piece: usize| {
            let end = |piece: usize| driven.ends[piece] as usize;
            piece.checked_sub(1).map_or(0, end)..end(piece)
        };
        let count = |(number, piece): (usize, &Piece)| {
            let movers = driven.iter().map(|driven| places(driven, number).len());
            piece.count + movers.sum::<usize>()
        };
        let counts: Vec<usize> = self.pieces.iter().enumerate().map(count).collect();
        self.make_room(&counts);
        self.index_after(team, |number, rows| {
            let come = driven
                .iter()
                .map(|driven| &driven.movers[places(driven, number)]);
            let mut new: Vec<Vehicle> = come.collect::<Vec<_>>().concat();
            new.sort_unstable_by(order);
            rows.merge(&new);
        })
    }

    /// Sorts in vehicles that are new on the roads and lie whole on their lanes. `added` is emptied.
    pub fn add(&mut self, team: &Team, added: &mut Vec<Vehicle>) {
        added.sort_unstable_by(order);
        let new: Vec<&[Vehicle]> = self.pieces.iter().map(|piece| on(piece, added)).collect();
        let counts = self.pieces.iter().zip(&new);
        let counts: Vec<usize> = counts.map(|(piece, new)| piece.count + new.len()).collect();
        if self.make_room(&counts) {
            self.index_after(team, |number, rows| rows.merge(new[number]));
        } else {
            let (_, kinds, rows) = self.rows();
            team.each(rows.into_iter().zip(&new), |(mut rows, new)| {
                rows.insert(new, kinds)
            });
        }
        added.clear();
    }

    /// Finds everything anew from the sorted vehicles.
    pub fn index(&mut self, team: &Team) {
        self.index_after(team, |_, _| ());
    }

    /// Forgets what is on the lanes.
    pub(super) fn clear_lanes(&mut self) {
        for piece in &mut self.pieces {
            for lane in piece.occupied.drain(..).chain(piece.hung.drain(..)) {
                self.lane_states[lane as usize] = LaneState::EMPTY;
                self.loads[lane as usize] = 0.0;
            }
        }
    }

    /// Changes the vehicles of each piece, by its number, and finds everything anew; returns the number of overlaps.
    fn index_after(&mut self, team: &Team, change: impl Fn(usize, &mut Rows) + Sync) -> u64 {
        let (roads, kinds, mut rows) = self.rows();
        let overlaps = team.each(rows.iter_mut().enumerate(), |(number, rows)| {
            change(number, rows);
            rows.fill(roads, kinds)
        });
        for from in 0..rows.len() {
            for place in 0..rows[from].piece.abroad.len() {
                let (lane, rear) = rows[from].piece.abroad[place];
                let piece = piece_of(&rows, lane);
                rows[piece].hang(lane, rear);
            }
        }
        overlaps.into_iter().sum()
    }

    /// Roads, types, and what each piece may write.
    fn rows(&mut self) -> (&Roads, &[Kind], Vec<Rows<'_>>) {
        let rooms: Vec<usize> = self.pieces.iter().map(|piece| piece.room.len()).collect();
        let lanes: Vec<usize> = self.pieces.iter().map(|piece| piece.lanes.len()).collect();
        let rows = self
            .pieces
            .iter_mut()
            .zip(parts(&mut self.vehicles, rooms.into_iter()))
            .zip(parts(&mut self.lane_states, lanes.iter().copied()))
            .zip(parts(&mut self.loads, lanes.iter().copied()))
            .map(|(((piece, vehicles), states), loads)| Rows {
                piece,
                vehicles,
                states,
                loads,
            })
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
        let start = self.piece.lanes.start;
        let behind = |&lane: &u32| lane <= first.lane;
        let behind = self.piece.occupied.partition_point(behind);
        for &lane in &self.piece.occupied[behind..] {
            let state = &mut self.states[lane as usize - start];
            if !state.is_empty() {
                let before = new.partition_point(|new| new.lane < lane) as u32;
                (state.first, state.end) = (state.first + before, state.end + before);
            }
        }
        let vehicles = &self.vehicles[..self.piece.count];
        for new in new.chunk_by(|a, b| a.lane == b.lane) {
            let lane = new[0].lane;
            let [begin, end] =
                [lane, lane + 1].map(|lane| vehicles.partition_point(|other| other.lane < lane));
            let on_lane = &vehicles[begin..end];
            let (at, place) = (lane as usize - start, self.piece.room.start + begin);
            self.loads[at] = self.states[at].take_up(place, on_lane, kinds);
            self.piece.occupy(lane);
        }
    }

    /// Finds the states of the lanes anew, and the rears over lanes of other pieces. Returns the number of vehicles that overlap with the one
    /// behind on their lane.
    fn fill(&mut self, roads: &Roads, kinds: &[Kind]) -> u64 {
        let Self {
            piece,
            vehicles,
            states,
            loads,
        } = self;
        let start = piece.lanes.start;
        for lane in piece.hung.drain(..) {
            states[lane as usize - start].tail = Tail::EMPTY;
        }
        for lane in piece.occupied.drain(..) {
            states[lane as usize - start].leave();
            loads[lane as usize - start] = 0.0;
        }
        piece.abroad.clear();
        let mut overlaps = 0;
        let mut place = piece.room.start;
        for on_lane in vehicles[..piece.count].chunk_by(|a, b| a.lane == b.lane) {
            let lane = on_lane[0].lane;
            let at = lane as usize - start;
            loads[at] = states[at].take_up(place, on_lane, kinds);
            piece.occupied.push(lane);
            place += on_lane.len();
            let mut next = on_lane.iter().skip(1);
            for vehicle in on_lane {
                let kind = &kinds[usize::from(vehicle.kind)];
                let back = vehicle.pos - kind.length;
                if next.next().is_some_and(|next| back < next.pos - OVERLAP_M) {
                    overlaps += 1;
                }
                if back < 0.0 {
                    hang_over(roads, vehicle, kind, |lane, rear| {
                        let own = (lane as usize).checked_sub(start);
                        match own.and_then(|own| states.get_mut(own)) {
                            Some(state) => hang(&mut state.tail, &mut piece.hung, lane, rear),
                            None => piece.abroad.push((lane, rear)),
                        }
                    });
                }
            }
        }
        overlaps
    }

    /// Notes a rear over a lane of this piece.
    fn hang(&mut self, lane: u32, rear: Tail) {
        let state = &mut self.states[lane as usize - self.piece.lanes.start];
        hang(&mut state.tail, &mut self.piece.hung, lane, rear);
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
