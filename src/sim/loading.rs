//! Systems that take in commands, read scenarios and cities.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

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
use super::runs::{Run, Slot, guarded, take};
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
    runs: Query<&Run>,
    loading: Query<(Entity, &Loading)>,
) {
    let mut current: Option<Entity> = loading.iter().next().map(|(entity, _)| entity);
    while let Some(command) = inbox.0.pop_front() {
        session.commands += 1;
        session.changed = true;
        match command {
            Command::Open(path) => {
                stop_all(&mut session, &runs, &loading);
                if let Some(entity) = current.take() {
                    commands.entity(entity).despawn();
                }
                let data = session.data.clone();
                let job = Job::default();
                let read = read_file(workers.load_city, path, data, job.clone());
                current = Some(begin(&mut commands, &workers, &waker, job, false, read));
            }
            Command::SetScenario(scenario) => {
                if session.take_scenario(scenario.clone()) {
                    stop_what_became_stale(&session, &runs);
                } else {
                    stop_all(&mut session, &runs, &loading);
                    if let Some(entity) = current.take() {
                        commands.entity(entity).despawn();
                    }
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
                    enqueue(&mut session.queue, request, &runs);
                }
            }
            Command::Cancel => stop_all(&mut session, &runs, &loading),
            Command::Shutdown => {
                stop_all(&mut session, &runs, &loading);
                session.shutdown = true;
            }
        }
    }
}

/// Coarse answers come before exact ones: somebody waits for them with the pointer in hand.
fn enqueue(queue: &mut VecDeque<Request>, request: Request, runs: &Query<&Run>) {
    if queue.contains(&request) {
        return;
    }
    if request.quality == Quality::Exact {
        queue.push_back(request);
        return;
    }
    let first_exact = queue.iter().position(|r| r.quality == Quality::Exact);
    queue.insert(first_exact.unwrap_or(queue.len()), request);
    for run in runs.iter().filter(|r| r.request.quality == Quality::Exact) {
        run.job.cancel();
        if !queue.contains(&run.request) {
            queue.push_back(run.request);
        }
    }
}

/// Stops what runs and forgets what waits.
fn stop_all(session: &mut Session, runs: &Query<&Run>, loading: &Query<(Entity, &Loading)>) {
    session.queue.clear();
    runs.iter().for_each(|run| run.job.cancel());
    loading.iter().for_each(|(_, loading)| loading.job.cancel());
}

/// An exact answer to an old question is not worth its time. A coarse one is kept, so that something follows a drag.
fn stop_what_became_stale(session: &Session, runs: &Query<&Run>) {
    for run in runs {
        let request = run.request;
        if request.quality == Quality::Exact
            && !session.is_fresh(request.variant, request.simulation, run.origin())
        {
            run.job.cancel();
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
) -> Entity {
    let outcome: Slot<Result<Loaded, SimError>> = Slot::default();
    let (slot, waker) = (outcome.clone(), waker.clone());
    workers.pool.spawn(move || {
        let loaded = guarded("load", read);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
        waker.wake();
    });
    commands
        .spawn(Loading {
            job,
            keep_results,
            outcome,
        })
        .id()
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
