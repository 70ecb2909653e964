//! `net.xml`: edges, lanes, junctions with their matrix of right of way, connections, signals.
//!
//! A connection becomes a link. Over a junction with inner lanes the chain is: normal lane, link, inner lane, link, (second inner lane,
//! link,) normal lane; `target` of every link in the chain is the lane at its end.
//!
//! Left out, with a note: ways of people on foot beside crossings with a signal (see [`super::foot`]), and the inner
//! junctions, whose waiting place is the second link of a chain here.

use std::collections::{HashMap, HashSet};

use super::classes::{allowed, class_names};
use super::error::{Fault, SumoError};
use super::log::{Limits, Log, describe, parse_flag, shortened};
use super::signals::{read_program, signal_of};
use super::xml::{Element, Source};
use crate::traffic::network::{
    ClassSet, Control, Edge, Junction, Lane, Link, NONE, Network, Turn, VehicleClass,
};

/// Width (m) of a lane whose width the file does not give (SUMO's default).
const LANE_WIDTH_M: f32 = 3.2;

/// Shortest lane (m): SUMO lengthens shorter ones to this.
const SHORTEST_LANE_M: f32 = 0.1;

/// Networks of so many edges are put in the order of their places; smaller ones gain nothing.
const ORDERED_FROM: usize = 1000;

/// Names of the things in a network.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// File of the network, for messages.
    pub file: String,
    /// Edges.
    pub edges: HashMap<String, u32>,
    /// Lanes.
    pub lanes: HashMap<String, u32>,
    /// Signals.
    pub signals: HashMap<String, u32>,
    /// Junctions.
    pub junctions: HashMap<String, u32>,
    /// Edges that are left out.
    pub left_out: HashSet<String>,
    /// From edge to edge: who may drive there. Every pair that a link joins is here, even when nobody may.
    pub joined: HashMap<(u32, u32), ClassSet>,
    /// Where each signal is first named (`file:line`), by its index.
    pub signal_places: Vec<String>,
}

impl Names {
    /// Names in a network that was not read from a file of SUMO; `file` is what messages call it.
    pub(super) fn of(network: &Network, file: &str) -> Self {
        let mut names = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        for (index, edge) in network.edges.iter().enumerate() {
            names.edges.insert(edge.id.clone(), index as u32);
            for (place, lane) in edge.lanes.clone().enumerate() {
                names.lanes.insert(format!("{}_{place}", edge.id), lane);
            }
        }
        for (index, signal) in network.signals.iter().enumerate() {
            names.signals.insert(signal.id.clone(), index as u32);
            names.signal_places.push(file.to_owned());
        }
        for (index, junction) in network.junctions.iter().enumerate() {
            names.junctions.insert(junction.id.clone(), index as u32);
        }
        names.join(network);
        names
    }

    /// Which edges follow each other, for whom.
    fn join(&mut self, network: &Network) {
        for link in &network.links {
            let (from, to) = (
                network.lanes[link.from as usize].edge,
                network.lanes[link.target as usize].edge,
            );
            if network.edges[from as usize].inner {
                continue;
            }
            let allowed = [link.from, link.to, link.target]
                .iter()
                .fold(u32::MAX, |set, lane| {
                    set & network.lanes[*lane as usize].allowed.0
                });
            self.joined.entry((from, to)).or_default().0 |= allowed;
        }
    }

    /// Ids of the edges that carry streets, in a fixed order.
    pub(super) fn street_edges<'a>(&self, network: &'a Network) -> impl Iterator<Item = &'a str> {
        let _ = self;
        network
            .edges
            .iter()
            .filter(|edge| !edge.inner)
            .map(|edge| edge.id.as_str())
    }
}

/// The elements of the file by kind.
#[derive(Default)]
struct Parts<'a> {
    location: Option<Element<'a>>,
    edges: Vec<Element<'a>>,
    junctions: Vec<Element<'a>>,
    connections: Vec<Element<'a>>,
    programs: Vec<Element<'a>>,
    roundabouts: Vec<Element<'a>>,
}

/// Reads a network. The faults are in the log; with faults in it, the network must not be used.
pub(super) fn read(source: &Source, log: &mut Log) -> Result<(Network, Names), SumoError> {
    let mut parts = Parts::default();
    let root = source.elements(|element| {
        match element.name {
            "location" => parts.location = Some(element),
            "edge" => parts.edges.push(element),
            "junction" => parts.junctions.push(element),
            "connection" => parts.connections.push(element),
            "tlLogic" => parts.programs.push(element),
            "roundabout" => parts.roundabouts.push(element),
            // `type` is already in the edges, `prohibition` in the matrices.
            "type" | "prohibition" | "param" => {}
            name => {
                log.note(source, &element, "not-read", &[name, "net"]);
            }
        }
        Ok(())
    })?;
    if root.name != "net" {
        return Err(SumoError::file(
            Fault::new(
                "wrong-format",
                source.name.as_str(),
                format!("the file `{}` is not a SUMO network", source.name),
            )
            .expected("the root element `<net>`")
            .found(format!("`<{}>`", shortened(root.name)))
            .help("name the file that netconvert or netedit wrote (`.net.xml`)"),
        ));
    }
    if root.get("lefthand").and_then(parse_flag) == Some(true) {
        log.note(source, &root, "left-hand", &[]);
    }
    let mut builder = Builder {
        source,
        log,
        network: Network::default(),
        names: Names {
            file: source.name.clone(),
            ..Names::default()
        },
    };
    if let Some(location) = &parts.location {
        builder.location(location);
    }
    builder.junctions(&parts.junctions);
    builder.edges(&parts.edges);
    builder.roundabouts(&parts.roundabouts);
    builder.links(&parts.connections);
    builder.matrices(&parts.junctions);
    builder.foot_crossings(&parts.edges, &parts.connections);
    for element in &parts.programs {
        if let Some((id, program)) = read_program(source, element, builder.log) {
            let signal = builder.signal(id, element);
            builder.network.signals[signal as usize]
                .programs
                .push(program);
        }
    }
    builder.names.join(&builder.network);
    let Builder { network, names, .. } = builder;
    if network.edges.is_empty() {
        log.faults.add(|| {
            Fault::new(
                "no-edges",
                source.name.as_str(),
                format!("the network `{}` has no edges", source.name),
            )
            .help("name a network with streets")
        });
    }
    if network.edges.len() < ORDERED_FROM || !log.faults.listed.is_empty() {
        return Ok((network, names));
    }
    let network = network.by_place();
    let names = Names {
        left_out: names.left_out,
        signal_places: names.signal_places,
        ..Names::of(&network, &source.name)
    };
    Ok((network, names))
}

/// Builds the network from its elements.
pub(super) struct Builder<'a> {
    pub source: &'a Source,
    pub log: &'a mut Log,
    pub network: Network,
    pub names: Names,
}

impl Builder<'_> {
    fn location(&mut self, location: &Element) {
        let offset = self.log.shape(self.source, location, "netOffset");
        if let Some([x, y]) = offset.first() {
            self.network.origin = [0.0 - x, 0.0 - y];
        }
        let crs = location.text("projParameter");
        // SUMO writes "!" for a plane without a projection, "-" for the simple one of netconvert's `--proj.simple`.
        if crs == "-" {
            self.log.note(self.source, location, "projection", &[]);
        } else if crs != "!" {
            self.network.crs = crs.to_owned();
        }
    }

    fn junctions(&mut self, elements: &[Element]) {
        for element in elements {
            let Some(id) = self.log.required(self.source, element, "id") else {
                continue;
            };
            let kind = element.text("type");
            if kind == "internal" {
                continue;
            }
            let control = match kind {
                "priority" | "unknown" => Control::Priority,
                "traffic_light" | "traffic_light_unregulated" | "traffic_light_right_on_red" => {
                    Control::Signals
                }
                "right_before_left" => Control::RightBeforeLeft,
                "priority_stop" | "allway_stop" => Control::Stop,
                "unregulated" | "district" => Control::Free,
                "dead_end" | "dead_end_deprecated" => Control::DeadEnd,
                "zipper" => {
                    self.log.note(self.source, element, "zipper", &[]);
                    Control::Priority
                }
                "left_before_right" => {
                    self.log
                        .note(self.source, element, "left-before-right", &[]);
                    Control::RightBeforeLeft
                }
                "rail_signal" | "rail_crossing" => {
                    self.log
                        .note(self.source, element, "rail-junction", &[kind]);
                    Control::Free
                }
                _ => {
                    self.log.wrong_value(
                        self.source,
                        element,
                        "type",
                        "a type of SUMO's junctions, `priority` or `traffic_light` for example",
                    );
                    Control::Priority
                }
            };
            let mut position = [0.0; 2];
            for (axis, value) in ["x", "y"].iter().zip(&mut position) {
                *value = self
                    .log
                    .required_number(self.source, element, axis, Limits::Any)
                    .unwrap_or_default();
            }
            let shape = self.log.shape(self.source, element, "shape");
            let index = self.network.junctions.len() as u32;
            if self.names.junctions.contains_key(id) {
                self.twice(element);
                continue;
            }
            self.names.junctions.insert(id.to_owned(), index);
            self.network.junctions.push(Junction {
                id: id.to_owned(),
                position,
                shape,
                control,
                links: Vec::new(),
            });
        }
    }

    fn edges(&mut self, elements: &[Element]) {
        for inner in [false, true] {
            for element in elements {
                match element.text("function") {
                    "internal" if inner => self.edge(element, true),
                    "" | "normal" | "connector" if !inner => self.edge(element, false),
                    kind @ ("crossing" | "walkingarea") if !inner => {
                        if kind == "walkingarea" {
                            self.log.note(
                                self.source,
                                element,
                                "pedestrian-edge",
                                &["walkingarea"],
                            );
                        }
                        self.names.left_out.insert(element.text("id").to_owned());
                    }
                    "internal" | "crossing" | "walkingarea" | "" | "normal" | "connector" => {}
                    _ if !inner => self.log.wrong_value(
                        self.source,
                        element,
                        "function",
                        "`normal`, `internal`, `connector`, `crossing` or `walkingarea`",
                    ),
                    _ => {}
                }
            }
        }
    }

    fn edge(&mut self, element: &Element, inner: bool) {
        let Some(id) = self.log.required(self.source, element, "id") else {
            return;
        };
        let (from, to) = if inner {
            let junction = inner_junction(id)
                .and_then(|name| self.names.junctions.get(name))
                .copied();
            if junction.is_none() {
                self.log.fault(
                    self.source,
                    element,
                    "unknown-junction",
                    || format!("the inner edge `{id}` belongs to no junction of the file"),
                    |fault| {
                        fault
                            .expected("`:`, the id of a junction, `_` and a number")
                            .help("write the network again with netconvert")
                    },
                );
            }
            let junction = junction.unwrap_or(NONE);
            (junction, junction)
        } else {
            (self.end(element, "from"), self.end(element, "to"))
        };
        let index = self.network.edges.len() as u32;
        if self.names.edges.contains_key(id) {
            self.twice(element);
            return;
        }
        self.names.edges.insert(id.to_owned(), index);
        let first = self.network.lanes.len() as u32;
        let lanes = element.children.iter().filter(|child| child.name == "lane");
        for (place, lane) in lanes.enumerate() {
            self.lane(lane, index, place as u32);
        }
        if self.network.lanes.len() as u32 == first {
            self.log.fault(
                self.source,
                element,
                "no-lanes",
                || format!("edge `{id}` has no lanes"),
                |fault| fault.help("remove the edge, or give it a lane"),
            );
        }
        self.unread(element, "lane");
        let priority = element.text("priority");
        self.network.edges.push(Edge {
            id: id.to_owned(),
            name: element.text("name").to_owned(),
            from,
            to,
            lanes: first..self.network.lanes.len() as u32,
            inner,
            priority: priority.parse().unwrap_or_else(|_| {
                if !priority.is_empty() {
                    self.log
                        .wrong_value(self.source, element, "priority", "a whole number");
                }
                -1
            }),
            roundabout: false,
        });
    }

    /// Marks the edges that the file gives as rings of roundabouts.
    fn roundabouts(&mut self, elements: &[Element]) {
        for element in elements {
            for id in element.text("edges").split_whitespace() {
                if let Some(&edge) = self.names.edges.get(id) {
                    self.network.edges[edge as usize].roundabout = true;
                    continue;
                }
                let edges = &self.network.edges;
                self.log.fault(
                    self.source,
                    element,
                    "unknown-edge",
                    || format!("a roundabout has edge `{id}`, which the file does not have"),
                    |fault| {
                        fault.suggest(
                            id,
                            edges.iter().map(|edge| edge.id.as_str()),
                            "write the network again with netconvert",
                        )
                    },
                );
            }
        }
    }

    /// The junction that an attribute of an edge names.
    fn end(&mut self, element: &Element, name: &str) -> u32 {
        let Some(id) = self.log.required(self.source, element, name) else {
            return NONE;
        };
        if let Some(junction) = self.names.junctions.get(id) {
            return *junction;
        }
        let known = &self.network.junctions;
        self.log.fault(
            self.source,
            element,
            "unknown-junction",
            || {
                format!(
                    "`{name}` of {} is junction `{id}`, which the file does not have",
                    describe(element)
                )
            },
            |fault| {
                fault.suggest(
                    id,
                    known.iter().map(|junction| junction.id.as_str()),
                    "write the network again with netconvert",
                )
            },
        );
        NONE
    }

    fn lane(&mut self, element: &Element, edge: u32, place: u32) {
        let index = self.log.whole(self.source, element, "index");
        if index.is_some_and(|index| index != place) {
            // Old versions of netconvert numbered inner lanes wrongly; their ids are right, and connections go by these.
            let by_id = element.text("id").rsplit_once('_').map(|(_, place)| place);
            if by_id.and_then(|text| text.parse().ok()) == Some(place) {
                self.log.note(self.source, element, "lane-index", &[]);
            } else {
                let expected =
                    format!("{place}: the lanes of an edge are numbered from 0 without gaps");
                self.log
                    .wrong_value(self.source, element, "index", &expected);
            }
        }
        let allowed = allowed(element.get("allow"), element.get("disallow"));
        let allowed = allowed.unwrap_or_else(|word| {
            self.log.fault(
                self.source,
                element,
                "unknown-class",
                || format!("{} names the class `{word}`", describe(element)),
                |fault| {
                    fault.expected("classes of SUMO").suggest(
                        word,
                        class_names(),
                        "remove the word",
                    )
                },
            );
            ClassSet::ALL
        });
        let mut value = |name, limits| {
            self.log
                .required_number(self.source, element, name, limits)
                .unwrap_or(1.0) as f32
        };
        let length = value("length", Limits::NotNegative);
        let speed = value("speed", Limits::NotNegative);
        let width = self
            .log
            .number(self.source, element, "width", Limits::Positive)
            .map_or(LANE_WIDTH_M, |width| width as f32);
        let shape = self.log.shape(self.source, element, "shape");
        if shape.len() < 2 {
            self.log.fault(
                self.source,
                element,
                "shape",
                || {
                    format!(
                        "`shape` of {} has {} places",
                        describe(element),
                        shape.len()
                    )
                },
                |fault| {
                    fault
                        .expected("at least 2")
                        .help("write the network again with netconvert")
                },
            );
        }
        self.ignored(element, &["changeLeft", "changeRight", "endOffset"]);
        self.unread(element, "param");
        let index = self.network.lanes.len() as u32;
        if let Some(id) = self.log.required(self.source, element, "id")
            && self.names.lanes.insert(id.to_owned(), index).is_some()
        {
            self.twice(element);
        }
        self.network.lanes.push(Lane {
            edge,
            length_m: length.max(SHORTEST_LANE_M),
            speed_m_s: speed,
            width_m: width,
            allowed,
            shape,
            links: 0..0,
        });
    }

    /// Notes elements within one that are neither `expected` nor parameters.
    fn unread(&mut self, element: &Element, expected: &str) {
        for child in &element.children {
            if child.name != expected && child.name != "param" {
                let words = [child.name, element.name];
                self.log.note(self.source, child, "not-read", &words);
            }
        }
    }

    /// Notes attributes that have an effect in SUMO and none here.
    fn ignored(&mut self, element: &Element, names: &[&str]) {
        for name in names.iter().filter(|name| element.get(name).is_some()) {
            let words = [name, element.name];
            self.log.note(self.source, element, "not-read", &words);
        }
    }

    fn twice(&mut self, element: &Element) {
        self.log.fault(
            self.source,
            element,
            "twice",
            || format!("{} is in the file twice", describe(element)),
            |fault| fault.help("rename or remove one of the two"),
        );
    }

    /// All links, sorted by the lane that they leave.
    fn links(&mut self, elements: &[Element]) {
        let mut links: Vec<Link> = Vec::with_capacity(elements.len());
        for element in elements {
            if let Some(link) = self.link(element) {
                links.push(link);
            }
        }
        // Stable: the links of a lane keep the order of the file.
        links.sort_by_key(|link| link.from);
        let mut next = 0;
        for (index, lane) in self.network.lanes.iter_mut().enumerate() {
            let first = next;
            while links
                .get(next)
                .is_some_and(|link| link.from as usize == index)
            {
                next += 1;
            }
            lane.links = first as u32..next as u32;
        }
        self.network.links = links;
        for (index, link) in self.network.links.iter().enumerate() {
            if link.signal != NONE {
                let places = &mut self.network.signals[link.signal as usize].links;
                let place = link.signal_place as usize;
                if places.len() <= place {
                    places.resize(place + 1, Vec::new());
                }
                places[place].push(index as u32);
            }
        }
        self.check_chains();
    }

    fn link(&mut self, element: &Element) -> Option<Link> {
        let left_out = &self.names.left_out;
        if ["from", "to"]
            .iter()
            .any(|name| left_out.contains(element.text(name)))
        {
            // Those that lead onto a crossing with a signal are read with it.
            return None;
        }
        let from = self.connected(element, "from", "fromLane");
        let target = self.connected(element, "to", "toLane");
        let via = match element.get("via") {
            None | Some("") => None,
            Some(via) => match self.names.lanes.get(via) {
                Some(lane) => Some(*lane),
                None => {
                    let known = &self.names.lanes;
                    self.log.fault(
                        self.source,
                        element,
                        "unknown-lane",
                        || {
                            format!(
                                "{} leads via lane `{via}`, which the file does not have",
                                describe(element)
                            )
                        },
                        |fault| {
                            let mut names: Vec<&str> = known.keys().map(String::as_str).collect();
                            names.sort_unstable();
                            fault.suggest(
                                via,
                                names.into_iter(),
                                "write the network again with netconvert",
                            )
                        },
                    );
                    return None;
                }
            },
        };
        let turn = self.turn(element);
        let keep_clear = self.log.flag(self.source, element, "keepClear");
        let signal_place = self.log.whole(self.source, element, "linkIndex");
        for name in ["allow", "disallow", "speed", "length"] {
            if element.get(name).is_some() {
                self.log
                    .note(self.source, element, "inner-lane-holds", &[name]);
            }
        }
        let ignored = [
            "visibility",
            "contPos",
            "changeLeft",
            "changeRight",
            "linkIndex2",
        ];
        self.ignored(element, &ignored);
        let (from, target) = (from?, target?);
        let inner = self.network.edge_of(from).inner;
        let signal = match element.get("tl") {
            Some(id) if !inner && !id.is_empty() => {
                if signal_place.is_none() {
                    self.log.required(self.source, element, "linkIndex");
                }
                // A signal has some dozens of places; a large number is a damaged file, not a reason to fill the memory.
                if signal_place.is_some_and(|place| place >= 10_000) {
                    self.log.wrong_value(
                        self.source,
                        element,
                        "linkIndex",
                        "a place in the signal's states",
                    );
                    return None;
                }
                signal_place?;
                self.signal(id, element)
            }
            _ => NONE,
        };
        Some(Link {
            from,
            to: via.unwrap_or(target),
            target,
            junction: self.network.edge_of(from).to,
            request: NONE,
            signal,
            signal_place: if signal == NONE {
                NONE
            } else {
                signal_place.unwrap_or(NONE)
            },
            turn,
            yields_to: Vec::new(),
            foes: Vec::new(),
            waits_inside: false,
            stop_sign: matches!(element.text("state"), "s" | "w"),
            keep_clear: keep_clear.unwrap_or(true),
        })
    }

    /// The lane that a connection begins or ends on.
    fn connected(&mut self, element: &Element, edge_name: &str, lane_name: &str) -> Option<u32> {
        let id = self.log.required(self.source, element, edge_name)?;
        self.log.required(self.source, element, lane_name)?;
        let place = self.log.whole(self.source, element, lane_name)?;
        let Some(edge) = self.names.edges.get(id) else {
            let edges = &self.network.edges;
            self.log.fault(
                self.source,
                element,
                "unknown-edge",
                || {
                    format!(
                        "`{edge_name}` of {} is edge `{id}`, which the file does not have",
                        describe(element)
                    )
                },
                |fault| {
                    fault.suggest(
                        id,
                        edges.iter().map(|edge| edge.id.as_str()),
                        "write the network again with netconvert",
                    )
                },
            );
            return None;
        };
        let lanes = self.network.edges.get(*edge as usize)?.lanes.clone();
        if place as usize >= lanes.len() {
            self.log.fault(
                self.source,
                element,
                "unknown-lane",
                || {
                    format!(
                        "`{lane_name}` of {} is {place}, and edge `{id}` has {} lanes",
                        describe(element),
                        lanes.len()
                    )
                },
                |fault| {
                    fault
                        .expected(format!("0 to {}", lanes.len().saturating_sub(1)))
                        .help("write the network again with netconvert")
                },
            );
            return None;
        }
        Some(lanes.start + place)
    }

    fn turn(&mut self, element: &Element) -> Turn {
        match element.text("dir") {
            "s" | "" => Turn::Straight,
            "t" | "T" => Turn::Around,
            "l" => Turn::Left,
            "r" => Turn::Right,
            "L" => Turn::HalfLeft,
            "R" => Turn::HalfRight,
            "invalid" => {
                let words = ["dir=\"invalid\"", "dir=\"s\""];
                self.log.note(self.source, element, "read-as", &words);
                Turn::Straight
            }
            _ => {
                self.log
                    .wrong_value(self.source, element, "dir", "one of s, t, T, l, r, L, R");
                Turn::Straight
            }
        }
    }

    /// Whoever enters a junction must come out of it.
    fn check_chains(&mut self) {
        let mut reported = HashSet::new();
        for link in &self.network.links {
            let entered = &self.network.lanes[link.to as usize];
            if self.network.edge_of(link.to).inner
                && entered.links.is_empty()
                && reported.insert(link.to)
            {
                let id = &self.network.edge_of(link.to).id;
                let place = self.network.place_in_edge(link.to);
                self.log.faults.add(|| {
                    Fault::new(
                        "no-way-out",
                        self.source.name.as_str(),
                        format!("no connection leaves the inner lane `{id}_{place}`, which another enters"),
                    )
                    .help("write the network again with netconvert")
                });
            }
        }
    }

    pub(super) fn signal(&mut self, id: &str, element: &Element) -> u32 {
        signal_of(
            &mut self.network,
            &mut self.names,
            id,
            &self.source.place(element.line),
        )
    }
}

/// The junction in the id of an inner edge, `:junction_3`.
pub(super) fn inner_junction(id: &str) -> Option<&str> {
    id.strip_prefix(':')?.rsplit_once('_').map(|(name, _)| name)
}

/// True when the class may drive on some lane of the edge.
pub(super) fn open_to(network: &Network, edge: u32, class: VehicleClass) -> bool {
    let lanes = network.edges[edge as usize].lanes.clone();
    lanes.into_iter().any(|lane| network.may_drive(lane, class))
}
