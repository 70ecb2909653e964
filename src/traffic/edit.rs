//! Applies the planned changes of a variant to network and demand. Plain functions: what they cannot do is one error, what they had to leave out
//! is counted in [`Effects`].

use std::collections::BTreeSet;

use crate::geo::ring::contains;
use crate::scenario::{nearest, shown};

use super::demand::{Demand, Trip};
use super::error::TrafficError;
use super::kernel::roads::Roads;
use super::network::{Aspect, ClassSet, Network, Phase, ProgramKind, SignalProgram, VehicleClass};
use super::params::{
    BusLane, BusPriority, Headway, PlanControl, SignalPlan, StreetClosure, TrafficParams,
};
use super::routing::{Query, Router};
use super::signals::priority::PriorityParams;

/// What changes did besides what they were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Edges that nobody, or only buses, may use any more.
    pub closed_edges: usize,
    /// Trips left out because they begin or end where their vehicle may not drive.
    pub trips_removed: usize,
    /// Trips with a given route that got a way around.
    pub trips_rerouted: usize,
    /// Calls left out because their stop cannot be reached.
    pub calls_removed: usize,
    /// Journeys of lines before and after a change of the headway.
    pub journeys: [usize; 2],
}

/// Largest gap between vehicles (s) that keeps a green, and travel time (s) from detector to line: SUMO's defaults.
const GAPS_S: [f64; 2] = [3.0, 2.0];

/// Edges that a way around leaves or reaches earlier or later than the closure at most.
const FURTHEST: usize = 12;

/// Settings of the server of priority requests, with the persons on board that the study assumes.
pub fn priority_params(
    network: &Network,
    demand: &Demand,
    change: &BusPriority,
    study: &TrafficParams,
) -> Result<PriorityParams, TrafficError> {
    for id in &change.signals {
        signal_of(network, id, "bus_priority.signals")?;
    }
    for line in &change.lines {
        line_exists(demand, line, "bus_priority.lines")?;
    }
    let is_bus = |trip: &Trip| {
        demand.types[trip.vehicle_type as usize].class == VehicleClass::Bus
            && (change.lines.is_empty() || change.lines.contains(&trip.line))
    };
    if !demand.trips.iter().any(is_bus) {
        return Err(TrafficError::Setting {
            code: "no-buses",
            what: "nobody would ask for priority".to_owned(),
            field: "bus_priority".to_owned(),
            found: "no journey of a bus".to_owned(),
            expected: "journeys of the class `bus` in the demand".to_owned(),
            help: "name routes with buses under `traffic.demand`, or leave the edit out".to_owned(),
        });
    }
    let usual = PriorityParams::default();
    let lines = study.lines.iter();
    let params = PriorityParams {
        signals: change.signals.clone(),
        lines: change.lines.clone(),
        bus_occupancy: study.occupancy.bus,
        line_occupancy: lines
            .map(|line| (line.id.clone(), line.occupancy))
            .collect(),
        car_occupancy: study.occupancy.car,
        late_from_s: change.only_late_s,
        beyond_s: change.beyond_s.unwrap_or(usual.beyond_s),
        budget_s: change.budget_s.unwrap_or(usual.budget_s),
        recovery_cycles: change.recovery_cycles.unwrap_or(usual.recovery_cycles),
        least_gain_person_s: change
            .least_gain_person_s
            .unwrap_or(usual.least_gain_person_s),
        ..usual
    };
    let ids: Vec<String> = network.signals.iter().map(|s| s.id.clone()).collect();
    params.check(&ids).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        TrafficError::Setting {
            code: "priority",
            what: "the settings of the priority cannot be used".to_owned(),
            field: "bus_priority".to_owned(),
            found: faults.join("; "),
            expected: "values within their ranges".to_owned(),
            help: "correct the edit, or the persons under `traffic.occupancy`".to_owned(),
        }
    })?;
    Ok(params)
}

/// Closes streets. `to_network` takes easting and northing of the city to the plane of the network.
pub fn close_streets(
    network: &mut Network,
    change: &StreetClosure,
    to_network: impl Fn([f64; 2]) -> [f64; 2],
    effects: &mut Effects,
) -> Result<(), TrafficError> {
    let mut closed: BTreeSet<usize> = BTreeSet::new();
    for name in &change.streets {
        let found: Vec<usize> = streets(network)
            .filter(|(_, edge)| edge.id == *name || edge.name == *name)
            .map(|(index, _)| index)
            .collect();
        if found.is_empty() {
            let known = streets(network).flat_map(|(_, edge)| [edge.id.as_str(), &edge.name]);
            return Err(unknown("street", name, "street_closure.streets", known));
        }
        closed.extend(found);
    }
    if !change.area.is_empty() {
        let ring: Vec<[f64; 2]> = change.area.iter().map(|p| to_network(*p)).collect();
        let inside: Vec<usize> = streets(network)
            .filter(|(index, _)| contains(&ring, middle_of(network, *index)))
            .map(|(index, _)| index)
            .collect();
        if inside.is_empty() {
            return Err(TrafficError::Setting {
                code: "empty-area",
                what: "the area of a street closure holds no street".to_owned(),
                field: "street_closure.area".to_owned(),
                found: format!("{} corners", change.area.len()),
                expected: "the middle of one street at least in it".to_owned(),
                help: "move or widen the area, or name the streets".to_owned(),
            });
        }
        closed.extend(inside);
    }
    let mut allowed = ClassSet::default().with(VehicleClass::Emergency);
    if change.buses_pass {
        allowed = allowed.with(VehicleClass::Bus);
    }
    for &edge in &closed {
        for lane in network.edges[edge].lanes.clone() {
            let lane = &mut network.lanes[lane as usize];
            lane.allowed = ClassSet(lane.allowed.0 & allowed.0);
        }
    }
    effects.closed_edges += closed.len();
    Ok(())
}

/// Keeps a lane for buses.
pub fn make_bus_lane(network: &mut Network, change: &BusLane) -> Result<(), TrafficError> {
    let found = streets(network).find(|(_, edge)| edge.id == change.edge);
    let Some((index, edge)) = found else {
        let known = streets(network).map(|(_, edge)| edge.id.as_str());
        return Err(unknown("edge", &change.edge, "bus_lane.edge", known));
    };
    let lanes = edge.lanes.clone();
    let lane = lanes.start + change.lane;
    if !lanes.contains(&lane) {
        return Err(TrafficError::Setting {
            code: "unknown-lane",
            what: format!("the edge `{}` has no such lane", shown(&change.edge)),
            field: "bus_lane.lane".to_owned(),
            found: change.lane.to_string(),
            expected: format!("0 to {}", network.edges[index].lanes.len() - 1),
            help: "lanes are counted from the right".to_owned(),
        });
    }
    network.lanes[lane as usize].allowed = ClassSet::default()
        .with(VehicleClass::Bus)
        .with(VehicleClass::Emergency);
    Ok(())
}

/// Gives a signal another programme.
pub fn set_signal_plan(network: &mut Network, change: &SignalPlan) -> Result<(), TrafficError> {
    let signal = signal_of(network, &change.signal, "signal_plan.signal")?;
    let places = network.signals[signal].links.len();
    let mut phases = Vec::new();
    for (number, phase) in change.phases.iter().enumerate() {
        let wrong = |code, what: &str, found: String, expected: String| TrafficError::Setting {
            code,
            what: format!("{what} of signal `{}`", shown(&change.signal)),
            field: format!("signal_plan.phase[{}]", number + 1),
            found,
            expected,
            help: "the programmes of the network show how it counts its places".to_owned(),
        };
        let letters = phase.state.chars().count();
        if letters != places {
            return Err(wrong(
                "state-length",
                "a state has the wrong number of letters for the places",
                letters.to_string(),
                places.to_string(),
            ));
        }
        let mut state = Vec::new();
        for letter in phase.state.chars() {
            let Some(aspect) = aspect_of(letter) else {
                return Err(wrong(
                    "state-letter",
                    "a state has an unknown letter for a place",
                    format!("`{}`", shown(&letter.to_string())),
                    "r, u, y, g, G, o, O or s".to_owned(),
                ));
            };
            state.push(aspect);
        }
        let min_s = phase.min_s.unwrap_or(phase.duration_s);
        let max_s = phase.max_s.unwrap_or(phase.duration_s);
        if !(min_s <= phase.duration_s && phase.duration_s <= max_s) {
            return Err(wrong(
                "durations",
                "the durations do not fit together in a phase",
                format!("{min_s}, {}, {max_s} s", phase.duration_s),
                "least <= usual <= longest".to_owned(),
            ));
        }
        phases.push(Phase {
            duration_s: phase.duration_s,
            min_s,
            max_s,
            state,
            next: Vec::new(),
            name: phase.name.clone(),
        });
    }
    network.signals[signal].programs = vec![SignalProgram {
        id: "scenario".to_owned(),
        kind: match change.control {
            PlanControl::Fixed => ProgramKind::Fixed,
            PlanControl::Actuated => ProgramKind::Actuated,
        },
        offset_s: change.offset_s,
        phases,
        max_gap_s: GAPS_S[0],
        detector_gap_s: GAPS_S[1],
        place: "signal_plan".to_owned(),
    }];
    network.signals[signal].guessed = false;
    Ok(())
}

/// What a letter of a state means.
fn aspect_of(letter: char) -> Option<Aspect> {
    Some(match letter {
        'r' => Aspect::Red,
        'u' => Aspect::RedAmber,
        'y' => Aspect::Amber,
        'g' => Aspect::GreenYield,
        'G' => Aspect::Green,
        'o' => Aspect::Off,
        'O' => Aspect::OffPriority,
        's' => Aspect::StopThenGo,
        _ => return None,
    })
}

/// Letter of an aspect.
pub fn letter_of(aspect: Aspect) -> char {
    match aspect {
        Aspect::Red => 'r',
        Aspect::RedAmber => 'u',
        Aspect::Amber => 'y',
        Aspect::GreenYield => 'g',
        Aspect::Green => 'G',
        Aspect::Off => 'o',
        Aspect::OffPriority => 'O',
        Aspect::StopThenGo => 's',
    }
}

/// Makes the journeys of a line anew, each route of it for itself, over the period that it runs.
pub fn set_headway(
    demand: &mut Demand,
    change: &Headway,
    effects: &mut Effects,
) -> Result<(), TrafficError> {
    line_exists(demand, &change.line, "headway.line")?;
    let mut routes: Vec<Vec<Trip>> = Vec::new();
    demand.trips.retain(|trip| {
        if trip.line != change.line {
            return true;
        }
        match routes.iter_mut().find(|trips| trips[0].edges == trip.edges) {
            Some(trips) => trips.push(trip.clone()),
            None => routes.push(vec![trip.clone()]),
        }
        false
    });
    for (number, trips) in routes.iter().enumerate() {
        effects.journeys[0] += trips.len();
        let (first, last) = (&trips[0], &trips[trips.len() - 1]);
        let gaps = trips.len().saturating_sub(1) as f64;
        let usual_s = (last.depart_s - first.depart_s) / gaps;
        let headway_s = change
            .headway_s
            .unwrap_or_else(|| usual_s * change.factor.unwrap_or(1.0));
        if trips.len() < 2 || headway_s <= 0.0 || !headway_s.is_finite() {
            // One journey has no headway: it stays.
            effects.journeys[1] += trips.len();
            demand.trips.extend(trips.iter().cloned());
            continue;
        }
        // The line ends one usual headway after its last journey.
        let count = ((last.depart_s - first.depart_s + usual_s) / headway_s - 1e-9).ceil();
        for n in 0..(count as usize).max(1) {
            let depart_s = first.depart_s + n as f64 * headway_s;
            let later = depart_s - first.depart_s;
            let mut trip = first.clone();
            trip.id = format!("{}.{}.{n}", change.line, number + 1);
            trip.depart_s = depart_s;
            for call in &mut trip.calls {
                call.until_s = call.until_s.map(|time| time + later);
                call.arrival_s = call.arrival_s.map(|time| time + later);
            }
            effects.journeys[1] += 1;
            demand.trips.push(trip);
        }
    }
    demand
        .trips
        .sort_by(|a, b| a.depart_s.total_cmp(&b.depart_s));
    Ok(())
}

/// After lanes were closed: trips that cannot begin or end are left out, given routes that cannot be driven any more get a way around, calls
/// at stops that cannot be reached are left out.
pub fn settle_demand(network: &Network, demand: &mut Demand, effects: &mut Effects) {
    let roads = Roads::new(network);
    let mut router = Router::new(network, &roads);
    let types = &demand.types;
    let stops = &demand.stops;
    demand.trips.retain_mut(|trip| {
        let kind = &types[trip.vehicle_type as usize];
        let open = |edge: u32| {
            let mut lanes = network.edges[edge as usize].lanes.clone();
            lanes.any(|lane| network.may_drive(lane, kind.class))
        };
        let ends = trip.edges.first().zip(trip.edges.last());
        if !ends.is_some_and(|(&from, &to)| open(from) && open(to)) {
            effects.trips_removed += 1;
            return false;
        }
        let calls = trip.calls.len();
        trip.calls
            .retain(|call| network.may_drive(stops[call.stop as usize].lane, kind.class));
        effects.calls_removed += calls - trip.calls.len();
        if !trip.routed {
            return true;
        }
        let pairs = trip.edges.windows(2);
        let drivable = |pair: &[u32]| leads(network, pair[0], pair[1], kind.class);
        if pairs.clone().all(drivable) {
            return true;
        }
        let mut route = |from: u32, to: u32| {
            let query = Query {
                way: &[from, to],
                class: kind.class,
                factor: 1.0,
                top: kind.max_speed_m_s,
            };
            router.route(query, &[]).map(<[u32]>::to_vec)
        };
        match around(&trip.edges, drivable, &mut route) {
            Some(edges) => {
                trip.edges = edges;
                effects.trips_rerouted += 1;
                // A stop that the way around misses is not served.
                let calls = trip.calls.len();
                let mut from = 0;
                trip.calls.retain(|call| {
                    let edge = network.lanes[stops[call.stop as usize].lane as usize].edge;
                    let place = trip.edges[from..].iter().position(|&at| at == edge);
                    from += place.unwrap_or(0);
                    place.is_some()
                });
                effects.calls_removed += calls - trip.calls.len();
                true
            }
            None => {
                effects.trips_removed += 1;
                false
            }
        }
    });
}

/// A route with ways around the pairs of edges that cannot be driven, leaving it as late and reaching it as early as possible.
fn around(
    edges: &[u32],
    drivable: impl Fn(&[u32]) -> bool,
    route: &mut impl FnMut(u32, u32) -> Option<Vec<u32>>,
) -> Option<Vec<u32>> {
    let mut made: Vec<u32> = vec![edges[0]];
    let mut at = 0;
    while at + 1 < edges.len() {
        if drivable(&edges[at..at + 2]) {
            at += 1;
            made.push(edges[at]);
            continue;
        }
        // The end of the closure, then by and by further away on both sides.
        let found = (0..FURTHEST).find_map(|further| {
            (0..=further.min(made.len() - 1)).find_map(|back| {
                let to = at + 1 + further - back;
                let target = *edges.get(to)?;
                let from = made.len() - 1 - back;
                let part = route(made[from], target)?;
                Some((from, to, part))
            })
        });
        let last = edges.len() - 1;
        let (from, to, part) = match found {
            Some(found) => found,
            None => (0, last, route(edges[0], edges[last])?),
        };
        made.truncate(from);
        made.extend(part);
        at = to;
    }
    Some(made)
}

/// True when some lane of one edge leads vehicles of a class onto another.
fn leads(network: &Network, from: u32, to: u32, class: VehicleClass) -> bool {
    network.edges[from as usize].lanes.clone().any(|lane| {
        network.may_drive(lane, class)
            && network.links_of(lane).any(|(_, link)| {
                network.lanes[link.target as usize].edge == to
                    && network.may_drive(link.target, class)
            })
    })
}

fn streets(network: &Network) -> impl Iterator<Item = (usize, &super::network::Edge)> {
    let edges = network.edges.iter().enumerate();
    edges.filter(|(_, edge)| !edge.inner)
}

/// Middle of the first lane of an edge (m, plane of the network).
fn middle_of(network: &Network, edge: usize) -> [f64; 2] {
    let lane = network.edges[edge].lanes.start as usize;
    along(&network.lanes[lane].shape, 0.5)
}

/// Place at a share of the length of a line.
pub fn along(line: &[[f64; 2]], share: f64) -> [f64; 2] {
    let length = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let total: f64 = line.windows(2).map(length).sum();
    let mut left = share * total;
    for pair in line.windows(2) {
        let own = length(pair);
        if left <= own && own > 0.0 {
            let t = left / own;
            return [0, 1].map(|i| pair[0][i] + t * (pair[1][i] - pair[0][i]));
        }
        left -= own;
    }
    line.last().copied().unwrap_or_default()
}

/// Number of a signal.
pub fn signal_of(network: &Network, id: &str, field: &str) -> Result<usize, TrafficError> {
    let mut signals = network.signals.iter();
    signals.position(|signal| signal.id == id).ok_or_else(|| {
        let known = network.signals.iter().map(|signal| signal.id.as_str());
        unknown("signal", id, field, known)
    })
}

/// An error when no journey of the demand belongs to a line.
pub fn line_exists(demand: &Demand, line: &str, field: &str) -> Result<(), TrafficError> {
    if demand.trips.iter().any(|trip| trip.line == line) {
        return Ok(());
    }
    let known: BTreeSet<&str> = demand.trips.iter().map(|trip| trip.line.as_str()).collect();
    Err(unknown("line", line, field, known.into_iter()))
}

fn unknown<'a>(
    what: &str,
    name: &str,
    field: &str,
    known: impl Iterator<Item = &'a str>,
) -> TrafficError {
    let known: Vec<&str> = known.filter(|name| !name.is_empty()).collect();
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{}`?", shown(near)),
        None => "look it up in the files of network and demand".to_owned(),
    };
    let (code, expected) = match what {
        "signal" => ("unknown-signal", "the id of a signal"),
        "line" => ("unknown-line", "the name of a line"),
        "edge" => ("unknown-edge", "the id of an edge"),
        _ => (
            "unknown-street",
            "the id of an edge or the name of a street",
        ),
    };
    TrafficError::Setting {
        code,
        what: format!("there is no {what} `{}`", shown(name)),
        field: field.to_owned(),
        found: format!("`{}`", shown(name)),
        expected: format!("{expected} ({} are known)", known.len()),
        help,
    }
}

#[cfg(test)]
mod tests;
