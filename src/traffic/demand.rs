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
