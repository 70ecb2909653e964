//! Systems that run kernels: an active run is an entity with a thread, its kernel works on the thread pool.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use bevy::prelude::{
    App, Commands, Component, Entity, IntoScheduleConfigs, Query, Res, ResMut, Resource, Update,
};

use crate::city::City;
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
    /// Once it was handed to a thread.
    outcome: Option<Slot<Result<SimulationResult, SimError>>>,
}

impl Run {
    /// What it is computed from.
    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// What a simulation makes of the baseline of one load. Another load gets another slot, so that a run left behind can neither
/// spoil it nor keep it in memory.
#[derive(Resource)]
struct ContextOf<S: Simulation> {
    load: u64,
    shared: Slot<Arc<S::Context>>,
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
        load: 0,
        shared: Slot::default(),
    });
    app.add_systems(Update, start_runs::<S>.in_set(WorldSet::Simulate));
}

/// Takes the outcome of finished kernels.
fn finish_runs(mut commands: Commands, mut session: ResMut<Session>, runs: Query<(Entity, &Run)>) {
    for (entity, run) in &runs {
        let Some(outcome) = run.outcome.as_ref().and_then(take) else {
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
        outcome: None,
    });
}

/// Hands new runs of one simulation to a thread.
fn start_runs<S: Simulation>(
    session: Res<Session>,
    workers: Res<Workers>,
    waker: Res<Waker>,
    mut context: ResMut<ContextOf<S>>,
    mut runs: Query<&mut Run>,
) {
    for mut run in &mut runs {
        if run.outcome.is_some() || run.request.simulation != S::NAME {
            continue;
        }
        let (origin, job) = (run.origin.clone(), run.job.clone());
        let (roots, quality) = (session.roots.clone(), run.request.quality);
        if context.load != origin.load {
            *context = ContextOf {
                load: origin.load,
                shared: Slot::default(),
            };
        }
        let (shared, pool) = (context.shared.clone(), workers.pool.clone());
        run.outcome = Some(beside(&waker, S::NAME, move || {
            refuse_what_does_not_fit::<S>(&origin, quality)?;
            job.check_cancelled()?;
            let context = prepared::<S>(&shared, &origin.baseline, &pool, &job);
            job.check_cancelled()?;
            let input = Input {
                city: &origin.city,
                scenario: &origin.scenario,
                roots: &roots,
                quality,
            };
            pool.install(|| S::run(&context, &input, &job))
        }));
    }
}

/// What all runs on this baseline share, made by the first of them.
///
/// It belongs to the city and not to the run: whoever cancels meanwhile does not stop it, and the next run waits for it instead
/// of making it twice. The lock is held by the thread of the run and never by one of the pool, which might take up the waiting
/// run itself and then wait for itself.
fn prepared<S: Simulation>(
    shared: &Slot<Arc<S::Context>>,
    baseline: &Arc<City>,
    pool: &rayon::ThreadPool,
    job: &Job,
) -> Arc<S::Context> {
    if let Ok(ready) = shared.try_lock()
        && let Some(context) = ready.as_ref()
    {
        return context.clone();
    }
    job.phase("phase-prepare");
    shared
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_with(|| Arc::new(pool.install(|| S::prepare(baseline))))
        .clone()
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

/// Works beside the world and leaves the outcome in the slot.
///
/// Every piece of work has a thread of its own, which hands the parallel parts to the pool. Nobody waits for its end: who
/// cancels drops the slot, and the thread ends at its next check, with all it holds.
pub(super) fn beside<T: Send + 'static>(
    waker: &Waker,
    name: &'static str,
    work: impl FnOnce() -> Result<T, SimError> + Send + 'static,
) -> Slot<Result<T, SimError>> {
    let outcome = Slot::default();
    let (slot, waker) = (outcome.clone(), waker.clone());
    let thread = std::thread::Builder::new().name(format!("planspiel-{name}"));
    let started = thread.spawn(move || {
        let result = guarded(name, work);
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        waker.wake();
    });
    if let Err(error) = started {
        panic!("cannot start a thread: {error}");
    }
    outcome
}

/// Runs a piece of work; a panic in it becomes an error of that job.
fn guarded<T>(
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
