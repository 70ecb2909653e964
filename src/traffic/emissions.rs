//! CO2 and NOx of a vehicle from its speed and acceleration.
//!
//! Method: Int Panis, Broekx, Liu 2006, "Modelling instantaneous traffic emission and the influence of traffic speed limits", Science of
//! the Total Environment 371, doi:10.1016/j.scitotenv.2006.08.017: `max(0, f1 + f2 v + f3 v2 + f4 a + f5 a2 + f6 v a)` in g/s, fitted to
//! measurements in urban traffic in Belgium. The coefficients (table 2 there) were compared digit by digit with those that another public program
//! quotes, those of petrol and diesel cars with three more; the print itself was not at hand. One change is ours: the square of `a` would let hard
//! braking cost as much as accelerating, so from the deceleration with the least emission on, that least one holds. Valid for v up to 30 m/s and the
//! fleet of about 2000 (petrol and diesel, Euro 1 to 3). Warm engines only. Engines run at stops.
//!
//! The fit has one heavy vehicle. It is taken for lorries with trailers; lorries without (the class `truck`) get the fit of the bus, the
//! nearest in weight. That is our assumption; the comparison speaks for it.
//!
//! Compared with HBEFA 4.2 as SUMO 1.28 has it, on the same speeds (tavf-hamburg driven by SUMO, seed 42, 900 to 1200 s), ours / HBEFA:
//!
//! | class here | class of HBEFA | CO2 (g/km) | NOx (g/km) |
//! |---|---|---|---|
//! | car, 67 % petrol | petrol, Euro 4 | 266 / 262 | 0.49 / 0.09 |
//! | bus, stops included | 15 to 18 t, Euro VI | 1,460 / 1,670 | 12 / 0.9 |
//! | truck | 14 to 20 t, Euro VI; Euro III | 1,160 / 1,120; 1,380 | 9.7 / 0.6; 10.5 |
//! | trailer | 34 to 40 t, Euro VI; Euro III | 1,980 / 2,580; 2,600 | 14.8 / 0.8; 22.7 |
//!
//! So CO2 is that of vehicles of today within 2 % (cars), 4 % (lorries of that size), 13 % (buses) and 24 % (trailers), as far as SUMO's fit to HBEFA
//! is right (it states some 5 %). SUMO's own choice for `truck` is a lorry of up to 7.5 t, which emits half as much. NOx is that of vehicles of
//! 2000, five to twenty times today's: for differences between variants only. A car at rest emits 0.48 g/s of CO2 here and 1.46 g/s there, a bus
//! 0.9 and 2.7 g/s: what stands weighs less here, what accelerates more.

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

/// Deceleration (m/s2) from which cars emit NOx by another fit.
const BRAKING_M_S2: f32 = -0.5;

/// f1 to f6 in g/s, and the acceleration (m/s2) with the least emission as a linear function of speed.
struct Fit {
    factors: [f32; 6],
    least: [f32; 2],
}

const fn fit(factors: [f32; 6]) -> Fit {
    let [_, _, _, f4, f5, f6] = factors;
    let least = if f5 > 0.0 {
        [-f4 / (2.0 * f5), -f6 / (2.0 * f5)]
    } else {
        [0.0; 2]
    };
    Fit { factors, least }
}

const PETROL_CO2: Fit = fit([5.53e-1, 1.61e-1, -2.89e-3, 2.66e-1, 5.11e-1, 1.83e-1]);
const DIESEL_CO2: Fit = fit([3.24e-1, 8.59e-2, 4.96e-3, -5.86e-2, 4.48e-1, 2.30e-1]);
const HEAVY_CO2: Fit = fit([1.52, 1.88, -6.95e-2, 4.71, 5.88, 2.09]);
const BUS_CO2: Fit = fit([9.04e-1, 1.13, -4.27e-2, 2.81, 3.45, 1.22]);
const PETROL_NOX: Fit = fit([6.19e-4, 8.00e-5, -4.03e-6, -4.13e-4, 3.80e-4, 1.77e-4]);
const DIESEL_NOX: Fit = fit([2.41e-3, -4.11e-4, 6.73e-5, -3.07e-3, 2.14e-3, 1.50e-3]);
const HEAVY_NOX: Fit = fit([3.56e-2, 9.71e-3, -2.40e-4, 3.26e-2, 1.33e-2, 1.15e-2]);
const BUS_NOX: Fit = fit([2.36e-2, 6.51e-3, -1.70e-4, 2.17e-2, 8.94e-3, 7.57e-3]);
const PETROL_BRAKING_NOX: Fit = fit([2.17e-4, 0.0, 0.0, 0.0, 0.0, 0.0]);
const DIESEL_BRAKING_NOX: Fit = fit([1.68e-3, -6.62e-5, 9.00e-6, 2.50e-4, 2.91e-4, 1.20e-4]);

/// Emissions at a speed (m/s) and an acceleration (m/s2).
pub fn rates(class: VehicleClass, speed: f32, accel: f32) -> Rates {
    let at = |fit: &Fit, accel: f32| {
        let [f1, f2, f3, f4, f5, f6] = fit.factors;
        let steady = f1 + f2 * speed + f3 * speed * speed;
        (steady + f4 * accel + f5 * accel * accel + f6 * speed * accel).max(0.0)
    };
    let of = |fit: &Fit| {
        let least = fit.least[0] + fit.least[1] * speed;
        at(fit, accel.max(least.min(0.0)))
    };
    let car_nox = |fit: &Fit, braking: &Fit| {
        if accel < BRAKING_M_S2 {
            at(braking, accel)
        } else {
            of(fit)
        }
    };
    let petrol = || (of(&PETROL_CO2), car_nox(&PETROL_NOX, &PETROL_BRAKING_NOX));
    let diesel = || (of(&DIESEL_CO2), car_nox(&DIESEL_NOX, &DIESEL_BRAKING_NOX));
    let (co2, nox) = match class {
        // The fit of the bus is the nearest in weight to a lorry without trailer; see above.
        VehicleClass::Bus | VehicleClass::Coach | VehicleClass::Truck => {
            (of(&BUS_CO2), of(&BUS_NOX))
        }
        VehicleClass::Trailer => (of(&HEAVY_CO2), of(&HEAVY_NOX)),
        VehicleClass::Delivery | VehicleClass::Emergency | VehicleClass::Army => diesel(),
        VehicleClass::Motorcycle | VehicleClass::Moped => petrol(),
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
            let (petrol, diesel) = (petrol(), diesel());
            let mixed = |a: f32, b: f32| PETROL_SHARE * a + (1.0 - PETROL_SHARE) * b;
            (mixed(petrol.0, diesel.0), mixed(petrol.1, diesel.1))
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
        let [trailer, _] = per_km(VehicleClass::Trailer);
        assert!(trailer > 1.5 * bus);
        assert_eq!(per_km(VehicleClass::Truck)[0], bus);
        assert_eq!(per_km(VehicleClass::Bicycle), [0.0, 0.0]);
    }

    #[test]
    fn accelerating_costs_more_than_driving_and_nothing_is_negative() {
        for class in [
            VehicleClass::Passenger,
            VehicleClass::Bus,
            VehicleClass::Truck,
            VehicleClass::Trailer,
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

    /// SUMO 1.28 with HBEFA 4.2 on the same network and demand (seed 42, 0 to 3600 s, unfinished trips included): CO2 per kilometre.
    #[test]
    fn co2_of_a_hamburg_hour_is_near_that_of_hbefa() {
        use crate::traffic::input::GroupKind;
        use crate::traffic::run::Run;
        use crate::traffic::sumo::read_config;
        let name = "co2_of_a_hamburg_hour_is_near_that_of_hbefa";
        let Some(data) = crate::verify::data_root_or_skip(name) else {
            return;
        };
        let config = data.join("mobility/tavf-hamburg/run_simulation.sumocfg");
        let scenario = read_config(&config).unwrap();
        let mut run = Run::new(&scenario.network, &scenario.demand, 0.0, 1.0, 42);
        while run.time_s() < 3600.0 {
            run.step();
        }
        let per_km = |kind: GroupKind| {
            let records = run.records();
            let own = records.iter().filter(|record| {
                let trip = &scenario.demand.trips[record.trip as usize];
                let class = scenario.demand.types[trip.vehicle_type as usize].class;
                GroupKind::of(class) == kind
            });
            let [co2_g, way_m] = own.fold([0.0, 0.0], |[co2, way], record| {
                [co2 + record.co2_g, way + record.way_m]
            });
            1000.0 * co2_g / way_m
        };
        for (kind, hbefa, tolerance) in
            [(GroupKind::Car, 261.2, 0.1), (GroupKind::Bus, 1641.8, 0.25)]
        {
            let ours = per_km(kind);
            println!("{kind:?}: {ours:.0} g/km, HBEFA {hbefa:.0}");
            assert!(
                (ours / hbefa - 1.0).abs() < tolerance,
                "{kind:?}: {ours} g/km instead of {hbefa}"
            );
        }
    }
}
