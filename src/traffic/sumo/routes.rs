//! Routes, distributions of routes, and the edges that they name.

use std::rc::Rc;

use super::demand::{Reader, Route};
use super::log::{Limits, Log, describe};
use super::types::{Choice, listed, twice};
use super::xml::{Element, Source};

impl Reader<'_> {
    /// Reads a `<route>` that vehicles name.
    pub(super) fn read_route(&mut self, source: &Source, element: &Element, log: &mut Log) {
        let Some(id) = log.required(source, element, "id") else {
            return;
        };
        if self.routes.contains_key(id) || self.distributions.contains_key(id) {
            twice(source, element, log);
            return;
        }
        let owner = describe(element);
        if let Some(route) = self.route(source, element, &owner, log) {
            self.routes.insert(id.to_owned(), route);
        }
    }

    /// Reads a `<routeDistribution>` that vehicles name; the routes that it lists are known already.
    pub(super) fn read_routes(&mut self, source: &Source, element: &Element, log: &mut Log) {
        let Some(id) = log.required(source, element, "id") else {
            return;
        };
        let id = id.to_owned();
        if let Some(choice) = self.route_choice(source, element, &describe(element), log) {
            self.distributions.insert(id, choice);
        }
    }

    pub(super) fn route_choice(
        &mut self,
        source: &Source,
        element: &Element,
        owner: &str,
        log: &mut Log,
    ) -> Option<Choice<Rc<Route>>> {
        let mut choice = Vec::new();
        for child in &element.children {
            if child.name != "route" {
                continue;
            }
            let weight = log.number(source, child, "probability", Limits::NotNegative);
            let route = match child.get("refId") {
                Some(id) => {
                    let known = self.routes.get(id).cloned();
                    if known.is_none() {
                        self.unknown_route(source, child, owner, id, log);
                    }
                    known
                }
                None => self.route(source, child, owner, log),
            };
            if let Some(route) = route {
                if let Some(id) = child.get("id") {
                    self.routes.insert(id.to_owned(), route.clone());
                }
                choice.push((route, weight.unwrap_or(1.0)));
            }
        }
        for (id, weight) in listed(source, element, "routes", log) {
            match self.routes.get(&id) {
                Some(route) => choice.push((route.clone(), weight.unwrap_or(1.0))),
                None => self.unknown_route(source, element, owner, &id, log),
            }
        }
        if choice.is_empty() {
            log.fault(
                source,
                element,
                "empty-distribution",
                || format!("{owner} has no usable route"),
                |fault| fault.help("put `<route>` into it, or list ids in `routes`"),
            );
            return None;
        }
        Some(choice)
    }

    pub(super) fn unknown_route(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        id: &str,
        log: &mut Log,
    ) {
        log.fault(
            source,
            element,
            "unknown-route",
            || format!("{owner} drives the route `{id}`, which no file defines"),
            |fault| {
                let mut known: Vec<&str> = self.routes.keys().map(String::as_str).collect();
                known.sort_unstable();
                fault.suggest(
                    id,
                    known.into_iter(),
                    "add the file with its `<route>` to the inputs",
                )
            },
        );
    }

    pub(super) fn route(
        &mut self,
        source: &Source,
        element: &Element,
        owner: &str,
        log: &mut Log,
    ) -> Option<Rc<Route>> {
        if element.get("repeat").is_some() {
            log.note(source, element, "not-read", &["repeat", "route"]);
        }
        let text = log.required(source, element, "edges")?;
        let edges = self.edges(source, element, owner, text, log)?;
        if edges.is_empty() {
            log.fault(
                source,
                element,
                "empty-route",
                || format!("the route of {owner} has no edges"),
                |fault| fault.help("name its edges, or remove the vehicle"),
            );
            return None;
        }
        let calls = self.calls(source, element, owner, log);
        Some(Rc::new(Route { edges, calls }))
    }

    /// The edges that a text names; a fault for each that is missing.
    pub(super) fn edges(
        &self,
        source: &Source,
        element: &Element,
        owner: &str,
        text: &str,
        log: &mut Log,
    ) -> Option<Vec<u32>> {
        let mut complete = true;
        let mut edges = Vec::new();
        for id in text.split_whitespace() {
            match self.edge(source, element, id, log, || {
                format!("{owner} drives over edge `{id}`")
            }) {
                Some(edge) => edges.push(edge),
                None => complete = false,
            }
        }
        complete.then_some(edges)
    }

    pub(super) fn edge(
        &self,
        source: &Source,
        element: &Element,
        id: &str,
        log: &mut Log,
        what: impl Fn() -> String,
    ) -> Option<u32> {
        let edge = self.names.edges.get(id).copied();
        if edge.is_none() {
            log.fault(
                source,
                element,
                "unknown-edge",
                || format!("{}, which {} does not have", what(), self.names.file),
                |fault| {
                    fault.suggest(
                        id,
                        self.names.street_edges(self.network),
                        "use the routes of the same version of the network",
                    )
                },
            );
            return None;
        }
        edge.filter(|edge| {
            let inner = self.network.edges[*edge as usize].inner;
            if inner {
                log.fault(
                    source,
                    element,
                    "inner-edge",
                    || format!("{}, which lies inside a junction", what()),
                    |fault| fault.help("name only edges between junctions"),
                );
            }
            !inner
        })
    }
}
