//! Classes of vehicles, and sets of them as lanes allow.

/// Class of a vehicle as networks distinguish them. Names follow SUMO's `vClass`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum VehicleClass {
    /// Car.
    #[default]
    Passenger,
    /// Car with passengers (carpool lanes).
    Hov,
    /// Taxi.
    Taxi,
    /// Bus of public transport.
    Bus,
    /// Coach.
    Coach,
    /// Delivery van.
    Delivery,
    /// Lorry.
    Truck,
    /// Articulated lorry.
    Trailer,
    /// Tram.
    Tram,
    /// Light rail.
    RailUrban,
    /// Railway.
    Rail,
    /// Motorcycle.
    Motorcycle,
    /// Moped.
    Moped,
    /// Bicycle.
    Bicycle,
    /// Someone on foot.
    Pedestrian,
    /// Fire brigade, police, ambulance.
    Emergency,
    /// Authorities.
    Authority,
    /// Car with battery drive.
    EVehicle,
    /// Ship.
    Ship,
    /// May drive everywhere.
    Ignoring,
    /// Private.
    Private,
    /// Army.
    Army,
    /// VIP.
    Vip,
    /// First free class.
    Custom1,
    /// Second free class.
    Custom2,
    /// Electric train.
    RailElectric,
    /// Fast train.
    RailFast,
}

/// A set of classes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassSet(pub u32);

impl ClassSet {
    /// Every class.
    pub const ALL: Self = Self(u32::MAX);

    /// True when the class is in the set; who ignores the rules is in every set.
    pub fn contains(self, class: VehicleClass) -> bool {
        class == VehicleClass::Ignoring || self.0 & (1 << class as u32) != 0
    }

    /// The set with the class.
    #[must_use]
    pub fn with(self, class: VehicleClass) -> Self {
        Self(self.0 | 1 << class as u32)
    }

    /// The set without the class.
    #[must_use]
    pub fn without(self, class: VehicleClass) -> Self {
        Self(self.0 & !(1 << class as u32))
    }
}
