//! `planspiel sample`: writes the sample city, or a larger one of the same kind.

use std::path::PathBuf;

use crate::city::sample::{FILES, SampleParams, SampleSize, write_sample};

use super::exit::{CANNOT_WRITE, CliError, DONE};
use super::output::plain;
use super::{Globals, Level, print};

/// Arguments of `sample`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder for the files
    #[arg(short, long, value_name = "DIR", default_value = "sample-city")]
    out: PathBuf,
    /// Number of buildings; one quarter of some 600 without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    buildings: Option<u32>,
    /// Seed of all random numbers; the city that ships has 2027
    #[arg(long, default_value_t = 2027)]
    seed: u64,
    /// Replace files of an earlier sample
    #[arg(short, long)]
    force: bool,
}

/// Writes the files and prints their paths.
pub fn sample(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let folder = args.out.display();
    if let Some(there) = FILES.iter().find(|name| args.out.join(name).exists())
        && !args.force
    {
        return Err(CliError::new(
            CANNOT_WRITE,
            format!(
                "error[cli::sample-exists]: `{there}` is already there\n  --> {folder}\n  help: name another folder with --out DIR, or use --force"
            ),
        ));
    }
    if globals.level > Level::Quiet {
        print::message(&format!(
            "planspiel {}: making a city in {folder}",
            env!("CARGO_PKG_VERSION")
        ));
    }
    let params = SampleParams {
        seed: args.seed,
        size: args
            .buildings
            .map_or(SampleSize::Quarter, |n| SampleSize::Buildings(n as usize)),
    };
    let files = write_sample(&args.out, &params).map_err(|error| {
        CliError::new(
            CANNOT_WRITE,
            format!(
                "error[cli::cannot-write]: the sample cannot be written: {}\n  --> {folder}",
                plain(&error)
            ),
        )
    })?;
    for file in files {
        print::result(&file.display().to_string())?;
    }
    Ok(DONE)
}
