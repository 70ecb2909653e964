//! Driving times from every node to every place in use.
//!
//! A place is a node where shuttles halt, charge or rest. For each place there is one row of times from all nodes, by Dijkstra's method on
//! the reversed streets. So a vehicle can be diverted at any node, and its way needs no memory of its own: the next arc is the one along
//! which the time falls. Rows are f32 (s): after two hours of driving the last bit is half a millisecond.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::streets::{Reversed, Streets};

/// Number of a place.
pub type PlaceId = u32;

/// Times (s) and the places they lead to.
#[derive(Clone, Debug)]
pub struct TravelTimes {
    nodes: usize,
    /// Node of each place.
    places: Vec<u32>,
    /// `[place][node]`: s from the node to the place, infinite where there is no way.
    to_place: Vec<f32>,
}

/// Memory (bytes) of the times.
pub fn times_bytes(places: usize, nodes: usize) -> u64 {
    (places as u64) * (nodes as u64) * size_of::<f32>() as u64
}

impl TravelTimes {
    /// Computes the rows in parallel; each row is one thread's work, so that the number of threads changes nothing.
    pub fn new(streets: &Streets, places: Vec<u32>) -> Self {
        let nodes = streets.nodes.len();
        let reversed = streets.reversed();
        let mut to_place = vec![f32::INFINITY; nodes * places.len()];
        if nodes > 0 {
            to_place
                .par_chunks_mut(nodes)
                .zip(&places)
                .for_each(|(row, &place)| fill_row(&reversed, place, row));
        }
        Self {
            nodes,
            places,
            to_place,
        }
    }

    /// Node of a place.
    pub fn node(&self, place: PlaceId) -> u32 {
        self.places[place as usize]
    }

    /// Nodes of the places.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// Times (s) to a place, by node.
    pub fn row(&self, place: PlaceId) -> &[f32] {
        let begin = place as usize * self.nodes;
        &self.to_place[begin..begin + self.nodes]
    }

    /// Time (s) from a node to a place; infinite where there is no way.
    pub fn time(&self, node: u32, place: PlaceId) -> f32 {
        self.to_place[place as usize * self.nodes + node as usize]
    }

    /// The arc to take at a node towards a place: the fastest way, the first arc among equals. `None` at the place and where there is no
    /// way.
    pub fn next_arc(&self, streets: &Streets, node: u32, place: PlaceId) -> Option<usize> {
        if node == self.node(place) {
            return None;
        }
        let row = self.row(place);
        let mut best = (f32::INFINITY, None);
        for arc in streets.arcs_of(node) {
            let time = streets.time_s[arc] + row[streets.heads[arc] as usize];
            if time < best.0 {
                best = (time, Some(arc));
            }
        }
        best.1
    }

    /// Length (m) of the fastest way from a node to a place; infinite where there is none.
    pub fn length_m(&self, streets: &Streets, node: u32, place: PlaceId) -> f64 {
        if !self.time(node, place).is_finite() {
            return f64::INFINITY;
        }
        let (mut at, mut length) = (node, 0.0);
        while let Some(arc) = self.next_arc(streets, at, place) {
            length += f64::from(streets.length_m[arc]);
            at = streets.heads[arc];
        }
        length
    }
}

fn fill_row(reversed: &Reversed, place: u32, row: &mut [f32]) {
    // Times are not negative, so that their bits are ordered as they are.
    let mut queue: BinaryHeap<Reverse<(u32, u32)>> = BinaryHeap::new();
    row[place as usize] = 0.0;
    queue.push(Reverse((0, place)));
    while let Some(Reverse((bits, node))) = queue.pop() {
        let time = f32::from_bits(bits);
        if time > row[node as usize] {
            continue;
        }
        for &(tail, arc_s) in reversed.into(node) {
            let longer = time + arc_s;
            if longer < row[tail as usize] {
                row[tail as usize] = longer;
                queue.push(Reverse((longer.to_bits(), tail)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::streets::grid_streets;
    use super::*;

    #[test]
    fn ways_on_a_grid_are_as_long_as_the_steps_between() {
        let grid = grid_streets(7, 5, 100.0, 10.0);
        let times = TravelTimes::new(&grid, vec![0, 17, 34]);
        for place in 0..3 {
            let goal = times.node(place);
            for node in 0..35_u32 {
                let steps = (node % 7).abs_diff(goal % 7) + (node / 7).abs_diff(goal / 7);
                assert_eq!(times.time(node, place), steps as f32 * 10.0);
                assert_eq!(times.length_m(&grid, node, place), f64::from(steps) * 100.0);
            }
        }
    }

    #[test]
    fn where_no_way_leads_the_time_is_infinite() {
        let streets = Streets::new(vec![[0.0, 0.0], [1.0, 0.0]], Vec::new());
        let times = TravelTimes::new(&streets, vec![1]);
        assert_eq!(times.time(0, 0), f32::INFINITY);
        assert_eq!(times.length_m(&streets, 0, 0), f64::INFINITY);
        assert_eq!(times.time(1, 0), 0.0);
    }
}
