//! `planspiel run`: simulates a scenario in the same world that the window uses, and writes results and report.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::access;
use crate::finding::Severity;
use crate::job::Job;
use crate::result::compare::{IndicatorDifference, indicator_differences};
use crate::result::write::indicator_values;
use crate::result::{Quality, RunResult, WriteError, make_files, stage_files};
use crate::scenario::{Scenario, nearest, read_scenario, shown};
use crate::sim::{
    Command, SIMULATIONS, SimConfig, SimHandle, Snapshot, default_threads, memory, spawn_with,
};
use crate::text::{Language, texts};
use crate::traffic::present as traffic;

use super::check::{contents, counted, finding_line};
use super::exit::{BAD_INPUT, BUG, CANNOT_WRITE, CliError, DONE, INTERRUPTED, IO, USAGE};
use super::output::{OutputFolder, RUN_FILE, canonical, plain, write_file};
use super::progress::Progress;
use super::{Globals, Level, interrupt, print};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Scenario file (.toml), or a city file for a study with default settings
    scenario: PathBuf,
    /// Only this variant (and the baseline); may be repeated
    #[arg(long, value_name = "NAME")]
    variant: Vec<String>,
    /// Only these simulations, e.g. `sun`
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    only: Vec<String>,
    /// Results folder [default: results/NAME-OF-THE-SCENARIO-FILE]
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Threads; the results are the same for any number [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print the key figures as JSON
    #[arg(long)]
    json: bool,
    /// Write into a folder that holds something else
    #[arg(short, long)]
    force: bool,
}

/// Share of the whole that reading, computing and writing take in the progress bar.
const LOAD_SHARE: f64 = 0.15;
const RUN_SHARE: f64 = 0.75;

/// What happened when, as JSON lines.
const LOG_FILE: &str = "log.jsonl";

/// How often the keyboard is asked for Ctrl-C.
const TICK: Duration = Duration::from_millis(50);

/// Runs the scenario.
pub fn run(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let start = Instant::now();
    if globals.level > Level::Quiet {
        print::message(&format!(
            "planspiel {}: {}",
            env!("CARGO_PKG_VERSION"),
            shown(&args.scenario.display().to_string())
        ));
    }
    interrupt::install();
    let threads = args.threads.map_or_else(default_threads, usize::from);
    // Report and maps use the global pool. It can only be set once, which is here.
    let _ = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global();
    let loaded = read_scenario(&args.scenario, globals.data.clone())?;
    let plan = Plan::new(args, &loaded.scenario)?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| default_folder(&args.scenario));
    let folder = OutputFolder::prepare(&out, &args.scenario, args.force)?;
    let mut progress = Progress::new(globals.level, start);
    let outcome = compute(args, globals, threads, &plan, &mut progress).and_then(|result| {
        let result = Arc::new(result);
        write(
            args,
            globals,
            threads,
            folder,
            &result,
            &mut progress,
            start,
        )
        .map(|report| (result, report))
    });
    progress.finish();
    let (result, report) = outcome?;
    if args.json {
        print::result(&json_summary(&result, &report).to_string())?;
    } else {
        print::result(&text_summary(&result))?;
        print::result(&report.display().to_string())?;
    }
    Ok(DONE)
}

/// What is to be computed.
#[derive(Debug)]
struct Plan {
    /// Positions with the baseline as 0.
    variants: Vec<usize>,
    names: Vec<String>,
    simulations: Vec<&'static str>,
}

impl Plan {
    fn new(args: &Args, scenario: &Scenario) -> Result<Self, CliError> {
        let names: Vec<String> = std::iter::once("baseline".to_owned())
            .chain(scenario.variants.iter().map(|v| v.name.clone()))
            .collect();
        let mut variants: Vec<usize> = (0..names.len()).collect();
        if !args.variant.is_empty() {
            let mut wanted = vec![0];
            for name in &args.variant {
                wanted.push(position(name, &names, "variant")?);
            }
            variants.retain(|i| wanted.contains(i));
        }
        let registered: Vec<String> = SIMULATIONS.iter().map(|s| s.name.to_owned()).collect();
        for name in &args.only {
            position(name, &registered, "simulation")?;
        }
        let simulations: Vec<&'static str> = SIMULATIONS
            .iter()
            .filter(|s| (s.enabled)(scenario))
            .map(|s| s.name)
            .filter(|name| args.only.is_empty() || args.only.iter().any(|only| only == name))
            .collect();
        if simulations.is_empty() {
            return Err(CliError::new(
                BAD_INPUT,
                format!(
                    "error[cli::nothing-to-run]: the scenario asks for no simulation\n  --> {}\n  expected: at least one of the tables {}\n  help: add \
                     `[sun]`; every setting has a default",
                    shown(&args.scenario.display().to_string()),
                    registered
                        .iter()
                        .map(|n| format!("`[{n}]`"))
                        .collect::<Vec<_>>()
                        .join(", ")
                ),
            ));
        }
        Ok(Self {
            variants,
            names,
            simulations,
        })
    }
}

fn position(name: &str, names: &[String], what: &str) -> Result<usize, CliError> {
    names.iter().position(|n| n == name).ok_or_else(|| {
        let help = nearest(name, names.iter().map(String::as_str)).map_or_else(
            || {
                let all: Vec<String> = names.iter().map(|n| format!("`{}`", shown(n))).collect();
                format!("there are {}", all.join(", "))
            },
            |near| format!("did you mean `{}`?", shown(near)),
        );
        CliError::new(
            USAGE,
            format!(
                "error[cli::unknown-{what}]: there is no {what} `{}`\n  help: {help}",
                shown(name)
            ),
        )
    })
}

/// `results/essen` for `scenarios/essen.toml`.
fn default_folder(scenario: &Path) -> PathBuf {
    let stem = scenario
        .file_stem()
        .map_or_else(|| "scenario".into(), |s| s.to_string_lossy().into_owned());
    // `sample:hafenquartier` is not a good name for a folder.
    Path::new("results").join(stem.rsplit(':').next().unwrap_or(&stem))
}

/// Drives the world until all runs are done.
fn compute(
    args: &Args,
    globals: &Globals,
    threads: usize,
    plan: &Plan,
    progress: &mut Progress,
) -> Result<RunResult, CliError> {
    let world = spawn_with(SimConfig {
        threads: Some(threads),
        data: globals.data.clone(),
        behind_a_window: false,
    });
    world.send(Command::Open(args.scenario.clone()));
    let opened = drive(&world, |snapshot| {
        if let Some(job) = &snapshot.job {
            progress.show(job.phase, "", LOAD_SHARE * f64::from(job.fraction));
        }
    })?;
    if let Some(city) = opened.cities.first().and_then(Option::as_ref) {
        progress.log("city", json!({ "text": contents(city) }));
        if globals.level > Level::Quiet {
            progress.say(&format!("       {}", contents(city)));
        }
    }
    let total = plan.variants.len() * plan.simulations.len();
    for &variant in &plan.variants {
        for &simulation in &plan.simulations {
            world.send(Command::Start {
                variant,
                simulation,
                quality: Quality::Exact,
            });
        }
    }
    let computed = drive(&world, |snapshot| {
        if let Some(job) = &snapshot.job {
            let done = total.saturating_sub(snapshot.queued + 1) as f64 + f64::from(job.fraction);
            let name = plan.names.get(job.variant).map_or("", String::as_str);
            let fraction = LOAD_SHARE + RUN_SHARE * done / total.max(1) as f64;
            progress.show(job.phase, &shown(name), fraction);
        }
    })?;
    computed.run_result(&plan.variants).ok_or_else(|| {
        CliError::new(
            BUG,
            "error[cli::no-result]: the run ended without a result and without an error",
        )
    })
}

/// Waits until the world is idle, shows progress, passes Ctrl-C on; the first error ends the program.
fn drive(world: &SimHandle, mut show: impl FnMut(&Snapshot)) -> Result<Arc<Snapshot>, CliError> {
    let mut generation = 0;
    let mut cancelled = false;
    loop {
        let snapshot = world.wait_changed(generation, TICK);
        generation = snapshot.generation;
        if interrupt::requested().is_some() && !cancelled {
            cancelled = true;
            print::message(STOPPING);
            world.send(Command::Cancel);
        }
        if !cancelled {
            show(&snapshot);
        }
        let failed = snapshot.messages.iter().any(|m| m.error);
        if failed && !cancelled {
            // What else runs is of no use any more.
            cancelled = true;
            world.send(Command::Cancel);
        }
        if world.is_idle(&snapshot) || world.is_closed() {
            if let Some(code) = interrupt::requested() {
                return Err(interrupted(code));
            }
            let errors: Vec<&crate::sim::UserMessage> =
                snapshot.messages.iter().filter(|m| m.error).collect();
            let Some(first) = errors.first() else {
                return Ok(snapshot);
            };
            let code = snapshot
                .exit_codes
                .get(&first.number)
                .copied()
                .unwrap_or(BUG);
            let text: Vec<&str> = errors.iter().map(|m| m.text.as_str()).collect();
            return Err(CliError::new(code, text.join("\n")));
        }
    }
}

const STOPPING: &str = "stopping; press Ctrl-C again to end at once";

fn interrupted(code: u8) -> CliError {
    CliError::new(code, "interrupted; nothing was written")
}

/// Writes all files; returns the path of the report.
fn write(
    args: &Args,
    globals: &Globals,
    threads: usize,
    folder: OutputFolder,
    result: &Arc<RunResult>,
    progress: &mut Progress,
    start: Instant,
) -> Result<PathBuf, CliError> {
    let job = Job::default();
    let making = beside(&job, progress, {
        let (result, job) = (result.clone(), job.clone());
        move || make_files(&result, &job)
    });
    if let Some(code) = interrupt::requested() {
        // A map that is being drawn knows no cancel: the thread is left behind and ends with the program.
        return Err(interrupted(code));
    }
    // A panic told its reason itself.
    let files = making.join().map_err(|_| CliError::told(BUG))?;
    let files = files.map_err(|error| write_failed(&error))?;
    let mut relative: Vec<PathBuf> = files.iter().map(|f| PathBuf::from(&f.path)).collect();
    // Waited for, so that no half files stay; it looks for a cancel before every file.
    let staging = beside(&job, progress, {
        let (out, job) = (folder.path().to_owned(), job.clone());
        move || stage_files(&files, &out, &job)
    });
    let staged = match staging.join().map_err(|_| CliError::told(BUG))? {
        Err(WriteError::Cancelled(_)) => {
            return Err(interrupted(interrupt::requested().unwrap_or(INTERRUPTED)));
        }
        staged => staged.map_err(|error| write_failed(&error))?,
    };
    // Before the results, so that the folder is known as ours even if the program is killed while it writes.
    write_facts(args, threads, folder.path(), &[], start)?;
    staged.place().map_err(|error| write_failed(&error))?;
    report_findings(result, globals, progress);
    relative.push(RUN_FILE.into());
    relative.push(LOG_FILE.into());
    progress.log("done", json!({ "files": relative.len() }));
    write_file(
        &folder.path().join(LOG_FILE),
        progress.log_text().as_bytes(),
    )
    .map_err(|error| cannot_write(folder.path(), &error))?;
    write_facts(args, threads, folder.path(), &relative, start)?;
    let report = folder.path().join("report.html");
    folder.keep();
    Ok(report)
}

/// Works on a thread beside this one, which shows progress and passes Ctrl-C on; comes back when the work is done or was
/// cancelled.
fn beside<T: Send + 'static>(
    job: &Job,
    progress: &mut Progress,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let worker = std::thread::spawn(work);
    while !worker.is_finished() && !job.is_cancelled() {
        if interrupt::requested().is_some() {
            print::message(STOPPING);
            job.cancel();
        }
        let fraction =
            LOAD_SHARE + RUN_SHARE + (1.0 - LOAD_SHARE - RUN_SHARE) * f64::from(job.fraction());
        progress.show(job.current_phase(), "", fraction);
        std::thread::sleep(Duration::from_millis(20));
    }
    worker
}

/// Writes what is true of this run only, and not of its results.
fn write_facts(
    args: &Args,
    threads: usize,
    folder: &Path,
    files: &[PathBuf],
    start: Instant,
) -> Result<(), CliError> {
    let facts = json!({
        "program": "planspiel",
        "version": env!("CARGO_PKG_VERSION"),
        "arguments": std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned()).collect::<Vec<_>>(),
        "scenario": args.scenario.display().to_string(),
        "scenario_file": canonical(&args.scenario).to_string_lossy(),
        "finished": (!files.is_empty()).then(utc_now),
        "wall_s": (start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        "cpu_s": memory::cpu_time_s(),
        "peak_memory_bytes": memory::peak_memory_bytes(),
        "threads": threads,
        "processors": default_threads(),
        "files": files.iter().map(|f| f.to_string_lossy().into_owned()).collect::<Vec<_>>(),
    });
    write_file(&folder.join(RUN_FILE), format!("{facts:#}\n").as_bytes())
        .map_err(|error| cannot_write(folder, &error))
}

fn cannot_write(folder: &Path, error: &std::io::Error) -> CliError {
    let code = match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => CANNOT_WRITE,
        _ => IO,
    };
    CliError::new(
        code,
        format!(
            "error[cli::cannot-write]: the results cannot be written: {}\n  --> {}",
            plain(error),
            folder.display()
        ),
    )
}

fn write_failed(error: &WriteError) -> CliError {
    let code = match error {
        WriteError::Io { source, .. } => cannot_write(Path::new(""), source).code,
        WriteError::Draw { .. } => BUG,
        WriteError::Cancelled(_) => INTERRUPTED,
    };
    CliError::new(
        code,
        format!("error[{}]: {error}\n  help: {}", error.code(), error.help()),
    )
}

/// Most findings that the screen lists; the report has them all.
const MOST_LISTED: usize = 12;

fn report_findings(result: &RunResult, globals: &Globals, progress: &mut Progress) {
    let mut findings: Vec<_> = result
        .variants
        .iter()
        .flat_map(|v| {
            let of_simulations = v.simulations.iter().flat_map(|s| &s.findings);
            v.city.findings.iter().chain(of_simulations)
        })
        .collect();
    findings.sort();
    findings.dedup();
    for finding in &findings {
        progress.log(
            "finding",
            json!({ "code": finding.code, "object": finding.object, "place": finding.place }),
        );
    }
    if globals.level == Level::Quiet || findings.is_empty() {
        return;
    }
    let warnings: Vec<_> = findings
        .iter()
        .filter(|f| f.severity == Severity::Warning)
        .collect();
    let most = if globals.level == Level::Verbose {
        usize::MAX
    } else {
        MOST_LISTED
    };
    progress.say(&format!(
        "{} ({}); the report has them all",
        counted(findings.len(), "finding"),
        counted(warnings.len(), "warning")
    ));
    for finding in warnings.iter().take(most) {
        progress.say(&finding_line(finding));
    }
    if warnings.len() > most {
        progress.say(&format!("  ... and {} more", warnings.len() - most));
    }
}

fn json_summary(result: &RunResult, report: &Path) -> serde_json::Value {
    let baseline = result.variants.first();
    json!({
        "scenario": result.scenario.scenario.name,
        "report": report.display().to_string(),
        "folder": report.parent().map(|p| p.display().to_string()),
        "variants": result.variants.iter().enumerate().map(|(i, variant)| json!({
            "name": variant.name,
            "findings": variant.city.findings.len(),
            "simulations": variant.simulations.iter().map(|s| json!({
                "simulation": s.simulation,
                "quality": s.quality,
                "indicators": indicator_values(baseline.filter(|_| i > 0), variant, s),
                "findings": s.findings.len(),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// Key figures, one column per variant, with the change on what exists in both.
fn text_summary(result: &RunResult) -> String {
    let texts = texts(Language::En);
    let label = |indicator: &crate::result::Indicator| {
        let text = texts.get(indicator.key);
        match &indicator.date {
            Some(date) => format!("{text}, {date}"),
            None => text,
        }
    };
    let mut rows: Vec<Vec<String>> = vec![
        std::iter::once(shown(&result.scenario.scenario.name))
            .chain(result.variants.iter().map(|v| shown(&v.name)))
            .collect(),
    ];
    let first = result
        .variants
        .first()
        .map_or(&[][..], |v| v.simulations.as_slice());
    for simulation in first {
        let changes: Vec<Vec<IndicatorDifference>> = result
            .variants
            .iter()
            .skip(1)
            .map(|v| indicator_differences(&result.variants[0], v, simulation.simulation))
            .collect();
        for i in &simulation.indicators {
            let value = |v: f64| format!("{v:.*} {}", i.decimals, i.unit);
            let mut row = vec![label(i), value(i.value)];
            for rows in &changes {
                let found = rows.iter().find(|r| r.indicator.id == i.id);
                let Some((found, new)) = found.and_then(|r| Some((r, r.variant?))) else {
                    row.push("-".to_owned());
                    continue;
                };
                row.push(match found.difference() {
                    Some(d) => format!("{} ({})", value(new), Language::En.signed(d, i.decimals)),
                    None => value(new),
                });
            }
            rows.push(row);
        }
    }
    let width = |c: usize| {
        rows.iter()
            .filter_map(|r| r.get(c))
            .map(|t| t.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut lines: Vec<String> = rows
        .iter()
        .map(|row| {
            let cells = row.iter().zip(&widths).enumerate();
            let line: String = cells
                .map(|(c, (text, width))| {
                    let fill = " ".repeat(width - text.chars().count());
                    if c == 0 {
                        format!("{text}{fill}")
                    } else {
                        format!("  {fill}{text}")
                    }
                })
                .collect();
            line.trim_end().to_owned()
        })
        .collect();
    if result.variants.len() > 1 && rows.len() > 1 {
        let simulations = || result.variants.iter().flat_map(|v| &v.simulations);
        let seeded = [traffic::SIMULATION, crate::report::shuttle::SIMULATION];
        let of_runs = simulations().all(|s| seeded.contains(&s.simulation));
        let of_access = simulations().all(|s| s.simulation == access::study::SIMULATION);
        let text = if of_access {
            "In brackets: change against the baseline in the same hours."
        } else if of_runs {
            "In brackets: change on the runs with the same seed."
        } else {
            "In brackets: change on what exists in both: facades of unchanged buildings, cells of the ground, hours, runs with the same seed."
        };
        lines.push(text.to_owned());
    }
    lines.join("\n")
}

/// Now as `2027-03-21T12:00:00Z`.
fn utc_now() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |d| d.as_secs());
    utc_text(seconds)
}

fn utc_text(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Civil date from days since 1970-01-01, after Hinnant, "chrono-compatible low-level date algorithms".
    let z = days + 719_468;
    let era = z / 146_097;
    let of_era = z % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(utc_text(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc_text(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(utc_text(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(utc_text(1_805_587_200), "2027-03-21T00:00:00Z");
    }

    #[test]
    fn the_results_folder_is_named_after_the_file() {
        assert_eq!(
            default_folder(Path::new("a/essen.toml")),
            Path::new("results/essen")
        );
        assert_eq!(
            default_folder(Path::new("sample:hafenquartier")),
            Path::new("results/hafenquartier")
        );
    }
}
