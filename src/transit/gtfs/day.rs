//! The timetable of the day out of the trips that were read.

use super::stops::Stops;
use super::transfers::read_changes;
use super::trips::{RawTrip, Trips};
use crate::transit::clock::{DAY_S, time_text};
use crate::transit::error::TransitError;
use crate::transit::remarks::Remarks;
use crate::transit::table::Feed;
use crate::transit::timetable::{HeadwayService, LooseTrip, Pattern, Timetable, Trip, patterns_of};

pub(super) fn assemble(
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
                    one.trip.id = format!("{}@{}", raw.id, time_text(departure));
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
    let changes = read_changes(feed, &stops.number, &stops.parent, &new_number, remarks)?;
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
