//! GTFS import: the timetable of one day out of a feed (GTFS Schedule reference, gtfs.org).
//!
//! Read: `stops routes trips stop_times calendar calendar_dates frequencies transfers`. Not read: fares, shapes, pathways, translations.
//! A table or column that is missing is an error; a row that cannot be used is left out and counted in a finding with its first line.
//!
//! * Times over 24:00 belong to the service day; trips of the day before that still run after midnight are part of the day.
//! * Missing times between two given ones are interpolated by the number of stops (GTFS has no distances here).
//! * `pickup_type` 1 and 2 (by phone, beforehand) offer no boarding: nobody gets on within minutes of a wish.
//! * A stop without coordinates takes those of its parent station; without one, nobody can walk there, and its calls are left out.
//! * `frequencies.txt`: with `exact_times` 1 trips are made at every headway; without, half a headway is waited (`HeadwayService`).

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::finding::Finding;

use super::clock::{DAY_S, Date, time_s};
use super::error::TransitError;
use super::remarks::Remarks;
use super::table::{Feed, Row, read_rows};
use super::timetable::{
    Change, HeadwayService, Line, LooseTrip, Mode, Pattern, Stop, Timetable, Trip, patterns_of,
};

/// Most days that the calendars of a feed are searched for a working day.
const MOST_DAYS: i32 = 1_500;

/// A timetable and how it came about.
#[derive(Debug)]
pub struct Import {
    /// The timetable of the day.
    pub timetable: Timetable,
    /// Day.
    pub date: Date,
    /// True when the day was not given: the first Tuesday to Thursday with most trips of all.
    pub date_chosen: bool,
    /// First and last day with service.
    pub span: [Date; 2],
    /// What was left out or assumed.
    pub findings: Vec<Finding>,
}

/// Reads a feed. `place` takes longitude and latitude (degrees) to easting and northing (m), `None` where that is not possible.
pub fn read_gtfs(
    path: &Path,
    date: Option<Date>,
    place: &dyn Fn([f64; 2]) -> Option<[f64; 2]>,
) -> Result<Import, TransitError> {
    let feed = Feed::open(path)?;
    let mut remarks = Remarks::default();
    let stops = read_stops(&feed, place, &mut remarks)?;
    let (lines, line_numbers) = read_lines(&feed, &mut remarks)?;
    let services = read_services(&feed, &mut remarks)?;
    let mut all = read_trips(&feed, lines, &line_numbers, &services, &mut remarks)?;
    let (date, date_chosen, span) = choose_day(date, &services, &all.trips)?;
    let runs = |service: u32, day: Date| services.list[service as usize].runs_on(day);
    for trip in &mut all.trips {
        trip.today = runs(trip.service, date);
        trip.yesterday = runs(trip.service, Date(date.0 - 1));
    }
    read_calls(&feed, &mut all, &stops, &mut remarks)?;
    read_frequencies(&feed, &mut all, &mut remarks)?;
    let timetable = assemble(&feed, all, stops, &mut remarks)?;
    if timetable.patterns.is_empty() {
        return Err(TransitError::Nothing {
            reason: remarks.summary(),
        });
    }
    Ok(Import {
        timetable,
        date,
        date_chosen,
        span,
        findings: remarks.findings(),
    })
}

fn needed(feed: &Feed, file: &'static str) -> Result<Vec<u8>, TransitError> {
    feed.read(file)?.ok_or_else(|| TransitError::MissingFile {
        path: feed.path.clone(),
        missing: file.to_owned(),
        expected: "stops.txt, routes.txt, trips.txt, stop_times.txt, and calendar.txt or calendar_dates.txt",
    })
}

struct Stops {
    list: Vec<Option<Stop>>,
    number: HashMap<String, u32>,
}

fn read_stops(
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
    Ok(Stops { list, number })
}

fn read_lines(
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

/// Days of a service: the week between two dates, and exceptions.
#[derive(Debug, Default)]
struct Service {
    week: [bool; 7],
    span: Option<[Date; 2]>,
    exceptions: BTreeMap<Date, bool>,
}

impl Service {
    fn runs_on(&self, date: Date) -> bool {
        let usual = self.span.is_some_and(|[first, last]| {
            (first..=last).contains(&date) && self.week[date.weekday()]
        });
        self.exceptions.get(&date).copied().unwrap_or(usual)
    }
}

#[derive(Default)]
struct Services {
    list: Vec<Service>,
    number: HashMap<String, u32>,
}

impl Services {
    fn of(&mut self, id: &str) -> &mut Service {
        let next = self.list.len() as u32;
        let number = *self.number.entry(id.to_owned()).or_insert(next);
        if number == next {
            self.list.push(Service::default());
        }
        &mut self.list[number as usize]
    }
}

fn read_services(feed: &Feed, remarks: &mut Remarks) -> Result<Services, TransitError> {
    const WEEK: &str = "calendar.txt";
    const DATES: &str = "calendar_dates.txt";
    let mut services = Services::default();
    let week = feed.read(WEEK)?;
    let dates = feed.read(DATES)?;
    if week.is_none() && dates.is_none() {
        return Err(TransitError::MissingFile {
            path: feed.path.clone(),
            missing: format!("{WEEK} and no {DATES}"),
            expected: "one of the two at least",
        });
    }
    if let Some(bytes) = week {
        let columns = [
            "service_id",
            "monday",
            "tuesday",
            "wednesday",
            "thursday",
            "friday",
            "saturday",
            "sunday",
            "start_date",
            "end_date",
        ];
        read_rows(WEEK, &bytes, &columns, &[], |row: &Row<'_>| {
            let Some(span) = Date::parse(row.text(8)).zip(Date::parse(row.text(9))) else {
                let found = format!("{} to {}", row.text(8), row.text(9));
                remarks.row(
                    "gtfs-unreadable",
                    WEEK,
                    row.line,
                    "start_date",
                    &found,
                    "two dates as 20261231",
                );
                return;
            };
            let service = services.of(row.text(0));
            service.span = Some([span.0, span.1]);
            service.week = std::array::from_fn(|day| row.text(1 + day) == "1");
        })?;
    }
    if let Some(bytes) = dates {
        let columns = ["service_id", "date", "exception_type"];
        read_rows(DATES, &bytes, &columns, &[], |row: &Row<'_>| {
            let date = Date::parse(row.text(1));
            let added = match row.text(2) {
                "1" => Some(true),
                "2" => Some(false),
                _ => None,
            };
            let Some((date, added)) = date.zip(added) else {
                let found = format!("{}, {}", row.text(1), row.text(2));
                remarks.row(
                    "gtfs-unreadable",
                    DATES,
                    row.line,
                    "date",
                    &found,
                    "a date as 20261231 and type 1 or 2",
                );
                return;
            };
            services.of(row.text(0)).exceptions.insert(date, added);
        })?;
    }
    Ok(services)
}

/// A trip while it is read.
struct RawTrip {
    id: String,
    line: u32,
    service: u32,
    today: bool,
    yesterday: bool,
    calls: Vec<Call>,
    /// Start, end, headway (s), and whether the times are exact.
    frequencies: Vec<([i32; 3], bool)>,
}

struct Call {
    sequence: u32,
    stop: u32,
    times: [Option<i32>; 2],
    boarding: bool,
    alighting: bool,
    line: u64,
}

struct Trips {
    lines: Vec<Line>,
    trips: Vec<RawTrip>,
    number: HashMap<String, u32>,
}

fn read_trips(
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

/// The day, whether it was chosen here, and the first and last day with service.
fn choose_day(
    wanted: Option<Date>,
    services: &Services,
    trips: &[RawTrip],
) -> Result<(Date, bool, [Date; 2]), TransitError> {
    let mut weight = vec![0usize; services.list.len()];
    for trip in trips {
        weight[trip.service as usize] += 1;
    }
    let days = services.list.iter().flat_map(|service| {
        let exceptions = service.exceptions.iter().filter(|(_, added)| **added);
        let span = service.span.into_iter().flatten();
        span.chain(exceptions.map(|(&date, _)| date))
    });
    let (mut first, mut last) = (Date(i32::MAX), Date(i32::MIN));
    for day in days {
        first = first.min(day);
        last = last.max(day);
    }
    let count = |date: Date| -> usize {
        let running = services.list.iter().zip(&weight);
        let running = running.filter(|(service, _)| service.runs_on(date));
        running.map(|(_, &trips)| trips).sum()
    };
    let nothing = |date: &str| TransitError::NoService {
        date: date.to_owned(),
        first: if last < first {
            "-".to_owned()
        } else {
            first.to_string()
        },
        last: if last < first {
            "-".to_owned()
        } else {
            last.to_string()
        },
    };
    if let Some(date) = wanted {
        if count(date) == 0 {
            return Err(nothing(&date.to_string()));
        }
        return Ok((date, false, [first, last]));
    }
    if last < first {
        return Err(nothing("any day"));
    }
    // The last days of the feed: a row that begins long before the others must not decide.
    let begin = first.0.max(last.0.saturating_sub(MOST_DAYS));
    let busiest = |usual: bool| {
        let days = (begin..=last.0).map(Date);
        let days = days.filter(|date| !usual || (1..=3).contains(&date.weekday()));
        let counted = days.map(|date| (count(date), std::cmp::Reverse(date)));
        counted.max().filter(|(trips, _)| *trips > 0)
    };
    let (_, std::cmp::Reverse(date)) = busiest(true)
        .or_else(|| busiest(false))
        .ok_or_else(|| nothing("any day"))?;
    Ok((date, true, [first, last]))
}

fn read_calls(
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
            let Some(&trip) = all.number.get(row.text(0)) else {
                remarks.row(
                    "gtfs-unknown-reference",
                    FILE,
                    row.line,
                    "trip_id",
                    row.text(0),
                    "an id of trips.txt",
                );
                return;
            };
            let trip = &mut all.trips[trip as usize];
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

fn read_frequencies(
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
        let Some(&trip) = all.number.get(row.text(0)) else {
            remarks.row(
                "gtfs-unknown-reference",
                FILE,
                row.line,
                "trip_id",
                row.text(0),
                "an id of trips.txt",
            );
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
        all.trips[trip as usize]
            .frequencies
            .push(([start, end, headway], exact));
    })
}

fn assemble(
    feed: &Feed,
    all: Trips,
    stops: Stops,
    remarks: &mut Remarks,
) -> Result<Timetable, TransitError> {
    const FILE: &str = "stop_times.txt";
    let mut loose: Vec<LooseTrip> = Vec::new();
    let mut floating: Vec<(LooseTrip, HeadwayService)> = Vec::new();
    for mut raw in all.trips {
        if !raw.today && !raw.yesterday {
            continue;
        }
        let first_line = raw.calls.first().map_or(0, |call| call.line);
        let Some(trip) = usable(&mut raw, &stops, first_line, remarks) else {
            continue;
        };
        if raw.frequencies.is_empty() {
            on_the_day(&raw, trip, 0, &mut loose);
            continue;
        }
        let first_s = trip.trip.times[0][1];
        for &([start, end, headway], exact) in &raw.frequencies {
            if exact {
                for departure in (start..end).step_by(headway as usize) {
                    let mut one = trip.clone();
                    one.trip.id = format!("{}@{}", raw.id, super::clock::time_text(departure));
                    on_the_day(&raw, one, departure - first_s, &mut loose);
                }
                continue;
            }
            let offsets = trip
                .trip
                .times
                .iter()
                .map(|t| t.map(|s| s - first_s))
                .collect();
            let service = HeadwayService {
                id: raw.id.clone(),
                offsets,
                from_s: start,
                until_s: end,
                headway_s: headway,
            };
            let longest_s = trip.trip.times.last().map_or(0, |t| t[1] - first_s);
            if raw.yesterday && end + longest_s > DAY_S {
                let mut before = service.clone();
                before.from_s -= DAY_S;
                before.until_s -= DAY_S;
                floating.push((trip.clone(), before));
            }
            if raw.today {
                floating.push((trip.clone(), service));
            }
        }
    }
    let over = loose
        .iter()
        .filter(|t| t.trip.times.last().is_some_and(|t| t[0] >= DAY_S));
    for trip in over {
        remarks.info("gtfs-over-midnight", FILE, 0, &trip.trip.id);
    }
    let mut patterns = patterns_of(loose);
    for (trip, service) in floating {
        let mut own = patterns_of(vec![trip]);
        for pattern in &mut own {
            pattern.trips.clear();
            pattern.headways.push(service.clone());
        }
        patterns.extend(own);
    }
    // Only stops at which something calls are part of the timetable.
    let mut new_number: Vec<Option<u32>> = vec![None; stops.list.len()];
    for pattern in &patterns {
        for &stop in &pattern.stops {
            new_number[stop as usize] = Some(0);
        }
    }
    let mut list = Vec::new();
    for (stop, number) in stops.list.into_iter().zip(&mut new_number) {
        if let (Some(stop), Some(number)) = (stop, number.as_mut()) {
            *number = list.len() as u32;
            list.push(stop);
        }
    }
    for pattern in &mut patterns {
        renumber(pattern, &new_number);
    }
    let changes = read_changes(feed, &stops.number, &new_number, remarks)?;
    Ok(Timetable {
        stops: list,
        lines: all.lines,
        patterns,
        changes,
    })
}

fn renumber(pattern: &mut Pattern, new_number: &[Option<u32>]) {
    for stop in &mut pattern.stops {
        // Every stop of a pattern was marked above.
        *stop = new_number[*stop as usize].unwrap_or(*stop);
    }
}

/// Puts a trip, moved by `shift_s`, on the day itself and, where it runs past midnight, on the morning after.
fn on_the_day(raw: &RawTrip, trip: LooseTrip, shift_s: i32, loose: &mut Vec<LooseTrip>) {
    let moved = |by_s: i32| {
        let mut trip = trip.clone();
        trip.trip
            .times
            .iter_mut()
            .for_each(|t| *t = t.map(|s| s + by_s));
        trip
    };
    let end_s = trip.trip.times.last().map_or(0, |t| t[1]) + shift_s;
    if raw.yesterday && end_s >= DAY_S {
        let mut before = moved(shift_s - DAY_S);
        before.trip.id.push_str(" (day before)");
        loose.push(before);
    }
    if raw.today {
        loose.push(moved(shift_s));
    }
}

/// The trip as it can be used: calls in order, with times and places.
fn usable(
    raw: &mut RawTrip,
    stops: &Stops,
    first_line: u64,
    remarks: &mut Remarks,
) -> Option<LooseTrip> {
    const FILE: &str = "stop_times.txt";
    raw.calls.sort_by_key(|call| (call.sequence, call.line));
    let before = raw.calls.len();
    raw.calls.dedup_by_key(|call| call.sequence);
    if raw.calls.len() < before {
        remarks.row(
            "gtfs-unreadable",
            FILE,
            first_line,
            "stop_sequence",
            &raw.id,
            "each number once per trip",
        );
    }
    let given: Vec<Option<[i32; 2]>> = raw
        .calls
        .iter()
        .map(|call| {
            let [arrival, departure] = call.times;
            Some([arrival.or(departure)?, departure.or(arrival)?])
        })
        .collect();
    if before < 2 {
        remarks.row(
            "gtfs-trip-left-out",
            FILE,
            first_line,
            "trip_id",
            &raw.id,
            "two stops at least",
        );
        return None;
    }
    let Some(times) = interpolated(&given) else {
        remarks.row(
            "gtfs-trip-left-out",
            FILE,
            first_line,
            "arrival_time",
            &raw.id,
            "times at the first and the last stop",
        );
        return None;
    };
    if given.iter().any(Option::is_none) {
        remarks.info("gtfs-interpolated", FILE, first_line, &raw.id);
    }
    let ordered =
        times.iter().all(|t| t[0] <= t[1]) && times.windows(2).all(|pair| pair[0][1] <= pair[1][0]);
    if !ordered {
        remarks.row(
            "gtfs-trip-left-out",
            FILE,
            first_line,
            "departure_time",
            &raw.id,
            "times that do not go back",
        );
        return None;
    }
    let mut trip = LooseTrip {
        line: raw.line,
        stops: Vec::new(),
        boarding: Vec::new(),
        alighting: Vec::new(),
        trip: Trip {
            id: raw.id.clone(),
            times: Vec::new(),
        },
    };
    for (call, time) in raw.calls.iter().zip(times) {
        if stops.list[call.stop as usize].is_none() {
            remarks.row(
                "gtfs-call-left-out",
                FILE,
                call.line,
                "stop_id",
                &raw.id,
                "a stop with a place",
            );
            continue;
        }
        trip.stops.push(call.stop);
        trip.boarding.push(call.boarding);
        trip.alighting.push(call.alighting);
        trip.trip.times.push(time);
    }
    if trip.stops.len() < 2 {
        remarks.row(
            "gtfs-trip-left-out",
            FILE,
            first_line,
            "stop_id",
            &raw.id,
            "two stops with a place at least",
        );
        return None;
    }
    Some(trip)
}

/// Fills missing times evenly between the given ones; `None` where the first or the last is missing.
fn interpolated(given: &[Option<[i32; 2]>]) -> Option<Vec<[i32; 2]>> {
    given.first()?.as_ref()?;
    given.last()?.as_ref()?;
    let mut times: Vec<[i32; 2]> = Vec::with_capacity(given.len());
    let mut known = 0;
    for (at, time) in given.iter().enumerate() {
        let Some(time) = time else { continue };
        let from = times.last().map_or(time[0], |t| t[1]);
        let steps = (at - known) as i32;
        for step in 1..steps {
            let between = from + (time[0] - from) * step / steps;
            times.push([between; 2]);
        }
        times.push(*time);
        known = at;
    }
    Some(times)
}

fn read_changes(
    feed: &Feed,
    old_number: &HashMap<String, u32>,
    new_number: &[Option<u32>],
    remarks: &mut Remarks,
) -> Result<Vec<Change>, TransitError> {
    const FILE: &str = "transfers.txt";
    let Some(bytes) = feed.read(FILE)? else {
        return Ok(Vec::new());
    };
    let mut changes: BTreeMap<(u32, u32), Option<i32>> = BTreeMap::new();
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
            // Between stations and stops that nothing calls at there is nothing to change.
            let ends = new_number[from as usize].zip(new_number[to as usize]);
            let Some(ends) = ends else { return };
            let least_s = match (kind, row.text(3).parse::<i32>()) {
                ("3", _) => None,
                (_, Ok(seconds)) => Some(seconds.clamp(0, DAY_S)),
                // Without a time of its own a change takes what the settings say.
                _ => return,
            };
            changes.insert(ends, least_s);
        },
    )?;
    Ok(changes
        .into_iter()
        .map(|((from, to), least_s)| Change { from, to, least_s })
        .collect())
}

#[cfg(test)]
mod tests;
