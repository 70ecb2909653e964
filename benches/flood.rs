//! Water: cell-steps per CPU second on the synthetic quarter of `../shared/data/flood/city_case`, and what else a user waits for.
//!
//! Unit of work: one cell through one time step (both stages of order 2 together). CPU time, since machines are shared; memory is
//! what the process holds more after the solver was made and ran. Names carry the size: `S` 250 x 250 cells of 4 m, `M` 500 x 500 and
//! `L` 1000 x 1000 of 2 m; rain of 60 mm/h on dry ground, buildings as blocks unless the name says holes.
//!
//! What a surge costs that wets 5 % of the ground is told by `planspiel verify flood` (`surge/time`).
//!
//! Peers in the same run: set `PLANSPIEL_PEERS` to the folder of the peers' scripts (`../shared/peers/flood`) and `PEER_DIR` to the
//! folder where its `run_all.sh` made the environments `a` (ANUGA) and `b` (itzi-core, Landlab). A name as argument runs only
//! the cases whose name contains it.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use planspiel::flood::domain::{Domain, Forcing, Start};
use planspiel::flood::inertial::{Inertial, InertialOptions};
use planspiel::flood::kernel::{Level, Solver, SolverOptions};
use planspiel::flood::sinks::{rim_outlets, sinks};
use planspiel::verify::flood::{Buildings, Quarter};

const FAST: SolverOptions = SolverOptions {
    order: 1,
    double: false,
    track_interval_s: 1.0,
};
const SHARP: SolverOptions = SolverOptions { order: 2, ..FAST };

/// Processor time of all threads (s), and resident memory (bytes).
fn used() -> (f64, f64) {
    let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
    let stat = read("/proc/self/stat");
    let after_name = stat.rsplit(')').next().unwrap_or("");
    let ticks = |n: usize| -> f64 {
        let field = after_name.split_whitespace().nth(n);
        field.and_then(|x| x.parse().ok()).unwrap_or(f64::NAN)
    };
    let pages: f64 = read("/proc/self/statm")
        .split_whitespace()
        .nth(1)
        .and_then(|x| x.parse().ok())
        .unwrap_or(f64::NAN);
    ((ticks(11) + ticks(12)) / 100.0, pages * 4096.0)
}

struct Line {
    name: String,
    cells: usize,
    steps: u64,
    cpu_s: f64,
    wall_s: f64,
    bytes: f64,
    volume_error: f64,
    simulated_s: f64,
}

impl Line {
    /// Simulated seconds per CPU second.
    fn pace(&self) -> f64 {
        self.simulated_s / self.cpu_s
    }

    /// Million cell-steps per CPU second.
    fn rate(&self) -> f64 {
        self.cells as f64 * self.steps as f64 / self.cpu_s / 1e6
    }

    #[expect(clippy::print_stdout, reason = "a bench prints its figures")]
    fn print(&self) {
        println!(
            "{:38} {:8} cells {:6} steps {:8.2} CPU-s {:8.2} s {:7.1} M cell-steps/CPU-s {:6.1} B/cell  volume error {:.1e}",
            self.name,
            self.cells,
            self.steps,
            self.cpu_s,
            self.wall_s,
            self.rate(),
            self.bytes / self.cells as f64,
            self.volume_error,
        );
    }
}

fn solved(
    name: &str,
    domain: &Domain,
    forcing: &Forcing,
    start: &Start,
    options: SolverOptions,
    until_s: f64,
    level: Option<Level>,
) -> Line {
    let (_, before) = used();
    let mut solver = Solver::new(domain, forcing, start, options);
    if let Some(level) = level {
        solver.use_level(level);
    }
    let ((cpu, _), wall) = (used(), Instant::now());
    while solver.step(until_s) > 0.0 {}
    let (cpu_after, after) = used();
    let line = Line {
        name: name.to_owned(),
        cells: domain.grid.len(),
        steps: solver.steps(),
        cpu_s: cpu_after - cpu,
        wall_s: wall.elapsed().as_secs_f64(),
        bytes: after - before,
        volume_error: solver.ledger().relative_error(),
        simulated_s: solver.time_s(),
    };
    line.print();
    line
}

fn rained(
    name: &str,
    [side, cell_m]: [f64; 2],
    buildings: Buildings,
    options: SolverOptions,
    until_s: f64,
    level: Option<Level>,
) -> Line {
    let quarter = Quarter::new(side as usize, cell_m);
    let (domain, rain) = (quarter.domain(buildings), quarter.rain(buildings));
    solved(
        name,
        &domain,
        &rain,
        &Start::default(),
        options,
        until_s,
        level,
    )
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn preview_and_sinks() {
    let quarter = Quarter::new(500, 2.0);
    let domain = quarter.domain(Buildings::Hole);
    let mut rain = quarter.rain(Buildings::Hole);
    rain.rain_m[0].values = vec![0.0, 0.100];
    let ((cpu, before), wall) = (used(), Instant::now());
    let mut preview = Inertial::new(
        &domain,
        &rain,
        &Start::default(),
        InertialOptions::default(),
    );
    while preview.step(3600.0) > 0.0 {}
    let (cpu_after, after) = used();
    Line {
        name: "preview_250k_cells_1h_SRI12".to_owned(),
        cells: domain.grid.len(),
        steps: preview.steps(),
        cpu_s: cpu_after - cpu,
        wall_s: wall.elapsed().as_secs_f64(),
        bytes: after - before,
        volume_error: preview.ledger().relative_error(),
        simulated_s: 3600.0,
    }
    .print();
    let ((cpu, _), wall) = (used(), Instant::now());
    let outlets = rim_outlets(&domain.grid, &domain.open);
    let hollows = sinks(&domain.grid, &domain.bed_m, &domain.open, &outlets, 0.1);
    println!(
        "{:38} {:8} cells {:6} sinks {:8.2} CPU-s {:8.2} s",
        "sinks_250k_cells",
        domain.grid.len(),
        hollows.sinks.len(),
        used().0 - cpu,
        wall.elapsed().as_secs_f64(),
    );
}

/// Runs a peer's script, which prints one line of JSON: million cell-steps, and simulated seconds, per CPU second.
#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn peer(scripts: &Path, environment: &str, script: &str, arguments: &[String]) -> Option<[f64; 2]> {
    let python = Path::new(&std::env::var_os("PEER_DIR")?)
        .join(environment)
        .join("bin/python");
    let output = Command::new(python)
        .arg(scripts.join(script))
        .args(arguments)
        .env("OMP_NUM_THREADS", "1")
        .env("WALL_LIMIT_S", "60")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().last()?;
    println!("{line}");
    let values: serde_json::Value = serde_json::from_str(line).ok()?;
    let [rate, simulated_s, cpu_s] =
        ["Mcell_steps_per_cpu_s", "sim_s", "cpu_s"].map(|key| values[key].as_f64());
    Some([rate?, simulated_s? / cpu_s?])
}

#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn main() {
    let filter = std::env::args()
        .skip(1)
        .find(|a| !a.starts_with('-'))
        .unwrap_or_default();
    let wanted = |name: &str| name.contains(&filter);
    let pool = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads can be started")
    };
    let (large, middle, small) = ([1000.0, 2.0], [500.0, 2.0], [250.0, 4.0]);
    let mut ours = Vec::new();
    pool(1).install(|| {
        let name = "order_1_f32_cell_steps_L";
        if wanted(name) {
            ours.push((
                large,
                rained(name, large, Buildings::Block, FAST, 400.0, None),
            ));
        }
        for level in Level::all() {
            let name = format!("order_1_f32_cell_steps_L_{level:?}");
            if wanted(&name) {
                rained(&name, large, Buildings::Block, FAST, 200.0, Some(level));
            }
        }
        let name = "order_1_f32_cell_steps_L_holes";
        if wanted(name) {
            rained(name, large, Buildings::Hole, FAST, 300.0, None);
        }
        let name = "order_2_f32_cell_steps_L";
        if wanted(name) {
            rained(name, large, Buildings::Block, SHARP, 100.0, None);
        }
        let name = "order_1_f32_S_2h";
        if wanted(name) {
            ours.push((
                small,
                rained(name, small, Buildings::Block, FAST, 7200.0, None),
            ));
        }
        let name = "order_1_f32_M_10min";
        if wanted(name) {
            ours.push((
                middle,
                rained(name, middle, Buildings::Block, FAST, 600.0, None),
            ));
        }
    });
    let name = "order_1_f32_cell_steps_L_2_threads";
    if wanted(name) {
        let two = pool(2).install(|| rained(name, large, Buildings::Block, FAST, 200.0, None));
        let one = pool(1).install(|| {
            rained(
                "the same, 1 thread",
                large,
                Buildings::Block,
                FAST,
                200.0,
                None,
            )
        });
        println!("two threads: {:.2} times as fast", one.wall_s / two.wall_s);
    }
    if wanted("preview") || wanted("sinks") {
        preview_and_sinks();
    }
    if let Some(scripts) = std::env::var_os("PLANSPIEL_PEERS") {
        for ([side, cell_m], line) in &ours {
            beside_peers(Path::new(&scripts), *side, *cell_m, line);
        }
    }
}

/// Each peer on the same case as `ours`, as far as it comes within a minute of wall time (its own limit).
#[expect(clippy::print_stdout, reason = "a bench prints its figures")]
fn beside_peers(scripts: &Path, side: f64, cell_m: f64, ours: &Line) {
    let case = [side, cell_m, 7200.0, 60.0].map(|x| x.to_string());
    for (name, environment, script) in [
        ("ANUGA", "a", "peer_anuga.py"),
        ("itzi-core", "b", "peer_itzi.py"),
        ("Landlab", "b", "peer_landlab.py"),
    ] {
        if let Some([rate, pace]) = peer(scripts, environment, script, &case) {
            println!(
                "{}: {:.1} times {name}'s cell-steps and {:.1} times its simulated time per CPU second",
                ours.name,
                ours.rate() / rate,
                ours.pace() / pace,
            );
        }
    }
}
