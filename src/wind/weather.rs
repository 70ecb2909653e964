//! The wind of a station, hour by hour, from the weather files that planners have.
//!
//! | kind | told by | where it comes from |
//! |---|---|---|
//! | EPW | `LOCATION,` in the first line | EnergyPlus weather, e.g. of climate.onebuilding.org |
//! | TRY | a line `***` after the heading | Testreferenzjahre of the German weather service DWD, 2011 and 2017 |
//! | CDC | `STATIONS_ID;MESS_DATUM;` in the first line | hourly measurements of DWD, `produkt_ff_stunde_*.txt` |
//!
//! All are speeds 10 m above ground at most stations; none of the files says it for its own mast.
//!
//! Directions come in steps, mostly of 10 degrees. Sectors of another width would hold two or three of these steps in turn and show a
//! climate that is not there. [`WindYear::sectors`] therefore gives a number of sectors that fits, and [`WindYear::rose`] spreads each
//! hour over the width of its step, so that any number of sectors is right.

use std::collections::BTreeSet;

use super::climate::{Hour, Rose};
use super::error::WindError;
use super::{dwd, epw};

/// Kind of a weather file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// EnergyPlus weather, in general a typical year.
    Epw,
    /// Test reference year of DWD, a typical year.
    Try,
    /// Hourly measurements of DWD.
    Cdc,
}

/// Where a station is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Position {
    /// WGS84 (degrees north and east).
    Degrees([f64; 2]),
    /// Easting and northing (m), Lambert conformal conic for Europe (EPSG:3034), as a test reference year of 2017 has it.
    Lambert([f64; 2]),
}

/// Wind at a station.
#[derive(Clone, Debug, PartialEq)]
pub struct WindYear {
    /// Kind of its file.
    pub kind: Kind,
    /// Name of the station, and where its numbers come from, as the file says.
    pub station: String,
    /// See `station`.
    pub source: String,
    /// Where it is; None where the file does not tell.
    pub position: Option<Position>,
    /// Height (m) of its ground above the sea; None where the file does not tell.
    pub ground_m: Option<f64>,
    /// Hours with wind data, in the order of the file.
    pub hours: Vec<Hour>,
    /// Hours without, which are left out.
    pub missing: usize,
    /// Hours with a speed but with a wind from all sides. They are left out; as they are hours of light wind, what is left is a
    /// little windier than the climate.
    pub variable: usize,
    /// Steps (degrees) in which directions are told; 0 for none.
    pub step_deg: f64,
}

/// What a user should know about a weather file; it can be used nevertheless.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remark {
    /// Many hours have no wind.
    ManyMissing {
        /// So many.
        hours: usize,
        /// Of so many.
        of: usize,
    },
    /// Many hours have wind from all sides.
    ManyVariable {
        /// So many.
        hours: usize,
        /// Of so many.
        of: usize,
    },
    /// Less than a year: seasons are missing.
    ShortRecord {
        /// Hours with and without wind.
        hours: usize,
    },
    /// A typical year has no storms: danger must come from the tail of its statistics or from measurements.
    TypicalYear {
        /// Strongest hour (m/s).
        largest_mps: f64,
    },
    /// Directions come in steps: sectors should fit them.
    DirectionSteps {
        /// Width of a step (degrees).
        step_deg: f64,
        /// Number of sectors that fits.
        sectors: usize,
    },
}

/// Share of hours without direction or speed from which a user should know.
const MANY: f64 = 0.05;
/// Hours of a year without its last day: a file with fewer is short.
const YEAR_H: usize = 8736;
/// Widths of steps (degrees) that stations use, and the number of sectors for each.
const STEPS: [(f64, usize); 6] = [
    (45.0, 8),
    (30.0, 12),
    (22.5, 16),
    (10.0, 36),
    (5.0, 36),
    (1.0, 36),
];
/// Share of directions that must lie on a step.
const ON_STEPS: f64 = 0.99;
/// The strongest hourly mean ever measured is below this (m/s): more is an error of the file.
const STRONGEST_MPS: f64 = 120.0;

impl WindYear {
    /// Without hours.
    pub(super) fn empty(kind: Kind, station: String, source: String) -> Self {
        Self {
            kind,
            station,
            source,
            position: None,
            ground_m: None,
            hours: Vec::new(),
            missing: 0,
            variable: 0,
            step_deg: 0.0,
        }
    }

    /// Hours of the record, with and without wind.
    pub fn record_h(&self) -> usize {
        self.hours.len() + self.missing + self.variable
    }

    /// Strongest hour (m/s).
    pub fn largest_mps(&self) -> f64 {
        self.hours.iter().map(|h| h.speed_mps).fold(0.0, f64::max)
    }

    /// Number of sectors that fits the steps of the directions.
    pub fn sectors(&self) -> usize {
        let same = |(step, _): &&(f64, usize)| (step - self.step_deg).abs() < 1e-9;
        STEPS.iter().find(same).map_or(36, |(_, sectors)| *sectors)
    }

    /// Its rose, with each hour spread over the width of its step; None where nothing blows.
    pub fn rose(&self, sectors: usize) -> Option<Rose> {
        Rose::from_steps(&self.hours, sectors, self.step_deg.to_radians())
    }

    /// What a user should know.
    pub fn remarks(&self) -> Vec<Remark> {
        let of = self.record_h();
        let many = |hours: usize| hours as f64 > MANY * of as f64;
        let mut remarks = Vec::new();
        if many(self.missing) {
            let hours = self.missing;
            remarks.push(Remark::ManyMissing { hours, of });
        }
        if many(self.variable) {
            let hours = self.variable;
            remarks.push(Remark::ManyVariable { hours, of });
        }
        if of < YEAR_H {
            remarks.push(Remark::ShortRecord { hours: of });
        }
        if self.kind != Kind::Cdc {
            let largest_mps = self.largest_mps();
            remarks.push(Remark::TypicalYear { largest_mps });
        }
        if self.step_deg > 5.0 {
            let (step_deg, sectors) = (self.step_deg, self.sectors());
            remarks.push(Remark::DirectionSteps { step_deg, sectors });
        }
        remarks
    }

    /// Adds an hour with a direction (degrees) and a speed (m/s), None for missing ones. A calm has direction 0, whatever the file says.
    pub(super) fn add(
        &mut self,
        source: &Source,
        line: u64,
        direction_deg: Option<f64>,
        speed_mps: Option<f64>,
    ) -> Result<(), WindError> {
        let from_deg = match (speed_mps, direction_deg) {
            (Some(speed), _) if speed <= 0.0 => 0.0,
            (Some(_), Some(direction)) => direction,
            _ => {
                self.missing += 1;
                return Ok(());
            }
        };
        let speed_mps = speed_mps.unwrap_or_default();
        if speed_mps > STRONGEST_MPS || from_deg > 360.0 {
            return Err(source.fault(
                Some(line),
                format!("direction {from_deg}, speed {speed_mps}"),
                "0 to 360 degrees and at most 120 m/s",
                "correct the line, or write the code for a missing value",
            ));
        }
        self.hours.push(Hour {
            from_rad: from_deg.to_radians(),
            speed_mps,
        });
        Ok(())
    }

    /// Last step of all readers: finds the step of the directions; an error for a file with hardly any wind.
    pub(super) fn finish(mut self, source: &Source) -> Result<Self, WindError> {
        if self.hours.len() < 24 {
            return Err(source.fault(
                None,
                format!("{} hours with wind", self.hours.len()),
                "at least a day of hours",
                "check that the file is complete",
            ));
        }
        let blows = self.hours.iter().filter(|h| h.speed_mps > 0.0);
        let directions: Vec<f64> = blows.map(|h| h.from_rad.to_degrees()).collect();
        self.step_deg = step_deg(&directions);
        Ok(self)
    }
}

/// The widest step on which nearly all directions (degrees) lie; 0 for none. Steps wider than 10 degrees need half of their directions in
/// use: wind that is always from the west says nothing about its steps.
fn step_deg(directions: &[f64]) -> f64 {
    let fits = |step: f64| {
        let on = |d: &&f64| ((*d / step).round() * step - *d).abs() < 0.01;
        let used: BTreeSet<i64> = directions
            .iter()
            .filter(on)
            .map(|d| (d / step).round() as i64)
            .collect();
        let share = directions.iter().filter(on).count() as f64;
        let enough = step <= 10.0 || used.len() as f64 * step >= 180.0;
        enough && share >= ON_STEPS * directions.len() as f64
    };
    let steps = STEPS.map(|(step, _)| step);
    if directions.is_empty() {
        return 0.0;
    }
    steps.into_iter().find(|&step| fits(step)).unwrap_or(0.0)
}

/// Text of a file and its name.
pub(super) struct Source {
    pub(super) file: String,
    pub(super) text: String,
}

impl Source {
    /// Names of stations are the only text that matters; a wrong letter in them does no harm.
    fn new(file: &str, bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        Self {
            file: file.to_owned(),
            text: text.trim_start_matches('\u{feff}').to_owned(),
        }
    }

    /// Lines that are not empty, with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (&str, u64)> {
        let lines = self.text.lines().map(str::trim_end).zip(1_u64..);
        lines.filter(|(line, _)| !line.is_empty())
    }

    /// An error of this file.
    pub(super) fn fault(
        &self,
        line: Option<u64>,
        found: impl Into<String>,
        expected: &str,
        help: &str,
    ) -> WindError {
        WindError::Weather {
            file: self.file.clone(),
            line,
            found: found.into(),
            expected: expected.to_owned(),
            help: help.to_owned(),
        }
    }

    /// A finite number in a line.
    pub(super) fn number(&self, line: u64, text: &str, expected: &str) -> Result<f64, WindError> {
        let number = text.parse::<f64>().ok().filter(|x| x.is_finite());
        number.ok_or_else(|| {
            let help = "correct the line, or write the code for a missing value";
            self.fault(Some(line), format!("`{}`", start(text)), expected, help)
        })
    }
}

/// The first 40 letters.
pub(super) fn start(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Reads the wind from the bytes of a weather file of any kind that is known; `file` is its name in messages. The kind is told by what the
/// file contains, not by its name.
pub fn read_weather(file: &str, bytes: &[u8]) -> Result<WindYear, WindError> {
    let source = Source::new(file, bytes);
    let (first, line) = source.lines().next().unwrap_or(("", 1));
    if epw::is_epw(first) {
        epw::parse(&source)
    } else if dwd::is_cdc(first) {
        dwd::parse_cdc(&source)
    } else if dwd::is_try(&source) {
        dwd::parse_try(&source)
    } else {
        let help = if first.starts_with("PK") {
            "this is a ZIP archive: unpack it and take the file inside"
        } else {
            "wind roses as tables are read elsewhere; other formats can be converted to EPW"
        };
        Err(source.fault(
            Some(line),
            format!("`{}`", start(first)),
            "an EPW file (first line `LOCATION,...`), a DWD test reference year (heading, then a line `***`) or a DWD file of \
             hourly wind (`produkt_ff_stunde_*.txt`, first line `STATIONS_ID;MESS_DATUM;...`)",
            help,
        ))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads text as if it were a file.
    pub(crate) fn read(name: &str, text: &[u8]) -> Result<WindYear, String> {
        read_weather(name, text).map_err(|e| e.to_string())
    }

    fn year(directions: impl Iterator<Item = f64>) -> WindYear {
        let mut year = WindYear::empty(Kind::Cdc, String::new(), String::new());
        let source = Source {
            file: String::new(),
            text: String::new(),
        };
        for (n, direction) in directions.enumerate() {
            let speed = 1.0 + (n % 7) as f64;
            year.add(&source, 1, Some(direction), Some(speed)).unwrap();
        }
        year.finish(&source).unwrap()
    }

    #[test]
    fn a_uniform_climate_in_ten_degree_steps_is_uniform_in_any_number_of_sectors() {
        // 63 hours from each of 36 directions.
        let year = year((0..36 * 63).map(|n| 10.0 * f64::from(n / 63 + 1)));
        assert_eq!((year.step_deg, year.sectors()), (10.0, 36));
        let all = year.rose(36).unwrap().sectors[0];
        for sectors in [8, 12, 16, 36] {
            let rose = year.rose(sectors).unwrap();
            for sector in rose.sectors {
                let share = sector.frequency * sectors as f64;
                assert!((share - 1.0).abs() < 1e-9, "{sectors}: {share}");
                assert!((sector.k - all.k).abs() < 1e-6 && (sector.c_mps - all.c_mps).abs() < 1e-6);
            }
        }
        // Without spreading, sectors hold two or three steps.
        let plain = Rose::from_hours(&year.hours, 16).unwrap();
        assert!(plain.sectors.iter().any(|s| s.frequency * 16.0 > 1.3));
    }

    #[test]
    fn steps_are_found_in_the_directions() {
        let steps = |step: f64, count: u32| {
            year((0..400).map(move |n| step * f64::from(n * 7 % count))).step_deg
        };
        assert_eq!(steps(1.0, 360), 1.0);
        assert_eq!(steps(22.5, 16), 22.5);
        assert_eq!(steps(30.0, 12), 30.0);
        assert_eq!(steps(45.0, 8), 45.0);
        assert_eq!(steps(0.37, 900), 0.0);
        // Always from the west: 10 degrees, not 45.
        assert_eq!(year((0..40).map(|_| 270.0)).step_deg, 10.0);
    }

    #[test]
    fn remarks_count_what_lacks() {
        let mut year = year((0..100).map(|n| 10.0 * f64::from(n % 36)));
        assert_eq!(
            year.remarks(),
            vec![
                Remark::ShortRecord { hours: 100 },
                Remark::DirectionSteps {
                    step_deg: 10.0,
                    sectors: 36
                }
            ]
        );
        (year.missing, year.variable, year.kind) = (9000, 10, Kind::Try);
        let remarks = year.remarks();
        assert_eq!(
            remarks[0],
            Remark::ManyMissing {
                hours: 9000,
                of: 9110
            }
        );
        assert_eq!(remarks[1], Remark::TypicalYear { largest_mps: 7.0 });
    }

    #[test]
    fn other_files_are_refused_with_the_kinds_that_are_read() {
        for (name, text) in [
            ("empty", "".as_bytes()),
            ("html", b"\n<html>"),
            ("binary", &[0xff, 0xfe, 0, 1, 2, 0xff]),
            ("long", "x".repeat(1 << 20).as_bytes()),
        ] {
            let message = read(name, text).unwrap_err();
            assert!(message.contains("an EPW file") && message.contains("`***`"));
            assert!(message.contains("produkt_ff_stunde") && message.len() < 900);
        }
        let message = read("zip", b"PK\x03\x04").unwrap_err();
        assert!(message.contains("unpack"), "{message}");
    }
}
