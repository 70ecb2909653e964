//! Stopping places and detectors of additional files.

use std::collections::HashMap;

use super::log::{Limits, Log, describe};
use super::network::Names;
use super::types::twice;
use super::xml::{Element, Source};
use crate::traffic::demand::{Detector, StopPlace};
use crate::traffic::network::Network;

/// Length (m) of a place that a stop marks by its end alone (SUMO's value).
const SHORTEST_PLACE_M: f64 = 0.2;

/// Stopping places and detectors.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Stopping places: those of the files, then those that single stops mark on a lane.
    pub stops: Vec<StopPlace>,
    /// Detectors.
    pub detectors: Vec<Detector>,
    by_id: HashMap<String, u32>,
    anonymous: HashMap<(u32, u32, u32), u32>,
}

impl Places {
    /// Reads a `<busStop>` or `<trainStop>`.
    pub(super) fn read_stop(
        &mut self,
        network: &Network,
        names: &Names,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) {
        let id = log.required(source, element, "id");
        let lane = lane(names, source, element, log);
        let (Some(id), Some(lane)) = (id, lane) else {
            return;
        };
        for child in &element.children {
            if child.name != "param" {
                log.note(source, child, "not-read", &[child.name, element.name]);
            }
        }
        let Some((start_m, end_m)) = range(network, lane, source, element, log) else {
            return;
        };
        if self.by_id.contains_key(id) {
            twice(source, element, log);
            return;
        }
        self.by_id.insert(id.to_owned(), self.stops.len() as u32);
        self.stops.push(StopPlace {
            id: id.to_owned(),
            name: element.text("name").to_owned(),
            lane,
            start_m,
            end_m,
            // SUMO's tools write `--` for "no line".
            lines: element
                .text("lines")
                .split_whitespace()
                .filter(|line| *line != "--")
                .map(str::to_owned)
                .collect(),
        });
    }

    /// Reads an `<e1Detector>` or `<inductionLoop>`.
    pub(super) fn read_detector(
        &mut self,
        network: &Network,
        names: &Names,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) {
        let id = log.required(source, element, "id");
        let lane = lane(names, source, element, log);
        let position = log.required_number(source, element, "pos", Limits::Any);
        let name = if element.get("period").is_some() {
            "period"
        } else {
            "freq"
        };
        let interval = log.time(source, element, name, Limits::Positive);
        let friendly = log.flag(source, element, "friendlyPos").unwrap_or(false);
        let (Some(id), Some(lane), Some(position)) = (id, lane, position) else {
            return;
        };
        let length = f64::from(network.lanes[lane as usize].length_m);
        let along = if position < 0.0 {
            position + length
        } else {
            position
        };
        if !friendly && !(0.0..=length).contains(&along) {
            let expected = format!("a place on the lane, which is {length:.2} m long");
            log.wrong_value(source, element, "pos", &expected);
        }
        self.detectors.push(Detector {
            id: id.to_owned(),
            lane,
            position_m: along.clamp(0.0, length) as f32,
            interval_s: interval.unwrap_or(f64::INFINITY),
        });
    }

    /// The stopping place of a `<stop>`; `None` after a fault, or when the stop is left out.
    pub(super) fn of_stop(
        &mut self,
        network: &Network,
        names: &Names,
        source: &Source,
        element: &Element,
        owner: &str,
        log: &mut Log,
    ) -> Option<u32> {
        for name in ["busStop", "trainStop"] {
            let Some(id) = element.get(name) else {
                continue;
            };
            if let Some(stop) = self.by_id.get(id) {
                return Some(*stop);
            }
            let known = &self.stops;
            log.fault(
                source,
                element,
                "unknown-stop",
                || format!("{owner} stops at `{id}`, which no additional file defines"),
                |fault| {
                    fault.suggest(
                        id,
                        known.iter().map(|stop| stop.id.as_str()),
                        "add the additional file with its `<busStop>`",
                    )
                },
            );
            return None;
        }
        if element.get("lane").is_some() {
            let lane = lane(names, source, element, log)?;
            let (start_m, end_m) = range(network, lane, source, element, log)?;
            return Some(self.anonymous(network, lane, start_m, end_m));
        }
        let kinds = ["parkingArea", "chargingStation", "containerStop", "edge"];
        match kinds.iter().find(|kind| element.get(kind).is_some()) {
            Some(kind) => {
                log.note(source, element, "stop-kind", &[kind]);
            }
            None => log.fault(
                source,
                element,
                "missing-attribute",
                || format!("a stop of {owner} names no place"),
                |fault| {
                    fault
                        .expected("`busStop`, or `lane` and `endPos`")
                        .help("add one of them")
                },
            ),
        }
        None
    }

    fn anonymous(&mut self, network: &Network, lane: u32, start_m: f32, end_m: f32) -> u32 {
        let next = self.stops.len() as u32;
        let key = (lane, start_m.to_bits(), end_m.to_bits());
        let index = *self.anonymous.entry(key).or_insert(next);
        if index == next {
            let edge = &network.edge_of(lane).id;
            let place = network.place_in_edge(lane);
            self.stops.push(StopPlace {
                id: format!("{edge}_{place}, {start_m:.2} to {end_m:.2} m"),
                name: String::new(),
                lane,
                start_m,
                end_m,
                lines: Vec::new(),
            });
        }
        index
    }
}

/// The lane that an element lies on.
fn lane(names: &Names, source: &Source, element: &Element, log: &mut Log) -> Option<u32> {
    let id = log.required(source, element, "lane")?;
    let lane = names.lanes.get(id).copied();
    if lane.is_none() {
        log.fault(
            source,
            element,
            "unknown-lane",
            || {
                format!(
                    "{} lies on lane `{id}`, which {} does not have",
                    describe(element),
                    names.file
                )
            },
            |fault| {
                let mut known: Vec<&str> = names.lanes.keys().map(String::as_str).collect();
                known.sort_unstable();
                fault.suggest(
                    id,
                    known.into_iter(),
                    "use the additional file of the same version of the network",
                )
            },
        );
    }
    lane
}

/// `startPos` and `endPos` along a lane; negative ones count from its end.
fn range(
    network: &Network,
    lane: u32,
    source: &Source,
    element: &Element,
    log: &mut Log,
) -> Option<(f32, f32)> {
    let length = f64::from(network.lanes[lane as usize].length_m);
    let along = |position: f64| {
        if position < 0.0 {
            position + length
        } else {
            position
        }
    };
    // The file gives lengths with two decimals; f32 keeps them only so well.
    const TOLERANCE_M: f64 = 0.01;
    let friendly = log.flag(source, element, "friendlyPos").unwrap_or(false);
    let end = log.number(source, element, "endPos", Limits::Any);
    let end_m = end.map_or(length, along);
    let default_start = if element.name == "stop" {
        end_m - SHORTEST_PLACE_M
    } else {
        0.0
    };
    let start = log.number(source, element, "startPos", Limits::Any);
    let start_m = start.map_or(default_start.max(0.0), along);
    let mut usable = true;
    for (name, value) in [("startPos", start_m), ("endPos", end_m)] {
        if !friendly && !(-TOLERANCE_M..=length + TOLERANCE_M).contains(&value) {
            let expected = format!("a place on the lane, which is {length:.2} m long");
            log.wrong_value(source, element, name, &expected);
            usable = false;
        }
    }
    if usable && start_m > end_m {
        let expected = format!("a place before `endPos` at {end_m:.2} m");
        log.wrong_value(source, element, "startPos", &expected);
        usable = false;
    }
    usable.then(|| {
        (
            start_m.clamp(0.0, length) as f32,
            end_m.clamp(0.0, length) as f32,
        )
    })
}
