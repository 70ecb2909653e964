//! Ctrl-C and the signals that end a program: the first asks the run to stop cleanly, the second ends at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::exit::{INTERRUPTED, TERMINATED};

#[derive(Default)]
struct Asked {
    once: Arc<AtomicBool>,
    /// Exit code of the signal; 0 for none.
    code: Arc<AtomicUsize>,
}

static ASKED: LazyLock<Asked> = LazyLock::new(Asked::default);

/// Listens from now on. Where the system does not allow it, the signals end the program at once as usual.
pub fn install() {
    for (signal, code) in [(SIGINT, INTERRUPTED), (SIGTERM, TERMINATED)] {
        // In this order: the first signal must find the flag unset.
        let _ = flag::register_conditional_shutdown(signal, i32::from(code), ASKED.once.clone());
        let _ = flag::register_usize(signal, ASKED.code.clone(), usize::from(code));
        let _ = flag::register(signal, ASKED.once.clone());
    }
}

/// The exit code to end with, once somebody asked to stop.
pub fn requested() -> Option<u8> {
    match ASKED.code.load(Ordering::SeqCst) {
        0 => None,
        code => u8::try_from(code).ok(),
    }
}
