//! GeoJSON (RFC 7946, and the `crs` member of its forerunner of 2008): footprints, land cover, streets and trees.
//!
//! Each feature is read by itself, so that a faulty one is left out and the rest is used. Footprints with a height become
//! blocks of that height; without one the storeys, and without these the height that the scenario assumes, stand in, marked
//! as assumed. A ring that crosses itself is cut at the crossings into rings that do not.

use geojson::{Feature, GeometryValue, PolygonType, Position, feature::Id};
use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::geo::Crs;

use super::error::{CityError, CityErrorKind};
use super::osm::{metres, street_source};
use super::raw::{Imported, RawFootprint, RawLandCover, RawStreet};
use super::table::reduced;
use super::terrain_text::source_of;
use super::trees::{self, TreeFacts, TreeTally, json_fault, tree_source};
use super::{BuildingAttributes, LandCoverKind, LayerKind, LayerSource};

/// Height of a storey (m) where only their number is known.
const STOREY_HEIGHT_M: f64 = 3.0;

/// Heights of buildings (m) outside this range are typing errors or marks for missing data; 600 m is above any building in Europe.
const HEIGHTS_M: std::ops::RangeInclusive<f64> = 0.5..=600.0;

/// Footprints below this area (m²) are garages, kiosks and sheds; where nothing is known of them, they get one storey instead
/// of the height assumed for buildings, lest they stand as needles.
const SMALL_FOOTPRINT_M2: f64 = 20.0;

/// Rings with less area (m²) are no building.
const MIN_AREA_M2: f64 = 0.05;

/// Names of attributes, reduced to lower-case letters and digits, best first.
const HEIGHT: &[&str] = &[
    "height",
    "heightm",
    "measuredheight",
    "buildingheight",
    "gebaeudehoehe",
    "gebäudehöhe",
    "hoehe",
    "höhe",
    "hoehem",
    "höhem",
    "renderheight",
    "hgt",
];
const STOREYS: &[&str] = &[
    "storeys",
    "storeysaboveground",
    "buildinglevels",
    "levels",
    "geschosse",
    "geschosszahl",
    "vollgeschosse",
    "anzahlderoberirdischengeschosse",
    "aog",
    "numfloors",
    "floors",
    "stockwerke",
];
const BASE: &[&str] = &[
    "baseheight",
    "baseheightm",
    "groundheight",
    "bodenhoehe",
    "bodenhöhe",
    "gelaendehoehe",
    "geländehöhe",
    "zground",
];
const FUNCTION: &[&str] = &[
    "function",
    "usage",
    "use",
    "nutzung",
    "gebaeudefunktion",
    "gebäudefunktion",
    "funktion",
    "gfk",
    "buildinguse",
    "building",
];
const ROOF: &[&str] = &["rooftype", "roofshape", "dachform"];
const NAME: &[&str] = &["name", "bezeichnung", "lagebezeichnung"];
const YEAR: &[&str] = &["yearofconstruction", "baujahr", "startdate", "year"];
const IDS: &[&str] = &[
    "id", "gmlid", "alkisid", "oi", "uuid", "objectid", "oid", "osmid", "fid",
];
const COVER: &[&str] = &[
    "kind",
    "class",
    "landcover",
    "natural",
    "landuse",
    "leisure",
    "waterway",
    "water",
    "amenity",
    "highway",
    "railway",
    "surface",
    "nutzungsart",
    "nutzung",
    "type",
];
const STREET_CLASS: &[&str] = &[
    "highway",
    "class",
    "fclass",
    "kind",
    "type",
    "strassenklasse",
];
const WIDTH: &[&str] = &["width", "widthm", "breite", "fahrbahnbreite"];

/// A file taken apart into features.
struct Features {
    crs: Option<Crs>,
    /// Number in the file, id, geometry, attributes with reduced names.
    list: Vec<(usize, Option<String>, GeometryValue, Map<String, Value>)>,
    findings: Vec<Finding>,
}

impl Features {
    fn read(bytes: &[u8], place: &str) -> Result<Self, CityError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| {
            CityError::new(CityErrorKind::Encoding, place, "the file is not UTF-8 text")
                .expected("UTF-8, as GeoJSON demands")
                .found(format!("byte {} is not", error.valid_up_to()))
                .help("export the file again as UTF-8")
        })?;
        let mut document: Value = serde_json::from_str(text).map_err(|e| json_fault(place, &e))?;
        let declared = document
            .get("crs")
            .filter(|crs| !crs.is_null())
            .map(crs_name);
        let items: Vec<Value> = match document["type"].as_str() {
            Some("FeatureCollection") => match document["features"].take() {
                Value::Array(items) => items,
                _ => return Err(no_features(place, "a FeatureCollection without `features`")),
            },
            Some("Feature") => vec![document],
            Some(
                "Point" | "MultiPoint" | "LineString" | "MultiLineString" | "Polygon"
                | "MultiPolygon" | "GeometryCollection",
            ) => {
                vec![serde_json::json!({"type": "Feature", "properties": {}, "geometry": document})]
            }
            other => {
                return Err(no_features(
                    place,
                    &format!("`type` {}", other.unwrap_or("missing")),
                ));
            }
        };
        let mut findings = Vec::new();
        let mut list = Vec::with_capacity(items.len());
        let mut faulty: Option<(usize, String)> = None;
        let mut faulty_count = 0u64;
        for (number, item) in items.into_iter().enumerate() {
            let feature = serde_json::from_value::<Feature>(item);
            let usable = feature
                .map_err(|error| error.to_string())
                .and_then(|feature| {
                    let Feature {
                        id,
                        geometry,
                        properties,
                        ..
                    } = feature;
                    let geometry = geometry.ok_or_else(|| "no geometry".to_owned())?;
                    if !positions_are_finite(&geometry.value) {
                        return Err("a position is not two numbers".to_owned());
                    }
                    let properties: Map<String, Value> = properties
                        .unwrap_or_default()
                        .into_iter()
                        .map(|(name, value)| (reduced(&name), value))
                        .collect();
                    let id = match id {
                        Some(Id::String(text)) => Some(text),
                        Some(Id::Number(number)) => Some(number.to_string()),
                        None => text_of(&properties, IDS),
                    };
                    Ok((number, id, geometry.value, properties))
                });
            match usable {
                Ok(feature) => list.push(feature),
                Err(error) => {
                    faulty_count += 1;
                    faulty.get_or_insert((number, error));
                }
            }
        }
        if let Some((number, error)) = faulty {
            findings.push(
                Finding::warning("feature-faulty")
                    .place(place)
                    .object(format!("features[{number}]"))
                    .arg("count", faulty_count)
                    .arg("error", error),
            );
        }
        let crs = match declared {
            Some(name) => match Crs::parse(&name) {
                Ok(crs) => Some(crs),
                Err(_) => {
                    findings.push(
                        Finding::warning("crs-unknown")
                            .place(place)
                            .arg("crs", name),
                    );
                    None
                }
            },
            // RFC 7946: longitude and latitude; files with metres and no `crs` exist and get the CRS of the scenario.
            None => list
                .iter()
                .all(|(_, _, geometry, _)| looks_geographic(geometry))
                .then(Crs::wgs84),
        };
        Ok(Self {
            crs,
            list,
            findings,
        })
    }
}

fn no_features(place: &str, found: &str) -> CityError {
    CityError::new(
        CityErrorKind::WrongFormat,
        place,
        "the file is not GeoJSON with features",
    )
    .expected("a FeatureCollection, a Feature or a geometry")
    .found(found.to_owned())
}

/// Name in `"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::25832"}}`.
fn crs_name(crs: &Value) -> String {
    let properties = &crs["properties"];
    match (&properties["name"], &properties["code"]) {
        (Value::String(name), _) => name.clone(),
        (_, Value::Number(code)) => format!("EPSG:{code}"),
        _ => crs.to_string().chars().take(80).collect(),
    }
}

fn each_position(geometry: &GeometryValue, test: &mut dyn FnMut(&Position) -> bool) -> bool {
    match geometry {
        GeometryValue::Point { coordinates } => test(coordinates),
        GeometryValue::MultiPoint { coordinates } | GeometryValue::LineString { coordinates } => {
            coordinates.iter().all(test)
        }
        GeometryValue::MultiLineString { coordinates } | GeometryValue::Polygon { coordinates } => {
            coordinates.iter().flatten().all(test)
        }
        GeometryValue::MultiPolygon { coordinates } => {
            coordinates.iter().flatten().flatten().all(test)
        }
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().all(|g| each_position(&g.value, test))
        }
    }
}

fn positions_are_finite(geometry: &GeometryValue) -> bool {
    each_position(geometry, &mut |p| {
        p.len() >= 2 && p.as_slice().iter().all(|c| c.is_finite() && c.abs() < 1e9)
    })
}

fn looks_geographic(geometry: &GeometryValue) -> bool {
    each_position(geometry, &mut |p| p[0].abs() <= 180.0 && p[1].abs() <= 90.0)
}

fn polygons(geometry: &GeometryValue) -> Vec<&PolygonType> {
    match geometry {
        GeometryValue::Polygon { coordinates } => vec![coordinates],
        GeometryValue::MultiPolygon { coordinates } => coordinates.iter().collect(),
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().flat_map(|g| polygons(&g.value)).collect()
        }
        _ => Vec::new(),
    }
}

fn lines(geometry: &GeometryValue) -> Vec<&Vec<Position>> {
    match geometry {
        GeometryValue::LineString { coordinates } => vec![coordinates],
        GeometryValue::MultiLineString { coordinates } => coordinates.iter().collect(),
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().flat_map(|g| lines(&g.value)).collect()
        }
        _ => Vec::new(),
    }
}

fn flat(position: &Position) -> [f64; 2] {
    [position[0], position[1]]
}

/// Text of the first attribute that has one; numbers count as text.
fn text_of(properties: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match properties.get(*name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// Number of the first attribute that has one: `12.5`, `"12,5"`, `"12.5 m"`.
fn number_of(properties: &Map<String, Value>, names: &[&str]) -> Option<f64> {
    let number = names.iter().find_map(|name| match properties.get(*name)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let text = text.trim();
            text.strip_suffix('m')
                .unwrap_or(text)
                .trim()
                .replace(',', ".")
                .parse()
                .ok()
        }
        _ => None,
    });
    number.filter(|n: &f64| n.is_finite())
}

/// Reads building footprints. `assumed_height_m` is used for those with neither height nor storeys; without it they are left out.
pub fn read_footprints(
    bytes: &[u8],
    place: &str,
    assumed_height_m: Option<f64>,
) -> Result<Imported, CityError> {
    let mut features = Features::read(bytes, place)?;
    let degrees = features.crs.as_ref().is_some_and(Crs::is_geographic);
    let mut footprints = Vec::new();
    let mut tally = FootprintTally::default();
    for (number, id, geometry, properties) in &features.list {
        let id = id.clone().unwrap_or_else(|| format!("footprint-{number}"));
        let parts = polygons(geometry);
        if parts.is_empty() {
            tally.without_area += 1;
            continue;
        }
        let mut part_number = 0;
        for polygon in parts {
            let simple = simple_polygons(polygon, degrees);
            if simple.crossed {
                tally.crossing += 1;
                tally.first_crossing.get_or_insert_with(|| id.clone());
            }
            if simple.polygons.is_empty() {
                tally.without_area += 1;
            }
            for rings in simple.polygons {
                let area_m2 = area_m2(&rings, degrees);
                let Some(attributes) = tally.attributes(properties, area_m2, assumed_height_m)
                else {
                    continue;
                };
                part_number += 1;
                footprints.push(RawFootprint {
                    id: if part_number == 1 {
                        id.clone()
                    } else {
                        format!("{id}#{part_number}")
                    },
                    attributes,
                    base_height_m: base_of(polygon, properties),
                    rings,
                });
            }
        }
    }
    tally.report(place, assumed_height_m, &mut features.findings);
    if footprints.is_empty() && tally.without_height > 0 {
        return Err(CityError::new(CityErrorKind::Head, place, "no footprint has a height")
            .expected("an attribute such as `height`, `measuredHeight`, `hoehe` or `storeys`")
            .found(format!("{} footprints without one", tally.without_height))
            .help("add `assumed_height_m = 12` to this layer; the height is then shown as assumed everywhere"));
    }
    let source = LayerSource {
        layer: LayerKind::Buildings,
        ..source_of("GeoJSON", footprints.len())
    };
    Ok(Imported {
        crs: features.crs,
        footprints,
        findings: features.findings,
        source: Some(source),
        ..Imported::default()
    })
}

/// Height of the ground in the third coordinate, or in an attribute.
fn base_of(polygon: &PolygonType, properties: &Map<String, Value>) -> Option<f64> {
    let plausible = |h: &f64| super::terrain::HEIGHT_RANGE_M.contains(h);
    number_of(properties, BASE).filter(plausible).or_else(|| {
        let heights = polygon
            .iter()
            .flatten()
            .map(|p| p.as_slice().get(2).copied());
        // Many programs write 0 for "no height".
        heights
            .collect::<Option<Vec<f64>>>()?
            .into_iter()
            .reduce(f64::min)
            .filter(|h| *h != 0.0)
            .filter(plausible)
    })
}

#[derive(Default)]
struct FootprintTally {
    assumed: u64,
    small: u64,
    from_storeys: u64,
    without_height: u64,
    without_area: u64,
    crossing: u64,
    first_crossing: Option<String>,
    implausible: u64,
}

impl FootprintTally {
    fn attributes(
        &mut self,
        properties: &Map<String, Value>,
        area_m2: f64,
        assumed_height_m: Option<f64>,
    ) -> Option<BuildingAttributes> {
        let storeys = number_of(properties, STOREYS)
            .filter(|n| (1.0..=200.0).contains(n))
            .map(|n| n.round() as u32);
        let delivered = number_of(properties, HEIGHT);
        let measured = delivered.filter(|h| HEIGHTS_M.contains(h));
        // Zero is a common mark for "not known" and no typing error.
        if delivered.is_some_and(|h| h != 0.0) && measured.is_none() {
            self.implausible += 1;
        }
        let assumed = match (measured, storeys, assumed_height_m) {
            (Some(_), _, _) => None,
            (None, Some(storeys), _) => {
                self.from_storeys += 1;
                Some(f64::from(storeys) * STOREY_HEIGHT_M)
            }
            (None, None, Some(height)) if area_m2 < SMALL_FOOTPRINT_M2 => {
                self.small += 1;
                Some(height.min(STOREY_HEIGHT_M))
            }
            (None, None, Some(height)) => {
                self.assumed += 1;
                Some(height)
            }
            (None, None, None) => {
                self.without_height += 1;
                return None;
            }
        };
        Some(BuildingAttributes {
            name: text_of(properties, NAME),
            function: text_of(properties, FUNCTION).filter(|f| f != "yes"),
            roof_type: text_of(properties, ROOF),
            storeys,
            measured_height_m: measured,
            assumed_height_m: assumed,
            year: text_of(properties, YEAR)
                .and_then(|year| year.get(..4)?.parse().ok())
                .filter(|year| (800..=2200).contains(year)),
            address: None,
            green_roof_mm: None,
        })
    }

    fn report(&self, place: &str, assumed_height_m: Option<f64>, findings: &mut Vec<Finding>) {
        let mut add = |finding: Finding, count: u64| {
            if count > 0 {
                findings.push(finding.place(place).arg("count", count));
            }
        };
        let height = assumed_height_m.unwrap_or_default();
        add(
            Finding::warning("height-assumed").arg("height_m", height),
            self.assumed,
        );
        add(
            Finding::info("height-assumed-small")
                .arg("area_m2", SMALL_FOOTPRINT_M2)
                .arg("height_m", height.min(STOREY_HEIGHT_M)),
            self.small,
        );
        add(
            Finding::warning("height-from-storeys").arg("storey_m", STOREY_HEIGHT_M),
            self.from_storeys,
        );
        add(
            Finding::warning("footprint-without-height"),
            self.without_height,
        );
        add(
            Finding::warning("footprint-without-area"),
            self.without_area,
        );
        add(
            Finding::warning("footprint-height-implausible"),
            self.implausible,
        );
        let crossing = Finding::warning("footprint-crossing");
        let crossing = match &self.first_crossing {
            Some(id) => crossing.object(id),
            None => crossing,
        };
        add(crossing, self.crossing);
    }
}

/// Polygons without crossings.
struct Simple {
    /// Exterior first, then holes; not closed.
    polygons: Vec<Vec<Vec<[f64; 2]>>>,
    crossed: bool,
}

/// Cuts the exterior of a polygon where it crosses itself; holes stay with the piece that holds them.
fn simple_polygons(polygon: &PolygonType, degrees: bool) -> Simple {
    let mut rings = polygon
        .iter()
        .map(|ring| open_ring(ring))
        .filter(|ring| ring.len() >= 3);
    let Some(exterior) = rings.next() else {
        return Simple {
            polygons: Vec::new(),
            crossed: false,
        };
    };
    let holes: Vec<Vec<[f64; 2]>> = rings.collect();
    let (pieces, crossed) = uncrossed(exterior);
    let polygons = pieces
        .into_iter()
        .filter(|piece| area_m2(std::slice::from_ref(piece), degrees) >= MIN_AREA_M2)
        .map(|piece| {
            let inner: Vec<_> = holes
                .iter()
                .filter(|hole| holds(&piece, hole))
                .cloned()
                .collect();
            std::iter::once(piece).chain(inner).collect()
        })
        .collect();
    Simple { polygons, crossed }
}

fn open_ring(ring: &[Position]) -> Vec<[f64; 2]> {
    let mut points: Vec<[f64; 2]> = ring.iter().map(flat).collect();
    points.dedup();
    while points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    points
}

/// True when the middle of the first edge of `inner` lies in `outer` (even-odd rule).
fn holds(outer: &[[f64; 2]], inner: &[[f64; 2]]) -> bool {
    let (x, y) = (
        0.5 * (inner[0][0] + inner[1][0]),
        0.5 * (inner[0][1] + inner[1][1]),
    );
    let mut inside = false;
    for (a, b) in edges(outer) {
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
    (0..ring.len()).map(|i| (ring[i], ring[(i + 1) % ring.len()]))
}

/// Area (m²) of the exterior minus the holes; degrees are scaled at the latitude of the first corner.
fn area_m2(rings: &[Vec<[f64; 2]>], degrees: bool) -> f64 {
    let area = |ring: &Vec<[f64; 2]>| {
        let o = ring[0];
        let twice: f64 = edges(ring)
            .map(|(a, b)| (a[0] - o[0]) * (b[1] - o[1]) - (b[0] - o[0]) * (a[1] - o[1]))
            .sum();
        0.5 * twice.abs()
    };
    // 111 320 m is a degree on the equator.
    let scale = if degrees {
        111_320f64.powi(2) * rings[0][0][1].to_radians().cos()
    } else {
        1.0
    };
    let [exterior, holes @ ..] = rings else {
        return 0.0;
    };
    scale * (area(exterior) - holes.iter().map(area).sum::<f64>())
}

/// Cuts a ring at its crossings: the crossing points become corners, and each walk back to an earlier corner is a ring.
///
/// Quadratic in the number of corners: rings of more than 5 000 corners are left as they are.
fn uncrossed(ring: Vec<[f64; 2]>) -> (Vec<Vec<[f64; 2]>>, bool) {
    const MAX_CORNERS: usize = 5000;
    let n = ring.len();
    if n > MAX_CORNERS {
        return (vec![ring], false);
    }
    let mut cuts: Vec<Vec<(f64, [f64; 2])>> = vec![Vec::new(); n];
    let mut crossed = false;
    for (i, (a, b)) in edges(&ring).enumerate() {
        for (j, (c, d)) in edges(&ring).enumerate().skip(i + 2) {
            if i == 0 && j == n - 1 {
                continue;
            }
            if let Some((t, u)) = crossing(a, b, c, d) {
                let at = [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
                cuts[i].push((t, at));
                cuts[j].push((u, at));
                crossed = true;
            }
        }
    }
    if !crossed {
        return (vec![ring], false);
    }
    let mut walk: Vec<[f64; 2]> = Vec::new();
    for (corner, cuts) in ring.into_iter().zip(&mut cuts) {
        cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
        walk.push(corner);
        walk.extend(cuts.iter().map(|(_, at)| *at));
    }
    let mut pieces = Vec::new();
    let mut path: Vec<[f64; 2]> = Vec::new();
    for point in walk {
        if let Some(start) = path.iter().position(|p| *p == point) {
            let loop_: Vec<[f64; 2]> = path.split_off(start);
            if loop_.len() >= 3 {
                pieces.push(loop_);
            }
        }
        path.push(point);
    }
    if path.len() >= 3 {
        pieces.push(path);
    }
    (pieces, true)
}

/// Parameters on both edges of a proper crossing (not of a touch).
fn crossing(a: [f64; 2], b: [f64; 2], c: [f64; 2], d: [f64; 2]) -> Option<(f64, f64)> {
    let side = |p: [f64; 2], q: [f64; 2], r: [f64; 2]| {
        (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
    };
    let (c_side, d_side) = (side(a, b, c), side(a, b, d));
    let (a_side, b_side) = (side(c, d, a), side(c, d, b));
    (c_side * d_side < 0.0 && a_side * b_side < 0.0)
        .then(|| (a_side / (a_side - b_side), c_side / (c_side - d_side)))
}

/// Reads land cover polygons.
pub fn read_land_cover(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let features = Features::read(bytes, place)?;
    let mut land_cover = Vec::new();
    for (number, id, geometry, properties) in &features.list {
        let id = id.clone().unwrap_or_else(|| format!("cover-{number}"));
        let kind = cover_kind(properties);
        for polygon in polygons(geometry) {
            let rings: Vec<Vec<[f64; 2]>> = polygon
                .iter()
                .map(|ring| open_ring(ring))
                .filter(|ring| ring.len() >= 3)
                .collect();
            if !rings.is_empty() {
                land_cover.push(RawLandCover {
                    id: id.clone(),
                    kind,
                    rings,
                });
            }
        }
    }
    let source = LayerSource {
        layer: LayerKind::LandCover,
        ..source_of("GeoJSON", land_cover.len())
    };
    Ok(Imported {
        crs: features.crs,
        land_cover,
        findings: features.findings,
        source: Some(source),
        ..Imported::default()
    })
}

/// Polygons with a name, such as districts.
#[derive(Debug)]
pub struct Areas {
    /// Coordinate system of the file, where it tells one.
    pub crs: Option<Crs>,
    /// Name and rings (exterior first), a row per polygon; parts of one feature have its name.
    pub list: Vec<(String, Vec<Vec<[f64; 2]>>)>,
    /// Features that could not be read.
    pub findings: Vec<Finding>,
}

/// Reads polygons with a name; one without the property is named by its id or its number.
pub fn read_areas(bytes: &[u8], place: &str, name: &str) -> Result<Areas, CityError> {
    let features = Features::read(bytes, place)?;
    let mut list = Vec::new();
    for (number, id, geometry, properties) in &features.list {
        let name = text_of(properties, &[&reduced(name)])
            .or_else(|| id.clone())
            .unwrap_or_else(|| format!("{}", number + 1));
        for polygon in polygons(geometry) {
            let rings: Vec<Vec<[f64; 2]>> = polygon
                .iter()
                .map(|ring| open_ring(ring))
                .filter(|ring| ring.len() >= 3)
                .collect();
            if !rings.is_empty() {
                list.push((name.clone(), rings));
            }
        }
    }
    Ok(Areas {
        crs: features.crs,
        list,
        findings: features.findings,
    })
}

/// Class of a land cover polygon from its attributes: our own words, OpenStreetMap's tag values, ALKIS names.
fn cover_kind(properties: &Map<String, Value>) -> LandCoverKind {
    const CLASSES: &[(LandCoverKind, &[&str])] = &[
        (
            LandCoverKind::Water,
            &[
                "water",
                "river",
                "riverbank",
                "canal",
                "dock",
                "basin",
                "reservoir",
                "harbour",
                "stream",
                "wasser",
                "gewaesser",
                "gewässer",
                "fliessgewaesser",
                "fließgewässer",
                "stehendesgewaesser",
                "hafenbecken",
                "fleet",
            ],
        ),
        (
            LandCoverKind::Green,
            &[
                "green",
                "grass",
                "park",
                "garden",
                "forest",
                "wood",
                "meadow",
                "grassland",
                "scrub",
                "heath",
                "orchard",
                "allotments",
                "cemetery",
                "villagegreen",
                "recreationground",
                "playground",
                "pitch",
                "farmland",
                "gruen",
                "grün",
                "wald",
                "wiese",
                "gruenflaeche",
                "grünfläche",
                "landwirtschaft",
                "gehoelz",
                "gehölz",
            ],
        ),
        (
            LandCoverKind::Paved,
            &[
                "paved",
                "square",
                "plaza",
                "quay",
                "parking",
                "pedestrian",
                "asphalt",
                "concrete",
                "pavingstones",
                "sett",
                "platz",
                "versiegelt",
                "pier",
                "kai",
            ],
        ),
        (
            LandCoverKind::Street,
            &[
                "street",
                "road",
                "residential",
                "service",
                "footway",
                "cycleway",
                "path",
                "primary",
                "secondary",
                "tertiary",
                "strasse",
                "straße",
                "strassenverkehr",
                "straßenverkehr",
                "weg",
                "sidewalk",
                "carriageway",
            ],
        ),
        (
            LandCoverKind::Railway,
            &[
                "railway",
                "rail",
                "tram",
                "subway",
                "lightrail",
                "bahnverkehr",
                "bahn",
                "gleis",
            ],
        ),
    ];
    let value = COVER.iter().find_map(|name| {
        let text = reduced(properties.get(*name)?.as_str()?);
        let class = CLASSES
            .iter()
            .find(|(_, words)| words.contains(&text.as_str()));
        class.map(|(kind, _)| *kind)
    });
    value.unwrap_or(LandCoverKind::Other)
}

/// Reads street lines.
pub fn read_streets(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let features = Features::read(bytes, place)?;
    let mut streets = Vec::new();
    for (number, id, geometry, properties) in &features.list {
        let id = id.clone().unwrap_or_else(|| format!("street-{number}"));
        for line in lines(geometry) {
            let points: Vec<[f64; 2]> = line.iter().map(flat).collect();
            if points.len() >= 2 {
                streets.push(RawStreet {
                    id: id.clone(),
                    class: text_of(properties, STREET_CLASS).unwrap_or_else(|| "road".to_owned()),
                    name: text_of(properties, NAME),
                    width_m: text_of(properties, WIDTH).and_then(|w| metres(&w)),
                    line: points,
                });
            }
        }
    }
    Ok(Imported {
        crs: features.crs,
        source: Some(street_source("GeoJSON", streets.len())),
        streets,
        findings: features.findings,
        ..Imported::default()
    })
}

/// Reads trees as points.
pub fn read_trees(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let mut features = Features::read(bytes, place)?;
    let mut list = Vec::new();
    let mut tally = TreeTally::default();
    for (number, id, geometry, properties) in &features.list {
        let points: Vec<&Position> = match geometry {
            GeometryValue::Point { coordinates } => vec![coordinates],
            GeometryValue::MultiPoint { coordinates } => coordinates.iter().collect(),
            _ => continue,
        };
        for point in points {
            let facts = TreeFacts {
                id: id.clone().or_else(|| text_of(properties, trees::ID)),
                position: flat(point),
                foot_height_m: number_of(properties, trees::FOOT)
                    .or_else(|| point.as_slice().get(2).copied().filter(|z| *z != 0.0)),
                height_m: number_of(properties, trees::HEIGHT),
                crown_diameter_m: number_of(properties, trees::CROWN),
                genus: text_of(properties, trees::GENUS),
            };
            list.extend(tally.tree(facts, *number));
        }
    }
    tally.report(place, &mut features.findings);
    Ok(Imported {
        crs: features.crs,
        source: Some(tree_source("GeoJSON", list.len())),
        trees: list,
        findings: features.findings,
        ..Imported::default()
    })
}

/// What a GeoJSON file most likely holds, for a file that is opened without a layer kind: points are trees, lines streets,
/// areas with a class of land cover that, other areas footprints.
pub(crate) fn likely_kind(bytes: &[u8], place: &str) -> Result<LayerKind, CityError> {
    let features = Features::read(bytes, place)?;
    let Some((_, _, geometry, _)) = features.list.first() else {
        return Ok(LayerKind::Buildings);
    };
    let covers = features
        .list
        .iter()
        .filter(|(_, _, _, p)| cover_kind(p) != LandCoverKind::Other)
        .count();
    let names = |wanted: &[&str]| {
        features
            .list
            .iter()
            .any(|(_, _, _, p)| wanted.iter().any(|name| p.contains_key(*name)))
    };
    Ok(if !polygons(geometry).is_empty() {
        if 2 * covers > features.list.len() && !names(HEIGHT) && !names(STOREYS) {
            LayerKind::LandCover
        } else {
            LayerKind::Buildings
        }
    } else if !lines(geometry).is_empty() {
        LayerKind::Streets
    } else {
        LayerKind::Trees
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(features: &str) -> String {
        format!(
            r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::25832"}}}},"features":[{features}]}}"#
        )
    }

    fn square(properties: &str, side: f64) -> String {
        format!(
            r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[[[0,0],[{side},0],[{side},{side}],[0,{side}],[0,0]]]}}}}"#
        )
    }

    #[test]
    fn heights_are_measured_counted_or_assumed() {
        let text = collection(
            &[
                square(r#"{"height": 10.5, "usage": "office"}"#, 10.0),
                square(r#"{"building:height": "12,5 m", "building": "yes"}"#, 10.0),
                square(r#"{"Höhe": 9}"#, 10.0),
                square(r#"{"building:levels": "4", "baujahr": 1905}"#, 10.0),
                square(r#"{"height": -9999}"#, 10.0),
                square("{}", 3.0),
            ]
            .join(","),
        );
        let imported = read_footprints(text.as_bytes(), "f.geojson", Some(18.0)).unwrap();
        assert_eq!(imported.crs, Some(Crs::from_epsg(25832)));
        let heights: Vec<_> = imported
            .footprints
            .iter()
            .map(|f| {
                (
                    f.attributes.measured_height_m,
                    f.attributes.assumed_height_m,
                )
            })
            .collect();
        assert_eq!(
            heights,
            [
                (Some(10.5), None),
                (Some(12.5), None),
                (Some(9.0), None),
                (None, Some(12.0)),
                (None, Some(18.0)),
                (None, Some(3.0)),
            ]
        );
        let first = &imported.footprints[0].attributes;
        assert_eq!(first.function.as_deref(), Some("office"));
        assert_eq!(imported.footprints[1].attributes.function, None);
        assert_eq!(
            (
                imported.footprints[3].attributes.storeys,
                imported.footprints[3].attributes.year
            ),
            (Some(4), Some(1905))
        );
        let codes: Vec<&str> = imported.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "height-assumed",
                "height-assumed-small",
                "height-from-storeys",
                "footprint-height-implausible"
            ]
        );
    }

    #[test]
    fn without_any_height_the_scenario_must_assume_one() {
        let text = collection(&square("{}", 10.0));
        let error = read_footprints(text.as_bytes(), "f.geojson", None).unwrap_err();
        assert!(error.help.unwrap().contains("assumed_height_m"));
    }

    #[test]
    fn a_bow_tie_becomes_two_triangles() {
        let text = collection(
            r#"{"type":"Feature","id":"b","properties":{"height":10},"geometry":{"type":"Polygon","coordinates":[[[0,0],[10,10],[10,0],[0,10],[0,0]]]}}"#,
        );
        let imported = read_footprints(text.as_bytes(), "f.geojson", None).unwrap();
        let ids: Vec<&str> = imported.footprints.iter().map(|f| f.id.as_str()).collect();
        assert_eq!(ids, ["b", "b#2"]);
        for footprint in &imported.footprints {
            assert!((area_m2(&footprint.rings, false) - 25.0).abs() < 1e-9);
        }
        assert_eq!(imported.findings[0].code, "footprint-crossing");
    }

    #[test]
    fn a_faulty_feature_is_left_out_and_named() {
        let text = collection(
            &[
                r#"{"type":"Feature","properties":{"height":1},"geometry":{"type":"Polygon","coordinates":[[["x",0]]]}}"#.to_owned(),
                r#"{"type":"Feature","properties":{"height":1},"geometry":null}"#.to_owned(),
                r#"{"type":"Feature","properties":{"height":5},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}}"#.to_owned(),
                square(r#"{"height": 5}"#, 10.0),
            ]
            .join(","),
        );
        let imported = read_footprints(text.as_bytes(), "f.geojson", None).unwrap();
        assert_eq!(imported.footprints.len(), 1);
        let codes: Vec<&str> = imported.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["feature-faulty", "footprint-without-area"]);
        assert_eq!(imported.findings[0].args["count"], "2");
    }

    #[test]
    fn other_things_in_geojson() {
        let cover = collection(
            &[
                square(r#"{"kind":"water"}"#, 9.0),
                square(r#"{"natural":"wood"}"#, 9.0),
                square("{}", 9.0),
            ]
            .join(","),
        );
        let imported = read_land_cover(cover.as_bytes(), "l.geojson").unwrap();
        let kinds: Vec<_> = imported.land_cover.iter().map(|l| l.kind).collect();
        assert_eq!(
            kinds,
            [
                LandCoverKind::Water,
                LandCoverKind::Green,
                LandCoverKind::Other
            ]
        );
        assert_eq!(
            likely_kind(cover.as_bytes(), "l.geojson").unwrap(),
            LayerKind::LandCover
        );

        let lines = r#"{"type":"Feature","properties":{"highway":"footway","name":"Kai","width":"2"},"geometry":{"type":"LineString","coordinates":[[9.9,53.5],[9.91,53.5]]}}"#;
        let imported = read_streets(lines.as_bytes(), "s.geojson").unwrap();
        assert_eq!(imported.crs, Some(Crs::wgs84()));
        assert_eq!(
            (
                imported.streets[0].class.as_str(),
                imported.streets[0].width_m
            ),
            ("footway", Some(2.0))
        );

        let trees = r#"{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{"baumhoehe":12,"kronendurchmesser":5},"geometry":{"type":"Point","coordinates":[9.9,53.5,4.5]}}]}"#;
        let imported = read_trees(trees.as_bytes(), "t.geojson").unwrap();
        let tree = &imported.trees[0];
        assert_eq!(
            (tree.id.as_str(), tree.height_m, tree.foot_height_m),
            ("7", 12.0, Some(4.5))
        );
        assert_eq!(
            likely_kind(trees.as_bytes(), "t.geojson").unwrap(),
            LayerKind::Trees
        );
    }

    #[test]
    fn files_that_are_no_geojson_are_refused() {
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        for (text, code) in [
            (r#"{"type":"CityJSON"}"#, "wrong-format"),
            (r#"{"type":"FeatureCollection"}"#, "wrong-format"),
            (r#"{"type":"FeatureCollection","features":["#, "truncated"),
            ("nonsense", "syntax"),
            (deep.as_str(), "too-deep"),
        ] {
            assert_eq!(
                read_footprints(text.as_bytes(), "f", None)
                    .unwrap_err()
                    .code(),
                code,
                "{text:.30}"
            );
        }
        assert_eq!(
            read_footprints(b"\xFF{}", "f", None).unwrap_err().code(),
            "encoding"
        );
    }

    #[test]
    fn hamburg_footprints_are_complete() {
        let Some(data) = crate::verify::data_root_or_skip("hamburg_footprints_are_complete") else {
            return;
        };
        let bytes =
            std::fs::read(data.join("city/hamburg/hamburg-center-footprints.geojson")).unwrap();
        let imported = read_footprints(&bytes, "f.geojson", Some(18.0)).unwrap();
        // 2 329 polygons and one multi-polygon of two parts.
        assert!(
            imported.footprints.len() >= 2330,
            "{}",
            imported.footprints.len()
        );
        assert!(
            imported
                .footprints
                .iter()
                .all(|f| f.attributes.assumed_height_m.is_some())
        );
        assert_eq!(
            imported
                .findings
                .iter()
                .filter(|f| f.code == "height-assumed")
                .count(),
            1
        );
    }
}
