//! Files that settings name: series, tables of rain, rasters.

use std::borrow::Cow;

use crate::city::City;
use crate::city::error::CityError;
use crate::city::load::read_raster;
use crate::city::sources::Roots;
use crate::geo::Grid;

use super::super::domain::Series;
use super::super::error::{FloodError, SettingFault};
use super::super::table::{TableError, read_series};

/// Reads files and remembers what was read.
pub(super) struct Files<'a> {
    roots: &'a Roots,
    /// Path as written and BLAKE3 of the bytes, in the order of reading.
    pub(super) read: Vec<(String, String)>,
}

impl<'a> Files<'a> {
    pub(super) fn new(roots: &'a Roots) -> Self {
        Self {
            roots,
            read: Vec::new(),
        }
    }

    /// Bytes of a file; `field` is the setting that names it.
    pub(super) fn bytes(
        &mut self,
        field: &str,
        path: &str,
    ) -> Result<Cow<'static, [u8]>, FloodError> {
        let fault = |error: CityError| FloodError::Source {
            field: field.to_owned(),
            error: Box::new(error),
        };
        let source = self.roots.resolve(path).map_err(fault)?;
        let bytes = source.read(path).map_err(fault)?;
        let entry = (path.to_owned(), blake3::hash(&bytes).to_hex().to_string());
        if !self.read.contains(&entry) {
            self.read.push(entry);
        }
        Ok(bytes)
    }

    /// A series from a CSV file.
    pub(super) fn series(&mut self, field: &str, path: &str) -> Result<Series, FloodError> {
        let bytes = self.bytes(field, path)?;
        read_series(path, &bytes, None).map_err(|error| table_fault(field, &error))
    }

    /// Values of a raster at the centres of the cells; NaN beyond it and where it is unknown.
    pub(super) fn raster(
        &mut self,
        field: &str,
        path: &str,
        city: &City,
        grid: &Grid,
    ) -> Result<Vec<f32>, FloodError> {
        let bytes = self.bytes(field, path)?;
        let (own, values) =
            read_raster(&bytes, path, &city.frame).map_err(|error| FloodError::Source {
                field: field.to_owned(),
                error: Box::new(error),
            })?;
        let sampled: Vec<f32> = (0..grid.len())
            .map(|i| {
                let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
                own.cell_at(x, y)
                    .map_or(f32::NAN, |(row, col)| values[own.index(row, col)])
            })
            .collect();
        if sampled.iter().all(|v| v.is_nan()) {
            let (min, max) = own.bounds();
            let at = |p: [f64; 2]| {
                let [e, n, _] = city.frame.crs_from_local([p[0], p[1], 0.0].into());
                format!("[{e}, {n}]")
            };
            return Err(SettingFault::new(
                "outside",
                field,
                "the raster does not meet the simulated area",
            )
            .place(path)
            .expected("a raster in the CRS of the city")
            .found(format!("a raster from {} to {}", at(min), at(max)))
            .into());
        }
        Ok(sampled)
    }
}

/// All faults of a table as one fault of the setting that names it.
pub(super) fn table_fault(field: &str, error: &TableError) -> FloodError {
    let mut fault = SettingFault::new("table", field, "the file cannot be used");
    let Some(first) = error.faults.first() else {
        return fault.place(&error.file).into();
    };
    fault = match first.line {
        Some(line) => fault.place(format!("{}:{line}", error.file)),
        None => fault.place(&error.file),
    };
    fault = fault.expected(&first.expected).found(&first.found);
    if error.faults.len() > 1 {
        let lines: Vec<String> = error.faults[1..]
            .iter()
            .filter_map(|f| Some(f.line?.to_string()))
            .collect();
        fault = fault.help(format!("wrong are also the lines {}", lines.join(", ")));
    }
    fault.into()
}
