//! What a person can do in the window. Applied in one place (`view::desktop::apply`), so that undo, keys, menus and tests
//! share one path.
//!
//! Keys are read by the panels (`ui::keys`) and arrive here as actions; the window reads the pointer, and Escape in a drag.

use std::path::PathBuf;

use crate::city::LayerKind;
use crate::result::Quality;
use crate::scenario::{Edit, Scenario};
use crate::text::Language;

use super::edit_fields::FieldKind;
use super::tool_card::ToolNumbers;

/// One action.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Open a scenario or city file.
    Open(PathBuf),
    /// Save the edited scenario as TOML; the panel has asked before it names an existing file.
    SaveAs(PathBuf),
    /// Read a folder for the open and save windows into `UiState::folder` (see `ui::folder::read_folder`).
    ListFolder(PathBuf),
    /// Show a variant (0 = baseline).
    ShowVariant(usize),
    /// Add an empty variant and show it.
    AddVariant,
    /// Delete a variant (1 = first variant).
    DeleteVariant(usize),
    /// Give a variant (1 = first variant) another name, which is not empty and not in use.
    RenameVariant(usize, String),
    /// Run every simulation that the scenario asks for, for the shown variant and the baseline.
    Run(Quality),
    /// Run one simulation by its registered name, for the shown variant and the baseline.
    RunOne(&'static str, Quality),
    /// Stop the running job.
    Cancel,
    /// Show a result field by id, or none.
    ShowField(Option<String>),
    /// Show the difference to the baseline instead of the value.
    ShowDifference(bool),
    /// Show or hide a layer.
    ShowLayer(LayerKind, bool),
    /// Day of the sun (YYYY-MM-DD).
    SetDate(String),
    /// Civil time of day in minutes since midnight, 0 to 1440.
    SetMinute(f32),
    /// Let the time run.
    Play(bool),
    /// Time (s) of the event, of water or traffic; what moves is shown.
    SetEventTime(f64),
    /// Let the event run.
    PlayEvent(bool),
    /// Seconds of the event per second.
    SetEventSpeed(f64),
    /// Show or hide where the water flows and the wind blows.
    ShowArrows(bool),
    /// Take a tool in hand, or lay it down; the points so far are forgotten.
    UseTool(Option<Tool>),
    /// Set a point of the tool in hand (CRS place).
    SketchPoint([f64; 2]),
    /// Take the last point back.
    SketchBack,
    /// The points are complete: the tool makes its edit or section and is laid down.
    SketchDone,
    /// Numbers of the tools.
    SetToolNumbers(ToolNumbers),
    /// Select a vehicle, a signal, a street, a request or a stop, or nothing.
    SelectTraffic(Option<TrafficPick>),
    /// The panel of the shuttles is open, or not: the area of their service is outlined with it.
    OutlineShuttles(bool),
    /// Let the camera go with the selected vehicle, or not.
    Follow(bool),
    /// Draw another quantity of the traffic over time.
    ShowTrafficChart(TrafficChart),
    /// Show a section through the water along a line of CRS places; an empty line shows none.
    SetSection(Vec<[f64; 2]>),
    /// Select a building by key, or nothing.
    Select(Option<u32>),
    /// Replace edit `edit` of variant `variant` (1 = first variant). `done` false while a drag goes on: undo keeps only the
    /// state before the drag.
    ReplaceEdit {
        /// Position in the list of variants, baseline first.
        variant: usize,
        /// Position in the variant's edits.
        edit: usize,
        /// New edit.
        with: Edit,
        /// Last step of a drag, or a single step.
        done: bool,
    },
    /// Let the edit of the selected building follow the pointer, from its next place over the city until a click.
    BeginDrag(DragKind),
    /// Append an edit to a variant (1 = first variant).
    AddEdit(usize, Edit),
    /// Delete an edit of a variant.
    DeleteEdit(usize, usize),
    /// Replace the whole scenario (settings).
    ReplaceScenario(Box<Scenario>),
    /// One step back.
    Undo,
    /// One step forward.
    Redo,
    /// Language of the window.
    SetLanguage(Language),
    /// Size of all texts, 0.8 to 2.
    SetTextScale(f32),
    /// Colours of the window.
    SetTheme(Theme),
    /// Fold a panel away or show it.
    ShowPanel(Panel, bool),
    /// Move the camera.
    Camera(CameraMove),
    /// Close the message with this number.
    DismissMessage(u64),
    /// End the program; asks first when edits are not saved.
    Quit,
    /// Answer to the question whether unsaved edits may be lost.
    Leave(Leave),
}

/// Something of the traffic that has a story, by its number in the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrafficPick {
    /// A vehicle.
    Vehicle(u32),
    /// A signal.
    Signal(u32),
    /// A direction of a street between two junctions.
    Street(u32),
    /// A request for a shuttle.
    Request(u32),
    /// A stop of the shuttles.
    Stop(u32),
}

/// A quantity of the whole traffic over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TrafficChart {
    /// Vehicles on the roads.
    #[default]
    OnRoads,
    /// Mean speed.
    Speed,
    /// Vehicles that stand.
    Standing,
    /// Vehicles without room to come onto the roads.
    NotInserted,
    /// Time that all buses have lost so far.
    BusLoss,
}

impl TrafficChart {
    /// All, in the order of the list.
    pub const ALL: [Self; 5] = [
        Self::OnRoads,
        Self::Speed,
        Self::Standing,
        Self::NotInserted,
        Self::BusLoss,
    ];
}

/// What happens to unsaved edits when the program ends or another file is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// Write them to this file first.
    Save(PathBuf),
    /// Forget them.
    Discard,
    /// Stay here.
    Stay,
}

/// A tool whose points are set in the city one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Flood wall along a line.
    Wall,
    /// Terrain of an area raised or lowered.
    Raise,
    /// Area in which shuttles on demand run.
    Area,
    /// Section through the water along a line.
    Section,
}

/// What a drag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DragKind {
    /// Over the ground.
    Move,
    /// About the vertical axis.
    Rotate,
    /// Up and down.
    Raise,
}

impl DragKind {
    /// Whether it changes this number of an edit.
    pub fn changes(self, field: FieldKind) -> bool {
        match self {
            Self::Move => matches!(
                field,
                FieldKind::East | FieldKind::North | FieldKind::ShiftEast | FieldKind::ShiftNorth
            ),
            Self::Rotate => field == FieldKind::Rotation,
            Self::Raise => matches!(field, FieldKind::Base | FieldKind::Raise),
        }
    }
}

/// Panels that can be folded away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Panel {
    /// City, variants, layers.
    Left,
    /// Selection.
    Right,
    /// Date and time.
    Bottom,
}

/// Camera requests from keys and buttons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CameraMove {
    /// The composed first view.
    Home,
    /// North up, same place.
    North,
    /// From above, north up.
    Top,
    /// The selected building, vehicle, signal or street.
    Focus,
    /// A place of the ground.
    Look {
        /// Place (CRS easting, northing).
        place: [f64; 2],
        /// Distance (m) of the eye.
        distance_m: f64,
        /// Direction of view in degrees, clockwise from north.
        azimuth_deg: f64,
        /// Angle of the eye above the horizon in degrees.
        above_deg: f64,
    },
    /// Shift the view, as a fraction of its width: right and away from the viewer are positive.
    Pan([f32; 2]),
    /// Turn about the centre of the view, in degrees: clockwise seen from above, and steeper, are positive.
    Orbit([f32; 2]),
    /// Divide the distance by this factor: above 1 comes closer.
    Zoom(f32),
}

/// Colours of the window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Theme {
    /// Dark text on light ground; planners print and project.
    #[default]
    Light,
    /// Light text on dark ground.
    Dark,
    /// Black, white and one signal colour.
    HighContrast,
}

impl Theme {
    /// All, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Light, Self::Dark, Self::HighContrast];
}
