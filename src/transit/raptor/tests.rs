use super::*;
use crate::transit::timetable::tests::loose;
use crate::transit::timetable::{Change, HeadwayService, Stop, patterns_of};
use proptest::prelude::*;

/// The same question answered by trying every trip from every stop to every stop, round by round.
fn obvious(
    timetable: &Timetable,
    walks: &[(u32, u32, i32)],
    change_s: i32,
    starts: &[(u32, i32)],
    most_rides: usize,
) -> Vec<i32> {
    let stops = timetable.stops.len();
    let rule = |from: u32, to: u32| {
        let found = timetable
            .changes
            .iter()
            .find(|c| (c.from, c.to) == (from, to));
        found.map(|c| c.least_s)
    };
    let walk = |from: u32, to: u32| {
        let own = walks
            .iter()
            .filter(|w| (w.0, w.1) == (from, to))
            .map(|w| w.2)
            .min();
        if from == to {
            return match rule(from, to) {
                Some(least) => least,
                None => Some(change_s),
            };
        }
        match rule(from, to) {
            Some(None) => None,
            Some(Some(least)) => Some(least.max(own.unwrap_or(0))),
            None => own.map(|own| own + change_s),
        }
    };
    let mut ready = vec![NEVER; stops];
    let mut best = vec![NEVER; stops];
    for &(stop, at) in starts {
        ready[stop as usize] = ready[stop as usize].min(at);
        best[stop as usize] = best[stop as usize].min(at);
    }
    for _ in 0..most_rides {
        let mut ride = vec![NEVER; stops];
        for pattern in &timetable.patterns {
            for from in 0..pattern.stops.len() {
                let ready_s = ready[pattern.stops[from] as usize];
                if !pattern.boarding[from] || ready_s == NEVER {
                    continue;
                }
                for to in from + 1..pattern.stops.len() {
                    if !pattern.alighting[to] {
                        continue;
                    }
                    let reached = &mut ride[pattern.stops[to] as usize];
                    for trip in &pattern.trips {
                        if trip.times[from][1] >= ready_s {
                            *reached = (*reached).min(trip.times[to][0]);
                        }
                    }
                    for h in &pattern.headways {
                        if let Some(departure) = h.departure_s(from, ready_s) {
                            let takes = h.offsets[to][0] - h.offsets[from][1];
                            *reached = (*reached).min(departure + takes);
                        }
                    }
                }
            }
        }
        for from in 0..stops as u32 {
            let here = ride[from as usize];
            if here == NEVER {
                continue;
            }
            best[from as usize] = best[from as usize].min(here);
            for to in 0..stops as u32 {
                if let Some(seconds) = walk(from, to) {
                    let there = here + seconds;
                    ready[to as usize] = ready[to as usize].min(there);
                    best[to as usize] = best[to as usize].min(there);
                }
            }
        }
    }
    best
}

fn timetable(stops: usize, patterns: Vec<Pattern>, changes: Vec<Change>) -> Timetable {
    let stop = |k| Stop {
        id: format!("s{k}"),
        name: String::new(),
        position: [0.0, 0.0],
    };
    Timetable {
        stops: (0..stops).map(stop).collect(),
        lines: Vec::new(),
        patterns,
        changes,
    }
}

const STOPS: u32 = 7;

prop_compose! {
    fn any_trip()(
        stops in proptest::collection::vec(0..STOPS, 2..5),
        start in 0..400i32,
        leg in 5..90i32,
        closed in 0..4usize,
        line in 0..3u32,
        number in 0..1_000_000u32,
    ) -> crate::transit::timetable::LooseTrip {
        let mut trip = loose(line, &stops, &number.to_string(), start, leg);
        if closed < stops.len() {
            trip.boarding[closed] = false;
            trip.alighting[stops.len() - 1 - closed] = false;
        }
        for (at, time) in trip.trip.times.iter_mut().enumerate() {
            time[1] += (at as i32 % 3).min(leg);
        }
        trip
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rounds_find_what_trying_everything_finds(
        trips in proptest::collection::vec(any_trip(), 1..25),
        floating in proptest::collection::vec((any_trip(), 20..200i32), 0..4),
        walks in proptest::collection::vec((0..STOPS, 0..STOPS, 1..120i32), 0..10),
        rules in proptest::collection::btree_map((0..STOPS, 0..STOPS), proptest::option::of(0..100i32), 0..5),
        change_s in 0..60i32,
        starts in proptest::collection::vec((0..STOPS, 0..200i32), 1..3),
        most_rides in 1..5usize,
    ) {
        let mut patterns = patterns_of(trips);
        for (trip, headway_s) in floating {
            let first = trip.trip.times[0][1];
            let service = HeadwayService {
                id: "h".to_owned(),
                offsets: trip.trip.times.iter().map(|t| t.map(|s| s - first)).collect(),
                from_s: first,
                until_s: first + 300,
                headway_s,
            };
            let mut own = patterns_of(vec![trip]);
            own[0].trips.clear();
            own[0].headways.push(service);
            patterns.extend(own);
        }
        let changes = rules
            .into_iter()
            .map(|((from, to), least_s)| Change { from, to, least_s })
            .collect();
        let mut walks: Vec<_> = walks.into_iter().filter(|w| w.0 != w.1).collect();
        walks.sort_unstable();
        let timetable = timetable(STOPS as usize, patterns, changes);
        let raptor = Raptor::new(&timetable, &walks, change_s);
        let got = raptor.arrivals(&starts, most_rides, &mut Scratch::default());
        prop_assert_eq!(got, obvious(&timetable, &walks, change_s, &starts, most_rides));
    }
}

#[test]
fn a_change_needs_its_time_and_a_walk_its_way() {
    // Line 0 reaches stop 1 at 100; line 1 leaves stop 1 at 120 and at 220, line 2 leaves stop 2 at 200.
    let patterns = patterns_of(vec![
        loose(0, &[0, 1], "a", 0, 100),
        loose(1, &[1, 3], "b", 120, 50),
        loose(1, &[1, 3], "c", 220, 50),
        loose(2, &[2, 3], "d", 200, 40),
    ]);
    let timetable = timetable(4, patterns, Vec::new());
    let arrive = |walks: &[(u32, u32, i32)], change_s, rides| {
        let raptor = Raptor::new(&timetable, walks, change_s);
        raptor.arrivals(&[(0, 0)], rides, &mut Scratch::default())[3]
    };
    assert_eq!(arrive(&[], 20, 2), 170);
    assert_eq!(arrive(&[], 21, 2), 270);
    assert_eq!(arrive(&[(1, 2, 70)], 21, 2), 240);
    assert_eq!(arrive(&[(1, 2, 90)], 21, 2), 270);
    assert_eq!(arrive(&[], 0, 1), NEVER);
}
