//! Runs the programmes of signal controllers: which phase is on, and when it ends.
//!
//! One place decides when a phase may end: [`Controller::may_end`]. A green phase lasts at least its least duration, an amber or clearing phase exactly its
//! duration, whoever asks. Fixed programmes end by the clock, actuated ones when no vehicle has passed a detector for the
//! largest gap, or at the longest duration (gap control as in SUMO's `actuated`).

use crate::traffic::kernel::state::World;
use crate::traffic::network::{Aspect, NONE, Network, Phase, ProgramKind, SignalProgram};

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
                world,
                begin_s,
            ));
        }
        Self { list }
    }

    /// Moves every controller on to time `now` (s) and shows its aspects.
    pub fn step(&mut self, world: &mut World, now: f64) {
        for controller in &mut self.list {
            controller.detect(world, now);
            controller.advance(now);
            controller.show(world);
        }
    }
}

impl Controller {
    fn new(
        signal: u32,
        program: SignalProgram,
        links: Vec<Vec<u32>>,
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
        };
        controller.start_at(begin_s);
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

    /// Detectors that the running phase minds: lane, place (m), time of the last vehicle (s).
    pub fn debug(&self) -> Vec<(u32, f32, f64)> {
        self.minded[self.phase]
            .iter()
            .map(|&number| &self.detectors[number])
            .map(|d| (d.lane, d.pos, d.last_s))
            .collect()
    }

    /// The running phase.
    pub fn running(&self) -> &Phase {
        &self.program.phases[self.phase]
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
        while self.ends(now) && guard < self.program.phases.len() {
            self.go_to(self.next_phase(), now);
            guard += 1;
        }
    }

    fn next_phase(&self) -> usize {
        following(&self.program, self.phase)
    }

    fn go_to(&mut self, phase: usize, now: f64) {
        self.phase = phase;
        self.since_s = now;
        self.wish = Wish::None;
    }

    /// The one rule that no wish breaks: a phase with an open length lasts its least duration, any other its duration.
    pub fn may_end(&self, now: f64) -> bool {
        let phase = self.running();
        let least = if self.is_adjustable() {
            self.least_green_s()
        } else {
            phase.duration_s
        };
        now - self.since_s >= least - 1e-9
    }

    /// True when the running phase is a green whose end can be moved.
    pub fn is_adjustable(&self) -> bool {
        self.running().is_green() && (self.running().is_open() || self.wish != Wish::None)
    }

    /// Least green of the running phase (s).
    pub fn least_green_s(&self) -> f64 {
        let phase = self.running();
        if phase.is_open() {
            phase.min_s
        } else {
            phase.min_s.min(phase.duration_s)
        }
    }

    fn ends(&self, now: f64) -> bool {
        if !self.may_end(now) {
            return false;
        }
        let phase = self.running();
        let passed = now - self.since_s;
        match self.wish {
            Wish::EndSoon => return true,
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
        passed >= phase.duration_s - 1e-9
    }

    /// Shows the running phase to the links.
    fn show(&self, world: &mut World) {
        for (place, aspect) in self.running().state.iter().enumerate() {
            for &link in self.links.get(place).into_iter().flatten() {
                world.aspects[link as usize] = *aspect;
            }
        }
    }

    /// Places that a link has in the state of this controller.
    pub fn place_of(&self, link: u32) -> Option<usize> {
        self.links.iter().position(|links| links.contains(&link))
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
fn following(program: &SignalProgram, phase: usize) -> usize {
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
