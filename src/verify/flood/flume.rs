//! One-dimensional cases: a strip of three rows between closed frictionless walls, along x or along y.

use crate::flood::domain::{Axis, Boundary, BoundaryKind, Domain, Face, Forcing, Start};
use crate::flood::kernel::{Solver, SolverOptions};
use crate::geo::Grid;

/// Order 2 in f64, for which the limits of the series are meant.
pub const PRECISE: SolverOptions = SolverOptions {
    order: 2,
    double: true,
    track_interval_s: f64::INFINITY,
};

/// Order 1 in f32, as cities are computed.
pub const FAST: SolverOptions = SolverOptions {
    order: 1,
    double: false,
    track_interval_s: f64::INFINITY,
};

/// Rows across the strip.
const ACROSS: usize = 3;

/// A strip with its low end in the west or south.
#[derive(Clone, Copy)]
pub struct Flume {
    /// Direction of the strip.
    pub axis: Axis,
    /// Cells along the strip.
    pub cells: usize,
    /// Length (m).
    pub length_m: f64,
}

/// An end of a strip.
#[derive(Clone, Copy)]
pub enum End {
    /// At x = 0.
    Low,
    /// At x = length.
    High,
}

/// State along a strip.
#[derive(Clone)]
pub struct Profile {
    /// Depth (m).
    pub depth_m: Vec<f64>,
    /// Speed along the strip (m/s).
    pub speed: Vec<f64>,
}

impl Profile {
    /// Discharge per metre of width (m²/s).
    pub fn unit_discharge(&self) -> Vec<f64> {
        let both = self.depth_m.iter().zip(&self.speed);
        both.map(|(h, u)| h * u).collect()
    }
}

impl Flume {
    /// Cell size (m).
    pub fn dx(&self) -> f64 {
        self.length_m / self.cells as f64
    }

    /// Width (m).
    pub fn width_m(&self) -> f64 {
        self.dx() * ACROSS as f64
    }

    /// Distance of a cell's centre from the low end (m).
    pub fn x(&self, along: usize) -> f64 {
        (along as f64 + 0.5) * self.dx()
    }

    /// A value of each cell from its distance along the strip.
    pub fn along<T>(&self, value: impl Fn(f64) -> T) -> Vec<T> {
        (0..self.cells).map(|i| value(self.x(i))).collect()
    }

    /// Cells of the strip.
    pub fn grid(&self) -> Grid {
        let (cols, rows) = match self.axis {
            Axis::X => (self.cells, ACROSS),
            Axis::Y => (ACROSS, self.cells),
        };
        Grid {
            west: 0.0,
            north: rows as f64 * self.dx(),
            cell_m: self.dx(),
            cols,
            rows,
        }
    }

    /// Distance along the strip (cells from the low end) of every cell of the grid.
    fn distances(&self) -> Vec<usize> {
        let grid = self.grid();
        let cell = |row: usize, col: usize| match self.axis {
            Axis::X => col,
            Axis::Y => self.cells - 1 - row,
        };
        (0..grid.rows)
            .flat_map(|row| (0..grid.cols).map(move |col| cell(row, col)))
            .collect()
    }

    /// A value of every cell of the grid from its distance along the strip.
    pub fn fill<T: Clone>(&self, value: impl Fn(f64) -> T) -> Vec<T> {
        let along = self.along(value);
        let distances = self.distances();
        distances.into_iter().map(|i| along[i].clone()).collect()
    }

    /// Index of a cell in the middle of the strip.
    pub fn cell(&self, along: usize) -> usize {
        match self.axis {
            Axis::X => self.grid().index(ACROSS / 2, along),
            Axis::Y => self.grid().index(self.cells - 1 - along, ACROSS / 2),
        }
    }

    /// The domain with closed ends.
    pub fn domain(&self, bed_m: impl Fn(f64) -> f64, manning_n: f32) -> Domain {
        let cells = self.cells * ACROSS;
        Domain {
            grid: self.grid(),
            bed_m: self.fill(bed_m),
            manning_n: vec![manning_n; cells],
            open: vec![true; cells],
            crests: Vec::new(),
            porosity: None,
            boundaries: Vec::new(),
        }
    }

    /// An open end.
    pub fn boundary(&self, end: End, kind: BoundaryKind) -> Boundary {
        let (row, col) = match (self.axis, end) {
            (Axis::X, End::Low) => (0, 0),
            (Axis::X, End::High) => (0, self.cells),
            (Axis::Y, End::Low) => (self.cells, 0),
            (Axis::Y, End::High) => (0, 0),
        };
        let face = |across: usize| match self.axis {
            Axis::X => Face { axis: Axis::X, row: across, col },
            Axis::Y => Face { axis: Axis::Y, row, col: across },
        };
        Boundary {
            id: match end {
                End::Low => "low end".to_owned(),
                End::High => "high end".to_owned(),
            },
            faces: (0..ACROSS).map(face).collect(),
            kind,
        }
    }

    /// Water at the start.
    pub fn start(&self, depth_m: impl Fn(f64) -> f64, speed: impl Fn(f64) -> f64) -> Start {
        let depth_m = self.fill(depth_m);
        let speed = self.fill(|x| speed(x) as f32);
        let rest = vec![0.0; speed.len()];
        let (u, v) = match self.axis {
            Axis::X => (speed, rest),
            Axis::Y => (rest, speed),
        };
        Start { depth_m, u, v }
    }

    /// State in the middle of the strip.
    pub fn profile(&self, solver: &Solver) -> Profile {
        let cells = (0..self.cells).map(|i| self.cell(i));
        let along = match self.axis {
            Axis::X => 0,
            Axis::Y => 1,
        };
        Profile {
            depth_m: cells.clone().map(|c| solver.depth_m(c)).collect(),
            speed: cells.map(|c| solver.velocity(c)[along]).collect(),
        }
    }
}

/// What must hold in every run: exact volume, no negative depth, no number that is none.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    runs: u64,
    steps: u64,
    volume_error: f64,
    lowest_depth_m: f64,
    not_finite: u64,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            runs: 0,
            steps: 0,
            volume_error: 0.0,
            lowest_depth_m: f64::INFINITY,
            not_finite: 0,
        }
    }
}

impl Health {
    /// Looks at the end of a run.
    pub fn see(&mut self, solver: &Solver) {
        self.runs += 1;
        self.steps += solver.steps();
        let error = solver.ledger().relative_error();
        if error > self.volume_error || error.is_nan() {
            self.volume_error = error;
        }
        self.look(solver);
    }

    /// Looks at the state on the way.
    pub fn look(&mut self, solver: &Solver) {
        let (u, v) = solver.velocities();
        let frame = solver.frame();
        let depths = solver.depths_m();
        // Cells outside the domain have no depth in a frame.
        let inside = frame.depth_m.iter().map(|h| !h.is_nan());
        for (i, inside) in inside.enumerate() {
            if inside {
                self.lowest_depth_m = self.lowest_depth_m.min(depths[i]);
                self.not_finite += u64::from(![depths[i], u[i], v[i]].iter().all(|x| x.is_finite()));
            }
        }
    }

    /// Adds up.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        if other.volume_error > self.volume_error || other.volume_error.is_nan() {
            self.volume_error = other.volume_error;
        }
        self.lowest_depth_m = self.lowest_depth_m.min(other.lowest_depth_m);
        self.not_finite += other.not_finite;
    }

    /// Runs seen.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Largest error of volume relative to all water.
    pub fn volume_error(&self) -> f64 {
        self.volume_error
    }

    /// Smallest depth (m).
    pub fn lowest_depth_m(&self) -> f64 {
        self.lowest_depth_m
    }

    /// Cells with a value that is no number.
    pub fn not_finite(&self) -> u64 {
        self.not_finite
    }
}

/// A run of a strip until a time.
pub fn run_until(domain: &Domain, forcing: &Forcing, start: &Start, options: SolverOptions, time_s: f64) -> Solver {
    let mut solver = Solver::new(domain, forcing, start, options);
    advance(&mut solver, time_s);
    solver
}

/// Steps on until a time.
pub fn advance(solver: &mut Solver, time_s: f64) {
    while solver.time_s() < time_s {
        solver.step(time_s);
    }
}

/// Steps until no depth changes faster than 1e-8 m/s, at most until `max_s`; returns that rate (m/s).
pub fn advance_to_steady(solver: &mut Solver, max_s: f64) -> f64 {
    const STEADY_M_PER_S: f64 = 1e-8;
    const STEPS_BETWEEN: usize = 100;
    let mut rate = f64::INFINITY;
    while solver.time_s() < max_s && rate >= STEADY_M_PER_S {
        for _ in 0..STEPS_BETWEEN {
            if solver.time_s() < max_s {
                solver.step(max_s);
            }
        }
        if solver.time_s() < max_s {
            let before = solver.depths_m();
            let dt = solver.step(max_s);
            let changes = before.iter().zip(solver.depths_m()).map(|(a, b)| (a - b).abs());
            rate = changes.fold(0.0, f64::max) / dt;
        }
    }
    rate
}
