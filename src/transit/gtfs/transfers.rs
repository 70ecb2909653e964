//! `transfers.txt`: rules for changes between stops.
//!
//! A rule for a station holds for all stops in it, also for changes at one of them (GTFS Schedule reference, `from_stop_id`). Where several rules
//! hold for two stops, the one whose ends are nearest to them decides (a stop's own before that of its station), of equal ones the last.

use std::collections::{BTreeMap, HashMap};

use crate::transit::clock::DAY_S;
use crate::transit::error::TransitError;
use crate::transit::remarks::Remarks;
use crate::transit::table::{Feed, Row, read_rows};
use crate::transit::timetable::Change;

/// What a rule says about a change.
#[derive(Clone, Copy)]
enum Rule {
    /// It takes as long as the settings say.
    Usual,
    /// See [`Change::least_s`].
    Takes(Option<i32>),
}

/// Stops of the timetable by the row of `stops.txt` that stands for them: their own, that of their station, and how many steps lie between.
fn members(parent: &[Option<u32>], new_number: &[Option<u32>]) -> Vec<Vec<(u32, u8)>> {
    let mut members = vec![Vec::new(); parent.len()];
    for (row, number) in new_number.iter().enumerate() {
        let Some(number) = *number else { continue };
        // Boarding area, platform, station: no chain is longer.
        let mut above = Some(row as u32);
        for steps in 0..3 {
            let Some(at) = above else { break };
            members[at as usize].push((number, steps));
            above = parent[at as usize];
        }
    }
    members
}

/// Rules for changes between stops of the timetable. `old_number` and `parent` are rows of `stops.txt`, `new_number` the stops that they became.
pub(super) fn read_changes(
    feed: &Feed,
    old_number: &HashMap<String, u32>,
    parent: &[Option<u32>],
    new_number: &[Option<u32>],
    remarks: &mut Remarks,
) -> Result<Vec<Change>, TransitError> {
    const FILE: &str = "transfers.txt";
    let Some(bytes) = feed.read(FILE)? else {
        return Ok(Vec::new());
    };
    let members = members(parent, new_number);
    let mut changes: BTreeMap<(u32, u32), (u8, Rule)> = BTreeMap::new();
    let columns = ["from_stop_id", "to_stop_id"];
    read_rows(
        FILE,
        &bytes,
        &columns,
        &[
            "transfer_type",
            "min_transfer_time",
            "from_route_id",
            "to_route_id",
            "from_trip_id",
            "to_trip_id",
        ],
        |row: &Row<'_>| {
            let mut stop = |column: usize, field| {
                let number = old_number.get(row.text(column)).copied();
                if number.is_none() {
                    remarks.row(
                        "gtfs-unknown-reference",
                        FILE,
                        row.line,
                        field,
                        row.text(column),
                        "an id of stops.txt",
                    );
                }
                number
            };
            let ends = stop(0, "from_stop_id").zip(stop(1, "to_stop_id"));
            let Some((from, to)) = ends else { return };
            let kind = row.text(2);
            // Rules between single trips or lines are no rules between stops.
            if (4..8).any(|column| !row.text(column).is_empty()) {
                remarks.info("gtfs-transfer-ignored", FILE, row.line, kind);
                return;
            }
            if !matches!(kind, "" | "0" | "1" | "2" | "3") {
                remarks.info("gtfs-transfer-ignored", FILE, row.line, kind);
                return;
            }
            let rule = match (kind, row.text(3).parse::<i32>()) {
                ("3", _) => Rule::Takes(None),
                (_, Ok(seconds)) => Rule::Takes(Some(seconds.clamp(0, DAY_S))),
                _ => Rule::Usual,
            };
            for &(from, above_from) in &members[from as usize] {
                for &(to, above_to) in &members[to as usize] {
                    let steps = above_from + above_to;
                    let known = changes.entry((from, to)).or_insert((steps, rule));
                    if steps <= known.0 {
                        *known = (steps, rule);
                    }
                }
            }
        },
    )?;
    let change = |((from, to), (_, rule))| match rule {
        Rule::Usual => None,
        Rule::Takes(least_s) => Some(Change { from, to, least_s }),
    };
    Ok(changes.into_iter().filter_map(change).collect())
}
