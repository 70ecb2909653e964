//! Tables, indicators and method notes of a sun study.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::city::{Building, City};
use crate::result::{Basis, Cell, Column, Indicator, Statistic, Table, Values};
use crate::scenario::TimeZone;

use super::SunParams;
use super::custom::CustomReceivers;
use super::input::Floors;
use super::kernel::{Minutes, lit_runs, lit_steps};
use super::occluders::Occluders;
use super::params::TreeShading;
use super::position::{Date, Site, SunDay, utc_offset_min};
use super::receivers::ReceiverKind;
use super::study::SunResult;

/// Legend of the classes of DIN EN 17037.
pub const RULE_LEGEND: &str = "sun_hours_en17037";
/// Lower limits (h) of the recommendations low, medium and high; DIN EN 17037:2022, clause on exposure to sunlight, as quoted in
/// the reasons of Hamburg development plans (Rotherbaum 37, 5.8.2).
pub const RULE_CLASSES_H: [(f64, &str); 3] = [
    (4.0, "class-en17037-high"),
    (3.0, "class-en17037-medium"),
    (1.5, "class-en17037-minimum"),
];
/// Text key of the class below all recommendations.
pub const RULE_BELOW: &str = "class-en17037-below";

/// EN 17037 judges one day between 1 February and 21 March.
pub fn is_rule_day(date: Date) -> bool {
    date.month == 2 || (date.month == 3 && date.day <= 21)
}

/// Text key of the EN 17037 class for minutes of sun above the rule's elevation.
pub fn rule_class(minutes: f64) -> &'static str {
    RULE_CLASSES_H
        .iter()
        .find(|(hours, _)| minutes >= hours * 60.0)
        .map_or(RULE_BELOW, |(_, key)| key)
}

/// One wall surface with its points summed up.
pub struct Facade {
    building: Arc<Building>,
    surface: u32,
    points: usize,
    /// Per day.
    days: Vec<FacadeDay>,
}

/// A facade on one day. Minutes.
struct FacadeDay {
    best_rule: f64,
    best_sun: f64,
    mean_sun: f64,
    best_with_trees: f64,
    /// Intervals (civil minutes) of the point with the most sun.
    intervals: Vec<(f64, f64)>,
    /// Intervals that count for the rule, of the point with the most of it; on other days empty.
    rule_intervals: Vec<(f64, f64)>,
}

/// All facades that carry points, in the order of buildings and surfaces.
pub fn facades(
    city: &City,
    occluders: &Occluders,
    params: &SunParams,
    result: &SunResult,
) -> Vec<Facade> {
    let buildings: BTreeMap<u32, &Arc<Building>> =
        city.buildings.iter().map(|b| (b.key, b)).collect();
    let receivers = &result.receivers;
    let rule = params.min_elevation_deg.to_radians();
    let groups: Vec<_> = receivers
        .by_surface()
        .into_iter()
        .filter(|(_, range)| receivers.kinds[range.start] == ReceiverKind::Facade)
        .collect();
    groups
        .into_par_iter()
        .map(|((key, surface), range)| {
            let days = result
                .days
                .iter()
                .zip(&result.minutes)
                .map(|(day, minutes)| {
                    let of = &minutes[range.clone()];
                    // The first of equally good points, so that the choice does not depend on anything else.
                    let best = |value: fn(&Minutes) -> f32| {
                        (0..of.len())
                            .reduce(|a, b| if value(&of[b]) > value(&of[a]) { b } else { a })
                            .unwrap_or(0)
                    };
                    let most = |value: fn(&Minutes) -> f32| {
                        of.get(best(value)).map_or(0.0, |m| f64::from(value(m)))
                    };
                    let of_point = |point: usize, min_elevation: f64| {
                        let i = range.start + point;
                        let (position, normal) = (receivers.positions[i], receivers.normals[i]);
                        intervals(occluders, position, normal, day, min_elevation)
                    };
                    FacadeDay {
                        best_rule: most(|m| m.rule),
                        best_sun: most(|m| m.sun),
                        mean_sun: of.iter().map(|m| f64::from(m.sun)).sum::<f64>()
                            / of.len().max(1) as f64,
                        best_with_trees: most(|m| m.with_trees),
                        intervals: of_point(best(|m| m.sun), 0.0),
                        rule_intervals: if is_rule_day(day.date) {
                            of_point(best(|m| m.rule), rule)
                        } else {
                            Vec::new()
                        },
                    }
                })
                .collect();
            Facade {
                building: Arc::clone(buildings[&key]),
                surface,
                points: range.len(),
                days,
            }
        })
        .collect()
}

/// Intervals (civil minutes, from the start of the first to the end of the last step) in which the sun reaches a point and stands
/// at least `min_elevation_rad` high.
pub fn intervals(
    occluders: &Occluders,
    position: [f32; 3],
    normal: [f32; 3],
    day: &SunDay,
    min_elevation_rad: f64,
) -> Vec<(f64, f64)> {
    let mut lit = Vec::new();
    lit_steps(occluders, position, normal, day, &mut lit);
    for (lit, sample) in lit.iter_mut().zip(&day.samples) {
        *lit &= sample.elevation_rad >= min_elevation_rad;
    }
    let half = 0.5 * day.step_min;
    lit_runs(&lit, day)
        .into_iter()
        .map(|run| {
            let minute = |i: usize| day.samples[i].civil_minute;
            (minute(run.start) - half, minute(run.end - 1) + half)
        })
        .collect()
}

/// `09:12–11:40, 12:05–15:30`.
fn interval_text(intervals: &[(f64, f64)]) -> String {
    let clock = |minute: f64| {
        let m = minute.round() as u32;
        format!("{:02}:{:02}", m / 60, m % 60)
    };
    let one = |&(from, to): &(f64, f64)| format!("{}–{}", clock(from), clock(to));
    intervals.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn day_column(id: &str, title: &'static str, unit: &'static str, date: Date) -> Column {
    Column {
        id: format!("{id}_{date}"),
        title,
        unit,
        date: Some(date.to_string()),
    }
}

fn minutes_cell(value: f64) -> Cell {
    Cell::Number { value, decimals: 0 }
}

/// Azimuth (degrees clockwise from grid north) of a horizontal direction.
fn azimuth_deg(x: f64, y: f64) -> f64 {
    x.atan2(y).to_degrees().rem_euclid(360.0)
}

/// Surface id of the source, else its number within the building.
fn surface_name(building: &Building, surface: u32) -> String {
    let own = building.geometry.surfaces[surface as usize].id.clone();
    own.unwrap_or_else(|| format!("{}#{}", building.id, surface))
}

/// One row per facade.
pub fn facade_table(facades: &[Facade], days: &[SunDay], with_trees: bool) -> Table {
    let mut columns = vec![
        Column::plain("building", "column-building", ""),
        Column::plain("surface", "column-surface", ""),
        Column::plain("azimuth_deg", "column-azimuth", "°"),
        Column::plain("area_m2", "column-area", "m²"),
        Column::plain("points", "column-points", ""),
    ];
    for day in days {
        let date = day.date;
        if is_rule_day(date) {
            columns.push(day_column(
                "best_minutes_en17037",
                "column-best-minutes-en17037",
                "min",
                date,
            ));
            columns.push(day_column("class", "column-class-en17037", "", date));
            columns.push(day_column(
                "best_intervals_en17037",
                "column-best-intervals-en17037",
                "",
                date,
            ));
        }
        columns.push(day_column(
            "best_minutes",
            "column-best-minutes",
            "min",
            date,
        ));
        columns.push(day_column(
            "mean_minutes",
            "column-mean-minutes",
            "min",
            date,
        ));
        columns.push(day_column(
            "best_intervals",
            "column-best-intervals",
            "",
            date,
        ));
        if with_trees {
            columns.push(day_column(
                "best_minutes_with_trees",
                "column-best-minutes-with-trees",
                "min",
                date,
            ));
        }
    }
    let rows = facades
        .iter()
        .map(|f| {
            let surface = &f.building.geometry.surfaces[f.surface as usize];
            let mut row = vec![
                Cell::Text(f.building.id.clone()),
                Cell::Text(surface_name(&f.building, f.surface)),
                Cell::Number {
                    value: azimuth_deg(surface.normal.x, surface.normal.y),
                    decimals: 0,
                },
                Cell::Number {
                    value: surface.area_m2,
                    decimals: 1,
                },
                Cell::Integer(f.points as i64),
            ];
            for (day, of) in days.iter().zip(&f.days) {
                if is_rule_day(day.date) {
                    row.push(minutes_cell(of.best_rule));
                    row.push(Cell::Key(rule_class(of.best_rule)));
                    row.push(Cell::Text(interval_text(&of.rule_intervals)));
                }
                row.push(minutes_cell(of.best_sun));
                row.push(minutes_cell(of.mean_sun));
                row.push(Cell::Text(interval_text(&of.intervals)));
                if with_trees {
                    row.push(minutes_cell(of.best_with_trees));
                }
            }
            row
        })
        .collect();
    Table {
        id: "facades".to_owned(),
        title: "table-facades",
        columns,
        rows,
        key_columns: 2,
    }
}

/// One row per building with facade points: its best facade.
pub fn building_table(
    city: &City,
    facades: &[Facade],
    days: &[SunDay],
    params: &SunParams,
) -> Table {
    let mut columns = vec![
        Column::plain("building", "column-building", ""),
        Column::plain("draft", "column-draft", ""),
        Column::plain("height_m", "column-height", "m"),
        Column::plain("height_assumed", "column-height-assumed", ""),
        Column::plain("storey_height_m", "column-storey-height", "m"),
        Column::plain("storeys_assumed", "column-storeys-assumed", ""),
        Column::plain("facades", "column-facades", ""),
    ];
    for day in days.iter().filter(|d| is_rule_day(d.date)) {
        columns.push(day_column(
            "best_minutes_en17037",
            "column-best-minutes-en17037",
            "min",
            day.date,
        ));
        columns.push(day_column("class", "column-class-en17037", "", day.date));
        columns.push(day_column(
            "facades_below",
            "column-facades-below",
            "",
            day.date,
        ));
    }
    let mut by_building: BTreeMap<u32, Vec<&Facade>> = BTreeMap::new();
    for facade in facades {
        by_building
            .entry(facade.building.key)
            .or_default()
            .push(facade);
    }
    let yes_no = |yes| Cell::Key(if yes { "yes" } else { "no" });
    let rows = city
        .buildings
        .iter()
        .filter_map(|b| Some((b, by_building.get(&b.key)?)))
        .map(|(building, facades)| {
            let (low, high) = building.z_range();
            let floors = Floors::of(building, params);
            let mut row = vec![
                Cell::Text(building.id.clone()),
                yes_no(building.draft),
                Cell::Number {
                    value: high - low,
                    decimals: 1,
                },
                yes_no(building.attributes.assumed_height_m.is_some()),
                Cell::Number {
                    value: floors.height,
                    decimals: 2,
                },
                yes_no(floors.storeys.is_none()),
                Cell::Integer(facades.len() as i64),
            ];
            for (d, _) in days.iter().enumerate().filter(|(_, d)| is_rule_day(d.date)) {
                let best = facades
                    .iter()
                    .map(|f| f.days[d].best_rule)
                    .fold(0.0, f64::max);
                let below = facades
                    .iter()
                    .filter(|f| rule_class(f.days[d].best_rule) == RULE_BELOW)
                    .count();
                row.push(minutes_cell(best));
                row.push(Cell::Key(rule_class(best)));
                row.push(Cell::Integer(below as i64));
            }
            row
        })
        .collect();
    Table {
        id: "buildings".to_owned(),
        title: "table-buildings",
        columns,
        rows,
        key_columns: 1,
    }
}

/// One row per own receiver.
pub fn receiver_table(
    custom: &CustomReceivers,
    minutes: &[Vec<Minutes>],
    days: &[SunDay],
    occluders: &Occluders,
    with_trees: bool,
) -> Table {
    let mut columns = vec![Column::plain("id", "column-id", "")];
    for day in days {
        columns.push(day_column("minutes", "column-minutes", "min", day.date));
        columns.push(day_column(
            "minutes_en17037",
            "column-minutes-en17037",
            "min",
            day.date,
        ));
        columns.push(day_column("intervals", "column-intervals", "", day.date));
        if with_trees {
            columns.push(day_column(
                "minutes_with_trees",
                "column-minutes-with-trees",
                "min",
                day.date,
            ));
        }
    }
    let rows = (0..custom.ids.len())
        .into_par_iter()
        .map(|i| {
            let mut row = vec![Cell::Text(custom.ids[i].clone())];
            for (day, minutes) in days.iter().zip(minutes) {
                row.push(minutes_cell(f64::from(minutes[i].sun)));
                row.push(minutes_cell(f64::from(minutes[i].rule)));
                let of = intervals(occluders, custom.positions[i], custom.normals[i], day, 0.0);
                row.push(Cell::Text(interval_text(&of)));
                if with_trees {
                    row.push(minutes_cell(f64::from(minutes[i].with_trees)));
                }
            }
            row
        })
        .collect();
    Table {
        id: "receivers".to_owned(),
        title: "table-receivers",
        columns,
        rows,
        key_columns: 1,
    }
}

/// Key figures of the study.
pub fn indicators(result: &SunResult, facades: &[Facade], params: &SunParams) -> Vec<Indicator> {
    let mut all = Vec::new();
    for (d, day) in result.days.iter().enumerate() {
        let mut add = |id: &str,
                       key: &'static str,
                       value: f64,
                       unit: &'static str,
                       values: Values,
                       statistic: Statistic| {
            let id = format!("{id}_{}", day.date);
            let date = Some(day.date.to_string());
            all.push(Indicator {
                id,
                key,
                value,
                unit,
                decimals: 1,
                date,
                basis: Some(Basis { values, statistic }),
            });
        };
        let facades_by = |column: &str| Values::Rows {
            table: "facades",
            column: format!("{column}_{}", day.date),
        };
        if let Some((_, minutes)) = &result.ground {
            let values: Vec<f64> = minutes[d]
                .iter()
                .map(|m| f64::from(m.sun))
                .filter(|m| !m.is_nan())
                .collect();
            let n = values.len() as f64;
            let two_hours = values.iter().filter(|m| **m >= 120.0).count() as f64;
            let cells = || Values::Cells {
                field: format!("sun_hours_ground_{}", day.date),
            };
            // Without any ground there is no figure, rather than a zero.
            if !values.is_empty() {
                add(
                    "ground_mean",
                    "indicator-ground-mean",
                    values.iter().sum::<f64>() / n / 60.0,
                    "h",
                    cells(),
                    Statistic::Mean { divisor: 1.0 },
                );
                add(
                    "ground_two_hours",
                    "indicator-ground-two-hours",
                    100.0 * two_hours / n,
                    "%",
                    cells(),
                    Statistic::Share { from: 2.0 },
                );
            }
        }
        if params.facades && !facades.is_empty() {
            let n = facades.len() as f64;
            let mean = facades.iter().map(|f| f.days[d].best_sun).sum::<f64>() / n / 60.0;
            add(
                "facade_best_mean",
                "indicator-facade-best-mean",
                mean,
                "h",
                facades_by("best_minutes"),
                Statistic::Mean { divisor: 60.0 },
            );
            if is_rule_day(day.date) {
                for (hours, key) in RULE_INDICATORS {
                    let reached = facades
                        .iter()
                        .filter(|f| f.days[d].best_rule >= hours * 60.0)
                        .count();
                    let id = key.trim_start_matches("indicator-").replace('-', "_");
                    add(
                        &id,
                        key,
                        100.0 * reached as f64 / n,
                        "%",
                        facades_by("best_minutes_en17037"),
                        Statistic::Share { from: hours * 60.0 },
                    );
                }
            }
        }
    }
    all
}

/// Share of facades whose best point reaches at least this many hours.
const RULE_INDICATORS: [(f64, &str); 3] = [
    (1.5, "indicator-facades-minimum"),
    (3.0, "indicator-facades-medium"),
    (4.0, "indicator-facades-high"),
];

/// Facts of the method in reading order.
pub fn method(
    site: &Site,
    params: &SunParams,
    occluders: &Occluders,
    result: &SunResult,
) -> Vec<(&'static str, String)> {
    let zone = match site.time_zone {
        TimeZone::EuropeBerlin => "Europe/Berlin",
        TimeZone::Utc => "UTC",
    };
    let offsets: Vec<String> = result
        .days
        .iter()
        .map(|d| {
            let minutes = utc_offset_min(site.time_zone, d.date, 720.0);
            format!("{}: UTC+{:02}:00", d.date, (minutes / 60.0) as u32)
        })
        .collect();
    let count = |kind| {
        result
            .receivers
            .kinds
            .iter()
            .filter(|&&k| k == kind)
            .count()
    };
    let ground = result.ground.as_ref().map_or(0, |(g, _)| {
        g.positions.iter().filter(|p| !p[2].is_nan()).count()
    });
    vec![
        (
            "method-sun-position",
            "SPA (Reda & Andreas 2004)".to_owned(),
        ),
        (
            "method-sun-site",
            format!("{:.5}° N, {:.5}° E", site.latitude_deg, site.longitude_deg),
        ),
        (
            "method-sun-grid-north",
            format!("{:+.3}°", site.grid_north_rad.to_degrees()),
        ),
        (
            "method-sun-time-zone",
            format!("{zone} ({})", offsets.join(", ")),
        ),
        ("method-sun-step", format!("{:.0} s", params.step_s)),
        (
            "method-sun-min-elevation",
            format!("{:.1}°", params.min_elevation_deg),
        ),
        (
            "method-sun-storey-height",
            format!("{:.2} m", params.storey_height_m),
        ),
        (
            "method-sun-height-above-floor",
            format!("{:.2} m", params.height_above_floor_m),
        ),
        (
            "method-sun-spacing",
            format!(
                "{:.2} m / {:.2} m / {:.2} m",
                params.ground_spacing_m, params.facade_spacing_m, params.roof_spacing_m
            ),
        ),
        (
            "method-sun-receivers",
            format!(
                "{ground} / {} / {}",
                count(ReceiverKind::Facade),
                count(ReceiverKind::Roof)
            ),
        ),
        ("method-sun-triangles", occluders.triangles().to_string()),
        (
            "method-sun-trees",
            match params.trees {
                TreeShading::Ignore => "trees-ignored".to_owned(),
                TreeShading::Shade => format!(
                    "{:.0} % / {:.0} %",
                    100.0 * params.crown_transmissivity,
                    100.0 * params.bare_crown_transmissivity
                ),
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_start_at_their_limits() {
        assert_eq!(rule_class(89.9), "class-en17037-below");
        assert_eq!(rule_class(90.0), "class-en17037-minimum");
        assert_eq!(rule_class(180.0), "class-en17037-medium");
        assert_eq!(rule_class(239.0), "class-en17037-medium");
        assert_eq!(rule_class(240.0), "class-en17037-high");
    }

    #[test]
    fn rule_days_lie_between_1_february_and_21_march() {
        let day = |t| is_rule_day(Date::parse(t).unwrap());
        assert!(day("2027-02-01") && day("2028-02-29") && day("2027-03-21"));
        assert!(!day("2027-01-31") && !day("2027-03-22") && !day("2027-01-17"));
    }

    #[test]
    fn intervals_are_written_as_clock_times() {
        assert_eq!(
            interval_text(&[(552.0, 700.0), (725.0, 930.0)]),
            "09:12–11:40, 12:05–15:30"
        );
        assert_eq!(interval_text(&[]), "");
    }

    #[test]
    fn azimuths_run_clockwise_from_north() {
        assert_eq!(azimuth_deg(0.0, 1.0).round(), 0.0);
        assert_eq!(azimuth_deg(1.0, 0.0).round(), 90.0);
        assert_eq!(azimuth_deg(-1.0, 0.0).round(), 270.0);
    }
}
