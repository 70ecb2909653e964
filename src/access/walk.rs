//! Walking: along streets, or in straight lines where there are none.
//!
//! A place is joined to the nearest point of a street; **the way from the place to the street is part of the walk**. On the network the
//! shortest way counts (Dijkstra 1959), bounded by the longest walk asked for. All lengths are metres in one plane; speeds come later.
//!
//! Streets meet where lines share a point (to the centimetre), as in OpenStreetMap; bridges and tunnels that only cross in the plan do not
//! meet. Where a path ends beside another piece of the network without touching it, it is joined ([`WalkNetwork::joined`]), since maps draw
//! paths through green as they please and people cross the grass. Pieces of the network shorter than [`LEAST_PIECE_M`] in all are left out: nobody is stuck on a lone garden path.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

/// Pieces of the network that are shorter (m) get no places. Own assumption, 100 to 1000.
pub const LEAST_PIECE_M: f64 = 300.0;

/// Longest gap (m) between the end of a path and another piece of the network that people cross. Own assumption, 5 to 40.
pub const JOIN_M: f64 = 25.0;

/// Edge of a cell (m) of the index of streets.
const CELL_M: f64 = 60.0;

/// Points closer than this (m) are one.
const SAME_M: f64 = 0.01;

/// How people walk.
#[derive(Debug)]
pub enum Walk {
    /// Along streets.
    Network(Box<WalkNetwork>),
    /// In straight lines.
    Straight(Straight),
}

/// A rule for straight lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Straight {
    /// East-west and north-south only, as in a city on a grid.
    pub manhattan: bool,
    /// Way per length of the line, 1 or more.
    pub detour: f64,
}

impl Straight {
    fn length_m(self, a: [f64; 2], b: [f64; 2]) -> f64 {
        let (dx, dy) = ((a[0] - b[0]).abs(), (a[1] - b[1]).abs());
        let line = if self.manhattan {
            dx + dy
        } else {
            dx.hypot(dy)
        };
        line * self.detour
    }
}

/// Streets as nodes and straight edges.
#[derive(Debug)]
pub struct WalkNetwork {
    nodes: Vec<[f64; 2]>,
    edges: Vec<[u32; 2]>,
    length_m: Vec<f64>,
    /// Edges at each node: `at_node[node_ends[n-1]..node_ends[n]]`.
    at_node: Groups<u32>,
    index: EdgeIndex,
    /// Piece of each edge.
    piece_of: Vec<u32>,
    /// Connected pieces, and those among them that are too short to be used.
    pub pieces: [usize; 2],
    /// Ends of paths that were joined with another piece.
    pub joins: usize,
    /// Length (m) of all streets.
    pub total_m: f64,
}

/// Items in groups, one list.
#[derive(Debug, Default)]
struct Groups<T> {
    items: Vec<T>,
    ends: Vec<u32>,
}

impl<T: Copy> Groups<T> {
    /// Groups pairs of (group, item); within a group the order stays.
    fn new(groups: usize, pairs: impl Iterator<Item = (u32, T)> + Clone, fill: T) -> Self {
        let mut ends = vec![0u32; groups];
        for (group, _) in pairs.clone() {
            ends[group as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            let count = *end;
            *end = sum;
            sum += count;
        }
        let mut items = vec![fill; sum as usize];
        for (group, item) in pairs {
            let place = &mut ends[group as usize];
            items[*place as usize] = item;
            *place += 1;
        }
        Self { items, ends }
    }

    fn of(&self, group: usize) -> &[T] {
        let start = if group == 0 { 0 } else { self.ends[group - 1] };
        &self.items[start as usize..self.ends[group] as usize]
    }
}

/// Which edges pass a cell of the plan.
#[derive(Debug)]
struct EdgeIndex {
    origin: [f64; 2],
    size: [usize; 2],
    edges: Groups<u32>,
}

/// A place on the network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snap {
    /// Edge.
    pub edge: u32,
    /// Way (m) from the first node of the edge.
    pub along_m: f64,
    /// Way (m) from the place to the edge.
    pub beside_m: f64,
}

/// Places that are walked to.
#[derive(Debug)]
pub struct Targets {
    /// The places.
    pub places: Vec<[f64; 2]>,
    /// Where they join the network; `None`: no street within the limit. All `None` with straight lines.
    pub snaps: Vec<Option<Snap>>,
    on_edge: Groups<u32>,
}

/// Walks between targets and sources: for each target the sources within the limit.
#[derive(Debug)]
pub struct Reach {
    pairs: Groups<(u32, f32)>,
}

impl Reach {
    /// Sources that reach a target, with the way (m); by number of the source.
    pub fn of(&self, target: usize) -> &[(u32, f32)] {
        self.pairs.of(target)
    }

    /// Number of walks.
    pub fn walks(&self) -> usize {
        self.pairs.items.len()
    }
}

impl WalkNetwork {
    /// Network of lines (m).
    pub fn new(lines: &[Vec<[f64; 2]>]) -> Self {
        let key = |p: [f64; 2]| p.map(|v| (v / SAME_M).round() as i64);
        let mut points: Vec<[i64; 2]> = lines.iter().flatten().map(|&p| key(p)).collect();
        points.sort_unstable();
        points.dedup();
        // Every point of a line is in the sorted list.
        let number = |p: [f64; 2]| points.partition_point(|q| *q < key(p)) as u32;
        let mut nodes = vec![[0.0; 2]; points.len()];
        let mut edges: Vec<[u32; 2]> = Vec::new();
        for line in lines {
            for &p in line {
                nodes[number(p) as usize] = p;
            }
            let pairs = line.windows(2).map(|p| [number(p[0]), number(p[1])]);
            edges.extend(
                pairs
                    .filter(|e| e[0] != e[1])
                    .map(|[a, b]| [a.min(b), a.max(b)]),
            );
        }
        edges.sort_unstable();
        edges.dedup();
        let length = |[a, b]: [u32; 2]| {
            let (a, b) = (nodes[a as usize], nodes[b as usize]);
            (a[0] - b[0]).hypot(a[1] - b[1])
        };
        let length_m: Vec<f64> = edges.iter().map(|&e| length(e)).collect();
        let (usable, pieces, piece_of) = usable_edges(nodes.len(), &edges, &length_m);
        let both = edges
            .iter()
            .enumerate()
            .flat_map(|(e, ends)| ends.map(|n| (n, e as u32)));
        let at_node = Groups::new(nodes.len(), both, 0);
        let index = EdgeIndex::new(&nodes, &edges, &usable);
        Self {
            at_node,
            index,
            piece_of,
            pieces,
            joins: 0,
            total_m: length_m.iter().sum(),
            nodes,
            edges,
            length_m,
        }
    }

    /// Network of lines (m) in which ends of paths are joined with the nearest other piece within [`JOIN_M`], where `open` lets one walk from
    /// place to place.
    pub fn joined(lines: &[Vec<[f64; 2]>], open: impl Fn([f64; 2], [f64; 2]) -> bool) -> Self {
        let first = Self::new(lines);
        if first.pieces[0] < 2 {
            return first;
        }
        // With pieces too short to be used too: most gaps are theirs.
        let all = vec![true; first.edges.len()];
        let whole = Self {
            index: EdgeIndex::new(&first.nodes, &first.edges, &all),
            ..first
        };
        let mut links: Vec<Vec<[f64; 2]>> = Vec::new();
        let mut splits: Vec<(u32, f64, [f64; 2])> = Vec::new();
        for (node, &place) in whole.nodes.iter().enumerate() {
            let [edge] = whole.at_node.of(node) else {
                continue;
            };
            let own = whole.piece_of[*edge as usize];
            let other = |edge: u32| whole.piece_of[edge as usize] != own;
            let Some(snap) = whole.nearest_edge(place, JOIN_M, other) else {
                continue;
            };
            let there = whole.place_of(snap);
            if open(place, there) {
                links.push(vec![place, there]);
                splits.push((snap.edge, snap.along_m, there));
            }
        }
        splits.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let joins = links.len();
        let mut all = links;
        for (number, ends) in whole.edges.iter().enumerate() {
            let on_edge = splits.iter().filter(|split| split.0 as usize == number);
            let [a, b] = ends.map(|node| whole.nodes[node as usize]);
            let mut line = vec![a];
            line.extend(on_edge.map(|split| split.2));
            line.push(b);
            all.push(line);
        }
        Self {
            joins,
            total_m: whole.total_m,
            ..Self::new(&all)
        }
    }

    fn place_of(&self, snap: Snap) -> [f64; 2] {
        let [a, b] = self.edges[snap.edge as usize].map(|node| self.nodes[node as usize]);
        let t = snap.along_m / self.length_m[snap.edge as usize];
        [0, 1].map(|k| a[k] + t * (b[k] - a[k]))
    }

    /// Nearest place on the network, at most `limit_m` away.
    pub fn snap(&self, place: [f64; 2], limit_m: f64) -> Option<Snap> {
        self.nearest_edge(place, limit_m, |_| true)
    }

    /// Nearest place on the edges that count.
    fn nearest_edge(
        &self,
        place: [f64; 2],
        limit_m: f64,
        counts: impl Fn(u32) -> bool,
    ) -> Option<Snap> {
        let mut best: Option<Snap> = None;
        let cell = |k: usize| ((place[k] - self.index.origin[k]) / CELL_M).floor();
        let (col, row) = (cell(0), cell(1));
        if !(col.is_finite() && row.is_finite()) {
            return None;
        }
        let most = (limit_m / CELL_M).ceil() + 1.0;
        let mut ring = 0.0;
        while ring <= most {
            // What lies in this ring is at least (ring - 1) cells away.
            if best.is_some_and(|b| b.beside_m <= (ring - 1.0) * CELL_M) {
                break;
            }
            for (c, r) in ring_cells(col, row, ring) {
                for &edge in self.index.at(c, r).iter().filter(|edge| counts(**edge)) {
                    let snap = self.on_edge(edge, place);
                    let closer =
                        best.is_none_or(|b| (snap.beside_m, snap.edge) < (b.beside_m, b.edge));
                    if closer {
                        best = Some(snap);
                    }
                }
            }
            ring += 1.0;
        }
        best.filter(|b| b.beside_m <= limit_m)
    }

    fn on_edge(&self, edge: u32, place: [f64; 2]) -> Snap {
        let [a, b] = self.edges[edge as usize].map(|n| self.nodes[n as usize]);
        let length = self.length_m[edge as usize];
        let [ux, uy] = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let [px, py] = [place[0] - a[0], place[1] - a[1]];
        let along_m = (px * ux + py * uy).clamp(0.0, length);
        Snap {
            edge,
            along_m,
            beside_m: (px - along_m * ux).hypot(py - along_m * uy),
        }
    }

    /// Shortest ways (m) from sources, each with a way that it has behind it, to nodes up to a limit. Calls `settled` once per node.
    fn spread(
        &self,
        sources: impl Iterator<Item = (Snap, f64)>,
        limit_m: f64,
        scratch: &mut Scratch,
    ) {
        for &node in &scratch.touched {
            scratch.way_m[node as usize] = f64::INFINITY;
        }
        scratch.touched.clear();
        scratch.heap.clear();
        scratch.way_m.resize(self.nodes.len(), f64::INFINITY);
        for (snap, behind_m) in sources {
            let [a, b] = self.edges[snap.edge as usize];
            let length = self.length_m[snap.edge as usize];
            let from_m = behind_m + snap.beside_m;
            scratch.push(a, from_m + snap.along_m, limit_m);
            scratch.push(b, from_m + length - snap.along_m, limit_m);
        }
        while let Some(Reverse((bits, node))) = scratch.heap.pop() {
            let way_m = f64::from_bits(bits);
            if way_m > scratch.way_m[node as usize] {
                continue;
            }
            for &edge in self.at_node.of(node as usize) {
                let [a, b] = self.edges[edge as usize];
                let other = if a == node { b } else { a };
                scratch.push(other, way_m + self.length_m[edge as usize], limit_m);
            }
        }
    }
}

/// Lists that a search fills.
#[derive(Debug, Default)]
struct Scratch {
    way_m: Vec<f64>,
    touched: Vec<u32>,
    /// Ways as bits: positive numbers keep their order.
    heap: BinaryHeap<Reverse<(u64, u32)>>,
}

impl Scratch {
    fn push(&mut self, node: u32, way_m: f64, limit_m: f64) {
        let known = &mut self.way_m[node as usize];
        if way_m < *known && way_m <= limit_m {
            if *known == f64::INFINITY {
                self.touched.push(node);
            }
            *known = way_m;
            self.heap.push(Reverse((way_m.to_bits(), node)));
        }
    }
}

/// Cells at a distance of `ring` cells from one.
fn ring_cells(col: f64, row: f64, ring: f64) -> impl Iterator<Item = (f64, f64)> {
    let side = 2 * ring as i64 + 1;
    (0..side * side).filter_map(move |k| {
        let (dx, dy) = ((k % side) as f64 - ring, (k / side) as f64 - ring);
        (dx.abs() == ring || dy.abs() == ring).then_some((col + dx, row + dy))
    })
}

/// Marks edges of pieces that are long enough; number of pieces, and of those that are too short; the piece of each edge.
fn usable_edges(
    nodes: usize,
    edges: &[[u32; 2]],
    length_m: &[f64],
) -> (Vec<bool>, [usize; 2], Vec<u32>) {
    let mut parent: Vec<u32> = (0..nodes as u32).collect();
    fn root(parent: &mut [u32], mut node: u32) -> u32 {
        while parent[node as usize] != node {
            parent[node as usize] = parent[parent[node as usize] as usize];
            node = parent[node as usize];
        }
        node
    }
    for &[a, b] in edges {
        let (a, b) = (root(&mut parent, a), root(&mut parent, b));
        parent[a.max(b) as usize] = a.min(b);
    }
    let roots: Vec<u32> = edges.iter().map(|e| root(&mut parent, e[0])).collect();
    let mut total_m = vec![0.0; nodes];
    for (&root, length) in roots.iter().zip(length_m) {
        total_m[root as usize] += length;
    }
    let longest = total_m.iter().copied().fold(0.0, f64::max);
    let least = LEAST_PIECE_M.min(longest);
    let pieces = total_m.iter().filter(|m| **m > 0.0).count();
    let short = total_m.iter().filter(|m| **m > 0.0 && **m < least).count();
    let usable = roots
        .iter()
        .map(|&r| total_m[r as usize] >= least)
        .collect();
    (usable, [pieces, short], roots)
}

impl EdgeIndex {
    fn new(nodes: &[[f64; 2]], edges: &[[u32; 2]], usable: &[bool]) -> Self {
        let low = |k: usize| nodes.iter().map(|p| p[k]).fold(f64::INFINITY, f64::min);
        let high = |k: usize| nodes.iter().map(|p| p[k]).fold(f64::NEG_INFINITY, f64::max);
        if nodes.is_empty() {
            return Self {
                origin: [0.0; 2],
                size: [0; 2],
                edges: Groups::default(),
            };
        }
        let origin = [low(0), low(1)];
        let size = [0, 1].map(|k| ((high(k) - origin[k]) / CELL_M) as usize + 1);
        let cells = |edge: usize| {
            let [a, b] = edges[edge].map(|n| nodes[n as usize]);
            let span = |k: usize| {
                let cell = |v: f64| ((v - origin[k]) / CELL_M) as usize;
                cell(a[k].min(b[k]))..=cell(a[k].max(b[k]))
            };
            // A long slanting edge is only in the cells near it.
            let near = move |col: usize, row: usize| {
                let middle = [
                    origin[0] + (col as f64 + 0.5) * CELL_M - a[0],
                    origin[1] + (row as f64 + 0.5) * CELL_M - a[1],
                ];
                let along = [b[0] - a[0], b[1] - a[1]];
                let square = along[0] * along[0] + along[1] * along[1];
                let t = ((middle[0] * along[0] + middle[1] * along[1]) / square).clamp(0.0, 1.0);
                (middle[0] - t * along[0]).hypot(middle[1] - t * along[1]) <= CELL_M
            };
            let rows = span(1);
            span(0)
                .flat_map(move |col| rows.clone().map(move |row| (col, row)))
                .filter(move |&(col, row)| near(col, row))
                .map(move |(col, row)| ((row * size[0] + col) as u32, edge as u32))
        };
        let pairs = (0..edges.len()).filter(|&e| usable[e]).flat_map(cells);
        Self {
            origin,
            size,
            edges: Groups::new(size[0] * size[1], pairs, 0),
        }
    }

    fn at(&self, col: f64, row: f64) -> &[u32] {
        if col < 0.0 || row < 0.0 || col >= self.size[0] as f64 || row >= self.size[1] as f64 {
            return &[];
        }
        self.edges.of(row as usize * self.size[0] + col as usize)
    }
}

impl Walk {
    /// Joins places to the streets, at most `limit_m` away.
    pub fn targets(&self, places: Vec<[f64; 2]>, limit_m: f64) -> Targets {
        let Self::Network(network) = self else {
            return Targets {
                snaps: vec![None; places.len()],
                on_edge: Groups::default(),
                places,
            };
        };
        let snaps: Vec<Option<Snap>> = places
            .par_iter()
            .map(|&p| network.snap(p, limit_m))
            .collect();
        let on_edge = snaps.iter().enumerate();
        let on_edge = on_edge.filter_map(|(k, snap)| snap.map(|snap| (snap.edge, k as u32)));
        Targets {
            on_edge: Groups::new(network.edges.len(), on_edge, 0),
            snaps,
            places,
        }
    }

    /// True when a target can be walked to at all.
    pub fn joined(&self, targets: &Targets, target: usize) -> bool {
        matches!(self, Self::Straight(_)) || targets.snaps[target].is_some()
    }

    /// All walks of at most `limit_m` between targets and sources.
    pub fn reach(&self, targets: &Targets, sources: &Targets, limit_m: f64) -> Reach {
        let of_source: Vec<Vec<(u32, f32)>> = match self {
            Self::Network(network) => (0..sources.places.len())
                .into_par_iter()
                .map_init(Scratch::default, |scratch, source| {
                    let Some(snap) = sources.snaps[source] else {
                        return Vec::new();
                    };
                    network.spread(std::iter::once((snap, 0.0)), limit_m, scratch);
                    let mut found = network.found(targets, scratch);
                    let own = targets.on_edge.of(snap.edge as usize);
                    found.extend(own.iter().filter_map(|&target| {
                        let there = targets.snaps[target as usize]?;
                        let along = (there.along_m - snap.along_m).abs();
                        Some((target, snap.beside_m + along + there.beside_m))
                    }));
                    nearest_only(found, limit_m)
                })
                .collect(),
            Self::Straight(rule) => {
                let cells = Cells::new(&targets.places, limit_m);
                let near = |&source: &[f64; 2]| {
                    let found = cells.near(source);
                    let found =
                        found.map(|k| (k, rule.length_m(source, targets.places[k as usize])));
                    nearest_only(found.collect(), limit_m)
                };
                sources.places.par_iter().map(near).collect()
            }
        };
        let pairs = of_source.iter().enumerate().flat_map(|(source, list)| {
            list.iter()
                .map(move |&(target, way_m)| (target, (source as u32, way_m)))
        });
        Reach {
            pairs: Groups::new(targets.places.len(), pairs, (0, 0.0)),
        }
    }

    /// Shortest way (m) from any source to each target; infinite beyond the limit. Each source has a way (m) behind it already.
    pub fn nearest(
        &self,
        targets: &Targets,
        sources: &Targets,
        behind_m: &[f64],
        limit_m: f64,
    ) -> Vec<f64> {
        let mut ways = vec![f64::INFINITY; targets.places.len()];
        let mut shorten = |target: u32, way_m: f64| {
            let known = &mut ways[target as usize];
            if way_m <= limit_m {
                *known = known.min(way_m);
            }
        };
        match self {
            Self::Network(network) => {
                let mut scratch = Scratch::default();
                let joined = sources.snaps.iter().zip(behind_m);
                let joined = joined.filter_map(|(snap, &behind)| Some(((*snap)?, behind)));
                let joined: Vec<(Snap, f64)> = joined.filter(|s| s.1 <= limit_m).collect();
                network.spread(joined.iter().copied(), limit_m, &mut scratch);
                for (target, way_m) in network.found(targets, &scratch) {
                    shorten(target, way_m);
                }
                for (snap, behind) in joined {
                    for &target in targets.on_edge.of(snap.edge as usize) {
                        if let Some(there) = targets.snaps[target as usize] {
                            let along = (there.along_m - snap.along_m).abs();
                            shorten(target, behind + snap.beside_m + along + there.beside_m);
                        }
                    }
                }
            }
            Self::Straight(rule) => {
                for (target, place) in targets.places.iter().enumerate() {
                    for (source, behind) in sources.places.iter().zip(behind_m) {
                        shorten(target as u32, behind + rule.length_m(*source, *place));
                    }
                }
            }
        }
        ways
    }
}

impl WalkNetwork {
    /// Targets on edges at nodes that a search came to, with the way (m) over that node.
    fn found(&self, targets: &Targets, scratch: &Scratch) -> Vec<(u32, f64)> {
        let mut found = Vec::new();
        for &node in &scratch.touched {
            let way_m = scratch.way_m[node as usize];
            for &edge in self.at_node.of(node as usize) {
                for &target in targets.on_edge.of(edge as usize) {
                    let Some(there) = targets.snaps[target as usize] else {
                        continue;
                    };
                    let along = if self.edges[edge as usize][0] == node {
                        there.along_m
                    } else {
                        self.length_m[edge as usize] - there.along_m
                    };
                    found.push((target, way_m + along + there.beside_m));
                }
            }
        }
        found
    }
}

/// The shortest way to each target within the limit, by target.
fn nearest_only(mut found: Vec<(u32, f64)>, limit_m: f64) -> Vec<(u32, f32)> {
    found.retain(|f| f.1 <= limit_m);
    found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    found.dedup_by_key(|f| f.0);
    found
        .into_iter()
        .map(|(target, way_m)| (target, way_m as f32))
        .collect()
}

/// Places by cells of the size of the longest walk.
struct Cells {
    cell_m: f64,
    origin: [f64; 2],
    size: [usize; 2],
    places: Groups<u32>,
}

impl Cells {
    fn new(places: &[[f64; 2]], cell_m: f64) -> Self {
        let cell_m = cell_m.max(1.0);
        let low = |k: usize| places.iter().map(|p| p[k]).fold(f64::INFINITY, f64::min);
        let high = |k: usize| {
            places
                .iter()
                .map(|p| p[k])
                .fold(f64::NEG_INFINITY, f64::max)
        };
        let origin = [low(0), low(1)];
        let size = if places.is_empty() {
            [0; 2]
        } else {
            [0, 1].map(|k| ((high(k) - origin[k]) / cell_m) as usize + 1)
        };
        let cell = |p: &[f64; 2]| {
            let [col, row] = [0, 1].map(|k| ((p[k] - origin[k]) / cell_m) as usize);
            (row * size[0] + col) as u32
        };
        let pairs = places.iter().enumerate().map(|(k, p)| (cell(p), k as u32));
        Self {
            places: Groups::new(size[0] * size[1], pairs, 0),
            cell_m,
            origin,
            size,
        }
    }

    fn near(&self, place: [f64; 2]) -> impl Iterator<Item = u32> + '_ {
        let [col, row] = [0, 1].map(|k| ((place[k] - self.origin[k]) / self.cell_m).floor() as i64);
        let cells = (row - 1..=row + 1).flat_map(move |r| (col - 1..=col + 1).map(move |c| (c, r)));
        let inside = cells.filter(|&(c, r)| {
            c >= 0 && r >= 0 && c < self.size[0] as i64 && r < self.size[1] as i64
        });
        inside.flat_map(|(c, r)| {
            self.places
                .of(r as usize * self.size[0] + c as usize)
                .iter()
                .copied()
        })
    }
}

#[cfg(test)]
mod tests;
