//! Verification of the whole study, from a city to its facade table: where points stand, and what the table says of them,
//! against closed forms for boxes on flat ground.
//!
//! | city | what must come out |
//! |---|---|
//! | one box | points on all four walls, in columns at most 2 m apart and one row per storey; minutes of a free wall |
//! | a box and a wall 12 m before it | minutes of the southern facade from the profile angle of the wall |
//! | two boxes as parts of one building, two as neighbours | no points on party walls |
//! | a tower with an implausible number of storeys | rows up to the top |
//! | an open neighbour | no point is lost |

use std::sync::Arc;

use crate::city::sources::Roots;
use crate::city::{BuildingAttributes, City, assemble, raw::RawBuilding};
use crate::geo::{Crs, LocalFrame};
use crate::job::Job;
use crate::result::{Cell, Quality, Table};
use crate::scenario::{CitySettings, Scenario, ScenarioHead, SiteSettings, TimeZone};
use crate::sun::position::{Date, Site, SunDay};
use crate::sun::{SunContext, SunParams, simulate};

use super::Case;

const DOMAIN: &str = "sun";
const SOURCE: &str = "closed form, boxes";
const DAY: &str = "2027-03-21";
const EAST_M: f64 = 565_000.0;
const NORTH_M: f64 = 5_934_000.0;
/// Height (m) of a point above its floor, and of a storey.
const POINT_M: f64 = 1.2;
const STOREY_M: f64 = 3.0;

/// Cases of the placement of points.
pub fn cases() -> Vec<Case> {
    let mut all = one_box();
    all.extend(box_before_a_wall());
    all.extend(party_walls());
    all.push(implausible_storeys());
    all.push(open_neighbour());
    all
}

/// A box: west and south edge from the origin, extent to east and north, height (all m).
fn block(
    id: &str,
    [west, south]: [f64; 2],
    [width, depth]: [f64; 2],
    height_m: f64,
) -> RawBuilding {
    let (w, s) = (EAST_M + west, NORTH_M + south);
    let ring = vec![
        [w, s],
        [w + width, s],
        [w + width, s + depth],
        [w, s + depth],
    ];
    assemble::extruded(id, &[ring], 0.0, height_m, BuildingAttributes::default())
}

/// The facade table of a study of these buildings without terrain.
fn facades(buildings: &[RawBuilding]) -> Result<Table, String> {
    let frame = LocalFrame::near(Crs::utm32(), EAST_M, NORTH_M);
    let mut findings = Vec::new();
    let city = Arc::new(City {
        buildings: buildings
            .iter()
            .enumerate()
            .filter_map(|(i, raw)| {
                assemble::building_from_raw(&frame, i as u32, raw, &mut findings).map(Arc::new)
            })
            .collect(),
        findings,
        ..City::empty("boxes", frame.clone())
    });
    let scenario = Scenario {
        scenario: ScenarioHead {
            version: 1,
            name: "boxes".to_owned(),
            city: None,
            comment: None,
            language: crate::text::Language::En,
            seed: 0,
        },
        city: CitySettings::default(),
        site: SiteSettings {
            latitude_deg: Some(site().latitude_deg),
            longitude_deg: Some(site().longitude_deg),
            grid_north_deg: Some(0.0),
            time_zone: TimeZone::Utc,
        },
        flood: None,
        traffic: None,
        access: None,
        shuttles: None,
        wind: None,
        sun: Some(SunParams {
            dates: vec![DAY.to_owned()],
            ground: false,
            ..SunParams::default()
        }),
        variants: Vec::new(),
    };
    let roots = Roots {
        folder: std::path::PathBuf::new(),
        data: None,
    };
    let context = SunContext::new(Arc::clone(&city));
    simulate(
        &context,
        &city,
        &scenario,
        &roots,
        Quality::Exact,
        &Job::new(0),
    )
    .map_err(|e| e.to_string())?
    .tables
    .into_iter()
    .find(|t| t.id == "facades")
    .ok_or_else(|| "there is no facade table".to_owned())
}

fn site() -> Site {
    Site {
        latitude_deg: 53.55,
        longitude_deg: 9.99,
        grid_north_rad: 0.0,
        time_zone: TimeZone::Utc,
    }
}

/// Rows of a building as (azimuth, value of a column); empty when there is no table.
fn values(table: &Result<Table, String>, building: &str, column: &str) -> Vec<(f64, f64)> {
    let Ok(table) = table else {
        return Vec::new();
    };
    let number = |row: &[Cell], id: &str| {
        let at = table.columns.iter().position(|c| c.id == id);
        match at.and_then(|at| row.get(at)) {
            Some(Cell::Number { value, .. }) => *value,
            Some(Cell::Integer(n)) => *n as f64,
            _ => f64::NAN,
        }
    };
    table
        .rows
        .iter()
        .filter(|row| matches!(&row[0], Cell::Text(id) if id == building))
        .map(|row| (number(row, "azimuth_deg"), number(row, column)))
        .collect()
}

/// Sum over all facades of a building.
fn points(table: &Result<Table, String>, building: &str) -> f64 {
    values(table, building, "points").iter().map(|v| v.1).sum()
}

/// Value of the facade that looks to an azimuth.
fn facing(table: &Result<Table, String>, building: &str, azimuth_deg: f64, column: &str) -> f64 {
    values(table, building, column)
        .iter()
        .find(|(azimuth, _)| (azimuth - azimuth_deg).abs() < 1.0)
        .map_or(f64::NAN, |v| v.1)
}

/// Minutes of the day for which the sun's direction (east, north, up) satisfies a condition.
fn minutes(of: impl Fn([f64; 3]) -> bool) -> f64 {
    let day = Date::parse(DAY).and_then(|date| SunDay::new(&site(), date, 60.0).ok());
    day.map_or(f64::NAN, |day| {
        let lit = |s: &&crate::sun::position::SunSample| of(s.direction.map(f64::from));
        day.samples.iter().filter(lit).count() as f64
    })
}

fn case(id: &str, metric: &str, expected: f64, got: f64, tolerance: f64) -> Case {
    Case::number(DOMAIN, id, metric, expected, got, tolerance, SOURCE)
}

fn one_box() -> Vec<Case> {
    let table = facades(&[block("a", [0.0, 0.0], [20.0, 10.0], 9.0)]);
    // Three storeys; 10 columns on the long walls, 5 on the short ones.
    let count = |id, azimuth, expected| {
        let got = facing(&table, "a", azimuth, "points");
        case(id, "points on a wall", expected, got, 0.0)
    };
    vec![
        count("box-points-north", 0.0, 30.0),
        count("box-points-east", 90.0, 15.0),
        count("box-points-south", 180.0, 30.0),
        count("box-points-west", 270.0, 15.0),
        case(
            "box-free-south",
            "minutes of a free wall",
            minutes(|d| d[1] < 0.0),
            facing(&table, "a", 180.0, &format!("best_minutes_{DAY}")),
            0.0,
        ),
        case(
            "box-free-west",
            "minutes of a free wall",
            minutes(|d| d[0] < 0.0),
            facing(&table, "a", 270.0, &format!("best_minutes_{DAY}")),
            0.0,
        ),
    ]
}

fn box_before_a_wall() -> Vec<Case> {
    const GAP_M: f64 = 12.0;
    const WALL_M: f64 = 15.0;
    // So long that the sun never looks around its ends while it stands high enough to reach the facade at all.
    let wall = block("wall", [-5000.0, -GAP_M - 2.0], [10_020.0, 2.0], WALL_M);
    let table = facades(&[block("a", [0.0, 0.0], [20.0, 10.0], 9.0), wall]);
    let above = |floor: f64| {
        let rise = WALL_M - (floor * STOREY_M + POINT_M);
        minutes(|[_, north, up]| north < 0.0 && up / -north > rise / (GAP_M - 0.03))
    };
    let mean = (above(0.0) + above(1.0) + above(2.0)) / 3.0;
    let south = |column: &str| facing(&table, "a", 180.0, &format!("{column}_{DAY}"));
    vec![
        case(
            "box-wall-best",
            "minutes of the top row",
            above(2.0),
            south("best_minutes"),
            0.0,
        ),
        case(
            "box-wall-mean",
            "minutes, mean of rows",
            mean,
            south("mean_minutes"),
            1e-6,
        ),
    ]
}

fn party_walls() -> Vec<Case> {
    let mut parts = block("a", [0.0, 0.0], [20.0, 10.0], 9.0);
    let second = block("b", [20.0, 0.0], [20.0, 10.0], 9.0);
    parts.parts.extend(second.parts);
    let as_parts = facades(&[parts]);
    let neighbours = facades(&[
        block("a", [0.0, 0.0], [20.0, 10.0], 9.0),
        block("b", [20.0, 0.0], [20.0, 10.0], 9.0),
    ]);
    // Two walls of 20 m to the north and to the south, one of 10 m at each end.
    let expected = 4.0 * 30.0 + 2.0 * 15.0;
    let both = points(&neighbours, "a") + points(&neighbours, "b");
    vec![
        case(
            "party-walls-parts",
            "points on a building of two parts",
            expected,
            points(&as_parts, "a"),
            0.0,
        ),
        case(
            "party-walls-neighbours",
            "points on two neighbours",
            expected,
            both,
            0.0,
        ),
    ]
}

fn implausible_storeys() -> Case {
    let mut tower = block("a", [0.0, 0.0], [20.0, 10.0], 30.0);
    tower.attributes.storeys = Some(2);
    // 15 m are no storey height: ten rows of assumed storeys.
    case(
        "storeys-implausible",
        "points on the southern wall",
        100.0,
        facing(&facades(&[tower]), "a", 180.0, "points"),
        0.0,
    )
}

fn open_neighbour() -> Case {
    let mut open = block("b", [40.0, 0.0], [20.0, 10.0], 30.0);
    // Without its eastern wall.
    let east = EAST_M + 60.0;
    for part in &mut open.parts {
        part.polygons
            .retain(|p| !p.rings[0].iter().all(|c| c[0] == east));
    }
    let table = facades(&[block("a", [0.0, 0.0], [20.0, 10.0], 9.0), open]);
    case(
        "open-neighbour",
        "points on the eastern wall",
        15.0,
        facing(&table, "a", 90.0, "points"),
        0.0,
    )
}
