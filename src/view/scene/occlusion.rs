//! Soft ambient light: the share of the sky that a point sees past the buildings, weighted by the cosine to its normal.
//!
//! A coarse relative of the sky view factor for the picture only: 32 fixed directions, 1 where nothing hides the sky
//! (also on a wall, which can see half of it at best).

use nalgebra::Vector3;
use rayon::prelude::*;

use crate::geo::bvh::TriangleBvh;

/// Number of directions.
const DIRECTIONS: usize = 32;

/// Directions over the upper hemisphere, equal solid angles (Fibonacci lattice), from 3 degrees up.
pub fn directions() -> [Vector3<f32>; DIRECTIONS] {
    let golden = std::f32::consts::PI * (3.0 - 5.0_f32.sqrt());
    std::array::from_fn(|i| {
        let z = 0.05 + 0.95 * (i as f32 + 0.5) / DIRECTIONS as f32;
        let (r, angle) = ((1.0 - z * z).sqrt(), golden * i as f32);
        Vector3::new(r * angle.cos(), r * angle.sin(), z)
    })
}

/// Openness 0 to 1 of a point (map space) with unit normal.
pub fn openness(
    bvh: &TriangleBvh,
    directions: &[Vector3<f32>],
    point: Vector3<f32>,
    normal: Vector3<f32>,
) -> f32 {
    let (mut seen, mut all) = (0.0, 0.0);
    for d in directions {
        let weight = d.dot(&normal);
        if weight <= 0.02 {
            continue;
        }
        all += weight;
        if bvh.any_hit(point.into(), (*d).into(), |_| false).is_none() {
            seen += weight;
        }
    }
    if all > 0.0 { seen / all } else { 1.0 }
}

/// Brightness of the ambient light for an openness: interiors of courts stay readable.
pub fn shade(openness: f32) -> f32 {
    0.30 + 0.70 * openness
}

/// Openness of the ground as a square-cell raster, `[rows][cols]`, row 0 in the north.
#[derive(Clone, Debug, PartialEq)]
pub struct OpennessRaster {
    /// Cells.
    pub grid: crate::geo::Grid,
    /// 0 to 255.
    pub values: Vec<u8>,
}

impl OpennessRaster {
    /// Computes the cells for which `needed` holds; the rest is taken from `previous` (same grid) or open.
    pub fn compute(
        grid: crate::geo::Grid,
        bvh: &TriangleBvh,
        height: impl Fn(f64, f64) -> f32 + Sync,
        previous: Option<&Self>,
        needed: impl Fn(f64, f64) -> bool + Sync,
    ) -> Self {
        let directions = directions();
        let up = Vector3::z();
        let values = (0..grid.len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|i| {
                let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
                match previous {
                    Some(p) if p.grid == grid && !needed(x, y) => p.values[i],
                    _ => {
                        let point = Vector3::new(x as f32, y as f32, height(x, y) + 0.3);
                        (shade(openness(bvh, &directions, point, up)) * 255.0) as u8
                    }
                }
            })
            .collect();
        Self { grid, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_place_is_open_and_a_wall_hides_half() {
        let directions = directions();
        let open = TriangleBvh::build(&[], &[]);
        assert_eq!(
            openness(&open, &directions, Vector3::zeros(), Vector3::z()),
            1.0
        );
        // A very long and high wall 1 m to the north.
        let wall = [
            [[-1e4, 1.0, -1e4], [1e4, 1.0, -1e4], [1e4, 1.0, 1e4]],
            [[-1e4, 1.0, -1e4], [1e4, 1.0, 1e4], [-1e4, 1.0, 1e4]],
        ];
        let bvh = TriangleBvh::build(&wall, &[0, 0]);
        let half = openness(&bvh, &directions, Vector3::zeros(), Vector3::z());
        assert!((half - 0.5).abs() < 0.06, "{half}");
    }
}
