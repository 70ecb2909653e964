//! The sides of the domain. Where the wind comes in or blows along, velocity and turbulence are those of the undisturbed wind; where it leaves,
//! nothing changes along the way out and the pressure is 0. The ground is a wall, the top a lid without friction.

use super::super::grid::WindGrid;
use super::super::heading::Heading;
use super::super::inflow::Inflow;
use super::column::{Column, Undisturbed, undisturbed};
use super::layout::Layout;
use super::state::State;

/// Components of the heading below this blow along a side, not out of it.
const ALONG: f64 = 1e-6;

/// True where the wind is given: west, east, south, north.
pub(super) fn given(heading: Heading) -> [bool; 4] {
    let [x, y] = heading.0;
    [-x, x, -y, y].map(|out| out < ALONG)
}

/// What the fields are beyond the sides.
pub(super) struct Sides<'a> {
    pub(super) grid: &'a WindGrid,
    pub(super) heading: Heading,
    pub(super) inflow: &'a Inflow,
    pub(super) column: &'a Column,
    pub(super) c_mu: f64,
    /// Ground (m) of each column; empty for the lowest level of the grid.
    pub(super) ground_m: &'a [f32],
}

impl Sides<'_> {
    /// Undisturbed wind in a layer above the ground of the nearest column.
    pub(super) fn undisturbed(&self, i: isize, j: isize, k: usize) -> Undisturbed {
        let [nx, ny, nz] = self.grid.cells;
        let k = k.min(nz - 1);
        let inside = |n: isize, count: usize| n.clamp(0, count as isize - 1) as usize;
        let cell = inside(j, ny) * nx + inside(i, nx);
        match self.ground_m.get(cell) {
            None => self.column.layers[k],
            Some(&ground) => {
                let height = self.grid.height_m(k) - f64::from(ground);
                let first = self.grid.height_m(0) - self.grid.levels_m[0];
                let wind = undisturbed(self.inflow, height.max(0.5 * first), self.c_mu);
                let speed = if height > 0.0 { wind.speed } else { 0.0 };
                Undisturbed { speed, ..wind }
            }
        }
    }

    /// Fills the edge cells once: the undisturbed wind, also on the faces of the given sides.
    pub(super) fn fill_given(&self, state: &mut State) {
        let layout = state.layout;
        let [nx, ny, nz] = layout.cells;
        let [west, east, south, north] = given(self.heading);
        let [ex, ey] = self.heading.0;
        for k in 0..nz {
            for j in -1..=ny as isize {
                for i in (-2..0).chain([0]).chain(1..nx as isize + 3) {
                    let beyond_x = (west && i < 0) || (east && i >= nx as isize);
                    let beyond_y = (south && j < 0) || (north && j >= ny as isize);
                    let face_x = west && i == 0;
                    let face_y = south && j == 0;
                    if !(beyond_x || beyond_y || face_x || face_y) {
                        continue;
                    }
                    let wind = self.undisturbed(i, j, k);
                    let at = layout.at(i, j, k);
                    let values = [wind.speed * ex, wind.speed * ey];
                    for (axis, value) in values.into_iter().enumerate() {
                        let on_face = if axis == 0 { face_x } else { face_y };
                        if beyond_x || beyond_y || on_face {
                            state.velocity[axis][at] = value as f32;
                        }
                    }
                    if beyond_x || beyond_y {
                        state.velocity[2][at] = 0.0;
                        state.k[at] = wind.k as f32;
                        state.epsilon[at] = wind.epsilon as f32;
                        state.nu[at] = state.closure.c_mu * (wind.k * wind.k / wind.epsilon) as f32;
                    }
                }
            }
        }
    }

    /// Fills the edge cells of the sides where the wind leaves from what is inside.
    pub(super) fn fill_leaving(&self, state: &mut State) {
        let layout = state.layout;
        let leaves = given(self.heading).map(|given| !given);
        let [u, v, w] = &mut state.velocity;
        for (axis, field) in [(0, u), (1, v), (2, w)] {
            copy_out(&layout, leaves, Some(axis), 1.0, field);
        }
        for field in [&mut state.k, &mut state.epsilon, &mut state.nu] {
            copy_out(&layout, leaves, None, 1.0, field);
        }
        copy_out(&layout, leaves, None, -1.0, &mut state.p);
    }
}

/// Copies the outermost values of a field, times `sign`, to the edge cells of some sides. `axis` is that of the faces it lives on.
pub(super) fn copy_out(
    layout: &Layout,
    sides: [bool; 4],
    axis: Option<usize>,
    sign: f32,
    field: &mut [f32],
) {
    let [nx, ny, nz] = layout.cells;
    let [west, east, south, north] = sides;
    let last = |n: usize, a: usize| (n + usize::from(axis == Some(a))) as isize - 1;
    for k in 0..nz {
        for j in 0..=last(ny, 1) {
            let row = layout.at(0, j, k);
            if west {
                let value = sign * field[row];
                field[row - 2..row].fill(value);
            }
            if east {
                let end = row + last(nx, 0) as usize;
                let to = layout.at(nx as isize + 2, j, k);
                let value = sign * field[end];
                field[end + 1..=to].fill(value);
            }
        }
        let (start, row) = (layout.at(-2, 0, k), layout.row);
        if south {
            for at in start..start + row {
                field[at - row] = sign * field[at];
            }
        }
        let end = layout.at(-2, last(ny, 1), k);
        if north && last(ny, 1) < ny as isize {
            for at in end..end + row {
                field[at + row] = sign * field[at];
            }
        }
    }
}
