//! What is to be planned: requests, vehicles, distances and times, as flat arrays.

use super::error::{Fault, Faults, Refusal, ShuttleError};

/// Seats and wheelchair places.
pub type Load = [i32; 2];

/// Number of a node: pickups `0..n`, deliveries `n..2n` in the same order, then the depots.
pub type NodeId = u16;

/// Times that differ by less are equal: the search works with it, [`super::check`] with a tenfold.
pub const TIME_TOLERANCE: f64 = 1e-7;

/// What is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objective {
    /// The shortest distance with the vehicles there are.
    Distance,
    /// The fewest vehicles, then the shortest distance.
    VehiclesThenDistance,
}

/// A place with a time window, as the input says it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Number in the input; what people see.
    pub id: u32,
    /// Service begins no earlier.
    pub earliest: f64,
    /// Service begins no later.
    pub latest: f64,
    /// Time of the service (boarding, alighting).
    pub service: f64,
    /// Places taken here; negative at a delivery.
    pub load: Load,
}

/// Vehicles that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct VehicleKind {
    /// How many there are.
    pub count: usize,
    /// Places.
    pub capacity: Load,
    /// Depot where they start; a node from `2n` on.
    pub start: NodeId,
    /// Depot where they end; a node from `2n` on.
    pub end: NodeId,
    /// Longest time from leaving the depot to being back; infinite without a limit.
    pub max_duration: f64,
}

/// What is said of a problem before it is checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// For messages.
    pub name: String,
    /// What is best.
    pub objective: Objective,
    /// Pickups, deliveries, depots.
    pub nodes: Vec<Node>,
    /// Longest time from the end of service at the pickup to the begin of service at the delivery, per request; infinite without a limit.
    pub max_ride: Vec<f64>,
    /// The fleet.
    pub kinds: Vec<VehicleKind>,
    /// Distance from row to column, `nodes x nodes`.
    pub distance: Vec<f64>,
    /// Driving time from row to column, `nodes x nodes`.
    pub travel_time: Vec<f64>,
}

/// A dial-a-ride problem that was checked: pickups and deliveries with time windows, ride times, places, several depots.
///
/// Times and distances are in any one unit each; the files of Cordeau & Laporte and of Li & Lim use the same number for both.
#[derive(Clone, Debug)]
pub struct Problem {
    draft: Draft,
    /// Windows that follow from all constraints of a request alone: nothing feasible is cut off.
    opens: Vec<f64>,
    closes: Vec<f64>,
    /// Service at the row plus driving to the column.
    step: Vec<f64>,
    limited_rides: bool,
    /// Requests that no vehicle can serve even alone.
    refused: Vec<(usize, Refusal)>,
}

impl Problem {
    /// Checks a draft. Wrong numbers are an error; a request that nobody can serve is no error but a refusal.
    pub fn new(draft: Draft) -> Result<Self, ShuttleError> {
        check(&draft)?;
        let nodes = draft.nodes.len();
        let mut step = draft.travel_time.clone();
        for (from, node) in draft.nodes.iter().enumerate() {
            for time in &mut step[from * nodes..(from + 1) * nodes] {
                *time += node.service;
            }
        }
        let mut problem = Self {
            opens: draft.nodes.iter().map(|node| node.earliest).collect(),
            closes: draft.nodes.iter().map(|node| node.latest).collect(),
            step,
            refused: Vec::new(),
            limited_rides: draft.max_ride.iter().any(|ride| ride.is_finite()),
            draft,
        };
        problem.tighten();
        problem.refused = (0..problem.requests())
            .filter_map(|request| Some((request, problem.refusal(request)?)))
            .collect();
        Ok(problem)
    }

    /// Windows by the window of the partner and the ride time (Cordeau 2006, doi:10.1287/opre.1060.0283, section 5.1), and by the
    /// way from and to the depots.
    fn tighten(&mut self) {
        let n = self.requests();
        for node in 0..2 * n {
            let first = self.draft.kinds.iter().map(|kind| {
                self.draft.nodes[kind.start as usize].earliest
                    + self.step(kind.start, node as NodeId)
            });
            let last = self.draft.kinds.iter().map(|kind| {
                self.draft.nodes[kind.end as usize].latest - self.step(node as NodeId, kind.end)
            });
            let first = first.fold(f64::INFINITY, f64::min);
            let last = last.fold(f64::NEG_INFINITY, f64::max);
            self.opens[node] = self.opens[node].max(first);
            self.closes[node] = self.closes[node].min(last);
        }
        // Twice: what the partner learns from the first round tightens the other in the second.
        for _ in 0..2 {
            for pickup in 0..n {
                let (delivery, service) = (pickup + n, self.draft.nodes[pickup].service);
                let direct = self.step(pickup as NodeId, delivery as NodeId);
                let longest = service + self.draft.max_ride[pickup];
                self.closes[pickup] = self.closes[pickup].min(self.closes[delivery] - direct);
                self.opens[pickup] = self.opens[pickup].max(self.opens[delivery] - longest);
                self.opens[delivery] = self.opens[delivery].max(self.opens[pickup] + direct);
                self.closes[delivery] = self.closes[delivery].min(self.closes[pickup] + longest);
            }
        }
    }

    fn refusal(&self, request: usize) -> Option<Refusal> {
        let n = self.requests();
        let (pickup, delivery) = (request as NodeId, (request + n) as NodeId);
        let load = self.draft.nodes[request].load;
        let able: Vec<usize> = (0..self.draft.kinds.len())
            .filter(|&kind| self.draft.kinds[kind].count > 0)
            .filter(|&kind| fits(load, self.draft.kinds[kind].capacity))
            .collect();
        if able.is_empty() {
            return Some(Refusal::TooLarge);
        }
        let (direct, limit) = (
            self.travel_time(pickup, delivery),
            self.draft.max_ride[request],
        );
        if direct > limit + TIME_TOLERANCE {
            return Some(Refusal::RideTooLong { direct, limit });
        }
        let mut times = Vec::new();
        let alone = able.iter().any(|&kind| {
            let route = [
                self.draft.kinds[kind].start,
                pickup,
                delivery,
                self.draft.kinds[kind].end,
            ];
            super::timing::earliest_schedule(self, kind, &route, &mut times)
        });
        (!alone).then_some(Refusal::OutOfTime)
    }

    /// Name for messages.
    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// What is best.
    pub fn objective(&self) -> Objective {
        self.draft.objective
    }

    /// Number of requests.
    pub fn requests(&self) -> usize {
        self.draft.max_ride.len()
    }

    /// Number of nodes: pickups, deliveries, depots.
    pub fn node_count(&self) -> usize {
        self.draft.nodes.len()
    }

    /// A node as the input says it.
    pub fn node(&self, node: NodeId) -> &Node {
        &self.draft.nodes[node as usize]
    }

    /// The fleet.
    pub fn kinds(&self) -> &[VehicleKind] {
        &self.draft.kinds
    }

    /// Longest ride of a request.
    pub fn max_ride(&self, request: usize) -> f64 {
        self.draft.max_ride[request]
    }

    /// Requests that no vehicle can serve even alone, with the reason.
    pub fn refused(&self) -> &[(usize, Refusal)] {
        &self.refused
    }

    /// Distance between two nodes.
    pub fn distance(&self, from: NodeId, to: NodeId) -> f64 {
        self.draft.distance[from as usize * self.draft.nodes.len() + to as usize]
    }

    /// Driving time between two nodes.
    pub fn travel_time(&self, from: NodeId, to: NodeId) -> f64 {
        self.draft.travel_time[from as usize * self.draft.nodes.len() + to as usize]
    }

    /// Time from the begin of service at one node to the arrival at another.
    pub(super) fn step(&self, from: NodeId, to: NodeId) -> f64 {
        self.step[from as usize * self.opens.len() + to as usize]
    }

    /// Service cannot begin earlier in any feasible plan.
    pub(super) fn opens(&self, node: NodeId) -> f64 {
        self.opens[node as usize]
    }

    /// Service cannot begin later in any feasible plan.
    pub(super) fn closes(&self, node: NodeId) -> f64 {
        self.closes[node as usize]
    }

    /// Whether any ride or the route of this kind has a limit of its own.
    pub(super) fn has_time_limits(&self, kind: usize) -> bool {
        self.limited_rides || self.draft.kinds[kind].max_duration.is_finite()
    }

    /// The request whose delivery this node is.
    pub(super) fn delivered(&self, node: NodeId) -> Option<usize> {
        let n = self.requests();
        (n..2 * n)
            .contains(&(node as usize))
            .then(|| node as usize - n)
    }
}

/// Whether a load has room.
pub(super) fn fits(load: Load, capacity: Load) -> bool {
    load[0] <= capacity[0] && load[1] <= capacity[1]
}

fn check(draft: &Draft) -> Result<(), ShuttleError> {
    let mut faults = Faults::default();
    let n = draft.max_ride.len();
    let nodes = draft.nodes.len();
    let mut wrong = |code, what: &str, place: String, found: String, expected: &str, help: &str| {
        faults.push(Fault {
            code,
            what: what.to_owned(),
            place: format!("{}, {place}", draft.name),
            found,
            expected: expected.to_owned(),
            help: help.to_owned(),
        });
    };
    if nodes <= 2 * n || nodes > usize::from(NodeId::MAX) {
        wrong(
            "node-count",
            "the number of nodes does not fit the requests",
            "nodes".to_owned(),
            format!("{nodes} nodes for {n} requests"),
            "two per request and at least one depot, fewer than 65,536 in all",
            "give a pickup and a delivery per request, then the depots; split a larger problem",
        );
        return faults.into_result();
    }
    if draft.distance.len() != nodes * nodes || draft.travel_time.len() != nodes * nodes {
        wrong(
            "matrix-size",
            "a matrix does not have a row and a column per node",
            "distance, travel_time".to_owned(),
            format!(
                "{} and {} numbers",
                draft.distance.len(),
                draft.travel_time.len()
            ),
            "nodes x nodes numbers each",
            "compute both matrices for all nodes",
        );
        return faults.into_result();
    }
    let usable = |number: &f64| number.is_finite() && *number >= 0.0;
    if !draft.distance.iter().chain(&draft.travel_time).all(usable) {
        wrong(
            "matrix-value",
            "a distance or driving time is no usable number",
            "distance, travel_time".to_owned(),
            "a negative, infinite or undefined number".to_owned(),
            "numbers from 0 on",
            "leave out places that cannot be reached",
        );
    }
    if draft.kinds.iter().map(|kind| kind.count).sum::<usize>() == 0 {
        wrong(
            "no-vehicles",
            "there is no vehicle",
            "fleet".to_owned(),
            "0 vehicles".to_owned(),
            "at least one",
            "give the fleet at least one vehicle",
        );
    }
    for (number, kind) in draft.kinds.iter().enumerate() {
        let depots = 2 * n..nodes;
        if !depots.contains(&(kind.start as usize)) || !depots.contains(&(kind.end as usize)) {
            wrong(
                "no-depot",
                "a vehicle starts or ends at a node that is no depot",
                format!("vehicle kind {number}"),
                format!("start {}, end {}", kind.start, kind.end),
                "nodes after the deliveries",
                "add the depot after the deliveries",
            );
        }
        if kind.max_duration.is_nan() || kind.max_duration < 0.0 {
            wrong(
                "route-duration",
                "the longest time of a route is no usable number",
                format!("vehicle kind {number}"),
                kind.max_duration.to_string(),
                "a number from 0 on",
                "correct the number",
            );
        }
    }
    for node in &draft.nodes {
        let finite = node.earliest.is_finite() && node.latest.is_finite();
        if !finite || !usable(&node.service) || node.earliest > node.latest {
            wrong(
                "window",
                "a time window or service time is not usable",
                format!("node {}", node.id),
                format!(
                    "window {} to {}, service {}",
                    node.earliest, node.latest, node.service
                ),
                "a window that ends no earlier than it begins, a service time from 0 on",
                "correct the numbers",
            );
        }
    }
    for request in 0..n {
        let (pickup, delivery) = (&draft.nodes[request], &draft.nodes[request + n]);
        let opposite = (0..2).all(|k| pickup.load[k] >= 0 && delivery.load[k] == -pickup.load[k]);
        if !opposite {
            wrong(
                "load",
                "what is delivered is not what was picked up",
                format!("nodes {} and {}", pickup.id, delivery.id),
                format!("loads {:?} and {:?}", pickup.load, delivery.load),
                "a load from 0 on at the pickup and its negative at the delivery",
                "correct the loads, or the pairing",
            );
        }
        if draft.max_ride[request].is_nan() || draft.max_ride[request] < 0.0 {
            wrong(
                "ride-time",
                "the longest ride is no usable number",
                format!("node {}", pickup.id),
                draft.max_ride[request].to_string(),
                "a number from 0 on",
                "correct the number",
            );
        }
    }
    faults.into_result()
}
