//! From city and scenario to the arrays of a water solver.
//!
//! The grid is that of the baseline, so that variants compare cell by cell. The bed is the terrain of the variant; buildings,
//! land cover, walls, rain, edges and the water at the start are laid over it. What does not fit is an error that names the
//! setting, or a finding of the job.

mod edges;
mod files;
mod grid;
mod places;
mod rain;
mod series;

use crate::city::City;
use crate::city::sources::Roots;
use crate::geo::Grid;
use crate::job::Job;
use crate::result::{InputFile, Quality};
use crate::scenario::Scenario;

use super::domain::{Culvert, CulvertSection, Domain, Forcing, Inflow, Inlet, Series, Start};
use super::error::{FloodError, SettingFault};
use super::params::{FloodParams, FloodPrecision, FloodSolver};

use files::Files;
use places::Places;

/// States kept for the time slider, if the scenario does not say.
const SNAPSHOTS: f64 = 60.0;
/// Bytes that the states of a run may take if the scenario does not say how many are kept.
const SNAPSHOT_BYTES: f64 = 400e6;
/// States kept at least.
const LEAST_SNAPSHOTS: f64 = 12.0;
/// Values at a gauge, if the scenario does not say.
const GAUGE_VALUES: f64 = 720.0;
/// Bytes per cell of one state: depth and two velocities.
const SNAPSHOT_CELL_BYTES: f64 = 12.0;
/// Bytes per cell that solver and input hold: 80 of the solver, 40 of the arrays here.
const CELL_BYTES: f64 = 120.0;
/// More cells than this are refused before memory is taken.
const MOST_CELLS: f64 = 400e6;

/// Everything a run needs.
#[derive(Clone, Debug)]
pub struct FloodInput {
    /// Ground and limits.
    pub domain: Domain,
    /// Rain, infiltration, drains, inflows.
    pub forcing: Forcing,
    /// Water at the start.
    pub start: Start,
    /// How to compute.
    pub settings: RunSettings,
    /// Gauges in the order of the scenario.
    pub gauges: Vec<InputGauge>,
    /// Files read besides the city.
    pub files: Vec<InputFile>,
}

/// How to compute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunSettings {
    /// Simulated time (s).
    pub duration_s: f64,
    /// Equations.
    pub solver: FloodSolver,
    /// Order of the full solver: 1 or 2.
    pub order: u8,
    /// Velocities and fluxes in f64.
    pub double: bool,
    /// Time (s) between two updates of the largest values; 0: every step.
    pub track_interval_s: f64,
    /// Time (s) between two states that are kept.
    pub snapshot_interval_s: f64,
    /// Time (s) between two values at the gauges.
    pub gauge_interval_s: f64,
}

/// A gauge on the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputGauge {
    /// Name.
    pub id: String,
    /// Cell as index.
    pub cell: usize,
}

/// Settings of the water simulation; those of the program without a table in the scenario.
fn params_of(scenario: &Scenario) -> FloodParams {
    scenario.flood.clone().unwrap_or_default()
}

/// Grid of all variants.
fn grid_of(baseline: &City, params: &FloodParams, quality: Quality) -> Result<Grid, FloodError> {
    let terrain = baseline.terrain.as_deref().ok_or(FloodError::NoTerrain)?;
    let part = params.area.map(|[west, south, east, north]| {
        let min = baseline.frame.local_from_crs([west, south, 0.0]);
        let max = baseline.frame.local_from_crs([east, north, 0.0]);
        [min.x, min.y, max.x, max.y]
    });
    let grid = grid::grid_over(terrain, part, params.cell_m).ok_or(FloodError::Empty)?;
    if quality == Quality::Exact {
        return Ok(grid);
    }
    let factor = grid::coarse_factor(grid.cols as u64 * grid.rows as u64);
    grid::grid_over(terrain, part, params.cell_m * factor).ok_or(FloodError::Empty)
}

/// Memory (bytes) that a run holds at its peak beside the city.
pub fn memory_bytes(baseline: &City, scenario: &Scenario, quality: Quality) -> u64 {
    let params = params_of(scenario);
    let Ok(grid) = grid_of(baseline, &params, quality) else {
        return 0;
    };
    let cells = grid.cols as f64 * grid.rows as f64;
    let settings = settings(&params, &grid, quality);
    let states = (settings.duration_s / settings.snapshot_interval_s).ceil() + 1.0;
    (cells * (CELL_BYTES + states * SNAPSHOT_CELL_BYTES)) as u64
}

fn settings(params: &FloodParams, grid: &Grid, quality: Quality) -> RunSettings {
    let cells = grid.cols as f64 * grid.rows as f64;
    let affordable = (SNAPSHOT_BYTES / (cells * SNAPSHOT_CELL_BYTES)).floor();
    let states = SNAPSHOTS.min(affordable.max(LEAST_SNAPSHOTS));
    let coarse = quality == Quality::Coarse;
    RunSettings {
        duration_s: params.duration_s,
        solver: params.solver,
        order: if coarse { 1 } else { params.order as u8 },
        double: params.precision == FloodPrecision::Double && !coarse,
        track_interval_s: params.track_interval_s,
        snapshot_interval_s: params
            .snapshot_interval_s
            .unwrap_or(params.duration_s / states),
        gauge_interval_s: params
            .gauge_interval_s
            .unwrap_or(params.duration_s / GAUGE_VALUES),
    }
}

/// Makes the input of a run of one variant.
pub fn flood_input(
    baseline: &City,
    city: &City,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<FloodInput, FloodError> {
    job.phase("phase-flood-prepare");
    let params = params_of(scenario);
    let grid = grid_of(baseline, &params, quality)?;
    let cells = grid.cols as f64 * grid.rows as f64;
    if cells > MOST_CELLS {
        return Err(SettingFault::new(
            "too-many-cells",
            "flood.cell_m",
            "the grid has too many cells",
        )
        .expected(format!("at most {MOST_CELLS:.0} cells"))
        .found(format!("{} x {} cells", grid.cols, grid.rows))
        .help("widen `cell_m`, or limit `area`")
        .into());
    }
    let terrain = city.terrain.as_deref().ok_or(FloodError::NoTerrain)?;
    let mut files = Files::new(roots);
    let bed_m = grid::bed(terrain, &grid);
    job.check_cancelled()?;
    let open: Vec<bool> = bed_m.iter().map(|z| z.is_finite()).collect();
    if !open.contains(&true) {
        return Err(FloodError::Empty);
    }
    let places = Places {
        frame: &city.frame,
        grid: &grid,
        open: &open,
    };
    let boundaries = edges::boundaries(&params, &places, &mut files)?;
    let manning_n = vec![params.manning_n as f32; grid.len()];
    let mut forcing = Forcing {
        inlets: inlets(&params, &places, job)?,
        inflows: inflows(&params, &places, &mut files, job)?,
        culverts: culverts(&params, &places, &bed_m, job)?,
        ..Forcing::default()
    };
    if let Some(rain) = &params.rain {
        forcing.rain_m = vec![rain::fallen(
            "flood.rain",
            rain,
            params.duration_s,
            &mut files,
        )?];
    }
    let gauges = gauges(&params, &places, job)?;
    let files = files.read.into_iter();
    Ok(FloodInput {
        settings: settings(&params, &grid, quality),
        gauges,
        files: files
            .map(|(path, blake3)| InputFile { path, blake3 })
            .collect(),
        domain: Domain {
            grid,
            bed_m,
            manning_n,
            open,
            crests: Vec::new(),
            porosity: None,
            boundaries,
        },
        forcing,
        start: Start::default(),
    })
}

fn gauges(
    params: &FloodParams,
    places: &Places<'_>,
    job: &Job,
) -> Result<Vec<InputGauge>, FloodError> {
    let named = params.gauges.iter().enumerate();
    named
        .map(|(i, gauge)| {
            let field = format!("flood.gauge[{}].position", i + 1);
            Ok(InputGauge {
                id: gauge.id.clone(),
                cell: places.open_cell(&field, &gauge.id, gauge.position, job)?,
            })
        })
        .collect()
}

fn inlets(params: &FloodParams, places: &Places<'_>, job: &Job) -> Result<Vec<Inlet>, FloodError> {
    let named = params.inlets.iter().enumerate();
    named
        .map(|(i, inlet)| {
            let field = format!("flood.inlet[{}].position", i + 1);
            Ok(Inlet {
                id: inlet.id.clone(),
                cell: places.open_cell(&field, &inlet.id, inlet.position, job)?,
                perimeter_m: inlet.perimeter_m,
                area_m2: inlet.area_m2,
                capacity_m3_per_s: inlet.capacity_m3_per_s.unwrap_or(f64::INFINITY),
            })
        })
        .collect()
}

fn inflows(
    params: &FloodParams,
    places: &Places<'_>,
    files: &mut Files<'_>,
    job: &Job,
) -> Result<Vec<Inflow>, FloodError> {
    let mut inflows = Vec::new();
    for (i, inflow) in params.inflows.iter().enumerate() {
        let field = format!("flood.inflow[{}]", i + 1);
        let cells = match inflow.position {
            Some(position) => {
                vec![places.open_cell(&format!("{field}.position"), &inflow.id, position, job)?]
            }
            None => places.line_cells(&format!("{field}.line"), &inflow.line)?,
        };
        let series: Series = series::series(&field, &inflow.series, inflow.file.as_ref(), files)?;
        inflows.push(Inflow {
            id: inflow.id.clone(),
            cells,
            series: series::not_negative(&format!("{field}.series"), series)?,
        });
    }
    Ok(inflows)
}

fn culverts(
    params: &FloodParams,
    places: &Places<'_>,
    bed_m: &[f64],
    job: &Job,
) -> Result<Vec<Culvert>, FloodError> {
    let mut culverts = Vec::new();
    for (i, culvert) in params.culverts.iter().enumerate() {
        let field = format!("flood.culvert[{}]", i + 1);
        let end = |name: &str, place| {
            places.open_cell(&format!("{field}.{name}"), &culvert.id, place, job)
        };
        let cells = [end("from", culvert.from)?, end("to", culvert.to)?];
        if cells[0] == cells[1] {
            return Err(
                SettingFault::new("no-length", field, "both ends lie in the same cell")
                    .expected("ends in different cells")
                    .into(),
            );
        }
        let distance = (culvert.to[0] - culvert.from[0]).hypot(culvert.to[1] - culvert.from[1]);
        let section = match (culvert.diameter_m, culvert.width_m, culvert.height_m) {
            (Some(diameter_m), ..) => CulvertSection::Circle { diameter_m },
            (None, Some(width_m), Some(height_m)) => CulvertSection::Box { width_m, height_m },
            _ => {
                return Err(
                    SettingFault::new("alternatives", field, "the culvert has no section")
                        .expected("`diameter_m`, or `width_m` and `height_m`")
                        .into(),
                );
            }
        };
        culverts.push(Culvert {
            id: culvert.id.clone(),
            cells,
            invert_m: culvert.invert_m.unwrap_or(cells.map(|cell| bed_m[cell])),
            length_m: culvert.length_m.unwrap_or(distance),
            section,
            manning_n: culvert.manning_n,
            losses: culvert.losses,
        });
    }
    Ok(culverts)
}
