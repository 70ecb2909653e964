use super::streets::*;
use super::*;

mod build;
mod grid;
mod osm;

/// Streets from places (m) and lines: nodes, rank, lanes along and against.
fn streets(nodes: &[[f64; 2]], lines: &[(&[u32], Rank, usize, usize)]) -> Streets {
    let mut streets = Streets::default();
    for (index, &position) in nodes.iter().enumerate() {
        streets.nodes.push(StreetNode {
            id: format!("n{index}"),
            position,
            ..StreetNode::default()
        });
    }
    for (index, &(nodes, rank, forward, backward)) in lines.iter().enumerate() {
        streets.streets.push(Street {
            id: format!("s{index}"),
            name: format!("street {index}"),
            rank,
            nodes: nodes.to_vec(),
            forward: vec![StreetLane::general(); forward],
            backward: vec![StreetLane::general(); backward],
            speed_m_s: 13.9,
            roundabout: false,
        });
    }
    streets
}

/// Node 0 in the middle, 1 to 4 in the east, north, west and south; one street west-east (0), one south-north (1).
fn crossing(rank: [Rank; 2]) -> Streets {
    streets(
        &[
            [0.0, 0.0],
            [100.0, 0.0],
            [0.0, 100.0],
            [-100.0, 0.0],
            [0.0, -100.0],
        ],
        &[(&[3, 0, 1], rank[0], 1, 1), (&[4, 0, 2], rank[1], 1, 1)],
    )
}

fn edge(network: &Network, id: &str) -> u32 {
    let found = network.edges.iter().position(|edge| edge.id == id);
    found.unwrap_or_else(|| panic!("no edge `{id}`")) as u32
}

/// The first link from one edge to another.
fn link(network: &Network, from: &str, to: &str) -> Option<u32> {
    let (from, to) = (edge(network, from), edge(network, to));
    let lanes = network.edges[from as usize].lanes.clone();
    lanes
        .flat_map(|lane| network.lanes[lane as usize].links.clone())
        .find(|&link| {
            let target = network.links[link as usize].target;
            network.lanes[target as usize].edge == to
        })
}
