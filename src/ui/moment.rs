//! The water of an event at one moment: what the drawn surface, the value under the cursor and the section share, so that
//! all three show the same number.
//!
//! Between two states of the animation depths and velocities change linearly; between the centres of cells they are
//! interpolated over those cells that can hold water. A dry cell whose bed stands above the water beside it is a wall (a
//! house, a quay): the depth does not fade towards it.

use std::sync::Arc;

use crate::geo::Grid;
use crate::result::{Animation, SimulationResult};

use super::command::SHUTTLE;

/// Id under which the moving surface is shown, as fields are by theirs.
pub const WATER_NOW: &str = "flood_depth_now";

/// Id of the moving traffic among the fields.
pub const TRAFFIC_NOW: &str = "traffic_now";

/// Id of the moving shuttles among the fields.
pub const SHUTTLE_NOW: &str = "shuttle_now";

/// Id of what moves in a result of a simulation.
pub fn moving_id(simulation: &str) -> &'static str {
    if simulation == SHUTTLE {
        SHUTTLE_NOW
    } else {
        TRAFFIC_NOW
    }
}

/// True for the moving traffic and the moving shuttles.
pub fn is_moving(id: &str) -> bool {
    id == TRAFFIC_NOW || id == SHUTTLE_NOW
}

/// Water (m) below this depth is not drawn: films of rain are everywhere and mean nothing.
pub const SHOWN_DEPTH_M: f32 = 0.03;
/// A dry bed this much (m) above the water beside it is a wall, not a shore.
const WALL_M: f32 = 0.3;
/// Speeds of the event clock, times real time.
pub const SPEEDS: [f64; 9] = [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0];
/// Speed with which traffic begins: at 120 nobody sees a vehicle move.
pub const TRAFFIC_SPEED: f64 = 10.0;

/// Legends of the depth: of values and of differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepthLegends {
    /// Id of the legend of depths.
    pub depth: &'static str,
    /// Id of the legend of depth differences, if the result names one.
    pub difference: Option<&'static str>,
}

/// The legends that a result's own map of depths uses; those of heavy rain where it has none.
pub fn depth_legends(result: &SimulationResult) -> DepthLegends {
    let map = result
        .fields
        .iter()
        .find(|f| f.legend.starts_with("flood_depth"));
    DepthLegends {
        depth: map.map_or("flood_depth_pluvial_lubw", |f| f.legend),
        difference: map.map(|f| f.difference_legend),
    }
}

/// Water at one time.
#[derive(Clone, Debug)]
pub struct Moment {
    animation: Arc<Animation>,
    /// State at or before the time.
    before: usize,
    /// How far it is to the next one, 0 to 1.
    share: f32,
}

/// Water at one place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WaterAt {
    /// Depth (m).
    pub depth_m: f32,
    /// Level (m above datum).
    pub level_m: f32,
    /// Velocity to the east and north (m/s).
    pub velocity: [f32; 2],
}

impl WaterAt {
    /// Speed (m/s).
    pub fn speed(&self) -> f32 {
        self.velocity[0].hypot(self.velocity[1])
    }

    /// Hazard rating without debris factor (m²/s): depth times (speed + 0.5 m/s), Defra FD2320.
    pub fn hazard(&self) -> f32 {
        self.depth_m * (self.speed() + 0.5)
    }
}

/// What a cell holds for drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CellWater {
    /// Outside the domain, or a wall beside water.
    Closed,
    /// Depth (m), also 0.
    Open(f32),
}

impl Moment {
    /// The water at a time (s); before the first and after the last state it stays as it is there. `None` without states.
    pub fn new(animation: Arc<Animation>, time_s: f64) -> Option<Self> {
        let frames = &animation.frames;
        let last = frames.len().checked_sub(1)?;
        let after = frames.partition_point(|f| f.time_s <= time_s);
        let before = after.saturating_sub(1);
        let share = if before == last || after == 0 {
            0.0
        } else {
            let (a, b) = (frames[before].time_s, frames[before + 1].time_s);
            ((time_s - a) / (b - a)).clamp(0.0, 1.0) as f32
        };
        Some(Self {
            animation,
            before,
            share,
        })
    }

    /// The same with the way between two states in steps: 1 jumps from state to state.
    #[must_use]
    pub fn in_steps(mut self, steps: u32) -> Self {
        let steps = steps.max(1) as f32;
        self.share = (self.share * steps).round() / steps;
        if self.share >= 1.0 {
            self.before += 1;
            self.share = 0.0;
        }
        self
    }

    /// States over time.
    pub fn animation(&self) -> &Arc<Animation> {
        &self.animation
    }

    /// State and share of the way to the next in millionths: equal for equal moments of the same animation.
    pub fn mark(&self) -> (usize, u32) {
        (self.before, (self.share * 1e6) as u32)
    }

    /// Cells.
    pub fn grid(&self) -> &Grid {
        &self.animation.grid
    }

    /// Depth (m) of a cell; NaN outside the domain.
    pub fn depth_m(&self, cell: usize) -> f32 {
        self.between(cell, |f| &f.depth_m)
    }

    /// Bed (m above datum) of a cell.
    pub fn bed_m(&self, cell: usize) -> f32 {
        self.animation.bed_m[cell]
    }

    /// Velocity to the east and north (m/s) of a cell.
    pub fn velocity(&self, cell: usize) -> [f32; 2] {
        [self.between(cell, |f| &f.u), self.between(cell, |f| &f.v)]
    }

    fn between(
        &self,
        cell: usize,
        of: impl Fn(&crate::result::AnimationFrame) -> &Arc<Vec<f32>>,
    ) -> f32 {
        let frames = &self.animation.frames;
        let a = of(&frames[self.before])[cell];
        if self.share > 0.0 {
            a + self.share * (of(&frames[self.before + 1])[cell] - a)
        } else {
            a
        }
    }

    /// True when the cell has so much water that it is drawn.
    pub fn is_wet(&self, cell: usize) -> bool {
        self.depth_m(cell) >= SHOWN_DEPTH_M
    }

    /// What a cell holds for drawing.
    pub fn cell(&self, row: usize, col: usize) -> CellWater {
        let grid = self.grid();
        let cell = grid.index(row, col);
        let depth = self.depth_m(cell);
        if depth.is_nan() {
            return CellWater::Closed;
        }
        if depth >= SHOWN_DEPTH_M {
            return CellWater::Open(depth);
        }
        let bed = self.bed_m(cell);
        let level = neighbours(grid, row, col)
            .filter(|n| self.is_wet(*n))
            .map(|n| self.bed_m(n) + self.depth_m(n))
            .fold(f32::NEG_INFINITY, f32::max);
        if level.is_finite() && bed > level + WALL_M {
            CellWater::Closed
        } else {
            CellWater::Open(depth)
        }
    }

    /// Water at a local (x, y); `None` where nothing is drawn.
    pub fn at(&self, x: f64, y: f64) -> Option<WaterAt> {
        let grid = self.grid();
        let across = (x - grid.west) / grid.cell_m - 0.5;
        let down = (grid.north - y) / grid.cell_m - 0.5;
        let (col, row) = (across.floor(), down.floor());
        let (fx, fy) = ((across - col) as f32, (down - row) as f32);
        let mut sums = [0.0_f32; 6];
        for (dc, wx) in [(0.0, 1.0 - fx), (1.0, fx)] {
            for (dr, wy) in [(0.0, 1.0 - fy), (1.0, fy)] {
                let (c, r) = (col + dc, row + dr);
                let inside = c >= 0.0 && r >= 0.0 && c < grid.cols as f64 && r < grid.rows as f64;
                if !inside {
                    continue;
                }
                let (r, c) = (r as usize, c as usize);
                let CellWater::Open(depth) = self.cell(r, c) else {
                    continue;
                };
                let (weight, cell) = (wx * wy, grid.index(r, c));
                sums[0] += weight;
                sums[1] += weight * depth;
                if depth >= SHOWN_DEPTH_M {
                    let [u, v] = self.velocity(cell);
                    sums[2] += weight;
                    sums[3] += weight * (depth + self.bed_m(cell));
                    sums[4] += weight * u;
                    sums[5] += weight * v;
                }
            }
        }
        let depth_m = sums[1] / sums[0];
        (sums[2] > 0.0 && depth_m >= SHOWN_DEPTH_M).then(|| WaterAt {
            depth_m,
            level_m: sums[3] / sums[2],
            velocity: [sums[4] / sums[2], sums[5] / sums[2]],
        })
    }
}

/// The up to eight cells around a cell.
fn neighbours(grid: &Grid, row: usize, col: usize) -> impl Iterator<Item = usize> {
    let grid = *grid;
    let rows = row.saturating_sub(1)..=(row + 1).min(grid.rows - 1);
    rows.flat_map(move |r| {
        (col.saturating_sub(1)..=(col + 1).min(grid.cols - 1))
            .filter(move |c| (r, *c) != (row, col))
            .map(move |c| grid.index(r, c))
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::result::AnimationFrame;

    /// Cells of 1 m; one state per list of depths, a minute apart.
    pub fn animation(cols: usize, bed_m: Vec<f32>, depths: &[Vec<f32>]) -> Arc<Animation> {
        let grid = Grid {
            west: 0.0,
            north: (bed_m.len() / cols) as f64,
            cell_m: 1.0,
            cols,
            rows: bed_m.len() / cols,
        };
        let frames = depths
            .iter()
            .enumerate()
            .map(|(i, depth)| AnimationFrame {
                time_s: 60.0 * i as f64,
                depth_m: Arc::new(depth.clone()),
                u: Arc::new(vec![0.3; depth.len()]),
                v: Arc::new(vec![-0.4; depth.len()]),
            })
            .collect();
        Arc::new(Animation {
            grid,
            bed_m: Arc::new(bed_m),
            frames,
        })
    }

    #[test]
    fn between_two_states_the_depth_changes_linearly_and_ends_stay() {
        let a = animation(2, vec![1.0; 2], &[vec![0.0; 2], vec![0.8; 2]]);
        for (time, depth) in [
            (-5.0, 0.0),
            (0.0, 0.0),
            (15.0, 0.2),
            (60.0, 0.8),
            (900.0, 0.8),
        ] {
            let moment = Moment::new(a.clone(), time).unwrap();
            assert!((moment.depth_m(0) - depth).abs() < 1e-6, "{time}");
        }
        let jump = Moment::new(a, 31.0).unwrap().in_steps(1);
        assert_eq!(jump.mark(), (1, 0));
    }

    #[test]
    fn depth_fades_to_a_shore_but_not_to_a_wall() {
        // Level 2.0 beside a shore at 1.9 m and beside a quay at 5 m.
        let shore = animation(2, vec![1.0, 1.9], &[vec![1.0, 0.0]]);
        let quay = animation(2, vec![1.0, 5.0], &[vec![1.0, 0.0]]);
        let at = |a: &Arc<Animation>, x: f64| {
            let found = Moment::new(a.clone(), 0.0).unwrap().at(x, 0.5);
            found.map(|w| (w.depth_m, w.level_m))
        };
        assert_eq!(at(&shore, 0.5), Some((1.0, 2.0)));
        assert_eq!(at(&shore, 1.0), Some((0.5, 2.0)));
        assert_eq!(at(&quay, 1.0), Some((1.0, 2.0)));
        assert_eq!(at(&shore, 1.5), None);
    }

    #[test]
    fn hazard_is_depth_times_speed_and_a_half() {
        let a = animation(1, vec![0.0], &[vec![0.6]]);
        let water = Moment::new(a, 0.0).unwrap().at(0.5, 0.5).unwrap();
        assert!((water.speed() - 0.5).abs() < 1e-6 && (water.hazard() - 0.6).abs() < 1e-6);
    }
}
