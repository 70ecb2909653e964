//! Sources of network and demand as settings name them, and what the user reads when they do not fit.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::city::City;
use crate::city::model::Street;
use crate::finding::Finding;
use crate::geo::{Crs, LocalFrame};
use crate::job::Job;
use crate::text::{Language, texts};
use crate::traffic::input::{TrafficInput, traffic_input};
use crate::traffic::params::{BusPriority, TrafficChange};
use crate::traffic::present::{input_findings, source_findings};
use crate::traffic::signals::priority::{Reason, RequestState};
use crate::traffic::study::{Timetable, run};

/// A place in Hamburg: longitude, latitude, and the same as easting and northing.
const LONLAT: [f64; 2] = [9.99, 53.55];
const PLACE: [f64; 2] = [565_600.0, 5_934_000.0];

/// Streets as a grid of three by three crossings some 200 m apart, with a signal in the middle. No street has lanes or a limit.
fn osm() -> String {
    let mut text = "<osm version=\"0.6\">\n".to_owned();
    for row in 0..5u32 {
        for col in 0..5u32 {
            let [lon, lat] = [
                LONLAT[0] + 0.003 * f64::from(col),
                LONLAT[1] + 0.0018 * f64::from(row),
            ];
            let signal = if (row, col) == (2, 2) {
                "<tag k=\"highway\" v=\"traffic_signals\"/>"
            } else {
                ""
            };
            let id = 10 * row + col + 1;
            text += &format!("<node id=\"{id}\" lon=\"{lon}\" lat=\"{lat}\">{signal}</node>\n");
        }
    }
    for line in 1..4u32 {
        let mut way = |id: u32, nodes: [u32; 5]| {
            let refs: String = nodes.iter().map(|n| format!("<nd ref=\"{n}\"/>")).collect();
            text += &format!("<way id=\"{id}\">{refs}<tag k=\"highway\" v=\"secondary\"/></way>\n");
        };
        way(100 + line, [0, 1, 2, 3, 4].map(|col| 10 * line + col + 1));
        way(200 + line, [0, 1, 2, 3, 4].map(|row| 10 * row + line + 1));
    }
    text + "</osm>"
}

/// A city that is one street through a place.
fn city([easting, northing]: [f64; 2]) -> City {
    let frame = LocalFrame::near(Crs::utm32(), easting, northing);
    City {
        streets: Arc::new(vec![Street {
            id: "s".to_owned(),
            class: "residential".to_owned(),
            name: None,
            width_m: 6.0,
            line: vec![[-1500.0, -1500.0], [1500.0, 1500.0]],
        }]),
        ..City::empty("test", frame)
    }
}

/// A folder with files, and the roots that lead there.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, Roots) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let roots = Roots {
        folder: folder.path().to_owned(),
        data: None,
    };
    (folder, roots)
}

fn of_osm() -> TrafficParams {
    TrafficParams {
        osm: Some("a.osm".to_owned()),
        vehicles_per_h: Some(600.0),
        end_s: Some(900.0),
        ..TrafficParams::default()
    }
}

fn of_sample() -> TrafficParams {
    TrafficParams {
        network: Some(SAMPLE_NETWORK.to_owned()),
        ..TrafficParams::default()
    }
}

fn message(params: &TrafficParams, roots: &Roots) -> String {
    let error = read_source(params, roots).err().expect("an error");
    error.to_string()
}

fn shows(findings: &[Finding], code: &str) -> Option<String> {
    let found = findings.iter().find(|finding| finding.code == code)?;
    for language in [Language::De, Language::En] {
        let text = texts(language).finding(found);
        assert!(!text.contains('[') && !text.contains('{'), "{text}");
    }
    found.args.get("count").cloned()
}

#[test]
fn exactly_one_source_is_named() {
    let (_folder, roots) = folder(&[("a.osm", &osm())]);
    let none = message(&TrafficParams::default(), &roots);
    assert!(none.starts_with("error[traffic::no-network]"), "{none}");
    assert!(none.contains("none of `sumo`, `network`, `osm`"), "{none}");
    let both = TrafficParams {
        network: Some(SAMPLE_NETWORK.to_owned()),
        ..of_osm()
    };
    let both = message(&both, &roots);
    assert!(
        both.contains("found: 2 of `sumo`, `network`, `osm`"),
        "{both}"
    );
    assert!(both.contains("sample:hafenquartier"), "{both}");
}

#[test]
fn sample_city_comes_with_signals_lines_and_a_demand_that_is_named_as_generated() {
    let (_folder, roots) = folder(&[]);
    let params = TrafficParams {
        vehicles_per_h: Some(900.0),
        demand_seed: Some(5),
        end_s: Some(1800.0),
        ..of_sample()
    };
    let source = read_source(&params, &roots).unwrap();
    assert_eq!(
        (source.kind, source.network.signals.len()),
        (NetworkKind::Sample, 9)
    );
    let generated = source.generated.unwrap();
    assert_eq!((generated.vehicles(), generated.seed), (450.0, 5));
    let buses = source
        .demand
        .trips
        .iter()
        .filter(|trip| !trip.line.is_empty());
    assert!(buses.count() > 15);
    let input = input_of(&params, &roots, Vec::new());
    let findings = source_findings(&input);
    assert_eq!(
        shows(&findings, "traffic-demand-generated").as_deref(),
        Some("450")
    );
    shows(&findings, "traffic-network-invented");
    let lines = findings.iter().find(|f| f.code == "traffic-lines-invented");
    assert_eq!(lines.unwrap().args["lines"], "1, 2, 3");
    let findings = input_findings(&input.network, &input.notes);
    assert_eq!(
        shows(&findings, "traffic-guessed-signals").as_deref(),
        Some("9")
    );
    // Other things of the sample are no network, and there is one sample only.
    let other = |network: &str| TrafficParams {
        network: Some(network.to_owned()),
        ..TrafficParams::default()
    };
    let text = message(&other("sample:hafenquartier/terrain.tif"), &roots);
    assert!(
        text.contains("traffic.network") && text.contains("no-network"),
        "{text}"
    );
    let text = message(&other("sample:altona"), &roots);
    assert!(text.contains("no such sample"), "{text}");
}

/// Everything of a study on the place of the sample or of the grid.
fn input_of(params: &TrafficParams, roots: &Roots, changes: Vec<TrafficChange>) -> TrafficInput {
    let place = if params.is_sample() {
        crate::city::sample::ORIGIN
    } else {
        PLACE
    };
    let mut city = city(place);
    city.traffic_changes = Arc::new(changes);
    match traffic_input(&city, params, roots, &Job::default()) {
        Ok(input) => input,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn streets_of_a_map_get_a_demand_and_what_was_guessed_is_counted() {
    let (_folder, roots) = folder(&[("a.osm", &osm())]);
    let input = input_of(&of_osm(), &roots, Vec::new());
    assert_eq!(input.kind, NetworkKind::OpenStreetMap);
    assert_eq!(input.files.len(), 1);
    assert_eq!(input.demand.trips.len(), 150);
    assert!(input.demand.trips.iter().all(|trip| trip.depart_s < 900.0));
    let findings = input_findings(&input.network, &input.notes);
    for (code, count) in [
        ("traffic-street-speed-guessed", "6"),
        ("traffic-street-lanes-guessed", "6"),
        ("traffic-guessed-signals", "1"),
    ] {
        assert_eq!(shows(&findings, code).as_deref(), Some(count), "{code}");
    }
    assert!(shows(&source_findings(&input), "traffic-demand-generated").is_some());
    // A second run of the settings is the same, another seed is not.
    let again = input_of(&of_osm(), &roots, Vec::new());
    assert_eq!(input.demand.trips, again.demand.trips);
    let other = TrafficParams {
        demand_seed: Some(2),
        ..of_osm()
    };
    assert_ne!(
        input.demand.trips,
        input_of(&other, &roots, Vec::new()).demand.trips
    );
}

#[test]
fn every_note_of_streets_has_a_text_in_both_languages() {
    let codes = [
        "speed-guessed",
        "lanes-guessed",
        "lane-tags-changed",
        "turns-changed",
        "restriction-left-out",
        "street-nodes-missing",
        "ways-left-out",
        "crossings-left-out",
        "signals-left-out",
        "junctions-joined",
    ];
    // All that the importer and the network from streets can say stand in the list.
    for source in [
        include_str!("../network/osm.rs"),
        include_str!("../network/osm_tags.rs"),
        include_str!("../network/lay/mod.rs"),
    ] {
        for word in source.split('"').skip(1).step_by(2) {
            let letters = |b: u8| b == b'-' || b.is_ascii_lowercase();
            let is_code = word.contains('-') && word.bytes().all(letters);
            let others = ["signal-guessed", "no-streets"];
            let known = codes.contains(&word) || others.contains(&word);
            assert!(!is_code || known, "{word} has no text");
        }
    }
    for code in codes {
        let note = Note {
            code,
            id: String::new(),
            place: String::new(),
            words: Vec::new(),
            count: 12_345,
        };
        let findings = input_findings(&Network::default(), &[note]);
        let german = texts(Language::De).finding(&findings[0]);
        assert!(
            german.contains("12.345") && findings[0].code.starts_with("traffic-street"),
            "{german}"
        );
    }
}

#[test]
fn every_note_of_files_of_sumo_has_a_text_in_both_languages() {
    let mut codes = BTreeSet::new();
    for source in [
        include_str!("../sumo/config.rs"),
        include_str!("../sumo/demand.rs"),
        include_str!("../sumo/foot.rs"),
        include_str!("../sumo/network.rs"),
        include_str!("../sumo/places.rs"),
        include_str!("../sumo/read.rs"),
        include_str!("../sumo/routes.rs"),
        include_str!("../sumo/signals.rs"),
        include_str!("../sumo/types.rs"),
        include_str!("../sumo/words.rs"),
    ] {
        // The first text of a call is the code.
        for call in source.split(".note(").skip(1) {
            codes.extend(call.split('"').nth(1));
        }
        let options = source.split('"').skip(1).step_by(2);
        codes.extend(options.filter(|word| *word == "option" || word.starts_with("option-")));
    }
    assert!(codes.len() > 20, "{codes:?}");
    for code in codes {
        let note = Note {
            code,
            id: String::new(),
            place: String::new(),
            words: vec!["word_a".to_owned(), "word_b".to_owned()],
            count: 12_345,
        };
        let findings = input_findings(&Network::default(), &[note]);
        let [german, english] =
            [Language::De, Language::En].map(|language| texts(language).finding(&findings[0]));
        for text in [&german, &english] {
            let whole = text.len() > 40 && !text.contains(['{', '$']);
            assert!(whole && !text.contains("traffic-sumo"), "{code}: {text}");
        }
        assert_ne!(german, english, "{code}");
        // What the English names, the German names too.
        for word in ["word_a", "word_b", "345"] {
            assert_eq!(german.contains(word), english.contains(word), "{code}");
        }
    }
}

#[test]
fn routes_of_sumo_drive_on_streets_of_a_map() {
    let routes = r#"<routes><vType id="bus" vClass="bus"/><vehicle id="b" type="bus" depart="3" line="9"><route edges="101#0 101#1 101#2"/></vehicle>
        <trip id="t" depart="1" from="101#0" to="-203#0"/></routes>"#;
    let wrong = r#"<routes><trip id="t" depart="1" from="101#0" to="203#9"/></routes>"#;
    let (_folder, roots) = folder(&[
        ("a.osm", &osm()),
        ("r.rou.xml", routes),
        ("w.rou.xml", wrong),
    ]);
    let with = |demand: &str| TrafficParams {
        demand: vec![demand.to_owned()],
        vehicles_per_h: None,
        ..of_osm()
    };
    let input = input_of(&with("r.rou.xml"), &roots, Vec::new());
    assert_eq!((input.demand.trips.len(), input.generated), (2, None));
    assert_eq!(input.demand.trips[1].edges.len(), 3);
    assert_eq!(input.files.len(), 2);
    let text = message(&with("w.rou.xml"), &roots);
    assert!(
        text.contains("unknown-edge") && text.contains("203#9"),
        "{text}"
    );
}

#[test]
fn unusable_maps_give_one_clear_error() {
    let elsewhere = osm().replace("lat=\"53.", "lat=\"48.");
    let footways = osm().replace("secondary", "footway");
    let short = r#"<osm><node id="1" lon="9.99" lat="53.55"/><node id="2" lon="9.991" lat="53.55"/><way id="1"><nd ref="1"/><nd ref="2"/>
        <tag k="highway" v="residential"/></way></osm>"#;
    let files = [
        ("a.osm", elsewhere.as_str()),
        ("empty.osm", ""),
        ("feet.osm", footways.as_str()),
        ("short.osm", short),
    ];
    let (_folder, roots) = folder(&files);
    let of = |osm: &str| TrafficParams {
        osm: Some(osm.to_owned()),
        ..of_osm()
    };
    for (file, code) in [
        ("empty.osm", "error[city::empty]"),
        ("feet.osm", "error[osm::no-streets]"),
        ("short.osm", "error[traffic::no-trips]"),
        ("nowhere.osm", "error[city::missing]"),
    ] {
        let text = message(&of(file), &roots);
        assert!(text.starts_with(code), "{file}: {text}");
        let place = if file == "short.osm" {
            "vehicles_per_h"
        } else {
            "traffic.osm"
        };
        assert!(text.contains(place), "{file}: {text}");
    }
    let error = traffic_input(&city(PLACE), &of("a.osm"), &roots, &Job::default());
    let text = error.err().unwrap().to_string();
    for part in [
        "error[traffic::outside-city]",
        "a.osm",
        "traffic.osm",
        "found: streets from",
        "expected:",
        "help:",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    // The sample's streets in another town.
    let error = traffic_input(
        &city([400_000.0, 5_500_000.0]),
        &of_sample(),
        &roots,
        &Job::default(),
    );
    assert!(error.err().unwrap().to_string().contains("outside-city"));
    let many = TrafficParams {
        vehicles_per_h: Some(100_000.0),
        end_s: Some(86_400.0),
        ..of_sample()
    };
    let text = message(&many, &roots);
    assert!(
        text.contains("too-many-vehicles") && text.contains("2400000 vehicles"),
        "{text}"
    );
}

#[test]
fn priority_without_buses_is_an_error() {
    let (_folder, roots) = folder(&[("a.osm", &osm())]);
    let mut city = city(PLACE);
    city.traffic_changes = Arc::new(vec![TrafficChange::BusPriority(BusPriority::default())]);
    let error = traffic_input(&city, &of_osm(), &roots, &Job::default());
    let text = error.err().unwrap().to_string();
    assert!(text.contains("error[traffic::no-buses]"), "{text}");
}

#[test]
fn only_late_buses_get_priority_against_a_derived_timetable() {
    let (_folder, roots) = folder(&[]);
    let params = TrafficParams {
        end_s: Some(1500.0),
        seeds: 2,
        ..of_sample()
    };
    let study = |only_late_s: Option<f64>| {
        let priority = BusPriority {
            only_late_s,
            ..BusPriority::default()
        };
        let input = input_of(&params, &roots, vec![TrafficChange::BusPriority(priority)]);
        run(&input, &params, 3, params.seeds, &Job::default()).unwrap()
    };
    let strict = study(Some(10.0));
    let Some(Timetable::Derived { runs, buses, .. }) = &strict.timetable else {
        panic!("{:?}", strict.timetable);
    };
    assert_eq!(*runs, 2);
    assert!(*buses > 10, "{buses}");
    let events = |run: &crate::traffic::study::TrafficRun| {
        run.seeds[0].detail.as_ref().unwrap().requests.clone()
    };
    let refused = events(&strict);
    let granted = |event: &&crate::traffic::signals::priority::PriorityEvent| {
        event.state == RequestState::Granted
    };
    let not_late = refused
        .iter()
        .filter(|event| event.reason == Reason::NotLate);
    assert!(not_late.clone().count() > 10);
    for event in not_late {
        assert_eq!(event.state, RequestState::Rejected);
        assert!(event.late_s.unwrap() < 10.0, "{event:?}");
    }
    assert!(
        refused.iter().any(|event| granted(&event)),
        "a late bus gets it"
    );
    for event in refused.iter().filter(granted) {
        assert!(event.late_s.unwrap() >= 10.0, "{event:?}");
    }
    // Without the condition nobody is refused for it, more is granted, and no timetable is derived.
    let all = study(None);
    assert_eq!(all.timetable, None);
    assert!(
        events(&all)
            .iter()
            .all(|event| event.reason != Reason::NotLate)
    );
    let count = |run| events(run).iter().filter(granted).count();
    assert!(
        count(&all) > count(&strict),
        "{} {}",
        count(&all),
        count(&strict)
    );
}
