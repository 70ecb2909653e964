//! Consistency of a network: what leads nowhere, what nothing leads to, and which streets reach each other.

use super::{NONE, Network, VehicleClass};

/// What is wrong or worth knowing about a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkCheck {
    /// References to nowhere and lists that do not fit together, one sentence each. Empty for every network that can be run.
    pub broken: Vec<String>,
    /// Edges from which nothing leads on: streets that leave the map, or mistakes.
    pub no_way_on: Vec<u32>,
    /// Edges to which nothing leads: streets that enter the map, or mistakes.
    pub no_way_in: Vec<u32>,
    /// Lanes that lead nowhere although their edge leads on.
    pub idle_lanes: Vec<u32>,
    /// Lanes that nobody who may drive on them can reach: no link leads there, and no lane beside them is open to the same class.
    pub unreached_lanes: Vec<u32>,
}

/// Checks a network.
pub fn check(network: &Network) -> NetworkCheck {
    let mut found = NetworkCheck::default();
    let lanes = network.lanes.len();
    let mut entered = vec![false; lanes];
    let positive = |value: f32| value > 0.0;
    for (index, lane) in network.lanes.iter().enumerate() {
        if lane.shape.len() < 2 || !positive(lane.length_m) || !positive(lane.speed_m_s) {
            found
                .broken
                .push(format!("lane {index} has no length, speed or shape"));
        }
        let range = network
            .edges
            .get(lane.edge as usize)
            .map(|edge| edge.lanes.clone());
        if !range.is_some_and(|range| range.contains(&(index as u32))) {
            found
                .broken
                .push(format!("lane {index} is not among the lanes of its edge"));
        }
        for link in lane.links.clone() {
            if network
                .links
                .get(link as usize)
                .is_none_or(|link| link.from as usize != index)
            {
                found
                    .broken
                    .push(format!("link {link} does not leave lane {index}"));
            }
        }
    }
    let edges = network.edges.iter().filter(|edge| !edge.lanes.is_empty());
    if !edges.map(|edge| edge.lanes.start).is_sorted()
        || !network.links.iter().map(|link| link.from).is_sorted()
    {
        let text = "lanes are not in the order of their edges, or links not in that of the lanes";
        found.broken.push(text.to_owned());
    }
    for (index, link) in network.links.iter().enumerate() {
        if link.to as usize >= lanes || link.target as usize >= lanes {
            found.broken.push(format!("link {index} leads nowhere"));
            continue;
        }
        entered[link.to as usize] = true;
        if network.edge_of(link.to).inner && network.lanes[link.to as usize].links.is_empty() {
            found.broken.push(format!(
                "link {index} leads onto a junction that nothing leaves"
            ));
        }
        for &foe in link.yields_to.iter().chain(&link.foes) {
            let known = network.links.get(foe as usize);
            if known.is_none_or(|foe| foe.junction != link.junction) {
                found
                    .broken
                    .push(format!("link {index} minds a link of another junction"));
            }
        }
        if link.signal != NONE {
            let signal = network.signals.get(link.signal as usize);
            let place = signal.and_then(|signal| signal.links.get(link.signal_place as usize));
            if !place.is_some_and(|links| links.contains(&(index as u32))) {
                found
                    .broken
                    .push(format!("link {index} has no place in its signal"));
            }
        }
    }
    for (index, edge) in network
        .edges
        .iter()
        .enumerate()
        .filter(|(_, edge)| !edge.inner)
    {
        let leads = |lane: u32| !network.lanes[lane as usize].links.is_empty();
        if !edge.lanes.clone().any(leads) {
            found.no_way_on.push(index as u32);
        } else {
            found
                .idle_lanes
                .extend(edge.lanes.clone().filter(|&lane| !leads(lane)));
        }
        let reached: Vec<u32> = edge
            .lanes
            .clone()
            .filter(|&lane| entered[lane as usize])
            .collect();
        if reached.is_empty() {
            found.no_way_in.push(index as u32);
            continue;
        }
        let allowed = |lane: u32| network.lanes[lane as usize].allowed.0;
        found
            .unreached_lanes
            .extend(edge.lanes.clone().filter(|&lane| {
                !entered[lane as usize]
                    && reached
                        .iter()
                        .all(|&other| allowed(other) & allowed(lane) == 0)
            }));
    }
    found
}

/// For each edge: true when it belongs to the largest part of the network in which a class comes from everywhere to everywhere
/// (strongly connected component). Edges on junctions count as inside.
pub fn connected(network: &Network, class: VehicleClass) -> Vec<bool> {
    let [on, back] = neighbours(network, class);
    let count = on.len();
    // Order of leaving in a search along the links, then searches against them in the reverse order (Kosaraju).
    let mut order = Vec::new();
    let mut seen = vec![false; count];
    for start in 0..count as u32 {
        let mut stack = vec![(start, 0usize)];
        if std::mem::replace(&mut seen[start as usize], true) {
            continue;
        }
        while let Some((edge, next)) = stack.pop() {
            match on[edge as usize].get(next) {
                Some(&to) => {
                    stack.push((edge, next + 1));
                    if !std::mem::replace(&mut seen[to as usize], true) {
                        stack.push((to, 0));
                    }
                }
                None => order.push(edge),
            }
        }
    }
    let mut part = vec![NONE; count];
    let mut sizes: Vec<usize> = Vec::new();
    for &start in order.iter().rev() {
        if part[start as usize] != NONE {
            continue;
        }
        let number = sizes.len() as u32;
        sizes.push(0);
        let mut stack = vec![start];
        part[start as usize] = number;
        while let Some(edge) = stack.pop() {
            sizes[number as usize] += 1;
            for &before in &back[edge as usize] {
                if part[before as usize] == NONE {
                    part[before as usize] = number;
                    stack.push(before);
                }
            }
        }
    }
    let largest = (0..sizes.len()).rev().max_by_key(|&number| sizes[number]);
    part.iter()
        .zip(&network.edges)
        .map(|(&number, edge)| edge.inner || Some(number as usize) == largest)
        .collect()
}

/// Which streets lead into the connected part of a network, and which lead out of it; those of the part itself do both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// For each edge: true when the connected part can be reached from it.
    pub leads_in: Vec<bool>,
    /// For each edge: true when it can be reached from the connected part.
    pub leads_out: Vec<bool>,
}

/// Who reaches the part of the network that [`connected`] finds, and who is reached from it: the carriageways of an avenue that leaves the map belong
/// to one of them each.
pub fn reach(network: &Network, class: VehicleClass) -> Reach {
    let inside = connected(network, class);
    let [on, back] = neighbours(network, class);
    let spread = |steps: &[Vec<u32>]| {
        let mut found = inside.clone();
        let mut waiting: Vec<u32> = (0..found.len() as u32)
            .filter(|&edge| found[edge as usize])
            .collect();
        while let Some(edge) = waiting.pop() {
            for &next in &steps[edge as usize] {
                if !std::mem::replace(&mut found[next as usize], true) {
                    waiting.push(next);
                }
            }
        }
        found
    };
    Reach {
        leads_in: spread(&back),
        leads_out: spread(&on),
    }
}

/// By edge: the edges that a class reaches next, and those from which it comes.
fn neighbours(network: &Network, class: VehicleClass) -> [Vec<Vec<u32>>; 2] {
    let count = network.edges.len();
    let mut on: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut back: Vec<Vec<u32>> = vec![Vec::new(); count];
    for link in &network.links {
        let (from, to) = (
            network.lanes[link.from as usize].edge,
            network.lanes[link.target as usize].edge,
        );
        let may = [link.from, link.target]
            .iter()
            .all(|&lane| network.may_drive(lane, class));
        if may && !network.edges[from as usize].inner {
            on[from as usize].push(to);
            back[to as usize].push(from);
        }
    }
    [on, back]
}
