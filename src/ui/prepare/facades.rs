//! The sun on the facades of the selected building.

use crate::result::legend::legend;
use crate::result::{Cell, Column, Quality, Table};
use crate::text::Texts;
use crate::ui::state::UiState;

use super::selection::cell_number;
use super::world::shown_results;

/// Sun on the facades of the selected building.
#[derive(Clone, Debug, PartialEq)]
pub struct SunVerdict {
    /// `21. März, beste Fassade: hoch (4 h 20 min)`.
    pub summary: String,
    /// One row per facade, best first.
    pub facades: Vec<FacadeRow>,
    /// The result is coarse or stale.
    pub note: Option<String>,
}

/// One facade.
#[derive(Clone, Debug, PartialEq)]
pub struct FacadeRow {
    /// `Süd · 120 m²`.
    pub name: String,
    /// `4 h 20 min`.
    pub duration: String,
    /// Class in words.
    pub class: String,
    /// Colour of the class.
    pub colour: [u8; 3],
}

/// Position of the column `id_DATE` for the wanted day, else for the first day it has.
fn day_column(table: &Table, id: &str, day: &str) -> Option<usize> {
    let day_of = |c: &Column| {
        c.date
            .clone()
            .filter(|date| c.id.strip_prefix(id) == Some(&format!("_{date}")))
    };
    let days = || table.columns.iter().map(day_of);
    days()
        .position(|d| d.as_deref() == Some(day))
        .or_else(|| days().position(|d| d.is_some()))
}

/// Sun of the facades of a building from the table `facades`.
pub(super) fn sun_verdict(state: &UiState, id: &str, t: &Texts) -> Option<SunVerdict> {
    let language = t.language();
    let (result, table) = shown_results(state)
        .iter()
        .find_map(|r| Some((r, r.result.tables.iter().find(|x| x.id == "facades")?)))?;
    let column = |id: &str| table.columns.iter().position(|c| c.id == id);
    let (building, azimuth, area) = (
        column("building")?,
        column("azimuth_deg")?,
        column("area_m2")?,
    );
    let rule = day_column(table, "best_minutes_en17037", &state.date)
        .filter(|c| same_day_or_first(table, *c, &state.date));
    let minutes = rule.or_else(|| day_column(table, "best_minutes", &state.date))?;
    let date = table.columns[minutes].date.clone();
    let class = date
        .as_deref()
        .filter(|_| rule.is_some())
        .and_then(|d| day_column(table, "class", d));
    let classes = legend("sun_hours_en17037");
    let mut rows: Vec<(f64, FacadeRow)> = table
        .rows
        .iter()
        .filter(|row| row.get(building) == Some(&Cell::Text(id.to_owned())))
        .filter_map(|row| {
            let value = cell_number(row.get(minutes)?)?;
            let direction = direction_key(cell_number(row.get(azimuth)?)?);
            let size = cell_number(row.get(area)?)?;
            let class = class.and_then(|c| match row.get(c) {
                Some(Cell::Key(key)) => Some(t.get(key)),
                _ => None,
            });
            Some((
                value,
                FacadeRow {
                    name: format!(
                        "{} · {}",
                        t.get(direction),
                        language.with_unit(size, 0, "m²")
                    ),
                    duration: language.duration(value),
                    class: class.unwrap_or_default(),
                    colour: classes.map_or([0; 3], |l| l.color(value / 60.0)),
                },
            ))
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best = rows.first()?;
    let note = if result.stale {
        Some(t.get("ui-stale"))
    } else {
        (result.result.quality == Quality::Coarse).then(|| t.get("quality-coarse"))
    };
    let day = date
        .as_deref()
        .map(|d| language.date(d))
        .unwrap_or_default();
    let summary = if best.1.class.is_empty() {
        t.with(
            "ui-sun-best",
            &[("day", day), ("duration", best.1.duration.clone())],
        )
    } else {
        t.with(
            "ui-sun-best-class",
            &[
                ("day", day),
                ("duration", best.1.duration.clone()),
                ("class", best.1.class.clone()),
            ],
        )
    };
    Some(SunVerdict {
        summary,
        facades: rows.into_iter().map(|(_, row)| row).collect(),
        note,
    })
}

/// A rule column is taken for the shown day, or when the shown day has no column of its own at all.
fn same_day_or_first(table: &Table, column: usize, day: &str) -> bool {
    table.columns[column].date.as_deref() == Some(day)
        || !table.columns.iter().any(|c| c.date.as_deref() == Some(day))
}

/// Text key of the compass direction of an azimuth in degrees.
pub(in crate::ui) fn direction_key(azimuth_deg: f64) -> &'static str {
    const KEYS: [&str; 8] = [
        "ui-direction-n",
        "ui-direction-ne",
        "ui-direction-e",
        "ui-direction-se",
        "ui-direction-s",
        "ui-direction-sw",
        "ui-direction-w",
        "ui-direction-nw",
    ];
    KEYS[((azimuth_deg / 45.0).round() as i64).rem_euclid(8) as usize]
}
