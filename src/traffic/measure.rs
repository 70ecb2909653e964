//! What is measured on edges while vehicles drive: who passes, how long, how much time is lost, how long the queues are.

use super::kernel::state::World;
use super::kernel::step::STANDS_M_S;
use super::network::NONE;

/// Length (s) of an interval.
pub const INTERVAL_S: f64 = 300.0;

/// Vehicles on an edge in an interval. What happens on a junction belongs to the edge before it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EdgeFlow {
    /// Vehicles that came onto it.
    pub entered: f64,
    /// Time spent (vehicle-seconds), without dwell at stops.
    pub vehicle_s: f64,
    /// Time lost against the allowed speed (vehicle-seconds).
    pub loss_s: f64,
    /// Most vehicles that stood on one lane at a time.
    pub queue: f64,
}

/// Gathers flows of edges.
#[derive(Clone, Debug)]
pub struct EdgeMeasure {
    /// Edges.
    edges: usize,
    /// By interval, then edge.
    pub flows: Vec<EdgeFlow>,
    /// Edge of each trip at the last step.
    at: Vec<u32>,
}

impl EdgeMeasure {
    /// Nothing was measured yet.
    pub fn new(edges: usize, trips: usize, duration_s: f64) -> Self {
        let intervals = (duration_s / INTERVAL_S).ceil().max(1.0) as usize;
        Self {
            edges,
            flows: vec![EdgeFlow::default(); edges * intervals],
            at: vec![NONE; trips],
        }
    }

    /// Number of intervals.
    pub fn intervals(&self) -> usize {
        self.flows.len() / self.edges.max(1)
    }

    /// Notes the state after a step, `into_s` after the begin of the measurement.
    pub fn note(&mut self, world: &World, into_s: f64) {
        let interval = ((into_s / INTERVAL_S) as usize).min(self.intervals().saturating_sub(1));
        let flows = &mut self.flows[interval * self.edges..(interval + 1) * self.edges];
        let dt = f64::from(world.dt);
        let mut standing = (NONE, 0_u32);
        for vehicle in world.vehicles() {
            let edge = world.routes.edges(vehicle.route)[usize::from(vehicle.cursor)];
            let flow = &mut flows[edge as usize];
            let at = &mut self.at[vehicle.trip as usize];
            if *at != edge {
                *at = edge;
                flow.entered += 1.0;
            }
            if vehicle.dwell > 0.0 {
                continue;
            }
            let allowed = f64::from(world.allowed_speed(vehicle, vehicle.lane));
            flow.vehicle_s += dt;
            flow.loss_s += dt * ((allowed - f64::from(vehicle.speed)) / allowed).max(0.0);
            if vehicle.speed < STANDS_M_S && !world.roads.lanes[vehicle.lane as usize].inner {
                // Vehicles lie by lane.
                if standing.0 != vehicle.lane {
                    standing = (vehicle.lane, 0);
                }
                standing.1 += 1;
                flow.queue = flow.queue.max(f64::from(standing.1));
            }
        }
    }

    /// Each edge over all intervals.
    pub fn totals(&self) -> Vec<EdgeFlow> {
        let mut totals = vec![EdgeFlow::default(); self.edges];
        for (index, flow) in self.flows.iter().enumerate() {
            let total = &mut totals[index % self.edges];
            total.entered += flow.entered;
            total.vehicle_s += flow.vehicle_s;
            total.loss_s += flow.loss_s;
            total.queue = total.queue.max(flow.queue);
        }
        totals
    }
}
