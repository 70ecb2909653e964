//! Wind at any point: between cell centres, and below the lowest one the log law of the ground.

use super::flow::Flow;
use super::grid::WindGrid;
use super::solids::Solids;

/// Wind at a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// Mean velocity (m/s) to the east, to the north, up.
    pub velocity: [f64; 3],
    /// Turbulent kinetic energy (m²/s²).
    pub k_m2_per_s2: f64,
}

impl Wind {
    /// Speed of the mean velocity (m/s), |<u>|.
    pub fn vector_speed(&self) -> f64 {
        self.velocity.iter().map(|v| v * v).sum::<f64>().sqrt()
    }

    /// Mean of the speed (m/s), <|u|>, what a cup or a thermistor shows: sqrt(|<u>|² + 4 k / 3). Two thirds of the turbulent energy
    /// add to the mean square of the speed, the rest is the spread of the speed itself.
    pub fn scalar_speed(&self) -> f64 {
        let mean = self.vector_speed();
        (mean * mean + 4.0 / 3.0 * self.k_m2_per_s2).sqrt()
    }

    /// Speed (m/s) of a gust: that of the mean velocity and [`GUST_PEAK`] standard deviations along the wind,
    /// sigma_u = [`ALONG`] sqrt(2 k / 3).
    pub fn gust_mps(&self) -> f64 {
        self.vector_speed() + GUST_PEAK * ALONG * (2.0 / 3.0 * self.k_m2_per_s2).sqrt()
    }

    /// Gust-equivalent mean (m/s): the larger of the mean speed and of the gust by [`GUST_TO_MEAN`], as Lawson's criteria are often read.
    pub fn gust_equivalent(&self) -> f64 {
        self.scalar_speed().max(self.gust_mps() / GUST_TO_MEAN)
    }
}

/// Standard deviations of a gust above the mean (common practice; from memory).
const GUST_PEAK: f64 = 3.0;
/// Deviation along the wind by that of isotropic turbulence (boundary layer, not fitted).
const ALONG: f64 = 1.2;
/// Gust that is felt like a mean wind of 1 (common practice for Lawson's criteria; from memory).
const GUST_TO_MEAN: f64 = 1.85;

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
