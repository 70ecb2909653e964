//! Coordinate reference systems: what a file declares, and conversion from and to geographic coordinates.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A declared coordinate reference system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Crs {
    /// Horizontal EPSG code; `None` for a local frame without place on Earth.
    pub epsg: Option<u32>,
    /// Height system as declared (`DHHN2016`, `DHHN92`, `NAP` ...); `None` when the source names none.
    pub vertical: Option<String>,
}

impl Crs {
    /// ETRS89 / UTM zone 32N, heights DHHN2016: Hamburg and most of Germany.
    pub fn utm32() -> Self {
        Self {
            epsg: Some(25832),
            vertical: Some("DHHN2016".to_owned()),
        }
    }

    /// A metric frame without place on Earth.
    pub fn local() -> Self {
        Self {
            epsg: None,
            vertical: None,
        }
    }
}
