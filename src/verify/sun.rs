//! Verification of the sun study against exact and reference values in `data/sun`.
//!
//! | case | reference |
//! |---|---|
//! | sun position | SPA of pvlib, 2,364 instants 1900 to 2100; PyEphem as an independent ephemeris; NREL's worked example |
//! | shadows | closed forms: prism on flat ground (area), pole on a slope (tip) |
//! | sun hours | 264 closed-form cases: courts, facade before a parallel wall |
//! | real tile | Vienna LoD2, 450 receivers, five days, Embree rays |
//! | points and facade table | closed forms, see [`super::sun_placement`] |

use std::path::Path;
use std::sync::Arc;

use nalgebra::{Rotation3, Vector3};
use rayon::prelude::*;
use solar_positioning::time::JulianDate;
use solar_positioning::{Location, RefractionCorrection, SolarPositions};

use crate::city::load::load_city;
use crate::city::sources::Roots;
use crate::job::Job;
use crate::result::{Cell, Quality, SimulationResult};
use crate::scenario::{
    CitySettings, LayerSettings, Scenario, ScenarioHead, SiteSettings, TimeZone,
};
use crate::sun::kernel::lit_steps;
use crate::sun::occluders::Occluders;
use crate::sun::position::{Date, Site, SunDay, SunPosition, sun_position};
use crate::sun::{SunContext, SunParams};

use super::Case;

const DOMAIN: &str = "sun";
const RULE_DEG: f64 = 11.0;

/// Cases of the domain `sun`.
pub fn cases(data: Option<&Path>) -> Vec<Case> {
    let mut all = nrel_example();
    all.extend(super::sun_placement::cases());
    let Some(sun) = data.map(|d| d.join("sun")).filter(|d| d.is_dir()) else {
        for id in [
            "spa-hamburg",
            "ephemeris",
            "prism-area",
            "pole-tip",
            "sun-hours",
            "vienna",
        ] {
            all.push(Case::skipped(DOMAIN, id, "data/sun"));
        }
        return all;
    };
    all.extend(position_table(&sun));
    all.extend(prism_shadows(&sun));
    all.extend(pole_shadows(&sun));
    all.extend(sun_hours(&sun));
    all.extend(vienna(&sun));
    all
}

/// Site of the tables.
fn hamburg() -> Site {
    Site {
        latitude_deg: 53.5503,
        longitude_deg: 9.9920,
        grid_north_rad: 0.0,
        time_zone: TimeZone::Utc,
    }
}

/// Appendix A.5 of NREL/TP-560-34302, with refraction and observer height as printed there.
fn nrel_example() -> Vec<Case> {
    let source = "NREL/TP-560-34302 A.5";
    let position = JulianDate::from_utc(2003, 10, 17, 19, 30, 30.0, 67.0).and_then(|time| {
        let place = Location {
            latitude: 39.742_476,
            longitude: -105.178_6,
        };
        let air = RefractionCorrection::new(820.0, 11.0)?;
        SolarPositions::new().at_from_julian(time, place, 1830.14, Some(air))
    });
    let (zenith, azimuth) =
        position.map_or((f64::NAN, f64::NAN), |p| (p.zenith_angle(), p.azimuth()));
    // The study's own way: no air, and the observer at sea level, which is 7e-7 degrees here.
    let site = Site {
        latitude_deg: 39.742_476,
        longitude_deg: -105.178_6,
        grid_north_rad: 0.0,
        time_zone: TimeZone::Utc,
    };
    let own = Date::parse("2003-10-17")
        .and_then(|date| sun_position(&site, date, 19.0 * 60.0 + 30.5, 67.0).ok())
        .map_or([f64::NAN; 2], |p| {
            [p.elevation_rad.to_degrees(), p.azimuth_rad.to_degrees()]
        });
    vec![
        Case::number(
            DOMAIN,
            "nrel-own-elevation",
            "elevation without air, deg",
            39.872_046,
            own[0],
            5e-6,
            source,
        ),
        Case::number(
            DOMAIN,
            "nrel-own-azimuth",
            "azimuth, deg",
            194.340_24,
            own[1],
            5e-6,
            source,
        ),
        Case::number(
            DOMAIN,
            "nrel-zenith",
            "apparent zenith, deg",
            50.111_62,
            zenith,
            5e-6,
            source,
        ),
        Case::number(
            DOMAIN,
            "nrel-azimuth",
            "azimuth, deg",
            194.340_24,
            azimuth,
            5e-6,
            source,
        ),
    ]
}

/// Rows of a CSV as name -> text lookups; an unreadable file gives none, which fails the case through its row count.
fn rows(path: &Path) -> Vec<std::collections::BTreeMap<String, String>> {
    csv::Reader::from_path(path)
        .map(|reader| reader.into_deserialize().filter_map(Result::ok).collect())
        .unwrap_or_default()
}

fn number(row: &std::collections::BTreeMap<String, String>, name: &str) -> f64 {
    row.get(name)
        .and_then(|t| t.parse().ok())
        .unwrap_or(f64::NAN)
}

/// `1900-01-17T06:00:00Z` as day and UTC minute.
fn instant(text: &str) -> Option<(Date, f64)> {
    let date = Date::parse(text.get(..10)?)?;
    let part = |r: std::ops::Range<usize>| text.get(r)?.parse::<f64>().ok();
    Some((
        date,
        part(11..13)? * 60.0 + part(14..16)? + part(17..19)? / 60.0,
    ))
}

/// Largest of values of which a NaN must not get lost.
fn worst(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |a, b| if b.is_nan() || b > a { b } else { a })
}

fn angle_apart(a: f64, b: f64) -> f64 {
    ((a - b + 540.0).rem_euclid(360.0) - 180.0).abs()
}

fn position_table(sun: &Path) -> Vec<Case> {
    let table = rows(&sun.join("solar_position/hamburg_spa_1900_2100.csv"));
    let ephemeris = rows(&sun.join("solar_position/hamburg_ephem_check.csv"));
    let at = |row: &std::collections::BTreeMap<String, String>, delta_t: f64| {
        let (date, minute) = instant(row.get("utc")?)?;
        sun_position(&hamburg(), date, minute, delta_t).ok()
    };
    let zenith = |p: SunPosition| 90.0 - p.elevation_rad.to_degrees();
    let found: Vec<_> = table
        .iter()
        .map(|r| at(r, number(r, "delta_t_s")))
        .collect();
    let error = |f: &dyn Fn(SunPosition, usize) -> f64| {
        worst(
            found
                .iter()
                .enumerate()
                .map(|(i, p)| p.map_or(f64::NAN, |p| f(p, i))),
        )
    };
    let spa = "pvlib 0.16.1 spa, hamburg_spa_1900_2100.csv";
    let zenith_error = error(&|p, i| (zenith(p) - number(&table[i], "zenith_topo_deg")).abs());
    let azimuth_error =
        error(&|p, i| angle_apart(p.azimuth_rad.to_degrees(), number(&table[i], "azimuth_deg")));
    let independent = worst(ephemeris.iter().zip(&found).map(|(row, p)| {
        let p = p.unwrap_or(SunPosition {
            azimuth_rad: f64::NAN,
            elevation_rad: f64::NAN,
        });
        let other = SunPosition {
            azimuth_rad: number(row, "azimuth_ephem_deg").to_radians(),
            elevation_rad: (90.0 - number(row, "zenith_ephem_deg")).to_radians(),
        };
        p.local_direction(&hamburg())
            .angle(&other.local_direction(&hamburg()))
            .to_degrees()
    }));
    vec![
        Case::number(
            DOMAIN,
            "spa-rows",
            "instants compared",
            2364.0,
            found.len() as f64,
            0.0,
            spa,
        ),
        Case::number(
            DOMAIN,
            "spa-zenith",
            "largest zenith error, deg",
            0.0,
            zenith_error,
            1e-6,
            spa,
        ),
        Case::number(
            DOMAIN,
            "spa-azimuth",
            "largest azimuth error, deg",
            0.0,
            azimuth_error,
            1e-6,
            spa,
        ),
        Case::number(
            DOMAIN,
            "ephemeris",
            "largest angle to an independent ephemeris, deg",
            0.0,
            independent,
            4e-4,
            "PyEphem 4.2.1, hamburg_ephem_check.csv",
        ),
    ]
}

/// Triangles of a box that stands on z = 0 around the origin, turned counter-clockwise.
fn prism(size: [f64; 3], turn_rad: f64) -> Vec<[[f32; 3]; 3]> {
    let turn = Rotation3::from_axis_angle(&Vector3::z_axis(), turn_rad);
    let p = |i: usize| -> [f32; 3] {
        let side = |bit: usize, s: f64| if i & bit > 0 { 0.5 * s } else { -0.5 * s };
        let z = if i & 4 > 0 { size[2] } else { 0.0 };
        (turn * Vector3::new(side(1, size[0]), side(2, size[1]), z))
            .cast::<f32>()
            .into()
    };
    [
        [0, 2, 3, 1],
        [4, 5, 7, 6],
        [0, 1, 5, 4],
        [2, 6, 7, 3],
        [0, 4, 6, 2],
        [1, 3, 7, 5],
    ]
    .iter()
    .flat_map(|&[a, b, c, d]| [[p(a), p(b), p(c)], [p(a), p(c), p(d)]])
    .collect()
}

fn sun_at(azimuth_deg: f64, elevation_deg: f64) -> Vector3<f64> {
    let position = SunPosition {
        azimuth_rad: azimuth_deg.to_radians(),
        elevation_rad: elevation_deg.to_radians(),
    };
    position.local_direction(&hamburg())
}

/// Area in shadow (with the footprint): lines across the shadow, whose ends are found by bisection. The shadow is convex.
fn prism_shadows(sun: &Path) -> Vec<Case> {
    const LINES: usize = 1000;
    const PROBES: usize = 100;
    let table = rows(&sun.join("analytic/prism_shadow_flat.csv"));
    let errors: Vec<f64> = table
        .par_iter()
        .map(|row| {
            let size = [
                number(row, "size_x"),
                number(row, "size_y"),
                number(row, "height"),
            ];
            let occluders =
                Occluders::from_triangles(&prism(size, number(row, "rot_ccw_deg").to_radians()));
            let dir = sun_at(
                number(row, "sun_azimuth_deg"),
                number(row, "sun_elevation_deg"),
            );
            // A box in the direction of the shadow that certainly holds it.
            let along = -Vector3::new(dir.x, dir.y, 0.0).normalize();
            let across = Vector3::new(-along.y, along.x, 0.0);
            let reach = 0.5 * size[0].hypot(size[1]) + 0.37;
            let dir: [f32; 3] = dir.cast::<f32>().into();
            let shaded = |u: f64, v: f64| {
                let p = along * u + across * v;
                occluders
                    .any_hit([p.x as f32, p.y as f32, 0.0], dir)
                    .is_some()
            };
            let width = |u: f64| {
                let probe = |i: usize| (2.0 * (i as f64 + 0.5) / PROBES as f64 - 1.0) * reach;
                let Some(inside) = (0..PROBES).map(probe).find(|&v| shaded(u, v)) else {
                    return 0.0;
                };
                let edge = |outside: f64| {
                    let (mut dark, mut lit) = (inside, outside);
                    for _ in 0..30 {
                        let middle = 0.5 * (dark + lit);
                        if shaded(u, middle) {
                            dark = middle
                        } else {
                            lit = middle
                        }
                    }
                    dark
                };
                edge(reach) - edge(-reach)
            };
            // The width may jump at both ends of the shadow: find them, so that no line straddles the jump.
            let end = |outside: f64| {
                let (mut dark, mut lit) = (0.0, outside);
                for _ in 0..30 {
                    let middle = 0.5 * (dark + lit);
                    if width(middle) > 0.0 {
                        dark = middle
                    } else {
                        lit = middle
                    }
                }
                dark
            };
            let (start, stop) = (end(-reach), end(number(row, "shadow_length_m") + reach));
            let step = (stop - start) / LINES as f64;
            let area: f64 = (0..LINES)
                .map(|i| width(start + (i as f64 + 0.5) * step) * step)
                .sum();
            (area / number(row, "umbra_union_footprint_area_m2") - 1.0).abs()
        })
        .collect();
    let source = "closed form, prism_shadow_flat.csv";
    vec![
        Case::number(
            DOMAIN,
            "prism-cases",
            "cases",
            28.0,
            errors.len() as f64,
            0.0,
            source,
        ),
        Case::number(
            DOMAIN,
            "prism-area",
            "largest relative error of the shadow area",
            0.0,
            worst(errors.into_iter()),
            1e-4,
            source,
        ),
    ]
}

/// Length of the shadow of a thin pole on a slope, found by bisection between shaded and lit points of the slope.
fn pole_shadows(sun: &Path) -> Vec<Case> {
    const WIDTH: f64 = 0.01;
    let table = rows(&sun.join("analytic/pole_shadow_slope.csv"));
    let errors: Vec<f64> = table
        .iter()
        .map(|row| {
            let (gx, gy) = (number(row, "grad_x"), number(row, "grad_y"));
            let height = number(row, "pole_height");
            let mut triangles = prism([WIDTH, WIDTH, height], 0.0);
            let corner = |x: f64, y: f64| [x as f32, y as f32, (gx * x + gy * y) as f32];
            let [a, b, c, d] = [(-200., -200.), (200., -200.), (200., 200.), (-200., 200.)]
                .map(|(x, y)| corner(x, y));
            triangles.extend([[a, b, c], [a, c, d]]);
            let occluders = Occluders::from_triangles(&triangles);
            let dir = sun_at(
                number(row, "sun_azimuth_deg"),
                number(row, "sun_elevation_deg"),
            );
            let away = -Vector3::new(dir.x, dir.y, 0.0).normalize();
            let is_shaded = |distance: f64| {
                let p = away * distance;
                let z = gx * p.x + gy * p.y + 2e-4;
                let dir: [f32; 3] = dir.cast::<f32>().into();
                occluders
                    .any_hit([p.x as f32, p.y as f32, z as f32], dir)
                    .is_some()
            };
            let (mut shaded, mut lit) = (WIDTH, 150.0);
            for _ in 0..40 {
                let middle = 0.5 * (shaded + lit);
                if is_shaded(middle) {
                    shaded = middle
                } else {
                    lit = middle
                }
            }
            (shaded - number(row, "length_horizontal")).abs() / number(row, "length_horizontal")
        })
        .collect();
    let source = "closed form, pole_shadow_slope.csv";
    vec![
        Case::number(
            DOMAIN,
            "pole-cases",
            "cases",
            24.0,
            errors.len() as f64,
            0.0,
            source,
        ),
        Case::number(
            DOMAIN,
            "pole-tip",
            "largest relative error of the shadow length",
            0.0,
            worst(errors.into_iter()),
            9.6e-4,
            source,
        ),
    ]
}

#[derive(serde::Deserialize)]
struct SunHoursFile {
    cases: Vec<SunHoursCase>,
}

#[derive(serde::Deserialize)]
struct SunHoursCase {
    case: String,
    #[serde(rename = "W")]
    width: Option<f64>,
    #[serde(rename = "H")]
    height: f64,
    facade_azimuth: Option<f64>,
    date: String,
    min_elev_deg: f64,
    minutes: f64,
}

impl SunHoursCase {
    /// Walls around the receiver, which sits in the origin, and its normal.
    fn geometry(&self) -> (Vec<[[f32; 3]; 3]>, [f32; 3]) {
        let mut triangles = Vec::new();
        let mut wall = |normal: Vector3<f64>, distance: f64, half: f64| {
            let along = Vector3::new(-normal.y, normal.x, 0.0) * half;
            let foot = normal * distance;
            let up = Vector3::new(0.0, 0.0, self.height);
            // The foot reaches below the receiver, as a wall does.
            let [a, b, c, d] = [
                foot - along - up,
                foot + along - up,
                foot + along + up,
                foot - along + up,
            ]
            .map(|p| <[f32; 3]>::from(p.cast::<f32>()));
            triangles.extend([[a, b, c], [a, c, d]]);
        };
        let direction = |azimuth: f64| {
            let (x, y) = azimuth.to_radians().sin_cos();
            Vector3::new(x, y, 0.0)
        };
        match (self.facade_azimuth, self.width) {
            (Some(azimuth), width) => {
                // "Infinite" is 20 km to either side: 89.9° from the normal at 30 m.
                if let Some(distance) = width {
                    wall(direction(azimuth), distance, 20_000.0);
                }
                (triangles, direction(azimuth).cast::<f32>().into())
            }
            (None, width) => {
                let half = 0.5 * width.unwrap_or(f64::NAN);
                for azimuth in [0.0, 90.0, 180.0, 270.0] {
                    wall(direction(azimuth), half, half);
                }
                (triangles, [0.0, 0.0, 1.0])
            }
        }
    }
}

fn sun_hours(sun: &Path) -> Vec<Case> {
    let source = "closed form, sun_hours.json";
    let file = std::fs::read(sun.join("analytic/sun_hours.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<SunHoursFile>(&bytes).ok());
    let cases = file.map_or_else(Vec::new, |f| f.cases);
    let error = |case: &SunHoursCase| -> Option<f64> {
        let day = SunDay::new(&hamburg(), Date::parse(&case.date)?, 60.0).ok()?;
        let (triangles, normal) = case.geometry();
        let occluders = Occluders::from_triangles(&triangles);
        let mut lit = Vec::new();
        lit_steps(&occluders, [0.0; 3], normal, &day, &mut lit);
        let limit = case.min_elev_deg.to_radians();
        let got = lit
            .iter()
            .zip(&day.samples)
            .filter(|(l, s)| **l && s.elevation_rad >= limit);
        Some((got.count() as f64 - case.minutes).abs())
    };
    let errors: Vec<f64> = cases
        .par_iter()
        .map(|c| error(c).unwrap_or(f64::NAN))
        .collect();
    let count = |prefix: &str| cases.iter().filter(|c| c.case.starts_with(prefix)).count() as f64;
    vec![
        Case::number(
            DOMAIN,
            "sun-hours-courts",
            "court cases",
            24.0,
            count("square_court"),
            0.0,
            source,
        ),
        Case::number(
            DOMAIN,
            "sun-hours-facades",
            "facade cases",
            240.0,
            count("facade"),
            0.0,
            source,
        ),
        Case::number(
            DOMAIN,
            "sun-hours",
            "largest error, min per day",
            0.0,
            worst(errors.into_iter()),
            1.0,
            source,
        ),
    ]
}

/// The scenario that anyone would write for the Vienna tile.
fn vienna_scenario() -> Scenario {
    Scenario {
        scenario: ScenarioHead {
            version: 1,
            name: "Vienna LoD2".to_owned(),
            city: None,
            comment: None,
            language: crate::text::Language::En,
            seed: 0,
        },
        city: CitySettings {
            crs: Some("EPSG:31256".to_owned()),
            layers: vec![LayerSettings {
                kind: crate::city::LayerKind::Buildings,
                path: "data:sun/vienna_lod2/vienna_lod2.city.jsonl".to_owned(),
                crs: None,
                assumed_height_m: None,
                origin: None,
                licence: None,
                date: None,
            }],
            ..CitySettings::default()
        },
        site: SiteSettings {
            latitude_deg: Some(48.2082),
            longitude_deg: Some(16.3738),
            grid_north_deg: Some(0.0),
            time_zone: TimeZone::Utc,
        },
        flood: None,
        traffic: None,
        access: None,
        shuttles: None,
        wind: None,
        sun: Some(SunParams {
            dates: VIENNA_DAYS
                .iter()
                .map(|(_, date)| (*date).to_owned())
                .collect(),
            ground: false,
            facades: false,
            roofs: false,
            receivers: Some("data:sun/vienna_lod2/reference_sun_svf.csv".to_owned()),
            ..SunParams::default()
        }),
        variants: Vec::new(),
    }
}

/// Column suffix of the reference and day.
const VIENNA_DAYS: [(&str, &str); 5] = [
    ("0117", "2027-01-17"),
    ("0215", "2027-02-15"),
    ("0321", "2027-03-21"),
    ("0621", "2027-06-21"),
    ("1221", "2027-12-21"),
];

/// Runs the tile through loader, scenario and study, as a user would.
fn vienna_result(data: &Path) -> Result<SimulationResult, String> {
    let scenario = vienna_scenario();
    let roots = Roots {
        folder: data.to_owned(),
        data: Some(data.to_owned()),
    };
    let job = Job::new(0);
    let city = Arc::new(load_city(&scenario, &roots, &job).map_err(|e| e.to_string())?);
    let context = SunContext::new(Arc::clone(&city));
    crate::sun::simulate(&context, &city, &scenario, &roots, Quality::Exact, &job)
        .map_err(|e| e.to_string())
}

fn vienna(sun: &Path) -> Vec<Case> {
    let source = "Embree, reference_sun_svf.csv";
    let reference = rows(&sun.join("vienna_lod2/reference_sun_svf.csv"));
    let result = vienna_result(sun.parent().unwrap_or(sun));
    let receivers = result
        .as_ref()
        .ok()
        .and_then(|r| r.tables.iter().find(|t| t.id == "receivers"));
    let got = |row: usize, column: &str| -> f64 {
        let Some(table) = receivers else {
            return f64::NAN;
        };
        let at = table.columns.iter().position(|c| c.id == column);
        match at.and_then(|c| table.rows.get(row)?.get(c)) {
            Some(Cell::Number { value, .. }) => *value,
            _ => f64::NAN,
        }
    };
    let mut all = vec![Case::number(
        DOMAIN,
        "vienna-receivers",
        // The reason stands in the table when the tile could not be computed.
        &result.as_ref().map_or_else(
            |e| e.replace('\n', " "),
            |_| "receivers compared".to_owned(),
        ),
        450.0,
        receivers.map_or(0, |t| t.rows.len()) as f64,
        0.0,
        source,
    )];
    let mut compare = |id: String, expected: String, column: String| {
        let within = (0..reference.len())
            .filter(|&i| (got(i, &column) - number(&reference[i], &expected)).abs() <= 2.0)
            .count();
        let share = 100.0 * within as f64 / reference.len().max(1) as f64;
        all.push(Case::number(
            DOMAIN,
            &id,
            "receivers within 2 min, %",
            100.0,
            share,
            // One of 450 is 0.22 %.
            0.3,
            source,
        ));
    };
    for (suffix, date) in VIENNA_DAYS {
        compare(
            format!("vienna-{suffix}"),
            format!("sun_min_{suffix}"),
            format!("minutes_{date}"),
        );
    }
    for suffix in ["0215", "0321"] {
        let (_, date) = VIENNA_DAYS[if suffix == "0215" { 1 } else { 2 }];
        compare(
            format!("vienna-{suffix}-above-{RULE_DEG}"),
            format!("en17037_min_{suffix}"),
            format!("minutes_en17037_{date}"),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sun::kernel::minutes;

    #[test]
    fn a_day_without_obstacles_is_lit_while_the_sun_is_up() {
        let day = SunDay::new(&hamburg(), Date::parse("2027-03-21").unwrap(), 60.0).unwrap();
        let free = Occluders::from_triangles(&[]);
        let one = minutes(
            &free,
            None,
            &[[0.0; 3]],
            &[[0.0, 0.0, 1.0]],
            std::slice::from_ref(&day),
            0.2,
            &Job::new(0),
            |_| {},
        )
        .unwrap();
        assert_eq!(one[0][0].sun as usize, day.samples.len());
        // 12 h 02 min between geometric sunrise and sunset of the disc's centre.
        assert!(
            (720..=724).contains(&day.samples.len()),
            "{}",
            day.samples.len()
        );
    }
}
