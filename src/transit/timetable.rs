//! The timetable of one day: what runs, when, and where one can get on.

/// Stops, lines and patterns. Times are seconds of the service day and may be negative (begun the day before) or beyond 24 h.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timetable {
    /// Places to get on and off.
    pub stops: Vec<Stop>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Trips with the same stops in the same order, none of which overtakes another.
    pub patterns: Vec<Pattern>,
    /// Changes between two stops that the source rules itself, by (from, to).
    pub changes: Vec<Change>,
}

/// A place to get on and off.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Id of the source or of the edit.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Easting and northing (m).
    pub position: [f64; 2],
}

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Id of the source or of the edit.
    pub id: String,
    /// Name on the vehicle, e.g. `U5`.
    pub name: String,
    /// Kind of vehicle.
    pub mode: Mode,
}

/// Kinds of vehicles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Tram.
    Tram,
    /// Underground.
    Metro,
    /// Suburban and long-distance rail.
    Rail,
    /// Bus.
    Bus,
    /// Ferry.
    Ferry,
    /// Cable car, funicular and all else.
    Other,
}

impl Mode {
    /// Runs on rails.
    pub fn is_rail(self) -> bool {
        matches!(self, Self::Tram | Self::Metro | Self::Rail)
    }
}

/// Trips of one line with the same stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Index in `Timetable::lines`.
    pub line: u32,
    /// Indices in `Timetable::stops`, in driving order.
    pub stops: Vec<u32>,
    /// Whether people may get on, per stop. Never at the last one.
    pub boarding: Vec<bool>,
    /// Whether people may get off, per stop.
    pub alighting: Vec<bool>,
    /// Trips in the order of time: each is at no stop earlier than the one before.
    pub trips: Vec<Trip>,
    /// Services without fixed times.
    pub headways: Vec<HeadwayService>,
}

/// One trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Id of the source or of the edit.
    pub id: String,
    /// Arrival and departure (s) per stop.
    pub times: Vec<[i32; 2]>,
}

/// Trips "every n minutes" without fixed times (`exact_times` 0 in GTFS).
#[derive(Clone, Debug, PartialEq)]
pub struct HeadwayService {
    /// Id of the source.
    pub id: String,
    /// Arrival and departure (s) per stop since the departure at the first stop.
    pub offsets: Vec<[i32; 2]>,
    /// First departure from the first stop (s).
    pub from_s: i32,
    /// No departure from the first stop at or after this time (s).
    pub until_s: i32,
    /// Time between two vehicles (s).
    pub headway_s: i32,
}

impl HeadwayService {
    /// Departure (s) that somebody gets who is at the stop with index `at` from `ready_s` on. The times of the vehicles are not known, so the
    /// mean wait counts: half a headway (people come at random; the longest wait is twice that).
    pub fn departure_s(&self, at: usize, ready_s: i32) -> Option<i32> {
        let offset_s = self.offsets[at][1];
        let here_s = ready_s.max(self.from_s + offset_s);
        (here_s < self.until_s + offset_s).then_some(here_s + (self.headway_s + 1) / 2)
    }
}

/// A rule of the source for changing between two stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Indices in `Timetable::stops`; equal for a change at one stop.
    pub from: u32,
    /// See `from`.
    pub to: u32,
    /// Least time (s) that it takes; `None`: it is not possible.
    pub least_s: Option<i32>,
}

impl Timetable {
    /// Number of journeys: trips, and what services without fixed times make of their headway.
    pub fn journeys(&self) -> usize {
        self.patterns.iter().map(Pattern::journeys).sum()
    }

    /// Journeys of a line.
    pub fn journeys_of(&self, line: u32) -> usize {
        let of_line = self.patterns.iter().filter(|p| p.line == line);
        of_line.map(Pattern::journeys).sum()
    }

    /// Lines with this name or id, as people write it.
    pub fn lines_named(&self, name: &str) -> Vec<u32> {
        (0..self.lines.len() as u32)
            .filter(|&line| {
                let line = &self.lines[line as usize];
                line.name == name || line.id == name
            })
            .collect()
    }

    /// Departures (s) at which one can get on, per stop, in order. Of services without fixed times none is in here.
    pub fn departures(&self) -> Vec<Vec<i32>> {
        let mut departures: Vec<Vec<i32>> = vec![Vec::new(); self.stops.len()];
        for pattern in &self.patterns {
            for (at, &stop) in pattern.stops.iter().enumerate() {
                if pattern.boarding[at] {
                    let times = pattern.trips.iter().map(|trip| trip.times[at][1]);
                    departures[stop as usize].extend(times);
                }
            }
        }
        for list in &mut departures {
            list.sort_unstable();
            list.dedup();
        }
        departures
    }
}

impl Pattern {
    /// Number of journeys that begin on the day (s from midnight to midnight): what runs on from the night before belongs to that day.
    pub fn journeys(&self) -> usize {
        self.journeys_within([0, 86_400], 0)
    }

    /// Number of journeys that leave the stop with index `at` from a time on and before another (s); of a service without fixed times as many as
    /// its headway makes of the hours that it runs between.
    pub fn journeys_within(&self, [from_s, until_s]: [i32; 2], at: usize) -> usize {
        let trips = self.trips.iter().map(|trip| trip.times[at][1]);
        let fixed = trips.filter(|s| (from_s..until_s).contains(s)).count();
        let floating = self.headways.iter().map(|h| {
            let offset = h.offsets[at][1];
            let from = from_s.max(h.from_s + offset);
            let until = until_s.min(h.until_s + offset);
            (f64::from((until - from).max(0)) / f64::from(h.headway_s.max(1))).ceil() as usize
        });
        fixed + floating.sum::<usize>()
    }
}

/// A trip with the stops that it serves, before it has found its pattern.
#[derive(Clone, Debug)]
pub struct LooseTrip {
    /// Index of the line.
    pub line: u32,
    /// Indices of the stops.
    pub stops: Vec<u32>,
    /// Whether people may get on.
    pub boarding: Vec<bool>,
    /// Whether people may get off.
    pub alighting: Vec<bool>,
    /// Times.
    pub trip: Trip,
}

/// Puts trips into patterns: same line, stops and rules, and no overtaking. The result does not depend on the order of the trips, as long as
/// their ids differ. The last stop of a trip offers no boarding, the first no alighting.
pub fn patterns_of(mut trips: Vec<LooseTrip>) -> Vec<Pattern> {
    for trip in &mut trips {
        if let Some(last) = trip.boarding.last_mut() {
            *last = false;
        }
        if let Some(first) = trip.alighting.first_mut() {
            *first = false;
        }
    }
    trips.sort_by(|a, b| {
        a.line
            .cmp(&b.line)
            .then_with(|| a.stops.cmp(&b.stops))
            .then_with(|| a.boarding.cmp(&b.boarding))
            .then_with(|| a.alighting.cmp(&b.alighting))
            .then_with(|| a.trip.times.cmp(&b.trip.times))
            .then_with(|| a.trip.id.cmp(&b.trip.id))
    });
    let mut patterns: Vec<Pattern> = Vec::new();
    let mut same_from = 0;
    for loose in trips {
        let same = patterns.last().is_some_and(|p| {
            p.line == loose.line
                && p.stops == loose.stops
                && p.boarding == loose.boarding
                && p.alighting == loose.alighting
        });
        if !same {
            same_from = patterns.len();
        }
        let fits = patterns[same_from..].iter().position(|p| {
            let last = p.trips.last();
            last.is_none_or(|last| follows(&last.times, &loose.trip.times))
        });
        match fits {
            Some(at) => patterns[same_from + at].trips.push(loose.trip),
            None => patterns.push(Pattern {
                line: loose.line,
                stops: loose.stops,
                boarding: loose.boarding,
                alighting: loose.alighting,
                trips: vec![loose.trip],
                headways: Vec::new(),
            }),
        }
    }
    patterns
}

/// True when the second trip is at no stop earlier than the first.
fn follows(first: &[[i32; 2]], second: &[[i32; 2]]) -> bool {
    let mut pairs = first.iter().zip(second);
    pairs.all(|(a, b)| a[0] <= b[0] && a[1] <= b[1])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn loose(line: u32, stops: &[u32], id: &str, start_s: i32, leg_s: i32) -> LooseTrip {
        let times = (0..stops.len() as i32)
            .map(|k| [start_s + k * leg_s; 2])
            .collect();
        LooseTrip {
            line,
            stops: stops.to_vec(),
            boarding: vec![true; stops.len()],
            alighting: vec![true; stops.len()],
            trip: Trip {
                id: id.to_owned(),
                times,
            },
        }
    }

    #[test]
    fn a_trip_that_overtakes_gets_its_own_pattern() {
        let patterns = patterns_of(vec![
            loose(0, &[0, 1, 2], "c", 120, 60),
            loose(0, &[0, 1, 2], "a", 0, 600),
            loose(0, &[0, 1, 2], "b", 60, 60),
            loose(0, &[2, 1, 0], "d", 0, 60),
        ]);
        let sizes: Vec<usize> = patterns.iter().map(|p| p.trips.len()).collect();
        assert_eq!(sizes, [1, 2, 1]);
        assert!(patterns.iter().all(|p| !p.boarding[2] && !p.alighting[0]));
    }

    #[test]
    fn without_fixed_times_half_a_headway_is_waited_within_the_hours() {
        let service = HeadwayService {
            id: "f".to_owned(),
            offsets: vec![[0, 0], [100, 120]],
            from_s: 1_000,
            until_s: 2_000,
            headway_s: 300,
        };
        assert_eq!(service.departure_s(0, 1_500), Some(1_650));
        assert_eq!(service.departure_s(1, 0), Some(1_270));
        assert_eq!(service.departure_s(1, 2_119), Some(2_269));
        assert_eq!(service.departure_s(1, 2_120), None);
    }
}
