//! From the runs of a study to what people get. Nothing here simulates.

use std::sync::Arc;

use crate::city::City;
use crate::finding::Finding;
use crate::job::Job;
use crate::result::{Basis, Indicator, Quality, SimulationResult, Statistic, Table, Values};
use crate::traffic::source::NetworkKind;

use super::fields::fields;
use super::input::{DemandKind, ShuttleInput};
use super::movement::movement;
use super::run::{FleetRuns, ShuttleRuns};
use super::score::{METRIC, at};
use super::tables;

/// Registered name of the simulation.
pub const SIMULATION: &str = "shuttle";

/// Table of the figures by seed.
pub const SEEDS_TABLE: &str = "shuttle_seeds";

/// Fact of the method: how the demand was generated.
pub const GENERATED_DEMAND: &str = "method-shuttle-generated";

/// Key figures in reading order: text key and column of the table of seeds.
const KEY_FIGURES: [(&str, &str); 12] = [
    ("indicator-shuttle-served", "served_percent"),
    ("indicator-shuttle-wait", "wait_s"),
    ("indicator-shuttle-wait-p95", "wait_p95_s"),
    ("indicator-shuttle-walk", "walk_s"),
    ("indicator-shuttle-detour", "detour_factor"),
    ("indicator-shuttle-shared", "shared_percent"),
    ("indicator-shuttle-km", "km"),
    ("indicator-shuttle-empty", "empty_percent"),
    ("indicator-shuttle-utilisation", "utilisation_percent"),
    ("indicator-shuttle-kwh", "kwh"),
    ("indicator-shuttle-cost", "cost_eur"),
    ("indicator-shuttle-cost-per-ride", "cost_per_ride_eur"),
];

/// Puts runs into tables and key figures.
pub fn present(
    city: &City,
    input: &ShuttleInput,
    runs: &ShuttleRuns,
    quality: Quality,
    job: &Job,
) -> SimulationResult {
    let mut all: Vec<Table> = Vec::new();
    if let Some(planned) = runs.fleets.first() {
        all.push(tables::seeds(planned));
        all.push(tables::rejections(planned));
        all.push(tables::fleets(runs));
        all.extend(tables::day(input, planned));
        all.extend(tables::stops(city, input, planned));
        all.extend(tables::vehicles(input, planned));
        all.extend(tables::requests(city, input, planned));
        if let Some((log, left_out)) = tables::log(input, planned, tables::MOST_LOGGED) {
            if left_out > 0 {
                job.finding(
                    Finding::warning("shuttle-log-cut")
                        .arg("rows", log.rows.len())
                        .arg("count", left_out),
                );
            }
            all.push(log);
        }
        findings(input, planned, job);
    }
    all.retain(|table| !table.rows.is_empty());
    let moving = runs.fleets.first().and_then(|fleet| movement(input, fleet));
    SimulationResult {
        simulation: SIMULATION,
        quality,
        fields: runs
            .fleets
            .first()
            .map_or_else(Vec::new, |fleet| fields(input, fleet)),
        indicators: indicators(&all),
        tables: all,
        findings: job.take_findings(),
        inputs: input.files.clone(),
        method: method(input, runs),
        movement: moving.map(Arc::new),
        animation: None,
        passability: None,
    }
}

fn indicators(tables: &[Table]) -> Vec<Indicator> {
    let Some(table) = tables.iter().find(|table| table.id == SEEDS_TABLE) else {
        return Vec::new();
    };
    let figures = KEY_FIGURES.iter().filter_map(|&(key, column)| {
        let place = table.column(column)?;
        let rows = table.rows.iter();
        let values: Vec<f64> = rows.filter_map(|row| row[place].number()).collect();
        let statistic = Statistic::Mean { divisor: 1.0 };
        let metric = METRIC[at(column)];
        (!values.is_empty()).then(|| Indicator {
            id: format!("shuttle_{column}"),
            key,
            value: statistic.of(values.into_iter()),
            unit: metric.unit,
            decimals: metric.decimals,
            date: None,
            basis: Some(Basis {
                values: Values::Rows {
                    table: SEEDS_TABLE,
                    column: column.to_owned(),
                },
                statistic,
            }),
        })
    });
    figures.collect()
}

/// Facts in reading order, as (text key, value). Values are text keys or plain text with ISO numbers.
fn method(input: &ShuttleInput, runs: &ShuttleRuns) -> Vec<(&'static str, String)> {
    let params = &input.params;
    let costs = &input.costs;
    let source = match input.kind {
        NetworkKind::Sumo => "traffic-source-sumo",
        NetworkKind::OpenStreetMap => "traffic-source-osm",
        NetworkKind::Sample => "traffic-source-sample",
    };
    let seeds = match (input.seeds.first(), input.seeds.last()) {
        (Some(first), Some(last)) if input.seeds.len() > 1 => {
            format!("{} ({first} – {last})", input.seeds.len())
        }
        _ => "1".to_owned(),
    };
    let mut facts = vec![
        ("method-traffic-source", source.to_owned()),
        (
            "method-shuttle-streets",
            format!(
                "{}; {}",
                input.streets.nodes.len(),
                input.times.places().len()
            ),
        ),
        match input.measured {
            Some(share) => (
                "method-shuttle-times-traffic",
                format!("{:.0} %", 100.0 * share),
            ),
            None => (
                "method-shuttle-times",
                format!("{} %; {} s", params.speed_percent, params.signal_wait_s),
            ),
        },
        match &input.demand {
            DemandKind::Requests => (
                "method-shuttle-demand",
                "shuttle-demand-requests".to_owned(),
            ),
            DemandKind::Zones => ("method-shuttle-demand", "shuttle-demand-zones".to_owned()),
            DemandKind::People {
                inhabitants,
                workplaces,
                ..
            } => (
                GENERATED_DEMAND,
                match params.generated.requests {
                    Some(requests) => format!("{inhabitants:.0}; {workplaces:.0}; {requests}"),
                    None => format!(
                        "{inhabitants:.0}; {workplaces:.0}; {} × {} %",
                        params.generated.trips_per_day, params.generated.share_percent
                    ),
                },
            ),
            DemandKind::Streets => (
                "method-shuttle-generated-streets",
                params.generated.requests.unwrap_or_default().to_string(),
            ),
        },
        (
            "method-shuttle-hours",
            format!("{} – {} h", params.begin_h, params.end_h),
        ),
        if input.stops.is_empty() {
            ("method-shuttle-offer", "shuttle-at-the-door".to_owned())
        } else {
            ("method-shuttle-stops", input.stops.len().to_string())
        },
        (
            "method-shuttle-walk",
            format!(
                "{} m; {} m/s; × {}",
                params.max_walk_m, params.walk_m_s, params.walk_factor
            ),
        ),
        (
            "method-shuttle-promise",
            format!(
                "{} s; {} % / {} s",
                params.max_wait_s, params.max_detour_percent, params.least_detour_s
            ),
        ),
        (
            "method-shuttle-fleet",
            format!(
                "{} × {} + {}",
                params.vehicles, params.seats, params.wheelchair_places
            ),
        ),
        (
            "method-shuttle-drivers",
            if params.drivers {
                "shuttle-with-drivers"
            } else {
                "shuttle-driverless"
            }
            .to_owned(),
        ),
    ];
    let battery = &params.battery;
    facts.push((
        "method-shuttle-battery",
        format!(
            "{} kWh; {} kWh/km; {} kW × {}",
            battery.kwh, battery.kwh_per_km, battery.charging_kw, battery.charging_places
        ),
    ));
    facts.push((
        "method-shuttle-costs",
        format!(
            "{} EUR/h; {} EUR/km; {} EUR/kWh",
            costs.vehicle_h + costs.driver_h + costs.supervision_h,
            costs.km,
            costs.kwh
        ),
    ));
    facts.push((
        "method-shuttle-batch",
        format!(
            "{} s; {}; {} s",
            params.batch_s, params.trials, params.rebalance_s
        ),
    ));
    facts.push(("method-traffic-seeds", seeds));
    if runs.fleets.len() > 1 {
        facts.push(("method-shuttle-sizes", runs.fleets.len().to_string()));
    }
    facts
}

fn findings(input: &ShuttleInput, planned: &FleetRuns, job: &Job) {
    if input.kind == NetworkKind::Sample {
        job.finding(Finding::warning("traffic-network-invented"));
    }
    let requests = input.requests.first().map_or(0, |list| list.len());
    match &input.demand {
        DemandKind::People {
            inhabitants,
            storeys_assumed,
            ..
        } => {
            job.finding(
                Finding::warning("shuttle-demand-generated")
                    .arg("count", requests)
                    .arg("inhabitants", format!("{inhabitants:.0}"))
                    .arg("assumed", storeys_assumed),
            );
        }
        DemandKind::Streets => {
            job.finding(Finding::warning("shuttle-demand-along-streets").arg("count", requests));
        }
        DemandKind::Requests | DemandKind::Zones => {}
    }
    job.finding(Finding::info("shuttle-costs-assumed"));
    if input.measured.is_none() {
        job.finding(
            Finding::info("shuttle-times-assumed")
                .arg("percent", input.params.speed_percent)
                .arg("wait", input.params.signal_wait_s),
        );
    }
    let under_way: f64 = planned
        .seeds
        .iter()
        .map(|seed| seed.scores[at("under_way")])
        .sum();
    if under_way > 0.0 {
        job.finding(Finding::warning("shuttle-under-way").arg("count", under_way));
    }
    if let Some(first) = tables::first(planned)
        && first.served == 0
        && first.requests > 0
    {
        job.finding(Finding::warning("shuttle-nobody-served"));
    }
    if input.params.battery.charging_places == 0 {
        job.finding(Finding::warning("shuttle-nowhere-to-charge"));
    }
}
