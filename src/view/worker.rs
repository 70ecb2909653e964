//! A thread that answers requests one after the other and skips those that were overtaken: only the newest counts.
//!
//! Long work never sits on Bevy's task pools: with two cores they have one thread, which also compiles shaders.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use bevy::prelude::Resource;

/// Wakes the window from any thread.
pub type Wake = std::sync::Arc<dyn Fn() + Send + Sync>;

/// The window's end of such a thread.
#[derive(Resource)]
pub struct Worker<I: Send + 'static, O: Send + 'static> {
    requests: Sender<I>,
    answers: Mutex<Receiver<O>>,
    sent: usize,
    done: std::sync::Arc<std::sync::atomic::AtomicUsize>,
}

impl<I: Send + 'static, O: Send + 'static> Worker<I, O> {
    /// Starts the thread.
    pub fn spawn(name: &str, wake: Wake, mut answer: impl FnMut(I) -> O + Send + 'static) -> Self {
        let (requests, inbox) = channel::<I>();
        let (outbox, answers) = channel();
        let done = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counter = done.clone();
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Ok(mut request) = inbox.recv() {
                    let mut taken = 1;
                    while let Ok(newer) = inbox.try_recv() {
                        request = newer;
                        taken += 1;
                    }
                    // A panic costs one picture and is reported by the panic hook; the thread goes on.
                    let work = std::panic::AssertUnwindSafe(|| answer(request));
                    let sent =
                        std::panic::catch_unwind(work).map_or(Ok(()), |answer| outbox.send(answer));
                    counter.fetch_add(taken, std::sync::atomic::Ordering::Release);
                    wake();
                    if sent.is_err() {
                        return;
                    }
                }
            });
        if let Err(error) = thread {
            bevy::log::error!("the thread `{name}` could not be started: {error}");
        }
        Self {
            requests,
            answers: Mutex::new(answers),
            sent: 0,
            done,
        }
    }

    /// Asks for something.
    pub fn request(&mut self, request: I) {
        if self.requests.send(request).is_ok() {
            self.sent += 1;
        }
    }

    /// The newest answer since the last call.
    pub fn newest(&self) -> Option<O> {
        self.answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .try_iter()
            .last()
    }

    /// Something was asked and not yet answered.
    pub fn busy(&self) -> bool {
        self.done.load(std::sync::atomic::Ordering::Acquire) < self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_request_is_answered_and_older_ones_may_be_skipped() {
        let (tell, woken) = channel();
        let wake: Wake = std::sync::Arc::new(move || tell.send(()).unwrap_or_default());
        let mut worker = Worker::spawn("test", wake, |n: u32| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            n * 2
        });
        for n in 0..20 {
            worker.request(n);
        }
        let mut last = None;
        while worker.busy() {
            woken
                .recv_timeout(std::time::Duration::from_secs(5))
                .unwrap();
            last = worker.newest().or(last);
        }
        assert_eq!(worker.newest().or(last), Some(38));
    }

    #[test]
    fn a_panic_costs_one_answer() {
        let (tell, woken) = channel();
        let wake: Wake = std::sync::Arc::new(move || tell.send(()).unwrap_or_default());
        let mut worker = Worker::spawn("test", wake, |n: u32| {
            assert!(n > 0, "a panic on purpose");
            n
        });
        for n in [0, 1] {
            worker.request(n);
            woken
                .recv_timeout(std::time::Duration::from_secs(5))
                .unwrap();
            assert!(!worker.busy());
        }
        assert_eq!(worker.newest(), Some(1));
    }
}
