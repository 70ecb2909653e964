//! Measurements in the laboratory: a tsunami that runs up a valley, a dam break against a building.

use std::path::Path;

use crate::flood::domain::{Axis, Boundary, BoundaryKind, Domain, Face, Forcing, Series, Start};
use crate::flood::kernel::{Solver, SolverOptions};
use crate::geo::Grid;

use super::flume::{PRECISE, advance};
use super::reference::{Raster, rmse};
use super::{Effort, Sheet};
use crate::verify::chart::{Line, Panel, Style};

/// Rows of numbers of a text file; lines that are none are its heading.
fn numbers(path: &Path, columns: usize) -> Result<Vec<Vec<f64>>, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let rows: Vec<Vec<f64>> = text
        .lines()
        .filter_map(|line| {
            line.split_whitespace()
                .map(|word| word.parse().ok())
                .collect::<Option<Vec<f64>>>()
        })
        .filter(|row| row.len() == columns)
        .collect();
    if rows.is_empty() {
        return Err(format!("{}: no rows of {columns} numbers", path.display()));
    }
    Ok(rows)
}

/// Gauges at Monai (m).
pub const MONAI_GAUGES: [(&str, [f64; 2]); 3] = [
    ("ch5", [4.521, 1.196]),
    ("ch7", [4.521, 1.696]),
    ("ch9", [4.521, 2.196]),
];
/// Time that is compared (s).
const MONAI_S: f64 = 25.0;
/// Where the highest run-up was seen (m).
const RUN_UP_AT: [f64; 2] = [5.1575, 1.88];

/// The tank of the Monai experiment: nodes of the file are the centres of cells.
pub struct Monai {
    /// Ground and open edge in the west.
    pub domain: Domain,
    /// Water at rest at level 0.
    pub start: Start,
    /// Time (s) and measured level (m) of each gauge.
    pub measured: Vec<[f64; 4]>,
}

impl Monai {
    const CELL_M: f64 = 0.014;

    /// Reads the folder.
    pub fn read(folder: &Path, manning_n: f32) -> Result<Self, String> {
        let bed = Raster::read(&folder.join("bathymetry.asc.gz"))?;
        let wave = numbers(&folder.join("incident_wave.txt"), 2)?;
        let gauges = numbers(&folder.join("gauges_ch5_ch7_ch9.txt"), 4)?;
        let (cols, rows) = (bed.cols, bed.values.len() / bed.cols);
        let half = 0.5 * Self::CELL_M;
        let grid = Grid {
            west: -half,
            north: rows as f64 * Self::CELL_M - half,
            cell_m: Self::CELL_M,
            cols,
            rows,
        };
        let mut times_s: Vec<f64> = wave.iter().map(|row| row[0]).collect();
        let mut values: Vec<f64> = wave.iter().map(|row| row[1]).collect();
        // After the record the level is held at rest.
        times_s.push(times_s.last().copied().unwrap_or(0.0) + 0.05);
        values.push(0.0);
        let first = gauges[0].clone();
        Ok(Self {
            start: Start {
                depth_m: bed.values.iter().map(|z| (-z).max(0.0)).collect(),
                ..Start::default()
            },
            domain: Domain {
                grid,
                manning_n: vec![manning_n; grid.len()],
                open: vec![true; grid.len()],
                crests: Vec::new(),
                porosity: None,
                boundaries: vec![Boundary {
                    id: "wave".to_owned(),
                    faces: (0..rows)
                        .map(|row| Face {
                            axis: Axis::X,
                            row,
                            col: 0,
                        })
                        .collect(),
                    kind: BoundaryKind::Level {
                        series: Series { times_s, values },
                    },
                }],
                bed_m: bed.values,
            },
            measured: gauges
                .iter()
                .map(|row| {
                    [
                        row[0],
                        0.01 * (row[1] - first[1]),
                        0.01 * (row[2] - first[2]),
                        0.01 * (row[3] - first[3]),
                    ]
                })
                .filter(|row| row[0] <= MONAI_S + 1e-9)
                .collect(),
        })
    }

    /// Levels (m) at the gauges at the times of the measurement, and the solver at the end.
    pub fn run(&self, options: SolverOptions) -> (Vec<[f64; 3]>, Solver) {
        let grid = self.domain.grid;
        let cells = MONAI_GAUGES.map(|(_, [x, y])| {
            grid.cell_at(x, y)
                .map_or(0, |(row, col)| grid.index(row, col))
        });
        let mut solver = Solver::new(&self.domain, &Forcing::default(), &self.start, options);
        let levels = self.measured.iter().map(|row| {
            advance(&mut solver, row[0]);
            cells.map(|cell| solver.depth_m(cell) + self.domain.bed_m[cell])
        });
        (levels.collect(), solver)
    }

    /// Section through the place of the observed run-up: ground, highest water, and what six experiments saw.
    fn run_up_panel(
        &self,
        folder: &Path,
        solver: &Solver,
        sheet: &mut Sheet,
    ) -> Result<(), String> {
        let seen = numbers(&folder.join("obs_runup.txt"), 8)?;
        let grid = self.domain.grid;
        let row = grid
            .cell_at(RUN_UP_AT[0], RUN_UP_AT[1])
            .map_or(0, |(row, _)| row);
        let peaks = solver.peaks();
        let cells = (0..grid.cols).filter(|&col| grid.centre(row, col)[0] > 4.6);
        let x = || cells.clone().map(|col| grid.centre(row, col)[0]);
        let ground = |col: usize| 100.0 * self.domain.bed_m[grid.index(row, col)];
        let highest = |col: usize| {
            let depth = f64::from(peaks.depth_m[grid.index(row, col)]);
            if depth > 1e-3 {
                ground(col) + 100.0 * depth
            } else {
                f64::NAN
            }
        };
        // x and y of the place, then the experiments.
        let place = |row: &&Vec<f64>| {
            (row[0] - RUN_UP_AT[0]).abs() < 1e-6 && (row[1] - RUN_UP_AT[1]).abs() < 1e-6
        };
        let marks: Vec<f64> = (seen.iter().find(place))
            .map(|row| row[2..].iter().map(|z| 100.0 * z).collect())
            .unwrap_or_default();
        sheet.panel(Panel {
            title: "section at y = 1.88 m".to_owned(),
            x: "distance (m)",
            y: "height (cm)",
            note: format!(
                "{} experiments; highest ground under water {:.1} cm",
                marks.len(),
                100.0 * self.run_up_m(solver)
            ),
            lines: vec![
                Line::new("ground", Style::Ground, x(), cells.clone().map(ground)),
                Line::new(
                    "highest water, computed",
                    Style::Own,
                    x(),
                    cells.clone().map(highest),
                ),
                Line::new(
                    "run-up, observed",
                    Style::Dots,
                    marks.iter().map(|_| RUN_UP_AT[0]),
                    marks.iter().copied(),
                ),
            ],
        });
        Ok(())
    }

    /// Highest ground (m) near the place of the observed run-up that was under water.
    pub fn run_up_m(&self, solver: &Solver) -> f64 {
        const NEAR_M: f64 = 0.1;
        const WET_M: f32 = 1e-3;
        let peaks = solver.peaks();
        let grid = self.domain.grid;
        (0..grid.len())
            .filter(|&i| {
                let [x, y] = grid.centre(i / grid.cols, i % grid.cols);
                (x - RUN_UP_AT[0]).hypot(y - RUN_UP_AT[1]) <= NEAR_M && peaks.depth_m[i] >= WET_M
            })
            .map(|i| self.domain.bed_m[i])
            .fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Largest value and its time.
fn peak(times: impl Iterator<Item = f64>, values: impl Iterator<Item = f64>) -> (f64, f64) {
    times
        .zip(values)
        .fold((f64::NAN, f64::NEG_INFINITY), |best, (t, v)| {
            if v > best.1 { (t, v) } else { best }
        })
}

/// Run-up at Monai.
pub fn monai(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    const SOURCE: &str = "CRIEPI, Matsuyama & Tanaka 2001, data/flood/monai";
    let monai = Monai::read(folder, 0.01)?;
    let (levels, solver) = monai.run(SolverOptions {
        track_interval_s: 0.0,
        ..PRECISE
    });
    let times = || monai.measured.iter().map(|row| row[0]);
    sheet.figure(
        "monai",
        "Run-up at Monai, 1:400: level at three gauges, and highest water in the valley",
        SOURCE,
        2,
    );
    for (gauge, (name, _)) in MONAI_GAUGES.iter().enumerate() {
        let got: Vec<f64> = levels.iter().map(|row| row[gauge]).collect();
        let measured: Vec<f64> = monai.measured.iter().map(|row| row[gauge + 1]).collect();
        let id = |what: &str| format!("monai/{name}/{what}");
        sheet.at_most(
            &id("rmse"),
            "RMSE of level, 0 to 25 s, m",
            rmse(&got, &measured),
            0.006,
            SOURCE,
        );
        let centimetres = |levels: &[f64]| levels.iter().map(|z| 100.0 * z).collect::<Vec<_>>();
        sheet.panel(Panel {
            title: format!("gauge {name}"),
            x: "time (s)",
            y: "level (cm)",
            note: format!("RMSE {:.1} mm", 1e3 * rmse(&got, &measured)),
            lines: vec![
                Line::new(
                    "measured",
                    Style::Reference,
                    times(),
                    centimetres(&measured),
                ),
                Line::new("order 2, f64", Style::Own, times(), centimetres(&got)),
            ],
        });
        let (seen_at, seen) = peak(times(), measured.iter().copied());
        let (got_at, got) = peak(times(), got.iter().copied());
        sheet.number(
            &id("peak"),
            "highest level, m",
            seen,
            got,
            0.15 * seen,
            SOURCE,
        );
        sheet.number(
            &id("peak-time"),
            "time of the highest level, s",
            seen_at,
            got_at,
            0.3,
            SOURCE,
        );
    }
    monai.run_up_panel(folder, &solver, sheet)?;
    sheet.number(
        "monai/run-up",
        "highest ground under water near (5.1575, 1.88), m",
        0.09,
        monai.run_up_m(&solver),
        0.015,
        SOURCE,
    );
    sheet.health.see(&solver);
    Ok(())
}

/// Gauges beside the building, in the axes of the measurement (m): origin on the centre line at the flume's side of the gate's wall.
const OBSTACLE_GAUGES: [(&str, [f64; 2]); 6] = [
    ("G1", [2.65, 1.15]),
    ("G2", [2.65, -0.60]),
    ("G3", [4.00, 1.15]),
    ("G4", [4.00, -0.80]),
    ("G5", [5.20, 0.30]),
    ("G6", [-1.87, 1.10]),
];
const ORIGIN: [f64; 2] = [7.55, 1.80];
const OBSTACLE_S: f64 = 30.0;
/// Time between two compared samples (s).
const SAMPLE_S: f64 = 0.02;
/// Depth in the flume before the wave (m).
const STILL_M: f64 = 0.02;

/// The flume with gate and building.
pub struct Obstacle {
    /// Cells of 5 cm.
    pub domain: Domain,
    /// Water behind and before the gate.
    pub start: Start,
}

impl Default for Obstacle {
    fn default() -> Self {
        let grid = Grid {
            west: 0.0,
            north: 3.6,
            cell_m: 0.05,
            cols: 716,
            rows: 72,
        };
        let place = |i: usize| grid.centre(i / grid.cols, i % grid.cols);
        // Banks of 0.34 m along both walls.
        let bed = |[_, y]: [f64; 2]| (0.155 * (1.0 - y.min(3.6 - y) / 0.34)).max(0.0);
        let open = |[x, y]: [f64; 2]| {
            let wall = x > 6.75 && x < 7.55 && (y - 1.8).abs() > 0.5;
            let (from_corner_x, from_corner_y) = (x - 10.99, y - 1.75);
            let (sin, cos) = 64.0_f64.to_radians().sin_cos();
            let along = from_corner_x * cos + from_corner_y * sin;
            let across = from_corner_x * sin - from_corner_y * cos;
            let building = (0.0..0.8).contains(&along) && (0.0..0.4).contains(&across);
            !(wall || building)
        };
        let places = || (0..grid.len()).map(place);
        let water = |p: [f64; 2]| {
            let level: f64 = if p[0] < 7.55 { 0.40 } else { STILL_M };
            if open(p) {
                (level - bed(p)).max(0.0)
            } else {
                0.0
            }
        };
        Self {
            start: Start {
                depth_m: places().map(water).collect(),
                ..Start::default()
            },
            domain: Domain {
                grid,
                bed_m: places().map(bed).collect(),
                manning_n: vec![0.010; grid.len()],
                open: places().map(open).collect(),
                crests: Vec::new(),
                porosity: None,
                boundaries: Vec::new(),
            },
        }
    }
}

/// Depths around one gauge: its own cell, then the eight at 5 cm.
type Around = [f64; 9];

impl Obstacle {
    /// Depths (m) around the gauges every [`SAMPLE_S`], from 0 s.
    pub fn run(&self, options: SolverOptions) -> (Vec<[Around; 6]>, Solver) {
        let grid = self.domain.grid;
        const SHIFTS: [[f64; 2]; 9] = [
            [0.0, 0.0],
            [-0.05, 0.0],
            [0.05, 0.0],
            [0.0, -0.05],
            [0.0, 0.05],
            [-0.05, -0.05],
            [0.05, -0.05],
            [-0.05, 0.05],
            [0.05, 0.05],
        ];
        let cells = OBSTACLE_GAUGES
            .map(|(_, [x, y])| SHIFTS.map(|[dx, dy]| [x + ORIGIN[0] + dx, y + ORIGIN[1] + dy]));
        let mut solver = Solver::new(&self.domain, &Forcing::default(), &self.start, options);
        let samples = (0..=(OBSTACLE_S / SAMPLE_S).round() as usize).map(|k| {
            advance(&mut solver, k as f64 * SAMPLE_S);
            cells.map(|around| around.map(|place| depth_at(&solver, &grid, place)))
        });
        (samples.collect(), solver)
    }
}

/// Depth between the four cells around a place (gauges lie on corners and edges of cells).
fn depth_at(solver: &Solver, grid: &Grid, [x, y]: [f64; 2]) -> f64 {
    let (col, row) = (
        (x - grid.west) / grid.cell_m - 0.5,
        (grid.north - y) / grid.cell_m - 0.5,
    );
    let (left, top) = (col.floor().max(0.0), row.floor().max(0.0));
    let (a, b) = (col - left, row - top);
    let (left, top) = (left as usize, top as usize);
    let h = |dr: usize, dc: usize| {
        solver.depth_m(grid.index(
            (top + dr).min(grid.rows - 1),
            (left + dc).min(grid.cols - 1),
        ))
    };
    (1.0 - b) * ((1.0 - a) * h(0, 0) + a * h(0, 1)) + b * ((1.0 - a) * h(1, 0) + a * h(1, 1))
}

/// Dam break against a building. Told without verdict: positions of the gauges and their zero are not in the source.
pub fn obstacle(folder: &Path, _: Effort, sheet: &mut Sheet) -> Result<(), String> {
    const SOURCE: &str = "Soares-Frazao & Zech 2007, data/flood/isolated_obstacle";
    let measured = numbers(&folder.join("building_gauges_h.txt"), 7)?;
    let obstacle = Obstacle::default();
    let (samples, solver) = obstacle.run(PRECISE);
    sheet.health.see(&solver);
    let mut shifted_better = 0;
    let mut series: Vec<Vec<(usize, f64)>> = Vec::new();
    sheet.figure(
        "obstacle",
        "Dam break against a building: depth at six gauges",
        "Soares-Frazao & Zech 2007, data/flood/isolated_obstacle; places of the gauges from memory",
        2,
    );
    for (gauge, (name, _)) in OBSTACLE_GAUGES.iter().enumerate() {
        let id = |what: &str| format!("obstacle/{name}/{what}");
        let column = gauge + 1;
        // G1 to G5 read 0 until the wave comes; every other value is taken as depth.
        let arrival = measured
            .iter()
            .find(|row| row[column] > 0.0)
            .map_or(f64::NAN, |row| row[0]);
        let compared: Vec<(usize, f64)> = measured
            .iter()
            .filter(|row| row[0] >= arrival)
            .filter_map(|row| {
                let k = row[0] / SAMPLE_S;
                ((k - k.round()).abs() < 1e-6).then(|| (k.round() as usize, row[column]))
            })
            .filter(|(k, _)| *k < samples.len())
            .collect();
        let seen: Vec<f64> = compared.iter().map(|(_, h)| *h).collect();
        series.push(compared.clone());
        let model = |place: usize| {
            compared
                .iter()
                .map(|(k, _)| samples[*k][gauge][place])
                .collect::<Vec<f64>>()
        };
        let error = rmse(&model(0), &seen);
        let limit = if *name == "G6" { 0.01 } else { 0.015 };
        let time = |k: usize| k as f64 * SAMPLE_S;
        sheet.panel(Panel {
            title: format!("gauge {name}"),
            x: "time (s)",
            y: "depth (m)",
            note: format!("RMSE {:.1} mm", 1e3 * error),
            lines: vec![
                Line::new(
                    "measured",
                    Style::Reference,
                    compared.iter().map(|(k, _)| time(*k)),
                    seen.iter().copied(),
                ),
                Line::new(
                    "order 2, f64",
                    Style::Own,
                    (0..samples.len()).map(time),
                    samples.iter().map(|s| s[gauge][0]),
                ),
            ],
        });
        sheet.indicative(&id("rmse"), "RMSE of depth, m", limit, error, SOURCE);
        let around: Vec<f64> = (0..9).map(|place| rmse(&model(place), &seen)).collect();
        let least = around.iter().copied().fold(f64::INFINITY, f64::min);
        let most = around.iter().copied().fold(0.0, f64::max);
        sheet.indicative(
            &id("rmse-least"),
            "least RMSE within 5 cm, m",
            limit,
            least,
            SOURCE,
        );
        sheet.indicative(
            &id("rmse-most"),
            "largest RMSE within 5 cm, m",
            limit,
            most,
            SOURCE,
        );
        if *name == "G6" {
            continue;
        }
        let other: Vec<f64> = seen.iter().map(|h| h + STILL_M).collect();
        let other = rmse(&model(0), &other);
        shifted_better += usize::from(other < error);
        sheet.indicative(
            &id("rmse-level"),
            "RMSE if the gauge reads the change of depth, m",
            limit,
            other,
            SOURCE,
        );
        let depths = samples.iter().map(|sample| sample[gauge][0]);
        let wet = depths
            .clone()
            .position(|h| h > STILL_M + 1e-3)
            .map_or(f64::NAN, |k| k as f64 * SAMPLE_S);
        sheet.indicative(
            &id("arrival"),
            "arrival of the wave, s",
            arrival,
            wet,
            SOURCE,
        );
        let before = (arrival.min(wet) / SAMPLE_S) as usize;
        let off = depths
            .take(before)
            .map(|h| (h - STILL_M).abs())
            .fold(0.0, f64::max);
        sheet.indicative(
            &id("before"),
            "depth before the wave against 0.02 m, m",
            0.0,
            off,
            SOURCE,
        );
    }
    clock(&series, &samples, sheet, SOURCE);
    sheet.indicative(
        "obstacle/readings",
        "gauges of five that read changes of depth rather than depths",
        0.0,
        shifted_better as f64,
        SOURCE,
    );
    Ok(())
}

/// The first waves and the fall in the reservoir are measured earlier than any wave can travel from the gate: by how much the clock of
/// the measurement may start after the gate opened, and how well depths agree then.
fn clock(series: &[Vec<(usize, f64)>], samples: &[[Around; 6]], sheet: &mut Sheet, source: &str) {
    let error = |gauge: usize, later: usize| {
        let pairs = series[gauge]
            .iter()
            .filter(|(k, _)| k + later < samples.len());
        let (model, seen): (Vec<f64>, Vec<f64>) = pairs
            .map(|(k, h)| (samples[k + later][gauge][0], *h))
            .unzip();
        rmse(&model, &seen)
    };
    let sum = |later: usize| (0..series.len()).map(|g| error(g, later)).sum::<f64>();
    let most = (1.0 / SAMPLE_S) as usize;
    let best = (0..=most)
        .min_by(|a, b| sum(*a).total_cmp(&sum(*b)))
        .unwrap_or(0);
    sheet.indicative(
        "obstacle/clock",
        "start of the measurement's clock after the gate that fits best at all gauges, s",
        0.0,
        best as f64 * SAMPLE_S,
        source,
    );
    for (gauge, (name, _)) in OBSTACLE_GAUGES.iter().enumerate() {
        sheet.indicative(
            &format!("obstacle/{name}/rmse-clock"),
            "RMSE of depth with that clock, m",
            if *name == "G6" { 0.01 } else { 0.015 },
            error(gauge, best),
            source,
        );
    }
}
