//! What a water solver needs, as plain arrays: the ground, what limits and what feeds the water on it.
//!
//! Shapes are `[rows][cols]` of [`Domain::grid`], row 0 in the north. Lengths in m, heights in m above datum, time in s since
//! the start. Velocities are `(u, v)` with u to the east and v to the **north**.

use crate::geo::Grid;

/// Ground and limits of the water.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Cells.
    pub grid: Grid,
    /// Height of the bed (m above datum) at cell centres; any value where `open` is false.
    pub bed_m: Vec<f64>,
    /// Manning's n (s/m^(1/3)).
    pub manning_n: Vec<f32>,
    /// False where no water can be: building holes, cells outside the terrain. Their edges are closed walls.
    pub open: Vec<bool>,
    /// Faces with a crest above both neighbouring beds: flood walls, barriers, kerbs, dikes thinner than a cell.
    pub crests: Vec<Crest>,
    /// Storage and conveyance of partly built cells; `None` when all open cells are free.
    pub porosity: Option<Porosity>,
    /// Open edges. All other edges of the grid are closed walls.
    pub boundaries: Vec<Boundary>,
}

/// Direction across a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// Between west and east neighbours.
    X,
    /// Between north and south neighbours.
    Y,
}

/// A face between two cells, or at the edge of the grid.
///
/// `Axis::X`: the western face of cell (row, col), col 0 to cols. `Axis::Y`: the northern face of cell (row, col), row 0 to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Face {
    /// Direction across it.
    pub axis: Axis,
    /// Row, 0 in the north.
    pub row: usize,
    /// Column, 0 in the west.
    pub col: usize,
}

/// A crest on a face.
#[derive(Clone, Debug, PartialEq)]
pub struct Crest {
    /// Where.
    pub face: Face,
    /// Height of its top (m above datum); infinite for a closed face.
    pub crest_m: f64,
    /// A breach: from `start_s` on the crest sinks linearly to `sill_m`, reached at `end_s`.
    pub breach: Option<Breach>,
}

/// Lowering of a crest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Breach {
    /// Begin (s).
    pub start_s: f64,
    /// End (s), not before `start_s`.
    pub end_s: f64,
    /// Height (m above datum) that is left.
    pub sill_m: f64,
}

impl Crest {
    /// Height (m above datum) at a time (s).
    pub fn at(&self, time_s: f64) -> f64 {
        let Some(breach) = self.breach else {
            return self.crest_m;
        };
        if time_s < breach.start_s {
            return self.crest_m;
        }
        let length = breach.end_s - breach.start_s;
        let share = if length > 0.0 {
            ((time_s - breach.start_s) / length).min(1.0)
        } else {
            1.0
        };
        let sill = breach.sill_m.min(self.crest_m);
        self.crest_m + share * (sill - self.crest_m)
    }
}

/// Partly built cells of a coarse grid (anisotropic porosity, Sanders et al. 2008, doi:10.1016/j.jhydrol.2008.02.021).
#[derive(Clone, Debug)]
pub struct Porosity {
    /// Free share of the area of each cell, 0 (exclusive) to 1.
    pub storage: Vec<f32>,
    /// Free share of the western face of each cell, `[rows][cols + 1]`, 0 to 1.
    pub conveyance_x: Vec<f32>,
    /// Free share of the northern face of each cell, `[rows + 1][cols]`, 0 to 1.
    pub conveyance_y: Vec<f32>,
}

/// An open edge of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    /// Name in the ledger.
    pub id: String,
    /// Faces at the edge of the grid (`X` with col 0 or cols, `Y` with row 0 or rows). Each face belongs to one boundary.
    pub faces: Vec<Face>,
    /// What holds there.
    pub kind: BoundaryKind,
}

/// What holds at an open edge.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundaryKind {
    /// Water leaves freely (zero gradient); nothing comes back.
    Free,
    /// Outflow at normal depth of this slope (-).
    NormalDepth {
        /// Slope of the bed beyond the edge (-), positive.
        slope: f64,
    },
    /// Water level (m above datum) over time, radiating (Riemann invariant) while the flow is subcritical.
    Level {
        /// (s, m above datum).
        series: Series,
    },
    /// Total discharge (m³/s, positive into the grid) over time, shared by depth^(5/3) of the inner cells.
    Discharge {
        /// (s, m³/s).
        series: Series,
        /// Depth (m) for supercritical inflow, where two values must be given; `None` for subcritical flow.
        depth_m: Option<f64>,
    },
}

/// A value over time, linear between its points and constant beyond its ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Times (s), strictly rising.
    pub times_s: Vec<f64>,
    /// Values.
    pub values: Vec<f64>,
}

impl Series {
    /// The same value at all times.
    pub fn constant(value: f64) -> Self {
        Self {
            times_s: vec![0.0],
            values: vec![value],
        }
    }

    /// Value at a time; NaN for an empty series.
    pub fn at(&self, time_s: f64) -> f64 {
        let after = self.times_s.partition_point(|&t| t <= time_s);
        match (after.checked_sub(1), self.times_s.get(after)) {
            (_, None) => self.values.last().copied().unwrap_or(f64::NAN),
            (None, Some(_)) => self.values[0],
            (Some(i), Some(&next)) => {
                let share = (time_s - self.times_s[i]) / (next - self.times_s[i]);
                self.values[i] + share * (self.values[i + 1] - self.values[i])
            }
        }
    }

    /// Integral from `from_s` to `to_s` (value times s), exact for the piecewise linear curve.
    pub fn integral(&self, from_s: f64, to_s: f64) -> f64 {
        let mut sum = 0.0;
        let mut left = from_s;
        let inner = self
            .times_s
            .iter()
            .copied()
            .filter(|&t| t > from_s && t < to_s);
        for right in inner.chain([to_s]) {
            sum += 0.5 * (self.at(left) + self.at(right)) * (right - left);
            left = right;
        }
        sum
    }
}

/// What feeds and drains the water, beside the boundaries.
#[derive(Clone, Debug, Default)]
pub struct Forcing {
    /// Fallen rain (m) since the start over time, one curve per zone; never falling. Empty: no rain.
    pub rain_m: Vec<Series>,
    /// Zone of each cell, an index into `rain_m`; empty: zone 0 everywhere.
    pub rain_zone: Vec<u16>,
    /// Factor on the rain of each cell; empty: 1 everywhere. More than 1 where roofs drain to, 0 where the rain goes to a sewer.
    /// It falls on the whole cell, whatever its free share.
    pub rain_factor: Vec<f32>,
    /// Infiltration laws.
    pub infiltration: Vec<Infiltration>,
    /// Law of each cell: 0 for none, else index + 1 into `infiltration`; empty: none.
    pub infiltration_class: Vec<u8>,
    /// Share of each cell (0 to 1) through which water can infiltrate (1 minus the sealed share); empty: 1.
    pub unsealed: Vec<f32>,
    /// Water (m/s) that the sewer takes from each cell while there is any; empty: none.
    pub sewer_m_per_s: Vec<f32>,
    /// Street inlets.
    pub inlets: Vec<Inlet>,
    /// Discharges into cells.
    pub inflows: Vec<Inflow>,
    /// Culverts and underpasses.
    pub culverts: Vec<Culvert>,
}

/// A law of infiltration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Infiltration {
    /// Constant rate (m/s).
    Constant {
        /// Rate (m/s).
        rate_m_per_s: f64,
    },
    /// Green & Ampt 1911.
    GreenAmpt {
        /// Saturated hydraulic conductivity K (m/s).
        conductivity_m_per_s: f64,
        /// Suction head ψ at the wetting front (m).
        suction_m: f64,
        /// Moisture deficit Δθ (-).
        deficit: f64,
    },
    /// SCS curve number (NRCS NEH-4 chapter 10): potential retention S = 25.4 mm (1000/CN - 10), initial abstraction 0.2 S.
    Scs {
        /// CN, above 0 to 100.
        curve_number: f64,
    },
}

/// A street inlet (grate): weir, then orifice, never more than its capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct Inlet {
    /// Name in the ledger.
    pub id: String,
    /// Cell as index into the arrays of the domain.
    pub cell: usize,
    /// Wetted perimeter (m).
    pub perimeter_m: f64,
    /// Clear area (m²).
    pub area_m2: f64,
    /// Largest discharge (m³/s) that the sewer below takes; infinite without limit.
    pub capacity_m3_per_s: f64,
}

/// A discharge into cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Inflow {
    /// Name in the ledger.
    pub id: String,
    /// Cells that share it equally.
    pub cells: Vec<usize>,
    /// (s, m³/s), not negative.
    pub series: Series,
}

/// A culvert or underpass: water goes from the cell with the higher level to the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Culvert {
    /// Name in the ledger.
    pub id: String,
    /// Cells at both ends.
    pub cells: [usize; 2],
    /// Invert heights (m above datum) at both ends.
    pub invert_m: [f64; 2],
    /// Length (m).
    pub length_m: f64,
    /// Cross-section.
    pub section: CulvertSection,
    /// Manning's n of its walls (s/m^(1/3)).
    pub manning_n: f64,
    /// Sum of entry and exit loss coefficients (-).
    pub losses: f64,
}

/// Cross-section of a culvert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CulvertSection {
    /// Pipe.
    Circle {
        /// Inner diameter (m).
        diameter_m: f64,
    },
    /// Box, or the passage of an underpass.
    Box {
        /// Clear width (m).
        width_m: f64,
        /// Clear height (m).
        height_m: f64,
    },
}

/// Water at the start.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Depth (m); empty: dry.
    pub depth_m: Vec<f64>,
    /// Velocity to the east (m/s); empty: at rest.
    pub u: Vec<f32>,
    /// Velocity to the north (m/s); empty: at rest.
    pub v: Vec<f32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_linear_inside_and_constant_outside() {
        let s = Series {
            times_s: vec![10.0, 20.0, 40.0],
            values: vec![1.0, 3.0, 1.0],
        };
        assert_eq!(
            [0.0, 10.0, 15.0, 20.0, 30.0, 99.0].map(|t| s.at(t)),
            [1.0, 1.0, 2.0, 3.0, 2.0, 1.0]
        );
        assert_eq!(s.integral(0.0, 50.0), 10.0 + 20.0 + 40.0 + 10.0);
        assert_eq!(
            s.integral(15.0, 25.0),
            0.5 * (2.0 + 3.0) * 5.0 + 0.5 * (3.0 + 2.5) * 5.0
        );
        assert!(Series::default().at(1.0).is_nan());
    }

    #[test]
    fn a_breach_sinks_linearly_and_never_rises() {
        let mut crest = Crest {
            face: Face {
                axis: Axis::X,
                row: 0,
                col: 1,
            },
            crest_m: 6.0,
            breach: Some(Breach {
                start_s: 100.0,
                end_s: 200.0,
                sill_m: 2.0,
            }),
        };
        assert_eq!(
            [99.0, 100.0, 150.0, 200.0, 900.0].map(|t| crest.at(t)),
            [6.0, 6.0, 4.0, 2.0, 2.0]
        );
        crest.crest_m = 1.0;
        assert_eq!(crest.at(900.0), 1.0);
    }
}
