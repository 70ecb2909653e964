//! The order of the vehicles: by lane, front first; and what each lane's first and last ones are.

use rayon::prelude::*;

use super::advance::Driven;
use super::pieces::{Piece, parts};
use super::roads::Roads;
use super::state::{Kind, Tail, World};
use super::vehicle::Vehicle;
use crate::traffic::network::NONE;

/// Rears and fronts that share more than this (m) overlap.
const OVERLAP_M: f32 = 0.01;

/// The entries of neighbouring lanes in the tables of the world.
struct Rows<'a> {
    /// Lane of the first entry.
    lane: usize,
    spans: &'a mut [u32],
    fronts: &'a mut [(f32, f32, u16)],
    rears: &'a mut [(f32, f32, f32)],
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
    /// Puts what the vehicles of the pieces have become in order, and finds spans, fronts, rears and loads anew.
    /// Returns the number of vehicles that overlap with the one behind them on their lane.
    pub fn settle(&mut self, pieces: &[Piece], driven: &[Driven]) -> u64 {
        let mut lengths: Vec<usize> = driven.iter().map(|driven| driven.stay.len()).collect();
        for mover in driven.iter().flat_map(|driven| &driven.movers) {
            lengths[pieces.partition_point(|piece| piece.lanes.end <= mover.lane as usize)] += 1;
        }
        let total = lengths.iter().sum();
        let firsts = lengths.iter().scan(0, |first, length| {
            *first += length;
            Some(*first - length)
        });
        let firsts: Vec<usize> = firsts.collect();
        self.vehicles.resize(total, Vehicle::default());
        self.clear_tails();
        *self.spans.last_mut().expect("one more than lanes") = total as u32;
        let (roads, kinds) = (&self.roads, &self.kinds);
        let outs = parts(&mut self.vehicles, lengths.into_iter());
        let rows = rows(
            pieces,
            &mut self.spans,
            &mut self.fronts,
            &mut self.rears,
            &mut self.loads,
        );
        let indexed: Vec<(u64, Vec<(u32, Tail)>)> = pieces
            .par_iter()
            .zip(driven)
            .zip(outs)
            .zip(rows)
            .zip(firsts)
            .with_max_len(1)
            .map(|((((piece, stayed), out), mut rows), first)| {
                let mut movers: Vec<Vehicle> = driven
                    .iter()
                    .flat_map(|driven| &driven.movers)
                    .filter(|mover| piece.lanes.contains(&(mover.lane as usize)))
                    .copied()
                    .collect();
                movers.sort_unstable_by(order);
                merge(&stayed.stay, &movers, out);
                rows.fill(roads, kinds, out, first as u32)
            })
            .collect();
        let mut overlaps = 0;
        for (of_piece, hanging) in indexed {
            overlaps += of_piece;
            for (lane, rear) in hanging {
                hang(&mut self.tails, &mut self.tail_lanes, lane, rear);
            }
        }
        overlaps
    }

    /// Sorts in vehicles that are new on the roads and lie whole on their lanes. `added` is emptied.
    pub fn add(&mut self, added: &mut Vec<Vehicle>) {
        added.sort_unstable_by(order);
        let lanes: Vec<u32> = added.iter().map(|vehicle| vehicle.lane).collect();
        let mut stay = self.vehicles.len();
        let mut fill = stay + added.len();
        self.vehicles.resize(fill, Vehicle::default());
        while let Some(new) = added.last() {
            fill -= 1;
            if stay > 0 && order(&self.vehicles[stay - 1], new).is_gt() {
                stay -= 1;
                self.vehicles[fill] = self.vehicles[stay];
            } else {
                self.vehicles[fill] = *new;
                added.pop();
            }
        }
        for (before, &lane) in lanes.iter().enumerate() {
            // Up to the next lane with someone new so many more lie before.
            let next = lanes
                .get(before + 1)
                .map_or(self.spans.len() - 1, |&next| next as usize);
            for span in &mut self.spans[lane as usize + 1..=next] {
                *span += before as u32 + 1;
            }
        }
        for lane in lanes {
            self.index_lane(lane);
        }
    }

    /// Finds spans and rears anew from the sorted vehicles.
    pub fn index(&mut self) {
        self.clear_tails();
        let whole = Piece {
            vehicles: 0..self.vehicles.len(),
            lanes: 0..self.roads.lanes.len(),
        };
        *self.spans.last_mut().expect("one more than lanes") = self.vehicles.len() as u32;
        let rows = rows(
            &[whole],
            &mut self.spans,
            &mut self.fronts,
            &mut self.rears,
            &mut self.loads,
        );
        for mut rows in rows {
            let (_, hanging) = rows.fill(&self.roads, &self.kinds, &self.vehicles, 0);
            for (lane, rear) in hanging {
                hang(&mut self.tails, &mut self.tail_lanes, lane, rear);
            }
        }
    }

    fn clear_tails(&mut self) {
        for lane in self.tail_lanes.drain(..) {
            self.tails[lane as usize] = Tail::EMPTY;
        }
    }

    /// Finds spans, fronts, rears and loads of the lanes of one edge anew, after changes of lane on it. Rears that hang over stay what they
    /// were: a change of lane leaves the place along the edge and the lanes behind it as they are.
    pub fn index_edge(&mut self, edge: u32) {
        let lanes = self.roads.edges[edge as usize].clone();
        let end = self.spans[lanes.end as usize] as usize;
        let mut start = self.spans[lanes.start as usize] as usize;
        for lane in lanes {
            self.spans[lane as usize] = start as u32;
            start += self.vehicles[start..end].partition_point(|vehicle| vehicle.lane == lane);
            self.spans[lane as usize + 1] = start as u32;
            self.index_lane(lane);
        }
    }

    /// Finds front, rear and load of a lane anew, whose span is right.
    fn index_lane(&mut self, lane: u32) {
        let at = lane as usize;
        let on_lane = &self.vehicles[self.spans[at] as usize..self.spans[at + 1] as usize];
        let (Some(first), Some(last)) = (on_lane.first(), on_lane.last()) else {
            return;
        };
        let kind = &self.kinds[usize::from(last.kind)];
        self.fronts[at] = (first.pos, first.speed, first.kind);
        self.rears[at] = (last.pos - kind.length, last.speed, kind.driver.decel);
        self.loads[at] = on_lane
            .iter()
            .map(|vehicle| &self.kinds[usize::from(vehicle.kind)])
            .map(|kind| kind.length + kind.driver.min_gap)
            .sum();
    }
}

/// Tables of lanes, cut as the vehicles are.
fn rows<'a>(
    pieces: &[Piece],
    spans: &'a mut [u32],
    fronts: &'a mut [(f32, f32, u16)],
    rears: &'a mut [(f32, f32, f32)],
    loads: &'a mut [f32],
) -> Vec<Rows<'a>> {
    let lengths = || pieces.iter().map(|piece| piece.lanes.len());
    let tables = parts(spans, lengths())
        .into_iter()
        .zip(parts(fronts, lengths()))
        .zip(parts(rears, lengths()))
        .zip(parts(loads, lengths()));
    pieces
        .iter()
        .zip(tables)
        .map(|(piece, (((spans, fronts), rears), loads))| Rows {
            lane: piece.lanes.start,
            spans,
            fronts,
            rears,
            loads,
        })
        .collect()
}

impl Rows<'_> {
    /// Finds the entries anew from the sorted vehicles of these lanes, the first of which is `first` among all. Returns the number of those
    /// that overlap with the one behind on their lane, and rears over the lanes behind.
    fn fill(
        &mut self,
        roads: &Roads,
        kinds: &[Kind],
        vehicles: &[Vehicle],
        first: u32,
    ) -> (u64, Vec<(u32, Tail)>) {
        let (mut overlaps, mut hanging) = (0, Vec::new());
        let mut vehicles = vehicles.iter().peekable();
        let (mut index, mut unset) = (first, 0);
        while let Some(first) = vehicles.next() {
            let lane = first.lane;
            let at = lane as usize - self.lane;
            self.spans[unset..=at].fill(index);
            unset = at + 1;
            self.fronts[at] = (first.pos, first.speed, first.kind);
            let mut load = 0.0;
            let mut vehicle = first;
            loop {
                index += 1;
                let kind = &kinds[usize::from(vehicle.kind)];
                load += kind.length + kind.driver.min_gap;
                let back = vehicle.pos - kind.length;
                if back < 0.0 {
                    hang_over(roads, vehicle, kind, &mut hanging);
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
            self.loads[at] = load;
        }
        self.spans[unset..].fill(index);
        (overlaps, hanging)
    }
}

/// Notes a rear over a lane; of several the rearmost counts.
fn hang(tails: &mut [Tail], tail_lanes: &mut Vec<u32>, lane: u32, rear: Tail) {
    let tail = &mut tails[lane as usize];
    if tail.trip == NONE {
        tail_lanes.push(lane);
    }
    if rear.back < tail.back {
        *tail = rear;
    }
}

/// Merges two sorted lists into `out`, which is as long as both.
fn merge(stay: &[Vehicle], movers: &[Vehicle], out: &mut [Vehicle]) {
    let (mut stay, mut movers) = (stay.iter().peekable(), movers.iter().peekable());
    for place in out {
        let moved = movers.peek();
        let next = stay.next_if(|next| moved.is_none_or(|moved| order(next, moved).is_lt()));
        if let Some(next) = next.or_else(|| movers.next()) {
            *place = *next;
        }
    }
}

/// Notes the rear of a vehicle for the lanes behind its own that it still covers.
fn hang_over(roads: &Roads, vehicle: &Vehicle, kind: &Kind, hanging: &mut Vec<(u32, Tail)>) {
    let mut back = vehicle.pos - kind.length;
    for &lane in &vehicle.behind {
        if back >= 0.0 || lane == NONE {
            break;
        }
        back += roads.lanes[lane as usize].length;
        let tail = Tail {
            trip: vehicle.trip,
            back,
            speed: vehicle.speed,
            decel: kind.driver.decel,
        };
        hanging.push((lane, tail));
    }
}
