//! A generated town of equal blocks: the load of benches, and a network whose answers can be guessed.

use super::line::{direction, turn_angle};
use super::streets::{Rank, Street, StreetLane, StreetNode, Streets};
use super::{Network, VehicleClass, from_streets};
use crate::traffic::demand::{Demand, DepartLane, DepartSpeed, Trip};
use crate::traffic::generate::car;
use crate::traffic::random::uniform;

/// Speed limit of the streets of the grid (m/s).
const SPEED_M_S: f32 = 50.0 / 3.6;

/// Streets that a trip passes: fewest and most.
const WAY: [f32; 2] = [8.0, 40.0];

/// A square of `blocks` times `blocks` blocks of `block_m` metres between streets with `lanes` lanes per direction, and a signal at each
/// crossing (the four corners are bends). Junctions are named `column/row`.
pub fn grid(blocks: usize, block_m: f64, lanes: u32) -> Network {
    let side = blocks + 1;
    let mut streets = Streets::default();
    for row in 0..side {
        for column in 0..side {
            let at_edge = |i: usize| i == 0 || i == blocks;
            streets.nodes.push(StreetNode {
                id: format!("{column}/{row}"),
                position: [column as f64 * block_m, row as f64 * block_m],
                signal: !(at_edge(row) && at_edge(column)),
                ..StreetNode::default()
            });
        }
    }
    let both = vec![StreetLane::general(); lanes.max(1) as usize];
    for line in 0..side {
        for along_row in [true, false] {
            let node = |i: usize| if along_row { line * side + i } else { i * side + line } as u32;
            let name = format!("{}{line}", if along_row { "row " } else { "column " });
            streets.streets.push(Street {
                id: name.replace(' ', ""),
                name,
                rank: Rank::Secondary,
                nodes: (0..side).map(node).collect(),
                forward: both.clone(),
                backward: both.clone(),
                speed_m_s: SPEED_M_S,
                roundabout: false,
            });
        }
    }
    from_streets(&streets).0.by_place()
}

/// Cars on random ways through a network: each starts on an edge by lot, keeps to two headings by lot (north or south, east or west), turning
/// by lot between these, and ends after as many streets as its lot says, or where neither leads on.
/// Departures are spread evenly over `over_s` seconds from `begin_s`.
pub fn grid_demand(
    network: &Network,
    vehicles: usize,
    begin_s: f64,
    over_s: f64,
    seed: u64,
) -> Demand {
    let streets: Vec<u32> = (0..network.edges.len() as u32)
        .filter(|&edge| !network.edges[edge as usize].inner)
        .collect();
    let after = next_edges(network);
    let all = 0..network.edges.len() as u32;
    let headings: Vec<[f64; 2]> = all.map(|edge| heading(network, edge)).collect();
    let mut trips = Vec::with_capacity(vehicles);
    for number in 0..vehicles as u64 {
        let lot = |what: u64| uniform(seed, number, 0, what);
        let mut edge = streets[(f64::from(lot(0)) * streets.len() as f64) as usize];
        let side = |lot: f32| if lot < 0.5 { -1.0 } else { 1.0 };
        let goal = direction([0.0; 2], [side(lot(1)), side(lot(2))]);
        let most = (WAY[0] + (WAY[1] - WAY[0]) * lot(4)) as usize;
        let mut edges = vec![edge];
        while edges.len() < most {
            let onward: Vec<u32> = after[edge as usize]
                .iter()
                .copied()
                .filter(|&next| turn_angle(goal, headings[next as usize]).abs() < 1.5)
                .collect();
            if onward.is_empty() {
                break;
            }
            let draw = uniform(seed, number, edges.len() as u64, 3);
            edge = onward[((draw * onward.len() as f32) as usize).min(onward.len() - 1)];
            edges.push(edge);
        }
        trips.push(Trip {
            id: format!("car{number}"),
            vehicle_type: 0,
            depart_s: begin_s + over_s * number as f64 / vehicles.max(1) as f64,
            edges,
            routed: true,
            depart_lane: DepartLane::Best,
            depart_pos_m: None,
            depart_speed: DepartSpeed::Max,
            arrival_pos_m: None,
            line: String::new(),
            calls: Vec::new(),
        });
    }
    Demand {
        types: vec![car()],
        trips,
        ..Demand::default()
    }
}

/// Edges that cars can go on to from each edge, in order.
fn next_edges(network: &Network) -> Vec<Vec<u32>> {
    let mut after = vec![Vec::new(); network.edges.len()];
    for link in &network.links {
        let from = network.lanes[link.from as usize].edge;
        let to = network.lanes[link.target as usize].edge;
        if !network.edges[from as usize].inner
            && network.may_drive(link.from, VehicleClass::Passenger)
            && network.may_drive(link.target, VehicleClass::Passenger)
        {
            after[from as usize].push(to);
        }
    }
    for list in &mut after {
        list.sort_unstable();
        list.dedup();
    }
    after
}

/// Direction of an edge from its begin to its end.
fn heading(network: &Network, edge: u32) -> [f64; 2] {
    let shape = &network.lanes[network.edges[edge as usize].lanes.start as usize].shape;
    direction(shape[0], shape[shape.len() - 1])
}
