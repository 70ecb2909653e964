//! What vehicles did, for stories, tracks and the independent check.

use super::times::PlaceId;

/// Why a vehicle halts or drives somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltKind {
    /// Somebody boards.
    Board,
    /// Somebody alights.
    Alight,
    /// To wait for requests, or a way that was given up.
    Rest,
    /// To charge.
    Charge,
    /// Waits for a place to charge.
    ChargeWait,
}

/// A drive along the fastest way towards a place, to its end or to the node where the vehicle turned to something else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Begin (s).
    pub begin_s: f64,
    /// End (s).
    pub end_s: f64,
    /// Node where it begins.
    pub from: u32,
    /// Node where it ends.
    pub to: u32,
    /// Place that the way led to.
    pub place: PlaceId,
    /// Persons on board.
    pub persons: u16,
    /// Length (m).
    pub length_m: f64,
    /// What for.
    pub towards: HaltKind,
}

/// A halt for one request, or to charge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Halt {
    /// Begin (s).
    pub begin_s: f64,
    /// End (s).
    pub end_s: f64,
    /// Where.
    pub node: u32,
    /// Request; `u32::MAX` for charging.
    pub request: u32,
    /// What for.
    pub kind: HaltKind,
}

/// Log of a vehicle in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VehicleLog {
    /// Drives.
    pub segments: Vec<Segment>,
    /// Halts.
    pub halts: Vec<Halt>,
    /// In the battery at the end (kWh); infinite without battery.
    pub kwh_left: f64,
}
