//! Times of a service day and dates, as GTFS writes them.

use std::fmt;

/// Seconds of a day.
pub const DAY_S: i32 = 86_400;

/// Latest time (s) that is believed: a service day of four days, as night trains and ferries have at most.
pub const LATEST_S: i32 = 4 * DAY_S;

/// Seconds since noon minus twelve hours of the service day, of a text as `7:05:00` or `25:10:00`. Times beyond 24:00 belong to the night after.
pub fn time_s(text: &str) -> Option<i32> {
    let mut parts = text.trim().splitn(3, ':');
    let mut part = |most: i32| {
        let digits = parts.next()?;
        let fits = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let number: i32 = fits.then(|| digits.parse().ok())??;
        (number <= most).then_some(number)
    };
    let (h, m, s) = (part(99)?, part(59)?, part(59)?);
    let time = 3_600 * h + 60 * m + s;
    (time <= LATEST_S).then_some(time)
}

/// `07:05` or `07:05:30`, for people.
pub fn time_text(seconds: i32) -> String {
    let (h, m, s) = (
        seconds.div_euclid(3_600),
        seconds.rem_euclid(3_600) / 60,
        seconds.rem_euclid(60),
    );
    if s == 0 {
        format!("{h:02}:{m:02}")
    } else {
        format!("{h:02}:{m:02}:{s:02}")
    }
}

/// A day of the calendar, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

impl Date {
    /// The day of a year, month (1 to 12) and day of the month; `None` when there is no such day. Years 1900 to 2200.
    pub fn new(year: i32, month: i32, day: i32) -> Option<Self> {
        let known = (1900..=2200).contains(&year) && (1..=12).contains(&month);
        if !known || day < 1 || day > days_of_month(year, month) {
            return None;
        }
        let leap_days = |year: i32| year / 4 - year / 100 + year / 400;
        let years = 365 * (year - 1970) + leap_days(year - 1) - leap_days(1969);
        let months: i32 = (1..month).map(|m| days_of_month(year, m)).sum();
        Some(Self(years + months + day - 1))
    }

    /// Reads `20261201` or `2026-12-01`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = match text.trim().split('-').collect::<Vec<_>>()[..] {
            [y, m, d] if [y.len(), m.len(), d.len()] == [4, 2, 2] => [y, m, d].concat(),
            [whole] => whole.to_owned(),
            _ => return None,
        };
        if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |range: std::ops::Range<usize>| digits[range].parse().ok();
        Self::new(part(0..4)?, part(4..6)?, part(6..8)?)
    }

    /// 0 Monday to 6 Sunday.
    pub fn weekday(self) -> usize {
        // 1970-01-01 was a Thursday.
        (self.0 + 3).rem_euclid(7) as usize
    }
}

/// `2026-12-01`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut year = 1970 + self.0.div_euclid(366);
        let first = |year| Self::new(year, 1, 1).map_or(i32::MAX, |date| date.0);
        while first(year + 1) <= self.0 {
            year += 1;
        }
        let mut day = self.0 - first(year);
        let mut month = 1;
        while month < 12 && day >= days_of_month(year, month) {
            day -= days_of_month(year, month);
            month += 1;
        }
        write!(f, "{year:04}-{month:02}-{:02}", day + 1)
    }
}

fn days_of_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_may_pass_midnight_but_not_be_nonsense() {
        assert_eq!(time_s("08:00:00"), Some(28_800));
        assert_eq!(time_s(" 7:05:09"), Some(25_509));
        assert_eq!(time_s("25:10:00"), Some(90_600));
        for text in [
            "",
            "8:00",
            "08:60:00",
            "08:00:61",
            "-1:00:00",
            "99:00:00",
            "8h",
            "08:00:00:00",
        ] {
            assert_eq!(time_s(text), None, "{text}");
        }
        assert_eq!(time_text(90_600), "25:10");
    }

    #[test]
    fn dates_have_the_right_weekday_and_come_back() {
        for (text, weekday) in [
            ("2026-11-29", 6),
            ("20240229", 3),
            ("1970-01-01", 3),
            ("2000-12-31", 6),
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!(date.weekday(), weekday, "{text}");
            assert_eq!(Date::parse(&date.to_string()), Some(date));
        }
        let first = Date::parse("1999-12-25").unwrap().0;
        for day in first..first + 800 {
            assert_eq!(Date::parse(&Date(day).to_string()), Some(Date(day)));
        }
        for text in [
            "2026-02-29",
            "20261301",
            "2026-1-1",
            "tomorrow",
            "",
            "202611290",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
