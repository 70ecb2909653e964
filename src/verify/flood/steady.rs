//! Steady flows: over a bump without friction, and in channels whose depth is prescribed and whose bed follows from it.

use std::path::Path;

use crate::flood::domain::{Axis, BoundaryKind, Forcing, Series};
use crate::flood::kernel::SolverOptions;

use super::flume::{End, FAST, Flume, PRECISE, Profile, advance_to_steady};
use crate::verify::chart::{Line, Panel, Style};

use super::reference::{Analytic, Curve, Table, l1, largest_difference, order};
use super::{Effort, Sheet};
use crate::flood::kernel::Solver;

/// Bed of the bump (m).
pub fn bump(x: f64) -> f64 {
    (0.2 - 0.05 * (x - 10.0).powi(2)).max(0.0)
}

/// A steady flow from the low to the high end.
struct Channel<'a> {
    length_m: f64,
    bed: &'a dyn Fn(f64) -> f64,
    manning_n: f32,
    /// Discharge per width at the low end (m²/s).
    inflow: f64,
    /// Depth at the low end for supercritical flow (m).
    inflow_depth_m: Option<f64>,
    /// Depth at the high end (m); `None` for free outflow.
    outflow_depth_m: Option<f64>,
    /// Rain (m/s).
    rain: f64,
    /// Level at the start (m); `None` for a dry bed.
    first_level_m: Option<f64>,
    max_s: f64,
}

impl Channel<'_> {
    /// The steady state, or the one at `max_s`.
    fn run(&self, flume: &Flume, options: SolverOptions, max_s: f64, sheet: &mut Sheet) -> Profile {
        let mut domain = flume.domain(self.bed, self.manning_n);
        domain.boundaries.push(flume.boundary(
            End::Low,
            BoundaryKind::Discharge {
                series: Series::constant(self.inflow * flume.width_m()),
                depth_m: self.inflow_depth_m,
            },
        ));
        let level = |depth| BoundaryKind::Level {
            series: Series::constant((self.bed)(self.length_m) + depth),
        };
        let outflow = self.outflow_depth_m.map_or(BoundaryKind::Free, level);
        domain.boundaries.push(flume.boundary(End::High, outflow));
        let mut forcing = Forcing::default();
        if self.rain > 0.0 {
            forcing.rain_m.push(Series {
                times_s: vec![0.0, self.max_s],
                values: vec![0.0, self.rain * self.max_s],
            });
        }
        let first = |x: f64| {
            self.first_level_m
                .map_or(0.0, |level| (level - (self.bed)(x)).max(0.0))
        };
        let start = flume.start(first, |_| 0.0);
        let mut solver = Solver::new(&domain, &forcing, &start, options);
        advance_to_steady(&mut solver, max_s);
        sheet.health.see(&solver);
        flume.profile(&solver)
    }
}

/// Cases of the family.
pub fn cases(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let data = Analytic::open(folder)?;
    sheet.figure("bumps", "Steady flow over a bump: level", BUMP_SOURCE, 2);
    // The jump says most and takes the fewest steps.
    let first = if effort == Effort::Full {
        0
    } else {
        BUMPS.len() - 1
    };
    for case in &BUMPS[first..] {
        over_a_bump(&data, case, sheet)?;
    }
    sheet.figure(
        "macdonald",
        "Long channels with Manning's friction, filled from a dry bed: depth",
        CHANNEL_SOURCE,
        2,
    );
    for case in CHANNELS {
        channel(&data, case, effort, sheet)?;
    }
    Ok(())
}

/// A flow over the bump.
struct Bump {
    name: &'static str,
    first_level_m: f64,
    /// L1 of the depth.
    limit: f64,
    fast_limit: f64,
    /// Error of the discharge, relative.
    discharge_limit: f64,
    /// Key of the manifest or place (m) around which two cells on both sides do not count.
    except: Except,
}

enum Except {
    None,
    At(f64),
    Parameter(&'static str),
}

const BUMPS: &[Bump] = &[
    Bump {
        name: "bump_subcritical",
        first_level_m: 2.0,
        limit: 1.4e-5,
        fast_limit: 7.4e-4,
        discharge_limit: 0.0011,
        except: Except::None,
    },
    Bump {
        name: "bump_transcritical",
        first_level_m: 0.66,
        limit: 2.7e-4,
        fast_limit: 0.0038,
        discharge_limit: 0.0017,
        except: Except::At(10.0),
    },
    Bump {
        name: "bump_transcritical_shock",
        first_level_m: 0.33,
        limit: 0.0017,
        fast_limit: 0.005,
        discharge_limit: 0.005,
        except: Except::Parameter("x_shock"),
    },
];

const BUMP_CELLS: usize = 400;
const BUMP_SOURCE: &str = "Bernoulli and jump, SWASHES 3.1, data/flood/analytic";

fn over_a_bump(data: &Analytic, case: &Bump, sheet: &mut Sheet) -> Result<(), String> {
    let name = case.name;
    let depth = data.table(name)?.curve("x", "h")?;
    let channel = Channel {
        length_m: data.parameter(name, "L")?,
        bed: &bump,
        manning_n: 0.0,
        inflow: data.parameter(name, "q_in")?,
        inflow_depth_m: None,
        outflow_depth_m: Some(data.parameter(name, "h_out")?),
        rain: 0.0,
        first_level_m: Some(case.first_level_m),
        max_s: 500.0,
    };
    let flume = Flume {
        axis: Axis::X,
        cells: BUMP_CELLS,
        length_m: channel.length_m,
    };
    let profile = channel.run(&flume, PRECISE, channel.max_s, sheet);
    let exact = flume.along(|x| depth.at(x));
    let id = |what: &str| format!("{name}/{what}");
    sheet.at_most(
        &id("depth"),
        "L1 of depth",
        l1(&profile.depth_m, &exact),
        case.limit,
        BUMP_SOURCE,
    );
    let except = match case.except {
        Except::None => f64::NEG_INFINITY,
        Except::At(x) => x,
        Except::Parameter(key) => data.parameter(name, key)?,
    };
    let error = worst_discharge(&flume, &profile, |_| channel.inflow, except);
    sheet.at_most(
        &id("discharge"),
        "largest error of discharge, relative",
        error,
        case.discharge_limit,
        BUMP_SOURCE,
    );
    if let Except::Parameter(_) = case.except {
        let found = steepest_rise(&flume, &profile);
        sheet.number(
            &id("shock"),
            "place of the shock, cells",
            except / flume.dx(),
            found / flume.dx(),
            1.0,
            BUMP_SOURCE,
        );
    }
    let fast = both_axes_and_fast(
        &channel,
        &flume,
        &exact,
        case.name,
        case.fast_limit,
        BUMP_SOURCE,
        sheet,
    );
    let x = || (0..flume.cells).map(|i| flume.x(i));
    let level =
        |depths: &[f64]| -> Vec<f64> { x().zip(depths).map(|(x, h)| bump(x) + h).collect() };
    sheet.panel(Panel {
        title: name.to_owned(),
        x: "distance (m)",
        y: "level (m)",
        note: format!(
            "L1 {:.3} % (order 2), {:.2} % (order 1)",
            100.0 * l1(&profile.depth_m, &exact),
            100.0 * l1(&fast.depth_m, &exact)
        ),
        lines: vec![
            Line::new("ground", Style::Ground, x(), x().map(bump)),
            Line::new("exact", Style::Reference, x(), level(&exact)),
            Line::new("order 1, f32", Style::Fast, x(), level(&fast.depth_m)),
            Line::new("order 2, f64", Style::Own, x(), level(&profile.depth_m)),
        ],
    });
    Ok(())
}

/// Largest error of the discharge relative to the exact one, without two cells on both sides of a place.
fn worst_discharge(
    flume: &Flume,
    profile: &Profile,
    exact: impl Fn(f64) -> f64,
    except_x: f64,
) -> f64 {
    let q = profile.unit_discharge();
    (0..flume.cells)
        .filter(|&i| (flume.x(i) - except_x).abs() > 2.5 * flume.dx())
        .map(|i| (q[i] / exact(flume.x(i)) - 1.0).abs())
        .fold(0.0, |worst, e| if e <= worst { worst } else { e })
}

/// Where the depth rises most, weighted over the rising cells of a smeared shock.
fn steepest_rise(flume: &Flume, profile: &Profile) -> f64 {
    let rises: Vec<f64> = profile
        .depth_m
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .collect();
    let steepest = rises.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let steepest = steepest.map_or(0, |(i, _)| i);
    let near = steepest.saturating_sub(2)..(steepest + 3).min(rises.len());
    let weight: f64 = near.clone().map(|i| rises[i].max(0.0)).sum();
    near.map(|i| (flume.x(i) + 0.5 * flume.dx()) * rises[i].max(0.0))
        .sum::<f64>()
        / weight
}

/// Share of the time after which x and y are compared.
const TURNED_SHARE: f64 = 0.05;

/// Compares x with y, and order 1 in f32 with the exact depth; returns its profile.
fn both_axes_and_fast(
    channel: &Channel,
    flume: &Flume,
    exact: &[f64],
    name: &str,
    fast_limit: f64,
    source: &str,
    sheet: &mut Sheet,
) -> Profile {
    let across = Flume {
        axis: Axis::Y,
        ..*flume
    };
    // While the water still finds its way: equal then, equal ever after.
    let early = channel.max_s * TURNED_SHARE;
    let [along, turned] = [*flume, across].map(|flume| channel.run(&flume, PRECISE, early, sheet));
    let difference = largest_difference(&turned.depth_m, &along.depth_m);
    sheet.at_most(
        &format!("{name}/along-y"),
        "depth along y against x, m",
        difference,
        1e-9,
        "symmetry",
    );
    let fast = channel.run(flume, FAST, channel.max_s, sheet);
    sheet.at_most(
        &format!("{name}/order-1-f32"),
        "L1 of depth, order 1 in f32",
        l1(&fast.depth_m, exact),
        fast_limit,
        source,
    );
    fast
}

/// A long channel.
struct LongChannel {
    name: &'static str,
    supercritical: bool,
    /// L1 of the depth.
    limit: f64,
    fast_limit: f64,
    /// Error of the discharge, relative.
    discharge_limit: f64,
}

const CHANNELS: &[LongChannel] = &[
    LongChannel {
        name: "macdonald_subcritical",
        supercritical: false,
        limit: 3.9e-5,
        fast_limit: 0.0054,
        discharge_limit: 2e-4,
    },
    LongChannel {
        name: "macdonald_supercritical",
        supercritical: true,
        limit: 4.1e-5,
        fast_limit: 0.002,
        discharge_limit: 2.2e-4,
    },
    LongChannel {
        name: "macdonald_rain_subcritical",
        supercritical: false,
        limit: 4e-5,
        fast_limit: 0.006,
        discharge_limit: 1.1e-4,
    },
];

const CHANNEL_CELLS: usize = 200;
const CHANNEL_SOURCE: &str = "MacDonald et al. 1997, SWASHES 3.2, data/flood/analytic";

struct Reference {
    bed: Curve,
    depth: Curve,
    discharge: Curve,
}

impl Reference {
    fn of(table: &Table) -> Result<Self, String> {
        Ok(Self {
            bed: table.curve("x", "z")?,
            depth: table.curve("x", "h")?,
            discharge: table.curve("x", "q")?,
        })
    }
}

fn channel(
    data: &Analytic,
    case: &LongChannel,
    effort: Effort,
    sheet: &mut Sheet,
) -> Result<(), String> {
    let name = case.name;
    let reference = Reference::of(&data.table(name)?)?;
    let bed = |x: f64| reference.bed.at(x);
    let h_out = data.parameter(name, "h_out")?;
    let channel = Channel {
        length_m: data.parameter(name, "L")?,
        bed: &bed,
        manning_n: data.parameter(name, "n")? as f32,
        inflow: data.parameter(name, "q_in")?,
        inflow_depth_m: if case.supercritical {
            Some(data.parameter(name, "h_in")?)
        } else {
            None
        },
        outflow_depth_m: (!case.supercritical).then_some(h_out),
        rain: data.parameter(name, "rain_m_per_s")?,
        first_level_m: None,
        max_s: 7200.0,
    };
    let on = |axis, cells| Flume {
        axis,
        cells,
        length_m: channel.length_m,
    };
    let flume = on(Axis::X, CHANNEL_CELLS);
    let profile = channel.run(&flume, PRECISE, channel.max_s, sheet);
    let exact = flume.along(|x| reference.depth.at(x));
    let error = l1(&profile.depth_m, &exact);
    sheet.at_most(
        &format!("{name}/depth"),
        "L1 of depth, from a dry bed",
        error,
        case.limit,
        CHANNEL_SOURCE,
    );
    let worst = worst_discharge(
        &flume,
        &profile,
        |x| reference.discharge.at(x),
        f64::NEG_INFINITY,
    );
    sheet.at_most(
        &format!("{name}/discharge"),
        "largest error of discharge, relative",
        worst,
        case.discharge_limit,
        CHANNEL_SOURCE,
    );
    let fast = both_axes_and_fast(
        &channel,
        &flume,
        &exact,
        name,
        case.fast_limit,
        CHANNEL_SOURCE,
        sheet,
    );
    let curve = (0..flume.cells).map(|i| [flume.x(i), exact[i]]).collect();
    sheet.panel(Panel {
        title: name.to_owned(),
        x: "distance (m)",
        y: "depth (m)",
        note: format!(
            "L1 {:.3} % (order 2), {:.2} % (order 1)",
            100.0 * error,
            100.0 * l1(&fast.depth_m, &exact)
        ),
        lines: Line::orders_beside(curve, &fast.depth_m, &profile.depth_m),
    });
    if name == "macdonald_subcritical" && effort == Effort::Full {
        let errors = [100, 400].map(|cells| {
            let flume = on(Axis::X, cells);
            let profile = channel.run(&flume, PRECISE, channel.max_s, sheet);
            l1(&profile.depth_m, &flume.along(|x| reference.depth.at(x)))
        });
        let slowest = order(errors[0], error).min(order(error, errors[1]));
        sheet.at_least(
            &format!("{name}/order"),
            "observed order from 100/200/400 cells",
            slowest,
            1.8,
            CHANNEL_SOURCE,
        );
    }
    Ok(())
}
