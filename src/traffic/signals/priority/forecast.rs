//! What a signal and the vehicles before it will do in the next minute or two, if the programme goes on or if something is done for a bus.
//!
//! Every lane before the signal is a queue in the order of the vehicles: one passes when it has arrived, the one before it has passed for a
//! headway, and its place is green; after the begin of green a standing queue loses a start-up time (vertical queues with saturation headway,
//! as in HCM chapter 19). Greens end as the controller would end them. The sum is the waiting of persons (s), those on board of requesting
//! vehicles and all others apart. Not foreseen: lane changes, how jams behind the junction grow (those that reach back to it are known).

use crate::traffic::network::{ProgramKind, SignalProgram};
use crate::traffic::signals::controller::{Controller, following, least_green_s};

/// Start-up lost time of a standing queue (s).
const START_UP_S: f32 = 1.5;

/// Factor on the headway of those who yield while green.
const YIELD_FACTOR: f32 = 1.6;

/// Waiting (s) that a vehicle not served within the forecast still has before it.
const BEYOND_S: f32 = 15.0;

/// A vehicle on its way to the signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comer {
    /// Time to the line without hindrance (s from now).
    pub at_s: f32,
    /// Not before this time (s from now): the way behind the line is taken by a jam.
    pub not_before_s: f32,
    /// Place of the state that shows for it.
    pub place: usize,
    /// Persons on board.
    pub persons: f32,
    /// Time that it takes at the line (s).
    pub headway_s: f32,
    /// It asks for priority, and the number of its request.
    pub request: Option<u32>,
}

/// Vehicles before a signal, by lane, in order.
pub type Queues = Vec<Vec<Comer>>;

/// A controller's programme as the forecast needs it.
#[derive(Clone, Debug)]
pub struct Model {
    /// Phases.
    pub phases: Vec<ModelPhase>,
    /// True for programmes that follow the traffic.
    actuated: bool,
    /// Length of the way between any two phases that do not follow each other (s), row by row.
    bridges_s: Vec<f32>,
    /// Phases that come round, from the first one on.
    pub round: Vec<usize>,
}

/// A phase as the forecast needs it.
#[derive(Clone, Debug)]
pub struct ModelPhase {
    /// By place: 0 stop, 1 green that yields, 2 green.
    pub shows: Vec<u8>,
    /// Somebody has green and nobody amber.
    pub green: bool,
    /// The programme leaves its length open.
    open: bool,
    /// Least, longest and usual length (s).
    pub least_s: f32,
    /// See `least_s`.
    pub longest_s: f32,
    /// See `least_s`.
    duration_s: f32,
    /// Next phase.
    pub next: usize,
    /// Lanes (numbers of the queues) whose vehicles lengthen it.
    minded: Vec<usize>,
}

/// Where the controller is.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Phase that is on.
    pub phase: usize,
    /// How long it has been on (s).
    pub passed_s: f32,
    /// Phase to return to after this one.
    pub resume: Option<usize>,
}

/// What to do with the running green.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum First {
    /// What the programme does.
    Programme,
    /// Hold it until the vehicle has passed.
    Hold,
    /// End it at this time (s from now), hold it until then.
    EndAt(f32),
}

/// What to do after the running green.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// What the programme does.
    Programme,
    /// Every green at its shortest until the vehicle's, that one until it has passed.
    Shortest,
    /// Straight to this phase until the vehicle has passed; then `resume`, or what follows.
    Jump {
        /// The phase.
        phase: usize,
        /// Phase after it.
        resume: Option<usize>,
    },
}

/// A course of action for one vehicle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// What to do with the running green.
    pub first: First,
    /// What to do after it.
    pub then: Then,
    /// Lane (number of the queue) and number in it of the vehicle.
    pub target: (usize, usize),
    /// How far a green may go beyond its longest length for the vehicle (s).
    pub beyond_s: f32,
}

/// Outcome of a course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    /// Waiting of persons on board of requesting vehicles (person s).
    pub asking: f32,
    /// Waiting of all others (person s).
    pub others: f32,
    /// End of the running green (s from now).
    pub first_end_s: f32,
    /// When the target passes the line (s from now); the end of the forecast when it does not.
    pub passes_s: f32,
}

impl Tally {
    /// Waiting of all persons (person s).
    pub fn total(&self) -> f32 {
        self.asking + self.others
    }
}

impl Model {
    /// The programme of a controller; `lanes` gives the number of a lane's queue.
    pub fn new(controller: &Controller, lane_number: impl Fn(u32) -> Option<usize>) -> Self {
        let program = &controller.program;
        let count = program.phases.len();
        let phases = (0..count)
            .map(|number| {
                let minded = controller
                    .minded_lanes(number)
                    .filter_map(&lane_number)
                    .collect();
                model_phase(program, number, minded)
            })
            .collect();
        let mut bridges_s = Vec::with_capacity(count * count);
        for from in 0..count {
            for to in 0..count {
                bridges_s.push(controller.bridge_s(from, to) as f32);
            }
        }
        let mut round = Vec::new();
        let mut phase = 0;
        while !round.contains(&phase) {
            round.push(phase);
            phase = following(program, phase);
        }
        let first = round.iter().position(|&at| at == phase).unwrap_or(0);
        Self {
            phases,
            actuated: program.kind == ProgramKind::Actuated,
            bridges_s,
            round: round.split_off(first),
        }
    }

    /// Length (s) of the way between two phases that do not follow each other.
    pub fn bridge_s(&self, from: usize, to: usize) -> f32 {
        self.bridges_s[from * self.phases.len() + to]
    }

    /// Usual length of a round (s); open greens count half way between least and longest.
    pub fn cycle_s(&self) -> f32 {
        self.round
            .iter()
            .map(|&phase| {
                let phase = &self.phases[phase];
                if self.actuated && phase.open {
                    (phase.least_s + phase.longest_s) / 2.0
                } else {
                    phase.duration_s
                }
            })
            .sum()
    }

    /// The next green after a phase.
    pub fn next_green(&self, phase: usize) -> usize {
        let mut next = self.phases[phase].next;
        for _ in 0..self.phases.len() {
            if self.phases[next].green {
                break;
            }
            next = self.phases[next].next;
        }
        next
    }

    /// Plays a course over `horizon_s` seconds; gives up when the waiting exceeds `bound` (person s).
    pub fn play(
        &self,
        queues: &Queues,
        start: Start,
        course: &Course,
        horizon_s: usize,
        bound: f32,
    ) -> Tally {
        let mut now = Play {
            phase: start.phase,
            passed: start.passed_s,
            resume: start.resume,
            bridge: None,
            stage: Stage::First,
            served: false,
        };
        let mut lanes: Vec<LaneState> = vec![LaneState::default(); queues.len()];
        let mut tally = Tally {
            asking: 0.0,
            others: 0.0,
            first_end_s: horizon_s as f32,
            passes_s: horizon_s as f32,
        };
        let target_place = queues[course.target.0][course.target.1].place;
        for second in 0..horizon_s {
            let t = second as f32;
            for _ in 0..=self.phases.len() {
                if !self.switch(&mut now, course, target_place, queues, &lanes, t) {
                    break;
                }
                if tally.first_end_s >= horizon_s as f32 {
                    tally.first_end_s = t;
                }
            }
            self.serve(&mut now, course, queues, &mut lanes, t, &mut tally);
            now.passed += 1.0;
            if tally.asking + tally.others > bound {
                return tally;
            }
        }
        let end = horizon_s as f32;
        for (queue, lane) in queues.iter().zip(&lanes) {
            for comer in &queue[lane.head..] {
                if comer.at_s < end {
                    tally.add(comer, end - comer.at_s + BEYOND_S);
                }
            }
        }
        tally
    }

    /// Lets pass who can in the second from `t` on.
    fn serve(
        &self,
        now: &mut Play,
        course: &Course,
        queues: &Queues,
        lanes: &mut [LaneState],
        t: f32,
        tally: &mut Tally,
    ) {
        for (number, (queue, lane)) in queues.iter().zip(lanes).enumerate() {
            while let Some(comer) = queue.get(lane.head) {
                if comer.at_s >= t + 1.0 {
                    break;
                }
                let shows = match now.bridge {
                    Some((target, _)) => self.phases[now.phase].shows[comer.place]
                        .min(self.phases[target].shows[comer.place]),
                    None => self.phases[now.phase].shows[comer.place],
                };
                if shows == 0 {
                    lane.flows = false;
                    break;
                }
                if !lane.flows {
                    lane.flows = true;
                    if comer.at_s < t {
                        lane.ready = lane.ready.max(t + START_UP_S);
                    }
                }
                let passes = comer.at_s.max(comer.not_before_s).max(lane.ready).max(t);
                if passes >= t + 1.0 {
                    break;
                }
                tally.add(comer, passes - comer.at_s);
                let factor = if shows == 1 { YIELD_FACTOR } else { 1.0 };
                lane.ready = passes + comer.headway_s * factor;
                lane.last = passes;
                if (number, lane.head) == course.target {
                    now.served = true;
                    tally.passes_s = passes;
                }
                lane.head += 1;
            }
        }
    }

    /// Goes on to the next phase if the running one ends at `t`.
    fn switch(
        &self,
        now: &mut Play,
        course: &Course,
        place: usize,
        queues: &Queues,
        lanes: &[LaneState],
        t: f32,
    ) -> bool {
        if let Some((target, left)) = now.bridge {
            if now.passed < left {
                return false;
            }
            now.enter(target);
            return true;
        }
        let phase = &self.phases[now.phase];
        if !phase.green {
            if now.passed < phase.duration_s {
                return false;
            }
            now.enter(phase.next);
            return true;
        }
        let serves = phase.shows[place] > 0;
        let holds =
            |now: &Play| serves && !now.served && now.passed < phase.longest_s + course.beyond_s;
        let ends = match (now.stage, course.first, course.then) {
            (Stage::First, First::EndAt(time), _) => t >= time && now.passed >= phase.least_s,
            (Stage::First, First::Hold, _) => {
                !holds(now) && self.programme_ends(now, queues, lanes, t)
            }
            (Stage::Way, _, Then::Shortest | Then::Jump { .. }) if serves => {
                !holds(now) && self.programme_ends(now, queues, lanes, t)
            }
            (Stage::Way, _, Then::Shortest) => now.passed >= phase.least_s,
            _ => self.programme_ends(now, queues, lanes, t),
        };
        if !ends {
            return false;
        }
        let from_first = now.stage == Stage::First;
        now.stage = if now.served { Stage::Done } else { Stage::Way };
        if let (true, Then::Jump { phase, resume }) = (from_first, course.then) {
            now.resume = resume;
            let left = self.bridge_s(now.phase, phase);
            now.passed = 0.0;
            now.bridge = Some((phase, left));
        } else if let Some(resume) = now.resume.take() {
            let left = self.bridge_s(now.phase, resume);
            now.passed = 0.0;
            now.bridge = Some((resume, left));
        } else {
            now.enter(phase.next);
        }
        true
    }

    /// True when the programme by itself ends the running green at `t`.
    fn programme_ends(&self, now: &Play, queues: &Queues, lanes: &[LaneState], t: f32) -> bool {
        let phase = &self.phases[now.phase];
        if !(self.actuated && phase.open) {
            return now.passed >= phase.duration_s;
        }
        if now.passed >= phase.longest_s {
            return true;
        }
        // A vehicle is seen some 2 s before the line and keeps the green for the gap of 3 s after that.
        now.passed >= phase.least_s
            && phase.minded.iter().all(|&lane| {
                let next = queues[lane].get(lanes[lane].head);
                t - lanes[lane].last >= 1.0
                    && next
                        .is_none_or(|comer| comer.at_s > t + 2.0 || phase.shows[comer.place] == 0)
            })
    }
}

impl Tally {
    fn add(&mut self, comer: &Comer, waits_s: f32) {
        let persons_s = comer.persons * waits_s;
        if comer.request.is_some() {
            self.asking += persons_s;
        } else {
            self.others += persons_s;
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    First,
    Way,
    Done,
}

#[derive(Clone, Copy, Debug)]
struct Play {
    phase: usize,
    passed: f32,
    resume: Option<usize>,
    bridge: Option<(usize, f32)>,
    stage: Stage,
    served: bool,
}

impl Play {
    fn enter(&mut self, phase: usize) {
        self.phase = phase;
        self.passed = 0.0;
        self.bridge = None;
        if self.served {
            self.stage = Stage::Done;
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct LaneState {
    head: usize,
    ready: f32,
    last: f32,
    flows: bool,
}

impl Default for LaneState {
    fn default() -> Self {
        Self {
            head: 0,
            ready: 0.0,
            last: f32::NEG_INFINITY,
            flows: true,
        }
    }
}

fn model_phase(program: &SignalProgram, number: usize, minded: Vec<usize>) -> ModelPhase {
    let phase = &program.phases[number];
    let open = phase.is_open() && program.kind == ProgramKind::Actuated;
    ModelPhase {
        shows: phase
            .state
            .iter()
            .map(|aspect| match aspect {
                crate::traffic::network::Aspect::Green
                | crate::traffic::network::Aspect::OffPriority => 2,
                crate::traffic::network::Aspect::GreenYield
                | crate::traffic::network::Aspect::Off
                | crate::traffic::network::Aspect::StopThenGo => 1,
                _ => 0,
            })
            .collect(),
        green: phase.is_green(),
        open,
        least_s: least_green_s(phase) as f32,
        longest_s: if open { phase.max_s } else { phase.duration_s } as f32,
        duration_s: phase.duration_s as f32,
        next: following(program, number),
        minded,
    }
}
