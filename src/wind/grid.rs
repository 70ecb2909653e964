//! The grid of the wind: Cartesian cells, staggered velocities.
//!
//! x to the east, y to the north, z up. Cells lie in memory with x fastest: `(k * ny + j) * nx + i`. A velocity lives on the face
//! that it crosses: `u` on the western faces (`nx + 1` of them in a row), `v` on the southern ones (`ny + 1` rows), `w` on the
//! lower ones (`nz + 1` layers).

/// Where the cells are.
#[derive(Clone, Debug, PartialEq)]
pub struct WindGrid {
    /// Cells along x, y and z.
    pub cells: [usize; 3],
    /// Width of a cell (m) along x and y.
    pub cell_m: f64,
    /// Western edge (m).
    pub west_m: f64,
    /// Southern edge (m).
    pub south_m: f64,
    /// Heights (m) of the faces between the layers, `nz + 1` of them, rising.
    pub levels_m: Vec<f64>,
}

impl WindGrid {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.cells.iter().product()
    }

    /// True for no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Place of a cell in an array of cells.
    pub fn at(&self, i: usize, j: usize, k: usize) -> usize {
        (k * self.cells[1] + j) * self.cells[0] + i
    }

    /// Number of faces across x, y and z.
    pub fn faces(&self) -> [usize; 3] {
        let [nx, ny, nz] = self.cells;
        [(nx + 1) * ny * nz, nx * (ny + 1) * nz, nx * ny * (nz + 1)]
    }

    /// Place of the western face of a cell; `i` may be `nx`.
    pub fn at_x(&self, i: usize, j: usize, k: usize) -> usize {
        (k * self.cells[1] + j) * (self.cells[0] + 1) + i
    }

    /// Place of the southern face of a cell; `j` may be `ny`.
    pub fn at_y(&self, i: usize, j: usize, k: usize) -> usize {
        (k * (self.cells[1] + 1) + j) * self.cells[0] + i
    }

    /// Place of the lower face of a cell; `k` may be `nz`.
    pub fn at_z(&self, i: usize, j: usize, k: usize) -> usize {
        (k * self.cells[1] + j) * self.cells[0] + i
    }

    /// Centre (m) of the cells of a column.
    pub fn centre_m(&self, i: usize, j: usize) -> [f64; 2] {
        [
            self.west_m + (i as f64 + 0.5) * self.cell_m,
            self.south_m + (j as f64 + 0.5) * self.cell_m,
        ]
    }

    /// Height (m) of the centre of a layer.
    pub fn height_m(&self, k: usize) -> f64 {
        0.5 * (self.levels_m[k] + self.levels_m[k + 1])
    }

    /// Thickness (m) of each layer.
    pub fn thickness_m(&self) -> Vec<f64> {
        self.levels_m.windows(2).map(|z| z[1] - z[0]).collect()
    }
}

/// Faces between layers (m): from `bottom` in steps of `first_m` to `even_to_m`, above in steps that grow by `growth` each, no
/// thicker than `thickest_m`, until `top_m` is reached.
pub fn levels(
    bottom_m: f64,
    first_m: f64,
    even_to_m: f64,
    growth: f64,
    thickest_m: f64,
    top_m: f64,
) -> Vec<f64> {
    let mut levels = vec![bottom_m];
    let (mut z, mut step) = (bottom_m, first_m);
    while z < top_m - 1e-9 {
        if z >= even_to_m - 1e-9 {
            step = (step * growth).min(thickest_m);
        }
        z += step;
        levels.push(z);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_even_below_and_grow_above() {
        let z = levels(3.0, 2.0, 9.0, 1.5, 4.0, 20.0);
        assert_eq!(z, vec![3.0, 5.0, 7.0, 9.0, 12.0, 16.0, 20.0]);
    }
}
