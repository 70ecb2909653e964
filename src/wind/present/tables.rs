//! Wind at the places of the user, and the rose of the climate, as tables.

use crate::result::{Cell, Column, Table};
use crate::wind::study::WindRun;

use super::Presented;

pub(super) fn column(id: &str, title: &'static str, unit: &'static str) -> Column {
    Column {
        id: id.to_owned(),
        title,
        unit,
        date: None,
    }
}

pub(super) fn number(value: f64, decimals: usize) -> Cell {
    Cell::Number { value, decimals }
}

/// One row per place and direction. `ratio` is the mean speed by that of the approaching wind at its reference height, `ratio_same_height`
/// by that at the height of the place above its ground.
pub(super) fn probe_table(input: &Presented<'_>, run: &WindRun) -> Table {
    let inflow = &input.input.inflow;
    let rows = run.probes.iter().map(|probe| {
        let place = &input.input.probes[probe.probe];
        let [x, y, z] = place.given;
        let mut row = vec![
            Cell::Text(place.id.clone()),
            number(probe.from_deg, 1),
            number(x, 4),
            number(y, 4),
            number(z, 4),
        ];
        match &probe.wind {
            Some(wind) => {
                let [u, v, w] = wind.velocity;
                let speed = wind.scalar_speed();
                let beside = inflow.speed_mps(probe.above_m);
                row.extend([u, v, w].map(|x| number(x, 4)));
                row.push(number(wind.k_m2_per_s2, 5));
                row.push(number(wind.vector_speed(), 4));
                row.push(number(speed, 4));
                row.push(number(probe.gust_mps, 4));
                row.push(number(speed / input.input.reference[1], 4));
                row.push(if beside > 0.0 {
                    number(speed / beside, 4)
                } else {
                    Cell::Empty
                });
            }
            None => row.extend((0..9).map(|_| Cell::Empty)),
        }
        row
    });
    Table {
        id: "wind_probes".to_owned(),
        title: "table-wind-probes",
        columns: vec![
            column("id", "column-id", ""),
            column("from_deg", "column-wind-from", "°"),
            column("x", "column-easting", "m"),
            column("y", "column-northing", "m"),
            column("z", "column-height", "m"),
            column("u_mps", "column-wind-u", "m/s"),
            column("v_mps", "column-wind-v", "m/s"),
            column("w_mps", "column-wind-w", "m/s"),
            column("k_m2_per_s2", "column-wind-k", "m²/s²"),
            column("vector_speed_mps", "column-wind-vector-speed", "m/s"),
            column("scalar_speed_mps", "column-wind-scalar-speed", "m/s"),
            column("gust_mps", "column-wind-gust", "m/s"),
            column("ratio", "column-wind-ratio", ""),
            column("ratio_same_height", "column-wind-ratio-same-height", ""),
        ],
        rows: rows.collect(),
        key_columns: 2,
    }
}

/// Sectors of the climate.
pub(super) fn rose_table(input: &Presented<'_>) -> Table {
    let sectors = input.input.climate.iter().flat_map(|c| &c.rose.sectors);
    let count = sectors.clone().count();
    let rows = sectors.enumerate().map(|(n, sector)| {
        vec![
            number(n as f64 * 360.0 / count as f64, 1),
            number(100.0 * sector.frequency, 2),
            number(sector.k, 3),
            number(sector.c_mps, 3),
        ]
    });
    Table {
        id: "wind_rose".to_owned(),
        title: "table-wind-rose",
        columns: vec![
            column("sector_centre_deg", "column-wind-from", "°"),
            column("frequency_percent", "column-wind-frequency", "%"),
            column("weibull_k", "column-wind-weibull-k", ""),
            column("weibull_c_mps", "column-wind-weibull-c", "m/s"),
        ],
        rows: rows.collect(),
        key_columns: 1,
    }
}
