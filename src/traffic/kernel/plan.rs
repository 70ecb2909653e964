//! First pass: how fast could each vehicle go, and which links does it meet within the way it needs to brake.

use super::approach::Book;
use super::follow::{brake_gap, speed_before_slower};
use super::state::{Kind, World};
use super::team::Team;
use super::vehicle::Vehicle;
use crate::traffic::network::{Aspect, NONE};

/// Links that a vehicle minds at a time.
pub const MAX_AHEAD: usize = 3;

/// A front halts this far before a stop line (m).
pub const LINE_M: f32 = 0.5;

/// A link ahead.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ahead {
    /// Link.
    pub link: u32,
    /// Way to its line (m).
    pub distance: f32,
    /// Speed now if it has to be waited for (m/s).
    pub wait: f32,
    /// When the front is at the line and when the rear is off the junction (s from now).
    pub arrival: f32,
    /// See `arrival`.
    pub leave: f32,
    /// Speed at the line (m/s), and off the junction.
    pub speed: f32,
    /// See `speed`.
    pub leave_speed: f32,
    /// The signal bars it, or it cannot be reached in motion.
    pub barred: bool,
    /// The junction has to be kept clear and there is no room behind it.
    pub no_room: bool,
    /// Asks to pass: others have to mind.
    pub asks: bool,
    /// The next one who asks for the link, as the book has it.
    pub next: u32,
}

/// What a vehicle plans.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Speed if every link lets it through (m/s).
    pub speed: f32,
    /// Links ahead.
    pub ahead: [Ahead; MAX_AHEAD],
    /// Number of them.
    pub count: u8,
}

// What a step keeps per vehicle, with its record and its speed: 248 bytes, and a 64th of spare room.
const _: () = assert!(size_of::<Plan>() + size_of::<Vehicle>() + size_of::<f32>() <= 248);

impl World {
    /// Plans every vehicle.
    pub fn plan_all(&self, team: &Team, book: &mut Book) {
        let pages = book.pages(&self.pieces, &self.roads, self.vehicles.len());
        team.each(self.pieces.iter().zip(pages), |(piece, mut page)| {
            page.clear();
            for (place, index) in piece.taken().enumerate() {
                self.plan(index, &mut page.plans[place]);
                page.write(place);
            }
        });
        book.bind();
    }

    fn plan(&self, index: usize, plan: &mut Plan) {
        let vehicle = &self.vehicles[index];
        plan.count = 0;
        if vehicle.dwell > 0.0 {
            plan.speed = 0.0;
            return;
        }
        let kind = self.kind(vehicle);
        let (driver, dt) = (&kind.driver, self.dt);
        let allowed = self.allowed_speed(vehicle, vehicle.lane);
        let mut cap = driver.free(vehicle.speed, allowed, dt);
        // Who is faster than allowed slows comfortably.
        cap = cap.max((vehicle.speed - driver.decel * dt).min(allowed.max(cap)));
        let lane = &self.roads.lanes[vehicle.lane as usize];
        let follow = |cap: f32, back: f32, speed: f32, decel: f32, from: f32| {
            driver.follow_within(
                cap,
                vehicle.speed,
                allowed,
                from + back - vehicle.pos - driver.min_gap,
                speed,
                decel,
                dt,
            )
        };
        let state = &self.lane_states[vehicle.lane as usize];
        if index > state.first as usize {
            let leader = &self.vehicles[index - 1];
            let leading = self.kind(leader);
            cap = follow(
                cap,
                leader.pos - leading.length,
                leader.speed,
                leading.driver.decel,
                0.0,
            );
        } else {
            let tail = &state.tail;
            if tail.trip != NONE && tail.trip != vehicle.trip {
                cap = follow(cap, tail.back, tail.speed, tail.decel, 0.0);
            }
        }
        // In a queue nothing beyond the one ahead counts.
        if cap <= 0.0 && vehicle.speed <= 0.0 {
            plan.speed = 0.0;
            return;
        }
        for (back, speed, decel) in self.siblings_ahead(vehicle.lane, vehicle.pos, vehicle.trip) {
            cap = follow(cap, back, speed, decel, 0.0);
        }
        let top = (vehicle.speed + driver.accel * dt)
            .min(allowed)
            .max(vehicle.speed);
        let look = driver.sight(top, dt) + LINE_M;
        let halt = self.next_halt_near(vehicle, look);
        let end = self.arrival_near(vehicle);
        let mut seen = lane.length - vehicle.pos;
        let (mut at, mut cursor, mut own) = (vehicle.lane, vehicle.cursor, true);
        loop {
            // `seen` is the way to the end of lane `at`.
            if let Some((halt_lane, pos)) = halt {
                let beside = halt_lane != at
                    && self.roads.lanes[halt_lane as usize].edge
                        == self.roads.lanes[at as usize].edge;
                if beside && !self.roads.lanes[at as usize].inner {
                    // Not past the stop on another lane.
                    let way = seen - (self.roads.lanes[at as usize].length - pos) - 1.0;
                    cap = driver.stop_within(cap, vehicle.speed, allowed, way.max(0.0), dt);
                    if way < look {
                        break;
                    }
                }
                if halt_lane == at {
                    let way = seen - (self.roads.lanes[at as usize].length - pos);
                    if way > -1.0 {
                        cap = driver.stop_within(cap, vehicle.speed, allowed, way.max(0.0), dt);
                        break;
                    }
                }
            }
            if seen > look {
                break;
            }
            let inner = self.roads.lanes[at as usize].inner;
            let Some(link) = self.exit_link(vehicle, at, cursor, own) else {
                if !(end && usize::from(cursor) + 1 == self.routes.edges(vehicle.route).len()) {
                    cap = driver.stop_within(
                        cap,
                        vehicle.speed,
                        allowed,
                        (seen - LINE_M).max(0.0),
                        dt,
                    );
                }
                break;
            };
            let record = &self.roads.links[link as usize];
            let next_allowed = self.allowed_speed(vehicle, record.to);
            let walked = record.walked && self.aspects[link as usize] != Aspect::Off;
            if record.watched || record.signal || walked {
                if usize::from(plan.count) == MAX_AHEAD {
                    cap = driver.stop_within(
                        cap,
                        vehicle.speed,
                        allowed,
                        (seen - LINE_M).max(0.0),
                        dt,
                    );
                    break;
                }
                let wait =
                    driver.stop_within(cap, vehicle.speed, allowed, (seen - LINE_M).max(0.0), dt);
                let barred = match self.aspects[link as usize] {
                    Aspect::Red | Aspect::RedAmber => true,
                    // Who brakes for people on foot goes on braking, whatever the last digit says.
                    Aspect::Amber => {
                        let spare = if walked { 0.05 } else { 0.0 };
                        seen + spare >= LINE_M + brake_gap(vehicle.speed, driver.decel, dt)
                    }
                    _ => false,
                };
                let mut next = Ahead {
                    wait,
                    barred,
                    asks: !barred && cap > 0.1,
                    ..self.coming(link, seen, cap, [allowed, next_allowed], kind)
                };
                if record.keep_clear && !barred {
                    next.no_room = !self.has_room_behind(index, &next, cursor, look);
                }
                // Who will halt for want of room is in nobody's way, here and further on.
                let halts = next.no_room && seen >= brake_gap(vehicle.speed, driver.decel, dt);
                next.asks &= !halts;
                plan.ahead[usize::from(plan.count)] = next;
                plan.count += 1;
                if barred || halts {
                    break;
                }
            }
            if next_allowed < cap {
                cap = cap.min(speed_before_slower(seen, next_allowed, driver.decel, dt));
            }
            let state = &self.lane_states[record.to as usize];
            let tail = &state.tail;
            if !state.is_empty() {
                let (back, speed, decel) = state.rear;
                cap = follow(cap, back, speed, decel, vehicle.pos + seen);
            } else if tail.trip != NONE && tail.trip != vehicle.trip {
                cap = follow(cap, tail.back, tail.speed, tail.decel, vehicle.pos + seen);
            }
            for (back, speed, decel) in self.siblings_ahead(record.to, 0.0, vehicle.trip) {
                cap = follow(cap, back, speed, decel, vehicle.pos + seen);
            }
            if !self.roads.lanes[record.to as usize].inner {
                cursor += 1;
                own = false;
            } else if !inner {
                own = false;
            }
            at = record.to;
            seen += self.roads.lanes[at as usize].length;
        }
        plan.speed = cap;
    }

    /// When a vehicle of a kind that is `distance` (m) before a link and goes on at `speed` (m/s) is at its line and off the junction,
    /// with the speeds allowed before and behind the line.
    pub(super) fn coming(
        &self,
        link: u32,
        distance: f32,
        speed: f32,
        [allowed, next_allowed]: [f32; 2],
        kind: &Kind,
    ) -> Ahead {
        let accel = kind.driver.accel;
        let limit = allowed.min(next_allowed.max(speed));
        let (arrival, at_line) = travel(distance, speed, limit, accel);
        let at_line = at_line.min(next_allowed).max(0.5);
        let way = self.roads.links[link as usize].way + kind.length;
        let (crossing, leave_speed) = travel(way, at_line, next_allowed, accel);
        Ahead {
            link,
            distance,
            arrival,
            leave: arrival + crossing,
            speed: at_line,
            leave_speed: leave_speed.min(next_allowed),
            ..Ahead::default()
        }
    }

    /// Rears (m along the lane, m/s, m/s2) of those beyond `from` on ways that part from an inner lane, while they are not apart from it.
    fn siblings_ahead(
        &self,
        lane: u32,
        from: f32,
        trip: u32,
    ) -> impl Iterator<Item = (f32, f32, f32)> {
        let range = self.roads.lanes[lane as usize].siblings.clone();
        self.roads.siblings[range.start as usize..range.end as usize]
            .iter()
            .flat_map(move |sibling| {
                let nearest = self
                    .on_lane(sibling.lane)
                    .iter()
                    .rev()
                    .find(|other| other.pos > from)
                    .map(|other| {
                        let kind = self.kind(other);
                        (other.pos - kind.length, other.speed, kind.driver.decel)
                    });
                let tail = &self.lane_states[sibling.lane as usize].tail;
                let tail = (tail.trip != NONE && tail.trip != trip)
                    .then_some((tail.back, tail.speed, tail.decel));
                [nearest, tail]
                    .into_iter()
                    .flatten()
                    // On the way itself those whose rear is behind are beside or behind.
                    .filter(move |rear| rear.0 < sibling.apart && (from == 0.0 || rear.0 > from))
            })
    }

    /// Lane and place of the next stop when it is worth minding within `look` metres.
    fn next_halt_near(&self, vehicle: &Vehicle, look: f32) -> Option<(u32, f32)> {
        let call = self.trips[vehicle.trip as usize]
            .calls
            .get(usize::from(vehicle.call))?;
        let (lane, pos) = self.stops[call.stop as usize];
        let far = lane == vehicle.lane && pos - vehicle.pos > look + 1.0;
        (!far).then_some((lane, pos))
    }

    /// True when the last edge of the route is near enough to matter.
    fn arrival_near(&self, vehicle: &Vehicle) -> bool {
        usize::from(vehicle.cursor) + 3 >= self.routes.edges(vehicle.route).len()
    }
}

/// Time (s) over `way` metres and speed at its end, from `speed` with acceleration `accel` up to `limit`.
pub fn travel(way: f32, speed: f32, limit: f32, accel: f32) -> (f32, f32) {
    let limit = limit.max(0.5);
    if speed >= limit {
        return (way / limit, limit);
    }
    let rising = (limit * limit - speed * speed) / (2.0 * accel);
    if rising >= way {
        let end = (speed * speed + 2.0 * accel * way).sqrt();
        return (2.0 * way / (speed + end).max(0.1), end);
    }
    ((limit - speed) / accel + (way - rising) / limit, limit)
}
