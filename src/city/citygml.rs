//! CityGML 1.0 and 2.0 buildings, in the dialects that German cities deliver.
//!
//! AdV LoD2: `lod2Solid` lists the polygons by xlink, the polygons themselves lie in `boundedBy/*Surface`; each is taken
//! once. virtualcityDATABASE (Berlin): mostly `boundedBy` without solid, BuildingParts, addresses. Per building or part the
//! highest level of detail is taken; polygons that a solid and a semantic surface both deliver are taken from the latter.
//!
//! One pass over the text, no tree. Not read: CityGML 3.0, appearance, interior rooms, implicit geometry.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::finding::Finding;
use crate::geo::Crs;

use super::attributes::{Address, Height, add_address, measured_height, storeys, text, year};
use super::check::key;
use super::decode::{unpacked, xml_text};
use super::error::{CityError, CityErrorKind};
use super::raw::{Imported, RawBuilding, RawPart, RawPolygon, RawTerrain};
use super::settle::{of_building, settle};
use super::xml::{Space, Tag, Xml, not_citygml};
use super::{BuildingAttributes, LayerKind, LayerSource, SurfaceKind, assemble};

/// Reads the buildings of a CityGML 1.0 or 2.0 file (also gzipped); `place` names it in findings and errors.
///
/// Terrain heights of `lodNTerrainIntersection` curves are handed over as points.
pub fn read_citygml(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let bytes = unpacked(bytes, place)?;
    let text = xml_text(&bytes, place)?;
    if !text.trim_start().starts_with('<') {
        let found = if bytes.starts_with(b"PK") {
            "a zip archive"
        } else {
            "no XML"
        };
        return Err(not_citygml(place, found).help("unpack archives first"));
    }
    let mut xml = Xml::new(&text, place);
    let root = xml.root()?;
    match (root.space, root.local()) {
        (Space::CityGml, b"CityModel") => {}
        (Space::CityGml3, b"CityModel") => {
            return Err(CityError::new(
                CityErrorKind::Unsupported,
                place,
                "CityGML 3.0 is not read yet",
            )
            .expected("CityGML 1.0 or 2.0")
            .help("convert the file with citygml-tools"));
        }
        _ => {
            return Err(not_citygml(
                place,
                &format!("the root element {}", root.name()),
            ));
        }
    }
    let mut model = Model::default();
    xml.children(|xml, tag| model.member(xml, tag))?;
    Ok(model.finish(&text, place))
}

/// What a polygon is part of; the order is the preference when the same polygon is delivered twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Semantic,
    Solid,
    Loose,
}

/// Where a geometry stands.
#[derive(Clone, Copy)]
struct Context {
    lod: u8,
    role: Role,
    kind: Option<SurfaceKind>,
    /// Below an odd number of surfaces with orientation "-".
    reversed: bool,
}

struct Collected {
    context: Context,
    polygon: RawPolygon,
}

struct Reference {
    target: String,
    context: Context,
    cyclic: bool,
}

/// Oddities of a building, counted.
#[derive(Default)]
struct Remarks {
    not_closed: usize,
    decimal_commas: usize,
    incomplete_positions: usize,
    height_implausible: Option<String>,
}

/// A building, part or installation while it is read.
#[derive(Default)]
struct Shell {
    id: String,
    attributes: BuildingAttributes,
    installation: bool,
    polygons: Vec<Collected>,
    /// Ids of geometries and the polygons they hold.
    ids: Vec<(String, Range<usize>)>,
    references: Vec<Reference>,
}

/// A finished part and what it refers to elsewhere.
struct Pending {
    building: usize,
    part: usize,
    reference: Reference,
}

#[derive(Default)]
struct Model {
    buildings: Vec<RawBuilding>,
    pending: Vec<Pending>,
    srs_names: Vec<String>,
    terrain: Vec<[f64; 3]>,
    findings: Vec<Finding>,
    unused: BTreeMap<String, usize>,
    skipped_polygons: usize,
    newest: Option<String>,
    numbers: Vec<f64>,
}

impl Model {
    /// A child of CityModel.
    fn member(&mut self, xml: &mut Xml, tag: &Tag) -> Result<(), CityError> {
        match (tag.space, tag.local()) {
            (Space::Gml, b"boundedBy") => self.envelope(xml),
            (Space::CityGml, b"cityObjectMember")
            | (Space::Gml, b"featureMember" | b"featureMembers") => xml.children(|xml, tag| {
                if (tag.space, tag.local()) == (Space::CityGml, b"Building") {
                    self.building(xml, tag)
                } else {
                    *self.unused.entry(tag.name()).or_default() += 1;
                    Ok(())
                }
            }),
            _ => Ok(()),
        }
    }

    fn envelope(&mut self, xml: &mut Xml) -> Result<(), CityError> {
        xml.children(|_, tag| {
            tag.attributes(|name, value| {
                if name == b"srsName" {
                    self.add_srs_name(&value);
                }
            });
            Ok(())
        })
    }

    fn add_srs_name(&mut self, name: &str) {
        if !name.is_empty() && !self.srs_names.iter().any(|known| known == name) {
            self.srs_names.push(name.to_owned());
        }
    }

    fn building(&mut self, xml: &mut Xml, tag: &Tag) -> Result<(), CityError> {
        let number = self.buildings.len();
        let mut building = RawBuilding {
            id: tag
                .attribute(b"id")
                .unwrap_or_else(|| format!("building-{}", number + 1)),
            place: Some(xml.here()),
            ..RawBuilding::default()
        };
        let mut shells = Vec::new();
        let mut remarks = Remarks::default();
        self.shell(xml, building.id.clone(), &mut shells, &mut remarks)?;
        // The building itself is the last to finish; its parts and installations come after it, in reading order.
        if let Some(mut own) = shells.pop() {
            building.attributes = std::mem::take(&mut own.attributes);
            shells.insert(0, own);
        }
        for shell in shells {
            self.finish_shell(number, &mut building, shell);
        }
        self.report(&building, remarks);
        self.buildings.push(building);
        Ok(())
    }

    /// Reads an open Building, BuildingPart or BuildingInstallation and appends it to `shells`, after its own parts.
    fn shell(
        &mut self,
        xml: &mut Xml,
        id: String,
        shells: &mut Vec<Shell>,
        remarks: &mut Remarks,
    ) -> Result<(), CityError> {
        let mut shell = Shell {
            id,
            ..Shell::default()
        };
        xml.children(|xml, tag| match (tag.space, tag.local()) {
            (Space::Gml, b"boundedBy") => self.envelope(xml),
            (Space::Gml, b"name") => {
                shell.attributes.name = text(&xml.text()?);
                Ok(())
            }
            (Space::CityGml, b"boundedBy") => self.semantic_surface(xml, &mut shell, remarks),
            (Space::CityGml, b"consistsOfBuildingPart") => xml.children(|xml, tag| {
                let id = sub_id(tag, &shell.id, shells.len());
                self.shell(xml, id, shells, remarks)
            }),
            (Space::CityGml, b"outerBuildingInstallation") => xml.children(|xml, tag| {
                let id = sub_id(tag, &shell.id, shells.len());
                self.shell(xml, id, shells, remarks)?;
                if let Some(last) = shells.last_mut() {
                    last.installation = true;
                }
                Ok(())
            }),
            (Space::CityGml, b"address") => {
                let mut address = Address::default();
                read_address(xml, &mut address)?;
                add_address(&mut shell.attributes, &address);
                Ok(())
            }
            (Space::CityGml, b"creationDate") => {
                let date = xml.text()?;
                if self
                    .newest
                    .as_deref()
                    .is_none_or(|newest| newest < date.trim())
                {
                    self.newest = text(&date);
                }
                Ok(())
            }
            (Space::CityGml, local) => match lod_of(local) {
                Some((lod, property)) => self.lod_property(
                    xml,
                    (lod, property),
                    (Role::Loose, None),
                    &mut shell,
                    remarks,
                ),
                None => read_attribute(xml, local, &mut shell.attributes, remarks),
            },
            _ => Ok(()),
        })?;
        shells.push(shell);
        Ok(())
    }

    /// Reads the open boundedBy: one semantic surface with its geometry and openings.
    fn semantic_surface(
        &mut self,
        xml: &mut Xml,
        shell: &mut Shell,
        remarks: &mut Remarks,
    ) -> Result<(), CityError> {
        xml.children(|xml, surface| {
            let kind = match surface.local() {
                b"RoofSurface" | b"OuterFloorSurface" => SurfaceKind::Roof,
                b"WallSurface" | b"OuterCeilingSurface" => SurfaceKind::Wall,
                b"GroundSurface" => SurfaceKind::Ground,
                b"ClosureSurface" => SurfaceKind::Closure,
                _ => return Ok(()),
            };
            xml.children(|xml, tag| match lod_of(tag.local()) {
                Some(property) => {
                    self.lod_property(xml, property, (Role::Semantic, Some(kind)), shell, remarks)
                }
                // Doors and windows fill the holes of their wall.
                None if tag.local() == b"opening" => xml.children(|xml, _| {
                    xml.children(|xml, tag| match lod_of(tag.local()) {
                        Some(property) => self.lod_property(
                            xml,
                            property,
                            (Role::Semantic, Some(kind)),
                            shell,
                            remarks,
                        ),
                        None => Ok(()),
                    })
                }),
                None => Ok(()),
            })
        })
    }

    /// Reads the open lodN property of a shell or surface.
    fn lod_property(
        &mut self,
        xml: &mut Xml,
        (lod, property): (u8, Property),
        (role, kind): (Role, Option<SurfaceKind>),
        shell: &mut Shell,
        remarks: &mut Remarks,
    ) -> Result<(), CityError> {
        let role = match property {
            Property::Terrain => return self.terrain_curve(xml),
            Property::Other => return Ok(()),
            Property::Solid if role == Role::Loose => Role::Solid,
            Property::Solid | Property::Surfaces => role,
        };
        let context = Context {
            lod,
            role,
            kind,
            reversed: false,
        };
        self.geometries(xml, context, &mut Vec::new(), shell, remarks)
    }

    /// Points of the curve along which a building meets the ground.
    fn terrain_curve(&mut self, xml: &mut Xml) -> Result<(), CityError> {
        xml.children(|xml, tag| match tag.local() {
            b"posList" | b"pos" => {
                self.numbers.clear();
                let dimension = dimension_of(tag);
                xml.texts(|run| read_numbers(run, &mut self.numbers, &mut 0))?;
                if dimension == 3 {
                    self.terrain
                        .extend(self.numbers.chunks_exact(3).map(|p| [p[0], p[1], p[2]]));
                }
                Ok(())
            }
            _ => self.terrain_curve(xml),
        })
    }

    /// Reads the geometries below the open element. `open` holds the ids of the geometries around it.
    fn geometries(
        &mut self,
        xml: &mut Xml,
        context: Context,
        open: &mut Vec<String>,
        shell: &mut Shell,
        remarks: &mut Remarks,
    ) -> Result<(), CityError> {
        xml.children(|xml, tag| {
            if tag.space != Space::Gml {
                return Ok(());
            }
            let mut context = context;
            let mut id = None;
            tag.attributes(|name, value| match name {
                b"id" => id = Some(value.into_owned()),
                b"href" => {
                    let target = value.strip_prefix('#').unwrap_or(&value);
                    shell.references.push(Reference {
                        cyclic: open.iter().any(|o| o == target),
                        target: target.to_owned(),
                        context,
                    });
                }
                b"orientation" => context.reversed ^= value == "-",
                b"srsName" => self.add_srs_name(&value),
                _ => {}
            });
            let first = shell.polygons.len();
            let named = id.is_some();
            match tag.local() {
                b"Polygon" | b"Triangle" | b"Rectangle" | b"PolygonPatch" => {
                    let mut polygon = RawPolygon {
                        id: id.clone(),
                        kind: context.kind,
                        rings: Vec::new(),
                    };
                    self.polygon(xml, &mut polygon, remarks)?;
                    if context.reversed {
                        polygon.rings.iter_mut().for_each(|r| r.reverse());
                    }
                    shell.polygons.push(Collected { context, polygon });
                }
                _ => {
                    open.extend(id.clone());
                    self.geometries(xml, context, open, shell, remarks)?;
                    if named {
                        open.pop();
                    }
                }
            }
            if let Some(id) = id {
                shell.ids.push((id, first..shell.polygons.len()));
            }
            Ok(())
        })
    }

    /// Reads the rings of the open polygon, exterior first.
    fn polygon(
        &mut self,
        xml: &mut Xml,
        polygon: &mut RawPolygon,
        remarks: &mut Remarks,
    ) -> Result<(), CityError> {
        xml.children(|xml, tag| {
            let exterior = match tag.local() {
                b"exterior" | b"outerBoundaryIs" => true,
                b"interior" | b"innerBoundaryIs" => false,
                _ => return Ok(()),
            };
            xml.children(|xml, _| {
                let ring = self.ring(xml, remarks)?;
                if exterior {
                    polygon.rings.insert(0, ring);
                } else {
                    polygon.rings.push(ring);
                }
                Ok(())
            })
        })
    }

    /// Reads the open LinearRing; the closing point is dropped.
    fn ring(&mut self, xml: &mut Xml, remarks: &mut Remarks) -> Result<Vec<[f64; 3]>, CityError> {
        self.numbers.clear();
        let mut dimension = 3;
        xml.children(|xml, tag| match tag.local() {
            b"posList" | b"pos" | b"coordinates" => {
                dimension = dimension_of(tag);
                xml.texts(|run| read_numbers(run, &mut self.numbers, &mut remarks.decimal_commas))
            }
            _ => Ok(()),
        })?;
        if !self.numbers.len().is_multiple_of(dimension) {
            remarks.incomplete_positions += 1;
        }
        let mut ring: Vec<[f64; 3]> = self
            .numbers
            .chunks_exact(dimension)
            // A face without heights cannot be placed; NaN makes it a finding.
            .map(|p| [p[0], p[1], p.get(2).copied().unwrap_or(f64::NAN)])
            .collect();
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        } else if !ring.is_empty() {
            remarks.not_closed += 1;
        }
        Ok(ring)
    }

    /// Chooses the level of detail of a shell, joins its references and adds it to the building as a part.
    fn finish_shell(&mut self, number: usize, building: &mut RawBuilding, mut shell: Shell) {
        let highest = |lods: &mut dyn Iterator<Item = u8>| lods.max();
        // LoD 0 is a footprint, not a body.
        let lod = highest(
            &mut shell
                .polygons
                .iter()
                .map(|c| c.context.lod)
                .filter(|l| *l > 0),
        )
        .or_else(|| highest(&mut shell.references.iter().map(|r| r.context.lod)));
        let Some(lod) = lod else {
            self.skipped_polygons += shell.polygons.len();
            return;
        };
        shell.references.retain(|r| r.context.lod == lod);
        let part = building.parts.len();
        let mut cycles = 0;
        if !shell.references.is_empty() {
            let ids: HashMap<&str, &Range<usize>> = shell
                .ids
                .iter()
                .map(|(id, range)| (id.as_str(), range))
                .collect();
            for reference in std::mem::take(&mut shell.references) {
                cycles += usize::from(reference.cyclic);
                match ids.get(reference.target.as_str()) {
                    // Already here, so drawn once; a semantic surface may tell its meaning.
                    Some(range) => {
                        for collected in &mut shell.polygons[(*range).clone()] {
                            collected.polygon.kind =
                                collected.polygon.kind.or(reference.context.kind);
                        }
                    }
                    None => self.pending.push(Pending {
                        building: number,
                        part,
                        reference,
                    }),
                }
            }
        }
        if cycles > 0 {
            self.findings
                .push(of_building(Finding::warning("xlink-cycle"), building).arg("count", cycles));
        }
        let before = shell.polygons.len();
        shell.polygons.retain(|c| c.context.lod == lod);
        self.skipped_polygons += before - shell.polygons.len();
        drop_doubled(&mut shell.polygons);
        building.parts.push(RawPart {
            id: shell.id,
            attributes: shell.attributes,
            lod: lod.to_string(),
            installation: shell.installation,
            polygons: shell.polygons.into_iter().map(|c| c.polygon).collect(),
        });
    }

    fn report(&mut self, building: &RawBuilding, remarks: Remarks) {
        let counted = [
            ("ring-not-closed", remarks.not_closed),
            ("decimal-comma", remarks.decimal_commas),
            ("positions-incomplete", remarks.incomplete_positions),
        ];
        for (code, count) in counted {
            if count > 0 {
                self.findings
                    .push(of_building(Finding::warning(code), building).arg("count", count));
            }
        }
        if let Some(height) = remarks.height_implausible {
            self.findings.push(
                of_building(Finding::warning("height-implausible"), building).arg("height", height),
            );
        }
    }

    /// Copies polygons that one building or part takes from another; what is nowhere becomes a finding.
    fn resolve_pending(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut wanted: HashMap<String, Option<RawPolygon>> = self
            .pending
            .iter()
            .map(|p| (p.reference.target.clone(), None))
            .collect();
        let polygons = self
            .buildings
            .iter()
            .flat_map(|b| &b.parts)
            .flat_map(|p| &p.polygons);
        for polygon in polygons {
            if let Some(id) = &polygon.id
                && let Some(found) = wanted.get_mut(id)
            {
                found.get_or_insert_with(|| polygon.clone());
            }
        }
        let mut unresolved: BTreeMap<usize, (usize, String)> = BTreeMap::new();
        for pending in std::mem::take(&mut self.pending) {
            let Reference {
                target, context, ..
            } = pending.reference;
            if let Some(Some(polygon)) = wanted.get(&target) {
                let mut polygon = polygon.clone();
                polygon.kind = context.kind.or(polygon.kind);
                if context.reversed {
                    polygon.rings.iter_mut().for_each(|r| r.reverse());
                }
                self.buildings[pending.building].parts[pending.part]
                    .polygons
                    .push(polygon);
            } else {
                unresolved.entry(pending.building).or_insert((0, target)).0 += 1;
            }
        }
        for (building, (count, target)) in unresolved {
            self.findings.push(
                of_building(
                    Finding::warning("xlink-unresolved"),
                    &self.buildings[building],
                )
                .arg("count", count)
                .arg("target", target),
            );
        }
    }

    fn finish(mut self, text: &str, place: &str) -> Imported {
        self.resolve_pending();
        assemble::make_ids_unique(&mut self.buildings, &mut self.findings);
        let crs = self.crs(place);
        let passed_over = assemble::passed_over(place, self.skipped_polygons, &self.unused);
        self.findings.extend(passed_over);
        let version = if text
            .get(..text.len().min(8192))
            .unwrap_or(text)
            .contains("opengis.net/citygml/2.0")
        {
            "CityGML 2.0"
        } else {
            "CityGML 1.0"
        };
        let mut imported = Imported {
            source: Some(LayerSource {
                layer: LayerKind::Buildings,
                path: place.to_owned(),
                format: version.to_owned(),
                origin: None,
                licence: None,
                date: self.newest,
                crs: self.srs_names.first().cloned().unwrap_or_default(),
                blake3: String::new(),
                objects: self.buildings.len(),
            }),
            crs,
            buildings: self.buildings,
            terrain: (!self.terrain.is_empty()).then_some(RawTerrain::Points(self.terrain)),
            findings: self.findings,
            ..Imported::default()
        };
        settle(&mut imported, place);
        imported
    }

    fn crs(&mut self, place: &str) -> Option<Crs> {
        let Some(name) = self.srs_names.first() else {
            self.findings
                .push(Finding::warning("crs-missing").place(place));
            return None;
        };
        let crs = Crs::parse(name).ok();
        if crs.is_none() {
            self.findings.push(
                Finding::warning("crs-unknown")
                    .place(place)
                    .arg("crs", name),
            );
        }
        if let Some(other) = self.srs_names.iter().find(|n| Crs::parse(n).ok() != crs) {
            self.findings.push(
                Finding::warning("crs-mixed")
                    .place(place)
                    .arg("first", name)
                    .arg("other", other),
            );
        }
        crs
    }
}

/// Drops polygons that a solid or loose surface repeats though a semantic surface (or the solid) has them.
fn drop_doubled(polygons: &mut Vec<Collected>) {
    let first = polygons.first().map(|c| c.context.role);
    if polygons.iter().all(|c| Some(c.context.role) == first) {
        return;
    }
    let corners = |c: &Collected| {
        let mut keys: Vec<_> = c.polygon.rings.iter().flatten().map(|p| key(*p)).collect();
        keys.sort_unstable();
        keys
    };
    let mut best: HashMap<Vec<[i64; 3]>, Role> = HashMap::new();
    for collected in polygons.iter() {
        let role = best
            .entry(corners(collected))
            .or_insert(collected.context.role);
        *role = (*role).min(collected.context.role);
    }
    polygons.retain(|c| best.get(&corners(c)) == Some(&c.context.role));
}

/// What a property `lodN...` holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Property {
    Solid,
    Surfaces,
    Terrain,
    Other,
}

/// Level of detail and meaning of a property name such as `lod2MultiSurface`.
fn lod_of(local: &[u8]) -> Option<(u8, Property)> {
    let [digit, property @ ..] = local.strip_prefix(b"lod")? else {
        return None;
    };
    if !digit.is_ascii_digit() {
        return None;
    }
    let property = match property {
        b"Solid" => Property::Solid,
        b"MultiSurface" | b"Geometry" | b"FootPrint" | b"RoofEdge" => Property::Surfaces,
        b"TerrainIntersection" => Property::Terrain,
        _ => Property::Other,
    };
    Some((digit - b'0', property))
}

fn sub_id(tag: &Tag, parent: &str, number: usize) -> String {
    tag.attribute(b"id")
        .unwrap_or_else(|| format!("{parent}-{}", number + 1))
}

/// Number of coordinates per position.
fn dimension_of(tag: &Tag) -> usize {
    let mut dimension = 3;
    tag.attributes(|name, value| {
        if name == b"srsDimension" && value.trim() == "2" {
            dimension = 2;
        }
    });
    dimension
}

/// Reads an attribute of a building from the open element.
fn read_attribute(
    xml: &mut Xml,
    local: &[u8],
    attributes: &mut BuildingAttributes,
    remarks: &mut Remarks,
) -> Result<(), CityError> {
    match local {
        b"function" => {
            let function = text(&xml.text()?);
            attributes.function = attributes.function.take().or(function);
        }
        b"roofType" => attributes.roof_type = text(&xml.text()?),
        b"yearOfConstruction" => attributes.year = year(&xml.text()?),
        b"storeysAboveGround" => attributes.storeys = storeys(&xml.text()?),
        b"measuredHeight" => {
            let height = xml.text()?;
            match measured_height(&height) {
                Height::Good(height) => attributes.measured_height_m = Some(height),
                Height::Implausible => remarks.height_implausible = Some(height),
            }
        }
        _ => {}
    }
    Ok(())
}

/// Reads street, number, postal code and town anywhere below the open element.
fn read_address(xml: &mut Xml, address: &mut Address) -> Result<(), CityError> {
    xml.children(|xml, tag| {
        if tag.space != Space::Xal {
            return read_address(xml, address);
        }
        let field = match tag.local() {
            b"ThoroughfareName" => &mut address.street,
            b"ThoroughfareNumber" => &mut address.number,
            b"PostalCodeNumber" => &mut address.postal_code,
            b"LocalityName" => &mut address.town,
            _ => return read_address(xml, address),
        };
        *field = text(&xml.text()?);
        Ok(())
    })
}

/// Appends the numbers of a run of text. Decimal commas are read and counted; three numbers joined by commas are a position
/// of GML 2; anything else that is no number becomes NaN, so that its face is dropped with a finding.
fn read_numbers(run: &str, numbers: &mut Vec<f64>, decimal_commas: &mut usize) {
    for token in run.split_ascii_whitespace() {
        if let Ok(number) = token.parse() {
            numbers.push(number);
            continue;
        }
        match token.bytes().filter(|b| *b == b',').count() {
            1 => {
                *decimal_commas += 1;
                numbers.push(token.replace(',', ".").parse().unwrap_or(f64::NAN));
            }
            2 => numbers.extend(token.split(',').map(|t| t.parse().unwrap_or(f64::NAN))),
            _ => numbers.push(f64::NAN),
        }
    }
}
