//! The potential that makes a wind field conserve mass: div(a grad x) = r on the cells of a [`WindGrid`](super::grid::WindGrid).
//!
//! Conjugate gradients, preconditioned by one V-cycle of a multigrid that halves x and y and keeps z:
//!
//! * Lines along z are solved exactly (Thomas), so flat cells near the ground and thick ones above need no care.
//! * Smoother: Chebyshev polynomial of degree two of that line solver, for the upper three quarters of the spectrum (Adams et al. 2003,
//!   doi:10.1016/S0021-9991(03)00194-3). It is symmetric, has no order of cells and thus the same bits for any number of threads.
//! * Coarse cells are two by two columns; values are passed on as they are, conductances as those of cells twice as wide.
//!
//! Inside, arrays are ordered y, z, x: all of a row's lines lie together, rows are shared among threads, and every inner loop runs over
//! one flat array. f32 numbers, f64 sums in the order of the rows.

mod level;

use crate::job::{Cancelled, Job};

use self::level::{Field, Level, Memory};

/// Cells and their sizes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Cells along x, y and z.
    pub cells: [usize; 3],
    /// Width (m) along x and y.
    pub dx_m: f64,
    /// Thickness (m) of each layer.
    pub dz_m: Vec<f64>,
}

/// What is beyond a side of the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// x = 0 on the face.
    Open,
    /// Nothing crosses.
    Wall,
}

/// Weight of the face across an axis (x, y, z) on the western, southern or lower side of a cell: its open share, or that times anything else.
pub type Share<'a> = dyn Fn(usize, [usize; 3]) -> f32 + Sync + 'a;

/// How a solution ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solved {
    /// Iterations of conjugate gradients.
    pub iterations: usize,
    /// Norm of what is left of the right side, by the norm of the right side.
    pub residual: f32,
}

/// A solver for one grid and its solids, with the memory that it works in.
pub struct Poisson {
    cells: [usize; 3],
    levels: Vec<Level>,
    /// Residual, direction, its image, preconditioned residual, solution.
    work: [Field; 5],
}

impl Poisson {
    /// A solver for a shape, the open shares (of 255) of its faces across x, y and z in the order of
    /// [`WindGrid`](super::grid::WindGrid), and its sides: west, east, south, north, bottom, top. At least one side is open.
    pub fn new(shape: &Shape, open: &[Vec<u8>; 3], sides: [Side; 6]) -> Self {
        let never = Job::default();
        let share = open_share(shape, open);
        Self::weighted(shape, &share, sides, &never).expect("nobody else has this job to cancel it")
    }

    /// Brings the solver to open shares that differ from those before at the faces of the `changed` columns alone (row by row; those on both
    /// sides of a face are told), the same as a new one.
    pub fn change(
        &mut self,
        shape: &Shape,
        open: &[Vec<u8>; 3],
        sides: [Side; 6],
        changed: &[bool],
    ) {
        let share = open_share(shape, open);
        // A cell depends on its own faces alone.
        let columns = changed.chunks(shape.cells[0]);
        let mut rows: Vec<bool> = columns.map(|row| row.contains(&true)).collect();
        let never = Job::default();
        self.levels[0]
            .weigh(shape, &share, sides, &rows, &never)
            .expect("nobody else has this job to cancel it");
        for n in 1..self.levels.len() {
            rows = rows.chunks(2).map(|pair| pair.contains(&true)).collect();
            let (fine, coarse) = self.levels.split_at_mut(n);
            if let (Some(fine), Some(coarse)) = (fine.last(), coarse.first_mut()) {
                fine.gather(coarse, &rows);
            }
        }
    }

    /// A solver for div(a grad x) = r with other weights on the faces than their open shares, for a job that may be cancelled.
    pub fn weighted(
        shape: &Shape,
        share: &Share<'_>,
        sides: [Side; 6],
        job: &Job,
    ) -> Result<Self, Cancelled> {
        let mut levels = vec![Level::finest(shape, share, sides, job)?];
        while let Some(coarse) = levels.last_mut().and_then(Level::coarser) {
            job.check_cancelled()?;
            levels.push(coarse);
        }
        let work = std::array::from_fn(|_| levels[0].field());
        Ok(Self {
            cells: shape.cells,
            levels,
            work,
        })
    }

    /// Solves sum over faces of a A / d (x of the neighbour - x of the cell) = `rhs` (order of
    /// [`WindGrid`](super::grid::WindGrid), like `x`), starting from `x`, until what is left is `tolerance` of the right side, or
    /// after `most` iterations. Solid cells keep 0.
    pub fn solve(&mut self, rhs: &[f32], x: &mut [f32], tolerance: f32, most: usize) -> Solved {
        let never = Job::default();
        self.solve_for(&never, rhs, x, tolerance, most)
            .expect("nobody else has this job to cancel it")
    }

    /// The same for a job that may be cancelled, which is looked at several times in each iteration; `x` then stays as it was.
    pub fn solve_for(
        &mut self,
        job: &Job,
        rhs: &[f32],
        x: &mut [f32],
        tolerance: f32,
        most: usize,
    ) -> Result<Solved, Cancelled> {
        let [r, p, q, z, solution] = &mut self.work;
        let fine = &self.levels[0];
        fine.take(rhs, q);
        fine.take(x, solution);
        let size = fine.dot(q, q).sqrt().max(f64::MIN_POSITIVE);
        // A = -div a grad is positive: A x = -rhs.
        fine.image(solution, z);
        r.zip(q, z, |r, rhs, image| *r = -rhs - image);
        let mut left = fine.dot(r, r).sqrt() / size;
        let mut iterations = 0;
        let mut before = 0.0;
        while left > f64::from(tolerance) && iterations < most {
            cycle(&mut self.levels, r, z, job)?;
            let fine = &self.levels[0];
            let now = fine.dot(r, z);
            let keep = if iterations == 0 {
                0.0
            } else {
                (now / before) as f32
            };
            before = now;
            p.each(z, |p, z| *p = z + keep * *p);
            let step = (now / fine.image(p, q)) as f32;
            left = Field::advance(solution, r, step, p, q).sqrt() / size;
            iterations += 1;
        }
        self.levels[0].give(solution, x);
        Ok(Solved {
            iterations,
            residual: left as f32,
        })
    }

    /// One V-cycle for `rhs` from x = 0 (order of [`WindGrid`](super::grid::WindGrid)): a rough solution for callers that come again.
    pub fn v_cycle(&mut self, rhs: &[f32], x: &mut [f32]) {
        let [r, _, _, z, _] = &mut self.work;
        self.levels[0].take(rhs, r);
        // Nobody else has this job to cancel it.
        let _done = cycle(&mut self.levels, r, z, &Job::default());
        self.levels[0].give(z, x);
        x.iter_mut().for_each(|x| *x = -*x);
    }

    /// Bytes of its arrays.
    pub fn bytes(&self) -> usize {
        let work: usize = self.work.iter().map(Field::bytes).sum();
        work + self.levels.iter().map(Level::bytes).sum::<usize>()
    }

    /// Cells along x, y and z.
    pub fn cells(&self) -> [usize; 3] {
        self.cells
    }
}

/// Open shares (of 255) of the faces across x, y and z as weights.
fn open_share<'a>(
    shape: &Shape,
    open: &'a [Vec<u8>; 3],
) -> impl Fn(usize, [usize; 3]) -> f32 + Sync + 'a {
    let [nx, ny, _] = shape.cells;
    move |axis: usize, [i, j, k]: [usize; 3]| {
        let face = match axis {
            0 => (k * ny + j) * (nx + 1) + i,
            1 => (k * (ny + 1) + j) * nx + i,
            _ => (k * ny + j) * nx + i,
        };
        f32::from(open[axis][face]) / 255.0
    }
}

/// One V-cycle for A x = b from x = 0.
fn cycle(levels: &mut [Level], b: &Field, x: &mut Field, job: &Job) -> Result<(), Cancelled> {
    let Some((level, coarser)) = levels.split_first_mut() else {
        return Ok(());
    };
    // The next solution needs the memory, also after a cancelled one.
    let mut memory = std::mem::take(&mut level.memory);
    let done = level_cycle(level, coarser, &mut memory, (b, x), job);
    level.memory = memory;
    done
}

fn level_cycle(
    level: &Level,
    coarser: &mut [Level],
    memory: &mut Memory,
    (b, x): (&Field, &mut Field),
    job: &Job,
) -> Result<(), Cancelled> {
    job.check_cancelled()?;
    level.smooth_first(b, x, &mut memory.step);
    if let Some(next) = coarser.first() {
        level.restrict(b, x, next, &mut memory.coarse_b);
        cycle(coarser, &memory.coarse_b, &mut memory.coarse_x, job)?;
        level.add_coarse(&memory.coarse_x, x);
        job.check_cancelled()?;
        level.smooth(b, x, &mut memory.step, &mut memory.left);
    }
    job.check_cancelled()
}

#[cfg(test)]
mod tests;
