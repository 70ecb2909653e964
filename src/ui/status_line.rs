//! The line at the bottom: place and value under the cursor, the running job, notes.

use egui::{Align, Id, Label, Layout, ProgressBar, Ui};

use super::action::Action;
use super::icons::Icon;
use super::prepare::JobLine;
use super::state::UiState;
use super::theme::caption;
use super::widgets::{Button, Paint, cell, named};

/// Place, value, job, notes. All columns are fixed, so that nothing moves with the cursor.
pub fn status_line_ui(ui: &mut Ui, paint: &Paint, state: &UiState) -> Vec<Action> {
    let mut actions = Vec::new();
    let now = &state.prepared.now;
    let tight = paint.tight(ui.ctx());
    ui.horizontal(|ui| {
        ui.set_min_height(paint.look.size.control());
        ui.spacing_mut().item_spacing.x = paint.of(4.0);
        // With large text in a small window the job matters more than the place.
        if state.prepared.world.open && !(tight && now.job.is_some()) {
            place_ui(ui, paint, state);
            ui.add_space(paint.of(16.0));
            value_ui(ui, paint, state, tight);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(job) = &now.job {
                actions.extend(job_ui(ui, paint, state, job));
            } else {
                forget_start(ui);
                if let Some(key) = state.quality_note {
                    let note = paint.get(key);
                    ui.add(Label::new(caption(&paint.look, &note)).truncate())
                        .on_hover_text(note);
                }
            }
        });
    });
    actions
}

fn place_ui(ui: &mut Ui, paint: &Paint, state: &UiState) {
    let response = ui
        .scope(|ui| {
            let crs = &state.prepared.world.crs;
            ui.label(caption(&paint.look, crs));
            let names = ["ui-east-short", "ui-north-short", "ui-height-short"];
            let widths = [80.0, 88.0, 48.0];
            for ((name, width), value) in names.iter().zip(widths).zip(&state.prepared.now.place) {
                ui.add_space(paint.of(8.0));
                ui.label(caption(&paint.look, paint.get(name)));
                cell(ui, paint.of(width), Align::Max, |ui| {
                    ui.label(caption(&paint.look, value).color(paint.look.colour.text));
                });
            }
            ui.label(caption(&paint.look, "m"));
        })
        .response;
    response.on_hover_text(paint.get("ui-place-tip"));
}

fn value_ui(ui: &mut Ui, paint: &Paint, state: &UiState, tight: bool) {
    let now = &state.prepared.now;
    let response = ui
        .scope(|ui| {
            ui.label(caption(&paint.look, paint.get("ui-value")));
            cell(ui, paint.of(168.0), Align::Min, |ui| {
                ui.add(
                    Label::new(caption(&paint.look, &now.value).color(paint.look.colour.text))
                        .truncate(),
                );
            });
            if !tight {
                cell(ui, paint.of(144.0), Align::Min, |ui| {
                    ui.add(Label::new(caption(&paint.look, &now.building)).truncate());
                });
            }
        })
        .response;
    response.on_hover_text(paint.get("ui-value-tip"));
}

/// Text, bar, time left, cancel; drawn from the right.
fn job_ui(ui: &mut Ui, paint: &Paint, state: &UiState, job: &JobLine) -> Option<Action> {
    let mut action = None;
    let name = paint.get("ui-cancel");
    let tip = paint.get("ui-cancel-tip");
    if Button::icon(Icon::Cancel, &name, &tip)
        .show(ui, paint)
        .clicked()
    {
        action = Some(Action::Cancel);
    }
    cell(ui, paint.of(112.0), Align::Max, |ui| {
        ui.label(caption(&paint.look, left_text(ui, paint, state, job)));
    });
    cell(ui, paint.of(40.0), Align::Max, |ui| {
        ui.label(caption(&paint.look, &job.percent));
    });
    let bar = ui.add(
        ProgressBar::new(job.fraction)
            .desired_width(paint.of(120.0))
            .desired_height(paint.of(8.0))
            .fill(paint.look.colour.accent),
    );
    named(ui, bar, &job.text, &job.text);
    ui.add(Label::new(caption(&paint.look, &job.text)).truncate());
    action
}

fn start_id() -> Id {
    Id::new("planspiel-job-start")
}

fn forget_start(ui: &Ui) {
    ui.data_mut(|d| d.remove::<(usize, &'static str, f64)>(start_id()));
}

/// `noch etwa 12 s`, from the time and the fraction so far.
fn left_text(ui: &Ui, paint: &Paint, state: &UiState, job: &JobLine) -> String {
    let Some(status) = &state.snapshot.job else {
        return String::new();
    };
    let now = ui.input(|i| i.time);
    let who = (status.variant, status.simulation);
    let start = ui.data_mut(|d| {
        let start = d.get_temp_mut_or(start_id(), (who.0, who.1, now));
        if (start.0, start.1) != who {
            *start = (who.0, who.1, now);
        }
        start.2
    });
    let fraction = f64::from(job.fraction);
    let elapsed = now - start;
    if fraction < 0.05 || elapsed < 1.0 {
        return String::new();
    }
    let left = elapsed * (1.0 - fraction) / fraction;
    let text = if left < 90.0 {
        paint.t.language().with_unit(left.ceil(), 0, "s")
    } else {
        paint.t.language().with_unit((left / 60.0).ceil(), 0, "min")
    };
    paint.t.with("ui-job-left", &[("time", text)])
}
