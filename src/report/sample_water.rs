//! Water for the run of [`super::sample`]: hollows that fill and empty again, so that every part of the report has something to
//! say. The shapes are made up; their balance is not.

use std::sync::{Arc, LazyLock};

use crate::city::{Breach, City, FloodWall, WallCrest};
use crate::flood::domain::{Domain, Series};
use crate::flood::present::{Event, EventKind, Facade, Presented, present};
use crate::flood::run::{
    FloodRun, Frame, GaugeSeries, Ledger, LedgerEntry, LedgerKind, Method, Peaks,
};
use crate::flood::sinks::{rim_outlets, sinks};
use crate::geo::Grid;
use crate::job::Job;
use crate::result::passability::Limits;
use crate::result::{Quality, RunResult, SimulationResult};

use super::sample::sample_run;

const GRID: Grid = Grid {
    west: -140.0,
    north: 130.0,
    cell_m: 2.0,
    cols: 145,
    rows: 95,
};
const STEP_S: f64 = 300.0;
const STEPS: usize = 24;

/// Depth of hollows below the mean ground (m).
fn hollow([x, y]: [f64; 2]) -> f64 {
    let waves = (x / 23.0).sin() * (y / 17.0).cos() + 0.4 * (x / 9.0 + y / 13.0).sin();
    0.45 * waves + 0.1 * (y / 40.0).cos()
}

/// Level of the water above the mean ground (m) over time.
fn level() -> Series {
    Series {
        times_s: vec![0.0, 1800.0, 3600.0, 7200.0],
        values: vec![-0.7, -0.05, 0.12, -0.3],
    }
}

/// Water of one city. `kept_m`: how much lower it stands behind a measure in the east.
fn water(city: &City, kept_m: f64) -> SimulationResult {
    let n = GRID.len();
    let centre = |cell: usize| GRID.centre(cell / GRID.cols, cell % GRID.cols);
    let mut open = vec![true; n];
    let mut facades = Vec::new();
    for (i, building) in city.buildings.iter().enumerate() {
        let (lo, hi) = building.bounds();
        let inside =
            |[x, y]: [f64; 2], m: f64| x > lo.x - m && x < hi.x + m && y > lo.y - m && y < hi.y + m;
        let around = |m: f64| (0..n).filter(move |&c| inside(centre(c), m));
        around(0.0).for_each(|c| open[c] = false);
        let cells = around(2.0).filter(|&c| !inside(centre(c), 0.0)).collect();
        facades.push(Facade { building: i, cells });
    }
    let domain = Domain {
        grid: GRID,
        bed_m: (0..n).map(|c| 4.5 - hollow(centre(c))).collect(),
        manning_n: vec![0.02; n],
        open,
        crests: Vec::new(),
        porosity: None,
        boundaries: Vec::new(),
    };
    let level = level();
    let depth = |cell: usize, time_s: f64| -> f32 {
        let p = centre(cell);
        let lowered = if p[0] > 20.0 { kept_m } else { 0.0 };
        (level.at(time_s) + hollow(p) - lowered).max(0.0) as f32
    };
    let frames: Vec<Frame> = (0..=STEPS)
        .map(|k| {
            let time_s = k as f64 * STEP_S;
            let value = |f: &dyn Fn(usize) -> f32| -> Vec<f32> {
                let cells = 0..n;
                cells
                    .map(|c| if domain.open[c] { f(c) } else { f32::NAN })
                    .collect()
            };
            // Downhill, and faster where it is deep.
            let slope = |c: usize, dx: f64, dy: f64| {
                let [x, y] = centre(c);
                (hollow([x + dx, y + dy]) - hollow([x, y])) as f32
            };
            let wet = |c: usize| depth(c, time_s).min(0.5).sqrt();
            Frame {
                time_s,
                depth_m: value(&|c| depth(c, time_s)),
                u: value(&|c| 22.0 * wet(c) * slope(c, 1.0, 0.0)),
                v: value(&|c| 22.0 * wet(c) * slope(c, 0.0, 1.0)),
            }
        })
        .collect();
    let cell_m2 = GRID.cell_m * GRID.cell_m;
    let volume = |frame: &Frame| -> f64 {
        let depths = frame.depth_m.iter().filter(|d| !d.is_nan());
        depths.map(|d| f64::from(*d) * cell_m2).sum()
    };
    let stored_m3 = volume(&frames[STEPS]);
    let initial_m3 = volume(&frames[0]);
    let entry = |kind, in_m3, out_m3| LedgerEntry {
        kind,
        id: String::new(),
        in_m3,
        out_m3,
    };
    let rain = 5510.0;
    let drained = 0.3 * (initial_m3 + rain - stored_m3);
    let ledger = Ledger {
        initial_m3,
        stored_m3,
        entries: vec![
            entry(LedgerKind::Rain, rain, 0.0),
            entry(
                LedgerKind::Infiltration,
                0.0,
                initial_m3 + rain - stored_m3 - drained,
            ),
            entry(LedgerKind::Sewer, 0.0, drained),
        ],
        error_m3: 2.3e-13,
    };
    let mut gauges = Vec::new();
    for (id, cell) in [
        ("Speicherstraße", GRID.index(60, 95)),
        ("Kaimauer", GRID.index(88, 40)),
    ] {
        let times_s: Vec<f64> = (0..=720).map(|i| f64::from(i) * 10.0).collect();
        gauges.push(GaugeSeries {
            id: id.to_owned(),
            cell,
            bed_m: domain.bed_m[cell],
            depth_m: times_s.iter().map(|t| f64::from(depth(cell, *t))).collect(),
            u: vec![0.2; times_s.len()],
            v: vec![0.1; times_s.len()],
            times_s,
        });
    }
    let peaks = peaks(&frames);
    let run = FloodRun {
        grid: GRID,
        method: Method::Full {
            order: 1,
            double: false,
        },
        duration_s: STEPS as f64 * STEP_S,
        steps: 6852,
        limited_cells: 12,
        peaks,
        ledger,
        gauges,
        frames,
    };
    let outlets = rim_outlets(&GRID, &domain.open);
    let sinks = sinks(&GRID, &domain.bed_m, &domain.open, &outlets, 0.05);
    let event = Event {
        name: "100 mm in 60 min, SRI 12".to_owned(),
        kind: EventKind::Rain,
        depth_legend: None,
        limits: Limits::default(),
        facts: Vec::new(),
    };
    let input = Presented {
        city,
        domain: &domain,
        event: &event,
        facades: &facades,
        roofs: &[],
        sinks: Some(&sinks),
        quality: Quality::Exact,
        inputs: Vec::new(),
    };
    present(&input, run, &Job::default())
}

/// Largest values over the states.
fn peaks(frames: &[Frame]) -> Peaks {
    let n = frames[0].depth_m.len();
    let empty = || vec![0.0_f32; n];
    let mut peaks = Peaks {
        depth_m: frames[0].depth_m.clone(),
        depth_time_s: empty(),
        u: empty(),
        v: empty(),
        hazard: empty(),
        arrival_s: vec![f32::NAN; n],
        above_s: [empty(), empty()],
    };
    for frame in frames {
        for c in 0..n {
            let (h, speed) = (frame.depth_m[c], frame.u[c].hypot(frame.v[c]));
            if h > peaks.depth_m[c] {
                peaks.depth_m[c] = h;
                peaks.depth_time_s[c] = frame.time_s as f32;
            }
            if speed > peaks.u[c].hypot(peaks.v[c]) {
                (peaks.u[c], peaks.v[c]) = (frame.u[c], frame.v[c]);
            }
            peaks.hazard[c] = peaks.hazard[c].max(h * (speed + 0.5));
            if h > Peaks::ARRIVAL_DEPTH_M && peaks.arrival_s[c].is_nan() {
                peaks.arrival_s[c] = frame.time_s as f32;
            }
            for (above, limit) in peaks.above_s.iter_mut().zip(Peaks::THRESHOLDS_M) {
                above[c] += if h > limit { STEP_S as f32 } else { 0.0 };
            }
        }
    }
    for c in (0..n).filter(|c| frames[0].depth_m[*c].is_nan()) {
        for values in [&mut peaks.u, &mut peaks.v, &mut peaks.hazard] {
            values[c] = f32::NAN;
        }
    }
    peaks
}

static RUN: LazyLock<RunResult> = LazyLock::new(|| {
    let mut run = sample_run();
    for (i, variant) in run.variants.iter_mut().enumerate() {
        if i > 0 {
            let mut city = (*variant.city).clone();
            city.flood_walls = Arc::new(vec![FloodWall {
                id: "kaimauer".to_owned(),
                line: vec![[20.0, -38.0], [20.0, 20.0], [24.0, 110.0]],
                crest: WallCrest::AboveGround(0.8),
                mobile: false,
            }]);
            city.breaches = Arc::new(vec![Breach {
                id: "bresche".to_owned(),
                line: vec![[21.0, 62.0]],
                width_m: 6.0,
                sill_m: None,
                start_s: 1800.0,
                duration_s: 300.0,
            }]);
            variant.city = Arc::new(city);
        }
        let result = water(&variant.city, 0.22 * i as f64);
        variant.simulations.push(Arc::new(result));
    }
    run
});

/// Sun and water.
pub fn sample_mixed() -> RunResult {
    RUN.clone()
}

/// Water alone.
pub fn sample_water() -> RunResult {
    let mut run = RUN.clone();
    for variant in &mut run.variants {
        variant.simulations.remove(0);
    }
    let mut scenario = (*run.scenario).clone();
    scenario.sun = None;
    scenario.scenario.comment =
        Some("Wo steht das Wasser bei einem extremen Starkregen, und was ändert der Turm?".into());
    run.scenario = scenario.into();
    run
}
