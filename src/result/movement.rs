//! Vehicles and signals over time, for the moving picture. Not written to files as a whole.

use std::ops::Range;
use std::sync::Arc;

use super::story::Stories;

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
    /// Streets that all this moves on.
    pub roads: Arc<RoadMap>,
    /// What happened to single vehicles and at single signals.
    pub stories: Arc<Stories>,
}

/// Streets of a network, for drawing and pointing.
#[derive(Clone, Debug, Default)]
pub struct RoadMap {
    /// Lanes, those of a street together, rightmost first.
    pub lanes: Vec<RoadLane>,
    /// Directions of streets between two junctions, and ways over junctions.
    pub streets: Vec<RoadStreet>,
    /// Stops of public transport.
    pub stops: Vec<RoadStop>,
}

/// A lane.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadLane {
    /// Centre line (m east and north of the corner).
    pub points: Vec<[f32; 2]>,
    /// Width (m).
    pub width_m: f32,
    /// Its street.
    pub street: u32,
    /// Who may drive on it.
    pub used_by: LaneUse,
}

/// Who may drive on a lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LaneUse {
    /// Cars among others.
    #[default]
    Cars,
    /// Buses, no cars.
    Buses,
    /// Nobody but emergency vehicles.
    Closed,
    /// Neither cars nor buses.
    Others,
}

/// A direction of a street.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadStreet {
    /// Id.
    pub id: String,
    /// Name, or empty.
    pub name: String,
    /// Its lanes.
    pub lanes: Range<u32>,
    /// Length (m).
    pub length_m: f32,
    /// Allowed speed (m/s).
    pub speed_m_s: f32,
    /// A way over a junction.
    pub inner: bool,
}

/// A stop of public transport.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadStop {
    /// Name, or id.
    pub name: String,
    /// Where vehicles halt (m east and north of the corner), along the lane.
    pub line: Vec<[f32; 2]>,
    /// Width of the lane (m).
    pub width_m: f32,
}

impl RoadStop {
    /// Middle of the halt (m from the corner).
    pub fn middle(&self) -> Option<[f32; 2]> {
        let (first, last) = (self.line.first()?, self.line.last()?);
        Some([0, 1].map(|axis| 0.5 * (first[axis] + last[axis])))
    }
}

impl RoadMap {
    /// Street under a place (m from the corner): that of the nearest lane whose width, and `beyond_m` more, reaches it. Ways over
    /// junctions do not count.
    pub fn street_at(&self, place: [f32; 2], beyond_m: f32) -> Option<u32> {
        let mut best: Option<(f32, u32)> = None;
        for lane in &self.lanes {
            let street = self.streets.get(lane.street as usize);
            if street.is_none_or(|street| street.inner) {
                continue;
            }
            let distance = distance_to(&lane.points, place);
            if distance <= 0.5 * lane.width_m + beyond_m && best.is_none_or(|(d, _)| distance < d) {
                best = Some((distance, lane.street));
            }
        }
        best.map(|(_, street)| street)
    }
}

/// Distance (m) of a place to a line.
fn distance_to(line: &[[f32; 2]], p: [f32; 2]) -> f32 {
    let mut least = f32::INFINITY;
    for pair in line.windows(2) {
        let (a, along) = (pair[0], [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]]);
        let square = along[0] * along[0] + along[1] * along[1];
        let to = [p[0] - a[0], p[1] - a[1]];
        let share = if square > 0.0 {
            ((to[0] * along[0] + to[1] * along[1]) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let away = [to[0] - share * along[0], to[1] - share * along[1]];
        least = least.min(away[0].hypot(away[1]));
    }
    least
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

/// A signal at the end of a lane, or at a crossing of people on foot.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalHead {
    /// Number of the signal in the stories.
    pub signal: u32,
    /// Place (m, local frame) of the stop line's middle and direction of driving (rad, from east to north); of a crossing its middle and the
    /// direction of walking.
    pub place: [f32; 2],
    /// See `place`.
    pub heading: f32,
    /// Length (m) of a crossing of people on foot; 0 for a stop line.
    pub crossing_m: f32,
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

    /// Where a vehicle is at a time: middle (m, local frame) and direction (rad); none when it is not on the roads.
    pub fn place_of(&self, vehicle: u32, time_s: f64) -> Option<([f32; 2], f32)> {
        let after = self.frames.partition_point(|frame| frame.time_s <= time_s);
        let first = self.frames.get(after.saturating_sub(1))?;
        let find = |frame: &MovementFrame| {
            let at = frame.places.binary_search_by_key(&vehicle, |p| p.vehicle);
            at.ok().map(|at| frame.places[at])
        };
        let place = find(first)?;
        let (a, mut share, mut b) = (place.metres(), 0.0, place);
        if let Some(second) = self.frames.get(after)
            && let Some(next) = find(second)
        {
            b = next;
            let span = second.time_s - first.time_s;
            share = ((time_s - first.time_s) / span.max(1e-9)).clamp(0.0, 1.0) as f32;
        }
        let turned = f32::from((b.turn.wrapping_sub(place.turn)) as i16);
        let heading = place.heading() + turned / 65_536.0 * std::f32::consts::TAU * share;
        let b = b.metres();
        let middle =
            [0, 1].map(|axis| a[axis] + share * (b[axis] - a[axis]) + self.corner[axis] as f32);
        Some((middle, heading))
    }

    /// True when the vehicles are shuttles on demand.
    pub fn is_of_shuttles(&self) -> bool {
        // Without a vehicle there still are people who ask.
        !self.stories.shuttles.is_empty() || !self.stories.wishes.is_empty()
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

    #[test]
    fn the_nearest_lane_names_the_street_and_junctions_do_not_count() {
        let lane = |y: f32, street| RoadLane {
            points: vec![[0.0, y], [50.0, y], [100.0, y]],
            width_m: 3.0,
            street,
            used_by: LaneUse::Cars,
        };
        let street = |inner| RoadStreet {
            id: String::new(),
            name: String::new(),
            lanes: 0..1,
            length_m: 100.0,
            speed_m_s: 14.0,
            inner,
        };
        let roads = RoadMap {
            lanes: vec![lane(0.0, 0), lane(4.0, 1), lane(30.0, 2)],
            streets: vec![street(false), street(false), street(true)],
            stops: Vec::new(),
        };
        assert_eq!(roads.street_at([60.0, 1.0], 0.0), Some(0));
        assert_eq!(roads.street_at([60.0, 3.0], 0.0), Some(1));
        assert_eq!(roads.street_at([60.0, 8.0], 0.0), None);
        assert_eq!(roads.street_at([60.0, 8.0], 3.0), Some(1));
        assert_eq!(roads.street_at([60.0, 30.0], 0.0), None);
    }

    #[test]
    fn a_single_vehicle_is_where_all_of_them_have_it() {
        let movement = Movement {
            corner: [1000.0, 2000.0],
            frames: vec![
                frame(0.0, &[(1, 100, 65_000), (4, 50, 0)]),
                frame(2.0, &[(1, 140, 1_000), (7, 9, 0)]),
            ],
            ..Movement::default()
        };
        for time_s in [0.0, 0.7, 1.0, 2.0, 9.0] {
            for (vehicle, middle, heading, ..) in movement.at(time_s) {
                let (place, turned) = movement.place_of(vehicle, time_s).unwrap();
                assert!((place[0] - middle[0] - 1000.0).abs() < 1e-3, "{time_s}");
                assert!((place[1] - middle[1] - 2000.0).abs() < 1e-3);
                assert!((turned - heading).abs() < 1e-4);
            }
        }
        assert_eq!(movement.place_of(7, 1.0), None);
    }

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
