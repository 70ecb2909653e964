//! A small pull reader for namespaced XML on top of quick-xml: element by element, without a tree, with a depth cap.
//!
//! Document types are refused (they can expand to gigabytes or read other files). Names are matched by the namespace they
//! resolve to, never by prefix.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::IllFormedError;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, BytesText, Event};

use super::decode::{LineCounter, MAX_DEPTH, line_of};
use super::error::{CityError, CityErrorKind};

/// The namespaces that matter, as families over their versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// CityGML 1.0 or 2.0, any module.
    CityGml,
    /// CityGML 3.0, any module.
    CityGml3,
    /// GML 3.1 or 3.2.
    Gml,
    /// Postal addresses (xAL).
    Xal,
    /// Anything else.
    Other,
}

impl Space {
    fn of(uri: &[u8]) -> Self {
        if let Some(module) = uri.strip_prefix(b"http://www.opengis.net/citygml/") {
            if module.ends_with(b"3.0") {
                Self::CityGml3
            } else {
                Self::CityGml
            }
        } else if uri == b"http://www.opengis.net/gml" || uri == b"http://www.opengis.net/gml/3.2" {
            Self::Gml
        } else if uri.starts_with(b"urn:oasis:names:tc:ciq:xsdschema:xAL") {
            Self::Xal
        } else {
            Self::Other
        }
    }
}

/// An opened element.
pub struct Tag<'a> {
    start: BytesStart<'a>,
    /// Namespace.
    pub space: Space,
}

impl Tag<'_> {
    /// Name without prefix.
    pub fn local(&self) -> &[u8] {
        self.start.local_name().into_inner()
    }

    /// Name without prefix, for messages.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(self.local()).into_owned()
    }

    /// Calls `each` with the local name and the value of every attribute. Malformed attributes are passed over.
    pub fn attributes(&self, mut each: impl FnMut(&[u8], Cow<str>)) {
        if self.start.attributes_raw().is_empty() {
            return;
        }
        for attribute in self.start.attributes().with_checks(false).flatten() {
            let value = std::str::from_utf8(&attribute.value).unwrap_or_default();
            if let Ok(value) = unescape(value) {
                each(attribute.key.local_name().into_inner(), value);
            }
        }
    }

    /// The attribute with a local name.
    pub fn attribute(&self, local: &[u8]) -> Option<String> {
        let mut found = None;
        self.attributes(|name, value| {
            if name == local {
                found = Some(value.into_owned());
            }
        });
        found
    }
}

enum Node<'a> {
    Open(Tag<'a>),
    Close,
    Text(BytesText<'a>),
    Literal(Cow<'a, str>),
}

struct Prefix {
    depth: usize,
    name: Vec<u8>,
    space: Space,
}

/// Position in an XML text.
pub struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    place: &'a str,
    depth: usize,
    prefixes: Vec<Prefix>,
    lines: LineCounter,
}

impl<'a> Xml<'a> {
    /// Starts at the beginning of a text; `place` names the file in messages.
    pub fn new(text: &'a str, place: &'a str) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            text,
            place,
            depth: 0,
            prefixes: Vec::new(),
            lines: LineCounter::default(),
        }
    }

    /// `file:line` of the last event.
    pub fn here(&mut self) -> String {
        let position = self.reader.buffer_position() as usize;
        let line = self.lines.line(self.text.as_bytes(), position);
        format!("{}:{line}", self.place)
    }

    /// The root element.
    pub fn root(&mut self) -> Result<Tag<'a>, CityError> {
        loop {
            if let Node::Open(tag) = self.next()? {
                return Ok(tag);
            }
        }
    }

    /// Calls `each` for every child of the open element until it closes. `each` may read the child or leave it; what it
    /// leaves is skipped.
    pub fn children(
        &mut self,
        mut each: impl FnMut(&mut Self, &Tag<'a>) -> Result<(), CityError>,
    ) -> Result<(), CityError> {
        let depth = self.depth;
        loop {
            match self.next()? {
                Node::Open(tag) => {
                    each(self, &tag)?;
                    while self.depth > depth {
                        self.next()?;
                    }
                }
                Node::Close => return Ok(()),
                Node::Text(_) | Node::Literal(_) => {}
            }
        }
    }

    /// Calls `each` for every run of text directly in the open element, until it closes. Runs are split at comments and
    /// entities.
    pub fn texts(&mut self, mut each: impl FnMut(&str)) -> Result<(), CityError> {
        let depth = self.depth;
        loop {
            match self.next()? {
                Node::Open(_) => {
                    while self.depth > depth {
                        self.next()?;
                    }
                }
                Node::Close => return Ok(()),
                // The whole file was checked to be UTF-8, so that decoding cannot fail.
                Node::Text(text) => each(&text.decode().unwrap_or_default()),
                Node::Literal(text) => each(&text),
            }
        }
    }

    /// The text of the open element, until it closes.
    pub fn text(&mut self) -> Result<String, CityError> {
        let mut whole = String::new();
        self.texts(|run| whole.push_str(run))?;
        Ok(whole)
    }

    fn next(&mut self) -> Result<Node<'a>, CityError> {
        loop {
            match self.reader.read_event() {
                Ok(Event::Start(start)) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(self
                            .error(CityErrorKind::TooDeep, "the elements are nested too deeply")
                            .expected(format!("at most {MAX_DEPTH} levels")));
                    }
                    let space = self.enter(&start);
                    return Ok(Node::Open(Tag { start, space }));
                }
                Ok(Event::End(_)) => {
                    while self.prefixes.last().is_some_and(|p| p.depth == self.depth) {
                        self.prefixes.pop();
                    }
                    // quick-xml has checked that this closes an open element.
                    self.depth -= 1;
                    return Ok(Node::Close);
                }
                Ok(Event::Text(text)) => return Ok(Node::Text(text)),
                Ok(Event::CData(data)) => {
                    return Ok(Node::Literal(data.decode().unwrap_or_default()));
                }
                Ok(Event::GeneralRef(entity)) => {
                    let literal = match entity.resolve_char_ref() {
                        Ok(Some(character)) => character.to_string(),
                        _ => match &*entity.decode().unwrap_or_default() {
                            "lt" => "<".to_owned(),
                            "gt" => ">".to_owned(),
                            "amp" => "&".to_owned(),
                            "apos" => "'".to_owned(),
                            "quot" => "\"".to_owned(),
                            other => format!("&{other};"),
                        },
                    };
                    return Ok(Node::Literal(Cow::Owned(literal)));
                }
                Ok(Event::DocType(kind)) => return Err(self.document_type(&kind)),
                Ok(Event::Eof) => return Err(self.unexpected_end()),
                Ok(Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    fn enter(&mut self, start: &BytesStart) -> Space {
        let raw = start.attributes_raw();
        if raw.windows(5).any(|w| w == b"xmlns") {
            for attribute in start.attributes().with_checks(false).flatten() {
                let name = match attribute.key.as_ref() {
                    b"xmlns" => b"",
                    key => match key.strip_prefix(b"xmlns:") {
                        Some(prefix) => prefix,
                        None => continue,
                    },
                };
                self.prefixes.push(Prefix {
                    depth: self.depth,
                    name: name.to_vec(),
                    space: Space::of(&attribute.value),
                });
            }
        }
        let name = start.name();
        let prefix = name.prefix();
        let prefix = prefix.as_ref().map_or(&b""[..], |p| p.as_ref());
        self.prefixes
            .iter()
            .rev()
            .find(|p| p.name == prefix)
            .map_or(Space::Other, |p| p.space)
    }

    fn error(&mut self, kind: CityErrorKind, what: &str) -> CityError {
        CityError::new(kind, self.here(), what)
    }

    fn document_type(&mut self, kind: &BytesText) -> CityError {
        let kind = kind.decode().unwrap_or_default();
        if kind.trim().to_ascii_lowercase().starts_with("html") {
            return not_citygml(
                self.place,
                "an HTML page, perhaps the error page of a server",
            )
            .help("open the download link in a browser and save the data themselves");
        }
        self.error(
            CityErrorKind::DocumentType,
            "the file has a document type definition (DOCTYPE), which is not read",
        )
        .expected("XML without DOCTYPE, as the CityGML standard has it")
        .help("remove the DOCTYPE and the entities it defines")
    }

    fn unexpected_end(&mut self) -> CityError {
        let found = format!("the end of the file at byte {}", self.text.len());
        let error = if self.depth == 0 {
            not_citygml(self.place, "a file without elements")
        } else {
            self.error(CityErrorKind::Truncated, "the file is cut off")
                .found(found)
        };
        error
            .expected("</CityModel> as the last element")
            .help("download or export the file again")
    }

    fn broken(&mut self, error: &quick_xml::Error) -> CityError {
        let position = self.reader.error_position() as usize;
        let line = line_of(self.text.as_bytes(), position);
        let kind = match error {
            quick_xml::Error::Syntax(_)
            | quick_xml::Error::IllFormed(IllFormedError::MissingEndTag(_)) => {
                CityErrorKind::Truncated
            }
            _ => CityErrorKind::Syntax,
        };
        let what = if kind == CityErrorKind::Truncated {
            "the file is cut off"
        } else {
            "the file is not well-formed XML"
        };
        CityError::new(kind, format!("{}:{line}", self.place), what)
            .found(format!("{error} (byte {position})"))
            .help("download or export the file again")
    }
}

/// The error for a file that is something else.
pub fn not_citygml(place: &str, found: &str) -> CityError {
    CityError::new(
        CityErrorKind::WrongFormat,
        place,
        "the file is not a CityGML file",
    )
    .expected("CityGML 1.0 or 2.0 with the root element CityModel")
    .found(found)
}
