//! Largest values over the time of a run, looked at every `track_interval_s`.
//!
//! Memory is what a look costs, so times are counted in a unit that is twice as long whenever a run outgrows it, velocities in
//! millimetres per second, and the hazard has 12 binary digits: 18 bytes per cell.

#![expect(
    clippy::needless_range_loop,
    reason = "loops over many arrays at the same position read best with the position"
)]

use rayon::prelude::*;
use rayon::slice::ChunksMut;

use super::real::{Real, larger, smaller};
use super::simd::{Level, look};
use super::solver::place;
use super::tile::{TILE, TileOut, Water};
use crate::flood::run::Peaks;
use crate::geo::Grid;

/// Added to the speed in the hazard rating (m/s).
const HAZARD_SPEED: f32 = 0.5;
/// Unit of times (s) at first: runs of up to a minute keep it. After two hours it is an eighth of a second, after a day 2 s.
const FIRST_UNIT_S: f64 = 1.0 / 1024.0;
/// Arrival of water that has not come.
const NEVER: u16 = u16::MAX;
/// Largest count of units; one less than [`NEVER`].
const LONGEST: f64 = 65_534.0;
/// Velocities are kept in this share of 1 m/s, up to [`FASTEST_M_PER_S`].
const PER_M_PER_S: f32 = 1000.0;
/// Fastest velocity (m/s) that is told apart.
const FASTEST_M_PER_S: f32 = 32.767;

/// Largest values of one row of a tile.
#[derive(Clone, Copy, Debug)]
pub struct PeakRow {
    depth_m: [f32; TILE],
    /// Velocity at the largest speed, to the east and to the south (mm/s).
    u: [i16; TILE],
    v: [i16; TILE],
    /// See [`short`].
    hazard: [u16; TILE],
    /// Times in units.
    depth_time: [u16; TILE],
    arrival: [u16; TILE],
    above: [[u16; TILE]; 2],
}

/// Bytes of a row.
const ROW_BYTES: usize = size_of::<PeakRow>();

impl PeakRow {
    const NOTHING: Self = Self {
        depth_m: [0.0; TILE],
        u: [0; TILE],
        v: [0; TILE],
        hazard: [0; TILE],
        depth_time: [0; TILE],
        arrival: [NEVER; TILE],
        above: [[0; TILE]; 2],
    };
}

/// Largest values, row of a tile after row of a tile: the values of one row lie together, as arrays a multiple of 4096 bytes apart
/// push each other out of the cache.
#[derive(Clone, Debug)]
pub struct PeakTiles {
    grid: Grid,
    across: usize,
    rows: Vec<PeakRow>,
    last_s: f64,
    unit_s: f64,
}

/// When a look takes place, in units.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    time: u16,
    /// Since the last look. Differences of one rounded time: they add up.
    passed: u16,
}

impl PeakTiles {
    /// Nothing seen yet.
    pub fn new(grid: Grid, tiles: [usize; 2]) -> Self {
        Self {
            grid,
            across: tiles[0],
            rows: vec![PeakRow::NOTHING; tiles[0] * tiles[1] * TILE],
            last_s: 0.0,
            unit_s: FIRST_UNIT_S,
        }
    }

    /// Time (s) of the last look.
    pub fn last_s(&self) -> f64 {
        self.last_s
    }

    /// A time (s) in units.
    fn units(&self, time_s: f64) -> u16 {
        (time_s / self.unit_s).round() as u16
    }

    /// A look at the state at a time (s). [`PeakTiles::look`] carries it out before the next one begins, or the next pass does, which has
    /// each tile in the cache anyway.
    pub fn begin_look(&mut self, time_s: f64) -> Look {
        while time_s / self.unit_s > LONGEST {
            self.unit_s *= 2.0;
            self.rows.par_iter_mut().for_each(halve);
        }
        let time = self.units(time_s);
        let passed = time - self.units(self.last_s);
        self.last_s = time_s;
        Look { time, passed }
    }

    /// Takes a state into account.
    pub fn look<T: Real>(
        &mut self,
        level: Level,
        water: &Water<T>,
        storage: &[T],
        outs: &[TileOut],
        at: Look,
    ) {
        self.tiles_mut()
            .enumerate()
            .filter(|(tile, _)| outs[*tile].wet)
            .for_each(|(tile, rows)| look(level, rows, water, storage, tile, at));
    }

    /// Values of each tile.
    pub fn tiles_mut(&mut self) -> ChunksMut<'_, PeakRow> {
        self.rows.par_chunks_mut(TILE)
    }

    /// On the grid; `open` says whether a place in tile order is in the domain.
    pub fn to_grid(&self, open: impl Fn(usize) -> bool) -> Peaks {
        let array = |value: &dyn Fn(&PeakRow, usize) -> f32| -> Vec<f32> {
            let mut out = vec![f32::NAN; self.grid.len()];
            for row in 0..self.grid.rows {
                for col in 0..self.grid.cols {
                    let at = place(self.across, row, col);
                    if open(at) {
                        out[self.grid.index(row, col)] = value(&self.rows[at / TILE], at % TILE);
                    }
                }
            }
            out
        };
        let seconds = |units: u16| (f64::from(units) * self.unit_s) as f32;
        let speed = |stored: i16| f32::from(stored) / PER_M_PER_S;
        Peaks {
            depth_m: array(&|row, i| row.depth_m[i]),
            depth_time_s: array(&|row, i| seconds(row.depth_time[i])),
            u: array(&|row, i| speed(row.u[i])),
            // Kept to the south, given to the north.
            v: array(&|row, i| -speed(row.v[i])),
            hazard: array(&|row, i| long(row.hazard[i])),
            arrival_s: array(&|row, i| match row.arrival[i] {
                NEVER => f32::NAN,
                units => seconds(units),
            }),
            above_s: [0, 1].map(|k| array(&|row, i| seconds(row.above[k][i]))),
        }
    }

    /// Everything that a checkpoint must hold.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.byte_count());
        out.extend(self.last_s.to_le_bytes());
        out.extend(self.unit_s.to_le_bytes());
        for row in &self.rows {
            row.depth_m.iter().for_each(|x| out.extend(x.to_le_bytes()));
            for values in [&row.u, &row.v] {
                values.iter().for_each(|x| out.extend(x.to_le_bytes()));
            }
            let [above_a, above_b] = &row.above;
            for values in [&row.hazard, &row.depth_time, &row.arrival, above_a, above_b] {
                values.iter().for_each(|x| out.extend(x.to_le_bytes()));
            }
        }
        out
    }

    /// Takes over [`PeakTiles::bytes`] of a run with the same grid.
    pub fn set(&mut self, bytes: &[u8]) {
        let mut bytes = Bytes(bytes);
        self.last_s = f64::from_le_bytes(bytes.next());
        self.unit_s = f64::from_le_bytes(bytes.next());
        for row in &mut self.rows {
            row.depth_m.fill_with(|| f32::from_le_bytes(bytes.next()));
            for values in [&mut row.u, &mut row.v] {
                values.fill_with(|| i16::from_le_bytes(bytes.next()));
            }
            let [above_a, above_b] = &mut row.above;
            let PeakRow {
                hazard,
                depth_time,
                arrival,
                ..
            } = row;
            for values in [hazard, depth_time, arrival, above_a, above_b] {
                values.fill_with(|| u16::from_le_bytes(bytes.next()));
            }
        }
    }

    /// Bytes of its arrays.
    pub fn bytes_held(&self) -> usize {
        size_of_val(self.rows.as_slice())
    }

    /// Length of [`PeakTiles::bytes`].
    pub fn byte_count(&self) -> usize {
        16 + ROW_BYTES * self.rows.len()
    }
}

/// Reads numbers one after the other; zeros beyond the end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next<const N: usize>(&mut self) -> [u8; N] {
        let Some((head, rest)) = self.0.split_first_chunk::<N>() else {
            return [0; N];
        };
        self.0 = rest;
        *head
    }
}

/// Times in units twice as long, halves rounded to even.
fn halve(row: &mut PeakRow) {
    let half = |units: &mut u16| *units = *units / 2 + u16::from(*units % 4 == 3);
    row.depth_time.iter_mut().for_each(half);
    let came = row.arrival.iter_mut().filter(|units| **units != NEVER);
    came.for_each(half);
    row.above.as_flattened_mut().iter_mut().for_each(half);
}

/// Adding 1.5 * 2^23 rounds to whole numbers, and leaves them in the low bits.
const WHOLE: f32 = 12_582_912.0;

/// A velocity (m/s) in millimetres per second, whole and within bounds, with [`WHOLE`] added.
#[inline(always)]
fn whole(velocity: f32) -> f32 {
    smaller(larger(velocity, -FASTEST_M_PER_S), FASTEST_M_PER_S) * PER_M_PER_S + WHOLE
}

/// Digits of f32 that a [`short`] number has not.
const CUT: u32 = 12;
/// Bits of 2^-14 as f32: the smallest [`short`] number but zero, which is 1.
const LEAST: u32 = 113 << 23;
/// What stands for zero and less, and the largest [`short`] number, as f32.
const BOUNDS: [f32; 2] = [
    f32::from_bits(LEAST - (1 << CUT)),
    f32::from_bits(LEAST + ((u16::MAX as u32 - 1) << CUT)),
];

/// A positive number with 12 binary digits (right to 1 in 4,096) and 5 of exponent, from 2^-14 to 2^18; in the order of the numbers
/// themselves. Smaller ones are zero, and what is no number too.
#[inline(always)]
fn short(x: f32) -> u32 {
    let [low, high] = BOUNDS;
    // In one sum: rounding, and the smallest number to 1.
    let offset = (1 << (CUT - 1)) + (1 << CUT) - LEAST.cast_signed();
    (smaller(larger(x, low), high)
        .to_bits()
        .wrapping_add_signed(offset))
        >> CUT
}

/// The number that a [`short`] one stands for.
fn long(x: u16) -> f32 {
    match u32::from(x) {
        0 => 0.0,
        x => f32::from_bits(((x - 1) << CUT) + LEAST),
    }
}

/// Row by row; compiled for the instruction set of the caller.
#[inline(always)]
pub(super) fn look_at_tile<T: Real>(
    rows: &mut [PeakRow],
    w: &[f64],
    u: &[T],
    v: &[T],
    storage: &[T],
    at: Look,
) {
    let Look { time, passed } = at;
    let [a, b] = Peaks::THRESHOLDS_M;
    for (row, new) in rows.iter_mut().enumerate() {
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
        // Read in one go, in the order of memory, and written elsewhere: written over what they are compared with, new values would
        // become stores under a mask, which some processors take twenty times as long for. Loops over 16 and 32 bits stay apart.
        let old = *new;
        let [u0, v0] = [&old.u, &old.v].map(|values| values.map(f32::from));
        let [mut u1, mut v1] = [[0_i32; TILE]; 2];
        let mut hazard = [0_u32; TILE];
        let mut deeper = [0_i16; TILE];
        let mut faster = [0_i16; TILE];
        let mut arrives = [0_i16; TILE];
        let mut above = [[0_i16; TILE]; 2];
        for i in 0..TILE {
            let (h, u, v) = (h[i], us[i], vs[i]);
            deeper[i] = mask(h > old.depth_m[i]);
            new.depth_m[i] = larger(h, old.depth_m[i]);
            // As they are kept, or rounding would let slower and slower velocities in.
            let (u_whole, v_whole) = (whole(u), whole(v));
            (u1[i], v1[i]) = (
                u_whole.to_bits().cast_signed(),
                v_whole.to_bits().cast_signed(),
            );
            let (new_u, new_v) = (u_whole - WHOLE, v_whole - WHOLE);
            let swifter = new_u * new_u + new_v * new_v > u0[i] * u0[i] + v0[i] * v0[i];
            faster[i] = mask((h > Peaks::SPEED_DEPTH_M) & swifter);
            let speed = (u * u + v * v).sqrt();
            hazard[i] = short(h * (speed + HAZARD_SPEED));
            arrives[i] = mask(h > Peaks::ARRIVAL_DEPTH_M);
            above[0][i] = mask(h > a);
            above[1][i] = mask(h > b);
        }
        for i in 0..TILE {
            new.u[i] = (u1[i] as i16 & faster[i]) | (old.u[i] & !faster[i]);
            new.v[i] = (v1[i] as i16 & faster[i]) | (old.v[i] & !faster[i]);
            new.hazard[i] = old.hazard[i].max(hazard[i] as u16);
        }
        for i in 0..TILE {
            let deeper = deeper[i].cast_unsigned();
            new.depth_time[i] = (time & deeper) | (old.depth_time[i] & !deeper);
            // The first time: the smallest of those with water there, as NEVER is the largest.
            new.arrival[i] = old.arrival[i].min(time | !arrives[i].cast_unsigned());
            for k in 0..2 {
                // Rounded with each new unit, a duration could come to be longer than the run.
                let longer = old.above[k][i] + (passed & above[k][i].cast_unsigned());
                new.above[k][i] = longer.min(time);
            }
        }
    }
}

/// All bits for true.
#[inline(always)]
fn mask(condition: bool) -> i16 {
    -i16::from(condition)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::kernel::tile::CELLS;

    const GRID: Grid = Grid {
        west: 0.0,
        north: 64.0,
        cell_m: 1.0,
        cols: TILE,
        rows: TILE,
    };

    /// Looks at one tile with the same depth (m) and velocity to the east (m/s) everywhere.
    fn look_at(peaks: &mut PeakTiles, time_s: f64, depth_m: f64, u: f32) {
        let water = Water {
            w: vec![depth_m; CELLS],
            u: vec![u; CELLS],
            v: vec![0.0; CELLS],
        };
        let wet = TileOut {
            wet: true,
            ..TileOut::default()
        };
        let at = peaks.begin_look(time_s);
        peaks.look(Level::best(), &water, &[], &[wet], at);
    }

    #[test]
    fn times_of_a_long_run_stay_right_to_its_unit() {
        // Two days: the unit doubles four times.
        let mut peaks = PeakTiles::new(GRID, [1, 1]);
        let looks = (1..24_000).map(|k| 7.3 * f64::from(k));
        let depth_m = |time_s: f64| match time_s {
            0.0..1000.0 => 0.0,
            1000.0..50_000.0 => 0.2,
            _ => 0.15,
        };
        looks
            .clone()
            .for_each(|t| look_at(&mut peaks, t, depth_m(t), 0.0));
        let found = peaks.to_grid(|_| true);
        let before = looks.clone().filter(|&t| t < 1000.0).fold(0.0, f64::max);
        let last = looks.fold(0.0, f64::max);
        // The unit is 4 s now; each doubling rounds by half a unit at most, and so do begin and end.
        let near = |value: f32, want_s: f64| (f64::from(value) - want_s).abs() <= 4.0;
        assert!(
            near(found.arrival_s[9], before + 7.3),
            "{}",
            found.arrival_s[9]
        );
        assert!(near(found.depth_time_s[9], before + 7.3));
        assert!(
            near(found.above_s[0][9], last - before),
            "{}",
            found.above_s[0][9]
        );
        assert_eq!(found.above_s[1][9], 0.0);
        assert_eq!(found.depth_m[9], 0.2_f32);
    }

    #[test]
    fn times_of_a_run_of_hours_are_right_to_an_eighth_of_a_second() {
        let mut peaks = PeakTiles::new(GRID, [1, 1]);
        look_at(&mut peaks, 100.1, 0.2, 0.0);
        look_at(&mut peaks, 7000.4, 0.3, 0.0);
        look_at(&mut peaks, 7001.0, 0.0, 0.0);
        let found = peaks.to_grid(|_| true);
        assert!((found.arrival_s[0] - 100.1).abs() <= 0.125);
        assert!((found.depth_time_s[0] - 7000.4).abs() <= 0.0625);
        // A duration has the rounding of its begin and its end.
        assert!((found.above_s[0][0] - 7000.4).abs() <= 0.125);
    }

    /// The largest count of units, after a doubling that rounded a duration up.
    #[test]
    fn a_duration_is_never_longer_than_the_run() {
        let mut peaks = PeakTiles::new(GRID, [1, 1]);
        let unit_s = FIRST_UNIT_S;
        for units in [
            65_533.0, 65_536.0, 131_067.6, 131_071.6, 262_135.0, 300_000.0,
        ] {
            look_at(&mut peaks, units * unit_s, 0.2, 0.0);
            let above_s = f64::from(peaks.to_grid(|_| true).above_s[0][0]);
            assert!(
                (above_s / (units * unit_s) - 1.0).abs() < 4e-5,
                "{units}: {above_s}"
            );
        }
    }

    #[test]
    fn velocities_are_kept_to_half_a_millimetre_and_within_bounds() {
        for (u, kept) in [
            (1.2344, 1.234),
            (-0.0006, -0.001),
            (50.0, 32.767),
            (-50.0, -32.767),
        ] {
            let mut peaks = PeakTiles::new(GRID, [1, 1]);
            look_at(&mut peaks, 1.0, 1.0, u);
            assert_eq!(peaks.to_grid(|_| true).u[70], kept);
        }
    }

    #[test]
    fn hazards_are_right_to_twelve_binary_digits_and_in_order() {
        let numbers = (0..4000)
            .map(|k| 7e-5 * 1.005_f32.powi(k))
            .take_while(|&x| x < 2.6e5);
        let mut before = 0;
        for x in numbers {
            let kept = short(x);
            assert!(kept >= before && kept <= u32::from(u16::MAX), "{x}");
            before = kept;
            assert!((long(kept as u16) / x - 1.0).abs() <= 1.0 / 4096.0, "{x}");
        }
        // Limits of the classes are kept as they are; films and what no water reaches have none.
        for x in [0.75, 1.25, 2.0] {
            assert_eq!(long(short(x) as u16), x);
        }
        for (x, kept) in [
            (0.0, 0.0),
            (-0.0, 0.0),
            (-1e-6, 0.0),
            (f32::NAN, 0.0),
            (6e-5, 0.0),
            (1e9, long(u16::MAX)),
        ] {
            assert_eq!(long(short(x) as u16), kept);
        }
    }

    #[test]
    fn bytes_bring_everything_back() {
        let mut peaks = PeakTiles::new(GRID, [1, 1]);
        look_at(&mut peaks, 40_000.0, 0.2, 1.5);
        let mut other = PeakTiles::new(GRID, [1, 1]);
        let bytes = peaks.bytes();
        assert_eq!(bytes.len(), peaks.byte_count());
        other.set(&bytes);
        assert_eq!(other.bytes(), bytes);
        assert_eq!(other.to_grid(|_| true).arrival_s[5], 40_000.0);
    }
}
