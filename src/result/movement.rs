//! Vehicles and signals over time, for the moving picture. Not written to files as a whole.

use std::sync::Arc;

/// Everything that moves, on the clock of the run.
#[derive(Clone, Debug, Default)]
pub struct Movement {
    /// South-western corner (m, local frame) that the places count from.
    pub corner: [f64; 2],
    /// Every vehicle of the run, by number.
    pub vehicles: Arc<Vec<MovingVehicle>>,
    /// Every signal head.
    pub heads: Arc<Vec<SignalHead>>,
    /// States at rising times.
    pub frames: Vec<MovementFrame>,
}

/// What a vehicle is.
#[derive(Clone, Debug, PartialEq)]
pub struct MovingVehicle {
    /// Id of its trip.
    pub id: String,
    /// Line of public transport; empty for others.
    pub line: String,
    /// How it is drawn.
    pub look: VehicleLook,
    /// Length and width (m).
    pub size_m: [f32; 2],
}

/// How a vehicle is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VehicleLook {
    /// Car and the like.
    Car,
    /// Bus or coach.
    Bus,
    /// Lorry.
    Lorry,
    /// Bicycle, moped, motorcycle.
    TwoWheeler,
    /// Tram or train.
    Rail,
}

/// A signal at the end of a lane.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalHead {
    /// Id of the signal.
    pub signal: String,
    /// Place (m, local frame) of the stop line's middle and direction of driving (rad, from east to north).
    pub place: [f32; 2],
    /// See `place`.
    pub heading: f32,
}

/// State at one time.
#[derive(Clone, Debug, Default)]
pub struct MovementFrame {
    /// Time (s) since the begin of the run.
    pub time_s: f64,
    /// Vehicles on the roads, by number.
    pub places: Vec<Place>,
    /// What every head shows.
    pub shows: Vec<Shows>,
}

/// Place of a vehicle's middle, in 12 bytes because an hour has millions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Number of the vehicle.
    pub vehicle: u32,
    /// East and north of the corner, in decimetres.
    pub dm: [u16; 2],
    /// Direction of the vehicle in 65536ths of a turn, from east to north.
    pub turn: u16,
    /// Speed in steps of 0.25 m/s.
    pub speed: u8,
    /// 1 at a stop.
    pub dwells: u8,
}

/// Colour of a signal head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shows {
    /// Nothing.
    #[default]
    Dark,
    /// Red.
    Red,
    /// Red and amber.
    RedAmber,
    /// Amber.
    Amber,
    /// Green.
    Green,
}

impl Place {
    /// East and north (m) of the corner.
    pub fn metres(self) -> [f32; 2] {
        self.dm.map(|dm| f32::from(dm) * 0.1)
    }

    /// Direction (rad), from east to north.
    pub fn heading(self) -> f32 {
        f32::from(self.turn) / 65_536.0 * std::f32::consts::TAU
    }
}

impl Movement {
    /// Places at a time between two frames: (vehicle, middle from the corner in m, direction in rad, speed in m/s, dwells). Vehicles
    /// that are in only one of the two frames stand where that one has them.
    pub fn at(&self, time_s: f64) -> Vec<(u32, [f32; 2], f32, f32, bool)> {
        let after = self.frames.partition_point(|frame| frame.time_s <= time_s);
        let Some(first) = self.frames.get(after.saturating_sub(1)) else {
            return Vec::new();
        };
        let second = self.frames.get(after).unwrap_or(first);
        let span = second.time_s - first.time_s;
        let share = if span > 0.0 {
            (((time_s - first.time_s) / span).clamp(0.0, 1.0)) as f32
        } else {
            0.0
        };
        let mut places = Vec::with_capacity(first.places.len());
        let mut next = second.places.iter().peekable();
        for place in &first.places {
            while next
                .peek()
                .is_some_and(|other| other.vehicle < place.vehicle)
            {
                next.next();
            }
            let other = next
                .peek()
                .filter(|other| other.vehicle == place.vehicle)
                .map_or(*place, |other| **other);
            let (a, b) = (place.metres(), other.metres());
            let turned = (other.turn.wrapping_sub(place.turn)) as i16;
            let heading =
                place.heading() + f32::from(turned) / 65_536.0 * std::f32::consts::TAU * share;
            let speed = (f32::from(place.speed)
                + share * (f32::from(other.speed) - f32::from(place.speed)))
                * 0.25;
            let middle = [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis]));
            places.push((place.vehicle, middle, heading, speed, place.dwells == 1));
        }
        places
    }

    /// What the heads show at a time.
    pub fn shows_at(&self, time_s: f64) -> &[Shows] {
        let after = self.frames.partition_point(|frame| frame.time_s <= time_s);
        self.frames
            .get(after.saturating_sub(1))
            .map_or(&[], |frame| &frame.shows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(time_s: f64, places: &[(u32, u16, u16)]) -> MovementFrame {
        let places = places.iter().map(|&(vehicle, x, turn)| Place {
            vehicle,
            dm: [x, 0],
            turn,
            ..Place::default()
        });
        MovementFrame {
            time_s,
            places: places.collect(),
            shows: Vec::new(),
        }
    }

    #[test]
    fn vehicles_move_between_frames_and_turn_the_short_way() {
        let movement = Movement {
            frames: vec![
                frame(0.0, &[(1, 100, 65_000), (4, 50, 0)]),
                frame(2.0, &[(1, 140, 1_000), (7, 9, 0)]),
            ],
            ..Movement::default()
        };
        let places = movement.at(1.0);
        assert_eq!(places.len(), 2);
        assert!((places[0].1[0] - 12.0).abs() < 1e-4);
        let turned = (places[0].2 / std::f32::consts::TAU * 65_536.0 - 65_768.0).abs();
        assert!(turned < 1.0, "turned the long way: {turned}");
        assert!(
            (places[1].1[0] - 5.0).abs() < 1e-4,
            "who is gone in the next frame stays where it was"
        );
        assert!(
            movement.at(5.0).iter().any(|place| place.0 == 7),
            "after the last frame its state is kept"
        );
    }
}
