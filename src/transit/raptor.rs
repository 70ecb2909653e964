//! Earliest arrivals by public transport, round by round.
//!
//! Method: RAPTOR (Delling, Pajor, Werneck 2015, "Round-based public transit routing", Transportation Science 49(3), algorithm 1), from one
//! place at one time to all stops. Round k finds the earliest arrival with k rides: each pattern that passes a stop which got better in the
//! round before is driven once, then walks to neighbouring stops follow. After a ride one walk is possible before the next; walks are not
//! chained. Changing at the same stop takes `change_s` (or what `transfers.txt` says), changing with a walk the walk and the same time.
//!
//! Services without fixed times are boarded after half a headway ([`HeadwayService::departure_s`]): such arrivals are means.
//! Numbers are whole seconds; [`NEVER`] means not reached.

use super::timetable::{HeadwayService, Pattern, Timetable, Trip};

/// Arrival of a stop that is not reached.
pub const NEVER: i32 = i32::MAX;

/// A timetable prepared for searches.
#[derive(Debug)]
pub struct Raptor<'a> {
    patterns: &'a [Pattern],
    /// Patterns of each stop with the place in the pattern: `passing[passing_ends[s-1]..passing_ends[s]]`.
    passing: Vec<(u32, u32)>,
    passing_ends: Vec<u32>,
    /// Walks from each stop: (other stop, s).
    walks: Vec<(u32, i32)>,
    walk_ends: Vec<u32>,
    /// Least time (s) between two rides at a stop; [`NEVER`]: not possible.
    change_s: Vec<i32>,
}

/// What a search needs besides the timetable; may be used again for the next one.
#[derive(Debug, Default)]
pub struct Scratch {
    ride: Vec<i32>,
    ready: Vec<i32>,
    before: Vec<i32>,
    marked: Vec<bool>,
    first: Vec<u32>,
}

impl<'a> Raptor<'a> {
    /// Prepares a timetable. `walks` are (from, to, s) between stops in any order, without those from a stop to itself; `change_s` is the
    /// time (s) for a change where the timetable has no rule.
    pub fn new(timetable: &'a Timetable, walks: &[(u32, u32, i32)], change_s: i32) -> Self {
        let stops = timetable.stops.len();
        let mut passing = Vec::new();
        for (number, pattern) in timetable.patterns.iter().enumerate() {
            for (at, &stop) in pattern.stops.iter().enumerate() {
                passing.push((stop, number as u32, at as u32));
            }
        }
        passing.sort_unstable();
        let passing_ends = ends(stops, passing.iter().map(|p| p.0));
        let mut own_change = vec![change_s; stops];
        let mut all: Vec<(u32, u32, i32)> = walks
            .iter()
            .map(|&(from, to, s)| (from, to, s.saturating_add(change_s)))
            .collect();
        all.sort_unstable();
        all.dedup_by_key(|walk| (walk.0, walk.1));
        let mut ruled = Vec::new();
        for change in &timetable.changes {
            let least_s = change.least_s.unwrap_or(NEVER);
            if change.from == change.to {
                own_change[change.from as usize] = least_s;
                continue;
            }
            let walk_s = |&(from, to, s): &(u32, u32, i32)| {
                ((from, to) == (change.from, change.to)).then_some(s - change_s)
            };
            let at = all.partition_point(|w| (w.0, w.1) < (change.from, change.to));
            let walk_s = all.get(at).and_then(walk_s).unwrap_or(0);
            ruled.push((change.from, change.to, least_s.max(walk_s)));
        }
        // Rules of the source replace the walk between the same two stops.
        ruled.sort_unstable();
        ruled.dedup_by_key(|rule| (rule.0, rule.1));
        let has_rule = |walk: &(u32, u32, i32)| {
            ruled
                .binary_search_by_key(&(walk.0, walk.1), |rule| (rule.0, rule.1))
                .is_ok()
        };
        all.retain(|walk| !has_rule(walk));
        all.extend(ruled.into_iter().filter(|rule| rule.2 < NEVER));
        all.sort_unstable();
        let walk_ends = ends(stops, all.iter().map(|w| w.0));
        Self {
            patterns: &timetable.patterns,
            passing: passing.into_iter().map(|(_, p, at)| (p, at)).collect(),
            passing_ends,
            walks: all.into_iter().map(|(_, to, s)| (to, s)).collect(),
            walk_ends,
            change_s: own_change,
        }
    }

    fn stops(&self) -> usize {
        self.change_s.len()
    }

    /// Earliest arrival (s) at every stop, [`NEVER`] where there is none. `starts` are stops and when the traveller is there; `most_rides`
    /// limits the rides.
    pub fn arrivals(
        &self,
        starts: &[(u32, i32)],
        most_rides: usize,
        scratch: &mut Scratch,
    ) -> Vec<i32> {
        let stops = self.stops();
        let fill = |list: &mut Vec<i32>| {
            list.clear();
            list.resize(stops, NEVER);
        };
        fill(&mut scratch.ride);
        fill(&mut scratch.ready);
        fill(&mut scratch.before);
        scratch.marked.clear();
        scratch.marked.resize(stops, false);
        for &(stop, at_s) in starts {
            let stop = stop as usize;
            scratch.ready[stop] = scratch.ready[stop].min(at_s);
            scratch.marked[stop] = true;
        }
        for _ in 0..most_rides {
            scratch.first.clear();
            scratch.first.resize(self.patterns.len(), u32::MAX);
            for stop in 0..stops {
                if !std::mem::take(&mut scratch.marked[stop]) {
                    continue;
                }
                scratch.before[stop] = scratch.ready[stop];
                for &(pattern, at) in slice(&self.passing, &self.passing_ends, stop) {
                    let first = &mut scratch.first[pattern as usize];
                    *first = (*first).min(at);
                }
            }
            let mut ridden = Vec::new();
            for (number, pattern) in self.patterns.iter().enumerate() {
                let first = scratch.first[number];
                if first < u32::MAX {
                    drive(
                        pattern,
                        first as usize,
                        &scratch.before,
                        &mut scratch.ride,
                        &mut ridden,
                    );
                }
            }
            if ridden.is_empty() {
                break;
            }
            ridden.sort_unstable();
            ridden.dedup();
            for &stop in &ridden {
                let stop = stop as usize;
                let here_s = scratch.ride[stop];
                let mut improve = |stop: usize, at_s: i32| {
                    if at_s < scratch.ready[stop] {
                        scratch.ready[stop] = at_s;
                        scratch.marked[stop] = true;
                    }
                };
                improve(stop, here_s.saturating_add(self.change_s[stop]));
                for &(to, walk_s) in slice(&self.walks, &self.walk_ends, stop) {
                    improve(to as usize, here_s.saturating_add(walk_s));
                }
            }
        }
        let both = scratch.ride.iter().zip(&scratch.ready);
        both.map(|(&ride, &ready)| ride.min(ready)).collect()
    }
}

/// Drives along a pattern from a place on, getting on wherever an earlier vehicle can be caught. Notes stops that are reached earlier.
fn drive(pattern: &Pattern, first: usize, ready: &[i32], ride: &mut [i32], ridden: &mut Vec<u32>) {
    let mut trip: Option<usize> = None;
    // Departure from the first stop of the vehicle on board, per service without fixed times.
    let mut based: Vec<Option<i32>> = vec![None; pattern.headways.len()];
    for at in first..pattern.stops.len() {
        let stop = pattern.stops[at];
        if pattern.alighting[at] {
            let by_trip = trip.map(|trip| pattern.trips[trip].times[at][0]);
            let by_headway = based.iter().zip(&pattern.headways);
            let by_headway = by_headway.filter_map(|(base, h)| Some((*base)? + h.offsets[at][0]));
            if let Some(arrival) = by_headway.chain(by_trip).min()
                && arrival < ride[stop as usize]
            {
                ride[stop as usize] = arrival;
                ridden.push(stop);
            }
        }
        let ready_s = ready[stop as usize];
        if !pattern.boarding[at] || ready_s == NEVER {
            continue;
        }
        let caught = next_trip(&pattern.trips, at, ready_s);
        if caught < pattern.trips.len() && trip.is_none_or(|trip| caught < trip) {
            trip = Some(caught);
        }
        for (base, service) in based.iter_mut().zip(&pattern.headways) {
            let caught = base_of(service, at, ready_s);
            if caught.is_some_and(|caught| base.is_none_or(|base| caught < base)) {
                *base = caught;
            }
        }
    }
}

/// First trip that departs from a place at or after a time; their number where there is none.
fn next_trip(trips: &[Trip], at: usize, ready_s: i32) -> usize {
    trips.partition_point(|trip| trip.times[at][1] < ready_s)
}

fn base_of(service: &HeadwayService, at: usize, ready_s: i32) -> Option<i32> {
    Some(service.departure_s(at, ready_s)? - service.offsets[at][1])
}

/// Ends of the groups 0..`groups` of sorted group numbers.
fn ends(groups: usize, sorted: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut ends = vec![0u32; groups];
    for group in sorted {
        ends[group as usize] += 1;
    }
    let mut sum = 0;
    for end in &mut ends {
        sum += *end;
        *end = sum;
    }
    ends
}

fn slice<'b, T>(all: &'b [T], ends: &[u32], group: usize) -> &'b [T] {
    let start = if group == 0 { 0 } else { ends[group - 1] };
    &all[start as usize..ends[group] as usize]
}

#[cfg(test)]
mod tests;
