//! Streets and land cover as a raster of signed distances to their edges, which the ground shader turns into clean
//! edges at any zoom: draped on any terrain without extra triangles.

use rayon::prelude::*;

use crate::city::{City, LandCoverKind};
use crate::geo::Grid;

/// Distance (cells) over which a value falls from 1 to 0 across an edge.
const BAND_CELLS: f64 = 4.0;
/// Cells per side at most.
const MAX_SIDE: usize = 2048;

/// Channels of the raster.
const WATER: usize = 0;
const GREEN: usize = 1;
const PAVED: usize = 2;
const STREET: usize = 3;

/// Water, green, paved and street, each 0 to 255 with 127.5 at the edge. `[rows][cols][4]`, row 0 in the north.
#[derive(Clone, Debug, PartialEq)]
pub struct CoverRaster {
    /// Cells.
    pub grid: Grid,
    /// Values.
    pub values: Vec<u8>,
}

/// A ring or line with its width.
struct Shape {
    channel: usize,
    rings: Vec<Vec<[f64; 2]>>,
    /// Half width of a line; `None` for a polygon.
    half_width_m: Option<f64>,
    /// Rows that it touches.
    south: f64,
    north: f64,
}

/// Grid of the rasters below the city: 1 m cells, coarser for large cities.
pub fn cover_grid(lo: [f64; 2], hi: [f64; 2]) -> Grid {
    let size = (hi[0] - lo[0]).max(hi[1] - lo[1]).max(1.0);
    Grid::covering(lo, hi, (size / (MAX_SIDE as f64 - 1.0)).max(1.0))
}

impl CoverRaster {
    /// Raster of a city.
    pub fn of(city: &City, grid: Grid) -> Self {
        let shapes = shapes(city, BAND_CELLS * grid.cell_m);
        let mut values = vec![0_u8; grid.len() * 4];
        values
            .par_chunks_mut(grid.cols * 4)
            .enumerate()
            .for_each(|(row, cells)| {
                let y = grid.centre(row, 0)[1];
                let mut coverage = vec![[f64::NEG_INFINITY; 4]; grid.cols];
                for shape in shapes.iter().filter(|s| s.south <= y && y <= s.north) {
                    add_shape(&mut coverage, &grid, y, shape);
                }
                for (cell, distances) in cells.chunks_exact_mut(4).zip(&coverage) {
                    for (value, d) in cell.iter_mut().zip(distances) {
                        let share = 0.5 + d / (BAND_CELLS * grid.cell_m);
                        *value = (share.clamp(0.0, 1.0) * 255.0).round() as u8;
                    }
                }
            });
        Self { grid, values }
    }
}

fn shapes(city: &City, margin: f64) -> Vec<Shape> {
    let streets = city
        .streets
        .iter()
        .map(|s| (STREET, vec![s.line.clone()], Some(0.5 * s.width_m)));
    let cover = city.land_cover.iter().filter_map(|c| {
        let channel = match c.kind {
            LandCoverKind::Water => WATER,
            LandCoverKind::Green => GREEN,
            LandCoverKind::Paved | LandCoverKind::Railway => PAVED,
            LandCoverKind::Street => STREET,
            LandCoverKind::Other => return None,
        };
        Some((channel, c.rings.clone(), None))
    });
    cover
        .chain(streets)
        .map(|(channel, rings, half_width_m)| {
            let reach = margin + half_width_m.unwrap_or(0.0);
            let ys = || rings.iter().flatten().map(|p| p[1]);
            Shape {
                channel,
                south: ys().fold(f64::INFINITY, f64::min) - reach,
                north: ys().fold(f64::NEG_INFINITY, f64::max) + reach,
                rings,
                half_width_m,
            }
        })
        .collect()
}

/// Largest signed distance (m, positive inside) per cell of one row.
fn add_shape(row: &mut [[f64; 4]], grid: &Grid, y: f64, shape: &Shape) {
    let reach = BAND_CELLS * grid.cell_m;
    let x_of = |col: usize| grid.west + (col as f64 + 0.5) * grid.cell_m;
    let cols = |from: f64, to: f64| {
        let first = ((from - grid.west) / grid.cell_m - 0.5).ceil().max(0.0) as usize;
        let last = ((to - grid.west) / grid.cell_m - 0.5).floor();
        first..(if last < 0.0 {
            0
        } else {
            (last as usize + 1).min(grid.cols)
        })
        .max(first)
    };
    match shape.half_width_m {
        Some(half) => {
            for line in &shape.rings {
                for s in line.windows(2) {
                    if (s[0][1].min(s[1][1]) - y).max(y - s[0][1].max(s[1][1])) > half + reach {
                        continue;
                    }
                    let (from, to) = (s[0][0].min(s[1][0]), s[0][0].max(s[1][0]));
                    for col in cols(from - half - reach, to + half + reach) {
                        let d = half - distance([x_of(col), y], s[0], s[1]);
                        row[col][shape.channel] = row[col][shape.channel].max(d);
                    }
                }
            }
        }
        None => {
            // Distance to the boundary near it, even-odd inside test along the row.
            let mut near = vec![f64::INFINITY; row.len()];
            let mut crossings = Vec::new();
            for ring in &shape.rings {
                for (i, &a) in ring.iter().enumerate() {
                    let b = ring[(i + 1) % ring.len()];
                    if (a[1] > y) != (b[1] > y) {
                        crossings.push(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
                    }
                    if (a[1].min(b[1]) - y).max(y - a[1].max(b[1])) > reach {
                        continue;
                    }
                    for col in cols(a[0].min(b[0]) - reach, a[0].max(b[0]) + reach) {
                        near[col] = near[col].min(distance([x_of(col), y], a, b));
                    }
                }
            }
            crossings.sort_by(f64::total_cmp);
            let mut inside = vec![false; row.len()];
            for span in crossings.chunks_exact(2) {
                for col in cols(span[0], span[1]) {
                    inside[col] = true;
                }
            }
            for col in 0..row.len() {
                let d = if inside[col] { near[col] } else { -near[col] };
                row[col][shape.channel] = row[col][shape.channel].max(d);
            }
        }
    }
}

/// Distance from a point to a segment.
fn distance(p: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (ux, uy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = ux * ux + uy * uy;
    let t = if length2 > 0.0 {
        (((p[0] - a[0]) * ux + (p[1] - a[1]) * uy) / length2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (p[0] - a[0] - t * ux).hypot(p[1] - a[1] - t * uy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::LandCover;
    use crate::view::scene::tests::empty_city;

    #[test]
    fn half_lies_on_the_edge_and_holes_stay_empty() {
        let mut city = empty_city();
        let square = |a: f64, b: f64| vec![[a, a], [b, a], [b, b], [a, b]];
        city.land_cover = std::sync::Arc::new(vec![LandCover {
            id: "w".to_owned(),
            kind: LandCoverKind::Water,
            rings: vec![square(10.0, 50.0), square(25.0, 35.0)],
        }]);
        let grid = Grid::covering([0.0, 0.0], [60.0, 60.0], 1.0);
        let raster = CoverRaster::of(&city, grid);
        let at = |x: f64, y: f64| {
            let (row, col) = grid.cell_at(x, y).unwrap();
            raster.values[grid.index(row, col) * 4 + WATER]
        };
        assert_eq!(at(17.0, 17.0), 255);
        assert_eq!(at(30.5, 30.5), 0);
        assert_eq!(at(3.0, 30.0), 0);
        // Centres half a metre on either side of the edge.
        assert!(at(9.6, 40.0) < 127 && at(10.4, 40.0) > 127);
        assert_eq!(u16::from(at(9.6, 40.0)) + u16::from(at(10.4, 40.0)), 255);
    }
}
