//! Whatever is wished, no controller breaks a rule: random wishes over our plans and over a plan as delivered, watched from outside.

use super::observer::{Expected, Observer};
use super::*;
use crate::traffic::kernel::team::Team;
use crate::traffic::network::{Aspect, Phase, ProgramKind};
use crate::traffic::random::uniform;
use crate::traffic::signals::controller::{Controllers, Wish};
use crate::traffic::signals::design::{DesignParams, SignalPlan, design, may_yield};
use crate::traffic::signals::plan_text::{SignalPlanText, aspect};
use crate::traffic::signals::rules::{
    FindingKind, check_intergreens, check_network, check_program, crossing_of,
};

fn phase(state: &str, duration_s: f64, min_s: f64, max_s: f64) -> Phase {
    Phase {
        duration_s,
        min_s,
        max_s,
        state: state.chars().filter_map(aspect).collect(),
        ..Phase::default()
    }
}

/// A plan as one is delivered: amber 3 s, no red-amber, no all-red, a left-turn phase, one amber of 2 s.
pub fn delivered() -> SignalProgram {
    SignalProgram {
        id: "0".to_owned(),
        kind: ProgramKind::Actuated,
        phases: vec![
            phase("GGgrrrGGgrrr", 30.0, 5.0, 50.0),
            phase("yygrrryygrrr", 3.0, 3.0, 3.0),
            phase("rrGrrrrrGrrr", 6.0, 5.0, 50.0),
            phase("rryrrrrryrrr", 2.0, 2.0, 2.0),
            phase("rrrGGgrrrGGg", 30.0, 5.0, 50.0),
            phase("rrryyyrrryyy", 3.0, 3.0, 3.0),
        ],
        max_gap_s: 3.0,
        detector_gap_s: 2.0,
        ..SignalProgram::default()
    }
}

/// A plan of ours for the crossing.
pub fn ours(actuated: bool) -> (Network, SignalPlan) {
    let mut network = crossing(delivered());
    let roads = Roads::new(&network);
    let flow = |link: u32| [80.0, 500.0, 120.0][(link % 3) as usize];
    let params = DesignParams {
        actuated,
        ..DesignParams::default()
    };
    let plan = design(&network, &roads, 0, flow, &params);
    network.signals[0].programs = vec![plan.program.clone()];
    (network, plan)
}

/// What the guideline asks of a plan of ours, found anew from the geometry.
pub fn guideline(network: &Network, roads: &Roads) -> Expected {
    let signal = &network.signals[0];
    let between_s = (0..12)
        .map(|ends: usize| {
            (0..12)
                .map(|begins: usize| {
                    if ends == begins || may_yield(network, signal, ends, begins) {
                        return None;
                    }
                    let crossing = crossing_of(network, roads, ends as u32, begins as u32)?;
                    Some(crossing.exact_s().ceil().max(3.0))
                })
                .collect()
        })
        .collect();
    Expected {
        green_s: vec![10.0; 12],
        amber_s: vec![3.0; 12],
        red_amber_s: vec![1.0; 12],
        between_s,
    }
}

/// Runs a controller under random wishes; gives the observer.
fn under_random_wishes(network: &Network, expected: Expected, seed: u64, seconds: u64) -> Observer {
    let mut world = world(network);
    let mut controllers = Controllers::new(network, &world, 0.0);
    let mut observer = Observer::new(expected);
    for second in 0..seconds {
        let now = second as f64;
        let draw = |what| uniform(seed, 3, second, what);
        let controller = &mut controllers.list[0];
        let count = controller.program.phases.len();
        controller.wish = match (draw(0) * 6.0) as u32 {
            0 => Wish::None,
            1 => Wish::HoldUntil(now + f64::from(draw(1)) * 5.0),
            2 | 3 => Wish::EndSoon,
            _ => {
                let greens: Vec<usize> = (0..count)
                    .filter(|&number| controller.program.phases[number].is_green())
                    .collect();
                let pick = |what| greens[(draw(what) * greens.len() as f32) as usize];
                Wish::GoTo {
                    phase: pick(2),
                    resume: (draw(3) < 0.5).then(|| pick(4)),
                }
            }
        };
        controllers.step(&Team::ALONE, &mut world, now);
        observer.watch(&world.aspects, now);
    }
    observer
}

#[test]
fn random_wishes_break_no_rule_of_our_plans() {
    for actuated in [false, true] {
        let (network, _) = ours(actuated);
        for seed in 0..8 {
            let expected = guideline(&network, &Roads::new(&network));
            let observer = under_random_wishes(&network, expected, seed, 4000);
            assert!(
                observer.faults.is_empty(),
                "{:?}",
                &observer.faults[..observer.faults.len().min(5)]
            );
            assert!(observer.greens > 500, "{}", observer.greens);
        }
    }
}

#[test]
fn random_wishes_are_no_more_careless_than_the_plan_delivered() {
    let network = crossing(delivered());
    let program = delivered();
    let foes = |a: usize, b: usize| {
        network.links[a].foes.contains(&(b as u32))
            && !program
                .phases
                .iter()
                .any(|phase| phase.state[a].is_green() && phase.state[b].is_green())
    };
    for seed in 0..8 {
        let expected = Expected {
            green_s: vec![5.0; 12],
            // The left turns of the first axis have an amber of 2 s as delivered.
            amber_s: (0..12)
                .map(|place| if place == 2 || place == 8 { 2.0 } else { 3.0 })
                .collect(),
            red_amber_s: vec![0.0; 12],
            between_s: (0..12)
                .map(|a| (0..12).map(|b| foes(a, b).then_some(2.0)).collect())
                .collect(),
        };
        let observer = under_random_wishes(&network, expected, seed, 4000);
        assert!(
            observer.faults.is_empty(),
            "{:?}",
            &observer.faults[..observer.faults.len().min(5)]
        );
        assert!(observer.greens > 500, "{}", observer.greens);
    }
}

#[test]
fn observer_sees_faults() {
    let (network, _) = ours(false);
    let mut observer = Observer::new(guideline(&network, &Roads::new(&network)));
    let mut aspects = vec![Aspect::Red; 24];
    let mut now = 0.0;
    let mut show = |aspects: &[Aspect], seconds: u32| {
        for _ in 0..seconds {
            observer.watch(aspects, now);
            now += 1.0;
        }
        observer.faults.len()
    };
    show(&aspects, 5);
    aspects[1] = Aspect::Green;
    assert_eq!(show(&aspects, 9), 1, "no red-amber");
    aspects[1] = Aspect::Amber;
    assert_eq!(show(&aspects, 2), 2, "short green");
    aspects[1] = Aspect::Red;
    aspects[4] = Aspect::RedAmber;
    assert_eq!(show(&aspects, 1), 3, "short amber");
    aspects[4] = Aspect::Green;
    assert_eq!(show(&aspects, 12), 4, "short intergreen");
}

#[test]
fn plans_of_ours_serve_everyone_and_fill_their_cycle() {
    let (network, plan) = ours(false);
    assert_eq!(check_network(&network), []);
    let cycle: f64 = plan
        .program
        .phases
        .iter()
        .map(|phase| phase.duration_s)
        .sum();
    assert!(
        (cycle - plan.cycle_s).abs() < 1e-9 && cycle % 15.0 == 0.0,
        "{cycle}"
    );
    for place in 0..12 {
        assert!(
            plan.program
                .phases
                .iter()
                .any(|phase| phase.state[place].is_green()),
            "{place}"
        );
    }
    // Opposing straights go together, left turns yield to them.
    let first = plan
        .program
        .phases
        .iter()
        .find(|phase| phase.state[1].is_green())
        .unwrap();
    assert_eq!(
        (first.state[1], first.state[7]),
        (Aspect::Green, Aspect::Green)
    );
    assert_eq!(
        (first.state[2], first.state[8]),
        (Aspect::GreenYield, Aspect::GreenYield)
    );
    assert_eq!(first.state[4], Aspect::Red);
    let text = SignalPlanText::of("K1", &plan.program);
    let back = text.program().unwrap();
    assert_eq!(back.phases, plan.program.phases);
}

#[test]
fn faults_of_a_delivered_plan_are_findings() {
    let mut program = delivered();
    program.phases[4].state[1] = Aspect::Green;
    let network = crossing(program.clone());
    let findings = check_program(&network, 0, &program);
    let of = |kind| {
        findings
            .iter()
            .filter(|finding| finding.kind == kind)
            .count()
    };
    assert_eq!(of(FindingKind::ShortAmber), 1);
    assert_eq!(of(FindingKind::NoRedAmber), 1);
    // Place 1 goes on from green to green beside places 3 to 5 and 9 to 11 of the other axis, and ends without amber.
    assert!(of(FindingKind::ConflictingGreens) >= 2, "{findings:?}");
    assert!(of(FindingKind::NoAmber) >= 1);
    let short = findings
        .iter()
        .find(|finding| finding.kind == FindingKind::ShortAmber);
    let short = short.unwrap();
    assert_eq!((short.found_s, short.expected_s), (2.0, 3.0));
}

#[test]
fn intergreens_below_the_geometry_are_findings() {
    // Straight on ends at the amber of 3 s; the crossing straight way begins right after it.
    let mut program = delivered();
    let network = crossing(program.clone());
    let roads = Roads::new(&network);
    let of = |program: &SignalProgram, ends: usize, begins: usize| {
        let findings = check_intergreens(&network, &roads, 0, program);
        let mut own = findings.into_iter();
        own.find(|finding| finding.places == [ends, begins])
    };
    let found = of(&program, 4, 1).unwrap();
    assert_eq!(
        (found.kind, found.found_s),
        (FindingKind::ShortIntergreen, 3.0)
    );
    let needed = crossing_of(
        &network,
        &roads,
        network.signals[0].links[4][0],
        network.signals[0].links[1][0],
    );
    assert_eq!(found.expected_s, needed.unwrap().intergreen_s());
    // With as much red behind the amber as lacks, nothing is left to say about the pair.
    let mut red = phase("rrrrrrrrrrrr", 0.0, 0.0, 0.0);
    red.duration_s = found.expected_s - found.found_s;
    (red.min_s, red.max_s) = (red.duration_s, red.duration_s);
    program.phases.push(red);
    assert_eq!(of(&program, 4, 1), None);
}

#[test]
fn fixed_programme_is_back_on_its_clock_within_two_cycles() {
    let (network, plan) = ours(false);
    for seed in 0..20u64 {
        let mut world = world(&network);
        let mut controllers = Controllers::new(&network, &world, 0.0);
        let cycle = plan.cycle_s;
        let disturbed = cycle + f64::from(uniform(seed, 0, 0, 0)) * cycle;
        let mut begins = Vec::new();
        let mut last = controllers.list[0].phase;
        for second in 0..(7.0 * cycle) as u64 {
            let now = second as f64;
            let controller = &mut controllers.list[0];
            let during = now >= disturbed && now < disturbed + 12.0;
            controller.wish = match (during, seed % 2) {
                (true, 0) => Wish::HoldUntil(now + 0.5),
                (true, _) => Wish::EndSoon,
                _ => Wish::None,
            };
            controllers.step(&Team::ALONE, &mut world, now);
            let controller = &controllers.list[0];
            if controller.phase != last && controller.phase == 0 {
                begins.push(now);
            }
            last = controller.phase;
        }
        for begin in begins
            .iter()
            .filter(|&&begin| begin > disturbed + 12.0 + 2.0 * cycle)
        {
            let off = begin.rem_euclid(cycle);
            assert!(
                off.min(cycle - off) < 0.6,
                "seed {seed}: begins {begins:?} cycle {cycle}"
            );
        }
    }
}

#[test]
fn edited_plan_runs_in_its_network_or_is_refused() {
    let (mut network, plan) = ours(false);
    let mut text = SignalPlanText::of("K1", &plan.program);
    text.phases[0].duration_s += 5.0;
    text.phases[0].max_s = Some(text.phases[0].duration_s);
    assert_eq!(text.apply(&mut network), Ok(0));
    assert_eq!(network.signals[0].programs.len(), 2);
    let mut world = world(&network);
    let mut controllers = Controllers::new(&network, &world, 0.0);
    let mut first = 0;
    for second in 0..200 {
        controllers.step(&Team::ALONE, &mut world, f64::from(second));
        if controllers.list[0].phase != 0 {
            break;
        }
        first += 1;
    }
    assert_eq!(f64::from(first), plan.greens_s[0] + 5.0);
    text.signal = "K2".to_owned();
    assert!(text.apply(&mut network).is_err());
    text.signal = "K1".to_owned();
    for phase in &mut text.phases {
        phase.state.push('r');
    }
    assert!(text.apply(&mut network).is_err());
}
