//! Moving, turning and raising an edit of a variant: from a pointer movement to the new edit, and to the place where the
//! ghost of its building is drawn meanwhile.

use bevy::math::{Quat, Vec3};
use bevy::prelude::Transform;

use crate::scenario::edit::footprint_centre;
use crate::scenario::{Edit, ranges};

pub use crate::ui::action::DragKind;

/// Place of an edit's object: CRS coordinates of the point it turns about, turn, height of its base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// (easting, northing) of the point that the object turns about.
    pub pivot: [f64; 2],
    /// Clockwise seen from above (degrees).
    pub rotation_deg: f64,
    /// Base (m above datum), or metres up for a moved building; `None` follows the terrain.
    pub base_m: Option<f64>,
}

/// Place of an edit; `box_centre` is the middle (CRS) of the box of the building before a `Move` edit.
/// `None` for edits that have no place (removals, heights).
pub fn pose(edit: &Edit, box_centre: Option<[f64; 2]>) -> Option<Pose> {
    match edit {
        Edit::AddBuilding {
            footprint,
            base_height_m,
            rotation_deg,
            ..
        } => Some(Pose {
            pivot: footprint_centre(footprint),
            rotation_deg: *rotation_deg,
            base_m: *base_height_m,
        }),
        Edit::Place {
            position,
            base_height_m,
            rotation_deg,
            ..
        } => Some(Pose {
            pivot: *position,
            rotation_deg: *rotation_deg,
            base_m: *base_height_m,
        }),
        Edit::Move {
            by,
            raise_m,
            rotation_deg,
            ..
        } => {
            let centre = box_centre?;
            Some(Pose {
                pivot: [centre[0] + by[0], centre[1] + by[1]],
                rotation_deg: *rotation_deg,
                base_m: Some(*raise_m),
            })
        }
        Edit::AddTree { position, .. } => Some(Pose {
            pivot: *position,
            rotation_deg: 0.0,
            base_m: None,
        }),
        Edit::FloodWall { line, .. } | Edit::Breach { line, .. } => Some(Pose {
            pivot: footprint_centre(line),
            rotation_deg: 0.0,
            base_m: None,
        }),
        Edit::RaiseTerrain { area, .. } => Some(Pose {
            pivot: footprint_centre(area),
            rotation_deg: 0.0,
            base_m: None,
        }),
        Edit::Remove { .. }
        | Edit::SetHeight { .. }
        | Edit::GreenRoof { .. }
        | Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_)
        | Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_)
        | Edit::ShuttleService(_) => None,
    }
}

/// The edit moved by metres (east, north).
pub fn moved(edit: &Edit, east: f64, north: f64) -> Edit {
    let shift = |p: &mut [f64; 2]| *p = [centimetres(p[0] + east), centimetres(p[1] + north)];
    let mut edit = edit.clone();
    match &mut edit {
        Edit::AddBuilding {
            footprint: points, ..
        }
        | Edit::FloodWall { line: points, .. }
        | Edit::Breach { line: points, .. }
        | Edit::RaiseTerrain { area: points, .. } => {
            // All corners by the same rounded step, so that the shape stays.
            let (east, north) = (centimetres(east), centimetres(north));
            for p in points {
                *p = [p[0] + east, p[1] + north];
            }
        }
        Edit::Place { position, .. } | Edit::AddTree { position, .. } => shift(position),
        Edit::Move { by, .. } => shift(by),
        Edit::Remove { .. }
        | Edit::SetHeight { .. }
        | Edit::GreenRoof { .. }
        | Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_)
        | Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_)
        | Edit::ShuttleService(_) => {}
    }
    edit
}

/// The edit turned clockwise by degrees; `snap_deg` rounds the result to multiples.
pub fn rotated(edit: &Edit, by_deg: f64, snap_deg: f64) -> Edit {
    let mut edit = edit.clone();
    match &mut edit {
        Edit::AddBuilding { rotation_deg, .. }
        | Edit::Place { rotation_deg, .. }
        | Edit::Move { rotation_deg, .. } => {
            let turned = ((*rotation_deg + by_deg) / snap_deg).round() * snap_deg;
            *rotation_deg = (turned + 180.0).rem_euclid(360.0) - 180.0;
        }
        Edit::AddTree { .. }
        | Edit::Remove { .. }
        | Edit::SetHeight { .. }
        | Edit::FloodWall { .. }
        | Edit::Breach { .. }
        | Edit::RaiseTerrain { .. }
        | Edit::GreenRoof { .. }
        | Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_)
        | Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_)
        | Edit::ShuttleService(_) => {}
    }
    edit
}

/// The edit raised by metres, as far as the file takes it; `base_now_m` is the height of its base where the edit names none.
pub fn raised(edit: &Edit, up_m: f64, base_now_m: f64) -> Edit {
    let mut edit = edit.clone();
    match &mut edit {
        Edit::AddBuilding { base_height_m, .. } | Edit::Place { base_height_m, .. } => {
            let base_m = decimetres(base_height_m.unwrap_or(base_now_m) + up_m);
            *base_height_m = Some(ranges::within(ranges::BASE_HEIGHT_M, base_m));
        }
        Edit::Move { raise_m, .. } => {
            *raise_m = ranges::within(ranges::RAISE_M, decimetres(*raise_m + up_m));
        }
        Edit::AddTree { .. }
        | Edit::Remove { .. }
        | Edit::SetHeight { .. }
        | Edit::FloodWall { .. }
        | Edit::Breach { .. }
        | Edit::RaiseTerrain { .. }
        | Edit::GreenRoof { .. }
        | Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_)
        | Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_)
        | Edit::ShuttleService(_) => {}
    }
    edit
}

fn centimetres(v: f64) -> f64 {
    (v * 100.0).round() / 100.0
}

fn decimetres(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

/// Movement that takes the building drawn for `from` to where `to` will put it. `lift_m` is the change of its base.
/// `origin` is the CRS place of the local frame.
pub fn ghost_transform(from: &Pose, to: &Pose, lift_m: f64, origin: [f64; 2]) -> Transform {
    let local = |p: [f64; 2]| Vec3::new((p[0] - origin[0]) as f32, 0.0, (origin[1] - p[1]) as f32);
    let (a, b) = (local(from.pivot), local(to.pivot));
    // Clockwise seen from above is negative about Bevy's upward axis.
    let turn = Quat::from_rotation_y(-((to.rotation_deg - from.rotation_deg).to_radians() as f32));
    Transform::from_translation(b - turn * a + Vec3::Y * lift_m as f32).with_rotation(turn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Edit {
        Edit::AddBuilding {
            id: "d".to_owned(),
            footprint: vec![
                [565_000.0, 5_934_000.0],
                [565_020.0, 5_934_000.0],
                [565_020.0, 5_934_010.0],
                [565_000.0, 5_934_010.0],
            ],
            height_m: 12.0,
            storeys: None,
            base_height_m: None,
            rotation_deg: 170.0,
        }
    }

    #[test]
    fn moving_keeps_shape_and_moves_the_pivot() {
        let edit = moved(&block(), 3.333, -4.0);
        let (before, after) = (pose(&block(), None).unwrap(), pose(&edit, None).unwrap());
        assert!(
            (before.pivot[0] - 565_010.0).abs() < 1e-6
                && (before.pivot[1] - 5_934_005.0).abs() < 1e-6
        );
        assert!((after.pivot[0] - before.pivot[0] - 3.33).abs() < 1e-6);
        assert!((after.pivot[1] - before.pivot[1] + 4.0).abs() < 1e-6);
    }

    #[test]
    fn turns_snap_and_stay_within_half_a_turn() {
        let Edit::AddBuilding { rotation_deg, .. } = rotated(&block(), 22.0, 15.0) else {
            unreachable!()
        };
        assert!(
            (rotation_deg + 165.0).abs() < 1e-9,
            "192 rounds to 195, that is -165: {rotation_deg}"
        );
    }

    #[test]
    fn raising_starts_from_the_ground() {
        let Edit::AddBuilding { base_height_m, .. } = raised(&block(), 2.04, 5.5) else {
            unreachable!()
        };
        assert_eq!(base_height_m, Some(7.5));
        let Edit::AddBuilding { base_height_m, .. } = raised(&block(), 1e6, 5.5) else {
            unreachable!()
        };
        assert_eq!(base_height_m, Some(ranges::BASE_HEIGHT_M.1));
    }

    #[test]
    fn the_ghost_lies_where_the_edit_will_put_the_building() {
        let origin = [565_000.0, 5_934_000.0];
        let from = pose(&block(), None).unwrap();
        let to = Pose {
            pivot: [565_110.0, 5_934_055.0],
            rotation_deg: 260.0,
            base_m: None,
        };
        let ghost = ghost_transform(&from, &to, 2.0, origin);
        // A point 10 m east of the pivot lies 10 m south of the new one after a clockwise quarter turn.
        let p = ghost.transform_point(Vec3::new(20.0, 1.0, -5.0));
        assert!(
            p.abs_diff_eq(Vec3::new(110.0, 3.0, -55.0 + 10.0), 1e-3),
            "{p}"
        );
    }
}
