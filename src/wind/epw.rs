//! Hourly wind from an EPW file (EnergyPlus weather: 8 lines of heading, then 35 columns per hour).

use super::error::WindError;
use super::weather::{Kind, Position, Source, WindYear, start};

/// Columns of direction (degrees) and speed (m/s), from 0, and how many there must be.
const DIRECTION: usize = 20;
const SPEED: usize = 21;
const COLUMNS: usize = 35;
/// Lines of heading.
const HEADING: u64 = 8;
/// Code from which on a direction or a speed is missing.
const MISSING: f64 = 999.0;

/// True for the first line of an EPW file.
pub(super) fn is_epw(first: &str) -> bool {
    first.split(',').next().map(str::trim) == Some("LOCATION")
}

/// Reads the wind of an EPW file.
pub(super) fn parse(source: &Source) -> Result<WindYear, WindError> {
    let (first, line) = source.lines().next().unwrap_or(("", 1));
    let heading: Vec<&str> = first.split(',').map(str::trim).collect();
    if heading.len() < 10 {
        return Err(source.fault(
            Some(line),
            start(first),
            "`LOCATION,` and nine values in the first line of an EPW file",
            "take the file as its source gives it",
        ));
    }
    let mut year = WindYear::empty(Kind::Epw, heading[1].to_owned(), heading[4].to_owned());
    let of = |column: usize| {
        let number = heading[column].parse::<f64>().ok();
        number.filter(|x| x.is_finite())
    };
    let position = of(6).zip(of(7));
    year.position = position.map(|(north, east)| Position::Degrees([north, east]));
    year.ground_m = of(9);
    for (text, line) in source.lines().filter(|(_, line)| *line > HEADING) {
        let columns: Vec<&str> = text.split(',').map(str::trim).collect();
        if columns.len() < COLUMNS {
            return Err(source.fault(
                Some(line),
                format!("{} columns", columns.len()),
                "35 columns in an hour of an EPW file",
                "check that the file is complete",
            ));
        }
        let value = |column: usize, expected: &str| {
            let value = source.number(line, columns[column], expected)?;
            if value >= 0.0 {
                return Ok(value);
            }
            let help = "correct the line, or write 999 for a missing value";
            Err(source.fault(Some(line), format!("`{value}`"), expected, help))
        };
        let direction = value(
            DIRECTION,
            "a wind direction from 0 to 360 degrees in column 21",
        )?;
        let speed = value(SPEED, "a wind speed in m/s in column 22")?;
        let known = |value: f64| Some(value).filter(|x| *x < MISSING);
        year.add(source, line, known(direction), known(speed))?;
    }
    year.finish(source)
}

#[cfg(test)]
mod tests {
    use super::super::weather::tests::read;
    use super::super::weather::{Position, WindYear};

    fn year(lines: &[String]) -> Result<WindYear, String> {
        read("year.epw", lines.join("\r\n").as_bytes())
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
        let year = year(&lines).unwrap();
        assert_eq!(
            (year.station.as_str(), year.hours.len(), year.missing),
            ("Somewhere", 32, 2)
        );
        assert!((year.hours[0].from_rad - 270_f64.to_radians()).abs() < 1e-12);
        assert!(
            year.hours
                .iter()
                .all(|h| h.speed_mps > 0.0 || h.from_rad == 0.0)
        );
        let place = (year.position, year.ground_m);
        assert_eq!(place, (Some(Position::Degrees([53.6, 10.0])), Some(16.0)));
    }

    #[test]
    fn wrong_files_are_told_with_line_and_what_to_expect() {
        let good: Vec<String> = (0..30).map(|_| hour("10", "2")).collect();
        let with = |line: String| [heading(), good.clone(), vec![line]].concat();
        let cases = [
            (
                vec!["LOCATION,x".to_owned()],
                ":1\n  found: LOCATION,x\n  expected: `LOCATION,` and nine values",
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
        for (lines, want) in &cases {
            let message = year(lines).unwrap_err();
            assert!(message.contains(want), "{message}");
        }
    }
}
