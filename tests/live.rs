//! Water while a planner edits: the coarse answer, a cancel, and the way back. Prints how long each took: the aims are 2 s and 200 ms on
//! two quiet cores (`cargo test --test main live -- --nocapture --test-threads 1`).

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use planspiel::result::Quality;
use planspiel::scenario::{Edit, Scenario};
use planspiel::sim::{Command, ResultState, SimConfig, SimHandle, Snapshot, spawn_with};

const LONG: Duration = Duration::from_secs(300);
/// The variant that is edited.
const DRAFT: usize = 1;

struct Desk {
    world: SimHandle,
}

impl Desk {
    fn open(scenario: &str) -> Self {
        let world = spawn_with(SimConfig {
            threads: None,
            data: None,
            behind_a_window: false,
        });
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("scenarios")
            .join(scenario);
        world.send(Command::Open(file));
        let desk = Self { world };
        let snapshot = desk.rest();
        assert!(snapshot.scenario.is_some(), "{:?}", snapshot.messages);
        desk
    }

    fn rest(&self) -> Arc<Snapshot> {
        let snapshot = self.world.wait_idle(LONG);
        assert!(self.world.is_idle(&snapshot));
        snapshot
    }

    fn scenario(&self) -> Scenario {
        Scenario::clone(self.world.latest().scenario.as_ref().unwrap())
    }

    fn start(&self, quality: Quality) {
        self.world.send(Command::Start {
            variant: DRAFT,
            simulation: "flood",
            quality,
        });
    }

    fn answer(&self) -> Option<ResultState> {
        let snapshot = self.rest();
        let errors: Vec<_> = snapshot.messages.iter().filter(|m| m.error).collect();
        assert!(errors.is_empty(), "{errors:?}");
        snapshot.results[DRAFT].first().cloned()
    }

    /// Changes the draft as the window does, and waits for the coarse answer.
    fn edit(&self, what: &str, edits: Vec<Edit>) -> ResultState {
        let mut scenario = self.scenario();
        scenario.variants[DRAFT - 1].edits = edits;
        let begin = Instant::now();
        self.world.send(Command::SetScenario(Arc::new(scenario)));
        self.start(Quality::Coarse);
        let answer = self.answer().unwrap();
        eprintln!("{what}: coarse answer after {:?}", begin.elapsed());
        assert!(!answer.stale && answer.result.quality == Quality::Coarse);
        answer
    }

    /// Starts the exact answer and cancels it while it flows.
    fn cancel(&self) {
        self.start(Quality::Exact);
        let flows = |s: &Snapshot| s.job.as_ref().is_some_and(|j| j.phase == "phase-flood-run");
        let seen = self
            .world
            .wait_until(LONG, |s| flows(s) || self.world.is_idle(s));
        assert!(flows(&seen), "{:?}", seen.messages);
        let begin = Instant::now();
        self.world.send(Command::Cancel);
        self.rest();
        eprintln!("cancel took {:?}", begin.elapsed());
    }
}

fn wall(east: f64) -> Edit {
    Edit::FloodWall {
        id: "Wand".to_owned(),
        line: vec![[566_008.0, 5_933_076.0], [east, 5_933_076.0]],
        height_m: Some(0.6),
        crest_level_m: None,
        mobile: true,
    }
}

/// All key figures, to the last bit: an edit that is ignored leaves every one of them.
fn figures(state: &ResultState) -> Vec<(String, u64)> {
    let indicators = state.result.indicators.iter();
    indicators
        .map(|i| (i.id.clone(), i.value.to_bits()))
        .collect()
}

fn figure(state: &ResultState, id: &str) -> f64 {
    let indicators = &state.result.indicators;
    let found = indicators.iter().find(|i| i.id == id);
    found.unwrap_or_else(|| panic!("{indicators:?}")).value
}

fn deepest_m(state: &ResultState) -> f64 {
    figure(state, "flood_depth_max")
}

fn flooded_m2(state: &ResultState) -> f64 {
    figure(state, "flood_area")
}

#[test]
fn water_follows_a_drawn_wall_raised_ground_and_a_dragged_house() {
    let desk = Desk::open("starkregen.toml");
    let before = desk.edit("first edit (reads the ground)", vec![wall(566_050.0)]);
    let longer = desk.edit("longer wall", vec![wall(566_092.0)]);
    let house = |north: f64| Edit::AddBuilding {
        id: "Entwurf".to_owned(),
        footprint: vec![
            [566_060.0, north],
            [566_080.0, north],
            [566_080.0, north + 15.0],
            [566_060.0, north + 15.0],
        ],
        height_m: 12.0,
        storeys: None,
        base_height_m: None,
        rotation_deg: 0.0,
    };
    let drawn = desk.edit("draft building", vec![wall(566_092.0), house(5_933_085.0)]);
    let dragged = desk.edit("dragged by 5 m", vec![wall(566_092.0), house(5_933_090.0)]);
    let ground = Edit::RaiseTerrain {
        id: "Anhebung".to_owned(),
        area: vec![
            [566_020.0, 5_933_000.0],
            [566_060.0, 5_933_000.0],
            [566_060.0, 5_933_040.0],
            [566_020.0, 5_933_040.0],
        ],
        level_m: None,
        by_m: Some(0.5),
    };
    let raised = desk.edit("raised ground", vec![ground, wall(566_092.0)]);
    desk.cancel();
    // A cancelled exact answer leaves the coarse one.
    assert_eq!(desk.answer().unwrap().result.quality, Quality::Coarse);
    // The way back: the same edits give the same answer.
    let again = desk.edit("undone", vec![wall(566_092.0)]);
    assert_eq!(figures(&longer), figures(&again));
    // Each edit moves water: no two answers in a row are the same.
    let answers = [&before, &longer, &drawn, &dragged, &raised, &again];
    for (i, pair) in answers.windows(2).enumerate() {
        assert_ne!(figures(pair[0]), figures(pair[1]), "edit {}", i + 1);
    }
    assert!(answers.iter().all(|s| deepest_m(s) > 0.1));
}

#[test]
fn water_follows_a_wall_against_the_surge() {
    let desk = Desk::open("sturmflut.toml");
    let edits = desk.scenario().variants[DRAFT - 1].edits.clone();
    let closed = desk.edit("all walls (reads the ground)", edits.clone());
    let open = desk.edit("one gate open", edits[1..].to_vec());
    desk.cancel();
    assert_ne!(figures(&closed), figures(&open));
    let none = desk.edit("no wall", Vec::new());
    // The walls keep dry what the water reaches without them, and an open gate lets some of it in.
    let [closed, open, none] = [&closed, &open, &none].map(flooded_m2);
    assert!(closed < open && open <= none, "{closed} {open} {none} m²");
}
