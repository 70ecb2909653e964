//! Mouse and fingers: camera, selection, dragging. The panels come first: where egui has the pointer, nothing happens here.
//! Keys are read by the panels; a drag that a key or the palette asked for begins here, because it needs the pointer.

use std::sync::Arc;

use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::input::touch::Touches;
use bevy::math::{Vec2, Vec3};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::egui;

use crate::scenario::Edit;
use crate::ui::action::{Action, CameraMove, TrafficPick};
use crate::ui::state::Hover;

use super::camera::View;
use super::collision::Surroundings;
use super::desktop::Desktop;
use super::drag::{DragKind, moved, raised, rotated};
use super::paint::Values;
use super::pick::{Picked, Picker, plane_hit};
use super::shuttle_marks::{HEAD_M, marks, scale};
use super::space::{bevy_from_map, bevy_from_map_array, map_from_bevy};
use super::traffic_pick::{near_ray, pick_traffic};

/// Pixels a click may move.
const CLICK_PX: f32 = 4.0;
/// Seconds between the clicks of a double click.
const DOUBLE_CLICK_S: f64 = 0.35;
/// Turn of the camera per pixel (rad).
const ORBIT_PER_PX: f32 = 0.0055;
/// Turn of a draft per pixel (degrees), and the steps it snaps to.
const ROTATE_PER_PX: f64 = 0.5;
const SNAP_DEG: f64 = 15.0;

/// The view as drawn and the view it glides to.
#[derive(Resource, Default)]
pub struct Rig {
    /// Now.
    pub view: View,
    /// Where it goes.
    pub target: View,
    /// Width through height of the picture.
    pub aspect: f32,
}

/// Ray queries on the drawn city, once there is one.
#[derive(Resource, Default)]
pub struct Scene {
    /// Picker of the drawn city.
    pub picker: Option<Arc<Picker>>,
    /// Values of the painted result.
    pub values: Option<Values>,
}

/// What the panels leave over, from the last frame.
#[derive(Resource)]
pub struct PanelSpace {
    /// Part of the window without panels (points).
    pub free: egui::Rect,
    /// egui has the pointer.
    pub pointer: bool,
    /// egui has the keyboard.
    pub keyboard: bool,
}

impl Default for PanelSpace {
    fn default() -> Self {
        Self {
            free: egui::Rect::EVERYTHING,
            pointer: false,
            keyboard: false,
        }
    }
}

/// What the pointer is doing.
#[derive(Resource, Default)]
pub struct PointerState {
    mode: Mode,
    last: Vec2,
    pressed_at: Vec2,
    last_click: f64,
    fingers: Option<Fingers>,
    /// Colliders around the draft that was dragged last.
    around: Option<Surroundings>,
}

#[derive(Clone, Debug, Default, PartialEq)]
enum Mode {
    #[default]
    Idle,
    /// The left button is down; it becomes a pan when it moves.
    Pan {
        grabbed: Vec3,
    },
    Orbit {
        pivot: Vec3,
    },
    Edit(EditDrag),
}

/// A drag of an edit.
#[derive(Clone, Debug, PartialEq)]
struct EditDrag {
    kind: DragKind,
    variant: usize,
    edit: usize,
    original: Edit,
    /// Place (map space) at which the draft was grabbed.
    grabbed: [f32; 3],
    start: Vec2,
    /// Height (m) of the base at the start.
    base_m: f64,
    /// Begun by a key: a click ends it instead of the button.
    modal: bool,
    /// The pointer has moved further than a click may.
    moving: bool,
}

/// Two fingers: middle, distance, direction.
#[derive(Clone, Copy)]
struct Fingers {
    centre: Vec2,
    spread: f32,
    angle: f32,
}

/// Place of the cursor in the picture.
struct Cursor {
    px: Vec2,
    ndc: Vec2,
    free: bool,
}

fn cursor_at(px: Vec2, space: &PanelSpace) -> Cursor {
    let (min, size) = (space.free.min, space.free.size());
    let ndc = Vec2::new(
        2.0 * (px.x - min.x) / size.x - 1.0,
        1.0 - 2.0 * (px.y - min.y) / size.y,
    );
    let free = space.free.contains(egui::pos2(px.x, px.y)) && !space.pointer;
    Cursor { px, ndc, free }
}

/// Ray through a place of the picture in map space.
pub fn map_ray(rig: &Rig, ndc: Vec2) -> ([f32; 3], [f32; 3]) {
    let (origin, direction) = rig.target.ray(ndc, rig.aspect);
    (map_from_bevy(origin), map_from_bevy(direction))
}

impl Scene {
    /// What is under the cursor; outside the model the plane through the focus.
    fn place(&self, rig: &Rig, ndc: Vec2) -> Vec3 {
        let (o, d) = map_ray(rig, ndc);
        let picked = self
            .picker
            .as_ref()
            .and_then(|p| p.pick(o, d))
            .map(|p| p.point);
        let far = 6.0 * rig.target.distance;
        let on_plane = plane_hit(o, d, rig.target.focus.y);
        let near = |p: &[f32; 3]| bevy_from_map_array(*p).distance(rig.target.eye()) < far;
        picked
            .or(on_plane)
            .filter(near)
            .map_or(rig.target.focus, bevy_from_map_array)
    }

    fn pick(&self, rig: &Rig, ndc: Vec2) -> Option<Picked> {
        let (o, d) = map_ray(rig, ndc);
        self.picker.as_ref()?.pick(o, d)
    }

    /// Vehicle, signal or street under the cursor, while the traffic is shown.
    fn pick_traffic(&self, rig: &Rig, ndc: Vec2, desktop: &Desktop) -> Option<TrafficPick> {
        let movement = desktop.movement()?;
        let picker = self.picker.as_ref()?;
        let ray = map_ray(rig, ndc);
        let behind = picker.pick(ray.0, ray.1);
        // Streets reach beyond the drawn ground; there they lie at height 0, as the vehicles do.
        let on_ground = match behind {
            Some(picked) => picked.face.is_none().then_some(picked.point),
            None => plane_hit(ray.0, ray.1, 0.0),
        };
        let limit = behind.map_or(f32::INFINITY, |p| p.distance_m);
        let time_s = desktop.ui.event.time_s;
        let scale = scale(&rig.view);
        // The heights of marks are dear: only for those near the ray.
        let near = |place| near_ray(ray, place, 2.0 * HEAD_M * scale);
        let marks = marks(movement, time_s, scale, picker, near);
        let marks = (marks.as_slice(), scale);
        pick_traffic(movement, time_s, ray, limit, on_ground, marks, |x, y| {
            picker.ground_height(x, y).unwrap_or(0.0)
        })
    }

    /// CRS place of the ground under the cursor, through buildings.
    fn ground_place(&self, rig: &Rig, ndc: Vec2) -> Option<[f64; 2]> {
        let (o, d) = map_ray(rig, ndc);
        let picker = self.picker.as_ref()?;
        let [x, y, z] = picker.pick_ground(o, d)?.point;
        let place = nalgebra::Point3::new(x, y, z).cast();
        let [east, north, _] = picker.city.frame.crs_from_local(place);
        Some([east, north])
    }

    fn ground(&self) -> impl Fn(f32, f32) -> Option<f32> + '_ {
        |x, z| self.picker.as_ref()?.ground_height(x, -z)
    }
}

/// Reads mouse buttons and wheel, begins and cancels drags.
pub fn mouse(
    window: Single<&Window, With<PrimaryWindow>>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    mut wheel: MessageReader<MouseWheel>,
    time: Res<Time<Real>>,
    space: Res<PanelSpace>,
    scene: Res<Scene>,
    mut state: ResMut<PointerState>,
    mut rig: ResMut<Rig>,
    mut desktop: ResMut<Desktop>,
) {
    let scroll: f32 = wheel
        .read()
        .map(|w| {
            w.y * if w.unit == MouseScrollUnit::Line {
                1.0
            } else {
                0.02
            }
        })
        .sum();
    let place = window.cursor_position();
    // Outside the window buttons still come up, and a drag has to end there.
    let mut cursor = cursor_at(place.unwrap_or(state.last), &space);
    cursor.free &= place.is_some();
    let dragging = matches!(state.mode, Mode::Edit(_));
    if desktop.ui.dragging != dragging {
        desktop.ui.dragging = dragging;
    }
    modal_drag(&keys, &cursor, &scene, &rig, &mut state, &mut desktop);
    if scroll != 0.0 && cursor.free {
        let towards = scene.place(&rig, cursor.ndc);
        rig.target.zoom(towards, 1.16_f32.powf(scroll));
        rig.target.keep_above(scene.ground());
    }
    if cursor.free {
        press(&buttons, &cursor, &scene, &rig, &mut state, &mut desktop);
    }
    let moved_px = cursor.px - state.last;
    state.last = cursor.px;
    if moved_px != Vec2::ZERO {
        drag_on(
            &cursor,
            moved_px,
            &keys,
            &scene,
            &mut rig,
            &mut state,
            &mut desktop,
        );
    }
    release(
        &buttons,
        &cursor,
        time.elapsed_secs_f64(),
        &scene,
        &rig,
        &mut state,
        &mut desktop,
    );
    hover(&cursor, &scene, &rig, &mut desktop);
}

/// A drag that was asked for begins once the pointer is over the city and follows it until a click; Escape ends any drag
/// without a change.
fn modal_drag(
    keys: &ButtonInput<KeyCode>,
    cursor: &Cursor,
    scene: &Scene,
    rig: &Rig,
    state: &mut PointerState,
    desktop: &mut Desktop,
) {
    if keys.just_pressed(KeyCode::Escape) {
        desktop.ui.begin_drag = None;
        cancel(state, desktop);
    }
    if !cursor.free {
        return;
    }
    let Some(kind) = desktop.ui.begin_drag.take() else {
        return;
    };
    // A key that is held down asks again and again.
    if !matches!(&state.mode, Mode::Edit(drag) if drag.modal && drag.kind == kind) {
        cancel(state, desktop);
        begin_edit(kind, true, cursor, scene, rig, state, desktop);
    }
}

fn cancel(state: &mut PointerState, desktop: &mut Desktop) {
    if let Mode::Edit(drag) = std::mem::take(&mut state.mode) {
        desktop.apply(Action::ReplaceEdit {
            variant: drag.variant,
            edit: drag.edit,
            with: drag.original,
            done: true,
        });
        desktop.ui.collisions.clear();
    }
}

fn begin_edit(
    kind: DragKind,
    modal: bool,
    cursor: &Cursor,
    scene: &Scene,
    rig: &Rig,
    state: &mut PointerState,
    desktop: &Desktop,
) {
    let (Some(edit), Some(building)) = (desktop.ui.selected_edit, desktop.selected()) else {
        return;
    };
    let Some(original) = desktop.edit(edit).cloned() else {
        return;
    };
    state.mode = Mode::Edit(EditDrag {
        kind,
        variant: desktop.ui.variant,
        edit,
        original,
        grabbed: map_from_bevy(scene.place(rig, cursor.ndc)),
        start: cursor.px,
        base_m: building.z_range().0,
        modal,
        moving: modal,
    });
}

fn press(
    buttons: &ButtonInput<MouseButton>,
    cursor: &Cursor,
    scene: &Scene,
    rig: &Rig,
    state: &mut PointerState,
    desktop: &mut Desktop,
) {
    if matches!(&state.mode, Mode::Edit(drag) if drag.modal) {
        return;
    }
    if buttons.just_pressed(MouseButton::Left) {
        state.pressed_at = cursor.px;
        let on_draft = desktop.ui.tool.is_none()
            && scene
                .pick(rig, cursor.ndc)
                .and_then(|p| p.face)
                .is_some_and(|face| {
                    let key = scene.picker.as_ref().map(|p| p.building(face).key);
                    desktop.ui.selected_edit.is_some() && key == desktop.ui.selected
                });
        if on_draft {
            begin_edit(DragKind::Move, false, cursor, scene, rig, state, desktop);
        } else {
            state.mode = Mode::Pan {
                grabbed: scene.place(rig, cursor.ndc),
            };
        }
    } else if buttons.just_pressed(MouseButton::Right) || buttons.just_pressed(MouseButton::Middle)
    {
        state.mode = Mode::Orbit {
            pivot: scene.place(rig, cursor.ndc),
        };
    }
}

fn drag_on(
    cursor: &Cursor,
    moved_px: Vec2,
    keys: &ButtonInput<KeyCode>,
    scene: &Scene,
    rig: &mut Rig,
    state: &mut PointerState,
    desktop: &mut Desktop,
) {
    match state.mode.clone() {
        Mode::Idle => {}
        Mode::Pan { grabbed } => {
            if cursor.px.distance(state.pressed_at) > CLICK_PX {
                let (o, d) = map_ray(rig, cursor.ndc);
                if let Some(here) = plane_hit(o, d, grabbed.y) {
                    let here = bevy_from_map_array(here);
                    // Near the horizon a pixel is a kilometre.
                    let step = (grabbed - here).clamp_length_max(0.5 * rig.target.distance);
                    desktop.ui.follow = false;
                    rig.target.drag(here + step, here);
                    rig.target.keep_above(scene.ground());
                }
            }
        }
        Mode::Orbit { pivot } => {
            rig.target
                .orbit(pivot, moved_px.x * ORBIT_PER_PX, moved_px.y * ORBIT_PER_PX);
            rig.target.keep_above(scene.ground());
        }
        Mode::Edit(drag) if !drag.moving && cursor.px.distance(state.pressed_at) <= CLICK_PX => {}
        Mode::Edit(mut drag) => {
            drag.moving = true;
            let free = keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
            let with = dragged(&drag, cursor, rig, free);
            desktop.apply(Action::ReplaceEdit {
                variant: drag.variant,
                edit: drag.edit,
                with,
                done: false,
            });
            collide(scene, &mut state.around, desktop);
            state.mode = Mode::Edit(drag);
        }
    }
}

/// The edit for the present place of the pointer; `free` turns without snapping.
fn dragged(drag: &EditDrag, cursor: &Cursor, rig: &Rig, free: bool) -> Edit {
    match drag.kind {
        DragKind::Move => {
            let (o, d) = map_ray(rig, cursor.ndc);
            match plane_hit(o, d, drag.grabbed[2]) {
                Some(p) => {
                    let [east, north] = [0, 1].map(|i| f64::from(p[i] - drag.grabbed[i]));
                    moved(&drag.original, east, north)
                }
                None => drag.original.clone(),
            }
        }
        DragKind::Rotate => {
            let by = f64::from(cursor.px.x - drag.start.x) * ROTATE_PER_PX;
            rotated(&drag.original, by, if free { 1.0 } else { SNAP_DEG })
        }
        DragKind::Raise => {
            let metres_per_px = rig.target.height_m() / 800.0;
            raised(
                &drag.original,
                f64::from((drag.start.y - cursor.px.y) * metres_per_px),
                drag.base_m,
            )
        }
    }
}

/// Finds the buildings that the ghost touches.
fn collide(scene: &Scene, around: &mut Option<Surroundings>, desktop: &mut Desktop) {
    let ids = desktop.ghost().and_then(|(id, movement)| {
        let city = &scene.picker.as_ref()?.city;
        let building = city.building(&id)?;
        let (lo, hi) = building.bounds();
        let [x, y, _] =
            map_from_bevy(movement.transform_point(bevy_from_map(nalgebra::center(&lo, &hi))));
        let place = [x, y].map(f64::from);
        if !around.as_ref().is_some_and(|a| a.serves(city, place)) {
            *around = Some(Surroundings::new(city.clone(), place));
        }
        Some(around.as_ref()?.touched(building, &movement))
    });
    desktop.ui.collisions = ids.unwrap_or_default();
}

fn release(
    buttons: &ButtonInput<MouseButton>,
    cursor: &Cursor,
    now: f64,
    scene: &Scene,
    rig: &Rig,
    state: &mut PointerState,
    desktop: &mut Desktop,
) {
    // Not `just_released`: that moment is lost when the window was not in front.
    let left_up = !buttons.pressed(MouseButton::Left);
    let any_up = left_up && !buttons.any_pressed([MouseButton::Right, MouseButton::Middle]);
    match std::mem::take(&mut state.mode) {
        Mode::Edit(drag) if drag.modal && buttons.just_pressed(MouseButton::Left) => {
            drop_edit(&drag, desktop)
        }
        Mode::Edit(drag) if !drag.modal && left_up => {
            if drag.moving {
                drop_edit(&drag, desktop);
            } else {
                click(cursor, now, scene, rig, state, desktop);
            }
        }
        Mode::Pan { .. } if left_up && cursor.px.distance(state.pressed_at) <= CLICK_PX => {
            click(cursor, now, scene, rig, state, desktop);
        }
        Mode::Pan { .. } | Mode::Orbit { .. } if any_up => {}
        mode => state.mode = mode,
    }
}

/// Selects what is under the cursor; the second click looks at it. With a tool in hand a click sets a point, and a double
/// click ends.
fn click(
    cursor: &Cursor,
    now: f64,
    scene: &Scene,
    rig: &Rig,
    state: &mut PointerState,
    desktop: &mut Desktop,
) {
    if desktop.ui.tool.is_some() {
        if now - state.last_click < DOUBLE_CLICK_S {
            desktop.apply(Action::SketchDone);
        } else if let Some(place) = scene.ground_place(rig, cursor.ndc) {
            desktop.apply(Action::SketchPoint(place));
        }
        state.last_click = now;
        return;
    }
    if let Some(pick) = scene.pick_traffic(rig, cursor.ndc, desktop) {
        desktop.apply(Action::SelectTraffic(Some(pick)));
        if now - state.last_click < DOUBLE_CLICK_S {
            desktop.apply(Action::Camera(CameraMove::Focus));
        }
        state.last_click = now;
        return;
    }
    let face = scene.pick(rig, cursor.ndc).and_then(|p| p.face);
    let key = face.and_then(|f| scene.picker.as_ref().map(|p| p.building(f).key));
    desktop.apply(Action::Select(key));
    if now - state.last_click < DOUBLE_CLICK_S && key.is_some() {
        desktop.apply(Action::Camera(CameraMove::Focus));
    }
    state.last_click = now;
}

/// Ends a drag: the edit as it is now becomes a step of the history.
fn drop_edit(drag: &EditDrag, desktop: &mut Desktop) {
    let with = match &desktop.preview {
        Some(p) if (p.variant, p.edit) == (drag.variant, drag.edit) => p.to.clone(),
        _ => drag.original.clone(),
    };
    desktop.apply(Action::ReplaceEdit {
        variant: drag.variant,
        edit: drag.edit,
        with,
        done: true,
    });
}

/// Tells the panels what lies under the cursor.
fn hover(cursor: &Cursor, scene: &Scene, rig: &Rig, desktop: &mut Desktop) {
    let found = if cursor.free {
        scene.pick(rig, cursor.ndc)
    } else {
        None
    };
    let hover = found.and_then(|picked| {
        let picker = scene.picker.as_ref()?;
        let [x, y, z] = picked.point;
        let mut value = scene.values.as_ref().and_then(|values| match picked.face {
            Some(face) => values.on_surface(picker.building(face).key, face.1, picked.point),
            None => values.on_ground(x, y),
        });
        let (origin, _) = map_ray(rig, cursor.ndc);
        let moving = desktop.water().filter(|_| picked.face.is_none());
        let wet = moving.and_then(|w| w.on_ray(origin, picked.point));
        if let Some((_, colored, _)) = wet {
            value = Some(colored);
        }
        Some(Hover {
            position: picker
                .city
                .frame
                .crs_from_local(nalgebra::Point3::new(x, y, z).cast()),
            building: picked.face.map(|f| picker.building(f).id.clone()),
            value,
            water: wet.map(|w| w.0),
            traffic: scene.pick_traffic(rig, cursor.ndc, desktop),
        })
    });
    if desktop.ui.hover != hover {
        desktop.ui.hover = hover;
    }
}

/// One finger moves the ground, two turn, tilt and zoom, a tap selects.
pub fn touch(
    touches: Res<Touches>,
    space: Res<PanelSpace>,
    scene: Res<Scene>,
    mut state: ResMut<PointerState>,
    mut rig: ResMut<Rig>,
    mut desktop: ResMut<Desktop>,
) {
    let fingers: Vec<_> = touches.iter().collect();
    match fingers.as_slice() {
        [one] if state.fingers.is_none() => {
            let (from, to) = (
                cursor_at(one.previous_position(), &space),
                cursor_at(one.position(), &space),
            );
            if to.free && from.px != to.px {
                let grabbed = scene.place(&rig, from.ndc);
                let (o, d) = map_ray(&rig, to.ndc);
                if let Some(here) = plane_hit(o, d, grabbed.y) {
                    rig.target.drag(grabbed, bevy_from_map_array(here));
                    rig.target.keep_above(scene.ground());
                }
            }
        }
        [a, b, ..] => {
            let across = b.position() - a.position();
            let now = Fingers {
                centre: 0.5 * (a.position() + b.position()),
                spread: across.length().max(1.0),
                angle: across.to_angle(),
            };
            if let Some(before) = state.fingers.replace(now) {
                let cursor = cursor_at(now.centre, &space);
                let pivot = scene.place(&rig, cursor.ndc);
                rig.target.zoom(pivot, now.spread / before.spread);
                let twist = (now.angle - before.angle + std::f32::consts::PI)
                    .rem_euclid(std::f32::consts::TAU)
                    - std::f32::consts::PI;
                let tilt = (now.centre.y - before.centre.y) * ORBIT_PER_PX;
                rig.target.orbit(pivot, twist, tilt);
                rig.target.keep_above(scene.ground());
            }
        }
        [] => state.fingers = None,
        [_] => {}
    }
    for tap in touches.iter_just_released() {
        let cursor = cursor_at(tap.position(), &space);
        if cursor.free && tap.position().distance(tap.start_position()) <= 2.0 * CLICK_PX {
            if desktop.ui.tool.is_some() {
                let place = scene.ground_place(&rig, cursor.ndc);
                place
                    .into_iter()
                    .for_each(|p| desktop.apply(Action::SketchPoint(p)));
                continue;
            }
            if let Some(pick) = scene.pick_traffic(&rig, cursor.ndc, &desktop) {
                desktop.apply(Action::SelectTraffic(Some(pick)));
                continue;
            }
            let face = scene.pick(&rig, cursor.ndc).and_then(|p| p.face);
            let key = face.and_then(|f| scene.picker.as_ref().map(|p| p.building(f).key));
            desktop.apply(Action::Select(key));
        }
    }
}
