//! From city and scenario to a network, a demand, and who belongs to which group of the results.

use crate::city::City;
use crate::city::sources::Roots;
use crate::finding::Finding;
use crate::job::Job;
use crate::result::InputFile;
use crate::scenario::shown;

use super::demand::{CarFollowing, Demand, Trip};
use super::edit::{
    Effects, along, close_streets, line_exists, make_bus_lane, priority_params, set_headway,
    set_signal_plan, settle_demand, signal_of,
};
use super::error::TrafficError;
use super::generate::Generated;
use super::network::{Network, VehicleClass};
use super::params::{CarFollowingChoice, SAMPLE_NETWORK, TrafficChange, TrafficParams};
use super::place::NetworkPlace;
use super::signals::priority::PriorityParams;
use super::source::{NetworkKind, TrafficSource, read_source};
use super::sumo::Note;

/// A run without an end ends here at the latest (s after its begin).
const LONGEST_S: f64 = 86_400.0;

/// Everything a study needs.
pub struct TrafficInput {
    /// Streets and signals, with the changes of the variant.
    pub network: Network,
    /// Vehicles, with the changes of the variant.
    pub demand: Demand,
    /// Begin, end and step (s).
    pub begin_s: f64,
    /// See `begin_s`.
    pub end_s: f64,
    /// See `begin_s`.
    pub step_s: f64,
    /// True when the run ends as soon as the streets are empty.
    pub until_empty: bool,
    /// Groups of vehicles: all, classes, lines.
    pub groups: Vec<Group>,
    /// Place in `groups` of each trip's class, and of its line.
    pub members: Vec<(usize, Option<usize>)>,
    /// Persons on board of each trip (assumption).
    pub persons: Vec<f64>,
    /// People on foot who come to each crossing with a signal in an hour (assumption).
    pub walkers_per_h: f64,
    /// Settings of the priority; none without such a change.
    pub priority: Option<PriorityParams>,
    /// Line whose journeys are drawn, if there is one.
    pub shown_line: Option<String>,
    /// Signal that is drawn, if the settings name one.
    pub shown_signal: Option<usize>,
    /// Where the network lies.
    pub place: NetworkPlace,
    /// Files that were read.
    pub files: Vec<InputFile>,
    /// Where the network comes from.
    pub kind: NetworkKind,
    /// How the demand was generated; none where files give it.
    pub generated: Option<Generated>,
    /// What the importer left out or guessed.
    pub notes: Vec<Note>,
    /// What the changes did besides.
    pub effects: Effects,
    /// True when lines were found in the ids of vehicles.
    pub lines_derived: bool,
}

/// A group of vehicles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is.
    pub kind: GroupKind,
    /// Name of a line; empty for the others.
    pub name: String,
}

/// Kinds of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupKind {
    /// Everybody.
    All,
    /// Buses and coaches.
    Bus,
    /// Cars, taxis, motorcycles.
    Car,
    /// Lorries and vans.
    Truck,
    /// Trams, bicycles and the rest.
    Other,
    /// A line.
    Line,
}

impl GroupKind {
    /// Part of ids and file names.
    pub fn id(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Bus => "bus",
            Self::Car => "car",
            Self::Truck => "truck",
            Self::Other => "other",
            Self::Line => "line",
        }
    }

    /// Text key.
    pub fn key(self) -> &'static str {
        match self {
            Self::All => "traffic-group-all",
            Self::Bus => "traffic-group-bus",
            Self::Car => "traffic-group-car",
            Self::Truck => "traffic-group-truck",
            Self::Other => "traffic-group-other",
            Self::Line => "traffic-group-line",
        }
    }

    /// Text key of one of them.
    pub fn single_key(self) -> &'static str {
        match self {
            Self::Bus => "traffic-one-bus",
            Self::Car => "traffic-one-car",
            Self::Truck => "traffic-one-truck",
            _ => "traffic-one-other",
        }
    }

    /// Group of a class.
    pub fn of(class: VehicleClass) -> Self {
        match class {
            VehicleClass::Bus | VehicleClass::Coach => Self::Bus,
            VehicleClass::Truck | VehicleClass::Trailer | VehicleClass::Delivery => Self::Truck,
            VehicleClass::Passenger
            | VehicleClass::Hov
            | VehicleClass::Taxi
            | VehicleClass::EVehicle
            | VehicleClass::Motorcycle
            | VehicleClass::Moped
            | VehicleClass::Private
            | VehicleClass::Vip
            | VehicleClass::Authority
            | VehicleClass::Emergency
            | VehicleClass::Ignoring => Self::Car,
            _ => Self::Other,
        }
    }
}

/// Reads and prepares.
pub fn traffic_input(
    city: &City,
    params: &TrafficParams,
    roots: &Roots,
    job: &Job,
) -> Result<TrafficInput, TrafficError> {
    job.phase("phase-traffic-prepare");
    let source = read_source(params, roots)?;
    job.check_cancelled()?;
    let TrafficSource {
        mut network,
        mut demand,
        notes,
        kind,
        generated,
        files,
        ..
    } = source;
    let begin_s = params.begin_s.unwrap_or(source.begin_s);
    let end = params.end_s.or(source.end_s);
    let end_s = end.unwrap_or(begin_s + LONGEST_S);
    if end_s <= begin_s + params.warm_up_s {
        return Err(TrafficError::Setting {
            code: "times",
            what: "nothing is left to simulate".to_owned(),
            field: "traffic.end_s".to_owned(),
            found: format!("end {end_s} s"),
            expected: format!(
                "an end after the begin and the warm-up: {} s",
                begin_s + params.warm_up_s
            ),
            help: "set a later `end_s`, or a shorter `warm_up_s`".to_owned(),
        });
    }
    demand.trips.retain(|trip| trip.depart_s >= begin_s);
    for kind in &mut demand.types {
        kind.model = match params.car_following {
            CarFollowingChoice::AsDelivered => kind.model,
            CarFollowingChoice::Krauss => CarFollowing::Krauss,
            CarFollowingChoice::Idm => CarFollowing::Idm,
        };
    }
    let lines_derived = derive_lines(&mut demand, params.line_prefix.as_deref());
    for (n, line) in params.lines.iter().enumerate() {
        line_exists(&demand, &line.id, &format!("traffic.line[{}].id", n + 1))?;
    }
    let place = NetworkPlace::new(&network, city);
    if kind != NetworkKind::Sumo {
        check_place(&network, &place, city, params)?;
    }
    let mut effects = Effects::default();
    let mut priority = None;
    for change in city.traffic_changes.iter() {
        match change {
            TrafficChange::BusPriority(change) => {
                priority = Some(priority_params(&network, &demand, change, params)?);
            }
            TrafficChange::StreetClosure(change) => {
                close_streets(&mut network, change, |p| place.plane(p), &mut effects)?;
            }
            TrafficChange::BusLane(change) => make_bus_lane(&mut network, change)?,
            TrafficChange::SignalPlan(change) => set_signal_plan(&mut network, change)?,
            TrafficChange::Headway(change) => set_headway(&mut demand, change, &mut effects)?,
        }
    }
    let closes = |change: &TrafficChange| {
        matches!(
            change,
            TrafficChange::StreetClosure(_) | TrafficChange::BusLane(_)
        )
    };
    if city.traffic_changes.iter().any(closes) {
        settle_demand(&network, &mut demand, &mut effects);
    }
    job.check_cancelled()?;
    if let Some(line) = &params.shown_line {
        line_exists(&demand, line, "traffic.shown_line")?;
    }
    let shown_signal = match &params.shown_signal {
        Some(id) => Some(signal_of(&network, id, "traffic.shown_signal")?),
        None => None,
    };
    let shown_line = params.shown_line.clone().or_else(|| busiest_line(&demand));
    let (groups, members) = groups(&demand);
    let persons = demand
        .trips
        .iter()
        .map(|trip| persons(&demand, trip, params))
        .collect();
    if !place.crs_known {
        let crs = network.crs.clone();
        job.finding(Finding::warning("traffic-crs-unknown").arg("crs", crs));
    }
    Ok(TrafficInput {
        begin_s,
        end_s,
        step_s: params.step_s.unwrap_or(source.step_s),
        until_empty: end.is_none(),
        groups,
        members,
        persons,
        walkers_per_h: params.walkers_per_h(),
        priority,
        shown_line,
        shown_signal,
        place,
        files,
        kind,
        generated,
        notes,
        effects,
        lines_derived,
        network,
        demand,
    })
}

/// An error where no street of the network lies in the city, as with an extract of another town.
fn check_place(
    network: &Network,
    place: &NetworkPlace,
    city: &City,
    params: &TrafficParams,
) -> Result<(), TrafficError> {
    let Some((low, high)) = city.bounds_xy() else {
        return Ok(());
    };
    let (mut least, mut most) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    let mut inside = false;
    for lane in &network.lanes {
        let at = place.local(along(&lane.shape, 0.5));
        inside |= (0..2).all(|i| (low[i]..=high[i]).contains(&at[i]));
        for i in 0..2 {
            least[i] = least[i].min(at[i]);
            most[i] = most[i].max(at[i]);
        }
    }
    if inside {
        return Ok(());
    }
    let box_of = |low: [f64; 2], high: [f64; 2]| {
        let corner = |at: [f64; 2]| {
            let [easting, northing, _] = city
                .frame
                .crs_from_local(nalgebra::Point3::new(at[0], at[1], 0.0));
            format!("{easting:.0} {northing:.0}")
        };
        format!("{} to {}", corner(low), corner(high))
    };
    let (field, written) = match &params.osm {
        Some(osm) => ("traffic.osm", osm.as_str()),
        None => ("traffic.network", SAMPLE_NETWORK),
    };
    Err(TrafficError::Setting {
        code: "outside-city",
        what: format!("no street of `{}` lies in the city", shown(written)),
        field: field.to_owned(),
        found: format!("streets from {}", box_of(least, most)),
        expected: format!(
            "some of them within {} ({})",
            box_of(low, high),
            city.frame.crs
        ),
        help: "take streets and city of the same place".to_owned(),
    })
}

/// Names of lines from the ids of vehicles, where the demand names none; true when any was found so.
fn derive_lines(demand: &mut Demand, prefix: Option<&str>) -> bool {
    let Some(prefix) = prefix else {
        return false;
    };
    let mut any = false;
    for trip in &mut demand.trips {
        if trip.line.is_empty()
            && let Some(line) = trip.id.strip_prefix(prefix).and_then(line_name)
        {
            trip.line = line.to_owned();
            any = true;
        }
    }
    any
}

/// `109` of `109H.0`, `M5` of `M5a.2`: letters, then digits.
fn line_name(text: &str) -> Option<&str> {
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let rest = &text[digits..];
    let count = rest.find(|c: char| !c.is_ascii_digit());
    let name = &text[..digits + count.unwrap_or(rest.len())];
    name.chars().all(char::is_alphanumeric).then_some(name)
}

/// The line with most journeys; among equals the first by name.
fn busiest_line(demand: &Demand) -> Option<String> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for trip in demand.trips.iter().filter(|trip| !trip.line.is_empty()) {
        *counts.entry(&trip.line).or_default() += 1;
    }
    let best = counts.into_iter().rev().max_by_key(|(_, count)| *count)?;
    Some(best.0.to_owned())
}

/// Persons on board of a trip.
fn persons(demand: &Demand, trip: &Trip, params: &TrafficParams) -> f64 {
    let mut lines = params.lines.iter();
    if let Some(line) = lines.find(|line| !trip.line.is_empty() && line.id == trip.line) {
        return line.occupancy;
    }
    match GroupKind::of(demand.types[trip.vehicle_type as usize].class) {
        GroupKind::Bus => params.occupancy.bus,
        GroupKind::Car => params.occupancy.car,
        GroupKind::Truck => params.occupancy.truck,
        _ => params.occupancy.other,
    }
}

/// Groups with trips: all, classes, lines by number; and the groups of each trip.
fn groups(demand: &Demand) -> (Vec<Group>, Vec<(usize, Option<usize>)>) {
    let group = |trip: &Trip| Group {
        kind: GroupKind::of(demand.types[trip.vehicle_type as usize].class),
        name: String::new(),
    };
    let line = |trip: &Trip| Group {
        kind: GroupKind::Line,
        name: trip.line.clone(),
    };
    let mut groups = vec![Group {
        kind: GroupKind::All,
        name: String::new(),
    }];
    for trip in &demand.trips {
        let own = group(trip);
        if !groups.contains(&own) {
            groups.push(own);
        }
        if !trip.line.is_empty() && !groups.contains(&line(trip)) {
            groups.push(line(trip));
        }
    }
    let number = |name: &str| -> u64 {
        let digits: String = name.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(u64::MAX)
    };
    groups.sort_by(|a, b| {
        a.kind
            .cmp(&b.kind)
            .then(number(&a.name).cmp(&number(&b.name)))
            .then(a.name.cmp(&b.name))
    });
    let place = |wanted: &Group| groups.iter().position(|group| group == wanted);
    let members = demand
        .trips
        .iter()
        .map(|trip| {
            let own = place(&group(trip)).unwrap_or(0);
            let line = (!trip.line.is_empty()).then(|| line(trip));
            (own, line.and_then(|line| place(&line)))
        })
        .collect();
    (groups, members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_from_ids() {
        assert_eq!(line_name("109H.0"), Some("109"));
        assert_eq!(line_name("3Ha.11"), Some("3"));
        assert_eq!(line_name("M5a.2"), Some("M5"));
        assert_eq!(line_name("X.y"), None);
    }
}
