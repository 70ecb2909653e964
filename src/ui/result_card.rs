//! Which result lies on the city, and what its colours mean.

use egui::{
    Align2, Color32, ComboBox, Id, Label, Mesh, Rect, RichText, Sense, Shape, Stroke, TextStyle,
    Ui, pos2, vec2,
};

use super::action::Action;
use super::command::can_difference;
use super::icons::Icon;
use super::prepare::{Fact, LegendView};
use super::shuttle_legend::{MarkForm, MarkRow};
use super::state::UiState;
use super::theme::{caption, strong};
use super::widgets::{Button, Paint, badge, cell, named, switch, switch_named};

/// Width of the card at text size 1.
pub const WIDTH: f32 = 264.0;

/// Result picker, switches of difference and arrows, legend. Folded, it keeps what lies on the city and its colours; it begins
/// folded where there is little room, until a person says otherwise.
pub fn result_card_ui(ui: &mut Ui, paint: &Paint, state: &UiState, roomy: bool) -> Vec<Action> {
    let mut actions = Vec::new();
    ui.spacing_mut().item_spacing.y = paint.of(6.0);
    let id = Id::new("planspiel-result-open");
    let kept = ui.data(|d| d.get_temp(id));
    let world = &state.prepared.world;
    let water = &state.prepared.now.water;
    // Without a legend the card is small.
    let mut open = kept.unwrap_or(roomy || world.legend.is_none());
    let foldable = world.legend.is_some() || !world.marks.is_empty() || water.is_some();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = paint.of(4.0);
        if !foldable {
            actions.extend(picker_ui(ui, paint, state));
            return;
        }
        let width = ui.available_width() - paint.look.size.control() - paint.of(4.0);
        let picked = cell(ui, width, egui::Align::Min, |ui| {
            picker_ui(ui, paint, state)
        });
        actions.extend(picked);
        if fold_button_ui(ui, paint, open) {
            open = !open;
            ui.data_mut(|d| d.insert_temp(id, open));
        }
    });
    if open || !foldable {
        actions.extend(switches_ui(ui, paint, state));
    }
    if let Some(legend) = &world.legend {
        legend_ui(ui, paint, legend, open);
    }
    if !open {
        return actions;
    }
    if !world.marks.is_empty() {
        marks_ui(ui, paint, &world.marks);
    }
    if let Some(facts) = water {
        water_ui(ui, paint, facts, &state.prepared.now.event);
    }
    actions
}

/// The button that folds the card; true when it was pressed.
fn fold_button_ui(ui: &mut Ui, paint: &Paint, open: bool) -> bool {
    let (key, icon) = if open {
        ("ui-legend-fold", Icon::Opened)
    } else {
        ("ui-legend-unfold", Icon::Closed)
    };
    let (name, tip) = (paint.get(key), paint.get("ui-legend-fold-tip"));
    let response = Button::icon(icon, &name, &tip).show(ui, paint);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_expanded(open);
    });
    response.clicked()
}

/// Switches of the difference and of the arrows, close together: the card shall leave the city free in a small window.
fn switches_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Action> {
    let mut actions = Vec::new();
    let gap = ui.spacing().item_spacing.y;
    let streaks = &state.prepared.world.streaks;
    if streaks.is_some() {
        ui.spacing_mut().item_spacing.y = 0.0;
    }
    let possible = can_difference(state);
    if state.variant > 0
        && let Some(on) = switch(
            ui,
            paint,
            "ui-difference",
            "ui-difference-tip",
            state.difference && possible,
            possible,
        )
    {
        actions.push(Action::ShowDifference(on));
    }
    ui.spacing_mut().item_spacing.y = gap;
    if let Some(name) = streaks {
        let tip = paint.get("ui-streaks-tip");
        let on = switch_named(ui, paint, name, &tip, state.arrows_shown(), true);
        actions.extend(on.map(Action::ShowArrows));
    }
    actions
}

/// The water under the cursor. The lines are always there, so that nothing moves with it.
fn water_ui(ui: &mut Ui, paint: &Paint, facts: &[Fact], time: &str) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = paint.of(20.0);
        let title = paint.t.with("ui-water-here", &[("time", time)]);
        ui.add(Label::new(caption(&paint.look, title)).truncate())
            .on_hover_text(paint.get("ui-water-here-tip"));
        for fact in facts {
            ui.horizontal(|ui| {
                ui.label(RichText::new(&fact.name).color(paint.look.colour.text_weak));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    cell(ui, paint.of(32.0), egui::Align::Min, |ui| {
                        ui.label(caption(&paint.look, fact.unit));
                    });
                    ui.label(&fact.value);
                });
            });
        }
    });
}

fn picker_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Option<Action> {
    let world = &state.prepared.world;
    let none = paint.get("ui-no-result");
    let shown = world
        .fields
        .iter()
        .find(|f| Some(&f.id) == state.field.as_ref());
    let mut action = None;
    let response = ComboBox::from_id_salt("result")
        .width(ui.available_width())
        .truncate()
        .selected_text(shown.map_or(none.as_str(), |f| f.name.as_str()))
        .show_ui(ui, |ui| {
            if ui.selectable_label(shown.is_none(), &none).clicked() {
                action = Some(Action::ShowField(None));
            }
            for field in &world.fields {
                let chosen = Some(&field.id) == state.field.as_ref();
                if ui.selectable_label(chosen, &field.name).clicked() {
                    action = Some(Action::ShowField(Some(field.id.clone())));
                }
            }
            if world.fields.is_empty() {
                ui.label(caption(&paint.look, paint.get("ui-no-result-yet")));
            }
        })
        .response;
    named(
        ui,
        response,
        &paint.get("ui-result"),
        &paint.get("ui-result-tip"),
    );
    action
}

fn legend_ui(ui: &mut Ui, paint: &Paint, legend: &LegendView, open: bool) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(2.0);
        let mut title = egui::text::LayoutJob::default();
        let part = |text: RichText, job: &mut egui::text::LayoutJob, ui: &Ui| {
            text.append_to(
                job,
                ui.style(),
                egui::FontSelection::Default,
                egui::Align::Center,
            );
        };
        part(
            RichText::new(&legend.title).text_style(strong()),
            &mut title,
            ui,
        );
        part(
            caption(&paint.look, format!("  {}", legend.unit)),
            &mut title,
            ui,
        );
        ui.add(Label::new(title).wrap());
        if open {
            ui.add(Label::new(caption(&paint.look, &legend.subtitle)).wrap());
        }
    });
    if legend.coarse.is_some() || legend.stale {
        ui.spacing_mut().interact_size.y = paint.of(18.0);
        ui.horizontal_wrapped(|ui| {
            if let Some(coarse) = &legend.coarse {
                badge(ui, paint, coarse, paint.look.colour.text_weak)
                    .on_hover_text(paint.get("ui-coarse-tip"));
            }
            if legend.stale {
                badge(ui, paint, &paint.get("ui-stale"), paint.look.colour.warning)
                    .on_hover_text(paint.get("ui-stale-tip"));
            }
        });
    }
    if let Some(why) = &legend.waits {
        ui.add(Label::new(caption(&paint.look, why)).wrap());
    }
    if !legend.classes.is_empty() {
        if open {
            classes_ui(ui, paint, legend);
        } else {
            strip_ui(ui, paint, legend);
        }
    }
    if !legend.bar.is_empty() {
        bar_ui(ui, paint, legend);
    }
}

/// What the marks on the map mean, line by line, each in its form.
fn marks_ui(ui: &mut Ui, paint: &Paint, marks: &[MarkRow]) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(2.0);
        ui.spacing_mut().interact_size.y = paint.of(18.0);
        for ([r, g, b], words, form) in marks {
            ui.horizontal(|ui| {
                let (rect, _) =
                    ui.allocate_exact_size(vec2(paint.of(16.0), paint.of(16.0)), Sense::hover());
                let fill = Color32::from_rgb(*r, *g, *b);
                let rim = Stroke::new(1.0, paint.look.colour.outline);
                let (centre, half) = (rect.center(), paint.of(6.0));
                let at = |x: f32, y: f32| centre + vec2(x, y) * half;
                let thick = Stroke::new(paint.of(3.0), fill);
                match form {
                    MarkForm::Diamond => {
                        let corners = [at(0.0, -1.2), at(1.0, 0.0), at(0.0, 1.2), at(-1.0, 0.0)];
                        ui.painter()
                            .add(Shape::convex_polygon(corners.to_vec(), fill, rim));
                    }
                    MarkForm::Cross => {
                        for down in [-0.8, 0.8] {
                            let ends = [at(-0.8, -down), at(0.8, down)];
                            ui.painter().line_segment(ends, thick);
                        }
                    }
                    MarkForm::Cube => {
                        let square = Rect::from_center_size(centre, vec2(1.6, 1.6) * half);
                        let kind = egui::StrokeKind::Outside;
                        ui.painter().rect(square, 0.0, fill, rim, kind);
                    }
                    MarkForm::Line => {
                        let ends = [at(-1.2, 0.0), at(1.2, 0.0)];
                        ui.painter().line_segment(ends, thick);
                    }
                }
                ui.add(Label::new(RichText::new(words).text_style(TextStyle::Small)).truncate());
            });
        }
    });
}

/// A list, highest class on top, as it lies in the mind; a screen reader reads it line by line.
fn classes_ui(ui: &mut Ui, paint: &Paint, legend: &LegendView) {
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = paint.of(2.0);
        ui.spacing_mut().interact_size.y = paint.of(18.0);
        for (colour, _, label, limits) in legend.classes.iter().rev() {
            ui.horizontal(|ui| {
                let [r, g, b] = *colour;
                let (rect, _) =
                    ui.allocate_exact_size(vec2(paint.of(24.0), paint.of(16.0)), Sense::hover());
                ui.painter().rect(
                    rect,
                    2.0,
                    Color32::from_rgb(r, g, b),
                    Stroke::new(1.0, paint.look.colour.line),
                    egui::StrokeKind::Inside,
                );
                ui.add(Label::new(RichText::new(label).text_style(TextStyle::Small)).truncate());
                if limits != label {
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        ui.add(Label::new(caption(&paint.look, limits)).truncate());
                    });
                }
            });
        }
    });
    if !legend.source.is_empty() {
        ui.add(Label::new(caption(&paint.look, &legend.source)).truncate())
            .on_hover_text(&legend.source);
    }
}

/// The classes side by side with the words of the first and the last one; each says its own under the pointer.
fn strip_ui(ui: &mut Ui, paint: &Paint, legend: &LegendView) {
    let count = legend.classes.len() as f32;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, paint.of(2.0));
        ui.spacing_mut().interact_size.y = paint.of(16.0);
        ui.horizontal(|ui| {
            let size = vec2(ui.available_width() / count, paint.of(16.0));
            for ([r, g, b], _, label, limits) in &legend.classes {
                let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
                let fill = Color32::from_rgb(*r, *g, *b);
                ui.painter().rect_filled(rect, 0.0, fill);
                let words = if limits == label {
                    label.clone()
                } else {
                    format!("{label} · {limits}")
                };
                response.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &words)
                });
                response.on_hover_text(&words);
            }
        });
        let ends = [legend.classes.first(), legend.classes.last()];
        let [first, last] = ends.map(|class| class.map_or("", |class| class.2.as_str()));
        ui.horizontal(|ui| {
            let half = 0.5 * ui.available_width();
            for (words, align) in [(first, egui::Align::Min), (last, egui::Align::Max)] {
                cell(ui, half, align, |ui| {
                    ui.add(Label::new(caption(&paint.look, words)).truncate());
                });
            }
        });
    });
}

/// A bar of colours with ticks.
fn bar_ui(ui: &mut Ui, paint: &Paint, legend: &LegendView) {
    let font = TextStyle::Small.resolve(ui.style());
    let inset = paint.of(12.0);
    let height = paint.of(14.0) + paint.of(4.0) + font.size * 1.3;
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let band = Rect::from_min_max(
        pos2(rect.left() + inset, rect.top()),
        pos2(rect.right() - inset, rect.top() + paint.of(14.0)),
    );
    let mut mesh = Mesh::default();
    let last = (legend.bar.len() - 1).max(1) as f32;
    for (i, [r, g, b]) in legend.bar.iter().enumerate() {
        let x = band.left() + band.width() * i as f32 / last;
        let colour = Color32::from_rgb(*r, *g, *b);
        mesh.colored_vertex(pos2(x, band.top()), colour);
        mesh.colored_vertex(pos2(x, band.bottom()), colour);
    }
    for i in 0..legend.bar.len() as u32 - 1 {
        mesh.add_triangle(2 * i, 2 * i + 1, 2 * i + 2);
        mesh.add_triangle(2 * i + 1, 2 * i + 3, 2 * i + 2);
    }
    ui.painter().add(Shape::mesh(mesh));
    let mut words = Vec::new();
    for (at, label) in &legend.ticks {
        let x = band.left() + band.width() * at;
        ui.painter().vline(
            x,
            band.bottom()..=band.bottom() + paint.of(4.0),
            Stroke::new(1.0, paint.look.colour.outline),
        );
        ui.painter().text(
            pos2(x, band.bottom() + paint.of(4.0)),
            Align2::CENTER_TOP,
            label,
            font.clone(),
            paint.look.colour.text,
        );
        words.push(label.as_str());
    }
    let spoken = format!("{} {}", words.join(", "), legend.unit);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Image, true, &spoken));
    if let Some([low, high]) = &legend.ends {
        ui.horizontal(|ui| {
            ui.label(caption(&paint.look, low));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(caption(&paint.look, high));
            });
        });
    }
}
