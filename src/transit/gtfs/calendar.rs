//! `calendar.txt` and `calendar_dates.txt`: the days of services, and the day that is taken.

use std::collections::{BTreeMap, HashMap};

use super::trips::RawTrip;
use crate::transit::clock::Date;
use crate::transit::error::TransitError;
use crate::transit::remarks::Remarks;
use crate::transit::table::{Feed, Row, read_rows};

/// Most days that the calendars of a feed are searched for a working day.
const MOST_DAYS: i32 = 1_500;

/// Days of a service: the week between two dates, and exceptions.
#[derive(Debug, Default)]
pub(super) struct Service {
    week: [bool; 7],
    span: Option<[Date; 2]>,
    exceptions: BTreeMap<Date, bool>,
}

impl Service {
    pub fn runs_on(&self, date: Date) -> bool {
        let usual = self.span.is_some_and(|[first, last]| {
            (first..=last).contains(&date) && self.week[date.weekday()]
        });
        self.exceptions.get(&date).copied().unwrap_or(usual)
    }
}

#[derive(Default)]
pub(super) struct Services {
    pub list: Vec<Service>,
    pub number: HashMap<String, u32>,
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

pub(super) fn read_services(feed: &Feed, remarks: &mut Remarks) -> Result<Services, TransitError> {
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

/// The day, whether it was chosen here, and the first and last day with service.
pub(super) fn choose_day(
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
