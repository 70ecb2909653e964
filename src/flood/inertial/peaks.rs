//! Largest values of the preview, looked at every few seconds.

use rayon::prelude::*;

use crate::flood::run::Peaks;

/// Largest values of one cell; fields as in [`Peaks`].
#[derive(Clone)]
pub struct PeakCell {
    depth_m: f32,
    depth_time_s: f32,
    u: f32,
    v: f32,
    speed: f32,
    hazard: f32,
    arrival_s: f32,
    above_s: [f32; 2],
}

const NOTHING: PeakCell = PeakCell {
    depth_m: 0.0,
    depth_time_s: 0.0,
    u: 0.0,
    v: 0.0,
    speed: 0.0,
    hazard: 0.0,
    arrival_s: f32::NAN,
    above_s: [0.0; 2],
};

/// Added to the speed in the hazard rating (m/s).
const HAZARD_SPEED: f32 = 0.5;

/// Largest values of all cells.
#[derive(Clone)]
pub struct PeakCells {
    cells: Vec<PeakCell>,
    last_s: f64,
}

impl PeakCells {
    pub fn new(cells: usize) -> Self {
        Self {
            cells: vec![NOTHING; cells],
            last_s: 0.0,
        }
    }

    pub fn last_s(&self) -> f64 {
        self.last_s
    }

    /// Takes a state at `time_s` into account, given depth (m) and velocity (east, north; m/s) of a cell; durations grow by
    /// the time since the last look. `row_is_wet` lets rows without water pass.
    pub fn look(
        &mut self,
        time_s: f64,
        cols: usize,
        row_is_wet: impl Fn(usize) -> bool + Sync,
        state: impl Fn(usize) -> (f32, [f32; 2]) + Sync,
    ) {
        let passed = (time_s - self.last_s) as f32;
        self.last_s = time_s;
        let rows = self.cells.par_chunks_mut(cols).enumerate();
        rows.filter(|(row, _)| row_is_wet(*row))
            .for_each(|(row, cells)| {
                for (col, cell) in cells.iter_mut().enumerate() {
                    let (depth, velocity) = state(row * cols + col);
                    if depth > 0.0 {
                        cell.look(depth, velocity, time_s as f32, passed);
                    }
                }
            });
    }

    /// As arrays, NaN where not `open`.
    pub fn to_peaks(&self, open: &[bool]) -> Peaks {
        let array = |value: fn(&PeakCell) -> f32| -> Vec<f32> {
            let cells = self.cells.iter().zip(open);
            cells
                .map(|(cell, &open)| if open { value(cell) } else { f32::NAN })
                .collect()
        };
        Peaks {
            depth_m: array(|c| c.depth_m),
            depth_time_s: array(|c| c.depth_time_s),
            u: array(|c| c.u),
            v: array(|c| c.v),
            hazard: array(|c| c.hazard),
            arrival_s: array(|c| c.arrival_s),
            above_s: [array(|c| c.above_s[0]), array(|c| c.above_s[1])],
        }
    }
}

impl PeakCell {
    fn look(&mut self, depth: f32, [u, v]: [f32; 2], time: f32, passed: f32) {
        if depth > self.depth_m {
            (self.depth_m, self.depth_time_s) = (depth, time);
        }
        if depth > Peaks::ARRIVAL_DEPTH_M && self.arrival_s.is_nan() {
            self.arrival_s = time;
        }
        for (above, limit) in self.above_s.iter_mut().zip(Peaks::THRESHOLDS_M) {
            if depth > limit {
                *above += passed;
            }
        }
        let speed = (u * u + v * v).sqrt();
        if depth >= Peaks::SPEED_DEPTH_M && speed > self.speed {
            (self.speed, self.u, self.v) = (speed, u, v);
        }
        self.hazard = self.hazard.max(depth * (speed + HAZARD_SPEED));
    }
}
