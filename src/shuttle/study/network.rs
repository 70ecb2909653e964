//! A network of traffic as a graph of streets: nodes are the middles of edges, arcs lead over a junction from one edge to the next.
//!
//! So every turn that the network forbids stays forbidden. A shuttle halts in the middle of an edge: on a street of 200 m up to 100 m beside
//! the door. Edges where neither cars nor taxis may drive are left out.

use crate::shuttle::service::streets::{Arc, Streets};
use crate::traffic::measure::EdgeFlow;
use crate::traffic::network::{NONE, Network, VehicleClass};

/// How long driving takes where no simulation of traffic says it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FreeFlow {
    /// Mean speed as share of the allowed one.
    pub speed_share: f64,
    /// Mean wait (s) at a signal.
    pub signal_wait_s: f64,
}

/// Streets and the edge of each node.
pub struct NetworkStreets {
    /// Graph; places in the plane that `local` leads to.
    pub streets: Streets,
    /// Edge of the network behind each node.
    pub edges: Vec<u32>,
    /// Nodes whose time comes from the simulation of traffic.
    pub measured: usize,
}

/// Makes the graph. `local` takes places of the network to those of the city; `flows` are those of a run of traffic, by edge.
pub fn streets_of(
    network: &Network,
    local: impl Fn([f64; 2]) -> [f64; 2],
    free: FreeFlow,
    flows: Option<&[EdgeFlow]>,
) -> NetworkStreets {
    let mut node_of = vec![NONE; network.edges.len()];
    let mut edges = Vec::new();
    let mut nodes = Vec::new();
    let mut shapes: Vec<Vec<[f64; 2]>> = Vec::new();
    let mut halves_s: Vec<[f64; 2]> = Vec::new();
    let mut measured = 0;
    for (edge, entry) in network.edges.iter().enumerate() {
        if entry.inner {
            continue;
        }
        let Some(lane) = entry.lanes.clone().find(|lane| may_drive(network, *lane)) else {
            continue;
        };
        let lane = &network.lanes[lane as usize];
        let shape: Vec<[f64; 2]> = lane.shape.iter().map(|at| local(*at)).collect();
        let half_s = 0.5 * f64::from(lane.length_m)
            / (f64::from(lane.speed_m_s) * free.speed_share).max(0.1);
        // What happens on the junction at its end belongs to an edge that was measured.
        let flow = flows.map(|flows| flows[edge]).filter(|f| f.entered > 0.0);
        let second_s = match flow {
            Some(flow) => {
                measured += 1;
                (flow.vehicle_s / flow.entered - half_s).max(half_s)
            }
            None => half_s,
        };
        node_of[edge] = nodes.len() as u32;
        nodes.push(along(&shape, 0.5));
        shapes.push(shape);
        halves_s.push([half_s, second_s]);
        edges.push(edge as u32);
    }
    let mut arcs = Vec::new();
    for (node, &edge) in edges.iter().enumerate() {
        let mut known: Vec<u32> = Vec::new();
        for lane in network.edges[edge as usize].lanes.clone() {
            if !may_drive(network, lane) {
                continue;
            }
            for (_, link) in network.links_of(lane) {
                let target = network.lanes[link.target as usize].edge;
                let head = node_of[target as usize];
                if head == NONE || known.contains(&head) || !may_drive(network, link.target) {
                    continue;
                }
                known.push(head);
                let over = chain(network, link.to);
                let has_flow = flows.is_some_and(|flows| flows[edge as usize].entered > 0.0);
                let over_s = if has_flow {
                    0.0
                } else {
                    let drive_s = over.length_m / (over.speed_m_s * free.speed_share).max(0.1);
                    drive_s
                        + if link.signal == NONE {
                            0.0
                        } else {
                            free.signal_wait_s
                        }
                };
                let lengths = [edge, target].map(|edge| {
                    let first = network.edges[edge as usize].lanes.start;
                    0.5 * network.lanes[first as usize].length_m
                });
                let mut shape = half(&shapes[node], false);
                shape.extend(over.shape.iter().map(|at| local(*at)));
                shape.extend(half(&shapes[head as usize], true));
                arcs.push(Arc {
                    tail: node as u32,
                    head,
                    length_m: lengths[0] + over.length_m as f32 + lengths[1],
                    time_s: (halves_s[node][1] + over_s + halves_s[head as usize][0]) as f32,
                    shape: shape.iter().map(|at| at.map(|x| x as f32)).collect(),
                });
            }
        }
    }
    NetworkStreets {
        streets: Streets::new(nodes, arcs),
        edges,
        measured,
    }
}

fn may_drive(network: &Network, lane: u32) -> bool {
    network.may_drive(lane, VehicleClass::Passenger) || network.may_drive(lane, VehicleClass::Taxi)
}

/// The way over a junction.
struct Over {
    length_m: f64,
    speed_m_s: f64,
    shape: Vec<[f64; 2]>,
}

/// From the first inner lane to the last.
fn chain(network: &Network, first: u32) -> Over {
    let mut over = Over {
        length_m: 0.0,
        speed_m_s: f64::INFINITY,
        shape: Vec::new(),
    };
    let mut lane = first;
    while network.edge_of(lane).inner {
        let entry = &network.lanes[lane as usize];
        over.length_m += f64::from(entry.length_m);
        over.speed_m_s = over.speed_m_s.min(f64::from(entry.speed_m_s));
        over.shape.extend_from_slice(&entry.shape);
        match network.links_of(lane).next() {
            Some((_, link)) => lane = link.to,
            None => break,
        }
    }
    over
}

/// Place at a share of a line.
fn along(line: &[[f64; 2]], share: f64) -> [f64; 2] {
    crate::traffic::edit::along(line, share)
}

/// A line up to its middle, or from there on.
fn half(line: &[[f64; 2]], first: bool) -> Vec<[f64; 2]> {
    let length = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let total: f64 = line.windows(2).map(length).sum();
    let middle = along(line, 0.5);
    let mut so_far = 0.0;
    let mut points = Vec::new();
    if !first {
        points.push(middle);
    }
    for (at, point) in line.iter().enumerate() {
        if at > 0 {
            so_far += length(&line[at - 1..=at]);
        }
        if (so_far < 0.5 * total) == first {
            points.push(*point);
        }
    }
    if first {
        points.push(middle);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shuttle::service::times::TravelTimes;
    use crate::traffic::sample::sample_network;

    const FREE: FreeFlow = FreeFlow {
        speed_share: 0.8,
        signal_wait_s: 15.0,
    };

    #[test]
    fn the_sample_city_is_connected_and_arcs_are_as_long_as_their_shapes() {
        let (network, _) = sample_network();
        let found = streets_of(&network, |at| at, FREE, None);
        let streets = &found.streets;
        let main = streets.main_part().iter().filter(|main| **main).count();
        assert!(
            main * 10 > streets.nodes.len() * 9,
            "{main} of {}",
            streets.nodes.len()
        );
        for node in 0..streets.nodes.len() as u32 {
            for arc in streets.arcs_of(node) {
                let shape = &streets.shapes[arc];
                let length: f32 = shape
                    .windows(2)
                    .map(|p| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1]))
                    .sum();
                let told = streets.length_m[arc];
                assert!((length - told).abs() < 5.0 + 0.1 * told, "{length} {told}");
                let speed = told / streets.time_s[arc];
                assert!((0.5..20.0).contains(&speed), "{speed} m/s");
            }
        }
    }

    #[test]
    fn times_of_traffic_replace_those_of_the_empty_streets() {
        let (network, _) = sample_network();
        let free = streets_of(&network, |at| at, FREE, None);
        let flows: Vec<EdgeFlow> = network
            .edges
            .iter()
            .map(|_| EdgeFlow {
                entered: 2.0,
                vehicle_s: 600.0,
                ..EdgeFlow::default()
            })
            .collect();
        let slow = streets_of(&network, |at| at, FREE, Some(&flows));
        assert_eq!(slow.measured, slow.streets.nodes.len());
        let place = (0..free.streets.nodes.len() as u32)
            .find(|node| free.streets.main_part()[*node as usize])
            .unwrap();
        let [free, slow] = [&free, &slow].map(|s| TravelTimes::new(&s.streets, vec![place]));
        let later = |node: u32| slow.time(node, 0) > free.time(node, 0);
        let reached = (0..free.row(0).len() as u32).filter(|node| *node != place);
        assert!(reached.filter(|n| free.time(*n, 0).is_finite()).all(later));
    }
}
