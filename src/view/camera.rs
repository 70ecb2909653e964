//! The camera: turns about the point under the cursor, grabs the ground, zooms to the cursor, glides, keeps the horizon
//! level and stays above the ground. The plan view is orthographic with north up.

use bevy::camera::ScalingMode;
use bevy::math::{Mat3, Quat, Vec2, Vec3};
use bevy::prelude::{OrthographicProjection, PerspectiveProjection, Projection, Transform};

use crate::ui::action::CameraMove;

/// Vertical field of view (rad): 35 degrees, close to the lens that architects use for models.
pub const FIELD_OF_VIEW: f32 = 0.61;
/// Lowest and highest angle above the horizon (rad).
const PITCH: [f32; 2] = [0.035, std::f32::consts::FRAC_PI_2];
/// Distances (m).
const DISTANCE: [f32; 2] = [4.0, 20_000.0];
/// Height (m) of the eye above the ground at least.
const CLEARANCE_M: f32 = 2.0;
/// The view follows its target with this rate (1/s): 95 % after 0.2 s.
const FOLLOW_RATE: f32 = 15.0;

/// Where the camera looks from. Bevy space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Point looked at.
    pub focus: Vec3,
    /// Direction from the focus to the eye, clockwise from south seen from above (rad): 0 looks north.
    pub yaw: f32,
    /// Angle of the eye above the horizon (rad).
    pub pitch: f32,
    /// Distance (m) from focus to eye.
    pub distance: f32,
    /// 1 = plan (orthographic).
    pub plan: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            focus: Vec3::ZERO,
            yaw: -0.6,
            pitch: 0.55,
            distance: 800.0,
            plan: false,
        }
    }
}

impl View {
    /// Composed three-quarter view of a place: from the south-west at 25 degrees, the place a little below the middle.
    pub fn composed(centre: Vec3, radius: f32, aspect: f32) -> Self {
        let fit = if aspect < 1.0 { aspect } else { 1.0 };
        Self {
            focus: centre,
            yaw: -0.62,
            pitch: 0.44,
            distance: (radius / (0.5 * FIELD_OF_VIEW).tan() / fit * 0.92)
                .clamp(DISTANCE[0], DISTANCE[1]),
            plan: false,
        }
    }

    /// Orientation of the camera.
    pub fn rotation(&self) -> Quat {
        Quat::from_rotation_y(self.yaw) * Quat::from_rotation_x(-self.pitch)
    }

    /// Place of the eye.
    pub fn eye(&self) -> Vec3 {
        self.focus + self.rotation() * Vec3::Z * self.distance
    }

    /// For the camera entity.
    pub fn transform(&self) -> Transform {
        Transform::from_translation(self.eye()).with_rotation(self.rotation())
    }

    /// Height (m) of the picture at the focus.
    pub fn height_m(&self) -> f32 {
        2.0 * self.distance * (0.5 * FIELD_OF_VIEW).tan()
    }

    /// For the camera entity.
    pub fn projection(&self, far_m: f32) -> Projection {
        if self.plan {
            Projection::Orthographic(OrthographicProjection {
                near: -far_m,
                far: far_m,
                scaling_mode: ScalingMode::FixedVertical {
                    viewport_height: self.height_m(),
                },
                ..OrthographicProjection::default_3d()
            })
        } else {
            Projection::Perspective(PerspectiveProjection {
                fov: FIELD_OF_VIEW,
                near: (0.01 * self.distance).clamp(0.2, 20.0),
                far: far_m,
                ..PerspectiveProjection::default()
            })
        }
    }

    /// Ray through a place of the picture: `ndc` from (-1, -1) bottom left to (1, 1) top right; origin and unit direction.
    pub fn ray(&self, ndc: Vec2, aspect: f32) -> (Vec3, Vec3) {
        let half = (0.5 * FIELD_OF_VIEW).tan();
        let offset = Vec2::new(ndc.x * half * aspect, ndc.y * half);
        let rotation = self.rotation();
        if self.plan {
            let across = rotation * (offset * self.distance).extend(0.0);
            (
                self.eye() + across + rotation * Vec3::Z * 2000.0,
                rotation * Vec3::NEG_Z,
            )
        } else {
            (self.eye(), (rotation * offset.extend(-1.0)).normalize())
        }
    }

    /// Place of a point in the picture, from (-1, -1) bottom left to (1, 1) top right; none behind the eye.
    pub fn project(&self, point: Vec3, aspect: f32) -> Option<Vec2> {
        let half = (0.5 * FIELD_OF_VIEW).tan();
        let seen = self.rotation().inverse() * (point - self.eye());
        let depth = if self.plan { self.distance } else { -seen.z };
        let place = Vec2::new(seen.x / aspect, seen.y) / (half * depth);
        (depth > 0.1).then_some(place)
    }

    /// Turns about `pivot`: right and steeper are positive (rad).
    pub fn orbit(&mut self, pivot: Vec3, turn: f32, tilt: f32) {
        let before = Mat3::from_quat(self.rotation());
        self.plan = false;
        self.yaw = wrap(self.yaw - turn);
        self.pitch = (self.pitch + tilt).clamp(PITCH[0], PITCH[1]);
        let change = Mat3::from_quat(self.rotation()) * before.transpose();
        self.focus = pivot + change * (self.focus - pivot);
    }

    /// Divides the distance by `factor` with `towards` staying in its place on screen.
    pub fn zoom(&mut self, towards: Vec3, factor: f32) {
        let distance = (self.distance / factor).clamp(DISTANCE[0], DISTANCE[1]);
        let share = distance / self.distance;
        self.focus = towards + (self.focus - towards) * share;
        self.distance = distance;
    }

    /// Moves over the ground, so that `from` comes to lie where `to` is.
    pub fn drag(&mut self, from: Vec3, to: Vec3) {
        let move_by = from - to;
        self.focus += Vec3::new(move_by.x, 0.0, move_by.z);
    }

    /// Moves by a share of the picture: right and away are positive.
    pub fn pan(&mut self, right: f32, away: f32) {
        let heading = Quat::from_rotation_y(self.yaw);
        let step = self.height_m();
        self.focus += heading * Vec3::new(right * step, 0.0, -away * step);
    }

    /// Straight down, north up.
    pub fn to_plan(&mut self) {
        (self.plan, self.yaw, self.pitch) = (true, 0.0, PITCH[1]);
    }

    /// Lifts the view until the eye is above the ground, by looking down more steeply, then by moving up.
    pub fn keep_above(&mut self, ground: impl Fn(f32, f32) -> Option<f32>) {
        for _ in 0..40 {
            let eye = self.eye();
            let Some(height) = ground(eye.x, eye.z) else {
                return;
            };
            if eye.y >= height + CLEARANCE_M {
                return;
            }
            if self.pitch < 1.2 {
                self.pitch += 0.03;
            } else {
                self.focus.y += height + CLEARANCE_M - eye.y;
            }
        }
    }

    /// A step of `dt` seconds from this view towards another one; true when it has arrived.
    pub fn follow(&mut self, target: &Self, dt: f32) -> bool {
        let share = 1.0 - (-FOLLOW_RATE * dt.min(0.1)).exp();
        let turn = wrap(target.yaw - self.yaw);
        let near = (target.focus - self.focus).length() < 2e-4 * target.distance
            && turn.abs() < 2e-4
            && (target.pitch - self.pitch).abs() < 2e-4
            && (target.distance / self.distance - 1.0).abs() < 2e-4;
        if near || self.plan != target.plan {
            *self = *target;
            return true;
        }
        self.focus += (target.focus - self.focus) * share;
        self.yaw = wrap(self.yaw + turn * share);
        self.pitch += (target.pitch - self.pitch) * share;
        self.distance *= (target.distance / self.distance).powf(share);
        false
    }

    /// Applies a request of the panels that needs no knowledge of the city.
    pub fn apply(&mut self, request: CameraMove) {
        match request {
            CameraMove::North => self.yaw = 0.0,
            CameraMove::Top => self.to_plan(),
            CameraMove::Pan([right, away]) => self.pan(right, away),
            CameraMove::Orbit([turn, tilt]) => {
                self.orbit(self.focus, turn.to_radians(), tilt.to_radians())
            }
            CameraMove::Zoom(factor) if factor.is_finite() && factor > 0.0 => {
                self.zoom(self.focus, factor)
            }
            CameraMove::Zoom(_)
            | CameraMove::Home
            | CameraMove::Focus
            | CameraMove::Look { .. } => {}
        }
    }
}

/// Angle between -pi and pi.
fn wrap(angle: f32) -> f32 {
    (angle + std::f32::consts::PI).rem_euclid(std::f32::consts::TAU) - std::f32::consts::PI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_on_a_ray_is_seen_where_the_ray_begins() {
        for plan in [false, true] {
            let view = View {
                focus: Vec3::new(20.0, 3.0, -40.0),
                yaw: if plan { 0.0 } else { 0.7 },
                pitch: if plan { PITCH[1] } else { 0.4 },
                distance: 300.0,
                plan,
            };
            for ndc in [Vec2::new(0.3, -0.6), Vec2::new(-0.9, 0.2), Vec2::ZERO] {
                let (origin, direction) = view.ray(ndc, 1.6);
                let seen = view.project(origin + 250.0 * direction, 1.6).unwrap();
                assert!(seen.distance(ndc) < 1e-3, "{plan}: {seen} {ndc}");
            }
        }
        let view = View::default();
        let behind = view.eye() + (view.eye() - view.focus);
        assert_eq!(view.project(behind, 1.0), None);
    }

    /// Place of a point in the picture.
    fn project(view: &View, p: Vec3, aspect: f32) -> Vec2 {
        let q = view.rotation().inverse() * (p - view.eye());
        let half = (0.5 * FIELD_OF_VIEW).tan();
        Vec2::new(q.x / -q.z / half / aspect, q.y / -q.z / half)
    }

    #[test]
    fn a_ray_leads_back_to_its_place_in_the_picture() {
        let view = View::composed(Vec3::new(10.0, 3.0, -50.0), 200.0, 1.6);
        let ndc = Vec2::new(0.4, -0.7);
        let (origin, direction) = view.ray(ndc, 1.6);
        assert!(project(&view, origin + direction * 321.0, 1.6).abs_diff_eq(ndc, 1e-4));
    }

    #[test]
    fn orbit_and_zoom_leave_the_point_under_the_cursor_in_place() {
        let pivot = Vec3::new(40.0, 0.0, -10.0);
        let mut view = View::composed(Vec3::ZERO, 100.0, 1.5);
        let before = project(&view, pivot, 1.5);
        view.orbit(pivot, 0.4, 0.1);
        assert!(
            project(&view, pivot, 1.5).abs_diff_eq(before, 1e-4),
            "orbit"
        );
        view.zoom(pivot, 2.0);
        assert!(project(&view, pivot, 1.5).abs_diff_eq(before, 1e-4), "zoom");
        assert!(
            (view.rotation() * Vec3::X).y.abs() < 1e-6,
            "the horizon stays level"
        );
    }

    #[test]
    fn dragging_the_ground_keeps_the_grabbed_point_under_the_cursor() {
        let mut view = View::composed(Vec3::ZERO, 100.0, 1.0);
        let on_ground = |view: &View, ndc| {
            let (o, d) = view.ray(ndc, 1.0);
            o + d * (-o.y / d.y)
        };
        let grabbed = on_ground(&view, Vec2::new(0.1, 0.0));
        let now = on_ground(&view, Vec2::new(0.3, -0.2));
        view.drag(grabbed, now);
        assert!(on_ground(&view, Vec2::new(0.3, -0.2)).abs_diff_eq(grabbed, 1e-2));
    }

    #[test]
    fn the_eye_stays_above_the_ground() {
        let mut view = View {
            focus: Vec3::ZERO,
            yaw: 0.0,
            pitch: 0.04,
            distance: 100.0,
            plan: false,
        };
        view.keep_above(|_, z| Some(if z > 50.0 { 60.0 } else { 0.0 }));
        let eye = view.eye();
        assert!(eye.y >= if eye.z > 50.0 { 62.0 } else { 2.0 });
    }

    #[test]
    fn the_view_arrives_at_its_target() {
        let mut view = View::default();
        let target = View {
            focus: Vec3::new(100.0, 5.0, 7.0),
            yaw: 2.9,
            pitch: 1.0,
            distance: 50.0,
            plan: false,
        };
        let frames = (0..120)
            .take_while(|_| !view.follow(&target, 1.0 / 60.0))
            .count();
        assert!(frames > 5 && frames < 60, "{frames}");
        assert_eq!(view, target);
    }
}
