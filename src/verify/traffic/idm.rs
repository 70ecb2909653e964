//! The intelligent driver: steady state on a ring, discharge of a queue.

use std::path::Path;

use rayon::prelude::*;

use crate::traffic::network::build::Builder;

use super::formulas::idm_set;
use super::lab::{intelligent, placed_run, street};
use super::table::Table;
use super::{Effort, Sheet};

/// Cases of the family.
pub fn cases(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    diagram(folder, effort, sheet)?;
    discharge(folder, sheet)
}

/// Vehicles on a ring, and how long they settle and are watched (s).
const ON_RING: usize = 20;
const SETTLE_S: f64 = 300.0;
const WATCH_S: f64 = 60.0;

/// Flow on rings of the densities of the table, all from rest.
fn diagram(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let table = Table::read(folder, "idm_fd.csv")?;
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push((
            row.text("set")?.to_owned(),
            row.number("density_veh_km")? / 1000.0,
            row.number("flow_veh_h")?,
        ));
    }
    for set in ["urban50", "sumo_idm_default_50", "motorway120"] {
        let stream = idm_set(folder, set)?;
        // Acceleration and deceleration do not matter for the steady state; those of the table of discharge.
        let kind = if set == "sumo_idm_default_50" {
            intelligent(
                stream.headway_s,
                stream.min_gap_m,
                stream.length_m,
                2.6,
                4.5,
            )
        } else {
            intelligent(
                stream.headway_s,
                stream.min_gap_m,
                stream.length_m,
                1.5,
                2.0,
            )
        };
        for step_s in [0.1, 0.5, 1.0] {
            if effort == Effort::Quick && step_s < 0.5 {
                continue;
            }
            let off: Vec<f64> = rows
                .par_iter()
                .filter(|(name, _, flow)| name == set && *flow > 0.0)
                .map(|&(_, density, flow)| {
                    let length_m = ON_RING as f64 / density;
                    let mut builder = Builder::default();
                    let ring = builder.ring(length_m as f32, stream.desired_m_s as f32);
                    let lane = builder.lane(ring);
                    let vehicles: Vec<_> = (0..ON_RING)
                        .map(|i| (0, (ON_RING - i) as f64 / density - 0.1, 0.0))
                        .collect();
                    let network = builder.build();
                    let laps = vec![ring; 100];
                    let kinds = [kind.clone()];
                    let mut run = placed_run(&network, &kinds, &laps, lane, &vehicles, step_s);
                    let way = |run: &crate::traffic::run::Run| -> f64 {
                        let all = run.traffic.world.vehicles();
                        all.map(|vehicle| f64::from(vehicle.way)).sum()
                    };
                    while run.time_s() < SETTLE_S {
                        run.step();
                    }
                    let (from_m, from_s) = (way(&run), run.time_s());
                    while run.time_s() < SETTLE_S + WATCH_S {
                        run.step();
                    }
                    let speed = (way(&run) - from_m) / (run.time_s() - from_s) / ON_RING as f64;
                    (3600.0 * density * speed / flow - 1.0).abs()
                })
                .collect();
            let worst = off.iter().fold(0.0, |a, &b| if b <= a { a } else { b });
            let id = format!("idm/diagram/{set}/step-{step_s}");
            let metric = format!("largest error of flow at {} densities, relative", off.len());
            let source = "steady state, data/mobility/analytic/idm_fd.csv";
            if step_s < stream.headway_s {
                sheet.number(&id, &metric, 0.0, worst, 2.4e-4, source);
            } else {
                // Creeping queues oscillate when nobody sees the leader's speed within his headway.
                sheet.indicative(&id, &metric, 0.0, worst, source);
            }
        }
    }
    Ok(())
}

/// A queue of 20 starts; when each front passes the place of the first one's front.
fn discharge(folder: &Path, sheet: &mut Sheet) -> Result<(), String> {
    const LINE_M: f64 = 250.0;
    let times = Table::read(folder, "queue_discharge_idm.csv")?;
    for row in Table::read(folder, "queue_discharge_idm_summary.csv")?.rows() {
        let set = row.text("set")?;
        let mut expected = Vec::new();
        for time in times.rows() {
            if time.text("set")? == set {
                expected.push(time.number("front_crosses_stopline_s")?);
            }
        }
        let kind = intelligent(
            row.number("T_s")?,
            row.number("s0_m")?,
            row.number("length_m")?,
            row.number("a_m_s2")?,
            row.number("b_m_s2")?,
        );
        let spacing_m = row.number("s0_m")? + row.number("length_m")?;
        for step_s in [0.05, 0.1, 0.5, 1.0] {
            let mut builder = Builder::default();
            let route = street(&mut builder, &[(2000.0, row.number("v0_m_s")?)]);
            let lane = builder.lane(route[0]);
            let vehicles: Vec<_> = (0..expected.len())
                .map(|i| (0, LINE_M - i as f64 * spacing_m, 0.0))
                .collect();
            let network = builder.build();
            let kinds = [kind.clone()];
            let mut run = placed_run(&network, &kinds, &route, lane, &vehicles, step_s);
            let mut crossed = vec![f64::NAN; vehicles.len()];
            while crossed.iter().any(|time| time.is_nan()) && run.time_s() < 100.0 {
                run.step();
                for vehicle in run.traffic.world.vehicles() {
                    let beyond_m = f64::from(vehicle.pos) - LINE_M - 0.001;
                    let time = &mut crossed[vehicle.trip as usize];
                    if beyond_m >= 0.0 && time.is_nan() {
                        *time = run.time_s() - beyond_m / f64::from(vehicle.speed);
                    }
                }
            }
            let source = "data/mobility/analytic/queue_discharge_idm.csv (steps of 1 ms)";
            sheet.within(
                &format!("idm/discharge/{set}/step-{step_s}/headway"),
                "saturation headway of positions 10 to 20, s",
                row.number("sat_headway_pos10_20_s")?,
                (crossed[19] - crossed[9]) / 10.0,
                0.01,
                source,
            );
            let off = crossed.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            sheet.number(
                &format!("idm/discharge/{set}/step-{step_s}/times"),
                "largest error of a front's time at the line, s",
                0.0,
                off.fold(0.0, |a, b| if b <= a { a } else { b }),
                (2.0 * step_s + 0.01).min(1.0),
                source,
            );
        }
    }
    Ok(())
}
