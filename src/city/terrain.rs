//! Bare ground: heights at a place, triangles, and making it from what importers deliver.

use nalgebra::Point3;
use spade::{DelaunayTriangulation, Point2, Triangulation};

use crate::finding::Finding;
use crate::geo::crs::Converter;
use crate::geo::{Grid, LocalFrame};

use super::error::{CityError, CityErrorKind};
use super::raw::RawTerrain;
use super::{City, Terrain};

/// Heights (m) outside this range are no ground on Earth: the shore of the Dead Sea lies at -430 m, Everest at 8 849 m.
/// Also removes the usual marks of missing data (-9999, -32768, 3.4e38).
pub(crate) const HEIGHT_RANGE_M: std::ops::RangeInclusive<f64> = -500.0..=9000.0;

/// More cells than this are refused before memory is taken: 64 million cells are 256 MB, an area of 8 km x 8 km at 1 m.
pub(crate) const MAX_CELLS: u64 = 64_000_000;

/// More loose points than this are refused: their triangulation would take minutes.
const MAX_LOOSE_POINTS: usize = 4_000_000;

/// Positions and triangles for drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TerrainMesh {
    /// Corners, local frame.
    pub positions: Vec<Point3<f64>>,
    /// Counter-clockwise seen from above.
    pub triangles: Vec<[u32; 3]>,
}

impl Terrain {
    /// Height of the ground (m above datum) at a local place; `None` outside or where it is unknown.
    ///
    /// Exact on the surface described at [`Terrain`]. Between the outermost cell centres of a raster and its edge the
    /// outer height continues. A network is searched triangle by triangle: for many places use [`Terrain::sampler`].
    pub fn height_at(&self, x: f64, y: f64) -> Option<f64> {
        match self {
            Self::Raster { grid, heights } => raster_height(grid, heights, x, y),
            Self::Tin {
                vertices,
                triangles,
            } => triangles
                .iter()
                .find_map(|t| height_in(t.map(|i| vertices[i as usize]), x, y)),
        }
    }

    /// The same heights, fast for many places.
    pub fn sampler(&self) -> HeightSampler<'_> {
        HeightSampler::new(self)
    }

    /// All triangles, counter-clockwise seen from above, local frame.
    pub fn triangles(&self) -> Vec<[Point3<f64>; 3]> {
        let mesh = self.full_mesh(1);
        mesh.triangles
            .iter()
            .map(|t| t.map(|i| mesh.positions[i as usize]))
            .collect()
    }

    /// A mesh of at most about `max_triangles` for drawing: every k-th height of a raster, a raster over a large network.
    pub fn mesh(&self, max_triangles: usize) -> TerrainMesh {
        match self {
            Self::Raster { grid, .. } => {
                let all = 2.0 * grid.len() as f64;
                let step = (all / max_triangles.max(2) as f64).sqrt().ceil();
                self.full_mesh((step as usize).max(1))
            }
            Self::Tin { triangles, .. } if triangles.len() <= max_triangles => self.full_mesh(1),
            Self::Tin { vertices, .. } => {
                let (min, max) = bounds_xy(vertices.iter().map(|p| [p.x, p.y]));
                let area = (max[0] - min[0]) * (max[1] - min[1]);
                let cell_m = (2.0 * area / max_triangles.max(2) as f64).sqrt().max(0.01);
                let grid = Grid::covering(min, max, cell_m);
                let sampler = self.sampler();
                let heights = (0..grid.len())
                    .map(|i| {
                        let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
                        sampler.height_at(x, y).map_or(f32::NAN, |h| h as f32)
                    })
                    .collect();
                Self::Raster { grid, heights }.full_mesh(1)
            }
        }
    }

    /// Mesh of every `step`-th row and column (and the last ones); triangles with an unknown corner are left out.
    fn full_mesh(&self, step: usize) -> TerrainMesh {
        let (grid, heights) = match self {
            Self::Raster { grid, heights } => (grid, heights),
            Self::Tin {
                vertices,
                triangles,
            } => {
                return TerrainMesh {
                    positions: vertices.clone(),
                    triangles: triangles.clone(),
                };
            }
        };
        let picked = |n: usize| -> Vec<usize> {
            let mut list: Vec<usize> = (0..n).step_by(step).collect();
            if list.last().is_some_and(|last| last + 1 < n) {
                list.push(n - 1);
            }
            list
        };
        let (rows, cols) = (picked(grid.rows), picked(grid.cols));
        let mut mesh = TerrainMesh::default();
        let mut index_of = vec![u32::MAX; rows.len() * cols.len()];
        for (i, &row) in rows.iter().enumerate() {
            for (j, &col) in cols.iter().enumerate() {
                let height = heights[grid.index(row, col)];
                if height.is_finite() {
                    let [x, y] = grid.centre(row, col);
                    index_of[i * cols.len() + j] = mesh.positions.len() as u32;
                    mesh.positions.push(Point3::new(x, y, f64::from(height)));
                }
            }
        }
        for i in 1..rows.len() {
            for j in 1..cols.len() {
                let corner = |di: usize, dj: usize| index_of[(i - di) * cols.len() + j - dj];
                let [nw, ne, sw, se] = [corner(1, 1), corner(1, 0), corner(0, 1), corner(0, 0)];
                for triangle in [[sw, se, ne], [sw, ne, nw]] {
                    if !triangle.contains(&u32::MAX) {
                        mesh.triangles.push(triangle);
                    }
                }
            }
        }
        mesh
    }

    /// Lowest and highest known height (m).
    pub fn height_range(&self) -> Option<(f64, f64)> {
        let range = |heights: &mut dyn Iterator<Item = f64>| {
            heights
                .filter(|h| h.is_finite())
                .fold(None, |range, h| match range {
                    None => Some((h, h)),
                    Some((lo, hi)) => Some((h.min(lo), h.max(hi))),
                })
        };
        match self {
            Self::Raster { heights, .. } => range(&mut heights.iter().map(|h| f64::from(*h))),
            Self::Tin { vertices, .. } => range(&mut vertices.iter().map(|p| p.z)),
        }
    }

    /// Makes the ground of a city from what an importer delivered; `converter` leads from the CRS of the file to that of the
    /// frame where they differ. A raster is then sampled anew, loose points are triangulated (Delaunay).
    pub(crate) fn from_raw(
        frame: &LocalFrame,
        converter: Option<&Converter>,
        raw: RawTerrain,
        place: &str,
    ) -> Result<Self, CityError> {
        let local = |[e, n, h]: [f64; 3]| -> Result<Point3<f64>, CityError> {
            let [e, n] = match converter {
                Some(converter) => converter
                    .convert([e, n])
                    .map_err(|error| crs_fault(place, &error))?,
                None => [e, n],
            };
            Ok(frame.local_from_crs([e, n, h]))
        };
        match raw {
            RawTerrain::Raster {
                west,
                north,
                cell_m,
                cols,
                heights,
            } => {
                let grid = Grid {
                    west,
                    north,
                    cell_m,
                    cols,
                    rows: heights.len() / cols.max(1),
                };
                match converter {
                    None => Ok(Self::Raster {
                        grid: Grid {
                            west: west - frame.origin_easting,
                            north: north - frame.origin_northing,
                            ..grid
                        },
                        heights,
                    }),
                    Some(converter) => resampled(frame, converter, &grid, &heights, place),
                }
            }
            RawTerrain::Points(points) => {
                let points: Vec<Point3<f64>> =
                    points.into_iter().map(local).collect::<Result<_, _>>()?;
                triangulated(points, place)
            }
            RawTerrain::Tin {
                vertices,
                triangles,
            } => Ok(Self::Tin {
                vertices: vertices.into_iter().map(local).collect::<Result<_, _>>()?,
                triangles,
            }),
        }
    }
}

fn crs_fault(place: &str, error: &crate::geo::crs::CrsError) -> CityError {
    CityError::new(CityErrorKind::Crs, place, error.to_string())
        .help("check the coordinate system of this layer (`crs` in [[city.layer]])")
}

/// A raster of another CRS sampled on a grid of the frame with about the same cell size.
fn resampled(
    frame: &LocalFrame,
    converter: &Converter,
    grid: &Grid,
    heights: &[f32],
    place: &str,
) -> Result<Terrain, CityError> {
    let (min, max) = grid.bounds();
    // Straight edges become curves: 33 points on each edge bound them to far less than a cell at city size.
    let mut edge = Vec::new();
    for i in 0..=32 {
        let along = |k: usize| min[k] + (max[k] - min[k]) * f64::from(i) / 32.0;
        edge.extend([
            [along(0), min[1]],
            [along(0), max[1]],
            [min[0], along(1)],
            [max[0], along(1)],
        ]);
    }
    let edge: Vec<[f64; 2]> = edge
        .into_iter()
        .map(|p| {
            let [e, n] = converter.convert(p)?;
            Ok([e - frame.origin_easting, n - frame.origin_northing])
        })
        .collect::<Result<_, _>>()
        .map_err(|error| crs_fault(place, &error))?;
    let (low, high) = bounds_xy(edge.into_iter());
    let area = (high[0] - low[0]) * (high[1] - low[1]);
    let cell_m = (area / grid.len() as f64).sqrt();
    let cell_m = if cell_m > 0.2 {
        (cell_m * 10.0).round() / 10.0
    } else {
        cell_m
    };
    let target = Grid::covering(low, high, cell_m.max(1e-3));
    if target.len() as u64 > MAX_CELLS {
        return Err(too_large(place, target.cols as u64, target.rows as u64));
    }
    let heights = (0..target.len())
        .map(|i| {
            let [x, y] = target.centre(i / target.cols, i % target.cols);
            converter
                .convert_back([x + frame.origin_easting, y + frame.origin_northing])
                .ok()
                .and_then(|[e, n]| raster_height(grid, heights, e, n))
                .map_or(f32::NAN, |h| h as f32)
        })
        .collect();
    Ok(Terrain::Raster {
        grid: target,
        heights,
    })
}

pub(crate) fn too_large(place: &str, cols: u64, rows: u64) -> CityError {
    CityError::new(
        CityErrorKind::TooLarge,
        place,
        "the raster has more cells than can be used",
    )
    .expected(format!("at most {MAX_CELLS} cells"))
    .found(format!("{cols} x {rows} cells"))
    .help("cut the raster to the area of the study, or use larger cells")
}

/// Delaunay triangulation of loose points; of several points at one place the lowest counts (walls and kerbs: the foot).
fn triangulated(mut points: Vec<Point3<f64>>, place: &str) -> Result<Terrain, CityError> {
    if points.len() > MAX_LOOSE_POINTS {
        return Err(CityError::new(
            CityErrorKind::TooLarge,
            place,
            "too many loose points to triangulate",
        )
        .expected(format!(
            "at most {MAX_LOOSE_POINTS} points, or a regular grid"
        ))
        .found(format!("{} points", points.len()))
        .help("convert them to a raster (GeoTIFF) first"));
    }
    for p in &mut points {
        // spade refuses numbers below 2^-142; at a nanometre they mean zero.
        for c in p.coords.iter_mut().take(2).filter(|c| c.abs() < 1e-9) {
            *c = 0.0;
        }
    }
    points.sort_by(|a, b| {
        a.x.total_cmp(&b.x)
            .then(a.y.total_cmp(&b.y))
            .then(a.z.total_cmp(&b.z))
    });
    points.dedup_by(|b, a| a.x == b.x && a.y == b.y);
    let too_few = || {
        CityError::new(
            CityErrorKind::Head,
            place,
            "the terrain has no area: at least three points that are not on one line are needed",
        )
    };
    let flat = points.iter().map(|p| Point2::new(p.x, p.y)).collect();
    let network = DelaunayTriangulation::<Point2<f64>>::bulk_load_stable(flat)
        .map_err(|error| too_few().found(error.to_string()))?;
    let triangles: Vec<[u32; 3]> = network
        .inner_faces()
        .map(|face| face.vertices().map(|v| v.fix().index() as u32))
        .collect();
    if triangles.is_empty() {
        return Err(too_few().found(format!("{} different points", points.len())));
    }
    Ok(Terrain::Tin {
        vertices: points,
        triangles,
    })
}

fn bounds_xy(points: impl Iterator<Item = [f64; 2]>) -> ([f64; 2], [f64; 2]) {
    points.fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(lo, hi), p| {
            (
                [lo[0].min(p[0]), lo[1].min(p[1])],
                [hi[0].max(p[0]), hi[1].max(p[1])],
            )
        },
    )
}

/// Height on the two triangles between the four cell centres around a place, split from south-west to north-east.
fn raster_height(grid: &Grid, heights: &[f32], x: f64, y: f64) -> Option<f64> {
    grid.cell_at(x, y)?;
    let limit = |v: f64, n: usize| v.clamp(0.0, (n - 1) as f64);
    let col = limit((x - grid.west) / grid.cell_m - 0.5, grid.cols);
    let row = limit((grid.north - y) / grid.cell_m - 0.5, grid.rows);
    let (west, north) = (col.floor(), row.floor());
    let (east_part, south_part) = (col - west, row - north);
    let at = |row: f64, col: f64| {
        let row = (row as usize).min(grid.rows - 1);
        let col = (col as usize).min(grid.cols - 1);
        f64::from(heights[grid.index(row, col)])
    };
    let (sw, ne) = (at(north + 1.0, west), at(north, west + 1.0));
    let north_part = 1.0 - south_part;
    let height = if east_part >= north_part {
        let se = at(north + 1.0, west + 1.0);
        blend(&[
            (sw, 1.0 - east_part),
            (se, east_part - north_part),
            (ne, north_part),
        ])
    } else {
        let nw = at(north, west);
        blend(&[
            (sw, 1.0 - north_part),
            (nw, north_part - east_part),
            (ne, east_part),
        ])
    };
    height.is_finite().then_some(height)
}

/// Weighted sum in which an unknown value with weight 0 does not matter.
fn blend(parts: &[(f64, f64)]) -> f64 {
    parts
        .iter()
        .filter(|(_, w)| *w > 0.0)
        .map(|(v, w)| v * w)
        .sum()
}

/// Height of a triangle at a place inside it (or within a nanometre of its edge).
fn height_in([a, b, c]: [Point3<f64>; 3], x: f64, y: f64) -> Option<f64> {
    let (abx, aby, acx, acy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let double_area = abx * acy - aby * acx;
    if double_area == 0.0 {
        return None;
    }
    let (px, py) = (x - a.x, y - a.y);
    let wb = (px * acy - py * acx) / double_area;
    let wc = (abx * py - aby * px) / double_area;
    let slack = -1e-9;
    (wb >= slack && wc >= slack && wb + wc <= 1.0 - slack)
        .then(|| a.z + wb * (b.z - a.z) + wc * (c.z - a.z))
}

/// Heights of a terrain for many places: a network is searched through buckets.
#[derive(Debug)]
pub struct HeightSampler<'a> {
    terrain: &'a Terrain,
    buckets: Option<Buckets>,
}

/// Triangles sorted into square cells by their boxes: triangles of cell i are `items[starts[i]..starts[i + 1]]`.
#[derive(Debug)]
struct Buckets {
    grid: Grid,
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl<'a> HeightSampler<'a> {
    fn new(terrain: &'a Terrain) -> Self {
        let buckets = match terrain {
            Terrain::Raster { .. } => None,
            Terrain::Tin {
                vertices,
                triangles,
            } => Some(Buckets::new(vertices, triangles)),
        };
        Self { terrain, buckets }
    }

    /// As [`Terrain::height_at`].
    pub fn height_at(&self, x: f64, y: f64) -> Option<f64> {
        let (
            Some(buckets),
            Terrain::Tin {
                vertices,
                triangles,
            },
        ) = (&self.buckets, self.terrain)
        else {
            return self.terrain.height_at(x, y);
        };
        let (row, col) = buckets.grid.cell_at(x, y)?;
        let cell = buckets.grid.index(row, col);
        let range = buckets.starts[cell] as usize..buckets.starts[cell + 1] as usize;
        buckets.items[range]
            .iter()
            .find_map(|&t| height_in(triangles[t as usize].map(|i| vertices[i as usize]), x, y))
    }
}

impl Buckets {
    fn new(vertices: &[Point3<f64>], triangles: &[[u32; 3]]) -> Self {
        let (min, max) = bounds_xy(vertices.iter().map(|p| [p.x, p.y]));
        let (width, depth) = ((max[0] - min[0]).max(1e-3), (max[1] - min[1]).max(1e-3));
        let cell_m = (width * depth / triangles.len().max(1) as f64)
            .sqrt()
            .max(width.max(depth) / 4096.0);
        // One cell more on each side, so that a place on the outermost edge has a cell.
        let grid = Grid::covering(
            [min[0] - cell_m, min[1] - cell_m],
            [max[0] + cell_m, max[1] + cell_m],
            cell_m,
        );
        let cells_of = |triangle: &[u32; 3]| {
            let (lo, hi) = bounds_xy(triangle.iter().map(|&i| {
                let p = vertices[i as usize];
                [p.x, p.y]
            }));
            let (south, west) = grid.cell_at(lo[0], lo[1]).unwrap_or((grid.rows - 1, 0));
            let (north, east) = grid.cell_at(hi[0], hi[1]).unwrap_or((0, grid.cols - 1));
            (north..=south).flat_map(move |row| (west..=east).map(move |col| (row, col)))
        };
        let mut starts = vec![0u32; grid.len() + 1];
        for triangle in triangles {
            for (row, col) in cells_of(triangle) {
                starts[grid.index(row, col) + 1] += 1;
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0u32; starts[grid.len()] as usize];
        for (t, triangle) in triangles.iter().enumerate() {
            for (row, col) in cells_of(triangle) {
                let slot = &mut next[grid.index(row, col)];
                items[*slot as usize] = t as u32;
                *slot += 1;
            }
        }
        Self {
            grid,
            starts,
            items,
        }
    }
}

/// The ground of a city: its terrain, and a plane where there is none.
#[derive(Debug)]
pub struct Ground<'a> {
    sampler: Option<HeightSampler<'a>>,
    /// Height (m) of the plane that stands for missing terrain: the lowest point of all buildings, else of all trees, else 0.
    pub plane_m: f64,
}

impl Ground<'_> {
    /// Height of the terrain (m); `None` outside of it.
    pub fn terrain_at(&self, x: f64, y: f64) -> Option<f64> {
        self.sampler.as_ref()?.height_at(x, y)
    }

    /// Height of the terrain (m), or of the plane where the terrain has no height.
    pub fn height_at(&self, x: f64, y: f64) -> f64 {
        self.terrain_at(x, y).unwrap_or(self.plane_m)
    }
}

impl City {
    /// The ground for draping things on it. Builds an index: make it once for many places.
    pub fn ground(&self) -> Ground<'_> {
        Ground {
            sampler: self.terrain.as_deref().map(Terrain::sampler),
            plane_m: self.ground_plane_m(),
        }
    }

    /// Height (m) of the plane that stands for missing terrain.
    pub fn ground_plane_m(&self) -> f64 {
        let lowest = |heights: &mut dyn Iterator<Item = f64>| {
            heights.filter(|z| z.is_finite()).reduce(f64::min)
        };
        lowest(&mut self.buildings.iter().map(|b| b.z_range().0))
            .or_else(|| lowest(&mut self.trees.iter().map(|t| t.foot.z)))
            .unwrap_or(0.0)
    }
}

/// Replaces heights that cannot be ground by NaN and says how many there were.
pub(crate) fn drop_absurd_heights(heights: &mut [f32], place: &str, findings: &mut Vec<Finding>) {
    let mut dropped = 0u64;
    for h in heights.iter_mut() {
        // NaN that a reader put there for declared missing data is not counted again.
        if !h.is_nan() && !HEIGHT_RANGE_M.contains(&f64::from(*h)) {
            *h = f32::NAN;
            dropped += 1;
        }
    }
    if dropped > 0 {
        findings.push(absurd_heights(dropped, place));
    }
}

pub(crate) fn absurd_heights(count: u64, place: &str) -> Finding {
    Finding::warning("terrain-absurd-heights")
        .place(place)
        .arg("count", count)
        .arg("low_m", HEIGHT_RANGE_M.start())
        .arg("high_m", HEIGHT_RANGE_M.end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Crs;

    fn frame() -> LocalFrame {
        LocalFrame::near(Crs::utm32(), 566_000.0, 5_933_000.0)
    }

    fn raster() -> Terrain {
        // 3 x 3 cells of 10 m: heights x + 2 y of the centres, so every triangle is exact; the middle row's end is unknown.
        let grid = Grid {
            west: 0.0,
            north: 30.0,
            cell_m: 10.0,
            cols: 3,
            rows: 3,
        };
        let mut heights: Vec<f32> = (0..9)
            .map(|i| {
                let [x, y] = grid.centre(i / 3, i % 3);
                (x + 2.0 * y) as f32
            })
            .collect();
        heights[5] = f32::NAN;
        Terrain::Raster { grid, heights }
    }

    #[test]
    fn raster_heights_follow_the_two_triangles() {
        let terrain = raster();
        for (x, y) in [
            (5.0, 5.0),
            (7.0, 12.0),
            (12.0, 7.0),
            (14.9, 24.9),
            (15.0, 15.0),
        ] {
            let got = terrain.height_at(x, y).unwrap();
            assert!((got - (x + 2.0 * y)).abs() < 1e-4, "({x}, {y}): {got}");
        }
        // The outer half cell continues the outer heights; beyond the edge there is nothing.
        assert!((terrain.height_at(1.0, 5.0).unwrap() - 15.0).abs() < 1e-4);
        assert_eq!(terrain.height_at(-0.1, 5.0), None);
        // Triangles with the unknown corner are unknown, the other half of the cell is not.
        assert_eq!(terrain.height_at(24.0, 18.0), None);
        assert!(terrain.height_at(17.0, 22.0).is_some());
        assert_eq!(terrain.height_at(17.0, 8.0), None);
    }

    #[test]
    fn triangles_are_counter_clockwise_and_agree_with_the_heights() {
        let terrain = raster();
        let triangles = terrain.triangles();
        assert_eq!(triangles.len(), 8 - 3);
        for [a, b, c] in triangles {
            assert!((b - a).cross(&(c - a)).z > 0.0);
            let middle = (a.coords + b.coords + c.coords) / 3.0;
            let got = terrain.height_at(middle.x, middle.y).unwrap();
            assert!((got - middle.z).abs() < 1e-4);
        }
    }

    #[test]
    fn loose_points_become_a_network_with_fast_heights() {
        let plane = |e: f64, n: f64| 5.0 + 0.01 * (e - 566_000.0) - 0.02 * (n - 5_933_000.0);
        let mut points = Vec::new();
        for i in 0..400 {
            let e = 566_000.0 + f64::from(i * 7919 % 1000) * 0.5;
            let n = 5_933_000.0 + f64::from(i * 104_729 % 997) * 0.4;
            points.push([e, n, plane(e, n)]);
        }
        points.push([points[0][0], points[0][1], points[0][2] + 3.0]);
        let terrain =
            Terrain::from_raw(&frame(), None, RawTerrain::Points(points), "p.xyz").unwrap();
        let sampler = terrain.sampler();
        let mut inside = 0;
        for i in 0..500 {
            let (x, y) = (f64::from(i % 25) * 20.0, f64::from(i / 25) * 20.0);
            let slow = terrain.height_at(x, y);
            let fast = sampler.height_at(x, y);
            assert_eq!(slow.is_some(), fast.is_some(), "({x}, {y})");
            if let (Some(slow), Some(fast)) = (slow, fast) {
                inside += 1;
                let expected = plane(566_000.0 + x, 5_933_000.0 + y);
                assert!((slow - expected).abs() < 1e-6 && (fast - expected).abs() < 1e-6);
            }
        }
        assert!(inside > 300, "{inside}");
        let thin = terrain.mesh(100);
        assert!(!thin.triangles.is_empty() && thin.triangles.len() <= 160);
    }

    #[test]
    fn too_few_points_are_an_error() {
        for points in [
            vec![],
            vec![[1.0, 1.0, 1.0]; 5],
            vec![[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [2.0, 2.0, 1.0]],
        ] {
            let error =
                Terrain::from_raw(&frame(), None, RawTerrain::Points(points), "p.xyz").unwrap_err();
            assert_eq!(error.exit_code(), 65);
        }
    }

    #[test]
    fn raster_of_another_crs_lands_at_the_right_place() {
        let converter = Crs::from_epsg(25833)
            .converter_to(&Crs::utm32())
            .unwrap()
            .unwrap();
        let [west, north] = converter.convert_back([566_000.0, 5_933_200.0]).unwrap();
        let (cols, rows) = (40, 40);
        // Height = 0.1 * distance east of the western edge in zone 33.
        let heights = (0..cols * rows)
            .map(|i| ((i % cols) as f32 + 0.5) * 0.5)
            .collect();
        let raw = RawTerrain::Raster {
            west,
            north,
            cell_m: 5.0,
            cols,
            heights,
        };
        let terrain = Terrain::from_raw(&frame(), Some(&converter), raw, "t.tif").unwrap();
        let [e, n] = converter.convert([west + 100.0, north - 100.0]).unwrap();
        let p = frame().local_from_crs([e, n, 0.0]);
        let got = terrain.height_at(p.x, p.y).unwrap();
        assert!((got - 10.0).abs() < 0.01, "{got}");
    }

    #[test]
    fn absurd_heights_are_dropped_and_counted_once() {
        let mut heights = [1.0, f32::NAN, -9999.0, 3.4e38, f32::INFINITY, 8848.0];
        let mut findings = Vec::new();
        drop_absurd_heights(&mut heights, "a.asc", &mut findings);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].args["count"], "3");
        assert_eq!(heights.iter().filter(|h| h.is_finite()).count(), 2);
    }

    #[test]
    fn thinned_mesh_keeps_the_extent() {
        let grid = Grid {
            west: 0.0,
            north: 100.0,
            cell_m: 1.0,
            cols: 100,
            rows: 100,
        };
        let heights = vec![2.0; grid.len()];
        let mesh = Terrain::Raster { grid, heights }.mesh(500);
        assert!(mesh.triangles.len() <= 600, "{}", mesh.triangles.len());
        let (min, max) = bounds_xy(mesh.positions.iter().map(|p| [p.x, p.y]));
        assert_eq!((min, max), ([0.5, 0.5], [99.5, 99.5]));
    }
}
