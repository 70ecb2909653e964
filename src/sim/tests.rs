//! The world with simulations that behave badly on purpose.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::city::error::CityError;
use crate::city::load::load_city;
use crate::city::sources::Roots;
use crate::city::{City, assemble};
use crate::geo::{Crs, LocalFrame};
use crate::job::Job;
use crate::result::{FieldData, Quality, SimulationResult};
use crate::scenario::{Edit, Scenario, Variant};

use super::app::{SimConfig, SimHandle, spawn_world};
use super::error::SimError;
use super::loading::CityLoader;
use super::registry::{Entry, Input, SIMULATIONS, Simulation};
use super::snapshot::Snapshot;
use super::{Command, ResultState};

const LONG: Duration = Duration::from_secs(20);

/// Counts buildings; the comment of the scenario says how it behaves.
struct Counting;

static PREPARED: AtomicUsize = AtomicUsize::new(0);

impl Simulation for Counting {
    const NAME: &'static str = "counting";
    type Context = usize;

    fn enabled(_: &Scenario) -> bool {
        true
    }

    fn same_settings(a: &Scenario, b: &Scenario) -> bool {
        a.scenario.seed == b.scenario.seed
    }

    fn prepare(baseline: &Arc<City>) -> usize {
        PREPARED.fetch_add(1, Ordering::SeqCst);
        baseline.buildings.len()
    }

    fn memory_bytes(_: &City, scenario: &Scenario, _: Quality) -> u64 {
        if scenario.scenario.comment.as_deref() == Some("huge") {
            u64::MAX
        } else {
            0
        }
    }

    fn run(context: &usize, input: &Input<'_>, job: &Job) -> Result<SimulationResult, SimError> {
        job.phase("phase-load");
        match input.scenario.scenario.comment.as_deref() {
            Some("panic") => panic!("the kernel is broken"),
            Some("slow") => {
                for step in 0..2000 {
                    job.check_cancelled()?;
                    job.progress(step as f32 / 2000.0);
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
            _ => {}
        }
        Ok(SimulationResult {
            simulation: Self::NAME,
            quality: input.quality,
            fields: Vec::new(),
            tables: Vec::new(),
            indicators: Vec::new(),
            findings: Vec::new(),
            inputs: Vec::new(),
            method: vec![
                ("before", context.to_string()),
                ("after", input.city.buildings.len().to_string()),
                ("threads", rayon::current_num_threads().to_string()),
            ],
            movement: None,
            animation: None,
            passability: None,
        })
    }
}

const TEST_SIMULATIONS: &[Entry] = &[Entry::of::<Counting>()];

/// Never looks at its job, as calls of foreign libraries do.
struct Deaf;

const DEAF: &[Entry] = &[Entry::of::<Deaf>()];

/// How long each of its parts takes: longer than a cancel may take.
const DEAF_FOR: Duration = Duration::from_millis(1500);

static DEAF_PREPARED: AtomicUsize = AtomicUsize::new(0);

impl Simulation for Deaf {
    const NAME: &'static str = "deaf";
    type Context = usize;

    fn enabled(_: &Scenario) -> bool {
        true
    }

    fn same_settings(_: &Scenario, _: &Scenario) -> bool {
        true
    }

    fn prepare(_: &Arc<City>) -> usize {
        std::thread::sleep(DEAF_FOR);
        DEAF_PREPARED.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn memory_bytes(_: &City, _: &Scenario, _: Quality) -> u64 {
        0
    }

    fn run(context: &usize, input: &Input<'_>, job: &Job) -> Result<SimulationResult, SimError> {
        job.phase("phase-sun-ground");
        std::thread::sleep(DEAF_FOR);
        Ok(SimulationResult {
            simulation: Self::NAME,
            quality: input.quality,
            fields: Vec::new(),
            tables: Vec::new(),
            indicators: Vec::new(),
            findings: Vec::new(),
            inputs: Vec::new(),
            method: vec![("prepared", context.to_string())],
            movement: None,
            animation: None,
            passability: None,
        })
    }
}

fn deaf_three_blocks(scenario: &Scenario, roots: &Roots, job: &Job) -> Result<City, CityError> {
    std::thread::sleep(DEAF_FOR);
    three_blocks(scenario, roots, job)
}

fn three_blocks(_: &Scenario, _: &Roots, job: &Job) -> Result<City, CityError> {
    job.progress(0.5);
    let frame = LocalFrame::near(Crs::utm32(), 565_000.0, 5_934_000.0);
    let mut findings = Vec::new();
    let buildings = (0..3)
        .filter_map(|i| {
            let e = 565_000.0 + 30.0 * f64::from(i);
            let ring = vec![
                [e, 5_934_000.0],
                [e + 10.0, 5_934_000.0],
                [e + 10.0, 5_934_010.0],
                [e, 5_934_010.0],
            ];
            let raw = assemble::extruded(&format!("b{i}"), &[ring], 5.0, 12.0, Default::default());
            assemble::building_from_raw(&frame, i as u32, &raw, &mut findings).map(Arc::new)
        })
        .collect();
    Ok(City {
        buildings,
        findings,
        ..City::empty("blocks", frame)
    })
}

const FILE: &str = r#"
[scenario]
version = 1
name = "blocks"
city = "blocks.json"
[[variant]]
name = "less"
[[variant.edit]]
kind = "remove"
building = "b1"
[[variant]]
name = "more"
[[variant.edit]]
kind = "add_tree"
id = "t"
position = [565020.0, 5934020.0]
height_m = 10.0
crown_diameter_m = 5.0
"#;

struct World {
    handle: SimHandle,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl World {
    fn with(text: &str) -> Self {
        Self::of(text, TEST_SIMULATIONS, three_blocks)
    }

    fn of(text: &str, simulations: &'static [Entry], load_city: CityLoader) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.toml");
        std::fs::write(&path, text).unwrap();
        let config = SimConfig {
            threads: Some(2),
            data: None,
            behind_a_window: false,
        };
        Self {
            handle: spawn_world(config, simulations, load_city),
            path,
            _folder: folder,
        }
    }

    fn open(text: &str) -> Self {
        let world = Self::with(text);
        world.read();
        world.idle();
        world
    }

    fn read(&self) {
        self.handle.send(Command::Open(self.path.clone()));
    }

    fn idle(&self) -> Arc<Snapshot> {
        let snapshot = self.handle.wait_idle(LONG);
        assert!(
            self.handle.is_idle(&snapshot),
            "the world is still busy after {LONG:?}"
        );
        snapshot
    }

    fn start(&self, variant: usize, quality: Quality) {
        self.start_of("counting", variant, quality);
    }

    fn start_of(&self, simulation: &'static str, variant: usize, quality: Quality) {
        self.handle.send(Command::Start {
            variant,
            simulation,
            quality,
        });
    }

    /// Cancels once the job is in this phase. The aim is 200 ms until the world rests; the machine may be busy otherwise.
    #[track_caller]
    fn cancel_in(&self, phase: &str) {
        let in_phase = |s: &Snapshot| s.job.as_ref().is_some_and(|job| job.phase == phase);
        let seen = self
            .handle
            .wait_until(Duration::from_secs(120), |s| in_phase(s));
        assert!(in_phase(&seen), "{phase} never came: {:?}", seen.messages);
        self.cancel(phase);
    }

    /// Begins something and cancels it in a phase; again when the phase went by unseen, as short ones do on a busy machine.
    fn cancel_once_in(&self, phase: &str, begin: impl Fn()) {
        for _ in 0..40 {
            begin();
            let in_phase = |s: &Snapshot| s.job.as_ref().is_some_and(|job| job.phase == phase);
            let seen = self.handle.wait_until(Duration::from_secs(120), |s| {
                in_phase(s) || self.handle.is_idle(s)
            });
            if in_phase(&seen) {
                return self.cancel(phase);
            }
        }
        panic!("{phase} was never seen");
    }

    /// A cancel takes effect within 200 ms (0.6 ms were seen); a second allows for all other tests beside it.
    fn cancel(&self, phase: &str) {
        let begin = Instant::now();
        self.handle.send(Command::Cancel);
        self.idle();
        let took = begin.elapsed();
        eprintln!("a cancel in {phase} took {took:?}");
        assert!(took <= Duration::from_secs(1), "{phase}: {took:?}");
    }

    fn scenario(&self) -> Scenario {
        Scenario::clone(self.handle.latest().scenario.as_ref().unwrap())
    }

    fn set(&self, scenario: Scenario) {
        self.handle.send(Command::SetScenario(Arc::new(scenario)));
    }
}

fn only(states: &[ResultState]) -> &ResultState {
    assert_eq!(states.len(), 1);
    &states[0]
}

fn stale(snapshot: &Snapshot) -> Vec<bool> {
    snapshot.results.iter().map(|r| only(r).stale).collect()
}

#[test]
fn a_scenario_is_opened_and_every_variant_computed() {
    let world = World::open(FILE);
    let before = PREPARED.load(Ordering::SeqCst);
    for variant in 0..3 {
        world.start(variant, Quality::Exact);
    }
    let snapshot = world.idle();
    assert!(snapshot.messages.is_empty(), "{:?}", snapshot.messages);
    assert_eq!(snapshot.scenario_path.as_ref(), Some(&world.path));
    let hash = blake3::hash(FILE.as_bytes()).to_hex().to_string();
    assert_eq!(snapshot.scenario_blake3.as_deref(), Some(hash.as_str()));
    let after: Vec<&str> = snapshot
        .results
        .iter()
        .map(|r| only(r).result.method[1].1.as_str())
        .collect();
    assert_eq!(after, ["3", "2", "3"]);
    assert_eq!(
        only(&snapshot.results[0]).result.method[2].1,
        "2",
        "kernels run on the world's own pool"
    );
    assert_eq!(
        PREPARED.load(Ordering::SeqCst),
        before + 1,
        "the baseline is prepared once"
    );
    let (baseline, less) = (
        snapshot.cities[0].as_ref().unwrap(),
        snapshot.cities[1].as_ref().unwrap(),
    );
    assert!(
        Arc::ptr_eq(&baseline.buildings[0], &less.buildings[0]),
        "unchanged buildings are shared"
    );
    let run = snapshot.run_result(&[0, 1]).unwrap();
    assert_eq!(
        run.variants
            .iter()
            .map(|v| v.name.as_str())
            .collect::<Vec<_>>(),
        ["baseline", "less"]
    );
}

#[test]
fn an_edit_makes_only_its_variant_stale_and_undo_makes_it_fresh_again() {
    let world = World::open(FILE);
    (0..3).for_each(|v| world.start(v, Quality::Exact));
    let computed = world.idle();
    let original = world.scenario();

    let mut edited = original.clone();
    edited.variants[0].edits.push(Edit::Remove {
        building: "b2".to_owned(),
    });
    world.set(edited);
    let snapshot = world.idle();
    assert_eq!(stale(&snapshot), [false, true, false]);
    assert_eq!(snapshot.cities[1].as_ref().unwrap().buildings.len(), 1);
    for same in [0, 2] {
        assert!(Arc::ptr_eq(
            snapshot.cities[same].as_ref().unwrap(),
            computed.cities[same].as_ref().unwrap()
        ));
    }
    assert_eq!(
        snapshot.scenario_blake3, None,
        "the file no longer holds what is shown"
    );

    world.set(original.clone());
    assert_eq!(stale(&world.idle()), [false, false, false]);

    let mut renamed = original.clone();
    renamed.scenario.name = "another name".to_owned();
    world.set(renamed);
    assert_eq!(stale(&world.idle()), [false, false, false]);

    let mut reseeded = original;
    reseeded.scenario.seed = 7;
    world.set(reseeded);
    assert_eq!(stale(&world.idle()), [true, true, true]);
}

#[test]
fn results_follow_the_name_of_their_variant() {
    let world = World::open(FILE);
    (0..3).for_each(|v| world.start(v, Quality::Exact));
    world.idle();
    let mut scenario = world.scenario();
    scenario.variants.insert(
        0,
        Variant {
            name: "new".to_owned(),
            comment: None,
            edits: Vec::new(),
        },
    );
    world.set(scenario);
    let snapshot = world.idle();
    assert!(snapshot.results[1].is_empty());
    let moved_on = only(&snapshot.results[2]);
    assert_eq!(moved_on.result.method[1].1, "2");
    assert!(moved_on.stale, "its new buildings have other keys now");
}

#[test]
fn a_variant_with_another_name_keeps_its_results() {
    let world = World::open(FILE);
    (0..3).for_each(|v| world.start(v, Quality::Exact));
    world.idle();
    let mut scenario = world.scenario();
    scenario.variants[0].name = "fewer".to_owned();
    world.set(scenario);
    assert_eq!(stale(&world.idle()), [false, false, false]);
}

#[test]
fn a_coarse_answer_goes_before_an_exact_one_that_runs() {
    let world = World::open(&FILE.replace("city =", "comment = \"slow\"\ncity ="));
    world.start(0, Quality::Exact);
    world.handle.wait_until(LONG, |s| s.job.is_some());
    world.start(1, Quality::Coarse);
    let snapshot = world
        .handle
        .wait_until(LONG, |s| s.job.as_ref().is_some_and(|j| j.variant == 1));
    assert_eq!(snapshot.queued, 1, "the exact one waits behind it");
    world.handle.send(Command::Cancel);
    world.idle();
}

#[test]
fn cancel_takes_effect_at_once_and_progress_flows() {
    let world = World::open(&FILE.replace("city =", "comment = \"slow\"\ncity ="));
    world.start(0, Quality::Exact);
    world.start(1, Quality::Exact);
    let mut seen = Vec::new();
    let begin = Instant::now();
    let mut generation = 0;
    while begin.elapsed() < Duration::from_millis(1000) {
        let snapshot = world
            .handle
            .wait_changed(generation, Duration::from_millis(100));
        generation = snapshot.generation;
        if let Some(job) = &snapshot.job {
            seen.push(job.fraction);
        }
    }
    seen.dedup();
    assert!(seen.len() >= 10, "{} snapshots in a second", seen.len());
    let cancelled = Instant::now();
    world.handle.send(Command::Cancel);
    let snapshot = world.idle();
    let took = cancelled.elapsed();
    eprintln!("a cancel took {took:?}");
    assert!(took <= Duration::from_millis(200), "cancel took {took:?}");
    assert!(snapshot.results.iter().all(Vec::is_empty));
    assert!(snapshot.messages.is_empty(), "a cancel is not an error");
}

#[test]
fn a_cancel_does_not_wait_for_work_that_cannot_be_interrupted() {
    let world = World::of(FILE, DEAF, deaf_three_blocks);
    let start = || world.start_of("deaf", 0, Quality::Exact);
    // Both may be taken in at once, before the world has seen the job.
    let begin = Instant::now();
    world.read();
    world.handle.send(Command::Cancel);
    world.idle();
    assert!(begin.elapsed() < DEAF_FOR, "{:?}", begin.elapsed());

    world.read();
    world.cancel_in("phase-load");
    assert!(world.handle.latest().cities.is_empty());
    world.read();
    start();
    world.cancel_in("phase-prepare");
    start();
    world.cancel_in("phase-sun-ground");
    let snapshot = world.idle();
    assert!(snapshot.results.iter().all(Vec::is_empty));

    start();
    let snapshot = world.idle();
    assert!(snapshot.messages.is_empty(), "{:?}", snapshot.messages);
    assert_eq!(
        only(&snapshot.results[0]).result.method[0].1,
        "1",
        "the preparation was not begun again"
    );

    // Another load is prepared anew, also while one of the load before is still at work.
    world.read();
    start();
    world.cancel_in("phase-prepare");
    world.read();
    start();
    let snapshot = world.idle();
    assert_eq!(only(&snapshot.results[0]).result.method[0].1, "3");
}

#[test]
fn the_sample_city_is_cancelled_in_every_phase() {
    let text = r#"
[scenario]
version = 1
name = "slow"
city = "sample:hafenquartier"
[sun]
dates = ["2027-03-21", "2027-06-21", "2027-09-21", "2027-12-21"]
ground_spacing_m = 0.5
facade_spacing_m = 0.5
area = [565880.0, 5932740.0, 566180.0, 5932980.0]
"#;
    let world = World::of(text, SIMULATIONS, load_city);
    let start = || world.start_of("sun", 0, Quality::Exact);
    world.cancel_once_in("phase-city-read", || world.read());
    world.cancel_once_in("phase-prepare", || {
        world.read();
        start();
    });
    world.cancel_once_in("phase-sun-ground", start);
    let snapshot = world.idle();
    assert!(snapshot.messages.is_empty(), "{:?}", snapshot.messages);
    assert!(snapshot.results.iter().all(Vec::is_empty));
}

/// Prints how long each coarse answer took.
#[test]
fn the_wind_follows_a_dragged_tower_as_if_it_had_always_stood_there() {
    let text = include_str!("../../scenarios/wind.toml");
    let open = || {
        let world = World::of(text, SIMULATIONS, load_city);
        let rose = include_str!("../../scenarios/windrose-unterelbe.csv");
        std::fs::write(world.path.with_file_name("windrose-unterelbe.csv"), rose).unwrap();
        world.read();
        world.idle();
        world
    };
    let answer = |world: &World, east: f64| {
        let mut scenario = world.scenario();
        let edit = scenario.variants[0].edits.first_mut().unwrap();
        let Edit::Place { position, .. } = edit else {
            panic!("the variant places a tower: {edit:?}");
        };
        position[0] = east;
        world.set(scenario);
        let begin = Instant::now();
        world.start_of("wind", 1, Quality::Coarse);
        let snapshot = world.idle();
        eprintln!("tower at {east} m: {:?}", begin.elapsed());
        assert!(snapshot.messages.is_empty(), "{:?}", snapshot.messages);
        only(&snapshot.results[1]).result.clone()
    };
    let dragged = open();
    let places = [566_032.0, 566_030.0, 566_027.0, 566_036.0];
    let after = places.map(|east| answer(&dragged, east));
    let alone = answer(&open(), places[3]);
    let values = |result: &SimulationResult, id: &str| -> Vec<f32> {
        let field = result.fields.iter().find(|f| f.id == id).unwrap();
        match &field.data {
            FieldData::Raster { values, .. } => values.to_vec(),
            FieldData::Receivers { .. } => panic!("`{id}` is no raster"),
        }
    };
    for (id, tolerance) in [("wind_zone_240", 0.0), ("wind_speed_240", 0.01)] {
        let pairs = values(&after[3], id).into_iter().zip(values(&alone, id));
        for (a, b) in pairs {
            let same = (a - b).abs() <= tolerance || a.is_nan() && b.is_nan();
            assert!(same, "{id}: {a} {b}");
        }
    }
    let [first, last] = [0, 3].map(|n| values(&after[n], "wind_zone_240"));
    assert!(
        first.iter().zip(&last).any(|(a, b)| a != b),
        "the tower moved"
    );
}

#[test]
fn an_edit_stops_the_exact_answer_to_the_old_question() {
    let world = World::open(&FILE.replace("city =", "comment = \"slow\"\ncity ="));
    world.start(1, Quality::Exact);
    world.handle.wait_until(LONG, |s| s.job.is_some());
    let mut edited = world.scenario();
    edited.scenario.comment = None;
    edited.variants[0].edits.clear();
    let begin = Instant::now();
    world.set(edited);
    let snapshot = world.idle();
    assert!(
        begin.elapsed() < Duration::from_secs(2),
        "{:?}",
        begin.elapsed()
    );
    assert!(snapshot.results[1].is_empty());
}

#[test]
fn an_exact_answer_is_not_replaced_by_a_coarse_one() {
    let world = World::open(FILE);
    world.start(0, Quality::Coarse);
    assert_eq!(
        only(&world.idle().results[0]).result.quality,
        Quality::Coarse
    );
    world.start(0, Quality::Exact);
    world.start(0, Quality::Coarse);
    assert_eq!(
        only(&world.idle().results[0]).result.quality,
        Quality::Exact
    );
}

#[test]
fn a_panic_fails_the_job_and_not_the_world() {
    let world = World::open(&FILE.replace("city =", "comment = \"panic\"\ncity ="));
    world.start(0, Quality::Exact);
    let snapshot = world.idle();
    let message = snapshot.messages.last().unwrap();
    assert!(
        message.error && message.text.contains("the kernel is broken"),
        "{message:?}"
    );
    assert_eq!(snapshot.exit_codes[&message.number], 70);
    let mut healed = world.scenario();
    healed.scenario.comment = None;
    world.set(healed);
    world.start(0, Quality::Exact);
    assert_eq!(only(&world.idle().results[0]).result.method[1].1, "3");
}

#[test]
fn a_run_that_does_not_fit_is_refused_with_figures() {
    let world = World::open(&FILE.replace("city =", "comment = \"huge\"\ncity ="));
    world.start(0, Quality::Exact);
    let snapshot = world.idle();
    let message = snapshot.messages.last().unwrap();
    assert!(
        message.text.contains("GiB of memory") && message.text.contains("are free"),
        "{message:?}"
    );
    assert_eq!(snapshot.exit_codes[&message.number], 71);
}

#[test]
fn faulty_edits_are_told_with_their_place() {
    let world = World::open(&FILE.replace("building = \"b1\"", "building = \"b11\""));
    let snapshot = world.idle();
    assert_eq!(snapshot.messages.len(), 1);
    let message = &snapshot.messages[0];
    assert_eq!(snapshot.exit_codes[&message.number], 65);
    for part in [
        "edit 1 of variant `less`",
        "no building `b11`",
        "variant[1].edit[1].building",
        "did you mean `b1`?",
        "s.toml",
    ] {
        assert!(message.text.contains(part), "{part} in {}", message.text);
    }
    assert!(
        snapshot.cities[1].is_none()
            && snapshot.cities[0].is_some()
            && snapshot.cities[2].is_some()
    );
    world.start(1, Quality::Exact);
    assert!(
        world.idle().messages.len() > 1,
        "a variant without city cannot be computed"
    );
}

#[test]
fn a_missing_file_and_an_unknown_simulation_are_errors() {
    let world = World::with(FILE);
    world
        .handle
        .send(Command::Open(world.path.with_file_name("t.toml")));
    let snapshot = world.idle();
    assert_eq!(
        snapshot.exit_codes.values().copied().collect::<Vec<_>>(),
        [66]
    );
    assert!(
        snapshot.messages[0].text.contains("did you mean"),
        "{}",
        snapshot.messages[0].text
    );
    world.handle.send(Command::Start {
        variant: 0,
        simulation: "tides",
        quality: Quality::Exact,
    });
    assert!(world.idle().messages[1].text.contains("`tides`"));
}

#[test]
fn an_idle_world_sleeps() {
    let world = World::open(FILE);
    let before = world.idle().generation;
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(world.handle.latest().generation, before);
    assert!(!world.handle.is_closed());
}

#[test]
fn the_order_of_systems_is_explicit() {
    use bevy::ecs::schedule::{LogLevel, ScheduleBuildSettings};
    let mut app = super::app::test_app(TEST_SIMULATIONS, three_blocks);
    app.edit_schedule(bevy::prelude::Update, |schedule| {
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            ..ScheduleBuildSettings::default()
        });
    });
    app.update();
}
