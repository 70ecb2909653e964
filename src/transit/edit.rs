//! Changes of a timetable as plain data: a new line, another headway, a new stop on a line, a line taken out.
//!
//! Every change is made on the timetable of the day; what was there before stays in the other variants.

use std::collections::BTreeSet;

use super::error::TransitError;
use super::timetable::{Line, LooseTrip, Mode, Pattern, Stop, Timetable, Trip, patterns_of};

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub enum TransitEdit {
    /// A line that is not there yet.
    NewLine(NewLine),
    /// Another headway on a line.
    Headway(LineHeadway),
    /// A stop more on a line.
    NewStop(NewStop),
    /// A line taken out.
    RemoveLine {
        /// Name or id.
        line: String,
    },
}

/// A new line.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLine {
    /// Name.
    pub line: String,
    /// Kind of vehicle.
    pub mode: Mode,
    /// Stops in driving order, two at least.
    pub stops: Vec<NewLineStop>,
    /// Time between two vehicles (s).
    pub headway_s: i32,
    /// First departure from each end, and no departure after the second (s).
    pub hours_s: [i32; 2],
    /// Time (s) at each stop between the ends.
    pub dwell_s: i32,
    /// Runs back too.
    pub both_ways: bool,
}

/// A stop of a new line.
#[derive(Clone, Debug, PartialEq)]
pub struct NewLineStop {
    /// Name.
    pub name: String,
    /// Easting and northing (m).
    pub position: [f64; 2],
    /// Driving time (s) from the stop before; of the first stop it does not count.
    pub run_s: i32,
}

/// Another headway.
#[derive(Clone, Debug, PartialEq)]
pub struct LineHeadway {
    /// Name or id of the line.
    pub line: String,
    /// Time between two vehicles (s) in each direction.
    pub headway_s: i32,
    /// Departures from the first common stop within these hours (s) are replaced; `None`: the whole day.
    pub hours_s: Option<[i32; 2]>,
}

/// A stop more on a line.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStop {
    /// Name or id of the line.
    pub line: String,
    /// Name of the stop.
    pub name: String,
    /// Easting and northing (m).
    pub position: [f64; 2],
    /// Time (s) that the stop costs: braking, standing, starting.
    pub costs_s: i32,
}

/// Largest detour (m) that a line may make for a new stop: beyond that it is another line. Own assumption.
const FURTHEST_M: f64 = 1_000.0;

/// Makes a change. Gives the journeys of the line before and after.
pub fn apply(timetable: &mut Timetable, edit: &TransitEdit) -> Result<[usize; 2], TransitError> {
    match edit {
        TransitEdit::NewLine(new) => new_line(timetable, new),
        TransitEdit::Headway(change) => set_headway(timetable, change),
        TransitEdit::NewStop(new) => new_stop(timetable, new),
        TransitEdit::RemoveLine { line } => {
            let lines = lines_of(timetable, line, "line")?;
            let before = journeys(timetable, &lines);
            timetable.patterns.retain(|p| !lines.contains(&p.line));
            Ok([before, 0])
        }
    }
}

fn journeys(timetable: &Timetable, lines: &BTreeSet<u32>) -> usize {
    lines.iter().map(|&line| timetable.journeys_of(line)).sum()
}

/// Lines of a name that run: a line that is in the feed without a journey on the day cannot be changed.
fn lines_of(
    timetable: &Timetable,
    name: &str,
    field: &'static str,
) -> Result<BTreeSet<u32>, TransitError> {
    let runs = |line: u32| timetable.patterns.iter().any(|p| p.line == line);
    let lines: BTreeSet<u32> = timetable
        .lines_named(name)
        .into_iter()
        .filter(|&l| runs(l))
        .collect();
    if lines.is_empty() {
        let mut names: Vec<&str> = Vec::new();
        for pattern in &timetable.patterns {
            names.push(&timetable.lines[pattern.line as usize].name);
        }
        names.sort_unstable();
        names.dedup();
        let near = names.iter().min_by_key(|known| distance(known, name));
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let more = if names.len() > 12 { " ..." } else { "" };
        return Err(TransitError::Edit {
            code: "unknown-line",
            field,
            what: "the timetable has no such line on this day".to_owned(),
            found: name.to_owned(),
            expected: format!("{}{more}", names[..names.len().min(12)].join(", ")),
            help: format!("{near}Correct the name, or the day of the timetable"),
        });
    }
    Ok(lines)
}

/// Letters that differ (Levenshtein 1966), for a hint.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

fn fault(
    code: &'static str,
    field: &'static str,
    what: &str,
    found: String,
    expected: &str,
) -> TransitError {
    TransitError::Edit {
        code,
        field,
        what: what.to_owned(),
        found,
        expected: expected.to_owned(),
        help: "correct the edit".to_owned(),
    }
}

fn check_service(headway_s: i32, hours_s: [i32; 2]) -> Result<(), TransitError> {
    if !(30..=86_400).contains(&headway_s) {
        let found = format!("{headway_s} s");
        return Err(fault(
            "headway",
            "headway_s",
            "vehicles cannot run in this headway",
            found,
            "30 to 86400 s",
        ));
    }
    if hours_s[0] < 0 || hours_s[1] <= hours_s[0] || hours_s[1] > super::clock::LATEST_S {
        let found = format!("{} to {} s", hours_s[0], hours_s[1]);
        return Err(fault(
            "hours",
            "from",
            "the hours of a line are empty",
            found,
            "a begin before the end",
        ));
    }
    Ok(())
}

fn new_line(timetable: &mut Timetable, new: &NewLine) -> Result<[usize; 2], TransitError> {
    check_service(new.headway_s, new.hours_s)?;
    if new.stops.len() < 2 {
        return Err(fault(
            "stops",
            "stops",
            "a line has too few stops",
            new.stops.len().to_string(),
            "two stops at least",
        ));
    }
    if let Some(stop) = new
        .stops
        .iter()
        .skip(1)
        .find(|s| !(1..=36_000).contains(&s.run_s))
    {
        let found = format!("{} s to `{}`", stop.run_s, stop.name);
        return Err(fault(
            "run-time",
            "run_s",
            "a driving time is not possible",
            found,
            "1 to 36000 s",
        ));
    }
    if !timetable.lines_named(&new.line).is_empty() {
        return Err(TransitError::Edit {
            code: "line-exists",
            field: "line",
            what: "a new line has the name of one that is there".to_owned(),
            found: new.line.clone(),
            expected: "a name that is not taken".to_owned(),
            help: "give another name, or change the headway of the line that is there".to_owned(),
        });
    }
    let line = timetable.lines.len() as u32;
    timetable.lines.push(Line {
        id: new.line.clone(),
        name: new.line.clone(),
        mode: new.mode,
    });
    let first = timetable.stops.len() as u32;
    for (k, stop) in new.stops.iter().enumerate() {
        timetable.stops.push(Stop {
            id: format!("{}.{}", new.line, k + 1),
            name: stop.name.clone(),
            position: stop.position,
        });
    }
    let there: Vec<u32> = (first..first + new.stops.len() as u32).collect();
    let runs: Vec<i32> = new.stops[1..].iter().map(|s| s.run_s).collect();
    let mut loose = Vec::new();
    for back in 0..=usize::from(new.both_ways) {
        let (mut stops, mut runs) = (there.clone(), runs.clone());
        if back == 1 {
            stops.reverse();
            runs.reverse();
        }
        let mut offsets = vec![[0, 0]];
        for (k, run) in runs.iter().enumerate() {
            let arrival = offsets[k][1] + run;
            let last = k + 1 == runs.len();
            offsets.push([arrival, if last { arrival } else { arrival + new.dwell_s }]);
        }
        for start in (new.hours_s[0]..=new.hours_s[1]).step_by(new.headway_s as usize) {
            loose.push(LooseTrip {
                line,
                stops: stops.clone(),
                boarding: vec![true; stops.len()],
                alighting: vec![true; stops.len()],
                trip: Trip {
                    id: format!("{}.{back}.{start}", new.line),
                    times: offsets.iter().map(|o| o.map(|s| s + start)).collect(),
                },
            });
        }
    }
    timetable.patterns.extend(patterns_of(loose));
    Ok([0, timetable.journeys_of(line)])
}

/// Groups of patterns that go the same way: two belong together when two stops follow each other in both.
fn ways(patterns: &[Pattern], lines: &BTreeSet<u32>) -> Vec<Vec<usize>> {
    let of_line: Vec<usize> = (0..patterns.len())
        .filter(|&p| lines.contains(&patterns[p].line))
        .collect();
    let pairs = |p: usize| -> BTreeSet<(u32, u32)> {
        let stops = &patterns[p].stops;
        let from = |i: usize| stops[i + 1..].iter().map(move |&to| (stops[i], to));
        (0..stops.len()).flat_map(from).collect()
    };
    let mut groups: Vec<(BTreeSet<(u32, u32)>, Vec<usize>)> = Vec::new();
    for &p in &of_line {
        let (mut pairs, mut members) = (pairs(p), vec![p]);
        let (joined, rest): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(other, _)| !other.is_disjoint(&pairs));
        for (other, others) in joined {
            pairs.extend(other);
            members.extend(others);
        }
        members.sort_unstable();
        groups = rest;
        groups.push((pairs, members));
    }
    let mut groups: Vec<Vec<usize>> = groups.into_iter().map(|(_, members)| members).collect();
    groups.sort();
    groups
}

/// In each direction the trips within the hours are replaced: one at every headway from the first of them to the last (without hours) or to
/// the end of the hours. Each new trip is a copy of the one that ran at the same share of the old order, so that short runs, variants and driving times over
/// the day keep their part.
fn set_headway(
    timetable: &mut Timetable,
    change: &LineHeadway,
) -> Result<[usize; 2], TransitError> {
    check_service(change.headway_s, change.hours_s.unwrap_or([0, 1]))?;
    let lines = lines_of(timetable, &change.line, "line")?;
    let before = journeys(timetable, &lines);
    let mut added: Vec<LooseTrip> = Vec::new();
    let mut found = false;
    for way in ways(&timetable.patterns, &lines) {
        // Variants are compared where they all pass, so that the headway holds there.
        let first = &timetable.patterns[way[0]];
        let common = first.stops.iter().copied().find(|stop| {
            way.iter()
                .all(|&p| timetable.patterns[p].stops.contains(stop))
        });
        let place = |p: &Pattern| {
            let at = common.and_then(|stop| p.stops.iter().position(|&s| s == stop));
            // The last stop has no departure that counts.
            at.unwrap_or(0)
        };
        let within = |s: i32| {
            change
                .hours_s
                .is_none_or(|[from, to]| (from..=to).contains(&s))
        };
        let mut old: Vec<(i32, usize, Trip)> = Vec::new();
        for &p in &way {
            let pattern = &mut timetable.patterns[p];
            let at = place(pattern);
            for service in std::mem::take(&mut pattern.headways) {
                // Without fixed times before, with them after.
                let starts =
                    (service.from_s..service.until_s).step_by(service.headway_s.max(1) as usize);
                for start in starts {
                    pattern.trips.push(Trip {
                        id: format!("{}@{start}", service.id),
                        times: service
                            .offsets
                            .iter()
                            .map(|o| o.map(|s| s + start))
                            .collect(),
                    });
                }
            }
            pattern
                .trips
                .sort_by(|a, b| (&a.times, &a.id).cmp(&(&b.times, &b.id)));
            let trips = std::mem::take(&mut pattern.trips);
            for trip in trips {
                let departure = trip.times[at][1];
                // What runs on from the night before belongs to that day.
                if within(departure) && trip.times[0][1] >= 0 {
                    old.push((departure, p, trip));
                } else {
                    pattern.trips.push(trip);
                }
            }
        }
        if old.is_empty() {
            continue;
        }
        found = true;
        old.sort_by(|a, b| (a.0, a.1, &a.2.id).cmp(&(b.0, b.1, &b.2.id)));
        let end = change.hours_s.map_or(old[old.len() - 1].0, |[_, to]| to);
        let starts = new_starts(&old, end, change.headway_s);
        for (k, &start) in starts.iter().enumerate() {
            let (departure, p, template) = &old[k * old.len() / starts.len()];
            let pattern = &timetable.patterns[*p];
            let times = template
                .times
                .iter()
                .map(|t| t.map(|s| s + start - departure));
            added.push(LooseTrip {
                line: pattern.line,
                stops: pattern.stops.clone(),
                boarding: pattern.boarding.clone(),
                alighting: pattern.alighting.clone(),
                trip: Trip {
                    id: format!("{} +{k}", template.id),
                    times: times.collect(),
                },
            });
        }
    }
    if !found {
        let [from, to] = change.hours_s.unwrap_or([0, 0]);
        let hours = format!(
            "{} to {}",
            super::clock::time_text(from),
            super::clock::time_text(to)
        );
        return Err(fault(
            "no-trip",
            "from",
            "the line has no trip in the hours of the change",
            hours,
            "hours in which it runs",
        ));
    }
    rebuild(timetable, &lines, added);
    Ok([before, journeys(timetable, &lines)])
}

/// Longest time (s) between two departures of a line that runs without a pause.
const PAUSE_S: i32 = 7_200;

/// Departures every `headway_s` from the first old one to `end` (s), but for pauses of the night: where two old ones are more than
/// [`PAUSE_S`] and three new headways apart, nothing ran and nothing runs.
fn new_starts(old: &[(i32, usize, Trip)], end: i32, headway_s: i32) -> Vec<i32> {
    let pause_s = PAUSE_S.max(3 * headway_s);
    let mut starts = Vec::new();
    let mut from = 0;
    while from < old.len() {
        let mut to = from + 1;
        while to < old.len() && old[to].0 - old[to - 1].0 <= pause_s {
            to += 1;
        }
        let last = if to == old.len() { end } else { old[to - 1].0 };
        starts.extend((old[from].0..=last).step_by(headway_s.max(1) as usize));
        from = to;
    }
    starts
}

/// Makes the patterns of some lines again from the trips that they have and new ones.
fn rebuild(timetable: &mut Timetable, lines: &BTreeSet<u32>, mut added: Vec<LooseTrip>) {
    let (mine, mut others): (Vec<Pattern>, Vec<Pattern>) = std::mem::take(&mut timetable.patterns)
        .into_iter()
        .partition(|p| lines.contains(&p.line));
    for mut pattern in mine {
        for trip in std::mem::take(&mut pattern.trips) {
            added.push(LooseTrip {
                line: pattern.line,
                stops: pattern.stops.clone(),
                boarding: pattern.boarding.clone(),
                alighting: pattern.alighting.clone(),
                trip,
            });
        }
        if !pattern.headways.is_empty() {
            others.push(pattern);
        }
    }
    others.extend(patterns_of(added));
    timetable.patterns = others;
}

/// The stop is put where it costs the least detour; times after it are later by what it costs.
fn new_stop(timetable: &mut Timetable, new: &NewStop) -> Result<[usize; 2], TransitError> {
    if !(0..=600).contains(&new.costs_s) {
        return Err(fault(
            "costs",
            "costs_s",
            "a stop cannot cost this time",
            format!("{} s", new.costs_s),
            "0 to 600 s",
        ));
    }
    let lines = lines_of(timetable, &new.line, "line")?;
    let before = journeys(timetable, &lines);
    let far = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let stops = &timetable.stops;
    let between = |pattern: &Pattern| -> (usize, f64) {
        let detour = |k: usize| {
            let [a, b] = [0, 1].map(|i| stops[pattern.stops[k + i] as usize].position);
            far(a, new.position) + far(new.position, b) - far(a, b)
        };
        let legs = (0..pattern.stops.len() - 1).map(|k| (k, detour(k)));
        // Every pattern has two stops at least.
        legs.min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((0, f64::INFINITY))
    };
    let chosen: Vec<(usize, usize, f64)> = timetable
        .patterns
        .iter()
        .enumerate()
        .filter(|(_, p)| lines.contains(&p.line))
        .map(|(number, p)| (number, between(p).0, between(p).1))
        .filter(|(_, _, detour)| *detour <= FURTHEST_M)
        .collect();
    if chosen.is_empty() {
        return Err(fault(
            "far-stop",
            "position",
            "a new stop is far from its line",
            format!(
                "`{}` at {:.0}, {:.0}",
                new.name, new.position[0], new.position[1]
            ),
            "a detour of at most 1000 m",
        ));
    }
    let stop = timetable.stops.len() as u32;
    timetable.stops.push(Stop {
        id: format!("{} on {}", new.name, new.line),
        name: new.name.clone(),
        position: new.position,
    });
    for (number, after, _) in chosen {
        let pattern = &timetable.patterns[number];
        let [a, b] = [0, 1].map(|i| timetable.stops[pattern.stops[after + i] as usize].position);
        let (to, from) = (far(a, new.position), far(new.position, b));
        let share = if to + from > 0.0 {
            to / (to + from)
        } else {
            0.5
        };
        let widen = |times: &mut Vec<[i32; 2]>| {
            let leg = times[after + 1][0] - times[after][1];
            let arrival = times[after][1] + (f64::from(leg) * share).round() as i32;
            for later in &mut times[after + 1..] {
                *later = later.map(|s| s + new.costs_s);
            }
            times.insert(after + 1, [arrival, arrival + new.costs_s]);
        };
        let pattern = &mut timetable.patterns[number];
        pattern.stops.insert(after + 1, stop);
        pattern.boarding.insert(after + 1, true);
        pattern.alighting.insert(after + 1, true);
        pattern
            .trips
            .iter_mut()
            .for_each(|trip| widen(&mut trip.times));
        pattern
            .headways
            .iter_mut()
            .for_each(|h| widen(&mut h.offsets));
    }
    Ok([before, journeys(timetable, &lines)])
}

#[cfg(test)]
mod tests;
