//! What can go wrong in a sun study.

use crate::job::Cancelled;

/// Why a sun study gave no result.
#[derive(Debug, thiserror::Error)]
pub enum SunError {
    /// The user cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The position of the sun is not defined for these values.
    #[error("error[sun::position]: the position of the sun could not be computed: {0}")]
    Position(#[from] solar_positioning::Error),
    /// A date that is none.
    #[error(
        "error[sun::date]: `{found}` is not a day\n  expected: YYYY-MM-DD between 1900-01-01 and 2100-12-31\n  help: write for example \"2027-03-21\""
    )]
    Date {
        /// As written.
        found: String,
    },
    /// The city has no place on Earth.
    #[error(
        "error[sun::no-place]: the CRS of the city ({crs}) gives no latitude and longitude{reason}\n  help: set `latitude_deg`, `longitude_deg` and `grid_north_deg` under [site]"
    )]
    NoPlace {
        /// CRS for people.
        crs: String,
        /// Why, if known.
        reason: String,
    },
    /// A file of own receivers could not be used.
    #[error("error[sun::receivers]: {file}, line {line}: {found}\n  expected: {expected}")]
    Receivers {
        /// As written in the scenario.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
    },
    /// A path of the scenario could not be resolved or read.
    #[error(transparent)]
    Source(#[from] crate::city::error::CityError),
    /// Nothing to compute.
    #[error(
        "error[sun::empty]: the city has nothing that could receive sun in this area\n  help: check `sun.area` (west, south, east, north in the CRS of the city) and the layers of the city"
    )]
    Empty,
}
