//! Where the map gives no verdict, and why.

use rayon::prelude::*;

use super::input::WindInput;
use super::study::{column, ground};
use super::tier1::Site;

/// Cells beside a wall without a class.
const NEAR: usize = 2;
/// Ground that falls by more than this (m), and more steeply than [`STEEP`], from one column to the next is a wall to those below it: a
/// quay, not the slope of a dike or of a promenade.
const STEP_M: f32 = 2.0;
/// See [`STEP_M`].
const STEEP: f32 = 0.7;
/// Who stands less than this (m) below the upper side of a step is on it.
const FOOT_M: f32 = 1.0;

/// Why a cell of the map gets no class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mask {
    /// It gets one.
    #[default]
    None,
    /// It is inside a wall.
    Solid,
    /// It lies within two cells of a wall, or on the edge of a step of the ground, where a grid cannot resolve the flow.
    NearWall,
    /// It lies closer than three building heights to the edge of the domain.
    NearEdge,
}

/// Why cells of the map get no class.
pub(super) fn mask(input: &WindInput) -> Vec<Mask> {
    let site = &input.site;
    let [nx, ny, _] = site.grid.cells;
    let closed = closed_above_m(site);
    (0..input.raster.len())
        .into_par_iter()
        .map(|cell| {
            let [i, j] = column(input, cell);
            if closed[j * nx + i] == f32::INFINITY {
                return Mask::Solid;
            }
            // On the edge of a quay the corners of the stairs are windier than the straight edge would be.
            if closed[j * nx + i].is_finite() || is_near_wall(site, &closed, [i, j]) {
                return Mask::NearWall;
            }
            let cells = [i, j, nx - 1 - i, ny - 1 - j]
                .into_iter()
                .min()
                .unwrap_or(0);
            let edge_m = (cells as f64 + 0.5) * site.grid.cell_m;
            if edge_m < input.edge_m {
                Mask::NearEdge
            } else {
                Mask::None
            }
        })
        .collect()
}

/// True when a column close by is a wall to this one.
fn is_near_wall(site: &Site, closed_above_m: &[f32], [i, j]: [usize; 2]) -> bool {
    let [nx, ny, _] = site.grid.cells;
    let foot_m = ground(site, i, j) + FOOT_M;
    (j.saturating_sub(NEAR)..(j + NEAR + 1).min(ny)).any(|b| {
        closed_above_m[b * nx + i.saturating_sub(NEAR)..b * nx + (i + NEAR + 1).min(nx)]
            .iter()
            .any(|&top_m| top_m > foot_m)
    })
}

/// Height (m) of what each column, row by row from the south, is a wall to: infinite where a building stands, the ground at the upper side
/// of a step, else below everything.
fn closed_above_m(site: &Site) -> Vec<f32> {
    let [nx, ny, nz] = site.grid.cells;
    let levels = &site.grid.levels_m;
    // Something solid stands above the cell of its ground.
    let is_wall = |i: usize, j: usize| {
        let height = f64::from(ground(site, i, j)) + 0.5 * (levels[1] - levels[0]);
        let k = levels.partition_point(|&z| z <= height).max(1) - 1;
        let solid = |k: usize| site.solids.is_solid(site.grid.at(i, j, k));
        solid(k) || solid((k + 1).min(nz - 1))
    };
    let step_m = STEP_M.max(STEEP * site.grid.cell_m as f32);
    let is_step = |i: usize, j: usize| {
        let beside = [
            (i.saturating_sub(1), j),
            ((i + 1).min(nx - 1), j),
            (i, j.saturating_sub(1)),
            (i, (j + 1).min(ny - 1)),
        ];
        let top_m = ground(site, i, j);
        beside
            .into_iter()
            .any(|(a, b)| top_m - ground(site, a, b) > step_m)
    };
    (0..nx * ny)
        .into_par_iter()
        .map(|n| {
            let (i, j) = (n % nx, n / nx);
            if is_wall(i, j) {
                f32::INFINITY
            } else if is_step(i, j) {
                ground(site, i, j)
            } else {
                f32::NEG_INFINITY
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wind::grid::WindGrid;
    use crate::wind::solids::Block;

    /// Water beside a quay of 3 m, and a dike that rises 1 in 3 and falls 1 in 2: rows alike, cells of 2 m.
    #[test]
    fn a_quay_is_a_wall_to_the_water_below_and_a_dike_is_none() {
        let heights_m = [
            0.0, 0.0, 0.0, 0.0, 3.0, 3.0, 3.0, 3.0, 3.67, 4.33, 5.0, 4.0, 3.0, 3.0, 3.0, 3.0, 3.0,
            3.0,
        ];
        let nx = heights_m.len();
        let grid = WindGrid {
            cells: [nx, 6, 8],
            cell_m: 2.0,
            west_m: 0.0,
            south_m: 0.0,
            levels_m: (0..9).map(|k| 2.0 * f64::from(k)).collect(),
        };
        let ground_m: Vec<f32> = (0..6 * nx).map(|n| heights_m[n % nx]).collect();
        let house = Block {
            ring: vec![[34.0, 0.0], [36.0, 0.0], [36.0, 12.0], [34.0, 12.0]],
            base_m: 3.0,
            top_m: 12.0,
        };
        let site = Site::new(grid, vec![house], ground_m);
        let closed = closed_above_m(&site);
        let near: Vec<bool> = (0..nx)
            .map(|i| is_near_wall(&site, &closed, [i, 3]))
            .collect();
        let expected: Vec<bool> = (0..nx).map(|i| (2..4).contains(&i) || i >= 15).collect();
        assert_eq!(near, expected);
    }

    /// With cells of 4 m a fall of 2.5 m is a steep bank, one of 3.5 m a wall.
    #[test]
    fn what_is_steep_depends_on_the_width_of_a_cell() {
        for (fall_m, is_wall) in [(2.5, false), (3.5, true)] {
            let grid = WindGrid {
                cells: [8, 6, 8],
                cell_m: 4.0,
                west_m: 0.0,
                south_m: 0.0,
                levels_m: (0..9).map(|k| 2.0 * f64::from(k)).collect(),
            };
            let ground_m = (0..48).map(|n| if n % 8 < 4 { 0.0 } else { fall_m });
            let site = Site::new(grid, Vec::new(), ground_m.collect());
            let closed = closed_above_m(&site);
            assert_eq!(is_near_wall(&site, &closed, [3, 3]), is_wall, "{fall_m} m");
        }
    }
}
