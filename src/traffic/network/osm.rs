//! Streets for traffic from an OpenStreetMap XML extract, plain or as gzip: which ways cars and buses may use, their lanes, limits, signals,
//! signs and turn restrictions. [`super::from_streets()`] makes the network of them.
//!
//! What is read of a way: `highway`, `oneway`, `junction`, `lanes` with `:forward` and `:backward`, `turn:lanes`, `bus:lanes`, `psv:lanes`,
//! `lanes:bus`, `lanes:psv`, `busway`, `vehicle:lanes` and the like, `maxspeed` and the tags of zones, `access` and its kinds; of a node
//! `highway=traffic_signals`, `stop`, `give_way`, `crossing` (counted only); relations `type=restriction` with a node as `via`.
//! What is not: service ways (yards, driveways, parking places) unless buses use them, conditional tags
//! (`:conditional`), heights, lanes that change along a way, `destination` (through traffic may pass).
//! Source of the tags: <https://wiki.openstreetmap.org/wiki/Lanes>, `Key:oneway`, `Key:maxspeed`, `Key:access`, `Relation:restriction`.

use std::collections::BTreeMap;
use std::path::Path;

use super::osm_tags::{Use, Way};
use super::streets::{Heading, Restriction, Street, StreetNode, Streets};
use crate::city::decode::unpacked;
use crate::city::osm_elements::{Element, Tags, read_elements};
use crate::city::{CityError, CityErrorKind};
use crate::geo::Crs;
use crate::traffic::sumo::{Note, Notes};

/// Why no streets came out of a file.
#[derive(Debug, thiserror::Error)]
pub enum OsmError {
    /// The file is missing, unreadable or no OpenStreetMap extract.
    #[error("{0}")]
    File(#[from] CityError),
    /// The file has no way that cars or buses may use.
    #[error(
        "error[osm::no-streets]: the extract has no street for cars or buses\n  --> {place}\n  expected: ways with `highway=residential` or a higher class and their nodes\n  found: {ways} ways, {left_out} of them with `highway` but not for cars\n  help: get an extract with streets and their nodes (`osmium extract --strategy complete_ways`)"
    )]
    NoStreets {
        /// File.
        place: String,
        /// Ways in it.
        ways: usize,
        /// Ways with `highway` that are left out.
        left_out: usize,
    },
}

impl OsmError {
    /// Stable short name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::NoStreets { .. } => "no-streets",
        }
    }

    /// Exit code of the command line: 66 input missing, 74 input/output, 65 bad input.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::File(error) => error.exit_code(),
            Self::NoStreets { .. } => 65,
        }
    }
}

/// Reads the streets of a file.
pub fn read_osm_streets(path: &Path) -> Result<(Streets, Vec<Note>), OsmError> {
    let place = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| CityError::from_io(place.as_str(), &error))?;
    osm_streets(&bytes, &place)
}

/// A node with what stands on it.
#[derive(Clone, Copy, Debug, Default)]
struct Point {
    lonlat: [f64; 2],
    signal: bool,
    stop: bool,
    give_way: bool,
    facing: Option<Heading>,
}

/// A turn restriction as the file names it.
struct Turn {
    from: String,
    via: i64,
    to: String,
    only: bool,
}

/// Everything that is kept of a file.
#[derive(Default)]
struct Extract {
    points: BTreeMap<i64, Point>,
    ways: Vec<(Way, Vec<i64>)>,
    turns: Vec<Turn>,
    all_ways: usize,
    left_out: usize,
    crossings: usize,
    notes: Notes,
}

/// Streets of the bytes of a file; `place` is its name in messages.
pub fn osm_streets(bytes: &[u8], place: &str) -> Result<(Streets, Vec<Note>), OsmError> {
    let bytes = unpacked(bytes, place)?;
    let mut extract = Extract::default();
    read_elements(&bytes, place, |element| extract.take(element, place))?;
    if extract.ways.is_empty() {
        return Err(OsmError::NoStreets {
            place: place.to_owned(),
            ways: extract.all_ways,
            left_out: extract.left_out,
        });
    }
    extract.into_streets(place)
}

impl Extract {
    fn take(&mut self, element: Element, place: &str) {
        match element {
            Element::Node { id, lonlat, tags } => {
                let point = self.point(lonlat, &tags);
                self.points.insert(id, point);
            }
            Element::Way { id, nodes, tags } => {
                self.all_ways += 1;
                let id = id.unwrap_or_else(|| format!("way-{}", self.all_ways));
                match Way::read(&id, &tags, place, &mut self.notes) {
                    Use::Drive(way) => self.ways.push((*way, nodes)),
                    Use::LeftOut => self.left_out += 1,
                    Use::NoStreet => {}
                }
            }
            Element::Relation { members, tags } => {
                if tags.get("type") != Some("restriction") {
                    return;
                }
                let member = |role: &str, kind: &str| {
                    let found = members.iter().find(|m| m.role == role && m.kind == kind);
                    found.map(|m| m.id.clone())
                };
                let via = member("via", "node").and_then(|id| id.parse().ok());
                let (from, to) = (member("from", "way"), member("to", "way"));
                match (tags.get("restriction"), from, via, to) {
                    (Some(kind), Some(from), Some(via), Some(to))
                        if kind.starts_with("no_") || kind.starts_with("only_") =>
                    {
                        let only = kind.starts_with("only_");
                        self.turns.push(Turn {
                            from,
                            via,
                            to,
                            only,
                        });
                    }
                    _ => {
                        self.notes
                            .add("restriction-left-out", "", place.to_owned(), Vec::new());
                    }
                }
            }
        }
    }

    fn point(&mut self, lonlat: [f64; 2], tags: &Tags) -> Point {
        let kind = tags.get("highway").unwrap_or_default();
        let is = |word: &str| kind.split(';').any(|part| part.trim() == word);
        self.crossings += usize::from(is("crossing"));
        let direction = tags
            .get("traffic_signals:direction")
            .or_else(|| tags.get("direction"));
        Point {
            lonlat,
            // Lights of fire stations are dark until they are needed.
            signal: is("traffic_signals") && tags.get("traffic_signals") != Some("emergency"),
            stop: is("stop"),
            give_way: is("give_way"),
            facing: match direction {
                Some("forward") => Some(Heading::Forward),
                Some("backward") => Some(Heading::Backward),
                _ => None,
            },
        }
    }

    fn into_streets(mut self, place: &str) -> Result<(Streets, Vec<Note>), OsmError> {
        let mut streets = Streets::default();
        let used = || self.ways.iter().flat_map(|(_, nodes)| nodes);
        let known: Vec<[f64; 2]> = used()
            .filter_map(|id| self.points.get(id))
            .map(|point| point.lonlat)
            .collect();
        let Some(first) = known.first() else {
            return Err(OsmError::NoStreets {
                place: place.to_owned(),
                ways: self.all_ways,
                left_out: self.left_out,
            });
        };
        let crs = Crs::utm_at(first[0], first[1]);
        let unusable = |error: &dyn std::fmt::Display| {
            CityError::new(
                CityErrorKind::Crs,
                place,
                "the nodes of the extract lie too far apart for one plane",
            )
            .found(error.to_string())
            .help("cut the extract to one town")
        };
        let projection = crs.projection().map_err(|error| unusable(&error))?;
        let mut number: BTreeMap<i64, u32> = BTreeMap::new();
        let mut metres: Vec<[f64; 2]> = Vec::new();
        let mut missing = 0;
        let mut street_of: BTreeMap<String, u32> = BTreeMap::new();
        for (way, ids) in std::mem::take(&mut self.ways) {
            let mut nodes: Vec<u32> = Vec::new();
            for id in &ids {
                let Some(point) = self.points.get(id) else {
                    missing += 1;
                    continue;
                };
                let index = match number.get(id) {
                    Some(index) => *index,
                    None => {
                        let index = metres.len() as u32;
                        let at = projection
                            .from_lonlat(point.lonlat)
                            .map_err(|error| unusable(&error))?;
                        metres.push(at);
                        streets.nodes.push(StreetNode {
                            id: id.to_string(),
                            position: at,
                            signal: point.signal,
                            stop: point.stop,
                            give_way: point.give_way,
                            facing: point.facing,
                        });
                        number.insert(*id, index);
                        index
                    }
                };
                if nodes.last() != Some(&index) {
                    nodes.push(index);
                }
            }
            if nodes.len() < 2 {
                continue;
            }
            street_of.insert(way.id.clone(), streets.streets.len() as u32);
            streets.streets.push(Street {
                id: way.id,
                name: way.name,
                rank: way.rank,
                nodes,
                forward: way.forward,
                backward: way.backward,
                speed_m_s: way.speed_m_s,
                roundabout: way.roundabout,
            });
        }
        // Whole kilometres before the south-western corner: small numbers in the plane, round ones in the origin.
        let least = |k: usize| metres.iter().map(|p| p[k]).fold(f64::INFINITY, f64::min);
        streets.origin = [0, 1].map(|k| (least(k) / 1000.0).floor() * 1000.0);
        for node in &mut streets.nodes {
            node.position = [0, 1].map(|k| node.position[k] - streets.origin[k]);
        }
        streets.crs = crs.to_string();
        for turn in &self.turns {
            let way = |id: &String| street_of.get(id).copied();
            if let (Some(from), Some(via), Some(to)) = (
                way(&turn.from),
                number.get(&turn.via).copied(),
                way(&turn.to),
            ) {
                streets.restrictions.push(Restriction {
                    from,
                    via,
                    to,
                    only: turn.only,
                });
            }
        }
        let counts = [
            ("ways-left-out", self.left_out),
            ("crossings-left-out", self.crossings),
            ("street-nodes-missing", missing),
        ];
        for (code, count) in counts {
            self.notes.add_sum(code, place, count);
        }
        if streets.streets.is_empty() {
            return Err(OsmError::NoStreets {
                place: place.to_owned(),
                ways: self.all_ways,
                left_out: self.left_out,
            });
        }
        Ok((streets, self.notes.into_list()))
    }
}
