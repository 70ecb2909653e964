//! Water that swings in a paraboloid without friction (Thacker 1981, doi:10.1017/S0022112081001882): moving shorelines all around.

use std::path::Path;

use crate::flood::domain::{Domain, Forcing, Start};
use crate::flood::kernel::Solver;
use crate::geo::Grid;

use super::flume::{PRECISE, advance};
use super::reference::{Analytic, l1, largest_difference};
use super::{Effort, Sheet};
use crate::verify::chart::{Line, Panel, Style};

const SOURCE: &str = "Thacker 1981, data/flood/analytic";
const G: f64 = 9.81;
/// Where the paraboloid has its deepest point.
const CENTRE: f64 = 2.0;

/// A basin with its water.
#[derive(Clone, Copy)]
struct Basin {
    /// Radius of the shoreline at rest (m).
    radius_m: f64,
    /// Depth in the middle at rest (m).
    depth_m: f64,
    side_m: f64,
    swing: Swing,
}

#[derive(Clone, Copy)]
enum Swing {
    /// A plane surface that turns around the middle; distance of the lowest point from the middle relative to the radius.
    Planar(f64),
    /// A dome that sinks and rises; parameter A.
    Radial(f64),
}

impl Basin {
    fn read(data: &Analytic, name: &str) -> Result<Self, String> {
        let number = |key| data.parameter(name, key);
        Ok(Self {
            radius_m: number("a")?,
            depth_m: number("h0")?,
            side_m: number("L")?,
            swing: match name {
                "thacker_planar" => Swing::Planar(number("eta")?),
                _ => Swing::Radial(number("A")?),
            },
        })
    }

    fn omega(&self) -> f64 {
        let factor = match self.swing {
            Swing::Planar(_) => 2.0,
            Swing::Radial(_) => 8.0,
        };
        (factor * G * self.depth_m).sqrt() / self.radius_m
    }

    fn bed_m(&self, [x, y]: [f64; 2]) -> f64 {
        let r2 = (x - CENTRE).powi(2) + (y - CENTRE).powi(2);
        -self.depth_m * (1.0 - r2 / self.radius_m.powi(2))
    }

    fn depth_at(&self, [x, y]: [f64; 2], time_s: f64) -> f64 {
        let phase = self.omega() * time_s;
        let (x0, y0) = (x - CENTRE, y - CENTRE);
        let level = match self.swing {
            Swing::Planar(eta) => {
                let scale = eta * self.depth_m / self.radius_m.powi(2);
                scale * (2.0 * x0 * phase.cos() + 2.0 * y0 * phase.sin() - eta)
            }
            Swing::Radial(a) => {
                let q = 1.0 - a * phase.cos();
                let b = 1.0 - a * a;
                let r2 = (x0 * x0 + y0 * y0) / self.radius_m.powi(2);
                self.depth_m * (b.sqrt() / q - 1.0 - r2 * (b / (q * q) - 1.0))
            }
        };
        (level - self.bed_m([x, y])).max(0.0)
    }

    fn grid(&self, cells: usize) -> Grid {
        Grid {
            west: 0.0,
            north: self.side_m,
            cell_m: self.side_m / cells as f64,
            cols: cells,
            rows: cells,
        }
    }

    fn places(&self, cells: usize) -> impl Iterator<Item = [f64; 2]> + use<> {
        let grid = self.grid(cells);
        // On a lattice of 2^-40 m, distances to the middle are exact: the basin is symmetric to the last bit.
        let exact = |x: f64| (x * 2.0_f64.powi(40)).round() / 2.0_f64.powi(40);
        (0..cells).flat_map(move |row| (0..cells).map(move |col| grid.centre(row, col).map(exact)))
    }

    /// Water at the start; `mirrored` exchanges x and y.
    fn solver(&self, cells: usize, mirrored: bool) -> Solver {
        let grid = self.grid(cells);
        let domain = Domain {
            grid,
            bed_m: self.places(cells).map(|p| self.bed_m(p)).collect(),
            manning_n: vec![0.0; grid.len()],
            open: vec![true; grid.len()],
            crests: Vec::new(),
            porosity: None,
            boundaries: Vec::new(),
        };
        let turn = |[x, y]: [f64; 2]| if mirrored { [y, x] } else { [x, y] };
        let depth_m: Vec<f64> = self
            .places(cells)
            .map(|p| self.depth_at(turn(p), 0.0))
            .collect();
        let speed = match self.swing {
            Swing::Planar(eta) => eta * self.omega(),
            Swing::Radial(_) => 0.0,
        };
        let moving: Vec<f32> = depth_m
            .iter()
            .map(|&h| if h > 0.0 { speed as f32 } else { 0.0 })
            .collect();
        let still = vec![0.0; grid.len()];
        let (u, v) = if mirrored {
            (moving, still)
        } else {
            (still, moving)
        };
        Solver::new(
            &domain,
            &Forcing::default(),
            &Start { depth_m, u, v },
            PRECISE,
        )
    }
}

/// Cases of the family.
pub fn cases(folder: &Path, effort: Effort, sheet: &mut Sheet) -> Result<(), String> {
    let data = Analytic::open(folder)?;
    let (cells, periods): (usize, &[f64]) = match effort {
        Effort::Quick => (100, &[1.0]),
        Effort::Full => (400, &[1.0, 3.0]),
    };
    sheet.figure(
        "thacker",
        "Water swinging in a paraboloid: section through the middle after whole periods",
        SOURCE,
        2,
    );
    for name in ["thacker_planar", "thacker_radial"] {
        let basin = Basin::read(&data, name)?;
        formula(&data, name, &basin, sheet)?;
        swing(&data, name, &basin, cells, periods, sheet)?;
    }
    let basin = Basin::read(&data, "thacker_planar")?;
    turned(&basin, sheet);
    Ok(())
}

/// The closed form against the rows of the file.
fn formula(data: &Analytic, name: &str, basin: &Basin, sheet: &mut Sheet) -> Result<(), String> {
    let table = data.table(name)?;
    // The planar file holds the row of centres next to the middle, the radial one the middle itself.
    let y = if matches!(basin.swing, Swing::Planar(_)) {
        CENTRE + 0.005
    } else {
        CENTRE
    };
    let (t, x, h) = (table.column("t")?, table.column("x")?, table.column("h")?);
    let own: Vec<f64> = t
        .iter()
        .zip(x)
        .map(|(&t, &x)| basin.depth_at([x, y], t))
        .collect();
    let off = largest_difference(&own, h);
    sheet.at_most(
        &format!("{name}/formula"),
        "closed form against the file, m",
        off,
        1e-9,
        SOURCE,
    );
    Ok(())
}

/// Sections after whole periods.
fn swing(
    data: &Analytic,
    name: &str,
    basin: &Basin,
    cells: usize,
    periods: &[f64],
    sheet: &mut Sheet,
) -> Result<(), String> {
    let period = data.parameter(name, "period")?;
    let grid = basin.grid(cells);
    let mut solver = basin.solver(cells, false);
    let area = grid.cell_m.powi(2);
    let volume = |solver: &Solver| solver.depths_m().iter().sum::<f64>() * area;
    let first = volume(&solver);
    if matches!(basin.swing, Swing::Planar(_)) {
        let exact = data.parameter(name, "volume")?;
        sheet.number(
            &format!("{name}/volume"),
            "volume at the start, m3",
            exact,
            first,
            exact * 1e-3,
            SOURCE,
        );
    }
    let middle = cells / 2 - 1;
    for &count in periods {
        advance(&mut solver, count * period);
        let row = |row: usize| {
            (0..cells)
                .map(|col| solver.depth_m(grid.index(row, col)))
                .collect::<Vec<_>>()
        };
        let (got, exact): (Vec<f64>, Vec<f64>) = match basin.swing {
            Swing::Planar(_) => {
                let exact =
                    (0..cells).map(|col| basin.depth_at(grid.centre(middle, col), count * period));
                (row(middle), exact.collect())
            }
            Swing::Radial(_) => {
                let both = row(middle).into_iter().zip(row(middle + 1));
                let exact = (0..cells)
                    .map(|col| basin.depth_at([grid.centre(0, col)[0], CENTRE], count * period));
                (both.map(|(a, b)| 0.5 * (a + b)).collect(), exact.collect())
            }
        };
        // The README's limits are for 400 x 400 cells.
        let limit = match (cells, count > 1.0) {
            (400, false) => 0.01,
            (400, true) => 0.03,
            _ => 0.04,
        };
        let id = format!("{name}/{cells}x{cells}/{count}T");
        sheet.at_most(
            &id,
            "L1 of depth in the section",
            l1(&got, &exact),
            limit,
            SOURCE,
        );
        let x = || (0..cells).map(|col| grid.centre(0, col)[0]);
        let beds: Vec<f64> = x().map(|x| basin.bed_m([x, CENTRE])).collect();
        let level = |depths: &[f64]| -> Vec<f64> {
            let both = depths.iter().zip(&beds);
            both.map(|(h, z)| if *h > 1e-4 { h + z } else { f64::NAN })
                .collect()
        };
        sheet.panel(Panel {
            title: format!(
                "{name} after {count} period{}",
                if count > 1.0 { "s" } else { "" }
            ),
            x: "distance (m)",
            y: "level (m)",
            note: format!(
                "L1 {:.2} % on {cells} x {cells} cells",
                100.0 * l1(&got, &exact)
            ),
            lines: vec![
                Line::new("ground", Style::Ground, x(), beds.iter().copied()),
                Line::new("exact", Style::Reference, x(), level(&exact)),
                Line::new("order 2, f64", Style::Own, x(), level(&got)),
            ],
        });
        let change = (volume(&solver) / first - 1.0).abs();
        sheet.at_most(
            &format!("{id}/volume"),
            "change of volume, relative",
            change,
            1e-12,
            SOURCE,
        );
        sheet.health.look(&solver);
    }
    if matches!(basin.swing, Swing::Radial(_)) {
        let h = solver.depths_m();
        let last = cells - 1;
        let quarter_turn = |i: usize| h[grid.index(last - i % cells, i / cells)];
        let mirror = |i: usize| h[grid.index(i / cells, last - i % cells)];
        let worst = (0..h.len())
            .map(|i| (h[i] - quarter_turn(i)).abs().max((h[i] - mirror(i)).abs()))
            .fold(0.0, f64::max);
        let id = format!("{name}/{cells}x{cells}/symmetry");
        sheet.at_most(
            &id,
            "largest difference to the turned and mirrored state, m",
            worst,
            0.0,
            "symmetry",
        );
    }
    sheet.health.see(&solver);
    Ok(())
}

/// x and y exchanged: the same water.
fn turned(basin: &Basin, sheet: &mut Sheet) {
    const CELLS: usize = 60;
    let states = [false, true].map(|mirrored| {
        let mut solver = basin.solver(CELLS, mirrored);
        advance(&mut solver, 1.0);
        sheet.health.see(&solver);
        solver.depths_m()
    });
    let grid = basin.grid(CELLS);
    let last = CELLS - 1;
    // (x, y) -> (y, x) is a reflection in the rising diagonal, rows counting from the north.
    let exchanged: Vec<f64> = (0..grid.len())
        .map(|i| states[1][grid.index(last - i % CELLS, last - i / CELLS)])
        .collect();
    let worst = largest_difference(&states[0], &exchanged);
    sheet.at_most(
        "thacker_planar/along-y",
        "depth with x and y exchanged, m",
        worst,
        1e-9,
        "symmetry",
    );
}
