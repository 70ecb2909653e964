//! Trees as the wind sees them: leaf area in the cells of the grid.
//!
//! A crown is a body full of leaves; stems are too thin to matter. The same voxels serve all wind directions, see
//! [`super::roeckle::trees`] for what they do to the wind.

use super::grid::WindGrid;
use super::solids::SAMPLES;

/// Shape of a crown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Crown {
    /// As free trees have it.
    #[default]
    Spheroid,
    /// As wide at its ends as in the middle: clipped trees, hedges.
    Cylinder,
}

/// A tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tree {
    /// Middle of its crown (m, east and north).
    pub centre: [f64; 2],
    /// Shape of its crown.
    pub crown: Crown,
    /// Radius of its crown (m).
    pub radius_m: f64,
    /// Height (m) of the lower end of its crown, same zero as the levels of the grid.
    pub crown_base_m: f64,
    /// Height (m) of its top, same zero.
    pub top_m: f64,
    /// One-sided area of leaves per volume of crown (m²/m³): about 0.3 for open crowns to 2 for dense ones in summer, a tenth to a
    /// fifth of it for branches in winter (from memory).
    pub leaf_area_density: f64,
}

/// Leaves in the cells of a grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Canopy {
    /// Leaf area density (m²/m³) of each cell, column after column from the lowest cell up, columns row by row from the south; empty
    /// without trees.
    pub leaf_area_density: Vec<f32>,
    /// Highest top (m) of a tree.
    pub top_m: f64,
}

/// Radius of the smallest crown, in steps between samples.
const FINEST: f64 = 3.0;
/// Samples along each side of a cell at most.
const MOST_SAMPLES: f64 = 32.0;

impl Canopy {
    /// Leaves of trees. What lies outside the grid is left out, and so is a tree whose numbers are no crown.
    pub fn new(grid: &WindGrid, trees: &[Tree]) -> Self {
        let crowns = trees.iter().filter(|tree| tree.is_crown());
        let mut canopy = Self {
            leaf_area_density: Vec::new(),
            top_m: f64::NEG_INFINITY,
        };
        for tree in crowns {
            canopy.leaf_area_density.resize(grid.len(), 0.0);
            canopy.top_m = canopy.top_m.max(tree.top_m);
            canopy.add(grid, tree);
        }
        canopy
    }

    /// True without trees.
    pub fn is_empty(&self) -> bool {
        self.leaf_area_density.is_empty()
    }

    /// Adds a crown, sampled in plan and exact over the height.
    fn add(&mut self, grid: &WindGrid, tree: &Tree) {
        let [nx, ny, nz] = grid.cells;
        let samples = (FINEST * grid.cell_m / tree.radius_m).ceil();
        let samples = samples.clamp(SAMPLES as f64, MOST_SAMPLES) as usize;
        let step = grid.cell_m / samples as f64;
        let part = tree.leaf_area_density / (samples * samples) as f64;
        let range = |centre: f64, from: f64, count: usize| {
            let cell = |x: f64| (((x - from) / grid.cell_m).floor().max(0.0) as usize).min(count);
            cell(centre - tree.radius_m)..cell(centre + tree.radius_m + grid.cell_m)
        };
        let middle = 0.5 * (tree.top_m + tree.crown_base_m);
        let half = 0.5 * (tree.top_m - tree.crown_base_m);
        let layers = |z: f64| grid.levels_m.partition_point(|&level| level <= z);
        let low = layers(tree.crown_base_m).saturating_sub(1).min(nz);
        let high = layers(tree.top_m).clamp(low, nz);
        for j in range(tree.centre[1], grid.south_m, ny) {
            for i in range(tree.centre[0], grid.west_m, nx) {
                let column = &mut self.leaf_area_density[(j * nx + i) * nz..][..nz];
                for sample in 0..samples * samples {
                    let place = |from: f64, cell: usize, n: usize| {
                        from + cell as f64 * grid.cell_m + (n as f64 + 0.5) * step
                    };
                    let x = place(grid.west_m, i, sample % samples) - tree.centre[0];
                    let y = place(grid.south_m, j, sample / samples) - tree.centre[1];
                    let inside = 1.0 - (x * x + y * y) / (tree.radius_m * tree.radius_m);
                    if inside <= 0.0 {
                        continue;
                    }
                    let reach = match tree.crown {
                        Crown::Spheroid => half * inside.sqrt(),
                        Crown::Cylinder => half,
                    };
                    let cells = column[low..high].iter_mut();
                    for (density, level) in cells.zip(grid.levels_m[low..].windows(2)) {
                        let overlap =
                            (middle + reach).min(level[1]) - (middle - reach).max(level[0]);
                        if overlap > 0.0 {
                            *density += (part * overlap / (level[1] - level[0])) as f32;
                        }
                    }
                }
            }
        }
    }
}

impl Tree {
    /// True where its numbers are those of a crown.
    fn is_crown(&self) -> bool {
        let numbers = [
            self.centre[0],
            self.centre[1],
            self.crown_base_m,
            self.top_m,
            self.radius_m,
            self.leaf_area_density,
        ];
        numbers.iter().all(|x| x.is_finite())
            && self.radius_m > 0.0
            && self.top_m > self.crown_base_m
            && self.leaf_area_density > 0.0
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    fn grid() -> WindGrid {
        WindGrid {
            cells: [20, 18, 8],
            cell_m: 4.0,
            west_m: -40.0,
            south_m: -36.0,
            levels_m: vec![0.0, 2.0, 4.0, 6.0, 8.0, 11.0, 15.0, 20.0, 27.0],
        }
    }

    #[test]
    fn all_leaves_of_a_crown_are_in_the_cells() {
        let (ball, tube) = (Crown::Spheroid, Crown::Cylinder);
        for (crown, radius_m, tolerance) in [
            (ball, 0.4, 0.1),
            (ball, 3.0, 0.04),
            (ball, 7.5, 0.01),
            (tube, 3.0, 0.04),
        ] {
            let tree = Tree {
                centre: [3.1, -5.2],
                crown,
                radius_m,
                crown_base_m: 2.5,
                top_m: 12.0,
                leaf_area_density: 1.3,
            };
            let grid = grid();
            let canopy = Canopy::new(&grid, &[tree]);
            let thickness = grid.thickness_m();
            let leaves: f64 = canopy
                .leaf_area_density
                .iter()
                .enumerate()
                .map(|(n, a)| f64::from(*a) * thickness[n % 8] * 16.0)
                .sum();
            let full = if crown == tube { 1.0 } else { 2.0 / 3.0 };
            let want = 1.3 * full * PI * radius_m * radius_m * 9.5;
            assert!((leaves / want - 1.0).abs() < tolerance, "{leaves} {want}");
            assert_eq!(canopy.top_m, 12.0);
        }
    }

    #[test]
    fn trees_without_a_crown_or_outside_leave_nothing() {
        let tree = Tree {
            centre: [0.0, 0.0],
            crown: Crown::Spheroid,
            radius_m: 3.0,
            crown_base_m: 2.0,
            top_m: 9.0,
            leaf_area_density: 1.0,
        };
        let wrong = [
            Tree {
                radius_m: f64::NAN,
                ..tree
            },
            Tree {
                radius_m: 0.0,
                ..tree
            },
            Tree { top_m: 2.0, ..tree },
            Tree {
                leaf_area_density: f64::INFINITY,
                ..tree
            },
        ];
        assert!(Canopy::new(&grid(), &wrong).is_empty());
        let outside = Tree {
            centre: [1e9, -1e9],
            ..tree
        };
        let canopy = Canopy::new(&grid(), &[outside]);
        assert!(canopy.leaf_area_density.iter().all(|a| *a == 0.0));
    }
}
