//! A step of the whole: passes in order, vehicles moved onto their next lanes, arrivals taken off.

use std::mem;

use super::advance::{Driven, Event};
use super::approach::Book;
use super::change::Changes;
use super::insert::Inserter;
use super::plan::Ahead;
use super::roads::Roads;
use super::state::World;
use super::team::Team;
use super::vehicle::{COURTESY, MAX_LANES, RELAXED, SWAPPED, Vehicle};
use crate::traffic::network::{Aspect, NONE};
use crate::traffic::routing::Query;

/// Below this speed (m/s) a vehicle counts as standing.
pub const STANDS_M_S: f32 = 0.1;

/// Standing (s) at the end of a lane that does not lead on, after which a vehicle takes the way that its lane leads.
pub const MISS_AFTER_S: f32 = 60.0;

/// Standing (s) on a junction after which one of those who wait for each other squeezes past the others that stand.
pub const KNOT_AFTER_S: f32 = 15.0;

/// Who stands with less than this (m) beyond the distance at rest behind another waits for that one.
const STANDS_CLOSE_M: f32 = 1.0;

/// Standing (s) at a line after which one goes who waits for others that stand as well.
pub const YIELD_AFTER_S: f32 = 120.0;

/// A trip that ended, with what its vehicle gathered.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The vehicle as it left.
    pub vehicle: Vehicle,
    /// Time of the arrival (s).
    pub time_s: f64,
}

/// A call at a stop as it was.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallRecord {
    /// Trip.
    pub trip: u32,
    /// Place of the call among those of the trip.
    pub call: u16,
    /// Stopping place.
    pub stop: u32,
    /// The front was at the stop (s).
    pub arrival_s: f64,
    /// The dwell was over and, from a bay, a gap was found (s); NaN when still there.
    pub departure_s: f64,
}

/// What happened in a run besides driving; each is counted, none is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Right of way relaxed for someone who waited long in a knot of waiting vehicles.
    pub relaxed: u64,
    /// Vehicles that could not get onto their lane and took the way their lane led.
    pub missed_turns: u64,
    /// Calls at stops given up because the lane of the stop could not be reached.
    pub missed_stops: u64,
    /// Pairs that stood side by side on each other's lane and passed each other.
    pub swaps: u64,
    /// Pairs of vehicles found overlapping on a lane.
    pub overlaps: u64,
    /// Vehicle steps.
    pub updates: u64,
    /// Red lights passed because a stop was not possible any more.
    pub red_passed: u64,
}

/// The world with what a step needs besides.
pub struct Traffic {
    /// State.
    pub world: World,
    /// Who waits to get onto the roads.
    pub inserter: Inserter,
    /// Ended trips since the last call of `take_arrivals`.
    pub arrivals: Vec<Arrival>,
    /// Counts of the run.
    pub counts: Counts,
    /// Calls at stops so far, by arrival.
    pub calls: Vec<CallRecord>,
    /// Vehicles at stops: trip, place in `calls`, true in a bay.
    at_stops: Vec<(u32, usize, bool)>,
    book: Book,
    speeds: Vec<f32>,
    driven: Vec<Driven>,
    changes: Vec<Changes>,
}

impl Traffic {
    /// Empty roads.
    pub fn new(world: World, inserter: Inserter) -> Self {
        let book = Book::new(world.roads.links.len());
        Self {
            world,
            inserter,
            arrivals: Vec::new(),
            counts: Counts::default(),
            calls: Vec::new(),
            at_stops: Vec::new(),
            book,
            speeds: Vec::new(),
            driven: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Time now (s on the clock of the demand).
    pub fn time_s(&self) -> f64 {
        self.world.time_s()
    }

    /// Moves everything by one step. Signals' aspects are those of `world.aspects`.
    pub fn step(&mut self, team: &Team) {
        self.world.plan_all(team, &mut self.book);
        self.world.decide_all(team, &self.book, &mut self.speeds);
        self.move_all(team);
        let router = &mut self.inserter.router;
        self.world.change_lanes(team, router, &mut self.changes);
        self.resolve_knots();
        self.world.step += 1;
        let now = self.time_s();
        self.inserter.insert(team, &mut self.world, now);
        self.note_bays_left(now);
        self.world.balance(team);
        self.counts.updates += self.world.count() as u64;
    }

    /// Counts and settles what vehicles cannot settle among themselves: pairs that passed each other, turns that were missed. Looks at those
    /// that [`may_be_knotted`].
    fn resolve_knots(&mut self) {
        let mut swapped = 0;
        // Junctions on which somebody squeezes through already.
        let mut loosening: Vec<u32> = Vec::new();
        // The longest waiting first, then by trip.
        let mut knotted: Vec<(f32, u32, usize)> = Vec::new();
        let mut waiting: Vec<(f32, u32, usize)> = Vec::new();
        let changes = mem::take(&mut self.changes);
        for &index in changes.iter().flat_map(|changes| &changes.knotted) {
            let vehicle = self.world.vehicles[index];
            if vehicle.flags & SWAPPED != 0 {
                self.world.vehicles[index].flags &= !SWAPPED;
                swapped += 1;
            }
            if self.world.roads.lanes[vehicle.lane as usize].inner {
                let junction = self.world.roads.lanes[vehicle.lane as usize].junction;
                // Who stands behind another on its own way has nobody to squeeze past, and would keep the next one from it.
                if self.world.follows_standing(index) {
                    self.world.vehicles[index].flags &= !RELAXED;
                } else if vehicle.flags & RELAXED != 0 {
                    loosening.push(junction);
                } else if vehicle.standing > KNOT_AFTER_S {
                    knotted.push((-vehicle.standing, vehicle.trip, index));
                }
            }
            if vehicle.flags & COURTESY != 0 {
                // Holds only as long as those it yields to stand.
                if self.world.yields_to_standing(&vehicle) {
                    loosening.push(self.world.roads.lanes[vehicle.lane as usize].junction);
                } else {
                    self.world.vehicles[index].flags &= !COURTESY;
                }
            }
            if vehicle.standing > YIELD_AFTER_S
                && vehicle.flags & (RELAXED | COURTESY) == 0
                && self.world.yields_to_standing(&vehicle)
            {
                waiting.push((-vehicle.standing, vehicle.trip, index));
            }
            if vehicle.standing < MISS_AFTER_S || vehicle.dwell > 0.0 {
                continue;
            }
            if let Some(halt) = self
                .world
                .next_halt(&vehicle)
                .filter(|halt| halt.cursor == vehicle.cursor && halt.lane != vehicle.lane)
                && vehicle.pos > halt.pos - 4.0
            {
                let mut passing = vehicle;
                self.world.leave_stop(&mut passing);
                passing.standing = 0.0;
                self.world.vehicles[index] = passing;
                self.counts.missed_stops += 1;
                continue;
            }
            // The lane at whose end the way stops: its own, or the next one behind a junction.
            let road = &self.world.roads.lanes[vehicle.lane as usize];
            let (lane, cursor, seen) = if road.inner {
                let target = self.world.roads.links[road.links.start as usize].target;
                (
                    target,
                    vehicle.cursor + 1,
                    road.length - vehicle.pos + self.world.roads.lanes[target as usize].length,
                )
            } else {
                (vehicle.lane, vehicle.cursor, road.length - vehicle.pos)
            };
            let last = usize::from(cursor) + 1 >= self.world.routes.edges(vehicle.route).len();
            if seen < 3.0
                && !last
                && self
                    .world
                    .exit_link(&vehicle, lane, cursor, !road.inner)
                    .is_none()
            {
                self.miss_turn(index, lane);
            }
        }
        self.changes = changes;
        self.counts.swaps += swapped / 2;
        knotted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, _, index) in knotted {
            let vehicle = self.world.vehicles[index];
            let junction = self.world.roads.lanes[vehicle.lane as usize].junction;
            let bound = self.world.bound_by_others(index);
            if bound && !loosening.contains(&junction) {
                loosening.push(junction);
                self.world.vehicles[index].flags |= RELAXED;
                self.counts.relaxed += 1;
            }
        }
        waiting.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, _, index) in waiting {
            let lane = self.world.vehicles[index].lane as usize;
            let junction = self.world.roads.lanes[lane].junction;
            if !loosening.contains(&junction) {
                loosening.push(junction);
                self.world.vehicles[index].flags |= COURTESY;
                self.counts.relaxed += 1;
            }
        }
    }

    /// Gives a vehicle that could not get onto its lane another route from where `lane`, on which it is or comes next, leads. Calls at stops
    /// are kept, the first ones given up where no way leads to them any more. Where no way leads to the aim, it turns from the lane it is on.
    fn miss_turn(&mut self, index: usize, lane: u32) {
        let vehicle = self.world.vehicles[index];
        let class = self.world.kind(&vehicle).class;
        let calls = self.world.trips[vehicle.trip as usize].calls.len();
        let found = (usize::from(vehicle.call)..=calls).find_map(|call| {
            let route = self.route_from(&vehicle, lane, call)?;
            Some((call, route))
        });
        let Some((call, route)) = found else {
            self.turn_from_wrong_lane(index, lane);
            return;
        };
        let world = &mut self.world;
        let number = world.routes.number(&world.roads, &route, class);
        self.counts.missed_turns += 1;
        self.counts.missed_stops += (call - usize::from(vehicle.call)) as u64;
        let mut turned = Vehicle {
            route: number,
            cursor: 0,
            call: call as u16,
            ..vehicle
        };
        world.look_up_lead(&mut turned);
        world.vehicles[index] = turned;
    }

    /// Lets a vehicle leave its lane by the link of the nearest lane beside that leads on.
    fn turn_from_wrong_lane(&mut self, index: usize, lane: u32) {
        let vehicle = &mut self.world.vehicles[index];
        let place = self.world.roads.lanes[lane as usize].place as usize;
        if lane != vehicle.lane || place >= MAX_LANES {
            return;
        }
        let nearest = (0..MAX_LANES)
            .filter(|&other| vehicle.exit[other] != u8::MAX)
            .min_by_key(|&other| other.abs_diff(place));
        if let Some(other) = nearest {
            vehicle.exit[place] = vehicle.exit[other];
            self.counts.missed_turns += 1;
        }
    }

    /// The shortest of the routes (in edges) on which a vehicle goes on from where `lane` leads, through its stops from `call` on, to its aim.
    fn route_from(&mut self, vehicle: &Vehicle, lane: u32, call: usize) -> Option<Vec<u32>> {
        let world = &self.world;
        let (road, kind) = (&world.roads.lanes[lane as usize], world.kind(vehicle));
        let edges = world.routes.edges(vehicle.route);
        // On a junction the route begins with the edge before it.
        let mut start = vec![road.edge];
        if lane != vehicle.lane {
            start.insert(0, edges[usize::from(vehicle.cursor)]);
        }
        let edge_of = |stop: u32| world.roads.lanes[world.stops[stop as usize].0 as usize].edge;
        let calls = &world.trips[vehicle.trip as usize].calls[call..];
        let mut aims: Vec<u32> = calls.iter().map(|call| edge_of(call.stop)).collect();
        aims.push(*edges.last()?);
        let mut best: Option<Vec<u32>> = None;
        for link in road.links.clone() {
            let link = &world.roads.links[link as usize];
            if !world.roads.lanes[link.target as usize]
                .allowed
                .contains(kind.class)
            {
                continue;
            }
            let query = Query {
                way: &[&[link.edge], &aims[..]].concat(),
                class: kind.class,
                factor: vehicle.factor,
                top: kind.max_speed,
            };
            let Inserter { router, closed, .. } = &mut self.inserter;
            if let Some(route) = router.route(query, closed) {
                let length = start.len() + route.len();
                if best.as_ref().is_none_or(|best| length < best.len()) {
                    best = Some([&start, route].concat());
                }
            }
        }
        best
    }

    /// Moves everything, and notes who arrives or calls at a stop.
    fn move_all(&mut self, team: &Team) {
        self.world
            .drive_all(team, &self.book, &self.speeds, &mut self.driven);
        let time_s = self.world.time_s() + f64::from(self.world.dt);
        let mut driven = mem::take(&mut self.driven);
        for (vehicle, event) in driven.iter_mut().flat_map(|driven| driven.events.drain(..)) {
            match event {
                Event::Halts => self.note_arrival(&vehicle, time_s, false),
                Event::Leaves => self.note_departure(vehicle.trip, time_s),
                Event::Parks => {
                    self.note_arrival(&vehicle, time_s, true);
                    self.inserter.park(vehicle);
                }
                Event::Arrives => self.arrivals.push(Arrival { vehicle, time_s }),
            }
        }
        self.counts.overlaps += self.world.settle(team, &driven);
        self.driven = driven;
    }

    fn note_arrival(&mut self, vehicle: &Vehicle, time_s: f64, in_bay: bool) {
        let calls = &self.world.trips[vehicle.trip as usize].calls;
        self.at_stops.push((vehicle.trip, self.calls.len(), in_bay));
        self.calls.push(CallRecord {
            trip: vehicle.trip,
            call: vehicle.call,
            stop: calls[usize::from(vehicle.call)].stop,
            arrival_s: time_s,
            departure_s: f64::NAN,
        });
    }

    fn note_departure(&mut self, trip: u32, time_s: f64) {
        let calls = &mut self.calls;
        self.at_stops.retain(|&(other, call, _)| {
            if other == trip {
                calls[call].departure_s = time_s;
            }
            other != trip
        });
    }

    /// Notes the departures of those that found a gap out of their bays.
    fn note_bays_left(&mut self, now: f64) {
        let (calls, bays) = (&mut self.calls, self.inserter.in_bays());
        self.at_stops.retain(|&(trip, call, in_bay)| {
            let stays = !in_bay || bays.iter().any(|vehicle| vehicle.trip == trip);
            if !stays {
                calls[call].departure_s = now;
            }
            stays
        });
    }
}

impl World {
    /// True when those on crossing ways keep a vehicle on a junction from moving: on its own inner lane, or, when it has stood long, on the
    /// next one. To wait for others there for a while is what the place between the two is for.
    fn bound_by_others(&self, index: usize) -> bool {
        let vehicle = &self.vehicles[index];
        let road = &self.roads.lanes[vehicle.lane as usize];
        let distance = road.length - vehicle.pos;
        let link = road.links.start;
        let next = self.roads.links[link as usize].to;
        let ahead = Ahead {
            link,
            distance,
            ..Ahead::default()
        };
        let speed = |lane: u32, distance: f32, ahead: Option<&Ahead>| {
            // Who goes ahead onto the same lane is in the way of nobody.
            self.conflict_speed(index, lane, distance, ahead, false)
        };
        speed(vehicle.lane, -vehicle.pos, None) < 0.2
            || vehicle.standing > MISS_AFTER_S
                && self.roads.lanes[next as usize].inner
                && speed(next, distance, Some(&ahead)) < 0.2
    }

    /// True when someone stands close ahead of a vehicle on its lane or on the next one of its way.
    fn follows_standing(&self, index: usize) -> bool {
        let vehicle = &self.vehicles[index];
        let min_gap = self.kind(vehicle).driver.min_gap;
        let near = |back: f32, speed: f32| {
            speed < STANDS_M_S && back - vehicle.pos < min_gap + STANDS_CLOSE_M
        };
        let state = &self.lane_states[vehicle.lane as usize];
        if index > state.first as usize {
            let leader = &self.vehicles[index - 1];
            return near(leader.pos - self.kind(leader).length, leader.speed);
        }
        let (road, tail) = (&self.roads.lanes[vehicle.lane as usize], &state.tail);
        let next = self.exit_link(vehicle, vehicle.lane, vehicle.cursor, !road.inner);
        let behind_next = next
            .and_then(|link| self.rear_of(self.roads.links[link as usize].to))
            .is_some_and(|(back, speed, _)| near(road.length + back, speed));
        let own_tail = tail.trip == NONE || tail.trip == vehicle.trip;
        behind_next || !own_tail && near(tail.back, tail.speed)
    }

    /// True when a signal keeps who comes to a link before its line.
    pub(super) fn holds(&self, link: u32) -> bool {
        matches!(
            self.aspects[link as usize],
            Aspect::Red | Aspect::RedAmber | Aspect::Amber
        )
    }

    /// True when a vehicle stands at a line that no signal bars, and those it has to yield to stand as well.
    fn yields_to_standing(&self, vehicle: &Vehicle) -> bool {
        let road = &self.roads.lanes[vehicle.lane as usize];
        if vehicle.dwell > 0.0 || road.length - vehicle.pos > 3.0 {
            return false;
        }
        let Some(link) = self.exit_link(vehicle, vehicle.lane, vehicle.cursor, !road.inner) else {
            return false;
        };
        let yields = self.roads.links[link as usize].yields.clone();
        let foes = &self.roads.yields[yields.start as usize..yields.end as usize];
        let mut fronts = foes
            .iter()
            .filter_map(|&foe| self.front_of(self.roads.links[foe as usize].from))
            .peekable();
        !self.holds(link)
            && fronts.peek().is_some()
            && fronts.all(|(_, speed, _)| speed < STANDS_M_S)
    }
}

/// True when a vehicle has stood so long, or shows such flags, that [`Traffic::resolve_knots`] may do something with it.
pub fn may_be_knotted(roads: &Roads, vehicle: &Vehicle) -> bool {
    let long = || {
        let inner = roads.lanes[vehicle.lane as usize].inner;
        inner || vehicle.standing >= MISS_AFTER_S
    };
    vehicle.flags & (SWAPPED | RELAXED | COURTESY) != 0 || vehicle.standing > KNOT_AFTER_S && long()
}

/// Index of the lane that leads furthest; among equals the first.
pub fn furthest(reach: &[u16; MAX_LANES], lanes: usize) -> usize {
    let mut best = 0;
    for place in 1..lanes.min(MAX_LANES) {
        if reach[place] > reach[best] {
            best = place;
        }
    }
    best
}

/// Lane beside another on the same edge: +1 left, -1 right.
pub fn beside(roads: &Roads, lane: u32, side: i32) -> Option<u32> {
    let range = roads.beside(lane);
    let other = lane.checked_add_signed(side)?;
    (range.contains(&other) && !roads.lanes[lane as usize].inner).then_some(other)
}

/// `NONE` three times: nothing under the rear.
pub const NOTHING_BEHIND: [u32; 3] = [NONE; 3];
