//! Where and how fast a vehicle departs, and where it arrives.

use super::demand::Reader;
use super::log::Log;
use super::xml::{Element, Source};
use crate::traffic::demand::{DepartLane, DepartSpeed};

impl Reader<'_> {
    pub(super) fn depart_lane(
        &self,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) -> DepartLane {
        match given_or(element.text("departLane"), self.depart_lane) {
            "first" | "allowed" => DepartLane::First,
            // SUMO draws among equally good lanes for `best_prob`; here the emptiest of them is taken.
            "best" | "best_prob" => DepartLane::Best,
            "free" => DepartLane::Free,
            "random" => {
                let words = ["departLane=\"random\"", "departLane=\"free\""];
                log.note(source, element, "read-as", &words);
                DepartLane::Free
            }
            text => match text.parse() {
                Ok(lane) => DepartLane::Given(lane),
                Err(_) => {
                    log.wrong_value(
                        source,
                        element,
                        "departLane",
                        "a whole number, first, best, free, allowed, random or best_prob",
                    );
                    DepartLane::First
                }
            },
        }
    }

    pub(super) fn depart_pos(
        &self,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) -> Option<f32> {
        match element.text("departPos") {
            "" | "base" => None,
            word @ ("last" | "random" | "free" | "random_free" | "stop" | "splitFront"
            | "random_location") => {
                let word = format!("departPos=\"{word}\"");
                let words = [&word[..], "departPos=\"base\""];
                log.note(source, element, "read-as", &words);
                None
            }
            _ => {
                let expected = "a place in metres, base, last, free, random, random_free or stop";
                given_place(source, element, "departPos", expected, log)
            }
        }
    }

    pub(super) fn depart_speed(
        &self,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) -> DepartSpeed {
        match given_or(element.text("departSpeed"), self.depart_speed) {
            "avg" => DepartSpeed::Mean,
            "max" => DepartSpeed::Max,
            "desired" | "speedLimit" => DepartSpeed::Limit,
            word @ ("random" | "last") => {
                let word = format!("departSpeed=\"{word}\"");
                let words = [&word[..], "departSpeed=\"max\""];
                log.note(source, element, "read-as", &words);
                DepartSpeed::Max
            }
            text => {
                let value = text.parse().ok();
                match value.filter(|value: &f32| value.is_finite() && *value >= 0.0) {
                    Some(value) => DepartSpeed::Given(value),
                    None => {
                        log.wrong_value(
                            source,
                            element,
                            "departSpeed",
                            "a speed in m/s, max, desired, speedLimit, random, last or avg",
                        );
                        DepartSpeed::Given(0.0)
                    }
                }
            }
        }
    }

    pub(super) fn arrival_pos(
        &self,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) -> Option<f32> {
        match element.text("arrivalPos") {
            "" | "max" => None,
            word @ ("random" | "center" | "stop") => {
                let word = format!("arrivalPos=\"{word}\"");
                let words = [&word[..], "arrivalPos=\"max\""];
                log.note(source, element, "read-as", &words);
                None
            }
            _ => {
                let expected = "a place in metres, max, random or center";
                given_place(source, element, "arrivalPos", expected, log)
            }
        }
    }
}

/// What an element says, or else what holds for all.
fn given_or<'a>(given: &'a str, usual: &'a str) -> &'a str {
    if given.is_empty() { usual } else { given }
}

/// A place along a lane (m) that an attribute gives; a fault where it is no number.
fn given_place(
    source: &Source,
    element: &Element,
    name: &str,
    expected: &str,
    log: &mut Log,
) -> Option<f32> {
    let value = element.text(name).parse().ok();
    let value = value.filter(|value: &f32| value.is_finite());
    if value.is_none() {
        log.wrong_value(source, element, name, expected);
    }
    value
}
