//! SUMO's files as text and as elements: gzip by its first bytes, UTF-8 or Latin-1, then one element below the root at a time with
//! its children and the line where it begins.
//!
//! Document types are refused (they can expand to gigabytes or read other files). Namespaces play no part: SUMO uses none.

use std::borrow::Cow;
use std::io::Read as _;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::errors::{Error as XmlError, IllFormedError};
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use super::error::{Fault, SumoError};

/// Largest unpacked file: a network of a whole country has some 2 GiB.
const MAX_BYTES: u64 = 4 << 30;

/// Elements within elements; SUMO's own files reach 4.
const MAX_DEPTH: usize = 32;

/// A file as text.
#[derive(Debug)]
pub(super) struct Source {
    /// Name in messages: the file's own, without the folder.
    pub name: String,
    /// Content.
    pub text: String,
}

impl Source {
    /// Reads and unpacks a file; `named_by` is the place that names it.
    pub(super) fn read(path: &Path, named_by: Option<&str>) -> Result<Self, SumoError> {
        let bytes =
            std::fs::read(path).map_err(|error| SumoError::from_io(path, named_by, &error))?;
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        Self::decode(name, bytes)
    }

    /// Unpacks and decodes the bytes of a file.
    pub(super) fn decode(name: String, bytes: Vec<u8>) -> Result<Self, SumoError> {
        let fault = |code, what| SumoError::file(Fault::new(code, name.as_str(), what));
        if bytes.is_empty() {
            return Err(fault("empty", format!("the file `{name}` is empty")));
        }
        let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .take(MAX_BYTES + 1)
                .read_to_end(&mut plain)
                .map_err(|error| {
                    SumoError::file(
                        Fault::new(
                            "gzip",
                            name.as_str(),
                            format!("the file `{name}` begins as gzip and cannot be unpacked"),
                        )
                        .found(error.to_string())
                        .help("copy the file again, it was probably cut off"),
                    )
                })?;
            plain
        } else {
            bytes
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(fault(
                "too-large",
                format!("the file `{name}` has more than {MAX_BYTES} bytes when unpacked"),
            ));
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if is_latin_1(error.as_bytes()) => {
                error.as_bytes().iter().copied().map(char::from).collect()
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = 1 + count_lines(&error.as_bytes()[..at]);
                return Err(SumoError::file(
                    Fault::new(
                        "encoding",
                        format!("{name}:{line}"),
                        format!("the file `{name}` has bytes that are not UTF-8"),
                    )
                    .expected("UTF-8, or a declaration of ISO-8859-1")
                    .help("save the file as UTF-8"),
                ));
            }
        };
        Ok(Self { name, text })
    }

    /// `file:line`.
    pub(super) fn place(&self, line: u32) -> String {
        format!("{}:{line}", self.name)
    }

    /// Calls `each` for every element directly below the root, in order, and returns the root without its children.
    pub(super) fn elements<'a>(
        &'a self,
        mut each: impl FnMut(Element<'a>) -> Result<(), SumoError>,
    ) -> Result<Element<'a>, SumoError> {
        let mut reader = Reader::from_str(&self.text);
        let mut line = LineCounter::default();
        let mut root: Option<Element> = None;
        // Elements that are open below the root, outermost first.
        let mut open: Vec<Element> = Vec::new();
        let mut inside = false;
        loop {
            let from = reader.buffer_position() as usize;
            let event = reader.read_event().map_err(|error| {
                let at = (reader.error_position() as usize).min(self.text.len());
                self.syntax(line.at(&self.text, at), &error)
            })?;
            let to = reader.buffer_position() as usize;
            let (empty, closed) = match event {
                Event::Start(_) => (false, false),
                Event::Empty(_) => (true, false),
                Event::End(_) => (false, true),
                Event::DocType(_) => {
                    let place = self.place(line.at(&self.text, from));
                    return Err(SumoError::file(
                        Fault::new(
                            "document-type",
                            place,
                            format!("the file `{}` has a document type definition", self.name),
                        )
                        .help("remove the line that begins with `<!DOCTYPE`"),
                    ));
                }
                Event::Eof => break,
                _ => continue,
            };
            if closed {
                match open.pop() {
                    Some(done) => deliver(done, &mut open, &mut each)?,
                    None => inside = false,
                }
                continue;
            }
            let here = line.at(&self.text, from);
            let tag = self.text.get(from..to).unwrap_or_default();
            let element = self.element(tag, here)?;
            if !inside {
                if root.is_some() {
                    return Err(self.broken(here, "there is a second root element".into()));
                }
                root = Some(element);
                inside = !empty;
            } else if empty {
                deliver(element, &mut open, &mut each)?;
            } else if open.len() >= MAX_DEPTH {
                return Err(self.broken(here, "the elements are nested too deeply".into()));
            } else {
                open.push(element);
            }
        }
        if inside {
            return Err(SumoError::file(
                Fault::new(
                    "truncated",
                    self.place(line.at(&self.text, self.text.len())),
                    format!(
                        "the file `{}` ends before its elements are closed",
                        self.name
                    ),
                )
                .expected(format!(
                    "`</{}>` at the end",
                    root.map_or("", |root| root.name)
                ))
                .help("copy the file again, it was probably cut off"),
            ));
        }
        root.ok_or_else(|| {
            SumoError::file(
                Fault::new(
                    "no-xml",
                    self.name.as_str(),
                    format!("the file `{}` has no XML element", self.name),
                )
                .help("name a file that SUMO or one of its tools wrote"),
            )
        })
    }

    /// The element of a tag such as `<edge id="a"/>`.
    fn element<'a>(&'a self, tag: &'a str, line: u32) -> Result<Element<'a>, SumoError> {
        let inner = tag.strip_prefix('<').unwrap_or(tag);
        let inner = inner.strip_suffix('>').unwrap_or(inner);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        let name_end = inner.find(char::is_whitespace).unwrap_or(inner.len());
        let name = &inner[..name_end];
        let mut attributes = Vec::with_capacity(8);
        for attribute in Attributes::new(inner, name_end) {
            let attribute = attribute.map_err(|error| {
                self.broken(
                    line,
                    format!("the attributes of `<{name}>` cannot be read: {error}"),
                )
            })?;
            // Both are pieces of a text that is valid UTF-8, cut at ASCII letters.
            let key = std::str::from_utf8(attribute.key.into_inner()).unwrap_or_default();
            let Cow::Borrowed(value) = attribute.value else {
                continue;
            };
            let value = std::str::from_utf8(value).unwrap_or_default();
            let value = unescape(value).map_err(|error| {
                self.broken(
                    line,
                    format!("the value of `{key}` of `<{name}>` cannot be read: {error}"),
                )
            })?;
            attributes.push((key, value));
        }
        Ok(Element {
            name,
            line,
            attributes,
            children: Vec::new(),
        })
    }

    fn syntax(&self, line: u32, error: &XmlError) -> SumoError {
        if let XmlError::IllFormed(IllFormedError::MissingEndTag(name)) = error {
            return self.broken(line, format!("`<{name}>` is not closed"));
        }
        self.broken(line, error.to_string())
    }

    fn broken(&self, line: u32, found: String) -> SumoError {
        SumoError::file(
            Fault::new(
                "syntax",
                self.place(line),
                format!("the file `{}` is not well-formed XML", self.name),
            )
            .found(found)
            .help("copy the file again, or correct the line"),
        )
    }
}

/// Hands an element to its parent, or to `each` when it is directly below the root.
fn deliver<'a>(
    done: Element<'a>,
    open: &mut [Element<'a>],
    each: &mut impl FnMut(Element<'a>) -> Result<(), SumoError>,
) -> Result<(), SumoError> {
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(done);
            Ok(())
        }
        None => each(done),
    }
}

/// An element with all that is in it, but without text between tags, which SUMO does not use.
#[derive(Debug)]
pub(super) struct Element<'a> {
    /// Name.
    pub name: &'a str,
    /// Line where it begins.
    pub line: u32,
    /// Names and values in the order of the file.
    pub attributes: Vec<(&'a str, Cow<'a, str>)>,
    /// Elements within.
    pub children: Vec<Self>,
}

impl Element<'_> {
    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.as_ref())
    }

    /// The value of an attribute; empty when it is missing.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

/// True when the text declares a one-byte encoding whose letters are the first 256 of Unicode.
fn is_latin_1(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_ascii_lowercase();
    let declaration = head.split("?>").next().unwrap_or_default();
    ["iso-8859-1", "latin1", "windows-1252", "cp1252"]
        .iter()
        .any(|name| declaration.contains(name))
}

fn count_lines(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u32
}

/// Counts lines on the way through a text.
#[derive(Debug, Default)]
struct LineCounter {
    position: usize,
    lines: u32,
}

impl LineCounter {
    /// The line of a byte that lies at or behind the one asked for last.
    fn at(&mut self, text: &str, position: usize) -> u32 {
        if let Some(between) = text.as_bytes().get(self.position..position) {
            self.lines += count_lines(between);
            self.position = position;
        }
        1 + self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::decode("a.xml".into(), text.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn elements_carry_lines_attributes_and_children() {
        let source = source(
            "<?xml version=\"1.0\"?>\n<!-- x -->\n<net a='1'>\n <edge id=\"M&amp;S &#228;\">\n  <lane id='1'/>\n </edge>\n <end/>\n</net>\n",
        );
        let mut seen = Vec::new();
        let root = source
            .elements(|e| {
                seen.push((
                    e.name.to_owned(),
                    e.line,
                    e.text("id").to_owned(),
                    e.children.len(),
                ));
                Ok(())
            })
            .unwrap();
        assert_eq!((root.name, root.text("a")), ("net", "1"));
        assert_eq!(
            seen,
            [
                ("edge".to_owned(), 4, "M&S ä".to_owned(), 1),
                ("end".to_owned(), 7, String::new(), 0)
            ]
        );
    }

    #[test]
    fn broken_texts_are_errors_with_a_line() {
        for (text, code, line) in [
            ("<net>\n<a>\n</net>", "syntax", "a.xml:3"),
            ("<net>\n<a>\n", "truncated", "a.xml:3"),
            ("<net>\n<a b=>\n</a></net>", "syntax", "a.xml:2"),
            ("<net>\n<a b='1' b='2'/></net>", "syntax", "a.xml:2"),
            ("<net/>\n<net/>", "syntax", "a.xml:2"),
            (
                "<!DOCTYPE net [<!ENTITY a 'b'>]>\n<net/>",
                "document-type",
                "a.xml:1",
            ),
            ("no xml", "no-xml", "a.xml"),
        ] {
            let error = source(text).elements(|_| Ok(())).unwrap_err();
            let fault = &error.faults()[0];
            assert_eq!((fault.code, fault.place.as_str()), (code, line), "{text}");
        }
        assert_eq!(
            Source::decode("a".into(), vec![]).unwrap_err().faults()[0].code,
            "empty"
        );
        assert_eq!(
            Source::decode("a".into(), vec![0x1f, 0x8b, 1])
                .unwrap_err()
                .faults()[0]
                .code,
            "gzip"
        );
        assert_eq!(
            Source::decode("a".into(), b"<a>\xff</a>".to_vec())
                .unwrap_err()
                .faults()[0]
                .code,
            "encoding"
        );
    }

    #[test]
    fn latin_1_is_read_when_declared() {
        let bytes =
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><net><e id=\"Stra\xdfe\"/></net>"
                .to_vec();
        let source = Source::decode("a".into(), bytes).unwrap();
        source
            .elements(|e| {
                assert_eq!(e.text("id"), "Straße");
                Ok(())
            })
            .unwrap();
    }
}
