//! Verification of the sun study.

use std::path::Path;

use super::Case;

/// Cases of the domain `sun`.
pub fn cases(_data: Option<&Path>) -> Vec<Case> {
    Vec::new()
}
