//! `planspiel info`: version, features and machine, as a bug report needs them.

use serde_json::json;

use crate::scenario::FORMAT_VERSION;
use crate::sim::{SIMULATIONS, default_threads, memory};

use super::exit::{CliError, DONE};
use super::{Globals, print};

/// Arguments of `info`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints what the program and the machine are.
pub fn info(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let simulations: Vec<&str> = SIMULATIONS.iter().map(|s| s.name).collect();
    let features: Vec<&str> = [("desktop", cfg!(feature = "desktop"))]
        .iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| *name)
        .collect();
    let data = globals.data.as_ref().map(|d| d.display().to_string());
    let free = memory::free_memory_bytes();
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    if args.json {
        let value = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "target": target,
            "optimised": !cfg!(debug_assertions),
            "features": features,
            "simulations": simulations,
            "scenario_version": FORMAT_VERSION,
            "processors": default_threads(),
            "free_memory_bytes": free,
            "data": data,
        });
        print::result(&value.to_string())?;
        return Ok(DONE);
    }
    let memory = free.map_or_else(
        || "unknown".to_owned(),
        |bytes| format!("{:.1} GiB free", bytes as f64 / (1_u64 << 30) as f64),
    );
    print::result(&format!(
        "planspiel {}\n  target          {target}\n  features        {}\n  simulations     {}\n  scenario format {FORMAT_VERSION}\n  processors      {}\n  \
         memory          {memory}\n  data            {}",
        env!("CARGO_PKG_VERSION"),
        if features.is_empty() {
            "none".to_owned()
        } else {
            features.join(", ")
        },
        simulations.join(", "),
        default_threads(),
        data.as_deref()
            .unwrap_or("no folder (set --data or PLANSPIEL_DATA)"),
    ))?;
    Ok(DONE)
}
