//! What a map shows, as it is asked for.

use crate::city::City;
use crate::geo::Grid;
use crate::result::Field;
use crate::result::compare::ObjectDifference;
use crate::text::Texts;

use super::paper::Extent;

/// What a map shows.
pub struct MapSpec<'a> {
    /// Language.
    pub texts: &'a Texts,
    /// First line: quantity, place, day.
    pub title: String,
    /// Second line: scenario and variant.
    pub subtitle: String,
    /// City of the variant.
    pub city: &'a City,
    /// What the variant changed, to be drawn in the accent colour.
    pub changes: Option<&'a ObjectDifference>,
    /// Ground raster, coloured by its own legend.
    pub raster: Option<&'a Field>,
    /// Coloured lines along walls.
    pub walls: Option<WallLayer>,
    /// Arrows over the raster.
    pub arrows: Option<ArrowLayer<'a>>,
    /// Hatched cells.
    pub hatch: Option<HatchLayer<'a>>,
    /// Part of the city to show.
    pub extent: Extent,
    /// Width on paper (mm).
    pub width_mm: f64,
    /// Largest height of the map itself (mm), without title and legend.
    pub max_height_mm: f64,
    /// Attribution and licences.
    pub sources: String,
    /// Program version and hash.
    pub stamp: String,
}

/// Directions and speeds of water or wind, drawn as arrows of three lengths.
#[derive(Clone, Copy, Debug)]
pub struct ArrowLayer<'a> {
    /// Cells.
    pub grid: &'a Grid,
    /// Direction (degrees clockwise from grid north) that it flows to; NaN without.
    pub direction_deg: &'a [f32],
    /// Speed (m/s).
    pub speed_m_per_s: &'a [f32],
    /// Speeds (m/s) from which arrows are drawn, and the lengths (mm) they have, fastest first.
    pub lengths_mm: [(f32, f64); 3],
    /// Text key of the line in the legend.
    pub label: &'static str,
}

/// Cells without a class, hatched over the raster.
#[derive(Clone, Debug)]
pub struct HatchLayer<'a> {
    /// Cells.
    pub grid: &'a Grid,
    /// Cells are hatched from 1 on in any of these.
    pub masks: Vec<&'a [f32]>,
}

/// Walls coloured by one value each.
pub struct WallLayer {
    /// Title of the legend.
    pub title: String,
    /// Legend id.
    pub legend: &'static str,
    /// The walls.
    pub walls: Vec<WallMark>,
}

/// One wall in plan.
#[derive(Clone, Debug, PartialEq)]
pub struct WallMark {
    /// Ends (local x, y).
    pub line: [[f64; 2]; 2],
    /// Outward direction in plan (unit vector).
    pub outward: [f64; 2],
    /// Value in the unit of the legend.
    pub value: f64,
}
