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
//! * `transfers.txt`: rules between stops and between stations (for all their stops); those of single trips or lines are left out and counted.

mod calendar;
mod day;
mod lines;
mod stops;
mod transfers;
mod trips;

use std::path::Path;

use crate::finding::Finding;

use super::clock::Date;
use super::error::TransitError;
use super::remarks::Remarks;
use super::table::Feed;
use super::timetable::Timetable;
use calendar::{choose_day, read_services};
use day::assemble;
use lines::read_lines;
use stops::read_stops;
use trips::{read_calls, read_frequencies, read_trips};

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

#[cfg(test)]
mod tests;
