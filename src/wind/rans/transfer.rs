//! From tier 1 into the fields of a run, and from them to the result.

use crate::job::{Cancelled, Job};

use super::super::flow::Flow;
use super::super::grid::WindGrid;
use super::super::solids::Solids;
use super::layout::Layout;
use super::sides::Sides;
use super::state::State;
use super::turbulence::LEAST;

/// Velocities of a first guess with undisturbed turbulence; nothing moves in solid cells and through closed faces.
pub(super) fn begin(
    state: &mut State,
    sides: &Sides<'_>,
    solids: &Solids,
    start: &Flow,
    job: &Job,
) -> Result<(), Cancelled> {
    let (grid, layout) = (sides.grid, state.layout);
    let [nx, ny, nz] = grid.cells;
    for k in 0..nz {
        for j in 0..=ny {
            job.check_cancelled()?;
            for i in 0..=nx {
                let at = layout.at(i as isize, j as isize, k);
                if j < ny {
                    state.velocity[0][at] = start.u[grid.at_x(i, j, k)];
                }
                if i < nx {
                    state.velocity[1][at] = start.v[grid.at_y(i, j, k)];
                }
                if i == nx || j == ny {
                    continue;
                }
                state.velocity[2][at] = start.w[grid.at_z(i, j, k)];
                if solids.is_solid(grid.at(i, j, k)) {
                    state.k[at] = LEAST;
                    state.epsilon[at] = LEAST;
                } else {
                    let wind = sides.undisturbed(i as isize, j as isize, k);
                    state.k[at] = wind.k as f32;
                    state.epsilon[at] = wind.epsilon as f32;
                    state.nu[at] = state.closure.c_mu * (wind.k * wind.k / wind.epsilon) as f32;
                }
            }
        }
    }
    sides.fill_given(state);
    for k in 0..nz {
        for j in 0..=ny {
            for i in 0..=nx {
                let at = layout.at(i as isize, j as isize, k);
                if j < ny && solids.open[0][grid.at_x(i, j, k)] == 0 {
                    state.velocity[0][at] = 0.0;
                }
                if i < nx && solids.open[1][grid.at_y(i, j, k)] == 0 {
                    state.velocity[1][at] = 0.0;
                }
            }
        }
    }
    sides.fill_leaving(state);
    Ok(())
}

/// The inner faces in the order of the grid.
pub(super) fn faces(state: &State, grid: &WindGrid) -> Flow {
    let layout = &state.layout;
    let [nx, ny, nz] = grid.cells;
    let [u, v, w] = &state.velocity;
    let mut flow = Flow::still(grid);
    for k in 0..nz {
        for j in 0..=ny {
            let at = layout.at(0, j as isize, k);
            if j < ny {
                flow.u[grid.at_x(0, j, k)..][..=nx].copy_from_slice(&u[at..=at + nx]);
                flow.w[grid.at_z(0, j, k)..][..nx].copy_from_slice(&w[at..at + nx]);
            }
            flow.v[grid.at_y(0, j, k)..][..nx].copy_from_slice(&v[at..at + nx]);
        }
    }
    flow
}

/// The inner cells in the order of the grid.
pub(super) fn cells(layout: &Layout, field: &[f32]) -> Vec<f32> {
    let [nx, ny, nz] = layout.cells;
    let mut out = Vec::with_capacity(nx * ny * nz);
    for k in 0..nz {
        for j in 0..ny {
            let at = layout.at(0, j as isize, k);
            out.extend_from_slice(&field[at..at + nx]);
        }
    }
    out
}

/// Adds to k the energy of slow motions (see [`Closure::slow`](super::Closure::slow)).
pub(super) fn add_slow(k: &mut [f32], flow: &Flow, sides: &Sides<'_>, share: f32) {
    let grid = sides.grid;
    let [nx, ny, _] = grid.cells;
    for (cell, k) in k.iter_mut().enumerate() {
        let at = [cell % nx, cell / nx % ny, cell / (nx * ny)];
        let squares: f32 = flow.at_centre(grid, at).iter().map(|v| v * v).sum();
        let undisturbed = sides.undisturbed(at[0] as isize, at[1] as isize, at[2]);
        *k += share * slow_energy(squares.sqrt(), undisturbed.speed as f32);
    }
}

/// Share of the undisturbed speed that does not count as lost: in an empty domain the wind drifts by up to 0.6 % of it, and that is no wake.
const DRIFT: f32 = 0.01;

/// Turbulent energy (m²/s²) of wind that is undisturbed or still, and `mean` (m/s) on the whole: half its variance; none where it is faster than undisturbed.
fn slow_energy(mean: f32, undisturbed: f32) -> f32 {
    0.5 * mean * ((1.0 - DRIFT) * undisturbed - mean).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::slow_energy;

    #[test]
    fn slow_energy_is_half_the_variance_of_wind_that_comes_and_goes() {
        // 4 m/s for a quarter of the time: mean 1, mean of squares 4, variance 3.
        assert!((slow_energy(1.0, 4.0) - 1.5).abs() < 0.03);
        for mean in [0.0, 3.97, 4.0, 5.0] {
            assert!(slow_energy(mean, 4.0).abs() < 1e-6, "{mean}");
        }
    }
}
