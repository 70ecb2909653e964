//! Makes a first guess conserve mass with the least change: u = u0 - grad lambda (Sherman 1978,
//! doi:10.1175/1520-0450(1978)017<0312:AMCMFW>2.0.CO;2), with equal weight for all components (neutral air).

use rayon::prelude::*;

use crate::job::{Cancelled, Job};

use super::flow::Flow;
use super::grid::WindGrid;
use super::heading::Heading;
use super::poisson::{Poisson, Shape, Side, Solved};
use super::roeckle::Guess;
use super::solids::Solids;

/// Velocities on the faces from those of the cells (order of [`guess`](super::roeckle::guess)) in wind axes: the mean of both cells, nothing through closed faces.
pub fn to_faces(grid: &WindGrid, solids: &Solids, cells: &[Guess], heading: Heading) -> Flow {
    let [nx, ny, nz] = grid.cells;
    let [ex, ey] = heading.0.map(|x| x as f32);
    let mut flow = Flow::still(grid);
    let velocity = |[i, j, k]: [usize; 3]| {
        let [s, t, w] = cells[(j * nx + i) * nz + k].velocity;
        [s * ex - t * ey, s * ey + t * ex, w]
    };
    // The cells on both sides of a face, the same one twice at the edge of the domain.
    let pair = |n: usize, count: usize| (n.max(1) - 1, n.min(count - 1));
    // Row by row, as cells lie in memory.
    let us = rows_mut(&mut flow.u, nx + 1, ny);
    let ws = rows_mut(&mut flow.w, nx, ny);
    let rows = us.into_par_iter().zip(ws).enumerate();
    rows.for_each(|(j, (us, ws))| {
        for (k, u) in us.into_iter().enumerate() {
            let open = &solids.open[0][grid.at_x(0, j, k)..][..=nx];
            for (i, u) in u.iter_mut().enumerate().filter(|(i, _)| open[*i] > 0) {
                let (a, b) = pair(i, nx);
                *u = 0.5 * (velocity([a, j, k])[0] + velocity([b, j, k])[0]);
            }
        }
        for (k, w) in ws.into_iter().enumerate() {
            let (a, b) = pair(k, nz);
            let open = &solids.open[2][grid.at_z(0, j, k)..][..nx];
            for (i, w) in w.iter_mut().enumerate().filter(|(i, _)| open[*i] > 0) {
                *w = 0.5 * (velocity([i, j, a])[2] + velocity([i, j, b])[2]);
            }
        }
    });
    let vs = rows_mut(&mut flow.v, nx, ny + 1);
    vs.into_par_iter().enumerate().for_each(|(j, vs)| {
        let (a, b) = pair(j, ny);
        for (k, v) in vs.into_iter().enumerate() {
            let open = &solids.open[1][grid.at_y(0, j, k)..][..nx];
            for (i, v) in v.iter_mut().enumerate().filter(|(i, _)| open[*i] > 0) {
                *v = 0.5 * (velocity([i, a, k])[1] + velocity([i, b, k])[1]);
            }
        }
    });
    flow
}

/// The layers of each of `rows` rows, `width` wide, of an array in the order of the grid.
pub(super) fn rows_mut<T>(values: &mut [T], width: usize, rows: usize) -> Vec<Vec<&mut [T]>> {
    let mut all: Vec<Vec<&mut [T]>> = (0..rows).map(|_| Vec::new()).collect();
    for (n, row) in values.chunks_exact_mut(width).enumerate() {
        all[n % rows].push(row);
    }
    all
}

/// Sides of the domain of a potential: open to all but the ground.
const SIDES: [Side; 6] = {
    use Side::{Open, Wall};
    [Open, Open, Open, Open, Wall, Open]
};

fn shape(grid: &WindGrid) -> Shape {
    Shape {
        cells: grid.cells,
        dx_m: grid.cell_m,
        dz_m: grid.thickness_m(),
    }
}

/// A solver for the potential of this grid: open to all sides but the ground.
pub fn potential_solver(grid: &WindGrid, solids: &Solids) -> Poisson {
    Poisson::new(&shape(grid), &solids.open, SIDES)
}

/// Brings it to solids that differ from those before in the `changed` columns.
pub fn change_solver(solver: &mut Poisson, grid: &WindGrid, solids: &Solids, changed: &[bool]) {
    solver.change(&shape(grid), &solids.open, SIDES, changed);
}

/// Takes the divergence out of a flow. `potential` holds the start and gets the result (m²/s), one value per cell; `tolerance` and `most` as in [`Poisson::solve`].
pub fn project(
    grid: &WindGrid,
    solids: &Solids,
    solver: &mut Poisson,
    potential: &mut [f32],
    flow: &mut Flow,
    (tolerance, most): (f32, usize),
    job: &Job,
) -> Result<Solved, Cancelled> {
    let rhs = flow.outflow(grid, solids);
    let solved = solver.solve_for(job, &rhs, potential, tolerance, most)?;
    let [nx, ny, nz] = grid.cells;
    // Beyond the open sides the potential is 0, half a cell away.
    let slope = |a: Option<f32>, b: Option<f32>, distance: f32| match (a, b) {
        (Some(a), Some(b)) => (b - a) / distance,
        (None, Some(b)) => 2.0 * b / distance,
        (Some(a), None) => -2.0 * a / distance,
        (None, None) => 0.0,
    };
    let dx = grid.cell_m as f32;
    let thick = grid.thickness_m();
    let potential = |i: usize, j: usize, k: usize| potential[grid.at(i, j, k)];
    let open = |axis: usize, face: usize| f32::from(u8::from(solids.open[axis][face] > 0));
    let (u, v, w) = (&mut flow.u, &mut flow.v, &mut flow.w);
    u.par_chunks_mut((nx + 1) * ny)
        .enumerate()
        .for_each(|(k, u)| {
            for j in 0..ny {
                for i in 0..=nx {
                    let west = (i > 0).then(|| potential(i - 1, j, k));
                    let east = (i < nx).then(|| potential(i, j, k));
                    u[j * (nx + 1) + i] -= open(0, grid.at_x(i, j, k)) * slope(west, east, dx);
                }
            }
        });
    v.par_chunks_mut(nx * (ny + 1))
        .enumerate()
        .for_each(|(k, v)| {
            for j in 0..=ny {
                for i in 0..nx {
                    let south = (j > 0).then(|| potential(i, j - 1, k));
                    let north = (j < ny).then(|| potential(i, j, k));
                    v[j * nx + i] -= open(1, grid.at_y(i, j, k)) * slope(south, north, dx);
                }
            }
        });
    // Nothing crosses the bottom.
    w.par_chunks_mut(nx * ny)
        .enumerate()
        .skip(1)
        .for_each(|(k, w)| {
            let distance = match thick.get(k) {
                Some(above) => 0.5 * (thick[k - 1] + above) as f32,
                None => thick[k - 1] as f32,
            };
            for j in 0..ny {
                for i in 0..nx {
                    let below = Some(potential(i, j, k - 1));
                    let above = (k < nz).then(|| potential(i, j, k));
                    w[j * nx + i] -= open(2, grid.at_z(i, j, k)) * slope(below, above, distance);
                }
            }
        });
    Ok(solved)
}
