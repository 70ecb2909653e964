//! A velocity field on the faces of the grid, and what is read from it.

use rayon::prelude::*;

use super::grid::WindGrid;
use super::solids::Solids;

/// Velocities (m/s) on the faces across x, y and z (order of [`WindGrid`]).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// To the east.
    pub u: Vec<f32>,
    /// To the north.
    pub v: Vec<f32>,
    /// Up.
    pub w: Vec<f32>,
}

impl Flow {
    /// Still air.
    pub fn still(grid: &WindGrid) -> Self {
        let [x, y, z] = grid.faces();
        Self {
            u: vec![0.0; x],
            v: vec![0.0; y],
            w: vec![0.0; z],
        }
    }

    /// Velocity (m/s) at the centre of a cell: the mean of opposite faces.
    pub fn at_centre(&self, grid: &WindGrid, [i, j, k]: [usize; 3]) -> [f32; 3] {
        [
            0.5 * (self.u[grid.at_x(i, j, k)] + self.u[grid.at_x(i + 1, j, k)]),
            0.5 * (self.v[grid.at_y(i, j, k)] + self.v[grid.at_y(i, j + 1, k)]),
            0.5 * (self.w[grid.at_z(i, j, k)] + self.w[grid.at_z(i, j, k + 1)]),
        ]
    }

    /// What leaves each cell (m³/s), through the open shares of its faces.
    pub fn outflow(&self, grid: &WindGrid, solids: &Solids) -> Vec<f32> {
        let [nx, ny, _] = grid.cells;
        let thickness = grid.thickness_m();
        let share = |axis: usize, face: usize| f32::from(solids.open[axis][face]) / 255.0;
        let mut out = vec![0.0; grid.len()];
        out.par_chunks_mut(nx * ny)
            .enumerate()
            .for_each(|(k, out)| {
                let side = (grid.cell_m * thickness[k]) as f32;
                let lid = (grid.cell_m * grid.cell_m) as f32;
                for j in 0..ny {
                    for i in 0..nx {
                        let x = |i: usize| {
                            let f = grid.at_x(i, j, k);
                            share(0, f) * self.u[f]
                        };
                        let y = |j: usize| {
                            let f = grid.at_y(i, j, k);
                            share(1, f) * self.v[f]
                        };
                        let z = |k: usize| {
                            let f = grid.at_z(i, j, k);
                            share(2, f) * self.w[f]
                        };
                        let level = (x(i + 1) - x(i)) + (y(j + 1) - y(j));
                        out[j * nx + i] = side * level + lid * (z(k + 1) - z(k));
                    }
                }
            });
        out
    }
}
