//! Second pass: which of the links ahead let a vehicle through, and how fast it goes.

use super::approach::Book;
use super::follow::brake_gap;
use super::pieces::parts;
use super::plan::Ahead;
use super::roads::Conflict;
use super::state::World;
use super::step::STANDS_M_S;
use super::team::Team;
use super::vehicle::{COURTESY, HALTED, RELAXED, Vehicle};
use crate::traffic::network::{Aspect, NONE};
use crate::traffic::random::uniform;

/// Gap (s) that one who yields leaves to those that go first, where no signal shows: those who turn under a shared green know what the others want.
const GAP_S: f32 = 1.0;

/// Least time (s) between one who comes out of a side street at its line and the next one on the main street. Fitted to the critical headway
/// of 6.2 s of HCM 2010: drivers of Krauss' model then pass 850, 520, 318 and 176 vehicles per hour into 300, 600, 900 and 1,200 (the manual
/// has 744, 505, 340 and 228), intelligent drivers, who merge with more care, 723, 452, 276 and 142 (`planspiel verify traffic/sidestreet`).
const SIDE_STREET_S: f32 = 5.3;

/// The same at the entry of a roundabout with one lane on its ring and with more: less than before a street by as much as the critical headways
/// of HCM 2010 (exhibit 21-10: 5.19 s; 4.11 and 4.29 s), because ring traffic is slow and comes from one side.
const RING_S: f32 = 4.3;
/// See `RING_S`.
const WIDE_RING_S: f32 = 3.3;

/// Who comes out of a side street minds those that come within so many seconds,
const SEEN_FOR_S: f32 = 8.0;
/// from so far (m),
const SEEN_FROM_M: f32 = 150.0;
/// and faster than this (m/s): slower traffic lets others in, and networks lock when it does not.
const FLOWS_M_S: f32 = 5.0;

/// Lanes, those on junctions among them, along which one who comes is followed to the place where it meets others.
const LANES_BACK: usize = 12;

/// A lane on the look back from a link.
#[derive(Clone, Copy)]
struct Back {
    lane: u32,
    /// From the end of the lane to the line of the link (m).
    beyond: f32,
    /// Lanes that are still looked along, this one among them.
    left: usize,
}

/// Longest standing (s) for someone who asks to come over.
const HELPS_FOR_S: f32 = 8.0;

/// Waiting (s) after which one who yields takes every gap that others can brake for.
const PATIENCE_S: f32 = 180.0;

/// True when a signal's aspect gives right of way over the others.
fn goes_first_by_signal(aspect: Aspect) -> bool {
    matches!(aspect, Aspect::Green | Aspect::OffPriority | Aspect::Amber)
}

impl World {
    /// Speed (m/s) of every vehicle in this step, at the places of the vehicles.
    pub fn decide_all(&self, team: &Team, book: &Book, speeds: &mut Vec<f32>) {
        speeds.resize(self.vehicles.len(), 0.0);
        let rooms = self.pieces.iter().map(|piece| piece.room.len());
        team.each(
            self.pieces.iter().zip(parts(speeds, rooms)),
            |(piece, speeds)| {
                for (index, speed) in piece.taken().zip(speeds) {
                    *speed = self.decide(index, book);
                }
            },
        );
    }

    fn decide(&self, index: usize, book: &Book) -> f32 {
        let vehicle = &self.vehicles[index];
        let plan = &book.plans[index];
        if vehicle.dwell > 0.0 {
            return 0.0;
        }
        let (driver, dt) = (&self.kind(vehicle).driver, self.dt);
        // Nobody stands for ever for one who asks to come over.
        let asked = if vehicle.helping < HELPS_FOR_S {
            vehicle.asked
        } else {
            f32::INFINITY
        };
        let mut speed = plan.speed.min(asked);
        let lane = &self.roads.lanes[vehicle.lane as usize];
        if lane.inner {
            speed = speed.min(self.conflict_speed(index, vehicle.lane, -vehicle.pos, None, true));
        }
        for ahead in &plan.ahead[..usize::from(plan.count)] {
            if ahead.barred
                || self.comes_up_blind(index, ahead)
                || !self.lets_through(index, ahead, book)
            {
                speed = speed.min(ahead.wait);
                break;
            }
            let to = self.roads.links[ahead.link as usize].to;
            speed = speed.min(self.conflict_speed(index, to, ahead.distance, Some(ahead), true));
        }
        let hardest = (vehicle.speed - driver.emergency * dt).max(0.0);
        let speed = speed.max(hardest);
        let random = if driver.sigma > 0.0 {
            uniform(self.seed, u64::from(vehicle.trip), self.step, 1)
        } else {
            0.0
        };
        driver.dawdle(speed, random, dt).max(hardest)
    }

    /// True when a vehicle that has to yield is not near enough to the line to see the others: until then it comes up as if to halt there.
    /// Where all yield to each other the streams join at a small angle and see each other.
    fn comes_up_blind(&self, index: usize, ahead: &Ahead) -> bool {
        let vehicle = &self.vehicles[index];
        let link = &self.roads.links[ahead.link as usize];
        let aspect = self.aspects[ahead.link as usize];
        let free = link.signal && goes_first_by_signal(aspect)
            || link.mutual
            || link.waits_inside
            || vehicle.flags & (RELAXED | COURTESY) != 0;
        !free
            && ahead.distance > link.visible
            && brake_gap(vehicle.speed, self.kind(vehicle).driver.decel, self.dt) < ahead.distance
    }

    /// True when a vehicle may pass a link that its signal does not bar.
    fn lets_through(&self, index: usize, ahead: &Ahead, book: &Book) -> bool {
        let vehicle = &self.vehicles[index];
        let link = &self.roads.links[ahead.link as usize];
        if !link.watched {
            return true;
        }
        let relaxed = vehicle.flags & (RELAXED | COURTESY) != 0;
        if ahead.no_room {
            return false;
        }
        if link.stop_sign && vehicle.flags & HALTED == 0 {
            return false;
        }
        if link.from != vehicle.lane && self.turns_behind_another(vehicle, ahead) {
            return false;
        }
        if link.waits_inside || relaxed {
            return true;
        }
        let aspect = self.aspects[ahead.link as usize];
        if link.signal && goes_first_by_signal(aspect) {
            return true;
        }
        let impatience = (vehicle.standing / PATIENCE_S).min(1.0);
        let mut foe_links =
            self.roads.yields[link.yields.start as usize..link.yields.end as usize].iter();
        !foe_links.any(|&foe_link| {
            let hindered = |(foe, coming): (usize, &Ahead)| {
                foe != index
                    && self.goes_first(vehicle, ahead, &self.vehicles[foe], coming, impatience)
            };
            book.on(foe_link).any(hindered)
                || self.comes_from_afar(vehicle, ahead, foe_link, impatience)
        })
    }

    /// True when a vehicle that turns from the wrong lane has someone on the right one beside or before it.
    fn turns_behind_another(&self, vehicle: &Vehicle, ahead: &Ahead) -> bool {
        let from = self.roads.links[ahead.link as usize].from;
        let [own, right] = [vehicle.lane, from].map(|lane| &self.roads.lanes[lane as usize]);
        let first = self.front_of(from);
        own.edge == right.edge
            && first.is_some_and(|(pos, _, _)| right.length - pos <= ahead.distance + 1.0)
    }

    /// True when someone comes to `foe_link` from beyond its braking distance, not minding it yet, who would be hindered. Streets are cut into
    /// lanes of any length, so the lanes further back are looked along as well.
    fn comes_from_afar(
        &self,
        vehicle: &Vehicle,
        ahead: &Ahead,
        foe_link: u32,
        impatience: f32,
    ) -> bool {
        let lane = self.roads.links[foe_link as usize].from;
        !self.roads.lanes[lane as usize].inner
            && !self.holds(foe_link)
            && self.comes_along(
                vehicle,
                ahead,
                foe_link,
                Back {
                    lane,
                    beyond: 0.0,
                    left: LANES_BACK,
                },
                impatience,
            )
    }

    /// The part of [`Self::comes_from_afar`] on one lane before `foe_link` and on the lanes behind it.
    fn comes_along(
        &self,
        vehicle: &Vehicle,
        ahead: &Ahead,
        foe_link: u32,
        Back { lane, beyond, left }: Back,
        impatience: f32,
    ) -> bool {
        let road = &self.roads.lanes[lane as usize];
        let hindered = |foe: &Vehicle, distance: f32| {
            let link = &self.roads.links[foe_link as usize];
            let limits = [link.from, link.to].map(|lane| self.allowed_speed(foe, lane));
            let coming = self.coming(foe_link, distance, foe.speed, limits, self.kind(foe));
            self.goes_first(vehicle, ahead, foe, &coming, impatience)
        };
        for foe in self.on_lane(lane) {
            let distance = road.length - foe.pos + beyond;
            if distance > SEEN_FROM_M {
                return false;
            }
            if foe.speed > FLOWS_M_S
                && distance < SEEN_FOR_S * foe.speed
                && distance > self.kind(foe).driver.sight(foe.speed, self.dt)
                && foe.trip != vehicle.trip
                && self.leads_over(foe, foe_link)
                && hindered(foe, distance)
            {
                return true;
            }
        }
        let beyond = beyond + road.length;
        if left <= 1 || beyond > SEEN_FROM_M.min(SEEN_FOR_S * road.speed) {
            return false;
        }
        self.roads.arrivals[road.arrivals.start as usize..road.arrivals.end as usize]
            .iter()
            .filter(|&&link| self.comes_freely(link))
            .any(|&link| {
                let back = Back {
                    lane: self.roads.links[link as usize].from,
                    beyond,
                    left: left - 1,
                };
                self.comes_along(vehicle, ahead, foe_link, back, impatience)
            })
    }

    /// True when nothing at a link makes those who come slow down: they are counted on then before they have passed it.
    fn comes_freely(&self, link: u32) -> bool {
        let record = &self.roads.links[link as usize];
        if record.signal {
            goes_first_by_signal(self.aspects[link as usize]) && !self.holds(link)
        } else {
            record.yields.is_empty() || record.mutual
        }
    }

    /// True when the way of a vehicle leads over a link before long.
    fn leads_over(&self, vehicle: &Vehicle, link: u32) -> bool {
        let (mut at, mut cursor, mut own) = (vehicle.lane, vehicle.cursor, true);
        for _ in 0..LANES_BACK {
            let Some(next) = self.exit_link(vehicle, at, cursor, own) else {
                return false;
            };
            if next == link {
                return true;
            }
            at = self.roads.links[next as usize].to;
            if !self.roads.lanes[at as usize].inner {
                cursor += 1;
                own = false;
            }
        }
        false
    }

    /// True when `foe`, who has right of way, would be hindered. Where neither link has a signal, `vehicle` comes out of a side street.
    fn goes_first(
        &self,
        vehicle: &Vehicle,
        ahead: &Ahead,
        foe: &Vehicle,
        foe_ahead: &Ahead,
        impatience: f32,
    ) -> bool {
        if self.yield_to_each_other(ahead.link, foe_ahead.link) {
            // Zippers, and pairs that leave it to courtesy: who comes first goes first.
            return (foe_ahead.arrival, foe.trip) < (ahead.arrival, vehicle.trip);
        }
        let links = [ahead, foe_ahead].map(|ahead| &self.roads.links[ahead.link as usize]);
        let merges = links[0].target == links[1].target;
        let (own, other) = (&self.kind(vehicle).driver, &self.kind(foe).driver);
        // The foe may be made to slow down a little by one who has waited long.
        let brakes =
            foe_ahead.distance > brake_gap(foe.speed, other.decel, self.dt) + foe.speed * self.dt;
        let foe_arrival = foe_ahead.arrival + if brakes { impatience * 5.0 } else { 0.0 };
        if foe_ahead.leave < ahead.arrival {
            // The foe is gone before; onto the same lane it must not be caught up.
            return merges && {
                let gap = (ahead.arrival - foe_ahead.leave + GAP_S) * foe_ahead.leave_speed;
                own.secure_gap(ahead.speed, foe_ahead.leave_speed, other.decel, self.dt) > gap
            };
        }
        let signalled = links.iter().any(|link| link.signal);
        let gone = match links[1].ring_lanes {
            _ if signalled => ahead.leave,
            0 => (ahead.leave + GAP_S).max(ahead.arrival + SIDE_STREET_S),
            1 => (ahead.leave + GAP_S).max(ahead.arrival + RING_S),
            _ => (ahead.leave + GAP_S).max(ahead.arrival + WIDE_RING_S),
        };
        if foe_arrival > gone {
            return merges && {
                let gap = (foe_arrival - ahead.leave) * foe_ahead.speed;
                other.secure_gap(foe_ahead.speed, ahead.leave_speed, own.decel, self.dt) > gap
            };
        }
        true
    }

    /// True when each of two links has to yield to the other. Patience does not count there.
    fn yield_to_each_other(&self, own: u32, foe: u32) -> bool {
        let foe = &self.roads.links[foe as usize].yields;
        self.roads.yields[foe.start as usize..foe.end as usize].contains(&own)
    }

    /// True when the vehicle would find room behind the junction: up to the last one that stands there, less those who still move between.
    /// Ways that begin beyond `look` (m) are not looked at: whoever stands there may be gone by then, and it can still halt before. One who
    /// yields without a signal looks on, up to six lanes. `cursor` is the place on the route of the edge before the junction.
    pub(super) fn has_room_behind(
        &self,
        index: usize,
        ahead: &Ahead,
        cursor: u16,
        look: f32,
    ) -> bool {
        let vehicle = &self.vehicles[index];
        let kind = self.kind(vehicle);
        let needed = kind.length + kind.driver.min_gap;
        let entry = &self.roads.links[ahead.link as usize];
        let look = if entry.yields.is_empty() || entry.signal {
            look
        } else {
            f32::INFINITY
        };
        let mut way = ahead.distance;
        let mut taken = 0.0;
        let mut lane = entry.to;
        let mut cursor = cursor;
        let mut room = 0.0;
        for _ in 0..6 {
            let road = &self.roads.lanes[lane as usize];
            for other in self.on_lane(lane).iter().rev() {
                let other_kind = self.kind(other);
                if other.speed < STANDS_M_S && !road.inner {
                    return room + other.pos - other_kind.length - taken >= needed;
                }
                taken += other_kind.length + other_kind.driver.min_gap;
            }
            let tail = &self.lane_states[lane as usize].tail;
            if tail.trip != NONE
                && tail.trip != vehicle.trip
                && tail.speed < STANDS_M_S
                && !road.inner
            {
                return room + tail.back - taken >= needed;
            }
            if !road.inner {
                room += road.length;
                cursor += 1;
                if room >= needed + taken {
                    return true;
                }
            }
            way += road.length;
            if way > look {
                return true;
            }
            let Some(link) = self.exit_link(vehicle, lane, cursor, false) else {
                return true;
            };
            lane = self.roads.links[link as usize].to;
        }
        true
    }

    /// Speed that those on crossing or merging ways leave to a vehicle whose front is `distance` before the beginning of inner lane `lane`
    /// (negative: on it). `ahead` is the link into it when it is not entered yet. Without `merges` those count only whose ways cross its own.
    pub(super) fn conflict_speed(
        &self,
        index: usize,
        lane: u32,
        distance: f32,
        ahead: Option<&Ahead>,
        merges: bool,
    ) -> f32 {
        let vehicle = &self.vehicles[index];
        let kind = self.kind(vehicle);
        let driver = &kind.driver;
        let road = &self.roads.lanes[lane as usize];
        let allowed = self.allowed_speed(vehicle, vehicle.lane);
        let relaxed = vehicle.flags & RELAXED != 0;
        let mut cap = f32::INFINITY;
        for conflict in
            &self.roads.conflicts[road.conflicts.start as usize..road.conflicts.end as usize]
        {
            if conflict.merge && !merges {
                continue;
            }
            let to_zone = distance + conflict.begin;
            if distance + conflict.end < 0.0 {
                continue;
            }
            let stop = || {
                driver.stop(
                    vehicle.speed,
                    allowed,
                    (to_zone - super::plan::LINE_M).max(0.0),
                    self.dt,
                )
            };
            for foe in self.on_lane(conflict.foe) {
                let squeezes = relaxed && foe.speed < STANDS_M_S && !conflict.merge;
                if foe.trip == vehicle.trip || squeezes {
                    continue;
                }
                let foe_kind = self.kind(foe);
                let back = foe.pos - foe_kind.length;
                if conflict.merge {
                    let own_left = distance + road.length;
                    let foe_left = self.roads.lanes[conflict.foe as usize].length - foe.pos;
                    // Who has not entered yet and yields goes behind those that move on the other way, however far they are.
                    let waits = ahead.is_some() && conflict.yields && foe.speed >= STANDS_M_S;
                    let first = (foe_left, foe.trip) < (own_left, vehicle.trip);
                    if waits || first {
                        let gap = own_left - foe_left - foe_kind.length - driver.min_gap;
                        let follow = driver.follow(
                            vehicle.speed,
                            allowed,
                            gap,
                            foe.speed,
                            foe_kind.driver.decel,
                            self.dt,
                        );
                        let behind_zone = if to_zone > 0.0 { stop() } else { 0.0 };
                        cap = cap.min(follow.max(behind_zone));
                    }
                    continue;
                }
                if back > conflict.foe_end || to_zone < 0.0 && foe.pos < conflict.foe_begin {
                    continue;
                }
                if to_zone < 0.0 {
                    // Both are in the common place: the one further on leaves it, the other stands.
                    let own_share = -to_zone / (conflict.end - conflict.begin).max(0.1);
                    let foe_share = (foe.pos - conflict.foe_begin)
                        / (conflict.foe_end - conflict.foe_begin).max(0.1);
                    if foe_share > own_share || (foe_share == own_share && foe.trip < vehicle.trip)
                    {
                        cap = 0.0;
                    }
                    continue;
                }
                if foe.pos < conflict.foe_begin
                    && ahead.is_none()
                    && !self.must_wait_inside(vehicle, foe, conflict, to_zone)
                {
                    continue;
                }
                cap = cap.min(stop());
            }
            let tail = &self.lane_states[conflict.foe as usize].tail;
            if tail.trip != NONE
                && tail.trip != vehicle.trip
                && !conflict.merge
                && !(relaxed && tail.speed < STANDS_M_S)
                && to_zone >= 0.0
                && tail.back < conflict.foe_end
            {
                cap = cap.min(stop());
            }
        }
        cap
    }

    /// Both are on the junction and neither is in the common place yet: true when `vehicle` lets `foe` go.
    fn must_wait_inside(
        &self,
        vehicle: &Vehicle,
        foe: &Vehicle,
        conflict: &Conflict,
        to_zone: f32,
    ) -> bool {
        if conflict.yields != conflict.foe_yields {
            return conflict.yields && vehicle.flags & RELAXED == 0;
        }
        let foe_way = conflict.foe_begin - foe.pos;
        let (own, other) = (to_zone / (vehicle.speed + 1.0), foe_way / (foe.speed + 1.0));
        other < own || (other == own && foe.trip < vehicle.trip)
    }
}
