//! Access. Unit of work: one address at one leaving time (`slice`), or one address joined with the stops in reach (`prepare`).
//!
//! The city is generated: a lattice of streets 100 m apart, 250,000 addresses beside them, a stop every 400 m with a departure every ten minutes.
//! Both benches print what they found, so that a figure can be told from that of an empty city.

use divan::Bencher;
use divan::counter::ItemsCount;
use planspiel::access::offers::{Boarding, Offer, OfferKind};
use planspiel::access::promise::{Promise, Rule};
use planspiel::access::walk::{Targets, Walk, WalkNetwork};

fn main() {
    divan::main();
}

const ADDRESSES: usize = 250_000;
/// Blocks of 100 m on a side: 20 km, as Hamburg without its edges.
const BLOCKS: usize = 200;

fn streets() -> Walk {
    let at = |k: usize| 100.0 * k as f64;
    let line = |k: usize, east: bool| -> Vec<[f64; 2]> {
        let place = |i: usize| if east { [at(i), at(k)] } else { [at(k), at(i)] };
        (0..=BLOCKS).map(place).collect()
    };
    let lines: Vec<_> = (0..=BLOCKS)
        .flat_map(|k| [line(k, true), line(k, false)])
        .collect();
    Walk::Network(Box::new(WalkNetwork::new(&lines)))
}

fn addresses(walk: &Walk) -> Targets {
    let side = 100.0 * BLOCKS as f64;
    let place = |i: usize| {
        let share = [
            (i as f64 + 0.5) / ADDRESSES as f64,
            (i as f64 * 0.618_033_988_749_895).fract(),
        ];
        share.map(|s| side * s)
    };
    walk.targets((0..ADDRESSES).map(place).collect(), 150.0)
}

fn stops() -> Vec<Offer> {
    let side = BLOCKS / 4 + 1;
    let stop = |k: usize| Offer {
        name: k.to_string(),
        position: [400.0 * (k % side) as f64, 400.0 * (k / side) as f64],
        kind: OfferKind::Bus,
        boarding: Boarding::Timetable {
            departures: (0..120)
                .map(|d| 18_000 + 600 * d + (k % 10) as i32 * 60)
                .collect(),
            headways: Vec::new(),
        },
    };
    (0..side * side).map(stop).collect()
}

const RULE: Rule = Rule::Total { limit_s: 300.0 };

#[divan::bench(sample_count = 3)]
fn prepare_250k_addresses(bencher: Bencher) {
    let walk = streets();
    let (targets, offers) = (addresses(&walk), stops());
    let found = Promise::new(&walk, &targets, &offers, &[], RULE, 1.33, 150.0).walks();
    eprintln!("\n{found} walks between addresses and stops");
    let prepare = || Promise::new(&walk, &targets, &offers, &[], RULE, 1.33, 150.0).walks();
    bencher
        .counter(ItemsCount::new(ADDRESSES))
        .bench_local(prepare);
}

#[divan::bench(sample_count = 10)]
fn slice_250k_addresses(bencher: Bencher) {
    let walk = streets();
    let (targets, offers) = (addresses(&walk), stops());
    let promise = Promise::new(&walk, &targets, &offers, &[], RULE, 1.33, 150.0);
    let people = vec![2.0; ADDRESSES];
    let share = promise.share(&people, 28_800.0);
    eprintln!("\n{:.1} % of the people have an offer", 100.0 * share);
    bencher
        .counter(ItemsCount::new(ADDRESSES))
        .bench_local(|| promise.share(&people, 28_800.0));
}
