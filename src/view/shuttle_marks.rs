//! Stops of a service of shuttles and the people who asked for one, as marks that stay large enough to be seen and hit from afar.

use std::f32::consts::FRAC_PI_4;

use bevy::math::Vec3;

use crate::result::movement::{Movement, VehicleLook};
use crate::result::wish::{WishMark, WishState};
use crate::ui::action::TrafficPick;

use super::camera::View;
use super::pick::Picker;
use super::scene::mesh_data::MeshData;
use super::space::bevy_from_map_array;
use super::traffic::add_block;
use super::traffic_pick::height_m;

/// Half the size (m) of a head near the eye.
pub const HEAD_M: f32 = 1.1;
/// Height (m) of a pole near the eye.
const POLE_M: f32 = 4.0;
/// Distance (m) of two heads on each other near the eye.
const STEP_M: f32 = 2.4;
/// Distance (m) of the view up to which marks have their true size, and how many times it they become at most.
const TRUE_SIZE_M: f32 = 220.0;
const LARGEST: f32 = 4.0;
/// Marks grow by this factor at once, so that nothing is made anew at every turn of the wheel.
const GROWTH: f32 = 1.2;
/// How far (m) beside the lane a stop stands.
const BESIDE_M: f32 = 0.9;

/// Share of light that a face loses that looks down.
const DARKEST: f32 = 0.15;

/// What a mark looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkLook {
    /// A request in this state.
    Wish(WishState),
    /// A stop.
    Stop,
}

/// A head, mostly on a pole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// What it stands for.
    pub pick: TrafficPick,
    /// What it looks like.
    pub look: MarkLook,
    /// Where its pole stands (map space).
    pub foot: [f32; 3],
    /// Height (m) of the middle of its head over the foot.
    pub head_m: f32,
    /// It has a pole of its own; others stand on what is below them.
    pub pole: bool,
}

impl Mark {
    /// Middle of the head (map space).
    pub fn head(&self) -> [f32; 3] {
        let [x, y, z] = self.foot;
        [x, y, z + self.head_m]
    }
}

/// How much larger than near the eye the marks are drawn in a view.
pub fn scale(view: &View) -> f32 {
    let distance = if view.plan {
        view.height_m()
    } else {
        view.distance
    };
    let wanted = (distance / TRUE_SIZE_M).clamp(1.0, LARGEST);
    GROWTH.powf((wanted.ln() / GROWTH.ln()).round())
}

/// Marks of a moment whose place (map space) is wanted.
pub fn marks(
    movement: &Movement,
    time_s: f64,
    scale: f32,
    picker: &Picker,
    wanted: impl Fn([f32; 2]) -> bool,
) -> Vec<Mark> {
    if !movement.is_of_shuttles() {
        return Vec::new();
    }
    let ground = |[x, y]: [f32; 2]| picker.ground_height(x, y).unwrap_or(0.0);
    let corner = movement.corner.map(|value| value as f32);
    let mut all = Vec::new();
    for (number, stop) in movement.roads.stops.iter().enumerate() {
        let (Some([x, y]), [first, last]) = (stop.middle(), stop.line.as_slice()) else {
            continue;
        };
        let way = [last[0] - first[0], last[1] - first[1]];
        let aside = (0.5 * stop.width_m + BESIDE_M) / way[0].hypot(way[1]).max(0.1);
        let place = [
            x + corner[0] + aside * way[1],
            y + corner[1] - aside * way[0],
        ];
        if !wanted(place) {
            continue;
        }
        all.push(Mark {
            pick: TrafficPick::Stop(number as u32),
            look: MarkLook::Stop,
            foot: [place[0], place[1], ground(place)],
            head_m: 0.8 * POLE_M * scale,
            pole: true,
        });
    }
    for mark in movement.wishes_at(time_s) {
        if !wanted(mark.place) {
            continue;
        }
        let z = match mark.state {
            WishState::Walks | WishState::Rejected => picker
                .top_height(mark.place[0], mark.place[1])
                .unwrap_or(0.0),
            WishState::Waits | WishState::Rides => ground(mark.place),
        };
        all.push(wish_mark(&mark, z, scale));
    }
    all
}

/// A rider stands on the roof of the vehicle, everybody else on a pole; who comes later stands higher.
fn wish_mark(mark: &WishMark, z: f32, scale: f32) -> Mark {
    let rides = mark.state == WishState::Rides;
    let lowest = if rides {
        height_m(VehicleLook::Bus) + (HEAD_M + 0.3) * scale
    } else {
        (POLE_M + HEAD_M) * scale
    };
    Mark {
        pick: TrafficPick::Request(mark.number),
        look: MarkLook::Wish(mark.state),
        foot: [mark.place[0], mark.place[1], z],
        head_m: lowest + mark.below as f32 * STEP_M * scale,
        pole: !rides && mark.below == 0,
    }
}

/// A head around the origin in a colour (linear): a cube with a dark rim for a stop, a cross for who was turned away, else a diamond.
pub fn head_mesh(look: MarkLook, color: [f32; 4], rim: [f32; 4]) -> MeshData {
    let mut mesh = MeshData::default();
    let mut block = |heading: f32, half: [f32; 2], up: [f32; 2], color| {
        let along = [-half[0], half[0]];
        add_block(
            &mut mesh,
            [0.0; 3],
            heading,
            along,
            2.0 * half[1],
            up,
            color,
        );
    };
    match look {
        MarkLook::Stop => {
            block(0.0, [0.9, 0.9], [-0.9, -0.6], rim);
            block(0.0, [0.9, 0.9], [-0.6, 0.6], color);
            block(0.0, [0.5, 0.5], [0.6, 0.61], rim);
        }
        MarkLook::Wish(WishState::Rejected) => {
            for turn in [FRAC_PI_4, -FRAC_PI_4] {
                block(turn, [1.5 * HEAD_M, 0.3], [-0.35, 0.35], color);
            }
        }
        MarkLook::Wish(_) => diamond(&mut mesh, color),
    }
    // Unlit, so that the colour is that of the legend; what faces down is darker for the sake of form.
    for (color, normal) in mesh.colors.iter_mut().zip(&mesh.normals) {
        let light = 1.0 - 0.5 * DARKEST * (1.0 - normal[1]);
        for part in &mut color[..3] {
            *part *= light;
        }
    }
    mesh
}

fn diamond(mesh: &mut MeshData, color: [f32; 4]) {
    let point = |at: [f32; 3]| bevy_from_map_array(at.map(|m| m * HEAD_M));
    let ring = [
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0],
        [-1.0, 0.0, 0.0],
        [0.0, -1.0, 0.0],
    ]
    .map(point);
    for (tip, up) in [
        (point([0.0, 0.0, 1.2]), true),
        (point([0.0, 0.0, -1.2]), false),
    ] {
        for i in 0..4 {
            let (a, b) = (ring[i], ring[(i + 1) % 4]);
            let corners = if up { [a, b, tip] } else { [b, a, tip] };
            let normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]);
            mesh.flat_triangle(corners, normal.normalize_or(Vec3::Y), color);
        }
    }
}

/// A pole of 1 m on the origin.
pub fn pole_mesh(color: [f32; 4]) -> MeshData {
    let mut mesh = MeshData::default();
    add_block(
        &mut mesh,
        [0.0; 3],
        0.0,
        [-0.12, 0.12],
        0.24,
        [0.0, 1.0],
        color,
    );
    mesh
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_have_a_form_of_their_own_and_their_faces_look_out() {
        let states = [WishState::Waits, WishState::Rejected].map(MarkLook::Wish);
        let looks = [states[0], states[1], MarkLook::Stop];
        let meshes = looks.map(|look| head_mesh(look, [1.0; 4], [0.0; 4]));
        for (i, mesh) in meshes.iter().enumerate() {
            assert!(meshes[..i].iter().all(|other| other != mesh));
        }
        for (position, normal) in meshes[0].positions.iter().zip(&meshes[0].normals) {
            assert!(Vec3::from(*position).dot(Vec3::from(*normal)) > 0.0);
        }
    }

    #[test]
    fn heads_keep_the_colour_of_the_legend_up_to_their_form() {
        for look in [MarkLook::Wish(WishState::Rides), MarkLook::Stop] {
            let mesh = head_mesh(look, [0.5, 0.4, 0.3, 1.0], [0.5, 0.4, 0.3, 1.0]);
            let reds = mesh.colors.iter().map(|color| color[0]);
            let (low, high) = reds.fold((1.0_f32, 0.0_f32), |(a, b), r| (a.min(r), b.max(r)));
            assert!(low >= 0.5 * (1.0 - DARKEST) - 1e-6 && high <= 0.5 && low < high);
        }
    }

    #[test]
    fn marks_grow_with_the_distance_in_steps_and_not_without_end() {
        let at = |distance: f32| {
            let mut view = View::composed(Vec3::ZERO, 100.0, 1.5);
            view.distance = distance;
            scale(&view)
        };
        assert_eq!((at(50.0), at(200.0)), (1.0, 1.0));
        assert!(at(500.0) > 1.5 && at(600.0) < 3.5);
        assert_eq!(at(500.0), at(505.0));
        assert_eq!(at(5_000.0), at(50_000.0));
    }

    #[test]
    fn people_at_one_place_stand_on_each_other_and_riders_on_the_roof() {
        let mark = |state, below| WishMark {
            number: 4,
            state,
            place: [1.0, 2.0],
            below,
        };
        let first = wish_mark(&mark(WishState::Waits, 0), 5.0, 1.0);
        let second = wish_mark(&mark(WishState::Waits, 1), 5.0, 1.0);
        assert!(first.pole && !second.pole);
        assert!(second.head()[2] - first.head()[2] > 2.0 * HEAD_M);
        let rider = wish_mark(&mark(WishState::Rides, 0), 5.0, 2.0);
        assert!(!rider.pole && rider.head()[2] - 2.0 * HEAD_M > 5.0 + height_m(VehicleLook::Bus));
    }
}
