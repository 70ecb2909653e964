//! The service in numbers: who asks, which vehicles there are, what is promised, what a ride has come to.

use super::times::PlaceId;

/// Marks "none" in index fields.
pub const NONE: u32 = u32::MAX;

/// Stops that a vehicle can have before it at most; beyond that it takes nobody in.
pub const MOST_STOPS: usize = 30;

/// A wish for a ride, on the streets.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// Name in the source.
    pub name: String,
    /// When it is told to the service (s on the clock of the run).
    pub asked_s: f64,
    /// When the person can be at the pickup (s): wish to leave and walk to the pickup. Not before `asked_s`.
    pub ready_s: f64,
    /// Where the person boards.
    pub pickup: PlaceId,
    /// Where the person alights.
    pub dropoff: PlaceId,
    /// Persons.
    pub persons: u16,
    /// Of those, persons in wheelchairs.
    pub wheelchairs: u16,
    /// Walk (s) to the pickup.
    pub walk_to_s: f64,
    /// Walk (s) from the dropoff.
    pub walk_from_s: f64,
    /// Why it is rejected before any vehicle is looked at.
    pub refused: Option<Reason>,
}

/// Why a request is rejected: a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It begins or ends outside the service area.
    OutsideArea,
    /// It is due outside the service hours.
    OutsideHours,
    /// The wish contradicts itself: it begins where it ends, is for nobody, or is due before it is asked.
    Impossible,
    /// The walk to the nearest stop is longer than allowed.
    WalkTooFar,
    /// No street leads from the pickup to the dropoff.
    NoWay,
    /// There is no vehicle, or all are out to charge.
    NoVehicle,
    /// More persons than seats in any vehicle, or all that come in time are full.
    Capacity,
    /// No vehicle has the places for wheelchairs, or all that come in time have them taken.
    Wheelchair,
    /// A vehicle would come in time, but somebody's ride would be longer than promised.
    Detour,
    /// No vehicle can come within the promised wait, or not without breaking the wait promised to others.
    Wait,
}

impl Reason {
    /// All reasons, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::OutsideArea,
        Self::OutsideHours,
        Self::Impossible,
        Self::WalkTooFar,
        Self::NoWay,
        Self::NoVehicle,
        Self::Capacity,
        Self::Wheelchair,
        Self::Detour,
        Self::Wait,
    ];

    /// Stable name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::OutsideArea => "outside_area",
            Self::OutsideHours => "outside_hours",
            Self::Impossible => "impossible",
            Self::WalkTooFar => "walk_too_far",
            Self::NoWay => "no_way",
            Self::NoVehicle => "no_vehicle",
            Self::Capacity => "capacity",
            Self::Wheelchair => "wheelchair",
            Self::Detour => "detour",
            Self::Wait => "wait",
        }
    }
}

/// What is promised and how stops work.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Longest wait (s) at the pickup after the person is ready.
    pub max_wait_s: f64,
    /// A ride takes at most so many times the direct drive, ...
    pub max_detour: f64,
    /// ... or so much longer (s), whichever is more.
    pub least_detour_s: f64,
    /// Halt (s) where somebody boards or alights.
    pub boarding_s: f64,
    /// More halt (s) for each person.
    pub boarding_person_s: f64,
    /// What a person's second of waiting weighs against a vehicle's second of driving.
    pub wait_weight: f64,
    /// What a person's second on board weighs; not more than that of waiting.
    pub ride_weight: f64,
    /// Time (s) between two re-optimisations.
    pub batch_s: f64,
    /// Trials of each re-optimisation: requests taken out and put in again, at most.
    pub trials: u32,
    /// Time (s) between two looks at where idle vehicles should wait; 0: they wait where they are.
    pub rebalance_s: f64,
    /// End of the service (s on the clock of the run): later requests are outside the hours.
    pub begin_s: f64,
    /// See `begin_s`.
    pub end_s: f64,
    /// Vehicles drive on after the end for at most so long (s); who is still on the way then is counted as such.
    pub run_out_s: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_wait_s: 600.0,
            max_detour: 1.4,
            least_detour_s: 240.0,
            boarding_s: 30.0,
            boarding_person_s: 0.0,
            wait_weight: 1.6,
            ride_weight: 0.5,
            batch_s: 30.0,
            trials: 200,
            rebalance_s: 180.0,
            begin_s: 0.0,
            end_s: 86_400.0,
            run_out_s: 7200.0,
        }
    }
}

/// A vehicle as the fleet list says it.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetVehicle {
    /// Where it stands at the begin (node).
    pub start: u32,
    /// Seats.
    pub seats: u16,
    /// Places for wheelchairs, beside the seats.
    pub wheelchairs: u16,
    /// Battery; `None`: it never needs to charge.
    pub battery: Option<Battery>,
}

/// A battery and its use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Battery {
    /// Size (kWh).
    pub kwh: f64,
    /// Use (kWh per km).
    pub kwh_per_km: f64,
    /// Share at the begin.
    pub start: f64,
    /// An idle vehicle below this share goes to charge.
    pub charge_below: f64,
    /// Share up to which it charges.
    pub charge_to: f64,
    /// Share that plans leave in the battery.
    pub reserve: f64,
}

/// A station where vehicles charge.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Place.
    pub place: PlaceId,
    /// Vehicles that charge at the same time.
    pub slots: u32,
    /// Power (kW) for each.
    pub power_kw: f64,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// Not decided: the run ended before it was asked. Only inside a run.
    Open,
    /// Rejected.
    Rejected(Reason),
    /// A vehicle is assigned; with its number.
    Assigned(u32),
    /// On board.
    Riding(u32),
    /// Arrived.
    Served(u32),
}

/// Story of a request in numbers; times on the clock of the run, NaN where it did not come to that.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ride {
    /// What became of it.
    pub outcome: Outcome,
    /// Begin of boarding that the person was told at once (s).
    pub told_s: f64,
    /// Begin of boarding (s).
    pub boards_s: f64,
    /// End of boarding (s).
    pub boarded_s: f64,
    /// Begin of alighting (s).
    pub alights_s: f64,
    /// Direct drive (s).
    pub direct_s: f64,
    /// Direct way (m).
    pub direct_m: f64,
    /// How often it was given to another vehicle.
    pub moves: u32,
    /// Others were on board at the same time.
    pub shared: bool,
}

impl Ride {
    pub(super) fn new() -> Self {
        Self {
            outcome: Outcome::Open,
            told_s: f64::NAN,
            boards_s: f64::NAN,
            boarded_s: f64::NAN,
            alights_s: f64::NAN,
            direct_s: f64::NAN,
            direct_m: f64::NAN,
            moves: 0,
            shared: false,
        }
    }
}

impl Rules {
    /// Longest time (s) from the end of boarding to the begin of alighting.
    pub fn max_ride_s(&self, direct_s: f64) -> f64 {
        (direct_s * self.max_detour).max(direct_s + self.least_detour_s)
    }

    /// Halt (s) of a request's persons beyond that of the stop.
    pub(super) fn persons_s(&self, persons: u16) -> f64 {
        self.boarding_person_s * f64::from(persons)
    }
}
