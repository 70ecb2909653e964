//! The street network in the one form that every simulation of traffic reads: edges, lanes, links, junctions, signals.
//!
//! Everything is an index into flat arrays. The lanes of an edge are neighbours in `Network::lanes` (rightmost first), and the links that
//! leave a lane are neighbours in `Network::links`, both in the order of their owners: what lies together in one array does so in all. The way over a junction is a chain: lane, link, inner lane, link, (inner lane, link,)
//! lane. So a vehicle always stands on exactly one lane and looks ahead through links.

use std::ops::Range;

use super::class::{ClassSet, VehicleClass};

/// Marks "none" in index fields.
pub const NONE: u32 = u32::MAX;

/// A street network. Positions in metres in the network's own plane: `easting = x + origin[0]`, `northing = y + origin[1]`.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// What to add to x and y to reach the coordinate reference system.
    pub origin: [f64; 2],
    /// Definition of that system as the file gives it (PROJ string or `EPSG:25832`); empty for a local plane.
    pub crs: String,
    /// Edges: those that carry streets, and those inside junctions.
    pub edges: Vec<Edge>,
    /// Lanes in the order of the edges, those of an edge rightmost first.
    pub lanes: Vec<Lane>,
    /// Links in the order of the lanes that they leave.
    pub links: Vec<Link>,
    /// Junctions.
    pub junctions: Vec<Junction>,
    /// Signal programmes' owners: one per controller.
    pub signals: Vec<Signal>,
}

/// One direction of a street between two junctions, or the way over a junction.
#[derive(Clone, Debug, Default)]
pub struct Edge {
    /// Id of the source.
    pub id: String,
    /// Street name, empty when unknown.
    pub name: String,
    /// Junction where it begins and where it ends; for an inner edge both are its junction.
    pub from: u32,
    /// See `from`.
    pub to: u32,
    /// Its lanes.
    pub lanes: Range<u32>,
    /// True inside a junction.
    pub inner: bool,
    /// Rank of the street, higher goes first.
    pub priority: i32,
    /// Part of the ring of a roundabout.
    pub roundabout: bool,
}

/// A lane.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// Its edge.
    pub edge: u32,
    /// Length (m) along which vehicles are placed; 0 is the beginning.
    pub length_m: f32,
    /// Speed limit (m/s).
    pub speed_m_s: f32,
    /// Width (m).
    pub width_m: f32,
    /// Who may drive here.
    pub allowed: ClassSet,
    /// Centre line (m, plane of the network).
    pub shape: Vec<[f64; 2]>,
    /// Links that leave it.
    pub links: Range<u32>,
}

/// From one lane onto the next: at the stop line of a junction, at the waiting place inside it, or off it.
#[derive(Clone, Debug)]
pub struct Link {
    /// Lane that is left.
    pub from: u32,
    /// Lane that is entered: an inner one, or that of the next street.
    pub to: u32,
    /// Lane of the next street that the chain ends on (equal to `to` for the last link of the chain).
    pub target: u32,
    /// Junction; `NONE` where lanes join without one.
    pub junction: u32,
    /// Position in the junction's matrix of right of way; `NONE` for the link off the junction.
    pub request: u32,
    /// Signal that shows for this link, and the place of its letter in the state; `NONE` without one.
    pub signal: u32,
    /// See `signal`.
    pub signal_place: u32,
    /// Turn.
    pub turn: Turn,
    /// Links of the same junction that go first.
    pub yields_to: Vec<u32>,
    /// Links of the same junction whose ways cross or merge with this one (those in `yields_to` among them).
    pub foes: Vec<u32>,
    /// The vehicle may enter the junction and wait inside for those it yields to.
    pub waits_inside: bool,
    /// True where everybody must halt before entering (stop sign).
    pub stop_sign: bool,
    /// False where a vehicle may stand on the junction (`keepClear="0"`).
    pub keep_clear: bool,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Turn {
    /// Straight on.
    #[default]
    Straight,
    /// Back.
    Around,
    /// Left.
    Left,
    /// Right.
    Right,
    /// Half left.
    HalfLeft,
    /// Half right.
    HalfRight,
}

/// A junction.
#[derive(Clone, Debug, Default)]
pub struct Junction {
    /// Id of the source.
    pub id: String,
    /// Place (m, plane of the network).
    pub position: [f64; 2],
    /// Outline (m).
    pub shape: Vec<[f64; 2]>,
    /// How right of way is settled.
    pub control: Control,
    /// Its links by place in the matrix.
    pub links: Vec<u32>,
}

/// How right of way is settled at a junction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Control {
    /// By the rank of the streets.
    #[default]
    Priority,
    /// By signals.
    Signals,
    /// Right before left.
    RightBeforeLeft,
    /// Stop signs.
    Stop,
    /// Nobody yields (motorway merges and the like) or nothing to yield to.
    Free,
    /// End of the network.
    DeadEnd,
}

/// A signal controller with its programmes.
#[derive(Clone, Debug, Default)]
pub struct Signal {
    /// Id of the source.
    pub id: String,
    /// Programmes; the last one named in the input runs.
    pub programs: Vec<SignalProgram>,
    /// Link behind each letter of a state: `links[place]` (several links may share a place; those of people on foot have none).
    pub links: Vec<Vec<u32>>,
    /// Crossings of people on foot that it controls.
    pub crossings: Vec<FootCrossing>,
    /// True where the plan was guessed by the importer and not delivered.
    pub guessed: bool,
}

/// A crossing of people on foot over an arm of a junction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FootCrossing {
    /// Place of its letter in the states of the signal.
    pub place: u32,
    /// Way (m) from curb to curb, and the first part of it, which lies on lanes that lead off the junction.
    pub length_m: f32,
    /// See `length_m`.
    pub leaving_m: f32,
    /// Links into the junction whose line lies before it.
    pub entering: Vec<u32>,
    /// Last links of the ways over the junction that lead off it here.
    pub leaving: Vec<u32>,
    /// Both ends (m, plane of the network), the one at the lanes that lead off first.
    pub line: [[f64; 2]; 2],
}

/// A signal programme.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SignalProgram {
    /// Name of the programme.
    pub id: String,
    /// Fixed times, or times that follow the traffic.
    pub kind: ProgramKind,
    /// Start of the first phase (s).
    pub offset_s: f64,
    /// Phases in order.
    pub phases: Vec<Phase>,
    /// Largest gap between vehicles that keeps a green (s) and distance of the detectors' travel time (s); source values or SUMO's defaults.
    pub max_gap_s: f64,
    /// See `max_gap_s`.
    pub detector_gap_s: f64,
    /// `file:line` of the programme.
    pub place: String,
}

/// How the length of a phase is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProgramKind {
    /// The duration of each phase.
    #[default]
    Fixed,
    /// Between least and longest duration as vehicles come (time gap).
    Actuated,
}

/// A phase: what every group shows, and for how long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phase {
    /// Duration (s) of a fixed programme.
    pub duration_s: f64,
    /// Least duration (s).
    pub min_s: f64,
    /// Longest duration (s).
    pub max_s: f64,
    /// What each place shows.
    pub state: Vec<Aspect>,
    /// Phases that may follow; empty: the next in the list.
    pub next: Vec<u32>,
    /// Name.
    pub name: String,
}

/// What a signal head shows to a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Stop.
    Red,
    /// Stop; green follows.
    RedAmber,
    /// Stop unless that is no longer possible; red follows.
    Amber,
    /// Go, others yield.
    Green,
    /// Go, but yield to those that go first.
    GreenYield,
    /// Flashing amber or dark: the signs hold.
    Off,
    /// Dark by `O`: goes as with right of way.
    OffPriority,
    /// Stop, then go when free (green arrow sign, `s`).
    StopThenGo,
}

impl Aspect {
    /// True for both greens.
    pub fn is_green(self) -> bool {
        matches!(self, Self::Green | Self::GreenYield)
    }
}

impl Network {
    /// The edge of a lane.
    pub fn edge_of(&self, lane: u32) -> &Edge {
        &self.edges[self.lanes[lane as usize].edge as usize]
    }

    /// Place of a lane within its edge, 0 = rightmost.
    pub fn place_in_edge(&self, lane: u32) -> u32 {
        lane - self.edge_of(lane).lanes.start
    }

    /// Links that leave a lane.
    pub fn links_of(&self, lane: u32) -> impl Iterator<Item = (u32, &Link)> {
        let range = self.lanes[lane as usize].links.clone();
        range.map(|link| (link, &self.links[link as usize]))
    }

    /// True when vehicles of the class may drive on the lane.
    pub fn may_drive(&self, lane: u32, class: VehicleClass) -> bool {
        self.lanes[lane as usize].allowed.contains(class)
    }
}
