//! Tables: scores by seed, by class and line; streets; single trips, calls, phases and journeys of the first run.

use crate::result::{Cell, Column, Table};
use crate::traffic::edit::letter_of;
use crate::traffic::input::GroupKind;
use crate::traffic::measure::{EdgeFlow, INTERVAL_S};
use crate::traffic::network::Aspect;
use crate::traffic::run::Outcome;
use crate::traffic::score::METRIC;
use crate::traffic::signals::priority::{Measure, Reason};
use crate::traffic::statistics::Spread;
use crate::traffic::study::{Detail, TrafficRun};

use super::{Presented, hours, mean_flow, signal_after};

/// Scores of a group, one row per seed.
pub(super) fn seed_table(
    input: &Presented<'_>,
    run: &TrafficRun,
    kind: GroupKind,
    id: &str,
) -> Option<Table> {
    let group = input.input.groups.iter().position(|g| g.kind == kind)?;
    let mut columns = vec![Column::plain("seed", "column-traffic-seed", "")];
    columns.extend(METRIC.iter().map(|m| Column::plain(m.id, m.title, m.unit)));
    let rows = run.seeds.iter().map(|seed| {
        let mut row = vec![seed_cell(seed.seed)];
        let values = seed.scores[group].iter().zip(&METRIC);
        // Digits enough for sums and differences.
        row.extend(values.map(|(value, metric)| Cell::decimal(*value, metric.decimals + 2)));
        row
    });
    Some(Table {
        id: id.to_owned(),
        title: match kind {
            GroupKind::Bus => "table-traffic-seeds-bus",
            GroupKind::Car => "table-traffic-seeds-car",
            GroupKind::Truck => "table-traffic-seeds-truck",
            _ => "table-traffic-seeds-all",
        },
        columns,
        rows: rows.collect(),
        key_columns: 1,
    })
}

/// People on foot at signals, one row per seed; none where nobody walks.
pub(super) fn walker_table(run: &TrafficRun) -> Option<Table> {
    let rows: Vec<Vec<Cell>> = run
        .seeds
        .iter()
        .map(|seed| {
            let waits = &seed.walks_s;
            let count = waits.len();
            // Without anybody there is no mean.
            let mean = waits.iter().sum::<f64>() / count as f64;
            let p90 = waits.get((0.9 * count as f64) as usize);
            vec![
                seed_cell(seed.seed),
                Cell::Integer(count as i64),
                Cell::decimal(mean, 3),
                Cell::decimal(p90.copied().unwrap_or(f64::NAN), 1),
                Cell::decimal(waits.last().copied().unwrap_or(f64::NAN), 1),
            ]
        })
        .collect();
    let anybody = run.seeds.iter().any(|seed| !seed.walks_s.is_empty());
    anybody.then(|| Table {
        id: "traffic_seeds_walkers".to_owned(),
        title: "table-traffic-seeds-walkers",
        columns: vec![
            Column::plain("seed", "column-traffic-seed", ""),
            Column::plain("people", "column-traffic-people", ""),
            Column::plain("wait_s", "column-traffic-walk-wait", "s"),
            Column::plain("wait_p90_s", "column-traffic-walk-p90", "s"),
            Column::plain("wait_longest_s", "column-traffic-walk-longest", "s"),
        ],
        rows,
        key_columns: 1,
    })
}

/// Classes and lines: means over the seeds and their intervals.
pub(super) fn line_table(input: &Presented<'_>, run: &TrafficRun) -> Table {
    let mut columns = vec![
        Column::plain("group", "column-traffic-group", ""),
        Column::plain("line", "column-traffic-line", ""),
    ];
    for metric in &METRIC {
        columns.push(Column::plain(metric.id, metric.title, metric.unit));
        let id = format!("{}_ci95", metric.id);
        columns.push(Column::plain(&id, "column-traffic-interval", metric.unit));
    }
    let rows = input.input.groups.iter().enumerate().map(|(place, group)| {
        let mut row = vec![Cell::Key(group.kind.key()), Cell::Text(group.name.clone())];
        for (n, metric) in METRIC.iter().enumerate() {
            let spread = Spread::of(run.seeds.iter().map(|seed| seed.scores[place][n]));
            row.push(Cell::decimal(spread.mean, metric.decimals));
            let half = spread.half.unwrap_or(f64::NAN);
            row.push(Cell::decimal(half, metric.decimals));
        }
        row
    });
    Table {
        id: "traffic_lines".to_owned(),
        title: "table-traffic-lines",
        columns,
        rows: rows.collect(),
        key_columns: 2,
    }
}

/// What the rules of the model did besides driving, one row per seed.
pub(super) fn event_table(run: &TrafficRun) -> Table {
    let count = |n: u64| Cell::Integer(n as i64);
    let rows = run.seeds.iter().map(|seed| {
        let counts = &seed.counts;
        vec![
            seed_cell(seed.seed),
            count(counts.relaxed),
            count(counts.swaps),
            count(counts.missed_turns),
            count(counts.missed_stops),
            count(counts.overlaps),
            count(counts.red_passed),
            count(counts.updates),
        ]
    });
    Table {
        id: "traffic_events".to_owned(),
        title: "table-traffic-events",
        columns: vec![
            Column::plain("seed", "column-traffic-seed", ""),
            Column::plain("relaxed", "column-traffic-relaxed", ""),
            Column::plain("swaps", "column-traffic-swaps", ""),
            Column::plain("missed_turns", "column-traffic-missed-turns", ""),
            Column::plain("missed_stops", "column-traffic-missed-stops", ""),
            Column::plain("overlaps", "column-traffic-overlaps", ""),
            Column::plain("red_passed", "column-traffic-red-passed", ""),
            Column::plain("updates", "column-traffic-updates", ""),
        ],
        rows: rows.collect(),
        key_columns: 1,
    }
}

/// Journeys of lines that pass each edge.
fn journeys_by_edge(input: &Presented<'_>) -> Vec<i64> {
    let mut journeys = vec![0; input.input.network.edges.len()];
    let trips = input.input.demand.trips.iter();
    for trip in trips.filter(|trip| !trip.line.is_empty() && trip.routed) {
        for &edge in &trip.edges {
            journeys[edge as usize] += 1;
        }
    }
    journeys
}

/// Approaches of signals.
pub(super) fn approach_table(input: &Presented<'_>, edges: &[EdgeFlow]) -> Table {
    let network = &input.input.network;
    let journeys = journeys_by_edge(input);
    let time_h = hours(input, input.input.end_s);
    let mut rows = Vec::new();
    for (index, edge) in network.edges.iter().enumerate() {
        let flow = &edges[index];
        if edge.inner || flow.entered <= 0.0 {
            continue;
        }
        let Some(signal) = signal_after(network, index) else {
            continue;
        };
        rows.push(vec![
            Cell::Text(network.signals[signal as usize].id.clone()),
            Cell::Text(edge.id.clone()),
            Cell::Text(edge.name.clone()),
            Cell::Integer(journeys[index]),
            Cell::decimal(flow.entered / time_h, 0),
            Cell::decimal(flow.loss_s / flow.entered, 1),
            Cell::decimal(flow.loss_s / 3600.0, 2),
            Cell::decimal(flow.queue, 1),
        ]);
    }
    rows.sort_by_key(|row| (row[0].plain(), row[1].plain()));
    Table {
        id: "traffic_approaches".to_owned(),
        title: "table-traffic-approaches",
        columns: vec![
            Column::plain("signal", "column-traffic-signal", ""),
            Column::plain("edge", "column-traffic-edge", ""),
            Column::plain("street", "column-traffic-street", ""),
            Column::plain("journeys", "column-traffic-journeys", ""),
            Column::plain("vehicles_per_h", "column-traffic-vehicles-per-h", "1/h"),
            Column::plain("delay_s", "column-traffic-approach-delay", "s"),
            Column::plain("lost_h", "column-traffic-lost", "h"),
            Column::plain("queue", "column-traffic-queue", ""),
        ],
        rows,
        key_columns: 3,
    }
}

/// All edges that somebody used, with their lines.
pub(super) fn edge_table(input: &Presented<'_>, edges: &[EdgeFlow]) -> Table {
    let network = &input.input.network;
    let journeys = journeys_by_edge(input);
    let time_h = hours(input, input.input.end_s);
    let mut rows = Vec::new();
    for (index, edge) in network.edges.iter().enumerate() {
        let flow = &edges[index];
        if edge.inner || flow.entered <= 0.0 {
            continue;
        }
        let lane = &network.lanes[edge.lanes.start as usize];
        let length_m = f64::from(lane.length_m);
        let corners = lane.shape.iter().map(|p| {
            let [easting, northing] = input.input.place.crs(*p);
            format!("{easting:.2} {northing:.2}")
        });
        rows.push(vec![
            Cell::Text(edge.id.clone()),
            Cell::Text(edge.name.clone()),
            Cell::decimal(length_m, 1),
            Cell::Integer(journeys[index]),
            Cell::decimal(flow.entered / time_h, 0),
            Cell::decimal(3.6 * flow.entered * length_m / flow.vehicle_s, 1),
            Cell::decimal(flow.loss_s / flow.entered, 1),
            Cell::decimal(flow.loss_s / 3600.0, 2),
            Cell::decimal(flow.queue, 1),
            Cell::Text(format!(
                "LINESTRING ({})",
                corners.collect::<Vec<_>>().join(", ")
            )),
        ]);
    }
    Table {
        id: "traffic_edges".to_owned(),
        title: "table-traffic-edges",
        columns: vec![
            Column::plain("edge", "column-traffic-edge", ""),
            Column::plain("street", "column-traffic-street", ""),
            Column::plain("length_m", "column-traffic-length", "m"),
            Column::plain("journeys", "column-traffic-journeys", ""),
            Column::plain("vehicles_per_h", "column-traffic-vehicles-per-h", "1/h"),
            Column::plain("speed_kmh", "column-traffic-edge-speed", "km/h"),
            Column::plain("delay_s", "column-traffic-approach-delay", "s"),
            Column::plain("lost_h", "column-traffic-lost", "h"),
            Column::plain("queue", "column-traffic-queue", ""),
            Column::plain("wkt", "column-traffic-wkt", ""),
        ],
        rows,
        key_columns: 2,
    }
}

/// Edges by interval, means over the seeds.
pub(super) fn interval_table(input: &Presented<'_>, run: &TrafficRun) -> Table {
    let network = &input.input.network;
    let count = network.edges.len();
    let from_s = input.input.begin_s + input.params.warm_up_s;
    let intervals = run.seeds.first().map_or(0, |seed| seed.edges.intervals());
    let mut rows = Vec::new();
    for interval in 0..intervals {
        for (index, edge) in network.edges.iter().enumerate() {
            let flows = run.seeds.iter();
            let flow = mean_flow(flows.map(|seed| seed.edges.flows[interval * count + index]));
            if edge.inner || flow.vehicle_s <= 0.0 {
                continue;
            }
            rows.push(vec![
                Cell::decimal(from_s + interval as f64 * INTERVAL_S, 0),
                Cell::Text(edge.id.clone()),
                Cell::decimal(flow.entered, 1),
                Cell::decimal(flow.vehicle_s / 3600.0, 3),
                Cell::decimal(flow.loss_s / 3600.0, 3),
                Cell::decimal(flow.queue, 1),
            ]);
        }
    }
    Table {
        id: "traffic_intervals".to_owned(),
        title: "table-traffic-intervals",
        columns: vec![
            Column::plain("begin_s", "column-traffic-begin", "s"),
            Column::plain("edge", "column-traffic-edge", ""),
            Column::plain("vehicles", "column-traffic-vehicles", ""),
            Column::plain("spent_h", "column-traffic-spent", "h"),
            Column::plain("lost_h", "column-traffic-lost", "h"),
            Column::plain("queue", "column-traffic-queue", ""),
        ],
        rows,
        key_columns: 0,
    }
}

/// Trips, calls, phases and journeys of the first run.
pub(super) fn detail_tables(input: &Presented<'_>, detail: &Detail) -> Vec<Table> {
    vec![
        trip_table(input, detail),
        call_table(input, detail),
        phase_table(input, detail),
        place_table(input, detail),
        sample_table(input, detail),
        request_table(input, detail),
    ]
}

/// Text key of a reason.
pub(super) fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::New => "traffic-reason-new",
        Reason::StopAhead => "traffic-reason-stop-ahead",
        Reason::GreenAnyway => "traffic-reason-green-anyway",
        Reason::GainExceedsLoss => "traffic-reason-gain",
        Reason::LossExceedsGain => "traffic-reason-loss",
        Reason::LaterIsBetter => "traffic-reason-later",
        Reason::Switching => "traffic-reason-switching",
        Reason::NotLate => "traffic-reason-not-late",
        Reason::NoTimetable => "traffic-reason-no-timetable",
        Reason::TooFewPersons => "traffic-reason-few-persons",
        Reason::NotEligible => "traffic-reason-not-eligible",
        Reason::BudgetUsed => "traffic-reason-budget",
        Reason::TooLong => "traffic-reason-too-long",
        Reason::ServedWithOthers => "traffic-reason-with-others",
        Reason::Passed => "traffic-reason-passed",
    }
}

/// Text key of a measure.
pub(super) fn measure_key(measure: Measure) -> &'static str {
    match measure {
        Measure::Extension => "traffic-measure-extension",
        Measure::EarlyGreen => "traffic-measure-early-green",
        Measure::Insertion => "traffic-measure-insertion",
        Measure::Rotation => "traffic-measure-rotation",
    }
}

/// Text key of how far a trip came.
pub(super) fn outcome_key(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Arrived => "traffic-outcome-arrived",
        Outcome::Unfinished => "traffic-outcome-unfinished",
        Outcome::NotInserted => "traffic-outcome-not-inserted",
        Outcome::NoRoute => "traffic-outcome-no-route",
    }
}

/// What became of requests for priority, change by change.
fn request_table(input: &Presented<'_>, detail: &Detail) -> Table {
    let (network, demand) = (&input.input.network, &input.input.demand);
    let rows = detail.requests.iter().map(|event| {
        let trip = demand.trips.get(event.vehicle as usize);
        vec![
            Cell::decimal(event.time_s, 1),
            Cell::Text(network.signals[event.signal as usize].id.clone()),
            trip.map_or(Cell::Empty, |trip| Cell::Text(trip.id.clone())),
            Cell::Text(event.line.clone()),
            Cell::Text(event.state.to_string()),
            event
                .measure
                .map_or(Cell::Empty, |measure| Cell::Key(measure_key(measure))),
            Cell::Key(reason_key(event.reason)),
            Cell::decimal(event.eta_s, 1),
            Cell::decimal(event.late_s.unwrap_or(f64::NAN), 1),
            Cell::decimal(event.gain_person_s, 0),
            Cell::decimal(event.loss_person_s, 0),
            Cell::decimal(event.granted_s, 1),
        ]
    });
    Table {
        id: "traffic_requests".to_owned(),
        title: "table-traffic-requests",
        columns: vec![
            Column::plain("time_s", "column-traffic-time", "s"),
            Column::plain("signal", "column-traffic-signal", ""),
            Column::plain("trip", "column-traffic-trip", ""),
            Column::plain("line", "column-traffic-line", ""),
            Column::plain("status", "column-traffic-status", ""),
            Column::plain("measure", "column-traffic-measure", ""),
            Column::plain("reason", "column-traffic-reason", ""),
            Column::plain("eta_s", "column-traffic-eta", "s"),
            Column::plain("late_s", "column-traffic-late", "s"),
            Column::plain("gain_person_s", "column-traffic-gain", "s"),
            Column::plain("loss_person_s", "column-traffic-others-lose", "s"),
            Column::plain("granted_s", "column-traffic-granted", "s"),
        ],
        rows: rows.collect(),
        key_columns: 0,
    }
}

fn trip_table(input: &Presented<'_>, detail: &Detail) -> Table {
    let study = input.input;
    let mut records = detail.records.clone();
    records.sort_by_key(|record| record.trip);
    let rows = records.iter().map(|record| {
        let trip = &study.demand.trips[record.trip as usize];
        let (class, _) = study.members[record.trip as usize];
        vec![
            Cell::Text(trip.id.clone()),
            Cell::Key(study.groups[class].kind.key()),
            Cell::Text(trip.line.clone()),
            Cell::Key(outcome_key(record.outcome)),
            Cell::decimal(trip.depart_s, 1),
            Cell::decimal(record.depart_s, 1),
            Cell::decimal(record.depart_delay_s, 1),
            Cell::decimal(record.duration_s, 1),
            Cell::decimal(record.way_m, 1),
            Cell::decimal(record.time_loss_s, 1),
            Cell::decimal(record.waiting_s, 1),
            Cell::Integer(i64::from(record.halts)),
            Cell::decimal(record.co2_g, 1),
            Cell::decimal(record.nox_mg, 1),
        ]
    });
    Table {
        id: "traffic_trips".to_owned(),
        title: "table-traffic-trips",
        columns: vec![
            Column::plain("trip", "column-traffic-trip", ""),
            Column::plain("group", "column-traffic-group", ""),
            Column::plain("line", "column-traffic-line", ""),
            Column::plain("outcome", "column-traffic-outcome", ""),
            Column::plain("planned_s", "column-traffic-planned", "s"),
            Column::plain("depart_s", "column-traffic-depart", "s"),
            Column::plain("depart_delay_s", "column-traffic-depart-delay", "s"),
            Column::plain("duration_s", "column-traffic-duration", "s"),
            Column::plain("way_m", "column-traffic-way", "m"),
            Column::plain("loss_s", "column-traffic-loss", "s"),
            Column::plain("waiting_s", "column-traffic-waiting", "s"),
            Column::plain("halts", "column-traffic-halts", ""),
            Column::plain("co2_g", "column-traffic-co2", "g"),
            Column::plain("nox_mg", "column-traffic-nox", "mg"),
        ],
        rows: rows.collect(),
        key_columns: 0,
    }
}

fn call_table(input: &Presented<'_>, detail: &Detail) -> Table {
    let demand = &input.input.demand;
    let rows = detail.calls.iter().map(|call| {
        let trip = &demand.trips[call.trip as usize];
        let stop = &demand.stops[call.stop as usize];
        vec![
            Cell::Text(trip.id.clone()),
            Cell::Text(trip.line.clone()),
            Cell::Text(stop.id.clone()),
            Cell::Text(stop.name.clone()),
            Cell::decimal(call.arrival_s, 1),
            Cell::decimal(call.departure_s, 1),
        ]
    });
    Table {
        id: "traffic_calls".to_owned(),
        title: "table-traffic-calls",
        columns: vec![
            Column::plain("trip", "column-traffic-trip", ""),
            Column::plain("line", "column-traffic-line", ""),
            Column::plain("stop", "column-traffic-stop", ""),
            Column::plain("name", "column-traffic-stop-name", ""),
            Column::plain("arrival_s", "column-traffic-arrival", "s"),
            Column::plain("departure_s", "column-traffic-departure", "s"),
        ],
        rows: rows.collect(),
        key_columns: 0,
    }
}

/// A state as its letters.
fn letters(state: &[Aspect]) -> String {
    state.iter().map(|aspect| letter_of(*aspect)).collect()
}

fn phase_table(input: &Presented<'_>, detail: &Detail) -> Table {
    let network = &input.input.network;
    let rows = detail.phases.iter().enumerate().map(|(n, phase)| {
        let mut later = detail.phases[n + 1..].iter();
        let next = later.find(|other| other.signal == phase.signal);
        let end_s = next.map_or(input.input.end_s, |next| next.since_s);
        let signal = &network.signals[phase.signal as usize];
        let on_foot = signal
            .crossings
            .iter()
            .map(|crossing| crossing.place.to_string());
        vec![
            Cell::Text(signal.id.clone()),
            Cell::decimal(phase.since_s, 1),
            Cell::decimal(end_s, 1),
            Cell::Integer(phase.phase as i64),
            Cell::Text(letters(&phase.state)),
            Cell::Text(on_foot.collect::<Vec<_>>().join(" ")),
        ]
    });
    Table {
        id: "traffic_signals".to_owned(),
        title: "table-traffic-signals",
        columns: vec![
            Column::plain("signal", "column-traffic-signal", ""),
            Column::plain("begin_s", "column-traffic-begin", "s"),
            Column::plain("end_s", "column-traffic-end", "s"),
            Column::plain("phase", "column-traffic-phase", ""),
            Column::plain("state", "column-traffic-state", ""),
            Column::plain("places_on_foot", "column-traffic-places-on-foot", ""),
        ],
        rows: rows.collect(),
        key_columns: 0,
    }
}

/// Stops and signals along the drawn route; for a signal also the place of its state that shows to the route.
fn place_table(input: &Presented<'_>, detail: &Detail) -> Table {
    let (network, demand) = (&input.input.network, &input.input.demand);
    let line = input.input.shown_line.clone().unwrap_or_default();
    let stops = detail.journeys.stops.iter().map(|(stop, way_m)| {
        let stop = &demand.stops[*stop as usize];
        let name = if stop.name.is_empty() {
            &stop.id
        } else {
            &stop.name
        };
        (*way_m, "traffic-place-stop", name.clone(), Cell::Empty)
    });
    let signals = detail.journeys.signals.iter();
    let signals = signals.map(|(signal, way_m, link)| {
        let signal = &network.signals[*signal as usize];
        let place = network.links[*link as usize].signal_place;
        (
            *way_m,
            "traffic-place-signal",
            signal.id.clone(),
            Cell::Integer(i64::from(place)),
        )
    });
    let mut places: Vec<_> = stops.chain(signals).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rows = places.into_iter().map(|(way_m, kind, name, place)| {
        vec![
            Cell::Text(line.clone()),
            Cell::decimal(way_m, 1),
            Cell::Key(kind),
            Cell::Text(name),
            place,
        ]
    });
    Table {
        id: "traffic_route_places".to_owned(),
        title: "table-traffic-route-places",
        columns: vec![
            Column::plain("line", "column-traffic-line", ""),
            Column::plain("way_m", "column-traffic-way", "m"),
            Column::plain("kind", "column-traffic-kind", ""),
            Column::plain("name", "column-traffic-name", ""),
            Column::plain("place", "column-traffic-place", ""),
        ],
        rows: rows.collect(),
        key_columns: 0,
    }
}

fn sample_table(input: &Presented<'_>, detail: &Detail) -> Table {
    let trips = &input.input.demand.trips;
    let mut samples = detail.journeys.samples.clone();
    samples.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let rows = samples.iter().map(|(trip, time_s, way_m, speed)| {
        let trip = &trips[*trip as usize];
        vec![
            Cell::Text(trip.line.clone()),
            Cell::Text(trip.id.clone()),
            Cell::decimal(*time_s, 1),
            Cell::decimal(*way_m, 1),
            Cell::decimal(*speed, 2),
        ]
    });
    Table {
        id: "traffic_space_time".to_owned(),
        title: "table-traffic-space-time",
        columns: vec![
            Column::plain("line", "column-traffic-line", ""),
            Column::plain("trip", "column-traffic-trip", ""),
            Column::plain("time_s", "column-traffic-time", "s"),
            Column::plain("way_m", "column-traffic-way", "m"),
            Column::plain("speed_m_per_s", "column-traffic-speed-now", "m/s"),
        ],
        rows: rows.collect(),
        key_columns: 0,
    }
}

/// Seeds of scenarios fit into 63 bits.
fn seed_cell(seed: u64) -> Cell {
    Cell::Integer(seed as i64)
}
