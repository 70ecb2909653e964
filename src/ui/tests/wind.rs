//! Wind: the arrows of its direction.

use egui::{Key, Modifiers};

use crate::text::{Language, texts};
use crate::ui::Action;
use crate::ui::command::Command;

use super::{Window, fixture};

/// Name of the switch of the arrows.
fn switch(language: Language) -> String {
    texts(language).with("ui-streaks", &[("deg", "240")])
}

#[test]
fn arrows_of_the_wind_are_switched_by_pointer_and_key() {
    for language in Language::ALL {
        let on = [Action::ShowArrows(true)];
        // On a map of a whole year they come on demand.
        let mut window = Window::new(fixture::wind(language));
        assert_eq!(window.click(&switch(language)), on);
        assert_eq!(window.press(Modifiers::NONE, Key::A), on);
        // A map of one direction has them until a person says otherwise.
        let mut state = fixture::wind(language);
        state.field = Some("wind_speed_240".to_owned());
        state.refresh();
        assert!(state.arrows_shown());
        let mut window = Window::new(state.clone());
        let off = [Action::ShowArrows(false)];
        assert_eq!(window.click(&switch(language)), off);
        state.arrows = Some(false);
        state.refresh();
        assert!(!state.arrows_shown());
    }
}

#[test]
fn there_are_no_arrows_without_a_wind_map() {
    let mut state = fixture::wind(Language::De);
    state.field = Some("sun_hours_ground".to_owned());
    state.refresh();
    assert!(state.prepared.world.streaks.is_none() && !state.arrows_shown());
    assert!(Command::Arrows.effect(&state).is_none());
}
