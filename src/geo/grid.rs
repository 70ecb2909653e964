//! A regular raster in the local frame.

use serde::{Deserialize, Serialize};

/// Regular square cells; row 0 is the northern row, column 0 the western column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// Local x of the western edge (m).
    pub west: f64,
    /// Local y of the northern edge (m).
    pub north: f64,
    /// Cell size (m).
    pub cell_m: f64,
    /// Number of columns.
    pub cols: usize,
    /// Number of rows.
    pub rows: usize,
}

impl Grid {
    /// Smallest grid of `cell_m` cells that covers the box; edges lie on multiples of the cell size.
    pub fn covering(min: [f64; 2], max: [f64; 2], cell_m: f64) -> Self {
        let west = (min[0] / cell_m).floor() * cell_m;
        let north = (max[1] / cell_m).ceil() * cell_m;
        Self {
            west,
            north,
            cell_m,
            cols: (((max[0] - west) / cell_m).ceil() as usize).max(1),
            rows: (((north - min[1]) / cell_m).ceil() as usize).max(1),
        }
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cols * self.rows
    }

    /// True without cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Position of a cell in a flat array.
    pub fn index(&self, row: usize, col: usize) -> usize {
        row * self.cols + col
    }

    /// Local (x, y) of the centre of a cell.
    pub fn centre(&self, row: usize, col: usize) -> [f64; 2] {
        [
            self.west + (col as f64 + 0.5) * self.cell_m,
            self.north - (row as f64 + 0.5) * self.cell_m,
        ]
    }

    /// Row and column of the cell that holds a local (x, y).
    pub fn cell_at(&self, x: f64, y: f64) -> Option<(usize, usize)> {
        let col = ((x - self.west) / self.cell_m).floor();
        let row = ((self.north - y) / self.cell_m).floor();
        (col >= 0.0 && row >= 0.0 && col < self.cols as f64 && row < self.rows as f64)
            .then_some((row as usize, col as usize))
    }

    /// Local (x, y) of the south-western and north-eastern corners.
    pub fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        (
            [self.west, self.north - self.rows as f64 * self.cell_m],
            [self.west + self.cols as f64 * self.cell_m, self.north],
        )
    }
}
