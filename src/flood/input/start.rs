//! Water at the start.

use crate::city::{City, LandCoverKind};
use crate::finding::Finding;
use crate::geo::Grid;
use crate::job::Job;

use super::super::domain::{Axis, BoundaryKind, Crest, Domain, Face, Start};
use super::super::error::{FloodError, SettingFault};
use super::super::kernel::tile::DEEPEST_M;
use super::super::params::{FloodBoundary, FloodParams};
use super::files::Files;
use super::places::{Places, each_cell_in, edge_cell};

/// Depths (m) above which no water is filled in by a connected level: rounding of equal heights is no water.
const NOTHING_M: f64 = 1e-9;

/// Water behind the edges that are filled, then that of the scenario in its order. Roofs take none.
///
/// A flood wall keeps water out of dry ground; it does not empty the river at its foot or the canal behind its gate. Bodies of
/// water of the city with their banks are full at the start on both sides of a wall, so that all variants begin with the same
/// water.
pub(super) fn start(
    params: &FloodParams,
    city: &City,
    domain: &Domain,
    roofs: &[bool],
    files: &mut Files<'_>,
    job: &Job,
) -> Result<Start, FloodError> {
    let grid = &domain.grid;
    let wet = |cell: usize| domain.open[cell] && !roofs.get(cell).copied().unwrap_or(false);
    let crests = Crests::of(domain);
    let bodies = Bodies::of(city, domain);
    let reached = |seeds: Vec<usize>, level: f64| -> Vec<usize> {
        let mut cells = connected(domain, &crests, seeds.clone(), level);
        if !cells.is_empty() && !crests.0.is_empty() {
            let everywhere = connected(domain, &Crests(Vec::new()), seeds, level);
            cells.extend(everywhere.into_iter().filter(|cell| bodies.holds(*cell)));
            cells.sort_unstable();
            cells.dedup();
        }
        cells
    };
    let mut depth_m = vec![0.0; grid.len()];
    for ((boundary, setting), number) in domain.boundaries.iter().zip(&params.boundaries).zip(1..) {
        let (
            FloodBoundary::Level { filled: true, .. } | FloodBoundary::Surge { filled: true, .. },
            BoundaryKind::Level { series },
        ) = (setting, &boundary.kind)
        else {
            continue;
        };
        let level = series.at(0.0);
        let seeds = boundary.faces.iter().map(|face| edge_cell(grid, face));
        for cell in reached(seeds.collect(), level) {
            let depth = level - domain.bed_m[cell];
            not_too_deep(&format!("flood.boundary[{number}]"), depth)?;
            depth_m[cell] = f64::max(depth_m[cell], depth);
        }
    }
    let places = Places {
        frame: &city.frame,
        grid,
        open: &domain.open,
    };
    let mut velocity: Option<(Vec<f32>, Vec<f32>)> = None;
    for (water, number) in params.water.iter().zip(1..) {
        let field = format!("flood.water[{number}]");
        let mut cells: Vec<usize> = Vec::new();
        if let Some(place) = water.connected_to {
            let field = format!("{field}.connected_to");
            let seed = places.cell(&field, place)?;
            let level = water.level_m.unwrap_or(f64::NAN);
            cells = reached(vec![seed], level);
            if cells.is_empty() {
                return Err(SettingFault::new(
                    "above-level",
                    field,
                    "the ground at this place is not below the level",
                )
                .expected(format!("ground below {level} m"))
                .found(match domain.open[seed] {
                    true => format!("ground at {:.2} m", domain.bed_m[seed]),
                    false => "a building or unknown ground".to_owned(),
                })
                .into());
            }
        } else if water.area.is_empty() {
            cells.extend(0..grid.len());
        } else {
            let ring = places.local_line(&water.area);
            each_cell_in(grid, &[ring], |cell| cells.push(cell));
            if cells.is_empty() {
                return Err(SettingFault::new(
                    "outside",
                    format!("{field}.area"),
                    "no cell lies in this area",
                )
                .expected(format!("an area in {}", places.area_text()))
                .into());
            }
        }
        let raster = match &water.depth_file {
            Some(path) => Some(files.raster(&format!("{field}.depth_file"), path, city, grid)?),
            None => None,
        };
        let mut any = false;
        for cell in cells.into_iter().filter(|cell| wet(*cell)) {
            let depth = match (&raster, water.depth_m, water.level_m) {
                (Some(raster), ..) => f64::from(raster[cell]),
                (None, Some(depth), _) => depth,
                (None, None, level) => level.unwrap_or(f64::NAN) - domain.bed_m[cell],
            };
            if let (Some(path), true) = (&water.depth_file, depth < 0.0) {
                let field = format!("{field}.depth_file");
                return Err(
                    SettingFault::new("negative-value", field, "a depth is negative")
                        .place(path)
                        .expected("0 m or more, or the value for no data")
                        .found(format!("{depth} m"))
                        .into(),
                );
            }
            not_too_deep(&field, depth)?;
            any |= depth > 0.0;
            depth_m[cell] = if depth > 0.0 { depth } else { 0.0 };
            if let Some([u, v]) = water.velocity_m_per_s {
                let (us, vs) =
                    velocity.get_or_insert_with(|| (vec![0.0; grid.len()], vec![0.0; grid.len()]));
                let moves = depth_m[cell] > 0.0;
                us[cell] = if moves { u as f32 } else { 0.0 };
                vs[cell] = if moves { v as f32 } else { 0.0 };
            }
        }
        if !any {
            job.finding(
                Finding::warning("flood-water-none")
                    .place(&field)
                    .arg("field", field),
            );
        }
    }
    if depth_m.iter().all(|depth| *depth == 0.0) {
        return Ok(Start::default());
    }
    let (u, v) = velocity.unwrap_or_default();
    Ok(Start { depth_m, u, v })
}

/// Depths beyond what is counted exactly are no water of a city but a wrong level, unit or terrain.
fn not_too_deep(field: &str, depth_m: f64) -> Result<(), FloodError> {
    if depth_m <= DEEPEST_M || depth_m.is_nan() {
        return Ok(());
    }
    Err(
        SettingFault::new("too-deep", field, "the water at the start is too deep")
            .expected(format!("at most {DEEPEST_M} m above the ground"))
            .found(format!("{depth_m:.1} m"))
            .help("check levels, and the heights and unit of the terrain")
            .into(),
    )
}

/// Crests by their face.
struct Crests(Vec<(Face, f64)>);

impl Crests {
    fn of(domain: &Domain) -> Self {
        let mut list: Vec<(Face, f64)> = domain
            .crests
            .iter()
            .map(|crest: &Crest| (crest.face, crest.at(0.0)))
            .collect();
        list.sort_by_key(|entry| entry.0);
        Self(list)
    }

    fn at(&self, face: Face) -> f64 {
        match self.0.binary_search_by(|entry| entry.0.cmp(&face)) {
            Ok(at) => self.0[at].1,
            Err(_) => f64::NEG_INFINITY,
        }
    }
}

/// Cells of the bodies of water of the city, with the cells across their banks.
struct Bodies(Vec<bool>);

impl Bodies {
    fn of(city: &City, domain: &Domain) -> Self {
        let grid = &domain.grid;
        let mut water = vec![false; grid.len()];
        if domain.crests.is_empty() {
            return Self(water);
        }
        let areas = city.land_cover.iter();
        for area in areas.filter(|a| a.kind == LandCoverKind::Water) {
            each_cell_in(grid, &area.rings, |cell| water[cell] = true);
        }
        // A dike that is cut for a breach is no bank: crests stand around each of its cells.
        let mut cut = vec![0_u8; grid.len()];
        for face in domain.crests.iter().filter(|c| c.breach.is_some()) {
            let Face { axis, row, col } = face.face;
            let after = grid.index(row, col);
            let before = match axis {
                Axis::X => after - 1,
                Axis::Y => after - grid.cols,
            };
            cut[before] += 1;
            cut[after] += 1;
        }
        let mut held = water.clone();
        for (cell, _) in water.iter().enumerate().filter(|(_, water)| **water) {
            let (row, col) = (cell / grid.cols, cell % grid.cols);
            for r in row.saturating_sub(1)..(row + 2).min(grid.rows) {
                for c in col.saturating_sub(1)..(col + 2).min(grid.cols) {
                    held[grid.index(r, c)] |= cut[grid.index(r, c)] < 3;
                }
            }
        }
        Self(held)
    }

    fn holds(&self, cell: usize) -> bool {
        self.0[cell]
    }
}

/// Open cells below a level that water of this level reaches from some cells over faces whose crest is below it.
fn connected(domain: &Domain, crests: &Crests, seeds: Vec<usize>, level: f64) -> Vec<usize> {
    let grid: &Grid = &domain.grid;
    let below = |cell: usize| domain.open[cell] && level - domain.bed_m[cell] > NOTHING_M;
    let mut seen = vec![false; grid.len()];
    let mut stack: Vec<usize> = seeds.into_iter().filter(|cell| below(*cell)).collect();
    stack.iter().for_each(|cell| seen[*cell] = true);
    let mut reached = stack.clone();
    while let Some(cell) = stack.pop() {
        let (row, col) = (cell / grid.cols, cell % grid.cols);
        let face = |axis, row, col| Face { axis, row, col };
        let ways = [
            (col > 0).then(|| (cell - 1, face(Axis::X, row, col))),
            (col + 1 < grid.cols).then(|| (cell + 1, face(Axis::X, row, col + 1))),
            (row > 0).then(|| (cell - grid.cols, face(Axis::Y, row, col))),
            (row + 1 < grid.rows).then(|| (cell + grid.cols, face(Axis::Y, row + 1, col))),
        ];
        for (next, face) in ways.into_iter().flatten() {
            if !seen[next] && below(next) && crests.at(face) < level {
                seen[next] = true;
                stack.push(next);
                reached.push(next);
            }
        }
    }
    reached.sort_unstable();
    reached.dedup();
    reached
}
