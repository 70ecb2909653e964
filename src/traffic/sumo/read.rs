//! From paths to a scenario: which file is read when.

use std::path::{Path, PathBuf};

use super::config::{self, Config, DEFAULT_SEED};
use super::demand::Reader;
use super::error::{Fault, Note, SumoError};
use super::log::{Log, shortened};
use super::network::{self, Names};
use super::signals;
use super::xml::{Element, Source};
use crate::traffic::demand::Demand;
use crate::traffic::network::Network;

/// Files that include each other further than this go in circles.
const MAX_INCLUDES: usize = 1_000;

/// A scenario of SUMO in the form that the simulation reads.
#[derive(Clone, Debug)]
pub struct SumoScenario {
    /// Streets and signals.
    pub network: Network,
    /// Vehicles, stops, detectors.
    pub demand: Demand,
    /// Begin (s).
    pub begin_s: f64,
    /// End (s); none: until the streets are empty.
    pub end_s: Option<f64>,
    /// Step (s) of the configuration.
    pub step_s: f64,
    /// Seed of the configuration, or SUMO's own (23423).
    pub seed: u64,
    /// What was left out or read otherwise.
    pub notes: Vec<Note>,
    /// Files that were read.
    pub files: Vec<PathBuf>,
}

/// Reads a `.sumocfg` with all that it names.
pub fn read_config(path: &Path) -> Result<SumoScenario, SumoError> {
    let mut log = Log::default();
    let config = config::read(path, &mut log)?;
    let mut scenario = scenario(config, log)?;
    scenario.files.insert(0, path.to_owned());
    Ok(scenario)
}

/// Reads a network alone (`.net.xml` or `.net.xml.gz`).
pub fn read_network(path: &Path) -> Result<(Network, Vec<Note>), SumoError> {
    let mut log = Log::default();
    let source = Source::read(path, None)?;
    let (mut network, names) = network::read(&source, &mut log)?;
    signals::check(&mut network, &names, &mut log);
    log.faults.check()?;
    Ok((network, log.notes.into_list()))
}

/// Reads files without a configuration, with SUMO's defaults for the rest.
pub fn read_inputs(
    net: &Path,
    additional: &[PathBuf],
    routes: &[PathBuf],
) -> Result<SumoScenario, SumoError> {
    let config = Config {
        net: Some((net.to_owned(), String::new())),
        additional: unnamed(additional),
        routes: unnamed(routes),
        seed: DEFAULT_SEED,
        ..Config::default()
    };
    scenario(config, Log::default())
}

/// A demand on a network that does not come from SUMO.
#[derive(Clone, Debug)]
pub struct Routes {
    /// Vehicles, stops, detectors.
    pub demand: Demand,
    /// What was left out or read otherwise.
    pub notes: Vec<Note>,
    /// Files that were read.
    pub files: Vec<PathBuf>,
}

/// Reads a demand for a network of another source; programmes of signals in the files are not read.
pub fn read_routes(
    network: &Network,
    additional: &[PathBuf],
    routes: &[PathBuf],
) -> Result<Routes, SumoError> {
    let config = Config {
        additional: unnamed(additional),
        routes: unnamed(routes),
        ..Config::default()
    };
    let mut log = Log::default();
    let names = Names::of(network, "the network of the scenario");
    let sources = sources(&config)?;
    for source in &sources {
        let root = source.elements(|element| {
            if element.name == "tlLogic" {
                log.note(source, &element, "programs-elsewhere", &[]);
            }
            Ok(())
        })?;
        check_kind(source, root.name)?;
    }
    let demand = demand(&config, network, &names, &sources, &mut log)?;
    log.faults.check()?;
    Ok(Routes {
        demand,
        notes: log.notes.into_list(),
        files: sources
            .into_iter()
            .filter_map(|source| source.path)
            .collect(),
    })
}

/// Paths that no file names.
fn unnamed(paths: &[PathBuf]) -> Vec<(PathBuf, String)> {
    let paths = paths.iter();
    paths.map(|path| (path.clone(), String::new())).collect()
}

fn scenario(config: Config, log: Log) -> Result<SumoScenario, SumoError> {
    let (net, place) = config.net.clone().unwrap_or_default();
    let net = Source::read(&net, named(&place))?;
    // The network first: its faults are told before a file further back is missed.
    let sources = || sources(&config);
    assemble(&config, &net, sources, log)
}

/// A scenario from the text of a network and those of the other files.
pub(super) fn assemble(
    config: &Config,
    net: &Source,
    sources: impl FnOnce() -> Result<Vec<Source>, SumoError>,
    mut log: Log,
) -> Result<SumoScenario, SumoError> {
    let (mut network, names) = network::read(net, &mut log)?;
    // Faults of the network would come back as many faults of routes.
    log.faults.check()?;
    let sources = sources()?;
    for source in &sources {
        let root = source.elements(|element| {
            if element.name == "tlLogic" {
                signals::add_program(&mut network, &names, source, &element, &mut log);
            }
            Ok(())
        })?;
        check_kind(source, root.name)?;
    }
    signals::check(&mut network, &names, &mut log);
    let demand = demand(config, &network, &names, &sources, &mut log)?;
    log.faults.check()?;
    Ok(SumoScenario {
        network,
        demand,
        begin_s: config.begin_s,
        end_s: config.end_s,
        step_s: config.step_s,
        seed: config.seed,
        notes: log.notes.into_list(),
        files: std::iter::once(net)
            .chain(&sources)
            .filter_map(|source| source.path.clone())
            .collect(),
    })
}

fn named(place: &str) -> Option<&str> {
    Some(place).filter(|place| !place.is_empty())
}

/// All additional and route files in the order in which SUMO loads them, each followed by the files that it includes.
fn sources(config: &Config) -> Result<Vec<Source>, SumoError> {
    let mut waiting: Vec<(PathBuf, String)> = config
        .additional
        .iter()
        .chain(&config.routes)
        .rev()
        .cloned()
        .collect();
    let mut sources = Vec::new();
    while let Some((path, place)) = waiting.pop() {
        let source = Source::read(&path, named(&place))?;
        let mut included = Vec::new();
        source.elements(|element| {
            if element.name == "include" {
                let folder = path.parent().unwrap_or(Path::new(""));
                included.push((
                    folder.join(element.text("href")),
                    source.place(element.line),
                ));
            }
            Ok(())
        })?;
        waiting.extend(included.into_iter().rev());
        sources.push(source);
        if sources.len() > MAX_INCLUDES {
            return Err(SumoError::file(
                Fault::new(
                    "includes",
                    place,
                    format!("more than {MAX_INCLUDES} files include each other"),
                )
                .help("remove the `<include>` that leads back to a file before it"),
            ));
        }
    }
    Ok(sources)
}

fn check_kind(source: &Source, root: &str) -> Result<(), SumoError> {
    if root == "net" || root.to_ascii_lowercase().contains("configuration") {
        return Err(SumoError::file(
            Fault::new(
                "wrong-format",
                source.name.as_str(),
                format!(
                    "the file `{}` is neither an additional file nor a route file",
                    source.name
                ),
            )
            .expected("the root element `<additional>` or `<routes>`")
            .found(format!("`<{}>`", shortened(root)))
            .help("name networks as network and configurations as configuration"),
        ));
    }
    Ok(())
}

/// Three passes, because files may name what a later file defines: things, then routes, then vehicles.
fn demand(
    config: &Config,
    network: &Network,
    names: &Names,
    sources: &[Source],
    log: &mut Log,
) -> Result<Demand, SumoError> {
    let mut reader = Reader::new(network, names);
    reader.begin_s = config.begin_s;
    reader.end_s = config.end_s;
    reader.seed = config.seed;
    reader.depart_lane = config.depart_lane.as_str();
    reader.depart_speed = config.depart_speed.as_str();
    for source in sources {
        source.elements(|element| {
            thing(&mut reader, source, &element, log);
            Ok(())
        })?;
    }
    for source in sources {
        source.elements(|element| {
            match element.name {
                "route" => reader.read_route(source, &element, log),
                "routeDistribution" => reader.read_routes(source, &element, log),
                _ => {}
            }
            Ok(())
        })?;
    }
    for source in sources {
        source.elements(|element| {
            match element.name {
                "vehicle" | "trip" => reader.read_vehicle(source, &element, log),
                "flow" => reader.read_flow(source, &element, log),
                _ => {}
            }
            Ok(())
        })?;
    }
    let mut trips = reader.trips;
    // Stable: equal times keep the order of the files.
    trips.sort_by(|a, b| a.depart_s.total_cmp(&b.depart_s));
    Ok(Demand {
        types: reader.types.list,
        trips,
        stops: reader.places.stops,
        detectors: reader.places.detectors,
    })
}

fn thing(reader: &mut Reader, source: &Source, element: &Element, log: &mut Log) {
    let (network, names) = (reader.network, reader.names);
    match element.name {
        "vType" => reader.types.read_type(source, element, log),
        "vTypeDistribution" => reader.types.read_distribution(source, element, log),
        "busStop" | "trainStop" => reader
            .places
            .read_stop(network, names, source, element, log),
        "e1Detector" | "inductionLoop" => {
            reader
                .places
                .read_detector(network, names, source, element, log);
        }
        // Read in other passes, or for drawing only.
        "route" | "routeDistribution" | "vehicle" | "trip" | "flow" | "tlLogic" | "include"
        | "poly" | "poi" | "param" | "location" => {}
        name => {
            log.note(source, element, "not-read", &[name, "additional"]);
        }
    }
}
