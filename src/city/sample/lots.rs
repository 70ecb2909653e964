//! Cutting blocks into plots, and what a builder of houses shares.

use super::plan::Class;
use super::plane::{
    P2, Rect, add, area, contains, cross, direction, distance, distance_to_ring, dot, edges, inset,
    left, lerp, mul, offset_path, rings_meet, sub,
};
use super::random::Draw;
use super::shell::Shell;

/// A block inside its streets.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Outline of the plots, counter-clockwise.
    pub ring: Vec<P2>,
    /// What lies before each edge.
    pub classes: Vec<Class>,
    /// Line of the plan before each edge.
    pub lines: Vec<usize>,
}

impl Block {
    /// Direction of the longest edge before a street.
    pub fn main_direction(&self) -> P2 {
        let mut best = ([1.0, 0.0], 0.0);
        for (i, (a, b)) in edges(&self.ring).enumerate() {
            let length = distance(a, b);
            if self.classes[i] != Class::Border && length > best.1 {
                best = (direction(a, b), length);
            }
        }
        best.0
    }

    /// Distance (m) from a place on the outline straight inwards to the other side.
    pub fn reach(&self, p: P2, inwards: P2) -> f64 {
        edges(&self.ring)
            .filter_map(|(a, b)| {
                let denominator = cross(inwards, sub(b, a));
                if denominator.abs() < 1e-9 {
                    return None;
                }
                let t = cross(sub(a, p), sub(b, a)) / denominator;
                let s = cross(sub(a, p), inwards) / denominator;
                (t > 0.5 && (-1e-9..=1.0 + 1e-9).contains(&s)).then_some(t)
            })
            .fold(f64::INFINITY, f64::min)
    }

    /// Number of the edge nearest to a place, other than borders.
    pub fn nearest_edge(&self, p: P2) -> usize {
        let mut best = (0, f64::INFINITY);
        for (i, (a, b)) in edges(&self.ring).enumerate() {
            let d = super::plane::distance_to_segment(p, a, b);
            let street = self.classes[i].is_way();
            if street && d < best.1 {
                best = (i, d);
            }
        }
        best.0
    }
}

/// One plot along the edge of a block.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Street line, the plot to its left; more than two points where the block has a corner.
    pub path: Vec<P2>,
    /// Edge of the block on which the path starts.
    pub edge: usize,
    /// Whether start and end stand free, without a neighbour.
    pub free: [bool; 2],
}

impl Piece {
    /// Whether it is a plain rectangle.
    pub fn is_straight(&self) -> bool {
        self.path.len() == 2
    }

    /// Length of the street line (m).
    pub fn frontage(&self) -> f64 {
        self.path.windows(2).map(|w| distance(w[0], w[1])).sum()
    }

    /// The rectangle of a straight plot.
    pub fn rect(&self, depth: f64) -> Rect {
        let last = self.path[self.path.len() - 1];
        Rect {
            corner: self.path[0],
            along: direction(self.path[0], last),
            length: distance(self.path[0], last),
            width: depth,
        }
    }
}

/// How to cut the edge of a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cutting {
    /// Greatest depth of a house (m).
    pub depth: f64,
    /// How much longer a corner house is than it must be (m).
    pub spare: (f64, f64),
    /// Width of a plot (m).
    pub frontage: (f64, f64),
}

/// Cuts the edges that `usable` names into plots. Corner plots reach around the corner far enough that their neighbours do
/// not meet behind it.
pub(super) fn cut(
    block: &Block,
    usable: impl Fn(usize) -> bool,
    how: &Cutting,
    draw: &mut Draw,
) -> Vec<Piece> {
    let ring = &block.ring;
    let n = ring.len();
    let along = |i: usize| direction(ring[i % n], ring[(i + 1) % n]);
    let turn = |i: usize| {
        let (u, v) = (along(i + n - 1), along(i));
        cross(u, v).atan2(dot(u, v))
    };
    let used: Vec<bool> = (0..n).map(&usable).collect();
    let closed = used.iter().all(|&u| u);
    let starts: Vec<usize> = if closed {
        vec![0]
    } else {
        (0..n)
            .filter(|&i| used[i] && !used[(i + n - 1) % n])
            .collect()
    };
    let reserve: Vec<f64> = (0..n)
        .map(|i| {
            let phi = turn(i);
            let spare = if phi > 0.4 {
                draw.range(how.spare.0, how.spare.1)
            } else {
                // One house spans a slight bend.
                how.frontage.0 * draw.range(0.4, 0.6)
            };
            if used[i] && used[(i + n - 1) % n] {
                ((how.depth + 0.3) * (phi / 2.0).tan()).max(0.0) + spare
            } else {
                // End of a row: its square end must stay on the block.
                how.depth * (phi - std::f64::consts::FRAC_PI_2).tan().clamp(0.0, 3.0) + 0.3
            }
        })
        .collect();
    let mut pieces = Vec::new();
    for start in starts {
        let mut chain = Vec::new();
        while chain.len() < n && used[(start + chain.len()) % n] {
            chain.push((start + chain.len()) % n);
        }
        let mut cuts: Vec<(usize, f64)> = Vec::new();
        for (k, &edge) in chain.iter().enumerate() {
            let length = distance(ring[edge], ring[(edge + 1) % n]);
            let (low, high) = (reserve[edge], length - reserve[(edge + 1) % n]);
            let (first, last) = (!closed && k == 0, !closed && k + 1 == chain.len());
            let width = high - low;
            if width < 0.62 * how.frontage.0 {
                match (first, last) {
                    (true, true) if width > 6.0 => cuts.extend([(k, low), (k, high)]),
                    (true, true) => {}
                    // Leave the corner house as much of this edge as it is deep.
                    (true, false) => {
                        cuts.push((k, low.min((length - how.depth - 1.0).max(0.3))));
                    }
                    (false, true) => cuts.push((k, high.max((how.depth + 1.0).min(length - 0.3)))),
                    (false, false) if width >= 0.0 => cuts.push((k, (low + high) / 2.0)),
                    (false, false) => {}
                }
                continue;
            }
            let wanted = draw.range(how.frontage.0, how.frontage.1);
            let lots = (width / wanted).round().max(1.0);
            let mut lot = draw.child(edge as u64);
            for i in 0..=lots as usize {
                let inner = i > 0 && i < lots as usize;
                let jitter = if inner { lot.range(-0.2, 0.2) } else { 0.0 };
                cuts.push((k, low + width * (i as f64 + jitter) / lots));
            }
        }
        let at = |(k, s): (usize, f64)| {
            let edge = chain[k];
            add(ring[edge], mul(along(edge), s))
        };
        let count = if closed {
            cuts.len()
        } else {
            cuts.len().saturating_sub(1)
        };
        for c in 0..count {
            let (from, to) = (cuts[c], cuts[(c + 1) % cuts.len()]);
            let mut path = vec![at(from)];
            let mut k = from.0;
            // Around the ring when the next cut lies on an edge already passed.
            let wraps = closed && c + 1 == cuts.len();
            let mut steps = (to.0 + chain.len() - from.0) % chain.len();
            if wraps && steps == 0 && to.1 <= from.1 {
                steps = chain.len();
            }
            for _ in 0..steps {
                k = (k + 1) % chain.len();
                path.push(ring[chain[k]]);
            }
            path.push(at(to));
            pieces.push(Piece {
                path,
                edge: chain[from.0],
                free: [!closed && c == 0, !closed && c + 1 == count],
            });
        }
    }
    pieces
}

/// A house before it has an id and a number.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// Closed shells: the house and its wings.
    pub shells: Vec<Shell>,
    /// Use.
    pub function: &'static str,
    /// AdV roof code.
    pub roof: &'static str,
    /// Storeys above ground.
    pub storeys: Option<u32>,
    /// Year of construction.
    pub year: Option<i32>,
    /// Name.
    pub name: Option<String>,
    /// Line of the plan and the place of its door, for the address.
    pub door: Option<(usize, P2)>,
}

/// Puts houses on one block and keeps them apart.
pub(super) struct Builder<'a> {
    /// The block.
    pub block: &'a Block,
    /// Height (m NHN) at CRS coordinates.
    pub land: &'a dyn Fn(P2) -> f64,
    /// Random numbers of the block.
    pub draw: Draw,
    /// Houses so far.
    pub drafts: Vec<Draft>,
    taken: Vec<Vec<P2>>,
}

impl<'a> Builder<'a> {
    /// An empty block.
    pub fn new(block: &'a Block, land: &'a dyn Fn(P2) -> f64, draw: Draw) -> Self {
        Self {
            block,
            land,
            draw,
            drafts: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Height (m NHN) of the floor of a house: the lowest ground under its outline, and 10 cm below.
    pub fn base(&self, ring: &[P2]) -> f64 {
        let lowest = edges(ring)
            .flat_map(|(a, b)| [0.0, 0.25, 0.5, 0.75].map(|t| (self.land)(lerp(a, b, t))))
            .fold(f64::INFINITY, f64::min);
        ((lowest - 0.1) * 100.0).floor() / 100.0
    }

    /// Height (m NHN) of the street before a path: the higher of its ground and that of the outline's middle.
    pub fn street_level(&self, path: &[P2]) -> f64 {
        let middle = lerp(path[0], path[path.len() - 1], 0.5);
        let level = path
            .iter()
            .map(|&p| (self.land)(p))
            .fold((self.land)(middle), f64::max);
        (level * 100.0).round() / 100.0
    }

    /// Whether the outlines are free and on the block (with a margin).
    pub fn is_free(&self, rings: &[Vec<P2>]) -> bool {
        rings.iter().all(|ring| {
            let on_block = ring.iter().all(|&p| {
                contains(&self.block.ring, p) || distance_to_ring(p, &self.block.ring) < 0.05
            });
            on_block && self.taken.iter().all(|t| !rings_meet(ring, t))
        })
    }

    /// Adds a house when its ground is free; tells whether it did.
    pub fn put(&mut self, draft: Draft) -> bool {
        // Party walls touch: compare outlines drawn in by 5 cm.
        let rings: Vec<Vec<P2>> = draft
            .shells
            .iter()
            .filter_map(|s| s.footprint().into_iter().next())
            .filter_map(|ring| inset(&ring, &vec![0.05; ring.len()]))
            .collect();
        if rings.len() != draft.shells.len() || !self.is_free(&rings) {
            return false;
        }
        self.taken.extend(rings);
        self.drafts.push(draft);
        true
    }

    /// Door of a house on an edge of the block; houses on a quay have theirs on the nearest street.
    pub fn door(&self, edge: usize, at: P2) -> Option<(usize, P2)> {
        let street = self.block.classes[edge].is_way();
        let edge = if street {
            edge
        } else {
            self.block.nearest_edge(at)
        };
        let line = self.block.lines[edge];
        self.block.classes[edge].is_way().then_some((line, at))
    }

    /// Door of a free-standing house: the nearest street.
    pub fn nearest_door(&self, at: P2) -> Option<(usize, P2)> {
        self.door(self.block.nearest_edge(at), at)
    }
}

/// Whether a house of this depth can follow the path: no side of its back turns over.
pub(super) fn can_follow(path: &[P2], depth: f64) -> bool {
    let back = offset_path(path, depth);
    path.windows(2)
        .zip(back.windows(2))
        .all(|(a, b)| dot(sub(a[1], a[0]), sub(b[1], b[0])) > 0.0 && distance(b[0], b[1]) > 1.0)
        && {
            let mut ring = path.to_vec();
            ring.extend(back.iter().rev());
            area(&ring) > 20.0
        }
}

/// Centres of a lattice of cells that covers the block, row by row, in fixed order.
pub(super) fn lattice(block: &Block, along: P2, cell: (f64, f64)) -> Vec<P2> {
    let across = left(along);
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for &p in &block.ring {
        for (k, axis) in [along, across].into_iter().enumerate() {
            low[k] = low[k].min(dot(p, axis));
            high[k] = high[k].max(dot(p, axis));
        }
    }
    let size = [cell.0, cell.1];
    let count = [0, 1].map(|k| ((high[k] - low[k]) / size[k]).floor().max(1.0) as usize);
    // The rest is spread at both ends.
    let first = [0, 1].map(|k| low[k] + (high[k] - low[k] - count[k] as f64 * size[k]) / 2.0);
    (0..count[1])
        .flat_map(|row| (0..count[0]).map(move |col| (row, col)))
        .map(|(row, col)| {
            let s = first[0] + (col as f64 + 0.5) * size[0];
            let t = first[1] + (row as f64 + 0.5) * size[1];
            add(mul(along, s), mul(across, t))
        })
        .collect()
}
