//! CityJSON 2.0 writer.

use std::collections::HashMap;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::city::assemble::is_closed;
use crate::city::check::key;
use crate::city::raw::{RawBuilding, RawLandCover, RawPart};
use crate::city::{BuildingAttributes, LandCoverKind, SurfaceKind};
use crate::geo::Crs;

/// What the file says about itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// Title for people.
    pub title: String,
    /// Date of the data (YYYY-MM-DD).
    pub reference_date: Option<String>,
    /// Who answers for the data.
    pub origin: Option<String>,
    /// Licence.
    pub licence: Option<String>,
}

/// Writes buildings and land cover as one CityJSON 2.0 file, one object per line.
///
/// Vertices are stored in millimetres from the smallest corner. A part becomes a Solid when its faces close it, otherwise a
/// MultiSurface. Land cover gets the height `land_cover_height_m`, since it has none of its own. Objects come in the order
/// given, so that equal cities give equal bytes.
pub fn write_cityjson(
    out: &mut dyn Write,
    crs: &Crs,
    head: &Head,
    buildings: &[RawBuilding],
    land_cover: &[RawLandCover],
    land_cover_height_m: f64,
) -> io::Result<()> {
    let mut vertices = Vertices::new(buildings, land_cover, land_cover_height_m);
    let mut metadata = Map::new();
    if let Some(name) = crs_url(crs) {
        metadata.insert("referenceSystem".to_owned(), json!(name));
    }
    if !head.title.is_empty() {
        metadata.insert("title".to_owned(), json!(head.title));
    }
    if let Some(date) = &head.reference_date {
        metadata.insert("referenceDate".to_owned(), json!(date));
    }
    if let Some(origin) = &head.origin {
        metadata.insert("pointOfContact".to_owned(), json!({"contactName": origin}));
    }
    if let Some(licence) = &head.licence {
        metadata.insert("license".to_owned(), json!(licence));
    }
    writeln!(
        out,
        "{{\"type\":\"CityJSON\",\"version\":\"2.0\",\n\"metadata\":{},\n\"transform\":{},\n\"CityObjects\":{{",
        Value::Object(metadata),
        json!({"scale": [0.001, 0.001, 0.001], "translate": vertices.translate()}),
    )?;
    let mut separator = "";
    for building in buildings {
        for (id, object) in building_objects(building, &mut vertices) {
            write!(out, "{separator}{}:{object}", json!(id))?;
            separator = ",\n";
        }
    }
    // Covers with one id are one object of several surfaces.
    let mut rest = land_cover;
    while let Some(first) = rest.first() {
        let same = |c: &RawLandCover| c.id == first.id && c.kind == first.kind;
        let count = rest.iter().take_while(|c| same(c)).count();
        let (together, after) = rest.split_at(count);
        rest = after;
        let surfaces: Vec<Vec<Vec<u32>>> = together
            .iter()
            .map(|cover| {
                cover
                    .rings
                    .iter()
                    .map(|ring| {
                        let at = |p: &[f64; 2]| [p[0], p[1], land_cover_height_m];
                        vertices.ring(&ring.iter().map(at).collect::<Vec<_>>())
                    })
                    .collect()
            })
            .collect();
        let object = json!({
            "type": cover_type(first.kind),
            "geometry": [{"type": "MultiSurface", "lod": "1", "boundaries": surfaces}],
        });
        write!(out, "{separator}{}:{object}", json!(first.id))?;
        separator = ",\n";
    }
    write!(out, "}},\n\"vertices\":[")?;
    for (i, [x, y, z]) in vertices.stored.iter().enumerate() {
        let separator = match i {
            0 => "",
            i if i % 16 == 0 => ",\n",
            _ => ",",
        };
        write!(out, "{separator}[{x},{y},{z}]")?;
    }
    writeln!(out, "]}}")
}

/// Vertices in millimetres, each stored once, in the order of their first use.
struct Vertices {
    /// Whole metres, in millimetres.
    origin: [i64; 3],
    numbers: HashMap<[i64; 3], u32>,
    stored: Vec<[i64; 3]>,
}

impl Vertices {
    fn new(buildings: &[RawBuilding], land_cover: &[RawLandCover], height_m: f64) -> Self {
        let corners = buildings
            .iter()
            .flat_map(|b| &b.parts)
            .flat_map(|p| &p.polygons)
            .flat_map(|p| &p.rings)
            .flatten()
            .copied();
        let covers = land_cover
            .iter()
            .flat_map(|c| &c.rings)
            .flatten()
            .map(|p| [p[0], p[1], height_m]);
        let mut low = [f64::INFINITY; 3];
        for corner in corners.chain(covers) {
            low = std::array::from_fn(|i| low[i].min(corner[i]));
        }
        Self {
            origin: low.map(|c| {
                if c.is_finite() {
                    c.floor() as i64 * 1000
                } else {
                    0
                }
            }),
            numbers: HashMap::new(),
            stored: Vec::new(),
        }
    }

    fn translate(&self) -> [f64; 3] {
        self.origin.map(|c| (c / 1000) as f64)
    }

    /// Vertex numbers of a ring, without repeated points and closing point.
    fn ring(&mut self, ring: &[[f64; 3]]) -> Vec<u32> {
        let mut numbers: Vec<u32> = ring
            .iter()
            .map(|corner| {
                let corner = key(*corner);
                *self.numbers.entry(corner).or_insert_with(|| {
                    self.stored
                        .push(std::array::from_fn(|i| corner[i] - self.origin[i]));
                    self.stored.len() as u32 - 1
                })
            })
            .collect();
        numbers.dedup();
        if numbers.len() > 1 && numbers.first() == numbers.last() {
            numbers.pop();
        }
        numbers
    }
}

/// A building without parts of its own kind is one object; otherwise its parts are children.
fn building_objects(building: &RawBuilding, vertices: &mut Vertices) -> Vec<(String, Value)> {
    let own = |part: &&RawPart| part.id == building.id;
    let children: Vec<&RawPart> = building.parts.iter().filter(|p| !own(p)).collect();
    let mut root = Map::new();
    root.insert("type".to_owned(), json!("Building"));
    insert_attributes(&mut root, &building.attributes);
    if !children.is_empty() {
        let ids: Vec<&str> = children.iter().map(|p| p.id.as_str()).collect();
        root.insert("children".to_owned(), json!(ids));
    }
    let geometries: Vec<Value> = building
        .parts
        .iter()
        .filter(own)
        .map(|part| geometry(part, vertices))
        .collect();
    if !geometries.is_empty() {
        root.insert("geometry".to_owned(), json!(geometries));
    }
    let mut objects = vec![(building.id.clone(), Value::Object(root))];
    for part in children {
        let mut object = Map::new();
        let kind = if part.installation {
            "BuildingInstallation"
        } else {
            "BuildingPart"
        };
        object.insert("type".to_owned(), json!(kind));
        insert_attributes(&mut object, &part.attributes);
        object.insert("parents".to_owned(), json!([building.id]));
        object.insert("geometry".to_owned(), json!([geometry(part, vertices)]));
        objects.push((part.id.clone(), Value::Object(object)));
    }
    objects
}

fn insert_attributes(object: &mut Map<String, Value>, attributes: &BuildingAttributes) {
    let mut map = Map::new();
    let texts = [
        ("name", &attributes.name),
        ("function", &attributes.function),
        ("roofType", &attributes.roof_type),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            map.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(storeys) = attributes.storeys {
        map.insert("storeysAboveGround".to_owned(), json!(storeys));
    }
    if let Some(height) = attributes.measured_height_m {
        map.insert("measuredHeight".to_owned(), json!(height));
    }
    if let Some(year) = attributes.year {
        map.insert(
            "dateOfConstruction".to_owned(),
            json!(format!("{year:04}-01-01")),
        );
    }
    if !map.is_empty() {
        object.insert("attributes".to_owned(), Value::Object(map));
    }
    if let Some(address) = &attributes.address {
        object.insert("address".to_owned(), json!([{"ThoroughfareName": address}]));
    }
}

fn geometry(part: &RawPart, vertices: &mut Vertices) -> Value {
    let mut kinds: Vec<SurfaceKind> = Vec::new();
    let mut values: Vec<Option<usize>> = Vec::with_capacity(part.polygons.len());
    let mut surfaces: Vec<Vec<Vec<u32>>> = Vec::with_capacity(part.polygons.len());
    for polygon in &part.polygons {
        values.push(polygon.kind.map(|kind| {
            kinds.iter().position(|k| *k == kind).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            })
        }));
        surfaces.push(polygon.rings.iter().map(|r| vertices.ring(r)).collect());
    }
    let meanings: Vec<Value> = kinds
        .iter()
        .map(|kind| json!({"type": surface_type(*kind)}))
        .collect();
    if is_closed(part) {
        json!({
            "type": "Solid",
            "lod": part.lod,
            "boundaries": [surfaces],
            "semantics": {"surfaces": meanings, "values": [values]},
        })
    } else {
        json!({
            "type": "MultiSurface",
            "lod": part.lod,
            "boundaries": surfaces,
            "semantics": {"surfaces": meanings, "values": values},
        })
    }
}

fn surface_type(kind: SurfaceKind) -> &'static str {
    match kind {
        SurfaceKind::Wall => "WallSurface",
        SurfaceKind::Roof => "RoofSurface",
        SurfaceKind::Ground => "GroundSurface",
        SurfaceKind::Closure => "ClosureSurface",
    }
}

fn cover_type(kind: LandCoverKind) -> &'static str {
    match kind {
        LandCoverKind::Water => "WaterBody",
        LandCoverKind::Green => "PlantCover",
        LandCoverKind::Paved => "TransportSquare",
        LandCoverKind::Street => "Road",
        LandCoverKind::Railway => "Railway",
        LandCoverKind::Other => "LandUse",
    }
}

/// The URL form that CityJSON asks for. EPSG codes of vertical systems: DHHN2016 7837, DHHN92 5783, NAP 5709.
fn crs_url(crs: &Crs) -> Option<String> {
    let epsg = crs.epsg?;
    let vertical = match crs.vertical.as_deref() {
        Some("DHHN2016") => Some(7837),
        Some("DHHN92") => Some(5783),
        Some("NAP") => Some(5709),
        _ => None,
    };
    let horizontal = format!("https://www.opengis.net/def/crs/EPSG/0/{epsg}");
    Some(match vertical {
        Some(vertical) => format!(
            "https://www.opengis.net/def/crs-compound?1={horizontal}&2=https://www.opengis.net/def/crs/EPSG/0/{vertical}"
        ),
        None => horizontal,
    })
}
