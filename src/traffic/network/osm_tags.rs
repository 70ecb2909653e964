//! What the tags of an OpenStreetMap way say about its lanes.

use super::streets::{BUS_LANE, LANE_WIDTH_M, ROAD, Rank, StreetLane, TurnSet};
use crate::city::osm_elements::Tags;
use crate::traffic::network::ClassSet;
use crate::traffic::sumo::Notes;

/// Most lanes of one direction that are believed.
const MOST_LANES: usize = 8;

/// What a way is for traffic.
pub(super) enum Use {
    /// Cars or buses drive here.
    Drive(Box<Way>),
    /// A way with `highway` that is not for them.
    LeftOut,
    /// No `highway`.
    NoStreet,
}

/// A way that is driven.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Way {
    /// Id.
    pub id: String,
    /// Name, else reference number.
    pub name: String,
    /// Rank.
    pub rank: Rank,
    /// Lanes along the nodes, rightmost first.
    pub forward: Vec<StreetLane>,
    /// Lanes against them.
    pub backward: Vec<StreetLane>,
    /// Limit (m/s).
    pub speed_m_s: f32,
    /// Ring of a roundabout.
    pub roundabout: bool,
}

/// Which directions are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Oneway {
    No,
    Forward,
    Backward,
}

impl Way {
    /// Reads a way.
    pub fn read(id: &str, tags: &Tags, place: &str, notes: &mut Notes) -> Use {
        let Some(class) = tags.get("highway") else {
            return Use::NoStreet;
        };
        let Some(rank) = Rank::of_highway(class) else {
            return Use::LeftOut;
        };
        let allowed = access(class, tags);
        // Yards, driveways and rows of parking places are no streets; those of buses are.
        let minor = class == "service" && !bus_may(tags);
        if allowed.0 == 0 || minor || tags.get("area") == Some("yes") {
            return Use::LeftOut;
        }
        let mut note = |code: &'static str| notes.add(code, id, place.to_owned(), Vec::new());
        let roundabout = matches!(tags.get("junction"), Some("roundabout" | "circular"));
        let oneway = oneway(class, roundabout, tags);
        let speed = match limit_km_h(tags) {
            Some(speed) => speed,
            None => {
                note("speed-guessed");
                rank.default_speed_km_h()
            }
        };
        let (ahead, against) = lane_counts(oneway, tags);
        if tags
            .get("lanes")
            .and_then(|text| text.parse::<usize>().ok())
            .is_none()
            && tags.get("lanes:forward").is_none()
        {
            note("lanes-guessed");
        }
        let mut fits = true;
        let mut lanes = |count: usize, suffix: &str, own: bool| -> Vec<StreetLane> {
            let (lanes, fitting) = lanes_of(count, suffix, own, allowed, oneway, tags);
            fits &= fitting;
            lanes
        };
        let mut forward = lanes(ahead, ":forward", oneway == Oneway::Forward);
        let mut backward = lanes(against, ":backward", oneway == Oneway::Backward);
        if !fits {
            note("lane-tags-changed");
        }
        // Buses may drive against some one-way streets, on a lane of their own.
        let contraflow = ["oneway:bus", "oneway:psv"]
            .iter()
            .any(|key| tags.get(key) == Some("no"));
        if contraflow && oneway == Oneway::Forward {
            backward = vec![StreetLane::bus()];
        } else if contraflow && oneway == Oneway::Backward {
            forward = vec![StreetLane::bus()];
        }
        Use::Drive(Box::new(Self {
            id: id.to_owned(),
            name: tags
                .get("name")
                .or_else(|| tags.get("ref"))
                .unwrap_or_default()
                .to_owned(),
            rank,
            forward,
            backward,
            speed_m_s: speed / 3.6,
            roundabout,
        }))
    }
}

/// Value of the first key that is there.
fn first<'a>(tags: &'a Tags, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| tags.get(key))
}

fn bus_may(tags: &Tags) -> bool {
    matches!(
        first(tags, &["bus", "psv"]),
        Some("yes" | "designated" | "official")
    )
}

/// Who may use a way: the most special key that says something about cars, then about buses.
fn access(class: &str, tags: &Tags) -> ClassSet {
    let said = first(tags, &["motorcar", "motor_vehicle", "vehicle", "access"]);
    let closed = matches!(
        said,
        Some(
            "no" | "private"
                | "permit"
                | "agricultural"
                | "forestry"
                | "agricultural;forestry"
                | "delivery"
                | "customers"
                | "emergency"
                | "military"
        )
    );
    if class == "busway" || closed {
        return if class == "busway" || bus_may(tags) {
            BUS_LANE
        } else {
            ClassSet(0)
        };
    }
    ROAD
}

fn oneway(class: &str, roundabout: bool, tags: &Tags) -> Oneway {
    match tags.get("oneway") {
        Some("yes" | "true" | "1") => Oneway::Forward,
        Some("-1" | "reverse") => Oneway::Backward,
        // `alternating` and `reversible` are open in both directions over the day.
        Some(_) => Oneway::No,
        None if roundabout || matches!(class, "motorway" | "motorway_link") => Oneway::Forward,
        None => Oneway::No,
    }
}

/// Limit (km/h) of the tags; `None` when they say nothing or something unknown.
fn limit_km_h(tags: &Tags) -> Option<f32> {
    let keys = [
        "maxspeed",
        "maxspeed:forward",
        "maxspeed:backward",
        "zone:maxspeed",
        "maxspeed:type",
        "source:maxspeed",
    ];
    keys.iter()
        .filter_map(|key| tags.get(key))
        .find_map(speed_km_h)
}

/// Limit (km/h) of a value: a number, miles, or a word of the German rules.
fn speed_km_h(text: &str) -> Option<f32> {
    let text = text.trim();
    let number = |text: &str| {
        text.trim()
            .parse::<f32>()
            .ok()
            .filter(|v| (1.0..=300.0).contains(v))
    };
    if let Some(miles) = text.strip_suffix("mph") {
        return number(miles).map(|miles| miles * 1.609_344);
    }
    if let Some(found) = number(text.strip_suffix("km/h").unwrap_or(text)) {
        return Some(found);
    }
    let rule = text.split_once(':').map_or(text, |(_, rule)| rule);
    let zone = rule.trim_start_matches("zone").trim_start_matches(':');
    match rule {
        "walk" | "living_street" => Some(7.0),
        "urban" => Some(50.0),
        "rural" => Some(100.0),
        "none" | "motorway" => Some(130.0),
        "bicycle_road" => Some(30.0),
        _ => number(zone),
    }
}

fn count(tags: &Tags, key: &str) -> Option<usize> {
    let value = tags.get(key)?.trim().parse::<f64>().ok()?;
    // "1.5" stands for one narrow lane in use.
    (value >= 0.0).then_some((value as usize).min(2 * MOST_LANES))
}

/// Lanes along the nodes and against them.
fn lane_counts(oneway: Oneway, tags: &Tags) -> (usize, usize) {
    let all = count(tags, "lanes");
    let listed = |suffix: &str| {
        let keys = ["turn:lanes", "bus:lanes", "psv:lanes", "vehicle:lanes"];
        keys.iter()
            .find_map(|key| tags.get(&format!("{key}{suffix}")))
            .map(|text| text.split('|').count())
    };
    let ahead = count(tags, "lanes:forward");
    let against = count(tags, "lanes:backward");
    let within = |lanes: usize| lanes.clamp(1, MOST_LANES);
    match oneway {
        Oneway::Forward => (within(all.or(ahead).or(listed("")).unwrap_or(1)), 0),
        Oneway::Backward => (0, within(all.or(against).or(listed("")).unwrap_or(1))),
        Oneway::No => {
            let total = all.unwrap_or(2).max(2);
            let ahead = ahead
                .or_else(|| against.map(|against| total.saturating_sub(against)))
                .or_else(|| listed(":forward"))
                .or_else(|| listed(":backward").map(|against| total.saturating_sub(against)))
                // An odd lane belongs to nobody that the tags name; the direction of the nodes gets it.
                .unwrap_or(total.div_ceil(2));
            let against = against.unwrap_or(total.saturating_sub(ahead));
            (within(ahead), within(against))
        }
    }
}

/// Entries of a tag by lane, rightmost first.
fn by_lane<'a>(tags: &'a Tags, key: &str, suffix: &str, own: bool) -> Option<Vec<&'a str>> {
    let plain = if own { tags.get(key) } else { None };
    let text = tags.get(&format!("{key}{suffix}")).or(plain)?;
    let mut entries: Vec<&str> = text.split('|').map(str::trim).collect();
    entries.reverse();
    Some(entries)
}

/// Lanes of one direction, rightmost first; false when tags by lane did not fit their number. `own`: the way is one-way in this direction,
/// so that tags without a direction are meant for it.
fn lanes_of(
    count: usize,
    suffix: &str,
    own: bool,
    allowed: ClassSet,
    oneway: Oneway,
    tags: &Tags,
) -> (Vec<StreetLane>, bool) {
    let mut lanes = vec![
        StreetLane {
            allowed,
            turns: TurnSet::default(),
            width_m: LANE_WIDTH_M
        };
        count
    ];
    if count == 0 {
        return (lanes, true);
    }
    let mut fits = true;
    let open = ["motor_vehicle:lanes", "vehicle:lanes", "access:lanes"]
        .iter()
        .find_map(|key| by_lane(tags, key, suffix, own));
    let bus = ["bus:lanes", "psv:lanes"]
        .iter()
        .find_map(|key| by_lane(tags, key, suffix, own));
    // Lanes for bicycles have entries in the tags by lane, but do not count in `lanes`.
    let closed = |at: usize| {
        open.as_ref()
            .is_some_and(|open| matches!(open.get(at), Some(&"no")))
            && !bus
                .as_ref()
                .is_some_and(|bus| matches!(bus.get(at), Some(&("yes" | "designated"))))
    };
    let mut fitting = |entries: Option<Vec<&str>>| -> Option<Vec<String>> {
        let entries = entries?;
        let all: Vec<String> = entries.iter().map(|&entry| entry.to_owned()).collect();
        if all.len() == count {
            return Some(all);
        }
        let kept: Vec<String> = all
            .iter()
            .enumerate()
            .filter(|(at, _)| !closed(*at))
            .map(|(_, entry)| entry.clone())
            .collect();
        fits &= kept.len() == count;
        (kept.len() == count).then_some(kept)
    };
    let turns = fitting(by_lane(tags, "turn:lanes", suffix, own));
    let buses = fitting(bus.clone());
    let opened = fitting(open.clone());
    for (at, lane) in lanes.iter_mut().enumerate() {
        if let Some(turns) = &turns {
            lane.turns = painted(&turns[at]);
        }
        let entry = |list: &Option<Vec<String>>| list.as_ref().map(|list| list[at].clone());
        let open_to_all = matches!(entry(&opened).as_deref(), Some("yes" | "designated"));
        if entry(&buses).as_deref() == Some("designated") && !open_to_all && allowed != BUS_LANE {
            lane.allowed = BUS_LANE;
        }
    }
    // Without tags by lane: a number of bus lanes, or `busway=lane`; they are the rightmost ones.
    if buses.is_none() {
        let number = ["lanes:bus", "lanes:psv"]
            .iter()
            .find_map(|key| {
                let sided = self::count(tags, &format!("{key}{suffix}"));
                sided.or_else(|| if own { self::count(tags, key) } else { None })
            })
            .unwrap_or_else(|| usize::from(busway(suffix, oneway, tags)));
        for lane in lanes.iter_mut().take(number.min(count.saturating_sub(1))) {
            lane.allowed = BUS_LANE;
        }
    }
    (lanes, fits)
}

/// True when `busway` puts a bus lane on the right of this direction.
fn busway(suffix: &str, oneway: Oneway, tags: &Tags) -> bool {
    let lane = |key: &str| tags.get(key) == Some("lane");
    let both = lane("busway") || lane("busway:both");
    match (oneway, suffix) {
        (Oneway::No, ":backward") => both || lane("busway:left"),
        _ => both || lane("busway:right"),
    }
}

/// Turns of an entry of `turn:lanes`.
fn painted(text: &str) -> TurnSet {
    text.split(';').fold(TurnSet::default(), |set, word| {
        set.and(match word.trim() {
            "left" | "slight_left" | "sharp_left" | "next_left" => TurnSet::LEFT,
            "right" | "slight_right" | "sharp_right" | "next_right" => TurnSet::RIGHT,
            // Turning round at a crossing is left to dead ends; merging goes straight on.
            "reverse" => TurnSet::default(),
            _ => TurnSet::THROUGH,
        })
    })
}
