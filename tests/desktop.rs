//! The window's state, driven by the actions of its panels and pointer, beside the batch program on the saved file.

use std::path::Path;
use std::time::{Duration, Instant};

use planspiel::job::Job;
use planspiel::result::Quality;
use planspiel::result::write::write_results;
use planspiel::scenario::Edit;
use planspiel::sim::{SimConfig, spawn_with};
use planspiel::ui::action::Action;
use planspiel::view::desktop::Desktop;

use super::cli::{SCENARIO, Workplace, compare};

const LONG: Duration = Duration::from_secs(60);

fn set_height(height_m: f64, done: bool) -> Action {
    Action::ReplaceEdit {
        variant: 1,
        edit: 0,
        with: Edit::SetHeight {
            building: "b2".to_owned(),
            height_m,
        },
        done,
    }
}

/// Takes over what the world shows until it rests; counts the coarse answers of the first variant that were seen.
fn settle(desktop: &mut Desktop) -> usize {
    let begin = Instant::now();
    let mut coarse = 0;
    loop {
        let changed = desktop.poll();
        let shown = desktop.result(1).map(|r| (r.stale, r.result.quality));
        coarse += usize::from(changed && shown == Some((false, Quality::Coarse)));
        if desktop.is_idle() {
            return coarse;
        }
        assert!(begin.elapsed() < LONG, "the world does not come to rest");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn write(desktop: &Desktop, folder: &Path) {
    let run = desktop.ui.snapshot.run_result(&[0, 1]).unwrap();
    write_results(&run, folder, &Job::default()).unwrap();
}

#[test]
fn the_window_answers_an_edit_first_coarse_then_with_the_bytes_of_batch() {
    let place = Workplace::new();
    // So many points that the exact answer takes far longer than the window waits before it looks for the coarse one.
    let file = place.write(
        "three.toml",
        SCENARIO.replace(
            "ground_spacing_m = 10.0",
            "ground_spacing_m = 0.5\narea = [564950.0, 5933950.0, 565150.0, 5934070.0]",
        ),
    );
    let mut desktop = Desktop::new(spawn_with(SimConfig {
        threads: Some(2),
        data: None,
        behind_a_window: false,
    }));
    desktop.apply(Action::Open(file.clone()));
    settle(&mut desktop);
    desktop.apply(Action::ShowVariant(1));
    desktop.apply(Action::Run(Quality::Exact));
    settle(&mut desktop);
    write(&desktop, &place.path("window-before"));

    // A drag: steps that only move the ghost, then the drop.
    for height_m in [50.0, 45.0] {
        desktop.apply(set_height(height_m, false));
    }
    desktop.poll();
    assert!(!desktop.result(1).unwrap().stale);
    desktop.apply(set_height(40.0, true));
    let coarse = settle(&mut desktop);
    assert!(coarse > 0, "a coarse answer comes first");
    desktop.apply(Action::SaveAs(file.clone()));
    settle(&mut desktop);
    assert!(!desktop.ui.unsaved);
    write(&desktop, &place.path("window-after"));
    // The window knows the file by its full path, the batch program by its name.
    let path = "three.toml";
    place
        .run(&["run", path, "--threads", "1", "--out", "batch-after"])
        .ends_with(0);
    compare(&place, "batch-after", "window-after");

    desktop.apply(Action::Undo);
    settle(&mut desktop);
    desktop.apply(Action::SaveAs(file.clone()));
    settle(&mut desktop);
    write(&desktop, &place.path("window-undone"));
    compare(&place, "window-before", "window-undone");
    place
        .run(&["run", path, "--threads", "8", "--out", "batch-before"])
        .ends_with(0);
    compare(&place, "batch-before", "window-undone");
}
