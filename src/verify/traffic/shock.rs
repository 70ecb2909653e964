//! Borders between two states of traffic, and queues at a red light.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::demand::VehicleType;
use crate::traffic::kernel::step::STANDS_M_S;
use crate::traffic::network::build::Builder;
use crate::traffic::theory::TriangularStream;

use super::formulas::red_light_stream;
use super::lab::{green_and_red, mean, newell, placed_run, slope, street};
use super::table::{Row, Table};
use super::{Effort, Sheet};

/// Cases of the family.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    for row in Table::read(folder, "lwr_greenshields_shock.csv")?.rows() {
        greenshields(&row, sheet)?;
    }
    for row in Table::read(folder, "red_light_queue.csv")?.rows() {
        red_light(&row, sheet)?;
    }
    Ok(())
}

/// Vehicles of the upstream state drive into those of the downstream state.
///
/// Both states are points of Greenshields' parabola; the drivers' own diagram is a triangle, laid through the downstream state by the
/// choice of their headway: 1/k = 1/kj + tau v(k) with v(k) = vf (1 - k/kj) gives tau = 1/(k vf). The upstream state is free flow on it.
/// What is verified is the conservation at the border, which does not depend on the diagram.
fn greenshields(row: &Row, sheet: &mut Sheet) -> Result<(), String> {
    const AHEAD: usize = 60;
    const BEHIND: usize = 120;
    let (free, jam) = (row.number("vf_m_s")?, row.number("kj_veh_m")?);
    let (up, down) = (row.number("k_up")?, row.number("k_down")?);
    let speed = |density: f64| free * (1.0 - density / jam);
    let tau_s = 1.0 / (down * free);
    let kind = |max_speed: f64| VehicleType {
        max_speed_m_s: max_speed as f32,
        ..newell(tau_s, 1.0 / jam)
    };
    let types = [kind(speed(down)), kind(speed(up))];
    let border_m = 100.0 + BEHIND as f64 / up;
    let length_m = border_m + AHEAD as f64 / down + 8000.0;
    let mut builder = Builder::default();
    let route = street(&mut builder, &[(length_m, free)]);
    let lane = builder.lane(route[0]);
    let ahead = (0..AHEAD).map(|i| (0, border_m + (AHEAD - 1 - i) as f64 / down, speed(down)));
    let behind = (0..BEHIND).map(|i| (1, border_m - (i + 1) as f64 / up, speed(up)));
    let vehicles: Vec<_> = ahead.chain(behind).collect();
    let network = builder.build();
    let mut run = placed_run(&network, &types, &route, lane, &vehicles, tau_s);
    let halfway = (speed(up) + speed(down)) / 2.0;
    let mut joined = vec![None; vehicles.len()];
    let end_s = BEHIND as f64 * (1.0 / up - 1.0 / down) / (speed(up) - speed(down));
    while run.time_s() < 0.8 * end_s {
        run.step();
        let now = run.time_s();
        for vehicle in run.traffic.world.vehicles() {
            let joins = &mut joined[vehicle.trip as usize];
            if vehicle.trip as usize >= AHEAD && f64::from(vehicle.speed) < halfway {
                joins.get_or_insert([now, f64::from(vehicle.pos)]);
            }
        }
    }
    let points: Vec<[f64; 2]> = joined.into_iter().flatten().collect();
    let expected = row.number("shock_speed_m_s")?;
    sheet.number(
        &format!("shock/greenshields/{up}-{down}"),
        &format!("speed of the border, {} vehicles, m/s", points.len()),
        expected,
        slope(&points),
        1.2e-3,
        "Rankine-Hugoniot, data/mobility/analytic/lwr_greenshields_shock.csv",
    );
    Ok(())
}

/// Even arrivals before a red that comes once, and the green after it.
///
/// The reference is a fluid, whose effective green begins half a headway before the first vehicle passes, so the red is shown for so much
/// longer; a vehicle is the middle of its share of the fluid, and means over phases of the arrivals stand for a fluid's parts of vehicles.
/// Steps are headways: a shown red has a whole number of them, and what follows is linear in its length, so it is taken between the
/// two next ones.
fn red_light(row: &Row, sheet: &mut Sheet) -> Result<(), String> {
    let stream = red_light_stream(row)?;
    let flow = row.number("arrival_veh_h")? / 3600.0;
    let red_s = row.number("red_s")?;
    let half_s = 0.5 / stream.capacity_veh_s();
    let step_s = f64::from(stream.headway_s as f32);
    let steps = (red_s + half_s) / step_s;
    let around = [steps.floor(), steps.ceil()].map(|steps| {
        let queues: Vec<Queue> = (0..PHASES)
            .into_par_iter()
            .map(|phase| {
                queue(
                    &stream,
                    flow,
                    steps * step_s,
                    (f64::from(phase) + 0.5) / f64::from(PHASES),
                )
            })
            .collect();
        let mean_of = |what: fn(&Queue) -> f64| mean(&queues.iter().map(what).collect::<Vec<_>>());
        [
            mean_of(|queue| queue.growth_m_s),
            mean_of(|queue| queue.reach_m),
            mean_of(|queue| queue.longest_s) + half_s,
            mean_of(|queue| queue.clear_s) + 2.0 * half_s,
        ]
    });
    let [growth_m_s, reach_m, longest_s, clear_s] =
        [0, 1, 2, 3].map(|i| around[0][i] + steps.fract() * (around[1][i] - around[0][i]));
    let id = |what: &str| {
        format!(
            "shock/red-light/{:.0}-{:.0}-{red_s}/{what}",
            3600.0 * stream.capacity_veh_s(),
            3600.0 * flow
        )
    };
    let source = "Lighthill, Whitham 1955, data/mobility/analytic/red_light_queue.csv";
    sheet.within(
        &id("growth"),
        "speed of the end of the queue, m/s",
        row.number("queue_growth_m_s")?,
        growth_m_s,
        2e-4,
        source,
    );
    sheet.number(
        &id("reach"),
        "longest queue, m",
        row.number("max_queue_reach_m")?,
        reach_m,
        1.25,
        source,
    );
    sheet.number(
        &id("longest"),
        "time of the longest queue after the begin of green, s",
        row.number("time_to_max_queue_after_green_s")?,
        longest_s,
        1.2,
        source,
    );
    sheet.number(
        &id("clear"),
        "last of the queue passes the line, after the begin of green, s",
        row.number("clear_time_after_green_at_stopline_s")?,
        clear_s,
        0.32,
        source,
    );
    Ok(())
}

/// Phases of arrivals.
const PHASES: u32 = 20;

/// A queue as it was driven.
#[derive(Clone, Copy, Debug)]
struct Queue {
    /// Speed of its end (m/s).
    growth_m_s: f64,
    /// Way from the line to the rear end of the last vehicle's space (m).
    reach_m: f64,
    /// When the last vehicle drives on, and when it passes the line (s after the shown red).
    longest_s: f64,
    /// See `longest_s`.
    clear_s: f64,
}

/// Red from 0 to `red_s`; the first vehicle reaches the line `phase` of an interval after the begin of red.
fn queue(stream: &TriangularStream, flow: f64, red_s: f64, phase: f64) -> Queue {
    let speed = stream.free_m_s;
    let end_s = red_s + 2.0 * stream.red_light_queue(flow, red_s).clear_s + 20.0;
    let count = (flow * end_s).ceil();
    let line_m = (count + 1.0) * speed / flow;
    let mut builder = Builder::default();
    let route = street(&mut builder, &[(line_m, speed), (500.0, speed)]);
    builder.signal(&route[..1], green_and_red(&[(1e6, red_s)], -1e6, 1));
    let lane = builder.lane(route[0]);
    let starts: Vec<f64> = (0..count as usize)
        .map(|i| line_m - (i as f64 + phase) * speed / flow)
        .collect();
    let vehicles: Vec<_> = starts.iter().map(|&pos| (0, pos, speed)).collect();
    let kind = newell(stream.headway_s, stream.spacing_m);
    let network = builder.build();
    let mut run = placed_run(&network, &[kind], &route, lane, &vehicles, stream.headway_s);
    // When a vehicle that halts would have reached its place freely (that is not bound to steps), where it was when it had been slowed,
    // and when it passes the line.
    let mut halted: Vec<Option<[f64; 2]>> = vec![None; starts.len()];
    let mut slowed_m = vec![f64::NAN; starts.len()];
    let mut crossed = vec![f64::NAN; starts.len()];
    while run.time_s() < end_s {
        run.step();
        for vehicle in run.traffic.world.vehicles() {
            let number = vehicle.trip as usize;
            let way_m = f64::from(vehicle.way);
            let to_line_m = line_m - starts[number] - way_m;
            if to_line_m <= 0.0 {
                if crossed[number].is_nan() {
                    crossed[number] = run.time_s() + to_line_m / f64::from(vehicle.speed);
                }
                continue;
            }
            if f64::from(vehicle.speed) < 0.99 * speed && slowed_m[number].is_nan() {
                slowed_m[number] = to_line_m;
            }
            if vehicle.speed < STANDS_M_S {
                halted[number].get_or_insert([way_m / speed, to_line_m]);
            }
        }
    }
    let halts: Vec<[f64; 2]> = halted.into_iter().flatten().collect();
    let free_s = |number: usize| (line_m - starts[number]) / speed;
    let last = (0..starts.len()).rfind(|&number| crossed[number] - free_s(number) > DELAYED_S);
    let (crossed_s, place_m) =
        last.map_or((f64::NAN, f64::NAN), |last| (crossed[last], slowed_m[last]));
    Queue {
        growth_m_s: slope(&halts),
        reach_m: place_m + stream.spacing_m,
        longest_s: crossed_s - place_m / speed - red_s,
        clear_s: crossed_s - red_s,
    }
}

/// Delay (s) from which a vehicle belongs to the queue.
const DELAYED_S: f64 = 0.1;
