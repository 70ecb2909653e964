//! Parsed documents to raw objects.

use std::collections::{BTreeMap, HashMap};

use crate::city::assemble::passed_over;
use crate::city::attributes::{Address, Height, add_address, measured_height, storeys, text, year};
use crate::city::check::is_plausible;
use crate::city::error::CityError;
use crate::city::raw::{Imported, RawBuilding, RawLandCover, RawPart, RawPolygon, RawTerrain};
use crate::city::settle::{of_building, settle};
use crate::city::{
    BuildingAttributes, LandCoverKind, LayerKind, LayerSource, SurfaceKind, assemble,
};
use crate::finding::Finding;
use crate::geo::Crs;

use super::parse::{
    Boundaries, CityObject, Document, FileHead, Geometry, Loose, Object, Templates, read_documents,
};

/// Longest chain of parents that is followed; anything longer is taken for a cycle.
const MAX_ANCESTORS: usize = 16;

/// Reads a CityJSON file or sequence (also gzipped); `place` names it in findings and errors.
///
/// Per object one geometry is taken: the highest level of detail (above the footprints of LoD 0), a solid before loose
/// surfaces; the rest is counted. A Building with its BuildingParts and BuildingInstallations becomes one building. Water
/// bodies, land use, plant cover and transport areas become land cover, TINRelief becomes terrain; other objects are counted.
/// A faulty face, object or line of a sequence is skipped with a finding; only a fault of the whole file is an error.
pub fn read_cityjson(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let mut importer = Importer::default();
    let mut findings = Vec::new();
    let head = read_documents(bytes, place, &mut findings, |document, head, here| {
        importer.document(document, head, here);
    })?;
    importer.findings.extend(findings);
    Ok(importer.finish(&head, place))
}

#[derive(Default)]
struct Importer {
    buildings: Vec<RawBuilding>,
    land_cover: Vec<RawLandCover>,
    tin_vertices: Vec<[f64; 3]>,
    tin_triangles: Vec<[u32; 3]>,
    findings: Vec<Finding>,
    unused: BTreeMap<String, usize>,
    skipped_geometries: usize,
    templates: Templates,
}

/// Oddities of one building, counted.
#[derive(Default)]
struct Remarks {
    bad_index: usize,
    malformed: usize,
    semantics: usize,
    height: Option<String>,
}

/// Role of an object in the city.
enum Role {
    Building,
    /// Part of a building: a BuildingPart, or (true) an installation.
    Part(bool),
    LandCover(LandCoverKind),
    Terrain,
    Unused,
}

fn role_of(kind: &str) -> Role {
    match kind {
        "Building" => Role::Building,
        "BuildingPart" => Role::Part(false),
        "BuildingInstallation" | "BuildingConstructiveElement" => Role::Part(true),
        "WaterBody" | "Waterway" => Role::LandCover(LandCoverKind::Water),
        "PlantCover" => Role::LandCover(LandCoverKind::Green),
        "LandUse" => Role::LandCover(LandCoverKind::Other),
        "Road" | "Track" => Role::LandCover(LandCoverKind::Street),
        "TransportSquare" | "Square" => Role::LandCover(LandCoverKind::Paved),
        "Railway" => Role::LandCover(LandCoverKind::Railway),
        "TINRelief" => Role::Terrain,
        _ => Role::Unused,
    }
}

/// A geometry with real coordinates: its own boundaries, or those of a template put in place.
struct Placed<'a> {
    geometry: &'a Geometry,
    vertices: std::borrow::Cow<'a, [[f64; 3]]>,
    lod: &'a str,
}

impl Importer {
    fn document(&mut self, document: Document, head: &FileHead, here: &str) {
        if document.kind.as_str() == Some("CityJSON") {
            self.templates = document.templates.0;
        }
        for key in &document.objects.doubled {
            self.findings.push(
                Finding::warning("duplicate-key")
                    .object(key)
                    .place(here)
                    .arg("id", key),
            );
        }
        let vertices: Vec<[f64; 3]> = document
            .vertices
            .0
            .iter()
            .map(|v| head.transform.apply(v.0))
            .collect();
        let objects = &document.objects.objects;
        let numbers: HashMap<&str, usize> = objects
            .iter()
            .enumerate()
            .map(|(i, (key, _))| (key.as_str(), i))
            .collect();

        // Buildings first, so that parts find theirs whatever the order of the file.
        let mut building_of: Vec<Option<usize>> = vec![None; objects.len()];
        let mut remarks: Vec<Remarks> = Vec::new();
        let first_building = self.buildings.len();
        for (i, (key, object)) in objects.iter().enumerate() {
            let root = match role_of(object.kind.as_str().unwrap_or_default()) {
                Role::Building => {
                    if is_below_part(objects, &numbers, object) {
                        self.findings
                            .push(Finding::warning("parent-cycle").object(key).place(here));
                    }
                    true
                }
                Role::Part(_) => match root_of(objects, &numbers, i) {
                    Ok(_) => false,
                    Err(code) => {
                        self.findings
                            .push(Finding::warning(code).object(key).place(here));
                        true
                    }
                },
                _ => false,
            };
            if root {
                building_of[i] = Some(self.buildings.len());
                self.buildings.push(RawBuilding {
                    id: key.clone(),
                    place: Some(here.to_owned()),
                    ..RawBuilding::default()
                });
                remarks.push(Remarks::default());
            }
        }
        for (i, (key, object)) in objects.iter().enumerate() {
            let kind = object.kind.as_str().unwrap_or_default();
            match role_of(kind) {
                role @ (Role::Building | Role::Part(_)) => {
                    let target = building_of[i].or_else(|| {
                        root_of(objects, &numbers, i)
                            .ok()
                            .and_then(|root| building_of[root])
                    });
                    let Some(target) = target else {
                        continue;
                    };
                    let remarks = &mut remarks[target - first_building];
                    let attributes = read_attributes(object, remarks);
                    let part = self
                        .part(key, object, &vertices, remarks)
                        .map(|part| RawPart {
                            installation: matches!(role, Role::Part(true)),
                            ..part
                        });
                    let building = &mut self.buildings[target];
                    if building_of[i].is_some() {
                        building.attributes = attributes;
                        // A building's own geometry comes before that of its parts.
                        if let Some(part) = part {
                            building.parts.insert(0, part);
                        }
                    } else if let Some(part) = part {
                        building.parts.push(RawPart { attributes, ..part });
                    }
                }
                Role::LandCover(kind) => self.add_land_cover(key, kind, object, &vertices),
                Role::Terrain => self.add_terrain(object, &vertices),
                Role::Unused => {
                    let kind = if kind.is_empty() { "?" } else { kind };
                    *self.unused.entry(kind.to_owned()).or_default() += 1;
                }
            }
        }
        for (building, remarks) in self.buildings[first_building..].iter().zip(&remarks) {
            report(building, remarks, &mut self.findings);
        }
    }

    /// The geometry to use of an object.
    fn chosen<'a>(
        &'a self,
        object: &'a CityObject,
        vertices: &'a [[f64; 3]],
        skipped: &mut usize,
    ) -> Option<Placed<'a>> {
        let mut best: Option<((f64, bool), Placed<'a>)> = None;
        for Object(geometry) in &object.geometry.0 {
            let Some(placed) = self.placed(geometry, vertices) else {
                *skipped += 1;
                continue;
            };
            let lod = placed.lod.parse().unwrap_or(0.0);
            let solid = placed
                .geometry
                .kind
                .as_str()
                .is_some_and(|kind| kind.ends_with("Solid"));
            let rank = (lod, solid);
            match &best {
                Some((best_rank, _)) if *best_rank >= rank => *skipped += 1,
                Some(_) => {
                    *skipped += 1;
                    best = Some((rank, placed));
                }
                None => best = Some((rank, placed)),
            }
        }
        best.map(|(_, placed)| placed)
    }

    /// A surface or solid geometry with its vertices; instances of templates are put in place.
    fn placed<'a>(
        &'a self,
        geometry: &'a Geometry,
        vertices: &'a [[f64; 3]],
    ) -> Option<Placed<'a>> {
        let kind = geometry.kind.as_str()?;
        if kind == "GeometryInstance" {
            let number: usize = geometry.template.as_str()?.parse().ok()?;
            let Object(template) = self.templates.templates.0.get(number)?;
            nesting_of(template.kind.as_str()?)?;
            let anchor = *vertices.get(*geometry.boundaries.indices.first()? as usize)?;
            let m = &geometry.matrix.0;
            if m.len() != 16 {
                return None;
            }
            let moved = self.templates.vertices.0.iter().map(|v| {
                let [x, y, z] = v.0;
                std::array::from_fn(|row| {
                    let r = &m[4 * row..4 * row + 4];
                    anchor[row] + r[0].0 * x + r[1].0 * y + r[2].0 * z + r[3].0
                })
            });
            return Some(Placed {
                geometry: template,
                vertices: moved.collect(),
                lod: template.lod.as_str().unwrap_or("1"),
            });
        }
        nesting_of(kind)?;
        Some(Placed {
            geometry,
            vertices: vertices.into(),
            lod: geometry.lod.as_str().unwrap_or("1"),
        })
    }

    fn part(
        &mut self,
        key: &str,
        object: &CityObject,
        vertices: &[[f64; 3]],
        remarks: &mut Remarks,
    ) -> Option<RawPart> {
        let mut skipped = 0;
        let placed = self.chosen(object, vertices, &mut skipped);
        let part = placed.map(|placed| RawPart {
            id: key.to_owned(),
            lod: placed.lod.to_owned(),
            polygons: polygons(&placed, object, remarks),
            ..RawPart::default()
        });
        self.skipped_geometries += skipped;
        part
    }

    fn add_land_cover(
        &mut self,
        key: &str,
        kind: LandCoverKind,
        object: &CityObject,
        vertices: &[[f64; 3]],
    ) {
        let mut skipped = 0;
        let Some(placed) = self.chosen(object, vertices, &mut skipped) else {
            return;
        };
        let solid = placed.geometry.kind.as_str() == Some("Solid");
        let mut remarks = Remarks::default();
        let mut covers = Vec::new();
        for polygon in polygons(&placed, object, &mut remarks) {
            if !polygon.rings.iter().flatten().copied().all(is_plausible) {
                remarks.bad_index += 1;
                continue;
            }
            let rings: Vec<Vec<[f64; 2]>> = polygon
                .rings
                .iter()
                .map(|ring| ring.iter().map(|p| [p[0], p[1]]).collect())
                .collect();
            // Walls and undersides are no ground.
            let area = rings.first().map_or(0.0, |ring| plan_area(ring));
            if area.abs() > 1e-3 && (!solid || area > 0.0) {
                covers.push(RawLandCover {
                    id: key.to_owned(),
                    kind,
                    rings,
                });
            }
        }
        self.land_cover.extend(covers);
        self.skipped_geometries += skipped;
        if remarks.bad_index + remarks.malformed > 0 {
            self.findings.push(
                Finding::warning("face-index")
                    .object(key)
                    .arg("count", remarks.bad_index + remarks.malformed),
            );
        }
    }

    fn add_terrain(&mut self, object: &CityObject, vertices: &[[f64; 3]]) {
        let mut remarks = Remarks::default();
        let mut skipped = 0;
        let Some(placed) = self.chosen(object, vertices, &mut skipped) else {
            return;
        };
        let mut numbers: HashMap<[u64; 3], u32> = HashMap::new();
        let (mut corners, mut triangles) = (Vec::new(), Vec::new());
        let first = self.tin_vertices.len() as u32;
        for polygon in polygons(&placed, object, &mut remarks) {
            let Some([a, b, c]) = polygon.rings.first().map(Vec::as_slice) else {
                continue;
            };
            let mut triangle = [*a, *b, *c].map(|p| {
                *numbers.entry(p.map(f64::to_bits)).or_insert_with(|| {
                    corners.push(p);
                    first + corners.len() as u32 - 1
                })
            });
            if plan_area(&[[a[0], a[1]], [b[0], b[1]], [c[0], c[1]]]) < 0.0 {
                triangle.swap(1, 2);
            }
            triangles.push(triangle);
        }
        self.tin_vertices.extend(corners);
        self.tin_triangles.extend(triangles);
        self.skipped_geometries += skipped;
    }

    fn finish(mut self, head: &FileHead, place: &str) -> Imported {
        assemble::make_ids_unique(&mut self.buildings, &mut self.findings);
        let crs = match head.metadata.reference_system.as_str() {
            None => {
                self.findings
                    .push(Finding::warning("crs-missing").place(place));
                None
            }
            Some(name) => {
                let crs = Crs::parse(name).ok();
                if crs.is_none() {
                    self.findings.push(
                        Finding::warning("crs-unknown")
                            .place(place)
                            .arg("crs", name),
                    );
                }
                crs
            }
        };
        let passed_over = passed_over(place, self.skipped_geometries, &self.unused);
        self.findings.extend(passed_over);
        let (layer, objects) = if !self.buildings.is_empty() {
            (LayerKind::Buildings, self.buildings.len())
        } else if !self.land_cover.is_empty() {
            (LayerKind::LandCover, self.land_cover.len())
        } else {
            (LayerKind::Terrain, self.tin_triangles.len())
        };
        let metadata = &head.metadata;
        let contact = &metadata.point_of_contact.0;
        let family = if head.features.is_some() {
            "CityJSONSeq"
        } else {
            "CityJSON"
        };
        let mut imported = Imported {
            source: Some(LayerSource {
                layer,
                path: place.to_owned(),
                format: format!("{family} {}", head.version),
                origin: contact
                    .contact_name
                    .0
                    .clone()
                    .or_else(|| contact.organization.0.clone()),
                licence: metadata.license.0.clone(),
                date: metadata.reference_date.0.clone(),
                crs: metadata.reference_system.0.clone().unwrap_or_default(),
                blake3: String::new(),
                objects,
            }),
            crs,
            buildings: self.buildings,
            terrain: (!self.tin_triangles.is_empty()).then_some(RawTerrain::Tin {
                vertices: self.tin_vertices,
                triangles: self.tin_triangles,
            }),
            land_cover: self.land_cover,
            findings: self.findings,
            ..Imported::default()
        };
        settle(&mut imported, place);
        imported
    }
}

/// Depth of the boundaries of a geometry type made of surfaces.
pub(super) fn nesting_of(kind: &str) -> Option<usize> {
    match kind {
        "MultiSurface" | "CompositeSurface" => Some(3),
        "Solid" => Some(4),
        "MultiSolid" | "CompositeSolid" => Some(5),
        _ => None,
    }
}

/// The building that a part belongs to, or why there is none.
fn root_of(
    objects: &[(String, CityObject)],
    numbers: &HashMap<&str, usize>,
    part: usize,
) -> Result<usize, &'static str> {
    let mut at = part;
    for _ in 0..MAX_ANCESTORS {
        let object = &objects[at].1;
        match role_of(object.kind.as_str().unwrap_or_default()) {
            Role::Building => return Ok(at),
            Role::Part(_) => {}
            _ => return Err("parent-missing"),
        }
        let parent = object.parents.0.first().and_then(Loose::as_str);
        let Some(&number) = parent.and_then(|p| numbers.get(p)) else {
            return Err("parent-missing");
        };
        at = number;
    }
    Err("parent-cycle")
}

/// True for a building that names a part as its parent: its part would be its ancestor.
fn is_below_part(
    objects: &[(String, CityObject)],
    numbers: &HashMap<&str, usize>,
    building: &CityObject,
) -> bool {
    building
        .parents
        .0
        .iter()
        .filter_map(|p| numbers.get(p.as_str()?))
        .any(|&p| {
            let kind = objects[p].1.kind.as_str().unwrap_or_default();
            matches!(role_of(kind), Role::Building | Role::Part(_))
        })
}

fn read_attributes(object: &CityObject, remarks: &mut Remarks) -> BuildingAttributes {
    let read = &object.attributes.0;
    let of = |value: &Loose| value.as_str().and_then(text);
    let mut attributes = BuildingAttributes {
        name: of(&read.name),
        function: of(&read.function),
        roof_type: of(&read.roof_type),
        storeys: read.storeys_above_ground.as_str().and_then(storeys),
        year: read
            .year_of_construction
            .as_str()
            .and_then(year)
            .or_else(|| read.date_of_construction.as_str().and_then(year)),
        ..BuildingAttributes::default()
    };
    if let Some(height) = read.measured_height.as_str() {
        match measured_height(height) {
            Height::Good(height) => attributes.measured_height_m = Some(height),
            Height::Implausible => remarks.height = Some(height.to_owned()),
        }
    }
    for address in &object.address.0 {
        let address = Address {
            street: of(&address.thoroughfare_name),
            number: of(&address.thoroughfare_number),
            postal_code: of(&address.postal_code),
            town: of(&address.locality_name),
        };
        add_address(&mut attributes, &address);
    }
    attributes
}

/// Meaning of a semantic surface type; `None` where slope must decide.
fn surface_kind(kind: &str) -> Option<SurfaceKind> {
    match kind {
        "RoofSurface" | "OuterFloorSurface" => Some(SurfaceKind::Roof),
        "WallSurface" | "OuterCeilingSurface" => Some(SurfaceKind::Wall),
        "GroundSurface" => Some(SurfaceKind::Ground),
        "ClosureSurface" => Some(SurfaceKind::Closure),
        _ => None,
    }
}

/// Faces of a geometry. Faces with an index that no vertex has are dropped and counted.
fn polygons(placed: &Placed, object: &CityObject, remarks: &mut Remarks) -> Vec<RawPolygon> {
    let geometry = placed.geometry;
    let boundaries = &geometry.boundaries;
    let nesting = nesting_of(geometry.kind.as_str().unwrap_or_default());
    if nesting != Some(boundaries.height) {
        remarks.malformed += 1;
        return Vec::new();
    }
    let semantics = &geometry.semantics.0;
    let meanings = &semantics.values.0;
    let count = boundaries.surface_ends.len();
    let mut odd = boundaries.malformed || (!meanings.is_empty() && meanings.len() != count);
    let borrowed = if meanings.is_empty() {
        kinds_of_twin(geometry, object)
    } else {
        None
    };
    let mut faces = Vec::with_capacity(count);
    for surface in 0..count {
        let meaning = match meanings.get(surface) {
            Some(&Some(index)) if !boundaries.malformed => {
                let meaning = semantics.surfaces.0.get(index as usize);
                odd |= meaning.is_none();
                meaning.map(|m| &m.0)
            }
            _ => None,
        };
        let kind = match meaning {
            Some(meaning) => surface_kind(meaning.kind.as_str().unwrap_or_default()),
            None => borrowed
                .as_ref()
                .and_then(|kinds| kinds.get(&signature(boundaries, surface)))
                .copied(),
        };
        let rings: Option<Vec<Vec<[f64; 3]>>> = boundaries
            .rings(surface)
            .map(|ring| {
                ring.iter()
                    .map(|&i| placed.vertices.get(i as usize).copied())
                    .collect()
            })
            .collect();
        match rings {
            Some(rings) => faces.push(RawPolygon {
                id: meaning.and_then(|m| m.id.0.clone()),
                kind,
                rings,
            }),
            None => remarks.bad_index += 1,
        }
    }
    remarks.semantics += usize::from(odd);
    faces
}

/// Corners of a surface, whatever their order: equal for the same surface in two geometries.
fn signature(boundaries: &Boundaries, surface: usize) -> Vec<u32> {
    let mut corners: Vec<u32> = boundaries.rings(surface).flatten().copied().collect();
    corners.sort_unstable();
    corners
}

/// Kinds of the faces of another geometry of the same level of detail. Vienna delivers every body twice: as a solid without
/// and as loose surfaces with meanings.
fn kinds_of_twin(
    geometry: &Geometry,
    object: &CityObject,
) -> Option<HashMap<Vec<u32>, SurfaceKind>> {
    let twin = object.geometry.0.iter().map(|g| &g.0).find(|other| {
        other.lod == geometry.lod
            && !other.boundaries.malformed
            && !other.semantics.0.values.0.is_empty()
    })?;
    let semantics = &twin.semantics.0;
    let mut kinds = HashMap::new();
    for (surface, meaning) in semantics.values.0.iter().enumerate() {
        if surface < twin.boundaries.surface_ends.len()
            && let Some(index) = meaning
            && let Some(Object(meaning)) = semantics.surfaces.0.get(*index as usize)
            && let Some(kind) = surface_kind(meaning.kind.as_str().unwrap_or_default())
        {
            kinds.insert(signature(&twin.boundaries, surface), kind);
        }
    }
    Some(kinds)
}

/// Signed plan area (m²), positive when counter-clockwise seen from above.
fn plan_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x, y]) = ring.first() else {
        return 0.0;
    };
    let relative: Vec<_> = ring.iter().map(|p| [p[0] - x, p[1] - y]).collect();
    crate::geo::triangulate::signed_area(&relative)
}

fn report(building: &RawBuilding, remarks: &Remarks, findings: &mut Vec<Finding>) {
    let counted = [
        ("face-index", remarks.bad_index),
        ("geometry-malformed", remarks.malformed),
        ("semantics-incomplete", remarks.semantics),
    ];
    for (code, count) in counted {
        if count > 0 {
            findings.push(of_building(Finding::warning(code), building).arg("count", count));
        }
    }
    if let Some(height) = &remarks.height {
        findings.push(
            of_building(Finding::warning("height-implausible"), building).arg("height", height),
        );
    }
}
