//! The study of one variant: from city and scenario to a result, direction after direction.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::city::City;
use crate::city::sources::Roots;
use crate::job::{Cancelled, Job};
use crate::result::{Quality, SimulationResult};
use crate::scenario::Scenario;

use super::climate::around;
use super::comfort::{COMFORT_MPS, DANGER_MPS};
use super::error::WindError;
use super::heading::Heading;
use super::input::{Climate, WindInput, wind_input};
pub use super::mask::Mask;
use super::mask::mask;
use super::params::{WindParams, WindStatistic};
use super::present::{Presented, present};
use super::probe::{Wind, wind_at};
use super::rans::{self, Ended, RansOptions, Residual};
use super::roeckle::{Constants, Zone};
use super::tier1::{Field, MOST_KEPT, Site};
use super::turbulence::shear_k;

/// Shares of the time whose exceeded speed is judged: comfort of the activities, and their safety (about two hours a year).
pub const ACTIVITY_SHARE: f64 = 0.05;
/// See [`ACTIVITY_SHARE`].
pub const SAFETY_SHARE: f64 = 0.000_22;
/// Two directions (degrees) closer than this are the same.
const SAME_DEG: f64 = 1e-6;

/// Wind of one direction on the map.
#[derive(Clone, Debug)]
pub struct DirectionMap {
    /// Direction (degrees) from which the wind comes.
    pub from_deg: f64,
    /// Speed (m/s) of the chosen statistic in each cell of the map; NaN in walls.
    pub speed_mps: Vec<f32>,
    /// Speed (m/s) of tier 2 less that of tier 1: how far the two methods are apart; empty for a run of tier 1.
    pub beyond_tier_1: Vec<f32>,
    /// Direction (degrees) towards which the mean velocity blows.
    pub towards_deg: Vec<f32>,
    /// What makes the wind there.
    pub zones: Vec<Zone>,
    /// Building (position in the city) behind it; `u32::MAX` for none.
    pub causes: Vec<u32>,
}

/// Wind at a place of the user.
#[derive(Clone, Copy, Debug)]
pub struct ProbeWind {
    /// Direction (degrees) from which the wind comes.
    pub from_deg: f64,
    /// Position of the place.
    pub probe: usize,
    /// Wind; None in a wall or outside of the domain.
    pub wind: Option<Wind>,
    /// Speed (m/s) of gusts there, with the turbulence of shear; NaN without wind.
    pub gust_mps: f64,
    /// Height (m) above the ground of its column.
    pub above_m: f64,
}

/// What hours of a year bring to each cell of the map; NaN in walls.
#[derive(Clone, Debug, Default)]
pub struct ComfortMap {
    /// Share (%) of the hours with more than 5 m/s.
    pub over_comfort: Vec<f32>,
    /// Share (%) of the hours with more than 15 m/s.
    pub over_danger: Vec<f32>,
    /// Speed (m/s) exceeded in 5 % of the hours.
    pub activity_mps: Vec<f32>,
    /// Speed (m/s) exceeded in 0.022 % of the hours.
    pub safety_mps: Vec<f32>,
}

/// Everything a study computed, before it is put into fields and tables.
pub struct WindRun {
    /// Directions with maps of their own.
    pub maps: Vec<DirectionMap>,
    /// Comfort, with a climate.
    pub comfort: Option<ComfortMap>,
    /// Wind at the places of the user, for each of `maps`.
    pub probes: Vec<ProbeWind>,
    /// Why a cell of the map gets no class.
    pub mask: Vec<Mask>,
    /// Largest relative residual of the potential, and most iterations.
    pub solved: (f32, usize),
    /// Tier 2; None for a run of tier 1.
    pub tier_2: Option<Tier2>,
}

/// How tier 2 went, over all directions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tier2 {
    /// Directions.
    pub directions: usize,
    /// Most steps of a direction.
    pub steps: usize,
    /// Largest change of the velocity in the last step, by the velocity.
    pub change: f32,
    /// Largest imbalance of mass in the last step (see [`Residual`](super::rans::Residual)).
    pub mass: f32,
    /// Directions whose wind was not steady at the last step.
    pub unsteady: usize,
}

/// What a coarse answer leaves for the next one: somebody drags a building, and the rest of the town stays as it is.
#[derive(Default)]
pub struct Live {
    site: Mutex<Option<Site>>,
}

impl Live {
    fn slot(&self) -> MutexGuard<'_, Option<Site>> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the place of a coarse answer for the next one, unless it is so large that exact runs would miss its memory.
    fn keep(&self, site: Site, quality: Quality) {
        if quality == Quality::Coarse && site.grid.len() <= MOST_KEPT {
            *self.slot() = Some(site);
        }
    }
}

/// Runs the study of one variant.
pub fn simulate(
    baseline: &City,
    city: &Arc<City>,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, WindError> {
    simulate_after(
        &Live::default(),
        baseline,
        city,
        scenario,
        roots,
        quality,
        job,
    )
}

/// The same after others of the same baseline. Exact answers do not depend on what came before; coarse ones start from the last one, with the same zones and
/// a potential that is nearer to its end.
pub fn simulate_after(
    live: &Live,
    baseline: &City,
    city: &Arc<City>,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, WindError> {
    let before = match quality {
        Quality::Coarse => live.slot().take(),
        Quality::Exact => None,
    };
    let mut input = wind_input(baseline, city, scenario, roots, quality, before, job)?;
    let params = scenario.wind.clone().unwrap_or_default();
    let tier = if quality == Quality::Coarse {
        1
    } else {
        params.tier
    };
    let run = run(&mut input, &params, tier, job);
    let run = match run {
        Ok(run) => run,
        Err(error) => {
            live.keep(input.site, quality);
            return Err(error);
        }
    };
    job.phase("phase-wind-present");
    let presented = Presented {
        city,
        input: &input,
        params: &params,
        quality,
    };
    let result = present(&presented, &run, job);
    live.keep(input.site, quality);
    Ok(result)
}

/// The computation alone, with a tier that may differ from that of the settings.
pub fn run(
    input: &mut WindInput,
    params: &WindParams,
    tier: u32,
    job: &Job,
) -> Result<WindRun, WindError> {
    job.phase("phase-wind-run");
    let mask = mask(input);
    let mut maps = Vec::new();
    let mut probes = Vec::new();
    let mut ratios = Ratios::default();
    let mut solved = (0.0_f32, 0);
    let mut tier_2 = (tier == 2).then(Tier2::default);
    let wanted: Vec<(f64, bool, bool)> = {
        let comfort = input.directions_deg.iter();
        let mut all: Vec<(f64, bool, bool)> = comfort.map(|&d| (d, true, false)).collect();
        for &deg in &input.maps_from_deg {
            match all.iter_mut().find(|(d, ..)| same_direction(*d, deg)) {
                Some((_, _, map)) => *map = true,
                None => all.push((deg, false, true)),
            }
        }
        all
    };
    for (n, &(from_deg, is_comfort, is_map)) in wanted.iter().enumerate() {
        let heading = Heading::coming_from(from_deg.to_radians());
        let mut field = input
            .site
            .wind_for(job, &input.inflow, heading, Constants::FITTED)?;
        solved.0 = solved.0.max(field.solved.residual);
        solved.1 = solved.1.max(field.solved.iterations);
        let mut ground = Ground::Sloping {
            z0_m: input.inflow.z0_m(),
        };
        let mut before = Vec::new();
        let mut gust_k = None;
        if let Some(tier_2) = &mut tier_2 {
            if is_map {
                before = winds(input, &field, &field.k, params.height_m, ground, &mask, job)?;
            }
            let share = 0.85 / wanted.len() as f32;
            let told = Told {
                job,
                from: 0.05 + n as f32 * share,
                share,
            };
            ground = beyond(input, heading, &mut field, tier_2, &told)?;
        } else if is_comfort
            || params.statistic == WindStatistic::GustEquivalent
            || !input.probes.is_empty()
        {
            // Gusts need the turbulence of shear too, which the mean speed of tier 1 was not calibrated with.
            gust_k = Some(sheared(input, &field, params.height_m, job)?);
        }
        let gust_k = gust_k.as_deref().unwrap_or(&field.k);
        let mean = winds(input, &field, &field.k, params.height_m, ground, &mask, job)?;
        let gusts = winds(input, &field, gust_k, params.height_m, ground, &mask, job)?;
        let speed = |cell: usize| {
            speed(
                mean[cell].as_ref()?,
                gusts[cell].as_ref()?,
                params.statistic,
            )
        };
        if is_comfort {
            let exposure = input.climate.as_ref().map_or(1.0, |c| c.exposure);
            let by = exposure / input.inflow.speed_mps(super::input::COMPARED_M);
            let ratio = |speed: Option<f64>| speed.map_or(f32::NAN, |v| (v * by) as f32);
            let hours = |wind: &Wind| match params.statistic {
                WindStatistic::MeanVelocity => wind.vector_speed(),
                WindStatistic::MeanSpeed | WindStatistic::GustEquivalent => wind.scalar_speed(),
            };
            let felt = |cell: usize| Some(equivalent(mean[cell].as_ref()?, gusts[cell].as_ref()?));
            ratios
                .hours
                .push(mean.iter().map(|w| ratio(w.as_ref().map(hours))).collect());
            ratios
                .felt
                .push((0..mean.len()).map(|cell| ratio(felt(cell))).collect());
        }
        if is_map {
            let speeds: Vec<f32> = (0..mean.len())
                .map(|cell| speed(cell).map_or(f32::NAN, |v| v as f32))
                .collect();
            let mut map = direction_map(input, &field, from_deg, params.height_m, &mean, speeds);
            // Gusts of both tiers are not alike; their means are.
            let beyond = mean.iter().zip(&before).map(|pair| match pair {
                (Some(new), Some(old)) => (new.scalar_speed() - old.scalar_speed()) as f32,
                _ => f32::NAN,
            });
            map.beyond_tier_1 = beyond.collect();
            maps.push(map);
            for (probe, place) in input.probes.iter().enumerate() {
                probes.push(probe_wind(
                    input,
                    (&field, gust_k, ground),
                    from_deg,
                    probe,
                    place.place,
                ));
            }
        }
        job.progress((0.05 + 0.85 * (n + 1) as f64 / wanted.len() as f64) as f32);
        job.check_cancelled()?;
    }
    // In the order of the settings.
    let order = |map: &DirectionMap| {
        let mut wanted = input.maps_from_deg.iter();
        wanted.position(|d| same_direction(*d, map.from_deg))
    };
    maps.sort_by_key(order);
    let comfort = match &input.climate {
        Some(climate) => Some(comfort(climate, &ratios, job)?),
        None => None,
    };
    job.progress(1.0);
    Ok(WindRun {
        tier_2,
        maps,
        comfort,
        probes,
        mask,
        solved,
    })
}

/// Whom a direction tells its progress.
struct Told<'a> {
    job: &'a Job,
    /// Share of the work that is done before, and that the direction takes.
    from: f32,
    share: f32,
}

/// Tier 2 from tier 1 on, in the same field; gives the ground that it felt.
fn beyond(
    input: &WindInput,
    heading: Heading,
    field: &mut Field,
    tier_2: &mut Tier2,
    told: &Told<'_>,
) -> Result<Ground, WindError> {
    let options = RansOptions::default();
    let on_step = |step: usize, _: Residual| {
        let share = (step + 1) as f32 / options.most_steps as f32;
        told.job.progress(told.from + told.share * share);
        ControlFlow::Continue(())
    };
    let found = rans::solve_for(
        told.job,
        &input.site,
        &input.inflow,
        heading,
        &options,
        field,
        on_step,
    )?;
    if found.ended == Ended::Diverged {
        return Err(WindError::Setting {
            code: "diverged",
            what: "the wind of tier 2 grew beyond all bounds".to_owned(),
            field: "wind.tier".to_owned(),
            found: format!("no wind after {} steps", found.history.len()),
            expected: "wind that becomes steady".to_owned(),
            help:
                "compute with `tier = 1`, or change `wind.cell_m`; and please report the scenario"
                    .to_owned(),
        });
    }
    tier_2.directions += 1;
    tier_2.steps = tier_2.steps.max(found.history.len());
    tier_2.unsteady += usize::from(found.ended != Ended::Steady);
    if let Some(last) = found.history.last() {
        tier_2.change = tier_2.change.max(last.change);
        tier_2.mass = tier_2.mass.max(last.mass);
    }
    (field.flow, field.k) = (found.flow, found.k);
    Ok(Ground::Stairs {
        z0_m: found.ground_z0_m,
    })
}

/// Turbulent energy with that of shear, up to the layer above the map; everywhere for places of the user.
fn sheared(
    input: &WindInput,
    field: &Field,
    height_m: f64,
    job: &Job,
) -> Result<Vec<f32>, Cancelled> {
    let site = &input.site;
    let highest = site.ground_m.iter().copied().fold(f32::MIN, f32::max);
    let map_m = f64::from(highest) + height_m;
    let layers = if input.probes.is_empty() {
        site.grid.levels_m.partition_point(|&z| z <= map_m) + 2
    } else {
        usize::MAX
    };
    let heights = site.blocks.iter().map(|b| b.top_m - b.base_m);
    let mean = heights.sum::<f64>() / site.blocks.len().max(1) as f64;
    let mean_height_m = (!site.blocks.is_empty()).then_some(mean);
    shear_k(
        &site.grid,
        &site.solids,
        &field.flow,
        &field.gust_k,
        mean_height_m,
        layers,
        Constants::FITTED,
        job,
    )
}

/// Speeds on the map by that of the station, one field per direction of the comfort.
#[derive(Default)]
struct Ratios {
    /// Mean speed, for hours above a threshold.
    hours: Vec<Vec<f32>>,
    /// The larger of the mean speed and the gust-equivalent mean, for the criteria of Lawson and of the City of London.
    felt: Vec<Vec<f32>>,
}

/// True for two directions (degrees) that are the same.
fn same_direction(a: f64, b: f64) -> bool {
    let d = (a - b).rem_euclid(360.0);
    d.min(360.0 - d) < SAME_DEG
}

/// The speed (m/s) of a statistic, from the wind with its turbulence for means and with that for gusts.
fn speed(mean: &Wind, gusts: &Wind, statistic: WindStatistic) -> Option<f64> {
    Some(match statistic {
        WindStatistic::MeanSpeed => mean.scalar_speed(),
        WindStatistic::MeanVelocity => mean.vector_speed(),
        WindStatistic::GustEquivalent => equivalent(mean, gusts),
    })
}

/// Gust-equivalent mean (m/s), no less than the mean speed.
fn equivalent(mean: &Wind, gusts: &Wind) -> f64 {
    mean.scalar_speed().max(gusts.gust_equivalent_mps())
}

/// What heights above ground are counted from, with the roughness length (m) of the ground.
#[derive(Clone, Copy, Debug)]
enum Ground {
    /// The ground itself: zones of tier 1 follow it.
    Sloping {
        /// Roughness length (m).
        z0_m: f64,
    },
    /// The floor of the lowest cell with air: tier 2 feels the ground as stairs.
    Stairs {
        /// Roughness length (m).
        z0_m: f64,
    },
}

impl Ground {
    fn z0_m(self) -> f64 {
        match self {
            Self::Sloping { z0_m } | Self::Stairs { z0_m } => z0_m,
        }
    }

    /// Height (m) from which those in a column are counted.
    fn floor_m(self, site: &Site, i: usize, j: usize) -> f64 {
        let ground = f64::from(ground(site, i, j));
        match self {
            Self::Sloping { .. } => ground,
            Self::Stairs { .. } => {
                let levels = &site.grid.levels_m;
                let first = levels.partition_point(|&z| z <= ground).max(1) - 1;
                let mut air = first..site.grid.cells[2];
                let air = air.find(|&k| !site.solids.is_solid(site.grid.at(i, j, k)));
                air.map_or(ground, |k| levels[k])
            }
        }
    }
}

/// Column of the domain under a cell of the map.
pub(super) fn column(input: &WindInput, cell: usize) -> [usize; 2] {
    let (row, col) = (cell / input.raster.cols, cell % input.raster.cols);
    [
        input.corner[0] + col,
        input.corner[1] + input.raster.rows - 1 - row,
    ]
}

/// Wind at the height of people over each cell of the map, with this turbulent energy; None in walls.
fn winds(
    input: &WindInput,
    field: &Field,
    k: &[f32],
    height_m: f64,
    ground: Ground,
    mask: &[Mask],
    job: &Job,
) -> Result<Vec<Option<Wind>>, Cancelled> {
    let site = &input.site;
    let found = (0..input.raster.len())
        .into_par_iter()
        .map(|cell| {
            if job.is_cancelled() || mask[cell] == Mask::Solid {
                return None;
            }
            let [i, j] = column(input, cell);
            let place = site.grid.centre_m(i, j);
            let height = ground.floor_m(site, i, j) + height_m;
            wind_at(
                &site.grid,
                &site.solids,
                &field.flow,
                k,
                place,
                height,
                ground.z0_m(),
            )
        })
        .collect();
    job.check_cancelled()?;
    Ok(found)
}

/// Height (m) of the ground of a column.
pub(super) fn ground(site: &Site, i: usize, j: usize) -> f32 {
    let lowest = site.grid.levels_m[0] as f32;
    let at = j * site.grid.cells[0] + i;
    site.ground_m.get(at).copied().unwrap_or(lowest)
}

fn direction_map(
    input: &WindInput,
    field: &Field,
    from_deg: f64,
    height_m: f64,
    winds: &[Option<Wind>],
    speed_mps: Vec<f32>,
) -> DirectionMap {
    let site = &input.site;
    let towards = |w: &Wind| {
        let [u, v, _] = w.velocity;
        u.atan2(v).to_degrees().rem_euclid(360.0) as f32
    };
    let zone = |cell: usize| {
        let [i, j] = column(input, cell);
        // Where people are: cells below the ground of a column may have air and are in no zone.
        let height = f64::from(ground(site, i, j)) + height_m;
        let above = site.grid.levels_m.partition_point(|&z| z <= height);
        let layer = above.clamp(1, site.grid.cells[2]) - 1;
        let (zone, block) = field.zones[site.grid.at(i, j, layer)];
        let cause = match zone {
            Zone::Free | Zone::Trees => u32::MAX,
            _ => input
                .owners
                .get(block as usize)
                .copied()
                .unwrap_or(u32::MAX),
        };
        (zone, cause)
    };
    let (zones, causes) = (0..winds.len()).map(zone).unzip();
    DirectionMap {
        from_deg,
        speed_mps,
        towards_deg: winds
            .iter()
            .map(|w| w.as_ref().map_or(f32::NAN, towards))
            .collect(),
        zones,
        causes,
        beyond_tier_1: Vec::new(),
    }
}

/// Wind at a place from a field, its turbulent energy for gusts, and what heights are counted from.
fn probe_wind(
    input: &WindInput,
    (field, gust_k, ground): (&Field, &[f32], Ground),
    from_deg: f64,
    probe: usize,
    [x, y, z]: [f64; 3],
) -> ProbeWind {
    let site = &input.site;
    let grid = &site.grid;
    let cell = |v: f64, from: f64| ((v - from) / grid.cell_m).max(0.0) as usize;
    let i = cell(x, grid.west_m).min(grid.cells[0] - 1);
    let j = cell(y, grid.south_m).min(grid.cells[1] - 1);
    let above_m = z - f64::from(self::ground(site, i, j));
    // On a roof the ground is far below and the stairs are those of the roof.
    let height = match ground {
        Ground::Stairs { .. } if above_m > 0.0 => {
            let floor = ground.floor_m(site, i, j);
            if floor <= z { floor + above_m } else { z }
        }
        _ => z,
    };
    let wind = |k: &[f32]| {
        wind_at(
            grid,
            &site.solids,
            &field.flow,
            k,
            [x, y],
            height,
            ground.z0_m(),
        )
    };
    ProbeWind {
        from_deg,
        probe,
        wind: wind(&field.k),
        gust_mps: wind(gust_k).map_or(f64::NAN, |wind| wind.gust_mps()),
        above_m,
    }
}

/// What a year brings: ratios by direction, one field each, to the sectors of the climate.
fn comfort(climate: &Climate, ratios: &Ratios, job: &Job) -> Result<ComfortMap, WindError> {
    job.phase("phase-wind-comfort");
    // More directions than sectors: parts of sectors each have the ratio of their own direction.
    let rose = if ratios.hours.len() > climate.rose.sectors.len() {
        climate.rose.in_thirds()
    } else {
        climate.rose.clone()
    };
    let sectors = rose.sectors.len();
    let cells = ratios.hours.first().map_or(0, Vec::len);
    let values: Vec<[f32; 4]> = (0..cells)
        .into_par_iter()
        .map(|cell| {
            let of = |fields: &[Vec<f32>]| -> Vec<f64> {
                let own: Vec<f64> = fields.iter().map(|r| f64::from(r[cell])).collect();
                around(&own, sectors)
            };
            let (hours, felt) = (of(&ratios.hours), of(&ratios.felt));
            if job.is_cancelled() || hours.iter().chain(&felt).any(|r| r.is_nan()) {
                return [f32::NAN; 4];
            }
            let percent = |speed: f64| (100.0 * rose.exceedance(speed, &hours)) as f32;
            let exceeded = |share: f64| rose.exceeded_mps(share, &felt) as f32;
            [
                percent(COMFORT_MPS),
                percent(DANGER_MPS),
                exceeded(ACTIVITY_SHARE),
                exceeded(SAFETY_SHARE),
            ]
        })
        .collect();
    job.check_cancelled()?;
    let field = |n: usize| values.iter().map(|v| v[n]).collect();
    Ok(ComfortMap {
        over_comfort: field(0),
        over_danger: field(1),
        activity_mps: field(2),
        safety_mps: field(3),
    })
}
