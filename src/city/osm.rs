//! Streets from an OpenStreetMap XML extract (API 0.6): every way with a `highway` tag as a line.
//!
//! Widths come from `width`, else from `lanes`, else stay open (the loader takes what is typical for the class).
//! Source of tags: <https://wiki.openstreetmap.org/wiki/Key:highway>, `Key:width`, `Key:lanes`.

use std::collections::HashMap;

use crate::finding::Finding;
use crate::geo::Crs;

use super::error::CityError;
use super::osm_elements::{Element, read_elements};
use super::raw::{Imported, RawStreet};
use super::terrain_text::source_of;
use super::{LayerKind, LayerSource};

/// Width (m) of one lane where only their number is known: lanes of German town streets are 2.75 to 3.50 m wide (RASt 06).
const LANE_WIDTH_M: f64 = 3.25;

/// Carriageway widths (m) beyond this range are typing errors.
const WIDTHS_M: std::ops::RangeInclusive<f64> = 0.5..=60.0;

/// Width (m) that a street of a class typically has. Own assumptions after the cross-sections of RASt 06; only for drawing.
pub(crate) fn typical_width_m(class: &str) -> f64 {
    match class.trim_end_matches("_link") {
        "motorway" => 11.0,
        "trunk" => 9.0,
        "primary" => 8.0,
        "secondary" => 7.0,
        "tertiary" => 6.5,
        "pedestrian" | "living_street" => 6.0,
        "residential" | "unclassified" | "road" => 5.5,
        "service" => 4.0,
        "track" => 3.0,
        "cycleway" => 2.0,
        "footway" | "path" | "steps" | "bridleway" => 1.5,
        _ => 4.0,
    }
}

/// A way that is being read.
#[derive(Default)]
struct Way {
    id: String,
    nodes: Vec<i64>,
    class: Option<String>,
    name: Option<String>,
    reference: Option<String>,
    width: Option<f64>,
    lanes: Option<f64>,
}

/// Reads the streets of an OpenStreetMap XML file.
pub fn read_osm(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let mut nodes: HashMap<i64, [f64; 2]> = HashMap::new();
    let mut ways: Vec<Way> = Vec::new();
    read_elements(bytes, place, |element| match element {
        Element::Node { id, lonlat, .. } => {
            nodes.insert(id, lonlat);
        }
        Element::Way {
            id,
            nodes: refs,
            tags,
        } => {
            let mut way = Way {
                id: id.unwrap_or_else(|| format!("way-{}", ways.len())),
                nodes: refs,
                ..Way::default()
            };
            for (key, value) in &tags.0 {
                way.tag(key, value);
            }
            ways.push(way);
        }
        Element::Relation { .. } => {}
    })?;
    Ok(streets_of(ways, &nodes, place))
}

impl Way {
    fn tag(&mut self, key: &str, value: &str) {
        match key {
            "highway" => self.class = Some(value.to_owned()),
            "name" => self.name = Some(value.to_owned()),
            "ref" => self.reference = Some(value.to_owned()),
            "width" | "est_width" if self.width.is_none() => self.width = metres(value),
            "lanes" => self.lanes = value.trim().parse().ok(),
            _ => {}
        }
    }
}

/// Length from a tag: `5.5`, `5,5 m`; other units are left alone.
pub(crate) fn metres(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = text
        .strip_suffix('m')
        .unwrap_or(text)
        .trim()
        .replace(',', ".");
    number.parse().ok().filter(|w| WIDTHS_M.contains(w))
}

fn streets_of(ways: Vec<Way>, nodes: &HashMap<i64, [f64; 2]>, place: &str) -> Imported {
    let mut streets = Vec::new();
    let mut cut = 0u64;
    for way in ways {
        let Some(class) = way.class else {
            continue;
        };
        let line: Vec<[f64; 2]> = way
            .nodes
            .iter()
            .filter_map(|id| nodes.get(id).copied())
            .collect();
        if line.len() < way.nodes.len() {
            cut += 1;
        }
        if line.len() < 2 {
            continue;
        }
        let lanes_m = way
            .lanes
            .map(|n| n * LANE_WIDTH_M)
            .filter(|w| WIDTHS_M.contains(w));
        streets.push(RawStreet {
            id: way.id,
            class,
            name: way.name.or(way.reference),
            width_m: way.width.or(lanes_m),
            line,
        });
    }
    let mut findings = Vec::new();
    if cut > 0 {
        findings.push(
            Finding::info("street-nodes-missing")
                .place(place)
                .arg("count", cut),
        );
    }
    Imported {
        crs: Some(Crs::wgs84()),
        source: Some(street_source("OpenStreetMap XML", streets.len())),
        streets,
        findings,
        ..Imported::default()
    }
}

pub(crate) fn street_source(format: &str, objects: usize) -> LayerSource {
    LayerSource {
        layer: LayerKind::Streets,
        ..source_of(format, objects)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"<?xml version="1.0"?><osm version="0.6">
      <node id="1" lon="9.99" lat="53.55"/><node id="2" lon="10.0" lat="53.56"><tag k="highway" v="crossing"/></node>
      <way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="Gro&#223;e &amp; Kleine Stra&#xDF;e"/>
        <tag k="width" v="5,5 m"/><tag k="lanes" v="2"/></way>
      <way id="8"><nd ref="1"/><nd ref="2"/><nd ref="99"/><tag k="highway" v="primary"/><tag k="lanes" v="3"/></way>
      <way id="9"><nd ref="1"/><nd ref="2"/><tag k="building" v="yes"/></way></osm>"#;

    #[test]
    fn ways_with_highway_become_streets() {
        let imported = read_osm(SMALL.as_bytes(), "s.osm").unwrap();
        let streets = &imported.streets;
        assert_eq!(streets.len(), 2);
        assert_eq!(streets[0].name.as_deref(), Some("Große & Kleine Straße"));
        assert_eq!(
            (streets[0].width_m, streets[1].width_m),
            (Some(5.5), Some(9.75))
        );
        assert_eq!(streets[0].line, [[9.99, 53.55], [10.0, 53.56]]);
        assert_eq!(imported.findings[0].code, "street-nodes-missing");
    }

    #[test]
    fn damaged_and_hostile_files_are_refused() {
        let deep = format!("<osm>{}", "<a>".repeat(1000));
        for (text, code) in [
            (&SMALL[..SMALL.len() - 20], "truncated"),
            ("<osm><node></osm>", "syntax"),
            ("<html><body>404</body></html>", "wrong-format"),
            ("<!DOCTYPE osm [<!ENTITY a \"b\">]><osm/>", "document-type"),
            (deep.as_str(), "too-deep"),
            ("", "truncated"),
        ] {
            assert_eq!(
                read_osm(text.as_bytes(), "s.osm").unwrap_err().code(),
                code,
                "{text:.40}"
            );
        }
    }

    #[test]
    fn every_street_of_the_hamburg_extract_is_read() {
        let Some(data) =
            crate::verify::data_root_or_skip("every_street_of_the_hamburg_extract_is_read")
        else {
            return;
        };
        let bytes = std::fs::read(data.join("city/hamburg/hamburg-city-center-roads.osm")).unwrap();
        let imported = read_osm(&bytes, "roads.osm").unwrap();
        // `highway_ways` of expected_cityjson.json.
        assert_eq!(imported.streets.len(), 1624);
        assert!(
            imported
                .streets
                .iter()
                .any(|s| s.name.as_deref() == Some("Jungfernstieg"))
        );
    }
}
