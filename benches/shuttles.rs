//! Shuttles on demand. Unit of work: one request decided.
//!
//! `insertion_500_vehicles` decides 23,000 requests of a day with 500 vehicles on a grid of 25 by 25 blocks, without re-optimisation, and
//! prints the 50th and 99th percentile of a single decision; `city_280000_requests` is a day of a city: 280,000 generated requests, 6,000
//! vehicles, 5,041 places, with re-optimisation and waiting places.

use std::sync::Arc;
use std::time::Instant;

use divan::Bencher;
use divan::counter::ItemsCount;
use planspiel::job::Job;
use planspiel::shuttle::service::assign::{Offer, assign};
use planspiel::shuttle::service::engine::{Service, run_service, run_with};
use planspiel::shuttle::service::generate::{Generated, Source, generate};
use planspiel::shuttle::service::model::{FleetVehicle, Rules};
use planspiel::shuttle::service::streets::grid_streets;
use planspiel::shuttle::service::times::TravelTimes;
use planspiel::traffic::random::uniform;
use planspiel::traffic::statistics::quantile;

fn main() {
    divan::main();
}

/// A day of a generated town on a grid of streets.
fn day(side: u32, requests: usize, vehicles: u32, trials: u32) -> Service {
    let streets = grid_streets(side, side, 300.0, 9.0);
    let random = |who: u64, what: u64| f64::from(uniform(3, who, 0, what));
    let sources: Vec<Source> = streets
        .nodes
        .iter()
        .enumerate()
        .map(|(n, at)| Source {
            at: *at,
            inhabitants: 100.0 * random(n as u64, 1),
            workplaces: 60.0 * random(n as u64, 2),
        })
        .collect();
    let trips = generate(
        &sources,
        &Generated {
            trips: requests,
            begin_s: 0.0,
            end_s: 86_400.0,
            clock_s: 0.0,
            mean_distance_m: 3000.0,
            least_distance_m: 600.0,
            pairs: 0.1,
            wheelchairs: 0.0,
            ahead: 0.0,
            ahead_s: 0.0,
            seed: 1,
        },
    );
    let offer = Offer {
        stops: None,
        area: None,
        max_walk_m: 300.0,
        walk_m_s: 1.3,
        walk_factor: 1.3,
        begin_s: 0.0,
        end_s: 86_400.0,
    };
    let assigned = assign(&streets, &offer, &trips, &[]);
    let nodes = f64::from(side * side);
    let fleet = (0..vehicles).map(|vehicle| FleetVehicle {
        start: (random(vehicle.into(), 3) * nodes) as u32,
        seats: 4,
        wheelchairs: 0,
        battery: None,
    });
    Service {
        fleet: fleet.collect(),
        times: Arc::new(TravelTimes::new(&streets, assigned.places)),
        streets: Arc::new(streets),
        requests: Arc::new(assigned.requests),
        stations: Vec::new(),
        rules: Rules {
            trials,
            ..Rules::default()
        },
    }
}

fn measure(bencher: Bencher, service: &Service, threads: usize) {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("a pool of threads");
    bencher
        .counter(ItemsCount::new(service.requests.len()))
        .bench_local(|| pool.install(|| run_service(service, 1, &Job::default())));
}

#[divan::bench(sample_count = 3)]
fn insertion_500_vehicles(bencher: Bencher) {
    let service = day(25, 23_000, 500, 0);
    let mut decisions_ms = Vec::with_capacity(service.requests.len());
    let mut begin = Instant::now();
    let run = run_with(&service, 1, &Job::default(), |_, decided| {
        if decided {
            decisions_ms.push(begin.elapsed().as_secs_f64() * 1e3);
        } else {
            begin = Instant::now();
        }
    });
    assert!(run.is_ok(), "nobody cancels");
    decisions_ms.sort_by(f64::total_cmp);
    eprintln!(
        "\none decision: p50 {:.3} ms, p99 {:.3} ms",
        quantile(&decisions_ms, 0.5),
        quantile(&decisions_ms, 0.99)
    );
    measure(bencher, &service, 1);
}

#[divan::bench(sample_count = 1, sample_size = 1, args = [1, 2])]
fn city_280000_requests(bencher: Bencher, threads: usize) {
    let service = day(71, 280_000, 6000, Rules::default().trials);
    measure(bencher, &service, threads);
}
