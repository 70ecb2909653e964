//! The closed forms of the engine against tables that another program has computed.

use std::path::Path;

use crate::traffic::theory::{
    Approach, Clearance, IdmStream, TriangularStream, greenshields_veh_s, isolated_bus_delay_s,
    md1_wait_s, mm1_wait_s, progression_offset_s, shock_m_s, two_way_spacing_m, webster_cycle_s,
};

use super::table::{Row, Table};
use super::{Effort, Sheet};

/// Cases of the family. A table is rounded; the limit of a column is half of its last digit and a little.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let mut table = |name: &str, columns: &[(&str, f64, Form)]| -> Result<(), String> {
        let file = format!("{name}.csv");
        let table = Table::read(folder, &file)?;
        for &(column, limit, form) in columns {
            let (mut worst, mut count) = (0.0_f64, 0);
            for row in table.rows() {
                if row.text(column)?.is_empty() {
                    continue;
                }
                let off = (form(&row)? - row.number(column)?).abs();
                worst = if off <= worst { worst } else { off };
                count += 1;
            }
            sheet.number(
                &format!("formulas/{name}/{column}"),
                &format!("largest difference of {count} rows"),
                0.0,
                worst,
                limit,
                &format!("data/mobility/analytic/{file}"),
            );
        }
        Ok(())
    };
    table(
        "md1_mm1",
        &[
            ("md1_mean_wait_s", 6e-7, |row| {
                Ok(md1_wait_s(row.number("rho")?, row.number("service_s")?))
            }),
            ("md1_mean_queue", 6e-7, |row| {
                // Little's law.
                let flow = row.number("rho")? / row.number("service_s")?;
                Ok(flow * md1_wait_s(row.number("rho")?, row.number("service_s")?))
            }),
            ("mm1_mean_wait_s", 6e-7, |row| {
                Ok(mm1_wait_s(row.number("rho")?, row.number("service_s")?))
            }),
        ],
    )?;
    table(
        "signal_delay",
        &[
            ("uniform_delay_d1_s", 6e-5, |row| {
                Ok(approach(row)?.uniform_delay_s())
            }),
            ("webster_delay_s", 6e-5, |row| {
                approach(row)?
                    .webster_delay_s()
                    .ok_or_else(|| "no delay at capacity".to_owned())
            }),
            ("hcm_d2_s", 6e-5, |row| {
                Ok(approach(row)?.hcm_incremental_delay_s(0.25))
            }),
            ("hcm_control_delay_s", 6e-5, |row| {
                let approach = approach(row)?;
                Ok(approach.uniform_delay_s() + approach.hcm_incremental_delay_s(0.25))
            }),
        ],
    )?;
    table(
        "webster_cycle",
        &[("optimal_cycle_s", 6e-5, |row| {
            Ok(webster_cycle_s(
                row.number("lost_time_s")?,
                row.number("Y")?,
            ))
        })],
    )?;
    table(
        "intergreen",
        &[
            ("clear_time_s", 6e-5, |row| Ok(clearance(row)?.clear_s())),
            ("enter_time_s", 6e-5, |row| Ok(clearance(row)?.enter_s())),
            ("intergreen_exact_s", 6e-5, |row| {
                Ok(clearance(row)?.intergreen_exact_s())
            }),
            (
                "intergreen_s",
                0.0,
                |row| Ok(clearance(row)?.intergreen_s()),
            ),
        ],
    )?;
    table(
        "green_wave",
        &[("ideal_offset_s", 6e-5, |row| {
            Ok(progression_offset_s(
                row.number("distance_m")?,
                row.number("speed_m_s")?,
                row.number("cycle_s")?,
            ))
        })],
    )?;
    table(
        "green_wave_twoway_spacing",
        &[("ideal_spacing_m", 6e-5, |row| {
            Ok(two_way_spacing_m(
                row.number("speed_m_s")?,
                row.number("cycle_s")?,
            ))
        })],
    )?;
    table(
        "tsp_bus_delay",
        &[
            ("delay_without_s", 6e-5, |row| {
                let red_s = row.number("cycle_s")? - row.number("green_s")?;
                Ok(isolated_bus_delay_s(
                    row.number("cycle_s")?,
                    red_s,
                    0.0,
                    red_s,
                ))
            }),
            ("delay_with_s", 6e-5, |row| {
                Ok(isolated_bus_delay_s(
                    row.number("cycle_s")?,
                    row.number("cycle_s")? - row.number("green_s")?,
                    row.number("extension_s")?,
                    row.number("red_before_early_green_s")?,
                ))
            }),
        ],
    )?;
    table(
        "idm_fd_peak",
        &[
            ("capacity_veh_h", 1e-3, |row| {
                let stream = idm(row)?;
                Ok(3600.0 * stream.flow_veh_s(stream.speed_at_capacity_m_s()))
            }),
            // The table was searched in steps of v0 / 10^5.
            ("speed_at_capacity_m_s", 4e-4, |row| {
                Ok(idm(row)?.speed_at_capacity_m_s())
            }),
            ("jam_density_veh_km", 6e-5, |row| {
                let stream = idm(row)?;
                Ok(1000.0 / (stream.gap_m(0.0) + stream.length_m))
            }),
        ],
    )?;
    table(
        "krauss_capacity",
        &[
            ("capacity_veh_h", 6e-4, |row| {
                Ok(3600.0 * krauss(row)?.capacity_veh_s())
            }),
            ("jam_wave_speed_m_s", 6e-5, |row| {
                Ok(krauss(row)?.jam_wave_m_s())
            }),
        ],
    )?;
    table(
        "lwr_greenshields_shock",
        &[("shock_speed_m_s", 6e-7, |row| {
            let state = |density: f64| -> Result<[f64; 2], String> {
                let (free, jam) = (row.number("vf_m_s")?, row.number("kj_veh_m")?);
                Ok([density, greenshields_veh_s(density, free, jam)])
            };
            Ok(shock_m_s(
                state(row.number("k_up")?)?,
                state(row.number("k_down")?)?,
            ))
        })],
    )?;
    // The table's input columns are rounded to four digits, its results are not: the limits follow from that.
    table(
        "red_light_queue",
        &[
            ("queue_growth_m_s", 2e-4, |row| Ok(red_light(row)?[0])),
            ("time_to_max_queue_after_green_s", 2e-2, |row| {
                Ok(red_light(row)?[1])
            }),
            ("max_queue_reach_m", 2e-2, |row| Ok(red_light(row)?[2])),
            ("clear_time_after_green_at_stopline_s", 2e-2, |row| {
                Ok(red_light(row)?[3])
            }),
        ],
    )?;
    let file = "idm_fd.csv";
    let mut worst = [0.0_f64; 2];
    let table = Table::read(folder, file)?;
    for row in table.rows() {
        let stream = idm_set(folder, row.text("set")?)?;
        let speed = row.number("speed_m_s")?;
        // The table's speed is rounded to six digits, which near the desired speed shows in the gap.
        worst[0] = worst[0].max((stream.gap_m(speed) / row.number("gap_m")? - 1.0).abs());
        let off = (3600.0 * stream.flow_veh_s(speed) - row.number("flow_veh_h")?).abs();
        worst[1] = worst[1].max(off);
    }
    for (column, worst, limit) in [("gap_m", worst[0], 1e-6), ("flow_veh_h", worst[1], 1e-3)] {
        sheet.number(
            &format!("formulas/idm_fd/{column}"),
            &format!("largest difference of {} rows", table.rows().count()),
            0.0,
            worst,
            limit,
            &format!("data/mobility/analytic/{file}"),
        );
    }
    Ok(())
}

type Form = fn(&Row) -> Result<f64, String>;

/// The approach of a row of `signal_delay`.
pub fn approach(row: &Row) -> Result<Approach, String> {
    Ok(Approach {
        cycle_s: row.number("cycle_s")?,
        green_s: row.number("eff_green_s")?,
        saturation_veh_s: row.number("satflow_veh_h")? / 3600.0,
        saturation_degree: row.number("x")?,
    })
}

fn clearance(row: &Row) -> Result<Clearance, String> {
    Ok(Clearance {
        overrun_s: row.number("overrun_s")?,
        clear_m: row.number("clear_dist_m")?,
        vehicle_m: row.number("vehicle_length_m")?,
        clear_m_s: row.number("clear_speed_m_s")?,
        enter_m: row.number("enter_dist_m")?,
        enter_m_s: row.number("enter_speed_m_s")?,
    })
}

fn idm(row: &Row) -> Result<IdmStream, String> {
    Ok(IdmStream {
        desired_m_s: row.number("v0_m_s")?,
        headway_s: row.number("T_s")?,
        min_gap_m: row.number("s0_m")?,
        length_m: row.number("length_m")?,
    })
}

/// A set of the intelligent driver by its name in `idm_fd_peak`.
pub fn idm_set(folder: &Path, set: &str) -> Result<IdmStream, String> {
    for row in Table::read(folder, "idm_fd_peak.csv")?.rows() {
        if row.text("set")? == set {
            return idm(&row);
        }
    }
    Err(format!("idm_fd_peak.csv: there is no set `{set}`"))
}

/// The stream of a row of `krauss_capacity`.
pub fn krauss(row: &Row) -> Result<TriangularStream, String> {
    Ok(TriangularStream {
        free_m_s: row.number("v0_m_s")?,
        headway_s: row.number("tau_s")?,
        spacing_m: row.number("min_gap_m")? + row.number("length_m")?,
    })
}

/// The stream of a row of `red_light_queue`: spacing and headway as the README of the data derives them.
pub fn red_light_stream(row: &Row) -> Result<TriangularStream, String> {
    let spacing_m = 1000.0 / row.number("kj_veh_km")?;
    Ok(TriangularStream {
        free_m_s: row.number("vf_m_s")?,
        headway_s: spacing_m / row.number("wave_m_s")?,
        spacing_m,
    })
}

fn red_light(row: &Row) -> Result<[f64; 4], String> {
    let stream = red_light_stream(row)?;
    let flow = row.number("arrival_veh_h")? / 3600.0;
    let queue = stream.red_light_queue(flow, row.number("red_s")?);
    Ok([
        queue.growth_m_s,
        queue.longest_s,
        queue.reach_m,
        queue.clear_s,
    ])
}
