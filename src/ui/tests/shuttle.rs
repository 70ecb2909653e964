//! Shuttles: requests and stops on the map with their stories, the panel.

use egui::Vec2;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::text::{Language, texts};
use crate::ui::action::TrafficPick;
use crate::ui::shuttle_legend::{AREA, STOP};
use crate::ui::traffic_story::{Body, pick_name};
use crate::ui::{Action, UiState};

use super::{Window, fixture};

const SERVED: TrafficPick = TrafficPick::Request(0);
const REJECTED: TrafficPick = TrafficPick::Request(1);
const SHUTTLE: TrafficPick = TrafficPick::Vehicle(0);
const STOP_PICK: TrafficPick = TrafficPick::Stop(0);

fn tall(state: UiState) -> Window {
    Window::sized(state, Vec2::new(1280.0, 1800.0))
}

#[test]
fn a_request_tells_what_became_of_it_step_by_step() {
    for language in Language::ALL {
        let t = texts(language);
        let state = fixture::shuttles(language, Some(SERVED));
        let story = state.prepared.traffic.clone().unwrap();
        let Body::Request(request) = &story.body else {
            panic!("{story:?}")
        };
        assert_eq!(request.outcome, t.get("shuttle-served"));
        // In the order of time, though the pickup was told for later than it came.
        let times: Vec<&str> = request.steps.iter().map(|s| s.arrival.as_str()).collect();
        assert_eq!(
            times,
            ["0:00:10", "0:00:20", "0:00:40", "0:00:45", "0:01:40"]
        );
        let value = |key: &str| {
            let wanted = t.get(key).to_lowercase();
            let mut facts = request.facts.iter();
            let fact = facts.find(|fact| fact.name.to_lowercase() == wanted);
            fact.map(|fact| fact.value.clone())
        };
        assert_eq!(value("ui-shuttle-wait-of-one").as_deref(), Some("20"));
        assert_eq!(value("column-shuttle-ride").as_deref(), Some("50"));
        let now = &state.prepared.now.traffic.facts;
        assert_eq!(now[0].value, t.get("shuttle-wish-waits"));

        let name = |pick| pick_name(&fixture::shuttle_movement(), pick, t).unwrap();
        let mut window = tall(state);
        for pick in [SHUTTLE, STOP_PICK, TrafficPick::Stop(1)] {
            let clicked = window.click(&name(pick));
            assert_eq!(clicked, [Action::SelectTraffic(Some(pick))]);
        }
        let alights = request.steps.last().unwrap();
        assert_eq!(window.click(&alights.name), [Action::SetEventTime(100.0)]);
    }
}

#[test]
fn a_rejected_request_names_its_reason_and_has_no_ride() {
    let t = texts(Language::De);
    let mut state = fixture::shuttles(Language::De, Some(REJECTED));
    let reason = t.get("shuttle-reason-wait");
    let story = state.prepared.traffic.clone().unwrap();
    let Body::Request(request) = &story.body else {
        panic!("{story:?}")
    };
    assert!(request.rejected && request.outcome.contains(&reason));
    assert_eq!((request.steps.len(), request.others.len()), (1, 0));
    assert!(
        !request
            .facts
            .iter()
            .any(|fact| fact.unit == "s" && fact.value == "NaN")
    );
    let name = pick_name(&fixture::shuttle_movement(), REJECTED, t).unwrap();
    assert!(name.contains("18") && name.contains(&reason));
    // Before it asked it does nothing yet.
    let doing = |state: &UiState| state.prepared.now.traffic.facts[0].value.clone();
    assert_eq!(doing(&state), t.get("shuttle-rejected"));
    state.event.time_s = 5.0;
    state.refresh();
    assert_eq!(doing(&state), t.get("shuttle-wish-before"));
}

#[test]
fn lists_lead_to_requests_and_rejected_ones_to_their_moment() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = tall(fixture::shuttles(language, None));
        window.click(&t.get("ui-shuttle-wishes"));
        let served = t.with("ui-shuttle-request", &[("id", "17")]);
        assert_eq!(window.click(&served), [Action::SelectTraffic(Some(SERVED))]);
        window.click(&t.get("ui-shuttle-turned-away"));
        let reason = t.get("shuttle-reason-wait");
        let told = window.controls().into_iter().map(|control| control.1);
        assert_eq!(told.filter(|tip| tip.contains(&reason)).count(), 1);
        let rejected = t.with("ui-shuttle-request", &[("id", "18")]);
        assert_eq!(
            window.click(&format!("0:00:30 · {rejected}")),
            [
                Action::SelectTraffic(Some(REJECTED)),
                Action::SetEventTime(30.0)
            ]
        );
    }
}

#[test]
fn passengers_of_a_shuttle_and_of_a_stop_lead_to_their_requests() {
    let t = texts(Language::De);
    for pick in [SHUTTLE, STOP_PICK] {
        let mut window = tall(fixture::shuttles(Language::De, Some(pick)));
        let who = t.with("ui-shuttle-request", &[("id", "17")]);
        let go = t.with("ui-traffic-go", &[("name", who)]);
        assert_eq!(window.click(&go), [Action::SelectTraffic(Some(SERVED))]);
    }
    let state = fixture::shuttles(Language::De, Some(STOP_PICK));
    // Two persons wait there at 30 seconds.
    assert_eq!(state.prepared.now.traffic.facts[0].value, "2");
    let other = fixture::shuttles(Language::De, Some(TrafficPick::Stop(1)));
    let story = other.prepared.traffic.clone().unwrap();
    let Body::Stop(stop) = &story.body else {
        panic!("{story:?}")
    };
    assert!(stop.requests.is_empty());
    let counts: Vec<&str> = stop.facts.iter().map(|f| f.value.as_str()).collect();
    assert_eq!(counts, ["0", "1"]);
}

#[test]
fn the_legend_names_the_marks_that_are_there() {
    let state = fixture::shuttles(Language::De, None);
    let colours = |state: &UiState| -> Vec<[u8; 3]> {
        let marks = state.prepared.world.marks.iter();
        marks.map(|mark| mark.0).collect()
    };
    let shown = colours(&state);
    assert!(shown.len() == 6 && shown.contains(&STOP) && shown.contains(&AREA));
    let mut unique = shown.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), shown.len(), "two marks of one colour");
    let mut without = state.clone();
    let mut scenario = (**without.snapshot.scenario.as_ref().unwrap()).clone();
    scenario.shuttles.as_mut().unwrap().area.clear();
    without.snapshot.scenario = Some(std::sync::Arc::new(scenario));
    without.refresh();
    assert!(!colours(&without).contains(&AREA));
    assert!(colours(&fixture::traffic(Language::De)).is_empty());
}

#[test]
fn the_panel_outlines_the_area_and_cuts_no_label() {
    for language in Language::ALL {
        let t = texts(language);
        let mut window = tall(fixture::shuttles(language, None));
        let title = t.get("report-shuttle");
        let told = window.click(&title);
        // Said until the window has taken it over.
        assert!(!told.is_empty());
        let opens = |action: &Action| *action == Action::OutlineShuttles(true);
        assert!(told.iter().all(opens), "{told:?}");
        for key in ["ui-shuttle-wait", "ui-shuttle-detour"] {
            let label = t.get(key);
            let nodes = window.harness.query_all_by_label(&label);
            let nodes = nodes.filter(|n| n.accesskit_node().role() == Role::Label);
            let widest = nodes.map(|node| node.rect().width()).fold(0.0, f32::max);
            // The letters need some seven points each.
            let wanted = 5.0 * label.chars().count() as f32;
            assert!(widest > wanted, "{language:?} {key}: {widest}");
        }
    }
}
