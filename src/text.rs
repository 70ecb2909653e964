//! Texts for people, in German and English, from `assets/locales`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Language of a report or window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Language {
    /// German.
    #[default]
    #[serde(rename = "de")]
    De,
    /// English.
    #[serde(rename = "en")]
    En,
}
