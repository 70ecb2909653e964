use super::super::demand::{Demand, Trip, VehicleType};
use super::super::generate::trip;
use super::super::network::streets::{Rank, Street, StreetLane, StreetNode, Streets};
use super::super::network::{Network, Phase, from_streets};
use super::super::run::Run;
use super::*;

/// A crossing of two streets with a signal in the middle: node 0, arms in the east, north, west and south.
fn signalled() -> Network {
    let places = [
        [0.0, 0.0],
        [200.0, 0.0],
        [0.0, 200.0],
        [-200.0, 0.0],
        [0.0, -200.0],
    ];
    let nodes = places
        .iter()
        .enumerate()
        .map(|(index, &position)| StreetNode {
            id: format!("n{index}"),
            position,
            signal: index == 0,
            ..StreetNode::default()
        });
    let street = |id: &str, nodes: [u32; 3]| Street {
        id: id.to_owned(),
        name: id.to_owned(),
        rank: Rank::Secondary,
        nodes: nodes.to_vec(),
        forward: vec![StreetLane::general()],
        backward: vec![StreetLane::general()],
        speed_m_s: 13.9,
        roundabout: false,
    };
    let (network, _) = from_streets(&Streets {
        nodes: nodes.collect(),
        streets: vec![street("ew", [3, 0, 1]), street("sn", [4, 0, 2])],
        ..Streets::default()
    });
    network
}

/// Cars from the south into all directions, one every `headway_s`.
fn cars(network: &Network, headway_s: f64, count: usize) -> Demand {
    let of_street = |from: &dyn Fn(&super::super::network::Edge) -> bool| {
        let found = network
            .edges
            .iter()
            .position(|edge| !edge.inner && from(edge));
        found.expect("an edge") as u32
    };
    let end = |edge: &super::super::network::Edge| network.junctions[edge.to as usize].position;
    let begin = |edge: &super::super::network::Edge| network.junctions[edge.from as usize].position;
    let south = of_street(&|edge| begin(edge)[1] < -100.0);
    let aims = [
        of_street(&|edge| end(edge)[0] > 100.0),
        of_street(&|edge| end(edge)[1] > 100.0),
        of_street(&|edge| end(edge)[0] < -100.0),
    ];
    Demand {
        types: vec![VehicleType::car()],
        trips: (0..count)
            .map(|number| Trip {
                depart_s: headway_s * number as f64,
                ..trip(vec![south, aims[number % 3]], false)
            })
            .collect(),
        ..Demand::default()
    }
}

#[test]
fn a_guessed_programme_lets_people_over_every_arm_and_clears_for_them() {
    let network = signalled();
    let signal = &network.signals[0];
    assert_eq!(signal.crossings.len(), 4);
    let phases = &signal.programs[0].phases;
    let cycle: f64 = phases.iter().map(|phase| phase.duration_s).sum();
    for crossing in &signal.crossings {
        assert!(crossing.length_m > 6.0 && crossing.leaving_m < crossing.length_m);
        assert!(!crossing.leaving.is_empty() && !crossing.entering.is_empty());
        let walks = |phase: &Phase| aspect_of(phase, crossing.place as usize).is_green();
        let green: f64 = phases
            .iter()
            .filter(|phase| walks(phase))
            .map(|phase| phase.duration_s)
            .sum();
        assert!((5.0..cycle / 2.0).contains(&green), "{green} of {cycle} s");
        // From the end of walking to the next green of someone who comes out of the arm.
        let last = (0..phases.len())
            .find(|&at| walks(&phases[at]) && !walks(&phases[(at + 1) % phases.len()]))
            .expect("an end of walking");
        let mut clear = 0.0;
        for on in 1..phases.len() {
            let phase = &phases[(last + on) % phases.len()];
            let enters = |&link: &u32| {
                aspect_of(phase, network.links[link as usize].signal_place as usize).is_green()
            };
            if crossing.entering.iter().any(enters) {
                break;
            }
            clear += phase.duration_s;
        }
        assert!(
            clear + 1e-9 >= f64::from(crossing.length_m) / WALK_M_S,
            "{clear} s for {} m",
            crossing.length_m
        );
    }
}

/// People come evenly, so one in a cycle of `C` with red `r` waits `r^2 / 2 C` in the mean.
#[test]
fn people_wait_as_the_closed_form_says() {
    let network = signalled();
    let phases = &network.signals[0].programs[0].phases;
    let cycle: f64 = phases.iter().map(|phase| phase.duration_s).sum();
    let mut run = Run::new(&network, &Demand::default(), 0.0, 1.0, 1);
    run.let_walk(&network, 1000.0);
    for _ in 0..72_000 {
        run.step();
    }
    for (number, crossing) in network.signals[0].crossings.iter().enumerate() {
        let walks = |phase: &&Phase| aspect_of(phase, crossing.place as usize).is_green();
        let red = cycle
            - phases
                .iter()
                .filter(walks)
                .map(|phase| phase.duration_s)
                .sum::<f64>();
        let waits: Vec<f64> = run
            .walkers
            .walks
            .iter()
            .filter(|walk| walk.crossing == number as u32)
            .map(|walk| walk.waited_s)
            .collect();
        let mean = waits.iter().sum::<f64>() / waits.len() as f64;
        let expected = red * red / (2.0 * cycle);
        println!(
            "{} people wait {mean:.2} s, closed form {expected:.2} s",
            waits.len()
        );
        assert!(waits.len().abs_diff(20_000) < 580, "{}", waits.len());
        assert!(
            (mean / expected - 1.0).abs() < 0.017,
            "{mean} s instead of {expected} s"
        );
    }
}

#[test]
fn vehicles_let_people_over_and_lose_time_by_it() {
    let network = signalled();
    let demand = cars(&network, 9.0, 400);
    let mut loss = Vec::new();
    for per_h in [0.0, 600.0] {
        let mut run = Run::new(&network, &demand, 0.0, 1.0, 3);
        run.let_walk(&network, per_h);
        let mut crossed = 0;
        while !run.is_over() && run.time_s() < 7200.0 {
            let now = run.time_s();
            let world = &run.traffic.world;
            // Lanes that lead off, beyond a crossing on which somebody is now.
            let mut taken: Vec<u32> = Vec::new();
            for (number, crossing) in network.signals[0].crossings.iter().enumerate() {
                if run.walkers.is_on_lanes(0, number as u32, now) {
                    let lanes = crossing.leaving.iter();
                    taken.extend(lanes.map(|&link| world.roads.links[link as usize].from));
                }
            }
            let before: Vec<(u32, u32)> = world
                .vehicles()
                .filter(|vehicle| taken.contains(&vehicle.lane))
                .map(|vehicle| (vehicle.trip, vehicle.lane))
                .collect();
            run.step();
            let world = &run.traffic.world;
            for (trip, lane) in before {
                let vehicle = world.vehicles().find(|vehicle| vehicle.trip == trip);
                assert!(
                    vehicle.is_none_or(|vehicle| vehicle.lane == lane),
                    "vehicle {trip} drives over a crossing with people on it at {now} s"
                );
            }
            crossed = run.walkers.walks.len();
        }
        assert!(run.is_over(), "vehicles are stuck at {} s", run.time_s());
        assert!(per_h == 0.0 || crossed > 2000, "{crossed}");
        assert_eq!(run.counts().overlaps, 0);
        let records = run.records();
        loss.push(
            records.iter().map(|record| record.time_loss_s).sum::<f64>() / records.len() as f64,
        );
    }
    println!("time loss without and with people on foot: {loss:.1?} s");
    assert!(loss[1] > loss[0] + 0.5, "{loss:?}");
}
