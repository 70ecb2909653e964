//! The command line as a person or a script meets it: texts, exit codes, streams, files.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Three blocks of 20 × 20 m in a row from west to east, 12, 30 and 9 m high.
const CITY: &str = r#"{"type":"FeatureCollection","features":[
{"type":"Feature","id":"b1","properties":{"height":12.0},"geometry":{"type":"Polygon","coordinates":[[[565000,5934000],[565020,5934000],[565020,5934020],[565000,5934020],[565000,5934000]]]}},
{"type":"Feature","id":"b2","properties":{"height":30.0},"geometry":{"type":"Polygon","coordinates":[[[565040,5934000],[565060,5934000],[565060,5934020],[565040,5934020],[565040,5934000]]]}},
{"type":"Feature","id":"b3","properties":{"height":9.0},"geometry":{"type":"Polygon","coordinates":[[[565080,5934000],[565100,5934000],[565100,5934020],[565080,5934020],[565080,5934000]]]}}]}"#;

pub const SCENARIO: &str = r#"[scenario]
version = 1
name = "Three blocks"

[city]
crs = "EPSG:25832"

[[city.layer]]
kind = "buildings"
path = "blocks.geojson"

[sun]
dates = ["2027-03-21"]
ground_spacing_m = 10.0
facade_spacing_m = 2.0
roof_spacing_m = 10.0

[[variant]]
name = "Tower"
[[variant.edit]]
kind = "set_height"
building = "b2"
height_m = 60.0
[[variant.edit]]
kind = "remove"
building = "b3"
"#;

pub struct Workplace {
    dir: tempfile::TempDir,
}

impl Workplace {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("blocks.geojson"), CITY).unwrap();
        let place = Self { dir };
        place.write("three.toml", SCENARIO);
        place
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, args: &[&str]) -> Command {
        // Another build, e.g. of a release, can be tested by its path.
        let program = std::env::var_os("PLANSPIEL_PROGRAM")
            .unwrap_or_else(|| env!("CARGO_BIN_EXE_planspiel").into());
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.dir.path())
            .env_remove("PLANSPIEL_DATA")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env("NO_COLOR", "1");
        command
    }

    #[track_caller]
    pub fn stdout_of(&self, args: &[&str]) -> String {
        self.run(args).ends_with(0).stdout
    }

    pub fn run(&self, args: &[&str]) -> Outcome {
        Outcome::of(&self.command(args).output().unwrap())
    }

    /// All files below a folder with their content, without the facts of the run.
    pub fn results(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path(folder), Path::new(""), &mut files);
        files
    }
}

fn collect(root: &Path, below: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(root.join(below)).unwrap() {
        let name = below.join(entry.unwrap().file_name());
        if root.join(&name).is_dir() {
            collect(root, &name, files);
        } else {
            files.insert(name.clone(), std::fs::read(root.join(&name)).unwrap());
        }
    }
}

/// Two results folders hold the same files with the same bytes, but for the facts of one run.
#[track_caller]
pub fn compare(place: &Workplace, one: &str, other: &str) {
    let [one, other] = [one, other].map(|folder| {
        let mut files = place.results(folder);
        files.retain(|name, _| {
            !["run.json", "log.jsonl"]
                .iter()
                .any(|f| name == Path::new(f))
        });
        files
    });
    assert!(one.len() > 5, "{:?}", one.keys());
    assert!(
        one.keys().eq(other.keys()),
        "{:?} {:?}",
        one.keys(),
        other.keys()
    );
    for (name, bytes) in &one {
        assert!(bytes == &other[name], "{} differs", name.display());
    }
}

#[derive(Debug)]
pub struct Outcome {
    code: i32,
    pub stdout: String,
    stderr: String,
}

impl Outcome {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }

    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "`{part}` is not in:\n{}",
                self.stderr
            );
        }
        self
    }

    #[track_caller]
    pub fn says_once(self, part: &str) -> Self {
        assert_eq!(self.stderr.matches(part).count(), 1, "{}", self.stderr);
        self
    }
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let place = Workplace::new();
    let help = place.run(&["--help"]).ends_with(0).stdout;
    for part in [
        "planspiel run scenarios/hafenquartier.toml",
        "65 bad input",
        "verify",
        "schema",
    ] {
        assert!(help.contains(part), "{part} in {help}");
    }
    let version = place.run(&["--version"]).ends_with(0).stdout;
    assert_eq!(
        version.trim(),
        format!("planspiel {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn wrong_usage_ends_with_2_and_the_nearest_word() {
    let place = Workplace::new();
    place.run(&["chekc", "x"]).ends_with(2).says(&["'check'"]);
    place.run(&["run"]).ends_with(2).says(&["<SCENARIO>"]);
    place
        .run(&["run", "three.toml", "--threads", "0"])
        .ends_with(2)
        .says(&["--threads"]);
    place
        .run(&["run", "three.toml", "--variant", "Towr"])
        .ends_with(2)
        .says(&["no variant `Towr`", "did you mean `Tower`?"]);
    place
        .run(&["run", "three.toml", "--only", "snu"])
        .ends_with(2)
        .says(&["no simulation `snu`", "did you mean `sun`?"]);
    place
        .run(&["verify", "sum"])
        .ends_with(2)
        .says(&["did you mean `sun`?"]);
    assert!(!place.path("results").exists());
}

/// Two requests for one vehicle of three places.
const DARP: &str = "1 4 480 3 30
0 0 0 0 0 0 480
1 10 0 1 1 20 30
2 12 0 1 1 0 480
3 20 0 1 -1 0 480
4 25 1 1 -1 0 480
";

#[test]
fn solve_prints_routes_distance_and_proof() {
    let place = Workplace::new();
    place.write("two.txt", DARP);
    let run = place
        .run(&["solve", "two.txt", "--iterations", "14000"])
        .ends_with(0);
    for part in [
        "route 1: distance 50.1190",
        "  0 1 2 3 4 0",
        "served    2 of 2 requests",
        "vehicles  1 of 1",
        "distance  50.1190",
        "bound     proven: no plan is better",
        "checked   feasible",
    ] {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    assert!(
        run.stderr.contains("2 requests, 1 vehicles"),
        "{}",
        run.stderr
    );
    let with = |threads: &str| {
        let args = [
            "solve",
            "two.txt",
            "--iterations",
            "3000",
            "--json",
            "--threads",
            threads,
        ];
        place.run(&args).ends_with(0).stdout
    };
    assert_eq!(with("1"), with("8"));
    let json: Value = serde_json::from_str(&with("2")).unwrap();
    assert_eq!(json["routes"][0]["nodes"][1], 1);
    assert_eq!(json["feasible"], true);
    let quiet = place
        .run(&["-q", "solve", "two.txt", "--iterations", "10"])
        .ends_with(0);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn solve_refuses_with_a_reason_and_names_what_is_wrong() {
    let place = Workplace::new();
    place.write(
        "refused.txt",
        DARP.replace("2 12 0 1 1 0 480", "2 12 0 1 1 0 5"),
    );
    place
        .run(&["solve", "refused.txt", "--iterations", "1000"])
        .ends_with(1);
    place.write("bad.txt", DARP.replace("3 20 0 1 -1", "3 20 zero 1 -1"));
    place.run(&["solve", "bad.txt"]).ends_with(65).says(&[
        "error[shuttle::not-a-number]: `y` is no usable number",
        "--> bad.txt:5",
        "found: `zero`",
        "help: correct the number",
    ]);
    place
        .run(&["solve", "none.txt"])
        .ends_with(66)
        .says(&["none.txt"]);
    place
        .run(&["solve", "two.txt", "--seconds", "0"])
        .ends_with(2)
        .says(&["--seconds"]);
    place
        .run(&["verify", "shuttle/dapr"])
        .ends_with(2)
        .says(&["did you mean `shuttle/darp`?"]);
}

#[test]
fn schema_and_info_are_machine_readable() {
    let place = Workplace::new();
    let schema: Value = serde_json::from_str(&place.run(&["schema"]).ends_with(0).stdout).unwrap();
    assert_eq!(schema["properties"]["variant"]["maxItems"], 1000);
    let info: Value =
        serde_json::from_str(&place.run(&["info", "--json"]).ends_with(0).stdout).unwrap();
    assert_eq!(info["simulations"][0], "sun");
    assert!(info["free_memory_bytes"].as_u64().unwrap() > 1 << 20);
}

#[test]
fn a_run_writes_its_folder_and_ends_with_the_path_of_the_report() {
    let place = Workplace::new();
    let run = place.run(&["run", "three.toml"]).ends_with(0);
    assert_eq!(run.stdout.lines().last(), Some("results/three/report.html"));
    assert!(run.stdout.contains("Tower"), "{}", run.stdout);
    assert!(
        run.stdout.contains("In brackets: change on"),
        "{}",
        run.stdout
    );
    for part in [
        "three.toml",
        "3 buildings",
        " %  Writing results",
        "the report has them all",
    ] {
        assert!(run.stderr.contains(part), "{part} in {}", run.stderr);
    }
    let files = place.results("results/three");
    for name in [
        "report.html",
        "summary.json",
        "provenance.json",
        "run.json",
        "log.jsonl",
    ] {
        assert!(
            files.contains_key(Path::new(name)),
            "{name} of {:?}",
            files.keys()
        );
    }
    assert!(
        files
            .keys()
            .all(|f| f.extension().is_none_or(|e| e != "part"))
    );
    let facts: Value = serde_json::from_slice(&files[Path::new("run.json")]).unwrap();
    assert_eq!(facts["arguments"], serde_json::json!(["run", "three.toml"]));
    assert_eq!(facts["files"].as_array().unwrap().len(), files.len());
    assert!(
        facts["wall_s"].as_f64().unwrap() > 0.0
            && facts["peak_memory_bytes"].as_u64().unwrap() > 1 << 20
    );
    let log = String::from_utf8(files[Path::new("log.jsonl")].clone()).unwrap();
    let events: Vec<Value> = log
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert!(
        events.len() >= 4
            && events
                .iter()
                .all(|e| e["t_s"].is_number() && e["event"].is_string()),
        "{log}"
    );

    // Once more: it is our own folder.
    place
        .run(&["run", "three.toml", "-q"])
        .ends_with(0)
        .says(&[]);
    // Another scenario must not overwrite it.
    place.write("other.toml", SCENARIO.replace("Three", "Other"));
    place
        .run(&["run", "other.toml", "--out", "results/three"])
        .ends_with(73)
        .says(&["something else than results of this scenario", "--force"]);
    assert_eq!(
        place.results("results/three")[Path::new("summary.json")],
        files[Path::new("summary.json")]
    );
    place
        .run(&["run", "other.toml", "--out", "results/three", "--force"])
        .ends_with(0);
}

#[test]
fn key_figures_are_printed_as_json() {
    let place = Workplace::new();
    let run = place
        .run(&[
            "run",
            "three.toml",
            "--json",
            "--variant",
            "Tower",
            "--only",
            "sun",
            "-o",
            "out",
        ])
        .ends_with(0);
    let summary: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(summary["report"], "out/report.html");
    let names: Vec<&str> = summary["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["baseline", "Tower"]);
    let [before, after] =
        [0, 1].map(|v| summary["variants"][v]["simulations"][0]["indicators"].clone());
    assert!(before[0]["matched"].is_null() && before[0]["difference"].is_null());
    // Cells that both have: neither those under a block of the variant nor those that a removed one sets free.
    assert_eq!(after[0]["matched"]["objects"], "cells");
    assert!(after[0]["difference"].is_number());
    // Of twelve walls only the four of b1 are in both as they were: b2 is raised, b3 removed.
    let facades = after
        .as_array()
        .unwrap()
        .iter()
        .find(|i| i["key"] == "indicator-facade-best-mean")
        .unwrap();
    assert_eq!(facades["matched"]["objects"], "facades");
    assert_eq!(facades["matched"]["count"], 4);
}

/// Two own receivers between the blocks.
const POINTS: &str =
    "id,x,y,z,nx,ny,nz\nwindow,565030,5934010,5,0,-1,0\nbench,565070,5933990,1,0,0,1\n";

fn with_points() -> String {
    SCENARIO.replace("[sun]", "[sun]\nreceivers = \"points.csv\"")
}

#[test]
fn every_input_is_listed_with_its_hash() {
    let place = Workplace::new();
    place.write("points.csv", POINTS);
    place.write("points.toml", with_points());
    place.run(&["run", "points.toml", "-o", "out"]).ends_with(0);
    let files = place.results("out");
    let provenance: Value = serde_json::from_slice(&files[Path::new("provenance.json")]).unwrap();
    let inputs: Vec<[&str; 2]> = provenance["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| ["path", "blake3"].map(|key| input[key].as_str().unwrap()))
        .collect();
    let hash = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    assert_eq!(
        inputs,
        [
            ["blocks.geojson", &hash(CITY)],
            ["points.csv", &hash(POINTS)]
        ]
    );
    let report = String::from_utf8(files[Path::new("report.html")].clone()).unwrap();
    assert!(report.contains(&hash(POINTS)));
    for point in ["window", "bench"] {
        assert!(report.contains(&format!(r#"<th scope="row">{point}</th>"#)));
    }
}

#[test]
fn results_are_the_same_bytes_for_any_number_of_threads() {
    let place = Workplace::new();
    for threads in ["1", "2", "8"] {
        place
            .run(&["run", "three.toml", "--threads", threads, "--out", threads])
            .ends_with(0);
    }
    compare(&place, "1", "2");
    compare(&place, "1", "8");
}

#[test]
fn results_are_the_same_bytes_however_the_scenario_is_named() {
    let place = Workplace::new();
    // A name that makes a finding, which names the file too.
    place.write(
        "three.toml",
        SCENARIO.replace("\"Three blocks\"", "\"<Three blocks>\""),
    );
    std::fs::create_dir(place.path("sub")).unwrap();
    let absolute = place.path("three.toml");
    for (out, scenario) in [
        ("1", "three.toml"),
        ("2", "./sub/../three.toml"),
        ("3", absolute.to_str().unwrap()),
    ] {
        place.run(&["run", scenario, "-o", out]).ends_with(0);
    }
    compare(&place, "1", "2");
    compare(&place, "1", "3");
    let summary: Value =
        serde_json::from_slice(&place.results("1")[Path::new("summary.json")]).unwrap();
    assert_eq!(summary["scenario"]["file"], "three.toml");
    let findings = summary["findings"].as_array().unwrap();
    let markup = findings.iter().find(|f| f["code"] == "scenario-markup");
    assert_eq!(markup.unwrap()["place"], "three.toml");
    let run: Value = serde_json::from_slice(&place.results("2")[Path::new("run.json")]).unwrap();
    assert_eq!(run["scenario"], "./sub/../three.toml");
}

#[test]
fn three_misspelt_keys_give_three_messages() {
    let place = Workplace::new();
    let text = SCENARIO
        .replace("ground_spacing_m", "ground_spacing")
        .replace("height_m = 60.0", "heigth_m = 60.0")
        .replace("crs =", "csr =");
    place.write("bad.toml", text);
    for verb in ["run", "check"] {
        let outcome = place.run(&[verb, "bad.toml"]).ends_with(65).says(&[
            "`csr` is not a field of `[city]`",
            "did you mean `crs`?",
            "bad.toml:14, sun.ground_spacing",
            "did you mean `ground_spacing_m`?",
            "`heigth_m` is not a field of edit 1 of variant `Tower`",
            "did you mean `height_m`?",
        ]);
        assert_eq!(
            outcome.stderr.matches("error[").count(),
            3,
            "{}",
            outcome.stderr
        );
    }
    assert!(
        !place.path("results").exists(),
        "nothing is written for a wrong scenario"
    );
}

#[test]
fn missing_files_end_with_66() {
    let place = Workplace::new();
    place
        .run(&["run", "thre.toml"])
        .ends_with(66)
        .says(&["`thre.toml` does not exist", "did you mean `three.toml`?"]);
    place.write(
        "gone.toml",
        SCENARIO.replace("blocks.geojson", "block.geojson"),
    );
    place
        .run(&["run", "gone.toml"])
        .ends_with(66)
        .says(&["block.geojson", "did you mean `blocks.geojson`?"]);
    let two = SCENARIO.replace(
        "[sun]",
        "[[city.layer]]\nkind = \"terrain\"\npath = \"dem.tif\"\n[sun]\nreceivers = \"points.csv\"",
    );
    place.write("two.toml", two);
    place
        .run(&["check", "two.toml"])
        .ends_with(66)
        .says(&["dem.tif", "points.csv"]);
    assert!(!place.path("results").exists());
}

#[test]
fn verify_with_a_data_folder_that_is_none_ends_with_66() {
    let place = Workplace::new();
    place
        .run(&["verify", "sun", "--data", "nope"])
        .ends_with(66)
        .says(&[
            "error[cli::no-data-folder]",
            "`nope` does not exist",
            "--data DIR",
        ]);
    let output = place
        .command(&["verify"])
        .env("PLANSPIEL_DATA", "three.toml")
        .output()
        .unwrap();
    Outcome::of(&output)
        .ends_with(66)
        .says(&["`three.toml` is not a folder", "PLANSPIEL_DATA"]);
}

#[test]
fn an_edit_of_a_building_that_is_not_there_is_named_with_its_nearest() {
    let place = Workplace::new();
    place.write(
        "bad.toml",
        SCENARIO.replace("building = \"b3\"", "building = \"b33\""),
    );
    for verb in ["run", "check"] {
        place.run(&[verb, "bad.toml"]).ends_with(65).says(&[
            "edit 2 of variant `Tower`: the city has no building `b33`",
            "bad.toml, variant[1].edit[2].building",
            "did you mean `b3`?",
        ]);
    }
}

#[test]
fn an_unwritable_folder_ends_with_73_before_anything_is_computed() {
    let place = Workplace::new();
    // A fine grid that would take minutes.
    place.write("slow.toml", slow());
    place.write("file", "x");
    let start = Instant::now();
    place
        .run(&["run", "slow.toml", "--out", "file/results"])
        .ends_with(73)
        .says(&["results cannot be written", "file/results", "--out DIR"]);
    place
        .run(&["run", "slow.toml", "--out", "file"])
        .ends_with(73)
        .says(&["is a file"]);
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "{:?}",
        start.elapsed()
    );
}

fn slow() -> String {
    let dates: Vec<String> = (1..=31).map(|d| format!("\"2027-07-{d:02}\"")).collect();
    SCENARIO
        .replace("\"2027-03-21\"", &dates.join(", "))
        .replace("ground_spacing_m = 10.0", "ground_spacing_m = 0.25")
        .replace("facade_spacing_m = 2.0", "facade_spacing_m = 0.25")
        .replace("roof_spacing_m = 10.0", "roof_spacing_m = 0.25")
}

/// Starts `slow.toml`, and after a while sends it a signal, which it should obey within 200 ms; the machine may be busy otherwise.
#[cfg(unix)]
fn interrupted(place: &Workplace, after: Duration, signal: &str) -> Outcome {
    let mut child = place
        .command(&["run", "slow.toml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(after);
    assert!(
        child.try_wait().unwrap().is_none(),
        "the run ended before it could be interrupted"
    );
    // The shell's own `kill`: a bare system has no program of that name.
    let kill = Command::new("sh")
        .args(["-c", &format!("kill {signal} {}", child.id())])
        .status()
        .unwrap();
    assert!(kill.success());
    let begin = Instant::now();
    let output = child.wait_with_output().unwrap();
    let took = begin.elapsed();
    eprintln!("{signal} after {after:?} took {took:?}");
    assert!(took <= Duration::from_secs(1), "{took:?}");
    Outcome::of(&output)
}

#[cfg(unix)]
#[test]
fn a_run_larger_than_the_memory_is_refused_with_the_figures() {
    let place = Workplace::new();
    place.write(
        "plain.asc",
        "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 100000\n1 2\n3 4\n",
    );
    let flood = "[scenario]\nversion = 1\nname = \"x\"\ncity = \"plain.asc\"\n[city]\ncrs = \"local\"\n\
        [flood]\ncell_m = 0.01\nrain = { kind = \"preset\", preset = \"HH-SRI7\" }\n";
    place.write("large.toml", flood);
    // 4e14 cells of 120 B and 13 states of 12 B, in GiB.
    place.run(&["run", "large.toml"]).ends_with(71).says(&[
        "error[sim::too-large]",
        "102818",
        "GiB are free",
    ]);
    assert!(!place.path("results").exists());
    let states = "cell_m = 1000.0\nduration_s = 9000.0\nsnapshot_interval_s = 0.001";
    place.write("many.toml", flood.replace("cell_m = 0.01", states));
    place
        .run(&["run", "many.toml"])
        .ends_with(71)
        .says(&["error[sim::too-large]", "GiB are free"]);
}

#[test]
fn the_signals_that_end_a_program_stop_it_cleanly() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        let place = Workplace::new();
        place.write("slow.toml", slow());
        let outcome = interrupted(&place, Duration::from_millis(1500), signal)
            .ends_with(code)
            .says(&["stopping", "nothing was written"]);
        assert!(outcome.stdout.is_empty());
        assert!(!place.path("results").exists(), "no empty folder is left");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_does_not_wait_for_a_large_city() {
    let place = Workplace::new();
    let text = slow();
    let sun = &text[text.find("[sun]").unwrap()..text.find("[[variant]]").unwrap()];
    let text = format!(
        "[scenario]\nversion = 1\nname = \"slow\"\ncity = \"sample:hafenquartier\"\n{sun}\
         area = [565880.0, 5932740.0, 566180.0, 5932980.0]\n"
    );
    place.write("slow.toml", text.replace("0.25", "0.5"));
    // While the city is read, while its sight lines are sorted, and while it is computed.
    for after_ms in [1500, 3000, 5000] {
        interrupted(&place, Duration::from_millis(after_ms), "-INT")
            .ends_with(130)
            .says(&["nothing was written"]);
        assert!(!place.path("results").exists());
    }
}

#[test]
fn something_is_printed_before_the_work_begins() {
    let place = Workplace::new();
    place.write("slow.toml", slow());
    let mut child = place
        .command(&["run", "slow.toml"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut byte = [0];
    child.stderr.take().unwrap().read_exact(&mut byte).unwrap();
    assert!(
        child.try_wait().unwrap().is_none(),
        "the first byte came only at the end"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn check_lists_city_scenario_and_draft() {
    let place = Workplace::new();
    let triangle = r#"{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],
        "buffers":[{"byteLength":36,"uri":"data:application/octet-stream;base64,AAAAAAAAAAAAAAAACtcjPAAAAAAAAAAAAAAAAArXIzwAAAAA"}],
        "bufferViews":[{"buffer":0,"byteLength":36}],"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3"}]}"#;
    place.write("tiny.gltf", triangle);
    let outcome = place
        .run(&["check", "three.toml", "tiny.gltf"])
        .ends_with(0);
    assert!(
        outcome
            .stdout
            .contains("three.toml: scenario with 1 variant, 3 buildings"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome
            .stdout
            .contains("tiny.gltf: draft with 1 triangle in 1 surface"),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("The draft tiny.gltf is 1 cm wide"),
        "{}",
        outcome.stdout
    );
    place.write("cut.gml", "<?xml version=\"1.0\"?>\n<core:CityModel xmlns:core=\"http://www.opengis.net/citygml/1.0\" xmlns:gml=\"http://www.opengis.net/gml\">\n<core:cityObjectMember>\n<bldg:Buil");
    let outcome = place
        .run(&["check", "three.toml", "cut.gml", "--json"])
        .ends_with(65);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(
        (&report["files"][0]["ok"], &report["files"][1]["ok"]),
        (&Value::Bool(true), &Value::Bool(false))
    );
    assert!(
        report["files"][1]["errors"][0]["text"]
            .as_str()
            .unwrap()
            .contains("cut.gml")
    );
}

#[test]
fn paths_with_spaces_umlauts_and_emoji_work() {
    let place = Workplace::new();
    let folder = place.path("Größe & Maß 🏙");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("blocks.geojson"), CITY).unwrap();
    std::fs::write(folder.join("drei häuser.toml"), SCENARIO).unwrap();
    let run = place
        .run(&["run", "Größe & Maß 🏙/drei häuser.toml"])
        .ends_with(0);
    assert_eq!(
        run.stdout.lines().last(),
        Some("results/drei häuser/report.html")
    );
}

#[test]
fn hostile_scenarios_end_with_65_quickly_and_write_nothing() {
    // Readable scenarios whose city is not there.
    const WITHOUT_CITY: [&str; 6] = [
        "scenario_control_chars",
        "scenario_csv_injection",
        "scenario_edit_unknown_building",
        "scenario_html_injection",
        "scenario_long_strings",
        "scenario_valid",
    ];
    let Some(data) = planspiel::verify::data_root_or_skip(
        "hostile_scenarios_end_with_65_quickly_and_write_nothing",
    ) else {
        return;
    };
    let place = Workplace::new();
    let mut names: Vec<PathBuf> = std::fs::read_dir(data.join("ux/hostile"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| {
            p.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("scenario_")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 25);
    for path in names {
        let copy = place.path("hostile.toml");
        std::fs::copy(&path, &copy).unwrap();
        let start = Instant::now();
        let stem = path.file_stem().unwrap().to_string_lossy();
        let code = if WITHOUT_CITY.contains(&&*stem) {
            66
        } else {
            65
        };
        let outcome = place.run(&["run", "hostile.toml"]).ends_with(code);
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{}: {:?}",
            path.display(),
            start.elapsed()
        );
        assert!(
            outcome.stderr.contains("hostile.toml") && !outcome.stderr.contains('\u{1b}'),
            "{}",
            outcome.stderr
        );
        assert!(!place.path("results").exists());
    }
}

#[test]
fn without_a_display_the_window_says_what_to_do() {
    let place = Workplace::new();
    place
        .run(&["open", "three.toml"])
        .ends_with(69)
        .says(&["display", "planspiel run"]);
}
