//! Series from text: a time and a value per line, as gauges and spreadsheets export them.
//!
//! Accepted:
//! * Separator `;`, tab, `,` or spaces; decimal comma unless `,` separates; `#` and `//` begin a comment line; any text encoding
//!   that spreadsheets write.
//! * A header or none. Two columns are time and value. With more, the column has to be named.
//! * Times as numbers, in s or as the header says (`time_s`, `t [min]`, `zeit_h`), or as dates `2027-03-21T06:00`,
//!   `2027-03-21 06:00:30+01:00`, `21.03.2027 06:00`; dates count from the first line.
//! * Times rise strictly; values are finite.
//!
//! Everything else is a fault with line, what was found and what was expected. A file with ten faults reports ten.

use std::fmt;

use super::domain::Series;
use crate::city::table::{Table, parse_number, reduced};

/// Faults that are reported of one file at most; a file in a wrong format has one per line.
const MOST_FAULTS: usize = 20;

/// Why a file of numbers could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    /// As the user named it.
    pub file: String,
    /// What is wrong, in the order of the lines; at least one.
    pub faults: Vec<TableFault>,
}

/// One thing that is wrong in a file of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFault {
    /// Line, from 1; `None` for the file as a whole.
    pub line: Option<usize>,
    /// What stands there.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(
                f,
                "error[flood::table]: a value cannot be used\n  --> {}",
                self.file
            )?;
            if let Some(line) = fault.line {
                write!(f, ":{line}")?;
            }
            write!(
                f,
                "\n  found: {}\n  expected: {}",
                fault.found, fault.expected
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for TableError {}

/// Collects faults of one file.
pub(crate) struct Faults {
    file: String,
    faults: Vec<TableFault>,
}

impl Faults {
    pub(crate) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            faults: Vec::new(),
        }
    }

    pub(crate) fn add(
        &mut self,
        line: Option<usize>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(TableFault {
                line,
                found: found.into(),
                expected: expected.into(),
            });
        }
    }

    /// The value, or the faults if there were any.
    pub(crate) fn or<T>(self, value: T) -> Result<T, TableError> {
        if self.faults.is_empty() {
            Ok(value)
        } else {
            Err(TableError {
                file: self.file,
                faults: self.faults,
            })
        }
    }

    /// The error of one fault that ends the reading.
    pub(crate) fn stop<T>(
        mut self,
        line: Option<usize>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Result<T, TableError> {
        self.faults.truncate(MOST_FAULTS - 1);
        self.add(line, found, expected);
        Err(TableError {
            file: self.file,
            faults: self.faults,
        })
    }
}

/// Reads a series from the bytes of a file; `file` is its name in messages, `column` the name of the value column, which may be
/// left out when there are only two columns.
pub fn read_series(file: &str, bytes: &[u8], column: Option<&str>) -> Result<Series, TableError> {
    let mut faults = Faults::new(file);
    let Some(table) = Table::new(bytes) else {
        return faults.stop(None, "no line with data", "lines `time,value`");
    };
    let Some((first_line, first_row)) = table.rows().next() else {
        return faults.stop(None, "a header and nothing below", "lines `time,value`");
    };
    let width = first_row.len();
    // A header of more or fewer words than columns (spaces in names of a table with tabs) names nothing.
    let named = table.columns().len() == width;
    let value_at = match column {
        Some(name) if named => match table.column(&[&reduced(name)]) {
            Some(at) if at > 0 => at,
            Some(_) => {
                return faults.stop(
                    Some(1),
                    "the first column, which is the time",
                    "a column of values",
                );
            }
            None => {
                let columns = table.columns()[1..].join(", ");
                return faults.stop(
                    Some(1),
                    format!("columns {columns}"),
                    format!("a column `{name}`"),
                );
            }
        },
        Some(name) => {
            return faults.stop(
                Some(1),
                "no header",
                format!("a header with a column `{name}`"),
            );
        }
        None if width == 2 => 1,
        None => {
            return faults.stop(
                Some(first_line),
                format!("{width} columns"),
                "a time and a value, or the name of the column to use",
            );
        }
    };
    let name = table.columns().first().map(String::as_str);
    let unit_s = match name {
        // One long word such as `timeswatersurfacem`: the unit must be readable from its beginning.
        Some(long) if !named => ["times", "zeits", "ts"]
            .iter()
            .any(|word| long.starts_with(word))
            .then_some(1.0),
        name => time_unit_s(name),
    };
    let Some(unit_s) = unit_s.or(date_s(&first_row[0]).map(|_| 1.0)) else {
        return faults.stop(
            Some(1),
            format!("a first column named `{}`", name.unwrap_or_default()),
            "`time_s`, `time_min`, `time_h`, or dates",
        );
    };
    let dated = date_s(&first_row[0]).is_some();
    let mut series = Series::default();
    let mut start = None;
    for (line, row) in table.rows() {
        if row.len() != width {
            let found = format!("{} fields", row.len());
            faults.add(
                Some(line),
                found,
                format!("{width} fields, as in line {first_line}"),
            );
            continue;
        }
        let time = if dated {
            date_s(&row[0]).map(|t| t - *start.get_or_insert(t))
        } else {
            number(&table, &row[0]).map(|t| t * unit_s)
        };
        let Some(time) = time else {
            let expected = if dated {
                "a date such as 2027-03-21T06:00"
            } else {
                "a time as a number"
            };
            faults.add(Some(line), quoted(&row[0]), expected);
            continue;
        };
        let Some(value) = number(&table, &row[value_at]) else {
            faults.add(Some(line), quoted(&row[value_at]), "a number");
            continue;
        };
        match series.times_s.last() {
            Some(&last) if time <= last => {
                faults.add(
                    Some(line),
                    quoted(&row[0]),
                    "a time after the one of the line before",
                );
            }
            _ => {
                series.times_s.push(time);
                series.values.push(value);
            }
        }
    }
    faults.or(series)
}

pub(crate) fn quoted(field: &str) -> String {
    if field.is_empty() {
        "an empty field".to_owned()
    } else {
        format!("`{field}`")
    }
}

/// Finite number in a field.
pub(crate) fn number(table: &Table<'_>, field: &str) -> Option<f64> {
    parse_number(field, table.has_decimal_comma()).filter(|v| v.is_finite())
}

/// Unit (s) that the reduced name of a time column states; s without a name, `None` for a name that is none of a time.
fn time_unit_s(name: Option<&str>) -> Option<f64> {
    let Some(name) = name else {
        return Some(1.0);
    };
    let rest = ["time", "zeit", "t"]
        .iter()
        .find_map(|word| name.strip_prefix(word));
    match rest.unwrap_or(name) {
        "" if rest.is_some() => Some(1.0),
        "s" | "sec" | "seconds" | "sekunden" => Some(1.0),
        "min" | "minutes" | "minuten" => Some(60.0),
        "h" | "hours" | "stunden" => Some(3600.0),
        _ => None,
    }
}

/// Seconds since 1970-01-01 of a date with time (`2027-03-21T06:00[:30[.5]][Z|+01:00]` or `21.03.2027 06:00[:30]`).
fn date_s(field: &str) -> Option<f64> {
    let (date, rest) = field.trim().split_once(['T', ' '])?;
    let parts = |text: &str, mark: char| -> Option<[i64; 3]> {
        let mut fields = text.split(mark).map(|p| {
            let digits = !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| p.parse().ok()).flatten()
        });
        let three = [fields.next()??, fields.next()??, fields.next()??];
        fields.next().is_none().then_some(three)
    };
    let [year, month, day] = match parts(date, '-') {
        Some(iso) => iso,
        None => {
            let [day, month, year] = parts(date, '.')?;
            [year, month, day]
        }
    };
    let rest = rest.trim();
    let (clock, offset_min) = if let Some(clock) = rest.strip_suffix('Z') {
        (clock, 0)
    } else if let Some(at) = rest.rfind(['+', '-']) {
        let (hours, minutes) = rest[at + 1..].split_once(':')?;
        let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
        let sign = if rest[at..].starts_with('-') { -1 } else { 1 };
        (&rest[..at], sign * minutes)
    } else {
        (rest, 0)
    };
    let mut clock = clock.split(':');
    let hour: i64 = clock.next()?.parse().ok()?;
    let minute: i64 = clock.next()?.parse().ok()?;
    let second: f64 = clock
        .next()
        .map_or(Some(0.0), |s| s.replace(',', ".").parse().ok())?;
    let valid = clock.next().is_none()
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0.0..61.0).contains(&second);
    let days = valid.then(|| days_since_1970(year, month, day))?;
    Some((days * 86_400 + hour * 3600 + minute * 60 - offset_min * 60) as f64 + second)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let to_year =
        before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let in_year: i64 = (1..month).map(|m| days_in_month(year, m)).sum();
    // Day 0 is 0001-01-01, which lies 719,162 days before 1970-01-01.
    to_year + in_year + day - 1 - 719_162
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Series, TableError> {
        read_series("pegel.csv", text.as_bytes(), None)
    }

    #[test]
    fn many_ways_to_write_the_same_series() {
        let expected = Series {
            times_s: vec![0.0, 900.0, 1800.0],
            values: vec![1.5, 2.25, -0.5],
        };
        for text in [
            "0,1.5\n900,2.25\n1800,-0.5\n",
            "time_s;level\n0;1,5\n900;2,25\n1800;-0,5\n",
            "# Elbe\nZeit [min]\tW [m]\r\n0\t1,5\r\n15\t2,25\r\n30\t-0,5\r\n",
            "t_h,value\n0,1.5\n0.25,2.25\n0.5,-0.5\n",
            "0 1.5\n900 2.25\n1800 -0.5",
            "time(s)     water surface(m)\n0.0E+00\t1.5\n9.0E+02\t2.25\n1.8E+03\t-5.0E-01\n",
            "datum;wert\n2027-03-21T23:45;1,5\n2027-03-22T00:00;2,25\n2027-03-22 00:15:00;-0,5\n",
            "21.03.2027 06:00;1,5\n21.03.2027 06:15;2,25\n21.03.2027 06:30;-0,5\n",
            "2028-02-29T23:50:00+01:00,1.5\n2028-02-29T23:05:00Z,2.25\n2028-03-01T00:20:00+01:00,-0.5\n",
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_column_is_chosen_by_name_when_there_are_several() {
        let text = "time_s,Level m,speed\n0,1,7\n10,2,8\n";
        let level = read_series("g.csv", text.as_bytes(), Some("level [m]")).unwrap();
        assert_eq!(level.values, [1.0, 2.0]);
        let none = read(text).unwrap_err();
        assert_eq!(none.faults[0].found, "3 columns");
        let wrong = read_series("g.csv", text.as_bytes(), Some("depth")).unwrap_err();
        assert_eq!(wrong.faults[0].found, "columns levelm, speed");
        assert_eq!(wrong.faults[0].expected, "a column `depth`");
    }

    #[test]
    fn each_fault_has_its_line() {
        let error = read("time_s,level\n0,1\n10,x\n20,2,3\n30,\n30,1\n25,2\nnan,3\n").unwrap_err();
        let lines: Vec<_> = error.faults.iter().map(|f| f.line.unwrap()).collect();
        assert_eq!(lines, [3, 4, 5, 7, 8]);
        let text = error.to_string();
        assert!(
            text.starts_with(
                "error[flood::table]: a value cannot be used\n  --> pegel.csv:3\n  found: `x`\n  expected: a number"
            ),
            "{text}"
        );
        for (text, found) in [
            ("", "no line with data"),
            ("time_s,level\n", "a header and nothing below"),
            ("name,level\nx,1\n", "a first column named `name`"),
            ("2027-02-29T00:00,1\n", "`2027-02-29T00:00`"),
            ("0,1\n0,2\n", "`0`"),
        ] {
            assert_eq!(read(text).unwrap_err().faults[0].found, found, "{text}");
        }
    }

    #[test]
    fn any_bytes_give_a_series_or_an_error() {
        for bytes in [
            &b"\xFF\xFE"[..],
            b"\0\0\0",
            b";;;\n;;",
            b"1e400,2\n",
            b",\n,",
            b"2027-03-21T,1\n",
        ] {
            let _ = read_series("x", bytes, None).map(|s| assert!(!s.times_s.is_empty()));
        }
    }
}
