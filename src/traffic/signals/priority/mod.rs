//! Priority for buses: a server of requests above the controllers.
//!
//! Every step it looks who is on the way to which signal, forecasts for each signal with requests what the programme would do and what could be
//! done ([`forecast`]), and takes the course with the least waiting of all persons, those in side streets included. So a measure is granted
//! only when the passengers of the buses gain more than the others lose, several requests at one signal weigh against each other, and of all
//! moments the best one is waited for. The controller carries the course out within its rules; the server cannot break them.
//!
//! Measures: extension, early green (red truncation), stage insertion, rotation. Limits: seconds per cycle, recovery of shortened stages within
//! some cycles, longest red of stages passed over, lateness and occupancy as conditions. Every change of a request's state is an event.
//!
//! What it knows: queues and approaching vehicles within 250 m of the lines and rates of arrival (detectors), the place of buses (radio), time
//! left at a stop before the signal within [`PriorityParams::leaves_within_s`]. What it does not know: jams behind junctions, lane changes to come.

pub mod choose;
pub mod forecast;
mod look;
pub mod params;
pub mod request;

use std::collections::BTreeMap;

use self::choose::{Chosen, Limits, choose};
use self::forecast::{Comer, First, Model, Start, Then};
use self::look::{Coming, Look, Post};
pub use self::params::{Measures, PriorityError, PriorityParams, StopArrivals};
pub use self::request::{FOREIGN_VEHICLE, Measure, Message, PriorityRequest, Reason, RequestState};
use super::controller::{Controllers, Wish};
use crate::traffic::demand::Trip;
use crate::traffic::kernel::state::World;
use crate::traffic::kernel::vehicle::Vehicle;
use crate::traffic::network::{Network, VehicleClass};

/// Time that a vehicle known by telegram alone takes at the line (s).
const FOREIGN_HEADWAY_S: f32 = 2.5;

/// A change of a request's state, with what led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorityEvent {
    /// When (s on the clock of the run).
    pub time_s: f64,
    /// Signal in the network.
    pub signal: u32,
    /// Vehicle: its trip.
    pub vehicle: u32,
    /// Line.
    pub line: String,
    /// State of the request from now on.
    pub state: RequestState,
    /// Measure taken or waited for.
    pub measure: Option<Measure>,
    /// Why.
    pub reason: Reason,
    /// Expected time at the line (s on the clock of the run).
    pub eta_s: f64,
    /// Lateness (s); none without a timetable.
    pub late_s: Option<f64>,
    /// What passengers of asking vehicles gain by the measure (person s, estimate).
    pub gain_person_s: f64,
    /// What all others lose by it (person s, estimate; negative when they gain).
    pub loss_person_s: f64,
    /// Seconds of others' green given, or of own green added, so far.
    pub granted_s: f64,
}

/// A signal with priority.
#[derive(Clone, Debug)]
struct Site {
    model: Model,
    /// Seconds left to give.
    budget_s: f64,
    /// By phase: seconds given and not yet got back.
    debt_s: Vec<f64>,
    /// By phase: end of its last green (s).
    green_end_s: Vec<f64>,
    phase: usize,
    enabled: bool,
}

/// A request in the books of the server.
#[derive(Clone, Debug)]
struct Entry {
    request: PriorityRequest,
    since_s: f64,
    state: RequestState,
    measure: Option<Measure>,
    reason: Reason,
    granted_s: f64,
    gain_person_s: f64,
    loss_person_s: f64,
    seen_s: f64,
}

/// The server of requests for all signals of a run.
pub struct Priority {
    params: PriorityParams,
    timetable: Option<StopArrivals>,
    look: Look,
    sites: Vec<Site>,
    book: BTreeMap<(u32, u32), Entry>,
    foreign: Vec<PriorityRequest>,
    /// Where the signals of foreign requests are.
    posts: Vec<Option<Post>>,
    /// By trip: may ask at all, persons on board, line.
    asks: Vec<bool>,
    persons: Vec<f32>,
    lines: Vec<String>,
    late_s: Vec<Option<f64>>,
    events: Vec<PriorityEvent>,
}

impl Priority {
    /// A server for the controllers of a run. `timetable` is what lateness is taken against.
    pub fn new(
        network: &Network,
        world: &World,
        controllers: &Controllers,
        params: PriorityParams,
        timetable: Option<StopArrivals>,
    ) -> Result<Self, Vec<PriorityError>> {
        let ids: Vec<String> = network.signals.iter().map(|s| s.id.clone()).collect();
        params.check(&ids)?;
        let places: Vec<&[Vec<u32>]> = controllers.list.iter().map(|c| c.links()).collect();
        let look = Look::new(network, &places);
        let sites = controllers
            .list
            .iter()
            .enumerate()
            .map(|(number, controller)| {
                let lanes = &look.lanes[number];
                let model = Model::new(controller, |lane| lanes.binary_search(&lane).ok());
                let count = model.phases.len();
                let id = &network.signals[controller.signal as usize].id;
                Site {
                    model,
                    budget_s: params.budget_s,
                    debt_s: vec![0.0; count],
                    green_end_s: vec![world.time_s(); count],
                    phase: controller.phase,
                    enabled: params.signals.is_empty() || params.signals.contains(id),
                }
            })
            .collect();
        let classes: Vec<VehicleClass> = params
            .classes
            .iter()
            .filter_map(|name| class_named(name))
            .collect();
        let lines: Vec<String> = world.trips.iter().map(line_of).collect();
        let class = |trip: &Trip| world.kinds[trip.vehicle_type as usize].class;
        let asks = world
            .trips
            .iter()
            .zip(&lines)
            .map(|(trip, line)| {
                classes.contains(&class(trip))
                    && (params.lines.is_empty() || params.lines.contains(line))
            })
            .collect();
        let persons = world
            .trips
            .iter()
            .zip(&lines)
            .map(|(trip, line)| {
                let given = params.line_occupancy.get(line).copied();
                let public = matches!(
                    class(trip),
                    VehicleClass::Bus | VehicleClass::Coach | VehicleClass::Tram
                );
                given.unwrap_or(if public {
                    params.bus_occupancy
                } else {
                    params.car_occupancy
                }) as f32
            })
            .collect();
        Ok(Self {
            late_s: vec![None; world.trips.len()],
            params,
            timetable,
            look,
            sites,
            book: BTreeMap::new(),
            foreign: Vec::new(),
            posts: Vec::new(),
            asks,
            persons,
            lines,
            events: Vec::new(),
        })
    }

    /// The settings.
    pub fn params(&self) -> &PriorityParams {
        &self.params
    }

    /// Everything that happened to requests, in order.
    pub fn events(&self) -> &[PriorityEvent] {
        &self.events
    }

    /// Takes a message of another source than the vehicles of the run (a telegram).
    pub fn receive(&mut self, message: Message) {
        match message {
            Message::Request(request) => {
                self.foreign.retain(|old| {
                    (old.vehicle, old.intersection) != (request.vehicle, request.intersection)
                });
                self.foreign.push(request);
            }
            Message::CheckOut {
                vehicle,
                intersection,
            } => self
                .foreign
                .retain(|old| (old.vehicle, old.intersection) != (vehicle, intersection)),
        }
    }

    /// Notes that a trip has reached a stop; its lateness follows.
    pub fn note_arrival(&mut self, trip: &Trip, number: u32, call: usize, time_s: f64) {
        let due = trip
            .calls
            .get(call)
            .and_then(|call| call.arrival_s)
            .or_else(|| self.timetable.as_ref()?.at(number, call));
        if let Some(due) = due {
            self.late_s[number as usize] = Some(time_s - due);
        }
    }

    /// Looks, decides, and puts the wishes to the controllers, before they step at time `now` (s).
    pub fn step(
        &mut self,
        world: &World,
        bays: &[Vehicle],
        controllers: &mut Controllers,
        now: f64,
    ) {
        let (asks, persons) = (&self.asks, &self.persons);
        self.look.update(
            world,
            bays,
            |trip| persons[trip as usize],
            |trip| asks[trip as usize],
            self.params.notice_m as f32,
            self.params.leaves_within_s as f32,
        );
        let mut asking = self.enter_requests(world, controllers, now);
        asking.extend(self.enter_foreign(world, controllers, now));
        for (number, controller) in controllers.list.iter_mut().enumerate() {
            controller.wish = Wish::None;
            let site = &mut self.sites[number];
            let running = controller.running();
            let cycle = f64::from(site.model.cycle_s()).clamp(30.0, 150.0);
            let step = f64::from(world.dt);
            site.budget_s =
                (site.budget_s + step * self.params.budget_s / cycle).min(self.params.budget_s);
            let forgives = step * self.params.stage_debt_s / (cycle * self.params.recovery_cycles);
            for debt in &mut site.debt_s {
                *debt = (*debt - forgives).max(0.0);
            }
            if controller.bridging_to().is_none() && running.is_green() {
                site.green_end_s[controller.phase] = now;
            }
            site.phase = controller.phase;
        }
        let mut by_site: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (request, controller) in asking {
            by_site.entry(controller).or_default().push(request);
        }
        for (number, requests) in by_site {
            self.decide(world, controllers, number, &requests, now);
        }
        self.check_out(now);
    }

    /// Writes new and changed requests into the book; gives those that may be served now, with their controllers.
    fn enter_requests(
        &mut self,
        world: &World,
        controllers: &Controllers,
        now: f64,
    ) -> Vec<(u32, usize)> {
        let mut asking = Vec::new();
        for number in 0..self.look.coming.len() {
            let coming = self.look.coming[number];
            let controller = coming.post.controller as usize;
            if !self.sites[controller].enabled {
                continue;
            }
            let request = self.request_of(world, controllers, &coming, now);
            if self.enter(request, f64::from(coming.stop_s), now) {
                asking.push((number as u32, controller));
            }
        }
        asking
    }

    /// Writes a request into the book; true when it may be served now.
    fn enter(&mut self, request: PriorityRequest, stop_s: f64, now: f64) -> bool {
        let (state, reason) = self.admit(&request, stop_s, now);
        let key = (request.intersection, request.vehicle);
        match self.book.get_mut(&key) {
            Some(entry) => {
                entry.request = PriorityRequest {
                    sequence: entry.request.sequence + 1,
                    ..request
                };
                entry.seen_s = now;
            }
            None => {
                let entry = Entry {
                    request,
                    since_s: now,
                    state: RequestState::Requested,
                    measure: None,
                    reason: Reason::New,
                    granted_s: 0.0,
                    gain_person_s: 0.0,
                    loss_person_s: 0.0,
                    seen_s: now,
                };
                self.events.push(event_of(&entry, now));
                self.book.insert(key, entry);
            }
        }
        if let Some(state) = state {
            self.set(key, state, None, reason, now);
        }
        state.is_none()
    }

    fn request_of(
        &self,
        world: &World,
        controllers: &Controllers,
        coming: &Coming,
        now: f64,
    ) -> PriorityRequest {
        let trip = coming.trip as usize;
        let link = &world.roads.links[coming.link as usize];
        PriorityRequest {
            vehicle: coming.trip,
            intersection: controllers.list[coming.post.controller as usize].signal,
            in_lane: link.from,
            out_lane: link.target,
            eta_s: now + f64::from(coming.at_s),
            late_s: self.late_s[trip],
            occupancy: f64::from(self.persons[trip]),
            class: world.kinds[world.trips[trip].vehicle_type as usize].class,
            sequence: 0,
            line: self.lines[trip].clone(),
        }
    }

    /// What keeps a request from being served at all; no state when nothing does.
    fn admit(
        &self,
        request: &PriorityRequest,
        stop_s: f64,
        now: f64,
    ) -> (Option<RequestState>, Reason) {
        let params = &self.params;
        if request.occupancy < params.least_occupancy {
            return (Some(RequestState::Rejected), Reason::TooFewPersons);
        }
        if let Some(least) = params.late_from_s {
            match request.late_s {
                None => return (Some(RequestState::Rejected), Reason::NoTimetable),
                Some(late) if late >= least => {}
                Some(_) => return (Some(RequestState::Rejected), Reason::NotLate),
            }
        }
        if stop_s > params.leaves_within_s {
            return (Some(RequestState::Processing), Reason::StopAhead);
        }
        let known = self.book.get(&(request.intersection, request.vehicle));
        if known.is_some_and(|entry| now - entry.since_s > params.presence_s) {
            return (Some(RequestState::MaxPresence), Reason::TooLong);
        }
        (None, Reason::New)
    }

    /// Puts the vehicles of foreign requests into the queues, and their requests into the book; gives those that may be served now.
    fn enter_foreign(
        &mut self,
        world: &World,
        controllers: &Controllers,
        now: f64,
    ) -> Vec<(u32, usize)> {
        let presence = self.params.presence_s;
        self.foreign
            .retain(|request| now - request.eta_s < presence);
        self.posts.clear();
        let mut asking = Vec::new();
        for request in self.foreign.clone() {
            let link = world.roads.lanes[request.in_lane as usize]
                .links
                .clone()
                .find(|&link| world.roads.links[link as usize].target == request.out_lane);
            let post = link.and_then(|link| self.look.post(link)).filter(|post| {
                let controller = post.controller as usize;
                controllers.list[controller].signal == request.intersection
                    && self.sites[controller].enabled
            });
            self.posts.push(post);
            let Some(post) = post else { continue };
            let number = (self.look.coming.len() + self.posts.len() - 1) as u32;
            let comer = Comer {
                at_s: (request.eta_s - now).max(0.0) as f32,
                not_before_s: 0.0,
                place: post.place as usize,
                persons: request.occupancy as f32,
                headway_s: FOREIGN_HEADWAY_S,
                request: Some(number),
            };
            if self.enter(request, 0.0, now) {
                let queue = &mut self.look.queues[post.controller as usize][post.queue as usize];
                let place = queue.partition_point(|other| other.at_s <= comer.at_s);
                queue.insert(place, comer);
                asking.push((number, post.controller as usize));
            }
        }
        asking
    }

    /// Vehicle and place of the state of a request by its number.
    fn asker(&self, request: u32) -> (u32, Option<usize>) {
        match self.look.coming.get(request as usize) {
            Some(coming) => (coming.trip, Some(coming.post.place as usize)),
            None => {
                let number = request as usize - self.look.coming.len();
                let place = self.posts[number].map(|post| post.place as usize);
                (self.foreign[number].vehicle, place)
            }
        }
    }

    /// Decides about the running green of a controller with requests.
    fn decide(
        &mut self,
        world: &World,
        controllers: &mut Controllers,
        number: usize,
        requests: &[u32],
        now: f64,
    ) {
        let controller = &mut controllers.list[number];
        let keys: Vec<(u32, u32)> = requests
            .iter()
            .map(|&request| (controller.signal, self.asker(request).0))
            .collect();
        if controller.bridging_to().is_some() || !controller.running().is_green() {
            for key in keys {
                let entry = &self.book[&key];
                if !matches!(
                    entry.state,
                    RequestState::Granted | RequestState::WatchOtherTraffic
                ) {
                    self.set(key, RequestState::Processing, None, Reason::Switching, now);
                }
            }
            return;
        }
        let horizon_s = self.params.horizon_s as f32;
        self.look
            .add_unseen(world, number, horizon_s, self.params.car_occupancy as f32);
        let site = &self.sites[number];
        let limits = Limits {
            params: &self.params,
            budget_s: site.budget_s as f32,
            debt_s: &site.debt_s,
            green_end_s: &site.green_end_s,
            now_s: now,
        };
        let start = Start {
            phase: controller.phase,
            passed_s: (now - controller.since_s) as f32,
            resume: controller.resumes_at(),
        };
        let chosen = choose(&site.model, &self.look.queues[number], start, &limits);
        controller.wish = wish_of(&chosen, now);
        self.account(number, &chosen);
        self.answer(number, &chosen, &keys, requests, now);
    }

    /// Takes the seconds given off the budget.
    fn account(&mut self, number: usize, chosen: &Chosen) {
        let site = &mut self.sites[number];
        site.budget_s = (site.budget_s - f64::from(chosen.costs_s)).max(0.0);
        if chosen.ends_now {
            site.debt_s[site.phase] += f64::from(chosen.costs_s);
        }
    }

    /// Tells every request at a signal what came of it.
    fn answer(
        &mut self,
        number: usize,
        chosen: &Chosen,
        keys: &[(u32, u32)],
        requests: &[u32],
        now: f64,
    ) {
        for (&key, &request) in keys.iter().zip(requests) {
            let own = chosen.request == Some(request);
            let watch = self.watches(number, request);
            let granted = if watch {
                RequestState::WatchOtherTraffic
            } else {
                RequestState::Granted
            };
            let (state, measure, reason) = match chosen.measure {
                Some(measure) if own && chosen.acts => {
                    (granted, Some(measure), Reason::GainExceedsLoss)
                }
                Some(measure) if own => (
                    RequestState::Processing,
                    Some(measure),
                    Reason::LaterIsBetter,
                ),
                Some(_) if chosen.acts && chosen.served.contains(&request) => {
                    (granted, chosen.measure, Reason::ServedWithOthers)
                }
                _ if chosen.green_anyway.contains(&request) => (granted, None, Reason::GreenAnyway),
                _ if chosen.barred => (RequestState::ReserviceLocked, None, Reason::BudgetUsed),
                _ => (RequestState::Rejected, None, Reason::LossExceedsGain),
            };
            if let Some(entry) = self.book.get_mut(&key) {
                if own {
                    entry.gain_person_s = f64::from(chosen.gain_person_s);
                    entry.loss_person_s = f64::from(chosen.loss_person_s);
                    entry.granted_s += f64::from(chosen.costs_s);
                }
                // A grant stands until the vehicle has passed or another measure is taken for it.
                let stands = matches!(
                    entry.state,
                    RequestState::Granted | RequestState::WatchOtherTraffic
                ) && entry.measure.is_some();
                if stands && (state != granted || measure.is_none()) {
                    continue;
                }
            }
            self.set(key, state, measure, reason, now);
        }
    }

    /// True when the green of a request yields to others wherever it comes.
    fn watches(&self, number: usize, request: u32) -> bool {
        let Some(place) = self.asker(request).1 else {
            return false;
        };
        let model = &self.sites[number].model;
        model
            .round
            .iter()
            .all(|&phase| model.phases[phase].shows[place] < 2)
    }

    fn set(
        &mut self,
        key: (u32, u32),
        state: RequestState,
        measure: Option<Measure>,
        reason: Reason,
        now: f64,
    ) {
        let Some(entry) = self.book.get_mut(&key) else {
            return;
        };
        if (entry.state, entry.measure, entry.reason) == (state, measure, reason) {
            return;
        }
        entry.state = state;
        entry.measure = measure;
        entry.reason = reason;
        let event = event_of(entry, now);
        self.events.push(event);
    }

    /// Takes requests of vehicles that have passed out of the book.
    fn check_out(&mut self, now: f64) {
        let events = &mut self.events;
        self.book.retain(|_, entry| {
            let stays = entry.seen_s >= now;
            if !stays {
                entry.reason = Reason::Passed;
                events.push(event_of(entry, now));
            }
            stays
        });
    }
}

fn wish_of(chosen: &Chosen, now: f64) -> Wish {
    let Some(course) = chosen.course else {
        return Wish::None;
    };
    match (course.first, course.then) {
        (First::Programme, _) => Wish::None,
        (First::Hold, _) => Wish::HoldUntil(now + 0.5),
        (First::EndAt(time), _) if time > 0.0 => Wish::HoldUntil(now + 0.5),
        (First::EndAt(_), Then::Jump { phase, resume }) => Wish::GoTo { phase, resume },
        (First::EndAt(_), _) => Wish::EndSoon,
    }
}

fn event_of(entry: &Entry, now: f64) -> PriorityEvent {
    PriorityEvent {
        time_s: now,
        signal: entry.request.intersection,
        vehicle: entry.request.vehicle,
        line: entry.request.line.clone(),
        state: entry.state,
        measure: entry.measure,
        reason: entry.reason,
        eta_s: entry.request.eta_s,
        late_s: entry.request.late_s,
        gain_person_s: entry.gain_person_s,
        loss_person_s: entry.loss_person_s,
        granted_s: entry.granted_s,
    }
}

/// Line of a trip: as named, or its id up to the last dot for vehicles that call at stops.
pub fn line_of(trip: &Trip) -> String {
    if !trip.line.is_empty() || trip.calls.is_empty() {
        return trip.line.clone();
    }
    trip.id
        .rsplit_once('.')
        .map_or(trip.id.as_str(), |(line, _)| line)
        .to_owned()
}

/// Class that may have priority, by name.
pub(crate) fn class_named(name: &str) -> Option<VehicleClass> {
    Some(match name {
        "bus" => VehicleClass::Bus,
        "coach" => VehicleClass::Coach,
        "tram" => VehicleClass::Tram,
        "emergency" => VehicleClass::Emergency,
        _ => return None,
    })
}
