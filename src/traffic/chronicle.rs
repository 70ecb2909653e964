//! What the first run notes of every vehicle and of the whole network, for the stories that the window tells.

use crate::result::story::{NO_SIGNAL, Tally, TracePoint, Visit};

use super::input::{GroupKind, TrafficInput};
use super::kernel::step::STANDS_M_S;
use super::network::{NONE, Network};
use super::run::Run;

/// Seconds between two states of a vehicle.
const TRACE_S: f64 = 5.0;
/// Seconds between two looks at the whole network.
const TALLY_S: f64 = 10.0;

/// Notes of a run. Times are seconds since its begin.
#[derive(Clone, Debug, Default)]
pub struct Chronicle {
    /// By trip: streets in order.
    pub visits: Vec<Vec<Visit>>,
    /// By trip: states every few seconds.
    pub traces: Vec<Vec<TracePoint>>,
    /// The network over time.
    pub tallies: Vec<Tally>,
    /// Lane of each trip at the last step.
    lane: Vec<u32>,
    /// By trip: a bus.
    bus: Vec<bool>,
    /// Time that ended trips of buses lost (s), and how many ended trips were looked at.
    ended_loss_s: f64,
    ended: usize,
}

impl Chronicle {
    /// Nothing was noted yet.
    pub fn new(input: &TrafficInput) -> Self {
        let trips = input.demand.trips.len();
        let members = input.members.iter();
        Self {
            visits: vec![Vec::new(); trips],
            traces: vec![Vec::new(); trips],
            tallies: Vec::new(),
            lane: vec![NONE; trips],
            bus: members
                .map(|(class, _)| input.groups[*class].kind == GroupKind::Bus)
                .collect(),
            ended_loss_s: 0.0,
            ended: 0,
        }
    }

    /// Notes the state after a step.
    pub fn note(&mut self, network: &Network, run: &Run, step: u64) {
        let world = &run.traffic.world;
        let step_s = f64::from(world.dt);
        let every = |seconds: f64| step.is_multiple_of((seconds / step_s).round().max(1.0) as u64);
        let (traced, tallied) = (every(TRACE_S), every(TALLY_S));
        let time_s = (run.time_s() - run.begin_s) as f32;
        let mut tally = Tally {
            time_s,
            ..Tally::default()
        };
        let (mut moving, mut speeds, mut bus_loss_s) = (0_u32, 0.0, 0.0);
        let in_bays = run.traffic.inserter.in_bays();
        for vehicle in world.vehicles().chain(in_bays) {
            let trip = vehicle.trip as usize;
            let lane = &world.roads.lanes[vehicle.lane as usize];
            let before = std::mem::replace(&mut self.lane[trip], vehicle.lane);
            if before != vehicle.lane && !lane.inner {
                let visits = &mut self.visits[trip];
                if visits.last().is_none_or(|visit| visit.street != lane.edge) {
                    visits.push(Visit {
                        time_s,
                        way_m: vehicle.way,
                        street: lane.edge,
                        signal: NO_SIGNAL,
                    });
                }
            }
            // The stop line is passed where the street before is left, be it onto the junction or beyond it.
            if before != vehicle.lane
                && before != NONE
                && !world.roads.lanes[before as usize].inner
                && world.roads.lanes[before as usize].edge != lane.edge
            {
                let signal = network.links_of(before).find_map(|(_, link)| {
                    let leads = link.to == vehicle.lane || !lane.inner;
                    (leads && link.signal != NONE).then_some(link.signal)
                });
                if let Some(signal) = signal {
                    self.pass(trip, time_s, vehicle.way, signal, lane.inner);
                }
            }
            if traced {
                self.traces[trip].push(TracePoint {
                    time_s,
                    way_m: vehicle.way,
                    loss_s: vehicle.time_loss,
                });
            }
            if tallied {
                tally.on_roads += 1;
                if self.bus[trip] {
                    bus_loss_s += f64::from(vehicle.time_loss);
                }
                if vehicle.dwell <= 0.0 {
                    moving += 1;
                    speeds += vehicle.speed;
                    tally.standing += u32::from(vehicle.speed < STANDS_M_S);
                }
            }
        }
        if tallied {
            for record in &run.ended()[self.ended..] {
                if self.bus[record.trip as usize] {
                    self.ended_loss_s += record.time_loss_s;
                }
            }
            self.ended = run.ended().len();
            tally.speed_m_s = speeds / moving as f32;
            tally.bus_loss_s = (self.ended_loss_s + bus_loss_s) as f32;
            tally.not_inserted = run.traffic.inserter.waiting() as u32;
            self.tallies.push(tally);
        }
    }

    /// A signal was passed: it stands at the visit that follows, which on a junction is still to come.
    fn pass(&mut self, trip: usize, time_s: f32, way_m: f32, signal: u32, on_junction: bool) {
        let visits = &mut self.visits[trip];
        if on_junction {
            let street = visits.last().map_or(NONE, |visit| visit.street);
            visits.push(Visit {
                time_s,
                way_m,
                street,
                signal,
            });
        } else if let Some(last) = visits.last_mut() {
            last.signal = signal;
        }
    }

    /// Gives spare memory back.
    pub fn shrink(&mut self) {
        for visits in &mut self.visits {
            visits.shrink_to_fit();
        }
        for trace in &mut self.traces {
            trace.shrink_to_fit();
        }
    }
}
