//! Faces of a building above the places of a lattice: what stands where, and how high.

use crate::geo::Grid;

use super::{Building, SurfaceKind};

/// Lowest and highest face above a place, of floors and roofs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Column {
    /// Height (m above datum) of the lowest face; infinite without any.
    pub(crate) low: f32,
    /// True when the lowest face looks down: air may be below it.
    pub(crate) low_looks_down: bool,
    /// Height (m above datum) of the highest face; minus infinity without any.
    pub(crate) high: f32,
}

/// Nothing above a place.
const EMPTY: Column = Column {
    low: f32::INFINITY,
    low_looks_down: false,
    high: f32::NEG_INFINITY,
};

impl Column {
    /// True without any face.
    pub(crate) fn is_empty(&self) -> bool {
        self.high == f32::NEG_INFINITY
    }
}

/// Columns of a building at the centres of a grid, row 0 in the north. Walls and closure surfaces are no faces.
pub(crate) fn columns(building: &Building, places: &Grid) -> Vec<Column> {
    let (step, width, depth) = (places.cell_m, places.cols, places.rows);
    let mut columns = vec![EMPTY; width * depth];
    let faces = building.geometry.surfaces.iter();
    for surface in faces.filter(|s| s.kind != SurfaceKind::Closure && s.kind != SurfaceKind::Wall) {
        for [a, b, c] in building.geometry.surface_triangles(surface) {
            let area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
            if area.abs() < 1e-9 {
                continue;
            }
            let first = |v: f64, n: usize| ((v / step - 0.5).ceil().max(0.0) as usize).min(n);
            let (west_x, east_x) = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
            let (south_y, north_y) = (a.y.min(b.y).min(c.y), a.y.max(b.y).max(c.y));
            let along =
                first(west_x - places.west, width)..first(east_x - places.west + step, width);
            let down =
                first(places.north - north_y, depth)..first(places.north - south_y + step, depth);
            for row in down {
                let y = places.north - (row as f64 + 0.5) * step;
                for col in along.clone() {
                    let x = places.west + (col as f64 + 0.5) * step;
                    let wb = ((x - a.x) * (c.y - a.y) - (y - a.y) * (c.x - a.x)) / area;
                    let wc = ((b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x)) / area;
                    if wb < -1e-9 || wc < -1e-9 || wb + wc > 1.0 + 1e-9 {
                        continue;
                    }
                    let z = (a.z + wb * (b.z - a.z) + wc * (c.z - a.z)) as f32;
                    let column = &mut columns[row * width + col];
                    if z < column.low {
                        (column.low, column.low_looks_down) = (z, area < 0.0);
                    }
                    column.high = column.high.max(z);
                }
            }
        }
    }
    columns
}
