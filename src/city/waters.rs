//! Which cells of a grid are waters by the land cover.

use crate::geo::Grid;

use super::{City, LandCoverKind};

/// Cells whose centre lies in a water polygon of the city, in rising order.
pub(crate) fn water_cells(city: &City, grid: &Grid) -> Vec<usize> {
    let mut cells = Vec::new();
    let water = city.land_cover.iter();
    for area in water.filter(|a| a.kind == LandCoverKind::Water) {
        for row in 0..grid.rows {
            let [_, y] = grid.centre(row, 0);
            // Even-odd rule: crossings of all rings with the row, in pairs.
            let mut crossings: Vec<f64> = Vec::new();
            for ring in &area.rings {
                for (i, a) in ring.iter().enumerate() {
                    let b = ring[(i + 1) % ring.len()];
                    if (a[1] <= y) != (b[1] <= y) {
                        crossings.push(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
                    }
                }
            }
            crossings.sort_by(f64::total_cmp);
            for pair in crossings.chunks_exact(2) {
                let column = |x: f64| ((x - grid.west) / grid.cell_m - 0.5).ceil().max(0.0);
                let (from, to) = (column(pair[0]) as usize, column(pair[1]) as usize);
                cells.extend((from..to.min(grid.cols)).map(|col| grid.index(row, col)));
            }
        }
    }
    cells.sort_unstable();
    cells.dedup();
    cells
}
