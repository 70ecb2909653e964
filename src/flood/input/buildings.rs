//! Which part of each cell is built on, by sampling the footprints of the buildings.
//!
//! A place is built on when a building stands there: its lowest face above the place looks down and lies less than
//! [`CLEARANCE_M`] above the ground, or the shell has no floor at all. Passages, arcades and bridge decks have their lowest face
//! higher up and stay open; slabs that rise less than [`SLAB_M`] above the ground are ground. Closure surfaces are no faces.

use rayon::prelude::*;

use crate::city::Building;
use crate::city::columns::{Column, columns};
use crate::geo::Grid;

/// Height (m) between ground and underside from which water passes below: floods of cities stay below it, headroom of
/// passages is above it (assumption).
const CLEARANCE_M: f64 = 2.0;
/// Rise (m) above the ground up to which a structure counts as ground (assumption: a kerb or the end of a bridge deck).
const SLAB_M: f64 = 0.5;
/// Wanted distance (m) of samples.
const SAMPLE_M: f64 = 0.5;
/// No building.
const NOBODY: u32 = u32::MAX;

/// What buildings cover, as samples.
#[derive(Clone, Debug)]
pub(super) struct Cover {
    /// Samples along a side of a cell, 4 to 8.
    pub(super) side: usize,
    /// Built-on samples of each cell as bits: bit `row * side + col`, row 0 in the north.
    pub(super) bits: Vec<u64>,
    /// Mean height of the roof (m above datum) over the built-on samples; 0 without any.
    top_m: Vec<f32>,
    /// Position in the city of the building with the most samples.
    owner: Vec<u32>,
    /// Cells of each building with at least one sample, by its position in the city; rising.
    pub(super) cells: Vec<Vec<u32>>,
}

impl Cover {
    /// Built-on share of a cell.
    pub(super) fn share(&self, cell: usize) -> f64 {
        f64::from(self.bits[cell].count_ones()) / (self.side * self.side) as f64
    }

    /// Mean roof height (m above datum) of a cell with a share above 0.
    pub(super) fn top_m(&self, cell: usize) -> f64 {
        f64::from(self.top_m[cell])
    }

    /// Building that covers most of a cell, by its position in the city.
    pub(super) fn owner(&self, cell: usize) -> Option<usize> {
        let owner = self.owner[cell];
        (owner != NOBODY).then_some(owner as usize)
    }

    /// Samples of a cell that are built on, at (row, col) within it.
    fn is_built(&self, cell: usize, row: usize, col: usize) -> bool {
        self.bits[cell] >> (row * self.side + col) & 1 == 1
    }

    /// Free share of the face between two neighbours: rows (or columns) of samples that are free over the halves of both cells
    /// next to the face. `along_x`: the face is crossed from west to east. A missing neighbour counts as free.
    pub(super) fn conveyance(
        &self,
        before: Option<usize>,
        after: Option<usize>,
        along_x: bool,
    ) -> f64 {
        let half = self.side.div_ceil(2);
        let free = |lane: usize| {
            let blocked = |cell: Option<usize>, depth: usize| {
                cell.is_some_and(|cell| {
                    if along_x {
                        self.is_built(cell, lane, depth)
                    } else {
                        self.is_built(cell, depth, lane)
                    }
                })
            };
            (0..half).all(|d| !blocked(before, self.side - 1 - d) && !blocked(after, d))
        };
        (0..self.side).filter(|lane| free(*lane)).count() as f64 / self.side as f64
    }
}

/// Cells that one building covers: cell, samples, sum of roof heights.
type Covered = Vec<(u32, u64, f64)>;

/// Samples all buildings; `ground_m` is the bed before any building.
pub(super) fn cover(
    buildings: &[std::sync::Arc<Building>],
    grid: &Grid,
    ground_m: &[f64],
) -> Cover {
    let side = ((grid.cell_m / SAMPLE_M).round() as usize).clamp(4, 8);
    let covered: Vec<Covered> = buildings
        .par_iter()
        .map(|building| sampled(building, grid, side, ground_m))
        .collect();
    let mut cover = Cover {
        side,
        bits: vec![0; grid.len()],
        top_m: vec![0.0; grid.len()],
        owner: vec![NOBODY; grid.len()],
        cells: Vec::with_capacity(buildings.len()),
    };
    let mut most = vec![0u8; grid.len()];
    let mut sums: Vec<(f64, u32)> = vec![(0.0, 0); grid.len()];
    for (number, cells) in covered.iter().enumerate() {
        for &(cell, bits, tops) in cells {
            let at = cell as usize;
            cover.bits[at] |= bits;
            let count = bits.count_ones();
            sums[at].0 += tops;
            sums[at].1 += count;
            if count as u8 > most[at] {
                most[at] = count as u8;
                cover.owner[at] = number as u32;
            }
        }
        cover.cells.push(cells.iter().map(|c| c.0).collect());
    }
    for (top, (sum, count)) in cover.top_m.iter_mut().zip(sums) {
        if count > 0 {
            *top = (sum / f64::from(count)) as f32;
        }
    }
    cover
}

fn sampled(building: &Building, grid: &Grid, side: usize, ground_m: &[f64]) -> Covered {
    let (min, max) = building.bounds();
    let (lo, hi) = grid.bounds();
    if !(min.x < hi[0] && max.x > lo[0] && min.y < hi[1] && max.y > lo[1]) {
        return Vec::new();
    }
    let cell =
        |v: f64, most: usize| (v / grid.cell_m).floor().clamp(0.0, most as f64 - 1.0) as usize;
    let cols = cell(min.x - grid.west, grid.cols)..cell(max.x - grid.west, grid.cols) + 1;
    let rows = cell(grid.north - max.y, grid.rows)..cell(grid.north - min.y, grid.rows) + 1;
    // A fine grid of samples over the box, its origin in the north-west.
    let samples = Grid {
        west: grid.west + cols.start as f64 * grid.cell_m,
        north: grid.north - rows.start as f64 * grid.cell_m,
        cell_m: grid.cell_m / side as f64,
        cols: cols.len() * side,
        rows: rows.len() * side,
    };
    let width = samples.cols;
    let columns = columns(building, &samples);
    let mut covered = Vec::new();
    for (i, row) in rows.clone().enumerate() {
        for (j, col) in cols.clone().enumerate() {
            let at = grid.index(row, col);
            let ground = ground_m[at];
            let (mut bits, mut tops) = (0u64, 0.0);
            for r in 0..side {
                for c in 0..side {
                    let column = columns[(i * side + r) * width + j * side + c];
                    if stands(&column, ground) {
                        bits |= 1 << (r * side + c);
                        tops += f64::from(column.high);
                    }
                }
            }
            if bits != 0 {
                covered.push((at as u32, bits, tops));
            }
        }
    }
    covered
}

fn stands(column: &Column, ground: f64) -> bool {
    if column.is_empty() {
        return false;
    }
    // On unknown ground everything stands.
    let above = |z: f32| {
        if ground.is_nan() {
            0.0
        } else {
            f64::from(z) - ground
        }
    };
    let passes = column.low_looks_down && above(column.low) > CLEARANCE_M;
    let slab = !ground.is_nan() && above(column.high) < SLAB_M;
    !passes && !slab
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::city::assemble::{building_from_raw, extruded};
    use crate::city::{BuildingAttributes, SurfaceKind};
    use crate::geo::{Crs, LocalFrame};
    use std::sync::Arc;

    /// A block over a ring of local coordinates.
    pub(in super::super) fn block(id: &str, ring: &[[f64; 2]], base: f64, height: f64) -> Building {
        let frame = LocalFrame {
            crs: Crs::local(),
            origin_easting: 0.0,
            origin_northing: 0.0,
        };
        let raw = extruded(
            id,
            &[ring.to_vec()],
            base,
            height,
            BuildingAttributes::default(),
        );
        building_from_raw(&frame, 0, &raw, &mut Vec::new()).unwrap()
    }

    fn rectangle(x: [f64; 2], y: [f64; 2]) -> Vec<[f64; 2]> {
        vec![[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]]
    }

    const GRID: Grid = Grid {
        west: 0.0,
        north: 10.0,
        cell_m: 2.0,
        cols: 5,
        rows: 5,
    };

    #[test]
    fn shares_are_those_of_the_footprint() {
        // From x = 3 to 7 and y = 2.5 to 6: a half column on both sides, three quarters of a row in the south.
        let house = block("h", &rectangle([3.0, 7.0], [2.5, 6.0]), 0.0, 9.0);
        let cover = cover(&[Arc::new(house)], &GRID, &[0.0; 25]);
        assert_eq!(cover.side, 4);
        let share = |row, col| cover.share(GRID.index(row, col));
        assert_eq!([share(2, 1), share(2, 2), share(2, 3)], [0.5, 1.0, 0.5]);
        assert_eq!(
            [share(3, 1), share(3, 2), share(3, 3)],
            [0.375, 0.75, 0.375]
        );
        assert_eq!(
            [share(1, 2), share(4, 2), share(2, 0), share(2, 4)],
            [0.0; 4]
        );
        assert_eq!(cover.top_m(12), 9.0);
        assert_eq!(cover.owner(12), Some(0));
        assert_eq!(cover.owner(0), None);
        assert_eq!(cover.cells[0], [11, 12, 13, 16, 17, 18]);
        // The western half of cell (2, 1) is free, and so is the way into it from the west.
        let at = |row, col| Some(GRID.index(row, col));
        assert_eq!(cover.conveyance(at(2, 0), at(2, 1), true), 1.0);
        assert_eq!(cover.conveyance(at(2, 1), at(2, 2), true), 0.0);
        // From row 3 to row 4: the lower quarter of row 3 is free, its upper part of that half is not.
        assert_eq!(cover.conveyance(at(3, 2), at(4, 2), false), 0.0);
        assert_eq!(cover.conveyance(at(3, 1), at(4, 1), false), 0.5);
    }

    #[test]
    fn a_turned_building_has_its_area() {
        let (sin, cos) = 0.4_f64.sin_cos();
        let ring: Vec<[f64; 2]> = [[-3.0, -2.0], [3.0, -2.0], [3.0, 2.0], [-3.0, 2.0]]
            .iter()
            .map(|p| [5.0 + p[0] * cos - p[1] * sin, 5.0 + p[0] * sin + p[1] * cos])
            .collect();
        let cover = cover(&[Arc::new(block("h", &ring, 0.0, 9.0))], &GRID, &[0.0; 25]);
        let area: f64 = (0..25).map(|c| cover.share(c) * 4.0).sum();
        assert!((area - 24.0).abs() < 0.8, "{area}");
    }

    #[test]
    fn passages_decks_and_slabs_do_not_stand_in_the_water() {
        let at = |base, height| {
            let ring = rectangle([2.0, 6.0], [2.0, 6.0]);
            let cover = cover(
                &[Arc::new(block("h", &ring, base, height))],
                &GRID,
                &[5.0; 25],
            );
            cover.share(12)
        };
        assert_eq!(at(5.0, 10.0), 1.0);
        // A floor above the ground without room for water to pass, then one with it.
        assert_eq!(at(6.5, 10.0), 1.0);
        assert_eq!(at(7.5, 10.0), 0.0);
        // A deck that ends on the ground, a house deep in it.
        assert_eq!(at(4.6, 0.8), 0.0);
        assert_eq!(at(3.0, 10.0), 1.0);
    }

    #[test]
    fn a_shell_without_floor_stands_on_the_ground() {
        let mut open = block("h", &rectangle([2.0, 6.0], [2.0, 6.0]), 5.0, 10.0);
        open.geometry
            .surfaces
            .retain(|s| s.kind != SurfaceKind::Ground);
        let cover = cover(&[Arc::new(open)], &GRID, &[5.0; 25]);
        assert_eq!(cover.share(12), 1.0);
    }
}
