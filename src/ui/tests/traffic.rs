//! Traffic: stories of vehicles, signals and streets, charts, settings, planned changes.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::result::Quality;
use crate::scenario::Edit;
use crate::text::{Language, texts};
use crate::traffic::TrafficParams;
use crate::traffic::params::{BusLane, BusPriority, CarFollowingChoice, PlanControl};
use crate::ui::action::{CameraMove, TrafficChart, TrafficPick};
use crate::ui::command::Command;
use crate::ui::traffic_story::{Body, Verdict};
use crate::ui::{Action, UiState};

use super::{Window, fixture};

const BUS: TrafficPick = TrafficPick::Vehicle(0);
const SIGNAL: TrafficPick = TrafficPick::Signal(0);
const STREET: TrafficPick = TrafficPick::Street(0);

fn tall(state: UiState) -> Window {
    Window::sized(state, Vec2::new(1280.0, 1800.0))
}

/// A text stands in the window.
fn says(window: &Window, text: &str) -> bool {
    let nodes = window.harness.root().children_recursive();
    nodes.into_iter().any(|node| {
        let node = node.accesskit_node();
        let value = node.value().unwrap_or_default();
        let label = node.label().unwrap_or_default();
        value.contains(text) || label.contains(text)
    })
}

fn facts(state: &UiState) -> Vec<(String, String)> {
    let facts = state.prepared.now.traffic.facts.iter();
    facts.map(|f| (f.name.clone(), f.value.clone())).collect()
}

#[test]
fn the_story_of_a_bus_comes_from_the_records() {
    let t = texts(Language::De);
    let mut state = fixture::picked(Language::De, BUS);
    let story = state.prepared.traffic.clone().unwrap();
    assert_eq!(story.title, "Bus · Linie 5");
    let Body::Vehicle(bus) = &story.body else {
        panic!("{story:?}")
    };
    let persons = bus
        .facts
        .iter()
        .find(|f| f.name == t.get("ui-traffic-persons"));
    assert!(persons.is_some_and(|f| f.assumed && f.value == "20,0"));
    let stops: Vec<(&str, &str)> = bus
        .stops
        .iter()
        .map(|stop| (stop.arrival.as_str(), stop.name.as_str()))
        .collect();
    assert_eq!(
        stops,
        [("0:00:20", "Rathausmarkt"), ("–", "Mönckebergstraße")]
    );
    // Only its own requests, in the order of time.
    let requests: Vec<(Verdict, &str)> = bus
        .requests
        .iter()
        .map(|request| (request.verdict, request.why.as_str()))
        .collect();
    let why = format!(
        "{}: {}",
        t.get("traffic-measure-extension"),
        t.get("traffic-reason-gain")
    );
    let refused = t.get("traffic-reason-budget");
    assert_eq!(
        requests,
        [
            (Verdict::Refused, refused.as_str()),
            (Verdict::Granted, why.as_str())
        ]
    );
    let [(minute, way, granted, name)] = bus.journey.signals.as_slice() else {
        panic!("{:?}", bus.journey)
    };
    assert_eq!(
        (*minute, *way, *granted, name.as_str()),
        (1.0, 300.0, true, "Ampel 26")
    );
    // Now: 55 s of 60 s to the first state, 12 s lost there.
    let value = |state: &UiState, key: &str| {
        let facts = facts(state);
        let found = facts.into_iter().find(|(name, _)| *name == t.get(key));
        found.unwrap().1
    };
    assert_eq!(value(&state, "ui-traffic-loss-now"), "11");
    assert_eq!(value(&state, "ui-traffic-speed"), "18");
    assert_eq!(value(&state, "ui-traffic-street"), "Steinstraße");
    assert_eq!(value(&state, "ui-traffic-next-stop"), "Mönckebergstraße");
    assert_eq!(value(&state, "ui-traffic-state"), "fährt");
    state.event.time_s = 25.0;
    state.refresh();
    assert_eq!(
        value(&state, "ui-traffic-state"),
        t.get("ui-traffic-at-stop")
    );
    assert_eq!(value(&state, "ui-traffic-next-stop"), "Rathausmarkt");
    state.event.time_s = 120.0;
    state.refresh();
    assert_eq!(value(&state, "ui-traffic-state"), "unterwegs");
    // The same story is not made again for another moment.
    assert!(std::sync::Arc::ptr_eq(
        &story,
        state.prepared.traffic.as_ref().unwrap()
    ));
}

#[test]
fn a_request_leads_to_its_moment_and_to_the_other_side() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = tall(fixture::picked(language, BUS));
        let granted = format!("0:00:52 · {}", t.get("traffic-status-granted"));
        assert_eq!(window.click(&granted), [Action::SetEventTime(52.0)]);
        let refused = format!("0:00:40 · {}", t.get("traffic-status-rejected"));
        assert_eq!(window.click(&refused), [Action::SetEventTime(40.0)]);
        assert!(says(&window, &t.get("traffic-reason-gain")));
        let name = t.with("ui-traffic-signal-name", &[("id", "26")]);
        let go = t.with("ui-traffic-go", &[("name", name)]);
        let mut found: Vec<_> = window.harness.get_all_by_label(&go).collect();
        assert_eq!(found.len(), 2);
        found.remove(0).click_accesskit();
        assert_eq!(window.take(), [Action::SelectTraffic(Some(SIGNAL))]);
        assert_eq!(window.click("Rathausmarkt"), [Action::SetEventTime(20.0)]);
        // Where it never was there is no moment to go to.
        assert_eq!(window.click("Mönckebergstraße"), []);
    }
}

#[test]
fn a_signal_tells_its_phase_its_groups_and_its_requests() {
    let t = texts(Language::De);
    let state = fixture::picked(Language::De, SIGNAL);
    let story = state.prepared.traffic.clone().unwrap();
    let Body::Signal(signal) = &story.body else {
        panic!("{story:?}")
    };
    // Who drives to the east comes from the west; both that drive to the north have different greens.
    let labels: Vec<&str> = signal.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["W ↑", "S ↑", "S ←"]);
    assert!(signal.rows[2].tip.contains("Steinstraße"));
    assert_eq!(signal.requests.len(), 3);
    assert_eq!(signal.requests[0].other, Some(BUS));
    assert_eq!(signal.requests[2].other, None, "no vehicle of this run");
    let facts = facts(&state);
    // 55 s: the fourth phase since 45 s, the next one at 60 s.
    let values: Vec<&str> = facts.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["4", "Gelb", "10", "5"]);
    let mut window = tall(state);
    let before = window.click(&t.get("ui-traffic-request-before"));
    assert_eq!(before, [Action::SetEventTime(52.0)]);
    let after = window.click(&t.get("ui-traffic-request-after"));
    assert_eq!(after, [Action::SetEventTime(61.0)]);
    let go = t.with("ui-traffic-go", &[("name", "Bus · Linie 5")]);
    assert_eq!(window.harness.query_all_by_label(&go).count(), 2);
    // The timeline: a click on it goes to its moment.
    let rect = window
        .harness
        .get_by_role_and_label(Role::Image, &t.get("ui-traffic-timeline"))
        .rect();
    let at = rect.right_center() - Vec2::new(4.0, 0.0);
    window.harness.drag_at(at);
    window.harness.run_steps(1);
    window.harness.drop_at(at);
    let clicked = window.take();
    let [Action::SetEventTime(time)] = clicked.as_slice() else {
        panic!("{clicked:?}")
    };
    assert!((110.0..=150.0).contains(time), "{time}");
}

#[test]
fn a_vehicle_is_looked_at_followed_and_left() {
    let t = texts(Language::De);
    let mut window = tall(fixture::picked(Language::De, BUS));
    let look = [Action::Camera(CameraMove::Focus)];
    assert_eq!(window.click(&t.get("ui-traffic-look")), look);
    assert_eq!(window.press(Modifiers::NONE, Key::F), look);
    assert_eq!(
        window.press(Modifiers::NONE, Key::C),
        [Action::Follow(true)]
    );
    let left = [Action::SelectTraffic(None)];
    assert_eq!(window.press(Modifiers::NONE, Key::Escape), left);
    assert_eq!(window.click(&t.get("ui-deselect")), left);
    // Only vehicles go anywhere.
    let signal = fixture::picked(Language::De, SIGNAL);
    assert_eq!(Command::Follow.effect(&signal), None);
}

#[test]
fn the_network_over_time_and_the_lists_lead_on() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = tall(fixture::traffic(language));
        assert_eq!(window.click(&t.get("ui-traffic-quantity")), []);
        assert_eq!(
            window.click(&t.get("ui-traffic-standing")),
            [Action::ShowTrafficChart(TrafficChart::Standing)]
        );
        // 50 s: 15 vehicles in the variant and in the baseline.
        let words = [
            ("time", "0:00:55".to_owned()),
            ("value", language.with_unit(15.0, 0, "")),
            ("baseline", language.with_unit(15.0, 0, "")),
        ];
        assert!(says(&window, &t.with("ui-traffic-chart-both", &words)));
        assert_eq!(window.click(&t.get("ui-traffic-buses")), []);
        let line = |line| {
            let class = t.get("traffic-one-bus");
            t.with(
                "ui-traffic-of-line",
                &[("class", class.as_str()), ("line", line)],
            )
        };
        let second = [Action::SelectTraffic(Some(TrafficPick::Vehicle(1)))];
        assert_eq!(window.click(&line("109")), second);
        assert_eq!(window.click(&t.get("ui-traffic-signals")), []);
        let signal = [Action::SelectTraffic(Some(SIGNAL))];
        assert_eq!(window.click("26"), signal);
    }
    let state = fixture::traffic(Language::De);
    let buses = &state.prepared.now.traffic.buses;
    let next: Vec<&str> = buses.iter().map(|bus| bus.2.as_str()).collect();
    assert_eq!(next, ["Mönckebergstraße", ""], "cars are no buses");
}

fn traffic(actions: &[Action]) -> TrafficParams {
    match actions {
        [Action::ReplaceScenario(scenario)] => scenario.traffic.clone().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn settings_change_in_one_step_each() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = tall(fixture::traffic(language));
        assert_eq!(window.click(&t.get("ui-traffic")), []);
        let runs = traffic(&window.type_number(&t.get("ui-traffic-seeds"), "3"));
        assert_eq!(runs.seeds, 3);
        let most = traffic(&window.type_number(&t.get("ui-traffic-seeds"), "900"));
        assert_eq!(most.seeds, 100);
        let bus = traffic(&window.type_number(&t.get("ui-traffic-bus-persons"), "35"));
        assert_eq!(bus.occupancy.bus, 35.0);
        let car = traffic(&window.type_number(&t.get("ui-traffic-car-persons"), "0"));
        assert_eq!(car.occupancy.car, 1.0, "priority needs one person");
        let end = traffic(&window.type_number(&t.get("ui-traffic-end"), "30"));
        assert_eq!(end.end_s, Some(1800.0));
        assert_eq!(window.click(&t.get("ui-traffic-following")), []);
        let idm = traffic(&window.click(&t.get("ui-traffic-idm")));
        assert_eq!(idm.car_following, CarFollowingChoice::Idm);
        for (key, quality) in [
            ("ui-traffic-run", Quality::Exact),
            ("ui-traffic-coarse", Quality::Coarse),
        ] {
            let wanted = [Action::RunOne("traffic", quality)];
            assert_eq!(window.click(&t.get(key)), wanted);
        }
        assert_eq!(
            window.press(Modifiers::NONE, Key::F8),
            [Action::RunOne("traffic", Quality::Exact)]
        );
        let added = window.click(&t.get("ui-traffic-add-priority"));
        let all = Edit::BusPriority(BusPriority::default());
        assert_eq!(added, [Action::AddEdit(1, all)]);
        let added = window.click(&t.get("ui-traffic-add-headway"));
        assert!(
            matches!(added.as_slice(), [Action::AddEdit(1, Edit::Headway(h))] if h.line == "5")
        );
    }
}

#[test]
fn priority_is_switched_at_a_signal_and_for_a_line() {
    let t = texts(Language::De);
    let here = t.get("ui-traffic-priority-here");
    let priority = |signals: &[&str], lines: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        Edit::BusPriority(BusPriority {
            signals: list(signals),
            lines: list(lines),
            ..BusPriority::default()
        })
    };
    let mut none = tall(fixture::with_edits(
        fixture::picked(Language::De, SIGNAL),
        Vec::new(),
    ));
    let added = [Action::AddEdit(1, priority(&["26"], &[]))];
    assert_eq!(none.click(&here), added);
    // The only signal of all: without it nobody gives way.
    let mut all = tall(fixture::with_edits(
        fixture::picked(Language::De, SIGNAL),
        vec![priority(&[], &[])],
    ));
    assert_eq!(all.click(&here), [Action::DeleteEdit(1, 0)]);
    let mut line = tall(fixture::with_edits(
        fixture::picked(Language::De, BUS),
        vec![priority(&[], &[])],
    ));
    let name = t.with("ui-traffic-priority-line", &[("line", "5")]);
    assert_eq!(
        line.click(&name),
        [Action::ReplaceEdit {
            variant: 1,
            edit: 0,
            with: priority(&[], &["109"]),
            done: true,
        }]
    );
}

#[test]
fn a_programme_is_taken_over_and_its_times_are_set() {
    let t = texts(Language::De);
    let mut window = tall(fixture::with_edits(
        fixture::picked(Language::De, SIGNAL),
        Vec::new(),
    ));
    let added = window.click(&t.get("ui-traffic-change-plan"));
    let [Action::AddEdit(1, edit)] = added.as_slice() else {
        panic!("{added:?}")
    };
    let Edit::SignalPlan(plan) = edit else {
        panic!("{edit:?}")
    };
    assert_eq!((plan.signal.as_str(), plan.offset_s), ("26", 3.0));
    assert_eq!(plan.phases.len(), 4);
    assert_eq!(plan.phases[0].state, "Grr");
    assert_eq!(plan.phases[0].min_s, None, "a fixed phase has one duration");
    // With the edit there, the signal shows its times: those of greens only.
    let mut window = tall(fixture::with_edits(
        fixture::picked(Language::De, SIGNAL),
        vec![edit.clone()],
    ));
    let replaced = |actions: Vec<Action>| match actions.as_slice() {
        [
            Action::ReplaceEdit {
                with: Edit::SignalPlan(plan),
                done: true,
                ..
            },
        ] => plan.clone(),
        other => panic!("{other:?}"),
    };
    let name = |n| t.with("ui-phase-duration", &[("phase", n)]);
    let longer = replaced(window.type_number(&name("3"), "24"));
    assert_eq!(longer.phases[2].duration_s, 24.0);
    let amber = window.harness.query_all_by_label(&name("2")).count();
    assert_eq!(amber, 0);
    assert_eq!(window.click(&t.get("ui-traffic-control")), []);
    let actuated = replaced(window.click(&t.get("traffic-control-actuated")));
    assert_eq!(actuated.control, PlanControl::Actuated);
}

#[test]
fn a_street_is_closed_opened_and_loses_a_lane_to_buses() {
    let t = texts(Language::De);
    let close = t.get("ui-traffic-close");
    let mut window = tall(fixture::with_edits(
        fixture::picked(Language::De, STREET),
        Vec::new(),
    ));
    let closed = window.click(&close);
    let [Action::AddEdit(1, edit)] = closed.as_slice() else {
        panic!("{closed:?}")
    };
    assert!(matches!(edit, Edit::StreetClosure(c) if c.streets == ["e1"]));
    let lane = BusLane {
        edge: "e1".to_owned(),
        lane: 1,
    };
    let name = |n: &str| t.with("ui-traffic-bus-lane", &[("lane", n)]);
    let made = window.click(&name("2"));
    assert_eq!(made, [Action::AddEdit(1, Edit::BusLane(lane.clone()))]);
    let mut window = tall(fixture::with_edits(
        fixture::picked(Language::De, STREET),
        vec![edit.clone(), Edit::BusLane(lane)],
    ));
    assert_eq!(window.click(&close), [Action::DeleteEdit(1, 0)]);
    assert_eq!(window.click(&name("2")), [Action::DeleteEdit(1, 1)]);
    // In the baseline nothing is planned.
    let mut base = fixture::picked(Language::De, STREET);
    base.variant = 0;
    base.refresh();
    let window = tall(base);
    assert_eq!(window.harness.query_all_by_label(&close).count(), 0);
}

#[test]
fn nothing_moves_while_the_clock_runs() {
    for pick in [BUS, SIGNAL] {
        let place = |time_s: f64| -> Vec<String> {
            let mut state = fixture::picked(Language::De, pick);
            state.event.time_s = time_s;
            state.refresh();
            let window = tall(state);
            let controls = window.controls().into_iter();
            // Messages near the clock come and go below.
            let above = controls.filter(|control| !control.0.contains("0:0"));
            above
                .map(|(label, _, rect, _)| format!("{label} {:.0}", rect.left()))
                .collect()
        };
        assert_eq!(place(55.0), place(58.0), "{pick:?}");
    }
}
