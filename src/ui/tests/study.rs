//! What the folding sections of all simulations have in common, and the card that folds.

use egui::Vec2;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::text::{Language, texts};
use crate::ui::UiState;

use super::{Window, fixture, is_control};

fn tall(state: UiState) -> Window {
    Window::sized(state, Vec2::new(1280.0, 1600.0))
}

/// Whether the control with this name is open; `None` where it does not fold.
fn expanded(window: &Window, label: &str) -> Option<bool> {
    let nodes = window.harness.query_all_by_label(label);
    let mut controls = nodes.filter(is_control);
    controls.find_map(|node| node.accesskit_node().data().is_expanded())
}

#[test]
fn every_simulation_has_a_title_that_folds_and_buttons_that_run() {
    for language in Language::ALL {
        let t = texts(language);
        for (state, title, buttons) in [
            (fixture::variant(language), "ui-study", vec!["ui-run"]),
            (
                fixture::water(language),
                "ui-water",
                vec!["ui-water-run", "ui-water-coarse"],
            ),
            (
                fixture::wind(language),
                "ui-wind",
                vec!["ui-wind-run", "ui-wind-coarse"],
            ),
            (
                fixture::traffic(language),
                "ui-traffic",
                vec!["ui-traffic-run", "ui-traffic-coarse"],
            ),
            (
                fixture::access(language),
                "ui-access",
                vec!["ui-access-run", "ui-access-coarse"],
            ),
            (
                fixture::shuttles(language, None),
                "report-shuttle",
                vec!["ui-shuttle-run", "ui-shuttle-coarse"],
            ),
        ] {
            let mut window = tall(state);
            let controls = window.controls();
            for key in buttons {
                let name = t.get(key);
                let found = controls.iter().filter(|c| c.0 == name && !c.1.is_empty());
                assert_eq!(found.count(), 1, "{language:?} {key}");
            }
            let title = t.get(title);
            assert_eq!(expanded(&window, &title), Some(false), "{title}");
            window.click(&title);
            assert_eq!(expanded(&window, &title), Some(true), "{title}");
            assert!(window.controls().len() > controls.len(), "{title}");
        }
    }
}

#[test]
fn numbers_and_buttons_stand_in_columns_whatever_their_unit() {
    let columns = |state: UiState, title: &str, labels: &[&str]| {
        let t = texts(Language::De);
        let mut window = tall(state);
        window.click(&t.get(title));
        let controls = window.controls();
        for step in ["ui-step-lower", "", "ui-step-raise"] {
            let places: Vec<[f32; 2]> = labels
                .iter()
                .map(|label| {
                    let label = t.get(label);
                    let name = match step {
                        "" => label,
                        _ => t.with(step, &[("name", label.as_str())]),
                    };
                    let found = controls.iter().find(|c| c.0 == name);
                    let rect = found.unwrap_or_else(|| panic!("{name}")).2;
                    [rect.left(), rect.right()]
                })
                .collect();
            let same = places.windows(2).all(|pair| pair[0] == pair[1]);
            assert!(same, "{step} {labels:?}: {places:?}");
        }
    };
    let shuttles = [
        "ui-shuttle-fleet",
        "ui-shuttle-seats",
        "ui-shuttle-wait",
        "ui-shuttle-detour",
    ];
    columns(
        fixture::shuttles(Language::De, None),
        "report-shuttle",
        &shuttles,
    );
    let water = ["ui-water-duration", "ui-water-cell", "ui-water-sewer"];
    columns(fixture::water(Language::De), "ui-water", &water);
}

#[test]
fn the_card_leaves_a_small_window_to_the_city_and_unfolds() {
    for language in Language::ALL {
        let t = texts(language);
        let (fold, unfold) = (t.get("ui-legend-fold"), t.get("ui-legend-unfold"));
        let wide = Window::new(fixture::wind(language));
        assert_eq!(expanded(&wide, &fold), Some(true));
        let mut small = Window::sized(fixture::wind(language), Vec2::new(1024.0, 700.0));
        let top = |window: &Window| {
            let controls = window.controls().into_iter();
            let mut picker = controls.filter(|c| c.0 == t.get("ui-result"));
            picker.next().unwrap().2.top()
        };
        let folded = top(&small);
        small.click(&unfold);
        assert_eq!(expanded(&small, &fold), Some(true));
        assert!(folded > top(&small) + 100.0, "{folded} {}", top(&small));
        small.click(&fold);
        assert_eq!(top(&small), folded);
    }
}
