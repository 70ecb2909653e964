//! Threads that do the passes of a step together.
//!
//! A step has eight passes of 5 to 50 us. Handing each of them to a pool of threads costs 1 to 3 us, a fifth of the step, and a thread that has
//! nothing to do for a while falls asleep. So the threads that are free come for a whole step and wait, awake, for one pass after the other.
//! Nobody waits for a thread that has not come: whoever leads does what is left.

use std::any::Any;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::thread::ThreadId;
use std::{hint, mem, thread};

/// Most parts of a pass.
pub const MOST_PARTS: usize = 32;

/// Looks at the board before a waiting thread lets others have its core.
const LOOKS: u32 = 1_000;

/// What leader and helpers tell each other. Each line of memory is waited for by others than the next.
struct Board {
    /// Parts of the running pass that nobody has taken, by bit.
    open: Line<AtomicU32>,
    /// Parts of the running pass that are not done.
    left: Line<AtomicU32>,
    /// The work of the running pass: a `&Work`.
    work: Line<AtomicPtr<()>>,
    /// Helpers that have come.
    helpers: Line<AtomicU32>,
    /// The step is over.
    over: AtomicBool,
    /// What a part of the running pass panicked with.
    failed: Mutex<Option<Box<dyn Any + Send>>>,
    leader: ThreadId,
}

#[derive(Default)]
#[repr(align(128))]
struct Line<T>(T);

/// Does the part of a pass with this number.
type Work<'a> = dyn Fn(usize) + Sync + 'a;

/// Who does a pass: the calling thread, and those that have come to help.
pub struct Team<'a> {
    board: Option<&'a Board>,
    size: usize,
}

impl Team<'_> {
    /// The calling thread alone.
    pub const ALONE: Self = Team {
        board: None,
        size: 1,
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
            open: Line::default(),
            left: Line::default(),
            work: Line::default(),
            helpers: Line::default(),
            over: AtomicBool::new(false),
            failed: Mutex::new(None),
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
            })
        })
    }

    /// Does `work` for every part, at most [`MOST_PARTS`], each on one of the threads: the first on the calling one, and part by part on the
    /// same thread as in the pass before where that is free. Returns the results in order. `work` must not begin a pass itself.
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
        // Nothing of a running pass may be changed.
        let idle =
            self.left
                .0
                .compare_exchange(0, parts as u32, Ordering::Acquire, Ordering::Relaxed);
        assert!(idle.is_ok(), "a pass within a pass");
        let erased: *const &Work = &work;
        self.work
            .0
            .store(erased.cast_mut().cast::<()>(), Ordering::Relaxed);
        // The first part is the leader's.
        let others = (1u64 << parts) - 2;
        self.open.0.store(others as u32, Ordering::Release);
        let mut part = Some(0);
        while let Some(number) = part {
            let ended = catch_unwind(AssertUnwindSafe(|| work(number)));
            self.count(ended);
            part = self.take(0);
        }
        // The helpers borrow what is gone when this returns.
        wait(|| match self.left.0.load(Ordering::Acquire) {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(false),
        });
        let failed = self.failed.lock().map(|mut failed| failed.take());
        if let Ok(Some(payload)) = failed {
            resume_unwind(payload);
        }
    }

    /// Takes a part that nobody has: that of the thread's own number if it is open.
    fn take(&self, own: u32) -> Option<usize> {
        loop {
            let open = self.open.0.load(Ordering::Relaxed);
            if open == 0 {
                return None;
            }
            let part = if open >> own & 1 == 1 {
                own
            } else {
                open.trailing_zeros()
            };
            let bit = 1 << part;
            if self.open.0.fetch_and(!bit, Ordering::Acquire) & bit != 0 {
                return Some(part as usize);
            }
        }
    }

    /// Counts a part as done, and keeps what it panicked with.
    fn count(&self, ended: thread::Result<()>) {
        if let (Err(payload), Ok(mut failed)) = (ended, self.failed.lock()) {
            failed.get_or_insert(payload);
        }
        self.left.0.fetch_sub(1, Ordering::Release);
    }

    /// Does parts of passes until the step is over.
    fn help(&self) {
        // The leader has taken up its own call for help, waiting for something else.
        if thread::current().id() == self.leader {
            return;
        }
        let own = self.helpers.0.fetch_add(1, Ordering::Relaxed) + 1;
        wait(|| {
            if let Some(part) = self.take(own) {
                let work = self.work.0.load(Ordering::Relaxed).cast::<&Work>();
                let ended = catch_unwind(AssertUnwindSafe(|| {
                    #[expect(
                        unsafe_code,
                        reason = "threads that outlive a pass cannot borrow its work by a reference with a lifetime"
                    )]
                    // SAFETY: `work` was stored in `run` before the part was open, and points to a reference on its stack. The part is taken
                    // and not counted, so `left` is not zero: `run` does not return, and no other pass begins. Nothing refers to the work
                    // any more when the part is counted.
                    unsafe {
                        (*work)(part);
                    }
                }));
                self.count(ended);
                return ControlFlow::Continue(true);
            }
            if self.over.load(Ordering::Acquire) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(false)
        });
    }
}

/// Waits until `look` breaks off; true: there was something to do, the next may come soon.
fn wait(mut look: impl FnMut() -> ControlFlow<(), bool>) {
    let mut looks = 0;
    while let ControlFlow::Continue(active) = look() {
        looks = if active { 0 } else { looks + 1 };
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

    /// A pass within a pass is told, and a leader that waits for another thread does not help itself for ever.
    #[test]
    fn what_would_lock_is_told_or_does_not() {
        pool(2).install(|| {
            Team::gather(1, |team| {
                let nested = || team.each(0..2, |_| team.each(0..2, |part| part).len());
                assert!(catch_unwind(AssertUnwindSafe(nested)).is_err());
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
