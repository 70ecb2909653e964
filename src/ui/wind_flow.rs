//! The horizontal wind of one direction at the height of its map: what the drawn streaks and the words about them share.

use std::sync::Arc;

use crate::geo::Grid;
use crate::result::{Field, FieldData, SimulationResult};
use crate::text::Texts;

/// Speeds (m/s): no streak below the first, no longer streak above the second.
pub const STREAK_SPEEDS: [f32; 2] = [0.5, 6.0];

/// Wind of one direction on the cells of its map.
#[derive(Clone, Debug)]
pub struct WindFlow {
    /// Direction (degrees) from which the wind comes.
    pub from_deg: f64,
    /// Cells.
    pub grid: Grid,
    /// Speed (m/s) of the statistic of the map; NaN in walls.
    pub speed_mps: Arc<Vec<f32>>,
    /// Direction (degrees) towards which the mean velocity blows; NaN in walls.
    pub towards_deg: Arc<Vec<f32>>,
}

impl WindFlow {
    /// The wind that belongs to a map of a result: that of its direction, or of the first one for maps of whole years.
    pub fn of_map(result: &SimulationResult, id: &str) -> Option<Self> {
        let shown = result.fields.iter().find(|f| f.id == id)?;
        let mut directions = result.fields.iter().filter_map(|f| f.from_deg);
        let from_deg = shown.from_deg.or_else(|| directions.next())?;
        let raster = |quantity: &str| {
            let wanted = |f: &&Field| f.quantity == quantity && f.from_deg == Some(from_deg);
            match &result.fields.iter().find(wanted)?.data {
                FieldData::Raster { grid, values } => Some((*grid, values.clone())),
                FieldData::Receivers { .. } => None,
            }
        };
        let (grid, speed_mps) = raster("quantity-wind-speed")?;
        let (cells, towards_deg) = raster("quantity-wind-direction")?;
        (cells == grid).then_some(Self {
            from_deg,
            grid,
            speed_mps,
            towards_deg,
        })
    }

    /// Velocity (m/s, east and north) of a cell; `None` in a wall.
    pub fn velocity(&self, cell: usize) -> Option<[f32; 2]> {
        let (speed, towards) = (self.speed_mps[cell], self.towards_deg[cell].to_radians());
        (!speed.is_nan() && !towards.is_nan())
            .then(|| [speed * towards.sin(), speed * towards.cos()])
    }

    /// Velocity (m/s, east and north) at a local place, between the centres of those cells around it that have air; `None` in a
    /// wall and beyond the map.
    pub fn at(&self, [x, y]: [f64; 2]) -> Option<[f32; 2]> {
        let grid = &self.grid;
        let (row, col) = grid.cell_at(x, y)?;
        self.velocity(grid.index(row, col))?;
        let across = (x - grid.west) / grid.cell_m - 0.5;
        let down = (grid.north - y) / grid.cell_m - 0.5;
        let (fx, fy) = (across - across.floor(), down - down.floor());
        let mut sums = [0.0_f32; 3];
        for (c, wx) in [(across.floor(), 1.0 - fx), (across.floor() + 1.0, fx)] {
            for (r, wy) in [(down.floor(), 1.0 - fy), (down.floor() + 1.0, fy)] {
                let inside = c >= 0.0 && r >= 0.0 && c < grid.cols as f64 && r < grid.rows as f64;
                let found = inside.then(|| self.velocity(grid.index(r as usize, c as usize)));
                if let Some([u, v]) = found.flatten() {
                    let weight = (wx * wy) as f32;
                    sums = [sums[0] + weight, sums[1] + weight * u, sums[2] + weight * v];
                }
            }
        }
        (sums[0] > 0.0).then(|| [sums[1] / sums[0], sums[2] / sums[0]])
    }

    /// `Pfeile: Wind aus 240°`, the name of their switch.
    pub fn name(&self, t: &Texts) -> String {
        let decimals = usize::from(self.from_deg.fract() != 0.0);
        let deg = t.language().number(self.from_deg, decimals);
        t.with("ui-streaks", &[("deg", deg)])
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Cells of 2 m with these velocities (east, north); NaN for walls.
    pub fn flow(cols: usize, velocities: &[[f32; 2]]) -> WindFlow {
        let speeds = velocities.iter().map(|[u, v]| u.hypot(*v));
        let towards = velocities
            .iter()
            .map(|[u, v]| u.atan2(*v).to_degrees().rem_euclid(360.0));
        let rows = velocities.len() / cols;
        WindFlow {
            from_deg: 240.0,
            grid: Grid {
                west: 0.0,
                north: 2.0 * rows as f64,
                cell_m: 2.0,
                cols,
                rows,
            },
            speed_mps: Arc::new(speeds.collect()),
            towards_deg: Arc::new(towards.collect()),
        }
    }

    #[test]
    fn wind_is_interpolated_over_cells_with_air_alone() {
        let wall = [f32::NAN; 2];
        let wind = flow(3, &[[2.0, 0.0], [4.0, 0.0], wall]);
        let at = |x: f64| {
            wind.at([x, 1.0])
                .map(|[u, v]| [u, v].map(|s| (s * 1e3).round() / 1e3))
        };
        assert_eq!(at(1.0), Some([2.0, 0.0]));
        assert_eq!(at(2.0), Some([3.0, 0.0]));
        // Beside the wall the wind keeps its speed; in it there is none.
        assert_eq!(at(3.9), Some([4.0, 0.0]));
        assert_eq!(at(4.1), None);
        assert_eq!(at(-0.1), None);
    }

    #[test]
    fn a_direction_is_where_the_wind_goes_to() {
        let wind = flow(1, &[[0.0, -3.0]]);
        assert_eq!(wind.towards_deg[0], 180.0);
        let [u, v] = wind.velocity(0).unwrap();
        assert!(u.abs() < 1e-5 && (v + 3.0).abs() < 1e-5);
    }
}
