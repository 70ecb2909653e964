//! What the panels show. The window fills the raw fields and calls [`UiState::refresh`]; the panels draw every frame.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::city::LayerKind;
use crate::result::{Animation, Movement};
use crate::sim::Snapshot;
use crate::text::Language;

use super::action::{Action, DragKind, Panel, Theme, Tool, TrafficChart, TrafficPick};
use super::folder::Folder;
use super::moment::{WATER_NOW, WaterAt, moving_id};
use super::prepare::Prepared;
use super::tool_card::ToolNumbers;

/// State of the window as the panels see it.
#[derive(Clone, Debug)]
pub struct UiState {
    /// Language of the window.
    pub language: Language,
    /// Size of all texts, 0.8 to 2.
    pub text_scale: f32,
    /// Colours of the window.
    pub theme: Theme,
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
    /// Time of a water event or of the traffic, while a result of it is shown. It has nothing to do with the time of day.
    pub event: EventClock,
    /// Arrows show where the water flows and the wind blows, or not; `None` until a person chose.
    pub arrows: Option<bool>,
    /// Tool in hand.
    pub tool: Option<Tool>,
    /// Points (CRS places) that were set with it.
    pub sketch: Vec<[f64; 2]>,
    /// Numbers of the tools.
    pub tool_numbers: ToolNumbers,
    /// Line (CRS places) of the section through the water; empty without one.
    pub section: Vec<[f64; 2]>,
    /// Sun at that moment: azimuth and elevation in degrees from true north.
    pub sun_deg: (f32, f32),
    /// Sunrise and sunset of the day in civil minutes since midnight (centre of the disc at the horizon, no refraction);
    /// `None` in polar day and night or without a place on Earth.
    pub sun_up_min: Option<(f32, f32)>,
    /// Selected building (key).
    pub selected: Option<u32>,
    /// Edit of the shown variant that made or last changed the selected building (position), if there is one.
    pub selected_edit: Option<usize>,
    /// Selected vehicle, signal, street, request or stop, while a run of the traffic is shown.
    pub traffic: Option<TrafficPick>,
    /// The camera goes with the selected vehicle.
    pub follow: bool,
    /// The panel of the shuttles is open.
    pub shuttles_open: bool,
    /// Quantity of the traffic that is drawn over time.
    pub traffic_chart: TrafficChart,
    /// Names that lie over the city.
    pub map_labels: Vec<MapLabel>,
    /// A drag that begins as soon as the pointer is over the city.
    pub begin_drag: Option<DragKind>,
    /// Ids of buildings that the dragged draft touches.
    pub collisions: Vec<String>,
    /// What lies under the cursor.
    pub hover: Option<Hover>,
    /// Place (easting, northing) in the middle of the view, where new objects are put.
    pub view_centre: Option<[f64; 2]>,
    /// There is something to undo / redo.
    pub can_undo: bool,
    /// There is something to redo.
    pub can_redo: bool,
    /// The scenario differs from its file.
    pub unsaved: bool,
    /// What was asked for while edits are not saved, and waits for an answer: `Open` or `Quit`.
    pub leaving: Option<Action>,
    /// The pointer drags an edit: Escape ends the drag and nothing else.
    pub dragging: bool,
    /// Text key of a note on picture quality (software rendering), if reduced.
    pub quality_note: Option<&'static str>,
    /// Messages that were closed.
    pub dismissed: BTreeSet<u64>,
    /// Files opened before, newest first.
    pub recent: Vec<PathBuf>,
    /// Folder that the open and save windows show.
    pub folder: Folder,
    /// Texts and rows made from all of the above by [`UiState::refresh`].
    pub prepared: Arc<Prepared>,
}

impl Default for UiState {
    fn default() -> Self {
        Self {
            language: Language::default(),
            text_scale: 1.0,
            theme: Theme::default(),
            snapshot: Snapshot::default(),
            variant: 0,
            field: None,
            difference: false,
            hidden_layers: BTreeSet::new(),
            folded: Vec::new(),
            date: "2027-03-21".to_owned(),
            minute: 720.0,
            playing: false,
            event: EventClock::default(),
            arrows: None,
            tool: None,
            sketch: Vec::new(),
            tool_numbers: ToolNumbers::default(),
            section: Vec::new(),
            sun_deg: (180.0, 0.0),
            sun_up_min: None,
            selected: None,
            selected_edit: None,
            traffic: None,
            follow: false,
            shuttles_open: false,
            traffic_chart: TrafficChart::default(),
            map_labels: Vec::new(),
            begin_drag: None,
            collisions: Vec::new(),
            hover: None,
            view_centre: None,
            can_undo: false,
            can_redo: false,
            unsaved: false,
            leaving: None,
            dragging: false,
            quality_note: None,
            dismissed: BTreeSet::new(),
            recent: Vec::new(),
            folder: Folder::default(),
            prepared: Arc::default(),
        }
    }
}

impl UiState {
    /// States over time of the shown variant, while a result of that simulation is shown.
    pub fn animation(&self) -> Option<&Arc<Animation>> {
        let id = self.field.as_deref()?;
        let results = self.snapshot.results.get(self.variant)?;
        results.iter().map(|r| &r.result).find_map(|result| {
            let animation = result.animation.as_ref()?;
            let own = id == WATER_NOW || result.fields.iter().any(|f| f.id == id);
            own.then_some(animation)
        })
    }

    /// Vehicles and signals over time of the shown variant, while a result of that simulation is shown.
    pub fn movement(&self) -> Option<&Arc<Movement>> {
        self.moving().map(|(_, movement)| movement)
    }

    /// Registered name of the simulation whose vehicles are shown over time, or one of whose maps is.
    pub fn moving_simulation(&self) -> Option<&'static str> {
        self.moving().map(|(simulation, _)| simulation)
    }

    fn moving(&self) -> Option<(&'static str, &Arc<Movement>)> {
        let id = self.field.as_deref()?;
        let results = self.snapshot.results.get(self.variant)?;
        results.iter().map(|r| &r.result).find_map(|result| {
            let movement = result.movement.as_ref()?;
            let own =
                id == moving_id(result.simulation) || result.fields.iter().any(|f| f.id == id);
            own.then_some((result.simulation, movement))
        })
    }

    /// Length (s) of what moves, while a result of it is shown.
    pub fn event_duration_s(&self) -> Option<f64> {
        let water = self
            .animation()
            .and_then(|a| a.frames.last().map(|f| f.time_s));
        water.or_else(|| self.movement()?.frames.last().map(|f| f.time_s))
    }

    /// Arrows are shown: as chosen, else on maps of one wind direction, of which they are half the answer.
    pub fn arrows_shown(&self) -> bool {
        self.arrows.unwrap_or_else(|| {
            let results = self.snapshot.results.get(self.variant).into_iter();
            let mut fields = results.flatten().flat_map(|r| &r.result.fields);
            fields.any(|f| Some(&f.id) == self.field.as_ref() && f.from_deg.is_some())
        })
    }

    /// Prepares texts and rows for the panels. Cheap when nothing changed; call it once per frame before [`super::draw`].
    pub fn refresh(&mut self) {
        self.prepared = Arc::new(Prepared::refreshed(self));
    }
}

/// The clock of an event: one for all simulations that have states over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventClock {
    /// Seconds since the start of the event.
    pub time_s: f64,
    /// Time runs.
    pub playing: bool,
    /// Seconds of the event per second.
    pub speed: f64,
}

impl Default for EventClock {
    fn default() -> Self {
        Self {
            time_s: 0.0,
            playing: false,
            speed: 120.0,
        }
    }
}

/// A name over the city.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLabel {
    /// Middle (points) of its lower edge.
    pub at: [f32; 2],
    /// Text.
    pub text: String,
    /// Ground (sRGB).
    pub colour: [u8; 3],
    /// What it names is selected.
    pub chosen: bool,
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
    /// Water of the event at its time, while its result is shown.
    pub water: Option<WaterAt>,
    /// Vehicle, signal, street, request or stop, while the traffic is shown.
    pub traffic: Option<TrafficPick>,
}
