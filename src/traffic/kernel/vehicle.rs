//! A vehicle on the road: what changes from step to step.

/// Lanes of an edge beyond this number are not told apart in the choice of lanes.
pub const MAX_LANES: usize = 8;

/// A vehicle on the road. Two cache lines, 128 bytes: a step reads each one several times, and larger ones are copied by a call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vehicle {
    /// Number of its trip.
    pub trip: u32,
    /// Lane under its front.
    pub lane: u32,
    /// Front along the lane (m).
    pub pos: f32,
    /// Speed (m/s).
    pub speed: f32,
    /// Route, and place on it of the edge under the front (or, on a junction, of the edge before it).
    pub route: u32,
    /// See `route`.
    pub cursor: u16,
    /// Type.
    pub kind: u16,
    /// Factor on speed limits.
    pub factor: f32,
    /// Lanes under its rear, newest first.
    pub behind: [u32; 3],
    /// Metres from the beginning of this edge that each of its lanes leads along the route without a change of lane.
    pub reach: [u16; MAX_LANES],
    /// Link that each lane of this edge is left by, counted from the first link of the edge; 255 none.
    pub exit: [u8; MAX_LANES],
    /// The same for the next edge of the route.
    pub next_exit: [u8; MAX_LANES],
    /// Gathered wish to overtake on the left (positive) or to go right (negative).
    pub wish: f32,
    /// Gathered time without need of the left lane.
    pub keep_right: f32,
    /// Speed (m/s) that it drove of late: what it looks ahead for when it chooses its lane.
    pub pace: f32,
    /// Highest speed that someone who wants to change lanes asks for in the coming step (m/s).
    pub asked: f32,
    /// Time that it has stood for those who ask (s), since it last moved.
    pub helping: f32,
    /// Time without moving since it last moved (s).
    pub standing: f32,
    /// Next call at a stop.
    pub call: u16,
    /// Steps since the last change of lane.
    pub since_change: u16,
    /// Left of the dwell at a stop (s); 0 when not at a stop.
    pub dwell: f32,
    /// True inside the waiting room of `flags`.
    pub flags: u16,
    /// Times it came to rest.
    pub halts: u16,
    /// Time lost against the allowed speed (s).
    pub time_loss: f32,
    /// Time below 0.1 m/s outside stops (s).
    pub waiting: f32,
    /// Way driven (m).
    pub way: f32,
    /// CO2 so far (g) and NOx so far (mg).
    pub co2_g: f32,
    /// See `co2_g`.
    pub nox_mg: f32,
}

const _: () = assert!(size_of::<Vehicle>() <= 128);

/// `Vehicle::flags`: halted at a stop sign, may go on.
pub const HALTED: u16 = 1;
/// `Vehicle::flags`: squeezes past those that stand on this junction; counted.
pub const RELAXED: u16 = 2;
/// `Vehicle::flags`: goes before those it yields to at its line, because they stand; counted.
pub const COURTESY: u16 = 8;
/// `Vehicle::flags`: has just passed another who stood in its way, to be counted.
pub const SWAPPED: u16 = 4;
