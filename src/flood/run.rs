//! What a run of a water solver gives, as plain arrays. Window, report and files are made from it in `result`.

use crate::geo::Grid;

/// Everything a run computed. Arrays are `[rows][cols]` of `grid`; NaN outside the domain.
#[derive(Clone, Debug)]
pub struct FloodRun {
    /// Cells.
    pub grid: Grid,
    /// How it was computed.
    pub method: Method,
    /// Simulated time (s).
    pub duration_s: f64,
    /// Time steps taken.
    pub steps: u64,
    /// Times that the draining limiter acted on a cell (it keeps depths from becoming negative; volume stays exact).
    pub limited_cells: u64,
    /// Largest values over the whole time.
    pub peaks: Peaks,
    /// Where the water came from and went.
    pub ledger: Ledger,
    /// Series at gauges.
    pub gauges: Vec<GaugeSeries>,
    /// States over time, the first at 0 s, the last at `duration_s`.
    pub frames: Vec<Frame>,
}

/// How a run was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Full shallow-water equations.
    Full {
        /// Order in space and time: 1 or 2.
        order: u8,
        /// True: velocities and fluxes in f64; false: in f32. Depths and volumes are exact in both.
        double: bool,
    },
    /// Local inertial equations: a preview, without advection.
    LocalInertial,
}

/// Largest values over the time of a run. NaN where the cell is outside the domain.
///
/// Of the full equations, times and durations are right to a 32,000th of the run (two hours: an eighth of a second), velocities to half a
/// millimetre per second and up to 32.767 m/s along each axis.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    /// Largest depth (m).
    pub depth_m: Vec<f32>,
    /// Time of the largest depth (s).
    pub depth_time_s: Vec<f32>,
    /// Velocity to the east (m/s) when the speed was largest.
    pub u: Vec<f32>,
    /// Velocity to the north (m/s) when the speed was largest.
    pub v: Vec<f32>,
    /// Largest depth times (speed + 0.5 m/s) (m²/s), right to 1 in 4,096: hazard rating without debris factor.
    pub hazard: Vec<f32>,
    /// First time (s) with more than [`Peaks::ARRIVAL_DEPTH_M`]; NaN where it never came.
    pub arrival_s: Vec<f32>,
    /// Time (s) with more than each of the two thresholds.
    pub above_s: [Vec<f32>; 2],
}

impl Peaks {
    /// Depth (m) from which water counts as arrived.
    pub const ARRIVAL_DEPTH_M: f32 = 0.05;
    /// Depths (m) of `above_s`.
    pub const THRESHOLDS_M: [f32; 2] = [0.1, 0.3];
    /// Depth (m) below which a speed is not a peak: films of rain run fast on roofs and slopes and are no danger.
    pub const SPEED_DEPTH_M: f32 = 0.01;
}

/// State at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Time (s).
    pub time_s: f64,
    /// Depth (m); NaN outside the domain.
    pub depth_m: Vec<f32>,
    /// Velocity to the east (m/s).
    pub u: Vec<f32>,
    /// Velocity to the north (m/s).
    pub v: Vec<f32>,
}

/// Series at one gauge.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeSeries {
    /// Name.
    pub id: String,
    /// Cell as index.
    pub cell: usize,
    /// Bed (m above datum) of the cell.
    pub bed_m: f64,
    /// Times (s).
    pub times_s: Vec<f64>,
    /// Depths (m).
    pub depth_m: Vec<f64>,
    /// Velocity to the east (m/s).
    pub u: Vec<f32>,
    /// Velocity to the north (m/s).
    pub v: Vec<f32>,
}

/// Where the water came from and went (m³). Every entry is the sum of the very numbers applied to the cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger {
    /// Water at the start.
    pub initial_m3: f64,
    /// Water at the end.
    pub stored_m3: f64,
    /// One entry per source or sink, in a fixed order.
    pub entries: Vec<LedgerEntry>,
    /// stored - initial - in + out; 0 up to the rounding of this very sum.
    pub error_m3: f64,
}

/// One source or sink.
#[derive(Clone, Debug, PartialEq)]
pub struct LedgerEntry {
    /// What it is.
    pub kind: LedgerKind,
    /// Name of the boundary, inlet or inflow; empty for rain, infiltration and sewer.
    pub id: String,
    /// Into the domain (m³).
    pub in_m3: f64,
    /// Out of the domain (m³).
    pub out_m3: f64,
}

/// Kinds of sources and sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LedgerKind {
    /// Rain that reached the cells.
    Rain,
    /// Infiltrated.
    Infiltration,
    /// Taken by the sewer over the area.
    Sewer,
    /// Taken by an inlet.
    Inlet,
    /// A discharge into cells.
    Inflow,
    /// Over an open edge.
    Boundary,
}

impl Ledger {
    /// Error relative to all water that ever was in the domain.
    pub fn relative_error(&self) -> f64 {
        let all = self.initial_m3 + self.entries.iter().map(|e| e.in_m3).sum::<f64>();
        if all > 0.0 {
            (self.error_m3 / all).abs()
        } else {
            self.error_m3.abs()
        }
    }

    /// Sum (in, out) of all entries of one kind (m³).
    pub fn sum(&self, kind: LedgerKind) -> (f64, f64) {
        let of_kind = self.entries.iter().filter(|e| e.kind == kind);
        of_kind.fold((0.0, 0.0), |(i, o), e| (i + e.in_m3, o + e.out_m3))
    }
}
