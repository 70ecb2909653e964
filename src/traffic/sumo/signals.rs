//! `tlLogic`, in the network and in additional files.

use super::error::Fault;
use super::log::{Limits, Log};
use super::network::Names;
use super::xml::{Element, Source};
use crate::traffic::network::{Aspect, Network, Phase, ProgramKind, Signal, SignalProgram};

/// Largest gap between vehicles (s) that keeps a green, where the programme says nothing (SUMO's default).
const MAX_GAP_S: f64 = 3.0;

/// Travel time (s) from the detector to the stop line, where the programme says nothing (SUMO's default).
const DETECTOR_GAP_S: f64 = 2.0;

/// Longest duration (s) of a phase that has only a least one (SUMO's default, by query of 1.28).
const LONGEST_S: f64 = 2_147_483.647;

/// The signal of an id; a new one has no programme yet.
pub(super) fn signal_of(network: &mut Network, names: &mut Names, id: &str, place: &str) -> u32 {
    if let Some(signal) = names.signals.get(id) {
        return *signal;
    }
    let index = network.signals.len() as u32;
    names.signals.insert(id.to_owned(), index);
    names.signal_places.push(place.to_owned());
    network.signals.push(Signal {
        id: id.to_owned(),
        ..Signal::default()
    });
    index
}

/// Adds a programme of an additional file: it takes the place of one with the same name, and is the last, which runs.
pub(super) fn add_program(
    network: &mut Network,
    names: &Names,
    source: &Source,
    element: &Element,
    log: &mut Log,
) {
    let Some((id, program)) = read_program(source, element, log) else {
        return;
    };
    match names.signals.get(id) {
        Some(signal) => {
            let programs = &mut network.signals[*signal as usize].programs;
            programs.retain(|other| other.id != program.id);
            programs.push(program);
        }
        None => log.note(source, element, "unused-program", &[]),
    }
}

/// Every signal has a programme, and every state has a letter for each place that a connection names.
pub(super) fn check(network: &mut Network, names: &Names, log: &mut Log) {
    for (signal, place) in network.signals.iter_mut().zip(&names.signal_places) {
        if signal.programs.is_empty() {
            log.faults.add(|| {
                Fault::new(
                    "no-program",
                    place.as_str(),
                    format!(
                        "a connection follows the signal `{}`, which has no programme",
                        signal.id
                    ),
                )
                .expected("a `<tlLogic>` in the network or in an additional file")
                .help("add the additional file with the programme")
            });
        }
        let places = signal.links.len();
        let mut longest = places;
        for program in &signal.programs {
            let letters = |phase: &Phase| phase.state.len();
            longest = longest.max(program.phases.iter().map(letters).max().unwrap_or(0));
            let short = program
                .phases
                .iter()
                .position(|phase| letters(phase) < places);
            if let Some(phase) = short {
                log.faults.add(|| {
                    Fault::new(
                        "state-length",
                        program.place.as_str(),
                        format!(
                            "phase {phase} of the programme `{}` of signal `{}` has {} letters",
                            program.id,
                            signal.id,
                            program.phases[phase].state.len()
                        ),
                    )
                    .expected(format!(
                        "at least {places}: a connection names the place {}",
                        places - 1
                    ))
                    .help("use the programme of the same version of the network")
                });
            }
        }
        signal.links.resize(longest, Vec::new());
    }
}

/// A programme and the id of its signal.
pub(super) fn read_program<'e>(
    source: &Source,
    element: &'e Element,
    log: &mut Log,
) -> Option<(&'e str, SignalProgram)> {
    let id = log.required(source, element, "id")?;
    let kind = match element.text("type") {
        "static" | "" => ProgramKind::Fixed,
        "actuated" => ProgramKind::Actuated,
        "delay_based" => {
            let words = ["type=\"delay_based\"", "type=\"actuated\""];
            log.note(source, element, "read-as", &words);
            ProgramKind::Actuated
        }
        other => {
            let kind = format!("type=\"{other}\"");
            log.note(source, element, "read-as", &[&kind, "type=\"static\""]);
            ProgramKind::Fixed
        }
    };
    let offset = match element.text("offset") {
        "begin" => {
            let words = ["offset=\"begin\"", "offset=\"0\""];
            log.note(source, element, "read-as", &words);
            None
        }
        _ => log.time(source, element, "offset", Limits::Any),
    };
    let mut program = SignalProgram {
        id: element.text("programID").to_owned(),
        kind,
        offset_s: offset.unwrap_or(0.0),
        phases: Vec::new(),
        max_gap_s: MAX_GAP_S,
        detector_gap_s: DETECTOR_GAP_S,
        place: source.place(element.line),
    };
    for child in &element.children {
        match (child.name, child.text("key")) {
            ("phase", _) => program.phases.push(phase(source, child, kind, log)),
            ("param", "max-gap") => {
                if let Some(gap) = log.number(source, child, "value", Limits::NotNegative) {
                    program.max_gap_s = gap;
                }
            }
            ("param", "detector-gap") => {
                if let Some(gap) = log.number(source, child, "value", Limits::NotNegative) {
                    program.detector_gap_s = gap;
                }
            }
            // Of no effect on what the signal shows.
            (
                "param",
                "show-detectors" | "file" | "freq" | "description" | "build-all-detectors",
            ) => {}
            ("param", key) => {
                log.note(source, child, "not-read", &[key, element.name]);
            }
            (name, _) => {
                log.note(source, child, "not-read", &[name, element.name]);
            }
        }
    }
    let count = program.phases.len();
    if count == 0 {
        log.fault(
            source,
            element,
            "no-phases",
            || {
                format!(
                    "the programme `{}` of signal `{id}` has no phases",
                    program.id
                )
            },
            |fault| fault.help("add its phases, or remove the programme"),
        );
    }
    let phases = element.children.iter().filter(|e| e.name == "phase");
    for (phase, child) in program.phases.iter().zip(phases) {
        if phase.next.iter().any(|next| *next as usize >= count) {
            let expected = format!("numbers of phases, 0 to {}", count - 1);
            log.wrong_value(source, child, "next", &expected);
        }
    }
    Some((id, program))
}

fn phase(source: &Source, element: &Element, kind: ProgramKind, log: &mut Log) -> Phase {
    log.required(source, element, "duration");
    let duration_s = log
        .time(source, element, "duration", Limits::Positive)
        .unwrap_or(1.0);
    let least = log.time(source, element, "minDur", Limits::NotNegative);
    let longest = log.time(source, element, "maxDur", Limits::NotNegative);
    let min_s = least.unwrap_or(duration_s);
    let max_s = longest.unwrap_or(match (kind, least) {
        (ProgramKind::Actuated, Some(_)) => LONGEST_S,
        _ => duration_s.max(min_s),
    });
    if min_s > max_s {
        log.fault(
            source,
            element,
            "durations",
            || format!("a phase lasts at least {min_s} s and at most {max_s} s"),
            |fault| {
                fault
                    .expected("`minDur` no longer than `maxDur`")
                    .help("correct one of them")
            },
        );
    }
    for name in ["earliestEnd", "latestEnd", "vehext", "yellow", "red"] {
        if element.get(name).is_some() {
            log.note(source, element, "not-read", &[name, element.name]);
        }
    }
    let next = element.text("next");
    let next_phases: Option<Vec<u32>> = next.split_whitespace().map(|n| n.parse().ok()).collect();
    if next_phases.is_none() {
        log.wrong_value(source, element, "next", "numbers of phases, from 0");
    }
    Phase {
        duration_s,
        min_s,
        max_s,
        state: state(source, element, log),
        next: next_phases.unwrap_or_default(),
        name: element.text("name").to_owned(),
    }
}

fn state(source: &Source, element: &Element, log: &mut Log) -> Vec<Aspect> {
    let Some(text) = log.required(source, element, "state") else {
        return Vec::new();
    };
    let mut state = Vec::with_capacity(text.len());
    for (place, letter) in text.chars().enumerate() {
        state.push(match letter {
            'r' => Aspect::Red,
            'u' => Aspect::RedAmber,
            'y' | 'Y' => Aspect::Amber,
            'G' => Aspect::Green,
            'g' => Aspect::GreenYield,
            's' => Aspect::StopThenGo,
            'o' => Aspect::Off,
            'O' => Aspect::OffPriority,
            _ => {
                log.fault(
                    source,
                    element,
                    "state-letter",
                    || format!("the state of a phase has the letter `{letter}` at place {place}"),
                    |fault| {
                        fault
                            .expected("r, u, y, Y, G, g, s, o or O")
                            .help("correct the letter")
                    },
                );
                Aspect::Red
            }
        });
    }
    state
}
