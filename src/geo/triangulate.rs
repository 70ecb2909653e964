//! Triangulation of planar polygons with holes in space.
//!
//! The polygon is projected along the dominant axis of its normal, which keeps every coordinate as delivered, and cut into
//! triangles by ear clipping (earcut). The sum of the triangles must equal the area of the polygon; where it does not (rings
//! that cross themselves or each other) the polygon is cut into trapezoids between all corners and crossings and filled by the
//! even-odd rule, so that no area is lost.
//!
//! Works on points in the local frame. Areas are exact for planar rings; a ring bent out of its plane is triangulated as
//! projected, its corners stay where they are.

use earcut::Earcut;
use nalgebra::{Point3, Vector3};

/// Largest difference between the triangles' and the polygon's projected area, relative to the latter.
const AREA_TOLERANCE: f64 = 1e-6;

/// Rings with more corners than this are not searched for crossings (quadratic); earcut's result stands.
const MAX_CORNERS_FOR_CROSSINGS: usize = 4000;

/// Newell's area vector of a ring (not repeated at its end): its length is the area (m²) of a planar ring, its direction the
/// normal, counter-clockwise seen from its tip. Zero for fewer than three corners.
pub fn area_vector(ring: &[Point3<f64>]) -> Vector3<f64> {
    let Some(origin) = ring.first() else {
        return Vector3::zeros();
    };
    let mut sum = Vector3::zeros();
    for pair in ring[1..].windows(2) {
        sum += (pair[0] - origin).cross(&(pair[1] - origin));
    }
    sum * 0.5
}

/// Largest distance (m) of the corners from the plane through their mean with the given unit normal.
pub fn plane_deviation(ring: &[Point3<f64>], normal: &Vector3<f64>) -> f64 {
    let Some(origin) = ring.first() else {
        return 0.0;
    };
    let mean = ring.iter().map(|p| p - origin).sum::<Vector3<f64>>() / ring.len() as f64;
    ring.iter()
        .map(|p| (p - origin - mean).dot(normal).abs())
        .fold(0.0, f64::max)
}

/// Unit normal of the plane through three far corners, for rings whose area vector vanishes though they span an area (a
/// symmetrical bow tie). `None` when all corners lie within 1 mm of a line. The sign is arbitrary.
pub fn spanned_normal(ring: &[Point3<f64>]) -> Option<Vector3<f64>> {
    let a = ring.first()?;
    let farthest = |score: &dyn Fn(&Point3<f64>) -> f64| {
        ring.iter()
            .max_by(|p, q| score(p).total_cmp(&score(q)))
            .copied()
    };
    let b = farthest(&|p| (p - a).norm_squared())?;
    let along = (b - a).try_normalize(1e-9)?;
    let c = farthest(&|p| (p - a).cross(&along).norm_squared())?;
    let across = along.cross(&(c - a));
    (across.norm() > 1e-3).then(|| across.normalize())
}

/// Which two coordinates remain when the dominant axis of a normal is dropped. Counter-clockwise around the normal stays
/// counter-clockwise in the plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Projection {
    u: usize,
    v: usize,
}

impl Projection {
    /// Drops the axis along which `normal` is longest.
    pub fn along(normal: &Vector3<f64>) -> Self {
        let axis = normal.iamax();
        let (u, v) = ((axis + 1) % 3, (axis + 2) % 3);
        if normal[axis] >= 0.0 {
            Self { u, v }
        } else {
            Self { u: v, v: u }
        }
    }

    /// Plane coordinates relative to `origin`.
    pub fn apply(self, p: &Point3<f64>, origin: &Point3<f64>) -> [f64; 2] {
        [p[self.u] - origin[self.u], p[self.v] - origin[self.v]]
    }
}

/// Twice the signed area of a triangle.
fn cross([ax, ay]: [f64; 2], [bx, by]: [f64; 2], [cx, cy]: [f64; 2]) -> f64 {
    (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}

/// Signed area of a plane ring, positive when counter-clockwise.
pub fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&origin) = ring.first() else {
        return 0.0;
    };
    ring[1..]
        .windows(2)
        .map(|w| cross(origin, w[0], w[1]))
        .sum::<f64>()
        * 0.5
}

/// True when `p` lies inside the ring (even-odd rule) or within `tolerance` of its boundary.
pub fn ring_holds([x, y]: [f64; 2], ring: &[[f64; 2]], tolerance: f64) -> bool {
    let mut inside = false;
    for (i, &[bx, by]) in ring.iter().enumerate() {
        let [ax, ay] = ring[(i + ring.len() - 1) % ring.len()];
        let (dx, dy) = (bx - ax, by - ay);
        let length_squared = dx * dx + dy * dy;
        let t = if length_squared > 0.0 {
            (((x - ax) * dx + (y - ay) * dy) / length_squared).clamp(0.0, 1.0)
        } else {
            0.0
        };
        if (x - ax - t * dx).hypot(y - ay - t * dy) <= tolerance {
            return true;
        }
        if (ay > y) != (by > y) && x < ax + (y - ay) / dy * dx {
            inside = !inside;
        }
    }
    inside
}

/// How a polygon was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Rings are simple; all triangle corners are ring corners.
    Simple,
    /// Rings cross; points were added where they do.
    Crossing,
}

/// Cuts polygons into triangles; keeps its buffers between polygons.
#[derive(Default)]
pub struct Triangulator {
    earcut: Earcut<f64>,
    plane: Vec<[f64; 2]>,
    hole_starts: Vec<u32>,
    corners: Vec<u32>,
    /// Triangles of the last polygon: indices into its corners followed by `added`, counter-clockwise around its normal.
    pub triangles: Vec<[u32; 3]>,
    /// Points that the last polygon needed beside its corners, where rings cross.
    pub added: Vec<Point3<f64>>,
}

impl Triangulator {
    /// Cuts the polygon whose rings (exterior first, then holes) follow one another in `corners` and end (exclusive) at
    /// `ring_ends`. `normal` is the direction from which the exterior runs counter-clockwise; it need not have unit length.
    pub fn cut(
        &mut self,
        corners: &[Point3<f64>],
        ring_ends: &[u32],
        normal: &Vector3<f64>,
    ) -> Cut {
        self.triangles.clear();
        self.added.clear();
        if corners.len() < 3 {
            return Cut::Simple;
        }
        if let (3, &[_]) = (corners.len(), ring_ends) {
            self.triangles.push([0, 1, 2]);
            return Cut::Simple;
        }
        let projection = Projection::along(normal);
        self.plane.clear();
        self.plane
            .extend(corners.iter().map(|p| projection.apply(p, &corners[0])));
        if let (&[a, b, c, d], &[_]) = (self.plane.as_slice(), ring_ends) {
            if cross(a, b, c) > 0.0 && cross(a, c, d) > 0.0 {
                self.triangles.extend([[0, 1, 2], [0, 2, 3]]);
                return Cut::Simple;
            }
            if cross(b, c, d) > 0.0 && cross(b, d, a) > 0.0 {
                self.triangles.extend([[1, 2, 3], [1, 3, 0]]);
                return Cut::Simple;
            }
        }
        self.clip_ears(ring_ends);
        if self.area_is_kept(ring_ends) || corners.len() > MAX_CORNERS_FOR_CROSSINGS {
            return Cut::Simple;
        }
        self.cut_trapezoids(corners, ring_ends);
        Cut::Crossing
    }

    fn clip_ears(&mut self, ring_ends: &[u32]) {
        self.hole_starts.clear();
        self.hole_starts
            .extend_from_slice(&ring_ends[..ring_ends.len() - 1]);
        self.earcut.earcut(
            self.plane.iter().copied(),
            &self.hole_starts,
            &mut self.corners,
        );
        for t in self.corners.chunks_exact(3) {
            let [a, b, c] = [t[0], t[1], t[2]].map(|i| self.plane[i as usize]);
            if cross(a, b, c) >= 0.0 {
                self.triangles.push([t[0], t[1], t[2]]);
            } else {
                self.triangles.push([t[0], t[2], t[1]]);
            }
        }
    }

    /// A triangulation whose triangles all have the polygon's orientation covers every point as often as the rings wind
    /// around it, so equal areas prove that nothing is lost, doubled or turned over.
    fn area_is_kept(&self, ring_ends: &[u32]) -> bool {
        let mut start = 0;
        let mut polygon = 0.0;
        for &end in ring_ends {
            polygon += signed_area(&self.plane[start..end as usize]);
            start = end as usize;
        }
        let triangles = 0.5
            * self
                .triangles
                .iter()
                .map(|t| {
                    let [a, b, c] = t.map(|i| self.plane[i as usize]);
                    cross(a, b, c)
                })
                .sum::<f64>();
        (triangles - polygon).abs() <= AREA_TOLERANCE * polygon.max(1e-3)
    }

    /// Even-odd fill by trapezoids between the levels of all corners and crossings.
    fn cut_trapezoids(&mut self, corners: &[Point3<f64>], ring_ends: &[u32]) {
        self.triangles.clear();
        let edges = plane_edges(&self.plane, ring_ends);
        let mut levels: Vec<f64> = self.plane.iter().map(|p| p[1]).collect();
        for (i, e) in edges.iter().enumerate() {
            levels.extend(edges[..i].iter().filter_map(|f| e.crossing_level(f)));
        }
        levels.sort_by(f64::total_cmp);
        levels.dedup_by(|b, a| *b - *a < 1e-9);
        let mut active: Vec<(f64, &PlaneEdge)> = Vec::new();
        for level in levels.windows(2) {
            let middle = 0.5 * (level[0] + level[1]);
            active.clear();
            active.extend(
                edges
                    .iter()
                    .filter(|e| e.low[1] < middle && middle < e.high[1])
                    .map(|e| (e.at(middle), e)),
            );
            active.sort_by(|a, b| a.0.total_cmp(&b.0));
            for pair in active.chunks_exact(2) {
                let first = (corners.len() + self.added.len()) as u32;
                let (left, right) = (pair[0].1, pair[1].1);
                for (edge, v) in [
                    (left, level[0]),
                    (right, level[0]),
                    (right, level[1]),
                    (left, level[1]),
                ] {
                    let (from, to) = (&corners[edge.from], &corners[edge.to]);
                    self.added.push(from + (to - from) * edge.parameter(v));
                }
                self.triangles
                    .extend([[first, first + 1, first + 2], [first, first + 2, first + 3]]);
            }
        }
    }
}

/// An edge of a ring in the plane, lower end first.
struct PlaneEdge {
    low: [f64; 2],
    high: [f64; 2],
    from: usize,
    to: usize,
}

impl PlaneEdge {
    /// Share of the way from the lower to the upper end at which the edge reaches level `v`.
    fn parameter(&self, v: f64) -> f64 {
        ((v - self.low[1]) / (self.high[1] - self.low[1])).clamp(0.0, 1.0)
    }

    fn at(&self, v: f64) -> f64 {
        self.low[0] + (self.high[0] - self.low[0]) * self.parameter(v)
    }

    fn crossing_level(&self, other: &Self) -> Option<f64> {
        let d = [self.high[0] - self.low[0], self.high[1] - self.low[1]];
        let e = [other.high[0] - other.low[0], other.high[1] - other.low[1]];
        let determinant = d[0] * e[1] - d[1] * e[0];
        let offset = [other.low[0] - self.low[0], other.low[1] - self.low[1]];
        let s = (offset[0] * e[1] - offset[1] * e[0]) / determinant;
        let t = (offset[0] * d[1] - offset[1] * d[0]) / determinant;
        ((0.0..=1.0).contains(&s) && (0.0..=1.0).contains(&t)).then(|| self.low[1] + s * d[1])
    }
}

/// All edges that are not level.
fn plane_edges(plane: &[[f64; 2]], ring_ends: &[u32]) -> Vec<PlaneEdge> {
    let mut edges = Vec::with_capacity(plane.len());
    let mut start = 0;
    for &end in ring_ends {
        let end = end as usize;
        for i in start..end {
            let j = if i + 1 == end { start } else { i + 1 };
            let (from, to) = if plane[i][1] <= plane[j][1] {
                (i, j)
            } else {
                (j, i)
            };
            if plane[from][1] < plane[to][1] {
                edges.push(PlaneEdge {
                    low: plane[from],
                    high: plane[to],
                    from,
                    to,
                });
            }
        }
        start = end;
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(xyz: &[[f64; 3]]) -> Vec<Point3<f64>> {
        xyz.iter().copied().map(Point3::from).collect()
    }

    fn triangle_area(t: &Triangulator, corners: &[Point3<f64>]) -> f64 {
        let all: Vec<_> = corners.iter().chain(&t.added).copied().collect();
        t.triangles
            .iter()
            .map(|&[a, b, c]| {
                let [a, b, c] = [a, b, c].map(|i| all[i as usize]);
                0.5 * (b - a).cross(&(c - a)).norm()
            })
            .sum()
    }

    const SQUARE: [[f64; 3]; 4] = [
        [0.0, 0.0, 5.0],
        [10.0, 0.0, 5.0],
        [10.0, 10.0, 5.0],
        [0.0, 10.0, 5.0],
    ];

    #[test]
    fn area_vector_points_to_the_counter_clockwise_side() {
        assert_eq!(area_vector(&points(&SQUARE)), Vector3::new(0.0, 0.0, 100.0));
        let mut turned = points(&SQUARE);
        turned.reverse();
        assert_eq!(area_vector(&turned), Vector3::new(0.0, 0.0, -100.0));
    }

    #[test]
    fn hole_is_left_out() {
        let mut corners = points(&SQUARE);
        corners.extend(points(&[
            [3.0, 3.0, 5.0],
            [3.0, 7.0, 5.0],
            [7.0, 7.0, 5.0],
            [7.0, 3.0, 5.0],
        ]));
        let mut t = Triangulator::default();
        let cut = t.cut(&corners, &[4, 8], &Vector3::z());
        assert_eq!(cut, Cut::Simple);
        approx::assert_relative_eq!(triangle_area(&t, &corners), 84.0, epsilon = 1e-9);
    }

    #[test]
    fn steep_wall_keeps_area_and_orientation() {
        // L-shaped wall in a plane turned by 30 degrees.
        let turn = nalgebra::Rotation3::from_axis_angle(&Vector3::z_axis(), 0.52);
        let corners: Vec<_> = [
            [0.0, 0.0],
            [8.0, 0.0],
            [8.0, 3.0],
            [4.0, 3.0],
            [4.0, 6.0],
            [0.0, 6.0],
        ]
        .iter()
        .map(|&[u, v]| turn * Point3::new(u, 2.0, v))
        .collect();
        let area = area_vector(&corners);
        let mut t = Triangulator::default();
        assert_eq!(t.cut(&corners, &[6], &area), Cut::Simple);
        approx::assert_relative_eq!(triangle_area(&t, &corners), 36.0, epsilon = 1e-9);
        for &[a, b, c] in &t.triangles {
            let [a, b, c] = [a, b, c].map(|i| corners[i as usize]);
            assert!((b - a).cross(&(c - a)).dot(&area) > 0.0);
        }
    }

    #[test]
    fn bow_tie_keeps_both_halves() {
        let s = points(&SQUARE);
        let corners = vec![s[0], s[2], s[1], s[3]];
        assert_eq!(area_vector(&corners).norm(), 0.0);
        let normal = spanned_normal(&corners).unwrap();
        let mut t = Triangulator::default();
        assert_eq!(t.cut(&corners, &[4], &normal), Cut::Crossing);
        approx::assert_relative_eq!(triangle_area(&t, &corners), 50.0, epsilon = 1e-9);
    }

    #[test]
    fn corners_on_a_line_span_no_plane() {
        let line = points(&[[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [3.0, 3.0, 0.0]]);
        assert_eq!(spanned_normal(&line), None);
    }

    proptest::proptest! {
        /// Star-shaped rings are simple, so their triangles must have exactly their area, in any orientation in space.
        #[test]
        fn star_polygons_keep_their_area(
            radii in proptest::collection::vec(0.5_f64..20.0, 3..40),
            axis in proptest::array::uniform3(-1.0_f64..1.0),
            angle in 0.0_f64..6.0,
        ) {
            let axis = nalgebra::Unit::try_new(Vector3::from(axis), 1e-3).unwrap_or(Vector3::z_axis());
            let turn = nalgebra::Rotation3::from_axis_angle(&axis, angle);
            let step = std::f64::consts::TAU / radii.len() as f64;
            let corners: Vec<_> = radii.iter().enumerate().map(|(i, r)| {
                let (sin, cos) = (i as f64 * step).sin_cos();
                turn * Point3::new(r * cos, r * sin, 7.0)
            }).collect();
            let area = area_vector(&corners);
            let mut t = Triangulator::default();
            proptest::prop_assert_eq!(t.cut(&corners, &[corners.len() as u32], &area), Cut::Simple);
            let sum = triangle_area(&t, &corners);
            proptest::prop_assert!((sum - area.norm()).abs() <= 1e-6 * area.norm());
        }
    }
}
