//! The files of the sample city, in standard formats, each with origin, licence and date.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{DATE, GENERATOR, LICENCE, SampleCity, SampleParams, draft, generate};
use crate::city::LandCoverKind;
use crate::city::geotiff::write_geotiff;
use crate::geo::{Crs, Grid, LocalFrame};

/// Names of the files that [`write_sample`] makes.
pub const FILES: [&str; 6] = [
    "buildings.city.json",
    "terrain.tif",
    "trees.csv",
    "streets.osm",
    "land-cover.geojson",
    "turm.glb",
];

/// Makes a sample city and writes its files into a folder, which is made if need be. Returns their paths.
pub fn write_sample(dir: &Path, params: &SampleParams) -> io::Result<Vec<PathBuf>> {
    let city = generate(params);
    std::fs::create_dir_all(dir)?;
    let paths: Vec<PathBuf> = FILES.iter().map(|name| dir.join(name)).collect();
    let file = |i: usize| File::create(&paths[i]).map(BufWriter::new);
    let mut buildings = file(0)?;
    write_buildings(&mut buildings, &city)?;
    buildings.flush()?;
    let mut terrain = file(1)?;
    write_terrain(&mut terrain, &city)?;
    terrain.flush()?;
    let mut trees = file(2)?;
    write_trees(&mut trees, &city)?;
    trees.flush()?;
    let mut streets = file(3)?;
    write_streets(&mut streets, &city)?;
    streets.flush()?;
    let mut cover = file(4)?;
    write_land_cover(&mut cover, &city)?;
    cover.flush()?;
    std::fs::write(&paths[5], draft::glb())?;
    Ok(paths)
}

fn frame() -> LocalFrame {
    LocalFrame::near(Crs::utm32(), super::ORIGIN[0], super::ORIGIN[1])
}

fn lonlat(place: [f64; 2]) -> io::Result<[f64; 2]> {
    Crs::utm32()
        .to_lonlat(place[0], place[1])
        .map_err(|error| io::Error::other(error.to_string()))
}

/// CityJSON 2.0, millimetres.
fn write_buildings(out: &mut impl Write, city: &SampleCity) -> io::Result<()> {
    writeln!(
        out,
        r#"{{"type":"CityJSON","version":"2.0","transform":{{"scale":[0.001,0.001,0.001],"translate":[{:.1},{:.1},0.0]}},"#,
        super::ORIGIN[0],
        super::ORIGIN[1]
    )?;
    writeln!(
        out,
        r#""metadata":{{"identifier":"hafenquartier","title":"Hafenquartier","referenceDate":"{DATE}","referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/25832","pointOfContact":{{"contactName":"{GENERATOR}","emailAddress":"","contactType":"organization"}}}},"#
    )?;
    writeln!(out, r#""CityObjects":{{"#)?;
    let mut vertices: Vec<[i64; 3]> = Vec::new();
    let mut line = String::new();
    for (b, building) in city.buildings.iter().enumerate() {
        line.clear();
        let several = building.shells.len() > 1;
        let part_id = |i: usize| format!("{}-{}", building.id, i + 1);
        let a = &building.attributes;
        let _ = write!(
            line,
            r#""{}":{{"type":"Building","attributes":{{"#,
            building.id
        );
        let mut fields: Vec<String> = Vec::new();
        let mut text = |name: &str, value: &Option<String>| {
            if let Some(value) = value {
                fields.push(format!(r#""{name}":"{value}""#));
            }
        };
        text("name", &a.name);
        text("function", &a.function);
        text("roofType", &a.roof_type);
        text("address", &a.address);
        if let Some(storeys) = a.storeys {
            fields.push(format!(r#""storeysAboveGround":{storeys}"#));
        }
        if let Some(year) = a.year {
            fields.push(format!(r#""yearOfConstruction":{year}"#));
        }
        if let Some(height) = a.measured_height_m {
            fields.push(format!(r#""measuredHeight":{height}"#));
        }
        let _ = write!(line, "{}}}", fields.join(","));
        if several {
            let parts: Vec<String> = (0..building.shells.len())
                .map(|i| format!(r#""{}""#, part_id(i)))
                .collect();
            let _ = write!(line, r#","children":[{}]}}"#, parts.join(","));
        }
        for (i, shell) in building.shells.iter().enumerate() {
            if several {
                let _ = write!(
                    line,
                    ",\n\"{}\":{{\"type\":\"BuildingPart\",\"parents\":[\"{}\"]",
                    part_id(i),
                    building.id
                );
            }
            let first = vertices.len();
            vertices.extend(shell.vertices.iter().map(|v| {
                [v[0] - super::ORIGIN[0], v[1] - super::ORIGIN[1], v[2]]
                    .map(|x| (x * 1000.0).round() as i64)
            }));
            let ring = |ring: &[u16]| {
                let indices: Vec<String> = ring
                    .iter()
                    .map(|&v| (first + v as usize).to_string())
                    .collect();
                format!("[{}]", indices.join(","))
            };
            let faces: Vec<String> = shell
                .faces
                .iter()
                .map(|f| {
                    let rings: Vec<String> = std::iter::once(&f.ring)
                        .chain(&f.holes)
                        .map(|r| ring(r))
                        .collect();
                    format!("[{}]", rings.join(","))
                })
                .collect();
            let kinds: Vec<String> = shell
                .faces
                .iter()
                .map(|f| match f.kind {
                    crate::city::SurfaceKind::Ground => "0",
                    crate::city::SurfaceKind::Roof => "1",
                    crate::city::SurfaceKind::Wall => "2",
                    crate::city::SurfaceKind::Closure => "3",
                })
                .map(str::to_owned)
                .collect();
            let _ = write!(
                line,
                r#","geometry":[{{"type":"Solid","lod":"2","boundaries":[[{}]],"semantics":{{"surfaces":[{{"type":"GroundSurface"}},{{"type":"RoofSurface"}},{{"type":"WallSurface"}},{{"type":"ClosureSurface"}}],"values":[[{}]]}}}}]}}"#,
                faces.join(","),
                kinds.join(",")
            );
        }
        let end = if b + 1 < city.buildings.len() {
            ","
        } else {
            ""
        };
        writeln!(out, "{line}{end}")?;
    }
    write!(out, "}},\n\"vertices\":[")?;
    for (i, v) in vertices.iter().enumerate() {
        let comma = if i > 0 { "," } else { "" };
        write!(out, "{comma}[{},{},{}]", v[0], v[1], v[2])?;
    }
    writeln!(out, "]}}")
}

/// GeoTIFF.
fn write_terrain(out: &mut (impl Write + io::Seek), city: &SampleCity) -> io::Result<()> {
    let terrain = &city.terrain;
    let frame = frame();
    let grid = Grid {
        west: terrain.west - frame.origin_easting,
        north: terrain.north - frame.origin_northing,
        cell_m: terrain.cell_m,
        cols: terrain.cols,
        rows: terrain.heights.len() / terrain.cols.max(1),
    };
    write_geotiff(out, &frame, &grid, &terrain.heights)
}

/// CSV with easting and northing.
fn write_trees(out: &mut impl Write, city: &SampleCity) -> io::Result<()> {
    writeln!(out, "id,easting,northing,height_m,crown_diameter_m,genus")?;
    for tree in &city.trees {
        writeln!(
            out,
            "{},{:.2},{:.2},{:.1},{:.1},{}",
            tree.id,
            tree.position[0],
            tree.position[1],
            tree.height_m,
            tree.crown_diameter_m,
            tree.genus.as_deref().unwrap_or_default()
        )?;
    }
    Ok(())
}

/// OSM XML 0.6: a node per bend; lines that meet share their nodes.
fn write_streets(out: &mut impl Write, city: &SampleCity) -> io::Result<()> {
    let mut numbers = std::collections::BTreeMap::new();
    let mut nodes: Vec<[f64; 2]> = Vec::new();
    let key = |p: &[f64; 2]| p.map(|c| (c * 1000.0).round() as i64);
    for street in &city.streets {
        for p in &street.line {
            numbers.entry(key(p)).or_insert_with(|| {
                nodes.push(*p);
                nodes.len()
            });
        }
    }
    let stamp = format!(r#"version="1" timestamp="{DATE}T00:00:00Z""#);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<osm version="0.6" generator="{GENERATOR}" copyright="Planspiel" license="https://creativecommons.org/publicdomain/zero/1.0/">"#
    )?;
    for (i, p) in nodes.iter().enumerate() {
        let [lon, lat] = lonlat(*p)?;
        writeln!(
            out,
            r#"<node id="{}" {stamp} lat="{lat:.8}" lon="{lon:.8}"/>"#,
            i + 1
        )?;
    }
    for street in &city.streets {
        writeln!(out, r#"<way id="{}" {stamp}>"#, street.id)?;
        for p in &street.line {
            writeln!(out, r#"<nd ref="{}"/>"#, numbers[&key(p)])?;
        }
        let mut tag = |k: &str, v: &str| writeln!(out, r#"<tag k="{k}" v="{v}"/>"#);
        tag("highway", &street.class)?;
        if let Some(name) = &street.name {
            tag("name", name)?;
            if name.ends_with("brücke") || name.ends_with("steg") && street.line.len() == 2 {
                tag("bridge", "yes")?;
                tag("layer", "1")?;
            }
        }
        if let Some(width) = street.width_m {
            tag("width", &width.to_string())?;
        }
        match street.class.as_str() {
            "primary" | "secondary" => tag("maxspeed", "50")?,
            "residential" => tag("maxspeed", "30")?,
            _ => {}
        }
        writeln!(out, "</way>")?;
    }
    writeln!(out, "</osm>")
}

/// GeoJSON (RFC 7946: longitude, latitude).
fn write_land_cover(out: &mut impl Write, city: &SampleCity) -> io::Result<()> {
    writeln!(
        out,
        r#"{{"type":"FeatureCollection","name":"Hafenquartier","generator":"{GENERATOR}","license":"{LICENCE}","date":"{DATE}","features":["#
    )?;
    for (i, patch) in city.land_cover.iter().enumerate() {
        let mut rings = Vec::new();
        for ring in &patch.rings {
            let mut points = Vec::new();
            for p in ring.iter().chain(ring.first()) {
                let [lon, lat] = lonlat(*p)?;
                points.push(format!("[{lon:.8},{lat:.8}]"));
            }
            rings.push(format!("[{}]", points.join(",")));
        }
        let end = if i + 1 < city.land_cover.len() {
            ","
        } else {
            ""
        };
        writeln!(
            out,
            r#"{{"type":"Feature","id":"{}","properties":{{"class":"{}"}},"geometry":{{"type":"Polygon","coordinates":[{}]}}}}{end}"#,
            patch.id,
            cover_name(patch.kind),
            rings.join(",")
        )?;
    }
    writeln!(out, "]}}")
}

fn cover_name(kind: LandCoverKind) -> &'static str {
    match kind {
        LandCoverKind::Water => "water",
        LandCoverKind::Green => "green",
        LandCoverKind::Paved => "paved",
        LandCoverKind::Street => "street",
        LandCoverKind::Railway => "railway",
        LandCoverKind::Other => "other",
    }
}
