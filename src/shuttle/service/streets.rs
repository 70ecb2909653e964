//! Streets as a graph: nodes in a plane, arcs with length and driving time.

/// A directed graph of streets in compressed rows: the arcs that leave node `n` are `first_arc[n]..first_arc[n + 1]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Streets {
    /// Places of the nodes (m, one plane).
    pub nodes: Vec<[f64; 2]>,
    /// Begin of each node's arcs, and their number at the end.
    pub first_arc: Vec<u32>,
    /// Where arcs end.
    pub heads: Vec<u32>,
    /// Lengths (m).
    pub length_m: Vec<f32>,
    /// Driving times (s), at least [`LEAST_TIME_S`].
    pub time_s: Vec<f32>,
    /// Way of each arc for drawing (m), from the tail's place to that of the head; empty where it is the straight line.
    pub shapes: Vec<Vec<[f32; 2]>>,
}

/// An arc as an importer gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Arc {
    /// Node where it begins.
    pub tail: u32,
    /// Node where it ends.
    pub head: u32,
    /// Length (m).
    pub length_m: f32,
    /// Driving time (s).
    pub time_s: f32,
    /// See [`Streets::shapes`].
    pub shape: Vec<[f32; 2]>,
}

/// Arcs take at least so long (s): a way is followed by falling times, so that none may take no time.
pub const LEAST_TIME_S: f32 = 0.01;

impl Streets {
    /// Builds the graph. Of the arcs of a node those given first stay first.
    ///
    /// # Panics
    /// When an arc names a node that is not there.
    pub fn new(nodes: Vec<[f64; 2]>, mut arcs: Vec<Arc>) -> Self {
        arcs.sort_by_key(|arc| arc.tail);
        let mut first_arc = vec![0_u32; nodes.len() + 1];
        for arc in &arcs {
            assert!(
                (arc.tail as usize) < nodes.len() && (arc.head as usize) < nodes.len(),
                "arcs join nodes that are there"
            );
            first_arc[arc.tail as usize + 1] += 1;
        }
        for node in 0..nodes.len() {
            first_arc[node + 1] += first_arc[node];
        }
        Self {
            nodes,
            first_arc,
            heads: arcs.iter().map(|arc| arc.head).collect(),
            length_m: arcs.iter().map(|arc| arc.length_m).collect(),
            time_s: arcs
                .iter()
                .map(|arc| arc.time_s.max(LEAST_TIME_S))
                .collect(),
            shapes: arcs.into_iter().map(|arc| arc.shape).collect(),
        }
    }

    /// Arcs that leave a node.
    pub fn arcs_of(&self, node: u32) -> std::ops::Range<usize> {
        self.first_arc[node as usize] as usize..self.first_arc[node as usize + 1] as usize
    }

    /// Replaces the driving time of every arc by what `time_of` says for it (s), for example that of a simulation of traffic.
    #[must_use]
    pub fn with_times(mut self, time_of: impl Fn(usize) -> f32) -> Self {
        for arc in 0..self.time_s.len() {
            self.time_s[arc] = time_of(arc).max(LEAST_TIME_S);
        }
        self
    }

    /// The same graph with all arcs turned round; arc numbers are lost.
    pub(super) fn reversed(&self) -> Reversed {
        let mut first = vec![0_u32; self.nodes.len() + 1];
        for &head in &self.heads {
            first[head as usize + 1] += 1;
        }
        for node in 0..self.nodes.len() {
            first[node + 1] += first[node];
        }
        let mut next = first.clone();
        let mut arcs = vec![(0, 0.0); self.heads.len()];
        for tail in 0..self.nodes.len() as u32 {
            for arc in self.arcs_of(tail) {
                let slot = &mut next[self.heads[arc] as usize];
                arcs[*slot as usize] = (tail, self.time_s[arc]);
                *slot += 1;
            }
        }
        Reversed { first, arcs }
    }

    /// Marks the nodes of the largest part of the graph in which every node can be reached from every other: who stands there is never
    /// trapped. Method: Tarjan 1972, without recursion; of two equal parts that of the lowest node.
    pub fn main_part(&self) -> Vec<bool> {
        let part = strong_parts(self);
        let parts = part.iter().max().map_or(0, |most| *most as usize + 1);
        let mut size = vec![0_usize; parts];
        let mut lowest = vec![u32::MAX; parts];
        for (node, &of) in part.iter().enumerate() {
            size[of as usize] += 1;
            lowest[of as usize] = lowest[of as usize].min(node as u32);
        }
        let best = (0..parts).max_by_key(|&of| (size[of], std::cmp::Reverse(lowest[of])));
        part.iter().map(|&of| Some(of as usize) == best).collect()
    }

    /// The node nearest to a place among those that `usable` marks, with the distance (m) by the straight line; of two the lower number.
    pub fn nearest(&self, place: [f64; 2], usable: &[bool]) -> Option<(u32, f64)> {
        let mut best: Option<(u32, f64)> = None;
        for (node, at) in self.nodes.iter().enumerate() {
            let distance = (at[0] - place[0]).hypot(at[1] - place[1]);
            if usable[node] && best.is_none_or(|(_, least)| distance < least) {
                best = Some((node as u32, distance));
            }
        }
        best
    }
}

/// Arcs by the node where they end.
pub(super) struct Reversed {
    first: Vec<u32>,
    arcs: Vec<(u32, f32)>,
}

impl Reversed {
    /// Tails and driving times (s) of the arcs that end in a node.
    pub(super) fn into(&self, node: u32) -> &[(u32, f32)] {
        &self.arcs[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

fn strong_parts(streets: &Streets) -> Vec<u32> {
    const NEW: u32 = u32::MAX;
    let n = streets.nodes.len();
    let (mut order, mut low, mut part) = (vec![NEW; n], vec![0_u32; n], vec![NEW; n]);
    let (mut stack, mut open): (Vec<(u32, usize)>, Vec<u32>) = (Vec::new(), Vec::new());
    let (mut count, mut parts) = (0, 0);
    for root in 0..n as u32 {
        if order[root as usize] != NEW {
            continue;
        }
        stack.push((root, streets.arcs_of(root).start));
        while let Some(&mut (node, ref mut arc)) = stack.last_mut() {
            let here = node as usize;
            if order[here] == NEW {
                order[here] = count;
                low[here] = count;
                count += 1;
                open.push(node);
            }
            if *arc < streets.arcs_of(node).end {
                let head = streets.heads[*arc] as usize;
                *arc += 1;
                if order[head] == NEW {
                    stack.push((head as u32, streets.arcs_of(head as u32).start));
                } else if part[head] == NEW {
                    low[here] = low[here].min(order[head]);
                }
                continue;
            }
            stack.pop();
            if let Some(&(above, _)) = stack.last() {
                low[above as usize] = low[above as usize].min(low[here]);
            }
            if low[here] == order[here] {
                while let Some(last) = open.pop() {
                    part[last as usize] = parts;
                    if last == node {
                        break;
                    }
                }
                parts += 1;
            }
        }
    }
    part
}

/// A grid of two-way streets: `columns` by `rows` nodes, `spacing_m` apart, driven at `speed_m_s`. Node = row * columns + column, row 0 in
/// the south.
pub fn grid_streets(columns: u32, rows: u32, spacing_m: f64, speed_m_s: f64) -> Streets {
    let mut nodes = Vec::new();
    let mut arcs = Vec::new();
    for row in 0..rows {
        for column in 0..columns {
            let node = row * columns + column;
            nodes.push([f64::from(column) * spacing_m, f64::from(row) * spacing_m]);
            let mut join = |other: u32| {
                for (tail, head) in [(node, other), (other, node)] {
                    arcs.push(Arc {
                        tail,
                        head,
                        length_m: spacing_m as f32,
                        time_s: (spacing_m / speed_m_s) as f32,
                        shape: Vec::new(),
                    });
                }
            };
            if column + 1 < columns {
                join(node + 1);
            }
            if row + 1 < rows {
                join(node + columns);
            }
        }
    }
    Streets::new(nodes, arcs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(tail: u32, head: u32) -> Arc {
        Arc {
            tail,
            head,
            length_m: 10.0,
            time_s: 1.0,
            shape: Vec::new(),
        }
    }

    #[test]
    fn the_main_part_leaves_out_where_one_cannot_return_from() {
        let nodes = vec![[0.0, 0.0]; 6];
        // 0 -> (1 2 3 in a ring) -> 4; 5 alone.
        let arcs = vec![arc(0, 1), arc(1, 2), arc(2, 3), arc(3, 1), arc(3, 4)];
        let main = Streets::new(nodes, arcs).main_part();
        assert_eq!(main, [false, true, true, true, false, false]);
    }

    #[test]
    fn a_grid_has_two_arcs_for_each_street() {
        let grid = grid_streets(4, 3, 100.0, 10.0);
        assert_eq!(grid.nodes.len(), 12);
        assert_eq!(grid.heads.len(), 2 * (3 * 3 + 4 * 2));
        assert!(grid.main_part().iter().all(|main| *main));
        let all = vec![true; 12];
        assert_eq!(
            grid.nearest([290.0, 110.0], &all).map(|found| found.0),
            Some(7)
        );
    }
}
