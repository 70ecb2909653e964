//! Small networks built in code: streets, rings, approaches with a signal, merges. For tests, verification and examples.

use super::class::ClassSet;
use super::model::{
    Control, Edge, Junction, Lane, Link, NONE, Network, Signal, SignalProgram, Turn,
};

/// A network under construction. Streets and joints first, then [`Builder::build`].
#[derive(Clone, Debug, Default)]
pub struct Builder {
    network: Network,
    joints: Vec<Joint>,
    signals: Vec<(Vec<u32>, SignalProgram)>,
}

/// A way from one lane to another; its number is its place among all joints.
#[derive(Clone, Debug)]
struct Joint {
    from: u32,
    to: u32,
    /// Length of the inner lane (m); `None`: the lanes touch.
    inner_m: Option<f32>,
    yields_to: Vec<u32>,
    foes: Vec<u32>,
}

impl Builder {
    /// A straight street between two places (m), open to every class; returns its edge.
    pub fn street(&mut self, from: [f64; 2], to: [f64; 2], lanes: u32, speed_m_s: f32) -> u32 {
        let length = (to[0] - from[0]).hypot(to[1] - from[1]);
        self.edge(from, to, vec![from, to], length as f32, lanes, speed_m_s)
    }

    /// A street of one lane that ends where it begins; returns its edge.
    pub fn ring(&mut self, length_m: f32, speed_m_s: f32) -> u32 {
        let radius = f64::from(length_m) / std::f64::consts::TAU;
        let shape = (0..=64).map(|i| {
            let (sin, cos) = (std::f64::consts::TAU * f64::from(i) / 64.0).sin_cos();
            [radius * cos, radius * sin]
        });
        let start = [radius, 0.0];
        let edge = self.edge(start, start, shape.collect(), length_m, 1, speed_m_s);
        self.join(edge, edge);
        edge
    }

    fn edge(
        &mut self,
        from: [f64; 2],
        to: [f64; 2],
        shape: Vec<[f64; 2]>,
        length_m: f32,
        lanes: u32,
        speed_m_s: f32,
    ) -> u32 {
        let network = &mut self.network;
        let edge = network.edges.len() as u32;
        let first = network.lanes.len() as u32;
        let (from, to) = (
            junction_at(network, from, "begin"),
            junction_at(network, to, "end"),
        );
        network.edges.push(Edge {
            id: format!("street{edge}"),
            from,
            to,
            lanes: first..first + lanes,
            ..Edge::default()
        });
        for _ in 0..lanes {
            network.lanes.push(Lane {
                edge,
                length_m,
                speed_m_s,
                width_m: 3.2,
                allowed: ClassSet::ALL,
                shape: shape.clone(),
                links: 0..0,
            });
        }
        edge
    }

    /// First (rightmost) lane of an edge.
    pub fn lane(&self, edge: u32) -> u32 {
        self.network.edges[edge as usize].lanes.start
    }

    /// Leads each lane of an edge onto the lane of the same place of the next one; surplus lanes end.
    pub fn join(&mut self, from: u32, to: u32) {
        let (from, to) = (
            self.network.edges[from as usize].lanes.clone(),
            self.network.edges[to as usize].lanes.clone(),
        );
        for (from, to) in from.zip(to) {
            self.joint(from, to, None);
        }
    }

    /// Leads a lane onto another, over an inner lane of some length (m) or directly; returns the number of the joint.
    pub fn joint(&mut self, from: u32, to: u32, inner_m: Option<f32>) -> u32 {
        self.joints.push(Joint {
            from,
            to,
            inner_m,
            yields_to: Vec::new(),
            foes: Vec::new(),
        });
        self.joints.len() as u32 - 1
    }

    /// Who comes over joint `minor` lets those of joint `major` go first.
    pub fn give_way(&mut self, minor: u32, major: u32) {
        self.joints[minor as usize].yields_to.push(major);
        self.joints[minor as usize].foes.push(major);
        self.joints[major as usize].foes.push(minor);
    }

    /// A signal at the end of some edges: the links that leave the n-th of them are the n-th place of the programme's states.
    pub fn signal(&mut self, edges: &[u32], program: SignalProgram) {
        self.signals.push((edges.to_vec(), program));
    }

    /// The network: links of each lane together, inner edges behind the streets.
    pub fn build(self) -> Network {
        let Self {
            mut network,
            joints,
            signals,
        } = self;
        let mut order: Vec<usize> = (0..joints.len()).collect();
        order.sort_by_key(|&joint| (joints[joint].from, joint));
        let mut link_of = vec![NONE; joints.len()];
        for (link, &joint) in order.iter().enumerate() {
            link_of[joint] = link as u32;
        }
        let streets = network.lanes.len();
        for lane in 0..streets {
            let first = order.partition_point(|&joint| (joints[joint].from as usize) < lane) as u32;
            let end = order.partition_point(|&joint| (joints[joint].from as usize) <= lane) as u32;
            network.lanes[lane].links = first..end;
        }
        let mut leaving = Vec::new();
        for (link, &number) in order.iter().enumerate() {
            let joint = &joints[number];
            let junction = network.edges[network.lanes[joint.from as usize].edge as usize].to;
            let place = &mut network.junctions[junction as usize];
            let request = place.links.len() as u32;
            place.links.push(link as u32);
            place.control = if joint.foes.is_empty() {
                place.control
            } else {
                Control::Priority
            };
            let mut record = Link {
                from: joint.from,
                to: joint.to,
                target: joint.to,
                junction,
                request,
                signal: NONE,
                signal_place: NONE,
                turn: Turn::Straight,
                yields_to: joint
                    .yields_to
                    .iter()
                    .map(|&j| link_of[j as usize])
                    .collect(),
                foes: joint.foes.iter().map(|&j| link_of[j as usize]).collect(),
                waits_inside: false,
                stop_sign: false,
                keep_clear: true,
            };
            if let Some(length_m) = joint.inner_m {
                record.to = add_inner(&mut network, junction, joint, length_m);
                leaving.push(Link {
                    from: record.to,
                    to: joint.to,
                    request: NONE,
                    yields_to: Vec::new(),
                    foes: Vec::new(),
                    ..record.clone()
                });
            }
            network.links.push(record);
        }
        for link in leaving {
            let number = network.links.len() as u32;
            network.lanes[link.from as usize].links = number..number + 1;
            network.links.push(link);
        }
        for (edges, program) in signals {
            add_signal(&mut network, &edges, program);
        }
        network
    }
}

/// The junction at a place, new where there is none.
fn junction_at(network: &mut Network, position: [f64; 2], what: &str) -> u32 {
    let known = network
        .junctions
        .iter()
        .position(|junction| junction.position == position);
    known.unwrap_or_else(|| {
        network.junctions.push(Junction {
            id: format!("{what}{}", network.junctions.len()),
            position,
            control: Control::Free,
            ..Junction::default()
        });
        network.junctions.len() - 1
    }) as u32
}

/// An inner edge of one lane; returns the lane.
fn add_inner(network: &mut Network, junction: u32, joint: &Joint, length_m: f32) -> u32 {
    let (edge, lane) = (network.edges.len() as u32, network.lanes.len() as u32);
    let (from, to) = (
        &network.lanes[joint.from as usize],
        &network.lanes[joint.to as usize],
    );
    let ends = [from.shape.last(), to.shape.first()];
    let inner = Lane {
        edge,
        length_m,
        speed_m_s: from.speed_m_s.min(to.speed_m_s),
        width_m: 3.2,
        allowed: ClassSet::ALL,
        shape: ends.into_iter().flatten().copied().collect(),
        links: 0..0,
    };
    network.edges.push(Edge {
        id: format!(":{junction}_{edge}"),
        from: junction,
        to: junction,
        lanes: lane..lane + 1,
        inner: true,
        ..Edge::default()
    });
    network.lanes.push(inner);
    lane
}

fn add_signal(network: &mut Network, edges: &[u32], program: SignalProgram) {
    let number = network.signals.len() as u32;
    let mut places = Vec::new();
    for (place, &edge) in edges.iter().enumerate() {
        let mut links = Vec::new();
        for lane in network.edges[edge as usize].lanes.clone() {
            for link in network.lanes[lane as usize].links.clone() {
                let record = &mut network.links[link as usize];
                record.signal = number;
                record.signal_place = place as u32;
                network.junctions[record.junction as usize].control = Control::Signals;
                links.push(link);
            }
        }
        places.push(links);
    }
    network.signals.push(Signal {
        id: format!("signal{number}"),
        programs: vec![program],
        links: places,
        crossings: Vec::new(),
        guessed: false,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_lane_lie_together_and_inner_edges_behind_the_streets() {
        let mut builder = Builder::default();
        let main = builder.street([0.0, 0.0], [200.0, 0.0], 1, 13.89);
        let side = builder.street([200.0, -100.0], [200.0, 0.0], 1, 13.89);
        let on = builder.street([210.0, 0.0], [400.0, 0.0], 1, 13.89);
        let (first, second, last) = (builder.lane(main), builder.lane(side), builder.lane(on));
        let minor = builder.joint(second, last, Some(8.0));
        let major = builder.joint(first, last, Some(10.0));
        builder.give_way(minor, major);
        let network = builder.build();
        let inner: Vec<bool> = network.edges.iter().map(|edge| edge.inner).collect();
        assert_eq!(inner, [false, false, false, true, true]);
        let (_, from_side) = network.links_of(second).next().unwrap();
        let (from_main_number, from_main) = network.links_of(first).next().unwrap();
        assert_eq!(from_side.yields_to, [from_main_number]);
        assert_eq!((from_main.target, from_side.target), (last, last));
        for link in [from_main, from_side] {
            let (_, leaving) = network.links_of(link.to).next().unwrap();
            assert_eq!((leaving.from, leaving.to), (link.to, last));
        }
        assert_eq!(network.lanes[from_main.to as usize].length_m, 10.0);
    }
}
