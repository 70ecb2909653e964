//! Rules of the `[wind]` table that a schema cannot say.

use std::collections::BTreeMap;

use crate::city::sources::Roots;
use crate::wind::WindParams;
use crate::wind::params::WindTrees;

use super::fault::{Fault, shown};
use super::validate::path_fault;

/// Faults with the path of their field below `wind`, counted from 1.
pub(super) fn wind_faults(wind: &WindParams, roots: &Roots) -> Vec<(String, Fault)> {
    let mut faults = Vec::new();
    let mut push = |field: String, fault: Fault| faults.push((field, fault));
    if let Some([west, south, east, north]) = wind.area
        && (west >= east || south >= north)
    {
        push(
            "area".to_owned(),
            Fault::new("empty-area", "`area` is empty")
                .expected("[west, south, east, north] with west < east and south < north")
                .found(format!("[{west}, {south}, {east}, {north}]")),
        );
    }
    if wind.climate.is_none() && !wind.uses.is_empty() {
        push(
            "use".to_owned(),
            Fault::new("unused-setting", "`use` would not be used")
                .expected("`[wind.climate]` beside it")
                .help("uses are judged by the hours of a year: name a wind climate, or leave `use` out"),
        );
    }
    if wind.tier == 2 && wind.trees != WindTrees::Ignore {
        push(
            "trees".to_owned(),
            Fault::new("unused-setting", "`trees` would not be used")
                .expected("`tier = 1` beside it")
                .help("tier 2 knows no trees: leave `trees` out, or take tier 1"),
        );
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, area) in wind.uses.iter().enumerate() {
        if let Some(first) = names.insert(&area.id, i) {
            push(
                format!("use[{}].id", i + 1),
                Fault::new(
                    "duplicate-id",
                    format!("two are named `{}`", shown(&area.id)),
                )
                .expected("a name of its own")
                .found(format!("the name of use {}", first + 1)),
            );
        }
    }
    for (i, direction) in wind.maps_from_deg.iter().enumerate() {
        // Names of maps have one decimal.
        let apart = |d: &f64| {
            let turn = (d - direction).rem_euclid(360.0);
            turn.min(360.0 - turn)
        };
        let again = |d: &f64| apart(d) < 0.1;
        if let Some(first) = wind.maps_from_deg[..i].iter().position(again) {
            push(
                format!("maps_from_deg[{}]", i + 1),
                Fault::new(
                    "duplicate-direction",
                    format!("{direction} degrees are listed twice"),
                )
                .help(format!(
                    "leave one of values {} and {} out",
                    first + 1,
                    i + 1
                )),
            );
        }
    }
    for (field, file) in wind.files() {
        if let Some(fault) = path_fault(file, roots) {
            push(field, fault);
        }
    }
    faults
}
