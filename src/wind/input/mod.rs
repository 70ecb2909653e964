//! From city and scenario to the grid, the blocks, the approaching wind and the climate of a study.
//!
//! The map of results (`raster`) lies over the area of the baseline, so that variants compare cell by cell. The domain reaches three times the height of
//! the tallest building on or near it beyond it on all sides (at most [`WIDEST_MARGIN_M`]) and above the highest ground; cells of the map are columns of the
//! domain.

mod blocks;
mod files;
mod surface;

use nalgebra::Point3;

use crate::city::City;
use crate::city::sources::Roots;
use crate::finding::Finding;
use crate::geo::Grid;
use crate::job::Job;
use crate::result::{InputFile, Quality};
use crate::scenario::Scenario;

use super::climate::{Exposure, Rose, exposure};
use super::error::WindError;
use super::grid::{WindGrid, levels};
use super::inflow::Inflow;
use super::params::{WindActivity, WindInflow, WindParams, WindTrees};
use super::tier1::{KEPT_BYTES, MOST_KEPT, Site};
use super::vegetation::{Crown, Tree};
use super::weather::Remark;

use files::Files;
pub use files::Probe;

/// Domain beyond the area: times the height of the tallest building, and at most (m).
const MARGIN: f64 = 3.0;
/// See [`MARGIN`].
const WIDEST_MARGIN_M: f64 = 400.0;
/// The same for a coarse answer: less of what stands around the map, but somebody waits.
const COARSE_MARGIN: f64 = 1.5;
/// Margin at least, in cells.
const LEAST_MARGIN: f64 = 8.0;
/// Thickness (m) of the lowest layers at most.
const LAYER_M: f64 = 2.0;
/// Layers grow by this factor each, above so many even ones, up to so many times the lowest.
const GROWTH: f64 = 1.08;
/// See [`GROWTH`].
const EVEN_LAYERS: f64 = 10.0;
/// See [`GROWTH`].
const THICKEST: f64 = 10.0;
/// Height (m) at which station and site are compared.
pub const COMPARED_M: f64 = 10.0;
/// Cells times directions of a coarse answer, about two seconds, as far as [`COARSE_CELL_M`] allows.
const COARSE_WORK: f64 = 2.5e6;
/// Directions of a coarse answer at most.
const COARSE_DIRECTIONS: u32 = 8;
/// Widest cells (m) of a coarse answer: streets must stay open.
const COARSE_CELL_M: f64 = 6.0;
/// Bytes per cell of the domain that a study holds at its peak.
const CELL_BYTES: f64 = 140.0;
/// The same of a study of tier 2.
const CELL_BYTES_TIER_2: f64 = 290.0;
/// More cells than this are refused before memory is taken.
const MOST_CELLS: f64 = 400e6;
/// Buildings stand lower than this (m); a higher one in the data would need a domain without end.
const TALLEST_M: f64 = 1000.0;

/// Everything a study needs.
pub struct WindInput {
    /// Voxels and blocks.
    pub site: Site,
    /// Building (position in the city) behind each block; `u32::MAX` for none.
    pub owners: Vec<u32>,
    /// Cells of the maps, row 0 in the north.
    pub raster: Grid,
    /// Column of the domain in the south-western corner of the map.
    pub corner: [usize; 2],
    /// Margin (m) of the domain beyond the map.
    pub margin_m: f64,
    /// Cells closer than this (m) to the edge of the domain get no class.
    pub edge_m: f64,
    /// Approaching wind.
    pub inflow: Inflow,
    /// Height (m) and speed (m/s) of the approaching wind by which ratios are formed.
    pub reference: [f64; 2],
    /// Climate.
    pub climate: Option<Climate>,
    /// Directions (degrees, from which the wind comes) for the comfort, equally spaced from north; empty without a climate.
    pub directions_deg: Vec<f64>,
    /// Directions (degrees) with maps of their own.
    pub maps_from_deg: Vec<f64>,
    /// Areas with a use, local corners.
    pub uses: Vec<UseArea>,
    /// Places of the user.
    pub probes: Vec<Probe>,
    /// Files read besides the city.
    pub files: Vec<InputFile>,
}

/// Wind climate at the site.
pub struct Climate {
    /// Sectors of the station.
    pub rose: Rose,
    /// Words for the source: station, or file.
    pub source: String,
    /// Undisturbed wind at the site by that of the station, both as in [`Exposure`], at [`COMPARED_M`].
    pub exposure: f64,
}

/// An area with a use.
pub struct UseArea {
    /// Name.
    pub id: String,
    /// What people do there.
    pub activity: WindActivity,
    /// Local corners (m).
    pub ring: Vec<[f64; 2]>,
}

/// The settings that a quality computes with.
fn params_of(scenario: &Scenario) -> WindParams {
    scenario.wind.clone().unwrap_or_default()
}

/// Size of the domain of a study.
#[derive(Clone, Copy)]
struct Extent {
    raster: Grid,
    margin_cells: usize,
    tallest_m: f64,
    layers: f64,
}

/// Height (m) of the tallest building of a city that stands on the map or near it.
fn tallest_m(city: &City, raster: &Grid) -> f64 {
    let (min, max) = raster.bounds();
    let near = |low: &Point3<f64>, high: &Point3<f64>| {
        high.x > min[0] - WIDEST_MARGIN_M
            && low.x < max[0] + WIDEST_MARGIN_M
            && high.y > min[1] - WIDEST_MARGIN_M
            && low.y < max[1] + WIDEST_MARGIN_M
    };
    let heights = city.buildings.iter().filter_map(|b| {
        let (low, high) = b.bounds();
        near(&low, &high).then_some(high.z - low.z)
    });
    heights
        .filter(|h| h.is_finite())
        .fold(0.0, f64::max)
        .min(TALLEST_M)
}

/// Height (m) of the highest ground of a city above its lowest.
fn relief_m(city: &City) -> f64 {
    let range = city.terrain.as_deref().and_then(|t| t.height_range());
    range.map_or(0.0, |(low, high)| high - low)
}

/// Local west, south, east and north of the map.
fn area(baseline: &City, params: &WindParams) -> Result<[f64; 4], WindError> {
    if let Some([west, south, east, north]) = params.area {
        let low = baseline.frame.local_from_crs([west, south, 0.0]);
        let high = baseline.frame.local_from_crs([east, north, 0.0]);
        return Ok([low.x, low.y, high.x, high.y]);
    }
    let boxes = baseline.buildings.iter().map(|b| b.bounds());
    let (low, high) = boxes.fold(
        (Point3::from([f64::MAX; 3]), Point3::from([f64::MIN; 3])),
        |(low, high), (a, b)| (low.inf(&a), high.sup(&b)),
    );
    if low.x < high.x && low.y < high.y {
        Ok([low.x, low.y, high.x, high.y])
    } else {
        Err(WindError::Empty)
    }
}

fn extent(
    baseline: &City,
    city: &City,
    params: &WindParams,
    quality: Quality,
    (cell_m, relief_m): (f64, f64),
) -> Result<Extent, WindError> {
    let [west, south, east, north] = area(baseline, params)?;
    let raster = Grid::covering([west, south], [east, north], cell_m);
    // That of the baseline too: a variant without the tallest building keeps the domain.
    let tallest_m = tallest_m(baseline, &raster).max(tallest_m(city, &raster));
    let heights = match quality {
        Quality::Exact => MARGIN,
        Quality::Coarse => COARSE_MARGIN,
    };
    let margin = (heights * tallest_m).min(WIDEST_MARGIN_M);
    let margin_cells = (margin / cell_m).max(LEAST_MARGIN).ceil();
    let layers = layers_m(cell_m, 0.0, relief_m, tallest_m).len() as f64;
    Ok(Extent {
        raster,
        margin_cells: margin_cells as usize,
        tallest_m,
        layers,
    })
}

impl Extent {
    fn cells(&self) -> f64 {
        let across = |n: usize| n as f64 + 2.0 * self.margin_cells as f64;
        across(self.raster.cols) * across(self.raster.rows) * self.layers
    }
}

/// Faces (m) of the layers over ground between two heights under buildings so tall.
fn layers_m(cell_m: f64, low_m: f64, high_m: f64, tallest_m: f64) -> Vec<f64> {
    let first = cell_m.min(LAYER_M);
    let even = high_m + EVEN_LAYERS * first;
    let top = high_m + ((1.0 + MARGIN) * tallest_m).max(2.0 * EVEN_LAYERS * first);
    levels(low_m, first, even, GROWTH, THICKEST * first, top)
}

/// Cell size (m) and number of directions that a quality computes with.
fn resolution(
    baseline: &City,
    city: &City,
    params: &WindParams,
    quality: Quality,
    relief_m: f64,
) -> Result<(f64, u32), WindError> {
    if quality == Quality::Exact {
        return Ok((params.cell_m, params.directions));
    }
    let directions = params.directions.min(COARSE_DIRECTIONS);
    let count = match params.climate {
        Some(_) => f64::from(directions) + params.maps_from_deg.len() as f64,
        None => params.maps_from_deg.len().max(1) as f64,
    };
    let mut cell_m = params.cell_m;
    // A quarter wider at a time: the work falls about with the cube.
    while cell_m * 1.25 <= COARSE_CELL_M.max(params.cell_m)
        && extent(baseline, city, params, quality, (cell_m, relief_m))?.cells() * count
            > COARSE_WORK
    {
        cell_m *= 1.25;
    }
    Ok((cell_m, directions))
}

/// Memory (bytes) that a study holds at its peak beside the city.
pub fn memory_bytes(city: &City, scenario: &Scenario, quality: Quality) -> u64 {
    let params = params_of(scenario);
    let relief_m = relief_m(city);
    let extent = resolution(city, city, &params, quality, relief_m)
        .and_then(|(cell_m, _)| extent(city, city, &params, quality, (cell_m, relief_m)));
    let bytes = if params.tier == 2 && quality == Quality::Exact {
        CELL_BYTES_TIER_2
    } else {
        CELL_BYTES
    };
    let bytes = |extent: Extent| {
        // Coarse answers leave something for the next one, of all directions together.
        let kept = match quality {
            Quality::Coarse => extent.cells() * f64::from(COARSE_DIRECTIONS + 1),
            Quality::Exact => 0.0,
        };
        extent.cells() * bytes + kept.min(MOST_KEPT as f64) * KEPT_BYTES as f64
    };
    extent.map_or(0, |extent| bytes(extent) as u64)
}

/// Makes the input of a study of one variant. Where `before`, the place of another study, has the same grid and ground, only what differs from it is computed.
pub fn wind_input(
    baseline: &City,
    city: &City,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    before: Option<Site>,
    job: &Job,
) -> Result<WindInput, WindError> {
    job.phase("phase-wind-prepare");
    let params = params_of(scenario);
    let relief_m = relief_m(city);
    let (cell_m, directions) = resolution(baseline, city, &params, quality, relief_m)?;
    let extent = extent(baseline, city, &params, quality, (cell_m, relief_m))?;
    meets_city(baseline, &extent.raster)?;
    if extent.cells() > MOST_CELLS {
        return Err(WindError::Setting {
            code: "too-many-cells",
            what: "the domain has too many cells".to_owned(),
            field: "wind.cell_m".to_owned(),
            found: format!("{:.0} million", extent.cells() / 1e6),
            expected: format!("at most {:.0} million", MOST_CELLS / 1e6),
            help: "widen `cell_m`, or limit `area`".to_owned(),
        });
    }
    if extent.tallest_m * MARGIN > WIDEST_MARGIN_M {
        let height_m = format!("{:.0}", extent.tallest_m);
        job.finding(Finding::warning("wind-tall-building").arg("height_m", height_m));
    }
    let mut files = Files::new(roots);
    let inflow = inflow(&params.inflow, &mut files)?;
    let reference_m = match &inflow {
        Inflow::Log { reference_m, .. } | Inflow::Power { reference_m, .. } => *reference_m,
        Inflow::Table(rows) => rows.last().map_or(COMPARED_M, |row| row.z_m),
    };
    let climate = climate(&params, &inflow, &mut files, job)?;
    if let Some(climate) = &climate {
        let silent = climate.rose.sectors.iter().filter(|s| s.frequency == 0.0);
        let count = silent.count();
        if count > 0 {
            job.finding(Finding::info("wind-sector-without-data").arg("count", count));
        }
    }
    let margin = extent.margin_cells;
    let raster = extent.raster;
    let mut grid = WindGrid {
        cells: [raster.cols + 2 * margin, raster.rows + 2 * margin, 1],
        cell_m,
        west_m: raster.west - margin as f64 * cell_m,
        south_m: raster.north - (raster.rows + margin) as f64 * cell_m,
        levels_m: vec![0.0, 1.0],
    };
    let ground_m = surface::ground_m(city, &grid, params.water_level_m);
    let (low, high) = ground_m
        .iter()
        .fold((f32::MAX, f32::MIN), |(a, b), &z| (a.min(z), b.max(z)));
    grid.levels_m = layers_m(cell_m, f64::from(low), f64::from(high), extent.tallest_m);
    grid.cells[2] = grid.levels_m.len() - 1;
    let top_m = grid.levels_m[grid.cells[2]] - f64::from(high);
    if params.height_m > 0.5 * top_m {
        return Err(WindError::Setting {
            code: "too-high",
            what: "the map lies too high above the ground for its domain".to_owned(),
            field: "wind.height_m".to_owned(),
            found: format!("{} m", params.height_m),
            expected: format!("at most {:.1} m", 0.5 * top_m),
            help: "lower `height_m`, or widen `cell_m`: the domain is at least 20 cells of ground wind high".to_owned(),
        });
    }
    job.check_cancelled()?;
    let surface = surface::surface(city, &grid, ground_m);
    job.check_cancelled()?;
    let (blocks, owners) = blocks::blocks(&grid, &surface);
    job.check_cancelled()?;
    let probes = match &params.probes {
        Some(path) => files.probes("wind.probes", path, &city.frame)?,
        None => Vec::new(),
    };
    let uses = params.uses.iter().map(|u| UseArea {
        id: u.id.clone(),
        activity: u.activity,
        ring: u
            .area
            .iter()
            .map(|&[e, n]| {
                let p = city.frame.local_from_crs([e, n, 0.0]);
                [p.x, p.y]
            })
            .collect(),
    });
    let uses: Vec<UseArea> = uses.collect();
    outside(&uses, &raster, job);
    let maps_from_deg = match (params.maps_from_deg.as_slice(), &climate) {
        ([], Some(climate)) => vec![most_frequent_deg(&climate.rose)],
        ([], None) => vec![MOST_COMMON_DEG],
        (given, _) => given.iter().map(|d| d.rem_euclid(360.0)).collect(),
    };
    let before = before.filter(|site| site.follows(&grid, &surface.ground_m));
    let site = match (before, quality) {
        (Some(mut site), _) => {
            site.change(blocks, surface.tops_m);
            site
        }
        (None, Quality::Coarse) => {
            Site::with_tops(grid, blocks, surface.ground_m, surface.tops_m).keeping()
        }
        (None, Quality::Exact) => Site::with_tops(grid, blocks, surface.ground_m, surface.tops_m),
    };
    let directions_deg = (0..directions).map(|n| 360.0 * f64::from(n) / f64::from(directions));
    Ok(WindInput {
        reference: [reference_m, inflow.speed_mps(reference_m)],
        site: site.with_trees(&trees(city, params.trees)),
        owners,
        raster,
        corner: [margin, margin],
        margin_m: margin as f64 * cell_m,
        edge_m: match quality {
            Quality::Exact => MARGIN * extent.tallest_m,
            Quality::Coarse => COARSE_MARGIN * extent.tallest_m,
        },
        inflow,
        directions_deg: if climate.is_some() {
            directions_deg.collect()
        } else {
            Vec::new()
        },
        climate,
        maps_from_deg,
        uses,
        probes,
        files: files.read,
    })
}

/// An error for a map that lies beyond everything in the city: the wind over nothing would be that of an empty plain.
fn meets_city(city: &City, raster: &Grid) -> Result<(), WindError> {
    let Some((low, high)) = city.bounds_xy() else {
        return Ok(());
    };
    let (min, max) = raster.bounds();
    if (0..2).all(|k| min[k] < high[k] && max[k] > low[k]) {
        return Ok(());
    }
    let text = |low: [f64; 2], high: [f64; 2]| {
        let [w, s, _] = city.frame.crs_from_local([low[0], low[1], 0.0].into());
        let [e, n, _] = city.frame.crs_from_local([high[0], high[1], 0.0].into());
        format!("[{w:.0}, {s:.0}, {e:.0}, {n:.0}]")
    };
    Err(WindError::Setting {
        code: "outside",
        what: "the area lies outside of the city".to_owned(),
        field: "wind.area".to_owned(),
        found: text(min, max),
        expected: format!("an area that meets {}", text(low, high)),
        help: "the area is west, south, east, north in the CRS of the city".to_owned(),
    })
}

/// Direction (degrees) of the map when neither settings nor a climate name one: south-west, the usual one in Germany.
const MOST_COMMON_DEG: f64 = 240.0;

/// Middle (degrees) of the sector with the most hours.
fn most_frequent_deg(rose: &Rose) -> f64 {
    let sectors = rose.sectors.iter().enumerate();
    // The first of equal ones.
    let most = sectors.reduce(|a, b| if b.1.frequency > a.1.frequency { b } else { a });
    most.map_or(0.0, |(n, _)| n as f64 * 360.0 / rose.sectors.len() as f64)
}

/// Areas of uses that have no place on the map.
fn outside(uses: &[UseArea], raster: &Grid, job: &Job) {
    let (low, high) = raster.bounds();
    for area in uses {
        let range = |k: usize| {
            area.ring
                .iter()
                .fold((f64::MAX, f64::MIN), |(a, b), p| (a.min(p[k]), b.max(p[k])))
        };
        let inside = (0..2).all(|k| {
            let (a, b) = range(k);
            a >= low[k] - raster.cell_m && b <= high[k] + raster.cell_m
        });
        if !inside {
            job.finding(Finding::warning("wind-use-outside").object(area.id.clone()));
        }
    }
}

fn inflow(settings: &WindInflow, files: &mut Files<'_>) -> Result<Inflow, WindError> {
    Ok(match settings {
        WindInflow::Log { z0_m, speed_mps } => Inflow::Log {
            z0_m: *z0_m,
            reference_m: COMPARED_M,
            speed_mps: *speed_mps,
        },
        WindInflow::Power {
            alpha,
            reference_m,
            speed_mps,
        } => Inflow::Power {
            alpha: *alpha,
            reference_m: *reference_m,
            speed_mps: *speed_mps,
        },
        WindInflow::Table { file } => Inflow::Table(files.profile("wind.inflow.file", file)?),
    })
}

/// Crowns of the city, if they count.
fn trees(city: &City, settings: WindTrees) -> Vec<Tree> {
    /// Area (m² per m³) of leaves, and of branches without them (values usual for street trees; from memory).
    const LEAVES: f64 = 1.0;
    const BRANCHES: f64 = 0.2;
    let leaf_area_density = match settings {
        WindTrees::Ignore => return Vec::new(),
        WindTrees::Bare => BRANCHES,
        WindTrees::InLeaf => LEAVES,
    };
    let crowns = city.trees.iter().map(|tree| Tree {
        centre: [tree.foot.x, tree.foot.y],
        crown: Crown::Spheroid,
        radius_m: 0.5 * tree.crown_diameter_m,
        crown_base_m: tree.foot.z + tree.crown_base_m(),
        top_m: tree.foot.z + tree.height_m,
        leaf_area_density,
    });
    crowns.collect()
}

/// A remark on a weather file as a finding.
fn finding(remark: &Remark) -> Finding {
    match remark {
        Remark::ManyMissing { hours, of } => Finding::warning("wind-hours-missing")
            .arg("hours_count", hours)
            .arg("of_count", of),
        Remark::ManyVariable { hours, of } => Finding::warning("wind-hours-variable")
            .arg("hours_count", hours)
            .arg("of_count", of),
        Remark::ShortRecord { hours } => {
            Finding::warning("wind-short-record").arg("hours_count", hours)
        }
        Remark::TypicalYear { largest_mps } => {
            Finding::info("wind-typical-year").arg("largest_m_per_s", format!("{largest_mps:.1}"))
        }
        Remark::DirectionSteps { step_deg, sectors } => Finding::info("wind-direction-steps")
            .arg("step_deg", step_deg)
            .arg("sectors", sectors),
    }
}

fn climate(
    params: &WindParams,
    inflow: &Inflow,
    files: &mut Files<'_>,
    job: &Job,
) -> Result<Option<Climate>, WindError> {
    let Some(settings) = &params.climate else {
        return Ok(None);
    };
    let sectors = settings.sectors.map(|n| n as usize);
    let (rose, source, remarks) = files.climate("wind.climate.file", &settings.file, sectors)?;
    for remark in remarks {
        job.finding(finding(&remark).place(settings.file.clone()));
    }
    let station = Exposure {
        z0_m: settings.station_z0_m,
        height_m: settings.station_height_m,
    };
    let site = Exposure {
        z0_m: inflow.z0_m(),
        height_m: COMPARED_M,
    };
    Ok(Some(Climate {
        rose,
        source,
        exposure: exposure(station, site),
    }))
}
