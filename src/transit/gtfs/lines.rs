//! `routes.txt`.

use std::collections::HashMap;

use super::needed;
use crate::transit::error::TransitError;
use crate::transit::remarks::Remarks;
use crate::transit::table::{Feed, Row, read_rows};
use crate::transit::timetable::{Line, Mode};

pub(super) fn read_lines(
    feed: &Feed,
    remarks: &mut Remarks,
) -> Result<(Vec<Line>, HashMap<String, u32>), TransitError> {
    const FILE: &str = "routes.txt";
    let mut lines: Vec<Line> = Vec::new();
    let mut number: HashMap<String, u32> = HashMap::new();
    let bytes = needed(feed, FILE)?;
    read_rows(
        FILE,
        &bytes,
        &["route_id", "route_type"],
        &["route_short_name", "route_long_name"],
        |row: &Row<'_>| {
            let id = row.text(0);
            if id.is_empty() || number.contains_key(id) {
                remarks.row(
                    "gtfs-unreadable",
                    FILE,
                    row.line,
                    "route_id",
                    id,
                    "a new id",
                );
                return;
            }
            let mode = mode_of(row.text(1)).unwrap_or_else(|| {
                remarks.row(
                    "gtfs-unknown-value",
                    FILE,
                    row.line,
                    "route_type",
                    row.text(1),
                    "a type of the reference; taken as other",
                );
                Mode::Other
            });
            let name = [row.text(2), row.text(3), id]
                .into_iter()
                .find(|name| !name.is_empty())
                .unwrap_or(id);
            number.insert(id.to_owned(), lines.len() as u32);
            lines.push(Line {
                id: id.to_owned(),
                name: name.to_owned(),
                mode,
            });
        },
    )?;
    Ok((lines, number))
}

/// Mode of a `route_type`: the basic ones and the extended ones by their hundreds.
fn mode_of(text: &str) -> Option<Mode> {
    let number: u32 = text.parse().ok()?;
    Some(match number {
        0 | 5 | 900..=906 => Mode::Tram,
        1 | 12 | 400..=405 => Mode::Metro,
        2 | 100..=117 => Mode::Rail,
        3 | 11 | 200..=209 | 700..=716 | 800 => Mode::Bus,
        4 | 1000 | 1200 => Mode::Ferry,
        6 | 7 | 1100..=1700 => Mode::Other,
        _ => return None,
    })
}
