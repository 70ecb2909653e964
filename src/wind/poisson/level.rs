//! One level of the multigrid: conductances of its faces, and the loops over its rows.

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

use super::{Shape, Share, Side};
use crate::wind::wide::wide;

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

    /// x += step p and r -= step q; gives r r.
    pub(super) fn advance(x: &mut Self, r: &mut Self, step: f32, p: &Self, q: &Self) -> f64 {
        let slab = x.slab;
        let out = x.values.par_chunks_mut(slab);
        let out = out.zip(r.values.par_chunks_mut(slab));
        let along = p.values.par_chunks(slab).zip(q.values.par_chunks(slab));
        let sums: Vec<f64> = out
            .zip(along)
            .map(|((x, r), (p, q))| {
                follow(step, p, q, x, r);
                product(r, r)
            })
            .collect();
        sums.iter().sum()
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

/// Cells of a row or rows that are worth another thread.
const CELLS_AT_ONCE: usize = 1 << 14;

impl Level {
    /// The level of the grid itself.
    pub(super) fn finest(
        shape: &Shape,
        share: &Share<'_>,
        sides: [Side; 6],
        job: &Job,
    ) -> Result<Self, Cancelled> {
        let mut level = Self::empty(shape.cells);
        let rows = vec![true; shape.cells[1]];
        level.weigh(shape, share, sides, &rows, job)?;
        Ok(level)
    }

    /// Conductances of the wanted rows of the level of the grid itself.
    pub(super) fn weigh(
        &mut self,
        shape: &Shape,
        share: &Share<'_>,
        sides: [Side; 6],
        wanted: &[bool],
        job: &Job,
    ) -> Result<(), Cancelled> {
        let [nx, ny, nz] = shape.cells;
        let dx = shape.dx_m as f32;
        let dz = |k: usize| shape.dz_m[k] as f32;
        // Conductance of a face, inside or on a side of the domain, half a cell from it.
        let beyond = |side: usize, inside: f32| match sides[side] {
            Side::Open => 2.0 * inside,
            Side::Wall => 0.0,
        };
        let (slab, cells) = (self.sum.slab, self.cells);
        let west = self.west.values.par_chunks_mut(slab);
        let south = self.south.values.par_chunks_mut(slab);
        let below = self.below.values.par_chunks_mut(slab);
        let sum = self.sum.values.par_chunks_mut(slab);
        let pivot = self.pivot.values.par_chunks_mut(slab);
        let rows = west.zip(south).zip(below.zip(sum)).zip(pivot).enumerate();
        rows.filter(|(j, _)| wanted[*j]).try_for_each(
            |(j, (((wests, souths), (belows, sums)), pivots))| {
                job.check_cancelled()?;
                for k in 0..nz {
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
                    for i in 0..nx {
                        let x = |i: usize| share(0, [i, j, k]) * dz(k);
                        let y = |j: usize| share(1, [i, j, k]) * dz(k);
                        let z = |k: usize| share(2, [i, j, k]) * dx * dx;
                        let at = (k + 1) * nx + i;
                        let mut sum = 0.0;
                        let mut face = |outer: Option<usize>, inside: f32| {
                            sum += outer.map_or(inside, |side| beyond(side, inside));
                            if outer.is_some() { 0.0 } else { inside }
                        };
                        wests[at] = face((i == 0).then_some(0), x(i));
                        face((i + 1 == nx).then_some(1), x(i + 1));
                        souths[at] = face((j == 0).then_some(2), y(j));
                        face((j + 1 == ny).then_some(3), y(j + 1));
                        belows[at] = face((k == 0).then_some(4), z(k) / down);
                        face((k + 1 == nz).then_some(5), z(k + 1) / up);
                        sums[at] = sum;
                    }
                }
                find_pivots(cells, belows, sums, pivots);
                Ok(())
            },
        )
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

    /// Rows that a thread takes at least: small levels are done before another one wakes up.
    fn rows_at_once(&self) -> usize {
        (CELLS_AT_ONCE / self.sum.slab).max(1)
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
        self.gather(&mut coarse, &vec![true; ny.div_ceil(2)]);
        self.memory.coarse_b = coarse.field();
        self.memory.coarse_x = coarse.field();
        Some(coarse)
    }

    /// Conductances of the wanted rows of the next level.
    pub(super) fn gather(&self, coarse: &mut Self, wanted: &[bool]) {
        let [nx, ny, nz] = self.cells;
        let (slab, cells) = (coarse.sum.slab, coarse.cells);
        let coarse_nx = cells[0];
        let west = coarse.west.values.par_chunks_mut(slab);
        let south = coarse.south.values.par_chunks_mut(slab);
        let below = coarse.below.values.par_chunks_mut(slab);
        let sum = coarse.sum.values.par_chunks_mut(slab);
        let rows = west.zip(south).zip(below.zip(sum)).enumerate();
        rows.filter(|(j, _)| wanted[*j])
            .for_each(|(row, ((wests, souths), (belows, sums)))| {
                for field in [&mut *wests, &mut *souths, &mut *belows, &mut *sums] {
                    field.fill(0.0);
                }
                for j in 2 * row..(2 * row + 2).min(ny) {
                    for k in 0..nz {
                        for i in 0..nx {
                            let (fine, to) = (self.at(i, j, k), (k + 1) * coarse_nx + i / 2);
                            // Cells twice as wide: the distance across a face has doubled, and faces inside a coarse cell are gone.
                            if i % 2 == 0 {
                                wests[to] += 0.5 * self.west.values[fine];
                            }
                            if j % 2 == 0 {
                                souths[to] += 0.5 * self.south.values[fine];
                            }
                            belows[to] += self.below.values[fine];
                            sums[to] += 0.5 * self.beyond(i, j, k);
                        }
                    }
                }
            });
        // So far the sum holds what leads out of the domain; top and bottom are as far away as before.
        coarse.add_faces_to_sum(wanted);
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

    fn add_faces_to_sum(&mut self, wanted: &[bool]) {
        let [nx, ny, nz] = self.cells;
        let (slab, cells) = (self.sum.slab, self.cells);
        let (west, south, below) = (&self.west, &self.south, &self.below);
        let sums = self.sum.values.par_chunks_mut(slab);
        let rows = sums.zip(self.pivot.values.par_chunks_mut(slab)).enumerate();
        rows.filter(|(j, _)| wanted[*j])
            .for_each(|(j, (sums, pivots))| {
                for k in 0..nz {
                    for i in 0..nx {
                        let here = (k + 1) * nx + i;
                        let at = j * slab + here;
                        let mut sum = west.values[at] + south.values[at] + below.values[at];
                        if i + 1 < nx {
                            sum += west.values[at + 1];
                        }
                        if j + 1 < ny {
                            sum += south.values[at + slab];
                        }
                        if k + 1 < nz {
                            sum += below.values[at + nx];
                        }
                        sums[here] += sum;
                    }
                }
                find_pivots(cells, &below.values[j * slab..][..slab], sums, pivots);
            });
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
        let [south, here, north] = self.slabs(x, j);
        let at = j * self.sum.slab + nx;
        let n = x.slab - 2 * nx;
        // Beyond the last row there is nothing: the southern faces of the first one are closed.
        let next = if j + 1 < self.cells[1] { j + 1 } else { 0 };
        let faces = [
            &self.sum.values[at..][..n],
            &self.west.values[at..][..n],
            &self.west.values[at + 1..][..n],
            &self.below.values[at..][..n],
            &self.below.values[at + nx..][..n],
            &self.south.values[at..][..n],
            &self.south.values[next * self.south.slab + nx..][..n],
        ];
        let values = [
            &here[nx..][..n],
            &here[nx - 1..][..n],
            &here[nx + 1..][..n],
            &here[..n],
            &here[2 * nx..][..n],
            &south[nx..][..n],
            &north[nx..][..n],
        ];
        image_line(faces, values, &mut out[nx..][..n]);
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

    /// out = b - A x in row j.
    fn residual_row(&self, b: &Field, x: &Field, j: usize, out: &mut [f32]) {
        self.image_row(x, j, out);
        for (out, b) in out.iter_mut().zip(&b.values[j * b.slab..]) {
            *out = b - *out;
        }
    }

    /// Solves the lines of row j in place.
    fn solve_lines(&self, j: usize, values: &mut [f32]) {
        let at = j * self.sum.slab;
        let below = &self.below.values[at..][..self.sum.slab];
        let pivot = &self.pivot.values[at..][..self.sum.slab];
        solve_row(self.cells, below, pivot, values);
    }

    /// x = the Chebyshev polynomial applied to b, from x = 0.
    pub(super) fn smooth_first(&self, b: &Field, x: &mut Field, step: &mut Field) {
        let slab = x.slab;
        step.values
            .par_chunks_mut(slab)
            .enumerate()
            .with_min_len(self.rows_at_once())
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
            .with_min_len(self.rows_at_once())
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
        let lefts = left.values.par_chunks_mut(slab);
        lefts
            .zip(step.values.par_chunks_mut(slab))
            .enumerate()
            .with_min_len(self.rows_at_once())
            .for_each(|(j, (left, step))| {
                self.residual_row(b, x, j, left);
                step.copy_from_slice(left);
                self.solve_lines(j, step);
                step.iter_mut().for_each(|s| *s *= 1.0 / MIDDLE);
            });
        let (of_first, of_new) = second_factors();
        let rows = x.values.par_chunks_mut(slab).enumerate();
        rows.with_min_len(self.rows_at_once()).for_each_init(
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

    /// b - A x of this level, summed over the columns of each coarse one.
    pub(super) fn restrict(&self, b: &Field, x: &Field, next: &Self, coarse: &mut Field) {
        let [nx, ny, nz] = self.cells;
        let coarse_nx = next.cells[0];
        let slab = coarse.slab;
        let rows = coarse.values.par_chunks_mut(slab).enumerate();
        rows.with_min_len(next.rows_at_once()).for_each_init(
            || vec![0.0; x.slab],
            |left, (j, out)| {
                out.fill(0.0);
                for fine_j in 2 * j..(2 * j + 2).min(ny) {
                    self.residual_row(b, x, fine_j, left);
                    for k in 1..=nz {
                        let line = &left[k * nx..][..nx];
                        let out = &mut out[k * coarse_nx..][..coarse_nx];
                        for (out, pair) in out.iter_mut().zip(line.chunks(2)) {
                            *out += pair.iter().sum::<f32>();
                        }
                    }
                }
            },
        );
    }

    /// Adds to each fine column (this level) the value of its coarse one.
    pub(super) fn add_coarse(&self, coarse: &Field, x: &mut Field) {
        let [nx, _, nz] = self.cells;
        let coarse_nx = nx.div_ceil(2);
        let slab = x.slab;
        x.values
            .par_chunks_mut(slab)
            .enumerate()
            .with_min_len(self.rows_at_once())
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

wide! {
    /// A times values: conductances of the cell itself and of its faces, each with the values on which it acts. All have one length, which the compiler
    /// sees here, as it does that rows do not overlap: four cells at a time.
    fn image_line(faces: [&[f32]; 7], values: [&[f32]; 7], out: &mut [f32]) {
        let n = out.len();
        let [sum, west, east, below, above, to_south, to_north] = faces.map(|face| &face[..n]);
        let [middle, left, right, lower, upper, south, north] = values.map(|value| &value[..n]);
        for c in 0..n {
            let x = sum[c] * middle[c] - west[c] * left[c] - east[c] * right[c];
            let z = below[c] * lower[c] + above[c] * upper[c];
            let y = to_south[c] * south[c] + to_north[c] * north[c];
            out[c] = x - z - y;
        }
    }
}

wide! {
    /// A step of conjugate gradients in a row.
    fn follow(step: f32, p: &[f32], q: &[f32], x: &mut [f32], r: &mut [f32]) {
        for (x, p) in x.iter_mut().zip(p) {
            *x += step * p;
        }
        for (r, q) in r.iter_mut().zip(q) {
            *r -= step * q;
        }
    }
}

wide! {
    /// Solves the lines along z of a row in place.
    fn solve_row(cells: [usize; 3], below: &[f32], pivot: &[f32], values: &mut [f32]) {
        let [nx, _, nz] = cells;
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
}

/// Pivots of the lines along z of a row, with all faces in the diagonal. 0 for solid cells.
fn find_pivots([nx, _, nz]: [usize; 3], below: &[f32], sum: &[f32], pivot: &mut [f32]) {
    for k in 1..=nz {
        for at in k * nx..(k + 1) * nx {
            let before = if k > 1 { pivot[at - nx] } else { 0.0 };
            let (sum, below) = (sum[at], below[at]);
            // A line that leads nowhere is singular; a little more diagonal does not harm a preconditioner.
            let own = (sum - below * below * before).max(1e-6 * sum);
            pivot[at] = if sum > 0.0 { 1.0 / own } else { 0.0 };
        }
    }
}

/// Factors of the first step and of the new residual in the second one (Saad 2003, algorithm 12.1).
fn second_factors() -> (f32, f32) {
    let sigma = MIDDLE / HALF;
    let first = 1.0 / sigma;
    let second = 1.0 / (2.0 * sigma - first);
    (second * first, 2.0 * second / HALF)
}

wide! {
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
}
