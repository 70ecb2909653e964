//! Programmes for signals of which only the place is known. They are guesses: fixed times, opposite approaches together, a stage of
//! their own for left turns with lanes of their own, clearing times by geometry.
//!
//! Amber, clearing and least greens are those of the [rules](crate::traffic::signals::rules). The greens share the cycle by the rank of the
//! streets and their lanes, for want of counts. People on foot walk where nobody comes straight on; their green ends so long before that of the
//! vehicles that the last one is over when the next stage begins.

use super::Crossing;
use super::foot::Foot;
use crate::traffic::network::line::{Point, length, near, turn_angle};
use crate::traffic::network::{Aspect, Network, Phase, ProgramKind, Signal, SignalProgram, Turn};
use crate::traffic::signals::rules::{
    self, LEAST_GREEN_S, LEAST_WALK_GREEN_S, RED_AMBER_S, WALK_M_S, amber_s,
};

/// Green of a stage for left turns alone (s).
const LEFT_GREEN_S: f64 = 8.0;

/// Cycle (s) of up to three stages, and of more: what is seen most in Hamburg's records.
const CYCLES_S: [f64; 2] = [75.0, 90.0];

/// Longest clearing after amber (s): beyond that the geometry is not a crossing's.
const LONGEST_RED_S: f64 = 8.0;

/// Ways that have green together, and how much traffic they are taken to carry.
pub(super) struct Stage {
    pub green: Vec<bool>,
    weight: f64,
    /// Left turns alone.
    pub short: bool,
}

/// Guesses the signal of a junction: one place of the state for each way, then one for each of the crossings on which people can walk, which come
/// back too.
pub(super) fn guess(
    network: &Network,
    crossings: &[Crossing],
    feet: Vec<Foot>,
    directions: &[(u32, Point)],
    id: &str,
) -> (Signal, Vec<Foot>) {
    let mut stages = Vec::new();
    for pair in pairs(directions) {
        let of_pair = |c: &Crossing| pair.contains(&c.from_edge);
        let green: Vec<bool> = crossings.iter().map(of_pair).collect();
        let weight = pair
            .iter()
            .map(|&edge| weight(network, edge))
            .fold(0.0, f64::max);
        let left: Vec<bool> = (0..crossings.len())
            .map(|i| green[i] && pair.len() == 2 && turns_left_alone(crossings, i))
            .collect();
        let wanted = left.contains(&true) && !meets_within(crossings, &left);
        stages.push(Stage {
            green,
            weight,
            short: false,
        });
        if wanted {
            stages.push(Stage {
                green: left,
                weight: 0.0,
                short: true,
            });
        }
    }
    // More than four stages make the cycle too long: left turns lose theirs, the last one first.
    while stages.len() > 4
        && let Some(last) = stages.iter().rposition(|stage| stage.short)
    {
        stages.remove(last);
    }
    // Where no stage lets people over, there is no crossing.
    let walked = feet.into_iter().filter(|foot| {
        let mut stages = stages.iter();
        stages.any(|stage| foot.walks_in(crossings, stage))
    });
    let feet: Vec<Foot> = walked.collect();
    let signal = Signal {
        id: id.to_owned(),
        programs: vec![program(network, crossings, &feet, &stages)],
        links: Vec::new(),
        crossings: Vec::new(),
        guessed: true,
    };
    (signal, feet)
}

/// Approaches that have green together: opposite ones, the best pairs first; the others alone. In the order of the junction's arms.
fn pairs(directions: &[(u32, Point)]) -> Vec<Vec<u32>> {
    let mut candidates: Vec<(f64, usize, usize)> = Vec::new();
    for i in 0..directions.len() {
        for j in i + 1..directions.len() {
            let angle = turn_angle(directions[i].1, directions[j].1).abs();
            if angle > 2.36 {
                candidates.push((angle, i, j));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut partner = vec![None; directions.len()];
    for (_, i, j) in candidates {
        if partner[i].is_none() && partner[j].is_none() {
            partner[i] = Some(j);
            partner[j] = Some(i);
        }
    }
    let mut found = Vec::new();
    for (i, with) in partner.iter().enumerate() {
        match with {
            Some(j) if *j < i => {}
            Some(j) => found.push(vec![directions[i].0, directions[*j].0]),
            None => found.push(vec![directions[i].0]),
        }
    }
    found
}

/// Share of green that an approach asks for: by rank, and for the wish of many lanes to be used.
fn weight(network: &Network, edge: u32) -> f64 {
    let edge = &network.edges[edge as usize];
    f64::from(edge.priority.clamp(1, 8)) + edge.lanes.len() as f64
}

/// True for a left turn from a lane that only turns left and whose oncoming traffic goes first.
fn turns_left_alone(crossings: &[Crossing], index: usize) -> bool {
    let own = &crossings[index];
    own.way.turn == Turn::Left
        && !own.row.yields_to.is_empty()
        && crossings
            .iter()
            .filter(|other| other.way.from == own.way.from)
            .all(|other| other.way.turn == Turn::Left)
}

fn meets_within(crossings: &[Crossing], group: &[bool]) -> bool {
    (0..crossings.len()).any(|i| {
        group[i]
            && crossings[i]
                .row
                .foes
                .iter()
                .any(|&foe| group[foe] && crossings[foe].from_edge != crossings[i].from_edge)
    })
}

fn program(
    network: &Network,
    crossings: &[Crossing],
    feet: &[Foot],
    stages: &[Stage],
) -> SignalProgram {
    let amber_s = crossings
        .iter()
        .map(|c| amber_s(f64::from(network.lanes[c.way.from as usize].speed_m_s)))
        .fold(amber_s(0.0), f64::max);
    let count = stages.len();
    let walks: Vec<Vec<bool>> = stages
        .iter()
        .map(|stage| {
            feet.iter()
                .map(|foot| foot.walks_in(crossings, stage))
                .collect()
        })
        .collect();
    let clearing: Vec<f64> = (0..count)
        .map(|i| {
            let next = (i + 1) % count;
            clearing_s(crossings, &stages[i], &stages[next], amber_s).max(clearing_for_feet_s(
                crossings,
                feet,
                &stages[i],
                &walks[next],
                amber_s,
            ))
        })
        .collect();
    // From the end of walking to the end of the green of vehicles.
    let after_walking: Vec<f64> = (0..count)
        .map(|i| {
            let next = (i + 1) % count;
            let ends = (0..feet.len()).filter(|&at| walks[i][at] && !walks[next][at]);
            let over = ends
                .map(|at| feet[at].length_m / WALK_M_S)
                .fold(0.0, f64::max);
            (over - amber_s - clearing[i] - RED_AMBER_S).ceil().max(0.0)
        })
        .collect();
    let lost: f64 = clearing.iter().map(|red| amber_s + red + RED_AMBER_S).sum();
    let short: f64 = stages.iter().filter(|stage| stage.short).count() as f64 * LEFT_GREEN_S;
    let cycle = CYCLES_S[usize::from(count > 3)];
    let all: f64 = stages.iter().map(|stage| stage.weight).sum();
    let mut phases = Vec::new();
    for (i, stage) in stages.iter().enumerate() {
        let after = (i + 1) % count;
        let next = &stages[after];
        let walking = walks[i].contains(&true);
        let least = if walking {
            LEAST_WALK_GREEN_S + after_walking[i]
        } else {
            LEAST_GREEN_S
        };
        let green = if stage.short {
            LEFT_GREEN_S
        } else {
            ((cycle - lost - short) * stage.weight / all.max(1.0))
                .round()
                .max(2.0 * LEAST_GREEN_S)
                .max(least)
        };
        let shown = |at: usize| shows(crossings, feet, stage, &walks[i], at);
        let keeps = |at: usize| next.green[at] && count > 1;
        let walk = |goes: bool| if goes { Aspect::Green } else { Aspect::Red };
        let on_foot = |ends: bool| (0..feet.len()).map(move |at| (at, ends));
        let foot_state =
            |(at, ended): (usize, bool)| walk(walks[i][at] && (!ended || walks[after][at]));
        let name = format!("stage {}", i + 1);
        let cut = after_walking[i].min(green - LEAST_GREEN_S);
        phases.push(Phase {
            duration_s: green - cut,
            min_s: LEAST_GREEN_S,
            max_s: green - cut,
            state: (0..crossings.len())
                .map(shown)
                .chain(on_foot(false).map(foot_state))
                .collect(),
            next: Vec::new(),
            name,
        });
        if cut > 0.0 {
            phases.push(Phase {
                duration_s: cut,
                min_s: cut,
                max_s: cut,
                state: (0..crossings.len())
                    .map(shown)
                    .chain(on_foot(true).map(foot_state))
                    .collect(),
                next: Vec::new(),
                name: String::new(),
            });
        }
        let mut add = |seconds: f64, ending: Aspect, starting: Aspect| {
            if seconds <= 0.0 || count < 2 {
                return;
            }
            let state = (0..crossings.len()).map(|at| match (stage.green[at], keeps(at)) {
                (true, true) => Aspect::GreenYield,
                (true, false) => ending,
                (false, true) => starting,
                (false, false) => Aspect::Red,
            });
            phases.push(Phase {
                duration_s: seconds,
                min_s: seconds,
                max_s: seconds,
                state: state.chain(on_foot(true).map(foot_state)).collect(),
                next: Vec::new(),
                name: String::new(),
            });
        };
        add(amber_s, Aspect::Amber, Aspect::Red);
        add(clearing[i], Aspect::Red, Aspect::Red);
        add(RED_AMBER_S, Aspect::Red, Aspect::RedAmber);
    }
    SignalProgram {
        id: "guessed".to_owned(),
        kind: ProgramKind::Fixed,
        offset_s: 0.0,
        phases,
        max_gap_s: 3.0,
        detector_gap_s: 2.0,
        place: String::new(),
    }
}

/// Green of a way in a stage: with care where others go first that have green too, on wheels or on foot.
fn shows(
    crossings: &[Crossing],
    feet: &[Foot],
    stage: &Stage,
    walks: &[bool],
    at: usize,
) -> Aspect {
    if !stage.green[at] {
        return Aspect::Red;
    }
    let careful = crossings[at]
        .row
        .yields_to
        .iter()
        .any(|&foe| stage.green[foe]);
    let mut walking = feet.iter().zip(walks).filter(|(_, walks)| **walks);
    if careful || walking.any(|(foot, _)| foot.is_crossed_by(&crossings[at])) {
        Aspect::GreenYield
    } else {
        Aspect::Green
    }
}

/// The same so that vehicles of a stage are over the crossings on which people walk next.
fn clearing_for_feet_s(
    crossings: &[Crossing],
    feet: &[Foot],
    stage: &Stage,
    walks_next: &[bool],
    amber_s: f64,
) -> f64 {
    let mut longest: f64 = 0.0;
    for (foot, _) in feet.iter().zip(walks_next).filter(|(_, walks)| **walks) {
        for (way, _) in crossings
            .iter()
            .zip(&stage.green)
            .filter(|(_, green)| **green)
        {
            if !foot.is_crossed_by(way) {
                continue;
            }
            let turns = way.way.turn != Turn::Straight;
            let clear_m = if way.to_edge == foot.outgoing {
                length(&way.shape)
            } else {
                0.0
            };
            longest = longest.max(rules::Crossing::before_walking(turns, clear_m).exact_s());
        }
    }
    (longest - amber_s - RED_AMBER_S)
        .ceil()
        .clamp(0.0, LONGEST_RED_S)
}

/// Red for everybody (s, whole) after amber and before red and amber, so that the last of one stage is gone before the first of the next.
fn clearing_s(crossings: &[Crossing], stage: &Stage, next: &Stage, amber_s: f64) -> f64 {
    let mut longest: f64 = 0.0;
    for (i, leaving) in crossings.iter().enumerate() {
        if !stage.green[i] || next.green[i] {
            continue;
        }
        for &j in &leaving.row.foes {
            let entering = &crossings[j];
            if stage.green[j] || !next.green[j] {
                continue;
            }
            let Some((_, end)) = near(&leaving.shape, &entering.shape, super::COMMON_PLACE_M)
            else {
                continue;
            };
            let begin = near(&entering.shape, &leaving.shape, super::COMMON_PLACE_M)
                .map_or(0.0, |range| range.0);
            let end = if leaving.way.to == entering.way.to {
                length(&leaving.shape)
            } else {
                end
            };
            let turns = leaving.way.turn != Turn::Straight;
            longest = longest.max(rules::Crossing::of_vehicles(turns, end, begin).exact_s());
        }
    }
    (longest - amber_s - RED_AMBER_S)
        .ceil()
        .clamp(0.0, LONGEST_RED_S)
}
