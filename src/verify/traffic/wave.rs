//! Platoons through signals whose offsets follow the closed form.

use std::collections::BTreeMap;
use std::path::Path;

use crate::traffic::demand::{CarFollowing, VehicleType};
use crate::traffic::network::Network;
use crate::traffic::network::build::Builder;
use crate::traffic::run::Run;

use super::lab::{demand, green_and_red};
use super::table::Table;
use super::{Effort, Sheet};

/// Way (m) before the first signal and behind the last one.
const MARGIN_M: f64 = 200.0;
/// Green of every signal (s), and when the first of the platoon passes in it.
const GREEN_S: f64 = 25.0;
const INTO_GREEN_S: f64 = 5.0;
/// Vehicles of a platoon, and seconds between them. Intelligent drivers who follow at 2.5 s do not reach the limit (their steady state), so
/// theirs is a short and loose platoon.
const KRAUSS: (usize, f64) = (6, 2.5);
const IDM: (usize, f64) = (3, 4.0);
const STEP_S: f64 = 0.5;

/// Cases of the family.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let mut routes: BTreeMap<(String, String), Vec<[f64; 2]>> = BTreeMap::new();
    for row in Table::read(folder, "green_wave.csv")?.rows() {
        let key = (
            row.text("speed_m_s")?.to_owned(),
            row.text("cycle_s")?.to_owned(),
        );
        let signal = [row.number("distance_m")?, row.number("ideal_offset_s")?];
        routes
            .entry(key)
            .or_insert_with(|| vec![[0.0; 2]])
            .push(signal);
    }
    for ((speed, cycle), signals) in routes {
        let parse = |text: &str| text.parse::<f64>().map_err(|e| format!("`{text}`: {e}"));
        let road = Road {
            speed_m_s: parse(&speed)?,
            cycle_s: parse(&cycle)?,
            signals,
        };
        rows(
            &format!("one-way/{speed}-{cycle}"),
            &road,
            "green_wave.csv",
            sheet,
        );
    }
    for row in Table::read(folder, "green_wave_twoway_spacing.csv")?.rows() {
        let (speed_m_s, cycle_s) = (row.number("speed_m_s")?, row.number("cycle_s")?);
        let spacing_m = row.number("ideal_spacing_m")?;
        let road = Road {
            speed_m_s,
            cycle_s,
            // Four signals; every other one is half a cycle late.
            signals: (0..4u8)
                .map(|i| [f64::from(i) * spacing_m, f64::from(i % 2) * cycle_s / 2.0])
                .collect(),
        };
        let id = format!("two-way/{speed_m_s}-{cycle_s}");
        rows(&id, &road, "green_wave_twoway_spacing.csv", sheet);
    }
    Ok(())
}

/// A road with signals: place (m from the first one) and offset (s) of each.
struct Road {
    speed_m_s: f64,
    cycle_s: f64,
    signals: Vec<[f64; 2]>,
}

/// What became of the platoons.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Passage {
    /// Stops of all vehicles.
    halts: u32,
    /// Vehicles that arrived.
    arrived: usize,
    /// Largest difference (s) between the second of the cycle at which a vehicle passes a signal and that at its first one.
    shift_s: f64,
}

fn rows(id: &str, road: &Road, file: &str, sheet: &mut Sheet) {
    let both_ways = id.starts_with("two-way");
    let source = format!("data/mobility/analytic/{file}");
    let krauss = VehicleType {
        model: CarFollowing::Krauss,
        accel_m_s2: 2.6,
        decel_m_s2: 4.5,
        tau_s: 1.0,
        ..VehicleType::car()
    };
    let exact = drive(road, &krauss, both_ways);
    sheet.number(
        &format!("wave/{id}/shift"),
        "largest shift within the cycle from signal to signal, s",
        0.0,
        exact.shift_s,
        2.7e-4,
        &source,
    );
    for (name, kind) in [("krauss", krauss), ("idm", VehicleType::car())] {
        let passage = drive(road, &kind, both_ways);
        sheet.number(
            &format!("wave/{id}/{name}/stops"),
            &format!("stops of {} vehicles", passage.arrived),
            0.0,
            f64::from(passage.halts),
            0.0,
            &source,
        );
    }
}

/// Drives platoons over the road, one in each direction that is asked for.
fn drive(road: &Road, kind: &VehicleType, both_ways: bool) -> Passage {
    let mut builder = Builder::default();
    let ends = road.signals.iter().map(|signal| signal[0]);
    let mut places: Vec<f64> = vec![-MARGIN_M];
    places.extend(ends);
    places.push(places[places.len() - 1] + MARGIN_M);
    let speed = road.speed_m_s as f32;
    let mut directions = Vec::new();
    for back in [false, true] {
        let mut along = places.clone();
        if back {
            along.reverse();
        }
        let edges: Vec<u32> = along
            .windows(2)
            .map(|pair| builder.street([pair[0], 0.0], [pair[1], 0.0], 1, speed))
            .collect();
        for pair in edges.windows(2) {
            builder.join(pair[0], pair[1]);
        }
        directions.push(edges);
    }
    let last = road.signals.len() - 1;
    for (number, signal) in road.signals.iter().enumerate() {
        let program = green_and_red(&[(GREEN_S, road.cycle_s - GREEN_S)], signal[1], 2);
        let edges = [directions[0][number], directions[1][last - number]];
        builder.signal(&edges, program);
    }
    let network = builder.build();
    let mut total = Passage {
        halts: 0,
        arrived: 0,
        shift_s: 0.0,
    };
    for (back, edges) in directions
        .iter()
        .enumerate()
        .take(1 + usize::from(both_ways))
    {
        let first = road.signals[if back == 0 { 0 } else { last }];
        let passage = platoon(&network, road, kind, edges, first[1]);
        total.halts += passage.halts;
        total.arrived += passage.arrived;
        total.shift_s = total.shift_s.max(passage.shift_s);
    }
    total
}

fn platoon(
    network: &Network,
    road: &Road,
    kind: &VehicleType,
    edges: &[u32],
    offset_s: f64,
) -> Passage {
    // The first vehicle reaches its first signal some seconds after the begin of a green.
    let way_s = (MARGIN_M - f64::from(kind.length_m)) / road.speed_m_s;
    let start_s = offset_s + 2.0 * road.cycle_s + INTO_GREEN_S - way_s;
    let (count, apart_s) = match kind.model {
        CarFollowing::Krauss => KRAUSS,
        CarFollowing::Idm => IDM,
    };
    let departs: Vec<f64> = (0..count)
        .map(|i| (start_s / STEP_S).round() * STEP_S + i as f64 * apart_s)
        .collect();
    let trips = demand(kind.clone(), edges, &departs);
    let mut run = Run::new(network, &trips, 0.0, STEP_S, 1);
    let mut edge_of = vec![0; count];
    let mut passed: Vec<Vec<f64>> = vec![Vec::new(); count];
    while !run.is_over() && run.time_s() < 3600.0 {
        run.step();
        for vehicle in run.traffic.world.vehicles() {
            let number = vehicle.trip as usize;
            if vehicle.cursor > edge_of[number] {
                edge_of[number] = vehicle.cursor;
                let since_s = f64::from(vehicle.pos) / f64::from(vehicle.speed);
                passed[number].push(run.time_s() - since_s);
            }
        }
    }
    // Offsets of the direction of travel are those of the road, read backwards on the way back.
    let mut offsets: Vec<f64> = road.signals.iter().map(|signal| signal[1]).collect();
    if offsets[0] != offset_s || edges[0] != 0 {
        offsets.reverse();
    }
    let mut shift_s = 0.0_f64;
    for times in &passed {
        let seconds: Vec<f64> = times.iter().zip(&offsets).map(|(t, o)| t - o).collect();
        for second in &seconds {
            let half = road.cycle_s / 2.0;
            let apart = (second - seconds[0] + half).rem_euclid(road.cycle_s) - half;
            shift_s = shift_s.max(apart.abs());
        }
    }
    Passage {
        halts: run.ended().iter().map(|record| record.halts).sum(),
        arrived: run.ended().len(),
        shift_s,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_without_offsets_stop_the_platoon() {
        let road = Road {
            speed_m_s: 13.89,
            cycle_s: 70.0,
            signals: vec![[0.0, 0.0], [450.0, 0.0]],
        };
        let passage = drive(&road, &VehicleType::car(), false);
        assert_eq!(passage.arrived, IDM.0);
        assert!(passage.halts > 0, "{passage:?}");
    }
}
