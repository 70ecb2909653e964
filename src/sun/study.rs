//! The sun study: receivers, kernel, and the result that window, report and files share.

use std::sync::Arc;

use nalgebra::Point3;

use crate::city::sources::Roots;
use crate::city::{Building, City, SurfaceKind};
use crate::finding::Finding;
use crate::job::Job;
use crate::result::{Field, FieldData, InputFile, Quality, SimulationResult};
use crate::scenario::Scenario;

use super::custom::{CustomReceivers, read_receivers};
use super::input::{Area, GroundReceivers, ground_receivers, surface_receivers};
use super::kernel::{Minutes, minutes};
use super::occluders::{Crowns, Occluders, SunContext};
use super::params::TreeShading;
use super::position::{Date, Site, SunDay};
use super::receivers::{ReceiverKind, Receivers};
use super::tables;
use super::{SunError, SunParams};

/// Time step (s) and widening of all spacings of a coarse answer.
const COARSE_STEP_S: f64 = 300.0;
const COARSE_SPACING: f64 = 2.0;
/// Settings of EN 17037 as Germany reads it: least elevation (degrees), least height above the floor (m), minute-exact (s).
const RULE_ELEVATION_DEG: f64 = 11.0;
const RULE_HEIGHT_M: f64 = 1.2;
const EXACT_STEP_S: f64 = 60.0;
/// A draft that reaches this far (m) beyond the ground raster is named.
const EDGE_M: f64 = 5.0;
/// Own receivers further than this (m) from all buildings and terrain are probably in another CRS.
const CUSTOM_MARGIN_M: f64 = 1000.0;
/// Bytes per receiver, and per receiver and day, that a study holds at its peak.
const BYTES_PER_RECEIVER: u64 = 96;
const BYTES_PER_RECEIVER_DAY: u64 = 24;

/// Everything a study computed, before it is put into fields and tables.
pub struct SunResult {
    /// Days in the order of the parameters.
    pub days: Vec<SunDay>,
    /// Ground receivers and their minutes `[days][cells]`, if asked for.
    pub ground: Option<(GroundReceivers, Vec<Vec<Minutes>>)>,
    /// Facade and roof receivers.
    pub receivers: Arc<Receivers>,
    /// Minutes `[days][receivers]`.
    pub minutes: Vec<Vec<Minutes>>,
    /// Own receivers of the user and their minutes.
    pub custom: Option<(CustomReceivers, Vec<Vec<Minutes>>)>,
}

/// Place of the city: its CRS, unless the scenario overrides it.
///
/// One latitude, longitude and convergence, those of the middle of the city, hold for the whole model: 10 km east or west
/// is 35 s of sun time.
pub fn site(city: &City, scenario: &Scenario) -> Result<Site, SunError> {
    let s = &scenario.site;
    let no_place = |reason: String| SunError::NoPlace {
        crs: city.frame.crs.name(),
        reason,
    };
    let middle = || {
        let (lo, hi) = city.bounds_xy().ok_or(SunError::Empty)?;
        let [e, n, _] = city.frame.crs_from_local(nalgebra::Point3::new(
            0.5 * (lo[0] + hi[0]),
            0.5 * (lo[1] + hi[1]),
            0.0,
        ));
        Ok::<_, SunError>([e, n])
    };
    let [longitude_deg, latitude_deg] = match (s.longitude_deg, s.latitude_deg) {
        (Some(longitude), Some(latitude)) => [longitude, latitude],
        (longitude, latitude) => {
            let [e, n] = middle()?;
            let [lon, lat] = city
                .frame
                .crs
                .to_lonlat(e, n)
                .map_err(|e| no_place(format!(": {e}")))?;
            [longitude.unwrap_or(lon), latitude.unwrap_or(lat)]
        }
    };
    let grid_north_rad = match s.grid_north_deg {
        Some(deg) => deg.to_radians(),
        None => {
            let [e, n] = middle()?;
            city.frame
                .crs
                .grid_convergence_rad(e, n)
                .map_err(|e| no_place(format!(": {e}")))?
        }
    };
    Ok(Site {
        latitude_deg,
        longitude_deg,
        grid_north_rad,
        time_zone: s.time_zone,
    })
}

/// Parameters of the coarse answer.
fn coarse(params: &SunParams) -> SunParams {
    SunParams {
        step_s: params.step_s.max(COARSE_STEP_S),
        ground_spacing_m: params.ground_spacing_m * COARSE_SPACING,
        facade_spacing_m: params.facade_spacing_m * COARSE_SPACING,
        roof_spacing_m: params.roof_spacing_m * COARSE_SPACING,
        ..params.clone()
    }
}

/// Runs the study of one variant.
pub fn simulate(
    context: &SunContext,
    city: &Arc<City>,
    scenario: &Scenario,
    roots: &Roots,
    quality: Quality,
    job: &Job,
) -> Result<SimulationResult, SunError> {
    let params = scenario.sun.clone().unwrap_or_default();
    let params = if quality == Quality::Coarse {
        coarse(&params)
    } else {
        params
    };
    let site = site(city, scenario)?;
    let custom = params
        .receivers
        .as_deref()
        .map(|path| read_receivers(path, roots, &city.frame))
        .transpose()?;
    job.phase("phase-sun-prepare");
    let occluders = context.occluders(city);
    job.check_cancelled()?;
    // The area of the baseline holds for all variants, so that their rasters can be compared.
    let area = Area::of(&context.city, &params);
    question_findings(
        &context.city,
        city,
        &params,
        area.as_ref(),
        custom.as_ref(),
        job,
    );
    let result = run(city, &occluders, &site, area.as_ref(), custom, &params, job)?;
    Ok(present(
        city, &site, &params, quality, &occluders, result, job,
    ))
}

/// The computation alone.
pub fn run(
    city: &City,
    occluders: &Occluders,
    site: &Site,
    area: Option<&Area>,
    custom: Option<CustomReceivers>,
    params: &SunParams,
    job: &Job,
) -> Result<SunResult, SunError> {
    let days = params
        .dates
        .iter()
        .map(|text| {
            let date = Date::parse(text).ok_or_else(|| SunError::Date {
                found: text.clone(),
            })?;
            SunDay::new(site, date, params.step_s)
        })
        .collect::<Result<Vec<_>, SunError>>()?;
    let wants_surfaces = params.ground || params.facades || params.roofs;
    if area.is_none() && wants_surfaces && custom.is_none() {
        return Err(SunError::Empty);
    }
    let in_city = |a: &Area| {
        city.bounds_xy().is_some_and(|(lo, hi)| {
            a.meets(
                &Point3::new(lo[0], lo[1], 0.0),
                &Point3::new(hi[0], hi[1], 0.0),
            )
        })
    };
    if wants_surfaces && !area.is_none_or(in_city) {
        return Err(SunError::Empty);
    }
    let crowns = (params.trees == TreeShading::Shade && !city.trees.is_empty()).then(|| {
        let shares = [
            params.bare_crown_transmissivity,
            params.crown_transmissivity,
        ];
        Crowns::new(&city.trees, shares)
    });
    let rule = params.min_elevation_deg.to_radians();
    let compute = |positions: &[[f32; 3]], normals: &[[f32; 3]], from: f32, to: f32| {
        minutes(
            occluders,
            crowns.as_ref(),
            positions,
            normals,
            &days,
            rule,
            job,
            |f| {
                job.progress(from + (to - from) * f);
            },
        )
    };

    job.phase("phase-sun-receivers");
    // Without an area of the user, a draft beyond the box of the city has its facades and roofs too.
    let surfaces = area.map(|area| match params.area {
        Some(_) => *area,
        None => Area::UNLIMITED,
    });
    let receivers = match surfaces {
        Some(area) => surface_receivers(city, &area, params, job)?,
        None => Receivers::default(),
    };
    let ground = area
        .filter(|_| params.ground)
        .map(|area| ground_receivers(city, area, params.ground_spacing_m, job))
        .transpose()?;
    let ground_len = ground.as_ref().map_or(0, |g| g.positions.len());
    let share = ground_len as f32 / (ground_len + receivers.len()).max(1) as f32;
    job.check_cancelled()?;

    job.phase("phase-sun-ground");
    let ground = match ground {
        Some(ground) => {
            let up = vec![[0.0, 0.0, 1.0]; ground.positions.len()];
            let minutes = compute(&ground.positions, &up, 0.02, 0.02 + 0.96 * share)?;
            Some((ground, minutes))
        }
        None => None,
    };
    job.phase("phase-sun-facades");
    let minutes = compute(
        &receivers.positions,
        &receivers.normals,
        0.02 + 0.96 * share,
        0.98,
    )?;
    let custom = match custom {
        Some(custom) => {
            let minutes = compute(&custom.positions, &custom.normals, 0.98, 1.0)?;
            Some((custom, minutes))
        }
        None => None,
    };
    job.progress(1.0);
    Ok(SunResult {
        days,
        ground,
        receivers: Arc::new(receivers),
        minutes,
        custom,
    })
}

/// Memory (bytes) that a study holds at its peak beside the city.
pub fn memory_bytes(city: &City, params: &SunParams) -> u64 {
    let Some(area) = Area::of(city, params) else {
        return 0;
    };
    let mut receivers = 0.0;
    if params.ground {
        let cells = |k: usize| (area.max[k] - area.min[k]) / params.ground_spacing_m;
        receivers += cells(0) * cells(1);
    }
    for building in &city.buildings {
        let (lo, hi) = building.bounds();
        if !area.meets(&lo, &hi) {
            continue;
        }
        if params.facades {
            receivers += building.area_m2(SurfaceKind::Wall)
                / (params.facade_spacing_m * params.storey_height_m);
        }
        if params.roofs {
            receivers += building.area_m2(SurfaceKind::Roof) / params.roof_spacing_m.powi(2);
        }
    }
    let days = params.dates.len() as u64;
    (receivers * (BYTES_PER_RECEIVER + BYTES_PER_RECEIVER_DAY * days) as f64) as u64
}

/// Remarks on the question, before it is answered.
fn question_findings(
    baseline: &City,
    city: &City,
    params: &SunParams,
    area: Option<&Area>,
    custom: Option<&CustomReceivers>,
    job: &Job,
) {
    let strict = (params.min_elevation_deg - RULE_ELEVATION_DEG).abs() < 1e-6
        && params.height_above_floor_m >= RULE_HEIGHT_M
        && params.step_s <= EXACT_STEP_S;
    let judged = params.dates.iter().filter_map(|d| Date::parse(d));
    if params.facades && !strict && judged.into_iter().any(tables::is_rule_day) {
        job.finding(
            Finding::warning("sun-not-en17037")
                .arg("elevation_deg", params.min_elevation_deg)
                .arg("height_m", params.height_above_floor_m)
                .arg("step_s", params.step_s),
        );
    }
    let new = |b: &&Arc<Building>| b.draft || b.key as usize >= baseline.buildings.len();
    let beyond = |b: &&Arc<Building>| {
        let (lo, hi) = b.bounds();
        area.is_some_and(|a| (0..2).any(|k| lo[k] < a.min[k] - EDGE_M || hi[k] > a.max[k] + EDGE_M))
    };
    let outside = city.buildings.iter().filter(new).filter(beyond).count();
    if params.ground && outside > 0 {
        job.finding(Finding::warning("sun-ground-beyond").arg("count", outside));
    }
    let (Some(custom), Some((lo, hi))) = (custom, city.bounds_xy()) else {
        return;
    };
    let far = |p: &&[f32; 3]| {
        (0..2).any(|k| {
            let v = f64::from(p[k]);
            v < lo[k] - CUSTOM_MARGIN_M || v > hi[k] + CUSTOM_MARGIN_M
        })
    };
    let away = custom.positions.iter().filter(far).count();
    if away > 0 {
        let first = custom.positions.iter().position(|p| far(&p));
        job.finding(
            Finding::warning("sun-receivers-outside")
                .arg("count", away)
                .arg("first", first.map_or("", |i| custom.ids[i].as_str())),
        );
    }
    let mut ids: Vec<&str> = custom.ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
        job.finding(Finding::warning("sun-receivers-doubled").arg("first", pair[0]));
    }
}

/// Puts the numbers into fields, tables and indicators.
fn present(
    city: &City,
    site: &Site,
    params: &SunParams,
    quality: Quality,
    occluders: &Occluders,
    result: SunResult,
    job: &Job,
) -> SimulationResult {
    let mut fields = Vec::new();
    let with_trees = params.trees == TreeShading::Shade;
    for (d, day) in result.days.iter().enumerate() {
        if let Some((ground, minutes)) = &result.ground {
            let raster = |name: &str, value: fn(&Minutes) -> f32| Field {
                id: format!("{name}_{}", day.date),
                quantity: "quantity-sun-hours",
                unit: "h",
                legend: "sun_hours_day",
                difference_legend: "sun_hours_difference",
                date: Some(day.date.to_string()),
                from_deg: None,
                plane: "plane-ground",
                data: FieldData::Raster {
                    grid: ground.grid,
                    values: Arc::new(minutes[d].iter().map(|m| value(m) / 60.0).collect()),
                },
            };
            fields.push(raster("sun_hours_ground", |m| m.sun));
            if with_trees {
                fields.push(Field {
                    quantity: "quantity-sun-hours-with-trees",
                    ..raster("sun_hours_with_trees_ground", |m| m.with_trees)
                });
            }
        }
        let minutes = &result.minutes[d];
        let kinds = &result.receivers.kinds;
        let roofs_from = kinds
            .iter()
            .position(|&k| k == ReceiverKind::Roof)
            .unwrap_or(kinds.len());
        let mut points = |name: &str,
                          quantity: &'static str,
                          legend: &'static str,
                          plane: &'static str,
                          range: std::ops::Range<usize>,
                          value: fn(&Minutes) -> f32| {
            if range.is_empty() {
                return;
            }
            fields.push(Field {
                id: format!("{name}_{}", day.date),
                quantity,
                unit: "h",
                legend,
                difference_legend: "sun_hours_difference",
                date: Some(day.date.to_string()),
                from_deg: None,
                plane,
                data: FieldData::Receivers {
                    receivers: Arc::clone(&result.receivers),
                    values: Arc::new(
                        minutes[range.clone()]
                            .iter()
                            .map(|m| value(m) / 60.0)
                            .collect(),
                    ),
                    range,
                },
            });
        };
        let (facades, roofs) = (0..roofs_from, roofs_from..kinds.len());
        let hours = "quantity-sun-hours";
        points(
            "sun_hours_facades",
            hours,
            "sun_hours_day",
            "plane-facade",
            facades.clone(),
            |m| m.sun,
        );
        let trees = "quantity-sun-hours-with-trees";
        if with_trees {
            points(
                "sun_hours_with_trees_facades",
                trees,
                "sun_hours_day",
                "plane-facade",
                facades.clone(),
                |m| m.with_trees,
            );
        }
        if tables::is_rule_day(day.date) {
            let rule = "quantity-sun-hours-en17037";
            let legend = tables::RULE_LEGEND;
            points(
                "sun_hours_en17037",
                rule,
                legend,
                "plane-facade",
                facades,
                |m| m.rule,
            );
        }
        points(
            "sun_hours_roofs",
            hours,
            "sun_hours_day",
            "plane-roof",
            roofs.clone(),
            |m| m.sun,
        );
        if with_trees {
            points(
                "sun_hours_with_trees_roofs",
                trees,
                "sun_hours_day",
                "plane-roof",
                roofs,
                |m| m.with_trees,
            );
        }
    }
    let facades = tables::facades(city, occluders, params, &result);
    let indicators = tables::indicators(&result, &facades, params);
    let mut all = vec![tables::facade_table(&facades, &result.days, with_trees)];
    all.push(tables::building_table(city, &facades, &result.days, params));
    if let Some((custom, minutes)) = &result.custom {
        all.push(tables::receiver_table(
            custom,
            minutes,
            &result.days,
            occluders,
            with_trees,
        ));
    }
    all.retain(|t| !t.rows.is_empty());
    if params.facades && !result.days.iter().any(|d| tables::is_rule_day(d.date)) {
        job.finding(Finding::info("sun-no-rule-day"));
    }
    if quality == Quality::Coarse {
        job.finding(Finding::info("sun-coarse").arg("step_s", params.step_s));
    }
    let assumed = city
        .buildings
        .iter()
        .filter(|b| b.attributes.assumed_height_m.is_some())
        .count();
    if assumed > 0 {
        job.finding(Finding::warning("sun-assumed-heights").arg("count", assumed));
    }
    if city.terrain.is_none() && params.ground {
        job.finding(Finding::warning("sun-no-terrain"));
    }
    if let Some((custom, minutes)) = &result.custom {
        let dark = minutes[0].iter().filter(|m| m.sun == 0.0).count();
        job.finding(
            Finding::info("sun-receivers")
                .arg("count", custom.ids.len())
                .arg("dark", dark),
        );
    }
    SimulationResult {
        simulation: "sun",
        quality,
        fields,
        tables: all,
        indicators,
        findings: job.take_findings(),
        inputs: params
            .receivers
            .iter()
            .zip(&result.custom)
            .map(|(path, (custom, _))| InputFile {
                path: path.clone(),
                blake3: custom.blake3.clone(),
            })
            .collect(),
        method: tables::method(site, params, occluders, &result),
        movement: None,
        animation: None,
        passability: None,
    }
}
