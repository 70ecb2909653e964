//! Changing lanes: because the lane does not lead where the route goes, to get on faster, to keep right.
//!
//! The order of motives and the gathering of small advantages follow Erdmann 2014 (SUMO's lane-changing model, LC2013). Each edge is a slice
//! of the vehicles, so edges change in parallel; within an edge the vehicles decide one after the other, front first, lane by lane.

use std::mem;

use super::follow::brake_gap;
use super::insert::mean_speed;
use super::order::order;
use super::pieces::parts;
use super::route::HORIZON_EDGES;
use super::state::{LaneState, World};
use super::step::{beside, furthest, may_be_knotted};
use super::team::Team;
use super::vehicle::{MAX_LANES, SWAPPED, Vehicle};
use crate::traffic::network::NONE;
use crate::traffic::routing::Router;

/// Seconds of driving ahead within which a change that the route needs is begun, to the right; twice that to the left (LC2013).
const LOOK_AHEAD_S: f32 = 10.0;

/// Gathered advantage that makes one overtake, and that makes one go right for speed.
const GAIN_LEFT: f32 = 0.2;
const GAIN_RIGHT: f32 = 2.0;

/// Standing (s) after which two who block each other's lanes pass each other.
const SWAP_AFTER_S: f32 = 20.0;

/// They are at most so far apart (m).
const SWAP_REACH_M: f32 = 8.0;

/// Way to the end of the lane (m) from which on others are asked for a gap: further away one still waits for chance. Between 80 and 250 m
/// the networks of Hamburg and Bologna were tried; nearer, lanes' ends knot, further, whole queues hold gaps for each other.
const ASK_WITHIN_M: f32 = 150.0;

/// Standing (s) after which a change that the route needs is made with a fifth of the distance at rest.
const SQUEEZE_AFTER_S: f32 = 20.0;

/// Steps between two changes of the same vehicle that are not forced by the route.
const REST_STEPS: u16 = 3;

/// Someone ahead or behind on a lane: gap (m, bumper to bumper), speed, deceleration, and place in the slice.
#[derive(Clone, Copy)]
struct Neighbour {
    gap: f32,
    speed: f32,
    decel: f32,
    slot: Option<usize>,
}

/// What has changed in a piece. Those of two pieces are not in the same cache line: each is written by another thread.
#[derive(Clone, Debug, Default)]
#[repr(align(128))]
pub struct Changes {
    /// Lanes that vehicles changed from and to, and the other ones of their edges, with their states and loads.
    lanes: Vec<(u32, LaneState, f32)>,
    /// Vehicles took each other's places.
    swapped: bool,
    /// Vehicles that may be knotted with others, by place in the array.
    pub knotted: Vec<usize>,
}

/// What happened on an edge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changed {
    /// Vehicles changed lanes.
    Lanes,
    /// Vehicles took each other's places.
    Places,
}

impl World {
    /// Lets every vehicle change its lane, and tells the router how fast the streets are. Afterwards `changes` tell, by piece, what has changed.
    pub fn change_lanes(&mut self, team: &Team, router: &mut Router, changes: &mut Vec<Changes>) {
        let mut vehicles = mem::take(&mut self.vehicles);
        let rooms = self.pieces.iter().map(|piece| piece.room.len());
        let parts = parts(&mut vehicles, rooms);
        let learners = router.learners(&self.pieces, &self.roads);
        let world = &*self;
        changes.resize_with(self.pieces.len(), Changes::default);
        team.each(
            self.pieces
                .iter()
                .zip(parts)
                .zip(learners)
                .zip(&mut *changes),
            |(((piece, vehicles), mut learner), changes)| {
                let vehicles = &mut vehicles[..piece.count];
                // Mean speed (m/s) on each street with vehicles.
                let mut means = Vec::with_capacity(piece.count);
                world.change_in_piece(vehicles, piece.room.start, &mut means, changes);
                learner.learn(&means);
            },
        );
        self.vehicles = vehicles;
        if changes.iter().any(|changes| changes.swapped) {
            self.index(team);
        } else {
            // A change of lane leaves the place along the edge, and so the rears that hang over, as they are.
            for (piece, changes) in self.pieces.iter_mut().zip(changes) {
                for &(lane, state, load) in &changes.lanes {
                    self.lane_states[lane as usize] = state;
                    self.loads[lane as usize] = load;
                    if !state.is_empty() {
                        piece.occupy(lane);
                    }
                }
            }
        }
    }

    /// Changes of lane on the edges of a piece, whose first vehicle is `first` among all. Notes the mean speed of each street.
    fn change_in_piece(
        &self,
        vehicles: &mut [Vehicle],
        first: usize,
        means: &mut Vec<(u32, f32)>,
        changes: &mut Changes,
    ) {
        changes.lanes.clear();
        changes.knotted.clear();
        changes.swapped = false;
        let (mut rest, mut first) = (vehicles, first);
        while let Some(vehicle) = rest.first() {
            let edge = self.roads.lanes[vehicle.lane as usize].edge;
            let lanes = self.roads.edges[edge as usize].clone();
            let count = rest.iter().take_while(|other| other.lane < lanes.end);
            let (on_edge, later) = rest.split_at_mut(count.count());
            if !self.roads.lanes[lanes.start as usize].inner {
                if lanes.len() > 1 {
                    match self.change_on_edge(on_edge, first) {
                        None => (),
                        Some(Changed::Places) => changes.swapped = true,
                        Some(Changed::Lanes) => {
                            let states = lanes.map(|lane| self.state_of(lane, on_edge, first));
                            changes.lanes.extend(states);
                        }
                    }
                }
                means.extend(mean_speed(on_edge).map(|mean| (edge, mean)));
            }
            let knotted = (first..).zip(&*on_edge);
            let knotted = knotted.filter(|(_, vehicle)| may_be_knotted(&self.roads, vehicle));
            changes.knotted.extend(knotted.map(|(place, _)| place));
            first += on_edge.len();
            rest = later;
        }
    }

    /// A lane, its state and load with the vehicles of its edge, the first of which is `first` among all.
    fn state_of(&self, lane: u32, on_edge: &[Vehicle], first: usize) -> (u32, LaneState, f32) {
        let [start, end] =
            [lane, lane + 1].map(|lane| on_edge.partition_point(|vehicle| vehicle.lane < lane));
        let mut state = self.lane_states[lane as usize];
        let load = state.take_up(first + start, &on_edge[start..end], &self.kinds);
        (lane, state, load)
    }

    /// Changes of lane on one edge, whose vehicles are `on_edge`, the first of which is `first` among all; `None` when there were none.
    fn change_on_edge(&self, on_edge: &mut [Vehicle], first: usize) -> Option<Changed> {
        let mut moved: Vec<usize> = Vec::new();
        let mut swapped = false;
        for slot in 0..on_edge.len() {
            let vehicle = on_edge[slot];
            if vehicle.dwell > 0.0 {
                continue;
            }
            let Some((needed, offset)) = self.needed_side(&vehicle) else {
                continue;
            };
            if needed != 0 {
                if self.try_change(on_edge, first, slot, needed, true, &moved) {
                    moved.push(slot);
                } else if vehicle.standing > SWAP_AFTER_S
                    && let Some(other) = self.swap_partner(on_edge, first, slot, needed, &moved)
                {
                    swap_places(on_edge, slot, other);
                    swapped = true;
                }
                continue;
            }
            if vehicle.since_change < REST_STEPS {
                continue;
            }
            let side = self.wish(on_edge, first, slot, offset, &moved);
            if side != 0 && self.try_change(on_edge, first, slot, side, false, &moved) {
                moved.push(slot);
            }
        }
        if !moved.is_empty() {
            on_edge.sort_unstable_by(order);
        }
        if swapped {
            return Some(Changed::Places);
        }
        (!moved.is_empty()).then_some(Changed::Lanes)
    }

    /// Side to which the route forces a vehicle now (0 none), and how many lanes it is from its best one; `None` beyond the lanes told apart.
    /// The vehicles on the best lane may be a queue, so the way left ends where that would.
    fn needed_side(&self, vehicle: &Vehicle) -> Option<(i32, u32)> {
        let range = self.roads.beside(vehicle.lane);
        let place = (vehicle.lane - range.start) as usize;
        if place >= MAX_LANES {
            return None;
        }
        let mut best = furthest(&vehicle.reach, range.len());
        let most = f32::from(vehicle.reach[best]);
        // The nearest of the lanes that lead as far.
        for other in 0..range.len().min(MAX_LANES) {
            if f32::from(vehicle.reach[other]) >= most - 1.0
                && other.abs_diff(place) < best.abs_diff(place)
            {
                best = other;
            }
        }
        let offset = best as i32 - place as i32;
        let needed = offset != 0 && f32::from(vehicle.reach[place]) < most - 1.0 && {
            let left = f32::from(vehicle.reach[place]) - vehicle.pos;
            let spare = left - offset.unsigned_abs() as f32 * self.look(vehicle, offset);
            self.queue_exceeds(vehicle, range.start + best as u32, spare)
        };
        Some((
            if needed { offset.signum() } else { 0 },
            offset.unsigned_abs(),
        ))
    }

    /// Way (m) ahead within which a change to a side is begun that the route needs.
    fn look(&self, vehicle: &Vehicle, side: i32) -> f32 {
        let kind = self.kind(vehicle);
        vehicle.pace * LOOK_AHEAD_S * if side > 0 { 2.0 } else { 1.0 }
            + 2.0 * (kind.length + kind.driver.min_gap)
    }

    /// True when the vehicles on a lane of a vehicle's edge and on those that it leads to take up more than `limit` (m) at rest. Those behind
    /// the vehicle count too: they may be a queue that has not come to rest.
    fn queue_exceeds(&self, vehicle: &Vehicle, lane: u32, limit: f32) -> bool {
        if limit <= 0.0 {
            return true;
        }
        let (mut at, mut cursor, mut own) = (lane, vehicle.cursor, true);
        let mut queue = 0.0;
        for _ in 0..2 * HORIZON_EDGES {
            queue += self.loads[at as usize];
            if queue > limit {
                return true;
            }
            let Some(link) = self.exit_link(vehicle, at, cursor, own) else {
                break;
            };
            at = self.roads.links[link as usize].to;
            own = false;
            if !self.roads.lanes[at as usize].inner {
                cursor += 1;
            }
        }
        false
    }

    /// Someone who stands beside, has stood as long, and needs the own lane: the two pass each other.
    fn swap_partner(
        &self,
        on_edge: &[Vehicle],
        first: usize,
        slot: usize,
        side: i32,
        moved: &[usize],
    ) -> Option<usize> {
        let vehicle = &on_edge[slot];
        let lane = beside(&self.roads, vehicle.lane, side)?;
        let (start, end) = self.local(first, lane);
        (start..end).find(|&other| {
            let partner = &on_edge[other];
            partner.lane == lane
                && !moved.contains(&other)
                && partner.standing > SWAP_AFTER_S
                && (partner.pos - vehicle.pos).abs() < SWAP_REACH_M
                && (self.kind(partner).length - self.kind(vehicle).length).abs() < 2.4
                && self
                    .needed_side(partner)
                    .is_some_and(|(needed, _)| needed == -side)
        })
    }

    /// Gathers the advantages of the lanes beside; returns the side to go to, 0 for none.
    fn wish(
        &self,
        on_edge: &mut [Vehicle],
        first: usize,
        slot: usize,
        offset: u32,
        moved: &[usize],
    ) -> i32 {
        let vehicle = on_edge[slot];
        let range = self.roads.beside(vehicle.lane);
        let place = (vehicle.lane - range.start) as usize;
        let ahead = self.ahead_on(on_edge, first, slot, vehicle.lane, moved);
        let own = self.anticipated(&vehicle, vehicle.lane, ahead);
        let dt = self.dt;
        let mut side = 0;
        let own_reach = f32::from(vehicle.reach[place]);
        // One that leads less far is worth it only when there is time to come back before the queue on the better lane.
        let leads_on = |other: usize| {
            let reach = f32::from(vehicle.reach[other]);
            reach >= own_reach - 1.0 || {
                let look = self.look(&vehicle, other as i32 - place as i32);
                let spare = reach - vehicle.pos - (offset + 2) as f32 * look;
                spare > 0.0
                    && [place, other].iter().all(|&place| {
                        !self.queue_exceeds(&vehicle, range.start + place as u32, spare)
                    })
            }
        };
        // Who drives as fast as any lane allows has nothing to gain on the left.
        let free = vehicle.wish <= 0.0 && own >= self.allowed_speed(&vehicle, vehicle.lane);
        let left = beside(&self.roads, vehicle.lane, 1).filter(|&lane| {
            place + 1 < MAX_LANES && !(free && self.allowed_speed(&vehicle, lane) <= own)
        });
        if let Some(lane) = left {
            if leads_on(place + 1) {
                let ahead = self.ahead_on(on_edge, first, slot, lane, moved);
                let other = self.anticipated(&vehicle, lane, ahead);
                let gain = (other - own) / other.max(own).max(0.1);
                let wish = &mut on_edge[slot].wish;
                if own > other {
                    if *wish > 0.0 {
                        *wish *= 0.5f32.powf(dt);
                    }
                } else {
                    *wish += dt * gain;
                }
                let time_left =
                    (f32::from(vehicle.reach[place + 1]) - vehicle.pos) / vehicle.speed.max(0.1);
                if *wish > GAIN_LEFT && gain > 1e-3 && time_left > 20.0 {
                    side = 1;
                }
            } else if on_edge[slot].wish > 0.0 {
                on_edge[slot].wish = 0.0;
            }
        }
        if side == 0
            && place > 0
            && leads_on(place - 1)
            && let Some(lane) = beside(&self.roads, vehicle.lane, -1)
        {
            let ahead = self.ahead_on(on_edge, first, slot, lane, moved);
            let other = self.anticipated(&vehicle, lane, ahead);
            let gain = (other - own) / other.max(own).max(0.1);
            let free = ahead
                .map_or(f32::from(vehicle.reach[place - 1]) - vehicle.pos, |ahead| {
                    ahead.gap
                })
                .max(0.0);
            let vehicle = &mut on_edge[slot];
            if own - 1.4 > other {
                if vehicle.wish < 0.0 {
                    vehicle.wish *= 0.5f32.powf(dt);
                }
            } else {
                vehicle.wish -= dt * gain;
            }
            let full_speed_s = free / own.max(1.0);
            let accept_s = 7.0 * own.max(1.0);
            vehicle.keep_right += dt * GAIN_RIGHT * (full_speed_s / accept_s).min(1.0) / 5.0;
            if vehicle.wish < -GAIN_RIGHT || vehicle.keep_right > GAIN_RIGHT && other + 0.5 > own {
                side = -1;
            }
        }
        side
    }

    /// Speed that a vehicle could drive on a lane with what is ahead there.
    fn anticipated(&self, vehicle: &Vehicle, lane: u32, ahead: Option<Neighbour>) -> f32 {
        let kind = self.kind(vehicle);
        let allowed = self.allowed_speed(vehicle, lane);
        match ahead {
            Some(ahead) => kind.driver.follow_within(
                allowed,
                vehicle.speed,
                allowed,
                ahead.gap - kind.driver.min_gap,
                ahead.speed,
                ahead.decel,
                self.dt,
            ),
            None => allowed,
        }
    }

    /// Who is ahead of a vehicle on a lane of its edge, or behind the end of that lane.
    fn ahead_on(
        &self,
        on_edge: &[Vehicle],
        first: usize,
        slot: usize,
        lane: u32,
        moved: &[usize],
    ) -> Option<Neighbour> {
        let vehicle = &on_edge[slot];
        let (start, end) = self.local(first, lane);
        let count = if (start..end).contains(&slot) {
            slot - start
        } else {
            on_edge[start..end].partition_point(|other| other.pos >= vehicle.pos)
        };
        let mut nearest = (start + count)
            .checked_sub(1)
            .filter(|&other| other >= start);
        // Those who came to this lane in this step are not at their places in the slice yet.
        for &other in moved {
            let candidate = &on_edge[other];
            if candidate.lane == lane
                && other != slot
                && candidate.pos >= vehicle.pos
                && nearest.is_none_or(|near| on_edge[near].pos > candidate.pos)
            {
                nearest = Some(other);
            }
        }
        if let Some(other) = nearest {
            let leader = &on_edge[other];
            let kind = self.kind(leader);
            return Some(Neighbour {
                gap: leader.pos - kind.length - vehicle.pos,
                speed: leader.speed,
                decel: kind.driver.decel,
                slot: Some(other),
            });
        }
        let tail = &self.lane_states[lane as usize].tail;
        if tail.trip != NONE && tail.trip != vehicle.trip {
            return Some(Neighbour {
                gap: tail.back - vehicle.pos,
                speed: tail.speed,
                decel: tail.decel,
                slot: None,
            });
        }
        let mut seen = self.roads.lanes[lane as usize].length - vehicle.pos;
        let (mut at, mut cursor, mut own) = (lane, vehicle.cursor, true);
        for _ in 0..4 {
            if seen > 100.0 {
                return None;
            }
            let link = self.exit_link(vehicle, at, cursor, own)?;
            at = self.roads.links[link as usize].to;
            let road = &self.roads.lanes[at as usize];
            own = false;
            if !road.inner {
                cursor += 1;
            }
            // Vehicles of other edges are not in this slice; the rears of their last ones are kept apart.
            if let Some(rear) = self.rear_of(at) {
                return Some(Neighbour {
                    gap: seen + rear.0,
                    speed: rear.1,
                    decel: rear.2,
                    slot: None,
                });
            }
            seen += road.length;
        }
        None
    }

    /// Slots of a lane within the slice that begins at `first`, as they were before changes.
    fn local(&self, first: usize, lane: u32) -> (usize, usize) {
        let state = &self.lane_states[lane as usize];
        if state.is_empty() {
            return (0, 0);
        }
        (state.first as usize - first, state.end as usize - first)
    }

    /// Who is behind a vehicle on a lane of its edge.
    fn behind_on(
        &self,
        on_edge: &[Vehicle],
        first: usize,
        slot: usize,
        lane: u32,
        moved: &[usize],
    ) -> Option<Neighbour> {
        let vehicle = &on_edge[slot];
        let length = self.kind(vehicle).length;
        let (start, end) = self.local(first, lane);
        let count = on_edge[start..end].partition_point(|other| other.pos >= vehicle.pos);
        let mut nearest = (start + count..end).find(|&other| other != slot);
        for &other in moved {
            let candidate = &on_edge[other];
            if candidate.lane == lane
                && other != slot
                && candidate.pos < vehicle.pos
                && nearest.is_none_or(|near| on_edge[near].pos < candidate.pos)
            {
                nearest = Some(other);
            }
        }
        nearest.map(|other| {
            let follower = &on_edge[other];
            Neighbour {
                gap: vehicle.pos - length - follower.pos,
                speed: follower.speed,
                decel: self.kind(follower).driver.decel,
                slot: Some(other),
            }
        })
    }

    /// Changes a vehicle to the lane beside if the gaps are safe; else, when it must, asks for one.
    fn try_change(
        &self,
        on_edge: &mut [Vehicle],
        first: usize,
        slot: usize,
        side: i32,
        must: bool,
        moved: &[usize],
    ) -> bool {
        let vehicle = on_edge[slot];
        let Some(lane) = beside(&self.roads, vehicle.lane, side) else {
            return false;
        };
        let kind = self.kind(&vehicle);
        let road = &self.roads.lanes[lane as usize];
        if !road.allowed.contains(kind.class) || vehicle.pos > road.length {
            return false;
        }
        let dt = self.dt;
        let ahead = self.ahead_on(on_edge, first, slot, lane, moved);
        let behind = self.behind_on(on_edge, first, slot, lane, moved);
        // Who has stood long at the end of a lane squeezes in.
        let squeeze = if must {
            1.0 - 0.8 * (vehicle.standing / SQUEEZE_AFTER_S).min(1.0)
        } else {
            1.0
        };
        let ahead_free = ahead.is_none_or(|ahead| {
            ahead.gap - squeeze * kind.driver.min_gap
                >= kind
                    .driver
                    .secure_gap(vehicle.speed, ahead.speed, ahead.decel, dt)
                    / kind.assertive
        });
        let behind_free = match behind {
            None => self.feeders_free(&vehicle, lane),
            Some(behind) => {
                let follower = behind
                    .slot
                    .map(|other| self.kind(&on_edge[other]).driver)
                    .unwrap_or(kind.driver);
                behind.gap - squeeze * follower.min_gap
                    >= follower.secure_gap(behind.speed, vehicle.speed, kind.driver.decel, dt)
                        / kind.assertive
            }
        };
        if ahead_free && behind_free {
            let vehicle = &mut on_edge[slot];
            vehicle.lane = lane;
            vehicle.wish = 0.0;
            vehicle.keep_right = 0.0;
            vehicle.since_change = 0;
            return true;
        }
        if must {
            self.ask_for_gap(
                on_edge,
                slot,
                side,
                squeeze,
                ahead.filter(|_| !ahead_free),
                behind.filter(|_| !behind_free),
            );
        }
        false
    }

    /// A vehicle that must change soon and has no gap arranges for one: it falls behind the one ahead there, and the one behind is asked
    /// to let it in.
    fn ask_for_gap(
        &self,
        on_edge: &mut [Vehicle],
        slot: usize,
        side: i32,
        squeeze: f32,
        ahead: Option<Neighbour>,
        behind: Option<Neighbour>,
    ) {
        let vehicle = on_edge[slot];
        let kind = self.kind(&vehicle);
        let dt = self.dt;
        let place = (vehicle.lane - self.roads.beside(vehicle.lane).start) as usize;
        if f32::from(vehicle.reach[place]) - vehicle.pos > ASK_WITHIN_M {
            return;
        }
        // Who stands beside another cannot fall behind it; it drives on.
        let can_fall_behind = |ahead: &Neighbour| ahead.gap > 0.0 || vehicle.speed > 1.0;
        if let Some(ahead) = ahead.filter(can_fall_behind) {
            let gap = ahead.gap - kind.driver.min_gap;
            let wanted = kind.driver.follow(
                vehicle.speed,
                vehicle.speed.max(1.0),
                gap,
                ahead.speed,
                ahead.decel,
                dt,
            );
            let asked = wanted.max(vehicle.speed - kind.driver.decel * dt).max(0.0);
            // One who wants to come over needs the room in front; behind others there is no need to stand.
            let opposite = ahead.slot.is_some_and(|other| {
                self.needed_side(&on_edge[other])
                    .is_some_and(|(needed, _)| needed == -side)
            });
            let asked = if opposite { asked } else { asked.max(1.0) };
            on_edge[slot].asked = on_edge[slot].asked.min(asked);
        }
        let Some((behind, other)) = behind.and_then(|behind| Some((behind, behind.slot?))) else {
            return;
        };
        let follower = self.kind(&on_edge[other]);
        // Only one who can still open the gap is asked; who is beside drives on and lets the next one help.
        let room = behind.gap - squeeze * follower.driver.min_gap;
        let helps = vehicle.speed > 1.0 && vehicle.speed >= behind.speed - 2.0
            || room >= brake_gap(behind.speed, follower.driver.decel, dt);
        if follower.cooperative > 0.0 && helps {
            let gap = behind.gap - follower.driver.min_gap;
            let wanted = follower.driver.follow(
                behind.speed,
                behind.speed.max(1.0),
                gap,
                vehicle.speed,
                kind.driver.decel,
                dt,
            );
            let asked = wanted
                .max(behind.speed - follower.driver.decel * dt)
                .max(0.0);
            on_edge[other].asked = on_edge[other].asked.min(asked);
        }
    }

    /// True when nobody who comes onto `lane` from the junction before it would have to brake hard for a vehicle on it.
    pub fn feeders_free(&self, vehicle: &Vehicle, lane: u32) -> bool {
        let kind = self.kind(vehicle);
        let back = vehicle.pos - kind.length;
        let road = &self.roads.lanes[lane as usize];
        self.roads.feeders[road.feeders.start as usize..road.feeders.end as usize]
            .iter()
            .all(|&feeder| {
                // The first on the way over the junction, or else the first before it that no signal holds.
                let on_way = &self.roads.lanes[feeder as usize];
                let (front, way) = match self.front_of(feeder) {
                    Some(front) => (Some(front), on_way.length),
                    None => {
                        let entry = &self.roads.links[on_way.entry as usize];
                        let before = &self.roads.lanes[entry.from as usize];
                        let free = !self.holds(on_way.entry) && !before.inner;
                        let front = free.then(|| self.front_of(entry.from));
                        (front.flatten(), before.length + on_way.length)
                    }
                };
                front.is_none_or(|(pos, speed, driver)| {
                    let gap = way - pos + back - driver.min_gap;
                    gap >= driver.secure_gap(speed, vehicle.speed, kind.driver.decel, self.dt)
                })
            })
    }
}

/// Each of two vehicles takes the place of the other.
fn swap_places(on_edge: &mut [Vehicle], one: usize, other: usize) {
    let (a, b) = (on_edge[one], on_edge[other]);
    let placed = |vehicle: Vehicle, place: Vehicle| Vehicle {
        lane: place.lane,
        pos: place.pos,
        behind: place.behind,
        since_change: 0,
        flags: vehicle.flags | SWAPPED,
        ..vehicle
    };
    on_edge[one] = placed(b, a);
    on_edge[other] = placed(a, b);
}
