//! Tests of signals: a crossing of four arms made here, tables of closed forms, random requests, recorded cycles of Hamburg.

mod analytic;
mod feet;
mod invariants;
mod observer;
mod real;
mod recorded;
mod requests;

use std::path::{Path, PathBuf};

use crate::traffic::demand::Demand;
use crate::traffic::kernel::roads::Roads;
use crate::traffic::kernel::state::World;
use crate::traffic::network::{
    ClassSet, Control, Edge, Junction, Lane, Link, NONE, Network, Signal, SignalProgram, Turn,
};

/// Folder of the data, or none with a line that says so.
fn data(test: &str, folder: &str) -> Option<PathBuf> {
    crate::verify::data_folder_or_skip(test, &format!("mobility/{folder}"))
}

/// Rows of a table without its head.
fn table(folder: &Path, name: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    text.lines()
        .skip(1)
        .map(|line| line.trim().split(',').map(str::to_owned).collect())
        .collect()
}

fn number(row: &[String], column: usize) -> f64 {
    row[column].parse().unwrap()
}

/// Heading of each arm's entering lane: from the south, the east, the north, the west.
const HEADINGS: [[f64; 2]; 4] = [[0.0, 1.0], [-1.0, 0.0], [0.0, -1.0], [1.0, 0.0]];

/// Way from the line to the middle of the crossing (m).
const HALF_M: f64 = 10.0;

/// A crossing of four arms of 200 m with one lane each way at 50 km/h. Arm `i` has the links `3 i` right, `3 i + 1` straight, `3 i + 2` left,
/// which are the places of the one signal. Left turns yield to the opposing arm.
fn crossing(program: SignalProgram) -> Network {
    let mut network = Network {
        junctions: vec![Junction {
            id: "crossing".to_owned(),
            control: Control::Signals,
            links: (0..12).collect(),
            ..Junction::default()
        }],
        ..Network::default()
    };
    let edge = |id: String, lane: u32, inner: bool| Edge {
        id,
        from: 0,
        to: 0,
        lanes: lane..lane + 1,
        inner,
        ..Edge::default()
    };
    let lane = |number: u32, shape: Vec<[f64; 2]>, links: std::ops::Range<u32>| Lane {
        edge: number,
        length_m: shape
            .windows(2)
            .map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]) as f32)
            .sum(),
        speed_m_s: 13.89,
        width_m: 3.2,
        allowed: ClassSet::ALL,
        shape,
        links,
    };
    let right = |d: [f64; 2]| [d[1], -d[0]];
    let at = |d: [f64; 2], along: f64| {
        let r = right(d);
        [d[0] * along + r[0] * 1.6, d[1] * along + r[1] * 1.6]
    };
    for (arm, d) in HEADINGS.into_iter().enumerate() {
        let number = arm as u32;
        network.edges.push(edge(format!("in{arm}"), number, false));
        let shape = vec![at(d, -HALF_M - 200.0), at(d, -HALF_M)];
        network
            .lanes
            .push(lane(number, shape, 3 * number..3 * number + 3));
    }
    for (arm, d) in HEADINGS.into_iter().enumerate() {
        let number = 4 + arm as u32;
        network.edges.push(edge(format!("out{arm}"), number, false));
        network.lanes.push(lane(
            number,
            vec![at(d, HALF_M), at(d, HALF_M + 200.0)],
            24..24,
        ));
    }
    for arm in 0..4u32 {
        for turn in 0..3u32 {
            let number = 8 + 3 * arm + turn;
            let d = HEADINGS[arm as usize];
            // Heading behind the junction: arms are numbered against the clock, so a right turn leads to the arm before.
            let to = [(arm + 3) % 4, arm, (arm + 1) % 4][turn as usize];
            let (start, end) = (at(d, -HALF_M), at(HEADINGS[to as usize], HALF_M));
            let bend = if d[0] == 0.0 {
                [start[0], end[1]]
            } else {
                [end[0], start[1]]
            };
            let shape = (0..=10)
                .map(|step| {
                    let t = f64::from(step) / 10.0;
                    let part = |i: usize| {
                        (1.0 - t) * (1.0 - t) * start[i]
                            + 2.0 * t * (1.0 - t) * bend[i]
                            + t * t * end[i]
                    };
                    [part(0), part(1)]
                })
                .collect();
            let own = 12 + 3 * arm + turn;
            network
                .edges
                .push(edge(format!(":{arm}{turn}"), number, true));
            network.lanes.push(lane(number, shape, own..own + 1));
        }
    }
    let link = |from: u32, to: u32, target: u32, place: u32, turn: Turn| Link {
        from,
        to,
        target,
        junction: 0,
        request: place,
        signal: if place == NONE { NONE } else { 0 },
        signal_place: place,
        turn,
        yields_to: Vec::new(),
        foes: Vec::new(),
        waits_inside: false,
        stop_sign: false,
        keep_clear: true,
    };
    let turns = [Turn::Right, Turn::Straight, Turn::Left];
    let target = |place: u32| {
        let (arm, turn) = (place / 3, place % 3);
        4 + [(arm + 3) % 4, arm, (arm + 1) % 4][turn as usize]
    };
    for place in 0..12u32 {
        let turn = turns[(place % 3) as usize];
        network
            .links
            .push(link(place / 3, 8 + place, target(place), place, turn));
    }
    for place in 0..12u32 {
        network.links.push(link(
            8 + place,
            target(place),
            target(place),
            NONE,
            Turn::Straight,
        ));
    }
    for own in 0..12u32 {
        for foe in 0..12u32 {
            let (a, b) = (
                &network.lanes[8 + own as usize].shape,
                &network.lanes[8 + foe as usize].shape,
            );
            let near = a
                .iter()
                .any(|p| b.iter().any(|q| (p[0] - q[0]).hypot(p[1] - q[1]) < 2.2));
            if own / 3 != foe / 3 && near {
                network.links[own as usize].foes.push(foe);
                if own % 3 == 2 && (own / 3 + 2) % 4 == foe / 3 && foe % 3 != 2 {
                    network.links[own as usize].yields_to.push(foe);
                }
            }
        }
    }
    network.signals.push(Signal {
        id: "K1".to_owned(),
        programs: vec![program],
        links: (0..12).map(|place| vec![place]).collect(),
        crossings: Vec::new(),
        guessed: false,
    });
    network
}

/// An empty world on a network.
fn world(network: &Network) -> World {
    World::new(Roads::new(network), &Demand::default(), 1.0, 1)
}
