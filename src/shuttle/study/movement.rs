//! Shuttles of the first run over time, for the moving picture.

use std::sync::Arc;

use crate::result::movement::{
    Movement, MovementFrame, MovingVehicle, Place, RoadStop, VehicleLook,
};
use crate::result::story::{
    NO_SIGNAL, ShuttleHalt, ShuttlePart, ShuttleStory, Stories, TracePoint, TripStory, Visit,
};
use crate::result::wish::{WishHalt, WishStory};
use crate::shuttle::service::demand::{End, Trip};
use crate::shuttle::service::engine::{Run, Service};
use crate::shuttle::service::log::{HaltKind, Segment, VehicleLog};
use crate::shuttle::service::measure::busy_spans;
use crate::shuttle::service::model::{Outcome, Request, Ride};
use crate::traffic::present::lanes_and_streets;

use super::input::ShuttleInput;
use super::run::FleetRuns;
use super::tables::{drive_key, halt_key, outcome_keys};

/// Frames of the moving picture at most.
const FRAMES: f64 = 7200.0;

/// Length and width (m) of a shuttle as it is drawn.
const SIZE_M: [f32; 2] = [6.0, 2.1];

/// Places count in decimetres of 16 bits: a larger extent (m) is not drawn.
const LARGEST_M: f64 = 6500.0;

/// The moving picture; none where the streets reach too far.
pub(super) fn movement(input: &ShuttleInput, fleet: &FleetRuns) -> Option<Movement> {
    let (service, run, _) = fleet.seeds.first()?.detail.as_ref()?;
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let shapes = input.streets.shapes.iter().flatten();
    let places = shapes
        .map(|at| at.map(f64::from))
        .chain(input.streets.nodes.iter().copied());
    for at in places {
        for axis in 0..2 {
            low[axis] = low[axis].min(at[axis]);
            high[axis] = high[axis].max(at[axis]);
        }
    }
    if (0..2).any(|axis| high[axis] - low[axis] > LARGEST_M) {
        return None;
    }
    let rules = &input.rules;
    let span_s = run.end_s - rules.begin_s;
    let step_s = (span_s / FRAMES).ceil().max(1.0);
    let count = (span_s / step_s).floor() as usize + 1;
    let mut frames: Vec<MovementFrame> = (0..count)
        .map(|frame| MovementFrame {
            time_s: frame as f64 * step_s,
            ..MovementFrame::default()
        })
        .collect();
    for (number, log) in run.vehicles.iter().enumerate() {
        let mut track = Track::new(service, log, number);
        for frame in &mut frames {
            let place = track.place(rules.begin_s + frame.time_s, low, number as u32);
            frame.places.push(place);
        }
    }
    let vehicles = (0..run.vehicles.len()).map(|number| MovingVehicle {
        id: (number + 1).to_string(),
        line: String::new(),
        look: VehicleLook::Bus,
        size_m: SIZE_M,
    });
    let stories = stories(input, service, run, low);
    let mut roads = lanes_and_streets(&input.network, &input.place, low);
    roads.stops = input
        .stops
        .iter()
        .map(|&node| stop(input, node, low))
        .collect();
    Some(Movement {
        corner: low,
        vehicles: Arc::new(vehicles.collect()),
        frames,
        roads: Arc::new(roads),
        stories: Arc::new(stories),
        ..Movement::default()
    })
}

/// What happened to every shuttle and its passengers, on the clock of the picture.
fn stories(input: &ShuttleInput, service: &Service, run: &Run, corner: [f64; 2]) -> Stories {
    let begin_s = input.rules.begin_s;
    let clock = |time_s: f64| (time_s - begin_s) as f32;
    let mut told = Stories::default();
    for log in &run.vehicles {
        let mut trace = Vec::new();
        let mut visits = Vec::new();
        let mut parts = Vec::new();
        let (mut way_m, mut empty_m) = (0.0, 0.0);
        for segment in &log.segments {
            let point = |time_s: f64, way_m: f64| TracePoint {
                time_s: clock(time_s),
                way_m: way_m as f32,
                loss_s: 0.0,
            };
            trace.push(point(segment.begin_s, way_m));
            way_m += segment.length_m;
            trace.push(point(segment.end_s, way_m));
            if segment.persons == 0 {
                empty_m += segment.length_m;
            }
            visits.push(Visit {
                time_s: clock(segment.end_s),
                way_m: way_m as f32,
                street: input.edges[segment.to as usize],
                signal: NO_SIGNAL,
            });
            parts.push(ShuttlePart {
                begin_s: clock(segment.begin_s),
                end_s: clock(segment.end_s),
                what: drive_key(segment.towards),
                persons: segment.persons,
            });
        }
        let mut persons = 0;
        let mut halts = Vec::new();
        let mut rides = Vec::new();
        for halt in &log.halts {
            let wish = service.requests.get(halt.request as usize);
            let count = wish.map_or(0, |wish| wish.persons);
            match halt.kind {
                HaltKind::Board => persons += count,
                HaltKind::Alight => persons -= count,
                _ => {}
            }
            parts.push(ShuttlePart {
                begin_s: clock(halt.begin_s),
                end_s: clock(halt.end_s),
                what: halt_key(halt.kind),
                persons,
            });
            halts.push(ShuttleHalt {
                begin_s: clock(halt.begin_s),
                end_s: clock(halt.end_s),
                what: halt_key(halt.kind),
                request: wish.map(|wish| wish.name.clone()),
                street: input.edges[halt.node as usize],
            });
            if halt.kind == HaltKind::Board && wish.is_some() {
                rides.push(halt.request);
            }
        }
        parts.sort_by(|a, b| a.begin_s.total_cmp(&b.begin_s));
        let period_s = input.rules.end_s - begin_s;
        let busy_s: f64 = busy_spans(log)
            .iter()
            .map(|span| (span.1.min(input.rules.end_s) - span.0).max(0.0))
            .sum();
        let km = (way_m * 0.001) as f32;
        told.shuttles.push(ShuttleStory {
            km,
            empty_km: (empty_m * 0.001) as f32,
            busy_percent: (100.0 * busy_s / period_s) as f32,
            kwh: km * input.params.battery.kwh_per_km as f32,
            parts,
            halts,
            rides,
        });
        told.trips.push(TripStory {
            class: "shuttle-one",
            persons: 0.0,
            planned_s: 0.0,
            depart_s: 0.0,
            end_s: clock(run.end_s),
            outcome: "shuttle-idle",
            way_m: way_m as f32,
            visits,
            trace,
            ..TripStory::default()
        });
    }
    let trips = input.trips.first().map_or(&[][..], Vec::as_slice);
    let asked = trips.iter().zip(service.requests.iter());
    told.wishes = asked
        .zip(&run.rides)
        .map(|((trip, request), ride)| wish(input, service, trip, request, ride, corner))
        .collect();
    let away = |number: &u32| told.wishes[*number as usize].reason.is_some();
    let mut turned_away: Vec<u32> = (0..told.wishes.len() as u32).filter(away).collect();
    let asked_s = |number: u32| told.wishes[number as usize].asked_s;
    turned_away.sort_by(|a, b| asked_s(*a).total_cmp(&asked_s(*b)));
    told.turned_away = turned_away;
    told
}

/// What became of a request, on the clock of the picture.
fn wish(
    input: &ShuttleInput,
    service: &Service,
    trip: &Trip,
    request: &Request,
    ride: &Ride,
    corner: [f64; 2],
) -> WishStory {
    let clock = |time_s: f64| (time_s - input.rules.begin_s) as f32;
    let place = |at: [f64; 2]| [0, 1].map(|axis| (at[axis] - corner[axis]) as f32);
    let halt = |place_id: u32| {
        let node = *service.times.places().get(place_id as usize)?;
        let stop = input.stops.binary_search(&node).ok();
        Some(WishHalt {
            place: place(service.streets.nodes[node as usize]),
            street: input.edges[node as usize],
            stop: stop.map(|stop| stop as u32),
        })
    };
    let nodes = &service.streets.nodes;
    let from = match trip.from {
        End::Place(at) => at,
        End::Node(node) => nodes.get(node as usize).copied().unwrap_or(corner),
    };
    let (outcome, reason) = outcome_keys(ride.outcome);
    WishStory {
        request: request.name.clone(),
        from: place(from),
        halts: halt(request.pickup)
            .zip(halt(request.dropoff))
            .map(Into::into),
        asked_s: clock(request.asked_s),
        leave_s: clock(request.ready_s - request.walk_to_s),
        ready_s: clock(request.ready_s),
        told_s: clock(ride.told_s),
        boards_s: clock(ride.boards_s),
        boarded_s: clock(ride.boarded_s),
        alights_s: clock(ride.alights_s),
        direct_s: ride.direct_s as f32,
        walk_s: (request.walk_to_s + request.walk_from_s) as f32,
        persons: request.persons,
        wheelchairs: request.wheelchairs,
        moves: ride.moves,
        shared: ride.shared,
        outcome,
        reason,
        vehicle: match ride.outcome {
            Outcome::Assigned(vehicle) | Outcome::Riding(vehicle) | Outcome::Served(vehicle) => {
                Some(vehicle)
            }
            Outcome::Open | Outcome::Rejected(_) => None,
        },
    }
}

fn stop(input: &ShuttleInput, node: u32, corner: [f64; 2]) -> RoadStop {
    let at = input.streets.nodes[node as usize];
    let arc = input.streets.arcs_of(node).next();
    let ahead = arc.and_then(|arc| input.streets.shapes[arc].get(1).copied());
    let ahead = ahead.map_or([at[0] + 1.0, at[1]], |p| p.map(f64::from));
    let way = [ahead[0] - at[0], ahead[1] - at[1]];
    let length = way[0].hypot(way[1]).max(0.1);
    let end = |m: f64| [0, 1].map(|i| (at[i] + m * way[i] / length - corner[i]) as f32);
    let (id, name) = &input.names[node as usize];
    RoadStop {
        name: if name.is_empty() { id } else { name }.clone(),
        line: vec![end(-5.0), end(5.0)],
        width_m: 3.0,
    }
}

/// A vehicle over rising times.
struct Track<'a> {
    service: &'a Service,
    log: &'a VehicleLog,
    segment: usize,
    /// Points of the current drive with their times (s).
    way: Vec<(f64, [f64; 2])>,
    at: [f64; 2],
    turn: u16,
}

impl<'a> Track<'a> {
    fn new(service: &'a Service, log: &'a VehicleLog, number: usize) -> Self {
        Self {
            service,
            log,
            segment: 0,
            way: Vec::new(),
            at: service.streets.nodes[service.fleet[number].start as usize],
            turn: 0,
        }
    }

    fn place(&mut self, time_s: f64, corner: [f64; 2], vehicle: u32) -> Place {
        let mut speed = 0.0;
        while let Some(segment) = self.log.segments.get(self.segment) {
            if segment.begin_s > time_s {
                break;
            }
            if self.way.is_empty() {
                self.way = way_of(self.service, segment);
            }
            if segment.end_s <= time_s {
                if let Some(last) = self.way.last() {
                    self.at = last.1;
                }
                if let [.., a, b] = self.way.as_slice() {
                    self.turn = turn(a.1, b.1).unwrap_or(self.turn);
                }
                self.way.clear();
                self.segment += 1;
                continue;
            }
            let after = self.way.partition_point(|point| point.0 <= time_s);
            let (a, b) = (
                self.way[after.saturating_sub(1)],
                self.way[after.min(self.way.len() - 1)],
            );
            let span = (b.0 - a.0).max(1e-9);
            let share = ((time_s - a.0) / span).clamp(0.0, 1.0);
            self.at = [0, 1].map(|axis| a.1[axis] + share * (b.1[axis] - a.1[axis]));
            self.turn = turn(a.1, b.1).unwrap_or(self.turn);
            speed = (b.1[0] - a.1[0]).hypot(b.1[1] - a.1[1]) / span;
            break;
        }
        Place {
            vehicle,
            dm: [0, 1].map(|axis| ((self.at[axis] - corner[axis]) * 10.0).round() as u16),
            turn: self.turn,
            speed: (speed * 4.0).round().min(255.0) as u8,
            // Who stands by plan is not held up.
            dwells: u8::from(speed == 0.0),
        }
    }
}

/// Direction in 65536ths of a turn, from east to north.
fn turn(a: [f64; 2], b: [f64; 2]) -> Option<u16> {
    let way = [b[0] - a[0], b[1] - a[1]];
    let moves = way[0].hypot(way[1]) > 0.01;
    moves.then(|| {
        let turn = way[1].atan2(way[0]) / std::f64::consts::TAU;
        (turn.rem_euclid(1.0) * 65_536.0) as u32 as u16
    })
}

/// Points of a drive with times, along the shapes of its arcs.
fn way_of(service: &Service, segment: &Segment) -> Vec<(f64, [f64; 2])> {
    let (streets, times) = (&service.streets, &service.times);
    let mut node = segment.from;
    let mut time_s = segment.begin_s;
    let mut way = vec![(time_s, streets.nodes[node as usize])];
    while node != segment.to {
        let Some(arc) = times.next_arc(streets, node, segment.place) else {
            break;
        };
        let span_s = f64::from(streets.time_s[arc]);
        let shape: Vec<[f64; 2]> = streets.shapes[arc]
            .iter()
            .map(|at| at.map(f64::from))
            .collect();
        node = streets.heads[arc];
        let length = |p: &[[f64; 2]]| (p[1][0] - p[0][0]).hypot(p[1][1] - p[0][1]);
        let total: f64 = shape.windows(2).map(length).sum();
        let mut so_far = 0.0;
        for pair in shape.windows(2) {
            so_far += length(pair);
            way.push((time_s + span_s * so_far / total.max(1e-9), pair[1]));
        }
        time_s += span_s;
        way.push((time_s, streets.nodes[node as usize]));
    }
    way
}

/// Length (m) of all drives as they are drawn.
#[cfg(test)]
pub(super) fn drawn_m(service: &Service, logs: &[VehicleLog]) -> f64 {
    let segments = logs.iter().flat_map(|log| &log.segments);
    let lengths = segments.map(|segment| {
        let way = way_of(service, segment);
        way.windows(2)
            .map(|p| (p[1].1[0] - p[0].1[0]).hypot(p[1].1[1] - p[0].1[1]))
            .sum::<f64>()
    });
    lengths.sum()
}
