//! Largest values over the time of a run, looked at every `track_interval_s`.

use rayon::prelude::*;

use super::real::{Real, larger};
use super::simd::{Level, look};
use super::solver::place;
use super::tile::{CELLS, TILE, TileOut, Water};
use crate::flood::run::Peaks;
use crate::geo::Grid;

/// Values per cell.
const VALUES: usize = 9;
/// Added to the speed in the hazard rating (m/s).
const HAZARD_SPEED: f32 = 0.5;

/// Largest values, row of a tile after row of a tile: the values of one row lie together, as
/// nine arrays a multiple of 4096 bytes apart push each other out of the cache.
#[derive(Clone, Debug)]
pub struct PeakTiles {
    grid: Grid,
    across: usize,
    /// depth, its time, u, v, depth times speed, hazard, arrival, time above the first and the second threshold.
    values: Vec<f32>,
    last_s: f64,
}

const ARRIVAL: usize = 6;

impl PeakTiles {
    /// Nothing seen yet.
    pub fn new(grid: Grid, tiles: [usize; 2]) -> Self {
        let count = tiles[0] * tiles[1];
        let mut values = vec![0.0; count * CELLS * VALUES];
        for tile in values.chunks_mut(CELLS * VALUES) {
            for row in tile.chunks_mut(TILE * VALUES) {
                row[ARRIVAL * TILE..(ARRIVAL + 1) * TILE].fill(f32::NAN);
            }
        }
        Self {
            grid,
            across: tiles[0],
            values,
            last_s: 0.0,
        }
    }

    /// Time (s) of the last look.
    pub fn last_s(&self) -> f64 {
        self.last_s
    }

    /// Takes the state at a time (s) into account; durations grow by the time since the last look.
    pub fn look<T: Real>(
        &mut self,
        level: Level,
        water: &Water<T>,
        storage: &[T],
        outs: &[TileOut],
        time_s: f64,
    ) {
        let passed = (time_s - self.last_s) as f32;
        let time = time_s as f32;
        self.last_s = time_s;
        self.values
            .par_chunks_mut(CELLS * VALUES)
            .enumerate()
            .filter(|(tile, _)| outs[*tile].wet)
            .for_each(|(tile, values)| {
                let range = tile * CELLS..(tile + 1) * CELLS;
                let (w, u, v) = (
                    &water.w[range.clone()],
                    &water.u[range.clone()],
                    &water.v[range.clone()],
                );
                let storage = storage.get(range).unwrap_or_default();
                look(level, values, (w, u, v), storage, [time, passed]);
            });
    }

    /// On the grid; `open` says whether a place in tile order is in the domain.
    pub fn to_grid(&self, open: impl Fn(usize) -> bool) -> Peaks {
        let array = |value: usize, turned: bool| -> Vec<f32> {
            let mut out = vec![f32::NAN; self.grid.len()];
            for row in 0..self.grid.rows {
                for col in 0..self.grid.cols {
                    let at = place(self.across, row, col);
                    if open(at) {
                        let x = self.values[(at / TILE * VALUES + value) * TILE + at % TILE];
                        out[self.grid.index(row, col)] = if turned { -x } else { x };
                    }
                }
            }
            out
        };
        Peaks {
            depth_m: array(0, false),
            depth_time_s: array(1, false),
            u: array(2, false),
            // Kept to the south, given to the north.
            v: array(3, true),
            unit_discharge_m2_per_s: array(4, false),
            hazard: array(5, false),
            arrival_s: array(ARRIVAL, false),
            above_s: [array(7, false), array(8, false)],
        }
    }

    /// Everything that a checkpoint must hold.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.last_s.to_le_bytes().to_vec();
        for value in &self.values {
            out.extend(value.to_le_bytes());
        }
        out
    }

    /// Takes over [`PeakTiles::bytes`].
    pub fn set(&mut self, bytes: Vec<u8>) {
        let (head, rest) = bytes.split_at(8.min(bytes.len()));
        if let Ok(last) = head.try_into() {
            self.last_s = f64::from_le_bytes(last);
        }
        for (value, raw) in self.values.iter_mut().zip(rest.chunks_exact(4)) {
            *value = f32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]);
        }
    }

    /// Bytes of its arrays.
    pub fn bytes_held(&self) -> usize {
        size_of_val(self.values.as_slice())
    }

    /// Length of [`PeakTiles::bytes`].
    pub fn byte_count(&self) -> usize {
        8 + 4 * self.values.len()
    }
}

/// Row by row, new values into a local copy, so that a compiler sees that nothing overlaps; compiled for the instruction set of the caller.
#[inline(always)]
pub(super) fn look_at_tile<T: Real>(
    values: &mut [f32],
    w: &[f64],
    u: &[T],
    v: &[T],
    storage: &[T],
    time: f32,
    passed: f32,
) {
    let [a, b] = Peaks::THRESHOLDS_M;
    let pick = |choose: bool, new: f32, old: f32| if choose { new } else { old };
    for (row, values) in values.chunks_exact_mut(VALUES * TILE).enumerate() {
        let at = row * TILE;
        let mut h = [0.0_f32; TILE];
        match storage.get(at..at + TILE) {
            Some(storage) => {
                for i in 0..TILE {
                    h[i] = (w[at + i] / storage[i].f64()) as f32;
                }
            }
            None => {
                for (h, w) in h.iter_mut().zip(&w[at..at + TILE]) {
                    *h = *w as f32;
                }
            }
        }
        let (mut us, mut vs) = ([0.0_f32; TILE], [0.0_f32; TILE]);
        for (x, u) in us.iter_mut().zip(&u[at..at + TILE]) {
            *x = u.f32();
        }
        for (x, v) in vs.iter_mut().zip(&v[at..at + TILE]) {
            *x = v.f32();
        }
        // New values go elsewhere than old ones: written in place they become stores under a mask, which some processors take
        // twenty times as long for.
        let mut new = [[0.0_f32; TILE]; VALUES];
        let (old, _) = values.as_chunks::<TILE>();
        for i in 0..TILE {
            let (h, u, v) = (h[i], us[i], vs[i]);
            let deeper = h > old[0][i];
            new[0][i] = pick(deeper, h, old[0][i]);
            new[1][i] = pick(deeper, time, old[1][i]);
            let speed2 = u * u + v * v;
            let before2 = old[2][i] * old[2][i] + old[3][i] * old[3][i];
            let faster = (h > Peaks::SPEED_DEPTH_M) & (speed2 > before2);
            new[2][i] = pick(faster, u, old[2][i]);
            new[3][i] = pick(faster, v, old[3][i]);
            let speed = speed2.sqrt();
            new[4][i] = larger(h * speed, old[4][i]);
            new[5][i] = larger(h * (speed + HAZARD_SPEED), old[5][i]);
            // NaN until water arrives; NaN differs from itself.
            let arrives = (h > Peaks::ARRIVAL_DEPTH_M) & old[ARRIVAL][i].is_nan();
            new[ARRIVAL][i] = pick(arrives, time, old[ARRIVAL][i]);
            new[7][i] = old[7][i] + pick(h > a, passed, 0.0);
            new[8][i] = old[8][i] + pick(h > b, passed, 0.0);
        }
        values.copy_from_slice(new.as_flattened());
    }
}
