//! What can go wrong in a study of access.

use crate::city::error::CityError;
use crate::job::Cancelled;
use crate::shuttle::study::ShuttleError;
use crate::transit::TransitError;

/// Why a study of access gave no result.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file that a setting names could not be found or read.
    #[error("error[city::{}]: {error}\n  named by: {field}", .error.code())]
    Source {
        /// Path of the setting, `access.timetable`.
        field: String,
        /// What is wrong with the file.
        error: Box<CityError>,
    },
    /// A timetable or a change of it cannot be used.
    #[error("error[transit::{}]: {error}\n  named by: {field}\n  help: {}", .error.code(), .error.help())]
    Transit {
        /// Path of the setting, or what the edit is.
        field: String,
        /// What is wrong.
        error: Box<TransitError>,
    },
    /// The shuttles of the scenario cannot be simulated.
    #[error("{0}")]
    Shuttles(Box<ShuttleError>),
    /// A setting does not fit the city.
    #[error(
        "error[access::{code}]: {what}\n  --> {field}\n  found: {found}\n  expected: {expected}\n  help: {help}"
    )]
    Setting {
        /// Stable short name.
        code: &'static str,
        /// What is wrong, as one sentence.
        what: String,
        /// Path of the setting.
        field: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
        /// What to do.
        help: String,
    },
}

impl From<ShuttleError> for AccessError {
    fn from(error: ShuttleError) -> Self {
        match error {
            ShuttleError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            error => Self::Shuttles(Box::new(error)),
        }
    }
}

impl AccessError {
    /// Exit code of the command line: 65 bad input, 66 missing, 130 stopped.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Source { error, .. } => error.exit_code(),
            Self::Shuttles(error) => error.exit_code(),
            Self::Transit { .. } | Self::Setting { .. } => 65,
        }
    }
}
