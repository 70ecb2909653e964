//! Turbulence of tier 1 from the shear of its mean wind.
//!
//! The first guess knows the turbulence of the approaching wind, of the shear layers of wakes and of downwash. Between fast and slow air there is more. In balance of
//! production and dissipation the mixing length l gives k = (l S)² / sqrt(C_mu), with the rate of strain S = sqrt(2 S_ij S_ij) (Prandtl 1925 with
//! the k of the logarithmic layer, Richards & Hoxey 1993, doi:10.1016/0167-6105(93)90124-7). l is kappa times the distance from the next wall, but no
//! more than kappa times a share of the height of the buildings.
//!
//! Valid where turbulence is made where it is: it is not carried along, and what wakes bring from their roofs is in the first guess only. Gusts
//! ([`super::probe::Wind::gust_mps`]) need nothing else.

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

use super::flow::Flow;
use super::grid::WindGrid;
use super::inflow::{C_MU, KARMAN};
use super::roeckle::Constants;
use super::solids::Solids;

/// Turbulent energy (m²/s²) of each cell: that of shear, or `least` where it is more. `height_m` is the mean height of the buildings; None
/// for open land, where only the distance from the ground counts. Layers from `layers` on keep `least`. The job may be cancelled.
pub fn shear_k(
    grid: &WindGrid,
    solids: &Solids,
    flow: &Flow,
    least: &[f32],
    height_m: Option<f64>,
    layers: usize,
    constants: Constants,
    job: &Job,
) -> Result<Vec<f32>, Cancelled> {
    let [nx, ny, _] = grid.cells;
    let cap = height_m.map_or(f64::INFINITY, |height| constants.shear_wall * height);
    let mut k = least.to_vec();
    k.par_chunks_mut(nx * ny)
        .enumerate()
        .take(layers)
        .try_for_each(|(layer, plane)| {
            for (n, k) in plane.iter_mut().enumerate() {
                if n % nx == 0 {
                    job.check_cancelled()?;
                }
                let cell = [n % nx, n / nx, layer];
                if solids.is_solid(grid.at(cell[0], cell[1], layer)) {
                    *k = 0.0;
                    continue;
                }
                let length = KARMAN * wall_m(grid, solids, cell, cap);
                let shear = length * strain(grid, solids, flow, cell);
                *k = k.max((shear * shear / C_MU.sqrt()) as f32);
            }
            Ok::<(), Cancelled>(())
        })?;
    Ok(k)
}

/// Distance (m) of a cell's centre from the next wall: below it, or beside it in its layer; no more than `cap`.
fn wall_m(grid: &WindGrid, solids: &Solids, [i, j, k]: [usize; 3], cap: f64) -> f64 {
    let centre = grid.height_m(k);
    let mut floor = k;
    while floor > 0
        && centre - grid.levels_m[floor] < cap
        && !solids.is_solid(grid.at(i, j, floor - 1))
    {
        floor -= 1;
    }
    let mut distance = (centre - grid.levels_m[floor]).min(cap);
    let [nx, ny, _] = grid.cells;
    let mut step = 1;
    // Walls are at the edges of cells.
    while (step as f64 - 0.5) * grid.cell_m < distance {
        let beside = [
            i.checked_sub(step).map(|i| [i, j]),
            Some([i + step, j]).filter(|[i, _]| *i < nx),
            j.checked_sub(step).map(|j| [i, j]),
            Some([i, j + step]).filter(|[_, j]| *j < ny),
        ];
        let wall = |[i, j]: [usize; 2]| solids.is_solid(grid.at(i, j, k));
        if beside.into_iter().flatten().any(wall) {
            distance = (step as f64 - 0.5) * grid.cell_m;
        }
        if step > nx.max(ny) {
            break;
        }
        step += 1;
    }
    distance
}

/// Rate of strain (1/s), sqrt(2 S_ij S_ij), at a cell's centre.
fn strain(grid: &WindGrid, solids: &Solids, flow: &Flow, cell: [usize; 3]) -> f64 {
    let gradient = [0, 1, 2].map(|axis| derivative(grid, solids, flow, cell, axis));
    let mut sum = 0.0;
    for (a, row) in gradient.iter().enumerate() {
        for (b, slope) in row.iter().enumerate() {
            let s = 0.5 * (slope + gradient[b][a]);
            sum += s * s;
        }
    }
    (2.0 * sum).sqrt()
}

/// Derivative (1/s) of the velocity along an axis: between the neighbours, with still air at a wall.
fn derivative(
    grid: &WindGrid,
    solids: &Solids,
    flow: &Flow,
    cell: [usize; 3],
    axis: usize,
) -> [f64; 3] {
    let place = |n: usize| match axis {
        2 => grid.height_m(n),
        _ => (n as f64 + 0.5) * grid.cell_m,
    };
    let here = place(cell[axis]);
    // Where the neighbour is, and its velocity; half a cell away for a wall, here at the edge of the domain.
    let side = |next: Option<usize>, wall: f64| {
        let mut other = cell;
        match next {
            Some(n) => {
                other[axis] = n;
                if solids.is_solid(grid.at(other[0], other[1], other[2])) {
                    (wall, [0.0; 3])
                } else {
                    (place(n), flow.at_centre(grid, other))
                }
            }
            None if axis == 2 && cell[2] == 0 => (wall, [0.0; 3]),
            None => (here, flow.at_centre(grid, cell)),
        }
    };
    let (low, high) = match axis {
        2 => (grid.levels_m[cell[2]], grid.levels_m[cell[2] + 1]),
        _ => (here - 0.5 * grid.cell_m, here + 0.5 * grid.cell_m),
    };
    let before = side(cell[axis].checked_sub(1), low);
    let after = side(Some(cell[axis] + 1).filter(|n| *n < grid.cells[axis]), high);
    let apart = after.0 - before.0;
    [0, 1, 2].map(|part| {
        if apart > 0.0 {
            f64::from(after.1[part] - before.1[part]) / apart
        } else {
            0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::grid::levels;
    use super::super::heading::Heading;
    use super::super::inflow::Inflow;
    use super::super::solids::Block;
    use super::super::tier1::Site;
    use super::*;

    const INFLOW: Inflow = Inflow::Log {
        z0_m: 0.5,
        reference_m: 10.0,
        speed_mps: 5.0,
    };

    fn site(blocks: Vec<Block>) -> Site {
        let grid = WindGrid {
            cells: [30, 24, 16],
            cell_m: 2.0,
            west_m: -30.0,
            south_m: -24.0,
            levels_m: levels(0.0, 1.0, 6.0, 1.2, 4.0, 40.0)[..17].to_vec(),
        };
        Site::new(grid, blocks, Vec::new())
    }

    #[test]
    fn a_logarithmic_wind_has_its_own_turbulence() {
        let mut site = site(Vec::new());
        let field = site.wind(&INFLOW, Heading([1.0, 0.0]));
        let none = vec![0.0; field.k.len()];
        let k = shear_k(
            &site.grid,
            &site.solids,
            &field.flow,
            &none,
            None,
            usize::MAX,
            Constants::FITTED,
            &Job::default(),
        )
        .unwrap();
        for layer in 1..12 {
            let got = f64::from(k[site.grid.at(15, 12, layer)]);
            // The slope of ln(1 + z / z0) is 1 / (z + z0), the wall's distance z.
            let z = site.grid.height_m(layer);
            let want = INFLOW.k_m2_per_s2(z) * (z / (z + 0.5)).powi(2);
            // Differences see less of the curve close to the ground.
            let tolerance = if layer < 3 { 0.25 } else { 0.1 };
            assert!(
                (got / want - 1.0).abs() < tolerance,
                "{layer}: {got} {want}"
            );
        }
    }

    #[test]
    fn shear_adds_turbulence_beside_a_building_and_takes_none() {
        let block = Block {
            ring: vec![[-6.0, -6.0], [6.0, -6.0], [6.0, 6.0], [-6.0, 6.0]],
            base_m: 0.0,
            top_m: 12.0,
        };
        let mut site = site(vec![block]);
        let field = site.wind(&INFLOW, Heading([1.0, 0.0]));
        let k = shear_k(
            &site.grid,
            &site.solids,
            &field.flow,
            &field.k,
            Some(12.0),
            usize::MAX,
            Constants::FITTED,
            &Job::default(),
        )
        .unwrap();
        let cells = k.iter().zip(&field.k).enumerate();
        let air = cells.filter(|(n, _)| !site.solids.is_solid(*n));
        let (mut more, mut less) = (0, 0);
        for (_, (with, without)) in air {
            more += usize::from(with > without);
            less += usize::from(with < without);
        }
        assert!(more > 50 && less == 0, "{more} {less}");
        assert_eq!(k[site.grid.at(15, 12, 0)], 0.0, "inside");
    }
}
