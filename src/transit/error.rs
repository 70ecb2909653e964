//! What can be wrong with a timetable.

use std::path::PathBuf;

/// Why no timetable can be made.
#[derive(Debug, thiserror::Error)]
pub enum TransitError {
    /// A file or folder cannot be read.
    #[error("`{path}` cannot be read: {reason}")]
    Io {
        /// File.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// What was given is no feed.
    #[error(
        "`{path}` is no GTFS feed: {reason}; give a folder or a .zip with stops.txt, routes.txt, trips.txt and stop_times.txt"
    )]
    NoFeed {
        /// File or folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A table is not there.
    #[error("`{path}` has no {missing}; GTFS demands {expected}")]
    MissingFile {
        /// Feed.
        path: PathBuf,
        /// Name of the table, or of the tables one of which is needed.
        missing: String,
        /// What is needed.
        expected: &'static str,
    },
    /// A column is not there.
    #[error("{file} has no column `{column}`; found: {found}")]
    MissingColumn {
        /// Table.
        file: String,
        /// Column.
        column: String,
        /// Columns that there are.
        found: String,
    },
    /// A table is no text.
    #[error("{file}, line {line}: {reason}; GTFS demands UTF-8 text with commas")]
    NoText {
        /// Table.
        file: String,
        /// Line, 1 is the head.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// Nothing runs on the day.
    #[error("nothing runs on {date}; the feed has service from {first} to {last}")]
    NoService {
        /// Day asked for.
        date: String,
        /// First day with service.
        first: String,
        /// Last day with service.
        last: String,
    },
    /// Nothing of the feed can be used.
    #[error("no trip of the feed can be used: {reason}")]
    Nothing {
        /// What was left out, counted.
        reason: String,
    },
    /// A change of lines cannot be made.
    #[error("{what}: found {found}, expected {expected}")]
    Edit {
        /// Stable short name.
        code: &'static str,
        /// Field of the change.
        field: &'static str,
        /// What fails.
        what: String,
        /// What was found.
        found: String,
        /// What is possible.
        expected: String,
        /// What to do.
        help: String,
    },
}

impl TransitError {
    /// Stable short name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "cannot-read",
            Self::NoFeed { .. } => "no-feed",
            Self::MissingFile { .. } => "missing-table",
            Self::MissingColumn { .. } => "missing-column",
            Self::NoText { .. } => "no-text",
            Self::NoService { .. } => "no-service",
            Self::Nothing { .. } => "no-trip",
            Self::Edit { code, .. } => code,
        }
    }

    /// What to do.
    pub fn help(&self) -> &str {
        match self {
            Self::Io { .. } => "look at the file and its rights",
            Self::NoFeed { .. } => "name the folder or the .zip of a GTFS feed",
            Self::MissingFile { .. } | Self::MissingColumn { .. } => {
                "take the feed again from its publisher, whole"
            }
            Self::NoText { .. } => "save the table as UTF-8 text with commas",
            Self::NoService { .. } => "take a day within the feed, or leave `access.date` out",
            Self::Nothing { .. } => "the tables are named above with what is wrong in them",
            Self::Edit { help, .. } => help,
        }
    }
}
