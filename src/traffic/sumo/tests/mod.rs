//! Tests on whole scenarios: here the small one and how it is read; beside it faults put into it, damaged files, and the two real
//! networks.

mod damage;
mod faults;
mod files;
mod real;

use std::path::PathBuf;

use super::config::Config;
use super::log::Log;
use super::read::assemble;
use super::xml::Source;
use super::*;
use crate::traffic::demand::{DepartLane, DepartSpeed};
use crate::traffic::network::{Aspect, Control, NONE, Network, ProgramKind, Turn, VehicleClass};

/// Two streets that join at a signal: `w` (two lanes, the right one for buses) goes straight on to `e`, `n` turns left onto it and
/// waits inside.
const NET: &str = r#"<net version="1.20">
    <location netOffset="-500.5,-600" projParameter="+proj=utm +zone=32"/>
    <type id="street"/>
    <edge id=":C_0" function="internal">
        <lane id=":C_0_0" index="0" speed="5" length="4" shape="100,4 101,2"/>
    </edge>
    <edge id=":C_1" function="internal">
        <lane id=":C_1_0" index="0" allow="bus" speed="13.9" length="10" shape="95,0 105,0"/>
        <lane id=":C_1_1" index="1" speed="13.9" length="10" shape="95,3 105,3"/>
    </edge>
    <edge id=":C_3" function="internal">
        <lane id=":C_3_0" index="0" speed="5" length="6" shape="101,2 105,3"/>
    </edge>
    <edge id="w" from="W" to="C" priority="3" name="Weststraße">
        <lane id="w_0" index="0" allow="bus" speed="13.9" length="95" width="3.5" shape="0,0 95,0"/>
        <lane id="w_1" index="1" disallow="pedestrian" speed="13.9" length="95" shape="0,3 95,3"/>
    </edge>
    <edge id="e" from="C" to="E">
        <lane id="e_0" index="0" speed="13.9" length="95" shape="105,0 200,0"/>
        <lane id="e_1" index="1" speed="13.9" length="95" shape="105,3 200,3"/>
    </edge>
    <edge id="n" from="N" to="C"><lane id="n_0" index="0" speed="8" length="96" shape="100,100 100,4"/></edge>
    <tlLogic id="S" type="actuated" programID="0" offset="7">
        <phase duration="20" minDur="5" maxDur="40" state="gGG" name="all"/>
        <phase duration="3" state="yyy"/>
        <phase duration="10" state="rur" next="0 1"/>
        <param key="max-gap" value="4"/>
    </tlLogic>
    <junction id="C" type="traffic_light" x="100" y="0" incLanes="n_0 w_0 w_1" intLanes=":C_3_0 :C_1_0 :C_1_1" shape="95,-2 105,-2 105,4">
        <request index="0" response="110" foes="110" cont="1"/>
        <request index="1" response="000" foes="001" cont="0"/>
        <request index="2" response="000" foes="001" cont="0"/>
    </junction>
    <junction id="W" type="dead_end" x="0" y="0" incLanes="" intLanes=""/>
    <junction id="E" type="dead_end" x="200" y="0" incLanes="e_0 e_1" intLanes=""/>
    <junction id="N" type="dead_end" x="100" y="100" incLanes="" intLanes=""/>
    <junction id=":C_3_0" type="internal" x="101" y="2" incLanes=":C_0_0 w_0" intLanes=":C_1_0 :C_1_1"/>
    <connection from="w" to="e" fromLane="0" toLane="0" via=":C_1_0" tl="S" linkIndex="1" dir="s" state="O"/>
    <connection from="w" to="e" fromLane="1" toLane="1" via=":C_1_1" tl="S" linkIndex="2" dir="s" state="O" keepClear="0"/>
    <connection from="n" to="e" fromLane="0" toLane="1" via=":C_0_0" tl="S" linkIndex="0" dir="l" state="o"/>
    <connection from=":C_0" to="e" fromLane="0" toLane="1" via=":C_3_0" dir="l" state="m"/>
    <connection from=":C_1" to="e" fromLane="0" toLane="0" dir="s" state="M"/>
    <connection from=":C_1" to="e" fromLane="1" toLane="1" dir="s" state="M"/>
    <connection from=":C_3" to="e" fromLane="0" toLane="1" dir="l" state="M"/>
</net>
"#;

/// Things and vehicles on it.
const DEMAND: &str = r#"<additional>
    <vType id="car" vClass="passenger" sigma="0" speedFactor="normc(1.1,0.1,0.8,1.4)" speedDev="0.05" lcAssertive="1.2"/>
    <vType id="coach" vClass="bus" carFollowModel="IDM" decel="9" length="13.5"/>
    <vTypeDistribution id="mix">
        <vType id="small" probability="3"/>
        <vType id="van" vClass="delivery" probability="1"/>
    </vTypeDistribution>
    <busStop id="stop" lane="e_0" startPos="20" endPos="-45" lines="3 4 --" name="Markt"/>
    <e1Detector id="loop" lane="w_1" pos="-10" freq="60"/>
    <tlLogic id="S" type="static" programID="night" offset="0:01:00"><phase duration="5" state="ooo"/></tlLogic>
    <route id="through" edges="w e"><stop busStop="stop" duration="20" until="50" parking="1"/></route>
    <vehicle id="late" type="car" depart="0:01:40" departLane="0" departSpeed="max" departPos="12.5"><route edges="n e"/></vehicle>
    <vehicle id="bus" type="coach" depart="10" departLane="best" departSpeed="desired" line="3" route="through" arrivalPos="-1"/>
    <trip id="trip" from="w" to="e" depart="5"/>
    <flow id="flow" type="mix" begin="100" end="400" number="3" from="w" to="e"/>
</additional>
"#;

fn scenario(net: &str, demand: &str) -> Result<SumoScenario, SumoError> {
    let demand = Source::decode("a.xml".into(), demand.as_bytes().to_vec())?;
    let net = Source::decode("a.net.xml".into(), net.as_bytes().to_vec())?;
    assemble(
        &Config::default(),
        &net,
        || Ok(vec![demand]),
        Log::default(),
    )
}

/// Folder of the shared test data, or `None` after printing why the test is skipped.
fn data(test: &str, folder: &str) -> Option<PathBuf> {
    crate::verify::data_folder_or_skip(test, &format!("mobility/{folder}"))
}

fn lane_name(network: &Network, lane: u32) -> String {
    format!(
        "{}_{}",
        network.edge_of(lane).id,
        network.place_in_edge(lane)
    )
}

#[test]
fn small_network_becomes_chains_with_right_of_way() {
    let network = scenario(NET, "<routes/>").unwrap().network;
    assert_eq!(network.origin, [500.5, 600.0]);
    assert_eq!(network.crs, "+proj=utm +zone=32");
    let ids: Vec<&str> = network.edges.iter().map(|edge| edge.id.as_str()).collect();
    assert_eq!(ids, ["w", "e", "n", ":C_0", ":C_1", ":C_3"]);
    let west = &network.edges[0];
    assert_eq!(
        (west.name.as_str(), west.priority, west.lanes.clone()),
        ("Weststraße", 3, 0..2)
    );
    assert_eq!(
        (network.lanes[0].width_m, network.lanes[1].width_m),
        (3.5, 3.2)
    );
    assert!(!network.may_drive(0, VehicleClass::Passenger));
    assert!(network.may_drive(1, VehicleClass::Passenger));

    // The left turn: onto the first inner lane, at its end the waiting place, then off the junction.
    let (first, link) = network.links_of(4).next().unwrap();
    assert_eq!(lane_name(&network, link.to), ":C_0_0");
    assert_eq!(lane_name(&network, link.target), "e_1");
    assert_eq!(
        (
            link.turn,
            link.waits_inside,
            link.request,
            link.signal,
            link.signal_place
        ),
        (Turn::Left, true, 0, 0, 0)
    );
    let straight: Vec<u32> = [0, 1]
        .map(|lane| network.links_of(lane).next().unwrap().0)
        .into();
    assert_eq!(link.yields_to, straight);
    assert_eq!(link.foes, straight);
    let (_, second) = network.links_of(link.to).next().unwrap();
    assert_eq!(lane_name(&network, second.to), ":C_3_0");
    assert_eq!(
        (second.request, second.signal, second.waits_inside),
        (0, NONE, false)
    );
    assert_eq!(second.yields_to, straight);
    let (_, off) = network.links_of(second.to).next().unwrap();
    assert_eq!((off.to, off.target, off.request), (3, 3, NONE));
    assert!(off.yields_to.is_empty() && off.foes.is_empty());

    let through = &network.links[straight[1] as usize];
    assert!(!through.keep_clear && network.links[straight[0] as usize].keep_clear);
    assert!(through.yields_to.is_empty());
    assert_eq!(through.foes, [first]);
    let junction = &network.junctions[0];
    assert_eq!(junction.control, Control::Signals);
    assert_eq!(junction.links, [first, straight[0], straight[1]]);

    let signal = &network.signals[0];
    assert_eq!(
        signal.links,
        [vec![first], vec![straight[0]], vec![straight[1]]]
    );
    let program = &signal.programs[0];
    assert_eq!(
        (program.kind, program.offset_s, program.place.as_str()),
        (ProgramKind::Actuated, 7.0, "a.net.xml:23")
    );
    assert_eq!((program.max_gap_s, program.detector_gap_s), (4.0, 2.0));
    assert_eq!(
        program
            .phases
            .iter()
            .map(|p| (p.min_s, p.max_s))
            .collect::<Vec<_>>(),
        [(5.0, 40.0), (3.0, 3.0), (10.0, 10.0)]
    );
    assert_eq!(
        program.phases[0].state,
        [Aspect::GreenYield, Aspect::Green, Aspect::Green]
    );
    assert_eq!(program.phases[2].state[1], Aspect::RedAmber);
    assert_eq!(program.phases[2].next, [0, 1]);
}

#[test]
fn network_without_inner_lanes_counts_its_links() {
    let mut net = String::new();
    for line in NET.lines() {
        let inner = line.contains("from=\":") || line.contains("type=\"internal\"");
        if !inner {
            net += &line
                .replace("intLanes=\":C_3_0 :C_1_0 :C_1_1\"", "intLanes=\"\"")
                .replace(" via=\":C_1_0\"", "")
                .replace(" via=\":C_1_1\"", "")
                .replace(" via=\":C_0_0\"", "");
            net.push('\n');
        }
    }
    while let Some(from) = net.find("    <edge id=\":") {
        let to = from + net[from..].find("</edge>").unwrap() + "</edge>".len();
        net.replace_range(from..to, "");
    }
    let network = scenario(&net, "<routes/>").unwrap().network;
    assert_eq!((network.edges.len(), network.links.len()), (3, 3));
    assert!(network.links.iter().all(|link| link.to == link.target));
    let (left, link) = network.links_of(4).next().unwrap();
    assert_eq!(
        (link.request, link.yields_to.len(), link.waits_inside),
        (0, 2, false)
    );
    assert_eq!(network.junctions[0].links[0], left);
}

#[test]
fn demand_is_read_with_defaults_and_sorted() {
    let scenario = scenario(NET, DEMAND).unwrap();
    let demand = &scenario.demand;
    let ids: Vec<&str> = demand.trips.iter().map(|trip| trip.id.as_str()).collect();
    assert_eq!(
        ids,
        ["trip", "bus", "late", "flow.0", "flow.1", "flow.2"],
        "by departure, equal times in the order of the file"
    );
    assert_eq!(demand.trips[5].depart_s, 300.0);
    let car = &demand.types[0];
    assert_eq!(car.speed_factor, [1.1, 0.05, 0.8, 1.4]);
    assert_eq!(
        (car.sigma, car.lane_change_assertive, car.length_m),
        (0.0, 1.2, 5.0)
    );
    let coach = &demand.types[1];
    assert_eq!(
        (
            coach.length_m,
            coach.decel_m_s2,
            coach.emergency_decel_m_s2,
            coach.accel_m_s2
        ),
        (13.5, 9.0, 9.0, 1.2),
        "the deceleration of an emergency is not less than the usual one"
    );

    let trip = &demand.trips[0];
    assert!(!trip.routed);
    assert_eq!(
        demand.types[trip.vehicle_type as usize].id,
        "DEFAULT_VEHTYPE"
    );
    assert_eq!(
        (trip.depart_lane, trip.depart_pos_m, trip.depart_speed),
        (DepartLane::Best, None, DepartSpeed::Mean)
    );
    let bus = &demand.trips[1];
    assert!(bus.routed);
    assert_eq!((bus.line.as_str(), bus.arrival_pos_m), ("3", Some(-1.0)));
    assert_eq!(bus.depart_speed, DepartSpeed::Limit);
    let call = &bus.calls[0];
    assert_eq!((call.duration_s, call.off_lane), (20.0, true));
    assert_eq!(
        call.until_s,
        Some(60.0),
        "times of a named route count from the departure"
    );
    let stop = &demand.stops[call.stop as usize];
    assert_eq!(
        (stop.start_m, stop.end_m, stop.name.as_str()),
        (20.0, 50.0, "Markt")
    );
    assert_eq!(stop.lines, ["3", "4"]);
    let late = &demand.trips[2];
    assert_eq!(late.depart_lane, DepartLane::Given(0));

    assert_eq!(
        (
            demand.detectors[0].position_m,
            demand.detectors[0].interval_s
        ),
        (85.0, 60.0)
    );
    let programs = &scenario.network.signals[0].programs;
    assert_eq!(programs.len(), 2);
    assert_eq!(programs[1].id, "night");
}

#[test]
fn distributions_depend_on_seed_and_id_alone() {
    let flow = r#"<routes><vTypeDistribution id="mix"><vType id="a" probability="3"/><vType id="b" probability="1"/></vTypeDistribution>
        <vTypeDistribution id="list" vTypes="a b" probabilities="0 1"/>
        <flow id="f" type="mix" begin="0" end="4000" period="1" from="w" to="e"/>
        <flow id="g" type="list" begin="0" end="10" vehsPerHour="3600" from="w" to="e"/></routes>"#;
    let first = scenario(NET, flow).unwrap().demand;
    let second = scenario(
        NET,
        &flow.replace("<routes>", "<routes><vType id=\"other\"/>"),
    )
    .unwrap()
    .demand;
    let kinds = |demand: &crate::traffic::demand::Demand| -> Vec<(String, String)> {
        let kind = |index: u32| demand.types[index as usize].id.clone();
        demand
            .trips
            .iter()
            .map(|t| (t.id.clone(), kind(t.vehicle_type)))
            .collect()
    };
    assert_eq!(kinds(&first), kinds(&second));
    let count = |id: &str| kinds(&first).iter().filter(|(_, kind)| kind == id).count();
    assert!((2_850..3_150).contains(&count("a")), "{}", count("a"));
    assert!(
        kinds(&first)
            .iter()
            .filter(|(id, _)| id.starts_with('g'))
            .all(|(_, kind)| kind == "b")
    );
}

#[test]
fn flows_are_spread_as_their_attributes_say() {
    let times = |attributes: &str| -> Vec<f64> {
        let text = format!("<routes><flow id=\"f\" {attributes} from=\"w\" to=\"e\"/></routes>");
        let trips = scenario(NET, &text).unwrap().demand.trips;
        trips.iter().map(|trip| trip.depart_s).collect()
    };
    assert_eq!(
        times("begin='10' end='50' number='4'"),
        [10.0, 20.0, 30.0, 40.0]
    );
    assert_eq!(times("begin='0' end='5' period='2'"), [0.0, 2.0, 4.0]);
    assert_eq!(times("begin='0' number='2' period='2'"), [0.0, 2.0]);
    assert_eq!(times("begin='0' end='3' vehsPerHour='3600'").len(), 3);
    let chance = times("begin='0' end='10000' probability='0.25'").len();
    // Binomial with a standard deviation of 43.
    assert!((2_300..2_700).contains(&chance), "{chance}");
    let poisson = times("begin='0' end='10000' period='exp(0.5)'").len();
    // Poisson with a standard deviation of 71.
    assert!((4_700..5_300).contains(&poisson), "{poisson}");
}

#[test]
fn stops_of_trips_become_part_of_the_way_and_times_of_flows_move_along() {
    let text = r#"<routes>
        <flow id="f" begin="100" end="300" number="2"><route edges="w e"/><stop lane="e_1" endPos="30" until="150" duration="5"/></flow>
        <trip id="t" from="w" to="e" depart="0"><stop lane="e_1" endPos="30" duration="5"/></trip></routes>"#;
    let demand = scenario(NET, text).unwrap().demand;
    let until: Vec<_> = demand.trips.iter().map(|t| t.calls[0].until_s).collect();
    assert_eq!(until, [None, Some(150.0), Some(250.0)]);
    assert_eq!(demand.stops.len(), 1, "the same place is one place");
    assert!((demand.stops[0].start_m - 29.8).abs() < 1e-4);
    assert_eq!(demand.trips[0].edges, [0, 1]);
}

#[test]
fn crossings_with_a_signal_come_over() {
    let net = NET
        .replace(
            "<edge id=\"w\"",
            "<edge id=\":C_c0\" function=\"crossing\" crossingEdges=\"w\"><lane id=\":C_c0_0\" index=\"0\" speed=\"1\" length=\"8\" shape=\"97,-2 97,6\"/></edge><edge id=\"w\"",
        )
        .replace("gGG", "gGGr")
        .replace("yyy", "yyyr")
        .replace("rur", "rurG")
        .replace("</net>", "<connection from=\":C_w0\" to=\":C_c0\" fromLane=\"0\" toLane=\"0\" tl=\"S\" linkIndex=\"3\"/></net>");
    let scenario = scenario(&net, "<routes/>").unwrap();
    let network = &scenario.network;
    let [crossing] = network.signals[0].crossings.as_slice() else {
        panic!("{:?}", network.signals[0].crossings)
    };
    assert_eq!(
        (crossing.place, crossing.length_m, crossing.leaving_m),
        (3, 8.0, 0.0)
    );
    let edges = crossing
        .entering
        .iter()
        .map(|&link| network.links[link as usize].from);
    let ids: Vec<&str> = edges
        .map(|lane| network.edge_of(lane).id.as_str())
        .collect();
    assert_eq!(
        (ids.as_slice(), crossing.leaving.len()),
        (&["w", "w"][..], 0)
    );
    assert_eq!(network.signals[0].links.len(), 4);
    assert!(
        scenario
            .notes
            .iter()
            .all(|note| note.code != "pedestrian-edge")
    );
}

#[test]
fn people_on_foot_are_left_out_with_notes() {
    let net = NET
        .replace(
            "<edge id=\"w\"",
            "<edge id=\":C_c0\" function=\"crossing\"><lane id=\":C_c0_0\" index=\"0\" speed=\"1\" length=\"8\" shape=\"0,0 1,1\"/></edge><edge id=\":C_w0\" function=\"walkingarea\"/><edge id=\"w\"",
        )
        .replace(":C_1_0 :C_1_1\" shape", ":C_1_0 :C_1_1 :C_c0_0\" shape")
        .replace("\"110\"", "\"1110\"")
        .replace("\"000\"", "\"1000\"")
        .replace("\"001\"", "\"1001\"")
        .replace("</junction>", "<request index=\"3\" response=\"0000\" foes=\"0111\" cont=\"0\"/></junction>")
        .replace("</net>", "<connection from=\":C_w0\" to=\":C_c0\" fromLane=\"0\" toLane=\"0\" tl=\"S\" linkIndex=\"3\"/></net>");
    let scenario = scenario(
        &net,
        "<routes><person id=\"p\"/><person id=\"q\"/></routes>",
    )
    .unwrap();
    let junction = &scenario.network.junctions[0];
    assert_eq!((junction.links.len(), junction.links[3]), (4, NONE));
    assert!(
        scenario
            .network
            .links
            .iter()
            .all(|link| link.yields_to.len() < 3)
    );
    let codes: Vec<&str> = scenario.notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["pedestrian-edge", "pedestrian-edge", "not-read"]);
    assert_eq!(scenario.notes[2].words, ["person", "additional"]);
    assert_eq!(scenario.notes[2].count, 2);
}
