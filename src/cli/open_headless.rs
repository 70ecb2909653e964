//! `planspiel open` and `planspiel` alone, in a build without the window.

use std::path::PathBuf;

use clap::CommandFactory;

use super::exit::{CliError, DONE, UNAVAILABLE};
use super::{Globals, print};

/// Arguments of `open`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// City or scenario file
    file: Option<PathBuf>,
}

/// Without arguments.
pub fn start(_globals: &Globals) -> Result<u8, CliError> {
    print::result(&super::Args::command().render_help().to_string())?;
    Ok(DONE)
}

/// Says that there is no window.
pub fn open(args: &Args, _globals: &Globals) -> Result<u8, CliError> {
    let file = args
        .file
        .as_ref()
        .map_or_else(|| "SCENARIO".to_owned(), |f| f.display().to_string());
    Err(CliError::new(
        UNAVAILABLE,
        format!(
            "error[cli::no-window]: this build has no window (feature `desktop`)\n  help: `planspiel run {file}` simulates without one"
        ),
    ))
}
