//! Changes on a small network: a ring of four streets with a shortcut.

use super::*;
use crate::traffic::demand::{Call, CarFollowing, DepartLane, DepartSpeed, StopPlace, VehicleType};
use crate::traffic::network::{Control, Edge, Junction, Lane, Link, NONE, Signal, Turn};
use crate::traffic::params::PlanPhase;

fn class_set() -> ClassSet {
    ClassSet::default()
        .with(VehicleClass::Passenger)
        .with(VehicleClass::Bus)
}

/// Edges of two lanes each; every lane leads onto every next edge.
fn network() -> Network {
    // 0 in, 1 direct, 2 and 3 around, 4 out.
    let names = ["in", "direct", "around-1", "around-2", "out"];
    let ends = [(0, 1), (1, 2), (1, 3), (3, 2), (2, 4)];
    let mut network = Network::default();
    for (number, (name, (from, to))) in names.iter().zip(ends).enumerate() {
        network.edges.push(Edge {
            id: (*name).to_owned(),
            name: if number == 1 { "Hauptstraße" } else { "" }.to_owned(),
            from,
            to,
            lanes: 2 * number as u32..2 * number as u32 + 2,
            ..Edge::default()
        });
        for _ in 0..2 {
            network.lanes.push(Lane {
                edge: number as u32,
                length_m: 100.0,
                speed_m_s: 13.9,
                width_m: 3.2,
                allowed: class_set(),
                shape: vec![
                    [100.0 * number as f64, 0.0],
                    [100.0 * number as f64 + 100.0, 0.0],
                ],
                links: 0..0,
            });
        }
    }
    for junction in 0..5 {
        network.junctions.push(Junction {
            id: junction.to_string(),
            control: Control::Free,
            ..Junction::default()
        });
    }
    for lane in 0..network.lanes.len() as u32 {
        let start = network.links.len() as u32;
        let end = network.edge_of(lane).to;
        let next: Vec<u32> = network
            .edges
            .iter()
            .filter(|edge| edge.from == end)
            .map(|edge| edge.lanes.start + lane % 2)
            .collect();
        for to in next {
            network.links.push(Link {
                from: lane,
                to,
                target: to,
                junction: NONE,
                request: NONE,
                signal: NONE,
                signal_place: NONE,
                turn: Turn::Straight,
                yields_to: Vec::new(),
                foes: Vec::new(),
                waits_inside: false,
                stop_sign: false,
                keep_clear: true,
            });
        }
        network.lanes[lane as usize].links = start..network.links.len() as u32;
    }
    network.signals.push(Signal {
        id: "kreuzung".to_owned(),
        links: vec![Vec::new(); 2],
        ..Signal::default()
    });
    network
}

fn kind(class: VehicleClass) -> VehicleType {
    VehicleType {
        id: String::new(),
        class,
        length_m: 5.0,
        min_gap_m: 2.5,
        width_m: 1.8,
        accel_m_s2: 2.6,
        decel_m_s2: 4.5,
        emergency_decel_m_s2: 9.0,
        max_speed_m_s: 50.0,
        tau_s: 1.0,
        sigma: 0.0,
        speed_factor: [1.0, 0.0, 1.0, 1.0],
        model: CarFollowing::Krauss,
        lane_change_cooperative: 1.0,
        lane_change_assertive: 1.0,
        occupancy: 0.0,
        emission_class: String::new(),
    }
}

fn trip(id: &str, vehicle_type: u32, depart_s: f64, edges: &[u32], line: &str) -> Trip {
    Trip {
        id: id.to_owned(),
        vehicle_type,
        depart_s,
        edges: edges.to_vec(),
        routed: true,
        depart_lane: DepartLane::First,
        depart_pos_m: None,
        depart_speed: DepartSpeed::Max,
        arrival_pos_m: None,
        line: line.to_owned(),
        calls: Vec::new(),
    }
}

fn demand() -> Demand {
    let mut bus = trip("bus.0", 1, 0.0, &[0, 1, 4], "5");
    bus.calls.push(Call {
        stop: 0,
        duration_s: 20.0,
        until_s: Some(30.0),
        arrival_s: None,
        off_lane: false,
    });
    let later = |id: &str, depart_s: f64| {
        let mut trip = bus.clone();
        trip.id = id.to_owned();
        trip.depart_s = depart_s;
        trip
    };
    Demand {
        types: vec![kind(VehicleClass::Passenger), kind(VehicleClass::Bus)],
        trips: vec![
            bus.clone(),
            trip("car", 0, 10.0, &[0, 1, 4], ""),
            trip("local", 0, 20.0, &[0, 1], ""),
            later("bus.1", 600.0),
            later("bus.2", 1200.0),
        ],
        stops: vec![StopPlace {
            id: "halt".to_owned(),
            name: String::new(),
            lane: 2,
            start_m: 20.0,
            end_m: 40.0,
            lines: Vec::new(),
        }],
        detectors: Vec::new(),
    }
}

fn code(error: TrafficError) -> (&'static str, String) {
    match error {
        TrafficError::Setting { code, help, .. } => (code, help),
        error => panic!("{error}"),
    }
}

#[test]
fn a_closure_sends_given_routes_around_and_leaves_out_who_cannot_arrive() {
    let (mut network, mut demand) = (network(), demand());
    let mut effects = Effects::default();
    let closure = StreetClosure {
        streets: vec!["Hauptstraße".to_owned()],
        ..StreetClosure::default()
    };
    close_streets(&mut network, &closure, |p| p, &mut effects).unwrap();
    settle_demand(&network, &mut demand, &mut effects);
    assert_eq!(effects.closed_edges, 1);
    assert_eq!(effects.trips_removed, 1, "the one whose aim is closed");
    assert_eq!((effects.trips_rerouted, effects.calls_removed), (4, 3));
    for trip in &demand.trips {
        assert_eq!(trip.edges, [0, 2, 3, 4], "{}", trip.id);
    }
}

#[test]
fn buses_pass_a_closure_that_lets_them() {
    let (mut network, mut demand) = (network(), demand());
    let mut effects = Effects::default();
    let closure = StreetClosure {
        area: vec![[120.0, -5.0], [180.0, -5.0], [180.0, 5.0], [120.0, 5.0]],
        buses_pass: true,
        ..StreetClosure::default()
    };
    close_streets(&mut network, &closure, |p| p, &mut effects).unwrap();
    settle_demand(&network, &mut demand, &mut effects);
    assert_eq!((effects.trips_rerouted, effects.calls_removed), (1, 0));
    assert_eq!(demand.trips[0].edges, [0, 1, 4]);
}

#[test]
fn a_bus_lane_keeps_others_off_one_lane_only() {
    let mut network = network();
    let change = BusLane {
        edge: "direct".to_owned(),
        lane: 0,
    };
    make_bus_lane(&mut network, &change).unwrap();
    let may = |lane, class| network.may_drive(lane, class);
    assert!(may(2, VehicleClass::Bus) && !may(2, VehicleClass::Passenger));
    assert!(may(3, VehicleClass::Passenger));
    let mut third = change;
    third.lane = 2;
    let (found, _) = code(make_bus_lane(&mut network, &third).unwrap_err());
    assert_eq!(found, "unknown-lane");
}

#[test]
fn a_plan_replaces_the_programmes_and_must_fit_the_places() {
    let mut network = network();
    let phase = |state: &str, duration_s| PlanPhase {
        duration_s,
        state: state.to_owned(),
        ..PlanPhase::default()
    };
    let mut plan = SignalPlan {
        signal: "kreuzung".to_owned(),
        phases: vec![phase("Gr", 30.0), phase("yr", 3.0), phase("rG", 20.0)],
        ..SignalPlan::default()
    };
    set_signal_plan(&mut network, &plan).unwrap();
    let program = &network.signals[0].programs[0];
    assert_eq!(
        (program.kind, program.phases.len()),
        (ProgramKind::Fixed, 3)
    );
    assert_eq!(program.phases[0].state, [Aspect::Green, Aspect::Red]);
    assert_eq!(program.phases[1].max_s, 3.0);
    plan.phases[2].state = "rGG".to_owned();
    let (found, _) = code(set_signal_plan(&mut network, &plan).unwrap_err());
    assert_eq!(found, "state-length");
    plan.phases[2].state = "rX".to_owned();
    let (found, _) = code(set_signal_plan(&mut network, &plan).unwrap_err());
    assert_eq!(found, "state-letter");
}

#[test]
fn half_the_headway_makes_twice_the_journeys_over_the_same_time() {
    let mut demand = demand();
    let mut effects = Effects::default();
    let change = Headway {
        line: "5".to_owned(),
        factor: Some(0.5),
        headway_s: None,
    };
    set_headway(&mut demand, &change, &mut effects).unwrap();
    assert_eq!(effects.journeys, [3, 6]);
    let line: Vec<&Trip> = demand.trips.iter().filter(|t| t.line == "5").collect();
    let departs: Vec<f64> = line.iter().map(|t| t.depart_s).collect();
    assert_eq!(departs, [0.0, 300.0, 600.0, 900.0, 1200.0, 1500.0]);
    assert_eq!(line[1].calls[0].until_s, Some(330.0));
    assert!(
        demand
            .trips
            .windows(2)
            .all(|p| p[0].depart_s <= p[1].depart_s)
    );
}

#[test]
fn unknown_names_get_one_error_with_the_nearest_name() {
    let (mut network, mut demand) = (network(), demand());
    let mut effects = Effects::default();
    let closure = StreetClosure {
        streets: vec!["Haupstraße".to_owned()],
        ..StreetClosure::default()
    };
    let error = close_streets(&mut network, &closure, |p| p, &mut effects).unwrap_err();
    assert_eq!(
        code(error),
        ("unknown-street", "did you mean `Hauptstraße`?".to_owned())
    );
    let headway = Headway {
        line: "6".to_owned(),
        ..Headway::default()
    };
    let (found, _) = code(set_headway(&mut demand, &headway, &mut effects).unwrap_err());
    assert_eq!(found, "unknown-line");
    let priority = BusPriority {
        signals: vec!["kreuzun".to_owned()],
        lines: vec!["5".to_owned()],
        ..BusPriority::default()
    };
    let study = TrafficParams::default();
    let error = priority_params(&network, &demand, &priority, &study).unwrap_err();
    assert_eq!(
        code(error),
        ("unknown-signal", "did you mean `kreuzung`?".to_owned())
    );
}
