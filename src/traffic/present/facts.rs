//! Facts of the method, and what the reader should know.

use crate::finding::Finding;
use crate::job::Job;
use crate::result::Quality;
use crate::traffic::kernel::step::Counts;
use crate::traffic::network::{Aspect, Network, Phase};
use crate::traffic::params::CarFollowingChoice;
use crate::traffic::study::TrafficRun;
use crate::traffic::sumo::Note;

use super::Presented;

/// Usual amber (s) at 50 km/h (RiLSA).
const AMBER_S: f64 = 3.0;

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
    let mut facts = vec![
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
                "{} s; {} s; {}; {} person s",
                priority.beyond_s,
                priority.budget_s,
                priority.recovery_cycles,
                priority.least_gain_person_s
            ),
        ));
    }
    if let Some(signal) = study.shown_signal {
        let id = study.network.signals[signal].id.clone();
        facts.push(("method-traffic-shown-signal", id));
    }
    if params.warm_up_s > 0.0 {
        facts.insert(
            2,
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
    for finding in input_findings(&study.network, &study.notes) {
        job.finding(finding);
    }
    change_findings(input, job);
    count_findings(run, job);
}

/// What the importer left out, and delivered programmes against German practice; they are run as delivered.
pub fn input_findings(network: &Network, notes: &[Note]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = notes
        .iter()
        .map(|note| {
            let finding = Finding::info("traffic-sumo-note").place(note.place.clone());
            let finding = finding.arg("text", note.text.clone());
            if note.id.is_empty() {
                finding
            } else {
                finding.object(note.id.clone())
            }
        })
        .collect();
    let signals = network.signals.iter();
    let programs = signals.clone().filter_map(|signal| signal.programs.last());
    let phases: Vec<&Phase> = programs.flat_map(|program| &program.phases).collect();
    let shows = |phase: &Phase, aspect| phase.state.contains(&aspect);
    let ambers = phases.iter().filter(|phase| shows(phase, Aspect::Amber));
    let short = ambers
        .clone()
        .filter(|phase| phase.duration_s < AMBER_S - 1e-9);
    let count = short.clone().count();
    if count > 0 {
        let least_s = short.map(|p| p.duration_s).fold(AMBER_S, f64::min);
        findings.push(
            Finding::warning("traffic-short-amber")
                .arg("count", count)
                .arg("all", ambers.count())
                .arg("least_s", least_s),
        );
    }
    if !phases.is_empty() && !phases.iter().any(|p| shows(p, Aspect::RedAmber)) {
        let count = signals.clone().count();
        findings.push(Finding::warning("traffic-no-red-amber").arg("count", count));
    }
    let guessed = signals.filter(|signal| signal.guessed).count();
    if guessed > 0 {
        findings.push(Finding::warning("traffic-guessed-signals").arg("count", guessed));
    }
    findings
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
