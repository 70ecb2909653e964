//! Demand by lot, for streets without counts: cars and lorries between gates at the border of the map and streets inside. Nothing was counted or
//! surveyed: the settings say how many vehicles there are, the rank of streets says where, a seed says which. Whoever shows results must name it
//! as generated.
//!
//! Gates are streets that begin or end at a dead end (most are cut by the border of the map), weighed by rank; inside, streets are weighed by
//! their length. Only streets from which the connected part of the network can be reached are origins, and those that can be reached from it
//! destinations, so that every trip has a way. Departures are spread evenly, each shifted by lot.

use super::demand::{CarFollowing, Demand, DepartLane, DepartSpeed, Trip, VehicleType};
use super::network::check::reach;
use super::network::{Control, Network, VehicleClass};
use super::random::uniform;

/// Vehicles per hour where the settings name none.
pub const VEHICLES_PER_H: f64 = 1800.0;

/// Random numbers where the settings name none.
pub const SEED: u64 = 1;

/// Length (s) of a generated demand without an end.
pub const DURATION_S: f64 = 3600.0;

/// Most vehicles that are generated for a run: some 300 MB.
pub const MOST_VEHICLES: f64 = 1e6;

/// Share of lorries.
const LORRIES: f32 = 0.04;

/// Shortest trip as the crow flies (m).
const SHORTEST_TRIP_M: f64 = 300.0;

/// How much is generated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generated {
    /// Cars and lorries that depart in an hour.
    pub vehicles_per_h: f64,
    /// First departure (s on the clock of the demand).
    pub begin_s: f64,
    /// Time (s) within which vehicles depart.
    pub duration_s: f64,
    /// Random numbers.
    pub seed: u64,
}

impl Default for Generated {
    fn default() -> Self {
        Self {
            vehicles_per_h: VEHICLES_PER_H,
            begin_s: 0.0,
            duration_s: DURATION_S,
            seed: SEED,
        }
    }
}

impl Generated {
    /// Cars and lorries over the whole time.
    pub fn vehicles(&self) -> f64 {
        (self.vehicles_per_h * self.duration_s / 3600.0).round()
    }
}

/// A demand of cars and lorries alone.
pub fn generated_demand(network: &Network, generated: &Generated) -> Demand {
    Demand {
        types: vec![car(), lorry()],
        trips: vehicles(network, generated, [0, 1]),
        ..Demand::default()
    }
}

/// Trips of cars and lorries in the order of departure. `types` are the numbers of the two types.
pub fn vehicles(network: &Network, generated: &Generated, types: [u32; 2]) -> Vec<Trip> {
    let lots = Lots::new(network);
    let count = generated.vehicles();
    let one = |number: u64| {
        let lot = |try_no: u64, what: u64| uniform(generated.seed, number, try_no, what);
        // Trips that are too short are drawn again.
        let (from, to) = (0..64)
            .filter_map(|try_no| {
                let from = drawn(&lots.origins, lot(try_no, 0))?;
                let to = drawn(&lots.destinations, lot(try_no, 1))?;
                Some((from, to))
            })
            .find(|&(from, to)| far_apart(network, from, to))?;
        let shift = f64::from(lot(64, 3));
        Some(Trip {
            id: format!("car{number}"),
            vehicle_type: types[usize::from(lot(64, 2) < LORRIES)],
            depart_s: generated.begin_s
                + generated.duration_s * (number as f64 + shift) / count.max(1.0),
            ..trip(vec![from, to], false)
        })
    };
    (0..count as u64).filter_map(one).collect()
}

/// A trip that begins and ends anywhere on its first and last edge.
pub(super) fn trip(edges: Vec<u32>, routed: bool) -> Trip {
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

/// Where trips begin and end, with sums of weights: gates at the border by the rank of the street, streets inside by their length.
struct Lots {
    origins: Vec<(u32, f32)>,
    destinations: Vec<(u32, f32)>,
}

impl Lots {
    fn new(network: &Network) -> Self {
        let reach = reach(network, VehicleClass::Passenger);
        let mut lots = Self {
            origins: Vec::new(),
            destinations: Vec::new(),
        };
        let (mut begin, mut end) = (0.0, 0.0);
        let edges = network.edges.iter().enumerate();
        for (index, edge) in edges.filter(|(_, edge)| !edge.inner) {
            let lane = &network.lanes[edge.lanes.start as usize];
            let gate =
                |junction: u32| network.junctions[junction as usize].control == Control::DeadEnd;
            // Ranks: 6 primary and above, 5 secondary, 4 tertiary, 2 residential and unclassified; living streets are nobody's aim here.
            let at_gate = match edge.priority {
                6.. => 12.0,
                5 => 6.0,
                4 => 3.0,
                2.. => 1.0,
                _ => 0.0,
            };
            let inside = if (2..6).contains(&edge.priority) {
                lane.length_m / 300.0
            } else {
                0.0
            };
            let weight = |junction: u32| if gate(junction) { at_gate } else { inside };
            if reach.leads_in[index] && weight(edge.from) > 0.0 {
                begin += weight(edge.from);
                lots.origins.push((index as u32, begin));
            }
            if reach.leads_out[index] && weight(edge.to) > 0.0 {
                end += weight(edge.to);
                lots.destinations.push((index as u32, end));
            }
        }
        lots
    }
}

/// The entry within whose share of the sum a lot falls.
fn drawn(list: &[(u32, f32)], lot: f32) -> Option<u32> {
    let aim = lot * list.last()?.1;
    let at = list.partition_point(|entry| entry.1 <= aim);
    Some(list[at.min(list.len() - 1)].0)
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
pub fn lorry() -> VehicleType {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traffic::network::from_streets;
    use crate::traffic::network::streets::{Rank, Street, StreetLane, StreetNode, Streets};

    /// Two one-way streets in the north and south of a cross street, as the carriageways of an avenue that leaves the map on both sides.
    fn carriageways() -> Network {
        let node = |x: f64, y: f64| StreetNode {
            id: format!("{x},{y}"),
            position: [x, y],
            ..StreetNode::default()
        };
        let street = |id: &str, nodes: &[u32], rank, both: bool| Street {
            id: id.to_owned(),
            name: id.to_owned(),
            rank,
            nodes: nodes.to_vec(),
            forward: vec![StreetLane::general()],
            backward: if both {
                vec![StreetLane::general()]
            } else {
                Vec::new()
            },
            speed_m_s: 13.9,
            roundabout: false,
        };
        let nodes = vec![
            node(0.0, 0.0),
            node(400.0, 0.0),
            node(800.0, 0.0),
            node(0.0, 40.0),
            node(400.0, 40.0),
            node(800.0, 40.0),
            node(400.0, -300.0),
            node(400.0, 340.0),
        ];
        let streets = vec![
            street("east", &[0, 1, 2], Rank::Primary, false),
            street("west", &[5, 4, 3], Rank::Primary, false),
            street("cross", &[6, 1, 4, 7], Rank::Residential, true),
        ];
        from_streets(&Streets {
            nodes,
            streets,
            ..Streets::default()
        })
        .0
    }

    #[test]
    fn carriageways_that_leave_the_map_are_gates() {
        let network = carriageways();
        let trips = vehicles(&network, &Generated::default(), [0, 1]);
        let begins = |name: &str| {
            let of = |edge: u32| network.edges[edge as usize].name == name;
            trips.iter().filter(|trip| of(trip.edges[0])).count()
        };
        assert_eq!(trips.len(), 1800);
        assert!(begins("east") > 500 && begins("west") > 500);
        // Nobody begins where the street leaves the map, or ends where it enters.
        for trip in &trips {
            let [from, to] = [0, 1].map(|at| &network.edges[trip.edges[at] as usize]);
            let leaves = |edge: &crate::traffic::network::Edge| {
                let lanes = edge.lanes.clone();
                lanes.flat_map(|lane| network.links_of(lane)).count() > 0
            };
            assert!(leaves(from), "{} leads nowhere", from.id);
            assert_ne!(from.id, to.id);
        }
    }

    #[test]
    fn settings_say_how_many_and_when() {
        let network = carriageways();
        let generated = Generated {
            vehicles_per_h: 360.0,
            begin_s: 600.0,
            duration_s: 1800.0,
            seed: 7,
        };
        let trips = vehicles(&network, &generated, [0, 1]);
        assert_eq!(trips.len(), 180);
        assert!(trips.is_sorted_by(|a, b| a.depart_s <= b.depart_s));
        assert!(trips[0].depart_s >= 600.0 && trips[179].depart_s < 2400.0);
        let lorries = trips.iter().filter(|trip| trip.vehicle_type == 1).count();
        assert!((1..30).contains(&lorries), "{lorries}");
        let other = Generated {
            seed: 8,
            ..generated
        };
        assert_eq!(trips, vehicles(&network, &generated, [0, 1]));
        assert_ne!(trips, vehicles(&network, &other, [0, 1]));
    }
}
