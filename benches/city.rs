//! City model per second. Unit of work: one building, made by the generator or read back by the ordinary importers.

use divan::counter::ItemsCount;
use planspiel::city::load::load_city;
use planspiel::city::sample::{SampleParams, SampleSize, generate, write_sample};
use planspiel::job::Job;
use planspiel::scenario::read_scenario;

/// A district, a town, Hamburg.
const BUILDINGS: [usize; 3] = [1_000, 20_000, 400_000];

fn main() {
    divan::main();
}

fn params(buildings: usize) -> SampleParams {
    SampleParams {
        seed: 2027,
        size: SampleSize::Buildings(buildings),
    }
}

#[divan::bench(args = BUILDINGS, sample_count = 1, sample_size = 1)]
fn generate_buildings(bencher: divan::Bencher, buildings: usize) {
    bencher
        .counter(ItemsCount::new(buildings))
        .bench(|| generate(&params(buildings)));
}

#[divan::bench(args = BUILDINGS, sample_count = 1, sample_size = 1)]
fn read_cityjson_buildings(bencher: divan::Bencher, buildings: usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_sample(folder.path(), &params(buildings)).expect("a sample city");
    let file = read_scenario(&folder.path().join("buildings.city.json"), None)
        .expect("a scenario of the city file");
    bencher
        .counter(ItemsCount::new(buildings))
        .bench(|| load_city(&file.scenario, &file.roots, &Job::default()).expect("a city"));
}
