//! Mends what bevy_egui makes of keys.

use bevy::input::keyboard::{Key, KeyboardFocusLost, KeyboardInput};
use bevy::prelude::*;
use bevy_egui::helpers::{bevy_to_egui_key, bevy_to_egui_physical_key};
use bevy_egui::input::ModifierKeysState;
use bevy_egui::{EguiInput, egui};

/// bevy_egui 0.42.0 pushes a `ModifiersChanged` event in every frame; egui answers every event with a repaint, so that the
/// window would never rest (fixed in 0.43, which needs Bevy 0.20). Drops the event unless it changes something.
///
/// It also gives all keys of a frame the modifiers of its end: where a frame takes long, Ctrl+Z pressed and released within it
/// would be a Z. Gives every key those of its own moment.
pub(super) fn mend_keys(
    mut inputs: Query<&mut EguiInput>,
    mut keyboard: MessageReader<KeyboardInput>,
    mut focus: MessageReader<KeyboardFocusLost>,
    mut held: Local<ModifierKeysState>,
    mut last: Local<egui::Modifiers>,
) {
    if focus.read().next().is_some() {
        *held = ModifierKeysState::default();
    }
    let mut keys = Vec::new();
    let mut commands = Vec::new();
    for message in keyboard.read() {
        let pressed = message.state.is_pressed();
        match &message.logical_key {
            Key::Shift => held.shift = pressed,
            Key::Control => held.ctrl = pressed,
            Key::Alt => held.alt = pressed,
            Key::Super | Key::Meta => held.win = pressed,
            Key::Character(text) if pressed && !held.text_input_is_allowed() => {
                commands.push(text.to_string());
            }
            _ => {}
        }
        let key = bevy_to_egui_key(&message.logical_key);
        if key
            .or(bevy_to_egui_physical_key(&message.key_code))
            .is_some()
        {
            keys.push(held.to_egui_modifiers());
        }
    }
    for mut input in &mut inputs {
        let mut seen = *last;
        let mut moments = keys.iter();
        let mut typed = commands.clone();
        input.events.retain_mut(|event| match event {
            egui::Event::ModifiersChanged(modifiers) => {
                let changed = *modifiers != seen;
                seen = *modifiers;
                changed
            }
            egui::Event::Key { modifiers, .. } => {
                *modifiers = moments.next().copied().unwrap_or(*modifiers);
                true
            }
            egui::Event::Text(text) => match typed.iter().position(|t| t == text) {
                Some(at) => {
                    typed.remove(at);
                    false
                }
                None => true,
            },
            _ => true,
        });
        *last = seen;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modifier_event_without_a_change_is_dropped() {
        let mut app = App::new();
        app.add_message::<KeyboardInput>()
            .add_message::<KeyboardFocusLost>()
            .add_systems(Update, mend_keys);
        let id = app.world_mut().spawn(EguiInput::default()).id();
        let mut step = |modifiers: egui::Modifiers| {
            let mut entity = app.world_mut().entity_mut(id);
            let mut input = entity.get_mut::<EguiInput>().unwrap();
            input.events = vec![egui::Event::ModifiersChanged(modifiers)];
            app.update();
            app.world()
                .entity(id)
                .get::<EguiInput>()
                .map_or(0, |i| i.events.len())
        };
        assert_eq!(step(egui::Modifiers::NONE), 0);
        assert_eq!(step(egui::Modifiers::SHIFT), 1);
        assert_eq!(step(egui::Modifiers::SHIFT), 0);
        assert_eq!(step(egui::Modifiers::NONE), 1);
    }

    #[test]
    fn a_key_has_the_modifiers_of_its_own_moment() {
        use bevy::input::ButtonState::{Pressed, Released};
        let mut app = App::new();
        app.add_message::<KeyboardInput>()
            .add_message::<KeyboardFocusLost>()
            .add_systems(Update, mend_keys);
        let key = |pressed| egui::Event::Key {
            key: egui::Key::Z,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: egui::Modifiers::NONE,
        };
        let events = vec![key(true), egui::Event::Text("z".to_owned()), key(false)];
        let input = EguiInput(egui::RawInput {
            events,
            ..egui::RawInput::default()
        });
        let id = app.world_mut().spawn(input).id();
        for (logical_key, key_code, state) in [
            (Key::Control, KeyCode::ControlLeft, Pressed),
            (Key::Character("z".into()), KeyCode::KeyZ, Pressed),
            (Key::Control, KeyCode::ControlLeft, Released),
            (Key::Character("z".into()), KeyCode::KeyZ, Released),
        ] {
            app.world_mut().write_message(KeyboardInput {
                key_code,
                logical_key,
                state,
                text: None,
                repeat: false,
                window: Entity::PLACEHOLDER,
            });
        }
        app.update();
        let input = app.world().entity(id).get::<EguiInput>().unwrap();
        let ctrl: Vec<bool> = input
            .events
            .iter()
            .map(|e| matches!(e, egui::Event::Key { modifiers, .. } if modifiers.ctrl))
            .collect();
        assert_eq!(ctrl, [true, false], "{:?}", input.events);
    }
}
