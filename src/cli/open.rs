//! `planspiel open` and `planspiel` alone: the window.

use std::path::PathBuf;

use clap::CommandFactory;

use super::exit::{CliError, DONE, UNAVAILABLE};
use super::{Globals, print};

/// Arguments of `open`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// City or scenario file
    file: PathBuf,
}

/// Without arguments.
pub fn start(_globals: &Globals) -> Result<u8, CliError> {
    print::result(&super::Args::command().render_help().to_string())?;
    Ok(DONE)
}

/// Opens a city or scenario.
pub fn open(_args: &Args, _globals: &Globals) -> Result<u8, CliError> {
    Err(CliError::new(UNAVAILABLE, ""))
}
