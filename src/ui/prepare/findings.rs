//! Findings, by kind.

use std::collections::BTreeMap;

use crate::city::City;
use crate::finding::{Finding, Severity};
use crate::sim::ResultState;
use crate::text::Texts;

/// Findings with the same code.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingGroup {
    /// How much they matter.
    pub severity: Severity,
    /// Stable name.
    pub code: String,
    /// Sentences, each with the building it concerns.
    pub rows: Vec<(String, Option<u32>)>,
}

pub(super) fn finding_groups(
    city: Option<&City>,
    results: &[ResultState],
    t: &Texts,
) -> Vec<FindingGroup> {
    let keys: BTreeMap<&str, u32> = city
        .map(|c| c.buildings.iter().map(|b| (b.id.as_str(), b.key)).collect())
        .unwrap_or_default();
    let all = city
        .map_or(&[] as &[Finding], |c| &c.findings)
        .iter()
        .chain(results.iter().flat_map(|r| &r.result.findings));
    let mut groups: BTreeMap<(bool, &str), FindingGroup> = BTreeMap::new();
    for finding in all {
        let building = finding
            .object
            .as_deref()
            .and_then(|id| keys.get(id))
            .copied();
        let harmless = finding.severity == Severity::Info;
        let group = groups
            .entry((harmless, finding.code.as_str()))
            .or_insert_with(|| FindingGroup {
                severity: finding.severity,
                code: finding.code.clone(),
                rows: Vec::new(),
            });
        group.rows.push((t.finding(finding), building));
    }
    groups.into_values().collect()
}
