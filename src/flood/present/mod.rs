//! From the arrays of a run to what people get: fields, tables, key figures, facts of the method, and the moving water.
//!
//! Nothing here computes water. Roofs and bodies of water are no flooded ground: their cells are NaN in the fields and count in
//! no key figure; the animation and the gauges show them all the same. A body of water is where water polygons of the city have
//! water at the start of the event, with the banks below its level. What stands in it altogether, such as a bridge or a
//! warehouse in a canal, is not newly affected and is in no table of buildings.

mod buildings;
mod facts;
mod fields;
mod indicators;
mod streets;
mod tables;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use crate::city::City;
use crate::city::waters::water_cells;
use crate::job::Job;
use crate::result::passability::Limits;
use crate::result::{Animation, AnimationFrame, InputFile, Quality, SimulationResult};

pub use buildings::facades;

use super::domain::Domain;
use super::run::FloodRun;
use super::sinks::Sinks;

/// Registered name of the simulation.
pub const SIMULATION: &str = "flood";

/// Depth (m) from which ground counts as wet on maps and in tables; below it is a film of rain.
pub const WET_M: f32 = 0.03;
/// Depth (m) from which ground counts as flooded and a building as affected: at 10 to 50 cm water may enter buildings (City of
/// Ulm, explanation of its Starkregengefahrenkarte).
pub const FLOODED_M: f64 = 0.1;

/// What is needed besides the run.
pub struct Presented<'a> {
    /// City of the variant.
    pub city: &'a City,
    /// Ground and limits that the run was computed on.
    pub domain: &'a Domain,
    /// What the scenario says about the event.
    pub event: &'a Event,
    /// Cells along the outline of each building that has any.
    pub facades: &'a [Facade],
    /// True for cells that are roofs; empty without any (buildings are holes).
    pub roofs: &'a [bool],
    /// Sinks and flow paths of the dry ground, if they were asked for.
    pub sinks: Option<&'a Sinks>,
    /// Coarse or exact.
    pub quality: Quality,
    /// Files read besides the city.
    pub inputs: Vec<InputFile>,
}

/// What the scenario says about the event, as far as it shows in the results.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Name for people in both languages, e.g. `100 mm in 60 min, SRI 12`; empty: the words of its kind.
    pub name: String,
    /// What brings the water: chooses the legends and the sentences.
    pub kind: EventKind,
    /// Legend of depths; `None`: that of the kind of event.
    pub depth_legend: Option<&'static str>,
    /// Depths up to which vehicles drive.
    pub limits: Limits,
    /// Facts of the scenario for "method and limits": rain, infiltration, sewer, buildings. As (text key, value).
    pub facts: Vec<(&'static str, String)>,
}

/// What brings the water.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventKind {
    /// Heavy rain.
    #[default]
    Rain,
    /// Storm surge, river, or any other water from outside or from the start.
    Surge,
    /// Both.
    RainAndSurge,
}

impl EventKind {
    /// Text key of the kind: table of the report and sentences.
    pub fn key(self) -> &'static str {
        match self {
            Self::Rain => "flood-event-rain",
            Self::Surge => "flood-event-surge",
            Self::RainAndSurge => "flood-event-rain-and-surge",
        }
    }
}

/// Cells along the outline of a building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facade {
    /// Position of the building in the city.
    pub building: usize,
    /// Cells (indices into the arrays of the domain) that touch it and can hold water.
    pub cells: Vec<usize>,
}

/// Cells that are ground: neither outside, nor roof, nor a body of water, nor its bank below the level of the start.
pub(crate) struct Ground {
    /// Per cell.
    pub is_ground: Vec<bool>,
    /// Per cell: a body of water, or its bank below the level of the start.
    pub is_water: Vec<bool>,
    /// Area (m²) of a cell.
    pub cell_m2: f64,
}

impl Ground {
    fn of(input: &Presented<'_>, run: &FloodRun) -> Self {
        let mut is_ground = input.domain.open.clone();
        for (ground, roof) in is_ground.iter_mut().zip(input.roofs) {
            *ground &= !roof;
        }
        let mut is_water = vec![false; is_ground.len()];
        if let Some(first) = run.frames.first() {
            let grid = &run.grid;
            let bed_m = &input.domain.bed_m;
            for cell in water_cells(input.city, grid) {
                let depth_m = first.depth_m[cell];
                // NaN outside.
                if depth_m.is_nan() || depth_m < WET_M {
                    continue;
                }
                let level_m = bed_m[cell] + f64::from(depth_m);
                // A cell across the bank is water too, as its bed lies between both; also behind a wall that keeps it dry, so
                // that all variants count the same ground.
                let (row, col) = (cell / grid.cols, cell % grid.cols);
                for r in row.saturating_sub(1)..(row + 2).min(grid.rows) {
                    for c in col.saturating_sub(1)..(col + 2).min(grid.cols) {
                        let near = grid.index(r, c);
                        is_water[near] |= bed_m[near] + f64::from(WET_M) <= level_m;
                    }
                }
            }
        }
        for (ground, water) in is_ground.iter_mut().zip(&is_water) {
            *ground &= !water;
        }
        Self {
            is_ground,
            is_water,
            cell_m2: run.grid.cell_m * run.grid.cell_m,
        }
    }

    /// Values on the ground, NaN elsewhere.
    fn values(&self, values: &[f32], value: impl Fn(f32) -> f32) -> Vec<f32> {
        let cells = values.iter().zip(&self.is_ground);
        cells
            .map(|(v, ground)| if *ground { value(*v) } else { f32::NAN })
            .collect()
    }
}

/// Puts a run into fields, tables and key figures.
pub fn present(input: &Presented<'_>, run: FloodRun, job: &Job) -> SimulationResult {
    let ground = Ground::of(input, &run);
    let roads = streets::carriageways(input.city, &run.grid, &ground);
    let passability = streets::passability(input, &run, &roads);
    let streets = streets::street_table(input, &run, &roads, &passability);
    let buildings = buildings::building_table(input, &run, &ground);
    let fields = fields::fields(input, &run, &ground);
    let indicators = indicators::indicators(&run, &ground, &fields, &buildings, &streets);
    facts::findings(input, &run, &ground, job);
    let method = facts::method(input, &run);
    let mut all = vec![buildings, streets, tables::ledger_table(&run.ledger)];
    all.push(tables::gauge_table(input.city, &run));
    all.push(tables::gauge_series_table(&run));
    if let Some(sinks) = input.sinks {
        all.push(tables::sink_table(input.city, &run.grid, sinks));
    }
    all.retain(|table| !table.rows.is_empty());
    SimulationResult {
        simulation: SIMULATION,
        quality: input.quality,
        fields,
        tables: all,
        indicators,
        findings: job.take_findings(),
        inputs: input.inputs.clone(),
        method,
        movement: None,
        animation: animation(input.domain, run).map(Arc::new),
        passability: (!passability.times_s.is_empty() && !passability.streets.is_empty())
            .then(|| Arc::new(passability)),
    }
}

/// The states of a run as the window moves them; `None` without any.
pub fn animation(domain: &Domain, run: FloodRun) -> Option<Animation> {
    let bed = domain.bed_m.iter().zip(&domain.open);
    let bed_m = bed.map(|(z, open)| if *open { *z as f32 } else { f32::NAN });
    let frames: Vec<AnimationFrame> = run
        .frames
        .into_iter()
        .map(|frame| AnimationFrame {
            time_s: frame.time_s,
            depth_m: Arc::new(frame.depth_m),
            u: Arc::new(frame.u),
            v: Arc::new(frame.v),
        })
        .collect();
    (!frames.is_empty()).then(|| Animation {
        grid: run.grid,
        bed_m: Arc::new(bed_m.collect()),
        frames,
    })
}
