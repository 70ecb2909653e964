//! Krauss' drivers without imperfection: capacity behind a queue, and the wave that runs through it.

use std::path::Path;

use crate::traffic::network::build::Builder;

use super::formulas::krauss;
use super::lab::{newell, placed_run, slope, street};
use super::table::Table;
use super::{Effort, Sheet};

/// Cases of the family.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    const QUEUE: usize = 40;
    const LINE_M: f64 = 400.0;
    const COUNT_M: f64 = 900.0;
    for row in Table::read(folder, "krauss_capacity.csv")?.rows() {
        let stream = krauss(&row)?;
        let step_s = stream.headway_s;
        let mut builder = Builder::default();
        let route = street(&mut builder, &[(COUNT_M + 500.0, stream.free_m_s)]);
        let lane = builder.lane(route[0]);
        let front = |i: usize| LINE_M - i as f64 * stream.spacing_m;
        let vehicles: Vec<_> = (0..QUEUE).map(|i| (0, front(i), 0.0)).collect();
        let network = builder.build();
        let kinds = [newell(stream.headway_s, stream.spacing_m)];
        let mut run = placed_run(&network, &kinds, &route, lane, &vehicles, step_s);
        let mut counted = vec![f64::NAN; QUEUE];
        let mut started: Vec<Option<[f64; 2]>> = vec![None; QUEUE];
        while counted.iter().any(|time| time.is_nan()) && run.time_s() < 600.0 {
            run.step();
            let now = run.time_s();
            for vehicle in run.traffic.world.vehicles() {
                let number = vehicle.trip as usize;
                if f64::from(vehicle.speed) > stream.free_m_s / 2.0 {
                    started[number].get_or_insert([now, front(number)]);
                }
                let beyond_m = f64::from(vehicle.pos) - COUNT_M;
                if beyond_m >= 0.0 && counted[number].is_nan() {
                    counted[number] = now - beyond_m / f64::from(vehicle.speed);
                }
            }
        }
        let id = |what: &str| format!("krauss/{}-{}/{what}", stream.free_m_s, stream.headway_s);
        let source = "data/mobility/analytic/krauss_capacity.csv";
        sheet.within(
            &id("capacity"),
            "flow behind a queue, veh/h",
            row.number("capacity_veh_h")?,
            3600.0 * (QUEUE - 1) as f64 / (counted[QUEUE - 1] - counted[0]),
            3e-6,
            source,
        );
        let points: Vec<[f64; 2]> = started.into_iter().flatten().collect();
        sheet.within(
            &id("jam-wave"),
            "speed of the starting wave, m/s",
            row.number("jam_wave_speed_m_s")?,
            slope(&points),
            3e-6,
            source,
        );
    }
    Ok(())
}
