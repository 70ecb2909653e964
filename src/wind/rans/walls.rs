//! Friction and turbulence at walls: logarithmic laws with a roughness length, friction velocity from k.
//!
//! u_tau = C_mu^(1/4) sqrt(k) (Launder & Spalding 1974, doi:10.1016/0045-7825(74)90029-2), so that friction stays where the wind turns
//! back: stress = u_tau kappa U / ln(1 + d / z0), d half a cell from the wall. Walls are the closed shares of faces. Lists of the few faces and
//! cells at walls, in the order of the rows, keep these laws out of the loops over all cells.

use std::ops::Range;

use crate::job::{Cancelled, Job};

use super::super::grid::WindGrid;
use super::super::inflow::KARMAN;
use super::super::solids::{LEAST_SHARE, Solids};
use super::layout::Layout;

/// A face along which the wind rubs at walls.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drag {
    pub(super) at: u32,
    /// Loss (1/s) of the velocity for k = 1 m²/s².
    pub(super) rate: f32,
}

/// A cell at walls.
#[derive(Clone, Copy, Debug)]
pub(super) struct WallCell {
    pub(super) at: u32,
    /// Share of the cell's turbulence that is the walls'.
    pub(super) share: f32,
    /// Production = k times these (1/m) times the wind along walls across x, y and z.
    pub(super) production: [f32; 3],
    /// Dissipation = k^1.5 times this (1/m).
    pub(super) dissipation: f32,
}

/// Entries in the order of rows.
#[derive(Clone, Debug)]
pub(super) struct ByRow<T> {
    entries: Vec<T>,
    starts: Vec<u32>,
}

impl<T> ByRow<T> {
    fn new(layout: &Layout, entries: Vec<T>, at: impl Fn(&T) -> u32) -> Self {
        let rows = layout.len() / layout.row;
        let starts = (0..=rows)
            .map(|row| entries.partition_point(|e| (at(e) as usize) < row * layout.row) as u32);
        Self {
            starts: starts.collect(),
            entries,
        }
    }

    /// Entries of a row of the field.
    pub(super) fn row(&self, row: usize) -> &[T] {
        let range: Range<usize> = self.starts[row] as usize..self.starts[row + 1] as usize;
        &self.entries[range]
    }
}

/// All walls of a place.
#[derive(Clone, Debug)]
pub(super) struct Walls {
    pub(super) drags: [ByRow<Drag>; 3],
    pub(super) cells: ByRow<WallCell>,
}

/// Roughness lengths (m).
#[derive(Clone, Copy, Debug)]
pub(super) struct Roughness<'a> {
    pub(super) ground_z0_m: f64,
    pub(super) facade_z0_m: f64,
    /// Share of the laws for k and epsilon in cells at facades and roofs.
    pub(super) facade_share: f64,
    pub(super) c_mu: f64,
    /// Ground (m) of each column; empty for the lowest level of the grid.
    pub(super) ground_m: &'a [f32],
}

impl Walls {
    pub(super) fn new(
        grid: &WindGrid,
        solids: &Solids,
        layout: &Layout,
        rough: &Roughness<'_>,
        job: &Job,
    ) -> Result<Self, Cancelled> {
        let place = Place {
            grid,
            solids,
            rough,
        };
        let [nx, ny, nz] = grid.cells;
        let mut drags: [Vec<Drag>; 3] = Default::default();
        let mut cells = Vec::new();
        for k in 0..nz {
            for j in 0..=ny {
                job.check_cancelled()?;
                for i in 0..=nx {
                    let at = layout.at(i as isize, j as isize, k) as u32;
                    for (axis, drags) in drags.iter_mut().enumerate() {
                        let rate = place.rate(axis, [i, j, k]);
                        if rate > 0.0 {
                            drags.push(Drag {
                                at,
                                rate: rate as f32,
                            });
                        }
                    }
                    if i < nx && j < ny {
                        cells.extend(place.wall_cell([i, j, k], at));
                    }
                }
            }
        }
        let by_row = |drags| ByRow::new(layout, drags, |d: &Drag| d.at);
        Ok(Self {
            drags: drags.map(by_row),
            cells: ByRow::new(layout, cells, |c: &WallCell| c.at),
        })
    }
}

struct Place<'a> {
    grid: &'a WindGrid,
    solids: &'a Solids,
    rough: &'a Roughness<'a>,
}

impl Place<'_> {
    fn share(&self, axis: usize, [i, j, k]: [usize; 3]) -> f64 {
        let face = match axis {
            0 => self.grid.at_x(i, j, k),
            1 => self.grid.at_y(i, j, k),
            _ => self.grid.at_z(i, j, k),
        };
        f64::from(self.solids.open[axis][face]) / 255.0
    }

    /// Closed share of the face of a cell across an axis.
    fn closed(&self, axis: usize, cell: [usize; 3], plus: bool) -> f64 {
        let mut face = cell;
        face[axis] += usize::from(plus);
        // The sides and the top of the domain are no walls.
        let edge = face[axis] == self.grid.cells[axis] || (axis < 2 && face[axis] == 0);
        if edge {
            0.0
        } else {
            1.0 - self.share(axis, face)
        }
    }

    /// True where the floor of a cell is ground and no roof.
    fn on_ground(&self, [i, j, k]: [usize; 3]) -> bool {
        let lowest = self.grid.levels_m[0] as f32;
        let column = j * self.grid.cells[0] + i;
        let ground = self.rough.ground_m.get(column).copied().unwrap_or(lowest);
        // A cell with little air is closed (see `solids`): the ground may lie that much lower than the floor above it.
        let below = self.grid.levels_m[k] - self.grid.levels_m[k.max(1) - 1];
        self.grid.levels_m[k] <= f64::from(ground) + f64::from(LEAST_SHARE) * below + 1e-3
    }

    /// Half the width (m) of a cell across an axis and the roughness length (m) of its walls there.
    fn wall(&self, axis: usize, cell: [usize; 3], plus: bool) -> (f64, f64) {
        if axis < 2 {
            return (0.5 * self.grid.cell_m, self.rough.facade_z0_m);
        }
        let [floor, top] = [self.grid.levels_m[cell[2]], self.grid.levels_m[cell[2] + 1]];
        let z0 = if !plus && self.on_ground(cell) {
            self.rough.ground_z0_m
        } else {
            self.rough.facade_z0_m
        };
        (0.5 * (top - floor), z0)
    }

    /// Loss (1/s) at k = 1 m²/s² of the velocity on a face.
    fn rate(&self, axis: usize, face: [usize; 3]) -> f64 {
        let cells = self.grid.cells;
        if (0..3).any(|a| face[a] > cells[a] || (a != axis && face[a] == cells[a]))
            || self.share(axis, face) == 0.0
        {
            return 0.0;
        }
        let mut before = face;
        before[axis] = face[axis].max(1) - 1;
        let mut behind = face;
        behind[axis] = face[axis].min(cells[axis] - 1);
        let mut rate = 0.0;
        for across in (0..3).filter(|&a| a != axis) {
            for plus in [false, true] {
                for cell in [before, behind] {
                    let closed = self.closed(across, cell, plus);
                    // Most faces have no walls; logarithms are dear.
                    if closed == 0.0 {
                        continue;
                    }
                    let (half, z0) = self.wall(across, cell, plus);
                    rate += 0.5 * closed * self.rough.c_mu.powf(0.25) * KARMAN
                        / (half / z0).ln_1p()
                        / (2.0 * half);
                }
            }
        }
        rate
    }

    fn wall_cell(&self, cell: [usize; 3], at: u32) -> Option<WallCell> {
        if self
            .solids
            .is_solid(self.grid.at(cell[0], cell[1], cell[2]))
        {
            return None;
        }
        let mut sum = 0.0;
        let mut production = [0.0; 3];
        let mut dissipation = 0.0;
        for (axis, production) in production.iter_mut().enumerate() {
            for plus in [false, true] {
                let closed = self.closed(axis, cell, plus);
                if closed == 0.0 {
                    continue;
                }
                let (half, z0) = self.wall(axis, cell, plus);
                let ground = axis == 2 && !plus && self.on_ground(cell);
                let closed = closed * if ground { 1.0 } else { self.rough.facade_share };
                sum += closed;
                *production +=
                    closed * self.rough.c_mu.sqrt() / ((half / z0).ln_1p() * (half + z0));
                dissipation += closed * self.rough.c_mu.powf(0.75) / (KARMAN * (half + z0));
            }
        }
        (sum > 0.0).then(|| WallCell {
            at,
            share: sum.min(1.0) as f32,
            production: production.map(|p| (p / sum) as f32),
            dissipation: (dissipation / sum) as f32,
        })
    }
}
