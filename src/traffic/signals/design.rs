//! Signal plans that we make ourselves: groups, stages, transitions, cycle, green split, offsets.
//!
//! Places with the same lanes before them and the same foes form a signal group. Stages are sets of groups that get on with each other (a turn
//! may yield to the opposing direction); each group is in at least one. Between stages lie transition states with amber, intergreen and
//! red-amber from [`rules`](super::rules). Cycle after Webster 1958, `C = (1.5 L + 5) / (1 - Y)`, rounded up to 45, 60, 75, 90, 105 or 120 s as
//! Hamburg has them; greens in proportion to the critical flow ratios. Offsets `x / v mod C` make a green wave; both ways it needs a spacing of
//! `v C / 2`.
//!
//! People on foot walk beside those who turn into their arm, who let them go first, and never beside those who come out of it or go straight into it.
//! Their green ends so long before that of the vehicles that they are over the whole crossing when the next stage begins.
//!
//! Valid for undersaturated junctions: from `Y` = 0.95 on the cycle is the longest and [`SignalPlan::flow_ratio`] tells why. Bicycles have no
//! signals of their own.

use super::rules::{
    LEAST_GREEN_S, LEAST_WALK_GREEN_S, Rules, conflicts, crossing_at, lets_walk, transition,
    transition_s,
};
use crate::traffic::kernel::roads::Roads;
use crate::traffic::network::{Aspect, Network, Phase, ProgramKind, Signal, SignalProgram, Turn};

/// Cycles that plans may have (s); multiples of 15 s as in Hamburg.
pub const CYCLES_S: [f64; 6] = [45.0, 60.0, 75.0, 90.0, 105.0, 120.0];

/// How plans are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DesignParams {
    /// Least green (s); 10 is usual, 5 the lowest.
    pub min_green_s: f64,
    /// Saturation flow of a lane (veh/h).
    pub saturation_veh_h: f64,
    /// Cycle (s); none: Webster's, rounded up.
    pub cycle_s: Option<f64>,
    /// Begin of the first stage's green on the clock (s).
    pub offset_s: f64,
    /// Greens follow the traffic between least and longest.
    pub actuated: bool,
}

impl Default for DesignParams {
    fn default() -> Self {
        Self {
            min_green_s: 10.0,
            saturation_veh_h: 2000.0,
            cycle_s: None,
            offset_s: 0.0,
            actuated: false,
        }
    }
}

/// A signal group: places that always show the same.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalGroup {
    /// Name: edge before the line (none on foot) and number.
    pub name: String,
    /// Places of the state.
    pub places: Vec<usize>,
    /// Flow (veh/h) of its busiest lane.
    pub flow_veh_h: f64,
}

/// A plan with what it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalPlan {
    /// Groups.
    pub groups: Vec<SignalGroup>,
    /// Groups of each stage.
    pub stages: Vec<Vec<usize>>,
    /// Rules.
    pub rules: Rules,
    /// Green of each stage (s).
    pub greens_s: Vec<f64>,
    /// Sum of the transitions (s), counted as lost.
    pub lost_s: f64,
    /// Sum of the critical flow ratios.
    pub flow_ratio: f64,
    /// Cycle (s).
    pub cycle_s: f64,
    /// The programme.
    pub program: SignalProgram,
}

/// Webster's cycle of least delay (s) for lost time (s) and the sum of flow ratios; infinite from 1 on.
pub fn webster_cycle_s(lost_s: f64, flow_ratio: f64) -> f64 {
    if flow_ratio >= 1.0 {
        return f64::INFINITY;
    }
    (1.5 * lost_s + 5.0) / (1.0 - flow_ratio)
}

/// Offset (s) of a signal `distance_m` along a green wave of `speed_m_s`.
pub fn offset_s(distance_m: f64, speed_m_s: f64, cycle_s: f64) -> f64 {
    (distance_m / speed_m_s).rem_euclid(cycle_s)
}

/// Spacing (m) of signals at which a green wave runs both ways.
pub fn two_way_spacing_m(speed_m_s: f64, cycle_s: f64) -> f64 {
    speed_m_s * cycle_s / 2.0
}

/// Offsets (s) of the signals along a route: positions (m) from the first one.
pub fn green_wave_s(positions_m: &[f64], speed_m_s: f64, cycle_s: f64) -> Vec<f64> {
    positions_m
        .iter()
        .map(|&position| offset_s(position, speed_m_s, cycle_s))
        .collect()
}

/// Greens (s, whole) in proportion to flow ratios, each at least its least one, together `total_s`.
///
/// Who would fall below its least green gets it, the others share the rest; the remainder of rounding goes to the largest fractions.
pub fn green_split_s(total_s: f64, ratios: &[f64], least_s: &[f64]) -> Vec<f64> {
    let count = ratios.len();
    let ratio = |index: usize| ratios[index].max(1e-6);
    let mut fixed = vec![false; count];
    let mut exact = least_s.to_vec();
    loop {
        let free: Vec<usize> = (0..count).filter(|&index| !fixed[index]).collect();
        let kept = (0..count).filter(|&index| fixed[index]);
        let rest = total_s - kept.map(|index| least_s[index]).sum::<f64>();
        let sum: f64 = free.iter().map(|&index| ratio(index)).sum();
        let mut again = false;
        for &index in &free {
            exact[index] = rest * ratio(index) / sum;
            if exact[index] < least_s[index] {
                again = true;
            }
        }
        if !again {
            break;
        }
        for &index in &free {
            if exact[index] < least_s[index] {
                exact[index] = least_s[index];
                fixed[index] = true;
            }
        }
        if fixed.iter().all(|&is| is) {
            break;
        }
    }
    let mut greens: Vec<f64> = exact.iter().map(|green| green.floor()).collect();
    let mut left = (total_s - greens.iter().sum::<f64>()).round() as i64;
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| {
        exact[b]
            .fract()
            .total_cmp(&exact[a].fract())
            .then(a.cmp(&b))
    });
    for &index in order.iter().cycle().take(count * 200) {
        if left <= 0 {
            break;
        }
        greens[index] += 1.0;
        left -= 1;
    }
    greens
}

/// Makes a plan for a signal. `flow_veh_h` gives the flow of a link.
pub fn design(
    network: &Network,
    roads: &Roads,
    signal_index: u32,
    flow_veh_h: impl Fn(u32) -> f64,
    params: &DesignParams,
) -> SignalPlan {
    let signal = &network.signals[signal_index as usize];
    let permitted = |a: usize, b: usize| may_yield(network, signal, a, b);
    let rules = Rules::designed(network, roads, signal, params.min_green_s, permitted);
    let groups = groups(network, signal, &rules, &flow_veh_h);
    let stages = stages(&groups, &rules);
    let states: Vec<Vec<Aspect>> = stages
        .iter()
        .map(|stage| state_of(network, signal, &groups, stage))
        .collect();
    let count = states.len();
    let next = |stage: usize| &states[(stage + 1) % count];
    // What each stage shows when those on foot who do not go on in the next one have stopped, and how long before its end (s).
    let walked: Vec<(Vec<Aspect>, f64)> = (0..count)
        .map(|stage| walked_out(&rules, signal, &states[stage], next(stage)))
        .collect();
    let lost_s: f64 = if count < 2 {
        0.0
    } else {
        (0..count)
            .map(|stage| transition_s(&rules, &walked[stage].0, next(stage)))
            .sum()
    };
    let min_green_s = params.min_green_s.max(LEAST_GREEN_S);
    let least_s: Vec<f64> = (0..count)
        .map(|stage| {
            let walks = states[stage] != walked[stage].0;
            let on_foot_s = if walks {
                LEAST_WALK_GREEN_S + walked[stage].1
            } else {
                0.0
            };
            min_green_s.max(on_foot_s)
        })
        .collect();
    let ratios = critical_ratios(&groups, &stages, params.saturation_veh_h);
    let flow_ratio: f64 = ratios.iter().sum();
    let least_cycle_s = lost_s + least_s.iter().sum::<f64>();
    let wanted_s = params
        .cycle_s
        .unwrap_or_else(|| webster_cycle_s(lost_s, flow_ratio.min(0.95)))
        .max(least_cycle_s);
    let cycle_s = CYCLES_S
        .into_iter()
        .find(|&cycle| cycle >= wanted_s - 1e-9)
        .unwrap_or_else(|| CYCLES_S[CYCLES_S.len() - 1].max(least_cycle_s.ceil()));
    let greens_s = green_split_s(cycle_s - lost_s, &ratios, &least_s);
    let mut phases = Vec::new();
    for stage in 0..count {
        let (walked, early_s) = &walked[stage];
        let green_s = greens_s[stage] - early_s;
        phases.push(Phase {
            duration_s: green_s,
            min_s: least_s[stage] - early_s,
            max_s: if params.actuated {
                green_s * 1.5
            } else {
                green_s
            },
            state: states[stage].clone(),
            next: Vec::new(),
            name: format!("stage {}", stage + 1),
        });
        if *early_s > 0.0 {
            phases.push(Phase {
                duration_s: *early_s,
                min_s: *early_s,
                max_s: *early_s,
                state: walked.clone(),
                ..Phase::default()
            });
        }
        if count > 1 {
            phases.extend(transition(&rules, walked, next(stage)));
        }
    }
    let program = SignalProgram {
        id: "planspiel".to_owned(),
        kind: if params.actuated {
            ProgramKind::Actuated
        } else {
            ProgramKind::Fixed
        },
        offset_s: params.offset_s,
        phases,
        max_gap_s: 3.0,
        detector_gap_s: 2.0,
        place: "made by planspiel".to_owned(),
    };
    SignalPlan {
        groups,
        stages,
        rules,
        greens_s,
        lost_s,
        flow_ratio,
        cycle_s,
        program,
    }
}

/// State of a stage after the end of walking for those who do not go on in the next one, and how many seconds before the end of the stage it
/// begins, so that nobody is on a crossing when vehicles come.
fn walked_out(
    rules: &Rules,
    signal: &Signal,
    from: &[Aspect],
    to: &[Aspect],
) -> (Vec<Aspect>, f64) {
    let ends = |place: usize| {
        crossing_at(signal, place).is_some() && from[place].is_green() && !to[place].is_green()
    };
    let mut state = from.to_vec();
    for place in (0..from.len()).filter(|&place| ends(place)) {
        state[place] = Aspect::Red;
    }
    let clear_s = transition_s(rules, from, to) - transition_s(rules, &state, to);
    (state, clear_s)
}

/// True when one of two conflicting places may be green beside the other and yield: a turn against the opposing direction or against people on
/// foot, or a merge that yields.
pub fn may_yield(network: &Network, signal: &Signal, a: usize, b: usize) -> bool {
    match (crossing_at(signal, a), crossing_at(signal, b)) {
        (None, None) => {}
        (Some(crossing), None) => return lets_walk(network, signal, b, crossing),
        (None, Some(crossing)) => return lets_walk(network, signal, a, crossing),
        (Some(_), Some(_)) => return false,
    }
    let opposing = |own: u32, foe: u32| {
        let heading = |link: u32| {
            let shape = &network.lanes[network.links[link as usize].from as usize].shape;
            match shape.as_slice() {
                [.., before, last] => (last[1] - before[1]).atan2(last[0] - before[0]),
                _ => 0.0,
            }
        };
        let between = (heading(own) - heading(foe)).cos();
        let turns = |link: u32| network.links[link as usize].turn != Turn::Straight;
        // Opposite directions; the one that turns yields.
        between < -0.7
            && ((turns(own) && network.links[own as usize].yields_to.contains(&foe))
                || (turns(foe) && network.links[foe as usize].yields_to.contains(&own)))
    };
    let mut any = false;
    for &own in &signal.links[a] {
        for &foe in &signal.links[b] {
            if network.links[own as usize].foes.contains(&foe) {
                any = true;
                if !opposing(own, foe) {
                    return false;
                }
            }
        }
    }
    any
}

/// Groups of a signal.
fn groups(
    network: &Network,
    signal: &Signal,
    rules: &Rules,
    flow_veh_h: &impl Fn(u32) -> f64,
) -> Vec<SignalGroup> {
    let places = signal.links.len();
    let lanes_of = |place: usize| {
        let mut lanes: Vec<u32> = signal.links[place]
            .iter()
            .map(|&link| network.links[link as usize].from)
            .collect();
        lanes.sort_unstable();
        lanes.dedup();
        lanes
    };
    let barred = |place: usize| -> Vec<bool> {
        (0..places)
            .map(|other| {
                rules.between(place, other).is_some() || rules.between(other, place).is_some()
            })
            .collect()
    };
    // Places that share a lane must show green together, or the first vehicle would bar those behind it.
    let mut number: Vec<usize> = (0..places).collect();
    for a in 0..places {
        for b in a + 1..places {
            let shares = lanes_of(a).iter().any(|lane| lanes_of(b).contains(lane));
            let same_edge = lanes_of(a).iter().any(|&lane| {
                lanes_of(b).iter().any(|&other| {
                    network.lanes[lane as usize].edge == network.lanes[other as usize].edge
                })
            });
            let fits = !barred(a)[b];
            if fits && (shares || same_edge && barred(a) == barred(b)) {
                let (old, new) = (number[b].max(number[a]), number[a].min(number[b]));
                for entry in &mut number {
                    if *entry == old {
                        *entry = new;
                    }
                }
            }
        }
    }
    let mut groups = Vec::new();
    for first in 0..places {
        let own: Vec<usize> = (0..places)
            .filter(|&place| number[place] == first)
            .collect();
        let Some(&place) = own.first() else { continue };
        let mut by_lane: std::collections::BTreeMap<u32, f64> = std::collections::BTreeMap::new();
        for &place in &own {
            for &link in &signal.links[place] {
                let lane = network.links[link as usize].from;
                *by_lane.entry(lane).or_default() += flow_veh_h(link).max(0.0);
            }
        }
        let edge = signal.links[place].first().map_or("", |&link| {
            network
                .edge_of(network.links[link as usize].from)
                .id
                .as_str()
        });
        groups.push(SignalGroup {
            name: format!("{edge}:{}", groups.len() + 1),
            places: own,
            flow_veh_h: by_lane.values().copied().fold(0.0, f64::max),
        });
    }
    groups
}

/// Stages: the group with the most flow that has none yet, joined by all that get on with the stage, those without a stage first.
fn stages(groups: &[SignalGroup], rules: &Rules) -> Vec<Vec<usize>> {
    let compatible = |a: usize, b: usize| {
        groups[a].places.iter().all(|&own| {
            groups[b].places.iter().all(|&other| {
                rules.between(own, other).is_none() && rules.between(other, own).is_none()
            })
        })
    };
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by(|&a, &b| {
        groups[b]
            .flow_veh_h
            .total_cmp(&groups[a].flow_veh_h)
            .then(a.cmp(&b))
    });
    let mut staged = vec![false; groups.len()];
    let mut stages = Vec::new();
    for &first in &order {
        if staged[first] {
            continue;
        }
        let mut stage = vec![first];
        let waiting = order.iter().filter(|&&group| !staged[group]);
        let others = order.iter().filter(|&&group| staged[group]);
        for &group in waiting.chain(others) {
            if !stage.contains(&group) && stage.iter().all(|&member| compatible(member, group)) {
                stage.push(group);
            }
        }
        for &group in &stage {
            staged[group] = true;
        }
        stage.sort_unstable();
        stages.push(stage);
    }
    stages
}

/// What a stage shows.
fn state_of(
    network: &Network,
    signal: &Signal,
    groups: &[SignalGroup],
    stage: &[usize],
) -> Vec<Aspect> {
    let places = signal.links.len();
    let mut green = vec![false; places];
    for &group in stage {
        for &place in &groups[group].places {
            green[place] = true;
        }
    }
    (0..places)
        .map(|place| {
            if !green[place] {
                return Aspect::Red;
            }
            let yields = (0..places).any(|other| {
                let walked = || crossing_at(signal, other).is_some();
                let goes_first = || {
                    signal.links[place].iter().any(|&own| {
                        let yields_to = &network.links[own as usize].yields_to;
                        signal.links[other]
                            .iter()
                            .any(|foe| yields_to.contains(foe))
                    })
                };
                green[other]
                    && conflicts(network, signal, place, other)
                    && (walked() || goes_first())
            });
            if yields && crossing_at(signal, place).is_none() {
                Aspect::GreenYield
            } else {
                Aspect::Green
            }
        })
        .collect()
}

/// Critical flow ratio of each stage: the largest of the groups that have no other stage; a group in several counts where it is served first.
fn critical_ratios(
    groups: &[SignalGroup],
    stages: &[Vec<usize>],
    saturation_veh_h: f64,
) -> Vec<f64> {
    let mut seen = vec![false; groups.len()];
    stages
        .iter()
        .map(|stage| {
            let mut critical: f64 = 0.0;
            for &group in stage {
                if !std::mem::replace(&mut seen[group], true) {
                    critical = critical.max(groups[group].flow_veh_h / saturation_veh_h);
                }
            }
            critical
        })
        .collect()
}
