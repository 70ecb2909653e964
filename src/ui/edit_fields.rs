//! Numbers of an edit as fields that can be typed, stepped and dragged: what a field is, how it is read from an edit and how
//! a new value makes a new edit. Pure functions; the panels and the keys share them.

use crate::city::Building;
use crate::scenario::{Edit, ranges};
use crate::text::Texts;

/// A number of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKind {
    /// Easting of the centre or origin (m).
    East,
    /// Northing of the centre or origin (m).
    North,
    /// Shift to the east (m).
    ShiftEast,
    /// Shift to the north (m).
    ShiftNorth,
    /// Lift (m).
    Raise,
    /// Turn (degrees clockwise).
    Rotation,
    /// Height of a building above its base (m).
    Height,
    /// Height of a tree (m).
    TreeHeight,
    /// Height of the base above datum (m).
    Base,
    /// Crown diameter (m).
    Crown,
    /// Factor on all lengths.
    Scale,
    /// Height of a flood wall above the ground (m).
    WallHeight,
    /// Level of a crest (m above datum).
    CrestLevel,
    /// Width of a breach (m).
    BreachWidth,
    /// Level that a breach leaves (m above datum).
    SillLevel,
    /// Begin of a breach (min).
    BreachStart,
    /// Time until a breach is complete (min).
    BreachDuration,
    /// Change of the terrain (m).
    TerrainBy,
    /// New level of the terrain (m above datum).
    TerrainLevel,
    /// Rain that a green roof holds back (mm).
    GreenRoof,
}

/// Times (min) that the file takes.
const MINUTES: ranges::Range = (0.0, ranges::FLOOD_TIME_S.1 / 60.0);

/// How a field is shown and stepped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldSpec {
    /// Text key of the label.
    pub label: &'static str,
    /// Text key of the tooltip: meaning, unit, range; see [`FieldSpec::tip`].
    pub tip: &'static str,
    /// Unit.
    pub unit: &'static str,
    /// Smallest and largest value.
    pub range: (f64, f64),
    /// What a click on − or + changes.
    pub step: f64,
    /// Decimals shown.
    pub decimals: usize,
}

impl FieldSpec {
    /// Text keys of label and tooltip, unit, smallest and largest value, step, decimals.
    pub const fn new(
        label: &'static str,
        tip: &'static str,
        unit: &'static str,
        range: (f64, f64),
        step: f64,
        decimals: usize,
    ) -> Self {
        Self {
            label,
            tip,
            unit,
            range,
            step,
            decimals,
        }
    }

    /// The tooltip with the ends of the range filled in.
    pub fn tip(&self, t: &Texts) -> String {
        t.with(self.tip, &[("low", self.range.0), ("high", self.range.1)])
    }
}

impl FieldKind {
    /// How it is shown and stepped. Ranges are those of the scenario file.
    pub fn spec(self) -> FieldSpec {
        let spec = FieldSpec::new;
        match self {
            Self::East => spec(
                "ui-field-east",
                "ui-field-east-tip",
                "m",
                ranges::COORDINATE_M,
                1.0,
                2,
            ),
            Self::North => spec(
                "ui-field-north",
                "ui-field-north-tip",
                "m",
                ranges::COORDINATE_M,
                1.0,
                2,
            ),
            Self::ShiftEast => spec(
                "ui-field-shift-east",
                "ui-field-shift-east-tip",
                "m",
                ranges::SHIFT_M,
                1.0,
                2,
            ),
            Self::ShiftNorth => spec(
                "ui-field-shift-north",
                "ui-field-shift-north-tip",
                "m",
                ranges::SHIFT_M,
                1.0,
                2,
            ),
            Self::Raise => spec(
                "ui-field-raise",
                "ui-field-raise-tip",
                "m",
                ranges::RAISE_M,
                1.0,
                2,
            ),
            Self::Rotation => spec(
                "ui-field-rotation",
                "ui-field-rotation-tip",
                "°",
                ranges::ROTATION_DEG,
                15.0,
                1,
            ),
            Self::Height => spec(
                "ui-field-height",
                "ui-field-height-tip",
                "m",
                ranges::BUILDING_HEIGHT_M,
                1.0,
                2,
            ),
            Self::TreeHeight => spec(
                "ui-field-height",
                "ui-field-tree-height-tip",
                "m",
                ranges::TREE_HEIGHT_M,
                1.0,
                2,
            ),
            Self::Base => spec(
                "ui-field-base",
                "ui-field-base-tip",
                "m",
                ranges::BASE_HEIGHT_M,
                1.0,
                2,
            ),
            Self::Crown => spec(
                "ui-field-crown",
                "ui-field-crown-tip",
                "m",
                ranges::CROWN_DIAMETER_M,
                0.5,
                1,
            ),
            Self::Scale => spec(
                "ui-field-scale",
                "ui-field-scale-tip",
                "×",
                ranges::SCALE,
                0.1,
                3,
            ),
            Self::WallHeight => spec(
                "ui-field-wall-height",
                "ui-field-wall-height-tip",
                "m",
                ranges::WALL_HEIGHT_M,
                0.25,
                2,
            ),
            Self::CrestLevel => spec(
                "ui-field-crest-level",
                "ui-field-crest-level-tip",
                "m",
                ranges::LEVEL_M,
                0.25,
                2,
            ),
            Self::BreachWidth => spec(
                "ui-field-breach-width",
                "ui-field-breach-width-tip",
                "m",
                ranges::BREACH_WIDTH_M,
                5.0,
                1,
            ),
            Self::SillLevel => spec(
                "ui-field-sill-level",
                "ui-field-sill-level-tip",
                "m",
                ranges::LEVEL_M,
                0.25,
                2,
            ),
            Self::BreachStart => spec(
                "ui-field-breach-start",
                "ui-field-breach-start-tip",
                "min",
                MINUTES,
                5.0,
                0,
            ),
            Self::BreachDuration => spec(
                "ui-field-breach-duration",
                "ui-field-breach-duration-tip",
                "min",
                MINUTES,
                5.0,
                0,
            ),
            Self::TerrainBy => spec(
                "ui-field-terrain-by",
                "ui-field-terrain-by-tip",
                "m",
                ranges::TERRAIN_CHANGE_M,
                0.25,
                2,
            ),
            Self::TerrainLevel => spec(
                "ui-field-terrain-level",
                "ui-field-terrain-level-tip",
                "m",
                ranges::LEVEL_M,
                0.25,
                2,
            ),
            Self::GreenRoof => spec(
                "ui-field-green-roof",
                "ui-field-green-roof-tip",
                "mm",
                ranges::GREEN_ROOF_MM,
                5.0,
                0,
            ),
        }
    }
}

/// One field of one edit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EditField {
    /// Which.
    pub kind: FieldKind,
    /// Value now.
    pub value: f64,
    /// The value follows the terrain because the edit names none.
    pub on_terrain: bool,
}

/// Centre of the box around a footprint.
fn centre(footprint: &[[f64; 2]]) -> [f64; 2] {
    let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for corner in footprint {
        for axis in 0..2 {
            lo[axis] = lo[axis].min(corner[axis]);
            hi[axis] = hi[axis].max(corner[axis]);
        }
    }
    [0.5 * (lo[0] + hi[0]), 0.5 * (lo[1] + hi[1])]
}

/// Fields of an edit. `built` is the building that the edit made, for the height at which it stands on the terrain.
pub fn fields(edit: &Edit, built: Option<&Building>) -> Vec<EditField> {
    let field = |kind, value| EditField {
        kind,
        value,
        on_terrain: false,
    };
    let base = |value: Option<f64>| EditField {
        kind: FieldKind::Base,
        value: value.unwrap_or_else(|| {
            built
                .map(|b| b.z_range().0)
                .filter(|z| z.is_finite())
                .unwrap_or(0.0)
        }),
        on_terrain: value.is_none(),
    };
    match edit {
        Edit::AddBuilding {
            footprint,
            height_m,
            base_height_m,
            rotation_deg,
            ..
        } => {
            let [east, north] = centre(footprint);
            vec![
                field(FieldKind::East, east),
                field(FieldKind::North, north),
                field(FieldKind::Rotation, *rotation_deg),
                field(FieldKind::Height, *height_m),
                base(*base_height_m),
            ]
        }
        Edit::Place {
            position,
            base_height_m,
            rotation_deg,
            scale,
            ..
        } => vec![
            field(FieldKind::East, position[0]),
            field(FieldKind::North, position[1]),
            field(FieldKind::Rotation, *rotation_deg),
            base(*base_height_m),
            field(FieldKind::Scale, *scale),
        ],
        Edit::Remove { .. } => Vec::new(),
        Edit::SetHeight { height_m, .. } => vec![field(FieldKind::Height, *height_m)],
        Edit::Move {
            by,
            raise_m,
            rotation_deg,
            ..
        } => vec![
            field(FieldKind::ShiftEast, by[0]),
            field(FieldKind::ShiftNorth, by[1]),
            field(FieldKind::Raise, *raise_m),
            field(FieldKind::Rotation, *rotation_deg),
        ],
        Edit::AddTree {
            position,
            height_m,
            crown_diameter_m,
            ..
        } => vec![
            field(FieldKind::East, position[0]),
            field(FieldKind::North, position[1]),
            field(FieldKind::TreeHeight, *height_m),
            field(FieldKind::Crown, *crown_diameter_m),
        ],
        Edit::FloodWall {
            line,
            height_m,
            crest_level_m,
            ..
        } => {
            let [east, north] = centre(line);
            let top = [
                height_m.map(|h| field(FieldKind::WallHeight, h)),
                crest_level_m.map(|l| field(FieldKind::CrestLevel, l)),
            ];
            let place = [field(FieldKind::East, east), field(FieldKind::North, north)];
            place.into_iter().chain(top.into_iter().flatten()).collect()
        }
        Edit::Breach {
            line,
            width_m,
            sill_level_m,
            start_s,
            duration_s,
            ..
        } => {
            let [east, north] = centre(line);
            let mut fields = vec![
                field(FieldKind::East, east),
                field(FieldKind::North, north),
                field(FieldKind::BreachWidth, *width_m),
                field(FieldKind::BreachStart, start_s / 60.0),
                field(FieldKind::BreachDuration, duration_s / 60.0),
            ];
            fields.extend(sill_level_m.map(|l| field(FieldKind::SillLevel, l)));
            fields
        }
        Edit::RaiseTerrain {
            area,
            level_m,
            by_m,
            ..
        } => {
            let [east, north] = centre(area);
            let height = [
                by_m.map(|m| field(FieldKind::TerrainBy, m)),
                level_m.map(|m| field(FieldKind::TerrainLevel, m)),
            ];
            let place = [field(FieldKind::East, east), field(FieldKind::North, north)];
            place
                .into_iter()
                .chain(height.into_iter().flatten())
                .collect()
        }
        Edit::GreenRoof { retention_mm, .. } => vec![field(FieldKind::GreenRoof, *retention_mm)],
        // Lists and programmes are changed in the file.
        Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_)
        | Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_)
        | Edit::ShuttleService(_) => Vec::new(),
    }
}

/// The edit with one field set to the value, or to the end of the field's range. A field that the edit does not have changes
/// nothing.
pub fn with_field(edit: &Edit, kind: FieldKind, value: f64) -> Edit {
    let value = match kind {
        // A turn goes on after a full circle.
        FieldKind::Rotation => value % 360.0,
        kind => ranges::within(kind.spec().range, value),
    };
    let mut edit = edit.clone();
    match (&mut edit, kind) {
        (
            Edit::AddBuilding {
                footprint: points, ..
            }
            | Edit::FloodWall { line: points, .. }
            | Edit::Breach { line: points, .. }
            | Edit::RaiseTerrain { area: points, .. },
            FieldKind::East | FieldKind::North,
        ) => {
            let axis = usize::from(kind == FieldKind::North);
            let shift = value - centre(points)[axis];
            for corner in points {
                corner[axis] += shift;
            }
        }
        (Edit::Place { position, .. } | Edit::AddTree { position, .. }, FieldKind::East) => {
            position[0] = value;
        }
        (Edit::Place { position, .. } | Edit::AddTree { position, .. }, FieldKind::North) => {
            position[1] = value;
        }
        (Edit::Move { by, .. }, FieldKind::ShiftEast) => by[0] = value,
        (Edit::Move { by, .. }, FieldKind::ShiftNorth) => by[1] = value,
        (Edit::Move { raise_m, .. }, FieldKind::Raise) => *raise_m = value,
        (
            Edit::AddBuilding { rotation_deg, .. }
            | Edit::Place { rotation_deg, .. }
            | Edit::Move { rotation_deg, .. },
            FieldKind::Rotation,
        ) => *rotation_deg = value,
        (
            Edit::AddBuilding { height_m, .. } | Edit::SetHeight { height_m, .. },
            FieldKind::Height,
        )
        | (Edit::AddTree { height_m, .. }, FieldKind::TreeHeight) => *height_m = value,
        (
            Edit::AddBuilding { base_height_m, .. } | Edit::Place { base_height_m, .. },
            FieldKind::Base,
        ) => *base_height_m = Some(value),
        (
            Edit::AddTree {
                crown_diameter_m, ..
            },
            FieldKind::Crown,
        ) => *crown_diameter_m = value,
        (Edit::Place { scale, .. }, FieldKind::Scale) => *scale = value,
        (Edit::FloodWall { height_m, .. }, FieldKind::WallHeight) => *height_m = Some(value),
        (Edit::FloodWall { crest_level_m, .. }, FieldKind::CrestLevel) => {
            *crest_level_m = Some(value);
        }
        (Edit::Breach { width_m, .. }, FieldKind::BreachWidth) => *width_m = value,
        (Edit::Breach { sill_level_m, .. }, FieldKind::SillLevel) => *sill_level_m = Some(value),
        (Edit::Breach { start_s, .. }, FieldKind::BreachStart) => *start_s = value * 60.0,
        (Edit::Breach { duration_s, .. }, FieldKind::BreachDuration) => {
            *duration_s = value * 60.0;
        }
        (Edit::RaiseTerrain { by_m, .. }, FieldKind::TerrainBy) => *by_m = Some(value),
        (Edit::RaiseTerrain { level_m, .. }, FieldKind::TerrainLevel) => *level_m = Some(value),
        (Edit::GreenRoof { retention_mm, .. }, FieldKind::GreenRoof) => *retention_mm = value,
        _ => {}
    }
    edit
}

/// The edit standing on the terrain again.
pub fn on_terrain(edit: &Edit) -> Edit {
    let mut edit = edit.clone();
    if let Edit::AddBuilding { base_height_m, .. } | Edit::Place { base_height_m, .. } = &mut edit {
        *base_height_m = None;
    }
    edit
}

/// The edit moved by (east, north) metres, turned by degrees clockwise and lifted by metres, as the keys do it. `fields` are
/// those of the edit.
pub fn nudged(edit: &Edit, fields: &[EditField], by: [f64; 2], turn: f64, lift: f64) -> Edit {
    fields.iter().fold(edit.clone(), |edit, field| {
        let change = match field.kind {
            FieldKind::East | FieldKind::ShiftEast => by[0],
            FieldKind::North | FieldKind::ShiftNorth => by[1],
            FieldKind::Rotation => turn,
            FieldKind::Base | FieldKind::Raise => lift,
            // Heights and laws are no place.
            _ => 0.0,
        };
        if change == 0.0 {
            edit
        } else {
            with_field(&edit, field.kind, field.value + change)
        }
    })
}

/// Id of the object that an edit makes or changes.
pub fn object_id(edit: &Edit) -> &str {
    match edit {
        Edit::AddBuilding { id, .. }
        | Edit::Place { id, .. }
        | Edit::AddTree { id, .. }
        | Edit::FloodWall { id, .. }
        | Edit::Breach { id, .. }
        | Edit::RaiseTerrain { id, .. } => id,
        Edit::Remove { building }
        | Edit::SetHeight { building, .. }
        | Edit::Move { building, .. }
        | Edit::GreenRoof { building, .. } => building,
        Edit::BusPriority(change) => change.lines.first().map_or("", String::as_str),
        Edit::StreetClosure(change) => change.streets.first().map_or("", String::as_str),
        Edit::BusLane(change) => &change.edge,
        Edit::SignalPlan(change) => &change.signal,
        Edit::Headway(change) => &change.line,
        Edit::TransitLine(change) => &change.line,
        Edit::TransitHeadway(change) => &change.line,
        Edit::TransitStop(change) => &change.line,
        Edit::TransitRemove(change) => &change.line,
        Edit::ShuttleOffer(change) => &change.name,
        Edit::ShuttleService(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block() -> Edit {
        Edit::AddBuilding {
            id: "neu".to_owned(),
            footprint: vec![
                [100.0, 200.0],
                [120.0, 200.0],
                [120.0, 230.0],
                [100.0, 230.0],
            ],
            height_m: 18.0,
            storeys: None,
            base_height_m: None,
            rotation_deg: 30.0,
        }
    }

    fn all() -> Vec<Edit> {
        vec![
            block(),
            Edit::Place {
                id: "turm".to_owned(),
                draft: "turm.glb".to_owned(),
                position: [10.0, 20.0],
                base_height_m: Some(3.0),
                rotation_deg: 0.0,
                scale: 1.0,
            },
            Edit::Remove {
                building: "a".to_owned(),
            },
            Edit::SetHeight {
                building: "a".to_owned(),
                height_m: 12.0,
            },
            Edit::Move {
                building: "a".to_owned(),
                by: [1.0, 2.0],
                raise_m: 0.5,
                rotation_deg: 5.0,
            },
            Edit::AddTree {
                id: "eiche".to_owned(),
                position: [5.0, 6.0],
                height_m: 15.0,
                crown_diameter_m: 8.0,
            },
            Edit::FloodWall {
                id: "wand".to_owned(),
                line: vec![[0.0, 0.0], [20.0, 10.0]],
                height_m: Some(1.0),
                crest_level_m: None,
                mobile: false,
            },
            Edit::FloodWall {
                id: "sperre".to_owned(),
                line: vec![[0.0, 0.0], [20.0, 10.0]],
                height_m: None,
                crest_level_m: Some(7.5),
                mobile: true,
            },
            Edit::Breach {
                id: "bresche".to_owned(),
                line: vec![[4.0, 2.0]],
                width_m: 20.0,
                sill_level_m: Some(3.0),
                start_s: 600.0,
                duration_s: 300.0,
            },
            Edit::RaiseTerrain {
                id: "warft".to_owned(),
                area: vec![[0.0, 0.0], [20.0, 0.0], [20.0, 10.0]],
                level_m: None,
                by_m: Some(1.0),
            },
            Edit::RaiseTerrain {
                id: "mulde".to_owned(),
                area: vec![[0.0, 0.0], [20.0, 0.0], [20.0, 10.0]],
                level_m: Some(5.0),
                by_m: None,
            },
            Edit::GreenRoof {
                building: "a".to_owned(),
                retention_mm: 25.0,
            },
        ]
    }

    #[test]
    fn every_field_reads_back_what_was_set_and_leaves_the_others() {
        for edit in all() {
            for field in fields(&edit, None) {
                let wanted = field.value + field.kind.spec().step;
                let changed = with_field(&edit, field.kind, wanted);
                for (before, after) in fields(&edit, None).iter().zip(fields(&changed, None)) {
                    if before.kind == field.kind {
                        assert!((after.value - wanted).abs() < 1e-9, "{edit:?} {field:?}");
                        assert!(!after.on_terrain);
                    } else {
                        assert_eq!(*before, after, "{edit:?} {field:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_base_on_the_terrain_stays_until_it_is_set_and_comes_back() {
        let lifted = with_field(&block(), FieldKind::Base, 7.0);
        let base = |e: &Edit| fields(e, None)[4];
        assert!(base(&block()).on_terrain);
        assert_eq!(
            (base(&lifted).value, base(&lifted).on_terrain),
            (7.0, false)
        );
        assert_eq!(on_terrain(&lifted), block());
    }

    #[test]
    fn every_tooltip_names_the_ends_of_its_range() {
        use crate::text::{Language, texts};
        for language in Language::ALL {
            for edit in all() {
                for field in fields(&edit, None) {
                    let spec = field.kind.spec();
                    let tip = spec.tip(texts(language));
                    for end in [spec.range.0, spec.range.1] {
                        let decimals = if end.fract() == 0.0 { 0 } else { 3 };
                        let said = language.number(end, decimals);
                        let said = said.trim_end_matches('0');
                        assert!(tip.contains(said), "{field:?}: `{tip}` without `{said}`");
                    }
                }
            }
        }
    }

    #[test]
    fn no_step_leaves_what_the_file_takes() {
        let up = nudged(&all()[4], &fields(&all()[4], None), [0.0; 2], 0.0, 5000.0);
        assert!(matches!(up, Edit::Move { raise_m, .. } if raise_m == ranges::RAISE_M.1));
        let down = nudged(&all()[1], &fields(&all()[1], None), [0.0; 2], 0.0, -5000.0);
        assert!(
            matches!(down, Edit::Place { base_height_m: Some(z), .. } if z == ranges::BASE_HEIGHT_M.0)
        );
        let tall = with_field(&all()[5], FieldKind::TreeHeight, 100.0);
        assert!(matches!(tall, Edit::AddTree { height_m, .. } if height_m == 60.0));
        let house = with_field(&all()[3], FieldKind::Height, 100.0);
        assert!(matches!(house, Edit::SetHeight { height_m, .. } if height_m == 100.0));
    }

    #[test]
    fn nudging_moves_turns_and_lifts_once() {
        let moved = nudged(&block(), &fields(&block(), None), [2.0, -1.0], 345.0, 0.0);
        let values: Vec<f64> = fields(&moved, None).iter().map(|f| f.value).collect();
        assert_eq!(values, [112.0, 214.0, 15.0, 18.0, 0.0]);
        assert!(fields(&moved, None)[4].on_terrain);
        let tree = nudged(&all()[5], &fields(&all()[5], None), [0.0, 1.0], 90.0, 5.0);
        assert_eq!(fields(&tree, None)[1].value, 7.0);
    }
}
