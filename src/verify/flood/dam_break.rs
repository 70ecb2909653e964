//! Dam breaks on a flat bed without friction.

use std::path::Path;

use crate::flood::domain::{Axis, Forcing};
use crate::flood::kernel::{Solver, SolverOptions};

use super::flume::{FAST, Flume, PRECISE, Profile};
use super::reference::{Analytic, Curve, l1, largest_difference, order};
use super::{Effort, Sheet};
use crate::verify::chart::{Line, Panel};

/// One of the series with its limits.
struct Dam {
    name: &'static str,
    /// L1 of the depth.
    limit: f64,
    /// The same for order 1 in f32.
    fast_limit: f64,
}

const DAMS: &[Dam] = &[
    Dam {
        name: "dambreak_dry_swashes",
        limit: 0.0038,
        fast_limit: 0.016,
    },
    Dam {
        name: "dambreak_dry_large",
        limit: 0.0038,
        fast_limit: 0.015,
    },
    Dam {
        name: "dambreak_wet_swashes",
        limit: 0.0028,
        fast_limit: 0.013,
    },
    Dam {
        name: "dambreak_wet_large",
        limit: 0.0032,
        fast_limit: 0.0127,
    },
];

const CELLS: usize = 400;
const SOURCE: &str = "Ritter 1892 / Stoker 1957, data/flood/analytic";

/// A series as it is set up.
struct Setup {
    left_m: f64,
    right_m: f64,
    dam_x: f64,
    length_m: f64,
    time_s: f64,
    depth: Curve,
}

impl Setup {
    fn read(data: &Analytic, name: &str) -> Result<Self, String> {
        let number = |key| data.parameter(name, key);
        Ok(Self {
            left_m: number("hl")?,
            right_m: if name.contains("wet") {
                number("hr")?
            } else {
                0.0
            },
            dam_x: number("x0")?,
            length_m: number("L")?,
            time_s: number("t")?,
            depth: data.table(name)?.curve("x", "h")?,
        })
    }

    fn flume(&self, axis: Axis, cells: usize) -> Flume {
        Flume {
            axis,
            cells,
            length_m: self.length_m,
        }
    }

    fn solver(&self, flume: &Flume, options: SolverOptions) -> Solver {
        let start = flume.start(
            |x| {
                if x < self.dam_x {
                    self.left_m
                } else {
                    self.right_m
                }
            },
            |_| 0.0,
        );
        Solver::new(
            &flume.domain(|_| 0.0, 0.0),
            &Forcing::default(),
            &start,
            options,
        )
    }

    /// Runs to the end; `watch` looks at the state after each step.
    fn run(
        &self,
        flume: &Flume,
        options: SolverOptions,
        sheet: &mut Sheet,
        mut watch: impl FnMut(&Solver),
    ) -> Profile {
        let mut solver = self.solver(flume, options);
        while solver.time_s() < self.time_s {
            solver.step(self.time_s);
            watch(&solver);
        }
        sheet.health.see(&solver);
        flume.profile(&solver)
    }

    fn error(&self, flume: &Flume, profile: &Profile) -> f64 {
        l1(&profile.depth_m, &flume.along(|x| self.depth.at(x)))
    }
}

/// Cases of the family.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let data = Analytic::open(folder)?;
    sheet.figure(
        "dam-breaks",
        "Dam breaks on a flat bed: depth along the flume",
        SOURCE,
        2,
    );
    for dam in DAMS {
        let setup = Setup::read(&data, dam.name)?;
        let flume = setup.flume(Axis::X, CELLS);
        let front =
            (dam.name == "dambreak_dry_large").then(|| data.parameter(dam.name, "front_speed"));
        let front = front.transpose()?;
        // The front is where the last cell of more than 1 mm has its middle.
        let mut ahead = f64::NEG_INFINITY;
        let mut lowest = f64::INFINITY;
        let profile = setup.run(&flume, PRECISE, sheet, |solver| {
            let depths = flume.profile(solver).depth_m;
            lowest = depths.iter().copied().fold(lowest, f64::min);
            if let Some(speed) = front {
                let wet = depths
                    .iter()
                    .rposition(|&h| h > 1e-3)
                    .map_or(f64::NAN, |i| flume.x(i));
                let exact = setup.dam_x + speed * solver.time_s();
                ahead = ahead.max((wet - exact) / flume.dx());
            }
        });
        let id = |what: &str| format!("{}/{what}", dam.name);
        sheet.at_most(
            &id("depth"),
            "L1 of depth",
            setup.error(&flume, &profile),
            dam.limit,
            SOURCE,
        );
        if front.is_some() {
            sheet.at_most(
                &id("front"),
                "front (1 mm) at any step ahead of the exact one, cells",
                ahead.max(0.0),
                1.0,
                SOURCE,
            );
        }
        if setup.right_m > 0.0 {
            plateau(&data, dam.name, &setup, &flume, &profile, sheet)?;
        } else {
            sheet.at_least(
                &id("positive"),
                "smallest depth at any step, m",
                lowest,
                0.0,
                SOURCE,
            );
        }
        let across = setup.flume(Axis::Y, CELLS);
        let turned = setup.run(&across, PRECISE, sheet, |_| {});
        let difference = largest_difference(&turned.depth_m, &profile.depth_m) / setup.left_m;
        sheet.at_most(
            &id("along-y"),
            "depth along y against x, relative",
            difference,
            1e-9,
            "symmetry",
        );
        let fast = setup.run(&flume, FAST, sheet, |_| {});
        let exact = (0..CELLS)
            .map(|i| flume.x(i))
            .zip(flume.along(|x| setup.depth.at(x)));
        let exact = exact.map(|(x, depth)| [x, depth]).collect();
        sheet.panel(Panel {
            title: format!("{} at {} s", dam.name, setup.time_s),
            x: "distance (m)",
            y: "depth (m)",
            note: format!(
                "L1 {:.2} % (order 2), {:.2} % (order 1)",
                100.0 * setup.error(&flume, &profile),
                100.0 * setup.error(&flume, &fast)
            ),
            lines: Line::orders_beside(exact, &fast.depth_m, &profile.depth_m),
        });
        sheet.at_most(
            &id("order-1-f32"),
            "L1 of depth, order 1 in f32",
            setup.error(&flume, &fast),
            dam.fast_limit,
            SOURCE,
        );
    }
    convergence(&data, sheet)
}

/// Shock and plateau behind it.
fn plateau(
    data: &Analytic,
    name: &str,
    setup: &Setup,
    flume: &Flume,
    profile: &Profile,
    sheet: &mut Sheet,
) -> Result<(), String> {
    let (depth, speed) = (data.parameter(name, "h_m")?, data.parameter(name, "u_m")?);
    let shock = setup.dam_x + data.parameter(name, "shock_speed")? * setup.time_s;
    let half = 0.5 * (depth + setup.right_m);
    let h = &profile.depth_m;
    let crossing = h
        .windows(2)
        .rposition(|pair| pair[0] >= half && pair[1] < half);
    let found = crossing.map_or(f64::NAN, |i| {
        flume.x(i) + (h[i] - half) / (h[i] - h[i + 1]) * flume.dx()
    });
    sheet.number(
        &format!("{name}/shock"),
        "place of the shock, cells",
        shock / flume.dx(),
        found / flume.dx(),
        1.0,
        SOURCE,
    );
    // The corner at its foot and the shock itself are smeared over some cells.
    const MARGIN: f64 = 8.0;
    let foot = setup.dam_x + (speed - (9.81 * depth).sqrt()) * setup.time_s;
    let worst = (0..flume.cells)
        .filter(|&i| {
            flume.x(i) > foot + MARGIN * flume.dx() && flume.x(i) < shock - MARGIN * flume.dx()
        })
        .map(|i| (h[i] / depth - 1.0).abs())
        .fold(0.0, f64::max);
    sheet.at_most(
        &format!("{name}/plateau"),
        "largest error of the plateau's depth, relative",
        worst,
        0.005,
        SOURCE,
    );
    Ok(())
}

/// Order over 200, 400 and 800 cells.
fn convergence(data: &Analytic, sheet: &mut Sheet) -> Result<(), String> {
    let name = DAMS[0].name;
    let setup = Setup::read(data, name)?;
    let errors = [200, 400, 800].map(|cells| {
        let flume = setup.flume(Axis::X, cells);
        let profile = setup.run(&flume, PRECISE, sheet, |_| {});
        setup.error(&flume, &profile)
    });
    let slowest = order(errors[0], errors[1]).min(order(errors[1], errors[2]));
    sheet.at_least(
        &format!("{name}/order"),
        "observed order from 200/400/800 cells",
        slowest,
        0.8,
        SOURCE,
    );
    Ok(())
}
