//! Microscopic traffic. Unit of work: one vehicle advanced by one step of a second.
//!
//! `hamburg_600_s` drives the first ten minutes of `tavf-hamburg` (1,200 vehicles on the road at most) and needs `../shared/data`;
//! `grid_60_s` a minute of 20,000 vehicles on a generated grid of 26 by 26 blocks with signals.

use std::path::PathBuf;

use divan::Bencher;
use divan::counter::ItemsCount;
use planspiel::traffic::demand::Demand;
use planspiel::traffic::network::Network;
use planspiel::traffic::network::grid::{grid, grid_demand};
use planspiel::traffic::run::Run;
use planspiel::traffic::sumo::read_config;

fn main() {
    divan::main();
}

/// Runs for so many seconds; returns the vehicle updates.
fn drive(network: &Network, demand: &Demand, seconds: u32) -> u64 {
    let mut run = Run::new(network, demand, 0.0, 1.0, 42);
    for _ in 0..seconds {
        run.step();
    }
    run.counts().updates
}

fn measure(bencher: Bencher, network: &Network, demand: &Demand, seconds: u32, threads: usize) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a pool of threads");
    let updates = pool.install(|| drive(network, demand, seconds));
    bencher
        .counter(ItemsCount::new(updates))
        .bench_local(|| pool.install(|| drive(network, demand, seconds)));
}

#[divan::bench(sample_count = 3, args = [1, 2])]
fn hamburg_600_s(bencher: Bencher, threads: usize) {
    let data = std::env::var_os("PLANSPIEL_DATA")
        .map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let config = data.join("mobility/tavf-hamburg/run_simulation.sumocfg");
    let Ok(scenario) = read_config(&config) else {
        eprintln!("skipped: no data ({})", config.display());
        return;
    };
    measure(bencher, &scenario.network, &scenario.demand, 600, threads);
}

#[divan::bench(sample_count = 3, args = [1, 2])]
fn grid_60_s(bencher: Bencher, threads: usize) {
    let network = grid(26, 150.0, 2);
    let demand = grid_demand(&network, 20_000, 0.0, 30.0, 7);
    measure(bencher, &network, &demand, 60, threads);
}
