//! Which vehicle, signal or street a ray meets. Plain functions on a run of the traffic at one time.

use crate::result::movement::{Movement, VehicleLook};
use crate::ui::action::TrafficPick;

use super::shuttle_marks::{HEAD_M, Mark};

/// Height (m) of the bodies.
pub fn height_m(look: VehicleLook) -> f32 {
    match look {
        VehicleLook::Car => 1.5,
        VehicleLook::Bus | VehicleLook::Rail => 3.0,
        VehicleLook::Lorry => 3.2,
        VehicleLook::TwoWheeler => 1.4,
    }
}

/// Width (m) of a crossing of people on foot.
pub const FOOT_WIDTH_M: f32 = 3.0;

/// Share of the distance by which bodies are larger for the pointer than for the eye: some three pixels.
const SLACK: f32 = 0.003;
/// Post of a signal head: half of its width and its height (m).
const POST_M: [f32; 2] = [0.5, 3.8];
/// Stop line: half of its length along the lane and of its width across (m).
const LINE_M: [f32; 2] = [0.6, 1.6];
/// How far (m) to the right of the lane's middle the post stands.
pub const POST_ASIDE_M: f32 = 1.8;
/// How far (m) beyond its lanes a street is still met.
const BESIDE_M: f32 = 0.5;

/// What a ray (map space, unit direction) meets before `limit_m`: the head of a mark, else the nearest vehicle or signal, else the street at `on_ground`, where
/// the ray meets the ground. `marks` are those of the moment, `scale` times as large as near the eye; `ground` gives the height of the
/// ground (m).
pub fn pick_traffic(
    movement: &Movement,
    time_s: f64,
    (origin, direction): ([f32; 3], [f32; 3]),
    limit_m: f32,
    on_ground: Option<[f32; 3]>,
    (marks, scale): (&[Mark], f32),
    ground: impl Fn(f32, f32) -> f32,
) -> Option<TrafficPick> {
    let corner = movement.corner.map(|value| value as f32);
    let mut best: Option<(f32, TrafficPick)> = None;
    let mut meet = |hit: Option<f32>, pick: TrafficPick| {
        if let Some(t) = hit
            && t < best.map_or(limit_m + 0.5, |(nearest, _)| nearest)
        {
            best = Some((t, pick));
        }
    };
    let ray = (origin, direction);
    for (number, middle, heading, ..) in movement.at(time_s) {
        let Some(vehicle) = movement.vehicles.get(number as usize) else {
            continue;
        };
        let [x, y] = [middle[0] + corner[0], middle[1] + corner[1]];
        // The height of the ground is dear: only for those near the ray.
        if !near_ray(ray, [x, y], vehicle.size_m[0]) {
            continue;
        }
        let half = vehicle.size_m.map(|size| 0.5 * size);
        let up = [0.0, height_m(vehicle.look)];
        let hit = box_hit(ray, [x, y, ground(x, y)], heading, half, up);
        meet(hit, TrafficPick::Vehicle(number));
    }
    for head in movement.heads.iter() {
        let [x, y] = head.place;
        if !near_ray(ray, [x, y], 8.0) {
            continue;
        }
        let z = ground(x, y);
        let pick = TrafficPick::Signal(head.signal);
        if head.crossing_m > 0.0 {
            let half = [0.5 * head.crossing_m, 0.5 * FOOT_WIDTH_M];
            meet(
                box_hit(ray, [x, y, z], head.heading, half, [0.0, 0.2]),
                pick,
            );
            continue;
        }
        meet(
            box_hit(ray, [x, y, z], head.heading, LINE_M, [0.0, 0.2]),
            pick,
        );
        let (sin, cos) = head.heading.sin_cos();
        let foot = [x + POST_ASIDE_M * sin, y - POST_ASIDE_M * cos, z];
        let half = [POST_M[0]; 2];
        meet(
            box_hit(ray, foot, head.heading, half, [0.0, POST_M[1]]),
            pick,
        );
    }
    // Heads are drawn over everything, so that they are met before everything.
    let heads = marks.iter().filter_map(|mark| {
        let half = HEAD_M * scale;
        let hit = box_hit(ray, mark.head(), 0.0, [half; 2], [-half, half])?;
        Some((hit, mark.pick))
    });
    if let Some((_, pick)) = heads.min_by(|a, b| a.0.total_cmp(&b.0)) {
        return Some(pick);
    }
    for mark in marks {
        if mark.pole {
            let half = 0.25 * scale;
            let pole = box_hit(ray, mark.foot, 0.0, [half; 2], [0.0, mark.head_m]);
            meet(pole, mark.pick);
        }
    }
    best.map(|(_, pick)| pick).or_else(|| {
        let [x, y, _] = on_ground?;
        let place = [x - corner[0], y - corner[1]];
        let street = movement.roads.street_at(place, BESIDE_M)?;
        Some(TrafficPick::Street(street))
    })
}

/// In plan, a place is so near to the ray that a body of this size there may be met.
pub fn near_ray((o, d): ([f32; 3], [f32; 3]), [x, y]: [f32; 2], size: f32) -> bool {
    let to = [x - o[0], y - o[1]];
    let flat = d[0].hypot(d[1]);
    let reach = size + 0.02 * to[0].hypot(to[1]) + 4.0;
    if flat < 1e-3 {
        return to[0].hypot(to[1]) < reach;
    }
    ((to[0] * d[1] - to[1] * d[0]) / flat).abs() < reach
}

/// Distance (m) at which a ray enters an upright box: middle of its floor, direction of its length (rad), half length and half width, and
/// heights of floor and top over the middle (m).
fn box_hit(
    (o, d): ([f32; 3], [f32; 3]),
    middle: [f32; 3],
    heading: f32,
    half: [f32; 2],
    up: [f32; 2],
) -> Option<f32> {
    let (sin, cos) = heading.sin_cos();
    let turned = |v: [f32; 3]| [v[0] * cos + v[1] * sin, v[1] * cos - v[0] * sin, v[2]];
    let to: [f32; 3] = std::array::from_fn(|i| o[i] - middle[i]);
    let slack = SLACK * to.iter().map(|v| v * v).sum::<f32>().sqrt();
    let (o, d) = (turned(to), turned(d));
    let low = [-half[0] - slack, -half[1] - slack, up[0] - slack];
    let high = [half[0] + slack, half[1] + slack, up[1] + slack];
    let (mut enter, mut leave) = (0.0_f32, f32::INFINITY);
    for axis in 0..3 {
        if d[axis].abs() < 1e-9 {
            if o[axis] < low[axis] || o[axis] > high[axis] {
                return None;
            }
            continue;
        }
        let (a, b) = (
            (low[axis] - o[axis]) / d[axis],
            (high[axis] - o[axis]) / d[axis],
        );
        enter = enter.max(a.min(b));
        leave = leave.min(a.max(b));
    }
    (enter <= leave).then_some(enter)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::result::movement::{
        LaneUse, MovementFrame, MovingVehicle, Place, RoadLane, RoadMap, RoadStreet, SignalHead,
    };
    use crate::result::wish::WishState;
    use crate::view::shuttle_marks::MarkLook;

    /// A bus of 12 m to the north at (100, 50), a car of 4 m to the east at (100, 80), a signal at (130, 50), a street along x = 100.
    fn movement() -> Movement {
        let vehicle = |look, size_m| MovingVehicle {
            id: String::new(),
            line: String::new(),
            look,
            size_m,
        };
        let place = |vehicle, y, turn| Place {
            vehicle,
            dm: [1000, y],
            turn,
            ..Place::default()
        };
        Movement {
            corner: [1000.0, 2000.0],
            vehicles: Arc::new(vec![
                vehicle(VehicleLook::Bus, [12.0, 2.5]),
                vehicle(VehicleLook::Car, [4.0, 1.8]),
            ]),
            heads: Arc::new(vec![SignalHead {
                signal: 7,
                place: [1130.0, 2050.0],
                heading: 0.0,
                crossing_m: 0.0,
            }]),
            frames: vec![MovementFrame {
                time_s: 0.0,
                places: vec![place(0, 500, 16_384), place(1, 800, 0)],
                shows: Vec::new(),
            }],
            roads: Arc::new(RoadMap {
                lanes: vec![RoadLane {
                    points: vec![[100.0, 0.0], [100.0, 200.0]],
                    width_m: 3.2,
                    street: 0,
                    used_by: LaneUse::Cars,
                }],
                streets: vec![RoadStreet {
                    id: "s".to_owned(),
                    name: String::new(),
                    lanes: 0..1,
                    length_m: 200.0,
                    speed_m_s: 14.0,
                    inner: false,
                }],
                stops: Vec::new(),
            }),
            ..Movement::default()
        }
    }

    /// Straight down at a place, 100 m over ground of 5 m.
    fn down(x: f32, y: f32) -> Option<TrafficPick> {
        let ray = ([x, y, 105.0], [0.0, 0.0, -1.0]);
        pick_traffic(
            &movement(),
            0.0,
            ray,
            100.0,
            Some([x, y, 5.0]),
            (&[], 1.0),
            |_, _| 5.0,
        )
    }

    #[test]
    fn vehicles_lie_along_their_direction() {
        // The bus is long to the north, not to the east.
        assert_eq!(down(1100.0, 2055.5), Some(TrafficPick::Vehicle(0)));
        assert_eq!(down(1105.5, 2050.0), None);
        assert_eq!(down(1101.5, 2080.0), Some(TrafficPick::Vehicle(1)));
        // Beside the car, but on the street; beside the street.
        assert_eq!(down(1100.5, 2083.0), Some(TrafficPick::Street(0)));
        assert_eq!(down(1103.0, 2120.0), None);
    }

    #[test]
    fn a_signal_is_met_at_its_line_and_at_its_post() {
        assert_eq!(down(1130.0, 2051.0), Some(TrafficPick::Signal(7)));
        assert_eq!(
            down(1130.0, 2050.0 - POST_ASIDE_M),
            Some(TrafficPick::Signal(7))
        );
        assert_eq!(down(1130.0, 2056.0), None);
    }

    #[test]
    fn a_request_is_met_at_its_head_even_behind_a_house_and_at_its_pole() {
        let marks = [Mark {
            pick: TrafficPick::Request(3),
            look: MarkLook::Wish(WishState::Waits),
            foot: [1060.0, 2050.0, 5.0],
            head_m: 10.0,
            pole: true,
        }];
        let level = |y: f32, z: f32, limit: f32| {
            let ray = ([1000.0, y, z], [1.0, 0.0, 0.0]);
            pick_traffic(&movement(), 0.0, ray, limit, None, (&marks, 2.0), |_, _| {
                5.0
            })
        };
        let met = Some(TrafficPick::Request(3));
        assert_eq!(level(2052.0, 15.0, 500.0), met, "twice as large");
        assert_eq!(level(2050.0, 10.0, 500.0), met);
        assert_eq!(level(2052.0, 10.0, 500.0), None);
        assert_eq!(level(2050.0, 15.0, 30.0), met);
        assert_eq!(level(2050.0, 10.0, 30.0), None);
    }

    #[test]
    fn what_stands_before_hides_what_lies_behind() {
        // Level with the bus's windows, from the south: the bus stands before the car.
        let ray = ([1100.0, 2000.0, 6.2], [0.0, 1.0, 0.0]);
        let flat = |limit| pick_traffic(&movement(), 0.0, ray, limit, None, (&[], 1.0), |_, _| 5.0);
        assert_eq!(flat(500.0), Some(TrafficPick::Vehicle(0)));
        // A house at 20 m hides both.
        assert_eq!(flat(20.0), None);
        // Over the roof of the bus and down onto the car.
        let to = [0.0_f32, 80.0, -9.3];
        let length = to[1].hypot(to[2]);
        let ray = ([1100.0, 2000.0, 15.0], to.map(|v: f32| v / length));
        let found = pick_traffic(&movement(), 0.0, ray, 500.0, None, (&[], 1.0), |_, _| 5.0);
        assert_eq!(found, Some(TrafficPick::Vehicle(1)));
    }
}
