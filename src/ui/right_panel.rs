//! The selected building, or the key figures when nothing is selected.

use egui::{Align, Label, Layout, RichText, ScrollArea, Sense, TextStyle, Ui, Vec2};

use crate::scenario::{Edit, ranges};
use crate::text::NO_VALUE;

use super::action::Action;
use super::command::{Command, Effect};
use super::icons::Icon;
use super::left_panel::numbers_ui;
use super::prepare::{IndicatorRow, Inspected, SunVerdict};
use super::state::UiState;
use super::theme::{caption, group_space, strong};
use super::traffic_story_panel::{overview_ui, story_ui};
use super::widgets::{Button, Paint, Row, Weight, badge, cell, fact_row, section};

/// Inspector.
pub fn right_panel_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Effect> {
    let mut effects = Vec::new();
    // Another story begins at its top.
    let traffic = state.prepared.traffic.as_ref().map(|story| story.pick);
    ScrollArea::vertical()
        .id_salt(format!("{traffic:?}"))
        .auto_shrink([false, false])
        .show(ui, |ui| {
            match (&state.prepared.selection.building, &state.prepared.traffic) {
                (_, Some(story)) => effects.extend(story_ui(ui, paint, state, story)),
                (Some(building), None) => effects.extend(building_ui(ui, paint, state, building)),
                (None, None) if state.movement().is_some() => {
                    section(ui, paint, "ui-nothing-selected");
                    let shuttles = state
                        .movement()
                        .is_some_and(|movement| movement.is_of_shuttles());
                    let hint = paint.get(if shuttles {
                        "ui-shuttle-nothing-hint"
                    } else {
                        "ui-traffic-nothing-hint"
                    });
                    ui.add(Label::new(caption(&paint.look, hint)).wrap());
                    group_space(ui, &paint.look);
                    effects.extend(overview_ui(ui, paint, state));
                    group_space(ui, &paint.look);
                    indicators_ui(ui, paint, state);
                }
                (None, None) => {
                    section(ui, paint, "ui-nothing-selected");
                    ui.add(
                        Label::new(caption(&paint.look, paint.get("ui-nothing-selected-hint")))
                            .wrap(),
                    );
                    group_space(ui, &paint.look);
                    indicators_ui(ui, paint, state);
                }
            }
        });
    effects
}

fn building_ui(ui: &mut Ui, paint: &Paint, state: &UiState, building: &Inspected) -> Vec<Effect> {
    let mut effects = Vec::new();
    ui.horizontal_top(|ui| {
        let side = paint.look.size.control();
        let width = ui.available_width() - side - paint.of(8.0);
        ui.allocate_ui_with_layout(
            egui::vec2(width, side),
            Layout::top_down(Align::Min),
            |ui| {
                ui.set_min_width(width);
                ui.spacing_mut().item_spacing.y = paint.of(2.0);
                ui.add(
                    Label::new(RichText::new(&building.title).text_style(TextStyle::Heading))
                        .wrap()
                        .selectable(true),
                );
                if building.title != building.id {
                    ui.add(
                        Label::new(caption(&paint.look, &building.id))
                            .wrap()
                            .selectable(true),
                    );
                }
                if building.draft {
                    badge(ui, paint, &paint.get("ui-draft"), paint.look.colour.accent);
                }
            },
        );
        let (name, tip) = Command::Deselect.words(paint.t);
        let keys = Command::Deselect.printed_keys(paint.t);
        if Button::icon(Icon::Close, &name, &tip)
            .keys(&keys)
            .show(ui, paint)
            .clicked()
        {
            effects.push(Effect::Act(Action::Select(None)));
        }
    });
    collisions_ui(ui, paint, building);
    group_space(ui, &paint.look);
    effects.extend(edit_ui(ui, paint, state, building));
    group_space(ui, &paint.look);
    section(ui, paint, "ui-sun");
    match &building.sun {
        Some(sun) => sun_ui(ui, paint, sun),
        None => {
            ui.add(Label::new(caption(&paint.look, paint.get("ui-sun-none"))).wrap());
        }
    }
    group_space(ui, &paint.look);
    section(ui, paint, "ui-facts");
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(4.0);
        let assumed = paint.get("common-assumed");
        for fact in &building.facts {
            let note = fact.assumed.then_some(assumed.as_str());
            fact_row(ui, paint, &fact.name, &fact.value, fact.unit, note);
        }
    });
    effects
}

/// What it touches. The line is always there for a draft, so that nothing moves while it is dragged along a house.
fn collisions_ui(ui: &mut Ui, paint: &Paint, building: &Inspected) {
    if !building.draft && building.edit.is_none() {
        return;
    }
    let (text, colour) = if building.collisions.is_empty() {
        (paint.get("ui-collisions-none"), paint.look.colour.text_weak)
    } else {
        let names = building.collisions.join(", ");
        (
            paint
                .t
                .with("ui-collisions", &[("buildings", names.as_str())]),
            paint.look.colour.error,
        )
    };
    ui.add(Label::new(caption(&paint.look, &text).color(colour)).truncate())
        .on_hover_text(&text);
}

/// Numbers of the edit that made it, or what can be done with it.
fn edit_ui(ui: &mut Ui, paint: &Paint, state: &UiState, building: &Inspected) -> Vec<Effect> {
    let mut effects = Vec::new();
    section(ui, paint, "ui-change");
    if let Some((i, row)) = &building.edit {
        ui.add(Label::new(caption(&paint.look, &row.title)).truncate());
        ui.push_id("numbers", |ui| {
            effects.extend(
                numbers_ui(ui, paint, state, *i, row)
                    .into_iter()
                    .map(Effect::Act),
            );
        });
        effects.extend(drags_ui(ui, paint, state));
    } else if state.variant == 0 {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-change-baseline"))).wrap());
        let (name, tip) = Command::AddVariant.words(paint.t);
        if Button::words(&name, &tip)
            .with_icon(Icon::Add)
            .show(ui, paint)
            .clicked()
        {
            effects.push(Effect::Act(Action::AddVariant));
        }
        return effects;
    } else {
        ui.horizontal_wrapped(|ui| {
            let height = Edit::SetHeight {
                building: building.id.clone(),
                height_m: ranges::within(
                    ranges::BUILDING_HEIGHT_M,
                    (building.height_m * 10.0).round() / 10.0,
                ),
            };
            let shift = Edit::Move {
                building: building.id.clone(),
                by: [0.0, 0.0],
                raise_m: 0.0,
                rotation_deg: 0.0,
            };
            for (key, tip, icon, edit) in [
                (
                    "ui-change-height",
                    "ui-change-height-tip",
                    Icon::Height,
                    height,
                ),
                ("ui-change-move", "ui-change-move-tip", Icon::Move, shift),
            ] {
                let (name, tip) = (paint.get(key), paint.get(tip));
                if Button::words(&name, &tip)
                    .with_icon(icon)
                    .show(ui, paint)
                    .clicked()
                {
                    effects.push(Effect::Act(Action::AddEdit(state.variant, edit)));
                }
            }
        });
    }
    let (mut name, tip) = Command::RemoveSelected.words(paint.t);
    if building.edit.is_some() {
        name = paint.get("ui-undo-edit");
    }
    let keys = Command::RemoveSelected.printed_keys(paint.t);
    let effect = Command::RemoveSelected.effect(state);
    if Button::words(&name, &tip)
        .with_icon(Icon::Delete)
        .weight(Weight::Normal)
        .keys(&keys)
        .enabled(effect.is_some())
        .show(ui, paint)
        .clicked()
    {
        effects.extend(effect);
    }
    effects
}

/// What the pointer can do with the draft, each with its key.
fn drags_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Effect> {
    let mut chosen = None;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for command in [Command::DragMove, Command::DragTurn, Command::DragRaise] {
            let Some(effect) = command.effect(state) else {
                continue;
            };
            let (name, tip) = command.words(paint.t);
            let keys = command.printed_keys(paint.t);
            let row = Row {
                name: &name,
                note: &keys,
                tip: &tip,
                keys: &keys,
                ..Row::default()
            };
            let width = ui.available_width();
            if row.show(ui, paint, width).clicked() {
                chosen = Some(effect);
            }
        }
    });
    chosen
}

fn sun_ui(ui: &mut Ui, paint: &Paint, sun: &SunVerdict) {
    ui.add(Label::new(&sun.summary).wrap().selectable(true))
        .on_hover_text(paint.get("ui-sun-tip"));
    if let Some(note) = &sun.note {
        badge(ui, paint, note, paint.look.colour.warning);
    }
    let height = paint.of(20.0);
    ScrollArea::vertical()
        .id_salt("facades")
        .max_height(paint.of(168.0))
        .auto_shrink([false, true])
        .show_rows(ui, height, sun.facades.len(), |ui, range| {
            ui.spacing_mut().interact_size.y = height;
            for row in &sun.facades[range] {
                let response = ui
                    .horizontal(|ui| {
                        let (rect, _) =
                            ui.allocate_exact_size(Vec2::splat(paint.of(12.0)), Sense::hover());
                        let [r, g, b] = row.colour;
                        if !row.class.is_empty() {
                            ui.painter().rect(
                                rect,
                                2.0,
                                egui::Color32::from_rgb(r, g, b),
                                egui::Stroke::new(1.0, paint.look.colour.line),
                                egui::StrokeKind::Inside,
                            );
                        }
                        ui.label(&row.name);
                        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                            ui.add_space(paint.of(8.0));
                            ui.label(&row.duration);
                        });
                    })
                    .response;
                response.on_hover_text(format!("{} · {} · {}", row.name, row.duration, row.class));
            }
        });
}

/// Key figures: baseline, variant, change; one group for each simulation, as they may be of different quality.
fn indicators_ui(ui: &mut Ui, paint: &Paint, state: &UiState) {
    let rows = &state.prepared.world.indicators;
    let groups: Vec<&[IndicatorRow]> = rows.chunk_by(|a, b| a.simulation == b.simulation).collect();
    let only = groups.len() == 1;
    headed(ui, paint, only && is_stale(rows), |ui| {
        section(ui, paint, "ui-indicators");
    });
    if rows.is_empty() {
        ui.add(Label::new(caption(&paint.look, paint.get("ui-indicators-none"))).wrap());
        return;
    }
    let compared = state.variant > 0;
    let room = unit_room(ui, paint, rows);
    for group in groups {
        if let (false, Some(first)) = (only, group.first()) {
            headed(ui, paint, is_stale(group), |ui| {
                ui.label(RichText::new(&first.subject).text_style(strong()));
            });
        }
        if compared {
            changes_head_ui(ui, paint, group, room);
        }
        for row in group {
            indicator_ui(ui, paint, row, compared, room);
        }
    }
}

fn is_stale(rows: &[IndicatorRow]) -> bool {
    rows.iter().any(|row| row.stale)
}

/// A heading with a mark when what stands below it is out of date; nothing moves when the mark comes or goes.
fn headed(ui: &mut Ui, paint: &Paint, stale: bool, heading: impl FnOnce(&mut Ui)) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = paint.of(22.0);
        ui.horizontal(|ui| {
            heading(ui);
            if stale {
                badge(ui, paint, &paint.get("ui-stale"), paint.look.colour.warning)
                    .on_hover_text(paint.get("ui-stale-tip"));
            }
        });
    });
}

/// What the changes of a group hold for, and the heads of its columns; without any change its column has none.
fn changes_head_ui(ui: &mut Ui, paint: &Paint, group: &[IndicatorRow], room: f32) {
    // A mean over the variant's own facades too is no effect of it: the change is not the difference of the columns.
    let key = match group.first() {
        _ if group.iter().any(|row| row.mixed) => "ui-indicators-mixed",
        Some(row) if row.simulation == "flood" => "ui-indicators-matched-flood",
        Some(row) if row.simulation == "wind" => "ui-indicators-matched-wind",
        Some(row) if ["traffic", "shuttle"].contains(&row.simulation) => {
            "ui-indicators-matched-traffic"
        }
        Some(row) if row.simulation == "access" => "ui-indicators-matched-access",
        _ => "ui-indicators-matched",
    };
    ui.add(Label::new(caption(&paint.look, paint.get(key))).wrap());
    let change = if group.iter().all(|row| row.change.is_empty()) {
        String::new()
    } else {
        paint.get("ui-change-column")
    };
    ui.horizontal(|ui| {
        columns(
            ui,
            paint,
            room,
            [
                caption(&paint.look, paint.get("common-variant-baseline")),
                caption(&paint.look, paint.get("common-variant")),
                caption(&paint.look, change),
            ],
        );
    });
}

fn indicator_ui(ui: &mut Ui, paint: &Paint, row: &IndicatorRow, compared: bool, room: f32) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = paint.of(20.0);
        ui.add(Label::new(RichText::new(&row.name).color(paint.look.colour.text_weak)).wrap());
        let value = RichText::new(&row.value).text_style(strong());
        let texts = if compared {
            // What the baseline does not have, as a wait without shuttles, is no gap that was forgotten.
            let [before, change] = if row.baseline.is_empty() {
                [NO_VALUE; 2]
            } else {
                [row.baseline.as_str(), row.change.as_str()]
            };
            [RichText::new(before), value, RichText::new(change)]
        } else {
            [RichText::new(""), RichText::new(""), value]
        };
        // Out of date: still to be read, but faded.
        let texts = texts.map(|text| {
            if row.stale {
                text.color(paint.look.colour.text_weak)
            } else {
                text
            }
        });
        ui.horizontal(|ui| {
            columns(ui, paint, room, texts);
            ui.label(caption(&paint.look, row.unit));
        });
    });
    ui.add_space(paint.of(4.0));
}

/// Width of the widest unit, so that a long one does not push the panel over the city.
fn unit_room(ui: &Ui, paint: &Paint, rows: &[IndicatorRow]) -> f32 {
    let font = TextStyle::Small.resolve(ui.style());
    let width = |row: &IndicatorRow| {
        let text = row.unit.to_owned();
        let galley = ui
            .painter()
            .layout_no_wrap(text, font.clone(), paint.look.colour.text_weak);
        galley.size().x.ceil()
    };
    rows.iter().map(width).fold(paint.of(28.0), f32::max)
}

/// Three numbers in fixed columns, right-aligned, with room for a unit behind them.
fn columns(ui: &mut Ui, paint: &Paint, room: f32, texts: [RichText; 3]) {
    ui.spacing_mut().item_spacing.x = paint.of(4.0);
    let width = ((ui.available_width() - room) / 3.0 - paint.of(4.0)).floor();
    for text in texts {
        cell(ui, width, Align::Max, |ui| {
            ui.add(Label::new(text).truncate());
        });
    }
}
