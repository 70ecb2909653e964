//! The two real networks.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// What holds for every network that is read without a fault.
fn check_network(network: &Network) {
    for (index, lane) in network.lanes.iter().enumerate() {
        let edge = &network.edges[lane.edge as usize];
        assert!(edge.lanes.contains(&(index as u32)));
        assert!(
            network.links[lane.links.start as usize..lane.links.end as usize]
                .iter()
                .all(|link| link.from as usize == index)
        );
    }
    let by_lanes: usize = network.lanes.iter().map(|lane| lane.links.len()).sum();
    assert_eq!(by_lanes, network.links.len());
    let mut entered = vec![false; network.lanes.len()];
    for link in &network.links {
        entered[link.to as usize] = true;
        // Every chain ends on its target.
        let mut at = link.to;
        let mut steps = 0;
        while network.edge_of(at).inner {
            let next: Vec<_> = network.links_of(at).collect();
            assert_eq!(next.len(), 1, "{}", lane_name(network, at));
            at = next[0].1.to;
            steps += 1;
            assert!(steps < 4);
        }
        assert_eq!(at, link.target);
        assert!(link.yields_to.iter().all(|other| link.foes.contains(other)));
    }
    // Every inner lane is entered. A street that nothing leads to begins where no street ends, or only dead ends do.
    for (index, lane) in network.lanes.iter().enumerate() {
        let edge = &network.edges[lane.edge as usize];
        assert!(
            entered[index] || !edge.inner,
            "{}",
            lane_name(network, index as u32)
        );
        let reached = edge.lanes.clone().any(|lane| entered[lane as usize]);
        let starts = |junction: u32| network.links.iter().all(|link| link.junction != junction);
        assert!(reached || starts(edge.from), "{}", edge.id);
    }
    // Every connection at a junction with a matrix has its own row.
    for (index, junction) in network.junctions.iter().enumerate() {
        if junction.links.is_empty() {
            continue;
        }
        let mut rows: Vec<u32> = network
            .links
            .iter()
            .filter(|link| link.junction == index as u32 && !network.edge_of(link.from).inner)
            .map(|link| link.request)
            .collect();
        rows.sort_unstable();
        let expected: Vec<u32> = (0..junction.links.len() as u32).collect();
        assert_eq!(rows, expected, "junction {}", junction.id);
        for (row, link) in junction.links.iter().enumerate() {
            assert_eq!(network.links[*link as usize].request, row as u32);
        }
    }
    for signal in &network.signals {
        for program in &signal.programs {
            assert!(!program.phases.is_empty());
            for phase in &program.phases {
                assert!(phase.state.len() >= signal.links.iter().filter(|l| !l.is_empty()).count());
                assert!(phase.min_s <= phase.max_s);
            }
        }
    }
}

/// Pairs of links of which the first has the second as foe and not the other way round.
fn one_sided_foes(network: &Network) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (index, link) in network.links.iter().enumerate() {
        if network.edge_of(link.from).inner {
            continue;
        }
        for foe in &link.foes {
            if !network.links[*foe as usize].foes.contains(&(index as u32)) {
                pairs.push((
                    lane_name(network, link.from),
                    lane_name(network, network.links[*foe as usize].from),
                ));
            }
        }
    }
    pairs
}

/// The row of every connection by the second way, in which SUMO counts: lanes of `incLanes`, connections of each in file order.
fn check_rows_by_counting(path: &Path, network: &Network) {
    let source = Source::read(path, None).unwrap();
    let lanes: BTreeMap<String, u32> = (0..network.lanes.len() as u32)
        .map(|lane| (lane_name(network, lane), lane))
        .collect();
    source
        .elements(|element| {
            if element.name == "junction" && element.text("type") != "internal" {
                let mut row = 0;
                for id in element.text("incLanes").split_whitespace() {
                    for (_, link) in network.links_of(lanes[id]) {
                        if !element.children.is_empty() {
                            assert_eq!(link.request, row, "{}", element.text("id"));
                        }
                        row += 1;
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn tavf_hamburg_is_read_as_it_is() {
    let Some(folder) = data("tavf_hamburg_is_read_as_it_is", "tavf-hamburg") else {
        return;
    };
    let scenario = read_config(&folder.join("run_simulation.sumocfg")).unwrap();
    let network = &scenario.network;
    check_network(network);
    check_rows_by_counting(&folder.join("network.net.xml.gz"), network);
    let streets = network.edges.iter().filter(|edge| !edge.inner).count();
    assert_eq!((streets, network.signals.len()), (617, 43));
    assert_eq!(network.edges.len(), 617 + 963);
    assert_eq!((network.lanes.len(), network.links.len()), (2_913, 3_101));
    // Of 95 places to wait inside, each is the second link of a chain.
    assert_eq!(
        network
            .links
            .iter()
            .filter(|link| link.waits_inside)
            .count(),
        95
    );
    // The file has two pairs with a foe on one side only, both at the junction `cluster_12`.
    assert_eq!(
        one_sided_foes(network),
        [
            ("252843127#0_2".to_owned(), "139056860#4_0".to_owned()),
            ("252843127#0_2".to_owned(), "gneE89_0".to_owned())
        ]
    );
    let actuated = network
        .signals
        .iter()
        .filter(|signal| signal.programs[0].kind == ProgramKind::Actuated);
    assert_eq!(actuated.count(), 40);
    let phases = || {
        network
            .signals
            .iter()
            .flat_map(|signal| &signal.programs)
            .flat_map(|program| &program.phases)
    };
    let ambers: Vec<f64> = phases()
        .filter(|phase| phase.state.contains(&Aspect::Amber))
        .map(|phase| phase.duration_s)
        .collect();
    assert_eq!(ambers.len(), 151);
    assert_eq!(ambers.iter().filter(|time| **time == 2.0).count(), 28);
    assert!(phases().all(|phase| !phase.state.contains(&Aspect::RedAmber)));

    let demand = &scenario.demand;
    let of_type = |id: &str| {
        let types = &demand.types;
        let is = |index: u32| types[index as usize].id == id;
        demand
            .trips
            .iter()
            .filter(|trip| is(trip.vehicle_type))
            .count()
    };
    assert_eq!(of_type("PKW_special"), 20_051);
    assert_eq!(of_type("LKW_special"), 1_025);
    assert_eq!(of_type("BUS") + of_type("MetroBUS"), 189);
    let calls: Vec<_> = demand.trips.iter().flat_map(|trip| &trip.calls).collect();
    assert_eq!(calls.len(), 344);
    assert!(calls.iter().all(|call| call.until_s.is_none()));
    assert_eq!(calls.iter().filter(|call| call.off_lane).count(), 341);
    let car = demand.types.iter().find(|t| t.id == "PKW_special").unwrap();
    assert_eq!(
        (car.speed_factor[0], car.speed_factor[1], car.sigma),
        (1.0, 0.0, 0.0)
    );
    assert!(
        demand
            .trips
            .windows(2)
            .all(|pair| pair[0].depart_s <= pair[1].depart_s)
    );
    assert_eq!(
        (
            scenario.begin_s,
            scenario.end_s,
            scenario.step_s,
            scenario.seed
        ),
        (0.0, Some(3600.0), 1.0, 121_294)
    );
    let codes: Vec<&str> = scenario.notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["zipper"]);
}

#[test]
fn bologna_acosta_is_read_as_it_is() {
    let Some(folder) = data("bologna_acosta_is_read_as_it_is", "bologna-acosta") else {
        return;
    };
    let scenario = read_config(&folder.join("run.sumocfg")).unwrap();
    let network = &scenario.network;
    check_network(network);
    check_rows_by_counting(&folder.join("acosta_buslanes.net.xml"), network);
    assert_eq!(one_sided_foes(network), []);
    let streets = network.edges.iter().filter(|edge| !edge.inner).count();
    assert_eq!((streets, network.signals.len()), (178, 7));
    let rings = network.edges.iter().filter(|edge| edge.roundabout).count();
    assert_eq!(rings, 8);
    assert_eq!(
        network
            .links
            .iter()
            .filter(|link| link.waits_inside)
            .count(),
        33
    );
    for signal in &network.signals {
        let names: Vec<&str> = signal.programs.iter().map(|p| p.id.as_str()).collect();
        assert_eq!(names, ["0", "utopia"], "the one that is named last runs");
    }
    let demand = &scenario.demand;
    assert_eq!((demand.trips.len(), demand.stops.len()), (8_779, 35));
    assert_eq!(demand.detectors.len(), 58);
    assert_eq!(
        demand
            .trips
            .iter()
            .map(|trip| trip.calls.len())
            .sum::<usize>(),
        542
    );
    assert!(demand.trips.iter().all(|trip| trip.routed));
    // The shares of the distribution `private`, within four standard deviations.
    let private: Vec<&str> = demand
        .trips
        .iter()
        .map(|trip| demand.types[trip.vehicle_type as usize].id.as_str())
        .filter(|id| id.starts_with("passenger"))
        .collect();
    let first = private.iter().filter(|id| **id == "passenger1").count() as f64;
    let share = 0.4 / 1.15;
    let bound = 4.0 * (share * (1.0 - share) / private.len() as f64).sqrt();
    assert!((first / private.len() as f64 - share).abs() < bound);
}

#[test]
fn sources_by_name_are_the_same_as_by_configuration() {
    let Some(folder) = data(
        "sources_by_name_are_the_same_as_by_configuration",
        "tavf-hamburg",
    ) else {
        return;
    };
    let at = |name: &str| folder.join(name);
    let routes = [
        "bus_route.rou.xml",
        "vType.xml",
        "PKW_automatic.rou.xml.gz",
        "LKW_automatic.rou.xml.gz",
    ]
    .map(at);
    let named = read_inputs(
        &at("network.net.xml.gz"),
        &[at("busStops.add.xml")],
        &routes,
    )
    .unwrap();
    let configured = read_config(&at("run_simulation.sumocfg")).unwrap();
    assert_eq!(named.demand.trips, configured.demand.trips);
    assert_eq!(named.demand.types, configured.demand.types);
    let (network, notes) = read_network(&at("network.net.xml.gz")).unwrap();
    assert_eq!(network.links.len(), named.network.links.len());
    assert_eq!(notes, named.notes);
}
