//! Tests: what a scenario says wrongly is an error that names field, file and line; what has no effect is a finding.

use std::sync::Arc;

use super::tests::flat_city;
use super::{flood_input, memory_bytes};
use crate::city::sources::Roots;
use crate::city::{Breach, City, FloodWall, WallCrest};
use crate::finding::Finding;
use crate::flood::error::FloodError;
use crate::flood::study::run;
use crate::job::Job;
use crate::result::Quality;
use crate::scenario::Scenario;

const RAIN: &str = "rain = { kind = \"block\", depth_mm = 10.0, duration_s = 600.0 }\n";
const LEVEL: &str = "[[flood.boundary]]\nkind = \"level\"\nid = \"b\"\nside = \"south\"\n";
const INFLOW: &str = "[[flood.inflow]]\nid = \"i\"\nposition = [5, 5]\n";

fn scenario(flood: &str) -> Scenario {
    let head = "[scenario]\nversion = 1\nname = \"x\"\ncity = \"c.asc\"\n[flood]\ncell_m = 1.0\nduration_s = 1800.0\n";
    toml::from_str(&format!("{head}{flood}")).unwrap()
}

fn input_in(
    roots: &Roots,
    city: &City,
    flood: &str,
    job: &Job,
) -> Result<super::FloodInput, FloodError> {
    flood_input(city, city, &scenario(flood), roots, Quality::Exact, job)
}

/// Findings of a run on a city.
fn findings(city: &City, flood: &str) -> Vec<Finding> {
    let job = Job::default();
    input_in(&Roots::default(), city, flood, &job).unwrap();
    job.take_findings()
}

#[test]
fn a_wrong_file_is_an_error_with_field_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let raster = |value: &str| {
        format!(
            "ncols 2\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 15\nNODATA_value -9999\n{value} {value}\n"
        )
    };
    for (name, text) in [
        ("word.csv", "time_s,value\n0,1\n600,high\n".to_owned()),
        ("back.csv", "time_s,value\n0,1\n600,2\n300,1\n".to_owned()),
        ("negative.csv", "time_s,value\n0,1\n600,-2\n".to_owned()),
        ("huge.csv", "time_s,value\n0,1\n600,2e6\n".to_owned()),
        ("before.csv", "time_s,value\n-600,1\n600,2\n".to_owned()),
        (
            "kostra.csv",
            "Dauer;1;10\n5;6,1;9,8\n60;14,8;7,0\n".to_owned(),
        ),
        (
            "table.csv",
            "Dauer;1;10\n5;6,1;9,8\n60;14,8;24,0\n".to_owned(),
        ),
        ("negative.asc", raster("-0.5")),
        ("deep.asc", raster("700")),
        ("inf.asc", raster("1e30")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let roots = Roots {
        folder: folder.path().to_owned(),
        data: None,
    };
    let city = flat_city(30, 15, 1.0, 0.0);
    let series = |file: &str| format!("rain = {{ kind = \"series\", file = \"{file}\" }}\n");
    let euler = |file: &str, more: &str| {
        format!("rain = {{ kind = \"euler2\", files = [\"{file}\"], duration_s = 3600.0{more} }}\n")
    };
    for (flood, field, place) in [
        (
            format!("{LEVEL}file = \"word.csv\"\n"),
            "flood.boundary[1].file",
            "word.csv:3",
        ),
        (
            format!("{LEVEL}file = \"back.csv\"\n"),
            "flood.boundary[1].file",
            "back.csv:4",
        ),
        (
            format!("{LEVEL}file = \"huge.csv\"\n"),
            "flood.boundary[1].file",
            "huge.csv",
        ),
        (
            format!("{INFLOW}file = \"word.csv\"\n"),
            "flood.inflow[1].file",
            "word.csv:3",
        ),
        (
            format!("{INFLOW}file = \"negative.csv\"\n"),
            "flood.inflow[1].file",
            "negative.csv",
        ),
        (
            format!("{INFLOW}file = \"huge.csv\"\n"),
            "flood.inflow[1].file",
            "huge.csv",
        ),
        (series("word.csv"), "flood.rain.file", "word.csv:3"),
        (series("negative.csv"), "flood.rain.file", "negative.csv"),
        (series("before.csv"), "flood.rain.file", "before.csv"),
        (
            euler("kostra.csv", ", return_period_a = 10"),
            "flood.rain.files",
            "kostra.csv:3",
        ),
        (
            euler("table.csv", ", return_period_a = 10, index_rc = 5"),
            "flood.rain.files",
            "table.csv:1",
        ),
        (
            euler("table.csv", ", return_period_a = 100"),
            "flood.rain.return_period_a",
            "1 a to 10 a",
        ),
        (
            format!("{RAIN}manning_file = \"deep.asc\"\n"),
            "flood.manning_file",
            "deep.asc",
        ),
        (
            format!("{RAIN}rain_factor_file = \"negative.asc\"\n"),
            "flood.rain_factor_file",
            "negative.asc",
        ),
        (
            format!("{RAIN}rain_factor_file = \"inf.asc\"\n"),
            "flood.rain_factor_file",
            "inf.asc",
        ),
        (
            "[[flood.water]]\ndepth_file = \"negative.asc\"\n".to_owned(),
            "flood.water[1].depth_file",
            "negative.asc",
        ),
        (
            "[[flood.water]]\ndepth_file = \"deep.asc\"\n".to_owned(),
            "flood.water[1]",
            "700.0 m",
        ),
    ] {
        let error = input_in(&roots, &city, &flood, &Job::default()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains(field) && text.contains(place),
            "{flood}{text}"
        );
        assert_eq!(error.exit_code(), 65, "{text}");
    }
}

#[test]
fn water_that_is_no_water_of_a_city_is_refused() {
    let city = flat_city(30, 15, 1.0, 0.0);
    for (flood, code, field) in [
        (
            format!("{RAIN}[[flood.water]]\nlevel_m = 600.0\n"),
            "too-deep",
            "flood.water[1]",
        ),
        (
            format!("{LEVEL}level_m = 600.0\n"),
            "too-deep",
            "flood.boundary[1]",
        ),
        (
            format!(
                "{RAIN}manning_n = 0.0\n[[flood.boundary]]\nkind = \"normal_depth\"\nid = \"n\"\nside = \"east\"\nslope = 0.01\n"
            ),
            "no-friction",
            "flood.boundary[1]",
        ),
        (
            format!(
                "{RAIN}[[flood.boundary]]\nkind = \"free\"\nid = \"f\"\nline = [[0, 0], [10, 0], [10, 8]]\n"
            ),
            "no-edge",
            "[10, 8] on the line",
        ),
    ] {
        let error = input_in(&Roots::default(), &city, &flood, &Job::default()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("error[flood::{code}]")) && text.contains(field),
            "{flood}{text}"
        );
    }
}

#[test]
fn a_flood_beyond_all_depths_ends_with_an_error_in_both_solvers() {
    let city = flat_city(8, 8, 1.0, 0.0);
    for solver in ["full", "preview"] {
        let flood = format!("solver = \"{solver}\"\n{INFLOW}series = [[0, 10000]]\n");
        let input = input_in(&Roots::default(), &city, &flood, &Job::default()).unwrap();
        let error = run(&input, &Job::default()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("error[flood::too-deep]"),
            "{solver}: {text}"
        );
        assert!(text.contains("at most 512 m"), "{text}");
        assert_eq!(error.exit_code(), 65);
    }
}

#[test]
fn what_has_no_effect_is_told() {
    let flat = flat_city(30, 15, 1.0, 0.0);
    let wall = |crest| FloodWall {
        id: "w".to_owned(),
        line: vec![[3.0, 7.0], [20.0, 7.0]],
        crest,
        mobile: false,
    };
    let mut walled = flat.clone();
    walled.flood_walls = Arc::new(vec![wall(WallCrest::Level(-1.0))]);
    let mut broken = flat.clone();
    broken.flood_walls = Arc::new(vec![wall(WallCrest::Level(2.0))]);
    broken.breaches = Arc::new(vec![Breach {
        id: "b".to_owned(),
        line: vec![[10.0, 7.0]],
        width_m: 2.0,
        sill_m: None,
        start_s: 1800.0,
        duration_s: 60.0,
    }]);
    let late = RAIN.replace("600.0 }", "600.0, start_s = 1800.0 }");
    let cut = RAIN.replace("600.0 }", "600.0, start_s = 1500.0 }");
    for (city, flood, code, part) in [
        (
            &flat,
            format!("{RAIN}area = [-5, 0, 20, 10]\n"),
            "flood-area-cut",
            "[0, 0, 20, 10]",
        ),
        (&flat, late, "flood-late", "flood.rain"),
        (&flat, cut, "flood-rain-cut", "5.0"),
        (&broken, RAIN.to_owned(), "flood-breach-late", "b"),
        (&walled, RAIN.to_owned(), "flood-wall-low", "w"),
        (
            &flat,
            format!("{LEVEL}series = [[0, 0.1], [900, 0.2]]\n"),
            "flood-series-held",
            "flood.boundary[1].series",
        ),
        (
            &flat,
            format!("{INFLOW}series = [[0, 0.1], [900, 0.2]]\n"),
            "flood-series-held",
            "flood.inflow[1].series",
        ),
        (
            &flat,
            format!("{RAIN}sewer_area = \"sealed\"\n"),
            "flood-sewer-area",
            "flood.sewer_area",
        ),
        (
            &flat,
            format!("{RAIN}[[flood.water]]\nlevel_m = -0.5\n"),
            "flood-water-none",
            "flood.water[1]",
        ),
    ] {
        let found = findings(city, &flood);
        let codes: Vec<&str> = found.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, [code], "{flood}");
        let said = format!("{:?}", found[0]);
        assert!(said.contains(part), "{said}");
    }
    // What has its effect is not remarked upon.
    for (city, flood) in [
        (&flat, format!("{RAIN}area = [0, 0, 20, 10]\n")),
        (&flat, format!("{LEVEL}level_m = 0.2\n")),
        (&flat, format!("{INFLOW}series = [[0, 0.1], [1800, 0.2]]\n")),
    ] {
        assert_eq!(findings(city, &flood), [], "{flood}");
    }
}

#[test]
fn readings_of_gauges_take_memory_too() {
    let city = flat_city(30, 15, 1.0, 0.0);
    let gauge = "[[flood.gauge]]\nid = \"g\"\nposition = [5, 5]\n";
    let bytes = |flood: &str| memory_bytes(&city, &scenario(flood), Quality::Exact);
    let few = bytes(&format!("{RAIN}gauge_interval_s = 1.0\n{gauge}"));
    let many = bytes(&format!("{RAIN}gauge_interval_s = 0.0001\n{gauge}"));
    assert!(many - few > 1_800 * 9_999 * 100, "{few} {many}");
}
