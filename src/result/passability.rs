//! Which streets a vehicle can use while water stands on them: a field over streets and times that traffic can read.
//!
//! Written as `street_passability.json`:
//!
//! ```text
//! format            "planspiel-street-passability"
//! version           1
//! limits_m          { car, bus, ambulance }: depth (m) up to which each of them drives
//! times_s           [T] times (s) since the start of the event, rising
//! streets           one entry per street that ever has 1 cm of water or more; all others are dry at all times:
//!   id, name, class, length_m
//!   depth_m         [T] largest depth (m) on the carriageway
//!   speed_m_per_s   [T] largest speed (m/s) of that water
//!   blocked_s       { car, bus, ambulance }: [[from, to], ...] times (s) without passage; a `to` at the last time is open
//! ```
//!
//! Between two times the larger of both depths holds: a street is never called free on a guess.

use serde::Serialize;
use serde_json::{Value, json};

/// Streets with less water (m) than this at all times are left out of the file.
const WRITTEN_FROM_M: f32 = 0.01;

/// A kind of vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Vehicle {
    /// Passenger car.
    Car,
    /// City bus.
    Bus,
    /// Ambulance on a van chassis.
    Ambulance,
}

impl Vehicle {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Car, Self::Bus, Self::Ambulance];

    /// Name in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Car => "car",
            Self::Bus => "bus",
            Self::Ambulance => "ambulance",
        }
    }
}

/// Depth (m) up to which vehicles drive through standing or slow water.
///
/// The defaults are assumptions from practice, not limits of a standard: cars 0.15 m (0.15 to 0.20 m is usually named, about the
/// height of sills and air intakes), city buses 0.25 m (low floor), ambulances 0.30 m. The operator of the vehicles decides.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Passenger car (m).
    pub car_m: f64,
    /// City bus (m).
    pub bus_m: f64,
    /// Ambulance (m).
    pub ambulance_m: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            car_m: 0.15,
            bus_m: 0.25,
            ambulance_m: 0.30,
        }
    }
}

impl Limits {
    /// Limit (m) of one kind.
    pub fn of(&self, vehicle: Vehicle) -> f64 {
        match vehicle {
            Vehicle::Car => self.car_m,
            Vehicle::Bus => self.bus_m,
            Vehicle::Ambulance => self.ambulance_m,
        }
    }
}

/// A street of the city.
#[derive(Clone, Debug, PartialEq)]
pub struct StreetRef {
    /// Id as the city has it.
    pub id: String,
    /// Name, if any.
    pub name: Option<String>,
    /// Class in OSM words.
    pub class: String,
    /// Length (m) inside the computed area.
    pub length_m: f64,
}

/// Water on streets over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Passability {
    /// Streets inside the computed area.
    pub streets: Vec<StreetRef>,
    /// Depths up to which vehicles drive.
    pub limits: Limits,
    /// Times (s) since the start of the event, rising.
    pub times_s: Vec<f64>,
    /// Largest depth (m) on the carriageway, `[streets][times]`.
    pub depth_m: Vec<f32>,
    /// Largest speed (m/s) of the water on the carriageway, `[streets][times]`.
    pub speed_m_per_s: Vec<f32>,
}

impl Passability {
    /// Position of the street with this id.
    pub fn street(&self, id: &str) -> Option<usize> {
        self.streets.iter().position(|s| s.id == id)
    }

    /// Depths (m) of one street over the times.
    pub fn depths(&self, street: usize) -> &[f32] {
        let n = self.times_s.len();
        self.depth_m
            .get(street * n..(street + 1) * n)
            .unwrap_or_default()
    }

    /// Speeds (m/s) of one street over the times.
    pub fn speeds(&self, street: usize) -> &[f32] {
        let n = self.times_s.len();
        self.speed_m_per_s
            .get(street * n..(street + 1) * n)
            .unwrap_or_default()
    }

    /// Depth (m) that counts for a street at a time (s): between two states the larger one; before the first and after the last
    /// state theirs. 0 for a street that is not listed.
    pub fn depth_at(&self, street: usize, time_s: f64) -> f64 {
        let depths = self.depths(street);
        let after = self.times_s.partition_point(|&t| t < time_s);
        let on_time = self.times_s.get(after).is_some_and(|&t| t <= time_s);
        let before = if on_time || after == 0 {
            after
        } else {
            after - 1
        };
        let both = depths.iter().skip(before).take(after + 1 - before);
        both.fold(0.0, |deepest, d| f64::from(*d).max(deepest))
    }

    /// True when the vehicle can use the whole street at a time (s).
    pub fn passable(&self, street: usize, time_s: f64, vehicle: Vehicle) -> bool {
        // In the precision of the depths, so that 0.3 m of water is no more than 0.3 m.
        self.depth_at(street, time_s) as f32 <= self.limits.of(vehicle) as f32
    }

    /// Spans of time (s) in which the vehicle cannot use the street. One that ends at the last time may last longer.
    pub fn blocked(&self, street: usize, vehicle: Vehicle) -> Vec<[f64; 2]> {
        let limit = self.limits.of(vehicle) as f32;
        let depths = self.depths(street);
        let last = depths.len().saturating_sub(1);
        let mut spans: Vec<[f64; 2]> = Vec::new();
        for (i, depth) in depths.iter().enumerate() {
            if *depth <= limit {
                continue;
            }
            let (from, to) = (i.saturating_sub(1), (i + 1).min(last));
            let (from, to) = (self.times_s[from], self.times_s[to]);
            match spans.last_mut() {
                // One free state between two blocked ones leaves no moment to drive.
                Some(span) if span[1] >= from => span[1] = to,
                _ => spans.push([from, to]),
            }
        }
        spans
    }

    /// As a file; see the head of this module.
    pub fn json(&self) -> String {
        let rounded = |values: &[f32]| -> Vec<f64> {
            let mm = values.iter().map(|v| f64::from(*v) * 1000.0);
            mm.map(|v| v.round() / 1000.0).collect()
        };
        let streets: Vec<Value> = (0..self.streets.len())
            .filter(|&i| self.depths(i).iter().any(|d| *d >= WRITTEN_FROM_M))
            .map(|i| {
                let street = &self.streets[i];
                json!({
                    "id": street.id,
                    "name": street.name,
                    "class": street.class,
                    "length_m": (street.length_m * 10.0).round() / 10.0,
                    "depth_m": rounded(self.depths(i)),
                    "speed_m_per_s": rounded(self.speeds(i)),
                    "blocked_s": {
                        "car": self.blocked(i, Vehicle::Car),
                        "bus": self.blocked(i, Vehicle::Bus),
                        "ambulance": self.blocked(i, Vehicle::Ambulance),
                    },
                })
            })
            .collect();
        let value = json!({
            "format": "planspiel-street-passability",
            "version": 1,
            "limits_m": {
                "car": self.limits.car_m,
                "bus": self.limits.bus_m,
                "ambulance": self.limits.ambulance_m,
            },
            "times_s": self.times_s,
            "streets": streets,
        });
        format!("{value}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Passability {
        let street = |id: &str| StreetRef {
            id: id.to_owned(),
            name: None,
            class: "residential".to_owned(),
            length_m: 40.0,
        };
        Passability {
            streets: vec![street("wet"), street("dry")],
            limits: Limits::default(),
            times_s: vec![0.0, 60.0, 120.0, 180.0, 240.0],
            depth_m: vec![0.0, 0.2, 0.0, 0.4, 0.31, 0.0, 0.0, 0.0, 0.0, 0.0],
            speed_m_per_s: vec![0.0; 10],
        }
    }

    #[test]
    fn between_two_states_the_deeper_one_holds() {
        let p = sample();
        let at = [0.0, 1.0, 60.0, 119.0, 120.0, 121.0, 999.0].map(|t| p.depth_at(0, t));
        let expected = [0.0_f32, 0.2, 0.2, 0.2, 0.0, 0.4, 0.31].map(f64::from);
        assert_eq!(at, expected);
        assert_eq!((p.depth_at(1, 70.0), p.depth_at(7, 70.0)), (0.0, 0.0));
        assert_eq!(p.depth_at(0, -5.0), 0.0);
        assert!(p.passable(0, 0.0, Vehicle::Car) && !p.passable(0, 1.0, Vehicle::Car));
        assert!(p.passable(0, 60.0, Vehicle::Ambulance));
    }

    #[test]
    fn blocked_spans_are_those_without_passage() {
        let p = sample();
        assert_eq!(p.blocked(0, Vehicle::Car), [[0.0, 240.0]]);
        assert_eq!(p.blocked(0, Vehicle::Ambulance), [[120.0, 240.0]]);
        assert!(p.blocked(1, Vehicle::Car).is_empty());
    }

    #[test]
    fn the_file_holds_wet_streets_only() {
        let file: Value = serde_json::from_str(&sample().json()).unwrap();
        assert_eq!(file["streets"].as_array().unwrap().len(), 1);
        assert_eq!(file["streets"][0]["id"], "wet");
        assert_eq!(
            file["streets"][0]["depth_m"],
            json!([0.0, 0.2, 0.0, 0.4, 0.31])
        );
        assert_eq!(
            file["streets"][0]["blocked_s"]["ambulance"],
            json!([[120.0, 240.0]])
        );
        assert_eq!(file["limits_m"]["ambulance"], 0.3);
        assert_eq!(sample().street("dry"), Some(1));
    }
}
