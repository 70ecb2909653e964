//! The tool in hand: what to do next, its numbers, done and cancel. The points themselves are set in the city
//! (`view::sketch`).

use egui::{Label, Ui};

use crate::scenario::{Edit, ranges};

use super::action::{Action, Tool};
use super::command::{Command, Effect};
use super::edit_fields::FieldSpec;
use super::icons::Icon;
use super::state::UiState;
use super::theme::{caption, strong};
use super::widgets::{Button, Paint, Weight, number_row};

/// Width of the card at text size 1.
pub const WIDTH: f32 = 368.0;

/// Numbers of the tools, kept from one use to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToolNumbers {
    /// Height (m) of a wall above the ground.
    pub wall_m: f64,
    /// Change (m) of the terrain.
    pub raise_m: f64,
}

impl Default for ToolNumbers {
    fn default() -> Self {
        Self {
            wall_m: 1.0,
            raise_m: 1.0,
        }
    }
}

impl Tool {
    /// Points that it needs at least.
    pub fn least_points(self) -> usize {
        match self {
            Self::Raise | Self::Area => 3,
            Self::Wall | Self::Section => 2,
        }
    }

    /// Its points are the corners of an area.
    pub fn is_area(self) -> bool {
        matches!(self, Self::Raise | Self::Area)
    }

    /// Command that takes it in hand.
    pub fn command(self) -> Command {
        match self {
            Self::Wall => Command::ToolWall,
            Self::Raise => Command::ToolRaise,
            Self::Area => Command::ToolArea,
            Self::Section => Command::ToolSection,
        }
    }

    /// Icon.
    pub fn icon(self) -> Icon {
        match self {
            Self::Wall => Icon::Wall,
            Self::Raise => Icon::Mound,
            Self::Area => Icon::Bus,
            Self::Section => Icon::Section,
        }
    }

    /// The edit that its points and numbers add; `None` where they add none.
    pub fn edit(self, id: &str, points: &[[f64; 2]], numbers: ToolNumbers) -> Option<Edit> {
        let rounded = |p: &[f64; 2]| p.map(|v| (v * 100.0).round() / 100.0);
        let points = points.iter().map(rounded).collect();
        match self {
            Self::Wall => Some(Edit::FloodWall {
                id: id.to_owned(),
                line: points,
                height_m: Some(numbers.wall_m),
                crest_level_m: None,
                mobile: false,
            }),
            Self::Raise => Some(Edit::RaiseTerrain {
                id: id.to_owned(),
                area: points,
                level_m: None,
                by_m: Some(numbers.raise_m),
            }),
            // The area belongs to the service of the variant, see `shuttle_panel::with_area`.
            Self::Area | Self::Section => None,
        }
    }
}

/// The card; nothing without a tool in hand.
pub fn tool_card_ui(ui: &mut Ui, paint: &Paint, state: &UiState, width: f32) -> Vec<Effect> {
    let mut effects = Vec::new();
    let Some(tool) = state.tool else {
        return effects;
    };
    ui.set_width(width);
    ui.spacing_mut().item_spacing.y = paint.of(4.0);
    let (name, _) = tool.command().words(paint.t);
    ui.label(egui::RichText::new(name).text_style(strong()));
    let points = state.sketch.len();
    let hint = match (tool.is_area(), points) {
        (true, 0) => "ui-tool-first-corner",
        (false, 0) => "ui-tool-first-point",
        (_, n) if n < tool.least_points() => "ui-tool-next",
        _ => "ui-tool-end",
    };
    ui.add(Label::new(caption(&paint.look, paint.get(hint))).wrap());
    let row = match tool {
        Tool::Wall => Some((state.tool_numbers.wall_m, wall_spec())),
        Tool::Raise => Some((state.tool_numbers.raise_m, raise_spec())),
        Tool::Area | Tool::Section => None,
    };
    if let Some((now, spec)) = row
        && let Some(change) = number_row(ui, paint, state.language, &spec, now)
    {
        let mut numbers = state.tool_numbers;
        match tool {
            Tool::Wall => numbers.wall_m = change.value,
            Tool::Raise => numbers.raise_m = change.value,
            Tool::Area | Tool::Section => {}
        }
        effects.push(Effect::Act(Action::SetToolNumbers(numbers)));
    }
    ui.horizontal(|ui| {
        for (command, weight) in [
            (Command::SketchDone, Weight::Primary),
            (Command::SketchBack, Weight::Normal),
            (Command::SketchHere, Weight::Normal),
            (Command::SketchCancel, Weight::Normal),
        ] {
            let (name, tip) = command.words(paint.t);
            let keys = command.printed_keys(paint.t);
            let effect = command.effect(state);
            let weight = if effect.is_some() {
                weight
            } else {
                Weight::Normal
            };
            let clicked = Button::words(&name, &tip)
                .weight(weight)
                .keys(&keys)
                .enabled(effect.is_some())
                .show(ui, paint)
                .clicked();
            effects.extend(effect.filter(|_| clicked));
        }
    });
    effects
}

fn wall_spec() -> FieldSpec {
    FieldSpec {
        label: "ui-field-wall-height",
        tip: "ui-field-wall-height-tip",
        unit: "m",
        range: ranges::WALL_HEIGHT_M,
        step: 0.25,
        decimals: 2,
    }
}

fn raise_spec() -> FieldSpec {
    FieldSpec {
        label: "ui-field-terrain-by",
        tip: "ui-field-terrain-by-tip",
        unit: "m",
        range: ranges::TERRAIN_CHANGE_M,
        step: 0.25,
        decimals: 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_makes_its_edit_from_points_in_centimetres() {
        let points = [[565_000.123_4, 5_933_000.0], [565_010.0, 5_933_000.0]];
        let edit = Tool::Wall.edit("wand-1", &points, ToolNumbers::default());
        let Some(Edit::FloodWall { line, height_m, .. }) = edit else {
            panic!("{edit:?}")
        };
        assert_eq!((line[0][0], height_m), (565_000.12, Some(1.0)));
        assert_eq!(
            Tool::Section.edit("", &points, ToolNumbers::default()),
            None
        );
    }
}
