//! People on foot at crossings with signals: they come by lot, wait for their green and walk over; vehicles that turn into the street let them.
//!
//! Arrivals at a crossing are a Poisson process of one rate for all crossings, which is an assumption: nobody counted. Half of the people come
//! from either side and walk at 1.2 m/s (RiLSA). They start while they have green, also in its last second, and are over by our programmes before the vehicles that
//! cross them get theirs (see [`super::signals::rules`]). Nobody steps in front of a vehicle that cannot halt any more. Vehicles halt before the lanes that lead off the junction as long as somebody is
//! on them or will be within a second. Where nobody is let in by signal, at zebra crossings and between junctions, people on foot are not modelled.

use super::kernel::follow::brake_gap;
use super::kernel::plan::LINE_M;
use super::kernel::state::World;
use super::kernel::step::STANDS_M_S;
use super::network::{Aspect, NONE, Network};
use super::random::uniform;
use super::signals::controller::Controllers;
use super::signals::rules::{WALK_M_S, aspect_of};

/// Somebody who will be on the lanes within this time (s) is waited for.
const LET_WITHIN_S: f64 = 1.0;

/// Random numbers of people on foot are counted from here, apart from those of vehicles.
const FIRST_CROSSING: u64 = 1 << 44;

/// Somebody who has crossed or waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walk {
    /// Signal and crossing of it.
    pub signal: u32,
    /// See `signal`.
    pub crossing: u32,
    /// Arrival at the curb (s on the clock of the demand).
    pub arrived_s: f64,
    /// Wait (s), up to now for one who still waits.
    pub waited_s: f64,
}

/// All crossings of a network.
#[derive(Clone, Debug, Default)]
pub struct Walkers {
    crossings: Vec<Crossing>,
    /// Time between two arrivals at a crossing (s).
    mean_s: f64,
    /// Who has walked, in the order of their starts.
    pub walks: Vec<Walk>,
}

#[derive(Clone, Debug)]
struct Crossing {
    controller: usize,
    signal: u32,
    number: u32,
    place: usize,
    /// Time (s) over the whole way, and over its first part on the lanes that lead off.
    over_s: f64,
    leaving_s: f64,
    leaving: Vec<u32>,
    /// Person who comes next, and when (s).
    next: u64,
    next_s: f64,
    /// Arrivals (s) of those who wait, with their numbers.
    waiting: Vec<(f64, u64)>,
    /// Begin and end (s) of the time that somebody is on the lanes that lead off.
    on_lanes: Vec<[f64; 2]>,
}

impl Walkers {
    /// `per_h` people per hour come to each crossing.
    pub fn new(network: &Network, controllers: &Controllers, world: &World, per_h: f64) -> Self {
        let mut walkers = Self {
            mean_s: 3600.0 / per_h,
            ..Self::default()
        };
        if per_h <= 0.0 {
            return walkers;
        }
        for (index, controller) in controllers.list.iter().enumerate() {
            let signal = &network.signals[controller.signal as usize];
            for (number, crossing) in signal.crossings.iter().enumerate() {
                // Nobody waits where a programme never lets people over.
                let place = crossing.place as usize;
                let mut phases = controller.program.phases.iter();
                if !phases.any(|phase| aspect_of(phase, place).is_green()) {
                    continue;
                }
                walkers.crossings.push(Crossing {
                    controller: index,
                    signal: controller.signal,
                    number: number as u32,
                    place,
                    over_s: f64::from(crossing.length_m) / WALK_M_S,
                    leaving_s: f64::from(crossing.leaving_m) / WALK_M_S,
                    leaving: crossing.leaving.clone(),
                    next: 0,
                    next_s: world.begin_s,
                    waiting: Vec::new(),
                    on_lanes: Vec::new(),
                });
            }
        }
        for (at, crossing) in walkers.crossings.iter_mut().enumerate() {
            crossing.next_s += walkers.mean_s * exponential(world.seed, at, 0);
        }
        walkers
    }

    /// One step from `now` (s) on with the aspects that the controllers show.
    pub fn step(&mut self, controllers: &Controllers, world: &mut World, now: f64) {
        let end = now + f64::from(world.dt);
        for (at, crossing) in self.crossings.iter_mut().enumerate() {
            let shown = controllers.list[crossing.controller].running();
            let green = aspect_of(shown, crossing.place).is_green();
            while crossing.next_s < end {
                crossing.waiting.push((crossing.next_s, crossing.next));
                crossing.next += 1;
                crossing.next_s += self.mean_s * exponential(world.seed, at, crossing.next);
            }
            if green {
                let looks = crossing
                    .leaving
                    .iter()
                    .any(|&link| comes_too_near(world, link));
                for (arrived_s, person) in std::mem::take(&mut crossing.waiting) {
                    let start = arrived_s.max(now);
                    let near = uniform(world.seed, FIRST_CROSSING + at as u64, person, 2) < 0.5;
                    if near && looks {
                        crossing.waiting.push((arrived_s, person));
                        continue;
                    }
                    let begin = if near {
                        start
                    } else {
                        start + crossing.over_s - crossing.leaving_s
                    };
                    crossing.on_lanes.push([begin, begin + crossing.leaving_s]);
                    self.walks.push(Walk {
                        signal: crossing.signal,
                        crossing: crossing.number,
                        arrived_s,
                        waited_s: start - arrived_s,
                    });
                }
            }
            crossing.on_lanes.retain(|[_, gone]| *gone > now);
            for &link in &crossing.leaving {
                world.aspects[link as usize] = Aspect::Off;
            }
        }
        // Two crossings may lie on the same way.
        for crossing in &self.crossings {
            let mut on_lanes = crossing.on_lanes.iter();
            if on_lanes.any(|[begin, _]| begin - LET_WITHIN_S < end) {
                for &link in &crossing.leaving {
                    // Amber: who cannot halt any more goes on.
                    world.aspects[link as usize] = Aspect::Amber;
                }
            }
        }
    }

    /// Those who wait at `now` (s).
    pub fn waiting(&self, now: f64) -> impl Iterator<Item = Walk> {
        self.crossings.iter().flat_map(move |crossing| {
            crossing.waiting.iter().map(move |&(arrived_s, _)| Walk {
                signal: crossing.signal,
                crossing: crossing.number,
                arrived_s,
                waited_s: now - arrived_s,
            })
        })
    }

    /// True when somebody is on the lanes that lead off the junction at a crossing, at `now` (s).
    pub fn is_on_lanes(&self, signal: u32, crossing: u32, now: f64) -> bool {
        let own = |of: &&Crossing| (of.signal, of.number) == (signal, crossing);
        self.crossings.iter().find(own).is_some_and(|crossing| {
            let mut on_lanes = crossing.on_lanes.iter();
            on_lanes.any(|&[begin, gone]| begin <= now && now < gone)
        })
    }
}

/// True when someone is driving up to the end of a link's lane, on it or on the one before it, who could not halt there any more: nobody steps in
/// front of it.
fn comes_too_near(world: &World, link: u32) -> bool {
    let lane = world.roads.links[link as usize].from;
    let road = &world.roads.lanes[lane as usize];
    let before = (road.entry != NONE).then(|| world.roads.links[road.entry as usize].from);
    let near = |on: u32, behind_m: f32| {
        world.front_of(on).is_some_and(|(pos, speed, driver)| {
            let left = world.roads.lanes[on as usize].length - pos + behind_m;
            speed > STANDS_M_S && left < LINE_M + brake_gap(speed, driver.decel, world.dt)
        })
    };
    near(lane, 0.0) || before.is_some_and(|before| near(before, road.length))
}

/// Draw of the exponential distribution with mean 1: before the arrival of a person at a crossing.
fn exponential(seed: u64, crossing: usize, person: u64) -> f64 {
    let draw = uniform(seed, FIRST_CROSSING + crossing as u64, person, 1);
    -(1.0 - f64::from(draw)).ln()
}

#[cfg(test)]
mod tests;
