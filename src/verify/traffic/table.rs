//! Reading of the reference tables.

use std::collections::BTreeMap;
use std::path::Path;

/// A table of text with one line of headings.
pub struct Table {
    place: String,
    rows: Vec<BTreeMap<String, String>>,
}

/// A row of a table.
pub struct Row<'a> {
    place: String,
    cells: &'a BTreeMap<String, String>,
}

impl Table {
    /// Reads `name` in the folder of the tables.
    pub fn read(folder: &Path, name: &str) -> Result<Self, String> {
        let path = folder.join(name);
        let place = path.display().to_string();
        let fault = |e: csv::Error| format!("{place}: {e}");
        let rows: Vec<BTreeMap<String, String>> = csv::Reader::from_path(&path)
            .map_err(fault)?
            .into_deserialize()
            .collect::<Result<_, _>>()
            .map_err(fault)?;
        if rows.is_empty() {
            return Err(format!("{place}: has no rows"));
        }
        Ok(Self { place, rows })
    }

    /// Its rows.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().enumerate().map(|(number, cells)| Row {
            place: format!("{}:{}", self.place, number + 2),
            cells,
        })
    }
}

impl Row<'_> {
    /// Text of a column.
    pub fn text(&self, column: &str) -> Result<&str, String> {
        let cell = self.cells.get(column);
        cell.map(String::as_str)
            .ok_or_else(|| format!("{}: there is no column `{column}`", self.place))
    }

    /// Number of a column; an empty cell is no number.
    pub fn number(&self, column: &str) -> Result<f64, String> {
        let text = self.text(column)?;
        text.parse()
            .map_err(|_| format!("{}: `{column}` is `{text}`, not a number", self.place))
    }
}
