//! Where the water came from and went, gauges, and sinks, as tables.

use crate::city::City;
use crate::flood::run::{FloodRun, GaugeSeries, Ledger, LedgerKind};
use crate::flood::sinks::{Sink, Sinks};
use crate::geo::Grid;
use crate::result::{Cell, Column, Table};

use super::fields::speed_of;

/// Rows of the table of sinks.
const SINKS: usize = 200;

/// Text key of a source or sink.
pub(super) fn ledger_key(kind: LedgerKind) -> &'static str {
    match kind {
        LedgerKind::Rain => "flood-ledger-rain",
        LedgerKind::Infiltration => "flood-ledger-infiltration",
        LedgerKind::Sewer => "flood-ledger-sewer",
        LedgerKind::Inlet => "flood-ledger-inlet",
        LedgerKind::Inflow => "flood-ledger-inflow",
        LedgerKind::Boundary => "flood-ledger-boundary",
    }
}

/// The volume ledger: start and sources in, sinks and end out, and what is left over.
///
/// The columns balance: all that came in, with the water of the start, equals all that went out, with the water of the end, but
/// for the error.
pub(super) fn ledger_table(ledger: &Ledger) -> Table {
    let row = |key: &'static str, id: &str, volumes: [Option<f64>; 2], decimals| {
        let mut row = vec![
            Cell::Key(key),
            if id.is_empty() {
                Cell::Empty
            } else {
                Cell::Text(id.to_owned())
            },
        ];
        row.extend(volumes.map(|v| v.map_or(Cell::Empty, |v| Cell::decimal(v, decimals))));
        row
    };
    let mut rows = vec![row(
        "flood-ledger-initial",
        "",
        [Some(ledger.initial_m3), None],
        3,
    )];
    let some = |volume: f64| (volume != 0.0).then_some(volume);
    for entry in &ledger.entries {
        let volumes = [some(entry.in_m3), some(entry.out_m3)];
        rows.push(row(ledger_key(entry.kind), &entry.id, volumes, 3));
    }
    rows.push(row(
        "flood-ledger-stored",
        "",
        [None, Some(ledger.stored_m3)],
        3,
    ));
    let [all_in, all_out] = totals(ledger);
    rows.push(row(
        "flood-ledger-total",
        "",
        [Some(all_in), Some(all_out)],
        3,
    ));
    rows.push(row(
        "flood-ledger-error",
        "",
        [None, Some(ledger.error_m3)],
        9,
    ));
    Table {
        id: "flood_ledger".to_owned(),
        title: "table-flood-ledger",
        columns: vec![
            Column::plain("entry", "column-ledger-entry", ""),
            Column::plain("id", "column-id", ""),
            Column::plain("in_m3", "column-ledger-in", "m³"),
            Column::plain("out_m3", "column-ledger-out", "m³"),
        ],
        rows,
        key_columns: 2,
    }
}

/// Everything that came in, with the start, and everything that went out, with the end (m³).
pub(super) fn totals(ledger: &Ledger) -> [f64; 2] {
    let sums = ledger.entries.iter();
    sums.fold([ledger.initial_m3, ledger.stored_m3], |[i, o], e| {
        [i + e.in_m3, o + e.out_m3]
    })
}

/// Easting and northing of a cell.
fn place(city: &City, grid: &Grid, cell: usize) -> [Cell; 2] {
    let [x, y] = grid.centre(cell / grid.cols, cell % grid.cols);
    let [e, n, _] = city.frame.crs_from_local(nalgebra::Point3::new(x, y, 0.0));
    [Cell::decimal(e, 1), Cell::decimal(n, 1)]
}

/// Position of the largest value; the first of equal ones; `None` without values.
fn largest(values: impl Iterator<Item = f64>) -> Option<(usize, f64)> {
    values
        .enumerate()
        .fold(None, |best, (i, value)| match best {
            Some((_, most)) if most >= value => best,
            _ if value.is_nan() => best,
            _ => Some((i, value)),
        })
}

fn speeds(gauge: &GaugeSeries) -> impl Iterator<Item = f64> + '_ {
    gauge.u.iter().zip(&gauge.v).map(|v| f64::from(speed_of(v)))
}

/// One row per gauge with its largest values.
pub(super) fn gauge_table(city: &City, run: &FloodRun) -> Table {
    let rows = run
        .gauges
        .iter()
        .map(|gauge| {
            let deepest = largest(gauge.depth_m.iter().copied());
            let fastest = largest(speeds(gauge));
            let value =
                |v: Option<f64>, decimals| v.map_or(Cell::Empty, |v| Cell::decimal(v, decimals));
            let mut row = vec![Cell::Text(gauge.id.clone())];
            row.extend(place(city, &run.grid, gauge.cell));
            row.extend([
                Cell::decimal(gauge.bed_m, 2),
                value(deepest.map(|(_, d)| d), 3),
                value(deepest.map(|(_, d)| gauge.bed_m + d), 3),
                value(deepest.map(|(i, _)| gauge.times_s[i]), 1),
                value(fastest.map(|(_, v)| v), 3),
            ]);
            row
        })
        .collect();
    Table {
        id: "flood_gauges".to_owned(),
        title: "table-flood-gauges",
        columns: vec![
            Column::plain("gauge", "column-gauge", ""),
            Column::plain("easting", "column-easting", "m"),
            Column::plain("northing", "column-northing", "m"),
            Column::plain("bed_m", "column-bed", "m"),
            Column::plain("depth_max_m", "column-flood-depth", "m"),
            Column::plain("level_max_m", "column-flood-level", "m"),
            Column::plain("depth_max_time_s", "column-flood-depth-time", "s"),
            Column::plain("speed_max_m_per_s", "column-flood-speed", "m/s"),
        ],
        rows,
        key_columns: 1,
    }
}

/// All values of all gauges, gauge after gauge.
pub(super) fn gauge_series_table(run: &FloodRun) -> Table {
    let mut rows = Vec::new();
    for gauge in &run.gauges {
        for (i, speed) in speeds(gauge).enumerate() {
            let (Some(time), Some(depth)) = (gauge.times_s.get(i), gauge.depth_m.get(i)) else {
                continue;
            };
            rows.push(vec![
                Cell::Text(gauge.id.clone()),
                Cell::decimal(*time, 3),
                Cell::decimal(*depth, 5),
                Cell::decimal(gauge.bed_m + depth, 5),
                Cell::decimal(speed, 4),
            ]);
        }
    }
    Table {
        id: "flood_gauge_series".to_owned(),
        title: "table-flood-gauge-series",
        columns: vec![
            Column::plain("gauge", "column-gauge", ""),
            Column::plain("time_s", "column-time", "s"),
            Column::plain("depth_m", "column-flood-depth-now", "m"),
            Column::plain("level_m", "column-flood-level-now", "m"),
            Column::plain("speed_m_per_s", "column-flood-speed-now", "m/s"),
        ],
        rows,
        key_columns: 2,
    }
}

/// The largest sinks by volume.
pub(super) fn sink_table(city: &City, grid: &Grid, layers: &Sinks) -> Table {
    let mut sinks: Vec<&Sink> = layers.sinks.iter().collect();
    sinks.sort_by(|a, b| {
        let volume = b.volume_m3.total_cmp(&a.volume_m3);
        volume.then(a.deepest.cmp(&b.deepest))
    });
    let rows = sinks
        .iter()
        .take(SINKS)
        .enumerate()
        .map(|(i, sink)| {
            let mut row = vec![Cell::Integer(i as i64 + 1)];
            row.extend(place(city, grid, sink.deepest));
            row.extend([
                Cell::decimal(sink.depth_m, 2),
                Cell::decimal(sink.area_m2, 0),
                Cell::decimal(sink.volume_m3, 1),
                Cell::decimal(sink.level_m, 2),
                Cell::decimal(sink.catchment_m2, 0),
            ]);
            row
        })
        .collect();
    Table {
        id: "flood_sinks".to_owned(),
        title: "table-flood-sinks",
        columns: vec![
            Column::plain("rank", "column-rank", ""),
            Column::plain("easting", "column-easting", "m"),
            Column::plain("northing", "column-northing", "m"),
            Column::plain("depth_m", "column-sink-depth", "m"),
            Column::plain("area_m2", "column-area", "m²"),
            Column::plain("volume_m3", "column-volume", "m³"),
            Column::plain("spill_level_m", "column-spill-level", "m"),
            Column::plain("catchment_m2", "column-catchment", "m²"),
        ],
        rows,
        // Sinks have no name that lasts over two terrains; their place is one.
        key_columns: 3,
    }
}
