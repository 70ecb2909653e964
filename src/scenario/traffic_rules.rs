//! Rules of the `[traffic]` table and of the edits of traffic that a schema cannot say.

use std::collections::BTreeMap;

use crate::city::sources::Roots;
use crate::traffic::TrafficParams;

use super::Edit;
use super::fault::{Fault, shown};
use super::validate::path_fault;

/// Faults with the path of their field below `traffic`, counted from 1.
pub(super) fn traffic_faults(traffic: &TrafficParams, roots: &Roots) -> Vec<(String, Fault)> {
    let mut faults = Vec::new();
    let mut push = |field: String, fault: Fault| faults.push((field, fault));
    if traffic.sumo.is_some() == traffic.network.is_some() {
        let found = match traffic.sumo {
            Some(_) => "both",
            None => "none of them",
        };
        push(
            String::new(),
            Fault::new("alternatives", "`traffic` must name one network")
                .expected("exactly one of `sumo` or `network`")
                .found(found),
        );
    }
    for (field, list) in [
        ("demand", &traffic.demand),
        ("additional", &traffic.additional),
    ] {
        if traffic.sumo.is_some() && !list.is_empty() {
            push(
                field.to_owned(),
                Fault::new("unused-setting", format!("`{field}` would not be used"))
                    .expected("`network` beside it")
                    .help("the configuration of SUMO names its files itself"),
            );
        }
    }
    if let (Some(begin), Some(end)) = (traffic.begin_s, traffic.end_s)
        && end <= begin + traffic.warm_up_s
    {
        push(
            "end_s".to_owned(),
            Fault::new("empty-period", "nothing is left to simulate")
                .expected(format!(
                    "an end after {} s (begin and warm-up)",
                    begin + traffic.warm_up_s
                ))
                .found(format!("{end} s")),
        );
    }
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (i, line) in traffic.lines.iter().enumerate() {
        if let Some(first) = names.insert(&line.id, i) {
            push(
                format!("line[{}].id", i + 1),
                Fault::new(
                    "duplicate-id",
                    format!("two are named `{}`", shown(&line.id)),
                )
                .expected("a name of its own")
                .found(format!("the name of line {}", first + 1)),
            );
        }
    }
    for (field, file) in traffic.files() {
        if let Some(fault) = path_fault(file, roots) {
            push(field, fault);
        }
    }
    faults
}

/// Faults of an edit of traffic with the field below the edit.
pub(super) fn traffic_edit_faults(edit: &Edit, has_traffic: bool) -> Vec<(&'static str, Fault)> {
    let mut faults = Vec::new();
    if edit.traffic_change().is_some() && !has_traffic {
        faults.push((
            "",
            Fault::new("unused-setting", "the edit would not be used")
                .expected("a table `[traffic]` in the scenario")
                .help("name a network and its demand under `[traffic]`"),
        ));
    }
    match edit {
        Edit::StreetClosure(closure) => {
            let corners = closure.area.len();
            if closure.streets.is_empty() && corners == 0 {
                faults.push((
                    "",
                    Fault::new("alternatives", "a street closure must say where")
                        .expected("`streets`, `area`, or both")
                        .found("none of them"),
                ));
            }
            if (1..3).contains(&corners) {
                faults.push((
                    "area",
                    Fault::new("wrong-length", "`area` has the wrong length")
                        .expected("at least 3 values")
                        .found(corners.to_string()),
                ));
            }
        }
        Edit::Headway(headway) if headway.headway_s.is_some() == headway.factor.is_some() => {
            let found = match headway.factor {
                Some(_) => "both",
                None => "none of them",
            };
            faults.push((
                "",
                Fault::new("alternatives", "a headway must be said in one way")
                    .expected("exactly one of `headway_s` or `factor`")
                    .found(found),
            ));
        }
        _ => {}
    }
    faults
}
