//! Edits of a variant in words.

use crate::city::City;
use crate::scenario::{Edit, Variant};
use crate::text::Texts;
use crate::ui::access_panel::transit_detail;
use crate::ui::edit_fields::{EditField, fields, object_id};
use crate::ui::traffic_edits::detail;

/// An edit in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct EditRow {
    /// `Neubau „A1“`.
    pub title: String,
    /// `18,0 m hoch`.
    pub detail: String,
    /// Key of the building it made, for selecting it.
    pub building: Option<u32>,
    /// Numbers.
    pub fields: Vec<EditField>,
    /// The edit itself.
    pub edit: Edit,
}

pub(super) fn edit_rows(variant: &Variant, city: Option<&City>, t: &Texts) -> Vec<EditRow> {
    variant
        .edits
        .iter()
        .map(|edit| edit_row(edit, city, t))
        .collect()
}

pub(super) fn edit_row(edit: &Edit, city: Option<&City>, t: &Texts) -> EditRow {
    let id = object_id(edit);
    let building = city.and_then(|c| c.building(id));
    let language = t.language();
    let number = |value: f64, decimals, unit| language.with_unit(value, decimals, unit);
    let title_key = match edit {
        Edit::AddBuilding { .. } => "ui-edit-add-building",
        Edit::Place { .. } => "ui-edit-place",
        Edit::Remove { .. } => "ui-edit-remove",
        Edit::SetHeight { .. } => "ui-edit-set-height",
        Edit::Move { .. } => "ui-edit-move",
        Edit::AddTree { .. } => "ui-edit-add-tree",
        Edit::FloodWall { mobile: true, .. } => "ui-edit-mobile-barrier",
        Edit::FloodWall { .. } => "ui-edit-flood-wall",
        Edit::Breach { .. } => "ui-edit-breach",
        Edit::RaiseTerrain { .. } => "ui-edit-raise-terrain",
        Edit::GreenRoof { .. } => "ui-edit-green-roof",
        Edit::BusPriority(_) => "ui-edit-bus-priority",
        Edit::StreetClosure(_) => "ui-edit-street-closure",
        Edit::BusLane(_) => "ui-edit-bus-lane",
        Edit::SignalPlan(_) => "ui-edit-signal-plan",
        Edit::Headway(_) => "ui-edit-headway",
        Edit::TransitLine(_) => "ui-edit-transit-line",
        Edit::TransitHeadway(_) => "ui-edit-headway",
        Edit::TransitStop(_) => "ui-edit-transit-stop",
        Edit::TransitRemove(_) => "ui-edit-transit-remove",
        Edit::ShuttleOffer(_) => "ui-edit-shuttle-offer",
        Edit::ShuttleService(_) => "ui-edit-shuttle-service",
    };
    let detail = match edit {
        Edit::AddBuilding { height_m, .. } => t.with(
            "ui-edit-detail-height",
            &[("height", number(*height_m, 1, "m"))],
        ),
        Edit::Place { draft, .. } => draft.clone(),
        Edit::Remove { .. } => String::new(),
        Edit::SetHeight { height_m, .. } => t.with(
            "ui-edit-detail-height",
            &[("height", number(*height_m, 1, "m"))],
        ),
        Edit::Move { by, raise_m, .. } => t.with(
            "ui-edit-detail-move",
            &[
                ("by", number(by[0].hypot(by[1]), 1, "m")),
                ("raise", language.signed_with_unit(*raise_m, 1, "m")),
            ],
        ),
        Edit::AddTree {
            height_m,
            crown_diameter_m,
            ..
        } => t.with(
            "ui-edit-detail-tree",
            &[
                ("height", number(*height_m, 1, "m")),
                ("crown", number(*crown_diameter_m, 1, "m")),
            ],
        ),
        Edit::FloodWall {
            height_m,
            crest_level_m,
            ..
        } => match (height_m, crest_level_m) {
            (Some(height), _) => t.with(
                "ui-edit-detail-height",
                &[("height", number(*height, 2, "m"))],
            ),
            (None, Some(level)) => {
                t.with("ui-edit-detail-level", &[("level", number(*level, 2, "m"))])
            }
            (None, None) => String::new(),
        },
        Edit::Breach {
            width_m, start_s, ..
        } => t.with(
            "ui-edit-detail-breach",
            &[
                ("width", number(*width_m, 1, "m")),
                ("start", number(*start_s / 60.0, 0, "min")),
            ],
        ),
        Edit::RaiseTerrain { level_m, by_m, .. } => match (level_m, by_m) {
            (Some(level), _) => {
                t.with("ui-edit-detail-level", &[("level", number(*level, 2, "m"))])
            }
            (None, Some(by)) => language.signed_with_unit(*by, 2, "m"),
            (None, None) => String::new(),
        },
        Edit::GreenRoof { retention_mm, .. } => number(*retention_mm, 0, "mm"),
        Edit::BusPriority(_)
        | Edit::StreetClosure(_)
        | Edit::BusLane(_)
        | Edit::SignalPlan(_)
        | Edit::Headway(_) => detail(edit, t),
        Edit::TransitLine(_)
        | Edit::TransitHeadway(_)
        | Edit::TransitStop(_)
        | Edit::TransitRemove(_)
        | Edit::ShuttleOffer(_) => transit_detail(edit, t),
        Edit::ShuttleService(change) => crate::report::shuttle::edit_detail(t, change),
    };
    EditRow {
        title: t.with(title_key, &[("id", id)]),
        detail,
        building: building.map(|b| b.key),
        fields: fields(edit, building.map(|b| &**b)),
        edit: edit.clone(),
    }
}
