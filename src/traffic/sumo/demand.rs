//! Vehicles, trips, flows, routes and the stops in them.
//!
//! A flow becomes its single vehicles, `flow.0`, `flow.1` and so on. Where a vehicle has a distribution of types or routes, one of them
//! is chosen here (module `choose`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::choose::{Draw, choose, uniform};
use super::config::{DEFAULT_DEPART_LANE, DEFAULT_DEPART_SPEED};
use super::log::{Limits, Log, describe, parse_flag, parse_time};
use super::network::Names;
use super::places::Places;
use super::types::{Choice, Types, twice};
use super::xml::{Element, Source};
use crate::traffic::demand::{Call, DepartLane, DepartSpeed, Trip};
use crate::traffic::network::Network;

/// Attributes of vehicles, trips and flows that are read, or change nothing.
const KNOWN: [&str; 26] = [
    "id",
    "type",
    "route",
    "from",
    "to",
    "via",
    "depart",
    "departLane",
    "departPos",
    "departSpeed",
    "arrivalPos",
    "line",
    "color",
    "begin",
    "end",
    "number",
    "period",
    "vehsPerHour",
    "perHour",
    "probability",
    "personNumber",
    "containerNumber",
    // Written by SUMO's tools into routes; the route is what counts.
    "fromTaz",
    "toTaz",
    "reroute",
    "guiShape",
];

/// A route with the calls on it, whose times count from the departure.
#[derive(Debug, Default)]
pub(super) struct Route {
    pub edges: Vec<u32>,
    pub calls: Vec<Call>,
}

/// What all vehicles of an element have in common.
pub(super) struct Template {
    pub types: Choice<u32>,
    pub routes: Choice<Rc<Route>>,
    pub routed: bool,
    /// Calls of the element itself, after those of the route.
    pub calls: Vec<Call>,
    pub depart_lane: DepartLane,
    pub depart_pos_m: Option<f32>,
    pub depart_speed: DepartSpeed,
    pub arrival_pos_m: Option<f32>,
    pub line: String,
}

/// Reads vehicles.
pub(super) struct Reader<'n> {
    pub network: &'n Network,
    pub names: &'n Names,
    pub types: Types,
    pub places: Places,
    /// Simulation's begin and end (s).
    pub begin_s: f64,
    pub end_s: Option<f64>,
    pub seed: u64,
    /// Words for vehicles that name no lane and no speed to depart with.
    pub depart_lane: &'n str,
    pub depart_speed: &'n str,
    pub trips: Vec<Trip>,
    pub(super) routes: HashMap<String, Rc<Route>>,
    pub(super) distributions: BTreeMap<String, Choice<Rc<Route>>>,
    ids: HashSet<String>,
}

impl<'n> Reader<'n> {
    pub(super) fn new(network: &'n Network, names: &'n Names) -> Self {
        Self {
            network,
            names,
            types: Types::default(),
            places: Places::default(),
            begin_s: 0.0,
            end_s: None,
            seed: 0,
            depart_lane: DEFAULT_DEPART_LANE,
            depart_speed: DEFAULT_DEPART_SPEED,
            trips: Vec::new(),
            routes: HashMap::new(),
            distributions: BTreeMap::new(),
            ids: HashSet::new(),
        }
    }

    /// The `<stop>` elements within an element.
    pub(super) fn calls(
        &mut self,
        source: &Source,
        element: &Element,
        owner: &str,
        log: &mut Log,
    ) -> Vec<Call> {
        let mut calls = Vec::new();
        for child in element.children.iter().filter(|c| c.name == "stop") {
            calls.extend(self.call(source, child, owner, log));
        }
        calls
    }

    fn call(
        &mut self,
        source: &Source,
        element: &Element,
        owner: &str,
        log: &mut Log,
    ) -> Option<Call> {
        let duration = log.time(source, element, "duration", Limits::Any);
        let until_s = log.time(source, element, "until", Limits::Any);
        let arrival_s = log.time(source, element, "arrival", Limits::Any);
        let off_lane = element.get("parking").is_some_and(|text| {
            text == "opportunistic"
                || parse_flag(text).unwrap_or_else(|| {
                    log.wrong_value(
                        source,
                        element,
                        "parking",
                        "`true`, `false` or `opportunistic`",
                    );
                    false
                })
        });
        for (name, _) in &element.attributes {
            let known = matches!(
                *name,
                "busStop"
                    | "trainStop"
                    | "lane"
                    | "edge"
                    | "startPos"
                    | "endPos"
                    | "friendlyPos"
                    | "duration"
                    | "until"
                    | "arrival"
                    | "parking"
                    | "parkingArea"
                    | "chargingStation"
                    | "containerStop"
                    | "id"
                    | "index"
                    | "actType"
                    | "line"
                    | "tripId"
                    | "started"
                    | "ended"
            );
            if !known {
                log.note(source, element, "not-read", &[name, "stop"]);
            }
        }
        let stop = self
            .places
            .of_stop(self.network, self.names, source, element, owner, log)?;
        if duration.is_none() && until_s.is_none() {
            log.fault(
                source,
                element,
                "missing-attribute",
                || format!("a stop of {owner} has neither `duration` nor `until`"),
                |fault| fault.help("say how long it lasts (`duration`, in seconds)"),
            );
        }
        Some(Call {
            stop,
            // SUMO's tools write -1 for "none".
            duration_s: duration.unwrap_or(0.0).max(0.0) as f32,
            until_s: until_s.filter(|time| *time >= 0.0),
            arrival_s: arrival_s.filter(|time| *time >= 0.0),
            off_lane,
        })
    }

    /// Reads a `<vehicle>` or a `<trip>`.
    pub(super) fn read_vehicle(&mut self, source: &Source, element: &Element, log: &mut Log) {
        let id = log.required(source, element, "id").map(str::to_owned);
        let depart = log
            .required(source, element, "depart")
            .map(str::to_owned)
            .and_then(|text| match text.as_str() {
                "begin" => Some(self.begin_s),
                other => {
                    let time = parse_time(other);
                    if time.is_none() {
                        self.no_departure(source, element, "depart", log);
                    }
                    time
                }
            });
        let template = self.template(source, element, log);
        if let (Some(id), Some(depart), Some(template)) = (id, depart, template) {
            self.add(source, element, &template, id, depart, 0.0, log);
        }
    }

    pub(super) fn no_departure(
        &self,
        source: &Source,
        element: &Element,
        name: &str,
        log: &mut Log,
    ) {
        let text = element.text(name);
        if matches!(text, "triggered" | "containerTriggered" | "split" | "now") {
            log.fault(
                source,
                element,
                "departure",
                || {
                    format!(
                        "{} departs when an event comes (`{name}=\"{text}\"`)",
                        describe(element)
                    )
                },
                |fault| {
                    fault
                        .expected("a time in seconds or as h:m:s")
                        .help("only vehicles with a time of departure are simulated; give it a time, or remove it")
                },
            );
        } else {
            log.wrong_value(source, element, name, "a time in seconds or as h:m:s");
        }
    }

    /// What all vehicles of an element have in common, checked; `None` after a fault.
    pub(super) fn template(
        &mut self,
        source: &Source,
        element: &Element,
        log: &mut Log,
    ) -> Option<Template> {
        let owner = describe(element);
        for (name, _) in &element.attributes {
            if !KNOWN.contains(name) {
                log.note(source, element, "not-read", &[name, element.name]);
            }
        }
        for child in &element.children {
            if !matches!(child.name, "route" | "stop" | "routeDistribution") {
                log.note(source, child, "not-read", &[child.name, element.name]);
            }
        }
        let types = self.types.choice(source, element, log);
        let calls = self.calls(source, element, &owner, log);
        let (mut routes, routed) = self.way(source, element, &owner, log)?;
        if !routed {
            for (route, _) in &mut routes {
                *route = Rc::new(self.with_stops(route, &calls));
            }
        }
        let template = Template {
            types: types?,
            routes,
            routed,
            calls,
            depart_lane: self.depart_lane(source, element, log),
            depart_pos_m: self.depart_pos(source, element, log),
            depart_speed: self.depart_speed(source, element, log),
            arrival_pos_m: self.arrival_pos(source, element, log),
            line: element.text("line").to_owned(),
        };
        self.check(source, element, &owner, &template, log)
            .then_some(template)
    }

    /// The way of a vehicle: full routes to choose from (`true`), or origin, edges between and destination (`false`).
    fn way(
        &mut self,
        source: &Source,
        element: &Element,
        owner: &str,
        log: &mut Log,
    ) -> Option<(Choice<Rc<Route>>, bool)> {
        if let Some(child) = element.children.iter().find(|c| c.name == "route") {
            return Some((vec![(self.route(source, child, owner, log)?, 1.0)], true));
        }
        let nested = |child: &&Element| child.name == "routeDistribution";
        if let Some(child) = element.children.iter().find(nested) {
            return Some((self.route_choice(source, child, owner, log)?, true));
        }
        if let Some(id) = element.get("route") {
            if let Some(route) = self.routes.get(id) {
                return Some((vec![(route.clone(), 1.0)], true));
            }
            if let Some(choice) = self.distributions.get(id) {
                return Some((choice.clone(), true));
            }
            self.unknown_route(source, element, owner, id, log);
            return None;
        }
        let (Some(from), Some(to)) = (element.get("from"), element.get("to")) else {
            log.fault(
                source,
                element,
                "no-way",
                || format!("{owner} does not say where it drives"),
                |fault| {
                    fault
                        .expected("a `<route>`, `route`, or the edges `from` and `to`")
                        .help("compute routes with SUMO's duarouter when origins are zones or junctions")
                },
            );
            return None;
        };
        let from_edge = self.edge(source, element, from, log, || {
            format!("{owner} begins on edge `{from}`")
        });
        let via = self.edges(source, element, owner, element.text("via"), log);
        let to_edge = self.edge(source, element, to, log, || {
            format!("{owner} ends on edge `{to}`")
        });
        let mut edges = vec![from_edge?];
        edges.extend(via?);
        edges.push(to_edge?);
        let route = Route {
            edges,
            calls: Vec::new(),
        };
        Some((vec![(Rc::new(route), 1.0)], false))
    }

    /// Origin, destination and the edges of the calls between them, where those are not on the way already.
    fn with_stops(&self, route: &Route, calls: &[Call]) -> Route {
        let mut edges = route.edges.clone();
        let last = edges.pop();
        if edges.len() == 1 {
            for (i, call) in calls.iter().enumerate() {
                let edge = self.edge_of_stop(call.stop);
                let at_end = i + 1 == calls.len() && last == Some(edge);
                if edges.last() != Some(&edge) && !at_end {
                    edges.push(edge);
                }
            }
        }
        edges.extend(last);
        Route {
            edges,
            calls: Vec::new(),
        }
    }

    pub(super) fn edge_of_stop(&self, stop: u32) -> u32 {
        let lane = self.places.stops[stop as usize].lane;
        self.network.lanes[lane as usize].edge
    }

    /// Adds a vehicle; `after_begin_s` is its distance from the begin of its flow.
    pub(super) fn add(
        &mut self,
        source: &Source,
        element: &Element,
        template: &Template,
        id: String,
        depart_s: f64,
        after_begin_s: f64,
        log: &mut Log,
    ) {
        if !self.ids.insert(id.clone()) {
            twice(source, element, log);
            return;
        }
        if depart_s < self.begin_s {
            log.note(source, element, "before-begin", &[]);
            return;
        }
        let vehicle_type = choose(&template.types, uniform(self.seed, &id, Draw::Type));
        let route = choose(&template.routes, uniform(self.seed, &id, Draw::Route));
        let (Some(vehicle_type), Some(route)) = (vehicle_type, route) else {
            return;
        };
        let shifted = |call: &Call, shift: f64| Call {
            until_s: call.until_s.map(|time| time + shift),
            arrival_s: call.arrival_s.map(|time| time + shift),
            ..call.clone()
        };
        // The calls of a named route count from the departure, those of a flow from its begin (checked by query of SUMO 1.28).
        let own_route = element.children.iter().any(|c| c.name == "route");
        let shift = if own_route { after_begin_s } else { depart_s };
        let calls = route
            .calls
            .iter()
            .map(|call| shifted(call, shift))
            .chain(
                template
                    .calls
                    .iter()
                    .map(|call| shifted(call, after_begin_s)),
            )
            .collect();
        self.trips.push(Trip {
            id,
            vehicle_type,
            depart_s,
            edges: route.edges.clone(),
            routed: template.routed,
            depart_lane: template.depart_lane,
            depart_pos_m: template.depart_pos_m,
            depart_speed: template.depart_speed,
            arrival_pos_m: template.arrival_pos_m,
            line: template.line.clone(),
            calls,
        });
    }
}
