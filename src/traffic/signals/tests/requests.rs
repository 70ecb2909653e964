//! Requests for priority at one signal: the delay of an isolated bus against closed forms, telegrams, conditions, the log.

use super::invariants::{delivered, guideline, ours};
use super::observer::Observer;
use super::*;
use crate::traffic::kernel::team::Team;
use crate::traffic::network::VehicleClass;
use crate::traffic::network::{Aspect, Phase};
use crate::traffic::random::uniform;
use crate::traffic::signals::controller::{Controllers, Wish};
use crate::traffic::signals::plan_text::aspect;
use crate::traffic::signals::priority::choose::{Limits, choose};
use crate::traffic::signals::priority::forecast::{Comer, First, Model, Start, Then};
use crate::traffic::signals::priority::{
    FOREIGN_VEHICLE, Measure, Measures, Message, Priority, PriorityParams, PriorityRequest, Reason,
    RequestState,
};

/// Step of the isolated bus (s).
const DT_S: f64 = 0.25;

fn state(text: &str) -> Vec<Aspect> {
    text.chars().filter_map(aspect).collect()
}

/// Mean delay (s) of a bus alone at a fixed signal: green `green`, red so short at least as `least_red`, extension up to `extension`.
fn mean_delay_s(cycle: f64, green: f64, extension: f64, least_red: f64, priority: bool) -> f64 {
    let fixed = |text: &str, duration_s: f64, min_s: f64| Phase {
        duration_s,
        min_s,
        max_s: duration_s,
        state: state(text),
        ..Phase::default()
    };
    let red = cycle - green;
    let program = SignalProgram {
        phases: vec![
            fixed("rGrrrrrGrrrr", green, green.min(5.0)),
            fixed("ryrrrrryrrrr", 3.0, 3.0),
            fixed("rrrrGrrrrrGr", red - 6.0, (least_red - 6.0).min(red - 6.0)),
            fixed("rrrryrrrrryr", 3.0, 3.0),
        ],
        ..SignalProgram::default()
    };
    let network = crossing(program);
    let world = world(&network);
    let params = PriorityParams {
        measures: Measures {
            extension: extension > 0.0,
            early_green: least_red < red,
            insertion: false,
            rotation: false,
        },
        beyond_s: extension,
        least_gain_person_s: 0.0,
        budget_s: 120.0,
        stage_debt_s: 120.0,
        ..PriorityParams::default()
    };
    let mut sum = 0.0;
    let mut count = 0.0;
    // Every arrival of a cycle once, from the begin of the second red on.
    let mut into = DT_S / 2.0;
    while into < cycle {
        let arrival = cycle + green + into;
        let mut world = world.clone();
        let mut controllers = Controllers::new(&network, &world, 0.0);
        let model = Model::new(&controllers.list[0], |lane| {
            (lane < 4).then_some(lane as usize)
        });
        let mut step = 0;
        loop {
            let now = f64::from(step) * DT_S;
            let controller = &mut controllers.list[0];
            controller.wish = Wish::None;
            let own_green = controller.phase == 0;
            let at_s = arrival - now;
            // Checked in the length of the extension before the line, or 4 s while it is red.
            let known = at_s <= if own_green { extension } else { 4.0 };
            if priority && known && controller.running().is_green() {
                let mut queues = vec![Vec::new(); 4];
                queues[0].push(Comer {
                    at_s: at_s.max(0.0) as f32,
                    not_before_s: 0.0,
                    place: 1,
                    persons: 40.0,
                    headway_s: 2.0,
                    request: Some(0),
                });
                let limits = Limits {
                    params: &params,
                    budget_s: 120.0,
                    debt_s: &[0.0; 4],
                    green_end_s: &[now; 4],
                    now_s: now,
                };
                let start = Start {
                    phase: controller.phase,
                    passed_s: (now - controller.since_s) as f32,
                    resume: None,
                };
                let course = choose(&model, &queues, start, &limits).course;
                controller.wish = match course.map(|course| (course.first, course.then)) {
                    Some((First::Hold, _)) => Wish::HoldUntil(now + DT_S / 2.0),
                    Some((First::EndAt(time), Then::Shortest)) if time <= 0.0 => Wish::EndSoon,
                    _ => Wish::None,
                };
            }
            controllers.step(&Team::ALONE, &mut world, now);
            if now + DT_S > arrival && world.aspects[1].is_green() {
                sum += (now - arrival).max(0.0);
                count += 1.0;
                break;
            }
            step += 1;
        }
        into += DT_S;
    }
    sum / count
}

#[test]
fn isolated_bus_waits_as_the_closed_form_says() {
    let Some(folder) = data("isolated_bus_waits_as_the_closed_form_says", "analytic") else {
        return;
    };
    let rows = table(&folder, "tsp_bus_delay.csv");
    assert!(rows.len() >= 48);
    for row in rows {
        let (cycle, green, extension, least_red) = (
            number(&row, 0),
            number(&row, 1),
            number(&row, 2),
            number(&row, 3),
        );
        let without = mean_delay_s(cycle, green, extension, least_red, false);
        assert!(
            (without - number(&row, 4)).abs() < 0.15,
            "{row:?} without {without}"
        );
        let with = mean_delay_s(cycle, green, extension, least_red, true);
        assert!((with - number(&row, 5)).abs() < 0.25, "{row:?} with {with}");
    }
}

fn bus(at_s: f32, place: usize, request: u32) -> Comer {
    Comer {
        at_s,
        not_before_s: 0.0,
        place,
        persons: 40.0,
        headway_s: 2.5,
        request: Some(request),
    }
}

fn cars(count: usize, place: usize) -> Vec<Comer> {
    (0..count)
        .map(|number| Comer {
            at_s: number as f32 * 0.5,
            not_before_s: 0.0,
            place,
            persons: 1.3,
            headway_s: 1.9,
            request: None,
        })
        .collect()
}

#[test]
fn side_street_with_many_persons_is_not_cut_short_for_an_empty_bus() {
    let network = crossing(delivered());
    let world = world(&network);
    let controllers = Controllers::new(&network, &world, 0.0);
    let model = Model::new(&controllers.list[0], |lane| {
        (lane < 4).then_some(lane as usize)
    });
    let params = PriorityParams::default();
    let limits = Limits {
        params: &params,
        budget_s: 40.0,
        debt_s: &[0.0; 6],
        green_end_s: &[0.0; 6],
        now_s: 20.0,
    };
    let start = Start {
        phase: 4,
        passed_s: 8.0,
        resume: None,
    };
    let chosen = |persons: f32, side: usize| {
        let mut request = bus(6.0, 1, 0);
        request.persons = persons;
        let queues = vec![vec![request], cars(side, 4), Vec::new(), cars(side, 10)];
        choose(&model, &queues, start, &limits)
    };
    let full = chosen(60.0, 3);
    assert_eq!(full.measure, Some(Measure::EarlyGreen), "{full:?}");
    assert!(
        full.gain_person_s > full.loss_person_s.max(100.0),
        "{full:?}"
    );
    let empty = chosen(1.3, 14);
    assert_eq!(empty.course, None, "{empty:?}");
}

#[test]
fn two_buses_on_both_axes_are_weighed_against_each_other() {
    let network = crossing(delivered());
    let world = world(&network);
    let controllers = Controllers::new(&network, &world, 0.0);
    let model = Model::new(&controllers.list[0], |lane| {
        (lane < 4).then_some(lane as usize)
    });
    let params = PriorityParams::default();
    let limits = Limits {
        params: &params,
        budget_s: 40.0,
        debt_s: &[0.0; 6],
        green_end_s: &[0.0; 6],
        now_s: 20.0,
    };
    let start = Start {
        phase: 4,
        passed_s: 8.0,
        resume: None,
    };
    // Cars would keep the running green for a while.
    let side: Vec<Comer> = (0..8)
        .map(|number| Comer {
            at_s: 2.5 * number as f32,
            ..cars(1, 4)[0]
        })
        .collect();
    let chosen = |second: Option<Comer>| {
        let mut axis = side.clone();
        axis.extend(second);
        axis.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        let queues = vec![vec![bus(6.0, 1, 1)], axis, Vec::new(), Vec::new()];
        choose(&model, &queues, start, &limits)
    };
    let alone = chosen(None);
    assert_eq!(
        (alone.request, alone.measure),
        (Some(1), Some(Measure::EarlyGreen)),
        "{alone:?}"
    );
    // A fuller bus on the running axis comes first: the green is not taken from it.
    let mut near = bus(3.0, 4, 0);
    near.persons = 120.0;
    near.at_s = 5.0;
    let both = chosen(Some(near));
    assert!(!both.ends_now, "{both:?}");
    assert!(both.gain_person_s >= both.loss_person_s, "{both:?}");
}

/// Requests by telegram to the server at the crossing; gives the events.
fn telegrams(
    params: PriorityParams,
    late_s: Option<f64>,
) -> Vec<(RequestState, Option<Measure>, Reason)> {
    let network = crossing(delivered());
    let mut world = world(&network);
    let mut controllers = Controllers::new(&network, &world, 0.0);
    let mut priority = Priority::new(&network, &world, &controllers, params, None).unwrap();
    for second in 0..60 {
        let now = f64::from(second);
        if second == 10 {
            priority.receive(Message::Request(PriorityRequest {
                vehicle: FOREIGN_VEHICLE + 1,
                intersection: 0,
                in_lane: 1,
                out_lane: 5,
                eta_s: 25.0,
                late_s,
                occupancy: 40.0,
                class: VehicleClass::Bus,
                sequence: 0,
                line: "26".to_owned(),
            }));
        }
        if second == 40 {
            priority.receive(Message::CheckOut {
                vehicle: FOREIGN_VEHICLE + 1,
                intersection: 0,
            });
        }
        priority.step(&world, &[], &mut controllers, now);
        controllers.step(&Team::ALONE, &mut world, now);
    }
    priority
        .events()
        .iter()
        .map(|event| (event.state, event.measure, event.reason))
        .collect()
}

#[test]
fn every_request_is_answered_and_explained() {
    let events = telegrams(PriorityParams::default(), Some(60.0));
    assert_eq!(events[0].0, RequestState::Requested);
    assert!(
        events.iter().any(|event| event.0 == RequestState::Granted),
        "{events:?}"
    );
    assert_eq!(events.last().unwrap().2, Reason::Passed);
    let strict = PriorityParams {
        late_from_s: Some(120.0),
        ..PriorityParams::default()
    };
    let early = telegrams(strict.clone(), Some(60.0));
    assert!(
        early.contains(&(RequestState::Rejected, None, Reason::NotLate)),
        "{early:?}"
    );
    let unknown = telegrams(strict, None);
    assert!(unknown.contains(&(RequestState::Rejected, None, Reason::NoTimetable)));
    let full_only = PriorityParams {
        least_occupancy: 60.0,
        ..PriorityParams::default()
    };
    assert!(telegrams(full_only, None).contains(&(
        RequestState::Rejected,
        None,
        Reason::TooFewPersons
    )));
}

#[test]
fn settings_are_checked_all_at_once() {
    let network = crossing(delivered());
    let world = world(&network);
    let controllers = Controllers::new(&network, &world, 0.0);
    let bad = PriorityParams {
        signals: vec!["nowhere".to_owned()],
        classes: vec!["truck".to_owned()],
        car_occupancy: 0.0,
        ..PriorityParams::default()
    };
    let faults = Priority::new(&network, &world, &controllers, bad, None)
        .err()
        .unwrap();
    assert_eq!(faults.len(), 3, "{faults:?}");
    let text = serde_json::to_string(&PriorityParams::default()).unwrap();
    assert_eq!(
        serde_json::from_str::<PriorityParams>(&text).unwrap(),
        PriorityParams::default()
    );
    assert!(serde_json::from_str::<PriorityParams>("{\"budget\": 3}").is_err());
}

/// Random requests by telegram to the server above a plan of ours; nothing that is shown breaks a rule.
#[test]
fn random_requests_break_no_rule() {
    for actuated in [false, true] {
        let (network, _) = ours(actuated);
        let mut acted = 0;
        for seed in 0..6 {
            let mut world = world(&network);
            let mut controllers = Controllers::new(&network, &world, 0.0);
            let params = PriorityParams {
                least_gain_person_s: 0.0,
                budget_s: 120.0,
                stage_debt_s: 120.0,
                ..PriorityParams::default()
            };
            let mut priority = Priority::new(&network, &world, &controllers, params, None).unwrap();
            let mut observer = Observer::new(guideline(&network, &Roads::new(&network)));
            for second in 0..3000u64 {
                let now = second as f64;
                let draw = |what| f64::from(uniform(seed, 9, second, what));
                if draw(0) < 0.08 {
                    let place = (draw(1) * 12.0) as usize;
                    let link = &network.links[place];
                    priority.receive(Message::Request(PriorityRequest {
                        vehicle: FOREIGN_VEHICLE + (second % 7) as u32,
                        intersection: 0,
                        in_lane: link.from,
                        out_lane: link.target,
                        eta_s: now + draw(2) * 40.0,
                        late_s: Some(draw(3) * 200.0),
                        occupancy: 1.0 + draw(4) * 100.0,
                        class: VehicleClass::Bus,
                        sequence: 0,
                        line: "1".to_owned(),
                    }));
                }
                if draw(5) < 0.1 {
                    priority.receive(Message::CheckOut {
                        vehicle: FOREIGN_VEHICLE + (draw(6) * 7.0) as u32,
                        intersection: 0,
                    });
                }
                priority.step(&world, &[], &mut controllers, now);
                controllers.step(&Team::ALONE, &mut world, now);
                observer.watch(&world.aspects, now);
            }
            assert!(
                observer.faults.is_empty(),
                "{:?}",
                &observer.faults[..observer.faults.len().min(5)]
            );
            let measures = |measure| {
                priority
                    .events()
                    .iter()
                    .filter(|event| event.measure == Some(measure))
                    .count()
            };
            acted += measures(Measure::EarlyGreen)
                + measures(Measure::Insertion)
                + measures(Measure::Extension);
        }
        assert!(acted > 200, "{acted}");
    }
}

#[test]
fn who_is_not_late_gets_nothing_beside_one_who_is() {
    let network = crossing(delivered());
    let mut world = world(&network);
    let mut controllers = Controllers::new(&network, &world, 0.0);
    let params = PriorityParams {
        late_from_s: Some(60.0),
        ..PriorityParams::default()
    };
    let mut priority = Priority::new(&network, &world, &controllers, params, None).unwrap();
    for (vehicle, in_lane, late_s) in [(1, 0, 0.0), (2, 1, 100.0)] {
        priority.receive(Message::Request(PriorityRequest {
            vehicle: FOREIGN_VEHICLE + vehicle,
            intersection: 0,
            in_lane,
            out_lane: 4 + in_lane,
            eta_s: 25.0,
            late_s: Some(late_s),
            occupancy: 60.0,
            class: VehicleClass::Bus,
            sequence: 0,
            line: "1".to_owned(),
        }));
    }
    for second in 0..60 {
        let now = f64::from(second);
        priority.step(&world, &[], &mut controllers, now);
        controllers.step(&Team::ALONE, &mut world, now);
    }
    let states = |vehicle: u32| -> Vec<RequestState> {
        let own = priority
            .events()
            .iter()
            .filter(|event| event.vehicle == FOREIGN_VEHICLE + vehicle);
        own.map(|event| event.state).collect()
    };
    assert_eq!(states(1), [RequestState::Requested, RequestState::Rejected]);
    assert!(
        states(2).contains(&RequestState::Granted),
        "{:?}",
        states(2)
    );
}
