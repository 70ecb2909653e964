//! State of a run, and its time step.

use std::borrow::Cow;

use rayon::prelude::*;

use super::SolverOptions;
use super::edge::{Inside, beyond, ghost};
use super::face::{DRY_M, GRAVITY};
use super::peaks::{Look, PeakTiles};
use super::real::Real;
use super::simd::{Level, Work, compute, look};
use super::tile::{
    CELLS, CRESTS, Ghost, Ground, HIGHEST_M, LocalFace, OPEN, PLAIN, Pass, QUANTUM_M, REACH,
    RainStep, Room, Special, TILE, Target, TileOut, WALLS, Water, flag, quantised,
    quantised_height, rims,
};
use super::volume::Book;
use crate::flood::domain::{Axis, BoundaryKind, Domain, Face, Forcing, Start};
use crate::flood::infiltration::infiltrated_m;
use crate::flood::run::{Frame, Ledger, LedgerKind, Peaks};
use crate::flood::sources::{PointSource, PointSources};
use crate::geo::Grid;

/// Courant numbers of order 1 and 2 for (|u| + c)/dx + (|v| + c)/dy.
const COURANT: [f64; 2] = [0.9, 0.8];
/// Slope (-) of the bed from which on a thin sheet falls over an open edge rather than flows over it.
const STAIR: f64 = 0.25;
/// Longest step (s) on dry ground, as cells per 1 m/s.
const DRY_SPEED_M_PER_S: f64 = 1.0;
/// Longest step (s) at all.
const LONGEST_STEP_S: f64 = 60.0;
/// Infiltration and sewer take their share when this much time (s) has passed, or once per step if steps are longer.
const GROUND_INTERVAL_S: f64 = 0.25;

/// An edge face with an open boundary.
#[derive(Clone, Copy, Debug)]
struct Edge {
    boundary: usize,
    /// Flat position of the inner cell, tile after tile.
    inner: usize,
    /// The next cell inwards, where there is one.
    second: Option<usize>,
    across_x: bool,
    beyond_first: bool,
}

/// Rain that each cell gets.
struct Rain {
    curves: Vec<crate::flood::domain::Series>,
    /// Zone of each cell in tile order; empty for one zone.
    zone: Vec<u16>,
    /// Factor of each cell in tile order; empty for 1.
    factor: Vec<f32>,
}

/// Infiltration and sewer.
struct Losses {
    laws: Vec<crate::flood::domain::Infiltration>,
    class: Vec<u8>,
    unsealed: Vec<f32>,
    sewer: Vec<f32>,
    /// Infiltrated so far (m per unsealed area) of each cell.
    infiltrated: Vec<f32>,
    /// Not yet infiltrated remainder of rounding is not kept: what is booked is what was taken.
    last_s: f64,
    /// Time (s) between two shares at least.
    interval_s: f64,
}

/// A run of the full shallow-water equations with numbers of type `T`.
pub struct SolverOf<T> {
    grid: Grid,
    options: SolverOptions,
    level: Level,
    ground: Ground<T>,
    datum_m: f64,
    special: Vec<Special>,
    /// What the faces of each tile need: `PLAIN` to `CRESTS`.
    edge_kinds: Vec<u8>,
    crests: Vec<crate::flood::domain::Crest>,
    crest_top: Vec<T>,
    breaching: bool,
    edges: Vec<Edge>,
    boundaries: Vec<BoundaryKind>,
    ghosts: Vec<Ghost<T>>,
    now: Water<T>,
    next: Water<T>,
    /// Result of the second stage; empty for order 1.
    spare: Water<T>,
    outs: Vec<TileOut>,
    active: Vec<bool>,
    rain: Option<Rain>,
    losses: Option<Losses>,
    points: PointSources,
    book: Book,
    peaks: PeakTiles,
    /// A look at the largest values that the next pass carries out: see [`PeakTiles::begin_look`].
    due: Option<Look>,
    time_s: f64,
    steps: u64,
    limited: u64,
    visited: u64,
    speed: f64,
}

/// Position of a cell in tile order.
pub(super) fn place(across: usize, row: usize, col: usize) -> usize {
    (row / TILE * across + col / TILE) * CELLS + row % TILE * TILE + col % TILE
}

/// An array of the grid in tile order; `fill` outside.
pub(super) fn tiled<A: Copy, B: Copy>(
    grid: &Grid,
    tiles: [usize; 2],
    source: &[A],
    fill: B,
    convert: impl Fn(A) -> B,
) -> Vec<B> {
    let mut out = vec![fill; tiles[0] * tiles[1] * CELLS];
    for row in 0..grid.rows {
        for col in 0..grid.cols {
            out[place(tiles[0], row, col)] = convert(source[grid.index(row, col)]);
        }
    }
    out
}

impl<T: Real> SolverOf<T> {
    /// A run that begins with `start`. Arrays must have the shape of the grid; an empty one stands for its default.
    pub fn new(domain: &Domain, forcing: &Forcing, start: &Start, options: SolverOptions) -> Self {
        let grid = domain.grid;
        let tiles = [grid.cols.div_ceil(TILE), grid.rows.div_ceil(TILE)];
        let across = tiles[0];
        let count = tiles[0] * tiles[1];
        // Heights of the bed are kept relative to its lowest, in quanta of depth, so that levels of a lake are exact.
        let datum_m = lowest(domain);
        let on_grid = |z: f64| quantised_height(z - datum_m);
        let bed = tiled(&grid, tiles, &domain.bed_m, T::of(0.0), |z| {
            T::of(on_grid(z))
        });
        let friction = tiled(&grid, tiles, &domain.manning_n, T::of(0.0), |n| {
            T::of(GRAVITY * f64::from(n) * f64::from(n))
        });
        let (flags, special, edge_kinds, edges) = faces(domain, tiles);
        let porous = domain.porosity.as_ref();
        let share = |values: &[f32], width: usize| -> Vec<T> {
            let mut out = vec![T::of(1.0); count * CELLS];
            for row in 0..grid.rows {
                for col in 0..grid.cols {
                    out[place(across, row, col)] = T::of(f64::from(values[row * width + col]));
                }
            }
            out
        };
        let ground = Ground {
            tiles,
            rows: grid.rows,
            cols: grid.cols,
            bed,
            friction,
            flags,
            storage: porous.map_or_else(Vec::new, |p| share(&p.storage, grid.cols)),
            conveyance_x: porous.map_or_else(Vec::new, |p| share(&p.conveyance_x, grid.cols + 1)),
            conveyance_y: porous.map_or_else(Vec::new, |p| share(&p.conveyance_y, grid.cols)),
            cell_m: grid.cell_m,
        };
        let mut now = Water {
            w: vec![0.0; count * CELLS],
            u: vec![T::of(0.0); count * CELLS],
            v: vec![T::of(0.0); count * CELLS],
        };
        for (i, &h) in start.depth_m.iter().enumerate() {
            if domain.open[i] && h > 0.0 {
                let at = place(across, i / grid.cols, i % grid.cols);
                let free = ground.storage.get(at).map_or(1.0, |s| s.f64());
                // The level, not the depth, is what a lake at rest has in common.
                let bed_error = domain.bed_m[i] - datum_m - ground.bed[at].f64();
                now.w[at] = quantised(((h + bed_error) * free).max(0.0));
                // Films do not move; those of a tile that rests would otherwise keep their speed until water comes near.
                if let (Some(&u), Some(&v), true) =
                    (start.u.get(i), start.v.get(i), now.w[at] > DRY_M)
                {
                    now.u[at] = T::of(f64::from(u));
                    now.v[at] = T::of(f64::from(-v));
                }
            }
        }
        let rain = (!forcing.rain_m.is_empty()).then(|| Rain {
            curves: forcing.rain_m.clone(),
            zone: if forcing.rain_zone.is_empty() {
                Vec::new()
            } else {
                tiled(&grid, tiles, &forcing.rain_zone, 0, |z| z)
            },
            factor: if forcing.rain_factor.is_empty() && domain.open.iter().all(|&o| o) {
                Vec::new()
            } else {
                let mut factor = tiled(&grid, tiles, &domain.open, 0.0, |open| {
                    f32::from(u8::from(open))
                });
                for (i, &f) in forcing.rain_factor.iter().enumerate() {
                    factor[place(across, i / grid.cols, i % grid.cols)] *= f;
                }
                factor
            },
        });
        let has_laws = !forcing.infiltration.is_empty() && !forcing.infiltration_class.is_empty();
        let losses = (has_laws || !forcing.sewer_m_per_s.is_empty()).then(|| Losses {
            laws: forcing.infiltration.clone(),
            class: if has_laws {
                tiled(&grid, tiles, &forcing.infiltration_class, 0, |c| c)
            } else {
                Vec::new()
            },
            unsealed: if has_laws && !forcing.unsealed.is_empty() {
                tiled(&grid, tiles, &forcing.unsealed, 1.0, |s| s)
            } else {
                Vec::new()
            },
            sewer: if forcing.sewer_m_per_s.is_empty() {
                Vec::new()
            } else {
                tiled(&grid, tiles, &forcing.sewer_m_per_s, 0.0, |s| s)
            },
            infiltrated: if has_laws {
                vec![0.0; count * CELLS]
            } else {
                Vec::new()
            },
            last_s: 0.0,
            interval_s: GROUND_INTERVAL_S,
        });
        let book = Book::new(domain, forcing, &now.w);
        let mut solver = Self {
            grid,
            options,
            level: Level::best(),
            ground,
            datum_m,
            special,
            edge_kinds,
            crests: domain.crests.clone(),
            crest_top: vec![T::of(0.0); domain.crests.len()],
            breaching: domain.crests.iter().any(|c| c.breach.is_some()),
            ghosts: vec![Ghost::default(); edges.len()],
            edges,
            boundaries: domain.boundaries.iter().map(|b| b.kind.clone()).collect(),
            spare: if options.order == 2 {
                now.clone()
            } else {
                Water::default()
            },
            next: now.clone(),
            now,
            outs: vec![TileOut::default(); count],
            active: vec![false; count],
            rain,
            losses,
            points: PointSources::new(domain, forcing),
            book,
            peaks: PeakTiles::new(grid, tiles),
            due: None,
            time_s: 0.0,
            steps: 0,
            limited: 0,
            visited: 0,
            speed: 0.0,
        };
        solver.set_crests(0.0);
        solver.look_at_state();
        solver.due = Some(solver.peaks.begin_look(0.0));
        solver.look_now();
        solver
    }

    /// Uses another instruction set than the best; for tests and benches.
    pub fn use_level(&mut self, level: Level) {
        self.level = level;
    }

    /// Takes the version with everything for all tiles; for tests.
    #[cfg(test)]
    pub fn use_careful_tiles(&mut self) {
        self.edge_kinds.fill(CRESTS);
    }

    /// Infiltration and sewer take their share no more often than this (s), for a coarse answer: a Green-Ampt law costs as much
    /// as the flow itself.
    pub fn lose_at_most_every(&mut self, interval_s: f64) {
        if let Some(losses) = &mut self.losses {
            losses.interval_s = interval_s.max(GROUND_INTERVAL_S);
        }
    }

    /// Simulated time (s).
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How often the outflow of a cell was limited.
    pub fn limited_cells(&self) -> u64 {
        self.limited
    }

    /// Tiles of [`CELLS`] cells computed so far, each once a step: the work of the run.
    pub fn visited_tiles(&self) -> u64 {
        self.visited
    }

    /// Bytes of all arrays with a value per cell, without (index 0) and with (index 1) the largest values.
    pub fn bytes(&self) -> [usize; 2] {
        fn of<A>(values: &[A]) -> usize {
            size_of_val(values)
        }
        let water = |w: &Water<T>| of(&w.w) + of(&w.u) + of(&w.v);
        let ground = &self.ground;
        let state = water(&self.now)
            + water(&self.next)
            + water(&self.spare)
            + of(&ground.bed)
            + of(&ground.friction)
            + of(&ground.flags)
            + of(&ground.storage)
            + of(&ground.conveyance_x)
            + of(&ground.conveyance_y)
            + (self.rain.as_ref()).map_or(0, |r| of(&r.zone) + of(&r.factor))
            + (self.losses.as_ref()).map_or(0, |l| {
                of(&l.class) + of(&l.unsealed) + of(&l.sewer) + of(&l.infiltrated)
            });
        [state, state + self.peaks.bytes_held()]
    }

    /// Largest |u| + |v| + 2c (m/s) now.
    pub fn speed_m_per_s(&self) -> f64 {
        self.speed
    }

    /// Wet and speed of every tile from the state itself.
    fn look_at_state(&mut self) {
        let (now, ground) = (&self.now, &self.ground);
        self.outs
            .par_iter_mut()
            .enumerate()
            .for_each(|(tile, out)| {
                let range = tile * CELLS..(tile + 1) * CELLS;
                let mut speed = 0.0;
                let mut deepest = [0.0; TILE];
                for at in range.clone() {
                    let w = now.w[at];
                    let column = &mut deepest[at % TILE];
                    *column = f64::max(*column, w);
                    let h = ground.storage.get(at).map_or(w, |s| w / s.f64());
                    speed = f64::max(speed, wave(T::of(h), now.u[at], now.v[at]));
                }
                out.wet = deepest.iter().any(|&w| w > DRY_M);
                out.rims = rims(&deepest, &now.w[range]);
                out.speed = speed;
            });
        self.speed = self.outs.iter().fold(0.0, |a, o| f64::max(a, o.speed));
    }

    /// The step (s) that stability allows.
    fn stable_step_s(&self) -> f64 {
        let courant = COURANT[usize::from(self.options.order == 2)];
        let longest = (courant * self.grid.cell_m / DRY_SPEED_M_PER_S).min(LONGEST_STEP_S);
        if self.speed > 0.0 {
            (courant * self.grid.cell_m / self.speed).min(longest)
        } else {
            longest
        }
    }

    /// One time step, never beyond `until_s`; returns its length (s), 0 when `until_s` is reached.
    pub fn step(&mut self, until_s: f64) -> f64 {
        let left = until_s - self.time_s;
        if left <= 0.0 {
            return 0.0;
        }
        let stable = self.stable_step_s();
        // The last two steps before a given time share what is left, so that none is tiny.
        let (dt, to) = if stable >= left {
            (left, until_s)
        } else if 2.0 * stable > left {
            (0.5 * left, self.time_s + 0.5 * left)
        } else {
            (stable, self.time_s + stable)
        };
        self.advance(dt, to);
        if to >= until_s {
            self.look_now();
        }
        dt
    }

    fn advance(&mut self, dt: f64, to: f64) {
        let from = self.time_s;
        if self.breaching {
            self.set_crests(from);
        }
        if self.options.order == 2 {
            self.fill_ghosts(from, false);
            self.choose_active(from, to);
            self.pass([from, to], dt, false);
            self.book_edges(0.5);
            self.fill_ghosts(to, true);
            self.pass([from, to], dt, true);
            self.book_edges(0.5);
            std::mem::swap(&mut self.now, &mut self.spare);
        } else {
            self.fill_ghosts(0.5 * (from + to), false);
            self.choose_active(from, to);
            self.pass([from, to], dt, false);
            self.book_edges(1.0);
            std::mem::swap(&mut self.now, &mut self.next);
        }
        self.book_rain();
        self.take_losses(to);
        self.apply_points(from, to);
        self.time_s = to;
        self.steps += 1;
        self.speed = self.outs.iter().fold(0.0, |a, o| f64::max(a, o.speed));
        if to - self.peaks.last_s() >= self.options.track_interval_s {
            self.due = Some(self.peaks.begin_look(to));
        }
    }

    fn set_crests(&mut self, time_s: f64) {
        for (top, crest) in self.crest_top.iter_mut().zip(&self.crests) {
            // On the grid of depths and beds, so that both sides see the same difference.
            let height = quantised_height(crest.at(time_s) - self.datum_m);
            *top = T::of(height.min(HIGHEST_M));
        }
    }

    /// States beyond the open edges; `stage` takes the water of the first stage.
    fn fill_ghosts(&mut self, time_s: f64, stage: bool) {
        if self.edges.is_empty() {
            return;
        }
        let water = if stage { &self.next } else { &self.now };
        // Depth, outward speed, speed along and bed above the datum of a cell.
        let state = |edge: &Edge, at: usize| -> [f64; 4] {
            let w = water.w[at];
            let h = self.ground.storage.get(at).map_or(w, |s| w / s.f64());
            let (u, v) = (water.u[at].f64(), water.v[at].f64());
            let (across, along) = if edge.across_x { (u, v) } else { (v, u) };
            let out = if edge.beyond_first { -across } else { across };
            [h, out, along, self.ground.bed[at].f64()]
        };
        // Also under a thin sheet: an edge that changes its order with the depth would fill and empty its last cells.
        let even = |depth: f64, step: f64| depth > step || step < STAIR * self.grid.cell_m;
        let inside = |edge: &Edge| {
            let inner = state(edge, edge.inner);
            // Order 2 carries the line of the two inner cells to the edge, where the bed is no stair.
            let second = edge.second.map(|at| state(edge, at)).filter(|second| {
                self.options.order == 2
                    && second[0] > DRY_M
                    && even(inner[0], (inner[3] - second[3]).abs())
                    && inner[0] > 0.5 * (inner[0] - second[0]).abs() + DRY_M
            });
            let at_edge = second.map_or(inner, |second| {
                std::array::from_fn(|i| inner[i] + 0.5 * (inner[i] - second[i]))
            });
            let [h, out, along, bed] = at_edge;
            let inside = Inside {
                h,
                out,
                along,
                bed_m: bed + self.datum_m,
                manning_n: (self.ground.friction[edge.inner].f64() / GRAVITY).sqrt(),
            };
            (inside, inner, second.is_some())
        };
        // A discharge is shared by depth^(5/3), as uniform flow would share it; equally on dry ground.
        let mut conveyance = vec![0.0; self.boundaries.len()];
        let mut faces = vec![0_usize; self.boundaries.len()];
        for edge in &self.edges {
            conveyance[edge.boundary] += inside(edge).0.h.powf(5.0 / 3.0);
            faces[edge.boundary] += 1;
        }
        let cell_m = self.grid.cell_m;
        self.ghosts = self
            .edges
            .iter()
            .map(|edge| {
                let (state, inner, line) = inside(edge);
                let sum = conveyance[edge.boundary];
                let share = if sum > 0.0 {
                    state.h.powf(5.0 / 3.0) / sum
                } else {
                    1.0 / faces[edge.boundary] as f64
                };
                let kind = &self.boundaries[edge.boundary];
                let b = beyond(kind, &state, time_s, share / cell_m);
                let mut bed = state.bed_m - self.datum_m;
                // At order 1 ground under water that flows out goes on to fall as it does inside: the pull of a slope acts over the
                // lower face of a cell. (The characteristics of a given level know one bed only; over a level that the water leaves
                // faster than its waves run, they say nothing.)
                if let (1, true, Some(second)) = (self.options.order, b.flows_on, edge.second) {
                    let fall = self.ground.bed[second].f64() - bed;
                    if fall > 0.0 && fall < STAIR * self.grid.cell_m {
                        bed -= fall;
                    }
                }
                ghost(&b, bed, inner, line, edge.across_x, edge.beyond_first)
            })
            .collect();
    }

    /// Tiles that can change in this step: wet ones, those that water can reach, and where water comes in.
    fn choose_active(&mut self, from: f64, to: f64) {
        let [across, down] = self.ground.tiles;
        // Sides over which water can leave a tile; `None` for a dry one.
        let mut sides: Vec<Option<[bool; 4]>> =
            self.outs.iter().map(|o| o.wet.then_some(o.rims)).collect();
        for (sides, special) in sides.iter_mut().zip(&self.special) {
            for (face, _) in &special.edges {
                let g = &self.ghosts[face.index];
                let feeds = g.inflow > 0.0 || (!g.only_out && g.cells[0].h > T::of(DRY_M));
                if feeds {
                    let sides = sides.get_or_insert([false; 4]);
                    let (reach, last) = (REACH as i32, TILE as i32 - REACH as i32);
                    sides[0] |= face.col <= reach;
                    sides[1] |= face.col >= last;
                    sides[2] |= face.row <= reach;
                    sides[3] |= face.row >= last;
                }
            }
        }
        let fed = self
            .points
            .cells()
            .map(|c| place(across, c / self.grid.cols, c % self.grid.cols) / CELLS);
        for tile in fed {
            sides[tile] = Some([true; 4]);
        }
        let rains = self.rain.as_ref().is_some_and(|r| r.falls(from, to));
        let mut near = vec![rains; sides.len()];
        for (tile, sides) in sides.iter().enumerate() {
            let Some([west, east, north, south]) = *sides else {
                continue;
            };
            // Around a corner too: order 2 passes two cells in a step.
            let (row, col) = (tile / across, tile % across);
            let rows =
                row - usize::from(north && row > 0)..=row + usize::from(south && row + 1 < down);
            let cols =
                col - usize::from(west && col > 0)..=col + usize::from(east && col + 1 < across);
            for row in rows {
                near[row * across + *cols.start()..=row * across + *cols.end()].fill(true);
            }
        }
        for (tile, near) in near.into_iter().enumerate() {
            if self.active[tile] && !near {
                // What the other buffers hold of a tile that rests must be what this one holds.
                let range = tile * CELLS..(tile + 1) * CELLS;
                for other in [&mut self.next, &mut self.spare] {
                    if other.w.is_empty() {
                        continue;
                    }
                    other.w[range.clone()].copy_from_slice(&self.now.w[range.clone()]);
                    other.u[range.clone()].copy_from_slice(&self.now.u[range.clone()]);
                    other.v[range.clone()].copy_from_slice(&self.now.v[range.clone()]);
                }
            }
            self.active[tile] = near;
            self.visited += u64::from(near);
        }
    }

    /// Computes all active tiles: from `now` to `next`, or, in the second stage, from `next` and `now` to `spare`.
    fn pass(&mut self, [from, to]: [f64; 2], dt: f64, second_stage: bool) {
        let second_order = self.options.order == 2;
        let fallen: Vec<[f64; 2]> = (self.rain.iter().filter(|r| r.falls(from, to)))
            .flat_map(|r| r.curves.iter().map(|c| [c.at(from), c.at(to)]))
            .collect();
        let (source, base, target) = if second_stage {
            (&self.next, Some(&self.now), &mut self.spare)
        } else {
            (&self.now, None, &mut self.next)
        };
        let pass = Pass {
            ground: &self.ground,
            water: source,
            special: &self.special,
            crest: &self.crest_top,
            ghosts: &self.ghosts,
            dt,
            even: second_order,
            rain: self
                .rain
                .as_ref()
                .filter(|_| !fallen.is_empty())
                .map(|r| RainStep {
                    fallen_m: &fallen,
                    factor: &r.factor,
                    zone: &r.zone,
                }),
            base,
        };
        let (level, kinds, active) = (self.level, &self.edge_kinds, &self.active);
        // The look that is due is at the state this pass begins with (the first stage comes first).
        let due = self.due.take();
        let storage = &self.ground.storage;
        let tiles = target.tiles_mut().zip(self.outs.par_iter_mut());
        let tiles = tiles.zip(self.peaks.tiles_mut()).enumerate();
        tiles.for_each_init(Room::new, |room, (tile, ((mut target, out), peaks))| {
            if !active[tile] {
                return;
            }
            let due = due.filter(|_| out.wet);
            let work = Work {
                pass: &pass,
                tile,
                limited: false,
                second_order,
                edges: kinds[tile],
                awaited: if due.is_some() { peaks } else { &[] },
            };
            compute(level, &work, room, &mut target, out);
            if let Some(at) = due {
                look(level, peaks, source, storage, tile, at);
            }
        });
        if !self.outs.iter().zip(active).any(|(o, &a)| a && o.drained) {
            return;
        }
        let [across, down] = self.ground.tiles;
        let drained: Vec<bool> = self
            .outs
            .iter()
            .zip(active)
            .map(|(o, &a)| a && o.drained)
            .collect();
        let again: Vec<bool> = (0..drained.len())
            .map(|tile| {
                let (row, col) = (tile / across, tile % across);
                active[tile]
                    && (drained[tile]
                        || (col > 0 && drained[tile - 1])
                        || (col + 1 < across && drained[tile + 1])
                        || (row > 0 && drained[tile - across])
                        || (row + 1 < down && drained[tile + across]))
            })
            .collect();
        let tiles = target.tiles_mut().zip(self.outs.par_iter_mut()).enumerate();
        tiles.for_each_init(Room::new, |room, (tile, (mut target, out))| {
            if again[tile] {
                let work = Work {
                    pass: &pass,
                    tile,
                    limited: true,
                    second_order,
                    edges: kinds[tile],
                    awaited: &[],
                };
                compute(level, &work, room, &mut target, out);
            }
        });
        for (out, &again) in self.outs.iter().zip(&again) {
            if again {
                self.limited += out.limited;
            }
        }
    }

    /// Books what crossed the open edges; each stage of order 2 counts half.
    fn book_edges(&mut self, weight: f64) {
        if self.edges.is_empty() {
            return;
        }
        for (tile, special) in self.special.iter().enumerate() {
            if !self.active[tile] {
                continue;
            }
            for (i, (face, _)) in special.edges.iter().enumerate() {
                let edge = self.edges[face.index];
                if edge.inner / CELLS == tile {
                    self.book
                        .boundary(edge.boundary, weight * self.outs[tile].edges[i]);
                }
            }
        }
    }

    /// Books the rain of the last pass.
    fn book_rain(&mut self) {
        if self.rain.is_some() {
            let fallen = (self.outs.iter().zip(&self.active)).filter(|(_, active)| **active);
            for (out, _) in fallen {
                self.book.add(LedgerKind::Rain, 0, out.rain);
            }
        }
    }

    fn take_losses(&mut self, to: f64) {
        let Some(losses) = self.losses.as_mut() else {
            return;
        };
        let dt = to - losses.last_s;
        if dt < losses.interval_s {
            return;
        }
        losses.last_s = to;
        let rain_so_far = self
            .rain
            .as_ref()
            .map(|r| r.curves.iter().map(|c| c.at(to)).collect::<Vec<_>>())
            .unwrap_or_default();
        let rain = self.rain.as_ref();
        let Losses {
            laws,
            class,
            unsealed,
            sewer,
            infiltrated,
            ..
        } = losses;
        let (laws, class, unsealed, sewer) = (&*laws, &*class, &*unsealed, &*sewer);
        let outs = &self.outs;
        let one_tile = |tile: usize, w: &mut [f64], infiltrated: &mut [f32]| -> [f64; 2] {
            let mut taken = [0.0; 2];
            if !outs[tile].wet {
                return taken;
            }
            for (i, w) in w.iter_mut().enumerate() {
                let at = tile * CELLS + i;
                // Films stay, in a tile with other water as in one without, so that nothing depends on where tiles end.
                if *w <= DRY_M {
                    continue;
                }
                if let Some(law) = class
                    .get(at)
                    .and_then(|&c| c.checked_sub(1))
                    .map(|c| &laws[usize::from(c)])
                {
                    let share = unsealed.get(at).map_or(1.0, |&s| f64::from(s));
                    if share > 0.0 {
                        let zone = rain
                            .and_then(|r| r.zone.get(at))
                            .map_or(0, |&z| usize::from(z));
                        let factor = rain
                            .and_then(|r| r.factor.get(at))
                            .map_or(1.0, |&f| f64::from(f));
                        let fallen = factor * rain_so_far.get(zone).copied().unwrap_or(0.0);
                        let gone = infiltrated_m(law, f64::from(infiltrated[i]), fallen, *w, dt);
                        let gone_cell = quantised_down(gone * share).min(*w);
                        infiltrated[i] += (gone_cell / share) as f32;
                        *w -= gone_cell;
                        taken[0] += gone_cell;
                    }
                }
                if let Some(&rate) = sewer.get(at) {
                    let gone = quantised_down(f64::from(rate) * dt).min(*w);
                    *w -= gone;
                    taken[1] += gone;
                }
            }
            taken
        };
        let taken: Vec<[f64; 2]> = if infiltrated.is_empty() {
            self.now
                .w
                .par_chunks_mut(CELLS)
                .enumerate()
                .map(|(t, w)| one_tile(t, w, &mut []))
                .collect()
        } else {
            self.now
                .w
                .par_chunks_mut(CELLS)
                .zip(infiltrated.par_chunks_mut(CELLS))
                .enumerate()
                .map(|(t, (w, f))| one_tile(t, w, f))
                .collect()
        };
        for [ground, sewer] in taken {
            self.book.add(LedgerKind::Infiltration, 0, -ground);
            self.book.add(LedgerKind::Sewer, 0, -sewer);
        }
    }

    fn apply_points(&mut self, from: f64, to: f64) {
        if self.points.is_empty() {
            return;
        }
        let (across, cols) = (self.ground.tiles[0], self.grid.cols);
        let at = |cell: usize| place(across, cell / cols, cell % cols);
        let (now, ground) = (&mut self.now, &self.ground);
        let depth = |cell: usize| {
            let at = at(cell);
            let w = now.w[at];
            ground.storage.get(at).map_or(w, |s| w / s.f64())
        };
        let changes = self.points.changes(from, to, depth).to_vec();
        for change in changes {
            let at = at(change.cell);
            // What is poured in brings no momentum; what is taken leaves with its own.
            if change.delta_m > 0.0 {
                let slower = T::of(now.w[at] / (now.w[at] + change.delta_m));
                now.u[at] = now.u[at] * slower;
                now.v[at] = now.v[at] * slower;
            }
            now.w[at] += change.delta_m;
            let out = &mut self.outs[at / CELLS];
            if now.w[at] > DRY_M {
                out.wet = true;
                out.rims = [true; 4];
            }
            let h = ground
                .storage
                .get(at)
                .map_or(now.w[at], |s| now.w[at] / s.f64());
            out.speed = out.speed.max(wave(T::of(h), now.u[at], now.v[at]));
            match change.source {
                PointSource::Inflow(i) => self.book.add(LedgerKind::Inflow, i, change.delta_m),
                PointSource::Inlet(i) => self.book.add(LedgerKind::Inlet, i, change.delta_m),
                PointSource::Culvert(_) => {}
            }
        }
    }

    /// Carries out a look that is due.
    fn look_now(&mut self) {
        if let Some(at) = self.due.take() {
            let storage = &self.ground.storage;
            (self.peaks).look(self.level, &self.now, storage, &self.outs, at);
        }
    }

    /// Largest values with the look that is due.
    fn looked(&self) -> Cow<'_, PeakTiles> {
        let Some(at) = self.due else {
            return Cow::Borrowed(&self.peaks);
        };
        let mut peaks = self.peaks.clone();
        let storage = &self.ground.storage;
        peaks.look(self.level, &self.now, storage, &self.outs, at);
        Cow::Owned(peaks)
    }

    /// Depth (m) of a cell.
    pub fn depth_m(&self, cell: usize) -> f64 {
        let at = self.at(cell);
        let w = self.now.w[at];
        self.ground.storage.get(at).map_or(w, |s| w / s.f64())
    }

    /// Velocity (m/s) of a cell to the east and to the north.
    pub fn velocity(&self, cell: usize) -> [f64; 2] {
        let at = self.at(cell);
        [self.now.u[at].f64(), -self.now.v[at].f64()]
    }

    /// Depths (m) of all cells.
    pub fn depths_m(&self) -> Vec<f64> {
        (0..self.grid.len()).map(|c| self.depth_m(c)).collect()
    }

    /// Velocities (m/s) of all cells to the east and to the north.
    pub fn velocities(&self) -> (Vec<f64>, Vec<f64>) {
        (0..self.grid.len())
            .map(|c| {
                let [u, v] = self.velocity(c);
                (u, v)
            })
            .unzip()
    }

    /// The state now.
    pub fn frame(&self) -> Frame {
        let open = |c: usize| self.is_open(self.at(c));
        let cells = 0..self.grid.len();
        let value = |x: f64, c: usize| if open(c) { x as f32 } else { f32::NAN };
        Frame {
            time_s: self.time_s,
            depth_m: cells.clone().map(|c| value(self.depth_m(c), c)).collect(),
            u: cells
                .clone()
                .map(|c| value(self.velocity(c)[0], c))
                .collect(),
            v: cells.map(|c| value(self.velocity(c)[1], c)).collect(),
        }
    }

    /// Largest values so far.
    pub fn peaks(&self) -> Peaks {
        self.looked().to_grid(|at| self.is_open(at))
    }

    /// Where the water came from and went.
    pub fn ledger(&self) -> Ledger {
        self.book.ledger(&self.now.w)
    }

    /// True for a place (tile order) in the domain.
    fn is_open(&self, at: usize) -> bool {
        self.ground.flags[at] & flag::CLOSED == 0
    }

    fn at(&self, cell: usize) -> usize {
        place(
            self.ground.tiles[0],
            cell / self.grid.cols,
            cell % self.grid.cols,
        )
    }

    pub(super) fn parts(&self) -> Parts<'_, T> {
        Parts {
            now: &self.now,
            infiltrated: self.losses.as_ref().map_or(&[], |l| &l.infiltrated),
            numbers: [self.time_s, self.losses.as_ref().map_or(0.0, |l| l.last_s)],
            counts: [self.steps, self.limited, self.visited],
            // Losses lower the water after the pass that told these; the next step is made from what it told.
            outs: self.outs.iter().map(|o| (o.speed, o.wet, o.rims)).collect(),
            book: &self.book,
            peaks: self.looked(),
        }
    }

    pub(super) fn set_parts(&mut self, parts: Restored<T>) {
        self.next = parts.now.clone();
        if self.options.order == 2 {
            self.spare = parts.now.clone();
        }
        self.now = parts.now;
        if let Some(losses) = self.losses.as_mut() {
            losses.infiltrated = parts.infiltrated;
            losses.last_s = parts.numbers[1];
        }
        self.time_s = parts.numbers[0];
        [self.steps, self.limited, self.visited] = parts.counts;
        self.book = parts.book;
        self.peaks.set(&parts.peaks);
        self.due = None;
        self.active.fill(false);
        self.look_at_state();
        for (out, told) in self.outs.iter_mut().zip(parts.outs) {
            (out.speed, out.wet, out.rims) = told;
        }
        self.speed = self.outs.iter().fold(0.0, |a, o| f64::max(a, o.speed));
        self.set_crests(self.time_s);
    }
}

/// What the last pass told of a tile: speed, wet, rims.
pub(super) type Told = (f64, bool, [bool; 4]);

/// What a checkpoint holds.
pub(super) struct Parts<'a, T> {
    pub(super) now: &'a Water<T>,
    pub(super) infiltrated: &'a [f32],
    pub(super) numbers: [f64; 2],
    pub(super) counts: [u64; 3],
    pub(super) outs: Vec<Told>,
    pub(super) book: &'a Book,
    pub(super) peaks: Cow<'a, PeakTiles>,
}

/// What a checkpoint gives back.
pub(super) struct Restored<T> {
    pub(super) now: Water<T>,
    pub(super) infiltrated: Vec<f32>,
    pub(super) numbers: [f64; 2],
    pub(super) counts: [u64; 3],
    pub(super) outs: Vec<Told>,
    pub(super) book: Book,
    pub(super) peaks: Vec<u8>,
}

impl Rain {
    fn falls(&self, from: f64, to: f64) -> bool {
        self.curves.iter().any(|c| c.at(to) > c.at(from))
    }
}

/// Largest multiple of the quantum that is not above.
fn quantised_down(x: f64) -> f64 {
    let nearest = quantised(x);
    if nearest > x {
        nearest - QUANTUM_M
    } else {
        nearest
    }
}

fn lowest(domain: &Domain) -> f64 {
    let open = domain.bed_m.iter().zip(&domain.open).filter(|(_, o)| **o);
    let low = open.fold(f64::INFINITY, |a, (z, _)| a.min(*z));
    if low.is_finite() { low.floor() } else { 0.0 }
}

fn wave<T: Real>(h: T, u: T, v: T) -> f64 {
    if h > T::of(DRY_M) {
        let c = (T::of(GRAVITY) * h).sqrt();
        ((u.abs() + v.abs()) + T::of(2.0) * c).f64()
    } else {
        0.0
    }
}

impl<T: Real> Water<T> {
    /// The part of each tile.
    fn tiles_mut(&mut self) -> impl IndexedParallelIterator<Item = Target<'_, T>> {
        let (w, u) = (self.w.par_chunks_mut(CELLS), self.u.par_chunks_mut(CELLS));
        let v = self.v.par_chunks_mut(CELLS);
        w.zip(u).zip(v).map(|((w, u), v)| Target { w, u, v })
    }
}

/// Closed faces and cells, special faces of each tile, which tiles need the careful version, and the open edges.
fn faces(domain: &Domain, tiles: [usize; 2]) -> (Vec<u8>, Vec<Special>, Vec<u8>, Vec<Edge>) {
    let grid = &domain.grid;
    let [across, down] = tiles;
    let open = |row: i64, col: i64| {
        row >= 0
            && col >= 0
            && row < grid.rows as i64
            && col < grid.cols as i64
            && domain.open[grid.index(row as usize, col as usize)]
    };
    // A face is closed unless both its cells are open. Cells of the tiles beyond the grid are closed.
    let mut flags = vec![0_u8; across * down * CELLS];
    for row in 0..down * TILE {
        for col in 0..across * TILE {
            let (r, c) = (row as i64, col as i64);
            let mut bits = 0;
            if !open(r, c) {
                bits |= flag::CLOSED;
            }
            if !open(r, c) || !open(r, c - 1) {
                bits |= flag::WEST;
            }
            if !open(r, c) || !open(r - 1, c) {
                bits |= flag::NORTH;
            }
            flags[place(across, row, col)] = bits;
        }
    }
    let mut special = vec![Special::default(); across * down];
    // Tiles whose row buffers reach the face: those of the cells around it.
    let touching = |face: &Face| {
        let near = |at: usize, last: usize| {
            let from = at.saturating_sub(PAD_REACH) / TILE;
            let to = ((at + PAD_REACH) / TILE).min(last - 1);
            from..=to
        };
        let columns = near(face.col, across);
        near(face.row, down)
            .flat_map(move |row| columns.clone().map(move |col| (row, col)))
            .map(|(row, col)| {
                let local = [
                    face.row as i32 - (row * TILE) as i32,
                    face.col as i32 - (col * TILE) as i32,
                ];
                (row * across + col, local)
            })
            .collect::<Vec<_>>()
    };
    for (index, crest) in domain.crests.iter().enumerate() {
        for (tile, [row, col]) in touching(&crest.face) {
            special[tile].crests.push(LocalFace {
                across_x: crest.face.axis == Axis::X,
                row,
                col,
                index,
            });
        }
    }
    let mut edges = Vec::new();
    for (boundary, b) in domain.boundaries.iter().enumerate() {
        for face in &b.faces {
            let across_x = face.axis == Axis::X;
            let beyond_first = if across_x {
                face.col == 0
            } else {
                face.row == 0
            };
            let (row, col) = match (across_x, beyond_first) {
                (true, false) => (face.row, face.col.saturating_sub(1)),
                (false, false) => (face.row.saturating_sub(1), face.col),
                _ => (face.row, face.col),
            };
            if !open(row as i64, col as i64) {
                continue;
            }
            let index = edges.len();
            edges.push(Edge {
                boundary,
                inner: place(across, row, col),
                second: {
                    let inward = if beyond_first { 1 } else { -1 };
                    let (dr, dc) = if across_x { (0, inward) } else { (inward, 0) };
                    let (r, c) = (row as i64 + dr, col as i64 + dc);
                    open(r, c).then(|| place(across, r as usize, c as usize))
                },
                across_x,
                beyond_first,
            });
            for (tile, [row, col]) in touching(face) {
                special[tile].edges.push((
                    LocalFace {
                        across_x,
                        row,
                        col,
                        index,
                    },
                    beyond_first,
                ));
            }
        }
    }
    for special in &mut special {
        special.crests.sort_by_key(|face| face.row);
        special.edges.sort_by_key(|(face, _)| face.row);
    }
    let kinds = (0..across * down)
        .map(|tile| {
            let (row, col) = ((tile / across) as i64, (tile % across) as i64);
            let reach = PAD_REACH as i64;
            let (r0, c0, side) = (row * TILE as i64, col * TILE as i64, TILE as i64);
            let closed = (r0 - reach..r0 + side + reach)
                .any(|r| (c0 - reach..c0 + side + reach).any(|c| !open(r, c)));
            if !special[tile].crests.is_empty() {
                CRESTS
            } else if !special[tile].edges.is_empty() {
                OPEN
            } else if closed {
                WALLS
            } else {
                PLAIN
            }
        })
        .collect();
    (flags, special, kinds, edges)
}

/// Cells beyond a tile that its sweeps look at.
const PAD_REACH: usize = 3;
