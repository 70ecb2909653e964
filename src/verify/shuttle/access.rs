//! Access on feeds and cities with a known answer.
//!
//! | case | reference |
//! |---|---|
//! | grid-share | `gtfs-grid/expected_share.csv`: share of the people of a grid city who board within 300 s, per leaving time |
//! | grid-mean | `gtfs-grid/expected_mean.csv`: the same over the day |
//! | reach | `analytic/access_share.csv`: share of a grid city within reach of a stop, on foot alone |
//! | gtfs-basic | a small feed with many optional and some faulty rows: what is used and what is counted |

use std::path::Path;

use crate::access::offers::{Boarding, Offer, OfferKind, timetable_offers};
use crate::access::promise::{Promise, Rule};
use crate::access::walk::{Straight, Walk};
use crate::geo::Crs;
use crate::transit::clock::{Date, time_s};
use crate::transit::gtfs::{Import, read_gtfs};
use crate::verify::Case;

use super::{DOMAIN, Effort};

/// Inner cells of the grid city (EPSG:25832), as its README says.
const INNER: [[f64; 2]; 2] = [[565_000.0, 5_934_000.0], [569_000.0, 5_938_000.0]];
/// People of the grid city.
const PEOPLE: [usize; 2] = [250_000, 40_000];
/// Points of a share that may be missed.
const POINTS: f64 = 0.5;

/// Cases of the family; `data` is the folder of mobility.
pub(super) fn cases(data: &Path, effort: Effort) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, run) in [
        (
            "grid",
            grid as fn(&Path, Effort, &mut Vec<Case>) -> Result<(), String>,
        ),
        ("reach", reach),
        ("gtfs-basic", basic),
    ] {
        if let Err(fault) = run(data, effort, &mut cases) {
            let id = format!("access/{name}");
            cases.push(Case::number(
                DOMAIN,
                &id,
                "readable reference",
                0.0,
                f64::NAN,
                0.0,
                &fault,
            ));
        }
    }
    cases
}

fn feed(path: &Path, date: Option<&str>) -> Result<Import, String> {
    let projection = Crs::from_epsg(25_832)
        .projection()
        .map_err(|e| e.to_string())?;
    let place = |lonlat| projection.from_lonlat(lonlat).ok();
    read_gtfs(path, date.and_then(Date::parse), &place).map_err(|e| e.to_string())
}

/// People spread evenly: a lattice turned by the golden ratio, so that no row of them lies along the edge of a reach.
fn people([low, high]: [[f64; 2]; 2], count: usize) -> Vec<[f64; 2]> {
    const GOLDEN: f64 = 0.618_033_988_749_895;
    let at = |i: usize| {
        let share = [(i as f64 + 0.5) / count as f64, (i as f64 * GOLDEN).fract()];
        [0, 1].map(|k| low[k] + share[k] * (high[k] - low[k]))
    };
    (0..count).map(at).collect()
}

fn manhattan() -> Walk {
    Walk::Straight(Straight {
        manhattan: true,
        detour: 1.0,
    })
}

fn rows(path: &Path) -> Result<Vec<csv::StringRecord>, String> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| e.to_string())?;
    reader
        .records()
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())
}

fn number(row: &csv::StringRecord, column: usize) -> Result<f64, String> {
    let text = row.get(column).unwrap_or_default();
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

fn grid(data: &Path, effort: Effort, cases: &mut Vec<Case>) -> Result<(), String> {
    let folder = data.join("gtfs-grid");
    let import = feed(&folder, None)?;
    let offers = timetable_offers(&import.timetable);
    let walk = manhattan();
    let count = PEOPLE[usize::from(effort == Effort::Quick)];
    let targets = walk.targets(people(INNER, count), 0.0);
    let ones = vec![1.0; targets.places.len()];
    let rule = Rule::Total { limit_s: 300.0 };
    let promise = Promise::new(&walk, &targets, &offers, &[], rule, 1.33, 0.0);
    for row in rows(&folder.join("expected_share.csv"))? {
        let leave = row.get(0).unwrap_or_default();
        let leave_s = time_s(leave).ok_or_else(|| format!("`{leave}` is no time"))?;
        cases.push(Case::number(
            DOMAIN,
            &format!("access/grid-share/{leave}"),
            "share boarding within 300 s (%)",
            100.0 * number(&row, 2)?,
            100.0 * promise.share(&ones, f64::from(leave_s)),
            POINTS,
            "gtfs-grid/expected_share.csv: closed form",
        ));
    }
    let mean = rows(&folder.join("expected_mean.csv"))?;
    let row = mean.first().ok_or("expected_mean.csv is empty")?;
    // Departures are every ten minutes: an hour holds all there is.
    let day = promise.day(&ones, [28_800.0, 32_400.0], 15.0);
    cases.push(Case::number(
        DOMAIN,
        "access/grid-mean",
        "mean share boarding within 300 s (%)",
        100.0 * number(row, 1)?,
        100.0 * day.mean_share,
        POINTS,
        "gtfs-grid/expected_mean.csv: closed form",
    ));
    Ok(())
}

fn reach(data: &Path, effort: Effort, cases: &mut Vec<Case>) -> Result<(), String> {
    for row in rows(&data.join("analytic/access_share.csv"))? {
        let (spacing_m, walk_m_s, time_s) = (number(&row, 0)?, number(&row, 1)?, number(&row, 2)?);
        // One cell between four stops stands for all.
        let cell = [[0.0; 2], [spacing_m; 2]];
        let count = PEOPLE[usize::from(effort == Effort::Quick)] / 10;
        let stop = |k: usize| Offer {
            name: k.to_string(),
            position: [spacing_m * (k % 2) as f64, spacing_m * (k / 2) as f64],
            kind: OfferKind::Bus,
            boarding: Boarding::OnDemand {
                hours_s: [0, i32::MAX],
                wait_s: 0.0,
            },
        };
        let offers: Vec<Offer> = (0..4).map(stop).collect();
        for (column, name, metric) in [(4, "manhattan", true), (5, "euclid", false)] {
            let walk = Walk::Straight(Straight {
                manhattan: metric,
                detour: 1.0,
            });
            let targets = walk.targets(people(cell, count), 0.0);
            let ones = vec![1.0; targets.places.len()];
            let rule = Rule::Total { limit_s: time_s };
            let promise = Promise::new(&walk, &targets, &offers, &[], rule, walk_m_s, 0.0);
            cases.push(Case::number(
                DOMAIN,
                &format!("access/reach/{name}-{spacing_m:.0}-{walk_m_s}-{time_s:.0}"),
                "share within reach (%)",
                100.0 * number(&row, column)?,
                100.0 * promise.share(&ones, 0.0),
                POINTS,
                "analytic/access_share.csv: closed form",
            ));
        }
    }
    Ok(())
}

fn basic(data: &Path, _: Effort, cases: &mut Vec<Case>) -> Result<(), String> {
    let import = feed(&data.join("gtfs-basic"), Some("2017-01-14"))?;
    let counted = |code: &str| -> f64 {
        let of_code = import.findings.iter().filter(|f| f.code == code);
        of_code
            .filter_map(|f| f.args.get("count")?.parse::<f64>().ok())
            .sum()
    };
    let timetable = &import.timetable;
    for (metric, expected, got) in [
        ("journeys on 2017-01-14", 1.0, timetable.journeys() as f64),
        (
            "stops that are called at",
            3.0,
            timetable.stops.len() as f64,
        ),
        (
            "references to a route and to a station that are missing",
            4.0,
            counted("gtfs-unknown-reference"),
        ),
        (
            "unknown route type and drop-off type",
            2.0,
            counted("gtfs-unknown-value"),
        ),
        ("calls by phone only", 2.0, counted("gtfs-by-phone")),
        (
            "changes of other kinds",
            2.0,
            counted("gtfs-transfer-ignored"),
        ),
    ] {
        cases.push(Case::number(
            DOMAIN,
            "access/gtfs-basic",
            metric,
            expected,
            got,
            0.0,
            "gtfs-basic: counted by hand",
        ));
    }
    Ok(())
}
