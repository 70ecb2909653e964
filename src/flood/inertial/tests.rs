use super::*;
use crate::flood::domain::Series;

fn basin(rain: bool) -> (Domain, Forcing, Start) {
    let grid = Grid {
        west: 0.0,
        north: 40.0,
        cell_m: 2.0,
        cols: 30,
        rows: 20,
    };
    let bed =
        |i: usize| 0.05 * ((i % 30) as f64 - 15.0).abs() + 0.03 * ((i / 30) as f64 - 10.0).abs();
    let domain = Domain {
        grid,
        bed_m: (0..grid.len()).map(bed).collect(),
        manning_n: vec![0.03; grid.len()],
        open: (0..grid.len()).map(|i| i != 200).collect(),
        crests: Vec::new(),
        porosity: None,
        boundaries: Vec::new(),
    };
    let forcing = Forcing {
        rain_m: if rain {
            vec![Series {
                times_s: vec![0.0, 600.0],
                values: vec![0.0, 0.02],
            }]
        } else {
            Vec::new()
        },
        ..Forcing::default()
    };
    let start = Start {
        depth_m: (0..grid.len()).map(|i| (0.4 - bed(i)).max(0.0)).collect(),
        ..Start::default()
    };
    (domain, forcing, start)
}

#[test]
fn a_lake_stays_at_rest() {
    let (domain, forcing, start) = basin(false);
    let mut run = Inertial::new(&domain, &forcing, &start, InertialOptions::default());
    for _ in 0..500 {
        run.step(1e9);
    }
    let (u, v) = run.velocities();
    let fastest = u.iter().chain(&v).fold(0.0_f64, |a, x| a.max(x.abs()));
    assert!(fastest <= 1e-6, "{fastest}");
}

#[test]
fn volume_is_exact_and_depths_are_not_negative() {
    let (domain, forcing, start) = basin(true);
    let mut run = Inertial::new(&domain, &forcing, &start, InertialOptions::default());
    while run.step(900.0) > 0.0 {}
    let ledger = run.ledger();
    assert!(ledger.relative_error() <= 1e-12, "{ledger:?}");
    let rain = ledger.sum(LedgerKind::Rain).0;
    // 599 open cells of 4 m2 under 20 mm.
    assert!((rain - 599.0 * 4.0 * 0.02).abs() < 1e-6, "{rain}");
    assert!(run.depths_m().iter().all(|h| *h >= 0.0));
}
