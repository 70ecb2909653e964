//! Edges in the order of their places: what is near on the ground is near in the arrays, for caches and for threads that share a network.

use super::model::{Edge, Junction, Lane, Link, NONE, Network};

/// Halvings of the square that a network lies in, for the order of its places.
const HALVINGS: u32 = 16;

impl Network {
    /// The same network with its edges, lanes and links in the order of the junctions that they lead to, which follow a curve that fills the
    /// plane (Hilbert 1891). The edges on a junction come after those that lead to it. Junctions and signals keep their numbers.
    #[must_use]
    pub fn by_place(mut self) -> Self {
        let places = places(&self.junctions);
        let mut order: Vec<u32> = (0..self.edges.len() as u32).collect();
        order.sort_by_key(|&edge| {
            let Edge { to, inner, .. } = self.edges[edge as usize];
            (places.get(to as usize).copied(), to, inner)
        });
        let mut lane_of = vec![NONE; self.lanes.len()];
        let mut link_of = vec![NONE; self.links.len()];
        let (mut edges, mut lanes, mut links) = (Vec::new(), Vec::new(), Vec::new());
        for &old in &order {
            let mut edge = std::mem::take(&mut self.edges[old as usize]);
            let first = lanes.len() as u32;
            for old in edge.lanes.clone() {
                lane_of[old as usize] = lanes.len() as u32;
                let mut lane: Lane = std::mem::take(&mut self.lanes[old as usize]);
                lane.edge = edges.len() as u32;
                let start = links.len() as u32;
                for link in lane.links.clone() {
                    link_of[link as usize] = links.len() as u32;
                    links.push(self.links[link as usize].clone());
                }
                lane.links = start..links.len() as u32;
                lanes.push(lane);
            }
            edge.lanes = first..lanes.len() as u32;
            edges.push(edge);
        }
        let renumber = |links: &mut Vec<u32>| {
            for link in links {
                // Lists of a junction may have places without a link.
                *link = link_of.get(*link as usize).copied().unwrap_or(NONE);
            }
        };
        for link in &mut links {
            let Link {
                from, to, target, ..
            } = link;
            for lane in [from, to, target] {
                *lane = lane_of[*lane as usize];
            }
            renumber(&mut link.yields_to);
            renumber(&mut link.foes);
        }
        for junction in &mut self.junctions {
            renumber(&mut junction.links);
        }
        for signal in &mut self.signals {
            signal.links.iter_mut().for_each(renumber);
            for crossing in &mut signal.crossings {
                renumber(&mut crossing.entering);
                renumber(&mut crossing.leaving);
            }
        }
        Self {
            edges,
            lanes,
            links,
            ..self
        }
    }
}

/// Place of each junction on the curve.
fn places(junctions: &[Junction]) -> Vec<u64> {
    let mut low = [f64::INFINITY; 2];
    let mut size: f64 = 1.0;
    for axis in [0, 1] {
        let values = || junctions.iter().map(|junction| junction.position[axis]);
        low[axis] = values().fold(f64::INFINITY, f64::min);
        size = size.max(values().fold(f64::NEG_INFINITY, f64::max) - low[axis]);
    }
    let cells = f64::from(1u32 << HALVINGS);
    let cell = |value: f64, low: f64| ((value - low) / size * (cells - 1.0)) as u32;
    junctions
        .iter()
        .map(|junction| {
            let [x, y] = junction.position;
            along_curve(cell(x, low[0]), cell(y, low[1]))
        })
        .collect()
}

/// Number of a cell along Hilbert's curve through a square of 2^`HALVINGS` cells a side.
fn along_curve(mut x: u32, mut y: u32) -> u64 {
    let mut place = 0;
    for halving in (0..HALVINGS).rev() {
        let side = 1 << halving;
        let (right, upper) = (x & side != 0, y & side != 0);
        let quarter = match (right, upper) {
            (false, false) => 0,
            (false, true) => 1,
            (true, true) => 2,
            (true, false) => 3,
        };
        place = 4 * place + quarter;
        (x, y) = (x & (side - 1), y & (side - 1));
        // The curve in the first and last quarter is turned and mirrored, so that the quarters join.
        match quarter {
            0 => (x, y) = (y, x),
            3 => (x, y) = (side - 1 - y, side - 1 - x),
            _ => {}
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::network::grid::grid;

    /// Each link by names: lanes that it joins, those that it yields to.
    fn named(network: &Network) -> Vec<String> {
        let lane = |lane: u32| {
            let edge = network.edge_of(lane);
            format!("{}_{}", edge.id, network.place_in_edge(lane))
        };
        let link = |link: u32| {
            let link = &network.links[link as usize];
            format!(
                "{} {} {}",
                lane(link.from),
                lane(link.to),
                lane(link.target)
            )
        };
        let mut names: Vec<String> = (0..network.links.len() as u32)
            .map(|number| {
                let yields = &network.links[number as usize].yields_to;
                let mut yields: Vec<String> = yields.iter().map(|&foe| link(foe)).collect();
                yields.sort();
                format!("{} yields to {yields:?}", link(number))
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn another_order_is_the_same_network() {
        let mut network = grid(4, 150.0, 2);
        let before = named(&network);
        // Put into a place where the order differs.
        for junction in &mut network.junctions {
            junction.position = [junction.position[1], -junction.position[0]];
        }
        let turned = network.by_place();
        assert_eq!(named(&turned), before);
        for (number, lane) in turned.lanes.iter().enumerate() {
            assert!(
                turned.edges[lane.edge as usize]
                    .lanes
                    .contains(&(number as u32))
            );
            let mut links = lane.links.clone();
            assert!(links.all(|link| turned.links[link as usize].from == number as u32));
        }
    }

    #[test]
    fn the_curve_goes_from_cell_to_neighbouring_cell() {
        let mut cells: Vec<(u64, [u32; 2])> = (0..64)
            .flat_map(|x| (0..64).map(move |y| (along_curve(x, y), [x, y])))
            .collect();
        cells.sort_unstable();
        for pair in cells.windows(2) {
            let [a, b] = [pair[0].1, pair[1].1];
            assert_eq!(a[0].abs_diff(b[0]) + a[1].abs_diff(b[1]), 1, "{a:?} {b:?}");
        }
    }
}
