//! Findings: we can give what was asked, but the user should know something.
//!
//! A finding is data (code, object, place, arguments); its sentence comes from
//! `assets/locales/*/findings.ftl` under the key `finding-<code>`, so that it can be shown in
//! German and English from the same object.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the numbers are not affected.
    Info,
    /// The numbers may be affected; somebody should look.
    Warning,
}

/// One remark on data or result which does not stop the run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Stable short name such as `open-shell`; the text key is `finding-<code>`.
    pub code: String,
    /// Id of the object it concerns (building, tree, layer ...).
    pub object: Option<String>,
    /// File and, where known, line: `city.gml:120`.
    pub place: Option<String>,
    /// Values for the placeholders of the text.
    pub args: BTreeMap<String, String>,
}

impl Finding {
    /// A finding of severity `Warning`.
    pub fn warning(code: &str) -> Self {
        Self::new(Severity::Warning, code)
    }

    /// A finding of severity `Info`.
    pub fn info(code: &str) -> Self {
        Self::new(Severity::Info, code)
    }

    fn new(severity: Severity, code: &str) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            object: None,
            place: None,
            args: BTreeMap::new(),
        }
    }

    /// Names the object.
    #[must_use]
    pub fn object(mut self, id: impl Into<String>) -> Self {
        self.object = Some(id.into());
        self
    }

    /// Names the place (file, and line where known).
    #[must_use]
    pub fn place(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Adds a value for a placeholder of the text.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}
