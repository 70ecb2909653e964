//! The panels by label, in both languages, without a graphics card.
//!
//! `PLANSPIEL_PANEL_PICTURES=folder cargo test --lib ui::` also writes the panels as PNG files, for looking at.

mod fixture;
mod picture;
mod shuttle;
mod study;
mod traffic;
mod water;
mod wind;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use egui::accesskit::{Action as Request, Role};
use egui::{Event, Key, Modifiers, Pos2, Rect, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::city::LayerKind;
use crate::result::Quality;
use crate::scenario::Edit;
use crate::sun::SunParams;
use crate::text::{Language, texts};

use super::action::{CameraMove, DragKind, Panel, TrafficPick};
use super::theme::palette;
use super::{Action, Theme, UiState, draw};

const SIZE: Vec2 = Vec2::new(1280.0, 800.0);

/// A window with these panels; every action is kept, none applied.
struct Window {
    harness: Harness<'static, UiState>,
    actions: Rc<RefCell<Vec<Action>>>,
}

impl Window {
    fn new(state: UiState) -> Self {
        Self::sized(state, SIZE)
    }

    fn sized(state: UiState, size: Vec2) -> Self {
        let actions: Rc<RefCell<Vec<Action>>> = Rc::default();
        let kept = Rc::clone(&actions);
        let mut harness = Harness::builder().with_size(size).build_ui_state(
            move |ui, state: &mut UiState| {
                state.refresh();
                kept.borrow_mut().extend(draw(ui.ctx(), state).actions);
            },
            state,
        );
        harness.run_steps(4);
        actions.borrow_mut().clear();
        Self { harness, actions }
    }

    /// Actions since the last call.
    fn take(&mut self) -> Vec<Action> {
        self.harness.run_steps(2);
        self.actions.borrow_mut().drain(..).collect()
    }

    fn click(&mut self, label: &str) -> Vec<Action> {
        {
            let nodes: Vec<_> = self
                .harness
                .get_all_by_label(label)
                .filter(|n| is_control(n))
                .collect();
            assert_eq!(nodes.len(), 1, "controls named `{label}`");
            nodes[0].click_accesskit();
        }
        self.take()
    }

    fn press(&mut self, modifiers: Modifiers, key: Key) -> Vec<Action> {
        self.harness.key_press_modifiers(modifiers, key);
        self.take()
    }

    /// Types into the number field with this name and presses Enter.
    fn type_number(&mut self, label: &str, text: &str) -> Vec<Action> {
        self.harness
            .get_by_role_and_label(Role::SpinButton, label)
            .focus();
        self.harness.run_steps(2);
        self.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run_steps(1);
        self.harness.key_press(Key::Enter);
        self.take()
    }

    /// All controls that can be focused: name, description, place, enabled.
    fn controls(&self) -> Vec<(String, String, Rect, bool)> {
        self.harness
            .root()
            .children_recursive()
            .filter(|n| is_control(n))
            .map(|n| {
                let node = n.accesskit_node();
                (
                    node.label().unwrap_or_default(),
                    node.description().unwrap_or_default(),
                    n.rect(),
                    !node.is_disabled(),
                )
            })
            .collect()
    }
}

fn is_control(node: &egui_kittest::Node<'_>) -> bool {
    let node = node.accesskit_node();
    node.data().supports_action(Request::Focus) && node.role() != Role::ScrollBar
}

fn states(language: Language) -> [(&'static str, UiState); 15] {
    [
        ("empty", fixture::empty(language)),
        ("baseline", fixture::baseline(language)),
        ("variant", fixture::variant(language)),
        ("busy", fixture::busy(language)),
        ("water", fixture::water(language)),
        ("wind", fixture::wind(language)),
        ("wall", fixture::wall(language)),
        ("traffic", fixture::traffic(language)),
        ("access", fixture::access(language)),
        ("bus", fixture::picked(language, TrafficPick::Vehicle(0))),
        ("signal", fixture::picked(language, TrafficPick::Signal(0))),
        ("street", fixture::picked(language, TrafficPick::Street(0))),
        ("shuttles", fixture::shuttles(language, None)),
        (
            "request",
            fixture::shuttles(language, Some(TrafficPick::Request(0))),
        ),
        (
            "stop",
            fixture::shuttles(language, Some(TrafficPick::Stop(0))),
        ),
    ]
}

#[test]
fn every_control_has_a_name_and_a_tooltip_in_both_languages() {
    for language in Language::ALL {
        for (name, state) in states(language) {
            let window = Window::new(state);
            let controls = window.controls();
            assert!(controls.len() > 15, "{name}: {} controls", controls.len());
            for (label, description, rect, _) in controls {
                assert!(
                    !label.trim().is_empty(),
                    "{name} {language:?}: no name at {rect}"
                );
                assert!(
                    !description.trim().is_empty(),
                    "{name} {language:?}: `{label}` has no tooltip"
                );
                assert!(!label.starts_with('['), "{name} {language:?}: {label}");
                assert!(
                    !description.starts_with('['),
                    "{name} {language:?}: {description}"
                );
            }
        }
    }
}

#[test]
fn the_languages_differ_in_every_panel() {
    for ((name, german), (_, english)) in states(Language::De).into_iter().zip(states(Language::En))
    {
        let words = |state: UiState| -> BTreeSet<String> {
            Window::new(state)
                .controls()
                .into_iter()
                .map(|c| c.1)
                .collect()
        };
        let (german, english) = (words(german), words(english));
        let same: Vec<_> = german
            .intersection(&english)
            .filter(|tip| !tip.contains("hafen") && !tip.contains('/') && !tip.contains("error["))
            .collect();
        assert!(same.is_empty(), "{name}: {same:?}");
    }
}

#[test]
fn every_control_is_reached_by_tab() {
    for (name, state) in [
        ("baseline", fixture::baseline(Language::De)),
        ("variant", fixture::variant(Language::De)),
        ("empty", fixture::empty(Language::De)),
        ("water", fixture::water(Language::De)),
        ("wind", fixture::wind(Language::De)),
        ("wall", fixture::wall(Language::De)),
        ("traffic", fixture::traffic(Language::De)),
        ("access", fixture::access(Language::De)),
        (
            "bus",
            fixture::picked(Language::De, TrafficPick::Vehicle(0)),
        ),
        (
            "signal",
            fixture::picked(Language::De, TrafficPick::Signal(0)),
        ),
        (
            "street",
            fixture::picked(Language::De, TrafficPick::Street(0)),
        ),
        ("shuttles", fixture::shuttles(Language::De, None)),
        (
            "request",
            fixture::shuttles(Language::De, Some(TrafficPick::Request(0))),
        ),
        (
            "stop",
            fixture::shuttles(Language::De, Some(TrafficPick::Stop(0))),
        ),
    ] {
        let mut window = Window::sized(state, Vec2::new(1280.0, 1600.0));
        let wanted: BTreeSet<String> = window
            .controls()
            .into_iter()
            .filter(|c| c.3)
            .map(|c| c.0)
            .collect();
        let mut reached = BTreeSet::new();
        for _ in 0..3 * wanted.len() {
            window.harness.key_press(Key::Tab);
            window.harness.run_steps(1);
            reached.extend(
                window
                    .harness
                    .root()
                    .children_recursive()
                    .filter(|n| n.is_focused())
                    .filter_map(|n| n.accesskit_node().label()),
            );
        }
        let missed: Vec<_> = wanted.difference(&reached).collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
    }
}

#[test]
fn nothing_moves_when_numbers_change() {
    let place = |state: UiState| -> BTreeMap<String, String> {
        Window::new(state)
            .controls()
            .into_iter()
            .map(|(label, _, rect, _)| (label, format!("{rect:.0?}")))
            .collect()
    };
    for language in Language::ALL {
        let before = fixture::variant(language);
        let mut after = before.clone();
        after.minute = 61.0;
        after.sun_deg = (8.2, -41.3);
        after.sun_up_min = Some((228.0, 1312.0));
        after.hover = None;
        after.collisions = vec!["DENW43AL1000Cmq9".to_owned(), "DENW43AL1000Cmr0".to_owned()];
        after.snapshot.job = fixture::busy(language).snapshot.job;
        after.can_undo = false;
        after.unsaved = false;
        // A job brings its own second cancel button, and nothing else moves.
        let mut after = place(after);
        let mut expected = place(before.clone());
        let cancel = texts(language).get("ui-cancel");
        after.remove(&cancel);
        expected.remove(&cancel);
        assert_eq!(expected, after);
        // A long way with many digits leaves the fields where they are.
        let mut far = before.clone();
        let mut scenario = (**far.snapshot.scenario.as_ref().unwrap()).clone();
        if let Edit::AddBuilding {
            footprint,
            height_m,
            ..
        } = &mut scenario.variants[0].edits[0]
        {
            footprint.iter_mut().for_each(|c| c[0] -= 500_000.123);
            *height_m = 123.45;
        }
        far.snapshot.scenario = Some(scenario.into());
        let number = |text: &str| !text.contains("neubau-1");
        let only = |all: BTreeMap<String, String>| -> Vec<_> {
            all.into_iter().filter(|(label, _)| number(label)).collect()
        };
        assert_eq!(only(place(before)), only(place(far)));
    }
}

#[test]
fn the_tool_row_gives_its_actions() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = Window::new(fixture::variant(language));
        for (key, action) in [
            ("ui-undo", Action::Undo),
            ("ui-redo", Action::Redo),
            ("ui-run", Action::Run(Quality::Exact)),
            ("ui-home", Action::Camera(CameraMove::Home)),
            ("ui-north", Action::Camera(CameraMove::North)),
            ("ui-top", Action::Camera(CameraMove::Top)),
            ("ui-focus", Action::Camera(CameraMove::Focus)),
            ("ui-text-larger", Action::SetTextScale(1.1)),
            ("ui-text-smaller", Action::SetTextScale(0.9)),
            ("ui-theme-dark", Action::SetTheme(Theme::Dark)),
            ("ui-german", Action::SetLanguage(Language::De)),
            ("ui-english", Action::SetLanguage(Language::En)),
            ("ui-panel-left", Action::ShowPanel(Panel::Left, false)),
            ("ui-panel-right", Action::ShowPanel(Panel::Right, false)),
            ("ui-panel-bottom", Action::ShowPanel(Panel::Bottom, false)),
        ] {
            assert_eq!(window.click(&t.get(key)), [action], "{key} {language:?}");
        }
        // Nothing runs, so there is nothing to cancel.
        assert_eq!(window.click(&t.get("ui-cancel")), []);
    }
}

#[test]
fn a_running_job_can_be_cancelled_from_two_places_and_by_escape() {
    let t = texts(Language::En);
    let mut window = Window::new(fixture::busy(Language::En));
    let cancels = window
        .harness
        .get_all_by_label(&t.get("ui-cancel"))
        .map(|n| n.click_accesskit())
        .count();
    assert_eq!(cancels, 2);
    assert_eq!(window.take(), [Action::Cancel, Action::Cancel]);
    assert_eq!(window.press(Modifiers::NONE, Key::Escape), [Action::Cancel]);
    assert_eq!(window.click(&t.get("ui-run")), []);
}

#[test]
fn variants_are_shown_added_renamed_and_deleted() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::variant(Language::De));
    assert_eq!(
        window.click(&t.get("common-variant-baseline")),
        [Action::ShowVariant(0)]
    );
    assert_eq!(window.click(&t.get("ui-add-variant")), [Action::AddVariant]);
    let name = [("name", "Riegel am Kai")];
    assert_eq!(
        window.click(&t.with("ui-delete-variant", &name)),
        [Action::DeleteVariant(1)]
    );
    assert_eq!(window.click(&t.with("ui-rename-variant", &name)), []);
    window
        .harness
        .key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text("Turm".to_owned()));
    window.harness.run_steps(1);
    window.harness.key_press(Key::Enter);
    assert_eq!(window.take(), [Action::RenameVariant(1, "Turm".to_owned())]);
}

/// The new edit of the single action, which is the last step.
fn replaced(actions: &[Action]) -> Edit {
    match actions {
        [
            Action::ReplaceEdit {
                variant: 1,
                edit: 0,
                with,
                done: true,
            },
        ] => with.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_draft_is_moved_turned_and_raised_without_dragging() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::variant(Language::De));
    let step = |window: &mut Window, key: &str, field: &str| {
        let name = t.get(field);
        window.click(&t.with(key, &[("name", name.as_str())]))
    };
    let east = replaced(&step(&mut window, "ui-step-raise", "ui-field-east"));
    let Edit::AddBuilding { footprint, .. } = &east else {
        panic!()
    };
    assert_eq!(footprint[0], [565_061.0, 5_933_000.0]);
    let turned = replaced(&step(&mut window, "ui-step-lower", "ui-field-rotation"));
    assert!(matches!(turned, Edit::AddBuilding { rotation_deg, .. } if rotation_deg == -15.0));
    let lifted = replaced(&step(&mut window, "ui-step-raise", "ui-field-base"));
    assert!(matches!(lifted, Edit::AddBuilding { base_height_m: Some(z), .. } if z == 6.0));
    let typed = replaced(&window.type_number(&t.get("ui-field-height"), "31,5"));
    assert!(matches!(typed, Edit::AddBuilding { height_m, .. } if height_m == 31.5));
    let clamped = replaced(&window.type_number(&t.get("ui-field-height"), "9999"));
    assert!(matches!(clamped, Edit::AddBuilding { height_m, .. } if height_m == 600.0));
    assert_eq!(window.type_number(&t.get("ui-field-height"), "hoch"), []);
    // Keys do the same.
    let east = replaced(&window.press(Modifiers::COMMAND, Key::ArrowRight));
    let Edit::AddBuilding { footprint, .. } = &east else {
        panic!()
    };
    assert_eq!(footprint[0][0], 565_061.0);
    let turned = replaced(&window.press(Modifiers::NONE, Key::R));
    assert!(matches!(turned, Edit::AddBuilding { rotation_deg, .. } if rotation_deg == 15.0));
    assert_eq!(
        window.press(Modifiers::NONE, Key::Delete),
        [Action::DeleteEdit(1, 0)]
    );
}

#[test]
fn the_pointer_drags_are_found_in_the_inspector_the_palette_and_by_key() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::variant(Language::De));
    for (key, name, kind) in [
        (Key::G, "ui-drag-move", DragKind::Move),
        (Key::T, "ui-drag-turn", DragKind::Rotate),
        (Key::H, "ui-drag-raise", DragKind::Raise),
    ] {
        let wanted = [Action::BeginDrag(kind)];
        assert_eq!(window.press(Modifiers::NONE, key), wanted);
        assert_eq!(window.click(&t.get(name)), wanted);
        let rows = super::command::palette_rows(window.harness.state(), &t.get(name));
        assert_eq!(rows.len(), 1, "{name}");
        assert!(rows[0].tip.contains("Esc"), "{}", rows[0].tip);
    }
    // An old building has no edit that could follow the pointer.
    let mut window = Window::new(fixture::baseline(Language::De));
    assert_eq!(window.press(Modifiers::NONE, Key::G), []);
}

#[test]
fn dragging_a_number_ends_with_one_last_step() {
    let mut window = Window::new(fixture::variant(Language::De));
    let rect = window
        .harness
        .get_by_role_and_label(
            Role::SpinButton,
            &texts(Language::De).get("ui-field-height"),
        )
        .rect();
    let at = rect.center();
    window.harness.drag_at(at);
    window.harness.run_steps(1);
    window.harness.hover_at(at + Vec2::new(20.0, 0.0));
    window.harness.run_steps(1);
    window.harness.hover_at(at + Vec2::new(40.0, 0.0));
    window.harness.run_steps(1);
    window.harness.drop_at(at + Vec2::new(40.0, 0.0));
    let steps: Vec<bool> = window
        .take()
        .into_iter()
        .map(|a| match a {
            Action::ReplaceEdit { done, .. } => done,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(steps.len() >= 2, "{steps:?}");
    assert_eq!(steps.iter().filter(|done| **done).count(), 1, "{steps:?}");
    assert_eq!(steps.last(), Some(&true));
}

/// The sun study of the single action.
fn study(actions: &[Action]) -> SunParams {
    match actions {
        [Action::ReplaceScenario(scenario)] => scenario.sun.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_sun_study_is_set_in_one_step_per_change() {
    let t = texts(Language::De);
    let mut window = Window::sized(fixture::variant(Language::De), Vec2::new(1280.0, 1600.0));
    assert_eq!(window.click(&t.get("ui-study")), []);
    for (label, description, ..) in window.controls() {
        assert!(
            !label.trim().is_empty() && !description.contains('{'),
            "{label}: {description}"
        );
    }
    // Distances.
    let facade = t.get("ui-study-facade");
    let typed = study(&window.type_number(&facade, "0,5"));
    assert_eq!(typed.facade_spacing_m, 0.5);
    let clamped = study(&window.type_number(&facade, "0,1"));
    assert_eq!(clamped.facade_spacing_m, 0.25);
    let at = window
        .harness
        .get_by_role_and_label(Role::SpinButton, &t.get("ui-study-ground"))
        .rect()
        .center();
    window.harness.drag_at(at);
    window.harness.run_steps(1);
    for x in [20.0, 40.0, 60.0] {
        window.harness.hover_at(at + Vec2::new(x, 0.0));
        window.harness.run_steps(1);
    }
    assert_eq!(window.take(), []);
    window.harness.drop_at(at + Vec2::new(60.0, 0.0));
    assert!(study(&window.take()).ground_spacing_m > 2.0);
    // Days.
    assert_eq!(
        window.click("21. März 2027"),
        [Action::SetDate("2027-03-21".to_owned())]
    );
    assert_eq!(
        window.click(&t.with("ui-study-remove-day", &[("day", "21. März 2027")])),
        [],
        "one day always stays"
    );
    assert_eq!(window.click(&t.get("ui-study-bar-day")), []);
    window.harness.state_mut().date = "2027-06-21".to_owned();
    window.take();
    let both = ["2027-03-21", "2027-06-21"];
    assert_eq!(study(&window.click(&t.get("ui-study-bar-day"))).dates, both);
    let enter = |window: &mut Window, text: &str| {
        window
            .harness
            .get_by_role_and_label(Role::TextInput, &t.get("ui-study-new-day"))
            .focus();
        window.harness.run_steps(2);
        window
            .harness
            .key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.harness.event(Event::Text(text.to_owned()));
        window.harness.run_steps(1);
        window.harness.key_press(Key::Enter);
        window.take()
    };
    let says = |window: &Window, text: &str| {
        window
            .harness
            .root()
            .children_recursive()
            .any(|n| n.accesskit_node().value().as_deref() == Some(text))
    };
    assert_eq!(enter(&mut window, "2027-02-30"), []);
    let years = [("first", "1900"), ("last", "2100")];
    assert!(says(&window, &t.with("ui-study-day-wrong", &years)));
    assert_eq!(enter(&mut window, "2027-03-21"), []);
    assert!(says(&window, &t.get("ui-study-day-twice")));
    assert_eq!(study(&enter(&mut window, "2027-06-21")).dates, both);
    // Area.
    let area = study(&window.click(&t.get("ui-study-area"))).area;
    assert_eq!(area, Some([564_780.0, 5_932_770.0, 565_280.0, 5_933_270.0]));
}

#[test]
fn layers_findings_and_results_give_their_actions() {
    let t = texts(Language::En);
    let mut window = Window::new(fixture::baseline(Language::En));
    let trees = [("name", "Trees")];
    assert_eq!(
        window.click(&t.with("ui-hide-layer", &trees)),
        [Action::ShowLayer(LayerKind::Trees, false)]
    );
    window
        .harness
        .state_mut()
        .hidden_layers
        .insert(LayerKind::Trees);
    window.take();
    assert_eq!(
        window.click(&t.with("ui-show-layer", &trees)),
        [Action::ShowLayer(LayerKind::Trees, true)]
    );
    // The picker opens, and its lines choose.
    assert_eq!(window.click(&t.get("ui-result")), []);
    assert_eq!(
        window.click(&t.get("ui-no-result")),
        [Action::ShowField(None)]
    );
    // A finding about a building selects it.
    let select = t.get("ui-select");
    assert_eq!(window.click(&select), [Action::Select(Some(1))]);
    let mut window = Window::new(fixture::variant(Language::En));
    assert_eq!(
        window.click(&t.get("ui-difference")),
        [Action::ShowDifference(true)]
    );
}

/// How often each of these texts stands in a window.
fn counts<const N: usize>(state: UiState, keys: [&str; N]) -> [usize; N] {
    let t = texts(state.language);
    let window = Window::sized(state, Vec2::new(1280.0, 1600.0));
    keys.map(|key| window.harness.query_all_by_label(&t.get(key)).count())
}

#[test]
fn key_figures_say_when_they_are_out_of_date_or_cannot_be_compared() {
    let mut mixed = fixture::variant(Language::De);
    // Nothing else in the window has such a mark.
    mixed.field = None;
    mixed.selected = None;
    let keys = [
        "ui-stale",
        "ui-indicators-mixed",
        "ui-indicators-matched",
        "ui-change-column",
    ];
    assert_eq!(counts(mixed.clone(), keys), [1, 1, 0, 0]);
    let mut fresh = mixed.clone();
    let base = fresh.snapshot.results[0][0].result.clone();
    fresh.snapshot.results[1][0].stale = false;
    fresh.snapshot.results[1][0].result = base;
    assert_eq!(counts(fresh, keys), [0, 0, 1, 1]);

    // The sun waits for its exact answer, the water has it.
    let mut both = fixture::water(Language::De);
    both.field = None;
    for results in &mut both.snapshot.results {
        let mut water = (*results[1].result).clone();
        water.indicators.clone_from(&results[0].result.indicators);
        results[1].result = water.into();
    }
    let keys = [
        "ui-indicators-mixed",
        "ui-indicators-matched-flood",
        "ui-change-column",
    ];
    assert_eq!(counts(both, keys), [1, 1, 1]);
}

#[test]
fn the_legend_says_why_a_difference_is_not_shown() {
    let mut state = fixture::variant(Language::De);
    let why = ["ui-difference-mixed"];
    assert_eq!(counts(state.clone(), why), [0]);
    state.difference = true;
    assert_eq!(counts(state.clone(), why), [1]);
    state.snapshot.results[1][0].result = state.snapshot.results[0][0].result.clone();
    assert_eq!(counts(state, why), [0]);
}

#[test]
fn date_and_time_give_their_actions() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::variant(Language::De));
    assert_eq!(
        window.click(&t.get("ui-day-december")),
        [Action::SetDate("2027-12-21".to_owned())]
    );
    assert_eq!(window.click(&t.get("ui-play")), [Action::Play(true)]);
    assert_eq!(
        window.type_number(&t.get("ui-time"), "8:15"),
        [Action::SetMinute(495.0)]
    );
    assert_eq!(
        window.type_number(&t.get("ui-year"), "2030"),
        [Action::SetDate("2030-03-21".to_owned())]
    );
    let slider = t.get("ui-time-of-day");
    window
        .harness
        .get_by_role_and_label(Role::Slider, &slider)
        .focus();
    window.harness.run_steps(2);
    assert_eq!(
        window.press(Modifiers::NONE, Key::ArrowLeft),
        [Action::SetMinute(865.0)]
    );
    let rect = window
        .harness
        .get_by_role_and_label(Role::Slider, &slider)
        .rect();
    window.harness.drag_at(rect.center());
    window.harness.run_steps(1);
    window.harness.drop_at(rect.center());
    assert_eq!(window.take().first(), Some(&Action::SetMinute(720.0)));
}

#[test]
fn the_palette_opens_by_key_finds_and_runs() {
    let mut window = Window::new(fixture::variant(Language::En));
    assert_eq!(window.press(Modifiers::COMMAND, Key::K), []);
    window.harness.event(Event::Text("draufsicht".to_owned()));
    window.harness.run_steps(2);
    assert_eq!(
        window.press(Modifiers::NONE, Key::Enter),
        [Action::Camera(CameraMove::Top)]
    );
    // It has closed: the same key means something else again.
    assert_eq!(
        window.press(Modifiers::NONE, Key::Num7),
        [Action::Camera(CameraMove::Top)]
    );
    window.press(Modifiers::COMMAND, Key::K);
    let unnamed: Vec<_> = window
        .controls()
        .into_iter()
        .filter(|c| c.0.is_empty() || c.1.is_empty())
        .collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

#[test]
fn keys_stay_with_the_field_that_is_typed_in() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::variant(Language::De));
    window
        .harness
        .get_by_role_and_label(Role::SpinButton, &t.get("ui-time"))
        .focus();
    window.harness.run_steps(2);
    assert_eq!(window.press(Modifiers::NONE, Key::D), []);
    assert_eq!(window.press(Modifiers::NONE, Key::Delete), []);
    // Escape leaves the field first, and clears the selection only when pressed again.
    assert_eq!(window.press(Modifiers::NONE, Key::Escape), []);
    assert_eq!(
        window.press(Modifiers::NONE, Key::Escape),
        [Action::Select(None)]
    );
}

#[test]
fn saving_asks_before_it_overwrites() {
    let t = texts(Language::De);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hafenquartier.toml");
    let mut state = fixture::variant(Language::De);
    state.snapshot.scenario_path = Some(path.clone());
    let mut window = Window::new(state);
    // Ctrl+S goes to the file it came from.
    assert_eq!(
        window.press(Modifiers::COMMAND, Key::S),
        [Action::SaveAs(path.clone())]
    );
    // The list of the folder is empty all the while: the disk itself is asked.
    let listed = [Action::ListFolder(folder.path().to_owned())];
    assert_eq!(window.click(&t.get("ui-save-as")), listed);
    assert_eq!(
        window.click(&t.get("ui-save")),
        [Action::SaveAs(path.clone())]
    );
    std::fs::write(&path, "").unwrap();
    window.click(&t.get("ui-save-as"));
    assert_eq!(
        window.click(&t.get("ui-overwrite")),
        [Action::SaveAs(path.clone())]
    );
    // A file that appears while the window is open is found by the click.
    std::fs::remove_file(&path).unwrap();
    window.click(&t.get("ui-save-as"));
    std::fs::write(&path, "").unwrap();
    assert_eq!(window.click(&t.get("ui-save")), []);
    assert_eq!(window.click(&t.get("ui-overwrite")), [Action::SaveAs(path)]);
}

#[test]
fn the_empty_window_teaches_and_opens_the_sample() {
    for language in Language::ALL {
        let mut window = Window::new(fixture::empty(language));
        let t = texts(language);
        let labels: Vec<String> = window
            .harness
            .root()
            .children_recursive()
            .filter_map(|n| n.accesskit_node().value())
            .collect();
        assert!(labels.contains(&t.get("ui-empty-text")), "{labels:?}");
        assert_eq!(
            window.click(&t.get("ui-open-sample")),
            [Action::Open(PathBuf::from("sample:hafenquartier"))]
        );
        assert_eq!(
            window.click("/home/plan/essen.toml"),
            [Action::Open(PathBuf::from("/home/plan/essen.toml"))]
        );
    }
}

#[test]
fn messages_are_closed_one_by_one() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::busy(Language::De));
    let close = t.get("ui-close-message");
    let count = window.harness.get_all_by_label(&close).count();
    assert_eq!(count, 2);
    window.harness.state_mut().dismissed.insert(1);
    window.take();
    assert_eq!(window.click(&close), [Action::DismissMessage(2)]);
}

#[test]
fn the_panels_leave_the_middle_to_the_city() {
    for scale in [0.8, 1.0, 1.5, 2.0] {
        let mut state = fixture::variant(Language::De);
        state.text_scale = scale;
        state.refresh();
        let free = Rc::new(RefCell::new(Rect::NOTHING));
        let kept = Rc::clone(&free);
        let mut harness = Harness::builder().with_size(SIZE).build_ui(move |ui| {
            *kept.borrow_mut() = draw(ui.ctx(), &state).free;
        });
        harness.run_steps(4);
        let free = *free.borrow();
        assert!(free.width() >= 0.37 * SIZE.x, "{scale}: {free}");
        assert!(free.height() >= 0.5 * SIZE.y, "{scale}: {free}");
    }
}

#[test]
fn the_legend_shows_its_own_colours() {
    let state = fixture::baseline(Language::De);
    let picture = picture::picture(&state, [1280.0, 800.0], 1.0, Vec::new());
    let legend = crate::result::legend::legend("sun_hours_en17037").unwrap();
    for class in legend.classes() {
        // 24 × 16 points with an outline of one, less the smooth edge.
        assert!(picture.count(class.color) >= 20 * 12, "{}", class.label_de);
    }
    let palette = palette(Theme::Light);
    let accent = palette.accent.to_array();
    assert!(picture.count([accent[0], accent[1], accent[2]]) > 500);
}

#[test]
fn pictures_of_all_panels_are_written_when_asked_for() {
    let Ok(folder) = std::env::var("PLANSPIEL_PANEL_PICTURES") else {
        return;
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let none = Vec::new;
    let key = |modifiers, key| {
        vec![
            vec![Event::Key {
                key,
                physical_key: None,
                pressed: true,
                repeat: false,
                modifiers,
            }],
            Vec::new(),
            Vec::new(),
        ]
    };
    for language in Language::ALL {
        let code = language.code();
        for (name, state) in states(language) {
            let picture = picture::picture(&state, [1280.0, 800.0], 1.0, none());
            picture.write_png(&folder.join(format!("{name}-{code}.png")));
        }
    }
    for (name, state) in [
        ("small-wind", fixture::wind(Language::De)),
        ("small-water", fixture::water(Language::De)),
        ("small-shuttles", fixture::shuttles(Language::En, None)),
    ] {
        let picture = picture::picture(&state, [1024.0, 700.0], 1.0, none());
        picture.write_png(&folder.join(format!("{name}.png")));
    }
    let open = fixture::variant(Language::De);
    for (name, events) in [
        ("palette", key(Modifiers::COMMAND, Key::K)),
        ("help", key(Modifiers::NONE, Key::F1)),
        (
            "save",
            key(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::S),
        ),
        ("open", key(Modifiers::COMMAND, Key::O)),
        (
            "tooltip",
            vec![
                vec![Event::PointerMoved(Pos2::new(300.0, 24.0))],
                Vec::new(),
                Vec::new(),
            ],
        ),
    ] {
        let mut state = open.clone();
        state.folder = super::folder::read_folder(Path::new(env!("CARGO_MANIFEST_DIR")));
        let picture = picture::picture(&state, [1280.0, 800.0], 1.0, events);
        picture.write_png(&folder.join(format!("{name}.png")));
    }
    for (name, theme, scale) in [
        ("dark", Theme::Dark, 1.0),
        ("contrast", Theme::HighContrast, 1.0),
        ("large", Theme::Light, 1.5),
        ("largest", Theme::Light, 2.0),
    ] {
        let mut state = fixture::busy(Language::De);
        state.theme = theme;
        state.text_scale = scale;
        state.refresh();
        let picture = picture::picture(&state, [1280.0, 800.0], 1.0, none());
        picture.write_png(&folder.join(format!("{name}.png")));
    }
    let mut state = fixture::busy(Language::En);
    state.text_scale = 2.0;
    state.selected = None;
    state.snapshot.messages.clear();
    state.snapshot.job = None;
    state.refresh();
    let picture = picture::picture(&state, [1280.0, 800.0], 1.0, none());
    picture.write_png(&folder.join("largest-left.png"));
    let mut state = fixture::variant(Language::De);
    state.selected = None;
    state.selected_edit = None;
    state.refresh();
    let sharp = picture::picture(&state, [1280.0, 800.0], 2.0, none());
    sharp.write_png(&folder.join("indicators.png"));
}
