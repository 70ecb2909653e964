//! Crossings of people on foot at signals of which only the place is known: one over each arm, straight from curb to curb behind the stop line.

use super::turns::{Arm, heading};
use super::{Crossing, Stage};
use crate::traffic::network::line::{Point, step};
use crate::traffic::network::{NONE, Network, Turn};

/// Middle of a crossing beyond the ends of the lanes (m).
const BEYOND_M: f64 = 2.2;

/// A crossing while the junction is built.
#[derive(Clone)]
pub(super) struct Foot {
    /// Edge of the arm that leads to the junction; `NONE` without one.
    pub incoming: u32,
    /// Edge that leads away.
    pub outgoing: u32,
    /// See [`FootCrossing`](crate::traffic::network::FootCrossing).
    pub length_m: f64,
    /// See `length_m`.
    pub leaving_m: f64,
    /// See `length_m`.
    pub line: [Point; 2],
}

/// The crossings of a junction, one per arm.
pub(super) fn feet(network: &Network, arms: &[Arm]) -> Vec<Foot> {
    arms.iter().map(|arm| foot(network, arm)).collect()
}

fn foot(network: &Network, arm: &Arm) -> Foot {
    let width = |edge: u32| -> f64 {
        let lanes = || network.edges[edge as usize].lanes.clone();
        if edge == NONE {
            0.0
        } else {
            lanes()
                .map(|lane| f64::from(network.lanes[lane as usize].width_m))
                .sum()
        }
    };
    // Curbs beside the rightmost and the leftmost lane of an edge, at the junction.
    let curb = |edge: u32, at_end: bool, right: bool| -> Point {
        let lanes = network.edges[edge as usize].lanes.clone();
        let lane = if right { lanes.start } else { lanes.end - 1 };
        let lane = &network.lanes[lane as usize];
        let d = heading(&lane.shape, at_end);
        let end = if at_end {
            lane.shape[lane.shape.len() - 1]
        } else {
            lane.shape[0]
        };
        let side = if right { [d[1], -d[0]] } else { [-d[1], d[0]] };
        // Behind the stop line, seen from those who come.
        let inside = if at_end { BEYOND_M } else { -BEYOND_M };
        step(step(end, d, inside), side, f64::from(lane.width_m) / 2.0)
    };
    let line = match (arm.outgoing, arm.incoming) {
        (NONE, incoming) => [curb(incoming, true, false), curb(incoming, true, true)],
        (outgoing, NONE) => [curb(outgoing, false, true), curb(outgoing, false, false)],
        (outgoing, incoming) => [curb(outgoing, false, true), curb(incoming, true, true)],
    };
    let leaving_m = width(arm.outgoing);
    Foot {
        incoming: arm.incoming,
        outgoing: arm.outgoing,
        length_m: leaving_m + width(arm.incoming),
        leaving_m,
        line,
    }
}

impl Foot {
    /// True when a way over the junction leads over this crossing.
    pub fn is_crossed_by(&self, way: &Crossing) -> bool {
        way.from_edge == self.incoming || way.to_edge == self.outgoing
    }

    /// True when people may walk in a stage: nobody comes out of the arm, and those who turn into it can let them go first (StVO section 9
    /// paragraph 3). A stage for left turns alone is too short for them, and promises a free way.
    pub fn walks_in(&self, crossings: &[Crossing], stage: &Stage) -> bool {
        let mut ways = crossings
            .iter()
            .zip(&stage.green)
            .filter(|(_, green)| **green);
        !stage.short
            && ways.all(|(way, _)| {
                !self.is_crossed_by(way)
                    || way.from_edge != self.incoming && way.way.turn != Turn::Straight
            })
    }
}
