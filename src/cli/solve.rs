//! `planspiel solve`: plans the routes of a dial-a-ride or pickup-and-delivery file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::job::Job;
use crate::scenario::shown;
use crate::shuttle::check::check_plan;
use crate::shuttle::error::ShuttleError;
use crate::shuttle::optimise::{Outcome, Settings, optimise};
use crate::shuttle::plan::Route;
use crate::shuttle::problem::{Objective, Problem};
use crate::shuttle::read::read_problem;
use crate::sim::default_threads;

use super::exit::{BUG, CHECK_FAILED, CliError, DONE, SYSTEM};
use super::{Globals, Level, interrupt, print};

/// Arguments of `solve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File of Cordeau & Laporte (dial-a-ride) or of Li & Lim (pickup and delivery)
    file: PathBuf,
    /// Time limit in seconds; ends earlier when the plan is proven best [default: 10, none with --iterations]
    #[arg(long, value_name = "S", value_parser = seconds)]
    seconds: Option<f64>,
    /// Limit of iterations; without --seconds the same number and seed give the same plan
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    iterations: Option<u64>,
    /// Seed of all random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads; the plan is the same for any number [default: one per processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 1e6 => Ok(seconds),
        _ => Err("a number above 0, at most 1000000".to_owned()),
    }
}

/// How often Ctrl-C is looked at.
const TICK: Duration = Duration::from_millis(50);

/// Reads the file, seeks a plan, checks it and prints it.
pub fn solve(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let started = Instant::now();
    interrupt::install();
    let problem = read_problem(&args.file)?;
    if globals.level > Level::Quiet {
        print::message(&format!(
            "planspiel {}: {}: {} requests, {} vehicles",
            env!("CARGO_PKG_VERSION"),
            shown(&args.file.display().to_string()),
            problem.requests(),
            vehicles(&problem)
        ));
    }
    let threads = args.threads.map_or_else(default_threads, usize::from);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| {
            CliError::new(
                SYSTEM,
                format!("error[cli::threads]: {threads} threads cannot be started: {error}"),
            )
        })?;
    let settings = Settings {
        seed: args.seed,
        seconds: args.seconds.or(args.iterations.is_none().then_some(10.0)),
        iterations: args.iterations,
        ..Settings::default()
    };
    let job = Job::new(args.seed);
    let done = AtomicBool::new(false);
    let outcome = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                if interrupt::requested().is_some() {
                    job.cancel();
                }
                std::thread::sleep(TICK);
            }
        });
        let outcome = pool.install(|| optimise(&problem, &settings, &job));
        done.store(true, Ordering::Relaxed);
        outcome
    });
    let outcome = match (outcome, interrupt::requested()) {
        (Err(ShuttleError::Cancelled(_)), Some(code)) => {
            return Err(CliError::new(code, "stopped: no plan is printed"));
        }
        (outcome, _) => outcome?,
    };
    let violations = check_plan(&problem, &outcome.plan);
    if args.json {
        print::result(&as_json(&problem, args.seed, &outcome, &violations).to_string())?;
    } else {
        print::result(as_text(&problem, &outcome, violations.is_empty()).trim_end())?;
    }
    if globals.level > Level::Quiet {
        print::message(&format!(
            "{} iterations in {:.1} s, seed {}",
            outcome.iterations,
            started.elapsed().as_secs_f64(),
            args.seed
        ));
    }
    if !violations.is_empty() {
        let list: Vec<String> = violations
            .iter()
            .map(|violation| format!("  {violation}"))
            .collect();
        return Err(CliError::new(
            BUG,
            format!(
                "error[shuttle::infeasible]: the plan breaks rules of the problem\n{}\n  help: please report this with the file and the seed",
                list.join("\n")
            ),
        ));
    }
    Ok(if outcome.plan.refused.is_empty() {
        DONE
    } else {
        CHECK_FAILED
    })
}

fn vehicles(problem: &Problem) -> usize {
    problem.kinds().iter().map(|kind| kind.count).sum()
}

/// The longest ride of a route against its limit, where there is one.
fn ride_times(problem: &Problem, route: &Route) -> Option<f64> {
    let n = problem.requests();
    let at = |node: usize| {
        route
            .nodes
            .iter()
            .position(|&other| usize::from(other) == node)
    };
    let rides = (0..n)
        .filter(|&request| problem.max_ride(request).is_finite())
        .filter_map(|request| {
            let (from, to) = (at(request)?, at(request + n)?);
            Some(route.begins[to] - route.begins[from] - problem.node(request as u16).service)
        });
    rides.reduce(f64::max)
}

fn as_text(problem: &Problem, outcome: &Outcome, feasible: bool) -> String {
    let plan = &outcome.plan;
    let mut text = String::new();
    for (number, route) in plan.routes.iter().enumerate() {
        let nodes: Vec<String> = route
            .nodes
            .iter()
            .map(|&node| problem.node(node).id.to_string())
            .collect();
        let last = route.begins.len() - 1;
        let ride = ride_times(problem, route)
            .map_or_else(String::new, |ride| format!(", longest ride {ride:.2}"));
        let _ = writeln!(
            text,
            "route {}: distance {:.4}, from {:.2} to {:.2}{ride}\n  {}",
            number + 1,
            route.distance,
            route.begins[0],
            route.begins[last],
            nodes.join(" ")
        );
    }
    for (request, reason) in &plan.refused {
        let _ = writeln!(
            text,
            "refused: the request at node {}: {reason}",
            problem.node(*request as u16).id
        );
    }
    let bounds = outcome.bounds;
    let proven = outcome.is_proven(problem);
    let fewest = match bounds.vehicles {
        Some(count) if count == plan.routes.len() => " (proven fewest)",
        _ if problem.objective() == Objective::VehiclesThenDistance => " (not proven fewest)",
        _ => "",
    };
    let served = problem.requests() - plan.refused.len();
    let _ = writeln!(
        text,
        "served    {served} of {} requests",
        problem.requests()
    );
    let _ = writeln!(
        text,
        "vehicles  {} of {}{fewest}",
        plan.routes.len(),
        vehicles(problem)
    );
    let _ = writeln!(text, "distance  {:.4}", plan.distance);
    let bound = match (bounds.distance, outcome.gap()) {
        _ if proven => "proven: no plan is better".to_owned(),
        (Some(bound), Some(gap)) => format!(
            "at least {bound:.4}, so at most {:.3} % too long",
            100.0 * gap
        ),
        _ => "not proven".to_owned(),
    };
    let _ = writeln!(text, "bound     {bound}");
    let checked = if feasible { "feasible" } else { "NOT feasible" };
    let _ = writeln!(text, "checked   {checked}");
    text
}

fn as_json(
    problem: &Problem,
    seed: u64,
    outcome: &Outcome,
    violations: &[crate::shuttle::check::Violation],
) -> serde_json::Value {
    let id = |node: u16| problem.node(node).id;
    let routes: Vec<_> = outcome
        .plan
        .routes
        .iter()
        .map(|route| {
            json!({
                "kind": route.kind,
                "distance": route.distance,
                "nodes": route.nodes.iter().map(|&node| id(node)).collect::<Vec<_>>(),
                "begins": route.begins,
            })
        })
        .collect();
    let refused: Vec<_> = outcome
        .plan
        .refused
        .iter()
        .map(|(request, reason)| json!({ "node": id(*request as u16), "reason": reason.to_string() }))
        .collect();
    json!({
        "requests": problem.requests(),
        "served": problem.requests() - outcome.plan.refused.len(),
        "vehicles": outcome.plan.routes.len(),
        "distance": outcome.plan.distance,
        "lower_bound": outcome.bounds.distance,
        "fewest_vehicles": outcome.bounds.vehicles,
        "proven": outcome.is_proven(problem),
        "feasible": violations.is_empty(),
        "seed": seed,
        "iterations": outcome.iterations,
        "routes": routes,
        "refused": refused,
    })
}
