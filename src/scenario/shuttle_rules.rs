//! Rules of the `[shuttles]` table and of the edit of the service that a schema cannot say.

use crate::city::sources::Roots;
use crate::shuttle::params::{SAMPLE_NETWORK, ShuttleDemand, ShuttleParams};

use super::Edit;
use super::fault::Fault;
use super::validate::path_fault;

/// Faults with the path of their field below `shuttles`.
pub(super) fn shuttle_faults(
    shuttles: &ShuttleParams,
    has_traffic: bool,
    roots: &Roots,
) -> Vec<(String, Fault)> {
    let mut faults = Vec::new();
    let mut push = |field: &str, fault: Fault| faults.push((field.to_owned(), fault));
    let named = [&shuttles.network, &shuttles.osm];
    let named = named.iter().filter(|source| source.is_some()).count();
    if named == 2 || (named == 0 && !has_traffic) {
        let found = if named == 2 {
            "both"
        } else {
            "none of them, and no table `[traffic]`"
        };
        push(
            "",
            Fault::new("alternatives", "`shuttles` must name its streets")
                .expected(
                    "one of `network` or `osm`, or a table `[traffic]` whose streets are taken",
                )
                .found(found)
                .help(format!(
                    "for the sample city: `network = \"{SAMPLE_NETWORK}\"`"
                )),
        );
    }
    if shuttles.requests.is_some() && shuttles.od.is_some() {
        push(
            "od",
            Fault::new("alternatives", "the demand must be said in one way")
                .expected("one of `requests` or `od`, or none for a generated demand")
                .found("both"),
        );
    }
    if shuttles.od.is_some() != shuttles.zones.is_some() {
        let (missing, there) = if shuttles.od.is_some() {
            ("zones", "od")
        } else {
            ("od", "zones")
        };
        push(
            there,
            Fault::new(
                "alternatives",
                format!("`{there}` needs `{missing}` beside it"),
            )
            .expected("a table of trips and a table of the zones")
            .found(format!("`{there}` alone")),
        );
    }
    let seed = shuttles.generated.seed;
    let untouched = ShuttleDemand {
        seed,
        ..ShuttleDemand::default()
    };
    if !shuttles.is_generated() && shuttles.generated != untouched {
        push(
            "generated",
            Fault::new("unused-setting", "`generated` would not be used")
                .expected("a generated demand")
                .help("the files say who asks; leave one of the two out"),
        );
    }
    if !shuttles.stops.is_empty() && shuttles.stop_spacing_m.is_some() {
        push(
            "stop_spacing_m",
            Fault::new("alternatives", "stops must be said in one way")
                .expected("one of `stops` or `stop_spacing_m`, or none for a service at the door")
                .found("both"),
        );
    }
    if let Some(fault) = hours(shuttles.begin_h, shuttles.end_h) {
        push("end_h", fault);
    }
    if let Some(fault) = corners(&shuttles.area) {
        push("area", fault);
    }
    let battery = &shuttles.battery;
    if !(battery.reserve_percent < battery.charge_below_percent
        && battery.charge_below_percent < battery.charge_to_percent)
    {
        push(
            "battery",
            Fault::new("wrong-order", "vehicles would never charge, or always")
                .expected(
                    "`reserve_percent` below `charge_below_percent` below `charge_to_percent`",
                )
                .found(format!(
                    "{} %, {} %, {} %",
                    battery.reserve_percent,
                    battery.charge_below_percent,
                    battery.charge_to_percent
                )),
        );
    }
    for (field, file) in shuttles.files() {
        if let Some(fault) = path_fault(file, roots) {
            push(field, fault);
        }
    }
    faults
}

/// Faults of the edit of the service with the field below the edit.
pub(super) fn shuttle_edit_faults(
    edit: &Edit,
    shuttles: Option<&ShuttleParams>,
) -> Vec<(&'static str, Fault)> {
    let Edit::ShuttleService(change) = edit else {
        return Vec::new();
    };
    let mut faults = Vec::new();
    match shuttles {
        None => faults.push((
            "",
            Fault::new("unused-setting", "the edit would not be used")
                .expected("a table `[shuttles]` in the scenario")
                .help("name streets and a fleet under `[shuttles]`"),
        )),
        Some(shuttles) => {
            let new = change.applied(shuttles);
            if let Some(fault) = hours(new.begin_h, new.end_h) {
                let field = if change.end_h.is_some() {
                    "end_h"
                } else {
                    "begin_h"
                };
                faults.push((field, fault));
            }
        }
    }
    if change.is_empty() {
        faults.push((
            "",
            Fault::new("alternatives", "the edit changes nothing")
                .expected("one setting at least, such as `vehicles`")
                .found("none"),
        ));
    }
    if !change.stops.is_empty() && change.stop_spacing_m.is_some() {
        faults.push((
            "stop_spacing_m",
            Fault::new("alternatives", "stops must be said in one way")
                .expected("one of `stops` or `stop_spacing_m`")
                .found("both"),
        ));
    }
    if let Some(fault) = corners(&change.area) {
        faults.push(("area", fault));
    }
    faults
}

fn hours(begin_h: f64, end_h: f64) -> Option<Fault> {
    (end_h <= begin_h).then(|| {
        Fault::new("empty-period", "the service ends before it begins")
            .expected(format!("an end after {begin_h} h"))
            .found(format!("{end_h} h"))
            .help("after midnight hours go on: 1 o'clock is 25")
    })
}

fn corners(area: &[[f64; 2]]) -> Option<Fault> {
    (1..3).contains(&area.len()).then(|| {
        Fault::new("wrong-length", "`area` has the wrong length")
            .expected("at least 3 values")
            .found(area.len().to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shuttle::params::{ShuttleBattery, ShuttleService};

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn faults(change: impl FnOnce(&mut ShuttleParams)) -> Vec<(String, &'static str)> {
        let mut shuttles = ShuttleParams {
            network: some(SAMPLE_NETWORK),
            ..ShuttleParams::default()
        };
        change(&mut shuttles);
        let found = shuttle_faults(&shuttles, false, &Roots::default()).into_iter();
        found.map(|(field, fault)| (field, fault.code)).collect()
    }

    #[test]
    fn contradictions_are_named_with_their_field() {
        assert_eq!(faults(|_| {}), []);
        let one = |field: &str, code| vec![(field.to_owned(), code)];
        type Change = fn(&mut ShuttleParams);
        let wrong: [(Change, &str, &str); 8] = [
            (|s| s.network = None, "", "alternatives"),
            (|s| s.osm = some("a.osm"), "", "alternatives"),
            (|s| s.od = some("od.csv"), "od", "alternatives"),
            (|s| s.zones = some("zones.csv"), "zones", "alternatives"),
            (|s| s.end_h = 6.0, "end_h", "empty-period"),
            (|s| s.area = vec![[0.0, 0.0]; 2], "area", "wrong-length"),
            (
                |s| {
                    s.stops = vec![[0.0, 0.0]];
                    s.stop_spacing_m = Some(200.0);
                },
                "stop_spacing_m",
                "alternatives",
            ),
            (
                |s| {
                    s.battery = ShuttleBattery {
                        charge_below_percent: 90.0,
                        ..ShuttleBattery::default()
                    };
                },
                "battery",
                "wrong-order",
            ),
        ];
        for (change, field, code) in wrong {
            assert_eq!(faults(change), one(field, code));
        }
        let unused = faults(|s| {
            s.requests = some("a.csv");
            s.generated.requests = Some(5);
        });
        assert_eq!(unused, one("generated", "unused-setting"));
        let with_traffic = ShuttleParams::default();
        assert!(shuttle_faults(&with_traffic, true, &Roots::default()).is_empty());
    }

    #[test]
    fn an_edit_needs_the_table_and_changes_something() {
        let shuttles = ShuttleParams::default();
        let codes = |change: ShuttleService, table: Option<&ShuttleParams>| {
            let found = shuttle_edit_faults(&Edit::ShuttleService(change), table);
            found
                .into_iter()
                .map(|(_, fault)| fault.code)
                .collect::<Vec<_>>()
        };
        let fewer = ShuttleService {
            vehicles: Some(0),
            ..ShuttleService::default()
        };
        assert!(codes(fewer.clone(), Some(&shuttles)).is_empty());
        assert_eq!(codes(fewer, None), ["unused-setting"]);
        assert_eq!(
            codes(ShuttleService::default(), Some(&shuttles)),
            ["alternatives"]
        );
        let late = ShuttleService {
            begin_h: Some(23.0),
            ..ShuttleService::default()
        };
        assert_eq!(codes(late, Some(&shuttles)), ["empty-period"]);
    }
}
