//! What a vehicle must keep to: edges that its class may drive and that follow each other, stops on its way, a place to depart.

use super::classes::class_name;
use super::demand::{Reader, Route, Template};
use super::log::Log;
use super::network::open_to;
use super::xml::{Element, Source};
use crate::traffic::demand::{Call, DepartLane};
use crate::traffic::network::VehicleClass;

impl Reader<'_> {
    /// Every way must be one that every class of the choice may drive, with the stops on it.
    pub(super) fn check(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        template: &Template,
        log: &mut Log,
    ) -> bool {
        let mut classes: Vec<VehicleClass> = template
            .types
            .iter()
            .map(|(index, _)| self.types.list[*index as usize].class)
            .collect();
        classes.sort_unstable();
        classes.dedup();
        let mut usable = true;
        for (route, _) in &template.routes {
            let calls: Vec<&Call> = route.calls.iter().chain(&template.calls).collect();
            for class in &classes {
                let routed = template.routed;
                usable &= self.check_way(source, element, owner, route, *class, routed, log);
                usable &= self.check_lanes(source, element, owner, &calls, *class, log);
            }
            usable &= self.check_calls(source, element, owner, route, &calls, log);
            usable &= self.check_departure(source, element, owner, route, template, log);
        }
        usable
    }

    fn check_way(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        route: &Route,
        class: VehicleClass,
        routed: bool,
        log: &mut Log,
    ) -> bool {
        let id = |edge: &u32| self.network.edges[*edge as usize].id.as_str();
        let mut usable = true;
        for edge in [route.edges.first(), route.edges.last()]
            .into_iter()
            .flatten()
        {
            if !open_to(self.network, *edge, class) {
                log.fault(
                    source,
                    element,
                    "closed-edge",
                    || {
                        format!(
                            "{owner} begins or ends on edge `{}`, whose lanes are closed to its class `{}`",
                            id(edge),
                            class_name(class)
                        )
                    },
                    |fault| fault.help("choose another edge, or correct `allow` and `disallow` of its lanes"),
                );
                usable = false;
            }
        }
        if !routed {
            return usable;
        }
        for pair in route.edges.windows(2) {
            let joined = self.names.joined.get(&(pair[0], pair[1]));
            if joined.is_some_and(|set| set.contains(class)) {
                continue;
            }
            log.fault(
                source,
                element,
                "gap",
                || {
                    let (from, to) = (id(&pair[0]), id(&pair[1]));
                    match joined {
                        None => format!("{owner} drives from edge `{from}` onto `{to}`, which no connection joins"),
                        Some(_) => format!(
                            "{owner} drives from edge `{from}` onto `{to}`, where the connections are closed to its class `{}`",
                            class_name(class)
                        ),
                    }
                },
                |fault| fault.help("correct the route, or compute it again for this network (SUMO's duarouter)"),
            );
            usable = false;
        }
        usable
    }

    /// The lanes of stops must be open to the class.
    fn check_lanes(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        calls: &[&Call],
        class: VehicleClass,
        log: &mut Log,
    ) -> bool {
        let stops = calls
            .iter()
            .map(|call| &self.places.stops[call.stop as usize]);
        let mut usable = true;
        for stop in stops.filter(|stop| !self.network.may_drive(stop.lane, class)) {
            log.fault(
                source,
                element,
                "closed-stop",
                || {
                    format!(
                        "{owner} stops at `{}`, whose lane is closed to its class `{}`",
                        stop.id,
                        class_name(class)
                    )
                },
                |fault| fault.help("move the stop, or correct `allow` and `disallow` of its lane"),
            );
            usable = false;
        }
        usable
    }

    fn check_calls(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        route: &Route,
        calls: &[&Call],
        log: &mut Log,
    ) -> bool {
        let mut at = 0;
        let mut reached_m = f32::NEG_INFINITY;
        for call in calls {
            let stop = &self.places.stops[call.stop as usize];
            let edge = self.edge_of_stop(call.stop);
            let found = (at..route.edges.len())
                .find(|i| route.edges[*i] == edge && (*i > at || stop.end_m >= reached_m));
            let Some(found) = found else {
                let anywhere = route.edges.contains(&edge);
                log.fault(
                    source,
                    element,
                    "stop-off-route",
                    || {
                        let edge = &self.network.edges[edge as usize].id;
                        if anywhere {
                            format!("{owner} stops at `{}` on edge `{edge}` after a stop that lies behind it on its route", stop.id)
                        } else {
                            format!("{owner} stops at `{}` on edge `{edge}`, which is not on its route", stop.id)
                        }
                    },
                    |fault| {
                        fault
                            .expected("stops on edges of the route, in their order")
                            .help("correct the route or the stop")
                    },
                );
                return false;
            };
            at = found;
            reached_m = stop.end_m;
        }
        true
    }

    fn check_departure(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        route: &Route,
        template: &Template,
        log: &mut Log,
    ) -> bool {
        let Some(first) = route.edges.first() else {
            return false;
        };
        let edge = &self.network.edges[*first as usize];
        if let DepartLane::Given(lane) = template.depart_lane
            && lane as usize >= edge.lanes.len()
        {
            log.fault(
                source,
                element,
                "departure",
                || format!("{owner} departs on lane {lane} of edge `{}`", edge.id),
                |fault| {
                    fault
                        .expected(format!("0 to {}", edge.lanes.len().saturating_sub(1)))
                        .help("correct `departLane`")
                },
            );
            return false;
        }
        let lengths = edge
            .lanes
            .clone()
            .map(|lane| self.network.lanes[lane as usize].length_m);
        let length = lengths.fold(0.0, f32::max);
        if let Some(position) = template.depart_pos_m
            && position.abs() > length + 0.01
        {
            log.fault(
                source,
                element,
                "departure",
                || {
                    format!(
                        "{owner} departs at {position} m of edge `{}`, which is {length:.2} m long",
                        edge.id
                    )
                },
                |fault| fault.help("correct `departPos`"),
            );
            return false;
        }
        true
    }
}
