//! From city and scenario to the arrays of a water solver.
//!
//! The grid is that of the baseline, so that variants compare cell by cell. The bed is the terrain of the variant; buildings,
//! land cover, walls, rain, edges and the water at the start are laid over it. What does not fit is an error that names the
//! setting, or a finding of the job.

mod buildings;
mod edges;
mod files;
mod grid;
mod ground;
mod places;
mod rain;
#[cfg(test)]
mod refusals;
mod remarks;
mod roofs;
mod series;
mod start;
mod walls;

use crate::city::City;
use crate::city::sources::Roots;
use crate::finding::Finding;
use crate::geo::Grid;
use crate::job::Job;
use crate::result::{InputFile, Quality};
use crate::scenario::Scenario;

use super::domain::{
    Culvert, CulvertSection, Domain, Forcing, Inflow, Inlet, Porosity, Series, Start,
};
use super::error::{FloodError, SettingFault};
use super::params::{
    BuildingMode, FloodParams, FloodPrecision, FloodSolver, GroundClass, InfiltrationLaw, RoofRain,
};

pub use roofs::RoofWater;

use files::Files;
use places::Places;

/// States kept for the time slider, if the scenario does not say.
const SNAPSHOTS: f64 = 60.0;
/// Bytes that the states of a run may take if the scenario does not say how many are kept.
const SNAPSHOT_BYTES: f64 = 400e6;
/// States kept at least.
const LEAST_SNAPSHOTS: f64 = 12.0;
/// Time (s) between two looks at the largest values and two steps of infiltration in a coarse answer.
const COARSE_INTERVAL_S: f64 = 5.0;
/// Values at a gauge, if the scenario does not say.
const GAUGE_VALUES: f64 = 720.0;
/// Bytes per cell of one state: depth and two velocities.
const SNAPSHOT_CELL_BYTES: f64 = 12.0;
/// Bytes per cell that solver and input hold: 80 of the solver, 40 of the arrays here.
const CELL_BYTES: f64 = 120.0;
/// Share of a cell from which a hole or block takes it, and from which a porous cell is closed: what is left would be a
/// needle's eye that dictates the time step.
const SOLID_SHARE: f64 = 0.5;
const POROUS_SHARE: f64 = 0.9;
/// Largest factor on rain.
const MOST_RAIN_FACTOR: f32 = 1000.0;
/// Bytes of one value at a gauge: the series, and its row in the table of results.
const GAUGE_VALUE_BYTES: f64 = 400.0;
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
    /// Buildings on the grid, in the order of the city.
    pub buildings: Vec<InputBuilding>,
    /// True for cells that are raised to a roof; empty without any.
    pub roofs: Vec<bool>,
    /// Class of ground of each cell.
    pub classes: Vec<GroundClass>,
    /// Rain on roofs that never reaches the ground.
    pub roof_water: RoofWater,
    /// Facts for "method and limits", as (text key, value).
    pub facts: Vec<(&'static str, String)>,
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
    /// Time (s) between two steps of infiltration and sewer at least; 0: that of the solver.
    pub ground_interval_s: f64,
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

/// A building on the grid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputBuilding {
    /// Position in the city.
    pub building: usize,
    /// Id.
    pub id: String,
    /// Cells that it covers, partly or whole; rising.
    pub cells: Vec<usize>,
    /// Cells along its outline that can hold water; rising.
    pub facade: Vec<usize>,
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
    let factor = grid::coarse_factor(&grid, params.duration_s);
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
    let readings = (settings.duration_s / settings.gauge_interval_s).ceil() + 1.0;
    let gauges = params.gauges.len() as f64 * readings * GAUGE_VALUE_BYTES;
    (cells * (CELL_BYTES + states * SNAPSHOT_CELL_BYTES) + gauges) as u64
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
        track_interval_s: if coarse {
            params.track_interval_s.max(COARSE_INTERVAL_S)
        } else {
            params.track_interval_s
        },
        ground_interval_s: if coarse { COARSE_INTERVAL_S } else { 0.0 },
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
    let mut bed_m = grid::bed(terrain, &grid);
    job.check_cancelled()?;
    let mut open: Vec<bool> = bed_m.iter().map(|z| z.is_finite()).collect();
    if !open.contains(&true) {
        return Err(FloodError::Empty);
    }

    let cover = buildings::cover(&city.buildings, &grid, &bed_m);
    job.check_cancelled()?;
    let most = match params.buildings {
        BuildingMode::Hole | BuildingMode::Block => SOLID_SHARE,
        BuildingMode::Porous => POROUS_SHARE,
    };
    let solid: Vec<bool> = (0..grid.len())
        .map(|cell| cover.share(cell) >= most)
        .collect();
    let crests = walls::crests(city, &grid, &mut bed_m, &solid, job);
    let mut roofs = Vec::new();
    let mut porosity = None;
    match params.buildings {
        BuildingMode::Hole => close(&mut open, &solid),
        BuildingMode::Block => {
            for (cell, bed) in bed_m.iter_mut().enumerate().filter(|(c, _)| solid[*c]) {
                *bed = bed.max(cover.top_m(cell));
            }
            if solid.contains(&true) {
                roofs.clone_from(&solid);
            }
        }
        BuildingMode::Porous => {
            close(&mut open, &solid);
            porosity = porosity_of(&cover, &grid);
        }
    }
    let buildings = on_grid(city, &grid, &cover, &solid, &open);
    let classes = ground::classes(city, &grid, &roofs);
    let places = Places {
        frame: &city.frame,
        grid: &grid,
        open: &open,
    };
    remarks::area(&params, &places, job);
    let boundaries = edges::boundaries(&params, &places, &mut files)?;
    let mut forcing = Forcing {
        inlets: inlets(&params, &places, job)?,
        inflows: inflows(&params, &places, &mut files, job)?,
        culverts: culverts(&params, &places, &bed_m, job)?,
        ..Forcing::default()
    };
    ground::losses(&params, &classes, &mut forcing);
    rain_as_it_falls(&params, city, &places, &mut files, &mut forcing)?;
    remarks::times(&params, city, &boundaries, &forcing, job);
    let roof_water = roofs::Roofs {
        city,
        grid: &grid,
        cover: &cover,
        buildings: &buildings,
        solid: &solid,
        open: &open,
    }
    .drain(&params, &mut forcing)?;
    roof_findings(&roof_water, job);
    let gauges = gauges(&params, &places, job)?;
    let manning_n = ground::manning_n(&params, &classes, city, &grid, &mut files)?;
    edges::normal_depth_needs_friction(&boundaries, &grid, &manning_n)?;
    let domain = Domain {
        grid,
        bed_m,
        manning_n,
        open,
        crests,
        porosity,
        boundaries,
    };
    job.check_cancelled()?;
    let start = start::start(&params, city, &domain, &roofs, &mut files, job)?;
    let files = files.read.into_iter();
    Ok(FloodInput {
        settings: settings(&params, &grid, quality),
        gauges,
        buildings,
        roofs,
        classes,
        roof_water,
        facts: facts(&params, city),
        files: files
            .map(|(path, blake3)| InputFile { path, blake3 })
            .collect(),
        domain,
        forcing,
        start,
    })
}

fn close(open: &mut [bool], solid: &[bool]) {
    for (open, solid) in open.iter_mut().zip(solid) {
        *open &= !solid;
    }
}

/// Free shares of cells and faces; `None` where nothing is built.
fn porosity_of(cover: &buildings::Cover, grid: &Grid) -> Option<Porosity> {
    if cover.bits.iter().all(|bits| *bits == 0) {
        return None;
    }
    let storage = (0..grid.len()).map(|cell| (1.0 - cover.share(cell)) as f32);
    let at = |row: usize, col: usize| Some(grid.index(row, col));
    let mut conveyance_x = Vec::with_capacity(grid.rows * (grid.cols + 1));
    for row in 0..grid.rows {
        for col in 0..=grid.cols {
            let before = col.checked_sub(1).and_then(|col| at(row, col));
            let after = (col < grid.cols).then(|| grid.index(row, col));
            conveyance_x.push(cover.conveyance(before, after, true) as f32);
        }
    }
    let mut conveyance_y = Vec::with_capacity((grid.rows + 1) * grid.cols);
    for row in 0..=grid.rows {
        for col in 0..grid.cols {
            let before = row.checked_sub(1).and_then(|row| at(row, col));
            let after = (row < grid.rows).then(|| grid.index(row, col));
            conveyance_y.push(cover.conveyance(before, after, false) as f32);
        }
    }
    Some(Porosity {
        storage: storage.collect(),
        conveyance_x,
        conveyance_y,
    })
}

/// Buildings that cover anything, with the cells around them.
fn on_grid(
    city: &City,
    grid: &Grid,
    cover: &buildings::Cover,
    solid: &[bool],
    open: &[bool],
) -> Vec<InputBuilding> {
    let holds = |cell: usize| open[cell] && !solid[cell];
    let mut list = Vec::new();
    for (number, covered) in cover.cells.iter().enumerate() {
        if covered.is_empty() {
            continue;
        }
        let cells: Vec<usize> = covered.iter().map(|c| *c as usize).collect();
        let walls = cells.iter().filter(|c| solid[**c]);
        let outside = walls.flat_map(|c| roofs::neighbours(grid, *c));
        let mut facade: Vec<usize> = outside.chain(cells.iter().copied()).collect();
        facade.retain(|cell| holds(*cell));
        facade.sort_unstable();
        facade.dedup();
        list.push(InputBuilding {
            building: number,
            id: city.buildings[number].id.clone(),
            cells,
            facade,
        });
    }
    list
}

/// Rain by zone and factor, before roofs change it.
fn rain_as_it_falls(
    params: &FloodParams,
    city: &City,
    places: &Places<'_>,
    files: &mut Files<'_>,
    forcing: &mut Forcing,
) -> Result<(), FloodError> {
    let grid = places.grid;
    if params.rain.is_none() && params.rain_zones.is_empty() {
        return Ok(());
    }
    forcing.rain_m.push(match &params.rain {
        Some(rain) => rain::fallen("flood.rain", rain, params.duration_s, files)?,
        None => Series::constant(0.0),
    });
    for (zone, number) in params.rain_zones.iter().zip(1u16..) {
        let field = format!("flood.rain_zone[{number}]");
        let rain = rain::fallen(
            &format!("{field}.rain"),
            &zone.rain,
            params.duration_s,
            files,
        )?;
        forcing.rain_m.push(rain);
        if forcing.rain_zone.is_empty() {
            forcing.rain_zone = vec![0; grid.len()];
        }
        let ring = places.local_line(&zone.area);
        let mut any = false;
        places::each_cell_in(grid, &[ring], |cell| {
            forcing.rain_zone[cell] = number;
            any = true;
        });
        if !any {
            let what = "no cell lies in this zone";
            return Err(SettingFault::new("outside", format!("{field}.area"), what)
                .expected(format!("an area in {}", places.area_text()))
                .into());
        }
    }
    if let Some(path) = &params.rain_factor_file {
        let field = "flood.rain_factor_file";
        let mut factors = files.raster(field, path, city, grid)?;
        let usable = |f: &f32| f.is_nan() || (0.0..=MOST_RAIN_FACTOR).contains(f);
        if let Some(other) = factors.iter().find(|f| !usable(f)) {
            let what = "a value is no factor on rain";
            return Err(SettingFault::new("out-of-range", field, what)
                .place(path)
                .expected(format!("0 to {MOST_RAIN_FACTOR}"))
                .found(other.to_string())
                .into());
        }
        factors
            .iter_mut()
            .filter(|f| f.is_nan())
            .for_each(|f| *f = 1.0);
        forcing.rain_factor = factors;
    }
    Ok(())
}

fn roof_findings(water: &RoofWater, job: &Job) {
    let volume = |v: f64| format!("{v:.1}");
    if water.drained_m3 > 0.0 {
        job.finding(Finding::info("flood-roof-drain").arg("volume_m3", volume(water.drained_m3)));
    }
    if water.retained_m3 > 0.0 {
        job.finding(Finding::info("flood-green-roofs").arg("volume_m3", volume(water.retained_m3)));
    }
    if water.lost_m3 > 0.0 {
        job.finding(Finding::warning("flood-roof-lost").arg("volume_m3", volume(water.lost_m3)));
    }
}

/// What the scenario assumes, for the report: text keys and numbers.
fn facts(params: &FloodParams, city: &City) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !city.buildings.is_empty() {
        facts.push((
            "method-flood-buildings",
            match params.buildings {
                BuildingMode::Hole => "flood-buildings-hole",
                BuildingMode::Block => "flood-buildings-block",
                BuildingMode::Porous => "flood-buildings-porous",
            }
            .to_owned(),
        ));
        if params.rain.is_some() || !params.rain_zones.is_empty() {
            facts.push((
                "method-flood-roof-rain",
                match params.roof_rain {
                    RoofRain::Perimeter => "flood-roof-rain-perimeter",
                    RoofRain::Drain => "flood-roof-rain-drain",
                }
                .to_owned(),
            ));
        }
    }
    facts.push((
        "method-flood-infiltration",
        match params.infiltration {
            InfiltrationLaw::None => "flood-infiltration-none",
            InfiltrationLaw::Constant => "flood-infiltration-constant",
            InfiltrationLaw::GreenAmpt => "flood-infiltration-green-ampt",
            InfiltrationLaw::Scs => "flood-infiltration-scs",
        }
        .to_owned(),
    ));
    facts.push((
        "method-flood-sewer",
        if params.sewer_mm_per_h > 0.0 {
            format!("{} mm/h", params.sewer_mm_per_h)
        } else {
            "flood-sewer-none".to_owned()
        },
    ));
    facts
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
        let file = inflow.file.as_ref();
        let discharges = series::series(&field, &inflow.series, file, files)?;
        inflows.push(Inflow {
            id: inflow.id.clone(),
            cells,
            series: series::within(&field, file, discharges, series::INFLOW)?,
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::city::{Building, Terrain};
    use crate::geo::{Crs, LocalFrame};

    /// A city of flat ground in local coordinates, its south-western corner at the origin.
    pub(crate) fn flat_city(cols: usize, rows: usize, cell_m: f64, height: f32) -> City {
        let grid = Grid {
            west: 0.0,
            north: rows as f64 * cell_m,
            cell_m,
            cols,
            rows,
        };
        City {
            terrain: Some(Arc::new(Terrain::Raster {
                grid,
                heights: vec![height; grid.len()],
            })),
            ..City::empty(
                "flat",
                LocalFrame {
                    crs: Crs::local(),
                    origin_easting: 0.0,
                    origin_northing: 0.0,
                },
            )
        }
    }

    fn with_buildings(mut city: City, buildings: Vec<Building>) -> City {
        city.buildings = buildings.into_iter().map(Arc::new).collect();
        city
    }

    fn house(id: &str, x: [f64; 2], y: [f64; 2]) -> Building {
        let ring = [[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]];
        buildings::tests::block(id, &ring, 0.0, 8.0)
    }

    fn scenario(flood: &str) -> Scenario {
        let head = "[scenario]\nversion = 1\nname = \"x\"\ncity = \"c.asc\"\n[flood]\n";
        toml::from_str(&format!("{head}{flood}")).unwrap()
    }

    fn input(city: &City, flood: &str) -> Result<FloodInput, FloodError> {
        input_of(city, flood, &Job::default())
    }

    fn input_of(city: &City, flood: &str, job: &Job) -> Result<FloodInput, FloodError> {
        let scenario = scenario(flood);
        flood_input(
            city,
            city,
            &scenario,
            &Roots::default(),
            Quality::Exact,
            job,
        )
    }

    const RAIN: &str =
        "cell_m = 1.0\nrain = { kind = \"block\", depth_mm = 100.0, duration_s = 3600.0 }\n";

    /// Rain on the ground (m³): of each open cell its curve times its factor; the free share of a porous cell takes all of it.
    fn rain_m3(input: &FloodInput) -> f64 {
        let cell_m2 = input.domain.grid.cell_m.powi(2);
        (0..input.domain.grid.len())
            .filter(|&cell| input.domain.open[cell])
            .map(|cell| {
                let zone = input.forcing.rain_zone.get(cell).copied().unwrap_or(0);
                let factor = input
                    .forcing
                    .rain_factor
                    .get(cell)
                    .map_or(1.0, |f| f64::from(*f));
                let depth = input.forcing.rain_m[usize::from(zone)].at(input.settings.duration_s);
                factor * depth * cell_m2
            })
            .sum()
    }

    #[test]
    fn a_bare_terrain_with_a_rain_is_enough() {
        let input = input(
            &flat_city(40, 30, 2.0, 5.0),
            "rain = { kind = \"preset\", preset = \"HH-SRI12\" }",
        )
        .unwrap();
        assert_eq!((input.domain.grid.cols, input.domain.grid.rows), (40, 30));
        assert!(input.domain.bed_m.iter().all(|z| *z == 5.0));
        assert!(input.domain.open.iter().all(|o| *o) && input.start.depth_m.is_empty());
        assert!((rain_m3(&input) - 80.0 * 60.0 * 0.1).abs() < 1e-9);
        assert_eq!(input.settings.snapshot_interval_s, 120.0);
        assert_eq!(input.domain.manning_n[0], 0.03);
    }

    #[test]
    fn rain_of_roofs_reaches_the_ground_in_all_modes() {
        let city = with_buildings(
            flat_city(30, 20, 1.0, 0.0),
            vec![
                house("a", [3.0, 12.3], [4.0, 11.0]),
                house("b", [12.3, 18.0], [4.0, 11.0]),
                // Surrounded by the others, without ground around it.
                house("c", [22.0, 27.0], [5.0, 10.0]),
            ],
        );
        let all = 30.0 * 20.0 * 0.1;
        for mode in ["hole", "block", "porous"] {
            for cell in ["1.0", "3.0"] {
                let text = RAIN.replace("1.0", cell);
                let input = input(&city, &format!("{text}buildings = \"{mode}\"")).unwrap();
                let area = input.domain.grid.len() as f64 * input.domain.grid.cell_m.powi(2);
                let rain = rain_m3(&input);
                assert!(
                    (rain - area * 0.1).abs() < 1e-5 * all,
                    "{mode} {cell}: {rain}"
                );
                assert_eq!(input.roof_water, RoofWater::default());
            }
        }
        let hole = input(&city, RAIN).unwrap();
        assert_eq!(
            hole.domain.open.iter().filter(|o| !**o).count(),
            15 * 7 + 25
        );
        let block = input(&city, &format!("{RAIN}buildings = \"block\"")).unwrap();
        assert_eq!(block.roofs.iter().filter(|o| **o).count(), 15 * 7 + 25);
        assert!((block.domain.bed_m[block.buildings[2].cells[0]] - 8.0).abs() < 1e-6);
    }

    #[test]
    fn roofs_can_drain_and_be_green() {
        let mut green = house("a", [3.0, 12.0], [4.0, 11.0]);
        green.attributes.green_roof_mm = Some(30.0);
        let city = with_buildings(
            flat_city(30, 20, 1.0, 0.0),
            vec![green, house("b", [16.0, 20.0], [4.0, 11.0])],
        );
        let all = 30.0 * 20.0 * 0.1;
        for mode in ["hole", "block", "porous"] {
            let job = Job::default();
            let input = input_of(&city, &format!("{RAIN}buildings = \"{mode}\""), &job).unwrap();
            let retained = 9.0 * 7.0 * 0.03;
            assert!(
                (input.roof_water.retained_m3 - retained).abs() < 1e-9,
                "{mode}"
            );
            assert!(
                (rain_m3(&input) - (all - retained)).abs() < 1e-4,
                "{mode}: {}",
                rain_m3(&input)
            );
            // Before the roof is full only the other ground has rain.
            let codes: Vec<String> = job.take_findings().into_iter().map(|f| f.code).collect();
            assert_eq!(codes, ["flood-green-roofs"]);

            let job = Job::default();
            let text = format!("{RAIN}buildings = \"{mode}\"\nroof_rain = \"drain\"");
            let input = input_of(&city, &text, &job).unwrap();
            let roofs = (63.0 + 28.0) * 0.1;
            let water = input.roof_water;
            assert!(
                (water.drained_m3 + water.retained_m3 - roofs).abs() < 1e-9,
                "{mode} {water:?}"
            );
            assert!((rain_m3(&input) - (all - roofs)).abs() < 1e-4, "{mode}");
            assert!(
                job.take_findings()
                    .iter()
                    .any(|f| f.code == "flood-roof-drain")
            );
        }
    }

    #[test]
    fn a_house_among_houses_drains_to_the_ground_around_them() {
        let city = with_buildings(
            flat_city(30, 20, 1.0, 0.0),
            vec![
                house("west", [5.0, 10.0], [5.0, 15.0]),
                house("east", [13.0, 18.0], [5.0, 15.0]),
                house("south", [10.0, 13.0], [5.0, 9.0]),
                house("north", [10.0, 13.0], [12.0, 15.0]),
                house("middle", [10.0, 13.0], [9.0, 12.0]),
            ],
        );
        let input = input(&city, RAIN).unwrap();
        assert!(input.buildings[4].facade.is_empty() && !input.buildings[0].facade.is_empty());
        assert!((rain_m3(&input) - 60.0).abs() < 1e-4);
    }

    #[test]
    fn rain_zones_cover_their_part() {
        let zone = "cell_m = 1.0\n[[rain_zone]]\narea = [[0, 0], [10, 0], [10, 20], [0, 20]]\nrain = { kind = \"block\", depth_mm = 50.0, duration_s = 600.0 }";
        let flood = zone.replace("[[rain_zone]]", "[[flood.rain_zone]]");
        let input = input(&flat_city(30, 20, 1.0, 0.0), &flood).unwrap();
        assert!((rain_m3(&input) - 200.0 * 0.05).abs() < 1e-9);
    }

    #[test]
    fn edges_open_sides_and_lines() {
        let flood = format!(
            "{RAIN}[[flood.boundary]]\nkind = \"free\"\nid = \"out\"\nside = \"all\"\n\
             [[flood.boundary]]\nkind = \"level\"\nid = \"river\"\nline = [[0, 0], [10, 0]]\nlevel_m = 0.5\n"
        );
        let input = input(&flat_city(30, 20, 1.0, 0.0), &flood).unwrap();
        let [out, river] = input.domain.boundaries.as_slice() else {
            panic!("two boundaries")
        };
        assert_eq!((out.faces.len(), river.faces.len()), (90, 10));
        assert!(out.faces.iter().all(|f| !river.faces.contains(f)));
        // The river stands behind its edge from the start, here everywhere.
        assert!(input.start.depth_m.iter().all(|d| *d == 0.5));
        let dry = flood.replace("level_m = 0.5", "level_m = 0.5\nfilled = false");
        let input = super::tests::input(&flat_city(30, 20, 1.0, 0.0), &dry).unwrap();
        assert!(input.start.depth_m.is_empty());
    }

    #[test]
    fn faults_name_their_setting() {
        let city = flat_city(30, 20, 1.0, 0.0);
        for (flood, code, field) in [
            (
                "[[flood.gauge]]\nid = \"g\"\nposition = [99, 5]\n",
                "outside",
                "flood.gauge[1].position",
            ),
            (
                "[[flood.inflow]]\nid = \"i\"\nline = [[1, 1], [99, 5]]\nseries = [[0, 1]]\n",
                "outside",
                "flood.inflow[1].line",
            ),
            (
                "[[flood.boundary]]\nkind = \"free\"\nid = \"b\"\nline = [[1, 9], [9, 9]]\n",
                "no-edge",
                "flood.boundary[1].line",
            ),
            (
                "[[flood.water]]\nlevel_m = -1.0\nconnected_to = [5, 5]\n",
                "above-level",
                "flood.water[1].connected_to",
            ),
            (
                "[[flood.culvert]]\nid = \"c\"\nfrom = [5, 5]\nto = [5.2, 5]\ndiameter_m = 0.5\n",
                "no-length",
                "flood.culvert[1]",
            ),
            (
                "[[flood.water]]\nlevel_m = 1.0\narea = [[90, 90], [99, 90], [99, 99]]\n",
                "outside",
                "flood.water[1].area",
            ),
        ] {
            let error = input(&city, &format!("{RAIN}{flood}")).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with(&format!("error[flood::{code}]")), "{text}");
            assert!(text.contains(field), "{text}");
            assert_eq!(error.exit_code(), 65);
        }
        let missing = input(&city, &format!("{RAIN}manning_file = \"none.asc\"\n")).unwrap_err();
        assert_eq!(missing.exit_code(), 66);
        assert!(
            missing.to_string().contains("flood.manning_file"),
            "{missing}"
        );
        let area = input(&city, &format!("{RAIN}area = [500, 500, 600, 600]\n")).unwrap_err();
        assert!(area.to_string().contains("flood.area"), "{area}");
        let mut bare = city;
        bare.terrain = None;
        assert!(matches!(input(&bare, RAIN), Err(FloodError::NoTerrain)));
    }

    #[test]
    fn water_at_the_start_fills_basins_areas_and_the_whole() {
        let mut city = flat_city(30, 20, 1.0, 2.0);
        // A pond of 4 x 4 m, 1.5 m deep.
        let terrain = Arc::make_mut(city.terrain.as_mut().unwrap());
        if let Terrain::Raster { heights, .. } = terrain {
            for row in 10..14 {
                heights[row * 30 + 10..row * 30 + 14].fill(0.5);
            }
        }
        let flood = format!("{RAIN}[[flood.water]]\nlevel_m = 1.5\nconnected_to = [12, 8]\n");
        let pond = input(&city, &flood).unwrap();
        let volume: f64 = pond.start.depth_m.iter().sum();
        assert_eq!(volume, 16.0);
        let flood = format!(
            "{RAIN}[[flood.water]]\ndepth_m = 0.2\n[[flood.water]]\nlevel_m = 3.0\narea = [[0, 0], [2, 0], [2, 20], [0, 20]]\nvelocity_m_per_s = [1.5, -0.5]\n"
        );
        let wave = input(&city, &flood).unwrap();
        assert_eq!((wave.start.depth_m[1], wave.start.depth_m[2]), (1.0, 0.2));
        assert_eq!(
            (wave.start.u[1], wave.start.v[1], wave.start.u[2]),
            (1.5, -0.5, 0.0)
        );
    }

    #[test]
    fn the_river_at_the_start_stays_outside_of_a_wall() {
        let mut city = flat_city(30, 20, 1.0, 0.0);
        city.flood_walls = Arc::new(vec![crate::city::FloodWall {
            id: "w".to_owned(),
            line: vec![[0.0, 8.0], [30.0, 8.0]],
            crest: crate::city::WallCrest::Level(3.0),
            mobile: false,
        }]);
        let flood = "cell_m = 1.0\n[[flood.boundary]]\nkind = \"surge\"\nid = \"Elbe\"\nside = \"south\"\npeak_level_m = 5.7\npeak_s = 0.0\nhigh_water_m = 2.0\n";
        let wet = input(&city, flood).unwrap();
        // 5.7 m at the start is above the wall, 2.5 m would not be.
        assert!(wet.start.depth_m.iter().all(|d| *d > 5.0));
        let low = flood.replace("peak_level_m = 5.7", "peak_level_m = 2.5");
        let low = input(&city, &low).unwrap();
        let depth = |row: usize| low.start.depth_m[row * 30];
        assert!(
            depth(19) > 2.0 && depth(12) > 2.0 && depth(11) == 0.0,
            "{} {}",
            depth(12),
            depth(11)
        );
    }

    #[test]
    fn a_wall_at_the_quay_leaves_the_river_as_full_as_before() {
        // A river of 8 m, its bank across a cell, and low ground behind it.
        let mut city = flat_city(30, 20, 1.0, 5.0);
        let terrain = Arc::make_mut(city.terrain.as_mut().unwrap());
        if let Terrain::Raster { heights, .. } = terrain {
            heights[12 * 30..].fill(-2.0);
            heights[11 * 30..12 * 30].fill(0.5);
            heights[5 * 30..11 * 30].fill(1.5);
        }
        city.land_cover = Arc::new(vec![crate::city::LandCover {
            id: "fleet".to_owned(),
            kind: crate::city::LandCoverKind::Water,
            rings: vec![vec![[0.0, 0.0], [30.0, 0.0], [30.0, 8.4], [0.0, 8.4]]],
        }]);
        let flood = "cell_m = 1.0\n[[flood.boundary]]\nkind = \"surge\"\nid = \"Elbe\"\nside = \"south\"\npeak_level_m = 2.5\npeak_s = 0.0\nhigh_water_m = 2.0\n";
        let open = input(&city, flood).unwrap().start.depth_m;
        // The grid puts the wall on the line of the river's side of the bank.
        city.flood_walls = Arc::new(vec![crate::city::FloodWall {
            id: "w".to_owned(),
            line: vec![[0.0, 7.6], [30.0, 7.6]],
            crest: crate::city::WallCrest::Level(7.0),
            mobile: false,
        }]);
        let walled = input(&city, flood).unwrap().start.depth_m;
        let rows = |depth: &[f64]| [12, 11, 10].map(|row: usize| depth[row * 30]);
        let (open, walled) = (rows(&open), rows(&walled));
        assert!(open.iter().all(|depth| *depth > 0.5), "{open:?}");
        // The bank is water as before; what the wall protects is dry.
        assert_eq!(walled, [open[0], open[1], 0.0]);
    }

    #[test]
    fn tiny_flumes_keep_their_cells() {
        let city = flat_city(400, 3, 0.025, 0.1);
        let flood = "cell_m = 0.025\nduration_s = 6.0\norder = 2\nprecision = \"double\"\nmanning_n = 0.0\n[[flood.water]]\nlevel_m = 0.3\n[[flood.gauge]]\nid = \"g\"\nposition = [5.0, 0.0375]\n";
        let input = input(&city, flood).unwrap();
        assert_eq!((input.domain.grid.cols, input.domain.grid.rows), (400, 3));
        assert!(input.domain.bed_m.iter().all(|z| *z == f64::from(0.1f32)));
        assert_eq!(input.gauges[0].cell, 400 + 200);
        assert!(input.settings.double && input.settings.order == 2);
    }

    #[test]
    fn a_coarse_answer_has_fewer_cells_and_order_1() {
        let city = flat_city(500, 500, 2.0, 1.0);
        let scenario = scenario(
            &RAIN
                .replace("1.0", "2.0")
                .replace("cell_m", "order = 2\ncell_m"),
        );
        let job = Job::default();
        let coarse = flood_input(
            &city,
            &city,
            &scenario,
            &Roots::default(),
            Quality::Coarse,
            &job,
        )
        .unwrap();
        assert_eq!(coarse.domain.grid.cell_m, 8.0);
        assert!(coarse.domain.grid.len() <= 30_000 && coarse.settings.order == 1);
        let bytes = |q| memory_bytes(&city, &scenario, q);
        assert!(
            bytes(Quality::Exact) > 250_000 * 120
                && bytes(Quality::Coarse) < bytes(Quality::Exact) / 4
        );
    }
}
