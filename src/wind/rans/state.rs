//! All fields of a run.

use super::super::grid::WindGrid;
use super::constants::Closure;
use super::layout::Layout;
use super::momentum::Spacing;
use super::walls::Walls;

/// Fields in the order of [`Layout`].
pub(super) struct State {
    pub(super) layout: Layout,
    pub(super) closure: Closure,
    pub(super) walls: Walls,
    /// Inverse of the undisturbed speed (s/m) of each layer.
    pub(super) inverse_in: Vec<f32>,
    /// Courant number of a step.
    pub(super) courant: f32,
    /// Width (m) of a cell, thickness (m) of each layer.
    pub(super) dx: f32,
    pub(super) dz: Vec<f32>,
    /// Velocity (m/s) on the faces across x, y and z.
    pub(super) velocity: [Vec<f32>; 3],
    /// The next velocity; between two steps of the momentum also the next turbulence.
    pub(super) scratch: [Vec<f32>; 3],
    /// Pressure by density (m²/s²).
    pub(super) p: Vec<f32>,
    /// Turbulent kinetic energy (m²/s²), its dissipation (m²/s³), eddy viscosity (m²/s).
    pub(super) k: Vec<f32>,
    pub(super) epsilon: Vec<f32>,
    pub(super) nu: Vec<f32>,
    /// Pseudo-time step (s) on the faces; 0 on faces that are closed or fixed.
    pub(super) steps: [Vec<f32>; 3],
}

impl State {
    /// A state of zeros.
    pub(super) fn new(
        grid: &WindGrid,
        layout: Layout,
        walls: Walls,
        closure: Closure,
        courant: f32,
    ) -> Self {
        let field = || layout.field(0.0);
        let three = || [field(), field(), field()];
        Self {
            layout,
            closure,
            walls,
            inverse_in: vec![0.0; grid.cells[2]],
            courant,
            dx: grid.cell_m as f32,
            dz: grid.thickness_m().iter().map(|&z| z as f32).collect(),
            velocity: three(),
            scratch: three(),
            p: field(),
            k: field(),
            epsilon: field(),
            nu: field(),
            steps: three(),
        }
    }

    /// Inverse distances along `along` around a face across `axis` (or, with `axis` = 3, around a cell) of layer `k`.
    pub(super) fn spacing(&self, axis: usize, along: usize, k: usize) -> Spacing {
        if along < 2 {
            let inverse = 1.0 / self.dx;
            return Spacing {
                width: inverse,
                before: inverse,
                after: inverse,
            };
        }
        let dz = |k: usize| self.dz[k.min(self.dz.len() - 1)];
        let below = dz(k.max(1) - 1);
        if axis == 2 {
            return Spacing {
                width: 2.0 / (below + dz(k)),
                before: 1.0 / below,
                after: 1.0 / dz(k),
            };
        }
        Spacing {
            width: 1.0 / dz(k),
            before: 2.0 / (below + dz(k)),
            after: 2.0 / (dz(k) + dz(k + 1)),
        }
    }
}
