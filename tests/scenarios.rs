//! The shipped scenarios, each run from the command line to its report, on a small part of its city.

use std::path::Path;

use planspiel::city::load::load_city;
use planspiel::job::Job;
use planspiel::scenario::{read_scenario, scenario_text};
use serde_json::Value;

use super::cli::Workplace;

/// Side of the part (m).
const SIDE_M: f64 = 120.0;

fn runs_to_its_report(name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(name);
    let text = std::fs::read_to_string(&file).unwrap();
    // The program runs in another folder.
    let data = planspiel::verify::data_root_or_skip(name).map(|d| d.canonicalize().unwrap());
    if text.contains("data:") && data.is_none() {
        return;
    }
    let loaded = read_scenario(&file, data.clone()).unwrap();
    let mut scenario = loaded.scenario;
    let city = load_city(&scenario, &loaded.roots, &Job::default()).unwrap();
    let sun = scenario.sun.as_mut().unwrap();
    let [east, north] = match sun.area {
        Some([west, south, east, north]) => [0.5 * (west + east), 0.5 * (south + north)],
        None => {
            let (lo, hi) = city.buildings[city.buildings.len() / 2].bounds();
            let [east, north, _] = city.frame.crs_from_local(nalgebra::center(&lo, &hi));
            [east, north]
        }
    };
    let half = 0.5 * SIDE_M;
    sun.area = Some([east - half, north - half, east + half, north + half]);
    let place = Workplace::new();
    let text = scenario_text(Some(&text), &scenario);
    place.write(name, text);
    let mut arguments = vec!["run", name, "--out", "out"];
    if let Some(data) = data.as_deref().and_then(Path::to_str) {
        arguments.extend(["--data", data]);
    }
    place.run(&arguments).ends_with(0);
    let read = |file: &str| std::fs::read_to_string(place.path("out").join(file)).unwrap();
    assert!(read("report.html").len() > 10_000);
    let summary: Value = serde_json::from_str(&read("summary.json")).unwrap();
    let variants = summary["variants"].as_array().unwrap();
    assert_eq!(variants.len(), scenario.variants.len() + 1);
    for variant in variants {
        let indicators = variant["simulations"][0]["indicators"].as_array().unwrap();
        assert!(!indicators.is_empty(), "{variant}");
        for indicator in indicators {
            let value = indicator["value"].as_f64().unwrap();
            let most = if indicator["unit"] == "%" {
                100.0
            } else {
                24.0
            };
            assert!((0.0..=most).contains(&value), "{indicator}");
        }
    }
}

#[test]
fn hafenquartier_runs_to_its_report() {
    runs_to_its_report("hafenquartier.toml");
}

#[test]
fn essen_runs_to_its_report() {
    runs_to_its_report("essen.toml");
}

#[test]
fn hamburg_runs_to_its_report() {
    runs_to_its_report("hamburg-innenstadt.toml");
}
