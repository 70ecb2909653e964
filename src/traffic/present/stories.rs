//! The stories of the first run: its notes, records and events in one object, on the clock of the moving picture.

use std::collections::BTreeMap;

use crate::result::movement::{LaneUse, RoadLane, RoadMap, RoadStop, RoadStreet};
use crate::result::story::{
    CallStory, PhaseLog, PhaseStory, RequestStory, SignalPlace, SignalStory, Stories, TripStory,
};
use crate::traffic::chronicle::Chronicle;
use crate::traffic::edit::letter_of;
use crate::traffic::input::{GroupKind, TrafficInput};
use crate::traffic::network::{
    Aspect, ClassSet, FootCrossing, NONE, Network, ProgramKind, Turn, VehicleClass,
};
use crate::traffic::place::NetworkPlace;
use crate::traffic::signals::rules::crossing_at;
use crate::traffic::study::Detail;

use super::Presented;
use super::tables::{measure_key, outcome_key, reason_key};

/// All stories; takes the notes of the run out of its details.
pub(super) fn stories(input: &Presented<'_>, detail: &mut Detail) -> Stories {
    let chronicle = std::mem::take(&mut detail.chronicle);
    let detail = &*detail;
    let study = input.input;
    let since = |time_s: f64| (time_s - study.begin_s) as f32;
    Stories {
        signals: signals(study, detail),
        requests: detail
            .requests
            .iter()
            .map(|event| RequestStory {
                time_s: since(event.time_s),
                signal: event.signal,
                vehicle: event.vehicle,
                line: event.line.clone(),
                status: event.state.name(),
                measure: event.measure.map(measure_key),
                reason: reason_key(event.reason),
                eta_s: since(event.eta_s),
                late_s: event.late_s.map_or(f32::NAN, |late_s| late_s as f32),
                gain_person_s: event.gain_person_s as f32,
                loss_person_s: event.loss_person_s as f32,
                granted_s: event.granted_s as f32,
            })
            .collect(),
        tallies: chronicle.tallies.clone(),
        lines: study
            .groups
            .iter()
            .filter(|group| group.kind == GroupKind::Line)
            .map(|group| group.name.clone())
            .collect(),
        trips: trips(study, detail, chronicle),
        ..Stories::default()
    }
}

fn trips(study: &TrafficInput, detail: &Detail, chronicle: Chronicle) -> Vec<TripStory> {
    let since = |time_s: f64| (time_s - study.begin_s) as f32;
    let mut calls: BTreeMap<u32, Vec<CallStory>> = BTreeMap::new();
    for call in &detail.calls {
        calls.entry(call.trip).or_default().push(CallStory {
            stop: call.stop,
            arrival_s: since(call.arrival_s),
            departure_s: since(call.departure_s),
            due_s: f32::NAN,
        });
    }
    let notes = chronicle.visits.into_iter().zip(chronicle.traces);
    let mut trips: Vec<TripStory> = study
        .demand
        .trips
        .iter()
        .zip(notes)
        .enumerate()
        .map(|(number, (trip, (visits, trace)))| {
            let (class, _) = study.members[number];
            let mut made = calls
                .remove(&(number as u32))
                .unwrap_or_default()
                .into_iter();
            let mut next = made.next();
            let mut planned = Vec::with_capacity(trip.calls.len());
            for call in &trip.calls {
                let due_s = call.arrival_s.map_or(f32::NAN, since);
                let real = next.filter(|real| real.stop == call.stop);
                if real.is_some() {
                    next = made.next();
                }
                planned.push(CallStory {
                    due_s,
                    ..real.unwrap_or(CallStory {
                        stop: call.stop,
                        arrival_s: f32::NAN,
                        departure_s: f32::NAN,
                        due_s,
                    })
                });
            }
            TripStory {
                class: study.groups[class].kind.single_key(),
                persons: study.persons[number] as f32,
                planned_s: since(trip.depart_s),
                depart_s: f32::NAN,
                end_s: f32::NAN,
                outcome: "traffic-outcome-not-inserted",
                calls: planned,
                visits,
                trace,
                ..TripStory::default()
            }
        })
        .collect();
    for record in &detail.records {
        let trip = &mut trips[record.trip as usize];
        trip.outcome = outcome_key(record.outcome);
        trip.depart_s = since(record.depart_s);
        trip.end_s = since(record.depart_s + record.duration_s);
        trip.way_m = record.way_m as f32;
        trip.loss_s = record.time_loss_s as f32;
        trip.waiting_s = record.waiting_s as f32;
        trip.halts = record.halts;
    }
    trips
}

fn signals(study: &TrafficInput, detail: &Detail) -> Vec<SignalStory> {
    let network = &study.network;
    let since = |time_s: f64| (time_s - study.begin_s) as f32;
    let mut logs: Vec<Vec<PhaseLog>> = vec![Vec::new(); network.signals.len()];
    for phase in &detail.phases {
        logs[phase.signal as usize].push(PhaseLog {
            since_s: since(phase.since_s),
            phase: phase.phase as u32,
            state: letters(&phase.state),
        });
    }
    let signals = network.signals.iter().zip(logs);
    signals
        .map(|(signal, log)| {
            let program = signal.programs.last();
            let actuated = program.is_some_and(|program| program.kind == ProgramKind::Actuated);
            let phases = program.map_or(&[][..], |program| &program.phases);
            SignalStory {
                id: signal.id.clone(),
                control: if actuated {
                    "traffic-control-actuated"
                } else {
                    "traffic-control-fixed"
                },
                guessed: signal.guessed,
                offset_s: program.map_or(0.0, |program| program.offset_s),
                actuated,
                places: signal
                    .links
                    .iter()
                    .enumerate()
                    .map(|(number, links)| match crossing_at(signal, number) {
                        Some(crossing) => foot_place(study, crossing),
                        None => place(study, links),
                    })
                    .collect(),
                phases: phases
                    .iter()
                    .map(|phase| PhaseStory {
                        duration_s: phase.duration_s,
                        min_s: phase.min_s,
                        max_s: phase.max_s,
                        state: letters(&phase.state),
                        name: phase.name.clone(),
                    })
                    .collect(),
                log,
            }
        })
        .collect()
}

fn place(study: &TrafficInput, links: &[u32]) -> SignalPlace {
    let network = &study.network;
    let Some(link) = links.first().map(|link| &network.links[*link as usize]) else {
        return SignalPlace::default();
    };
    let lane = &network.lanes[link.from as usize];
    let heading = match lane.shape.as_slice() {
        [.., a, b] => {
            let [a, b] = [a, b].map(|point| study.place.local(*point));
            (b[1] - a[1]).atan2(b[0] - a[0]) as f32
        }
        _ => 0.0,
    };
    SignalPlace {
        street: lane.edge,
        heading,
        turn: match link.turn {
            Turn::Straight => 's',
            Turn::Left | Turn::HalfLeft => 'l',
            Turn::Right | Turn::HalfRight => 'r',
            Turn::Around => 'u',
        },
    }
}

/// A crossing of people on foot as a place: the street that they cross, and where the vehicles of that arm come from.
fn foot_place(study: &TrafficInput, crossing: &FootCrossing) -> SignalPlace {
    let network = &study.network;
    let into = crossing
        .entering
        .first()
        .map(|link| network.links[*link as usize].from);
    let out = crossing
        .leaving
        .first()
        .map(|link| network.links[*link as usize].target);
    let [a, b] = crossing.line.map(|point| study.place.local(point));
    // From the curb of the lanes that lead off to the other one; to the left of that vehicles come to the junction.
    let across = (b[1] - a[1]).atan2(b[0] - a[0]);
    SignalPlace {
        street: into
            .or(out)
            .map_or(NONE, |lane| network.lanes[lane as usize].edge),
        heading: (across + std::f64::consts::FRAC_PI_2) as f32,
        turn: 'w',
    }
}

fn letters(state: &[Aspect]) -> String {
    state.iter().map(|aspect| letter_of(*aspect)).collect()
}

/// Streets of a network without stops, in metres from a corner of the local frame.
pub fn lanes_and_streets(network: &Network, place: &NetworkPlace, corner: [f64; 2]) -> RoadMap {
    let from_corner = |point: &[f64; 2]| {
        let local = place.local(*point);
        [0, 1].map(|axis| (local[axis] - corner[axis]) as f32)
    };
    let lanes: Vec<RoadLane> = network
        .lanes
        .iter()
        .map(|lane| RoadLane {
            points: lane.shape.iter().map(from_corner).collect(),
            width_m: lane.width_m,
            street: lane.edge,
            used_by: match [VehicleClass::Passenger, VehicleClass::Bus]
                .map(|class| lane.allowed.contains(class))
            {
                [true, _] => LaneUse::Cars,
                [false, true] => LaneUse::Buses,
                [false, false] if is_closed(lane.allowed) => LaneUse::Closed,
                [false, false] => LaneUse::Others,
            },
        })
        .collect();
    RoadMap {
        stops: Vec::new(),
        streets: streets(network),
        lanes,
    }
}

/// Streets and stops of a network, in metres from a corner of the local frame.
pub fn road_map(study: &TrafficInput, corner: [f64; 2]) -> RoadMap {
    let network = &study.network;
    let roads = lanes_and_streets(network, &study.place, corner);
    let stops = study.demand.stops.iter().map(|stop| {
        let lane = &roads.lanes[stop.lane as usize];
        let length_m = network.lanes[stop.lane as usize].length_m.max(0.1);
        RoadStop {
            name: if stop.name.is_empty() {
                stop.id.clone()
            } else {
                stop.name.clone()
            },
            line: part(&lane.points, stop.start_m / length_m, stop.end_m / length_m),
            width_m: lane.width_m,
        }
    });
    RoadMap {
        stops: stops.collect(),
        ..roads.clone()
    }
}

/// Closed streets are left to emergency vehicles alone.
fn is_closed(allowed: ClassSet) -> bool {
    let emergency = ClassSet::default().with(VehicleClass::Emergency);
    allowed.0 & !emergency.0 == 0
}

fn streets(network: &Network) -> Vec<RoadStreet> {
    let streets = network.edges.iter().map(|edge| {
        let first = &network.lanes[edge.lanes.start as usize];
        RoadStreet {
            id: edge.id.clone(),
            name: edge.name.clone(),
            lanes: edge.lanes.clone(),
            length_m: first.length_m,
            speed_m_s: first.speed_m_s,
            inner: edge.inner,
        }
    });
    streets.collect()
}

/// The part of a line between two shares of its length.
fn part(line: &[[f32; 2]], from: f32, to: f32) -> Vec<[f32; 2]> {
    let length = |pair: &[[f32; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let total: f32 = line.windows(2).map(length).sum();
    let ends = [from, to].map(|share| share.clamp(0.0, 1.0) * total);
    let mut points = Vec::new();
    let mut way = 0.0;
    for pair in line.windows(2) {
        let own = length(pair);
        let on = |at: f32| {
            let share = if own > 0.0 { (at - way) / own } else { 0.0 };
            [0, 1].map(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis]))
        };
        if points.is_empty() && ends[0] <= way + own {
            points.push(on(ends[0]));
        }
        if !points.is_empty() {
            if ends[1] <= way + own {
                points.push(on(ends[1]));
                break;
            }
            points.push(pair[1]);
        }
        way += own;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_closed_when_nobody_is_left() {
        let emergency = ClassSet::default().with(VehicleClass::Emergency);
        assert!(is_closed(ClassSet::default()) && is_closed(emergency));
        assert!(!is_closed(emergency.with(VehicleClass::Bus)));
        assert!(!is_closed(ClassSet::default().with(VehicleClass::Bicycle)));
    }

    #[test]
    fn a_stop_is_the_part_of_its_lane() {
        let line = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]];
        assert_eq!(part(&line, 0.25, 0.4), [[5.0, 0.0], [8.0, 0.0]]);
        assert_eq!(
            part(&line, 0.25, 0.75),
            [[5.0, 0.0], [10.0, 0.0], [10.0, 5.0]]
        );
        assert_eq!(part(&line, 0.9, 1.5), [[10.0, 8.0], [10.0, 10.0]]);
    }
}
