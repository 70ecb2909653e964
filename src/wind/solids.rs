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
#[derive(Clone, Debug, PartialEq)]
pub struct Solids {
    /// Free share of each cell.
    pub free: Vec<u8>,
    /// Open share of the faces across x, y and z (see [`WindGrid`] for their order).
    pub open: [Vec<u8>; 3],
    /// Height (m) of ground or roof at the samples, row by row from the south, `nx * SAMPLES` in a row.
    pub tops_m: Vec<f32>,
    /// Columns with air that the wind cannot reach and that is closed therefore, rising.
    cut_off: Vec<u32>,
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

/// Heights at the samples with their range in each column, for the open shares of cells and faces.
struct Tops<'a> {
    grid: &'a WindGrid,
    tops_m: &'a [f32],
    /// Lowest and highest sample (m) of each column.
    range_m: Vec<[f32; 2]>,
}

impl<'a> Tops<'a> {
    fn new(grid: &'a WindGrid, tops_m: &'a [f32]) -> Self {
        let [nx, ny, _] = grid.cells;
        let range = |column: usize| {
            let samples = samples(grid, column).flat_map(|row| &tops_m[row]);
            samples.fold([f32::MAX, f32::MIN], |[a, b], &top| {
                [a.min(top), b.max(top)]
            })
        };
        Self {
            grid,
            tops_m,
            range_m: (0..nx * ny).into_par_iter().map(range).collect(),
        }
    }

    fn at(&self, x: usize, y: usize) -> f32 {
        self.tops_m[y * self.grid.cells[0] * SAMPLES + x]
    }

    /// Share of a layer that is below a height.
    fn below(&self, top: f32, k: usize) -> f32 {
        let levels = &self.grid.levels_m;
        let (z0, z1) = (levels[k] as f32, levels[k + 1] as f32);
        ((top - z0) / (z1 - z0)).clamp(0.0, 1.0)
    }

    /// Free share of a layer where all columns have it below their heights or above them; None for a closer look.
    fn plain(&self, columns: [usize; 2], k: usize) -> Option<u8> {
        let [a, b] = columns.map(|column| self.range_m[column]);
        let levels = &self.grid.levels_m;
        if a[1].max(b[1]) <= levels[k] as f32 {
            Some(255)
        } else if a[0].min(b[0]) >= levels[k + 1] as f32 {
            Some(0)
        } else {
            None
        }
    }

    fn free(&self, [i, j, k]: [usize; 3]) -> u8 {
        let column = j * self.grid.cells[0] + i;
        self.plain([column, column], k).unwrap_or_else(|| {
            let mut sum = 0.0;
            for b in 0..SAMPLES {
                for a in 0..SAMPLES {
                    sum += self.below(self.at(i * SAMPLES + a, j * SAMPLES + b), k);
                }
            }
            mean(sum, SAMPLES * SAMPLES)
        })
    }

    fn open_x(&self, [i, j, k]: [usize; 3]) -> u8 {
        let nx = self.grid.cells[0];
        let columns = [i.max(1) - 1, i.min(nx - 1)].map(|i| j * nx + i);
        self.plain(columns, k).unwrap_or_else(|| {
            let west = (i * SAMPLES).max(1) - 1;
            let east = (i * SAMPLES).min(nx * SAMPLES - 1);
            let sum = (0..SAMPLES).map(|b| {
                let y = j * SAMPLES + b;
                self.below(self.at(west, y).max(self.at(east, y)), k)
            });
            mean(sum.sum(), SAMPLES)
        })
    }

    fn open_y(&self, [i, j, k]: [usize; 3]) -> u8 {
        let [nx, ny, _] = self.grid.cells;
        let columns = [j.max(1) - 1, j.min(ny - 1)].map(|j| j * nx + i);
        self.plain(columns, k).unwrap_or_else(|| {
            let south = (j * SAMPLES).max(1) - 1;
            let north = (j * SAMPLES).min(ny * SAMPLES - 1);
            let sum = (0..SAMPLES).map(|a| {
                let x = i * SAMPLES + a;
                self.below(self.at(x, south).max(self.at(x, north)), k)
            });
            mean(sum.sum(), SAMPLES)
        })
    }

    fn open_z(&self, [i, j, k]: [usize; 3]) -> u8 {
        // Nothing passes the bottom of the domain.
        if k == 0 {
            return 0;
        }
        let z = self.grid.levels_m[k] as f32 + 1e-4;
        let [low, high] = self.range_m[j * self.grid.cells[0] + i];
        if high <= z {
            return 255;
        }
        if low > z {
            return 0;
        }
        let mut sum = 0.0;
        for b in 0..SAMPLES {
            for a in 0..SAMPLES {
                let covered = self.at(i * SAMPLES + a, j * SAMPLES + b) > z;
                sum += f32::from(u8::from(covered));
            }
        }
        mean(sum, SAMPLES * SAMPLES)
    }
}

/// Places of a column's samples, row by row.
fn samples(grid: &WindGrid, column: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let nx = grid.cells[0];
    let first = (column / nx * nx * SAMPLES + column % nx) * SAMPLES;
    (0..SAMPLES).map(move |b| {
        let at = first + b * nx * SAMPLES;
        at..at + SAMPLES
    })
}

/// Open share by a sum of closed ones.
fn mean(sum: f32, of: usize) -> u8 {
    byte(1.0 - sum / of as f32)
}

impl Solids {
    /// Free shares of a grid with these heights at its samples.
    pub fn new(grid: &WindGrid, tops_m: Vec<f32>) -> Self {
        let [nx, ny, _] = grid.cells;
        let [across_x, across_y, across_z] = grid.faces();
        let mut free = vec![0; grid.len()];
        let mut open = [vec![0; across_x], vec![0; across_y], vec![0; across_z]];
        let [open_x, open_y, open_z] = &mut open;
        let tops = Tops::new(grid, &tops_m);
        let each =
            |out: &mut [u8], [nx, ny]: [usize; 2], share: &(dyn Fn([usize; 3]) -> u8 + Sync)| {
                let planes = out.par_chunks_mut(nx * ny).enumerate();
                planes.for_each(|(k, out)| {
                    for (n, out) in out.iter_mut().enumerate() {
                        *out = share([n % nx, n / nx, k]);
                    }
                });
            };
        each(&mut free, [nx, ny], &|cell| tops.free(cell));
        each(open_x, [nx + 1, ny], &|face| tops.open_x(face));
        each(open_y, [nx, ny + 1], &|face| tops.open_y(face));
        each(open_z, [nx, ny], &|face| tops.open_z(face));
        let mut solids = Self {
            free,
            open,
            tops_m,
            cut_off: Vec::new(),
        };
        solids.close(grid);
        solids
    }

    /// Brings the shares to other heights at the samples, the same as from scratch; gives the columns where anything differs: free shares, or
    /// open ones of their faces.
    pub fn change(&mut self, grid: &WindGrid, tops_m: Vec<f32>) -> Vec<bool> {
        let [nx, ny, nz] = grid.cells;
        let mut again: Vec<bool> = (0..nx * ny)
            .into_par_iter()
            .map(|column| {
                let mut rows = samples(grid, column);
                rows.any(|row| tops_m[row.clone()] != self.tops_m[row])
            })
            .collect();
        let mut changed = again.clone();
        // What was cut off may be so no longer: then its shares are needed as they were before that.
        for &column in &self.cut_off {
            again[column as usize] = true;
        }
        self.tops_m = tops_m;
        let before = std::mem::take(&mut self.cut_off);
        let tops = Tops::new(grid, &self.tops_m);
        let columns = (0..nx * ny).filter(|&column| again[column]);
        for [i, j] in columns.map(|column| [column % nx, column / nx]) {
            for k in 0..nz {
                self.free[grid.at(i, j, k)] = tops.free([i, j, k]);
                for n in 0..2 {
                    self.open[0][grid.at_x(i + n, j, k)] = tops.open_x([i + n, j, k]);
                    self.open[1][grid.at_y(i, j + n, k)] = tops.open_y([i, j + n, k]);
                    self.open[2][grid.at_z(i, j, k + n)] = tops.open_z([i, j, k + n]);
                }
            }
        }
        self.close(grid);
        // Faces are shared with the neighbours.
        let touched = before.iter().chain(&self.cut_off);
        let all: Vec<usize> = (0..nx * ny).filter(|&column| changed[column]).collect();
        for column in touched.map(|&column| column as usize).chain(all) {
            let [i, j] = [column % nx, column / nx];
            changed[column] = true;
            changed[column - usize::from(i > 0)] = true;
            changed[column + usize::from(i + 1 < nx)] = true;
            changed[j.max(1) * nx - nx + i] = true;
            changed[(j + 1).min(ny - 1) * nx + i] = true;
        }
        changed
    }

    /// Closes what the wind cannot reach from the sides and the top (yards under roofs, cells all of whose faces are shut), and the faces of
    /// cells without air.
    fn close(&mut self, grid: &WindGrid) {
        let [nx, ny, nz] = grid.cells;
        let plane = nx * ny;
        let mut reached = vec![false; self.free.len()];
        // Most air has nothing above it. All air at the sides is reached.
        for k in (0..nz).rev() {
            let (here, above) = reached[k * plane..].split_at_mut(plane);
            let lids = &self.open[2][(k + 1) * plane..][..plane];
            let free = &self.free[k * plane..][..plane];
            for (n, reached) in here.iter_mut().enumerate() {
                let open = above.get(n).is_none_or(|above| *above && lids[n] > 0);
                *reached = open && free[n] > 0;
            }
            let (rows, columns) = (0..ny, 0..nx);
            let ends = rows.flat_map(|j| [j * nx, j * nx + nx - 1]);
            for n in ends.chain(columns.flat_map(|i| [i, plane - nx + i])) {
                here[n] = free[n] > 0;
            }
        }
        let under_roofs: Vec<usize> = (0..self.free.len())
            .filter(|&cell| !reached[cell] && self.free[cell] > 0)
            .collect();
        let mut open_ends = under_roofs.clone();
        // Each of them looks for air that is reached; then it is the turn of its neighbours once more.
        while let Some(cell) = open_ends.pop() {
            if reached[cell] {
                continue;
            }
            let [i, j, k] = [cell % nx, cell / nx % ny, cell / plane];
            let sides = [
                (i > 0).then(|| (0, grid.at_x(i, j, k), cell - 1)),
                (i + 1 < nx).then(|| (0, grid.at_x(i + 1, j, k), cell + 1)),
                (j > 0).then(|| (1, grid.at_y(i, j, k), cell - nx)),
                (j + 1 < ny).then(|| (1, grid.at_y(i, j + 1, k), cell + nx)),
                (k > 0).then(|| (2, grid.at_z(i, j, k), cell - plane)),
                (k + 1 < nz).then(|| (2, grid.at_z(i, j, k + 1), cell + plane)),
            ];
            let ways = sides.into_iter().flatten();
            let ways = ways.filter(|&(axis, face, _)| self.open[axis][face] > 0);
            if ways.clone().any(|(.., next)| reached[next]) {
                reached[cell] = true;
                let next = ways.map(|(.., next)| next);
                open_ends.extend(next.filter(|&next| !reached[next] && self.free[next] > 0));
            }
        }
        self.cut_off = under_roofs
            .iter()
            .filter(|&&cell| !reached[cell])
            .map(|cell| (cell % plane) as u32)
            .collect();
        self.cut_off.sort_unstable();
        self.cut_off.dedup();
        let reached_in = |k: usize| reached.get(k * plane..(k + 1) * plane);
        let free = self.free.par_chunks_mut(plane);
        let [open_x, open_y, open_z] = &mut self.open;
        let open_x = open_x.par_chunks_mut((nx + 1) * ny);
        let open_y = open_y.par_chunks_mut(nx * (ny + 1));
        let planes = free.zip(open_x.zip(open_y)).enumerate();
        planes.for_each(|(k, (free, (open_x, open_y)))| {
            let reached = reached_in(k).unwrap_or(&[]);
            for (n, _) in reached.iter().enumerate().filter(|(_, reached)| !**reached) {
                let j = n / nx;
                free[n] = 0;
                open_x[n + j..=n + j + 1].fill(0);
                (open_y[n], open_y[n + nx]) = (0, 0);
            }
        });
        let lids = open_z.par_chunks_mut(plane).enumerate();
        lids.for_each(|(k, open_z)| {
            for side in [k.checked_sub(1).and_then(reached_in), reached_in(k)] {
                for (open, reached) in open_z.iter_mut().zip(side.unwrap_or(&[])) {
                    *open *= u8::from(*reached);
                }
            }
        });
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
    fn shares_after_edits_are_those_from_scratch() {
        let grid = WindGrid {
            cells: [14, 11, 6],
            cell_m: 2.0,
            west_m: 0.0,
            south_m: 0.0,
            levels_m: vec![0.0, 2.0, 4.0, 6.0, 9.0, 13.0, 18.0],
        };
        let mut state = 5_u64;
        let mut random = move || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as f64 / (1_u64 << 31) as f64
        };
        let mut house = || {
            let (x, y) = (28.0 * random(), 22.0 * random());
            let (w, l) = (1.0 + 7.0 * random(), 1.0 + 7.0 * random());
            Block {
                ring: vec![[x, y], [x + w, y], [x + w, y + l], [x, y + l]],
                base_m: 0.0,
                top_m: 16.0 * random(),
            }
        };
        let mut blocks: Vec<Block> = (0..14).map(|_| house()).collect();
        let mut solids = Solids::new(&grid, tops_m(&grid, &[], &blocks));
        for edit in 0..300 {
            blocks[edit % 14] = house();
            let tops = tops_m(&grid, &[], &blocks);
            let before = solids.clone();
            let changed = solids.change(&grid, tops.clone());
            let scratch = Solids::new(&grid, tops);
            assert!(solids == scratch, "edit {edit}");
            let same = |i: usize, j: usize, k: usize| {
                let faces = |s: &Solids| {
                    [0, 1].map(|n| {
                        [
                            s.open[0][grid.at_x(i + n, j, k)],
                            s.open[1][grid.at_y(i, j + n, k)],
                            s.open[2][grid.at_z(i, j, k + n)],
                            s.free[grid.at(i, j, k)],
                        ]
                    })
                };
                faces(&before) == faces(&scratch)
            };
            for (column, changed) in changed.iter().enumerate() {
                let all = (0..6).all(|k| same(column % 14, column / 14, k));
                assert!(*changed || all, "edit {edit}, column {column}");
            }
        }
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
