//! Runs the programmes of signal controllers: which phase is on, and when it ends.
//!
//! A green phase lasts at least its least duration, an amber or clearing phase exactly its duration, and every switch passes the one
//! [`Guard`] of the rules, whoever asks. Fixed programmes end by the clock, actuated ones when no vehicle has passed a detector for the
//! largest gap, or at the longest duration (gap control as in SUMO's `actuated`).

use crate::traffic::kernel::pieces::{Piece, parts};
use crate::traffic::kernel::state::World;
use crate::traffic::kernel::team::{Line, Team};
use crate::traffic::network::{Aspect, NONE, Network, Phase, ProgramKind, SignalProgram};

use super::rules::{Guard, LEAST_GREEN_S, Rules, transition, transition_s};

/// A controller while it runs.
#[derive(Clone, Debug)]
pub struct Controller {
    /// Its signal in the network.
    pub signal: u32,
    /// Programme that runs.
    pub program: SignalProgram,
    /// Phase that is on, and time of its begin (s).
    pub phase: usize,
    /// See `phase`.
    pub since_s: f64,
    /// Links by place of the state.
    links: Vec<Vec<u32>>,
    /// Detectors of each phase: lane, place (m), time of the last vehicle (s).
    detectors: Vec<Detector>,
    /// Detectors that each phase minds.
    minded: Vec<Vec<usize>>,
    /// A wish from outside about the end of the running phase.
    pub wish: Wish,
    /// Rules of the programme.
    pub rules: Rules,
    guard: Guard,
    /// On the way between two phases that do not follow each other.
    bridge: Option<Bridge>,
    /// Phase that follows the inserted one.
    resume: Option<usize>,
    /// Set when a fixed programme has left its clock and works its way back: a phase, and when it began by the clock (s).
    clock: Option<(usize, f64)>,
}

/// The states between two phases that the programme does not put after each other.
#[derive(Clone, Debug)]
struct Bridge {
    phases: Vec<Phase>,
    at: usize,
    target: usize,
}

/// What priority asks of the running phase.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Wish {
    /// Nothing: the programme decides.
    #[default]
    None,
    /// Hold the green until this time (s), if the longest duration plus `extra` allows.
    HoldUntil(f64),
    /// End the green as soon as its least duration is over.
    EndSoon,
    /// End the green as soon as its least duration is over and show `phase` next, then `resume`, or what follows `phase`.
    GoTo {
        /// The phase.
        phase: usize,
        /// Phase after it.
        resume: Option<usize>,
    },
}

#[derive(Clone, Copy, Debug)]
struct Detector {
    lane: u32,
    pos: f32,
    last_s: f64,
}

/// All controllers of a network.
#[derive(Clone, Debug, Default)]
pub struct Controllers {
    /// One per signal.
    pub list: Vec<Controller>,
    /// A lane that each of them controls, with its number in `list`, in order.
    by_lane: Vec<(u32, usize)>,
    /// What they have changed in this step, by piece of the roads: link and aspect.
    changes: Vec<Line<Vec<(u32, Aspect)>>>,
}

impl Phase {
    /// True when somebody has green and nobody amber: the phase can be lengthened and ended.
    pub fn is_green(&self) -> bool {
        self.state.iter().any(|aspect| aspect.is_green())
            && !self.state.contains(&Aspect::Amber)
            && !self.state.contains(&Aspect::RedAmber)
    }

    /// True when the programme leaves the length of this phase open.
    pub fn is_open(&self) -> bool {
        self.is_green() && self.max_s > self.min_s
    }
}

impl Controllers {
    /// Controllers of all signals, each in the phase that its offset gives for `begin_s`.
    pub fn new(network: &Network, world: &World, begin_s: f64) -> Self {
        let mut list = Vec::new();
        for (index, signal) in network.signals.iter().enumerate() {
            let Some(program) = signal.programs.last() else {
                continue;
            };
            list.push(Controller::new(
                index as u32,
                program.clone(),
                signal.links.clone(),
                Rules::delivered(network, &world.roads, signal, program),
                world,
                begin_s,
            ));
        }
        let lane = |controller: &Controller| {
            let first = controller.links.iter().flatten().next();
            first.map_or(0, |&link| world.roads.links[link as usize].from)
        };
        let lanes = list.iter().map(lane);
        let mut by_lane: Vec<(u32, usize)> = lanes.zip(0..).collect();
        by_lane.sort_unstable();
        Self {
            list,
            by_lane,
            changes: Vec::new(),
        }
    }

    /// Moves every controller on to time `now` (s) and shows its aspects.
    pub fn step(&mut self, team: &Team, world: &mut World, now: f64) {
        let read = &*world;
        // Each thread looks at the vehicles that it moves itself.
        let mut list: Vec<Option<&mut Controller>> = self.list.iter_mut().map(Some).collect();
        let by_lane = self.by_lane.iter();
        let mut by_lane: Vec<&mut Controller> = by_lane
            .filter_map(|&(_, number)| list[number].take())
            .collect();
        let on = |piece: &Piece| {
            let before = |end: usize| {
                let lanes = &self.by_lane;
                lanes.partition_point(|&(lane, _)| (lane as usize) < end)
            };
            before(piece.lanes.end) - before(piece.lanes.start)
        };
        self.changes.resize_with(read.pieces.len(), Line::default);
        team.each(
            parts(&mut by_lane, read.pieces.iter().map(on)).zip(&mut self.changes),
            |(here, Line(found))| {
                found.clear();
                for controller in here {
                    controller.detect(read, now);
                    controller.advance(now);
                    found.extend(controller.changes(&read.aspects));
                }
            },
        );
        // What is written, even the same, has to be fetched by the other threads: so only what is new.
        for &(link, aspect) in self.changes.iter().flat_map(|Line(changes)| changes) {
            world.aspects[link as usize] = aspect;
        }
    }
}

impl Controller {
    fn new(
        signal: u32,
        program: SignalProgram,
        links: Vec<Vec<u32>>,
        rules: Rules,
        world: &World,
        begin_s: f64,
    ) -> Self {
        let mut detectors: Vec<Detector> = Vec::new();
        let mut minded = vec![Vec::new(); program.phases.len()];
        if program.kind == ProgramKind::Actuated {
            let placed = lanes_by_place(world, &links);
            for (number, minds) in minded.iter_mut().enumerate() {
                let phase = &program.phases[number];
                if !phase.is_open() {
                    continue;
                }
                for lane in lengthening_lanes(&program, number, &placed) {
                    let known = detectors.iter().position(|detector| detector.lane == lane);
                    minds.push(known.unwrap_or_else(|| {
                        // Not further than the queue that the least green lets through (SUMO's rule: 1.9 s per vehicle of 7.5 m).
                        let queue_m = ((phase.min_s / 1.9 + 0.5) * 7.5) as f32;
                        let gap_m =
                            world.roads.lanes[lane as usize].speed * program.detector_gap_s as f32;
                        detectors.push(detector_before(world, lane, gap_m.min(queue_m)));
                        detectors.len() - 1
                    }));
                }
            }
        }
        let mut controller = Self {
            signal,
            program,
            phase: 0,
            since_s: begin_s,
            links,
            detectors,
            minded,
            wish: Wish::None,
            rules,
            guard: Guard::default(),
            bridge: None,
            resume: None,
            clock: None,
        };
        controller.start_at(begin_s);
        controller.guard = Guard::new(controller.running(), controller.rules.places());
        controller
    }

    /// Finds the phase of a fixed programme at a time, by its offset.
    fn start_at(&mut self, begin_s: f64) {
        let cycle: f64 = self
            .program
            .phases
            .iter()
            .map(|phase| phase.duration_s)
            .sum();
        if cycle <= 0.0 {
            return;
        }
        let mut into = (begin_s - self.program.offset_s).rem_euclid(cycle);
        for (index, phase) in self.program.phases.iter().enumerate() {
            if into < phase.duration_s {
                self.phase = index;
                self.since_s = begin_s - into;
                return;
            }
            into -= phase.duration_s;
        }
    }

    /// The running phase, or the state on the way to one that does not follow in the programme.
    pub fn running(&self) -> &Phase {
        match &self.bridge {
            Some(bridge) => &bridge.phases[bridge.at],
            None => &self.program.phases[self.phase],
        }
    }

    /// The phase that comes on after a transition that the programme does not contain; none outside one.
    pub fn bridging_to(&self) -> Option<usize> {
        self.bridge.as_ref().map(|bridge| bridge.target)
    }

    /// What is left (s) of the states between two phases that do not follow each other.
    pub fn bridge_left_s(&self, now: f64) -> f64 {
        self.bridge.as_ref().map_or(0.0, |bridge| {
            bridge.phases[bridge.at..]
                .iter()
                .map(|phase| phase.duration_s)
                .sum::<f64>()
                - (now - self.since_s)
        })
    }

    /// Phase to which the programme returns after an inserted one.
    pub fn resumes_at(&self) -> Option<usize> {
        self.resume
    }

    /// Lanes whose vehicles lengthen a phase.
    pub fn minded_lanes(&self, phase: usize) -> impl Iterator<Item = u32> {
        self.minded[phase]
            .iter()
            .map(|&number| self.detectors[number].lane)
    }

    /// Links by place of the state.
    pub fn links(&self) -> &[Vec<u32>] {
        &self.links
    }

    /// Length (s) of the states from one phase to another when the programme does not lead over.
    pub fn bridge_s(&self, from: usize, to: usize) -> f64 {
        transition_s(
            &self.rules,
            &self.program.phases[from].state,
            &self.program.phases[to].state,
        )
    }

    /// Notes vehicles that were over the detectors in the last step.
    fn detect(&mut self, world: &World, now: f64) {
        for detector in &mut self.detectors {
            if world.passed(detector.lane, detector.pos) {
                detector.last_s = now;
            }
        }
    }

    /// Ends the running phase when its time has come.
    fn advance(&mut self, now: f64) {
        let mut guard = 0;
        while self.ends(now) && guard < self.program.phases.len() && self.switch(now) {
            guard += 1;
        }
    }

    /// Shows what comes next, unless the rules forbid it; then the running phase goes on.
    fn switch(&mut self, now: f64) -> bool {
        let (phase, bridge, resume) = self.coming();
        let shown = match &bridge {
            Some(bridge) => &bridge.phases[bridge.at],
            None => &self.program.phases[phase],
        };
        if self.guard.allows(&self.rules, shown, now).is_err() {
            return false;
        }
        self.guard.show(shown, now);
        if self.program.kind == ProgramKind::Fixed && self.clock.is_none() && self.bridge.is_none()
        {
            let moved = (now - self.since_s - self.running().duration_s).abs() > 0.5;
            if moved || bridge.is_some() {
                self.clock = Some((self.phase, self.since_s));
            }
        }
        self.phase = phase;
        self.bridge = bridge;
        self.resume = resume;
        self.since_s = now;
        self.wish = Wish::None;
        if self.bridge.is_none() && self.late_s(now).abs() < 0.5 {
            self.clock = None;
        }
        true
    }

    /// What comes after the running phase: phase, transition before it, phase to return to.
    fn coming(&self) -> (usize, Option<Bridge>, Option<usize>) {
        if let Some(bridge) = &self.bridge {
            if bridge.at + 1 < bridge.phases.len() {
                let mut further = bridge.clone();
                further.at += 1;
                return (self.phase, Some(further), self.resume);
            }
            return (bridge.target, None, self.resume);
        }
        let (target, resume) = match (self.wish, self.resume) {
            (Wish::GoTo { phase, resume }, _) => (phase, resume),
            (_, Some(resume)) => (resume, None),
            _ => return (following(&self.program, self.phase), None, None),
        };
        let phases = transition(
            &self.rules,
            &self.program.phases[self.phase].state,
            &self.program.phases[target].state,
        );
        if phases.is_empty() {
            return (target, None, resume);
        }
        let bridge = Bridge {
            phases,
            at: 0,
            target,
        };
        (self.phase, Some(bridge), resume)
    }

    /// A phase whose length may move lasts its least duration, any other its duration. The rules of single places come on top.
    pub fn may_end(&self, now: f64) -> bool {
        let least = if self.is_adjustable() {
            self.least_green_s()
        } else {
            self.running().duration_s
        };
        now - self.since_s >= least - 1e-9
    }

    /// True when the running phase is a green whose end can be moved.
    pub fn is_adjustable(&self) -> bool {
        self.bridge.is_none()
            && self.running().is_green()
            && (self.running().is_open() || self.wish != Wish::None || self.clock.is_some())
    }

    /// Least green of the running phase (s).
    pub fn least_green_s(&self) -> f64 {
        least_green_s(self.running())
    }

    /// How late (s, early is negative) the running phase began by the clock of a fixed programme; 0 while it keeps its clock.
    fn late_s(&self, since_s: f64) -> f64 {
        let Some((anchor, anchor_s)) = self.clock else {
            return 0.0;
        };
        let (mut phase, mut begin, mut cycle) = (anchor, None, 0.0);
        for _ in 0..self.program.phases.len() {
            if phase == self.phase {
                begin = Some(cycle);
            }
            cycle += self.program.phases[phase].duration_s;
            phase = following(&self.program, phase);
            if phase == anchor {
                break;
            }
        }
        let late = begin.map_or(0.0, |begin| {
            (since_s - anchor_s - begin).rem_euclid(f64::max(cycle, 1.0))
        });
        if late > cycle / 2.0 {
            late - cycle
        } else {
            late
        }
    }

    /// Length (s) of the running green of a fixed programme on its way back to its clock: shorter when it began late, longer when early, at
    /// most by half.
    fn length_back_to_clock_s(&self) -> f64 {
        let duration_s = self.running().duration_s;
        (duration_s - self.late_s(self.since_s))
            .clamp(self.least_green_s().max(duration_s / 2.0), duration_s * 1.5)
    }

    fn ends(&self, now: f64) -> bool {
        if !self.may_end(now) {
            return false;
        }
        let phase = self.running();
        let passed = now - self.since_s;
        if self.bridge.is_some() {
            return true;
        }
        match self.wish {
            Wish::EndSoon | Wish::GoTo { .. } => return true,
            Wish::HoldUntil(time) if now < time => return false,
            _ => {}
        }
        if self.program.kind == ProgramKind::Actuated && phase.is_open() {
            if passed >= phase.max_s {
                return true;
            }
            let gap = self.minded[self.phase]
                .iter()
                .map(|&number| now - self.detectors[number].last_s)
                .fold(f64::INFINITY, f64::min);
            return gap >= self.program.max_gap_s;
        }
        if self.clock.is_some() && phase.is_green() {
            return passed >= self.length_back_to_clock_s() - 1e-9;
        }
        passed >= phase.duration_s - 1e-9
    }

    /// Links to which the running phase shows something else than `aspects` has, with what it shows.
    fn changes(&self, aspects: &[Aspect]) -> impl Iterator<Item = (u32, Aspect)> {
        let shown = self.links.iter().zip(&self.running().state);
        shown
            .flat_map(|(links, &aspect)| links.iter().map(move |&link| (link, aspect)))
            .filter(|&(link, aspect)| aspects[link as usize] != aspect)
    }

    /// Places that a link has in the state of this controller.
    pub fn place_of(&self, link: u32) -> Option<usize> {
        self.links.iter().position(|links| links.contains(&link))
    }
}

/// Least green of a phase (s): its own, or for one of fixed length the guideline's when somebody asks for less.
pub fn least_green_s(phase: &Phase) -> f64 {
    if phase.min_s < phase.max_s {
        phase.min_s
    } else {
        phase.min_s.min(phase.duration_s).min(LEAST_GREEN_S)
    }
}

/// A detector so many metres before the line at the end of a lane: on the lane before it where it is too short and only one
/// leads to it, else at its beginning.
fn detector_before(world: &World, lane: u32, before_m: f32) -> Detector {
    let mut lane = lane;
    let mut pos = world.roads.lanes[lane as usize].length - before_m;
    while pos < 0.0 {
        let road = &world.roads.lanes[lane as usize];
        let before = if road.inner {
            world.roads.links[road.entry as usize].from
        } else if road.feeders.len() == 1 {
            world.roads.feeders[road.feeders.start as usize]
        } else {
            break;
        };
        lane = before;
        pos += world.roads.lanes[lane as usize].length;
    }
    Detector {
        lane,
        pos: pos.max(0.0),
        last_s: f64::NEG_INFINITY,
    }
}

/// Phase after another: the first one named, else the next in the list.
pub(super) fn following(program: &SignalProgram, phase: usize) -> usize {
    let next = program.phases[phase]
        .next
        .first()
        .map_or(phase + 1, |&next| next as usize);
    next % program.phases.len()
}

/// Lanes before the lines of the links behind each place of a state.
fn lanes_by_place(world: &World, links: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut lane_of = vec![NONE; world.roads.links.len()];
    for (lane, road) in world.roads.lanes.iter().enumerate() {
        for link in road.links.clone() {
            lane_of[link as usize] = lane as u32;
        }
    }
    links
        .iter()
        .map(|links| links.iter().map(|&link| lane_of[link as usize]).collect())
        .collect()
}

/// Lanes whose vehicles lengthen a phase: those that lose their green at its end, have no red link in it, and have not a better green
/// elsewhere. Vehicles that stay green afterwards, or that wait for a red, say nothing about the end of this green.
fn lengthening_lanes(program: &SignalProgram, number: usize, placed: &[Vec<u32>]) -> Vec<u32> {
    let phase = &program.phases[number];
    let next = &program.phases[following(program, number)];
    let all: Vec<(u32, usize)> = placed
        .iter()
        .enumerate()
        .flat_map(|(place, lanes)| lanes.iter().map(move |&lane| (lane, place)))
        .collect();
    let places = |lane: u32| {
        all.iter()
            .filter(move |entry| entry.0 == lane)
            .map(|entry| entry.1)
    };
    let shows =
        |phase: &Phase, place: usize| phase.state.get(place).copied().unwrap_or(Aspect::Off);
    let mut lanes: Vec<u32> = Vec::new();
    for &(lane, place) in &all {
        let loses = shows(phase, place).is_green() && !shows(next, place).is_green();
        let barred =
            places(lane).any(|place| matches!(shows(phase, place), Aspect::Red | Aspect::RedAmber));
        let full = |phase: &Phase| places(lane).any(|place| shows(phase, place) == Aspect::Green);
        let better_elsewhere = !full(phase) && program.phases.iter().any(full);
        if loses && !barred && !better_elsewhere && !lanes.contains(&lane) {
            lanes.push(lane);
        }
    }
    lanes
}
