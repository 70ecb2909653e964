//! CO2 and NOx of a vehicle from its speed and acceleration.
//!
//! Method: Int Panis, Broekx, Liu 2006, "Modelling instantaneous traffic emission and the influence of traffic speed limits", Science of
//! the Total Environment 371, doi:10.1016/j.scitotenv.2006.08.017: `max(0, f1 + f2 v + f3 v2 + f4 a + f5 a2 + f6 v a)` in g/s, fitted to
//! measurements in urban traffic in Belgium. The square of `a` would let hard braking cost as much as accelerating; from the deceleration
//! with the least emission on, that least one holds. Valid for v up to 30 m/s and the fleet of about 2000 (petrol and diesel, Euro 1 to 3): differences
//! between variants, not today's amounts. Warm engines only; dwell at stops counts nothing. The coefficients are quoted from memory
//! and were not compared with the print.

use super::network::VehicleClass;

/// Emissions per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// CO2 (g/s).
    pub co2_g_s: f32,
    /// NOx (mg/s).
    pub nox_mg_s: f32,
}

/// Share of petrol among petrol and diesel cars (an assumption; about two thirds in Germany).
pub const PETROL_SHARE: f32 = 0.67;

/// Deceleration (m/s2) from which cars emit a constant amount of NOx.
const BRAKING_M_S2: f32 = -0.5;

/// f1 to f6 in g/s.
type Fit = [f32; 6];

const PETROL_CO2: Fit = [5.53e-1, 1.61e-1, -2.89e-3, 2.66e-1, 5.11e-1, 1.83e-1];
const DIESEL_CO2: Fit = [3.24e-1, 8.59e-2, 4.96e-3, -5.86e-2, 4.48e-1, 2.30e-1];
const TRUCK_CO2: Fit = [1.52, 1.88, -6.95e-2, 4.71, 5.88, 2.09];
const BUS_CO2: Fit = [9.04e-1, 1.13, -4.27e-2, 2.81, 3.45, 1.22];
const PETROL_NOX: Fit = [6.19e-4, 8.00e-5, -4.03e-6, -4.13e-4, 3.80e-4, 1.77e-4];
const DIESEL_NOX: Fit = [2.41e-3, -4.11e-4, 6.73e-5, -3.07e-3, 2.14e-3, 1.50e-3];
const TRUCK_NOX: Fit = [3.56e-2, 9.71e-3, -2.40e-4, 3.26e-2, 1.33e-2, 1.15e-2];
const BUS_NOX: Fit = [2.36e-2, 6.51e-3, -1.70e-4, 2.17e-2, 8.94e-3, 7.57e-3];
/// NOx (g/s) of petrol and diesel cars that brake.
const BRAKING_NOX: [f32; 2] = [2.17e-4, 1.68e-3];

/// Emissions at a speed (m/s) and an acceleration (m/s2).
pub fn rates(class: VehicleClass, speed: f32, accel: f32) -> Rates {
    let of = |fit: &Fit| {
        let [f1, f2, f3, f4, f5, f6] = fit;
        let least = -(f4 + f6 * speed) / (2.0 * f5);
        let accel = accel.max(least.min(0.0));
        let steady = f1 + f2 * speed + f3 * speed * speed;
        (steady + f4 * accel + f5 * accel * accel + f6 * speed * accel).max(0.0)
    };
    let car_nox = |fit: &Fit, braking: f32| {
        if accel < BRAKING_M_S2 {
            braking
        } else {
            of(fit)
        }
    };
    let (co2, nox) = match class {
        VehicleClass::Bus | VehicleClass::Coach => (of(&BUS_CO2), of(&BUS_NOX)),
        VehicleClass::Truck | VehicleClass::Trailer => (of(&TRUCK_CO2), of(&TRUCK_NOX)),
        VehicleClass::Delivery | VehicleClass::Emergency | VehicleClass::Army => {
            (of(&DIESEL_CO2), car_nox(&DIESEL_NOX, BRAKING_NOX[1]))
        }
        VehicleClass::Motorcycle | VehicleClass::Moped => {
            (of(&PETROL_CO2), car_nox(&PETROL_NOX, BRAKING_NOX[0]))
        }
        VehicleClass::Tram
        | VehicleClass::RailUrban
        | VehicleClass::Rail
        | VehicleClass::RailElectric
        | VehicleClass::RailFast
        | VehicleClass::Bicycle
        | VehicleClass::Pedestrian
        | VehicleClass::EVehicle
        | VehicleClass::Ship => return Rates::default(),
        _ => {
            let mixed =
                |petrol: f32, diesel: f32| PETROL_SHARE * petrol + (1.0 - PETROL_SHARE) * diesel;
            (
                mixed(of(&PETROL_CO2), of(&DIESEL_CO2)),
                mixed(
                    car_nox(&PETROL_NOX, BRAKING_NOX[0]),
                    car_nox(&DIESEL_NOX, BRAKING_NOX[1]),
                ),
            )
        }
    };
    Rates {
        co2_g_s: co2,
        nox_mg_s: 1000.0 * nox,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_per_kilometre_are_those_of_urban_traffic() {
        // Steady at 50 km/h: the order of magnitude of the fleet that was measured.
        let speed = 13.9;
        let per_km = |class| {
            let rates = rates(class, speed, 0.0);
            [rates.co2_g_s, rates.nox_mg_s].map(|rate| rate / speed * 1000.0)
        };
        let [car, nox] = per_km(VehicleClass::Passenger);
        assert!((100.0..250.0).contains(&car) && (100.0..700.0).contains(&nox));
        let [bus, nox] = per_km(VehicleClass::Bus);
        assert!((400.0..1500.0).contains(&bus) && (3_000.0..15_000.0).contains(&nox));
        let [truck, _] = per_km(VehicleClass::Truck);
        assert!(truck > bus);
        assert_eq!(per_km(VehicleClass::Bicycle), [0.0, 0.0]);
    }

    #[test]
    fn accelerating_costs_more_than_driving_and_nothing_is_negative() {
        for class in [
            VehicleClass::Passenger,
            VehicleClass::Bus,
            VehicleClass::Truck,
        ] {
            for speed in [0.0, 5.0, 10.0, 15.0] {
                let steady = rates(class, speed, 0.0);
                let harder = rates(class, speed, 1.5);
                assert!(harder.co2_g_s > steady.co2_g_s && harder.nox_mg_s > steady.nox_mg_s);
                let braking = rates(class, speed, -4.5);
                assert!(braking.co2_g_s >= 0.0 && braking.co2_g_s <= steady.co2_g_s);
                assert!(braking.nox_mg_s >= 0.0);
            }
        }
    }
}
