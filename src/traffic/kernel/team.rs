//! Threads that do the passes of a step together.
//!
//! A step has eight passes of 5 to 50 us. Handing each of them to a pool of threads costs 1 to 3 us, a fifth of the step, and a thread that has
//! nothing to do for a while falls asleep. So the threads that are free come for a whole step and wait, awake, for one pass after the other.
//! Nobody waits for a thread that has not come: whoever leads does what is left.

use std::any::Any;
use std::array;
use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, Ordering};
use std::thread::ThreadId;
use std::{hint, mem, thread};

/// Most parts of a pass.
pub const MOST_PARTS: usize = 32;

/// Looks at the board before a waiting thread lets others have its core.
const LOOKS: u32 = 1_000;

/// Looks of a helper at its own desk before one at those of others.
const LOOKS_AT_OWN: u32 = 250;

/// What leader and helpers tell each other.
struct Board {
    /// One for each part of a pass.
    desks: [Desk; MOST_PARTS],
    /// Helpers that have come.
    helpers: AtomicU32,
    /// The step is over.
    over: AtomicBool,
    /// What a part of the running pass panicked with.
    failed: Line<Mutex<Option<Box<dyn Any + Send>>>>,
    leader: ThreadId,
}

/// Where a part of a pass is handed over. What the leader tells a helper, and the answer, is in one line of memory, in which others look only
/// for what is left over: between cores that share no cache every line costs 0.2 us.
#[repr(align(128))]
struct Desk {
    /// `DONE`, `OPEN` or `TAKEN`.
    state: AtomicU8,
    /// The work of the running pass: a `&Work`.
    work: AtomicPtr<()>,
    /// Number of its parts.
    parts: AtomicU8,
}

/// There is nothing to do at a desk, the last part is done.
const DONE: u8 = 0;
/// A part waits for somebody to take it.
const OPEN: u8 = 1;
/// Somebody does the part.
const TAKEN: u8 = 2;

/// Does the part of a pass with this number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// Who does a pass: the calling thread, and those that have come to help. It stays with that thread, so no part of a pass can begin another.
pub struct Team<'a> {
    board: Option<&'a Board>,
    size: usize,
    /// Keeps it from being shared: the one unsafe place rests on that.
    stays: PhantomData<Cell<()>>,
}

/// If a team could be shared there were two functions of this name, and this would not compile.
const _: fn() = || {
    trait Shared<Way> {
        fn team() {}
    }
    impl<T> Shared<bool> for T {}
    impl<T: Sync> Shared<char> for T {}
    let _ = <Team as Shared<_>>::team;
};

impl Team<'_> {
    /// The calling thread alone.
    pub const ALONE: Self = Team {
        board: None,
        size: 1,
        stays: PhantomData,
    };

    /// Threads, those that may still come among them.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Lets `lead` work with up to `helpers` other threads of the pool that the calling thread is of, as far as they are free. A thread that
    /// helps does nothing else until `lead` returns. Outside of a pool `lead` works alone: there nobody could take back what no thread came for.
    pub fn gather<R>(helpers: usize, lead: impl FnOnce(&Team) -> R) -> R {
        let helpers = helpers.min(MOST_PARTS - 1);
        if helpers == 0 || rayon::current_thread_index().is_none() {
            return lead(&Team::ALONE);
        }
        let board = Board {
            desks: array::from_fn(|_| Desk {
                state: AtomicU8::new(DONE),
                work: AtomicPtr::new(ptr::null_mut()),
                parts: AtomicU8::new(0),
            }),
            helpers: AtomicU32::new(0),
            over: AtomicBool::new(false),
            failed: Line(Mutex::new(None)),
            leader: thread::current().id(),
        };
        rayon::in_place_scope(|scope| {
            for _ in 0..helpers {
                scope.spawn(|_| board.help());
            }
            // Also when `lead` panics.
            let _over = Over(&board);
            lead(&Team {
                board: Some(&board),
                size: helpers + 1,
                stays: PhantomData,
            })
        })
    }

    /// Does `work` for every part, at most [`MOST_PARTS`], each on one of the threads: the first on the calling one, and part by part on the
    /// same thread as in the pass before where that is free. Returns the results in order. `work` must not wait for the pool: it could take up
    /// a call for help itself, and wait for its own end.
    ///
    /// # Panics
    ///
    /// With what the work on a part panicked with.
    pub fn each<T: Send, R: Send>(
        &self,
        parts: impl Iterator<Item = T>,
        work: impl Fn(T) -> R + Sync,
    ) -> Vec<R> {
        let Some(board) = self.board else {
            return parts.map(work).collect();
        };
        let parts: Vec<Line<Mutex<Slot<T, R>>>> = parts
            .map(|part| Line(Mutex::new(Slot::Open(part))))
            .collect();
        let slot = |number: usize| parts[number].0.lock().expect("only its worker has it");
        board.run(parts.len(), &|number| {
            let mut slot = slot(number);
            if let Slot::Open(part) = mem::replace(&mut *slot, Slot::Taken) {
                *slot = Slot::Done(work(part));
            }
        });
        let done = parts.into_iter().map(|part| part.0.into_inner());
        done.map(|slot| match slot {
            Ok(Slot::Done(result)) => result,
            _ => unreachable!("a pass ends when all parts are done"),
        })
        .collect()
    }
}

/// Something that is not in the same line of memory as what lies beside it, which another thread writes.
#[derive(Clone, Debug, Default)]
#[repr(align(128))]
pub struct Line<T>(pub T);

/// A part of a pass.
enum Slot<T, R> {
    Open(T),
    Taken,
    Done(R),
}

impl Board {
    /// Does all parts of a pass, with the helpers.
    fn run(&self, parts: usize, work: &Work) {
        assert!(parts <= MOST_PARTS, "{parts} parts");
        if parts == 0 {
            return;
        }
        let erased: *const &Work = &work;
        let erased = erased.cast_mut().cast::<()>();
        // The first part is the leader's.
        let desks = &self.desks[1..parts];
        for desk in desks {
            desk.work.store(erased, Ordering::Relaxed);
            desk.parts.store(parts as u8, Ordering::Relaxed);
            desk.state.store(OPEN, Ordering::Release);
        }
        self.attempt(|| work(0));
        for (number, desk) in (1..).zip(desks) {
            if desk.take() {
                self.attempt(|| work(number));
                desk.state.store(DONE, Ordering::Relaxed);
            }
        }
        // The helpers borrow what is gone when this returns.
        for desk in desks {
            wait(|_| match desk.state.load(Ordering::Acquire) {
                DONE => ControlFlow::Break(()),
                _ => ControlFlow::Continue(false),
            });
        }
        let failed = self.failed.0.lock().map(|mut failed| failed.take());
        if let Ok(Some(payload)) = failed {
            resume_unwind(payload);
        }
    }

    /// Does a part, and keeps what it panics with.
    fn attempt(&self, part: impl FnOnce()) {
        let Err(payload) = catch_unwind(AssertUnwindSafe(part)) else {
            return;
        };
        match self.failed.0.lock() {
            Ok(mut failed) if failed.is_none() => *failed = Some(payload),
            // A payload may panic when it is dropped, and nothing may leave a pass half done.
            _ => mem::forget(payload),
        }
    }

    /// Does parts of passes until the step is over.
    fn help(&self) {
        // The leader has taken up its own call for help, waiting for something else.
        if thread::current().id() == self.leader {
            return;
        }
        let own = self.helpers.fetch_add(1, Ordering::Relaxed) as usize + 1;
        wait(|looks| {
            let desk = &self.desks[own];
            let parts = 1..usize::from(desk.parts.load(Ordering::Relaxed));
            let mut active = self.help_at(own);
            // There may be parts for helpers that have not come, or that wait for a core.
            if active || looks % LOOKS_AT_OWN == LOOKS_AT_OWN - 1 {
                for other in parts {
                    active |= self.help_at(other);
                }
            }
            if active {
                return ControlFlow::Continue(true);
            }
            if self.over.load(Ordering::Acquire) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(false)
        });
    }

    /// Does the part at a desk if nobody else does; true: has done it.
    fn help_at(&self, number: usize) -> bool {
        let desk = &self.desks[number];
        if !desk.take() {
            return false;
        }
        let work = desk.work.load(Ordering::Relaxed).cast::<&Work>();
        self.attempt(|| {
            #[expect(
                unsafe_code,
                reason = "threads that outlive a pass cannot borrow its work by a reference with a lifetime"
            )]
            // SAFETY: `work` was stored in `run` before the desk was opened, and points to a reference on its stack. The part is taken and
            // not done, so `run` does not return, and no other pass begins: only the thread of `run` has the team. Nothing refers to the
            // work any more when the desk says that the part is done.
            unsafe {
                (*work)(number);
            }
        });
        desk.state.store(DONE, Ordering::Release);
        true
    }
}

impl Desk {
    /// Takes the part that is open here.
    fn take(&self) -> bool {
        let state = &self.state;
        // To look first leaves the line where it is.
        state.load(Ordering::Relaxed) == OPEN
            && state
                .compare_exchange(OPEN, TAKEN, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }
}

/// Waits until `look`, which is told how often it was in vain, breaks off; true: there was something to do, the next may come soon.
fn wait(mut look: impl FnMut(u32) -> ControlFlow<(), bool>) {
    let mut looks: u32 = 0;
    while let ControlFlow::Continue(active) = look(looks) {
        looks = if active { 0 } else { looks.wrapping_add(1) };
        if looks < LOOKS {
            hint::spin_loop();
        } else {
            thread::yield_now();
        }
    }
}

/// Ends the step for the helpers when it goes.
struct Over<'a>(&'a Board);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool of threads")
    }

    /// Passes over borrowed, changing data, by more and fewer threads than parts, several teams side by side.
    #[test]
    fn every_part_of_every_pass_is_done_once() {
        use rayon::prelude::*;
        for threads in [1, 2, 3, 8] {
            let sums = pool(threads).install(|| {
                let runs = (0..4usize).into_par_iter().map(|run| {
                    let mut numbers = [run; 5];
                    let mut sum = 0;
                    for _ in 0..200 {
                        let team_sum = Team::gather(run, |team| {
                            team.each(numbers.iter_mut(), |number| *number += 1);
                            team.each(numbers.iter(), |number| *number)
                                .iter()
                                .sum::<usize>()
                        });
                        sum += team_sum;
                    }
                    sum
                });
                runs.collect::<Vec<usize>>()
            });
            let expected = |run: usize| (1..=200).map(|step| 5 * (run + step)).sum::<usize>();
            assert_eq!(sums, [0, 1, 2, 3].map(expected), "{threads} threads");
        }
    }

    /// A panic in any part is one of the call, with the same text; the team does the next pass as if nothing had been.
    #[test]
    fn a_panic_in_a_part_reaches_the_caller() {
        for bad in 0..4 {
            pool(2).install(|| {
                Team::gather(1, |team| {
                    let fails = |part: usize| assert_ne!(part, bad, "meant");
                    let passed = catch_unwind(AssertUnwindSafe(|| team.each(0..4, fails).len()));
                    let text = passed.map_err(|payload| payload.downcast::<String>());
                    let text = text.expect_err("part {bad} fails").expect("a text");
                    assert!(text.contains("meant"), "{text}");
                    assert_eq!(team.each(0..4, |part| part), [0, 1, 2, 3]);
                });
            });
        }
    }

    /// A leader that waits for another thread does not help itself for ever.
    #[test]
    fn a_leader_that_waits_does_not_lock() {
        pool(2).install(|| {
            Team::gather(1, |team| {
                let (one, two) = rayon::join(|| 1, || 2);
                assert_eq!(team.each(0..3, |part| part + one + two), [3, 4, 5]);
            });
        });
        // Outside of a pool the caller is alone.
        assert_eq!(Team::gather(3, |team| team.size()), 1);
    }

    /// Results are in the order of the parts; a pass may have none, or one.
    #[test]
    fn results_are_in_order() {
        pool(2).install(|| {
            Team::gather(1, |team| {
                for parts in [0, 1, 2, 7, MOST_PARTS] {
                    let squares = team.each(0..parts, |part| part * part);
                    assert!(squares.into_iter().eq((0..parts).map(|part| part * part)));
                }
            });
        });
    }
}
