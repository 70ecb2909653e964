//! Stories of requests for shuttles and of their stops, in words.

use crate::result::movement::Movement;
use crate::result::wish::{WishState, WishStory};
use crate::text::Texts;

use super::action::TrafficPick;
use super::prepare::Fact;
use super::traffic_story::{
    Body, RequestRow, StopRow, Told, Verdict, clock, fact, pick_name, street_name,
};

/// A request.
#[derive(Clone, Debug, Default)]
pub struct RequestView {
    /// What became of it, in a sentence.
    pub outcome: String,
    /// It was turned away.
    pub rejected: bool,
    /// What happened, in the order of time.
    pub steps: Vec<StopRow>,
    /// What leads on: its shuttle and its stops, with their names.
    pub others: Vec<(TrafficPick, String)>,
    /// Facts.
    pub facts: Vec<Fact>,
}

/// A stop.
#[derive(Clone, Debug, Default)]
pub struct StopView {
    /// Facts.
    pub facts: Vec<Fact>,
    /// Requests that board there, in the order of the time.
    pub requests: Vec<RequestRow>,
}

/// Name of a request with what became of it: `Anfrage 17 · befördert`.
pub(super) fn request_name(movement: &Movement, number: u32, t: &Texts) -> Option<String> {
    let wish = movement.stories.wishes.get(number as usize)?;
    let name = t.with("ui-shuttle-request", &[("id", wish.request.as_str())]);
    Some(format!("{name} · {}", became(wish, t)))
}

/// `befördert`, `abgelehnt: Wartezeit zu lang`.
pub(super) fn became(wish: &WishStory, t: &Texts) -> String {
    let outcome = t.get(wish.outcome);
    match wish.reason {
        Some(reason) => format!("{outcome}: {}", t.get(reason)),
        None => outcome,
    }
}

/// Name of a stop: `Halt Kaistraße`.
pub(super) fn stop_name(movement: &Movement, number: u32, t: &Texts) -> Option<String> {
    let stop = movement.roads.stops.get(number as usize)?;
    Some(t.with("ui-shuttle-stop-name", &[("name", stop.name.as_str())]))
}

/// The story of a request.
pub(super) fn request_told(movement: &Movement, number: u32, t: &Texts) -> Option<Told> {
    let wish = movement.stories.wishes.get(number as usize)?;
    let language = t.language();
    let seconds = |value: f32| language.number(f64::from(value), 0);
    let mut steps = vec![step(t, "column-shuttle-asked", wish.asked_s, None)];
    let [from, to] = match wish.halts {
        Some(halts) => halts.map(|halt| Some(street_name(movement, halt.street))),
        None => [None, None],
    };
    if wish.reason.is_none() {
        steps.extend([
            step(t, "column-shuttle-told", wish.told_s, None),
            step(t, "column-shuttle-ready", wish.ready_s, from.clone()),
            step(t, "column-shuttle-boards", wish.boards_s, from),
            step(t, "column-shuttle-alights", wish.alights_s, to),
        ]);
        // A time that was told lies behind the one at which the person is ready.
        steps.sort_by(|a, b| {
            let time = |row: &StopRow| row.time_s.unwrap_or(f64::INFINITY);
            time(a).total_cmp(&time(b))
        });
    }
    let mut facts = vec![fact(
        t,
        "column-shuttle-persons",
        wish.persons.to_string(),
        "",
    )];
    if wish.wheelchairs > 0 {
        let count = wish.wheelchairs.to_string();
        facts.push(fact(t, "column-shuttle-wheelchairs", count, ""));
    }
    let ride_s = wish.alights_s - wish.boarded_s;
    for (key, value) in [
        ("ui-shuttle-wait-of-one", wish.boards_s - wish.ready_s),
        ("column-shuttle-walk", wish.walk_s),
        ("column-shuttle-ride", ride_s),
        ("column-shuttle-direct", wish.direct_s),
    ] {
        if value.is_finite() {
            facts.push(fact(t, key, seconds(value), "s"));
        }
    }
    if ride_s.is_finite() {
        let yes = if wish.shared {
            "shuttle-yes"
        } else {
            "shuttle-no"
        };
        let detour = f64::from(ride_s / wish.direct_s.max(1.0));
        let detour = language.number(detour, 2);
        facts.push(fact(t, "column-shuttle-detour", detour, ""));
        facts.push(fact(t, "column-shuttle-shared-ride", t.get(yes), ""));
        facts.push(fact(t, "column-shuttle-moves", wish.moves.to_string(), ""));
    }
    // Heads of columns begin small.
    for fact in &mut facts {
        fact.name = first_upper(&fact.name);
    }
    let stops = wish
        .halts
        .into_iter()
        .flatten()
        .filter_map(|halt| halt.stop);
    let picks = wish.vehicle.map(TrafficPick::Vehicle);
    let picks = picks.into_iter().chain(stops.map(TrafficPick::Stop));
    let others = picks.filter_map(|pick| Some((pick, pick_name(movement, pick, t)?)));
    let body = Body::Request(RequestView {
        outcome: became(wish, t),
        rejected: wish.reason.is_some(),
        steps,
        others: others.collect(),
        facts,
    });
    let title = t.with("ui-shuttle-request", &[("id", wish.request.as_str())]);
    Some((title, wish.request.clone(), body))
}

fn step(t: &Texts, key: &str, time_s: f32, street: Option<String>) -> StopRow {
    let what = first_upper(&t.get(key));
    StopRow {
        name: match street {
            Some(street) => format!("{what} · {street}"),
            None => what,
        },
        arrival: clock(time_s),
        stays: String::new(),
        late: String::new(),
        time_s: (!time_s.is_nan()).then_some(f64::from(time_s).max(0.0)),
    }
}

/// The text with a large first letter.
fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase());
    first.into_iter().flatten().chain(letters).collect()
}

/// The story of a stop: who boards there, and how long they wait.
pub(super) fn stop_told(movement: &Movement, number: u32, t: &Texts) -> Option<Told> {
    let stop = movement.roads.stops.get(number as usize)?;
    let wishes = || movement.stories.wishes.iter().enumerate();
    let halts_at = |wish: &WishStory, end: usize| {
        let halt = wish.halts.map(|halts| halts[end]);
        halt.is_some_and(|halt| halt.stop == Some(number))
    };
    let mut boarding: Vec<(usize, &WishStory)> = wishes()
        .filter(|(_, wish)| !wish.boards_s.is_nan() && halts_at(wish, 0))
        .collect();
    boarding.sort_by(|a, b| a.1.boards_s.total_cmp(&b.1.boards_s));
    let alighting = wishes().filter(|(_, wish)| !wish.alights_s.is_nan() && halts_at(wish, 1));
    let language = t.language();
    let mut facts = vec![
        fact(
            t,
            "column-shuttle-boardings",
            boarding.len().to_string(),
            "",
        ),
        fact(
            t,
            "column-shuttle-alightings",
            alighting.count().to_string(),
            "",
        ),
    ];
    if !boarding.is_empty() {
        let waits = boarding.iter();
        let sum: f32 = waits.map(|(_, wish)| wish.boards_s - wish.ready_s).sum();
        let mean = f64::from(sum) / boarding.len() as f64;
        facts.push(fact(
            t,
            "column-shuttle-wait",
            language.number(mean, 0),
            "s",
        ));
    }
    let requests = boarding.into_iter().map(|(number, wish)| {
        let seconds = |value: f32| language.with_unit(f64::from(value), 0, "s");
        let wait = seconds(wish.boards_s - wish.ready_s);
        RequestRow {
            time_s: f64::from(wish.boards_s),
            time: clock(wish.boards_s),
            who: t.with("ui-shuttle-request", &[("id", wish.request.as_str())]),
            status: t.with("ui-shuttle-waited", &[("wait", wait)]),
            verdict: Verdict::Granted,
            helped: false,
            why: String::new(),
            numbers: became(wish, t),
            other: Some(TrafficPick::Request(number as u32)),
        }
    });
    let requests = requests.collect();
    let title = stop_name(movement, number, t)?;
    let body = Body::Stop(StopView { facts, requests });
    Some((title, stop.name.clone(), body))
}

/// What the person of a request does now.
pub(super) fn request_now(movement: &Movement, number: u32, time_s: f32, t: &Texts) -> Vec<Fact> {
    let Some(wish) = movement.stories.wishes.get(number as usize) else {
        return Vec::new();
    };
    let key = match wish.at(time_s) {
        Some(state) => state.key(),
        None if time_s < wish.asked_s => "shuttle-wish-before",
        None if time_s < wish.leave_s => "shuttle-wish-booked",
        None => wish.outcome,
    };
    vec![fact(t, "ui-traffic-state", t.get(key), "")]
}

/// Who waits at a stop now.
pub(super) fn stop_now(movement: &Movement, number: u32, time_s: f32, t: &Texts) -> Vec<Fact> {
    let waits = movement.stories.wishes.iter().filter(|wish| {
        let here = wish
            .halts
            .is_some_and(|[from, _]| from.stop == Some(number));
        here && wish.at(time_s) == Some(WishState::Waits)
    });
    let persons: u32 = waits.map(|wish| u32::from(wish.persons)).sum();
    vec![fact(t, "ui-shuttle-waiting-here", persons.to_string(), "")]
}

/// Requests on the map at a time that were not turned away: number, name, what the person does.
pub(super) fn wishes_now(
    movement: &Movement,
    time_s: f32,
    t: &Texts,
) -> Vec<(u32, String, String)> {
    let wishes = movement.stories.wishes.iter().enumerate();
    let shown = wishes.filter_map(|(number, wish)| {
        let state = wish.at(time_s)?;
        let name = t.with("ui-shuttle-request", &[("id", wish.request.as_str())]);
        (state != WishState::Rejected).then(|| (number as u32, name, t.get(state.key())))
    });
    shown.collect()
}
