//! Inhabitants and workplaces per building: an estimate from use, footprint and storeys, for cities without a register.
//!
//! Everything that comes from here is **generated**: no count and no register stands behind it, and every result that uses it says so.
//! Not done: vacancies, households, age, second homes, pupils and customers.
//!
//! * [`building_use`]: what a function code or word means.
//! * [`estimate`]: floor area, inhabitants and workplaces, with their constants.
//! * [`from_city`]: the buildings of a city as input.

pub mod building_use;
pub mod estimate;
pub mod from_city;

pub use building_use::BuildingUse;
pub use estimate::{Body, People, Place, estimate};
pub use from_city::bodies;
