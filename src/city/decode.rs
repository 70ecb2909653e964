//! From the bytes of a file to text: gzip by its magic bytes, XML encodings, UTF-8 checks, line numbers.

use std::borrow::Cow;
use std::io::Read;

use quick_xml::Reader;
use quick_xml::encoding::{DetectedEncoding, decode, detect_encoding};
use quick_xml::events::Event;

use super::error::{CityError, CityErrorKind};

/// A compressed file may grow to this size (bytes) whatever its ratio.
const INFLATED_FREE: u64 = 16 << 20;

/// Beyond that, no honest city model compresses better than this (CityGML: 10 to 30).
const MAX_RATIO: u64 = 200;

/// Text elements and arrays nested deeper than this are refused.
pub const MAX_DEPTH: usize = 256;

/// Unpacks gzip, recognised by its magic bytes; anything else is passed through.
pub fn unpacked<'a>(bytes: &'a [u8], place: &str) -> Result<Cow<'a, [u8]>, CityError> {
    if bytes.is_empty() {
        return Err(
            CityError::new(CityErrorKind::Empty, place, "the file is empty")
                .help("download or export it again"),
        );
    }
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(bytes));
    }
    let cap = (bytes.len() as u64 * MAX_RATIO).max(INFLATED_FREE);
    let mut inflated = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .take(cap + 1)
        .read_to_end(&mut inflated)
        .map_err(|e| {
            CityError::new(
                CityErrorKind::Truncated,
                place,
                "the gzip file is damaged or cut",
            )
            .found(e.to_string())
            .help("download it again")
        })?;
    if inflated.len() as u64 > cap {
        return Err(CityError::new(
            CityErrorKind::TooLarge,
            place,
            "the gzip file unpacks to more than any city model of its size",
        )
        .expected(format!("at most {} MiB", cap >> 20)));
    }
    Ok(Cow::Owned(inflated))
}

/// The text of a UTF-8 file, without byte order mark.
pub fn utf8_text<'a>(bytes: &'a [u8], place: &str) -> Result<&'a str, CityError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| {
        let byte = e.valid_up_to();
        CityError::new(
            CityErrorKind::Encoding,
            format!("{place}:{}", line_of(bytes, byte)),
            "the file is not valid UTF-8",
        )
        .expected("UTF-8, or another encoding named in the first line")
        .found(format!("byte {:#04x} at position {byte}", bytes[byte]))
        .help("declare the encoding the file really has, for example ISO-8859-1")
    })
}

/// The text of an XML file in the encoding that its byte order mark or first line declares, without byte order mark.
pub fn xml_text<'a>(bytes: &'a [u8], place: &str) -> Result<Cow<'a, str>, CityError> {
    let detected = detect_encoding(bytes);
    let declared = || match Reader::from_reader(bytes).read_event() {
        Ok(Event::Decl(declaration)) => declaration.encoder(),
        _ => None,
    };
    let (encoding, skip) = match &detected {
        Some(DetectedEncoding::AsciiCompatible) => {
            // UTF-16 cannot be true here: its "<" takes two bytes.
            let encoding = declared().filter(|e| e.is_ascii_compatible());
            (encoding, 0)
        }
        Some(DetectedEncoding::Utf8Bom) => (None, 3),
        Some(wide) => (Some(wide.encoding()), wide.bom_len()),
        None => (None, 0),
    };
    match encoding {
        Some(encoding) if encoding.name() != "UTF-8" => {
            decode(&bytes[skip..], encoding).map_err(|_| {
                CityError::new(
                    CityErrorKind::Encoding,
                    place,
                    "the bytes do not fit the encoding that the file declares",
                )
                .expected(encoding.name())
            })
        }
        _ => utf8_text(&bytes[skip..], place).map(Cow::Borrowed),
    }
}

/// Number of the line (from 1) that holds byte `position`.
pub fn line_of(bytes: &[u8], position: usize) -> usize {
    1 + count_newlines(&bytes[..position.min(bytes.len())])
}

fn count_newlines(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| **b == b'\n').count()
}

/// Line numbers for rising positions, counting each byte once.
#[derive(Debug, Default)]
pub struct LineCounter {
    position: usize,
    newlines: usize,
}

impl LineCounter {
    /// Number of the line (from 1) that holds byte `position`, which must not be below that of the last call.
    pub fn line(&mut self, bytes: &[u8], position: usize) -> usize {
        let position = position.clamp(self.position, bytes.len());
        self.newlines += count_newlines(&bytes[self.position..position]);
        self.position = position;
        self.newlines + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_and_marked_encodings_are_read() {
        let text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>Große Elbstraße</a>";
        let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
        assert_eq!(xml_text(&latin1, "x").unwrap(), text);
        let mut utf16 = vec![0xff, 0xfe];
        utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(xml_text(&utf16, "x").unwrap(), text);
        let mut marked = vec![0xef, 0xbb, 0xbf];
        marked.extend(b"<a/>");
        assert_eq!(xml_text(&marked, "x").unwrap(), "<a/>");
    }

    #[test]
    fn wrong_utf8_is_refused_with_its_line() {
        let error = xml_text(b"<a>\n<b>\xe4</b></a>", "x.gml").unwrap_err();
        assert_eq!(error.code(), "encoding");
        assert_eq!(error.place, "x.gml:2");
    }

    #[test]
    fn gzip_bomb_is_refused() {
        use std::io::Write;
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..40 {
            packer.write_all(&vec![b' '; 1 << 20]).unwrap();
        }
        let packed = packer.finish().unwrap();
        assert_eq!(unpacked(&packed, "x").unwrap_err().code(), "too-large");
    }

    #[test]
    fn lines_count_from_one() {
        let mut lines = LineCounter::default();
        let text = b"a\nb\n\nc";
        assert_eq!(lines.line(text, 0), 1);
        assert_eq!(lines.line(text, 2), 2);
        assert_eq!(lines.line(text, 5), 4);
        assert_eq!(line_of(text, 5), 4);
    }
}
