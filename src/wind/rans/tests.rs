use std::f64::consts::PI;

use super::super::grid::{WindGrid, levels};
use super::super::inflow::ProfileRow;
use super::super::probe::wind_at;
use super::super::solids::Block;
use super::*;

const SIDE: usize = 30;

fn log() -> Inflow {
    Inflow::Log {
        z0_m: 0.5,
        reference_m: 10.0,
        speed_mps: 5.0,
    }
}

fn town_grid() -> WindGrid {
    WindGrid {
        cells: [SIDE, SIDE, 12],
        cell_m: 3.0,
        west_m: -45.0,
        south_m: -45.0,
        levels_m: levels(0.0, 2.0, 12.0, 1.3, 12.0, 90.0)[..13].to_vec(),
    }
}

/// A low house, a taller one behind it, and one that is turned against both and cuts cells.
fn blocks() -> Vec<Block> {
    let house = |ring: [[f64; 2]; 4], top_m: f64| Block {
        ring: ring.to_vec(),
        base_m: 0.0,
        top_m,
    };
    vec![
        house(
            [[-24.0, -9.0], [-12.0, -9.0], [-12.0, 9.0], [-24.0, 9.0]],
            9.0,
        ),
        house([[0.0, -9.0], [12.0, -9.0], [12.0, 3.0], [0.0, 3.0]], 21.0),
        house([[6.0, 14.0], [18.0, 20.0], [12.0, 32.0], [0.0, 26.0]], 11.0),
    ]
}

fn run(
    grid: WindGrid,
    blocks: Vec<Block>,
    inflow: &Inflow,
    from_rad: f64,
    steps: usize,
) -> (Site, RansField) {
    let mut site = Site::new(grid, blocks, Vec::new());
    let heading = Heading::coming_from(from_rad);
    let start = site.wind(inflow, heading);
    let options = RansOptions {
        most_steps: steps,
        ..RansOptions::default()
    };
    let field = solve(&site, inflow, heading, &options, &start, |_, _| {
        ControlFlow::Continue(())
    });
    (site, field)
}

fn empty_grid() -> WindGrid {
    WindGrid {
        cells: [80, 12, 18],
        cell_m: 4.0,
        west_m: 0.0,
        south_m: 0.0,
        levels_m: levels(0.0, 2.0, 12.0, 1.2, 12.0, 120.0)[..19].to_vec(),
    }
}

#[test]
fn uniform_wind_stays_uniform() {
    let row = |z_m: f64| ProfileRow {
        z_m,
        speed_mps: 5.0,
        k_m2_per_s2: 0.3,
    };
    // Above the lowest row, which lies below the first centre, nothing changes with height.
    let inflow = Inflow::Table(vec![row(0.5), row(300.0)]);
    let (_, field) = run(empty_grid(), Vec::new(), &inflow, 1.5 * PI, 60);
    let worst = field
        .flow
        .u
        .iter()
        .fold(0.0_f32, |a, u| a.max((u - 5.0).abs()));
    assert!(worst < 0.01, "{worst} m/s");
    let side = field
        .flow
        .v
        .iter()
        .chain(&field.flow.w)
        .fold(0.0_f32, |a, v| a.max(v.abs()));
    assert!(side < 0.01, "{side} m/s");
}

#[test]
fn an_empty_domain_keeps_its_profile() {
    let power = Inflow::Power {
        alpha: 0.22,
        reference_m: 10.0,
        speed_mps: 5.0,
    };
    // From the west over 15 heights of 20 m, and across a corner.
    for inflow in [log(), power] {
        for (from, place) in [(1.5 * PI, [302.0, 24.0]), (1.35 * PI, [302.0, 40.0])] {
            let (site, field) = run(empty_grid(), Vec::new(), &inflow, from, 120);
            for z in [2.0, 10.0] {
                let at = |x: [f64; 2]| {
                    wind_at(
                        &site.grid,
                        &site.solids,
                        &field.flow,
                        &field.k,
                        x,
                        z,
                        field.ground_z0_m,
                    )
                    .unwrap()
                };
                let (here, first) = (at(place), at([2.0, place[1]]));
                let drift = here.vector_speed() / inflow.speed_mps(z) - 1.0;
                assert!(
                    drift.abs() < 0.03,
                    "{inflow:?}, {from}, {z} m: speed {drift}"
                );
                let drift = here.k_m2_per_s2 / first.k_m2_per_s2 - 1.0;
                assert!(drift.abs() < 0.03, "{inflow:?}, {from}, {z} m: k {drift}");
            }
        }
    }
}

/// Over water there is little turbulence, and it is what keeps explicit steps of third order together.
#[test]
fn smooth_ground_and_little_turbulence_do_not_blow_up() {
    let smooth = Inflow::Log {
        z0_m: 2e-4,
        reference_m: 10.0,
        speed_mps: 5.0,
    };
    let calm = |z_m: f64| ProfileRow {
        z_m,
        speed_mps: 5.0,
        k_m2_per_s2: 0.01,
    };
    for inflow in [smooth, Inflow::Table(vec![calm(0.5), calm(300.0)])] {
        for from in [1.5 * PI, 4.1] {
            let (_, field) = run(town_grid(), blocks(), &inflow, from, 300);
            assert_ne!(field.ended, Ended::Diverged, "{inflow:?}");
            let fastest = [&field.flow.u, &field.flow.v, &field.flow.w]
                .into_iter()
                .flatten()
                .fold(0.0_f32, |a, v| a.max(v.abs()));
            assert!(fastest < 15.0, "{inflow:?}, {from}: {fastest} m/s");
        }
    }
}

#[test]
fn mass_is_conserved_nothing_crosses_walls_and_turbulence_is_positive() {
    let (site, field) = run(town_grid(), blocks(), &log(), 4.1, 80);
    let outflow = field.flow.outflow(&site.grid, &site.solids);
    // By what passes a face of a cell at 5 m/s.
    let largest = outflow.iter().fold(0.0_f32, |a, b| a.max(b.abs())) / (3.0 * 2.0 * 5.0);
    assert!(largest < 5e-3, "{largest}");
    for (speeds, open) in [&field.flow.u, &field.flow.v, &field.flow.w]
        .into_iter()
        .zip(&site.solids.open)
    {
        let through: f32 = speeds
            .iter()
            .zip(open)
            .filter(|(_, open)| **open == 0)
            .map(|(speed, _)| speed.abs())
            .sum();
        assert!(through < f32::MIN_POSITIVE, "{through} m/s through walls");
        assert!(speeds.iter().all(|speed| speed.abs() < 20.0));
    }
    assert!(
        field
            .k
            .iter()
            .chain(&field.epsilon)
            .all(|x| x.is_finite() && *x > 0.0)
    );
    let changes: Vec<f32> = field.history.iter().map(|r| r.change).collect();
    assert!(changes[changes.len() - 1] < 0.2 * changes[0], "{changes:?}");
}

#[test]
fn a_mirrored_town_has_the_mirrored_wind() {
    let mirrored: Vec<Block> = blocks()
        .into_iter()
        .map(|b| Block {
            ring: b.ring.iter().map(|[x, y]| [*x, -y]).collect(),
            ..b
        })
        .collect();
    for (from, other) in [(1.5 * PI, 1.5 * PI), (1.27 * PI, 1.73 * PI)] {
        let (site, a) = run(town_grid(), blocks(), &log(), from, 60);
        let (_, b) = run(town_grid(), mirrored.clone(), &log(), other, 60);
        let mut worst = 0.0_f32;
        for cell in 0..site.grid.len() {
            let [i, j, k] = [cell % SIDE, cell / SIDE % SIDE, cell / (SIDE * SIDE)];
            let [u, v, w] = a.flow.at_centre(&site.grid, [i, j, k]);
            let [u2, v2, w2] = b.flow.at_centre(&site.grid, [i, SIDE - 1 - j, k]);
            worst = worst
                .max((u - u2).abs())
                .max((v + v2).abs())
                .max((w - w2).abs());
        }
        assert!(worst < 0.02, "{from}: {worst} m/s");
    }
}

#[test]
fn threads_change_no_bit() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(town_grid(), blocks(), &log(), 4.1, 25).1)
    };
    let one = on(1);
    for threads in [2, 8] {
        let more = on(threads);
        assert_eq!(more.flow, one.flow, "{threads} threads");
        assert_eq!(more.k, one.k, "{threads} threads");
        assert_eq!(more.epsilon, one.epsilon, "{threads} threads");
        assert_eq!(more.history, one.history, "{threads} threads");
    }
}

#[test]
fn hilly_ground_lets_the_wind_over_it() {
    let ground = (0..SIDE * SIDE)
        .map(|c| if c % SIDE > 14 { 5.0 } else { 0.0 })
        .collect();
    let mut site = Site::new(town_grid(), Vec::new(), ground);
    let heading = Heading::coming_from(1.5 * PI);
    let start = site.wind(&log(), heading);
    let options = RansOptions {
        most_steps: 60,
        ..RansOptions::default()
    };
    let field = solve(&site, &log(), heading, &options, &start, |_, _| {
        ControlFlow::Continue(())
    });
    let speed = |i: usize, k: usize| field.flow.at_centre(&site.grid, [i, 15, k])[0];
    assert!(
        speed(20, 0) < 1e-6 && speed(20, 3) > 0.5,
        "{} {}",
        speed(20, 0),
        speed(20, 3)
    );
    assert!(field.k.iter().all(|k| k.is_finite()));
}

#[test]
fn a_caller_can_end_the_run() {
    let mut site = Site::new(town_grid(), blocks(), Vec::new());
    let heading = Heading::coming_from(1.5 * PI);
    let start = site.wind(&log(), heading);
    let stop = |step: usize, _: Residual| {
        if step == 2 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let field = solve(
        &site,
        &log(),
        heading,
        &RansOptions::default(),
        &start,
        stop,
    );
    assert_eq!((field.ended, field.history.len()), (Ended::Stopped, 3));
}
