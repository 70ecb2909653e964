//! State of the window and the one place where actions are applied.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bevy::prelude::Resource;

use crate::city::{Building, City};
use crate::result::movement::RoadStop;
use crate::result::{Animation, AnimationFrame, Movement, Quality};
use crate::scenario::{Edit, Scenario, Variant};
use crate::sim::registry::SIMULATIONS;
use crate::sim::{Command, ResultState, SimHandle, Snapshot, UserMessage};
use crate::sun::position::{Date, Site, sun_at_civil_time};
use crate::ui::action::{Action, CameraMove, Leave, Tool, TrafficPick};
use crate::ui::folder::read_folder;
use crate::ui::moment::{SPEEDS, TRAFFIC_SPEED, WATER_NOW, moving_id};
use crate::ui::shuttle_panel::with_area;
use crate::ui::state::UiState;

use super::history::History;

/// Own messages are numbered from here, far above those of the simulation world.
const FIRST_OWN_MESSAGE: u64 = 1 << 40;
/// Scenarios sent to the world that may come back in a snapshot.
const SENT: usize = 64;

/// An edit while it is dragged, or dropped but not yet part of a city.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// Position in the list of variants, baseline first.
    pub variant: usize,
    /// Position in the variant's edits.
    pub edit: usize,
    /// Edit that the drawn city was made with.
    pub from: Edit,
    /// Edit now.
    pub to: Edit,
    /// The drag goes on.
    pub dragging: bool,
}

/// Unsaved edits and the file they belong to, outside of the window's `App`, so that they survive it.
pub type Unsaved = Arc<Mutex<Option<(PathBuf, Arc<Scenario>)>>>;

/// Writes unsaved edits beside the scenario file, when the window is lost.
pub fn rescue(unsaved: &Unsaved) {
    let kept = unsaved
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some((opened, scenario)) = kept else {
        return;
    };
    let path = opened.with_extension("rescued.toml");
    match crate::scenario::write_scenario(&path, &scenario, Some(&opened)) {
        Ok(()) => bevy::log::error!("unsaved edits are in {}", path.display()),
        Err(error) => bevy::log::error!("unsaved edits could not be written: {error}"),
    }
}

/// State of the window.
#[derive(Resource)]
pub struct Desktop {
    /// What the panels show.
    pub ui: UiState,
    /// Edit under way.
    pub preview: Option<Preview>,
    /// Camera requests that were not yet carried out.
    pub camera: VecDeque<CameraMove>,
    /// The window shall close.
    pub quit: bool,
    /// The renderer gave up.
    pub picture_stopped: bool,
    sim: SimHandle,
    history: History,
    unsaved: Unsaved,
    sent: VecDeque<Arc<Scenario>>,
    /// Scenario of the newest snapshot.
    world_scenario: Option<Arc<Scenario>>,
    own_messages: Vec<UserMessage>,
    /// Id of the selected building: keys change with the list of edits, ids do not.
    selected_id: Option<String>,
    /// What of the traffic is selected, by its name: numbers change with the demand, names do not.
    traffic_name: Option<TrafficName>,
    /// A run of this simulation was started while no result was shown: show it when it comes.
    show_result: Option<&'static str>,
    /// A person chose the language; else each scenario brings its own.
    language_chosen: bool,
    /// The event's clock was set to where there is something to see.
    event_begun: bool,
    /// A person chose how fast the event runs.
    speed_chosen: bool,
    /// A change of the scenario whose answers are awaited, and the best answer that was on screen since.
    change: Option<(Instant, Option<Quality>)>,
    /// A job was asked to stop.
    cancel: Option<Instant>,
}

impl Desktop {
    /// State before anything is open.
    pub fn new(sim: SimHandle) -> Self {
        Self {
            ui: UiState::default(),
            preview: None,
            camera: VecDeque::new(),
            quit: false,
            picture_stopped: false,
            sim,
            history: History::default(),
            unsaved: Unsaved::default(),
            sent: VecDeque::new(),
            world_scenario: None,
            own_messages: Vec::new(),
            selected_id: None,
            traffic_name: None,
            show_result: None,
            language_chosen: false,
            event_begun: false,
            speed_chosen: false,
            change: None,
            cancel: None,
        }
    }

    /// City of the shown variant.
    pub fn city(&self) -> Option<&Arc<City>> {
        self.ui.snapshot.cities.get(self.ui.variant)?.as_ref()
    }

    /// City without edits.
    pub fn baseline(&self) -> Option<&Arc<City>> {
        self.ui.snapshot.cities.first()?.as_ref()
    }

    /// Newest result of a variant by the simulation whose result is shown, else by the first that has one.
    pub fn result(&self, variant: usize) -> Option<&ResultState> {
        let of = self.ui.field.as_deref().and_then(simulation_of_field);
        let results = self.ui.snapshot.results.get(variant)?;
        match of {
            Some(name) => results.iter().find(|r| r.simulation == name),
            None => results.first(),
        }
    }

    /// Newest result of one simulation for a variant.
    pub fn result_of(&self, variant: usize, simulation: &str) -> Option<&ResultState> {
        let results = self.ui.snapshot.results.get(variant)?;
        results.iter().find(|r| r.simulation == simulation)
    }

    /// Newest result of a variant that has states over time.
    pub fn water_result(&self, variant: usize) -> Option<&ResultState> {
        let results = self.ui.snapshot.results.get(variant)?;
        results.iter().find(|r| r.result.animation.is_some())
    }

    /// Lets the event clock go on by seconds of real time; `false` when it stands. It stops at the end of the event.
    pub fn advance_event(&mut self, seconds: f64) -> bool {
        if !self.ui.event.playing {
            return false;
        }
        let Some(duration_s) = self.ui.event_duration_s() else {
            self.ui.event.playing = false;
            return false;
        };
        let clock = &mut self.ui.event;
        clock.time_s = (clock.time_s + seconds * clock.speed).min(duration_s);
        clock.playing = clock.time_s < duration_s;
        true
    }

    /// The selected building of the shown city.
    pub fn selected(&self) -> Option<&Arc<Building>> {
        let key = self.ui.selected?;
        self.city()?.buildings.iter().find(|b| b.key == key)
    }

    /// The scenario with all finished edits.
    pub fn scenario(&self) -> Option<&Arc<Scenario>> {
        self.history.present()
    }

    /// Edit of the shown variant by position.
    pub fn edit(&self, edit: usize) -> Option<&Edit> {
        self.scenario()?
            .variants
            .get(self.ui.variant.checked_sub(1)?)?
            .edits
            .get(edit)
    }

    /// Selects the building, vehicle, signal or street with this id, now or when there is one.
    pub fn select_by_id(&mut self, id: &str) {
        self.selected_id = Some(id.to_owned());
        self.traffic_name = Some(TrafficName::Any(id.to_owned()));
        self.update_selection();
    }

    /// Applies one action.
    pub fn apply(&mut self, action: Action) {
        self.carry_out(action);
        self.update_traffic();
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Open(_) | Action::Quit if self.history.unsaved() => {
                self.ui.leaving = Some(action);
            }
            Action::Open(path) => self.open(&path),
            Action::SaveAs(path) => self.save(&path),
            Action::ListFolder(path) => self.ui.folder = read_folder(&path),
            Action::ShowVariant(variant) => self.show_variant(variant),
            Action::AddVariant => self.add_variant(),
            Action::DeleteVariant(variant) => self.delete_variant(variant),
            Action::RenameVariant(variant, name) => {
                self.change_variant(variant, |v| v.name = name);
            }
            Action::Run(quality) => self.run(&self.enabled(), &[quality]),
            Action::RunOne(simulation, quality) => self.run(&[simulation], &[quality]),
            Action::Cancel => {
                self.cancel = self.ui.snapshot.job.as_ref().map(|_| Instant::now());
                self.change = None;
                self.sim.send(Command::Cancel);
            }
            Action::ShowField(field) => {
                self.ui.field = field;
                self.show_result = None;
                self.begin_event();
            }
            Action::ShowDifference(on) => self.ui.difference = on,
            Action::ShowLayer(layer, true) => {
                self.ui.hidden_layers.remove(&layer);
            }
            Action::ShowLayer(layer, false) => {
                self.ui.hidden_layers.insert(layer);
            }
            Action::SetDate(date) => {
                self.ui.date = date;
                self.update_sun();
            }
            Action::SetMinute(minute) => {
                self.ui.minute = minute.clamp(0.0, 1440.0);
                self.update_sun();
            }
            Action::Play(on) => self.ui.playing = on,
            Action::SetEventTime(time_s) => {
                self.show_water_now();
                let duration_s = self.ui.event_duration_s().unwrap_or(0.0);
                self.ui.event.time_s = time_s.clamp(0.0, duration_s);
            }
            Action::PlayEvent(on) => {
                self.show_water_now();
                let at_end = self.ui.event_duration_s() <= Some(self.ui.event.time_s);
                if on && at_end {
                    self.ui.event.time_s = 0.0;
                }
                self.ui.event.playing = on && self.ui.event_duration_s().is_some();
            }
            Action::SetEventSpeed(speed) => {
                self.ui.event.speed = speed.clamp(SPEEDS[0], SPEEDS[SPEEDS.len() - 1]);
                self.speed_chosen = true;
            }
            Action::ShowArrows(on) => self.ui.arrows = Some(on),
            Action::UseTool(tool) => {
                self.ui.tool = tool;
                self.ui.sketch.clear();
            }
            Action::SketchPoint(place) if self.ui.tool.is_some() => self.ui.sketch.push(place),
            Action::SketchPoint(_) => {}
            Action::SketchBack => {
                self.ui.sketch.pop();
            }
            Action::SketchDone => self.finish_sketch(),
            Action::SetToolNumbers(numbers) => self.ui.tool_numbers = numbers,
            Action::SetSection(line) => self.ui.section = line,
            Action::SelectTraffic(pick) => {
                self.traffic_name = pick.and_then(|pick| self.name_of(pick));
                self.ui.follow = false;
                self.selected_id = None;
                self.update_selection();
            }
            Action::Follow(on) => self.ui.follow = on,
            Action::OutlineShuttles(on) => self.ui.shuttles_open = on,
            Action::ShowTrafficChart(chart) => self.ui.traffic_chart = chart,
            Action::Select(key) => {
                let chosen = |b: &&Arc<Building>| Some(b.key) == key;
                let found = self.city().and_then(|c| c.buildings.iter().find(chosen));
                self.selected_id = found.map(|b| b.id.clone());
                self.traffic_name = None;
                self.update_selection();
            }
            Action::ReplaceEdit {
                variant,
                edit,
                with,
                done,
            } => self.replace_edit(variant, edit, with, done),
            Action::BeginDrag(kind) => self.ui.begin_drag = Some(kind),
            Action::AddEdit(variant, edit) => self.add_edit(variant, edit),
            Action::DeleteEdit(variant, edit) => {
                self.change_variant(variant, |v| {
                    if edit < v.edits.len() {
                        v.edits.remove(edit);
                    }
                });
                self.answer_again();
            }
            Action::ReplaceScenario(scenario) => self.change(*scenario),
            Action::Undo => self.step(History::undo),
            Action::Redo => self.step(History::redo),
            Action::SetLanguage(language) => {
                self.ui.language = language;
                self.language_chosen = true;
            }
            Action::SetTextScale(scale) => self.ui.text_scale = scale.clamp(0.8, 2.0),
            Action::SetTheme(theme) => self.ui.theme = theme,
            Action::ShowPanel(panel, true) => self.ui.folded.retain(|p| *p != panel),
            Action::ShowPanel(panel, false) => {
                if !self.ui.folded.contains(&panel) {
                    self.ui.folded.push(panel);
                }
            }
            Action::Camera(request) => self.camera.push_back(request),
            Action::DismissMessage(number) => {
                self.ui.dismissed.insert(number);
            }
            Action::Quit => self.end(),
            Action::Leave(choice) => self.leave(choice),
        }
    }

    /// The world has done all that was asked, and its last state is shown.
    pub fn is_idle(&self) -> bool {
        self.sim.is_idle(&self.ui.snapshot)
    }

    /// Takes over what the simulation world shows now; `false` when nothing changed.
    pub fn poll(&mut self) -> bool {
        let snapshot = self.sim.latest();
        if snapshot.generation == self.ui.snapshot.generation {
            return false;
        }
        self.absorb(Snapshot::clone(&snapshot));
        true
    }

    /// Where unsaved edits are found when the window is lost.
    pub fn unsaved(&self) -> Unsaved {
        self.unsaved.clone()
    }

    /// Ends the simulation world.
    pub fn shutdown(&self) {
        self.sim.send(Command::Cancel);
        self.sim.send(Command::Shutdown);
    }

    fn absorb(&mut self, snapshot: Snapshot) {
        let opened = snapshot
            .scenario
            .as_ref()
            .filter(|s| !self.knows(s))
            .cloned();
        self.world_scenario = snapshot.scenario.clone();
        self.ui.snapshot = snapshot;
        if self.ui.snapshot.job.is_none()
            && let Some(asked) = self.cancel.take()
        {
            bevy::log::info!("stopped {} ms after the wish", asked.elapsed().as_millis());
        }
        if let Some(scenario) = opened {
            self.take_opened(scenario);
        }
        self.publish();
        if let Some(name) = self.show_result
            && let Some(shown) = self.result_of(self.ui.variant, name)
        {
            let first = shown.result.fields.first().map(|f| f.id.clone());
            let moving = shown
                .result
                .animation
                .is_some()
                .then(|| WATER_NOW.to_owned())
                .or_else(|| {
                    shown
                        .result
                        .movement
                        .as_ref()
                        .map(|_| moving_id(shown.result.simulation).to_owned())
                });
            if let Some(field) = moving.or(first) {
                self.ui.field = Some(field);
                self.show_result = None;
            }
        }
        if let Some(turned) = self.turned_field() {
            self.ui.field = Some(turned);
        }
        self.begin_event();
        self.update_traffic();
    }

    /// At its start an event shows a dry city and empty streets: begin where the most water stands, or where the streets are busy.
    fn begin_event(&mut self) {
        if self.event_begun {
            return;
        }
        let begin = match (self.ui.animation(), self.ui.movement()) {
            (Some(animation), _) => fullest_s(animation),
            (None, Some(movement)) => {
                let busy = busy_s(movement);
                if !self.speed_chosen {
                    self.ui.event.speed = TRAFFIC_SPEED;
                }
                busy
            }
            (None, None) => return,
        };
        self.event_begun = true;
        if self.ui.event.time_s == 0.0 {
            self.ui.event.time_s = begin;
        }
    }

    /// Name of what is picked in the shown run.
    fn name_of(&self, pick: TrafficPick) -> Option<TrafficName> {
        let movement = self.ui.movement()?;
        Some(match pick {
            TrafficPick::Vehicle(number) => {
                TrafficName::Vehicle(movement.vehicles.get(number as usize)?.id.clone())
            }
            TrafficPick::Signal(number) => {
                let signal = movement.stories.signals.get(number as usize)?;
                TrafficName::Signal(signal.id.clone())
            }
            TrafficPick::Street(number) => {
                let street = movement.roads.streets.get(number as usize)?;
                TrafficName::Street(street.id.clone())
            }
            TrafficPick::Request(number) => {
                let wish = movement.stories.wishes.get(number as usize)?;
                TrafficName::Request(wish.request.clone(), number)
            }
            TrafficPick::Stop(number) => {
                let stop = movement.roads.stops.get(number as usize)?;
                TrafficName::Stop(stop.name.clone(), stop_mark(stop)?)
            }
        })
    }

    /// Finds what is selected of the traffic in the shown run.
    fn update_traffic(&mut self) {
        let Some(name) = &self.traffic_name else {
            self.ui.traffic = None;
            self.ui.follow = false;
            return;
        };
        let same = |pick: TrafficPick| {
            self.name_of(pick).is_some_and(|now| match name {
                TrafficName::Any(id) => now.id() == id,
                name => now == *name,
            })
        };
        if self.ui.movement().is_some() && self.ui.traffic.is_some_and(same) {
            return;
        }
        self.ui.traffic = self.ui.movement().and_then(|m| find_traffic(m, name));
    }

    /// Place (map space) of what is selected of the traffic, and a distance (m) to look at it from.
    pub fn traffic_place(&self) -> Option<([f32; 2], f32)> {
        let movement = self.ui.movement()?;
        match self.ui.traffic? {
            TrafficPick::Vehicle(number) => {
                let (place, _) = movement.place_of(number, self.ui.event.time_s)?;
                Some((place, 90.0))
            }
            TrafficPick::Signal(number) => {
                let heads = movement.heads.iter().filter(|head| head.signal == number);
                let places: Vec<[f32; 2]> = heads.map(|head| head.place).collect();
                let count = places.len().max(1) as f32;
                let middle = [0, 1].map(|axis| {
                    let sum: f32 = places.iter().map(|place| place[axis]).sum();
                    sum / count
                });
                (!places.is_empty()).then_some((middle, 130.0))
            }
            TrafficPick::Street(number) => {
                let street = movement.roads.streets.get(number as usize)?;
                let lane = movement.roads.lanes.get(street.lanes.start as usize)?;
                let point = lane.points.get(lane.points.len() / 2)?;
                let place = [0, 1].map(|axis| point[axis] + movement.corner[axis] as f32);
                Some((place, (2.0 * street.length_m).clamp(80.0, 600.0)))
            }
            TrafficPick::Request(number) => {
                let place = movement.wish_place(number, self.ui.event.time_s)?;
                Some((place, 110.0))
            }
            TrafficPick::Stop(number) => {
                let stop = movement.roads.stops.get(number as usize)?;
                let [x, y] = stop.middle()?;
                let corner = movement.corner.map(|value| value as f32);
                Some(([x + corner[0], y + corner[1]], 110.0))
            }
        }
    }

    /// The shown map of one wind direction for another one, once the results have that instead.
    fn turned_field(&self) -> Option<String> {
        let shown = self.ui.field.as_deref()?;
        let quantity = |id: &str| id.rsplit_once('_').map(|(name, _)| name.to_owned());
        let results = self.ui.snapshot.results.get(self.ui.variant)?;
        let fields = || results.iter().flat_map(|r| &r.result.fields);
        if simulation_of_field(shown) != Some("wind") || fields().any(|f| f.id == shown) {
            return None;
        }
        let mut turned = fields().filter(|f| f.from_deg.is_some());
        let turned = turned.find(|f| quantity(&f.id) == quantity(shown))?;
        Some(turned.id.clone())
    }

    /// A dropped edit is settled once a city that was made from it is drawn.
    pub fn settle_preview(&mut self, drawn: &Arc<City>) {
        let current = match (&self.world_scenario, self.history.present()) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let shown = self.city().is_some_and(|city| Arc::ptr_eq(city, drawn));
        if self.preview.as_ref().is_some_and(|p| !p.dragging) && current && shown {
            self.preview = None;
            self.ui.collisions.clear();
        }
    }

    fn keep_unsaved(&self) {
        let path = self.ui.snapshot.scenario_path.clone();
        let kept = path
            .zip(self.history.present().cloned())
            .filter(|_| self.history.unsaved() && !self.quit);
        *self.unsaved.lock().unwrap_or_else(PoisonError::into_inner) = kept;
    }

    fn end(&mut self) {
        self.quit = true;
        self.keep_unsaved();
    }

    /// Goes on with what waited for the answer.
    fn leave(&mut self, choice: Leave) {
        let waiting = self.ui.leaving.take();
        match choice {
            Leave::Stay => return,
            Leave::Save(path) => {
                self.save(&path);
                if self.history.unsaved() {
                    return;
                }
            }
            Leave::Discard => {}
        }
        match waiting {
            Some(Action::Open(path)) => self.open(&path),
            Some(Action::Quit) => self.end(),
            _ => {}
        }
    }

    fn knows(&self, scenario: &Arc<Scenario>) -> bool {
        self.sent
            .iter()
            .chain(self.history.present())
            .any(|s| Arc::ptr_eq(s, scenario))
    }

    fn open(&mut self, path: &Path) {
        self.ui.recent.retain(|p| p != path);
        self.ui.recent.insert(0, path.to_owned());
        self.ui.recent.truncate(8);
        self.sim.send(Command::Open(path.to_owned()));
    }

    fn take_opened(&mut self, scenario: Arc<Scenario>) {
        let day = scenario.sun.as_ref().and_then(|s| s.dates.first()).cloned();
        let named = |v: usize| v <= scenario.variants.len();
        self.ui.variant = if named(self.ui.variant) {
            self.ui.variant
        } else {
            0
        };
        self.selected_id = None;
        self.traffic_name = None;
        self.preview = None;
        if !self.language_chosen {
            self.ui.language = scenario.scenario.language;
        }
        self.event_begun = false;
        self.ui.event.playing = false;
        self.ui.event.time_s = 0.0;
        self.ui.section.clear();
        self.history = History::opened(scenario);
        if let Some(day) = day {
            self.ui.date = day;
        }
        self.camera.push_back(CameraMove::Home);
    }

    fn save(&mut self, path: &Path) {
        let Some(scenario) = self.history.present() else {
            return;
        };
        let opened = self.ui.snapshot.scenario_path.as_deref();
        match crate::scenario::write_scenario(path, scenario, opened) {
            Ok(()) => {
                self.history.mark_saved();
                self.ui.snapshot.scenario_path = Some(path.to_owned());
                self.sim.send(Command::Saved(path.to_owned()));
            }
            Err(error) => self.own_messages.push(UserMessage {
                number: FIRST_OWN_MESSAGE + self.own_messages.len() as u64,
                error: true,
                text: error.to_string(),
            }),
        }
        self.publish();
    }

    fn show_variant(&mut self, variant: usize) {
        let last = self.scenario().map_or(0, |s| s.variants.len());
        self.ui.variant = variant.min(last);
        if self.ui.variant == 0 {
            self.ui.difference = false;
        }
        self.preview = None;
        self.publish();
    }

    fn add_variant(&mut self) {
        let Some(present) = self.history.present() else {
            return;
        };
        let mut scenario = (**present).clone();
        let taken = |name: &str| scenario.variants.iter().any(|v| v.name == name);
        let name = (scenario.variants.len() + 1..)
            .map(|n| format!("variant-{n}"))
            .find(|name| !taken(name))
            .unwrap_or_default();
        scenario.variants.push(Variant {
            name,
            comment: None,
            edits: Vec::new(),
        });
        let added = scenario.variants.len();
        self.change(scenario);
        self.show_variant(added);
    }

    fn delete_variant(&mut self, variant: usize) {
        let Some(present) = self.history.present() else {
            return;
        };
        let mut scenario = (**present).clone();
        if variant == 0 || variant > scenario.variants.len() {
            return;
        }
        scenario.variants.remove(variant - 1);
        self.change(scenario);
        self.show_variant(if self.ui.variant >= variant {
            self.ui.variant - 1
        } else {
            self.ui.variant
        });
    }

    fn change_variant(&mut self, variant: usize, change: impl FnOnce(&mut Variant)) {
        let Some(present) = self.history.present() else {
            return;
        };
        let mut scenario = (**present).clone();
        if let Some(v) = variant
            .checked_sub(1)
            .and_then(|i| scenario.variants.get_mut(i))
        {
            change(v);
            self.change(scenario);
        }
    }

    fn add_edit(&mut self, variant: usize, edit: Edit) {
        if let Some(id) = made_by(&edit) {
            self.selected_id = Some(id.to_owned());
        }
        self.change_variant(variant, |v| v.edits.push(edit));
        self.answer_again();
    }

    fn replace_edit(&mut self, variant: usize, edit: usize, with: Edit, done: bool) {
        let old = self
            .scenario()
            .and_then(|s| s.variants.get(variant.checked_sub(1)?)?.edits.get(edit))
            .cloned();
        let Some(old) = old else { return };
        let from = match &self.preview {
            Some(p) if (p.variant, p.edit) == (variant, edit) => p.from.clone(),
            _ => old.clone(),
        };
        let ghost = Preview {
            variant,
            edit,
            from,
            to: with.clone(),
            dragging: !done,
        };
        let moved = ghost.from != ghost.to;
        if done && old != with {
            self.change_variant(variant, |v| v.edits[edit] = with);
            self.answer_again();
        }
        self.preview = moved.then_some(ghost);
        self.publish();
    }

    /// Makes a new state of the scenario and tells the world.
    fn change(&mut self, scenario: Scenario) {
        self.preview = None;
        if self.history.push(scenario) {
            self.send_scenario();
        }
        self.publish();
    }

    fn step(&mut self, step: impl FnOnce(&mut History) -> bool) {
        self.preview = None;
        if step(&mut self.history) {
            self.send_scenario();
            self.show_variant(self.ui.variant);
            self.answer_again();
        }
    }

    /// After an edit: where the shown variant had an answer or waits for one, asks for a coarse one and the exact one behind
    /// it. The world itself stops what became stale.
    fn answer_again(&mut self) {
        let job = self.ui.snapshot.job.as_ref();
        let wanted: Vec<&'static str> = self
            .enabled()
            .into_iter()
            .filter(|name| {
                job.is_some_and(|j| j.simulation == *name)
                    || self.ui.snapshot.queued > 0
                    || self.result_of(self.ui.variant, name).is_some()
            })
            .collect();
        let shown = self.ui.field.as_deref().and_then(simulation_of_field);
        self.change = shown
            .filter(|name| wanted.contains(name))
            .map(|_| (Instant::now(), None));
        self.run(&wanted, &[Quality::Coarse, Quality::Exact]);
    }

    /// An answer to the last change that is better than those told before, and the time of the change.
    pub fn new_answer(&self) -> Option<(Quality, Instant)> {
        let (since, told) = self.change?;
        let shown = self.result(self.ui.variant).filter(|r| !r.stale)?;
        // The world may not yet know of the change.
        let known = match (&self.world_scenario, self.history.present()) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        let quality = shown.result.quality;
        (known && told < Some(quality)).then_some((quality, since))
    }

    /// That answer was on screen; after the exact one nothing more is awaited.
    pub fn answer_seen(&mut self, quality: Quality) {
        self.change = self
            .change
            .filter(|_| quality < Quality::Exact)
            .map(|(since, _)| (since, Some(quality)));
    }

    /// Simulations that the scenario asks for; the one whose result is shown comes first, because a person waits for it.
    fn enabled(&self) -> Vec<&'static str> {
        let Some(scenario) = self.scenario() else {
            return Vec::new();
        };
        let shown = self.ui.field.as_deref().and_then(simulation_of_field);
        let mut names: Vec<&'static str> = SIMULATIONS
            .iter()
            .filter(|s| (s.enabled)(scenario))
            .map(|s| s.name)
            .collect();
        names.sort_by_key(|name| Some(*name) != shown);
        names
    }

    /// Makes of the points what the tool in hand is for.
    fn finish_sketch(&mut self) {
        let Some(tool) = self.ui.tool else { return };
        if self.ui.sketch.len() < tool.least_points() {
            return;
        }
        let points = std::mem::take(&mut self.ui.sketch);
        self.ui.tool = None;
        let id = match tool {
            Tool::Wall => &self.ui.prepared.world.free_ids[2],
            Tool::Raise | Tool::Area | Tool::Section => &self.ui.prepared.world.free_ids[3],
        };
        if tool == Tool::Area {
            if let Some(action) = with_area(&self.ui, &points) {
                self.apply(action);
            }
            return;
        }
        match tool.edit(id, &points, self.ui.tool_numbers) {
            Some(edit) => self.apply(Action::AddEdit(self.ui.variant, edit)),
            None => {
                self.show_water_now();
                self.ui.section = points;
            }
        }
    }

    /// Shows the moving water or traffic when another map of its result is shown.
    fn show_water_now(&mut self) {
        if self.ui.animation().is_some() {
            self.ui.field = Some(WATER_NOW.to_owned());
        } else if let Some(simulation) = self.ui.moving_simulation() {
            self.ui.field = Some(moving_id(simulation).to_owned());
        }
    }

    fn send_scenario(&mut self) {
        let Some(scenario) = self.history.present().cloned() else {
            return;
        };
        self.sent.push_back(scenario.clone());
        if self.sent.len() > SENT {
            self.sent.pop_front();
        }
        self.sim.send(Command::SetScenario(scenario));
    }

    /// Starts simulations for the baseline and the shown variant, unless a fresh answer is there.
    fn run(&mut self, simulations: &[&'static str], qualities: &[Quality]) {
        let shown = self.ui.variant;
        if self.ui.field.is_none() {
            self.show_result = simulations.first().copied();
        }
        for quality in qualities {
            for simulation in simulations {
                let wanted: Vec<usize> = if shown == 0 { vec![0] } else { vec![0, shown] };
                for variant in wanted {
                    // Nothing happens where a fresh answer is there; what is stale the world may see only after the edit before this.
                    self.sim.send(Command::Start {
                        variant,
                        simulation,
                        quality: *quality,
                    });
                }
            }
        }
    }

    /// Brings the state of the panels up to date after a change here.
    fn publish(&mut self) {
        let scenario = match (&self.preview, self.history.present()) {
            (Some(p), Some(present)) if p.dragging => {
                let mut scenario = (**present).clone();
                if let Some(v) = scenario.variants.get_mut(p.variant - 1) {
                    v.edits[p.edit] = p.to.clone();
                }
                Some(Arc::new(scenario))
            }
            (_, present) => present.cloned(),
        };
        if scenario.is_some() {
            self.ui.snapshot.scenario = scenario;
        }
        let own = self.own_messages.iter().cloned();
        self.ui
            .snapshot
            .messages
            .retain(|m| m.number < FIRST_OWN_MESSAGE);
        self.ui.snapshot.messages.extend(own);
        self.ui.can_undo = self.history.can_undo();
        self.ui.can_redo = self.history.can_redo();
        self.ui.unsaved = self.history.unsaved();
        self.keep_unsaved();
        self.update_selection();
        self.update_sun();
    }

    fn update_selection(&mut self) {
        let id = self.selected_id.as_deref();
        let found = id.and_then(|id| self.city()?.building(id));
        self.ui.selected = found.map(|b| b.key);
        self.ui.selected_edit = self.selected().and_then(|building| {
            let variant = self
                .scenario()?
                .variants
                .get(self.ui.variant.checked_sub(1)?)?;
            let of_it = |e: &Edit| object_of(e) == Some(building.id.as_str());
            // Its place matters more than its height: that is what the pointer drags.
            let placed = |e: &Edit| of_it(e) && !matches!(e, Edit::SetHeight { .. });
            let edits = &variant.edits;
            edits
                .iter()
                .rposition(placed)
                .or_else(|| edits.iter().rposition(of_it))
        });
    }

    /// Place on Earth of the shown city.
    pub fn site(&self) -> Option<Site> {
        let city = self.city().or(self.baseline())?;
        crate::sun::study::site(city, self.scenario()?).ok()
    }

    /// Direction to the sun in map space now, and its elevation (degrees).
    pub fn sun(&self) -> Option<([f64; 3], f64)> {
        let site = self.site()?;
        let position = sun_at_civil_time(
            &site,
            Date::parse(&self.ui.date)?,
            f64::from(self.ui.minute),
        )
        .ok()?;
        Some((
            position.local_direction(&site).into(),
            position.elevation_rad.to_degrees(),
        ))
    }

    fn update_sun(&mut self) {
        let (Some(site), Some(date)) = (self.site(), Date::parse(&self.ui.date)) else {
            return;
        };
        let elevation =
            |minute: f64| sun_at_civil_time(&site, date, minute).map(|p| p.elevation_rad);
        if let Ok(p) = sun_at_civil_time(&site, date, f64::from(self.ui.minute)) {
            self.ui.sun_deg = (
                p.azimuth_rad.to_degrees() as f32,
                p.elevation_rad.to_degrees() as f32,
            );
        }
        self.ui.sun_up_min = crossings(|m| elevation(m).unwrap_or(f64::NAN));
    }
}

/// What of the traffic is selected, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TrafficName {
    Vehicle(String),
    Signal(String),
    Street(String),
    /// Id and number: a file may use an id twice.
    Request(String, u32),
    /// Name and place: streets have many stops.
    Stop(String, [i64; 2]),
    /// The first of these that has it.
    Any(String),
}

impl TrafficName {
    fn id(&self) -> &str {
        match self {
            Self::Vehicle(id) | Self::Signal(id) | Self::Street(id) | Self::Any(id) => id,
            Self::Request(id, _) | Self::Stop(id, _) => id,
        }
    }
}

fn find_traffic(movement: &Movement, name: &TrafficName) -> Option<TrafficPick> {
    let vehicle = |id: &str| {
        let at = movement.vehicles.iter().position(|v| v.id == id);
        at.map(|at| TrafficPick::Vehicle(at as u32))
    };
    let signal = |id: &str| {
        let at = movement.stories.signals.iter().position(|s| s.id == id);
        at.map(|at| TrafficPick::Signal(at as u32))
    };
    let street = |id: &str| {
        let at = movement.roads.streets.iter().position(|s| s.id == id);
        at.map(|at| TrafficPick::Street(at as u32))
    };
    let request = |id: &str, number: u32| {
        let wishes = &movement.stories.wishes;
        let same = wishes.get(number as usize).filter(|w| w.request == id);
        let at = same.map(|_| number as usize);
        let at = at.or_else(|| wishes.iter().position(|w| w.request == id));
        at.map(|at| TrafficPick::Request(at as u32))
    };
    let stop = |mark: Option<[i64; 2]>, id: &str| {
        // Stops of buses have no story of their own.
        let own = movement.is_of_shuttles();
        let mut stops = movement.roads.stops.iter();
        let same = |s: &RoadStop| s.name == id && (mark.is_none() || stop_mark(s) == mark);
        let at = stops.position(|stop| own && same(stop));
        at.map(|at| TrafficPick::Stop(at as u32))
    };
    match name {
        TrafficName::Vehicle(id) => vehicle(id),
        TrafficName::Request(id, number) => request(id, *number),
        TrafficName::Stop(id, mark) => stop(Some(*mark), id),
        TrafficName::Signal(id) => signal(id),
        TrafficName::Street(id) => street(id),
        // Vehicles and requests are both counted from 1: `request:1` is the request.
        TrafficName::Any(id) => match id.strip_prefix("request:") {
            Some(id) => request(id, u32::MAX),
            None => vehicle(id)
                .or_else(|| signal(id))
                .or_else(|| street(id))
                .or_else(|| stop(None, id)),
        },
    }
}

/// Place of a stop in decimetres, to know it again in another run.
fn stop_mark(stop: &RoadStop) -> Option<[i64; 2]> {
    let place = stop.middle()?;
    Some(place.map(|m| (f64::from(m) * 10.0).round() as i64))
}

/// Time (s) of the first state with at least four fifths of the most vehicles; of shuttles, which all are there from the begin, with
/// most requests under way.
fn busy_s(movement: &Movement) -> f64 {
    let frames = &movement.frames;
    if movement.is_of_shuttles() {
        let last_s = frames.last().map_or(0.0, |f| f.time_s);
        let minutes = (0..=(last_s / 60.0) as u32).map(|minute| 60.0 * f64::from(minute));
        let asked: Vec<(f64, usize)> = minutes
            .map(|time_s| {
                let wishes = movement.stories.wishes.iter();
                (
                    time_s,
                    wishes.filter(|w| w.at(time_s as f32).is_some()).count(),
                )
            })
            .collect();
        let most = asked.iter().map(|(_, count)| *count).max().unwrap_or(0);
        let busy = asked.iter().find(|(_, count)| 5 * count >= 4 * most);
        return busy.map_or(0.0, |(time_s, _)| *time_s);
    }
    let most = frames.iter().map(|f| f.places.len()).max().unwrap_or(0);
    let busy = frames.iter().find(|f| 5 * f.places.len() >= 4 * most);
    busy.map_or(0.0, |f| f.time_s)
}

/// Time (s) of the state with the most water.
fn fullest_s(animation: &Animation) -> f64 {
    let volume = |frame: &AnimationFrame| {
        let depths = frame.depth_m.iter().filter(|d| d.is_finite());
        depths.map(|d| f64::from(*d)).sum::<f64>()
    };
    let states = animation.frames.iter().map(|f| (f.time_s, volume(f)));
    states
        .fold(
            (0.0, 0.0),
            |best, state| {
                if state.1 > best.1 { state } else { best }
            },
        )
        .0
}

/// Registered name of the simulation that a field belongs to: field ids begin with it.
pub fn simulation_of_field(id: &str) -> Option<&'static str> {
    let of = |name: &str| {
        id.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('_'))
    };
    SIMULATIONS.iter().map(|s| s.name).find(|name| of(name))
}

/// First rise above and last fall below zero of a function of the minute of the day.
fn crossings(elevation: impl Fn(f64) -> f64) -> Option<(f32, f32)> {
    let step = 15.0;
    let refine = |mut a: f64, mut b: f64| {
        let sign = elevation(a) > 0.0;
        for _ in 0..20 {
            let m = 0.5 * (a + b);
            if (elevation(m) > 0.0) == sign {
                a = m
            } else {
                b = m
            }
        }
        0.5 * (a + b)
    };
    let up: Vec<bool> = (0..=96)
        .map(|i| elevation(f64::from(i) * step) > 0.0)
        .collect();
    let rise = up.windows(2).position(|w| !w[0] && w[1])? as f64 * step;
    let set = up.windows(2).rposition(|w| w[0] && !w[1])? as f64 * step;
    Some((
        refine(rise, rise + step) as f32,
        refine(set, set + step) as f32,
    ))
}

/// Id of the building that an edit makes.
fn made_by(edit: &Edit) -> Option<&str> {
    match edit {
        Edit::AddBuilding { id, .. } | Edit::Place { id, .. } => Some(id),
        _ => None,
    }
}

/// Id of the building that an edit makes or changes.
pub(super) fn object_of(edit: &Edit) -> Option<&str> {
    match edit {
        Edit::AddBuilding { id, .. } | Edit::Place { id, .. } => Some(id),
        Edit::SetHeight { building, .. }
        | Edit::Move { building, .. }
        | Edit::Remove { building }
        | Edit::GreenRoof { building, .. } => Some(building),
        Edit::AddTree { .. }
        | Edit::FloodWall { .. }
        | Edit::Breach { .. }
        | Edit::RaiseTerrain { .. }
        | Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_)
        | Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_)
        | Edit::ShuttleService(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::ScenarioHead;
    use crate::sim::{SimConfig, spawn_with};
    use crate::text::Language;

    fn scenario(language: Language) -> Arc<Scenario> {
        Arc::new(Scenario {
            scenario: ScenarioHead {
                version: 1,
                name: "test".to_owned(),
                city: None,
                comment: None,
                language,
                seed: 0,
            },
            city: Default::default(),
            site: Default::default(),
            flood: None,
            traffic: None,
            access: None,
            shuttles: None,
            wind: None,
            sun: None,
            variants: Vec::new(),
        })
    }

    fn desktop() -> Desktop {
        Desktop::new(spawn_with(SimConfig {
            threads: Some(1),
            data: None,
            behind_a_window: false,
        }))
    }

    #[test]
    fn a_scenario_brings_its_language_until_a_person_chooses_one() {
        let mut desktop = desktop();
        assert_eq!(desktop.ui.language, Language::De);
        desktop.take_opened(scenario(Language::En));
        assert_eq!(desktop.ui.language, Language::En);
        desktop.take_opened(scenario(Language::De));
        assert_eq!(desktop.ui.language, Language::De);
        desktop.apply(Action::SetLanguage(Language::De));
        desktop.take_opened(scenario(Language::En));
        assert_eq!(desktop.ui.language, Language::De);
        desktop.shutdown();
    }

    #[test]
    fn an_event_begins_where_the_most_water_stands() {
        let dry = vec![0.0, f32::NAN];
        let depths = [dry.clone(), vec![0.4, f32::NAN], vec![0.3, f32::NAN]];
        let animation = crate::ui::moment::tests::animation(2, vec![1.0; 2], &depths);
        assert_eq!(fullest_s(&animation), 60.0);
        let dry = crate::ui::moment::tests::animation(2, vec![1.0; 2], &[dry.clone(), dry]);
        assert_eq!(fullest_s(&dry), 0.0);
    }

    #[test]
    fn the_day_ends_at_24_00() {
        let mut desktop = desktop();
        for (asked, shown) in [(1440.0, 1440.0), (1500.0, 1440.0), (-5.0, 0.0)] {
            desktop.apply(Action::SetMinute(asked));
            assert_eq!(desktop.ui.minute, shown);
        }
        desktop.shutdown();
    }

    #[test]
    fn sunrise_and_sunset_are_found_to_a_second() {
        let hump = |m: f64| ((m - 360.0) / 720.0 * std::f64::consts::PI).sin();
        let (rise, set) = crossings(hump).unwrap();
        assert!(
            (rise - 360.0).abs() < 0.02 && (set - 1080.0).abs() < 0.02,
            "{rise} {set}"
        );
        assert_eq!(crossings(|_| 1.0), None);
    }
}
