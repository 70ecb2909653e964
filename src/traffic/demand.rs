//! Who drives: types of vehicles, trips, stops, in the order of departure.

use super::network::VehicleClass;

/// Everything that drives in a run.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// Types of vehicles.
    pub types: Vec<VehicleType>,
    /// Vehicles by departure; equal times keep the order of the files.
    pub trips: Vec<Trip>,
    /// Stopping places.
    pub stops: Vec<StopPlace>,
    /// Detectors of the input.
    pub detectors: Vec<Detector>,
}

/// A type of vehicle with the parameters of its driver.
#[derive(Clone, Debug, PartialEq)]
pub struct VehicleType {
    /// Id of the source.
    pub id: String,
    /// Class.
    pub class: VehicleClass,
    /// Length (m).
    pub length_m: f32,
    /// Distance to the one in front at rest (m).
    pub min_gap_m: f32,
    /// Width (m), for drawing.
    pub width_m: f32,
    /// Largest acceleration (m/s2).
    pub accel_m_s2: f32,
    /// Comfortable deceleration (m/s2).
    pub decel_m_s2: f32,
    /// Deceleration of an emergency (m/s2).
    pub emergency_decel_m_s2: f32,
    /// Highest speed of the vehicle (m/s).
    pub max_speed_m_s: f32,
    /// Desired time headway (s).
    pub tau_s: f32,
    /// Driver's imperfection of Krauss' model, 0 to 1.
    pub sigma: f32,
    /// Factor on the speed limit: mean, deviation, least, largest (a cut normal distribution; deviation 0: the mean).
    pub speed_factor: [f32; 4],
    /// Car-following model.
    pub model: CarFollowing,
    /// Readiness to change lanes for others' sake, 0 to 1.
    pub lane_change_cooperative: f32,
    /// Readiness to take smaller gaps; 1 = as the model, larger = smaller gaps.
    pub lane_change_assertive: f32,
    /// Persons on board by assumption of the study; 0 = none given.
    pub occupancy: f32,
    /// Name of the emission class of the source; empty when none.
    pub emission_class: String,
}

/// Car-following model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CarFollowing {
    /// Krauss 1998 with SUMO's discrete safe speed.
    Krauss,
    /// Intelligent driver model, Treiber, Hennecke, Helbing 2000.
    #[default]
    Idm,
}

/// A vehicle and where it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Trip {
    /// Id of the source.
    pub id: String,
    /// Its type.
    pub vehicle_type: u32,
    /// Departure (s).
    pub depart_s: f64,
    /// Edges in order; with two edges and `routed` false only origin and destination, and the route is found at departure.
    pub edges: Vec<u32>,
    /// True when `edges` is a route from beginning to end.
    pub routed: bool,
    /// Lane at departure.
    pub depart_lane: DepartLane,
    /// Front of the vehicle at departure (m); negative: from the end of the lane. `None`: whole vehicle just on the lane.
    pub depart_pos_m: Option<f32>,
    /// Speed at departure.
    pub depart_speed: DepartSpeed,
    /// Where on the last edge the trip ends (m); negative: from the end; `None`: at its end.
    pub arrival_pos_m: Option<f32>,
    /// Line of public transport; empty for others.
    pub line: String,
    /// Calls at stops in order.
    pub calls: Vec<Call>,
}

/// Lane at departure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DepartLane {
    /// Rightmost that the class may use.
    #[default]
    First,
    /// The one that leads furthest along the route; among equals the emptiest.
    Best,
    /// The emptiest.
    Free,
    /// This one.
    Given(u32),
}

/// Speed at departure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DepartSpeed {
    /// This one (m/s).
    Given(f32),
    /// As fast as is allowed and safe.
    Max,
    /// The limit, if safe.
    Limit,
    /// The mean of the vehicles on the lane, if safe; on an empty lane as fast as is allowed and safe.
    Mean,
}

/// A call at a stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Stopping place.
    pub stop: u32,
    /// Least dwell (s).
    pub duration_s: f32,
    /// Not before (s); none without a timetable.
    pub until_s: Option<f64>,
    /// Arrival by timetable (s).
    pub arrival_s: Option<f64>,
    /// Stops beside the lane (bus bay), so that others pass.
    pub off_lane: bool,
}

/// A stopping place.
#[derive(Clone, Debug, PartialEq)]
pub struct StopPlace {
    /// Id of the source.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Lane.
    pub lane: u32,
    /// Begin and end along the lane (m); the front halts at the end.
    pub start_m: f32,
    /// See `start_m`.
    pub end_m: f32,
    /// Lines named by the source.
    pub lines: Vec<String>,
}

/// An induction loop of the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Detector {
    /// Id of the source.
    pub id: String,
    /// Lane.
    pub lane: u32,
    /// Place along the lane (m).
    pub position_m: f32,
    /// Length of an interval of counting (s).
    pub interval_s: f64,
}

impl VehicleType {
    /// A car: the intelligent driver of city traffic (set `urban50` of the shared tables: T 1.5 s, s0 2 m, a 1.5 m/s2, b 2 m/s2) in a vehicle
    /// of 5 m that keeps the speed limit exactly.
    pub fn car() -> Self {
        Self {
            id: "car".to_owned(),
            class: VehicleClass::Passenger,
            length_m: 5.0,
            min_gap_m: 2.0,
            width_m: 1.8,
            accel_m_s2: 1.5,
            decel_m_s2: 2.0,
            emergency_decel_m_s2: 9.0,
            max_speed_m_s: 55.6,
            tau_s: 1.5,
            sigma: 0.0,
            speed_factor: [1.0, 0.0, 1.0, 1.0],
            model: CarFollowing::Idm,
            lane_change_cooperative: 1.0,
            lane_change_assertive: 1.0,
            occupancy: 0.0,
            emission_class: String::new(),
        }
    }
}

impl Trip {
    /// A trip of a type along whole edges, from the beginning of the first to the end of the last.
    pub fn along(vehicle_type: u32, depart_s: f64, edges: &[u32]) -> Self {
        Self {
            id: String::new(),
            vehicle_type,
            depart_s,
            edges: edges.to_vec(),
            routed: true,
            depart_lane: DepartLane::First,
            depart_pos_m: None,
            depart_speed: DepartSpeed::Max,
            arrival_pos_m: None,
            line: String::new(),
            calls: Vec::new(),
        }
    }
}
