use super::*;
use proptest::prelude::*;

/// A lattice of streets, `n` by `n` blocks of 100 m.
fn lattice(n: usize) -> Vec<Vec<[f64; 2]>> {
    let at = |k: usize| 100.0 * k as f64;
    let east = (0..=n).map(|r| (0..=n).map(|c| [at(c), at(r)]).collect());
    let north = (0..=n).map(|c| (0..=n).map(|r| [at(c), at(r)]).collect());
    east.chain(north).collect()
}

#[test]
fn the_way_to_the_street_is_part_of_the_walk() {
    let walk = Walk::Network(Box::new(WalkNetwork::new(&lattice(4))));
    let targets = walk.targets(vec![[150.0, 30.0], [250.0, 400.0], [150.0, 5_000.0]], 200.0);
    assert_eq!(targets.snaps[0].map(|s| s.beside_m), Some(30.0));
    assert!(targets.snaps[2].is_none());
    let sources = walk.targets(vec![[20.0, 10.0], [170.0, 0.0]], 200.0);
    let reach = walk.reach(&targets, &sources, 1_000.0);
    // From (20, 10): 10 to the street at (20, 0), 130 along, 30 back from the street.
    assert_eq!(reach.of(0), [(0, 170.0), (1, 50.0)]);
    // Along y = 0 to x = 200, up 400, 50 east; source 1: 30, 400, 50.
    assert_eq!(reach.of(1), [(0, 10.0 + 180.0 + 400.0 + 50.0), (1, 480.0)]);
    assert!(reach.of(2).is_empty());
    let nearest = walk.nearest(&targets, &sources, &[0.0, 500.0], 1_000.0);
    assert_eq!(nearest, [170.0, 640.0, f64::INFINITY]);
}

#[test]
fn straight_lines_and_the_grid_of_a_city_differ() {
    let places = || vec![[300.0, 400.0], [3_000.0, 0.0]];
    for (manhattan, detour, expected) in
        [(false, 1.0, 500.0), (true, 1.0, 700.0), (false, 1.2, 600.0)]
    {
        let walk = Walk::Straight(Straight { manhattan, detour });
        let (targets, sources) = (
            walk.targets(places(), 0.0),
            walk.targets(vec![[0.0, 0.0]], 0.0),
        );
        let reach = walk.reach(&targets, &sources, 800.0);
        assert_eq!(reach.of(0), [(0, expected)]);
        assert!(reach.of(1).is_empty());
        assert!(
            (walk.nearest(&targets, &sources, &[7.0], 800.0)[0] - 7.0 - f64::from(expected)).abs()
                < 1e-3
        );
    }
}

#[test]
fn a_lone_path_catches_nobody() {
    let mut lines = lattice(4);
    lines.push(vec![[145.0, 150.0], [155.0, 150.0]]);
    let network = WalkNetwork::new(&lines);
    assert_eq!(network.pieces, [2, 1]);
    assert_eq!(
        network.snap([150.0, 151.0], 200.0).map(|s| s.beside_m),
        Some(49.0)
    );
    // Where there is nothing longer, it counts.
    let alone = WalkNetwork::new(&lines[lines.len() - 1..]);
    assert!(alone.snap([150.0, 151.0], 200.0).is_some());
    assert!(WalkNetwork::new(&[]).snap([0.0, 0.0], 200.0).is_none());
    assert!(network.snap([f64::NAN, 0.0], 200.0).is_none());
}

#[test]
fn a_path_that_ends_beside_a_street_is_joined_unless_water_is_between() {
    let mut lines = lattice(4);
    lines.push(vec![[110.0, 150.0], [185.0, 150.0]]);
    let free = WalkNetwork::joined(&lines, |_, _| true);
    assert_eq!((free.joins, free.pieces), (2, [1, 0]));
    let network = Walk::Network(Box::new(free));
    let targets = network.targets(vec![[110.0, 150.0]], 200.0);
    let sources = network.targets(vec![[100.0, 150.0]], 200.0);
    assert_eq!(network.reach(&targets, &sources, 900.0).of(0), [(0, 10.0)]);
    let wet = WalkNetwork::joined(&lines, |from, _| from[0] > 150.0);
    assert_eq!((wet.joins, wet.pieces), (1, [1, 0]));
    let far = WalkNetwork::joined(&lines, |_, _| false);
    assert_eq!((far.joins, far.pieces), (0, [2, 1]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Bounded searches, the index and the straight cells give what trying everything gives.
    #[test]
    fn walks_are_those_of_all_pairs(
        points in proptest::collection::vec((0.0..900.0f64, 0.0..900.0f64), 6..14),
        links in proptest::collection::vec((0..14usize, 0..14usize), 6..20),
        places in proptest::collection::vec((-50.0..950.0f64, -50.0..950.0f64), 2..8),
        limit in 100.0..1_500.0f64,
    ) {
        let n = points.len();
        let at = |k: usize| [points[k % n].0, points[k % n].1];
        let lines: Vec<Vec<[f64; 2]>> = links.iter().filter(|(a, b)| a % n != b % n).map(|&(a, b)| vec![at(a), at(b)]).collect();
        prop_assume!(!lines.is_empty());
        let network = WalkNetwork::new(&lines);
        let places: Vec<[f64; 2]> = places.iter().map(|&(x, y)| [x, y]).collect();
        // Snapping: the nearest edge of a usable piece.
        let nodes = network.nodes.len();
        let (usable, _, _) = usable_edges(nodes, &network.edges, &network.length_m);
        let snap_of = |p: [f64; 2]| {
            let edges = (0..network.edges.len() as u32).filter(|&e| usable[e as usize]);
            edges.map(|e| network.on_edge(e, p)).min_by(|a, b| a.beside_m.total_cmp(&b.beside_m).then(a.edge.cmp(&b.edge)))
        };
        for &p in &places {
            let (got, expected) = (network.snap(p, 2_000.0), snap_of(p));
            prop_assert_eq!(got.map(|s| s.beside_m), expected.map(|s| s.beside_m));
        }
        // Floyd and Warshall between the nodes.
        let mut way = vec![vec![f64::INFINITY; nodes]; nodes];
        for (k, row) in way.iter_mut().enumerate() {
            row[k] = 0.0;
        }
        for (e, &[a, b]) in network.edges.iter().enumerate() {
            let length = network.length_m[e];
            way[a as usize][b as usize] = length.min(way[a as usize][b as usize]);
            way[b as usize][a as usize] = length.min(way[b as usize][a as usize]);
        }
        for k in 0..nodes {
            for i in 0..nodes {
                for j in 0..nodes {
                    let over = way[i][k] + way[k][j];
                    way[i][j] = way[i][j].min(over);
                }
            }
        }
        let walk = Walk::Network(Box::new(network));
        let targets = walk.targets(places.clone(), 2_000.0);
        let reach = walk.reach(&targets, &targets, limit);
        let Walk::Network(network) = &walk else { unreachable!() };
        for (i, a) in targets.snaps.iter().enumerate() {
            for (j, b) in targets.snaps.iter().enumerate() {
                let (a, b) = (a.unwrap(), b.unwrap());
                let ends = |s: Snap| {
                    let [p, q] = network.edges[s.edge as usize];
                    [(p as usize, s.along_m), (q as usize, network.length_m[s.edge as usize] - s.along_m)]
                };
                let mut expected = f64::INFINITY;
                if a.edge == b.edge {
                    expected = (a.along_m - b.along_m).abs();
                }
                for (p, before) in ends(a) {
                    for (q, after) in ends(b) {
                        expected = expected.min(before + way[p][q] + after);
                    }
                }
                expected += a.beside_m + b.beside_m;
                let got = reach.of(j).iter().find(|(source, _)| *source as usize == i).map(|(_, m)| f64::from(*m));
                match got {
                    Some(got) => prop_assert!((got - expected).abs() < 1e-3, "{got} {expected}"),
                    None => prop_assert!(expected > limit - 1e-6, "{expected} {limit}"),
                }
            }
        }
    }
}
