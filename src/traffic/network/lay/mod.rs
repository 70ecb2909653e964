//! From streets to a network, step by step: pieces and junctions, lanes, turns, ways over junctions, right of way, signals.

mod foot;
mod graph;
mod lanes;
mod programs;
mod turns;
mod yielding;

use std::collections::BTreeMap;

use foot::Foot;
use graph::Graph;
use programs::Stage;
use turns::{Arm, Way, heading};
use yielding::Row;

use super::line::{Point, curve, distance, length, near, part, step, turn_angle};
use super::streets::{Streets, TurnSet};
use super::{Control, Edge, FootCrossing, Junction, Lane, Link, NONE, Network, Signal, Turn};
use crate::traffic::sumo::{Note, Notes};

/// Greatest lateral acceleration (m/s2) that drivers accept on a junction (SUMO's `junctions.limit-turn-speed`).
const LATERAL_M_S2: f64 = 5.5;

/// Slowest speed (m/s) on a junction.
const SLOWEST_M_S: f32 = 2.5;

/// Two ways nearer than this (m) are one place, as the kernel measures.
const COMMON_PLACE_M: f64 = 2.0;

/// A waiting place lies at least so far behind the stop line (m).
const WAITING_M: f64 = 4.0;

/// A way over a junction while it is built.
struct Crossing {
    way: Way,
    from_edge: u32,
    to_edge: u32,
    shape: Vec<Point>,
    row: Row,
    /// Where a vehicle waits inside for those who go first (m from its begin).
    waits_at_m: Option<f64>,
    /// First inner lane, and the second behind the waiting place.
    inner: [u32; 2],
}

/// Everything about a junction that links are made of.
struct Knot {
    crossings: Vec<Crossing>,
    control: Control,
    guessed: Option<Signal>,
    feet: Vec<Foot>,
    stop: Vec<bool>,
}

/// Makes the network. See [`super::from_streets`].
pub(super) fn build(streets: &Streets) -> (Network, Vec<Note>) {
    let mut notes = Notes::default();
    let graph = Graph::new(streets);
    let mut network = Network {
        origin: streets.origin,
        crs: streets.crs.clone(),
        ..Network::default()
    };
    let ids: Vec<String> = streets
        .streets
        .iter()
        .map(|street| street.id.clone())
        .collect();
    let edges = lanes::edges(&graph, &ids, &mut network);
    let mut knots: Vec<Knot> = Vec::new();
    for (index, place) in graph.places.iter().enumerate() {
        let arms = turns::arms(place, &edges);
        let id = place
            .nodes
            .iter()
            .map(|&node| streets.nodes[node as usize].id.as_str());
        let id = id.collect::<Vec<_>>().join("+");
        let knot = knot(streets, &graph, index, &arms, &network, &id, &mut notes);
        network.junctions.push(Junction {
            id,
            position: place.position,
            shape: outline(&network, &arms),
            control: knot.control,
            links: Vec::new(),
        });
        knots.push(knot);
    }
    lay_inner(&mut network, &mut knots);
    link(&mut network, knots);
    name_signals(&mut network);
    notes.add_sum("junctions-joined", "", graph.joined);
    notes.add_sum("signals-left-out", "", graph.lone_signals);
    (network, notes.into_list())
}

/// Names signals as people do, by the two highest streets of the crossing (`Wallring/Hafenallee`), with a number where there are more of the name;
/// without names of streets the id of the junction stays.
fn name_signals(network: &mut Network) {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for index in 0..network.signals.len() {
        let links = network.signals[index].links.iter().flatten();
        let lanes = links.flat_map(|&link| {
            let link = &network.links[link as usize];
            [link.from, link.target]
        });
        let mut edges: Vec<&Edge> = lanes.map(|lane| network.edge_of(lane)).collect();
        edges.retain(|edge| !edge.name.is_empty());
        edges.sort_by_key(|edge| std::cmp::Reverse(edge.priority));
        let mut names: Vec<&str> = Vec::new();
        for edge in edges {
            if !names.contains(&edge.name.as_str()) {
                names.push(&edge.name);
            }
        }
        names.truncate(2);
        let name = names.join("/");
        if name.is_empty() {
            continue;
        }
        let count = known.entry(name.clone()).or_default();
        *count += 1;
        network.signals[index].id = match *count {
            1 => name,
            again => format!("{name} {again}"),
        };
    }
}

/// Ways over one junction, with right of way and signal.
fn knot(
    streets: &Streets,
    graph: &Graph,
    index: usize,
    arms: &[Arm],
    network: &Network,
    id: &str,
    notes: &mut Notes,
) -> Knot {
    let place = &graph.places[index];
    let mut crossings: Vec<Crossing> = Vec::new();
    for arm in arms.iter().filter(|arm| arm.incoming != NONE) {
        let movements = turns::movements(graph, &streets.restrictions, place, arms, arm);
        let piece = &graph.pieces[arm.piece as usize];
        let mut records = piece.lanes[1 - arm.end].clone();
        if arms.len() < 3 {
            // Paint is for the junction ahead, not for where a street only changes.
            records
                .iter_mut()
                .for_each(|lane| lane.turns = TurnSet::default());
        }
        let (ways, misfit) = turns::ways(network, arm.incoming, &records, &movements);
        if misfit {
            notes.add(
                "turns-changed",
                &network.edges[arm.incoming as usize].id,
                String::new(),
                Vec::new(),
            );
        }
        for way in ways {
            let (from, to) = (
                &network.lanes[way.from as usize].shape,
                &network.lanes[way.to as usize].shape,
            );
            crossings.push(Crossing {
                way,
                from_edge: arm.incoming,
                to_edge: network.lanes[way.to as usize].edge,
                shape: curve(
                    from[from.len() - 1],
                    heading(from, true),
                    to[0],
                    heading(to, false),
                ),
                row: Row::default(),
                waits_at_m: None,
                inner: [NONE; 2],
            });
        }
    }
    crossings.sort_by(|a, b| {
        (a.way.from)
            .cmp(&b.way.from)
            .then(a.way.angle.total_cmp(&b.way.angle))
            .then(a.way.to.cmp(&b.way.to))
    });
    let approaches: Vec<&Arm> = arms.iter().filter(|arm| arm.incoming != NONE).collect();
    let signs = |arm: &&Arm| {
        let piece = &graph.pieces[arm.piece as usize];
        (piece.stop[1 - arm.end], piece.give_way[1 - arm.end])
    };
    let stops: Vec<u32> = approaches
        .iter()
        .filter(|arm| signs(arm).0)
        .map(|arm| arm.incoming)
        .collect();
    let minor: Vec<u32> = approaches
        .iter()
        .filter(|arm| signs(arm).0 || signs(arm).1)
        .map(|arm| arm.incoming)
        .collect();
    let directions: Vec<(u32, Point)> = approaches
        .iter()
        .map(|arm| {
            let out = graph.pieces[arm.piece as usize].leaves(arm.end);
            (arm.incoming, [-out[0], -out[1]])
        })
        .collect();
    let signal = place.signal && approaches.len() > 1;
    let control = yielding::settle(
        network,
        &mut crossings,
        &directions,
        &minor,
        arms.len(),
        signal,
    );
    let control = if stops.is_empty() || control != Control::Priority {
        control
    } else {
        Control::Stop
    };
    let mut guessed = None;
    let mut feet = Vec::new();
    if signal {
        notes.add("signal-guessed", id, String::new(), Vec::new());
        wait_inside(&mut crossings, &directions);
        let (signal, walked) = programs::guess(
            network,
            &crossings,
            foot::feet(network, arms),
            &directions,
            id,
        );
        guessed = Some(signal);
        feet = walked;
    }
    let stop = crossings
        .iter()
        .map(|c| !signal && stops.contains(&c.from_edge))
        .collect();
    Knot {
        crossings,
        control,
        guessed,
        feet,
        stop,
    }
}

/// Waiting places for left turns that let the oncoming go first.
fn wait_inside(crossings: &mut [Crossing], directions: &[(u32, Point)]) {
    let heading = |edge: u32| {
        let found = directions.iter().find(|(own, _)| *own == edge);
        found.map_or([1.0, 0.0], |(_, d)| *d)
    };
    for own in 0..crossings.len() {
        let crossing = &crossings[own];
        if crossing.way.turn != Turn::Left || crossing.row.yields_to.is_empty() {
            continue;
        }
        let total = length(&crossing.shape);
        let first = crossing
            .row
            .yields_to
            .iter()
            .filter(|&&foe| {
                let (own, other) = (
                    heading(crossing.from_edge),
                    heading(crossings[foe].from_edge),
                );
                turn_angle(own, other).abs() > yielding::OPPOSITE_RAD
            })
            .filter_map(|&foe| near(&crossing.shape, &crossings[foe].shape, COMMON_PLACE_M))
            .fold(total, |least, (begin, _)| least.min(begin));
        let at = first - 1.0;
        if at >= WAITING_M && at < total - 2.0 {
            crossings[own].waits_at_m = Some(at);
        }
    }
}

/// Inner edges and lanes of all junctions: one edge for each pair of edges, and one more behind each waiting place.
fn lay_inner(network: &mut Network, knots: &mut [Knot]) {
    for (junction, knot) in knots.iter_mut().enumerate() {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for crossing in &knot.crossings {
            let pair = (crossing.from_edge, crossing.to_edge);
            if !pairs.contains(&pair) {
                pairs.push(pair);
            }
        }
        let mut number = 0;
        let mut open = |network: &mut Network| {
            let edge = network.edges.len() as u32;
            let first = network.lanes.len() as u32;
            network.edges.push(Edge {
                id: format!(":{}_{number}", network.junctions[junction].id),
                name: String::new(),
                from: junction as u32,
                to: junction as u32,
                lanes: first..first,
                inner: true,
                ..Edge::default()
            });
            number += 1;
            edge
        };
        for pair in pairs {
            let edge = open(network);
            let own = |c: &Crossing| (c.from_edge, c.to_edge) == pair;
            for crossing in knot.crossings.iter_mut().filter(|c| own(c)) {
                let total = length(&crossing.shape);
                let shape = part(&crossing.shape, 0.0, crossing.waits_at_m.unwrap_or(total));
                crossing.inner[0] = inner_lane(network, edge, crossing, shape);
            }
            for crossing in knot.crossings.iter_mut().filter(|c| own(c)) {
                let Some(at) = crossing.waits_at_m else {
                    continue;
                };
                let edge = open(network);
                let shape = part(&crossing.shape, at, length(&crossing.shape));
                crossing.inner[1] = inner_lane(network, edge, crossing, shape);
            }
        }
    }
}

fn inner_lane(network: &mut Network, edge: u32, crossing: &Crossing, shape: Vec<Point>) -> u32 {
    let (from, to) = (
        &network.lanes[crossing.way.from as usize],
        &network.lanes[crossing.way.to as usize],
    );
    let bend = crossing.way.angle.abs();
    let radius = length(&crossing.shape) / bend.max(0.05);
    let limit = from.speed_m_s.max(to.speed_m_s);
    let speed = ((LATERAL_M_S2 * radius).sqrt() as f32)
        .max(SLOWEST_M_S)
        .min(limit);
    let lane = Lane {
        edge,
        length_m: length(&shape).max(0.1) as f32,
        speed_m_s: speed,
        width_m: from.width_m.min(to.width_m),
        allowed: super::ClassSet(from.allowed.0 & to.allowed.0),
        shape,
        links: 0..0,
    };
    let index = network.lanes.len() as u32;
    network.lanes.push(lane);
    network.edges[edge as usize].lanes.end = index + 1;
    index
}

/// Links of all junctions, sorted by the lane that they leave, and the signals that show for them.
fn link(network: &mut Network, knots: Vec<Knot>) {
    // Places of the first links of all crossings among the sorted links.
    let mut order: Vec<(u32, u32, usize, usize)> = Vec::new();
    for (junction, knot) in knots.iter().enumerate() {
        for (request, crossing) in knot.crossings.iter().enumerate() {
            order.push((crossing.way.from, order.len() as u32, junction, request));
        }
    }
    order.sort_unstable();
    let mut first: Vec<Vec<u32>> = knots
        .iter()
        .map(|knot| vec![NONE; knot.crossings.len()])
        .collect();
    for (index, &(_, _, junction, request)) in order.iter().enumerate() {
        first[junction][request] = index as u32;
    }
    // Signals are in the order of their junctions.
    let mut number = 0;
    let signals: Vec<u32> = knots
        .iter()
        .map(|knot| {
            let own = if knot.guessed.is_some() { number } else { NONE };
            number += u32::from(knot.guessed.is_some());
            own
        })
        .collect();
    let mut links: Vec<Link> = Vec::with_capacity(order.len() * 2);
    for &(_, _, junction, request) in &order {
        let knot = &knots[junction];
        let crossing = &knot.crossings[request];
        let global = |list: &[usize]| list.iter().map(|&at| first[junction][at]).collect();
        let signal = signals[junction];
        links.push(Link {
            from: crossing.way.from,
            to: crossing.inner[0],
            target: crossing.way.to,
            junction: junction as u32,
            request: request as u32,
            signal,
            signal_place: if signal == NONE { NONE } else { request as u32 },
            turn: crossing.way.turn,
            yields_to: global(&crossing.row.yields_to),
            foes: global(&crossing.row.foes),
            waits_inside: crossing.waits_at_m.is_some(),
            stop_sign: knot.stop[request],
            keep_clear: true,
        });
    }
    let outer = links.len();
    for &(_, _, junction, request) in &order {
        let crossing = &knots[junction].crossings[request];
        let off = Link {
            from: crossing.inner[0],
            to: crossing.way.to,
            request: NONE,
            signal: NONE,
            signal_place: NONE,
            yields_to: Vec::new(),
            foes: Vec::new(),
            waits_inside: false,
            stop_sign: false,
            ..links[first[junction][request] as usize].clone()
        };
        if crossing.inner[1] != NONE {
            let entry = links[first[junction][request] as usize].clone();
            links.push(Link {
                to: crossing.inner[1],
                request: entry.request,
                yields_to: entry.yields_to,
                foes: entry.foes,
                ..off.clone()
            });
            links.push(Link {
                from: crossing.inner[1],
                ..off
            });
        } else {
            links.push(off);
        }
    }
    links[outer..].sort_by_key(|link| link.from);
    let mut next = 0;
    for (index, lane) in network.lanes.iter_mut().enumerate() {
        let begin = next;
        while links
            .get(next)
            .is_some_and(|link| link.from as usize == index)
        {
            next += 1;
        }
        lane.links = begin as u32..next as u32;
    }
    network.links = links;
    for (junction, knot) in knots.into_iter().enumerate() {
        if let Some(mut signal) = knot.guessed {
            signal.links = first[junction].iter().map(|&link| vec![link]).collect();
            let ways = || knot.crossings.iter().zip(&first[junction]);
            for foot in &knot.feet {
                let entering = ways().filter(|(way, _)| way.from_edge == foot.incoming);
                let leaving = ways().filter(|(way, _)| way.to_edge == foot.outgoing);
                signal.crossings.push(FootCrossing {
                    place: signal.links.len() as u32,
                    length_m: foot.length_m as f32,
                    leaving_m: foot.leaving_m as f32,
                    entering: entering.map(|(_, &link)| link).collect(),
                    leaving: leaving.map(|(way, _)| last_link(network, way)).collect(),
                    line: foot.line,
                });
                signal.links.push(Vec::new());
            }
            network.signals.push(signal);
        }
        network.junctions[junction].links = std::mem::take(&mut first[junction]);
    }
}

/// Link by which a way leaves the junction.
fn last_link(network: &Network, way: &Crossing) -> u32 {
    let last = way.inner.iter().rfind(|&&lane| lane != NONE);
    last.map_or(NONE, |&lane| network.lanes[lane as usize].links.start)
}

/// Outline of a junction: the convex hull of the edges of the lanes that end and begin there (Andrew 1979).
fn outline(network: &Network, arms: &[Arm]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for arm in arms {
        for (edge, at_end) in [(arm.incoming, true), (arm.outgoing, false)] {
            if edge == NONE {
                continue;
            }
            for lane in network.edges[edge as usize].lanes.clone() {
                let lane = &network.lanes[lane as usize];
                let d = heading(&lane.shape, at_end);
                let end = if at_end {
                    lane.shape[lane.shape.len() - 1]
                } else {
                    lane.shape[0]
                };
                let half = f64::from(lane.width_m) / 2.0;
                points.push(step(end, [-d[1], d[0]], half));
                points.push(step(end, [d[1], -d[0]], half));
            }
        }
    }
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup_by(|a, b| distance(*a, *b) < 1e-6);
    let chain = |points: &mut dyn Iterator<Item = Point>| {
        let mut hull: Vec<Point> = Vec::new();
        for p in points {
            while let [.., a, b] = hull[..]
                && (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) <= 0.0
            {
                hull.pop();
            }
            hull.push(p);
        }
        hull.pop();
        hull
    };
    let mut hull = chain(&mut points.iter().copied());
    hull.extend(chain(&mut points.iter().rev().copied()));
    hull
}
