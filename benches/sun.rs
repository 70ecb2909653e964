//! Sun hours per second. Unit of work: one receiver on one day at one-minute steps.
//!
//! The city-sized case repeats a 50 m block of four buildings 20 times in both directions (1 km², 1,600 buildings,
//! 19,200 triangles); the laptop-sized case is a tenth of it in each direction.

use divan::counter::ItemsCount;
use planspiel::job::Job;
use planspiel::scenario::TimeZone;
use planspiel::sun::kernel::{lit_steps_by_single_rays, minutes};
use planspiel::sun::occluders::Occluders;
use planspiel::sun::position::{Date, Site, SunDay};

fn main() {
    divan::main();
}

struct Study {
    occluders: Occluders,
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    day: SunDay,
}

fn cuboid([x, y]: [f32; 2], [w, d, h]: [f32; 3]) -> impl Iterator<Item = [[f32; 3]; 3]> {
    let p = move |i: usize| {
        [
            x + if i & 1 > 0 { w } else { 0.0 },
            y + if i & 2 > 0 { d } else { 0.0 },
            if i & 4 > 0 { h } else { 0.0 },
        ]
    };
    [
        [0, 2, 3, 1],
        [4, 5, 7, 6],
        [0, 1, 5, 4],
        [2, 6, 7, 3],
        [0, 4, 6, 2],
        [1, 3, 7, 5],
    ]
    .into_iter()
    .flat_map(move |[a, b, c, d]| [[p(a), p(b), p(c)], [p(a), p(c), p(d)]])
}

/// `blocks` × `blocks` blocks and ground receivers every 4 m.
fn study(blocks: usize) -> Study {
    let mut triangles = Vec::new();
    for i in 0..blocks * blocks {
        let (x, y) = ((i % blocks) as f32 * 50.0, (i / blocks) as f32 * 50.0);
        let height = |k: usize| 9.0 + ((i * 7 + k * 5) % 11) as f32 * 2.5;
        for (k, (dx, dy)) in [(2.0, 2.0), (26.0, 2.0), (2.0, 26.0), (26.0, 26.0)]
            .iter()
            .enumerate()
        {
            triangles.extend(cuboid([x + dx, y + dy], [16.0, 12.0, height(k)]));
        }
    }
    let side = blocks * 50 / 4;
    let positions: Vec<_> = (0..side * side)
        .map(|i| {
            [
                (i % side) as f32 * 4.0 + 1.3,
                (i / side) as f32 * 4.0 + 1.1,
                0.03,
            ]
        })
        .collect();
    let site = Site {
        latitude_deg: 53.55,
        longitude_deg: 10.0,
        grid_north_rad: 0.014,
        time_zone: TimeZone::EuropeBerlin,
    };
    let date = Date::parse("2027-03-21").expect("a valid date");
    Study {
        occluders: Occluders::from_triangles(&triangles),
        normals: vec![[0.0, 0.0, 1.0]; positions.len()],
        positions,
        day: SunDay::new(&site, date, 60.0).expect("a valid day"),
    }
}

#[divan::bench(args = [2, 20], sample_count = 5, sample_size = 1)]
fn receiver_days_blocks(bencher: divan::Bencher, blocks: usize) {
    let s = study(blocks);
    bencher
        .counter(ItemsCount::new(s.positions.len()))
        .bench(|| {
            let day = std::slice::from_ref(&s.day);
            minutes(
                &s.occluders,
                None,
                &s.positions,
                &s.normals,
                day,
                0.19,
                &Job::new(0),
                |_| {},
            )
        });
}

/// The obvious version on every 16th receiver, for the gain of the sectors.
#[divan::bench(args = [20], sample_count = 3, sample_size = 1)]
fn receiver_days_by_single_rays_blocks(bencher: divan::Bencher, blocks: usize) {
    use rayon::prelude::*;
    let s = study(blocks);
    let some: Vec<usize> = (0..s.positions.len()).step_by(16).collect();
    bencher.counter(ItemsCount::new(some.len())).bench(|| {
        some.par_iter()
            .map(|&i| {
                lit_steps_by_single_rays(&s.occluders, s.positions[i], s.normals[i], &s.day)
                    .into_iter()
                    .filter(|l| *l)
                    .count()
            })
            .sum::<usize>()
    });
}

/// Building the hierarchy. Unit of work: one triangle.
#[divan::bench(args = [20], sample_count = 3, sample_size = 1)]
fn build_triangles_blocks(bencher: divan::Bencher, blocks: usize) {
    let triangles: Vec<_> = (0..blocks * blocks * 4)
        .flat_map(|i| {
            let (x, y) = (
                (i % (2 * blocks)) as f32 * 25.0,
                (i / (2 * blocks)) as f32 * 25.0,
            );
            cuboid([x, y], [16.0, 12.0, 9.0 + (i % 7) as f32])
        })
        .collect();
    bencher
        .counter(ItemsCount::new(triangles.len()))
        .bench(|| Occluders::from_triangles(&triangles));
}
