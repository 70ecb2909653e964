//! An indicator: one number with unit and meaning.

use serde::Serialize;

/// One key figure of a result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Indicator {
    /// Stable id, e.g. `facades_high_2027-03-21`; its text key is `indicator-<key>`.
    pub id: String,
    /// Text key, e.g. `indicator-facade-share-minimum`.
    pub key: &'static str,
    /// Value.
    pub value: f64,
    /// Unit, e.g. `%`.
    pub unit: &'static str,
    /// Decimals to show.
    pub decimals: usize,
    /// Day, if any.
    pub date: Option<String>,
}
