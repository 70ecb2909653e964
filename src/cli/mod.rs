//! The command line: one file per verb. Results go to stdout, messages to stderr; a number says how it ended (see [`exit`]).
//!
//! ```text
//! planspiel run scenarios/hafenquartier.toml     simulate, write results/hafenquartier/
//! planspiel check city.gml scenario.toml         list what is wrong
//! planspiel verify sun                           compare with exact and measured values
//! planspiel solve a4-48.txt                      plan the routes of a dial-a-ride file
//! ```

pub mod check;
pub mod crash;
pub mod exit;
pub mod info;
pub mod interrupt;
#[cfg(feature = "desktop")]
pub mod open;
#[cfg(not(feature = "desktop"))]
#[path = "open_headless.rs"]
pub mod open;
pub mod output;
pub mod print;
pub mod progress;
pub mod run;
pub mod sample;
pub mod schema;
pub mod solve;
pub mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, Parser, Subcommand};

use exit::CliError;

const EXAMPLES: &str = "Examples:
  planspiel run scenarios/hafenquartier.toml
  planspiel run scenarios/hafenquartier.toml --variant Turm --out /tmp/turm
  planspiel check city.gml draft.glb scenario.toml
  planspiel schema > scenario.schema.json
  planspiel verify sun
  planspiel solve a4-48.txt --seconds 10

Exit codes:
  0 done · 1 done, but a check failed · 2 wrong usage · 65 bad input · 66 input missing · 70 bug ·
  71 not enough memory · 73 cannot write · 74 read or write error · 130 Ctrl-C · 143 SIGTERM";

/// Urban digital twin: put a draft into the city and see what it does to the sun.
#[derive(Debug, Parser)]
#[command(name = "planspiel", version, about, after_help = EXAMPLES, max_term_width = 120)]
struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Folder behind `data:` in paths
    #[arg(long, global = true, value_name = "DIR", env = "PLANSPIEL_DATA")]
    data: Option<PathBuf>,
    /// Say less: errors only
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Open a city or scenario in the window
    Open(open::Args),
    /// Run a scenario and write its results and report
    Run(run::Args),
    /// Validate cities, scenarios and drafts; list findings
    Check(check::Args),
    /// Print the JSON Schema of the scenario file
    Schema,
    /// Write the sample city, or a larger one of its kind
    Sample(sample::Args),
    /// Plan the routes of a dial-a-ride or pickup-and-delivery file
    Solve(solve::Args),
    /// Print version, features and machine
    Info(info::Args),
    /// Compare with exact and measured values; exit code 1 when a case fails
    Verify(verify::Args),
}

/// What every verb knows.
#[derive(Clone, Debug)]
pub struct Globals {
    /// Data root of `data:` paths.
    pub data: Option<PathBuf>,
    /// How much is said.
    pub level: Level,
}

/// How much is said on stderr.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Errors only.
    Quiet,
    /// Progress and findings.
    Normal,
    /// Everything.
    Verbose,
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    crash::install();
    let args = Args::parse();
    let globals = Globals {
        data: args.data.or_else(crate::verify::data_root),
        level: match (args.quiet, args.verbose) {
            (true, _) => Level::Quiet,
            (false, 0) => Level::Normal,
            (false, _) => Level::Verbose,
        },
    };
    let outcome = match args.verb {
        None => open::start(&globals),
        Some(Verb::Open(args)) => open::open(&args, &globals),
        Some(Verb::Run(args)) => run::run(&args, &globals),
        Some(Verb::Check(args)) => check::check(&args, &globals),
        Some(Verb::Schema) => schema::schema(),
        Some(Verb::Sample(args)) => sample::sample(&args, &globals),
        Some(Verb::Solve(args)) => solve::solve(&args, &globals),
        Some(Verb::Info(args)) => info::info(&args, &globals),
        Some(Verb::Verify(args)) => verify::verify(&args, &globals),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(CliError { code, text }) => {
            if !text.is_empty() {
                print::message(&text);
            }
            ExitCode::from(code)
        }
    }
}
