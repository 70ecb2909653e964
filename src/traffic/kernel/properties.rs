//! What must hold for any demand: nobody drives backwards or into another, nobody gets lost, threads do not matter.

use super::state::World;
use super::team::Team;
use super::vehicle::Vehicle;
use crate::traffic::demand::{
    Call, CarFollowing, Demand, DepartLane, DepartSpeed, StopPlace, Trip, VehicleType,
};
use crate::traffic::network::build::Builder;
use crate::traffic::network::grid::{grid, grid_demand};
use crate::traffic::network::{Aspect, Network, Phase, SignalProgram, VehicleClass};
use crate::traffic::random::uniform;
use crate::traffic::run::{Outcome, Run};

const STEP_S: f64 = 0.5;

/// A main street of two lanes with a signal and a stop, on which one lane ends behind the signal, and a side street that gives way where it
/// joins. Routes: main street, side street.
fn streets() -> (Network, [Vec<u32>; 2], Vec<StopPlace>) {
    let mut builder = Builder::default();
    let main = builder.street([0.0, 0.0], [300.0, 0.0], 2, 13.89);
    let middle = builder.street([300.0, 0.0], [480.0, 0.0], 2, 13.89);
    let side = builder.street([480.0, -200.0], [480.0, 0.0], 1, 8.33);
    let last = builder.street([500.0, 0.0], [800.0, 0.0], 1, 13.89);
    builder.join(main, middle);
    let straight = builder.joint(builder.lane(middle), builder.lane(last), Some(20.0));
    let turn = builder.joint(builder.lane(side), builder.lane(last), Some(20.0));
    builder.give_way(turn, straight);
    let phase = |aspect: Aspect, duration_s: f64| Phase {
        duration_s,
        min_s: duration_s,
        max_s: duration_s,
        state: vec![aspect],
        ..Phase::default()
    };
    builder.signal(
        &[main],
        SignalProgram {
            phases: vec![
                phase(Aspect::Green, 25.0),
                phase(Aspect::Amber, 3.0),
                phase(Aspect::Red, 31.0),
                phase(Aspect::RedAmber, 1.0),
            ],
            ..SignalProgram::default()
        },
    );
    let stop = StopPlace {
        id: "stop".to_owned(),
        name: String::new(),
        lane: builder.lane(main),
        start_m: 100.0,
        end_m: 120.0,
        lines: Vec::new(),
    };
    let routes = [vec![main, middle, last], vec![side, last]];
    (builder.build(), routes, vec![stop])
}

/// A demand drawn from a seed: cars of both models and buses that halt on the lane or in a bay.
fn random_demand(seed: u64, routes: &[Vec<u32>; 2], stops: Vec<StopPlace>) -> Demand {
    let car = VehicleType::car();
    let types = vec![
        car.clone(),
        VehicleType {
            model: CarFollowing::Krauss,
            accel_m_s2: 2.6,
            decel_m_s2: 4.5,
            tau_s: 1.0,
            sigma: 0.5,
            speed_factor: [1.0, 0.1, 0.7, 1.3],
            ..car.clone()
        },
        VehicleType {
            class: VehicleClass::Bus,
            length_m: 12.0,
            accel_m_s2: 1.2,
            ..car
        },
    ];
    let draw = |who: u64, what: u64| uniform(seed, who, 0, 200 + what);
    let mean_gap_s = 1.0 + 5.0 * f64::from(draw(u64::MAX, 0));
    let mut time_s = 0.0;
    let trips = (0..120).map(|who| {
        time_s -= (1.0 - f64::from(draw(who, 1))).ln() * mean_gap_s;
        let kind = [0, 1, 0, 1, 0, 1, 2][(draw(who, 2) * 7.0) as usize % 7];
        let side = kind != 2 && draw(who, 3) < 0.3;
        let mut trip = Trip::along(kind, time_s, &routes[usize::from(side)]);
        trip.depart_speed = if draw(who, 4) < 0.5 {
            DepartSpeed::Max
        } else {
            DepartSpeed::Given(0.0)
        };
        if kind == 2 {
            trip.calls.push(Call {
                stop: 0,
                duration_s: 5.0 + 20.0 * draw(who, 5),
                until_s: None,
                arrival_s: None,
                off_lane: draw(who, 6) < 0.5,
            });
        } else {
            trip.depart_lane = [DepartLane::First, DepartLane::Best, DepartLane::Free]
                [(draw(who, 7) * 3.0) as usize % 3];
        }
        trip
    });
    Demand {
        trips: trips.collect(),
        types,
        stops,
        ..Demand::default()
    }
}

/// Checks one state of a run.
fn check(run: &Run, trips: usize, seed: u64) {
    let world = &run.traffic.world;
    let now = run.time_s();
    for vehicle in world.vehicles() {
        let finite = vehicle.speed.is_finite() && vehicle.pos.is_finite();
        assert!(
            finite && vehicle.speed >= 0.0,
            "seed {seed}, {now} s: {vehicle:?}"
        );
        let length = world.roads.lanes[vehicle.lane as usize].length;
        let on_lane = (0.0..=length).contains(&vehicle.pos);
        assert!(on_lane, "seed {seed}, {now} s: {length} m, {vehicle:?}");
    }
    let vehicles: Vec<&Vehicle> = world.vehicles().collect();
    for pair in vehicles.windows(2) {
        let back = pair[0].pos - world.kind(pair[0]).length;
        let apart = pair[0].lane != pair[1].lane || back >= pair[1].pos - 0.01;
        assert!(apart, "seed {seed}, {now} s: {pair:?}");
    }
    assert_eq!(run.counts().overlaps, 0, "seed {seed}, {now} s");
    let inserter = &run.traffic.inserter;
    let known = inserter.left(world)
        + inserter.waiting()
        + inserter.in_bays().len()
        + world.count()
        + run.ended().len();
    assert_eq!(known, trips, "seed {seed}, {now} s");
    assert!(inserter.unroutable.is_empty());
}

/// Runs a demand to its end; the bytes of all states, and the records.
fn drive(seed: u64, checked: bool) -> u64 {
    let (network, routes, stops) = streets();
    let demand = random_demand(seed, &routes, stops);
    let mut run = Run::new(&network, &demand, 0.0, STEP_S, seed);
    let mut bytes = 0xcbf2_9ce4_8422_2325_u64;
    while !run.is_over() {
        run.step();
        assert!(run.time_s() < 3600.0, "seed {seed}: not over after an hour");
        if checked {
            check(&run, demand.trips.len(), seed);
        }
        for vehicle in run.traffic.world.vehicles() {
            for part in [
                vehicle.trip,
                vehicle.lane,
                vehicle.pos.to_bits(),
                vehicle.speed.to_bits(),
            ] {
                bytes = (bytes ^ u64::from(part)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let mut arrived: Vec<u32> = run.ended().iter().map(|record| record.trip).collect();
    arrived.sort_unstable();
    assert!(arrived.iter().copied().eq(0..demand.trips.len() as u32));
    assert!(run.records().iter().all(|r| r.outcome == Outcome::Arrived));
    bytes
}

#[test]
fn nobody_drives_backwards_or_into_another_and_nobody_gets_lost() {
    for seed in 0..12 {
        drive(seed, true);
    }
}

/// Streets with signals and 2,000 vehicles, so that every thread has a piece of its own. They come within a minute, so pieces outgrow their
/// rooms and are cut anew; none may lose anybody, and the states of all lanes must be those of the vehicles.
#[test]
fn one_thread_two_three_and_eight_give_the_same_bytes() {
    let network = grid(10, 150.0, 2);
    let mut demand = grid_demand(&network, 2000, 0.0, 60.0, 7);
    for (number, trip) in demand.trips.iter_mut().enumerate() {
        if number % 3 == 0 {
            // Finds its way itself.
            trip.edges = vec![trip.edges[0], *trip.edges.last().unwrap()];
            trip.routed = false;
        } else if number % 10 == 0
            && let Some(&edge) = trip.edges.get(1)
        {
            let lane = network.edges[edge as usize].lanes.start;
            let length_m = network.lanes[lane as usize].length_m;
            trip.calls.push(Call {
                stop: demand.stops.len() as u32,
                duration_s: 12.0,
                until_s: None,
                arrival_s: None,
                off_lane: number % 20 == 0,
            });
            demand.stops.push(StopPlace {
                id: trip.id.clone(),
                name: String::new(),
                lane,
                start_m: 0.5 * length_m,
                end_m: 0.7 * length_m,
                lines: Vec::new(),
            });
        }
    }
    let run = |threads: usize| {
        let mut run = Run::new(&network, &demand, 0.0, 1.0, 5);
        let mut most = 0;
        for _ in 0..150 {
            run.step();
            most = most.max(run.traffic.world.pieces.len());
            check(&run, demand.trips.len(), 5);
            check_pieces(&run.traffic.world);
        }
        assert_eq!(most, threads);
        run
    };
    let [one, others @ ..] = [1, 2, 3, 8].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| run(threads))
    });
    assert!(one.traffic.world.count() > 1500);
    for other in others {
        assert!(
            one.traffic
                .world
                .vehicles()
                .eq(other.traffic.world.vehicles())
        );
        assert_eq!(one.ended(), other.ended());
        assert_eq!(one.counts(), other.counts());
        assert_eq!(
            format!("{:?}", one.traffic.calls),
            format!("{:?}", other.traffic.calls)
        );
    }
}

/// Checks that the pieces are whole edges side by side, and that what is kept of their lanes is true.
fn check_pieces(world: &World) {
    let (mut lane, mut place) = (0, 0);
    for piece in &world.pieces {
        assert_eq!((piece.lanes.start, piece.room.start), (lane, place));
        assert!(piece.count <= piece.room.len());
        let edge = world.roads.lanes[lane].edge;
        assert_eq!(world.roads.edges[edge as usize].start as usize, lane);
        (lane, place) = (piece.lanes.end, piece.room.end);
    }
    assert_eq!(
        (lane, place),
        (world.roads.lanes.len(), world.vehicles.len())
    );
    let mut vehicles = world.vehicles();
    for lane in 0..world.roads.lanes.len() as u32 {
        let on_lane = world.on_lane(lane);
        for vehicle in on_lane {
            assert_eq!((vehicle.lane, Some(vehicle)), (lane, vehicles.next()));
        }
    }
    assert_eq!(vehicles.next(), None);
    // Whatever was kept up to date piece by piece is what one look at all vehicles finds.
    let mut anew = world.clone();
    anew.clear_lanes();
    anew.index(&Team::ALONE);
    assert_eq!(world.loads, anew.loads);
    let states = world.lane_states.iter().zip(&anew.lane_states);
    for (lane, (told, found)) in states.enumerate() {
        assert_eq!(format!("{told:?}"), format!("{found:?}"), "lane {lane}");
    }
}

#[test]
fn a_leader_on_the_next_lane_is_followed_like_one_on_the_own() {
    // The same queue on one lane, and cut into lanes between its vehicles.
    let speeds = [1000.0, 7.0].map(|part_m| {
        let mut builder = Builder::default();
        let mut route: Vec<u32> = Vec::new();
        let mut x = 0.0;
        while x < 1000.0 {
            let end = x + part_m;
            let edge = builder.street([x, 0.0], [end, 0.0], 1, 13.89);
            if let Some(&before) = route.last() {
                builder.join(before, edge);
            }
            route.push(edge);
            x = end;
        }
        let network = builder.build();
        let trips = (0..8u8).map(|i| {
            let first = (f64::from(8 - i) * 7.0 / part_m) as usize;
            Trip::along(0, f64::INFINITY, &route[first..])
        });
        let demand = Demand {
            types: vec![VehicleType::car()],
            trips: trips.collect(),
            ..Demand::default()
        };
        let mut run = Run::new(&network, &demand, 0.0, STEP_S, 1);
        let placed: Vec<_> = (0..8u32)
            .map(|i| {
                let front = f64::from(8 - i) * 7.0 + 6.0;
                let edge = demand.trips[i as usize].edges[0];
                let pos = front - f64::from(edge) * part_m;
                (i, network.edges[edge as usize].lanes.start, pos as f32, 0.0)
            })
            .collect();
        run.traffic.world.place(&placed);
        for _ in 0..40 {
            run.step();
        }
        let mut ways: Vec<(u32, f32)> = run
            .traffic
            .world
            .vehicles()
            .map(|vehicle| (vehicle.trip, vehicle.way))
            .collect();
        ways.sort_by_key(|way| way.0);
        ways
    });
    assert_eq!(speeds[0].len(), 8);
    for (whole, cut) in speeds[0].iter().zip(&speeds[1]) {
        assert!((whole.1 - cut.1).abs() < 0.05, "{whole:?} {cut:?}");
    }
}
