//! `trips.txt`, `stop_times.txt` and `frequencies.txt`, as they stand there.

use std::collections::HashMap;

use super::calendar::Services;
use super::needed;
use super::stops::Stops;
use crate::transit::clock::{DAY_S, time_s};
use crate::transit::error::TransitError;
use crate::transit::remarks::Remarks;
use crate::transit::table::{Feed, Row, read_rows};
use crate::transit::timetable::{Line, Mode};

/// A trip while it is read.
pub(super) struct RawTrip {
    pub id: String,
    pub line: u32,
    pub service: u32,
    pub today: bool,
    pub yesterday: bool,
    pub calls: Vec<Call>,
    /// Start, end, headway (s), and whether the times are exact.
    pub frequencies: Vec<([i32; 3], bool)>,
}

pub(super) struct Call {
    pub sequence: u32,
    pub stop: u32,
    pub times: [Option<i32>; 2],
    pub boarding: bool,
    pub alighting: bool,
    pub line: u64,
}

pub(super) struct Trips {
    pub lines: Vec<Line>,
    pub trips: Vec<RawTrip>,
    pub number: HashMap<String, u32>,
}

pub(super) fn read_trips(
    feed: &Feed,
    mut lines: Vec<Line>,
    line_numbers: &HashMap<String, u32>,
    services: &Services,
    remarks: &mut Remarks,
) -> Result<Trips, TransitError> {
    const FILE: &str = "trips.txt";
    let mut unknown_lines: HashMap<String, u32> = HashMap::new();
    let mut trips = Vec::new();
    let mut number: HashMap<String, u32> = HashMap::new();
    let bytes = needed(feed, FILE)?;
    let columns = ["route_id", "service_id", "trip_id"];
    read_rows(FILE, &bytes, &columns, &[], |row: &Row<'_>| {
        let id = row.text(2);
        if id.is_empty() || number.contains_key(id) {
            remarks.row("gtfs-unreadable", FILE, row.line, "trip_id", id, "a new id");
            return;
        }
        let Some(&service) = services.number.get(row.text(1)) else {
            remarks.row(
                "gtfs-unknown-reference",
                FILE,
                row.line,
                "service_id",
                row.text(1),
                "an id of calendar.txt or calendar_dates.txt",
            );
            return;
        };
        // The line only gives the name: a trip without one still runs.
        let line = line_numbers.get(row.text(0)).copied().unwrap_or_else(|| {
            remarks.row(
                "gtfs-unknown-reference",
                FILE,
                row.line,
                "route_id",
                row.text(0),
                "an id of routes.txt; the trip is kept",
            );
            *unknown_lines
                .entry(row.text(0).to_owned())
                .or_insert_with(|| {
                    lines.push(Line {
                        id: row.text(0).to_owned(),
                        name: row.text(0).to_owned(),
                        mode: Mode::Other,
                    });
                    lines.len() as u32 - 1
                })
        });
        number.insert(id.to_owned(), trips.len() as u32);
        trips.push(RawTrip {
            id: id.to_owned(),
            line,
            service,
            today: false,
            yesterday: false,
            calls: Vec::new(),
            frequencies: Vec::new(),
        });
    })?;
    Ok(Trips {
        lines,
        trips,
        number,
    })
}

impl Trips {
    /// The trip that a row names in its first column; a row without one is counted and passed over.
    fn named(
        &mut self,
        file: &'static str,
        row: &Row<'_>,
        remarks: &mut Remarks,
    ) -> Option<&mut RawTrip> {
        let id = row.text(0);
        let Some(&trip) = self.number.get(id) else {
            remarks.row(
                "gtfs-unknown-reference",
                file,
                row.line,
                "trip_id",
                id,
                "an id of trips.txt",
            );
            return None;
        };
        Some(&mut self.trips[trip as usize])
    }
}

pub(super) fn read_calls(
    feed: &Feed,
    all: &mut Trips,
    stops: &Stops,
    remarks: &mut Remarks,
) -> Result<(), TransitError> {
    const FILE: &str = "stop_times.txt";
    let bytes = needed(feed, FILE)?;
    let columns = [
        "trip_id",
        "stop_id",
        "stop_sequence",
        "arrival_time",
        "departure_time",
    ];
    read_rows(
        FILE,
        &bytes,
        &columns,
        &["pickup_type", "drop_off_type"],
        |row: &Row<'_>| {
            let Some(trip) = all.named(FILE, row, remarks) else {
                return;
            };
            if !trip.today && !trip.yesterday {
                return;
            }
            let Some(&stop) = stops.number.get(row.text(1)) else {
                remarks.row(
                    "gtfs-unknown-reference",
                    FILE,
                    row.line,
                    "stop_id",
                    row.text(1),
                    "an id of stops.txt",
                );
                return;
            };
            let Ok(sequence) = row.text(2).parse() else {
                remarks.row(
                    "gtfs-unreadable",
                    FILE,
                    row.line,
                    "stop_sequence",
                    row.text(2),
                    "a whole number",
                );
                return;
            };
            let mut time = |column: usize, field| {
                let text = row.text(column);
                let time = time_s(text);
                if time.is_none() && !text.is_empty() {
                    remarks.row(
                        "gtfs-unreadable",
                        FILE,
                        row.line,
                        field,
                        text,
                        "a time as 25:10:00, at most 96:00:00",
                    );
                }
                time
            };
            let times = [time(3, "arrival_time"), time(4, "departure_time")];
            let pickup = row.text(5);
            let drop_off = row.text(6);
            for (field, value) in [("pickup_type", pickup), ("drop_off_type", drop_off)] {
                if !matches!(value, "" | "0" | "1" | "2" | "3") {
                    remarks.row(
                        "gtfs-unknown-value",
                        FILE,
                        row.line,
                        field,
                        value,
                        "0 to 3; taken as 0",
                    );
                }
            }
            if pickup == "2" {
                remarks.info("gtfs-by-phone", FILE, row.line, row.text(0));
            }
            trip.calls.push(Call {
                sequence,
                stop,
                times,
                boarding: !matches!(pickup, "1" | "2"),
                alighting: drop_off != "1",
                line: row.line,
            });
        },
    )
}

pub(super) fn read_frequencies(
    feed: &Feed,
    all: &mut Trips,
    remarks: &mut Remarks,
) -> Result<(), TransitError> {
    const FILE: &str = "frequencies.txt";
    let Some(bytes) = feed.read(FILE)? else {
        return Ok(());
    };
    let columns = ["trip_id", "start_time", "end_time", "headway_secs"];
    read_rows(FILE, &bytes, &columns, &["exact_times"], |row: &Row<'_>| {
        let Some(trip) = all.named(FILE, row, remarks) else {
            return;
        };
        let times = time_s(row.text(1)).zip(time_s(row.text(2)));
        let headway: Option<i32> = row.text(3).parse().ok().filter(|h| (1..=DAY_S).contains(h));
        let (Some((start, end)), Some(headway)) =
            (times.filter(|(start, end)| start < end), headway)
        else {
            let found = format!("{} to {} every {} s", row.text(1), row.text(2), row.text(3));
            remarks.row(
                "gtfs-unreadable",
                FILE,
                row.line,
                "headway_secs",
                &found,
                "a start before the end, and 1 to 86400 s",
            );
            return;
        };
        let exact = row.text(4) == "1";
        trip.frequencies.push(([start, end, headway], exact));
    })
}
