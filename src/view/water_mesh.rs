//! The water surface of one moment as triangles: corners at the centres of cells, at bed plus depth, large where the water
//! is level. Built beside the window; pure functions of arrays.
//!
//! The drawn ground has fewer triangles than the bed of the simulation has cells, so that a film of water would vanish in
//! it: corners are lifted to just above the drawn ground. One ring of cells around the water takes part at the level of the
//! water beside it; the ground and the shader cut the waterline.

use std::collections::BTreeMap;

use bevy::asset::RenderAssetUsages;
use bevy::math::Vec3;
use bevy::mesh::{Indices, Mesh, PrimitiveTopology};
use rayon::prelude::*;

use crate::geo::Grid;
use crate::ui::moment::{CellWater, Moment};
use crate::view::space::bevy_from_map_array;

/// Height (m) above the drawn ground at least.
const LIFT_M: f32 = 0.04;
/// Squares of this many cells may become one where the surface is level.
const LARGEST: usize = 32;
/// Height error (m) of a large square.
const LEVEL_M: f32 = 0.02;

/// Triangles of a surface in Bevy space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SurfaceMesh {
    /// Corners.
    pub positions: Vec<[f32; 3]>,
    /// Unit normals.
    pub normals: Vec<[f32; 3]>,
    /// Three per triangle.
    pub indices: Vec<u32>,
}

impl SurfaceMesh {
    /// The mesh.
    pub fn to_mesh(self) -> Mesh {
        Mesh::new(
            PrimitiveTopology::TriangleList,
            RenderAssetUsages::RENDER_WORLD,
        )
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
        .with_inserted_indices(Indices::U32(self.indices))
    }
}

/// Heights of the drawn ground, by the number of cells that are taken together.
pub type GroundHeights = BTreeMap<usize, CellHeights>;

/// Heights of the drawn ground at the centres of cells, looked up when water first comes there.
#[derive(Default)]
pub struct CellHeights {
    /// What they were looked up in.
    of: Option<(usize, Grid)>,
    heights: Vec<Option<f32>>,
    known: Vec<bool>,
}

impl CellHeights {
    /// Looks up the cells of `wanted`; `mark` tells one drawn ground from another.
    fn look_up(
        &mut self,
        mark: usize,
        grid: &Grid,
        wanted: &[bool],
        ground: &(impl Fn(f32, f32) -> Option<f32> + Sync),
    ) {
        if self.of != Some((mark, *grid)) {
            *self = Self {
                of: Some((mark, *grid)),
                heights: vec![None; grid.len()],
                known: vec![false; grid.len()],
            };
        }
        self.heights
            .par_iter_mut()
            .zip(&mut self.known)
            .enumerate()
            .with_min_len(512)
            .for_each(|(cell, (height, known))| {
                if wanted[cell] && !*known {
                    let [x, y] = grid.centre(cell / grid.cols, cell % grid.cols);
                    *height = ground(x as f32, y as f32);
                    *known = true;
                }
            });
    }
}

/// The surface on cells that may be coarser than those of the simulation.
struct Lattice {
    grid: Grid,
    /// Water stands in the cell.
    wet: Vec<bool>,
    /// Height (m) of the surface; NaN away from the water.
    surface: Vec<f32>,
    /// The cell is dry and a wall beside the water.
    wall: Vec<bool>,
}

impl Lattice {
    /// Cells of `stride` by `stride` cells of the moment.
    fn of(moment: &Moment, stride: usize) -> Self {
        let fine = moment.grid();
        let grid = Grid {
            cell_m: fine.cell_m * stride as f64,
            cols: fine.cols.div_ceil(stride),
            rows: fine.rows.div_ceil(stride),
            ..*fine
        };
        let cells: Vec<(bool, f32, bool)> = (0..grid.len())
            .into_par_iter()
            .with_min_len(1024)
            .map(|i| {
                let (row, col) = (i / grid.cols * stride, i % grid.cols * stride);
                let (mut wet, mut sum, mut walls, mut all) = (0, 0.0, 0, 0);
                for r in row..(row + stride).min(fine.rows) {
                    for c in col..(col + stride).min(fine.cols) {
                        let cell = fine.index(r, c);
                        all += 1;
                        if moment.is_wet(cell) {
                            wet += 1;
                            sum += moment.bed_m(cell) + moment.depth_m(cell);
                        } else if moment.cell(r, c) == CellWater::Closed {
                            walls += 1;
                        }
                    }
                }
                let level = if wet > 0 { sum / wet as f32 } else { f32::NAN };
                (wet > 0, level, walls == all)
            })
            .collect();
        let mut lattice = Self {
            grid,
            wet: cells.iter().map(|c| c.0).collect(),
            surface: cells.iter().map(|c| c.1).collect(),
            wall: cells.iter().map(|c| c.2).collect(),
        };
        lattice.add_rim();
        lattice
    }

    /// Gives dry cells beside water the mean level of that water.
    fn add_rim(&mut self) {
        let grid = self.grid;
        let rim: Vec<(usize, f32)> = (0..grid.len())
            .into_par_iter()
            .with_min_len(1024)
            .filter(|i| !self.wet[*i])
            .filter_map(|i| {
                let (row, col) = (i / grid.cols, i % grid.cols);
                let (mut sum, mut count) = (0.0, 0.0);
                for r in row.saturating_sub(1)..=(row + 1).min(grid.rows - 1) {
                    for c in col.saturating_sub(1)..=(col + 1).min(grid.cols - 1) {
                        let at = grid.index(r, c);
                        if self.wet[at] {
                            sum += self.surface[at];
                            count += 1.0;
                        }
                    }
                }
                (count > 0.0).then(|| (i, sum / count))
            })
            .collect();
        for (i, level) in rim {
            self.surface[i] = level;
        }
    }

    /// Lifts the surface above the drawn ground, but not up a wall.
    fn lift(
        &mut self,
        mark: usize,
        heights: &mut CellHeights,
        ground: &(impl Fn(f32, f32) -> Option<f32> + Sync),
    ) {
        let wanted: Vec<bool> = self
            .surface
            .iter()
            .zip(&self.wall)
            .map(|(s, wall)| !s.is_nan() && !wall)
            .collect();
        heights.look_up(mark, &self.grid, &wanted, ground);
        for (i, surface) in self.surface.iter_mut().enumerate() {
            if wanted[i]
                && let Some(ground) = heights.heights[i]
            {
                *surface = surface.max(ground + LIFT_M);
            }
        }
    }

    fn height(&self, row: usize, col: usize) -> f32 {
        self.surface[self.grid.index(row, col)]
    }

    /// The square with its north-western corner at this cell touches water and has all its corners.
    fn drawn(&self, row: usize, col: usize) -> bool {
        let corners = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(r, c)| (row + r, col + c));
        corners.iter().all(|(r, c)| !self.height(*r, *c).is_nan())
            && corners
                .iter()
                .any(|(r, c)| self.wet[self.grid.index(*r, *c)])
    }

    /// All of a square is drawn, and it is level enough for one pair of triangles.
    fn level(&self, row: usize, col: usize, n: usize) -> bool {
        let corner = |r, c| self.height(row + r, col + c);
        let (nw, ne, sw, se) = (corner(0, 0), corner(0, n), corner(n, 0), corner(n, n));
        let span = n as f32;
        (0..=n).all(|r| {
            let down = r as f32 / span;
            let (west, east) = (nw + down * (sw - nw), ne + down * (se - ne));
            (0..=n).all(|c| {
                let flat = west + c as f32 / span * (east - west);
                let near = (corner(r, c) - flat).abs() <= LEVEL_M;
                near && (r == n || c == n || self.drawn(row + r, col + c))
            })
        })
    }

    fn normal(&self, row: usize, col: usize) -> Vec3 {
        let here = self.height(row, col);
        let at = |r: Option<usize>, c: Option<usize>| {
            let (r, c) = (r?, c?);
            let inside = r < self.grid.rows && c < self.grid.cols;
            inside.then(|| self.height(r, c)).filter(|h| !h.is_nan())
        };
        let slope = |low: Option<f32>, high: Option<f32>| {
            let cell = self.grid.cell_m as f32;
            match (low, high) {
                (Some(a), Some(b)) => (b - a) / (2.0 * cell),
                (Some(a), None) => (here - a) / cell,
                (None, Some(b)) => (b - here) / cell,
                (None, None) => 0.0,
            }
        };
        let east = slope(
            at(Some(row), col.checked_sub(1)),
            at(Some(row), Some(col + 1)),
        );
        let south = slope(
            at(row.checked_sub(1), Some(col)),
            at(Some(row + 1), Some(col)),
        );
        Vec3::new(-east, 1.0, -south).normalize()
    }

    fn mesh(&self) -> SurfaceMesh {
        let mut squares = Vec::new();
        for row in (0..self.grid.rows).step_by(LARGEST) {
            for col in (0..self.grid.cols).step_by(LARGEST) {
                self.split(row, col, LARGEST, &mut squares);
            }
        }
        let mut mesh = SurfaceMesh::default();
        let mut numbers = vec![u32::MAX; self.grid.len()];
        let mut corner = |row: usize, col: usize| {
            let number = &mut numbers[self.grid.index(row, col)];
            if *number == u32::MAX {
                *number = mesh.positions.len() as u32;
                let [x, y] = self.grid.centre(row, col).map(|v| v as f32);
                let at = bevy_from_map_array([x, y, self.height(row, col)]);
                mesh.positions.push(at.to_array());
                mesh.normals.push(self.normal(row, col).to_array());
            }
            *number
        };
        for (row, col, n) in squares {
            let [nw, sw, se, ne] = [
                corner(row, col),
                corner(row + n, col),
                corner(row + n, col + n),
                corner(row, col + n),
            ];
            mesh.indices.extend([nw, sw, se, nw, se, ne]);
        }
        mesh
    }

    /// Squares of the quadtree below this one.
    fn split(&self, row: usize, col: usize, n: usize, squares: &mut Vec<(usize, usize, usize)>) {
        if row + 1 >= self.grid.rows || col + 1 >= self.grid.cols {
            return;
        }
        let fits = row + n < self.grid.rows && col + n < self.grid.cols;
        if n == 1 {
            if self.drawn(row, col) {
                squares.push((row, col, 1));
            }
        } else if fits && self.level(row, col, n) {
            squares.push((row, col, n));
        } else {
            let half = n / 2;
            for (r, c) in [(0, 0), (0, half), (half, 0), (half, half)] {
                self.split(row + r, col + c, half, squares);
            }
        }
    }
}

/// The surface with at most `budget` triangles: cells are taken together until that is met. `ground` is the drawn ground by
/// local place, `mark` tells one ground from another; `heights` remembers it.
pub fn surface_mesh(
    moment: &Moment,
    mark: usize,
    heights: &mut GroundHeights,
    ground: impl Fn(f32, f32) -> Option<f32> + Sync,
    budget: usize,
) -> SurfaceMesh {
    let mut stride = 1;
    loop {
        let mut lattice = Lattice::of(moment, stride);
        lattice.lift(mark, heights.entry(stride).or_default(), &ground);
        let mesh = lattice.mesh();
        let coarsest = lattice.grid.cols.max(lattice.grid.rows) < 2 * LARGEST;
        if mesh.indices.len() <= 3 * budget || coarsest {
            return mesh;
        }
        stride *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::moment::tests::animation;

    fn moment(cols: usize, bed: Vec<f32>, depth: Vec<f32>) -> Moment {
        Moment::new(animation(cols, bed, &[depth]), 0.0).unwrap()
    }

    fn built(moment: &Moment, ground: f32, budget: usize) -> SurfaceMesh {
        let mut heights = GroundHeights::default();
        surface_mesh(moment, 1, &mut heights, |_, _| Some(ground), budget)
    }

    /// Area (m²) seen from above, positive for triangles that face up.
    fn area(mesh: &SurfaceMesh) -> f32 {
        let p = |i: u32| Vec3::from(mesh.positions[i as usize]);
        mesh.indices
            .chunks_exact(3)
            .map(|t| 0.5 * (p(t[1]) - p(t[0])).cross(p(t[2]) - p(t[0])).y)
            .sum()
    }

    #[test]
    fn a_level_lake_needs_few_triangles_and_has_its_level() {
        let n = 65;
        let bed: Vec<f32> = (0..n * n).map(|i| (i % 7) as f32 * 0.1).collect();
        let depth: Vec<f32> = bed.iter().map(|b| 3.0 - b).collect();
        let mesh = built(&moment(n, bed, depth), -9.0, 1 << 20);
        assert!((area(&mesh) - 64.0 * 64.0).abs() < 1e-2, "{}", area(&mesh));
        assert_eq!(mesh.indices.len(), 4 * 6);
        assert!(mesh.positions.iter().all(|p| (p[1] - 3.0).abs() < 1e-6));
        assert!(mesh.normals.iter().all(|n| n[1] > 0.9999));
    }

    #[test]
    fn water_reaches_one_cell_beyond_its_edge_and_stays_below_a_quay() {
        // Two wet cells beside three of a quay, 4 m above the water.
        let bed = [0.0, 0.0, 5.0, 5.0, 5.0].repeat(3);
        let depth = [1.0, 1.0, 0.0, 0.0, 0.0].repeat(3);
        let mesh = built(&moment(5, bed, depth), 5.0, 1000);
        assert!((area(&mesh) - 2.0 * 2.0).abs() < 1e-4);
        let east = mesh.positions.iter().filter(|p| p[0] > 2.0);
        // The quay's cell keeps the level of the water: the quay hides it.
        assert!(east.clone().count() > 0 && east.clone().all(|p| p[1] == 1.0));
    }

    #[test]
    fn a_film_lies_above_the_drawn_ground() {
        let mesh = built(&moment(3, vec![2.0; 9], vec![0.05; 9]), 2.2, 1000);
        assert!(mesh.positions.iter().all(|p| (p[1] - 2.24).abs() < 1e-6));
    }

    #[test]
    fn a_large_rough_surface_is_drawn_coarser() {
        let n = 257;
        let bed = vec![0.0; n * n];
        let depth = (0..n * n)
            .map(|i| 0.5 + 0.1 * ((i * 7919) % 13) as f32)
            .collect();
        let mesh = built(&moment(n, bed, depth), -9.0, 20_000);
        assert!(mesh.indices.len() <= 60_000, "{}", mesh.indices.len());
        assert!(area(&mesh) > 0.9 * 250.0 * 250.0);
    }

    #[test]
    fn dry_land_has_no_surface() {
        let mesh = built(&moment(4, vec![0.0; 16], vec![0.01; 16]), 0.0, 100);
        assert!(mesh.indices.is_empty());
    }
}
