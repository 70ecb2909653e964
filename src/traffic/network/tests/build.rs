use super::*;
use crate::traffic::network::check::{check, connected};
use crate::traffic::network::grid::grid;
use crate::traffic::run::Run;
use crate::traffic::sample;

// At the crossing of `crossing`: from the west `s0#0` goes in and `-s0#0` out, to the east `s0#1` out and `-s0#1` in; the same with
// `s1` from south to north.
const WEST_IN: &str = "s0#0";
const WEST_OUT: &str = "-s0#0";
const EAST_IN: &str = "-s0#1";
const EAST_OUT: &str = "s0#1";
const SOUTH_IN: &str = "s1#0";
const NORTH_OUT: &str = "s1#1";

fn yields(network: &Network, own: [&str; 2], other: [&str; 2]) -> bool {
    let own = link(network, own[0], own[1]).unwrap();
    let other = link(network, other[0], other[1]).unwrap();
    network.links[own as usize].yields_to.contains(&other)
}

#[test]
fn among_equals_right_goes_before_left() {
    let (network, _) = from_streets(&crossing([Rank::Residential, Rank::Unclassified]));
    assert_eq!(check(&network), Default::default());
    let middle = network.junctions.iter().find(|j| j.id == "n0").unwrap();
    assert_eq!(middle.control, Control::RightBeforeLeft);
    let north = [SOUTH_IN, NORTH_OUT];
    assert!(
        yields(&network, north, [EAST_IN, WEST_OUT]),
        "from the right"
    );
    assert!(
        !yields(&network, north, [WEST_IN, EAST_OUT]),
        "from the left"
    );
    assert!(yields(&network, [WEST_IN, EAST_OUT], north));
}

#[test]
fn the_higher_street_goes_first_and_a_left_turn_lets_the_oncoming_go() {
    let (network, _) = from_streets(&crossing([Rank::Secondary, Rank::Residential]));
    let middle = network.junctions.iter().find(|j| j.id == "n0").unwrap();
    assert_eq!(middle.control, Control::Priority);
    let east = link(&network, WEST_IN, EAST_OUT).unwrap();
    assert!(network.links[east as usize].yields_to.is_empty());
    assert!(yields(&network, [SOUTH_IN, NORTH_OUT], [WEST_IN, EAST_OUT]));
    assert!(yields(&network, [SOUTH_IN, NORTH_OUT], [EAST_IN, WEST_OUT]));
    assert!(
        yields(&network, [WEST_IN, NORTH_OUT], [EAST_IN, WEST_OUT]),
        "left turn"
    );
    assert!(
        !yields(&network, [EAST_IN, NORTH_OUT], [WEST_IN, NORTH_OUT]),
        "right before left turn onto one lane"
    );
    let turn =
        |ids: [&str; 2]| network.links[link(&network, ids[0], ids[1]).unwrap() as usize].turn;
    assert_eq!(turn([WEST_IN, NORTH_OUT]), Turn::Left);
    assert_eq!(turn([EAST_IN, NORTH_OUT]), Turn::Right);
}

#[test]
fn signs_make_a_street_minor() {
    let mut plan = crossing([Rank::Residential, Rank::Residential]);
    // A stop sign 10 m south of the crossing, for those who drive north.
    plan.nodes.push(StreetNode {
        id: "sign".into(),
        position: [0.0, -10.0],
        stop: true,
        ..StreetNode::default()
    });
    plan.streets[1].nodes = vec![4, 5, 0, 2];
    let (network, _) = from_streets(&plan);
    let north = link(&network, SOUTH_IN, NORTH_OUT).unwrap();
    assert!(network.links[north as usize].stop_sign);
    assert!(
        yields(&network, [SOUTH_IN, NORTH_OUT], [WEST_IN, EAST_OUT]),
        "from the left too"
    );
    assert_eq!(
        network
            .junctions
            .iter()
            .find(|j| j.id == "n0")
            .unwrap()
            .control,
        Control::Stop
    );
}

#[test]
fn nobody_turns_round_but_at_dead_ends() {
    for network in [
        from_streets(&crossing([Rank::Secondary; 2])).0,
        sample::sample_network().0,
        grid(2, 100.0, 2),
    ] {
        for link in network
            .links
            .iter()
            .filter(|link| link.turn == Turn::Around)
        {
            assert_eq!(
                network.junctions[link.junction as usize].control,
                Control::DeadEnd
            );
        }
    }
    let (network, _) = from_streets(&crossing([Rank::Secondary; 2]));
    assert_eq!(
        network
            .links
            .iter()
            .filter(|link| link.turn == Turn::Around && link.request != NONE)
            .count(),
        4
    );
}

#[test]
fn a_roundabout_lets_its_ring_go_first() {
    // A ring of 20 m with streets in the east, north, west and south.
    let ring: Vec<[f64; 2]> = (0..8)
        .map(|i| (f64::from(i) * std::f64::consts::FRAC_PI_4).sin_cos())
        .map(|(sin, cos)| [20.0 * cos, 20.0 * sin])
        .collect();
    let ends = [[120.0, 0.0], [0.0, 120.0], [-120.0, 0.0], [0.0, -120.0]];
    let nodes = [ring, ends.to_vec()].concat();
    let mut plan = streets(
        &nodes,
        &[
            (&[0, 1, 2, 3, 4, 5, 6, 7, 0], Rank::Residential, 1, 0),
            (&[8, 0], Rank::Secondary, 1, 1),
            (&[9, 2], Rank::Secondary, 1, 1),
            (&[10, 4], Rank::Secondary, 1, 1),
            (&[11, 6], Rank::Secondary, 1, 1),
        ],
    );
    plan.streets[0].roundabout = true;
    let (network, _) = from_streets(&plan);
    assert_eq!(check(&network), Default::default());
    assert!(
        connected(&network, VehicleClass::Passenger)
            .iter()
            .all(|&inside| inside)
    );
    let on_ring = |lane: u32| network.edge_of(lane).priority == 20;
    let mut entries = 0;
    for link in network.links.iter().filter(|link| link.request != NONE) {
        if on_ring(link.from) {
            assert!(link.yields_to.is_empty(), "the ring yields to nobody");
        } else if on_ring(link.target) {
            entries += 1;
            assert!(!link.yields_to.is_empty());
            assert!(
                link.yields_to
                    .iter()
                    .all(|&foe| on_ring(network.links[foe as usize].from))
            );
        }
    }
    assert_eq!(entries, 4);
}

#[test]
fn the_crossing_of_a_divided_street_is_one_junction() {
    // Two one-way carriageways 16 m apart, west-east, crossed by a street; signals at both nodes.
    let mut plan = streets(
        &[
            [0.0, -8.0],
            [0.0, 8.0],
            [-100.0, -8.0],
            [100.0, -8.0],
            [-100.0, 8.0],
            [100.0, 8.0],
            [0.0, -100.0],
            [0.0, 100.0],
        ],
        &[
            (&[2, 0, 3], Rank::Primary, 2, 0),
            (&[5, 1, 4], Rank::Primary, 2, 0),
            (&[6, 0, 1, 7], Rank::Residential, 1, 1),
        ],
    );
    plan.nodes[0].signal = true;
    plan.nodes[1].signal = true;
    let (network, notes) = from_streets(&plan);
    assert_eq!(network.signals.len(), 1);
    assert_eq!(
        network
            .junctions
            .iter()
            .filter(|j| j.control == Control::Signals)
            .count(),
        1
    );
    assert!(notes.iter().any(|note| note.code == "junctions-joined"));
    // South to west crosses the first carriageway and joins the second.
    assert!(link(&network, "s2#0", "s1#1").is_some());
    // East on the southern carriageway cannot turn round into the northern one by the way inside, nor drive against it.
    assert!(link(&network, "s0#0", "s0#1").is_some());
    assert!(check(&network).broken.is_empty());
}

#[test]
fn painted_turns_and_bus_lanes_are_kept() {
    let mut plan = crossing([Rank::Secondary, Rank::Residential]);
    let lane = |turns: TurnSet| StreetLane {
        turns,
        ..StreetLane::general()
    };
    // Rightmost first: a bus lane, straight on and right, left.
    plan.streets[0].forward = vec![
        StreetLane::bus(),
        lane(TurnSet::THROUGH.and(TurnSet::RIGHT)),
        lane(TurnSet::LEFT),
    ];
    let (network, notes) = from_streets(&plan);
    assert!(notes.is_empty(), "{notes:?}");
    let west = network.edges[edge(&network, WEST_IN) as usize]
        .lanes
        .clone();
    let turns = |place: u32| -> Vec<Turn> {
        network
            .links_of(west.start + place)
            .map(|(_, link)| link.turn)
            .collect()
    };
    assert_eq!(turns(0), [Turn::Right, Turn::Straight]);
    assert_eq!(turns(1), [Turn::Right, Turn::Straight]);
    assert_eq!(turns(2), [Turn::Left]);
    assert!(!network.may_drive(west.start, VehicleClass::Passenger));
    // A car that turns right crosses the bus lane and lets the buses go.
    let (right, _) = network.links_of(west.start + 1).next().unwrap();
    let straight = network.links_of(west.start).nth(1).unwrap().0;
    assert!(network.links[right as usize].yields_to.contains(&straight));
}

#[test]
fn restrictions_forbid_turns() {
    let mut plan = crossing([Rank::Secondary, Rank::Residential]);
    // The streets meet inside of both; a restriction names whole streets, so left and right into `s1` are meant.
    plan.restrictions.push(Restriction {
        from: 0,
        via: 0,
        to: 1,
        only: false,
    });
    let (network, _) = from_streets(&plan);
    assert_eq!(link(&network, WEST_IN, NORTH_OUT), None);
    assert!(link(&network, WEST_IN, EAST_OUT).is_some());
    plan.restrictions[0].only = true;
    let (network, _) = from_streets(&plan);
    assert!(link(&network, WEST_IN, NORTH_OUT).is_some());
    assert_eq!(link(&network, WEST_IN, EAST_OUT), None);
}

#[test]
fn signals_at_stop_lines_belong_to_the_junction_they_face() {
    let with = |facing: Option<Heading>, at: f64| {
        let mut plan = crossing([Rank::Secondary, Rank::Residential]);
        plan.nodes.push(StreetNode {
            id: "line".into(),
            position: [-at, 0.0],
            signal: true,
            facing,
            ..StreetNode::default()
        });
        plan.streets[0].nodes = vec![3, 5, 0, 1];
        from_streets(&plan)
    };
    assert_eq!(with(None, 15.0).0.signals.len(), 1);
    assert_eq!(with(Some(Heading::Forward), 15.0).0.signals.len(), 1);
    assert_eq!(with(Some(Heading::Backward), 15.0).0.signals.len(), 0);
    let (network, notes) = with(None, 50.0);
    assert_eq!(network.signals.len(), 0);
    assert!(
        notes
            .iter()
            .any(|note| note.code == "signals-left-out" && note.count == 1)
    );
}

#[test]
fn streets_that_lead_nowhere_are_found() {
    let mut plan = crossing([Rank::Residential; 2]);
    plan.nodes.push(StreetNode {
        position: [70.0, 70.0],
        ..StreetNode::default()
    });
    plan.streets.push(Street {
        id: "out".into(),
        nodes: vec![0, 5],
        backward: Vec::new(),
        ..plan.streets[0].clone()
    });
    let (mut network, _) = from_streets(&plan);
    let found = check(&network);
    let out = edge(&network, "out#0");
    assert_eq!(found.no_way_on, [out]);
    assert!(found.broken.is_empty() && found.no_way_in.is_empty());
    let inside = connected(&network, VehicleClass::Passenger);
    assert!((0..8).all(|edge| inside[edge]) && !inside[out as usize]);
    network.links[0].to = 999;
    assert_eq!(check(&network).broken, ["link 0 leads nowhere"]);
}

/// The kernel cuts lanes and links into pieces by their numbers.
#[test]
fn lanes_in_another_order_than_their_edges_are_told() {
    let (mut network, _) = from_streets(&crossing([Rank::Residential; 2]));
    assert!(check(&network).broken.is_empty());
    let last = network.edges.len() - 1;
    network.edges.swap(0, last);
    for edge in [0, last] {
        for lane in network.edges[edge].lanes.clone() {
            network.lanes[lane as usize].edge = edge as u32;
        }
    }
    let text = "lanes are not in the order of their edges, or links not in that of the lanes";
    assert_eq!(check(&network).broken, [text]);
}

#[test]
fn ways_over_junctions_begin_and_end_at_their_lanes() {
    let (network, _) = sample::sample_network();
    for link in &network.links {
        let (from, to) = (
            &network.lanes[link.from as usize],
            &network.lanes[link.to as usize],
        );
        let (a, b) = (from.shape[from.shape.len() - 1], to.shape[0]);
        assert!((a[0] - b[0]).hypot(a[1] - b[1]) < 0.02, "{a:?} {b:?}");
    }
    for lane in &network.lanes {
        assert!(lane.shape.iter().flatten().all(|value| value.is_finite()));
    }
}

/// Green, amber and red follow each other as they must, and nobody has green with one who has it too and lets nobody go.
#[test]
fn guessed_programmes_are_safe() {
    for network in [
        sample::sample_network().0,
        grid(3, 150.0, 2),
        grid(2, 150.0, 3),
    ] {
        assert!(!network.signals.is_empty());
        for signal in &network.signals {
            let phases = &signal.programs[0].phases;
            let cycle: f64 = phases.iter().map(|phase| phase.duration_s).sum();
            assert!(
                (60.0..=100.0).contains(&cycle),
                "{}: cycle {cycle}",
                signal.id
            );
            assert!(
                phases.iter().filter(|phase| phase.is_green()).count() >= 2,
                "{}",
                signal.id
            );
            for (number, phase) in phases.iter().enumerate() {
                let next = &phases[(number + 1) % phases.len()];
                for (place, (&now, &then)) in phase.state.iter().zip(&next.state).enumerate() {
                    let Some(&link) = signal.links[place].first() else {
                        // People on foot.
                        assert!(matches!(now, Aspect::Green | Aspect::Red));
                        continue;
                    };
                    let fine = match now {
                        Aspect::Green | Aspect::GreenYield => {
                            then.is_green() || then == Aspect::Amber
                        }
                        Aspect::Amber => then == Aspect::Red && phase.duration_s >= 3.0,
                        Aspect::RedAmber => then.is_green() && phase.duration_s == 1.0,
                        _ => matches!(then, Aspect::Red | Aspect::RedAmber),
                    };
                    assert!(fine, "{} place {place}: {now:?} then {then:?}", signal.id);
                    let link = &network.links[link as usize];
                    for &foe in &link.foes {
                        let other = phase.state[network.links[foe as usize].signal_place as usize];
                        assert!(
                            !(now == Aspect::Green && other == Aspect::Green),
                            "{} place {place}",
                            signal.id
                        );
                    }
                }
            }
            for place in 0..signal.links.len() {
                assert!(
                    phases.iter().any(|phase| phase.state[place].is_green()),
                    "{} place {place} never has green",
                    signal.id
                );
            }
        }
    }
}

#[test]
fn the_same_streets_give_the_same_network() {
    let print = || format!("{:?}", sample::sample_network().0);
    assert!(print() == print());
    let _ = Run::new(
        &sample::sample_network().0,
        &Default::default(),
        0.0,
        1.0,
        1,
    );
}
