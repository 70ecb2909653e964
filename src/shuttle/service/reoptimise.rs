//! Re-optimisation between requests: a few of those that wait are taken out of their tours and put in again where it costs least.
//!
//! Large neighbourhood search (Shaw 1998) by counts of trials, not by clocks. Who has boarded stays where he is; who waits may get another
//! vehicle, within the wait and the ride that were promised. A trial that does not lower the cost leaves no trace.

use super::engine::Engine;
use super::insert::{Relaxed, halt_s, inserted, keeps_rides, removed};
use super::model::{Outcome, Rules};
use super::times::TravelTimes;
use super::vehicle::{Action, From, Stop};
use crate::traffic::random::uniform;

/// Requests that a trial takes out at most.
const MOST_OUT: usize = 6;

/// A batch ends after so many trials in a row without gain ...
const PATIENCE: u32 = 40;

/// ... or after looking at so many tours: a large fleet gets fewer trials for each request, so that a day stays affordable.
const MOST_LOOKS: usize = 20_000;

/// Waiting requests that may make room for another, at most: those whose vehicles can be there first.
const MOST_YIELDING: usize = 24;

/// What must be gained (s): less is rounding.
const LEAST_GAIN_S: f64 = 1e-3;

impl Engine<'_> {
    /// Improves the plan at the time of a batch; all vehicles are up to it.
    pub(super) fn reoptimise(&mut self, now_s: f64) {
        let mut open = self.open_requests();
        let trials = self.service.rules.trials;
        if open.is_empty() || trials == 0 {
            return;
        }
        let before = open.clone();
        let (mut fruitless, mut looks) = (0, 0);
        for trial in 0..trials {
            if self.trial(now_s, trial, &mut open, &mut looks) {
                fruitless = 0;
            } else {
                fruitless += 1;
            }
            if fruitless >= PATIENCE || looks >= MOST_LOOKS {
                break;
            }
        }
        for vehicle in &mut self.vehicles {
            if !vehicle.is_charging() {
                vehicle.settle(now_s);
            }
        }
        for (old, new) in before.iter().zip(&open) {
            if old.1 != new.1 {
                let ride = &mut self.rides[new.0 as usize];
                ride.outcome = Outcome::Assigned(new.1);
                ride.moves += 1;
            }
        }
    }

    /// Takes in a request that fits into no tour, by giving one of those that wait to another vehicle; `None` when that does not help.
    /// Nobody's promise changes. The cheapest way counts, of equals the request asked first.
    pub(super) fn make_room(&mut self, request: u32, now_s: f64) -> Option<u32> {
        if self.service.rules.trials == 0 {
            return None;
        }
        self.advance_all(now_s);
        let service = self.service;
        let (times, rules) = (&service.times, &service.rules);
        let search = self.search(request, now_s, Relaxed::default());
        let reach = |number: u32| search.reach_s(&self.vehicles[number as usize]);
        let mut yielding: Vec<(f64, u32, u32)> = self
            .open_requests()
            .into_iter()
            .filter(|(_, number)| search.may_come(&self.vehicles[*number as usize]))
            .map(|(other, number)| (reach(number), other, number))
            .collect();
        yielding.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        yielding.truncate(MOST_YIELDING);
        let stops = search.stops;
        // Cost, who yields, from where, to where, and both tours.
        let mut best: Option<(f64, u32, u32, u32, Vec<Stop>, Vec<Stop>)> = None;
        for (_, other, number) in yielding {
            let vehicle = &mut self.vehicles[number as usize];
            let from = vehicle.from(now_s);
            let old = vehicle.stops.clone();
            let old_cost = tour_cost(times, rules, &self.rides, from, &old);
            vehicle.plan(times, rules, now_s, removed(&old, other));
            let search = self.search(request, now_s, Relaxed::default());
            let sound = keeps_rides(&self.vehicles[number as usize].stops, &self.rides);
            let tour = sound
                .then(|| search.best(&self.vehicles[number as usize], f64::INFINITY))
                .flatten()
                .map(|at| inserted(self.vehicles[number as usize].tasks(), stops, at));
            if let Some(tour) = tour
                && self.has_power_for(number, &tour)
            {
                self.vehicles[number as usize].plan(times, rules, now_s, tour);
                let here = &self.vehicles[number as usize];
                let gone = tour_cost(times, rules, &self.rides, from, &here.stops) - old_cost;
                let search = self.search(other, now_s, Relaxed::default());
                let coming: Vec<u32> = (0..self.vehicles.len() as u32)
                    .filter(|&to| to != number && search.may_come(&self.vehicles[to as usize]))
                    .collect();
                if let Some((to, at)) = self.cheapest(&search, &coming)
                    && best.as_ref().is_none_or(|b| gone + at.cost < b.0)
                {
                    let moved = inserted(self.vehicles[to as usize].tasks(), search.stops, at);
                    if self.has_power_for(to, &moved) {
                        let here = self.vehicles[number as usize].stops.clone();
                        best = Some((gone + at.cost, other, number, to, here, moved));
                    }
                }
            }
            self.vehicles[number as usize].stops = old;
        }
        let (_, other, number, to, here, moved) = best?;
        for (vehicle, stops) in [(number, here), (to, moved)] {
            let vehicle = &mut self.vehicles[vehicle as usize];
            vehicle.plan(times, rules, now_s, stops);
            vehicle.settle(now_s);
        }
        let ride = &mut self.rides[other as usize];
        ride.outcome = Outcome::Assigned(to);
        ride.moves += 1;
        Some(number)
    }

    /// True when it lowered the cost. Adds the tours looked at to `looks`.
    fn trial(
        &mut self,
        now_s: f64,
        trial: u32,
        open: &mut [(u32, u32)],
        looks: &mut usize,
    ) -> bool {
        let (seed, batch) = (self.seed, self.batch);
        let random =
            |what: u64| f64::from(uniform(seed, (batch << 24) | u64::from(trial), what, 31));
        let most = MOST_OUT.min(open.len());
        let count = 1 + (random(0) * most as f64) as usize;
        let chosen = self.related(open, count.min(most), &random);
        let service = self.service;
        let (times, rules) = (&service.times, &service.rules);
        let mut kept: Vec<(u32, Vec<Stop>)> = Vec::new();
        let (mut saved, mut sound) = (0.0, true);
        for &at in &chosen {
            let (request, number) = open[at];
            let vehicle = &mut self.vehicles[number as usize];
            let from = vehicle.from(now_s);
            let old = tour_cost(times, rules, &self.rides, from, &vehicle.stops);
            if kept.iter().all(|(other, _)| *other != number) {
                kept.push((number, vehicle.stops.clone()));
            }
            let less = removed(&vehicle.stops, request);
            vehicle.plan(times, rules, now_s, less);
            sound &= keeps_rides(&vehicle.stops, &self.rides);
            saved += old - tour_cost(times, rules, &self.rides, from, &vehicle.stops);
        }
        let mut paid = 0.0;
        let mut placed: Vec<(usize, u32)> = Vec::new();
        let mut candidates: Vec<u32> = Vec::new();
        for &at in &chosen {
            if !sound {
                break;
            }
            let search = self.search(open[at].0, now_s, Relaxed::default());
            candidates.clear();
            let coming = (0..self.vehicles.len() as u32)
                .filter(|&number| search.may_come(&self.vehicles[number as usize]));
            candidates.extend(coming);
            *looks += candidates.len();
            let stops = search.stops;
            let Some((number, insertion)) = self.cheapest(&search, &candidates) else {
                break;
            };
            paid += insertion.cost;
            let tour = inserted(self.vehicles[number as usize].tasks(), stops, insertion);
            if paid > saved || !self.has_power_for(number, &tour) {
                break;
            }
            let vehicle = &mut self.vehicles[number as usize];
            if kept.iter().all(|(other, _)| *other != number) {
                kept.push((number, vehicle.stops.clone()));
            }
            vehicle.plan(times, rules, now_s, tour);
            placed.push((at, number));
        }
        let cost = |number: u32, stops: &[Stop]| {
            let from = self.vehicles[number as usize].from(now_s);
            tour_cost(times, rules, &self.rides, from, stops)
        };
        let gained: f64 = kept
            .iter()
            .map(|(number, old)| {
                cost(*number, old) - cost(*number, &self.vehicles[*number as usize].stops)
            })
            .sum();
        let better = placed.len() == chosen.len() && gained > LEAST_GAIN_S;
        if better {
            self.improved += 1;
            for (at, number) in placed {
                open[at].1 = number;
            }
        } else {
            for (number, stops) in kept {
                self.vehicles[number as usize].stops = stops;
            }
        }
        better
    }

    /// Some waiting requests that have to do with each other, in a random order.
    fn related(
        &self,
        open: &[(u32, u32)],
        count: usize,
        random: &dyn Fn(u64) -> f64,
    ) -> Vec<usize> {
        let pick = ((random(1) * open.len() as f64) as usize).min(open.len() - 1);
        let times = &self.service.times;
        let of = |at: usize| {
            let wish = &self.service.requests[open[at].0 as usize];
            let begin_s = self
                .boarding_of(open[at].0, open[at].1)
                .map_or(0.0, |stop| stop.begin_s);
            (wish.pickup, wish.dropoff, begin_s)
        };
        let (pickup, dropoff, begin_s) = of(pick);
        let mut ranked: Vec<(f64, usize)> = (0..open.len())
            .map(|at| {
                let (other_pickup, other_dropoff, other_s) = of(at);
                let apart = f64::from(times.time(self.node(other_pickup), pickup))
                    + f64::from(times.time(self.node(other_dropoff), dropoff))
                    + (other_s - begin_s).abs();
                let chance = 0.2 + random(16 + at as u64);
                (if at == pick { -1.0 } else { apart * chance }, at)
            })
            .collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut chosen: Vec<usize> = ranked.iter().take(count).map(|(_, at)| *at).collect();
        for at in (1..chosen.len()).rev() {
            let other = (random(2 + at as u64) * (at + 1) as f64) as usize;
            chosen.swap(at, other.min(at));
        }
        chosen
    }
}

/// Cost (s) of a planned tour, as insertions count it.
pub(super) fn tour_cost(
    times: &TravelTimes,
    rules: &Rules,
    rides: &[super::model::Ride],
    mut from: From,
    stops: &[Stop],
) -> f64 {
    let mut cost = 0.0;
    for stop in stops {
        if !matches!(stop.action, Action::Board | Action::Alight) {
            return 0.0;
        }
        if from.node != stop.node {
            cost += f64::from(times.time(from.node, stop.place));
        }
        cost += halt_s(rules, &from, stop);
        let persons = f64::from(stop.persons);
        cost += persons
            * match stop.action {
                Action::Board => rules.wait_weight * (stop.begin_s - stop.ready_s),
                _ => {
                    let boarded_s = match stops.get(stop.boards_at as usize) {
                        Some(boards) => boards.end_s,
                        None => rides[stop.request as usize].boarded_s,
                    };
                    rules.ride_weight * (stop.begin_s - boarded_s)
                }
            };
        from = From::stop(stop);
    }
    cost
}
