//! Everything on the roads between two steps.

use super::follow::Driver;
use super::pieces::Piece;
use super::roads::Roads;
use super::route::{Halt, Routes};
use super::step::NOTHING_BEHIND;
use super::team::Team;
use super::vehicle::Vehicle;
use crate::traffic::demand::{Demand, Trip};
use crate::traffic::network::{Aspect, NONE, VehicleClass};

/// Part of its pace that a slower vehicle keeps for a second (LC2013).
const PACE_KEPT: f32 = 0.9;

/// Vehicles are looked for behind a detector as far as the longest one (m), a tram, reaches after a step of two seconds at 30 m/s (m).
const LONGEST_M: f32 = 80.0;
const FASTEST_M: f32 = 60.0;

/// A type of vehicle as the kernel reads it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Driver.
    pub driver: Driver,
    /// Length (m).
    pub length: f32,
    /// Highest speed (m/s).
    pub max_speed: f32,
    /// Class.
    pub class: VehicleClass,
    /// Readiness to let others in, 0 to 1.
    pub cooperative: f32,
    /// Readiness for small gaps.
    pub assertive: f32,
    /// Mean, deviation, least and largest factor on speed limits.
    pub speed_factor: [f32; 4],
}

/// The rear of a vehicle whose front has left the lane.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    /// Its trip; `NONE`: no rear here.
    pub trip: u32,
    /// Rear along the lane (m).
    pub back: f32,
    /// Speed (m/s).
    pub speed: f32,
    /// Comfortable deceleration (m/s2).
    pub decel: f32,
}

impl Tail {
    /// No rear.
    pub const EMPTY: Self = Self {
        trip: NONE,
        back: f32::INFINITY,
        speed: 0.0,
        decel: 1.0,
    };
}

/// What is on a lane, in one line of memory. It is kept apart from the vehicles for the passes that change them.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(super) struct LaneState {
    /// Place of the first vehicle, and the one behind the last; equal when there is none, and what is said of vehicles means nothing then.
    pub first: u32,
    /// See `first`.
    pub end: u32,
    /// First vehicle: front (m), speed, type.
    pub front: (f32, f32, u16),
    /// Last vehicle: rear (m), speed, deceleration.
    pub rear: (f32, f32, f32),
    /// Rear that hangs over from the lanes ahead.
    pub tail: Tail,
}

const _: () = assert!(size_of::<LaneState>() == 64);

impl LaneState {
    /// Nothing.
    pub const EMPTY: Self = Self {
        first: 0,
        end: 0,
        front: (0.0, 0.0, 0),
        rear: (0.0, 0.0, 0.0),
        tail: Tail::EMPTY,
    };

    /// True when no vehicle has its front here.
    pub fn is_empty(&self) -> bool {
        self.first == self.end
    }

    /// Forgets the vehicles, not the rear that hangs over.
    pub fn leave(&mut self) {
        *self = Self {
            tail: self.tail,
            ..Self::EMPTY
        };
    }

    /// Notes the vehicles of the lane, front first, the first of which is at place `first`. The rear that hangs over stays. Returns the way
    /// (m) that they take up at rest.
    pub fn take_up(&mut self, first: usize, on_lane: &[Vehicle], kinds: &[Kind]) -> f32 {
        let (Some(front), Some(last)) = (on_lane.first(), on_lane.last()) else {
            self.leave();
            return 0.0;
        };
        let kind = |vehicle: &Vehicle| &kinds[usize::from(vehicle.kind)];
        self.first = first as u32;
        self.end = (first + on_lane.len()) as u32;
        self.front = (front.pos, front.speed, front.kind);
        self.rear = (
            last.pos - kind(last).length,
            last.speed,
            kind(last).driver.decel,
        );
        let lengths = on_lane
            .iter()
            .map(|vehicle| kind(vehicle).length + kind(vehicle).driver.min_gap);
        lengths.sum()
    }
}

/// Vehicles, signals' aspects and what is derived from them.
#[derive(Clone, Debug)]
pub struct World {
    /// Roads.
    pub roads: Roads,
    /// Routes.
    pub routes: Routes,
    /// Types.
    pub kinds: Vec<Kind>,
    /// Trips of the demand.
    pub trips: Vec<Trip>,
    /// Lane and end (m) of each stopping place.
    pub stops: Vec<(u32, f32)>,
    /// Pieces of the roads for the threads, in order.
    pub pieces: Vec<Piece>,
    /// Vehicles by lane, front first, each piece in its own part of the array with room behind. See [`Self::vehicles`].
    pub(super) vehicles: Vec<Vehicle>,
    /// What is on each lane.
    pub(super) lane_states: Vec<LaneState>,
    /// Way (m) that the vehicles on each lane take up at rest; 0 when there are none. Kept by itself: a change of lane looks at many.
    pub(super) loads: Vec<f32>,
    /// What the signal shows to each link; `Off` where there is none.
    pub aspects: Vec<Aspect>,
    /// Begin of the run (s on the clock of the demand).
    pub begin_s: f64,
    /// Steps done, and length of a step (s).
    pub step: u64,
    /// See `step`.
    pub dt: f32,
    /// Part of its pace that a slower vehicle keeps over a step.
    pub(super) pace_kept: f32,
    /// Seed of every random number.
    pub seed: u64,
}

impl World {
    /// An empty world of roads and demand.
    pub fn new(roads: Roads, demand: &Demand, dt: f32, seed: u64) -> Self {
        let kinds = demand
            .types
            .iter()
            .map(|kind| Kind {
                driver: Driver {
                    model: kind.model,
                    accel: kind.accel_m_s2,
                    decel: kind.decel_m_s2,
                    emergency: kind.emergency_decel_m_s2.max(kind.decel_m_s2),
                    tau: kind.tau_s,
                    min_gap: kind.min_gap_m,
                    sigma: kind.sigma,
                },
                length: kind.length_m,
                max_speed: kind.max_speed_m_s,
                class: kind.class,
                cooperative: kind.lane_change_cooperative,
                assertive: kind.lane_change_assertive.max(0.1),
                speed_factor: kind.speed_factor,
            })
            .collect();
        let (lanes, links) = (roads.lanes.len(), roads.links.len());
        Self {
            roads,
            routes: Routes::default(),
            kinds,
            trips: demand.trips.clone(),
            stops: demand
                .stops
                .iter()
                .map(|stop| (stop.lane, stop.end_m))
                .collect(),
            pieces: vec![Piece {
                lanes: 0..lanes,
                ..Piece::default()
            }],
            vehicles: Vec::new(),
            lane_states: vec![LaneState::EMPTY; lanes],
            loads: vec![0.0; lanes],
            aspects: vec![Aspect::Off; links],
            begin_s: 0.0,
            step: 0,
            dt,
            pace_kept: PACE_KEPT.powf(dt),
            seed,
        }
    }

    /// Time at the beginning of the running step (s on the clock of the demand).
    pub fn time_s(&self) -> f64 {
        self.begin_s + self.step as f64 * f64::from(self.dt)
    }

    /// Type of a vehicle.
    pub fn kind(&self, vehicle: &Vehicle) -> &Kind {
        &self.kinds[usize::from(vehicle.kind)]
    }

    /// Vehicles of a lane, front first.
    pub fn on_lane(&self, lane: u32) -> &[Vehicle] {
        let state = &self.lane_states[lane as usize];
        &self.vehicles[state.first as usize..state.end as usize]
    }

    /// Rear (m), speed and deceleration of the last vehicle of a lane, or of the rear that hangs over onto it.
    pub fn rear_of(&self, lane: u32) -> Option<(f32, f32, f32)> {
        let LaneState { rear, tail, .. } = &self.lane_states[lane as usize];
        if !self.lane_states[lane as usize].is_empty() {
            return Some(*rear);
        }
        (tail.trip != NONE).then_some((tail.back, tail.speed, tail.decel))
    }

    /// Front (m), speed and driver of the first vehicle of a lane.
    pub fn front_of(&self, lane: u32) -> Option<(f32, f32, &Driver)> {
        let state = &self.lane_states[lane as usize];
        (!state.is_empty()).then(|| {
            let (pos, speed, kind) = state.front;
            (pos, speed, &self.kinds[usize::from(kind)].driver)
        })
    }

    /// Speed that the lane and the vehicle allow (m/s).
    pub fn allowed_speed(&self, vehicle: &Vehicle, lane: u32) -> f32 {
        (self.roads.lanes[lane as usize].speed * vehicle.factor).min(self.kind(vehicle).max_speed)
    }

    /// Next stop of a vehicle as a place to be at.
    pub fn next_halt(&self, vehicle: &Vehicle) -> Option<Halt> {
        let call = self.trips[vehicle.trip as usize]
            .calls
            .get(usize::from(vehicle.call))?;
        let (lane, pos) = self.stops[call.stop as usize];
        let edge = self.roads.lanes[lane as usize].edge;
        let edges = self.routes.edges(vehicle.route);
        let ahead = edges[usize::from(vehicle.cursor)..]
            .iter()
            .position(|&at| at == edge)?;
        Some(Halt {
            cursor: vehicle.cursor + ahead as u16,
            lane,
            pos,
        })
    }

    /// Looks up how far the lanes lead, on a new edge or with a new aim.
    pub fn look_up_lead(&self, vehicle: &mut Vehicle) {
        let (route, cursor) = (vehicle.route, vehicle.cursor);
        let last = usize::from(cursor) + 1 >= self.routes.edges(route).len();
        let lead = match self.next_halt(vehicle) {
            None => {
                if !last {
                    vehicle.next_exit = *self.routes.exits(route, cursor + 1);
                }
                *self.routes.way_on(route, cursor)
            }
            halt => {
                let class = self.kind(vehicle).class;
                let lead = |cursor: u16| self.routes.lead(&self.roads, route, cursor, class, halt);
                if !last {
                    let next = cursor + 1;
                    vehicle.next_exit =
                        self.routes
                            .exits_ahead(&self.roads, route, next, &lead(next));
                }
                lead(cursor)
            }
        };
        vehicle.reach = lead.reach;
        vehicle.exit = lead.exit;
    }

    /// Link by which a vehicle leaves `lane`, where `cursor` is the place of that lane's edge on its route; `own` when it is the edge
    /// that the vehicle is on.
    pub fn exit_link(&self, vehicle: &Vehicle, lane: u32, cursor: u16, own: bool) -> Option<u32> {
        let road = &self.roads.lanes[lane as usize];
        if road.inner {
            return Some(road.links.start);
        }
        let exits = if own {
            &vehicle.exit
        } else if cursor == vehicle.cursor + 1 {
            &vehicle.next_exit
        } else {
            self.routes.exits(vehicle.route, cursor)
        };
        let exit = *exits.get(road.place as usize)?;
        (exit != u8::MAX).then(|| road.first_link + u32::from(exit))
    }

    /// True when some vehicle was over the place `pos` (m) of a lane during the last step, those among them that have left the lane since.
    pub fn passed(&self, lane: u32, pos: f32) -> bool {
        let on_lane = self.on_lane(lane);
        let beyond = on_lane.partition_point(|vehicle| vehicle.pos >= pos);
        on_lane[..beyond]
            .iter()
            .rev()
            .any(|vehicle| self.was_over(vehicle, vehicle.pos, pos))
            || self.passed_and_left(lane, pos, lane, self.roads.lanes[lane as usize].length, 0)
    }

    /// True when a vehicle with its front at `front` (m) was over `pos` (m) during the last step.
    fn was_over(&self, vehicle: &Vehicle, front: f32, pos: f32) -> bool {
        front >= pos && front - self.kind(vehicle).length - vehicle.speed * self.dt <= pos
    }

    /// True when a vehicle on the lanes behind `at`, whose end is `way` (m) from the beginning of `lane`, was over `pos` on that lane, which it
    /// left `behind` + 1 lanes ago.
    fn passed_and_left(&self, lane: u32, pos: f32, at: u32, way: f32, behind: usize) -> bool {
        self.roads.lanes[at as usize].links.clone().any(|link| {
            let next = self.roads.links[link as usize].to;
            let mut near = self
                .on_lane(next)
                .iter()
                .rev()
                .map(|vehicle| (vehicle, way + vehicle.pos))
                .take_while(|(_, front)| front - pos < LONGEST_M + FASTEST_M);
            let left = near.any(|(vehicle, front)| {
                vehicle.behind[behind] == lane && self.was_over(vehicle, front, pos)
            });
            let end = way + self.roads.lanes[next as usize].length;
            let further = behind + 1 < 3 && end - pos < LONGEST_M + FASTEST_M;
            left || further && self.passed_and_left(lane, pos, next, end, behind + 1)
        })
    }

    /// Puts vehicles onto the roads where a test or a snapshot wants them: trip, lane, front (m) and speed (m/s). A vehicle
    /// lies whole on its lane, and the lane on the first edge of the trip's route.
    pub fn place(&mut self, placed: &[(u32, u32, f32, f32)]) {
        let mut vehicles = Vec::new();
        for &(trip, lane, pos, speed) in placed {
            let edges = self.trips[trip as usize].edges.clone();
            let kind = self.trips[trip as usize].vehicle_type;
            let class = self.kinds[kind as usize].class;
            let mut vehicle = Vehicle {
                trip,
                lane,
                pos,
                speed,
                route: self.routes.number(&self.roads, &edges, class),
                kind: kind as u16,
                factor: self.speed_factor(trip),
                behind: NOTHING_BEHIND,
                asked: f32::INFINITY,
                since_change: u16::MAX,
                ..Vehicle::default()
            };
            self.look_up_lead(&mut vehicle);
            vehicles.push(vehicle);
        }
        self.add(&Team::ALONE, &mut vehicles);
    }
}
