//! Differences between two results of the same simulation: variant minus baseline, always in this order.
//!
//! What is matched with what: raster cells by their place, receivers by owner, surface and position (to the millimetre),
//! table rows by their key columns, indicators by id. What exists on one side only is counted, never compared with zero.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::city::{Building, City, Tree};
use crate::geo::Grid;
use crate::sun::Receivers;

use super::{Cell, Field, FieldData, Indicator, SimulationResult, Table};

/// Difference of one field.
#[derive(Clone, Debug)]
pub struct FieldDifference {
    /// Values variant minus baseline, NaN where one side has none; legend and id are those of differences.
    pub field: Field,
    /// Cells or receivers with a value on both sides.
    pub matched: usize,
    /// With a value in the variant only.
    pub added: usize,
    /// With a value in the baseline only.
    pub removed: usize,
}

/// Difference of one table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDifference {
    /// Id of the table.
    pub id: String,
    /// Rows in the order of the variant, then those of the baseline that are gone.
    pub rows: Vec<RowDifference>,
}

/// One row on both sides; at least one of them is there.
#[derive(Clone, Debug, PartialEq)]
pub struct RowDifference {
    /// Row number in the baseline's table.
    pub baseline: Option<usize>,
    /// Row number in the variant's table.
    pub variant: Option<usize>,
}

/// An indicator on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorDifference {
    /// The indicator as the variant (or else the baseline) has it.
    pub indicator: Indicator,
    /// Value of the baseline.
    pub baseline: Option<f64>,
    /// Value of the variant.
    pub variant: Option<f64>,
}

impl IndicatorDifference {
    /// Variant minus baseline, when both are there.
    pub fn difference(&self) -> Option<f64> {
        Some(self.variant? - self.baseline?)
    }
}

/// What a variant did to the objects of the city.
#[derive(Clone, Debug, Default)]
pub struct ObjectDifference {
    /// Buildings of the variant only.
    pub added: Vec<Arc<Building>>,
    /// Buildings of the baseline only.
    pub removed: Vec<Arc<Building>>,
    /// Buildings that are on both sides but not the same, as the baseline and as the variant has them.
    pub changed: Vec<[Arc<Building>; 2]>,
    /// Trees of the variant only.
    pub trees_added: Vec<Tree>,
    /// Trees of the baseline only.
    pub trees_removed: Vec<Tree>,
}

/// Buildings and trees that differ between the two cities.
pub fn compare_objects(baseline: &City, variant: &City) -> ObjectDifference {
    let before: BTreeMap<u32, &Arc<Building>> =
        baseline.buildings.iter().map(|b| (b.key, b)).collect();
    let after: BTreeMap<u32, &Arc<Building>> =
        variant.buildings.iter().map(|b| (b.key, b)).collect();
    let mut difference = ObjectDifference::default();
    for building in &variant.buildings {
        match before.get(&building.key) {
            None => difference.added.push(building.clone()),
            Some(old) if !Arc::ptr_eq(old, building) && ***old != **building => {
                difference.changed.push([(*old).clone(), building.clone()]);
            }
            Some(_) => {}
        }
    }
    difference.removed = baseline
        .buildings
        .iter()
        .filter(|b| !after.contains_key(&b.key))
        .cloned()
        .collect();
    let missing = |from: &[Tree], to: &[Tree]| -> Vec<Tree> {
        let ids: std::collections::BTreeSet<&str> = to.iter().map(|t| t.id.as_str()).collect();
        from.iter()
            .filter(|t| !ids.contains(t.id.as_str()))
            .cloned()
            .collect()
    };
    difference.trees_added = missing(&variant.trees, &baseline.trees);
    difference.trees_removed = missing(&baseline.trees, &variant.trees);
    difference
}

/// Difference of two fields with the same id; `None` when one is a raster and the other is not, or when the cells of two
/// rasters do not lie on each other.
pub fn compare_fields(baseline: &Field, variant: &Field) -> Option<FieldDifference> {
    let (data, values, added, removed) = match (&baseline.data, &variant.data) {
        (
            FieldData::Raster {
                grid: grid_b,
                values: b,
            },
            FieldData::Raster { grid, values: v },
        ) => {
            let (values, added, removed) = raster_difference(grid_b, b, grid, v)?;
            let values = Arc::new(values);
            let data = FieldData::Raster {
                grid: *grid,
                values: values.clone(),
            };
            (data, values, added, removed)
        }
        (
            FieldData::Receivers {
                receivers: receivers_b,
                range: range_b,
                values: b,
            },
            FieldData::Receivers {
                receivers,
                range,
                values: v,
            },
        ) => {
            let mut before: BTreeMap<ReceiverKey, f32> = range_b
                .clone()
                .zip(b.iter())
                .filter(|(_, value)| !value.is_nan())
                .map(|(i, value)| (receiver_key(receivers_b, i), *value))
                .collect();
            let mut added = 0;
            let values: Vec<f32> = range
                .clone()
                .zip(v.iter())
                .map(|(i, value)| {
                    if value.is_nan() {
                        return f32::NAN;
                    }
                    match before.remove(&receiver_key(receivers, i)) {
                        Some(old) => value - old,
                        None => {
                            added += 1;
                            f32::NAN
                        }
                    }
                })
                .collect();
            let values = Arc::new(values);
            let data = FieldData::Receivers {
                receivers: receivers.clone(),
                range: range.clone(),
                values: values.clone(),
            };
            (data, values, added, before.len())
        }
        _ => return None,
    };
    Some(FieldDifference {
        matched: values.iter().filter(|v| !v.is_nan()).count(),
        added,
        removed,
        field: Field {
            id: format!("{}_difference", variant.id),
            legend: variant.difference_legend,
            data,
            ..variant.clone()
        },
    })
}

/// Values in cells of `grid`, and how many cells have a value on one side only.
fn raster_difference(
    grid_b: &Grid,
    baseline: &[f32],
    grid: &Grid,
    variant: &[f32],
) -> Option<(Vec<f32>, usize, usize)> {
    let tolerance = 1e-6 * grid.cell_m;
    if (grid.cell_m - grid_b.cell_m).abs() > tolerance {
        return None;
    }
    let whole = |offset: f64| -> Option<i64> {
        let cells = offset / grid.cell_m;
        ((cells - cells.round()).abs() < 1e-6).then_some(cells.round() as i64)
    };
    // Row and column of the variant's first cell, counted in the baseline's grid.
    let first_col = whole(grid.west - grid_b.west)?;
    let first_row = whole(grid_b.north - grid.north)?;
    let old = |row: usize, col: usize| -> f32 {
        let (row, col) = (row as i64 + first_row, col as i64 + first_col);
        let inside = row >= 0 && col >= 0 && row < grid_b.rows as i64 && col < grid_b.cols as i64;
        if inside {
            baseline[grid_b.index(row as usize, col as usize)]
        } else {
            f32::NAN
        }
    };
    let mut added = 0;
    let mut both = 0;
    let mut values = Vec::with_capacity(grid.len());
    for row in 0..grid.rows {
        for col in 0..grid.cols {
            let new = variant[grid.index(row, col)];
            let difference = new - old(row, col);
            if !difference.is_nan() {
                both += 1;
            } else if !new.is_nan() {
                added += 1;
            }
            values.push(difference);
        }
    }
    let valid_before = baseline.iter().filter(|v| !v.is_nan()).count();
    Some((values, added, valid_before - both))
}

/// Owner, surface, position (mm).
type ReceiverKey = (u32, u32, [i64; 3]);

fn receiver_key(receivers: &Receivers, i: usize) -> ReceiverKey {
    let position = receivers.positions[i].map(|x| (f64::from(x) * 1e3).round() as i64);
    (receivers.buildings[i], receivers.surfaces[i], position)
}

/// Rows of two tables with the same id, matched by the key columns; equal keys are matched in their order.
pub fn compare_tables(baseline: &Table, variant: &Table) -> TableDifference {
    let mut before: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, row) in baseline.rows.iter().enumerate().rev() {
        before.entry(row_key(baseline, row)).or_default().push(i);
    }
    let mut rows: Vec<RowDifference> = variant
        .rows
        .iter()
        .enumerate()
        .map(|(i, row)| RowDifference {
            baseline: before.get_mut(&row_key(variant, row)).and_then(Vec::pop),
            variant: Some(i),
        })
        .collect();
    let mut gone: Vec<usize> = before.into_values().flatten().collect();
    gone.sort_unstable();
    rows.extend(gone.into_iter().map(|i| RowDifference {
        baseline: Some(i),
        variant: None,
    }));
    TableDifference {
        id: variant.id.clone(),
        rows,
    }
}

fn row_key(table: &Table, row: &[Cell]) -> String {
    let mut key = String::new();
    for cell in row.iter().take(table.key_columns) {
        key.push_str(&cell.plain());
        key.push('\u{1f}');
    }
    key
}

/// Indicators of both sides in the order of the variant, then those that are gone.
pub fn compare_indicators(
    baseline: &[Indicator],
    variant: &[Indicator],
) -> Vec<IndicatorDifference> {
    let find = |list: &[Indicator], id: &str| list.iter().find(|i| i.id == id).map(|i| i.value);
    let mut rows: Vec<IndicatorDifference> = variant
        .iter()
        .map(|indicator| IndicatorDifference {
            baseline: find(baseline, &indicator.id),
            variant: Some(indicator.value),
            indicator: indicator.clone(),
        })
        .collect();
    rows.extend(
        baseline
            .iter()
            .filter(|i| find(variant, &i.id).is_none())
            .map(|indicator| IndicatorDifference {
                baseline: Some(indicator.value),
                variant: None,
                indicator: indicator.clone(),
            }),
    );
    rows
}

/// Differences of all fields that both results have.
pub fn field_differences(
    baseline: &SimulationResult,
    variant: &SimulationResult,
) -> Vec<FieldDifference> {
    variant
        .fields
        .iter()
        .filter_map(|field| {
            let old = baseline.fields.iter().find(|f| f.id == field.id)?;
            compare_fields(old, field)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sun::{ReceiverKind, receivers::ReceiverCell};

    fn field(data: FieldData) -> Field {
        Field {
            id: "sun_hours".into(),
            quantity: "quantity-sun-hours",
            unit: "h",
            legend: "sun_hours_day",
            difference_legend: "sun_hours_difference",
            date: None,
            plane: "plane-ground",
            data,
        }
    }

    fn raster(west: f64, cols: usize, values: &[f32]) -> Field {
        field(FieldData::Raster {
            grid: Grid {
                west,
                north: 10.0,
                cell_m: 2.0,
                cols,
                rows: values.len() / cols,
            },
            values: Arc::new(values.to_vec()),
        })
    }

    fn points(list: &[(u32, [f32; 3], f32)]) -> Field {
        field(FieldData::Receivers {
            receivers: Arc::new(Receivers {
                positions: list.iter().map(|p| p.1).collect(),
                normals: vec![[1.0, 0.0, 0.0]; list.len()],
                kinds: vec![ReceiverKind::Facade; list.len()],
                buildings: list.iter().map(|p| p.0).collect(),
                surfaces: vec![0; list.len()],
                cells: vec![ReceiverCell::default(); list.len()],
            }),
            range: 0..list.len(),
            values: Arc::new(list.iter().map(|p| p.2).collect()),
        })
    }

    fn values(field: &Field) -> Vec<f32> {
        match &field.data {
            FieldData::Raster { values, .. } | FieldData::Receivers { values, .. } => {
                values.to_vec()
            }
        }
    }

    #[test]
    fn rasters_are_subtracted_cell_by_cell_also_when_the_area_moved() {
        let before = raster(0.0, 3, &[1.0, 2.0, 3.0, 4.0, f32::NAN, 6.0]);
        let after = raster(2.0, 3, &[2.5, 3.0, 9.0, 5.0, f32::NAN, 9.0]);
        let difference = compare_fields(&before, &after).unwrap();
        let got = values(&difference.field);
        assert_eq!((got[0], got[1]), (0.5, 0.0));
        assert!(got[2..].iter().all(|v| v.is_nan()));
        assert_eq!(
            (difference.matched, difference.added, difference.removed),
            (2, 3, 3)
        );
        assert_eq!(difference.field.legend, "sun_hours_difference");
    }

    #[test]
    fn rasters_off_the_grid_are_not_compared() {
        assert!(compare_fields(&raster(0.0, 1, &[1.0]), &raster(0.5, 1, &[1.0])).is_none());
        assert!(compare_fields(&raster(0.0, 1, &[1.0]), &points(&[])).is_none());
    }

    #[test]
    fn receivers_are_matched_by_owner_and_position_not_by_order() {
        let before = points(&[
            (7, [0.0, 0.0, 1.0], 3.0),
            (7, [2.0, 0.0, 1.0], 4.0),
            (9, [2.0, 0.0, 1.0], 8.0),
        ]);
        let after = points(&[
            (5, [0.0, 0.0, 1.0], 1.0),
            (7, [2.0, 0.0, 1.0], 2.5),
            (7, [0.0, 0.0, 1.0], 3.0),
        ]);
        let difference = compare_fields(&before, &after).unwrap();
        let got = values(&difference.field);
        assert!(got[0].is_nan());
        assert_eq!(got[1..], [-1.5, 0.0]);
        assert_eq!(
            (difference.matched, difference.added, difference.removed),
            (2, 1, 1)
        );
    }

    #[test]
    fn table_rows_follow_their_keys() {
        let table = |ids: &[&str]| Table {
            id: "facades".into(),
            title: "table-facades",
            columns: Vec::new(),
            rows: ids
                .iter()
                .map(|id| vec![Cell::Text((*id).into())])
                .collect(),
            key_columns: 1,
        };
        let difference = compare_tables(&table(&["a", "b", "c"]), &table(&["c", "a", "new"]));
        let pairs: Vec<_> = difference
            .rows
            .iter()
            .map(|r| (r.baseline, r.variant))
            .collect();
        assert_eq!(
            pairs,
            [
                (Some(2), Some(0)),
                (Some(0), Some(1)),
                (None, Some(2)),
                (Some(1), None)
            ]
        );
    }

    #[test]
    fn indicators_without_partner_have_no_difference() {
        let indicator = |id: &str, value| Indicator {
            id: id.into(),
            key: "indicator-x",
            value,
            unit: "h",
            decimals: 1,
            date: None,
        };
        let rows = compare_indicators(
            &[indicator("a", 5.0), indicator("gone", 1.0)],
            &[indicator("a", 4.0), indicator("new", 2.0)],
        );
        let got: Vec<_> = rows.iter().map(IndicatorDifference::difference).collect();
        assert_eq!(got, [Some(-1.0), None, None]);
    }
}
