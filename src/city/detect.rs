//! What a file is, told by its content and never by its name, and the reader that belongs to it.

use super::decode::unpacked;
use super::error::{CityError, CityErrorKind};
use super::geotiff::{is_tiff, read_geotiff};
use super::obj::looks_like_obj;
use super::raw::Imported;
use super::solid_model::{ModelSettings, read_gltf_city, read_obj_city};
use super::sources::Roots;
use super::table::{Table, decode_text};
use super::terrain_text::{place_columns, read_ascii_grid, read_points};
use super::trees::{self, read_hamburg_trees, read_trees_csv};
use super::{LayerKind, citygml, cityjson, geojson, osm};
use crate::finding::Finding;

/// Formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    CityGml,
    CityJson,
    GeoJson,
    Gltf,
    Obj,
    TreeList,
    TreeTable,
    Osm,
    GeoTiff,
    AsciiGrid,
    Points,
}

const READABLE: &str = "CityGML, CityJSON, GeoJSON, glTF, OBJ, OpenStreetMap XML, GeoTIFF, ESRI ASCII grid, points (XYZ, CSV) or a tree table (CSV)";

/// Recognises the format of a file (after unpacking).
pub(crate) fn detect(bytes: &[u8], place: &str) -> Result<Format, CityError> {
    let unknown = |found: &str| {
        CityError::new(
            CityErrorKind::WrongFormat,
            place,
            "the format of the file is not recognised",
        )
        .expected(READABLE)
        .found(found.to_owned())
    };
    let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let first = start.iter().find(|b| !b.is_ascii_whitespace());
    if is_tiff(bytes) {
        return Ok(Format::GeoTiff);
    }
    match (bytes, first) {
        (_, None) => Err(
            CityError::new(CityErrorKind::Empty, place, "the file is empty").help("get it again"),
        ),
        ([b'P', b'K', 3 | 5, ..], _) => Err(CityError::new(
            CityErrorKind::Unsupported,
            place,
            "zip archives are not read yet",
        )
        .expected(READABLE)
        .help("unpack the archive and name the file inside")),
        ([b'g', b'l', b'T', b'F', ..], _) => Ok(Format::Gltf),
        // UTF-16 with a byte order mark, or XML.
        ([0xFF, 0xFE, ..] | [0xFE, 0xFF, ..], _) | (_, Some(b'<')) => xml_format(bytes, place),
        (_, Some(b'{' | b'[')) => {
            json_format(start).ok_or_else(|| unknown("JSON without a known `type`"))
        }
        _ if bytes.iter().take(1024).any(|b| *b == 0) => Err(unknown("binary data")),
        _ => text_format(bytes).ok_or_else(|| {
            let text = decode_text(&bytes[..bytes.len().min(200)]).into_owned();
            let line: String = text
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .take(60)
                .collect();
            unknown(&format!("text beginning with `{line}`"))
        }),
    }
}

fn xml_format(bytes: &[u8], place: &str) -> Result<Format, CityError> {
    let head = decode_text(&bytes[..bytes.len().min(4096) & !1]);
    let without_comments: String = head
        .split("<!--")
        .enumerate()
        .map(|(i, part)| {
            if i == 0 {
                part
            } else {
                part.split_once("-->").map_or("", |(_, rest)| rest)
            }
        })
        .collect();
    let root = without_comments
        .split('<')
        .skip(1)
        .find(|tag| tag.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .unwrap_or_default();
    let name: String = root
        .chars()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '>' | '/'))
        .collect();
    match name.to_ascii_lowercase().as_str() {
        "osm" => Ok(Format::Osm),
        "html" | "body" | "head" => Err(CityError::new(
            CityErrorKind::WrongFormat,
            place,
            "the file is a web page, perhaps an error page saved as data",
        )
        .expected(READABLE)
        .found("<html>")
        .help("download it again and look into it with a text editor")),
        _ => Ok(Format::CityGml),
    }
}

/// Format of a JSON text by its top-level `type`, wherever it stands; glTF has none, but an `asset`.
fn json_format(bytes: &[u8]) -> Option<Format> {
    let Some(kind) = top_level(bytes, b"type", true) else {
        return top_level(bytes, b"asset", false).map(|_| Format::Gltf);
    };
    match kind {
        b"CityJSON" | b"CityJSONFeature" => Some(Format::CityJson),
        b"HamburgCityCenterTrees" => Some(Format::TreeList),
        b"FeatureCollection"
        | b"Feature"
        | b"Point"
        | b"MultiPoint"
        | b"LineString"
        | b"MultiLineString"
        | b"Polygon"
        | b"MultiPolygon"
        | b"GeometryCollection" => Some(Format::GeoJson),
        _ => None,
    }
}

/// The first `"KEY": "..."` at the outermost level of the first JSON object, without parsing the rest: its text where
/// `with_text`, else the key itself, whatever its value.
fn top_level<'a>(bytes: &'a [u8], key: &[u8], with_text: bool) -> Option<&'a [u8]> {
    let mut depth = 0i64;
    let mut last_string: &[u8] = b"";
    let mut is_value = false;
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'{' | b'[' => {
                depth += 1;
                is_value = false;
            }
            b'}' | b']' => {
                depth -= 1;
                if depth <= 0 {
                    return None;
                }
            }
            b':' => is_value = true,
            b',' => is_value = false,
            b'"' => {
                let start = i + 1;
                i = start;
                while i < bytes.len() && bytes[i] != b'"' {
                    i += if bytes[i] == b'\\' { 2 } else { 1 };
                }
                let text = bytes.get(start..i)?;
                let here = if with_text {
                    is_value && last_string == key
                } else {
                    !is_value && text == key
                };
                if depth == 1 && here {
                    return Some(text);
                }
                last_string = if is_value { b"" } else { text };
            }
            _ => {}
        }
        i += 1;
    }
    None
}

fn text_format(bytes: &[u8]) -> Option<Format> {
    // The head tells; the rest of a point cloud of 100 MB is not looked at twice.
    let mut end = bytes.len().min(64 << 10);
    if end < bytes.len() {
        end = bytes[..end]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(end, |i| i + 1);
    }
    let head = decode_text(&bytes[..end]);
    let key = head
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if matches!(
        key.as_str(),
        "ncols" | "nrows" | "xllcorner" | "xllcenter" | "yllcorner" | "cellsize" | "nodata_value"
    ) {
        return Some(Format::AsciiGrid);
    }
    if looks_like_obj(&head) {
        return Some(Format::Obj);
    }
    let table = Table::new(head.as_bytes())?;
    if table.has_header() {
        place_columns(&table)?;
        let tree_columns = [trees::CROWN, trees::GENUS, trees::HEIGHT_OF_TREE];
        let is_trees = tree_columns
            .iter()
            .any(|names| table.column(names).is_some());
        return Some(if is_trees {
            Format::TreeTable
        } else {
            Format::Points
        });
    }
    let (_, row) = table.rows().next()?;
    let numeric = (0..3).all(|i| table.number(&row, Some(i)).is_some());
    numeric.then_some(Format::Points)
}

/// What to take from a file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// Kind of layer; `None` takes everything.
    pub(crate) kind: Option<LayerKind>,
    /// Height (m) for footprints without one.
    pub(crate) assumed_height_m: Option<f64>,
    /// Axes of models, and the folder of the files that belong to one; without it a model is a draft and no city.
    pub(crate) model: Option<(ModelSettings, &'a Roots)>,
}

/// Reads a file with the reader that belongs to its content, and keeps what is wanted.
pub(crate) fn import(bytes: &[u8], place: &str, wanted: Wanted<'_>) -> Result<Imported, CityError> {
    let bytes = unpacked(bytes, place)?;
    let format = detect(&bytes, place)?;
    let mut imported = match format {
        Format::CityGml => citygml::read_citygml(&bytes, place)?,
        Format::CityJson => cityjson::read_cityjson(&bytes, place)?,
        Format::GeoJson => {
            let kind = match wanted.kind {
                Some(kind) => kind,
                None => geojson::likely_kind(&bytes, place)?,
            };
            match kind {
                LayerKind::Buildings => {
                    geojson::read_footprints(&bytes, place, wanted.assumed_height_m)?
                }
                LayerKind::LandCover => geojson::read_land_cover(&bytes, place)?,
                LayerKind::Streets => geojson::read_streets(&bytes, place)?,
                // Terrain: the feet of trees.
                LayerKind::Trees | LayerKind::Terrain => geojson::read_trees(&bytes, place)?,
            }
        }
        Format::Gltf | Format::Obj => {
            let Some((settings, beside)) = wanted.model else {
                return Err(CityError::new(
                    CityErrorKind::WrongFormat,
                    place,
                    "the file is a model for drafts",
                )
                .found(format_name(format)));
            };
            match format {
                Format::Gltf => read_gltf_city(&bytes, place, beside, settings)?,
                _ => read_obj_city(&bytes, place, settings)?,
            }
        }
        Format::TreeList => read_hamburg_trees(&bytes, place)?,
        Format::TreeTable => read_trees_csv(&bytes, place)?,
        Format::Osm => osm::read_osm(&bytes, place)?,
        Format::GeoTiff => read_geotiff(&bytes, place)?,
        Format::AsciiGrid => read_ascii_grid(&bytes, place)?,
        Format::Points => read_points(&bytes, place)?,
    };
    if wanted.kind == Some(LayerKind::Terrain)
        && imported.terrain.is_none()
        && let Some(points) = trees::ground_points(&imported.trees)
    {
        imported.terrain = Some(points);
        // Sizes of trees do not matter here.
        imported.findings.retain(|f| !f.code.starts_with("tree-"));
        imported.findings.push(
            Finding::info("terrain-from-trees")
                .place(place)
                .arg("count", imported.trees.len()),
        );
    }
    if let Some(kind) = wanted.kind {
        keep_only(&mut imported, kind, format, place)?;
    }
    Ok(imported)
}

/// Drops what was not asked for; an error when the format cannot hold what was asked for.
fn keep_only(
    imported: &mut Imported,
    kind: LayerKind,
    format: Format,
    place: &str,
) -> Result<(), CityError> {
    let can_hold = match format {
        Format::CityGml => matches!(kind, LayerKind::Buildings) || imported.terrain.is_some(),
        Format::Gltf | Format::Obj => kind == LayerKind::Buildings,
        Format::CityJson | Format::GeoJson => true,
        Format::TreeList | Format::TreeTable => {
            matches!(kind, LayerKind::Trees | LayerKind::Terrain)
        }
        Format::Osm => kind == LayerKind::Streets,
        Format::GeoTiff | Format::AsciiGrid | Format::Points => kind == LayerKind::Terrain,
    };
    if !can_hold || (kind == LayerKind::Terrain && imported.terrain.is_none()) {
        let (wanted, found) = (kind_name(kind), format_name(format));
        return Err(CityError::new(
            CityErrorKind::WrongFormat,
            place,
            format!("the file has no {wanted}"),
        )
        .expected(wanted)
        .found(found)
        .help("check `kind` and `path` of this layer"));
    }
    let old = std::mem::take(imported);
    imported.crs = old.crs;
    imported.findings = old.findings;
    imported.source = old.source;
    imported.blake3 = old.blake3;
    match kind {
        LayerKind::Buildings => {
            imported.buildings = old.buildings;
            imported.footprints = old.footprints;
            imported.ground_plane_m = old.ground_plane_m;
        }
        LayerKind::Terrain => imported.terrain = old.terrain,
        LayerKind::Trees => imported.trees = old.trees,
        LayerKind::Streets => imported.streets = old.streets,
        LayerKind::LandCover => imported.land_cover = old.land_cover,
    }
    Ok(())
}

fn kind_name(kind: LayerKind) -> &'static str {
    match kind {
        LayerKind::Buildings => "buildings",
        LayerKind::Terrain => "terrain heights",
        LayerKind::Trees => "trees",
        LayerKind::Streets => "streets",
        LayerKind::LandCover => "land cover",
    }
}

fn format_name(format: Format) -> &'static str {
    match format {
        Format::CityGml => "CityGML",
        Format::CityJson => "CityJSON",
        Format::GeoJson => "GeoJSON",
        Format::Gltf => "glTF",
        Format::Obj => "OBJ",
        Format::TreeList => "a list of trees (JSON)",
        Format::TreeTable => "a table of trees",
        Format::Osm => "OpenStreetMap XML",
        Format::GeoTiff => "a raster (GeoTIFF)",
        Format::AsciiGrid => "a raster (ESRI ASCII grid)",
        Format::Points => "points",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_not_the_name() {
        for (bytes, format) in [
            (
                &b"<?xml version=\"1.0\"?>\n<!-- <osm> --><core:CityModel xmlns:core=\"x\">"[..],
                Format::CityGml,
            ),
            (b"<osm version=\"0.6\">", Format::Osm),
            (b"\xFF\xFE<\0C\0i\0t\0y\0M\0", Format::CityGml),
            (
                b"{\"version\":\"2.0\",\"metadata\":{\"type\":\"x\"},\"type\":\"CityJSON\"}",
                Format::CityJson,
            ),
            (
                b"{\"type\":\"CityJSON\"}\n{\"type\":\"CityJSONFeature\"}",
                Format::CityJson,
            ),
            (
                b"\xEF\xBB\xBF{\"type\" : \"FeatureCollection\"",
                Format::GeoJson,
            ),
            (b"{\"type\":\"HamburgCityCenterTrees\"}", Format::TreeList),
            (b"NCOLS 3\n", Format::AsciiGrid),
            (b"565000.5 5934000.5 3.2\n", Format::Points),
            (b"e,n,z\n1,2,3\n", Format::Points),
            (
                b"id;Rechtswert;Hochwert;Gattung\nA;1;2;Tilia\n",
                Format::TreeTable,
            ),
            (
                b"id,e,n,z_foot_m,height_m,crown_diameter_m\n",
                Format::TreeTable,
            ),
            (b"II*\0\x08\0\0\0", Format::GeoTiff),
            (b"glTF\x02\0\0\0", Format::Gltf),
            (
                b"{\"scene\":0,\"asset\":{\"version\":\"2.0\"}}",
                Format::Gltf,
            ),
            (b"# made by hand\nv 0 0 1.5\n", Format::Obj),
        ] {
            assert_eq!(
                detect(bytes, "f").unwrap(),
                format,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn other_things_are_refused_with_what_is_read() {
        for (bytes, code) in [
            (&b""[..], "empty"),
            (b"  \n", "empty"),
            (b"PK\x03\x04", "unsupported"),
            (b"<html><body>", "wrong-format"),
            (b"{\"a\":{\"type\":\"CityJSON\"}}", "wrong-format"),
            (b"[1,2,3]", "wrong-format"),
            (b"dear reader", "wrong-format"),
            (b"\x89PNG\r\n\x1a\n\0\0", "wrong-format"),
        ] {
            assert_eq!(
                detect(bytes, "f").unwrap_err().code(),
                code,
                "{}",
                String::from_utf8_lossy(bytes)
            );
        }
    }

    #[test]
    fn a_layer_of_the_wrong_kind_is_an_error() {
        let wanted = |kind| Wanted {
            kind: Some(kind),
            ..Wanted::default()
        };
        let points = b"1 1 1\n2 2 2\n3 1 1\n";
        assert_eq!(
            import(points, "p", wanted(LayerKind::Trees))
                .unwrap_err()
                .code(),
            "wrong-format"
        );
        assert!(
            import(points, "p", wanted(LayerKind::Terrain))
                .unwrap()
                .terrain
                .is_some()
        );
        let trees = b"e,n,z_foot_m,height_m,crown_diameter_m\n1,1,1,9,3\n2,2,2,9,3\n3,1,1,9,0\n";
        let ground = import(trees, "t", wanted(LayerKind::Terrain)).unwrap();
        assert!(ground.terrain.is_some() && ground.trees.is_empty());
        assert_eq!(ground.findings[0].code, "terrain-from-trees");
    }

    /// Every file of the formats read here behaves as the manifest says: quickly, and without a panic.
    #[test]
    fn hostile_files_are_survived() {
        let Some(data) = crate::verify::data_root_or_skip("hostile_files_are_survived") else {
            return;
        };
        let folder = data.join("ux/hostile");
        let mut manifest = csv::Reader::from_path(folder.join("manifest.csv")).unwrap();
        let mut checked = 0;
        for row in manifest.records().map(Result::unwrap) {
            let (file, expected) = (&row[0], &row[3]);
            let kind = match file.split('_').next() {
                Some("asc" | "tiff") => LayerKind::Terrain,
                Some("geojson") => LayerKind::Buildings,
                _ => continue,
            };
            checked += 1;
            let bytes = std::fs::read(folder.join(file)).unwrap();
            let wanted = Wanted {
                kind: Some(kind),
                ..Wanted::default()
            };
            let start = std::time::Instant::now();
            let result = import(&bytes, file, wanted);
            assert!(
                start.elapsed().as_secs_f64() < 2.0,
                "{file} took {:?}",
                start.elapsed()
            );
            match (expected, &result) {
                ("reject", Err(error)) => {
                    assert_eq!(error.exit_code(), 65, "{file}");
                    assert!(error.to_string().contains(file), "{file}: {error}");
                }
                ("accept_with_warning", Ok(imported)) => {
                    assert!(!imported.findings.is_empty(), "{file}: no finding");
                }
                ("accept", Ok(imported)) => assert!(imported.findings.is_empty(), "{file}"),
                _ => panic!("{file}: expected {expected}, got {result:?}"),
            }
        }
        assert_eq!(checked, 9);
    }
}
