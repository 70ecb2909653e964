//! From buildings and ground to free shares of cells and faces: one voxelisation for all wind directions.
//!
//! Heights are sampled on a lattice of [`SAMPLES`] x [`SAMPLES`] points in each cell. A cell's free share is that of its samples; a face
//! between two columns is closed where either of the samples beside it is, so that a wall that lies exactly on a face closes it.

use rayon::prelude::*;

use super::grid::WindGrid;

/// Samples along each side of a cell.
pub const SAMPLES: usize = 4;
/// Faces with a smaller open share are closed: slits would have speeds that the grid cannot carry.
pub(super) const LEAST_SHARE: f32 = 0.2;

/// A part of a building with one flat top.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// Outline (m, east and north), first corner not repeated, either direction.
    pub ring: Vec<[f64; 2]>,
    /// Height (m) of the ground at its foot.
    pub base_m: f64,
    /// Height (m) of its top.
    pub top_m: f64,
}

/// Shares of 255 that are free.
#[derive(Clone, Debug)]
pub struct Solids {
    /// Free share of each cell.
    pub free: Vec<u8>,
    /// Open share of the faces across x, y and z (see [`WindGrid`] for their order).
    pub open: [Vec<u8>; 3],
    /// Height (m) of ground or roof at the samples, row by row from the south, `nx * SAMPLES` in a row.
    pub tops_m: Vec<f32>,
}

/// Heights (m) of the samples: ground (per column of cells, row by row from the south; empty for level ground at the lowest level) and
/// the blocks on it.
pub fn tops_m(grid: &WindGrid, ground_m: &[f32], blocks: &[Block]) -> Vec<f32> {
    let [nx, ny, _] = grid.cells;
    let (cols, rows) = (nx * SAMPLES, ny * SAMPLES);
    let level = grid.levels_m.first().copied().unwrap_or_default() as f32;
    let mut tops: Vec<f32> = (0..rows * cols)
        .map(|s| {
            let column = s / cols / SAMPLES * nx + s % cols / SAMPLES;
            ground_m.get(column).copied().unwrap_or(level)
        })
        .collect();
    for block in blocks {
        rasterise(grid, block, &mut tops);
    }
    tops
}

/// Raises the samples inside a block, row by row, between pairs of crossings of its outline.
fn rasterise(grid: &WindGrid, block: &Block, tops: &mut [f32]) {
    let step = grid.cell_m / SAMPLES as f64;
    let (cols, rows) = (grid.cells[0] * SAMPLES, grid.cells[1] * SAMPLES);
    let sample = |x: f64, from: f64| (x - from) / step - 0.5;
    let (low, high) = block
        .ring
        .iter()
        .fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p[1]), b.max(p[1])));
    let first = sample(low, grid.south_m).ceil().max(0.0) as usize;
    let mut crossings = Vec::new();
    for row in first..rows {
        let y = grid.south_m + (row as f64 + 0.5) * step;
        if y > high {
            break;
        }
        crossings.clear();
        for (a, b) in edges(&block.ring) {
            if (a[1] <= y) != (b[1] <= y) {
                crossings.push(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let from = sample(pair[0], grid.west_m).ceil().max(0.0) as usize;
            let to = (sample(pair[1], grid.west_m).ceil().max(0.0) as usize).min(cols);
            for top in &mut tops[row * cols + from.min(to)..row * cols + to] {
                *top = top.max(block.top_m as f32);
            }
        }
    }
}

/// Sides of a closed outline.
pub(super) fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    ring.iter()
        .copied()
        .zip(ring.iter().copied().cycle().skip(1))
}

impl Solids {
    /// Free shares of a grid with these heights at its samples.
    pub fn new(grid: &WindGrid, tops_m: Vec<f32>) -> Self {
        let [nx, ny, _] = grid.cells;
        let [across_x, across_y, across_z] = grid.faces();
        let mut free = vec![0; grid.len()];
        let mut open = [vec![0; across_x], vec![0; across_y], vec![0; across_z]];
        let [open_x, open_y, open_z] = &mut open;
        let cols = nx * SAMPLES;
        // Share of a layer that is below a height.
        let below = |top: f32, k: usize| -> f32 {
            let (z0, z1) = (grid.levels_m[k] as f32, grid.levels_m[k + 1] as f32);
            ((top - z0) / (z1 - z0)).clamp(0.0, 1.0)
        };
        let at = |x: usize, y: usize| tops_m[y * cols + x];
        let mean = |sum: f32, of: usize| byte(1.0 - sum / of as f32);
        free.par_chunks_mut(nx * ny)
            .enumerate()
            .for_each(|(k, out)| {
                for j in 0..ny {
                    for i in 0..nx {
                        let mut sum = 0.0;
                        for b in 0..SAMPLES {
                            for a in 0..SAMPLES {
                                sum += below(at(i * SAMPLES + a, j * SAMPLES + b), k);
                            }
                        }
                        out[j * nx + i] = mean(sum, SAMPLES * SAMPLES);
                    }
                }
            });
        open_x
            .par_chunks_mut((nx + 1) * ny)
            .enumerate()
            .for_each(|(k, out)| {
                for j in 0..ny {
                    for i in 0..=nx {
                        let (west, east) = ((i * SAMPLES).max(1) - 1, (i * SAMPLES).min(cols - 1));
                        let sum = (0..SAMPLES).map(|b| {
                            below(at(west, j * SAMPLES + b).max(at(east, j * SAMPLES + b)), k)
                        });
                        out[j * (nx + 1) + i] = mean(sum.sum(), SAMPLES);
                    }
                }
            });
        open_y
            .par_chunks_mut(nx * (ny + 1))
            .enumerate()
            .for_each(|(k, out)| {
                for j in 0..=ny {
                    let south = (j * SAMPLES).max(1) - 1;
                    let north = (j * SAMPLES).min(ny * SAMPLES - 1);
                    for i in 0..nx {
                        let sum = (0..SAMPLES).map(|a| {
                            below(
                                at(i * SAMPLES + a, south).max(at(i * SAMPLES + a, north)),
                                k,
                            )
                        });
                        out[j * nx + i] = mean(sum.sum(), SAMPLES);
                    }
                }
            });
        open_z
            .par_chunks_mut(nx * ny)
            .enumerate()
            .for_each(|(k, out)| {
                let z = grid.levels_m[k] as f32;
                for j in 0..ny {
                    for i in 0..nx {
                        let mut sum = 0.0;
                        for b in 0..SAMPLES {
                            for a in 0..SAMPLES {
                                let covered = at(i * SAMPLES + a, j * SAMPLES + b) > z + 1e-4;
                                sum += f32::from(u8::from(covered));
                            }
                        }
                        // Nothing passes the bottom of the domain.
                        out[j * nx + i] = if k == 0 {
                            0
                        } else {
                            mean(sum, SAMPLES * SAMPLES)
                        };
                    }
                }
            });
        let mut solids = Self { free, open, tops_m };
        solids.close(grid);
        solids
    }

    /// Closes what the wind cannot reach from the sides and the top (yards under roofs, cells all of whose faces are shut), and the faces of
    /// cells without air.
    fn close(&mut self, grid: &WindGrid) {
        let [nx, ny, nz] = grid.cells;
        let mut reached = vec![false; self.free.len()];
        let mut open_ends = Vec::new();
        for k in 0..nz {
            for j in 0..ny {
                for i in 0..nx {
                    let side = i == 0 || j == 0 || i + 1 == nx || j + 1 == ny || k + 1 == nz;
                    if side && !self.is_solid(grid.at(i, j, k)) {
                        reached[grid.at(i, j, k)] = true;
                        open_ends.push([i, j, k]);
                    }
                }
            }
        }
        while let Some([i, j, k]) = open_ends.pop() {
            let mut go = |axis: usize, face: usize, to: [usize; 3]| {
                let cell = grid.at(to[0], to[1], to[2]);
                if self.open[axis][face] > 0 && self.free[cell] > 0 && !reached[cell] {
                    reached[cell] = true;
                    open_ends.push(to);
                }
            };
            if i > 0 {
                go(0, grid.at_x(i, j, k), [i - 1, j, k]);
            }
            if i + 1 < nx {
                go(0, grid.at_x(i + 1, j, k), [i + 1, j, k]);
            }
            if j > 0 {
                go(1, grid.at_y(i, j, k), [i, j - 1, k]);
            }
            if j + 1 < ny {
                go(1, grid.at_y(i, j + 1, k), [i, j + 1, k]);
            }
            if k > 0 {
                go(2, grid.at_z(i, j, k), [i, j, k - 1]);
            }
            if k + 1 < nz {
                go(2, grid.at_z(i, j, k + 1), [i, j, k + 1]);
            }
        }
        for k in 0..nz {
            for j in 0..ny {
                for i in 0..nx {
                    if reached[grid.at(i, j, k)] {
                        continue;
                    }
                    self.free[grid.at(i, j, k)] = 0;
                    for n in 0..2 {
                        self.open[0][grid.at_x(i + n, j, k)] = 0;
                        self.open[1][grid.at_y(i, j + n, k)] = 0;
                        self.open[2][grid.at_z(i, j, k + n)] = 0;
                    }
                }
            }
        }
    }

    /// True where a cell holds no air.
    pub fn is_solid(&self, cell: usize) -> bool {
        self.free[cell] == 0
    }
}

/// A share as a byte; closed below [`LEAST_SHARE`].
fn byte(share: f32) -> u8 {
    if share < LEAST_SHARE {
        0
    } else {
        (share * 255.0).round() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> WindGrid {
        WindGrid {
            cells: [6, 5, 4],
            cell_m: 2.0,
            west_m: -6.0,
            south_m: 0.0,
            levels_m: vec![0.0, 2.0, 4.0, 6.0, 8.0],
        }
    }

    fn block(west: f64, east: f64, top_m: f64) -> Block {
        Block {
            ring: vec![[west, 4.0], [east, 4.0], [east, 8.0], [west, 8.0]],
            base_m: 0.0,
            top_m,
        }
    }

    #[test]
    fn a_block_on_the_faces_fills_its_cells_and_closes_their_faces() {
        let grid = grid();
        let solids = Solids::new(&grid, tops_m(&grid, &[], &[block(-2.0, 2.0, 4.0)]));
        let solid = solids.free.iter().filter(|&&f| f == 0).count();
        assert_eq!(solid, 2 * 2 * 2);
        assert!(solids.free.iter().all(|&f| f == 0 || f == 255));
        assert_eq!(solids.open[0][grid.at_x(2, 2, 0)], 0, "western wall");
        assert_eq!(solids.open[0][grid.at_x(4, 3, 1)], 0, "eastern wall");
        assert_eq!(solids.open[0][grid.at_x(2, 2, 2)], 255, "above");
        assert_eq!(solids.open[1][grid.at_y(2, 4, 0)], 0, "northern wall");
        assert_eq!(solids.open[2][grid.at_z(2, 2, 2)], 0, "roof");
        assert_eq!(solids.open[2][grid.at_z(1, 2, 2)], 255, "beside");
    }

    #[test]
    fn walls_and_roofs_inside_cells_leave_their_share() {
        let grid = grid();
        let solids = Solids::new(&grid, tops_m(&grid, &[], &[block(-3.0, 2.0, 5.0)]));
        let half = grid.at(1, 2, 0);
        assert_eq!(solids.free[half], 128);
        assert_eq!(solids.open[0][grid.at_x(1, 2, 0)], 255);
        assert_eq!(solids.open[1][grid.at_y(1, 3, 0)], 128);
        assert_eq!(
            solids.free[grid.at(2, 2, 2)],
            128,
            "half of the layer is roof"
        );
        assert_eq!(solids.open[2][grid.at_z(2, 2, 2)], 0);
        assert_eq!(solids.open[2][grid.at_z(2, 2, 3)], 255);
    }

    #[test]
    fn a_yard_without_an_opening_is_filled() {
        // Heights that leave one column free inside walls as high as the grid: open above, so the wind reaches it; then with a lid.
        let grid = grid();
        let mut solids = Solids::new(&grid, tops_m(&grid, &[], &[block(-2.0, 2.0, 4.0)]));
        let inner = grid.at(0, 0, 0);
        for n in 0..2 {
            solids.open[0][grid.at_x(n, 0, 0)] = 0;
            solids.open[1][grid.at_y(0, n, 0)] = 0;
        }
        solids.close(&grid);
        assert!(
            !solids.is_solid(inner),
            "a cell at the side of the domain has air"
        );
        let middle = grid.at(1, 1, 0);
        for n in 0..2 {
            solids.open[0][grid.at_x(1 + n, 1, 0)] = 0;
            solids.open[1][grid.at_y(1, 1 + n, 0)] = 0;
        }
        solids.close(&grid);
        assert!(!solids.is_solid(middle), "open above");
        solids.open[2][grid.at_z(1, 1, 1)] = 0;
        solids.close(&grid);
        assert!(solids.is_solid(middle));
    }

    #[test]
    fn ground_rises_into_the_cells() {
        let grid = grid();
        let ground: Vec<f32> = (0..30).map(|c| if c % 6 < 3 { 0.0 } else { 3.0 }).collect();
        let solids = Solids::new(&grid, tops_m(&grid, &ground, &[]));
        assert_eq!(solids.free[grid.at(4, 0, 0)], 0);
        assert_eq!(solids.free[grid.at(4, 0, 1)], 128);
        assert_eq!(solids.open[0][grid.at_x(3, 0, 0)], 0);
        assert_eq!(solids.open[0][grid.at_x(3, 0, 1)], 128);
    }
}
