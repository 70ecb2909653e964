//! Rules of the `[traffic]` table and of the edits of traffic that a schema cannot say.

use std::collections::BTreeMap;

use crate::city::sources::Roots;
use crate::traffic::TrafficParams;
use crate::traffic::params::SAMPLE_NETWORK;

use super::Edit;
use super::fault::{Fault, shown};
use super::validate::path_fault;

/// Faults with the path of their field below `traffic`, counted from 1.
pub(super) fn traffic_faults(traffic: &TrafficParams, roots: &Roots) -> Vec<(String, Fault)> {
    let mut faults = Vec::new();
    let mut push = |field: String, fault: Fault| faults.push((field, fault));
    let sources = [&traffic.sumo, &traffic.network, &traffic.osm];
    let named = sources.iter().filter(|source| source.is_some()).count();
    if named != 1 {
        let found = match named {
            0 => "none of them",
            2 => "two of them",
            _ => "all of them",
        };
        push(
            String::new(),
            Fault::new("alternatives", "`traffic` must name one network")
                .expected("exactly one of `sumo`, `network` or `osm`")
                .found(found)
                .help(format!(
                    "for the sample city: `network = \"{SAMPLE_NETWORK}\"`"
                )),
        );
    }
    let from_files = traffic.sumo.is_some();
    for (field, list) in [
        ("demand", &traffic.demand),
        ("additional", &traffic.additional),
    ] {
        if from_files && !list.is_empty() {
            push(
                field.to_owned(),
                Fault::new("unused-setting", format!("`{field}` would not be used"))
                    .expected("`network` or `osm` beside it")
                    .help("the configuration of SUMO names its files itself"),
            );
        }
    }
    if traffic.is_generated() && !traffic.additional.is_empty() {
        push(
            "additional".to_owned(),
            Fault::new("unused-setting", "`additional` would not be used")
                .expected("`demand` beside it")
                .help("stops and types of additional files go with routes; a generated demand has none"),
        );
    }
    if named == 1 && !traffic.is_generated() {
        let help = if traffic.demand.is_empty() {
            "only the sample city and `osm` have a generated demand"
        } else {
            "the files under `demand` say who drives; leave one of the two out"
        };
        let mut unused = |field: &str| {
            push(
                field.to_owned(),
                Fault::new("unused-setting", format!("`{field}` would not be used"))
                    .expected("a generated demand")
                    .help(help),
            );
        };
        if traffic.vehicles_per_h.is_some() {
            unused("vehicles_per_h");
        }
        if traffic.demand_seed.is_some() {
            unused("demand_seed");
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields and codes of the faults of settings.
    fn faults(change: impl FnOnce(&mut TrafficParams)) -> Vec<(String, &'static str)> {
        let mut traffic = TrafficParams::default();
        change(&mut traffic);
        let found = traffic_faults(&traffic, &Roots::default());
        let found = found.into_iter();
        found.map(|(field, fault)| (field, fault.code)).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn exactly_one_network_is_named() {
        let alternatives = [(String::new(), "alternatives")];
        assert_eq!(faults(|_| {}), alternatives);
        assert_eq!(
            faults(|t| {
                t.sumo = some("a.sumocfg");
                t.osm = some("a.osm");
            }),
            alternatives
        );
        let one: [fn(&mut TrafficParams); 4] = [
            |t| t.sumo = some("a.sumocfg"),
            |t| t.network = some("a.net.xml"),
            |t| t.network = some(SAMPLE_NETWORK),
            |t| t.osm = some("a.osm"),
        ];
        for change in one {
            assert_eq!(faults(change), []);
        }
    }

    #[test]
    fn settings_of_a_generated_demand_need_one() {
        let unused = |field: &str| (field.to_owned(), "unused-setting");
        let generated = |t: &mut TrafficParams| {
            t.vehicles_per_h = Some(500.0);
            t.demand_seed = Some(3);
        };
        for network in [SAMPLE_NETWORK, "a.net.xml"] {
            let found = faults(|t| {
                t.network = some(network);
                generated(t);
            });
            let expected = match network {
                SAMPLE_NETWORK => Vec::new(),
                _ => vec![unused("vehicles_per_h"), unused("demand_seed")],
            };
            assert_eq!(found, expected, "{network}");
        }
        let found = faults(|t| {
            t.osm = some("a.osm");
            t.demand = vec!["a.rou.xml".to_owned()];
            t.vehicles_per_h = Some(500.0);
        });
        assert_eq!(found, [unused("vehicles_per_h")]);
        let found = faults(|t| {
            t.osm = some("a.osm");
            t.additional = vec!["a.add.xml".to_owned()];
        });
        assert_eq!(found, [unused("additional")]);
    }
}
