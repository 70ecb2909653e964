//! Rules of the `[flood]` table that a schema cannot say. Places and files are judged in words; what needs the city is checked
//! when the input of the simulation is made.

use std::collections::BTreeMap;

use crate::city::sources::Roots;
use crate::flood::params::{FloodBoundary, FloodCulvert, FloodParams, FloodSide, Rain};
use crate::flood::rain::STORM_STEP_S;

use super::fault::{Fault, shown};
use super::flood_unused::unused;
use super::validate::path_fault;

/// Speed (m/s) of water at the start at most: dam breaks of the highest dams stay below it.
const FASTEST_M_PER_S: f64 = 100.0;

/// Faults with the path of their field below `flood`, counted from 1: `boundary[2].side`. Empty for the table itself.
pub(super) fn flood_faults(flood: &FloodParams, roots: &Roots) -> Vec<(String, Fault)> {
    let mut rules = Rules(Vec::new());
    rules.area(flood);
    rules.times(flood);
    rules.water(flood);
    if let Some(rain) = &flood.rain {
        rules.rain("rain", rain);
    }
    for (i, zone) in flood.rain_zones.iter().enumerate() {
        rules.rain(&format!("rain_zone[{}].rain", i + 1), &zone.rain);
    }
    rules.boundaries(flood);
    rules.inflows(flood);
    for (i, culvert) in flood.culverts.iter().enumerate() {
        rules.culvert(&format!("culvert[{}]", i + 1), culvert);
    }
    rules.names(flood);
    rules.0.extend(unused(flood));
    for (field, file) in flood.files() {
        if let Some(fault) = path_fault(file, roots) {
            rules.0.push((field, fault));
        }
    }
    rules.0
}

struct Rules(Vec<(String, Fault)>);

impl Rules {
    fn push(&mut self, field: impl Into<String>, fault: Fault) {
        self.0.push((field.into(), fault));
    }

    /// Gauges without a second value say nothing.
    fn times(&mut self, flood: &FloodParams) {
        if let Some(interval) = flood.gauge_interval_s
            && interval > flood.duration_s
        {
            self.push(
                "gauge_interval_s",
                Fault::new("longer-than-run", "the gauges would be read once only")
                    .expected(format!("at most the duration of {} s", flood.duration_s))
                    .found(format!("{interval} s")),
            );
        }
    }

    fn area(&mut self, flood: &FloodParams) {
        if let Some([west, south, east, north]) = flood.area
            && (west >= east || south >= north)
        {
            self.push(
                "area",
                Fault::new("empty-area", "`area` is empty")
                    .expected("[west, south, east, north] with west < east and south < north")
                    .found(format!("[{west}, {south}, {east}, {north}]")),
            );
        }
    }

    /// Something must bring water, and each start must say how much.
    fn water(&mut self, flood: &FloodParams) {
        let brings = |b: &FloodBoundary| {
            matches!(
                b,
                FloodBoundary::Level { .. }
                    | FloodBoundary::Surge { .. }
                    | FloodBoundary::Discharge { .. }
            )
        };
        if flood.rain.is_none()
            && flood.rain_zones.is_empty()
            && flood.inflows.is_empty()
            && flood.water.is_empty()
            && !flood.boundaries.iter().any(brings)
        {
            self.push(
                "",
                Fault::new("no-water", "nothing brings water into the simulation")
                    .expected("`rain`, a `[[flood.inflow]]`, a `[[flood.boundary]]` with a level or discharge, or `[[flood.water]]`")
                    .help("for a first try write `rain = { kind = \"preset\", preset = \"HH-SRI7\" }`"),
            );
        }
        for (i, water) in flood.water.iter().enumerate() {
            let field = format!("water[{}]", i + 1);
            let given = [
                ("level_m", water.level_m.is_some()),
                ("depth_m", water.depth_m.is_some()),
                ("depth_file", water.depth_file.is_some()),
            ];
            self.one_of(&field, &given);
            self.at_most_one(
                &field,
                &[
                    ("area", !water.area.is_empty()),
                    ("connected_to", water.connected_to.is_some()),
                ],
            );
            if water.connected_to.is_some() && water.level_m.is_none() {
                self.push(
                    format!("{field}.connected_to"),
                    Fault::new("needs-level", "`connected_to` needs a level")
                        .expected("`level_m` beside it"),
                );
            }
            if !water.area.is_empty() {
                self.points(&format!("{field}.area"), &water.area, 3);
            }
            if let Some([u, v]) = water.velocity_m_per_s
                && u.hypot(v) > FASTEST_M_PER_S
            {
                self.push(
                    format!("{field}.velocity_m_per_s"),
                    Fault::new("out-of-range", "no water is this fast")
                        .expected(format!("at most {FASTEST_M_PER_S} m/s"))
                        .found(format!("[{u}, {v}]")),
                );
            }
        }
    }

    fn rain(&mut self, field: &str, rain: &Rain) {
        match rain {
            Rain::Preset { .. } => {}
            Rain::Block {
                depth_mm,
                intensity_mm_per_h,
                ..
            } => self.one_of(
                field,
                &[
                    ("depth_mm", depth_mm.is_some()),
                    ("intensity_mm_per_h", intensity_mm_per_h.is_some()),
                ],
            ),
            Rain::Euler2 {
                depth_mm,
                files,
                return_period_a,
                duration_s,
                ..
            } => {
                self.one_of(
                    field,
                    &[
                        ("depth_mm", depth_mm.is_some()),
                        ("files", !files.is_empty()),
                    ],
                );
                if files.is_empty() == return_period_a.is_some() {
                    self.push(
                        field,
                        Fault::new(
                            "half-a-table",
                            "`files` and `return_period_a` belong together",
                        )
                        .expected("both or none")
                        .found("one of them"),
                    );
                }
                if duration_s % STORM_STEP_S != 0.0 {
                    self.push(
                        format!("{field}.duration_s"),
                        Fault::new("odd-duration", "the duration is no whole number of steps")
                            .expected(format!("a multiple of {STORM_STEP_S} s"))
                            .found(format!("{duration_s} s")),
                    );
                }
            }
            Rain::Series { series, file, .. } => {
                self.one_of(
                    field,
                    &[("series", !series.is_empty()), ("file", file.is_some())],
                );
                self.series(&format!("{field}.series"), series, true);
            }
        }
    }

    fn boundaries(&mut self, flood: &FloodParams) {
        let mut sides: Vec<(FloodSide, usize)> = Vec::new();
        for (i, boundary) in flood.boundaries.iter().enumerate() {
            let field = format!("boundary[{}]", i + 1);
            let (side, line) = boundary.place();
            self.one_of(
                &field,
                &[("side", side.is_some()), ("line", !line.is_empty())],
            );
            if !line.is_empty() {
                self.points(&format!("{field}.line"), line, 2);
            }
            if let Some(side) = side {
                let clash = sides.iter().find(|(other, _)| {
                    *other == side || *other == FloodSide::All || side == FloodSide::All
                });
                if let Some((_, first)) = clash {
                    self.push(
                        format!("{field}.side"),
                        Fault::new("double-side", "the side is open already")
                            .expected("one boundary on each side; `line` opens a part of a side")
                            .found(format!("the side of boundary {}", first + 1)),
                    );
                }
                sides.push((side, i));
            }
            match boundary {
                FloodBoundary::Level {
                    level_m,
                    series,
                    file,
                    ..
                } => {
                    self.one_of(
                        &field,
                        &[
                            ("level_m", level_m.is_some()),
                            ("series", !series.is_empty()),
                            ("file", file.is_some()),
                        ],
                    );
                    self.series(&format!("{field}.series"), series, false);
                }
                FloodBoundary::Discharge { series, file, .. } => {
                    self.one_of(
                        &field,
                        &[("series", !series.is_empty()), ("file", file.is_some())],
                    );
                    self.series(&format!("{field}.series"), series, false);
                }
                FloodBoundary::Surge {
                    peak_level_m,
                    high_water_m,
                    low_water_m,
                    ..
                } => {
                    if low_water_m >= high_water_m {
                        self.push(
                            format!("{field}.low_water_m"),
                            Fault::new("no-tide", "low water is not below high water")
                                .expected(format!("less than {high_water_m} m"))
                                .found(format!("{low_water_m} m")),
                        );
                    }
                    if peak_level_m < high_water_m {
                        self.push(
                            format!("{field}.peak_level_m"),
                            Fault::new("no-surge", "the peak is below the high water of the tide")
                                .expected(format!("at least {high_water_m} m"))
                                .found(format!("{peak_level_m} m")),
                        );
                    }
                }
                FloodBoundary::Free { .. } | FloodBoundary::NormalDepth { .. } => {}
            }
        }
    }

    fn inflows(&mut self, flood: &FloodParams) {
        for (i, inflow) in flood.inflows.iter().enumerate() {
            let field = format!("inflow[{}]", i + 1);
            self.one_of(
                &field,
                &[
                    ("position", inflow.position.is_some()),
                    ("line", !inflow.line.is_empty()),
                ],
            );
            if !inflow.line.is_empty() {
                self.points(&format!("{field}.line"), &inflow.line, 2);
            }
            self.one_of(
                &field,
                &[
                    ("series", !inflow.series.is_empty()),
                    ("file", inflow.file.is_some()),
                ],
            );
            self.series(&format!("{field}.series"), &inflow.series, true);
        }
    }

    fn culvert(&mut self, field: &str, culvert: &FloodCulvert) {
        self.one_of(
            field,
            &[
                ("diameter_m", culvert.diameter_m.is_some()),
                ("width_m", culvert.width_m.is_some()),
            ],
        );
        if culvert.width_m.is_some() != culvert.height_m.is_some() {
            self.push(
                field,
                Fault::new("half-a-box", "`width_m` and `height_m` belong together")
                    .expected("both for a box, none for a pipe")
                    .found("one of them"),
            );
        }
    }

    /// Names in the ledger must tell their entries apart.
    fn names(&mut self, flood: &FloodParams) {
        let lists: [(&str, Vec<&str>); 5] = [
            (
                "boundary",
                flood.boundaries.iter().map(FloodBoundary::id).collect(),
            ),
            (
                "inflow",
                flood.inflows.iter().map(|x| x.id.as_str()).collect(),
            ),
            (
                "inlet",
                flood.inlets.iter().map(|x| x.id.as_str()).collect(),
            ),
            (
                "culvert",
                flood.culverts.iter().map(|x| x.id.as_str()).collect(),
            ),
            (
                "gauge",
                flood.gauges.iter().map(|x| x.id.as_str()).collect(),
            ),
        ];
        for (list, names) in lists {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for (i, name) in names.into_iter().enumerate() {
                if let Some(first) = seen.insert(name, i) {
                    self.push(
                        format!("{list}[{}].id", i + 1),
                        Fault::new("duplicate-id", format!("two are named `{}`", shown(name)))
                            .expected("a name of its own")
                            .found(format!("the name of {list} {}", first + 1)),
                    );
                }
            }
        }
    }

    fn one_of(&mut self, field: &str, given: &[(&str, bool)]) {
        let count = given.iter().filter(|(_, given)| *given).count();
        if count != 1 {
            self.alternatives(field, given, count, "exactly one of");
        }
    }

    fn at_most_one(&mut self, field: &str, given: &[(&str, bool)]) {
        let count = given.iter().filter(|(_, given)| *given).count();
        if count > 1 {
            self.alternatives(field, given, count, "at most one of");
        }
    }

    fn alternatives(&mut self, field: &str, given: &[(&str, bool)], count: usize, how_many: &str) {
        let quoted = |filter: bool| -> Vec<String> {
            given
                .iter()
                .filter(|(_, given)| *given || !filter)
                .map(|(name, _)| format!("`{name}`"))
                .collect()
        };
        let all = quoted(false).join(", ");
        let found = if count == 0 {
            "none of them".to_owned()
        } else {
            quoted(true).join(" and ")
        };
        self.push(
            field,
            Fault::new("alternatives", format!("`{field}` must say one thing"))
                .expected(format!("{how_many} {all}"))
                .found(found),
        );
    }

    fn points(&mut self, field: &str, points: &[[f64; 2]], least: usize) {
        if points.len() < least {
            self.push(
                field,
                Fault::new("wrong-length", format!("`{field}` has too few points"))
                    .expected(format!("at least {least} points"))
                    .found(points.len().to_string()),
            );
        }
    }

    fn series(&mut self, field: &str, series: &[[f64; 2]], positive: bool) {
        if let Some(i) = series.windows(2).position(|w| w[1][0] <= w[0][0]) {
            self.push(
                format!("{field}[{}]", i + 2),
                Fault::new("times-not-rising", "the times do not rise")
                    .expected(format!("a time after {} s", series[i][0]))
                    .found(format!("{} s", series[i + 1][0])),
            );
        }
        if positive && let Some(i) = series.iter().position(|p| p[1] < 0.0) {
            self.push(
                format!("{field}[{}]", i + 1),
                Fault::new("negative-value", "the value is negative")
                    .expected("0 or more")
                    .found(series[i][1].to_string()),
            );
        }
    }
}
