//! Water on streets: depth along the carriageway, length under water, and who can pass when.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::city::{City, Street};
use crate::flood::run::FloodRun;
use crate::geo::Grid;
use crate::result::passability::{Passability, StreetRef, Vehicle};
use crate::result::{Cell, Column, Table};

use super::fields::{speed_of, time_unit};
use super::{FLOODED_M, Ground, Presented};

/// Ways that no vehicle of [`Vehicle`] uses, in OSM words.
const NOT_DRIVEN: [&str; 8] = [
    "footway",
    "path",
    "steps",
    "cycleway",
    "bridleway",
    "corridor",
    "platform",
    "elevator",
];

/// True for streets that cars may use at least with a permit (pedestrian zones too).
pub(super) fn is_driven(street: &Street) -> bool {
    !NOT_DRIVEN.contains(&street.class.as_str())
}

/// Cells of one street.
pub(super) struct Carriageway {
    /// Position of the street in the city.
    pub street: usize,
    /// Length (m) inside the grid, as far as it lies on ground.
    pub length_m: f64,
    /// Cells with the piece of the street that each belongs to.
    cells: Vec<(usize, u32)>,
    /// Length (m) of one piece.
    piece_m: f64,
}

/// Cells of all streets that lie on ground.
pub(super) fn carriageways(city: &City, grid: &Grid, ground: &Ground) -> Vec<Carriageway> {
    city.streets
        .par_iter()
        .enumerate()
        .filter_map(|(i, street)| carriageway(i, street, grid, ground))
        .collect()
}

/// Cells whose centre lies on the carriageway, but at least those within half a cell of its axis.
fn carriageway(i: usize, street: &Street, grid: &Grid, ground: &Ground) -> Option<Carriageway> {
    let lengths: Vec<f64> = street
        .line
        .windows(2)
        .map(|w| (w[1][0] - w[0][0]).hypot(w[1][1] - w[0][1]))
        .collect();
    let total: f64 = lengths.iter().sum();
    if total.is_nan() || total <= 0.0 {
        return None;
    }
    let reach = 0.5 * street.width_m.max(grid.cell_m);
    let pieces = (total / grid.cell_m).ceil().max(1.0);
    let piece_m = total / pieces;
    // Nearest place on the axis for each cell: (distance, chainage).
    let mut near: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let mut start = 0.0;
    for (ends, length) in street.line.windows(2).zip(&lengths) {
        let [a, b] = [ends[0], ends[1]];
        let span = |k: usize| (a[k].min(b[k]) - reach, a[k].max(b[k]) + reach);
        let ((x0, x1), (y0, y1)) = (span(0), span(1));
        let cell = |offset: f64, count: usize| (offset / grid.cell_m).max(0.0).min(count as f64);
        let cols = cell(x0 - grid.west, grid.cols) as usize
            ..cell((x1 - grid.west + grid.cell_m).max(0.0), grid.cols) as usize;
        let rows = cell(grid.north - y1, grid.rows) as usize
            ..cell((grid.north - y0 + grid.cell_m).max(0.0), grid.rows) as usize;
        for row in rows {
            for col in cols.clone() {
                let p = grid.centre(row, col);
                let along = if *length > 0.0 {
                    let dot = (p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1]);
                    (dot / (length * length)).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                let on_axis = |k: usize| a[k] + along * (b[k] - a[k]);
                let distance = (p[0] - on_axis(0)).hypot(p[1] - on_axis(1));
                let index = grid.index(row, col);
                if distance > reach || !ground.is_ground[index] {
                    continue;
                }
                let entry = near
                    .entry(index)
                    .or_insert((distance, start + along * length));
                if distance < entry.0 {
                    *entry = (distance, start + along * length);
                }
            }
        }
        start += length;
    }
    let cells: Vec<(usize, u32)> = near
        .into_iter()
        .map(|(cell, (_, chainage))| {
            let piece = (chainage / piece_m).floor().min(pieces - 1.0);
            (cell, piece as u32)
        })
        .collect();
    let mut covered: Vec<u32> = cells.iter().map(|(_, piece)| *piece).collect();
    covered.sort_unstable();
    covered.dedup();
    (!cells.is_empty()).then_some(Carriageway {
        street: i,
        length_m: covered.len() as f64 * piece_m,
        cells,
        piece_m,
    })
}

impl Carriageway {
    /// Length (m) of all pieces with a cell deeper than this.
    fn length_above_m(&self, depth_m: &[f32], limit_m: f64) -> f64 {
        let deep = self.cells.iter();
        // In the precision of the depths, so that 0.3 m of water is no more than 0.3 m.
        let limit_m = limit_m as f32;
        let mut pieces: Vec<u32> = deep
            .filter(|(cell, _)| depth_m[*cell] > limit_m)
            .map(|(_, piece)| *piece)
            .collect();
        pieces.sort_unstable();
        pieces.dedup();
        pieces.len() as f64 * self.piece_m
    }

    fn largest(&self, values: impl Fn(usize) -> f32) -> f32 {
        // `max` passes over NaN.
        self.cells
            .iter()
            .fold(0.0, |most: f32, (cell, _)| most.max(values(*cell)))
    }
}

/// Water on all driven streets over the states of the run.
///
/// The largest depth of each cell is added to the state nearest to its time, so that a peak between two states is not lost.
pub(super) fn passability(
    input: &Presented<'_>,
    run: &FloodRun,
    roads: &[Carriageway],
) -> Passability {
    let times_s: Vec<f64> = run.frames.iter().map(|f| f.time_s).collect();
    let driven: Vec<&Carriageway> = roads
        .iter()
        .filter(|r| is_driven(&input.city.streets[r.street]))
        .collect();
    let nearest = |time: f32| -> usize {
        let time = f64::from(time);
        let after = times_s.partition_point(|&t| t < time);
        let gap = |i: usize| times_s.get(i).map_or(f64::INFINITY, |t| (t - time).abs());
        match after.checked_sub(1) {
            Some(before) if gap(before) <= gap(after) => before,
            _ => after.min(times_s.len().saturating_sub(1)),
        }
    };
    let series: Vec<(Vec<f32>, Vec<f32>)> = driven
        .par_iter()
        .map(|road| {
            let mut depth: Vec<f32> = run
                .frames
                .iter()
                .map(|frame| road.largest(|cell| frame.depth_m[cell]))
                .collect();
            let speed = run
                .frames
                .iter()
                .map(|frame| {
                    road.largest(|cell| {
                        if frame.depth_m[cell] >= crate::flood::run::Peaks::SPEED_DEPTH_M {
                            speed_of((&frame.u[cell], &frame.v[cell]))
                        } else {
                            0.0
                        }
                    })
                })
                .collect();
            for (cell, _) in &road.cells {
                let peak = run.peaks.depth_m[*cell];
                if let Some(state) = depth.get_mut(nearest(run.peaks.depth_time_s[*cell])) {
                    *state = state.max(peak);
                }
            }
            (depth, speed)
        })
        .collect();
    Passability {
        streets: driven
            .iter()
            .map(|road| {
                let street = &input.city.streets[road.street];
                StreetRef {
                    id: street.id.clone(),
                    name: street.name.clone(),
                    class: street.class.clone(),
                    length_m: road.length_m,
                }
            })
            .collect(),
        limits: input.event.limits,
        times_s,
        depth_m: series.iter().flat_map(|(d, _)| d.iter().copied()).collect(),
        speed_m_per_s: series.iter().flat_map(|(_, v)| v.iter().copied()).collect(),
    }
}

/// Ids of the columns with the length that a vehicle cannot use.
pub(super) const BLOCKED_LENGTH: [&str; 3] = [
    "car_blocked_length_m",
    "bus_blocked_length_m",
    "ambulance_blocked_length_m",
];

/// All streets inside the computed area, the deepest first.
pub(super) fn street_table(
    input: &Presented<'_>,
    run: &FloodRun,
    roads: &[Carriageway],
    passability: &Passability,
) -> Table {
    let unit = time_unit(run.duration_s);
    let mut columns = vec![
        Column::plain("street", "column-street", ""),
        Column::plain("name", "column-name", ""),
        Column::plain("class", "column-street-class", ""),
        Column::plain("length_m", "column-length", "m"),
        Column::plain("width_m", "column-width", "m"),
        Column::plain("depth_max_m", "column-flood-depth", "m"),
        Column::plain("speed_max_m_per_s", "column-flood-speed", "m/s"),
        Column::plain("flooded_length_m", "column-flooded-length", "m"),
    ];
    let titles = [
        ["column-car-length", "column-car-from", "column-car-to"],
        ["column-bus-length", "column-bus-from", "column-bus-to"],
        [
            "column-ambulance-length",
            "column-ambulance-from",
            "column-ambulance-to",
        ],
    ];
    for ((vehicle, length), [of_length, from, to]) in
        Vehicle::ALL.iter().zip(BLOCKED_LENGTH).zip(titles)
    {
        let id = vehicle.id();
        let time = |what: &str| format!("{id}_blocked_{what}_{}", unit.unit);
        columns.push(Column::plain(length, of_length, "m"));
        columns.push(Column::plain(&time("from"), from, unit.unit));
        columns.push(Column::plain(&time("to"), to, unit.unit));
    }
    let speed: Vec<f32> = run.peaks.u.iter().zip(&run.peaks.v).map(speed_of).collect();
    let mut driven = 0;
    let mut rows: Vec<(f32, Vec<Cell>)> = Vec::new();
    for road in roads {
        let street = &input.city.streets[road.street];
        let depth = &run.peaks.depth_m;
        let deepest = road.largest(|cell| depth[cell]);
        let mut row = vec![
            Cell::Text(street.id.clone()),
            street.name.clone().map_or(Cell::Empty, Cell::Text),
            Cell::Text(street.class.clone()),
            Cell::decimal(road.length_m, 0),
            Cell::decimal(street.width_m, 1),
            Cell::decimal(f64::from(deepest), 2),
            Cell::decimal(f64::from(road.largest(|cell| speed[cell])), 2),
            Cell::decimal(road.length_above_m(depth, FLOODED_M), 0),
        ];
        // Streets of the passability are the driven ones, in the same order.
        let index = is_driven(street).then_some(driven);
        driven += usize::from(index.is_some());
        for vehicle in Vehicle::ALL {
            let Some(index) = index else {
                row.extend([Cell::Empty, Cell::Empty, Cell::Empty]);
                continue;
            };
            let limit = passability.limits.of(vehicle);
            row.push(Cell::decimal(road.length_above_m(depth, limit), 0));
            let spans = passability.blocked(index, vehicle);
            let ends = [
                spans.first().map(|span| span[0]),
                spans.last().map(|span| span[1]),
            ];
            row.extend(ends.map(|time| {
                let decimals = usize::from(unit.unit == "h");
                time.map_or(Cell::Empty, |s| {
                    Cell::decimal(s / f64::from(unit.seconds), decimals)
                })
            }));
        }
        rows.push((deepest, row));
    }
    // Stable: equal depths stay in the order of the city.
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    Table {
        id: "flood_streets".to_owned(),
        title: "table-flood-streets",
        columns,
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        key_columns: 1,
    }
}
