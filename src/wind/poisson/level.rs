//! One level of the multigrid: conductances of its faces, and the loops over its rows.

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

use super::{Shape, Share, Side};

/// Values on the cells of a level: one slab per row y, in it z and x, with one empty line below and above for the loops to look at.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    values: Vec<f32>,
    slab: usize,
}

impl Field {
    /// Calls `change` with each value of this field and that of another one.
    pub(super) fn each(&mut self, a: &Self, change: impl Fn(&mut f32, f32) + Sync) {
        let slabs = self.values.par_chunks_mut(self.slab);
        slabs
            .zip(a.values.par_chunks(self.slab))
            .for_each(|(out, a)| {
                for (out, &a) in out.iter_mut().zip(a) {
                    change(out, a);
                }
            });
    }

    /// Calls `change` with each value of this field and those of two others.
    pub(super) fn zip(&mut self, a: &Self, b: &Self, change: impl Fn(&mut f32, f32, f32) + Sync) {
        let slabs = self.values.par_chunks_mut(self.slab);
        let others = a
            .values
            .par_chunks(self.slab)
            .zip(b.values.par_chunks(self.slab));
        slabs.zip(others).for_each(|(out, (a, b))| {
            for ((out, &a), &b) in out.iter_mut().zip(a).zip(b) {
                change(out, a, b);
            }
        });
    }

    /// Bytes of its array.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.values.as_slice())
    }
}

/// What a V-cycle keeps on a level.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    pub(super) step: Field,
    pub(super) left: Field,
    pub(super) coarse_b: Field,
    pub(super) coarse_x: Field,
}

/// One level.
#[derive(Clone, Debug)]
pub(super) struct Level {
    cells: [usize; 3],
    /// Conductance of the western, southern and lower face of each cell; 0 at the sides of the domain.
    west: Field,
    south: Field,
    below: Field,
    /// Sum of the conductances of all faces, with those to x = 0 beyond open sides.
    sum: Field,
    /// Inverse pivots of the lines along z.
    pivot: Field,
    pub(super) memory: Memory,
}

/// Chebyshev polynomial for eigenvalues from 0.5 to 2 of the line solver times the operator.
const MIDDLE: f32 = 1.25;
const HALF: f32 = 0.75;

impl Level {
    /// The level of the grid itself.
    pub(super) fn finest(
        shape: &Shape,
        share: &Share<'_>,
        sides: [Side; 6],
        job: &Job,
    ) -> Result<Self, Cancelled> {
        let [nx, ny, nz] = shape.cells;
        let mut level = Self::empty(shape.cells);
        let dx = shape.dx_m as f32;
        let dz = |k: usize| shape.dz_m[k] as f32;
        // Conductance of a face, inside or on a side of the domain, half a cell from it.
        let beyond = |side: usize, inside: f32| match sides[side] {
            Side::Open => 2.0 * inside,
            Side::Wall => 0.0,
        };
        for j in 0..ny {
            job.check_cancelled()?;
            for k in 0..nz {
                for i in 0..nx {
                    let x = |i: usize| share(0, [i, j, k]) * dz(k);
                    let y = |j: usize| share(1, [i, j, k]) * dz(k);
                    let z = |k: usize| share(2, [i, j, k]) * dx * dx;
                    let at = level.at(i, j, k);
                    let mut sum = 0.0;
                    let mut face = |outer: Option<usize>, inside: f32| {
                        sum += outer.map_or(inside, |side| beyond(side, inside));
                        if outer.is_some() { 0.0 } else { inside }
                    };
                    let west = face((i == 0).then_some(0), x(i));
                    face((i + 1 == nx).then_some(1), x(i + 1));
                    let south = face((j == 0).then_some(2), y(j));
                    face((j + 1 == ny).then_some(3), y(j + 1));
                    let down = if k == 0 {
                        dz(0)
                    } else {
                        0.5 * (dz(k - 1) + dz(k))
                    };
                    let up = if k + 1 == nz {
                        dz(k)
                    } else {
                        0.5 * (dz(k) + dz(k + 1))
                    };
                    let below = face((k == 0).then_some(4), z(k) / down);
                    face((k + 1 == nz).then_some(5), z(k + 1) / up);
                    level.west.values[at] = west;
                    level.south.values[at] = south;
                    level.below.values[at] = below;
                    level.sum.values[at] = sum;
                }
            }
        }
        level.find_pivots();
        Ok(level)
    }

    fn empty(cells: [usize; 3]) -> Self {
        let field = || Field {
            values: vec![0.0; cells[1] * (cells[2] + 2) * cells[0]],
            slab: (cells[2] + 2) * cells[0],
        };
        Self {
            cells,
            west: field(),
            south: field(),
            below: field(),
            sum: field(),
            pivot: field(),
            memory: Memory {
                step: field(),
                left: field(),
                ..Memory::default()
            },
        }
    }

    /// A field of zeros.
    pub(super) fn field(&self) -> Field {
        Field {
            values: vec![0.0; self.sum.values.len()],
            slab: self.sum.slab,
        }
    }

    /// Place of a cell in a field.
    fn at(&self, i: usize, j: usize, k: usize) -> usize {
        let [nx, _, nz] = self.cells;
        (j * (nz + 2) + k + 1) * nx + i
    }

    /// Two by two columns as one; None for a single column.
    pub(super) fn coarser(&mut self) -> Option<Self> {
        let [nx, ny, nz] = self.cells;
        if nx * ny == 1 {
            return None;
        }
        let mut coarse = Self::empty([nx.div_ceil(2), ny.div_ceil(2), nz]);
        for j in 0..ny {
            for k in 0..nz {
                for i in 0..nx {
                    let (fine, to) = (self.at(i, j, k), coarse.at(i / 2, j / 2, k));
                    let (west, south) = (self.west.values[fine], self.south.values[fine]);
                    let below = self.below.values[fine];
                    // Cells twice as wide: the distance across a face has doubled, and faces inside a coarse cell are gone.
                    let (outer_x, outer_y) = (i % 2 == 0, j % 2 == 0);
                    if outer_x {
                        coarse.west.values[to] += 0.5 * west;
                    }
                    if outer_y {
                        coarse.south.values[to] += 0.5 * south;
                    }
                    coarse.below.values[to] += below;
                    coarse.sum.values[to] += 0.5 * self.beyond(i, j, k);
                }
            }
        }
        // So far the sum holds what leads out of the domain; top and bottom are as far away as before.
        coarse.add_faces_to_sum();
        coarse.find_pivots();
        self.memory.coarse_b = coarse.field();
        self.memory.coarse_x = coarse.field();
        Some(coarse)
    }

    /// Conductance from a cell to x = 0 beyond the sides of the domain.
    fn beyond(&self, i: usize, j: usize, k: usize) -> f32 {
        let [nx, ny, nz] = self.cells;
        let at = self.at(i, j, k);
        let mut inside = self.west.values[at] + self.south.values[at] + self.below.values[at];
        if i + 1 < nx {
            inside += self.west.values[self.at(i + 1, j, k)];
        }
        if j + 1 < ny {
            inside += self.south.values[self.at(i, j + 1, k)];
        }
        if k + 1 < nz {
            inside += self.below.values[self.at(i, j, k + 1)];
        }
        let beyond = self.sum.values[at] - inside;
        // What rounding leaves of an inner cell is nothing.
        if beyond > 1e-5 * self.sum.values[at] {
            beyond
        } else {
            0.0
        }
    }

    fn add_faces_to_sum(&mut self) {
        let [nx, ny, nz] = self.cells;
        for j in 0..ny {
            for k in 0..nz {
                for i in 0..nx {
                    let at = self.at(i, j, k);
                    let mut sum =
                        self.west.values[at] + self.south.values[at] + self.below.values[at];
                    if i + 1 < nx {
                        sum += self.west.values[self.at(i + 1, j, k)];
                    }
                    if j + 1 < ny {
                        sum += self.south.values[self.at(i, j + 1, k)];
                    }
                    if k + 1 < nz {
                        sum += self.below.values[self.at(i, j, k + 1)];
                    }
                    self.sum.values[at] += sum;
                }
            }
        }
    }

    /// Pivots of the lines along z, with all faces in the diagonal. 0 for solid cells.
    fn find_pivots(&mut self) {
        let [nx, ny, nz] = self.cells;
        for j in 0..ny {
            for i in 0..nx {
                let mut before = 0.0;
                for k in 0..nz {
                    let at = self.at(i, j, k);
                    let (sum, below) = (self.sum.values[at], self.below.values[at]);
                    // A line that leads nowhere is singular; a little more diagonal does not harm a preconditioner.
                    let pivot = (sum - below * below * before).max(1e-6 * sum);
                    before = if sum > 0.0 { 1.0 / pivot } else { 0.0 };
                    self.pivot.values[at] = before;
                }
            }
        }
    }

    /// Fills a field from the order of the grid.
    pub(super) fn take(&self, from: &[f32], to: &mut Field) {
        let [nx, ny, nz] = self.cells;
        let slab = to.slab;
        to.values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, to)| {
                for k in 0..nz {
                    let line = &mut to[(k + 1) * nx..][..nx];
                    line.copy_from_slice(&from[(k * ny + j) * nx..][..nx]);
                    let sums = &self.sum.values[j * slab + (k + 1) * nx..][..nx];
                    for (value, &sum) in line.iter_mut().zip(sums) {
                        *value *= f32::from(u8::from(sum > 0.0));
                    }
                }
            });
    }

    /// Gives a field in the order of the grid.
    pub(super) fn give(&self, from: &Field, to: &mut [f32]) {
        let [nx, ny, _] = self.cells;
        to.par_chunks_mut(nx * ny).enumerate().for_each(|(k, to)| {
            for (j, line) in to.chunks_exact_mut(nx).enumerate() {
                line.copy_from_slice(&from.values[self.at(0, j, k)..][..nx]);
            }
        });
    }

    /// Product of two fields, summed in the order of the rows.
    pub(super) fn dot(&self, a: &Field, b: &Field) -> f64 {
        let slabs = a.values.par_chunks(a.slab).zip(b.values.par_chunks(a.slab));
        let sums: Vec<f64> = slabs.map(|(a, b)| product(a, b)).collect();
        sums.iter().sum()
    }

    /// The slabs around row j: to the south, here, to the north (itself at the sides, where no conductance leads).
    fn slabs<'a>(&self, x: &'a Field, j: usize) -> [&'a [f32]; 3] {
        let slab = |j: usize| &x.values[j * x.slab..][..x.slab];
        let north = (j + 1).min(self.cells[1] - 1);
        [slab(j.max(1) - 1), slab(j), slab(north)]
    }

    /// out = A x in row j.
    fn image_row(&self, x: &Field, j: usize, out: &mut [f32]) {
        let nx = self.cells[0];
        let inner = nx..x.slab - nx;
        let [south, here, north] = self.slabs(x, j);
        let row = |f: &'_ Field, j: usize| j * f.slab;
        let at = row(&self.sum, j);
        let n = inner.len();
        let sum = &self.sum.values[at + nx..][..n];
        let west = &self.west.values[at + nx..][..n + 1];
        let below = &self.below.values[at + nx..][..n];
        let above = &self.below.values[at + 2 * nx..][..n];
        let to_south = &self.south.values[at + nx..][..n];
        // Beyond the last row there is nothing: the southern faces of the first one are closed.
        let next = if j + 1 < self.cells[1] { j + 1 } else { 0 };
        let to_north = &self.south.values[row(&self.south, next) + nx..][..n];
        let (left, right) = (
            &here[nx - 1..][..n],
            &here[nx + 1..][..n.min(here.len() - nx - 1)],
        );
        let (lower, upper) = (&here[..n], &here[2 * nx..][..n]);
        let (south, north) = (&south[nx..][..n], &north[nx..][..n]);
        let middle = &here[nx..][..n];
        let out = &mut out[nx..][..n];
        for c in 0..n {
            let x = sum[c] * middle[c] - west[c] * left[c] - west[c + 1] * right[c];
            let z = below[c] * lower[c] + above[c] * upper[c];
            let y = to_south[c] * south[c] + to_north[c] * north[c];
            out[c] = x - z - y;
        }
    }

    /// out = A x; gives x A x.
    pub(super) fn image(&self, x: &Field, out: &mut Field) -> f64 {
        let slab = out.slab;
        let rows = out.values.par_chunks_mut(slab).enumerate();
        let sums: Vec<f64> = rows
            .map(|(j, out)| {
                self.image_row(x, j, out);
                product(&x.values[j * slab..][..slab], out)
            })
            .collect();
        sums.iter().sum()
    }

    /// left = b - A x.
    pub(super) fn residual(&self, b: &Field, x: &Field, left: &mut Field) {
        let slab = left.slab;
        left.values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, out)| {
                self.residual_row(b, x, j, out);
            });
    }

    fn residual_row(&self, b: &Field, x: &Field, j: usize, out: &mut [f32]) {
        self.image_row(x, j, out);
        for (out, b) in out.iter_mut().zip(&b.values[j * b.slab..]) {
            *out = b - *out;
        }
    }

    /// Solves the lines of row j in place.
    fn solve_lines(&self, j: usize, values: &mut [f32]) {
        let [nx, _, nz] = self.cells;
        let at = j * self.sum.slab;
        let below = &self.below.values[at..][..self.sum.slab];
        let pivot = &self.pivot.values[at..][..self.sum.slab];
        for k in 1..=nz {
            let (lower, line) = values.split_at_mut(k * nx);
            let lower = &lower[(k - 1) * nx..];
            let (below, pivot) = (&below[k * nx..][..nx], &pivot[k * nx..][..nx]);
            for (((x, l), b), p) in line.iter_mut().zip(lower).zip(below).zip(pivot) {
                *x = (*x + b * l) * p;
            }
        }
        for k in (1..nz).rev() {
            let (line, upper) = values.split_at_mut((k + 1) * nx);
            let line = &mut line[k * nx..];
            let (above, pivot) = (&below[(k + 1) * nx..][..nx], &pivot[k * nx..][..nx]);
            for (((x, u), a), p) in line.iter_mut().zip(&upper[..nx]).zip(above).zip(pivot) {
                *x += a * p * u;
            }
        }
    }

    /// x = the Chebyshev polynomial applied to b, from x = 0.
    pub(super) fn smooth_first(&self, b: &Field, x: &mut Field, step: &mut Field) {
        let slab = x.slab;
        step.values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, step)| {
                step.copy_from_slice(&b.values[j * slab..][..slab]);
                self.solve_lines(j, step);
                step.iter_mut().for_each(|s| *s *= 1.0 / MIDDLE);
            });
        self.second_step(b, step, x);
    }

    /// x = x0 + second step, where `first` is the first step from x0 = 0 for the right side b.
    fn second_step(&self, b: &Field, first: &Field, x: &mut Field) {
        let slab = x.slab;
        let (of_first, of_new) = second_factors();
        x.values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, x)| {
                self.residual_row(b, first, j, x);
                self.solve_lines(j, x);
                for (x, d) in x.iter_mut().zip(&first.values[j * slab..]) {
                    *x = d + (of_first * d + of_new * *x);
                }
            });
    }

    /// x += the Chebyshev polynomial applied to b - A x.
    pub(super) fn smooth(&self, b: &Field, x: &mut Field, step: &mut Field, left: &mut Field) {
        let slab = x.slab;
        self.residual(b, x, left);
        step.values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, step)| {
                step.copy_from_slice(&left.values[j * slab..][..slab]);
                self.solve_lines(j, step);
                step.iter_mut().for_each(|s| *s *= 1.0 / MIDDLE);
            });
        let (of_first, of_new) = second_factors();
        x.values.par_chunks_mut(slab).enumerate().for_each_init(
            || vec![0.0; slab],
            |new, (j, x)| {
                self.residual_row(left, step, j, new);
                self.solve_lines(j, new);
                let steps = &step.values[j * slab..];
                for ((x, d), new) in x.iter_mut().zip(steps).zip(new.iter()) {
                    *x += d + (of_first * d + of_new * new);
                }
            },
        );
    }

    /// Sums over the fine columns of each coarse one (this level).
    pub(super) fn restrict(&self, fine: &Field, coarse: &mut Field) {
        let [nx, _, nz] = self.cells;
        let fine_nx = fine.slab / (nz + 2);
        let rows = fine.values.len() / fine.slab;
        let slab = coarse.slab;
        coarse
            .values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, out)| {
                for k in 1..=nz {
                    let out = &mut out[k * nx..][..nx];
                    out.fill(0.0);
                    for fine_j in 2 * j..(2 * j + 2).min(rows) {
                        let line = &fine.values[fine_j * fine.slab + k * fine_nx..][..fine_nx];
                        for (out, pair) in out.iter_mut().zip(line.chunks(2)) {
                            *out += pair.iter().sum::<f32>();
                        }
                    }
                }
            });
    }

    /// Adds to each fine column (this level) the value of its coarse one.
    pub(super) fn add_coarse(&self, coarse: &Field, x: &mut Field) {
        let [nx, _, nz] = self.cells;
        let coarse_nx = nx.div_ceil(2);
        let slab = x.slab;
        x.values
            .par_chunks_mut(slab)
            .enumerate()
            .for_each(|(j, x)| {
                for k in 1..=nz {
                    let from = &coarse.values[j / 2 * coarse.slab + k * coarse_nx..][..coarse_nx];
                    let at = j * slab + k * nx;
                    let lines = x[k * nx..][..nx].chunks_mut(2);
                    let sums = self.sum.values[at..][..nx].chunks(2);
                    for ((pair, sums), add) in lines.zip(sums).zip(from) {
                        for (x, &sum) in pair.iter_mut().zip(sums) {
                            *x += f32::from(u8::from(sum > 0.0)) * add;
                        }
                    }
                }
            });
    }

    /// Bytes of its arrays.
    pub(super) fn bytes(&self) -> usize {
        let m = &self.memory;
        [
            &self.west,
            &self.south,
            &self.below,
            &self.sum,
            &self.pivot,
            &m.step,
            &m.left,
            &m.coarse_b,
            &m.coarse_x,
        ]
        .iter()
        .map(|field| field.bytes())
        .sum()
    }
}

/// Factors of the first step and of the new residual in the second one (Saad 2003, algorithm 12.1).
fn second_factors() -> (f32, f32) {
    let sigma = MIDDLE / HALF;
    let first = 1.0 / sigma;
    let second = 1.0 / (2.0 * sigma - first);
    (second * first, 2.0 * second / HALF)
}

/// Sum of products in f64, in eight interleaved sums.
fn product(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f64; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a8.remainder().iter().zip(b8.remainder());
    let rest: f64 = rest.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    for (a, b) in a8.zip(b8) {
        for n in 0..8 {
            sums[n] += f64::from(a[n]) * f64::from(b[n]);
        }
    }
    sums.iter().sum::<f64>() + rest
}
