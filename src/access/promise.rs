//! The promise: an offer within so many minutes, for whom and when it is kept.
//!
//! Somebody leaves the door at a time, walks to any stop, and boards what comes next there. The promise is kept when walk and wait fit the
//! [`Rule`]. The day is cut into slices; each counts by its middle, so that departures at full minutes do not fall on the edge of a rule.
//! Sources differ on the Hamburg-Takt ("an offer within five minutes" against "picked up at any stop within five minutes"), so the rule is
//! a parameter and is printed with every result.

use rayon::prelude::*;

use crate::geo::ring::contains;

use super::offers::{Halts, Offer, Zone, on_demand_s};
use super::walk::{Reach, Targets, Walk};

/// Targets per piece of parallel work.
const CHUNK: usize = 2_048;

/// What "within reach" means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rule {
    /// Walk and wait together take at most this time (s).
    Total {
        /// Limit (s).
        limit_s: f64,
    },
    /// The walk takes at most one time (s), the wait at the stop at most another.
    Separate {
        /// Limit of the walk (s).
        walk_s: f64,
        /// Limit of the wait (s).
        wait_s: f64,
    },
}

impl Rule {
    /// Longest walk (s) that can keep it.
    pub fn longest_walk_s(self) -> f64 {
        match self {
            Self::Total { limit_s } => limit_s,
            Self::Separate { walk_s, .. } => walk_s,
        }
    }

    fn kept(self, found: Kept) -> bool {
        match self {
            Self::Total { limit_s } => found.total_s <= limit_s,
            Self::Separate {
                walk_s: most_walk_s,
                wait_s: most_wait_s,
            } => found.walk_s <= most_walk_s && found.wait_s <= most_wait_s,
        }
    }
}

/// Everything needed to ask for one leaving time after another.
#[derive(Debug)]
pub struct Promise<'a> {
    rule: Rule,
    walk_m_s: f64,
    offers: &'a [Offer],
    reach: Reach,
    /// Walks (s) from each target to the nearest halt of each service, infinite out of reach, with hours and wait (s).
    halts: Vec<(Vec<f64>, [i32; 2], f64)>,
    /// Zones of each target.
    zones: Vec<Vec<u32>>,
    all_zones: &'a [Zone],
    targets: usize,
}

/// Walk and wait (s) of the way that boards first among those that keep the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kept {
    /// Walk (s).
    pub walk_s: f64,
    /// Wait (s).
    pub wait_s: f64,
    /// Time (s) from leaving to boarding. Both are often whole seconds, so that this is exact where the sum of walk and wait is not.
    pub total_s: f64,
    /// Number of the offer; `None`: a zone, or the nearest halt of a service.
    pub offer: Option<u32>,
}

/// The promise over a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Day {
    /// Middle (s) of each slice.
    pub leave_s: Vec<f64>,
    /// Share (0 to 1) of the people for whom it is kept, per slice.
    pub share: Vec<f64>,
    /// Share (0 to 1) of the slices in which it is kept, per target.
    pub kept: Vec<f64>,
    /// Mean walk and wait (s) of the slices in which it is kept, per target; NaN where it never is.
    pub mean_s: Vec<f64>,
    /// Mean over the slices of the share.
    pub mean_share: f64,
}

impl<'a> Promise<'a> {
    /// Prepares targets and offers. `walk_m_s` is the speed; offers farther from a street than `snap_m` are out of reach.
    pub fn new(
        walk: &Walk,
        targets: &Targets,
        offers: &'a [Offer],
        zones: &'a [Zone],
        rule: Rule,
        walk_m_s: f64,
        snap_m: f64,
    ) -> Self {
        let places = offers.iter().map(|offer| offer.position).collect();
        let sources = walk.targets(places, snap_m);
        let reach = walk.reach(targets, &sources, rule.longest_walk_s() * walk_m_s);
        let inside = |&place: &[f64; 2]| {
            let zones = zones.iter().enumerate();
            let inside = zones.filter(|(_, zone)| contains(&zone.ring, place));
            inside.map(|(number, _)| number as u32).collect()
        };
        Self {
            rule,
            walk_m_s,
            offers,
            reach,
            halts: Vec::new(),
            zones: if zones.is_empty() {
                Vec::new()
            } else {
                targets.places.par_iter().map(inside).collect()
            },
            all_zones: zones,
            targets: targets.places.len(),
        }
    }

    /// Adds services on demand with many halts, of which the nearest counts.
    pub fn with_halts(
        mut self,
        walk: &Walk,
        targets: &Targets,
        services: &[Halts],
        snap_m: f64,
    ) -> Self {
        for service in services {
            let limit_m = service
                .longest_m
                .min(self.rule.longest_walk_s() * self.walk_m_s);
            let halts = walk.targets(service.places.clone(), snap_m);
            let behind = vec![0.0; service.places.len()];
            let ways = walk.nearest(targets, &halts, &behind, limit_m);
            let outside =
                |place: [f64; 2]| !service.ring.is_empty() && !contains(&service.ring, place);
            let walks = ways.into_iter().zip(&targets.places).map(|(way_m, place)| {
                if outside(*place) {
                    f64::INFINITY
                } else {
                    way_m / self.walk_m_s
                }
            });
            self.halts
                .push((walks.collect(), service.hours_s, service.wait_s));
        }
        self
    }

    /// Walks that were prepared.
    pub fn walks(&self) -> usize {
        self.reach.walks()
    }

    /// Walk (s) to the nearest offer that has any boarding, within the longest walk.
    pub fn nearest_walk_s(&self, target: usize) -> Option<f64> {
        let ways = self.reach.of(target).iter();
        let nearest = ways.map(|&(_, way_m)| f64::from(way_m) / self.walk_m_s);
        let halts = self.halts.iter().map(|(walks, ..)| walks[target]);
        let halts = halts.filter(|walk_s| walk_s.is_finite());
        nearest.chain(halts).min_by(f64::total_cmp)
    }

    /// The way that boards first for somebody who leaves at a time, if any keeps the rule.
    pub fn kept(&self, target: usize, leave_s: f64) -> Option<Kept> {
        let mut best: Option<Kept> = None;
        let mut offer = |found: Kept| {
            let sooner = |best: &Kept| found.total_s < best.total_s;
            if self.rule.kept(found) && best.as_ref().is_none_or(sooner) {
                best = Some(found);
            }
        };
        for &zone in self.zones.get(target).into_iter().flatten() {
            let zone = &self.all_zones[zone as usize];
            if let Some(boards_s) = on_demand_s(zone.hours_s, zone.wait_s, leave_s) {
                let wait_s = boards_s - leave_s;
                offer(Kept {
                    walk_s: 0.0,
                    wait_s,
                    total_s: wait_s,
                    offer: None,
                });
            }
        }
        for (walks, hours_s, wait_s) in &self.halts {
            let walk_s = walks[target];
            let ready_s = leave_s + walk_s;
            let boards = on_demand_s(*hours_s, *wait_s, ready_s).filter(|_| walk_s.is_finite());
            if let Some(boards_s) = boards {
                offer(Kept {
                    walk_s,
                    wait_s: boards_s - ready_s,
                    total_s: boards_s - leave_s,
                    offer: None,
                });
            }
        }
        for &(number, way_m) in self.reach.of(target) {
            let walk_s = f64::from(way_m) / self.walk_m_s;
            let ready_s = leave_s + walk_s;
            if let Some(boards_s) = self.offers[number as usize].boarding.next_s(ready_s) {
                offer(Kept {
                    walk_s,
                    wait_s: boards_s - ready_s,
                    total_s: boards_s - leave_s,
                    offer: Some(number),
                });
            }
        }
        best
    }

    /// Walk and wait (s) at one leaving time per target; NaN where the promise is not kept.
    pub fn slice(&self, leave_s: f64) -> Vec<f64> {
        let total = |target: usize| {
            self.kept(target, leave_s)
                .map_or(f64::NAN, |kept| kept.total_s)
        };
        (0..self.targets)
            .into_par_iter()
            .with_min_len(CHUNK)
            .map(total)
            .collect()
    }

    /// Share (0 to 1) of the people for whom the promise is kept at one leaving time.
    pub fn share(&self, people: &[f64], leave_s: f64) -> f64 {
        let times = self.slice(leave_s);
        let kept = times.iter().zip(people).filter(|(time, _)| !time.is_nan());
        let kept: f64 = kept.map(|(_, people)| people).sum();
        kept / people.iter().sum::<f64>()
    }

    /// The day from a begin to an end (s) in slices of a length (s). `people` weights the targets of the shares.
    pub fn day(&self, people: &[f64], [from_s, until_s]: [f64; 2], slice_s: f64) -> Day {
        let slices = ((until_s - from_s) / slice_s).round().max(1.0) as usize;
        let width_s = (until_s - from_s) / slices as f64;
        let leave_s: Vec<f64> = (0..slices)
            .map(|k| from_s + (k as f64 + 0.5) * width_s)
            .collect();
        let numbers: Vec<usize> = (0..self.targets).collect();
        // Sums are made per piece and added in the order of the pieces: the same for any number of threads.
        let pieces: Vec<(Vec<f64>, Vec<[f64; 2]>)> = numbers
            .par_chunks(CHUNK)
            .map(|piece| {
                let mut sums = vec![0.0; slices];
                let of_target = |&target: &usize| {
                    let (mut kept, mut total_s) = (0usize, 0.0);
                    for (sum, &leave_s) in sums.iter_mut().zip(&leave_s) {
                        if let Some(found) = self.kept(target, leave_s) {
                            kept += 1;
                            total_s += found.total_s;
                            *sum += people[target];
                        }
                    }
                    [kept as f64 / slices as f64, total_s / kept as f64]
                };
                let of_targets = piece.iter().map(of_target).collect();
                (sums, of_targets)
            })
            .collect();
        let all: f64 = people.iter().sum();
        let mut share = vec![0.0; slices];
        for (sums, _) in &pieces {
            for (share, sum) in share.iter_mut().zip(sums) {
                *share += sum / all;
            }
        }
        let of_target = || pieces.iter().flat_map(|(_, targets)| targets);
        Day {
            mean_share: share.iter().sum::<f64>() / slices as f64,
            kept: of_target().map(|t| t[0]).collect(),
            mean_s: of_target().map(|t| t[1]).collect(),
            leave_s,
            share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::offers::{Boarding, OfferKind};
    use super::super::walk::Straight;
    use super::*;

    fn bus(departures: Vec<i32>) -> Offer {
        Offer {
            name: "Stop".to_owned(),
            position: [0.0, 0.0],
            kind: OfferKind::Bus,
            boarding: Boarding::Timetable {
                departures,
                headways: Vec::new(),
            },
        }
    }

    fn straight() -> Walk {
        Walk::Straight(Straight {
            manhattan: false,
            detour: 1.0,
        })
    }

    #[test]
    fn the_two_rules_differ() {
        let walk = straight();
        // 200 s of walk at 1 m/s, then 250 s of wait.
        let targets = walk.targets(vec![[200.0, 0.0]], 0.0);
        let offers = [bus(vec![450])];
        let kept = |rule, leave_s| {
            let promise = Promise::new(&walk, &targets, &offers, &[], rule, 1.0, 0.0);
            promise
                .kept(0, leave_s)
                .map(|kept| (kept.walk_s, kept.wait_s))
        };
        let total = Rule::Total { limit_s: 300.0 };
        let separate = Rule::Separate {
            walk_s: 300.0,
            wait_s: 300.0,
        };
        assert_eq!(kept(total, 0.0), None);
        assert_eq!(kept(separate, 0.0), Some((200.0, 250.0)));
        assert_eq!(kept(total, 150.0), Some((200.0, 100.0)));
        assert_eq!(kept(total, 250.0), Some((200.0, 0.0)));
        assert_eq!(kept(total, 250.5), None);
    }

    #[test]
    fn a_day_counts_people_and_slices_and_is_the_same_for_any_number_of_threads() {
        let walk = straight();
        let places: Vec<[f64; 2]> = (0..5_000).map(|k| [0.13 * f64::from(k), 0.0]).collect();
        let people: Vec<f64> = (0..5_000).map(|k| 1.0 + 0.1 * f64::from(k % 7)).collect();
        let targets = walk.targets(places, 0.0);
        let offers = [bus((0..20).map(|k| 600 * k).collect())];
        let zones = [Zone {
            name: "Zone".to_owned(),
            ring: vec![[600.0, -1.0], [700.0, -1.0], [700.0, 1.0], [600.0, 1.0]],
            hours_s: [3_000, 6_000],
            wait_s: 200.0,
        }];
        let rule = Rule::Total { limit_s: 300.0 };
        let day = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| {
                let promise = Promise::new(&walk, &targets, &offers, &zones, rule, 1.33, 0.0);
                promise.day(&people, [0.0, 6_000.0], 60.0)
            })
        };
        let one = day(1);
        let bytes = |day: &Day| {
            let all = day.share.iter().chain(&day.kept).chain(&day.mean_s);
            all.map(|v| v.to_bits()).collect::<Vec<_>>()
        };
        for threads in [2, 8] {
            assert_eq!(bytes(&day(threads)), bytes(&one));
        }
        assert_eq!(one.leave_s[0], 30.0);
        // At the door of the stop a departure is within 300 s for half of the time.
        assert!((one.kept[0] - 0.5).abs() < 1e-9);
        // In the zone half of the day is served, and the two slices before: 300 s less the wait of 200 s.
        assert!((one.kept[4_800] - 0.52).abs() < 1e-9, "{}", one.kept[4_800]);
        assert!(one.mean_s[3_500].is_nan() && one.kept[3_500] == 0.0);
    }
}
