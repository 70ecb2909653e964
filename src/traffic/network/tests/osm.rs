use super::*;
use crate::traffic::network::check::{check, connected};
use crate::traffic::network::osm::{OsmError, osm_streets, read_osm_streets};

/// An extract with one way from node 1 to node 2 that has these tags.
fn one_way(tags: &str) -> Streets {
    read(tags).unwrap().0
}

fn read(tags: &str) -> Result<(Streets, Vec<crate::traffic::sumo::Note>), OsmError> {
    let tags: String = tags
        .split_whitespace()
        .filter_map(|tag| tag.split_once('='))
        .map(|(key, value)| format!(r#"<tag k="{key}" v="{value}"/>"#))
        .collect();
    let text = format!(
        r#"<osm version="0.6"><node id="1" lon="9.99" lat="53.55"/><node id="2" lon="9.992" lat="53.55"/>
        <way id="7"><nd ref="1"/><nd ref="2"/>{tags}</way></osm>"#
    );
    osm_streets(text.as_bytes(), "a.osm")
}

fn lanes(tags: &str) -> (usize, usize) {
    let streets = one_way(tags);
    (
        streets.streets[0].forward.len(),
        streets.streets[0].backward.len(),
    )
}

#[test]
fn lanes_and_directions_follow_the_tags() {
    for (tags, expected) in [
        ("highway=residential", (1, 1)),
        ("highway=residential oneway=yes", (1, 0)),
        ("highway=residential oneway=-1 lanes=2", (0, 2)),
        ("highway=secondary lanes=4", (2, 2)),
        ("highway=secondary lanes=3", (2, 1)),
        ("highway=secondary lanes=3 lanes:backward=2", (1, 2)),
        (
            "highway=secondary lanes=3 turn:lanes:backward=left|right",
            (1, 2),
        ),
        ("highway=primary oneway=yes lanes=3", (3, 0)),
        ("highway=tertiary junction=roundabout", (1, 0)),
        ("highway=residential oneway=yes oneway:bus=no", (1, 1)),
        ("highway=residential lanes=1", (1, 1)),
        ("highway=residential lanes=900000000 oneway=yes", (8, 0)),
    ] {
        assert_eq!(lanes(tags), expected, "{tags}");
    }
}

#[test]
fn limits_are_read_or_guessed_by_class() {
    for (tags, km_h, guessed) in [
        ("highway=residential maxspeed=30", 30.0, false),
        ("highway=residential zone:maxspeed=DE:30", 30.0, false),
        (
            "highway=residential source:maxspeed=DE:zone:20",
            20.0,
            false,
        ),
        ("highway=residential maxspeed:type=DE:zone20", 20.0, false),
        ("highway=secondary maxspeed=DE:urban", 50.0, false),
        ("highway=secondary maxspeed=20mph", 32.18688, false),
        ("highway=living_street", 7.0, true),
        ("highway=secondary", 50.0, true),
        ("highway=secondary maxspeed=signals", 50.0, true),
    ] {
        let (streets, notes) = read(tags).unwrap();
        let found = streets.streets[0].speed_m_s * 3.6;
        assert!((found - km_h).abs() < 0.01, "{tags}: {found}");
        assert_eq!(
            notes.iter().any(|note| note.code == "speed-guessed"),
            guessed,
            "{tags}"
        );
    }
}

#[test]
fn bus_lanes_are_found_in_every_spelling() {
    for tags in [
        "highway=secondary oneway=yes lanes=2 bus:lanes=yes|designated",
        "highway=secondary oneway=yes lanes=2 psv:lanes=|designated vehicle:lanes=yes|no",
        "highway=secondary oneway=yes lanes=2 lanes:psv=1",
        "highway=secondary oneway=yes lanes=2 busway=lane",
        "highway=secondary lanes=4 lanes:bus:forward=1",
    ] {
        let streets = one_way(tags);
        let forward = &streets.streets[0].forward;
        assert!(
            forward[0].is_special() && !forward[1].is_special(),
            "{tags}: {forward:?}"
        );
    }
    let bus_only = one_way("highway=service motor_vehicle=no bus=yes");
    assert_eq!(bus_only.streets[0].forward[0].allowed, BUS_LANE);
}

#[test]
fn painted_turns_are_read_from_right_to_left_without_lanes_for_bicycles() {
    let streets = one_way("highway=secondary oneway=yes lanes=2 turn:lanes=left|through;right");
    let turns: Vec<TurnSet> = streets.streets[0]
        .forward
        .iter()
        .map(|lane| lane.turns)
        .collect();
    assert_eq!(turns, [TurnSet::THROUGH.and(TurnSet::RIGHT), TurnSet::LEFT]);
    let (streets, notes) =
        read("highway=secondary oneway=yes lanes=2 turn:lanes=left|through|through|right vehicle:lanes=yes|yes|no|no").unwrap();
    assert!(notes.iter().all(|note| note.code != "lane-tags-changed"));
    assert_eq!(streets.streets[0].forward[0].turns, TurnSet::THROUGH);
    let (_, notes) =
        read("highway=secondary oneway=yes lanes=2 turn:lanes=left|through|right").unwrap();
    assert!(notes.iter().any(|note| note.code == "lane-tags-changed"));
}

#[test]
fn what_is_no_street_for_cars_is_left_out_with_a_clear_error() {
    for tags in [
        "highway=footway",
        "highway=service",
        "highway=residential access=private",
        "highway=residential motor_vehicle=no",
        "building=yes",
    ] {
        let error = read(tags).unwrap_err();
        assert_eq!(
            (error.code(), error.exit_code()),
            ("no-streets", 65),
            "{tags}"
        );
        assert!(error.to_string().contains("--> a.osm"));
    }
    assert_eq!(osm_streets(b"", "a.osm").unwrap_err().code(), "empty");
    assert_eq!(
        osm_streets(b"<osm><way id='1'>", "a.osm")
            .unwrap_err()
            .code(),
        "truncated"
    );
    assert_eq!(
        osm_streets(b"<net/>", "a.osm").unwrap_err().code(),
        "wrong-format"
    );
    assert_eq!(
        read_osm_streets(std::path::Path::new("/nowhere.osm"))
            .unwrap_err()
            .exit_code(),
        66
    );
}

#[test]
fn signals_signs_crossings_and_restrictions_come_over() {
    let text = r#"<osm version="0.6">
      <node id="1" lon="9.990" lat="53.55"/>
      <node id="2" lon="9.992" lat="53.55"><tag k="highway" v="traffic_signals"/><tag k="traffic_signals:direction" v="backward"/></node>
      <node id="3" lon="9.994" lat="53.55"><tag k="highway" v="crossing"/></node>
      <node id="4" lon="9.992" lat="53.551"><tag k="highway" v="stop"/></node>
      <way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="secondary"/></way>
      <way id="8"><nd ref="2"/><nd ref="3"/><nd ref="99"/><tag k="highway" v="secondary"/></way>
      <way id="9"><nd ref="2"/><nd ref="4"/><tag k="highway" v="residential"/></way>
      <relation id="1"><member type="way" ref="7" role="from"/><member type="node" ref="2" role="via"/><member type="way" ref="9" role="to"/>
        <tag k="type" v="restriction"/><tag k="restriction" v="no_left_turn"/></relation>
      <relation id="2"><member type="way" ref="7" role="from"/><tag k="type" v="restriction"/><tag k="restriction" v="no_u_turn"/></relation></osm>"#;
    let (streets, notes) = osm_streets(text.as_bytes(), "a.osm").unwrap();
    assert!(streets.nodes[1].signal && streets.nodes[1].facing == Some(Heading::Backward));
    assert!(streets.nodes[3].stop);
    assert_eq!(
        streets.restrictions,
        [Restriction {
            from: 0,
            via: 1,
            to: 2,
            only: false
        }]
    );
    assert_eq!(streets.crs, "EPSG:25832");
    // 0.002 degrees of longitude at this latitude are 132.6 m.
    let (a, b) = (streets.nodes[0].position, streets.nodes[1].position);
    assert!(((b[0] - a[0]).hypot(b[1] - a[1]) - 132.6).abs() < 0.3);
    for code in ["crossings-left-out", "street-nodes-missing"] {
        let found = notes.iter().find(|note| note.code == code);
        assert_eq!(found.map(|note| note.count), Some(1), "{code}: {notes:?}");
    }
    assert!(notes.iter().any(|note| note.code == "restriction-left-out"));
    let (network, _) = from_streets(&streets);
    assert_eq!(
        link(&network, "7#0", "9#0"),
        None,
        "the left turn is forbidden"
    );
    assert!(link(&network, "7#0", "8#0").is_some());
}

#[test]
fn the_hamburg_extract_becomes_a_network() {
    let Some(data) = crate::verify::data_root_or_skip("the_hamburg_extract_becomes_a_network")
    else {
        return;
    };
    let path = data.join("city/hamburg/hamburg-city-center-roads.osm");
    let (streets, _) = read_osm_streets(&path).unwrap();
    let (network, _) = from_streets(&streets);
    let found = check(&network);
    assert_eq!(found.broken, Vec::<String>::new());
    assert_eq!(found.idle_lanes, Vec::<u32>::new());
    let edges = network.edges.iter().filter(|edge| !edge.inner).count();
    let inside = connected(&network, VehicleClass::Passenger)
        .iter()
        .filter(|&&inside| inside)
        .count();
    println!(
        "{edges} edges, {inside} connected, {} signals, {} lead off the map",
        network.signals.len(),
        found.no_way_on.len()
    );
    assert!(
        inside * 4 > edges * 3,
        "{inside} of {edges} edges are connected"
    );
    assert!(
        (20..=80).contains(&network.signals.len()),
        "{}",
        network.signals.len()
    );
}
