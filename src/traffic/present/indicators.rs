//! Key figures: means over the seeds, which are compared seed by seed.

use crate::result::{Basis, Indicator, Statistic, Table, Values};
use crate::traffic::score::METRIC;

/// Key figures in reading order: id, text key, table of the seeds, column.
const KEY_FIGURES: &[(&str, &str, &str, &str)] = &[
    (
        "traffic_bus_loss",
        "indicator-traffic-bus-loss",
        "traffic_seeds_bus",
        "loss_s",
    ),
    (
        "traffic_bus_duration",
        "indicator-traffic-bus-duration",
        "traffic_seeds_bus",
        "duration_s",
    ),
    (
        "traffic_bus_reliable",
        "indicator-traffic-bus-reliable",
        "traffic_seeds_bus",
        "reliable_percent",
    ),
    (
        "traffic_car_loss",
        "indicator-traffic-car-loss",
        "traffic_seeds_car",
        "loss_s",
    ),
    (
        "traffic_car_delay",
        "indicator-traffic-car-delay",
        "traffic_seeds_car",
        "delay_s",
    ),
    (
        "traffic_all_delay",
        "indicator-traffic-all-delay",
        "traffic_seeds_all",
        "delay_h",
    ),
    (
        "traffic_person_delay",
        "indicator-traffic-person-delay",
        "traffic_seeds_all",
        "person_delay_h",
    ),
    (
        "traffic_walk_wait",
        "indicator-traffic-walk-wait",
        "traffic_seeds_walkers",
        "wait_s",
    ),
    (
        "traffic_arrived",
        "indicator-traffic-arrived",
        "traffic_seeds_all",
        "arrived",
    ),
    (
        "traffic_unfinished",
        "indicator-traffic-unfinished",
        "traffic_seeds_all",
        "unfinished",
    ),
    (
        "traffic_not_inserted",
        "indicator-traffic-not-inserted",
        "traffic_seeds_all",
        "not_inserted",
    ),
    (
        "traffic_co2",
        "indicator-traffic-co2",
        "traffic_seeds_all",
        "co2_kg",
    ),
    (
        "traffic_nox",
        "indicator-traffic-nox",
        "traffic_seeds_all",
        "nox_g",
    ),
];

/// Key figures of the groups that are there.
pub(super) fn indicators(tables: &[Table]) -> Vec<Indicator> {
    let mut all = Vec::new();
    for &(id, key, table_id, column) in KEY_FIGURES {
        let Some(table) = tables.iter().find(|table| table.id == table_id) else {
            continue;
        };
        let Some(place) = table.column(column) else {
            continue;
        };
        let values: Vec<f64> = table
            .rows
            .iter()
            .filter_map(|row| row[place].number())
            .collect();
        if values.is_empty() {
            continue;
        }
        let statistic = Statistic::Mean { divisor: 1.0 };
        // Figures of vehicles have their digits, the wait on foot has one.
        let metric = METRIC.iter().find(|metric| metric.id == column);
        all.push(Indicator {
            id: id.to_owned(),
            key,
            value: statistic.of(values.into_iter()),
            unit: table.columns[place].unit,
            decimals: metric.map_or(1, |metric| metric.decimals),
            date: None,
            basis: Some(Basis {
                values: Values::Rows {
                    table: table_id,
                    column: column.to_owned(),
                },
                statistic,
            }),
        });
    }
    all
}
