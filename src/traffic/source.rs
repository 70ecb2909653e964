//! Where network and demand of a study come from: files of SUMO, streets of OpenStreetMap, or the sample city. Exactly one of them; what is
//! guessed or generated is said in what comes back.

use std::path::{Path, PathBuf};

use crate::city::sources::{Roots, Source};
use crate::result::InputFile;

use super::demand::Demand;
use super::error::TrafficError;
use super::generate::{
    DURATION_S, Generated, MOST_VEHICLES, SEED, VEHICLES_PER_H, generated_demand,
};
use super::network::osm::{OsmError, osm_streets};
use super::network::{Network, from_streets};
use super::params::{SAMPLE_NETWORK, TrafficParams};
use super::sample::{sample_demand, sample_network};
use super::sumo::{Note, read_config, read_inputs, read_routes};

/// Kind of a network's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkKind {
    /// Files of SUMO.
    Sumo,
    /// Streets of OpenStreetMap.
    OpenStreetMap,
    /// The sample city.
    Sample,
}

/// Network and demand as read, before any change.
pub struct TrafficSource {
    /// Kind of the network.
    pub kind: NetworkKind,
    /// Streets and signals.
    pub network: Network,
    /// Vehicles.
    pub demand: Demand,
    /// Begin (s).
    pub begin_s: f64,
    /// End (s); none: until the streets are empty.
    pub end_s: Option<f64>,
    /// Step (s).
    pub step_s: f64,
    /// How the demand was generated; none where files give it.
    pub generated: Option<Generated>,
    /// What was left out, guessed or read otherwise.
    pub notes: Vec<Note>,
    /// Files that were read.
    pub files: Vec<InputFile>,
}

/// Reads what the settings name.
pub fn read_source(params: &TrafficParams, roots: &Roots) -> Result<TrafficSource, TrafficError> {
    let named = [&params.sumo, &params.network, &params.osm];
    let count = named.iter().filter(|path| path.is_some()).count();
    if count != 1 {
        return Err(TrafficError::Setting {
            code: "no-network",
            what: "the settings of traffic must name one network".to_owned(),
            field: "traffic".to_owned(),
            found: if count == 0 {
                "none of `sumo`, `network`, `osm`".to_owned()
            } else {
                format!("{count} of `sumo`, `network`, `osm`")
            },
            expected: "exactly one of them".to_owned(),
            help: format!(
                "name a `.sumocfg`, a `.net.xml` with its demand, an `.osm` file, or `network = \"{SAMPLE_NETWORK}\"`"
            ),
        });
    }
    match (&params.osm, params.is_sample()) {
        (Some(osm), _) => open_street_map(osm, params, roots),
        (None, true) => sample(params, roots),
        (None, false) => sumo(params, roots),
    }
}

/// A network alone, with its kind, what was left out or guessed, and the files that were read: `osm` or `network`, as the settings of
/// traffic name them.
pub fn read_streets(
    params: &TrafficParams,
    roots: &Roots,
) -> Result<(NetworkKind, Network, Vec<Note>, Vec<InputFile>), TrafficError> {
    if let Some(osm) = &params.osm {
        let (network, notes, files) = open_street_map_network(osm, roots)?;
        return Ok((NetworkKind::OpenStreetMap, network, notes, files));
    }
    if params.is_sample() {
        let (network, notes) = sample_network();
        return Ok((NetworkKind::Sample, network, notes, Vec::new()));
    }
    let source = sumo(params, roots)?;
    Ok((source.kind, source.network, source.notes, source.files))
}

/// A file on disk that a setting names.
fn resolve(roots: &Roots, field: &str, path: &str) -> Result<PathBuf, TrafficError> {
    match resolved(roots, field, path)? {
        Source::File(path) => Ok(path),
        Source::Embedded { name, .. } => Err(TrafficError::Setting {
            code: "no-network",
            what: "the sample city has no files of SUMO".to_owned(),
            field: format!("traffic.{field}"),
            found: format!("`sample:{name}`"),
            expected: "a path below the scenario's folder, or `data:PATH`".to_owned(),
            help: format!("its streets and lines come with `network = \"{SAMPLE_NETWORK}\"`"),
        }),
    }
}

fn resolved(roots: &Roots, field: &str, path: &str) -> Result<Source, TrafficError> {
    roots.resolve(path).map_err(|error| TrafficError::Source {
        field: format!("traffic.{field}"),
        error: Box::new(error),
    })
}

fn resolve_all(roots: &Roots, field: &str, paths: &[String]) -> Result<Vec<PathBuf>, TrafficError> {
    let numbered = paths.iter().enumerate();
    numbered
        .map(|(i, path)| resolve(roots, &format!("{field}[{}]", i + 1), path))
        .collect()
}

/// The scenario of SUMO, and the files that it was read from.
fn sumo(params: &TrafficParams, roots: &Roots) -> Result<TrafficSource, TrafficError> {
    let (field, written) = match (&params.sumo, &params.network) {
        (Some(sumo), _) => ("sumo", sumo.as_str()),
        (None, network) => ("network", network.as_deref().unwrap_or_default()),
    };
    let path = resolve(roots, field, written)?;
    let scenario = if params.sumo.is_some() {
        read_config(&path)?
    } else {
        let additional = resolve_all(roots, "additional", &params.additional)?;
        let demand = resolve_all(roots, "demand", &params.demand)?;
        read_inputs(&path, &additional, &demand)?
    };
    let files = scenario.files.iter();
    let files = files.map(|file| input_file(file, field, written, roots));
    Ok(TrafficSource {
        kind: NetworkKind::Sumo,
        files: files.collect::<Result<_, _>>()?,
        network: scenario.network,
        demand: scenario.demand,
        begin_s: scenario.begin_s,
        end_s: scenario.end_s,
        step_s: scenario.step_s,
        generated: None,
        notes: scenario.notes,
    })
}

/// Streets of OpenStreetMap with a generated demand, or with routes of SUMO on the edges that the streets became.
fn open_street_map(
    written: &str,
    params: &TrafficParams,
    roots: &Roots,
) -> Result<TrafficSource, TrafficError> {
    let (network, notes, files) = open_street_map_network(written, roots)?;
    with_demand(
        NetworkKind::OpenStreetMap,
        network,
        notes,
        files,
        params,
        roots,
        generated_demand,
    )
}

/// The network of streets of OpenStreetMap.
fn open_street_map_network(
    written: &str,
    roots: &Roots,
) -> Result<(Network, Vec<Note>, Vec<InputFile>), TrafficError> {
    let field = || "traffic.osm".to_owned();
    let named = |error| match error {
        OsmError::File(error) => TrafficError::Source {
            field: field(),
            error: Box::new(error),
        },
        error => TrafficError::OpenStreetMap {
            field: field(),
            error: Box::new(error),
        },
    };
    let mut files = Vec::new();
    let (streets, mut notes) = match resolved(roots, "osm", written)? {
        Source::File(path) => {
            let (bytes, file) = read_file(&path, "osm", written, roots)?;
            files.push(file);
            osm_streets(&bytes, written).map_err(named)?
        }
        Source::Embedded { bytes, .. } => osm_streets(bytes, written).map_err(named)?,
    };
    let (network, laid) = from_streets(&streets);
    notes.extend(laid);
    Ok((network, notes, files))
}

/// Streets, signals and lines of the sample city.
fn sample(params: &TrafficParams, roots: &Roots) -> Result<TrafficSource, TrafficError> {
    let (network, notes) = sample_network();
    with_demand(
        NetworkKind::Sample,
        network,
        notes,
        Vec::new(),
        params,
        roots,
        sample_demand,
    )
}

/// A network without a demand of its own: routes that the settings name, or a generated demand.
fn with_demand(
    kind: NetworkKind,
    network: Network,
    mut notes: Vec<Note>,
    mut files: Vec<InputFile>,
    params: &TrafficParams,
    roots: &Roots,
    generate: fn(&Network, &Generated) -> Demand,
) -> Result<TrafficSource, TrafficError> {
    let begin_s = params.begin_s.unwrap_or(0.0);
    let mut generated = None;
    let demand = if params.demand.is_empty() {
        let settings = generated_settings(params, begin_s)?;
        generated = Some(settings);
        let demand = generate(&network, &settings);
        if demand.trips.is_empty() {
            return Err(TrafficError::Setting {
                code: "no-trips",
                what: "no trip can be generated on the streets".to_owned(),
                field: "traffic.vehicles_per_h".to_owned(),
                found: format!(
                    "{:.0} vehicles on {} edges",
                    settings.vehicles(),
                    network.edges.iter().filter(|edge| !edge.inner).count()
                ),
                expected: "one vehicle at least, and streets that are connected over 300 m"
                    .to_owned(),
                help: "take a larger extract, or raise `vehicles_per_h`".to_owned(),
            });
        }
        demand
    } else {
        let additional = resolve_all(roots, "additional", &params.additional)?;
        let routes = resolve_all(roots, "demand", &params.demand)?;
        let read = read_routes(&network, &additional, &routes)?;
        notes.extend(read.notes);
        for file in &read.files {
            files.push(input_file(file, "demand", &params.demand[0], roots)?);
        }
        read.demand
    };
    Ok(TrafficSource {
        kind,
        network,
        demand,
        begin_s,
        end_s: None,
        step_s: 1.0,
        generated,
        notes,
        files,
    })
}

fn generated_settings(params: &TrafficParams, begin_s: f64) -> Result<Generated, TrafficError> {
    let end_s = params.end_s.unwrap_or(begin_s + DURATION_S);
    let settings = Generated {
        vehicles_per_h: params.vehicles_per_h.unwrap_or(VEHICLES_PER_H),
        begin_s,
        duration_s: (end_s - begin_s).max(0.0),
        seed: params.demand_seed.unwrap_or(SEED),
    };
    if settings.vehicles() > MOST_VEHICLES {
        return Err(TrafficError::Setting {
            code: "too-many-vehicles",
            what: "the generated demand has more vehicles than a run holds".to_owned(),
            field: "traffic.vehicles_per_h".to_owned(),
            found: format!("{:.0} vehicles", settings.vehicles()),
            expected: format!("{MOST_VEHICLES:.0} at most"),
            help: "lower `vehicles_per_h`, or set an earlier `end_s`".to_owned(),
        });
    }
    Ok(settings)
}

/// Bytes of a file and what proves them.
fn read_file(
    path: &Path,
    field: &str,
    written: &str,
    roots: &Roots,
) -> Result<(Vec<u8>, InputFile), TrafficError> {
    let bytes = std::fs::read(path).map_err(|error| TrafficError::Source {
        field: format!("traffic.{field}"),
        error: Box::new(crate::city::CityError::from_io(written, &error)),
    })?;
    let file = file_of(path, &bytes, field, written, roots)?;
    Ok((bytes, file))
}

/// Name and hash of a file that was read.
fn input_file(
    file: &Path,
    field: &str,
    written: &str,
    roots: &Roots,
) -> Result<InputFile, TrafficError> {
    let bytes = std::fs::read(file).unwrap_or_default();
    file_of(file, &bytes, field, written, roots)
}

/// Name and hash of a file; an error for one outside of the folders from which files may come.
fn file_of(
    file: &Path,
    bytes: &[u8],
    field: &str,
    written: &str,
    roots: &Roots,
) -> Result<InputFile, TrafficError> {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let below = |root: &Path| -> Option<String> {
        let root = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        let rest = real.strip_prefix(root.canonicalize().ok()?).ok()?;
        Some(rest.to_string_lossy().into_owned())
    };
    let in_data = || roots.data.as_deref().and_then(below);
    let path = match in_data() {
        Some(rest) => Some(format!("data:{rest}")),
        None => below(&roots.folder),
    };
    let path = path.ok_or_else(|| TrafficError::Setting {
        code: "path-outside",
        what: format!("`{written}` names a file outside of the folders from which files may come"),
        field: format!("traffic.{field}"),
        found: format!("`{}`", file.display()),
        expected: "files below the scenario's folder or the data root".to_owned(),
        help: "move the files below the scenario, or name their folder with --data DIR".to_owned(),
    })?;
    Ok(InputFile {
        path,
        blake3: blake3::hash(bytes).to_hex().to_string(),
    })
}

#[cfg(test)]
mod tests;
