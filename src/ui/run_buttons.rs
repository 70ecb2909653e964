//! Exact, coarse, cancel: the buttons of one simulation.

use egui::Ui;

use super::action::Action;
use super::command::{Command, Effect};
use super::icons::Icon;
use super::state::UiState;
use super::widgets::{Button, Paint, Weight};

/// What tells the buttons of one simulation from those of another.
pub(super) struct RunButtons {
    /// Registered name.
    pub(super) simulation: &'static str,
    /// Command of the exact answer.
    pub(super) exact: Command,
    /// Command of the coarse answer.
    pub(super) coarse: Command,
    /// Icon of the exact answer.
    pub(super) icon: Icon,
    /// Text key of the word on the coarse button.
    pub(super) short: &'static str,
    /// Text key of the name of the cancel button.
    pub(super) cancel: &'static str,
}

impl RunButtons {
    /// Draws them; cancel works while this simulation runs.
    pub(super) fn show(&self, ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
        let mut effects = Vec::new();
        let job = state.snapshot.job.as_ref();
        let running = job.is_some_and(|j| j.simulation == self.simulation);
        ui.horizontal(|ui| {
            let coarse = paint.get(self.short);
            for (command, icon, short) in [
                (self.exact, Some(self.icon), None),
                (self.coarse, None, Some(coarse.as_str())),
            ] {
                let (name, tip) = command.words(paint.t);
                let keys = command.printed_keys(paint.t);
                let effect = command.effect(state);
                let mut button = Button::words(&name, &tip)
                    .weight(Weight::Normal)
                    .keys(&keys)
                    .enabled(effect.is_some());
                button.icon = icon;
                button.words = short.or(button.words);
                let clicked = button.show(ui, paint).clicked();
                effects.extend(effect.filter(|_| clicked));
            }
            let name = paint.get(self.cancel);
            let clicked = Button::icon(Icon::Cancel, &name, &paint.get("ui-cancel-tip"))
                .enabled(running)
                .show(ui, paint)
                .clicked();
            if clicked {
                effects.push(Effect::Act(Action::Cancel));
            }
        });
        effects
    }
}
