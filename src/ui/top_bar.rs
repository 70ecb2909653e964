//! The tool row at the top.

use egui::{Align, Layout, Ui};

use crate::text::Language;

use super::action::{Action, Panel, Theme};
use super::command::{Command, Effect};
use super::icons::Icon;
use super::state::UiState;
use super::widgets::{Button, Paint, Weight};

/// The tools with words, then those with an icon only; groups are separated by a gap.
const WORDS: [&[(Command, Icon)]; 3] = [
    &[(Command::Open, Icon::Open), (Command::SaveAs, Icon::Save)],
    &[(Command::Undo, Icon::Undo), (Command::Redo, Icon::Redo)],
    &[
        (Command::RunExact, Icon::Run),
        (Command::Cancel, Icon::Cancel),
    ],
];
const CAMERA: [(Command, Icon); 4] = [
    (Command::Home, Icon::Home),
    (Command::North, Icon::North),
    (Command::Top, Icon::Top),
    (Command::Focus, Icon::Focus),
];

/// Open, save, undo, compute, camera at the left; search, panels, text size, colours, language, help at the right.
pub fn top_bar_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = paint.of(4.0);
        let tight = paint.tight(ui.ctx());
        let words = !tight && room_for_words(ui, paint);
        for group in WORDS {
            for (command, icon) in group {
                effects.extend(tool(ui, paint, state, *command, *icon, words));
            }
            ui.add_space(paint.of(12.0));
        }
        for (command, icon) in CAMERA {
            effects.extend(tool(ui, paint, state, command, icon, false));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // Drawn from the right edge, so in reverse.
            effects.extend(tool(ui, paint, state, Command::Help, Icon::Help, false));
            // What is left out here is found in the palette and by its key.
            if !tight {
                effects.extend(languages_ui(ui, paint, state));
                ui.add_space(paint.of(8.0));
                effects.extend(theme_ui(ui, paint, state));
                effects.extend(tool(
                    ui,
                    paint,
                    state,
                    Command::TextLarger,
                    Icon::TextLarger,
                    false,
                ));
            }
            effects.extend(tool(
                ui,
                paint,
                state,
                Command::TextSmaller,
                Icon::TextSmaller,
                false,
            ));
            if !tight {
                ui.add_space(paint.of(8.0));
                effects.extend(panels_ui(ui, paint, state));
            }
            effects.extend(tool(ui, paint, state, Command::Palette, Icon::Find, false));
        });
    });
    effects
}

/// Switches of the three panels.
fn panels_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    for (command, icon, panel) in [
        (Command::PanelRight, Icon::PanelRight, Panel::Right),
        (Command::PanelBottom, Icon::PanelBottom, Panel::Bottom),
        (Command::PanelLeft, Icon::PanelLeft, Panel::Left),
    ] {
        let shown = !state.folded.contains(&panel);
        effects.extend(tool_button(
            ui,
            paint,
            state,
            command,
            icon,
            false,
            Some(shown),
        ));
    }
    ui.add_space(paint.of(8.0));
    effects
}

/// The words fit beside everything else.
fn room_for_words(ui: &Ui, paint: &Paint) -> bool {
    let words: f32 = WORDS
        .iter()
        .flat_map(|group| group.iter())
        .map(|(command, icon)| {
            let name = paint.get(command.texts().0);
            Button::words(&name, "").with_icon(*icon).width(ui, paint) + paint.of(4.0)
        })
        .sum();
    let icons = (paint.look.size.control() + paint.of(4.0)) * (CAMERA.len() + 10) as f32;
    words + icons + paint.of(80.0) < ui.available_width()
}

fn tool(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    command: Command,
    icon: Icon,
    words: bool,
) -> Option<Effect> {
    tool_button(ui, paint, state, command, icon, words, None)
}

fn tool_button(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    command: Command,
    icon: Icon,
    words: bool,
    chosen: Option<bool>,
) -> Option<Effect> {
    let (name, tip) = command.words(paint.t);
    let keys = command.printed_keys(paint.t);
    let effect = command.effect(state);
    let primary = command == Command::RunExact && effect.is_some();
    let weight = if primary {
        Weight::Primary
    } else {
        Weight::Quiet
    };
    let mut button = Button::icon(icon, &name, &tip)
        .weight(weight)
        .keys(&keys)
        .enabled(effect.is_some());
    if words {
        button.words = Some(&name);
    }
    if let Some(chosen) = chosen {
        button = button.chosen(chosen);
    }
    let clicked = button.show(ui, paint).clicked();
    effect.filter(|_| clicked)
}

/// Light, dark, high contrast in turn.
fn theme_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Effect> {
    let at = Theme::ALL
        .iter()
        .position(|t| *t == state.theme)
        .unwrap_or(0);
    let next = Theme::ALL[(at + 1) % Theme::ALL.len()];
    let name = paint.get(match next {
        Theme::Light => "ui-theme-light",
        Theme::Dark => "ui-theme-dark",
        Theme::HighContrast => "ui-theme-contrast",
    });
    let tip = paint.get("ui-theme-tip");
    Button::icon(Icon::Theme, &name, &tip)
        .show(ui, paint)
        .clicked()
        .then_some(Effect::Act(Action::SetTheme(next)))
}

fn languages_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Effect> {
    let mut effect = None;
    for (language, short, command) in [
        (Language::En, "EN", Command::English),
        (Language::De, "DE", Command::German),
    ] {
        let (name, tip) = command.words(paint.t);
        let mut button = Button::words(&name, &tip)
            .weight(Weight::Quiet)
            .chosen(state.language == language);
        button.words = Some(short);
        if button.show(ui, paint).clicked() {
            effect = Some(Effect::Act(Action::SetLanguage(language)));
        }
    }
    effect
}
