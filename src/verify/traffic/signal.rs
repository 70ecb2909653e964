//! Delay and stops at a signal of fixed times.
//!
//! Drivers of 1 s and 7.5 m at rest on a street of 7.5 m/s pass the line every 2 s: saturation flow 1,800 veh/h. They start at once, so the
//! first one of a queue passes with the begin of green. The effective green of a fluid begins half a headway before the first vehicle
//! passes and ends half a headway after the last one, so an effective green of g lets g / 2 s vehicles through and is shown for g - 1 s. Where
//! that is half a vehicle, greens of one vehicle more and one less alternate.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::demand::VehicleType;
use crate::traffic::network::build::Builder;
use crate::traffic::network::{Network, VehicleClass};
use crate::traffic::run::Run;
use crate::traffic::theory::Approach;

use super::formulas::approach;
use super::lab::{
    FIRST_S, delays_s, demand, free_s, green_and_red, mean, newell, poisson, poisson_by_step,
    street,
};
use super::table::Table;
use super::{Effort, Sheet};

const STEP_S: f64 = 1.0;
const SPACING_M: f64 = 7.5;
const SPEED_M_S: f64 = 7.5;
const HEADWAY_S: f64 = 2.0;

/// Way (m) to the stop line and behind it. Vehicles begin at 5 m, so after 20 steps they are at the place where they halt, 0.5 m before
/// the line, and after four more at the end: free or halted, they are at the same places at full steps.
const LINE_M: f64 = 155.5;
const LINE_GAP_M: f64 = 0.5;
const LENGTH_M: f64 = 5.0;
const BEYOND_M: f64 = 29.5;

/// Saturation degree up to which Webster's formula is compared.
const WEBSTER_UP_TO: f64 = 0.9;

/// Cases of the family.
pub fn cases(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    webster(folder, effort, sheet)?;
    stops(sheet);
    buses(folder, effort, sheet)
}

/// An approach with its signal, and the time (s) of one who is alone and meets green.
struct Street {
    network: Network,
    route: Vec<u32>,
    free_s: f64,
    /// Green and red (s) as shown, in turn.
    shown_s: [(f64, f64); 2],
}

impl Street {
    /// Mean delay (s) of a point queue with the same arrivals and the same greens: each vehicle passes a headway after the one before it, not
    /// before it would freely, and in green.
    fn point_queue_s(&self, departs_s: impl Iterator<Item = f64>) -> f64 {
        let to_line_s = (LINE_M - LINE_GAP_M - LENGTH_M) / SPEED_M_S;
        let cycle_s: f64 = self.shown_s.iter().map(|(green, red)| green + red).sum();
        let mut free_at_s = f64::NEG_INFINITY;
        let (mut sum_s, mut count) = (0.0, 0.0);
        for depart_s in departs_s {
            let arrival_s = depart_s + to_line_s;
            let mut passes_s = arrival_s.max(free_at_s);
            let mut into_s = passes_s.rem_euclid(cycle_s);
            for (green_s, red_s) in self.shown_s {
                if into_s < green_s {
                    break;
                }
                if into_s < green_s + red_s {
                    passes_s += green_s + red_s - into_s;
                    break;
                }
                into_s -= green_s + red_s;
            }
            free_at_s = passes_s + HEADWAY_S;
            sum_s += passes_s - arrival_s;
            count += 1.0;
        }
        sum_s / count
    }
}

fn signalised(approach: &Approach) -> Street {
    let (cycle, green) = (approach.cycle_s, approach.green_s);
    let shown = green - HEADWAY_S / 2.0;
    let whole = (green / HEADWAY_S).fract() == 0.0;
    let half = if whole { 0.0 } else { HEADWAY_S / 2.0 };
    let greens = [shown - half, shown + half].map(|green| (green, cycle - green));
    let build = |program| {
        let mut builder = Builder::default();
        let route = street(&mut builder, &[(LINE_M, SPEED_M_S), (BEYOND_M, SPEED_M_S)]);
        builder.signal(&route[..1], program);
        (builder.build(), route)
    };
    let (network, route) = build(green_and_red(&[(1e6, 1.0)], 0.0, 1));
    let free_s = free_s(&network, newell(STEP_S, SPACING_M), &route, STEP_S);
    let (network, route) = build(green_and_red(&greens, 0.0, 1));
    Street {
        network,
        route,
        free_s,
        shown_s: greens,
    }
}

/// Poisson arrivals over a long time.
///
/// The streets behave as a point queue to the last digit (rows `same-arrivals`), but near capacity the mean of the vehicles that can be
/// driven in a minute scatters by some percent, and arrivals at full seconds add half a second to a wait for green. So the mean is that of a
/// point queue of many arrivals at any time, plus what the driven vehicles differ from a point queue of their own (two levels, Giles 2008).
fn webster(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    const DRIVEN: usize = 40_000;
    let mut rows = Vec::new();
    for row in Table::read(folder, "signal_delay.csv")?.rows() {
        let approach = approach(&row)?;
        let chosen = effort == Effort::Full || approach.green_s == 30.0;
        if approach.saturation_degree <= WEBSTER_UP_TO && chosen {
            rows.push((approach, row.number("webster_delay_s")?));
        }
    }
    let (driven, many) = match effort {
        Effort::Quick => (DRIVEN / 10, 1_000_000),
        Effort::Full => (DRIVEN, 4_000_000),
    };
    let delays: Vec<[f64; 3]> = rows
        .par_iter()
        .map(|(approach, _)| {
            let street = signalised(approach);
            let flow = approach.saturation_degree * approach.capacity_veh_s();
            let arrivals = poisson_by_step(7, driven, flow, STEP_S);
            let trips = demand(newell(STEP_S, SPACING_M), &street.route, &arrivals);
            let delays = delays_s(&street.network, &trips, STEP_S, street.free_s);
            let exact = street.point_queue_s(poisson(8, flow).take(many));
            [
                mean(&delays),
                street.point_queue_s(arrivals.iter().copied()),
                exact,
            ]
        })
        .collect();
    for ((approach, expected), [delay, point_queue, exact]) in rows.iter().zip(delays) {
        let id = format!(
            "signal/webster/{}-{}-{}",
            approach.cycle_s, approach.green_s, approach.saturation_degree
        );
        sheet.within(
            &format!("{id}/same-arrivals"),
            &format!("mean delay against a point queue, {driven} vehicles, s"),
            point_queue,
            delay,
            1e-6,
            "recursion on the same arrivals and greens",
        );
        sheet.within(
            &id,
            &format!("mean delay, {driven} vehicles and a point queue of {many}, s"),
            *expected,
            exact + delay - point_queue,
            0.05,
            "Webster 1958, data/mobility/analytic/signal_delay.csv",
        );
    }
    Ok(())
}

/// Even arrivals: the share that comes to rest.
fn stops(sheet: &mut Sheet) {
    for (cycle_s, green_s) in [
        (60.0, 20.0),
        (60.0, 30.0),
        (90.0, 30.0),
        (90.0, 45.0),
        (120.0, 40.0),
    ] {
        let approach = Approach {
            cycle_s,
            green_s,
            saturation_veh_s: 1.0 / HEADWAY_S,
            // No whole number of vehicles in a cycle, so that they meet every second of it.
            saturation_degree: 0.618,
        };
        let street = signalised(&approach);
        let flow = approach.saturation_degree * approach.capacity_veh_s();
        let arrivals: Vec<f64> = (0..5000)
            .map(|i| FIRST_S + (f64::from(i) / flow / STEP_S).floor() * STEP_S)
            .collect();
        let trips = demand(newell(STEP_S, SPACING_M), &street.route, &arrivals);
        let mut run = Run::new(&street.network, &trips, 0.0, STEP_S, 1);
        while !run.is_over() {
            run.step();
        }
        let halts: Vec<f64> = run.ended().iter().map(|r| f64::from(r.halts)).collect();
        sheet.within(
            &format!("signal/stops/{cycle_s}-{green_s}"),
            "stops per vehicle, even arrivals",
            approach.stopped_share(),
            mean(&halts),
            0.02,
            "uniform arrivals, (1 - g/C) / (1 - q/s)",
        );
    }
}

/// Buses that are alone, one for every tenth of a second of the cycle.
fn buses(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let fine_s = 0.1;
    for row in Table::read(folder, "tsp_bus_delay.csv")?.rows() {
        // Without priority a row of the table differs from the next ones by cycle and green only.
        let (cycle_s, green_s) = (row.number("cycle_s")?, row.number("green_s")?);
        let id = format!("signal/bus/{cycle_s}-{green_s}");
        let known = format!("{}/{id}", super::DOMAIN);
        if sheet.cases.iter().any(|case| case.id == known)
            || effort == Effort::Quick && cycle_s > 60.0
        {
            continue;
        }
        let mut builder = Builder::default();
        let route = street(&mut builder, &[(75.0, SPEED_M_S), (30.0, SPEED_M_S)]);
        let mut alone = builder.clone();
        alone.signal(&route[..1], green_and_red(&[(1e6, 1.0)], 0.0, 1));
        builder.signal(
            &route[..1],
            green_and_red(&[(green_s, cycle_s - green_s)], 0.0, 1),
        );
        let bus = VehicleType {
            class: VehicleClass::Bus,
            ..newell(fine_s, SPACING_M)
        };
        let count = (cycle_s / fine_s).round() as usize;
        let departs: Vec<f64> = (0..count)
            .map(|i| FIRST_S + i as f64 * (cycle_s + fine_s))
            .collect();
        let free_s = free_s(&alone.build(), bus.clone(), &route, fine_s);
        let trips = demand(bus, &route, &departs);
        let delays = delays_s(&builder.build(), &trips, fine_s, free_s);
        sheet.within(
            &id,
            &format!("mean delay of {count} buses without priority, s"),
            row.number("delay_without_s")?,
            mean(&delays),
            0.0067,
            "r^2/2C, data/mobility/analytic/tsp_bus_delay.csv",
        );
    }
    Ok(())
}
