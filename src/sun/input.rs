//! What the kernel needs, extracted from (city, scenario): receivers on ground, facades and roofs.

use std::collections::BTreeMap;

use nalgebra::{Point3, Vector3};

use crate::city::terrain::Ground;
use crate::city::{Building, City, Geometry, Surface, SurfaceKind};
use crate::geo::Grid;
use crate::job::{Cancelled, Job};

use super::SunParams;
use super::receivers::{ReceiverCell, ReceiverKind, Receivers};

/// Distance (m) of a receiver from its face.
pub const LIFT_M: f64 = 0.03;
/// Walls narrower than this (m) carry no facade points.
const WALL_WIDTH_MIN_M: f64 = 0.5;
/// A facade point this far (m) below the terrain outside is underground.
const UNDERGROUND_M: f64 = 0.1;

/// Part of the city that gets receivers, local (x, y).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// South-western corner.
    pub min: [f64; 2],
    /// North-eastern corner.
    pub max: [f64; 2],
}

impl Area {
    /// Everything.
    pub const UNLIMITED: Self = Self {
        min: [f64::NEG_INFINITY; 2],
        max: [f64::INFINITY; 2],
    };

    /// The area of the parameters, else the box of the city.
    pub fn of(city: &City, params: &SunParams) -> Option<Self> {
        if let Some([west, south, east, north]) = params.area {
            let (min, max) = (
                city.frame.local_from_crs([west, south, 0.0]),
                city.frame.local_from_crs([east, north, 0.0]),
            );
            return Some(Self {
                min: [min.x, min.y],
                max: [max.x, max.y],
            });
        }
        city.bounds_xy().map(|(min, max)| Self { min, max })
    }

    fn contains(&self, p: &Point3<f64>) -> bool {
        (0..2).all(|k| p[k] >= self.min[k] && p[k] <= self.max[k])
    }

    /// Some part of the box lies in the area.
    pub fn meets(&self, lo: &Point3<f64>, hi: &Point3<f64>) -> bool {
        (0..2).all(|k| lo[k] <= self.max[k] && hi[k] >= self.min[k])
    }
}

/// Heights of the ground receivers: NaN inside buildings and outside the terrain.
#[derive(Clone, Debug, PartialEq)]
pub struct GroundReceivers {
    /// Cells; a receiver sits at each centre.
    pub grid: Grid,
    /// `[rows][cols]` positions, lifted off the ground.
    pub positions: Vec<[f32; 3]>,
}

/// Ground receivers of a variant. The grid depends on area and spacing alone, so that variants share it.
pub fn ground_receivers(
    city: &City,
    area: &Area,
    spacing_m: f64,
    job: &Job,
) -> Result<GroundReceivers, Cancelled> {
    let grid = Grid::covering(area.min, area.max, spacing_m);
    let indoors = covered_cells(city, &grid);
    let ground = city.ground();
    let has_terrain = city.terrain.is_some();
    let positions = (0..grid.len())
        .map(|i| {
            if i % grid.cols == 0 {
                job.check_cancelled()?;
            }
            let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
            // Where no terrain is known at all, a plane stands for it; outside a known terrain there is no receiver.
            let z = match has_terrain {
                _ if indoors[i] => None,
                true => ground.terrain_at(x, y),
                false => Some(ground.plane_m),
            };
            Ok([
                x as f32,
                y as f32,
                z.map_or(f32::NAN, |z| (z + LIFT_M) as f32),
            ])
        })
        .collect::<Result<_, Cancelled>>()?;
    Ok(GroundReceivers { grid, positions })
}

/// True for cells whose centre lies on the ground surface of a building (or under its roof, where it has no ground surface).
fn covered_cells(city: &City, grid: &Grid) -> Vec<bool> {
    let mut covered = vec![false; grid.len()];
    for building in &city.buildings {
        let g = &building.geometry;
        let has_ground = g.surfaces.iter().any(|s| s.kind == SurfaceKind::Ground);
        let kind = if has_ground {
            SurfaceKind::Ground
        } else {
            SurfaceKind::Roof
        };
        for triangle in g
            .surfaces
            .iter()
            .filter(|s| s.kind == kind)
            .flat_map(|s| g.surface_triangles(s))
        {
            mark_triangle(&mut covered, grid, triangle);
        }
    }
    covered
}

fn mark_triangle(covered: &mut [bool], grid: &Grid, triangle: [Point3<f64>; 3]) {
    let (lo, hi) = triangle.iter().fold(
        ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
        |(lo, hi), p| {
            (
                [lo[0].min(p.x), lo[1].min(p.y)],
                [hi[0].max(p.x), hi[1].max(p.y)],
            )
        },
    );
    let cols = (((lo[0] - grid.west) / grid.cell_m).floor().max(0.0) as usize)
        ..(((hi[0] - grid.west) / grid.cell_m).ceil().max(0.0) as usize).min(grid.cols);
    let rows = (((grid.north - hi[1]) / grid.cell_m).floor().max(0.0) as usize)
        ..(((grid.north - lo[1]) / grid.cell_m).ceil().max(0.0) as usize).min(grid.rows);
    let [a, b, c] = triangle;
    let edge = |p: Point3<f64>, q: Point3<f64>, [x, y]: [f64; 2]| {
        (q.x - p.x) * (y - p.y) - (q.y - p.y) * (x - p.x)
    };
    for row in rows {
        for col in cols.clone() {
            let at = grid.centre(row, col);
            let sides = [edge(a, b, at), edge(b, c, at), edge(c, a, at)];
            if sides.iter().all(|&s| s >= 0.0) || sides.iter().all(|&s| s <= 0.0) {
                covered[grid.index(row, col)] = true;
            }
        }
    }
}

/// Facade and roof receivers of a variant: facades first, then roofs, in the order of buildings and surfaces.
pub fn surface_receivers(
    city: &City,
    area: &Area,
    params: &SunParams,
    job: &Job,
) -> Result<Receivers, Cancelled> {
    let ground = city.ground();
    let solids = Solids::of(city);
    let mut receivers = Receivers::default();
    let inside: Vec<&Building> = city
        .buildings
        .iter()
        .map(AsRef::as_ref)
        .filter(|b| {
            let (lo, hi) = b.bounds();
            area.meets(&lo, &hi)
        })
        .collect();
    if params.facades {
        for building in &inside {
            job.check_cancelled()?;
            let floors = Floors::of(building, params);
            let near = solids.near(building);
            for (i, surface) in building.geometry.surfaces.iter().enumerate() {
                if surface.kind == SurfaceKind::Wall {
                    let wall = FacadePlan {
                        building,
                        surface: i as u32,
                        floors: &floors,
                        near: &near,
                        area,
                        params,
                    };
                    wall.place(&ground, &mut receivers);
                }
            }
        }
    }
    if params.roofs {
        for building in &inside {
            job.check_cancelled()?;
            for (i, surface) in building.geometry.surfaces.iter().enumerate() {
                if surface.kind == SurfaceKind::Roof {
                    place_roof(
                        building,
                        i as u32,
                        surface,
                        area,
                        params.roof_spacing_m,
                        &mut receivers,
                    );
                }
            }
        }
    }
    Ok(receivers)
}

/// Number of equal steps of at most `spacing` in a length; rounding of coordinates makes no step more.
fn steps(length: f64, spacing: f64) -> f64 {
    (length / spacing - 1e-6).ceil().max(1.0)
}

/// Horizontal axis of a face and the axis up the face; `None` for (nearly) level faces.
fn wall_axes(normal: Vector3<f64>) -> Option<(Vector3<f64>, Vector3<f64>)> {
    let u = Vector3::new(-normal.y, normal.x, 0.0).try_normalize(0.05)?;
    Some((u, normal.cross(&u)))
}

/// A face in its own plane coordinates.
struct FacePlane<'a> {
    geometry: &'a Geometry,
    surface: &'a Surface,
    origin: Point3<f64>,
    u: Vector3<f64>,
    v: Vector3<f64>,
}

impl FacePlane<'_> {
    fn project(&self, p: &Point3<f64>) -> [f64; 2] {
        let d = p - self.origin;
        [d.dot(&self.u), d.dot(&self.v)]
    }

    /// (min, max) of the exterior ring in plane coordinates.
    fn bounds(&self) -> ([f64; 2], [f64; 2]) {
        self.geometry
            .ring(self.surface.rings.start)
            .iter()
            .map(|p| self.project(p))
            .fold(
                ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]),
                |(lo, hi), p| {
                    (
                        [lo[0].min(p[0]), lo[1].min(p[1])],
                        [hi[0].max(p[0]), hi[1].max(p[1])],
                    )
                },
            )
    }

    /// Even-odd rule over exterior and holes.
    fn contains(&self, [u, v]: [f64; 2]) -> bool {
        let mut inside = false;
        for ring in self.surface.rings.clone() {
            let ring = self.geometry.ring(ring);
            for (i, p) in ring.iter().enumerate() {
                let a = self.project(p);
                let b = self.project(&ring[(i + 1) % ring.len()]);
                if (a[1] > v) != (b[1] > v) && u < a[0] + (v - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
                {
                    inside = !inside;
                }
            }
        }
        inside
    }

    fn point(&self, [u, v]: [f64; 2]) -> Point3<f64> {
        self.origin + self.u * u + self.v * v
    }
}

/// Storey floors of a building.
pub struct Floors {
    /// Height of the lowest ground of the building (m).
    base: f64,
    /// Storey height (m).
    pub height: f64,
    /// Storeys, where the source names a number that fits the height; otherwise both are assumed.
    pub storeys: Option<u32>,
}

impl Floors {
    /// Storeys as delivered share the height up to the lowest eaves if that gives 2.2 to 6 m each; otherwise the storey
    /// height of the parameters is assumed.
    pub fn of(building: &Building, params: &SunParams) -> Self {
        let (base, _) = building.z_range();
        let g = &building.geometry;
        let eaves = g
            .surfaces
            .iter()
            .filter(|s| s.kind == SurfaceKind::Wall && s.area_m2 > 2.0)
            .map(|s| {
                let zs = g.ring(s.rings.start).iter().map(|p| p.z);
                let (lo, hi) = zs.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), z| {
                    (l.min(z), h.max(z))
                });
                (lo, hi)
            })
            .filter(|(lo, _)| *lo < base + 1.0)
            .map(|(_, hi)| hi - base)
            .reduce(f64::min);
        let delivered = building
            .attributes
            .storeys
            .zip(eaves)
            .map(|(n, e)| (n, e / f64::from(n.max(1))))
            .filter(|(_, height)| (2.2..=6.0).contains(height));
        Self {
            base,
            height: delivered.map_or(params.storey_height_m, |(_, height)| height),
            storeys: delivered.map(|(n, _)| n),
        }
    }
}

struct FacadePlan<'a> {
    building: &'a Building,
    surface: u32,
    floors: &'a Floors,
    /// Buildings that may stand against this one, and itself.
    near: &'a [&'a Building],
    area: &'a Area,
    params: &'a SunParams,
}

impl FacadePlan<'_> {
    fn place(&self, ground: &Ground<'_>, receivers: &mut Receivers) {
        let geometry = &self.building.geometry;
        let surface = &geometry.surfaces[self.surface as usize];
        let Some((u, v)) = wall_axes(surface.normal).filter(|_| surface.normal.z.abs() < 0.5)
        else {
            return;
        };
        let origin = geometry.ring(surface.rings.start)[0];
        let plane = FacePlane {
            geometry,
            surface,
            origin,
            u,
            v,
        };
        let (lo, hi) = plane.bounds();
        let width = hi[0] - lo[0];
        if width < WALL_WIDTH_MIN_M {
            return;
        }
        let (z_low, z_high) = (origin.z + lo[1] * v.z, origin.z + hi[1] * v.z);
        let count = steps(width, self.params.facade_spacing_m);
        let step = width / count;
        // The ground floor lies at the ground outside the middle of the wall, where that is higher than the building's base.
        let middle = plane.point([0.5 * (lo[0] + hi[0]), lo[1]]) + surface.normal * 0.3;
        let outside = ground.terrain_at(middle.x, middle.y);
        let base = outside.map_or(self.floors.base, |z| {
            z.clamp(self.floors.base, self.floors.base + 3.0)
        });
        let storeys = self.floors.storeys.unwrap_or(u32::MAX);
        let first = ((z_low - base - self.params.height_above_floor_m) / self.floors.height)
            .ceil()
            .max(0.0);
        let lift = surface.normal * LIFT_M;
        // Slightly off the normal, so that the parity ray does not run along edges of neighbours.
        let probe = (surface.normal + u * 0.13 + Vector3::z() * 0.07).normalize();
        let mut storey = first as u32;
        while storey < storeys {
            let z =
                base + f64::from(storey) * self.floors.height + self.params.height_above_floor_m;
            if z >= z_high {
                break;
            }
            storey += 1;
            for column in 0..count as usize {
                let at = [lo[0] + (column as f64 + 0.5) * step, (z - origin.z) / v.z];
                if !plane.contains(at) {
                    continue;
                }
                let on_face = plane.point(at);
                let p = on_face + lift;
                let front = p + surface.normal * 0.3;
                let underground = ground
                    .terrain_at(front.x, front.y)
                    .is_some_and(|z| p.z < z - UNDERGROUND_M);
                if underground || !self.area.contains(&on_face) || self.is_indoors(&p, &probe) {
                    continue;
                }
                receivers.push(
                    p.cast::<f32>().coords.into(),
                    surface.normal,
                    ReceiverKind::Facade,
                    (self.building.key, self.surface),
                    ReceiverCell {
                        u: u.cast::<f32>().into(),
                        half_u_m: (0.5 * step) as f32,
                        half_v_m: (0.5 * self.floors.height / v.z) as f32,
                    },
                );
            }
        }
    }
}

impl FacadePlan<'_> {
    /// The point lies inside a closed part other than the wall's own: party walls, overlapping models.
    fn is_indoors(&self, point: &Point3<f64>, probe: &Vector3<f64>) -> bool {
        let own = self.building.geometry.surfaces[self.surface as usize].part;
        self.near.iter().any(|other| {
            let (lo, hi) = other.bounds();
            let in_box = (0..3).all(|k| point[k] >= lo[k] && point[k] <= hi[k]);
            in_box
                && (0..other.parts.len())
                    .filter(|&part| other.parts[part].closed)
                    .filter(|&part| other.key != self.building.key || part != usize::from(own))
                    .any(|part| is_inside_part(other, part, point, probe))
        })
    }
}

/// A ray leaves a closed shell through an odd number of faces.
fn is_inside_part(
    building: &Building,
    part: usize,
    point: &Point3<f64>,
    direction: &Vector3<f64>,
) -> bool {
    let geometry = &building.geometry;
    let crossings = geometry
        .surfaces
        .iter()
        .filter(|s| usize::from(s.part) == part)
        .flat_map(|s| geometry.surface_triangles(s))
        .filter(|t| ray_crosses(point, direction, t))
        .count();
    crossings % 2 == 1
}

/// Möller & Trumbore 1997, in front of the origin. An edge belongs to one of its two triangles only.
fn ray_crosses(origin: &Point3<f64>, dir: &Vector3<f64>, [a, b, c]: &[Point3<f64>; 3]) -> bool {
    let (ab, ac) = (b - a, c - a);
    let p = dir.cross(&ac);
    let det = ab.dot(&p);
    if det == 0.0 {
        return false;
    }
    let s = origin - a;
    let u = s.dot(&p) / det;
    let q = s.cross(&ab);
    let v = dir.dot(&q) / det;
    u >= 0.0 && v >= 0.0 && u + v < 1.0 && ac.dot(&q) / det > 0.0
}

/// Buildings by their western edge, to find those that stand near one.
struct Solids<'a> {
    by_west: Vec<(f64, &'a Building)>,
    /// Largest extent from west to east (m).
    widest: f64,
}

impl<'a> Solids<'a> {
    fn of(city: &'a City) -> Self {
        let mut by_west: Vec<(f64, &Building)> = city
            .buildings
            .iter()
            .map(|b| (b.bounds().0.x, &**b))
            .collect();
        by_west.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let extent = |b: &Building| {
            let (lo, hi) = b.bounds();
            hi.x - lo.x
        };
        Self {
            widest: by_west.iter().map(|(_, b)| extent(b)).fold(0.0, f64::max),
            by_west,
        }
    }

    /// Buildings whose box comes closer than 1 m to that of a building; itself included.
    fn near(&self, building: &Building) -> Vec<&'a Building> {
        let (lo, hi) = building.bounds();
        let (lo, hi) = (lo.map(|v| v - 1.0), hi.map(|v| v + 1.0));
        let first = self
            .by_west
            .partition_point(|(west, _)| *west < lo.x - self.widest);
        self.by_west[first..]
            .iter()
            .take_while(|(west, _)| *west <= hi.x)
            .map(|(_, b)| *b)
            .filter(|b| {
                let (from, to) = b.bounds();
                (0..3).all(|k| from[k] <= hi[k] && to[k] >= lo[k])
            })
            .collect()
    }
}

fn place_roof(
    building: &Building,
    index: u32,
    surface: &Surface,
    area: &Area,
    spacing_m: f64,
    receivers: &mut Receivers,
) {
    let (u, v) = wall_axes(surface.normal).unwrap_or((Vector3::x(), Vector3::y()));
    let origin = building.geometry.ring(surface.rings.start)[0];
    let plane = FacePlane {
        geometry: &building.geometry,
        surface,
        origin,
        u,
        v,
    };
    let (lo, hi) = plane.bounds();
    let cells = [0, 1].map(|k| steps(hi[k] - lo[k], spacing_m));
    let step = [0, 1].map(|k| (hi[k] - lo[k]) / cells[k]);
    for row in 0..cells[1] as usize {
        for column in 0..cells[0] as usize {
            let at = [
                lo[0] + (column as f64 + 0.5) * step[0],
                lo[1] + (row as f64 + 0.5) * step[1],
            ];
            let on_face = plane.point(at);
            let p = on_face + surface.normal * LIFT_M;
            if plane.contains(at) && area.contains(&on_face) {
                receivers.push(
                    p.cast::<f32>().coords.into(),
                    surface.normal,
                    ReceiverKind::Roof,
                    (building.key, index),
                    ReceiverCell {
                        u: u.cast::<f32>().into(),
                        half_u_m: (0.5 * step[0]) as f32,
                        half_v_m: (0.5 * step[1]) as f32,
                    },
                );
            }
        }
    }
}

impl Receivers {
    /// Appends one receiver.
    pub fn push(
        &mut self,
        position: [f32; 3],
        normal: Vector3<f64>,
        kind: ReceiverKind,
        (building, surface): (u32, u32),
        cell: ReceiverCell,
    ) {
        self.positions.push(position);
        self.normals.push(normal.cast::<f32>().into());
        self.kinds.push(kind);
        self.buildings.push(building);
        self.surfaces.push(surface);
        self.cells.push(cell);
    }

    /// Ranges of consecutive receivers on the same surface, with owner (building key, surface).
    pub fn by_surface(&self) -> BTreeMap<(u32, u32), std::ops::Range<usize>> {
        let mut ranges: BTreeMap<(u32, u32), std::ops::Range<usize>> = BTreeMap::new();
        for i in 0..self.len() {
            let range = ranges
                .entry((self.buildings[i], self.surfaces[i]))
                .or_insert(i..i);
            range.end = i + 1;
        }
        ranges
    }
}
