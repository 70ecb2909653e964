//! Figures of a run in a fixed order, as tables, key figures and report use them.

use crate::shuttle::service::measure::{Figures, UnitCosts};
use crate::traffic::score::{Metric, metric};

/// All figures.
pub const METRIC: [Metric; 26] = [
    metric("requests", "column-shuttle-requests", "", 0),
    metric("served", "column-shuttle-served", "", 0),
    metric("rejected", "column-shuttle-rejected", "", 0),
    metric("under_way", "column-shuttle-under-way", "", 0),
    metric("served_percent", "column-shuttle-served-percent", "%", 1),
    metric("wait_s", "column-shuttle-wait", "s", 0),
    metric("wait_p50_s", "column-shuttle-wait-p50", "s", 0),
    metric("wait_p90_s", "column-shuttle-wait-p90", "s", 0),
    metric("wait_p95_s", "column-shuttle-wait-p95", "s", 0),
    metric("walk_s", "column-shuttle-walk", "s", 0),
    metric("ride_s", "column-shuttle-ride", "s", 0),
    metric("detour_factor", "column-shuttle-detour", "", 2),
    metric("shared_percent", "column-shuttle-shared", "%", 1),
    metric("persons_per_km", "column-shuttle-persons-per-km", "", 2),
    metric("km", "column-shuttle-km", "km", 0),
    metric("empty_percent", "column-shuttle-empty", "%", 1),
    metric("rest_km", "column-shuttle-rest-km", "km", 0),
    metric("charge_km", "column-shuttle-charge-km", "km", 0),
    metric("utilisation_percent", "column-shuttle-utilisation", "%", 1),
    metric(
        "rides_per_vehicle_h",
        "column-shuttle-rides-per-h",
        "1/h",
        2,
    ),
    metric("kwh", "column-shuttle-kwh", "kWh", 0),
    metric("charges", "column-shuttle-charges", "", 0),
    metric("charge_wait_s", "column-shuttle-charge-wait", "s", 0),
    metric("moves", "column-shuttle-moves", "", 0),
    metric("cost_eur", "column-shuttle-cost", "EUR", 0),
    metric(
        "cost_per_ride_eur",
        "column-shuttle-cost-per-ride",
        "EUR",
        2,
    ),
];

/// Place of a figure.
///
/// # Panics
/// When there is no such figure.
pub fn at(id: &str) -> usize {
    let place = METRIC.iter().position(|metric| metric.id == id);
    assert!(place.is_some(), "there is no figure `{id}`");
    place.unwrap_or_default()
}

/// Values in the order of [`METRIC`]; NaN where there is none, such as a wait when nobody was served.
pub fn score(f: &Figures, costs: &UnitCosts) -> Vec<f64> {
    let count = |n: usize| n as f64;
    let charge_wait_s = f.charge_waits_s.iter().sum::<f64>() / f.charge_waits_s.len() as f64;
    let cost = costs.of(f);
    vec![
        count(f.requests),
        count(f.served),
        count(f.all_rejected()),
        count(f.under_way),
        f.served_percent(),
        f.wait_s(),
        f.wait_quantile_s(0.5),
        f.wait_quantile_s(0.9),
        f.wait_quantile_s(0.95),
        f.walk_s,
        f.ride_s,
        f.detour_factor,
        f.shared_percent(),
        f.persons_per_occupied_km(),
        f.km,
        f.empty_percent(),
        f.rest_km,
        f.charge_km,
        f.utilisation_percent(),
        f.served as f64 / (f.vehicle_s / 3600.0),
        f.kwh,
        count(f.charges),
        charge_wait_s,
        f.moves as f64,
        cost,
        cost / f.served as f64,
    ]
}
