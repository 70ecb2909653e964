//! A vehicle under way: where it is, what lies before it, and how time moves it on.
//!
//! A vehicle can change its mind at nodes only. `node` and `time_s` say where and from when it is free to decide: the next node on its
//! way, the end of a halt, or where it stands. Nothing is done before it is due, so a vehicle is brought up to the present when somebody
//! asks for it, and not in every step.

use super::log::{Halt, HaltKind, Segment};
use super::model::{FleetVehicle, NONE, Outcome, Request, Ride, Rules};
use super::streets::Streets;
use super::times::{PlaceId, TravelTimes};

/// What is done at a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A request boards.
    Board,
    /// A request alights.
    Alight,
    /// Nothing: the vehicle waits there for requests.
    Rest,
    /// Charging; the vehicle takes nobody in until it is done.
    Charge,
}

/// A stop before the vehicle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) action: Action,
    /// Its request; [`NONE`] for the others.
    pub(super) request: u32,
    pub(super) place: PlaceId,
    pub(super) node: u32,
    /// For [`Action::Alight`]: where in the list the same request boards; [`NONE`] when it is on board.
    pub(super) boards_at: u32,
    /// Not before (s).
    pub(super) ready_s: f64,
    /// For [`Action::Board`]: not after (s).
    pub(super) latest_s: f64,
    /// For [`Action::Alight`]: longest ride (s).
    pub(super) limit_s: f64,
    /// Persons.
    pub(super) persons: u16,
    /// Seats and places for wheelchairs that are taken, freed when it alights.
    pub(super) needs: [u16; 2],
    /// Plan: begin, the own end, and when the vehicle leaves (s).
    pub(super) begin_s: f64,
    pub(super) end_s: f64,
    pub(super) leave_s: f64,
}

/// From where and when a plan starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct From {
    pub(super) node: u32,
    /// Who boards at the node does so from then on (s).
    pub(super) begin_s: f64,
    /// The vehicle can leave (s).
    pub(super) leave_s: f64,
}

impl From {
    /// After a stop.
    pub(super) fn stop(stop: &Stop) -> Self {
        Self {
            node: stop.node,
            begin_s: stop.begin_s,
            leave_s: stop.leave_s,
        }
    }

    /// Begin (s), own end (s) and leaving (s) at a next stop `drive_s` away. At the same node doors are open already: both stops are one
    /// halt.
    pub(super) fn then(
        &self,
        node: u32,
        drive_s: f64,
        ready_s: f64,
        halt_s: f64,
        persons_s: f64,
    ) -> [f64; 3] {
        if node == self.node {
            let begin = self.begin_s.max(ready_s);
            let end = begin + halt_s + persons_s;
            [begin, end, end.max(self.leave_s + persons_s)]
        } else {
            let begin = (self.leave_s + drive_s).max(ready_s);
            let end = begin + halt_s + persons_s;
            [begin, end, end]
        }
    }
}

/// The way to the next stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leg {
    begin_s: f64,
    arrival_s: f64,
    from: u32,
    place: PlaceId,
    length_m: f64,
}

/// A vehicle.
#[derive(Clone, Debug)]
pub(super) struct Vehicle {
    pub(super) kind: FleetVehicle,
    pub(super) node: u32,
    pub(super) time_s: f64,
    /// Begin (s) of the halt that lasts until `time_s`; infinite when doors are closed.
    open_since_s: f64,
    pub(super) leg: Option<Leg>,
    pub(super) stops: Vec<Stop>,
    /// Seats and places for wheelchairs taken.
    pub(super) load: [u16; 2],
    /// Requests on board.
    pub(super) aboard: Vec<u32>,
    /// In the battery (kWh).
    pub(super) kwh: f64,
    /// When it reached the station where it waits to charge (s); NaN when it does not.
    pub(super) at_station_s: f64,
    pub(super) segments: Vec<Segment>,
    pub(super) halts: Vec<Halt>,
}

impl Vehicle {
    pub(super) fn new(kind: FleetVehicle, begin_s: f64) -> Self {
        Self {
            node: kind.start,
            time_s: begin_s,
            open_since_s: f64::INFINITY,
            leg: None,
            stops: Vec::new(),
            load: [0, 0],
            aboard: Vec::new(),
            kwh: kind.battery.map_or(f64::INFINITY, |b| b.kwh * b.start),
            at_station_s: f64::NAN,
            segments: Vec::new(),
            halts: Vec::new(),
            kind,
        }
    }

    /// Seats and places for wheelchairs.
    pub(super) fn capacity(&self) -> [u16; 2] {
        [self.kind.seats, self.kind.wheelchairs]
    }

    /// True while it has no task: it stands, or drives to where it is to wait.
    pub(super) fn is_idle(&self) -> bool {
        self.stops
            .first()
            .is_none_or(|stop| stop.action == Action::Rest)
    }

    /// True when it goes to charge.
    pub(super) fn is_charging(&self) -> bool {
        self.stops
            .first()
            .is_some_and(|stop| stop.action == Action::Charge)
    }

    /// Stops that a new plan must keep: where the vehicle was sent to wait is no promise.
    pub(super) fn tasks(&self) -> &[Stop] {
        if self.is_idle() { &[] } else { &self.stops }
    }

    /// From where a new plan starts; the vehicle must be up to `now_s`.
    pub(super) fn from(&self, now_s: f64) -> From {
        let at = self.time_s.max(now_s);
        From {
            node: self.node,
            begin_s: if self.open_since_s <= now_s && self.time_s > now_s {
                now_s
            } else {
                at
            },
            leave_s: at,
        }
    }

    /// Plans another list of stops, from the present on. [`Self::settle`] makes the vehicle follow it.
    pub(super) fn plan(
        &mut self,
        times: &TravelTimes,
        rules: &Rules,
        now_s: f64,
        stops: Vec<Stop>,
    ) {
        self.stops = stops;
        let from = self.from(now_s);
        // The leg that goes on keeps its arrival to the last bit.
        let kept = match (self.leg, self.stops.first()) {
            (Some(leg), Some(stop)) if leg.place == stop.place => Some(leg.arrival_s),
            _ => None,
        };
        plan_times(times, rules, from, kept, &mut self.stops);
    }

    /// Lets the vehicle follow its plan: it turns at the next node where the plan leads elsewhere.
    pub(super) fn settle(&mut self, now_s: f64) {
        if let Some(leg) = self.leg {
            let next = self.stops.first();
            if next.is_none_or(|stop| stop.place != leg.place) {
                self.cut_leg(leg);
            }
        } else if self.time_s <= now_s {
            // It stood until now.
            self.time_s = now_s;
            self.open_since_s = f64::INFINITY;
        }
    }

    /// Ends a leg at the node where the vehicle decides.
    fn cut_leg(&mut self, leg: Leg) {
        self.leg = None;
        if self.time_s > leg.begin_s {
            self.segments.push(Segment {
                begin_s: leg.begin_s,
                end_s: self.time_s,
                from: leg.from,
                to: self.node,
                place: leg.place,
                persons: self.persons(),
                length_m: leg.length_m,
                towards: HaltKind::Rest,
            });
        }
    }

    /// Logs what goes on at the end of the run.
    pub(super) fn stop_logging(&mut self, end_s: f64) {
        if let Some(leg) = self.leg {
            self.cut_leg(leg);
        }
        if self.at_station_s < end_s {
            self.halts.push(Halt {
                begin_s: self.at_station_s,
                end_s,
                node: self.node,
                request: NONE,
                kind: HaltKind::ChargeWait,
            });
        }
    }

    /// Persons on board.
    pub(super) fn persons(&self) -> u16 {
        self.load[0] + self.load[1]
    }

    /// Brings the vehicle up to `now_s`: drives on, halts, lets board and alight whatever is due until then.
    pub(super) fn advance(
        &mut self,
        streets: &Streets,
        times: &TravelTimes,
        now_s: f64,
        rides: &mut [Ride],
        vehicle: u32,
    ) {
        while let Some(&stop) = self.stops.first() {
            if stop.node == self.node {
                if let Some(leg) = self.leg.take() {
                    self.finish_leg(leg, stop);
                }
                if stop.action == Action::Charge {
                    if self.at_station_s.is_nan() {
                        self.at_station_s = self.time_s;
                        self.open_since_s = f64::INFINITY;
                    }
                    break;
                }
                if stop.begin_s > now_s {
                    break;
                }
                self.perform(stop, rides, vehicle);
                continue;
            }
            if self.leg.is_none() {
                if self.time_s > now_s {
                    break;
                }
                self.leg = Some(Leg {
                    begin_s: self.time_s,
                    arrival_s: self.time_s + f64::from(times.time(self.node, stop.place)),
                    from: self.node,
                    place: stop.place,
                    length_m: 0.0,
                });
                self.open_since_s = f64::INFINITY;
            }
            let Some(leg) = &mut self.leg else { break };
            let row = times.row(leg.place);
            let mut moved = false;
            while self.node != stop.node && self.time_s <= now_s {
                let Some(arc) = times.next_arc(streets, self.node, leg.place) else {
                    break;
                };
                self.node = streets.heads[arc];
                self.time_s = leg.arrival_s - f64::from(row[self.node as usize]);
                let length_m = f64::from(streets.length_m[arc]);
                leg.length_m += length_m;
                if let Some(battery) = self.kind.battery {
                    self.kwh -= length_m * 0.001 * battery.kwh_per_km;
                }
                moved = true;
            }
            if !moved && self.node != stop.node {
                break;
            }
        }
    }

    fn finish_leg(&mut self, leg: Leg, stop: Stop) {
        self.time_s = leg.arrival_s;
        self.segments.push(Segment {
            begin_s: leg.begin_s,
            end_s: leg.arrival_s,
            from: leg.from,
            to: self.node,
            place: leg.place,
            persons: self.persons(),
            length_m: leg.length_m,
            towards: stop.action.halt(),
        });
    }

    fn perform(&mut self, stop: Stop, rides: &mut [Ride], vehicle: u32) {
        self.stops.remove(0);
        for other in &mut self.stops {
            if other.boards_at != NONE {
                other.boards_at = other.boards_at.checked_sub(1).unwrap_or(NONE);
            }
        }
        if stop.action == Action::Rest {
            return;
        }
        self.halts.push(Halt {
            begin_s: stop.begin_s,
            end_s: stop.end_s,
            node: stop.node,
            request: stop.request,
            kind: stop.action.halt(),
        });
        if self.open_since_s > stop.begin_s {
            self.open_since_s = stop.begin_s;
        }
        self.time_s = stop.leave_s;
        let request = stop.request as usize;
        if stop.action == Action::Board {
            self.load[0] += stop.needs[0];
            self.load[1] += stop.needs[1];
            self.aboard.push(stop.request);
            rides[request].boards_s = stop.begin_s;
            rides[request].boarded_s = stop.end_s;
            rides[request].outcome = Outcome::Riding(vehicle);
            if self.aboard.len() > 1 {
                for &other in &self.aboard {
                    rides[other as usize].shared = true;
                }
            }
        } else {
            self.load[0] -= stop.needs[0];
            self.load[1] -= stop.needs[1];
            self.aboard.retain(|&other| other != stop.request);
            rides[request].alights_s = stop.begin_s;
            rides[request].outcome = Outcome::Served(vehicle);
        }
    }
}

impl Action {
    pub(super) fn halt(self) -> HaltKind {
        match self {
            Self::Board => HaltKind::Board,
            Self::Alight => HaltKind::Alight,
            Self::Rest => HaltKind::Rest,
            Self::Charge => HaltKind::Charge,
        }
    }
}

/// Plans the times of stops in their order.
pub(super) fn plan_times(
    times: &TravelTimes,
    rules: &Rules,
    mut from: From,
    first_arrival_s: Option<f64>,
    stops: &mut [Stop],
) {
    for (at, stop) in stops.iter_mut().enumerate() {
        let drive_s = f64::from(times.time(from.node, stop.place));
        let persons_s = rules.persons_s(stop.persons);
        let halt_s = match stop.action {
            Action::Board | Action::Alight => rules.boarding_s,
            Action::Rest | Action::Charge => 0.0,
        };
        let drive_s = match first_arrival_s {
            Some(arrival_s) if at == 0 => arrival_s - from.leave_s,
            _ => drive_s,
        };
        [stop.begin_s, stop.end_s, stop.leave_s] =
            from.then(stop.node, drive_s, stop.ready_s, halt_s, persons_s);
        from = From::stop(stop);
    }
}

/// The two stops of a request.
pub(super) fn stops_of(
    times: &TravelTimes,
    rules: &Rules,
    number: u32,
    request: &Request,
    direct_s: f64,
) -> [Stop; 2] {
    let board = Stop {
        action: Action::Board,
        request: number,
        place: request.pickup,
        node: times.node(request.pickup),
        boards_at: NONE,
        ready_s: request.ready_s,
        latest_s: request.ready_s + rules.max_wait_s,
        limit_s: f64::INFINITY,
        persons: request.persons,
        needs: [request.persons - request.wheelchairs, request.wheelchairs],
        begin_s: 0.0,
        end_s: 0.0,
        leave_s: 0.0,
    };
    let alight = Stop {
        action: Action::Alight,
        place: request.dropoff,
        node: times.node(request.dropoff),
        ready_s: f64::NEG_INFINITY,
        latest_s: f64::INFINITY,
        limit_s: rules.max_ride_s(direct_s),
        ..board
    };
    [board, alight]
}
