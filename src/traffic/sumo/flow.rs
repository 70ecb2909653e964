//! `flow`: many vehicles in one element.

use super::choose::{Draw, uniform};
use super::demand::Reader;
use super::log::{Limits, Log, parse_time};
use super::xml::{Element, Source};

/// Vehicles of all flows together: a larger number is a mistake in a unit, not a city.
const MOST_VEHICLES: usize = 5_000_000;

impl Reader<'_> {
    /// Reads a `<flow>`.
    pub(super) fn read_flow(&mut self, source: &Source, element: &Element, log: &mut Log) {
        let id = log.required(source, element, "id").map(str::to_owned);
        let template = self.template(source, element, log);
        let times = id
            .as_deref()
            .and_then(|id| self.flow_times(source, element, id, log));
        if let (Some(id), Some(template), Some((begin, times))) = (id, template, times) {
            for (i, time) in times.into_iter().enumerate() {
                self.add(
                    source,
                    element,
                    &template,
                    format!("{id}.{i}"),
                    time,
                    time - begin,
                    log,
                );
            }
        }
    }

    /// Begin of a flow and its departures (s).
    fn flow_times(
        &self,
        source: &Source,
        element: &Element,
        id: &str,
        log: &mut Log,
    ) -> Option<(f64, Vec<f64>)> {
        let begin = match element.get("begin") {
            None => self.begin_s,
            Some(text) if parse_time(text).is_none() => {
                self.no_departure(source, element, "begin", log);
                return None;
            }
            Some(_) => log.time(source, element, "begin", Limits::Any)?,
        };
        let given_end = log.time(source, element, "end", Limits::Any);
        let number = log.whole(source, element, "number");
        let per_hour = ["vehsPerHour", "perHour"]
            .into_iter()
            .find_map(|name| log.number(source, element, name, Limits::Positive));
        let mean_gap = element
            .get("period")
            .and_then(|text| text.trim().strip_prefix("exp("))
            .and_then(|rest| rest.strip_suffix(')'))
            .map(|rate| rate.trim().parse::<f64>().ok());
        let period = match mean_gap {
            Some(_) => None,
            None => log.time(source, element, "period", Limits::Positive),
        };
        let probability = log.number(source, element, "probability", Limits::NotNegative);
        let known_end = given_end.or(self.end_s);
        let end = known_end.unwrap_or(f64::INFINITY);
        let most = number.map_or(MOST_VEHICLES, |number| MOST_VEHICLES.min(number as usize));
        if end.is_infinite() && number.is_none()
            || known_end.is_none() && period.is_none() && per_hour.is_none() && mean_gap.is_none()
        {
            log.fault(
                source,
                element,
                "no-end",
                || format!("flow `{id}` has no end, and the simulation neither"),
                |fault| fault.help("add `end` to the flow or to the configuration"),
            );
            return None;
        }
        let mut times = Vec::new();
        let mut push = |time: f64| {
            let more = time < end && times.len() < most;
            if more {
                times.push(time);
            }
            more
        };
        if let Some(gap) = period.or(per_hour.map(|count| 3600.0 / count)) {
            let mut i = 0u32;
            while push(begin + f64::from(i) * gap) {
                i += 1;
            }
        } else if let Some(rate) = mean_gap {
            let Some(rate) = rate.filter(|rate| rate.is_finite() && *rate > 0.0) else {
                log.wrong_value(
                    source,
                    element,
                    "period",
                    "a time above 0, or exp(vehicles per second)",
                );
                return None;
            };
            let mut time = begin;
            let mut i = 0;
            while push(time) {
                let at = uniform(self.seed, id, Draw::Departure(i));
                time -= (1.0 - at).ln() / rate;
                i += 1;
            }
        } else if let Some(probability) = probability {
            if probability > 1.0 {
                log.wrong_value(source, element, "probability", "a number from 0 to 1");
                return None;
            }
            // One draw for each second, as the attribute is defined; bounded like the number of vehicles.
            for i in 0..MOST_VEHICLES as u64 {
                let time = begin + i as f64;
                if time >= end {
                    break;
                }
                if uniform(self.seed, id, Draw::Departure(i)) < probability && !push(time) {
                    break;
                }
            }
        } else if let Some(number) = number {
            let gap = (end - begin) / f64::from(number.max(1));
            for i in 0..number {
                if !push(begin + f64::from(i) * gap) {
                    break;
                }
            }
        } else {
            log.fault(
                source,
                element,
                "missing-attribute",
                || format!("flow `{id}` does not say how many vehicles drive"),
                |fault| {
                    fault
                        .expected("`number`, `period`, `vehsPerHour` or `probability`")
                        .help("add one of them")
                },
            );
            return None;
        }
        if times.len() + self.trips.len() >= MOST_VEHICLES {
            log.fault(
                source,
                element,
                "too-many",
                || format!("flow `{id}` brings more than {MOST_VEHICLES} vehicles"),
                |fault| fault.help("correct its period, number or end"),
            );
            return None;
        }
        Some((begin, times))
    }
}
