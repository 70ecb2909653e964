//! Traffic of the sample city "Hafenquartier": its streets as a network with signals at the larger crossings, three bus lines, and cars by
//! lot. Everything is generated from a seed: no count and no timetable stands behind it.
//!
//! Cars come from [`super::generate`]; here are the streets, the signals and the lines. Streets and their widths are those of the sample city ([`crate::city::sample`]). Own assumptions: lanes and limits by class (see
//! [`lanes_of`]), signals where the ring or the avenue crosses another street with four arms, [`SIGNALS_APART_M`] from each other.

use std::collections::BTreeMap;

use crate::city::raw::RawStreet;
use crate::city::sample::{ORIGIN, quarter_streets};

use super::demand::{Call, Demand, DepartLane, StopPlace, Trip, VehicleType};
use super::generate::{Generated, car, lorry, trip, vehicles};
use super::network::streets::{Rank, Street, StreetLane, StreetNode, Streets};
use super::network::{Control, Network, VehicleClass, from_streets};
use super::random::uniform;
use super::sumo::Note;

/// Signals are at least so far from each other (m).
const SIGNALS_APART_M: f64 = 90.0;

/// Way between stops (m), length of a stop (m), dwell (s, least and longest, by lot: passengers differ).
const BETWEEN_STOPS_M: f64 = 280.0;
const STOP_M: f32 = 20.0;
const DWELL_S: [f32; 2] = [10.0, 30.0];

/// Buses come from outside of the map up to so much (s) after their headway: without it each would meet the signals, whose cycles divide the
/// headways, at the same second as the one before.
const LATE_S: f64 = 60.0;

/// Bus lines: name, streets that they follow, headway (s), first departure (s), and whether their stops are bays.
const LINES: [(&str, &[&str], f64, f64, bool); 3] = [
    ("1", &["Wallring"], 300.0, 60.0, false),
    ("2", &["Hafenallee", "Hafenbrücke"], 600.0, 120.0, true),
    ("3", &["Breite Straße"], 600.0, 240.0, false),
];

/// A bus line of the sample city with its stops: what a timetable needs.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleLine {
    /// Name.
    pub line: &'static str,
    /// Time (s) between two buses of a direction.
    pub headway_s: f64,
    /// Time (s) of the first bus after the begin.
    pub first_s: f64,
    /// Stops of each direction in driving order; the last one is the end of the map.
    pub ways: Vec<Vec<SampleStop>>,
}

/// A stop of a bus line of the sample city.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleStop {
    /// Street, and the one that crosses behind it.
    pub name: String,
    /// Easting and northing (m, EPSG:25832).
    pub position: [f64; 2],
    /// Way (m) from the begin of the route.
    pub way_m: f64,
}

/// The bus lines with their stops, as they drive in the traffic of the sample city.
pub fn sample_lines() -> Vec<SampleLine> {
    let (network, _) = sample_network();
    let crs = |[x, y]: [f64; 2]| [x + network.origin[0], y + network.origin[1]];
    let of_line =
        |&(line, names, headway_s, first_s, _): &(&'static str, &[&str], f64, f64, bool)| {
            let way = |(way, edges): (usize, Vec<u32>)| {
                let mut places = Vec::new();
                let numbers = line_stops(&network, &edges, line, way, &mut places);
                let mut begins = std::collections::BTreeMap::new();
                let mut way_m = 0.0;
                for &edge in &edges {
                    let lane = network.edges[edge as usize].lanes.start;
                    begins.insert(lane, way_m);
                    way_m += f64::from(network.lanes[lane as usize].length_m);
                }
                let mut stops: Vec<SampleStop> = numbers
                    .map(|number| {
                        let place = &places[number as usize];
                        let along_m = 0.5 * f64::from(place.start_m + place.end_m);
                        let shape = &network.lanes[place.lane as usize].shape;
                        SampleStop {
                            name: place.name.clone(),
                            position: crs(point_along(shape, along_m)),
                            way_m: begins.get(&place.lane).copied().unwrap_or(0.0) + along_m,
                        }
                    })
                    .collect();
                let last = edges.last().map(|&edge| &network.edges[edge as usize]);
                stops.extend(last.map(|edge| SampleStop {
                    name: edge.name.clone(),
                    position: crs(network.junctions[edge.to as usize].position),
                    way_m,
                }));
                stops
            };
            SampleLine {
                line,
                headway_s,
                first_s,
                ways: line_routes(&network, names)
                    .into_iter()
                    .enumerate()
                    .map(way)
                    .collect(),
            }
        };
    LINES.iter().map(of_line).collect()
}

/// The point so far (m) along a line; its end beyond that.
fn point_along(line: &[[f64; 2]], mut along_m: f64) -> [f64; 2] {
    for pair in line.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        if along_m <= length && length > 0.0 {
            let t = along_m / length;
            return [0, 1].map(|k| a[k] + t * (b[k] - a[k]));
        }
        along_m -= length;
    }
    line.last().copied().unwrap_or_default()
}

/// Random numbers of buses are counted from here, those of cars from 0.
const FIRST_BUS: u64 = 1 << 40;

/// Network of the sample city, with notes on what was guessed.
pub fn sample_network() -> (Network, Vec<Note>) {
    from_streets(&sample_streets(&quarter_streets()))
}

/// Streets of the sample city that are for cars.
fn sample_streets(raw: &[RawStreet]) -> Streets {
    let mut streets = Streets {
        origin: ORIGIN,
        crs: "EPSG:25832".to_owned(),
        ..Streets::default()
    };
    // Lines meet in exactly equal points; millimetres are their names.
    let mut number: BTreeMap<[i64; 2], u32> = BTreeMap::new();
    for line in raw {
        let Some((rank, speed_km_h, forward, backward)) = lanes_of(&line.class) else {
            continue;
        };
        let nodes = line.line.iter().map(|place| {
            let key = [0, 1].map(|k| ((place[k] - ORIGIN[k]) * 1000.0).round() as i64);
            *number.entry(key).or_insert_with(|| {
                let position = key.map(|mm| mm as f64 / 1000.0);
                streets.nodes.push(StreetNode {
                    id: format!("{:.0},{:.0}", position[0], position[1]),
                    position,
                    ..StreetNode::default()
                });
                streets.nodes.len() as u32 - 1
            })
        });
        let nodes = nodes.collect();
        streets.streets.push(Street {
            id: line.id.clone(),
            name: line.name.clone().unwrap_or_default(),
            rank,
            nodes,
            forward: vec![StreetLane::general(); forward],
            backward: vec![StreetLane::general(); backward],
            speed_m_s: speed_km_h / 3.6,
            roundabout: false,
        });
    }
    for node in signal_nodes(&streets) {
        streets.nodes[node].signal = true;
    }
    streets
}

/// Rank, limit (km/h) and lanes along and against the line of a class of the sample city; `None` for ways without cars. The ring is 14 m
/// wide, the avenue 11 m (with parking), streets 6.5 m, and old lanes 4 m, which is why these are one-way.
fn lanes_of(class: &str) -> Option<(Rank, f32, usize, usize)> {
    Some(match class {
        "primary" => (Rank::Primary, 50.0, 2, 2),
        "secondary" => (Rank::Secondary, 50.0, 1, 1),
        "residential" => (Rank::Residential, 30.0, 1, 1),
        "living_street" => (Rank::Living, 7.0, 1, 0),
        _ => return None,
    })
}

/// Crossings with signals: four arms, two of them of the ring or the avenue; the most important first, none near another.
fn signal_nodes(streets: &Streets) -> Vec<usize> {
    let mut arms: Vec<Vec<Rank>> = vec![Vec::new(); streets.nodes.len()];
    for street in &streets.streets {
        for pair in street.nodes.windows(2) {
            for &node in pair {
                arms[node as usize].push(street.rank);
            }
        }
    }
    let major = |node: usize| {
        arms[node]
            .iter()
            .filter(|&&rank| rank >= Rank::Secondary)
            .count()
    };
    let importance = |node: usize| arms[node].iter().map(|&rank| rank as usize).sum::<usize>();
    let mut candidates: Vec<usize> = (0..arms.len())
        .filter(|&node| arms[node].len() >= 4 && major(node) >= 2)
        .collect();
    candidates.sort_by_key(|&node| (usize::MAX - importance(node), node));
    let mut chosen: Vec<usize> = Vec::new();
    for node in candidates {
        let at = streets.nodes[node].position;
        let far = |&other: &usize| {
            let p = streets.nodes[other].position;
            (p[0] - at[0]).hypot(p[1] - at[1]) >= SIGNALS_APART_M
        };
        if chosen.iter().all(far) {
            chosen.push(node);
        }
    }
    chosen.sort_unstable();
    chosen
}

/// Generated demand: cars and lorries, and the bus lines. The same settings give the same bytes.
pub fn sample_demand(network: &Network, generated: &Generated) -> Demand {
    let mut demand = Demand {
        types: vec![car(), lorry(), bus()],
        ..Demand::default()
    };
    for (number, (line, names, headway_s, first_s, bays)) in LINES.into_iter().enumerate() {
        for (way, edges) in line_routes(network, names).into_iter().enumerate() {
            let stops = line_stops(network, &edges, line, way, &mut demand.stops);
            // The way back runs half a headway later.
            let first_s = first_s + 0.5 * headway_s * way as f64;
            let count = ((generated.duration_s - first_s) / headway_s)
                .ceil()
                .max(0.0);
            for run in 0..count as u64 {
                let who = FIRST_BUS + 1_000_000 * (2 * number + way) as u64 + run;
                let lot = |call: u64, what: u64| uniform(generated.seed, who, call, what);
                let calls = stops.clone().map(|stop| Call {
                    stop,
                    duration_s: DWELL_S[0] + (DWELL_S[1] - DWELL_S[0]) * lot(stop.into(), 0),
                    until_s: None,
                    arrival_s: None,
                    off_lane: bays,
                });
                let late_s = LATE_S * f64::from(lot(0, 1));
                demand.trips.push(Trip {
                    id: format!("bus {line}.{way}.{run}"),
                    vehicle_type: 2,
                    depart_s: generated.begin_s + first_s + headway_s * run as f64 + late_s,
                    line: line.to_owned(),
                    calls: calls.collect(),
                    depart_lane: DepartLane::First,
                    ..trip(edges.clone(), true)
                });
            }
        }
    }
    demand.trips.extend(vehicles(network, generated, [0, 1]));
    // Stable: equal times keep the buses first.
    demand
        .trips
        .sort_by(|a, b| a.depart_s.total_cmp(&b.depart_s));
    demand
}

/// Routes of a line in both directions: from each gate along the streets with its names, as straight as they go.
fn line_routes(network: &Network, names: &[&str]) -> Vec<Vec<u32>> {
    let named = |edge: u32| names.contains(&network.edges[edge as usize].name.as_str());
    let is_gate = |junction: u32| network.junctions[junction as usize].control == Control::DeadEnd;
    let starts = (0..network.edges.len() as u32).filter(|&edge| {
        let record = &network.edges[edge as usize];
        !record.inner && named(edge) && is_gate(record.from)
    });
    let follow = |start: u32| {
        let mut route = vec![start];
        let mut at = start;
        while !is_gate(network.edges[at as usize].to) {
            let onward = network.edges[at as usize]
                .lanes
                .clone()
                .flat_map(|lane| network.links_of(lane))
                .map(|(_, link)| network.lanes[link.target as usize].edge)
                .find(|&next| named(next) && !route.contains(&next));
            let Some(next) = onward else { break };
            route.push(next);
            at = next;
        }
        route
    };
    starts.map(follow).collect()
}

/// Puts stops on a route; gives their numbers. The stop is named by its street and the street that crosses behind it.
fn line_stops(
    network: &Network,
    edges: &[u32],
    line: &str,
    way: usize,
    stops: &mut Vec<StopPlace>,
) -> std::ops::Range<u32> {
    let first = stops.len() as u32;
    let mut since_m = BETWEEN_STOPS_M / 2.0;
    for (place, &edge) in edges.iter().enumerate() {
        let record = &network.edges[edge as usize];
        let lane = record.lanes.start;
        let length = network.lanes[lane as usize].length_m;
        since_m += f64::from(length);
        // Not on the last edge, whose end is the border, and not where a bus would stand on a junction.
        if since_m < BETWEEN_STOPS_M || length < 45.0 || place + 1 == edges.len() {
            continue;
        }
        since_m = 0.0;
        let cross = network
            .edges
            .iter()
            .find(|other| !other.inner && other.from == record.to && other.name != record.name)
            .map_or("", |other| other.name.as_str());
        let end_m = (length / 2.0 + STOP_M / 2.0).min(length - 12.0);
        stops.push(StopPlace {
            id: format!("stop {line}.{way}.{}", stops.len() as u32 - first),
            name: if cross.is_empty() {
                record.name.clone()
            } else {
                format!("{}/{cross}", record.name)
            },
            lane,
            start_m: end_m - STOP_M,
            end_m,
            lines: vec![line.to_owned()],
        });
    }
    first..stops.len() as u32
}

/// A bus of 12 m.
fn bus() -> VehicleType {
    VehicleType {
        id: "bus".to_owned(),
        class: VehicleClass::Bus,
        length_m: 12.0,
        width_m: 2.55,
        accel_m_s2: 1.0,
        emergency_decel_m_s2: 7.0,
        max_speed_m_s: 22.0,
        speed_factor: [1.0, 0.0, 1.0, 1.0],
        ..car()
    }
}

#[cfg(test)]
mod tests;
