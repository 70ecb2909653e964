//! What happens on a bug: a report file with what is needed to find it, and its path on stderr.

use std::backtrace::Backtrace;
use std::panic::PanicHookInfo;
use std::path::PathBuf;

use super::print;

/// Writes a report for every panic, also for those that only fail one job.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let text = report(info);
        let path = report_path();
        let saved = std::fs::write(&path, &text).is_ok();
        let place = info
            .location()
            .map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        print::message(&format!(
            "error[cli::bug]: internal error{place}: {}",
            words(info)
        ));
        if saved {
            print::message(&format!("  help: please report it with {}", path.display()));
        }
    }));
}

fn report_path() -> PathBuf {
    std::env::temp_dir().join(format!("planspiel-crash-{}.txt", std::process::id()))
}

fn words(info: &PanicHookInfo<'_>) -> String {
    info.payload_as_str().unwrap_or("unknown").to_owned()
}

fn report(info: &PanicHookInfo<'_>) -> String {
    format!(
        "planspiel {} on {}-{}\narguments: {:?}\nthread: {}\n{info}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS,
        std::env::args_os().skip(1).collect::<Vec<_>>(),
        std::thread::current().name().unwrap_or("unnamed"),
        Backtrace::force_capture(),
    )
}
