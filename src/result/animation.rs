//! States of the water over time, for the time slider and the moving surface. Not written to files as a whole.

use std::sync::Arc;

use crate::geo::Grid;

/// Water over time.
#[derive(Clone, Debug)]
pub struct Animation {
    /// Cells of all arrays, local frame.
    pub grid: Grid,
    /// Height of the bed (m above datum) that the water stands on; NaN outside the domain.
    pub bed_m: Arc<Vec<f32>>,
    /// States, times rising.
    pub frames: Vec<AnimationFrame>,
}

/// State at one time.
#[derive(Clone, Debug)]
pub struct AnimationFrame {
    /// Time (s) since the start of the event.
    pub time_s: f64,
    /// Depth (m), `[rows][cols]`; NaN outside the domain.
    pub depth_m: Arc<Vec<f32>>,
    /// Velocity to the east (m/s).
    pub u: Arc<Vec<f32>>,
    /// Velocity to the north (m/s).
    pub v: Arc<Vec<f32>>,
}
