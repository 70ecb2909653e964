//! `.sumocfg`: which files, which times, which seed.

use std::path::{Path, PathBuf};

use super::error::{Fault, SumoError};
use super::log::{Limits, Log, shortened};
use super::xml::{Element, Source};

/// Seed of SUMO when the configuration names none.
pub(super) const DEFAULT_SEED: u64 = 23_423;

/// Lane and speed of vehicles that name none: the defaults of SUMO 1.28 (`sumo --save-template`).
pub(super) const DEFAULT_DEPART_LANE: &str = "best_prob";
pub(super) const DEFAULT_DEPART_SPEED: &str = "avg";

/// Sections whose options do not change what drives.
const HARMLESS_SECTIONS: [&str; 5] = ["report", "output", "gui_only", "gui", "traci_server"];

/// What a configuration says.
#[derive(Debug)]
pub(super) struct Config {
    /// Network with the place that names it.
    pub net: Option<(PathBuf, String)>,
    /// Additional files with the places that name them.
    pub additional: Vec<(PathBuf, String)>,
    /// Route files with the places that name them.
    pub routes: Vec<(PathBuf, String)>,
    /// Begin (s).
    pub begin_s: f64,
    /// End (s); none: until the streets are empty.
    pub end_s: Option<f64>,
    /// Step (s).
    pub step_s: f64,
    /// Seed.
    pub seed: u64,
    /// Words for vehicles that name no lane and no speed to depart with.
    pub depart_lane: String,
    /// See `depart_lane`.
    pub depart_speed: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            net: None,
            additional: Vec::new(),
            routes: Vec::new(),
            begin_s: 0.0,
            end_s: None,
            step_s: 1.0,
            seed: DEFAULT_SEED,
            depart_lane: DEFAULT_DEPART_LANE.to_owned(),
            depart_speed: DEFAULT_DEPART_SPEED.to_owned(),
        }
    }
}

/// Reads a configuration; paths in it are relative to its folder.
pub(super) fn read(path: &Path, log: &mut Log) -> Result<Config, SumoError> {
    let source = Source::read(path, None)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut config = Config::default();
    let root = source.elements(|element| {
        if element.get("value").is_some() {
            option(&source, &element, "", folder, &mut config, log);
        }
        for child in &element.children {
            option(&source, child, element.name, folder, &mut config, log);
        }
        Ok(())
    })?;
    if !root.name.to_ascii_lowercase().contains("configuration") {
        return Err(SumoError::file(
            Fault::new(
                "wrong-format",
                source.name.as_str(),
                format!("the file `{}` is not a SUMO configuration", source.name),
            )
            .expected("the root element `<configuration>` or `<sumoConfiguration>`")
            .found(format!("`<{}>`", shortened(root.name)))
            .help("name the `.sumocfg` file"),
        ));
    }
    if config.net.is_none() {
        log.faults.add(|| {
            Fault::new(
                "no-network",
                source.name.as_str(),
                format!("the configuration `{}` names no network", source.name),
            )
            .expected("`<net-file value=\"...\"/>`")
            .help("add it")
        });
    }
    if config.end_s.is_some_and(|end| end <= config.begin_s) {
        log.faults.add(|| {
            Fault::new(
                "times",
                source.name.as_str(),
                format!("the configuration `{}` ends before it begins", source.name),
            )
            .found(format!(
                "begin {} s, end {} s",
                config.begin_s,
                config.end_s.unwrap_or_default()
            ))
            .help("correct `<begin>` or `<end>`")
        });
    }
    log.faults.check()?;
    Ok(config)
}

fn option(
    source: &Source,
    element: &Element,
    section: &str,
    folder: &Path,
    config: &mut Config,
    log: &mut Log,
) {
    let files = || -> Vec<(PathBuf, String)> {
        element
            .text("value")
            .split([',', ' ', ';', '\n', '\t'])
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| (folder.join(name), source.place(element.line)))
            .collect()
    };
    match element.name {
        "net-file" | "net" | "n" => config.net = files().into_iter().next(),
        "additional-files" | "additional" | "a" => config.additional = files(),
        "route-files" | "routes" | "r" => config.routes = files(),
        "begin" | "b" => {
            if let Some(time) = log.time(source, element, "value", Limits::NotNegative) {
                config.begin_s = time;
            }
        }
        // -1 is "none".
        "end" | "e" => {
            config.end_s = log
                .time(source, element, "value", Limits::Any)
                .filter(|time| *time >= 0.0);
        }
        "step-length" => {
            if let Some(step) = log.time(source, element, "value", Limits::Positive) {
                config.step_s = step;
            }
        }
        "seed" => match element.text("value").trim().parse() {
            Ok(seed) => config.seed = seed,
            Err(_) => log.wrong_value(source, element, "value", "a whole number from 0"),
        },
        "default.departlane" => config.depart_lane = element.text("value").trim().to_owned(),
        "default.departspeed" => config.depart_speed = element.text("value").trim().to_owned(),
        name => unknown(source, element, section, name, log),
    }
}

fn unknown(source: &Source, element: &Element, section: &str, name: &str, log: &mut Log) {
    let harmless = HARMLESS_SECTIONS.contains(&section)
        || name.ends_with("-output")
        || name.contains("-output.")
        || matches!(
            name,
            "gui-settings-file"
                | "verbose"
                | "no-step-log"
                | "no-warnings"
                | "log"
                | "start"
                | "quit-on-end"
                | "threads"
                | "xml-validation"
                | "xml-validation.net"
                | "xml-validation.routes"
                | "route-steps"
                | "delay"
        );
    if harmless {
        return;
    }
    let value = shortened(element.text("value"));
    let code = match name {
        "time-to-teleport" | "time-to-teleport.highways" | "time-to-teleport.disconnected" => {
            "option-teleport"
        }
        "lateral-resolution" => "option-lateral",
        "step-method.ballistic" => "option-ballistic",
        "ignore-route-errors" => "option-route-errors",
        "scale" => "option-scale",
        "max-depart-delay" => "option-depart-delay",
        "random" => "option-random",
        _ if name.starts_with("device.") || name.starts_with("routing-") => "option-routing",
        _ => "option",
    };
    let words = [shortened(name).to_string(), value.to_string()];
    log.notes
        .add(code, name, source.place(element.line), words.to_vec());
}
