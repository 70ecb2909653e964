//! The vehicles in pieces for the threads: whole edges in the order of the lanes, about as many vehicles in each.
//!
//! A pass works on all pieces side by side. What a vehicle does depends on what the pass before left and never on the cut, so the number of
//! pieces, and of threads, leaves no trace in the result.

use std::mem;
use std::ops::Range;

use super::state::World;

/// Least number of vehicles in a piece: to hand over fewer costs more than to do them.
const LEAST: usize = 128;

/// Pieces per thread: who is done early takes one from another.
const PER_THREAD: usize = 1;

/// Neighbours in the array of vehicles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Vehicles.
    pub vehicles: Range<usize>,
    /// The lanes that they are on, with the empty ones up to the next piece.
    pub lanes: Range<usize>,
}

impl World {
    /// Cuts the vehicles for the threads that there are.
    pub fn pieces(&self) -> Vec<Piece> {
        self.cut(rayon::current_num_threads())
    }

    fn cut(&self, threads: usize) -> Vec<Piece> {
        let (total, lanes) = (self.vehicles.len(), self.roads.lanes.len());
        let count = match threads {
            1 => 1,
            _ => (total / LEAST).clamp(1, threads * PER_THREAD),
        };
        let mut pieces = Vec::with_capacity(count);
        let (mut vehicle, mut lane) = (0, 0);
        for number in 1..count {
            let middle = self.vehicles[total * number / count].lane;
            let edge = self.roads.lanes[middle as usize].edge;
            let next = self.roads.edges[edge as usize].start as usize;
            let first = self.spans[next] as usize;
            if first > vehicle {
                pieces.push(Piece {
                    vehicles: mem::replace(&mut vehicle, first)..first,
                    lanes: mem::replace(&mut lane, next)..next,
                });
            }
        }
        pieces.push(Piece {
            vehicles: vehicle..total,
            lanes: lane..lanes,
        });
        pieces
    }
}

/// Cuts a slice into parts of these lengths.
pub fn parts<T>(mut slice: &mut [T], lengths: impl Iterator<Item = usize>) -> Vec<&mut [T]> {
    lengths
        .map(|length| {
            let (part, rest) = mem::take(&mut slice).split_at_mut(length);
            slice = rest;
            part
        })
        .collect()
}
