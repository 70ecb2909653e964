//! Both tiers of the wind. Unit of work: one cell and direction (tier 1), one cell and step (tier 2), or one place on the ground.
//!
//! A town of 1 km x 1 km with 2,000 houses of 8 to 28 m, some of them towers, on 1,000,000 cells of 4 m.

use std::ops::ControlFlow;

use divan::counter::ItemsCount;
use planspiel::wind::climate::{Rose, Sector};
use planspiel::wind::comfort::verdicts;
use planspiel::wind::grid::{WindGrid, levels};
use planspiel::wind::heading::Heading;
use planspiel::wind::inflow::Inflow;
use planspiel::wind::rans::{self, RansOptions};
use planspiel::wind::solids::{Block, tops_m};
use planspiel::wind::tier1::Site;
use planspiel::wind::vegetation::{Crown, Tree};

fn main() {
    divan::main();
}

fn grid() -> WindGrid {
    WindGrid {
        cells: [250, 250, 16],
        cell_m: 4.0,
        west_m: 0.0,
        south_m: 0.0,
        levels_m: levels(0.0, 3.0, 30.0, 1.2, 20.0, 400.0)[..17].to_vec(),
    }
}

fn houses() -> Vec<Block> {
    let mut state = 7_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    (0..2000)
        .map(|n| {
            let (x, y) = (
                10.0 + 21.5 * f64::from(n % 45),
                10.0 + 21.5 * f64::from(n / 45),
            );
            let (x, y) = (x + 4.0 * random(), y + 4.0 * random());
            let (w, l) = (8.0 + 6.0 * random(), 8.0 + 6.0 * random());
            let tower = if random() > 0.98 { 40.0 } else { 0.0 };
            Block {
                ring: vec![[x, y], [x + w, y], [x + w, y + l], [x, y + l]],
                base_m: 0.0,
                top_m: 8.0 + 20.0 * random() + tower,
            }
        })
        .collect()
}

const INFLOW: Inflow = Inflow::Log {
    z0_m: 0.5,
    reference_m: 10.0,
    speed_mps: 5.0,
};

#[divan::bench(sample_count = 5, sample_size = 1)]
fn voxels_and_one_direction_1m_cells_2000_houses(bencher: divan::Bencher<'_, '_>) {
    let houses = houses();
    bencher.counter(ItemsCount::new(grid().len())).bench(|| {
        Site::new(grid(), houses.clone(), Vec::new()).wind(&INFLOW, Heading::coming_from(4.2))
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn one_more_direction_1m_cells_2000_houses(bencher: divan::Bencher<'_, '_>) {
    let mut site = Site::new(grid(), houses(), Vec::new());
    let mut from = 0.0;
    bencher
        .counter(ItemsCount::new(grid().len()))
        .bench_local(|| {
            from += 0.39;
            site.wind(&INFLOW, Heading::coming_from(from))
        });
}

/// A house moves by 3.6 m, every third one grows too: voxels, zones and potential from those before the edit.
#[divan::bench(sample_count = 15, sample_size = 1)]
fn edit_of_one_house_1m_cells_2000_houses(bencher: divan::Bencher<'_, '_>) {
    let mut houses = houses();
    let mut site = Site::new(grid(), houses.clone(), Vec::new()).keeping();
    let heading = Heading::coming_from(4.2);
    site.wind(&INFLOW, heading);
    let mut n = 0;
    bencher
        .counter(ItemsCount::new(grid().len()))
        .bench_local(|| {
            n = (n + 331) % 2000;
            for corner in &mut houses[n].ring {
                *corner = [corner[0] + 3.0, corner[1] + 2.0];
            }
            if n % 3 == 0 {
                houses[n].top_m += 8.0;
            }
            let tops = tops_m(&grid(), &[], &houses);
            site.change(houses.clone(), tops);
            site.wind(&INFLOW, heading)
        });
}

fn trees() -> Vec<Tree> {
    (0..2000)
        .map(|n| Tree {
            centre: [
                18.0 + 21.5 * f64::from(n % 45),
                20.0 + 21.5 * f64::from(n / 45),
            ],
            crown: Crown::Spheroid,
            radius_m: 2.0 + 0.2 * f64::from(n % 11),
            crown_base_m: 3.0,
            top_m: 8.0 + f64::from(n % 13),
            leaf_area_density: 1.0,
        })
        .collect()
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn one_more_direction_1m_cells_2000_houses_2000_trees(bencher: divan::Bencher<'_, '_>) {
    let mut site = Site::new(grid(), houses(), Vec::new()).with_trees(&trees());
    let mut from = 0.0;
    bencher
        .counter(ItemsCount::new(grid().len()))
        .bench_local(|| {
            from += 0.39;
            site.wind(&INFLOW, Heading::coming_from(from))
        });
}

/// 40 of some 500 steps, so that the bench takes seconds. Reached: 0.08 CPU-µs per cell and step.
#[divan::bench(sample_count = 3, sample_size = 1)]
fn tier_2_40_steps_1m_cells_2000_houses(bencher: divan::Bencher<'_, '_>) {
    let mut site = Site::new(grid(), houses(), Vec::new());
    let heading = Heading::coming_from(4.2);
    let start = site.wind(&INFLOW, heading);
    let options = RansOptions {
        most_steps: 40,
        ..RansOptions::default()
    };
    bencher
        .counter(ItemsCount::new(40 * grid().len()))
        .bench_local(|| {
            rans::solve(&site, &INFLOW, heading, &options, &start, |_, _| {
                ControlFlow::Continue(())
            })
        });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn verdicts_1m_places_16_sectors(bencher: divan::Bencher<'_, '_>) {
    let rose = Rose {
        sectors: vec![
            Sector {
                frequency: 0.06,
                k: 1.87,
                c_mps: 4.7
            };
            16
        ],
    };
    let ratios: Vec<Vec<f32>> = (0..16)
        .map(|s| {
            (0..1_000_000)
                .map(|n| ((n + 7919 * s) % 1000) as f32 / 800.0)
                .collect()
        })
        .collect();
    bencher
        .counter(ItemsCount::new(1_000_000_usize))
        .bench(|| verdicts(&rose, &ratios));
}
