//! Rules of the `[access]` table and of the edits of public transport that a schema cannot say.

use crate::access::AccessParams;
use crate::access::params::{PromiseRule, ShuttleOffer, Ways};
use crate::city::sources::Roots;

use super::Edit;
use super::fault::Fault;
use super::validate::{is_day, path_fault};

/// Faults with the path of their field below `access`, counted from 1.
pub(super) fn access_faults(access: &AccessParams, roots: &Roots) -> Vec<(String, Fault)> {
    let mut faults = Vec::new();
    let mut push = |field: String, fault: Fault| faults.push((field, fault));
    let usual = AccessParams::default();
    for (field, path) in [
        ("timetable", &access.timetable),
        ("districts", &access.districts),
    ] {
        if let Some(fault) = path.as_deref().and_then(|path| path_fault(path, roots)) {
            push(field.to_owned(), fault);
        }
    }
    if let Some(date) = &access.date {
        if !is_day(date) {
            push(
                "date".to_owned(),
                Fault::new("bad-date", "`date` is no day of the calendar")
                    .expected("a day as `2026-12-01`")
                    .found(date.chars().take(40).collect::<String>()),
            );
        }
        let feed = access.timetable.as_deref();
        if feed.is_none_or(|path| path.starts_with("sample:")) {
            push(
                "date".to_owned(),
                unused("date")
                    .expected("a GTFS feed under `timetable`")
                    .help("the lines of the sample city run alike every day"),
            );
        }
    }
    if access.end_s < access.begin_s + access.slice_s {
        push(
            "end_s".to_owned(),
            Fault::new("empty-period", "the hours hold not one slice")
                .expected(format!(
                    "an end from {} s on",
                    access.begin_s + access.slice_s
                ))
                .found(format!("{} s", access.end_s)),
        );
    }
    let of_other_rule: &[(&str, bool)] = match access.rule {
        PromiseRule::Total => &[
            ("walk_limit_s", access.walk_limit_s != usual.walk_limit_s),
            ("wait_limit_s", access.wait_limit_s != usual.wait_limit_s),
        ],
        PromiseRule::Separate => &[("limit_s", access.limit_s != usual.limit_s)],
    };
    for (field, set) in of_other_rule {
        if *set {
            push(
                (*field).to_owned(),
                unused(field)
                    .expected("the other `rule`")
                    .help("`limit_s` goes with `total`, `walk_limit_s` and `wait_limit_s` with `separate`"),
            );
        }
    }
    if access.ways == Ways::Streets && access.detour != usual.detour {
        push(
            "detour".to_owned(),
            unused("detour").expected("`ways = \"straight\"` or `\"manhattan\"`"),
        );
    }
    for (i, choice) in access.offers.iter().enumerate() {
        if access.offers[..i].contains(choice) {
            push(
                format!("offers[{}]", i + 1),
                Fault::new("duplicate-id", "a kind of offer is named twice").expected("each once"),
            );
        }
    }
    for (i, shuttle) in access.shuttles.iter().enumerate() {
        for (field, fault) in shuttle_faults(shuttle) {
            let dot = if field.is_empty() { "" } else { "." };
            push(format!("shuttle[{}]{dot}{field}", i + 1), fault);
        }
    }
    faults
}

fn unused(field: &str) -> Fault {
    Fault::new("unused-setting", format!("`{field}` would not be used"))
}

fn shuttle_faults(shuttle: &ShuttleOffer) -> Vec<(&'static str, Fault)> {
    let mut faults = Vec::new();
    if shuttle.stops.is_empty() && shuttle.area.is_empty() {
        faults.push((
            "",
            Fault::new(
                "alternatives",
                "shuttles must say where they can be boarded",
            )
            .expected("`stops`, `area`, or both")
            .found("none of them"),
        ));
    }
    if (1..3).contains(&shuttle.area.len()) {
        faults.push((
            "area",
            Fault::new("wrong-length", "`area` has the wrong length")
                .expected("at least 3 values")
                .found(shuttle.area.len().to_string()),
        ));
    }
    if shuttle.end_s <= shuttle.begin_s {
        faults.push((
            "end_s",
            Fault::new("empty-period", "the hours are empty")
                .expected(format!("an end after {} s", shuttle.begin_s))
                .found(format!("{} s", shuttle.end_s)),
        ));
    }
    faults
}

/// Faults of an edit of public transport or shuttles with the field below the edit.
pub(super) fn transit_edit_faults(
    edit: &Edit,
    access: Option<&AccessParams>,
) -> Vec<(&'static str, Fault)> {
    if edit.transit_change().is_none() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if access.is_none() {
        faults.push((
            "",
            Fault::new("unused-setting", "the edit would not be used")
                .expected("a table `[access]` in the scenario")
                .help("name a timetable under `[access]`"),
        ));
    }
    let on_a_line = matches!(
        edit,
        Edit::TransitHeadway(_) | Edit::TransitStop(_) | Edit::TransitRemove(_)
    );
    if on_a_line && access.is_some_and(|access| access.timetable.is_none()) {
        faults.push((
            "line",
            Fault::new("unused-setting", "there is no line to change")
                .expected("`timetable` in `[access]`")
                .help("name a GTFS feed, or `sample:hafenquartier`"),
        ));
    }
    match edit {
        Edit::TransitLine(line) => {
            if line.stops.iter().skip(1).any(|stop| stop.run_s.is_none()) {
                faults.push((
                    "stop",
                    Fault::new("missing-field", "a stop has no driving time")
                        .expected("`run_s` at every stop but the first"),
                ));
            }
            if line.end_s <= line.begin_s {
                faults.push((
                    "end_s",
                    Fault::new("empty-period", "the hours are empty")
                        .expected(format!("an end after {} s", line.begin_s))
                        .found(format!("{} s", line.end_s)),
                ));
            }
        }
        Edit::TransitHeadway(change) => {
            if change.begin_s.is_some() != change.end_s.is_some() {
                faults.push((
                    "",
                    Fault::new("half-a-period", "`begin_s` and `end_s` belong together")
                        .expected("both or none")
                        .found("one of them"),
                ));
            }
            if let Some((begin, end)) = change.begin_s.zip(change.end_s)
                && end <= begin
            {
                faults.push((
                    "end_s",
                    Fault::new("empty-period", "the hours are empty")
                        .expected(format!("an end after {begin} s"))
                        .found(format!("{end} s")),
                ));
            }
        }
        Edit::ShuttleOffer(shuttle) => faults.extend(shuttle_faults(shuttle)),
        _ => {}
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(change: impl FnOnce(&mut AccessParams)) -> Vec<(String, &'static str)> {
        let mut access = AccessParams::default();
        change(&mut access);
        let found = access_faults(&access, &Roots::default()).into_iter();
        found.map(|(field, fault)| (field, fault.code)).collect()
    }

    #[test]
    fn settings_without_effect_and_empty_hours_are_faults() {
        let one = |field: &str, code| vec![(field.to_owned(), code)];
        assert_eq!(faults(|_| {}), []);
        assert_eq!(
            faults(|a| a.wait_limit_s = 200.0),
            one("wait_limit_s", "unused-setting")
        );
        assert_eq!(
            faults(|a| {
                a.rule = PromiseRule::Separate;
                a.limit_s = 200.0;
            }),
            one("limit_s", "unused-setting")
        );
        assert_eq!(faults(|a| a.detour = 1.3), one("detour", "unused-setting"));
        assert_eq!(
            faults(|a| a.end_s = a.begin_s),
            one("end_s", "empty-period")
        );
        assert_eq!(
            faults(|a| a.date = Some("2026-02-30".to_owned())),
            [
                ("date".to_owned(), "bad-date"),
                ("date".to_owned(), "unused-setting")
            ]
        );
        let shuttle = ShuttleOffer {
            name: "S".to_owned(),
            stops: Vec::new(),
            area: Vec::new(),
            wait_s: 200.0,
            begin_s: 0.0,
            end_s: 86_400.0,
        };
        assert_eq!(
            faults(|a| a.shuttles.push(shuttle)),
            one("shuttle[1]", "alternatives")
        );
    }
}
