use crate::traffic::network::check::{check, connected};
use crate::traffic::network::grid::{grid, grid_demand};
use crate::traffic::network::{Control, VehicleClass};
use crate::traffic::run::{Outcome, Run};

#[test]
fn a_grid_has_the_size_that_was_asked_for() {
    let network = grid(3, 200.0, 2);
    let streets = network.edges.iter().filter(|edge| !edge.inner).count();
    assert_eq!(streets, 2 * 2 * 3 * 4);
    assert_eq!(network.junctions.len(), 16);
    assert_eq!(network.signals.len(), 12, "all but the corners");
    assert_eq!(
        network
            .junctions
            .iter()
            .filter(|j| j.control == Control::Free)
            .count(),
        4
    );
    assert_eq!(check(&network), Default::default());
    assert!(
        connected(&network, VehicleClass::Passenger)
            .iter()
            .all(|&inside| inside)
    );
    let km: f32 = network
        .lanes
        .iter()
        .filter(|l| !network.edges[l.edge as usize].inner)
        .map(|l| l.length_m)
        .sum::<f32>()
        / 1000.0;
    assert!((15.0..19.2).contains(&km), "{km} km of lanes");
}

#[test]
fn cars_of_a_grid_arrive() {
    let network = grid(4, 150.0, 2);
    let demand = grid_demand(&network, 1500, 0.0, 1800.0, 7);
    assert_eq!(
        demand.trips,
        grid_demand(&network, 1500, 0.0, 1800.0, 7).trips
    );
    let mut run = Run::new(&network, &demand, 0.0, 1.0, 1);
    while !run.is_over() && run.time_s() < 3000.0 {
        run.step();
    }
    let arrived = run
        .records()
        .iter()
        .filter(|record| record.outcome == Outcome::Arrived)
        .count();
    println!(
        "{arrived} arrived by {} s, {:?}",
        run.time_s(),
        run.counts()
    );
    assert_eq!(arrived, 1500);
    assert_eq!(run.counts().overlaps, 0);
    assert!(
        run.counts().relaxed <= 3 && run.counts().missed_turns <= 3,
        "{:?}",
        run.counts()
    );
}

#[test]
fn ways_through_a_grid_are_routes_without_loops() {
    let network = grid(6, 150.0, 1);
    for trip in grid_demand(&network, 300, 0.0, 60.0, 1).trips {
        let mut sorted = trip.edges.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert!(sorted.len() == trip.edges.len() && trip.edges.len() <= 40);
        for pair in trip.edges.windows(2) {
            let lanes = network.edges[pair[0] as usize].lanes.clone();
            let leads = lanes
                .flat_map(|lane| network.links_of(lane))
                .any(|(_, link)| network.lanes[link.target as usize].edge == pair[1]);
            assert!(leads, "{pair:?}");
        }
    }
}
