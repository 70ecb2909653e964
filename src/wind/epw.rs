//! Hourly wind from an EPW file (EnergyPlus weather: 8 lines of heading, then 35 columns per hour).

use std::path::Path;

use super::climate::Hour;
use super::error::WindError;

/// Wind of a year at a station.
#[derive(Clone, Debug, PartialEq)]
pub struct WindYear {
    /// Name of the station, and where its numbers come from, as the file says.
    pub station: String,
    /// See `station`.
    pub source: String,
    /// Hours with wind data, in the order of the file.
    pub hours: Vec<Hour>,
    /// Hours without, which are left out.
    pub missing: usize,
}

/// Columns of direction (degrees) and speed (m/s), from 0, and how many there must be.
const DIRECTION: usize = 20;
const SPEED: usize = 21;
const COLUMNS: usize = 35;
/// Codes from which on a value is missing.
const NO_DIRECTION: f64 = 999.0;
const NO_SPEED: f64 = 999.0;
/// Strongest hourly mean ever measured is below this (m/s): more is an error of the file.
const STRONGEST_MPS: f64 = 120.0;

/// Reads the wind of an EPW file.
pub fn read_epw(path: &Path) -> Result<WindYear, WindError> {
    let fault = |line: Option<u64>, found: String, expected: &str| WindError::Table {
        file: path.display().to_string(),
        line,
        found,
        expected: expected.to_owned(),
    };
    let bytes =
        std::fs::read(path).map_err(|e| fault(None, e.to_string(), "a file that can be read"))?;
    // Names of stations are the only text; a wrong letter in them does no harm.
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines().zip(1_u64..);
    let first = lines.next().map_or("", |(line, _)| line);
    let heading: Vec<&str> = first.split(',').map(str::trim).collect();
    if heading.first() != Some(&"LOCATION") || heading.len() < 10 {
        let found = first.chars().take(40).collect();
        return Err(fault(
            Some(1),
            found,
            "an EPW file: `LOCATION,` and nine values in its first line",
        ));
    }
    let mut year = WindYear {
        station: heading[1].to_owned(),
        source: heading[4].to_owned(),
        hours: Vec::new(),
        missing: 0,
    };
    for (line, number) in lines.skip(7).filter(|(line, _)| !line.trim().is_empty()) {
        let columns: Vec<&str> = line.split(',').map(str::trim).collect();
        if columns.len() < COLUMNS {
            let found = format!("{} columns", columns.len());
            return Err(fault(
                Some(number),
                found,
                "35 columns in an hour of an EPW file",
            ));
        }
        let value = |column: usize, name: &str| {
            columns[column]
                .parse::<f64>()
                .ok()
                .filter(|x| x.is_finite() && *x >= 0.0)
                .ok_or_else(|| fault(Some(number), format!("`{}`", columns[column]), name))
        };
        let direction = value(
            DIRECTION,
            "a wind direction from 0 to 360 degrees in column 21",
        )?;
        let speed = value(SPEED, "a wind speed in m/s in column 22")?;
        if speed >= NO_SPEED || (speed > 0.0 && direction >= NO_DIRECTION) {
            year.missing += 1;
            continue;
        }
        if speed > STRONGEST_MPS || (speed > 0.0 && direction > 360.0) {
            let found = format!("direction {direction}, speed {speed}");
            return Err(fault(
                Some(number),
                found,
                "0 to 360 degrees and a speed below 120 m/s, or the codes 999 for missing",
            ));
        }
        year.hours.push(Hour {
            from_rad: direction.to_radians(),
            speed_mps: speed,
        });
    }
    if year.hours.len() < 24 {
        let found = format!("{} hours with wind", year.hours.len());
        return Err(fault(None, found, "at least a day of hours"));
    }
    Ok(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, lines: &[String]) -> std::path::PathBuf {
        let path =
            std::env::temp_dir().join(format!("planspiel-{}-{name}.epw", std::process::id()));
        std::fs::write(&path, lines.join("\r\n")).unwrap();
        path
    }

    fn heading() -> Vec<String> {
        let mut lines = vec!["LOCATION,Somewhere,-,DEU,Made up,0,53.6,10.0,1.0,16.0".to_owned()];
        lines.extend((0..7).map(|n| format!("HEADING {n}")));
        lines
    }

    fn hour(direction: &str, speed: &str) -> String {
        let mut columns = vec!["0"; 35];
        (columns[20], columns[21]) = (direction, speed);
        columns.join(",")
    }

    #[test]
    fn hours_calms_and_missing_values_are_told_apart() {
        let mut lines = heading();
        lines.extend((0..30).map(|n| hour("270", &format!("{n}.5"))));
        lines.extend([
            hour("0", "0"),
            hour("999", "0"),
            hour("999", "3"),
            hour("90", "999"),
        ]);
        let path = file("good", &lines);
        let year = read_epw(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(
            (year.station.as_str(), year.hours.len(), year.missing),
            ("Somewhere", 32, 2)
        );
        assert!((year.hours[0].from_rad - 270_f64.to_radians()).abs() < 1e-12);
    }

    #[test]
    fn wrong_files_are_told_with_line_and_what_to_expect() {
        let good: Vec<String> = (0..30).map(|_| hour("10", "2")).collect();
        let with = |line: String| [heading(), good.clone(), vec![line]].concat();
        let cases = [
            (
                vec!["<html>".to_owned()],
                ":1\n  found: <html>\n  expected: an EPW file",
            ),
            (
                with("1,2,3".to_owned()),
                ":39\n  found: 3 columns\n  expected: 35 columns",
            ),
            (
                with(hour("x", "2")),
                ":39\n  found: `x`\n  expected: a wind direction",
            ),
            (
                with(hour("10", "-2")),
                ":39\n  found: `-2`\n  expected: a wind speed",
            ),
            (
                with(hour("400", "2")),
                ":39\n  found: direction 400, speed 2",
            ),
            (heading(), "\n  found: 0 hours with wind"),
        ];
        for (n, (lines, want)) in cases.iter().enumerate() {
            let path = file(&format!("bad{n}"), lines);
            let message = read_epw(&path).unwrap_err().to_string();
            std::fs::remove_file(path).unwrap();
            assert!(message.contains(want), "{message}");
        }
    }
}
