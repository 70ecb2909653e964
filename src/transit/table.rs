//! Tables of a feed: a folder or a zip archive of CSV files, read row by row.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::TransitError;
use super::zip;

/// A feed: where its tables are.
#[derive(Debug)]
pub struct Feed {
    /// Folder or archive, for messages.
    pub path: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Folder,
    Archive {
        bytes: Vec<u8>,
        entries: BTreeMap<String, zip::Entry>,
    },
}

impl Feed {
    /// Opens a folder or an archive.
    pub fn open(path: &Path) -> Result<Self, TransitError> {
        let place = if path.is_dir() {
            Place::Folder
        } else {
            let bytes = std::fs::read(path).map_err(|error| TransitError::Io {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
            let list = zip::entries(&bytes).map_err(|reason| TransitError::NoFeed {
                path: path.to_owned(),
                reason,
            })?;
            // Archives often hold one folder; the first file of a name counts.
            let mut entries = BTreeMap::new();
            for entry in list {
                let name = entry.name.rsplit(['/', '\\']).next().unwrap_or_default();
                entries.entry(name.to_owned()).or_insert(entry);
            }
            Place::Archive { bytes, entries }
        };
        Ok(Self {
            path: path.to_owned(),
            place,
        })
    }

    /// Content of a table; `None` where the feed has none of that name.
    pub fn read(&self, file: &str) -> Result<Option<Vec<u8>>, TransitError> {
        match &self.place {
            Place::Folder => match std::fs::read(self.path.join(file)) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(TransitError::Io {
                    path: self.path.join(file),
                    reason: error.to_string(),
                }),
            },
            Place::Archive { bytes, entries } => {
                let Some(entry) = entries.get(file) else {
                    return Ok(None);
                };
                let content = zip::content(bytes, entry);
                content.map(Some).map_err(|reason| TransitError::Io {
                    path: self.path.join(file),
                    reason,
                })
            }
        }
    }
}

/// A row of a table.
#[derive(Debug)]
pub struct Row<'a> {
    record: &'a csv::StringRecord,
    columns: &'a [Option<usize>],
    /// Line of the file, 1 is the head.
    pub line: u64,
}

impl Row<'_> {
    /// Text of the column with this number in the list given to [`read_rows`]; empty where there is no such column or value.
    pub fn text(&self, column: usize) -> &str {
        let place = self.columns[column];
        place
            .and_then(|place| self.record.get(place))
            .unwrap_or("")
            .trim()
    }
}

/// Calls `each` with every row. `needed` columns must be there, `other` ones may; both are numbered in this order. An empty file has no rows.
pub fn read_rows(
    file: &str,
    bytes: &[u8],
    needed: &[&str],
    other: &[&str],
    mut each: impl FnMut(&Row<'_>),
) -> Result<(), TransitError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let no_text = |error: &csv::Error| TransitError::NoText {
        file: file.to_owned(),
        line: error.position().map_or(1, csv::Position::line),
        reason: match error.kind() {
            csv::ErrorKind::Utf8 { .. } => "is not UTF-8".to_owned(),
            _ => error.to_string(),
        },
    };
    let head = reader.headers().map_err(|error| no_text(&error))?.clone();
    let place = |name: &str| head.iter().position(|column| column.trim() == name);
    for name in needed {
        if place(name).is_none() {
            return Err(TransitError::MissingColumn {
                file: file.to_owned(),
                column: (*name).to_owned(),
                found: head.iter().take(20).collect::<Vec<_>>().join(", "),
            });
        }
    }
    let columns: Vec<Option<usize>> = needed.iter().chain(other).map(|name| place(name)).collect();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                each(&Row {
                    record: &record,
                    columns: &columns,
                    line,
                });
            }
            Err(error) => return Err(no_text(&error)),
        }
    }
}
