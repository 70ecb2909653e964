//! From the runs of a study to what people get: maps, tables, key figures, facts of the method, remarks. Nothing here simulates.

mod facts;
mod fields;
mod indicators;
mod stories;
mod tables;

use std::sync::Arc;

use crate::city::City;
use crate::job::Job;
use crate::result::{Movement, Quality, SimulationResult, Table};

use super::input::{GroupKind, TrafficInput};
use super::measure::EdgeFlow;
use super::network::{NONE, Network};
use super::params::TrafficParams;
use super::study::{Detail, TrafficRun};

pub use facts::{GENERATED_DEMAND, SOURCE_OF_NETWORK, input_findings, source_findings};
pub use stories::lanes_and_streets;

/// Registered name of the simulation.
pub const SIMULATION: &str = "traffic";

/// Groups with a table of their values by seed, which differences are made from.
pub const SEED_TABLES: [(GroupKind, &str); 4] = [
    (GroupKind::All, "traffic_seeds_all"),
    (GroupKind::Bus, "traffic_seeds_bus"),
    (GroupKind::Car, "traffic_seeds_car"),
    (GroupKind::Truck, "traffic_seeds_truck"),
];

/// What is needed besides the run.
pub struct Presented<'a> {
    /// City of the variant.
    pub city: &'a City,
    /// Network, demand, groups.
    pub input: &'a TrafficInput,
    /// Settings.
    pub params: &'a TrafficParams,
    /// Coarse or exact.
    pub quality: Quality,
}

/// Puts runs into maps, tables and key figures.
pub fn present(input: &Presented<'_>, mut run: TrafficRun, job: &Job) -> SimulationResult {
    let moving = run.seeds.first_mut().and_then(|seed| seed.detail.as_mut());
    let movement = moving.map(|detail| Arc::new(movement(input, detail)));
    let run = &run;
    let edges = mean_edges(run);
    let mut all: Vec<Table> = SEED_TABLES
        .iter()
        .filter_map(|(kind, id)| tables::seed_table(input, run, *kind, id))
        .collect();
    all.extend(tables::walker_table(run));
    all.push(tables::line_table(input, run));
    all.push(tables::event_table(run));
    all.push(tables::approach_table(input, &edges));
    all.push(tables::edge_table(input, &edges));
    all.push(tables::interval_table(input, run));
    if let Some(detail) = run.seeds.first().and_then(|seed| seed.detail.as_ref()) {
        all.extend(tables::detail_tables(input, detail));
    }
    all.retain(|table| !table.rows.is_empty());
    let indicators = indicators::indicators(&all);
    facts::findings(input, run, job);
    SimulationResult {
        simulation: SIMULATION,
        quality: input.quality,
        fields: fields::fields(input, &edges),
        tables: all,
        indicators,
        findings: job.take_findings(),
        inputs: input.input.files.clone(),
        method: facts::method(input, run),
        movement,
        animation: None,
        passability: None,
    }
}

/// The moving picture with streets and stories; takes it out of the details of the run.
fn movement(input: &Presented<'_>, detail: &mut Detail) -> Movement {
    let stories = stories::stories(input, detail);
    let mut movement = std::mem::take(&mut detail.movement);
    movement.roads = Arc::new(stories::road_map(input.input, movement.corner));
    movement.stories = Arc::new(stories);
    movement
}

/// Flows of each edge over the whole time, means over the seeds.
fn mean_edges(run: &TrafficRun) -> Vec<EdgeFlow> {
    let all: Vec<Vec<EdgeFlow>> = run.seeds.iter().map(|seed| seed.edges.totals()).collect();
    let count = all.first().map_or(0, Vec::len);
    (0..count)
        .map(|edge| mean_flow(all.iter().map(|flows| flows[edge])))
        .collect()
}

/// Mean of flows.
fn mean_flow(flows: impl ExactSizeIterator<Item = EdgeFlow>) -> EdgeFlow {
    let share = 1.0 / flows.len().max(1) as f64;
    flows.fold(EdgeFlow::default(), |sum, flow| EdgeFlow {
        entered: sum.entered + share * flow.entered,
        vehicle_s: sum.vehicle_s + share * flow.vehicle_s,
        loss_s: sum.loss_s + share * flow.loss_s,
        queue: sum.queue + share * flow.queue,
    })
}

/// Signal at the end of an edge, if there is one.
fn signal_after(network: &Network, edge: usize) -> Option<u32> {
    let lanes = network.edges[edge].lanes.clone();
    let mut links = lanes.flat_map(|lane| network.links_of(lane));
    links.find_map(|(_, link)| (link.signal != NONE).then_some(link.signal))
}

/// Counted time (h).
fn hours(input: &Presented<'_>, run_end_s: f64) -> f64 {
    (run_end_s - input.input.begin_s - input.params.warm_up_s) / 3600.0
}
