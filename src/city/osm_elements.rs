//! Elements of an OpenStreetMap XML file (API 0.6), one after the other: nodes, ways, relations, each with its tags.
//!
//! What an element means is the caller's: [`super::osm`] makes lines for the map of it, the import of traffic makes lanes.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::error::{CityError, CityErrorKind};

/// Elements nested deeper than this are an attack, not a map.
const MAX_DEPTH: usize = 256;

/// Tags of an element, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tags(pub Vec<(String, String)>);

impl Tags {
    /// Value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

/// A member of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// `node`, `way` or `relation`.
    pub kind: String,
    /// Id of the member.
    pub id: String,
    /// Role.
    pub role: String,
}

/// A complete element.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Element {
    /// A node with a place.
    Node {
        /// Id.
        id: i64,
        /// Longitude and latitude (degrees).
        lonlat: [f64; 2],
        /// Tags.
        tags: Tags,
    },
    /// A way.
    Way {
        /// Id as written; `None` without one.
        id: Option<String>,
        /// Ids of its nodes.
        nodes: Vec<i64>,
        /// Tags.
        tags: Tags,
    },
    /// A relation.
    Relation {
        /// Members.
        members: Vec<Member>,
        /// Tags.
        tags: Tags,
    },
}

impl Element {
    fn tags(&mut self) -> &mut Tags {
        match self {
            Self::Node { tags, .. } | Self::Way { tags, .. } | Self::Relation { tags, .. } => tags,
        }
    }

    fn name(&self) -> &'static [u8] {
        match self {
            Self::Node { .. } => b"node",
            Self::Way { .. } => b"way",
            Self::Relation { .. } => b"relation",
        }
    }
}

/// Reads a file and hands over each element when it is complete. Nodes without a number as id or without a place on the globe are
/// left out; what refers to them finds nothing.
pub(crate) fn read_elements(
    bytes: &[u8],
    place: &str,
    mut visit: impl FnMut(Element),
) -> Result<(), CityError> {
    let mut reader = Reader::from_reader(bytes);
    let mut open: Option<Element> = None;
    let mut depth = 0usize;
    let mut root_seen = false;
    let mut root_closed = false;
    loop {
        let position = reader.buffer_position();
        let event = reader
            .read_event()
            .map_err(|error| xml_fault(bytes, position, place, &error))?;
        let (element, is_empty) = match &event {
            Event::Start(element) => {
                depth += 1;
                (element, false)
            }
            Event::Empty(element) => (element, true),
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                root_closed = depth == 0;
                if open
                    .as_ref()
                    .is_some_and(|open| open.name() == end.name().as_ref())
                    && let Some(complete) = open.take()
                {
                    visit(complete);
                }
                continue;
            }
            Event::DocType(_) => {
                return Err(CityError::new(
                    CityErrorKind::DocumentType,
                    place,
                    "the file has a document type definition",
                )
                .expected("OpenStreetMap XML without <!DOCTYPE>")
                .help("such definitions can hide attacks and are never read; remove it"));
            }
            Event::Eof => break,
            _ => continue,
        };
        if depth > MAX_DEPTH {
            return Err(CityError::new(
                CityErrorKind::TooDeep,
                place,
                "the file is nested too deeply",
            )
            .expected(format!("at most {MAX_DEPTH} levels")));
        }
        let name = element.name();
        if !root_seen {
            if name.as_ref() != b"osm" {
                return Err(CityError::new(
                    CityErrorKind::WrongFormat,
                    place,
                    "the file is no OpenStreetMap extract",
                )
                .expected("<osm>")
                .found(format!("<{}>", String::from_utf8_lossy(name.as_ref()))));
            }
            root_seen = true;
        }
        let text = |key: &str| attribute(&reader, element, key);
        let begun = match name.as_ref() {
            b"node" => {
                let number = |key: &str| text(key).and_then(|t| t.parse::<f64>().ok());
                let id = text("id").and_then(|t| t.parse::<i64>().ok());
                match (id, number("lon"), number("lat")) {
                    (Some(id), Some(lon), Some(lat)) if lon.abs() <= 180.0 && lat.abs() <= 90.0 => {
                        Some(Element::Node {
                            id,
                            lonlat: [lon, lat],
                            tags: Tags::default(),
                        })
                    }
                    _ => None,
                }
            }
            b"way" => Some(Element::Way {
                id: text("id"),
                nodes: Vec::new(),
                tags: Tags::default(),
            }),
            b"relation" => Some(Element::Relation {
                members: Vec::new(),
                tags: Tags::default(),
            }),
            b"nd" => {
                if let (Some(Element::Way { nodes, .. }), Some(id)) =
                    (&mut open, text("ref").and_then(|t| t.parse().ok()))
                {
                    nodes.push(id);
                }
                None
            }
            b"member" => {
                if let (Some(Element::Relation { members, .. }), Some(kind), Some(id)) =
                    (&mut open, text("type"), text("ref"))
                {
                    let role = text("role").unwrap_or_default();
                    members.push(Member { kind, id, role });
                }
                None
            }
            b"tag" => {
                if let (Some(open), Some(key), Some(value)) = (&mut open, text("k"), text("v")) {
                    open.tags().0.push((key, value));
                }
                None
            }
            _ => None,
        };
        match begun {
            Some(complete) if is_empty => visit(complete),
            Some(begun) => open = Some(begun),
            None => {}
        }
    }
    if !root_closed {
        return Err(
            CityError::new(CityErrorKind::Truncated, place, "the file ends too early")
                .expected("</osm>")
                .help("the file is cut off; get it again"),
        );
    }
    Ok(())
}

fn xml_fault(bytes: &[u8], position: u64, place: &str, error: &quick_xml::Error) -> CityError {
    let before = bytes.get(..position as usize).unwrap_or(bytes);
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    // Markup that is opened and never closed: the file ended inside of it.
    let (kind, what) = if matches!(error, quick_xml::Error::Syntax(_)) {
        (CityErrorKind::Truncated, "the file ends too early")
    } else {
        (CityErrorKind::Syntax, "the XML is damaged")
    };
    CityError::new(kind, format!("{place}:{line}"), what)
        .found(error.to_string())
        .help("the file is cut off or was changed by hand; get it again")
}

fn attribute(reader: &Reader<&[u8]>, element: &BytesStart<'_>, key: &str) -> Option<String> {
    let found = element.try_get_attribute(key).ok().flatten()?;
    found
        .decoded_and_normalized_value(XmlVersion::Implicit1_0, reader.decoder())
        .ok()
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_ways_and_relations_come_with_their_tags_and_in_order() {
        let text = r#"<osm version="0.6"><node id="1" lon="9.9" lat="53.5"><tag k="highway" v="traffic_signals"/></node>
          <node id="2" lon="9.8" lat="95"/><node id="3" lon="9.8" lat="53"/>
          <way id="7"><nd ref="1"/><nd ref="3"/><tag k="name" v="A &amp; B"/></way>
          <relation id="9"><member type="way" ref="7" role="from"/><tag k="restriction" v="no_left_turn"/></relation></osm>"#;
        let mut found = Vec::new();
        read_elements(text.as_bytes(), "a.osm", |element| found.push(element)).unwrap();
        assert_eq!(found.len(), 4, "the node off the globe is left out");
        assert!(
            matches!(&found[0], Element::Node { id: 1, tags, .. } if tags.get("highway") == Some("traffic_signals"))
        );
        assert!(
            matches!(&found[2], Element::Way { id: Some(id), nodes, tags } if id == "7" && nodes == &[1, 3] && tags.get("name") == Some("A & B"))
        );
        assert!(
            matches!(&found[3], Element::Relation { members, .. } if members[0].role == "from" && members[0].id == "7")
        );
    }
}
