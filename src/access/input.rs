//! From city and settings to walks, people, offers and amenities. Everything lies in the local frame of the city.

use std::path::Path;

use nalgebra::Point3;

use crate::city::error::CityError;
use crate::city::geojson::read_areas;
use crate::city::sources::{Roots, Source};
use crate::city::{City, LandCoverKind};
use crate::finding::Finding;
use crate::geo::Grid;
use crate::geo::ring::contains;
use crate::job::Job;
use crate::people::{BuildingUse, People, bodies, estimate};
use crate::result::InputFile;
use crate::transit::clock::Date;
use crate::transit::edit::{LineHeadway, NewLine, NewLineStop, NewStop, TransitEdit, apply};
use crate::transit::gtfs::read_gtfs;
use crate::transit::sample::sample_timetable;
use crate::transit::{Timetable, TransitError};

use super::error::AccessError;
use super::offers::{Boarding, Halts, Offer, OfferKind, Zone, timetable_offers};
use super::params::{AccessParams, SAMPLE_TIMETABLE, ShuttleOffer, TransitChange, Ways};
use super::walk::{JOIN_M, Straight, Targets, Walk, WalkNetwork};

/// Most cells of a map.
const MOST_CELLS: usize = 4_000_000;

/// Classes of streets on which nobody walks, in OpenStreetMap's words.
const NO_FOOT: [&str; 8] = [
    "motorway",
    "motorway_link",
    "trunk",
    "trunk_link",
    "construction",
    "proposed",
    "raceway",
    "bus_guideway",
];

/// Everything that a study needs.
pub struct AccessInput {
    /// Easting and northing (m) of the local frame.
    pub origin: [f64; 2],
    /// How people walk.
    pub walk: Walk,
    /// Inhabitants and workplaces, generated.
    pub people: People,
    /// Homes and workplaces: the buildings.
    pub homes: Targets,
    /// Cells of the maps.
    pub grid: Grid,
    /// Places of the cells that can be walked to, and their numbers in the grid.
    pub cells: Targets,
    /// See `cells`.
    pub cell_numbers: Vec<usize>,
    /// Timetable with the changes of the variant; empty without one.
    pub timetable: Timetable,
    /// Offers of the kinds that count.
    pub offers: Vec<Offer>,
    /// Areas with service at the door.
    pub zones: Vec<Zone>,
    /// Simulated services of the scenario.
    pub halts: Vec<Halts>,
    /// Schools, day care, parks: text key, places.
    pub amenities: Vec<(&'static str, Vec<[f64; 2]>)>,
    /// Names and rings of districts.
    pub districts: Vec<(String, Vec<Vec<[f64; 2]>>)>,
    /// Facts of the timetable, as (text key, value).
    pub facts: Vec<(&'static str, String)>,
    /// Files that were read.
    pub files: Vec<InputFile>,
}

/// Schools, day care and parks in the order of tables.
pub const AMENITIES: [&str; 3] = ["access-school", "access-day-care", "access-park"];

/// Reads and prepares everything.
pub fn access_input(
    city: &City,
    params: &AccessParams,
    roots: &Roots,
    job: &Job,
) -> Result<AccessInput, AccessError> {
    let mut files = Vec::new();
    let mut facts = Vec::new();
    let local = |place: [f64; 2]| {
        let local = city.frame.local_from_crs([place[0], place[1], 0.0]);
        [local.x, local.y]
    };
    let mut timetable = read_timetable(city, params, roots, job, &mut files, &mut facts)?;
    change_timetable(city, &mut timetable, job, &local)?;
    let walk = walk_of(city, params, job);
    let people = estimate(&bodies(city));
    let homes: Vec<[f64; 2]> = people.places.iter().map(|p| local(p.position)).collect();
    let homes = walk.targets(homes, params.snap_m);
    job.check_cancelled()?;
    let (grid, cell_numbers, cells) = cells_of(city, params, &walk)?;
    let (offers, zones) = offers_of(city, params, &timetable, &local);
    let amenities = amenities_of(city, &people, params.park_m2, &local);
    let districts = match &params.districts {
        Some(written) => read_districts(city, params, written, roots, job, &mut files)?,
        None => Vec::new(),
    };
    Ok(AccessInput {
        origin: [city.frame.origin_easting, city.frame.origin_northing],
        walk,
        people,
        homes,
        grid,
        cells,
        cell_numbers,
        timetable,
        offers,
        zones,
        halts: Vec::new(),
        amenities,
        districts,
        facts,
        files,
    })
}

fn named(field: &str, error: CityError) -> AccessError {
    AccessError::Source {
        field: format!("access.{field}"),
        error: Box::new(error),
    }
}

fn transit(field: &str) -> impl Fn(TransitError) -> AccessError + '_ {
    move |error| AccessError::Transit {
        field: field.to_owned(),
        error: Box::new(error),
    }
}

fn read_timetable(
    city: &City,
    params: &AccessParams,
    roots: &Roots,
    job: &Job,
    files: &mut Vec<InputFile>,
    facts: &mut Vec<(&'static str, String)>,
) -> Result<Timetable, AccessError> {
    const FACT: &str = "method-access-timetable";
    let Some(written) = &params.timetable else {
        facts.push((FACT, "access-timetable-none".to_owned()));
        return Ok(Timetable::default());
    };
    let to_local = |place: [f64; 2]| {
        let local = city.frame.local_from_crs([place[0], place[1], 0.0]);
        [local.x, local.y]
    };
    if written == SAMPLE_TIMETABLE {
        facts.push((FACT, "access-timetable-sample".to_owned()));
        job.finding(Finding::info("access-timetable-generated"));
        return Ok(sample_timetable(to_local));
    }
    let path = match roots
        .resolve(written)
        .map_err(|error| named("timetable", error))?
    {
        Source::File(path) => path,
        Source::Embedded { .. } => {
            return Err(AccessError::Setting {
                code: "no-timetable",
                what: "the sample holds no timetable of this name".to_owned(),
                field: "access.timetable".to_owned(),
                found: written.clone(),
                expected: format!("a GTFS feed, or `{SAMPLE_TIMETABLE}`"),
                help: "name the folder or the .zip of a feed".to_owned(),
            });
        }
    };
    let projection = city
        .frame
        .crs
        .projection()
        .map_err(|_| AccessError::Setting {
            code: "no-place",
            what: "a GTFS feed needs a city with a place on Earth".to_owned(),
            field: "access.timetable".to_owned(),
            found: format!("the coordinate system `{}`", city.frame.crs),
            expected: "a projected system such as EPSG:25832".to_owned(),
            help: "name the system of the city under `city.crs`, or leave the timetable out"
                .to_owned(),
        })?;
    let place = |lonlat| projection.from_lonlat(lonlat).ok().map(to_local);
    let date = params.date.as_deref().and_then(Date::parse);
    let import = read_gtfs(&path, date, &place).map_err(transit("access.timetable"))?;
    for finding in import.findings {
        job.finding(finding);
    }
    facts.push((FACT, "access-timetable-gtfs".to_owned()));
    let day = if import.date_chosen {
        "method-access-day-chosen"
    } else {
        "method-access-day"
    };
    facts.push((day, import.date.to_string()));
    facts.push((
        "method-access-feed",
        format!("{} – {}", import.span[0], import.span[1]),
    ));
    files.extend(feed_files(&path, written));
    Ok(import.timetable)
}

/// Hashes of the tables of a feed, or of its archive. What cannot be read any more was read a moment before.
fn feed_files(path: &Path, written: &str) -> Vec<InputFile> {
    const TABLES: [&str; 8] = [
        "stops.txt",
        "routes.txt",
        "trips.txt",
        "stop_times.txt",
        "calendar.txt",
        "calendar_dates.txt",
        "frequencies.txt",
        "transfers.txt",
    ];
    let file = |path: &Path, written: String| {
        let bytes = std::fs::read(path).ok()?;
        Some(InputFile {
            path: written,
            blake3: blake3::hash(&bytes).to_hex().to_string(),
        })
    };
    if path.is_dir() {
        let tables = TABLES.iter();
        return tables
            .filter_map(|table| file(&path.join(table), format!("{written}/{table}")))
            .collect();
    }
    file(path, written.to_owned()).into_iter().collect()
}

fn change_timetable(
    city: &City,
    timetable: &mut Timetable,
    job: &Job,
    local: &dyn Fn([f64; 2]) -> [f64; 2],
) -> Result<(), AccessError> {
    for change in city.transit_changes.iter() {
        let (field, line, edit) = match change {
            TransitChange::Line(new) => {
                let stop = |stop: &super::params::TransitLineStop| NewLineStop {
                    name: stop.name.clone(),
                    position: local(stop.position),
                    run_s: stop.run_s.map_or(0, |s| s.round() as i32),
                };
                let edit = TransitEdit::NewLine(NewLine {
                    line: new.line.clone(),
                    mode: new.mode.mode(),
                    stops: new.stops.iter().map(stop).collect(),
                    headway_s: new.headway_s.round() as i32,
                    hours_s: [new.begin_s, new.end_s].map(|s| s.round() as i32),
                    dwell_s: new.dwell_s.round() as i32,
                    both_ways: !new.one_way,
                });
                ("transit_line", &new.line, edit)
            }
            TransitChange::Headway(change) => {
                let hours = change.begin_s.zip(change.end_s);
                let edit = TransitEdit::Headway(LineHeadway {
                    line: change.line.clone(),
                    headway_s: change.headway_s.round() as i32,
                    hours_s: hours.map(|(from, to)| [from, to].map(|s| s.round() as i32)),
                });
                ("transit_headway", &change.line, edit)
            }
            TransitChange::Stop(new) => {
                let edit = TransitEdit::NewStop(NewStop {
                    line: new.line.clone(),
                    name: new.name.clone(),
                    position: local(new.position),
                    costs_s: new.costs_s.round() as i32,
                });
                ("transit_stop", &new.line, edit)
            }
            TransitChange::Remove(remove) => {
                let edit = TransitEdit::RemoveLine {
                    line: remove.line.clone(),
                };
                ("transit_remove", &remove.line, edit)
            }
            TransitChange::Shuttle(_) => continue,
        };
        let journeys = apply(timetable, &edit).map_err(transit(field))?;
        // A new stop leaves the journeys as they are.
        if journeys[0] == journeys[1] {
            continue;
        }
        job.finding(
            Finding::info("access-journeys-changed")
                .object(line.clone())
                .arg("before", journeys[0])
                .arg("after", journeys[1]),
        );
    }
    Ok(())
}

fn walk_of(city: &City, params: &AccessParams, job: &Job) -> Walk {
    let manhattan = match params.ways {
        Ways::Streets => {
            let walked = city
                .streets
                .iter()
                .filter(|s| !NO_FOOT.contains(&s.class.as_str()));
            let lines: Vec<Vec<[f64; 2]>> = walked.map(|s| s.line.clone()).collect();
            let network = WalkNetwork::joined(&lines, |from, to| {
                let at = |t: f64| [0, 1].map(|k| from[k] + t * (to[k] - from[k]));
                ![0.25, 0.5, 0.75].into_iter().any(|t| wet(city, at(t)))
            });
            if network.joins > 0 {
                job.finding(
                    Finding::info("access-joined-ends")
                        .arg("count", network.joins)
                        .arg("limit", JOIN_M),
                );
            }
            if lines.is_empty() {
                job.finding(Finding::warning("access-no-streets"));
            }
            if network.pieces[1] > 0 {
                job.finding(
                    Finding::info("access-street-pieces")
                        .arg("count", network.pieces[1])
                        .arg("all", network.pieces[0]),
                );
            }
            return Walk::Network(Box::new(network));
        }
        Ways::Straight => false,
        Ways::Manhattan => true,
    };
    Walk::Straight(Straight {
        manhattan,
        detour: params.detour,
    })
}

/// Cells over the buildings, without those in water and those too far from a street.
fn cells_of(
    city: &City,
    params: &AccessParams,
    walk: &Walk,
) -> Result<(Grid, Vec<usize>, Targets), AccessError> {
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for building in &city.buildings {
        let (min, max) = building.bounds();
        for (axis, (a, b)) in [(min.x, max.x), (min.y, max.y)].into_iter().enumerate() {
            low[axis] = low[axis].min(a);
            high[axis] = high[axis].max(b);
        }
    }
    if low[0] > high[0] {
        return Err(AccessError::Setting {
            code: "no-buildings",
            what: "nobody lives in a city without buildings".to_owned(),
            field: "scenario.city".to_owned(),
            found: "no building".to_owned(),
            expected: "one building at least".to_owned(),
            help: "add a layer with buildings or footprints".to_owned(),
        });
    }
    let across = |axis: usize| (high[axis] - low[axis]) / params.cell_m + 2.0;
    if across(0) * across(1) > MOST_CELLS as f64 {
        return Err(AccessError::Setting {
            code: "too-many-cells",
            what: "the maps would have too many cells".to_owned(),
            field: "access.cell_m".to_owned(),
            found: format!("{} m", params.cell_m),
            expected: format!("at most {MOST_CELLS} cells"),
            help: "widen the cells".to_owned(),
        });
    }
    let grid = Grid::covering(low, high, params.cell_m);
    let mut numbers = Vec::new();
    let mut places = Vec::new();
    for row in 0..grid.rows {
        for col in 0..grid.cols {
            let place = grid.centre(row, col);
            if !wet(city, place) {
                numbers.push(grid.index(row, col));
                places.push(place);
            }
        }
    }
    let all = walk.targets(places, params.snap_m);
    let joined: Vec<usize> = (0..numbers.len())
        .filter(|&k| walk.joined(&all, k))
        .collect();
    let places = joined.iter().map(|&k| all.places[k]).collect();
    let numbers = joined.iter().map(|&k| numbers[k]).collect();
    Ok((grid, numbers, walk.targets(places, params.snap_m)))
}

/// True on water.
fn wet(city: &City, place: [f64; 2]) -> bool {
    let mut covers = city.land_cover.iter();
    covers.any(|cover| cover.kind == LandCoverKind::Water && inside(&cover.rings, place))
}

/// True inside the first ring and outside the others.
pub fn inside(rings: &[Vec<[f64; 2]>], place: [f64; 2]) -> bool {
    let mut rings = rings.iter();
    rings.next().is_some_and(|ring| contains(ring, place))
        && !rings.any(|hole| contains(hole, place))
}

fn offers_of(
    city: &City,
    params: &AccessParams,
    timetable: &Timetable,
    local: &dyn Fn([f64; 2]) -> [f64; 2],
) -> (Vec<Offer>, Vec<Zone>) {
    let mut offers = timetable_offers(timetable);
    let mut zones = Vec::new();
    let planned = city
        .transit_changes
        .iter()
        .filter_map(|change| match change {
            TransitChange::Shuttle(shuttle) => Some(shuttle),
            _ => None,
        });
    let shuttles: Vec<&ShuttleOffer> = params.shuttles.iter().chain(planned).collect();
    for shuttle in shuttles {
        let hours_s = [shuttle.begin_s, shuttle.end_s].map(|s| s.round() as i32);
        offers.extend(shuttle.stops.iter().map(|&position| Offer {
            name: shuttle.name.clone(),
            position: local(position),
            kind: OfferKind::Shuttle,
            boarding: Boarding::OnDemand {
                hours_s,
                wait_s: shuttle.wait_s,
            },
        }));
        if !shuttle.area.is_empty() && params.counts(OfferKind::Shuttle) {
            zones.push(Zone {
                name: shuttle.name.clone(),
                ring: shuttle.area.iter().map(|&p| local(p)).collect(),
                hours_s,
                wait_s: shuttle.wait_s,
            });
        }
    }
    offers.extend(params.sharing.iter().map(|station| Offer {
        name: station.name.clone(),
        position: local(station.position),
        kind: OfferKind::Sharing,
        boarding: Boarding::OnDemand {
            hours_s: [0, i32::MAX],
            wait_s: station.wait_s,
        },
    }));
    offers.retain(|offer| params.counts(offer.kind));
    (offers, zones)
}

fn amenities_of(
    city: &City,
    people: &People,
    park_m2: f64,
    local: &dyn Fn([f64; 2]) -> [f64; 2],
) -> Vec<(&'static str, Vec<[f64; 2]>)> {
    let of_use = |wanted: BuildingUse| {
        let places = people.places.iter().filter(|p| p.building_use == wanted);
        places.map(|p| local(p.position)).collect::<Vec<_>>()
    };
    // A park is entered at its edge.
    let parks = city
        .land_cover
        .iter()
        .filter(|cover| cover.kind == LandCoverKind::Green)
        .filter_map(|cover| cover.rings.first())
        .filter(|ring| area_m2(ring) >= park_m2)
        .flat_map(|ring| along_edge(ring))
        .collect();
    let places = [
        of_use(BuildingUse::School),
        of_use(BuildingUse::DayCare),
        parks,
    ];
    AMENITIES.into_iter().zip(places).collect()
}

fn area_m2(ring: &[[f64; 2]]) -> f64 {
    let twice: f64 = (0..ring.len())
        .map(|i| {
            let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
            a[0] * b[1] - a[1] * b[0]
        })
        .sum();
    0.5 * twice.abs()
}

/// Points on the edge of a ring, at most 25 m apart.
fn along_edge(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut points = Vec::new();
    for (i, &a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        let parts = ((b[0] - a[0]).hypot(b[1] - a[1]) / 25.0).ceil().max(1.0);
        for part in 0..parts as usize {
            let t = part as f64 / parts;
            points.push([0, 1].map(|k| a[k] + t * (b[k] - a[k])));
        }
    }
    points
}

fn read_districts(
    city: &City,
    params: &AccessParams,
    written: &str,
    roots: &Roots,
    job: &Job,
    files: &mut Vec<InputFile>,
) -> Result<Vec<(String, Vec<Vec<[f64; 2]>>)>, AccessError> {
    let fault = |error| named("districts", error);
    let bytes = match roots.resolve(written).map_err(fault)? {
        Source::File(path) => {
            std::fs::read(&path).map_err(|error| fault(CityError::from_io(written, &error)))?
        }
        Source::Embedded { bytes, .. } => bytes.to_vec(),
    };
    files.push(InputFile {
        path: written.to_owned(),
        blake3: blake3::hash(&bytes).to_hex().to_string(),
    });
    let areas = read_areas(&bytes, written, &params.district_name).map_err(fault)?;
    for finding in areas.findings {
        job.finding(finding);
    }
    let crs = areas.crs.unwrap_or_else(|| city.frame.crs.clone());
    let converter = crs.converter_to(&city.frame.crs).ok().flatten();
    let place = |p: [f64; 2]| {
        let p = match &converter {
            Some(converter) => converter.convert(p).unwrap_or(p),
            None => p,
        };
        let p: Point3<f64> = city.frame.local_from_crs([p[0], p[1], 0.0]);
        [p.x, p.y]
    };
    if areas.list.is_empty() {
        return Err(AccessError::Setting {
            code: "no-districts",
            what: "the file of districts holds no polygon".to_owned(),
            field: "access.districts".to_owned(),
            found: written.to_owned(),
            expected: "one polygon at least".to_owned(),
            help: "take another file, or leave `districts` out".to_owned(),
        });
    }
    let rings = |rings: Vec<Vec<[f64; 2]>>| {
        let rings = rings.into_iter();
        rings
            .map(|ring| ring.into_iter().map(place).collect())
            .collect()
    };
    let named = areas.list.into_iter();
    Ok(named.map(|(name, of)| (name, rings(of))).collect())
}
