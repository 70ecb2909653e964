//! The study of one variant: from city and scenario to a result, through the solver.

use std::sync::Arc;

use crate::city::City;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::passability::Limits;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;

use super::domain::Forcing;
use super::error::{FloodError, SettingFault};
use super::inertial::{Inertial, InertialOptions};
use super::input::{FloodInput, InputBuilding, RunSettings, flood_input};
use super::kernel::tile::DEEPEST_M;
use super::kernel::{Solver, SolverOptions};
use super::params::{FloodParams, FloodSolver, Rain};
use super::present::{Event, EventKind, Facade, Presented, present};
use super::run::{FloodRun, Frame, GaugeSeries, Ledger, Method, Peaks};
use super::sinks::{boundary_outlets, rim_outlets, sinks};

/// Sinks shallower than this (m) are not listed.
const LEAST_SINK_M: f64 = 0.1;

/// Steps (s) shorter than this mean water that is no water of a city: 1 mm cells under [`DEEPEST_M`] take ten times as long ones.
const LEAST_STEP_S: f64 = 1e-7;

/// Runs the study of one variant.
pub fn simulate(
    baseline: &City,
    city: &Arc<City>,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, FloodError> {
    let input = flood_input(baseline, city, scenario, roots, quality, job)?;
    job.check_cancelled()?;
    let run = run(&input, job)?;
    job.phase("phase-flood-present");
    let ground = &input.domain;
    // Water leaves the map of sinks over the open edges, and at the rim of the map where the scenario opens none.
    let outlets = if ground.boundaries.is_empty() {
        rim_outlets(&ground.grid, &ground.open)
    } else {
        boundary_outlets(ground)
    };
    let hollows = sinks(
        &ground.grid,
        &ground.bed_m,
        &ground.open,
        &outlets,
        LEAST_SINK_M,
    );
    job.check_cancelled()?;
    let params = scenario.flood.clone().unwrap_or_default();
    let event = Event {
        name: event_name(&params, &input.forcing),
        kind: event_kind(&params, &input.forcing),
        depth_legend: None,
        limits: Limits::default(),
        facts: input.facts.clone(),
    };
    let facades: Vec<Facade> = input.buildings.iter().map(facade).collect();
    let presented = Presented {
        city,
        domain: &input.domain,
        event: &event,
        facades: &facades,
        roofs: &input.roofs,
        sinks: Some(&hollows),
        quality,
        inputs: input.files.clone(),
    };
    Ok(present(&presented, run, job))
}

fn facade(building: &InputBuilding) -> Facade {
    Facade {
        building: building.building,
        cells: building.facade.clone(),
    }
}

/// Words for the event that need no language: depth and time of the rain (of the first zone), and the name of a known storm.
fn event_name(params: &FloodParams, forcing: &Forcing) -> String {
    let Some(rain) = forcing.rain_m.first() else {
        return String::new();
    };
    let depth_mm = rain.values.last().copied().unwrap_or(0.0) * 1000.0;
    let rises: Vec<usize> = (1..rain.values.len())
        .filter(|&i| rain.values[i] > rain.values[i - 1])
        .collect();
    let (Some(&first), Some(&last)) = (rises.first(), rises.last()) else {
        return String::new();
    };
    let minutes = (rain.times_s[last] - rain.times_s[first - 1]) / 60.0;
    let name = match &params.rain {
        Some(Rain::Preset { preset, .. }) => format!(" ({})", preset.name()),
        _ => String::new(),
    };
    format!("{depth_mm:.0} mm / {minutes:.0} min{name}")
}

fn event_kind(params: &FloodParams, forcing: &Forcing) -> EventKind {
    let from_outside =
        !params.boundaries.is_empty() || !forcing.inflows.is_empty() || !params.water.is_empty();
    match (forcing.rain_m.is_empty(), from_outside) {
        (true, _) => EventKind::Surge,
        (false, false) => EventKind::Rain,
        (false, true) => EventKind::RainAndSurge,
    }
}

/// The solver that the scenario asks for.
enum Engine {
    Full(Solver),
    Preview(Box<Inertial>),
}

macro_rules! engine {
    ($engine:expr, $inner:ident => $what:expr) => {
        match $engine {
            Engine::Full($inner) => $what,
            Engine::Preview($inner) => $what,
        }
    };
}

impl Engine {
    fn step(&mut self, until_s: f64) -> f64 {
        engine!(self, e => e.step(until_s))
    }
    fn time_s(&self) -> f64 {
        engine!(self, e => e.time_s())
    }
    fn steps(&self) -> u64 {
        engine!(self, e => e.steps())
    }
    fn limited_cells(&self) -> u64 {
        engine!(self, e => e.limited_cells())
    }
    fn depth_m(&self, cell: usize) -> f64 {
        engine!(self, e => e.depth_m(cell))
    }
    fn velocity(&self, cell: usize) -> [f64; 2] {
        engine!(self, e => e.velocity(cell))
    }
    fn frame(&self) -> Frame {
        engine!(self, e => e.frame())
    }
    fn peaks(&self) -> Peaks {
        engine!(self, e => e.peaks())
    }
    fn ledger(&self) -> Ledger {
        engine!(self, e => e.ledger())
    }
}

/// The computation alone.
pub fn run(input: &FloodInput, job: &Job) -> Result<FloodRun, FloodError> {
    job.phase("phase-flood-run");
    let settings = &input.settings;
    let (mut engine, method) = engine_of(input);
    let mut gauges = Gauges::new(input, &engine);
    let mut frames = vec![engine.frame()];
    let mut next = 1_u32;
    while engine.time_s() < settings.duration_s {
        let until = (f64::from(next) * settings.snapshot_interval_s).min(settings.duration_s);
        let step_s = engine.step(until);
        gauges.look(&engine);
        if engine.time_s() >= until {
            let frame = engine.frame();
            not_too_deep(&frame.depth_m, frame.time_s)?;
            frames.push(frame);
            next += 1;
        } else if step_s < LEAST_STEP_S {
            // The deepest and fastest water that counts takes longer steps in the smallest cells.
            not_too_deep(&[f32::INFINITY], engine.time_s())?;
        }
        job.progress((0.02 + 0.96 * engine.time_s() / settings.duration_s) as f32);
        job.check_cancelled()?;
    }
    let peaks = engine.peaks();
    not_too_deep(&peaks.depth_m, settings.duration_s)?;
    Ok(FloodRun {
        grid: input.domain.grid,
        method,
        duration_s: settings.duration_s,
        steps: engine.steps(),
        limited_cells: engine.limited_cells(),
        peaks,
        ledger: engine.ledger(),
        gauges: gauges.series,
        frames,
    })
}

/// Volumes are exact up to [`DEEPEST_M`]; deeper water comes from a wrong discharge, level or terrain.
fn not_too_deep(depth_m: &[f32], time_s: f64) -> Result<(), FloodError> {
    let deepest = depth_m.iter().copied().fold(0.0, f32::max);
    if f64::from(deepest) <= DEEPEST_M {
        return Ok(());
    }
    let found = if deepest.is_finite() {
        format!("{deepest:.1} m until {time_s:.0} s")
    } else {
        format!("deeper or faster water at {time_s:.3} s")
    };
    Err(
        SettingFault::new("too-deep", "flood", "the water becomes too deep")
            .expected(format!("at most {DEEPEST_M} m above the ground"))
            .found(found)
            .help("check discharges, levels, and the heights and unit of the terrain")
            .into(),
    )
}

fn engine_of(input: &FloodInput) -> (Engine, Method) {
    let RunSettings {
        solver,
        order,
        double,
        track_interval_s,
        ground_interval_s,
        ..
    } = input.settings;
    match solver {
        FloodSolver::Full => {
            let options = SolverOptions {
                order,
                double,
                track_interval_s,
            };
            let mut solver = Solver::new(&input.domain, &input.forcing, &input.start, options);
            solver.lose_at_most_every(ground_interval_s);
            (Engine::Full(solver), Method::Full { order, double })
        }
        FloodSolver::Preview => {
            let options = InertialOptions { track_interval_s };
            let solver = Inertial::new(&input.domain, &input.forcing, &input.start, options);
            (Engine::Preview(Box::new(solver)), Method::LocalInertial)
        }
    }
}

/// Values at the gauges at equal times, linear between the two steps around them.
struct Gauges {
    interval_s: f64,
    next: u32,
    before: (f64, Vec<[f64; 3]>),
    series: Vec<GaugeSeries>,
}

impl Gauges {
    fn new(input: &FloodInput, engine: &Engine) -> Self {
        let series = input.gauges.iter().map(|gauge| GaugeSeries {
            id: gauge.id.clone(),
            cell: gauge.cell,
            bed_m: input.domain.bed_m[gauge.cell],
            times_s: Vec::new(),
            depth_m: Vec::new(),
            u: Vec::new(),
            v: Vec::new(),
        });
        let mut gauges = Self {
            interval_s: input.settings.gauge_interval_s,
            next: 0,
            before: (0.0, Vec::new()),
            series: series.collect(),
        };
        gauges.look(engine);
        gauges
    }

    fn look(&mut self, engine: &Engine) {
        if self.series.is_empty() {
            return;
        }
        let now = engine.time_s();
        let values: Vec<[f64; 3]> = self
            .series
            .iter()
            .map(|g| {
                let [u, v] = engine.velocity(g.cell);
                [engine.depth_m(g.cell), u, v]
            })
            .collect();
        loop {
            let time = f64::from(self.next) * self.interval_s;
            if time > now {
                break;
            }
            let (from, old) = (self.before.0, self.before.1.as_slice());
            let share = if now > from {
                (time - from) / (now - from)
            } else {
                1.0
            };
            for (i, series) in self.series.iter_mut().enumerate() {
                let new = values[i];
                let old = old.get(i).copied().unwrap_or(new);
                let [h, u, v]: [f64; 3] =
                    std::array::from_fn(|k| old[k] + share * (new[k] - old[k]));
                series.times_s.push(time);
                series.depth_m.push(h);
                series.u.push(u as f32);
                series.v.push(v as f32);
            }
            self.next += 1;
        }
        self.before = (now, values);
    }
}
