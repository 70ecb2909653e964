//! Getting vehicles onto the roads: at their departure, and back from bays where buses have stopped.

use std::collections::VecDeque;

use super::follow::{brake_gap, safe_stop_speed};
use super::plan::LINE_M;
use super::state::World;
use super::step::{NOTHING_BEHIND, furthest};
use super::team::Team;
use super::vehicle::Vehicle;
use crate::traffic::demand::{DepartLane, DepartSpeed};
use crate::traffic::network::{NONE, VehicleClass};
use crate::traffic::random::normal;
use crate::traffic::routing::{Query, Router};

/// Of those who wait for an edge so many are looked at in a step: a long queue for a full lane would cost more than all that drives.
const LOOKED_AT: usize = 64;

/// Who waits to get onto the roads.
pub struct Inserter {
    /// Finds the routes of trips that have only origin and destination.
    pub router: Router,
    /// Edges closed to traffic.
    pub closed: Vec<bool>,
    /// Next trip of the demand.
    next: usize,
    /// Trips whose time has come, by edge.
    queues: Vec<VecDeque<Waiting>>,
    /// Edges with someone waiting, in order.
    busy: Vec<u32>,
    /// Vehicles in bays.
    bays: Vec<Vehicle>,
    /// Trips without any route, with the time (s) when that was found.
    pub unroutable: Vec<(u32, f64)>,
    /// Departures: trip and time (s), in order.
    pub departures: Vec<(u32, f64)>,
    added: Vec<Vehicle>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    trip: u32,
    route: u32,
}

impl Inserter {
    /// Nobody waits yet.
    pub fn new(router: Router, edges: usize) -> Self {
        Self {
            router,
            closed: vec![false; edges],
            next: 0,
            queues: vec![VecDeque::new(); edges],
            busy: Vec::new(),
            bays: Vec::new(),
            unroutable: Vec::new(),
            departures: Vec::new(),
            added: Vec::new(),
        }
    }

    /// Number of vehicles whose time has come but that found no room yet.
    pub fn waiting(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    /// Trips whose time has come but that found no room yet, by edge and time.
    pub fn waiting_trips(&self) -> impl Iterator<Item = u32> {
        self.busy.iter().flat_map(|&edge| {
            self.queues[edge as usize]
                .iter()
                .map(|waiting| waiting.trip)
        })
    }

    /// Number of trips that have not been looked at.
    pub fn left(&self, world: &World) -> usize {
        world.trips.len() - self.next
    }

    /// Vehicles in bays.
    pub fn in_bays(&self) -> &[Vehicle] {
        &self.bays
    }

    /// Takes a vehicle off the lane into a bay, where its dwell goes on.
    pub fn park(&mut self, vehicle: Vehicle) {
        self.bays.push(vehicle);
    }

    /// Brings onto the roads whoever finds room at time `now` (s).
    pub fn insert(&mut self, team: &Team, world: &mut World, now: f64) {
        self.leave_bays(world);
        let first = self.next;
        let due = world.trips[first..].iter();
        let due = &world.trips[first..first + due.take_while(|trip| trip.depart_s <= now).count()];
        self.next += due.len();
        let queries: Vec<Query> = due
            .iter()
            .filter(|trip| !trip.routed)
            .map(|trip| {
                let kind = &world.kinds[trip.vehicle_type as usize];
                Query {
                    way: &trip.edges,
                    class: kind.class,
                    factor: 1.0,
                    top: kind.max_speed,
                }
            })
            .collect();
        self.router.find(team, &queries, &self.closed);
        let mut query = 0..;
        for (number, trip) in (first as u32..).zip(due) {
            let edges = if trip.routed {
                Some(&trip.edges[..])
            } else {
                query.next().and_then(|query| self.router.found(query))
            };
            let Some(edges) = edges else {
                self.unroutable.push((number, now));
                continue;
            };
            let edge = edges[0];
            let class = world.kinds[trip.vehicle_type as usize].class;
            let route = world.routes.number(&world.roads, edges, class);
            let queue = &mut self.queues[edge as usize];
            if queue.is_empty() {
                let place = self.busy.partition_point(|&other| other < edge);
                self.busy.insert(place, edge);
            }
            queue.push_back(Waiting {
                trip: number,
                route,
            });
        }
        let mut busy = std::mem::take(&mut self.busy);
        busy.retain(|&edge| {
            let mut queue = std::mem::take(&mut self.queues[edge as usize]);
            self.insert_queue(world, &mut queue, now);
            self.queues[edge as usize] = queue;
            !self.queues[edge as usize].is_empty()
        });
        self.busy = busy;
        if !self.added.is_empty() {
            world.add(team, &mut self.added);
        }
    }

    /// Brings onto an edge whoever finds room of those who wait for it. Who finds none holds up those behind for the same lane only.
    fn insert_queue(&mut self, world: &World, queue: &mut VecDeque<Waiting>, now: f64) {
        let mut full: Vec<u32> = Vec::new();
        let mut place = 0;
        while place < queue.len().min(LOOKED_AT) {
            let waiting = queue[place];
            let lanes =
                world.roads.edges[world.trips[waiting.trip as usize].edges[0] as usize].len();
            match self.placed(world, waiting, &full) {
                Ok(vehicle) => {
                    queue.remove(place);
                    self.departures.push((waiting.trip, now));
                    self.added.push(vehicle);
                }
                Err(lane) => {
                    place += 1;
                    if let Some(lane) = lane.filter(|lane| !full.contains(lane)) {
                        full.push(lane);
                    }
                    if full.len() == lanes {
                        break;
                    }
                }
            }
        }
    }

    /// The vehicle of a waiting trip on its lane, if there is room; else the lane that it found no room on. Lanes of `full` have none.
    fn placed(
        &self,
        world: &World,
        waiting: Waiting,
        full: &[u32],
    ) -> Result<Vehicle, Option<u32>> {
        let trip = &world.trips[waiting.trip as usize];
        let kind = &world.kinds[trip.vehicle_type as usize];
        let mut vehicle = Vehicle {
            trip: waiting.trip,
            route: waiting.route,
            kind: trip.vehicle_type as u16,
            factor: world.speed_factor(waiting.trip),
            behind: NOTHING_BEHIND,
            asked: f32::INFINITY,
            since_change: u16::MAX,
            ..Vehicle::default()
        };
        let lanes = world.roads.edges[trip.edges[0] as usize].clone();
        vehicle.lane = lanes.start;
        world.look_up_lead(&mut vehicle);
        let lane = self
            .depart_lane(world, &vehicle, trip.depart_lane, kind.class, full)
            .ok_or(None)?;
        if full.contains(&lane) {
            return Err(Some(lane));
        }
        let length = world.roads.lanes[lane as usize].length;
        let pos = match trip.depart_pos_m {
            None => kind.length.min(length),
            Some(pos) if pos < 0.0 => (length + pos).max(0.0),
            Some(pos) => pos.min(length),
        };
        vehicle.lane = lane;
        vehicle.pos = pos;
        let allowed = world.allowed_speed(&vehicle, lane);
        let (wanted, exact) = match trip.depart_speed {
            DepartSpeed::Given(speed) => (speed.min(allowed), true),
            DepartSpeed::Max => (allowed, false),
            DepartSpeed::Limit => (allowed, true),
            DepartSpeed::Mean => match mean_speed(world.on_lane(lane)) {
                Some(mean) => (mean.min(allowed), true),
                None => (allowed, false),
            },
        };
        self.fits(world, &mut vehicle, wanted, exact)
            .then_some(vehicle)
            .ok_or(Some(lane))
    }

    fn depart_lane(
        &self,
        world: &World,
        vehicle: &Vehicle,
        wish: DepartLane,
        class: VehicleClass,
        full: &[u32],
    ) -> Option<u32> {
        let lanes =
            world.roads.edges[world.roads.lanes[vehicle.lane as usize].edge as usize].clone();
        let may = |lane: u32| world.roads.lanes[lane as usize].allowed.contains(class);
        let load = |lane: u32| -> (bool, f32) {
            let taken = world
                .on_lane(lane)
                .iter()
                .map(|other| world.kind(other).length + world.kind(other).driver.min_gap)
                .sum();
            (full.contains(&lane), taken)
        };
        let emptier = |a: &u32, b: &u32| {
            let (a_load, b_load) = (load(*a), load(*b));
            let by_load = a_load.0.cmp(&b_load.0).then(a_load.1.total_cmp(&b_load.1));
            by_load.then(a.cmp(b))
        };
        match wish {
            DepartLane::First => lanes.clone().find(|&lane| may(lane)),
            DepartLane::Given(place) => {
                Some(lanes.start + place).filter(|lane| lanes.contains(lane) && may(*lane))
            }
            DepartLane::Free => lanes.clone().filter(|&lane| may(lane)).min_by(emptier),
            DepartLane::Best => {
                let best = furthest(&vehicle.reach, lanes.len());
                let most = vehicle.reach[best];
                lanes
                    .clone()
                    .filter(|&lane| {
                        may(lane)
                            && vehicle.reach
                                [((lane - lanes.start) as usize).min(super::vehicle::MAX_LANES - 1)]
                                + 1
                                >= most
                    })
                    .min_by(emptier)
            }
        }
    }

    /// Sets the speed of a vehicle at its place to at most `wanted`; false when there is no safe one (`exact`: none but `wanted`).
    fn fits(&self, world: &World, vehicle: &mut Vehicle, wanted: f32, exact: bool) -> bool {
        let kind = world.kind(vehicle);
        let (driver, dt) = (&kind.driver, world.dt);
        if self.added.iter().any(|other| other.lane == vehicle.lane) {
            return false;
        }
        let on_lane = world.on_lane(vehicle.lane);
        let ahead = on_lane.partition_point(|other| other.pos >= vehicle.pos);
        let mut speed = wanted;
        let mut limit_by = |gap: f32, leader: f32, decel: f32| {
            if gap < 0.0 {
                return false;
            }
            // One speed and no other need only be safe; the comfort of a model would never allow the speed of the one ahead.
            speed = speed.min(if exact {
                let reach = gap + brake_gap(leader, decel.max(driver.decel), dt);
                safe_stop_speed(reach, driver.decel, driver.tau, dt)
            } else {
                driver.follow(wanted, wanted.max(1.0), gap, leader, decel, dt)
            });
            true
        };
        let road = &world.roads.lanes[vehicle.lane as usize];
        let tail = &world.lane_states[vehicle.lane as usize].tail;
        if ahead > 0 {
            let leader = &on_lane[ahead - 1];
            let leading = world.kind(leader);
            if !limit_by(
                leader.pos - leading.length - vehicle.pos - driver.min_gap,
                leader.speed,
                leading.driver.decel,
            ) {
                return false;
            }
        } else if tail.trip != NONE {
            if !limit_by(
                tail.back - vehicle.pos - driver.min_gap,
                tail.speed,
                tail.decel,
            ) {
                return false;
            }
        } else {
            // Nobody ahead on the lane: whoever is behind its end, and its line when one may have to halt there.
            let mut seen = road.length - vehicle.pos;
            let (mut at, mut cursor, mut own) = (vehicle.lane, vehicle.cursor, true);
            for _ in 0..3 {
                let Some(link) = world.exit_link(vehicle, at, cursor, own) else {
                    break;
                };
                let record = &world.roads.links[link as usize];
                if record.watched || record.signal {
                    let halts = driver.stop(wanted, wanted.max(1.0), (seen - LINE_M).max(0.0), dt);
                    if halts < wanted && exact {
                        return false;
                    }
                    if !limit_by((seen - LINE_M).max(0.0), 0.0, driver.decel) {
                        return false;
                    }
                    break;
                }
                at = record.to;
                if let Some((back, leader, decel)) = world.rear_of(at) {
                    if !limit_by(seen + back - driver.min_gap, leader, decel) {
                        return false;
                    }
                    break;
                }
                own = false;
                if !world.roads.lanes[at as usize].inner {
                    cursor += 1;
                }
                seen += world.roads.lanes[at as usize].length;
            }
        }
        if exact && speed < wanted {
            return false;
        }
        if let Some(follower) = on_lane.get(ahead) {
            let following = &world.kind(follower).driver;
            let gap = vehicle.pos - kind.length - follower.pos - following.min_gap;
            if gap < following.secure_gap(follower.speed, speed, driver.decel, dt) {
                return false;
            }
        } else {
            vehicle.speed = speed;
            if !world.feeders_free(vehicle, vehicle.lane) {
                return false;
            }
        }
        vehicle.speed = speed;
        true
    }

    /// Dwell in bays goes on; whoever is done and finds a gap comes back onto the lane.
    fn leave_bays(&mut self, world: &World) {
        let mut bays = std::mem::take(&mut self.bays);
        bays.retain_mut(|vehicle| {
            vehicle.dwell = (vehicle.dwell - world.dt).max(0.0);
            world.idle(vehicle);
            if vehicle.dwell > 0.0 {
                return true;
            }
            let mut back = *vehicle;
            back.behind = NOTHING_BEHIND;
            back.asked = f32::INFINITY;
            if !self.fits(world, &mut back, 0.0, false) {
                vehicle.waiting += world.dt;
                vehicle.time_loss += world.dt;
                return true;
            }
            world.leave_stop(&mut back);
            self.added.push(back);
            false
        });
        self.bays = bays;
    }
}

/// Mean speed (m/s) of vehicles, if there are any.
pub(super) fn mean_speed(vehicles: &[Vehicle]) -> Option<f32> {
    let sum: f32 = vehicles.iter().map(|vehicle| vehicle.speed).sum();
    (!vehicles.is_empty()).then(|| sum / vehicles.len() as f32)
}

impl World {
    /// Factor on speed limits of the driver of a trip: a draw from the cut normal distribution of its type.
    pub fn speed_factor(&self, trip: u32) -> f32 {
        let [mean, deviation, least, most] =
            self.kinds[self.trips[trip as usize].vehicle_type as usize].speed_factor;
        if deviation <= 0.0 {
            return mean;
        }
        // Draws outside the cut are drawn again, as the distribution is defined.
        (0..64)
            .map(|try_no| mean + deviation * normal(self.seed, u64::from(trip), 16 + try_no))
            .find(|factor| (least..=most).contains(factor))
            .unwrap_or(mean)
    }
}

#[cfg(test)]
mod tests {
    use crate::traffic::demand::{Demand, DepartLane, DepartSpeed, Trip, VehicleType};
    use crate::traffic::network::build::Builder;
    use crate::traffic::run::Run;

    /// Ten cars for the right lane and one for the left come at once: the last need not wait until the others are gone.
    #[test]
    fn a_full_lane_holds_up_those_for_that_lane_only() {
        let mut builder = Builder::default();
        let start = builder.street([0.0, 0.0], [300.0, 0.0], 2, 13.9);
        let right = builder.street([310.0, 0.0], [600.0, 0.0], 1, 13.9);
        let left = builder.street([310.0, 10.0], [600.0, 10.0], 1, 13.9);
        builder.joint(builder.lane(start), builder.lane(right), Some(10.0));
        builder.joint(builder.lane(start) + 1, builder.lane(left), Some(10.0));
        let network = builder.build();
        let trip = |route: &[u32]| Trip {
            depart_lane: DepartLane::Best,
            depart_speed: DepartSpeed::Max,
            ..Trip::along(0, 1.0, route)
        };
        let mut trips = vec![trip(&[start, right]); 10];
        trips.push(trip(&[start, left]));
        let demand = Demand {
            types: vec![VehicleType::car()],
            trips,
            ..Demand::default()
        };
        let mut run = Run::new(&network, &demand, 0.0, 1.0, 1);
        while !run.is_over() {
            run.step();
        }
        let delay = |trip: u32| {
            let record = run.ended().iter().find(|record| record.trip == trip);
            record.expect("all arrive").depart_delay_s
        };
        assert!(delay(10) < 1.5, "{}", delay(10));
        assert!(delay(9) > 10.0, "{}", delay(9));
    }

    /// On a lane that is not empty a car departs as fast as those on it drive, on an empty one at the limit.
    #[test]
    fn a_departure_at_the_mean_speed_waits_until_it_is_safe() {
        let mut builder = Builder::default();
        let street = builder.street([0.0, 0.0], [2000.0, 0.0], 1, 13.9);
        let network = builder.build();
        let trip = |depart_s: f64| Trip {
            depart_speed: DepartSpeed::Mean,
            ..Trip::along(0, depart_s, &[street])
        };
        let demand = Demand {
            types: vec![VehicleType::car()],
            trips: vec![trip(1.0), trip(1.0)],
            ..Demand::default()
        };
        let mut run = Run::new(&network, &demand, 0.0, 1.0, 1);
        for _ in 0..20 {
            run.step();
            if run.traffic.world.count() == 2 {
                break;
            }
        }
        let speeds: Vec<f32> = run.traffic.world.vehicles().map(|v| v.speed).collect();
        assert!(speeds[1] > 0.8 * speeds[0], "{speeds:?}");
    }
}
