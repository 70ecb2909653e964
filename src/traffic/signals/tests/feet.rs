//! Plans of ours where people walk over the arms: the signals of the sample city.

use super::observer::{Expected, Observer};
use super::*;
use crate::traffic::kernel::team::Team;
use crate::traffic::random::uniform;
use crate::traffic::sample::sample_network;
use crate::traffic::signals::controller::{Controllers, Wish};
use crate::traffic::signals::design::{DesignParams, SignalPlan, design};
use crate::traffic::signals::rules::{check_network, crossing_at};

/// The sample city with plans of ours at all its signals.
fn planned(actuated: bool) -> (Network, Vec<SignalPlan>) {
    let (mut network, _) = sample_network();
    let roads = Roads::new(&network);
    let params = DesignParams {
        actuated,
        ..DesignParams::default()
    };
    let flow = |link: u32| f64::from(60 + 40 * (link % 5));
    let plans: Vec<SignalPlan> = (0..network.signals.len() as u32)
        .map(|signal| design(&network, &roads, signal, flow, &params))
        .collect();
    for (signal, plan) in network.signals.iter_mut().zip(&plans) {
        signal.programs = vec![plan.program.clone()];
    }
    (network, plans)
}

/// What must hold at a signal: values of the plan between vehicles, and for people on foot the time to walk over the whole crossing.
fn expected(signal: &Signal, plan: &SignalPlan) -> Expected {
    let places = signal.links.len();
    let enters = |crossing: usize, place: usize| {
        let entering = |crossing: &crate::traffic::network::FootCrossing| {
            let mut links = signal.links[place].iter();
            links.any(|link| crossing.entering.contains(link))
        };
        crossing_at(signal, crossing).is_some_and(entering)
    };
    let between = |ends: usize, begins: usize| match crossing_at(signal, ends) {
        Some(crossing) if enters(ends, begins) => Some(f64::from(crossing.length_m) / 1.2),
        _ => plan.rules.between(ends, begins),
    };
    let by_place = |on_foot: f64, driving: f64| {
        let value = |place| match crossing_at(signal, place) {
            Some(_) => on_foot,
            None => driving,
        };
        (0..places).map(value).collect()
    };
    Expected {
        // Who is wished into the end of a stage, when nobody walks any more, has the least green of the guideline.
        green_s: vec![5.0; places],
        amber_s: by_place(0.0, 3.0),
        red_amber_s: by_place(0.0, 1.0),
        between_s: (0..places)
            .map(|ends| (0..places).map(|begins| between(ends, begins)).collect())
            .collect(),
    }
}

#[test]
fn our_plans_let_people_over_every_crossing_and_keep_the_guideline() {
    let (network, plans) = planned(false);
    assert_eq!(check_network(&network), []);
    let crossings = network.signals.iter().map(|signal| signal.crossings.len());
    assert!(crossings.sum::<usize>() > 20);
    for (signal, plan) in network.signals.iter().zip(&plans) {
        let phases = &plan.program.phases;
        let cycle_s: f64 = phases.iter().map(|phase| phase.duration_s).sum();
        assert!((cycle_s - plan.cycle_s).abs() < 1e-9, "{}", signal.id);
        for place in 0..signal.links.len() {
            let mut phases = phases.iter();
            assert!(
                phases.any(|phase| phase.state[place].is_green()),
                "{}: place {place}",
                signal.id
            );
        }
    }
}

#[test]
fn random_wishes_keep_the_time_that_people_need() {
    for actuated in [false, true] {
        let (network, plans) = planned(actuated);
        let mut world = world(&network);
        let mut controllers = Controllers::new(&network, &world, 0.0);
        let mut observers: Vec<Observer> = network
            .signals
            .iter()
            .zip(&plans)
            .map(|(signal, plan)| Observer::new(expected(signal, plan)))
            .collect();
        for second in 0..4000_u64 {
            let now = second as f64;
            for (number, controller) in controllers.list.iter_mut().enumerate() {
                let draw = |what| uniform(number as u64, 3, second, what);
                let phases = &controller.program.phases;
                let greens: Vec<usize> = (0..phases.len())
                    .filter(|&phase| phases[phase].is_green())
                    .collect();
                controller.wish = match (draw(0) * 4.0) as u32 {
                    0 => Wish::None,
                    1 => Wish::HoldUntil(now + f64::from(draw(1)) * 5.0),
                    2 => Wish::EndSoon,
                    _ => Wish::GoTo {
                        phase: greens[(draw(2) * greens.len() as f32) as usize],
                        resume: None,
                    },
                };
            }
            controllers.step(&Team::ALONE, &mut world, now);
            for (controller, observer) in controllers.list.iter().zip(&mut observers) {
                observer.watch(&controller.running().state, now);
            }
        }
        for (observer, signal) in observers.iter().zip(&network.signals) {
            assert!(
                observer.faults.is_empty(),
                "{}: {:?}",
                signal.id,
                &observer.faults[..observer.faults.len().min(5)]
            );
            assert!(observer.greens > 200, "{}: {}", signal.id, observer.greens);
        }
    }
}
