//! Ctrl-C and the signals that end a program: the first asks the run to stop cleanly, the second ends at once.

use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::INTERRUPTED;
use super::print;

static INTERRUPTED_ONCE: AtomicBool = AtomicBool::new(false);

/// Listens from now on. Where the system does not allow it, Ctrl-C ends the program at once as usual.
pub fn install() {
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED_ONCE.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        print::message("stopping; press Ctrl-C again to end at once");
    });
}

/// True once somebody asked to stop.
pub fn requested() -> bool {
    INTERRUPTED_ONCE.load(Ordering::SeqCst)
}
