//! Systems that take in commands, read scenarios and cities.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::{
    App, Commands, Component, Entity, IntoScheduleConfigs, Query, Res, ResMut, Resource, Update,
};

use crate::city::City;
use crate::city::error::CityError;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::Quality;
use crate::scenario::{Scenario, read_scenario};

use super::app::{Waker, Workers};
use super::command::Command;
use super::error::SimError;
use super::runs::{Run, Slot, beside, take};
use super::schedule::WorldSet;
use super::session::{Request, Session};

/// Reads the city of a scenario.
pub(super) type CityLoader = fn(&Scenario, &Roots, &Job) -> Result<City, CityError>;

/// Commands that wait for the next update.
#[derive(Debug, Default, Resource)]
pub(super) struct Inbox(pub(super) VecDeque<Command>);

/// A city that is being read.
#[derive(Component, Debug)]
pub(super) struct Loading {
    pub(super) job: Job,
    /// Results of the city before stay visible, marked stale.
    keep_results: bool,
    outcome: Slot<Result<Loaded, SimError>>,
}

#[derive(Debug)]
struct Loaded {
    /// Path and hash of the file, when one was opened.
    file: Option<(PathBuf, String)>,
    scenario: Arc<Scenario>,
    roots: Roots,
    baseline: Arc<City>,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Inbox>();
    app.add_systems(Update, take_commands.in_set(WorldSet::Input));
    app.add_systems(Update, finish_loading.in_set(WorldSet::Edit));
}

fn take_commands(
    mut commands: Commands,
    mut inbox: ResMut<Inbox>,
    mut session: ResMut<Session>,
    workers: Res<Workers>,
    waker: Res<Waker>,
    runs: Query<(Entity, &Run)>,
    loading: Query<(Entity, &Loading)>,
) {
    // Followed here, because what this update begins or stops is not in the queries yet.
    let mut current: Option<(Entity, Job)> = loading
        .iter()
        .next()
        .map(|(entity, loading)| (entity, loading.job.clone()));
    while let Some(command) = inbox.0.pop_front() {
        session.commands += 1;
        session.changed = true;
        match command {
            Command::Open(path) => {
                stop_all(&mut commands, &mut session, &runs, &mut current);
                let data = session.data.clone();
                let job = Job::default();
                let read = read_file(workers.load_city, path, data, job.clone());
                current = Some(begin(&mut commands, &workers, &waker, job, false, read));
            }
            Command::SetScenario(scenario) => {
                if session.take_scenario(scenario.clone()) {
                    stop_what_became_stale(&mut commands, &session, &runs);
                } else {
                    stop_all(&mut commands, &mut session, &runs, &mut current);
                    let job = Job::default();
                    let read = reload(
                        workers.load_city,
                        scenario,
                        session.roots.clone(),
                        job.clone(),
                    );
                    current = Some(begin(&mut commands, &workers, &waker, job, true, read));
                }
            }
            Command::Saved(path) => session.take_file(path),
            Command::Start {
                variant,
                simulation: name,
                quality,
            } => {
                let request = Request {
                    variant,
                    simulation: name,
                    quality,
                };
                if session.simulation(name).is_none() {
                    let error = SimError::Command {
                        code: "unknown-simulation",
                        text: format!("`{name}` is not a simulation of this version"),
                    };
                    session.report(&error);
                } else {
                    enqueue(&mut commands, &mut session.queue, request, &runs);
                }
            }
            Command::Cancel => stop_all(&mut commands, &mut session, &runs, &mut current),
            Command::Shutdown => {
                stop_all(&mut commands, &mut session, &runs, &mut current);
                session.shutdown = true;
            }
        }
    }
}

/// Coarse answers come before exact ones: somebody waits for them with the pointer in hand.
fn enqueue(
    commands: &mut Commands,
    queue: &mut VecDeque<Request>,
    request: Request,
    runs: &Query<(Entity, &Run)>,
) {
    if queue.contains(&request) {
        return;
    }
    if request.quality == Quality::Exact {
        queue.push_back(request);
        return;
    }
    let first_exact = queue.iter().position(|r| r.quality == Quality::Exact);
    queue.insert(first_exact.unwrap_or(queue.len()), request);
    // One that a command before this one stopped does not come back.
    let interrupted = |run: &Run| run.request.quality == Quality::Exact && !run.job.is_cancelled();
    for (entity, run) in runs.iter().filter(|(_, run)| interrupted(run)) {
        abandon(commands, entity, &run.job);
        if !queue.contains(&run.request) {
            queue.push_back(run.request);
        }
    }
}

/// Stops what runs and forgets what waits.
fn stop_all(
    commands: &mut Commands,
    session: &mut Session,
    runs: &Query<(Entity, &Run)>,
    loading: &mut Option<(Entity, Job)>,
) {
    session.queue.clear();
    for (entity, run) in runs {
        abandon(commands, entity, &run.job);
    }
    if let Some((entity, job)) = loading.take() {
        abandon(commands, entity, &job);
    }
}

/// Stops a job and forgets it at once: some calls of foreign libraries cannot be interrupted, and nobody shall wait for them.
fn abandon(commands: &mut Commands, entity: Entity, job: &Job) {
    job.cancel();
    // A command before this one may have done it already.
    commands.entity(entity).try_despawn();
}

/// An exact answer to an old question is not worth its time. A coarse one is kept, so that something follows a drag.
fn stop_what_became_stale(
    commands: &mut Commands,
    session: &Session,
    runs: &Query<(Entity, &Run)>,
) {
    for (entity, run) in runs {
        let request = run.request;
        if request.quality == Quality::Exact
            && !session.is_fresh(request.variant, request.simulation, run.origin())
        {
            abandon(commands, entity, &run.job);
        }
    }
}

fn begin(
    commands: &mut Commands,
    workers: &Workers,
    waker: &Waker,
    job: Job,
    keep_results: bool,
    read: impl FnOnce() -> Result<Loaded, SimError> + Send + 'static,
) -> (Entity, Job) {
    let pool = workers.pool.clone();
    let loading = Loading {
        job: job.clone(),
        keep_results,
        outcome: beside(waker, "load", move || pool.install(read)),
    };
    (commands.spawn(loading).id(), job)
}

fn read_file(
    load_city: CityLoader,
    path: PathBuf,
    data: Option<PathBuf>,
    job: Job,
) -> impl FnOnce() -> Result<Loaded, SimError> + Send + 'static {
    move || {
        job.phase("phase-load");
        let file = read_scenario(&path, data)?;
        let mut city = load_city(&file.scenario, &file.roots, &job)?;
        city.findings.extend(file.findings);
        Ok(Loaded {
            file: Some((path, file.blake3)),
            scenario: Arc::new(file.scenario),
            roots: file.roots,
            baseline: finished(city, &job)?,
        })
    }
}

fn reload(
    load_city: CityLoader,
    scenario: Arc<Scenario>,
    roots: Roots,
    job: Job,
) -> impl FnOnce() -> Result<Loaded, SimError> + Send + 'static {
    move || {
        job.phase("phase-load");
        let city = load_city(&scenario, &roots, &job)?;
        Ok(Loaded {
            file: None,
            baseline: finished(city, &job)?,
            scenario,
            roots,
        })
    }
}

fn finished(mut city: City, job: &Job) -> Result<Arc<City>, SimError> {
    job.check_cancelled()?;
    city.findings.extend(job.take_findings());
    city.findings.sort();
    city.findings.dedup();
    Ok(Arc::new(city))
}

fn finish_loading(
    mut commands: Commands,
    mut session: ResMut<Session>,
    loading: Query<(Entity, &Loading)>,
) {
    for (entity, load) in &loading {
        let Some(outcome) = take(&load.outcome) else {
            continue;
        };
        commands.entity(entity).despawn();
        session.changed = true;
        match outcome {
            Ok(loaded) => {
                session.roots = loaded.roots;
                let scenario = match loaded.file {
                    Some((path, blake3)) => {
                        session.path = Some(path);
                        session.blake3 = Some(blake3);
                        loaded.scenario
                    }
                    // The scenario may have been edited on while its city was read.
                    None => session.scenario.clone().unwrap_or(loaded.scenario),
                };
                session.take_city(scenario, loaded.baseline, load.keep_results);
            }
            Err(error) => {
                session.queue.clear();
                session.report(&error);
            }
        }
    }
}
