//! What can go wrong with a whole file. A faulty object inside a usable file is a finding, not an error.

use std::fmt;

use crate::fault::{tells_more, write_more};

/// Kind of fault of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CityErrorKind {
    /// There is no such file.
    Missing,
    /// The file exists but cannot be read.
    Unreadable,
    /// The file has no bytes.
    Empty,
    /// A model without surfaces, or without any building.
    NoGeometry,
    /// The file is something else than what it was opened as.
    WrongFormat,
    /// The format is known, this version or feature of it is not.
    Unsupported,
    /// The file ends too early.
    Truncated,
    /// The bytes do not follow the format's grammar.
    Syntax,
    /// Bytes do not fit the declared encoding.
    Encoding,
    /// A document type definition, which can expand to gigabytes or read other files.
    DocumentType,
    /// Nested deeper than the cap.
    TooDeep,
    /// Would need more memory than any honest file of that kind.
    TooLarge,
    /// A mandatory value of the head is missing or impossible.
    Head,
    /// The coordinate reference system cannot be used.
    Crs,
    /// A path leaves the folders from which files may come.
    PathNotAllowed,
    /// The user stopped the loading.
    Cancelled,
}

impl CityErrorKind {
    /// Stable short name, as in `error[city::truncated]`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Empty => "empty",
            Self::NoGeometry => "no-geometry",
            Self::WrongFormat => "wrong-format",
            Self::Unsupported => "unsupported",
            Self::Truncated => "truncated",
            Self::Syntax => "syntax",
            Self::Encoding => "encoding",
            Self::DocumentType => "document-type",
            Self::TooDeep => "too-deep",
            Self::TooLarge => "too-large",
            Self::Head => "head",
            Self::Crs => "crs",
            Self::PathNotAllowed => "path-not-allowed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A file that cannot be used: what failed, where, what was found against what is expected, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CityError {
    /// Kind of fault.
    pub kind: CityErrorKind,
    /// What failed, as one sentence.
    pub what: String,
    /// File and, where known, line or byte: `city.gml:120`.
    pub place: String,
    /// What the file should have.
    pub expected: Option<String>,
    /// What it has.
    pub found: Option<String>,
    /// What the user can do.
    pub help: Option<String>,
}

impl CityError {
    /// A fault of the file at `place`.
    pub fn new(kind: CityErrorKind, place: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            place: place.into(),
            expected: None,
            found: None,
            help: None,
        }
    }

    /// The error for a file that could not be opened or read.
    pub fn from_io(place: impl Into<String>, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::NotFound {
            Self::new(CityErrorKind::Missing, place, "the file does not exist")
        } else {
            Self::new(CityErrorKind::Unreadable, place, "the file cannot be read")
                .found(error.to_string())
        }
    }

    tells_more!();

    /// Stable short name, as in `error[city::truncated]`.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Exit code of the command line: 66 input missing, 74 input/output, 130 stopped, 65 bad input.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            CityErrorKind::Missing => 66,
            CityErrorKind::Unreadable => 74,
            CityErrorKind::Cancelled => 130,
            _ => 65,
        }
    }
}

impl fmt::Display for CityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  --> {}", self.what, self.place)?;
        let (expected, found) = (self.expected.as_ref(), self.found.as_ref());
        write_more(f, expected, found, self.help.as_ref())
    }
}

impl std::error::Error for CityError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_file_has_exit_code_66_and_bad_input_65() {
        let io = std::io::Error::from(std::io::ErrorKind::NotFound);
        assert_eq!(CityError::from_io("a.gml", &io).exit_code(), 66);
        let error = CityError::new(CityErrorKind::Truncated, "a.gml:7", "the file ends early")
            .expected("</CityModel>")
            .help("download it again");
        assert_eq!(error.exit_code(), 65);
        assert_eq!(
            error.to_string(),
            "the file ends early\n  --> a.gml:7\n  expected: </CityModel>\n  help: download it again"
        );
    }
}
