//! Everything a person can do, by name and key: one list for the tool row, the command palette, the key table and the help.

use egui::{Key, Modifiers};

use crate::result::Quality;
use crate::scenario::Edit;
use crate::sim::registry::{Entry, SIMULATIONS};
use crate::text::{Language, Texts, texts};

use super::action::{Action, CameraMove, DragKind, Panel, Theme, Tool, TrafficPick};
use super::edit_fields::{FieldKind, nudged};
use super::moment::SPEEDS;
use super::prepare::{EventView, layer_key};
use super::state::UiState;
use super::theme::TEXT_SCALE;

/// Registered name of the water simulation.
pub const WATER: &str = "flood";
/// Registered name of the wind simulation.
pub const WIND: &str = "wind";
/// Registered name of the traffic simulation.
pub const TRAFFIC: &str = "traffic";
/// Registered name of the study of access.
pub const ACCESS: &str = "access";
/// Registered name of the shuttle simulation.
pub const SHUTTLE: &str = "shuttle";

/// A command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Window to open a file.
    Open,
    /// Save to the file it came from, else ask.
    Save,
    /// Window to save under a new name.
    SaveAs,
    /// One step back.
    Undo,
    /// One step forward.
    Redo,
    /// Exact sun hours.
    RunExact,
    /// Quick sun hours.
    RunCoarse,
    /// Stop the job.
    Cancel,
    /// First view.
    Home,
    /// North up.
    North,
    /// From above.
    Top,
    /// The selection.
    Focus,
    /// Select nothing.
    Deselect,
    /// An empty variant.
    AddVariant,
    /// Back to the baseline or to the last variant.
    SwapBaseline,
    /// A block in the middle of the view.
    AddBuilding,
    /// A tree in the middle of the view.
    AddTree,
    /// Take the selected building away, or the edit that made it.
    RemoveSelected,
    /// Move the selected draft by 1 m.
    MoveNorth,
    /// Move the selected draft by 1 m.
    MoveSouth,
    /// Move the selected draft by 1 m.
    MoveEast,
    /// Move the selected draft by 1 m.
    MoveWest,
    /// Turn the selected draft by 15 degrees.
    TurnLeft,
    /// Turn the selected draft by 15 degrees.
    TurnRight,
    /// Lift the selected draft by 1 m.
    Raise,
    /// Lower the selected draft by 1 m.
    Lower,
    /// Move the selected draft with the pointer.
    DragMove,
    /// Turn the selected draft with the pointer.
    DragTurn,
    /// Raise the selected draft with the pointer.
    DragRaise,
    /// Difference to the baseline or value.
    Difference,
    /// No result on the city.
    HideResult,
    /// Let the time run or stop it.
    Play,
    /// Let the water event run or stop it.
    PlayEvent,
    /// The state before.
    EventBack,
    /// The next state.
    EventForward,
    /// The start of the event.
    EventStart,
    /// The end of the event.
    EventEnd,
    /// The event runs faster.
    EventFaster,
    /// The event runs slower.
    EventSlower,
    /// Arrows where the water flows.
    Arrows,
    /// Draw a flood wall.
    ToolWall,
    /// Raise the terrain of an area.
    ToolRaise,
    /// Draw the area of the shuttles.
    ToolArea,
    /// Draw a section.
    ToolSection,
    /// The points of the tool are complete.
    SketchDone,
    /// Take the last point back.
    SketchBack,
    /// A point in the middle of the view.
    SketchHere,
    /// Lay the tool down.
    SketchCancel,
    /// No section.
    CloseSection,
    /// Quick water.
    WaterCoarse,
    /// Exact water.
    WaterExact,
    /// Quick wind.
    WindCoarse,
    /// Exact wind.
    WindExact,
    /// Quick traffic.
    TrafficCoarse,
    /// Exact traffic.
    TrafficExact,
    /// Quick access.
    AccessCoarse,
    /// Exact access.
    AccessExact,
    /// Quick shuttles.
    ShuttleCoarse,
    /// Exact shuttles.
    ShuttleExact,
    /// The camera goes with the selected vehicle.
    Follow,
    /// 10 minutes earlier.
    Earlier,
    /// 10 minutes later.
    Later,
    /// 21 March.
    DayMarch,
    /// 21 June.
    DayJune,
    /// 21 December.
    DayDecember,
    /// 17 January.
    DayJanuary,
    /// German.
    German,
    /// English.
    English,
    /// Next size.
    TextLarger,
    /// Previous size.
    TextSmaller,
    /// Size 1.
    TextNormal,
    /// Light colours.
    ThemeLight,
    /// Dark colours.
    ThemeDark,
    /// Highest contrast.
    ThemeContrast,
    /// Left panel.
    PanelLeft,
    /// Right panel.
    PanelRight,
    /// Time bar.
    PanelBottom,
    /// Command palette.
    Palette,
    /// Keys.
    Help,
    /// End.
    Quit,
    /// Pan.
    PanLeft,
    /// Pan.
    PanRight,
    /// Pan.
    PanAway,
    /// Pan.
    PanNear,
    /// Orbit.
    OrbitLeft,
    /// Orbit.
    OrbitRight,
    /// Orbit.
    OrbitUp,
    /// Orbit.
    OrbitDown,
    /// Zoom.
    Closer,
    /// Zoom.
    Farther,
}

/// What a command does: an action of the program, or a window of the panels themselves.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Action.
    Act(Action),
    /// Opens or closes a window.
    Show(Window),
}

/// Windows that belong to the panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Open a file.
    Open,
    /// Save under a name.
    SaveAs,
    /// Command palette.
    Palette,
    /// Keys.
    Help,
}

impl Command {
    /// All, in the order of the palette and of the help.
    pub const ALL: [Self; 90] = [
        Self::Open,
        Self::Save,
        Self::SaveAs,
        Self::Undo,
        Self::Redo,
        Self::RunExact,
        Self::RunCoarse,
        Self::WaterExact,
        Self::WaterCoarse,
        Self::WindExact,
        Self::WindCoarse,
        Self::TrafficExact,
        Self::TrafficCoarse,
        Self::AccessExact,
        Self::AccessCoarse,
        Self::ShuttleExact,
        Self::ShuttleCoarse,
        Self::SketchCancel,
        Self::Cancel,
        Self::Home,
        Self::North,
        Self::Top,
        Self::Focus,
        Self::PanLeft,
        Self::PanRight,
        Self::PanAway,
        Self::PanNear,
        Self::OrbitLeft,
        Self::OrbitRight,
        Self::OrbitUp,
        Self::OrbitDown,
        Self::Closer,
        Self::Farther,
        Self::Deselect,
        Self::AddVariant,
        Self::SwapBaseline,
        Self::AddBuilding,
        Self::AddTree,
        Self::RemoveSelected,
        Self::MoveNorth,
        Self::MoveSouth,
        Self::MoveEast,
        Self::MoveWest,
        Self::TurnLeft,
        Self::TurnRight,
        Self::Raise,
        Self::Lower,
        Self::DragMove,
        Self::DragTurn,
        Self::DragRaise,
        Self::ToolWall,
        Self::ToolRaise,
        Self::ToolArea,
        Self::ToolSection,
        Self::SketchDone,
        Self::SketchBack,
        Self::SketchHere,
        Self::CloseSection,
        Self::Difference,
        Self::HideResult,
        Self::Play,
        Self::PlayEvent,
        Self::EventBack,
        Self::EventForward,
        Self::EventStart,
        Self::EventEnd,
        Self::EventFaster,
        Self::EventSlower,
        Self::Arrows,
        Self::Follow,
        Self::Earlier,
        Self::Later,
        Self::DayMarch,
        Self::DayJune,
        Self::DayDecember,
        Self::DayJanuary,
        Self::German,
        Self::English,
        Self::TextLarger,
        Self::TextSmaller,
        Self::TextNormal,
        Self::ThemeLight,
        Self::ThemeDark,
        Self::ThemeContrast,
        Self::PanelLeft,
        Self::PanelRight,
        Self::PanelBottom,
        Self::Palette,
        Self::Help,
        Self::Quit,
    ];

    /// Text keys of name and tooltip.
    pub fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Open => ("ui-open", "ui-open-tip"),
            Self::Save => ("ui-save", "ui-save-tip"),
            Self::SaveAs => ("ui-save-as", "ui-save-as-tip"),
            Self::Undo => ("ui-undo", "ui-undo-tip"),
            Self::Redo => ("ui-redo", "ui-redo-tip"),
            Self::RunExact => ("ui-run", "ui-run-tip"),
            Self::RunCoarse => ("ui-run-coarse", "ui-run-coarse-tip"),
            Self::Cancel => ("ui-cancel", "ui-cancel-tip"),
            Self::Home => ("ui-home", "ui-home-tip"),
            Self::North => ("ui-north", "ui-north-tip"),
            Self::Top => ("ui-top", "ui-top-tip"),
            Self::Focus => ("ui-focus", "ui-focus-tip"),
            Self::Deselect => ("ui-deselect", "ui-deselect-tip"),
            Self::AddVariant => ("ui-add-variant", "ui-add-variant-tip"),
            Self::SwapBaseline => ("ui-swap-baseline", "ui-swap-baseline-tip"),
            Self::AddBuilding => ("ui-add-building", "ui-add-building-tip"),
            Self::AddTree => ("ui-add-tree", "ui-add-tree-tip"),
            Self::RemoveSelected => ("ui-remove-selected", "ui-remove-selected-tip"),
            Self::MoveNorth => ("ui-move-north", "ui-move-tip"),
            Self::MoveSouth => ("ui-move-south", "ui-move-tip"),
            Self::MoveEast => ("ui-move-east", "ui-move-tip"),
            Self::MoveWest => ("ui-move-west", "ui-move-tip"),
            Self::TurnLeft => ("ui-turn-left", "ui-turn-tip"),
            Self::TurnRight => ("ui-turn-right", "ui-turn-tip"),
            Self::Raise => ("ui-raise", "ui-raise-tip"),
            Self::Lower => ("ui-lower", "ui-raise-tip"),
            Self::DragMove => ("ui-drag-move", "ui-drag-move-tip"),
            Self::DragTurn => ("ui-drag-turn", "ui-drag-turn-tip"),
            Self::DragRaise => ("ui-drag-raise", "ui-drag-raise-tip"),
            Self::Difference => ("ui-difference", "ui-difference-tip"),
            Self::HideResult => ("ui-hide-result", "ui-hide-result-tip"),
            Self::Play => ("ui-play", "ui-play-tip"),
            Self::PlayEvent => ("ui-event-play", "ui-event-play-tip"),
            Self::EventBack => ("ui-event-back", "ui-event-step-tip"),
            Self::EventForward => ("ui-event-forward", "ui-event-step-tip"),
            Self::EventStart => ("ui-event-start", "ui-event-start-tip"),
            Self::EventEnd => ("ui-event-end", "ui-event-end-tip"),
            Self::EventFaster => ("ui-event-faster", "ui-event-speed-tip"),
            Self::EventSlower => ("ui-event-slower", "ui-event-speed-tip"),
            Self::Arrows => ("ui-arrows", "ui-arrows-tip"),
            Self::ToolWall => ("ui-tool-wall", "ui-tool-wall-tip"),
            Self::ToolRaise => ("ui-tool-raise", "ui-tool-raise-tip"),
            Self::ToolArea => ("ui-tool-area", "ui-tool-area-tip"),
            Self::ToolSection => ("ui-tool-section", "ui-tool-section-tip"),
            Self::SketchDone => ("ui-sketch-done", "ui-sketch-done-tip"),
            Self::SketchBack => ("ui-sketch-back", "ui-sketch-back-tip"),
            Self::SketchHere => ("ui-sketch-here", "ui-sketch-here-tip"),
            Self::SketchCancel => ("ui-sketch-cancel", "ui-sketch-cancel-tip"),
            Self::CloseSection => ("ui-section-close", "ui-section-close-tip"),
            Self::WaterExact => ("ui-water-run", "ui-water-run-tip"),
            Self::WaterCoarse => ("ui-water-coarse", "ui-water-coarse-tip"),
            Self::WindExact => ("ui-wind-run", "ui-wind-run-tip"),
            Self::WindCoarse => ("ui-wind-coarse", "ui-wind-coarse-tip"),
            Self::TrafficExact => ("ui-traffic-run", "ui-traffic-run-tip"),
            Self::TrafficCoarse => ("ui-traffic-coarse", "ui-traffic-coarse-tip"),
            Self::AccessExact => ("ui-access-run", "ui-access-run-tip"),
            Self::AccessCoarse => ("ui-access-coarse", "ui-access-coarse-tip"),
            Self::ShuttleExact => ("ui-shuttle-run", "ui-shuttle-run-tip"),
            Self::ShuttleCoarse => ("ui-shuttle-coarse", "ui-shuttle-coarse-tip"),
            Self::Follow => ("ui-follow", "ui-follow-tip"),
            Self::Earlier => ("ui-earlier", "ui-earlier-tip"),
            Self::Later => ("ui-later", "ui-later-tip"),
            Self::DayMarch => ("ui-day-march", "ui-day-march-tip"),
            Self::DayJune => ("ui-day-june", "ui-day-june-tip"),
            Self::DayDecember => ("ui-day-december", "ui-day-december-tip"),
            Self::DayJanuary => ("ui-day-january", "ui-day-january-tip"),
            Self::German => ("ui-german", "ui-german-tip"),
            Self::English => ("ui-english", "ui-english-tip"),
            Self::TextLarger => ("ui-text-larger", "ui-text-size-tip"),
            Self::TextSmaller => ("ui-text-smaller", "ui-text-size-tip"),
            Self::TextNormal => ("ui-text-normal", "ui-text-size-tip"),
            Self::ThemeLight => ("ui-theme-light", "ui-theme-light-tip"),
            Self::ThemeDark => ("ui-theme-dark", "ui-theme-dark-tip"),
            Self::ThemeContrast => ("ui-theme-contrast", "ui-theme-contrast-tip"),
            Self::PanelLeft => ("ui-panel-left", "ui-panel-left-tip"),
            Self::PanelRight => ("ui-panel-right", "ui-panel-right-tip"),
            Self::PanelBottom => ("ui-panel-bottom", "ui-panel-bottom-tip"),
            Self::Palette => ("ui-palette", "ui-palette-tip"),
            Self::Help => ("ui-help", "ui-help-tip"),
            Self::Quit => ("ui-quit", "ui-quit-tip"),
            Self::PanLeft => ("ui-pan-left", "ui-pan-tip"),
            Self::PanRight => ("ui-pan-right", "ui-pan-tip"),
            Self::PanAway => ("ui-pan-away", "ui-pan-tip"),
            Self::PanNear => ("ui-pan-near", "ui-pan-tip"),
            Self::OrbitLeft => ("ui-orbit-left", "ui-orbit-tip"),
            Self::OrbitRight => ("ui-orbit-right", "ui-orbit-tip"),
            Self::OrbitUp => ("ui-orbit-up", "ui-orbit-tip"),
            Self::OrbitDown => ("ui-orbit-down", "ui-orbit-tip"),
            Self::Closer => ("ui-closer", "ui-zoom-tip"),
            Self::Farther => ("ui-farther", "ui-zoom-tip"),
        }
    }

    /// Name and tooltip, with steps and ranges filled in.
    pub fn words(self, t: &Texts) -> (String, String) {
        let (name, tip) = self.texts();
        let field = match self {
            Self::MoveNorth | Self::MoveSouth | Self::MoveEast | Self::MoveWest => FieldKind::East,
            Self::TurnLeft | Self::TurnRight | Self::DragTurn => FieldKind::Rotation,
            Self::Raise | Self::Lower | Self::DragRaise => FieldKind::Base,
            _ => return (t.get(name), t.get(tip)),
        };
        let spec = field.spec();
        let (low, high) = spec.range;
        let args = [("step", spec.step), ("low", low), ("high", high)];
        (t.get(name), t.with(tip, &args))
    }

    /// Keys, the printed one first. `Tab` walks through the controls, as everywhere; `V` swaps variant and baseline instead.
    pub fn keys(self) -> &'static [(Modifiers, Key)] {
        const NO: Modifiers = Modifiers::NONE;
        const CTRL: Modifiers = Modifiers::COMMAND;
        const SHIFT: Modifiers = Modifiers::SHIFT;
        const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);
        match self {
            Self::Open => &[(CTRL, Key::O)],
            Self::Save => &[(CTRL, Key::S)],
            Self::SaveAs => &[(CTRL_SHIFT, Key::S)],
            Self::Undo => &[(CTRL, Key::Z)],
            Self::Redo => &[(CTRL, Key::Y), (CTRL_SHIFT, Key::Z)],
            Self::RunExact => &[(NO, Key::F5)],
            Self::RunCoarse => &[(SHIFT, Key::F5)],
            Self::Home => &[(NO, Key::Home)],
            Self::North => &[(NO, Key::N)],
            Self::Top => &[(NO, Key::Num7)],
            Self::Focus => &[(NO, Key::F)],
            Self::Deselect | Self::Cancel | Self::SketchCancel => &[(NO, Key::Escape)],
            Self::ToolWall => &[(NO, Key::W)],
            Self::ToolRaise => &[(NO, Key::U)],
            Self::ToolArea => &[(NO, Key::I)],
            Self::ToolSection => &[(NO, Key::L)],
            Self::SketchDone => &[(NO, Key::Enter)],
            Self::SketchBack => &[(NO, Key::Backspace)],
            Self::SketchHere => &[(NO, Key::X)],
            Self::SwapBaseline => &[(NO, Key::V)],
            Self::RemoveSelected => &[(NO, Key::Delete)],
            Self::MoveNorth => &[(CTRL, Key::ArrowUp)],
            Self::MoveSouth => &[(CTRL, Key::ArrowDown)],
            Self::MoveEast => &[(CTRL, Key::ArrowRight)],
            Self::MoveWest => &[(CTRL, Key::ArrowLeft)],
            Self::TurnLeft => &[(SHIFT, Key::R)],
            Self::TurnRight => &[(NO, Key::R)],
            Self::Raise => &[(NO, Key::PageUp)],
            Self::Lower => &[(NO, Key::PageDown)],
            Self::DragMove => &[(NO, Key::G)],
            Self::DragTurn => &[(NO, Key::T)],
            Self::DragRaise => &[(NO, Key::H)],
            Self::Difference => &[(NO, Key::D)],
            Self::Play => &[(NO, Key::P)],
            Self::PlayEvent => &[(SHIFT, Key::P)],
            Self::EventBack => &[(CTRL, Key::Comma)],
            Self::EventForward => &[(CTRL, Key::Period)],
            Self::EventStart => &[(CTRL, Key::Home)],
            Self::EventEnd => &[(CTRL, Key::End)],
            Self::Arrows => &[(NO, Key::A)],
            Self::WaterExact => &[(NO, Key::F6)],
            Self::WaterCoarse => &[(SHIFT, Key::F6)],
            Self::WindExact => &[(NO, Key::F7)],
            Self::WindCoarse => &[(SHIFT, Key::F7)],
            Self::TrafficExact => &[(NO, Key::F8)],
            Self::TrafficCoarse => &[(SHIFT, Key::F8)],
            Self::AccessExact => &[(NO, Key::F9)],
            Self::AccessCoarse => &[(SHIFT, Key::F9)],
            Self::ShuttleExact => &[(NO, Key::F10)],
            Self::ShuttleCoarse => &[(SHIFT, Key::F10)],
            Self::Follow => &[(NO, Key::C)],
            Self::Earlier => &[(NO, Key::Comma)],
            Self::Later => &[(NO, Key::Period)],
            Self::TextLarger => &[(CTRL, Key::Plus), (CTRL, Key::Equals)],
            Self::TextSmaller => &[(CTRL, Key::Minus)],
            Self::TextNormal => &[(CTRL, Key::Num0)],
            Self::PanelLeft => &[(CTRL, Key::Num1)],
            Self::PanelRight => &[(CTRL, Key::Num2)],
            Self::PanelBottom => &[(CTRL, Key::Num3)],
            Self::Palette => &[(CTRL, Key::K)],
            Self::Help => &[(NO, Key::F1)],
            Self::Quit => &[(CTRL, Key::Q)],
            Self::PanLeft => &[(NO, Key::ArrowLeft)],
            Self::PanRight => &[(NO, Key::ArrowRight)],
            Self::PanAway => &[(NO, Key::ArrowUp)],
            Self::PanNear => &[(NO, Key::ArrowDown)],
            Self::OrbitLeft => &[(SHIFT, Key::ArrowLeft)],
            Self::OrbitRight => &[(SHIFT, Key::ArrowRight)],
            Self::OrbitUp => &[(SHIFT, Key::ArrowUp)],
            Self::OrbitDown => &[(SHIFT, Key::ArrowDown)],
            Self::Closer => &[(NO, Key::Plus), (SHIFT, Key::Plus), (NO, Key::Equals)],
            Self::Farther => &[(NO, Key::Minus)],
            Self::AddVariant
            | Self::AddBuilding
            | Self::AddTree
            | Self::HideResult
            | Self::EventFaster
            | Self::EventSlower
            | Self::CloseSection
            | Self::DayMarch
            | Self::DayJune
            | Self::DayDecember
            | Self::DayJanuary
            | Self::German
            | Self::English
            | Self::ThemeLight
            | Self::ThemeDark
            | Self::ThemeContrast => &[],
        }
    }

    /// Its first key in words: `Strg+Umschalt+S`.
    pub fn printed_keys(self, t: &Texts) -> String {
        let Some((modifiers, key)) = self.keys().first() else {
            return String::new();
        };
        let mut text = String::new();
        for (pressed, word) in [
            (modifiers.command, "ui-key-ctrl"),
            (modifiers.shift, "ui-key-shift"),
            (modifiers.alt, "ui-key-alt"),
        ] {
            if pressed {
                text.push_str(&t.get(word));
                text.push('+');
            }
        }
        let word = match key {
            Key::Escape => "ui-key-escape",
            Key::Home => "ui-key-home",
            Key::End => "ui-key-end",
            Key::Enter => "ui-key-enter",
            Key::Backspace => "ui-key-backspace",
            Key::Delete => "ui-key-delete",
            Key::PageUp => "ui-key-page-up",
            Key::PageDown => "ui-key-page-down",
            Key::Num0 => return text + "0",
            Key::Num1 => return text + "1",
            Key::Num2 => return text + "2",
            Key::Num3 => return text + "3",
            Key::Num7 => return text + "7",
            Key::ArrowUp => return text + "↑",
            Key::ArrowDown => return text + "↓",
            Key::ArrowLeft => return text + "←",
            Key::ArrowRight => return text + "→",
            Key::Comma => return text + ",",
            Key::Period => return text + ".",
            Key::Plus => return text + "+",
            Key::Minus => return text + "−",
            other => return text + other.symbol_or_name(),
        };
        text + &t.get(word)
    }

    /// What it does now; `None` when there is nothing to do.
    pub fn effect(self, state: &UiState) -> Option<Effect> {
        let world = &state.prepared.world;
        let open = world.open;
        let camera = |m| open.then_some(Effect::Act(Action::Camera(m)));
        let act = |possible: bool, action: Action| possible.then_some(Effect::Act(action));
        let draft = |by: [f64; 2], turn: f64, lift: f64| {
            let (edit, row) = state.prepared.selection.building.as_ref()?.edit.as_ref()?;
            let with = nudged_row(row, by, turn, lift)?;
            Some(Effect::Act(Action::ReplaceEdit {
                variant: state.variant,
                edit: *edit,
                with,
                done: true,
            }))
        };
        // By how much one key press moves (m), turns (degrees) and lifts (m).
        let step = FieldKind::East.spec().step;
        let turn = FieldKind::Rotation.spec().step;
        let lift = FieldKind::Base.spec().step;
        let drag = |kind: DragKind| {
            let (_, row) = state.prepared.selection.building.as_ref()?.edit.as_ref()?;
            let possible = row.fields.iter().any(|f| kind.changes(f.kind));
            act(possible, Action::BeginDrag(kind))
        };
        match self {
            Self::Open => Some(Effect::Show(Window::Open)),
            Self::Save => match (&world.save_path, open) {
                (Some(path), true) => Some(Effect::Act(Action::SaveAs(path.clone()))),
                (None, true) => Some(Effect::Show(Window::SaveAs)),
                (_, false) => None,
            },
            Self::SaveAs => open.then_some(Effect::Show(Window::SaveAs)),
            Self::Undo => act(state.can_undo, Action::Undo),
            Self::Redo => act(state.can_redo, Action::Redo),
            Self::RunExact => act(can_run(state), Action::Run(Quality::Exact)),
            Self::RunCoarse => act(can_run(state), Action::Run(Quality::Coarse)),
            Self::Cancel => act(
                state.snapshot.job.is_some() && !state.dragging,
                Action::Cancel,
            ),
            Self::Home => camera(CameraMove::Home),
            Self::North => camera(CameraMove::North),
            Self::Top => camera(CameraMove::Top),
            Self::Focus => {
                let selected = state.selected.is_some() || state.traffic.is_some();
                selected.then(|| camera(CameraMove::Focus)).flatten()
            }
            Self::Deselect if state.traffic.is_some() => {
                act(!state.dragging, Action::SelectTraffic(None))
            }
            Self::Deselect => act(
                state.selected.is_some() && !state.dragging,
                Action::Select(None),
            ),
            Self::AddVariant => act(open, Action::AddVariant),
            Self::SwapBaseline => {
                let last = world.variants.len().checked_sub(1)?;
                let other = if state.variant == 0 { last } else { 0 };
                act(open && other != state.variant, Action::ShowVariant(other))
            }
            Self::AddBuilding => {
                let [e, n] = state.view_centre.filter(|_| state.variant > 0)?;
                let edit = Edit::AddBuilding {
                    id: world.free_ids[0].clone(),
                    footprint: vec![
                        [e - 10.0, n - 7.0],
                        [e + 10.0, n - 7.0],
                        [e + 10.0, n + 7.0],
                        [e - 10.0, n + 7.0],
                    ],
                    height_m: 15.0,
                    storeys: None,
                    base_height_m: None,
                    rotation_deg: 0.0,
                };
                act(open, Action::AddEdit(state.variant, edit))
            }
            Self::AddTree => {
                let position = state.view_centre.filter(|_| state.variant > 0)?;
                let edit = Edit::AddTree {
                    id: world.free_ids[1].clone(),
                    position,
                    height_m: 12.0,
                    crown_diameter_m: 8.0,
                };
                act(open, Action::AddEdit(state.variant, edit))
            }
            Self::RemoveSelected => {
                let building = state.prepared.selection.building.as_ref()?;
                let variant = Some(state.variant).filter(|v| *v > 0)?;
                match &building.edit {
                    Some((edit, _)) => Some(Effect::Act(Action::DeleteEdit(variant, *edit))),
                    None => Some(Effect::Act(Action::AddEdit(
                        variant,
                        Edit::Remove {
                            building: building.id.clone(),
                        },
                    ))),
                }
            }
            Self::MoveNorth => draft([0.0, step], 0.0, 0.0),
            Self::MoveSouth => draft([0.0, -step], 0.0, 0.0),
            Self::MoveEast => draft([step, 0.0], 0.0, 0.0),
            Self::MoveWest => draft([-step, 0.0], 0.0, 0.0),
            Self::TurnLeft => draft([0.0, 0.0], -turn, 0.0),
            Self::TurnRight => draft([0.0, 0.0], turn, 0.0),
            Self::Raise => draft([0.0, 0.0], 0.0, lift),
            Self::Lower => draft([0.0, 0.0], 0.0, -lift),
            Self::DragMove => drag(DragKind::Move),
            Self::DragTurn => drag(DragKind::Rotate),
            Self::DragRaise => drag(DragKind::Raise),
            Self::Difference => act(
                can_difference(state),
                Action::ShowDifference(!state.difference),
            ),
            Self::HideResult => act(state.field.is_some(), Action::ShowField(None)),
            Self::Play => act(open, Action::Play(!state.playing)),
            Self::PlayEvent => act(
                world.event.is_some(),
                Action::PlayEvent(!state.event.playing),
            ),
            Self::EventBack => event_step(state, -1),
            Self::EventForward => event_step(state, 1),
            Self::EventStart => event_time(state, |_| 0.0),
            Self::EventEnd => event_time(state, |e| e.duration_s),
            Self::EventFaster => event_speed(state, 1),
            Self::EventSlower => event_speed(state, -1),
            Self::Arrows => act(
                state.animation().is_some() || world.streaks.is_some(),
                Action::ShowArrows(!state.arrows_shown()),
            ),
            Self::ToolWall => act(open && state.variant > 0, toggled(state, Tool::Wall)),
            Self::ToolRaise => act(open && state.variant > 0, toggled(state, Tool::Raise)),
            Self::ToolArea => {
                let scenario = state.snapshot.scenario.as_deref()?;
                act(
                    open && scenario.shuttles.is_some(),
                    toggled(state, Tool::Area),
                )
            }
            Self::ToolSection => act(state.animation().is_some(), toggled(state, Tool::Section)),
            Self::SketchDone => {
                let least = state.tool?.least_points();
                act(state.sketch.len() >= least, Action::SketchDone)
            }
            Self::SketchBack => act(
                state.tool.is_some() && !state.sketch.is_empty(),
                Action::SketchBack,
            ),
            Self::SketchHere => {
                let place = state.view_centre.filter(|_| state.tool.is_some())?;
                act(true, Action::SketchPoint(place))
            }
            Self::SketchCancel => act(state.tool.is_some(), Action::UseTool(None)),
            Self::CloseSection => act(
                state.prepared.section.is_some(),
                Action::SetSection(Vec::new()),
            ),
            Self::WaterExact => act(
                can_run_one(state, WATER),
                Action::RunOne(WATER, Quality::Exact),
            ),
            Self::WaterCoarse => act(
                can_run_one(state, WATER),
                Action::RunOne(WATER, Quality::Coarse),
            ),
            Self::WindExact => act(
                can_run_one(state, WIND),
                Action::RunOne(WIND, Quality::Exact),
            ),
            Self::WindCoarse => act(
                can_run_one(state, WIND),
                Action::RunOne(WIND, Quality::Coarse),
            ),
            Self::TrafficExact => act(
                can_run_one(state, TRAFFIC),
                Action::RunOne(TRAFFIC, Quality::Exact),
            ),
            Self::TrafficCoarse => act(
                can_run_one(state, TRAFFIC),
                Action::RunOne(TRAFFIC, Quality::Coarse),
            ),
            Self::AccessExact => act(
                can_run_one(state, ACCESS),
                Action::RunOne(ACCESS, Quality::Exact),
            ),
            Self::AccessCoarse => act(
                can_run_one(state, ACCESS),
                Action::RunOne(ACCESS, Quality::Coarse),
            ),
            Self::ShuttleExact => act(
                can_run_one(state, SHUTTLE),
                Action::RunOne(SHUTTLE, Quality::Exact),
            ),
            Self::ShuttleCoarse => act(
                can_run_one(state, SHUTTLE),
                Action::RunOne(SHUTTLE, Quality::Coarse),
            ),
            Self::Follow => act(
                matches!(state.traffic, Some(TrafficPick::Vehicle(_))),
                Action::Follow(!state.follow),
            ),
            Self::Earlier => act(open, Action::SetMinute((state.minute - 10.0).max(0.0))),
            Self::Later => act(open, Action::SetMinute((state.minute + 10.0).min(1440.0))),
            Self::DayMarch => act(open, Action::SetDate(same_year(state, "03-21"))),
            Self::DayJune => act(open, Action::SetDate(same_year(state, "06-21"))),
            Self::DayDecember => act(open, Action::SetDate(same_year(state, "12-21"))),
            Self::DayJanuary => act(open, Action::SetDate(same_year(state, "01-17"))),
            Self::German => act(true, Action::SetLanguage(Language::De)),
            Self::English => act(true, Action::SetLanguage(Language::En)),
            Self::TextLarger => text_size(state.text_scale, TEXT_SCALE.2),
            Self::TextSmaller => text_size(state.text_scale, -TEXT_SCALE.2),
            Self::TextNormal => act(true, Action::SetTextScale(1.0)),
            Self::ThemeLight => act(true, Action::SetTheme(Theme::Light)),
            Self::ThemeDark => act(true, Action::SetTheme(Theme::Dark)),
            Self::ThemeContrast => act(true, Action::SetTheme(Theme::HighContrast)),
            Self::PanelLeft => panel(state, Panel::Left),
            Self::PanelRight => panel(state, Panel::Right),
            Self::PanelBottom => panel(state, Panel::Bottom),
            Self::Palette => Some(Effect::Show(Window::Palette)),
            Self::Help => Some(Effect::Show(Window::Help)),
            Self::Quit => act(true, Action::Quit),
            Self::PanLeft => camera(CameraMove::Pan([-0.1, 0.0])),
            Self::PanRight => camera(CameraMove::Pan([0.1, 0.0])),
            Self::PanAway => camera(CameraMove::Pan([0.0, 0.1])),
            Self::PanNear => camera(CameraMove::Pan([0.0, -0.1])),
            Self::OrbitLeft => camera(CameraMove::Orbit([-10.0, 0.0])),
            Self::OrbitRight => camera(CameraMove::Orbit([10.0, 0.0])),
            Self::OrbitUp => camera(CameraMove::Orbit([0.0, 5.0])),
            Self::OrbitDown => camera(CameraMove::Orbit([0.0, -5.0])),
            Self::Closer => camera(CameraMove::Zoom(1.25)),
            Self::Farther => camera(CameraMove::Zoom(0.8)),
        }
    }
}

/// The scenario asks for a simulation and nothing runs.
fn can_run(state: &UiState) -> bool {
    SIMULATIONS.iter().any(|s| can_run_one(state, s.name))
}

/// The scenario asks for this simulation and nothing runs.
pub fn can_run_one(state: &UiState, name: &str) -> bool {
    let scenario = state.snapshot.scenario.as_ref();
    let asked = |s: &Entry| s.name == name && scenario.is_some_and(|of| (s.enabled)(of));
    state.snapshot.job.is_none() && SIMULATIONS.iter().any(asked)
}

/// Takes a tool in hand, or lays it down when it is there already.
fn toggled(state: &UiState, tool: Tool) -> Action {
    Action::UseTool(Some(tool).filter(|t| state.tool != Some(*t)))
}

fn event_time(state: &UiState, at: impl Fn(&EventView) -> f64) -> Option<Effect> {
    let event = state.prepared.world.event.as_ref()?;
    Some(Effect::Act(Action::SetEventTime(at(event))))
}

/// To the state before or after; `None` at the ends.
fn event_step(state: &UiState, steps: i32) -> Option<Effect> {
    let event = state.prepared.world.event.as_ref()?;
    let to = event.stepped(state.event.time_s, steps);
    (to != state.event.time_s).then_some(Effect::Act(Action::SetEventTime(to)))
}

fn event_speed(state: &UiState, steps: i32) -> Option<Effect> {
    state.prepared.world.event.as_ref()?;
    let at = SPEEDS.iter().position(|s| *s >= state.event.speed)?;
    let to = SPEEDS.get(at.checked_add_signed(steps as isize)?)?;
    Some(Effect::Act(Action::SetEventSpeed(*to)))
}

/// The shown field can be compared with the baseline.
pub fn can_difference(state: &UiState) -> bool {
    state
        .prepared
        .world
        .fields
        .iter()
        .any(|f| f.has_difference && Some(&f.id) == state.field.as_ref())
}

fn panel(state: &UiState, panel: Panel) -> Option<Effect> {
    let shown = !state.folded.contains(&panel);
    let open = state.prepared.world.open;
    open.then_some(Effect::Act(Action::ShowPanel(panel, !shown)))
}

fn text_size(now: f32, step: f32) -> Option<Effect> {
    let size = ((now + step) * 10.0).round() / 10.0;
    (size >= TEXT_SCALE.0 - 1e-3 && size <= TEXT_SCALE.1 + 1e-3)
        .then_some(Effect::Act(Action::SetTextScale(size)))
}

/// `MM-DD` in the shown year.
fn same_year(state: &UiState, day: &str) -> String {
    let year = state.date.split('-').next().unwrap_or("2027");
    format!("{year}-{day}")
}

fn nudged_row(row: &super::prepare::EditRow, by: [f64; 2], turn: f64, lift: f64) -> Option<Edit> {
    let with = nudged(&row.edit, &row.fields, by, turn, lift);
    (with != row.edit).then_some(with)
}

/// A line of the command palette.
#[derive(Clone, Debug)]
pub struct PaletteRow {
    /// Name in the language of the window.
    pub name: String,
    /// Tooltip.
    pub tip: String,
    /// Key, as printed.
    pub keys: String,
    /// What it does.
    pub effect: Effect,
}

/// Lower case without accents, so that `Sudfassade` finds `Südfassade`.
fn folded(text: &str) -> String {
    text.to_lowercase()
        .replace(['ä', 'á', 'à'], "a")
        .replace(['ö', 'ó'], "o")
        .replace(['ü', 'ú'], "u")
        .replace('ß', "ss")
        .replace(['é', 'è'], "e")
}

/// Commands that can be done now and whose German or English name has all words of `query`.
pub fn palette_rows(state: &UiState, query: &str) -> Vec<PaletteRow> {
    let words: Vec<String> = folded(query)
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let t = texts(state.language);
    let in_all = |key: &str, more: &str| -> String {
        let both: Vec<String> = Language::ALL.iter().map(|l| texts(*l).get(key)).collect();
        folded(&format!("{} {more}", both.join(" ")))
    };
    let found = |search: &str| words.iter().all(|w| search.contains(w.as_str()));
    let mut rows = Vec::new();
    for command in Command::ALL {
        let (name, _) = command.texts();
        if let Some(effect) = command.effect(state)
            && found(&in_all(name, ""))
        {
            let (name, tip) = command.words(t);
            rows.push(PaletteRow {
                name,
                tip,
                keys: command.printed_keys(t),
                effect,
            });
        }
    }
    let mut add = |key: &str, object: &str, action: Action| {
        if found(&in_all(key, object)) {
            rows.push(PaletteRow {
                name: format!("{}: {object}", t.get(key)),
                tip: t.get("ui-palette-row-tip"),
                keys: String::new(),
                effect: Effect::Act(action),
            });
        }
    };
    let world = &state.prepared.world;
    for (v, variant) in world.variants.iter().enumerate() {
        if v != state.variant {
            add("ui-show-variant", &variant.name, Action::ShowVariant(v));
        }
    }
    for field in &world.fields {
        if Some(&field.id) != state.field.as_ref() {
            add(
                "ui-show-result",
                &field.name,
                Action::ShowField(Some(field.id.clone())),
            );
        }
    }
    for layer in &world.layers {
        let hidden = state.hidden_layers.contains(&layer.kind);
        let key = if hidden {
            "ui-layer-show"
        } else {
            "ui-layer-hide"
        };
        let both: Vec<String> = Language::ALL
            .iter()
            .map(|l| texts(*l).get(layer_key(layer.kind)))
            .collect();
        let search = in_all(key, &both.join(" "));
        if found(&search) {
            rows.push(PaletteRow {
                name: format!("{}: {}", t.get(key), layer.name),
                tip: t.get("ui-palette-row-tip"),
                keys: String::new(),
                effect: Effect::Act(Action::ShowLayer(layer.kind, hidden)),
            });
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_does_two_things() {
        let mut seen = BTreeSet::new();
        for command in Command::ALL {
            // Escape lays a tool down, else stops a job if one runs, else clears the selection.
            if matches!(command, Command::Deselect | Command::SketchCancel) {
                continue;
            }
            for key in command.keys() {
                assert!(seen.insert(format!("{key:?}")), "{command:?}: {key:?}");
            }
        }
    }

    #[test]
    fn every_command_has_a_name_and_a_tooltip_in_both_languages() {
        let mut names = BTreeSet::new();
        for command in Command::ALL {
            let (name, tip) = command.texts();
            assert!(names.insert(name), "{name} stands twice");
            for language in Language::ALL {
                let t = texts(language);
                assert!(t.has(name) && t.has(tip), "{command:?}");
                let (_, tip) = command.words(t);
                assert!(!tip.contains('{'), "{command:?}: {tip}");
            }
        }
    }

    #[test]
    fn the_palette_finds_german_words_in_the_english_window() {
        let state = UiState {
            language: Language::En,
            ..UiState::default()
        };
        let names: Vec<String> = palette_rows(&state, "offnen")
            .into_iter()
            .map(|r| r.name)
            .collect();
        assert!(
            names.contains(&texts(Language::En).get("ui-open")),
            "{names:?}"
        );
        assert!(palette_rows(&state, "xyzzy").is_empty());
    }
}
