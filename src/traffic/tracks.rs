//! Where vehicles and signal heads are on the map: positions along lanes become places, frame by frame.

use std::sync::Arc;

use crate::result::movement::{
    Movement, MovementFrame, MovingVehicle, Place, Shows, SignalHead, VehicleLook,
};

use super::demand::Demand;
use super::kernel::state::World;
use super::kernel::vehicle::Vehicle;
use super::network::{Aspect, NONE, Network, VehicleClass};
use super::signals::controller::Controllers;
use super::signals::rules::aspect_of;

/// How far (m) to the right of its lane a vehicle in a bay is drawn: a lane's width.
const BAY_M: f32 = 3.0;

/// Lanes as lines on the map.
#[derive(Clone, Debug)]
pub struct Tracks {
    corner: [f64; 2],
    lanes: Vec<Track>,
    heads: Vec<(Shown, SignalHead)>,
}

#[derive(Clone, Debug, Default)]
struct Track {
    points: Vec<[f32; 2]>,
    /// Length of the line (m) up to each point.
    ways: Vec<f32>,
    /// Metres of the line per metre of the lane.
    scale: f32,
}

impl Tracks {
    /// Lanes of a network, with `local` taking a place of its plane to the local frame of the city (m).
    pub fn new(network: &Network, local: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        let shapes: Vec<Vec<[f64; 2]>> = network
            .lanes
            .iter()
            .map(|lane| lane.shape.iter().map(|&point| local(point)).collect())
            .collect();
        let mut corner = [f64::INFINITY; 2];
        for point in shapes.iter().flatten() {
            corner = [corner[0].min(point[0]), corner[1].min(point[1])];
        }
        // Room for vehicles that hang over.
        let corner = corner.map(|value| {
            if value.is_finite() {
                (value - 50.0).floor()
            } else {
                0.0
            }
        });
        let lanes: Vec<Track> = network
            .lanes
            .iter()
            .zip(&shapes)
            .map(|(lane, shape)| {
                let points: Vec<[f32; 2]> = shape
                    .iter()
                    .map(|point| [(point[0] - corner[0]) as f32, (point[1] - corner[1]) as f32])
                    .collect();
                let mut ways = vec![0.0];
                for pair in points.windows(2) {
                    let step = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
                    ways.push(ways[ways.len() - 1] + step);
                }
                let length = ways[ways.len() - 1];
                Track {
                    points,
                    ways,
                    scale: length / lane.length_m.max(0.1),
                }
            })
            .collect();
        let mut tracks = Self {
            corner,
            lanes,
            heads: Vec::new(),
        };
        let mut seen = Vec::new();
        for (index, link) in network.links.iter().enumerate() {
            // One head per lane and aspect's place is enough to see.
            if link.signal == NONE || seen.contains(&(link.from, link.signal)) {
                continue;
            }
            seen.push((link.from, link.signal));
            let length = network.lanes[link.from as usize].length_m;
            let (place, back) = (
                tracks.point(link.from, length),
                tracks.point(link.from, length - 2.0),
            );
            let place_local = [place[0] + corner[0] as f32, place[1] + corner[1] as f32];
            tracks.heads.push((
                Shown::Link(index as u32),
                SignalHead {
                    signal: link.signal,
                    place: place_local,
                    heading: (place[1] - back[1]).atan2(place[0] - back[0]),
                    crossing_m: 0.0,
                },
            ));
        }
        for (index, signal) in network.signals.iter().enumerate() {
            for crossing in &signal.crossings {
                let [a, b] = crossing.line.map(&local);
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                tracks.heads.push((
                    Shown::Place(crossing.place as usize),
                    SignalHead {
                        signal: index as u32,
                        place: [(a[0] + dx / 2.0) as f32, (a[1] + dy / 2.0) as f32],
                        heading: dy.atan2(dx) as f32,
                        crossing_m: dx.hypot(dy) as f32,
                    },
                ));
            }
        }
        tracks
    }

    /// A movement without frames for the vehicles of a demand.
    pub fn movement(&self, demand: &Demand) -> Movement {
        let vehicles = demand.trips.iter().map(|trip| {
            let kind = &demand.types[trip.vehicle_type as usize];
            MovingVehicle {
                id: trip.id.clone(),
                line: trip.line.clone(),
                look: look(kind.class),
                size_m: [kind.length_m, kind.width_m],
            }
        });
        Movement {
            corner: self.corner,
            vehicles: Arc::new(vehicles.collect()),
            heads: Arc::new(self.heads.iter().map(|(_, head)| head.clone()).collect()),
            ..Movement::default()
        }
    }

    /// Where everything is now, those in bays beside their lanes; `time_s` since the begin of the run.
    pub fn frame(
        &self,
        world: &World,
        bays: &[Vehicle],
        controllers: &Controllers,
        time_s: f64,
    ) -> MovementFrame {
        let on_lanes = world
            .vehicles()
            .map(|vehicle| self.place(world, vehicle, 0.0));
        let in_bays = bays.iter().map(|vehicle| self.place(world, vehicle, BAY_M));
        let mut places: Vec<Place> = on_lanes.chain(in_bays).collect();
        places.sort_unstable_by_key(|place| place.vehicle);
        let shows = self
            .heads
            .iter()
            .map(|(shown, head)| match *shown {
                Shown::Link(link) => shows(world.aspects[link as usize]),
                Shown::Place(place) => {
                    let mut list = controllers.list.iter();
                    let own = list.find(|controller| controller.signal == head.signal);
                    own.map_or(Shows::Dark, |own| shows(aspect_of(own.running(), place)))
                }
            })
            .collect();
        MovementFrame {
            time_s,
            places,
            shows,
        }
    }

    /// `aside`: metres to the right of the lane.
    fn place(&self, world: &World, vehicle: &Vehicle, aside: f32) -> Place {
        let front = self.point(vehicle.lane, vehicle.pos);
        let mut back = vehicle.pos - world.kind(vehicle).length;
        let mut lane = vehicle.lane;
        for &before in &vehicle.behind {
            if back >= 0.0 || before == NONE {
                break;
            }
            lane = before;
            back += world.roads.lanes[lane as usize].length;
        }
        let rear = self.point(lane, back);
        let heading = (front[1] - rear[1]).atan2(front[0] - rear[0]);
        let beside = [aside * heading.sin(), -aside * heading.cos()];
        let turn = (heading / std::f32::consts::TAU * 65_536.0).round() as i32;
        Place {
            vehicle: vehicle.trip,
            dm: [0, 1].map(|axis| {
                ((front[axis] + rear[axis]) * 5.0 + beside[axis] * 10.0)
                    .round()
                    .clamp(0.0, 65_535.0) as u16
            }),
            turn: turn.rem_euclid(65_536) as u16,
            speed: (vehicle.speed * 4.0).round().clamp(0.0, 255.0) as u8,
            dwells: u8::from(vehicle.dwell > 0.0),
        }
    }

    /// Point `pos` metres along a lane, from the corner (m); beyond its ends the line goes straight on.
    fn point(&self, lane: u32, pos: f32) -> [f32; 2] {
        let track = &self.lanes[lane as usize];
        let Some(last) = track.points.len().checked_sub(2) else {
            return track.points.first().copied().unwrap_or_default();
        };
        let way = pos * track.scale;
        let piece = track
            .ways
            .partition_point(|&at| at <= way)
            .saturating_sub(1)
            .min(last);
        let (a, b) = (track.points[piece], track.points[piece + 1]);
        let length = track.ways[piece + 1] - track.ways[piece];
        let share = if length > 0.0 {
            (way - track.ways[piece]) / length
        } else {
            0.0
        };
        [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]
    }
}

fn look(class: VehicleClass) -> VehicleLook {
    match class {
        VehicleClass::Bus | VehicleClass::Coach => VehicleLook::Bus,
        VehicleClass::Truck | VehicleClass::Trailer | VehicleClass::Delivery => VehicleLook::Lorry,
        VehicleClass::Bicycle | VehicleClass::Moped | VehicleClass::Motorcycle => {
            VehicleLook::TwoWheeler
        }
        VehicleClass::Tram
        | VehicleClass::Rail
        | VehicleClass::RailUrban
        | VehicleClass::RailElectric
        | VehicleClass::RailFast => VehicleLook::Rail,
        _ => VehicleLook::Car,
    }
}

/// What a head shows: the aspect of a link, or of a place of its signal's state.
#[derive(Clone, Copy, Debug)]
enum Shown {
    Link(u32),
    Place(usize),
}

fn shows(aspect: Aspect) -> Shows {
    match aspect {
        Aspect::Red | Aspect::StopThenGo => Shows::Red,
        Aspect::RedAmber => Shows::RedAmber,
        Aspect::Amber => Shows::Amber,
        Aspect::Green | Aspect::GreenYield => Shows::Green,
        Aspect::Off | Aspect::OffPriority => Shows::Dark,
    }
}
