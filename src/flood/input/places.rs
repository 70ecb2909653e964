//! From coordinates of the scenario to cells and edges of the grid.

use crate::finding::Finding;
use crate::geo::{Grid, LocalFrame};
use crate::job::Job;

use super::super::domain::{Axis, Face};
use super::super::error::{FloodError, SettingFault};
use super::super::params::FloodSide;

/// A point in a building or on unknown ground moves to the nearest open cell, if one lies within this many cells.
const MOST_CELLS: usize = 8;

/// Where things of the scenario lie on the grid.
pub(super) struct Places<'a> {
    pub(super) frame: &'a LocalFrame,
    pub(super) grid: &'a Grid,
    /// True for cells that can hold water.
    pub(super) open: &'a [bool],
}

impl Places<'_> {
    /// Local (x, y) of a place in the CRS.
    pub(super) fn local(&self, [easting, northing]: [f64; 2]) -> [f64; 2] {
        let p = self.frame.local_from_crs([easting, northing, 0.0]);
        [p.x, p.y]
    }

    pub(super) fn local_line(&self, line: &[[f64; 2]]) -> Vec<[f64; 2]> {
        line.iter().map(|p| self.local(*p)).collect()
    }

    /// Words for the area of the grid: west, south, east, north in the CRS.
    pub(super) fn area_text(&self) -> String {
        let [w, s, e, n] = self.area();
        format!("west {w}, south {s}, east {e}, north {n}")
    }

    /// West, south, east, north of the grid in the CRS.
    fn area(&self) -> [f64; 4] {
        let (min, max) = self.grid.bounds();
        let [w, s, _] = self.frame.crs_from_local([min[0], min[1], 0.0].into());
        let [e, n, _] = self.frame.crs_from_local([max[0], max[1], 0.0].into());
        [w, s, e, n]
    }

    /// The area of the grid as a scenario writes it.
    pub(super) fn area_list(&self) -> String {
        let [w, s, e, n] = self.area();
        format!("[{w}, {s}, {e}, {n}]")
    }

    fn outside(&self, field: &str, [e, n]: [f64; 2]) -> FloodError {
        SettingFault::new(
            "outside",
            field,
            "the place lies outside of the simulated area",
        )
        .expected(format!("a place in {}", self.area_text()))
        .found(format!("[{e}, {n}]"))
        .help("coordinates are (easting, northing) in the CRS of the city")
        .into()
    }

    /// Cell at a place in the CRS, open or not.
    pub(super) fn cell(&self, field: &str, place: [f64; 2]) -> Result<usize, FloodError> {
        let [x, y] = self.local(place);
        let (min, max) = self.grid.bounds();
        // The outermost edge belongs to the outermost cells.
        let slack = 1e-9 * self.grid.cell_m;
        let on_edge = |v: f64, k: usize| {
            if (v - max[k]).abs() <= slack {
                max[k] - 0.5 * self.grid.cell_m
            } else if (v - min[k]).abs() <= slack {
                min[k] + 0.5 * self.grid.cell_m
            } else {
                v
            }
        };
        self.grid
            .cell_at(on_edge(x, 0), on_edge(y, 1))
            .map(|(row, col)| self.grid.index(row, col))
            .ok_or_else(|| self.outside(field, place))
    }

    /// Open cell at a place in the CRS, or the nearest one with a finding.
    pub(super) fn open_cell(
        &self,
        field: &str,
        id: &str,
        place: [f64; 2],
        job: &Job,
    ) -> Result<usize, FloodError> {
        let cell = self.cell(field, place)?;
        if self.open[cell] {
            return Ok(cell);
        }
        let grid = self.grid;
        let (row, col) = (cell / grid.cols, cell % grid.cols);
        let (rows, cols) = (
            row.saturating_sub(MOST_CELLS)..(row + MOST_CELLS + 1).min(grid.rows),
            col.saturating_sub(MOST_CELLS)..(col + MOST_CELLS + 1).min(grid.cols),
        );
        let nearest = rows
            .flat_map(|r| cols.clone().map(move |c| (r, c)))
            .filter(|&(r, c)| self.open[grid.index(r, c)])
            .min_by_key(|&(r, c)| (r.abs_diff(row).pow(2) + c.abs_diff(col).pow(2), r, c));
        let Some((r, c)) = nearest else {
            return Err(SettingFault::new(
                "no-water-here",
                field,
                "the place lies in a building or on unknown ground",
            )
            .expected("a place where water can stand")
            .found(format!("[{}, {}]", place[0], place[1]))
            .into());
        };
        let away = grid.cell_m * (r.abs_diff(row) as f64).hypot(c.abs_diff(col) as f64);
        job.finding(
            Finding::warning("flood-place-moved")
                .object(id)
                .place(field)
                .arg("field", field)
                .arg("distance_m", format!("{away:.1}")),
        );
        Ok(grid.index(r, c))
    }

    /// Open cells along a line in the CRS, each once, in the order of the line.
    pub(super) fn line_cells(
        &self,
        field: &str,
        line: &[[f64; 2]],
    ) -> Result<Vec<usize>, FloodError> {
        let mut cells = Vec::new();
        for pair in line.windows(2) {
            let length = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
            let steps = (4.0 * length / self.grid.cell_m).ceil().max(1.0) as usize;
            for k in 0..=steps {
                let t = k as f64 / steps as f64;
                let at = |axis: usize| pair[0][axis] + t * (pair[1][axis] - pair[0][axis]);
                let cell = self.cell(field, [at(0), at(1)])?;
                if self.open[cell] && !cells.contains(&cell) {
                    cells.push(cell);
                }
            }
        }
        if cells.is_empty() {
            return Err(SettingFault::new(
                "no-water-here",
                field,
                "the line lies in buildings or on unknown ground",
            )
            .expected("a line through places where water can stand")
            .into());
        }
        Ok(cells)
    }

    /// Faces of a side of the grid whose cell is open.
    pub(super) fn side_faces(&self, side: FloodSide) -> Vec<Face> {
        let grid = self.grid;
        let face = |axis, row, col| Face { axis, row, col };
        let mut faces = Vec::new();
        let wanted = |s: FloodSide| side == s || side == FloodSide::All;
        if wanted(FloodSide::West) {
            faces.extend((0..grid.rows).map(|row| face(Axis::X, row, 0)));
        }
        if wanted(FloodSide::East) {
            faces.extend((0..grid.rows).map(|row| face(Axis::X, row, grid.cols)));
        }
        if wanted(FloodSide::North) {
            faces.extend((0..grid.cols).map(|col| face(Axis::Y, 0, col)));
        }
        if wanted(FloodSide::South) {
            faces.extend((0..grid.cols).map(|col| face(Axis::Y, grid.rows, col)));
        }
        faces.retain(|f| self.open[edge_cell(grid, f)]);
        faces
    }

    /// First point of a line in the CRS, corners and middles of its pieces, that lies further than a cell from the edge of the grid.
    pub(super) fn off_edge(&self, line: &[[f64; 2]]) -> Option<[f64; 2]> {
        let (min, max) = self.grid.bounds();
        let reach = self.grid.cell_m * (1.0 + 1e-9);
        let is_off = |place: &[f64; 2]| {
            let p = self.local(*place);
            // Distances beyond the nearer side of each axis, negative inside.
            let [x, y] = [0, 1].map(|k| (min[k] - p[k]).max(p[k] - max[k]));
            let distance = if x <= 0.0 && y <= 0.0 {
                -x.max(y)
            } else {
                x.max(0.0).hypot(y.max(0.0))
            };
            distance > reach
        };
        let middles = line
            .windows(2)
            .map(|w| [0, 1].map(|k| 0.5 * (w[0][k] + w[1][k])));
        line.iter().copied().chain(middles).find(is_off)
    }

    /// Faces at the edge of the grid along a line in the CRS: those that run like the line, not further than a cell from it.
    pub(super) fn line_faces(&self, line: &[[f64; 2]]) -> Vec<Face> {
        let grid = self.grid;
        let line = self.local_line(line);
        let reach = grid.cell_m * (1.0 + 1e-9);
        let mut faces = self.side_faces(FloodSide::All);
        faces.retain(|face| {
            let p = middle(grid, face);
            line.windows(2).any(|w| {
                let (dx, dy) = (w[1][0] - w[0][0], w[1][1] - w[0][1]);
                let along = match face.axis {
                    Axis::X => dy.abs() >= dx.abs(),
                    Axis::Y => dx.abs() >= dy.abs(),
                };
                let t = ((p[0] - w[0][0]) * dx + (p[1] - w[0][1]) * dy) / (dx * dx + dy * dy);
                let near = || {
                    let foot = [w[0][0] + t * dx, w[0][1] + t * dy];
                    (p[0] - foot[0]).hypot(p[1] - foot[1]) <= reach
                };
                along && (0.0..=1.0).contains(&t) && near()
            })
        });
        faces
    }
}

/// Cell inside of a face at the edge of the grid.
pub(super) fn edge_cell(grid: &Grid, face: &Face) -> usize {
    let row = face.row.min(grid.rows - 1);
    let col = face.col.min(grid.cols - 1);
    grid.index(row, col)
}

/// Local (x, y) of the middle of a face.
pub(super) fn middle(grid: &Grid, face: &Face) -> [f64; 2] {
    let (dx, dy) = match face.axis {
        Axis::X => (0.0, 0.5),
        Axis::Y => (0.5, 0.0),
    };
    [
        grid.west + (face.col as f64 + dx) * grid.cell_m,
        grid.north - (face.row as f64 + dy) * grid.cell_m,
    ]
}

/// Distance (m) of a point from a polyline, which may be one point.
pub(super) fn distance_to_line(p: [f64; 2], line: &[[f64; 2]]) -> f64 {
    let to = |q: [f64; 2]| (p[0] - q[0]).hypot(p[1] - q[1]);
    let on_segments = line.windows(2).map(|w| {
        let (dx, dy) = (w[1][0] - w[0][0], w[1][1] - w[0][1]);
        let length2 = dx * dx + dy * dy;
        let t = if length2 > 0.0 {
            (((p[0] - w[0][0]) * dx + (p[1] - w[0][1]) * dy) / length2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        to([w[0][0] + t * dx, w[0][1] + t * dy])
    });
    let first = line.first().map_or(f64::INFINITY, |q| to(*q));
    on_segments.fold(first, f64::min)
}

/// Runs over the cells whose centres lie inside the rings (local; exterior first, then holes; even-odd rule).
pub(super) fn each_cell_in(grid: &Grid, rings: &[Vec<[f64; 2]>], mut visit: impl FnMut(usize)) {
    let ys = rings.iter().flatten().map(|p| p[1]);
    let (low, high) = ys.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), y| {
        (lo.min(y), hi.max(y))
    });
    if low > high {
        return;
    }
    let first = ((grid.north - high) / grid.cell_m - 0.5).floor().max(0.0) as usize;
    let last = ((grid.north - low) / grid.cell_m + 0.5).ceil().max(0.0) as usize;
    let mut crossings: Vec<f64> = Vec::new();
    for row in first..last.min(grid.rows) {
        let y = grid.centre(row, 0)[1];
        crossings.clear();
        for ring in rings {
            for (i, a) in ring.iter().enumerate() {
                let b = ring[(i + 1) % ring.len()];
                if (a[1] > y) != (b[1] > y) {
                    crossings.push(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
                }
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // Columns whose centres lie in [from, to).
            let from = ((pair[0] - grid.west) / grid.cell_m - 0.5).ceil().max(0.0);
            let to = ((pair[1] - grid.west) / grid.cell_m - 0.5).ceil().max(0.0);
            for col in from as usize..(to as usize).min(grid.cols) {
                visit(grid.index(row, col));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Crs;

    const GRID: Grid = Grid {
        west: 0.0,
        north: 8.0,
        cell_m: 2.0,
        cols: 5,
        rows: 4,
    };

    fn frame() -> LocalFrame {
        LocalFrame {
            crs: Crs::local(),
            origin_easting: 1000.0,
            origin_northing: 2000.0,
        }
    }

    fn places<'a>(frame: &'a LocalFrame, open: &'a [bool]) -> Places<'a> {
        Places {
            frame,
            grid: &GRID,
            open,
        }
    }

    #[test]
    fn places_outside_are_errors_with_field_and_area() {
        let (frame, open) = (frame(), vec![true; 20]);
        let places = places(&frame, &open);
        assert_eq!(places.cell("f", [1000.0, 2008.0]).unwrap(), 0);
        assert_eq!(places.cell("f", [1010.0, 2000.0]).unwrap(), 19);
        assert_eq!(places.cell("f", [1003.0, 2005.0]).unwrap(), 6);
        let error = places.cell("flood.gauge[1].position", [990.0, 2005.0]);
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("error[flood::outside]")
                && text.contains("flood.gauge[1].position")
                && text.contains("west 1000, south 2000, east 1010, north 2008")
                && text.contains("[990, 2005]"),
            "{text}"
        );
    }

    #[test]
    fn a_place_in_a_building_moves_to_the_nearest_open_cell() {
        let frame = frame();
        let mut open = vec![true; 20];
        open[6] = false;
        open[7] = false;
        let job = Job::default();
        let places = places(&frame, &open);
        let cell = places.open_cell("flood.inlet[1].position", "e1", [1003.0, 2005.0], &job);
        assert_eq!(cell.unwrap(), 1);
        let findings = job.take_findings();
        assert_eq!(findings[0].code, "flood-place-moved");
        assert_eq!(findings[0].args["distance_m"], "2.0");
        let closed = vec![false; 20];
        let nowhere = super::tests::places(&frame, &closed);
        assert!(
            nowhere
                .open_cell("f", "e1", [1003.0, 2005.0], &job)
                .is_err()
        );
    }

    #[test]
    fn sides_and_lines_name_their_faces() {
        let frame = frame();
        let mut open = vec![true; 20];
        open[0] = false;
        let places = places(&frame, &open);
        assert_eq!(places.side_faces(FloodSide::West).len(), 3);
        assert_eq!(places.side_faces(FloodSide::South).len(), 5);
        assert_eq!(places.side_faces(FloodSide::All).len(), 16);
        // From the corner along the southern edge: three faces, none of the western side.
        let faces = places.line_faces(&[[1000.0, 2000.5], [1006.0, 2000.5]]);
        assert_eq!(
            faces,
            (0..3)
                .map(|col| Face {
                    axis: Axis::Y,
                    row: 4,
                    col
                })
                .collect::<Vec<_>>()
        );
        assert!(
            places
                .line_faces(&[[1002.0, 2004.0], [1006.0, 2004.0]])
                .is_empty()
        );
    }

    #[test]
    fn cells_of_a_polygon_with_a_hole() {
        let square = |lo: f64, hi: f64| vec![[lo, lo], [hi, lo], [hi, hi], [lo, hi]];
        let mut cells = Vec::new();
        each_cell_in(&GRID, &[square(0.0, 8.0), square(2.0, 6.0)], |c| {
            cells.push(c)
        });
        assert_eq!(cells, [0, 1, 2, 3, 5, 8, 10, 13, 15, 16, 17, 18]);
    }
}
