//! The instant layer: sinks and flow paths of the bare ground, without time and without any amount of rain.
//!
//! What a Starkregenhinweiskarte shows: where water would stand if every hollow were full, and along which lines it runs there.
//! It is a preview: no volume of rain, no sewer, no infiltration, no velocity.
//!
//! Method: Priority-Flood with a plain queue for hollows (Barnes, Lehman & Mulla 2014, doi:10.1016/j.cageo.2013.04.024, algorithm 2);
//! directions to the steepest of eight neighbours on the filled surface (D8), and on level water or level ground along the tree
//! of the flood, which takes the fewest steps to the place where the water leaves; accumulation in the reverse order of the flood.
//!
//! * Cells that are not open are walls. Water does not pass between two walls that touch at a corner.
//! * Water leaves at outlets only, see [`rim_outlets`] and [`boundary_outlets`]. Ground that is cut off from all outlets (a
//!   courtyard) drains to its own lowest cell, which ends its paths; how deep water stands there is decided by the rain alone,
//!   so that only hollows above that lowest cell have a depth.
//! * Walls thinner than a cell, culverts and inlets are not seen here; the solvers know them.
//! * Equal heights are taken in the order of the cells (rows from the north, columns from the west): same input, same bytes.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::domain::Domain;
use crate::geo::Grid;

/// Steps (row, column) to the eight neighbours; directions index this list: east, north-east, north ... south-east.
pub const NEIGHBOURS: [(isize, isize); 8] = [
    (0, 1),
    (-1, 1),
    (-1, 0),
    (-1, -1),
    (0, -1),
    (1, -1),
    (1, 0),
    (1, 1),
];

/// Direction of cells from which water goes nowhere: outlets, lowest cells of closed ground, walls.
pub const NO_DIRECTION: u8 = u8::MAX;

/// Sinks and flow paths; arrays `[rows][cols]`.
#[derive(Clone, Debug)]
pub struct Sinks {
    /// Depth (m) of the water if every sink is full to its lowest rim; 0 elsewhere, NaN in walls.
    pub filled_m: Vec<f32>,
    /// Ground (m²) whose water passes the cell, with the cell itself; NaN in walls.
    pub accumulation_m2: Vec<f32>,
    /// Where the water goes, an index into [`NEIGHBOURS`], or [`NO_DIRECTION`].
    pub direction: Vec<u8>,
    /// Sinks of at least the asked depth, in the order of their first cell.
    pub sinks: Vec<Sink>,
}

/// One sink: cells that touch and fill to one level.
#[derive(Clone, Debug, PartialEq)]
pub struct Sink {
    /// Deepest cell as index; of equal ones the first.
    pub deepest: usize,
    /// Depth (m) there.
    pub depth_m: f64,
    /// Level (m above datum) at which it spills.
    pub level_m: f64,
    /// Water surface (m²) when full.
    pub area_m2: f64,
    /// Volume (m³) when full.
    pub volume_m3: f64,
    /// Ground (m²) that drains into it, itself included; what spills from sinks above counts too.
    pub catchment_m2: f64,
}

/// Outlets at all open cells along the rim of the grid: water leaves the map there.
pub fn rim_outlets(grid: &Grid, open: &[bool]) -> Vec<bool> {
    let (rows, cols) = (grid.rows, grid.cols);
    (0..grid.len())
        .map(|i| {
            let (row, col) = (i / cols, i % cols);
            open[i] && (row == 0 || col == 0 || row + 1 == rows || col + 1 == cols)
        })
        .collect()
}

/// Outlets at the cells beside the open edges of a domain.
pub fn boundary_outlets(domain: &Domain) -> Vec<bool> {
    let grid = &domain.grid;
    let mut outlets = vec![false; grid.len()];
    for face in domain.boundaries.iter().flat_map(|b| &b.faces) {
        let cell = grid.index(face.row.min(grid.rows - 1), face.col.min(grid.cols - 1));
        outlets[cell] = domain.open[cell];
    }
    outlets
}

/// Finds sinks, directions and accumulation on the ground `bed_m` (m above datum) of the `open` cells, with water leaving at
/// `outlets`; sinks shallower than `least_depth_m` (m) are not listed, but filled all the same.
pub fn sinks(
    grid: &Grid,
    bed_m: &[f64],
    open: &[bool],
    outlets: &[bool],
    least_depth_m: f64,
) -> Sinks {
    let mut flood = Flood::new(grid, bed_m, open);
    for cell in (0..grid.len()).filter(|&c| open[c] && outlets[c]) {
        flood.seed(cell);
    }
    flood.run();
    flood.run_closed_ground();
    flood.finish(least_depth_m)
}

/// Key that sorts like the height.
fn key(height: f64) -> i64 {
    let bits = height.to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

struct Flood<'a> {
    grid: &'a Grid,
    bed: &'a [f64],
    open: &'a [bool],
    /// Distance in the flat arrays to each neighbour.
    offsets: [isize; 8],
    level: Vec<f64>,
    /// Towards the cell from which this one was flooded.
    towards: Vec<u8>,
    reached: Vec<bool>,
    /// Cells in the order of the flood: levels never fall along it.
    order: Vec<u32>,
    heap: BinaryHeap<Reverse<(i64, u32)>>,
    hollow: VecDeque<u32>,
}

impl<'a> Flood<'a> {
    fn new(grid: &'a Grid, bed: &'a [f64], open: &'a [bool]) -> Self {
        let cols = grid.cols as isize;
        Self {
            grid,
            bed,
            open,
            offsets: NEIGHBOURS.map(|(row, col)| row * cols + col),
            level: bed.to_vec(),
            towards: vec![NO_DIRECTION; bed.len()],
            reached: vec![false; bed.len()],
            order: Vec::with_capacity(bed.len()),
            heap: BinaryHeap::new(),
            hollow: VecDeque::new(),
        }
    }

    fn seed(&mut self, cell: usize) {
        self.reached[cell] = true;
        self.heap.push(Reverse((key(self.bed[cell]), cell as u32)));
    }

    /// Neighbour in a direction, if water can go there.
    fn neighbour(&self, cell: usize, row: usize, col: usize, direction: usize) -> Option<usize> {
        let (down, right) = NEIGHBOURS[direction];
        let inside = row.wrapping_add_signed(down) < self.grid.rows
            && col.wrapping_add_signed(right) < self.grid.cols;
        if !inside {
            return None;
        }
        let next = cell.wrapping_add_signed(self.offsets[direction]);
        if !self.open[next] {
            return None;
        }
        let corner = down != 0 && right != 0;
        let walled = corner
            && !self.open[cell.wrapping_add_signed(down * self.grid.cols as isize)]
            && !self.open[cell.wrapping_add_signed(right)];
        (!walled).then_some(next)
    }

    fn run(&mut self) {
        let cols = self.grid.cols;
        while let Some(cell) =
            (self.hollow.pop_front()).or_else(|| self.heap.pop().map(|Reverse((_, cell))| cell))
        {
            self.order.push(cell);
            let cell = cell as usize;
            let (row, col, level) = (cell / cols, cell % cols, self.level[cell]);
            for direction in 0..8 {
                let Some(next) = self.neighbour(cell, row, col, direction) else {
                    continue;
                };
                if self.reached[next] {
                    continue;
                }
                self.reached[next] = true;
                self.towards[next] = (direction ^ 4) as u8;
                // Level ground goes the way of hollows: it needs no sorting.
                if self.bed[next] <= level {
                    self.level[next] = level;
                    self.hollow.push_back(next as u32);
                } else {
                    self.heap.push(Reverse((key(self.bed[next]), next as u32)));
                }
            }
        }
    }

    /// Ground that no outlet reaches: each connected part drains to its own lowest cell.
    fn run_closed_ground(&mut self) {
        let cols = self.grid.cols;
        let mut seen = vec![false; self.bed.len()];
        let mut stack = Vec::new();
        for start in 0..self.bed.len() {
            if !self.open[start] || self.reached[start] || seen[start] {
                continue;
            }
            let mut lowest = start;
            seen[start] = true;
            stack.push(start);
            while let Some(cell) = stack.pop() {
                let better = self.bed[cell]
                    .total_cmp(&self.bed[lowest])
                    .then(cell.cmp(&lowest));
                if better.is_lt() {
                    lowest = cell;
                }
                for direction in 0..8 {
                    let next = self.neighbour(cell, cell / cols, cell % cols, direction);
                    if let Some(next) = next.filter(|&n| !seen[n]) {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
            }
            self.seed(lowest);
            // One part after the other: between the parts levels may fall, but no water goes from one to another.
            self.run();
        }
    }

    /// Steepest way down on the filled surface; on level water the way of the flood.
    fn directions(&self) -> Vec<u8> {
        let cols = self.grid.cols;
        let diagonal = std::f64::consts::FRAC_1_SQRT_2;
        let mut result = self.towards.clone();
        for &cell in &self.order {
            let cell = cell as usize;
            if result[cell] == NO_DIRECTION {
                continue;
            }
            let (row, col, level) = (cell / cols, cell % cols, self.level[cell]);
            let mut steepest = 0.0;
            for direction in 0..8 {
                let Some(next) = self.neighbour(cell, row, col, direction) else {
                    continue;
                };
                let drop = level - self.level[next];
                let slope = if direction % 2 == 1 {
                    drop * diagonal
                } else {
                    drop
                };
                if slope > steepest {
                    steepest = slope;
                    result[cell] = direction as u8;
                }
            }
        }
        result
    }

    fn finish(self, least_depth_m: f64) -> Sinks {
        let cell_area = self.grid.cell_m * self.grid.cell_m;
        let direction = self.directions();
        let mut cells_above = vec![1u32; self.bed.len()];
        for &cell in self.order.iter().rev() {
            let cell = cell as usize;
            if direction[cell] != NO_DIRECTION {
                let next = cell.wrapping_add_signed(self.offsets[usize::from(direction[cell])]);
                cells_above[next] += cells_above[cell];
            }
        }
        let sinks = self.list(&direction, &cells_above, least_depth_m);
        let or_wall = |cell: usize, value: f32| if self.open[cell] { value } else { f32::NAN };
        Sinks {
            filled_m: (0..self.bed.len())
                .map(|c| or_wall(c, (self.level[c] - self.bed[c]) as f32))
                .collect(),
            accumulation_m2: (0..self.bed.len())
                .map(|c| or_wall(c, (f64::from(cells_above[c]) * cell_area) as f32))
                .collect(),
            direction,
            sinks,
        }
    }

    fn list(&self, direction: &[u8], cells_above: &[u32], least_depth_m: f64) -> Vec<Sink> {
        let (cols, cell_area) = (self.grid.cols, self.grid.cell_m * self.grid.cell_m);
        let full = |c: usize| self.open[c] && self.level[c] > self.bed[c];
        let mut seen = vec![false; self.bed.len()];
        let mut list = Vec::new();
        let mut cells = Vec::new();
        for start in 0..self.bed.len() {
            if seen[start] || !full(start) {
                continue;
            }
            cells.clear();
            cells.push(start);
            seen[start] = true;
            let mut at = 0;
            while let Some(&cell) = cells.get(at) {
                at += 1;
                for step in 0..8 {
                    let next = self.neighbour(cell, cell / cols, cell % cols, step);
                    if let Some(next) = next.filter(|&n| !seen[n] && full(n)) {
                        seen[next] = true;
                        cells.push(next);
                    }
                }
            }
            let deepest = (cells.iter().copied())
                .min_by(|&a, &b| self.bed[a].total_cmp(&self.bed[b]).then(a.cmp(&b)))
                .unwrap_or(start);
            let depth_m = self.level[deepest] - self.bed[deepest];
            if depth_m < least_depth_m {
                continue;
            }
            cells.sort_unstable();
            let depths = cells.iter().map(|&c| self.level[c] - self.bed[c]);
            // Water leaves a full sink where the way of a cell leads to one that is not full.
            let leaving = cells.iter().filter(|&&c| {
                direction[c] == NO_DIRECTION
                    || !full(c.wrapping_add_signed(self.offsets[usize::from(direction[c])]))
            });
            list.push(Sink {
                deepest,
                depth_m,
                level_m: self.level[start],
                area_m2: cells.len() as f64 * cell_area,
                volume_m3: depths.sum::<f64>() * cell_area,
                catchment_m2: leaving.map(|&c| f64::from(cells_above[c])).sum::<f64>() * cell_area,
            });
        }
        list
    }
}

impl Sinks {
    /// Lines (cell indices) along which the water of at least `least_area_m2` (m²) of ground runs; a line ends where it meets
    /// an earlier one, whose cell is its last, or where the water leaves.
    pub fn flow_paths(&self, grid: &Grid, least_area_m2: f32) -> Vec<Vec<usize>> {
        let next_of = |cell: usize| {
            let step = NEIGHBOURS.get(usize::from(self.direction[cell]))?;
            Some(cell.wrapping_add_signed(step.0 * grid.cols as isize + step.1))
        };
        let carries = |cell: usize| self.accumulation_m2[cell] >= least_area_m2;
        let mut fed = vec![false; self.direction.len()];
        for cell in (0..fed.len()).filter(|&c| carries(c)) {
            if let Some(next) = next_of(cell) {
                fed[next] = true;
            }
        }
        let mut drawn = vec![false; fed.len()];
        let mut paths = Vec::new();
        for start in (0..fed.len()).filter(|&c| carries(c) && !fed[c]) {
            let mut path = vec![start];
            let mut cell = start;
            drawn[cell] = true;
            while let Some(next) = next_of(cell) {
                path.push(next);
                if drawn[next] {
                    break;
                }
                drawn[next] = true;
                cell = next;
            }
            if path.len() > 1 {
                paths.push(path);
            }
        }
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: usize, cols: usize) -> Grid {
        Grid {
            west: 0.0,
            north: 0.0,
            cell_m: 2.0,
            cols,
            rows,
        }
    }

    /// Ground from digits, `#` for walls.
    fn ground(text: &[&str]) -> (Grid, Vec<f64>, Vec<bool>) {
        let cells: Vec<u8> = text.iter().flat_map(|r| r.bytes()).collect();
        let bed = cells
            .iter()
            .map(|&b| f64::from(b.wrapping_sub(b'0')))
            .collect();
        let open = cells.iter().map(|&b| b != b'#').collect();
        (grid(text.len(), text[0].len()), bed, open)
    }

    fn of(text: &[&str]) -> Sinks {
        let (grid, bed, open) = ground(text);
        sinks(&grid, &bed, &open, &rim_outlets(&grid, &open), 0.0)
    }

    #[test]
    fn a_hollow_fills_to_its_lowest_rim() {
        let found = of(&["9999999", "9888889", "9821286", "9888889", "9999999"]);
        let sink = &found.sinks[0];
        // The rim of 8 lies within the one of 9: all of it spills at the edge of the map, at 8.
        assert_eq!(
            (sink.level_m, sink.depth_m, sink.deepest),
            (8.0, 7.0, 2 * 7 + 3)
        );
        assert_eq!(sink.area_m2, 3.0 * 4.0);
        assert_eq!(sink.volume_m3, (6.0 + 7.0 + 6.0) * 4.0);
        assert_eq!(found.filled_m[2 * 7 + 2], 6.0);
        assert_eq!(found.filled_m[2 * 7 + 5], 0.0);
        assert_eq!(found.sinks.len(), 1);
        assert!(sink.catchment_m2 >= sink.area_m2);
    }

    #[test]
    fn water_runs_downhill_and_none_is_lost() {
        // A plane falling to the east.
        let grid = grid(4, 6);
        let bed: Vec<f64> = (0..24).map(|i| 10.0 - (i % 6) as f64).collect();
        let open = vec![true; 24];
        let outlets: Vec<bool> = (0..24).map(|i| i % 6 == 5).collect();
        let found = sinks(&grid, &bed, &open, &outlets, 0.0);
        assert!(found.sinks.is_empty());
        for row in 0..4 {
            for col in 0..6 {
                let cell = grid.index(row, col);
                assert_eq!(
                    found.direction[cell],
                    if col == 5 { NO_DIRECTION } else { 0 }
                );
                assert_eq!(found.accumulation_m2[cell], 4.0 * (col + 1) as f32);
            }
        }
        let paths = found.flow_paths(&grid, 10.0);
        assert_eq!(paths.len(), 4);
        assert_eq!(paths[0], [2, 3, 4, 5]);
    }

    #[test]
    fn walls_hold_water_and_closed_yards_drain_to_their_lowest_cell() {
        let found = of(&["11111", "1###1", "1#2#1", "1###1", "11111"]);
        let yard = 2 * 5 + 2;
        assert_eq!(found.direction[yard], NO_DIRECTION);
        assert_eq!(found.accumulation_m2[yard], 4.0);
        assert_eq!(found.filled_m[yard], 0.0);
        assert!(found.filled_m[6].is_nan());
        // Two walls that touch at a corner are tight: the yard behind them has no way out.
        let found = of(&["0000", "0##0", "0#5#", "00#0"]);
        assert_eq!(found.direction[2 * 4 + 2], NO_DIRECTION);
        // A yard with a hollow beside its lowest cell: only what is above that is a sink.
        let found = of(&["0000000", "0#####0", "0#354#0", "0#####0", "0000000"]);
        assert_eq!(found.sinks.len(), 1);
        assert_eq!(
            (found.sinks[0].deepest, found.sinks[0].depth_m),
            (2 * 7 + 4, 1.0)
        );
        assert_eq!(found.accumulation_m2[2 * 7 + 2], 12.0);
    }

    #[test]
    fn every_path_ends_and_the_sum_at_the_ends_is_the_whole_ground() {
        let grid = grid(60, 80);
        let noise = |i: usize| {
            let mut x = (i as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            x ^= x >> 31;
            x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
            x >> 40
        };
        // Coarse heights, so that there are level parts and ties.
        let bed: Vec<f64> = (0..4800).map(|i| (noise(i) % 12) as f64 * 0.1).collect();
        let open: Vec<bool> = (0..4800).map(|i| noise(i + 9999) % 5 != 0).collect();
        let found = sinks(&grid, &bed, &open, &rim_outlets(&grid, &open), 0.0);
        let mut ends = 0.0;
        for cell in (0..4800).filter(|&c| open[c]) {
            let mut at = cell;
            for _ in 0..4800 {
                if found.direction[at] == NO_DIRECTION {
                    break;
                }
                let (down, right) = NEIGHBOURS[usize::from(found.direction[at])];
                let next = at.wrapping_add_signed(down * 80 + right);
                let level = |c: usize| bed[c] + f64::from(found.filled_m[c]);
                assert!(open[next] && level(next) <= level(at) + 1e-6);
                at = next;
            }
            assert_eq!(found.direction[at], NO_DIRECTION, "a circle at {cell}");
            if found.direction[cell] == NO_DIRECTION {
                ends += f64::from(found.accumulation_m2[cell]);
            }
        }
        assert_eq!(ends, 4.0 * open.iter().filter(|o| **o).count() as f64);
        let volume: f64 = found.sinks.iter().map(|s| s.volume_m3).sum();
        let filled: f64 = (0..4800)
            .filter(|&c| open[c])
            .map(|c| f64::from(found.filled_m[c]))
            .sum();
        assert!((volume - filled * 4.0).abs() < 1e-3 * volume);
        let again = sinks(&grid, &bed, &open, &rim_outlets(&grid, &open), 0.0);
        assert_eq!(again.direction, found.direction);
        assert_eq!(again.sinks, found.sinks);
        let slow = slow_fill(&grid, &bed, &open);
        for cell in (0..4800).filter(|&c| open[c] && !slow[c].is_infinite()) {
            assert_eq!(found.filled_m[cell], (slow[cell] - bed[cell]) as f32);
        }
    }

    /// The obvious way: lower a flood until nothing changes. Infinite where no outlet is reached.
    fn slow_fill(grid: &Grid, bed: &[f64], open: &[bool]) -> Vec<f64> {
        let outlets = rim_outlets(grid, open);
        let flood = Flood::new(grid, bed, open);
        let mut level: Vec<f64> = (0..bed.len())
            .map(|c| if outlets[c] { bed[c] } else { f64::INFINITY })
            .collect();
        loop {
            let mut changed = false;
            for cell in (0..bed.len()).filter(|&c| open[c]) {
                let (row, col) = (cell / grid.cols, cell % grid.cols);
                let lowest = (0..8)
                    .filter_map(|d| flood.neighbour(cell, row, col, d))
                    .map(|n| level[n])
                    .fold(f64::INFINITY, f64::min);
                let new = lowest.max(bed[cell]).min(level[cell]);
                changed |= new < level[cell];
                level[cell] = new;
            }
            if !changed {
                return level;
            }
        }
    }

    #[test]
    fn open_edges_of_a_domain_are_outlets() {
        use super::super::domain::{Axis, Boundary, BoundaryKind, Face};
        let grid = grid(3, 4);
        let domain = Domain {
            grid,
            bed_m: vec![0.0; 12],
            manning_n: vec![0.03; 12],
            open: vec![true; 12],
            crests: Vec::new(),
            porosity: None,
            boundaries: vec![Boundary {
                id: "east".into(),
                faces: vec![Face {
                    axis: Axis::X,
                    row: 1,
                    col: 4,
                }],
                kind: BoundaryKind::Free,
            }],
        };
        let outlets = boundary_outlets(&domain);
        assert_eq!(outlets.iter().filter(|o| **o).count(), 1);
        assert!(outlets[7]);
    }
}
