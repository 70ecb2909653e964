//! Windows of the panels themselves: open, save as, command palette, help. Which one is open and what is typed in it is no
//! state of the program; it lives in egui's memory.

use std::path::{Path, PathBuf};

use egui::{
    Align, Context, Id, Key, Label, Layout, Modal, Modifiers, RichText, ScrollArea, TextEdit,
    TextStyle, Ui,
};

use super::action::Action;
use super::command::{Command, Effect, Window, palette_rows};
use super::icons::Icon;
use super::state::UiState;
use super::theme::{caption, card_frame, group_space, strong};
use super::widgets::{Button, Paint, Row, Weight, cell, named};

/// What is open and typed.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    /// The open window.
    open: Option<Window>,
    /// Search words of the palette, or path.
    text: String,
    /// Chosen line of the palette.
    line: usize,
    /// The text field still needs the focus.
    focus: bool,
    /// The typed path as the disk knows it.
    target: Target,
}

/// A typed path, looked up on the disk once per change of the text: panels are drawn far more often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Target {
    /// As typed.
    text: String,
    /// With its folder.
    path: PathBuf,
    /// Something lies there, or the disk does not say: ask first.
    taken: bool,
}

impl Target {
    fn of(text: &str) -> Self {
        let typed = Path::new(text.trim());
        let path = std::path::absolute(typed).unwrap_or_else(|_| typed.to_owned());
        Self {
            text: text.to_owned(),
            taken: path.try_exists().unwrap_or(true),
            path,
        }
    }
}

fn id() -> Id {
    Id::new("planspiel-windows")
}

impl Windows {
    /// As of the last frame.
    pub fn load(ctx: &Context) -> Self {
        ctx.data(|d| d.get_temp(id())).unwrap_or_default()
    }

    /// For the next frame.
    pub fn store(self, ctx: &Context) {
        ctx.data_mut(|d| d.insert_temp(id(), self));
    }

    /// A window is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Opens a window, or closes it when it is open already. Gives the action that fills it.
    pub fn show(&mut self, window: Window, state: &UiState) -> Option<Action> {
        if self.open == Some(window) {
            *self = Self::default();
            return None;
        }
        *self = Self {
            open: Some(window),
            focus: true,
            ..Self::default()
        };
        let folder = || {
            let of = state
                .snapshot
                .scenario_path
                .as_deref()
                .and_then(Path::parent)
                .filter(|p| p.is_dir())
                .map(Path::to_owned);
            let known = Some(state.folder.path.clone()).filter(|p| !p.as_os_str().is_empty());
            known.or(of).unwrap_or_else(|| PathBuf::from("."))
        };
        match window {
            Window::Open => Some(Action::ListFolder(folder())),
            Window::SaveAs => {
                let world = &state.prepared.world;
                let path = world.save_path.clone().unwrap_or_else(|| {
                    let name: String = world
                        .name
                        .chars()
                        .map(|c| if c.is_alphanumeric() { c } else { '-' })
                        .collect();
                    folder().join(format!("{}.toml", name.to_lowercase()))
                });
                self.text = path.display().to_string();
                Some(Action::ListFolder(folder()))
            }
            Window::Palette | Window::Help => None,
        }
    }

    /// Draws the open window.
    pub fn draw(&mut self, ctx: &Context, paint: &Paint, state: &UiState) -> Vec<Effect> {
        let Some(window) = self.open else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        let frame = card_frame(&paint.look, &ctx.global_style())
            .inner_margin(egui::Margin::same(paint.of(16.0) as i8));
        let response = Modal::new(Id::new("planspiel-window"))
            .frame(frame)
            .backdrop_color(egui::Color32::from_black_alpha(96))
            .show(ctx, |ui| {
                let room = ui.ctx().content_rect().size() - egui::Vec2::splat(paint.of(64.0));
                ui.set_width(paint.of(560.0).min(room.x));
                let list = (room.y - paint.of(160.0)).clamp(paint.of(80.0), paint.of(420.0));
                match window {
                    Window::Palette => self.palette_ui(ui, paint, state, list, &mut effects),
                    Window::Help => help_ui(ui, paint, list + paint.of(80.0)),
                    Window::Open => self.open_ui(ui, paint, state, list, &mut effects),
                    Window::SaveAs => self.save_ui(ui, paint, state, list, &mut effects),
                }
                self.close_ui(ui, paint)
            });
        if response.should_close() || response.inner || !effects.is_empty() && self.ends(&effects) {
            *self = Self::default();
        }
        effects
    }

    /// Looking into another folder keeps the window open.
    fn ends(&self, effects: &[Effect]) -> bool {
        !effects
            .iter()
            .all(|e| matches!(e, Effect::Act(Action::ListFolder(_))))
    }

    fn close_ui(&self, ui: &mut Ui, paint: &Paint) -> bool {
        group_space(ui, &paint.look);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = paint.get("ui-close");
            Button::words(&name, &paint.get("ui-close-tip"))
                .keys(&paint.get("ui-key-escape"))
                .show(ui, paint)
                .clicked()
        })
        .inner
    }

    fn field_ui(&mut self, ui: &mut Ui, paint: &Paint, name: &str, tip: &str) -> egui::Response {
        let response = ui.add(
            TextEdit::singleline(&mut self.text)
                .desired_width(f32::INFINITY)
                .vertical_align(Align::Center)
                .margin(ui.spacing().button_padding)
                .min_size(egui::vec2(0.0, paint.look.size.control())),
        );
        if self.focus {
            response.request_focus();
            self.focus = false;
        }
        named(ui, response, &paint.get(name), &paint.get(tip))
    }

    fn palette_ui(
        &mut self,
        ui: &mut Ui,
        paint: &Paint,
        state: &UiState,
        height: f32,
        effects: &mut Vec<Effect>,
    ) {
        ui.label(RichText::new(paint.get("ui-palette")).text_style(TextStyle::Heading));
        // Up and down choose a line; they must not leave the text field.
        let (up, down) = ui.input_mut(|i| {
            (
                i.count_and_consume_key(Modifiers::NONE, Key::ArrowUp),
                i.count_and_consume_key(Modifiers::NONE, Key::ArrowDown),
            )
        });
        let response = self.field_ui(ui, paint, "ui-palette-field", "ui-palette-field-tip");
        let rows = palette_rows(state, &self.text);
        if response.changed() {
            self.line = 0;
        }
        self.line = (self.line + down)
            .saturating_sub(up)
            .min(rows.len().saturating_sub(1));
        let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if enter && let Some(row) = rows.get(self.line) {
            effects.push(row.effect.clone());
        }
        if rows.is_empty() {
            ui.label(caption(&paint.look, paint.get("ui-palette-none")));
        }
        ScrollArea::vertical()
            .max_height(height)
            .min_scrolled_height(height)
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = paint.of(2.0);
                for (i, row) in rows.iter().enumerate() {
                    let width = ui.available_width();
                    let line = Row {
                        name: &row.name,
                        note: &row.keys,
                        tip: &row.tip,
                        keys: &row.keys,
                        chosen: Some(i == self.line),
                        ..Row::default()
                    };
                    let response = line.show(ui, paint, width);
                    if i == self.line && (up > 0 || down > 0) {
                        response.scroll_to_me(None);
                    }
                    if response.clicked() {
                        effects.push(row.effect.clone());
                    }
                }
            });
    }

    fn open_ui(
        &mut self,
        ui: &mut Ui,
        paint: &Paint,
        state: &UiState,
        height: f32,
        effects: &mut Vec<Effect>,
    ) {
        ui.label(RichText::new(paint.get("ui-open-title")).text_style(TextStyle::Heading));
        ui.horizontal(|ui| {
            let (name, tip) = (paint.get("ui-open-sample"), paint.get("ui-open-sample-tip"));
            if Button::words(&name, &tip).show(ui, paint).clicked() {
                effects.push(Effect::Act(Action::Open(PathBuf::from(super::SAMPLE))));
            }
        });
        ui.label(caption(&paint.look, paint.get("ui-path")));
        let response = self.field_ui(ui, paint, "ui-path", "ui-path-open-tip");
        let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if enter && !self.text.trim().is_empty() {
            effects.push(Effect::Act(Action::Open(PathBuf::from(self.text.trim()))));
        }
        effects.extend(recent_ui(ui, paint, state, 3));
        let chosen = folder_ui(ui, paint, state, height - paint.of(96.0), effects);
        if let Some(path) = chosen {
            effects.push(Effect::Act(Action::Open(path)));
        }
    }

    fn save_ui(
        &mut self,
        ui: &mut Ui,
        paint: &Paint,
        state: &UiState,
        height: f32,
        effects: &mut Vec<Effect>,
    ) {
        ui.label(RichText::new(paint.get("ui-save-title")).text_style(TextStyle::Heading));
        ui.label(caption(&paint.look, paint.get("ui-path")));
        self.field_ui(ui, paint, "ui-path", "ui-path-save-tip");
        if let Some(path) = folder_ui(ui, paint, state, height - paint.of(64.0), effects) {
            self.text = path.display().to_string();
        }
        if self.target.text != self.text {
            self.target = Target::of(&self.text);
        }
        let Target { path, taken, .. } = self.target.clone();
        let (name, tip, weight) = if taken {
            ("ui-overwrite", "ui-overwrite-tip", Weight::Normal)
        } else {
            ("ui-save", "ui-save-tip", Weight::Primary)
        };
        let toml = path.extension().is_some_and(|e| e == "toml");
        let (name, tip) = (paint.get(name), paint.get(tip));
        ui.horizontal(|ui| {
            if Button::words(&name, &tip)
                .weight(if toml { weight } else { Weight::Normal })
                .enabled(toml)
                .show(ui, paint)
                .clicked()
            {
                // Another program may have written the file since the path was typed.
                let now = Target::of(&self.text);
                if now.taken == taken {
                    effects.push(Effect::Act(Action::SaveAs(path)));
                }
                self.target = now;
            }
            let note = if !toml {
                paint.get("ui-save-needs-toml")
            } else if taken {
                paint.get("ui-save-exists")
            } else {
                String::new()
            };
            ui.label(caption(&paint.look, note));
        });
    }
}

/// The folder's list. Gives the file that was chosen; a folder is looked into.
fn folder_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    height: f32,
    effects: &mut Vec<Effect>,
) -> Option<PathBuf> {
    let folder = &state.folder;
    ui.horizontal(|ui| {
        let up = paint.get("ui-folder-up");
        let parent = folder.path.parent();
        if Button::words(&up, &paint.get("ui-folder-up-tip"))
            .enabled(parent.is_some())
            .show(ui, paint)
            .clicked()
            && let Some(parent) = parent
        {
            effects.push(Effect::Act(Action::ListFolder(parent.to_owned())));
        }
        let path = folder.path.display().to_string();
        ui.add(Label::new(caption(&paint.look, &path)).truncate())
            .on_hover_text(&path);
    });
    if let Some(error) = &folder.error {
        ui.add(Label::new(caption(&paint.look, error).color(paint.look.colour.error)).wrap());
    } else if folder.entries.is_empty() {
        ui.label(caption(&paint.look, paint.get("ui-folder-empty")));
    }
    let mut chosen = None;
    let row = paint.look.size.control();
    ui.spacing_mut().item_spacing.y = paint.of(2.0);
    ScrollArea::vertical()
        .id_salt("folder")
        .max_height(height.max(paint.of(80.0)))
        .min_scrolled_height(height.max(paint.of(80.0)))
        .auto_shrink([false, false])
        .show_rows(ui, row, folder.entries.len(), |ui, range| {
            for entry in &folder.entries[range] {
                let tip = paint.get(if entry.folder {
                    "ui-folder-tip"
                } else {
                    "ui-file-tip"
                });
                let icon = if entry.folder {
                    Icon::Open
                } else {
                    Icon::Building
                };
                let row = Row {
                    name: &entry.name,
                    tip: &tip,
                    icon: Some(icon),
                    ..Row::default()
                };
                let width = ui.available_width();
                if row.show(ui, paint, width).clicked() {
                    if entry.folder {
                        effects.push(Effect::Act(Action::ListFolder(entry.path.clone())));
                    } else {
                        chosen = Some(entry.path.clone());
                    }
                }
            }
        });
    chosen
}

/// Mouse and keys.
fn help_ui(ui: &mut Ui, paint: &Paint, height: f32) {
    ui.label(RichText::new(paint.get("ui-help-title")).text_style(TextStyle::Heading));
    ScrollArea::vertical()
        .max_height(height)
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = paint.of(4.0);
            ui.spacing_mut().interact_size.y = paint.of(20.0);
            ui.label(RichText::new(paint.get("ui-help-mouse")).text_style(strong()));
            for (keys, what) in [
                ("ui-mouse-left", "ui-mouse-left-what"),
                ("ui-mouse-right", "ui-mouse-right-what"),
                ("ui-mouse-wheel", "ui-mouse-wheel-what"),
                ("ui-mouse-click", "ui-mouse-click-what"),
                ("ui-mouse-draft", "ui-mouse-draft-what"),
            ] {
                help_row(ui, paint, &paint.get(keys), &paint.get(what));
            }
            group_space(ui, &paint.look);
            ui.label(RichText::new(paint.get("ui-help-keys")).text_style(strong()));
            for command in Command::ALL {
                let keys = command.printed_keys(paint.t);
                if !keys.is_empty() {
                    help_row(ui, paint, &keys, &paint.get(command.texts().0));
                }
            }
            group_space(ui, &paint.look);
            ui.add(Label::new(caption(&paint.look, paint.get("ui-help-more"))).wrap());
        });
}

fn help_row(ui: &mut Ui, paint: &Paint, keys: &str, what: &str) {
    ui.horizontal(|ui| {
        cell(ui, paint.of(176.0), Align::Min, |ui| {
            ui.label(RichText::new(keys).color(paint.look.colour.text_weak));
        });
        ui.label(what);
    });
}

/// What was open before, at most as many as asked for; each opens it again.
pub(super) fn recent_ui(ui: &mut Ui, paint: &Paint, state: &UiState, most: usize) -> Vec<Effect> {
    let mut effects = Vec::new();
    for path in state.recent.iter().take(most) {
        let name = path.display().to_string();
        let tip = paint.get("ui-recent-tip");
        let row = Row {
            name: &name,
            tip: &tip,
            icon: Some(Icon::Open),
            ..Row::default()
        };
        let width = ui.available_width();
        if row.show(ui, paint, width).clicked() {
            effects.push(Effect::Act(Action::Open(path.clone())));
        }
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_however_its_path_is_written() {
        // The tests run in the folder of the package.
        let whole = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        for text in [
            "Cargo.toml",
            " ./src/../Cargo.toml ",
            whole.to_str().unwrap(),
        ] {
            assert!(Target::of(text).taken, "{text}");
        }
        assert_eq!(Target::of("Cargo.toml").path, whole);
        assert!(!Target::of("no-such-file.toml").taken);
        assert!(Target::of("src").taken);
    }
}
