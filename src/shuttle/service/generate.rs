//! Trips drawn at random from inhabitants and workplaces. Nothing of them was counted; every result that uses them says so.
//!
//! Gravity model: a trip begins where people are and ends where others are, less often the farther apart: weight of the two ends times
//! exp(-distance / mean). Whether it leads from homes to workplaces or back follows the hour. Places are drawn by cell of [`CELL_M`] first,
//! then within the cell.

use super::demand::{End, Trip};
use crate::traffic::random::uniform;

/// Side (m) of the cells between which trips are drawn.
pub const CELL_M: f64 = 500.0;

/// A place with people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Place (m, plane of the streets).
    pub at: [f64; 2],
    /// Inhabitants.
    pub inhabitants: f64,
    /// Workplaces.
    pub workplaces: f64,
}

/// How trips are drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Generated {
    /// Trips.
    pub trips: usize,
    /// Begin and end (s on the clock of the run).
    pub begin_s: f64,
    /// See `begin_s`.
    pub end_s: f64,
    /// Time of day (s) at 0 on the clock of the run.
    pub clock_s: f64,
    /// Distance (m) over which the attraction falls to 1/e.
    pub mean_distance_m: f64,
    /// Shortest trip (m, straight line).
    pub least_distance_m: f64,
    /// Share of trips by two persons; the others are alone.
    pub pairs: f64,
    /// Share of trips by a person in a wheelchair.
    pub wheelchairs: f64,
    /// Share of trips that are asked ahead, and how long before (s).
    pub ahead: f64,
    /// See `ahead`.
    pub ahead_s: f64,
    /// Random numbers.
    pub seed: u64,
}

/// Relative demand by hour of day: two peaks. From no count; shape as it is common for trips of inhabitants.
pub const BY_HOUR: [f64; 24] = [
    0.3, 0.2, 0.1, 0.1, 0.3, 0.9, 2.2, 4.4, 4.6, 3.4, 3.2, 3.4, 3.8, 3.9, 4.0, 4.6, 5.3, 5.6, 4.7,
    3.6, 2.6, 2.0, 1.5, 0.8,
];

/// Share of trips from homes to workplaces (the others lead back), by hour of day.
const OUTWARD: [f64; 24] = [
    0.2, 0.2, 0.3, 0.6, 0.9, 0.9, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.5, 0.45, 0.35, 0.25, 0.2,
    0.3, 0.4, 0.3, 0.2, 0.15, 0.15,
];

/// Draws trips, rising by time. Fewer than asked for come out only where no two places are far enough apart.
pub fn generate(sources: &[Source], how: &Generated) -> Vec<Trip> {
    let cells = Cells::new(sources, how);
    let times = times_of_day(how);
    let mut trips = Vec::with_capacity(how.trips);
    for (number, &time_s) in times.iter().enumerate() {
        let who = number as u64;
        let random = |what: u64| f64::from(uniform(how.seed, who, what, 47));
        let hour = hour_of(how, time_s);
        let outward = random(0) < OUTWARD[hour];
        let drawn = (0..20).find_map(|trial| {
            let (from, to) = cells.draw(outward, |what| random(16 + 8 * trial + what))?;
            let far = (from[0] - to[0]).hypot(from[1] - to[1]) >= how.least_distance_m;
            far.then_some((from, to))
        });
        let Some((from, to)) = drawn else { continue };
        let ahead = random(1) < how.ahead;
        let kind = random(2);
        let wheelchair = kind < how.wheelchairs;
        let pair = !wheelchair && kind < how.wheelchairs + how.pairs;
        trips.push(Trip {
            name: format!("{}", number + 1),
            asked_s: if ahead {
                (time_s - how.ahead_s).max(how.begin_s)
            } else {
                time_s
            },
            leave_s: time_s,
            from: End::Place(from),
            to: End::Place(to),
            persons: if pair { 2 } else { 1 },
            wheelchairs: u16::from(wheelchair),
        });
    }
    trips
}

fn hour_of(how: &Generated, time_s: f64) -> usize {
    (((how.clock_s + time_s) / 3600.0).floor() as i64).rem_euclid(24) as usize
}

/// Times (s) of all trips, rising: independent draws from the profile of the day.
fn times_of_day(how: &Generated) -> Vec<f64> {
    const STEP_S: f64 = 300.0;
    let steps = (((how.end_s - how.begin_s) / STEP_S).ceil() as usize).max(1);
    let mut sum = 0.0;
    let rising: Vec<f64> = (0..steps)
        .map(|step| {
            let begin = how.begin_s + step as f64 * STEP_S;
            let end = (begin + STEP_S).min(how.end_s);
            sum += BY_HOUR[hour_of(how, begin)] * (end - begin);
            sum
        })
        .collect();
    let mut times: Vec<f64> = (0..how.trips as u64)
        .map(|who| {
            let aim = f64::from(uniform(how.seed, who, 0, 43)) * sum;
            let step = rising.partition_point(|s| *s <= aim).min(steps - 1);
            let begin = how.begin_s + step as f64 * STEP_S;
            let length = STEP_S.min(how.end_s - begin);
            begin + f64::from(uniform(how.seed, who, 1, 43)) * length
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// Places by cell.
struct Cells<'a> {
    sources: &'a [Source],
    /// Sources of each cell.
    members: Vec<Vec<u32>>,
    /// Rising sums over pairs of cells of (homes of the first, workplaces of the second).
    rising: Vec<f64>,
}

impl<'a> Cells<'a> {
    fn new(sources: &'a [Source], how: &Generated) -> Self {
        let mut by_cell: std::collections::BTreeMap<[i64; 2], Vec<u32>> =
            std::collections::BTreeMap::new();
        for (number, source) in sources.iter().enumerate() {
            let cell = source.at.map(|x| (x / CELL_M).floor() as i64);
            by_cell.entry(cell).or_default().push(number as u32);
        }
        let members: Vec<Vec<u32>> = by_cell.into_values().collect();
        let sum = |of: &[u32], what: &dyn Fn(&Source) -> f64| -> f64 {
            of.iter().map(|&s| what(&sources[s as usize])).sum()
        };
        let centre = |of: &[u32]| [0, 1].map(|axis| sum(of, &|s| s.at[axis]) / of.len() as f64);
        let (homes, ends, centres): (Vec<f64>, Vec<f64>, Vec<[f64; 2]>) = members
            .iter()
            .map(|of| {
                (
                    sum(of, &|s| s.inhabitants),
                    sum(of, &attraction),
                    centre(of),
                )
            })
            .fold((Vec::new(), Vec::new(), Vec::new()), |mut all, one| {
                all.0.push(one.0);
                all.1.push(one.1);
                all.2.push(one.2);
                all
            });
        let mut total = 0.0;
        let mut rising = Vec::with_capacity(members.len() * members.len());
        for (home, from) in homes.iter().zip(&centres) {
            for (end, to) in ends.iter().zip(&centres) {
                let distance = (from[0] - to[0]).hypot(from[1] - to[1]);
                total += home * end * (-distance / how.mean_distance_m).exp();
                rising.push(total);
            }
        }
        Self {
            sources,
            members,
            rising,
        }
    }

    /// Begin and end of a trip.
    fn draw(&self, outward: bool, random: impl Fn(u64) -> f64) -> Option<([f64; 2], [f64; 2])> {
        let total = self.rising.last().copied().filter(|total| *total > 0.0)?;
        // 48 bits: with 24 some pairs of cells of a large city could never be drawn.
        let aim = total * (random(0) + random(1) / f64::from(1 << 24));
        let pair = self.rising.partition_point(|s| *s <= aim);
        let pair = pair.min(self.rising.len() - 1);
        let (home, end) = (pair / self.members.len(), pair % self.members.len());
        let home = self.member(home, &|s| s.inhabitants, random(2))?;
        let end = self.member(end, &attraction, random(3))?;
        Some(if outward { (home, end) } else { (end, home) })
    }

    fn member(&self, cell: usize, weight: &dyn Fn(&Source) -> f64, at: f64) -> Option<[f64; 2]> {
        let members = &self.members[cell];
        let source = |&number: &u32| &self.sources[number as usize];
        let sum: f64 = members.iter().map(|n| weight(source(n))).sum();
        let mut left = at * sum;
        for number in members {
            let share = weight(source(number));
            if left < share {
                return Some(source(number).at);
            }
            left -= share;
        }
        members.last().map(|n| source(n).at)
    }
}

/// What draws trips to a place: workplaces, and some for visits at home.
fn attraction(source: &Source) -> f64 {
    source.workplaces + 0.2 * source.inhabitants
}

#[cfg(test)]
mod tests {
    use super::*;

    fn how() -> Generated {
        Generated {
            trips: 20_000,
            begin_s: 0.0,
            end_s: 86_400.0,
            clock_s: 0.0,
            mean_distance_m: 3000.0,
            least_distance_m: 300.0,
            pairs: 0.2,
            wheelchairs: 0.05,
            ahead: 0.1,
            ahead_s: 1800.0,
            seed: 1,
        }
    }

    /// Homes in the west, workplaces in the east.
    fn town() -> Vec<Source> {
        (0..400)
            .map(|n| {
                let east = n % 20 >= 10;
                Source {
                    at: [f64::from(n % 20) * 300.0, f64::from(n / 20) * 300.0],
                    inhabitants: if east { 0.0 } else { 50.0 },
                    workplaces: if east { 50.0 } else { 0.0 },
                }
            })
            .collect()
    }

    #[test]
    fn trips_follow_people_hours_and_shares() {
        let trips = generate(&town(), &how());
        assert_eq!(trips.len(), 20_000);
        let of = |hours: std::ops::Range<usize>| {
            let inside = trips.iter().filter(move |t| {
                let hour = (t.leave_s / 3600.0) as usize;
                hours.contains(&hour)
            });
            inside.collect::<Vec<_>>()
        };
        let share = |some: &[&Trip], test: &dyn Fn(&Trip) -> bool| {
            some.iter().filter(|t| test(t)).count() as f64 / some.len() as f64
        };
        let x = |end: End| match end {
            End::Place(at) => at[0],
            End::Node(_) => f64::NAN,
        };
        let eastward = |t: &Trip| x(t.from) < 3000.0 && x(t.to) >= 3000.0;
        assert!(share(&of(7..9), &eastward) > share(&of(16..18), &eastward) + 0.2);
        let peak = of(17..18).len() as f64 / trips.len() as f64;
        let expected = BY_HOUR[17] / BY_HOUR.iter().sum::<f64>();
        assert!((peak / expected - 1.0).abs() < 0.08, "{peak} {expected}");
        let all: Vec<&Trip> = trips.iter().collect();
        assert!((share(&all, &|t| t.persons == 2) - 0.2).abs() < 0.01);
        assert!((share(&all, &|t| t.wheelchairs == 1) - 0.05).abs() < 0.01);
        assert!((share(&all, &|t| t.asked_s < t.leave_s) - 0.1).abs() < 0.01);
        assert!(
            trips
                .windows(2)
                .all(|pair| pair[0].leave_s <= pair[1].leave_s)
        );
    }

    #[test]
    fn nearer_places_draw_more_and_no_people_no_trips() {
        let near = generate(
            &town(),
            &Generated {
                mean_distance_m: 500.0,
                ..how()
            },
        );
        let far = generate(
            &town(),
            &Generated {
                mean_distance_m: 1e9,
                ..how()
            },
        );
        let mean = |trips: &[Trip]| {
            let sum: f64 = trips
                .iter()
                .map(|t| match (t.from, t.to) {
                    (End::Place(a), End::Place(b)) => (a[0] - b[0]).hypot(a[1] - b[1]),
                    _ => f64::NAN,
                })
                .sum();
            sum / trips.len() as f64
        };
        assert!(
            mean(&near) < 0.8 * mean(&far),
            "{} {}",
            mean(&near),
            mean(&far)
        );
        assert_eq!(generate(&[], &how()), []);
    }
}
