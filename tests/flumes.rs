//! Flumes through the door of every scenario: a bare raster as city, water, edges and gauges in the file, the answer in the table of
//! the gauges; compared with exact solutions.

use std::fmt::Write as _;

use super::cli::Workplace;

const GRAVITY: f64 = 9.81;

/// A strip of three rows of cells along x.
struct Flume {
    cells: usize,
    cell_m: f64,
}

impl Flume {
    fn x(&self, cell: usize) -> f64 {
        (cell as f64 + 0.5) * self.cell_m
    }

    fn north(&self) -> f64 {
        3.0 * self.cell_m
    }

    /// ESRI ASCII grid of a bed.
    fn raster(&self, bed_m: impl Fn(f64) -> f64) -> String {
        let mut text = format!(
            "ncols {}\nnrows 3\nxllcorner 0\nyllcorner 0\ncellsize {}\nNODATA_value -9999\n",
            self.cells, self.cell_m
        );
        let row: Vec<String> = (0..self.cells)
            .map(|i| format!("{:.9}", bed_m(self.x(i))))
            .collect();
        for _ in 0..3 {
            text.push_str(&row.join(" "));
            text.push('\n');
        }
        text
    }

    /// Scenario with a gauge in every cell of the middle row, read at the start and at the end.
    fn scenario(&self, duration_s: f64, flood: &str) -> String {
        let mut text = format!(
            "[scenario]\nversion = 1\nname = \"Flume\"\ncity = \"bed.asc\"\nlanguage = \"en\"\n[city]\ncrs = \"local\"\n[flood]\n\
             cell_m = {}\nduration_s = {duration_s:.1}\ngauge_interval_s = {duration_s:.1}\norder = 2\nprecision = \"double\"\n\
             manning_n = 0.0\ntrack_interval_s = 0.0\n{flood}",
            self.cell_m
        );
        for i in 0..self.cells {
            let y = 1.5 * self.cell_m;
            let _ = write!(
                text,
                "[[flood.gauge]]\nid = \"{i}\"\nposition = [{}, {y}]\n",
                self.x(i)
            );
        }
        text
    }

    /// Rectangle over all rows as corners of the file.
    fn part(&self, west: f64, east: f64) -> String {
        let north = self.north();
        format!("[[{west}, 0.0], [{east}, 0.0], [{east}, {north}], [{west}, {north}]]")
    }

    /// Depth (m) and speed (m/s) of each cell at the end of a run.
    fn run(&self, bed: String, scenario: String) -> Vec<[f64; 2]> {
        let place = Workplace::new();
        place.write("bed.asc", bed);
        place.write("flume.toml", scenario);
        place
            .run(&["run", "flume.toml", "--out", "out"])
            .ends_with(0);
        let table = place.path("out/baseline/flood_gauge_series.csv");
        let text = std::fs::read_to_string(table).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next().unwrap().trim_start_matches('\u{feff}'),
            "gauge,time_s,depth_m,level_m,speed_m_per_s"
        );
        let last = lines.map(|line| {
            let fields: Vec<f64> = line.split(',').map(|f| f.parse().unwrap()).collect();
            (fields[0] as usize, fields[2], fields[4])
        });
        let mut cells = vec![[f64::NAN; 2]; self.cells];
        for (cell, depth, speed) in last {
            cells[cell] = [depth, speed];
        }
        assert!(cells.iter().flatten().all(|v| v.is_finite()));
        cells
    }
}

/// Sum of the differences over the sum of the exact values.
fn l1(found: impl Iterator<Item = f64>, exact: impl Iterator<Item = f64>) -> f64 {
    let (mut difference, mut sum) = (0.0, 0.0);
    for (found, exact) in found.zip(exact) {
        difference += (found - exact).abs();
        sum += exact;
    }
    difference / sum
}

/// Depth and speed at (x from the dam, time) after Stoker 1957: a rarefaction, a plateau and a shock.
struct Stoker {
    left_m: f64,
    right_m: f64,
    /// Depth (m) and speed (m/s) of the plateau, speed (m/s) of the shock.
    middle_m: f64,
    middle_speed: f64,
    shock: f64,
}

impl Stoker {
    fn new(left_m: f64, right_m: f64) -> Self {
        let c = |h: f64| (GRAVITY * h).sqrt();
        // The speed behind the rarefaction is that behind the shock; the difference falls with the depth.
        let behind_rarefaction = |h: f64| 2.0 * (c(left_m) - c(h));
        let behind_shock =
            |h: f64| (h - right_m) * (0.5 * GRAVITY * (h + right_m) / (h * right_m)).sqrt();
        let (mut low, mut high) = (right_m, left_m);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if behind_rarefaction(middle) > behind_shock(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        let middle_m = 0.5 * (low + high);
        let middle_speed = behind_rarefaction(middle_m);
        Self {
            left_m,
            right_m,
            middle_m,
            middle_speed,
            shock: middle_speed * middle_m / (middle_m - right_m),
        }
    }

    fn at(&self, x: f64, time_s: f64) -> [f64; 2] {
        let c = |h: f64| (GRAVITY * h).sqrt();
        let speed = x / time_s;
        if speed < -c(self.left_m) {
            [self.left_m, 0.0]
        } else if speed < self.middle_speed - c(self.middle_m) {
            let wave = (2.0 * c(self.left_m) - speed) / 3.0;
            [wave * wave / GRAVITY, 2.0 * (c(self.left_m) - wave)]
        } else if speed < self.shock {
            [self.middle_m, self.middle_speed]
        } else {
            [self.right_m, 0.0]
        }
    }
}

#[test]
fn a_dam_break_in_a_scenario_file_is_that_of_stoker() {
    const DAM_X: f64 = 1000.0;
    const TIME_S: f64 = 50.0;
    let flume = Flume {
        cells: 400,
        cell_m: 5.0,
    };
    let water = format!(
        "[[flood.boundary]]\nkind = \"free\"\nid = \"ends\"\nside = \"west\"\n\
         [[flood.boundary]]\nkind = \"free\"\nid = \"mouth\"\nside = \"east\"\n\
         [[flood.water]]\nlevel_m = 10.0\narea = {}\n[[flood.water]]\ndepth_m = 2.0\narea = {}\n",
        flume.part(0.0, DAM_X),
        flume.part(DAM_X, 2.0 * DAM_X)
    );
    let cells = flume.run(flume.raster(|_| 0.0), flume.scenario(TIME_S, &water));
    let stoker = Stoker::new(10.0, 2.0);
    let exact = |k: usize| (0..flume.cells).map(move |i| (i, k));
    let value = |(i, k): (usize, usize)| stoker.at(flume.x(i) - DAM_X, TIME_S)[k];
    let depth = l1(cells.iter().map(|c| c[0]), exact(0).map(value));
    assert!(depth <= 0.003, "L1 of the depth: {depth}");
    let speed = l1(cells.iter().map(|c| c[1]), exact(1).map(value));
    assert!(speed <= 0.013, "L1 of the speed: {speed}");
}

#[test]
fn a_bump_between_a_discharge_and_a_level_keeps_its_energy() {
    const Q: f64 = 4.42;
    const DOWNSTREAM_M: f64 = 2.0;
    let flume = Flume {
        cells: 100,
        cell_m: 0.25,
    };
    let bump = |x: f64| (0.2 - 0.05 * (x - 10.0).powi(2)).max(0.0);
    let water = format!(
        "[[flood.boundary]]\nkind = \"discharge\"\nid = \"spring\"\nside = \"west\"\nseries = [[0.0, {}]]\n\
         [[flood.boundary]]\nkind = \"level\"\nid = \"lake\"\nside = \"east\"\nlevel_m = {DOWNSTREAM_M:.1}\n\
         [[flood.water]]\nlevel_m = {DOWNSTREAM_M:.1}\n",
        Q * flume.north()
    );
    let cells = flume.run(flume.raster(bump), flume.scenario(200.0, &water));
    // Bernoulli, subcritical: q^2 / (2 g h^2) + h + z is that of the lake.
    let head = |h: f64| 0.5 * (Q / h).powi(2) / GRAVITY + h;
    let exact = |x: f64| {
        let wanted = head(DOWNSTREAM_M) - bump(x);
        let (mut low, mut high) = ((Q * Q / GRAVITY).cbrt(), 3.0);
        for _ in 0..200 {
            let middle = 0.5 * (low + high);
            if head(middle) < wanted {
                low = middle;
            } else {
                high = middle;
            }
        }
        0.5 * (low + high)
    };
    let depth = l1(
        cells.iter().map(|c| c[0]),
        (0..flume.cells).map(|i| exact(flume.x(i))),
    );
    assert!(depth <= 0.0003, "L1 of the depth: {depth}");
    let worst = cells
        .iter()
        .map(|[h, u]| (h * u / Q - 1.0).abs())
        .fold(0.0, f64::max);
    assert!(worst <= 0.0045, "discharge off by {worst}");
}
