//! What can go wrong in a wind simulation.

use crate::city::error::CityError;
use crate::job::Cancelled;

/// Why a wind simulation gave no result.
#[derive(Debug, thiserror::Error)]
pub enum WindError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file that a setting names could not be found or read.
    #[error("error[city::{}]: {error}\n  named by: {field}", .error.code())]
    Source {
        /// Path of the setting, `wind.climate.file`.
        field: String,
        /// What is wrong with the file.
        error: Box<CityError>,
    },
    /// A table cannot be used.
    #[error("error[wind::table]: a table cannot be used\n  --> {file}{}\n  found: {found}\n  expected: {expected}", place(.line))]
    Table {
        /// As the user named it.
        file: String,
        /// Line, from 1; None for the file as a whole.
        line: Option<u64>,
        /// What stands there.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A setting does not fit the city.
    #[error(
        "error[wind::{code}]: {what}\n  --> {field}\n  found: {found}\n  expected: {expected}\n  help: {help}"
    )]
    Setting {
        /// Stable short name.
        code: &'static str,
        /// What is wrong, as one sentence.
        what: String,
        /// Path of the setting, `wind.area`.
        field: String,
        /// What is there.
        found: String,
        /// What would be right.
        expected: String,
        /// What to do.
        help: String,
    },
    /// A weather file cannot be used.
    #[error("error[wind::weather]: a weather file cannot be used\n  --> {file}{}\n  found: {found}\n  expected: {expected}\n  help: {help}", place(.line))]
    Weather {
        /// As the user named it.
        file: String,
        /// Line, from 1; None for the file as a whole.
        line: Option<u64>,
        /// What stands there.
        found: String,
        /// What would be right.
        expected: String,
        /// What to do.
        help: String,
    },
    /// Nothing stands in the way of the wind, and no area says where to look.
    #[error(
        "error[wind::empty]: the city has no buildings, and the scenario names no area\n  --> wind.area\n  help: set `wind.area` (west, south, \
         east, north in the CRS of the city), or add a layer of buildings"
    )]
    Empty,
}

impl WindError {
    /// Exit code of the command line: 65 bad input, 130 stopped, else that of the file.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Source { error, .. } => error.exit_code(),
            Self::Table { .. } | Self::Setting { .. } | Self::Weather { .. } | Self::Empty => 65,
        }
    }
}

fn place(line: &Option<u64>) -> String {
    line.map_or_else(String::new, |line| format!(":{line}"))
}
