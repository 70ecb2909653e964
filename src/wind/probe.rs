//! Wind at any point: between cell centres, and below the lowest one the log law of the ground.

use super::flow::Flow;
use super::grid::WindGrid;
use super::solids::Solids;

/// Deviation along the wind by that of equal parts of the turbulent energy. Measured around a building 1.2 and upwind of it 1.3 (AIJ A);
/// 1.2 to 1.35 over open land.
pub const ALONG: f64 = 1.2;
/// Deviations of a gust above the mean (usual for gusts of about 3 s; 2.5 to 3.5).
pub const PEAK: f64 = 3.0;
/// Gust by mean in wind that is felt as its mean says.
const GUST_OF_MEAN: f64 = 1.85;

/// Wind at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// Mean velocity (m/s) to the east, to the north, up.
    pub velocity: [f64; 3],
    /// Turbulent kinetic energy (m²/s²).
    pub k_m2_per_s2: f64,
}

impl Wind {
    /// Speed of the mean velocity (m/s), `|<u>|`.
    pub fn vector_speed(&self) -> f64 {
        self.velocity.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    /// Mean of the speed (m/s), `<|u|>`, what a cup or a thermistor shows: `sqrt(|<u>|² + 4 k / 3)`. Two thirds of the turbulent energy
    /// add to the mean square of the speed, the rest is the spread of the speed itself.
    pub fn scalar_speed(&self) -> f64 {
        let mean = self.vector_speed();
        (mean * mean + 4.0 / 3.0 * self.k_m2_per_s2).sqrt()
    }

    /// Deviation of the speed along the wind (m/s), sigma_u: [`ALONG`] times that of equal parts of the turbulent energy in all directions.
    pub fn sigma_u_mps(&self) -> f64 {
        ALONG * (2.0 / 3.0 * self.k_m2_per_s2.max(0.0)).sqrt()
    }

    /// Speed of gusts of some seconds (m/s): mean and [`PEAK`] deviations.
    pub fn gust_mps(&self) -> f64 {
        self.vector_speed() + PEAK * self.sigma_u_mps()
    }

    /// Mean speed (m/s) that is felt like this wind with its gusts: the larger one of the mean and gust / 1.85 (gust equivalent mean of
    /// Lawson's criteria, from memory).
    pub fn gust_equivalent_mps(&self) -> f64 {
        self.scalar_speed().max(self.gust_mps() / GUST_OF_MEAN)
    }
}

/// Wind at a place (m, east and north) and a height (m, same zero as the grid's levels). `k` is the turbulent energy of each cell. None
/// outside the grid and where all cells around are solid. `z0_m` is the roughness length of the ground.
///
/// Solid cells beside the point count as still air half a cell behind the wall. Between the ground and the second centre above it speeds
/// follow the log law, further up they are linear.
pub fn wind_at(
    grid: &WindGrid,
    solids: &Solids,
    flow: &Flow,
    k: &[f32],
    place: [f64; 2],
    height_m: f64,
    z0_m: f64,
) -> Option<Wind> {
    let [nx, ny, nz] = grid.cells;
    let x = (place[0] - grid.west_m) / grid.cell_m;
    let y = (place[1] - grid.south_m) / grid.cell_m;
    let inside = (0.0..nx as f64).contains(&x) && (0.0..ny as f64).contains(&y);
    let layer = grid.levels_m.partition_point(|&z| z <= height_m);
    if !inside || layer == 0 || layer > nz {
        return None;
    }
    let layer = layer - 1;
    let here = [x as usize, y as usize];
    if solids.is_solid(grid.at(here[0], here[1], layer)) {
        return None;
    }
    // Above the first cell with air, between layer centres; below its centre, its value with the log law.
    let low = (0..=layer)
        .rev()
        .take_while(|&k| !solids.is_solid(grid.at(here[0], here[1], k)))
        .last()?;
    let (mut lower, mut share, mut factor) = (layer, 0.0, 1.0);
    let centre = grid.height_m(layer);
    // The wall's law in the height above the ground.
    let law = |z: f64| ((z - grid.levels_m[low]).max(0.0) / z0_m).ln_1p();
    if height_m < centre && layer == low {
        factor = law(height_m) / law(centre);
    } else {
        if height_m < centre {
            lower -= 1;
        }
        if lower + 1 < nz {
            let (a, b) = (grid.height_m(lower), grid.height_m(lower + 1));
            share = if lower == low {
                (law(height_m) - law(a)) / (law(b) - law(a))
            } else {
                (height_m - a) / (b - a)
            };
        }
    }
    let corner = |x: f64, count: usize| {
        let x = (x - 0.5).clamp(0.0, count as f64 - 1.0);
        let a = (x as usize).min(count.saturating_sub(2));
        (a, x - a as f64)
    };
    let ((i, a), (j, b)) = (corner(x, nx), corner(y, ny));
    let mut sum = [0.0; 4];
    for (dk, wz) in [(0, 1.0 - share), (1, share)] {
        for (dj, wy) in [(0, 1.0 - b), (1, b)] {
            for (di, wx) in [(0, 1.0 - a), (1, a)] {
                let cell = [
                    (i + di).min(nx - 1),
                    (j + dj).min(ny - 1),
                    (lower + dk).min(nz - 1),
                ];
                let weight = wx * wy * wz;
                let number = grid.at(cell[0], cell[1], cell[2]);
                if weight == 0.0 || solids.is_solid(number) {
                    continue;
                }
                let velocity = flow.at_centre(grid, cell);
                for (sum, v) in sum.iter_mut().zip(velocity) {
                    *sum += weight * f64::from(v);
                }
                sum[3] += weight * f64::from(k.get(number).copied().unwrap_or(0.0));
            }
        }
    }
    Some(Wind {
        velocity: [sum[0] * factor, sum[1] * factor, sum[2] * factor],
        k_m2_per_s2: sum[3],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gusts_add_three_deviations_and_calm_turbulence_none() {
        let wind = |k_m2_per_s2: f64| Wind {
            velocity: [3.0, 4.0, 0.0],
            k_m2_per_s2,
        };
        // sqrt(2 / 3 * 1.5) = 1.
        assert!((wind(1.5).sigma_u_mps() - 1.2).abs() < 1e-12);
        assert!((wind(1.5).gust_mps() - 8.6).abs() < 1e-12);
        // The mean speed, as the gust of 8.6 m/s is felt like 4.6.
        assert!((wind(1.5).gust_equivalent_mps() - 27.0_f64.sqrt()).abs() < 1e-12);
        assert!((wind(6.0).gust_equivalent_mps() - 12.2 / 1.85).abs() < 1e-12);
        assert_eq!(wind(0.0).gust_mps(), 5.0);
    }
}
