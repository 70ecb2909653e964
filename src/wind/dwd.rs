//! Wind from files of the German weather service (Deutscher Wetterdienst, DWD).
//!
//! * Test reference years (TRY), 2017 and 2011: a heading, a line with the names of the columns, a line `***`, then an hour in each line.
//!   `WR` is the direction (degrees), `WG` the speed (m/s), both 10 m above ground; 999 for a missing direction. The columns are found
//!   by their names.
//! * Hourly measurements of the Climate Data Center (CDC, `climate/hourly/wind`): `STATIONS_ID;MESS_DATUM;QN_3;F;D;eor`, with the time in
//!   UTC (YYYYMMDDHH), F the mean speed (m/s) and D the direction (degrees, in tens), -999 for missing ones, D = 990 for wind from all
//!   sides. Hours without a line count as missing. The level of quality QN_3 is not looked at. D = 0 with a speed is north.

use super::error::WindError;
use super::weather::{Kind, Position, Source, WindYear, start};

/// A direction from which on it is missing, and a speed (m/s) from which on it is missing: 99.9 fits the columns of a TRY.
const NO_TRY: (f64, f64) = (999.0, 99.0);
/// Code of the CDC for a missing value.
const NO_CDC: f64 = -999.0;
/// Code of the CDC for wind from all sides.
const VARIABLE: f64 = 990.0;
/// Lines of a heading at most: those of 2017 have 34.
const HEADING: usize = 200;

/// True for a file with the line that ends the heading of a test reference year.
pub(super) fn is_try(source: &Source) -> bool {
    source.lines().take(HEADING).any(|(line, _)| is_end(line))
}

/// True for the first line of a file of the CDC.
pub(super) fn is_cdc(first: &str) -> bool {
    let mut names = first.split(';').map(str::trim);
    names.next() == Some("STATIONS_ID") && names.next() == Some("MESS_DATUM")
}

fn is_end(line: &str) -> bool {
    line.trim() == "***"
}

/// What the heading of a test reference year says about a key such as `Rechtswert`.
fn entry<'a>(heading: &[(&'a str, u64)], key: &str) -> Option<&'a str> {
    let mut pairs = heading.iter().filter_map(|(line, _)| line.split_once(':'));
    let (_, value) = pairs.find(|(name, _)| name.trim() == key)?;
    Some(value.trim())
}

/// Reads a test reference year.
pub(super) fn parse_try(source: &Source) -> Result<WindYear, WindError> {
    let lines: Vec<(&str, u64)> = source.lines().collect();
    let end = lines
        .iter()
        .position(|(line, _)| is_end(line))
        .unwrap_or(lines.len());
    let (heading, hours) = lines.split_at(end);
    let (names, line) = heading.last().copied().unwrap_or(("", 1));
    let names: Vec<&str> = names.split_whitespace().collect();
    let column = |name: &str| names.iter().position(|n| *n == name);
    let (Some(direction_at), Some(speed_at)) = (column("WR"), column("WG")) else {
        return Err(source.fault(
            Some(line),
            format!("`{}`", start(&names.join(" "))),
            "names of columns before `***`, `WR` and `WG` among them",
            "take a test reference year as DWD gives it",
        ));
    };
    let first_number = |key: &str| {
        let text = entry(heading, key)?.split_whitespace().next()?;
        text.parse::<f64>().ok().filter(|x| x.is_finite())
    };
    let kind = entry(heading, "Art des TRY").unwrap_or("Testreferenzjahr");
    let period = entry(heading, "Bezugszeitraum").unwrap_or_default();
    let position = first_number("Rechtswert").zip(first_number("Hochwert"));
    let station = match position {
        Some((easting, northing)) => format!("TRY {easting} {northing}"),
        None => "TRY".to_owned(),
    };
    let words = format!("DWD {kind} {period}");
    let mut year = WindYear::empty(Kind::Try, station, words.trim_end().to_owned());
    year.position = position.map(|(easting, northing)| Position::Lambert([easting, northing]));
    year.ground_m = first_number("Hoehenlage");
    for &(text, line) in hours.iter().skip(1) {
        let values: Vec<&str> = text.split_whitespace().collect();
        if values.len() != names.len() {
            return Err(source.fault(
                Some(line),
                format!("{} columns", values.len()),
                &format!("{} columns, as before `***`", names.len()),
                "check that the file is complete",
            ));
        }
        let of = |column: usize, expected: &str| {
            let value = source.number(line, values[column], expected)?;
            if value >= 0.0 {
                return Ok(value);
            }
            let help = "correct the line, or write 999 for a missing direction";
            Err(source.fault(Some(line), format!("`{value}`"), expected, help))
        };
        let direction = of(direction_at, "a wind direction WR from 0 to 360 degrees")?;
        let speed = of(speed_at, "a wind speed WG in m/s")?;
        let direction = Some(direction).filter(|d| *d < NO_TRY.0);
        year.add(
            source,
            line,
            direction,
            Some(speed).filter(|v| *v < NO_TRY.1),
        )?;
    }
    year.finish(source)
}

/// Reads hourly measurements of the CDC.
pub(super) fn parse_cdc(source: &Source) -> Result<WindYear, WindError> {
    let mut lines = source.lines();
    let (first, line) = lines.next().unwrap_or(("", 1));
    let names: Vec<&str> = first.split(';').map(str::trim).collect();
    let column = |name: &str| names.iter().position(|n| *n == name);
    let (Some(speed_at), Some(direction_at)) = (column("F"), column("D")) else {
        return Err(source.fault(
            Some(line),
            format!("`{}`", start(first)),
            "columns `F` (speed) and `D` (direction)",
            "take `produkt_ff_stunde_*.txt` of climate/hourly/wind",
        ));
    };
    let mut year = WindYear::empty(Kind::Cdc, String::new(), String::new());
    let (mut station, mut times): (Option<&str>, Option<[(i64, &str); 2]>) = (None, None);
    for (text, line) in lines {
        let values: Vec<&str> = text.split(';').map(str::trim).collect();
        if values.len() != names.len() {
            return Err(source.fault(
                Some(line),
                format!("{} columns", values.len()),
                &format!("{} columns, as in the first line", names.len()),
                "check that the file is complete",
            ));
        }
        if *station.get_or_insert(values[0]) != values[0] {
            let found = format!("station {}", start(values[0]));
            let help = "take the file of one station";
            return Err(source.fault(Some(line), found, "one station in a file", help));
        }
        let last = times.map(|[_, (hour, _)]| hour);
        let hour = hour_number(values[1]).filter(|hour| last.is_none_or(|last| *hour > last));
        let Some(hour) = hour else {
            return Err(source.fault(
                Some(line),
                format!("`{}`", start(values[1])),
                "a time YYYYMMDDHH in `MESS_DATUM`, later than that of the line before",
                "take the hourly file as DWD gives it",
            ));
        };
        // Hours without a line.
        year.missing += last.map_or(0, |last| (hour - last - 1) as usize);
        times = Some([times.map_or((hour, values[1]), |t| t[0]), (hour, values[1])]);
        let of = |column: usize, expected: &str| -> Result<Option<f64>, WindError> {
            let value = source.number(line, values[column], expected)?;
            if value >= 0.0 {
                return Ok(Some(value));
            }
            if (value - NO_CDC).abs() < 1e-9 {
                return Ok(None);
            }
            let help = "correct the line, or write -999 for a missing value";
            Err(source.fault(Some(line), format!("`{value}`"), expected, help))
        };
        let speed = of(speed_at, "a wind speed F in m/s")?;
        let direction = of(direction_at, "a wind direction D from 0 to 360 degrees")?;
        let varies = direction.is_some_and(|d| (d - VARIABLE).abs() < 1e-9);
        if varies && speed.is_some_and(|v| v > 0.0) {
            year.variable += 1;
        } else {
            year.add(source, line, direction, speed)?;
        }
    }
    year.station = format!("DWD {}", station.unwrap_or_default());
    if let Some([(_, first), (_, last)]) = times {
        year.source = format!("DWD CDC, hourly wind, {first} to {last} UTC");
    }
    year.finish(source)
}

/// Hours since a fixed one, of a time YYYYMMDDHH; None for one that does not exist.
fn hour_number(time: &str) -> Option<i64> {
    if time.len() != 10 || !time.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
    let (year, month, day, hour) = (part(0, 4)?, part(4, 6)?, part(6, 8)?, part(8, 10)?);
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let february = if leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *months.get(usize::try_from(month - 1).ok()?)?;
    if !(1..=length).contains(&day) || hour > 23 {
        return None;
    }
    let before: i64 = months.iter().take(month as usize - 1).sum();
    // Leap years before this one.
    let past = year - 1;
    let days = 365 * year + past / 4 - past / 100 + past / 400 + before + day;
    Some(24 * days + hour)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::weather::tests::read;
    use super::*;

    const TRY: &str = "Koordinatensystem : Lambert konform konisch\r\n\
        Rechtswert        : 4319500 Meter\r\n\
        Hochwert          : 3369500 Meter\r\n\
        Hoehenlage        : 12 Meter ueber NN\r\n\
        \r\n\
        Art des TRY       : mittleres Jahr\r\n\
        Bezugszeitraum    : 1995-2012\r\n\
        \r\n     RW      HW MM DD HH     t    p  WR   WG N    x  RF    B    D   A    E IL\r\n*** \r\n";

    fn hour(n: u32, direction: &str, speed: &str) -> String {
        let (day, hour) = (n / 24 + 1, n % 24 + 1);
        format!(
            "4319500 3369500  1 {day:2} {hour:2}   7.4  987 {direction:>3} {speed:>4} 7  6.4  95    0    0 345 -354  1\r\n"
        )
    }

    fn reference_year(more: &str) -> Result<WindYear, String> {
        let hours: String = (0..48).map(|n| hour(n, "213", "3.4")).collect();
        read("try.dat", format!("{TRY}{hours}{more}").as_bytes())
    }

    #[test]
    fn a_test_reference_year_is_read_with_its_place() {
        let more = [
            hour(48, "120", "0.0"),
            hour(49, "999", "2.1"),
            hour(50, "0", "99.9"),
        ]
        .concat();
        let year = reference_year(&more).unwrap();
        assert_eq!(
            (year.kind, year.hours.len(), year.missing),
            (Kind::Try, 49, 2)
        );
        assert_eq!(
            year.position,
            Some(Position::Lambert([4_319_500.0, 3_369_500.0]))
        );
        assert_eq!((year.ground_m, year.step_deg), (Some(12.0), 1.0));
        assert_eq!(year.source, "DWD mittleres Jahr 1995-2012");
        assert!((year.hours[0].from_rad - 213_f64.to_radians()).abs() < 1e-12);
        let calm = year.hours[48];
        assert_eq!((calm.from_rad, calm.speed_mps), (0.0, 0.0));
    }

    #[test]
    fn columns_of_a_test_reference_year_are_found_by_name() {
        // The order of 2011.
        let mut text = "1 TRY\nRG IS MM DD HH N  WR   WG   t\n***\n".to_owned();
        for n in 0..30 {
            text += &format!(" 3 1  1  1 {n:2} 8 {} 4.5 -1.0\n", 10 * n);
        }
        let year = read("try2011.dat", text.as_bytes()).unwrap();
        assert_eq!((year.step_deg, year.position), (10.0, None));
        assert!((year.hours[7].from_rad - 70_f64.to_radians()).abs() < 1e-12);
    }

    #[test]
    fn wrong_reference_years_are_told_with_line_and_help() {
        for (more, want) in [
            (
                "4319500 3369500 1 1 1 7.4\n",
                ":59\n  found: 6 columns\n  expected: 17 columns",
            ),
            (
                &hour(48, "NaN", "3.0"),
                ":59\n  found: `NaN`\n  expected: a wind direction WR",
            ),
            (
                &hour(48, "370", "3.0"),
                ":59\n  found: direction 370, speed 3",
            ),
            (
                &hour(48, "-10", "3.0"),
                ":59\n  found: `-10`\n  expected: a wind direction WR",
            ),
            (
                &hour(48, "10", "1e400"),
                ":59\n  found: `1e400`\n  expected: a wind speed WG",
            ),
        ] {
            let message = reference_year(more).unwrap_err();
            assert!(
                message.contains(want) && message.contains("\n  help: "),
                "{message}"
            );
        }
        let message = read("names.dat", b"Hoehenlage : 3\nRW HW WG\n***\n1 2 3\n").unwrap_err();
        assert!(message.contains(":2\n  found: `RW HW WG`"), "{message}");
        let message = read("short.dat", TRY.as_bytes()).unwrap_err();
        assert!(message.contains("found: 0 hours with wind"), "{message}");
    }

    const CDC: &str = "STATIONS_ID;MESS_DATUM;QN_3;   F;   D;eor\r\n";

    fn measured(more: &str) -> Result<WindYear, String> {
        let hours: String = (0..24)
            .map(|n| {
                format!(
                    "       1975;20200228{n:02};   10;   4.2; {}0;eor\r\n",
                    n + 1
                )
            })
            .collect();
        read("cdc.txt", format!("{CDC}{hours}{more}").as_bytes())
    }

    #[test]
    fn measurements_are_read_with_their_gaps() {
        let more = "1975;2020022900;3;-999;-999;eor\n1975;2020022901;3;2.5;-999;eor\n1975;2020022902;3;0.8; 990;eor\n\
            1975;2020022903;3;0.0;-999;eor\n1975;2020022904;3;0.0;990;eor\n1975;2020030104;3;5.0; 360;eor\n";
        let year = measured(more).unwrap();
        // Two codes and 23 hours without a line, in a leap year.
        assert_eq!(
            (year.missing, year.variable, year.hours.len()),
            (2 + 23, 1, 27)
        );
        assert_eq!((year.station.as_str(), year.step_deg), ("DWD 1975", 10.0));
        assert!(
            year.source.contains("2020022800 to 2020030104"),
            "{}",
            year.source
        );
        assert!(
            year.hours
                .iter()
                .all(|h| h.speed_mps > 0.0 || h.from_rad == 0.0)
        );
    }

    #[test]
    fn wrong_measurements_are_told_with_line_and_help() {
        for (more, want) in [
            (
                "1975;2020022900;3;1.0\n",
                ":26\n  found: 4 columns\n  expected: 6 columns",
            ),
            (
                "1975;2020022900;3;nan;10;eor\n",
                ":26\n  found: `nan`\n  expected: a wind speed F",
            ),
            (
                "1975;2020022900;3;-3;10;eor\n",
                ":26\n  found: `-3`\n  expected: a wind speed F",
            ),
            (
                "1975;2020022900;3;130;10;eor\n",
                ":26\n  found: direction 10, speed 130",
            ),
            (
                "1975;2020022823;3;1;10;eor\n",
                ":26\n  found: `2020022823`\n  expected: a time",
            ),
            ("1975;2021022900;3;1;10;eor\n", ":26\n  found: `2021022900`"),
            (
                "1975;202002290010;3;1;10;eor\n",
                ":26\n  found: `202002290010`",
            ),
            ("1976;2020022900;3;1;10;eor\n", ":26\n  found: station 1976"),
        ] {
            let message = measured(more).unwrap_err();
            assert!(
                message.contains(want) && message.contains("\n  help: "),
                "{message}"
            );
        }
        let message =
            read("ten.txt", b"STATIONS_ID;MESS_DATUM;  QN;FF_10;DD_10;eor\n").unwrap_err();
        assert!(message.contains("produkt_ff_stunde"), "{message}");
    }

    proptest! {
        #[test]
        fn any_text_after_a_heading_gives_a_year_or_an_error(text in "[0-9;. *\n\r,eorNa-]{0,400}") {
            for heading in [CDC, TRY, "LOCATION,a,b,c,d,e,1,2,3,4\n", ""] {
                let whole = format!("{heading}{text}");
                let _ = read("any.txt", whole.as_bytes());
            }
        }
    }
}
