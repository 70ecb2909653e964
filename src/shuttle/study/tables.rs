//! Tables of a study of shuttles.

use crate::city::City;
use crate::result::{Cell, Column, Table};
use crate::shuttle::service::log::HaltKind;
use crate::shuttle::service::measure::{Figures, busy_spans};
use crate::shuttle::service::model::{Outcome, Reason};
use crate::traffic::statistics::{Spread, mean};

use super::input::ShuttleInput;
use super::run::{FleetRuns, ShuttleRuns};
use super::score::{METRIC, at};

/// Length (s) of an interval of the day.
pub const INTERVAL_S: f64 = 1800.0;

/// Rows of the log of vehicles at most: a day of a city's fleet would be millions.
pub(super) const MOST_LOGGED: usize = 200_000;

/// Text key of a reason.
pub fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::OutsideArea => "shuttle-reason-outside-area",
        Reason::OutsideHours => "shuttle-reason-outside-hours",
        Reason::Impossible => "shuttle-reason-impossible",
        Reason::WalkTooFar => "shuttle-reason-walk-too-far",
        Reason::NoWay => "shuttle-reason-no-way",
        Reason::NoVehicle => "shuttle-reason-no-vehicle",
        Reason::Capacity => "shuttle-reason-capacity",
        Reason::Wheelchair => "shuttle-reason-wheelchair",
        Reason::Detour => "shuttle-reason-detour",
        Reason::Wait => "shuttle-reason-wait",
    }
}

/// Text keys of what became of a request, and of why it was rejected.
pub(super) fn outcome_keys(outcome: Outcome) -> (&'static str, Option<&'static str>) {
    match outcome {
        Outcome::Served(_) => ("shuttle-served", None),
        Outcome::Riding(_) => ("shuttle-riding", None),
        Outcome::Assigned(_) => ("shuttle-assigned", None),
        Outcome::Open => ("shuttle-open", None),
        Outcome::Rejected(reason) => ("shuttle-rejected", Some(reason_key(reason))),
    }
}

/// Text key of a drive.
pub(super) fn drive_key(towards: HaltKind) -> &'static str {
    match towards {
        HaltKind::Board => "shuttle-drives-to-board",
        HaltKind::Alight => "shuttle-drives-to-alight",
        HaltKind::Charge | HaltKind::ChargeWait => "shuttle-drives-to-charge",
        HaltKind::Rest => "shuttle-drives-elsewhere",
    }
}

/// Text key of a halt.
pub(super) fn halt_key(kind: HaltKind) -> &'static str {
    match kind {
        HaltKind::Board => "shuttle-boards",
        HaltKind::Alight => "shuttle-alights",
        HaltKind::ChargeWait => "shuttle-waits-to-charge",
        HaltKind::Charge | HaltKind::Rest => "shuttle-charges",
    }
}

/// Figures of the planned fleet, one row per seed.
pub(super) fn seeds(fleet: &FleetRuns) -> Table {
    let mut columns = vec![Column::plain("seed", "column-traffic-seed", "")];
    columns.extend(METRIC.iter().map(|m| Column::plain(m.id, m.title, m.unit)));
    let rows = fleet.seeds.iter().map(|seed| {
        let mut row = vec![Cell::Text(seed.seed.to_string())];
        let values = seed.scores.iter().zip(&METRIC);
        row.extend(values.map(|(value, metric)| Cell::decimal(*value, metric.decimals + 2)));
        row
    });
    Table {
        id: "shuttle_seeds".to_owned(),
        title: "table-shuttle-seeds",
        columns,
        rows: rows.collect(),
        key_columns: 1,
    }
}

/// Figures of each fleet size: means over the seeds, their intervals, and whether no other size serves more for less.
pub(super) fn fleets(runs: &ShuttleRuns) -> Table {
    const SHOWN: [&str; 9] = [
        "served_percent",
        "rejected",
        "wait_s",
        "wait_p95_s",
        "shared_percent",
        "empty_percent",
        "utilisation_percent",
        "cost_eur",
        "cost_per_ride_eur",
    ];
    let mut columns = vec![Column::plain("vehicles", "column-shuttle-vehicles", "")];
    for id in SHOWN {
        let metric = METRIC[at(id)];
        columns.push(Column::plain(id, metric.title, metric.unit));
        let interval = format!("{id}_ci95");
        columns.push(Column::plain(
            &interval,
            "column-traffic-interval",
            metric.unit,
        ));
    }
    columns.push(Column::plain("pareto", "column-shuttle-pareto", ""));
    let mut fleets: Vec<&FleetRuns> = runs.fleets.iter().collect();
    fleets.sort_by_key(|fleet| fleet.vehicles);
    let spread = |fleet: &FleetRuns, id: &str| {
        Spread::of(fleet.seeds.iter().map(|seed| seed.scores[at(id)]))
    };
    let rows = fleets.iter().map(|fleet| {
        let mut row = vec![Cell::Integer(i64::from(fleet.vehicles))];
        for id in SHOWN {
            let decimals = METRIC[at(id)].decimals;
            let found = spread(fleet, id);
            row.push(Cell::decimal(found.mean, decimals));
            row.push(Cell::decimal(found.half.unwrap_or(f64::NAN), decimals));
        }
        let of = |fleet: &FleetRuns| {
            ["served_percent", "cost_eur", "wait_s"].map(|id| spread(fleet, id).mean)
        };
        let own = of(fleet);
        let beaten = fleets.iter().any(|other| {
            let [served, cost, wait] = of(other);
            // Who serves nobody has no wait.
            let waits = wait <= own[2] || own[2].is_nan();
            let better = served > own[0] || cost < own[1] || wait < own[2];
            served >= own[0] && cost <= own[1] && waits && better
        });
        row.push(Cell::Key(if beaten { "shuttle-no" } else { "shuttle-yes" }));
        row
    });
    Table {
        id: "shuttle_fleets".to_owned(),
        title: "table-shuttle-fleets",
        rows: rows.collect(),
        columns,
        key_columns: 1,
    }
}

/// Rejected requests by reason, means over the seeds.
pub(super) fn rejections(fleet: &FleetRuns) -> Table {
    let requests = mean_of(fleet, |seed| seed.scores[at("requests")]);
    let rows = Reason::ALL.iter().enumerate().map(|(place, reason)| {
        let count = mean_of(fleet, |seed| seed.rejected[place] as f64);
        vec![
            Cell::Key(reason_key(*reason)),
            Cell::decimal(count, 1),
            Cell::decimal(100.0 * count / requests, 1),
        ]
    });
    Table {
        id: "shuttle_rejections".to_owned(),
        title: "table-shuttle-rejections",
        columns: vec![
            Column::plain("reason", "column-shuttle-reason", ""),
            Column::plain("requests", "column-shuttle-requests", ""),
            Column::plain("percent", "column-shuttle-of-requests", "%"),
        ],
        rows: rows.collect(),
        key_columns: 1,
    }
}

fn mean_of(fleet: &FleetRuns, of: impl Fn(&super::run::SeedRun) -> f64) -> f64 {
    mean(&fleet.seeds.iter().map(of).collect::<Vec<f64>>())
}

/// The day in intervals, first run. A request counts when the person wants to leave, whenever it was booked.
pub(super) fn day(input: &ShuttleInput, fleet: &FleetRuns) -> Option<Table> {
    let (service, run, _) = fleet.seeds.first()?.detail.as_ref()?;
    let rules = &input.rules;
    let count = ((rules.end_s - rules.begin_s) / INTERVAL_S).ceil().max(1.0) as usize;
    let interval = |time_s: f64| {
        let place = (time_s - rules.begin_s) / INTERVAL_S;
        (place >= 0.0 && place < count as f64).then_some(place as usize)
    };
    let mut asked = vec![0_usize; count];
    let mut rejected = vec![0_usize; count];
    let mut waits: Vec<Vec<f64>> = vec![Vec::new(); count];
    for (ride, wish) in run.rides.iter().zip(service.requests.iter()) {
        let Some(place) = interval(wish.ready_s - wish.walk_to_s) else {
            continue;
        };
        asked[place] += 1;
        match ride.outcome {
            Outcome::Rejected(_) => rejected[place] += 1,
            Outcome::Served(_) => waits[place].push(ride.boards_s - wish.ready_s),
            _ => {}
        }
    }
    let mut busy_s = vec![0.0; count];
    for span in run.vehicles.iter().flat_map(busy_spans) {
        for (place, sum) in busy_s.iter_mut().enumerate() {
            let begin = rules.begin_s + place as f64 * INTERVAL_S;
            *sum += (span.1.min(begin + INTERVAL_S) - span.0.max(begin)).max(0.0);
        }
    }
    let rows = (0..count).map(|place| {
        let begin = rules.begin_s + place as f64 * INTERVAL_S;
        vec![
            Cell::decimal(begin / 3600.0, 1),
            Cell::Integer(asked[place] as i64),
            Cell::Integer(rejected[place] as i64),
            Cell::decimal(mean(&waits[place]), 0),
            Cell::decimal(busy_s[place] / INTERVAL_S, 1),
        ]
    });
    Some(Table {
        id: "shuttle_day".to_owned(),
        title: "table-shuttle-day",
        columns: vec![
            Column::plain("begin_h", "column-shuttle-begin", "h"),
            Column::plain("requests", "column-shuttle-requests", ""),
            Column::plain("rejected", "column-shuttle-rejected", ""),
            Column::plain("wait_s", "column-shuttle-wait", "s"),
            Column::plain("busy", "column-shuttle-busy", ""),
        ],
        rows: rows.collect(),
        key_columns: 1,
    })
}

/// Every request of the first run.
pub(super) fn requests(city: &City, input: &ShuttleInput, fleet: &FleetRuns) -> Option<Table> {
    let (service, run, _) = fleet.seeds.first()?.detail.as_ref()?;
    let column = |id: &str, title, unit| Column::plain(id, title, unit);
    let place = |place: u32| {
        let node = service.times.places().get(place as usize);
        let at = node.map_or([f64::NAN; 2], |node| input.crs(city, *node));
        at.map(|value| Cell::decimal(value, 1))
    };
    let rows = run
        .rides
        .iter()
        .zip(service.requests.iter())
        .map(|(ride, wish)| {
            let by = match ride.outcome {
                Outcome::Served(v) | Outcome::Riding(v) | Outcome::Assigned(v) => {
                    Cell::Integer(i64::from(v) + 1)
                }
                Outcome::Open | Outcome::Rejected(_) => Cell::Empty,
            };
            let (outcome, reason) = outcome_keys(ride.outcome);
            let reason = reason.map_or(Cell::Empty, Cell::Key);
            let [from_e, from_n] = place(wish.pickup);
            let [to_e, to_n] = place(wish.dropoff);
            vec![
                Cell::Text(wish.name.clone()),
                Cell::decimal(wish.asked_s, 1),
                Cell::decimal(wish.ready_s, 1),
                Cell::Integer(i64::from(wish.persons)),
                Cell::Integer(i64::from(wish.wheelchairs)),
                Cell::Key(outcome),
                reason,
                by,
                Cell::decimal(ride.told_s, 1),
                Cell::decimal(ride.boards_s, 1),
                Cell::decimal(ride.alights_s, 1),
                Cell::decimal(ride.boards_s - wish.ready_s, 1),
                Cell::decimal(ride.alights_s - ride.boarded_s, 1),
                Cell::decimal(ride.direct_s, 1),
                Cell::decimal(wish.walk_to_s + wish.walk_from_s, 0),
                Cell::Key(if ride.shared {
                    "shuttle-yes"
                } else {
                    "shuttle-no"
                }),
                Cell::Integer(i64::from(ride.moves)),
                from_e,
                from_n,
                to_e,
                to_n,
            ]
        });
    Some(Table {
        id: "shuttle_requests".to_owned(),
        title: "table-shuttle-requests",
        columns: vec![
            column("id", "column-shuttle-request", ""),
            column("asked_s", "column-shuttle-asked", "s"),
            column("ready_s", "column-shuttle-ready", "s"),
            column("persons", "column-shuttle-persons", ""),
            column("wheelchairs", "column-shuttle-wheelchairs", ""),
            column("outcome", "column-shuttle-outcome", ""),
            column("reason", "column-shuttle-reason", ""),
            column("vehicle", "column-shuttle-vehicle", ""),
            column("told_s", "column-shuttle-told", "s"),
            column("boards_s", "column-shuttle-boards", "s"),
            column("alights_s", "column-shuttle-alights", "s"),
            column("wait_s", "column-shuttle-wait", "s"),
            column("ride_s", "column-shuttle-ride", "s"),
            column("direct_s", "column-shuttle-direct", "s"),
            column("walk_s", "column-shuttle-walk", "s"),
            column("shared", "column-shuttle-shared-ride", ""),
            column("moves", "column-shuttle-moves", ""),
            column("from_easting", "column-shuttle-from-easting", "m"),
            column("from_northing", "column-shuttle-from-northing", "m"),
            column("to_easting", "column-shuttle-to-easting", "m"),
            column("to_northing", "column-shuttle-to-northing", "m"),
        ],
        rows: rows.collect(),
        key_columns: 1,
    })
}

/// Every vehicle of the first run.
pub(super) fn vehicles(input: &ShuttleInput, fleet: &FleetRuns) -> Option<Table> {
    let (_, run, _) = fleet.seeds.first()?.detail.as_ref()?;
    let span_s = input.rules.end_s - input.rules.begin_s;
    let rows = run.vehicles.iter().enumerate().map(|(number_of, log)| {
        let km = |of: &dyn Fn(u16) -> bool| -> f64 {
            let segments = log.segments.iter().filter(|s| of(s.persons));
            segments.map(|s| s.length_m * 0.001).sum()
        };
        let count = |kind: HaltKind| log.halts.iter().filter(|h| h.kind == kind).count() as i64;
        let busy_s: f64 = busy_spans(log)
            .iter()
            .map(|s| (s.1.min(input.rules.end_s) - s.0).max(0.0))
            .sum();
        let waits = log.halts.iter().filter(|h| h.kind == HaltKind::ChargeWait);
        let all_km = km(&|_| true);
        let used = input.params.battery.kwh_per_km * all_km;
        vec![
            Cell::Integer(number_of as i64 + 1),
            Cell::Integer(count(HaltKind::Alight)),
            Cell::decimal(all_km, 1),
            Cell::decimal(km(&|persons| persons == 0), 1),
            Cell::decimal(100.0 * busy_s / span_s, 1),
            Cell::decimal(used, 1),
            Cell::Integer(count(HaltKind::Charge)),
            Cell::decimal(waits.map(|h| h.end_s - h.begin_s).sum(), 0),
        ]
    });
    Some(Table {
        id: "shuttle_vehicles".to_owned(),
        title: "table-shuttle-vehicles",
        columns: vec![
            Column::plain("vehicle", "column-shuttle-vehicle", ""),
            Column::plain("rides", "column-shuttle-served", ""),
            Column::plain("km", "column-shuttle-km", "km"),
            Column::plain("empty_km", "column-shuttle-empty-km", "km"),
            Column::plain("busy_percent", "column-shuttle-utilisation", "%"),
            Column::plain("kwh", "column-shuttle-kwh", "kWh"),
            Column::plain("charges", "column-shuttle-charges", ""),
            Column::plain("charge_wait_s", "column-shuttle-charge-wait", "s"),
        ],
        rows: rows.collect(),
        key_columns: 1,
    })
}

/// What vehicles of the first run did, vehicle by vehicle in the order of time; `most` rows of it, and how many were left out.
pub(super) fn log(input: &ShuttleInput, fleet: &FleetRuns, most: usize) -> Option<(Table, usize)> {
    let (service, run, _) = fleet.seeds.first()?.detail.as_ref()?;
    let mut rows = Vec::new();
    for (vehicle, log) in run.vehicles.iter().enumerate() {
        let mut own: Vec<(f64, Vec<Cell>)> = Vec::new();
        let street = |node: u32| {
            let (id, name) = &input.names[node as usize];
            Cell::Text(if name.is_empty() { id } else { name }.clone())
        };
        let row = |begin_s: f64, end_s: f64, what, request, node: u32, persons, km: f64| {
            let cells = vec![
                Cell::Integer(vehicle as i64 + 1),
                Cell::decimal(begin_s, 1),
                Cell::decimal(end_s, 1),
                Cell::Key(what),
                request,
                street(node),
                persons,
                Cell::decimal(km, 3),
            ];
            (begin_s, cells)
        };
        for s in &log.segments {
            let what = drive_key(s.towards);
            let persons = Cell::Integer(i64::from(s.persons));
            let km = s.length_m * 0.001;
            own.push(row(
                s.begin_s,
                s.end_s,
                what,
                Cell::Empty,
                s.to,
                persons,
                km,
            ));
        }
        for h in &log.halts {
            let what = halt_key(h.kind);
            let name = service.requests.get(h.request as usize);
            let request = name.map_or(Cell::Empty, |wish| Cell::Text(wish.name.clone()));
            own.push(row(
                h.begin_s,
                h.end_s,
                what,
                request,
                h.node,
                Cell::Empty,
                f64::NAN,
            ));
        }
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        rows.extend(own.into_iter().map(|(_, row)| row));
        if rows.len() > most {
            break;
        }
    }
    rows.truncate(most);
    let logs = run.vehicles.iter();
    let all: usize = logs.map(|log| log.segments.len() + log.halts.len()).sum();
    let left_out = all - rows.len();
    let table = Table {
        id: "shuttle_log".to_owned(),
        title: "table-shuttle-log",
        columns: vec![
            Column::plain("vehicle", "column-shuttle-vehicle", ""),
            Column::plain("begin_s", "column-shuttle-from", "s"),
            Column::plain("end_s", "column-shuttle-until", "s"),
            Column::plain("what", "column-shuttle-what", ""),
            Column::plain("request", "column-shuttle-request", ""),
            Column::plain("street", "column-traffic-street", ""),
            Column::plain("persons", "column-shuttle-persons", ""),
            Column::plain("km", "column-shuttle-km", "km"),
        ],
        rows,
        key_columns: 2,
    };
    Some((table, left_out))
}

/// Stops of the service with their use in the first run; none for a service at the door.
pub(super) fn stops(city: &City, input: &ShuttleInput, fleet: &FleetRuns) -> Option<Table> {
    let (_, run, _) = fleet.seeds.first()?.detail.as_ref()?;
    let mut boards = vec![0_i64; input.streets.nodes.len()];
    let mut alights = boards.clone();
    for halt in run.vehicles.iter().flat_map(|log| &log.halts) {
        match halt.kind {
            HaltKind::Board => boards[halt.node as usize] += 1,
            HaltKind::Alight => alights[halt.node as usize] += 1,
            _ => {}
        }
    }
    let rows: Vec<Vec<Cell>> = input
        .stops
        .iter()
        .enumerate()
        .map(|(place, &node)| {
            let [easting, northing] = input.crs(city, node);
            let (id, name) = &input.names[node as usize];
            vec![
                Cell::Integer(place as i64 + 1),
                Cell::Text(if name.is_empty() { id } else { name }.clone()),
                Cell::decimal(easting, 1),
                Cell::decimal(northing, 1),
                Cell::Integer(boards[node as usize]),
                Cell::Integer(alights[node as usize]),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        id: "shuttle_stops".to_owned(),
        title: "table-shuttle-stops",
        columns: vec![
            Column::plain("stop", "column-shuttle-stop", ""),
            Column::plain("street", "column-traffic-street", ""),
            Column::plain("easting", "column-shuttle-easting", "m"),
            Column::plain("northing", "column-shuttle-northing", "m"),
            Column::plain("boards", "column-shuttle-boardings", ""),
            Column::plain("alights", "column-shuttle-alightings", ""),
        ],
        rows,
        key_columns: 1,
    })
}

/// Figures of the first run that findings need.
pub(super) fn first(fleet: &FleetRuns) -> Option<&Figures> {
    let detail = fleet.seeds.first()?.detail.as_ref()?;
    Some(&detail.2)
}
