//! Files that settings name: profiles, probes, climates.

use std::borrow::Cow;

use crate::city::error::CityError;
use crate::city::sources::Roots;
use crate::city::table::{Table, reduced};
use crate::geo::LocalFrame;
use crate::result::InputFile;
use crate::wind::climate::Rose;
use crate::wind::error::WindError;
use crate::wind::inflow::ProfileRow;
use crate::wind::weather::{Remark, read_weather};

/// A place whose wind is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// Name.
    pub id: String,
    /// Easting, northing and height (m above datum) as given.
    pub given: [f64; 3],
    /// Local place (m).
    pub place: [f64; 3],
}

/// Reads files and remembers what was read.
pub(super) struct Files<'a> {
    roots: &'a Roots,
    /// In the order of reading.
    pub(super) read: Vec<InputFile>,
}

impl<'a> Files<'a> {
    pub(super) fn new(roots: &'a Roots) -> Self {
        Self {
            roots,
            read: Vec::new(),
        }
    }

    /// Bytes of a file; `field` is the setting that names it.
    fn bytes(&mut self, field: &str, path: &str) -> Result<Cow<'static, [u8]>, WindError> {
        let fault = |error: CityError| WindError::Source {
            field: field.to_owned(),
            error: Box::new(error),
        };
        let source = self.roots.resolve(path).map_err(fault)?;
        let bytes = source.read(path).map_err(fault)?;
        let file = InputFile {
            path: path.to_owned(),
            blake3: blake3::hash(&bytes).to_hex().to_string(),
        };
        if !self.read.contains(&file) {
            self.read.push(file);
        }
        Ok(bytes)
    }

    /// Line, `id` if there is such a column, and the numbers of the named columns, line by line; `least` lines at least.
    fn columns<const N: usize>(
        &mut self,
        field: &str,
        path: &str,
        names: [&str; N],
        least: usize,
    ) -> Result<Vec<(u64, Option<String>, [f64; N])>, WindError> {
        let bytes = self.bytes(field, path)?;
        let fault = |line: Option<u64>, found: String, expected: String| WindError::Table {
            file: path.to_owned(),
            line,
            found,
            expected,
        };
        let header = names.join(",");
        let Some(table) = Table::new(&bytes) else {
            let found = "no line with data".to_owned();
            return Err(fault(None, found, format!("a header `{header}` and lines")));
        };
        let mut at = [0; N];
        for (slot, name) in at.iter_mut().zip(names) {
            *slot = table.column(&[&reduced(name)]).ok_or_else(|| {
                let found = format!("the header {}", table.columns().join(", "));
                fault(Some(1), found, format!("a column `{name}`"))
            })?;
        }
        let id = table.column(&["id"]);
        let mut rows = Vec::new();
        for (line, cells) in table.rows() {
            let mut numbers = [0.0; N];
            for ((number, &column), name) in numbers.iter_mut().zip(&at).zip(names) {
                let text = cells.get(column).map_or("", |cell| cell.trim());
                *number = table
                    .number(&cells, Some(column))
                    .filter(|n| n.is_finite() && n.abs() < 1e9)
                    .ok_or_else(|| {
                        let expected = format!("a finite number for {name}");
                        fault(Some(line as u64), format!("`{text}`"), expected)
                    })?;
            }
            let name = id.and_then(|at| cells.get(at));
            rows.push((line as u64, name.map(|n| n.trim().to_owned()), numbers));
        }
        if rows.len() < least {
            let found = format!("{} lines", rows.len());
            return Err(fault(
                None,
                found,
                format!("at least {least} lines of `{header}`"),
            ));
        }
        Ok(rows)
    }

    /// A measured profile: heights rising from above the ground, speeds and turbulent energies positive.
    pub(super) fn profile(
        &mut self,
        field: &str,
        path: &str,
    ) -> Result<Vec<ProfileRow>, WindError> {
        let rows = self.columns(field, path, ["z_m", "speed_mps", "k_m2_per_s2"], 2)?;
        let fault = |line: u64, found: String, expected: String| WindError::Table {
            file: path.to_owned(),
            line: Some(line),
            found,
            expected,
        };
        let mut profile: Vec<ProfileRow> = Vec::new();
        for (line, _, [z_m, speed_mps, k_m2_per_s2]) in rows {
            let below = profile.last().map_or(0.0, |row| row.z_m);
            if z_m <= below {
                return Err(fault(
                    line,
                    format!("z_m = {z_m}"),
                    format!("a height above {below} m: heights rise from line to line"),
                ));
            }
            if speed_mps <= 0.0 || k_m2_per_s2 < 0.0 {
                return Err(fault(
                    line,
                    format!("speed_mps = {speed_mps}, k_m2_per_s2 = {k_m2_per_s2}"),
                    "a positive speed, and an energy of 0 or more".to_owned(),
                ));
            }
            profile.push(ProfileRow {
                z_m,
                speed_mps,
                k_m2_per_s2,
            });
        }
        Ok(profile)
    }

    /// Places of the user.
    pub(super) fn probes(
        &mut self,
        field: &str,
        path: &str,
        frame: &LocalFrame,
    ) -> Result<Vec<Probe>, WindError> {
        let rows = self.columns(field, path, ["x", "y", "z"], 1)?;
        Ok(rows
            .into_iter()
            .enumerate()
            .map(|(n, (_, id, given))| {
                let place = frame.local_from_crs(given);
                Probe {
                    id: id.unwrap_or_else(|| (n + 1).to_string()),
                    given,
                    place: [place.x, place.y, place.z],
                }
            })
            .collect())
    }

    /// A climate, where it comes from, and remarks on its file: hourly wind sorted into sectors, or a table of a rose.
    pub(super) fn climate(
        &mut self,
        field: &str,
        path: &str,
        sectors: Option<usize>,
    ) -> Result<(Rose, String, Vec<Remark>), WindError> {
        let bytes = self.bytes(field, path)?;
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
        if head.contains("sector_centre_deg") {
            return Ok((Rose::parse(path, &bytes)?, path.to_owned(), Vec::new()));
        }
        let year = read_weather(path, &bytes)?;
        let sectors = sectors.unwrap_or_else(|| year.sectors());
        let rose = year.rose(sectors).ok_or_else(|| WindError::Table {
            file: path.to_owned(),
            line: None,
            found: "hours without wind".to_owned(),
            expected: "hours with different speeds".to_owned(),
        })?;
        let source = format!("{} ({})", year.station, year.source);
        Ok((rose, source, year.remarks()))
    }
}
