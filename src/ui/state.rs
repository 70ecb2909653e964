//! What the panels show. Prepared by `view::desktop` when something changes; drawn every frame.

use std::collections::BTreeSet;

use crate::city::LayerKind;
use crate::sim::Snapshot;
use crate::text::Language;

use super::action::Panel;

/// State of the window as the panels see it.
#[derive(Clone, Debug)]
pub struct UiState {
    /// Language of the window.
    pub language: Language,
    /// Size of all texts, 0.8 to 2.
    pub text_scale: f32,
    /// The simulation world.
    pub snapshot: Snapshot,
    /// Variant shown, baseline = 0.
    pub variant: usize,
    /// Field shown, by id.
    pub field: Option<String>,
    /// Differences to the baseline are shown instead of values.
    pub difference: bool,
    /// Layers that are hidden.
    pub hidden_layers: BTreeSet<LayerKind>,
    /// Panels that are folded away.
    pub folded: Vec<Panel>,
    /// Day of the sun (YYYY-MM-DD).
    pub date: String,
    /// Civil time of day in minutes since midnight.
    pub minute: f32,
    /// Time runs.
    pub playing: bool,
    /// Sun at that moment: azimuth and elevation in degrees from true north.
    pub sun_deg: (f32, f32),
    /// Selected building (key).
    pub selected: Option<u32>,
    /// Edit of the shown variant that made the selected building (position), if a variant made it.
    pub selected_edit: Option<usize>,
    /// Ids of buildings that the dragged draft touches.
    pub collisions: Vec<String>,
    /// What lies under the cursor.
    pub hover: Option<Hover>,
    /// There is something to undo / redo.
    pub can_undo: bool,
    /// There is something to redo.
    pub can_redo: bool,
    /// The scenario differs from its file.
    pub unsaved: bool,
    /// Text key of a note on picture quality (software rendering), if reduced.
    pub quality_note: Option<&'static str>,
    /// Messages that were closed.
    pub dismissed: BTreeSet<u64>,
}

/// What lies under the cursor.
#[derive(Clone, Debug, PartialEq)]
pub struct Hover {
    /// CRS coordinates (easting, northing, height).
    pub position: [f64; 3],
    /// Building id, if over one.
    pub building: Option<String>,
    /// Value of the shown field, if there is one here.
    pub value: Option<f32>,
}
