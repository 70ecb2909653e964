//! From raw objects to checked buildings: clean rings, closed and outward shells, classified and triangulated surfaces.
//!
//! One bad face never loses its building. Everything that is dropped, turned or assumed becomes a finding, one per kind and
//! building with a count.

use std::collections::{BTreeMap, HashSet};

use nalgebra::{Point3, Vector3};

use crate::finding::Finding;
use crate::geo::triangulate::{
    Cut, Projection, Triangulator, area_vector, plane_deviation, ring_holds, spanned_normal,
};
use crate::geo::{Crs, LocalFrame};

use super::check::{Ring, RingFault, ShellFace, check_shell, clean_ring};
use super::raw::{RawBuilding, RawPart, RawPolygon};
use super::{Building, BuildingAttributes, BuildingPart, Geometry, Surface, SurfaceKind};

/// Rings further than this (m) out of their plane are reported (one centimetre is the accuracy of the coordinates).
const NONPLANAR_M: f64 = 0.01;

/// From here on (m) a bent face may change a result.
const NONPLANAR_WARNING_M: f64 = 0.05;

/// Area (m²) below which a face has no usable normal.
const MIN_AREA_M2: f64 = 1e-7;

/// Building parts further apart (m) than any building is long.
const MAX_EXTENT_M: f64 = 2000.0;

/// Height (m) above the lowest point up to which a face looking down is taken for the ground surface.
const GROUND_BAND_M: f64 = 1.0;

/// A closed block with a flat roof over a footprint.
///
/// `rings` in CRS coordinates: exterior first, then holes, closed or not, in any direction. The block stands on
/// `base_height_m` (m above datum) and is `height_m` high.
pub fn extruded(
    id: &str,
    rings: &[Vec<[f64; 2]>],
    base_height_m: f64,
    height_m: f64,
    attributes: BuildingAttributes,
) -> RawBuilding {
    let top = base_height_m + height_m;
    let mut ground = Vec::new();
    let mut roof = Vec::new();
    let mut walls = Vec::new();
    for (i, delivered) in rings.iter().enumerate() {
        let mut ring = delivered.clone();
        ring.dedup();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        if ring.len() < 3 {
            if i == 0 {
                break;
            }
            continue;
        }
        // Exterior counter-clockwise seen from above, holes clockwise: then the same wall points outwards for both.
        if (plane_area(&ring) > 0.0) != (i == 0) {
            ring.reverse();
        }
        let at = |height: f64| ring.iter().map(move |&[e, n]| [e, n, height]);
        roof.push(at(top).collect::<Vec<_>>());
        ground.push(at(base_height_m).rev().collect::<Vec<_>>());
        for (k, &[e, n]) in ring.iter().enumerate() {
            let [f, m] = ring[(k + 1) % ring.len()];
            walls.push(RawPolygon {
                id: None,
                kind: Some(SurfaceKind::Wall),
                rings: vec![vec![
                    [e, n, base_height_m],
                    [f, m, base_height_m],
                    [f, m, top],
                    [e, n, top],
                ]],
            });
        }
    }
    let mut polygons = Vec::with_capacity(walls.len() + 2);
    for (kind, rings) in [(SurfaceKind::Ground, ground), (SurfaceKind::Roof, roof)] {
        if !rings.is_empty() {
            polygons.push(RawPolygon {
                id: None,
                kind: Some(kind),
                rings,
            });
        }
    }
    polygons.extend(walls);
    RawBuilding {
        id: id.to_owned(),
        attributes,
        parts: vec![RawPart {
            id: id.to_owned(),
            lod: "1".to_owned(),
            polygons,
            ..RawPart::default()
        }],
        place: None,
    }
}

fn plane_area(ring: &[[f64; 2]]) -> f64 {
    let origin = ring[0];
    let relative: Vec<_> = ring
        .iter()
        .map(|p| [p[0] - origin[0], p[1] - origin[1]])
        .collect();
    crate::geo::triangulate::signed_area(&relative)
}

/// Gives every building an id of its own: the second `b1` becomes `b1#2`, with a finding. Ids that look like paths or carry
/// control characters are reported, so that nobody makes a file name of them.
pub fn make_ids_unique(buildings: &mut [RawBuilding], findings: &mut Vec<Finding>) {
    let mut taken: HashSet<String> = HashSet::with_capacity(buildings.len());
    for building in buildings {
        if building.id.contains(['/', '\\']) || building.id.chars().any(char::is_control) {
            findings.push(at(Finding::warning("id-unsafe"), building));
        }
        if taken.insert(building.id.clone()) {
            continue;
        }
        let mut number = 2;
        let mut renamed = format!("{}#{number}", building.id);
        while !taken.insert(renamed.clone()) {
            number += 1;
            renamed = format!("{}#{number}", building.id);
        }
        findings.push(
            at(Finding::warning("duplicate-id"), building)
                .arg("id", &building.id)
                .arg("renamed", &renamed),
        );
        building.id = renamed;
    }
}

/// True when the faces of a part, as delivered, use every edge twice in opposite directions.
pub fn is_closed(part: &RawPart) -> bool {
    let frame = LocalFrame {
        crs: Crs::local(),
        origin_easting: 0.0,
        origin_northing: 0.0,
    };
    let mut remarks = Remarks::default();
    let faces: Vec<Face> = part
        .polygons
        .iter()
        .filter_map(|polygon| clean_face(&frame, polygon, &mut remarks))
        .collect();
    let shell_faces: Vec<_> = faces.iter().map(Face::of_shell).collect();
    check_shell(&shell_faces).closed_as_delivered
}

/// What was done to the faces of a building, counted.
#[derive(Default)]
struct Remarks {
    bad_coordinates: Count,
    degenerate: Count,
    spikes: Count,
    holes_outside: Count,
    holes_turned: Count,
    crossing: Count,
    nonplanar: Count,
    nonplanar_m: f64,
    turned: usize,
    inside_out: bool,
    open_parts: Vec<String>,
    unpaired_edges: usize,
}

/// How often, and the first face with an id.
#[derive(Default)]
struct Count {
    count: usize,
    first: Option<String>,
}

impl Count {
    fn add(&mut self, id: Option<&String>) {
        self.count += 1;
        if self.first.is_none() {
            self.first = id.cloned();
        }
    }
}

/// A face with clean rings.
struct Face {
    id: Option<String>,
    kind: Option<SurfaceKind>,
    /// Exterior first, then holes in the opposite direction.
    rings: Vec<Ring>,
    /// Newell area vector of exterior minus holes.
    area: Vector3<f64>,
}

impl Face {
    fn of_shell(&self) -> ShellFace<'_> {
        ShellFace {
            rings: &self.rings,
            area_m2: self.area.norm(),
        }
    }
}

/// Makes a checked building from a delivered one. `None` (with a finding) when no usable face is left.
pub fn building_from_raw(
    frame: &LocalFrame,
    key: u32,
    raw: &RawBuilding,
    findings: &mut Vec<Finding>,
) -> Option<Building> {
    let mut remarks = Remarks::default();
    let mut geometry = Geometry::default();
    let mut parts = Vec::with_capacity(raw.parts.len());
    let mut triangulator = Triangulator::default();
    for raw_part in &raw.parts {
        let Ok(part) = u16::try_from(parts.len()) else {
            break;
        };
        let faces: Vec<Face> = raw_part
            .polygons
            .iter()
            .filter_map(|polygon| clean_face(frame, polygon, &mut remarks))
            .collect();
        if let Some(built) = add_part(
            &mut geometry,
            part,
            raw_part,
            faces,
            &mut triangulator,
            &mut remarks,
        ) {
            parts.push(built);
        }
    }
    report(raw, &geometry, &remarks, findings);
    (!geometry.surfaces.is_empty()).then(|| Building {
        id: raw.id.clone(),
        key,
        attributes: raw.attributes.clone(),
        parts,
        geometry,
        draft: false,
    })
}

/// Cleans the rings of a polygon and brings its holes into order; `None` when its exterior cannot be used.
fn clean_face(frame: &LocalFrame, polygon: &RawPolygon, remarks: &mut Remarks) -> Option<Face> {
    let id = polygon.id.as_ref();
    let mut rings = Vec::with_capacity(polygon.rings.len());
    let mut area = Vector3::zeros();
    for (i, delivered) in polygon.rings.iter().enumerate() {
        let mut ring = match clean_ring(frame, delivered) {
            Ok((ring, spike)) => {
                if spike {
                    remarks.spikes.add(id);
                }
                ring
            }
            Err(fault) => {
                match fault {
                    RingFault::Coordinates => remarks.bad_coordinates.add(id),
                    RingFault::TooFewCorners => remarks.degenerate.add(id),
                }
                if i == 0 {
                    return None;
                }
                continue;
            }
        };
        let ring_area = area_vector(&ring.points);
        if i == 0 {
            area = ring_area;
        } else {
            let exterior: &Ring = &rings[0];
            if !hole_lies_in(exterior, &area, &ring) {
                remarks.holes_outside.add(id);
                continue;
            }
            if ring_area.dot(&area_vector(&exterior.points)) > 0.0 {
                remarks.holes_turned.add(id);
                ring.reverse();
                area -= ring_area;
            } else {
                area += ring_area;
            }
        }
        rings.push(ring);
    }
    if rings.is_empty() {
        remarks.degenerate.add(id);
        return None;
    }
    Some(Face {
        id: polygon.id.clone(),
        kind: polygon.kind,
        rings,
        area,
    })
}

/// True when at least one corner of the hole lies in the exterior or on its edge.
fn hole_lies_in(exterior: &Ring, normal: &Vector3<f64>, hole: &Ring) -> bool {
    let projection = Projection::along(normal);
    let origin = exterior.points[0];
    let plane: Vec<_> = exterior
        .points
        .iter()
        .map(|p| projection.apply(p, &origin))
        .collect();
    hole.points
        .iter()
        .any(|p| ring_holds(projection.apply(p, &origin), &plane, 1e-3))
}

/// Checks the shell of a part, turns faces outwards, classifies, triangulates and stores them.
fn add_part(
    geometry: &mut Geometry,
    part: u16,
    raw: &RawPart,
    mut faces: Vec<Face>,
    triangulator: &mut Triangulator,
    remarks: &mut Remarks,
) -> Option<BuildingPart> {
    let shell_faces: Vec<_> = faces.iter().map(Face::of_shell).collect();
    let shell = check_shell(&shell_faces);
    remarks.turned += shell.disagreeing;
    remarks.inside_out |= shell.inside_out > 0;
    if !shell.closed && !raw.installation && !faces.is_empty() {
        remarks.open_parts.push(raw.id.clone());
        remarks.unpaired_edges += shell.unpaired_edges;
    }
    for (face, _) in faces.iter_mut().zip(&shell.turned).filter(|(_, t)| **t) {
        face.rings.iter_mut().for_each(Ring::reverse);
        face.area = -face.area;
    }
    let (low, centre) = low_and_centre(&faces);
    let before = geometry.surfaces.len();
    for face in faces {
        add_face(geometry, part, face, (low, centre), triangulator, remarks);
    }
    (geometry.surfaces.len() > before).then(|| BuildingPart {
        id: raw.id.clone(),
        attributes: raw.attributes.clone(),
        lod: raw.lod.clone(),
        closed: shell.closed,
        volume_m3: shell.volume_m3,
    })
}

/// Lowest z and mean corner of all faces.
fn low_and_centre(faces: &[Face]) -> (f64, Point3<f64>) {
    let mut low = f64::INFINITY;
    let mut sum = Vector3::zeros();
    let mut count = 0_usize;
    for p in faces.iter().flat_map(|f| &f.rings).flat_map(|r| &r.points) {
        low = low.min(p.z);
        sum += p.coords;
        count += 1;
    }
    (low, Point3::from(sum / count.max(1) as f64))
}

fn add_face(
    geometry: &mut Geometry,
    part: u16,
    face: Face,
    (low, centre): (f64, Point3<f64>),
    triangulator: &mut Triangulator,
    remarks: &mut Remarks,
) {
    let exterior = &face.rings[0].points;
    let normal = if face.area.norm() > MIN_AREA_M2 {
        face.area.normalize()
    } else if let Some(normal) = spanned_normal(exterior) {
        turned_outwards(normal, face.kind, exterior, &centre)
    } else {
        remarks.degenerate.add(face.id.as_ref());
        return;
    };
    let deviation = face
        .rings
        .iter()
        .map(|r| plane_deviation(&r.points, &normal))
        .fold(0.0, f64::max);
    if deviation > NONPLANAR_M {
        remarks.nonplanar.add(face.id.as_ref());
        remarks.nonplanar_m = remarks.nonplanar_m.max(deviation);
    }
    let kind = face
        .kind
        .unwrap_or_else(|| kind_from_slope(&normal, exterior, low));

    let first_vertex = geometry.vertices.len();
    let first_ring = geometry.ring_ends.len() as u32;
    let first_triangle = geometry.triangles.len() as u32;
    let mut ring_ends = Vec::with_capacity(face.rings.len());
    for ring in &face.rings {
        geometry.vertices.extend_from_slice(&ring.points);
        ring_ends.push((geometry.vertices.len() - first_vertex) as u32);
        geometry.ring_ends.push(geometry.vertices.len() as u32);
    }
    let cut = triangulator.cut(&geometry.vertices[first_vertex..], &ring_ends, &normal);
    let end_ring = geometry.ring_ends.len() as u32;
    if !triangulator.added.is_empty() {
        // Points where rings cross belong to a ring that no surface names.
        geometry.vertices.extend_from_slice(&triangulator.added);
        geometry.ring_ends.push(geometry.vertices.len() as u32);
    }
    geometry.triangles.extend(
        triangulator
            .triangles
            .iter()
            .map(|t| t.map(|i| i + first_vertex as u32)),
    );
    let triangles = first_triangle..geometry.triangles.len() as u32;
    let area_m2 = match cut {
        Cut::Simple => face.area.norm(),
        Cut::Crossing => {
            remarks.crossing.add(face.id.as_ref());
            geometry.triangles[triangles.start as usize..]
                .iter()
                .map(|t| {
                    let [a, b, c] = t.map(|i| geometry.vertices[i as usize]);
                    0.5 * (b - a).cross(&(c - a)).norm()
                })
                .sum()
        }
    };
    geometry.surfaces.push(Surface {
        id: face.id,
        kind,
        part,
        rings: first_ring..end_ring,
        triangles,
        normal,
        area_m2,
    });
}

/// Chooses the side of a normal that the rings do not tell: roofs up, ground down, others away from the building's middle.
fn turned_outwards(
    normal: Vector3<f64>,
    kind: Option<SurfaceKind>,
    ring: &[Point3<f64>],
    centre: &Point3<f64>,
) -> Vector3<f64> {
    let outwards = match kind {
        Some(SurfaceKind::Roof) => normal.z,
        Some(SurfaceKind::Ground) => -normal.z,
        _ => ring.iter().map(|p| (p - centre).dot(&normal)).sum(),
    };
    if outwards < 0.0 { -normal } else { normal }
}

/// Meaning of a face whose source names none: looking down near the lowest point is ground, anything that sees the sky at
/// more than 11 degrees is roof, the rest is wall.
fn kind_from_slope(normal: &Vector3<f64>, ring: &[Point3<f64>], low: f64) -> SurfaceKind {
    if normal.z < -0.9 && ring.iter().all(|p| p.z <= low + GROUND_BAND_M) {
        SurfaceKind::Ground
    } else if normal.z > 0.2 {
        SurfaceKind::Roof
    } else {
        SurfaceKind::Wall
    }
}

fn at(mut finding: Finding, raw: &RawBuilding) -> Finding {
    finding.object = Some(raw.id.clone());
    finding.place.clone_from(&raw.place);
    finding
}

fn report(raw: &RawBuilding, geometry: &Geometry, remarks: &Remarks, findings: &mut Vec<Finding>) {
    let counted = [
        ("face-coordinates", &remarks.bad_coordinates),
        ("face-degenerate", &remarks.degenerate),
        ("ring-spike", &remarks.spikes),
        ("hole-outside", &remarks.holes_outside),
        ("hole-turned", &remarks.holes_turned),
        ("face-crossing", &remarks.crossing),
    ];
    for (code, count) in counted {
        if count.count > 0 {
            findings.push(
                at(Finding::warning(code), raw)
                    .arg("count", count.count)
                    .arg("face", count.first.as_deref().unwrap_or("-")),
            );
        }
    }
    if remarks.nonplanar.count > 0 {
        let finding = if remarks.nonplanar_m > NONPLANAR_WARNING_M {
            Finding::warning("face-nonplanar")
        } else {
            Finding::info("face-nonplanar")
        };
        findings.push(
            at(finding, raw)
                .arg("count", remarks.nonplanar.count)
                .arg("face", remarks.nonplanar.first.as_deref().unwrap_or("-"))
                .arg("deviation_m", format!("{:.3}", remarks.nonplanar_m)),
        );
    }
    if geometry.surfaces.is_empty() {
        findings.push(at(Finding::warning("building-empty"), raw));
        return;
    }
    if remarks.turned > 0 {
        findings.push(at(Finding::warning("faces-turned"), raw).arg("count", remarks.turned));
    }
    if remarks.inside_out {
        findings.push(at(Finding::warning("shell-inside-out"), raw));
    }
    if !remarks.open_parts.is_empty() {
        findings.push(
            at(Finding::warning("shell-open"), raw)
                .arg("parts", remarks.open_parts.len())
                .arg("edges", remarks.unpaired_edges),
        );
    }
    let (min, max) = geometry.vertices.iter().fold(
        (geometry.vertices[0], geometry.vertices[0]),
        |(lo, hi), p| (lo.inf(p), hi.sup(p)),
    );
    let extent = (max.x - min.x).max(max.y - min.y);
    if extent > MAX_EXTENT_M {
        findings.push(
            at(Finding::warning("building-extent"), raw).arg("extent_m", format!("{extent:.0}")),
        );
    }
}

/// What a file holds and the city does not use: geometries without a use, and objects by their kinds.
pub(super) fn passed_over(
    place: &str,
    geometries: usize,
    objects: &BTreeMap<String, usize>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if geometries > 0 {
        let skipped = Finding::info("geometry-skipped").place(place);
        findings.push(skipped.arg("count", geometries));
    }
    if !objects.is_empty() {
        let kinds = objects
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"));
        let kinds: Vec<_> = kinds.collect();
        let unused = Finding::info("objects-unused").place(place);
        findings.push(unused.arg("kinds", kinds.join(", ")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> LocalFrame {
        LocalFrame::near(Crs::utm32(), 566_000.0, 5_933_000.0)
    }

    fn square(x: f64, y: f64, size: f64) -> Vec<[f64; 2]> {
        let (e, n) = (566_000.0 + x, 5_933_000.0 + y);
        vec![[e, n], [e + size, n], [e + size, n + size], [e, n + size]]
    }

    fn build(raw: &RawBuilding) -> (Building, Vec<Finding>) {
        let mut findings = Vec::new();
        let building = building_from_raw(&frame(), 0, raw, &mut findings).unwrap();
        (building, findings)
    }

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|f| f.code.as_str()).collect()
    }

    #[test]
    fn extruded_block_is_closed_in_any_direction_of_its_footprint() {
        for turned in [false, true] {
            let mut rings = vec![square(0.0, 0.0, 10.0), square(3.0, 3.0, 4.0)];
            if turned {
                rings.iter_mut().for_each(|r| r.reverse());
            }
            let raw = extruded("b", &rings, 5.0, 12.0, BuildingAttributes::default());
            let (building, findings) = build(&raw);
            assert_eq!(findings, []);
            approx::assert_relative_eq!(building.volume_m3().unwrap(), 84.0 * 12.0, epsilon = 1e-6);
            approx::assert_relative_eq!(building.area_m2(SurfaceKind::Roof), 84.0, epsilon = 1e-6);
            approx::assert_relative_eq!(
                building.area_m2(SurfaceKind::Ground),
                84.0,
                epsilon = 1e-6
            );
            approx::assert_relative_eq!(
                building.area_m2(SurfaceKind::Wall),
                56.0 * 12.0,
                epsilon = 1e-6
            );
            assert_eq!(building.z_range(), (5.0, 17.0));
        }
    }

    #[test]
    fn missing_meaning_is_taken_from_the_slope() {
        let mut raw = extruded(
            "b",
            &[square(0.0, 0.0, 10.0)],
            5.0,
            10.0,
            BuildingAttributes::default(),
        );
        for polygon in &mut raw.parts[0].polygons {
            polygon.kind = None;
        }
        let (building, _) = build(&raw);
        let kinds: Vec<_> = building.geometry.surfaces.iter().map(|s| s.kind).collect();
        assert_eq!(kinds[..2], [SurfaceKind::Ground, SurfaceKind::Roof]);
        assert_eq!(kinds[2..], [SurfaceKind::Wall; 4]);
    }

    #[test]
    fn one_bad_face_does_not_lose_the_building() {
        let mut raw = extruded(
            "b",
            &[square(0.0, 0.0, 10.0)],
            5.0,
            10.0,
            BuildingAttributes::default(),
        );
        raw.parts[0].polygons[3].rings[0][1][2] = f64::NAN;
        let (building, findings) = build(&raw);
        assert_eq!(building.geometry.surfaces.len(), 5);
        assert_eq!(codes(&findings), ["face-coordinates", "shell-open"]);
        assert_eq!(building.volume_m3(), None);
    }

    #[test]
    fn triangles_face_the_same_way_as_their_surface() {
        let raw = extruded(
            "b",
            &[square(0.0, 0.0, 10.0), square(3.0, 3.0, 4.0)],
            5.0,
            10.0,
            BuildingAttributes::default(),
        );
        let (building, _) = build(&raw);
        for surface in &building.geometry.surfaces {
            let mut area = 0.0;
            for [a, b, c] in building.geometry.surface_triangles(surface) {
                area += 0.5 * (b - a).cross(&(c - a)).dot(&surface.normal);
            }
            approx::assert_relative_eq!(area, surface.area_m2, epsilon = 1e-9);
        }
    }

    #[test]
    fn footprint_without_area_gives_no_building() {
        let raw = extruded(
            "b",
            &[vec![[0.0, 0.0], [1.0, 0.0]]],
            0.0,
            3.0,
            BuildingAttributes::default(),
        );
        let mut findings = Vec::new();
        assert_eq!(building_from_raw(&frame(), 0, &raw, &mut findings), None);
        assert_eq!(codes(&findings), ["building-empty"]);
    }

    #[test]
    fn second_building_with_one_id_is_renamed() {
        let mut buildings = vec![RawBuilding::default(); 3];
        for b in &mut buildings {
            b.id = "b1".to_owned();
        }
        let mut findings = Vec::new();
        make_ids_unique(&mut buildings, &mut findings);
        let ids: Vec<_> = buildings.iter().map(|b| b.id.as_str()).collect();
        assert_eq!(ids, ["b1", "b1#2", "b1#3"]);
        assert_eq!(codes(&findings), ["duplicate-id", "duplicate-id"]);
    }
}
