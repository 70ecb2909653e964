//! Reading of tables (CSV with a header) with one clear error.

use std::path::Path;

/// What is wrong with a table.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "error[shuttle::{code}]: {what}\n  --> {place}\n  found: {found}\n  expected: {expected}\n  help: {help}"
)]
pub struct TableError {
    /// Stable short name.
    pub code: &'static str,
    /// What is wrong, as one sentence.
    pub what: String,
    /// `file:line`.
    pub place: String,
    /// What is there.
    pub found: String,
    /// What would be right.
    pub expected: String,
    /// What to do.
    pub help: String,
    /// Exit code: 65 bad input, 66 input missing, 74 I/O.
    pub exit_code: u8,
}

/// A table in memory: the columns asked for, by row.
pub(super) struct Rows {
    file: String,
    columns: Vec<&'static str>,
    /// Line and cells by column asked for; empty where the table has no such column.
    rows: Vec<(u64, Vec<String>)>,
}

impl Rows {
    /// Reads a table that has all of `required` and may have some of `optional`; any other column is a fault, because its meaning would
    /// be lost silently.
    pub(super) fn read(
        path: &Path,
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, TableError> {
        let file = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let bytes = std::fs::read(path).map_err(|error| {
            let missing = error.kind() == std::io::ErrorKind::NotFound;
            TableError {
                code: "file",
                what: format!("`{file}` cannot be read"),
                place: file.clone(),
                found: error.to_string(),
                expected: "a table in CSV".to_owned(),
                help: "check the path".to_owned(),
                exit_code: if missing { 66 } else { 74 },
            }
        })?;
        Self::parse(&file, &bytes, required, optional)
    }

    pub(super) fn parse(
        file: &str,
        bytes: &[u8],
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, TableError> {
        let columns: Vec<&'static str> = required.iter().chain(optional).copied().collect();
        let bad = |line: u64, code, what: String, found: String, expected: String, help: String| {
            TableError {
                code,
                what,
                place: format!("{file}:{line}"),
                found,
                expected,
                help,
                exit_code: 65,
            }
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let wrong = |error: &csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            bad(
                line,
                "bad-table",
                "a row of the table cannot be read".to_owned(),
                error.to_string(),
                "the same number of cells in every row, as UTF-8".to_owned(),
                "look at this line".to_owned(),
            )
        };
        let header = reader.headers().map_err(|error| wrong(&error))?.clone();
        let list = columns.join(", ");
        for name in &header {
            let name = name.trim_start_matches('\u{feff}');
            if !columns.contains(&name) {
                let near = columns
                    .iter()
                    .max_by(|a, b| strsim::jaro(a, name).total_cmp(&strsim::jaro(b, name)))
                    .map_or_else(String::new, |near| format!("did you mean `{near}`?"));
                return Err(bad(
                    1,
                    "unknown-column",
                    format!("the table has a column `{name}` of unknown meaning"),
                    name.to_owned(),
                    format!("columns among {list}"),
                    near,
                ));
            }
        }
        let place = |name: &str| {
            header
                .iter()
                .position(|h| h.trim_start_matches('\u{feff}') == name)
        };
        let places: Vec<Option<usize>> = columns.iter().map(|name| place(name)).collect();
        for (name, place) in required.iter().zip(&places) {
            if place.is_none() {
                return Err(bad(
                    1,
                    "missing-column",
                    format!("the table has no column `{name}`"),
                    header.iter().collect::<Vec<_>>().join(", "),
                    format!("columns {}", required.join(", ")),
                    "add the column".to_owned(),
                ));
            }
        }
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(&error))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cells = places.iter().map(|place| {
                place
                    .and_then(|at| record.get(at))
                    .unwrap_or_default()
                    .to_owned()
            });
            rows.push((line, cells.collect()));
        }
        Ok(Self {
            file: file.to_owned(),
            columns,
            rows,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn text(&self, row: usize, column: &str) -> &str {
        let at = self.columns.iter().position(|name| *name == column);
        at.map_or("", |at| &self.rows[row].1[at])
    }

    /// A number within limits; `default` where the cell is empty.
    pub(super) fn number(
        &self,
        row: usize,
        column: &str,
        limits: std::ops::RangeInclusive<f64>,
        default: Option<f64>,
    ) -> Result<f64, TableError> {
        let text = self.text(row, column);
        if text.is_empty()
            && let Some(default) = default
        {
            return Ok(default);
        }
        match text.parse::<f64>() {
            Ok(value) if limits.contains(&value) => Ok(value),
            _ => Err(self.fault(
                row,
                "bad-number",
                format!("`{column}` is not a number that can be used"),
                if text.is_empty() { "nothing" } else { text },
                format!("a number from {} to {}", limits.start(), limits.end()),
                "correct the cell",
            )),
        }
    }

    pub(super) fn fault(
        &self,
        row: usize,
        code: &'static str,
        what: String,
        found: &str,
        expected: String,
        help: &str,
    ) -> TableError {
        TableError {
            code,
            what,
            place: format!("{}:{}", self.file, self.rows[row].0),
            found: found.to_owned(),
            expected,
            help: help.to_owned(),
            exit_code: 65,
        }
    }
}
