//! Systems that run kernels: an active run is an entity, its kernel works on the thread pool.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::{
    App, Commands, Component, Entity, IntoScheduleConfigs, Query, Res, ResMut, Resource, Update,
};

use crate::job::Job;
use crate::result::{Quality, SimulationResult};

use super::app::{Waker, Workers};
use super::error::SimError;
use super::loading::Loading;
use super::memory::free_memory_bytes;
use super::registry::{Input, Simulation};
use super::schedule::WorldSet;
use super::session::{Origin, Record, Request, Session};

/// Share of the free memory that a run may ask for.
const MEMORY_SHARE: f64 = 0.8;

/// Place where a worker leaves its outcome.
pub(super) type Slot<T> = Arc<Mutex<Option<T>>>;

pub(super) fn take<T>(slot: &Slot<T>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// An active run.
#[derive(Component, Debug)]
pub(super) struct Run {
    pub(super) request: Request,
    pub(super) job: Job,
    origin: Origin,
    started: bool,
    outcome: Slot<Result<SimulationResult, SimError>>,
}

impl Run {
    /// What it is computed from.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// What a simulation made of the baseline, for the load it belongs to.
#[derive(Resource)]
struct ContextOf<S: Simulation> {
    shared: Slot<(u64, Arc<S::Context>)>,
}

/// Systems that all simulations share.
pub(super) fn plugin(app: &mut App) {
    app.add_systems(
        Update,
        (finish_runs, begin_next_run)
            .chain()
            .in_set(WorldSet::Finish),
    );
}

/// The plugin of one simulation.
pub(super) fn plugin_of<S: Simulation>(app: &mut App) {
    app.insert_resource(ContextOf::<S> {
        shared: Slot::default(),
    });
    app.add_systems(Update, start_runs::<S>.in_set(WorldSet::Simulate));
}

/// Takes the outcome of finished kernels.
fn finish_runs(mut commands: Commands, mut session: ResMut<Session>, runs: Query<(Entity, &Run)>) {
    for (entity, run) in &runs {
        let Some(outcome) = take(&run.outcome) else {
            continue;
        };
        commands.entity(entity).despawn();
        session.changed = true;
        match outcome {
            Ok(mut result) => {
                result.quality = run.request.quality;
                result.findings.extend(run.job.take_findings());
                result.findings.sort();
                result.findings.dedup();
                let record = Record {
                    result: Arc::new(result),
                    origin: run.origin.clone(),
                };
                session.take_result(run.request.variant, record);
            }
            Err(error) => session.report(&error),
        }
    }
}

/// One run at a time: its kernel uses the whole pool, and two would only wait for each other.
fn begin_next_run(
    mut commands: Commands,
    mut session: ResMut<Session>,
    runs: Query<&Run>,
    loading: Query<&Loading>,
) {
    if !runs.is_empty() || !loading.is_empty() {
        return;
    }
    let request = loop {
        let Some(request) = session.queue.pop_front() else {
            return;
        };
        session.changed = true;
        if !session.is_answered(&request) {
            break request;
        }
    };
    let Some(origin) = session.origin(request.variant) else {
        let error = SimError::Command {
            code: "no-city",
            text: format!(
                "variant {} has no city; see the messages before this one",
                request.variant
            ),
        };
        session.report(&error);
        // Others may be possible.
        return;
    };
    commands.spawn(Run {
        request,
        job: Job::new(origin.scenario.scenario.seed),
        origin,
        started: false,
        outcome: Slot::default(),
    });
}

/// Hands new runs of one simulation to the pool.
fn start_runs<S: Simulation>(
    session: Res<Session>,
    workers: Res<Workers>,
    waker: Res<Waker>,
    context: Res<ContextOf<S>>,
    mut runs: Query<&mut Run>,
) {
    for mut run in &mut runs {
        if run.started || run.request.simulation != S::NAME {
            continue;
        }
        run.started = true;
        let (origin, job, outcome) = (run.origin.clone(), run.job.clone(), run.outcome.clone());
        let (roots, quality, load) = (session.roots.clone(), run.request.quality, origin.load);
        let (shared, waker) = (context.shared.clone(), waker.clone());
        workers.pool.spawn(move || {
            let result = guarded(S::NAME, || {
                refuse_what_does_not_fit::<S>(&origin, quality)?;
                job.check_cancelled()?;
                let known = shared
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .as_ref()
                    .filter(|(of, _)| *of == load)
                    .map(|(_, context)| context.clone());
                let context = known.unwrap_or_else(|| {
                    job.phase("phase-prepare");
                    let context = Arc::new(S::prepare(&origin.baseline));
                    *shared.lock().unwrap_or_else(PoisonError::into_inner) =
                        Some((load, context.clone()));
                    context
                });
                job.check_cancelled()?;
                let input = Input {
                    city: &origin.city,
                    scenario: &origin.scenario,
                    roots: &roots,
                    quality,
                };
                S::run(&context, &input, &job)
            });
            *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            waker.wake();
        });
    }
}

fn refuse_what_does_not_fit<S: Simulation>(
    origin: &Origin,
    quality: Quality,
) -> Result<(), SimError> {
    const GIB: f64 = (1_u64 << 30) as f64;
    let needed = S::memory_bytes(&origin.city, &origin.scenario, quality) as f64;
    match free_memory_bytes() {
        Some(free) if needed > MEMORY_SHARE * free as f64 => Err(SimError::Refused {
            simulation: S::NAME,
            needed_gib: needed / GIB,
            free_gib: free as f64 / GIB,
        }),
        _ => Ok(()),
    }
}

/// Runs a piece of work; a panic in it becomes an error of that job.
pub(super) fn guarded<T>(
    simulation: &'static str,
    work: impl FnOnce() -> Result<T, SimError>,
) -> Result<T, SimError> {
    // The work owns or only reads what it touches; what a broken job leaves behind is dropped with it.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        Err(SimError::Panicked {
            simulation,
            what: panic_words(payload.as_ref()),
        })
    })
}

pub(super) fn panic_words(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown".to_owned())
}
