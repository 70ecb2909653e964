//! What can go wrong in a simulation of traffic.

use crate::city::error::CityError;
use crate::job::Cancelled;

use super::network::osm::OsmError;
use super::sumo::SumoError;

/// Why a simulation of traffic gave no result.
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file that a setting names could not be found.
    #[error("error[city::{}]: {error}\n  named by: {field}", .error.code())]
    Source {
        /// Path of the setting, `traffic.sumo`.
        field: String,
        /// What is wrong with the file.
        error: Box<CityError>,
    },
    /// No network comes out of streets of OpenStreetMap.
    #[error("{error}\n  named by: {field}")]
    OpenStreetMap {
        /// Path of the setting, `traffic.osm`.
        field: String,
        /// What is wrong with the file.
        error: Box<OsmError>,
    },
    /// Network or demand cannot be used.
    #[error("{0}")]
    Sumo(#[from] SumoError),
    /// A setting or an edit does not fit the network or the demand.
    #[error(
        "error[traffic::{code}]: {what}\n  --> {field}\n  found: {found}\n  expected: {expected}\n  help: {help}"
    )]
    Setting {
        /// Stable short name.
        code: &'static str,
        /// What is wrong, as one sentence.
        what: String,
        /// Path of the setting, `traffic.end_s`.
        field: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
        /// What to do.
        help: String,
    },
}

impl TrafficError {
    /// Exit code of the command line: 65 bad input, 130 stopped, else that of the file.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Source { error, .. } => error.exit_code(),
            Self::OpenStreetMap { error, .. } => error.exit_code(),
            Self::Sumo(error) => error.exit_code(),
            Self::Setting { .. } => 65,
        }
    }
}
