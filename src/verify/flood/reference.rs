//! Reading of the reference series in `data/flood`, and the norms they are compared by.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Columns of numbers.
pub struct Table {
    place: String,
    columns: BTreeMap<String, Vec<f64>>,
}

impl Table {
    /// Reads a CSV file with one line of headings.
    pub fn read(path: &Path) -> Result<Self, String> {
        let place = path.display().to_string();
        let fault = |e: &dyn std::fmt::Display| format!("{place}: {e}");
        let mut reader = csv::Reader::from_path(path).map_err(|e| fault(&e))?;
        let names: Vec<String> = reader
            .headers()
            .map_err(|e| fault(&e))?
            .iter()
            .map(|name| name.trim().to_owned())
            .collect();
        let mut columns = vec![Vec::new(); names.len()];
        for record in reader.records() {
            let record = record.map_err(|e| fault(&e))?;
            for (column, text) in columns.iter_mut().zip(record.iter()) {
                let value: f64 = text.trim().parse().map_err(|e| fault(&e))?;
                column.push(value);
            }
        }
        Ok(Self {
            place,
            columns: names.into_iter().zip(columns).collect(),
        })
    }

    /// A column by its heading.
    pub fn column(&self, name: &str) -> Result<&[f64], String> {
        self.columns
            .get(name)
            .map(Vec::as_slice)
            .ok_or_else(|| format!("{}: there is no column `{name}`", self.place))
    }

    /// A column as a curve over another one.
    pub fn curve(&self, over: &str, name: &str) -> Result<Curve, String> {
        Ok(Curve {
            x: self.column(over)?.to_vec(),
            y: self.column(name)?.to_vec(),
        })
    }

    /// The rows whose first named column has this value.
    pub fn rows_where(&self, name: &str, value: f64) -> Result<Self, String> {
        let keys = self.column(name)?;
        let near = 1e-6 * value.abs().max(1.0);
        let keep = |values: &[f64]| {
            let kept = values.iter().zip(keys);
            kept.filter(|(_, key)| (*key - value).abs() <= near)
                .map(|(v, _)| *v)
                .collect()
        };
        Ok(Self {
            place: self.place.clone(),
            columns: self
                .columns
                .iter()
                .map(|(name, values)| (name.clone(), keep(values)))
                .collect(),
        })
    }
}

/// A curve through points, linear between them and beyond its ends.
#[derive(Clone)]
pub struct Curve {
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Curve {
    /// Value at a place.
    pub fn at(&self, x: f64) -> f64 {
        if self.x.len() < 2 {
            return self.y.first().copied().unwrap_or(f64::NAN);
        }
        let right = self
            .x
            .partition_point(|&known| known < x)
            .clamp(1, self.x.len() - 1);
        let left = right - 1;
        let share = (x - self.x[left]) / (self.x[right] - self.x[left]);
        self.y[left] + share * (self.y[right] - self.y[left])
    }
}

/// The exact series with their parameters.
pub struct Analytic {
    folder: PathBuf,
    manifest: Value,
}

impl Analytic {
    /// Opens the folder.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let path = folder.join("manifest.json");
        let fault = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let bytes = std::fs::read(&path).map_err(|e| fault(&e))?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest: serde_json::from_slice(&bytes).map_err(|e| fault(&e))?,
        })
    }

    /// A series by its name without ending.
    pub fn table(&self, name: &str) -> Result<Table, String> {
        Table::read(&self.folder.join(format!("{name}.csv")))
    }

    /// A parameter of a series.
    pub fn parameter(&self, name: &str, key: &str) -> Result<f64, String> {
        let file = format!("{name}.csv");
        let entries = self.manifest.as_array().map_or(&[][..], Vec::as_slice);
        entries
            .iter()
            .find(|entry| entry["file"].as_str() == Some(&file))
            .and_then(|entry| entry[key].as_f64())
            .ok_or_else(|| {
                format!(
                    "{}: manifest.json has no number `{key}` for {file}",
                    self.folder.display()
                )
            })
    }
}

/// A raster of numbers, row 0 in the north.
pub struct Raster {
    /// Columns.
    pub cols: usize,
    /// Values, `[rows][cols]`.
    pub values: Vec<f64>,
}

impl Raster {
    /// Reads a gzipped ESRI ASCII grid in f64 (the reader of the city keeps heights in f32).
    pub fn read(path: &Path) -> Result<Self, String> {
        let place = path.display().to_string();
        let fault = |e: &dyn std::fmt::Display| format!("{place}: {e}");
        let text = unpacked_text(path)?;
        let mut cols = None;
        let mut values = Vec::new();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace().peekable();
            let head = words.peek().is_some_and(|word| word.starts_with(char::is_alphabetic));
            if head {
                if words.next() == Some("ncols") {
                    cols = words.next().and_then(|word| word.parse().ok());
                }
                continue;
            }
            for word in words {
                values.push(word.parse().map_err(|e| fault(&e))?);
            }
        }
        match cols {
            Some(cols) if cols > 0 && values.len() % cols == 0 => Ok(Self { cols, values }),
            _ => Err(fault(&"the number of values does not fit `ncols`")),
        }
    }
}

/// The text of a gzipped file.
pub fn unpacked_text(path: &Path) -> Result<String, String> {
    let fault = |e: std::io::Error| format!("{}: {e}", path.display());
    let file = std::fs::File::open(path).map_err(fault)?;
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).map_err(fault)?;
    Ok(text)
}

/// Sum of differences relative to the sum of the reference.
pub fn l1(got: &[f64], reference: &[f64]) -> f64 {
    let differences: f64 = got.iter().zip(reference).map(|(a, b)| (a - b).abs()).sum();
    differences / reference.iter().sum::<f64>()
}

/// Largest difference; NaN counts as infinite.
pub fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, |worst, d| if d <= worst { worst } else if d.is_nan() { f64::INFINITY } else { d })
}

/// Root of the mean square of the differences.
pub fn rmse(got: &[f64], reference: &[f64]) -> f64 {
    let squares: f64 = got.iter().zip(reference).map(|(a, b)| (a - b).powi(2)).sum();
    (squares / reference.len() as f64).sqrt()
}

/// Nash and Sutcliffe's efficiency: 1 for a perfect series.
pub fn efficiency(got: &[f64], reference: &[f64]) -> f64 {
    let mean = reference.iter().sum::<f64>() / reference.len() as f64;
    let error: f64 = got.iter().zip(reference).map(|(a, b)| (a - b).powi(2)).sum();
    let spread: f64 = reference.iter().map(|b| (b - mean).powi(2)).sum();
    1.0 - error / spread
}

/// Order of convergence between two grids, of which the finer has half the cell size.
pub fn order(coarse_error: f64, fine_error: f64) -> f64 {
    (coarse_error / fine_error).log2()
}
