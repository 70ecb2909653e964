//! The world's `App`, its thread, and the handle that the outside holds.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bevy::MinimalPlugins;
use bevy::prelude::{App, Resource};

use crate::city::load::load_city;

use super::command::Command;
use super::loading::{self, CityLoader, Inbox, Loading};
use super::registry::{Entry, SIMULATIONS};
use super::runs::{self, Run, panic_words};
use super::session::Session;
use super::snapshot::{Snapshot, UserMessage};
use super::{present, schedule};

/// Time between two snapshots while something runs: progress at 20 Hz.
const TICK: Duration = Duration::from_millis(50);

/// How a world is set up.
#[derive(Clone, Debug, Default)]
pub struct SimConfig {
    /// Threads for kernels and importers; `None` for one per processor. The results are the same for any number.
    pub threads: Option<usize>,
    /// Data root of `data:` paths.
    pub data: Option<PathBuf>,
    /// Kernels give way to a window that draws on the same processors.
    pub behind_a_window: bool,
}

/// What reaches the world's thread.
enum Input {
    Command(Command),
    /// A worker left its outcome.
    Wake,
}

/// Threads that kernels run on.
#[derive(Resource)]
pub(super) struct Workers {
    pub(super) pool: Arc<rayon::ThreadPool>,
    pub(super) load_city: CityLoader,
}

/// Wakes the world's thread.
#[derive(Clone, Resource)]
pub(super) struct Waker(Sender<Input>);

impl Waker {
    pub(super) fn wake(&self) {
        // Without a receiver the world has ended, and nobody waits for the outcome.
        let _ = self.0.send(Input::Wake);
    }
}

type ChangeHook = Box<dyn Fn(&Snapshot) + Send + Sync>;

/// The latest snapshot: a channel that holds one value and keeps the newest.
#[derive(Default, Resource)]
pub(super) struct Outbox {
    latest: Mutex<Latest>,
    changed: Condvar,
    hook: Mutex<Option<ChangeHook>>,
}

#[derive(Default)]
struct Latest {
    snapshot: Arc<Snapshot>,
    closed: bool,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn latest(&self) -> Arc<Snapshot> {
        self.lock().snapshot.clone()
    }

    pub(super) fn publish(&self, snapshot: Snapshot) {
        self.lock().snapshot = Arc::new(snapshot);
        self.tell();
    }

    fn close(&self, last_words: Option<String>) {
        let mut latest = self.lock();
        latest.closed = true;
        if let Some(text) = last_words {
            let mut snapshot = Snapshot::clone(&latest.snapshot);
            let number = snapshot.messages.last().map_or(1, |m| m.number + 1);
            snapshot.generation += 1;
            snapshot.job = None;
            Arc::make_mut(&mut snapshot.exit_codes).insert(number, 70);
            snapshot.messages.push(UserMessage {
                number,
                error: true,
                text: format!(
                    "error[sim::world]: the simulation world stopped with an internal error: {text}"
                ),
            });
            latest.snapshot = Arc::new(snapshot);
        }
        drop(latest);
        self.tell();
    }

    fn tell(&self) {
        self.changed.notify_all();
        if let Some(hook) = self
            .hook
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
        {
            hook(&self.latest());
        }
    }
}

#[derive(Clone, Resource)]
pub(super) struct SharedOutbox(pub(super) Arc<Outbox>);

/// The outside's end of a world. Dropping it ends the world.
pub struct SimHandle {
    sender: Sender<Input>,
    outbox: Arc<Outbox>,
    sent: AtomicU64,
    thread: Option<JoinHandle<()>>,
}

/// Starts a world with the default set-up: one worker per processor, the data root of the environment.
pub fn spawn() -> SimHandle {
    spawn_with(SimConfig {
        threads: None,
        data: crate::verify::data_root(),
        behind_a_window: false,
    })
}

/// Starts a world on its own thread.
pub fn spawn_with(config: SimConfig) -> SimHandle {
    spawn_world(config, SIMULATIONS, load_city)
}

/// A world with the given simulations and way to read cities.
pub(super) fn spawn_world(
    config: SimConfig,
    simulations: &'static [Entry],
    load_city: CityLoader,
) -> SimHandle {
    let (sender, receiver) = channel();
    let outbox: Arc<Outbox> = Arc::default();
    let (waker, thread_outbox) = (Waker(sender.clone()), outbox.clone());
    let thread = std::thread::Builder::new()
        .name("planspiel-world".to_owned())
        .spawn(move || {
            let end = {
                let outbox = thread_outbox.clone();
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
                    run_world(
                        world_app(config, simulations, load_city, waker, outbox),
                        &receiver,
                    );
                }))
            };
            thread_outbox.close(end.err().map(|payload| panic_words(payload.as_ref())));
        });
    let thread = match thread {
        Ok(thread) => Some(thread),
        Err(error) => {
            outbox.close(Some(error.to_string()));
            None
        }
    };
    SimHandle {
        sender,
        outbox,
        sent: AtomicU64::new(0),
        thread,
    }
}

impl SimHandle {
    /// Hands a command over; never waits.
    pub fn send(&self, command: Command) {
        self.sent.fetch_add(1, Ordering::SeqCst);
        // Without a receiver the world has ended; the last snapshot says so.
        let _ = self.sender.send(Input::Command(command));
    }

    /// The newest snapshot; never waits.
    pub fn latest(&self) -> Arc<Snapshot> {
        self.outbox.latest()
    }

    /// Calls `hook` on the world's thread after every new snapshot, e.g. to redraw a window.
    pub fn on_change(&self, hook: impl Fn(&Snapshot) + Send + Sync + 'static) {
        *self
            .outbox
            .hook
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Box::new(hook));
    }

    /// Waits until a snapshot newer than `generation` is there, the world has ended, or the time is over.
    pub fn wait_changed(&self, generation: u64, timeout: Duration) -> Arc<Snapshot> {
        self.wait(timeout, |snapshot| snapshot.generation > generation)
    }

    /// Waits until a snapshot satisfies the condition, the world has ended, or the time is over; returns the newest.
    pub fn wait_until(
        &self,
        timeout: Duration,
        condition: impl Fn(&Snapshot) -> bool,
    ) -> Arc<Snapshot> {
        self.wait(timeout, condition)
    }

    /// Waits until all commands so far are done and nothing runs.
    pub fn wait_idle(&self, timeout: Duration) -> Arc<Snapshot> {
        self.wait(timeout, |snapshot| self.is_idle(snapshot))
    }

    /// True when all commands so far are done and nothing runs or waits.
    pub fn is_idle(&self, snapshot: &Snapshot) -> bool {
        snapshot.commands >= self.sent.load(Ordering::SeqCst)
            && snapshot.job.is_none()
            && snapshot.queued == 0
    }

    /// True when the world has ended.
    pub fn is_closed(&self) -> bool {
        self.outbox.lock().closed
    }

    fn wait(&self, timeout: Duration, condition: impl Fn(&Snapshot) -> bool) -> Arc<Snapshot> {
        let end = Instant::now() + timeout;
        let mut latest = self.outbox.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if latest.closed || left.is_zero() || condition(&latest.snapshot) {
                return latest.snapshot.clone();
            }
            latest = self
                .outbox
                .changed
                .wait_timeout(latest, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for SimHandle {
    fn drop(&mut self) {
        self.send(Command::Shutdown);
        if let Some(thread) = self.thread.take() {
            // A panic of the world was reported in its last snapshot.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for SimHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimHandle")
            .field("generation", &self.latest().generation)
            .finish_non_exhaustive()
    }
}

/// The world's `App`: minimal plugins and our own, no window, no renderer.
fn world_app(
    config: SimConfig,
    simulations: &'static [Entry],
    load_city: CityLoader,
    waker: Waker,
    outbox: Arc<Outbox>,
) -> App {
    let threads = config.threads.unwrap_or_else(default_threads).max(1);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|i| format!("planspiel-worker-{i}"))
        .start_handler(move |_| {
            if config.behind_a_window {
                give_way();
            }
        })
        .build();
    let mut app = App::new();
    app.add_plugins(MinimalPlugins)
        .insert_resource(Session::new(config.data, simulations))
        .insert_resource(Workers {
            load_city,
            pool: Arc::new(
                pool.unwrap_or_else(|error| {
                    panic!("cannot start {threads} worker threads: {error}")
                }),
            ),
        })
        .insert_resource(waker)
        .insert_resource(SharedOutbox(outbox))
        .add_plugins((
            schedule::plugin,
            loading::plugin,
            runs::plugin,
            present::plugin,
        ));
    for simulation in simulations {
        (simulation.plugin)(&mut app);
    }
    app.finish();
    app.cleanup();
    app
}

/// Lowers the priority of this thread (nice 5 on Linux). Where the system refuses, the window is a little slower.
fn give_way() {
    use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};
    if let Ok(lower) = ThreadPriorityValue::try_from(37) {
        let _ = set_current_thread_priority(ThreadPriority::Crossplatform(lower));
    }
}

/// One thread per processor.
pub fn default_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn run_world(mut app: App, receiver: &Receiver<Input>) {
    app.update();
    loop {
        // While something runs, progress is shown; otherwise the thread sleeps until a command comes.
        let first = if is_busy(&mut app) {
            match receiver.recv_timeout(TICK) {
                Ok(input) => Some(input),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        } else {
            match receiver.recv() {
                Ok(input) => Some(input),
                Err(_) => return,
            }
        };
        let mut inbox = app.world_mut().resource_mut::<Inbox>();
        for input in first.into_iter().chain(receiver.try_iter()) {
            if let Input::Command(command) = input {
                inbox.0.push_back(command);
            }
        }
        app.update();
        if app.world().resource::<Session>().shutdown {
            return;
        }
    }
}

fn is_busy(app: &mut App) -> bool {
    let world = app.world_mut();
    !world.resource::<Session>().queue.is_empty()
        || world.query::<&Run>().iter(world).next().is_some()
        || world.query::<&Loading>().iter(world).next().is_some()
}

/// The `App` alone, for tests of its schedule.
#[cfg(test)]
pub(super) fn test_app(simulations: &'static [Entry], load_city: CityLoader) -> App {
    let (sender, _) = channel();
    world_app(
        SimConfig::default(),
        simulations,
        load_city,
        Waker(sender),
        Arc::default(),
    )
}
