//! Capacity of a side street: drivers that have to yield wait for gaps in the main stream.
//!
//! The reference is the capacity of a right turn out of a side street with one lane into a main street with one lane per direction, by the
//! critical and the follow-up headway of Highway Capacity Manual 2010, exhibits 19-10 and 19-11 (6.2 s and 3.3 s) and equation 19-32:
//! `c = v e^(-v tc / 3600) / (1 - e^(-v tf / 3600))`, v the main stream in vehicles per hour. These headways are means of what was seen
//! at many crossings; the drivers here decide by when they would be off the junction, so the two agree to some tenth, not exactly.
//! Intelligent drivers brake more gently and leave longer gaps to the next one; their rows show by how much and judge nothing.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::demand::{CarFollowing, Demand, DepartSpeed, Trip, VehicleType};
use crate::traffic::generate::car as city_car;
use crate::traffic::network::Network;
use crate::traffic::network::build::Builder;
use crate::traffic::run::Run;

use super::lab::{FIRST_S, mean, poisson};
use super::{Effort, Sheet};

/// Main streams (veh/h), with twice the share by which Krauss' drivers were seen to differ from the manual.
const STREAMS: [(f64, f64); 4] = [(300.0, 0.28), (600.0, 0.06), (900.0, 0.13), (1200.0, 0.46)];

const CRITICAL_S: f64 = 6.2;
const FOLLOW_UP_S: f64 = 3.3;

/// Time until the side street is in balance (s), and time that is counted (s).
const WARM_UP_S: f64 = 600.0;
const COUNTED_S: f64 = 3600.0;

const SEEDS: u64 = 5;

const SOURCE: &str = "HCM 2010, eq. 19-32, 6.2 s and 3.3 s";

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
    for (stream, share) in STREAMS {
        let flow = |kind: &VehicleType| {
            let flows: Vec<f64> = (1..=SEEDS)
                .into_par_iter()
                .map(|seed| side_flow(kind, stream, seed))
                .collect();
            mean(&flows)
        };
        let rate = stream / 3600.0;
        let capacity = stream * (-rate * CRITICAL_S).exp() / (1.0 - (-rate * FOLLOW_UP_S).exp());
        let metric = format!("vehicles per hour out of a side street into {stream} per hour");
        sheet.within(
            &format!("sidestreet/right-turn/{stream}/krauss"),
            &metric,
            capacity,
            flow(&krauss()),
            share,
            SOURCE,
        );
        let id = format!("sidestreet/right-turn/{stream}/idm");
        sheet.indicative(&id, &metric, capacity, flow(&city_car()), SOURCE);
    }
    Ok(())
}

/// Main street along the x axis (first route) and a side street that joins it (second route).
fn joining() -> (Network, [[u32; 2]; 2]) {
    let mut builder = Builder::default();
    let limit = 50.0 / 3.6;
    let before = builder.street([-800.0, 0.0], [0.0, 0.0], 1, limit);
    let side = builder.street([5.0, -300.0], [5.0, -5.0], 1, limit);
    let after = builder.street([10.0, 0.0], [800.0, 0.0], 1, limit);
    let main = builder.joint(builder.lane(before), builder.lane(after), Some(10.0));
    let turn = builder.joint(builder.lane(side), builder.lane(after), Some(8.0));
    builder.give_way(turn, main);
    (builder.build(), [[before, after], [side, after]])
}

/// Vehicles per hour that come out of a side street where a queue never ends.
fn side_flow(kind: &VehicleType, stream: f64, seed: u64) -> f64 {
    let (network, [main, side]) = joining();
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
