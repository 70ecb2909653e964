//! Which simulations there are. A new one is a folder with its kernel, an implementation of [`Simulation`], and one line in
//! [`SIMULATIONS`].

use std::sync::Arc;

use bevy::prelude::App;

use crate::city::City;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;

use super::access::AccessStudy;
use super::error::SimError;
use super::flood::Flood;
use super::runs;
use super::shuttle::ShuttleStudy;
use super::sun::Sun;
use super::traffic::TrafficStudy;
use super::wind::WindStudy;

/// All simulations, in the order in which they run and are reported.
pub const SIMULATIONS: &[Entry] = &[
    Entry::of::<Sun>(),
    Entry::of::<Flood>(),
    Entry::of::<WindStudy>(),
    Entry::of::<TrafficStudy>(),
    Entry::of::<AccessStudy>(),
    Entry::of::<ShuttleStudy>(),
];

/// A simulation as the world sees it.
pub trait Simulation: Send + Sync + 'static {
    /// Registered name: table of the scenario and argument of the command line.
    const NAME: &'static str;

    /// What is made once from the baseline and shared by the runs of all variants. It may keep what a coarse run leaves for the next one;
    /// exact answers never depend on that.
    type Context: Send + Sync + 'static;

    /// True when the scenario asks for it.
    fn enabled(scenario: &Scenario) -> bool;

    /// True when a result for one scenario holds for the other too, as far as settings go.
    fn same_settings(a: &Scenario, b: &Scenario) -> bool;

    /// Makes the shared part.
    fn prepare(baseline: &Arc<City>) -> Self::Context;

    /// Estimate of the memory (bytes) that a run needs beside the city.
    fn memory_bytes(city: &City, scenario: &Scenario, quality: Quality) -> u64;

    /// Computes one variant.
    fn run(
        context: &Self::Context,
        input: &Input<'_>,
        job: &Job,
    ) -> Result<SimulationResult, SimError>;
}

/// What a run is about.
#[derive(Debug)]
pub struct Input<'a> {
    /// City of the variant.
    pub city: &'a Arc<City>,
    /// Scenario with the settings.
    pub scenario: &'a Scenario,
    /// Where relative paths of the scenario begin.
    pub roots: &'a Roots,
    /// Coarse or exact.
    pub quality: Quality,
}

/// A line of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Registered name.
    pub name: &'static str,
    /// True when the scenario asks for it.
    pub enabled: fn(&Scenario) -> bool,
    /// See [`Simulation::same_settings`].
    pub same_settings: fn(&Scenario, &Scenario) -> bool,
    /// Adds the systems that run it.
    pub plugin: fn(&mut App),
}

impl Entry {
    /// The line of a simulation.
    pub const fn of<S: Simulation>() -> Self {
        Self {
            name: S::NAME,
            enabled: S::enabled,
            same_settings: S::same_settings,
            plugin: runs::plugin_of::<S>,
        }
    }
}

/// The line with this name.
pub fn simulation(name: &str) -> Option<&'static Entry> {
    SIMULATIONS.iter().find(|s| s.name == name)
}
