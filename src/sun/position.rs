//! Where the sun stands: SPA (Reda & Andreas 2004, NREL/TP-560-34302) through the crate `solar-positioning`, civil days, and
//! directions in the local frame.

use nalgebra::Vector3;
use solar_positioning::time::JulianDate;
use solar_positioning::{Location, SolarPositions, delta_t};

use crate::scenario::TimeZone;

use super::SunError;

/// A place on Earth and how the grid of the city is turned there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// Latitude (degrees north).
    pub latitude_deg: f64,
    /// Longitude (degrees east).
    pub longitude_deg: f64,
    /// Angle (rad) from true north clockwise to grid north (meridian convergence, +0.80° in Hamburg in UTM 32).
    pub grid_north_rad: f64,
    /// Civil time.
    pub time_zone: TimeZone,
}

/// Direction to the centre of the sun disc, geometric (without refraction).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SunPosition {
    /// Clockwise from true north (rad).
    pub azimuth_rad: f64,
    /// Above the horizon (rad), negative at night.
    pub elevation_rad: f64,
}

impl SunPosition {
    /// Unit vector towards the sun in the local frame (x grid east, y grid north, z up).
    pub fn local_direction(&self, site: &Site) -> Vector3<f64> {
        let azimuth = self.azimuth_rad - site.grid_north_rad;
        let (sin_e, cos_e) = self.elevation_rad.sin_cos();
        Vector3::new(azimuth.sin() * cos_e, azimuth.cos() * cos_e, sin_e)
    }
}

/// Proleptic Gregorian calendar day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month, from 1.
    pub day: u32,
}

impl Date {
    /// Reads `YYYY-MM-DD`, years 1900 to 2100 (the range for which the positions are verified).
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let digits = |r: std::ops::Range<usize>| {
            let part = text.get(r)?;
            part.bytes()
                .all(|b| b.is_ascii_digit())
                .then(|| part.parse::<u32>().ok())?
        };
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let date = Self {
            year: digits(0..4)? as i32,
            month: digits(5..7)?,
            day: digits(8..10)?,
        };
        let valid = (1900..=2100).contains(&date.year)
            && (1..=12).contains(&date.month)
            && (1..=days_in_month(date.year, date.month)).contains(&date.day);
        valid.then_some(date)
    }

    /// Day of the week, 0 = Sunday.
    fn weekday(self) -> u32 {
        // Days since 2000-01-01, which was a Saturday.
        (self.days_since_2000() + 6).rem_euclid(7) as u32
    }

    /// Days since 2000-01-01.
    fn days_since_2000(self) -> i64 {
        // Shift the year to start in March, so that the leap day comes last.
        let (y, m) = if self.month > 2 {
            (self.year, self.month - 3)
        } else {
            (self.year - 1, self.month + 9)
        };
        let y = i64::from(y);
        let before = 365 * y + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400);
        before + i64::from((153 * m + 2) / 5) + i64::from(self.day) - 1 - 730_425
    }

    /// Delta T = TT - UT1 (s) for this day, as estimated by Espenak & Meeus with later fits.
    pub fn delta_t_s(self) -> Result<f64, SunError> {
        Ok(delta_t::estimate_from_date(self.year, self.month)?)
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn days_in_month(year: i32, month: u32) -> u32 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Minutes that civil time is ahead of UTC at a moment of a civil day, given by its UTC minute of that day.
///
/// The rule of the European Union since 1996 (Directive 2000/84/EC): summer time from the last Sunday of March to the last
/// Sunday of October, each 01:00 UTC. Applied to all years, since a study compares days, not history.
pub fn utc_offset_min(zone: TimeZone, date: Date, utc_minute: f64) -> f64 {
    match zone {
        TimeZone::Utc => 0.0,
        TimeZone::EuropeBerlin => {
            let last_sunday = |month| {
                let last = Date {
                    year: date.year,
                    month,
                    day: 31,
                };
                Date {
                    day: 31 - last.weekday(),
                    ..last
                }
            };
            let moment = (date, utc_minute);
            let summer = moment >= (last_sunday(3), 60.0) && moment < (last_sunday(10), 60.0);
            if summer { 120.0 } else { 60.0 }
        }
    }
}

/// Sun position at a UTC moment; `delta_t_s` is TT - UT1.
pub fn sun_position(
    site: &Site,
    date: Date,
    utc_minute: f64,
    delta_t_s: f64,
) -> Result<SunPosition, SunError> {
    let midnight = JulianDate::from_utc(date.year, date.month, date.day, 0, 0, 0.0, delta_t_s)?;
    let time = JulianDate::new(midnight.julian_date() + utc_minute / 1440.0, delta_t_s)?;
    let location = Location {
        latitude: site.latitude_deg,
        longitude: site.longitude_deg,
    };
    let position = SolarPositions::new().at_from_julian(time, location, 0.0, None)?;
    Ok(SunPosition {
        azimuth_rad: position.azimuth().to_radians(),
        elevation_rad: position.elevation_angle().to_radians(),
    })
}

/// Sun position at a civil clock time of a day.
pub fn sun_at_civil_time(site: &Site, date: Date, minute: f64) -> Result<SunPosition, SunError> {
    let winter = utc_offset_min(site.time_zone, date, 0.0);
    // Clock changes happen at night; one correction is enough.
    let offset = utc_offset_min(site.time_zone, date, minute - winter);
    sun_position(site, date, minute - offset, date.delta_t_s()?)
}

/// One moment of a day at which the sun is above the horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SunSample {
    /// Unit vector to the sun, local frame.
    pub direction: [f32; 3],
    /// Elevation (rad).
    pub elevation_rad: f64,
    /// Middle of the time step, in civil minutes since midnight.
    pub civil_minute: f64,
}

/// The sun over one civil day: one sample in the middle of each time step in which it is above the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct SunDay {
    /// The day.
    pub date: Date,
    /// Time step (min).
    pub step_min: f64,
    /// Deciduous trees carry leaves: May to October, south of the equator November to April.
    pub in_leaf: bool,
    /// Samples in the order of time. There is a pause between them where the night lies within the civil day.
    pub samples: Vec<SunSample>,
}

impl SunDay {
    /// Samples of the civil day `date`, one per `step_s`.
    pub fn new(site: &Site, date: Date, step_s: f64) -> Result<Self, SunError> {
        let step_min = step_s / 60.0;
        let steps = (1440.0 / step_min).round() as usize;
        let delta_t_s = date.delta_t_s()?;
        let mut samples = Vec::new();
        for i in 0..steps {
            // Step boundaries are fixed in civil time; the offset of the middle of the day holds while the sun is up, because
            // clocks change at night.
            let civil_minute = (i as f64 + 0.5) * step_min;
            let offset = utc_offset_min(site.time_zone, date, 720.0);
            let position = sun_position(site, date, civil_minute - offset, delta_t_s)?;
            if position.elevation_rad > 0.0 {
                samples.push(SunSample {
                    direction: position.local_direction(site).cast::<f32>().into(),
                    elevation_rad: position.elevation_rad,
                    civil_minute,
                });
            }
        }
        Ok(Self {
            date,
            step_min,
            in_leaf: (5..=10).contains(&date.month) == (site.latitude_deg >= 0.0),
            samples,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn dates_are_checked() {
        for bad in [
            "2027-02-29",
            "2027-13-01",
            "1899-12-31",
            "2101-01-01",
            "2027-3-1",
            "+027-03-01",
            "2027-00-10",
            "",
        ] {
            assert_eq!(Date::parse(bad), None, "{bad}");
        }
        assert_eq!(date("2028-02-29").to_string(), "2028-02-29");
    }

    #[test]
    fn clocks_change_on_the_last_sundays() {
        // 2027: 28 March and 31 October; 2026: 29 March and 25 October.
        let offset = |d, minute| utc_offset_min(TimeZone::EuropeBerlin, date(d), minute);
        assert_eq!(offset("2027-03-21", 720.0), 60.0);
        assert_eq!(offset("2027-03-28", 59.0), 60.0);
        assert_eq!(offset("2027-03-28", 60.0), 120.0);
        assert_eq!(offset("2027-10-31", 59.0), 120.0);
        assert_eq!(offset("2027-10-31", 60.0), 60.0);
        assert_eq!(offset("2026-03-29", 60.0), 120.0);
        assert_eq!(offset("2026-10-24", 720.0), 120.0);
        assert_eq!(offset("2026-10-25", 720.0), 60.0);
    }

    #[test]
    fn grid_north_turns_the_direction_back() {
        let site = Site {
            latitude_deg: 53.55,
            longitude_deg: 10.0,
            grid_north_rad: 0.014,
            time_zone: TimeZone::EuropeBerlin,
        };
        // East of the central meridian grid north points east of true north: true south lies at grid azimuth 180° - γ.
        let south = SunPosition {
            azimuth_rad: std::f64::consts::PI,
            elevation_rad: 0.0,
        };
        let d = south.local_direction(&site);
        assert!((d.x - 0.014_f64.sin()).abs() < 1e-12 && d.y < 0.0);
    }
}
