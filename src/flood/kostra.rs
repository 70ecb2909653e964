//! Import of KOSTRA-DWD-2020, the statistics of heavy rain of the German weather service (doi:10.5676/DWD/KOSTRA-DWD-2020).
//!
//! Two layouts of CSV are read; both with `;` (or tab, or `,` with decimal points), decimal comma or point, any order of rows
//! and columns, depths in mm:
//!
//! 1. **Files of the weather service**, one per duration, for all raster cells: `StatRR_KOSTRA-DWD-2020_D00060.csv` (2010R:
//!    `..._D0060.csv`). The duration in min stands in the file name after `_D`. Header `INDEX_RC;HN_001A;HN_002A;...;HN_100A`, with or
//!    without a trailing `_`, further columns `RN_...` (yield) and `UC_...` (uncertainty) allowed. The cell is chosen by its
//!    `INDEX_RC`; -99.9 means no data.
//!
//!    ```text
//!    INDEX_RC;HN_001A;HN_002A;HN_003A;HN_005A;HN_010A;HN_020A;HN_030A;HN_050A;HN_100A
//!    2022;15.1;19.5;22.1;25.4;29.8;34.2;36.8;40.1;44.5
//!    ```
//! 2. **One table for one cell**, rows durations, columns return periods in years: first column `D_min`, `Dauer`, `Dauerstufe` or
//!    `duration_min` (min); the others `1`, `100 a`, `T=100a`, `HN_100A` or the like. Columns `D_hour`, `D_day`, `RN_...`, `UC_...`
//!    are passed over.
//!
//!    ```text
//!    Dauer;1;10;100
//!    5;6,1;9,8;14,2
//!    60;14,8;24,0;36,3
//!    ```

use super::domain::Series;
use super::rain::{DepthDuration, RainError, euler_type_2};
use super::table::{Faults, TableError, quoted};
use crate::city::table::{decode_text, parse_number, reduced};

/// Value of the weather service for "no data"; all real depths are positive.
const NO_DATA: f64 = -99.0;
const LAYOUT: &str = "`INDEX_RC;HN_001A;...` of the weather service, or `Dauer;1;2;...;100` with one row per duration";

/// Rain depths of one raster cell by duration and return period.
#[derive(Clone, Debug, PartialEq)]
pub struct Kostra {
    /// Durations (min), rising.
    pub durations_min: Vec<f64>,
    /// Return periods (a), rising.
    pub return_periods_a: Vec<f64>,
    /// Depths (mm), `[duration][return period]`, rising in both.
    pub depth_mm: Vec<Vec<f64>>,
}

/// What a column holds.
enum Column {
    Depth { years: f64 },
    Other,
    Unknown,
}

/// Duration (min) in the name of a file of the weather service, e.g. 60 in `StatRR_KOSTRA-DWD-2020_D00060.csv`.
pub fn duration_in_name(file: &str) -> Option<f64> {
    let (_, after) = file.rsplit_once("_D")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|&d: &f64| d > 0.0)
}

fn column(name: &str) -> Column {
    if ["rn", "uc", "dhour", "dday", "beleg"]
        .iter()
        .any(|p| name.starts_with(p))
    {
        return Column::Other;
    }
    let start = name.find(|c: char| c.is_ascii_digit());
    let (before, rest) = name.split_at(start.unwrap_or(name.len()));
    let digits = rest.trim_end_matches(|c: char| !c.is_ascii_digit());
    let after = &rest[digits.len()..];
    let known = matches!(before, "" | "hn" | "h" | "t" | "tn" | "hnt" | "mm")
        && matches!(after, "" | "a" | "jahr" | "jahre" | "years" | "amm" | "mm");
    match digits.parse() {
        Ok(years) if known && years > 0.0 => Column::Depth { years },
        _ => Column::Unknown,
    }
}

impl Kostra {
    /// Reads one table for one cell, or the files of the weather service for the cell `index_rc`.
    ///
    /// `files` are names (for messages and durations) with their bytes.
    pub fn read(files: &[(&str, &[u8])], index_rc: Option<u32>) -> Result<Self, TableError> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        let Some(&(first, _)) = files.first() else {
            return Faults::new("").stop(None, "no file", LAYOUT);
        };
        for &(file, bytes) in files {
            rows.extend(read_file(file, bytes, index_rc)?);
        }
        rows.sort_by(|a, b| a.duration_min.total_cmp(&b.duration_min));
        for pair in rows.windows(2) {
            let (a, b) = (&pair[0], &pair[1]);
            let falling = (0..a.depths.len()).find(|&i| a.depths.get(i) > b.depths.get(i));
            let (found, expected) = if a.duration_min >= b.duration_min {
                let found = format!("{} min a second time", b.duration_min);
                (found, "each duration once".to_owned())
            } else if a.years != b.years {
                (
                    format!("return periods {:?} a", b.years),
                    format!("{:?} a, as for {} min", a.years, a.duration_min),
                )
            } else if let Some(i) = falling {
                (
                    format!("{} mm in {} min", b.depths[i], b.duration_min),
                    format!("at least the {} mm of {} min", a.depths[i], a.duration_min),
                )
            } else {
                continue;
            };
            return Faults::new(b.file).stop(Some(b.line), found, expected);
        }
        let Some(first) = rows.first() else {
            return Faults::new(first).stop(None, "no row with depths", LAYOUT);
        };
        Ok(Self {
            durations_min: rows.iter().map(|r| r.duration_min).collect(),
            return_periods_a: first.years.clone(),
            depth_mm: rows.iter().map(|r| r.depths.clone()).collect(),
        })
    }

    /// Depths by duration for a return period (a); between two known ones linear in ln T. `None` outside the table.
    pub fn curve(&self, return_period_a: f64) -> Option<DepthDuration> {
        let years = &self.return_periods_a;
        let after = years.partition_point(|&t| t < return_period_a);
        let known = years.get(after)?;
        let (low, share) = if *known <= return_period_a {
            (after, 0.0)
        } else {
            let low = after.checked_sub(1)?;
            (
                low,
                (return_period_a / years[low]).ln() / (known / years[low]).ln(),
            )
        };
        let depths = self.depth_mm.iter().map(|row| {
            let high = row.get(low + 1).copied().unwrap_or(row[low]);
            1e-3 * (row[low] + share * (high - row[low]))
        });
        DepthDuration::new(
            self.durations_min.iter().map(|d| d * 60.0).collect(),
            depths.collect(),
        )
    }

    /// Model storm Euler type II of a return period (a) and a duration (s); `None` for a return period outside the table.
    pub fn euler_type_2(
        &self,
        return_period_a: f64,
        duration_s: f64,
    ) -> Option<Result<Series, RainError>> {
        let curve = self.curve(return_period_a)?;
        Some(euler_type_2(&curve, duration_s))
    }
}

/// Depths of one duration.
struct Row<'a> {
    file: &'a str,
    line: usize,
    duration_min: f64,
    years: Vec<f64>,
    depths: Vec<f64>,
}

/// Names of the first columns that hold a duration (min), reduced.
const DURATION_COLUMNS: [&str; 7] = [
    "dmin",
    "d",
    "dauer",
    "dauermin",
    "dauerstufe",
    "dauerstufemin",
    "durationmin",
];

fn read_file<'a>(
    file: &'a str,
    bytes: &[u8],
    index_rc: Option<u32>,
) -> Result<Vec<Row<'a>>, TableError> {
    let mut faults = Faults::new(file);
    let text = decode_text(bytes);
    let first_line = text.lines().next().unwrap_or_default().trim();
    // Return periods may stand as bare numbers in the header (`Dauer;1;2;5`), which would pass for a line of data: the names are
    // taken from the line itself.
    let Some((names, mark)) = header(first_line) else {
        return faults.stop(Some(1), quoted(shortened(first_line)), LAYOUT);
    };
    let per_cell = names.iter().position(|n| n == "indexrc");
    let duration_at = names
        .iter()
        .position(|n| DURATION_COLUMNS.contains(&n.as_str()));
    let key_at = match (per_cell, duration_at) {
        (Some(at), None) | (None, Some(at)) => at,
        _ => return faults.stop(Some(1), quoted(shortened(first_line)), LAYOUT),
    };
    if per_cell.is_none() && index_rc.is_some() {
        return faults.stop(
            Some(1),
            "a table for one cell, in which an INDEX_RC chooses nothing",
            "no `index_rc`, or files of the weather service",
        );
    }
    let mut columns: Vec<(f64, usize)> = Vec::new();
    for (i, name) in names.iter().enumerate().filter(|&(i, _)| i != key_at) {
        match column(name) {
            Column::Depth { years } => columns.push((years, i)),
            Column::Other => {}
            Column::Unknown => faults.add(
                Some(1),
                format!("a column {}", quoted(name)),
                "columns of return periods such as `HN_100A` or `100`",
            ),
        }
    }
    columns.sort_by(|a, b| a.0.total_cmp(&b.0));
    if columns.is_empty() || columns.windows(2).any(|w| w[0].0 >= w[1].0) {
        return faults.stop(
            Some(1),
            quoted(shortened(first_line)),
            "one column per return period",
        );
    }
    let years: Vec<f64> = columns.iter().map(|c| c.0).collect();
    let fixed_duration = match (per_cell, duration_in_name(file)) {
        (None, _) => None,
        (Some(_), Some(minutes)) => Some(minutes),
        (Some(_), None) => {
            return faults.stop(
                None,
                "no duration in the name of the file",
                "the name of the weather service, e.g. StatRR_KOSTRA-DWD-2020_D00060.csv",
            );
        }
    };
    let decimal_comma = mark != ',';
    let mut rows = Vec::new();
    for (i, text) in text.lines().enumerate().skip(1) {
        if text.trim().is_empty() {
            continue;
        }
        let line = i + 1;
        let fields: Vec<&str> = text.split(mark).map(str::trim).collect();
        if fields.len() < names.len() {
            let found = format!("{} fields", fields.len());
            faults.add(
                Some(line),
                found,
                format!("{} fields, as in line 1", names.len()),
            );
            continue;
        }
        let number = |at: usize| parse_number(fields[at], decimal_comma).filter(|v| v.is_finite());
        let Some(key) = number(key_at).filter(|&k| per_cell.is_some() || k > 0.0) else {
            faults.add(Some(line), quoted(fields[key_at]), "a number");
            continue;
        };
        if let Some(cell) = index_rc
            && per_cell.is_some()
            && key != f64::from(cell)
        {
            continue;
        }
        let mut depths = Vec::new();
        for &(year, at) in &columns {
            match number(at) {
                Some(depth) if depth > 0.0 && depths.last().is_none_or(|&d| d <= depth) => {
                    depths.push(depth);
                }
                Some(depth) if depth < NO_DATA => {
                    let found = format!("{} (no data)", fields[at]);
                    faults.add(Some(line), found, "a raster cell in Germany");
                    break;
                }
                Some(depth) if depth > 0.0 => {
                    let found = format!("{depth} mm in {year} a");
                    faults.add(Some(line), found, "depths that grow with the return period");
                }
                _ => faults.add(Some(line), quoted(fields[at]), "a depth in mm above 0"),
            }
        }
        rows.push(Row {
            file,
            line,
            duration_min: fixed_duration.unwrap_or(key),
            years: years.clone(),
            depths,
        });
    }
    if per_cell.is_some() && rows.len() != 1 {
        let expected = "one raster cell, chosen by its INDEX_RC";
        let found = match index_rc {
            Some(cell) => format!("{} rows with INDEX_RC {cell}", rows.len()),
            None => format!("{} raster cells", rows.len()),
        };
        return Faults::new(file).stop(None, found, expected);
    }
    faults.or(rows)
}

/// Reduced names of the columns and the mark between them; `None` for a single word.
fn header(line: &str) -> Option<(Vec<String>, char)> {
    let mark = [';', '\t', ','].into_iter().find(|&m| line.contains(m))?;
    Some((line.split(mark).map(reduced).collect(), mark))
}

/// Beginning of a line for a message.
fn shortened(line: &str) -> &str {
    match line.char_indices().nth(60) {
        Some((end, _)) => &line[..end],
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const D60: &str = "INDEX_RC;HN_001A;HN_002A;HN_003A;HN_005A;HN_010A;HN_020A;HN_030A;HN_050A;HN_100A\n\
        2021;-99.9;-99.9;-99.9;-99.9;-99.9;-99.9;-99.9;-99.9;-99.9\n\
        2022;15.1;19.5;22.1;25.4;29.8;34.2;36.8;40.1;44.5\n\
        2023;15.1;19.5;22.1;25.3;29.8;34.2;36.7;40.0;44.4\n";

    fn read(text: &str) -> Result<Kostra, TableError> {
        Kostra::read(&[("kostra.csv", text.as_bytes())], None)
    }

    #[test]
    fn files_of_the_weather_service_are_read_for_one_cell() {
        let d5 = "INDEX_RC;HN_001A_;HN_100A_;RN_001A_;UC_001A_\r\n2022;5,1;14,2;170,0;12\r\n";
        let d60 = "INDEX_RC;HN_001A_;HN_100A_;RN_001A_;UC_001A_\r\n2022;15,1;44,5;41,9;12\r\n";
        let files = [
            ("GIS/StatRR_KOSTRA-DWD-2020_D00060.csv", d60.as_bytes()),
            ("GIS/StatRR_KOSTRA-DWD-2020_D00005.csv", d5.as_bytes()),
        ];
        let table = Kostra::read(&files, Some(2022)).unwrap();
        assert_eq!(table.durations_min, [5.0, 60.0]);
        assert_eq!(table.return_periods_a, [1.0, 100.0]);
        assert_eq!(table.depth_mm, [[5.1, 14.2], [15.1, 44.5]]);
        let old = [("StatRR_KOSTRA-DWD-2010R_D0060.csv", D60.as_bytes())];
        let table = Kostra::read(&old, Some(2022)).unwrap();
        assert_eq!(table.depth_mm[0][8], 44.5);
        assert_eq!(table.return_periods_a[8], 100.0);
    }

    #[test]
    fn one_table_gives_the_model_storm_of_its_total() {
        let table =
            read("Dauer;T=1a;HN_010A;100 a\n5;6,1;9,8;14,2\n15;9,9;16,1;24,4\n60;14,8;24,0;36,3\n")
                .unwrap();
        assert_eq!(table.return_periods_a, [1.0, 10.0, 100.0]);
        let rain = table.euler_type_2(100.0, 3600.0).unwrap().unwrap();
        assert!((rain.values[12] - 0.0363).abs() < 1e-12);
        // Between two return periods linear in ln T: half way in the logarithm from 10 a to 100 a.
        let curve = table.curve(1000f64.sqrt()).unwrap();
        assert!((curve.depth_m(3600.0).unwrap() - 0.5e-3 * (24.0 + 36.3)).abs() < 1e-12);
        assert!(table.curve(0.5).is_none() && table.curve(200.0).is_none());
        assert!(table.curve(1.0).is_some() && table.curve(100.0).is_some());
        // Bare numbers as names, tabs, minutes and hours side by side.
        let same = read("D_min\tD_hour\tD_day\t1\t10\t100\n60\t1\tNA\t14.8\t24.0\t36.3\n").unwrap();
        assert_eq!(same.depth_mm, [[14.8, 24.0, 36.3]]);
    }

    #[test]
    fn wrong_files_say_line_found_and_expected() {
        let fault = |text: &str| {
            let error = read(text).unwrap_err();
            (error.faults[0].line, error.faults[0].found.clone())
        };
        assert_eq!(fault("").1, "an empty field");
        assert_eq!(fault("<html>\n").0, Some(1));
        assert_eq!(fault("Dauer;1;10\n5;6,1;x\n"), (Some(2), "`x`".into()));
        assert_eq!(fault("Dauer;1;10\n5;6,1\n"), (Some(2), "2 fields".into()));
        assert_eq!(
            fault("Dauer;1;10\n5;6,1;5,0\n"),
            (Some(2), "5 mm in 10 a".into())
        );
        assert_eq!(
            fault("Dauer;1;10\n5;6,1;9\n5;6,1;9\n"),
            (Some(3), "5 min a second time".into())
        );
        assert_eq!(
            fault("Dauer;1;10\n5;6,1;9\n60;6,0;9\n"),
            (Some(3), "6 mm in 60 min".into())
        );
        assert_eq!(
            fault("Dauer;1;Klasse\n5;6,1;9\n"),
            (Some(1), "a column `klasse`".into())
        );
        assert_eq!(fault("Dauer;1;10\n"), (None, "no row with depths".into()));
        // Cells of the weather service: none chosen, none such, none with data, no duration.
        let name = "StatRR_KOSTRA-DWD-2010R_D0060.csv";
        let of = |name: &str, cell| {
            let error = Kostra::read(&[(name, D60.as_bytes())], cell).unwrap_err();
            error.faults[0].found.clone()
        };
        assert_eq!(of(name, Some(7)), "0 rows with INDEX_RC 7");
        assert_eq!(of(name, Some(2021)), "-99.9 (no data)");
        assert_eq!(
            of("tabelle.csv", Some(2022)),
            "no duration in the name of the file"
        );
        assert!(Kostra::read(&[(name, D60.as_bytes())], None).is_err());
        assert!(Kostra::read(&[], None).is_err());
    }
}
