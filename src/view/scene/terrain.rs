//! Terrain for drawing: a regular raster thinned to the triangles that its shape needs, or the network as it is.
//!
//! Method: right-triangulated irregular network (Evans, Kirkpatrick & Townsend 2001, doi:10.1007/s00453-001-0006-x): a
//! square is halved along its longest edge until the height at the middle of that edge is met within a tolerance.

use std::collections::BTreeMap;

use bevy::math::Vec3;
use rayon::prelude::*;

use crate::city::{City, Terrain};
use crate::geo::Grid;
use crate::view::space::bevy_from_map_array;

use super::mesh_data::MeshData;

/// Height error (m) allowed at first; doubled until the budget is met.
const FIRST_ERROR_M: f32 = 0.12;
/// Triangles at most.
const BUDGET: usize = 160_000;
/// Depth (m) of the plinth below the lowest ground.
const PLINTH_M: f32 = 9.0;
/// Albedo of plinth and table.
const PLINTH: [f32; 4] = [0.74, 0.73, 0.715, 1.0];

/// Ground as triangles in map space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroundMesh {
    /// Corners (x, y, z).
    pub vertices: Vec<[f32; 3]>,
    /// Counter-clockwise seen from above.
    pub triangles: Vec<[u32; 3]>,
}

impl GroundMesh {
    /// Ground of a city; a flat plate below everything when no source gives heights.
    pub fn of(city: &City) -> Self {
        match city.terrain.as_deref() {
            Some(Terrain::Raster { grid, heights }) => {
                let field = HeightField::from_raster(
                    [
                        grid.west + 0.5 * grid.cell_m,
                        grid.north - 0.5 * grid.cell_m,
                    ],
                    grid.cell_m,
                    grid.cols,
                    heights,
                );
                field.thinned(BUDGET)
            }
            Some(Terrain::Tin {
                vertices,
                triangles,
            }) => Self {
                vertices: vertices
                    .iter()
                    .map(|p| [p.x as f32, p.y as f32, p.z as f32])
                    .collect(),
                triangles: triangles.clone(),
            },
            None => Self::plate(city),
        }
    }

    fn plate(city: &City) -> Self {
        let Some((lo, hi)) = city.bounds_xy() else {
            return Self::default();
        };
        let z = city
            .buildings
            .iter()
            .map(|b| b.z_range().0)
            .fold(f64::INFINITY, f64::min);
        let z = if z.is_finite() { z as f32 } else { 0.0 };
        let margin = 0.05 * (hi[0] - lo[0]).max(hi[1] - lo[1]) + 20.0;
        let [w, s] = lo.map(|v| (v - margin) as f32);
        let [e, n] = hi.map(|v| (v + margin) as f32);
        Self {
            vertices: vec![[w, s, z], [e, s, z], [e, n, z], [w, n, z]],
            triangles: vec![[0, 1, 2], [0, 2, 3]],
        }
    }

    /// Lowest and highest z; (0, 0) without ground.
    pub fn z_range(&self) -> (f32, f32) {
        self.vertices
            .iter()
            .map(|v| v[2])
            .fold(None, |range: Option<(f32, f32)>, z| {
                Some(range.map_or((z, z), |(lo, hi)| (lo.min(z), hi.max(z))))
            })
            .unwrap_or_default()
    }

    /// Corner triples.
    pub fn corner_triples(&self) -> Vec<[[f32; 3]; 3]> {
        self.triangles
            .iter()
            .map(|t| t.map(|i| self.vertices[i as usize]))
            .collect()
    }

    /// Surface for drawing. Colours are unused by the ground shader, which also derives the normals.
    pub fn mesh(&self) -> MeshData {
        MeshData {
            positions: self
                .vertices
                .iter()
                .map(|&v| bevy_from_map_array(v).to_array())
                .collect(),
            normals: vec![[0.0, 1.0, 0.0]; self.vertices.len()],
            colors: vec![[1.0; 4]; self.vertices.len()],
            indices: self.triangles.iter().flatten().copied().collect(),
        }
    }

    /// Cut sides of the ground block, and the table it stands on.
    pub fn plinth(&self) -> MeshData {
        let mut mesh = MeshData::default();
        if self.vertices.is_empty() {
            return mesh;
        }
        let floor = self.z_range().0 - PLINTH_M;
        for [a, b] in self.boundary() {
            let (a, b) = (self.vertices[a as usize], self.vertices[b as usize]);
            let [pa, pb] = [a, b].map(bevy_from_map_array);
            let [qa, qb] = [a, b].map(|v| bevy_from_map_array([v[0], v[1], floor]));
            let normal = (pb - pa).cross(Vec3::NEG_Y).normalize_or_zero();
            mesh.flat_triangle([pa, qa, qb], normal, PLINTH);
            mesh.flat_triangle([pa, qb, pb], normal, PLINTH);
        }
        let (centre, radius) = self.circle();
        // Rings with growing radius: the haze is interpolated per pixel, the rings only keep the triangles well shaped.
        let at = |r: f32, i: usize| {
            let angle = i as f32 / 48.0 * std::f32::consts::TAU;
            bevy_from_map_array([
                centre[0] + r * angle.cos(),
                centre[1] + r * angle.sin(),
                floor,
            ])
        };
        for ring in 0..4 {
            let (inner, outer) = (
                [0.0, 1.5, 5.0, 15.0][ring] * radius,
                [1.5, 5.0, 15.0, 40.0][ring] * radius,
            );
            for i in 0..48 {
                let (a, b, c, d) = (
                    at(inner, i),
                    at(outer, i),
                    at(outer, i + 1),
                    at(inner, i + 1),
                );
                mesh.flat_triangle([a, b, c], Vec3::Y, PLINTH);
                mesh.flat_triangle([a, c, d], Vec3::Y, PLINTH);
            }
        }
        mesh
    }

    /// Edges that belong to one triangle only, with the ground on their left.
    fn boundary(&self) -> Vec<[u32; 2]> {
        let mut edges = BTreeMap::new();
        for t in &self.triangles {
            for i in 0..3 {
                let (a, b) = (t[i], t[(i + 1) % 3]);
                if edges.remove(&(b, a)).is_none() {
                    edges.insert((a, b), ());
                }
            }
        }
        edges.into_keys().map(|(a, b)| [a, b]).collect()
    }

    /// Centre and radius of the circle around the bounding box.
    fn circle(&self) -> ([f32; 2], f32) {
        let mut lo = [f32::INFINITY; 2];
        let mut hi = [f32::NEG_INFINITY; 2];
        for v in &self.vertices {
            for i in 0..2 {
                lo[i] = lo[i].min(v[i]);
                hi[i] = hi[i].max(v[i]);
            }
        }
        let size = [hi[0] - lo[0], hi[1] - lo[1]];
        (
            [0.5 * (lo[0] + hi[0]), 0.5 * (lo[1] + hi[1])],
            0.5 * size[0].hypot(size[1]),
        )
    }
}

/// Directions in which steep ground faces: a raster terrain draws a quay as a saw of one-metre steps, and the light on it
/// shall be that of the whole wall.
#[derive(Clone, Debug, PartialEq)]
pub struct FacingRaster {
    /// Cells, those of the terrain or a multiple.
    pub grid: Grid,
    /// East and south component of the horizontal direction downhill, -1 to 1 as 0 to 255, `[rows][cols][2]`.
    pub values: Vec<u8>,
}

/// Cells on either side over which the direction is taken.
const FACING_REACH: usize = 4;

impl FacingRaster {
    /// Directions of a terrain raster; `None` for a network, whose faces are true.
    pub fn of(city: &City) -> Option<Self> {
        let Some(Terrain::Raster { grid, heights }) = city.terrain.as_deref() else {
            return None;
        };
        let stride = grid.cols.max(grid.rows).div_ceil(2048);
        let coarse = Grid {
            cell_m: grid.cell_m * stride as f64,
            cols: grid.cols / stride,
            rows: grid.rows / stride,
            ..*grid
        };
        let values = (0..coarse.len())
            .into_par_iter()
            .with_min_len(4096)
            .flat_map_iter(|i| {
                let (row, col) = (i / coarse.cols * stride, i % coarse.cols * stride);
                downhill(grid, heights, row, col).map(|v| (127.5 + 127.5 * v).round() as u8)
            })
            .collect();
        Some(Self {
            grid: coarse,
            values,
        })
    }
}

/// Unit vector (east, south) downhill around a cell, 0 on flat or unknown ground: difference of the sums on both sides.
fn downhill(grid: &Grid, heights: &[f32], row: usize, col: usize) -> [f32; 2] {
    let r = FACING_REACH;
    if row < r || col < r || row + r >= grid.rows || col + r >= grid.cols {
        return [0.0; 2];
    }
    let at = |dr: usize, dc: usize| heights[grid.index(row + dr - r, col + dc - r)];
    // A ring instead of the full window: a quarter of the work for the same direction.
    let (mut east, mut south) = (0.0_f32, 0.0_f32);
    for i in 0..=2 * r {
        let d = i as f32 - r as f32;
        east += at(i, 0) - at(i, 2 * r) - d * 0.25 * (at(0, i) + at(2 * r, i));
        south += at(0, i) - at(2 * r, i) - d * 0.25 * (at(i, 0) + at(i, 2 * r));
    }
    let length = east.hypot(south);
    if length > 1.0 {
        [east / length, south / length]
    } else {
        [0.0; 2]
    }
}

/// Square height field with 2^k + 1 points per side, row 0 in the north; NaN where there is no ground.
struct HeightField {
    first: [f64; 2],
    step_m: f64,
    side: usize,
    heights: Vec<f32>,
}

impl HeightField {
    /// `first` is the place of the north-western height.
    fn from_raster(first: [f64; 2], cell_m: f64, cols: usize, heights: &[f32]) -> Self {
        let rows = heights.len() / cols.max(1);
        let longest = cols.max(rows).max(2);
        // 2049 points per side hold 16 MB; a larger raster is drawn with every second, third ... height.
        let stride = longest.div_ceil(2049);
        let side = ((longest - 1).div_ceil(stride)).next_power_of_two() + 1;
        let at = |row: usize, col: usize| {
            // The last row and column are drawn even when the stride does not meet them.
            let (r, c) = (row * stride, col * stride);
            let inside = r < rows + stride - 1 && c < cols + stride - 1;
            if inside {
                heights[r.min(rows - 1) * cols + c.min(cols - 1)]
            } else {
                f32::NAN
            }
        };
        let heights = (0..side * side).map(|i| at(i / side, i % side)).collect();
        Self {
            first,
            step_m: cell_m * stride as f64,
            side,
            heights,
        }
    }

    fn thinned(&self, budget: usize) -> GroundMesh {
        let errors = self.errors();
        let mut tolerance = FIRST_ERROR_M;
        loop {
            let mesh = self.extract(&errors, tolerance);
            if mesh.triangles.len() <= budget {
                return mesh;
            }
            tolerance *= 1.6;
        }
    }

    /// Largest height error per midpoint, including that of all finer midpoints below it.
    fn errors(&self) -> Vec<f32> {
        let (side, tile) = (self.side, self.side - 1);
        let mut errors = vec![0.0_f32; side * side];
        let all = tile * tile * 2 - 2;
        let parents = all - tile * tile;
        for i in (0..all).rev() {
            let (a, b) = triangle_of(i + 2, tile);
            let m = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
            let c = [m[0] + m[1] - a[1], m[1] + a[0] - m[0]];
            let at = |p: [usize; 2]| self.heights[p[1] * side + p[0]];
            let (ha, hb, hm) = (at(a), at(b), at(m));
            let mixed = ha.is_nan() != hm.is_nan() || hb.is_nan() != hm.is_nan();
            let own = if mixed {
                f32::MAX
            } else if hm.is_nan() {
                0.0
            } else {
                (0.5 * (ha + hb) - hm).abs()
            };
            let mut error = errors[m[1] * side + m[0]].max(own);
            if i < parents {
                for p in [a, b] {
                    let child = (p[1] + c[1]) / 2 * side + (p[0] + c[0]) / 2;
                    error = error.max(errors[child]);
                }
            }
            errors[m[1] * side + m[0]] = error;
        }
        errors
    }

    fn extract(&self, errors: &[f32], tolerance: f32) -> GroundMesh {
        let mut out = Extraction {
            field: self,
            errors,
            tolerance,
            numbers: vec![u32::MAX; self.side * self.side],
            mesh: GroundMesh::default(),
        };
        let max = self.side - 1;
        out.triangle([0, 0], [max, max], [max, 0]);
        out.triangle([max, max], [0, 0], [0, max]);
        out.mesh
    }
}

/// Ends of the long edge of triangle number `id` in the implicit binary tree (`id` starts at 2 with the two halves).
fn triangle_of(mut id: usize, tile: usize) -> ([usize; 2], [usize; 2]) {
    let (mut a, mut b, mut c) = if id & 1 == 1 {
        ([0, 0], [tile, tile], [tile, 0])
    } else {
        ([tile, tile], [0, 0], [0, tile])
    };
    loop {
        id >>= 1;
        if id <= 1 {
            return (a, b);
        }
        let m = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
        if id & 1 == 1 {
            (a, b, c) = (c, a, m);
        } else {
            (a, b, c) = (b, c, m);
        }
    }
}

struct Extraction<'a> {
    field: &'a HeightField,
    errors: &'a [f32],
    tolerance: f32,
    numbers: Vec<u32>,
    mesh: GroundMesh,
}

impl Extraction<'_> {
    fn triangle(&mut self, a: [usize; 2], b: [usize; 2], c: [usize; 2]) {
        let m = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
        let leg = a[0].abs_diff(c[0]) + a[1].abs_diff(c[1]);
        if leg > 1 && self.errors[m[1] * self.field.side + m[0]] > self.tolerance {
            self.triangle(c, a, m);
            self.triangle(b, c, m);
            return;
        }
        let corners = [a, b, c];
        if corners
            .iter()
            .any(|p| self.field.heights[p[1] * self.field.side + p[0]].is_nan())
        {
            return;
        }
        let t = corners.map(|p| self.vertex(p));
        self.mesh.triangles.push(t);
    }

    fn vertex(&mut self, [col, row]: [usize; 2]) -> u32 {
        let i = row * self.field.side + col;
        if self.numbers[i] == u32::MAX {
            self.numbers[i] = self.mesh.vertices.len() as u32;
            self.mesh.vertices.push([
                (self.field.first[0] + col as f64 * self.field.step_m) as f32,
                (self.field.first[1] - row as f64 * self.field.step_m) as f32,
                self.field.heights[i],
            ]);
        }
        self.numbers[i]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(side: usize, height: impl Fn(usize, usize) -> f32) -> HeightField {
        let heights: Vec<f32> = (0..side * side)
            .map(|i| height(i / side, i % side))
            .collect();
        HeightField::from_raster([0.0, 0.0], 1.0, side, &heights)
    }

    fn area(mesh: &GroundMesh) -> f64 {
        mesh.corner_triples()
            .iter()
            .map(|[a, b, c]| {
                0.5 * f64::from((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
            })
            .sum()
    }

    #[test]
    fn a_slope_needs_two_triangles() {
        let mesh = field(65, |row, col| row as f32 * 0.5 + col as f32 * 0.25).thinned(1000);
        assert_eq!(mesh.triangles.len(), 2);
        assert!(
            (area(&mesh) - 64.0 * 64.0).abs() < 1e-6,
            "counter-clockwise seen from above"
        );
    }

    #[test]
    fn a_quay_wall_keeps_its_edge_within_the_tolerance() {
        let height = |_row: usize, col: usize| if col < 21 { 5.0 } else { -2.0 };
        let f = field(65, height);
        let mesh = f.extract(&f.errors(), FIRST_ERROR_M);
        assert!((area(&mesh) - 64.0 * 64.0).abs() < 1e-6);
        assert!(
            mesh.triangles.len() < 700,
            "{} triangles",
            mesh.triangles.len()
        );
        // Each triangle is either above, below, or one cell wide across the edge.
        for t in mesh.corner_triples() {
            let (lo, hi) = t.iter().fold((f32::MAX, f32::MIN), |(lo, hi), v| {
                (lo.min(v[0]), hi.max(v[0]))
            });
            assert!(
                hi <= 20.0 || lo >= 21.0 || (lo >= 20.0 && hi <= 21.0),
                "{lo} to {hi}"
            );
        }
    }

    #[test]
    fn unknown_ground_stays_open_and_sizes_need_not_be_powers_of_two() {
        let cols = 37;
        let rows = 21;
        let heights: Vec<f32> = (0..cols * rows)
            .map(|i| {
                if i % cols < 5 && i / cols < 4 {
                    f32::NAN
                } else {
                    1.0
                }
            })
            .collect();
        let field = HeightField::from_raster([0.0, 0.0], 2.0, cols, &heights);
        let mesh = field.thinned(10_000);
        // 36 by 20 cells of 4 m², less the cells with an unknown corner.
        assert!(
            (area(&mesh) - (36.0 * 20.0 - 5.0 * 4.0) * 4.0).abs() < 4.1,
            "{}",
            area(&mesh)
        );
        assert!(mesh.vertices.iter().all(|v| v[2] == 1.0));
    }

    #[test]
    fn a_diagonal_quay_faces_one_way() {
        let mut city = crate::view::scene::tests::empty_city();
        let grid = Grid {
            west: 0.0,
            north: 40.0,
            cell_m: 1.0,
            cols: 40,
            rows: 40,
        };
        // High in the north-west, low in the south-east.
        let heights = (0..1600)
            .map(|i| if i % 40 + i / 40 < 40 { 5.0 } else { -4.0 })
            .collect();
        city.terrain = Some(std::sync::Arc::new(Terrain::Raster { grid, heights }));
        let facing = FacingRaster::of(&city).unwrap();
        for i in 8..32 {
            let at = grid.index(i, 39 - i);
            let [e, s] = [0, 1].map(|k| f32::from(facing.values[2 * at + k]) / 127.5 - 1.0);
            assert!((e - s).abs() < 0.1 && e > 0.6, "{e} {s}");
        }
    }

    #[test]
    fn the_plinth_closes_the_sides() {
        let mesh = field(5, |_, _| 1.0).thinned(100);
        assert_eq!(mesh.boundary().len(), 4);
    }
}
