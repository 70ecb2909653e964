//! Streets as plain records: centre lines between nodes, with what maps say about lanes, speeds and signals. Importers fill these, and
//! [`super::from_streets`] makes lanes and junctions of them.

use super::class::{ClassSet, VehicleClass};

/// Streets of a place, in metres in a plane: `easting = x + origin[0]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Streets {
    /// What to add to x and y to reach the coordinate reference system.
    pub origin: [f64; 2],
    /// Coordinate reference system (`EPSG:25832`); empty for a local plane.
    pub crs: String,
    /// Places where streets begin, end, bend and meet.
    pub nodes: Vec<StreetNode>,
    /// Streets.
    pub streets: Vec<Street>,
    /// Turns that are forbidden or the only ones.
    pub restrictions: Vec<Restriction>,
}

/// A place on a street.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StreetNode {
    /// Id of the source.
    pub id: String,
    /// Place (m).
    pub position: [f64; 2],
    /// A signal stands here, on the junction or at a stop line before it.
    pub signal: bool,
    /// A stop sign stands here.
    pub stop: bool,
    /// A give-way sign stands here.
    pub give_way: bool,
    /// Direction for which the signal or the sign stands, where the source says so.
    pub facing: Option<Heading>,
}

/// Along the nodes of a street, or against them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heading {
    /// In the order of the nodes.
    Forward,
    /// Against it.
    Backward,
}

/// A street: a line of nodes with the same lanes all along.
#[derive(Clone, Debug, PartialEq)]
pub struct Street {
    /// Id of the source.
    pub id: String,
    /// Name; empty when unknown.
    pub name: String,
    /// Rank.
    pub rank: Rank,
    /// Its nodes in `Streets::nodes`.
    pub nodes: Vec<u32>,
    /// Lanes along the nodes, rightmost first; empty when nobody drives so.
    pub forward: Vec<StreetLane>,
    /// Lanes against the nodes, rightmost first in their own direction.
    pub backward: Vec<StreetLane>,
    /// Speed limit (m/s).
    pub speed_m_s: f32,
    /// Part of the ring of a roundabout.
    pub roundabout: bool,
}

/// A lane of a street.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreetLane {
    /// Who may drive here.
    pub allowed: ClassSet,
    /// Turns painted on it; empty when unknown.
    pub turns: TurnSet,
    /// Width (m).
    pub width_m: f32,
}

/// Turns that a lane allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnSet(pub u8);

impl TurnSet {
    /// To the right.
    pub const RIGHT: Self = Self(1);
    /// Straight on.
    pub const THROUGH: Self = Self(2);
    /// To the left.
    pub const LEFT: Self = Self(4);

    /// True when one of the turns is in both.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The turns of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when nothing is known.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Rank of a street, lowest first; the order decides right of way where nothing else does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// Access to yards, parking places.
    Service,
    /// Living street (walking pace).
    Living,
    /// Residential street.
    #[default]
    Residential,
    /// Unclassified street.
    Unclassified,
    /// Tertiary street.
    Tertiary,
    /// Secondary street.
    Secondary,
    /// Primary street.
    Primary,
    /// Trunk road.
    Trunk,
    /// Motorway.
    Motorway,
}

impl Rank {
    /// Rank of an OpenStreetMap class that cars use; links (`_link`) have that of their street.
    pub fn of_highway(class: &str) -> Option<Self> {
        Some(match class.trim_end_matches("_link") {
            "motorway" => Self::Motorway,
            "trunk" => Self::Trunk,
            "primary" => Self::Primary,
            "secondary" => Self::Secondary,
            "tertiary" => Self::Tertiary,
            "unclassified" | "road" => Self::Unclassified,
            "residential" => Self::Residential,
            "living_street" => Self::Living,
            "service" | "busway" => Self::Service,
            _ => return None,
        })
    }

    /// Speed limit (km/h) where nothing is said: the German rules within towns (StVO § 3 and Zeichen 325.1; walking pace taken as
    /// 7 km/h). Motorways: the advisory 130. Service ways: an own assumption.
    pub fn default_speed_km_h(self) -> f32 {
        match self {
            Self::Service => 20.0,
            Self::Living => 7.0,
            Self::Motorway => 130.0,
            _ => 50.0,
        }
    }
}

/// A turn that is forbidden, or the only one allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restriction {
    /// Street (index in `Streets::streets`) that is left.
    pub from: u32,
    /// Node where it happens.
    pub via: u32,
    /// Street that is entered.
    pub to: u32,
    /// True when every other turn is forbidden, false when this one is.
    pub only: bool,
}

/// Everybody on wheels but trams and trains.
pub const ROAD: ClassSet = ClassSet(
    !(1 << VehicleClass::Tram as u32
        | 1 << VehicleClass::RailUrban as u32
        | 1 << VehicleClass::Rail as u32
        | 1 << VehicleClass::RailElectric as u32
        | 1 << VehicleClass::RailFast as u32
        | 1 << VehicleClass::Ship as u32
        | 1 << VehicleClass::Pedestrian as u32),
);

/// Who drives on bus lanes: buses, coaches, taxis (StVO Zeichen 245 with the usual extra sign), emergency vehicles.
pub const BUS_LANE: ClassSet = ClassSet(
    1 << VehicleClass::Bus as u32
        | 1 << VehicleClass::Coach as u32
        | 1 << VehicleClass::Taxi as u32
        | 1 << VehicleClass::Emergency as u32,
);

/// Width (m) of a lane of a town street (RASt 06: 2.75 to 3.50).
pub const LANE_WIDTH_M: f32 = 3.25;

impl StreetLane {
    /// A lane for everybody, without painted turns.
    pub fn general() -> Self {
        Self {
            allowed: ROAD,
            turns: TurnSet::default(),
            width_m: LANE_WIDTH_M,
        }
    }

    /// A bus lane.
    pub fn bus() -> Self {
        Self {
            allowed: BUS_LANE,
            ..Self::general()
        }
    }

    /// True when cars may not drive here.
    pub fn is_special(&self) -> bool {
        !self.allowed.contains(VehicleClass::Passenger)
    }
}
