//! Facts of the method, and what the reader should know.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::job::Job;
use crate::result::Quality;
use crate::traffic::input::TrafficInput;
use crate::traffic::kernel::step::Counts;
use crate::traffic::network::{Aspect, Network};
use crate::traffic::params::CarFollowingChoice;
use crate::traffic::signals::rules::{FindingKind, SignalFinding, check_network};
use crate::traffic::source::NetworkKind;
use crate::traffic::study::{Timetable, TrafficRun};
use crate::traffic::sumo::Note;

use super::Presented;

/// Fact of the method: where the network comes from.
pub const SOURCE_OF_NETWORK: &str = "method-traffic-source";
/// Fact of the method: that files give the demand.
pub const SOURCE_OF_DEMAND: &str = "method-traffic-demand";
/// Fact of the method: how the demand was generated.
pub const GENERATED_DEMAND: &str = "method-traffic-generated";

/// Facts in reading order, as (text key, value). Values are text keys or plain text with ISO numbers.
pub(super) fn method(input: &Presented<'_>, run: &TrafficRun) -> Vec<(&'static str, String)> {
    let (study, params) = (input.input, input.params);
    let end_s = run.seeds.iter().map(|seed| seed.end_s).fold(0.0, f64::max);
    let seeds = match (run.seeds.first(), run.seeds.last()) {
        (Some(first), Some(last)) if run.seeds.len() > 1 => {
            format!("{} ({} – {})", run.seeds.len(), first.seed, last.seed)
        }
        (Some(only), _) => format!("1 ({})", only.seed),
        _ => "0".to_owned(),
    };
    let following = match params.car_following {
        CarFollowingChoice::AsDelivered => "traffic-following-as-delivered",
        CarFollowingChoice::Krauss => "traffic-following-krauss",
        CarFollowingChoice::Idm => "traffic-following-idm",
    };
    let occupancy = &params.occupancy;
    let mut persons = format!(
        "{} / {} / {} / {}",
        occupancy.bus, occupancy.car, occupancy.truck, occupancy.other
    );
    for line in &params.lines {
        persons.push_str(&format!("; {}: {}", line.id, line.occupancy));
    }
    let streets = study.network.edges.iter().filter(|edge| !edge.inner);
    let source = match study.kind {
        NetworkKind::Sumo => "traffic-source-sumo",
        NetworkKind::OpenStreetMap => "traffic-source-osm",
        NetworkKind::Sample => "traffic-source-sample",
    };
    let demand = match &study.generated {
        None => (SOURCE_OF_DEMAND, "traffic-demand-files".to_owned()),
        Some(generated) => (
            GENERATED_DEMAND,
            format!("{}; {}", generated.vehicles_per_h, generated.seed),
        ),
    };
    let mut facts = vec![
        (SOURCE_OF_NETWORK, source.to_owned()),
        demand,
        (
            "method-traffic-network",
            format!("{}; {}", streets.count(), study.network.signals.len()),
        ),
        (
            "method-traffic-period",
            format!("{} – {} s", study.begin_s, end_s),
        ),
        ("method-traffic-step", format!("{} s", study.step_s)),
        ("method-traffic-seeds", seeds),
        ("method-traffic-following", following.to_owned()),
        (
            "method-traffic-routes",
            "traffic-routes-at-departure".to_owned(),
        ),
        ("method-traffic-persons", persons),
        (
            "method-traffic-emissions",
            "traffic-emissions-source".to_owned(),
        ),
        (
            "method-traffic-teleports",
            "traffic-no-teleports".to_owned(),
        ),
    ];
    if let Some(priority) = &study.priority {
        facts.push((
            "method-traffic-priority",
            format!(
                "{} s; {} s; {}; {}",
                priority.beyond_s,
                priority.budget_s,
                priority.recovery_cycles,
                priority.least_gain_person_s
            ),
        ));
    }
    if let Some(least_s) = study.priority.as_ref().and_then(|p| p.late_from_s) {
        let (key, runs) = match &run.timetable {
            Some(Timetable::Derived { runs, .. }) => ("method-traffic-late-derived", *runs),
            _ => ("method-traffic-late-given", run.seeds.len()),
        };
        facts.push((key, format!("{least_s} s; {runs}")));
    }
    if let Some(signal) = study.shown_signal {
        let id = study.network.signals[signal].id.clone();
        facts.push(("method-traffic-shown-signal", id));
    }
    if params.warm_up_s > 0.0 {
        facts.insert(
            4,
            ("method-traffic-warm-up", format!("{} s", params.warm_up_s)),
        );
    }
    facts
}

/// Remarks on input and runs.
pub(super) fn findings(input: &Presented<'_>, run: &TrafficRun, job: &Job) {
    let study = input.input;
    if input.quality == Quality::Coarse {
        job.finding(Finding::info("traffic-coarse").arg("seeds", input.params.seeds));
    }
    if run.seeds.len() == 1 && input.quality == Quality::Exact {
        job.finding(Finding::warning("traffic-one-seed"));
    }
    job.finding(Finding::info("traffic-occupancy-assumed"));
    if study.lines_derived {
        job.finding(Finding::info("traffic-lines-derived"));
    }
    for finding in source_findings(study) {
        job.finding(finding);
    }
    for finding in input_findings(&study.network, &study.notes) {
        job.finding(finding);
    }
    timetable_finding(run, job);
    change_findings(input, job);
    count_findings(run, job);
}

/// What the importer left out or guessed, and programmes against German practice; they are run as they are.
pub fn input_findings(network: &Network, notes: &[Note]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = notes.iter().filter_map(note_finding).collect();
    findings.extend(program_findings(network));
    let guessed = network.signals.iter().filter(|signal| signal.guessed);
    let guessed = guessed.count();
    if guessed > 0 {
        findings.push(Finding::warning("traffic-guessed-signals").arg("count", guessed));
    }
    findings
}

/// A note of an importer: of streets, or of files of SUMO, whose sentences name words of the file.
fn note_finding(note: &Note) -> Option<Finding> {
    let finding = match note.code {
        // Counted among the signals themselves, as some may have got another programme.
        "signal-guessed" => return None,
        "speed-guessed" => Finding::warning("traffic-street-speed-guessed"),
        "lanes-guessed" => Finding::warning("traffic-street-lanes-guessed"),
        "lane-tags-changed" => Finding::warning("traffic-street-lane-tags"),
        "turns-changed" => Finding::warning("traffic-street-turns"),
        "restriction-left-out" => Finding::warning("traffic-street-restriction"),
        "street-nodes-missing" => Finding::warning("traffic-street-nodes-missing"),
        "ways-left-out" => Finding::info("traffic-street-ways-left-out"),
        "crossings-left-out" => Finding::info("traffic-street-crossings-left-out"),
        "signals-left-out" => Finding::info("traffic-street-signals-left-out"),
        "junctions-joined" => Finding::info("traffic-street-junctions-joined"),
        code => {
            let finding = Finding::info(&format!("traffic-sumo-{code}"));
            let words = ["word", "other"].into_iter().zip(&note.words);
            words.fold(finding, |finding, (name, word)| {
                finding.arg(name, word.clone())
            })
        }
    };
    let finding = finding.arg("count", note.count);
    let finding = match note.place.as_str() {
        "" => finding,
        place => finding.place(place),
    };
    Some(match note.id.as_str() {
        "" => finding,
        id => finding.object(id),
    })
}

/// Programmes against the guideline: what [`check_network`] finds, a remark for each kind.
fn program_findings(network: &Network) -> Vec<Finding> {
    let all = check_network(network);
    let of = |kind: FindingKind| -> Vec<&SignalFinding> {
        all.iter().filter(|finding| finding.kind == kind).collect()
    };
    let signals = |found: &[&SignalFinding]| {
        let signals: BTreeSet<u32> = found.iter().map(|finding| finding.signal).collect();
        signals.len()
    };
    let least_s = |found: &[&SignalFinding]| {
        let shown = found.iter().map(|finding| finding.found_s);
        shown.fold(f64::INFINITY, f64::min)
    };
    let mut findings = Vec::new();
    let mut add = |found: Vec<&SignalFinding>, make: &dyn Fn(&[&SignalFinding]) -> Finding| {
        if !found.is_empty() {
            let finding = make(&found).arg("count", found.len());
            findings.push(finding.arg("signals", signals(&found)));
        }
    };
    let programs = network
        .signals
        .iter()
        .filter_map(|signal| signal.programs.last());
    let phases = programs.flat_map(|program| &program.phases);
    let ambers = phases.filter(|phase| phase.state.contains(&Aspect::Amber));
    let ambers = ambers.count();
    add(of(FindingKind::ShortAmber), &|found| {
        Finding::warning("traffic-short-amber")
            .arg("all", ambers)
            .arg("least_s", least_s(found))
    });
    add(of(FindingKind::NoAmber), &|_| {
        Finding::warning("traffic-no-amber")
    });
    add(of(FindingKind::NoRedAmber), &|_| {
        Finding::warning("traffic-no-red-amber").arg("all", network.signals.len())
    });
    add(of(FindingKind::ShortGreen), &|found| {
        Finding::warning("traffic-short-green").arg("least_s", least_s(found))
    });
    add(of(FindingKind::ShortIntergreen), &|found| {
        let lacking = found
            .iter()
            .map(|finding| finding.expected_s - finding.found_s);
        Finding::warning("traffic-short-intergreen").arg("most_s", lacking.fold(0.0, f64::max))
    });
    add(of(FindingKind::ConflictingGreens), &|_| {
        Finding::warning("traffic-conflicting-greens")
    });
    findings
}

/// What network and demand are where no files of SUMO give them: generated, guessed, invented.
pub fn source_findings(input: &TrafficInput) -> Vec<Finding> {
    let mut findings = Vec::new();
    if input.kind == NetworkKind::Sample {
        findings.push(Finding::warning("traffic-network-invented"));
    }
    if let Some(generated) = &input.generated {
        let trips = input.demand.trips.iter();
        let lines: BTreeSet<&str> = trips
            .clone()
            .map(|trip| trip.line.as_str())
            .filter(|line| !line.is_empty())
            .collect();
        findings.push(
            Finding::warning("traffic-demand-generated")
                .arg("count", trips.filter(|trip| trip.line.is_empty()).count())
                .arg("vehicles_per_h", generated.vehicles_per_h)
                .arg("seed", generated.seed),
        );
        if !lines.is_empty() {
            let lines: Vec<&str> = lines.into_iter().collect();
            findings
                .push(Finding::warning("traffic-lines-invented").arg("lines", lines.join(", ")));
        }
    }
    findings.extend(walker_finding(input));
    findings
}

/// People on foot are assumed wherever they walk.
fn walker_finding(input: &TrafficInput) -> Option<Finding> {
    let crossings = input.network.signals.iter().map(|s| s.crossings.len());
    let crossings: usize = crossings.sum();
    (crossings > 0 && input.walkers_per_h > 0.0).then(|| {
        Finding::warning("traffic-walkers-assumed")
            .arg("count", crossings)
            .arg("per_h", input.walkers_per_h)
    })
}

/// What lateness was taken against.
fn timetable_finding(run: &TrafficRun, job: &Job) {
    match &run.timetable {
        None => {}
        Some(Timetable::Given) => job.finding(Finding::info("traffic-timetable-given")),
        Some(Timetable::Derived { runs, buses, .. }) => job.finding(
            Finding::warning("traffic-timetable-derived")
                .arg("count", buses)
                .arg("runs", runs),
        ),
    }
}

/// What the changes of the variant did besides.
fn change_findings(input: &Presented<'_>, job: &Job) {
    let effects = &input.input.effects;
    for (code, count) in [
        ("traffic-closed-edges", effects.closed_edges),
        ("traffic-trips-rerouted", effects.trips_rerouted),
    ] {
        if count > 0 {
            job.finding(Finding::info(code).arg("count", count));
        }
    }
    for (code, count) in [
        ("traffic-trips-removed", effects.trips_removed),
        ("traffic-calls-removed", effects.calls_removed),
    ] {
        if count > 0 {
            job.finding(Finding::warning(code).arg("count", count));
        }
    }
    let [before, after] = effects.journeys;
    if before > 0 {
        job.finding(
            Finding::info("traffic-journeys-changed")
                .arg("before", before)
                .arg("after", after),
        );
    }
}

/// What the rules of the model did, per run: nothing is hidden.
fn count_findings(run: &TrafficRun, job: &Job) {
    let runs = run.seeds.len() as f64;
    let told = |code: &str, of: fn(&Counts) -> u64| {
        let counts = run.seeds.iter().map(|seed| of(&seed.counts));
        let most = counts.clone().max().unwrap_or(0);
        if most > 0 {
            let mean = counts.sum::<u64>() as f64 / runs;
            job.finding(
                Finding::warning(code)
                    .arg("mean", format!("{mean:.1}"))
                    .arg("most", most),
            );
        }
    };
    told("traffic-relaxed", |c| c.relaxed);
    told("traffic-swaps", |c| c.swaps);
    told("traffic-missed-turns", |c| c.missed_turns);
    told("traffic-missed-stops", |c| c.missed_stops);
    told("traffic-overlaps", |c| c.overlaps);
    told("traffic-red-passed", |c| c.red_passed);
}
