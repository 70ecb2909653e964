//! The files of the sample city, in standard formats, each with origin, licence and date.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::{DATE, GENERATOR, LICENCE, SampleBuilding, SampleCity, SampleParams, draft, generate};
use crate::city::LandCoverKind;
use crate::city::cityjson::{Head, write_cityjson};
use crate::city::geotiff::write_geotiff;
use crate::city::raw::RawBuilding;
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

/// CityJSON 2.0.
fn write_buildings(out: &mut dyn Write, city: &SampleCity) -> io::Result<()> {
    let head = Head {
        title: "Hafenquartier".to_owned(),
        reference_date: Some(DATE.to_owned()),
        origin: Some(GENERATOR.to_owned()),
        licence: Some(LICENCE.to_owned()),
    };
    let buildings: Vec<RawBuilding> = city.buildings.iter().map(SampleBuilding::to_raw).collect();
    write_cityjson(out, &Crs::utm32(), &head, &buildings, &[], 0.0)
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

/// CSV with longitude and latitude, which say their CRS by their names.
fn write_trees(out: &mut impl Write, city: &SampleCity) -> io::Result<()> {
    writeln!(out, "# Hafenquartier: {GENERATOR}, {LICENCE}, {DATE}")?;
    writeln!(out, "id,longitude,latitude,height_m,crown_diameter_m,genus")?;
    for tree in &city.trees {
        let [lon, lat] = lonlat(tree.position)?;
        writeln!(
            out,
            "{},{lon:.8},{lat:.8},{:.1},{:.1},{}",
            tree.id,
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
            r#"{{"type":"Feature","id":"{}","properties":{{"kind":"{}"}},"geometry":{{"type":"Polygon","coordinates":[{}]}}}}{end}"#,
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
