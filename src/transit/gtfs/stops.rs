//! `stops.txt`.

use std::collections::HashMap;

use super::needed;
use crate::transit::error::TransitError;
use crate::transit::remarks::Remarks;
use crate::transit::table::{Feed, Row, read_rows};
use crate::transit::timetable::Stop;

pub(super) struct Stops {
    pub list: Vec<Option<Stop>>,
    pub number: HashMap<String, u32>,
    /// Station of a platform, platform of a boarding area.
    pub parent: Vec<Option<u32>>,
}

pub(super) fn read_stops(
    feed: &Feed,
    place: &dyn Fn([f64; 2]) -> Option<[f64; 2]>,
    remarks: &mut Remarks,
) -> Result<Stops, TransitError> {
    const FILE: &str = "stops.txt";
    struct Raw {
        id: String,
        name: String,
        at: Option<[f64; 2]>,
        parent: String,
        line: u64,
        serves: bool,
    }
    let mut rows: Vec<Raw> = Vec::new();
    let mut number: HashMap<String, u32> = HashMap::new();
    let bytes = needed(feed, FILE)?;
    read_rows(
        FILE,
        &bytes,
        &["stop_id"],
        &[
            "stop_name",
            "stop_lat",
            "stop_lon",
            "location_type",
            "parent_station",
        ],
        |row: &Row<'_>| {
            let id = row.text(0);
            if id.is_empty() || number.contains_key(id) {
                remarks.row("gtfs-unreadable", FILE, row.line, "stop_id", id, "a new id");
                return;
            }
            let mut degree = |column: usize, field, most: f64| {
                let text = row.text(column);
                let value: Option<f64> = text.parse().ok().filter(|v: &f64| v.abs() <= most);
                if value.is_none() && !text.is_empty() {
                    remarks.row("gtfs-unreadable", FILE, row.line, field, text, "degrees");
                }
                value
            };
            let lat = degree(2, "stop_lat", 90.0);
            let lon = degree(3, "stop_lon", 180.0);
            // (0, 0) is how some programs write "unknown".
            let known = lat.zip(lon).filter(|&(lat, lon)| lat != 0.0 || lon != 0.0);
            let at = known.and_then(|(lat, lon)| {
                let at = place([lon, lat]);
                if at.is_none() {
                    remarks.row(
                        "gtfs-far-away",
                        FILE,
                        row.line,
                        "stop_lat",
                        id,
                        "a place in the system of the city",
                    );
                }
                at
            });
            number.insert(id.to_owned(), rows.len() as u32);
            rows.push(Raw {
                id: id.to_owned(),
                name: row.text(1).to_owned(),
                at,
                parent: row.text(5).to_owned(),
                line: row.line,
                // Stops and platforms; stations, entrances and inner nodes are not called at.
                serves: matches!(row.text(4), "" | "0" | "4"),
            });
        },
    )?;
    let parent = |raw: &Raw| number.get(&raw.parent).map(|&p| &rows[p as usize]);
    let mut list = Vec::with_capacity(rows.len());
    for raw in &rows {
        if !raw.parent.is_empty() && parent(raw).is_none() {
            remarks.row(
                "gtfs-unknown-reference",
                FILE,
                raw.line,
                "parent_station",
                &raw.parent,
                "an id of stops.txt",
            );
        }
        let from_parent = || {
            let station = parent(raw)?;
            station.at.or_else(|| parent(station)?.at)
        };
        let position = raw.at.or_else(from_parent);
        if raw.at.is_none() && raw.serves {
            if position.is_some() {
                remarks.info("gtfs-place-of-parent", FILE, raw.line, &raw.id);
            } else {
                remarks.row(
                    "gtfs-stop-without-place",
                    FILE,
                    raw.line,
                    "stop_lat",
                    &raw.id,
                    "stop_lat and stop_lon",
                );
            }
        }
        list.push(position.map(|position| Stop {
            id: raw.id.clone(),
            name: if raw.name.is_empty() {
                raw.id.clone()
            } else {
                raw.name.clone()
            },
            position,
        }));
    }
    let parent = rows.iter().map(|raw| number.get(&raw.parent).copied());
    Ok(Stops {
        parent: parent.collect(),
        list,
        number,
    })
}
