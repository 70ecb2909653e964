//! Wind at the places of the user, and the rose of the climate, as tables.

use crate::result::{Cell, Column, Table};
use crate::wind::study::WindRun;

use super::Presented;

/// One row per place and direction. `ratio` is the mean speed by that of the approaching wind at its reference height, `ratio_same_height`
/// by that at the height of the place above its ground.
pub(super) fn probe_table(input: &Presented<'_>, run: &WindRun) -> Table {
    let inflow = &input.input.inflow;
    let rows = run.probes.iter().map(|probe| {
        let place = &input.input.probes[probe.probe];
        let [x, y, z] = place.given;
        let mut row = vec![
            Cell::Text(place.id.clone()),
            Cell::decimal(probe.from_deg, 1),
            Cell::decimal(x, 4),
            Cell::decimal(y, 4),
            Cell::decimal(z, 4),
        ];
        match &probe.wind {
            Some(wind) => {
                let [u, v, w] = wind.velocity;
                let speed = wind.scalar_speed();
                let beside = inflow.speed_mps(probe.above_m);
                row.extend([u, v, w].map(|x| Cell::decimal(x, 4)));
                row.push(Cell::decimal(wind.k_m2_per_s2, 5));
                row.push(Cell::decimal(wind.vector_speed(), 4));
                row.push(Cell::decimal(speed, 4));
                row.push(Cell::decimal(probe.gust_mps, 4));
                row.push(Cell::decimal(speed / input.input.reference[1], 4));
                row.push(if beside > 0.0 {
                    Cell::decimal(speed / beside, 4)
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
            Column::plain("id", "column-id", ""),
            Column::plain("from_deg", "column-wind-from", "°"),
            Column::plain("x", "column-easting", "m"),
            Column::plain("y", "column-northing", "m"),
            Column::plain("z", "column-height", "m"),
            Column::plain("u_mps", "column-wind-u", "m/s"),
            Column::plain("v_mps", "column-wind-v", "m/s"),
            Column::plain("w_mps", "column-wind-w", "m/s"),
            Column::plain("k_m2_per_s2", "column-wind-k", "m²/s²"),
            Column::plain("vector_speed_mps", "column-wind-vector-speed", "m/s"),
            Column::plain("scalar_speed_mps", "column-wind-scalar-speed", "m/s"),
            Column::plain("gust_mps", "column-wind-gust", "m/s"),
            Column::plain("ratio", "column-wind-ratio", ""),
            Column::plain("ratio_same_height", "column-wind-ratio-same-height", ""),
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
            Cell::decimal(n as f64 * 360.0 / count as f64, 1),
            Cell::decimal(100.0 * sector.frequency, 2),
            Cell::decimal(sector.k, 3),
            Cell::decimal(sector.c_mps, 3),
        ]
    });
    Table {
        id: "wind_rose".to_owned(),
        title: "table-wind-rose",
        columns: vec![
            Column::plain("sector_centre_deg", "column-wind-from", "°"),
            Column::plain("frequency_percent", "column-wind-frequency", "%"),
            Column::plain("weibull_k", "column-wind-weibull-k", ""),
            Column::plain("weibull_c_mps", "column-wind-weibull-c", "m/s"),
        ],
        rows: rows.collect(),
        key_columns: 1,
    }
}
