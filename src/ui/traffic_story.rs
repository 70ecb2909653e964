//! The story of a vehicle, a signal or a street (those of requests and stops are in [`super::shuttle_story`]), in words: made when the selection or its run changes. What changes with the clock is
//! made in every refresh and is short.

use std::sync::Arc;

use crate::result::movement::{LaneUse, Movement, VehicleLook};
use crate::result::story::{
    CallStory, NO_SIGNAL, RequestStory, ShuttleStory, SignalStory, TripStory,
};
use crate::result::{SimulationResult, Table};
use crate::text::{Language, NO_VALUE, Texts, texts};

use super::action::TrafficPick;
use super::event_bar::event_time;
use super::moment::is_moving;
use super::prepare::{Fact, direction_key};
use super::shuttle_story::{
    RequestView, StopView, request_name, request_now, request_told, stop_now, stop_told, wishes_now,
};
use super::state::UiState;

/// Slower than this (m/s) a vehicle stands.
const STANDS_M_S: f32 = 0.1;

/// The story of what is selected.
#[derive(Clone, Debug)]
pub struct TrafficStory {
    /// Run that it belongs to.
    pub movement: Arc<Movement>,
    /// What is selected.
    pub pick: TrafficPick,
    language: Language,
    /// `Bus · Linie 5`.
    pub title: String,
    /// Its id.
    pub id: String,
    /// What there is to tell.
    pub body: Body,
}

/// What there is to tell.
#[derive(Clone, Debug)]
pub enum Body {
    /// Of a vehicle.
    Vehicle(VehicleView),
    /// Of a signal.
    Signal(SignalView),
    /// Of a street.
    Street(StreetView),
    /// Of a request for a shuttle.
    Request(RequestView),
    /// Of a stop of shuttles.
    Stop(StopView),
}

/// A vehicle.
#[derive(Clone, Debug, Default)]
pub struct VehicleView {
    /// Line; empty for others.
    pub line: String,
    /// Facts of the whole trip.
    pub facts: Vec<Fact>,
    /// Stops in order.
    pub stops: Vec<StopRow>,
    /// Its requests, change by change.
    pub requests: Vec<RequestRow>,
    /// Its way over time.
    pub journey: Journey,
    /// A shuttle: its requests are those of passengers.
    pub shuttle: bool,
}

/// A call at a stop.
#[derive(Clone, Debug, PartialEq)]
pub struct StopRow {
    /// Name of the stop.
    pub name: String,
    /// Arrival, as the clock has it, or a dash.
    pub arrival: String,
    /// How long it stays.
    pub stays: String,
    /// Lateness against the timetable, or empty without one.
    pub late: String,
    /// Arrival (s).
    pub time_s: Option<f64>,
}

/// A change of a request for priority.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRow {
    /// When (s).
    pub time_s: f64,
    /// The same as the clock has it.
    pub time: String,
    /// The signal that was asked, or the vehicle that asks.
    pub who: String,
    /// State in words.
    pub status: String,
    /// Granted, refused or neither.
    pub verdict: Verdict,
    /// Granted by a measure: the programme alone would not have done.
    pub helped: bool,
    /// Measure and reason.
    pub why: String,
    /// Numbers behind it.
    pub numbers: String,
    /// Leads to the other side's story; nothing where that is not in the run.
    pub other: Option<TrafficPick>,
}

/// What a state means for who asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Granted.
    Granted,
    /// Refused for now or for good.
    Refused,
    /// Open.
    Open,
}

/// A trip over time and way.
#[derive(Clone, Debug, Default)]
pub struct Journey {
    /// Time (min) and way (m).
    pub line: Vec<[f64; 2]>,
    /// Way (m) and name of stops that were reached.
    pub stops: Vec<(f64, String)>,
    /// Signals that were passed: time (min), way (m), whether a measure was granted there, name.
    pub signals: Vec<(f64, f64, bool, String)>,
}

/// A signal.
#[derive(Clone, Debug, Default)]
pub struct SignalView {
    /// Rows of the timeline: those who always show the same.
    pub rows: Vec<GroupRow>,
    /// Facts that do not change.
    pub facts: Vec<Fact>,
    /// Requests at it, change by change.
    pub requests: Vec<RequestRow>,
}

/// A row of the timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupRow {
    /// Place in the state whose letter it shows.
    pub place: usize,
    /// `N ↑→`.
    pub label: String,
    /// Streets and turns in words.
    pub tip: String,
}

/// A street.
#[derive(Clone, Debug, Default)]
pub struct StreetView {
    /// Facts.
    pub facts: Vec<Fact>,
    /// Name in an edit: the id.
    pub edge: String,
    /// Who uses each lane, from the right.
    pub lanes: Vec<LaneUse>,
}

/// What changes with the clock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrafficNow {
    /// Facts of what is selected.
    pub facts: Vec<Fact>,
    /// Buses on the roads: number and `Linie 5 · nach Haltestelle`.
    pub buses: Vec<(u32, String, String)>,
    /// Requests that wait or ride: number, `Anfrage 17`, what the person does.
    pub wishes: Vec<(u32, String, String)>,
    /// Name of what is under the cursor.
    pub hover: String,
}

impl TrafficStory {
    /// The story that the state asks for; the old one where nothing changed.
    pub fn of(state: &UiState) -> Option<Arc<Self>> {
        let pick = state.traffic?;
        let movement = state.movement()?;
        if let Some(old) = &state.prepared.traffic
            && old.pick == pick
            && old.language == state.language
            && Arc::ptr_eq(&old.movement, movement)
        {
            return Some(Arc::clone(old));
        }
        let t = texts(state.language);
        let (title, id, body) = match pick {
            TrafficPick::Vehicle(number) => vehicle(movement, number, t)?,
            TrafficPick::Signal(number) => signal(movement, number, t)?,
            TrafficPick::Street(number) => street(state, movement, number, t)?,
            TrafficPick::Request(number) => request_told(movement, number, t)?,
            TrafficPick::Stop(number) => stop_told(movement, number, t)?,
        };
        Some(Arc::new(Self {
            movement: Arc::clone(movement),
            pick,
            language: state.language,
            title,
            id,
            body,
        }))
    }
}

/// Seconds of the clock in minutes.
fn minutes(seconds: f32) -> f64 {
    f64::from(seconds) / 60.0
}

pub(super) fn fact(t: &Texts, key: &str, value: String, unit: &'static str) -> Fact {
    Fact {
        name: t.get(key),
        value,
        unit,
        assumed: false,
    }
}

/// Name of a vehicle: `Bus · Linie 5`, `Pkw`.
fn vehicle_name(movement: &Movement, number: u32, t: &Texts) -> Option<String> {
    let vehicle = movement.vehicles.get(number as usize)?;
    let story = movement.stories.trips.get(number as usize)?;
    let class = t.get(story.class);
    if movement.stories.shuttles.get(number as usize).is_some() {
        return Some(format!("{class} {}", vehicle.id));
    }
    if vehicle.line.is_empty() {
        return Some(class);
    }
    let line = [("class", class.as_str()), ("line", vehicle.line.as_str())];
    Some(t.with("ui-traffic-of-line", &line))
}

/// Name of what is picked, for the status line.
pub fn pick_name(movement: &Movement, pick: TrafficPick, t: &Texts) -> Option<String> {
    match pick {
        TrafficPick::Vehicle(number) => vehicle_name(movement, number, t),
        TrafficPick::Signal(number) => {
            let signal = movement.stories.signals.get(number as usize)?;
            Some(t.with("ui-traffic-signal-name", &[("id", signal.id.as_str())]))
        }
        TrafficPick::Street(number) => {
            let street = movement.roads.streets.get(number as usize)?;
            Some(if street.name.is_empty() {
                street.id.clone()
            } else {
                street.name.clone()
            })
        }
        TrafficPick::Request(number) => request_name(movement, number, t),
        TrafficPick::Stop(number) => super::shuttle_story::stop_name(movement, number, t),
    }
}

/// Name of a street for people; a way over a junction and a street without a name have a dash.
pub(super) fn street_name(movement: &Movement, street: u32) -> String {
    let street = movement.roads.streets.get(street as usize);
    let named = street.filter(|street| !street.name.is_empty());
    named.map_or_else(|| NO_VALUE.to_owned(), |street| street.name.clone())
}

fn stop_name(movement: &Movement, call: &CallStory) -> String {
    let stop = movement.roads.stops.get(call.stop as usize);
    stop.map_or_else(String::new, |stop| stop.name.clone())
}

/// Title, id and body.
pub(super) type Told = (String, String, Body);

fn vehicle(movement: &Movement, number: u32, t: &Texts) -> Option<Told> {
    let language = t.language();
    let trip = movement.stories.trips.get(number as usize)?;
    let own = movement.vehicles.get(number as usize)?;
    if let Some(shuttle) = movement.stories.shuttles.get(number as usize) {
        return Some(shuttle_told(movement, number, trip, shuttle, t));
    }
    let seconds = |value: f32, decimals| language.number(f64::from(value), decimals);
    let clock = |time_s: f32| clock(time_s);
    let mut facts = vec![fact(t, "ui-traffic-class", t.get(trip.class), "")];
    if !own.line.is_empty() {
        facts.push(fact(t, "ui-traffic-line", own.line.clone(), ""));
    }
    facts.push(Fact {
        assumed: true,
        ..fact(
            t,
            "ui-traffic-persons",
            language.number(f64::from(trip.persons), 1),
            " ",
        )
    });
    facts.push(fact(t, "ui-traffic-planned", clock(trip.planned_s), ""));
    facts.push(fact(t, "ui-traffic-depart", clock(trip.depart_s), ""));
    facts.push(fact(t, "ui-traffic-outcome", t.get(trip.outcome), ""));
    if !trip.depart_s.is_nan() {
        let late = trip.depart_s - trip.planned_s;
        facts.push(fact(t, "ui-traffic-depart-late", seconds(late, 0), "s"));
        let duration = trip.end_s - trip.depart_s;
        facts.push(fact(t, "ui-traffic-duration", seconds(duration, 0), "s"));
        facts.push(fact(t, "ui-traffic-way", seconds(trip.way_m, 0), "m"));
        facts.push(fact(t, "ui-traffic-loss", seconds(trip.loss_s, 0), "s"));
        facts.push(fact(
            t,
            "ui-traffic-waited",
            seconds(trip.waiting_s, 0),
            "s",
        ));
        facts.push(fact(t, "ui-traffic-halts", trip.halts.to_string(), ""));
    }
    let stops = trip.calls.iter().map(|call| stop_row(movement, call, t));
    let requests = movement.stories.requests.iter();
    let requests = requests
        .filter(|request| request.vehicle == number)
        .map(|request| {
            let pick = TrafficPick::Signal(request.signal);
            let who = pick_name(movement, pick, t).unwrap_or_default();
            request_row(request, who, Some(pick), t)
        });
    let title = vehicle_name(movement, number, t)?;
    Some((
        title,
        own.id.clone(),
        Body::Vehicle(VehicleView {
            line: own.line.clone(),
            facts,
            stops: stops.collect(),
            requests: requests.collect(),
            journey: journey(movement, number, trip, t),
            shuttle: false,
        }),
    ))
}

/// A shuttle: what it did, halt by halt, and whom it carried, request by request.
fn shuttle_told(
    movement: &Movement,
    number: u32,
    trip: &TripStory,
    shuttle: &ShuttleStory,
    t: &Texts,
) -> Told {
    let language = t.language();
    let seconds = |value: f32| language.with_unit(f64::from(value), 0, "s");
    let number_of = |value: f32, decimals| language.number(f64::from(value), decimals);
    let facts = vec![
        fact(
            t,
            "column-shuttle-served",
            shuttle.rides.len().to_string(),
            "",
        ),
        fact(t, "column-shuttle-km", number_of(shuttle.km, 1), "km"),
        fact(
            t,
            "column-shuttle-empty-km",
            number_of(shuttle.empty_km, 1),
            "km",
        ),
        fact(
            t,
            "column-shuttle-utilisation",
            number_of(shuttle.busy_percent, 0),
            "%",
        ),
        fact(t, "column-shuttle-kwh", number_of(shuttle.kwh, 1), "kWh"),
    ];
    let halts = shuttle.halts.iter().map(|halt| {
        let what = t.get(halt.what);
        let street = street_name(movement, halt.street);
        StopRow {
            name: match &halt.request {
                Some(request) => {
                    let args = [
                        ("what", what.as_str()),
                        ("id", request.as_str()),
                        ("street", street.as_str()),
                    ];
                    t.with("ui-shuttle-halt", &args)
                }
                None => format!("{what} · {street}"),
            },
            arrival: clock(halt.begin_s),
            stays: seconds(halt.end_s - halt.begin_s),
            late: String::new(),
            time_s: Some(f64::from(halt.begin_s)),
        }
    });
    let rides = shuttle.rides.iter().filter_map(|&number| {
        let ride = movement.stories.wishes.get(number as usize)?;
        let id = [("id", ride.request.as_str())];
        Some(RequestRow {
            time_s: f64::from(ride.boards_s),
            time: clock(ride.boards_s),
            who: t.with("ui-shuttle-request", &id),
            status: t.with(
                "ui-shuttle-waited",
                &[("wait", seconds(ride.boards_s - ride.ready_s))],
            ),
            verdict: Verdict::Granted,
            helped: false,
            why: t.with(
                "ui-shuttle-ride",
                &[
                    ("asked", clock(ride.asked_s)),
                    ("told", clock(ride.told_s)),
                    ("alights", clock(ride.alights_s)),
                    ("ride", seconds(ride.alights_s - ride.boarded_s)),
                    ("direct", seconds(ride.direct_s)),
                ],
            ),
            numbers: t.with(
                "ui-shuttle-ride-more",
                &[
                    ("walk", seconds(ride.walk_s)),
                    ("moves", ride.moves.to_string()),
                    (
                        "shared",
                        t.get(if ride.shared {
                            "shuttle-yes"
                        } else {
                            "shuttle-no"
                        }),
                    ),
                ],
            ),
            other: Some(TrafficPick::Request(number)),
        })
    });
    let title = vehicle_name(movement, number, t).unwrap_or_default();
    let id = movement.vehicles.get(number as usize);
    let id = id.map_or_else(String::new, |vehicle| vehicle.id.clone());
    let body = Body::Vehicle(VehicleView {
        line: String::new(),
        facts,
        stops: halts.collect(),
        requests: rides.collect(),
        journey: journey(movement, number, trip, t),
        shuttle: true,
    });
    (title, id, body)
}

/// What a shuttle does now.
fn shuttle_now(movement: &Movement, shuttle: &ShuttleStory, time_s: f32, t: &Texts) -> Vec<Fact> {
    let at = shuttle.at(time_s);
    let doing = at.map_or("shuttle-idle", |part| part.what);
    let persons = at.map_or(0, |part| part.persons);
    let next = shuttle.halts.iter().find(|halt| halt.begin_s > time_s);
    let next = next.map_or_else(
        || NO_VALUE.to_owned(),
        |halt| {
            format!(
                "{} · {}",
                clock(halt.begin_s),
                street_name(movement, halt.street)
            )
        },
    );
    vec![
        fact(t, "ui-traffic-state", t.get(doing), ""),
        fact(t, "column-shuttle-persons", persons.to_string(), ""),
        fact(t, "ui-traffic-next-stop", next, ""),
    ]
}

/// Shuttles that have somebody on board or drive to them, with what they do.
fn shuttles_now(
    movement: &Movement,
    numbers: impl Iterator<Item = u32>,
    time_s: f64,
    t: &Texts,
) -> Vec<(u32, String, String)> {
    let found = numbers.filter_map(|number| {
        let shuttle = movement.stories.shuttles.get(number as usize)?;
        let part = shuttle.at(time_s as f32)?;
        Some((number, vehicle_name(movement, number, t)?, t.get(part.what)))
    });
    found.collect()
}

/// A time of the clock, or a dash.
pub(super) fn clock(time_s: f32) -> String {
    if time_s.is_nan() {
        NO_VALUE.to_owned()
    } else {
        event_time(f64::from(time_s))
    }
}

fn stop_row(movement: &Movement, call: &CallStory, t: &Texts) -> StopRow {
    let language = t.language();
    let stays = call.departure_s - call.arrival_s;
    let late = call.arrival_s - call.due_s;
    StopRow {
        name: stop_name(movement, call),
        arrival: clock(call.arrival_s),
        stays: if stays.is_nan() {
            NO_VALUE.to_owned()
        } else {
            language.with_unit(f64::from(stays), 0, "s")
        },
        late: if late.is_nan() {
            String::new()
        } else {
            language.signed_with_unit(f64::from(late), 0, "s")
        },
        time_s: (!call.arrival_s.is_nan()).then_some(f64::from(call.arrival_s)),
    }
}

fn request_row(
    request: &RequestStory,
    who: String,
    other: Option<TrafficPick>,
    t: &Texts,
) -> RequestRow {
    let language = t.language();
    let status = t.get(&format!("traffic-status-{}", request.status));
    let reason = t.get(request.reason);
    let why = match request.measure {
        Some(measure) => format!("{}: {reason}", t.get(measure)),
        None => reason,
    };
    let persons = |value: f32| language.with_unit(f64::from(value), 0, "Ps");
    let seconds = |value: f32| language.with_unit(f64::from(value), 0, "s");
    let late = if request.late_s.is_nan() {
        NO_VALUE.to_owned()
    } else {
        language.signed_with_unit(f64::from(request.late_s), 0, "s")
    };
    RequestRow {
        time_s: f64::from(request.time_s),
        time: clock(request.time_s),
        who,
        status: status.clone(),
        verdict: match request.status {
            "granted" | "watchOtherTraffic" => Verdict::Granted,
            "rejected" | "maxPresence" | "reserviceLocked" => Verdict::Refused,
            _ => Verdict::Open,
        },
        helped: request.status == "granted" && request.measure.is_some(),
        why,
        numbers: t.with(
            "ui-traffic-request-numbers",
            &[
                ("status", status),
                ("code", request.status.to_owned()),
                ("eta", clock(request.eta_s)),
                ("late", late),
                ("gain", persons(request.gain_person_s)),
                ("loss", persons(request.loss_person_s)),
                ("given", seconds(request.granted_s)),
            ],
        ),
        other,
    }
}

/// The way of a vehicle over time, with what it met.
fn journey(movement: &Movement, number: u32, trip: &TripStory, t: &Texts) -> Journey {
    if trip.depart_s.is_nan() {
        return Journey::default();
    }
    let mut line = vec![[minutes(trip.depart_s), 0.0]];
    for point in &trip.trace {
        line.push([minutes(point.time_s), f64::from(point.way_m)]);
    }
    line.push([minutes(trip.end_s), f64::from(trip.way_m)]);
    let way_at = |time_s: f32| trip.at(time_s).map(|(way_m, _)| f64::from(way_m));
    let stops = trip.calls.iter().filter_map(|call| {
        let way_m = way_at(call.arrival_s).filter(|_| !call.arrival_s.is_nan())?;
        Some((way_m, stop_name(movement, call)))
    });
    let requests = &movement.stories.requests;
    let granted = |signal: u32| {
        let own = |request: &&RequestStory| request.vehicle == number && request.signal == signal;
        requests
            .iter()
            .filter(own)
            .any(|request| request.status == "granted" && request.measure.is_some())
    };
    let signals = trip.visits.iter().filter(|visit| visit.signal != NO_SIGNAL);
    let signals = signals.map(|visit| {
        let name = pick_name(movement, TrafficPick::Signal(visit.signal), t);
        (
            minutes(visit.time_s),
            f64::from(visit.way_m),
            granted(visit.signal),
            name.unwrap_or_default(),
        )
    });
    Journey {
        stops: stops.collect(),
        signals: signals.collect(),
        line,
    }
}

fn signal(movement: &Movement, number: u32, t: &Texts) -> Option<Told> {
    let signal = movement.stories.signals.get(number as usize)?;
    let mut facts = vec![fact(t, "ui-traffic-control", t.get(signal.control), "")];
    if signal.guessed {
        facts.push(fact(
            t,
            "ui-traffic-plan",
            t.get("ui-traffic-plan-guessed"),
            "",
        ));
    }
    facts.push(fact(
        t,
        "ui-traffic-phases",
        signal.phases.len().to_string(),
        "",
    ));
    let rows = signal.groups().into_iter();
    let rows = rows.map(|places| group_row(movement, signal, &places, t));
    let requests = movement.stories.requests.iter();
    let requests = requests
        .filter(|request| request.signal == number)
        .map(|request| {
            let pick = TrafficPick::Vehicle(request.vehicle);
            let known = vehicle_name(movement, request.vehicle, t);
            let other = known.is_some().then_some(pick);
            let who = known.unwrap_or_else(|| request.line.clone());
            request_row(request, who, other, t)
        });
    Some((
        pick_name(movement, TrafficPick::Signal(number), t)?,
        signal.id.clone(),
        Body::Signal(SignalView {
            rows: rows.collect(),
            facts,
            requests: requests.collect(),
        }),
    ))
}

/// Azimuth (degrees) from which somebody comes who drives in a direction (rad, from east to north).
fn comes_from_deg(heading: f32) -> f64 {
    270.0 - f64::from(heading.to_degrees())
}

fn group_row(movement: &Movement, signal: &SignalStory, places: &[usize], t: &Texts) -> GroupRow {
    let mut ways: Vec<(&'static str, String)> = Vec::new();
    let mut tips = Vec::new();
    for place in places.iter().map(|place| &signal.places[*place]) {
        let from = direction_key(comes_from_deg(place.heading));
        let (arrow, turn) = match place.turn {
            'l' => ('←', "ui-traffic-turn-left"),
            'r' => ('→', "ui-traffic-turn-right"),
            'u' => ('↓', "ui-traffic-turn-back"),
            'w' => ('↔', "ui-traffic-turn-walk"),
            _ => ('↑', "ui-traffic-turn-straight"),
        };
        match ways.iter_mut().find(|(known, _)| *known == from) {
            Some((_, arrows)) if arrows.contains(arrow) => {}
            Some((_, arrows)) => arrows.push(arrow),
            None => ways.push((from, arrow.to_string())),
        }
        let words = [
            ("street", street_name(movement, place.street)),
            ("from", t.get(from)),
            ("turn", t.get(turn)),
        ];
        let tip = t.with("ui-traffic-group-tip", &words);
        if !tips.contains(&tip) {
            tips.push(tip);
        }
    }
    let ways = ways
        .iter()
        .map(|(from, arrows)| format!("{} {arrows}", t.get(&from.replace("ui-", "common-"))));
    GroupRow {
        place: places[0],
        label: ways.collect::<Vec<_>>().join(", "),
        tip: tips.join("\n"),
    }
}

fn street(state: &UiState, movement: &Movement, number: u32, t: &Texts) -> Option<Told> {
    let language = t.language();
    let street = movement.roads.streets.get(number as usize)?;
    let lanes = &movement.roads.lanes[street.lanes.start as usize..street.lanes.end as usize];
    let mut facts = vec![
        fact(
            t,
            "ui-traffic-length",
            language.number(f64::from(street.length_m), 0),
            "m",
        ),
        fact(
            t,
            "ui-traffic-limit",
            language.number(f64::from(3.6 * street.speed_m_s), 0),
            "km/h",
        ),
        fact(t, "ui-traffic-lanes", lanes.len().to_string(), ""),
    ];
    let results = state.snapshot.results.get(state.variant);
    let mut results = results.into_iter().flatten().map(|r| &r.result);
    let measured = results
        .find(|result| result.simulation == crate::traffic::present::SIMULATION)
        .and_then(|result| edge_row(result, &street.id));
    if let Some((table, row)) = measured {
        for (column, key, unit, decimals) in [
            ("vehicles_per_h", "ui-traffic-flow", "1/h", 0),
            ("speed_kmh", "ui-traffic-mean-speed", "km/h", 1),
            ("delay_s", "ui-traffic-mean-loss", "s", 1),
            ("queue", "ui-traffic-queue", "", 1),
        ] {
            let value = table.column(column).and_then(|c| row[c].number());
            if let Some(value) = value {
                facts.push(fact(t, key, language.number(value, decimals), unit));
            }
        }
    }
    Some((
        pick_name(movement, TrafficPick::Street(number), t)?,
        street.id.clone(),
        Body::Street(StreetView {
            facts,
            edge: street.id.clone(),
            lanes: lanes.iter().map(|lane| lane.used_by).collect(),
        }),
    ))
}

fn edge_row<'a>(
    result: &'a SimulationResult,
    id: &str,
) -> Option<(&'a Table, &'a Vec<crate::result::Cell>)> {
    let table = result.tables.iter().find(|t| t.id == "traffic_edges")?;
    let row = table.rows.iter().find(|row| row[0].plain() == id)?;
    Some((table, row))
}

impl TrafficNow {
    /// What the clock changes.
    pub fn of(state: &UiState, story: Option<&TrafficStory>) -> Self {
        let Some(movement) = state.movement() else {
            return Self::default();
        };
        let t = texts(state.language);
        let time_s = state.event.time_s as f32;
        let facts = match story.map(|story| story.pick) {
            Some(TrafficPick::Vehicle(number)) => vehicle_now(movement, number, time_s, t),
            Some(TrafficPick::Signal(number)) => signal_now(movement, number, time_s, t),
            Some(TrafficPick::Request(number)) => request_now(movement, number, time_s, t),
            Some(TrafficPick::Stop(number)) => stop_now(movement, number, time_s, t),
            Some(TrafficPick::Street(_)) | None => Vec::new(),
        };
        let overview = state.field.as_deref().is_some_and(is_moving) && story.is_none();
        let pick = state.hover.as_ref().and_then(|hover| hover.traffic);
        Self {
            facts,
            buses: if overview {
                buses(movement, state.event.time_s, t)
            } else {
                Vec::new()
            },
            wishes: if overview {
                wishes_now(movement, time_s, t)
            } else {
                Vec::new()
            },
            hover: pick
                .and_then(|pick| pick_name(movement, pick, t))
                .unwrap_or_default(),
        }
    }
}

/// Buses on the roads at a time, by line.
fn buses(movement: &Movement, time_s: f64, t: &Texts) -> Vec<(u32, String, String)> {
    let after = movement.frames.partition_point(|f| f.time_s <= time_s);
    let Some(frame) = movement.frames.get(after.saturating_sub(1)) else {
        return Vec::new();
    };
    let numbers = frame.places.iter().map(|place| place.vehicle);
    if movement.is_of_shuttles() {
        return shuttles_now(movement, numbers, time_s, t);
    }
    let mut found: Vec<(usize, u32, String, String)> = numbers
        .filter_map(|number| {
            let vehicle = movement.vehicles.get(number as usize)?;
            let trip = movement.stories.trips.get(number as usize)?;
            if !matches!(vehicle.look, VehicleLook::Bus | VehicleLook::Rail) {
                return None;
            }
            let mut lines = movement.stories.lines.iter();
            let rank = lines.position(|line| *line == vehicle.line);
            let next = trip.next_call(time_s as f32);
            let next = next.map_or_else(String::new, |call| stop_name(movement, call));
            let name = vehicle_name(movement, number, t)?;
            Some((rank.unwrap_or(usize::MAX), number, name, next))
        })
        .collect();
    found.sort_by_key(|bus| (bus.0, bus.1));
    let found = found.into_iter();
    found
        .map(|(_, number, name, next)| (number, name, next))
        .collect()
}

fn vehicle_now(movement: &Movement, number: u32, time_s: f32, t: &Texts) -> Vec<Fact> {
    let language = t.language();
    if let Some(shuttle) = movement.stories.shuttles.get(number as usize) {
        return shuttle_now(movement, shuttle, time_s, t);
    }
    let Some(trip) = movement.stories.trips.get(number as usize) else {
        return Vec::new();
    };
    let number_of = |value: Option<f32>, decimals| {
        value.map_or_else(
            || NO_VALUE.to_owned(),
            |v| language.number(f64::from(v), decimals),
        )
    };
    let at = trip.at(time_s).filter(|_| time_s < trip.end_s);
    let place = at.and_then(|_| speed_at(movement, number, time_s));
    let state = match place {
        _ if trip.depart_s.is_nan() || time_s < trip.depart_s => "ui-traffic-not-yet",
        _ if time_s >= trip.end_s => trip.outcome,
        Some((_, true)) => "ui-traffic-at-stop",
        Some((speed, false)) if speed < STANDS_M_S => "ui-traffic-stands",
        _ => "ui-traffic-drives",
    };
    let street = at
        .and_then(|_| trip.street(time_s))
        .map(|s| street_name(movement, s));
    let mut facts = vec![
        fact(t, "ui-traffic-state", t.get(state), ""),
        fact(
            t,
            "ui-traffic-speed",
            number_of(place.map(|(speed, _)| 3.6 * speed), 0),
            "km/h",
        ),
        fact(
            t,
            "ui-traffic-loss-now",
            number_of(trip.at(time_s).map(|(_, loss_s)| loss_s), 0),
            "s",
        ),
        fact(
            t,
            "ui-traffic-street",
            street.unwrap_or_else(|| NO_VALUE.to_owned()),
            "",
        ),
    ];
    if !trip.calls.is_empty() {
        let next = trip.next_call(time_s).filter(|_| at.is_some());
        let next = next.map_or_else(|| NO_VALUE.to_owned(), |call| stop_name(movement, call));
        facts.push(fact(t, "ui-traffic-next-stop", next, ""));
    }
    facts
}

/// Speed (m/s) of a vehicle at a time, and whether it is at a stop.
fn speed_at(movement: &Movement, number: u32, time_s: f32) -> Option<(f32, bool)> {
    let frames = &movement.frames;
    let after = frames.partition_point(|frame| frame.time_s <= f64::from(time_s));
    let frame = frames.get(after.saturating_sub(1))?;
    let places = &frame.places;
    let at = places.binary_search_by_key(&number, |p| p.vehicle).ok()?;
    Some((f32::from(places[at].speed) * 0.25, places[at].dwells == 1))
}

fn signal_now(movement: &Movement, number: u32, time_s: f32, t: &Texts) -> Vec<Fact> {
    let language = t.language();
    let Some(signal) = movement.stories.signals.get(number as usize) else {
        return Vec::new();
    };
    let Some(at) = signal.at(time_s) else {
        return Vec::new();
    };
    let log = &signal.log[at];
    let name = signal.phases.get(log.phase as usize).map(|p| &p.name);
    // Names that are numbers would read as a second number of the phase.
    let phase = match name.filter(|name| name.contains(char::is_alphabetic)) {
        Some(name) => format!("{} · {name}", log.phase + 1),
        None => (log.phase + 1).to_string(),
    };
    let next = signal.log.get(at + 1).map(|next| next.since_s - time_s);
    let seconds = |value: f32| language.number(f64::from(value.max(0.0)), 0);
    let letters = log.state.chars();
    let greens = letters.filter(|c| matches!(c, 'G' | 'g')).count();
    let shows = if log.state.contains('y') {
        "ui-traffic-shows-amber"
    } else if greens > 0 {
        "ui-traffic-shows-green"
    } else {
        "ui-traffic-shows-red"
    };
    vec![
        fact(t, "ui-traffic-phase", phase, ""),
        fact(t, "ui-traffic-shows", t.get(shows), ""),
        fact(t, "ui-traffic-since", seconds(time_s - log.since_s), "s"),
        fact(
            t,
            "ui-traffic-left",
            next.map_or_else(|| NO_VALUE.to_owned(), seconds),
            "s",
        ),
    ]
}
