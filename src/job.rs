//! The only link between a simulation kernel and the outside: progress, cancel, findings, seed.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use crate::finding::Finding;

/// The job was cancelled by the user; not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the run was cancelled")]
pub struct Cancelled;

/// Handle of one running simulation. Cloning gives another handle on the same job.
#[derive(Clone, Debug, Default)]
pub struct Job {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Fraction done, in millionths.
    progress: AtomicU32,
    cancelled: AtomicBool,
    /// Text key of what is being done now, e.g. `phase-sun-facades`.
    phase: Mutex<&'static str>,
    findings: Mutex<Vec<Finding>>,
    seed: u64,
}

impl Job {
    /// A job whose random numbers derive from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            inner: Arc::new(Inner {
                seed,
                ..Inner::default()
            }),
        }
    }

    /// Reports the fraction done, 0 to 1.
    pub fn progress(&self, fraction: f32) {
        let millionths = (fraction.clamp(0.0, 1.0) * 1e6) as u32;
        self.inner.progress.store(millionths, Ordering::Relaxed);
    }

    /// Fraction done, 0 to 1.
    pub fn fraction(&self) -> f32 {
        self.inner.progress.load(Ordering::Relaxed) as f32 / 1e6
    }

    /// Names what is being done, as a text key.
    pub fn phase(&self, key: &'static str) {
        *self
            .inner
            .phase
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Text key of what is being done; empty before the first phase.
    pub fn current_phase(&self) -> &'static str {
        *self
            .inner
            .phase
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the kernel to stop at its next check.
    pub fn cancel(&self) {
        self.inner.cancelled.store(true, Ordering::Relaxed);
    }

    /// True once `cancel` was called.
    pub fn is_cancelled(&self) -> bool {
        self.inner.cancelled.load(Ordering::Relaxed)
    }

    /// Returns early from a kernel when the user cancelled. Kernels call it at least every 50 ms of work.
    pub fn check_cancelled(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() {
            Err(Cancelled)
        } else {
            Ok(())
        }
    }

    /// Adds a finding to the result of this job.
    pub fn finding(&self, finding: Finding) {
        self.inner
            .findings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(finding);
    }

    /// Takes all findings so far, sorted, so that their order does not depend on threads.
    pub fn take_findings(&self) -> Vec<Finding> {
        let mut findings = std::mem::take(
            &mut *self
                .inner
                .findings
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        findings.sort();
        findings.dedup();
        findings
    }

    /// Seed of the scenario.
    pub fn seed(&self) -> u64 {
        self.inner.seed
    }
}
