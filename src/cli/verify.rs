//! `planspiel verify`: the verification cases of a domain, expected against got.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::scenario::nearest;
use crate::verify::chart::Figure;
use crate::verify::{Case, DOMAINS, Verdict, flood, shuttle, table, traffic};

use super::exit::{CANNOT_WRITE, CHECK_FAILED, CliError, DONE, NO_INPUT, USAGE};
use super::{Globals, Level, print};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Domain, e.g. `sun` or `city`, or one family of water, traffic or shuttle, e.g. `flood/steady`; all without one
    domain: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Draw the curves of `flood` beside their references, as PNG and SVG files in this folder
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
}

/// Runs the cases and prints them.
pub fn verify(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let names: Vec<String> = DOMAINS
        .iter()
        .map(|(domain, _)| (*domain).to_owned())
        .chain(flood::families().map(|family| format!("flood/{family}")))
        .chain(traffic::families().map(|family| format!("traffic/{family}")))
        .chain(shuttle::families().map(|family| format!("shuttle/{family}")))
        .collect();
    if let Some(name) = args.domain.as_ref().filter(|name| !names.contains(name)) {
        let help = nearest(name, names.iter().map(String::as_str)).map_or_else(
            || format!("choose one of {}", names.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return Err(CliError::new(
            USAGE,
            format!(
                "error[cli::unknown-domain]: there is no domain `{}`\n  help: {help}",
                crate::scenario::shown(name)
            ),
        ));
    }
    // Without any folder the cases that need one are skipped; with a wrong one that would look like a success.
    if let Some(data) = globals.data.as_deref().filter(|data| !data.is_dir()) {
        let found = if data.exists() {
            "is not a folder"
        } else {
            "does not exist"
        };
        return Err(CliError::new(
            NO_INPUT,
            format!(
                "error[cli::no-data-folder]: the data folder `{}` {found}\n  help: correct --data DIR or PLANSPIEL_DATA; without both, cases that \
                 need data are skipped",
                crate::scenario::shown(&data.display().to_string())
            ),
        ));
    }
    let (chosen, family) = match args.domain.as_deref() {
        Some(name) => match name.split_once('/') {
            Some((domain, family)) => (Some(domain), Some(family)),
            None => (Some(name), None),
        },
        None => (None, None),
    };
    if args.plots.is_some() && chosen.is_some_and(|name| name != "flood") {
        return Err(CliError::new(
            USAGE,
            "error[cli::no-plots]: only the domain `flood` has curves to draw\n  help: planspiel verify flood --plots DIR"
                .to_owned(),
        ));
    }
    if let Some(folder) = &args.plots {
        std::fs::create_dir_all(folder).map_err(|e| cannot_write(folder, &e.to_string()))?;
    }
    let mut cases: Vec<Case> = Vec::new();
    for (domain, run) in DOMAINS {
        if chosen.is_none_or(|name| name == *domain) {
            if globals.level > Level::Quiet && !args.json {
                print::message(&format!("verifying {domain} ..."));
            }
            if *domain == "flood" {
                let (rows, figures) = flood::cases_and_figures(globals.data.as_deref(), family);
                cases.extend(rows);
                if let Some(folder) = &args.plots {
                    for figure in &figures {
                        draw(figure, folder)?;
                    }
                }
            } else if let Some(family) = family {
                let data = globals.data.as_deref();
                cases.extend(match *domain {
                    "shuttle" => shuttle::family_cases(family, data, shuttle::Effort::Full),
                    _ => traffic::family_cases(family, data, traffic::Effort::Full),
                });
            } else {
                cases.extend(run(globals.data.as_deref()));
            }
        }
    }
    if args.json {
        print::result(&json!({ "cases": cases }).to_string())?;
    } else {
        print::result(table(&cases).trim_end())?;
    }
    let count = |verdict| cases.iter().filter(|c| c.verdict == verdict).count();
    let (failed, skipped) = (count(Verdict::Fail), count(Verdict::Skipped));
    if globals.level > Level::Quiet && !args.json {
        print::message(&format!(
            "{} passed, {failed} failed, {skipped} skipped",
            count(Verdict::Pass)
        ));
    }
    let data_required = std::env::var_os("PLANSPIEL_REQUIRE_DATA").is_some_and(|v| v == "1");
    let bad = failed > 0 || (data_required && skipped > 0);
    Ok(if bad { CHECK_FAILED } else { DONE })
}

fn draw(figure: &Figure, folder: &Path) -> Result<(), CliError> {
    let png = figure.png().map_err(|e| cannot_write(folder, &e))?;
    for (ending, bytes) in [("svg", figure.svg().into_bytes()), ("png", png)] {
        let path = folder.join(figure.name).with_extension(ending);
        std::fs::write(&path, bytes).map_err(|e| cannot_write(&path, &e.to_string()))?;
    }
    Ok(())
}

fn cannot_write(path: &Path, reason: &str) -> CliError {
    CliError::new(
        CANNOT_WRITE,
        format!(
            "error[cli::cannot-write]: `{}`: {reason}\n  help: choose a folder that can be written with --plots DIR",
            crate::scenario::shown(&path.display().to_string())
        ),
    )
}
