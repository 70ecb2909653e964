//! What happened to single vehicles and at single signals in the run that moves on screen. Times are seconds since the begin of the run,
//! as those of the frames. Not written to files as a whole: the tables of the result hold the same.

use std::ops::Range;

use super::wish::WishStory;

/// Marks "none" in numbers of signals.
pub const NO_SIGNAL: u32 = u32::MAX;

/// Stories of a run.
#[derive(Clone, Debug, Default)]
pub struct Stories {
    /// By number of the vehicle.
    pub trips: Vec<TripStory>,
    /// By number of the signal.
    pub signals: Vec<SignalStory>,
    /// Requests for priority in the order of time: each change of a request's state.
    pub requests: Vec<RequestStory>,
    /// The whole network over time.
    pub tallies: Vec<Tally>,
    /// Lines of public transport, by number.
    pub lines: Vec<String>,
    /// Shuttles on demand, by number of the vehicle; empty for other vehicles.
    pub shuttles: Vec<ShuttleStory>,
    /// Requests for shuttles, by number; empty for other vehicles.
    pub wishes: Vec<WishStory>,
    /// Numbers of those that were turned away, by the time of asking.
    pub turned_away: Vec<u32>,
}

/// What a shuttle did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShuttleStory {
    /// Driven, of that without persons (km).
    pub km: f32,
    /// See `km`.
    pub empty_km: f32,
    /// Time with a task (%).
    pub busy_percent: f32,
    /// Energy (kWh).
    pub kwh: f32,
    /// Drives and halts in the order of their begin.
    pub parts: Vec<ShuttlePart>,
    /// Halts in order.
    pub halts: Vec<ShuttleHalt>,
    /// Numbers of the requests served, in the order of boarding; each is told in [`Stories::wishes`].
    pub rides: Vec<u32>,
}

/// A stretch of time in which a shuttle does one thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShuttlePart {
    /// Begin (s).
    pub begin_s: f32,
    /// End (s).
    pub end_s: f32,
    /// Text key.
    pub what: &'static str,
    /// Persons on board.
    pub persons: u16,
}

/// A halt for one request, or to charge.
#[derive(Clone, Debug, PartialEq)]
pub struct ShuttleHalt {
    /// Begin (s).
    pub begin_s: f32,
    /// End (s).
    pub end_s: f32,
    /// Text key.
    pub what: &'static str,
    /// Id of the request.
    pub request: Option<String>,
    /// Street.
    pub street: u32,
}

impl ShuttleStory {
    /// What it does at a time; none while it waits for requests.
    pub fn at(&self, time_s: f32) -> Option<&ShuttlePart> {
        let after = self.parts.partition_point(|part| part.begin_s <= time_s);
        // Halts of one stop overlap.
        let mut near = self.parts[after.saturating_sub(8)..after].iter().rev();
        near.find(|part| time_s < part.end_s)
    }
}

/// What became of a vehicle.
#[derive(Clone, Debug, Default)]
pub struct TripStory {
    /// Text key of its class.
    pub class: &'static str,
    /// Persons on board: an assumption of the study.
    pub persons: f32,
    /// Planned departure (s).
    pub planned_s: f32,
    /// Departure (s); NaN when it never came onto the roads.
    pub depart_s: f32,
    /// Arrival, or the end of the run (s).
    pub end_s: f32,
    /// Text key of how far it came.
    pub outcome: &'static str,
    /// Way (m), time lost and time waited (s), times it came to rest, over the whole trip.
    pub way_m: f32,
    /// See `way_m`.
    pub loss_s: f32,
    /// See `way_m`.
    pub waiting_s: f32,
    /// See `way_m`.
    pub halts: u32,
    /// Calls at stops in order.
    pub calls: Vec<CallStory>,
    /// Streets in order, and the signals passed between them.
    pub visits: Vec<Visit>,
    /// States in between, every few seconds.
    pub trace: Vec<TracePoint>,
}

/// A call at a stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallStory {
    /// Number of the stop.
    pub stop: u32,
    /// Arrival (s); NaN when it was not reached.
    pub arrival_s: f32,
    /// Departure (s); NaN when it did not leave.
    pub departure_s: f32,
    /// Arrival by the timetable (s); NaN without one.
    pub due_s: f32,
}

/// A vehicle comes onto a street.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Visit {
    /// When (s).
    pub time_s: f32,
    /// Way so far (m).
    pub way_m: f32,
    /// Street.
    pub street: u32,
    /// Signal that was passed on leaving the street before; [`NO_SIGNAL`] for none.
    pub signal: u32,
}

/// State of a vehicle at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TracePoint {
    /// When (s).
    pub time_s: f32,
    /// Way so far (m).
    pub way_m: f32,
    /// Time lost against the allowed speed so far (s), without dwell at stops.
    pub loss_s: f32,
}

/// A signal.
#[derive(Clone, Debug, Default)]
pub struct SignalStory {
    /// Id.
    pub id: String,
    /// Text key: fixed times, or times that follow the traffic.
    pub control: &'static str,
    /// The plan was guessed, not delivered.
    pub guessed: bool,
    /// Begin of the first phase of the programme (s).
    pub offset_s: f64,
    /// Lengths follow the traffic.
    pub actuated: bool,
    /// Places of the state: who each letter is for.
    pub places: Vec<SignalPlace>,
    /// Phases of the programme.
    pub phases: Vec<PhaseStory>,
    /// Phases that were on, by begin.
    pub log: Vec<PhaseLog>,
}

/// Who a letter of a signal's state is for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SignalPlace {
    /// Street before the stop line.
    pub street: u32,
    /// Direction in which it is driven (rad, from east to north).
    pub heading: f32,
    /// Turn: `s` straight on, `l`, `r`, `u` back; `w` for people on foot, who cross the street where others come along `heading`.
    pub turn: char,
}

/// A phase of a programme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseStory {
    /// Usual, least and longest duration (s).
    pub duration_s: f64,
    /// See `duration_s`.
    pub min_s: f64,
    /// See `duration_s`.
    pub max_s: f64,
    /// A letter for each place.
    pub state: String,
    /// Name.
    pub name: String,
}

/// A phase that was on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseLog {
    /// Begin (s).
    pub since_s: f32,
    /// Number in the programme.
    pub phase: u32,
    /// A letter for each place: `r` red, `u` red-amber, `y` amber, `g` green that yields, `G` green, `o` and `O` dark, `s` green arrow.
    pub state: String,
}

/// A change of a request for priority.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestStory {
    /// When (s).
    pub time_s: f32,
    /// Signal.
    pub signal: u32,
    /// Vehicle; beyond the list for a source outside of the run.
    pub vehicle: u32,
    /// Line.
    pub line: String,
    /// State, as ISO 19091 names it.
    pub status: &'static str,
    /// Text key of the measure taken or waited for.
    pub measure: Option<&'static str>,
    /// Text key of the reason.
    pub reason: &'static str,
    /// Expected time at the stop line (s).
    pub eta_s: f32,
    /// Lateness (s); NaN without a timetable.
    pub late_s: f32,
    /// What the passengers gain and what the others lose (person seconds, estimates).
    pub gain_person_s: f32,
    /// See `gain_person_s`.
    pub loss_person_s: f32,
    /// Seconds given so far.
    pub granted_s: f32,
}

/// The network at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// When (s).
    pub time_s: f32,
    /// Vehicles on the roads, those at stops among them.
    pub on_roads: u32,
    /// Vehicles that stand, without those at stops.
    pub standing: u32,
    /// Vehicles that find no room to come onto the roads.
    pub not_inserted: u32,
    /// Mean speed of those on the roads, without those at stops (m/s); NaN without any.
    pub speed_m_s: f32,
    /// Time that all buses have lost since the begin (s).
    pub bus_loss_s: f32,
}

impl TripStory {
    /// Way (m) and time lost (s) so far at a time, straight between two states; none before the departure.
    pub fn at(&self, time_s: f32) -> Option<(f32, f32)> {
        if self.depart_s.is_nan() || time_s < self.depart_s {
            return None;
        }
        if time_s >= self.end_s {
            return Some((self.way_m, self.loss_s));
        }
        let after = self.trace.partition_point(|point| point.time_s <= time_s);
        let first = match after.checked_sub(1) {
            Some(before) => self.trace[before],
            None => TracePoint {
                time_s: self.depart_s,
                ..TracePoint::default()
            },
        };
        let last = TracePoint {
            time_s: self.end_s,
            way_m: self.way_m,
            loss_s: self.loss_s,
        };
        let second = self.trace.get(after).copied().unwrap_or(last);
        let span = second.time_s - first.time_s;
        let share = if span > 0.0 {
            (time_s - first.time_s) / span
        } else {
            0.0
        };
        let between = |a: f32, b: f32| a + share * (b - a);
        Some((
            between(first.way_m, second.way_m),
            between(first.loss_s, second.loss_s),
        ))
    }

    /// Street on which it is at a time.
    pub fn street(&self, time_s: f32) -> Option<u32> {
        if self.depart_s.is_nan() || time_s < self.depart_s || time_s > self.end_s {
            return None;
        }
        let after = self.visits.partition_point(|visit| visit.time_s <= time_s);
        Some(self.visits.get(after.saturating_sub(1))?.street)
    }

    /// The first call that it has not left at a time.
    pub fn next_call(&self, time_s: f32) -> Option<&CallStory> {
        let ahead = |call: &&CallStory| call.departure_s.is_nan() || call.departure_s > time_s;
        self.calls.iter().find(ahead)
    }
}

impl SignalStory {
    /// Place in the log of the phase that is on at a time.
    pub fn at(&self, time_s: f32) -> Option<usize> {
        let after = self.log.partition_point(|phase| phase.since_s <= time_s);
        after.checked_sub(1).or((!self.log.is_empty()).then_some(0))
    }

    /// Part of the log that is on between two times.
    pub fn between(&self, from_s: f32, to_s: f32) -> Range<usize> {
        let first = self.at(from_s).unwrap_or(0);
        let last = self.log.partition_point(|phase| phase.since_s < to_s);
        first..last.max(first)
    }

    /// Places that show the same all the time, in the order of their first ones; those of people on foot apart from the others.
    pub fn groups(&self) -> Vec<Vec<usize>> {
        let mut states: Vec<&str> = self.log.iter().map(|phase| phase.state.as_str()).collect();
        states.extend(self.phases.iter().map(|phase| phase.state.as_str()));
        states.sort_unstable();
        states.dedup();
        let mut groups: Vec<(Vec<u8>, Vec<usize>)> = Vec::new();
        for place in 0..self.places.len() {
            let letters: Vec<u8> = states
                .iter()
                .map(|state| state.as_bytes().get(place).copied().unwrap_or(b'o'))
                .collect();
            let walks = |place: usize| self.places[place].turn == 'w';
            match groups
                .iter_mut()
                .find(|(known, of)| *known == letters && walks(of[0]) == walks(place))
            {
                Some((_, of)) => of.push(place),
                None => groups.push((letters, vec![place])),
            }
        }
        groups.into_iter().map(|(_, of)| of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trip() -> TripStory {
        TripStory {
            depart_s: 10.0,
            end_s: 40.0,
            way_m: 200.0,
            loss_s: 12.0,
            trace: vec![
                TracePoint {
                    time_s: 20.0,
                    way_m: 80.0,
                    loss_s: 1.0,
                },
                TracePoint {
                    time_s: 30.0,
                    way_m: 100.0,
                    loss_s: 9.0,
                },
            ],
            visits: [(10.0, 7), (22.0, 9)]
                .into_iter()
                .map(|(time_s, street)| Visit {
                    time_s,
                    way_m: 0.0,
                    street,
                    signal: NO_SIGNAL,
                })
                .collect(),
            calls: vec![
                CallStory {
                    stop: 3,
                    arrival_s: 12.0,
                    departure_s: 18.0,
                    due_s: f32::NAN,
                },
                CallStory {
                    stop: 4,
                    arrival_s: f32::NAN,
                    departure_s: f32::NAN,
                    due_s: f32::NAN,
                },
            ],
            ..TripStory::default()
        }
    }

    #[test]
    fn a_trip_is_followed_between_its_states() {
        let trip = trip();
        assert_eq!(trip.at(5.0), None);
        assert_eq!(trip.at(15.0), Some((40.0, 0.5)));
        assert_eq!(trip.at(25.0), Some((90.0, 5.0)));
        assert_eq!(trip.at(35.0), Some((150.0, 10.5)));
        assert_eq!(trip.at(900.0), Some((200.0, 12.0)));
        assert_eq!((trip.street(15.0), trip.street(30.0)), (Some(7), Some(9)));
        assert_eq!(trip.street(41.0), None);
        assert_eq!(trip.next_call(15.0).map(|call| call.stop), Some(3));
        assert_eq!(trip.next_call(18.5).map(|call| call.stop), Some(4));
        let absent = TripStory {
            depart_s: f32::NAN,
            ..trip
        };
        assert_eq!(absent.at(20.0), None);
    }

    #[test]
    fn a_signal_knows_its_phase_and_who_shows_the_same() {
        let log = [(0.0, "GrG"), (20.0, "yry"), (23.0, "rGr")];
        let signal = SignalStory {
            places: vec![SignalPlace::default(); 3],
            log: log
                .iter()
                .enumerate()
                .map(|(n, (since_s, state))| PhaseLog {
                    since_s: *since_s,
                    phase: n as u32,
                    state: (*state).to_owned(),
                })
                .collect(),
            ..SignalStory::default()
        };
        assert_eq!(signal.groups(), [vec![0, 2], vec![1]]);
        assert_eq!((signal.at(-3.0), signal.at(21.0)), (Some(0), Some(1)));
        assert_eq!(signal.between(21.0, 23.0), 1..2);
        assert_eq!(signal.between(5.0, 60.0), 0..3);
        assert_eq!(SignalStory::default().at(3.0), None);
    }
}
