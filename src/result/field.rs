//! A field: one value per cell of a raster or per receiver.

use std::sync::Arc;

use crate::geo::Grid;
use crate::sun::Receivers;

/// Named values with unit, legend and meaning.
#[derive(Clone, Debug)]
pub struct Field {
    /// Stable id, also the file name of the layer: `sun_hours_ground_2027-03-21`.
    pub id: String,
    /// Text key of the quantity, e.g. `quantity-sun-hours`.
    pub quantity: &'static str,
    /// Unit of the values, e.g. `h`.
    pub unit: &'static str,
    /// Legend in `assets/legends.csv` or continuous map in `result::legend`; empty for values that are no colours (directions
    /// become arrows).
    pub legend: &'static str,
    /// Legend of differences (variant minus baseline); empty where a difference says nothing.
    pub difference_legend: &'static str,
    /// Day the values belong to (YYYY-MM-DD), if any.
    pub date: Option<String>,
    /// Direction (degrees clockwise from north) from which the wind comes, if the values belong to one.
    pub from_deg: Option<f64>,
    /// Text key that names plane and statistic, e.g. `plane-ground`.
    pub plane: &'static str,
    /// Values.
    pub data: FieldData,
}

/// Where the values sit. NaN means no value (inside a building, outside the terrain).
#[derive(Clone, Debug)]
pub enum FieldData {
    /// `[rows][cols]`, row 0 in the north, local frame.
    Raster {
        /// Cells.
        grid: Grid,
        /// Values at cell centres.
        values: Arc<Vec<f32>>,
    },
    /// One value per receiver of `range`.
    Receivers {
        /// All receivers of the study.
        receivers: Arc<Receivers>,
        /// Receivers this field covers, e.g. the facades.
        range: std::ops::Range<usize>,
        /// One value per receiver of the range.
        values: Arc<Vec<f32>>,
    },
}
