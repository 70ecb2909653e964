//! From the study to what people get: maps, tables, key figures, facts of the method, remarks. Nothing here computes access.

use std::sync::Arc;

use crate::finding::Finding;
use crate::job::Job;
use crate::result::{Cell, Column, Field, FieldData, Indicator, Quality, SimulationResult, Table};
use crate::transit::clock::time_text;

use super::contour::contour;
use super::input::{AccessInput, inside};
use super::offers::{Boarding, Offer, OfferKind};
use super::params::{AccessParams, OfferChoice, PromiseRule, Ways};
use super::study::{AMENITY_LIMIT_S, AccessRun, MAP_LIMIT_S, SIMULATION};
use super::walk::Walk;

/// What is needed besides the run.
pub struct Presented<'a> {
    /// Offers, people, walks.
    pub input: &'a AccessInput,
    /// Settings.
    pub params: &'a AccessParams,
    /// Coarse or exact.
    pub quality: Quality,
}

/// Id of the share of inhabitants for whom the promise is kept.
pub const SHARE: &str = "access_share";

/// Limits (min) of the isochrones that are told.
const ISOCHRONES_MIN: [f64; 6] = [5.0, 10.0, 15.0, 30.0, 45.0, 60.0];

/// Puts a study into maps, tables and key figures.
pub fn present(input: &Presented<'_>, run: &AccessRun, job: &Job) -> SimulationResult {
    findings(input, job);
    let tables = tables(input, run);
    SimulationResult {
        simulation: SIMULATION,
        quality: input.quality,
        fields: fields(input, run),
        indicators: indicators(input, run),
        tables: tables.into_iter().filter(|t| !t.rows.is_empty()).collect(),
        findings: job.take_findings(),
        inputs: input.input.files.clone(),
        method: method(input),
        animation: None,
        movement: None,
        passability: None,
    }
}

fn fields(input: &Presented<'_>, run: &AccessRun) -> Vec<Field> {
    let grid = input.input.grid;
    let raster = |values: &dyn Fn(usize) -> f64| {
        let mut all = vec![f32::NAN; grid.len()];
        for (k, &cell) in input.input.cell_numbers.iter().enumerate() {
            all[cell] = values(k) as f32;
        }
        FieldData::Raster {
            grid,
            values: Arc::new(all),
        }
    };
    let field = |id: &str, quantity, unit, legends: [&'static str; 2], plane, data| Field {
        id: id.to_owned(),
        quantity,
        unit,
        legend: legends[0],
        difference_legend: legends[1],
        date: None,
        from_deg: None,
        plane,
        data,
    };
    let mut fields = vec![
        field(
            "access_time",
            "quantity-access-time",
            "min",
            ["pt_access_hamburgtakt", "access_time_difference"],
            "plane-access-day",
            raster(&|k| run.cell_time_s[k] / 60.0),
        ),
        field(
            "access_kept",
            "quantity-access-kept",
            "%",
            ["access_kept", "access_kept_difference"],
            "plane-access-day",
            raster(&|k| 100.0 * run.cell_kept[k]),
        ),
    ];
    if let Some([_, cells]) = &run.travel {
        let minutes = |k: usize| {
            let time = cells[k] / 60.0;
            if time.is_finite() { time } else { f64::NAN }
        };
        fields.push(field(
            "access_travel",
            "quantity-access-travel",
            "min",
            ["travel_time", "access_time_difference"],
            "plane-access-travel",
            raster(&minutes),
        ));
    }
    fields
}

fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.sum()
}

/// Share (%) of the people at the places for which something holds.
fn percent(input: &Presented<'_>, holds: impl Fn(usize) -> f64) -> f64 {
    let places = input.input.people.places.iter();
    let held = sum(places
        .enumerate()
        .map(|(k, place)| place.inhabitants * holds(k)));
    100.0 * held / input.input.people.inhabitants
}

fn within(limit: f64) -> impl Fn(f64) -> f64 {
    move |value| f64::from(u8::from(value <= limit))
}

fn indicators(input: &Presented<'_>, run: &AccessRun) -> Vec<Indicator> {
    let indicator = |id: &str, key, value, unit, decimals| Indicator {
        id: id.to_owned(),
        key,
        value,
        unit,
        decimals,
        date: None,
        basis: None,
    };
    let people = &input.input.people;
    let share = 100.0 * run.promise.mean_share;
    let least = run
        .promise
        .share
        .iter()
        .copied()
        .fold(f64::INFINITY, f64::min);
    let weighted = people.places.iter().zip(&run.home_time_s);
    let mean_s = sum(weighted.map(|(p, s)| p.inhabitants * s)) / people.inhabitants;
    let mut all = vec![
        indicator(SHARE, "indicator-access-share", share, "%", 1),
        indicator(
            "access_share_least",
            "indicator-access-share-least",
            100.0 * least,
            "%",
            1,
        ),
        indicator(
            "access_reached",
            "indicator-access-reached",
            people.inhabitants * run.promise.mean_share,
            "",
            0,
        ),
        indicator(
            "access_inhabitants",
            "indicator-access-inhabitants",
            people.inhabitants,
            "",
            0,
        ),
        indicator(
            "access_time",
            "indicator-access-time",
            mean_s / 60.0,
            "min",
            1,
        ),
        indicator(
            "access_journeys",
            "indicator-access-journeys",
            input.input.timetable.journeys() as f64,
            "",
            0,
        ),
    ];
    let keys = [
        "indicator-access-school",
        "indicator-access-day-care",
        "indicator-access-park",
    ];
    for ((key, (name, places)), walks) in keys
        .into_iter()
        .zip(&input.input.amenities)
        .zip(&run.amenities_s)
    {
        if places.is_empty() {
            continue;
        }
        let near = within(input.params.amenity_walk_s);
        let id = name.replace('-', "_");
        all.push(indicator(
            &id,
            key,
            percent(input, |k| near(walks[k])),
            "%",
            1,
        ));
    }
    all.retain(|indicator| indicator.value.is_finite());
    all
}

fn minutes(seconds: f64) -> Cell {
    Cell::decimal(seconds / 60.0, 1)
}

fn tables(input: &Presented<'_>, run: &AccessRun) -> Vec<Table> {
    let mut all = vec![hour_table(run), line_table(input)];
    all.push(district_table(input, run));
    all.push(amenity_table(input, run));
    all.push(isochrone_table(input, run));
    all.push(isochrone_lines(input, run));
    all.push(offer_table(input));
    all.push(building_table(input, run));
    all
}

/// Shares by hour of the day.
fn hour_table(run: &AccessRun) -> Table {
    let mut rows: Vec<(i32, f64, usize)> = Vec::new();
    for (leave_s, share) in run.promise.leave_s.iter().zip(&run.promise.share) {
        let hour = (leave_s / 3_600.0).floor() as i32;
        match rows.last_mut() {
            Some((last, sum, count)) if *last == hour => {
                *sum += share;
                *count += 1;
            }
            _ => rows.push((hour, *share, 1)),
        }
    }
    let row = |(hour, sum, count): (i32, f64, usize)| {
        vec![
            Cell::Text(time_text(3_600 * hour)),
            Cell::decimal(100.0 * sum / count as f64, 1),
        ]
    };
    Table {
        id: "access_hours".to_owned(),
        title: "table-access-hours",
        columns: vec![
            Column::plain("hour", "column-access-hour", ""),
            Column::plain("share_percent", "column-access-share", "%"),
        ],
        rows: rows.into_iter().map(row).collect(),
        key_columns: 1,
    }
}

/// Lines with their journeys within the hours of the promise.
fn line_table(input: &Presented<'_>) -> Table {
    let timetable = &input.input.timetable;
    let hours_s = [input.params.begin_s, input.params.end_s].map(|s| s.round() as i32);
    let mut rows = Vec::new();
    for (number, line) in timetable.lines.iter().enumerate() {
        let patterns = timetable
            .patterns
            .iter()
            .filter(|p| p.line == number as u32);
        let mut stops: Vec<u32> = Vec::new();
        let (mut journeys, mut within) = (0, 0);
        for pattern in patterns {
            stops.extend(&pattern.stops);
            journeys += pattern.journeys();
            within += pattern.journeys_within(hours_s, 0);
        }
        if journeys == 0 {
            continue;
        }
        stops.sort_unstable();
        stops.dedup();
        rows.push((line, stops.len(), journeys, within));
    }
    rows.sort_by(|a, b| a.0.name.cmp(&b.0.name).then(a.0.id.cmp(&b.0.id)));
    let row = |(line, stops, journeys, within): (
        &crate::transit::timetable::Line,
        usize,
        usize,
        usize,
    )| {
        vec![
            Cell::Text(line.name.clone()),
            Cell::Text(line.id.clone()),
            Cell::Key(mode_key(line.mode)),
            Cell::Integer(stops as i64),
            Cell::Integer(journeys as i64),
            Cell::Integer(within as i64),
        ]
    };
    Table {
        id: "access_lines".to_owned(),
        title: "table-access-lines",
        columns: vec![
            Column::plain("line", "column-access-line", ""),
            Column::plain("id", "column-access-line-id", ""),
            Column::plain("mode", "column-access-mode", ""),
            Column::plain("stops", "column-access-stops", ""),
            Column::plain("journeys", "column-access-journeys", ""),
            Column::plain("journeys_in_hours", "column-access-journeys-hours", ""),
        ],
        rows: rows.into_iter().map(row).collect(),
        key_columns: 2,
    }
}

fn mode_key(mode: crate::transit::Mode) -> &'static str {
    use crate::transit::Mode;
    match mode {
        Mode::Bus => "access-mode-bus",
        Mode::Tram => "access-mode-tram",
        Mode::Metro => "access-mode-metro",
        Mode::Rail => "access-mode-rail",
        Mode::Ferry => "access-mode-ferry",
        Mode::Other => "access-mode-other",
    }
}

/// Inhabitants and shares of each district, and of what lies in none.
fn district_table(input: &Presented<'_>, run: &AccessRun) -> Table {
    let places = &input.input.people.places;
    let homes = &input.input.homes.places;
    let row = |name: &str, chosen: &dyn Fn(usize) -> bool| {
        let chosen: Vec<usize> = (0..places.len()).filter(|&k| chosen(k)).collect();
        let people = sum(chosen.iter().map(|&k| places[k].inhabitants));
        let kept = sum(chosen
            .iter()
            .map(|&k| places[k].inhabitants * run.promise.kept[k]));
        let time_s = sum(chosen
            .iter()
            .map(|&k| places[k].inhabitants * run.home_time_s[k]));
        (people > 0.0).then(|| {
            vec![
                Cell::Text(name.to_owned()),
                Cell::decimal(people, 0),
                Cell::decimal(100.0 * kept / people, 1),
                minutes(time_s / people),
            ]
        })
    };
    let districts = &input.input.districts;
    let of = |k: usize| {
        districts
            .iter()
            .position(|(_, rings)| inside(rings, homes[k]))
    };
    let home_of: Vec<Option<usize>> = (0..homes.len()).map(of).collect();
    // Polygons of one name are one district.
    let mut names: Vec<&str> = districts.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let named = |k: usize| home_of[k].map(|d| districts[d].0.as_str());
    let mut rows: Vec<Vec<Cell>> = names
        .iter()
        .filter_map(|name| row(name, &|k| named(k) == Some(name)))
        .collect();
    if !districts.is_empty() {
        rows.extend(row("–", &|k| home_of[k].is_none()));
    }
    Table {
        id: "access_districts".to_owned(),
        title: "table-access-districts",
        columns: vec![
            Column::plain("district", "column-access-district", ""),
            Column::plain("inhabitants", "column-access-inhabitants", ""),
            Column::plain("share_percent", "column-access-share", "%"),
            Column::plain("time_min", "column-access-time", "min"),
        ],
        rows,
        key_columns: 1,
    }
}

/// Schools, day care, parks: how many people have one within the walk.
fn amenity_table(input: &Presented<'_>, run: &AccessRun) -> Table {
    let near = within(input.params.amenity_walk_s);
    let row = |((name, places), walks): (&(&'static str, Vec<[f64; 2]>), &Vec<f64>)| {
        let weighted = input.input.people.places.iter().zip(walks);
        let reached = weighted.filter(|(_, walk)| walk.is_finite());
        let (mut people, mut time_s) = (0.0, 0.0);
        for (place, walk) in reached {
            people += place.inhabitants;
            time_s += place.inhabitants * walk;
        }
        vec![
            Cell::Key(name),
            Cell::decimal(percent(input, |k| near(walks[k])), 1),
            minutes(time_s / people),
            if places.is_empty() {
                Cell::Key("access-none")
            } else {
                Cell::Empty
            },
        ]
    };
    Table {
        id: "access_amenities".to_owned(),
        title: "table-access-amenities",
        columns: vec![
            Column::plain("amenity", "column-access-amenity", ""),
            Column::plain("share_percent", "column-access-amenity-share", "%"),
            Column::plain("walk_min", "column-access-walk", "min"),
            Column::plain("note", "column-access-note", ""),
        ],
        rows: input
            .input
            .amenities
            .iter()
            .zip(&run.amenities_s)
            .map(row)
            .collect(),
        key_columns: 1,
    }
}

/// People within so many minutes of the place of the settings.
fn isochrone_table(input: &Presented<'_>, run: &AccessRun) -> Table {
    let limit_min = input
        .params
        .origin
        .as_ref()
        .map_or(0.0, |origin| origin.limit_s / 60.0);
    let mut rows = Vec::new();
    if let Some([homes, cells]) = &run.travel {
        for limit in ISOCHRONES_MIN
            .into_iter()
            .filter(|limit| *limit <= limit_min)
        {
            let reached = |times: &[f64], k: usize| times[k] <= 60.0 * limit;
            let places = input.input.people.places.iter().enumerate();
            let here: Vec<_> = places
                .filter(|(k, _)| reached(homes, *k))
                .map(|(_, p)| p)
                .collect();
            let count = (0..cells.len()).filter(|&k| reached(cells, k)).count();
            rows.push(vec![
                Cell::Integer(limit as i64),
                Cell::decimal(sum(here.iter().map(|p| p.inhabitants)), 0),
                Cell::decimal(sum(here.iter().map(|p| p.workplaces)), 0),
                Cell::decimal(count as f64 * input.params.cell_m.powi(2) / 1e6, 2),
            ]);
        }
    }
    Table {
        id: "access_isochrones".to_owned(),
        title: "table-access-isochrones",
        columns: vec![
            Column::plain("limit_min", "column-access-limit", "min"),
            Column::plain("inhabitants", "column-access-inhabitants", ""),
            Column::plain("workplaces", "column-access-workplaces", ""),
            Column::plain("area_km2", "column-access-area", "km²"),
        ],
        rows,
        key_columns: 1,
    }
}

/// Isochrones as closed lines.
fn isochrone_lines(input: &Presented<'_>, run: &AccessRun) -> Table {
    let limit_min = input
        .params
        .origin
        .as_ref()
        .map_or(0.0, |origin| origin.limit_s / 60.0);
    let grid = &input.input.grid;
    let [west, south] = input.input.origin;
    let mut rows = Vec::new();
    if let Some([_, cells]) = &run.travel {
        let mut minutes = vec![f32::NAN; grid.len()];
        for (&cell, time_s) in input.input.cell_numbers.iter().zip(cells) {
            if time_s.is_finite() {
                minutes[cell] = (time_s / 60.0) as f32;
            }
        }
        for limit in ISOCHRONES_MIN
            .into_iter()
            .filter(|limit| *limit <= limit_min)
        {
            for (part, line) in contour(grid, &minutes, limit).iter().enumerate() {
                let corners = line
                    .iter()
                    .map(|[x, y]| format!("{:.1} {:.1}", west + x, south + y));
                let corners: Vec<String> = corners.collect();
                rows.push(vec![
                    Cell::Integer(limit as i64),
                    Cell::Integer(part as i64 + 1),
                    Cell::Text(format!("LINESTRING ({})", corners.join(", "))),
                ]);
            }
        }
    }
    Table {
        id: "access_isochrone_lines".to_owned(),
        title: "table-access-isochrone-lines",
        columns: vec![
            Column::plain("limit_min", "column-access-limit", "min"),
            Column::plain("part", "column-access-part", ""),
            Column::plain("wkt", "column-traffic-wkt", ""),
        ],
        rows,
        key_columns: 2,
    }
}

/// Every place to board, with its boardings within the hours of the promise.
fn offer_table(input: &Presented<'_>) -> Table {
    let hours_s = [input.params.begin_s, input.params.end_s];
    let [west, south] = input.input.origin;
    let row = |offer: &Offer| {
        let boardings = match &offer.boarding {
            Boarding::Timetable {
                departures,
                headways,
            } => {
                let fixed = departures.iter().map(|&s| f64::from(s));
                let fixed = fixed.filter(|s| (hours_s[0]..hours_s[1]).contains(s));
                let floating = headways.iter().map(|&[from, until, headway]| {
                    let from = hours_s[0].max(f64::from(from));
                    let until = hours_s[1].min(f64::from(until));
                    ((until - from).max(0.0) / f64::from(headway.max(1))).ceil() as i64
                });
                Cell::Integer(fixed.count() as i64 + floating.sum::<i64>())
            }
            Boarding::OnDemand { .. } => Cell::Key("access-on-demand"),
        };
        let [x, y] = offer.position;
        vec![
            Cell::Text(offer.name.clone()),
            Cell::Key(kind_key(offer.kind)),
            Cell::decimal(west + x, 1),
            Cell::decimal(south + y, 1),
            boardings,
        ]
    };
    Table {
        id: "access_stops".to_owned(),
        title: "table-access-stops",
        columns: vec![
            Column::plain("stop", "column-access-stop", ""),
            Column::plain("kind", "column-access-mode", ""),
            Column::plain("easting", "column-access-easting", "m"),
            Column::plain("northing", "column-access-northing", "m"),
            Column::plain("departures", "column-access-departures", ""),
        ],
        rows: input.input.offers.iter().map(row).collect(),
        key_columns: 4,
    }
}

/// Every building with people.
fn building_table(input: &Presented<'_>, run: &AccessRun) -> Table {
    let places = input.input.people.places.iter().enumerate();
    let rows = places
        .filter(|(_, place)| place.inhabitants + place.workplaces > 0.0)
        .map(|(k, place)| {
            let mut row = vec![
                Cell::Text(place.id.clone()),
                Cell::decimal(place.inhabitants, 1),
                Cell::decimal(place.workplaces, 1),
                Cell::decimal(100.0 * run.promise.kept[k], 1),
                minutes(run.home_time_s[k]),
                minutes(run.nearest_s[k]),
            ];
            row.extend(run.amenities_s.iter().map(|walks| minutes(walks[k])));
            row
        })
        .collect();
    Table {
        id: "access_buildings".to_owned(),
        title: "table-access-buildings",
        columns: vec![
            Column::plain("building", "column-building", ""),
            Column::plain("inhabitants", "column-access-inhabitants", ""),
            Column::plain("workplaces", "column-access-workplaces", ""),
            Column::plain("kept_percent", "column-access-kept", "%"),
            Column::plain("time_min", "column-access-time", "min"),
            Column::plain("walk_min", "column-access-walk", "min"),
            Column::plain("school_min", "column-access-school", "min"),
            Column::plain("day_care_min", "column-access-day-care", "min"),
            Column::plain("park_min", "column-access-park", "min"),
        ],
        rows,
        key_columns: 1,
    }
}

/// Facts in reading order, as (text key, value): the definition first.
fn method(input: &Presented<'_>) -> Vec<(&'static str, String)> {
    let params = input.params;
    let mut facts: Vec<(&'static str, String)> = match params.rule {
        PromiseRule::Total => vec![("method-access-total", format!("{} s", params.limit_s))],
        PromiseRule::Separate => vec![
            (
                "method-access-walk-limit",
                format!("{} s", params.walk_limit_s),
            ),
            (
                "method-access-wait-limit",
                format!("{} s", params.wait_limit_s),
            ),
        ],
    };
    let hours = [params.begin_s, params.end_s].map(|s| time_text(s.round() as i32));
    facts.push((
        "method-access-hours",
        format!("{} – {}", hours[0], hours[1]),
    ));
    facts.push(("method-access-slice", format!("{} s", params.slice_s)));
    if OfferChoice::ALL
        .iter()
        .all(|choice| params.counts(choice.kind()))
    {
        facts.push(("method-access-offers", "access-offers-all".to_owned()));
    } else {
        let counted = OfferChoice::ALL
            .iter()
            .filter(|choice| params.counts(choice.kind()));
        facts.extend(
            counted.map(|choice| ("method-access-offers", kind_key(choice.kind()).to_owned())),
        );
    }
    facts.push(("method-access-speed", format!("{} m/s", params.walk_m_s)));
    let ways = match params.ways {
        Ways::Streets => "access-ways-streets",
        Ways::Straight => "access-ways-straight",
        Ways::Manhattan => "access-ways-manhattan",
    };
    facts.push(("method-access-ways", ways.to_owned()));
    if let Walk::Network(network) = &input.input.walk {
        facts.push((
            "method-access-network",
            format!("{:.1} km", network.total_m / 1_000.0),
        ));
        facts.push(("method-access-snap", format!("{} m", params.snap_m)));
    } else if params.detour > 1.0 {
        facts.push(("method-access-detour", format!("{}", params.detour)));
    }
    facts.extend(input.input.facts.iter().cloned());
    facts.push(("method-access-people", "access-people-generated".to_owned()));
    facts.push((
        "method-access-amenity-walk",
        format!("{} s", params.amenity_walk_s),
    ));
    facts.push(("method-access-park", format!("{} m²", params.park_m2)));
    facts.push((
        "method-access-map-limit",
        format!("{} min", MAP_LIMIT_S.max(AMENITY_LIMIT_S) / 60.0),
    ));
    if let Some(origin) = &params.origin {
        facts.push(("method-access-origin", origin.name.clone()));
        let leave = time_text(origin.leave_s.round() as i32);
        facts.push(("method-access-leave", leave));
    }
    facts
}

fn kind_key(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Bus => "access-mode-bus",
        OfferKind::Rail => "access-mode-rail",
        OfferKind::Ferry => "access-mode-ferry",
        OfferKind::Shuttle => "access-offer-shuttle",
        OfferKind::Sharing => "access-offer-sharing",
    }
}

/// Remarks: what was generated, who is out of reach of any street.
fn findings(input: &Presented<'_>, job: &Job) {
    let people = &input.input.people;
    job.finding(
        Finding::info("access-people-generated")
            .arg("inhabitants", people.inhabitants.round())
            .arg("workplaces", people.workplaces.round())
            .arg("assumed", people.storeys_assumed)
            .arg("unknown", people.use_unknown),
    );
    if input.quality == Quality::Coarse {
        job.finding(Finding::info("access-coarse"));
    }
    if input.input.offers.is_empty() && input.input.zones.is_empty() {
        job.finding(Finding::warning("access-no-offers"));
    }
    if people.inhabitants <= 0.0 {
        job.finding(Finding::warning("access-nobody"));
    }
    let alone: Vec<usize> = (0..people.places.len())
        .filter(|&k| people.places[k].inhabitants > 0.0)
        .filter(|&k| !input.input.walk.joined(&input.input.homes, k))
        .collect();
    if !alone.is_empty() {
        let lost = sum(alone.iter().map(|&k| people.places[k].inhabitants));
        job.finding(
            Finding::warning("access-far-from-street")
                .arg("count", alone.len())
                .arg("inhabitants", lost.round())
                .arg("limit", input.params.snap_m),
        );
    }
    let stops = &input.input.offers;
    let places = stops.iter().map(|offer| offer.position).collect();
    let joined = input.input.walk.targets(places, input.params.snap_m);
    let (low, high) = input.input.grid.bounds();
    let near = |place: [f64; 2]| (0..2).all(|k| place[k] >= low[k] && place[k] <= high[k]);
    let lost = (0..stops.len())
        .filter(|&k| near(stops[k].position) && !input.input.walk.joined(&joined, k));
    let lost = lost.count();
    if lost > 0 {
        job.finding(
            Finding::warning("access-stops-far-from-street")
                .arg("count", lost)
                .arg("limit", input.params.snap_m),
        );
    }
}
