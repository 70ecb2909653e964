//! A table of results, one row per building, facade or receiver.

use serde::Serialize;

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// Stable id, also the file name: `facades`.
    pub id: String,
    /// Text key of the title, e.g. `table-facades`.
    pub title: &'static str,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows; each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// Number of leading columns that identify a row when variants are compared.
    pub key_columns: usize,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Header in CSV files, e.g. `minutes_2027-03-21`.
    pub id: String,
    /// Text key of the header on screen, e.g. `column-minutes`.
    pub title: &'static str,
    /// Unit, or empty.
    pub unit: &'static str,
    /// Day, if the column belongs to one.
    pub date: Option<String>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Text from the data.
    Text(String),
    /// A text key (translated on screen and in the report, written as the bare key in CSV).
    Key(&'static str),
    /// A whole number.
    Integer(i64),
    /// A number with the decimals to show.
    Number {
        /// Value.
        value: f64,
        /// Decimals.
        decimals: usize,
    },
    /// Nothing known.
    Empty,
}

impl Column {
    /// A column that belongs to no day.
    pub fn plain(id: &str, title: &'static str, unit: &'static str) -> Self {
        Self {
            id: id.to_owned(),
            title,
            unit,
            date: None,
        }
    }
}

impl Cell {
    /// A number with the decimals to show; empty where it is none.
    pub fn decimal(value: f64, decimals: usize) -> Self {
        if value.is_finite() {
            Self::Number { value, decimals }
        } else {
            Self::Empty
        }
    }

    /// As files have it: bare keys, ISO numbers, nothing for an empty cell.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Key(key) => (*key).to_owned(),
            Self::Integer(value) => value.to_string(),
            Self::Number { value, decimals } if value.is_finite() => {
                let text = format!("{value:.decimals$}");
                // "-0.0" says nothing more than "0.0" and would differ between variants.
                if text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
                    text
                } else {
                    text.trim_start_matches('-').to_owned()
                }
            }
            Self::Number { .. } | Self::Empty => String::new(),
        }
    }

    /// The number in the cell, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(*value as f64),
            Self::Number { value, .. } if value.is_finite() => Some(*value),
            _ => None,
        }
    }
}

impl Table {
    /// Position of the column with this id.
    pub fn column(&self, id: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.id == id)
    }
}
