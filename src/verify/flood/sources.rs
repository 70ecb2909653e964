//! Rain that runs off, infiltration and street inlets.

use std::path::Path;

use crate::flood::domain::{
    Axis, Boundary, BoundaryKind, Domain, Face, Forcing, Infiltration, Inlet, Series, Start,
};
use crate::flood::infiltration::infiltrated_m;
use crate::flood::inlet;
use crate::flood::kernel::{Solver, SolverOptions};
use crate::flood::run::LedgerKind;
use crate::geo::Grid;

use crate::verify::chart::{Line, Panel, Style};

use super::flume::{End, FAST, Flume, PRECISE, advance};
use super::reference::{Analytic, efficiency, l1, largest_difference};
use super::{Effort, Sheet};

/// Limits of order 1, whose steps of the bed between two cells are as high as a sheet on the plane is deep, and a hundred times as
/// high in the catchment. Twice the errors seen (0.35 % and 0.71 %).
const THIN_SHEETS: [f64; 2] = [0.0070, 0.0141];

/// Cases of the family.
pub fn cases(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let data = Analytic::open(folder)?;
    sheet.figure(
        "rain",
        "Rain that runs off: outflow over time",
        "kinematic wave; Di Giammarco et al. 1996, data/flood/analytic",
        2,
    );
    plane(&data, sheet)?;
    catchment(&data, sheet)?;
    green_ampt(&data, sheet)?;
    drain(&data, sheet)
}

/// Rain at a constant rate (m/s) until a time (s).
fn rain(rate: f64, until_s: f64) -> Forcing {
    Forcing {
        rain_m: vec![Series {
            times_s: vec![0.0, until_s],
            values: vec![0.0, rate * until_s],
        }],
        ..Forcing::default()
    }
}

/// Water that left over open edges so far (m³).
fn outflow_m3(solver: &Solver) -> f64 {
    solver.ledger().sum(LedgerKind::Boundary).1
}

/// A quantity (m³) around a time, as rate (m³/s).
fn rates<const N: usize>(
    solver: &mut Solver,
    times_s: &[f64],
    half_s: f64,
    quantity: impl Fn(&Solver) -> [f64; N],
) -> Vec<[f64; N]> {
    let mut rates = Vec::with_capacity(times_s.len());
    for &time in times_s {
        if time < half_s {
            rates.push([0.0; N]);
            continue;
        }
        advance(solver, time - half_s);
        let before = quantity(solver);
        advance(solver, time + half_s);
        let after = quantity(solver);
        rates.push(std::array::from_fn(|i| {
            (after[i] - before[i]) / (2.0 * half_s)
        }));
    }
    rates
}

/// Rain on a plane.
fn plane(data: &Analytic, sheet: &mut Sheet) -> Result<(), String> {
    const NAME: &str = "rain_plane_kinematic";
    const SOURCE: &str = "kinematic wave, data/flood/analytic";
    const CELLS: usize = 100;
    const KINK_S: f64 = 20.0;
    let number = |key| data.parameter(NAME, key);
    let (length_m, slope, n) = (number("L")?, number("slope")?, number("n")?);
    let (rate, duration) = (number("rain_mm_h")? / 3.6e6, number("duration")?);
    let equilibrium = number("q_equilibrium")?;
    let table = data.table(NAME)?;
    let (times, exact) = (table.column("t")?, table.column("q_outlet")?);
    let run = |axis, cells: usize, options: SolverOptions, sheet: &mut Sheet| {
        let flume = Flume {
            axis,
            cells,
            length_m,
        };
        let mut domain = flume.domain(|x| slope * (length_m - x), n as f32);
        domain
            .boundaries
            .push(flume.boundary(End::High, BoundaryKind::NormalDepth { slope }));
        let mut solver = Solver::new(&domain, &rain(rate, duration), &Start::default(), options);
        let rates = rates(&mut solver, times, 0.5, |solver| [outflow_m3(solver)]);
        sheet.health.see(&solver);
        let unit: Vec<f64> = rates.iter().map(|[q]| q / flume.width_m()).collect();
        (unit, solver.ledger().relative_error())
    };
    let (flow, balance) = run(Axis::X, CELLS, PRECISE, sheet);
    // The kinematic wave has a kink when the water of the upper end arrives. The full equations seem to round it by more than the limit:
    // order 2 gives 2.12, 2.30, 2.42 % with 100, 200, 400 cells and order 1 nears the same, as does an estimate by the diffusion of the
    // wave, q / 2S = 0.08 m2/s, and so does an independent solver (2.53 % with 400 cells; see `flood/DESIGN.md`). The limit stays; beside it stand the curve away from the kink and the distance from finer cells.
    let kink_s = (length_m * n / (slope.sqrt() * rate.powf(2.0 / 3.0))).powf(0.6);
    let at_kink = |t: f64| (t - kink_s).abs() <= KINK_S;
    let beside = |flow: &[f64]| -> Vec<f64> {
        let both = flow.iter().zip(times);
        both.map(|(q, &t)| if at_kink(t) { 0.0 } else { *q })
            .collect()
    };
    sheet.at_most(
        &format!("{NAME}/largest"),
        "largest error of the outflow, of the equilibrium's",
        largest_difference(&flow, exact) / equilibrium,
        0.02,
        SOURCE,
    );
    sheet.at_most(
        &format!("{NAME}/beside-kink"),
        "the same, 20 s and more from the kink",
        largest_difference(&beside(&flow), &beside(exact)) / equilibrium,
        0.0077,
        SOURCE,
    );
    let (fine, _) = run(Axis::X, 4 * CELLS, PRECISE, sheet);
    sheet.at_most(
        &format!("{NAME}/finer"),
        "largest difference from cells a quarter as long",
        largest_difference(&flow, &fine) / equilibrium,
        0.0079,
        "convergence",
    );
    sheet.at_most(
        &format!("{NAME}/l1"),
        "L1 of the outflow in time",
        l1(&flow, exact),
        0.02,
        SOURCE,
    );
    sheet.at_most(
        &format!("{NAME}/balance"),
        "rain - outflow - storage, relative",
        balance,
        1e-9,
        "balance",
    );
    let (turned, _) = run(Axis::Y, CELLS, PRECISE, sheet);
    let difference = largest_difference(&flow, &turned) / equilibrium;
    sheet.at_most(
        &format!("{NAME}/along-y"),
        "outflow along y against x, relative",
        difference,
        1e-9,
        "symmetry",
    );
    let (fast, _) = run(Axis::X, CELLS, FAST, sheet);
    let litres = |flow: &[f64]| flow.iter().map(|q| 1e3 * q).collect::<Vec<_>>();
    let minutes = || times.iter().map(|t| t / 60.0);
    sheet.panel(Panel {
        title: NAME.to_owned(),
        x: "time (min)",
        y: "outflow per width (l/s/m)",
        note: format!(
            "L1 {:.2} % (order 2), {:.2} % (order 1)",
            100.0 * l1(&flow, exact),
            100.0 * l1(&fast, exact)
        ),
        lines: vec![
            Line::new("kinematic wave", Style::Reference, minutes(), litres(exact)),
            Line::new("order 1, f32", Style::Fast, minutes(), litres(&fast)),
            Line::new("order 2, f64", Style::Own, minutes(), litres(&flow)),
        ],
    });
    let id = format!("{NAME}/order-1-f32");
    sheet.at_most(
        &id,
        "L1 of the outflow in time, order 1 in f32",
        l1(&fast, exact),
        THIN_SHEETS[0],
        SOURCE,
    );
    Ok(())
}

/// Two planes and a channel between them.
///
/// The planes fall to the channel only, whose bed lies in a trench: then they are the planes of the reference, which know
/// nothing of the channel's slope.
struct Catchment {
    /// Channel along y (outlet in the south) or along x (outlet in the west).
    axis: Axis,
}

impl Catchment {
    const CELL_M: f64 = 20.0;
    const ALONG: usize = 50;
    const HILL: usize = 40;
    const ACROSS: usize = 2 * Self::HILL + 1;

    fn grid(&self) -> Grid {
        let (cols, rows) = match self.axis {
            Axis::Y => (Self::ACROSS, Self::ALONG),
            Axis::X => (Self::ALONG, Self::ACROSS),
        };
        Grid {
            west: 0.0,
            north: rows as f64 * Self::CELL_M,
            cell_m: Self::CELL_M,
            cols,
            rows,
        }
    }

    /// Cells along the channel from the outlet, and from the channel's middle, of each cell of the grid.
    fn places(&self) -> Vec<(usize, usize)> {
        let grid = self.grid();
        let place = |row: usize, col: usize| match self.axis {
            Axis::Y => (Self::ALONG - 1 - row, col.abs_diff(Self::HILL)),
            Axis::X => (col, row.abs_diff(Self::HILL)),
        };
        (0..grid.rows)
            .flat_map(|row| (0..grid.cols).map(move |col| place(row, col)))
            .collect()
    }

    fn domain(&self) -> Domain {
        let places = self.places();
        let bed = |&(along, away): &(usize, usize)| match away {
            0 => 0.02 * (along as f64 + 0.5) * Self::CELL_M,
            // One metre above the channel at its upper end.
            away => 21.0 + 0.05 * (away as f64 - 0.5) * Self::CELL_M,
        };
        let face = match self.axis {
            Axis::Y => Face {
                axis: Axis::Y,
                row: Self::ALONG,
                col: Self::HILL,
            },
            Axis::X => Face {
                axis: Axis::X,
                row: Self::HILL,
                col: 0,
            },
        };
        Domain {
            grid: self.grid(),
            bed_m: places.iter().map(bed).collect(),
            manning_n: places
                .iter()
                .map(|p| if p.1 == 0 { 0.15 } else { 0.015 })
                .collect(),
            open: vec![true; places.len()],
            crests: Vec::new(),
            porosity: None,
            boundaries: vec![Boundary {
                id: "outlet".to_owned(),
                faces: vec![face],
                kind: BoundaryKind::NormalDepth { slope: 0.02 },
            }],
        }
    }

    /// Outflow and flow of both planes into the channel (m³/s).
    fn run(
        &self,
        rate: f64,
        duration: f64,
        times: &[f64],
        options: SolverOptions,
        sheet: &mut Sheet,
    ) -> (Vec<f64>, Vec<f64>) {
        let channel: Vec<usize> = self
            .places()
            .iter()
            .enumerate()
            .filter(|(_, p)| p.1 == 0)
            .map(|(i, _)| i)
            .collect();
        let area = Self::CELL_M.powi(2);
        let rained = |time_s: f64| rate * time_s.min(duration) * area * channel.len() as f64;
        let forcing = rain(rate, duration);
        let mut solver = Solver::new(&self.domain(), &forcing, &Start::default(), options);
        let rates = rates(&mut solver, times, 5.0, |solver| {
            let stored = channel.iter().map(|&i| solver.depth_m(i)).sum::<f64>() * area;
            let out = outflow_m3(solver);
            [out, stored + out - rained(solver.time_s())]
        });
        sheet.health.see(&solver);
        rates.into_iter().map(|[out, hill]| (out, hill)).unzip()
    }
}

fn catchment(data: &Analytic, sheet: &mut Sheet) -> Result<(), String> {
    const NAME: &str = "vcatchment_kinematic";
    const SOURCE: &str = "Di Giammarco et al. 1996, kinematic wave, data/flood/analytic";
    let rate = data.parameter(NAME, "rain_mm_h")? / 3.6e6;
    let duration = data.parameter(NAME, "duration")?;
    let plateau = data.parameter(NAME, "Q_equilibrium")?;
    let table = data.table(NAME)?;
    let times = table.column("t")?;
    let (exact, exact_hill) = (
        table.column("Q_outlet")?,
        table.column("Q_hillslopes_total")?,
    );
    let (out, hill) = Catchment { axis: Axis::Y }.run(rate, duration, times, PRECISE, sheet);
    // The last minute before the rain ends.
    let last = times.partition_point(|&t| t < duration).saturating_sub(1);
    let id = |what: &str| format!("{NAME}/{what}");
    sheet.number(
        &id("plateau"),
        "outflow before the rain ends, m3/s",
        plateau,
        out[last],
        0.01 * plateau,
        SOURCE,
    );
    sheet.at_least(
        &id("efficiency"),
        "Nash-Sutcliffe efficiency of the outflow",
        efficiency(&out, exact),
        0.995,
        SOURCE,
    );
    sheet.at_most(
        &id("l1"),
        "L1 of the outflow in time",
        l1(&out, exact),
        0.03,
        SOURCE,
    );
    sheet.at_most(
        &id("hillslopes"),
        "L1 of the flow into the channel in time",
        l1(&hill, exact_hill),
        0.03,
        SOURCE,
    );
    let (turned, _) = Catchment { axis: Axis::X }.run(rate, duration, times, PRECISE, sheet);
    let difference = largest_difference(&out, &turned) / plateau;
    sheet.at_most(
        &id("along-x"),
        "outflow along x against y, relative",
        difference,
        1e-9,
        "symmetry",
    );
    let (fast, _) = Catchment { axis: Axis::Y }.run(rate, duration, times, FAST, sheet);
    let minutes = || times.iter().map(|t| t / 60.0);
    sheet.panel(Panel {
        title: NAME.to_owned(),
        x: "time (min)",
        y: "outflow (m³/s)",
        note: format!(
            "L1 {:.2} % (order 2), {:.2} % (order 1)",
            100.0 * l1(&out, exact),
            100.0 * l1(&fast, exact)
        ),
        lines: vec![
            Line::new(
                "kinematic wave",
                Style::Reference,
                minutes(),
                exact.iter().copied(),
            ),
            Line::new("order 1, f32", Style::Fast, minutes(), fast.iter().copied()),
            Line::new("order 2, f64", Style::Own, minutes(), out.iter().copied()),
        ],
    });
    sheet.at_most(
        &id("order-1-f32"),
        "L1 of the outflow in time, order 1 in f32",
        l1(&fast, exact),
        THIN_SHEETS[1],
        SOURCE,
    );
    Ok(())
}

/// Green and Ampt: the law itself, and through the solver.
fn green_ampt(data: &Analytic, sheet: &mut Sheet) -> Result<(), String> {
    const NAME: &str = "green_ampt";
    const SOURCE: &str = "Mein & Larson 1973, data/flood/analytic";
    let number = |key| data.parameter(NAME, key);
    let law = Infiltration::GreenAmpt {
        conductivity_m_per_s: number("K")?,
        suction_m: number("psi_m")?,
        deficit: number("dtheta")?,
    };
    let rate = number("rain_mm_h")? / 3.6e6;
    let ponding = number("t_pond")?;
    let table = data.table(NAME)?;
    let (times, exact) = (table.column("t")?, table.column("F_cum_m")?);
    let end = times.last().copied().unwrap_or(0.0) as usize;
    let check = |id: &str, so_far: &[f64], first_pond: f64, runoff: f64, sheet: &mut Sheet| {
        let got: Vec<f64> = times.iter().map(|&t| so_far[t as usize]).collect();
        let relative = got
            .iter()
            .zip(exact)
            .filter(|(_, e)| **e > 0.0)
            .map(|(g, e)| (g / e - 1.0).abs());
        let worst = relative.fold(0.0, f64::max);
        let id = |what: &str| format!("{NAME}/{id}/{what}");
        sheet.at_most(
            &id("largest"),
            "largest error of the infiltrated depth, relative",
            worst,
            0.005,
            SOURCE,
        );
        sheet.at_most(
            &id("l1"),
            "L1 of the infiltrated depth",
            l1(&got, exact),
            0.002,
            SOURCE,
        );
        sheet.number(
            &id("ponding"),
            "first step of 1 s that ponds",
            ponding.ceil(),
            first_pond,
            1.0,
            SOURCE,
        );
        let balance = (so_far[end] + runoff) / (rate * end as f64) - 1.0;
        sheet.at_most(
            &id("balance"),
            "infiltrated + runoff - rain, relative",
            balance.abs(),
            1e-12,
            "balance",
        );
    };
    let (mut so_far, mut runoff, mut first_pond) = (vec![0.0], 0.0, f64::NAN);
    for second in 1..=end {
        let (before, fallen) = (so_far[second - 1], rate * second as f64);
        let available = rate;
        let taken = infiltrated_m(&law, before, fallen, available, 1.0);
        so_far.push(before + taken);
        runoff += available - taken;
        if first_pond.is_nan() && taken < available {
            first_pond = second as f64;
        }
    }
    check("law", &so_far, first_pond, runoff, sheet);
    // One cell, from which what does not infiltrate runs off as a film of 0.3 mm: hardly any pressure, and hardly any rain that
    // runs off before it infiltrates.
    let grid = Grid {
        west: 0.0,
        north: 1.0,
        cell_m: 1.0,
        cols: 1,
        rows: 1,
    };
    let domain = Domain {
        grid,
        bed_m: vec![0.0],
        manning_n: vec![0.01],
        open: vec![true],
        crests: Vec::new(),
        porosity: None,
        boundaries: vec![Boundary {
            id: "edge".to_owned(),
            faces: vec![Face {
                axis: Axis::X,
                row: 0,
                col: 0,
            }],
            kind: BoundaryKind::NormalDepth { slope: 0.01 },
        }],
    };
    let forcing = Forcing {
        infiltration: vec![law],
        infiltration_class: vec![1],
        ..rain(rate, end as f64)
    };
    let mut solver = Solver::new(&domain, &forcing, &Start::default(), PRECISE);
    let (mut so_far, mut first_pond) = (vec![0.0], f64::NAN);
    for second in 1..=end {
        advance(&mut solver, second as f64);
        so_far.push(solver.ledger().sum(LedgerKind::Infiltration).1);
        if first_pond.is_nan() && solver.depth_m(0) > 0.0 {
            first_pond = second as f64;
        }
    }
    let runoff = outflow_m3(&solver) + solver.depth_m(0);
    sheet.health.see(&solver);
    check("cell", &so_far, first_pond, runoff, sheet);
    Ok(())
}

/// The law of a grate.
fn drain(data: &Analytic, sheet: &mut Sheet) -> Result<(), String> {
    const NAME: &str = "drain_inlet";
    const SOURCE: &str = "weir and orifice, data/flood/analytic";
    let grate = Inlet {
        id: "grate".to_owned(),
        cell: 0,
        perimeter_m: data.parameter(NAME, "perimeter")?,
        area_m2: data.parameter(NAME, "clear_area")?,
        capacity_m3_per_s: f64::INFINITY,
    };
    let table = data.table(NAME)?;
    for (&depth, &exact) in table.column("h")?.iter().zip(table.column("Q_inlet")?) {
        let got = inlet::discharge(&grate, depth);
        let id = format!("{NAME}/{depth}m");
        sheet.number(&id, "discharge, m3/s", exact, got, 1e-6 * exact, SOURCE);
    }
    Ok(())
}
