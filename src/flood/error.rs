//! What can go wrong in a water simulation.

use std::fmt;

use crate::city::error::CityError;
use crate::fault::{tells_more, write_more};
use crate::job::Cancelled;

/// Why a water simulation gave no result.
#[derive(Debug, thiserror::Error)]
pub enum FloodError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A file that a setting names could not be found or read.
    #[error("error[city::{}]: {error}\n  named by: {field}", .error.code())]
    Source {
        /// Path of the setting, `flood.boundary[1].file`.
        field: String,
        /// What is wrong with the file.
        error: Box<CityError>,
    },
    /// A setting does not fit the city, or the content of its file is wrong.
    #[error("{0}")]
    Setting(Box<SettingFault>),
    /// The city has no ground heights.
    #[error(
        "error[flood::no-terrain]: the city has no ground heights, without which no water flows\n  help: add a layer with `kind = \"terrain\"` \
         (GeoTIFF, ESRI ASCII or points)"
    )]
    NoTerrain,
    /// No cell can hold water.
    #[error(
        "error[flood::empty]: no cell of the area has known ground\n  --> flood.area\n  help: check `flood.area` (west, south, east, north in the \
         CRS of the city) and `flood.cell_m`"
    )]
    Empty,
}

impl FloodError {
    /// Exit code of the command line: 66 input missing, 65 bad input, 74 input/output, 130 stopped.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Cancelled(_) => 130,
            Self::Source { error, .. } => error.exit_code(),
            Self::Setting(_) | Self::NoTerrain | Self::Empty => 65,
        }
    }
}

/// A setting that cannot be used: what, where, found against expected, what to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingFault {
    /// Stable short name, as in `error[flood::outside]`.
    pub code: &'static str,
    /// What is wrong, as one sentence.
    pub what: String,
    /// Path of the setting, `flood.gauge[2].position`.
    pub field: String,
    /// File and line, where the fault is in a file: `pegel.csv:12`.
    pub place: Option<String>,
    /// What would be right.
    pub expected: Option<String>,
    /// What is there.
    pub found: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl SettingFault {
    /// A fault of a setting.
    pub fn new(code: &'static str, field: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            code,
            what: what.into(),
            field: field.into(),
            ..Self::default()
        }
    }

    /// Names file and line.
    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    tells_more!();
}

impl fmt::Display for SettingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error[flood::{}]: {}\n  --> ", self.code, self.what)?;
        if let Some(place) = &self.place {
            write!(f, "{place}, ")?;
        }
        f.write_str(&self.field)?;
        let (expected, found) = (self.expected.as_ref(), self.found.as_ref());
        write_more(f, expected, found, self.help.as_ref())
    }
}

impl From<SettingFault> for FloodError {
    fn from(fault: SettingFault) -> Self {
        Self::Setting(Box::new(fault))
    }
}
