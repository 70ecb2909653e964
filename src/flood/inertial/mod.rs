//! The preview: local inertial equations, shallow water without advection, on the same input as the full solver.
//!
//! Method: Bates, Horritt & Fewtrell 2010 (doi:10.1016/j.jhydrol.2010.03.027) with the weighting of de Almeida et al. 2012
//! (doi:10.1029/2011WR011570, θ = 0.8) and friction by the whole discharge (de Almeida & Bates 2013); step
//! Δt = 0.7 Δx / √(g h), and shorter where sheets run fast on slopes.
//!
//! Volume is exact: depths are whole multiples of 2^-40 m, what crosses a face is rounded once, taken from one cell and given to
//! the other, so that sums depend neither on order nor on the number of threads. A limiter keeps a cell from giving more than it has.
//!
//! Valid for slow and gradual flow (Froude below 0.5, n from 0.03 up: Neal et al. 2012, doi:10.1002/hyp.8339). It has no advection:
//! jets, hydraulic jumps and the fast first front of a dam break are not met, and where the surface is steeper than 0.5 a face
//! carries the uniform flow of 0.5. Other differences to the full solver: a free edge is a free overfall (critical depth, or
//! uniform flow on a bed that falls outwards), a level edge does not let waves out, the depth of a supercritical inflow is not
//! used, largest values are those of the looks every `track_interval_s`. Results are labelled as a preview.

mod book;
mod peaks;
mod rows;

use rayon::prelude::*;

use self::book::{Book, quanta};
use self::peaks::PeakCells;
use self::rows::{Around, Faces, Step, crossing, nearest_quanta, quanta_below};
use super::GRAVITY;
use super::domain::{Axis, Boundary, BoundaryKind, Crest, Domain, Face, Forcing, Series, Start};
use super::infiltration::infiltrated_m;
use super::run::{Frame, Ledger, LedgerKind, Method, Peaks};
use super::sources::{PointSources, RunningIntegral, quantised_m};
use crate::geo::Grid;

/// Rows that one task works on; fixed, so that the work is cut in the same way for any number of threads.
const BAND_ROWS: usize = 16;
/// Courant number of the step.
const COURANT: f64 = 0.7;
/// Courant number of the step for kinematic waves in sheets, both axes together.
const SHEET_COURANT: f64 = 0.95;
/// Depth (m) that the step is made for at least: rain on dry ground is followed in steps that thin sheets bear.
const LEAST_STEP_DEPTH_M: f64 = 0.02;
/// Depth (m) below which a velocity is not told: it would be a quotient of two crumbs.
const LEAST_VELOCITY_DEPTH_M: f64 = 1e-3;
/// Critical flow over a crest: q = (2/3)^1.5 √g H^1.5, here without √g.
const CRITICAL: f64 = 0.544_331_053_951_817_3;

/// Choices of a preview.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InertialOptions {
    /// Time (s) between two looks for largest values; 0 for every step.
    pub track_interval_s: f64,
}

impl Default for InertialOptions {
    fn default() -> Self {
        Self {
            track_interval_s: 5.0,
        }
    }
}

/// The faces across one axis: `[rows][cols + 1]` for x, `[rows + 1][cols]` for y.
struct AxisFaces {
    crest: Vec<f64>,
    gravity: Vec<f32>,
    gn2: Vec<f32>,
    /// Discharge (m²/s) to the east or to the south.
    q: Vec<f32>,
    /// The same at the end of the step, before the limiter.
    new: Vec<f32>,
}

/// A face at an open edge.
struct EdgeFace {
    axis: Axis,
    /// Position in the arrays of its axis.
    at: usize,
    cell: usize,
    /// 1 where the direction of the axis leads into the grid, else -1.
    inward: f32,
    /// Slope of the bed outwards at the edge (-), at least 0.
    bed_slope: f64,
}

struct Edge {
    kind: BoundaryKind,
    /// Running integral of a discharge.
    integral: RunningIntegral,
    faces: Vec<EdgeFace>,
}

/// A crest that stands above both beds.
struct Wall {
    crest: Crest,
    at: usize,
    /// Higher of both beds (m above datum).
    bed_m: f64,
    cells: [usize; 2],
}

/// What one band did in a step.
#[derive(Clone, Copy, Default)]
struct Done {
    deepest_m: f64,
    wet: bool,
    rain: i64,
    infiltrated: i64,
    sewer: i64,
}

/// A running preview.
pub struct Inertial {
    grid: Grid,
    open: Vec<bool>,
    bed_m: Vec<f64>,
    manning_n: Vec<f32>,
    /// One over the free share of the area; empty when all is free.
    per_storage: Vec<f64>,
    x: AxisFaces,
    y: AxisFaces,
    edges: Vec<Edge>,
    walls: Vec<Wall>,
    /// Water per area of a whole cell (m), whole quanta.
    water_m: Vec<f64>,
    level_m: Vec<f64>,
    affordable: Vec<f32>,
    wet: Vec<bool>,
    active: Vec<bool>,
    deepest_m: f64,
    /// Largest speeds (m/s) across both axes.
    fastest: [f32; 2],
    forcing: Forcing,
    /// Factor on the rain of each cell, 0 where it is not open.
    rain_factor: Vec<f32>,
    /// Infiltrated so far per unsealed area (m); empty without infiltration.
    soaked_m: Vec<f64>,
    sources: PointSources,
    book: Book,
    peaks: PeakCells,
    options: InertialOptions,
    time_s: f64,
    steps: u64,
    limited: u64,
}

impl Inertial {
    /// How runs of this solver are labelled.
    pub const METHOD: Method = Method::LocalInertial;

    /// Prepares a run at 0 s.
    pub fn new(
        domain: &Domain,
        forcing: &Forcing,
        start: &Start,
        options: InertialOptions,
    ) -> Self {
        let grid = domain.grid;
        let cells = grid.len();
        let storage = |c: usize| match &domain.porosity {
            Some(porosity) => f64::from(porosity.storage[c]),
            None => 1.0,
        };
        let water_m: Vec<f64> = (0..cells)
            .map(|c| match start.depth_m.get(c) {
                Some(&depth) if domain.open[c] => quantised_m(depth.max(0.0) * storage(c)),
                _ => 0.0,
            })
            .collect();
        let factor = |c: usize| match (domain.open[c], forcing.rain_factor.get(c)) {
            (false, _) => 0.0,
            (true, Some(&factor)) => factor,
            (true, None) => 1.0,
        };
        let per_storage = match &domain.porosity {
            Some(porosity) => porosity
                .storage
                .iter()
                .map(|&s| 1.0 / f64::from(s))
                .collect(),
            None => Vec::new(),
        };
        let bands = grid.rows.div_ceil(BAND_ROWS);
        let mut solver = Self {
            grid,
            open: domain.open.clone(),
            bed_m: (0..cells)
                .map(|c| if domain.open[c] { domain.bed_m[c] } else { 0.0 })
                .collect(),
            manning_n: domain.manning_n.clone(),
            per_storage,
            x: axis_faces(domain, Axis::X),
            y: axis_faces(domain, Axis::Y),
            edges: domain.boundaries.iter().map(|b| edge(domain, b)).collect(),
            walls: Vec::new(),
            book: Book::new(domain, forcing, &water_m),
            level_m: vec![0.0; cells],
            affordable: vec![1.0; cells],
            wet: vec![true; bands],
            active: vec![true; bands],
            deepest_m: 0.0,
            fastest: [0.0; 2],
            rain_factor: (0..cells).map(factor).collect(),
            soaked_m: vec![
                0.0;
                if forcing.infiltration_class.is_empty() {
                    0
                } else {
                    cells
                }
            ],
            sources: PointSources::new(domain, forcing),
            forcing: forcing.clone(),
            peaks: PeakCells::new(cells),
            options,
            time_s: 0.0,
            steps: 0,
            limited: 0,
            water_m,
        };
        for crest in &domain.crests {
            solver.add_wall(crest);
        }
        for cell in 0..cells {
            solver.level_m[cell] = solver.bed_m[cell] + solver.depth_m(cell);
            solver.deepest_m = solver.deepest_m.max(solver.depth_m(cell));
        }
        solver.start_moving(start);
        solver.look();
        solver
    }

    fn add_wall(&mut self, crest: &Crest) {
        let Face { axis, row, col } = crest.face;
        let (at, first, inside) = match axis {
            Axis::X => (
                row * (self.grid.cols + 1) + col,
                (col > 0).then(|| self.grid.index(row, col - 1)),
                col < self.grid.cols,
            ),
            Axis::Y => (
                row * self.grid.cols + col,
                (row > 0).then(|| self.grid.index(row - 1, col)),
                row < self.grid.rows,
            ),
        };
        // Walls at the edge of the grid are closed anyway, and so are faces beside closed cells.
        let (Some(first), true) = (first, inside) else {
            return;
        };
        let faces = match axis {
            Axis::X => &self.x,
            Axis::Y => &self.y,
        };
        if faces.crest[at].is_finite() {
            let second = self.grid.index(row, col);
            self.walls.push(Wall {
                crest: crest.clone(),
                at,
                bed_m: self.bed_m[first].max(self.bed_m[second]),
                cells: [first, second],
            });
        }
    }

    fn start_moving(&mut self, start: &Start) {
        let cols = self.grid.cols;
        let speed = |values: &[f32], c: usize| values.get(c).copied().unwrap_or(0.0);
        for row in 0..self.grid.rows {
            for col in 0..cols {
                let cell = self.grid.index(row, col);
                let between = |other: usize, crest: f64, levels: &[f64]| {
                    (levels[cell].max(levels[other]) - crest).max(0.0) as f32
                };
                if col > 0 {
                    let at = row * (cols + 1) + col;
                    let depth = between(cell - 1, self.x.crest[at], &self.level_m);
                    self.x.q[at] =
                        0.5 * depth * (speed(&start.u, cell) + speed(&start.u, cell - 1));
                }
                if row > 0 {
                    let depth = between(cell - cols, self.y.crest[cell], &self.level_m);
                    // The axis leads to the south, the velocity to the north.
                    self.y.q[cell] =
                        -0.5 * depth * (speed(&start.v, cell) + speed(&start.v, cell - cols));
                }
            }
        }
    }

    /// One time step, never beyond `until_s` (s); returns its length (s), 0 when that time is reached.
    pub fn step(&mut self, until_s: f64) -> f64 {
        let left = until_s - self.time_s;
        if left.is_nan() || left <= 0.0 {
            return 0.0;
        }
        let longest = self.longest_step_s();
        let (dt, next_s) = if longest < left {
            (longest, self.time_s + longest)
        } else {
            (left, until_s)
        };
        self.lower_walls(next_s);
        self.choose_bands(next_s);
        self.move_faces(dt);
        self.limit_walls();
        self.move_edges(dt, next_s);
        self.limit(dt);
        self.book_edges(dt);
        self.fill(dt, next_s);
        self.apply_sources(next_s);
        self.time_s = next_s;
        self.steps += 1;
        if next_s - self.peaks.last_s() >= self.options.track_interval_s || next_s >= until_s {
            self.look();
        }
        dt
    }

    fn longest_step_s(&self) -> f64 {
        let mut depth = self.deepest_m.max(LEAST_STEP_DEPTH_M);
        for edge in &self.edges {
            match &edge.kind {
                BoundaryKind::Level { series } => {
                    let level = series.at(self.time_s);
                    let beds = edge.faces.iter().map(|f| self.bed_m[f.cell]);
                    depth = depth.max(level - beds.fold(f64::INFINITY, f64::min));
                }
                BoundaryKind::Discharge {
                    depth_m: Some(d), ..
                } => depth = depth.max(*d),
                _ => {}
            }
        }
        let waves = COURANT * self.grid.cell_m / (GRAVITY * depth).sqrt();
        // Thin sheets on slopes are governed by friction; their waves run with 5/3 of the speed of the water.
        let speeds = f64::from(self.fastest[0]) + f64::from(self.fastest[1]);
        let sheets = SHEET_COURANT * self.grid.cell_m / (5.0 / 3.0 * speeds);
        waves.min(sheets)
    }

    /// Heights of crests at a time; a crest below the beds does nothing.
    fn lower_walls(&mut self, time_s: f64) {
        for wall in &self.walls {
            let faces = match wall.crest.face.axis {
                Axis::X => &mut self.x,
                Axis::Y => &mut self.y,
            };
            faces.crest[wall.at] = wall.crest.at(time_s).max(wall.bed_m);
        }
    }

    /// Bands with water, beside water, under rain or at an edge that can bring water.
    fn choose_bands(&mut self, next_s: f64) {
        let rains = (self.forcing.rain_m.iter()).any(|r| r.at(next_s) > r.at(self.time_s));
        let was = std::mem::take(&mut self.active);
        let mut active: Vec<bool> = (0..self.wet.len())
            .map(|b| {
                let beside = |b: usize| self.wet.get(b).is_some_and(|w| *w);
                rains || self.wet[b] || beside(b + 1) || b.checked_sub(1).is_some_and(beside)
            })
            .collect();
        for edge in &self.edges {
            if matches!(
                edge.kind,
                BoundaryKind::Level { .. } | BoundaryKind::Discharge { .. }
            ) {
                for face in &edge.faces {
                    active[face.cell / self.grid.cols / BAND_ROWS] = true;
                }
            }
        }
        // What a band that fell dry still carried must not wake up with it.
        let (cols, rows) = (self.grid.cols, self.grid.rows);
        for b in (0..active.len()).filter(|&b| was[b] && !active[b]) {
            let (from, to) = (b * BAND_ROWS, ((b + 1) * BAND_ROWS).min(rows));
            for faces in [&mut self.x.q, &mut self.x.new] {
                faces[from * (cols + 1)..to * (cols + 1)].fill(0.0);
            }
            for faces in [&mut self.y.q, &mut self.y.new] {
                faces[from * cols..to * cols].fill(0.0);
            }
            self.affordable[from * cols..to * cols].fill(1.0);
        }
        self.active = active;
    }

    fn move_faces(&mut self, dt: f64) {
        let (cols, rows) = (self.grid.cols, self.grid.rows);
        let step = Step {
            dt: dt as f32,
            per_m: (1.0 / self.grid.cell_m) as f32,
        };
        let (level, water, active) = (&self.level_m, &self.water_m, &self.active);
        let (x, y) = (&mut self.x, &mut self.y);
        let (qx, qy) = (&x.q, &y.q);
        let x_faces = |row: usize| Faces {
            crest: &x.crest[row * (cols + 1)..(row + 1) * (cols + 1)],
            gravity: &x.gravity[row * (cols + 1)..(row + 1) * (cols + 1)],
            gn2: &x.gn2[row * (cols + 1)..(row + 1) * (cols + 1)],
        };
        let y_faces = |row: usize| Faces {
            crest: &y.crest[row * cols..(row + 1) * cols],
            gravity: &y.gravity[row * cols..(row + 1) * cols],
            gn2: &y.gn2[row * cols..(row + 1) * cols],
        };
        let (y_new, _) = y.new.split_at_mut(rows * cols);
        let fastest: Vec<[f32; 2]> = (x.new.par_chunks_mut(BAND_ROWS * (cols + 1)))
            .zip(y_new.par_chunks_mut(BAND_ROWS * cols))
            .enumerate()
            .map(|(band, (x_new, y_new))| {
                let mut fastest = [0.0f32; 2];
                if !active[band] {
                    return fastest;
                }
                let news = x_new.chunks_mut(cols + 1).zip(y_new.chunks_mut(cols));
                for (i, (x_new, y_new)) in news.enumerate() {
                    let row = band * BAND_ROWS + i;
                    let north = row.saturating_sub(1);
                    let around = Around {
                        level: &level[row * cols..(row + 1) * cols],
                        level_north: &level[north * cols..(north + 1) * cols],
                        water: &water[row * cols..(row + 1) * cols],
                        water_north: &water[north * cols..(north + 1) * cols],
                        qx: &qx[row * (cols + 1)..(row + 1) * (cols + 1)],
                        qx_north: &qx[north * (cols + 1)..(north + 1) * (cols + 1)],
                        qy: [north, row, row + 1].map(|r| &qy[r * cols..(r + 1) * cols]),
                    };
                    let speed = rows::western_faces(step, &around, &x_faces(row), x_new);
                    fastest[0] = fastest[0].max(speed);
                    if row > 0 {
                        let speed = rows::northern_faces(step, &around, &y_faces(row), y_new);
                        fastest[1] = fastest[1].max(speed);
                    }
                }
                fastest
            })
            .collect();
        self.fastest = fastest
            .iter()
            .fold([0.0; 2], |a, b| [a[0].max(b[0]), a[1].max(b[1])]);
    }

    /// Over a crest no more than critical flow passes.
    fn limit_walls(&mut self) {
        for wall in &self.walls {
            let faces = match wall.crest.face.axis {
                Axis::X => &mut self.x,
                Axis::Y => &mut self.y,
            };
            let crest = faces.crest[wall.at];
            if crest > wall.bed_m {
                let [a, b] = wall.cells.map(|c| self.level_m[c]);
                let head = (a.max(b) - crest).max(0.0);
                let most = (CRITICAL * head * (GRAVITY * head).sqrt()) as f32;
                faces.new[wall.at] = faces.new[wall.at].clamp(-most, most);
            }
        }
    }

    fn move_edges(&mut self, dt: f64, next_s: f64) {
        let cell_m = self.grid.cell_m;
        for edge in &self.edges {
            let depth = |face: &EdgeFace| self.level_m[face.cell] - self.bed_m[face.cell];
            let shares = match &edge.kind {
                BoundaryKind::Discharge { .. } => {
                    let weights = edge.faces.iter().map(|f| depth(f).powf(5.0 / 3.0));
                    let weights: Vec<f64> = weights.collect();
                    let sum: f64 = weights.iter().sum();
                    // On dry ground nothing tells where the water goes: equal shares.
                    let equal = 1.0 / edge.faces.len() as f64;
                    (weights.iter())
                        .map(|w| if sum > 1e-9 { w / sum } else { equal })
                        .collect()
                }
                _ => Vec::new(),
            };
            for (i, face) in edge.faces.iter().enumerate() {
                let h = depth(face);
                let n = f64::from(self.manning_n[face.cell]).max(1e-6);
                let uniform = |slope: f64| h.powf(5.0 / 3.0) * slope.sqrt() / n;
                let faces = match face.axis {
                    Axis::X => &mut self.x,
                    Axis::Y => &mut self.y,
                };
                let inward = match &edge.kind {
                    BoundaryKind::Free => {
                        let critical = CRITICAL * h * (GRAVITY * h).sqrt();
                        -critical.max(uniform(face.bed_slope.min(0.5)))
                    }
                    BoundaryKind::NormalDepth { slope } => -uniform(*slope),
                    BoundaryKind::Level { series } => {
                        let bed = self.bed_m[face.cell];
                        let (inside, beyond) =
                            (self.level_m[face.cell], series.at(next_s).max(bed));
                        let step = Step {
                            dt: dt as f32,
                            per_m: (1.0 / cell_m) as f32,
                        };
                        let q = faces.q[face.at] * face.inward;
                        let flow_depth = inside.max(beyond) - bed;
                        let gn2 = (GRAVITY * n * n) as f32;
                        let rise = (inside - beyond) as f32;
                        let gravity = GRAVITY as f32;
                        let (new, _) = rows::discharge(
                            step,
                            flow_depth as f32,
                            rise,
                            q,
                            2.0 * q,
                            0.0,
                            gravity,
                            gn2,
                        );
                        f64::from(new)
                    }
                    BoundaryKind::Discharge { .. } => {
                        let volume = edge.integral.until(next_s) - edge.integral.until(self.time_s);
                        volume / dt * shares[i] / cell_m
                    }
                };
                faces.new[face.at] = inward as f32 * face.inward;
            }
        }
    }

    fn limit(&mut self, dt: f64) {
        let cols = self.grid.cols;
        let dt_per_m = (dt / self.grid.cell_m) as f32;
        let (water, active) = (&self.water_m, &self.active);
        let (qx, qy) = (&self.x.new, &self.y.new);
        let limited: Vec<u64> = (self.affordable.par_chunks_mut(BAND_ROWS * cols))
            .enumerate()
            .map(|(band, out)| {
                if !active[band] {
                    return 0;
                }
                let rows = out.chunks_mut(cols).enumerate();
                rows.map(|(i, out)| {
                    let row = band * BAND_ROWS + i;
                    let here = row * cols..(row + 1) * cols;
                    rows::affordable(
                        dt_per_m,
                        &water[here.clone()],
                        &qx[row * (cols + 1)..(row + 1) * (cols + 1)],
                        &qy[here],
                        &qy[(row + 1) * cols..(row + 2) * cols],
                        out,
                    )
                })
                .sum()
            })
            .collect();
        self.limited += limited.iter().sum::<u64>();
    }

    /// Books what crosses the open edges, and keeps the discharges of the southernmost faces, which belong to no band.
    fn book_edges(&mut self, dt: f64) {
        let dt_per_m = dt / self.grid.cell_m;
        let southernmost = self.grid.rows * self.grid.cols;
        for (number, edge) in self.edges.iter().enumerate() {
            let (mut came, mut went) = (0, 0);
            for face in &edge.faces {
                let faces = match face.axis {
                    Axis::X => &mut self.x,
                    Axis::Y => &mut self.y,
                };
                let share = self.affordable[face.cell];
                let (before, after) = if face.inward > 0.0 {
                    (1.0, share)
                } else {
                    (share, 1.0)
                };
                let (limited, amount) = crossing(faces.new[face.at], before, after, dt_per_m);
                if face.axis == Axis::Y && face.at >= southernmost {
                    faces.q[face.at] = limited;
                }
                let amount = quanta(amount) * face.inward as i64;
                came += amount.max(0);
                went += amount.min(0);
            }
            self.book.add(LedgerKind::Boundary, number, came);
            self.book.add(LedgerKind::Boundary, number, went);
        }
    }

    /// Moves the water, lets it rain and takes what the ground and the sewer take.
    fn fill(&mut self, dt: f64, next_s: f64) {
        let (cols, rows) = (self.grid.cols, self.grid.rows);
        let rain: Vec<[f64; 2]> = (self.forcing.rain_m.iter())
            .map(|r| [r.at(self.time_s), r.at(next_s)])
            .collect();
        let filling = Filling {
            cols,
            rows,
            dt,
            dt_per_m: dt / self.grid.cell_m,
            new_x: &self.x.new,
            new_y: &self.y.new,
            affordable: &self.affordable,
            bed_m: &self.bed_m,
            per_storage: &self.per_storage,
            rains: rain.iter().any(|r| r[1] > r[0]),
            rain: &rain,
            rain_factor: &self.rain_factor,
            forcing: &self.forcing,
        };
        let mut soaked = self.soaked_m.chunks_mut(BAND_ROWS * cols);
        let (qy, _) = self.y.q.split_at_mut(rows * cols);
        let bands: Vec<Band<'_>> = (self.water_m.chunks_mut(BAND_ROWS * cols))
            .zip(self.level_m.chunks_mut(BAND_ROWS * cols))
            .zip(self.x.q.chunks_mut(BAND_ROWS * (cols + 1)))
            .zip(qy.chunks_mut(BAND_ROWS * cols))
            .enumerate()
            .map(|(number, (((water, level), qx), qy))| Band {
                number,
                water,
                level,
                qx,
                qy,
                soaked: soaked.next().unwrap_or_default(),
            })
            .collect();
        let active = &self.active;
        let done: Vec<Done> = bands
            .into_par_iter()
            .map(|band| {
                if active[band.number] {
                    filling.band(band)
                } else {
                    Done::default()
                }
            })
            .collect();
        self.deepest_m = done.iter().fold(0.0, |d, done| d.max(done.deepest_m));
        for (wet, done) in self.wet.iter_mut().zip(&done) {
            *wet = done.wet;
        }
        let sum = |of: fn(&Done) -> i64| done.iter().map(of).sum::<i64>();
        self.book.add(LedgerKind::Rain, 0, sum(|d| d.rain));
        self.book
            .add(LedgerKind::Infiltration, 0, -sum(|d| d.infiltrated));
        self.book.add(LedgerKind::Sewer, 0, -sum(|d| d.sewer));
    }

    fn apply_sources(&mut self, next_s: f64) {
        if self.sources.is_empty() {
            return;
        }
        let (water, per_storage) = (&mut self.water_m, &self.per_storage);
        let depth = |water: &[f64], c: usize| water[c] * per_storage.get(c).copied().unwrap_or(1.0);
        for change in (self.sources).changes(self.time_s, next_s, |c| depth(water, c)) {
            let cell = change.cell;
            water[cell] += change.delta_m;
            let depth = depth(water, cell);
            self.level_m[cell] = self.bed_m[cell] + depth;
            self.deepest_m = self.deepest_m.max(depth);
            self.wet[cell / self.grid.cols / BAND_ROWS] |= depth > 0.0;
            if let Some((kind, number)) = PointSources::ledger_entry(change.source) {
                self.book.add(kind, number, quanta(change.delta_m));
            }
        }
    }

    fn look(&mut self) {
        let mut peaks = std::mem::replace(&mut self.peaks, PeakCells::new(0));
        peaks.look(
            self.time_s,
            self.grid.cols,
            |row| self.wet[row / BAND_ROWS],
            |cell| (self.depth_m(cell) as f32, self.velocity_f32(cell)),
        );
        self.peaks = peaks;
    }

    /// Simulated time (s).
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Times that a cell could not afford its outflow.
    pub fn limited_cells(&self) -> u64 {
        self.limited
    }

    /// Depth (m) in a cell.
    pub fn depth_m(&self, cell: usize) -> f64 {
        self.water_m[cell] * self.per_storage.get(cell).copied().unwrap_or(1.0)
    }

    /// Velocity (m/s) to the east and to the north in a cell; 0 in films below 1 mm.
    pub fn velocity(&self, cell: usize) -> [f64; 2] {
        self.velocity_f32(cell).map(f64::from)
    }

    fn velocity_f32(&self, cell: usize) -> [f32; 2] {
        let depth = self.depth_m(cell);
        if depth < LEAST_VELOCITY_DEPTH_M {
            return [0.0, 0.0];
        }
        let cols = self.grid.cols;
        let west = cell / cols * (cols + 1) + cell % cols;
        let half = 0.5 / depth as f32;
        [
            half * (self.x.q[west] + self.x.q[west + 1]),
            -half * (self.y.q[cell] + self.y.q[cell + cols]),
        ]
    }

    /// Depths (m) of all cells; 0 outside the domain.
    pub fn depths_m(&self) -> Vec<f64> {
        (0..self.grid.len()).map(|c| self.depth_m(c)).collect()
    }

    /// Velocities (m/s) to the east and to the north of all cells.
    pub fn velocities(&self) -> (Vec<f64>, Vec<f64>) {
        let both = (0..self.grid.len()).map(|c| self.velocity(c));
        both.map(|[u, v]| (u, v)).unzip()
    }

    /// State now.
    pub fn frame(&self) -> Frame {
        let state = |value: &dyn Fn(usize) -> f32| -> Vec<f32> {
            (0..self.grid.len())
                .map(|c| if self.open[c] { value(c) } else { f32::NAN })
                .collect()
        };
        Frame {
            time_s: self.time_s,
            depth_m: state(&|c| self.depth_m(c) as f32),
            u: state(&|c| self.velocity_f32(c)[0]),
            v: state(&|c| self.velocity_f32(c)[1]),
        }
    }

    /// Largest values so far.
    pub fn peaks(&self) -> Peaks {
        self.peaks.to_peaks(&self.open)
    }

    /// Where the water came from and went so far.
    pub fn ledger(&self) -> Ledger {
        self.book.ledger(&self.water_m)
    }
}

fn axis_faces(domain: &Domain, axis: Axis) -> AxisFaces {
    let grid = &domain.grid;
    let (rows, cols) = match axis {
        Axis::X => (grid.rows, grid.cols + 1),
        Axis::Y => (grid.rows + 1, grid.cols),
    };
    let count = rows * cols;
    let mut faces = AxisFaces {
        crest: vec![f64::INFINITY; count],
        gravity: vec![0.0; count],
        gn2: vec![0.0; count],
        q: vec![0.0; count],
        new: vec![0.0; count],
    };
    for row in 0..rows {
        for col in 0..cols {
            let (first, second) = match axis {
                Axis::X if col > 0 && col < grid.cols => {
                    (grid.index(row, col - 1), grid.index(row, col))
                }
                Axis::Y if row > 0 && row < grid.rows => {
                    (grid.index(row - 1, col), grid.index(row, col))
                }
                _ => continue,
            };
            let at = row * cols + col;
            let free = match (&domain.porosity, axis) {
                (None, _) => 1.0,
                (Some(porosity), Axis::X) => porosity.conveyance_x[at],
                (Some(porosity), Axis::Y) => porosity.conveyance_y[at],
            };
            if domain.open[first] && domain.open[second] && free > 0.0 {
                let n = 0.5 * (domain.manning_n[first] + domain.manning_n[second]);
                faces.crest[at] = domain.bed_m[first].max(domain.bed_m[second]);
                faces.gravity[at] = GRAVITY as f32 * free;
                faces.gn2[at] = GRAVITY as f32 * n * n / free;
            }
        }
    }
    faces
}

fn edge(domain: &Domain, boundary: &Boundary) -> Edge {
    let grid = &domain.grid;
    let face = |face: &Face| {
        let (row, col) = (face.row.min(grid.rows - 1), face.col.min(grid.cols - 1));
        let cell = grid.index(row, col);
        let (at, first, next) = match face.axis {
            Axis::X => {
                let next = if face.col == 0 {
                    col + 1
                } else {
                    col.wrapping_sub(1)
                };
                let next = (next < grid.cols).then(|| grid.index(row, next));
                (row * (grid.cols + 1) + face.col, face.col == 0, next)
            }
            Axis::Y => {
                let next = if face.row == 0 {
                    row + 1
                } else {
                    row.wrapping_sub(1)
                };
                let next = (next < grid.rows).then(|| grid.index(next, col));
                (face.row * grid.cols + col, face.row == 0, next)
            }
        };
        let slope = next.filter(|&n| domain.open[n]);
        let slope = slope.map_or(0.0, |n| {
            (domain.bed_m[n] - domain.bed_m[cell]) / grid.cell_m
        });
        domain.open[cell].then_some(EdgeFace {
            axis: face.axis,
            at,
            cell,
            inward: if first { 1.0 } else { -1.0 },
            bed_slope: slope.max(0.0),
        })
    };
    let series = match &boundary.kind {
        BoundaryKind::Discharge { series, .. } => series.clone(),
        _ => Series::default(),
    };
    Edge {
        kind: boundary.kind.clone(),
        integral: RunningIntegral::new(&series),
        faces: boundary.faces.iter().filter_map(face).collect(),
    }
}

/// The rows that one task may change.
struct Band<'a> {
    number: usize,
    water: &'a mut [f64],
    level: &'a mut [f64],
    qx: &'a mut [f32],
    qy: &'a mut [f32],
    soaked: &'a mut [f64],
}

/// What all bands of a step share.
struct Filling<'a> {
    cols: usize,
    rows: usize,
    dt: f64,
    dt_per_m: f64,
    new_x: &'a [f32],
    new_y: &'a [f32],
    affordable: &'a [f32],
    bed_m: &'a [f64],
    per_storage: &'a [f64],
    rains: bool,
    /// Fallen rain (m) before and after the step, per zone.
    rain: &'a [[f64; 2]],
    rain_factor: &'a [f32],
    forcing: &'a Forcing,
}

impl Filling<'_> {
    fn band(&self, band: Band<'_>) -> Done {
        let cols = self.cols;
        let first = band.number * BAND_ROWS;
        let mut done = Done::default();
        // What crosses the northern and southern faces of the row, and the western ones.
        let (mut north, mut south) = (vec![0.0; cols], vec![0.0; cols]);
        let mut west = vec![0.0; cols + 1];
        let (mut q_north, mut q_south) = (vec![0.0; cols], vec![0.0; cols]);
        self.cross_north(first, &mut q_north, &mut north);
        let count = band.water.len() / cols;
        for i in 0..count {
            let row = first + i;
            let here = i * cols..(i + 1) * cols;
            self.cross_north(row + 1, &mut q_south, &mut south);
            let faces = &mut band.qx[i * (cols + 1)..(i + 1) * (cols + 1)];
            self.cross_west(row, faces, &mut west);
            band.qy[here.clone()].copy_from_slice(&q_north);
            let water = &mut band.water[here.clone()];
            for c in 0..cols {
                water[c] += (west[c] - west[c + 1]) + (north[c] - south[c]);
            }
            std::mem::swap(&mut north, &mut south);
            std::mem::swap(&mut q_north, &mut q_south);
            let cells = row * cols..(row + 1) * cols;
            if self.rains {
                done.rain += self.rain_on(cells.clone(), water);
            }
            if !band.soaked.is_empty() {
                let soaked = &mut band.soaked[here.clone()];
                done.infiltrated += self.infiltrate(cells.clone(), water, soaked);
            }
            if !self.forcing.sewer_m_per_s.is_empty() {
                done.sewer += self.drain(cells.clone(), water);
            }
            let level = &mut band.level[here];
            let deepest = self.levels(cells, water, level);
            done.deepest_m = done.deepest_m.max(deepest);
        }
        done.wet = done.deepest_m > 0.0;
        done
    }

    fn row_of_affordable(&self, row: usize) -> &[f32] {
        &self.affordable[row * self.cols..(row + 1) * self.cols]
    }

    /// Amounts over the northern faces of a row; beyond the grid stands a giver without limit.
    fn cross_north(&self, row: usize, limited: &mut [f32], amount: &mut [f64]) {
        let cols = self.cols;
        let q = &self.new_y[row * cols..(row + 1) * cols];
        if row > 0 && row < self.rows {
            let (before, after) = (self.row_of_affordable(row - 1), self.row_of_affordable(row));
            rows::crossings(q, before, after, self.dt_per_m, limited, amount);
        } else {
            for c in 0..cols {
                let (before, after) = if row == 0 {
                    (1.0, self.row_of_affordable(0)[c])
                } else {
                    (self.row_of_affordable(row - 1)[c], 1.0)
                };
                (limited[c], amount[c]) = crossing(q[c], before, after, self.dt_per_m);
            }
        }
    }

    fn cross_west(&self, row: usize, limited: &mut [f32], amount: &mut [f64]) {
        let cols = self.cols;
        let q = &self.new_x[row * (cols + 1)..(row + 1) * (cols + 1)];
        let share = self.row_of_affordable(row);
        (limited[0], amount[0]) = crossing(q[0], 1.0, share[0], self.dt_per_m);
        rows::crossings(
            &q[1..cols],
            &share[..cols - 1],
            &share[1..],
            self.dt_per_m,
            &mut limited[1..cols],
            &mut amount[1..cols],
        );
        (limited[cols], amount[cols]) = crossing(q[cols], share[cols - 1], 1.0, self.dt_per_m);
    }

    /// Rain of the step: the difference of two rounded sums, so that no rain is lost over any number of steps.
    fn rain_on(&self, cells: std::ops::Range<usize>, water: &mut [f64]) -> i64 {
        let factor = &self.rain_factor[cells.clone()];
        let mut fallen = 0.0;
        let mut add = |[before, after]: [f64; 2], factor: f32, water: &mut f64| {
            let factor = f64::from(factor);
            let delta = nearest_quanta(after * factor) - nearest_quanta(before * factor);
            *water += delta;
            fallen += delta;
        };
        if self.forcing.rain_zone.is_empty() {
            let rain = self.rain[0];
            for (water, &factor) in water.iter_mut().zip(factor) {
                add(rain, factor, water);
            }
        } else {
            let zones = &self.forcing.rain_zone[cells];
            for ((water, &factor), &zone) in water.iter_mut().zip(factor).zip(zones) {
                add(self.rain[usize::from(zone)], factor, water);
            }
        }
        quanta(fallen)
    }

    fn infiltrate(
        &self,
        cells: std::ops::Range<usize>,
        water: &mut [f64],
        soaked: &mut [f64],
    ) -> i64 {
        let forcing = self.forcing;
        let mut sum = 0;
        for (i, cell) in cells.enumerate() {
            let class = forcing.infiltration_class[cell];
            let law = usize::from(class).checked_sub(1);
            let Some(law) = law.and_then(|l| forcing.infiltration.get(l)) else {
                continue;
            };
            let unsealed = forcing.unsealed.get(cell).copied().map_or(1.0, f64::from);
            if water[i] <= 0.0 || unsealed <= 0.0 {
                continue;
            }
            let zone = forcing.rain_zone.get(cell).copied().unwrap_or(0);
            let rain = self.rain.get(usize::from(zone)).map_or(0.0, |r| r[1]);
            let rain = rain * f64::from(self.rain_factor[cell]);
            let per_storage = self.per_storage.get(cell).copied().unwrap_or(1.0);
            let depth = water[i] * per_storage;
            let taken = infiltrated_m(law, soaked[i], rain, depth, self.dt);
            let amount = quanta_below(taken * unsealed / per_storage).min(water[i]);
            water[i] -= amount;
            soaked[i] += amount * per_storage / unsealed;
            sum += quanta(amount);
        }
        sum
    }

    fn drain(&self, cells: std::ops::Range<usize>, water: &mut [f64]) -> i64 {
        let mut sum = 0.0;
        for (water, &rate) in water.iter_mut().zip(&self.forcing.sewer_m_per_s[cells]) {
            let taken = nearest_quanta(f64::from(rate) * self.dt).min(*water);
            *water -= taken;
            sum += taken;
        }
        quanta(sum)
    }

    /// Levels of a row, and its largest depth (m).
    fn levels(&self, cells: std::ops::Range<usize>, water: &[f64], level: &mut [f64]) -> f64 {
        let bed = &self.bed_m[cells.clone()];
        let mut deepest = 0.0;
        if let Some(per_storage) = self.per_storage.get(cells) {
            for (((level, &bed), &water), &per) in
                level.iter_mut().zip(bed).zip(water).zip(per_storage)
            {
                let depth = water * per;
                *level = bed + depth;
                deepest = if depth > deepest { depth } else { deepest };
            }
        } else {
            for ((level, &bed), &water) in level.iter_mut().zip(bed).zip(water) {
                *level = bed + water;
                deepest = if water > deepest { water } else { deepest };
            }
        }
        deepest
    }
}

#[cfg(test)]
mod tests;
