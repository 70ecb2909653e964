//! Where a request fits best into the tours of vehicles under way.
//!
//! All pairs of places in a tour are tried, as in Jaw et al. (1986), with the time it costs vehicles and people. Times are moved on stop by
//! stop until the delay is used up, so that every window and every ride is checked as it will be. What a partial insertion costs at least
//! ends a trial early.

use super::model::{MOST_STOPS, NONE, Ride, Rules};
use super::times::TravelTimes;
use super::vehicle::{Action, From, Stop, Vehicle};

/// Slack for rounding (s).
pub(super) const TIME_TOLERANCE_S: f64 = 1e-6;

/// The best way to take a request in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Insertion {
    /// What it costs more: seconds of driving and halting, and of people by their weights.
    pub(super) cost: f64,
    /// It boards before the stop with this number ...
    pub(super) board_before: usize,
    /// ... and alights before this one (both counted in the old tour).
    pub(super) alight_before: usize,
}

/// Rules that a trial leaves out, to find out which one rejects.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Relaxed {
    pub(super) seats: bool,
    pub(super) wheelchairs: bool,
    pub(super) rides: bool,
}

/// What a search needs to know.
pub(super) struct Search<'a> {
    pub(super) times: &'a TravelTimes,
    pub(super) rules: &'a Rules,
    pub(super) rides: &'a [Ride],
    pub(super) now_s: f64,
    /// The two stops of the request.
    pub(super) stops: [Stop; 2],
    pub(super) relaxed: Relaxed,
}

impl Search<'_> {
    /// Earliest time (s) at which a vehicle could be at the pickup, whatever it has to do before. Valid for a vehicle that is not up to the
    /// present too: it can only be later.
    pub(super) fn reach_s(&self, vehicle: &Vehicle) -> f64 {
        let row = self.times.row(self.stops[0].place);
        let since_s = if vehicle.stops.is_empty() {
            vehicle.time_s.max(self.now_s)
        } else {
            vehicle.time_s
        };
        since_s + f64::from(row[vehicle.node as usize])
    }

    /// True when the vehicle might take the request in.
    pub(super) fn may_come(&self, vehicle: &Vehicle) -> bool {
        let needs = self.stops[0].needs;
        let capacity = vehicle.capacity();
        (needs[0] <= capacity[0] || self.relaxed.seats)
            && (needs[1] <= capacity[1] || self.relaxed.wheelchairs)
            && self.reach_s(vehicle) <= self.stops[0].latest_s + TIME_TOLERANCE_S
            && !vehicle.is_charging()
    }

    /// The best insertion into a tour that costs less than `below`. The vehicle must be up to the present.
    pub(super) fn best(&self, vehicle: &Vehicle, below: f64) -> Option<Insertion> {
        let tasks = vehicle.tasks();
        if tasks.len() + 2 > MOST_STOPS {
            return None;
        }
        let mut trial = Trial {
            search: self,
            tasks,
            from: vehicle.from(self.now_s),
            loads: [[0, 0]; MOST_STOPS + 1],
            boarded: [f64::NAN; MOST_STOPS],
            best: None,
            below,
        };
        trial.loads[0] = vehicle.load;
        for (at, stop) in tasks.iter().enumerate() {
            let mut load = trial.loads[at];
            for (taken, needs) in load.iter_mut().zip(stop.needs) {
                if stop.action == Action::Board {
                    *taken += needs;
                } else {
                    *taken -= needs;
                }
            }
            trial.loads[at + 1] = load;
        }
        let capacity = vehicle.capacity();
        let room = |load: [u16; 2]| {
            let needs = self.stops[0].needs;
            (load[0] + needs[0] <= capacity[0] || self.relaxed.seats)
                && (load[1] + needs[1] <= capacity[1] || self.relaxed.wheelchairs)
        };
        trial.all(&room);
        trial.best
    }
}

/// Time (s) that a halt costs the vehicle beside waiting: only that of its persons where doors are open already.
pub(super) fn halt_s(rules: &Rules, from: &From, stop: &Stop) -> f64 {
    let opens_s = if from.node == stop.node {
        0.0
    } else {
        rules.boarding_s
    };
    opens_s + rules.persons_s(stop.persons)
}

/// A search in one tour.
struct Trial<'a> {
    search: &'a Search<'a>,
    tasks: &'a [Stop],
    from: From,
    /// Before each stop.
    loads: [[u16; 2]; MOST_STOPS + 1],
    /// End (s) of boarding at each stop of the tour on trial.
    boarded: [f64; MOST_STOPS],
    best: Option<Insertion>,
    below: f64,
}

impl Trial<'_> {
    fn before(&self, at: usize) -> From {
        match at {
            0 => self.from,
            at => From::stop(&self.tasks[at - 1]),
        }
    }

    fn drive_s(&self, from: &From, to: &Stop) -> f64 {
        if from.node == to.node {
            0.0
        } else {
            f64::from(self.search.times.time(from.node, to.place))
        }
    }

    fn step(&self, from: &From, to: &Stop) -> (f64, [f64; 3]) {
        let rules = self.search.rules;
        let drive_s = self.drive_s(from, to);
        let persons_s = rules.persons_s(to.persons);
        let then = from.then(to.node, drive_s, to.ready_s, rules.boarding_s, persons_s);
        (drive_s, then)
    }

    /// How much longer (s) the halt at a stop of the tour is when another stop comes before it: shorter where both melt together.
    fn melted_s(&self, at: usize, before: &From) -> f64 {
        let (rules, stop) = (self.search.rules, &self.tasks[at]);
        halt_s(rules, before, stop) - halt_s(rules, &self.before(at), stop)
    }

    fn all(&mut self, room: &dyn Fn([u16; 2]) -> bool) {
        let n = self.tasks.len();
        let [pickup, dropoff] = self.search.stops;
        let rules = self.search.rules;
        let persons = f64::from(pickup.persons);
        let direct_s = f64::from(self.search.times.time(pickup.node, dropoff.place));
        // A stop that melts into the next one spares a halt.
        let least_rest = rules.ride_weight * persons * direct_s - rules.boarding_s;
        for at in 0..=n {
            let before = self.before(at);
            if before.begin_s > pickup.latest_s + TIME_TOLERANCE_S {
                break;
            }
            if !room(self.loads[at]) {
                continue;
            }
            let (drive_s, then) = self.step(&before, &pickup);
            if then[0] > pickup.latest_s + TIME_TOLERANCE_S {
                continue;
            }
            let waits = rules.wait_weight * persons * (then[0] - pickup.ready_s);
            let halts = halt_s(rules, &before, &pickup);
            let here = From {
                node: pickup.node,
                begin_s: then[0],
                leave_s: then[2],
            };
            let boarded_s = then[1];
            let skipped_s = |trial: &Self, at: usize, before: &From| match trial.tasks.get(at) {
                Some(next) => trial.drive_s(before, next),
                None => 0.0,
            };
            // Right after boarding.
            let so_far = drive_s + halts + waits - skipped_s(self, at, &before);
            if so_far + direct_s + least_rest < self.below {
                self.alight(at, at, here, boarded_s, so_far);
            }
            // Later: stops in between move first.
            let (mut at_stop, mut cost) = (here, so_far);
            for between in at..n {
                let stop = self.tasks[between];
                let (drive_s, then) = self.step(&at_stop, &stop);
                if between == at {
                    cost += drive_s + self.melted_s(at, &at_stop);
                }
                let Some(moved) = self.moved(between, &then, at) else {
                    break;
                };
                cost += moved;
                at_stop = From {
                    node: stop.node,
                    begin_s: then[0],
                    leave_s: then[2],
                };
                // Load after the stop, with the request on board.
                if !room(self.loads[between + 1]) || cost + least_rest >= self.below {
                    break;
                }
                let next = skipped_s(self, between + 1, &self.before(between + 1));
                self.alight(at, between + 1, at_stop, boarded_s, cost - next);
            }
        }
    }

    /// What it costs people when a stop begins at another time; `None` when a promise breaks. Remembers when who boards here has boarded.
    fn moved(&mut self, at: usize, then: &[f64; 3], first_moved: usize) -> Option<f64> {
        let stop = &self.tasks[at];
        let rules = self.search.rules;
        let later_s = then[0] - stop.begin_s;
        let persons = f64::from(stop.persons);
        if stop.action == Action::Board {
            if then[0] > stop.latest_s + TIME_TOLERANCE_S {
                return None;
            }
            self.boarded[at] = then[1];
            return Some((rules.wait_weight - rules.ride_weight) * persons * later_s);
        }
        let boarded_s = self.boarded_s(stop, first_moved);
        if then[0] - boarded_s > stop.limit_s + TIME_TOLERANCE_S && !self.search.relaxed.rides {
            return None;
        }
        Some(rules.ride_weight * persons * later_s)
    }

    /// When the request of an alighting stop has boarded, on trial.
    fn boarded_s(&self, stop: &Stop, first_moved: usize) -> f64 {
        match stop.boards_at {
            NONE => self.search.rides[stop.request as usize].boarded_s,
            at if (at as usize) < first_moved => self.tasks[at as usize].end_s,
            at => self.boarded[at as usize],
        }
    }

    /// Tries to let the request alight after `here`, before stop `next`; the rest of the tour moves.
    fn alight(&mut self, board_before: usize, next: usize, here: From, boarded_s: f64, cost: f64) {
        let dropoff = self.search.stops[1];
        let (drive_s, then) = self.step(&here, &dropoff);
        let ride_s = then[0] - boarded_s;
        if ride_s > dropoff.limit_s + TIME_TOLERANCE_S && !self.search.relaxed.rides {
            return;
        }
        let weight = self.search.rules.ride_weight * f64::from(dropoff.persons);
        let mut cost =
            cost + drive_s + halt_s(self.search.rules, &here, &dropoff) + weight * ride_s;
        let mut at_stop = From {
            node: dropoff.node,
            begin_s: then[0],
            leave_s: then[2],
        };
        for at in next..self.tasks.len() {
            let stop = self.tasks[at];
            let (drive_s, then) = self.step(&at_stop, &stop);
            if at == next {
                cost += drive_s + self.melted_s(at, &at_stop);
            }
            if cost >= self.below {
                return;
            }
            let Some(moved) = self.moved(at, &then, board_before) else {
                return;
            };
            cost += moved;
            at_stop = From {
                node: stop.node,
                begin_s: then[0],
                leave_s: then[2],
            };
        }
        if cost < self.below {
            self.below = cost;
            self.best = Some(Insertion {
                cost,
                board_before,
                alight_before: next,
            });
        }
    }
}

/// The tour with the request taken in.
pub(super) fn inserted(tasks: &[Stop], stops: [Stop; 2], at: Insertion) -> Vec<Stop> {
    let mut tour = Vec::with_capacity(tasks.len() + 2);
    let place = |old: usize| {
        old as u32 + u32::from(old >= at.board_before) + u32::from(old >= at.alight_before)
    };
    for old in 0..=tasks.len() {
        if old == at.board_before {
            tour.push(stops[0]);
        }
        if old == at.alight_before {
            tour.push(Stop {
                boards_at: at.board_before as u32,
                ..stops[1]
            });
        }
        if let Some(stop) = tasks.get(old) {
            let boards_at = match stop.boards_at {
                NONE => NONE,
                boards => place(boards as usize),
            };
            tour.push(Stop { boards_at, ..*stop });
        }
    }
    tour
}

/// True when nobody rides longer than promised. Without one of its stops a tour is earlier, but who boards earlier may then wait on board
/// for somebody who is not ready yet.
pub(super) fn keeps_rides(tour: &[Stop], rides: &[Ride]) -> bool {
    tour.iter().all(|stop| {
        let boarded_s = match (stop.action, tour.get(stop.boards_at as usize)) {
            (Action::Alight, Some(boards)) => boards.end_s,
            (Action::Alight, None) => rides[stop.request as usize].boarded_s,
            _ => return true,
        };
        stop.begin_s - boarded_s <= stop.limit_s + TIME_TOLERANCE_S
    })
}

/// The tour without a request that has not boarded yet.
pub(super) fn removed(tasks: &[Stop], request: u32) -> Vec<Stop> {
    let mut gone = [usize::MAX; 2];
    for (at, stop) in tasks.iter().enumerate() {
        if stop.request == request {
            gone[usize::from(stop.action == Action::Alight)] = at;
        }
    }
    let kept = |old: u32| {
        let old = old as usize;
        old as u32 - u32::from(old > gone[0]) - u32::from(old > gone[1])
    };
    let stops = tasks.iter().filter(|stop| stop.request != request);
    let stops = stops.map(|stop| Stop {
        boards_at: if stop.boards_at == NONE {
            NONE
        } else {
            kept(stop.boards_at)
        },
        ..*stop
    });
    stops.collect()
}
