//! Differences between two results of the same simulation: variant minus baseline, always in this order.
//!
//! What is matched with what: raster cells by their place, receivers by owner, surface and position (to the millimetre),
//! table rows by their key columns, indicators by id. What exists on one side only is counted, never compared with zero.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::city::{Building, City, Tree};
use crate::geo::Grid;
use crate::sun::Receivers;

use super::{
    Basis, Cell, Column, Field, FieldData, Indicator, SimulationResult, Table, Values,
    VariantResult,
};

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

/// An indicator on both sides. What a variant has and the baseline has not (a draft's own facades, cells under it) changes
/// a mean or share without any effect on what is there; so the difference is taken where both have a value.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorDifference {
    /// The indicator as the variant (or else the baseline) has it.
    pub indicator: Indicator,
    /// Value of the baseline.
    pub baseline: Option<f64>,
    /// Value of the variant.
    pub variant: Option<f64>,
    /// The same on what both have; `None` for an indicator without basis, and where nothing is in both.
    pub matched: Option<Matched>,
    /// Both are coarse or both exact. Else their difference says more of the cells than of the plan.
    pub same_quality: bool,
}

/// An indicator on the objects that exist on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// `facades` of unchanged buildings, or `cells`.
    pub objects: &'static str,
    /// How many.
    pub count: usize,
    /// Value of the baseline.
    pub baseline: f64,
    /// Value of the variant.
    pub variant: f64,
}

impl IndicatorDifference {
    /// Variant minus baseline, on what both have; `None` between a coarse and an exact answer.
    pub fn difference(&self) -> Option<f64> {
        if !self.same_quality {
            return None;
        }
        match &self.matched {
            Some(matched) => Some(matched.variant - matched.baseline),
            None if self.indicator.basis.is_none() => Some(self.variant? - self.baseline?),
            None => None,
        }
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

impl ObjectDifference {
    /// Ids of the variant's buildings that are not those of the baseline: changed, or added, also under the id of a removed
    /// one. Their surfaces may bear the same names, but are others.
    pub fn changed_ids(&self) -> BTreeSet<&str> {
        let changed = self.changed.iter().map(|[_, b]| b);
        changed.chain(&self.added).map(|b| b.id.as_str()).collect()
    }
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

/// Difference of two fields with the same id; `None` when one is a raster and the other is not, when the cells of two
/// rasters do not lie on each other, or when the field has no legend of differences (directions are not subtracted).
pub fn compare_fields(baseline: &Field, variant: &Field) -> Option<FieldDifference> {
    if variant.difference_legend.is_empty() {
        return None;
    }
    let (data, values, added, removed) = match (&baseline.data, &variant.data) {
        (
            FieldData::Raster {
                grid: grid_b,
                values: b,
            },
            FieldData::Raster { grid, values: v },
        ) => {
            let old = in_cells_of(grid, grid_b, b)?;
            let values: Vec<f32> = v.iter().zip(&old).map(|(new, old)| new - old).collect();
            let both = values.iter().filter(|v| !v.is_nan()).count();
            let valid = |values: &[f32]| values.iter().filter(|v| !v.is_nan()).count();
            let (added, removed) = (valid(v) - both, valid(b) - both);
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

/// Values of the baseline in the cells of `grid`, NaN outside its own; `None` when the cells do not lie on each other.
fn in_cells_of(grid: &Grid, grid_b: &Grid, baseline: &[f32]) -> Option<Vec<f32>> {
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
    let mut values = Vec::with_capacity(grid.len());
    for row in 0..grid.rows as i64 {
        for col in 0..grid.cols as i64 {
            let (row, col) = (row + first_row, col + first_col);
            let inside =
                row >= 0 && col >= 0 && row < grid_b.rows as i64 && col < grid_b.cols as i64;
            values.push(if inside {
                baseline[grid_b.index(row as usize, col as usize)]
            } else {
                f32::NAN
            });
        }
    }
    Some(values)
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

/// Both tables side by side: the key columns, the state of the row, and for every column of numbers its value in the
/// baseline, in the variant, and the change; empty where a side is missing.
///
/// `changed` are the buildings that are not the same on both sides (moved, raised, replaced), whose rows are marked.
pub fn difference_table(
    baseline: &Table,
    variant: &Table,
    rows: &[RowDifference],
    changed: &BTreeSet<&str>,
) -> Table {
    let has_numbers = |table: &Table, c: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(c));
        cells.any(|cell| matches!(cell, Cell::Integer(_) | Cell::Number { .. }))
    };
    // Columns are found by their id: a study of other days has other columns.
    let numbers: Vec<(usize, usize)> = (variant.key_columns..variant.columns.len())
        .filter_map(|c| Some((baseline.column(&variant.columns[c].id)?, c)))
        .filter(|(b, v)| has_numbers(baseline, *b) || has_numbers(variant, *v))
        .collect();
    let mut columns: Vec<Column> = variant.columns[..variant.key_columns].to_vec();
    columns.push(Column {
        id: "state".to_owned(),
        title: "column-state",
        unit: "",
        date: None,
    });
    for (_, c) in &numbers {
        let column = &variant.columns[*c];
        columns.extend(["baseline", "variant", "change"].map(|side| Column {
            id: format!("{}_{side}", column.id),
            ..column.clone()
        }));
    }
    let owner = variant.column("building");
    let rows = rows
        .iter()
        .filter_map(|pair| {
            let old = pair.baseline.and_then(|i| baseline.rows.get(i));
            let new = pair.variant.and_then(|i| variant.rows.get(i));
            let keys = new.or(old)?;
            let is_changed = owner
                .and_then(|c| keys.get(c))
                .is_some_and(|id| changed.contains(id.plain().as_str()));
            let state = match (old, new) {
                (None, _) => "new",
                (_, None) => "gone",
                _ if is_changed => "changed",
                _ => "kept",
            };
            let mut row: Vec<Cell> = keys.iter().take(variant.key_columns).cloned().collect();
            row.push(Cell::Key(state));
            for (b, v) in &numbers {
                let cell = |row: Option<&Vec<Cell>>, c: usize| {
                    row.and_then(|row| row.get(c))
                        .unwrap_or(&Cell::Empty)
                        .clone()
                };
                let (old, new) = (cell(old, *b), cell(new, *v));
                let change = change(&old, &new, variant.columns[*v].unit);
                row.extend([old, new, change]);
            }
            Some(row)
        })
        .collect();
    Table {
        id: format!("{}_difference", variant.id),
        title: variant.title,
        columns,
        rows,
        key_columns: variant.key_columns,
    }
}

/// New minus old, with the decimals of the new one; directions change by the shorter way round.
fn change(old: &Cell, new: &Cell, unit: &str) -> Cell {
    let (Some(before), Some(after)) = (old.number(), new.number()) else {
        return Cell::Empty;
    };
    let value = match unit {
        "°" => (after - before + 180.0).rem_euclid(360.0) - 180.0,
        _ => after - before,
    };
    match new {
        Cell::Integer(_) => Cell::Integer(value as i64),
        Cell::Number { decimals, .. } => Cell::Number {
            value,
            decimals: *decimals,
        },
        _ => Cell::Empty,
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

/// Indicators of both sides in the order of the variant, then those that are gone. `changed` are the buildings that are
/// not the same on both sides; their facades are not compared.
pub fn compare_indicators(
    baseline: &SimulationResult,
    variant: &SimulationResult,
    changed: &BTreeSet<&str>,
) -> Vec<IndicatorDifference> {
    let same_quality = baseline.quality == variant.quality;
    let find = |result: &SimulationResult, id: &str| {
        let mut list = result.indicators.iter();
        list.find(|i| i.id == id).map(|i| i.value)
    };
    let mut rows: Vec<IndicatorDifference> = variant
        .indicators
        .iter()
        .map(|indicator| IndicatorDifference {
            baseline: find(baseline, &indicator.id),
            variant: Some(indicator.value),
            matched: indicator
                .basis
                .as_ref()
                .and_then(|basis| matched(baseline, variant, basis, changed)),
            same_quality,
            indicator: indicator.clone(),
        })
        .collect();
    rows.extend(
        baseline
            .indicators
            .iter()
            .filter(|i| find(variant, &i.id).is_none())
            .map(|indicator| IndicatorDifference {
                baseline: Some(indicator.value),
                variant: None,
                matched: None,
                same_quality,
                indicator: indicator.clone(),
            }),
    );
    rows
}

/// The same for a simulation of two variants, whose changed buildings are looked up; empty where one lacks the simulation.
pub fn indicator_differences(
    baseline: &VariantResult,
    variant: &VariantResult,
    simulation: &str,
) -> Vec<IndicatorDifference> {
    let objects = compare_objects(&baseline.city, &variant.city);
    match (
        baseline.simulation(simulation),
        variant.simulation(simulation),
    ) {
        (Some(old), Some(new)) => compare_indicators(old, new, &objects.changed_ids()),
        _ => Vec::new(),
    }
}

/// An indicator computed on both sides from the values that both have.
fn matched(
    baseline: &SimulationResult,
    variant: &SimulationResult,
    basis: &Basis,
    changed: &BTreeSet<&str>,
) -> Option<Matched> {
    let pairs: Vec<[f64; 2]> = match &basis.values {
        Values::Cells { field } => {
            let raster = |result: &SimulationResult| {
                let field = result.fields.iter().find(|f| f.id == *field)?;
                match &field.data {
                    FieldData::Raster { grid, values } => Some((*grid, values.clone())),
                    FieldData::Receivers { .. } => None,
                }
            };
            let (grid_b, old) = raster(baseline)?;
            let (grid, new) = raster(variant)?;
            let old = in_cells_of(&grid, &grid_b, &old)?;
            old.iter()
                .zip(new.iter())
                .filter(|(old, new)| !old.is_nan() && !new.is_nan())
                .map(|(old, new)| [f64::from(*old), f64::from(*new)])
                .collect()
        }
        Values::Rows { table, column } => {
            let old = baseline.tables.iter().find(|t| t.id == *table)?;
            let new = variant.tables.iter().find(|t| t.id == *table)?;
            let (column_b, column) = (old.column(column)?, new.column(column)?);
            let owner = new.column("building");
            compare_tables(old, new)
                .rows
                .iter()
                .filter_map(|row| {
                    let (old, new) = (&old.rows[row.baseline?], &new.rows[row.variant?]);
                    let is_changed = owner.is_some_and(|c| changed.contains(&*new[c].plain()));
                    let pair = [old[column_b].number()?, new[column].number()?];
                    (!is_changed).then_some(pair)
                })
                .collect()
        }
    };
    let of = |side: usize| basis.statistic.of(pairs.iter().map(|pair| pair[side]));
    (!pairs.is_empty()).then(|| Matched {
        objects: basis.values.objects(),
        count: pairs.len(),
        baseline: of(0),
        variant: of(1),
    })
}

/// Differences of all fields that both results have; none between a coarse and an exact result, which differ by their cells.
pub fn field_differences(
    baseline: &SimulationResult,
    variant: &SimulationResult,
) -> Vec<FieldDifference> {
    if baseline.quality != variant.quality {
        return Vec::new();
    }
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
    use crate::result::{Quality, Statistic};
    use crate::sun::{ReceiverKind, receivers::ReceiverCell};

    fn field(data: FieldData) -> Field {
        Field {
            id: "sun_hours".into(),
            quantity: "quantity-sun-hours",
            unit: "h",
            legend: "sun_hours_day",
            difference_legend: "sun_hours_difference",
            from_deg: None,
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
    fn difference_tables_hold_both_sides_and_never_a_made_up_number() {
        let column = |id: &str, unit| Column {
            id: id.into(),
            title: "column-id",
            unit,
            date: None,
        };
        let table = |rows: &[(&str, f64, i64)]| Table {
            id: "facades".into(),
            title: "table-facades",
            columns: vec![
                column("building", ""),
                column("azimuth_deg", "°"),
                column("class", ""),
                column("points", ""),
            ],
            rows: rows
                .iter()
                .map(|(id, value, points)| {
                    vec![
                        Cell::Text((*id).into()),
                        Cell::Number {
                            value: *value,
                            decimals: 1,
                        },
                        Cell::Key("class"),
                        Cell::Integer(*points),
                    ]
                })
                .collect(),
            key_columns: 1,
        };
        let before = table(&[("a", 359.0, 3), ("b", 10.0, 4), ("c", 5.0, 5)]);
        let after = table(&[("c", 5.0, 6), ("new", 1.0, 1), ("a", 1.5, 3)]);
        let rows = compare_tables(&before, &after).rows;
        let difference = difference_table(&before, &after, &rows, &BTreeSet::from(["c"]));
        let head: Vec<&str> = difference.columns.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(
            head.join(","),
            "building,state,azimuth_deg_baseline,azimuth_deg_variant,azimuth_deg_change,\
             points_baseline,points_variant,points_change"
        );
        let lines: Vec<String> = difference
            .rows
            .iter()
            .map(|row| row.iter().map(Cell::plain).collect::<Vec<_>>().join(","))
            .collect();
        assert_eq!(
            lines,
            [
                "c,changed,5.0,5.0,0.0,5,6,1",
                "new,new,,1.0,,,1,",
                "a,kept,359.0,1.5,2.5,3,3,0",
                "b,gone,10.0,,,4,,",
            ]
        );
        assert_eq!(difference.id, "facades_difference");
    }

    fn simulation(
        fields: Vec<Field>,
        tables: Vec<Table>,
        list: Vec<Indicator>,
    ) -> SimulationResult {
        SimulationResult {
            simulation: "sun",
            quality: Quality::Exact,
            fields,
            tables,
            indicators: list,
            findings: Vec::new(),
            inputs: Vec::new(),
            method: Vec::new(),
            movement: None,
            animation: None,
            passability: None,
        }
    }

    fn indicator(id: &str, value: f64, basis: Option<Basis>) -> Indicator {
        Indicator {
            id: id.into(),
            key: "indicator-x",
            value,
            unit: "h",
            decimals: 1,
            date: None,
            basis,
        }
    }

    #[test]
    fn indicators_without_partner_have_no_difference() {
        let side = |list: [(&str, f64); 2]| {
            let list = list.map(|(id, value)| indicator(id, value, None));
            simulation(Vec::new(), Vec::new(), list.to_vec())
        };
        let rows = compare_indicators(
            &side([("a", 5.0), ("gone", 1.0)]),
            &side([("a", 4.0), ("new", 2.0)]),
            &BTreeSet::new(),
        );
        let got: Vec<_> = rows.iter().map(IndicatorDifference::difference).collect();
        assert_eq!(got, [Some(-1.0), None, None]);
    }

    #[test]
    fn a_coarse_answer_and_an_exact_one_have_no_difference() {
        let side = |quality, value| SimulationResult {
            quality,
            ..simulation(Vec::new(), Vec::new(), vec![indicator("a", value, None)])
        };
        let of = |baseline, variant| {
            let rows =
                compare_indicators(&side(baseline, 5.0), &side(variant, 4.0), &BTreeSet::new());
            assert_eq!((rows[0].baseline, rows[0].variant), (Some(5.0), Some(4.0)));
            rows[0].difference()
        };
        assert_eq!(of(Quality::Exact, Quality::Coarse), None);
        assert_eq!(of(Quality::Coarse, Quality::Coarse), Some(-1.0));
        // Nor have their maps, though the cells may lie on each other.
        let map = |quality| SimulationResult {
            quality,
            ..simulation(vec![raster(0.0, 1, &[1.0])], Vec::new(), Vec::new())
        };
        let maps = |a, b| field_differences(&map(a), &map(b)).len();
        assert_eq!(maps(Quality::Exact, Quality::Coarse), 0);
        assert_eq!(maps(Quality::Exact, Quality::Exact), 1);
    }

    #[test]
    fn indicators_are_compared_on_the_facades_and_cells_of_both() {
        let facades = |rows: &[(&str, f64)]| Table {
            id: "facades".into(),
            title: "table-facades",
            columns: ["building", "minutes"]
                .map(|id| Column {
                    id: id.into(),
                    title: "column-id",
                    unit: "",
                    date: None,
                })
                .to_vec(),
            rows: rows
                .iter()
                .map(|(id, value)| {
                    let decimals = 0;
                    vec![
                        Cell::Text((*id).into()),
                        Cell::Number {
                            value: *value,
                            decimals,
                        },
                    ]
                })
                .collect(),
            key_columns: 1,
        };
        let indicators = |mean: f64, share: f64| {
            let rows = Values::Rows {
                table: "facades",
                column: "minutes".into(),
            };
            let cells = Values::Cells {
                field: "sun_hours".into(),
            };
            vec![
                indicator(
                    "mean",
                    mean,
                    Some(Basis {
                        values: rows,
                        statistic: Statistic::Mean { divisor: 60.0 },
                    }),
                ),
                indicator(
                    "share",
                    share,
                    Some(Basis {
                        values: cells,
                        statistic: Statistic::Share { from: 2.0 },
                    }),
                ),
            ]
        };
        let before = simulation(
            vec![raster(0.0, 2, &[2.0, 3.0, 1.0, 4.0])],
            vec![facades(&[("a", 120.0), ("moved", 60.0), ("gone", 0.0)])],
            indicators(1.0, 75.0),
        );
        // The draft's own sunny facade raises the mean, although every other facade loses; it covers a cell.
        let after = simulation(
            vec![raster(0.0, 2, &[2.0, 1.0, 1.0, f32::NAN])],
            vec![facades(&[("a", 60.0), ("moved", 600.0), ("draft", 600.0)])],
            indicators(7.0, 100.0 / 3.0),
        );
        let rows = compare_indicators(&before, &after, &BTreeSet::from(["moved"]));
        assert_eq!((rows[0].baseline, rows[0].variant), (Some(1.0), Some(7.0)));
        assert_eq!(
            rows[0].matched,
            Some(Matched {
                objects: "facades",
                count: 1,
                baseline: 2.0,
                variant: 1.0
            })
        );
        assert_eq!(rows[0].difference(), Some(-1.0));
        let ground = rows[1].matched.as_ref().unwrap();
        assert_eq!((ground.objects, ground.count), ("cells", 3));
        let expected = 100.0 / 3.0 - 200.0 / 3.0;
        assert!((rows[1].difference().unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn nothing_in_common_is_no_difference() {
        let side = |id: &str| {
            let basis = Basis {
                values: Values::Cells { field: id.into() },
                statistic: Statistic::Mean { divisor: 1.0 },
            };
            let list = vec![indicator("mean", 3.0, Some(basis))];
            simulation(vec![raster(0.0, 1, &[f32::NAN])], Vec::new(), list)
        };
        let rows = compare_indicators(&side("sun_hours"), &side("sun_hours"), &BTreeSet::new());
        assert_eq!(
            (rows[0].matched.clone(), rows[0].difference()),
            (None, None)
        );
    }
}
