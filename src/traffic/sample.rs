//! Traffic of the sample city "Hafenquartier": its streets as a network with signals at the larger crossings, three bus lines, and cars by
//! lot. Everything is generated from a seed: no count and no timetable stands behind it.
//!
//! Streets and their widths are those of the sample city ([`crate::city::sample`]). Own assumptions: lanes and limits by class (see
//! [`lanes_of`]), signals where the ring or the avenue crosses another street with four arms, [`SIGNALS_APART_M`] from each other.

use std::collections::BTreeMap;

use crate::city::raw::RawStreet;
use crate::city::sample::{ORIGIN, quarter_streets};

use super::demand::{
    Call, CarFollowing, Demand, DepartLane, DepartSpeed, StopPlace, Trip, VehicleType,
};
use super::network::check::connected;
use super::network::streets::{Rank, Street, StreetLane, StreetNode, Streets};
use super::network::{Control, Network, VehicleClass, from_streets};
use super::random::uniform;
use super::sumo::Note;

/// Length of the generated demand (s).
pub const DEMAND_S: f64 = 3600.0;

/// Cars and lorries in that time.
pub const VEHICLES: usize = 1800;

/// Signals are at least so far from each other (m).
const SIGNALS_APART_M: f64 = 90.0;

/// Share of lorries.
const LORRIES: f32 = 0.04;

/// Shortest trip as the crow flies (m).
const SHORTEST_TRIP_M: f64 = 300.0;

/// Way between stops (m), length of a stop (m), dwell (s).
const BETWEEN_STOPS_M: f64 = 280.0;
const STOP_M: f32 = 20.0;
const DWELL_S: f32 = 20.0;

/// Bus lines: name, streets that they follow, headway (s), first departure (s), and whether their stops are bays.
const LINES: [(&str, &[&str], f64, f64, bool); 3] = [
    ("1", &["Wallring"], 300.0, 60.0, false),
    ("2", &["Hafenallee", "Hafenbrücke"], 600.0, 120.0, true),
    ("3", &["Breite Straße"], 600.0, 240.0, false),
];

/// Network and demand of the sample city, with notes on what was guessed. The same seed gives the same bytes.
pub fn sample(seed: u64) -> (Network, Demand, Vec<Note>) {
    let (network, notes) = from_streets(&sample_streets(&quarter_streets()));
    let demand = sample_demand(&network, VEHICLES, seed);
    (network, demand, notes)
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

/// Generated demand: `vehicles` cars and lorries within [`DEMAND_S`], and the bus lines.
pub fn sample_demand(network: &Network, vehicles: usize, seed: u64) -> Demand {
    let mut demand = Demand {
        types: vec![car(), lorry(), bus()],
        ..Demand::default()
    };
    for (line, names, headway_s, first_s, bays) in LINES {
        for (way, edges) in line_routes(network, names).into_iter().enumerate() {
            let stops = line_stops(network, &edges, line, way, &mut demand.stops);
            let calls: Vec<Call> = stops
                .map(|stop| Call {
                    stop,
                    duration_s: DWELL_S,
                    until_s: None,
                    arrival_s: None,
                    off_lane: bays,
                })
                .collect();
            let count = ((DEMAND_S - first_s) / headway_s).ceil() as usize;
            for run in 0..count {
                demand.trips.push(Trip {
                    id: format!("bus {line}.{way}.{run}"),
                    vehicle_type: 2,
                    depart_s: first_s + headway_s * (run as f64 + 0.5 * way as f64),
                    line: line.to_owned(),
                    calls: calls.clone(),
                    depart_lane: DepartLane::First,
                    ..trip(edges.clone(), true)
                });
            }
        }
    }
    let lots = Lots::new(network);
    for number in 0..vehicles as u64 {
        let lot = |try_no: u64, what: u64| uniform(seed, number, try_no, what);
        // Trips that are too short are drawn again.
        let pair = (0..64)
            .map(|try_no| {
                (
                    lots.origin(lot(try_no, 0)),
                    lots.destination(lot(try_no, 1)),
                )
            })
            .find(|&(from, to)| far_apart(network, from, to));
        let Some((from, to)) = pair else { continue };
        let kind = u32::from(lot(64, 2) < LORRIES);
        demand.trips.push(Trip {
            id: format!("car{number}"),
            vehicle_type: kind,
            depart_s: DEMAND_S * (number as f64 + f64::from(lot(64, 3))) / vehicles.max(1) as f64,
            ..trip(vec![from, to], false)
        });
    }
    // Stable: equal times keep the buses first.
    demand
        .trips
        .sort_by(|a, b| a.depart_s.total_cmp(&b.depart_s));
    demand
}

fn trip(edges: Vec<u32>, routed: bool) -> Trip {
    Trip {
        id: String::new(),
        vehicle_type: 0,
        depart_s: 0.0,
        edges,
        routed,
        depart_lane: DepartLane::Best,
        depart_pos_m: None,
        depart_speed: DepartSpeed::Max,
        arrival_pos_m: None,
        line: String::new(),
        calls: Vec::new(),
    }
}

/// Middle of an edge (m).
fn middle(network: &Network, edge: u32) -> [f64; 2] {
    let shape = &network.lanes[network.edges[edge as usize].lanes.start as usize].shape;
    let (a, b) = (shape[0], shape[shape.len() - 1]);
    [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0]
}

fn far_apart(network: &Network, from: u32, to: u32) -> bool {
    let (a, b) = (middle(network, from), middle(network, to));
    (a[0] - b[0]).hypot(a[1] - b[1]) >= SHORTEST_TRIP_M
}

/// Where trips begin and end, with weights: gates at the border by the rank of the street, streets inside by their length.
struct Lots {
    origins: Vec<(u32, f32)>,
    destinations: Vec<(u32, f32)>,
}

impl Lots {
    fn new(network: &Network) -> Self {
        let usable = connected(network, VehicleClass::Passenger);
        let mut lots = Self {
            origins: Vec::new(),
            destinations: Vec::new(),
        };
        let (mut begin, mut end) = (0.0, 0.0);
        for (index, edge) in network.edges.iter().enumerate() {
            if edge.inner || !usable[index] {
                continue;
            }
            let lane = &network.lanes[edge.lanes.start as usize];
            let gate =
                |junction: u32| network.junctions[junction as usize].control == Control::DeadEnd;
            // Ranks 6 primary, 5 secondary, 2 residential; living streets are nobody's aim here.
            let at_gate = match edge.priority {
                6.. => 12.0,
                5 => 6.0,
                2.. => 1.0,
                _ => 0.0,
            };
            let inside = if (2..6).contains(&edge.priority) {
                lane.length_m / 300.0
            } else {
                0.0
            };
            begin += if gate(edge.from) { at_gate } else { inside };
            end += if gate(edge.to) { at_gate } else { inside };
            lots.origins.push((index as u32, begin));
            lots.destinations.push((index as u32, end));
        }
        lots
    }

    fn origin(&self, lot: f32) -> u32 {
        drawn(&self.origins, lot)
    }

    fn destination(&self, lot: f32) -> u32 {
        drawn(&self.destinations, lot)
    }
}

/// The entry within whose share of the sum a lot falls.
fn drawn(list: &[(u32, f32)], lot: f32) -> u32 {
    let aim = lot * list.last().map_or(0.0, |last| last.1);
    let at = list.partition_point(|entry| entry.1 <= aim);
    list[at.min(list.len() - 1)].0
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

/// A car of a town. Headway and distance at rest: Treiber and Kesting 2013, table 11.2 (city traffic); it accelerates and brakes more
/// firmly than there (1.0 and 1.5 m/s2), because amber of 3 s is made for drivers who brake with 3 m/s2 and more.
pub fn car() -> VehicleType {
    VehicleType {
        id: "car".to_owned(),
        class: VehicleClass::Passenger,
        length_m: 4.5,
        min_gap_m: 2.0,
        width_m: 1.8,
        accel_m_s2: 1.5,
        decel_m_s2: 3.0,
        emergency_decel_m_s2: 9.0,
        max_speed_m_s: 50.0,
        tau_s: 1.0,
        sigma: 0.0,
        speed_factor: [1.0, 0.1, 0.8, 1.2],
        model: CarFollowing::Idm,
        lane_change_cooperative: 1.0,
        lane_change_assertive: 1.0,
        occupancy: 0.0,
        emission_class: String::new(),
    }
}

/// A lorry of 10 m.
fn lorry() -> VehicleType {
    VehicleType {
        id: "lorry".to_owned(),
        class: VehicleClass::Truck,
        length_m: 10.0,
        width_m: 2.5,
        accel_m_s2: 1.0,
        emergency_decel_m_s2: 7.0,
        max_speed_m_s: 25.0,
        tau_s: 1.3,
        ..car()
    }
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
