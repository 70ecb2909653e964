//! What exists: scenario, variants with their edits, sun study, layers, findings.

use egui::{Align, Id, Label, Layout, RichText, ScrollArea, TextEdit, TextStyle, Ui};

use crate::finding::Severity;

use super::access_panel::access_panel_ui;
use super::action::Action;
use super::command::{Command, Effect};
use super::edit_fields::{FieldKind, on_terrain, with_field};
use super::icons::{self, Icon};
use super::prepare::{EditRow, FindingGroup, LayerRow, VariantRow};
use super::shuttle_panel::shuttle_panel_ui;
use super::state::UiState;
use super::sun_study::sun_study_ui;
use super::theme::{caption, group_space};
use super::traffic_edits::edit_controls_ui;
use super::traffic_panel::traffic_panel_ui;
use super::water_panel::{tools_ui, water_panel_ui};
use super::widgets::{Button, Paint, Row, fold, named, number_row, section, switch};
use super::wind_panel::wind_panel_ui;

/// Scenario, variants, sun study, edits, layers, findings.
pub fn left_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            scenario_ui(ui, paint, state);
            group_space(ui, &paint.look);
            effects.extend(variants_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(sun_study_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(water_panel_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(wind_panel_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(traffic_panel_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(access_panel_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(shuttle_panel_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(edits_ui(ui, paint, state));
            group_space(ui, &paint.look);
            effects.extend(layers_ui(ui, paint, state).into_iter().map(Effect::Act));
            group_space(ui, &paint.look);
            effects.extend(findings_ui(ui, paint, state).into_iter().map(Effect::Act));
        });
    effects
}

fn scenario_ui(ui: &mut Ui, paint: &Paint, state: &UiState) {
    let world = &state.prepared.world;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(2.0);
        ui.add(Label::new(RichText::new(&world.name).text_style(TextStyle::Heading)).wrap());
        ui.add(Label::new(caption(&paint.look, &world.file)).truncate())
            .on_hover_text(&world.file);
        let (text, colour) = if state.unsaved {
            (paint.get("ui-unsaved"), paint.look.colour.accent)
        } else {
            (paint.get("ui-saved"), paint.look.colour.text_weak)
        };
        ui.label(caption(&paint.look, text).color(colour));
    });
}

fn variants_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.horizontal(|ui| {
        section(ui, paint, "ui-variants");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (name, tip) = Command::AddVariant.words(paint.t);
            let effect = Command::AddVariant.effect(state);
            if Button::icon(Icon::Add, &name, &tip)
                .enabled(effect.is_some())
                .show(ui, paint)
                .clicked()
            {
                effects.extend(effect);
            }
        });
    });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(2.0);
        for (v, row) in state.prepared.world.variants.iter().enumerate() {
            effects.extend(variant_ui(ui, paint, state, v, row).map(Effect::Act));
        }
    });
    effects
}

fn variant_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    v: usize,
    row: &VariantRow,
) -> Option<Action> {
    let shown = v == state.variant;
    let rename_id = Id::new("planspiel-rename");
    let renaming: Option<(usize, String)> = ui.data(|d| d.get_temp(rename_id));
    if let Some((of, text)) = renaming
        && of == v
        && shown
    {
        return rename_ui(ui, paint, state, v, text, rename_id);
    }
    let mut action = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = paint.of(2.0);
        let tools = if shown && v > 0 { 2.0 } else { 0.0 };
        let side = paint.look.size.control();
        let width = ui.available_width() - tools * (side + paint.of(2.0));
        let tip = match &row.comment {
            Some(comment) => format!("{comment}\n{}", paint.get("ui-variant-tip")),
            None => paint.get("ui-variant-tip"),
        };
        let choice = Row {
            name: &row.name,
            note: &row.edits,
            tip: &tip,
            chosen: Some(shown),
            ..Row::default()
        };
        if choice.show(ui, paint, width).clicked() {
            action = Some(Action::ShowVariant(v));
        }
        if tools > 0.0 {
            let rename = paint
                .t
                .with("ui-rename-variant", &[("name", row.name.as_str())]);
            if Button::icon(Icon::Edit, &rename, &paint.get("ui-rename-variant-tip"))
                .show(ui, paint)
                .clicked()
            {
                ui.data_mut(|d| d.insert_temp(rename_id, (v, row.name.clone())));
            }
            let delete = paint
                .t
                .with("ui-delete-variant", &[("name", row.name.as_str())]);
            if Button::icon(Icon::Delete, &delete, &paint.get("ui-delete-variant-tip"))
                .show(ui, paint)
                .clicked()
            {
                action = Some(Action::DeleteVariant(v));
            }
        }
    });
    action
}

/// Name field in place of the row; Enter takes it, Escape keeps the old name.
fn rename_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    v: usize,
    mut text: String,
    id: Id,
) -> Option<Action> {
    let response = ui.add(
        TextEdit::singleline(&mut text)
            .desired_width(f32::INFINITY)
            .vertical_align(Align::Center)
            .margin(ui.spacing().button_padding)
            .min_size(egui::vec2(0.0, paint.look.size.control())),
    );
    let first = ui.data(|d| d.get_temp::<usize>(id.with("shown"))) != Some(v);
    if first {
        response.request_focus();
        ui.data_mut(|d| d.insert_temp(id.with("shown"), v));
    }
    let response = named(
        ui,
        response,
        &paint.get("ui-variant-name"),
        &paint.get("ui-variant-name-tip"),
    );
    let done = !first && response.lost_focus();
    if !done {
        ui.data_mut(|d| d.insert_temp(id, (v, text)));
        return None;
    }
    ui.data_mut(|d| {
        d.remove::<(usize, String)>(id);
        d.remove::<usize>(id.with("shown"));
    });
    let name = text.trim();
    let variants = &state.prepared.world.variants;
    let free = variants.iter().all(|row| row.name != name);
    (ui.input(|i| i.key_pressed(egui::Key::Enter)) && free && !name.is_empty())
        .then(|| Action::RenameVariant(v, name.to_owned()))
}

fn edits_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    section(ui, paint, "ui-edits");
    let world = &state.prepared.world;
    if state.variant == 0 {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-edits-baseline"))).wrap());
        effects.extend(tools_ui(ui, paint, state));
        return effects;
    }
    if world.edits.is_empty() {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-edits-none"))).wrap());
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(4.0);
        for (i, row) in world.edits.iter().enumerate() {
            ui.push_id(("edit", i), |ui| {
                effects.extend(
                    edit_ui(ui, paint, state, i, row)
                        .into_iter()
                        .map(Effect::Act),
                );
            });
        }
    });
    ui.horizontal(|ui| {
        for (command, icon) in [
            (Command::AddBuilding, Icon::Building),
            (Command::AddTree, Icon::Tree),
        ] {
            let (name, tip) = command.words(paint.t);
            let short = paint.get(if command == Command::AddTree {
                "ui-tree"
            } else {
                "ui-building"
            });
            let effect = command.effect(state);
            let mut button = Button::words(&name, &tip)
                .with_icon(icon)
                .enabled(effect.is_some());
            button.words = Some(&short);
            if button.show(ui, paint).clicked() {
                effects.extend(effect);
            }
        }
    });
    effects.extend(tools_ui(ui, paint, state));
    effects
}

/// An edit: its sentence, a bin, and its numbers when it is open.
pub fn edit_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    row: &EditRow,
) -> Vec<Action> {
    let mut actions = Vec::new();
    let open = ui
        .horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = paint.of(2.0);
            let side = paint.look.size.control();
            let width = ui.available_width() - side - paint.of(2.0);
            let tip = paint.get("ui-edit-tip");
            let title = Row {
                name: &row.title,
                detail: &row.detail,
                tip: &tip,
                ..Row::default()
            };
            let open = fold(ui, paint, title, width);
            let delete = paint
                .t
                .with("ui-delete-edit", &[("name", row.title.as_str())]);
            if Button::icon(Icon::Delete, &delete, &paint.get("ui-delete-edit-tip"))
                .show(ui, paint)
                .clicked()
            {
                actions.push(Action::DeleteEdit(state.variant, i));
            }
            open
        })
        .inner;
    if open {
        let style = ui.style().clone();
        let inset = egui::Margin {
            left: paint.of(8.0) as i8,
            ..egui::Margin::ZERO
        };
        egui::Frame::group(&style)
            .stroke(egui::Stroke::NONE)
            .inner_margin(inset)
            .show(ui, |ui| {
                if let Some(building) = row.building
                    && state.selected != Some(building)
                {
                    let select = paint.get("ui-select");
                    if Button::words(&select, &paint.get("ui-select-tip"))
                        .show(ui, paint)
                        .clicked()
                    {
                        actions.push(Action::Select(Some(building)));
                    }
                }
                match edit_controls_ui(ui, paint, state, i, &row.edit) {
                    Some(action) => actions.extend(action),
                    None => actions.extend(numbers_ui(ui, paint, state, i, row)),
                }
            });
    }
    actions
}

/// The numbers of an edit; what is typed, stepped or dragged becomes a new edit.
pub fn numbers_ui(
    ui: &mut Ui,
    paint: &Paint,
    state: &UiState,
    i: usize,
    row: &EditRow,
) -> Vec<Action> {
    let mut actions = Vec::new();
    let replace = |with, done| Action::ReplaceEdit {
        variant: state.variant,
        edit: i,
        with,
        done,
    };
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(4.0);
        if row.fields.is_empty() {
            ui.label(caption(&paint.look, paint.get("ui-edit-no-numbers")));
        }
        for field in &row.fields {
            let spec = field.kind.spec();
            if let Some(change) = number_row(ui, paint, state.language, &spec, field.value) {
                let with = with_field(&row.edit, field.kind, change.value);
                actions.push(replace(with, change.done));
            }
            if field.kind == FieldKind::Base
                && let Some(on) = switch(
                    ui,
                    paint,
                    "ui-on-terrain",
                    "ui-on-terrain-tip",
                    field.on_terrain,
                    true,
                )
            {
                let with = if on {
                    on_terrain(&row.edit)
                } else {
                    with_field(&row.edit, FieldKind::Base, field.value)
                };
                actions.push(replace(with, true));
            }
        }
    });
    actions
}

fn layers_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Action> {
    let mut actions = Vec::new();
    section(ui, paint, "ui-layers");
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for row in &state.prepared.world.layers {
            actions.extend(layer_ui(ui, paint, state, row));
        }
    });
    actions
}

fn layer_ui(ui: &mut Ui, paint: &Paint, state: &UiState, row: &LayerRow) -> Option<Action> {
    let hidden = state.hidden_layers.contains(&row.kind);
    let mut action = None;
    let response = ui.horizontal(|ui| {
        let key = if hidden {
            "ui-show-layer"
        } else {
            "ui-hide-layer"
        };
        let name = paint.t.with(key, &[("name", row.name.as_str())]);
        let icon = if hidden { Icon::Hidden } else { Icon::Shown };
        if Button::icon(icon, &name, &row.sources)
            .show(ui, paint)
            .clicked()
        {
            action = Some(Action::ShowLayer(row.kind, hidden));
        }
        let colour = if hidden {
            paint.look.colour.text_weak
        } else {
            paint.look.colour.text
        };
        ui.label(RichText::new(&row.name).color(colour));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(caption(&paint.look, &row.count).text_style(TextStyle::Body));
        });
    });
    response.response.on_hover_text(&row.sources);
    action
}

fn findings_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Action> {
    let world = &state.prepared.world;
    let mut actions = Vec::new();
    section(ui, paint, "ui-findings");
    if world.findings.is_empty() {
        ui.label(caption(&paint.look, paint.get("ui-findings-none")));
        return actions;
    }
    let counts = paint.t.with(
        "ui-findings-count",
        &[
            ("warnings", world.warnings as f64),
            ("infos", world.infos as f64),
        ],
    );
    ui.label(caption(&paint.look, counts));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(4.0);
        for group in &world.findings {
            ui.push_id(&group.code, |ui| {
                actions.extend(finding_group_ui(ui, paint, group));
            });
        }
    });
    actions
}

/// One kind of finding: the sentence if there is one, else the number of them and the list.
fn finding_group_ui(ui: &mut Ui, paint: &Paint, group: &FindingGroup) -> Vec<Action> {
    let mut actions = Vec::new();
    let (icon, colour) = match group.severity {
        Severity::Warning => (Icon::Warning, paint.look.colour.warning),
        Severity::Info => (Icon::Info, paint.look.colour.text_weak),
    };
    let Some((first, _)) = group.rows.first() else {
        return actions;
    };
    let open = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = paint.of(4.0);
            let side = paint.look.size.icon();
            let size = egui::vec2(side, paint.look.size.control());
            let (rect, _) = ui.allocate_exact_size(size, egui::Sense::hover());
            icons::paint(ui.painter(), rect, icon, colour);
            if let [(text, building)] = group.rows.as_slice() {
                actions.extend(finding_ui(ui, paint, text, *building));
                return false;
            }
            let title = paint.t.with(
                "ui-finding-group",
                &[
                    (
                        "count",
                        paint.t.language().number(group.rows.len() as f64, 0),
                    ),
                    ("first", first.clone()),
                ],
            );
            let tip = format!("{first}\n{}", paint.get("ui-finding-group-tip"));
            let row = Row {
                name: &title,
                tip: &tip,
                small: true,
                ..Row::default()
            };
            let width = ui.available_width();
            fold(ui, paint, row, width)
        })
        .inner;
    if open {
        // Rows of one line, so that only the visible ones are drawn; the whole sentence stands in the tooltip.
        let height = paint.of(24.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .id_salt("findings")
            .max_height(paint.of(200.0))
            .show_rows(ui, height, group.rows.len(), |ui, range| {
                for (text, building) in &group.rows[range] {
                    ui.scope(|ui| {
                        ui.set_height(height);
                        actions.extend(finding_line_ui(ui, paint, text, *building));
                    });
                }
            });
    }
    actions
}

fn finding_ui(ui: &mut Ui, paint: &Paint, text: &str, building: Option<u32>) -> Option<Action> {
    let mut action = None;
    ui.vertical(|ui| {
        ui.add_space(paint.of(5.0));
        ui.add(
            Label::new(RichText::new(text).text_style(TextStyle::Small))
                .wrap()
                .selectable(true),
        );
        if let Some(key) = building {
            let select = paint.get("ui-select");
            if Button::words(&select, &paint.get("ui-select-tip"))
                .show(ui, paint)
                .clicked()
            {
                action = Some(Action::Select(Some(key)));
            }
        }
    });
    action
}

fn finding_line_ui(
    ui: &mut Ui,
    paint: &Paint,
    text: &str,
    building: Option<u32>,
) -> Option<Action> {
    let Some(key) = building else {
        ui.add(Label::new(RichText::new(text).text_style(TextStyle::Small)).truncate())
            .on_hover_text(text);
        return None;
    };
    let row = Row {
        name: text,
        tip: text,
        small: true,
        ..Row::default()
    };
    let width = ui.available_width();
    row.show(ui, paint, width)
        .clicked()
        .then_some(Action::Select(Some(key)))
}
