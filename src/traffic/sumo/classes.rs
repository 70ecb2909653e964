//! Classes of vehicles by SUMO's names, and the default values of SUMO's types by class.

use crate::traffic::demand::{CarFollowing, VehicleType};
use crate::traffic::network::{ClassSet, VehicleClass};

/// All classes with SUMO's names.
const NAMES: [(&str, VehicleClass); 27] = [
    ("passenger", VehicleClass::Passenger),
    ("hov", VehicleClass::Hov),
    ("taxi", VehicleClass::Taxi),
    ("bus", VehicleClass::Bus),
    ("coach", VehicleClass::Coach),
    ("delivery", VehicleClass::Delivery),
    ("truck", VehicleClass::Truck),
    ("trailer", VehicleClass::Trailer),
    ("tram", VehicleClass::Tram),
    ("rail_urban", VehicleClass::RailUrban),
    ("rail", VehicleClass::Rail),
    ("motorcycle", VehicleClass::Motorcycle),
    ("moped", VehicleClass::Moped),
    ("bicycle", VehicleClass::Bicycle),
    ("pedestrian", VehicleClass::Pedestrian),
    ("emergency", VehicleClass::Emergency),
    ("authority", VehicleClass::Authority),
    ("evehicle", VehicleClass::EVehicle),
    ("ship", VehicleClass::Ship),
    ("ignoring", VehicleClass::Ignoring),
    ("private", VehicleClass::Private),
    ("army", VehicleClass::Army),
    ("vip", VehicleClass::Vip),
    ("custom1", VehicleClass::Custom1),
    ("custom2", VehicleClass::Custom2),
    ("rail_electric", VehicleClass::RailElectric),
    ("rail_fast", VehicleClass::RailFast),
];

/// The class of a name.
pub(super) fn class(name: &str) -> Option<VehicleClass> {
    NAMES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, class)| *class)
}

/// SUMO's name of a class.
pub(super) fn class_name(class: VehicleClass) -> &'static str {
    NAMES
        .iter()
        .find(|(_, known)| *known == class)
        .map_or("passenger", |(name, _)| *name)
}

/// All names.
pub(super) fn class_names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// Who may drive on a lane with these `allow` and `disallow`; `Err` has the word that is no class.
///
/// `allow` wins when both are given, as in SUMO. Classes that networks of newer versions name and we do not know are passed over
/// when they are of kinds that do not drive on streets.
pub(super) fn allowed<'a>(
    allow: Option<&'a str>,
    disallow: Option<&'a str>,
) -> Result<ClassSet, &'a str> {
    let named = |text: &'a str, start: ClassSet, add: bool| {
        let mut set = start;
        for word in text.split_whitespace() {
            if word == "all" {
                set = if add {
                    ClassSet::ALL
                } else {
                    ClassSet::default()
                };
            } else if let Some(class) = class(word) {
                set = if add {
                    set.with(class)
                } else {
                    set.without(class)
                };
            } else if !OTHER_NAMES.contains(&word) {
                return Err(word);
            }
        }
        Ok(set)
    };
    match (allow, disallow) {
        (Some(allow), _) if !allow.trim().is_empty() => named(allow, ClassSet::default(), true),
        (_, Some(disallow)) => named(disallow, ClassSet::ALL, false),
        _ => Ok(ClassSet::ALL),
    }
}

/// Classes of SUMO 1.28 without a counterpart here, and old names: nothing that we simulate has them.
const OTHER_NAMES: [&str; 15] = [
    "public_emergency",
    "public_authority",
    "public_army",
    "public_transport",
    "transport",
    "lightrail",
    "cityrail",
    "rail_slow",
    "subway",
    "aircraft",
    "scooter",
    "wheelchair",
    "container",
    "drone",
    "cable_car",
];

/// A type of a class with the values that SUMO 1.28 gives it when its definition says nothing.
///
/// Default values of SUMO 1.28's vClass, by query (libsumo 1.28.0, one type per class). The range of the speed factor, 0.2 to 2, is
/// from SUMO's documentation (`normc(1, dev, 0.2, 2)`); the query does not tell it.
pub(super) fn default_type(id: &str, class: VehicleClass) -> VehicleType {
    use VehicleClass as C;
    // length, gap, width (m), acceleration, deceleration, emergency deceleration (m/s2), highest speed (km/h), imperfection,
    // deviation of the speed factor
    let values = match class {
        C::Taxi => [5.0, 2.5, 1.8, 2.6, 4.5, 9.0, 200.0, 0.5, 0.05],
        C::Bus => [12.0, 2.5, 2.5, 1.2, 4.0, 7.0, 100.0, 0.5, 0.0],
        C::Coach => [14.0, 2.5, 2.6, 2.0, 4.0, 7.0, 100.0, 0.5, 0.05],
        C::Delivery => [6.5, 2.5, 2.16, 2.6, 4.5, 9.0, 200.0, 0.5, 0.05],
        C::Truck => [7.1, 2.5, 2.4, 1.3, 4.0, 7.0, 130.0, 0.5, 0.05],
        C::Trailer => [16.5, 2.5, 2.55, 1.1, 4.0, 7.0, 130.0, 0.5, 0.05],
        C::Tram => [22.0, 2.5, 2.4, 1.0, 3.0, 7.0, 80.0, 0.0, 0.0],
        C::RailUrban => [109.5, 5.0, 3.0, 1.0, 3.0, 7.0, 100.0, 0.0, 0.0],
        C::Rail => [135.0, 5.0, 2.84, 0.25, 1.3, 5.0, 160.0, 0.0, 0.0],
        C::RailElectric => [200.0, 5.0, 2.95, 0.5, 1.3, 5.0, 220.0, 0.0, 0.0],
        C::RailFast => [200.0, 5.0, 2.95, 0.5, 1.3, 5.0, 330.0, 0.0, 0.0],
        C::Motorcycle => [2.2, 2.5, 0.9, 6.0, 10.0, 10.0, 200.0, 0.5, 0.1],
        C::Moped => [2.1, 2.5, 0.78, 1.1, 7.0, 10.0, 60.0, 0.5, 0.1],
        C::Bicycle => [1.6, 0.5, 0.65, 1.2, 3.0, 7.0, 50.0, 0.5, 0.1],
        C::Pedestrian => [0.215, 0.25, 0.478, 1.5, 2.0, 5.0, 37.58, 0.5, 0.1],
        C::Emergency => [6.5, 2.5, 2.16, 2.6, 4.5, 9.0, 200.0, 0.5, 0.0],
        C::Authority | C::Army | C::Ignoring => [5.0, 2.5, 1.8, 2.6, 4.5, 9.0, 200.0, 0.5, 0.0],
        C::Ship => [17.0, 2.5, 4.0, 0.1, 0.15, 1.0, 14.845_36, 0.0, 0.1],
        C::Passenger | C::Hov | C::EVehicle | C::Private | C::Vip | C::Custom1 | C::Custom2 => {
            [5.0, 2.5, 1.8, 2.6, 4.5, 9.0, 200.0, 0.5, 0.1]
        }
    };
    let [
        length,
        gap,
        width,
        accel,
        decel,
        emergency,
        km_h,
        sigma,
        deviation,
    ] = values;
    VehicleType {
        id: id.to_owned(),
        class,
        length_m: length,
        min_gap_m: gap,
        width_m: width,
        accel_m_s2: accel,
        decel_m_s2: decel,
        emergency_decel_m_s2: emergency,
        max_speed_m_s: km_h / 3.6,
        tau_s: 1.0,
        sigma,
        speed_factor: [1.0, deviation, 0.2, 2.0],
        model: CarFollowing::Krauss,
        lane_change_cooperative: 1.0,
        lane_change_assertive: 1.0,
        occupancy: 0.0,
        emission_class: String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_one_name() {
        for (i, (name, class_)) in NAMES.iter().enumerate() {
            assert_eq!(*class_ as usize, i);
            assert_eq!(class(name), Some(*class_));
            assert_eq!(class_name(*class_), *name);
        }
    }

    #[test]
    fn lanes_without_a_word_are_open_and_words_close_or_open_them() {
        assert_eq!(allowed(None, None), Ok(ClassSet::ALL));
        let bus = allowed(Some("bus"), None).unwrap();
        assert!(bus.contains(VehicleClass::Bus) && !bus.contains(VehicleClass::Passenger));
        let no_bus = allowed(None, Some("bus tram")).unwrap();
        assert!(!no_bus.contains(VehicleClass::Bus) && no_bus.contains(VehicleClass::Passenger));
        let both = allowed(Some("bus"), Some("bus")).unwrap();
        assert!(both.contains(VehicleClass::Bus), "`allow` wins");
        let closed = allowed(None, Some("all")).unwrap();
        assert!(
            !closed.contains(VehicleClass::Passenger) && closed.contains(VehicleClass::Ignoring)
        );
        assert_eq!(allowed(Some("bus velomobile"), None), Err("velomobile"));
    }
}
