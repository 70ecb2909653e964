//! Capacity of those who yield: out of a side street, into a roundabout, turning left under a green that others have as well.
//!
//! References are Highway Capacity Manual 2010. A right turn out of a side street with one lane into a main street with one lane per
//! direction has a critical headway of 6.2 s and a follow-up headway of 3.3 s (exhibits 19-10 and 19-11), a left turn under a shared green
//! 4.5 s and 2.5 s (chapter 18), with equation 19-32: `c = v e^(-v tc / 3600) / (1 - e^(-v tf / 3600))`, v the stream that goes first in
//! vehicles per hour. The entry of a roundabout with one lane has `c = 1130 e^(-0.001 v)` (equation 21-1). These are means of what was seen
//! at many crossings; the drivers here decide by when they would be off the junction, so they agree to some tenth, not exactly. A main street
//! that is cut into short edges has to give what a whole one gives.
//! Intelligent drivers brake more gently and leave longer gaps to the next one; their rows show by how much and judge nothing.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::demand::{CarFollowing, Demand, DepartSpeed, Trip, VehicleType};
use crate::traffic::generate::car as city_car;
use crate::traffic::network::build::Builder;
use crate::traffic::network::{Aspect, Network, SignalProgram};
use crate::traffic::run::Run;

use super::lab::{FIRST_S, green_and_red, mean, poisson};
use super::{Effort, Sheet};

/// Streams that go first (veh/h).
const STREAMS: [f64; 4] = [300.0, 600.0, 900.0, 1200.0];

/// A place where one stream yields to another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A right turn out of a side street.
    Side,
    /// The same where the main street has an edge of 15 m before the junction.
    CutStreet,
    /// The entry of a roundabout.
    Ring,
    /// A left turn across the opposing stream, while both have green.
    LeftTurn,
}

/// Places with their names and, by stream, twice the share by which Krauss' drivers were seen to differ from the manual.
const PLACES: [(Place, &str, [f64; 4]); 4] = [
    (Place::Side, "right-turn", [0.28, 0.06, 0.13, 0.46]),
    (
        Place::CutStreet,
        "right-turn-cut-street",
        [0.28, 0.06, 0.13, 0.46],
    ),
    (Place::Ring, "roundabout", [0.56, 0.16, 0.17, 0.54]),
    (Place::LeftTurn, "left-turn-green", [0.01, 0.01, 0.06, 0.30]),
];

/// Length of the last edge of a cut street (m).
const CUT_M: f64 = 15.0;

impl Place {
    /// Vehicles per hour that the manual lets through.
    fn capacity(self, stream: f64) -> f64 {
        let by_headways = |critical_s: f64, follow_up_s: f64| {
            let rate = stream / 3600.0;
            stream * (-rate * critical_s).exp() / (1.0 - (-rate * follow_up_s).exp())
        };
        match self {
            Self::Side | Self::CutStreet => by_headways(6.2, 3.3),
            Self::Ring => 1130.0 * (-0.001 * stream).exp(),
            Self::LeftTurn => by_headways(4.5, 2.5),
        }
    }

    fn source(self) -> &'static str {
        match self {
            Self::Side | Self::CutStreet => "HCM 2010, eq. 19-32, 6.2 s and 3.3 s",
            Self::Ring => "HCM 2010, eq. 21-1",
            Self::LeftTurn => "HCM 2010, eq. 19-32, 4.5 s and 2.5 s",
        }
    }

    /// The network, with the routes of the stream that goes first and of the one that yields.
    fn network(self) -> (Network, [Vec<u32>; 2]) {
        let mut builder = Builder::default();
        let limit = 50.0 / 3.6;
        let cut = if self == Self::CutStreet { CUT_M } else { 0.0 };
        let before = builder.street([-800.0, 0.0], [-cut, 0.0], 1, limit);
        let mut first = vec![before];
        if cut > 0.0 {
            let last = builder.street([-cut, 0.0], [0.0, 0.0], 1, limit);
            builder.join(before, last);
            first.push(last);
        }
        let last = first[first.len() - 1];
        let after = builder.street([10.0, 0.0], [800.0, 0.0], 1, limit);
        let main = builder.joint(builder.lane(last), builder.lane(after), Some(10.0));
        first.push(after);
        let second = if self == Self::LeftTurn {
            let opposite = builder.street([300.0, 3.5], [12.0, 3.5], 1, limit);
            let out = builder.street([5.0, -8.0], [5.0, -300.0], 1, limit);
            let turn = builder.joint(builder.lane(opposite), builder.lane(out), Some(14.0));
            builder.give_way(turn, main);
            builder.signal(&[last, opposite], shared_green());
            vec![opposite, out]
        } else {
            let side = builder.street([5.0, -300.0], [5.0, -5.0], 1, limit);
            let turn = builder.joint(builder.lane(side), builder.lane(after), Some(8.0));
            builder.give_way(turn, main);
            vec![side, after]
        };
        let mut network = builder.build();
        network.edges[last as usize].roundabout = self == Self::Ring;
        (network, [first, second])
    }
}

/// Green without an end, in which the second place yields.
fn shared_green() -> SignalProgram {
    let mut program = green_and_red(&[(1e6, 1.0)], 0.0, 2);
    program.phases[0].state[1] = Aspect::GreenYield;
    program
}

/// Time until the side street is in balance (s), and time that is counted (s).
const WARM_UP_S: f64 = 600.0;
const COUNTED_S: f64 = 3600.0;

const SEEDS: u64 = 5;

/// SUMO's usual car.
fn krauss() -> VehicleType {
    VehicleType {
        model: CarFollowing::Krauss,
        min_gap_m: 2.5,
        accel_m_s2: 2.6,
        decel_m_s2: 4.5,
        tau_s: 1.0,
        sigma: 0.5,
        ..VehicleType::car()
    }
}

/// Cases of the family.
pub fn cases(_: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    for (place, name, shares) in PLACES {
        for (stream, share) in STREAMS.into_iter().zip(shares) {
            let flow = |kind: &VehicleType| {
                let flows: Vec<f64> = (1..=SEEDS)
                    .into_par_iter()
                    .map(|seed| yielding_flow(place, kind, stream, seed))
                    .collect();
                mean(&flows)
            };
            let capacity = place.capacity(stream);
            let metric = format!("vehicles per hour that yield to {stream} per hour");
            let source = place.source();
            let id = format!("sidestreet/{name}/{stream}/krauss");
            sheet.within(&id, &metric, capacity, flow(&krauss()), share, source);
            if place != Place::CutStreet {
                let id = format!("sidestreet/{name}/{stream}/idm");
                sheet.indicative(&id, &metric, capacity, flow(&city_car()), source);
            }
        }
    }
    Ok(())
}

/// Vehicles per hour that get through of a queue that never ends and yields.
fn yielding_flow(place: Place, kind: &VehicleType, stream: f64, seed: u64) -> f64 {
    let (network, [main, side]) = place.network();
    let end_s = WARM_UP_S + COUNTED_S;
    let trip = |depart_s: f64, route: &[u32]| Trip {
        depart_speed: DepartSpeed::Max,
        ..Trip::along(0, depart_s, route)
    };
    let stream = poisson(seed, stream / 3600.0).take_while(|time_s| *time_s < end_s);
    let mut trips: Vec<Trip> = stream.map(|time_s| trip(time_s, &main)).collect();
    let queue = (0..).map(|number| FIRST_S + 2.0 * f64::from(number));
    trips.extend(
        queue
            .take_while(|time_s| *time_s < end_s)
            .map(|time_s| trip(time_s, &side)),
    );
    trips.sort_by(|a, b| a.depart_s.total_cmp(&b.depart_s));
    let demand = Demand {
        types: vec![kind.clone()],
        trips,
        ..Demand::default()
    };
    let mut run = Run::new(&network, &demand, 0.0, 1.0, seed);
    while run.time_s() < end_s {
        run.step();
    }
    let counted = run.ended().iter().filter(|record| {
        demand.trips[record.trip as usize].edges[0] == side[0]
            && record.depart_s + record.duration_s > WARM_UP_S
    });
    counted.count() as f64 * 3600.0 / COUNTED_S
}
