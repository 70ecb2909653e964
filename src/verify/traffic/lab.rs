//! What the cases drive on and with: drivers, streets, runs that are watched.

use crate::traffic::demand::{CarFollowing, Demand, DepartSpeed, Trip, VehicleType};
use crate::traffic::network::build::Builder;
use crate::traffic::network::{Aspect, Network, Phase, SignalProgram};
use crate::traffic::random::uniform;
use crate::traffic::run::Run;

/// Acceleration and deceleration (m/s2) that count as unlimited.
const UNLIMITED_M_S2: f32 = 1000.0;

/// A driver of Krauss' model without imperfection and with unlimited acceleration: with steps of `tau_s` it is Newell's.
pub fn newell(tau_s: f64, spacing_m: f64) -> VehicleType {
    VehicleType {
        model: CarFollowing::Krauss,
        length_m: 5.0,
        min_gap_m: spacing_m as f32 - 5.0,
        accel_m_s2: UNLIMITED_M_S2,
        decel_m_s2: UNLIMITED_M_S2,
        emergency_decel_m_s2: UNLIMITED_M_S2,
        tau_s: tau_s as f32,
        ..VehicleType::car()
    }
}

/// A driver of the intelligent driver model.
pub fn intelligent(
    headway_s: f64,
    min_gap_m: f64,
    length_m: f64,
    accel_m_s2: f64,
    decel_m_s2: f64,
) -> VehicleType {
    VehicleType {
        length_m: length_m as f32,
        min_gap_m: min_gap_m as f32,
        accel_m_s2: accel_m_s2 as f32,
        decel_m_s2: decel_m_s2 as f32,
        tau_s: headway_s as f32,
        ..VehicleType::car()
    }
}

/// Streets of one lane behind one another along the x axis, by length (m) and speed limit (m/s).
pub fn street(builder: &mut Builder, parts: &[(f64, f64)]) -> Vec<u32> {
    let mut x = 0.0;
    let mut edges: Vec<u32> = Vec::new();
    for &(length_m, speed_m_s) in parts {
        let edge = builder.street([x, 0.0], [x + length_m, 0.0], 1, speed_m_s as f32);
        if let Some(&before) = edges.last() {
            builder.join(before, edge);
        }
        edges.push(edge);
        x += length_m;
    }
    edges
}

/// A fixed programme that shows some places the same: green and red in turn (s), beginning at `offset_s` (s).
pub fn green_and_red(durations_s: &[(f64, f64)], offset_s: f64, places: usize) -> SignalProgram {
    let phase = |aspect: Aspect, duration_s: f64| Phase {
        duration_s,
        min_s: duration_s,
        max_s: duration_s,
        state: vec![aspect; places],
        ..Phase::default()
    };
    SignalProgram {
        offset_s,
        phases: durations_s
            .iter()
            .flat_map(|&(green, red)| [phase(Aspect::Green, green), phase(Aspect::Red, red)])
            .collect(),
        ..SignalProgram::default()
    }
}

/// A run of vehicles that are put onto one lane: type, front (m) and speed (m/s) of each, front first.
pub fn placed_run(
    network: &Network,
    types: &[VehicleType],
    route: &[u32],
    lane: u32,
    vehicles: &[(usize, f64, f64)],
    step_s: f64,
) -> Run {
    let never = f64::INFINITY;
    let trips = vehicles
        .iter()
        .map(|&(kind, _, _)| Trip::along(kind as u32, never, route));
    let demand = Demand {
        types: types.to_vec(),
        trips: trips.collect(),
        ..Demand::default()
    };
    let mut run = Run::new(network, &demand, 0.0, step_s, 1);
    let placed: Vec<(u32, u32, f32, f32)> = vehicles
        .iter()
        .enumerate()
        .map(|(trip, &(_, pos, speed))| (trip as u32, lane, pos as f32, speed as f32))
        .collect();
    run.traffic.world.place(&placed);
    run
}

/// Trips of one type along a route at times in order; each departs as soon as it can with the speed of the lane.
pub fn demand(kind: VehicleType, route: &[u32], departs_s: &[f64]) -> Demand {
    let trips = departs_s.iter().map(|&depart_s| Trip {
        depart_speed: DepartSpeed::Max,
        ..Trip::along(0, depart_s, route)
    });
    Demand {
        trips: trips.collect(),
        types: vec![kind],
        ..Demand::default()
    }
}

/// Time (s) on the way of one vehicle that is alone.
pub fn free_s(network: &Network, kind: VehicleType, route: &[u32], step_s: f64) -> f64 {
    mean(&delays_s(
        network,
        &demand(kind, route, &[FIRST_S]),
        step_s,
        0.0,
    ))
}

/// Delay (s) of every trip in the order of the trips, departure delay included, against the time of one who is alone from departure on;
/// runs until all have arrived.
pub fn delays_s(network: &Network, demand: &Demand, step_s: f64, free_s: f64) -> Vec<f64> {
    let mut run = Run::new(network, demand, 0.0, step_s, 1);
    while !run.is_over() {
        run.step();
    }
    let mut delays = vec![f64::NAN; demand.trips.len()];
    for record in run.ended() {
        delays[record.trip as usize] = record.depart_delay_s + record.duration_s - free_s;
    }
    delays
}

/// When trips begin (s): a run inserts nobody before the end of its first step.
pub const FIRST_S: f64 = 10.0;

/// Times (s) of Poisson arrivals of `flow` veh/s, without end.
pub fn poisson(seed: u64, flow: f64) -> impl Iterator<Item = f64> {
    let mut time_s = FIRST_S;
    (0..).map(move |who| {
        // Two draws of 24 bits: the resolution of one would show in the longest gaps.
        let fine = f64::from(uniform(seed, who, 1, 101)) / f64::from(1u32 << 24);
        let share = f64::from(uniform(seed, who, 0, 101)) + fine;
        time_s -= (1.0 - share).ln() / flow;
        time_s
    })
}

/// Poisson arrivals, each at the last full step. Where times of service and the borders of green are full steps too, every beginning of
/// service is rounded down like the arrivals.
pub fn poisson_by_step(seed: u64, count: usize, flow: f64, step_s: f64) -> Vec<f64> {
    poisson(seed, flow)
        .take(count)
        .map(|time_s| (time_s / step_s).floor() * step_s)
        .collect()
}

/// Mean of numbers.
pub fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// Slope of the line of least squares through points (x, y).
pub fn slope(points: &[[f64; 2]]) -> f64 {
    let n = points.len() as f64;
    let [x, y] = [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f64>() / n);
    let up: f64 = points
        .iter()
        .map(|point| (point[0] - x) * (point[1] - y))
        .sum();
    let down: f64 = points.iter().map(|point| (point[0] - x).powi(2)).sum();
    up / down
}
