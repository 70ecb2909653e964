//! Third pass: every vehicle drives a step with the speed that it decided on, over links where its way leads.

use std::mem;

use super::approach::Book;
use super::order::order;
use super::pieces::parts;
use super::plan::Plan;
use super::state::World;
use super::step::STANDS_M_S;
use super::team::{MOST_PARTS, Team};
use super::vehicle::{COURTESY, HALTED, RELAXED, Vehicle};
use crate::traffic::emissions;

/// What becomes of the vehicles of a piece in a step, besides those that drive on along their lanes. Lists of two pieces are not in the same cache line: each is written by another thread.
#[derive(Clone, Debug, Default)]
#[repr(align(128))]
pub struct Driven {
    /// Those on another lane now, in order.
    pub movers: Vec<Vehicle>,
    /// Number of them up to the end of each piece, so that nobody has to search in what another thread has written.
    pub ends: [u32; MOST_PARTS],
    /// What has to be noted of some, in the order of the lanes that they were on.
    pub events: Vec<(Vehicle, Event)>,
}

/// What happens to a vehicle besides driving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Begins a dwell on the lane.
    Halts,
    /// Ends it.
    Leaves,
    /// Begins a dwell in a bay, off the lane.
    Parks,
    /// Is at the end of its trip.
    Arrives,
}

/// How the move of a vehicle ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Moved {
    Stays,
    Changes,
    Noted(Event),
}

impl World {
    /// Moves every vehicle. Those that stay on their lanes stay in order at the beginning of their pieces; the others are in `driven`.
    pub fn drive_all(
        &mut self,
        team: &Team,
        book: &Book,
        speeds: &[f32],
        driven: &mut Vec<Driven>,
    ) {
        let mut pieces = mem::take(&mut self.pieces);
        let mut vehicles = mem::take(&mut self.vehicles);
        driven.resize_with(pieces.len(), Driven::default);
        let rooms: Vec<usize> = pieces.iter().map(|piece| piece.room.len()).collect();
        let parts = parts(&mut vehicles, rooms.into_iter());
        let ends: Vec<u32> = pieces.iter().map(|piece| piece.lanes.end as u32).collect();
        let world = &*self;
        team.each(
            pieces.iter_mut().zip(parts).zip(driven),
            |((piece, vehicles), driven)| {
                let plans = &book.plans[piece.room.clone()];
                let speeds = &speeds[piece.room.clone()];
                let moving = speeds[..piece.count]
                    .iter()
                    .filter(|&&speed| speed >= STANDS_M_S);
                piece.moving = moving.count();
                piece.count = world.drive(&mut vehicles[..piece.count], plans, speeds, driven);
                for (number, &lane) in ends.iter().enumerate() {
                    let before = |mover: &Vehicle| mover.lane < lane;
                    driven.ends[number] = driven.movers.partition_point(before) as u32;
                }
            },
        );
        self.vehicles = vehicles;
        self.pieces = pieces;
    }

    /// Moves the vehicles of a piece; returns how many of them stay on their lanes.
    fn drive(
        &self,
        vehicles: &mut [Vehicle],
        plans: &[Plan],
        speeds: &[f32],
        driven: &mut Driven,
    ) -> usize {
        driven.movers.clear();
        driven.events.clear();
        let mut stay = 0;
        for place in 0..vehicles.len() {
            let vehicle = &mut vehicles[place];
            let moved = self.advance(vehicle, speeds[place], &plans[place]);
            let stays = match moved {
                Moved::Stays => true,
                Moved::Changes => {
                    driven.movers.push(*vehicle);
                    false
                }
                Moved::Noted(event) => {
                    driven.events.push((*vehicle, event));
                    matches!(event, Event::Halts | Event::Leaves)
                }
            };
            if stays {
                if stay < place {
                    vehicles[stay] = vehicles[place];
                }
                stay += 1;
            }
        }
        driven.movers.sort_unstable_by(order);
        stay
    }

    /// The engine runs for a step at a stop.
    pub(super) fn idle(&self, vehicle: &mut Vehicle) {
        let rates = emissions::rates(self.kind(vehicle).class, 0.0, 0.0);
        vehicle.co2_g += rates.co2_g_s * self.dt;
        vehicle.nox_mg += rates.nox_mg_s * self.dt;
    }

    /// Moves a vehicle by a step with its speed, over links where its way leads.
    fn advance(&self, vehicle: &mut Vehicle, speed: f32, plan: &Plan) -> Moved {
        let dt = self.dt;
        let helps = vehicle.asked < plan.speed && speed < STANDS_M_S;
        vehicle.helping = if helps {
            vehicle.helping + dt
        } else if speed > 1.0 {
            0.0
        } else {
            vehicle.helping
        };
        vehicle.asked = f32::INFINITY;
        vehicle.since_change = vehicle.since_change.saturating_add(1);
        vehicle.pace = vehicle
            .speed
            .max(vehicle.speed + self.pace_kept * (vehicle.pace - vehicle.speed));
        if vehicle.dwell > 0.0 {
            vehicle.dwell = (vehicle.dwell - dt).max(0.0);
            vehicle.speed = 0.0;
            self.idle(vehicle);
            if vehicle.dwell > 0.0 {
                return Moved::Stays;
            }
            self.leave_stop(vehicle);
            return Moved::Noted(Event::Leaves);
        }
        let allowed = self.allowed_speed(vehicle, vehicle.lane);
        let accel = (speed - vehicle.speed) / dt;
        let stood = vehicle.speed < STANDS_M_S;
        vehicle.speed = speed;
        vehicle.pos += speed * dt;
        vehicle.way += speed * dt;
        vehicle.time_loss += dt * ((allowed - speed) / allowed).max(0.0);
        let rates = emissions::rates(self.kind(vehicle).class, speed, accel);
        vehicle.co2_g += rates.co2_g_s * dt;
        vehicle.nox_mg += rates.nox_mg_s * dt;
        if speed < STANDS_M_S {
            vehicle.waiting += dt;
            vehicle.standing += dt;
            if !stood {
                vehicle.halts = vehicle.halts.saturating_add(1);
            }
            let first = plan.ahead.first().filter(|_| plan.count > 0);
            if first.is_some_and(|ahead| {
                ahead.distance < 3.0 && self.roads.links[ahead.link as usize].stop_sign
            }) {
                vehicle.flags |= HALTED;
            }
        } else {
            vehicle.standing = 0.0;
        }
        if let Some(halted) = self.reaches_halt(vehicle) {
            return Moved::Noted(halted);
        }
        let mut changed = false;
        loop {
            let road = &self.roads.lanes[vehicle.lane as usize];
            let last = !road.inner
                && usize::from(vehicle.cursor) + 1 == self.routes.edges(vehicle.route).len();
            if last {
                let end = match self.trips[vehicle.trip as usize].arrival_pos_m {
                    None => road.length,
                    Some(pos) if pos < 0.0 => (road.length + pos).max(0.0),
                    Some(pos) => pos.min(road.length),
                };
                if vehicle.pos >= end {
                    return Moved::Noted(Event::Arrives);
                }
            }
            if vehicle.pos <= road.length {
                break;
            }
            let Some(link) = self.exit_link(vehicle, vehicle.lane, vehicle.cursor, true) else {
                vehicle.pos = road.length;
                vehicle.speed = 0.0;
                break;
            };
            let to = self.roads.links[link as usize].to;
            vehicle.pos -= road.length;
            vehicle.behind = [vehicle.lane, vehicle.behind[0], vehicle.behind[1]];
            vehicle.lane = to;
            vehicle.flags &= !(HALTED | RELAXED | COURTESY);
            changed = true;
            if !self.roads.lanes[to as usize].inner {
                vehicle.cursor += 1;
                self.look_up_lead(vehicle);
            }
        }
        if changed {
            Moved::Changes
        } else {
            Moved::Stays
        }
    }

    /// Begins a dwell when the front is at its stop.
    fn reaches_halt(&self, vehicle: &mut Vehicle) -> Option<Event> {
        let trip = &self.trips[vehicle.trip as usize];
        let call = trip.calls.get(usize::from(vehicle.call))?;
        let (lane, pos) = self.stops[call.stop as usize];
        if lane != vehicle.lane
            || vehicle.speed > STANDS_M_S.max(vehicle.pos - pos)
            || pos - vehicle.pos > 1.0
        {
            return None;
        }
        vehicle.speed = 0.0;
        vehicle.standing = 0.0;
        let now = self.time_s() + f64::from(self.dt);
        let until = call.until_s.map_or(0.0, |until| (until - now) as f32);
        vehicle.dwell = call.duration_s.max(until).max(self.dt);
        Some(if call.off_lane {
            Event::Parks
        } else {
            Event::Halts
        })
    }

    /// The next call becomes the aim.
    pub fn leave_stop(&self, vehicle: &mut Vehicle) {
        vehicle.call += 1;
        self.look_up_lead(vehicle);
    }
}
