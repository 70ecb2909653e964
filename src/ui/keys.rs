//! Keys become commands. Keys that belong to a control (arrows in a slider, letters in a text field) stay with it.

use egui::{Context, Event, Id, Key};

use super::command::{Command, Effect};
use super::state::UiState;

/// Who had the keyboard when the frame began.
#[derive(Clone, Copy, Debug)]
pub struct Keyboard {
    typing: bool,
    focused: bool,
    popup: bool,
}

fn id() -> Id {
    Id::new("planspiel-keyboard")
}

impl Keyboard {
    /// Before the panels are drawn. egui takes the focus away on Escape before any panel runs, so the state at the end of
    /// the last frame counts as well.
    pub fn at_start(ctx: &Context) -> Self {
        let now = Self::of(ctx);
        let before: Option<Self> = ctx.data(|d| d.get_temp(id()));
        Self {
            typing: now.typing || before.is_some_and(|b| b.typing),
            focused: now.focused || before.is_some_and(|b| b.focused),
            popup: now.popup || before.is_some_and(|b| b.popup),
        }
    }

    fn of(ctx: &Context) -> Self {
        Self {
            typing: ctx.text_edit_focused(),
            focused: ctx.memory(|m| m.focused().is_some()),
            popup: ctx.any_popup_open(),
        }
    }

    /// Commands of the keys pressed in this frame. Call it after the panels.
    pub fn effects(self, ctx: &Context, state: &UiState, window_open: bool) -> Vec<Effect> {
        let now = Self::of(ctx);
        ctx.data_mut(|d| d.insert_temp(id(), now));
        let mut effects = Vec::new();
        let mut taken = Vec::new();
        for command in Command::ALL {
            for (modifiers, key) in command.keys() {
                if taken.contains(key) || !self.free(*key, modifiers.command, command, window_open)
                {
                    continue;
                }
                let pressed = ctx.input(|i| {
                    i.events.iter().any(|event| {
                        matches!(event, Event::Key { key: k, pressed: true, modifiers: m, .. }
                            if k == key && m.matches_exact(*modifiers))
                    })
                });
                if pressed && let Some(effect) = command.effect(state) {
                    effects.push(effect);
                    taken.push(*key);
                }
            }
        }
        effects
    }

    /// No control wants this key.
    fn free(self, key: Key, with_ctrl: bool, command: Command, window_open: bool) -> bool {
        if window_open {
            // Windows close by Escape themselves; the palette's and the help's own keys close them as well.
            return matches!(command, Command::Palette | Command::Help);
        }
        let function_key = matches!(key, Key::F1 | Key::F5 | Key::F6 | Key::F7 | Key::F8);
        let arrow = matches!(
            key,
            Key::ArrowUp | Key::ArrowDown | Key::ArrowLeft | Key::ArrowRight
        );
        if key == Key::Escape {
            return !self.popup && !self.typing;
        }
        if key == Key::Enter {
            return !self.focused && !self.typing && !self.popup;
        }
        if self.typing {
            let text_edit = matches!(key, Key::Z | Key::Y) || arrow;
            return function_key || (with_ctrl && !text_edit);
        }
        // Plain arrows walk through the controls once one has the focus.
        !(arrow && self.focused && !with_ctrl)
    }
}
