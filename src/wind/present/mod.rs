//! From the arrays of a study to what people get: fields, tables, key figures, facts of the method.
//!
//! Nothing here computes wind. Maps of speed show every place with air; classes of comfort and danger leave out what the grid cannot tell (see
//! [`super::study::Mask`]).

mod facts;
mod fields;
mod indicators;
mod tables;
mod uses;

use crate::city::City;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};

use super::input::WindInput;
use super::params::WindParams;
use super::study::WindRun;

pub use uses::Fitness;

/// Registered name of the simulation.
pub const SIMULATION: &str = "wind";

/// What is needed besides the run.
pub struct Presented<'a> {
    /// City of the variant.
    pub city: &'a City,
    /// Grid, climate, uses.
    pub input: &'a WindInput,
    /// Settings.
    pub params: &'a WindParams,
    /// Coarse or exact.
    pub quality: Quality,
}

/// Puts a run into fields, tables and key figures.
pub fn present(input: &Presented<'_>, run: &WindRun, job: &Job) -> SimulationResult {
    let fields = fields::fields(input, run);
    let indicators = indicators::indicators(&fields);
    facts::findings(input, run, job);
    let mut all = vec![
        uses::use_table(input, run, job),
        tables::probe_table(input, run),
        tables::rose_table(input),
    ];
    all.retain(|table| !table.rows.is_empty());
    SimulationResult {
        simulation: SIMULATION,
        quality: input.quality,
        fields,
        tables: all,
        indicators,
        findings: job.take_findings(),
        inputs: input.input.files.clone(),
        method: facts::method(input, run),
        movement: None,
        animation: None,
        passability: None,
    }
}
