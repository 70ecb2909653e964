//! Ground heights from text: ESRI ASCII grids and lists of points (XYZ, CSV).

use std::borrow::Cow;

use crate::finding::Finding;

use super::LayerSource;
use super::error::{CityError, CityErrorKind};
use super::raw::{Imported, RawTerrain};
use super::table::{Table, decode_text, parse_number};
use super::terrain::{HEIGHT_RANGE_M, MAX_CELLS, absurd_heights, drop_absurd_heights, too_large};

/// Reads an ESRI ASCII grid.
///
/// Header `ncols nrows xllcorner|xllcenter yllcorner|yllcenter cellsize [NODATA_value]` in any order and case, then the
/// rows from north to south. A header that asks for more cells than the file can hold is refused before memory is
/// taken. A decimal comma is read as such, with a finding; cells that are no height become unknown and are counted.
pub fn read_ascii_grid(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let text = decode_text(bytes);
    let head = Head::read(&text, place)?;
    let mut findings = Vec::new();
    if head.decimal_comma {
        findings.push(Finding::warning("decimal-comma").place(place));
    }
    let cells = head.cols as usize * head.rows as usize;
    let mut heights = Vec::with_capacity(cells);
    let mut not_a_number = 0u64;
    for (i, line) in text.lines().enumerate().skip(head.lines) {
        for token in line.split_ascii_whitespace() {
            let Some(value) = parse_number(token, head.decimal_comma) else {
                return Err(CityError::new(
                    CityErrorKind::Syntax,
                    format!("{place}:{}", i + 1),
                    "a height of the grid cannot be read",
                )
                .expected("a number")
                .found(format!("`{}`", token.chars().take(40).collect::<String>()))
                .help("export the grid again; numbers need a point or a comma as decimal sign"));
            };
            if heights.len() == cells {
                return Err(wrong_count(place, cells, "more"));
            }
            heights.push(if head.nodata.is_some_and(|n| n == value) {
                f32::NAN
            } else if value.is_nan() {
                not_a_number += 1;
                f32::NAN
            } else {
                value as f32
            });
        }
    }
    if heights.len() < cells {
        return Err(wrong_count(place, cells, &heights.len().to_string()));
    }
    if not_a_number > 0 {
        findings.push(
            Finding::warning("terrain-not-a-number")
                .place(place)
                .arg("count", not_a_number),
        );
    }
    drop_absurd_heights(&mut heights, place, &mut findings);
    let known = heights.iter().filter(|h| h.is_finite()).count();
    Ok(Imported {
        terrain: Some(RawTerrain::Raster {
            west: head.west,
            north: head.south + head.rows as f64 * head.cell_m,
            cell_m: head.cell_m,
            cols: head.cols as usize,
            heights,
        }),
        findings,
        source: Some(source_of("ESRI ASCII grid", known)),
        ..Imported::default()
    })
}

pub(crate) fn source_of(format: &str, objects: usize) -> LayerSource {
    LayerSource {
        layer: super::LayerKind::Terrain,
        path: String::new(),
        format: format.to_owned(),
        origin: None,
        licence: None,
        date: None,
        crs: String::new(),
        blake3: String::new(),
        objects,
    }
}

fn wrong_count(place: &str, cells: usize, found: &str) -> CityError {
    CityError::new(
        CityErrorKind::Truncated,
        place,
        "the grid does not have as many heights as its header says",
    )
    .expected(format!("{cells} heights"))
    .found(found.to_owned())
    .help("the file is cut off or its header is wrong; get it again")
}

struct Head {
    cols: u64,
    rows: u64,
    west: f64,
    south: f64,
    cell_m: f64,
    nodata: Option<f64>,
    decimal_comma: bool,
    /// Lines of the header.
    lines: usize,
}

impl Head {
    fn read(text: &str, place: &str) -> Result<Self, CityError> {
        let fault = |what: &str| CityError::new(CityErrorKind::Head, place, what);
        let is_key = |line: &&str| {
            line.trim_start()
                .starts_with(|c: char| c.is_ascii_alphabetic())
                && !line.trim_start().to_ascii_lowercase().starts_with("nan")
                && !line.trim_start().to_ascii_lowercase().starts_with("inf")
        };
        let entries: Vec<(String, &str)> = text
            .lines()
            .take(20)
            .take_while(is_key)
            .map(|line| {
                let (key, value) = line
                    .trim()
                    .split_once(char::is_whitespace)
                    .unwrap_or((line, ""));
                (key.to_ascii_lowercase(), value.trim())
            })
            .collect();
        // The comma may show only in the heights (`5,1 5,2`) or only in the header.
        let sample = text.lines().take(entries.len() + 50);
        let decimal_comma =
            sample.clone().any(|l| l.contains(',')) && !sample.clone().any(|l| l.contains('.'));
        let value = |keys: &[&str]| -> Result<Option<f64>, CityError> {
            let Some((key, text)) = entries.iter().find(|(k, _)| keys.contains(&k.as_str())) else {
                return Ok(None);
            };
            match parse_number(text, decimal_comma) {
                Some(value) if value.is_finite() => Ok(Some(value)),
                _ => Err(fault("a value of the grid's header cannot be read")
                    .expected(format!("a number behind `{key}`"))
                    .found(format!("`{}`", text.chars().take(40).collect::<String>()))),
            }
        };
        let required = |keys: &[&str]| -> Result<f64, CityError> {
            value(keys)?.ok_or_else(|| {
                fault("the header of the grid is incomplete")
                    .expected(keys.join(" or "))
                    .help("an ESRI ASCII grid starts with ncols, nrows, xllcorner, yllcorner, cellsize")
            })
        };
        let count = |key: &str| -> Result<u64, CityError> {
            let n = required(&[key])?;
            if n >= 1.0 && n.fract() == 0.0 {
                Ok(n as u64)
            } else {
                Err(fault("the size of the grid is impossible")
                    .expected(format!("{key} of 1 or more"))
                    .found(n.to_string()))
            }
        };
        let (cols, rows) = (count("ncols")?, count("nrows")?);
        let width = value(&["dx"])?;
        let cell_m = match (width, value(&["dy"])?) {
            (Some(dx), Some(dy)) if (dx - dy).abs() > 1e-6 * dx.abs() => {
                return Err(fault("the cells of the grid are not square")
                    .expected("equal dx and dy")
                    .found(format!("{dx} and {dy}"))
                    .help("resample the grid to square cells"));
            }
            (Some(dx), _) => dx,
            (None, _) => required(&["cellsize"])?,
        };
        if cell_m <= 0.0 {
            return Err(fault("the cell size of the grid is impossible")
                .expected("cellsize above 0")
                .found(cell_m.to_string()));
        }
        let nodata = value(&["nodata_value", "nodata"])?;
        // Each height takes at least a digit and a space.
        let cells = cols.checked_mul(rows).filter(|n| *n <= MAX_CELLS);
        let Some(cells) = cells else {
            return Err(too_large(place, cols, rows));
        };
        if cells > text.len() as u64 / 2 + 1 {
            return Err(fault(
                "the header of the grid promises more heights than the file can hold",
            )
            .expected(format!("{cells} heights ({cols} x {rows})"))
            .found(format!("a file of {} bytes", text.len()))
            .help("the file is cut off or its header is wrong; get it again"));
        }
        let half = 0.5 * cell_m;
        let edge = |corner: &[&str], centre: &[&str]| -> Result<f64, CityError> {
            match value(centre)? {
                Some(v) => Ok(v - half),
                None => required(corner),
            }
        };
        Ok(Self {
            cols,
            rows,
            west: edge(&["xllcorner", "xll"], &["xllcenter", "xllcentre"])?,
            south: edge(&["yllcorner", "yll"], &["yllcenter", "yllcentre"])?,
            cell_m,
            nodata,
            decimal_comma,
            lines: entries.len(),
        })
    }
}

const EASTING: &[&str] = &[
    "e",
    "x",
    "easting",
    "east",
    "rechtswert",
    "rw",
    "ostwert",
    "ost",
    "lon",
    "longitude",
    "laenge",
    "länge",
];
const NORTHING: &[&str] = &[
    "n", "y", "northing", "north", "hochwert", "hw", "nordwert", "nord", "lat", "latitude",
    "breite",
];
const HEIGHT: &[&str] = &[
    "z",
    "h",
    "height",
    "heightm",
    "hoehe",
    "höhe",
    "elevation",
    "elev",
    "zfootm",
    "zm",
    "hnhn",
    "nhn",
];

/// Columns of a table that give a place.
pub(crate) struct PlaceColumns {
    pub(crate) easting: usize,
    pub(crate) northing: usize,
    /// The names say degrees.
    pub(crate) degrees: bool,
}

/// Finds the columns of the place by their names.
pub(crate) fn place_columns(table: &Table) -> Option<PlaceColumns> {
    let easting = table.column(EASTING)?;
    let northing = table.column(NORTHING)?;
    let degrees = table.column(&["lon", "longitude", "laenge", "länge"]) == Some(easting);
    Some(PlaceColumns {
        easting,
        northing,
        degrees,
    })
}

/// Reads a list of ground points: one per line, with a header (`e,n,z`, `Rechtswert;Hochwert;Hoehe`) or the first three
/// columns. Points on a regular grid become a raster, others stay points (the loader triangulates them).
pub fn read_points(bytes: &[u8], place: &str) -> Result<Imported, CityError> {
    let fault = |kind, what: &str| CityError::new(kind, place, what);
    let table =
        Table::new(bytes).ok_or_else(|| fault(CityErrorKind::Empty, "the file has no points"))?;
    let (columns, height) = if table.has_header() {
        let missing = || {
            fault(
                CityErrorKind::Head,
                "the columns of the points are not recognised",
            )
            .expected("columns e, n, z (or x, y, z; Rechtswert, Hochwert, Hoehe)")
            .help("name the columns in the first line")
        };
        let columns = place_columns(&table).ok_or_else(missing)?;
        (columns, table.column(HEIGHT).ok_or_else(missing)?)
    } else {
        let columns = PlaceColumns {
            easting: 0,
            northing: 1,
            degrees: false,
        };
        (columns, 2)
    };
    let mut points = Vec::new();
    let mut unreadable = Skipped::default();
    let mut absurd = 0u64;
    for (line, row) in table.rows() {
        let field = |column: usize| table.number(&row, Some(column)).filter(|v| v.is_finite());
        let numbers = (
            field(columns.easting),
            field(columns.northing),
            field(height),
        );
        match numbers {
            (Some(e), Some(n), Some(h)) if e.abs() < 1e9 && n.abs() < 1e9 => {
                if HEIGHT_RANGE_M.contains(&h) {
                    points.push([e, n, h]);
                } else {
                    absurd += 1;
                }
            }
            _ => unreadable.add(line, &row),
        }
    }
    let mut findings = Vec::new();
    unreadable.check(
        "terrain-rows-unreadable",
        points.len() + absurd as usize,
        place,
        &mut findings,
    )?;
    if absurd > 0 {
        findings.push(absurd_heights(absurd, place));
    }
    if table.has_decimal_comma() {
        findings.push(Finding::info("decimal-comma").place(place));
    }
    let objects = points.len();
    Ok(Imported {
        crs: columns.degrees.then(crate::geo::Crs::wgs84),
        terrain: Some(grid_of(&points).unwrap_or(RawTerrain::Points(points))),
        findings,
        source: Some(source_of("XYZ", objects)),
        ..Imported::default()
    })
}

/// Rows that could not be used.
#[derive(Default)]
pub(crate) struct Skipped {
    count: usize,
    first: Option<(usize, String)>,
}

impl Skipped {
    pub(crate) fn add(&mut self, line: usize, row: &[Cow<'_, str>]) {
        self.count += 1;
        if self.first.is_none() {
            let text: String = row
                .join(" ")
                .chars()
                .filter(|c| !c.is_control())
                .take(60)
                .collect();
            self.first = Some((line, text));
        }
    }

    /// A finding for some bad rows, an error when they are the majority.
    pub(crate) fn check(
        self,
        code: &str,
        used: usize,
        place: &str,
        findings: &mut Vec<Finding>,
    ) -> Result<(), CityError> {
        let Some((line, text)) = self.first else {
            return if used > 0 {
                Ok(())
            } else {
                Err(CityError::new(
                    CityErrorKind::Empty,
                    place,
                    "the file has no rows with data",
                ))
            };
        };
        if self.count > used {
            return Err(CityError::new(
                CityErrorKind::Syntax,
                format!("{place}:{line}"),
                "most rows of the table cannot be read",
            )
            .expected("numbers in the columns of the place and the height")
            .found(format!("`{text}`"))
            .help("check the separator, the decimal sign and the names of the columns"));
        }
        findings.push(
            Finding::warning(code)
                .place(format!("{place}:{line}"))
                .arg("count", self.count)
                .arg("row", text),
        );
        Ok(())
    }
}

/// The raster behind points that lie on the centres of regular square cells; `None` when they do not, or leave more than
/// half of the cells empty.
fn grid_of(points: &[[f64; 3]]) -> Option<RawTerrain> {
    /// Coordinates are printed to the millimetre or coarser.
    const PRINTED_M: f64 = 2e-3;
    if points.len() < 9 {
        return None;
    }
    let levels = |k: usize| -> Vec<f64> {
        let mut values: Vec<f64> = points.iter().map(|p| p[k]).collect();
        values.sort_by(f64::total_cmp);
        values.dedup_by(|b, a| *b - *a < PRINTED_M);
        values
    };
    let (xs, ys) = (levels(0), levels(1));
    let spacing = |values: &[f64]| values.windows(2).map(|w| w[1] - w[0]).reduce(f64::min);
    let cell_m = spacing(&xs)?;
    if (spacing(&ys)? - cell_m).abs() > PRINTED_M {
        return None;
    }
    let count =
        |values: &[f64]| ((values[values.len() - 1] - values[0]) / cell_m).round() as u64 + 1;
    let (cols, rows) = (count(&xs), count(&ys));
    let cells = cols.checked_mul(rows)?;
    if cells > MAX_CELLS || cells > 2 * points.len() as u64 {
        return None;
    }
    // The spacing over the whole width is more exact than between two printed numbers.
    let cell_m = if cols > 1 {
        (xs[xs.len() - 1] - xs[0]) / (cols - 1) as f64
    } else {
        cell_m
    };
    let (west, north) = (xs[0] - 0.5 * cell_m, ys[ys.len() - 1] + 0.5 * cell_m);
    let mut heights = vec![f32::NAN; cells as usize];
    for [e, n, h] in points {
        let col = (e - xs[0]) / cell_m;
        let row = (ys[ys.len() - 1] - n) / cell_m;
        let off = (col - col.round()).abs().max((row - row.round()).abs()) * cell_m;
        if off > PRINTED_M {
            return None;
        }
        heights[row.round() as usize * cols as usize + col.round() as usize] = *h as f32;
    }
    Some(RawTerrain::Raster {
        west,
        north,
        cell_m,
        cols: cols as usize,
        heights,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster(imported: Imported) -> (f64, f64, f64, usize, Vec<f32>) {
        match imported.terrain {
            Some(RawTerrain::Raster {
                west,
                north,
                cell_m,
                cols,
                heights,
            }) => (west, north, cell_m, cols, heights),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn corner_and_centre_headers_give_the_same_edges() {
        let corner = "ncols 2\nnrows 2\nxllcorner 100\nyllcorner 200\ncellsize 10\nNODATA_value -9999\n1 2\n3 -9999\n";
        let centre = "NCOLS 2\nNROWS 2\nXLLCENTER 105\nYLLCENTER 205\nCELLSIZE 10\nnodata_value -9999\n1 2\n3 -9999\n";
        for text in [corner, centre] {
            let (west, north, cell_m, cols, heights) =
                raster(read_ascii_grid(text.as_bytes(), "a.asc").unwrap());
            assert_eq!((west, north, cell_m, cols), (100.0, 220.0, 10.0, 2));
            assert_eq!(&heights[..3], &[1.0, 2.0, 3.0]);
            assert!(heights[3].is_nan());
        }
    }

    #[test]
    fn decimal_comma_is_one_number() {
        let text =
            "ncols 2\nnrows 1\nxllcorner 565000,5\nyllcorner 5934000,0\ncellsize 1,0\n5,1 5,2\n";
        let imported = read_ascii_grid(text.as_bytes(), "a.asc").unwrap();
        assert_eq!(imported.findings[0].code, "decimal-comma");
        let (west, _, _, _, heights) = raster(imported);
        assert_eq!(west, 565_000.5);
        assert_eq!(heights, [5.1, 5.2]);
    }

    #[test]
    fn lies_of_the_header_are_refused() {
        for (text, code) in [
            (
                "ncols 4000000000\nnrows 4000000000\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2",
                "too-large",
            ),
            (
                "ncols 5000\nnrows 5000\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2",
                "head",
            ),
            (
                "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 0\n1 2 3 4",
                "head",
            ),
            (
                "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize -1\n1 2 3 4",
                "head",
            ),
            (
                "ncols -2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3 4",
                "head",
            ),
            ("ncols 2\nnrows 2\ncellsize 1\n1 2 3 4", "head"),
            (
                "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3",
                "truncated",
            ),
            (
                "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 3 4 5",
                "truncated",
            ),
            (
                "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2 x 4",
                "syntax",
            ),
        ] {
            assert_eq!(
                read_ascii_grid(text.as_bytes(), "a.asc")
                    .unwrap_err()
                    .code(),
                code,
                "{text}"
            );
        }
    }

    #[test]
    fn points_on_a_grid_become_a_raster_in_any_order() {
        let mut lines: Vec<String> = Vec::new();
        for row in 0..4 {
            for col in 0..5 {
                lines.push(format!(
                    "{}.5 {}.5 {}.{}",
                    565_000 + col,
                    5_934_000 + row,
                    row,
                    col
                ));
            }
        }
        lines.swap(0, 13);
        lines.remove(7);
        let text = lines.join("\n");
        let (west, north, cell_m, cols, heights) =
            raster(read_points(text.as_bytes(), "d.xyz").unwrap());
        assert_eq!(
            (west, north, cell_m, cols),
            (565_000.0, 5_934_004.0, 1.0, 5)
        );
        assert_eq!(heights[3 * 5 + 4], 0.4);
        assert_eq!(heights[0], 3.0);
        assert_eq!(heights.iter().filter(|h| h.is_nan()).count(), 1);
    }

    #[test]
    fn loose_points_stay_points_and_bad_rows_are_counted() {
        let text = "Rechtswert;Hochwert;Hoehe\n1,0;2,0;3,5\n7,3;2,1;4,5\nabc;;\n5,5;9,0;-9999\n4,0;8,0;6,0\n";
        let imported = read_points(text.as_bytes(), "p.csv").unwrap();
        let Some(RawTerrain::Points(points)) = &imported.terrain else {
            panic!("{:?}", imported.terrain)
        };
        assert_eq!(points, &[[1.0, 2.0, 3.5], [7.3, 2.1, 4.5], [4.0, 8.0, 6.0]]);
        let codes: Vec<&str> = imported.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "terrain-rows-unreadable",
                "terrain-absurd-heights",
                "decimal-comma"
            ]
        );
        assert_eq!(imported.findings[0].place.as_deref(), Some("p.csv:4"));
    }

    #[test]
    fn a_table_of_something_else_is_refused() {
        assert_eq!(
            read_points(b"name,age\nA,3\n", "p.csv").unwrap_err().code(),
            "head"
        );
        assert_eq!(
            read_points(b"1 2\n3 4\n", "p.xyz").unwrap_err().code(),
            "syntax"
        );
        assert_eq!(read_points(b"", "p.xyz").unwrap_err().code(), "empty");
    }
}
