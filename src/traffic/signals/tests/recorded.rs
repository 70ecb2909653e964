//! Plans of ours beside what was recorded at signals in Hamburg, and the delivered plans of the Hamburg network.

use std::collections::BTreeMap;
use std::io::Read;

use super::invariants::ours;
use super::*;
use crate::traffic::network::Aspect;
use crate::traffic::signals::design::{DesignParams, design};
use crate::traffic::signals::rules::{FindingKind, check_network, check_program};

/// Lengths (s) of recorded runs by state (2 amber, 3 green, 4 red-amber); the first and the last run of a record are cut and not counted.
fn recorded(folder: &Path) -> BTreeMap<u32, Vec<u32>> {
    let file = std::fs::File::open(folder.join("hamburg_signal_cycles.csv.gz")).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let mut lengths: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let runs: Vec<(u32, u32)> = line
            .rsplit(',')
            .next()
            .unwrap()
            .split(' ')
            .filter_map(|run| {
                let (state, seconds) = run.split_once('x')?;
                Some((state.parse().ok()?, seconds.parse().ok()?))
            })
            .collect();
        for &(state, seconds) in runs.iter().take(runs.len().saturating_sub(1)).skip(1) {
            lengths.entry(state).or_default().push(seconds);
        }
    }
    for list in lengths.values_mut() {
        list.sort_unstable();
    }
    lengths
}

/// Lengths (s) of the runs of an aspect at each place of a programme.
fn runs(program: &SignalProgram, matches: impl Fn(Aspect) -> bool) -> Vec<f64> {
    let mut found = Vec::new();
    let count = program.phases.len();
    for place in 0..program.phases[0].state.len() {
        let shows = |phase: usize| matches(program.phases[phase % count].state[place]);
        for start in 0..count {
            if shows(start) && !shows(start + count - 1) {
                let phases = (start..start + count).take_while(|&phase| shows(phase));
                found.push(
                    phases
                        .map(|phase| program.phases[phase % count].duration_s)
                        .sum(),
                );
            }
        }
    }
    found
}

/// Asserts that amber, red-amber and green of a programme are what is usual.
fn assert_usual(program: &SignalProgram, lengths: &BTreeMap<u32, Vec<u32>>) {
    let share = |state: u32, seconds: f64| {
        let list = &lengths[&state];
        list.iter()
            .filter(|&&length| f64::from(length) == seconds)
            .count() as f64
            / list.len() as f64
    };
    for amber in runs(program, |aspect| aspect == Aspect::Amber) {
        // 4 and 5 s belong to 60 and 70 km/h, which are rare in the city.
        let least = if amber == 3.0 { 0.8 } else { 0.002 };
        assert!(
            share(2, amber) > least,
            "amber of {amber} s: {}",
            share(2, amber)
        );
    }
    for red_amber in runs(program, |aspect| aspect == Aspect::RedAmber) {
        assert!(share(4, red_amber) > 0.9, "red-amber of {red_amber} s");
    }
    let greens = &lengths[&3];
    let low = f64::from(greens[greens.len() / 100]);
    for green in runs(program, Aspect::is_green) {
        assert!(green >= low, "green of {green} s, recorded from {low} s on");
    }
}

#[test]
fn our_plans_are_like_the_recorded_ones() {
    let Some(folder) = data("our_plans_are_like_the_recorded_ones", "hamburg-lsa") else {
        return;
    };
    let lengths = recorded(&folder);
    assert!(lengths[&2].len() > 1000);
    assert_usual(&ours(false).1.program, &lengths);
    let Some(folder) = data("our_plans_are_like_the_recorded_ones", "tavf-hamburg") else {
        return;
    };
    let scenario =
        crate::traffic::sumo::read_config(&folder.join("run_simulation.sumocfg")).unwrap();
    let network = &scenario.network;
    let roads = Roads::new(network);
    for signal in 0..network.signals.len() as u32 {
        let plan = design(network, &roads, signal, |_| 200.0, &DesignParams::default());
        assert_usual(&plan.program, &lengths);
        let findings = check_program(network, signal, &plan.program);
        assert_eq!(findings, [], "{}", network.signals[signal as usize].id);
    }
}

#[test]
fn faults_of_the_delivered_plans_are_found() {
    let Some(folder) = data("faults_of_the_delivered_plans_are_found", "tavf-hamburg") else {
        return;
    };
    let scenario =
        crate::traffic::sumo::read_config(&folder.join("run_simulation.sumocfg")).unwrap();
    let findings = check_network(&scenario.network);
    let of = |kind| {
        findings
            .iter()
            .filter(|finding| finding.kind == kind)
            .count()
    };
    let ambers = scenario
        .network
        .signals
        .iter()
        .flat_map(|signal| &signal.programs.last().unwrap().phases)
        .filter(|phase| phase.state.contains(&Aspect::Amber))
        .count();
    assert_eq!(ambers, 151);
    assert_eq!(of(FindingKind::ShortAmber), 28);
    assert_eq!(of(FindingKind::NoRedAmber), scenario.network.signals.len());
    eprintln!(
        "short greens {}, conflicting greens {}, without amber {}, short intergreens {}",
        of(FindingKind::ShortGreen),
        of(FindingKind::ConflictingGreens),
        of(FindingKind::NoAmber),
        of(FindingKind::ShortIntergreen)
    );
    // What the report says is what the check finds.
    let shown = crate::traffic::present::input_findings(&scenario.network, &[]);
    for (code, kind) in [
        ("traffic-short-amber", FindingKind::ShortAmber),
        ("traffic-no-red-amber", FindingKind::NoRedAmber),
        ("traffic-short-green", FindingKind::ShortGreen),
        ("traffic-conflicting-greens", FindingKind::ConflictingGreens),
        ("traffic-no-amber", FindingKind::NoAmber),
        ("traffic-short-intergreen", FindingKind::ShortIntergreen),
    ] {
        let said = shown.iter().find(|finding| finding.code == code);
        let count = said.map_or("0", |finding| finding.args["count"].as_str());
        assert_eq!(count, of(kind).to_string(), "{code}");
    }
}
