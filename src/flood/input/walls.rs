//! Flood walls and breaches as crests on faces.
//!
//! A wall becomes a chain of faces along the lines of the grid, from corner to corner, each next to the last. Water moves across
//! faces only, so that no chain leaks at its bends, whatever the direction of the wall. An end that stops within a cell of a
//! building reaches the building.
//!
//! A breach lowers the crests near it. A dike of the terrain has no crest: its cells along the line of the breach are lowered to
//! the sill, and crests as high as the dike was keep the water out until the breach begins.

use std::collections::BTreeMap;

use crate::city::{Breach as BreachEdit, City, FloodWall, WallCrest};
use crate::finding::Finding;
use crate::geo::Grid;
use crate::job::Job;

use super::super::domain::{Axis, Breach, Crest, Face};
use super::places::{distance_to_line, middle};

/// A breach at one place belongs to the wall within this distance (m), or within a cell.
const REACH_M: f64 = 5.0;

/// A corner of cells: row of the line between cells, column of the line.
type Corner = [i64; 2];

/// Crests of all walls of the city; breaches change them, and the bed where they cut a dike.
pub(super) fn crests(
    city: &City,
    grid: &Grid,
    bed_m: &mut [f64],
    solid: &[bool],
    job: &Job,
) -> Vec<Crest> {
    let ground_m = bed_m.to_vec();
    let mut crests: BTreeMap<Face, Crest> = BTreeMap::new();
    for wall in city.flood_walls.iter() {
        let faces = chain(wall, grid, solid);
        if faces.is_empty() {
            job.finding(Finding::warning("flood-wall-outside").object(&wall.id));
        }
        let mut stands_out = faces.is_empty();
        for face in faces {
            let crest_m = match wall.crest {
                WallCrest::Level(level) => level,
                WallCrest::AboveGround(height) => highest_ground(grid, &ground_m, &face) + height,
            };
            if crest_m.is_nan() {
                continue;
            }
            stands_out |= crest_m > bed_of(grid, &ground_m, &face);
            crests
                .entry(face)
                .and_modify(|crest| crest.crest_m = crest.crest_m.max(crest_m))
                .or_insert(Crest {
                    face,
                    crest_m,
                    breach: None,
                });
        }
        if !stands_out {
            job.finding(Finding::warning("flood-wall-low").object(&wall.id));
        }
    }
    for breach in city.breaches.iter() {
        let on_wall = breach_walls(breach, grid, &ground_m, &mut crests);
        let in_dike = cut_dike(breach, grid, bed_m, &ground_m, solid, &mut crests);
        if on_wall + in_dike == 0 {
            job.finding(Finding::warning("flood-breach-outside").object(&breach.id));
        } else if in_dike > 0 {
            job.finding(
                Finding::info("flood-breach-cut")
                    .object(&breach.id)
                    .arg("count", in_dike),
            );
        }
    }
    crests.into_values().collect()
}

/// Cells on both sides of an inner face.
fn sides(grid: &Grid, face: &Face) -> [usize; 2] {
    let after = grid.index(face.row, face.col);
    match face.axis {
        Axis::X => [after - 1, after],
        Axis::Y => [after - grid.cols, after],
    }
}

fn is_inner(grid: &Grid, face: &Face) -> bool {
    match face.axis {
        Axis::X => face.row < grid.rows && face.col > 0 && face.col < grid.cols,
        Axis::Y => face.col < grid.cols && face.row > 0 && face.row < grid.rows,
    }
}

/// Highest bed of both cells beside an inner face.
fn bed_of(grid: &Grid, bed_m: &[f64], face: &Face) -> f64 {
    let [a, b] = sides(grid, face).map(|cell| bed_m[cell]);
    a.max(b)
}

/// Highest ground within a cell and a half of a face. The corners of the grid lie up to a cell beside the wall: on the edge of a
/// quay the cells next to the face may all be water.
fn highest_ground(grid: &Grid, ground_m: &[f64], face: &Face) -> f64 {
    let (rows, cols) = match face.axis {
        Axis::X => (
            face.row.saturating_sub(1)..face.row + 2,
            face.col.saturating_sub(2)..face.col + 2,
        ),
        Axis::Y => (
            face.row.saturating_sub(2)..face.row + 2,
            face.col.saturating_sub(1)..face.col + 2,
        ),
    };
    let mut highest = f64::NAN;
    for row in rows.start..rows.end.min(grid.rows) {
        for col in cols.start..cols.end.min(grid.cols) {
            highest = highest.max(ground_m[grid.index(row, col)]);
        }
    }
    highest
}

/// Inner faces of a wall, each once.
fn chain(wall: &FloodWall, grid: &Grid, solid: &[bool]) -> Vec<Face> {
    let mut corners: Vec<Corner> = Vec::new();
    let mut faces = Vec::new();
    for pair in wall.line.windows(2) {
        let Some([a, b]) = clipped(pair[0], pair[1], grid) else {
            continue;
        };
        let [a, b] = [a, b].map(|p| nearest_corner(grid, p));
        let path = path(a, b);
        faces.extend(path.windows(2).map(|w| face_between(w[0], w[1])));
        corners.extend(path);
    }
    for (end, at) in [
        (wall.line.first(), corners.first().copied()),
        (wall.line.last(), corners.last().copied()),
    ] {
        // Where the grid cut the wall it does not end.
        let (Some(end), Some(at)) = (end, at) else {
            continue;
        };
        if nearest_corner(grid, *end) == at
            && let Some(building) = nearby_building(grid, solid, at)
        {
            let path = path(at, building);
            faces.extend(path.windows(2).map(|w| face_between(w[0], w[1])));
        }
    }
    let mut inner: Vec<Face> = faces
        .into_iter()
        .flatten()
        .filter(|f| is_inner(grid, f))
        .collect();
    inner.sort_unstable();
    inner.dedup();
    inner
}

fn nearest_corner(grid: &Grid, p: [f64; 2]) -> Corner {
    [
        ((grid.north - p[1]) / grid.cell_m).round() as i64,
        ((p[0] - grid.west) / grid.cell_m).round() as i64,
    ]
}

/// The part of a segment that lies on the grid or within two cells of it (Liang & Barsky 1984).
fn clipped(a: [f64; 2], b: [f64; 2], grid: &Grid) -> Option<[[f64; 2]; 2]> {
    let (lo, hi) = grid.bounds();
    let margin = 2.0 * grid.cell_m;
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for k in 0..2 {
        let d = b[k] - a[k];
        for (p, q) in [(-d, a[k] - (lo[k] - margin)), (d, hi[k] + margin - a[k])] {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                from = from.max(q / p);
            } else {
                to = to.min(q / p);
            }
        }
    }
    let at = |t: f64| [0, 1].map(|k| a[k] + t * (b[k] - a[k]));
    (from <= to).then(|| [at(from), at(to)])
}

/// Corners from `a` to `b`, one step along a grid line at a time, as near to the straight line as they come.
fn path(a: Corner, b: Corner) -> Vec<Corner> {
    let (dr, dc) = (b[0] - a[0], b[1] - a[1]);
    let (rows, cols) = (dr.abs(), dc.abs());
    let mut at = a;
    let mut path = vec![a];
    let (mut down, mut right) = (0, 0);
    while down < rows || right < cols {
        // The middle of the next step in either direction, compared across the line.
        if (2 * down + 1) * cols < (2 * right + 1) * rows {
            down += 1;
            at[0] += dr.signum();
        } else {
            right += 1;
            at[1] += dc.signum();
        }
        path.push(at);
    }
    path
}

fn face_between(a: Corner, b: Corner) -> Option<Face> {
    let (row, col) = (a[0].min(b[0]), a[1].min(b[1]));
    Some(Face {
        axis: if a[0] == b[0] { Axis::Y } else { Axis::X },
        row: usize::try_from(row).ok()?,
        col: usize::try_from(col).ok()?,
    })
}

/// A corner of a building within one step (also across), unless the end itself is one.
fn nearby_building(grid: &Grid, solid: &[bool], at: Corner) -> Option<Corner> {
    let touches = |corner: Corner| {
        [(-1, -1), (-1, 0), (0, -1), (0, 0)].iter().any(|(dr, dc)| {
            let (row, col) = (corner[0] + dr, corner[1] + dc);
            let inside = row >= 0 && col >= 0 && row < grid.rows as i64 && col < grid.cols as i64;
            inside && solid[grid.index(row as usize, col as usize)]
        })
    };
    if touches(at) {
        return None;
    }
    let steps = [
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
        [-1, -1],
        [-1, 1],
        [1, -1],
        [1, 1],
    ];
    steps
        .iter()
        .map(|s| [at[0] + s[0], at[1] + s[1]])
        .find(|corner| touches(*corner))
}

fn breach_of(breach: &BreachEdit, sill_m: f64) -> Breach {
    Breach {
        start_s: breach.start_s,
        end_s: breach.start_s + breach.duration_s,
        sill_m,
    }
}

/// Puts a breach on a crest; of two the lower sill counts.
fn put(crest: &mut Crest, breach: Breach) {
    if crest.breach.is_none_or(|old| breach.sill_m < old.sill_m) {
        crest.breach = Some(breach);
    }
}

/// Lowers the crests of walls within half the width of a breach, at least the nearest one; returns their number.
fn breach_walls(
    breach: &BreachEdit,
    grid: &Grid,
    ground_m: &[f64],
    crests: &mut BTreeMap<Face, Crest>,
) -> usize {
    let distance = |face: &Face| distance_to_line(middle(grid, face), &breach.line);
    let nearest = crests.keys().map(&distance).fold(f64::INFINITY, f64::min);
    if nearest > REACH_M.max(grid.cell_m).max(0.5 * breach.width_m) {
        return 0;
    }
    // A place beside the wall counts from its foot on the wall.
    let reach = (0.5 * breach.width_m)
        .hypot(nearest)
        .max(nearest * (1.0 + 1e-9));
    let mut count = 0;
    for (face, crest) in crests.iter_mut() {
        if distance(face) <= reach {
            let sill = breach
                .sill_m
                .unwrap_or_else(|| bed_of(grid, ground_m, face));
            put(crest, breach_of(breach, sill));
            count += 1;
        }
    }
    count
}

/// Cuts a dike along the line of a breach; returns the number of lowered cells.
fn cut_dike(
    breach: &BreachEdit,
    grid: &Grid,
    bed_m: &mut [f64],
    ground_m: &[f64],
    solid: &[bool],
    crests: &mut BTreeMap<Face, Crest>,
) -> usize {
    let (Some(sill), true) = (breach.sill_m, breach.line.len() >= 2) else {
        return 0;
    };
    // Three quarters of a cell keep the cut cells connected across their edges.
    let reach = (0.5 * breach.width_m).max(0.75 * grid.cell_m);
    let cut: Vec<usize> = (0..grid.len())
        .filter(|&cell| !solid[cell] && ground_m[cell] > sill)
        .filter(|&cell| {
            let centre = grid.centre(cell / grid.cols, cell % grid.cols);
            distance_to_line(centre, &breach.line) <= reach
        })
        .collect();
    for &cell in &cut {
        bed_m[cell] = bed_m[cell].min(sill);
        let (row, col) = (cell / grid.cols, cell % grid.cols);
        for (axis, row, col) in [
            (Axis::X, row, col),
            (Axis::X, row, col + 1),
            (Axis::Y, row, col),
            (Axis::Y, row + 1, col),
        ] {
            let face = Face { axis, row, col };
            if !is_inner(grid, &face) {
                continue;
            }
            let before_m = bed_of(grid, ground_m, &face);
            if before_m.is_nan() {
                continue;
            }
            let crest = crests.entry(face).or_insert(Crest {
                face,
                crest_m: before_m,
                breach: None,
            });
            crest.crest_m = crest.crest_m.max(before_m);
            put(crest, breach_of(breach, sill));
        }
    }
    cut.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::input::tests::flat_city;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    const GRID: Grid = Grid {
        west: 0.0,
        north: 40.0,
        cell_m: 1.0,
        cols: 40,
        rows: 40,
    };

    fn wall(line: &[[f64; 2]], crest: WallCrest) -> FloodWall {
        FloodWall {
            id: "w".to_owned(),
            line: line.to_vec(),
            crest,
            mobile: false,
        }
    }

    /// Cells that water of a level reaches from a cell, at a time.
    fn reached(
        crests: &[Crest],
        bed_m: &[f64],
        from: usize,
        level: f64,
        time_s: f64,
    ) -> BTreeSet<usize> {
        let closed: BTreeSet<Face> = crests
            .iter()
            .filter(|c| c.at(time_s) >= level)
            .map(|c| c.face)
            .collect();
        let mut seen = BTreeSet::from([from]);
        let mut stack = vec![from];
        while let Some(cell) = stack.pop() {
            let (row, col) = (cell / 40, cell % 40);
            for (axis, r, c, dr, dc) in [
                (Axis::X, row, col, 0, -1),
                (Axis::X, row, col + 1, 0, 1),
                (Axis::Y, row, col, -1, 0),
                (Axis::Y, row + 1, col, 1, 0),
            ] {
                let (nr, nc) = (row as i64 + dr, col as i64 + dc);
                if !(0..40).contains(&nr) || !(0..40).contains(&nc) {
                    continue;
                }
                let next = nr as usize * 40 + nc as usize;
                let face = Face {
                    axis,
                    row: r,
                    col: c,
                };
                if !closed.contains(&face) && bed_m[next] < level && seen.insert(next) {
                    stack.push(next);
                }
            }
        }
        seen
    }

    #[test]
    fn walls_of_any_direction_are_watertight() {
        use proptest::prelude::*;
        let inside = 5.0..35.0_f64;
        let corners = prop::collection::vec((inside.clone(), inside), 3..7);
        proptest!(ProptestConfig::with_cases(200), |(points in corners)| {
            // A ring around the centre: corners sorted by angle.
            let mut ring: Vec<[f64; 2]> = points.iter().map(|p| [p.0, p.1]).collect();
            let centre = [0, 1].map(|k| ring.iter().map(|p| p[k]).sum::<f64>() / ring.len() as f64);
            ring.sort_by(|a, b| (a[1] - centre[1]).atan2(a[0] - centre[0]).total_cmp(&(b[1] - centre[1]).atan2(b[0] - centre[0])));
            ring.push(ring[0]);
            let mut city = flat_city(40, 40, 1.0, 0.0);
            city.flood_walls = Arc::new(vec![wall(&ring, WallCrest::AboveGround(2.0))]);
            let mut bed = vec![0.0; 1600];
            let crests = crests(&city, &GRID, &mut bed, &[false; 1600], &Job::default());
            let outside = reached(&crests, &bed, 0, 1.5, 0.0);
            // Cells clearly inside are not reached, clearly outside ones are.
            let line = &ring;
            for cell in 0..1600 {
                let p = GRID.centre(cell / 40, cell % 40);
                if distance_to_line(p, line) < 1.5 {
                    continue;
                }
                let mut is_in = false;
                for w in line.windows(2) {
                    if (w[0][1] > p[1]) != (w[1][1] > p[1])
                        && p[0] < w[0][0] + (p[1] - w[0][1]) / (w[1][1] - w[0][1]) * (w[1][0] - w[0][0])
                    {
                        is_in = !is_in;
                    }
                }
                prop_assert_eq!(outside.contains(&cell), !is_in);
            }
            let over = reached(&crests, &bed, 0, 2.5, 0.0);
            prop_assert_eq!(over.len(), 1600);
        });
    }

    #[test]
    fn a_path_stays_near_its_line() {
        let path = path([0, 0], [3, 10]);
        assert_eq!(path.len(), 14);
        for corner in path {
            let off = (corner[0] as f64 * 10.0 - corner[1] as f64 * 3.0).abs() / 109f64.sqrt();
            assert!(off <= 0.75, "{corner:?} {off}");
        }
        assert_eq!(super::path([2, 2], [2, 2]), [[2, 2]]);
        assert_eq!(super::path([0, 0], [-2, 0]), [[0, 0], [-1, 0], [-2, 0]]);
    }

    #[test]
    fn a_wall_through_the_area_keeps_its_sides_apart_and_ends_at_buildings() {
        let mut city = flat_city(40, 40, 1.0, 0.0);
        // From far outside to a building that begins half a cell behind its end.
        city.flood_walls = Arc::new(vec![wall(
            &[[-500.0, 13.0], [19.4, 20.3]],
            WallCrest::Level(3.0),
        )]);
        let mut solid = vec![false; 1600];
        for row in 0..40 {
            for col in 20..22 {
                solid[row * 40 + col] = row >= 3;
            }
        }
        let mut bed = vec![0.0; 1600];
        let crests = crests(&city, &GRID, &mut bed, &solid, &Job::default());
        assert!(
            crests
                .iter()
                .all(|c| c.crest_m == 3.0 && c.breach.is_none())
        );
        let walls: Vec<f64> = solid.iter().map(|s| if *s { 9.0 } else { 0.0 }).collect();
        let south = reached(&crests, &walls, 39 * 40, 2.0, 0.0);
        assert!(!south.contains(&0), "the wall leaks");
        // Water over the wall passes.
        assert!(reached(&crests, &walls, 39 * 40, 4.0, 0.0).contains(&0));
        let nowhere = wall(&[[500.0, 0.0], [600.0, 0.0]], WallCrest::Level(1.0));
        city.flood_walls = Arc::new(vec![nowhere]);
        let job = Job::default();
        assert!(super::crests(&city, &GRID, &mut bed, &solid, &job).is_empty());
        assert_eq!(job.take_findings()[0].code, "flood-wall-outside");
    }

    #[test]
    fn a_wall_on_the_edge_of_a_quay_stands_on_the_quay() {
        let mut city = flat_city(40, 40, 1.0, 0.0);
        city.flood_walls = Arc::new(vec![wall(
            &[[0.0, 19.6], [40.0, 20.4]],
            WallCrest::AboveGround(1.2),
        )]);
        let mut bed: Vec<f64> = (0..1600)
            .map(|c| if c / 40 < 20 { 5.5 } else { -4.0 })
            .collect();
        let crests = crests(&city, &GRID, &mut bed, &[false; 1600], &Job::default());
        assert_eq!(crests.len(), 40);
        assert!(crests.iter().all(|c| (c.crest_m - 6.7).abs() < 1e-12));
    }

    fn breach(line: &[[f64; 2]], width_m: f64, sill_m: Option<f64>) -> BreachEdit {
        BreachEdit {
            id: "b".to_owned(),
            line: line.to_vec(),
            width_m,
            sill_m,
            start_s: 100.0,
            duration_s: 50.0,
        }
    }

    #[test]
    fn a_breach_opens_its_width_of_a_wall() {
        let mut city = flat_city(40, 40, 1.0, 0.0);
        city.flood_walls = Arc::new(vec![wall(
            &[[0.0, 20.0], [40.0, 20.0]],
            WallCrest::Level(3.0),
        )]);
        city.breaches = Arc::new(vec![breach(&[[12.5, 20.3]], 4.0, None)]);
        let mut bed = vec![0.5; 1600];
        let crests = crests(&city, &GRID, &mut bed, &[false; 1600], &Job::default());
        let open: Vec<&Crest> = crests.iter().filter(|c| c.breach.is_some()).collect();
        assert_eq!(
            open.iter().map(|c| c.face.col).collect::<Vec<_>>(),
            [10, 11, 12, 13, 14]
        );
        assert_eq!(
            [open[0].at(99.0), open[0].at(125.0), open[0].at(150.0)],
            [3.0, 1.75, 0.5]
        );
        assert!(!reached(&crests, &bed, 0, 2.0, 99.0).contains(&1599));
        assert!(reached(&crests, &bed, 0, 2.0, 200.0).contains(&1599));
        // One narrower than a cell still opens one.
        city.breaches = Arc::new(vec![breach(&[[12.4, 20.3]], 0.2, Some(1.0))]);
        let crests = super::crests(&city, &GRID, &mut bed, &[false; 1600], &Job::default());
        assert_eq!(crests.iter().filter(|c| c.breach.is_some()).count(), 1);
    }

    #[test]
    fn a_breach_cuts_a_dike_when_its_time_comes() {
        let mut city = flat_city(40, 40, 1.0, 0.0);
        // A dike of 4 m across the area, 5 cells wide; the breach runs across it at an angle.
        let ground = |cell: usize| {
            if (18..23).contains(&(cell / 40)) {
                4.0
            } else {
                0.0
            }
        };
        city.breaches = Arc::new(vec![breach(&[[15.0, 14.0], [19.0, 25.0]], 2.0, Some(1.0))]);
        let mut bed: Vec<f64> = (0..1600).map(ground).collect();
        let job = Job::default();
        let crests = crests(&city, &GRID, &mut bed, &[false; 1600], &job);
        assert!(bed.iter().all(|z| [0.0, 1.0, 4.0].contains(z)));
        assert!(
            !reached(&crests, &bed, 0, 3.0, 99.0).contains(&1599),
            "closed before"
        );
        assert!(
            reached(&crests, &bed, 0, 3.0, 150.0).contains(&1599),
            "open after"
        );
        assert!(
            !reached(&crests, &bed, 0, 0.9, 150.0).contains(&1599),
            "not below the sill"
        );
        // The crest is never above the dike that was there.
        assert!(crests.iter().all(|c| c.crest_m <= 4.0));
        assert_eq!(job.take_findings()[0].code, "flood-breach-cut");
    }
}
