//! Buildings with the water at their facades.

use std::collections::{BTreeMap, BTreeSet};

use crate::flood::run::FloodRun;
use crate::geo::Grid;
use crate::result::{Cell, Column, Table};

use super::fields::{speed_of, time_unit};
use super::{Facade, Ground, Presented};

/// Classes of the depth (m) at the facade, from the deepest; below all of them: none.
const CLASSES: [(f64, &str); 5] = [
    (1.0, "class-flood-above-100"),
    (0.5, "class-flood-50-100"),
    (0.3, "class-flood-30-50"),
    (0.1, "class-flood-10-30"),
    (0.03, "class-flood-3-10"),
];
/// Text key of buildings without water at their facades.
pub const NONE: &str = "class-flood-none";

/// Text key of the class of a depth (m) at the facade.
pub fn facade_class(depth_m: f64) -> &'static str {
    CLASSES
        .iter()
        .find(|(from, _)| depth_m >= *from)
        .map_or(NONE, |(_, key)| key)
}

/// Cells along the outlines of buildings: those around the cells that a building covers, and those that it covers partly, as
/// far as they can hold water. `owners`: for each cell the building that covers most of it, by its position in the city.
pub fn facades(grid: &Grid, owners: &[Option<usize>], can_hold: &[bool]) -> Vec<Facade> {
    let mut cells: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (cell, building) in owners.iter().enumerate() {
        let Some(building) = building else {
            continue;
        };
        let (row, col) = (cell / grid.cols, cell % grid.cols);
        let around = cells.entry(*building).or_default();
        for r in row.saturating_sub(1)..(row + 2).min(grid.rows) {
            for c in col.saturating_sub(1)..(col + 2).min(grid.cols) {
                let near = grid.index(r, c);
                if can_hold[near] {
                    around.insert(near);
                }
            }
        }
    }
    cells
        .into_iter()
        .map(|(building, cells)| Facade {
            building,
            cells: cells.into_iter().collect(),
        })
        .collect()
}

/// All buildings whose facades lie in the computed area, the deepest water first. Facades that stand in a body of water from the
/// start of the event are no flooded ones. A building or bridge with no other facade stands wholly in water that was there
/// before: the event does not reach it anew, and it is no row. Without a state of the start nobody knows, and all count.
pub(super) fn building_table(input: &Presented<'_>, run: &FloodRun, ground: &Ground) -> Table {
    let time = time_unit(run.duration_s);
    let peaks = &run.peaks;
    let mut rows: Vec<(f64, Vec<Cell>)> = Vec::new();
    for facade in input.facades {
        let Some(building) = input.city.buildings.get(facade.building) else {
            continue;
        };
        let mut cells: Vec<usize> = facade
            .cells
            .iter()
            .copied()
            .filter(|&cell| input.domain.open[cell] && !peaks.depth_m[cell].is_nan())
            .filter(|&cell| !ground.is_water[cell])
            .collect();
        if cells.iter().any(|&cell| ground.is_ground[cell]) {
            cells.retain(|&cell| ground.is_ground[cell]);
        }
        // The first of equally deep cells, so that nothing else decides.
        let Some(deepest) = cells.iter().copied().reduce(|a, b| {
            if peaks.depth_m[b] > peaks.depth_m[a] {
                b
            } else {
                a
            }
        }) else {
            continue;
        };
        let depth = f64::from(peaks.depth_m[deepest]);
        let largest = |value: &dyn Fn(usize) -> f32| {
            f64::from(cells.iter().fold(0.0_f32, |most, &c| most.max(value(c))))
        };
        let speed = largest(&|c| speed_of((&peaks.u[c], &peaks.v[c])));
        let hazard = largest(&|c| peaks.hazard[c]);
        let above = |i: usize| largest(&|c| peaks.above_s[i][c]) / f64::from(time.seconds);
        let arrivals = cells.iter().map(|&c| peaks.arrival_s[c]);
        let arrival = arrivals.filter(|t| !t.is_nan()).reduce(f32::min);
        let decimals = usize::from(time.unit == "h");
        let attributes = &building.attributes;
        let wet = depth >= f64::from(super::WET_M);
        let row = vec![
            Cell::Text(building.id.clone()),
            attributes
                .name
                .clone()
                .or_else(|| attributes.address.clone())
                .map_or(Cell::Empty, Cell::Text),
            Cell::Key(if building.draft { "yes" } else { "no" }),
            Cell::decimal(depth, 2),
            if wet {
                Cell::decimal(input.domain.bed_m[deepest] + depth, 2)
            } else {
                Cell::Empty
            },
            Cell::decimal(speed, 2),
            Cell::decimal(hazard, 2),
            arrival.map_or(Cell::Empty, |t| {
                Cell::decimal(f64::from(t / time.seconds), decimals)
            }),
            Cell::decimal(above(0), decimals),
            Cell::decimal(above(1), decimals),
            Cell::Key(facade_class(depth)),
        ];
        rows.push((depth, row));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let of_time = |what: &str| format!("{what}_{}", time.unit);
    Table {
        id: "flood_buildings".to_owned(),
        title: "table-flood-buildings",
        columns: vec![
            Column::plain("building", "column-building", ""),
            Column::plain("name", "column-name", ""),
            Column::plain("draft", "column-draft", ""),
            Column::plain("depth_max_m", "column-flood-facade-depth", "m"),
            Column::plain("level_max_m", "column-flood-level", "m"),
            Column::plain("speed_max_m_per_s", "column-flood-speed", "m/s"),
            Column::plain("hazard_max_m2_per_s", "column-flood-hazard", "m²/s"),
            Column::plain(&of_time("arrival"), "column-flood-arrival", time.unit),
            Column::plain(&of_time("above_10cm"), "column-flood-above-10", time.unit),
            Column::plain(&of_time("above_30cm"), "column-flood-above-30", time.unit),
            Column::plain("class", "column-flood-class", ""),
        ],
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        key_columns: 1,
    }
}
