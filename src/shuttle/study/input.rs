//! From city and settings to streets, offer, fleet and demand.

use std::sync::Arc;

use nalgebra::Point3;

use crate::city::City;
use crate::city::sources::{Roots, Source};
use crate::job::Job;
use crate::people::{People, bodies, estimate};
use crate::result::InputFile;
use crate::scenario::{Edit, Scenario};
use crate::shuttle::params::{ShuttleDemand, ShuttleParams};
use crate::shuttle::service::assign::{Offer, assign_all, inside, virtual_stops};
use crate::shuttle::service::demand::Trip;
use crate::shuttle::service::files::{read_od, read_requests, read_zones};
use crate::shuttle::service::generate::{BY_HOUR, Generated, Source as PeopleSource, generate};
use crate::shuttle::service::measure::UnitCosts;
use crate::shuttle::service::model::{Battery, FleetVehicle, Request, Rules, Station};
use crate::shuttle::service::nearest::Nearest;
use crate::shuttle::service::streets::Streets;
use crate::shuttle::service::table::TableError;
use crate::shuttle::service::times::{TravelTimes, times_bytes};
use crate::traffic::input::traffic_input;
use crate::traffic::network::{NONE, Network};
use crate::traffic::params::TrafficParams;
use crate::traffic::place::NetworkPlace;
use crate::traffic::random::uniform;
use crate::traffic::source::{NetworkKind, read_streets};
use crate::traffic::study as traffic_study;
use crate::traffic::sumo::Note;

use super::error::ShuttleError;
use super::network::{FreeFlow, NetworkStreets, streets_of};

/// Memory (bytes) that the driving times may take.
const MOST_TIMES_BYTES: u64 = 4 << 30;

/// Requests of a study at most, over all seeds.
const MOST_REQUESTS: usize = 3_000_000;

/// Time (s) by which requests that are made ahead are ahead.
const AHEAD_S: f64 = 1800.0;

/// Where the demand comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum DemandKind {
    /// A file of requests.
    Requests,
    /// A table of trips between zones.
    Zones,
    /// Generated from inhabitants and workplaces, themselves an estimate.
    People {
        /// Inhabitants in the area.
        inhabitants: f64,
        /// Workplaces in the area.
        workplaces: f64,
        /// Buildings whose storeys were assumed.
        storeys_assumed: usize,
    },
    /// Generated along the streets.
    Streets,
}

/// Everything that a study needs.
pub struct ShuttleInput {
    /// Settings with the changes of the variant.
    pub params: ShuttleParams,
    /// Streets; places in the local frame.
    pub streets: Arc<Streets>,
    /// Driving times to the places in use.
    pub times: Arc<TravelTimes>,
    /// Id and name of the street at each node.
    pub names: Vec<(String, String)>,
    /// Edge of the network at each node.
    pub edges: Vec<u32>,
    /// Nodes where shuttles halt.
    pub halts: Vec<u32>,
    /// Nodes of stops; empty for a service at the door.
    pub stops: Vec<u32>,
    /// Trips of each seed.
    pub trips: Vec<Vec<Trip>>,
    /// Requests of each seed.
    pub requests: Vec<Arc<Vec<Request>>>,
    /// Where vehicles charge.
    pub stations: Vec<Station>,
    /// Promises.
    pub rules: Rules,
    /// Unit costs that apply.
    pub costs: UnitCosts,
    /// Where the demand comes from.
    pub demand: DemandKind,
    /// Where the streets come from.
    pub kind: NetworkKind,
    /// Share of the streets whose times are those of a run of traffic.
    pub measured: Option<f64>,
    /// Files that were read.
    pub files: Vec<InputFile>,
    /// What the importer left out or guessed.
    pub notes: Vec<Note>,
    /// Seeds.
    pub seeds: Vec<u64>,
    /// Network behind the streets.
    pub network: Network,
    /// Where it lies in the city.
    pub place: NetworkPlace,
}

/// Reads and prepares; `seeds` runs.
pub fn shuttle_input(
    city: &City,
    scenario: &Scenario,
    roots: &Roots,
    seeds: u32,
    job: &Job,
) -> Result<ShuttleInput, ShuttleError> {
    job.phase("phase-shuttle-prepare");
    let mut params = scenario.shuttles.clone().unwrap_or_default();
    for change in city.shuttle_changes.iter() {
        params = change.applied(&params);
    }
    if params.end_h <= params.begin_h {
        return Err(ShuttleError::Setting {
            code: "empty-period",
            what: "the service ends before it begins".to_owned(),
            field: "shuttles.end_h".to_owned(),
            found: format!("{} to {} h", params.begin_h, params.end_h),
            expected: "an end after the begin".to_owned(),
            help: "after midnight hours go on: 1 o'clock is 25".to_owned(),
        });
    }
    let (begin_s, end_s) = (params.begin_h * 3600.0, params.end_h * 3600.0);
    let read = read_network(city, scenario, &params, roots, job)?;
    job.check_cancelled()?;
    let Read {
        streets:
            NetworkStreets {
                streets,
                edges,
                measured,
            },
        network,
        place,
        kind,
        notes,
        mut files,
        with_traffic,
    } = read;
    let names = edges.iter().map(|edge| {
        let edge = &network.edges[*edge as usize];
        (edge.id.clone(), edge.name.clone())
    });
    let local = |[easting, northing]: [f64; 2]| {
        let at = city.frame.local_from_crs([easting, northing, 0.0]);
        [at.x, at.y]
    };
    let area: Vec<[f64; 2]> = params.area.iter().map(|at| local(*at)).collect();
    let area = (!area.is_empty()).then_some(area);
    let main = streets.main_part();
    let usable = Nearest::new(
        (0..streets.nodes.len() as u32)
            .filter(|node| main[*node as usize])
            .map(|node| (streets.nodes[node as usize], node)),
    );
    let nearest = |at: [f64; 2], field: &str| {
        usable
            .of(at)
            .map(|(node, _)| node)
            .ok_or_else(|| no_street(field))
    };
    let stops = if !params.stops.is_empty() {
        let mut stops = Vec::new();
        for at in &params.stops {
            stops.push(nearest(local(*at), "stops")?);
        }
        stops.sort_unstable();
        stops.dedup();
        stops
    } else if let Some(spacing_m) = params.stop_spacing_m {
        virtual_stops(&streets, spacing_m, area.as_deref())
    } else {
        Vec::new()
    };
    let halts: Vec<u32> = if stops.is_empty() {
        let in_area = |node: &u32| {
            area.as_ref()
                .is_none_or(|area| inside(area, streets.nodes[*node as usize]))
        };
        let nodes = 0..streets.nodes.len() as u32;
        nodes
            .filter(|node| main[*node as usize] && in_area(node))
            .collect()
    } else {
        stops.clone()
    };
    if halts.is_empty() {
        return Err(no_street("area"));
    }
    let mut depots = Vec::new();
    for at in &params.depots {
        depots.push(nearest(local(*at), "depots")?);
    }
    if depots.is_empty() {
        let sum = |axis: usize| -> f64 {
            let places = halts.iter().map(|n| streets.nodes[*n as usize][axis]);
            places.sum::<f64>() / halts.len() as f64
        };
        depots.push(nearest([sum(0), sum(1)], "depots")?);
    }
    let seeds: Vec<u64> = (0..u64::from(seeds))
        .map(|n| scenario.scenario.seed.wrapping_add(n))
        .collect();
    job.phase("phase-shuttle-demand");
    let everybody = Everybody::of(scenario, &params, &local);
    let (demand, trips, read) = demand(
        city, &params, roots, &streets, &usable, &everybody, &seeds, &local,
    )?;
    files.extend(read);
    let asked: usize = trips.iter().map(Vec::len).sum();
    if asked > MOST_REQUESTS {
        return Err(ShuttleError::Setting {
            code: "too-many-requests",
            what: "the study has more requests than it can hold".to_owned(),
            field: "shuttles".to_owned(),
            found: format!("{asked} requests over all seeds"),
            expected: format!("{MOST_REQUESTS} at most"),
            help: "take fewer `seeds`, or a smaller share".to_owned(),
        });
    }
    let offer = Offer {
        stops: (!stops.is_empty()).then(|| stops.clone()),
        area,
        max_walk_m: params.max_walk_m,
        walk_m_s: params.walk_m_s,
        walk_factor: params.walk_factor,
        begin_s,
        end_s,
    };
    let (places, requests) = assign_all(&streets, &offer, &trips, &depots);
    let bytes = times_bytes(places.len(), streets.nodes.len());
    if bytes > MOST_TIMES_BYTES {
        return Err(ShuttleError::Setting {
            code: "too-many-places",
            what: "the driving times between all places would not fit into memory".to_owned(),
            field: "shuttles.stop_spacing_m".to_owned(),
            found: format!(
                "{} places on {} streets: {:.1} GiB",
                places.len(),
                streets.nodes.len(),
                bytes as f64 / f64::from(1 << 30)
            ),
            expected: format!("{} GiB at most", MOST_TIMES_BYTES >> 30),
            help: "lay virtual stops with `stop_spacing_m`, or take a smaller `area`".to_owned(),
        });
    }
    job.phase("phase-shuttle-times");
    let times = TravelTimes::new(&streets, places);
    job.check_cancelled()?;
    let battery = params.battery;
    let stations = depots.iter().filter_map(|depot| {
        let place = times.places().binary_search(depot).ok()?;
        Some(Station {
            place: place as u32,
            slots: battery.charging_places,
            power_kw: battery.charging_kw,
        })
    });
    let stations = stations.collect();
    let costs = &params.costs;
    let measured_share = measured as f64 / edges.len().max(1) as f64;
    let names = names.collect();
    Ok(ShuttleInput {
        rules: Rules {
            max_wait_s: params.max_wait_s,
            max_detour: 1.0 + params.max_detour_percent / 100.0,
            least_detour_s: params.least_detour_s,
            boarding_s: params.boarding_s,
            boarding_person_s: params.boarding_person_s,
            batch_s: params.batch_s,
            trials: params.trials,
            rebalance_s: params.rebalance_s,
            begin_s,
            end_s,
            ..Rules::default()
        },
        costs: UnitCosts {
            vehicle_h: costs.vehicle_h,
            driver_h: if params.drivers { costs.driver_h } else { 0.0 },
            supervision_h: if params.drivers {
                0.0
            } else {
                costs.supervision_h
            },
            km: costs.km,
            kwh: costs.kwh,
        },
        names,
        edges,
        params,
        halts,
        stops,
        trips,
        requests: requests.into_iter().map(Arc::new).collect(),
        stations,
        times: Arc::new(times),
        streets: Arc::new(streets),
        demand,
        kind,
        measured: with_traffic.then_some(measured_share),
        files,
        notes,
        seeds,
        network,
        place,
    })
}

fn no_street(field: &str) -> ShuttleError {
    ShuttleError::Setting {
        code: "no-street",
        what: "no street that cars can reach and leave lies there".to_owned(),
        field: format!("shuttles.{field}"),
        found: "no street".to_owned(),
        expected: "streets of the network, in the coordinate reference system of the city"
            .to_owned(),
        help: "check the coordinates, and that network and city are of the same place".to_owned(),
    }
}

/// Streets as read.
struct Read {
    streets: NetworkStreets,
    network: Network,
    place: NetworkPlace,
    kind: NetworkKind,
    notes: Vec<Note>,
    files: Vec<InputFile>,
    with_traffic: bool,
}

/// The streets that the settings name, or those of traffic with its changes and, if wanted, its times.
fn read_network(
    city: &City,
    scenario: &Scenario,
    params: &ShuttleParams,
    roots: &Roots,
    job: &Job,
) -> Result<Read, ShuttleError> {
    let free = FreeFlow {
        speed_share: params.speed_percent / 100.0,
        signal_wait_s: params.signal_wait_s,
    };
    if params.network.is_some() || params.osm.is_some() {
        let named = TrafficParams {
            network: params.network.clone(),
            osm: params.osm.clone(),
            ..TrafficParams::default()
        };
        let (kind, network, notes, files) = read_streets(&named, roots)?;
        let place = NetworkPlace::new(&network, city);
        let streets = streets_of(&network, |at| place.local(at), free, None);
        return Ok(Read {
            streets,
            network,
            place,
            kind,
            notes,
            files,
            with_traffic: false,
        });
    }
    let Some(traffic) = &scenario.traffic else {
        return Err(ShuttleError::Setting {
            code: "no-network",
            what: "the settings of shuttles must name streets".to_owned(),
            field: "shuttles".to_owned(),
            found: "none of `network`, `osm`, and no table `[traffic]`".to_owned(),
            expected: "one of them".to_owned(),
            help: "for the sample city: `network = \"sample:hafenquartier\"`".to_owned(),
        });
    };
    let input = traffic_input(city, traffic, roots, job)?;
    let flows = if params.times_of_traffic {
        job.phase("phase-shuttle-traffic");
        let run = traffic_study::run(&input, traffic, scenario.scenario.seed, 1, job)?;
        run.seeds.first().map(|seed| seed.edges.totals())
    } else {
        None
    };
    let local = |at| input.place.local(at);
    let streets = streets_of(&input.network, local, free, flows.as_deref());
    Ok(Read {
        streets,
        kind: input.kind,
        notes: input.notes,
        files: input.files,
        with_traffic: flows.is_some(),
        place: input.place,
        network: input.network,
    })
}

/// Hours and areas of the settings and of all variants: they share one demand, so that their figures can be compared. Whom the service
/// of a variant leaves out is counted as rejected there.
struct Everybody {
    /// Begin and end (s).
    span: [f64; 2],
    /// Areas (local); none: everywhere.
    areas: Option<Vec<Vec<[f64; 2]>>>,
}

impl Everybody {
    fn of(
        scenario: &Scenario,
        shown: &ShuttleParams,
        local: &dyn Fn([f64; 2]) -> [f64; 2],
    ) -> Self {
        let table = scenario.shuttles.clone().unwrap_or_default();
        let mut services = vec![shown.clone(), table.clone()];
        for variant in &scenario.variants {
            let mut service = table.clone();
            for edit in &variant.edits {
                if let Edit::ShuttleService(change) = edit {
                    service = change.applied(&service);
                }
            }
            services.push(service);
        }
        let hours = |of: fn(&ShuttleParams) -> f64| services.iter().map(of);
        let begin_h = hours(|s| s.begin_h).fold(f64::INFINITY, f64::min);
        let end_h = hours(|s| s.end_h).fold(0.0, f64::max);
        let limited = services.iter().all(|service| !service.area.is_empty());
        let mut areas: Vec<Vec<[f64; 2]>> = services
            .iter()
            .map(|service| service.area.iter().map(|at| local(*at)).collect())
            .collect();
        areas.dedup();
        Self {
            span: [begin_h * 3600.0, end_h * 3600.0],
            areas: limited.then_some(areas),
        }
    }

    fn covers(&self, at: [f64; 2]) -> bool {
        let areas = self.areas.as_ref();
        areas.is_none_or(|areas| areas.iter().any(|area| inside(area, at)))
    }
}

/// Trips of each seed, where they come from, and the files read.
fn demand(
    city: &City,
    params: &ShuttleParams,
    roots: &Roots,
    streets: &Streets,
    usable: &Nearest,
    everybody: &Everybody,
    seeds: &[u64],
    local: &dyn Fn([f64; 2]) -> [f64; 2],
) -> Result<(DemandKind, Vec<Vec<Trip>>, Vec<InputFile>), ShuttleError> {
    let span = everybody.span;
    let table = |field: &str, error: TableError| ShuttleError::Table {
        field: format!("shuttles.{field}"),
        error,
    };
    if let Some(path) = &params.requests {
        let (path, file) = file_of("requests", path, roots)?;
        let trips = read_requests(&path, local).map_err(|e| table("requests", e))?;
        return Ok((DemandKind::Requests, vec![trips; seeds.len()], vec![file]));
    }
    if let (Some(od), Some(zones)) = (&params.od, &params.zones) {
        let (zones, zones_file) = file_of("zones", zones, roots)?;
        let (od, od_file) = file_of("od", od, roots)?;
        let zones = read_zones(&zones, local).map_err(|e| table("zones", e))?;
        let mut trips = Vec::new();
        for seed in seeds {
            let own = seed.wrapping_add(params.generated.seed.wrapping_mul(1_000_003));
            trips.push(read_od(&od, &zones, span, own).map_err(|e| table("od", e))?);
        }
        return Ok((DemandKind::Zones, trips, vec![od_file, zones_file]));
    }
    let settings = &params.generated;
    let people: People = estimate(&bodies(city));
    // Who lives far from all streets asks for none.
    let reach = |at: [f64; 2]| {
        usable
            .of(at)
            .is_some_and(|(_, m)| m * params.walk_factor <= params.max_walk_m)
    };
    let sources: Vec<PeopleSource> = people
        .places
        .iter()
        .map(|place| PeopleSource {
            at: local(place.position),
            inhabitants: place.inhabitants,
            workplaces: place.workplaces,
        })
        .filter(|source| everybody.covers(source.at) && reach(source.at))
        .collect();
    let sum = |of: &dyn Fn(&PeopleSource) -> f64| sources.iter().map(of).sum::<f64>();
    let (inhabitants, workplaces) = (sum(&|s| s.inhabitants), sum(&|s| s.workplaces));
    let lived_in = inhabitants > 0.0;
    let count = match settings.requests {
        Some(requests) => f64::from(requests),
        None if lived_in => {
            let day = inhabitants * settings.trips_per_day * settings.share_percent / 100.0;
            // A request is for two where two ride together.
            day * share_of_day(span) / (1.0 + settings.pairs_percent / 100.0)
        }
        None => {
            return Err(ShuttleError::Setting {
                code: "no-people",
                what: "no demand can be generated: nobody lives near the streets".to_owned(),
                field: "shuttles.generated".to_owned(),
                found: format!(
                    "{} buildings, {inhabitants:.0} inhabitants",
                    people.places.len()
                ),
                expected: "buildings with dwellings, or a number of requests".to_owned(),
                help: "set `requests` under `[shuttles.generated]`, or name a file of `requests`"
                    .to_owned(),
            });
        }
    };
    let (kind, sources) = if lived_in {
        let kind = DemandKind::People {
            inhabitants,
            workplaces,
            storeys_assumed: people.storeys_assumed,
        };
        (kind, sources)
    } else {
        let main = streets.main_part();
        let covered: Vec<u32> = (0..streets.nodes.len() as u32)
            .filter(|n| main[*n as usize] && everybody.covers(streets.nodes[*n as usize]))
            .collect();
        (DemandKind::Streets, along_streets(streets, &covered))
    };
    let trips = seeds
        .iter()
        .map(|seed| generate(&sources, &generated(settings, count, span, *seed)))
        .collect();
    Ok((kind, trips, Vec::new()))
}

/// Part of a day's demand in a span (s after midnight).
pub fn share_of_day(span: [f64; 2]) -> f64 {
    let whole: f64 = BY_HOUR.iter().sum();
    let mut sum = 0.0;
    let mut hour = (span[0] / 3600.0).floor();
    while hour * 3600.0 < span[1] {
        let begin = span[0].max(hour * 3600.0);
        let end = span[1].min((hour + 1.0) * 3600.0);
        sum += BY_HOUR[(hour as i64).rem_euclid(24) as usize] * (end - begin) / 3600.0;
        hour += 1.0;
    }
    sum / whole
}

/// One source for each place where shuttles halt, as much as its streets are long.
fn along_streets(streets: &Streets, halts: &[u32]) -> Vec<PeopleSource> {
    let sources = halts.iter().map(|&node| {
        let length: f32 = streets.arcs_of(node).map(|arc| streets.length_m[arc]).sum();
        PeopleSource {
            at: streets.nodes[node as usize],
            inhabitants: f64::from(length.max(1.0)),
            workplaces: f64::from(length.max(1.0)),
        }
    });
    sources.collect()
}

fn generated(settings: &ShuttleDemand, count: f64, span: [f64; 2], seed: u64) -> Generated {
    Generated {
        trips: count.round() as usize,
        begin_s: span[0],
        end_s: span[1],
        clock_s: 0.0,
        mean_distance_m: settings.mean_distance_m,
        least_distance_m: settings.least_distance_m,
        pairs: settings.pairs_percent / 100.0,
        wheelchairs: settings.wheelchairs_percent / 100.0,
        ahead: settings.ahead_percent / 100.0,
        ahead_s: AHEAD_S,
        seed: seed.wrapping_add(settings.seed.wrapping_mul(1_000_003)),
    }
}

/// A file on disk that a setting names, with what proves it.
fn file_of(
    field: &str,
    written: &str,
    roots: &Roots,
) -> Result<(std::path::PathBuf, InputFile), ShuttleError> {
    let wrong = |error| ShuttleError::Source {
        field: format!("shuttles.{field}"),
        error: Box::new(error),
    };
    match roots.resolve(written).map_err(wrong)? {
        Source::File(path) => {
            let bytes = std::fs::read(&path)
                .map_err(|error| wrong(crate::city::CityError::from_io(written, &error)))?;
            let blake3 = blake3::hash(&bytes).to_hex().to_string();
            let file = InputFile {
                path: written.to_owned(),
                blake3,
            };
            Ok((path, file))
        }
        Source::Embedded { name, .. } => Err(ShuttleError::Setting {
            code: "no-table",
            what: "the sample city has no such table".to_owned(),
            field: format!("shuttles.{field}"),
            found: format!("`sample:{name}`"),
            expected: "a path below the scenario's folder, or `data:PATH`".to_owned(),
            help: "leave the field out for a generated demand".to_owned(),
        }),
    }
}

impl ShuttleInput {
    /// The fleet of a run: at the depots in turn, or spread over the places where shuttles halt.
    pub fn fleet(&self, vehicles: u32, seed: u64) -> Vec<FleetVehicle> {
        let battery = &self.params.battery;
        let battery = Some(Battery {
            kwh: battery.kwh,
            kwh_per_km: battery.kwh_per_km,
            start: battery.start_percent / 100.0,
            charge_below: battery.charge_below_percent / 100.0,
            charge_to: battery.charge_to_percent / 100.0,
            reserve: battery.reserve_percent / 100.0,
        });
        let start = |vehicle: u32| {
            if self.params.depots.is_empty() || self.stations.is_empty() {
                let share = f64::from(uniform(seed, vehicle.into(), 0, 53));
                return self.halts[(share * self.halts.len() as f64) as usize];
            }
            let station = &self.stations[vehicle as usize % self.stations.len()];
            self.times.node(station.place)
        };
        (0..vehicles)
            .map(|vehicle| FleetVehicle {
                start: start(vehicle),
                seats: self.params.seats as u16,
                wheelchairs: self.params.wheelchair_places as u16,
                battery,
            })
            .collect()
    }

    /// Easting and northing of a node.
    pub fn crs(&self, city: &City, node: u32) -> [f64; 2] {
        if node == NONE {
            return [f64::NAN; 2];
        }
        let [x, y] = self.streets.nodes[node as usize];
        let [easting, northing, _] = city.frame.crs_from_local(Point3::new(x, y, 0.0));
        [easting, northing]
    }
}
