//! Who is on the way to which signal: the queues of the forecast, and the vehicles that may ask for priority, with their times of arrival.

use super::forecast::{Comer, Queues};
use crate::traffic::kernel::state::World;
use crate::traffic::kernel::vehicle::Vehicle;
use crate::traffic::network::{NONE, Network};
use crate::traffic::random::uniform;

/// Way before a signal within which vehicles are seen (m): what two detectors per lane and their counts know of.
const SEEN_M: f32 = 250.0;

/// Memory of the arrival rates (s).
const RATE_MEMORY_S: f32 = 300.0;

/// Share of the speed limit at which vehicles approach a signal.
const APPROACH_SHARE: f32 = 0.92;

/// Lost time of braking to a stop and leaving it (s).
const STOP_LOSS_S: f32 = 7.0;

/// A queue whose end is nearer than this behind the junction leaves no room (m).
const ROOM_M: f32 = 15.0;

/// Time for which a jam that reaches back to the junction is taken to last (s).
const JAM_S: f32 = 12.0;

/// A street counts as full when slow vehicles take this share of its lane.
const FULL_SHARE: f32 = 0.6;

/// Slower than this a vehicle counts as queuing (m/s).
const QUEUES_M_S: f32 = 2.0;

/// Lanes shorter than this are taken to be part of a longer street (m).
const SHORT_LANE_M: f32 = 60.0;

/// Where a link's signal is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Post {
    /// Controller.
    pub controller: u32,
    /// Number of the queue of its lane.
    pub queue: u32,
    /// Place of the state.
    pub place: u32,
}

/// A vehicle of public transport on its way to a signal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coming {
    /// Trip.
    pub trip: u32,
    /// Link at the signal.
    pub link: u32,
    /// Where its signal is.
    pub post: Post,
    /// Time to the line without hindrance (s).
    pub at_s: f32,
    /// Time until it can move on from a stop before the signal (s); 0 when there is none.
    pub stop_s: f32,
}

/// What is seen in a step.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// By link: its signal.
    posts: Vec<Option<Post>>,
    /// Lanes of each controller's queues.
    pub lanes: Vec<Vec<u32>>,
    /// Queues of each controller.
    pub queues: Vec<Queues>,
    /// Vehicles of public transport on their way to a signal.
    pub coming: Vec<Coming>,
    /// Link that a trip was heading for.
    heading: Vec<u32>,
    /// By link: vehicles per second, and time from first sight to the line (s).
    rate: Vec<f32>,
    lead_s: Vec<f32>,
    fresh: Vec<u16>,
}

impl Look {
    /// Nothing is seen yet. `controllers` gives signal and links by place of each controller.
    pub fn new(network: &Network, controllers: &[&[Vec<u32>]]) -> Self {
        let mut posts = vec![None; network.links.len()];
        let mut lanes = Vec::new();
        for (number, places) in controllers.iter().enumerate() {
            let mut own: Vec<u32> = places
                .iter()
                .flatten()
                .map(|&link| network.links[link as usize].from)
                .collect();
            own.sort_unstable();
            own.dedup();
            for (place, links) in places.iter().enumerate() {
                for &link in links {
                    let from = network.links[link as usize].from;
                    if let Ok(queue) = own.binary_search(&from) {
                        posts[link as usize] = Some(Post {
                            controller: number as u32,
                            queue: queue as u32,
                            place: place as u32,
                        });
                    }
                }
            }
            lanes.push(own);
        }
        Self {
            queues: lanes
                .iter()
                .map(|own| vec![Vec::new(); own.len()])
                .collect(),
            lanes,
            posts,
            coming: Vec::new(),
            heading: Vec::new(),
            rate: vec![0.0; network.links.len()],
            lead_s: vec![10.0; network.links.len()],
            fresh: vec![0; network.links.len()],
        }
    }

    /// The signal at a link.
    pub fn post(&self, link: u32) -> Option<Post> {
        self.posts[link as usize]
    }

    /// Counts everybody in streets that are full `factor` times: their queues block the junctions behind, which the forecast does not see.
    pub fn weigh_full_streets(&mut self, world: &World, controller: usize, factor: f32) {
        for (&lane, queue) in self.lanes[controller]
            .iter()
            .zip(&mut self.queues[controller])
        {
            let taken: f32 = world
                .on_lane(lane)
                .iter()
                .filter(|vehicle| vehicle.speed < QUEUES_M_S)
                .map(|vehicle| world.kind(vehicle).length + world.kind(vehicle).driver.min_gap)
                .sum();
            let length = world.roads.lanes[lane as usize].length.max(SHORT_LANE_M);
            if taken > FULL_SHARE * length {
                for comer in queue.iter_mut().filter(|comer| comer.request.is_none()) {
                    comer.persons *= factor;
                }
            }
        }
    }

    /// Looks at everybody. `persons` gives the persons on board, `asks` whether a trip may ask for priority, `notice_m` how far ahead,
    /// `leaves_within_s` how soon it must leave a stop before the signal.
    pub fn update(
        &mut self,
        world: &World,
        bays: &[Vehicle],
        persons: impl Fn(u32) -> f32,
        asks: impl Fn(u32) -> bool,
        notice_m: f32,
        leaves_within_s: f32,
    ) {
        self.heading.resize(world.trips.len(), NONE);
        for queues in &mut self.queues {
            for queue in queues {
                queue.clear();
            }
        }
        self.coming.clear();
        let keep = 1.0 - world.dt / RATE_MEMORY_S;
        for rate in &mut self.rate {
            *rate *= keep;
        }
        for vehicle in world.vehicles().chain(bays) {
            let asking = asks(vehicle.trip);
            let reach = if asking { notice_m.max(SEEN_M) } else { SEEN_M };
            let Some(coming) = self.walk(world, vehicle, reach) else {
                continue;
            };
            if asking {
                self.coming.push(coming);
            } else if coming.stop_s > 0.0 {
                continue;
            }
            let trip = vehicle.trip as usize;
            let link = coming.link as usize;
            if self.heading[trip] != coming.link {
                self.heading[trip] = coming.link;
                self.rate[link] += 1.0 / RATE_MEMORY_S;
                self.lead_s[link] += (coming.at_s - self.lead_s[link]) * 0.1;
                self.fresh[link] = self.fresh[link].wrapping_add(1);
            }
            let kind = world.kind(vehicle);
            let comer = Comer {
                at_s: coming.at_s,
                not_before_s: if jammed(world, coming.link) {
                    JAM_S
                } else {
                    0.0
                },
                place: coming.post.place as usize,
                persons: persons(vehicle.trip),
                headway_s: kind.driver.tau.max(0.8) + (kind.length + kind.driver.min_gap) / 9.0,
                request: (asking && coming.stop_s <= leaves_within_s)
                    .then(|| self.coming.len() as u32 - 1),
            };
            self.queues[coming.post.controller as usize][coming.post.queue as usize].push(comer);
        }
        for queues in &mut self.queues {
            for queue in queues {
                queue.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
            }
        }
    }

    /// Adds those who will come after the ones seen, at the rates of the last minutes, to the queues of a controller.
    pub fn add_unseen(&mut self, world: &World, controller: usize, horizon_s: f32, persons: f32) {
        for (number, &lane) in self.lanes[controller].iter().enumerate() {
            let links = world.roads.lanes[lane as usize].links.clone();
            let queue = &mut self.queues[controller][number];
            let seen = queue.len();
            for link in links {
                let (Some(post), rate) = (self.posts[link as usize], self.rate[link as usize])
                else {
                    continue;
                };
                if rate < 0.005 {
                    continue;
                }
                // Spread evenly from where sight ends; the phase is drawn per link so that lanes do not come in step.
                let shift = uniform(0, u64::from(link), u64::from(self.fresh[link as usize]), 77);
                let mut at_s = self.lead_s[link as usize].max(3.0) + shift / rate;
                while at_s < horizon_s {
                    queue.push(Comer {
                        at_s,
                        not_before_s: 0.0,
                        place: post.place as usize,
                        persons,
                        headway_s: 1.85,
                        request: None,
                    });
                    at_s += 1.0 / rate;
                }
            }
            if queue.len() > seen {
                queue.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
            }
        }
    }

    /// Walks along the way of a vehicle to the next signal.
    fn walk(&self, world: &World, vehicle: &Vehicle, reach: f32) -> Option<Coming> {
        let roads = &world.roads;
        let top = world.kind(vehicle).max_speed;
        let pace = |lane: u32| {
            (roads.lanes[lane as usize].speed * vehicle.factor).min(top) * APPROACH_SHARE
        };
        let (mut at, mut cursor, mut own) = (vehicle.lane, vehicle.cursor, true);
        let mut seen = roads.lanes[at as usize].length - vehicle.pos;
        let first_pace = pace(at);
        let lost = (first_pace - vehicle.speed).max(0.0);
        let mut time = seen / first_pace
            + lost * lost / (2.0 * first_pace * world.kind(vehicle).driver.accel.max(0.5));
        let dwells = vehicle.dwell > 0.0;
        let mut stop_s = vehicle.dwell;
        let mut halt = if dwells || world.trips[vehicle.trip as usize].calls.is_empty() {
            None
        } else {
            world.next_halt(vehicle)
        };
        for _ in 0..16 {
            let road = &roads.lanes[at as usize];
            if seen > reach {
                return None;
            }
            if halt.is_some_and(|stop| !road.inner && stop.cursor == cursor) {
                let call = &world.trips[vehicle.trip as usize].calls[usize::from(vehicle.call)];
                stop_s += call.duration_s + STOP_LOSS_S;
                halt = None;
            }
            let link = world.exit_link(vehicle, at, cursor, own)?;
            if let Some(post) = self.posts[link as usize] {
                return Some(Coming {
                    trip: vehicle.trip,
                    link,
                    post,
                    at_s: time + stop_s,
                    stop_s,
                });
            }
            let record = &roads.links[link as usize];
            if !roads.lanes[record.to as usize].inner {
                cursor += 1;
                own = false;
            } else if !road.inner {
                own = false;
            }
            at = record.to;
            let length = roads.lanes[at as usize].length;
            seen += length;
            time += length / pace(at);
        }
        None
    }
}

/// True when a jam behind the junction leaves no room for those who pass a link (known from a detector behind the junction).
fn jammed(world: &World, link: u32) -> bool {
    let target = world.roads.links[link as usize].target;
    world
        .rear_of(target)
        .is_some_and(|(rear, speed, _)| rear < ROOM_M && speed < 1.0)
}
