//! Water: settings, the clock of the event, tools, section.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::flood::params::{
    BuildingMode, FloodParams, FloodSolver, InfiltrationLaw, Rain, RainPreset, RoofRain,
};
use crate::result::Quality;
use crate::text::{Language, texts};
use crate::ui::Action;
use crate::ui::action::Tool;
use crate::ui::tool_card::ToolNumbers;

use super::{Window, fixture};

fn tall(language: Language) -> Window {
    Window::sized(fixture::water(language), Vec2::new(1280.0, 1600.0))
}

/// The water settings of the single action.
fn flood(actions: &[Action]) -> FloodParams {
    match actions {
        [Action::ReplaceScenario(scenario)] => scenario.flood.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn water_settings_change_in_one_step_each() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = tall(language);
        assert_eq!(window.click(&t.get("ui-water")), []);
        let choose = |window: &mut Window, list: &str, line: &str| {
            // A list that was chosen from without a pointer stays open.
            let line_there = window.harness.query_all_by_label(&t.get(line)).count() > 0;
            if !line_there {
                assert_eq!(window.click(&t.get(list)), [], "{list}");
            }
            flood(&window.click(&t.get(line)))
        };
        let rain = choose(&mut window, "ui-rain", "ui-rain-hh-sri7").rain;
        let Some(Rain::Preset { preset, .. }) = rain else {
            panic!("{rain:?}")
        };
        assert_eq!(preset, RainPreset::HhSri7);
        assert_eq!(choose(&mut window, "ui-rain", "ui-rain-none").rain, None);
        let block = choose(&mut window, "ui-rain", "ui-rain-block").rain;
        assert!(matches!(block, Some(Rain::Block { .. })), "{block:?}");
        let law = choose(
            &mut window,
            "ui-water-infiltration",
            "ui-infiltration-green-ampt",
        );
        assert_eq!(law.infiltration, InfiltrationLaw::GreenAmpt);
        let roofs = choose(&mut window, "ui-water-roofs", "ui-roofs-drain");
        assert_eq!(roofs.roof_rain, RoofRain::Drain);
        let block = choose(&mut window, "ui-water-buildings", "ui-water-block");
        assert_eq!(block.buildings, BuildingMode::Block);
        let preview = choose(&mut window, "ui-water-solver", "ui-solver-preview");
        assert_eq!(preview.solver, FloodSolver::Preview);
        let sharp = flood(&window.click(&t.get("ui-water-second-order")));
        assert_eq!(sharp.order, 2);
        let sewer = flood(&window.type_number(&t.get("ui-water-sewer"), "12"));
        assert_eq!(sewer.sewer_mm_per_h, 12.0);
        let long = flood(&window.type_number(&t.get("ui-water-duration"), "180"));
        assert_eq!(long.duration_s, 10_800.0);
        let cell = flood(&window.type_number(&t.get("ui-water-cell"), "4"));
        assert_eq!(cell.cell_m, 4.0);
    }
}

#[test]
fn water_is_added_and_computed_from_its_panel() {
    let t = texts(Language::De);
    let mut window = Window::sized(fixture::variant(Language::De), Vec2::new(1280.0, 1600.0));
    assert_eq!(window.click(&t.get("ui-water")), []);
    let added = flood(&window.click(&t.get("ui-water-add")));
    assert!(
        matches!(added.rain, Some(Rain::Preset { preset, .. }) if preset == RainPreset::HhSri7)
    );
    let mut window = tall(Language::De);
    for (key, quality) in [
        ("ui-water-run", Quality::Exact),
        ("ui-water-coarse", Quality::Coarse),
    ] {
        let wanted = [Action::RunOne("flood", quality)];
        assert_eq!(window.click(&t.get(key)), wanted);
    }
    assert_eq!(window.click(&t.get("ui-water-cancel")), []);
    window.harness.state_mut().snapshot.job =
        fixture::busy(Language::De)
            .snapshot
            .job
            .map(|job| crate::sim::JobStatus {
                simulation: "flood",
                ..job
            });
    window.take();
    assert_eq!(window.click(&t.get("ui-water-cancel")), [Action::Cancel]);
}

#[test]
fn the_clock_of_the_event_runs_steps_and_jumps() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = Window::new(fixture::water(language));
        let to = |seconds: f64| vec![Action::SetEventTime(seconds)];
        assert_eq!(
            window.click(&t.get("ui-event-play")),
            [Action::PlayEvent(true)]
        );
        assert_eq!(window.click(&t.get("ui-event-back")), to(1200.0));
        assert_eq!(window.click(&t.get("ui-event-forward")), to(1800.0));
        let name = t.get("ui-event-time");
        assert_eq!(window.type_number(&name, "0:41"), to(2460.0));
        assert_eq!(window.type_number(&name, "9:00"), to(3600.0));
        let slider = t.get("ui-event-slider");
        window
            .harness
            .get_by_role_and_label(Role::Slider, &slider)
            .focus();
        window.harness.run_steps(2);
        assert_eq!(window.press(Modifiers::NONE, Key::ArrowRight), to(1800.0));
        let rect = window
            .harness
            .get_by_role_and_label(Role::Slider, &slider)
            .rect();
        window.harness.drag_at(rect.center());
        window.harness.run_steps(1);
        window.harness.drop_at(rect.center());
        assert_eq!(window.take().first(), to(1800.0).first());
        assert_eq!(
            window.click(&t.get("ui-arrows")),
            [Action::ShowArrows(true)]
        );
        assert_eq!(window.click(&t.get("ui-event-speed")), []);
        let fast = window.click(&format!("{}×", language.number(300.0, 0)));
        assert_eq!(fast, [Action::SetEventSpeed(300.0)]);
    }
}

#[test]
fn a_wall_is_drawn_with_keys_alone() {
    let t = texts(Language::De);
    let mut window = Window::new(fixture::water(Language::De));
    for (key, tool) in [
        (Key::W, Tool::Wall),
        (Key::U, Tool::Raise),
        (Key::L, Tool::Section),
    ] {
        let taken = window.press(Modifiers::NONE, key);
        assert_eq!(taken, [Action::UseTool(Some(tool))]);
        assert_eq!(window.click(&t.get(tool_name(tool))), taken);
    }
    let mut window = Window::new(fixture::wall(Language::De));
    let middle = window.harness.state().view_centre.unwrap();
    let here = [Action::SketchPoint(middle)];
    assert_eq!(window.click(&t.get("ui-sketch-here")), here);
    let height = window.type_number(&t.get("ui-field-wall-height"), "1,5");
    let numbers = ToolNumbers {
        wall_m: 1.5,
        ..ToolNumbers::default()
    };
    assert_eq!(height, [Action::SetToolNumbers(numbers)]);
    // The field keeps the keyboard; the keys of the tool work again once it is left.
    window.press(Modifiers::NONE, Key::Escape);
    for (key, action) in [
        (Key::Enter, Action::SketchDone),
        (Key::Backspace, Action::SketchBack),
        (Key::Escape, Action::UseTool(None)),
    ] {
        assert_eq!(window.press(Modifiers::NONE, key), [action]);
    }
    // One point is no wall.
    window.harness.state_mut().sketch.truncate(1);
    window.take();
    assert_eq!(window.press(Modifiers::NONE, Key::Enter), []);
    assert_eq!(window.click(&t.get("ui-sketch-done")), []);
}

fn tool_name(tool: Tool) -> &'static str {
    match tool {
        Tool::Wall => "ui-tool-wall",
        Tool::Raise => "ui-tool-raise",
        Tool::Area => "ui-tool-area",
        Tool::Section => "ui-tool-section",
    }
}

#[test]
fn walls_and_terrain_belong_to_variants() {
    let t = texts(Language::De);
    let mut state = fixture::water(Language::De);
    state.variant = 0;
    state.refresh();
    let mut window = Window::new(state);
    assert_eq!(window.click(&t.get("ui-tool-wall")), []);
    assert_eq!(window.click(&t.get("ui-tool-raise")), []);
    let section = [Action::UseTool(Some(Tool::Section))];
    assert_eq!(window.click(&t.get("ui-tool-section")), section);
}

#[test]
fn a_section_is_spoken_and_closed() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = Window::new(fixture::water(language));
        let title = t.get("ui-section-title");
        let spoken = window
            .harness
            .get_by_role_and_label(Role::Image, &title)
            .accesskit_node()
            .description()
            .unwrap_or_default();
        // 180 m from east to west, 10 m to the south.
        let length = language.with_unit(180.28, 0, "m");
        assert!(spoken.contains(&length), "{spoken}");
        let closed = window.click(&t.get("ui-section-close"));
        assert_eq!(closed, [Action::SetSection(Vec::new())]);
    }
}

#[test]
fn the_water_under_the_cursor_is_told_and_moves_nothing() {
    for language in Language::ALL {
        let place = |state| -> Vec<String> {
            let window = Window::new(state);
            let controls = window.controls().into_iter();
            controls
                .map(|(label, _, rect, _)| format!("{label} {rect:.0?}"))
                .collect()
        };
        let state = fixture::water(language);
        let facts = state.prepared.now.water.clone().unwrap();
        let values: Vec<&str> = facts.iter().map(|f| f.value.as_str()).collect();
        let number = |v| language.number(v, 2);
        let speed = format!(
            "{} · {}",
            texts(language).get("ui-direction-se"),
            number(0.5)
        );
        let wanted = [number(0.42), number(5.46), speed, number(0.42)];
        assert_eq!(values, wanted);
        let mut away = state.clone();
        away.hover = None;
        away.event.time_s = 3599.0;
        away.refresh();
        assert_eq!(place(state), place(away));
    }
}

#[test]
fn the_section_leaves_the_legend_free() {
    for (size, scale) in [
        ([1280.0, 800.0], 1.0),
        ([1600.0, 1000.0], 1.0),
        ([1600.0, 1000.0], 1.2),
    ] {
        let mut state = fixture::water(Language::De);
        state.text_scale = scale;
        state.refresh();
        let t = texts(Language::De);
        let window = Window::sized(state, size.into());
        let place = |key: &str| {
            let controls = window.controls().into_iter();
            let mut rects = controls.filter(|c| c.0 == t.get(key)).map(|c| c.2);
            rects.next_back().unwrap()
        };
        let (close, picker) = (place("ui-section-close"), place("ui-result"));
        let plot = window
            .harness
            .get_by_role_and_label(Role::Image, &t.get("ui-section-title"))
            .rect();
        assert!(
            plot.left() > picker.right() + 16.0,
            "{size:?}: {plot} {picker}"
        );
        assert!(
            close.right() < size[0] && plot.width() > 150.0,
            "{size:?}: {plot}"
        );
    }
}
