//! `planspiel check`: validates cities, scenarios and drafts and lists what is worth knowing.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::access::input::access_input;
use crate::city::City;
use crate::city::load::{load_city, load_city_file};
use crate::city::sources::{Roots, Source};
use crate::finding::{Finding, Severity};
use crate::job::Job;
use crate::scenario::{
    DraftCache, Edit, LoadedScenario, ScenarioError, apply_edits, is_scenario_path, read_draft,
    read_scenario, shown,
};
use crate::sim::SimError;
use crate::text::{Language, texts};
use crate::traffic::input::traffic_input;
use crate::traffic::present::{input_findings, source_findings};
use crate::traffic::sumo::{SumoError, read_config, read_network};

use super::exit::{BAD_INPUT, CliError, DONE};
use super::{Globals, Level, print};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// City or model, scenario (.toml) or draft (.glb, .gltf) files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What one file gave.
#[derive(Debug, Default)]
struct Report {
    /// What it is, in words: `scenario with 2 variants, 710 buildings`.
    summary: String,
    errors: Vec<CliError>,
    findings: Vec<Finding>,
}

/// Checks every file; ends with the code of the worst.
pub fn check(args: &Args, globals: &Globals) -> Result<u8, CliError> {
    let mut worst = DONE;
    let mut entries: Vec<Value> = Vec::new();
    for file in &args.files {
        let report = check_file(file, globals);
        for error in &report.errors {
            worst = match (worst, error.code) {
                (BAD_INPUT, _) | (_, BAD_INPUT) => BAD_INPUT,
                (worst, code) => worst.max(code),
            };
        }
        let texts = texts(Language::En);
        let name = shown(&file.display().to_string());
        if args.json {
            entries.push(json!({
                "file": file.display().to_string(),
                "ok": report.errors.is_empty(),
                "summary": report.summary,
                "errors": report.errors.iter().map(|e| json!({ "exit_code": e.code, "text": e.text })).collect::<Vec<_>>(),
                "findings": report.findings.iter().map(|f| json!({
                    "severity": f.severity, "code": f.code, "object": f.object, "place": f.place, "text": texts.finding(f),
                })).collect::<Vec<_>>(),
            }));
            continue;
        }
        for error in &report.errors {
            print::message(&error.text);
        }
        if report.errors.is_empty() {
            let count = match report.findings.len() {
                0 => "no findings".to_owned(),
                n => counted(n, "finding"),
            };
            print::result(&format!("{name}: {}, {count}", report.summary))?;
        } else {
            print::result(&format!("{name}: cannot be used"))?;
        }
        if globals.level > Level::Quiet {
            for finding in &report.findings {
                print::result(&finding_line(finding))?;
            }
        }
    }
    if args.json {
        print::result(&json!({ "files": entries }).to_string())?;
    }
    Ok(worst)
}

/// One line of a list of findings.
pub fn finding_line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Warning => "warning",
        Severity::Info => "note",
    };
    let place = match (&finding.object, &finding.place) {
        (Some(object), Some(place)) => format!(" ({}, {})", shown(object), shown(place)),
        (Some(one), None) | (None, Some(one)) => format!(" ({})", shown(one)),
        (None, None) => String::new(),
    };
    let text = texts(Language::En).finding(finding);
    format!("  {severity}[{}]: {text}{place}", finding.code)
}

fn check_file(path: &Path, globals: &Globals) -> Report {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase());
    let name = path.display().to_string().to_lowercase();
    match extension.as_deref() {
        Some("glb" | "gltf") => check_draft(path, globals),
        Some("sumocfg") => check_sumo_config(path),
        _ if name.ends_with(".net.xml") || name.ends_with(".net.xml.gz") => check_network(path),
        _ => check_scenario_or_city(path, globals),
    }
}

/// A configuration of SUMO with network and demand.
fn check_sumo_config(path: &Path) -> Report {
    match read_config(path) {
        Ok(scenario) => {
            let streets = scenario.network.edges.iter().filter(|edge| !edge.inner);
            Report {
                summary: format!(
                    "traffic with {}, {}, {}, {}",
                    counted(streets.count(), "edge"),
                    counted(scenario.network.signals.len(), "signal"),
                    counted(scenario.demand.trips.len(), "trip"),
                    counted(scenario.demand.stops.len(), "stop")
                ),
                findings: input_findings(&scenario.network, &scenario.notes),
                errors: Vec::new(),
            }
        }
        Err(error) => failed_sumo(&error),
    }
}

/// A network of SUMO alone.
fn check_network(path: &Path) -> Report {
    match read_network(path) {
        Ok((network, notes)) => {
            let streets = network.edges.iter().filter(|edge| !edge.inner);
            Report {
                summary: format!(
                    "network with {}, {}, {}",
                    counted(streets.count(), "edge"),
                    counted(network.lanes.len(), "lane"),
                    counted(network.signals.len(), "signal")
                ),
                findings: input_findings(&network, &notes),
                errors: Vec::new(),
            }
        }
        Err(error) => failed_sumo(&error),
    }
}

fn failed_sumo(error: &SumoError) -> Report {
    Report {
        errors: vec![CliError::new(error.exit_code(), error.to_string())],
        ..Report::default()
    }
}

/// What the traffic of a variant would say before it drives: files, names in edits, delivered programmes.
fn check_traffic(city: &City, loaded: &LoadedScenario, report: &mut Report) {
    let Some(params) = &loaded.scenario.traffic else {
        return;
    };
    let job = Job::default();
    match traffic_input(city, params, &loaded.roots, &job) {
        Ok(input) => {
            report.findings.extend(source_findings(&input));
            let findings = input_findings(&input.network, &input.notes);
            report.findings.extend(findings);
            report.findings.extend(job.take_findings());
        }
        Err(error) => {
            let error = SimError::from(error);
            let error = CliError::new(error.exit_code(), error.to_string());
            if !report.errors.contains(&error) {
                report.errors.push(error);
            }
        }
    }
}

/// What access would say before it is computed: timetable, districts, names in edits.
fn check_access(city: &City, loaded: &LoadedScenario, report: &mut Report) {
    let Some(params) = &loaded.scenario.access else {
        return;
    };
    let job = Job::default();
    match access_input(city, params, &loaded.roots, &job) {
        Ok(_) => report.findings.extend(job.take_findings()),
        Err(error) => {
            let error = SimError::from(error);
            let error = CliError::new(error.exit_code(), error.to_string());
            if !report.errors.contains(&error) {
                report.errors.push(error);
            }
        }
    }
}

fn check_draft(path: &Path, globals: &Globals) -> Report {
    let roots = Roots {
        folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        data: globals.data.clone(),
    };
    let name = path.display().to_string();
    match read_draft(&Source::File(path.to_owned()), &name, &roots) {
        Ok(draft) => {
            let size = draft.max - draft.min;
            let mut findings = draft.findings.clone();
            findings.extend(draft.size_finding(1.0, &name, &name));
            // The same file may be the city of a scenario; one that cannot be is a draft all the same.
            let as_city = load_city_file(path, &Job::default()).map_or_else(
                |_| String::new(),
                |city| format!("; as a city {}", counted(city.buildings.len(), "building")),
            );
            Report {
                summary: format!(
                    "draft with {} in {}, {:.2} × {:.2} × {:.2} m{as_city}",
                    counted(draft.triangles, "triangle"),
                    counted(draft.polygons.len(), "surface"),
                    size.x,
                    size.y,
                    size.z
                ),
                findings,
                errors: Vec::new(),
            }
        }
        Err(error) => failed(error),
    }
}

fn check_scenario_or_city(path: &Path, globals: &Globals) -> Report {
    let loaded = match read_scenario(path, globals.data.clone()) {
        Ok(loaded) => loaded,
        Err(error) => return failed(error),
    };
    let mut report = Report {
        findings: loaded.findings.clone(),
        ..Report::default()
    };
    let scenario = &loaded.scenario;
    // All missing files are named, not only the first that an importer meets.
    let mut paths: Vec<&String> = scenario.scenario.city.iter().collect();
    paths.extend(scenario.city.layers.iter().map(|layer| &layer.path));
    paths.extend(scenario.sun.iter().filter_map(|sun| sun.receivers.as_ref()));
    for edit in scenario.variants.iter().flat_map(|v| &v.edits) {
        if let Edit::Place { draft, .. } = edit {
            paths.push(draft);
        }
    }
    let traffic = scenario.traffic.iter();
    let networks = traffic.flat_map(|t| t.sumo.iter().chain(&t.network).chain(&t.osm));
    paths.extend(networks);
    let access = scenario.access.iter();
    paths.extend(access.flat_map(|a| a.timetable.iter().chain(&a.districts)));
    paths.dedup();
    for written in paths {
        if let Err(error) = loaded.roots.resolve(written) {
            report.errors.push(error.into());
        }
    }
    if !report.errors.is_empty() {
        return report;
    }
    let job = Job::default();
    let baseline = match load_city(scenario, &loaded.roots, &job) {
        Ok(city) => city,
        Err(error) => {
            report.errors.push(error.into());
            return report;
        }
    };
    report.findings.extend(baseline.findings.iter().cloned());
    report.findings.extend(job.take_findings());
    check_traffic(&baseline, &loaded, &mut report);
    check_access(&baseline, &loaded, &mut report);
    let drafts = DraftCache::default();
    for (i, variant) in scenario.variants.iter().enumerate() {
        match apply_edits(&baseline, variant, i + 1, &loaded.roots, &drafts) {
            Ok(city) => {
                if variant
                    .edits
                    .iter()
                    .any(|edit| edit.traffic_change().is_some())
                {
                    check_traffic(&city, &loaded, &mut report);
                }
                let mut edits = variant.edits.iter();
                if edits.any(|edit| edit.transit_change().is_some()) {
                    check_access(&city, &loaded, &mut report);
                }
                report.findings.extend(city.findings);
            }
            Err(ScenarioError::Invalid(mut faults)) => {
                for fault in faults.iter_mut().filter(|f| f.file.is_empty()) {
                    fault.file = path.display().to_string();
                }
                report.errors.push(ScenarioError::Invalid(faults).into());
            }
            Err(error) => report.errors.push(error.into()),
        }
    }
    report.findings.sort();
    report.findings.dedup();
    let contents = contents(&baseline);
    report.summary = if is_scenario_path(path) {
        format!(
            "scenario with {}, {contents}",
            counted(scenario.variants.len(), "variant")
        )
    } else {
        format!("city with {contents}")
    };
    report
}

/// What a city holds, in words.
pub fn contents(city: &City) -> String {
    let terrain = if city.terrain.is_some() {
        "terrain"
    } else {
        "no terrain"
    };
    format!(
        "{}, {}, {}, {terrain}",
        counted(city.buildings.len(), "building"),
        counted(city.trees.len(), "tree"),
        counted(city.streets.len(), "street")
    )
}

/// `1 tree`, `3 trees`.
pub fn counted(count: usize, word: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {word}{plural}")
}

fn failed(error: ScenarioError) -> Report {
    Report {
        errors: vec![error.into()],
        ..Report::default()
    }
}
