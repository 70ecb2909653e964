//! Offers: what can be boarded where and when.

use crate::transit::timetable::{Mode, Timetable};

/// Kinds of offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfferKind {
    /// Buses.
    Bus,
    /// Trams, underground, suburban and other rail.
    Rail,
    /// Ferries, cable cars.
    Ferry,
    /// Shuttles on demand.
    Shuttle,
    /// Stations of shared bicycles and cars.
    Sharing,
}

/// A place where something can be boarded.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Name for people.
    pub name: String,
    /// Place (m), in the plane of the walk.
    pub position: [f64; 2],
    /// What it is.
    pub kind: OfferKind,
    /// When it can be boarded.
    pub boarding: Boarding,
}

/// When an offer can be boarded. Times are seconds of the day.
#[derive(Clone, Debug, PartialEq)]
pub enum Boarding {
    /// By timetable: departures in order, and services without fixed times.
    Timetable {
        /// Departures.
        departures: Vec<i32>,
        /// (first, end, headway) of services without fixed times: half a headway is waited.
        headways: Vec<[i32; 3]>,
    },
    /// At any time within the hours, after a wait.
    OnDemand {
        /// Begin and end of the hours.
        hours_s: [i32; 2],
        /// Wait (s), e.g. the mean of a simulation of shuttles, or the time to unlock a bicycle.
        wait_s: f64,
    },
}

impl Boarding {
    /// Earliest boarding (s) for somebody who is there from `ready_s` on.
    pub fn next_s(&self, ready_s: f64) -> Option<f64> {
        match self {
            Self::Timetable {
                departures,
                headways,
            } => {
                let at = departures.partition_point(|&d| f64::from(d) < ready_s);
                let fixed = departures.get(at).map(|&d| f64::from(d));
                let floating = headways.iter().filter_map(|&[from, until, headway]| {
                    let ready_s = ready_s.max(f64::from(from));
                    (ready_s < f64::from(until)).then(|| ready_s + 0.5 * f64::from(headway))
                });
                floating.chain(fixed).min_by(f64::total_cmp)
            }
            Self::OnDemand { hours_s, wait_s } => on_demand_s(*hours_s, *wait_s, ready_s),
        }
    }
}

/// Boarding (s) of a daily service on demand for somebody who is ready at a time: today, or in the hours after midnight that belong to the day
/// before.
pub fn on_demand_s(hours_s: [i32; 2], wait_s: f64, ready_s: f64) -> Option<f64> {
    let [from, until] = hours_s.map(f64::from);
    let of_day = |day_s: f64| {
        let ready_s = (ready_s + day_s).max(from);
        (ready_s < until).then_some(ready_s - day_s + wait_s)
    };
    let days = [of_day(0.0), of_day(86_400.0)].into_iter().flatten();
    days.min_by(f64::total_cmp)
}

/// A service on demand with many halts that all have the same wait, such as all streets of an area: the nearest one counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Halts {
    /// Places (m), in the plane of the walk.
    pub places: Vec<[f64; 2]>,
    /// Corners (m) of the area in which one must live; empty: everywhere.
    pub ring: Vec<[f64; 2]>,
    /// Longest walk (m) to a halt that the service lets people have.
    pub longest_m: f64,
    /// Begin and end of the hours (s).
    pub hours_s: [i32; 2],
    /// Wait (s).
    pub wait_s: f64,
}

/// A service that comes to the door within an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Name for people.
    pub name: String,
    /// Corners (m), in the plane of the walk; the first is not repeated.
    pub ring: Vec<[f64; 2]>,
    /// Begin and end of the hours (s).
    pub hours_s: [i32; 2],
    /// Wait (s) at the door.
    pub wait_s: f64,
}

impl OfferKind {
    /// Kind of a mode of public transport.
    pub fn of(mode: Mode) -> Self {
        match mode {
            Mode::Bus => Self::Bus,
            Mode::Tram | Mode::Metro | Mode::Rail => Self::Rail,
            Mode::Ferry | Mode::Other => Self::Ferry,
        }
    }
}

/// Stops of a timetable as offers: one per stop and kind that calls there and lets people on.
pub fn timetable_offers(timetable: &Timetable) -> Vec<Offer> {
    let kinds = [OfferKind::Bus, OfferKind::Rail, OfferKind::Ferry];
    let stops = timetable.stops.len();
    let mut found: Vec<[(Vec<i32>, Vec<[i32; 3]>); 3]> = vec![Default::default(); stops];
    for pattern in &timetable.patterns {
        let kind = OfferKind::of(timetable.lines[pattern.line as usize].mode);
        for (at, &stop) in pattern.stops.iter().enumerate() {
            if !pattern.boarding[at] {
                continue;
            }
            let (departures, headways) = &mut found[stop as usize][kind as usize];
            departures.extend(pattern.trips.iter().map(|trip| trip.times[at][1]));
            headways.extend(pattern.headways.iter().map(|h| {
                let offset = h.offsets[at][1];
                [h.from_s + offset, h.until_s + offset, h.headway_s]
            }));
        }
    }
    let mut offers = Vec::new();
    for (stop, of_kind) in timetable.stops.iter().zip(found) {
        for (kind, (mut departures, headways)) in kinds.into_iter().zip(of_kind) {
            if departures.is_empty() && headways.is_empty() {
                continue;
            }
            departures.sort_unstable();
            departures.dedup();
            offers.push(Offer {
                name: stop.name.clone(),
                position: stop.position,
                kind,
                boarding: Boarding::Timetable {
                    departures,
                    headways,
                },
            });
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boarding_follows_departures_headways_and_hours() {
        let fixed = Boarding::Timetable {
            departures: vec![600, 1_200],
            headways: vec![[900, 1_000, 100]],
        };
        assert_eq!(fixed.next_s(600.0), Some(600.0));
        assert_eq!(fixed.next_s(600.5), Some(950.0));
        assert_eq!(fixed.next_s(1_000.0), Some(1_200.0));
        assert_eq!(fixed.next_s(1_200.1), None);
        let shuttle = Boarding::OnDemand {
            hours_s: [100, 200],
            wait_s: 30.0,
        };
        assert_eq!(shuttle.next_s(0.0), Some(130.0));
        assert_eq!(shuttle.next_s(199.0), Some(229.0));
        assert_eq!(shuttle.next_s(200.0), None);
        // From ten in the evening to two in the morning.
        let night = [79_200, 93_600];
        assert_eq!(on_demand_s(night, 60.0, 1_800.0), Some(1_860.0));
        assert_eq!(on_demand_s(night, 60.0, 7_200.0), Some(79_260.0));
        assert_eq!(on_demand_s(night, 60.0, 82_800.0), Some(82_860.0));
    }
}
