//! What can go wrong in a study of shuttles.

use crate::city::error::CityError;
use crate::job::Cancelled;
use crate::shuttle::service::table::TableError;
use crate::traffic::TrafficError;

/// Why a study of shuttles gave no result.
#[derive(Debug, thiserror::Error)]
pub enum ShuttleError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file that a setting names could not be found.
    #[error("error[city::{}]: {error}\n  named by: {field}", .error.code())]
    Source {
        /// Path of the setting, `shuttles.requests`.
        field: String,
        /// What is wrong with the file.
        error: Box<CityError>,
    },
    /// The streets, or the traffic on them, cannot be used.
    #[error("{error}\n  named by: the streets of `shuttles`")]
    Streets {
        /// What is wrong.
        error: Box<TrafficError>,
    },
    /// A table cannot be used.
    #[error("{error}\n  named by: {field}")]
    Table {
        /// Path of the setting.
        field: String,
        /// What is wrong with the table.
        error: TableError,
    },
    /// A setting or an edit does not fit.
    #[error(
        "error[shuttle::{code}]: {what}\n  --> {field}\n  found: {found}\n  expected: {expected}\n  help: {help}"
    )]
    Setting {
        /// Stable short name.
        code: &'static str,
        /// What is wrong, as one sentence.
        what: String,
        /// Path of the setting, `shuttles.end_h`.
        field: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
        /// What to do.
        help: String,
    },
}

impl From<TrafficError> for ShuttleError {
    fn from(error: TrafficError) -> Self {
        match error {
            TrafficError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Streets {
                error: Box::new(error),
            },
        }
    }
}

impl ShuttleError {
    /// Exit code of the command line: 65 bad input, 130 stopped, else that of the file.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Source { error, .. } => error.exit_code(),
            Self::Streets { error } => error.exit_code(),
            Self::Table { error, .. } => error.exit_code,
            Self::Setting { .. } => 65,
        }
    }
}
