//! What the folding sections of the simulations share: the title with its note, and exact, coarse, cancel.

use egui::{Label, Ui};

use crate::scenario::Scenario;

use super::action::Action;
use super::command::{Command, Effect};
use super::icons::Icon;
use super::state::UiState;
use super::theme::caption;
use super::widgets::{Button, Paint, Weight, fold_title};

/// What tells the section of one simulation from those of the others.
pub(super) struct StudyPanel<T> {
    /// Tells its controls from those of other sections.
    pub(super) id: &'static str,
    /// Text keys of title and tooltip, and of the note while the scenario has no such study.
    pub(super) words: [&'static str; 3],
    /// Settings in a scenario.
    pub(super) settings: fn(&Scenario) -> Option<&T>,
    /// Its buttons, unless those of the tool row serve.
    pub(super) run: Option<RunButtons>,
}

impl<T> StudyPanel<T> {
    /// Draws the title with the note of the study, the buttons of a study that is there, and when it is open what is inside.
    pub(super) fn show(
        &self,
        ui: &mut Ui,
        paint: &Paint,
        state: &UiState,
        note: impl FnOnce(&Scenario, &T) -> String,
        inside: impl FnOnce(&mut Ui, &Scenario, Option<&T>) -> Vec<Effect>,
    ) -> Vec<Effect> {
        let Some(scenario) = state.snapshot.scenario.as_deref() else {
            return Vec::new();
        };
        let settings = (self.settings)(scenario);
        let [name, tip, none] = self.words.map(|key| paint.get(key));
        let note = settings.map_or(none, |settings| note(scenario, settings));
        ui.push_id(self.id, |ui| {
            let open = fold_title(ui, paint, &name, &note, &tip);
            let mut effects = Vec::new();
            if let (Some(run), Some(_)) = (&self.run, settings) {
                effects.extend(run.show(ui, paint, state));
            }
            if open {
                ui.spacing_mut().item_spacing.y = paint.of(4.0);
                effects.extend(inside(ui, scenario, settings));
            }
            effects
        })
        .inner
    }
}

/// The scenario with other settings of the simulation that `of` leads to.
pub(super) fn with_settings<T: Default>(
    scenario: &Scenario,
    of: fn(&mut Scenario) -> &mut Option<T>,
    change: impl FnOnce(&mut T),
) -> Action {
    let mut scenario = scenario.clone();
    change(of(&mut scenario).get_or_insert_default());
    Action::ReplaceScenario(Box::new(scenario))
}

/// A sentence in a section: what stands in the file, or what a study needs.
pub(super) fn hint_ui(ui: &mut Ui, paint: &Paint, key: &str) {
    ui.add(Label::new(caption(&paint.look, paint.get(key))).wrap());
}

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
    fn show(&self, ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
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
