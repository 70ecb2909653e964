//! The rules that no controller breaks, whoever asks for a switch: least green, amber, red-amber, intergreen between conflicting places.
//!
//! [`Rules`] holds the values of one programme, [`Guard`] watches what is shown and says no to a state that would break them. A programme as
//! delivered is never repaired: its rules are what it shows itself at its shortest ([`Rules::delivered`]), so it always passes, and priority
//! above it cannot be more careless than it is. Programmes that we make follow the guideline ([`Rules::designed`]). What a delivered
//! programme lacks against the guideline is told by [`check_network`] as findings, which the report shows.
//!
//! Intergreen after the form of the German guideline for traffic signals (RiLSA): `t_z = t_ue + t_r - t_e`. The values of speeds and overrun
//! are the usual ones, from memory of the guideline: have a planner check them.

use crate::traffic::kernel::roads::Roads;
use crate::traffic::network::{
    Aspect, FootCrossing, NONE, Network, Phase, Signal, SignalProgram, Turn,
};

use super::controller::following;

/// Red-amber before green (s), guideline.
pub const RED_AMBER_S: f64 = 1.0;

/// Least green of vehicles that the guideline allows (s); 10 s is usual.
pub const LEAST_GREEN_S: f64 = 5.0;

/// Least green of people on foot (s), guideline.
pub const LEAST_WALK_GREEN_S: f64 = 5.0;

/// Time (s) after green in which the last vehicle passes its line, straight on and turning, guideline.
const OVERRUN_S: [f64; 2] = [3.0, 2.0];

/// Speed (m/s) of clearing vehicles, straight on and turning, guideline.
const CLEARING_M_S: [f64; 2] = [10.0, 7.0];

/// Length of a clearing car or bus that counts (m), guideline.
const CLEARING_LENGTH_M: f64 = 6.0;

/// Speed of entering vehicles (m/s): 40 km/h, guideline.
const ENTER_SPEED_M_S: f64 = 11.11;

/// Speed of people on foot (m/s), guideline.
pub const WALK_M_S: f64 = 1.2;

/// Amber (s) for a speed limit (m/s): 3, 4, 5 s up to 50, 60, 70 km/h, guideline.
pub fn amber_s(limit_m_s: f64) -> f64 {
    let km_h = limit_m_s * 3.6;
    if km_h <= 50.5 {
        3.0
    } else if km_h <= 60.5 {
        4.0
    } else {
        5.0
    }
}

/// One clears, another enters: what the intergreen time follows from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossing {
    /// Time that clearing vehicles still pass after the end of green (s): 3 straight, 2 turning, 1 bicycle, 0 on foot.
    pub overrun_s: f64,
    /// Way from the stop line to the end of the common place (m).
    pub clear_m: f64,
    /// Length of the clearing vehicle (m).
    pub length_m: f64,
    /// Clearing speed (m/s): 10 straight, 7 turning, 4 bicycle, 1.2 on foot.
    pub clear_m_s: f64,
    /// Way of the entering vehicle from its line to the common place (m).
    pub enter_m: f64,
    /// Entering speed (m/s).
    pub enter_m_s: f64,
}

impl Crossing {
    /// Vehicles clear `clear_m` from their line before others enter, who have `enter_m` from theirs.
    pub fn of_vehicles(turns: bool, clear_m: f64, enter_m: f64) -> Self {
        Self {
            overrun_s: OVERRUN_S[usize::from(turns)],
            clear_m,
            length_m: CLEARING_LENGTH_M,
            clear_m_s: CLEARING_M_S[usize::from(turns)],
            enter_m,
            enter_m_s: ENTER_SPEED_M_S,
        }
    }

    /// Vehicles clear `clear_m` from their line before people step onto their crossing.
    pub fn before_walking(turns: bool, clear_m: f64) -> Self {
        Self {
            enter_m_s: WALK_M_S,
            ..Self::of_vehicles(turns, clear_m, 0.0)
        }
    }

    /// People on foot clear their whole crossing before vehicles enter, who have `enter_m` from their line.
    pub fn after_walking(length_m: f64, enter_m: f64) -> Self {
        Self {
            overrun_s: 0.0,
            clear_m: length_m,
            length_m: 0.0,
            clear_m_s: WALK_M_S,
            enter_m,
            enter_m_s: ENTER_SPEED_M_S,
        }
    }

    /// `t_ue + t_r - t_e` (s), not rounded.
    pub fn exact_s(&self) -> f64 {
        self.overrun_s + (self.clear_m + self.length_m) / self.clear_m_s
            - self.enter_m / self.enter_m_s
    }

    /// Intergreen (s): the next whole second, not below 0.
    pub fn intergreen_s(&self) -> f64 {
        (self.exact_s() - 1e-9).ceil().max(0.0)
    }
}

/// The values of one programme. Places are those of its states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Least green of each place (s).
    pub min_green_s: Vec<f64>,
    /// Amber of each place after green (s); 0 where the programme shows none.
    pub amber_s: Vec<f64>,
    /// Red-amber of each place before green (s); 0 where the programme shows none.
    pub red_amber_s: Vec<f64>,
    /// From the end of green of the row's place to the begin of green of the column's (s); NaN without a conflict.
    intergreen_s: Vec<f64>,
}

impl Rules {
    /// Rules of a programme as delivered: what it shows at its shortest, and the geometry where it shows nothing.
    pub fn delivered(
        network: &Network,
        roads: &Roads,
        signal: &Signal,
        program: &SignalProgram,
    ) -> Self {
        let places = places_of(signal, program);
        let mut rules = Self {
            min_green_s: vec![LEAST_GREEN_S; places],
            amber_s: vec![f64::INFINITY; places],
            red_amber_s: vec![f64::INFINITY; places],
            intergreen_s: vec![f64::NAN; places * places],
        };
        for ends in 0..places {
            for begins in 0..places {
                if conflicts(network, signal, ends, begins)
                    && !program
                        .phases
                        .iter()
                        .any(|phase| shows_green(phase, ends) && shows_green(phase, begins))
                {
                    rules.intergreen_s[ends * places + begins] =
                        geometric_s(network, roads, signal, ends, begins)
                            .max(place_amber_s(network, signal, ends));
                }
            }
        }
        for start in 0..program.phases.len() {
            rules.learn(program, start);
        }
        for place in 0..places {
            if rules.amber_s[place].is_infinite() {
                rules.amber_s[place] = place_amber_s(network, signal, place);
            }
            if rules.red_amber_s[place].is_infinite() {
                rules.red_amber_s[place] = 0.0;
            }
        }
        rules
    }

    /// Rules of a programme that we make: guideline and geometry. `permitted(a, b)` is true for conflicting places that may be green together
    /// (one yields).
    pub fn designed(
        network: &Network,
        roads: &Roads,
        signal: &Signal,
        min_green_s: f64,
        permitted: impl Fn(usize, usize) -> bool,
    ) -> Self {
        let places = signal.links.len();
        let mut rules = Self {
            min_green_s: (0..places)
                .map(|place| match crossing_at(signal, place) {
                    Some(_) => LEAST_WALK_GREEN_S,
                    None => min_green_s.max(LEAST_GREEN_S),
                })
                .collect(),
            amber_s: (0..places)
                .map(|place| place_amber_s(network, signal, place))
                .collect(),
            red_amber_s: (0..places)
                .map(|place| match crossing_at(signal, place) {
                    Some(_) => 0.0,
                    None => RED_AMBER_S,
                })
                .collect(),
            intergreen_s: vec![f64::NAN; places * places],
        };
        for ends in 0..places {
            for begins in 0..places {
                if conflicts(network, signal, ends, begins) && !permitted(ends, begins) {
                    rules.intergreen_s[ends * places + begins] =
                        geometric_s(network, roads, signal, ends, begins).max(rules.amber_s[ends]);
                }
            }
        }
        rules
    }

    /// Number of places.
    pub fn places(&self) -> usize {
        self.min_green_s.len()
    }

    /// Intergreen (s) from the end of green of one place to the begin of green of another; none without a conflict.
    pub fn between(&self, ends: usize, begins: usize) -> Option<f64> {
        let value = self.intergreen_s[ends * self.places() + begins];
        (!value.is_nan()).then_some(value)
    }

    /// Lowers the values to what the programme shows from a phase on, when every phase lasts its least.
    fn learn(&mut self, program: &SignalProgram, start: usize) {
        let places = self.places();
        let mut green_since: Vec<Option<f64>> = vec![None; places];
        let mut green_end: Vec<Option<f64>> = vec![None; places];
        let mut other_since: Vec<Option<(Aspect, f64)>> = vec![None; places];
        let mut now = 0.0;
        let mut phase = start;
        let mut last: Option<usize> = None;
        for _ in 0..2 * program.phases.len() {
            let running = &program.phases[phase];
            for place in 0..places {
                let aspect = aspect_of(running, place);
                let before = last.map(|last| aspect_of(&program.phases[last], place));
                let Some(before) = before.filter(|&before| before != aspect) else {
                    continue;
                };
                if let Some((was, since)) = other_since[place].filter(|_| !before.is_green()) {
                    let lasted = now - since;
                    match was {
                        Aspect::Amber => self.amber_s[place] = self.amber_s[place].min(lasted),
                        Aspect::RedAmber => {
                            self.red_amber_s[place] = self.red_amber_s[place].min(lasted);
                        }
                        _ => {}
                    }
                }
                if before.is_green() && !aspect.is_green() {
                    if let Some(since) = green_since[place] {
                        self.min_green_s[place] = self.min_green_s[place].min(now - since);
                    }
                    green_end[place] = Some(now);
                    if aspect != Aspect::Amber {
                        self.amber_s[place] = 0.0;
                    }
                }
                if aspect.is_green() && !before.is_green() {
                    green_since[place] = Some(now);
                    green_end[place] = None;
                    if before != Aspect::RedAmber {
                        self.red_amber_s[place] = 0.0;
                    }
                }
                if !aspect.is_green() {
                    other_since[place] = Some((aspect, now));
                }
            }
            let begun = (0..places).filter(|&place| green_since[place] == Some(now));
            for begins in begun {
                for (ends, end) in green_end.iter().enumerate() {
                    let value = &mut self.intergreen_s[ends * places + begins];
                    if let Some(end) = end.filter(|_| !value.is_nan()) {
                        *value = value.min(now - end);
                    }
                }
            }
            now += least_s(program, phase);
            last = Some(phase);
            phase = following(program, phase);
        }
    }
}

/// Why a switch is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Breach {
    /// The green of a place is too short.
    Green(usize),
    /// The amber of a place is missing or too short.
    Amber(usize),
    /// The red-amber of a place is missing or too short.
    RedAmber(usize),
    /// The second place would get green too early after the end of green of the first, or beside it.
    Intergreen(usize, usize),
}

/// What a controller shows and since when; says no to what would break the rules.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    shown: Vec<Aspect>,
    since_s: Vec<f64>,
    green_since_s: Vec<f64>,
    green_end_s: Vec<f64>,
}

impl Guard {
    /// Begins with a state that may change at once.
    pub fn new(phase: &Phase, places: usize) -> Self {
        Self {
            shown: (0..places).map(|place| aspect_of(phase, place)).collect(),
            since_s: vec![f64::NEG_INFINITY; places],
            green_since_s: vec![f64::NEG_INFINITY; places],
            green_end_s: vec![f64::NEG_INFINITY; places],
        }
    }

    /// Says whether a state may be shown at time `now` (s), or which rule it would break.
    pub fn allows(&self, rules: &Rules, phase: &Phase, now: f64) -> Result<(), Breach> {
        const ROUND_S: f64 = 1e-6;
        for place in 0..self.shown.len() {
            let (old, new) = (self.shown[place], aspect_of(phase, place));
            let lasted = now - self.since_s[place] + ROUND_S;
            if old.is_green() && !new.is_green() {
                if now - self.green_since_s[place] + ROUND_S < rules.min_green_s[place] {
                    return Err(Breach::Green(place));
                }
                if rules.amber_s[place] > 0.0 && new != Aspect::Amber {
                    return Err(Breach::Amber(place));
                }
            }
            if old == Aspect::Amber && new != old && lasted < rules.amber_s[place] {
                return Err(Breach::Amber(place));
            }
            if new.is_green() && !old.is_green() {
                if rules.red_amber_s[place] > 0.0
                    && (old != Aspect::RedAmber || lasted < rules.red_amber_s[place])
                {
                    return Err(Breach::RedAmber(place));
                }
                for other in 0..self.shown.len() {
                    let Some(least) = rules.between(other, place) else {
                        continue;
                    };
                    let ended = if self.shown[other].is_green() {
                        now
                    } else {
                        self.green_end_s[other]
                    };
                    if aspect_of(phase, other).is_green() || now - ended + ROUND_S < least {
                        return Err(Breach::Intergreen(other, place));
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes that a state is shown from `now` (s) on.
    pub fn show(&mut self, phase: &Phase, now: f64) {
        for place in 0..self.shown.len() {
            let (old, new) = (self.shown[place], aspect_of(phase, place));
            if old == new {
                continue;
            }
            if old.is_green() && !new.is_green() {
                self.green_end_s[place] = now;
            }
            if new.is_green() && !old.is_green() {
                self.green_since_s[place] = now;
            }
            self.shown[place] = new;
            self.since_s[place] = now;
        }
    }
}

/// States between two greens after the rules: amber for who loses green, red until the last intergreen is over, red-amber for who gets it.
/// Empty when nothing has to lie between.
pub fn transition(rules: &Rules, from: &[Aspect], to: &[Aspect]) -> Vec<Phase> {
    let length = transition_s(rules, from, to) as usize;
    let mut phases: Vec<Phase> = Vec::new();
    for second in 0..length {
        let state: Vec<Aspect> = from
            .iter()
            .zip(to)
            .enumerate()
            .map(|(place, (&from, &to))| {
                match (from.is_green(), to.is_green()) {
                    (true, false) if (second as f64) < rules.amber_s[place] => Aspect::Amber,
                    (true, false) => to,
                    (false, true)
                        if second as f64 >= length as f64 - rules.red_amber_s[place].ceil() =>
                    {
                        Aspect::RedAmber
                    }
                    // Red stays red; green that goes on keeps its kind until the others have their green.
                    _ => from,
                }
            })
            .collect();
        match phases.last_mut().filter(|phase| phase.state == state) {
            Some(phase) => phase.duration_s += 1.0,
            None => phases.push(Phase {
                duration_s: 1.0,
                state,
                ..Phase::default()
            }),
        }
    }
    for phase in &mut phases {
        phase.min_s = phase.duration_s;
        phase.max_s = phase.duration_s;
    }
    phases
}

/// Length (s, whole) of the states between two greens.
pub fn transition_s(rules: &Rules, from: &[Aspect], to: &[Aspect]) -> f64 {
    let mut length: f64 = 0.0;
    for (ends, (old, new)) in from.iter().zip(to).enumerate() {
        if new.is_green() && !old.is_green() {
            length = length.max(rules.red_amber_s[ends]);
        }
        if !old.is_green() || new.is_green() {
            continue;
        }
        length = length.max(rules.amber_s[ends]);
        for begins in 0..to.len() {
            if to[begins].is_green() && !from[begins].is_green() {
                length = length.max(rules.between(ends, begins).unwrap_or(0.0));
            }
        }
    }
    length.ceil()
}

/// What a delivered programme shows against the guideline.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalFinding {
    /// What it is.
    pub kind: FindingKind,
    /// Signal in the network.
    pub signal: u32,
    /// Phase; `NONE` for the whole programme.
    pub phase: u32,
    /// Places concerned.
    pub places: Vec<usize>,
    /// Value found (s) and value of the guideline (s); NaN where it is no time.
    pub found_s: f64,
    /// See `found_s`.
    pub expected_s: f64,
}

/// Kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Amber shorter than the guideline's.
    ShortAmber,
    /// Green ends without amber.
    NoAmber,
    /// Green begins without red-amber.
    NoRedAmber,
    /// Green shorter than the least one.
    ShortGreen,
    /// Two conflicting places have full green at once.
    ConflictingGreens,
    /// From the end of one green to the begin of another it takes less time than the geometry of their ways asks for.
    ShortIntergreen,
}

/// Checks a programme as delivered against what needs no geometry; it is run as it is.
pub fn check_program(
    network: &Network,
    signal_index: u32,
    program: &SignalProgram,
) -> Vec<SignalFinding> {
    let signal = &network.signals[signal_index as usize];
    let places = places_of(signal, program);
    let mut findings = Vec::new();
    let mut add = |kind, phase: u32, places: Vec<usize>, found_s, expected_s| {
        if !places.is_empty() {
            findings.push(SignalFinding {
                kind,
                signal: signal_index,
                phase,
                places,
                found_s,
                expected_s,
            });
        }
    };
    let all = |test: &dyn Fn(usize) -> bool| (0..places).filter(|&place| test(place)).collect();
    for (number, phase) in program.phases.iter().enumerate() {
        let next = &program.phases[following(program, number)];
        let number = number as u32;
        let before_is = |place: usize, test: &dyn Fn(Aspect) -> bool| {
            (0..program.phases.len()).any(|index| {
                following(program, index) == number as usize
                    && test(aspect_of(&program.phases[index], place))
            })
        };
        let amber = |place: usize| place_amber_s(network, signal, place);
        let amber_run = |place: usize| {
            run_s(program, number as usize, &|phase| {
                aspect_of(phase, place) == Aspect::Amber
            })
        };
        let short: Vec<usize> = all(&|place| {
            aspect_of(phase, place) == Aspect::Amber
                && !before_is(place, &|aspect| aspect == Aspect::Amber)
                && amber_run(place) < amber(place)
        });
        let concerned = || short.iter().copied();
        let shown = concerned().map(amber_run).fold(f64::INFINITY, f64::min);
        let usual = concerned().map(amber).fold(0.0, f64::max);
        add(FindingKind::ShortAmber, number, short, shown, usual);
        add(
            FindingKind::NoAmber,
            number,
            all(&|place| {
                shows_green(phase, place)
                    && matches!(aspect_of(next, place), Aspect::Red | Aspect::RedAmber)
                    && crossing_at(signal, place).is_none()
            }),
            0.0,
            3.0,
        );
        add(
            FindingKind::ShortGreen,
            number,
            all(&|place| {
                shows_green(phase, place)
                    && !before_is(place, &|aspect| aspect.is_green())
                    && run_s(program, number as usize, &|phase| shows_green(phase, place))
                        < LEAST_GREEN_S
            }),
            least_s(program, number as usize),
            LEAST_GREEN_S,
        );
        let full = |place: usize| aspect_of(phase, place) == Aspect::Green;
        for a in 0..places {
            let with: Vec<usize> = (a + 1..places)
                .filter(|&b| full(a) && full(b) && conflicts(network, signal, a, b))
                .collect();
            for b in with {
                add(
                    FindingKind::ConflictingGreens,
                    number,
                    vec![a, b],
                    f64::NAN,
                    f64::NAN,
                );
            }
        }
    }
    let has_red_amber = program
        .phases
        .iter()
        .any(|phase| phase.state.contains(&Aspect::RedAmber));
    if !has_red_amber {
        // Who never gets green, or always has it, needs none.
        let begins = |place: usize| {
            let on_foot = crossing_at(signal, place).is_some();
            let mut shown = program.phases.iter().map(|phase| shows_green(phase, place));
            let first = shown.next();
            !on_foot && first.is_some_and(|first| shown.any(|later| later != first))
        };
        add(
            FindingKind::NoRedAmber,
            NONE,
            all(&begins),
            0.0,
            RED_AMBER_S,
        );
    }
    findings
}

/// Intergreens of a programme, at its shortest, below those of the guideline for the geometry of the ways; places are the one that ends and the one
/// that begins.
pub fn check_intergreens(
    network: &Network,
    roads: &Roads,
    signal_index: u32,
    program: &SignalProgram,
) -> Vec<SignalFinding> {
    let signal = &network.signals[signal_index as usize];
    let places = places_of(signal, program);
    let together = |a: usize, b: usize| {
        let mut phases = program.phases.iter();
        phases.any(|phase| shows_green(phase, a) && shows_green(phase, b))
    };
    let mut shown = Rules {
        min_green_s: vec![f64::INFINITY; places],
        amber_s: vec![f64::INFINITY; places],
        red_amber_s: vec![f64::INFINITY; places],
        intergreen_s: vec![f64::NAN; places * places],
    };
    for ends in 0..places {
        for begins in 0..places {
            if conflicts(network, signal, ends, begins) && !together(ends, begins) {
                shown.intergreen_s[ends * places + begins] = f64::INFINITY;
            }
        }
    }
    for start in 0..program.phases.len() {
        shown.learn(program, start);
    }
    let mut findings = Vec::new();
    for ends in 0..places {
        for begins in 0..places {
            let Some(found_s) = shown.between(ends, begins).filter(|s| s.is_finite()) else {
                continue;
            };
            let expected_s = geometric_s(network, roads, signal, ends, begins);
            if found_s + 1e-6 < expected_s {
                findings.push(SignalFinding {
                    kind: FindingKind::ShortIntergreen,
                    signal: signal_index,
                    phase: NONE,
                    places: vec![ends, begins],
                    found_s,
                    expected_s,
                });
            }
        }
    }
    findings
}

/// Findings of the running programmes of all signals.
pub fn check_network(network: &Network) -> Vec<SignalFinding> {
    if network.signals.is_empty() {
        return Vec::new();
    }
    let roads = Roads::new(network);
    (0..network.signals.len() as u32)
        .filter_map(|index| Some((index, network.signals[index as usize].programs.last()?)))
        .flat_map(|(index, program)| {
            let mut findings = check_program(network, index, program);
            findings.extend(check_intergreens(network, &roads, index, program));
            findings
        })
        .collect()
}

/// Least time (s) for which the phases from `start` on pass a test.
fn run_s(program: &SignalProgram, start: usize, test: &dyn Fn(&Phase) -> bool) -> f64 {
    let mut phase = start;
    let mut run = 0.0;
    for _ in 0..program.phases.len() {
        if !test(&program.phases[phase]) {
            break;
        }
        run += least_s(program, phase);
        phase = following(program, phase);
    }
    run
}

/// Least length of a phase by its programme (s).
fn least_s(program: &SignalProgram, phase: usize) -> f64 {
    let phase = &program.phases[phase];
    if phase.is_open() {
        phase.min_s
    } else {
        phase.duration_s
    }
}

/// What a phase shows to a place; nothing is dark.
pub fn aspect_of(phase: &Phase, place: usize) -> Aspect {
    phase.state.get(place).copied().unwrap_or(Aspect::Off)
}

fn shows_green(phase: &Phase, place: usize) -> bool {
    aspect_of(phase, place).is_green()
}

fn places_of(signal: &Signal, program: &SignalProgram) -> usize {
    program
        .phases
        .iter()
        .map(|phase| phase.state.len())
        .fold(signal.links.len(), usize::max)
}

fn links_at(signal: &Signal, place: usize) -> &[u32] {
    signal.links.get(place).map_or(&[], Vec::as_slice)
}

fn pairs<'a>(signal: &'a Signal, a: usize, b: usize) -> impl Iterator<Item = (u32, u32)> + 'a {
    links_at(signal, a)
        .iter()
        .flat_map(move |&own| links_at(signal, b).iter().map(move |&foe| (own, foe)))
}

/// Crossing of people on foot behind a place.
pub fn crossing_at(signal: &Signal, place: usize) -> Option<&FootCrossing> {
    let mut crossings = signal.crossings.iter();
    crossings.find(|crossing| crossing.place as usize == place)
}

/// True when ways behind two places cross or merge.
pub fn conflicts(network: &Network, signal: &Signal, a: usize, b: usize) -> bool {
    let crossed = |crossing: &FootCrossing, place: usize| {
        let mut links = links_at(signal, place).iter();
        links.any(|&link| meets_crossing(network, link, crossing).is_some())
    };
    match (crossing_at(signal, a), crossing_at(signal, b)) {
        (Some(_), Some(_)) => false,
        (Some(crossing), None) => crossed(crossing, b),
        (None, Some(crossing)) => crossed(crossing, a),
        (None, None) => {
            let mut pairs = pairs(signal, a, b);
            a != b && pairs.any(|(own, foe)| network.links[own as usize].foes.contains(&foe))
        }
    }
}

/// True when vehicles behind a place turn into the arm of a crossing and let people on it go first.
pub fn lets_walk(
    network: &Network,
    signal: &Signal,
    place: usize,
    crossing: &FootCrossing,
) -> bool {
    let mut over = links_at(signal, place)
        .iter()
        .filter(|&&link| meets_crossing(network, link, crossing).is_some())
        .peekable();
    over.peek().is_some()
        && over.all(|&link| {
            !crossing.entering.contains(&link)
                && network.links[link as usize].turn != Turn::Straight
        })
}

/// Way (m) of a link's vehicles from their line to a crossing of people on foot, if they come over it: none where they enter the junction, the
/// way over it where they leave.
fn meets_crossing(network: &Network, link: u32, crossing: &FootCrossing) -> Option<f64> {
    if crossing.entering.contains(&link) {
        return Some(0.0);
    }
    let (before, last) = way_inside(network, link)?;
    let last = &network.lanes[last as usize];
    crossing
        .leaving
        .contains(&last.links.start)
        .then(|| before + f64::from(last.length_m))
}

/// Guideline's amber (s) of a place: that of the lanes before it, none for people on foot.
fn place_amber_s(network: &Network, signal: &Signal, place: usize) -> f64 {
    match crossing_at(signal, place) {
        Some(_) => 0.0,
        None => speed_amber_s(network, signal, place),
    }
}

/// Guideline's amber (s) of the lanes before a place.
fn speed_amber_s(network: &Network, signal: &Signal, place: usize) -> f64 {
    links_at(signal, place)
        .iter()
        .map(|&link| {
            let from = network.links[link as usize].from;
            amber_s(f64::from(network.lanes[from as usize].speed_m_s))
        })
        .fold(3.0, f64::max)
}

/// Longest intergreen (s) between the links of two places by the geometry of their conflicts; 0 where the ways keep apart.
fn geometric_s(
    network: &Network,
    roads: &Roads,
    signal: &Signal,
    ends: usize,
    begins: usize,
) -> f64 {
    let on_foot = [ends, begins].map(|place| crossing_at(signal, place));
    if on_foot.iter().any(Option::is_some) {
        return on_foot_s(network, signal, ends, begins, on_foot);
    }
    pairs(signal, ends, begins)
        .filter_map(|(clears, enters)| crossing_of(network, roads, clears, enters))
        .map(|crossing| crossing.intergreen_s())
        .fold(0.0, f64::max)
}

/// Longest intergreen (s) between people on foot and vehicles: who walks clears the whole crossing, vehicles clear it or enter it.
fn on_foot_s(
    network: &Network,
    signal: &Signal,
    ends: usize,
    begins: usize,
    on_foot: [Option<&FootCrossing>; 2],
) -> f64 {
    let between = |link: u32, walks_first: bool, crossing: &FootCrossing| {
        let way = meets_crossing(network, link, crossing)?;
        let turns = network.links[link as usize].turn != Turn::Straight;
        let times = if walks_first {
            Crossing::after_walking(f64::from(crossing.length_m), way)
        } else {
            Crossing::before_walking(turns, way)
        };
        Some(times.intergreen_s())
    };
    let longest = |place: usize, walks_first: bool, crossing: &FootCrossing| {
        let links = links_at(signal, place).iter();
        links
            .filter_map(|&link| between(link, walks_first, crossing))
            .fold(0.0, f64::max)
    };
    match on_foot {
        [Some(crossing), None] => longest(begins, true, crossing),
        [None, Some(crossing)] => longest(ends, false, crossing),
        _ => 0.0,
    }
}

/// The crossing of two links by the geometry of their ways; none where they keep apart.
pub fn crossing_of(network: &Network, roads: &Roads, clears: u32, enters: u32) -> Option<Crossing> {
    let (before_clear, last_clear) = way_inside(network, clears)?;
    let (before_enter, last_enter) = way_inside(network, enters)?;
    let range = roads.lanes[last_clear as usize].conflicts.clone();
    let conflict = roads.conflicts[range.start as usize..range.end as usize]
        .iter()
        .find(|conflict| conflict.foe == last_enter)?;
    let turns = network.links[clears as usize].turn != Turn::Straight;
    Some(Crossing::of_vehicles(
        turns,
        before_clear + f64::from(conflict.end),
        before_enter + f64::from(conflict.foe_begin),
    ))
}

/// Last inner lane of a link's way over the junction, and the way (m) before it.
fn way_inside(network: &Network, link: u32) -> Option<(f64, u32)> {
    let link = &network.links[link as usize];
    let mut lane = link.to;
    let mut before = 0.0;
    let mut last = None;
    while lane != link.target {
        if let Some(last) = last {
            before += f64::from(network.lanes[last as usize].length_m);
        }
        last = Some(lane);
        lane = network.links[network.lanes[lane as usize].links.start as usize].to;
    }
    last.map(|last| (before, last))
}
